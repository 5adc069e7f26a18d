"""The background of a map, drawn from the same OpenStreetMap file as the analysis: no tile server is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

from spatialjustice._core.findings import add_findings
from spatialjustice._core.frames import metric_crs
from spatialjustice._core.provenance import add_sources
from spatialjustice.sources.osm._ways import area_of
from spatialjustice.sources.osm.extract import OsmFile, open_osm, reading_osm

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# What is drawn, by the value of a tag; areas first, so that lines lie on top of them.
AREAS = {
    "water": {"natural": {"water", "bay"}, "waterway": {"riverbank", "dock"}, "landuse": {"reservoir", "basin"}},
    "green": {
        "leisure": {"park", "garden", "golf_course", "nature_reserve", "pitch", "common"},
        "landuse": {
            "forest",
            "grass",
            "meadow",
            "cemetery",
            "recreation_ground",
            "village_green",
            "orchard",
            "vineyard",
        },
        "natural": {"wood", "scrub", "grassland", "heath"},
    },
    "beach": {"natural": {"beach", "sand"}},
}
LINES = {
    "waterway": {"waterway": {"river", "canal", "stream"}},
    "rail": {"railway": {"rail", "light_rail", "tram"}},
    "minor": {"highway": {"residential", "unclassified", "living_street", "pedestrian"}},
    "middle": {"highway": {"secondary", "tertiary", "secondary_link", "tertiary_link"}},
    "major": {"highway": {"motorway", "trunk", "primary", "motorway_link", "trunk_link", "primary_link"}},
}
PLACES = frozenset({"city", "town", "borough", "suburb", "village", "quarter", "neighbourhood"})
"""Kinds of places whose names are written on the ground."""
ORDER = ("sea", "guessed_coast", "green", "beach", "water", "waterway", "rail", "minor", "middle", "major")
NAMES = ("name", "name_en", "name_fa")
DETAIL = 4.0
"""Metres by which a drawn line may leave the mapped one."""
LONG_COAST = 2000.0
HEADING = 4000.0
"""A coast of at least two kilometres that the extract cuts is continued in the direction of its last four."""
SMALLEST = 400.0
"""Square metres below which an area cannot be seen on the map."""


def basemap(path: str | Path, *, within: gpd.GeoDataFrame, buffer: float = 0.0) -> gpd.GeoDataFrame:
    """Draw water, green, rails and streets of a place, simplified for the ground of a map.

    Parameters
    ----------
    path
        A file ending in .osm.pbf, .osm, .osm.gz or .osm.bz2.
    within
        The place; what lies in its bounding box is drawn.
    buffer
        Metres by which the box is widened.

    Returns
    -------
    GeoDataFrame
        ``kind`` (sea, green, beach, water, waterway, rail, minor, middle, major, in the order in which they are drawn;
        guessed_coast, where the sea must not end in a hard edge;
        then city, town, borough, suburb, village, quarter and neighbourhood, as points to be labelled), ``name``,
        ``name_en``, ``name_fa`` and ``geometry`` in EPSG:4326. Not for measuring: lines are simplified by 4 m, and a
        coast that the extract cuts is continued straight on.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    """
    osm = open_osm(path, "base map")
    crs = metric_crs(within)
    area = area_of(within, buffer)
    assert area is not None  # noqa: S101 - there is a place
    frame = _frame(area.shape, osm, crs)
    rows, coast = _areas_and_lines(osm)
    found = gpd.GeoDataFrame(
        {key: [row[key] for row in rows] for key in ("kind", *NAMES)},
        geometry=gpd.GeoSeries([row["shape"] for row in rows], crs=4326),
        crs=4326,
    ).to_crs(crs)
    shapes = shapely.clip_by_rect(np.asarray(found.geometry.array), *frame.bounds)
    kept = ~shapely.is_empty(shapes)
    flat = found["kind"].isin(list(AREAS)).to_numpy()
    kept &= ~flat | (shapely.area(shapes) >= SMALLEST)
    found = found.set_geometry(gpd.GeoSeries(shapely.simplify(shapes, DETAIL), index=found.index, crs=crs))[kept]
    found = _with_sea(found, coast, frame, crs)
    found["rank"] = found["kind"].map({kind: rank for rank, kind in enumerate(ORDER)})
    found = found.sort_values("rank", kind="stable").drop(columns="rank").reset_index(drop=True)
    found = _in_few_pieces(found).to_crs(4326)
    add_sources(found, osm.record)
    return add_findings(found, *osm.findings)


def _frame(shape: Any, osm: OsmFile, crs: Any) -> Any:
    """Return the box to draw in: that of the place, but no wider than the file says it reaches."""
    frame = shapely.box(*shape.bounds)
    if osm.bounds is None:
        return frame
    data = gpd.GeoSeries([shapely.box(*osm.bounds)], crs=4326).to_crs(crs)
    both = shapely.intersection(frame, shapely.box(*data.total_bounds))
    return frame if both.is_empty else shapely.box(*both.bounds)


def _kind(tags: Any, table: dict[str, dict[str, set[str]]]) -> str | None:
    for kind, conditions in table.items():
        if any(tags.get(key) in values for key, values in conditions.items()):
            return kind
    return None


def _areas_and_lines(osm: OsmFile) -> tuple[list[dict[str, Any]], list[Any]]:
    """Read areas and lines to draw, and the coastlines."""
    factory = osmium.geom.WKBFactory()
    keys = sorted({"place"} | {key for table in (AREAS, LINES) for conditions in table.values() for key in conditions})
    rows: list[dict[str, Any]] = []
    coast: list[Any] = []
    with reading_osm(osm.path, "base map"):
        wanted = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.AREA
        processor = osm.shapes()
        processor = processor.with_areas(osmium.filter.KeyFilter(*keys)).with_filter(osmium.filter.KeyFilter(*keys))
        processor = processor.with_filter(osmium.filter.EntityFilter(wanted))
        item: Any
        for item in processor:
            if item.is_node():
                if item.tags.get("place") in PLACES and item.tags.get("name"):
                    point = shapely.Point(item.location.lon, item.location.lat)
                    rows.append({"kind": item.tags["place"], **_names_of(item.tags), "shape": point})
                continue
            is_area = item.type_str() == "a"
            coastline = not is_area and item.tags.get("natural") == "coastline"
            kind = None if item.tags.get("tunnel") == "yes" else _kind(item.tags, AREAS if is_area else LINES)
            if kind is None and not coastline:
                continue
            try:
                wkb = factory.create_multipolygon(item) if is_area else factory.create_linestring(item)
            except (RuntimeError, osmium.InvalidLocationError):
                # Cut by the edge of the extract: the ground of a map may miss it.
                continue
            shape = shapely.from_wkb(wkb)
            if coastline:
                coast.append(shape)
            if kind is not None:
                rows.append({"kind": kind, **_names_of(item.tags), "shape": shape})
    return rows, coast


def _names_of(tags: Any) -> dict[str, str | None]:
    return {"name": tags.get("name"), "name_en": tags.get("name:en"), "name_fa": tags.get("name:fa")}


def _with_sea(found: gpd.GeoDataFrame, coast: list[Any], frame: Any, crs: Any) -> gpd.GeoDataFrame:
    """Add the sea: OpenStreetMap draws coastlines with the land on their left and the water on their right."""
    if not coast:
        return found
    whole = shapely.line_merge(shapely.union_all(np.asarray(gpd.GeoSeries(coast, crs=4326).to_crs(crs).array)))
    continued = [_continued(line, frame) for line in shapely.get_parts(whole)]
    lines = [shapely.intersection(line, frame) for line, _ in continued]
    guessed = [shapely.intersection(added, frame) for _, several in continued for added in several]
    lines = [line for line in lines if not line.is_empty]
    if not lines:
        return found
    faces = shapely.get_parts(shapely.polygonize([shapely.node(shapely.union_all([*lines, frame.boundary]))]))
    parts = shapely.get_parts(np.array(lines, dtype=object))
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
    right, left = (_points_beside(parts, side) for side in (-1.0, 1.0))
    tree = shapely.STRtree(faces)

    def hits(points: NDArray[np.object_]) -> NDArray[np.int64]:
        return np.bincount(tree.query(points, predicate="within")[1], minlength=len(faces))

    wet, dry = hits(right), hits(left)
    if (wet + dry == 0).all():
        return found
    seas = [face for face, sea in zip(faces, wet > dry, strict=True) if sea]
    sea = gpd.GeoDataFrame(
        {"kind": "sea", **dict.fromkeys(NAMES)},
        index=range(len(seas)),
        geometry=gpd.GeoSeries([shapely.simplify(face, DETAIL) for face in seas], crs=crs),
        crs=crs,
    )
    added = gpd.GeoDataFrame(
        {"kind": "guessed_coast", **dict.fromkeys(NAMES)},
        index=range(len(guessed)),
        geometry=gpd.GeoSeries(guessed, crs=crs),
        crs=crs,
    )
    return gpd.GeoDataFrame(pd.concat([sea, added, found]), crs=crs)


def _continued(line: Any, frame: Any) -> tuple[Any, list[Any]]:
    """Continue a coast that ends inside the frame, cut by the edge of the extract, straight on to the frame's edge.

    Returns
    -------
    tuple
        The whole line, and what was added to it: nobody knows how the coast runs there.
    """
    if line.is_closed or line.length < LONG_COAST:
        return line, []
    added = []
    xy = shapely.get_coordinates(line)
    reach = float(np.hypot(*(np.array(frame.bounds[2:]) - frame.bounds[:2])))
    for end, back in ((0, min(HEADING, line.length)), (-1, max(line.length - HEADING, 0.0))):
        tip = xy[end]
        if not frame.contains(shapely.Point(tip)):
            continue
        course = tip - shapely.get_coordinates(line.interpolate(back))[0]
        beyond = tip + course / max(float(np.hypot(*course)), 1e-9) * reach
        added.append(shapely.LineString([tip, beyond]))
        xy = np.vstack([beyond, xy]) if end == 0 else np.vstack([xy, beyond])
    return shapely.LineString(xy), added


def _points_beside(lines: NDArray[np.object_], side: float) -> NDArray[np.object_]:
    """Return points half a metre beside the middle of each segment: +1 on its left, -1 on its right."""
    found = []
    for line in lines:
        xy = shapely.get_coordinates(line)
        step = np.diff(xy, axis=0)
        length = np.hypot(step[:, 0], step[:, 1])
        middle, step, length = (xy[:-1] + xy[1:])[length > 0] / 2, step[length > 0], length[length > 0, None]
        found.append(middle + side * 0.5 * np.column_stack([-step[:, 1], step[:, 0]]) / length)
    return np.asarray(shapely.points(np.concatenate(found)), dtype=object) if found else np.empty(0, dtype=object)


def _in_few_pieces(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join unnamed pieces of one kind, in their order, so that the page draws few shapes."""
    lines = found["kind"].isin([*LINES, "guessed_coast"])
    rows = []
    for kind in ORDER:
        chosen = found[found["kind"] == kind]
        if chosen.empty:
            continue
        if not lines[chosen.index].any():
            rows.append(chosen)
            continue
        merged = shapely.line_merge(shapely.union_all(np.asarray(chosen.geometry.array)))
        pieces = shapely.get_parts(merged)
        pieces = pieces[shapely.get_dimensions(pieces) == 1]
        rows.append(
            gpd.GeoDataFrame(
                {"kind": kind, **dict.fromkeys(NAMES)},
                index=range(len(pieces)),
                geometry=gpd.GeoSeries(shapely.simplify(pieces, DETAIL), crs=found.crs),
                crs=found.crs,
            )
        )
    named = found[found["kind"].isin(PLACES)]
    if not named.empty:
        rows.append(named)
    if not rows:
        return found
    return gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=found.crs)
