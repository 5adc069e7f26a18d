"""What is taken to a meeting: opened as others open it, and held against the tables of the same study."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import subprocess
from xml.etree import ElementTree as ET

import docx
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from docx.oxml.ns import qn

from spatialjustice import study
from spatialjustice._core.errors import StudyError
from spatialjustice.catalogue import digits, words
from spatialjustice.report.takeaway import qgis
from spatialjustice.study.outputs import tables

TITLE = {"en": 'Who “walks” #there[*a*] $x^2$ <b>\\ "q"', "fa": "شهر ساختگی #الف[*ب*]"}
LANGUAGES = ("en", "fa")


@pytest.fixture(scope="module")
def made(city_once, write_raster, tmp_path_factory):
    """A study by two modes, with zones of which it is not known who lives there."""
    people = np.ones((12, 12), dtype="float32")
    people[:, :3] = -200.0
    write_raster(city_once.folder / "people.tif", people=people)
    asked = city_once.study(
        title=TITLE,
        languages=["en", "fa"],
        modes=["walk", "bicycle"],
        takeaway=["pdf", "docx", "xlsx"],
        cutoffs=["500 m"],
    )
    return study.run(asked, out=tmp_path_factory.mktemp("takeaway") / "out")


def table(made, name, **how):
    return pd.read_csv(made.folder / "tables" / f"{name}.csv", **how)


def workbook(made, lang):
    return openpyxl.load_workbook(made.folder / "takeaway" / f"workbook.{lang}.xlsx")


def sheet(made, lang, name):
    found = workbook(made, lang)[words(lang)[f"takeaway.sheet.{name}"]]
    head, *rows = found.iter_rows(values_only=True)
    return found, pd.DataFrame(rows, columns=list(head))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_holds_the_numbers_of_the_tables(made, lang):
    said = words(lang)
    found, zones = sheet(made, lang, "zones")
    told = table(made, "zones", dtype={"zone_id": str}).set_index("zone_id")
    zones = zones.set_index(said["takeaway.column.id"]).loc[told.index]
    known = ~made.unknown
    assert (known.sum(), len(known)) == (20, 25)
    living = zones[said["takeaway.column.people"]]
    np.testing.assert_allclose(living[known].astype(float), told["people"][known.to_numpy()])
    assert living[~known].isna().all(), "nobody knows who lives there: neither 0 nor a number"
    heads = [name for name in zones if str(name).endswith(f"({said['unit.metres']})")]
    # Both services by both modes.
    assert len(heads) == 4
    for name, column in zip(heads, ("pharmacy_walk_metres", "library_walk_metres"), strict=False):
        np.testing.assert_allclose(zones[name][known].astype(float), told[column][known.to_numpy()], atol=1e-9)
    points = gpd.GeoSeries.from_xy(
        zones[said["takeaway.column.longitude"]], zones[said["takeaway.column.latitude"]], index=zones.index, crs=4326
    )
    assert made.zones.to_crs(4326).contains(points).all()
    book = workbook(made, lang)
    assert [bool(one.sheet_view.rightToLeft) for one in book] == [lang == "fa"] * len(book.sheetnames)
    assert (found.freeze_panes, found.auto_filter.ref) == ("C2", found.dimensions)
    cells = [cell for one in book for row in one.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}, "no text is run as a formula"
    assert any(str(cell.value).startswith("=SUM(A1)<script>") for cell in cells)
    assert not any(re.search("[\u202a-\u202e\u2067-\u2069]", str(cell.value)) for cell in cells)
    assert TITLE[lang] == book.worksheets[0]["A1"].value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_overview_and_worst_served_are_those_of_the_page(made, lang):
    said = words(lang)
    _, overview = sheet(made, lang, "overview")
    # A row for each service, and in it each mode.
    told = table(made, "overview").sort_values(["service", "mode"], ascending=False)
    assert len(overview) == len(told) == 4
    for name, column in (("beyond", "people_beyond"), ("share", "share_within"), ("worst", "worst_tenth")):
        np.testing.assert_allclose(overview[said[f"takeaway.column.{name}"]].astype(float), told[column], atol=1e-9)
    _, worst = sheet(made, lang, "worst")
    report = json.loads(re.search(r'id="report-data">(.*?)</script>', (made.folder / "map.html").read_text())[1])
    page = report["indicators"]["library_metres"]["neighbourhoods"]
    mine = worst[worst[said["takeaway.column.what"]].str.contains(made.titles["library"][lang])]
    walk = mine[mine[said["takeaway.column.what"]].str.contains(said["mode.walk"])]
    assert page["first"], "the page names neighbourhoods"
    assert walk[said["takeaway.column.badly"]].tolist() == [one["people"] for one in page["first"]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_document_has_headings_tables_and_a_picture_that_is_told(made, lang):
    found = docx.Document(made.folder / "takeaway" / f"report.{lang}.docx")
    said, body = words(lang), found.element.body
    heads = [one.text for one in found.paragraphs if one.style.name == "Heading 1"]
    for key in ("page.worst", "overview.title", "page.method", "page.findings", "page.sources"):
        assert said[key] in heads
    assert found.paragraphs[0].text == TITLE[lang]
    assert found.paragraphs[0].style.name == "Title"
    assert len(found.inline_shapes) == 1
    assert found.inline_shapes[0]._inline.docPr.get("descr")
    told = table(made, "overview")
    overview = next(one for one in found.tables if one.cell(0, 0).text == said["overview.service"])
    beyond = [row.cells[1].text.split("\n")[1].split(" ·")[0] for row in overview.rows[1:]]
    walking = told[told["mode"] == "walk"]["people_beyond"]
    assert beyond == [digits(f"{people:,.0f}", lang) for people in walking]
    mirrored = [
        one
        for one in found.paragraphs
        if one.text and one.paragraph_format.element.find(f".//{qn('w:bidi')}") is not None
    ]
    texts = [one for one in found.paragraphs if one.text]
    assert len(mirrored) == (len(texts) if lang == "fa" else 0)
    assert len(list(body.iter(qn("w:bidiVisual")))) == (len(found.tables) if lang == "fa" else 0)
    for run in body.iter(qn("w:r")):
        text = "".join(part.text or "" for part in run.iter(qn("w:t")))
        letters = re.search("[\u0620-\u06ef]", text)
        assert not letters or run.find(f"{qn('w:rPr')}/{qn('w:rtl')}") is not None, text
    footer = found.sections[0].footer._element
    assert [one.get(qn("w:instr")) for one in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]


@pytest.mark.needs("pdfinfo", "pdftotext")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_sheets_and_an_annex_whose_text_can_be_searched(made, lang):
    path = made.folder / "takeaway" / f"report.{lang}.pdf"
    facts = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    pages = int(re.search(r"Pages:\s+(\d+)", facts)[1])
    assert re.search(r"Page size:\s+841\S* x 595", facts)
    assert re.search(r"Tagged:\s+yes", facts)
    sheets = []
    for page in range(1, pages + 1):
        command = ["pdftotext", "-f", str(page), "-l", str(page), path, "-"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        sheets.append(re.sub("[\\s\u200c\u202a-\u202e\u2066-\u2069]+", "", text))

    def bare(text):
        return re.sub("[\\s\u200c\u202a-\u202e\u2066-\u2069]+", "", text)

    one, two = (digits(str(number), lang) for number in (1, 2))
    assert f"{one}/{two}" in sheets[0] or f"{two}/{one}" in sheets[0]
    assert f"{two}/{two}" in sheets[1]
    assert bare(words(lang)["page.worst"]) in sheets[1]
    assert bare(words(lang)["takeaway.annex"].split(":")[0]) in "".join(sheets[2:])
    if lang == "en":
        assert bare(TITLE["en"]) in sheets[0]
        assert "streets.osm.pbf" in "".join(sheets[2:])
    else:
        assert bare(made.titles["library"]["fa"]) in sheets[1]


def test_qgis_finds_a_style_for_every_map_in_the_colours_of_the_page(made):
    path = made.folder / "tables" / "zones.gpkg"
    zones = gpd.read_file(path, layer="zones")
    with sqlite3.connect(path) as file:
        rows = file.execute(
            "select f_table_name, f_geometry_column, styleName, styleQML, useAsDefault from layer_styles"
        )
        styles = rows.fetchall()
        kinds = dict(file.execute("select table_name, data_type from gpkg_contents").fetchall())
    assert kinds == {"zones": "features", "layer_styles": "attributes"}
    assert {row[:2] for row in styles} == {("zones", "geom")}
    assert sum(row[4] for row in styles) == 1
    assert len({row[2] for row in styles}) == len(styles)
    html = (made.folder / "map.html").read_text(encoding="utf-8")
    legends = {}
    for text in re.findall(r'<script type="application/json" id="[\w-]+">(.*?)</script>', html, re.DOTALL):
        data = json.loads(text)
        if isinstance(data, dict) and "ids" in data:
            legends |= {one["key"]: one["legend"]["rows"] for one in data["indicators"]}
    seen = set()
    for _, _, _, text, _ in styles:
        drawn = ET.fromstring(text).find("renderer-v2")
        column = drawn.get("attr")
        values = [one.get("value") for one in drawn.iter("category")]
        assert set(zones[column]) <= set(values)
        key = column.removeprefix("class_walk_")
        if key in legends:
            seen.add(key)
            fills = [one.find("layer/Option/Option[@name='color']").get("value") for one in drawn.iter("symbol")]
            codes = ["#" + "".join(f"{int(part):02x}" for part in fill.split(",")[:3]) for fill in fills]
            assert codes == [row["swatch"][0] for row in legends[key]]
    assert seen == set(legends)


def test_every_file_is_listed_and_tables_open_in_excel(made, city_once, tmp_path):
    manifest = json.loads((made.folder / "provenance.json").read_text(encoding="utf-8"))
    files = {f"takeaway/{name}" for name in ("report.en.pdf", "report.fa.docx", "workbook.fa.xlsx")}
    assert files <= set(manifest["outputs"])
    index = (made.folder / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}"' in index for name in files)
    for path in (made.folder / "tables").glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf"), path.name
    with pytest.raises(StudyError, match="takeaway: pdf named more than once"):
        study.run(city_once.study(takeaway=["pdf", "pdf"]), out=tmp_path / "out")
    with pytest.raises(StudyError, match="takeaway"):
        study.run(city_once.study(takeaway=["odt"]), out=tmp_path / "out")


def test_more_columns_than_a_table_of_sqlite_holds_go_on_in_a_second_layer(tmp_path):
    """Each style names the layer that holds its column; all columns are there, each once."""
    names = [f"c{number}" for number in range(2_100)]
    shapes = [shapely.box(x, 0, x + 1, 1) for x in range(3)]
    zones = gpd.GeoDataFrame(
        {name: [float(place), place + 1.0, place + 2.0] for place, name in enumerate(names)},
        index=pd.Index(["a", "b", "c"], name="zone_id"), geometry=shapes, crs=32640,
    )  # fmt: skip
    classes = pd.DataFrame({"class_one": ["low", "low", "high"]}, index=zones.index)
    rows = [dict.fromkeys(qgis.COLUMNS, "") | {"f_table_name": "zones"}]
    styled = qgis.Styled(classes, pd.DataFrame(rows), ("class_one",))
    path = tmp_path / "zones.gpkg"
    tables.write_geopackage(
        zones, path, "2020-01-01T00:00:00Z", styles=styled, about={"IDENTIFIER": "Zones", "DESCRIPTION": "of nobody"}
    )
    layers = [gpd.read_file(path, layer=layer).set_index("zone_id") for layer in ("zones", "zones_2")]
    assert all(layer.geometry.tolist() == shapes and layer.crs == zones.crs for layer in layers)
    both = pd.concat([layer.drop(columns="geometry") for layer in layers], axis=1)
    pd.testing.assert_frame_equal(both, pd.concat([zones[names], classes], axis=1), check_dtype=False)
    with contextlib.closing(sqlite3.connect(path)) as file:
        assert file.execute("select f_table_name from layer_styles").fetchall() == [("zones_2",)]


def test_zones_are_the_same_bytes_with_and_without_arrow(tmp_path, monkeypatch):
    zones = gpd.GeoDataFrame(
        {
            "status": pd.array(["ok", None, "بی‌داده"], dtype="str"),
            "way": [1.5, np.nan, np.inf],
            "count": [3, -1, 2**40],
            "perhaps": pd.array([2**40, None, -1], dtype="Int64"),
            "cluster": pd.Series(["high-high", None, "بی‌داده"], dtype=object, index=["a", "b", "c"]),
            "nothing": pd.Series([None, None, None], dtype=object, index=["a", "b", "c"]),
        },
        geometry=[shapely.box(place, 0, place + 1, 1) for place in range(3)],
        crs=32628,
        index=pd.Index(["a", "b", "c"], name="zone_id"),
    )
    stamp = "2026-01-01T00:00:00.000Z"
    assert tables._by_arrow(tables._with_texts(zones.reset_index()))
    tables.write_geopackage(zones, tmp_path / "one.gpkg", stamp)
    monkeypatch.setattr(tables, "_by_arrow", lambda _: False)
    monkeypatch.setattr(tables, "_with_texts", lambda columns: columns)
    tables.write_geopackage(zones, tmp_path / "two.gpkg", stamp)
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()
    read = gpd.read_file(tmp_path / "one.gpkg").set_index("zone_id")
    assert read["count"].tolist() == [3, -1, 2**40]
    assert read["status"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("column", [[True, False], [1, "two"], pd.to_datetime(["2026-01-01", None])])
def test_zones_with_other_columns_do_not_go_through_arrow(tmp_path, column):
    zones = gpd.GeoDataFrame({"of their own": column}, geometry=[shapely.Point(0, 0)] * 2, crs=32628)
    assert not tables._by_arrow(tables._with_texts(zones))
    tables.write_geopackage(zones.rename_axis("zone_id"), tmp_path / "zones.gpkg", "2026-01-01T00:00:00.000Z")
    assert len(gpd.read_file(tmp_path / "zones.gpkg")) == 2
