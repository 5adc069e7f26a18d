"""The page as a browser shows it, without a network."""
# ruff: noqa: RUF001 (Persian digits and letters are meant)

import re

import folium
import geopandas as gpd
import pandas as pd
import pytest

from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord
from spatialjustice.maps.atlas import atlas
from spatialjustice.maps.indicator import Indicator
from spatialjustice.maps.pages.document import Page
from spatialjustice.maps.pages.index import Entry, index_page
from spatialjustice.maps.pages.saved import Map

PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "${alert(1)}",
    "`+alert(1)+`",
    '\\";alert(1);//',
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
)
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


@pytest.fixture
def services(grid):
    points = grid.representative_point().iloc[[7, 9]]
    return gpd.GeoDataFrame(
        {"service": ["school", "library"], "name": ["School A", None], "name_fa": ["مدرسهٔ الف", None]},
        geometry=list(points),
        index=pd.Index(["n1", "n2"], name="service_id"),
        crs=4326,
    )


@pytest.fixture
def made(grid, minutes, status, people, services):
    def making(lang="en", **more):
        indicators = [
            Indicator("walk", {"en": "Walk", "fa": "پیاده"}, minutes, unit="minutes", status=status,
                      breaks=[10, 20, 30], group={"en": "Schools", "fa": "مدرسه‌ها"}, service="school"),
            Indicator("number", {"en": "Number", "fa": "شمار"}, minutes.fillna(0), unit="opportunities", kind="count",
                      breaks=[0, 15, 30], group={"en": "Libraries", "fa": "کتابخانه‌ها"}, service="library"),
        ]  # fmt: skip
        record = SourceRecord("zones", "grid", "ab" * 32, 1, OSM_LICENCE, OSM_ATTRIBUTION, "2023-02-21")
        given = {"title": {"en": "Synthetic squares", "fa": "مربع‌های ساختگی"}, "people": people, "sources": [record]}
        return atlas(grid, indicators, services=services, lang=lang, **{**given, **more})

    return making


def colour_at(opened, zone):
    """Colour of the zones' canvas where the zone's centre is drawn, and of its class in the legend."""
    return opened.page.evaluate(
        """(zone) => {
          const zones = spatialjustice.made.zones;
          const [x1, y1, x2, y2] = zones.shapes[zone].box;
          const sheet = zones.sheet;
          const scale = Math.pow(2, sheet._map.getZoom());
          const origin = sheet._map.getPixelOrigin();
          const x = ((x1 + x2) / 2) * scale - origin.x - sheet._bounds.min.x;
          const y = ((y1 + y2) / 2) * scale - origin.y - sheet._bounds.min.y;
          const pixel = sheet._context.getImageData(
            Math.round(x * sheet._ratio), Math.round(y * sheet._ratio), 1, 1).data;
          const indicator = zones.data.indicators[zones.chosen];
          const row = indicator.legend.rows[parseInt(indicator.classes[zone], 36)];
          const hex = "#" + [0, 1, 2].map((place) => pixel[place].toString(16).padStart(2, "0")).join("");
          return [hex, row.swatch[0], pixel[3]];
        }""",
        zone,
    )


def point_of(opened, zone):
    """Where the centre of a zone is on the screen."""
    return opened.page.evaluate(
        """(zone) => {
          const zones = spatialjustice.made.zones;
          const [x1, y1, x2, y2] = zones.shapes[zone].box;
          const map = zones.sheet._map;
          const scale = Math.pow(2, map.getZoom());
          const place = map.layerPointToContainerPoint(
            L.point(((x1 + x2) / 2) * scale, ((y1 + y2) / 2) * scale).subtract(map.getPixelOrigin()));
          const frame = map.getContainer().getBoundingClientRect();
          return [frame.left + place.x, frame.top + place.y];
        }""",
        zone,
    )


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_opens_without_network_and_without_errors(made, open_page, lang):
    opened = open_page(made(lang)).ready()
    assert opened.remote == []
    assert opened.errors == []
    assert opened.page.locator("#legend tbody tr").count() == 8  # three classes, four reasons, no data
    assert opened.page.get_by_text("© OpenStreetMap contributors").first.is_visible()


def test_every_square_has_the_colour_of_its_class(made, open_page):
    opened = open_page(made()).ready()
    # Zones 0 to 25 and 28 are plain; the others are hatched, so one pixel says nothing. 7 carries a school above.
    for zone in [*range(26), 28]:
        drawn, expected, opaque = colour_at(opened, zone)
        assert (drawn, opaque) == (expected, 255), zone
    opened.page.select_option("#indicator", "1")
    for zone in range(26):
        drawn, expected, _ = colour_at(opened, zone)
        assert drawn == expected, zone


