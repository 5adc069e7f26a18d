"""Data for lessons: what the package carries is whole and free; the rest is fetched, or named with whom to ask."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import geopandas as gpd
import osmium
import pytest

import spatialjustice as sj
from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError
from spatialjustice.datasets import lesson_data
from spatialjustice.sources.known_files import KnownFile, registry

SHIPPED = Path(sj.__file__).parent / "datasets" / "shipped"
CARRIED = {name: known for name, known in registry().items() if known.shipped}
# Licences under which data may be passed on and used for anything, with credit.
FREE = {
    "Creative Commons Attribution 4.0",
    "MIT",
    "Open Database License (ODbL) 1.0",
    "Open Use of Data Agreement (O-UDA) 1.0",
    "US Government work (public domain)",
}


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch, tmp_path):
    monkeypatch.delenv("SPATIALJUSTICE_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", CARRIED)
def test_a_file_of_the_package_is_whole_free_and_credited(name):
    known, data = CARRIED[name], (SHIPPED / name).read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (known.size, known.sha256)
    assert known.licence in FREE
    (row,) = [line for line in (SHIPPED / "README.md").read_text(encoding="utf-8").splitlines() if f"`{name}`" in line]
    assert f"| {known.licence} | {known.attribution} |" in row


def test_the_package_carries_no_other_file_and_stays_small():
    """As a wheel packs them, all data together are less than four megabytes."""
    there = {path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*") if path.is_file()}
    assert there == {*CARRIED, "README.md"}
    assert sum(len(zlib.compress((SHIPPED / name).read_bytes())) for name in CARRIED) < 4e6


def test_the_quarter_is_a_part_of_the_city(shared_data):
    """Points lie where they do in the whole extract, ways have the same points and tags, the outline lies inside."""
    whole = shared_data("las_palmas/las_palmas_20230221.osm.pbf")
    data = sj.datasets.get("las_palmas_quarter")
    kinds = osmium.osm.NODE | osmium.osm.WAY
    points, ways = {}, {}
    for item in osmium.FileProcessor(str(data["streets"]), kinds):
        if item.is_node():
            points[item.id] = item.location.x, item.location.y
        else:
            ways[item.id] = dict(item.tags), [node.ref for node in item.nodes]
    assert len(points) > 30_000
    for kind, wanted in ((osmium.osm.NODE, points), (osmium.osm.WAY, ways)):
        for item in osmium.FileProcessor(str(whole), kind).with_filter(osmium.filter.IdFilter(set(wanted))):
            if item.is_node():
                assert points.pop(item.id) == (item.location.x, item.location.y)
            else:
                assert ways.pop(item.id) == (dict(item.tags), [node.ref for node in item.nodes])
    assert not points
    assert not ways
    city = gpd.read_file(shared_data("las_palmas/municipality.geojson")).to_crs(4326).union_all()
    quarter = gpd.read_file(data["boundary"]).union_all()
    assert city.buffer(2e-7).covers(quarter)  # its corners are rounded to seven decimals


def test_every_data_set_is_of_known_files_and_every_shipped_file_is_in_one():
    named = {name for entry in lesson_data._listed().values() for name in entry.files.values()}
    assert named <= set(registry())
    assert set(CARRIED) <= named
    table = sj.datasets.available()
    for name, row in table.iterrows():
        files = sj.datasets.files_of(name)
        assert row["files"] == len(files)
        assert row["megabytes"] == pytest.approx(files["bytes"].sum() / 1e6, abs=0.005)
        assert (row["where"] == "in the package") == files["file"].isin(CARRIED).all()
        assert (files["address"] + files["ask"])[files["where"] != "in the package"].ne("").all()


def test_what_is_in_the_package_needs_nothing_else():
    for name in sj.datasets.available().query("where == 'in the package'").index:
        data = sj.datasets.get(name)
        assert all(path.is_file() for path in data.values())
        for known in sj.datasets.files_of(name).itertuples():
            assert known.licence in repr(data)
            assert known.attribution in repr(data)
            assert known.attribution.replace("&", "&amp;") in data._repr_html_()


def test_files_that_are_not_here_are_all_named_with_whom_to_ask():
    with pytest.raises(MissingFileError) as caught:
        sj.datasets.get("new_york_wifi")
    message = str(caught.value)
    for known in sj.datasets.files_of("new_york_wifi").itertuples():
        assert known.sha256 in message
        assert known.ask in message
        assert known.licence in message
    assert str(Path("data/raw/new_york/LinkNYC_Locations.csv")) in message
    assert "2 of 2 files" in message


def test_a_file_of_a_folder_is_taken_if_it_is_the_right_one(shared_data, tmp_path):
    folder = shared_data("iran/iran_counties_2016.gpkg").parents[1]
    assert sj.datasets.available(folders=[folder]).loc["iran_counties", "where"] == "on this machine"
    assert sj.datasets.get("iran_counties", folders=[folder])["counties"] == folder / "iran/iran_counties_2016.gpkg"
    other = tmp_path / "iran/iran_counties_2016.gpkg"
    other.parent.mkdir()
    other.write_bytes(b"another")
    with pytest.raises(DamagedFileError, match="expected 3,694,592 bytes"):
        sj.datasets.get("iran_counties", folders=[tmp_path])
    assert sj.datasets.available(folders=[tmp_path]).loc["iran_counties", "where"] == "to ask for"


def test_a_name_with_a_typo_and_a_file_that_it_has_not():
    with pytest.raises(InputError, match="Did you mean 'belo_horizonte'"):
        sj.datasets.get("belo_horizont")
    with pytest.raises(KeyError, match="it has hexagons, minutes"):
        sj.datasets.get("belo_horizonte")["matrix"]


def test_what_has_an_address_is_fetched_once_and_checked(replay, monkeypatch, tmp_path):
    """Two synthetic files of a server on this machine: one right, one that is not what the registry promises."""
    body = b"zone,people\na,3\n"
    digests = {"right": hashlib.sha256(body).hexdigest(), "wrong": "0" * 64}
    facts = {"licence": "CC0 1.0", "attribution": "Town", "data_date": "2024", "description": "Synthetic people."}
    known = {
        f"town/{name}.csv": KnownFile(
            f"town/{name}.csv", digest, len(body), address=f"{replay.address}/{name}", **facts
        )
        for name, digest in digests.items()
    }
    entries = {name: lesson_data._Entry("Town", "Synthetic.", {"people": f"town/{name}.csv"}) for name in digests}
    for where in ("spatialjustice.sources.known_files.registry", "spatialjustice.datasets.lesson_data.registry"):
        monkeypatch.setattr(where, lambda: known)
    monkeypatch.setattr(lesson_data, "_listed", lambda: entries)
    monkeypatch.setenv("SPATIALJUSTICE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SPATIALJUSTICE_ALLOW_PRIVATE", "1")
    replay.answer = lambda path, _: body if path == "/right" else b"zone,people\na,4\n"
    assert sj.datasets.available()["where"].to_list() == ["on the web", "on the web"]
    assert sj.datasets.get("right")["people"].read_bytes() == body
    assert sj.datasets.available().loc["right", "where"] == "on this machine"
    asked = len(replay.asked)
    assert sj.datasets.get("right")["people"].read_bytes() == body
    assert len(replay.asked) == asked
    with pytest.raises(MissingFileError, match="It could not be fetched"):
        sj.datasets.get("wrong")
