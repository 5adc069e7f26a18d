"""One page for all modes of travel: a switch in place that keeps the measure; the rest is unpacked when asked for."""
# ruff: noqa: RUF001 (Persian letters and digits are meant)

from __future__ import annotations

import re
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice import maps, report
from spatialjustice._core.errors import InputError
from spatialjustice.maps import Indicator
from tests.browsing import Opened
from tests.report.conftest import squares

SHOWN = "[spatialjustice.modes.chosen, spatialjustice.made.zones.data.indicators[spatialjustice.made.zones.chosen].key]"


def grid_of(side):
    """Synthetic: squares of a thousandth of a degree."""
    boxes = [
        shapely.box(10 + x / 1000, 50 + y / 1000, 10.001 + x / 1000, 50.001 + y / 1000)
        for y in range(side)
        for x in range(side)
    ]
    return gpd.GeoDataFrame(geometry=boxes, index=[f"z{place}" for place in range(len(boxes))], crs=4326)


def mode_pages(grid, people):
    """Three modes with known numbers: on foot i + 1 minutes, by bicycle a third of it, by bus only one service."""
    order = pd.Series(np.arange(1.0, len(grid) + 1), index=grid.index)
    lines = {
        key: gpd.GeoSeries([shapely.LineString([(10, 50), (10.05, 50 + at)])], crs=4326)
        for key, at in (("walk", 0.01), ("bicycle", 0.04), ("bus", 0.01))
    }

    def way(mode, values, service):
        title = {"en": f"Time to the nearest {mode}", "fa": f"زمان {mode}"}
        group = {"en": service.capitalize(), "fa": "درمانگاه" if service == "clinic" else "مدرسه"}
        return Indicator(
            f"{service}_minutes", title, values, unit="minutes", breaks=[5, 10, 20], group=group, service=service
        )

    counted = Indicator("people", {"en": "People", "fa": "مردم"}, people, unit="people", kind="people")
    return [
        report.ModePage(
            key,
            {"en": name, "fa": persian},
            [
                counted,
                *(way(key, order * factor, service) for service in services),
                *extra,
            ],
            subtitle={"en": f"{name}. Synthetic", "fa": f"{persian}. ساختگی"},
            method=[{"en": f"Measured {key}.", "fa": f"سنجش {persian}"}],
            findings_in_words={
                f"{services[0]}_minutes": {"en": f"{services[0].capitalize()}s {key}", "fa": f"درمانگاه {persian}"}
            },
            streets=lines[key],
        )
        for key, name, persian, factor, services, extra in (
            ("walk", "On foot", "پیاده", 1.0, ("clinic", "school"), []),
            ("bicycle", "By bicycle", "با دوچرخه", 1 / 3, ("clinic", "school"), []),
            ("bus", "By bus", "با اتوبوس", 0.5, ("school",), [
                Indicator("school_within", {"en": "Schools", "fa": "مدرسه‌ها"}, (order % 4), unit="opportunities",
                          kind="count", group={"en": "School", "fa": "مدرسه"}, service="school")]),
        )
    ]  # fmt: skip


def made_of(grid):
    people = pd.Series(np.arange(len(grid)) % 30 * 10.0 + 5, index=grid.index)
    modes = mode_pages(grid, people)
    page = report.planner_page(
        grid, title={"en": "Town", "fa": "شهر"}, modes=modes, people=people, languages=["en", "fa"]
    )
    return SimpleNamespace(grid=grid, people=people, modes=modes, page=page)


@pytest.fixture(scope="module", params=[0, 58], ids=["few zones", "many zones"])
def town(request, tmp_path_factory):
    made = made_of(grid_of(request.param) if request.param else squares())
    path = tmp_path_factory.mktemp("modes") / "map.html"
    made.page.save(path)
    made.path = path
    return made


@pytest.fixture
def opened(browser, town):
    one = Opened(browser, town.path, viewport={"width": 1440, "height": 900}).ready()
    yield one
    assert (one.errors, one.dialogs, one.remote) == ([], [], [])
    one.context.close()


def text(opened, selector):
    return " ".join(opened.page.locator(selector).inner_text().split())


def press(opened, mode):
    opened.page.click(f"[data-mode={mode}]")
    opened.until(f"spatialjustice.modes.chosen === '{mode}'")


def test_the_switch_keeps_the_measure_and_changes_all_that_belongs_to_the_mode(opened, town):
    page = opened.page
    assert text(opened, ".modes") == "On foot By bicycle By bus"
    page.select_option("#indicator", label="Clinic: Time to the nearest walk")
    assert text(opened, "#finding") == "Clinics walk"
    press(opened, "bicycle")
    assert page.evaluate(SHOWN) == ["bicycle", "clinic_minutes"]
    assert page.locator("[data-mode=bicycle]").get_attribute("aria-pressed") == "true"
    assert page.locator("[data-mode=walk]").get_attribute("aria-pressed") == "false"
    assert text(opened, "#finding") == "Clinics bicycle"
    assert text(opened, ".subtitle") == "By bicycle. Synthetic"
    assert text(opened, "#method").endswith("Measured bicycle.")
    assert "By bicycle is shown" in text(opened, "#said")
    assert page.locator("#indicator option:checked").inner_text() == "Clinic: Time to the nearest bicycle"
    values = page.evaluate("spatialjustice.made.zones.data.indicators[spatialjustice.made.zones.chosen].values")
    np.testing.assert_allclose(values, town.modes[1].indicators[1].values, atol=0.06)
    told = report.standing(town.modes[1].indicators[1].on(town.grid.index), people=town.people)
    assert page.evaluate("spatialjustice.told(spatialjustice.made.zones.data.indicators[1]).mean") == pytest.approx(
        told.mean, abs=5e-3
    )
    press(opened, "walk")
    assert text(opened, "#finding") == "Clinics walk"
    assert text(opened, ".subtitle") == "On foot. Synthetic"


