"""Damaged inputs made by chance, and what every reader must make of them: a result or an error of ours.

A case is a kind of file and a number; the same two give the same bytes, so that a case found once can be had again.
``benchmarks/fuzz.py`` runs it for as long as one likes.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import geopandas as gpd
import h3
import numpy as np
import osmium
import pandas as pd
import pyarrow as pa
import pyarrow.ipc
import pyogrio
import rasterio
from osmium.osm.mutable import Node, Relation, Way
from rasterio.transform import from_origin
from shapely import Point, box

from spatialjustice._core.errors import SpatialJusticeError, SpatialJusticeWarning
from spatialjustice._core.screen.console import BROKEN, control_signs
from spatialjustice.environment import exposure_from_raster
from spatialjustice.report import read_proposals
from spatialjustice.sources import (
    elevation,
    fares,
    participatory_budget,
    points,
    population,
    read_catalogue,
    read_vector,
    reports,
    services,
    services_from_file,
    speed_tiles,
    streets,
    streets_from_overpass_json,
    table,
    tile_polygon,
    towers,
    zones_from_table,
)
from spatialjustice.sources.places.parts import shape_parts
from spatialjustice.sources.places.zones_in_parts import zones_in_parts
from spatialjustice.study import verify
from spatialjustice.study.settings import Study

DAY, NOON = (2024, 5, 1, 12, 0, 0), b"2024-05-01T12:00:00Z"
WEST, NORTH = 500_000.0, 5_541_200.0
CRS = 32632
SQUARES = gpd.GeoDataFrame(
    {"code": ["a", "b", "c", "d"], "people": [10, 20, 30, 40]},
    geometry=[box(WEST + 100 * n, NORTH - 100, WEST + 100 * (n + 1), NORTH) for n in range(4)],
    crs=CRS,
)


@dataclass(frozen=True)
class Kind:
    """A kind of input: how a good file of it is made, who reads it, and what a result must hold."""

    ending: str
    make: Callable[[Path], None]
    read: Callable[[Path], object]
    text: bool = False


# Good files, all synthetic. ----------------------------------------------------------------------------------------


def _study(path: Path) -> None:
    path.write_text(
        "title: {en: Synthetic, fa: ساختگی}\nplace: {bounds: [9.0, 50.0, 9.1, 50.1]}\nstreets: streets.osm.pbf\n"
        "zones: {kind: polygons, file: zones.gpkg}\npopulation: {raster: people.tif, nodata: -200}\n"
        "services: [pharmacy, {name: kiosk, file: kiosks.csv}]\nmodes: [walk, {name: bicycle, speed: 15}]\n"
        "cutoffs: [500 m, 15 min]\ngroups: {women: {title: Women}}\nseed: 7\n",
        encoding="utf-8",
    )


def _catalogue(path: Path) -> None:
    path.write_text(
        "kiosk:\n  en: Kiosk\n  fa: کیوسک\n  any: [{amenity: kiosk, wifi: ['yes', free]}, {shop: '*'}]\n"
        "  not: [{access: private}]\n  least: 20\nhelp:\n  all_of: [kiosk, library]\n",
        encoding="utf-8",
    )


def _fares(path: Path) -> None:
    path.write_text(
        "currency: BRL\nfares:\n  bus: {price: 4.80, modes: [bus]}\n  train: {price: 4.50, modes: [rail, 12],\n"
        "    free_changes: true}\nintegrated:\n  - {rides: [bus, bus], price: 7.20}\n"
        "changes: {within: 60, at_most: 1}\ncap: 20\n",
        encoding="utf-8",
    )


def _structure(path: Path) -> None:
    """A fare structure of r5r."""
    tables = {
        "fares_per_type.csv": "type,unlimited_transfers,allow_same_route_transfer,use_route_fare,fare\n"
        "BUS,FALSE,FALSE,FALSE,4.8\nRAIL,TRUE,FALSE,TRUE,4.5\n",
        "fares_per_transfer.csv": "first_leg,second_leg,fare\nBUS,BUS,7.2\nBUS,RAIL,8.37\n",
        "fares_per_route.csv": "route_id,route_fare,fare_type\n1,4.8,BUS\n2,4.5,RAIL\n",
        "global_settings.csv": "setting,value\nmax_discounted_transfers,1\ntransfer_time_allowance,60\nfare_cap,Inf\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in tables.items():
            archive.writestr(zipfile.ZipInfo(name, DAY), text)


def _vote(path: Path) -> None:
    path.write_text(
        "META\nkey;value\nunit;Synthetic\ninstance;2025\nnum_votes;3\ndate_begin;15.06.2024\nPROJECTS\n"
        'project_id;cost;votes;name;selected;latitude;longitude\n1;100;2;"A; b";1;52.2;21.0\n2;50;1;Żółw;0;;\nVOTES\n'
        "voter_id;vote;age;sex;voting_method\n1;1,2;44;M;internet\n2;1;;F;paper\n3;;130;;\n",
        encoding="utf-8",
    )


def _csv(path: Path) -> None:
    path.write_text(
        "\ufeffcode; نام ;people;share\n01001;کرج;1.234;0,5\n01003;نی‌ریز;-9999;12,25\n01005;تهران;n/a;7,5\n", "utf-8"
    )


def _as_bytes() -> pd.DataFrame:
    return pd.DataFrame(SQUARES.drop(columns="geometry")).assign(shape=SQUARES.geometry.to_wkb())


def _own_types(path: Path) -> None:
    with duckdb.connect() as database:
        database.register("given", _as_bytes())
        rows = f"select * replace (ST_SetCRS(ST_GeomFromWKB(shape), 'EPSG:{CRS}') as shape) from given"
        database.execute(f"copy ({rows}) to '{path}' (format parquet, geoparquet_version 'NONE')")


def _stream(path: Path) -> None:
    rows = pa.table(SQUARES.to_arrow(index=False))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)


def _shapes_as_text(path: Path) -> None:
    pd.DataFrame({"code": SQUARES["code"], "shape": [f"SRID={CRS};{each.wkt}" for each in SQUARES.geometry]}).to_csv(
        path, index=False
    )


def _persian(path: Path) -> None:
    path.write_bytes("شهر,people\nتهران,5\nکرج,6\nاصفهان,7\n".encode("cp1256"))  # noqa: RUF001 (Persian)


def _workbook(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["code", "people"], ["01001", 12], ["01003", 7.5]):
        book.active.append(row)
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    # It also says inside when it was written.
    _pack(path, {name: re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", NOON, part) for name, part in parts.items()})


def _squares(driver: str) -> Callable[[Path], None]:
    crs = 4326 if driver == "GeoJSON" else CRS

    def make(path: Path) -> None:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": NOON.decode()})  # a GeoPackage says when it was written
        try:
            SQUARES.to_crs(crs).to_file(path, driver=driver)
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})

    return make


def _zipped(path: Path) -> None:
    shapefile = path.with_suffix(".shp")
    SQUARES.to_file(shapefile, DBF_DATE_LAST_UPDATE="2024-05-01")
    parts = [part for part in sorted(path.parent.glob(f"{path.stem}.*")) if part != path]
    _pack(path, {part.name: part.read_bytes() for part in parts})
    for part in parts:
        part.unlink()


def _pack(path: Path, parts: dict[str, bytes]) -> None:
    """Pack files by name; a zip file says when each was made, so they are all of one day."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, DAY), content, zipfile.ZIP_DEFLATED)


