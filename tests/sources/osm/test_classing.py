"""What places are called against their class, the user's own table of classes, and any health care."""
# ruff: noqa: RUF001 (names in Persian are meant)

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from spatialjustice import sources
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice.sources.osm.places.classing import Reclassing, contradiction
from spatialjustice.sources.osm.places.services import offering, rows_by_key
from spatialjustice.sources.osm.places.services_catalogue import read_catalogue


@pytest.mark.parametrize(
    ("service", "tags", "because"),
    [
        ("hospital", {"amenity": "hospital", "name": "Kawempe Health Centre III"}, "name: health centre"),
        ("hospital", {"amenity": "hospital", "name": "Centro de Salud Norte"}, "name: centro de salud"),
        ("hospital", {"amenity": "hospital", "name": "POSTO DE SAUDE"}, "name: posto de saúde"),
        ("hospital", {"amenity": "hospital", "name": "خانه\u200cبهداشت ولی\u200cآباد"}, "name: خانه بهداشت"),
        ("hospital", {"amenity": "hospital", "name": "درمانگاه امام"}, "name: درمانگاه"),
        ("hospital", {"amenity": "hospital", "healthcare": "clinic"}, "healthcare=clinic"),
        ("hospital", {"amenity": "hospital", "name": "Women's Hospital and Clinics"}, None),
        ("hospital", {"amenity": "hospital", "name": "بیمارستان و درمانگاه امام"}, None),
        ("hospital", {"amenity": "hospital", "name": "Saint Mary"}, None),
        ("hospital", {"amenity": "hospital"}, None),
        ("clinic", {"amenity": "clinic", "shop": "beauty"}, "shop=beauty"),
        ("clinic", {"amenity": "clinic", "name": "Phone Repair Clinic"}, "name: phone"),
        ("clinic", {"amenity": "clinic", "name": "Happy Pets Clinic"}, "name: pet"),
        ("clinic", {"amenity": "clinic", "name": "Petersfield Clinic"}, None),
        ("clinic", {"amenity": "clinic", "shop": "no", "name": "Norra kliniken"}, None),
        ("pharmacy", {"amenity": "pharmacy", "name": "Hospital Pharmacy"}, None),
        ("school", {"amenity": "school", "name": "City Driving School"}, "name: driving school"),
        ("bank", {"amenity": "bank", "name": "Food Bank"}, "name: food bank"),
        ("park", {"leisure": "park", "name": "Station Car Park"}, "name: car park"),
        ("park", {"leisure": "park", "name": "Carl Park"}, None),
    ],
)
def test_names_and_further_tags_against_the_class(service, tags, because):
    assert contradiction(read_catalogue().service(service), tags) == because


PLACES = {
    1: {"amenity": "hospital", "name": "City Hospital"},
    2: {"amenity": "hospital", "name": "North Health Centre"},
    3: {"amenity": "clinic", "name": "Clinic"},
    4: {"amenity": "clinic", "shop": "cosmetics", "name": "Skin"},
    5: {"shop": "chemist", "name": "Dispensary of the village"},
    6: {"healthcare": "midwife"},
}


@pytest.fixture
def town(tmp_path):
    path = tmp_path / "town.osm"
    nodes = ""
    for number, tags in PLACES.items():
        said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        nodes += f'<node id="{number}" version="1" lat="{number / 100}" lon="0">{said}</node>'
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}</osm>', encoding="utf-8")
    return path


def test_places_in_doubt_count_and_are_listed(town):
    found = sources.services(town, ["hospital", "clinic"])
    assert len(found) == 4
    told = {one.code: one for one in findings_of(found)}["class_contradicted"]
    assert told.count == 2
    assert "hospital/n2 “North Health Centre” (name: health centre)" in told.message
    listed = sources.class_contradictions(found)
    assert listed["because"].to_dict() == {"hospital/n2": "name: health centre", "clinic/n4": "shop=cosmetics"}


