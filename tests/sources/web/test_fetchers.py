"""Fetchers against answers of the shape that each service documents; no real server was reached."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import osmium
import pytest
import rasterio
from osmium.osm.mutable import Node
from rasterio.transform import from_origin

from spatialjustice import sources
from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources.known_files import KnownFile
from tests.sources.replay import Said, kept

SQUARE = {"type": "Polygon", "coordinates": [[[9, 50], [9.1, 50], [9.1, 50.1], [9, 50.1], [9, 50]]]}


def cache():
    return Path(os.environ["SPATIALJUSTICE_CACHE"])


def found(kind="relation", number=5, geometry=None, name="Town, Country"):
    """One place as Nominatim's JSON format version 2 gives it."""
    return {
        "place_id": 1, "licence": "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright",
        "osm_type": kind, "osm_id": number, "lat": "50.05", "lon": "9.05", "category": "boundary",
        "type": "administrative", "place_rank": 16, "importance": 0.6, "addresstype": "city", "name": "Town",
        "display_name": name, "boundingbox": ["50", "50.1", "9", "9.1"], "geojson": geometry or SQUARE,
    }  # fmt: skip


def test_a_place_by_its_name(replay):
    point = found("node", 1, {"type": "Point", "coordinates": [9, 50]})
    replay.answer = lambda *_: json.dumps([point, found(), found("way", 8, name="Town, Elsewhere")]).encode()
    place = sources.place_by_name("Town", server=replay.address)
    assert place["object_id"].tolist() == ["relation/5"], "the first with an outline"
    assert place.total_bounds.tolist() == [9, 50, 9.1, 50.1]
    (finding,) = findings_of(place)
    assert (finding.code, finding.count) == ("other_places_of_the_name", 1)
    assert "Town, Elsewhere (way/8)" in finding.message
    (record,) = sources_of(place)
    assert (record.licence, record.data_date) == ("Open Database License (ODbL) 1.0", None)
    assert ("q", "Town") in replay.asked[0][1]
    other = sources.place_by_name("Town", object_id="way/8", server=replay.address)
    assert other["name"].tolist() == ["Town, Elsewhere"]
    assert len(replay.asked) == 1
    with pytest.raises(InputError, match="relation/9 is none of the places called Town.*relation/5, way/8"):
        sources.place_by_name("Town", object_id="relation/9", server=replay.address)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "knows no place called Town"),
        ([found("node", 1, {"type": "Point", "coordinates": [9, 50]})], "none of the 1 places called Town has an"),
        ({"error": {"code": 400, "message": "Nothing to search for."}}, "Nothing to search for"),
        ("busy", "no list of places"),
    ],
)
def test_a_place_that_is_not_found(replay, content, words):
    replay.answer = lambda *_: json.dumps(content).encode()
    with pytest.raises(InputError, match=words):
        sources.place_by_name("Town", server=replay.address)
    assert kept(cache()) == []


def areas(replay, **entry):
    """The catalogue's entry of an administrative level, and the file it names."""
    features = [
        {
            "type": "Feature",
            "properties": {"shapeName": "North", "shapeISO": "KE-1", "shapeID": "a"},
            "geometry": SQUARE,
        }
    ]
    said = {
        "boundaryID": "KEN-ADM1-1", "boundaryName": "Kenya", "boundaryISO": "KEN", "boundaryYearRepresented": "2019",
        "boundaryType": "ADM1", "boundaryCanonical": "Counties", "boundarySource": "OCHA ROSEA, HDX",
        "boundaryLicense": "Creative Commons Attribution 3.0 IGO", "admUnitCount": "1",
        "gjDownloadURL": f"{replay.address}/raw/geoBoundaries-KEN-ADM1.geojson", **entry,
    }  # fmt: skip

    def answer(path, _):
        if path == "/gbOpen/KEN/ADM1/":
            return json.dumps(said).encode()
        if path.startswith("/raw/"):
            return Said(status=302, headers={"Location": "/media/file.geojson"})
        return json.dumps({"type": "FeatureCollection", "features": features}).encode()

    replay.answer = answer


def test_areas_of_a_country(replay):
    areas(replay)
    frame = sources.geoboundaries("KEN", server=replay.address)
    assert frame["shapeName"].tolist() == ["North"]
    assert frame.crs == 4326
    (record,) = sources_of(frame)
    assert record.licence == "Creative Commons Attribution 3.0 IGO"
    assert (record.data_date, record.data_date_from) == ("2019", "publisher")
    assert "OCHA ROSEA" in record.attribution
    areas(replay, boundaryLicense=None, boundaryYearRepresented="unknown")
    with sources.fetching(refresh=True):
        (record,) = sources_of(sources.geoboundaries("KEN", server=replay.address))
    assert (record.licence, record.data_date) == ("not stated", None)


