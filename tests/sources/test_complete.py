"""Files that say of themselves that they are only a part, by the marks that their formats define."""

from __future__ import annotations

import bz2
import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import spatialjustice as sj
from spatialjustice._core.errors import DamagedFileError

POINTS = [
    {
        "type": "Feature",
        "properties": {"id": f"c{place}", "name": f"Clinic {place}"},
        "geometry": {"type": "Point", "coordinates": [10 + place / 1000, 50]},
    }
    for place in range(3)
]
PARTS = {
    "ArcGIS, at the top": {"exceededTransferLimit": True},
    "ArcGIS, in properties": {"properties": {"exceededTransferLimit": True}},
    "WFS": {"totalFeatures": 4321, "numberMatched": 4321, "numberReturned": 3},
    "an old GeoServer": {"totalFeatures": 4321},
    "STAC": {"context": {"matched": 4321, "returned": 3}},
    "OGC API": {"links": [{"rel": "next", "href": "https://example.org/items?offset=3"}]},
}
WHOLE = {
    "nothing said": {},
    "all told": {"exceededTransferLimit": False, "numberMatched": 3, "numberReturned": 3},
    "unknown": {"totalFeatures": "unknown", "links": [{"rel": "self", "href": "x"}]},
    "pages put together": {"numberMatched": 3, "numberReturned": 1, "links": [{"rel": "next", "href": "x"}]},
}


def codes(frame: Any) -> list[str]:
    return [finding["code"] for finding in frame.attrs["findings"]]


def written(folder: Path, members: dict[str, Any], ending: str = "geojson") -> Path:
    path = folder / f"clinics.{ending}"
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": POINTS}), "utf-8")
    return path


@pytest.mark.parametrize("members", PARTS.values(), ids=PARTS)
def test_a_part_is_told_whatever_it_is_read_as(members: dict[str, Any], tmp_path: Path) -> None:
    path = written(tmp_path, members)
    for read in (
        sj.sources.services_from_file(path, service="clinic", id="id"),
        sj.sources.read_vector(path, name="points"),
        sj.sources.table(path, id="id"),
        sj.sources.points(path, service="clinic", columns={"id": "id", "name": "name"}),
    ):
        assert len(read) == 3
        assert "file_says_it_is_a_part" in codes(read)


@pytest.mark.parametrize("members", WHOLE.values(), ids=WHOLE)
def test_a_whole_file_is_read_in_silence(members: dict[str, Any], tmp_path: Path) -> None:
    assert codes(sj.sources.read_vector(written(tmp_path, members), name="points")) == []


def test_the_numbers_are_told(tmp_path: Path) -> None:
    found = sj.sources.read_vector(written(tmp_path, PARTS["WFS"]), name="points").attrs["findings"][0]
    assert "3 of 4,321" in found["message"]
    assert found["severity"] == "warning"


def test_marks_after_the_shapes_and_in_large_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clinics.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": POINTS, "numberMatched": 9}), "utf-8")
    assert codes(sj.sources.read_vector(path, name="points")) == ["file_says_it_is_a_part"]
    monkeypatch.setattr("spatialjustice.sources.guards.complete.SMALL", 10)
    assert codes(sj.sources.read_vector(path, name="points")) == ["file_says_it_is_a_part"]


def test_archives_are_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "clinics.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(written(tmp_path, PARTS["WFS"]), "inside.geojson")
    assert codes(sj.sources.read_vector(path, name="points")) == ["file_says_it_is_a_part"]


def test_esri_json(tmp_path: Path) -> None:
    path = tmp_path / "clinics.json"
    feature = {"attributes": {"OBJECTID": 1}, "geometry": {"x": 10.0, "y": 50.0}}
    content = {
        "geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326}, "exceededTransferLimit": True,
        "fields": [{"name": "OBJECTID", "type": "esriFieldTypeOID"}], "features": [feature],
    }  # fmt: skip
    path.write_text(json.dumps(content), "utf-8")
    assert codes(sj.sources.read_vector(path, name="points")) == ["file_says_it_is_a_part"]


GML = """<?xml version="1.0"?>
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2"
 xmlns:a="http://example.org/a" {said}>
 <wfs:member><a:clinic gml:id="c.1"><a:name>One</a:name><a:place><gml:Point gml:id="p.1"
  srsName="http://www.opengis.net/gml/srs/epsg.xml#4326"><gml:pos>10 50</gml:pos></gml:Point></a:place></a:clinic>
 </wfs:member>{end}
</wfs:FeatureCollection>"""


@pytest.mark.parametrize(
    ("said", "end", "part"),
    [
        ('numberMatched="4321" numberReturned="1"', "", True),
        ('numberMatched="unknown" numberReturned="1" next="https://example.org/2"', "", True),
        ('numberMatched="1" numberReturned="1"', "<wfs:truncatedResponse/>", True),
        ('numberMatched="1" numberReturned="1"', "", False),
    ],
)
def test_gml(said: str, end: str, part: bool, tmp_path: Path) -> None:
    path = tmp_path / "clinics.gml"
    path.write_text(GML.format(said=said, end=end), "utf-8")
    assert ("file_says_it_is_a_part" in codes(sj.sources.read_vector(path, name="points"))) is part


OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6"><meta osm_base="2024-05-01T00:00:00Z"/>
 <node id="1" version="1" lat="50.0" lon="10.0"><tag k="amenity" v="library"/><tag k="note" v="&lt;remark&gt;"/></node>
 <node id="2" version="1" lat="50.0" lon="10.01"/>
 <way id="10" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
 {remark}
</osm>"""
TIMED_OUT = '<remark> runtime error: Query timed out in "query" at line 3 after 25 seconds. </remark>'


@pytest.mark.parametrize("ending", ["osm", "osm.gz", "osm.bz2"])
def test_a_half_answer_of_a_map_server_is_refused(ending: str, tmp_path: Path) -> None:
    pack = {"osm": bytes, "osm.gz": gzip.compress, "osm.bz2": bz2.compress}[ending]
    path = tmp_path / f"answer.{ending}"
    path.write_bytes(pack(OSM.format(remark=TIMED_OUT).encode()))
    for read in (
        lambda: sj.sources.services(path, "library"),
        lambda: sj.network.from_osm(path, mode="walk", smallest_component=0),
        lambda: sj.sources.streets(path),
    ):
        with pytest.raises(DamagedFileError, match="remarks “runtime error: Query timed out"):
            read()
    path.write_bytes(pack(OSM.format(remark="").encode()))
    assert len(sj.sources.services(path, "library")) == 1
