"""The state of a page in its address: kept, restored, shared; and any address is safe."""

from __future__ import annotations

import random

import pytest

from spatialjustice import maps
from tests.browsing import Opened

STATE = "[document.documentElement.lang, spatialjustice.made.zones.chosen, spatialjustice.chosenZone()]"
ODD = [
    "fa%",
    "%E2%",
    "lang=constructor",
    "constructor",
    "__proto__=1&lang=__proto__",
    "show=__proto__",
    "area=-1",
    "area=",
    "view=NaN,NaN,NaN",
    "view=1e999,1,1",
    "view=91,0,3",
    "view=50,10",
    "view=,,,",
    "filter=%00",
    "filter=above:1e400",
    "filter=" + "a" * 9000,
    "lang=fa&lang=en",
    "&&&===&",
    "show=%3Cimg%20src=x%20onerror=alert(1)%3E",
    "area=%3Cscript%3Ealert(1)%3C/script%3E",
    "mode=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "right=javascript:alert(1)",
    "javascript:alert(1)",
    "lang=%D9%81%D8%A7",
    "show=%F0%9F%A6%84&area=%E2%80%AE",
    "panel=1",
    "view=50.02,10.02,99999999",
]


@pytest.fixture(scope="module")
def file(place, tmp_path_factory):
    path = tmp_path_factory.mktemp("address") / "page.html"
    place.made.save(path)
    return path


@pytest.fixture
def opened(browser, file):
    one = Opened(browser, file, viewport={"width": 1440, "height": 900}).ready()
    yield one
    assert (one.errors, one.dialogs, one.remote) == ([], [], [])
    one.context.close()


def go(opened, file, address):
    """Open the page anew with an address."""
    opened.page.goto("about:blank")
    opened.page.goto(file.as_uri() + "#" + address)
    opened.ready()


def test_language_map_area_and_view_are_there_again_after_a_reload(opened):
    page = opened.page
    page.click("[data-language=fa]")
    page.select_option("#indicator", "1")
    page.click("#areas tbody tr:nth-child(3) .area")
    opened.still()
    opened.until("location.hash.includes('view=')")
    before = page.evaluate(STATE)
    assert before[:2] == ["fa", 1]
    assert before[2] >= 0
    view = page.evaluate("[spatialjustice.map.getCenter().lat, spatialjustice.map.getZoom()]")
    page.reload()
    opened.ready()
    assert page.evaluate(STATE) == before
    now = page.evaluate("[spatialjustice.map.getCenter().lat, spatialjustice.map.getZoom()]")
    assert now == pytest.approx(view, abs=1e-2)
    assert page.locator("#profile").is_visible()


def test_a_link_opens_somebody_elses_page_as_it_is_here(opened, browser, file):
    page = opened.page
    page.select_option("#indicator", "1")
    page.evaluate("spatialjustice.select(4, { zoom: false })")
    link = page.evaluate("spatialjustice.state.link()")
    assert "lang=en" in link
    other = Opened(browser, file, locale="fa-IR")
    other.page.goto("about:blank")
    other.page.goto(link)
    other.ready()
    assert other.page.evaluate(STATE) == ["en", 1, 4]
    other.context.close()


def test_the_link_is_copied_or_stands_there_to_be_copied(browser, file):
    one = Opened(browser, file, permissions=["clipboard-read", "clipboard-write"]).ready()
    one.page.click("#take-link")
    one.until("document.querySelector('.briefly, #link-by-hand') !== null")
    assert one.page.evaluate("navigator.clipboard.readText()") == one.page.evaluate("spatialjustice.state.link()")
    one.page.evaluate("() => void (navigator.clipboard.writeText = () => Promise.reject(new Error('no')))")
    one.page.click("#take-link")
    one.until("document.activeElement.id === 'link-by-hand'")
    assert one.page.locator("#link-by-hand").input_value() == one.page.evaluate("spatialjustice.state.link()")
    one.context.close()


@pytest.mark.parametrize(
    ("locale", "address", "language"),
    [("fa-IR", "", "fa"), ("en-GB", "", "en"), ("de-DE", "", "en"), ("fa-IR", "en", "en"), ("en-US", "lang=fa", "fa")],
    ids=["Persian", "English", "German", "Persian, asked for English", "English, asked for Persian"],
)
def test_the_browsers_language_is_followed_unless_the_address_says_another(browser, file, locale, address, language):
    one = Opened(browser, file, locale=locale)
    go(one, file, address)
    assert one.page.evaluate("document.documentElement.lang") == language
    assert (one.errors, one.remote) == ([], [])
    one.context.close()


def test_whoever_changes_the_address_changes_the_page(opened):
    page = opened.page
    page.evaluate("location.hash = 'lang=fa&show=number&area=z7'")
    opened.until(f"JSON.stringify({STATE}) === JSON.stringify(['fa', 1, 7])")
    page.evaluate("location.hash = 'lang=fa'")
    opened.until(f"JSON.stringify({STATE}) === JSON.stringify(['fa', 0, -1])")


@pytest.mark.parametrize("address", ODD, ids=[str(place) for place in range(len(ODD))])
def test_no_address_breaks_the_page_or_gets_into_it(opened, file, address):
    go(opened, file, address)
    plain = opened.page.evaluate("document.querySelectorAll('body *').length")
    assert opened.page.evaluate("typeof spatialjustice.made.zones.chosen") == "number"
    assert opened.page.locator("img[src=x]").count() == 0
    assert opened.page.evaluate("({}).polluted") is None
    opened.page.evaluate("location.hash = ''")
    assert abs(opened.page.evaluate("document.querySelectorAll('body *').length") - plain) < 400


def test_made_up_addresses_are_safe(opened):
    """Five hundred addresses of pieces of real ones, damaged: nothing throws, and the page still answers."""
    rng = random.Random(7)
    pieces = [
        "lang=", "fa", "en", "&", "=", "show=", "walk", "number", "area=", "z3", "view=", "50.02,10.02,13", "filter=",
        "above:5", "below:", "worst:10", "hide:", ",", ":", "%", "%2", "%FF", "mode=", "right=", "#", "\u202e", "<b>",
    ]  # fmt: skip
    addresses = ["".join(rng.choices(pieces, k=rng.randint(1, 12))) for _ in range(500)]
    opened.page.evaluate(
        """async (all) => {
          for (const one of all) {
            location.hash = one;
            await new Promise((done) => setTimeout(done, 0));
          }
        }""",
        addresses,
    )
    opened.page.evaluate("location.hash = 'lang=en&show=number'")
    opened.until("spatialjustice.made.zones.chosen === 1 && document.documentElement.lang === 'en'")
    assert opened.page.locator("b").count() == 0


def test_the_index_carries_the_language_into_its_links(browser, tmp_path):
    entries = [maps.Entry("map.html#mode=bicycle", {"en": "A map", "fa": "نقشه"})]
    path = tmp_path / "index.html"
    path.write_text(maps.index_page(entries, title="A study", languages=["en", "fa"]), encoding="utf-8")
    one = Opened(browser, path)
    one.page.click("[data-language=fa]")
    assert one.page.locator(".entry-text a").get_attribute("href") == "map.html#lang=fa&mode=bicycle"
    one.page.reload()
    assert one.page.evaluate("document.documentElement.lang") == "fa"
    assert one.errors == []
    one.context.close()
