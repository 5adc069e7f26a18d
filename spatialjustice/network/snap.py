"""Snapping: points joined to the nearest street edge within a limit, with a record of how far each one was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError, WrongPlaceError, a_kind
from spatialjustice._core.findings import Finding, first_ids
from spatialjustice._core.frames import metric_crs, require_crs, require_geometry, require_ids, require_overlap
from spatialjustice._core.ground.inside import points_inside
from spatialjustice._core.machine.recalled import Recalled, content_of
from spatialjustice._core.machine.threads import spans
from spatialjustice.network import search
from spatialjustice.network.arrays import rounded_to_grid, rounded_to_millimetres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from spatialjustice.network.arrays import Searched, StreetArrays
    from spatialjustice.network.search.edge_tree import Snapped
    from spatialjustice.network.search.shortest_paths import PointsOnChains

ENTRANCE_SPACING = 20.0
"""Metres between the points at which a line, or an area that is open along its outline, can be entered."""

ON_IT = 0.01
"""Metres within which a point is on a street, or two points are one."""

ANOTHER_PLACE = 100_000.0
"""Metres: points that all lie farther than this from every street belong to another place."""

STATUS = ["ok", "off_network", "outside_data"]
"""What is said of points on the network, of others, and of those that lie outside what the data cover."""

REGION = 10_000.0
"""Metres around the network in which a layer with swapped axes is recognised."""

_points = Recalled(64_000_000)
"""The points of the layers that were asked for last: four million."""


class Places(NamedTuple):
    """The points of many places: ``place`` is each point's position on ``ids``, ascending."""

    ids: pd.Index[Any]
    place: NDArray[np.int32]
    xy: NDArray[np.float64]  # a row to a point

    @property
    def points(self) -> Any:
        """The points as shapes, which take ten times as much memory as their coordinates: made when asked for."""
        return shapely.points(self.xy)


def origins_of(network: StreetArrays, frame: gpd.GeoDataFrame | gpd.GeoSeries, name: str = "origins") -> Places:
    """Take one point of every row: the point itself, an area's centroid where it lies inside, else a point inside."""

    def find() -> tuple[NDArray[np.float64]]:
        shapes = _projected(network, frame, name)
        return (rounded_to_millimetres(shapely.get_coordinates(points_inside(shapes))),)

    _require_layer(frame, name)
    (xy,) = _points.answer(content_of("origins", *_ground_of(network, frame)), find)
    return Places(frame.index, np.arange(len(frame), dtype=np.int32), xy)


def destinations_of(
    network: StreetArrays, frame: gpd.GeoDataFrame | gpd.GeoSeries, name: str = "destinations"
) -> Places:
    """Take all points at which every row can be entered.

    Its ``access`` points; without them areas are entered at the point they start from as origins, and lines at points
    along them.
    """
    _require_layer(frame, name)
    access = frame["access"] if isinstance(frame, gpd.GeoDataFrame) and "access" in frame.columns else None
    if isinstance(access, gpd.GeoSeries):
        access = access if access.crs is not None else access.set_crs(frame.crs)
        _require_layer(access, f"{name}, column access")
    else:
        access = None

    def find() -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        shapes = _projected(network, frame, name)
        dimensions = shapely.get_dimensions(shapes)
        lines, areas = dimensions == 1, dimensions > 1
        shapes[lines] = shapely.segmentize(shapes[lines], ENTRANCE_SPACING)
        shapes[areas] = points_inside(shapes[areas])
        if access is not None:
            known = np.asarray(access.notna() & ~access.is_empty)
            shapes[known] = _projected(network, access[known], f"{name}, column access")
        coordinates, place = shapely.get_coordinates(shapes, return_index=True)
        rows = np.unique(np.column_stack([place, rounded_to_millimetres(coordinates)]), axis=0)
        return rows[:, 0].astype(np.int32), np.ascontiguousarray(rows[:, 1:])

    entered = [] if access is None else _ground_of(network, access)
    place, xy = _points.answer(content_of("destinations", *_ground_of(network, frame), *entered), find)
    return Places(frame.index, place, xy)


