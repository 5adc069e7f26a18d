"""Neighbourhoods, gaps, districts and the search of the planner's page, in a browser."""
# ruff: noqa: RUF001 (Persian letters and digits are meant)

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice import report
from spatialjustice.maps import Indicator
from tests.browsing import Opened

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
NUMBER = [17, 24, 28]
"""Red, green and blue of the discs that the numbers stand on."""


def town():
    """Synthetic: 6 by 5 squares; Hill in the west, Lake in the middle, Niavaran in the east, each of two columns."""
    boxes = [
        shapely.box(10 + x / 100, 50 + y / 100, 10.01 + x / 100, 50.01 + y / 100) for y in range(5) for x in range(6)
    ]
    index = pd.Index([f"8a346b4c466{place:02x}ff" for place in range(30)], name="zone_id")
    part = [("Hill", "Lake", "Niavaran")[x // 2] for _ in range(5) for x in range(6)]
    zones = gpd.GeoDataFrame({"neighbourhood": part}, geometry=boxes, index=index, crs=4326)
    persian = {"Niavaran": "نیاوران"}
    zones["neighbourhood_fa"] = zones["district_fa"] = [persian.get(one) for one in part]
    zones["district"] = part
    zones["name"] = [f"{one}, Street {place}" for place, one in enumerate(part)]
    status = pd.Series("ok", index=index)
    status.iloc[[0, 1, 2, 6, 4, 5, 10, 11]] = "beyond_cutoff"
    status.iloc[[28, 29]] = "unreachable"
    minutes = pd.Series(np.where(status == "ok", 5.0, 30.0), index=index)
    minutes[status == "unreachable"] = np.nan
    people = pd.Series(np.arange(30) * 10.0 + 5, index=index)
    walk = Indicator(
        "walk", {"en": "Time", "fa": "زمان"}, minutes, unit="minutes", status=status, breaks=[10], service="clinic"
    )
    places = gpd.GeoDataFrame(
        {"service": ["clinic"], "name": ["Clínica San José"]}, geometry=[shapely.Point(10.035, 50.025)], crs=4326
    )
    streets = gpd.GeoDataFrame(
        {"name": ["Calle León y Castillo"], "name_fa": [None]},
        geometry=[shapely.LineString([(10.0, 50.02), (10.02, 50.04)])],
        crs=4326,
    )
    label = {"kind": ["suburb"], "name": ["كرج"], "name_en": ["Karaj"], "name_fa": ["کرج"]}
    base = gpd.GeoDataFrame(label, geometry=[shapely.Point(10.05, 50.01)], crs=4326)
    return report.planner_page(
        zones, [walk], title="Synthetic", people=people, limits={"walk": "10 min"}, services=places,
        named_streets=streets, base=base,
    )  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("worst") / "page.html"
    town().save(path)
    return path


@pytest.fixture
def opened(browser, file):
    one = Opened(browser, file, viewport={"width": 1300, "height": 900}).ready()
    yield one
    assert (one.errors, one.dialogs, one.remote) == ([], [], [])
    one.context.close()


def rows(opened, holder):
    lines = opened.page.locator(f"#{holder} tbody tr").all()
    return [[" ".join(cell.inner_text().split()) for cell in line.locator("td, th").all()] for line in lines]


def discs(opened):
    """How many pixels of the layer of numbers are of the discs, in the picture that is taken away."""
    return opened.page.evaluate(
        """(colour) => {
          const canvas = document.querySelector(".leaflet-worst-pane canvas");
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          let count = 0;
          for (let at = 0; at < data.length; at += 4) {
            if (data[at + 3] === 255 && colour.every((part, place) => data[at + place] === part)) count += 1;
          }
          return count;
        }""",
        NUMBER,
    )


def test_the_worst_served_are_listed_by_neighbourhood(opened):
    """Niavaran: 45 + 55 + 105 + 115 = 320. Hill: 5 + 15 + 65 = 85. Lake: 25. Cut off: 285 + 295 = 580."""
    assert rows(opened, "worst") == [
        ["1", "Niavaran", "30 min", "320"],
        ["2", "Hill", "30 min", "85"],
        ["3", "Lake", "30 min", "25"],
    ]
    assert "430 people live beyond the limit, in 3 parts of the city" in opened.page.inner_text("#worst")
    assert rows(opened, "gaps") == [["–", "Niavaran", "580"]]
    assert "Check these on the ground" in opened.page.inner_text("#gaps")
    assert discs(opened) > 3 * 150


def test_districts_are_ranked(opened):
    """Of Niavaran's 1,700 people 320 are beyond and 580 cut off; its worst tenth has no way."""
    assert rows(opened, "districts") == [
        ["1", "Niavaran", "900", "53%", "no way"],
        ["2", "Hill", "85", "7%", "5 min"],
        ["3", "Lake", "25", "2%", "5 min"],
    ]


def test_a_neighbourhood_is_reached_by_keyboard_and_shown_on_the_map(opened):
    page = opened.page
    before = page.evaluate("spatialjustice.map.getZoom()")
    page.locator("#worst .area").nth(1).focus()
    page.keyboard.press("Enter")
    opened.until(f"spatialjustice.map.getZoom() > {before}")
    opened.still()
    seen = page.evaluate("spatialjustice.map.getBounds().contains([[50, 10], [50.02, 10.02]])")
    assert seen
    assert page.inner_text("#said") == "Hill, 30\u00a0min, 85"


def test_codes_are_nowhere(opened):
    assert "8a346b4c466" not in opened.page.inner_text("body")


@pytest.mark.parametrize(
    ("wanted", "name", "kind"),
    [
        ("leon", "Calle León y Castillo", "Street"),
        ("san jose", "Clínica San José", "Clinics"),
        ("niav", "Niavaran", "District"),
        ("karaj", "Karaj", "Place"),
    ],
)
def test_the_search_finds(opened, wanted, name, kind):
    opened.page.fill("#area-search", wanted)
    first = opened.page.locator("#areas .found li").first
    assert " ".join(first.inner_text().split()) == f"{name} {kind}"
    first.locator("button").click()
    opened.still()
    assert opened.page.evaluate("spatialjustice.map.getBounds().contains(L.latLng(50.03, 10.01))") or wanted != "leon"


def test_in_persian(opened):
    opened.page.click("[data-language=fa]")
    assert rows(opened, "worst")[0] == ["۱", "نیاوران", "۳۰ دقیقه", "۳۲۰"]
    assert rows(opened, "districts")[0][:2] == ["۱", "نیاوران"]
    opened.page.fill("#area-search", "كرج")
    assert opened.page.locator("#areas .found li bdi").first.inner_text() == "کرج"


def test_the_heading_follows_the_order(opened):
    page = opened.page
    assert page.inner_text("#areas h2") == "Worst served first"
    page.click("#areas th[data-key=people] button")
    assert page.inner_text("#areas h2") == "Areas by People, highest first"
    page.click("#areas th[data-key=people] button")
    assert page.inner_text("#areas h2") == "Areas by People, lowest first"
    page.click("#areas th[data-key=rank] button")
    page.click("#areas th[data-key=rank] button")
    assert page.inner_text("#areas h2") == "Best served first"


def test_numbers_can_be_read_on_a_phone(browser, file):
    one = Opened(browser, file, **PHONE).ready()
    assert discs(one) > 3 * 600  # twice as fine
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 390
    one.context.close()


def test_of_air_and_trees_nobody_is_worst_served_and_changes_have_bars(browser, tmp_path):
    """Synthetic squares in two districts. Bars reach from -2 to 1 over 116 units: 0 lies at two thirds."""
    index = pd.Index(list("abcdefghij"))
    squares = [shapely.box(500_000 + 100 * x, 5_540_000, 500_100 + 100 * x, 5_540_100) for x in range(10)]
    zones = gpd.GeoDataFrame({"name": index, "district": ["West"] * 5 + ["East"] * 5}, geometry=squares, crs=32632)
    zones.index = index
    rising = pd.Series(np.arange(1.0, 11), index=index)
    made = {"unit": "amount", "direction": "higher is better", "served": False}
    air = Indicator("air", "Air", rising, kind="share", **made | {"direction": "lower is better"})
    shown = [
        air,
        Indicator("green", "Green", rising, kind="share", **made),
        Indicator("trees", "Trees", rising - 5, kind="change", **made),
    ]
    rows_ = [
        {"label": "Poor", "value": -1.5, "low": -2.0, "high": -0.5},
        {"label": "Rich", "value": 0.5, "low": 0.25, "high": 1.0},
    ]
    drawn = report.Bars(rows_, "Change in points", digits=2)
    mode = report.ModePage(key="walk", title="Walk", indicators=shown, subtitle="", bars={"trees": [drawn]})
    people = pd.Series(10.0, index=index)
    report.planner_page(zones, title="Synthetic", modes=[mode], people=people).save(tmp_path / "page.html")
    one = Opened(browser, tmp_path / "page.html").ready()
    heads = {}
    for key in ("air", "green", "trees"):
        one.page.evaluate(f"location.hash = 'show={key}'")
        one.page.wait_for_function(f"document.title && location.hash.includes('{key}')")
        heads[key] = one.page.locator("#worst h2").all_inner_texts(), one.page.locator("#districts").inner_text()
        said = one.page.locator("#worst, #districts, #areas").all_inner_texts()
        assert not [text for text in ("Worst served", "worst first", "Worst tenth") if text in " ".join(said)], key
    found = one.page.locator("#charts rect.group-bar").evaluate_all(
        "all => all.map(bar => ['x', 'width'].map(name => Number(bar.getAttribute(name))))"
    )
    assert "\N{MINUS SIGN}1.50" in one.page.locator("#charts").inner_text()
    assert not one.errors
    one.context.close()
    assert heads["air"][0] == ["Neighbourhoods with the highest values"]
    assert heads["green"][0] == ["Neighbourhoods with the lowest values"]
    assert "highest first" in heads["air"][1]
    assert "lowest first" in heads["trees"][1]
    unit = 116 / 3
    assert found[0] == pytest.approx([2 + 0.5 * unit, 1.5 * unit], abs=0.01)
    assert found[1] == pytest.approx([2 + 2 * unit, 0.5 * unit], abs=0.01)
