# ruff: noqa: RUF001 (Persian letters and digits are meant)
"""Pages without a map: what they say, where their charts put a value, what a reader can do with them."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatialjustice import report
from spatialjustice._core.errors import InputError
from spatialjustice.report.sheet import charts
from spatialjustice.report.sheet.numbers import axis
from tests.browsing import plain_text

RULES = {
    "runOnly": {
        "type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}  # fmt: skip


def both(english: str, persian: str) -> dict[str, str]:
    return {"en": english, "fa": persian}


@pytest.fixture(scope="module")
def page():
    rows = [
        {"label": both("Small", "کوچک"), "value": 1200.0, "low": 1000.0, "high": 1400.0, "mark": True},
        {"label": both("Large", "بزرگ"), "value": 800.0, "low": 750.0, "high": 850.0},
        {"label": both("Unknown", "نامعلوم"), "value": None},
    ]
    cities = pd.DataFrame(
        {
            "city": [f"City {place}" for place in range(20)],
            "mean": [*(700.0 + place for place in range(19)), math.nan],
            "low": 600.0,
            "high": 900.0,
        }
    )
    columns = [
        report.SheetColumn("city", both("City", "شهر")),
        report.SheetColumn("mean", both("Mean way, m", "میانگین راه، متر"), "number", low="low", high="high"),
    ]
    line = report.Line([2017, 2018, 2019, 2020], [0.4, None, 0.2, 0.1], [0.3, None, 0.1, 0.0], [0.5, None, 0.3, 0.2])
    panel = report.Panel(both("Wola", "ولا"), [line], marks=[(2019, both("Paper ends", "پایان کاغذ"))], alert=True)
    points = [{"x": 0.1, "y": 0.2, "label": "one", "mark": True}, {"x": 0.9, "y": None}]
    chosen = [(both(f"City {one}", f"شهر {one}"), [report.Passage(f"Told of {one}.")]) for one in range(3)]
    return report.sheet_page(
        [
            report.Part(
                both("Ways", "راه‌ها"),
                [report.Dots(rows, title=both("Mean way", "میانگین راه"), unit="metres", reference=1000.0)],
            ),
            report.Lines([panel], title=both("On paper", "روی کاغذ"), percent=True),
            report.Points(
                points, title="Calibration", x_title="predicted", y_title="seen", percent=True, identity=True
            ),
            report.SheetTable(cities, columns, title=both("Cities", "شهرها")),
            report.SheetTable(cities, columns, title=both("Cities", "شهرها"), note="The same once more."),
            report.Choice(both("City", "شهر"), chosen),
            report.Part("Folded", [report.Passage("Told below a fold.")], folded=True),
            report.Passage("</script><b>bold</b>", kind="caveat"),
        ],
        title=both("Synthetic cities", "شهرهای ساختگی"),
        lead=both("Small cities are farther.", "شهرهای کوچک دورترند."),
        back="index.html",
    )


def test_it_says_values_with_their_ranges_in_both_languages_and_data_are_no_markup(page):
    text = plain_text(page.to_html())
    for said in ("1,200 m", "1,000 to 1,400", "۱٬۲۰۰ متر", "Small cities are farther.", "پایان کاغذ"):
        assert said in text
    assert "<b>bold</b>" not in page.to_html()
    assert page.to_html() == page.to_html()
    assert page.to_html().isascii()


def test_a_dot_stands_where_its_value_is_and_no_value_has_none(page):
    drawn = charts.dots(page.blocks[0].blocks[0])
    # Values reach from 750 to 1,400, so the axis goes from 0 to 1,500: 1,200 of 1,500 are 80 %, 200 more 13.3 %.
    assert [tick["text"]["en"] for tick in drawn["ticks"]] == ["0", "500", "1,000", "1,500"]
    small, large, unknown = drawn["rows"]
    assert (small["at"], small["low"], small["wide"]) == pytest.approx((80, 66.67, 26.66), abs=0.01)
    assert large["at"] == pytest.approx(53.33)
    assert unknown["at"] is None
    assert unknown["value"]["en"] == "–"
    assert drawn["reference"] == pytest.approx(66.67)


def test_a_year_that_is_missing_interrupts_the_line_and_its_band(page):
    shapes = charts.lines(page.blocks[1])["panels"][0]["shapes"]
    series = [one for one in shapes if one["facts"].get("class") == "series series-1"]
    assert [len(one["facts"]["points"].split()) for one in series] == [2], "2017 stands alone, 2019 and 2020 are joined"
    assert sum(one["facts"].get("class") == "dot series-1" for one in shapes) == 3
    assert sum(one["facts"].get("class") == "range series-1" for one in shapes) == 1, "the range of 2017"


@given(st.lists(st.floats(-1e9, 1e9), max_size=6), st.booleans())
def test_an_axis_holds_every_value_between_its_ends_and_has_few_ticks(values, from_zero):
    low, high, ticks = axis(values, from_zero=from_zero)
    assert low < high
    assert 2 <= len(ticks) <= 8
    assert ticks == sorted(ticks)
    slack = 1e-9 * max(abs(low), abs(high))
    assert all(low - slack <= value <= high + slack for value in values)
    if from_zero:
        assert low <= 0 <= high


def test_what_is_no_block_and_a_page_without_a_lead_are_refused():
    with pytest.raises(InputError, match="str is no block"):
        report.sheet_page(["text"], title="A", lead="B")
    with pytest.raises(InputError, match="lead: it is empty"):
        report.sheet_page([], title="A", lead="")
    with pytest.raises(InputError, match="no column mean"):
        report.SheetTable(pd.DataFrame({"city": ["A"]}), [report.SheetColumn("mean", "Mean", "number")])


def test_a_reader_sorts_searches_chooses_and_changes_the_language(page, open_file, tmp_path):
    opened = open_file(page.save(tmp_path / "page.html"), viewport={"width": 390, "height": 800})
    tab = opened.page
    rows = "[...document.querySelector('.sheet-table').querySelectorAll('tbody tr')]"
    shown = f"() => {rows}.filter((row) => row.offsetParent).map((row) => row.cells[0].textContent)"
    assert len(tab.evaluate(shown)) == 12
    tab.get_by_role("button", name="Mean way, m").first.click()
    assert tab.evaluate(shown)[0] == "City 18", "the largest first"
    tab.get_by_role("button", name="Mean way, m").first.click()
    assert tab.evaluate(shown)[0] == "City 0"
    tab.locator(".table-search").first.fill("city 19")
    assert tab.evaluate(shown) == ["City 19"]
    tab.locator("select").select_option("2")
    assert tab.get_by_text("Told of 2.").is_visible()
    assert not tab.get_by_text("Told of 0.").is_visible()
    tab.get_by_role("button", name="فارسی").click()
    assert tab.locator("html").get_attribute("dir") == "rtl"
    assert "۱٬۲۰۰" in tab.locator(".dot-value").first.inner_text()
    assert re.search("شهر", tab.locator("option").nth(1).inner_text())
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs out of a phone's screen"


def test_letters_of_polish_or_turkish_bring_their_font_and_no_other_page_carries_it(open_file, tmp_path):
    plain = report.sheet_page([], title="A", lead="Plain, naïve and œuvre.")
    assert "U+0100" not in plain.to_html()
    polish = report.sheet_page([], title="A", lead="Białołęka, Śródmieście, Beşiktaş.")
    opened = open_file(polish.save(tmp_path / "polish.html"))
    loaded = "[...document.fonts].filter((one) => one.status === 'loaded').map((one) => one.unicodeRange).join()"
    opened.page.evaluate("document.fonts.ready.then(() => true)")
    assert "U+100-130" in opened.page.evaluate(loaded)
    assert not opened.errors


def test_axe_finds_nothing_and_paper_shows_what_is_folded_on_the_screen(page, open_file, tmp_path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened = open_file(
        page.save(tmp_path / "page.html"), viewport={"width": 390, "height": 800}, color_scheme="dark", bypass_csp=True
    )
    tab = opened.page
    tab.locator("[data-language=fa]").click()
    found = axe.run(tab, options=RULES).response
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found["violations"]] == []
    folded = "() => [...document.querySelectorAll('details, .rest-rows, .on-paper')].map((one) => one.tagName === "
    folded += "'DETAILS' ? !one.open : one.checkVisibility() === false)"
    before = tab.evaluate(folded)
    assert len(before) == 4
    assert all(before)
    tab.emulate_media(media="print")
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not any(tab.evaluate(folded)), "the fold, the rows left out, and how many could be chosen"
    assert "صفحه ۳ مورد برای برگزیدن دارد" in tab.locator(".on-paper").inner_text()
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    tab.emulate_media(media="screen")
    assert tab.evaluate(folded) == before


def test_without_scripts_every_row_and_every_choice_is_there(page, open_file, tmp_path):
    tab = open_file(page.save(tmp_path / "page.html"), java_script_enabled=False).page
    for said in ("City 19", "Told of 0.", "Told of 2.", "Small cities are farther."):
        assert tab.get_by_text(said).first.is_visible(), said
    assert not tab.locator(".table-search").first.is_visible()
    assert not tab.locator("select").is_visible()


def test_texts_under_a_line_do_not_touch_each_other():
    """Ten months by their days in a narrow picture: the last text hangs to the left of its place."""
    places = [2024 + month / 12 for month in range(10)]
    labels = {place: f"2024-{month:02d}-01" for month, place in enumerate(places, 1)}
    made = charts._x_ticks(places, lambda x: 34 + 214 * (x - 2024) / (places[-1] - 2024), labels)
    wide = 10 * charts.LETTER
    ends = []
    for one in made:
        x = float(one["facts"]["x"])
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[one["facts"]["text-anchor"]]
        ends.append((left, left + wide))
    assert [one["text"] for one in made][:: len(made) - 1] == ["2024-01-01", "2024-10-01"]
    assert all(after[0] - before[1] >= 5 for before, after in pairwise(ends))
