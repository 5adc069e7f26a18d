"""A server in all the ways servers fail, at every door of ours: a clear error in time, and nothing of it is kept."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box

from spatialjustice import sources
from spatialjustice._core.errors import InputError
from spatialjustice.sources.web import web
from spatialjustice.sources.web._question import Question
from spatialjustice.sources.web._validators import whole_raster
from tests.sources.replay import Said, kept

DEADLINE = 0.4
PLACE = gpd.GeoDataFrame(geometry=[box(9.0, 50.0, 9.01, 50.01)], crs=4326)


def grid():
    with rasterio.MemoryFile() as file:
        profile = {"driver": "GTiff", "width": 40, "height": 40, "count": 1, "dtype": "float32", "crs": 4326}
        with file.open(**profile, transform=from_origin(9, 50, 0.001, 0.001)) as raster:
            raster.write(np.ones((40, 40), "float32"), 1)
        return file.read()


GRID = grid()
STREETS = {
    "osm3s": {"timestamp_osm_base": "2024-05-02T00:00:00Z"},
    "elements": [
        {"type": "node", "id": 1, "lat": 50.001, "lon": 9.001},
        {"type": "node", "id": 2, "lat": 50.002, "lon": 9.002},
        {"type": "way", "id": 7, "nodes": [1, 2], "tags": {"highway": "residential"}},
    ],
}
LIBRARY = {"type": "node", "id": 3, "lat": 50.001, "lon": 9.001, "tags": {"amenity": "library"}}
COUNTED = {"type": "count", "id": 0, "tags": {"ways": "1", "total": "1"}}
TOWN = [{
    "osm_type": "relation", "osm_id": 5, "display_name": "Town, Country", "lat": "50.0", "lon": "9.0",
    "geojson": {"type": "Polygon", "coordinates": [[[9, 50], [9.01, 50], [9.01, 50.01], [9, 50]]]},
}]  # fmt: skip


FEEDS = (
    b"id,data_type,location.country_code,location.subdivision_name,location.municipality,provider,name,"
    b"urls.direct_download,urls.authentication_type,urls.latest,urls.license,"
    b"location.bounding_box.minimum_latitude,location.bounding_box.maximum_latitude,"
    b"location.bounding_box.minimum_longitude,location.bounding_box.maximum_longitude,status,features,redirect.id\n"
    b"mdb-1,gtfs,FI,Uusimaa,Town,Buses,,https://example.org/1.zip,0,,,60.1,60.3,24.8,25.1,active,,\n"
)


def census(_, query):
    """The US Census Bureau's table of rows of text below a header, of the variables asked for."""
    asked = dict(query)["get"].split(",")
    values = {"GEO_ID": "0500000US17031", "NAME": "Cook County, Illinois"}
    header = [*asked, "state", "county"]
    return json.dumps([header, [values.get(each, "12") for each in asked] + ["17", "031"]]).encode()


def said(content):
    return lambda *_: json.dumps(content).encode()