def _raster(compress: str | None = None) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        profile = {
            "driver": "GTiff", "width": 40, "height": 40, "count": 1, "dtype": "float32", "crs": CRS, "nodata": -200.0,
            "transform": from_origin(WEST, NORTH, 10, 10), "tiled": True, "blockxsize": 16, "blockysize": 16,
        }  # fmt: skip
        if compress:
            profile["compress"] = compress
        with rasterio.open(path, "w", **profile) as raster:
            raster.write(np.arange(1600, dtype="float32").reshape(40, 40) % 7, 1)

    return make


def _osm(path: Path) -> None:
    with osmium.SimpleWriter(str(path)) as writer:
        for n in range(30):
            tags = {"amenity": "pharmacy", "name": f"=SUM({n})"} if n % 10 == 0 else {}
            place = (9 + n % 6 / 1000, 50 + n // 6 / 1000)
            writer.add_node(Node(id=n + 1, location=place, version=1, timestamp="2024-05-01T00:00:00Z", tags=tags))
        for n in range(5):
            nodes = [6 * n + k + 1 for k in range(6)]
            writer.add_way(Way(id=100 + n, nodes=nodes, version=1, tags={"highway": "residential", "maxspeed": "30"}))
        ring = [1, 2, 8, 7, 1]
        writer.add_way(Way(id=200, nodes=ring, version=1, tags={"amenity": "library", "building": "yes"}))
        members = [("w", 200, "outer")]
        tags = {"type": "multipolygon", "amenity": "pharmacy"}
        writer.add_relation(Relation(id=300, members=members, version=1, tags=tags))


def _osm_gz(path: Path) -> None:
    plain = path.with_name("plain.osm")
    _osm(plain)
    path.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    plain.unlink()


def _overpass(path: Path) -> None:
    path.write_text(
        '{"version": 0.6, "osm3s": {"timestamp_osm_base": "2024-05-01T00:00:00Z"}, "elements": ['
        '{"type": "node", "id": 1, "lat": 50.0, "lon": 9.0}, {"type": "node", "id": 2, "lat": 50.001, "lon": 9.0, '
        '"tags": {"barrier": "gate"}}, {"type": "node", "id": 3, "lat": 50.002, "lon": 9.0}, '
        '{"type": "way", "id": 7, "nodes": [1, 2, 3], "tags": {"highway": "footway", "name": "<b>x</b>"}}]}',
        encoding="utf-8",
    )


def _kiosks(path: Path) -> None:
    path.write_text("Id,Lat,Lon,Name\na,50.001,9.001,=1+1\nb,50.002,9.002,<script>\nc,50.003,9.003,کیوسک\n", "utf-8")


REPORT = (
    "service_request_id,service_name,requested_datetime,updated_datetime,status,lat,long\n"
    "a,Pothole,2024-05-01T08:00:00-05:00,2024-05-03T08:00:00-05:00,closed,50.001,9.001\n"
    "b,<script>,2024-05-02 09:30,,open,50.002,9.002\n"
)


def _requests(path: Path) -> None:
    path.write_text(REPORT, encoding="utf-8")


def _requests_json(path: Path) -> None:
    head, *rows = (line.split(",") for line in REPORT.splitlines())
    path.write_text(json.dumps([dict(zip(head, row, strict=True)) for row in rows]), encoding="utf-8")


def _services(path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["x", "y"]}, geometry=[Point(9.001, 50.001), Point(9.002, 50.002)], crs=4326)
    frame.to_file(path, driver="GeoJSON")


