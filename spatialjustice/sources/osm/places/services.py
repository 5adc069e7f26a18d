"""Places that offer a service, from an OpenStreetMap file or a server."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from osmium.osm import mutable
from pyproj import Transformer

from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import metric_crs
from spatialjustice._core.provenance import add_sources
from spatialjustice.sources.osm._pieces import writing
from spatialjustice.sources.osm._ways import area_of
from spatialjustice.sources.osm.extract import OsmFile, objects, open_osm, reading_osm
from spatialjustice.sources.osm.overpass import LARGEST_AREA, Server, ask_overpass, quoted_word, require_mapped
from spatialjustice.sources.osm.places import life_cycle
from spatialjustice.sources.osm.places.classing import Reclassing, doubts_of_classes, reclassed, reclassing
from spatialjustice.sources.osm.places.services_catalogue import Service, read_catalogue
from spatialjustice.sources.places.vector import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

SPACING = 20.0
MOST_COVERED = 0.9
BESIDE = 50.0
"""Metres within which a point and an area of one service and one name are one place."""
COLUMNS = ["service", "name", "name_fa", "inside", "tags", "geometry", "access"]


@dataclass(slots=True)
class _MappedObject:
    """One mapped object that offers some services."""

    id: str
    tags: dict[str, str]
    shape: Any
    entrances: list[tuple[float, float]] = field(default_factory=list)


def services(
    path: str | Path,
    names: str | Sequence[str],
    *,
    within: gpd.GeoDataFrame | None = None,
    buffer: float = 0.0,
    catalogue: str | Path | None = None,
    reclass: str | Path | None = None,
) -> gpd.GeoDataFrame:
    """Find the places of an OpenStreetMap file that offer services.

    Parameters
    ----------
    path
        A file ending in .osm.pbf, .osm, .osm.gz or .osm.bz2.
    names
        One or more names of the catalogue (``sources/osm/places/services.yml``), for example ``"library"``.
    within
        The place; None takes the whole file.
    buffer
        Metres around the place from which places are taken, too; ``inside`` tells them apart.
    catalogue
        The user's own YAML file that adds to the catalogue.
    reclass
        The user's own table that sets classes right: a file with the columns ``id`` (as ``service_id`` below), ``from``
        and ``to``.

    Returns
    -------
    GeoDataFrame
        Index ``service_id`` (``library/n123``: service, then n, w or r and the OpenStreetMap id), ``service``,
        ``name``, ``name_fa``, ``inside``, ``tags`` (all of them, a dictionary, which :func:`open_supply`,
        :func:`capacity` and others read), ``geometry`` as mapped (EPSG:4326) and ``access``: the points where one can
        enter, which are the point itself; mapped entrances and gates; or else points along the outline at most 20 m
        apart.

    Raises
    ------
    InputError
        For a name that is not in the catalogue, with the nearest known one.
    MissingFileError, DamagedFileError
        When the file cannot be read.

    Notes
    -----
    A place mapped twice counts once: a point or an area inside an area of the same service, when the names do not
    differ; a point within 50 m of an area of the same service and the same name; a platform beside its stop. Places
    with ``access=private`` or ``no`` do not count, nor those that are gone, closed for good, planned or not open yet on
    the day of the data by their own tags (the finding ``places_not_serving`` names them). A service that nobody has
    mapped is a finding (``service_not_mapped``), not an error.
    """
    wanted = [names] if isinstance(names, str) else list(dict.fromkeys(names))
    known = read_catalogue(catalogue)
    sought = [known.service(name) for name in wanted]
    table = reclassing(reclass, known)
    found = _services_found(open_osm(path, "services"), sought, within, buffer, table)
    return add_findings(found, *doubts_of_classes(found, catalogue, table))


def services_from_overpass(
    place: gpd.GeoDataFrame,
    names: str | Sequence[str],
    *,
    buffer: float = 0.0,
    catalogue: str | Path | None = None,
    reclass: str | Path | None = None,
    server: str | None = None,
    deadline: float = 900,
    largest_area: float = LARGEST_AREA,
) -> gpd.GeoDataFrame:
    """Ask an Overpass server for the places of a place that offer services.

    An extract file (:func:`services`) is to be preferred: it gives the same answer every time and spares the public
    servers. An answer that was checked is kept in the cache, so that the same question is asked once.

    Parameters
    ----------
    place
        The place, polygons in any CRS.
    names, buffer, catalogue, reclass
        As for :func:`services`.
    server
        Address of the server up to ``/interpreter``; None takes ``SPATIALJUSTICE_OVERPASS`` from the environment,
        else the public one.
    deadline
        Seconds after which nothing more is tried.
    largest_area
        Square kilometres of the largest place that the server is asked for.

    Returns
    -------
    GeoDataFrame
        As from :func:`services`; the data date is the one the server states.

    Raises
    ------
    InputError
        When a name is unknown, or the server cannot be reached, refuses, or is busy until the deadline.
    DamagedFileError
        When an answer is cut off or only a part of what was asked for.
    EmptyNetworkError
        When the answer is empty and the server knows of no street in the place either.
    TooLargeError
        When the place is larger than ``largest_area``.
    """
    known = read_catalogue(catalogue)
    sought = [known.service(name) for name in ([names] if isinstance(names, str) else dict.fromkeys(names))]
    area = area_of(place, buffer, name="place")
    assert area is not None  # noqa: S101 - there is a place
    statements: dict[str, None] = {}
    for condition in (condition for service in sought for condition in service.conditions):
        key, allowed = next(iter(condition.items()))
        for value in allowed or ("",):
            statements[f"nwr[{quoted_word(key)}" + (f"={quoted_word(value)}]" if value else "]")] = None
    answer = ask_overpass(
        sorted(statements),
        area,
        name="services",
        server=Server(server, deadline=deadline, largest_area=largest_area),
        # The streets are counted, so that an empty answer tells whether the server knows the region at all.
        more='way["highway"]{place};out count;',
        check=require_mapped,
    )
    with tempfile.TemporaryDirectory(prefix="services-") as folder:
        # The answers become a file for a moment, so that files and servers are read by the same rules.
        path = Path(folder) / "answers.osm.pbf"
        _write_elements(list(answer.elements), path)
        osm = OsmFile(path, "pbf", answer.record)
        table = reclassing(reclass, known)
        found = _services_found(osm, sought, place, buffer, table)
    found.attrs["sources"] = []
    add_sources(found, answer.record, *([table.record] if table.record else []))
    return add_findings(found, *doubts_of_classes(found, catalogue, table))


def _write_elements(elements: list[dict[str, Any]], path: Path) -> None:
    """Write what Overpass answered in the order in which OSM files hold it: nodes, ways, relations, by id."""
    rank = {"node": 0, "way": 1, "relation": 2}
    once = {(rank[item["type"]], item["id"]): item for item in elements if item["type"] in rank}
    with writing(path, "pbf") as writer:
        for (kind, _), item in sorted(once.items(), key=lambda pair: pair[0]):
            common = {"id": item["id"], "tags": item.get("tags", {}), "version": 1}
            if kind == 0:
                writer.add_node(mutable.Node(location=(item["lon"], item["lat"]), **common))
            elif kind == 1:
                writer.add_way(mutable.Way(nodes=item.get("nodes", []), **common))
            else:
                members = [(part["type"][0], part["ref"], part.get("role", "")) for part in item.get("members", [])]
                writer.add_relation(mutable.Relation(members=members, **common))


def _services_found(
    osm: OsmFile, sought: list[Service], within: gpd.GeoDataFrame | None, buffer: float, table: Reclassing
) -> gpd.GeoDataFrame:
    """Find, cut to the place, count once, and describe."""
    area = area_of(within, buffer)
    read, broken = _objects(osm, sought, table)
    frame = _frame(read)
    day = life_cycle.day_of(osm.record.data_date)
    answers = [life_cycle.not_serving(tags, day) for tags in frame["tags"]]
    serving = np.array([answer is None for answer in answers], dtype=bool)
    closed = gpd.GeoSeries(frame.geometry[~serving], crs=4326)
    reasons = [answer for answer in answers if answer is not None]
    frame = frame[serving]
    crs = metric_crs(within) if within is not None else (metric_crs(frame) if len(frame) else "EPSG:4326")
    metres = frame.geometry.to_crs(crs)
    if area is not None:
        kept = np.asarray(metres.intersects(area.shape)) if len(frame) else np.zeros(0, dtype=bool)
        frame, metres = frame[kept], metres[kept]
        near = np.asarray(closed.to_crs(crs).intersects(area.shape)) if len(closed) else np.zeros(0, dtype=bool)
        reasons = [reason for reason, there in zip(reasons, near, strict=True) if there]
        closed = closed[near]
    merged = 0
    parts = []
    area_of_place, having = metres.area.to_numpy(), rows_by_key(frame["tags"])
    for service in sought:
        kept, offered = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
        # A pharmacy inside a hospital is a place of its own: a group counts each of its services by itself.
        for member in service.members or (service,):
            large = (area_of_place >= member.least) | (area_of_place == 0)
            rows = offering(frame, member, table, having)
            rows = rows[large[rows]]
            offered[rows] = True
            kept[rows[_counted_once(frame.iloc[rows], metres.iloc[rows], member)]] = True
        merged += int((offered & ~kept).sum())
        part = frame[kept].assign(service=service.name)
        part.index = pd.Index([f"{service.name}/{place}" for place in part.index], dtype=object)
        parts.append(part)
    found = pd.concat(parts) if parts else frame.assign(service="")
    found["access"] = gpd.GeoSeries(entrances_of(found, crs), index=found.index, crs=4326)
    found["inside"] = True
    if within is not None:
        found["inside"] = np.asarray(found.geometry.intersects(within.to_crs(4326).union_all()))
    found = gpd.GeoDataFrame(found[COLUMNS], crs=4326).rename_axis(index="service_id")
    found.attrs = {}
    add_sources(found, osm.record, *([table.record] if table.record else []))
    not_judged = life_cycle.undated_places(found["tags"], osm.path.name) if day is None else []
    moved = reclassed(table, {item.id: item.tags for item in read}, sought)
    shut = life_cycle.closed_places_finding(zip(closed.index, reasons, strict=True), osm.path.name)
    return add_findings(
        found, *osm.findings, *_findings_of_services(found, sought, merged, broken), *shut, *not_judged, *moved
    )


def rows_by_key(tags: Iterable[Mapping[str, str]]) -> dict[str, list[int]]:
    """Return the rows of the places that have a tag, by its key."""
    having: dict[str, list[int]] = {}
    for row, those in enumerate(tags):
        for key in those:
            having.setdefault(key, []).append(row)
    return having


def offering(
    frame: gpd.GeoDataFrame, service: Service, table: Reclassing, having: Mapping[str, Sequence[int]]
) -> NDArray[np.int64]:
    """Return the rows of the places that offer a service: of those with one of its keys, or named by the table."""
    asked = {row for key in service.keys for row in having.get(key, ())}
    if table.ids:
        asked |= set(np.flatnonzero(frame.index.isin(list(table.ids))).tolist())
    places, tags = frame.index.to_numpy(), frame["tags"].to_numpy()
    return np.array([row for row in sorted(asked) if table.fits(str(places[row]), tags[row], service)], dtype=np.int64)


def _objects(osm: OsmFile, sought: list[Service], table: Reclassing) -> tuple[list[_MappedObject], int]:
    """Read nodes, open lines and areas that offer a service, in one go."""
    members = [member for service in sought for member in service.members or (service,)]
    by_key: dict[str, list[Service]] = {}
    for member in members:
        for key in member.keys:
            by_key.setdefault(key, []).append(member)
    named = set(by_key)
    if table.ids:
        # Objects that the user's table names may have any tags.
        numbers = {int(place[1:]) for place in table.ids}
        named |= {tag.k for item in objects(osm, ids=numbers) for tag in item.tags}
    keys = sorted(named | {"entrance", "barrier"})
    factory = osmium.geom.WKBFactory()
    gates: dict[int, tuple[float, float]] = {}
    found: list[_MappedObject] = []
    broken = 0

    with reading_osm(osm.path, "services"):
        processor = osm.shapes()
        processor = processor.with_areas(osmium.filter.KeyFilter(*keys)).with_filter(osmium.filter.KeyFilter(*keys))
        item: Any
        for item in processor:
            if item.deleted:
                continue
            tags = dict(item.tags)
            kind = item.type_str()
            if kind == "n" and ("entrance" in tags or tags.get("barrier") in {"gate", "entrance"}):
                gates[item.id] = (item.lon, item.lat)
            if kind == "r" or (kind == "w" and item.is_closed()):
                continue
            place = _id(osm, kind, item)
            if place not in table.ids and not any(one.fits(tags) for key in tags for one in by_key.get(key, ())):
                continue
            try:
                if kind == "n":
                    found.append(_MappedObject(place, tags, shapely.Point(item.lon, item.lat)))
                elif kind == "w":
                    found.append(_MappedObject(place, tags, shapely.from_wkb(factory.create_linestring(item))))
                else:
                    shape = shapely.from_wkb(factory.create_multipolygon(item))
                    refs = [node.ref for ring in item.outer_rings() for node in ring]
                    entrances = list(dict.fromkeys(gates[ref] for ref in refs if ref in gates))
                    found.append(_MappedObject(place, tags, shape, entrances))
            except (RuntimeError, osmium.InvalidLocationError, shapely.GEOSException):
                broken += 1
    return found, broken


def _id(osm: OsmFile, kind: str, item: Any) -> str:
    """Return the id that a node, a way, or what an area was made of has in the file."""
    if kind == "a":
        return f"{'w' if item.from_way() else 'r'}{item.orig_id()}"
    return f"n{osm.point_id(item.id)}" if kind == "n" else f"{kind}{item.id}"


def _frame(read: Iterable[_MappedObject]) -> gpd.GeoDataFrame:
    rows = list(read)
    shapes = [
        row.shape.geoms[0] if row.shape.geom_type == "MultiPolygon" and len(row.shape.geoms) == 1 else row.shape
        for row in rows
    ]
    return gpd.GeoDataFrame(
        {
            "tags": pd.Series([row.tags for row in rows], dtype=object),
            "entrances": pd.Series([row.entrances for row in rows], dtype=object),
            "name": pd.Series([row.tags.get("name") for row in rows], dtype=object),
            "name_fa": pd.Series([row.tags.get("name:fa") for row in rows], dtype=object),
        },
        geometry=gpd.GeoSeries(shapes, crs=4326),
        crs=4326,
    ).set_axis([row.id for row in rows], axis=0)


def _compatible(one: Any, other: Any) -> bool:
    return not one or not other or folded(one).casefold() == folded(other).casefold()


def _counted_once(frame: gpd.GeoDataFrame, metres: gpd.GeoSeries, service: Service) -> NDArray[np.bool_]:
    """Decide which of several drawings of one place stands for it: the largest area, else the stop itself."""
    kept = np.ones(len(frame), dtype=bool)
    shapes = np.asarray(metres.array)
    names = frame["name"].to_numpy()
    size = shapely.area(shapes)
    areas = np.flatnonzero(size > 0)
    tree = shapely.STRtree(shapes)
    # The largest area first: it stands for all that lies inside it.
    for outer in areas[np.argsort(-size[areas], kind="stable")]:
        if not kept[outer]:
            continue
        for inner in np.sort(tree.query(shapes[outer], predicate="intersects")):
            if (
                inner == outer
                or not kept[inner]
                or size[inner] > size[outer]
                or not _compatible(names[outer], names[inner])
            ):
                continue
            part = shapely.intersection(shapes[outer], shapes[inner])
            covered = part.area / size[inner] if size[inner] else float(not part.is_empty)
            if covered >= MOST_COVERED and not (size[inner] == size[outer] and inner < outer):
                kept[inner] = False
    for point in np.flatnonzero(kept & (size == 0) & np.array([bool(name) for name in names], dtype=bool)):
        beside = tree.query(shapes[point], predicate="dwithin", distance=BESIDE)
        if any(
            kept[area] and size[area] > 0 and names[area] and _compatible(names[area], names[point]) for area in beside
        ):
            kept[point] = False
    if service.platforms_within:
        tags = frame["tags"].to_numpy()
        only = np.array([_is_platform_only(item) for item in tags], dtype=bool)
        for platform in np.flatnonzero(only & kept):
            near = tree.query(shapes[platform], predicate="dwithin", distance=service.platforms_within)
            if any(kept[stop] and not only[stop] and _compatible(names[stop], names[platform]) for stop in near):
                kept[platform] = False
    return kept


def _is_platform_only(tags: dict[str, str]) -> bool:
    """Whether a place is mapped as a platform alone, which may be part of a stop mapped beside it."""
    stop = tags.get("highway") == "bus_stop" or tags.get("railway") in {"tram_stop", "station", "halt"}
    return tags.get("public_transport") == "platform" and not stop and "amenity" not in tags


def entrances_of(frame: gpd.GeoDataFrame, crs: Any) -> list[Any]:
    """Return where each place is entered, as a MultiPoint in degrees."""
    if not len(frame):
        return []
    onward = Transformer.from_crs(4326, crs, always_xy=True)
    doors = []
    for shape, entrances in zip(frame.geometry, frame["entrances"], strict=True):
        if shape.geom_type == "Point":
            doors.append(shapely.MultiPoint([shape]))
        elif entrances:
            doors.append(shapely.MultiPoint(entrances))
        else:
            line = shape.boundary if shape.area else shape
            plane = shapely.transform(line, lambda xy: np.column_stack(onward.transform(xy[:, 0], xy[:, 1])))
            points = np.unique(shapely.get_coordinates(shapely.segmentize(plane, SPACING)), axis=0)
            doors.append(
                shapely.MultiPoint(np.column_stack(onward.transform(points[:, 0], points[:, 1], direction="INVERSE")))
            )
    return doors


def _findings_of_services(found: gpd.GeoDataFrame, sought: list[Service], merged: int, broken: int) -> list[Finding]:
    mapped = set(found["service"])
    remarks = [
        Finding(
            "service_not_mapped",
            "warning",
            f"Nobody has mapped a place of the service “{service.name.replace('_', ' ')}” in the place or around it; "
            "that does not mean that there is none.",
            advice="Give a list of your own, or map the missing places in OpenStreetMap.",
        )
        for service in sought
        if service.name not in mapped
    ]
    if merged:
        remarks.append(
            Finding(
                "same_place_mapped_twice",
                "information",
                f"{merged:,} places were drawn a second time, as a point or an area inside or beside another of the "
                "same service, and count once.",
                values={"count": merged},
                count=merged,
            )
        )
    if broken:
        remarks.append(
            Finding(
                "services_without_shape",
                "warning",
                f"{broken:,} places have no usable shape in the file and are left out.",
                values={"count": broken},
                count=broken,
                advice="They may be cut by the edge of the extract; take one that reaches further.",
            )
        )
    return remarks