def test_what_a_mode_does_not_have_gives_way_to_the_next_best(opened):
    page = opened.page
    page.select_option("#indicator", label="School: Time to the nearest walk")
    press(opened, "bus")
    assert page.evaluate(SHOWN) == ["bus", "school_minutes"]
    page.select_option("#indicator", label="School: Schools")
    press(opened, "bicycle")
    assert page.evaluate(SHOWN) == ["bicycle", "school_minutes"]
    page.select_option("#indicator", label="Clinic: Time to the nearest bicycle")
    press(opened, "bus")
    assert page.evaluate(SHOWN) == ["bus", "people"]


def test_what_belongs_to_no_mode_is_in_the_page_once_and_stays(opened, town):
    blocks = {name: data for name, data in town.page.page.blocks if name.startswith("mode-") and "packed" not in data}
    for data in blocks.values():
        assert data["indicators"][0] == {"same": 0}
    press(opened, "bicycle")
    assert opened.page.evaluate(SHOWN) == ["bicycle", "people"]


def test_another_language_before_and_after_a_switch(opened):
    page = opened.page
    page.select_option("#indicator", label="Clinic: Time to the nearest walk")
    page.click("[data-language=fa]")
    press(opened, "bicycle")
    page.click("[data-mode=bus]")
    press(opened, "bicycle")
    for selector in ("#finding", ".subtitle", "#method", ".modes"):
        said = text(opened, selector)
        assert not re.search("[A-Za-z]", said.replace("bicycle", "")), (selector, said)
    page.click("[data-language=en]")
    assert text(opened, ".subtitle") == "By bicycle. Synthetic"
    assert page.locator("#indicator option").first.inner_text() == "People"
    press(opened, "walk")
    page.select_option("#indicator", label="Clinic: Time to the nearest walk")
    assert text(opened, "#legend .legend-title") == "Time to the nearest walk"
    page.click("[data-language=fa]")
    press(opened, "bus")
    assert text(opened, "#legend .legend-title") == "مردم"


def test_the_address_says_the_mode_and_a_reload_keeps_it(opened, town):
    page = opened.page
    page.select_option("#indicator", label="School: Time to the nearest walk")
    press(opened, "bicycle")
    opened.until("location.hash === '#mode=bicycle&show=school_minutes'")
    page.reload()
    opened.ready()
    assert page.evaluate(SHOWN) == ["bicycle", "school_minutes"]
    page.goto("about:blank")
    page.goto(town.path.as_uri() + "#mode=bus")
    opened.ready()
    assert page.evaluate(SHOWN)[0] == "bus"
    page.evaluate("location.hash = 'mode=__proto__'")
    opened.until("spatialjustice.modes.chosen === 'walk'")


def test_the_streets_of_the_mode_are_drawn(opened):
    page = opened.page
    page.evaluate(
        "spatialjustice.map.addLayer(spatialjustice.made.overlays.find((one) => one.data.role === 'streets').sheet)"
    )
    ends = "spatialjustice.made.overlays.find((one) => one.data.role === 'streets').sheet.lines[0].rings[0][3]"
    on_foot = page.evaluate(ends)
    press(opened, "bicycle")
    opened.until(f"{ends} < {on_foot}")
    press(opened, "bus")
    opened.until(f"{ends} === {on_foot}")


def test_whoever_presses_twice_gets_the_last(opened):
    opened.page.evaluate(
        """() => {
          for (const key of ['bicycle', 'bus', 'bicycle']) document.querySelector(`[data-mode=${key}]`).click();
        }"""
    )
    opened.until("spatialjustice.modes.chosen === 'bicycle' && !document.querySelector('.modes[aria-busy=true]')")


def test_a_page_of_one_mode_has_no_switch():
    grid = squares()
    one = mode_pages(grid, pd.Series(1.0, index=grid.index))[:1]
    page = report.planner_page(grid, title="Town", modes=one, people=pd.Series(1.0, index=grid.index))
    assert "data-mode" not in re.sub("<script>.*?</script>", "", page.to_html(), flags=re.DOTALL)


def test_modes_that_cannot_be_told_apart_are_refused():
    grid = squares()
    one, other, _ = mode_pages(grid, pd.Series(1.0, index=grid.index))
    with pytest.raises(InputError, match="keys occur more than once"):
        report.planner_page(grid, title="Town", modes=[one, one])
    with pytest.raises(InputError, match="Give indicators or modes"):
        report.planner_page(grid, one.indicators, title="Town", modes=[one, other])
    with pytest.raises(InputError, match="no short name"):
        maps.ModeMaps("on foot", "On foot", one.indicators)