def _towers(path: Path) -> None:
    path.write_text(
        "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"
        "LTE,432,11,1,2,0,51.4,35.7,1000,10,1,1400000000,1500000000,0\n"
        "GSM,432,35,1,3,0,51.5,35.8,2000,4,1,1400000000,1500000001,0\n",
        encoding="utf-8",
    )


def _packed(path: Path) -> None:
    plain = path.with_name("plain.csv")
    _towers(plain)
    path.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    plain.unlink()


def _tiles(path: Path) -> None:
    _tile_frame().to_csv(path, index=False)


def _tiles_parquet(path: Path) -> None:
    _tile_frame().to_parquet(path)


def _tile_frame() -> pd.DataFrame:
    keys = ["1202102332221212", "1202102332221213"]
    return pd.DataFrame(
        {
            "quadkey": keys,
            "tile": [tile_polygon(key).wkt for key in keys],
            "avg_d_kbps": [10_000, 20_000], "avg_u_kbps": [1000, 2000], "avg_lat_ms": [20, 30], "tests": [3, 9],
            "devices": [1, 2],
        }
    )  # fmt: skip


def _cells(path: Path) -> None:
    cells = [(h3.latlng_to_cell(50 + n / 100, 9, 8), n) for n in range(3)]
    path.write_text("h3,people\n" + "".join(f"{cell},{10 * n}\n" for cell, n in cells), encoding="utf-8")


