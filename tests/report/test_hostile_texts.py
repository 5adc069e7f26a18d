"""Texts that try to run: every one in every place a page shows text; none runs, and all are shown as they are."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from spatialjustice import report
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import SourceRecord
from spatialjustice.maps import Indicator
from spatialjustice.maps.pages.index import Entry, index_page
from tests.browsing import Opened

PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "${alert(1)}",
    "`+alert(1)+`",
    '\\";alert(1);//',
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    '" autofocus onfocus=alert(1) x="',
    "<!--<script>alert(1)",
)
CHANNELS = (
    "area", "area_fa", "title", "title_fa", "subtitle", "indicator", "indicator_fa", "group", "note", "service_name",
    "service_title", "finding", "advice", "method", "curve", "bar", "bars", "bar_note", "people_group", "sentence",
    "source_file", "licence", "credit", "source_note", "provenance_key", "provenance_value", "version",
)  # fmt: skip


# What readers see or can open, not the data that travel in scripts.
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let found = "";
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest("script, style")) found += walker.currentNode.data + " ";
  }
  return found;
}"""


def page_of(place, payload):
    """A page with the payload in every channel, each marked so that it can be found again."""

    def mark(channel):
        return f"{payload} #{channel}#"

    grid = place.grid.copy()
    grid["name"], grid["name_fa"] = mark("area"), mark("area_fa")
    services = gpd.GeoDataFrame(
        {"service": ["school"], "name": [mark("service_name")]}, geometry=list(grid.representative_point().iloc[[8]]),
        index=pd.Index(["n1"]), crs=4326,
    )  # fmt: skip
    one = Indicator(
        "one", {"en": mark("indicator"), "fa": mark("indicator_fa")}, place.minutes, unit="minutes",
        status=place.status, breaks=[5, 10, 20], group=mark("group"), note=mark("note"), service="school",
    )  # fmt: skip
    two = Indicator("two", "Two", place.counts, unit="opportunities", kind="count", group=mark("group"))
    record = SourceRecord(
        "zones", mark("source_file"), "ab" * 32, 1, mark("licence"), mark("credit"), "2023-02-21",
        note=mark("source_note"), address="javascript:alert(1)",
    )  # fmt: skip
    corners = place.curve.corners
    return report.planner_page(
        grid,
        [one, two],
        title={"en": mark("title"), "fa": mark("title_fa")},
        subtitle=mark("subtitle"),
        people=place.people,
        findings_in_words={"one": mark("sentence")},
        curves={"one": [report.Curve(corners, 0.4, mark("curve"))]},
        bars={
            "one": [report.Bars([{"label": mark("bar"), "value": 0.4, "note": mark("bar_note")}], mark("bars"))],
        },
        groups={"old": (mark("people_group"), place.old)},
        method=[mark("method")],
        services=services,
        service_titles={"school": mark("service_title")},
        sources=[record],
        findings=[Finding("invented", "warning", mark("finding"), advice=mark("advice"))],
        provenance={mark("provenance_key"): mark("provenance_value"), "versions": {"x": mark("version")}},
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_runs_and_everything_is_shown(browser, place, tmp_path, payload):
    """U10 and U11: 10 texts in 27 places, hovered, clicked, filtered, sorted, taken away, in both languages."""
    path = tmp_path / "page.html"
    page_of(place, payload).save(path)
    opened = Opened(browser, path).ready()
    page = opened.page
    shown = ""
    for language in ("en", "fa"):
        page.click(f"[data-language={language}]")
        for zone in (8, 9):
            page.evaluate(
                """(zone) => {
                  const [x1, y1, x2, y2] = spatialjustice.made.zones.shapes[zone].box;
                  const map = spatialjustice.map;
                  const latlng = map.unproject(L.point((x1 + x2) / 2, (y1 + y2) / 2), 0);
                  window.at = map.latLngToContainerPoint(latlng);
                }""",
                zone,
            )
            box = page.locator(".folium-map").bounding_box()
            x, y = page.evaluate("[window.at.x, window.at.y]")
            page.mouse.move(box["x"] + x - 4, box["y"] + y)
            page.mouse.move(box["x"] + x, box["y"] + y)
            shown += page.locator(".folium-map").inner_text()
            page.mouse.click(box["x"] + x, box["y"] + y)
            shown += page.locator(".folium-map").inner_text()
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        page.fill("#area-search", "area")
        page.click("#areas th[data-key=name] button")
        page.locator("#filter input[type=checkbox]").first.uncheck()
        shown += page.title() + page.evaluate(TEXTS)
        shown += page.evaluate("Array.from(document.querySelectorAll('option, optgroup'), (o) => o.label).join()")
        page.locator("#areas .area").first.click()
        page.evaluate("spatialjustice.csv(); spatialjustice.picture(); dispatchEvent(new Event('beforeprint'))")
    page.select_option("#indicator", "1")
    page.wait_for_timeout(60)
    assert opened.dialogs == []
    assert opened.errors == []
    assert opened.remote == []
    visible = page.evaluate("Array.from(document.scripts).every((one) => one.type || !one.src)")
    assert visible
    assert page.locator(".top img, .side img, .frame img[src=x], svg[onload], [onfocus], [onerror]").count() == 0
    assert page.locator("a[href^='javascript:']").count() == 0
    missing = [channel for channel in CHANNELS if f"{payload} #{channel}#" not in shown]
    assert missing == []
    opened.context.close()


def test_there_are_enough_cases():
    assert len(PAYLOADS) * len(CHANNELS) >= 98


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_list_of_maps_shows_texts_only(browser, tmp_path, payload):
    path = tmp_path / "index.html"
    text = {"en": payload, "fa": payload + " fa"}
    entries = [Entry("map.html", text, "map", text, payload)]
    findings = [Finding("invented", "warning", payload, advice=payload)]
    path.write_text(
        index_page(entries, title=text, subtitle=text, languages=["en", "fa"], findings=findings), encoding="utf-8"
    )
    opened = Opened(browser, path)
    for language in ("fa", "en"):
        opened.page.click(f"[data-language={language}]")
    assert opened.page.locator("body").inner_text().count(payload) >= 6
    assert (opened.dialogs, opened.errors, opened.remote) == ([], [], [])
    opened.context.close()
