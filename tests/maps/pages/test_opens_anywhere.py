"""A page shows the same wherever it is opened: wrong character set, a frame, no scripts, any address."""
# ruff: noqa: RUF001 (Persian is meant)

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from spatialjustice import maps, report
from spatialjustice.catalogue.lookup import END_EMBEDDING, END_ISOLATE, balanced
from spatialjustice.maps.pages import seven_bits

TEXT = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [document.title];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.closest("script, style") && node.data.trim()) found.push(node.data.trim());
  }
  return found;
}"""
ASTRAL = "\U0001f3e5"


@pytest.fixture(scope="module")
def made():
    zones = gpd.GeoDataFrame(
        {"name": ["Söder – „A“", f"محلهٔ {ASTRAL}"]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        index=["a", "b"],
        crs=4326,
    )
    walk = maps.Indicator(
        "walk", {"en": "Walk – café", "fa": "پیاده‌روی"}, pd.Series([5.0, 12.0], ["a", "b"]), unit="minutes",
        kind="cost", breaks=[10, 15],
    )  # fmt: skip
    cell = maps.Cell({"en": "62%", "fa": "۶۲٪"}, "3", "12 min", 3, "#mode=walk&show=walk", "Schools on foot")
    return report.planner_page(
        zones,
        [walk],
        title={"en": "Who walks – how far?", "fa": "چه کسی پیاده می‌رسد؟"},
        people=pd.Series([10.0, 30.0], ["a", "b"]),
        caveats={"walk": [{"en": "Straight lines – not streets", "fa": "خط راست"}]},
        overview=maps.Overview(
            sentences=[{"en": "Thirty people – most – walk far.", "fa": "سی نفر راه دراز دارند."}],
            modes=[("On foot", "10 min")],
            rows=[({"en": "Schools", "fa": "مدرسه‌ها"}, [cell])],
            start="walk",
        ),
        languages=["fa", "en"],
        lang="fa",
    )


@pytest.fixture
def served(made):
    """Serve the page with whatever character set the address asks for, and a page that holds it in a sandbox."""
    whole = made.to_html().encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            name, _, charset = self.path.lstrip("/").partition("?")
            body = whole
            if name == "frame.html":
                body = (
                    b'<!DOCTYPE html><iframe sandbox="allow-scripts" src="page.html?utf-8" width="1100" height="700">'
                )
            self.send_response(200)
            self.send_header("Content-Type", f"text/html; charset={charset or 'utf-8'}")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_page_is_plain_ascii(made):
    assert made.to_html().isascii()


def test_signs_beyond_the_first_plane_are_pairs():
    assert seven_bits.in_script(f'"{ASTRAL}"') == '"\\ud83c\\udfe5"'
    assert seven_bits.in_script('"\\–"') == '"\\u2013"'


def test_every_character_set_shows_the_same(served, browser):
    shown = []
    for charset in ("utf-8", "iso-8859-1", "windows-1256", "shift_jis"):
        page = browser.new_page()
        errors = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        page.goto(f"{served}/page.html?{charset}#lang=fa")
        page.wait_for_selector("html[data-ready]", state="attached")
        shown.append(page.evaluate(TEXT))
        assert errors == [], charset
        page.close()
    assert all(one == shown[0] for one in shown)
    assert any("سی نفر راه دراز دارند." in text for text in shown[0])


def test_it_works_in_a_sandboxed_frame(served, browser):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{served}/frame.html")
    inside = page.frames[1]
    inside.wait_for_selector("html[data-ready]", state="attached")
    inside.click("#overview .matrix a")
    inside.wait_for_selector("#legend .legend-title")
    assert inside.locator("#overview").is_hidden()
    inside.click("[data-language=en]")
    assert inside.locator("h1").inner_text() == "Who walks – how far?"
    assert errors == []
    page.close()


def test_without_scripts_the_answer_stands_there(made, open_page):
    opened = open_page(made, java_script_enabled=False)
    page = opened.page
    for place in ("#overview .answers li", "#overview .matrix strong", ".still svg path", ".still .areas tr"):
        assert page.locator(place).first.is_visible(), place
    for place in (".folium-map", ".tools", "#legend", "#filter"):
        assert page.locator(place).first.is_hidden(), place
    # Those of the worst-served tenth, numbered as on the picture.
    assert page.locator(".still .areas tr").first.inner_text().split("\t")[:2] == ["۱", f"محلهٔ {ASTRAL}"]
    assert page.locator(".still svg text").all_text_contents() == ["۱"]
    assert opened.remote == []


def test_with_scripts_nothing_of_that_is_seen(made, open_page):
    opened = open_page(made).ready()
    assert opened.page.locator(".still").is_hidden()
    assert opened.page.locator("#overview").is_visible()
    assert opened.page.locator("#legend").is_visible()
    assert opened.errors == []


@pytest.mark.parametrize(
    "address",
    ["#%", "#show=%E0%A4%A", "#mode=&show=&area=", "#" + "a" * 5000, "#show=walk&area=<img src=x onerror=alert(1)>",
     "#embed&show=__proto__", "#lang=constructor&view=NaN,1e999,0", "#'\"><script>alert(1)</script>", "#list"],
)  # fmt: skip
def test_any_address_is_safe(made, open_page, address):
    opened = open_page(made)
    opened.page.goto(opened.page.url.split("#")[0] + address)
    opened.page.reload()
    opened.ready()
    assert opened.errors == []
    assert opened.dialogs == []
    assert opened.page.locator("#legend .legend-title").inner_text()


def test_embedded_it_is_map_key_and_sentence(made, open_page):
    opened = open_page(made)
    opened.page.goto(opened.page.url + "#embed&show=walk")
    opened.page.reload()
    page = opened.ready().page
    for place in (".tools", "#overview", "#areas", ".subtitle"):
        assert page.locator(place).count() == 0 or page.locator(place).first.is_hidden(), place
    for place in ("#legend", "#finding", ".folium-map", "#whole-page"):
        assert page.locator(place).is_visible(), place
    assert page.locator("#whole-page").get_attribute("href").endswith("#show=walk")


def test_the_overview_leads_to_a_map_and_back(made, open_page):
    page = open_page(made).ready().page
    page.click("[data-language=fa]")
    assert page.locator("#caveats").is_hidden()
    page.click("#overview .matrix a")
    assert page.locator("#overview").is_hidden()
    assert page.locator("#caveats p").inner_text() == "خط راست"
    page.click("#show-overview")
    assert page.locator("#overview").is_visible()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u202eabc", "\u202eabc" + END_EMBEDDING),
        ("a" + END_ISOLATE + "b" + END_EMBEDDING, "ab"),
        ("\u2067a\u202eb" + END_ISOLATE + "c", "\u2067a\u202eb" + END_ISOLATE + "c"),
        ("\u2066a", "\u2066a" + END_ISOLATE),
        ("\u2066a" + END_ISOLATE, "\u2066a" + END_ISOLATE),
        ("\u202a\u2068x", "\u202a\u2068x" + END_ISOLATE + END_EMBEDDING),
    ],
    ids=["override", "strangers", "embedding in isolate", "open isolate", "whole", "both"],
)
def test_direction_signs_end_within_their_text(text, expected):
    assert balanced(text) == expected


def test_a_title_changes_nothing_beside_it(open_page):
    """The subtitle lies where it lay, whatever direction signs the title holds."""
    zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    walk = maps.Indicator("walk", "Walk", pd.Series([5.0]), unit="minutes")

    def shown(title):
        made = report.planner_page(
            zones, [walk], title=title, subtitle="12 people, 1 zone", lang="en", languages=["en"]
        )
        page = open_page(made).ready().page
        return page.evaluate(
            """() => { const range = document.createRange();
            range.selectNodeContents(document.querySelector(".subtitle"));
            return Array.from(range.getClientRects(), (one) => [one.left, one.width]); }"""
        ), page.locator("h1").inner_text()

    plain, _ = shown("A title")
    for signs in ("\u202e", END_ISOLATE + "\u202e", "\u2067"):
        beside, title = shown(signs + "A title")
        assert beside == plain
        assert title.strip("\u2067\u2069\u202c\u202e") == "A title"
