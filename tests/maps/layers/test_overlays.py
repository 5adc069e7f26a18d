"""Layers that stand on any folium map."""
# ruff: noqa: RUF001 (Persian digits and letters are meant)

import re

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord, add_sources
from spatialjustice.maps import Ground, Indicator, Isochrones, Lines, Map, Points, Zones, atlas
from spatialjustice.maps.pages import document
from spatialjustice.maps.pages.document import Page
from tests.browsing import plain_text

READY = "() => spatialjustice.overlays.every((one) => one.ready && !(one.sheet && one.sheet.busy && one.sheet.busy()))"


@pytest.fixture
def walk(minutes, status):
    return Indicator("walk", {"en": "Walk", "fa": "پیاده"}, minutes, unit="minutes", status=status, breaks=[10, 20, 30])


def settle(opened):
    """Wait until all is drawn; the page's policy forbids the evaluation that Playwright's own waiting needs."""
    opened.until(READY)
    opened.page.wait_for_timeout(50)


def shown(open_page, *overlays, lang="en", **context):
    made = folium.Map([50.025, 10.03], tiles=None, zoom_start=13)
    for one in overlays:
        one.add_to(made)
    folium.LayerControl(collapsed=False).add_to(made)
    opened = open_page(Map(made, Page(title="T", lang=lang, plain=True)), **context)
    settle(opened)
    assert (opened.errors, opened.remote) == ([], [])
    return opened


def pixels(opened, places):
    """Colours that the whole screen shows at these longitudes and latitudes."""
    from io import BytesIO

    from PIL import Image

    points = opened.page.evaluate(
        """(places) => { const map = spatialjustice.overlays[0].map;
        const frame = map.getContainer().getBoundingClientRect();
        return places.map(([x, y]) => { const at = map.latLngToContainerPoint([y, x]);
        return [Math.round(frame.left + at.x), Math.round(frame.top + at.y)]; }); }""",
        places,
    )
    picture = Image.open(BytesIO(opened.page.screenshot())).convert("RGB")
    return ["#{:02x}{:02x}{:02x}".format(*picture.getpixel(tuple(point))) for point in points]


@pytest.fixture(scope="module")
def hexagons():
    """Synthetic: 3,200 hexagons with a value each, and the middles of 50 of them."""
    angles = np.linspace(0, 2 * np.pi, 7)[:-1] + np.pi / 6
    centres = [(10 + x * 0.0015 + (y % 2) * 0.00075, 50 + y * 0.0009) for y in range(50) for x in range(64)]
    shapes = [
        shapely.Polygon(np.column_stack([x + 0.00087 * np.cos(angles), y + 0.0006 * np.sin(angles)]))
        for x, y in centres
    ]
    zones = gpd.GeoDataFrame(geometry=shapes, index=[f"h{n}" for n in range(3200)], crs=4326)
    values = pd.Series(np.random.default_rng(1).gamma(2, 5, 3200).round(1), index=zones.index)
    return zones, values, [list(centres[place]) for place in range(30, 3200, 64)]


def test_both_renderers_show_the_colour_of_each_class(hexagons, open_page):
    """U7: at 50 points the screen shows the colour of the zone's class, drawn plainly and packed."""
    zones, values, places = hexagons
    one = Indicator("v", "V", values, unit="minutes")
    two = Indicator("w", "W", values.rank(pct=True), unit="share", kind="share")
    seen = []
    for renderer in ("geojson", "packed"):
        layer = Zones(zones, [one, two], renderer=renderer)
        opened = shown(open_page, layer, viewport={"width": 1200, "height": 900})
        view = "[[50, 10], [50.045, 10.096]], {animate: false, padding: [140, 90]}"
        opened.page.evaluate(f"void spatialjustice.overlays[0].map.fitBounds({view})")
        opened.page.locator(".sj-legends, .leaflet-control-layers").evaluate_all(
            "all => all.forEach((one) => (one.style.opacity = 0))"
        )
        settle(opened)
        before = pixels(opened, places)
        opened.page.evaluate("void spatialjustice.overlays[0].map.panBy([-120, 50], {animate: false})")
        settle(opened)
        moved = pixels(opened, places)
        opened.page.locator(".sj-legend select").select_option("1", force=True)
        opened.page.wait_for_timeout(100)
        settle(opened)
        seen.append((before, moved, pixels(opened, places)))
    from spatialjustice.maps.colours.legend import make_legend

    expected = []
    for indicator in (one, one, two):
        legend = make_legend(indicator.on(zones.index), people=None, lang="en")
        chosen = [legend.rows[legend.classes[place]].swatch.fill for place in range(30, 3200, 64)]
        expected.append(chosen)
    assert seen[0] == seen[1] == tuple(expected)


