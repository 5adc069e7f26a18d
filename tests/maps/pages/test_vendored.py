"""Any Folium map becomes one file: what Folium links is inside, and what is not known is an error that names it."""

import importlib.util
import json
import re
from pathlib import Path

import folium
import folium.plugins
import pytest
from branca.element import JavascriptLink

from spatialjustice._core.errors import InputError
from spatialjustice.maps import save
from spatialjustice.maps.pages import document, vendored
from spatialjustice.maps.pages.document import Page
from spatialjustice.maps.pages.saved import Map

TOOL = Path(__file__).resolve().parents[3] / "tools" / "vendor_assets.py"
PLACES = [[50 + place / 100, 10 + place / 100] for place in range(12)]


def plain():
    return folium.Map([50.05, 10.05], tiles=None, zoom_start=11)


def layered(made):
    first = folium.FeatureGroup("A").add_to(made)
    second = folium.FeatureGroup("B").add_to(made)
    folium.CircleMarker(PLACES[0]).add_to(first)
    folium.CircleMarker(PLACES[1]).add_to(second)
    return first, second


def choropleth(made):
    square = {"type": "Polygon", "coordinates": [[[10, 50], [10.1, 50], [10.1, 50.1], [10, 50]]]}
    shapes = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "id": "a", "properties": {}, "geometry": square}],
    }
    folium.Choropleth(shapes, data={"a": 1.0}, key_on="feature.id", bins=[0, 1, 2, 3], legend_name="Synthetic").add_to(
        made
    )


def searched(made):
    point = {"type": "Feature", "properties": {"n": "x"}, "geometry": {"type": "Point", "coordinates": [10, 50]}}
    layer = folium.GeoJson({"type": "FeatureCollection", "features": [point]})
    folium.plugins.Search(layer.add_to(made), search_label="n").add_to(made)


def striped(made):
    pattern = folium.plugins.StripePattern(angle=-45).add_to(made)
    square = {"type": "Polygon", "coordinates": [[[10, 50], [10.1, 50], [10.1, 50.1], [10, 50]]]}
    folium.GeoJson(square, style_function=lambda _: {"fillPattern": pattern}).add_to(made)


