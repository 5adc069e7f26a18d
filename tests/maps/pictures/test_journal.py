"""Figures for journals: their widths, pixels, fonts and colours, nothing over anything else, the record beside."""

import hashlib
import io
import json

import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice._core.provenance import SourceRecord
from spatialjustice.maps import Indicator, plot, save_figure
from spatialjustice.maps.pictures.journal import journal_width
from spatialjustice.report import Bars, Curve, chart

pytest.importorskip("matplotlib")

LONG = SourceRecord(
    "people",
    "synthetic.csv",
    "0" * 64,
    1,
    licence="CC BY 4.0",
    attribution="A synthetic office of statistics, department of people and homes; cells as published by others",
    data_date="2024",
)


@pytest.fixture
def walk(minutes, status):
    title = {"en": "Synthetic walk to the nearest place of this kind", "fa": "راه پیادهٔ ساختگی تا نزدیک‌ترین مکان"}
    return Indicator("walk", title, minutes, unit="minutes", status=status, breaks=[10, 20, 30, 500, 600])


def boxes(figure):
    """Where each text and legend of a figure and its map stand, in inches."""
    renderer = figure.canvas.get_renderer()
    parts = [*figure.legends, *(text for text in figure.texts if text.get_text()), *figure.axes]
    return [
        part.get_window_extent(renderer).padded(-1).transformed(figure.dpi_scale_trans.inverted()) for part in parts
    ]


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("size", ["single", "double", 60.0])
def test_nothing_covers_anything_and_all_is_inside(grid, walk, people, size, lang):
    figure = plot(grid, walk, people=people, lang=lang, size=size, sources=[LONG])
    wide, tall = figure.get_size_inches()
    assert wide == pytest.approx(journal_width(size))
    found = boxes(figure)
    assert len(found) == 4
    for count, one in enumerate(found):
        assert one.x0 > -0.01
        assert one.y0 > -0.01
        assert one.x1 < wide + 0.01
        assert one.y1 < tall + 0.01
        for other in found[:count]:
            apart = one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 or other.y1 <= one.y0
            assert apart, (one, other)


def test_a_legend_has_its_unit_and_no_empty_row(grid, walk):
    legend = plot(grid, walk, size="single").legends[0]
    assert "minutes" in legend.get_title().get_text()
    assert not any("(0)" in text.get_text() for text in legend.get_texts())
    with pytest.raises(InputError, match="one and a half"):
        plot(grid, walk, size="triple")


def test_a_notebook_that_never_heard_of_pyplot_shows_the_figure(grid, walk):
    from IPython.core.formatters import DisplayFormatter
    from PIL import Image

    shown, said = DisplayFormatter().format(plot(grid, walk, size="single"))
    with Image.open(io.BytesIO(shown["image/png"])) as picture:
        assert abs(picture.size[0] - 2 * said["image/png"]["width"]) <= 1
        assert picture.convert("L").getextrema()[0] < 100


def test_pixels_are_as_journals_ask(grid, walk, tmp_path):
    """90 mm at 300 dots per inch are 1,063 pixels (Elsevier, Artwork sizing)."""
    from PIL import Image

    figure = plot(grid, walk, size="single")
    with Image.open(save_figure(figure, tmp_path / "one.tif")) as picture:
        assert (picture.size[0], picture.mode, picture.info["compression"]) == (1063, "RGB", "tiff_lzw")
        assert [round(float(one)) for one in picture.info["dpi"]] == [300, 300]
    with pytest.raises(InputError, match="dots per inch"):
        save_figure(figure, tmp_path / "one.png", dpi=3)


def test_fonts_are_embedded_and_no_date_is_inside(grid, walk, tmp_path):
    figure = plot(grid, walk, size="single", lang="fa")
    pdf = save_figure(figure, tmp_path / "one.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"CreationDate" not in pdf
    eps = save_figure(figure, tmp_path / "one.eps").read_bytes()
    assert b"/FontType 42" in eps
    assert b"CreationDate" not in eps


def test_the_record_tells_what_is_shown(grid, walk, tmp_path):
    from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord, add_sources

    add_sources(grid, SourceRecord("zones", "x", "ab" * 32, 1, OSM_LICENCE, OSM_ATTRIBUTION, "2023-02-21"))
    path = save_figure(plot(grid, walk, size="single"), tmp_path / "one.svg")
    record = json.loads((tmp_path / "one.svg.json").read_text(encoding="utf-8"))
    assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (record["unit"], record["sources"][0]["licence"]) == ("minutes", OSM_LICENCE)
    assert record["millimetres"][0] == 90.0


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_curves_and_bars_are_figures_too(lang):
    corners = pd.DataFrame({"population_share": [0.0, 0.5, 1.0], "value_share": [0.0, 0.25, 1.0]})
    curve = Curve(corners, 0.25, {"en": "Synthetic", "fa": "ساختگی"}, low=0.2, high=0.3)
    figure = chart([curve, curve], lang=lang)
    drawn = figure.axes[0].get_lines()[1].get_xydata().tolist()
    assert drawn == corners.to_numpy().tolist()
    assert len(figure.legends[0].get_texts()) == 2
    rows = [{"label": "a", "value": 0.5, "low": 0.4, "high": 0.6}, {"label": "b", "value": float("nan")}]
    bars = chart(Bars(rows, "Synthetic", percent=True), lang=lang, size=120.0)
    assert [patch.get_width() for patch in bars.axes[0].patches] == [0.5]
    for each in (figure, bars):
        wide, tall = each.get_size_inches()
        for box in boxes(each):
            assert box.x0 > -0.01
            assert box.x1 < wide + 0.01
            assert box.y0 > -0.01
            assert box.y1 < tall + 0.01
    with pytest.raises(InputError, match="5 curves"):
        chart([curve] * 5)
