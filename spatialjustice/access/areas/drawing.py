"""Rings to areas: holes in their parts, small ones closed, and the necks of streets that others come close to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from spatialjustice.access.areas.ground import ground_of
from spatialjustice.access.areas.outline import NECK
from spatialjustice.network.routes.reached_streets import lines_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.access.areas.ground import Rings
    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.reached_streets import Pieces

    Floats = NDArray[np.float64]

ALONG = 4.5
"""Metres along a reached street, before and behind a point that another street comes close to, that keep their neck."""


class AreaRule(NamedTuple):
    """How streets become an area."""

    width: float
    gap: float


def areas_of_streets(network: Network, reached: list[tuple[Pieces, Floats]], rule: AreaRule) -> list[Any]:
    """Draw the area of the streets reached, for each limit: see :func:`isochrones`."""
    areas: list[Any] = []
    for rings in ground_of(network, rule.width).rings(reached, rule.width):
        # Areas grow with the limit; the one before mends what a circle drawn with corners breaks.
        area = _parts_with_holes(network, rings, rule)
        shapely.prepare(area)
        necks = _necks(network, rings)
        necks = shapely.union_all(necks[~shapely.covers(area, necks)])
        area = area if necks.is_empty else shapely.union(area, necks)
        area = shapely.union(area, areas[-1]) if areas else area
        if not shapely.is_valid(area):
            area = shapely.make_valid(area, method="structure", keep_collapsed=False)
        # Where a ring begins depends on what was asked before; the answer must not.
        areas.append(shapely.normalize(polygons_only(area)))
    return areas


def _parts_with_holes(network: Network, rings: Rings, rule: AreaRule) -> Any:
    """Put holes into the parts around them; small ones are closed where no street that is not reached runs in them."""
    first = np.concatenate([[0], rings.ends[:-1]])
    x, y = (rings.corners - rings.corners[0]).T
    after = np.arange(1, x.size + 1)
    after[rings.ends - 1] = first
    turns = np.add.reduceat(x * y[after] - x[after] * y, first) / 2
    size = rings.ends - first
    sound = (size > 2) & (turns != 0)
    row = np.repeat(np.cumsum(sound) - 1, size)[np.repeat(sound, size)]
    corners = rings.corners[np.repeat(sound, size)]
    lines, turns, others = shapely.linearrings(corners, indices=row), turns[sound], rings.others[sound]
    outer, holes = lines[turns > 0], lines[turns < 0]
    kept = (-turns[turns < 0] > rule.gap) | others[turns < 0]
    for hole in np.flatnonzero(~kept & (-turns[turns < 0] > np.pi * rule.width**2)):
        # It is large enough to hold a street with all of its ground.
        edge = network._tree.query(holes[hole])  # noqa: SLF001
        edge = edge[~np.isin(edge, rings.stretches.edge)]
        lines = lines_of(network, edge, np.zeros(edge.size), np.ones(edge.size))
        kept[hole] = shapely.intersects(shapely.polygons(holes[hole]), lines).any()
    if outer.size == 1:
        return shapely.polygons(outer[0], holes[kept])
    parts = shapely.polygons(outer)
    around = shapely.STRtree(parts).query(shapely.get_point(holes, 0), predicate="intersects")
    within = {}
    for hole, part in around[:, np.argsort(-shapely.area(parts)[around[1]], kind="stable")].T:
        within[int(hole)] = int(part)
    of_part: list[list[Any]] = [[] for _ in parts]
    for hole in np.flatnonzero(kept):
        of_part[within[int(hole)]].append(holes[hole])
    whole = [
        shapely.polygons(line, mine) if mine else shapely.polygons(line)
        for line, mine in zip(outer, of_part, strict=True)
    ]
    return shapely.multipolygons(whole) if kept.all() else shapely.union_all(whole)


def _necks(network: Network, rings: Rings) -> Any:
    """Draw the necks of reached streets where others come close."""
    edge, share, reached = rings.close, rings.close_at, rings.stretches
    if not (edge.size and reached.edge.size):
        return np.empty(0, object)
    low = np.column_stack([network.x[network.edge_u[edge]], network.y[network.edge_u[edge]]])
    along = np.column_stack([network.x[network.edge_v[edge]], network.y[network.edge_v[edge]]]) - low
    length = np.hypot(*along.T)
    number = np.searchsorted(reached.edge, edge)
    right = np.searchsorted(reached.edge, edge, side="right")
    while True:  # on to the stretch that the point lies on
        later = (number + 1 < right) & (reached.end[np.minimum(number, reached.edge.size - 1)] < share)
        if not later.any():
            break
        number = number + later
    some = number < right
    columns: Any = (edge, share, low, along, length, number)
    edge, share, low, along, length, number = (each[some] for each in columns)
    start = np.clip(share - ALONG / length, reached.start[number], reached.end[number])[:, None]
    end = np.clip(share + ALONG / length, reached.start[number], reached.end[number])[:, None]
    aside = np.column_stack([-along[:, 1], along[:, 0]]) * (NECK / length)[:, None]
    first, last = low + start * along, low + end * along
    corners = np.stack([first - aside, last - aside, last + aside, first + aside], axis=1)
    return shapely.polygons(corners[(end > start).ravel()])


def polygons_only(shape: Any) -> Any:
    """Drop points and lines, which is what remains where two areas touch."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_dimensions(parts) == 2]
    return parts[0] if parts.size == 1 else shapely.multipolygons(parts)