def test_areas_that_are_not_there(replay):
    with pytest.raises(InputError, match="Kenya is no code of a country"):
        sources.geoboundaries("Kenya", server=replay.address)
    with pytest.raises(InputError, match="HTTP 404"):
        sources.geoboundaries("KEN", server=replay.address)
    areas(replay, gjDownloadURL="file:///etc/passwd")
    with pytest.raises(DamagedFileError, match="names no file of areas"):
        sources.geoboundaries("KEN", server=replay.address)
    areas(replay, gjDownloadURL="")
    with pytest.raises(DamagedFileError, match="names no file of areas"):
        sources.geoboundaries("KEN", server=replay.address)
    assert kept(cache()) == []


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    path = tmp_path_factory.mktemp("extract") / "malta.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        writer.add_node(Node(id=1, location=(14.5, 35.9), version=1, tags={"amenity": "library"}))
    return path.read_bytes()


def test_an_extract_is_compared_with_its_checksum(replay, extract):
    digest = hashlib.md5(extract).hexdigest()
    beside = f"{digest}  malta-latest.osm.pbf\n".encode()
    replay.answer = lambda path, _: beside if path.endswith(".md5") else extract
    path = sources.geofabrik("europe/malta", server=replay.address)
    assert path.name == "malta-latest.osm.pbf"
    assert path.read_bytes() == extract
    assert [one for one, _ in replay.asked] == [f"/europe/malta-latest.osm.pbf{end}" for end in (".md5", "")]
    assert sources.geofabrik("europe/malta", server=replay.address) == path
    assert len(replay.asked) == 2
    (record,) = sources_of(sources.services(path, "library"))
    assert record.address == f"{replay.address}/europe/malta-latest.osm.pbf"


def test_an_extract_that_is_none(replay, extract):
    page = b"<html>moved</html>"
    for body, md5, words in (
        (extract[:-9], hashlib.md5(extract).hexdigest(), "md5 .* was promised"),
        (page, hashlib.md5(page).hexdigest(), "is no OpenStreetMap file"),
        (extract, "not found", "holds no md5"),
    ):
        replay.answer = lambda path, _, md5=md5, body=body: md5.encode() if path.endswith(".md5") else body
        with pytest.raises(DamagedFileError, match=words):
            sources.geofabrik("europe/malta", server=replay.address)
    with pytest.raises(InputError, match="is no region"):
        sources.geofabrik("../secret", server=replay.address)
    assert kept(cache()) == []


def grid(crs="ESRI:54009", side=40):
    with rasterio.MemoryFile() as file:
        profile = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "float32", "crs": crs}
        with file.open(**profile, transform=from_origin(9, 50, 0.001, 0.001)) as raster:
            raster.write(np.ones((side, side), "float32"), 1)
        return file.read()


def test_people_of_a_country(replay):
    listed = [
        {
            "id": str(year), "title": f"The spatial distribution of population in {year}, Kenya", "popyear": str(year),
            "iso3": "KEN", "data_file": f"GIS/Population/Global_2000_2020/{year}/KEN/ken_ppp_{year}.tif",
            "files": [f"{replay.address}/GIS/Population/Global_2000_2020/{year}/KEN/ken_ppp_{year}.tif"],
        }
        for year in (2019, 2020)
    ]  # fmt: skip
    body = grid(4326)
    replay.answer = lambda path, _: json.dumps({"data": listed}).encode() if path == "/wpgp" else body
    path = sources.worldpop("KEN", server=replay.address)
    assert path.name == "ken_ppp_2020.tif"
    assert replay.asked[0] == ("/wpgp", [("iso3", "KEN")])
    record = sources.record_of(path, "population")
    assert (record.data_date, record.licence) == ("2020", "Creative Commons Attribution 4.0")
    with pytest.raises(InputError, match="no wpgp of KEN for 2030. It has: 2019, 2020"):
        sources.worldpop("KEN", year=2030, server=replay.address)
    replay.answer = lambda *_: b'{"data": []}'
    with pytest.raises(InputError, match="no grid of this country"):
        sources.worldpop("XXX", server=replay.address)


@pytest.mark.parametrize(
    ("west", "south", "east", "north", "tiles"),
    [
        (9.1, 49.1, 9.3, 49.2, [(4, 19)]),  # Heilbronn
        (-15.5, 28.0, -15.4, 28.2, [(6, 17)]),  # Las Palmas
        (-118.5, 33.9, -118.1, 34.2, [(5, 8)]),  # Los Angeles
        (126.9, 37.4, 127.0, 37.5, [(5, 30)]),  # Seoul
    ],
)
def test_tiles_of_places(west, south, east, north, tiles):
    """The names of the tiles that published studies of these places took from the server."""
    assert sources.ghs_pop_tiles(sources.box(west, south, east, north)) == tiles


