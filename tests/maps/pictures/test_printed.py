"""Maps for print are the page's maps (U33), and their Persian is right with and without libraqm (U26)."""

import io
import types

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.maps import Indicator, atlas, bivariate, choropleth, clusters, plot, save_figure, small_multiples
from spatialjustice.maps.pictures import lettering, printed, saving

pytest.importorskip("matplotlib")


@pytest.fixture
def walk(minutes, status):
    title = {"en": "Walk", "fa": "پیاده‌روی"}
    return Indicator("walk", title, minutes, unit="minutes", status=status, breaks=[10, 20, 30])


def filled(figure):
    """Colour and hatch of everything drawn on the first map, by colour."""
    from matplotlib.collections import PatchCollection, PathCollection, PolyCollection
    from matplotlib.colors import to_hex

    kinds = (PatchCollection, PathCollection, PolyCollection)
    return [
        (to_hex(each.get_facecolor()[0]), each.get_hatch() or "", len(each.get_paths()))
        for each in figure.axes[0].collections
        if isinstance(each, kinds)
    ]


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_same_classes_colours_hatches_and_counts_as_the_page(grid, walk, people, lang):
    made = atlas(grid, [walk], title="T", people=people, lang=lang)
    figure = made.plot()
    from spatialjustice.maps.colours.legend import make_legend

    rows = make_legend(walk.on(grid.index), people=people, lang=lang).rows
    expected = [(row.swatch.fill, printed.HATCHES.get(row.swatch.hatch, ""), row.zones) for row in rows if row.zones]
    # The last class is drawn first: of areas within reach the nearest lie upon the farther ones.
    assert filled(figure)[::-1] == expected
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    plain = [text.replace("\u2066", "").replace("\u2069", "").replace("\n", " ") for text in said]
    from spatialjustice.catalogue.lookup import number

    there = [row for row in rows if row.zones]
    assert [text.split("  (")[0] for text in plain] == [row.label for row in there]
    assert [text.split("(")[-1].rstrip(")") for text in plain] == [number(row.zones, lang, digits=0) for row in there]


def test_every_kind_of_map_has_its_twin(grid, minutes, walk):
    labels = ["high-high", "low-low", "not significant"] * 10
    found = pd.DataFrame({"statistic": 0.5, "label": labels}, index=grid.index)
    pairs = bivariate(minutes, minutes[::-1].set_axis(grid.index), titles=("A", "B"))
    for made in (choropleth(grid, minutes, title="T", unit="minutes"), clusters(grid, found, title="T"),
                 atlas(grid, [walk, pairs], title="T")):  # fmt: skip
        for one in made.drawn["indicators"]:
            assert sum(count for _, _, count in filled(made.plot(one.key))) == len(grid)
    with pytest.raises(InputError, match="there is no “x”"):
        made.plot("x")


@pytest.mark.parametrize("kind", saving.FORMATS)
def test_files_are_whole_and_the_same_each_time(grid, walk, tmp_path, kind):
    paths = [save_figure(plot(grid, walk, lang="fa"), tmp_path / f"{n}.{kind}", dpi=60) for n in range(2)]
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert first.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "tif": b"II*\0", "eps": b"%!PS"}[kind])
    with pytest.raises(InputError, match="png"):
        save_figure(plot(grid, walk), tmp_path / "map.jpg")


def test_the_print_says_scale_north_crs_and_source(grid, walk):
    from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord, add_sources

    add_sources(grid, SourceRecord("zones", "x", "ab" * 32, 1, OSM_LICENCE, OSM_ATTRIBUTION, "2023-02-21"))
    figure = plot(grid, walk)
    texts = [text.get_text() for text in [*figure.axes[0].texts, *figure.texts]]
    assert "N" in texts
    assert any(text in {"500\u00a0m", "1\u00a0km"} for text in texts)  # the grid is 4.3 km wide; a fifth of it is 860 m
    footer = "\n".join(texts)
    assert "© OpenStreetMap contributors, ODbL, 21 February 2023" in footer
    assert "UTM zone 32N" in footer
    assert "Class limits are given" in footer


def test_small_multiples_share_one_scale(grid, minutes):
    """Two years, the second all above the first's highest: one set of classes, other colours."""
    years = [Indicator(str(year), str(year), minutes + add, unit="minutes") for year, add in ((2019, 0), (2020, 40))]
    figure = small_multiples(grid, years, title="Both")
    drawn = [filled(types.SimpleNamespace(axes=[axes])) for axes in figure.axes[:2]]
    colours = [{fill for fill, hatch, _ in one if not hatch} for one in drawn]
    assert colours[0] & colours[1] <= {"#da6766"}
    assert len(colours[0] | colours[1]) == 5
    with pytest.raises(InputError, match="compare"):
        small_multiples(grid, [years[0], Indicator("x", "X", minutes, unit="metres")])


def ink(text):
    """Draw a text alone and return its pixels, cropped."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    with lettering.style():
        figure = Figure(figsize=(3, 1))
        FigureCanvasAgg(figure)
        figure.text(0.5, 0.5, text, size=24, ha="center", va="center")
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=100)
    pixels = np.asarray(Image.open(stream).convert("L")) < 128
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def test_persian_is_joined_and_runs_from_right_to_left():
    """The presentation forms of سلام, written one by one from the left (ﻡ ﻼ ﺳ), are what joined letters look like."""
    shown, by_hand = ink(lettering.for_matplotlib("سلام")), ink("\u202d\ufee1\ufefc\ufeb3\u202c")
    assert abs(shown.shape[1] - by_hand.shape[1]) <= 3
    reversed_text = ink("مالس")
    assert shown.shape != reversed_text.shape or (shown != reversed_text).mean() > 0.1


def test_latin_words_keep_their_place_inside_persian():
    assert lettering.for_matplotlib("تا درمانگاه (PySAL 45)") == "تا درمانگاه (\u2066PySAL 45\u2069)"
    assert lettering.for_matplotlib("Walk 45") == "Walk 45"


def test_a_map_of_folium_alone_has_no_twin():
    import folium

    from spatialjustice.maps import Map
    from spatialjustice.maps.pages.document import Page

    with pytest.raises(InputError, match=r"maps\.plot"):
        Map(folium.Map(tiles=None), Page(title="T", plain=True)).plot()