def outline_access(areas: gpd.GeoDataFrame, *, spacing: float = ENTRANCE_SPACING) -> gpd.GeoDataFrame:
    """Let areas be entered anywhere along their outline, as open parks are, rather than at one point inside.

    Parameters
    ----------
    areas
        Polygons in any CRS.
    spacing
        Metres between two points of the outline, at most.

    Returns
    -------
    GeoDataFrame
        The same with a geometry column ``access``, which :meth:`Network.travel_costs` reads: the cheapest point counts.

    Raises
    ------
    InputError
        When the layer has no CRS, its ids repeat, a shape is empty, or the spacing is not above 0.

    Examples
    --------
    >>> park = gpd.GeoDataFrame(geometry=[shapely.box(500_000, 0, 500_040, 40)], index=["park"], crs=32635)
    >>> len(outline_access(park)["access"].loc["park"].geoms)
    8
    """
    if not spacing > 0 or not np.isfinite(spacing):
        raise InputError("spacing", f"it is {spacing}", "Give metres, above 0.")
    require_crs(areas, "areas")
    require_ids(areas, "areas")
    require_geometry(areas, "areas")
    plane = areas.geometry.to_crs(metric_crs(areas))
    dense = shapely.segmentize(shapely.boundary(np.asarray(plane.array)), spacing)
    points = [shapely.multipoints(np.unique(shapely.get_coordinates(line), axis=0)) for line in dense]
    return areas.assign(access=gpd.GeoSeries(points, index=areas.index, crs=plane.crs).to_crs(areas.crs))


def snap(network: StreetArrays, places: Places, *, limit: float) -> Snapped:
    """Find the nearest edge of every point that can be joined from beside; of equally near ones the first."""
    if not limit >= 0:
        raise InputError("snap limit", f"it is {limit}", "Give metres, 0 or more.")

    def find() -> Snapped:
        # Nobody joins a motorway or a tunnel from beside it, but who is on it is on it.
        found = search.joining.nearest_edges(network._tree, np.asarray(network.apart), places.xy, on_it=ON_IT)  # noqa: SLF001
        off = ~(found.offset <= limit) | (found.edge < 0)
        found.edge[off] = -1
        for values in (found.fraction, found.x, found.y):
            values[off] = np.nan
        return found

    question = content_of("snapped", float(limit), places.xy)
    return search.edge_tree.Snapped(*network._joined.answer(question, find))  # noqa: SLF001


def same_ground_numbers(*layers: Places) -> list[NDArray[np.int32]]:
    """Give every point a number, the same to all of one place on the ground, to a centimetre, whatever their layer."""
    together = np.concatenate([places.xy for places in layers])
    together /= ON_IT
    np.round(together, out=together)
    number = np.unique(together.view(np.complex128).ravel(), return_inverse=True)[1].astype(np.int32)
    return np.split(number, np.cumsum([len(places.xy) for places in layers])[:-1])