def test_legend_and_places_follow_the_chooser(made, open_page):
    opened = open_page(made()).ready()
    shown = lambda: opened.page.locator("#layer-list input:checked + span").all_inner_texts()  # noqa: E731
    assert opened.page.locator("#legend h2").inner_text() == "Walk"
    assert "Schools1" in [text.replace("\n", "") for text in shown()]
    opened.page.select_option("#indicator", "1")
    assert opened.page.locator("#legend h2").inner_text() == "Number"
    assert opened.page.locator("#legend tbody tr").first.locator("bdi").inner_text() == "0"
    assert [text.replace("\n", "") for text in shown()] == ["Libraries1"]
    assert opened.page.locator("#said").inner_text() == "Number"


def test_pointing_at_a_zone_tells_its_value_unit_and_people(made, open_page, people):
    opened = open_page(made()).ready()
    x, y = point_of(opened, 3)
    opened.page.mouse.move(x - 5, y)
    opened.page.mouse.move(x, y)
    text = opened.page.locator(".leaflet-tooltip").inner_text()
    assert "Zone z3" in text
    assert "4\xa0min" in text
    assert f"{round(people['z3'])}\xa0people" in text


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_tooltip_is_at_the_pointer(made, open_page, lang):
    """U23: in both directions of writing the tooltip's edge is within 30 pixels of the pointer."""
    opened = open_page(made(lang)).ready()
    x, y = point_of(opened, 16)
    opened.page.mouse.move(x - 5, y)
    opened.page.mouse.move(x, y)
    box = opened.page.locator(".leaflet-tooltip").bounding_box()
    assert min(abs(box["x"] - x), abs(box["x"] + box["width"] - x)) <= 30
    assert box["y"] - 30 <= y <= box["y"] + box["height"] + 30


def test_a_click_on_a_place_tells_its_name_and_kind(made, open_page):
    opened = open_page(made("fa")).ready()
    opened.page.mouse.click(*point_of(opened, 7))
    text = opened.page.locator(".leaflet-popup-content").inner_text()
    assert "مدرسهٔ الف" in text
    assert "مدرسه‌ها" in text


def test_persian_page_is_written_from_right_to_left(made, open_page):
    opened = open_page(made("fa")).ready()
    page = opened.page
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["fa", "rtl"]
    assert page.locator(".folium-map").evaluate("node => getComputedStyle(node).direction") == "ltr"
    assert page.locator("#legend tbody td.count").first.inner_text() == "۱۰"
    assert re.search("[0-9]", page.locator("#legend").inner_text()) is None
    assert re.fullmatch("[۰-۹٫]+\u00a0(متر|کیلومتر)", page.locator(".leaflet-control-scale-line").inner_text())
    side, frame = page.locator(".side").bounding_box(), page.locator(".frame").bounding_box()
    assert side["x"] > frame["x"]
    page.evaluate("document.fonts.ready.then(() => true)")
    faces = page.evaluate("Array.from(document.fonts, (face) => [face.family, face.status])")
    assert ["Vazirmatn Variable", "loaded"] in [[family.strip("\"'"), status] for family, status in faces]


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("width", [360, 390, 2560])
def test_every_width_shows_the_map_without_sideways_scrolling(made, open_page, lang, width):
    size = (
        {**PHONE, "viewport": {"width": width, "height": 844}}
        if width < 760
        else {"viewport": {"width": width, "height": 1200}}
    )
    opened = open_page(made(lang), **size).ready()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    box = opened.page.locator(".folium-map").bounding_box()
    if width < 760:
        assert box["width"] == width
        assert box["height"] >= 0.55 * 844


def test_keyboard_reaches_chooser_layers_and_details(made, open_page):
    opened = open_page(made(findings=[Finding("invented", "warning", "Synthetic.")])).ready()
    reached = set()
    for _ in range(60):
        opened.page.keyboard.press("Tab")
        reached.add(
            opened.page.evaluate(
                "(() => { const at = document.activeElement; return at.id || at.className || at.tagName; })()"
            )
        )
    assert {"indicator", "panel", "leaflet-control-layers-selector", "SUMMARY", "skip"} <= reached


