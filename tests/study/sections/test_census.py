"""Tables joined to the zones of a study, and places read from tables: every row is accounted for."""

from __future__ import annotations

import pandas as pd
import pytest

from spatialjustice._core.errors import InputError, StudyError
from spatialjustice.study import check, run
from tests.study.conftest import SOUTH, WEST, degrees

SPOTS = {"a": (150, 150), "b": (450, 150), "c": (750, 750), "d": (1050, 1050)}


@pytest.fixture
def joined(city):
    """Sixteen zones and a table of seventeen rows, whose ids are written in capitals of another column."""
    rows = [f"z{n:02d};{n * 10 + 10};{40 - n}" for n in range(16)]
    text = "\n".join(["code; people ;offline share", *rows, "z99;7;1"])
    (city.folder / "census.csv").write_text(text + "\n", encoding="utf-8")
    lines = [f"{label},{','.join(map(str, degrees(WEST + x, SOUTH + y)))},Live" for label, (x, y) in SPOTS.items()]
    (city.folder / "kiosks.csv").write_text(
        "\n".join(["Id,Lon,Lat,Status", *lines[:2], lines[2].replace("Live", "Planned")]) + "\n"
    )
    (city.folder / "wifi.csv").write_text(
        "\n".join(
            [
                "Id,Lon,Lat,Of",
                *(
                    f"w{n},{line.rsplit(',', 1)[0].split(',', 1)[1]},{of}"
                    for n, (line, of) in enumerate(
                        zip([lines[0], lines[2], lines[3], lines[3]], ["a", "c", "", ""], strict=True)
                    )
                ),
            ]
        )
        + "\n"
    )
    where = {"longitude": "Lon", "latitude": "Lat"}
    settings = {
        "streets": "straight lines",
        "zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        "population": {"column": "residents"},
        "census": [
            {
                "file": "census.csv",
                "key": "code",
                "columns": {"residents": "people", "offline": "offline share"},
                "people": "residents",
            }
        ],
        "services": [
            {
                "name": "wifi",
                "file": "kiosks.csv",
                "id": "Id",
                "columns": where,
                "in_use": {"Status": ["Live"]},
                "also": [{"file": "wifi.csv", "id": "Id", "columns": where, "same": "Of"}],
            }
        ],
        "digital": {"offline": {"column": "offline", "holds": "percent"}},
    }
    return lambda **changes: city.study(**{**settings, **changes})


def test_columns_of_the_table_are_those_of_the_zones(joined, tmp_path):
    """The table has 16 zones of 10, 20, … 160 people, 1,360 together, and 7 in a zone that is not there."""
    results = run(joined(), out=tmp_path / "out")
    assert results.people.sum() == 1360
    found = {finding.code: finding for finding in results.findings}
    assert found["rows_without_polygon"].people == 7
    ledger = pd.read_csv(tmp_path / "out" / "tables" / "ledger.csv").set_index(["step", "quantity"])
    line = ledger.loc[("census: census.csv", "residents")]
    assert line[["before", "after", "elsewhere"]].tolist() == [1367, 1360, 7]
    assert line["where"] == "7 rows without a zone"
    assert "census.csv" in {record.file for record in results.sources}
    assert results["digital"].amounts["offline"].iloc[0] == pytest.approx(0.4)


def test_places_count_once_and_every_row_is_accounted_for(joined, tmp_path):
    """Three kiosks, one planned; four hotspots: one is kiosk a, one the planned kiosk, two are one."""
    results = run(joined(), out=tmp_path / "out")
    assert sorted(results.services.index) == ["wifi/a", "wifi/b", "wifi_2/w2"]
    assert set(results.services["service"]) == {"wifi"}
    ledger = pd.read_csv(tmp_path / "out" / "tables" / "ledger.csv").set_index("step")
    assert ledger.loc["services: wifi: read kiosks.csv", ["before", "after", "where"]].tolist() == [
        3,
        2,
        "1 not in use",
    ]
    once = ledger.loc["services: wifi: count once"]
    assert once[["before", "after"]].tolist() == [6, 3]
    assert once["where"] == "1 same place; 1 named as another; 1 not in use"


def test_check_tells_of_the_table(joined):
    text = str(check(joined()))
    assert "census: census.csv: 1,367" in text
    assert "1 of 17 rows of the table have no polygon, with 7 in residents: z99" in text


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"columns": {"residents": "peple"}}, StudyError, "the table has no column peple.*Did you mean “people”"),
        ({"key": "cod"}, InputError, "no column cod.*Did you mean code"),
        ({"columns": {"zone": "people"}}, StudyError, "no column offline|zone"),
    ],
)
def test_a_table_that_does_not_fit(joined, changes, error, message):
    table = {"file": "census.csv", "key": "code", "columns": {"residents": "people", "offline": "offline share"}}
    with pytest.raises(error, match=message):
        check(joined(census=[{**table, **changes}]))


def test_only_zones_with_a_value_are_of_the_place(joined, city, write_zones, tmp_path):
    write_zones(city.folder / "zones.gpkg", district=["in"] * 12 + [None] * 4)
    zones = {"kind": "polygons", "file": "zones.gpkg", "id": "zone", "only_with": "district"}
    results = run(joined(zones=zones, place=None), out=tmp_path / "out")
    assert len(results.zones) == 12
    assert float(results.place.to_crs(32632).area.sum()) == pytest.approx(12 * 300**2, rel=1e-6)
    with pytest.raises(StudyError, match="no column distrct.*Did you mean “district”"):
        check(joined(zones={**zones, "only_with": "distrct"}))
