"""Inputs without an end, or that promise too much, end in a clear error at once."""

from __future__ import annotations

import bz2
import gzip
import os
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from shapely import box

from spatialjustice import cli
from spatialjustice._core.errors import InputError, SpatialJusticeError, TooLargeError
from spatialjustice._core.provenance import checksum
from spatialjustice.environment import exposure_from_raster
from spatialjustice.sources import (
    availability,
    boundary,
    buildings,
    check_raster,
    elevation,
    fares,
    population,
    read_catalogue,
    read_vector,
    services,
    services_from_file,
    speed_tiles,
    streets,
    streets_from_overpass_json,
    table,
    towers,
    zones,
    zones_from_table,
)
from spatialjustice.study.settings import Study

UTM = 32639
ZONE = gpd.GeoDataFrame({"n": [1]}, geometry=[box(500_000, 4_000_000, 500_100, 4_000_100)], crs=UTM)
READERS = {
    "a.geojson": [lambda path: read_vector(path, name="zones"), boundary, zones, speed_tiles],
    "a.gpkg": [lambda path: services_from_file(path, service="kiosk"), lambda path: table(path, name="t")],
    "a.csv": [lambda path: table(path, name="t"), availability, towers, lambda path: zones_from_table(path, h3="h")],
    "a.csv.gz": [towers],
    "a.xlsx": [lambda path: table(path, name="t")],
    "a.parquet": [lambda path: table(path, name="t"), speed_tiles],
    "a.zip": [lambda path: read_vector(path, name="zones"), fares],
    "a.tif": [
        lambda path: population(path, ZONE),
        lambda path: check_raster(path, ZONE),
        lambda path: elevation(path, ZONE.geometry.centroid),
        lambda path: exposure_from_raster(path, ZONE),
    ],
    "a.osm.pbf": [streets, lambda path: services(path, ["library"]), lambda path: buildings(path, within=ZONE)],
    "a.osm.gz": [streets],
    "a.json": [streets_from_overpass_json],
    "a.yaml": [Study.read, read_catalogue, fares, checksum],
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("name", READERS)
def test_a_pipe_or_a_device_is_no_file(name, tmp_path):
    """Reading a pipe waits for ever, reading /dev/zero fills the memory."""
    pipe, device = tmp_path / name, tmp_path / f"zero{name[1:]}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        for read in READERS[name]:
            with pytest.raises(SpatialJusticeError, match="pipe or a device|there is no file"):
                read(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_study_that_names_a_pipe_ends_at_once(tmp_path, capsys):
    os.mkfifo(tmp_path / "streets.osm.pbf")
    (tmp_path / "study.yaml").write_text(
        "title: A\nplace: {bounds: [9.0, 50.0, 9.1, 50.1]}\nstreets: streets.osm.pbf\nzones: {kind: hexagons}\n"
        "population: {raster: streets.osm.pbf}\nservices: [pharmacy]\n"
    )
    assert cli.main(["check", str(tmp_path / "study.yaml")]) == 1
    assert "is a pipe or a device" in capsys.readouterr().err


# Packed files. -------------------------------------------------------------------------------------------------------


def zeros(kind, megabytes):
    """Pack so many megabytes of blanks without holding them."""
    pack = bz2.BZ2Compressor() if kind == "bz2" else zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    block = b" " * 1_000_000
    return b"".join([*(pack.compress(block) for _ in range(megabytes)), pack.flush()])


@pytest.mark.parametrize("kind", ["gz", "bz2"])
def test_a_map_that_unpacks_to_a_disk_full(kind, tmp_path):
    path = tmp_path / f"a.osm.{kind}"
    head = b'<?xml version="1.0"?><osm version="0.6">'
    packed = gzip.compress(head) if kind == "gz" else bz2.compress(head)
    path.write_bytes(packed + zeros(kind, 120))
    with pytest.raises(TooLargeError, match="more than 200 times its size"):
        streets(path)


def test_a_table_that_unpacks_to_a_disk_full(tmp_path):
    path = tmp_path / "cells.csv.gz"
    path.write_bytes(gzip.compress(b"radio,mcc\n") + zeros("gz", 120))
    with pytest.raises(TooLargeError, match="more than 200 times its size"):
        towers(path)


def test_an_honest_packed_table_is_read(tmp_path):
    text = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"
    rows = "".join(f"LTE,432,11,1,{n},0,51.4,35.7,1000,10,1,1400000000,1500000000,0\n" for n in range(1, 2000))
    path = tmp_path / "cells.csv.gz"
    path.write_bytes(gzip.compress((text + rows).encode()))
    assert len(towers(path)) > 0


@pytest.mark.parametrize("ending", ["zip", "xlsx"])
def test_an_archive_that_unpacks_to_a_disk_full(ending, tmp_path):
    path = tmp_path / f"a.{ending}"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zones.geojson", "w", force_zip64=True) as member,
    ):
        for _ in range(120):
            member.write(b" " * 1_000_000)
    with pytest.raises(TooLargeError, match="more than 200 times its size"):
        table(path, name="t") if ending == "xlsx" else read_vector(path, name="zones")


def test_a_parquet_file_that_promises_more_rows_than_memory_holds(tmp_path, monkeypatch):
    """A run of one value takes a few bytes, however long it is."""
    from spatialjustice.sources.guards import damage

    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"n": pa.array(np.zeros(5_000_000, "int8"))}), path, compression="zstd")
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(damage, "free_memory", lambda: 10_000_000)
    with pytest.raises(TooLargeError, match="memory"):
        table(path, name="t")


# Long texts. ---------------------------------------------------------------------------------------------------------

LONG = """
import re, sys
from spatialjustice._core.disk.spreadsheets import BEGINS, NEW_CELL
from spatialjustice.maps.pages.from_folium import _COMMENT, _REMOTE
from spatialjustice.network.streets.units import grade_of, metres_of
from spatialjustice.sources.tables._numbers import PLAIN, SHAPED, THOUSANDS
from spatialjustice.sources.web._question import without_keys
many = 200_000
texts = ["1" * many + "x", " " * many + "x", "1." * many + "x", "1" + " " * many + "1" + " " * many + "x", "//a" * many,
         "\\n" * many, ";" * many + "x", "; " * many, "a=" * many, "://" * many]
for text in texts:
    metres_of(text), grade_of(text), without_keys(text), NEW_CELL.sub("", text), BEGINS.match(text)
    _COMMENT.sub("", text), _REMOTE.search(text)
    [each.fullmatch(text) for each in (PLAIN, SHAPED, *THOUSANDS.values())]
"""


def test_no_pattern_takes_more_than_linear_time():
    """Two seconds of work where the time grows with the length; hours where it grows with its square."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", LONG], cwd=root, timeout=240, check=False)
    assert done.returncode == 0


def test_a_folder_is_told_as_one(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        read_vector(tmp_path, name="zones")
