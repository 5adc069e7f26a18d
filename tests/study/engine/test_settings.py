"""The study file: what it accepts, and what it says of what it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from spatialjustice._core.errors import MissingFileError, StudyError
from spatialjustice.study.settings import Study, schema

GOOD = """
title: {en: Reach, fa: دسترسی}
place: city/boundary.geojson
streets: city/streets.osm.pbf
zones: {kind: hexagons, resolution: 9}
population: {raster: city/people.tif}
services: [pharmacy, {name: wifi, file: city/wifi.geojson}]
cutoffs: [500 m, 1.5 km, 15 min]
languages: [en, fa]
"""

TRACTS = {"kind": "polygons", "file": "city/tracts.gpkg"}


def changed(**lines: object) -> str:
    return yaml.safe_dump(yaml.safe_load(GOOD) | lines, allow_unicode=True)


def test_a_study_is_read_whole():
    study = Study.parse(GOOD)
    assert study.service_names == ("pharmacy", "wifi")
    assert study.files == ("city/boundary.geojson", "city/streets.osm.pbf", "city/people.tif", "city/wifi.geojson")
    assert [cutoff.label for cutoff in study.cutoffs] == ["500 m", "1500 m", "15 min"]
    (walk,) = study.modes
    assert (walk.name, walk.key, walk.kilometres_an_hour) == ("walk", "walk", 4.8)
    # 15 minutes at 4.8 km/h are 1.2 km, so 1.5 km is the largest cutoff.
    assert [cutoff.metres(walk.kilometres_an_hour) for cutoff in study.cutoffs] == [500, 1500, 1200]
    assert study.widest(walk).label == "1500 m"
    assert study.reach_of(walk) == study.margin == 1500


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ({"servces": ["library"]}, "servces: unknown key; did you mean “services”?"),
        ({"zones": {"kind": "hexagons", "resolutoin": 9}}, "zones.resolutoin: unknown key; did you mean “resolution”?"),
        ({"zones": {"kind": "circles"}}, "zones: .*'circles'.*'hexagons', 'squares', 'polygons', 'table'"),
        ({"population": {"rastr": "a.tif"}}, "population.rastr: unknown key; did you mean “raster”?"),
        ({"population": {"column": "people"}}, "population.column needs zones of kind polygons"),
        ({"groups": {"women": "Women"}}, "groups and rank_by need zones of kind polygons"),
        ({"cutoffs": [500]}, "cutoffs.0: “500” is not a cutoff; write a number with its unit"),
        ({"cutoffs": ["-5 m"]}, "“-5 m” is not a cutoff"),
        ({"cutoffs": ["0 m"]}, "cutoffs.0.value: .*greater than 0"),
        ({"cutoffs": ["500 m", "0.5 km"]}, "cutoffs: 500_m named more than once"),
        ({"services": []}, "services: this setting is missing; nothing else"),
        ({"services": ["library", "library"]}, "services: library named more than once"),
        ({"services": [{"name": "wifi", "fil": "x"}]}, "services.0.fil: unknown key; did you mean “file”?"),
        ({"place": {"bounds": [28.0, -15.5, 27.0, -15.4]}}, "are not west < east and south < north"),
        ({"place": {"bounds": [0, 0, 1, 1], "boundary": "x"}}, "not both and not neither"),
        ({"languages": ["en", "xx"]}, "languages.1: the languages are en and fa, not xx"),
        ({"modes": [{"name": "walk", "speed": -3}]}, "modes.0.speed: .*greater than 0.*-3"),
        ({"modes": [{"name": "walk", "speed": float("nan")}]}, "modes.0.speed: .*finite number"),
        ({"modes": [{"name": "walk", "sped": 4}]}, "modes.0.sped: unknown key; did you mean “speed”?"),
        ({"modes": []}, "modes: .*at least 1 item"),
        ({"modes": ["wolk"]}, "there is no mode called “wolk”. Did you mean “walk”?"),
        ({"modes": ["transt"]}, "there is no mode called “transt”. Did you mean “transit”?"),
        ({"modes": ["walk", {"name": "walk", "speed": 3}]}, "walk named more than once; give one of them a key"),
        ({"speed": 4}, r"speed: a mode has its speed: write modes: \[{name: walk, speed: 4}\]"),
        ({"cutoffs": {"fly": ["500 m"]}}, "cutoffs: fly is no mode of this study, which has walk"),
        ({"cutoffs": {"walk": [500]}}, "cutoffs.walk.0: “500” is not a cutoff"),
        ({"cutoffs": {"walk": []}}, "cutoffs.walk: .*at least 1 item"),
        ({"cutoffs": {"walk": ["500 m", "0.5 km"]}}, "cutoffs of walk: 500_m named more than once"),
        ({"place": None}, "place: this setting is missing; only zones from a file know"),
        ({"permutations": 10}, "permutations: .*greater than or equal to 99"),
        ({"title": 2023}, "title: write a text in quotation marks"),
        ({"title": {}}, "title: write a text in quotation marks"),
        ({"title": {"de": "Stadt"}}, "title: the languages are en and fa, not de"),
        ({"languages": ["en", "en"]}, "languages: en named more than once"),
        ({"credits": {"other.tif": {"licence": "CC0"}}}, "credits: other.tif is no file of this study"),
        ({"census": [{"file": "a.csv", "key": "id"}]}, "census: tables are joined to zones of kind polygons"),
        ({"census": [{"file": "a.csv"}]}, "census.0: key: this setting is missing"),
        ({"census": [{"file": "a.csv", "key": "id", "year": 2019}]}, "census.0: year: only a provider is asked"),
        ({"census": [{"provider": "us_census", "year": 2019}]}, "us_census must be told themes, places, level"),
        ({"census": [{"fil": "a.csv"}]}, "census.0.fil: unknown key; did you mean “file”?"),
        ({"census": [{}]}, r"census.0: give either file \(a table\) or provider"),
        ({"digital": {"conected": "a"}}, "digital.conected: unknown key; did you mean “connected”?"),
        ({"digital": {"offline": {"column": "a", "hold": "percent"}}}, "offline.hold: .*did you mean “holds”?"),
        ({"digital": {"index": {"method": "purdue"}}}, "digital.index.method: .*'purdue_ddi'"),
        ({"digital": {"index": {}}}, "digital.index: indicators: this setting is missing"),
        ({"digital": {"index": {"method": "purdue_ddi"}}}, "digital.index: parts: this setting is missing"),
        ({"digital": {"index": {"indicators": {"a": "bad"}}}}, "indicators.a: .*'higher is worse'"),
        (
            {"digital": {"index": {"indicators": {"a": "lower is worse"}, "weights": {"b": 1}}}},
            "digital.index: weights: b is none of the columns a",
        ),
        ({"digital": {"profile": {"household_internt": "a"}}}, "did you mean “household_internet”?"),
        ({"digital": {"profile": {"household_internet": {"colum": "a"}}}}, "colum: .*did you mean “column”?"),
        ({"digital": {"price": {"income": "a"}}}, "digital.price: give either amount"),
        ({"digital": {"supply": {}}}, "digital.supply: give either column"),
        (
            {"digital": {"exclusion": {"service": "wifi", "cutoff": "500 m"}}},
            "digital: exclusion: connected or offline is missing",
        ),
        (
            {"digital": {"offline": "a", "exclusion": {"service": "wify", "cutoff": "500 m"}}, "zones": TRACTS},
            "exclusion: “wify” is no service of this study; did you mean “wifi”?",
        ),
        (
            {"digital": {"offline": "a", "exclusion": {"service": "wifi", "cutoff": "600 m"}}, "zones": TRACTS},
            "exclusion: 600 m is none of the cutoffs of the study",
        ),
        (
            {
                "digital": {"offline": "a", "exclusion": {"service": "wifi", "cutoff": "500 m", "near": "area"}},
                "zones": TRACTS,
            },
            "exclusion: near: area is for straight lines",
        ),
        ({"digital": {"offline": "a"}}, "a is a column, and only zones of kind polygons or table have columns"),
        (
            {"services": [{"name": "wifi", "file": "x.csv", "also": [{"file": "y.csv"}], "count": "n"}]},
            "count: places that count once",
        ),
        ({"services": [{"name": "wifi", "file": "x.csv", "columns": {"longitud": "x"}}]}, "did you mean “longitude”?"),
        ({"services": [{"name": "wifi", "file": "x.csv", "once_within": -1}]}, "once_within: .*greater than or equal"),
        ({"mode": "walk"}, r"mode: write a list: modes: \[walk\]"),
        ({"name": "../etc"}, "name: .*pattern"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(lines, message):
    with pytest.raises(StudyError, match=message):
        Study.parse(changed(**lines), name="study.yaml")


def test_cutoffs_keep_their_digits():
    study = Study.parse(changed(cutoffs=["2000 km", "1234.5678 m"]))
    assert [cutoff.label for cutoff in study.cutoffs] == ["2000000 m", "1234.5678 m"]
    assert [cutoff.key for cutoff in study.cutoffs] == ["2000000_m", "1234_5678_m"]


def test_a_group_cannot_be_everybody():
    zones = {"kind": "polygons", "file": "zones.gpkg"}
    with pytest.raises(StudyError, match="a group cannot be called everybody"):
        Study.parse(changed(zones=zones, groups={"everybody": "All"}))


def test_all_faults_are_told_at_once():
    with pytest.raises(StudyError) as caught:
        Study.parse(changed(snap_limit=-1, servces=[], languages=["xx"]))
    assert str(caught.value).count("\n  - ") == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file holds no settings"),
        ("- a list", "the file holds no settings"),
        ("title: a\ntitle: b", "line 2: “title” stands here twice"),
        ("title: [", "not valid YAML: line 1"),
        ("title: !!python/object/apply:os.getcwd []", "not valid YAML: line 1: could not determine a constructor"),
        ("title: a", "streets: this setting is missing"),
    ],
)
def test_what_is_not_a_study_is_refused(text, message):
    with pytest.raises(StudyError, match=message):
        Study.parse(text)


def test_a_missing_or_binary_study_file(tmp_path):
    with pytest.raises(MissingFileError, match="there is no such study file"):
        Study.read(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StudyError, match="must be a text file in UTF-8"):
        Study.read(tmp_path / "binary.yaml")


def test_the_name_comes_from_the_file(tmp_path):
    (tmp_path / "Las Palmas 2023.yaml").write_text(GOOD, encoding="utf-8")
    assert Study.read(tmp_path / "Las Palmas 2023.yaml").name == "las_palmas_2023"


def test_schema_knows_every_key_and_says_what_it_means():
    made, known = schema(), Study.with_sections().model_fields
    assert set(made["properties"]) == set(known)
    assert all(field.description for field in known.values())
    json.dumps(made)


def test_the_committed_schema_is_the_present_one():
    committed = Path(__file__).resolve().parents[3] / "studies" / "study.schema.json"
    assert json.loads(committed.read_text(encoding="utf-8")) == schema(), "run: make schema"
