"""Isochrones in squares: the ground of the streets within reach, drawn on a grid, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice.access.areas import squares
from spatialjustice.access.areas.isochrones import (
    _Area,
    _area_rule,
    _areas_as_frame,
    _attrs_of_areas,
    _checked_cutoffs,
    _empty_areas,
)
from spatialjustice.network.cutoffs import checked_number
from spatialjustice.network.routes import node_costs
from spatialjustice.network.routes.reached_streets import pieces_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.access.areas.drawing import AreaRule
    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.node_costs import EdgeCosts, Stops, Unit
    from spatialjustice.network.routes.reached_streets import Pieces

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

MOST_SQUARES = 100_000_000
"""Squares of one origin's window, above which they are too small for the cutoff."""


class _Field(NamedTuple):
    """Levels of squares, by row from below and column: of the streets that cross them, and of the nearest ones."""

    low: Integers  # column and row of the first square, in whole multiples of its side
    street: Integers
    level: Integers
    none: int  # the level of streets that no cutoff reaches


def isochrones_in_squares(
    network: Network,
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    cutoff: float | Sequence[float],
    unit: Unit = "minutes",
    size: float = 10.0,
    width: float = 50.0,
    gap: float = 20_000.0,
    snap_limit: float = 500.0,
) -> gpd.GeoDataFrame:
    """Draw the area that each origin reaches in small squares: many times faster than exactly, and a little coarser.

    The rule is that of :func:`isochrones`, asked of the middle of each square instead of every place: a square belongs
    to the area when the nearest square that a street crosses lies at most ``width`` metres off, and holds a place that
    the origin reaches within the cutoff (of equally near ones any). So the outline follows the sides of the squares,
    and a street that is not reached yields its ground where a reached one crosses the same square (a bridge, the next
    lane). What is promised: every place on a street that is reached lies in the area, and nothing of the area, closed
    gaps aside, lies farther from such a place than ``width`` and a square's diagonal. For pictures, and for overlays of
    many origins; for single places near the edge take :func:`isochrones`. The squares lie at whole multiples of
    ``size`` in the network's CRS, so that areas of different origins fit together. A larger cutoff contains the smaller
    one.

    Parameters
    ----------
    network
        The streets.
    origins
        Points, or polygons (their centroid where it lies inside, else a point inside).
    cutoff, unit, width, gap, snap_limit
        As for :func:`isochrones`.
    size
        Metres of a square's side.

    Returns
    -------
    geopandas.GeoDataFrame
        As of :func:`isochrones`: one row per origin and cutoff with ``from_id``, ``cutoff``, ``status``, ``area`` and
        ``metres``. ``metres`` of street are exact, ``area`` is that of the squares. ``attrs["size"]`` says how large.

    Raises
    ------
    InputError
        When the layer or a number cannot be used, the network is one of public transport, or the squares are too many.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95], "y": [60.17, 60.17]}, index=[1, 2])
    >>> ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> home = gpd.GeoSeries.from_xy([24.94], [60.17], index=["home"], crs=4326)
    >>> areas = isochrones_in_squares(from_frames(nodes, ways), home, cutoff=[2, 5])
    >>> areas["metres"].round().to_list(), areas["status"].to_list()
    ([160.0, 400.0], ['ok', 'ok'])
    """
    limits, rule = _checked_cutoffs(cutoff), _area_rule(width, gap)
    side = checked_number(size, "size", positive=True)
    if hasattr(network, "timetable"):
        raise InputError("network", "it is one of public transport", "Draw it exactly, by isochrones.")
    prices = node_costs.edge_costs_of(network, unit)
    snapped = network.snap(origins, snap_limit=snap_limit)
    found = _in_squares(network, prices, node_costs.stops_of_snapped(snapped), limits, rule, side)
    rows = [found.get(group, _empty_areas(len(limits), why)) for group, why in enumerate(snapped["status"])]
    frame = _areas_as_frame(network, [row for of_origin in rows for row in of_origin], limits * len(origins))
    frame.insert(0, "from_id", origins.index.repeat(len(limits)))
    record = node_costs.attrs_of_result(network, origins, snapped)
    frame.attrs = {**_attrs_of_areas("isochrones_in_squares", unit, limits, rule), "size": side, **record}
    return frame