def _proposal(path: Path) -> None:
    path.write_text(
        '{"type": "FeatureCollection", "spatialjustice_proposal": 1, "name": "Kiosk", "reason": "کیوسک", '
        '"study": {"name": "s", "date": "", "checksum": "00"}, "mode": "walk", "unit": "metres", '
        '"limit": {"value": 500, "unit": "metres"}, "effects": [{"service": "kiosk", "gained": 3.5, "lost": 0, '
        '"before": {"within": 1, "mean": null}, "after": {"within": 4.5, "gini": 0.25}}], "features": ['
        '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [9.001, 50.002]}, '
        '"properties": {"service": "kiosk", "action": "move", "place": 2, "from": [9.0, 50.0], "name": "x"}}]}',
        encoding="utf-8",
    )


def _run_record(path: Path) -> None:
    path.write_text(
        '{"made": "2026-01-01T00:00:00+00:00", "software": "spatialjustice 0.1", "study": {"file": "s.yaml", '
        '"sha256": "00"}, "title": "x", "inputs": [{"name": "streets", "file": "x.pbf", "sha256": "00", "size": 3}], '
        '"settings": {}, "seed": 1, "versions": {}, "findings": [], "ledger": [], '
        '"outputs": {"tables/zones.csv": "00", "index.html": "11"}}',
        encoding="utf-8",
    )


# What a result must hold, whoever made it. -------------------------------------------------------------------------


def _sound(frame: gpd.GeoDataFrame) -> None:
    assert len(frame)
    assert frame.crs is not None
    assert frame.index.is_unique
    assert np.isfinite(frame.total_bounds).all()
    assert frame.geometry.is_valid.all()


def _read_vector(path: Path) -> None:
    _sound(read_vector(path, name="zones", kinds={"Polygon", "MultiPolygon"}))


def _covered(path: Path) -> None:
    SQUARES.to_parquet(path, write_covering_bbox=True, row_group_size=2)


def _read_parts(path: Path) -> None:
    _sound(zones_in_parts(path, within=SQUARES))
    parts = shape_parts(path)
    assert len(parts.read((51.0, 35.0, 51.4, 35.7))) <= parts.rows


def _read_people(path: Path) -> None:
    people = population(path, SQUARES)
    assert np.isfinite(people).all()
    assert (people >= 0).all()


def _read_heights(path: Path) -> None:
    heights = elevation(path, SQUARES.geometry.centroid)
    assert not np.isinf(heights).any()


def _read_exposure(path: Path) -> None:
    exposure = exposure_from_raster(path, SQUARES)
    assert not np.isinf(exposure).any()


def _read_streets(path: Path) -> None:
    found = streets(path)
    assert np.isfinite(found.nodes[["x", "y"]].to_numpy()).all()
    services(path, ["pharmacy", "library"])


def _read_overpass(path: Path) -> None:
    assert np.isfinite(streets_from_overpass_json(path).nodes[["x", "y"]].to_numpy()).all()


def _read_kiosks(path: Path) -> None:
    columns = {"id": "Id", "latitude": "Lat", "longitude": "Lon", "name": "Name"}
    found = points(path, service="kiosk", columns=columns)
    assert not len(found) or np.isfinite(found.total_bounds).all()


