"""A saved map is one file, the same every time, and asks the network for nothing."""

import base64
import json
import re
import sys

import folium
import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import DuplicateIdError, GeometryError, InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord, add_sources
from spatialjustice.maps.atlas import atlas
from spatialjustice.maps.choropleth import choropleth
from spatialjustice.maps.indicator import Indicator
from spatialjustice.maps.pages.index import Entry, index_page
from spatialjustice.maps.pages.saved import Map, save

CDN = ("cdn.jsdelivr", "cdnjs", "unpkg", "code.jquery", "bootstrapcdn", "googleapis", "github.io", "tile.openstreetmap")


def block(html, ending):
    found = re.search(rf'<script type="application/json" id="{ending}[^"]*-data">(.*?)</script>', html, re.DOTALL)
    return json.loads(found[1])


@pytest.fixture
def walk(minutes, status):
    return Indicator("walk", "Walk", minutes, unit="minutes", status=status, breaks=[10, 20, 30])


@pytest.fixture
def made(grid, walk, people):
    return atlas(grid, [walk], title="Synthetic", people=people, provenance={"seed": 7})


def test_same_map_same_bytes(grid, walk, people, made):
    again = atlas(grid, [walk], title="Synthetic", people=people, provenance={"seed": 7})
    first = made.to_html()
    made.folium.get_root().render()  # as a notebook does that shows the folium map itself
    assert first == made.to_html() == again.to_html()


def test_saved_bytes_are_the_page(made, tmp_path):
    path = made.save(tmp_path / "folder" / "map.html")
    assert path.read_bytes() == made.to_html().encode()
    assert [item.name for item in path.parent.iterdir()] == ["map.html"]


def test_no_address_but_links_a_reader_may_follow(made):
    html = made.to_html()
    assert not [host for host in CDN if host in html]
    markup = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert not re.findall(r"""<(?!a\b)[a-z]+[^>]*\s(?:src|href)=["']?https?:""", markup)
    assert not re.findall(r"""url\(["']?https?:""", html)
    assert "sourceMappingURL" not in html


def test_policy_allows_only_the_scripts_of_the_page(made):
    import base64
    import hashlib

    html = made.to_html()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1].replace("&#39;", "'")
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts}
    assert set(re.findall(r"'sha256-([^']*)'", policy)) == hashes
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "https" not in policy


def test_scripts_do_not_depend_on_the_data(grid, walk, made):
    other = atlas(grid, [walk], title="Another title</script>")
    scripts = [re.findall(r"<script>(.*?)</script>", item.to_html(), re.DOTALL) for item in (made, other)]
    assert scripts[0] == scripts[1]


def test_numbers_in_the_page_are_those_of_the_result(made, minutes, people, grid):
    data = block(made.to_html(), "zone_layer")
    assert data["ids"] == list(grid.index)
    assert data["indicators"][0]["values"] == [None if np.isnan(value) else value for value in minutes]
    assert data["people"] == pytest.approx(people.tolist(), abs=0.05)
    assert block(made.to_html(), "provenance") == {"seed": 7}


def test_classes_in_the_page_are_those_of_the_legend(made):
    indicator = block(made.to_html(), "zone_layer")["indicators"][0]
    counted = [
        indicator["classes"].count(np.base_repr(place, 36).lower()) for place in range(len(indicator["legend"]["rows"]))
    ]
    assert [str(count) for count in counted] == [row["zones"] for row in indicator["legend"]["rows"]]


def test_geometry_survives_packing(chicago):
    """Unpacked by the rule of the docstring, every vertex lies within half a step of the original."""
    import shapely

    from spatialjustice.maps.layers.canvas import pack_shapes

    start = np.zeros(2)
    areas = []
    for parts in pack_shapes(chicago.geometry):
        rings = []
        for steps in parts:
            ring = np.asarray(steps).reshape(-1, 2).copy()
            ring[0] = ring[0] + start
            ring = np.cumsum(ring, axis=0)
            start = ring[0]
            rings.append(shapely.Polygon(ring / 1e5))
        areas.append(sum(ring.area if ring.exterior.is_ccw else -ring.area for ring in rings))
        assert len(rings) >= 1
    assert areas == pytest.approx(shapely.area(chicago.geometry.array).tolist(), rel=2e-3)


