"""A study of reports in a synthetic city, in which it is known who is silent, how late and how slow."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from spatialjustice._core.errors import InputError, StudyError
from spatialjustice.study import run
from spatialjustice.study.sections.reports.compute import indicators
from spatialjustice.study.settings import Study
from tests.browsing import text_of_page

WEST, SOUTH, SIDE, CELL = 500_000.0, 5_540_000.0, 8, 150.0
SILENT = ["z00", "z01", "z02", "z03"]
START = pd.Timestamp("2024-01-01", tz="UTC")


def synthetic_zones():
    """Sixty-four squares with 300 to 900 people; in z10 nobody lives, of z20 the need is not known."""
    draw = np.random.default_rng(20)
    squares = [
        box(WEST + CELL * x, SOUTH + CELL * y, WEST + CELL * (x + 1), SOUTH + CELL * (y + 1))
        for y in range(SIDE)
        for x in range(SIDE)
    ]
    zones = gpd.GeoDataFrame(
        {
            "zone": [f"z{n:02d}" for n in range(64)],
            "people": draw.integers(300, 900, 64).astype(float),
            "old_houses": draw.uniform(0.1, 0.9, 64),
            "row": ["north" if n >= 56 else "rest" for n in range(64)],
        },
        geometry=squares,
        crs=32632,
    ).set_index("zone", drop=False)
    zones.loc["z10", "people"] = 0.0
    zones.loc["z20", "old_houses"] = np.nan
    return zones


def synthetic_reports(zones):
    """Incidents come with people and old houses; each is reported at a tenth a day until it is closed.

    In four zones four of five incidents are never reported. Roads take 10 days on average, lamps 30, and twice that in
    the northernmost row. Two reports lie outside, one has no place, one was closed before it was made.
    """
    draw = np.random.default_rng(21)
    rows = []
    for name, zone in zones.iterrows():
        need = 0.5 if np.isnan(zone["old_houses"]) else zone["old_houses"]
        mean = 0.05 * zone["people"] * np.exp(1.5 * (need - 0.5))
        for _ in range(draw.poisson(mean * (0.2 if name in SILENT else 1.0) * draw.gamma(40, 1 / 40))):
            kind = draw.choice(["road", "lamp"])
            first = draw.uniform(0, 300)
            took = draw.exponential((10 if kind == "road" else 30) * (2 if name >= "z56" else 1))
            left, bottom, right, top = zone.geometry.bounds
            point = draw.uniform(left, right), draw.uniform(bottom, top)
            times = [first, *(first + np.cumsum(draw.exponential(10, 30)))]
            rows += [
                (kind, time, first + took, point, f"{name}-{first:.6f}")
                for time in times
                if time <= first + took and time <= 310
            ]
    frame = pd.DataFrame(rows, columns=["kind", "opened", "closed", "point", "incident"])
    points = gpd.GeoSeries.from_xy(*zip(*frame["point"], strict=True), crs=32632).to_crs(4326)
    table = pd.DataFrame(
        {
            "service_request_id": [f"r{n}" for n in range(len(frame))],
            "service_name": frame["kind"],
            "requested_datetime": START + pd.to_timedelta(frame["opened"], unit="D"),
            "closed_datetime": (START + pd.to_timedelta(frame["closed"], unit="D")).where(frame["closed"] <= 310),
            "lat": points.y,
            "long": points.x,
            "incident": frame["incident"],
        }
    )
    odd = table.iloc[:4].assign(service_request_id=["o1", "o2", "o3", "o4"], incident=["o1", "o2", "o3", "o4"])
    odd.loc[[0, 1], "lat"] = 51.0
    odd.loc[[2], ["lat", "long"]] = np.nan
    odd.loc[[3], "closed_datetime"] = START - pd.Timedelta(days=5)
    return pd.concat([table, odd], ignore_index=True)


@pytest.fixture(scope="module")
def town(city_once):
    zones = synthetic_zones()
    zones.reset_index(drop=True).to_file(city_once.folder / "squares.gpkg", driver="GPKG")
    synthetic_reports(zones).to_csv(city_once.folder / "requests.csv", index=False)
    city_once.settings |= {
        "streets": "straight lines",
        "place": None,
        "zones": {"kind": "polygons", "file": "squares.gpkg", "id": "zone"},
        "population": {"column": "people"},
        "languages": ["en", "fa"],
        "reports": {
            "file": "requests.csv",
            "columns": {"incident": "incident"},
            "data_end": str(START + pd.Timedelta(days=310)),
            "need": ["old_houses"],
            "by": ["row"],
            "closed_within": 14,
            "life": 20,
        },
    }
    for name in ("services", "cutoffs"):
        del city_once.settings[name]
    return city_once


@pytest.fixture(scope="module")
def ran(town, tmp_path_factory):
    out = tmp_path_factory.mktemp("reports") / "out"
    return run(town.study(), out=out), out


def table(ran, name):
    return pd.read_csv(ran[1] / "tables" / f"{name}.csv")


def test_every_report_and_everybody_is_somewhere(ran, town):
    given = pd.read_csv(town.folder / "requests.csv")
    counted = table(ran, "reports_counted").set_index("where")["reports"]
    assert counted.sum() == len(given)
    assert (counted["outside"], counted["without coordinates"]) == (2, 1)
    zones = table(ran, "reports").set_index("zone_id")
    assert zones["reports"].sum() == counted["in a zone"]
    assert counted["repeated"] == len(given) - given["incident"].nunique()
    classes = table(ran, "silent_zones").set_index("class")
    assert classes["people"].sum() == pytest.approx(synthetic_zones()["people"].sum())
    assert classes.loc["need not known", "people"] == synthetic_zones().loc["z20", "people"]
    assert classes["share_of_people"].sum() == pytest.approx(1)


def test_the_silent_zones_are_found(ran):
    zones = table(ran, "reports").set_index("zone_id")
    assert zones.index[zones["class"] == "silent"].tolist() == SILENT
    assert zones.loc["z10", "class"] == "no people"
    assert zones.loc["z20", "class"] == "need not known"
    assert table(ran, "zones").set_index("zone_id")["reports_class"].equals(zones["class"])
    (row,) = table(ran, "reports_model").to_dict("records")
    assert row["low"] <= np.exp(1.5 * row["for_each"]) <= row["high"]


def test_delay_and_response_are_those_of_the_city(ran):
    """A tenth a day: ten days until the first report, and e^-2 = 13.5 % of those of 20 days are never reported."""
    delay = table(ran, "reports_delay").set_index("group").loc["all"]
    assert delay["delay_low"] <= 10 <= delay["delay_high"]
    assert delay["never_reported_low"] <= np.exp(-2) <= delay["never_reported_high"]
    times = table(ran, "response_times").set_index(["by", "group"])
    kinds = times.loc["kind"]
    assert kinds.loc["road", "median"] < kinds.loc["lamp", "median"]
    assert times.loc[("row", "north"), "median_low"] > times.loc[("row", "rest"), "median_high"]
    rows = times.loc["zone"]
    slow = rows.index[rows["label"] == "slower than the others"]
    assert len(slow) > 2
    assert (slow < "z56").sum() <= 1, "in the northernmost row"
    assert rows["reports"].sum() == times["reports"].iloc[-1] == kinds["reports"].sum()
    assert rows.loc["unknown", "reports"] == 3, "outside, or without a place"
    assert rows["left_out"].sum() == 1, "closed before it was made"


def test_the_year_of_reports_is_an_indicator_of_the_city(ran):
    """All reports of some 310 days, for 365.25 days and 1,000 people; a zone without people has none."""
    found = ran[0]["reports"]
    (one,) = indicators({"reports": found, "people": ran[0].people})
    assert one.key == "citizen_reports"
    assert 305 < found.days <= 310
    lived_in = one.counted > 0
    mean = np.average(one.layer[lived_in], weights=one.counted[lived_in])
    total = table(ran, "reports").query("people > 0")["reports"].sum()
    assert mean == pytest.approx(total / one.counted.sum() * 1000 * 365.25 / found.days)


def test_an_incident_counts_once_unless_the_study_says_otherwise(ran, town):
    """Nobody has to ask for it: the tables and the page say that the first report of each incident counts."""
    assert ran[0]["reports"].once is True
    assert set(table(ran, "response_times")["counted"]) == {"incidents, by their first report"}
    times = table(ran, "response_times").iloc[-1]
    given = pd.read_csv(town.folder / "requests.csv")
    assert times["reports"] == given["incident"].nunique()
    assert "Each incident counts once, by its first report" in text_of_page(ran[1] / "map.html")
    every = run(town.study(reports=town.settings["reports"] | {"incidents_once": False, "by": [], "need": []}))
    assert every["reports"].once is False
    assert every["reports"].times.iloc[-1]["reports"] == len(given)
    assert "reports_of_one_incident" in {one.code for one in every.findings}


def test_the_page_tells_it_in_both_languages(ran):
    page = text_of_page(ran[1] / "map.html")
    people = synthetic_zones().loc[SILENT, "people"].sum()
    assert f"{people:,.0f} of " in page
    assert "live in 4 zones that report less than their people and need let one expect" in page
    for text in ("پهنه‌های خاموش", "در ۴ پهنه زندگی می‌کنند که فراتر از تصادف", "گزارش تکراری برمی‌آید"):
        assert text in page, text
    assert "silent zones: 4, with" in ran[0].overview()
    index = text_of_page(ran[1] / "index.html")
    assert f"{people:,.0f} of " in index, "the first view says who is silent"
    assert "How many people live in silent zones" in index
    assert "Maps, area by area; reports of residents" in index, "no way is measured, and none is spoken of"


def test_what_does_not_go_together_is_told(town):
    asked = town.settings["reports"]
    for change, message in (
        ({"neighbours": {"travel_time": "10 min"}}, "travel_time is not among them"),
        ({"need": [], "need_around": True}, "there is no need"),
        ({"collumns": {}}, "did you mean “columns”"),
    ):
        with pytest.raises(StudyError, match=message):
            Study.read(town.study(reports=asked | change))
    with pytest.raises(InputError, match="no report is of the kind tree"):
        run(town.study(reports=asked | {"kinds": ["tree"]}))
