"""Points to streets: to the nearest edge, never farther than a limit, with an audit of every offset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError, WrongPlaceError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_crs, require_geometry, require_ids, require_overlap
from spatialjustice.network.arrays import to_grid
from spatialjustice.network.search import shortest_paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.arrays import Searched, StreetArrays

ENTRANCE_SPACING = 20.0
"""Metres between the points at which a line or an area without known entrances can be entered."""

ANOTHER_PLACE = 100_000.0
"""Metres: points that all lie farther than this from every street belong to another place."""

REGION = 10_000.0
"""Metres around the network in which a layer with swapped axes is recognised."""


class Places(NamedTuple):
    """The points of many places: ``place`` is each point's position on ``ids``, ascending."""

    ids: pd.Index[Any]
    place: NDArray[np.int32]
    points: Any


class Snapped(NamedTuple):
    """Every point's place on the network; ``edge`` is -1 off the network."""

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    offset: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def origins_of(network: StreetArrays, frame: gpd.GeoDataFrame | gpd.GeoSeries, name: str = "origins") -> Places:
    """Take one point of every row: the point itself, an area's centroid where it lies inside, else a point inside."""
    shapes = _projected(network, frame, name)
    centroids = shapely.centroid(shapes)
    inside = shapely.covers(shapes, centroids)
    points = np.where(inside, centroids, shapely.point_on_surface(shapes))
    return Places(frame.index, np.arange(len(frame), dtype=np.int32), points)


def destinations_of(
    network: StreetArrays, frame: gpd.GeoDataFrame | gpd.GeoSeries, name: str = "destinations"
) -> Places:
    """Take all points at which every row can be entered: its ``access`` points, or points along its outline."""
    shapes = _projected(network, frame, name)
    areas = shapely.get_dimensions(shapes) > 0
    shapes[areas] = shapely.segmentize(shapes[areas], ENTRANCE_SPACING)
    access = frame["access"] if isinstance(frame, gpd.GeoDataFrame) and "access" in frame.columns else None
    if isinstance(access, gpd.GeoSeries):
        access = access if access.crs is not None else access.set_crs(frame.crs)
        known = np.asarray(access.notna() & ~access.is_empty)
        shapes[known] = _projected(network, access[known], f"{name}, column access")
    coordinates, place = shapely.get_coordinates(shapes, return_index=True)
    rows = np.unique(np.column_stack([place, coordinates]), axis=0)
    return Places(frame.index, rows[:, 0].astype(np.int32), shapely.points(rows[:, 1:]))


def snap(network: StreetArrays, places: Places, *, limit: float) -> Snapped:
    """Find the nearest edge of every point; of equally near ones the first."""
    if not limit >= 0:
        raise InputError("snap limit", f"it is {limit}", "Give metres, 0 or more.")
    count = len(places.points)
    edge = np.full(count, -1, dtype=np.int32)
    point, segment = network._tree.query_nearest(places.points, all_matches=True)  # noqa: SLF001
    order = np.lexsort((segment, point))
    first = order[np.unique(point[order], return_index=True)[1]]
    edge[point[first]] = segment[first]
    u, v = network.edge_u[edge], network.edge_v[edge]
    px, py = shapely.get_x(places.points), shapely.get_y(places.points)
    dx, dy = network.x[v] - network.x[u], network.y[v] - network.y[u]
    squared = dx * dx + dy * dy
    fraction = np.zeros(count)
    np.divide((px - network.x[u]) * dx + (py - network.y[u]) * dy, squared, out=fraction, where=squared > 0)
    fraction = np.clip(fraction, 0.0, 1.0)
    x, y = network.x[u] + fraction * dx, network.y[u] + fraction * dy
    offset = np.hypot(px - x, py - y)
    off = ~(offset <= limit)
    edge[off] = -1
    for values in (fraction, x, y):
        values[off] = np.nan
    return Snapped(edge, fraction, offset, x, y)


def snap_frame(network: StreetArrays, points: gpd.GeoDataFrame | gpd.GeoSeries, *, limit: float) -> pd.DataFrame:
    """Snap one point of every row and return the audit: see :meth:`Network.snap`."""
    places = origins_of(network, points, "points")
    snapped = snap(network, places, limit=limit)
    refuse_another_place(network, points, snapped, "points")
    return audit(places, snapped, beyond_data(network, places))


def beyond_data(network: StreetArrays, places: Places) -> NDArray[np.bool_]:
    """Say of every point whether it lies outside what the data of the streets cover; of none where that is unknown."""
    if network.area is None:
        return np.zeros(len(places.points), dtype=bool)
    shapely.prepare(network.area)
    return ~np.asarray(shapely.covers(network.area, places.points), dtype=bool)


def outside_data(outside: NDArray[np.bool_]) -> list[Finding]:
    """Make the finding that counts origins outside what the data of the streets cover."""
    count = int(outside.sum())
    if not count:
        return []
    message = (
        f"{count:,} of {len(outside):,} origins lie outside what the data of the streets cover; what they reach is not "
        "known."
    )
    return [Finding("origins_outside_data", "warning", message, count=count, advice="Take streets of a larger area.")]


def not_from(snapped: Snapped, points: NDArray[np.bool_]) -> Snapped:
    """Take points off the network: of what lies around them the data do not tell."""
    edge = np.where(points, np.int32(-1), snapped.edge).astype(np.int32)
    fraction, x, y = (np.where(points, np.nan, values) for values in (snapped.fraction, snapped.x, snapped.y))
    return Snapped(edge, fraction, snapped.offset, x, y)


