"""A page with more services than anybody looks through: one is found by its name, in any spelling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatialjustice import report
from spatialjustice.maps import Indicator
from tests.browsing import Opened
from tests.report.conftest import squares


def page_of(path, count):
    grid = squares()
    values = pd.Series(np.linspace(1, 30, len(grid)), index=grid.index)
    shown = [
        Indicator(
            f"s{number}_{unit}",
            f"Way in {unit}",
            values,
            unit=unit,
            group={"en": f"Kind {number}", "fa": f"كتاب {number}"},
        )
        for number in range(count)
        for unit in ("minutes", "metres")
    ]
    people = pd.Series(1.0, index=grid.index)
    report.planner_page(grid, shown, title="Town", people=people, languages=("en", "fa")).save(path)
    return path


@pytest.mark.parametrize("width", [1440, 390])
def test_one_of_many_services_is_found_by_its_name(browser, tmp_path, width):
    one = Opened(browser, page_of(tmp_path / "page.html", 20), viewport={"width": width, "height": 900}).ready()
    page = one.page
    search, shown = page.locator("#service-search"), "#service option:checked"
    assert page.locator("#service-names option").count() == 20
    page.select_option("#indicator", label="Way in metres")
    search.fill("kind 17")
    search.press("Enter")
    assert page.locator(shown).inner_text() == "Kind 17"
    assert page.locator("#indicator option:checked").get_attribute("label") == "Way in metres", "by the same measure"
    assert search.input_value() == ""
    search.fill("nothing of this name")
    search.press("Enter")
    assert page.locator(shown).inner_text() == "Kind 17"
    page.evaluate("spatialjustice.speak('fa')")
    # Another letter k and other digits than those of the page.
    search.fill("کتاب ۱۲")
    search.press("Enter")
    assert page.locator(shown).inner_text() == "كتاب 12"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (one.errors, one.remote) == ([], [])
    one.context.close()


def test_few_services_have_a_list_alone(browser, tmp_path):
    one = Opened(browser, page_of(tmp_path / "page.html", 4)).ready()
    assert one.page.locator("#service").is_visible()
    assert not one.page.locator("#service-search").is_visible()
    one.context.close()
