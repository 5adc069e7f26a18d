"""Isochrones in squares: the ground of the streets within reach, drawn on a grid, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from scipy.ndimage import distance_transform_edt, label
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
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
from spatialjustice.network.routes.reached_streets import lines_of, pieces_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.access.areas.drawing import AreaRule
    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.node_costs import EdgeCosts, Stops, Unit
    from spatialjustice.network.routes.reached_streets import Pieces

    Floats = NDArray[np.float64]

MOST_SQUARES = 100_000_000
"""Squares of one origin's window, above which they are too small for the cutoff."""


class _Field(NamedTuple):
    """What the nearest street of each square costs, rows from below; ``street`` says which squares one crosses."""

    west: float
    south: float
    cost: Floats
    street: NDArray[np.bool_]


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
    the origin reaches within the cutoff. So the outline follows the sides of the squares, may be off by about one
    square, and a street that is not reached yields its ground where a reached one crosses the same square (a bridge,
    the next lane). For pictures and for overlays of many origins; for single places near the edge take
    :func:`isochrones`. The squares lie at whole multiples of ``size`` in the network's CRS, so that areas of different
    origins fit together. A larger cutoff contains the smaller one.

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
    """Draw the areas of every group of stops, one for each limit, rising, from one field of costs."""
    found = {}
    metres = [prices.metres(limit) for limit in limits]
    searched = node_costs.search_from_stops(network, prices, stops, metres[-1])
    groups = len(np.unique(stops.group))
    for group, node_cost, own, _ in tqdm(searched, total=groups, desc="areas", unit="origin", delay=2, leave=False):
        legs = prices.leg * own.offset
        if not (legs <= metres[-1]).any():
            found[group] = _empty_areas(len(limits), "beyond_cutoff")
            continue
        pieces = pieces_within(network, prices, node_cost, own, metres[-1])
        field = _field(network, pieces, (own.xy, legs), rule, side)
        found[group] = [
            _area_within(network, pieces, field, limit, rule, side)
            if (legs <= limit).any()
            else _empty_areas(1, "beyond_cutoff")[0]
            for limit in metres
        ]
    return found


def _field(network: Network, pieces: Pieces, begins: tuple[Floats, Floats], rule: AreaRule, side: float) -> _Field:
    """Give every square around the pieces the least cost of the nearest square that a street crosses."""
    lines = shapely.get_coordinates(lines_of(network, pieces.edge, pieces.start, pieces.end)).reshape(-1, 4)
    xy, cost = _strewn(lines, pieces.cost_start, pieces.cost_end, side)
    xy, cost = np.concatenate([begins[0], xy]), np.concatenate([begins[1], cost])
    low = np.floor((xy.min(axis=0) - 2 * rule.width) / side).astype(np.int64) - 1
    shape = np.floor((xy.max(axis=0) + 2 * rule.width) / side).astype(np.int64) + 2 - low
    if shape.prod() > MOST_SQUARES:
        found = f"squares of {side:g} m would be {shape.prod():,} for one origin"
        raise InputError("size", found, "Give larger squares, or a lower cutoff.")
    around = network._tree.query(shapely.box(*(low * side), *((low + shape) * side)))  # noqa: SLF001
    zero = np.zeros(around.size)
    every = shapely.get_coordinates(lines_of(network, around, zero, zero + 1)).reshape(-1, 4)
    costs = np.full(shape[::-1], np.inf)
    street = np.zeros(costs.shape, dtype=bool)
    column, row = np.floor(_strewn(every, zero, zero, side)[0] / side).astype(np.int64).T - low[:, None]
    inside = (column >= 0) & (column < shape[0]) & (row >= 0) & (row < shape[1])
    street[row[inside], column[inside]] = True
    column, row = np.floor(xy / side).astype(np.int64).T - low[:, None]
    street[row, column] = True
    np.minimum.at(costs, (row, column), cost)
    away, nearest = distance_transform_edt(~street, sampling=side, return_indices=True)
    taken = np.where(away <= rule.width, costs[nearest[0], nearest[1]], np.inf)
    return _Field(low[0] * side, low[1] * side, taken, street)


def _strewn(lines: Floats, first: Floats, last: Floats, side: float) -> tuple[Floats, Floats]:
    """Strew points along straight lines, half a square apart and at both ends, and say what each costs."""
    count = np.ceil(2 * np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) / side).astype(np.int64) + 1
    line = np.repeat(np.arange(count.size), count)
    rank = np.arange(line.size) - np.repeat(np.cumsum(count) - count, count)
    share = rank / np.maximum(count[line] - 1, 1)
    xy = lines[line, :2] + share[:, None] * (lines[line, 2:] - lines[line, :2])
    return xy, first[line] * (1 - share) + last[line] * share


def _area_within(network: Network, pieces: Pieces, field: _Field, limit: float, rule: AreaRule, side: float) -> _Area:
    """Take the squares within a limit, close their gaps, and measure the streets within it."""
    low, high = np.minimum(pieces.cost_start, pieces.cost_end), np.maximum(pieces.cost_start, pieces.cost_end)
    share = np.where(high > low, np.clip((limit - low) / np.where(high > low, high - low, 1), 0, 1), low <= limit)
    metres = float((network.length[pieces.edge] * (pieces.end - pieces.start) * share).sum())
    squares = field.cost <= limit
    holes, number = label(~squares)
    stay = np.bincount(holes.ravel(), minlength=number + 1) * side**2 > rule.gap
    stay[holes[field.street & ~squares]] = True
    stay[np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]])] = True
    shape = _outlined(squares | ~stay[holes], field, side)
    return _Area("ok", shape.area, metres, shape)


def _outlined(squares: NDArray[np.bool_], field: _Field, side: float) -> Any:
    """Draw the outline of squares."""
    from rasterio.features import shapes
    from rasterio.transform import Affine

    lattice = Affine(side, 0.0, field.west, 0.0, side, field.south)
    rings = [part["coordinates"] for part, _ in shapes(squares.view(np.uint8), squares, 4, lattice)]
    parts = [shapely.Polygon(np.array(first), [np.array(hole) for hole in holes]) for first, *holes in rings]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
