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