# What to add, and something that shows in the browser when it works.
PARTS = {
    "popup": (lambda m: folium.Marker(PLACES[0], popup="<b>x</b>", tooltip="t").add_to(m), ".leaflet-marker-icon"),
    "icon": (lambda m: folium.Marker(PLACES[0], icon=folium.Icon(color="red")).add_to(m), ".awesome-marker .glyphicon"),
    "awesome": (
        lambda m: folium.Marker(PLACES[0], icon=folium.Icon(icon="house", prefix="fa", angle=45)).add_to(m),
        ".awesome-marker .fa-house",
    ),
    "cluster": (lambda m: folium.plugins.MarkerCluster(PLACES).add_to(m), ".marker-cluster"),
    "fast cluster": (lambda m: folium.plugins.FastMarkerCluster(PLACES).add_to(m), ".marker-cluster"),
    "heat": (lambda m: folium.plugins.HeatMap(PLACES).add_to(m), "canvas.leaflet-heatmap-layer"),
    "choropleth": (choropleth, ".legend svg, svg#legend, .legend"),
    "full screen": (lambda m: folium.plugins.Fullscreen().add_to(m), ".leaflet-control-zoom-fullscreen"),
    "subgroup": (
        lambda m: folium.plugins.FeatureGroupSubGroup(layered(m)[0], "S").add_to(m),
        "path.leaflet-interactive",
    ),
    "grouped control": (
        lambda m: folium.plugins.GroupedLayerControl({"G": list(layered(m))}).add_to(m),
        ".leaflet-control-layers-group",
    ),
    "ant path": (lambda m: folium.plugins.AntPath(PLACES).add_to(m), "path.leaflet-ant-path, path.leaflet-interactive"),
    "text path": (
        lambda m: folium.plugins.PolyLineTextPath(folium.PolyLine(PLACES).add_to(m), "text").add_to(m),
        "textPath",
    ),
    "offset": (lambda m: folium.plugins.PolyLineOffset(PLACES, offset=5).add_to(m), "path.leaflet-interactive"),
    "pattern": (striped, "pattern"),
    "mouse position": (lambda m: folium.plugins.MousePosition().add_to(m), ".leaflet-control-mouseposition"),
    "search": (searched, ".leaflet-control-search"),
    "tree": (
        lambda m: folium.plugins.TreeLayerControl(overlay_tree={"label": "T", "layer": layered(m)[0]}).add_to(m),
        ".leaflet-control-layers-overlays",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("vendor_assets", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_manifest_is_what_the_files_and_the_table_make(tool):
    """U2: rebuilt from the table of packages and the bytes that lie there, name by name."""
    assert tool.manifest() == json.loads(document.asset("manifest.json"))


@pytest.mark.parametrize("name", PARTS)
def test_stock_parts_of_folium_need_no_network(name, open_page):
    """U1, U4: every part works from one file, asks for nothing and complains of nothing."""
    add, shows = PARTS[name]
    made = plain()
    add(made)
    opened = open_page(Map(made, Page(title="T", plain=True)))
    opened.page.locator(shows).first.wait_for(state="attached")
    opened.page.wait_for_timeout(60)
    assert (opened.errors, opened.remote) == ([], [])


@pytest.mark.parametrize("name", PARTS)
def test_stock_parts_give_the_same_bytes(name):
    """U9."""
    pages = []
    for _ in range(2):
        made = plain()
        PARTS[name][0](made)
        pages.append(Map(made, Page(title="T", plain=True)).to_html())
    assert pages[0] == pages[1]
    assert not re.search(r"_[0-9a-f]{32}", re.sub(r"base64,[^)\"']*", "", pages[0]))


def test_pictures_of_icons_are_inside(open_page):
    made = plain()
    for place, (icon, prefix) in enumerate([("info-sign", "glyphicon"), ("house", "fa")]):
        folium.Marker(PLACES[place], icon=folium.Icon(icon=icon, prefix=prefix)).add_to(made)
    opened = open_page(Map(made, Page(title="T", plain=True)))
    opened.page.evaluate("document.fonts.ready.then(() => true)")
    faces = opened.page.evaluate("Array.from(document.fonts, (face) => [face.family.replace(/\"/g, ''), face.status])")
    assert ["Glyphicons Halflings", "loaded"] in faces
    assert ["Font Awesome 6 Free", "loaded"] in faces
    assert not [face for face in faces if face[1] == "error"]
    drawn = opened.page.locator(".awesome-marker").first.evaluate("node => getComputedStyle(node).backgroundImage")
    assert drawn.startswith('url("data:image/png')


def test_only_what_is_used_is_inside():
    """U3: a map of circles carries neither jQuery nor Bootstrap nor icon fonts."""
    made = plain()
    folium.CircleMarker(PLACES[0]).add_to(made)
    html = Map(made, Page(title="T", plain=True)).to_html()
    assert "jQuery" not in html
    assert "Font Awesome" not in html
    assert len(html.encode()) < 350_000


PAYLOADS = (
    "${alert(1)}",
    "`+alert(1)+`",
    "a\\",
    "C:\\users\\x",
    "</script><script>alert(1)</script>",
    "\\`${alert(1)}",
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_texts_of_folium_stay_texts(payload, tmp_path, open_file):
    """Folium writes popups and tooltips between backticks, where ``${…}`` would run and a backslash break the page."""
    made = plain()
    folium.Marker([50.05, 10.05], tooltip=payload, popup=folium.Popup(payload, show=True)).add_to(made)
    folium.CircleMarker([50.06, 10.05], popup=payload).add_to(made)
    opened = open_file(save(made, tmp_path / "map.html"))
    opened.page.wait_for_timeout(100)
    assert opened.page.locator(".leaflet-marker-icon").count() == 1
    assert (opened.errors, opened.dialogs) == ([], [])
    shown = opened.page.locator(".leaflet-popup-content").inner_text()
    assert (
        shown.replace("`", "") == re.sub(r"<.*>", "", payload).replace("\\`", "").replace("`", "")
        or "script" in payload
    )
    assert Map(made, Page(title="T", plain=True)).to_html() == Map(made, Page(title="T", plain=True)).to_html()


@pytest.mark.parametrize(
    ("add", "address"),
    [
        (lambda m: folium.plugins.Geocoder().add_to(m), "leaflet-control-geocoder"),
        (
            lambda m: folium.plugins.TimestampedGeoJson({"type": "FeatureCollection", "features": []}).add_to(m),
            "jqueryui",
        ),
        (
            lambda m: m.get_root().header.add_child(JavascriptLink("https://example.org/mine-2.0.min.js")),
            "example.org/mine-2.0.min.js",
        ),
        (
            lambda m: m.get_root().header.add_child(JavascriptLink("https://example.org/jquery-1.2.0.min.js")),
            "jquery-1.2.0",
        ),
    ],
)
def test_unknown_assets_are_refused_by_address(add, address, tmp_path):
    """U4: never a silent blank page."""
    made = plain()
    add(made)
    with pytest.raises(InputError, match=re.escape(address)):
        save(made, tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []


def test_a_page_within_the_page_is_refused(tmp_path):
    """Its place would stay empty without a word."""
    made = plain()
    folium.Marker([50, 10], popup=folium.Popup(folium.IFrame("<b>Here</b>"))).add_to(made)
    with pytest.raises(InputError, match=r"folium.IFrame.*folium.Popup\(text\)"):
        save(made, tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []


def test_styles_hold_their_pictures_and_nothing_remote():
    for package in json.loads(document.asset("manifest.json"))["packages"]:
        for name in package["files"]:
            if name.endswith(".css"):
                made = vendored.style(name, "fab far")
                assert not re.findall(r"url\((?!\"?data:|'data:)", made), name
