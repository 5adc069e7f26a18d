"""Dividing a place into zones: hexagons, squares, or polygons that are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely
from tqdm.auto import tqdm

from spatialjustice._core.errors import ConservationError, InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_ids, require_overlap
from spatialjustice._core.ground.metres import Metres, areas_of, metres_of
from spatialjustice.sources.places.vector import POLYGONS, read_vector, require_one_side
from spatialjustice.sources.places.zone_checks import (
    SLIVER,
    TINY,
    cover,
    inside_only,
    outline_in_metres,
    overlapping,
    refuse_large_overlaps,
    shares_inside,
    slivers,
)
from spatialjustice.sources.tables.frames.rows import label_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from spatialjustice.sources.tables.frames.rows import Source

MOST_ZONES = 2_000_000
MOST_CANDIDATES = 10_000_000
MANY_ZONES = 100_000
FINEST = 15
GAP = 1.0  # m


def hexagons(place: gpd.GeoDataFrame, *, resolution: int, clip: bool = True) -> gpd.GeoDataFrame:
    """Divide a place into the cells of the H3 grid.

    Parameters
    ----------
    place
        Polygons in any CRS.
    resolution
        H3 resolution from 0 to 15; cells of resolution 9 have about 0.1 km², of 10 about 0.015 km².
    clip
        Whether to cut the cells at the edge of the place, so that the zones' areas sum to the place's; else every
        cell that overlaps the place is kept whole.

    Returns
    -------
    GeoDataFrame
        In the place's metric CRS; index ``zone_id`` the H3 ids, sorted. ``area`` is the zone's area in m²,
        ``share_inside`` the share of the whole cell that lies in the place, above 0 and at most 1.

    Raises
    ------
    InputError
        When the resolution is out of range, there would be more than two million cells, or the place crosses the
        180th meridian.
    ConservationError
        When the zones' area is not that of the place.

    References
    ----------
    Uber Technologies: H3, a hexagonal hierarchical geospatial indexing system. https://h3geo.org

    Examples
    --------
    >>> place = gpd.GeoDataFrame(geometry=[shapely.box(51.40, 35.70, 51.41, 35.71)], crs=4326)
    >>> cells = hexagons(place, resolution=9)
    >>> bool(abs(cells["area"].sum() / place.to_crs(cells.crs).area.sum() - 1) < 1e-9)
    True
    """
    if isinstance(resolution, bool) or not isinstance(resolution, int) or not 0 <= resolution <= FINEST:
        found = f"{resolution!r} is no resolution of the H3 grid"
        raise InputError("resolution", found, "Give a whole number from 0 to 15; 9 is usual for a city.")
    metres, shape = outline_in_metres(place)
    crs = metres.crs
    edge = float(h3.average_hexagon_edge_length(resolution, unit="m"))
    cell_area = float(h3.average_hexagon_area(resolution, unit="m^2"))
    advice = "Choose a lower resolution; each step down makes seven times fewer hexagons."
    _require_few(shape.area / cell_area + shape.length / edge, "resolution", f"resolution {resolution}", advice)
    # Points along the edge find the cells that overlap the place without having their middle in it; between two such
    # points a corner of a neighbour may reach in, hence its neighbours too. Those that do not are cut away below.
    dense = gpd.GeoSeries([shapely.segmentize(shape, edge / 2)], crs=crs).to_crs(4326).iloc[0]
    # Those farther inside are sought by their middle. A coarser outline does, and is faster, as each middle is compared
    # with every corner of it; lines so short bend by a fiftieth of a hexagon's edge between metres and degrees.
    coarse = shapely.segmentize(shapely.simplify(shape, edge / 4), 1000 * np.sqrt(edge))
    coarse = gpd.GeoSeries([coarse], crs=crs).to_crs(4326).iloc[0]
    ids = set(h3.geo_to_cells(coarse, resolution))
    rim = {h3.latlng_to_cell(y, x, resolution) for x, y in shapely.get_coordinates(dense)}
    for cell in rim:
        ids.update(h3.grid_disk(cell, 1))
    middle = float(np.mean(dense.bounds[::2]))
    cells = sorted(ids)
    return _cut_at_outline(h3_shapes(cells, middle, crs), cells, shape, place, metres, clip=clip)


def h3_shapes(cells: Sequence[str], middle: float, crs: CRS) -> np.ndarray[Any, Any]:
    """Return the shapes of H3 cells in a CRS, on the side of the 180th meridian where a longitude lies."""
    corners: list[tuple[float, float]] = []
    lengths: list[int] = []
    for cell in tqdm(cells, desc="hexagons", leave=False, disable=len(cells) < MANY_ZONES):
        ring = h3.cell_to_boundary(cell)
        corners += ring
        lengths.append(len(ring))
    points = np.array(corners)[:, ::-1]
    # Cells beyond the 180th meridian are drawn on the side of it that is asked for.
    points[:, 0] = (points[:, 0] - middle + 180) % 360 - 180 + middle
    drawn = gpd.GeoSeries(shapely.points(points), crs=4326).to_crs(crs)
    # Neighbours share corners that were computed twice: a thousandth of a millimetre makes them equal again.
    xy = np.round(shapely.get_coordinates(drawn.array), 6)
    rings = shapely.linearrings(xy, indices=np.repeat(np.arange(len(cells)), lengths))
    return np.asarray(shapely.polygons(rings))


def grid(place: gpd.GeoDataFrame, *, size: float, clip: bool = True) -> gpd.GeoDataFrame:
    """Divide a place into squares.

    Parameters
    ----------
    place
        Polygons in any CRS.
    size
        Side of a square in metres, at least 1. Corners lie on whole multiples of it in the place's metric CRS, so
        that the same squares come out for neighbouring places of the same CRS.
    clip
        Whether to cut the squares at the edge of the place; else every square that overlaps it is kept whole.

    Returns
    -------
    GeoDataFrame
        As :func:`hexagons`; the ids name the south-west corner in metres, for example ``e457000n3108500``; from
        south to north, and from west to east.

    Raises
    ------
    InputError
        When the size is below 1 m, there would be more than two million squares, or the place crosses the 180th
        meridian.

    Examples
    --------
    >>> place = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 300, 100)], crs=32639)
    >>> squares = grid(place, size=200)
    >>> squares["area"].round(3).to_dict(), squares["share_inside"].round(9).to_dict()
    ({'e0n0': 20000.0, 'e200n0': 10000.0}, {'e0n0': 0.5, 'e200n0': 0.25})
    """
    if isinstance(size, bool) or not isinstance(size, int | float) or not (np.isfinite(size) and size >= 1):
        raise InputError(
            "size", f"{size!r} is no side of a square", "Give metres, at least 1; 250 is usual for a city."
        )
    metres, shape = outline_in_metres(place)
    advice = "Choose larger squares; twice the side makes four times fewer."
    _require_few(shape.area / size**2 + shape.length / size, "size", f"squares of {size:g} m", advice)
    west, south, east, north = shape.bounds
    columns = np.arange(np.floor(west / size), np.ceil(east / size))
    rows = np.arange(np.floor(south / size), np.ceil(north / size))
    if len(columns) * len(rows) > MOST_CANDIDATES:
        found = f"the place is so scattered that {len(columns) * len(rows):,} squares lie between its sides"
        raise InputError("size", found, advice)
    x, y = (each.ravel() * size for each in np.meshgrid(columns, rows))
    squares = shapely.box(x, y, x + size, y + size)
    shapely.prepare(shape)
    touched = shapely.intersects(shape, squares)
    names = [f"e{_metres(e)}n{_metres(n)}" for e, n in zip(x[touched], y[touched], strict=True)]
    return _cut_at_outline(squares[touched], names, shape, place, metres, clip=clip)


def zones(  # noqa: PLR0913 (each parameter answers one question that a file or frame can leave open)
    source: Source,
    *,
    id: str | None = None,  # noqa: A002 (the word users know the column by)
    layer: str | None = None,
    within: gpd.GeoDataFrame | None = None,
    columns: Sequence[str] | None = None,
    repair: bool = False,
    geometry: str | None = None,
    crs: Any = None,
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    """Read zones, such as census tracts, and make sure that nobody can be counted twice in them.

    Parameters
    ----------
    source
        Polygons: a vector file, a table with a column of shapes, or a frame of GeoPandas, pandas, polars, pyarrow or
        DuckDB, as :func:`read_vector` takes them. Tables of cells without shapes: :func:`zones_from_table`.
    id
        Column with the ids; None keeps the index of a frame of pandas, and else numbers the zones from 1, in their
        order.
    layer
        The layer, where the file has several.
    within
        The place. Zones that have at least half of their area in it are kept, whole; the others are left out and
        counted in the finding ``zones_left_out``. None keeps all.
    columns
        Columns to keep; None keeps all.
    repair
        Whether to mend zones whose edges cross themselves (finding ``shapes_mended``) instead of refusing them.
    geometry, crs, encoding
        The column of shapes, the reference system and the letters, where the data do not say them: as in
        :func:`read_vector`.

    Returns
    -------
    GeoDataFrame
        In the place's metric CRS, index ``zone_id``, in the order of the data, with their columns, ``area``
        in m² and ``share_inside`` (1 where ``within`` is None). Where two zones overlap by at most a hundredth of the
        smaller one, the overlap stays with the first (``zone_overlaps_cut``). Findings also tell zones below 1 m²
        (``zone_slivers``), neighbours whose edges lie less than 1 m apart without meeting (``zone_edges_do_not_meet``)
        and a place that the zones do not fill (``zones_cover_part_of_place``).

    Raises
    ------
    GeometryError
        When a zone is missing, invalid, or no polygon; when two zones overlap by more than a hundredth of the smaller
        one; naming them.
    DuplicateIdError
        When an id is missing or occurs twice.
    WrongPlaceError
        When no zone lies in the place.
    InputError
        When a column is missing or would be overwritten, or no zone has half of its area in the place.

    Examples
    --------
    >>> tracts = gpd.GeoDataFrame({"code": ["A", "B"]}, geometry=[shapely.box(51, 35, 51.1, 35.1),
    ...                           shapely.box(51.1, 35, 51.2, 35.1)], crs=4326)
    >>> read = zones(tracts, id="code", columns=[])
    >>> read.index.tolist(), read.columns.tolist()
    (['A', 'B'], ['geometry', 'area', 'share_inside'])
    """
    frame = read_vector(
        source, name="zones", layer=layer, id=id, columns=columns, kinds=POLYGONS, repair=repair, geometry=geometry,
        crs=crs, encoding=encoding,
    )  # fmt: skip
    taken = [column for column in ("area", "share_inside") if column in frame.columns]
    if taken:
        advice = "These names are given to what is measured here: rename the columns, or leave them out."
        raise InputError("zones", f"{label_of(source)} has its own column {' and '.join(taken)}", advice)
    if within is not None:
        require_overlap(frame, within, "zones")
    require_one_side(frame, "zones")
    metres = metres_of(frame if within is None else within)
    frame = frame.to_crs(metres.crs)
    frame.index.name = "zone_id"
    findings: list[Finding] = []
    share = pd.Series(1.0, index=frame.index)
    if within is not None:
        _, shape = outline_in_metres(within)
        share = shares_inside(frame, shape)
        frame, left_out = inside_only(frame, share)
        findings += left_out
    frame, cut = _without_overlaps(frame)
    findings += [*cut, *metres.findings_about("The layer of zones")]
    frame["area"] = areas_of(frame, metres)
    frame["share_inside"] = share.reindex(frame.index)
    findings += _faults_of_edges(frame)
    if within is not None:
        findings += cover(float((frame.area * frame["share_inside"]).sum() / shape.area))
    return add_findings(frame, *findings)


def _require_few(expected: float, name: str, what: str, advice: str) -> None:
    if expected > MOST_ZONES:
        raise InputError(name, f"{what} would make about {expected:,.0f} zones; the limit is {MOST_ZONES:,}", advice)


def _metres(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _cut_at_outline(
    cells: np.ndarray[Any, Any], ids: list[str], shape: Any, place: gpd.GeoDataFrame, metres: Metres, *, clip: bool
) -> gpd.GeoDataFrame:
    """Cut cells that tile the plane at a place's outline, and check that its area is all there."""
    shapely.prepare(shape)
    inside = cells.copy()
    whole = shapely.contains_properly(shape, cells)
    inside[~whole] = shapely.Polygon()
    cut = ~whole
    cut[cut] = shapely.intersects(shape, cells[cut])
    inside[cut] = areas_only(shapely.intersection(cells[cut], shape))
    areas = shapely.area(inside)
    if abs(areas.sum() - shape.area) > 1e-6 * shape.area:
        raise ConservationError(
            "zones",
            f"the place has {shape.area:,.1f} m² and the zones made of it {areas.sum():,.1f} m²",
            "Report this place: its outline cannot be divided.",
        )
    kept = areas > TINY
    frame = gpd.GeoDataFrame(
        {"area": (areas if clip else shapely.area(cells))[kept], "share_inside": (areas / shapely.area(cells))[kept]},
        geometry=(inside if clip else cells)[kept],
        index=pd.Index(np.array(ids, dtype=object)[kept].astype(str), name="zone_id"),
        crs=metres.crs,
    )
    if metres.made:
        frame["area"] = areas_of(frame, metres)
    frame["share_inside"] = frame["share_inside"].clip(upper=1.0)
    frame.attrs = {key: list(place.attrs[key]) for key in ("sources", "findings") if key in place.attrs}
    require_ids(frame, "zones")
    return add_findings(frame, *metres.findings_about("The place"))


