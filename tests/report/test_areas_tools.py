"""Filter both ways, several areas together, two maps on one view, the list of places; numbers against the frames."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice import report
from spatialjustice.maps import Indicator
from tests.browsing import Opened
from tests.report.conftest import squares
from tests.report.test_modes_of_page import made_of

import geopandas as gpd  # isort: skip


@pytest.fixture(scope="module")
def file(place, tmp_path_factory):
    path = tmp_path_factory.mktemp("tools") / "page.html"
    place.made.save(path)
    return path


@pytest.fixture
def opened(browser, file):
    one = Opened(browser, file, viewport={"width": 1440, "height": 900}).ready()
    yield one
    assert (one.errors, one.dialogs, one.remote) == ([], [], [])
    one.context.close()


def text(opened, selector):
    return " ".join(opened.page.locator(selector).inner_text().split())


def choose(opened, kind, **values):
    opened.page.evaluate(
        """([kind, values]) => {
          const set = (id, value, event) => {
            const one = document.getElementById(id);
            one.value = value;
            one.dispatchEvent(new Event(event));
          };
          document.getElementById("filter").open = true;
          set("filter-kind", kind, "change");
          for (const [id, value] of Object.entries(values)) set(id, value, "input");
        }""",
        [kind, {key.replace("_", "-"): value for key, value in values.items()}],
    )


def drawn_texts(page):
    """Return everything that is written into the picture."""
    said = page.evaluate(
        """() => {
          const said = [];
          const write = CanvasRenderingContext2D.prototype.fillText;
          CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
            said.push(text);
            return write.call(this, text, ...where);
          };
          spatialjustice.picture();
          CanvasRenderingContext2D.prototype.fillText = write;
          return said.join(" ");
        }"""
    )
    return " ".join(said.split())


def kept(opened):
    return opened.page.evaluate(
        "spatialjustice.made.zones.data.ids.filter((_, zone) => spatialjustice.filter.passes(zone))"
    )


def test_more_than_and_at_most_share_out_all_who_are_known(opened, place):
    """Nobody falls between the two: 12 minutes are at most 12; no way at all is more than any limit."""
    way = place.minutes.where(~place.status.isin(["unreachable", "off_network"]), np.inf)[place.people > 0]
    choose(opened, "above", filter_limit=12)
    assert kept(opened) == list(way.index[way > 12])
    assert opened.page.evaluate("spatialjustice.state.get('filter')") == "above:12"
    choose(opened, "upto", filter_limit=12)
    assert kept(opened) == list(way.index[way <= 12])
    said = text(opened, "#filter-told")
    assert said.startswith(f"{place.people[way.index[way <= 12]].sum():,.0f} of {place.people.sum():,.0f} people")
    choose(opened, "between", filter_limit=5, filter_high=9)
    assert kept(opened) == list(way.index[(way >= 5) & (way <= 9)])
    assert "5 min to 9 min" in text(opened, "#shown")


@pytest.mark.parametrize("share", [5, 14, 33, 99])
def test_the_worst_served_part_of_people_is_that_of_the_centiles(opened, place, share):
    choose(opened, "worst", filter_share=share)
    edge = report.standing(place.walk, people=place.people).centiles[99 - share]
    way = place.minutes.where(~place.status.isin(["unreachable", "off_network"]), np.inf)[place.people > 0]
    found = list(way.index[way >= edge])
    assert kept(opened) == found
    assert place.people[found].sum() >= share / 100 * place.people.sum() - 1e-6


def test_what_is_shown_is_said_above_the_map_in_the_table_in_its_name_and_on_paper(opened, place):
    page = opened.page
    choose(opened, "above", filter_limit=12)
    beyond = (place.minutes > 12) | place.status.isin(["unreachable", "off_network"])
    line = f"Shown: {int(beyond.sum())} of 30 areas, more than 12 min"
    assert text(opened, "#shown span") == line
    with page.expect_download() as waiting:
        page.click("#take-table")
    assert waiting.value.suggested_filename == "walk.above_12.csv"
    rows = waiting.value.path().read_text(encoding="utf-8-sig").replace("\u00a0", " ").splitlines()
    assert rows[0].endswith(",Filter")
    assert all(line in row for row in rows[1:])
    assert line in drawn_texts(page)
    page.emulate_media(media="print")
    assert page.locator("#shown span").is_visible()
    page.emulate_media(media="screen")
    page.click("#shown button")
    assert not page.locator("#shown").is_visible()
    assert "Shown:" not in drawn_texts(page)


def test_a_filter_comes_back_with_the_address(opened, file):
    page = opened.page
    page.goto("about:blank")
    page.goto(file.as_uri() + "#show=walk&filter=upto:7;hide:class_0;group:old")
    opened.ready()
    assert kept(opened) == ["z5", "z6"]
    assert text(opened, "#filter-told").startswith("Older people:") if page.locator("#filter[open]").count() else True
    assert page.evaluate("spatialjustice.filter.code()") == "upto:7;hide:class_0;group:old"


def test_a_circle_around_the_chosen_area_by_keyboard(opened, place):
    """Squares of 715 by 1112 m: within 1,200 m of the middle of z14 lie those of itself and its four neighbours."""
    page = opened.page
    page.locator("#region summary").focus()
    page.keyboard.press("Enter")
    page.evaluate("spatialjustice.select(14, { zoom: false })")
    page.fill("#region-radius", "1200")
    page.locator("#region-around").focus()
    page.keyboard.press("Enter")
    inside = ["z8", "z13", "z14", "z15", "z20"]
    people = place.people[inside]
    assert text(opened, ".region-head") == f"5 areas, {people.sum():,.0f} people"
    assert f"{place.old[inside].sum():,.0f} people" in text(opened, ".region-groups")
    rows = [" ".join(row.split()) for row in page.locator(".region-table tbody tr").all_inner_texts()]
    mean = np.average(place.minutes[inside], weights=people)
    assert f"{mean:.0f} min" in rows[0]
    found = report.standing(place.walk, people=place.people)
    rank = report.percentile_rank(found, mean, direction="lower is better")
    assert f"better than {rank}% of people" in rows[0]
    within = people[(place.counts[inside] >= 1)].sum() / people.sum()
    assert f"{within:.1%}" in rows[1]
    page.click("#region-add")
    assert text(opened, ".region-head").startswith("4 areas")
    page.click("#region-clear")
    assert page.locator(".region-head").count() == 0


def test_a_polygon_is_drawn_by_its_corners_and_a_circle_by_dragging(opened, place):
    page = opened.page
    page.click("#region summary")
    page.click("[data-draw=polygon]")

    def at(zone, dx=0.0, dy=0.0):
        middle = shapely.centroid(place.grid.geometry[zone])
        return page.evaluate(
            """([lat, lng]) => {
              const frame = spatialjustice.map.getContainer().getBoundingClientRect();
              const point = spatialjustice.map.latLngToContainerPoint([lat, lng]);
              return [point.x + frame.left, point.y + frame.top];
            }""",
            [middle.y + dy, middle.x + dx],
        )

    for zone, dx, dy in (("z7", -0.003, -0.003), ("z9", 0.003, -0.003), ("z15", 0.003, 0.003), ("z13", -0.003, 0.003)):
        page.mouse.click(*at(zone, dx, dy))
        page.wait_for_timeout(0)
    page.keyboard.press("Enter")
    inside = ["z7", "z8", "z9", "z13", "z14", "z15"]
    assert text(opened, ".region-head") == f"6 areas, {place.people[inside].sum():,.0f} people"
    page.click("[data-draw=circle]")
    page.mouse.move(*at("z14"))
    page.mouse.down()
    page.mouse.move(*at("z14", 0.0, 0.004), steps=3)
    page.mouse.up()
    assert text(opened, ".region-head").startswith("1 area,")
    page.click("[data-draw=pick]")
    page.mouse.click(*at("z20"))
    assert text(opened, ".region-head") == f"2 areas, {place.people[['z14', 'z20']].sum():,.0f} people"
    page.keyboard.press("Escape")
    page.mouse.click(*at("z21"))
    assert page.evaluate("spatialjustice.chosenZone()") == 21


def test_rows_of_a_profile_have_names_of_their_own(browser, tmp_path):
    """B2: connections of one heading are told apart."""
    grid = squares()
    shares = [
        Indicator(key, name, pd.Series(np.linspace(0, 1, 30), index=grid.index), unit="share", kind="share",
                  group="Connections")
        for key, name in (("a", "Offline"), ("b", "Near"), ("c", "Neither"))
    ]  # fmt: skip
    path = tmp_path / "page.html"
    report.planner_page(grid, shares, title="Town", people=pd.Series(1.0, index=grid.index)).save(path)
    one = Opened(browser, path).ready()
    one.page.evaluate("spatialjustice.select(4, { zoom: false })")
    assert one.page.locator(".others th").all_inner_texts() == ["Offline", "Near", "Neither"]
    assert one.page.locator(".others caption").inner_text() == "Connections"
    assert "worse than 83% of people" in text(one, "#profile")
    one.context.close()


def test_two_maps_of_two_modes_on_one_view(browser, tmp_path):
    town = made_of(squares())
    path = tmp_path / "map.html"
    town.page.save(path)
    one = Opened(browser, path, viewport={"width": 1440, "height": 900})
    page = one.page
    page.goto("about:blank")
    page.goto(path.as_uri() + "#show=clinic_minutes")
    one.ready()
    page.click("#panes summary")
    one.until("document.getElementById('panes-mode') !== null")
    page.select_option("#panes-mode", "bicycle")
    one.until("!document.querySelector('.divider').hidden")
    page.select_option("#panes-measure", "clinic_minutes")
    one.until("document.querySelector('.divider .after').textContent.includes('Clinic')")
    assert page.locator(".divider .before").inner_text() == "On foot · Clinic · Time to the nearest walk"
    assert page.locator(".divider .after").inner_text() == "By bicycle · Clinic · Time to the nearest bicycle"
    counts = [int(cell.replace(",", "")) for cell in page.locator("#panes-legend td.count").all_inner_texts()]
    way = town.modes[1].indicators[1].values  # noqa: PD011 - of an Indicator
    assert counts == [town.people[way <= 5].sum(), town.people[way > 5].sum()]
    assert "Both sides have the same classes" in page.inner_text("#panes-legend")
    # The numbers and the limit are those of the left map, and end at the border.
    for pane in ("worst", "limit"):
        assert page.evaluate(f"spatialjustice.map.getPane('{pane}').style.clipPath").startswith("polygon")
    assert page.evaluate("spatialjustice.state.get('right')") == "bicycle:clinic_minutes"
    # A limit in minutes stays where the other mode has minutes, too, and goes where another unit is shown.
    page.evaluate("location.hash = '#show=clinic_minutes&right=bicycle:clinic_minutes&filter=above:3'")
    one.until("spatialjustice.filter.code() === 'above:3'")
    page.click("[data-mode=bicycle]")
    one.until("spatialjustice.modes.chosen === 'bicycle'")
    assert (page.evaluate("spatialjustice.filter.code()"), page.evaluate("spatialjustice.state.get('filter')")) == (
        "above:3",
        "above:3",
    )
    page.evaluate(
        "spatialjustice.choose(spatialjustice.made.zones.data.indicators.findIndex((one) => one.key === 'people'))"
    )
    assert page.evaluate("spatialjustice.filter.code()") is None
    page.click("[data-mode=walk]")
    page.reload()
    one.ready()
    assert page.locator(".divider .after").is_visible()
    page.uncheck("#panes-on")
    assert not page.locator(".divider").is_visible()
    assert (one.errors, one.remote) == ([], [])
    one.context.close()


def test_places_are_listed_found_and_ticked_off(browser, tmp_path):
    grid = squares()
    names = ["Böhm", "Ärzte", None, "=SUM(A1)<img src=x>"]
    points = gpd.GeoDataFrame(
        {"service": "clinic", "name": names},
        geometry=[shapely.Point(10.005 + place / 100, 50.005) for place in range(4)],
        crs=4326,
    )
    way = Indicator("way", "Way", pd.Series(np.arange(30.0), index=grid.index), unit="minutes", service="clinic")
    path = tmp_path / "page.html"
    report.planner_page(
        grid, [way], title="Town", people=pd.Series(1.0, index=grid.index), services=points, languages=["en", "fa"]
    ).save(path)
    one = Opened(browser, path).ready()
    page = one.page
    page.evaluate("() => { window.told = []; document.addEventListener('sj:places', (e) => told.push(e.detail)); }")
    page.click("#places summary")
    one.until("document.querySelectorAll('.places-list li').length === 4")
    assert text(one, "#places-tally") == "All 4 places are counted."
    page.fill("#places-search", "bohm")
    assert page.locator(".places-list li").count() == 1
    page.uncheck(".places-list input")
    assert page.evaluate("told") == [{"removed": {"clinic": [0]}}]
    assert text(one, "#places-tally") == "1 of 4 places are ticked off."
    page.click("#places-back")
    assert page.evaluate("told[1]") == {"removed": {}}
    assert page.locator("img[src=x]").count() == 0
    page.click("[data-language=fa]")
    assert "۴" in text(one, "#places-tally")
    assert one.errors == []
    one.context.close()
