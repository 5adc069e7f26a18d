"""Sums over pairs of zones when values are shuffled: kernels, and the exact mean and variance of such sums."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from tqdm.auto import tqdm

from spatialjustice._core.machine.compiled import kernel
from spatialjustice._core.machine.threads import in_order, spans
from spatialjustice.inequality.space.shuffling.draws import shuffles
from spatialjustice.inequality.space.shuffling.kinds import Counts, Task
from spatialjustice.inequality.space.shuffling.permutation import SAME
from spatialjustice.inequality.space.shuffling.streams import _begin_of, _random_below, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.space.shuffling.kinds import Places, Rows

    Integers = NDArray[np.int64]

STEPS = 2_000_000
"""Additions that one thread makes between two steps of the progress bar."""

PRODUCTS = 5_000_000
"""Products of weights that are held at a time."""


@kernel
def _products(own: Floats, other: Floats, places: Places) -> Floats:
    """Return the sum of ``own`` times ``other`` for each permutation of ``other``."""
    sums = np.zeros(len(places))
    for number in range(len(places)):
        place = places[number]
        total = 0.0
        for zone in range(own.size):
            total += own[zone] * other[place[zone]]
        sums[number] = total
    return sums


@kernel
def _smoothed(one: Floats, two: Floats, rows: Rows, places: Places) -> Floats:
    """Return the sum of the products of two neighbourhood means, both values of a zone being moved together."""
    count = one.size
    sums = np.zeros(len(places))
    for number in range(len(places)):
        place = places[number]
        total = 0.0
        for zone in range(count):
            first, second = 0.0, 0.0
            for entry in range(rows.start[zone], rows.start[zone + 1]):
                taken = place[rows.neighbour[entry]]
                first += rows.weight[entry] * one[taken]
                second += rows.weight[entry] * two[taken]
            total += first * second
        sums[number] = total
    return sums


@kernel
def _differences(values: Floats, people: Floats, rows: Rows, places: Places) -> Floats:
    """Return the sum over linked zones of people times people times the difference, zones moved with their people."""
    count = values.size
    sums = np.zeros(len(places))
    for number in range(len(places)):
        place = places[number]
        total = 0.0
        for zone in range(count):
            here = place[zone]
            around = 0.0
            for entry in range(rows.start[zone], rows.start[zone + 1]):
                there = place[rows.neighbour[entry]]
                around += people[there] * abs(values[here] - values[there])
            total += people[here] * around
        sums[number] = total
    return sums


@kernel
def _count_joins(classes: Integers, kinds: int, rows: Rows, places: Places) -> Integers:
    """Count links by the classes of their two ends (the smaller first), one row for each permutation."""
    count = classes.size
    joins = np.zeros((len(places), kinds * kinds), np.int64)
    for number in range(len(places)):
        place = places[number]
        for zone in range(count):
            here = classes[place[zone]]
            for entry in range(rows.start[zone], rows.start[zone + 1]):
                there = classes[place[rows.neighbour[entry]]]
                joins[number, min(here, there) * kinds + max(here, there)] += 1
    return joins


@kernel
def _theil_between(values: Floats, people: Floats, regions: Integers, places: Places) -> Floats:
    """Return Theil's inequality between regions, zones moved with their people; people sum to 1, the mean is 1."""
    count = values.size
    kinds = regions.max() + 1
    found = np.zeros(len(places))
    for number in range(len(places)):
        place = places[number]
        share = np.zeros(kinds)
        gain = np.zeros(kinds)
        for zone in range(count):
            share[regions[zone]] += people[place[zone]]
            gain[regions[zone]] += people[place[zone]] * (values[place[zone]] - 1.0)
        total = 0.0
        for region in range(kinds):
            above = max(-1.0, gain[region] / share[region])
            # The terms (1 + d) log(1 + d) - d are 0 or more and lose no digits where regions hardly differ.
            total += share[region] * (((1.0 + above) * np.log1p(above) if above > -1.0 else 0.0) - above)
        found[number] = total
    return found