def areas_only(shapes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return what has area of shapes that cutting made: polygons, without the lines and points left beside them."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    done = shapes.copy()
    for position in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[position])
        done[position] = shapely.union_all([part for part in parts if part.geom_type in POLYGONS])
    flat = ~mixed & (shapely.get_dimensions(shapes) < 2)
    done[flat] = shapely.Polygon()
    return done


def _without_overlaps(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    shapes = np.asarray(frame.geometry.array)
    pairs, shared = overlapping(shapes)
    if not len(pairs):
        return frame, []
    refuse_large_overlaps(frame.geometry, pairs, shared)
    shapes = shapes.copy()
    for first, second in pairs:
        shapes[second] = areas_only(np.array([shapely.difference(shapes[second], shapes[first])]))[0]
    message = (
        f"{len(pairs):,} pairs of zones overlap a little, {shared.sum():,.0f} m² in all; each overlap was left to "
    )
    finding = Finding("zone_overlaps_cut", "information", message + "the first of the two.", count=len(pairs))
    cut = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    cut.attrs = dict(frame.attrs)
    return cut, [finding]


def _faults_of_edges(frame: gpd.GeoDataFrame) -> list[Finding]:
    """Tell slivers, and neighbours whose edges nearly meet."""
    findings = slivers(int((frame["area"] < SLIVER).sum()))
    edges = shapely.coverage_invalid_edges(np.asarray(frame.geometry.array), gap_width=GAP)
    apart = int((~shapely.is_empty(edges)).sum())
    if apart:
        message = f"The edges of {apart:,} zones lie within {GAP:g} m of a neighbour's without meeting it."
        advice = "Neighbours are then found within a tolerance; snapping the edges in a GIS is better."
        findings.append(Finding("zone_edges_do_not_meet", "information", message, count=apart, advice=advice))
    return findings