def test_arrow_keys_read_out_the_zone_in_the_middle(made, open_page):
    opened = open_page(made()).ready()
    opened.page.locator(".folium-map").focus()
    opened.page.keyboard.press("+")
    opened.still()
    opened.page.keyboard.press("ArrowUp")
    opened.until("/Zone z\\d+/.test(document.getElementById('said').innerText)")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_code(grid, minutes, status, people, services, open_page, payload):  # noqa: PLR0917
    """Every channel at once: names, titles, notes, sources, findings, record; hovered, clicked and switched."""
    grid["name"] = payload
    services["name"] = payload
    services["service"] = payload
    indicators = [
        Indicator("one", payload, minutes, unit="minutes", status=status, note=payload, group=payload, service=payload),
        Indicator("two", payload, minutes, unit="minutes", group=payload),
    ]
    record = SourceRecord(payload, payload, payload, 1, payload, payload, payload, "", payload, payload)
    made = atlas(
        grid, indicators, title=payload, subtitle=payload, services=services, people=people, sources=[record],
        findings=[Finding("invented", "warning", payload, advice=payload)], provenance={payload: payload},
    )  # fmt: skip
    opened = open_page(made).ready()
    page = opened.page
    assert page.title() == payload
    assert page.locator("h1").inner_text() == payload
    for zone in (7, 3):
        opened.still()  # the map moves until the card of the zone before is in view
        x, y = point_of(opened, zone)
        page.mouse.move(x - 3, y)
        page.mouse.move(x, y)
        assert page.locator(".leaflet-tooltip .card-title").inner_text() == payload
        page.mouse.click(x, y)
        assert page.locator(".leaflet-popup .card-title").first.inner_text() == payload
    page.select_option("#indicator", "1")
    for summary in page.locator("summary").all():
        summary.click()
    page.locator("#layer-list input").first.click()
    assert page.locator("#layer-list bdi").first.inner_text() == payload
    assert page.locator(".legend-title").inner_text() == payload
    page.wait_for_timeout(100)
    assert opened.dialogs == []
    assert opened.errors == []
    assert opened.remote == []
    assert page.locator(".frame img[src='x'], .side img, .side svg[onload], header img").count() == 0


def test_layer_names_of_folium_are_text_too(open_page):
    plain = folium.Map([50, 10], tiles=None, zoom_start=6)
    group = folium.FeatureGroup(name=PAYLOADS[0]).add_to(plain)
    folium.CircleMarker([50, 10]).add_to(group)
    folium.LayerControl(collapsed=False).add_to(plain)
    opened = open_page(Map(plain, Page(title="Plain", plain=True)))
    assert opened.page.locator(".leaflet-control-layers label").inner_text().strip() == PAYLOADS[0]
    assert (opened.errors, opened.dialogs, opened.remote) == ([], [], [])


def test_folium_markers_have_their_picture(open_page):
    plain = folium.Map([50, 10], tiles=None, zoom_start=6)
    folium.Marker([50, 10]).add_to(plain)
    opened = open_page(Map(plain, Page(title="Plain", plain=True)))
    assert opened.page.locator("img.leaflet-marker-icon").evaluate("node => node.naturalWidth") in {25, 50}
    assert (opened.errors, opened.remote) == ([], [])


def test_our_layers_and_folium_layers_share_a_map(made, open_page):
    both = made()
    folium.CircleMarker([50.02, 10.03], radius=9, color="black").add_to(both.folium)
    opened = open_page(both).ready()
    assert opened.page.locator("path.leaflet-interactive").count() == 1
    assert opened.errors == []


def test_chicago_is_drawn_with_real_shapes(chicago, open_page):
    size = chicago.to_crs(26916).area / 1e6
    one = Indicator("size", "Size in km²", size, unit="index", direction="none")
    opened = open_page(atlas(chicago, [one], title="Chicago")).ready()
    assert opened.errors == []
    assert opened.page.locator("#legend tfoot .count").first.inner_text() == "77"


def test_class_colours_stay_exact_over_a_base_map(made, grid, open_page):
    """Areas of the base map lie beneath the zones; where nobody lives, the ground shows."""
    opened = open_page(made(base=grid.assign(kind="green"))).ready()
    assert colour_at(opened, 3)[0] == colour_at(opened, 3)[1]
    assert colour_at(opened, 28)[2] == 0
    opened.page.get_by_label("Base map").uncheck()
    assert colour_at(opened, 28)[2] == 255
    assert opened.errors == []


def test_a_map_of_one_indicator_has_no_chooser(grid, minutes, open_page):
    opened = open_page(atlas(grid, [Indicator("walk", "Walk", minutes, unit="minutes")], title="T")).ready()
    assert opened.page.locator("#indicator").count() == 0
    assert opened.page.locator("#legend h2").inner_text() == "Walk"


def test_index_opens(open_page):
    opened = open_page(index_page([Entry("map.html", "Walking", line="One map")], title="A study"))
    assert opened.page.locator(".entries a").get_attribute("href") == "map.html"
    assert (opened.errors, opened.remote) == ([], [])