def test_sources_and_findings_travel_with_the_frames(grid, walk):
    record = SourceRecord("zones", "grid.gpkg", "ab" * 32, 9, OSM_LICENCE, OSM_ATTRIBUTION, "2023-02-21")
    add_sources(grid, record)
    add_findings(grid, Finding("invented", "warning", "The grid is synthetic.", 30))
    html = atlas(grid, [walk], title="Synthetic").to_html()
    assert "The grid is synthetic." in html
    assert "abababababab</code>" in html
    assert "data of 21 February 2023" in html
    assert (
        '<a href="https://www.openstreetmap.org/copyright" rel="noopener">&#169; OpenStreetMap contributors</a>' in html
    )


def test_a_dangerous_address_of_a_source_is_no_link(grid, walk):
    record = SourceRecord("zones", "grid.gpkg", "ab" * 32, 9, address="javascript:alert(1)")
    assert "javascript:" not in atlas(grid, [walk], title="T", sources=[record]).to_html()


def test_weight_of_an_empty_page(grid, walk):
    """U3: at most 0.35 MB in Latin script and 0.45 MB with Persian, before any data."""
    assert len(atlas(grid, [walk], title="T").to_html().encode()) < 500_000
    assert len(atlas(grid, [walk], title="T", lang="fa").to_html().encode()) < 610_000


def test_weight_of_7000_hexagons_and_40_indicators():
    import geopandas as gpd
    import shapely

    angles = np.linspace(0, 2 * np.pi, 7)[:-1]
    centres = [(10 + x * 0.003 + (y % 2) * 0.0015, 50 + y * 0.0026) for y in range(70) for x in range(100)]
    shapes = [
        shapely.Polygon(np.column_stack([x + 0.0017 * np.sin(angles), y + 0.0017 * np.cos(angles)])) for x, y in centres
    ]
    zones = gpd.GeoDataFrame(geometry=shapes, index=[f"8934{place:07x}ffff" for place in range(7000)], crs=4326)
    random = np.random.default_rng(1)
    indicators = [
        Indicator(f"k{n}", f"Synthetic {n}", pd.Series(random.gamma(2, 300, 7000), index=zones.index), unit="metres")
        for n in range(40)
    ]
    assert len(atlas(zones, indicators, title="Synthetic").to_html().encode()) < 3_000_000


def test_a_notebook_shows_small_maps_and_says_how_to_save_large_ones(made, monkeypatch):
    assert made._repr_html_().startswith("<iframe srcdoc=")
    monkeypatch.setattr(sys.modules[Map.__module__], "LARGEST_INLINE", 10)
    shown = made._repr_html_()
    assert "map.save" in shown
    picture = base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', shown)[1])
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 1_000_000
    # Without matplotlib the words are there all the same.
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.delitem(sys.modules, "spatialjustice.maps.pictures.printed", raising=False)
    assert made._repr_html_().startswith("<p>This map is")


def test_folium_maps_without_remote_parts_are_saved(tmp_path):
    plain = folium.Map([50, 10], tiles=None)
    folium.GeoJson({"type": "Point", "coordinates": [10, 50]}, marker=folium.CircleMarker(radius=4)).add_to(plain)
    html = save(plain, tmp_path / "plain.html", title="Plain").read_text(encoding="utf-8")
    assert not [host for host in CDN if host in html]
    assert "L.geoJson" in html
    assert not re.findall(r"map_[0-9a-f]{32}", html)


