"""Zones cut into contiguous regions: by cutting a tree (SKATER), or by max-p through spopt."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.machine.extras import needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

ROUNDING = 1e-12
"""Cuts that are better by less than this share are equally good; the first one is taken."""


class _Cut(NamedTuple):
    """The best place to cut a tree, and by how much that lowers the sum of squares."""

    gain: float
    edge: int


def spanning_tree(scores: Floats, one: NDArray[np.int64], two: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of the links of a shortest tree over each set of zones that hang together (Kruskal).

    Links are as long as their zones are unlike; of equally long ones the first is taken.
    """
    length = np.sqrt(((scores[one] - scores[two]) ** 2).sum(axis=1))
    root = list(range(len(scores)))

    def find(zone: int) -> int:
        while root[zone] != zone:
            root[zone] = root[root[zone]]
            zone = root[zone]
        return zone

    kept = []
    for link in np.argsort(length, kind="stable"):
        start, end = find(int(one[link])), find(int(two[link]))
        if start != end:
            root[end] = start
            kept.append(int(link))
    return np.array(kept, dtype=np.int64)


def cut_tree(
    scores: Floats,
    people: Floats,
    links: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    count: int,
    floor: float,
) -> NDArray[np.int64]:
    """Cut a forest, link by link, where that makes regions most alike inside, until there are so many regions.

    No cut leaves a part with fewer people than the floor. Fewer regions are returned where no cut is left.
    """
    one, two = links
    number = len(scores)
    part = connected_parts(number, one, two, np.ones(len(one), dtype=bool))
    whole = np.ones(len(one), dtype=bool)
    cuts = {
        int(name): _best_cut(np.flatnonzero(part == name), scores, people, links, whole, floor) for name in set(part)
    }
    while len(cuts) < count:
        best = None
        for name in sorted(cuts):
            if cuts[name].edge >= 0 and (best is None or cuts[name].gain > cuts[best].gain * (1 + ROUNDING)):
                best = name
        if best is None:
            break
        whole[cuts[best].edge] = False
        old, part = part, connected_parts(number, one, two, whole)
        cuts = {
            int(name): cuts[int(old[zones[0]])]
            if old[zones[0]] != best
            else _best_cut(zones, scores, people, links, whole, floor)
            for name in np.unique(part)
            for zones in [np.flatnonzero(part == name)]
        }
    return part


def connected_parts(
    number: int, one: NDArray[np.int64], two: NDArray[np.int64], whole: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the part of each zone, numbered by the first zone in it."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(int(whole.sum())), (one[whole], two[whole])), shape=(number, number))
    _, part = connected_components(links, directed=False)
    _, first, place = np.unique(part, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[place], dtype=np.int64)


def _best_cut(
    zones: NDArray[np.int64],
    scores: Floats,
    people: Floats,
    links: tuple[NDArray[np.int64], NDArray[np.int64]],
    whole: NDArray[np.bool_],
    floor: float,
) -> _Cut:
    """Find the link of one tree whose loss lowers the sum of squares most, in one walk over the tree."""
    if len(zones) < 2:
        return _Cut(0.0, -1)
    order, parent, edge = _walk_tree(zones, links, whole, len(scores))
    size, mass, sums = np.ones(len(scores)), people.copy(), scores.copy()
    for zone in order[:0:-1]:
        above = parent[zone]
        size[above] += size[zone]
        mass[above] += mass[zone]
        sums[above] += sums[zone]
    top, below = order[0], order[1:]
    rest, rest_mass = size[top] - size[below], mass[top] - mass[below]
    # What two means explain beyond one: the drop of the sum of squares that a cut brings.
    means = sums[below] / size[below, None] - (sums[top] - sums[below]) / rest[:, None]
    gain = size[below] * rest / size[top] * (means**2).sum(axis=1)
    gain[(mass[below] < floor) | (rest_mass < floor)] = -np.inf
    largest = gain.max()
    if not np.isfinite(largest):
        return _Cut(0.0, -1)
    good = np.flatnonzero(gain >= largest * (1 - ROUNDING))
    return _Cut(float(largest), int(edge[below[good]].min()))


def _walk_tree(
    zones: NDArray[np.int64], links: tuple[NDArray[np.int64], NDArray[np.int64]], whole: NDArray[np.bool_], number: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Walk over a tree from its first zone: the order of zones, the zone above each, and the link to it."""
    inside = np.zeros(number, dtype=bool)
    inside[zones] = True
    one, two = links
    own = np.flatnonzero(whole & inside[one])
    around: dict[int, list[tuple[int, int]]] = {int(zone): [] for zone in zones}
    for link in own:
        around[int(one[link])].append((int(two[link]), int(link)))
        around[int(two[link])].append((int(one[link]), int(link)))
    parent, edge = np.full(number, -1, dtype=np.int64), np.full(number, -1, dtype=np.int64)
    order, seen = [int(zones[0])], {int(zones[0])}
    for here in order:
        for other, way in around[here]:
            if other not in seen:
                seen.add(other)
                parent[other], edge[other] = here, way
                order.append(other)
    return np.array(order, dtype=np.int64), parent, edge


def max_p(
    scores: Floats,
    people: Floats,
    links: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    floor: float,
    seed: int,
) -> NDArray[np.int64]:
    """Divide zones that hang together into as many regions as have at least so many people, with spopt's heuristic.

    spopt draws from numpy's global state, which is put back as it was.
    """
    from libpysal.weights import W

    heuristic = needed("spopt.region", "regions_of_disadvantage").MaxPHeuristic

    one, two = links
    around: dict[int, list[int]] = {zone: [] for zone in range(len(scores))}
    for start, end in zip(one.tolist(), two.tolist(), strict=True):
        around[start].append(end)
        around[end].append(start)
    names = [f"score {place}" for place in range(scores.shape[1])]
    frame = pd.DataFrame(scores, columns=names)
    frame["people"] = people
    before = np.random.get_state()  # noqa: NPY002 (spopt knows no generator of its own)
    try:
        np.random.seed(seed % 2**32)  # noqa: NPY002
        with warnings.catch_warnings():
            # spopt drops columns in a way that pandas will give up; that is nothing a user could mend.
            warnings.simplefilter("ignore", DeprecationWarning)
            weights = W(around, silence_warnings=True)
            model = heuristic(frame, weights, names, "people", floor, top_n=2, policy="keep")
            model.solve()
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return np.unique(np.asarray(model.labels_), return_inverse=True)[1].astype(np.int64)