@kernel
def _redrawn(one: Floats, other: Floats, rows: Rows, begin: int, end: int, task: Task) -> tuple[Integers, Integers]:
    """Count how each zone's product of two neighbourhood means stands among those of other zones drawn in pairs.

    Zones are drawn by swapping them to the front of the pool, the zone itself being passed over, and swapped back, so
    that a draw does not depend on those before it.
    """
    count = one.size
    pool, taken = np.arange(count), np.empty(count, np.int64)
    stream = np.empty(1, np.uint64)
    at_most, at_least = np.full(end - begin, task.permutations), np.full(end - begin, task.permutations)
    for zone in range(begin, end):
        start, size = rows.start[zone], rows.start[zone + 1] - rows.start[zone]
        if not size:
            continue
        at_most[zone - begin] = at_least[zone - begin] = 0
        stream[0] = _begin_of(task.key, zone)
        observed = 0.0
        # The first round is what is there.
        for number in range(task.permutations + 1):
            first, second = 0.0, 0.0
            for step in range(size):
                chosen = rows.neighbour[start + step]
                if number:
                    pick = step + _random_below(stream, count - step)
                    while pool[pick] == zone:
                        pick = step + _random_below(stream, count - step)
                    chosen, taken[step] = pool[pick], pick
                    pool[pick] = pool[step]
                    pool[step] = chosen
                first += rows.weight[start + step] * one[chosen]
                second += rows.weight[start + step] * other[chosen]
            if not number:
                observed = first * second
                continue
            for step in range(size - 1, -1, -1):
                found = pool[taken[step]]
                pool[taken[step]] = pool[step]
                pool[step] = found
            at_most[zone - begin] += first * second - observed <= task.tolerance
            at_least[zone - begin] += first * second - observed >= -task.tolerance
    return at_most, at_least