def _in_squares(
    network: Network, prices: EdgeCosts, stops: Stops, limits: list[float], rule: AreaRule, side: float
) -> dict[int, list[_Area]]:
    """Draw the areas of every group of stops, one for each limit, rising, from one field of levels."""
    found = {}
    metres = np.array([prices.metres(limit) for limit in limits])
    searched = node_costs.search_from_stops(network, prices, stops, metres[-1])
    groups = len(np.unique(stops.group))
    for group, node_cost, own, _ in tqdm(searched, total=groups, desc="areas", unit="origin", delay=2, leave=False):
        legs = prices.leg * own.offset
        if not (legs <= metres[-1]).any():
            found[group] = _empty_areas(len(limits), "beyond_cutoff")
            continue
        pieces = pieces_within(network, prices, node_cost, own, metres[-1])
        field = _field(network, pieces, (own.xy, legs), metres, rule, side)
        found[group] = [
            _area_within(network, pieces, field, (level, limit), rule, side)
            if (legs <= limit).any()
            else _empty_areas(1, "beyond_cutoff")[0]
            for level, limit in enumerate(metres)
        ]
    return found


def _field(
    network: Network, pieces: Pieces, begins: tuple[Floats, Floats], limits: Floats, rule: AreaRule, side: float
) -> _Field:
    """Give every square around the pieces the level of the nearest square that a street crosses."""
    reached = np.concatenate([_ends_of(network, pieces.edge, pieces.start, pieces.end), np.tile(begins[0], 2)])
    x, y = reached[:, ::2], reached[:, 1::2]
    least, most = np.array([x.min(), y.min()]), np.array([x.max(), y.max()])
    # A street farther than twice the width from what is reached has no ground that could be the area's.
    low = np.floor((least - 2 * rule.width) / side).astype(np.int64) - 1
    size = np.floor((most + 2 * rule.width) / side).astype(np.int64) + 2 - low
    if size.prod() > MOST_SQUARES:
        found = f"squares of {side:g} m would be {size.prod():,} for one origin"
        raise InputError("size", found, "Give larger squares, or a lower cutoff.")
    around = network._tree.query(shapely.box(*(low * side), *((low + size) * side)))  # noqa: SLF001
    every = _ends_of(network, around, np.zeros(around.size), np.ones(around.size))
    street = np.full(size[::-1], limits.size + 1)
    beyond = np.full(around.size, 2 * limits[-1] + 1)
    squares.crossed(every / side - np.tile(low, 2), beyond, beyond, limits, street)
    first, last = (
        np.minimum(np.concatenate([one, begins[1]]), limits[-1]) for one in (pieces.cost_start, pieces.cost_end)
    )
    squares.crossed(reached / side - np.tile(low, 2), first, last, limits, street)
    return _Field(low, street, squares.nearest(street, rule.width / side, limits.size), limits.size)


def _ends_of(network: Network, edge: Integers, start: Floats, end: Floats) -> Floats:
    """Return x and y of both ends of pieces of edges."""
    u, v = network.edge_u[edge], network.edge_v[edge]
    x, y = network.x[u], network.y[u]
    dx, dy = network.x[v] - x, network.y[v] - y
    return np.column_stack([x + start * dx, y + start * dy, x + end * dx, y + end * dy])


def _area_within(
    network: Network, pieces: Pieces, field: _Field, cutoff: tuple[int, float], rule: AreaRule, side: float
) -> _Area:
    """Take the squares within a limit, close their gaps, and measure the streets within it."""
    level, limit = cutoff
    low, high = np.minimum(pieces.cost_start, pieces.cost_end), np.maximum(pieces.cost_start, pieces.cost_end)
    share = np.where(high > low, np.clip((limit - low) / np.where(high > low, high - low, 1), 0, 1), low <= limit)
    metres = float((network.length[pieces.edge] * (pieces.end - pieces.start) * share).sum())
    inside = field.level <= level
    spans = []
    for axis in (1, 0):  # what is looked at has one row and one column around it
        some = np.flatnonzero(inside.any(axis=axis))
        spans.append(slice(some[0] - 1, some[-1] + 2))
    here = spans[0], spans[1]
    within, street = np.ascontiguousarray(inside[here]), np.ascontiguousarray(field.street[here])
    run, parent = squares.parts_of(within)
    squares.close_gaps(within, run, parent, street, field.none, level + 1, rule.gap / side**2)
    corners, *rings = squares.rings_around(within, run, parent)
    begin = field.low + np.array([spans[1].start, spans[0].start])
    shape = _shape_of((corners + begin) * side, *rings)
    return _Area("ok", shape.area, metres, shape)


def _shape_of(corners: Floats, ends: Integers, part: Integers, hole: NDArray[np.bool_]) -> Any:
    """Put rings together: those of one part, holes behind the ring around them."""
    number = np.repeat(np.arange(ends.size), np.diff(ends, prepend=0))
    lines: Any = shapely.linearrings(corners, indices=number)
    order = np.lexsort((hole, part))
    parts: Any = shapely.polygons(lines[order], indices=np.unique(part[order], return_inverse=True)[1])
    return parts[0] if parts.size == 1 else shapely.multipolygons(parts)
