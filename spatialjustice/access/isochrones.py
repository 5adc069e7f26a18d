"""Isochrones and service areas: the streets that are reached, and the ground that is nearest to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatialjustice._core.errors import InputError
from spatialjustice.network.cutoffs import checked_number
from spatialjustice.network.routes import node_costs
from spatialjustice.network.routes.reached_streets import HAIR, lines_of, pieces_within
from spatialjustice.network.snap import destinations_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.node_costs import EdgeCosts, Stops, Unit
    from spatialjustice.network.routes.reached_streets import Pieces

    Floats = NDArray[np.float64]

SPACING = 4.0
"""Metres between the points by which ground is shared out between streets that are reached and streets that are not."""

NEAR = 0.1
"""Metres from the end of a piece to its first such point: the same on both sides of a cut, which lies half way."""

REMNANT = 20.0
"""Metres of street not reached, all round which streets end or are reached, below which it is passed over."""

NECK = 2.0
"""Metres on both sides of a reached street that belong to it even where another street crosses over or under it."""


class _AreaRule(NamedTuple):
    """How streets become an area."""

    width: float
    gap: float


def isochrones(
    network: Network,
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    cutoff: float | Sequence[float],
    unit: Unit = "minutes",
    width: float = 50.0,
    gap: float = 20_000.0,
    snap_limit: float = 500.0,
) -> gpd.GeoDataFrame:
    """Draw the area that each origin reaches within each cutoff.

    A place belongs to the area when the nearest place on any street is one that the origin reaches within the cutoff,
    and lies at most ``width`` metres off. So a street that is not reached keeps its own ground, however near a reached
    one passes, and the area ends square where the cutoff falls. (Remnants of less than 20 metres of street that is not
    reached are passed over.) Then gaps are closed: holes of at most ``gap`` square metres through which no street runs
    that is not reached. The last metres, from the street to the place, are not
    counted. A larger cutoff contains the smaller one (up to the rounding of coordinates).

    Parameters
    ----------
    network
        The streets.
    origins
        Points, or polygons (their centroid where it lies inside, else a point inside).
    cutoff
        One or several, in ``unit``, closed.
    unit
        ``minutes`` at the mode's speed, or ``metres``.
    width
        Metres on either side of a street that belong to it. 50 metres is half of a block of 100 metres: the houses
        along a street, and not the field behind them.
    gap
        Square metres of the largest hole that is closed. 20,000 is what the default width leaves of a block of some
        240 metres in square; larger holes are taken for parks, fields, water and closed grounds, and stay.
    snap_limit
        How far off the nearest street an origin may lie, in metres.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per origin and cutoff, by origin, then by rising cutoff: ``from_id``; ``cutoff``; ``status``;
        ``area`` in square metres; ``metres`` of street reached; a valid polygon in the network's CRS. Status is ``ok``,
        ``off_network`` (too far from every street), ``outside_data`` (so, and outside what the data of the streets
        cover) or ``beyond_cutoff`` (the way to the street alone costs more); where it is not ``ok``
        both numbers are 0 and the polygon is empty.

    Raises
    ------
    InputError
        When the layer or a number cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95], "y": [60.17, 60.17]}, index=[1, 2])
    >>> ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> home = gpd.GeoSeries.from_xy([24.94], [60.17], index=["home"], crs=4326)
    >>> areas = isochrones(from_frames(nodes, ways), home, cutoff=[2, 5])
    >>> areas[["from_id", "cutoff", "status"]].values.tolist()
    [['home', 2.0, 'ok'], ['home', 5.0, 'ok']]
    >>> areas["metres"].round().to_list(), areas["area"].round(-2).to_list()
    ([160.0, 400.0], [19900.0, 43900.0])
    """
    limits, rule = _checked_cutoffs(cutoff), _area_rule(width, gap)
    prices = node_costs.edge_costs_of(network, unit)
    snapped = network.snap(origins, snap_limit=snap_limit)
    found = _areas_of_stops(network, prices, node_costs.stops_of_snapped(snapped), limits, rule)
    rows = [found.get(group, _empty_areas(len(limits), why)) for group, why in enumerate(snapped["status"])]
    ids = origins.index.repeat(len(limits))
    frame = _areas_as_frame(network, [row for of_origin in rows for row in of_origin], limits * len(origins))
    frame.insert(0, "from_id", ids)
    frame.attrs = {
        **_attrs_of_areas("isochrones", unit, limits, rule),
        **node_costs.attrs_of_result(network, origins, snapped),
    }
    return frame


def service_area(
    network: Network,
    places: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    cutoff: float | Sequence[float],
    unit: Unit = "minutes",
    width: float = 50.0,
    gap: float = 20_000.0,
    snap_limit: float = 500.0,
) -> gpd.GeoDataFrame:
    """Draw the area from which any of some places can be reached within each cutoff.

    Trips go towards the places, which matters on one-way streets and slopes. The rule by which streets become an area
    is that of :func:`isochrones`.

    Parameters
    ----------
    network
        The streets.
    places
        Where people want to go, with their entrances, as the destinations of :meth:`Network.travel_costs`.
    cutoff, unit, width, gap, snap_limit
        As for :func:`isochrones`.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per cutoff, rising: ``cutoff``; ``status``; ``area`` in square metres; ``metres`` of street; a valid
        polygon in the network's CRS. Status is ``ok``, ``no_supply`` (there is no place), ``off_network`` (all are too
        far from every street) or ``beyond_cutoff`` (from the street to each place alone costs more); where it is not
        ``ok`` both numbers are 0 and the polygon is empty. ``attrs["left_out"]`` counts places off the network.

    Raises
    ------
    InputError
        When the layer or a number cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95], "y": [60.17, 60.17]}, index=[1, 2])
    >>> ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> libraries = gpd.GeoSeries.from_xy([24.94, 24.95], [60.17, 60.17], crs=4326)
    >>> service_area(from_frames(nodes, ways), libraries, cutoff=2)[["cutoff", "metres"]].round().values.tolist()
    [[2.0, 320.0]]
    """
    limits, rule = _checked_cutoffs(cutoff), _area_rule(width, gap)
    prices = node_costs.edge_costs_of(network, unit, towards=True)
    entrances = destinations_of(network, places, "places")
    snapped = network.snap(gpd.GeoSeries(entrances.points, crs=network.crs), snap_limit=snap_limit)
    stops = node_costs.stops_of_snapped(snapped)
    together = stops._replace(group=np.zeros_like(stops.group))
    found = _areas_of_stops(network, prices, together, limits, rule)
    frame = _areas_as_frame(
        network, found.get(0, _empty_areas(len(limits), "off_network" if len(places) else "no_supply")), limits
    )
    # A place is on the network when one of its entrances is: its audit is that of the nearest one.
    order = np.lexsort((snapped["offset"].to_numpy(), entrances.place))
    nearest = snapped.iloc[order[np.unique(entrances.place[order], return_index=True)[1]]]
    record = node_costs.attrs_of_result(network, places, nearest, name="places")
    frame.attrs = {**_attrs_of_areas("service_area", unit, limits, rule), **record}
    return frame


class _Area(NamedTuple):
    status: str
    area: float
    metres: float
    shape: Any


def _areas_of_stops(
    network: Network, prices: EdgeCosts, stops: Stops, limits: list[float], rule: _AreaRule
) -> dict[int, list[_Area]]:
    """Draw the areas of every group of stops, one for each limit, rising."""
    found = {}
    farthest = prices.metres(limits[-1])
    for group, node_cost, own, _ in node_costs.search_from_stops(network, prices, stops, farthest):
        rows: list[_Area] = []
        before = shapely.Polygon()
        for limit in map(prices.metres, limits):
            begins = own.xy[prices.leg * own.offset <= limit]
            if not begins.size:
                rows += _empty_areas(1, "beyond_cutoff")
                continue
            pieces = pieces_within(network, prices, node_cost, own, limit)
            # The rule alone makes areas grow with the limit; this mends what rounding breaks.
            before = _polygons_only(shapely.union(_area_of_streets(network, pieces, begins, rule), before))
            metres = float((network.length[pieces.edge] * (pieces.end - pieces.start)).sum())
            rows.append(_Area("ok", before.area, metres, before))
        found[group] = rows
    return found


def _area_of_streets(network: Network, pieces: Pieces, begins: Floats, rule: _AreaRule) -> Any:
    """Draw the area of the streets reached: see :func:`isochrones`."""
    lines = lines_of(network, pieces.edge, pieces.start, pieces.end)
    streets, places = _merged_lines(lines), shapely.points(begins)
    wide = _widened(np.concatenate([streets, places]), rule.width)
    others = _unreached_streets(network, pieces, wide, rule)
    neck = shapely.buffer(streets, NECK, cap_style="flat")
    area = shapely.union_all(
        [shapely.difference(wide, _ground_nearer_to_others(lines, begins, others, wide, rule.width)), *neck]
    )
    parts = shapely.get_parts(_polygons_only(area))
    touched = np.unique(shapely.STRtree(parts).query(np.concatenate([streets, places]), predicate="intersects")[1])
    return _without_small_holes(parts[touched], others, rule.gap)


def _merged_lines(lines: Any) -> Any:
    """Join pieces that follow each other."""
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))


def _widened(shapes: Any, width: float) -> Any:
    """Widen shapes one by one and join them, which is many times faster than to widen all of them at once."""
    return shapely.union_all(shapely.buffer(shapes, width, quad_segs=8))


def _unreached_streets(network: Network, pieces: Pieces, wide: Any, rule: _AreaRule) -> Any:
    """Return the streets in and around an area that are not among the pieces: each edge's stretches in between.

    Remnants that hang together over less than ``REMNANT`` metres are left out.
    """
    box = shapely.box(*(np.asarray(shapely.bounds(wide)) + 2 * rule.width * np.array([-1, -1, 1, 1])))
    around = network._tree.query(box)  # noqa: SLF001
    zero = np.zeros(around.size)
    edge = np.concatenate([around, pieces.edge, around])
    start = np.concatenate([zero, pieces.start, zero + 1])
    end = np.concatenate([zero, pieces.end, zero + 1])
    order = np.lexsort((end, start, edge))
    edge, start, end = edge[order], start[order], end[order]
    between = (edge[1:] == edge[:-1]) & (start[1:] - end[:-1] > HAIR)
    lines = lines_of(network, edge[1:][between], end[:-1][between], start[1:][between])
    lines = lines[shapely.length(lines) > 0]
    if not lines.size:
        return lines
    corners, node = np.unique(shapely.get_coordinates(lines).round(3), axis=0, return_inverse=True)
    first, second = node.reshape(-1, 2).T
    joined = coo_array((np.ones(first.size), (first, second)), shape=(len(corners), len(corners)))
    part = connected_components(joined, directed=False)[1][first]
    return lines[np.bincount(part, weights=shapely.length(lines))[part] >= REMNANT]


def _ground_nearer_to_others(lines: Any, begins: Floats, others: Any, wide: Any, width: float) -> Any:
    """Return the ground within ``width`` of other streets that is nearer to them than to any street reached.

    Points strewn along both share the ground out between them (a Voronoi diagram). Only streets matter of which the
    other kind lies within twice the width.
    """
    shapely.prepare(wide)
    others = others[shapely.dwithin(others, wide, width)]
    if not others.size:
        return shapely.Polygon()
    close = shapely.multilinestrings(others)
    shapely.prepare(close)
    ours = np.concatenate([begins, _points_along(lines[shapely.dwithin(lines, close, 2 * width)])])
    west, south, east, north = shapely.bounds(wide)
    away = 10 * width  # four points far off, because points in one row divide nothing
    corners = [(west - away, south), (east, south - away), (east + away, north), (west, north + away)]
    ours = np.concatenate([ours, corners])
    points = np.concatenate([ours, _points_along(others)])
    once = np.sort(np.unique(points.round(3), axis=0, return_index=True)[1])  # of equal points ours come first
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points[once])))
    point, cell = shapely.STRtree(cells).query(shapely.points(points[once]), predicate="intersects")
    theirs = shapely.union_all(cells[cell[once[point] >= len(ours)]])
    return shapely.intersection(theirs, _widened(_merged_lines(others), width))


def _points_along(lines: Any) -> Floats:
    """Strew points evenly along straight lines, and one near each end."""
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    count = np.ceil(length / SPACING).astype(np.int64)
    line = np.repeat(np.arange(count.size), count)
    share = (np.arange(line.size) - np.repeat(np.cumsum(count) - count, count) + 0.5) / count[line]
    near = np.minimum(NEAR, length / 4) / length
    line = np.concatenate([line, np.arange(count.size), np.arange(count.size)])
    share = np.concatenate([share, near, 1 - near])[:, None]
    strewn: Floats = ends[line, 0] * (1 - share) + ends[line, 1] * share
    return strewn


def _without_small_holes(parts: Any, others: Any, gap: float) -> Any:
    """Close the holes that are small enough and hold no other street."""
    tree = shapely.STRtree(others)
    closed = []
    for part in parts:
        holes = np.asarray(shapely.polygons(shapely.get_rings(part)[1:]), dtype=object)
        stay = np.asarray(shapely.area(holes) > gap)
        stay[tree.query(holes, predicate="intersects")[0]] = True
        closed.append(shapely.Polygon(part.exterior, [hole.exterior for hole in holes[stay]]))
    return shapely.union_all(closed)


def _polygons_only(shape: Any) -> Any:
    """Drop points and lines, which is what remains where two areas touch."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_dimensions(parts) == 2]
    return parts[0] if parts.size == 1 else shapely.multipolygons(parts)


