"""What people call the parts of a place: neighbourhoods, villages and streets of an OpenStreetMap file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import shapely
from osmium.osm import AREA, NODE, WAY

from spatialjustice._core.findings import add_findings
from spatialjustice._core.frames import metric_crs
from spatialjustice._core.provenance import add_sources
from spatialjustice.sources.osm._ways import area_of
from spatialjustice.sources.osm.extract import open_osm, reading_osm

if TYPE_CHECKING:
    from pathlib import Path

PARTS = ("neighbourhood", "quarter", "suburb", "borough", "hamlet", "village", "town")
"""Kinds of places that a part of a city or its surroundings is called by, the smaller first."""
PART_LEVEL = 9
"""From this level of administration on, an area is a part of a municipality."""
LOWEST_LEVEL = 12
MAIN = frozenset({"trunk", "primary", "secondary", "tertiary"})
"""Streets that people know beyond the houses along them."""
NO_STREET = frozenset(
    {"bus_stop", "platform", "proposed", "construction", "raceway", "corridor", "elevator", "rest_area"}
)
COLUMNS = ("kind", "name", "name_en", "name_fa")


def ground_names(path: str | Path, *, within: gpd.GeoDataFrame, buffer: float = 0.0) -> gpd.GeoDataFrame:
    """Read the names of neighbourhoods, villages and streets of a place.

    Parameters
    ----------
    path
        A file ending in .osm.pbf, .osm, .osm.gz or .osm.bz2.
    within
        The place; what lies in its bounding box is read.
    buffer
        Metres by which the box is widened.

    Returns
    -------
    GeoDataFrame
        ``kind`` (neighbourhood, quarter, suburb, borough, hamlet, village, town or part, as points or areas;
        main_street and street as lines), ``name`` as written there, ``name_en``, ``name_fa`` and ``geometry`` in
        EPSG:4326, in the order of the file.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    """
    osm = open_osm(path, "names")
    factory = osmium.geom.WKBFactory()
    rows: list[tuple[Any, ...]] = []
    shapes: list[Any] = []
    with reading_osm(osm.path, "names"):
        processor = osm.shapes().with_areas(osmium.filter.KeyFilter("place", "boundary"))
        processor = processor.with_filter(osmium.filter.KeyFilter("place", "boundary", "highway"))
        processor = processor.with_filter(osmium.filter.EntityFilter(NODE | WAY | AREA))
        item: Any
        for item in processor:
            tags = item.tags
            name = tags.get("name")
            kind = _kind(item, tags) if name else None
            if kind is None:
                continue
            try:
                if item.is_node():
                    shape = factory.create_point(item)
                else:
                    is_area = item.type_str() == "a"
                    shape = factory.create_multipolygon(item) if is_area else factory.create_linestring(item)
            except (RuntimeError, osmium.InvalidLocationError):
                # Cut by the edge of the extract.
                continue
            rows.append((kind, name, tags.get("name:en"), tags.get("name:fa")))
            shapes.append(shape)
    geometry = shapely.from_wkb(np.array(shapes, dtype=object))
    found = gpd.GeoDataFrame(
        {column: [row[place] for row in rows] for place, column in enumerate(COLUMNS)},
        geometry=gpd.GeoSeries(geometry, crs=4326),
        crs=4326,
    )
    found = _around(found, within, buffer)
    add_sources(found, osm.record)
    return add_findings(found, *osm.findings)


def _around(found: gpd.GeoDataFrame, within: gpd.GeoDataFrame, buffer: float) -> gpd.GeoDataFrame:
    """Keep what meets the box of the place, widened."""
    area = area_of(within, buffer)
    assert area is not None  # noqa: S101 - there is a place
    box = gpd.GeoSeries([shapely.segmentize(shapely.box(*area.shape.bounds), 1000.0)], crs=metric_crs(within))
    box = box.to_crs(4326)
    met = shapely.intersects(np.asarray(found.geometry.array), shapely.box(*box.total_bounds))
    return found[met].reset_index(drop=True)


def _kind(item: Any, tags: Any) -> str | None:
    """Return what an object gives its name to; None for what no part of a city is called by."""
    way = not item.is_node() and item.type_str() == "w"
    if way:
        street = tags.get("highway")
        if street is None or street in NO_STREET or tags.get("area") == "yes":
            return None
        return "main_street" if street in MAIN else "street"
    if tags.get("place") in PARTS:
        return str(tags["place"])
    if item.is_node() or tags.get("boundary") not in {"administrative", "place"}:
        return None
    level = tags.get("admin_level", "")
    return "part" if level.isdecimal() and PART_LEVEL <= int(level) <= LOWEST_LEVEL else None