def are_one_place(starts: Places, ends: Places, first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell of which pairs (positions of places) the start is a point at which the end is entered."""
    here, there = same_ground_numbers(starts, ends)
    known = set(zip(ends.place.tolist(), there.tolist(), strict=True))
    pairs = zip(second.tolist(), here[first].tolist(), strict=True)
    return np.array([pair in known for pair in pairs], dtype=bool)


def snap_frame(network: StreetArrays, points: gpd.GeoDataFrame | gpd.GeoSeries, *, limit: float) -> pd.DataFrame:
    """Snap one point of every row and return the audit: see :meth:`Network.snap`."""
    places = origins_of(network, points, "points")
    snapped = snap(network, places, limit=limit)
    refuse_another_place(network, points, snapped, "points")
    return snap_audit(places, snapped, beyond_data(network, places))


def beyond_data(network: StreetArrays, places: Places) -> NDArray[np.bool_]:
    """Say of every point whether it lies outside what the data of the streets cover; of none where that is unknown."""
    if network.area is None:
        return np.zeros(len(places.xy), dtype=bool)

    def find() -> tuple[NDArray[np.bool_]]:
        shapely.prepare(network.area)
        return (~np.asarray(shapely.covers(network.area, places.points), dtype=bool),)

    (beyond,) = network._joined.answer(content_of("beyond", places.xy), find)  # noqa: SLF001
    return beyond


def counted(audit: pd.DataFrame) -> str:
    """Tell how many places an audit is of, and how many of them lie elsewhere than on a street."""
    apart = audit.loc[audit["status"] != "ok", "status"].value_counts()
    told = [f"{number:,} {str(status).replace('_', ' ')}" for status, number in apart.items()]
    return f"{len(audit):,}" + (f" ({', '.join(told)})" if told else "")


def off_streets(name: str, audit: pd.DataFrame, limit: float) -> Iterator[Finding]:
    """Tell how many places lie off the streets, and how many passed over one that is nearer."""
    if passed_over := int(audit["refused"].sum()):
        yield Finding(
            "joins_refused",
            "information",
            f"{passed_over:,} of {len(audit):,} {name} are nearest to a street that nobody joins from beside "
            "(a motorway or its ramp, a tunnel, a way over or under the ground) and go to the next one.",
            count=passed_over,
        )
    off = audit.loc[audit["status"] == "off_network", "offset"]
    if len(off):
        yield Finding(
            f"{name}_off_network",
            "warning",
            f"{len(off):,} of {len(audit):,} {name} lie more than {limit:,g} metres from every street that can "
            f"be used (the farthest {off.max():,.0f} metres) and are not moved to one.",
            count=len(off),
            rows=first_ids(off.index),
            advice="Look at them on the map: streets may be missing there, or the point may be wrong.",
        )


def outside_data(outside: NDArray[np.bool_], ids: pd.Index[Any]) -> list[Finding]:
    """Make the finding that counts origins outside what the data of the streets cover."""
    count = int(outside.sum())
    if not count:
        return []
    message = (
        f"{count:,} of {len(outside):,} origins lie outside what the data of the streets cover; what they reach is not "
        "known."
    )
    advice = "Take streets of a larger area."
    rows = first_ids(ids, outside)
    return [Finding("origins_outside_data", "warning", message, count=count, advice=advice, rows=rows)]


def taken_off_network(snapped: Snapped, points: NDArray[np.bool_]) -> Snapped:
    """Take points off the network: of what lies around them the data do not tell."""
    edge = np.where(points, np.int32(-1), snapped.edge).astype(np.int32)
    fraction, x, y = (np.where(points, np.nan, values) for values in (snapped.fraction, snapped.x, snapped.y))
    return search.edge_tree.Snapped(edge, fraction, snapped.offset, x, y, snapped.refused)


def snap_audit(places: Places, snapped: Snapped, beyond: NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """One row per place: how its nearest point on the network was found; ``beyond`` are points outside the data."""
    columns: dict[str, Any] = snapped._asdict()
    if len(places.ids) != places.place.size:
        rows = _nearest_rows(places, snapped)
        columns = {name: values[rows] for name, values in columns.items()}
        beyond = None if beyond is None else beyond[rows]
    status = np.where(columns["edge"] >= 0, 0, 1 if beyond is None else 1 + beyond).astype(np.int8)
    columns["status"] = pd.array(STATUS, dtype="str").take(status)
    return pd.DataFrame(columns, index=places.ids, copy=False)


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


def costs_to_junctions(
    searched: Searched, places: Places, snapped: Snapped, spot: NDArray[np.int32], *, leg: float, towards: bool
) -> PointsOnChains:
    """Turn snapped points into costs to the two junctions at the ends of their chains.

    ``spot`` is from :func:`same_ground_numbers`, ``leg`` is the cost of a metre off the network; ``towards`` is True
    for destinations (costs from the junctions to the point), False for origins (costs to the junctions). Points off the
    network are left out. A point exactly at a junction is that junction, whatever direction the streets may be used in.
    """
    on = np.flatnonzero(snapped.edge >= 0).astype(np.int32)
    pieces = np.bincount(searched.chains.edge_chain)
    columns: list[Any] = []
    for begin, end in list(spans(on.size, search.edge_tree.BLOCK)) or [(0, 0)]:
        rows = on[begin:end]
        along = _on_chains(searched, pieces, snapped.edge[rows], snapped.fraction[rows], towards=towards)
        legs = rounded_to_grid(snapped.offset[rows] * leg)
        values: list[Any] = [places.place[rows], *along, legs, spot[rows]]
        part = search.shortest_paths.PointsOnChains(*values)
        part = part._replace(cost_a=part.cost_a + legs, cost_b=part.cost_b + legs)
        columns = columns or [np.empty(on.size, column.dtype) for column in values]
        for column, some in zip(columns, part, strict=True):
            column[begin:end] = some
    found = search.shortest_paths.PointsOnChains(*columns)
    return found._replace(down=found.up) if np.array_equal(found.up, found.down, equal_nan=True) else found


def _on_chains(
    searched: Searched, pieces: NDArray[Any], edge: NDArray[np.int32], fraction: NDArray[np.float64], *, towards: bool
) -> tuple[NDArray[Any], ...]:
    """Return chains, their ends, the costs between these and points on edges, and those along the chains.

    ``pieces`` says of how many edges every chain is made.
    """
    chains = searched.chains
    chain, turned = chains.edge_chain[edge], chains.edge_turned[edge]
    with np.errstate(invalid="ignore"):  # an infinite cost times a fraction of zero, or less another
        ahead, back = searched.forward[edge], searched.backward[edge]
        part_ahead, part_back = rounded_to_grid(ahead * fraction), rounded_to_grid(back * fraction)
        up = chains.edge_forward[edge] + np.where(turned, back - part_back, part_ahead)
        down = chains.edge_backward[edge] + np.where(turned, ahead - part_ahead, part_back)
        cost_a, cost_b = (up, chains.backward[chain] - down) if towards else (down, chains.forward[chain] - up)
    cost_a, cost_b = np.where(np.isnan(cost_a), np.inf, cost_a), np.where(np.isnan(cost_b), np.inf, cost_b)
    a, b = chains.a[chain], chains.b[chain]
    at = np.where(turned, 1.0 - fraction, fraction)
    at_a = (chains.edge_rank[edge] == 0) & (at == 0)
    at_b = (chains.edge_rank[edge] == pieces[chain] - 1) & (at == 1)
    # The other end is found by the search itself, which does not come to dead ends.
    cost_a = np.where(at_a, 0.0, np.where(at_b & ~chains.dead[b], np.inf, cost_a))
    cost_b = np.where(at_b, 0.0, np.where(at_a & ~chains.dead[a], np.inf, cost_b))
    streets, turning = chains.streets if towards else chains.leaving, chains.turning
    for at_end, junction in ((at_b, b), (at_a, a)):
        if turning is None:
            break
        # Who is at a junction with forbidden turns came from nowhere, and may go anywhere.
        row = np.minimum(np.searchsorted(turning.junction, junction), turning.junction.size - 1)
        there = at_end & (turning.junction[row] == junction)
        chain = np.where(there, chains.forward.size + row, chain).astype(np.int32)
        up, down, cost_a = (np.where(there, 0.0, values) for values in (up, down, cost_a))
        cost_b = np.where(there, np.inf, cost_b)
    return chain, streets.a[chain], streets.b[chain], cost_a, cost_b, up, down


def points_of_places(points: PointsOnChains, chosen: NDArray[np.bool_]) -> PointsOnChains:
    """Keep the points of some places."""
    kept = chosen[points.place]
    columns: list[Any] = [values[kept] for values in points]
    return search.shortest_paths.PointsOnChains(*columns)


def _require_layer(frame: gpd.GeoDataFrame | gpd.GeoSeries, name: str) -> None:
    if not isinstance(frame, gpd.GeoDataFrame | gpd.GeoSeries):
        raise InputError(name, f"it is {a_kind(frame)} without shapes", "Give a GeoDataFrame or GeoSeries.")
    require_crs(frame, name)
    require_ids(frame, name)


def _ground_of(network: StreetArrays, frame: gpd.GeoDataFrame | gpd.GeoSeries) -> tuple[Any, ...]:
    """Return what the points of a layer follow from: its shapes, its reference system and that of the network."""
    assert frame.crs is not None  # noqa: S101 - it was required
    return network.crs.to_wkt(), frame.crs.to_wkt(), np.asarray(frame.geometry.array, dtype=object)


def _projected(network: StreetArrays, frame: gpd.GeoDataFrame | gpd.GeoSeries, name: str) -> NDArray[np.object_]:
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