def _in_threads(work: Callable[[int, int], Any], cost: int, permutations: int) -> Iterator[Any]:
    """Share the permutations out to threads; what comes back is in their order."""
    stretches = list(spans(permutations, max(1, STEPS // max(1, cost))))
    with tqdm(total=permutations, desc="permutations", unit="permutation", delay=2, leave=False) as bar:
        for (begin, end), answer in zip(stretches, in_order(work, stretches), strict=True):
            yield answer
            bar.update(end - begin)


def shuffled_products(own: Floats, other: Floats, *, permutations: int, seed: int) -> Floats:
    """Return the sum of ``own`` times ``other`` for each permutation of ``other``."""
    places = shuffles(own.size, permutations=permutations, seed=seed)
    return np.concatenate(
        list(_in_threads(lambda begin, end: _products(own, other, places(begin, end)), own.size, permutations))
    )


def shuffled_means(one: Floats, two: Floats, rows: Rows, *, permutations: int, seed: int) -> Floats:
    """Return the sum of the products of the neighbours' means, for each permutation of all pairs of values."""
    places, cost = shuffles(one.size, permutations=permutations, seed=seed), one.size + rows.neighbour.size
    return np.concatenate(
        list(_in_threads(lambda begin, end: _smoothed(one, two, rows, places(begin, end)), cost, permutations))
    )


def shuffled_differences(values: Floats, people: Floats, rows: Rows, *, permutations: int, seed: int) -> Floats:
    """Return the sum of differences between linked zones, for each permutation of all zones with their people."""
    places, cost = shuffles(values.size, permutations=permutations, seed=seed), values.size + rows.neighbour.size
    return np.concatenate(
        list(_in_threads(lambda begin, end: _differences(values, people, rows, places(begin, end)), cost, permutations))
    )


def redrawn_products(one: Floats, other: Floats, rows: Rows, *, permutations: int, seed: int) -> Counts:
    """Count, zone by zone, how the product of the neighbours' two means stands among those of drawn neighbours."""
    task = Task(permutations, key_of(seed), SAME * float(np.abs(one).max() * np.abs(other).max()), apart=False)
    pieces = np.cumsum(np.diff(rows.start) * permutations) // STEPS
    cuts = [0, *(np.flatnonzero(np.diff(pieces)) + 1).tolist(), len(one)]

    def work(begin: int, end: int) -> tuple[Integers, Integers]:
        return _redrawn(one, other, rows, begin, end, task)

    found = []
    with tqdm(total=len(one), desc="permutations", unit="zone", delay=2, leave=False) as bar:
        for piece in in_order(work, pairwise(cuts)):
            found.append(piece)
            bar.update(len(piece[0]))
    return Counts(*(np.concatenate(part) for part in zip(*found, strict=True)))


def shuffled_joins(classes: Integers, kinds: int, rows: Rows, *, permutations: int, seed: int) -> Iterator[Integers]:
    """Give the numbers of links between classes, some permutations (rows) at a time."""
    places = shuffles(classes.size, permutations=permutations, seed=seed)
    cost = classes.size + rows.neighbour.size + kinds**2
    return _in_threads(lambda begin, end: _count_joins(classes, kinds, rows, places(begin, end)), cost, permutations)


def shuffled_between(values: Floats, people: Floats, regions: Integers, *, permutations: int, seed: int) -> Floats:
    """Return the inequality between regions for each permutation of all zones with their people."""
    places = shuffles(values.size, permutations=permutations, seed=seed)

    def work(begin: int, end: int) -> Floats:
        return _theil_between(values, people, regions, places(begin, end))

    return np.concatenate(list(_in_threads(work, values.size, permutations)))


def ordered_dot(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the sum of products, added up in an order that does not depend on the number of threads."""
    return float((one * other).sum())


@dataclass(frozen=True, slots=True)
class PairSums:
    """What the mean and variance over all permutations need of a symmetric table of pairs with an empty diagonal.

    Parameters
    ----------
    total
        Sum over all ordered pairs.
    squares
        Sum of squares over all ordered pairs.
    rows
        Sum of squares of the sums of rows.
    """

    total: float
    squares: float
    rows: float


def pair_moments(links: PairSums, likeness: PairSums, count: int) -> tuple[float, float]:
    """Return the mean and the variance of a sum over pairs when the zones of one of two tables are permuted.

    References
    ----------
    Mantel, N. (1967). The detection of disease clustering and a generalized regression approach. Cancer Research,
    27(2), 209-220. Cliff, A. D., & Ord, J. K. (1981). Spatial processes. Pion.
    """
    n = float(count)
    two = n * (n - 1)
    three, four = two * (n - 2), two * (n - 2) * (n - 3)
    mean = links.total * likeness.total / two
    square = 2 * links.squares * likeness.squares / two
    square += 4 * (links.rows - links.squares) * (likeness.rows - likeness.squares) / three
    others = [part.total**2 + 2 * part.squares - 4 * part.rows for part in (links, likeness)]
    square += others[0] * others[1] / four
    return mean, square - mean**2


def link_sums(rows: Rows) -> PairSums:
    """Return the sums of a graph's links, each counting 1, or a half where it goes one way only."""
    count = rows.start.size - 1
    one = np.repeat(np.arange(count), np.diff(rows.start))
    forth, back = one * count + rows.neighbour, rows.neighbour * count + one
    mutual = int(np.isin(back, forth).sum())
    ends = (np.bincount(one, minlength=count) + np.bincount(rows.neighbour, minlength=count)) / 2
    single = one.size - mutual
    # A link that goes one way only gives two ordered pairs of a half.
    return PairSums(float(one.size), mutual + single * 0.5, float((ends**2).sum()))


def transposed(rows: Rows, values: Floats) -> Floats:
    """Return for each zone the sum over those that have it as a neighbour, with the weight that they give it."""
    count = len(rows.start) - 1
    owner = np.repeat(np.arange(count), np.diff(rows.start))
    return np.bincount(rows.neighbour, rows.weight * values[owner], minlength=count).astype(np.float64)


def smoothed_moments(rows: Rows, x: Floats, y: Floats) -> tuple[float, float]:
    """Return mean and variance of the sum of products of neighbours' means, over all shuffles of pairs of values.

    The sum is one over pairs of zones, with the weights ``P = W' W``: its pairs of different zones and its pairs of a
    zone with itself are taken apart, since a shuffle does not mix them.
    """
    count = len(x)
    n = float(count)
    weights = sparse.csr_array((rows.weight, rows.neighbour, rows.start), shape=(count, count))
    back = weights.T.tocsr()
    diagonal = np.bincount(rows.neighbour, rows.weight**2, minlength=count)
    beyond = transposed(rows, (np.diff(rows.start) > 0).astype(np.float64)) - diagonal
    products, step = 0.0, max(1, PRODUCTS // max(1, int(np.diff(rows.start).max()) ** 2))
    for begin in range(0, count, step):
        products += float((((back[begin : begin + step] @ weights).data) ** 2).sum())
    links = PairSums(float(beyond.sum()), products - float((diagonal**2).sum()), float((beyond**2).sum()))
    own = x * y
    # The sums of x and of y are 0, their sums of squares are n.
    likeness = PairSums(
        -float(own.sum()),
        (n * n - float((own**2).sum()) + float(own.sum()) ** 2 - float((own**2).sum())) / 2,
        float((own**2).sum()),
    )
    mean, variance = pair_moments(links, likeness, count)
    itself = float(diagonal.sum() * own.sum()) / n
    spread = float(((diagonal - diagonal.mean()) ** 2).sum() * ((own - own.mean()) ** 2).sum()) / (n - 1)
    shared = 2 * ordered_dot(diagonal, beyond)
    common, apart = -float((own**2).sum()), -(float(own.sum()) ** 2)
    together = shared * common / (n * (n - 1))
    together += (float(diagonal.sum()) * links.total - shared) * (apart - 2 * common) / (n * (n - 1) * (n - 2))
    return mean + itself, variance + spread + 2 * (together - mean * itself)