def packed(**members):
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name.replace("__", "."), data)
        return file.getvalue()


def test_a_tile_of_people_is_taken_out_of_its_archive(replay):
    body = grid()
    replay.answer = lambda *_: packed(GHS_POP_tile__tif=body, notes__pdf=b"notes")
    path = sources.ghs_pop(4, 19, server=replay.address)
    name = "GHS_POP_E2020_GLOBE_R2023A_54009_100"
    assert replay.asked[0][0] == f"/{name}/V1-0/tiles/{name}_V1_0_R4_C19.zip"
    assert path.name == f"{name}_V1_0_R4_C19.tif"
    assert path.read_bytes() == body
    assert sources.ghs_pop(4, 19, server=replay.address) == path
    assert len(replay.asked) == 1
    assert sources.record_of(path, "population").data_date == "2020"
    for words, change in (("row 19", {"row": 19}), ("for 2021", {"year": 2021})):
        with pytest.raises(InputError, match=words):
            sources.ghs_pop(**{"row": 4, "column": 19, "server": replay.address, **change})


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (packed(notes__pdf=b"notes"), "holds 0 grids"),
        (packed(a__tif=b"1", b__tif=b"2"), "holds 2 grids"),
        (packed(a__tif=b"<html>"), "no whole GeoTIFF"),
        (packed(a__tif=grid()[:-3000]), "no whole GeoTIFF"),
        (packed(a__tif=grid())[:-30], "no whole archive"),
        (packed(a__tif=b"0" * 30_000_000), "far larger than the archive"),
    ],
)
def test_an_archive_that_holds_no_grid(replay, archive, words):
    replay.answer = lambda *_: archive
    with pytest.raises(DamagedFileError, match=words):
        sources.ghs_pop(4, 19, server=replay.address)
    assert not list(cache().glob("content/*/*.tif"))


TABLES = {f"{name}__txt": "a,b\n" for name in ("agency", "stops", "routes", "trips", "stop_times", "calendar")}


def test_a_timetable_by_its_address(replay):
    info = "feed_publisher_name,feed_lang,feed_start_date\r\nTown,en,20240502\r\n"
    replay.answer = lambda *_: packed(**TABLES, feed_info__txt=info)
    path = sources.gtfs(f"{replay.address}/feed.zip?token=secret1", licence="CC0 1.0")
    assert path.name == "feed.zip"
    record = sources.record_of(path, "timetable")
    assert (record.data_date, record.licence) == ("2024-05-02", "CC0 1.0")
    assert record.address == f"{replay.address}/feed.zip"
    lacking = {name: text for name, text in TABLES.items() if not name.startswith(("stops", "calendar"))}
    replay.answer = lambda *_: packed(**lacking)
    with pytest.raises(DamagedFileError, match=r"lacks stops\.txt, calendar\.txt or calendar_dates\.txt") as caught:
        sources.gtfs(f"{replay.address}/other?token=secret1")
    assert "secret1" not in str(caught.value)


def test_a_known_file_is_fetched_and_then_found(replay, monkeypatch, tmp_path):
    body = b"a,b\n1,2\n"
    digest, address = hashlib.sha256(body).hexdigest(), f"{replay.address}/x"
    known = KnownFile("town/people.csv", digest, len(body), "CC0 1.0", "Town", "2024", address, "People of the town.")
    lost = KnownFile("town/lost.csv", "0" * 64, 1, "CC0 1.0", "Town", None, "", "Lost.")
    monkeypatch.setattr(
        "spatialjustice.sources.known_files.registry", lambda: {"town/people.csv": known, "town/lost.csv": lost}
    )
    with pytest.raises(MissingFileError, match="spatialjustice fetch"):
        sources.locate("town/people.csv", folders=[tmp_path])
    replay.answer = lambda *_: b"another file"
    with pytest.raises(DamagedFileError, match="is not the file it should be"):
        sources.fetch_known("town/people.csv")
    replay.answer = lambda *_: body
    path = sources.fetch_known("town\\people.csv")
    assert path.name == "people.csv"
    assert sources.locate("town/people.csv", folders=[tmp_path]) == path
    assert sources.fetch_known("town/people.csv") == path
    with pytest.raises(MissingFileError, match="no public address"):
        sources.fetch_known("town/lost.csv")
    with pytest.raises(MissingFileError, match="knows no such file"):
        sources.fetch_known("town/none.csv")


def test_words_of_an_own_catalogue_stay_words():
    """A name with quotes cannot end the word it stands in."""
    from spatialjustice.sources.osm.overpass import quoted_word

    assert quoted_word('a"];out;') == '"a\\"];out;"'
    assert json.loads(quoted_word('کتابخانه "\\')) == 'کتابخانه "\\'
