"""Colour, phone and dark: what a reader sees at once, looked at in the browser."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice import report
from spatialjustice.maps import Indicator
from tests.browsing import Opened

RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Thirty squares, 100, 200 … 3,000 m from a library; the limit of the study is 1,000 m."""
    boxes = [
        shapely.box(10 + x / 100, 50 + y / 100, 10.01 + x / 100, 50.01 + y / 100) for y in range(5) for x in range(6)
    ]
    grid = gpd.GeoDataFrame(geometry=boxes, index=[f"z{place}" for place in range(30)], crs=4326)
    metres = pd.Series(np.arange(1.0, 31.0) * 100, index=grid.index)
    status = pd.Series("ok", index=grid.index).where(metres <= 1000, "beyond_cutoff")
    metres.iloc[29], status.iloc[29] = np.nan, "unreachable"
    walk = Indicator("library_metres", {"en": "Way", "fa": "راه"}, metres, unit="metres", status=status,
                     cutoffs=[1000.0], service="library")  # fmt: skip
    places = pd.Series(np.arange(30.0) % 7, index=grid.index)
    count = Indicator("library_within", {"en": "How many", "fa": "چند"}, places,
                      unit="opportunities", kind="count", service="library")  # fmt: skip
    library = gpd.GeoDataFrame(
        {"service": ["library"], "name": ["Old library"]}, geometry=[shapely.Point(10.005, 50.005)], crs=4326
    )
    people = pd.Series(np.arange(30) * 10.0 + 5, index=grid.index)
    page = report.planner_page(
        grid, [walk, count], title={"en": "A synthetic town", "fa": "شهری ساختگی"}, people=people, services=library,
        languages=["en", "fa"],
    )  # fmt: skip
    return page.save(tmp_path_factory.mktemp("looks") / "map.html")


@pytest.fixture
def look(browser, file):
    opened = []

    def looking(**context):
        opened.append(Opened(browser, file, **context).ready())
        return opened[-1]

    yield looking
    for one in opened:
        assert (one.errors, one.remote) == ([], [])
        one.context.close()


BOX = """(selector) => {
  const box = document.querySelector(selector).getBoundingClientRect();
  return [box.top, box.bottom, box.height];
}"""


def test_the_limit_is_marked_in_legend_histogram_and_map(look):
    """Zone 9 (1,000 m) lies within, zone 15 above zone 9 beyond: on their common edge there is a line."""
    opened = look(viewport={"width": 1200, "height": 800})
    page = opened.page
    assert page.locator("#legend tr.widest").count() == 1
    before = page.evaluate("document.querySelector('#legend tr.widest').previousElementSibling.dataset.key")
    assert before == "class_1"
    assert page.locator("#legend .histogram .limit-line").count() == 1
    opened.until("""(() => {
      const map = spatialjustice.map;
      const canvas = map.getPane("limit").querySelector("canvas");
      const box = canvas.getBoundingClientRect();
      const frame = map.getContainer().getBoundingClientRect();
      const at = map.latLngToContainerPoint([50.02, 10.035]);
      const ratio = canvas.width / box.width;
      const x = Math.round((at.x + frame.left - box.left) * ratio);
      const y = Math.round((at.y + frame.top - box.top) * ratio);
      const seen = canvas.getContext("2d").getImageData(x - 2, y - 3, 5, 7).data;
      for (let place = 0; place < seen.length; place += 4) if (seen[place + 3] > 150 && seen[place] < 90) return true;
      return false;
    })()""")


def test_the_histogram_on_the_page_counts_everybody(look):
    """30 squares with 5, 15 … 295 people, by hand 4,500; without a way 295."""
    page = look(viewport={"width": 1200, "height": 800}).page
    found = page.evaluate("spatialjustice.made.zones.data.indicators[0].legend.histogram")
    bars = sum(people for bar in found["bars"] for _, people in bar)
    apart = sum(people for _, people in found["others"])
    assert (bars, apart) == (4205, 295)


def test_the_symbol_of_the_service_is_in_the_legend(look):
    page = look(viewport={"width": 1200, "height": 800}).page
    line = page.locator("#legend .legend-symbols li")
    assert line.all_inner_texts() == ["Libraries"]


def test_a_phone_shows_chooser_and_key_before_the_map_ends(look):
    page = look(viewport={"width": 390, "height": 844}).page
    page.wait_for_timeout(200)
    chooser, shown, key, credit, panel = (
        page.evaluate(BOX, selector) for selector in (".chooser", ".folium-map", ".map-key", ".credit", ".side")
    )
    assert chooser[1] <= shown[0] + 1
    assert shown[2] >= 0.55 * 844
    assert key[0] >= shown[0]
    assert key[1] <= shown[1] + 1
    assert page.locator(".map-key .key-step").count() >= 5
    assert page.locator(".map-key .at-limit").count() == 1
    assert credit[0] >= panel[1] - 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "height"), [(720, 450), (844, 390), (360, 225)], ids=["200", "landscape", "400"])
def test_nothing_lies_over_anything(look, width, height):
    """The list of layers is as high as it is, however low the map, and what follows begins below it."""
    page = look(viewport={"width": width, "height": height}).page
    inner = page.evaluate(BOX, "#layer-list .leaflet-control-layers-list")
    assert page.evaluate(BOX, "#layers")[1] >= inner[1]
    overlaps = page.evaluate(
        """() => {
          const all = document.querySelectorAll(".rest > :not([hidden])");
          const parts = Array.from(all, (one) => one.getBoundingClientRect());
          return parts.filter((one, place) => place && one.height && one.top < parts[place - 1].bottom - 1).length;
        }"""
    )
    assert overlaps == 0


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_either_scheme(look, scheme, language):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened = look(viewport={"width": 1200, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = opened.page
    page.locator(f"[data-language={language}]").click()
    page.evaluate("spatialjustice.select(12, { zoom: true })")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    opened.still()
    found = axe.run(page, options=RULES).response
    told = [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found["violations"]]
    assert told == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(26, 33, 37)"
    assert dark is (scheme == "dark")
