"""No input makes a reader open another file or an address: a counting server on 127.0.0.1 is never asked."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import duckdb
import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import rasterio
from pyarrow import ipc, parquet
from pyproj import CRS
from rasterio.transform import from_origin
from shapely import box

from spatialjustice._core.errors import InputError, SpatialJusticeError
from spatialjustice._core.frames import require_own_crs
from spatialjustice.environment import exposure_from_raster
from spatialjustice.sources import (
    availability,
    boundary,
    check_raster,
    elevation,
    fetching,
    points,
    population,
    read_vector,
    services_from_file,
    speed_tiles,
    streets,
    table,
    zones,
)
from spatialjustice.sources.guards.nothing_else_opened import network_shut

UTM = 32639
ZONE = gpd.GeoDataFrame({"n": [1]}, geometry=[box(500_000, 4_000_000, 500_100, 4_000_100)], crs=UTM)
POINT = {"type": "Feature", "properties": {"n": 1}, "geometry": {"type": "Point", "coordinates": [51.0, 36.1]}}
LINK = {"type": "link", "properties": {"href": "{0}/crs", "type": "ogcwkt"}}


# What a file can name inside itself. Each maker writes a file that names the server, and returns it. ------------------


def collection(**more):
    def make(folder, address):
        content = {"type": "FeatureCollection", "features": [POINT], **more}
        path = folder / "a.geojson"
        path.write_text(json.dumps(content).replace("{0}", address), encoding="utf-8")
        return path

    return make


def text(name, content):
    def make(folder, address):
        path = folder / name
        path.write_text(content.replace("{0}", address), encoding="utf-8")
        return path

    return make


def packed(make):
    def packing(folder, address):
        path = make(folder, address)
        with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
            archive.write(path, path.name)
        return folder / "packed.zip"

    return packing


def escaped(folder, address):
    """JSON may write every letter as a number."""
    path = collection(crs=LINK)(folder, address)
    path.write_text(path.read_text(encoding="utf-8").replace('"crs"', '"\\u0063rS"'), encoding="utf-8")
    return path


def inside_the_geometry(folder, address):
    content = {**POINT, "geometry": {**POINT["geometry"], "crs": LINK}}
    path = folder / "a.json"
    path.write_text(json.dumps(content).replace("{0}", address), encoding="utf-8")
    return path


def virtual_table(folder, address):
    """A table of a GeoPackage that SQLite takes from a file elsewhere; GDAL knows such modules."""
    path = folder / "v.gpkg"
    ZONE.to_file(path, layer="zones")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = on")
        database.execute(
            "UPDATE sqlite_master SET sql = ? WHERE name = 'zones'",
            [f"CREATE VIRTUAL TABLE zones USING VirtualOGR('/vsicurl/{address}/x.geojson')"],
        )
    database.close()
    return path


def crs_of_shapefile(folder, address):
    path = folder / "s.shp"
    ZONE.to_crs(4326).to_file(path)
    (folder / "s.prj").write_text(
        'GEOGCS["x",DATUM["d",SPHEROID["WGS 84",6378137,298.257223563],EXTENSION["PROJ4_GRIDS","ADDRESS/g.gsb"]],'
        'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'.replace("ADDRESS", address)
    )
    return path


def crs_of_parquet(folder, address):
    path = folder / "z.parquet"
    ZONE.to_parquet(path)
    read = parquet.read_table(path)
    known = dict(read.schema.metadata)
    geo = json.loads(known[b"geo"])
    geo["columns"]["geometry"]["crs"] = f"+proj=utm +zone=39 +ellps=intl +nadgrids={address}/g.tif +units=m"
    known[b"geo"] = json.dumps(geo).encode()
    parquet.write_table(read.replace_schema_metadata(known), path)
    return path


def crs_of_own_types(folder, address):
    path = folder / "o.parquet"
    crs = f"+proj=utm +zone=39 +ellps=intl +nadgrids={address}/g.tif +units=m"
    with duckdb.connect() as database:
        shape = f"ST_SetCRS('POLYGON ((0 0, 1 0, 1 1, 0 0))'::geometry, '{crs}') as shape"
        database.execute(f"copy (select 1 as id, {shape}) to '{path}' (format parquet, geoparquet_version 'NONE')")
    return path


def crs_of_arrow(folder, address):
    path = folder / "s.arrow"
    crs = f"+proj=utm +zone=39 +ellps=intl +nadgrids={address}/g.tif +units=m"
    said = {"ARROW:extension:name": "geoarrow.wkb", "ARROW:extension:metadata": json.dumps({"crs": crs})}
    schema = pa.schema([pa.field("shape", pa.binary(), metadata=said)])
    rows = pa.table({"shape": list(ZONE.geometry.to_wkb())}, schema=schema)
    with pa.OSFile(str(path), "wb") as sink, ipc.new_stream(sink, schema) as writer:
        writer.write_table(rows)
    return path


def crs_of_geopackage(folder, address):
    path = folder / "z.gpkg"
    ZONE.to_file(path, layer="zones")
    with sqlite3.connect(path) as database:
        database.execute(
            "UPDATE gpkg_spatial_ref_sys SET organization = 'NONE', definition = ? WHERE srs_id = 32639",
            [f"+proj=utm +zone=39 +ellps=intl +nadgrids={address}/g.tif +units=m"],
        )
    database.close()
    return path


PIPELINE = json.dumps(
    {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /vsicurl/{0}/x.geojson ! write x"}
)
GML = (
    '<?xml version="1.0"?>{1}<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:f="http://f" '
    'xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://f {0}/wfs?SERVICE=WFS&amp;'
    'VERSION=1.1.0&amp;REQUEST=DescribeFeatureType&amp;TYPENAME=f:a"><gml:featureMember><f:a gml:id="a.1"><f:n>{2}'
    '</f:n><f:ref xlink:href="{0}/ref#a"/><f:g><gml:Point srsName="{0}/crs"><gml:pos>51 35</gml:pos></gml:Point></f:g>'
    "</f:a></gml:featureMember></wfs:FeatureCollection>"
)
KML = (
    '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>{0}/n.kml'
    "</href></Link></NetworkLink><Placemark><styleUrl>{0}/s.kml#x</styleUrl><Point><coordinates>51,35</coordinates>"
    "</Point></Placemark></Document></kml>"
)
LATE = "<!-- " + "x" * 9000 + " -->"
REFUSED = {
    "crs by link": collection(crs=LINK),
    "crs by url": collection(crs={"type": "url", "properties": {"url": "{0}/crs"}}),
    "crs by link, escaped": escaped,
    "crs by link, in the geometry": inside_the_geometry,
    "crs by link, in an archive": packed(collection(crs=LINK)),
    "recipe": text("a.geojson", PIPELINE),
    "recipe with its own ending": text("a.gdalg.json", PIPELINE),
    "recipe in an archive": packed(text("a.geojson", PIPELINE)),
    "entities of another file": text("a.gml", GML.replace("{1}", '<!DOCTYPE a SYSTEM "{0}/dtd">').replace("{2}", "1")),
    "layers of a server": text("a.gml", LATE + "<OGRWFSDataSource><URL>{0}/wfs</URL></OGRWFSDataSource>"),
    "catalogue of a server": text("a.gml", "<OGRCSWDataSource><URL>{0}/csw</URL></OGRCSWDataSource>"),
    "news": text("a.gml", '<rss version="2.0"><channel><item><link>{0}/x</link></item></channel></rss>'),
    "virtual table": virtual_table,
    "grid of shifts of a shapefile": crs_of_shapefile,
    "grid of shifts of a parquet file": crs_of_parquet,
    "grid of shifts of a geopackage": crs_of_geopackage,
    "grid of shifts of parquet's own types": crs_of_own_types,
    "grid of shifts of a stream of arrow": crs_of_arrow,
}
NOT_FOLLOWED = {
    "crs by the name of an address": collection(crs={"type": "name", "properties": {"name": "{0}/crs"}}),
    "schema, reference and crs of GML": text("a.gml", GML.replace("{1}", "").replace("{2}", "1")),
    "links of KML": text("a.kml", KML),
}


@pytest.mark.parametrize("offline", [False, True])
@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_names_an_address_is_refused_before_anybody_asks_there(kind, offline, asked, tmp_path):
    seen, address = asked
    path = REFUSED[kind](tmp_path, address)
    with fetching(offline=offline), pytest.raises(SpatialJusticeError):
        read_vector(path, name="zones")
    assert seen == []


@pytest.mark.parametrize("kind", NOT_FOLLOWED)
def test_addresses_that_are_only_words_are_not_followed(kind, asked, tmp_path):
    seen, address = asked
    path = NOT_FOLLOWED[kind](tmp_path, address)
    try:
        assert len(read_vector(path, name="zones")) == 1
    except SpatialJusticeError as error:
        assert "reference system" in str(error)  # noqa: PT017 (no CRS, because none is fetched)
    assert seen == []


def grid(folder):
    path = folder / "people.tif"
    profile = {"driver": "GTiff", "width": 10, "height": 10, "count": 1, "dtype": "float32", "crs": UTM, "nodata": -1}
    with rasterio.open(path, "w", transform=from_origin(500_000, 4_000_100, 10, 10), **profile) as raster:
        raster.write(np.ones((10, 10), "float32"), 1)
    return path


def beside(ending, content):
    def make(folder, address):
        path = grid(folder)
        path.with_name(path.name + ending).write_text(content.replace("{0}", address), encoding="utf-8")
        return path

    return make


def overview_inside(folder, address):
    path = grid(folder)
    with rasterio.open(path, "r+") as raster:
        raster.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=f"/vsicurl/{address}/o.tif")
    return path


VIRTUAL = (
    '<VRTDataset rasterXSize="10" rasterYSize="10"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
    "<SourceFilename>/vsicurl/{0}/x.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
    "</VRTDataset>"
)
OVERVIEWS = '<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{1}</MDI></Metadata></PAMDataset>'
STAC = json.dumps(
    {
        "type": "FeatureCollection",
        "stac_version": "1.0.0",
        "features": [
            {
                "type": "Feature",
                "stac_version": "1.0.0",
                "properties": {"proj:epsg": UTM, "proj:transform": [10, 0, 5e5, 0, -10, 4e6], "proj:shape": [10, 10]},
                "collection": "c",
                "bbox": [0, 0, 1, 1],
                "assets": {"a": {"href": "{0}/x.tif"}},
            }
        ],
    }
)
RASTERS = {
    "mask beside": beside(".msk", VIRTUAL),
    "overviews beside": beside(".ovr", VIRTUAL),
    "notes on overviews": beside(".aux.xml", OVERVIEWS.replace("{1}", "/vsicurl/{0}/o.tif")),
    "notes on overviews in another file": beside(".aux.xml", OVERVIEWS.replace("{1}", "../secret.tif")),
    "notes on the crs": beside(".aux.xml", "<PAMDataset><SRS>{0}/crs</SRS></PAMDataset>"),
    "overviews named inside": overview_inside,
    "catalogue of scenes": text("a.json", STAC),
    "tiles of a server": text("a.tif", LATE + "<GDAL_WMTS><GetCapabilitiesUrl>{0}/c</GetCapabilitiesUrl></GDAL_WMTS>"),
    "cached tiles": text(
        "a.mrf", "<MRF_META><CachedSource><Source>/vsicurl/{0}/x.tif</Source></CachedSource></MRF_META>"
    ),
    "header of another file": text(
        "a.ers",
        "DatasetHeader Begin\nDatasetName=/vsicurl/{0}/x\nRasterInfo Begin\nRasterInfo End\nDatasetHeader End\n",
    ),
}


@pytest.mark.parametrize("offline", [False, True])
@pytest.mark.parametrize("kind", RASTERS)
def test_a_raster_that_names_an_address_is_refused(kind, offline, asked, tmp_path):
    seen, address = asked
    path = RASTERS[kind](tmp_path, address)
    centre = ZONE.geometry.centroid
    for read in (lambda: population(path, ZONE), lambda: check_raster(path, ZONE), lambda: elevation(path, centre)):
        with fetching(offline=offline), pytest.raises(SpatialJusticeError):
            read()
    assert seen == []


READERS = {
    "read_vector": lambda path: read_vector(path, name="zones"),
    "boundary": boundary,
    "zones": zones,
    "services_from_file": lambda path: services_from_file(path, service="kiosk"),
    "points": lambda path: points(path, service="kiosk", columns={"id": "n"}),
    "table": lambda path: table(path, name="table"),
    "speed_tiles": speed_tiles,
    "availability": availability,
    "streets": streets,
    "population": lambda path: population(path, ZONE),
    "elevation": lambda path: elevation(path, ZONE.geometry.centroid),
    "exposure": lambda path: exposure_from_raster(path, ZONE),
}


@pytest.mark.parametrize("kind", ["crs by link", "recipe", "recipe in an archive", "virtual table"])
@pytest.mark.parametrize("reader", READERS)
def test_no_reader_asks(reader, kind, asked, tmp_path):
    seen, address = asked
    with pytest.raises(SpatialJusticeError):
        READERS[reader](REFUSED[kind](tmp_path, address))
    assert seen == []


@pytest.mark.parametrize("kind", ["crs by link", "recipe", "schema, reference and crs of GML"])
def test_what_would_be_missed_is_stopped_by_the_shut_network(kind, asked, tmp_path, monkeypatch):
    """GDAL itself, without our refusals: with the network shut it asks nobody, whatever the system says of proxies."""
    seen, address = asked
    path = (REFUSED | NOT_FOLLOWED)[kind](tmp_path, address)
    with suppress(pyogrio.errors.DataSourceError):
        pyogrio.read_dataframe(path)
    assert seen, "the harm"
    seen.clear()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with suppress(pyogrio.errors.DataSourceError), network_shut():
        pyogrio.read_dataframe(path)
    assert seen == []
    assert os.environ["no_proxy"] == "127.0.0.1"
    assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") is None


def test_grids_of_shifts_are_not_fetched_where_the_system_allows_it(asked, tmp_path):
    """PROJ fetches grids where PROJ_NETWORK=ON; a reader has shut that for the process."""
    seen, address = asked
    path = crs_of_parquet(tmp_path, address)
    code = (
        "import sys\nfrom pyproj import Transformer\nfrom spatialjustice._core.frames import shut_proj_network\n"
        "if sys.argv[2] == 'shut':\n    shut_proj_network()\n"
        "try:\n    Transformer.from_crs(sys.argv[1], 4326, always_xy=True).transform(5e5, 4e6)\n"
        "except Exception as error:\n    print(error)\n"
    )
    crs = f"+proj=utm +zone=39 +ellps=intl +nadgrids={address}/g.tif +units=m +type=crs"
    for state in ("open", "shut"):
        seen.clear()
        done = subprocess.run(
            [sys.executable, "-c", code, crs, state],
            env={**os.environ, "PROJ_NETWORK": "ON"},
            cwd=Path(__file__).resolve().parents[2],
            check=False,
        )
        assert done.returncode == 0
        assert bool(seen) == (state == "open")
    with pytest.raises(InputError, match="needs the file"):
        read_vector(path, name="zones")


@pytest.mark.parametrize(
    "crs",
    ["+init=/etc/passwd:x", "+proj=utm +zone=39 +nadgrids=../g.gsb", "+proj=longlat +nadgrids=https://x.org/g.tif"],
)
def test_a_reference_system_given_in_words_may_name_no_file(crs, tmp_path):
    path = tmp_path / "kiosks.csv"
    path.write_text("n,x,y\na,51,36\n")
    with pytest.raises(InputError, match="needs the file"):
        points(path, service="kiosk", columns={"x": "x", "y": "y"}, crs=crs)


def test_grids_that_come_with_proj_may_be_named():
    """The usual reference system of web maps names a grid that is none."""
    require_own_crs("+proj=merc +a=6378137 +nadgrids=@null +type=crs", "zones")
    require_own_crs("+proj=longlat +ellps=clrk66 +nadgrids=conus,alaska +type=crs", "zones")
    for code in (3857, 4326, 27039, 2056, 27700, 31370):
        require_own_crs(CRS.from_epsg(code), "zones")


def test_a_file_name_that_looks_like_an_address_is_a_file_name(asked, tmp_path, monkeypatch):
    """The OSM library starts a program of its own for names such as http:…"""
    seen, address = asked
    monkeypatch.chdir(tmp_path)
    path = Path(f"{address}/x.osm")
    path.parent.mkdir(parents=True)
    path.write_text('<osm version="0.6"><node id="1" version="1" lat="50" lon="9"/></osm>')
    with pytest.raises(SpatialJusticeError, match="no way|no street|not a single|no lines"):
        streets(path)
    assert seen == []