def _empty_areas(count: int, status: str) -> list[_Area]:
    return [_Area(status, 0.0, 0.0, shapely.Polygon())] * count


def _areas_as_frame(network: Network, rows: list[_Area], cutoffs: list[float]) -> gpd.GeoDataFrame:
    columns: dict[str, Any] = {"cutoff": np.asarray(cutoffs, dtype=float)}
    for name in ("status", "area", "metres"):
        columns[name] = [getattr(row, name) for row in rows]
    return gpd.GeoDataFrame(columns, geometry=[row.shape for row in rows], crs=network.crs)


def _attrs_of_areas(measure: str, unit: Unit, limits: list[float], rule: _AreaRule) -> dict[str, Any]:
    return {"measure": measure, "unit": unit, "direction": "none", "cutoffs": limits, **rule._asdict()}


def _checked_cutoffs(cutoff: float | Iterable[float]) -> list[float]:
    """Return the cutoffs, rising, each once."""
    given = [cutoff] if np.isscalar(cutoff) else list(cutoff)  # type: ignore[arg-type]
    if not given:
        raise InputError("cutoff", "there is none", "Give one or several numbers.")
    return sorted({checked_number(each, "cutoff") for each in given})  # type: ignore[arg-type]


def _area_rule(width: float, gap: float) -> _AreaRule:
    return _AreaRule(checked_number(width, "width", positive=True), checked_number(gap, "gap"))