DOORS = {
    "download": (
        lambda address: web.download(
            Question.of(f"{address}/people.tif", name="population"),
            check=lambda path: whole_raster(path, "the file", attribution="", year=2020),
            deadline=DEADLINE,
        ),
        lambda *_: GRID,
        b"",
    ),
    "streets": (
        lambda address: sources.streets_from_overpass(PLACE, server=address, deadline=DEADLINE),
        said(STREETS),
        b'{"elements": []}',
    ),
    "services": (
        lambda address: sources.services_from_overpass(PLACE, "library", server=address, deadline=DEADLINE),
        said({**STREETS, "elements": [LIBRARY, COUNTED]}),
        b'{"elements": []}',
    ),
    "place": (
        lambda address: sources.place_by_name("Town", server=address, deadline=DEADLINE),
        said(TOWN),
        b"[]",
    ),
    "feeds": (
        lambda address: sources.gtfs_feeds(country="FI", server=address, deadline=DEADLINE),
        lambda *_: FEEDS,
        FEEDS.split(b"\n")[0],
    ),
    "census": (
        lambda address: sources.USCensus(api=address, deadline=DEADLINE).table(
            ["internet"], year=2022, places=["17031"], level="county"
        ),
        census,
        b"",
    ),
}  # fmt: skip
REMARK = {"elements": STREETS["elements"], "remark": 'runtime error: Query ran out of memory in "query" at line 1'}
PAGE = b"<!DOCTYPE html><html><body>The service is under maintenance</body></html>"
# ruff: noqa: ARG005
MODES = {
    "partial with a remark": lambda good, empty: Said(json.dumps(REMARK).encode()),
    "500 with a body": lambda good, empty: Said(good, status=500),
    "empty": lambda good, empty: Said(empty),
    "no byte": lambda good, empty: Said(b""),
    "429 for ever": lambda good, empty: Said(b"too many requests", status=429),
    "429 with a late hour": lambda good, empty: Said(b"", status=429, headers={"Retry-After": "3600"}),
    "504 for ever": lambda good, empty: Said(PAGE, status=504),
    "cut off": lambda good, empty: Said(good[: len(good) // 2], promised=len(good)),
    "cut off and not said": lambda good, empty: Said(good[: len(good) // 2]),
    "slow": lambda good, empty: Said(good, drip=0.05),
    "slow to begin": lambda good, empty: Said(dripping_head=True, drip=0.05),
    "a page instead": lambda good, empty: Said(PAGE, headers={"Content-Type": "text/html"}),
    "sent on to a file": lambda good, empty: Said(status=302, headers={"Location": "file:///etc/passwd"}),
    "sent on in a circle": lambda good, empty: Said(status=307, headers={"Location": "/again"}),
}  # fmt: skip


def fails(ask, address):
    begun = time.monotonic()
    with pytest.raises(InputError) as caught:
        ask(address)
    assert time.monotonic() - begun < DEADLINE + 300, "the time allowed, and some for a busy machine; not for ever"
    assert caught.value.advice
    assert "Traceback" not in str(caught.value)
    assert kept(Path(os.environ["SPATIALJUSTICE_CACHE"])) == []
    return str(caught.value)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("mode", MODES)
def test_every_failure_is_a_clear_error_in_time_and_nothing_is_kept(replay, door, mode):
    ask, good, empty = DOORS[door]
    replay.answer = lambda path, query: MODES[mode](good(path, query), empty)
    message = fails(ask, replay.address)
    assert "127.0.0.1" in message or "the file" in message, "the error says who gave the answer"


@pytest.fixture
def in_no_hurry(monkeypatch):
    """Leave a busy machine the time to get the answer that the test is about."""
    monkeypatch.setattr(f"{__name__}.DEADLINE", 60.0)


@pytest.mark.usefixtures("replay", "in_no_hurry")
@pytest.mark.parametrize("door", DOORS)
def test_nobody_there(door):
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    assert "refused" in fails(DOORS[door][0], f"http://127.0.0.1:{port}")


@pytest.mark.usefixtures("in_no_hurry")
@pytest.mark.parametrize("door", DOORS)
def test_a_good_answer_is_asked_for_once(replay, door):
    ask, good, _ = DOORS[door]
    replay.answer = good
    ask(replay.address)
    count = len(replay.asked)
    assert kept(Path(os.environ["SPATIALJUSTICE_CACHE"]))
    replay.answer = lambda *_: Said(status=500)
    ask(replay.address)
    assert len(replay.asked) == count


@pytest.mark.parametrize("door", DOORS)
def test_hosts_inside_are_not_asked_unless_allowed(replay, monkeypatch, door):
    monkeypatch.delenv("SPATIALJUSTICE_ALLOW_PRIVATE")
    replay.answer = DOORS[door][1]
    assert "SPATIALJUSTICE_ALLOW_PRIVATE=1" in fails(DOORS[door][0], replay.address)
    assert replay.asked == []


@pytest.mark.usefixtures("in_no_hurry")
def test_nodes_without_ways_are_no_streets(replay):
    replay.answer = said({**STREETS, "elements": STREETS["elements"][:2]})
    assert "not one street" in fails(DOORS["streets"][0], replay.address)