def test_any_health_care_takes_every_place_once_whatever_its_class(town):
    assert sorted(sources.services(town, "any_health_care").index) == [f"any_health_care/n{n}" for n in (1, 2, 3, 4, 6)]


def test_an_own_table_sets_classes_right_and_is_in_the_record(town, tmp_path):
    """2 is a clinic, 4 is none, 5 is a clinic although tagged as a shop, and 77 is nowhere."""
    table = tmp_path / "classes.csv"
    table.write_text(
        "id,from,to,why\nn2,hospital,clinic,asked\nnode/4,clinic,,a shop\nn5,,clinic,seen\nn77,clinic,hospital,\n",
        encoding="utf-8",
    )
    found = sources.services(town, ["hospital", "clinic"], reclass=table)
    assert found.index.tolist() == ["hospital/n1", "clinic/n2", "clinic/n3", "clinic/n5"]
    told = {one.code: one for one in findings_of(found)}
    assert told["places_reclassed"].count == 3
    assert "n77" in told["places_to_reclass_not_found"].message
    assert "class_contradicted" not in told
    assert "classes.csv" in {record["file"] for record in found.attrs["sources"]}
    # A group counts the classes of its members.
    assert "health/n5" in sources.services(town, "health", reclass=table).index


@pytest.mark.parametrize(
    ("row", "said"), [("n1,hospitl,", "hospital"), ("x1,hospital,", "n123"), ("n1,health,", "group of services")]
)
def test_a_table_that_cannot_be_used_is_refused(town, tmp_path, row, said):
    table = tmp_path / "classes.csv"
    table.write_text(f"id,from,to\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        sources.services(town, "hospital", reclass=table)


def test_what_an_own_catalogue_says_is_doubtful(tmp_path):
    own = tmp_path / "own.yml"
    own.write_text("kiosk: {en: Kiosk, any: [{shop: kiosk}], doubtful: {names: [bar]}}\n", encoding="utf-8")
    assert contradiction(read_catalogue(own).service("kiosk"), {"shop": "kiosk", "name": "The Bar"}) == "name: bar"
    own.write_text("kiosk: {en: Kiosk, any: [{shop: kiosk}], doubtful: {name: bar}}\n", encoding="utf-8")
    with pytest.raises(InputError, match="doubtful"):
        read_catalogue(own)


def test_places_are_found_by_their_keys_as_if_each_were_asked_for_each_service(tmp_path):
    """Also those of groups of groups, of tags with several values, and those that only the table names."""
    file = tmp_path / "own.yml"
    file.write_text(
        "seat: {any: [{amenity: bench}, {leisure: garden, seats: [two, three]}], not: [{barrier: block}]}\n"
        "rest: {all_of: [seat, library]}\nall: {all_of: [rest, pharmacy]}\n",
        encoding="utf-8",
    )
    known = read_catalogue(file)
    rng = np.random.default_rng(4)
    words = {"amenity": ["bench", "library", "pharmacy; library", "pub"], "leisure": ["garden", "no"]}
    words |= {"seats": ["two", "three;four", "four"], "barrier": ["block"], "access": ["private", "yes"]}
    tags = [{key: str(rng.choice(values)) for key, values in words.items() if rng.random() < 0.6} for _ in range(300)]
    frame = gpd.GeoDataFrame({"tags": tags}, geometry=[Point(0, 0)] * 300).set_axis([f"n{n}" for n in range(300)])
    table = Reclassing(
        frozenset({(f"n{n}", name) for n in range(60) for name in ("library", "seat")}),
        frozenset({(f"n{n}", name) for n in range(40, 90) for name in ("pharmacy", "seat")}),
    )
    having = rows_by_key(frame["tags"])
    for name in ("seat", "library", "pharmacy", "rest", "all"):
        service = known.service(name)
        asked = [n for n, said in enumerate(tags) if table.fits(f"n{n}", said, service)]
        assert offering(frame, service, table, having).tolist() == asked
        assert 0 < len(asked) < 300