@pytest.mark.parametrize(
    ("add", "address"),
    [
        (lambda m: folium.TileLayer("OpenStreetMap").add_to(m), "tile.openstreetmap.org"),
        (
            lambda m: folium.raster_layers.ImageOverlay("https://example.org/a.png", [[0, 0], [1, 1]]).add_to(m),
            "example.org/a.png",
        ),
        (
            lambda m: m.get_root().header.add_child(folium.Element('<script src="https://example.org/x.js"></script>')),
            "example.org/x.js",
        ),
    ],
)
def test_folium_maps_that_need_the_network_are_refused_by_address(tmp_path, add, address):
    import folium.plugins

    plain = folium.Map([50, 10], tiles=None)
    add(plain)
    with pytest.raises(InputError, match=re.escape(address)):
        save(plain, tmp_path / "plain.html")
    assert list(tmp_path.iterdir()) == []


def test_tiles_on_request_are_allowed_and_said(grid, walk):
    html = atlas(
        grid, [walk], title="T", tiles="https://tiles.example.org/{z}/{x}/{y}.png", tiles_attribution="© X"
    ).to_html()
    assert "img-src data: https://tiles.example.org;" in html
    assert "Background tiles come from the network" in html
    with pytest.raises(InputError, match="credit"):
        atlas(grid, [walk], title="T", tiles="https://tiles.example.org/{z}/{x}/{y}.png")


def test_a_choropleth_reads_unit_and_measure_from_the_values(grid, minutes):
    minutes.attrs = {"measure": "cost_to_closest", "unit": "minutes", "direction": "lower is better"}
    html = choropleth(grid, minutes).to_html()
    assert "<title>Cost to the nearest place</title>" in html
    assert block(html, "zone_layer")["indicators"][0]["legend"]["unit"] == "minutes"


def test_a_choropleth_without_unit_asks_for_it(grid, minutes):
    with pytest.raises(InputError, match="unit="):
        choropleth(grid, minutes, title="T")
    grid["minutes"] = minutes
    with pytest.raises(InputError, match="no column"):
        choropleth(grid, "hours", title="T", unit="minutes")
    assert "minutes" in choropleth(grid, "minutes", title="T", unit="minutes").to_html()


def test_inputs_that_cannot_be_drawn_are_refused(grid, walk):
    with pytest.raises(InputError, match="at least one"):
        atlas(grid, [], title="T")
    with pytest.raises(InputError, match="walk"):
        atlas(grid, [walk, walk], title="T")
    with pytest.raises(DuplicateIdError):
        atlas(grid.rename(index={"z1": "z0"}), [walk], title="T")
    with pytest.raises(GeometryError):
        atlas(grid.set_geometry(grid.geometry.boundary), [walk], title="T")
    with pytest.raises(InputError, match="alternate"):
        atlas(grid, [walk], title="T", alternate={"fa": "https://elsewhere.example"})


def test_index_lists_what_there_is_and_refuses_what_lies_elsewhere():
    html = index_page(
        [Entry("map.html", "Walking <b>"), Entry("tables/zones.csv", "Zones", "table", "One row per zone", "1 MB")],
        title="A study",
        alternate={"fa": "index.fa.html"},
    )
    assert 'href="tables/zones.csv"' in html
    assert "Walking &lt;b&gt;" in html
    assert html.count("<script") == 1  # it says that scripts run, and nothing else
    with pytest.raises(InputError, match="beside the page"):
        index_page([Entry("javascript:alert(1)", "x")], title="A study")


def test_people_must_be_known_for_every_zone(grid, walk, people):
    with pytest.raises(InputError, match="no number of people") as caught:
        atlas(grid, [walk], title="T", people=people.drop("z5"))
    assert caught.value.rows == ("z5",)
    with pytest.raises(InputError, match="not in the zones"):
        atlas(grid, [walk], title="T", people=people.rename(index={"z5": "zz"}))


def test_base_map_is_packed_by_kind_and_unknown_kinds_are_counted(grid, walk):
    ground = grid.iloc[:4].assign(kind=["sea", "park", "sea", "moon"])
    html = atlas(grid, [walk], title="T", base=ground).to_html()
    assert [(part["kind"], len(part["shapes"])) for part in block(html, "base_layer")["parts"]] == [
        ("sea", 2),
        ("green", 1),
    ]
    assert "1 shapes of the base map are not drawn because their kind has no style: moon." in html