def test_the_renderer_follows_the_number_of_zones(grid, walk):
    assert Zones(grid, walk).data["renderer"] == "geojson"
    assert Zones(grid, walk, threshold=30).data["renderer"] == "packed"
    with pytest.raises(InputError, match="renderer"):
        Zones(grid, walk, renderer="svg")


def test_legends_follow_the_layers_that_are_shown(grid, walk, open_page):
    """U13: one legend for each visible layer, with unit, number in each class, histogram and no data."""
    points = grid.set_geometry(grid.representative_point()).iloc[:4]
    opened = shown(open_page, Zones(grid, walk), Points(points, title="Clinics", shape="square"))
    legends = opened.page.locator(".sj-legend")
    assert legends.locator("summary").all_inner_texts() == ["Walk", "Clinics"]
    assert "minutes" in legends.first.inner_text()
    assert legends.first.locator("tr .sj-count").all_inner_texts()[1:] == ["10", "10", "6", "1", "1", "1", "1", "0"]
    assert legends.first.locator(".sj-histogram canvas").count() == 1
    opened.page.get_by_label("Walk").uncheck()
    assert legends.locator("summary").all_inner_texts() == ["Clinics"]
    opened.page.get_by_label("Walk").check()
    assert legends.count() == 2


@pytest.mark.parametrize("renderer", ["geojson", "packed"])
def test_pointing_and_clicking_tell_the_value(grid, walk, open_page, renderer):
    opened = shown(open_page, Zones(grid, walk, renderer=renderer))
    box = opened.page.locator(".folium-map").bounding_box()
    x, y = box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2
    opened.page.mouse.move(x - 3, y)
    opened.page.mouse.move(x, y)
    assert re.search(r"Zone z15\n16 min\nWalk", opened.page.locator(".leaflet-tooltip").inner_text())
    opened.page.mouse.click(x, y)
    assert "16 min" in opened.page.locator(".leaflet-popup-content").inner_text()


def test_persian_overlays_speak_persian(grid, walk, open_page):
    opened = shown(open_page, Zones(grid, walk, lang="fa"), lang="fa")
    assert re.search("[0-9A-Za-z]", opened.page.locator(".sj-legend").inner_text()) is None
    assert re.fullmatch("[۰-۹٫]+\u00a0(متر|کیلومتر)", opened.page.locator(".leaflet-control-scale-line").inner_text())


def test_no_text_of_an_overlay_becomes_code(grid, minutes, open_page):
    payload = "</script><img src=x onerror=alert(1)>${alert(1)}`{{ 7*7 }}"
    grid["name"] = payload
    one = Indicator("w", payload, minutes, unit="minutes", note=payload)
    add_sources(grid, SourceRecord("zones", payload, "ab" * 32, 1, "not stated", payload))
    opened = shown(open_page, Zones(grid, [one, Indicator("v", payload, minutes, unit="minutes")], name=payload))
    assert opened.page.locator(".sj-legend summary").inner_text() == payload
    assert opened.page.locator(".sj-credit").inner_text() == payload
    box = opened.page.locator(".folium-map").bounding_box()
    opened.page.mouse.click(box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2)
    assert opened.page.locator(".card-title").first.inner_text() == payload
    assert (opened.errors, opened.dialogs) == ([], [])


