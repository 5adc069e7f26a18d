"""Several outcomes of the same zones and neighbours shuffled together: what is drawn is drawn once for all of them.

Drawing, and finding the place of what was drawn in memory, take longer than adding it up. Four outcomes lie beside each
other, and a draw adds up all four. Each has the p-values that it has alone.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from tqdm.auto import tqdm

from spatialjustice._core.machine.compiled import for_steps, kernel, kernel_part, wide_steps
from spatialjustice._core.machine.threads import in_order, spans
from spatialjustice.inequality.space.shuffling import by_arrays
from spatialjustice.inequality.space.shuffling.draws import shuffles
from spatialjustice.inequality.space.shuffling.kinds import Counts, Rows
from spatialjustice.inequality.space.shuffling.permutation import NEVER, PIECE, SAME, conditional_counts, shuffled_sums
from spatialjustice.inequality.space.shuffling.streams import HALF, LOW, STEP, _begin_of, _scrambled_bits, key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.space.shuffling.kinds import Places

    Integers = NDArray[np.int64]

BESIDE = 4
"""Outcomes that are shuffled together."""


class _Task(NamedTuple):
    """How often to redraw, from which key, and how far the sums of each outcome may differ by rounding."""

    permutations: int
    key: int
    tolerance: Floats


@kernel
def _shuffled_together(scores: Floats, rows: Rows, places: Places) -> Floats:
    """Return the sums over all zones and neighbours of value times value, for each permutation of four outcomes."""
    count = len(scores)
    moved, sums = np.empty((count, 4)), np.zeros((len(places), 4))
    for number in range(len(places)):
        place = places[number]
        for zone in range(count):
            taken = place[zone]
            for lane in range(4):
                moved[zone, lane] = scores[taken, lane]
        total_0, total_1, total_2, total_3 = 0.0, 0.0, 0.0, 0.0
        for zone in range(count):
            around_0, around_1, around_2, around_3 = 0.0, 0.0, 0.0, 0.0
            for link in range(rows.start[zone], rows.start[zone + 1]):
                there, weight = moved[rows.neighbour[link]], rows.weight[link]
                around_0 += weight * there[0]
                around_1 += weight * there[1]
                around_2 += weight * there[2]
                around_3 += weight * there[3]
            mine = moved[zone]
            total_0 += mine[0] * around_0
            total_1 += mine[1] * around_1
            total_2 += mine[2] * around_2
            total_3 += mine[3] * around_3
        for lane, total in enumerate((total_0, total_1, total_2, total_3)):
            sums[number, lane] = total
    return sums


@kernel_part
def _draw_together(
    sums: Floats, scores: Floats, weight: Floats, used: NDArray[np.int32], mark: np.int64, begin: np.uint64
) -> None:
    """Fill ``sums``, each of other zones drawn anew, as ``_draw_few`` does for one outcome."""
    bound = np.uint64(len(scores))
    least = (np.uint64(0x100000000) - bound) % bound
    state = begin
    for number in range(len(sums)):
        mark += 1
        total_0, total_1, total_2, total_3 = 0.0, 0.0, 0.0, 0.0
        step, spare, bits = 0, False, np.uint64(0)
        while step < weight.size:
            if spare:
                half = bits & LOW
            else:
                state += STEP
                bits = _scrambled_bits(state)
                half = bits >> HALF
            spare = not spare
            product = half * bound
            pick = np.int64(product >> HALF)
            if (product & LOW) < least or used[pick] >= mark:
                continue
            used[pick] = mark
            there, share = scores[pick], weight[step]
            total_0 += share * there[0]
            total_1 += share * there[1]
            total_2 += share * there[2]
            total_3 += share * there[3]
            step += 1
        for lane, total in enumerate((total_0, total_1, total_2, total_3)):
            sums[number, lane] = total


@kernel
def _redrawn_together(scores: Floats, rows: Rows, begin: int, end: int, task: _Task) -> tuple[Integers, Integers]:
    """Count, for zones from ``begin`` up to ``end``, how each outcome stands among its redrawn sums."""
    count = len(scores)
    used, mark = np.zeros(count, np.int32), np.int64(0)  # a plain 0 would be of a type of its own
    sums = np.empty((task.permutations, 4))
    at_most, at_least = np.zeros((end - begin, 4), np.int64), np.zeros((end - begin, 4), np.int64)
    for zone in range(begin, end):
        first, last = rows.start[zone], rows.start[zone + 1]
        if first == last:
            for lane in range(4):
                at_most[zone - begin, lane] = at_least[zone - begin, lane] = task.permutations
            continue
        state = _begin_of(task.key, zone)
        used[zone] = NEVER
        _draw_together(sums, scores, rows.weight[first:last], used, mark, state)
        mark += task.permutations
        used[zone] = mark
        for lane in range(4):
            scale, observed = scores[zone, lane], 0.0
            for link in range(first, last):
                observed += rows.weight[link] * scores[rows.neighbour[link], lane]
            margin = task.tolerance[lane] * abs(scale)
            for number in range(task.permutations):
                difference = scale * (sums[number, lane] - observed)
                at_most[zone - begin, lane] += difference <= margin
                at_least[zone - begin, lane] += difference >= -margin
    return at_most, at_least


def shuffled_together(outcomes: Sequence[Floats], rows: Rows, *, permutations: int, seed: int) -> list[Floats]:
    """Return :func:`shuffled_sums` of each outcome with itself; they may differ from these by rounding."""
    found: list[Floats] = []
    pairs: Rows | None = None
    for begin, end in spans(len(outcomes), BESIDE):
        few = outcomes[begin:end]
        if len(few) == 1:
            found.append(shuffled_sums(few[0], few[0], rows, permutations=permutations, seed=seed))
        else:
            pairs = _each_pair_once(rows) if pairs is None else pairs
            sums = _sums_of_few(_beside(few), pairs, permutations, seed)
            found += [sums[:, lane] for lane in range(len(few))]
    return found


def _each_pair_once(rows: Rows) -> Rows:
    """Return links from each zone to those after it, with the weights of both ways: a product is the same both ways."""
    count = len(rows.start) - 1
    links = sparse.csr_array((rows.weight, rows.neighbour, rows.start), shape=(count, count))
    pairs = sparse.triu(links + links.T, k=1, format="csr")
    return Rows(pairs.indptr.astype(np.int64), pairs.indices.astype(np.int64), pairs.data)


def _sums_of_few(scores: Floats, rows: Rows, permutations: int, seed: int) -> Floats:
    """Return the sums of four outcomes; ``rows`` are of :func:`_each_pair_once`."""
    places = shuffles(len(scores), permutations=permutations, seed=seed)
    size = max(1, PIECE // max(1, len(scores) + len(rows.neighbour)))
    stretches = list(spans(permutations, size))
    steps = sum(wide_steps(len(scores) + len(rows.neighbour), end - begin) for begin, end in stretches)
    shuffled = for_steps(_shuffled_together, steps, by_arrays.shuffled_together)

    def work(begin: int, end: int) -> Floats:
        return shuffled(scores, rows, places(begin, end))

    pieces = []
    with tqdm(total=permutations, desc="permutations", unit="permutation", delay=2, leave=False) as bar:
        for piece in in_order(work, stretches):
            pieces.append(piece)
            bar.update(len(piece))
    return np.concatenate(pieces)


def redrawn_together(outcomes: Sequence[Floats], rows: Rows, *, permutations: int, seed: int) -> list[Counts]:
    """Return :func:`conditional_counts` of each outcome with itself."""
    sizes, found = np.diff(rows.start), []
    # Where a zone has more than half of the others as neighbours, they are drawn in another way.
    each_alone = bool((2 * sizes > len(sizes)).any())
    for begin, end in spans(len(outcomes), 1 if each_alone else BESIDE):
        few = outcomes[begin:end]
        if len(few) == 1:
            found.append(conditional_counts(few[0], few[0], rows, permutations=permutations, seed=seed))
        else:
            at_most, at_least = _counts_of_few(_beside(few), rows, permutations, seed)
            found += [Counts(at_most[:, lane], at_least[:, lane]) for lane in range(len(few))]
    return found


def _counts_of_few(scores: Floats, rows: Rows, permutations: int, seed: int) -> Counts:
    cost = np.cumsum(np.diff(rows.start) * permutations) // PIECE
    cuts = [0, *(np.flatnonzero(np.diff(cost)) + 1).tolist(), len(scores)]
    task = _Task(permutations, key_of(seed), SAME * np.abs(scores).max(axis=0))

    draws = wide_steps(len(rows.neighbour), permutations)
    redrawn = for_steps(_redrawn_together, draws * by_arrays.STEPS_OF_A_DRAW, by_arrays.redrawn_together)

    def work(begin: int, end: int) -> tuple[Integers, Integers]:
        return redrawn(scores, rows, begin, end, task)

    pieces = []
    with tqdm(total=len(scores), desc="permutations", unit="zone", delay=2, leave=False) as bar:
        for piece in in_order(work, pairwise(cuts)):
            pieces.append(piece)
            bar.update(len(piece[0]))
    return Counts(*(np.concatenate(part) for part in zip(*pieces, strict=True)))


def _beside(few: Sequence[Floats]) -> Floats:
    """Put outcomes beside each other, the last one more than once where they are fewer than four."""
    return np.column_stack([*few, *[few[-1]] * (BESIDE - len(few))])