def audit(places: Places, snapped: Snapped, beyond: NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """One row per place: how its nearest point on the network was found; ``beyond`` are points outside the data."""
    rows = _nearest_rows(places, snapped)
    frame = pd.DataFrame({name: getattr(snapped, name)[rows] for name in Snapped._fields}, index=places.ids)
    off = np.where(False if beyond is None else beyond[rows], "outside_data", "off_network")
    return frame.assign(status=np.where(frame["edge"] < 0, off, "ok"))


def _nearest_rows(places: Places, snapped: Snapped) -> NDArray[np.int64]:
    """Return, for every place, the row of its point with the smallest offset."""
    order = np.lexsort((snapped.offset, places.place))
    rows: NDArray[np.int64] = order[np.unique(places.place[order], return_index=True)[1]]
    return rows


def refuse_another_place(
    network: StreetArrays, frame: gpd.GeoDataFrame | gpd.GeoSeries, snapped: Snapped, name: str
) -> None:
    """Refuse a layer of which every point lies more than 100 km off the network.

    Raises
    ------
    WrongPlaceError
        Saying so where swapped latitude and longitude explain it.
    """
    if not snapped.offset.size or snapped.offset.min() <= ANOTHER_PLACE:
        return
    region = shapely.box(network.x.min(), network.y.min(), network.x.max(), network.y.max()).buffer(REGION)
    require_overlap(frame, gpd.GeoSeries([region], crs=network.crs), name)
    raise WrongPlaceError(
        name,
        f"every point lies more than {snapped.offset.min() / 1000:,.0f} km from the nearest street",
        "Check that the layer is of this place and that its coordinate reference system is the right one.",
    )


def attach(
    searched: Searched, places: Places, snapped: Snapped, *, leg: float, towards: bool
) -> shortest_paths.Attached:
    """Turn snapped points into costs to the two junctions at the ends of their chains.

    ``leg`` is the cost of a metre off the network; ``towards`` is True for destinations (costs from the junctions to
    the point), False for origins (costs to the junctions). Points off the network are left out. A point exactly at a
    junction is that junction, whatever direction the streets may be used in.
    """
    on = snapped.edge >= 0
    edge, fraction, legs = snapped.edge[on], snapped.fraction[on], to_grid(snapped.offset[on] * leg)
    chains = searched.chains
    chain, turned = chains.edge_chain[edge], chains.edge_turned[edge]
    with np.errstate(invalid="ignore"):  # an infinite cost times a fraction of zero, or less another
        ahead, back = searched.forward[edge], searched.backward[edge]
        part_ahead, part_back = to_grid(ahead * fraction), to_grid(back * fraction)
        up = chains.edge_forward[edge] + np.where(turned, back - part_back, part_ahead)
        down = chains.edge_backward[edge] + np.where(turned, ahead - part_ahead, part_back)
        cost_a, cost_b = (up, chains.backward[chain] - down) if towards else (down, chains.forward[chain] - up)
    cost_a, cost_b = np.where(np.isnan(cost_a), np.inf, cost_a), np.where(np.isnan(cost_b), np.inf, cost_b)
    a, b = chains.streets.a[chain], chains.streets.b[chain]
    at = np.where(turned, 1.0 - fraction, fraction)
    at_a = (chains.edge_rank[edge] == 0) & (at == 0)
    at_b = (chains.edge_rank[edge] == np.bincount(chains.edge_chain)[chain] - 1) & (at == 1)
    # The other end is found by the search itself, which does not come to dead ends.
    cost_a = np.where(at_a, 0.0, np.where(at_b & ~chains.dead[b], np.inf, cost_a))
    cost_b = np.where(at_b, 0.0, np.where(at_a & ~chains.dead[a], np.inf, cost_b))
    return shortest_paths.Attached(
        place=places.place[on],
        chain=chain,
        node_a=a,
        node_b=b,
        cost_a=cost_a + legs,
        cost_b=cost_b + legs,
        up=up,
        down=down,
        leg=legs,
    )


def of_places(points: shortest_paths.Attached, chosen: NDArray[np.bool_]) -> shortest_paths.Attached:
    """Keep the points of some places."""
    kept = chosen[points.place]
    columns: list[Any] = [values[kept] for values in points]
    return shortest_paths.Attached(*columns)


def _projected(network: StreetArrays, frame: gpd.GeoDataFrame | gpd.GeoSeries, name: str) -> NDArray[np.object_]:
    if not isinstance(frame, gpd.GeoDataFrame | gpd.GeoSeries):
        raise InputError(name, f"it is a {type(frame).__name__} without shapes", "Give a GeoDataFrame or GeoSeries.")
    require_crs(frame, name)
    require_ids(frame, name)
    if not len(frame):
        return np.empty(0, dtype=object)
    require_geometry(frame, name)
    geometry = frame.geometry.to_crs(network.crs)
    shapes = np.array(geometry.array, dtype=object)
    lost = ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    if lost.any():
        raise WrongPlaceError(
            name,
            f"{int(lost.sum()):,} rows lie where the network's coordinates do not reach",
            "Often latitude and longitude are swapped: exchange the two columns.",
            rows=frame.index[lost],
        )
    return shapes