def _read_requests(path: Path) -> None:
    found = reports(path)
    assert len(found) >= 1
    assert set(found["status"]) <= {"open", "closed", "unknown"}
    where = found.geometry.dropna()
    assert not len(where) or np.isfinite(where.total_bounds).all()


def _read_services(path: Path) -> None:
    place = gpd.GeoDataFrame(geometry=[box(8.9, 49.9, 9.1, 50.1)], crs=4326)
    _sound(services_from_file(path, service="kiosk", within=place))


def _read_table(path: Path) -> None:
    assert len(table(path)) >= 1


def _read_proposal(path: Path) -> None:
    folder = path.parent / "sent"
    folder.mkdir(exist_ok=True)
    (folder / path.name).write_bytes(path.read_bytes())
    made, found = read_proposals(folder)
    assert made or found
    for one in made:
        assert np.isfinite([*one.claimed.values(), one.limit]).all()
        assert all(abs(lat) <= 85 and abs(lon) <= 180 for lat, lon, _ in one.added)
        assert all(number is None or number in {gone for gone, *_ in one.removed} for *_, number in one.added)
    for finding in found:
        assert len(finding.message) < 500
        assert set(control_signs(finding.message)) <= {BROKEN}  # which stands for others


def _read_record(path: Path) -> None:
    folder = path.parent / "run"
    folder.mkdir(exist_ok=True)
    (folder / "provenance.json").write_bytes(path.read_bytes())
    verify(folder, data_dir=path.parent)


KINDS = {
    "study": Kind(".yaml", _study, Study.read, text=True),
    "catalogue": Kind(".yml", _catalogue, read_catalogue, text=True),
    "fares": Kind(".yaml", _fares, fares, text=True),
    "fare structure": Kind(".zip", _structure, fares),
    "csv": Kind(".csv", _csv, _read_table, text=True),
    "workbook": Kind(".xlsx", _workbook, _read_table),
    "table parquet": Kind(".parquet", lambda path: SQUARES.drop(columns="geometry").to_parquet(path), _read_table),
    "geojson": Kind(".geojson", _squares("GeoJSON"), _read_vector, text=True),
    "geopackage": Kind(".gpkg", _squares("GPKG"), _read_vector),
    "flatgeobuf": Kind(".fgb", _squares("FlatGeobuf"), _read_vector),
    "geoparquet": Kind(".parquet", SQUARES.to_parquet, _read_vector),
    "parquet of its own types": Kind(".parquet", _own_types, _read_vector),
    "feather": Kind(".feather", SQUARES.to_feather, _read_vector),
    "arrow": Kind(".arrow", _stream, _read_vector),
    "table of shapes": Kind(".csv", _shapes_as_text, lambda path: read_vector(path, name="fuzz", id="code"), text=True),
    "letters nobody states": Kind(".csv", _persian, lambda path: table(path, name="fuzz"), text=False),
    "geoparquet in parts": Kind(".parquet", _covered, _read_parts),
    "zipped shapefile": Kind(".zip", _zipped, _read_vector),
    "raster": Kind(".tif", _raster(), _read_people),
    "raster packed": Kind(".tif", _raster("deflate"), _read_people),
    "heights": Kind(".tif", _raster("lzw"), _read_heights),
    "exposure": Kind(".tif", _raster("lzw"), _read_exposure),
    "pbf": Kind(".osm.pbf", _osm, _read_streets),
    "osm xml": Kind(".osm", _osm, _read_streets, text=True),
    "osm gzip": Kind(".osm.gz", _osm_gz, _read_streets),
    "overpass json": Kind(".json", _overpass, _read_overpass, text=True),
    "points": Kind(".csv", _kiosks, _read_kiosks, text=True),
    "reports": Kind(".csv", _requests, _read_requests, text=True),
    "reports json": Kind(".json", _requests_json, _read_requests, text=True),
    "services": Kind(".geojson", _services, _read_services, text=True),
    "towers": Kind(".csv", _towers, towers, text=True),
    "speed tiles": Kind(".csv", _tiles, speed_tiles, text=True),
    "table of cells": Kind(".csv", _cells, lambda path: zones_from_table(path, h3="h3"), text=True),
    "tiles parquet": Kind(".parquet", _tiles_parquet, speed_tiles),
    "table gzip": Kind(".csv.gz", _packed, towers),
    "participatory budget": Kind(".pb", _vote, participatory_budget, text=True),
    "proposal": Kind(".geojson", _proposal, _read_proposal, text=True),
    "record of a run": Kind(".json", _run_record, _read_record, text=True),
}