def test_lines_points_and_areas_are_drawn_and_answer(open_page):
    lines = gpd.GeoDataFrame(
        {"name": ["Long Street"]},
        geometry=[shapely.LineString([(10.0, 50.025), (10.06, 50.025)])],
        index=["s1"],
        crs=4326,
    )
    slope = Indicator("slope", "Slope", pd.Series([0.05], index=["s1"]), unit="share", direction="lower is better")
    areas = gpd.GeoDataFrame(
        {"cutoff": [5.0, 10.0]},
        geometry=[shapely.box(10.02, 50.02, 10.03, 50.03), shapely.box(10.01, 50.01, 10.05, 50.04)],
        crs=4326,
    )
    points = gpd.GeoDataFrame({"name": ["One"]}, geometry=[shapely.Point(10.03, 50.035)], index=["p"], crs=4326)
    speed = Indicator("n", "Doctors", pd.Series([3.0], index=["p"]), unit="opportunities", kind="count")
    opened = shown(
        open_page, Isochrones(areas, title="Reach", unit="minutes"), Lines(lines, slope), Points(points, speed)
    )
    outer, inner = pixels(opened, [[10.045, 50.015], [10.0215, 50.0285]])
    assert (inner, outer) == ("#fce3ac", "#3c1650")
    said = []
    for place in ([10.03, 50.035], [10.045, 50.025], [10.022, 50.0285], [10.045, 50.015]):
        x, y = opened.page.evaluate(
            """([x, y]) => { const map = spatialjustice.overlays[0].map;
            const f = map.getContainer().getBoundingClientRect();
            const at = map.latLngToContainerPoint([y, x]); return [f.left + at.x, f.top + at.y]; }""",
            place,
        )
        opened.page.mouse.move(x - 1, y)
        opened.page.mouse.move(x, y)
        said.append(opened.page.locator(".leaflet-tooltip").inner_text())
    assert "3 places" in said[0]
    assert "Long Street\n5.0%" in said[1]
    assert "5 min" in said[2]
    assert "10 min" in said[3]


def test_the_ground_writes_names_and_keeps_the_credit(grid, open_page):
    """U8: offline ground beneath the data, names in the reader's script, credit always there."""
    base = gpd.GeoDataFrame(
        {
            "kind": ["water", "major", "city"],
            "name": [None, None, "تهران"],
            "name_en": [None, None, "Tehran"],
            "name_fa": [None, None, None],
        },
        geometry=[
            shapely.box(10, 50, 10.06, 50.05),
            shapely.LineString([(10, 50), (10.06, 50.05)]),
            shapely.Point(10.03, 50.025),
        ],
        crs=4326,
    )  # fmt: skip
    add_sources(base, SourceRecord("streets", "x.osm.pbf", "ab" * 32, 1, OSM_LICENCE, OSM_ATTRIBUTION, "2023-02-21"))
    for lang, width in (("en", 46), ("fa", 40)):
        opened = shown(open_page, Ground(base, lang=lang), lang=lang)
        assert opened.page.locator(".sj-credit").inner_text() == "© OpenStreetMap contributors (ODbL)"
        assert pixels(opened, [[10.05, 50.01]]) == ["#d6e4ec"]
        dark = opened.page.evaluate(
            """() => { const canvas = document.querySelector(".leaflet-labels-pane canvas");
            const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            let low = 1e9, high = -1; for (let n = 0; n < data.length; n += 4)
            if (data[n + 3] && data[n] < 120) {
              const x = (n / 4) % canvas.width; low = Math.min(low, x); high = Math.max(high, x); }
            return high - low; }"""
        )
        assert 0.6 * width < dark < 1.5 * width
    packed = atlas(
        grid, [Indicator("w", "W", pd.Series(1.0, grid.index), unit="minutes")], title="T", base=base
    ).to_html()
    assert '"names":{"en":["Tehran"],"fa":["تهران"]}' in plain_text(packed)


def test_folium_itself_shows_the_layer(grid, walk, open_page):
    """In a notebook Folium renders the map, not we: the layer brings its scripts along."""
    made = folium.Map([50.025, 10.03], tiles=None, zoom_start=13)
    Zones(grid, walk, renderer="packed").add_to(made)
    text = made.get_root().render()
    asked = next(address for name, address in made.default_js if name == "leaflet")
    text = text.replace(f'<script src="{asked}"></script>', f"<script>{document.script(document.SCRIPTS[0])}</script>")
    text = re.sub(r"<(?:script|link)[^>]*https?://[^>]*>", "", text)
    opened = open_page(text)
    settle(opened)
    assert opened.page.locator(".sj-legend summary").inner_text() == "Walk"
    assert opened.errors == []


def test_overlays_give_the_same_bytes(grid, walk):
    pages = []
    for _ in range(2):
        made = folium.Map([50, 10], tiles=None)
        Zones(grid, walk, renderer="packed").add_to(made)
        pages.append(Map(made, Page(title="T", plain=True)).to_html())
        made.get_root().render()
        pages.append(Map(made, Page(title="T", plain=True)).to_html())
    assert len(set(pages)) == 1


def test_overlays_that_cannot_be_drawn_are_refused(grid):
    with pytest.raises(InputError, match="cutoff"):
        Isochrones(grid, title="T")
    with pytest.raises(InputError, match="shape"):
        Points(grid, title="T", shape="heart")
    with pytest.raises(InputError, match="title"):
        Points(grid)
    with pytest.raises(InputError, match="indicators"):
        Zones(grid, [])