# Damage. -----------------------------------------------------------------------------------------------------------

# Texts that readers stumble over: numbers beyond numbers, nothing, other kinds, marks, signs of direction, deep nests.
TOKENS = (
    "NaN", "Infinity", "-Infinity", "1e999", "-1", "0", "1e-400", "9" * 40, "-666666666", "null", "true", "[]", "{}",
    '""', "''", "~", "[[[]]]", "[" * 3000, "{a: " * 300, "<", "&x;", "\x00", "\ufeff", "\u202e", "۱۲۳", "٫",
    "يك", "=1+1",
    "!!python/object/apply:os.system [echo]", "!x", "&a [*a]", "*a", "<<: *a", "2024-13-45", "12:30:45", "0x1F", "0o17",
    "1_000", ".inf", ".nan", "-.inf", "---", "%", "|", ">", "?", "\t", "\r", "\\ud800", '"', "'", ":", ",", ";", "\n\n",
    "99999999999999999999999999", "180.0001", "-91", "../../etc/passwd", "/dev/zero", "file:///etc/passwd",
)  # fmt: skip
WORD = re.compile(r"[\w.+-]+|[^\w\s]")


def damaged(data: bytes, number: int, *, text: bool) -> bytes:
    """Return the bytes with one to three kinds of damage, told by the number."""
    chance = random.Random(number)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = _token(data, chance) if text and chance.random() < 0.6 else _bytes(data, chance)
    return data


def _token(data: bytes, chance: random.Random) -> bytes:
    words = data.decode("utf-8", "surrogateescape")
    places = list(WORD.finditer(words))
    if not places:
        return data
    place = chance.choice(places)
    how = chance.randrange(4)
    other = chance.choice(places).group() if how == 3 else chance.choice(TOKENS)
    if how == 0:
        other = ""
    elif how == 1:
        other = place.group() + other
    changed = words[: place.start()] + other + words[place.end() :]
    return changed.encode("utf-8", "surrogateescape")


def _bytes(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    at = chance.randrange(len(data))
    length = min(len(data) - at, chance.choice((1, 2, 4, 8, 64)))
    match chance.randrange(7):
        case 0:
            return data[:at]
        case 1:
            changed[at] ^= 1 << chance.randrange(8)
        case 2:
            for _ in range(chance.choice((2, 8, 32))):
                changed[chance.randrange(len(data))] = chance.randrange(256)
        case 3:
            changed[at : at + length] = chance.choice((b"\x00", b"\xff", b"\x7f", b"\x80")) * length
        case 4:
            del changed[at : at + length]
        case 5:
            changed[at:at] = data[at : at + length] * chance.choice((1, 2, 50))
        case _:
            other = chance.randrange(len(data))
            changed[at : at + length] = data[other : other + length]
    return bytes(changed)


def good(kind: str, folder: Path) -> bytes:
    """Return the bytes of a good file of a kind."""
    path = folder / f"good{KINDS[kind].ending}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        KINDS[kind].make(path)
    data = path.read_bytes()
    path.unlink()
    return data


def attempt(kind: str, data: bytes, folder: Path) -> str:
    """Let the reader of a kind read the bytes; return what came of it, or raise what must not come."""
    path = folder / f"case{KINDS[kind].ending}"
    path.write_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", SpatialJusticeWarning)
            KINDS[kind].read(path)
    except SpatialJusticeError:
        return "refused"
    return "read"
