"""What is taken away of a town made by hand: nothing that is not there is told, and nothing that is there is lost."""

import base64
import io
import zipfile
from xml.etree import ElementTree as ET

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from spatialjustice.catalogue import words
from spatialjustice.maps import Cell, Indicator, Overview
from spatialjustice.report.page import ModePage
from spatialjustice.report.takeaway import workbook
from spatialjustice.report.takeaway.contents import Takeaway, contents
from spatialjustice.report.takeaway.document import as_docx
from spatialjustice.report.takeaway.sheets import as_pdf
from spatialjustice.report.takeaway.workbook import as_xlsx

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# A picture of one point.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
# ECMA-376, part 1, 17.3.1.26, 17.3.2.28, 17.4.60 and 17.4.70, of those parts that stand in these files.
IN_ORDER = {
    "pPr": "pStyle keepNext numPr pBdr shd bidi spacing ind contextualSpacing jc outlineLvl rPr",
    "rPr": "rFonts b bCs i iCs color spacing kern sz szCs rtl lang",
    "tblPr": "tblStyle bidiVisual tblW jc tblInd tblBorders tblLayout tblCellMar tblLook",
    "tcPr": "tcW gridSpan tcBorders shd vAlign",
}


@pytest.fixture(scope="module")
def town():
    """Four squares in a row, one without a way to a clinic, and two clinics, of one of which nobody knows where."""
    boxes = [shapely.box(10 + x / 100, 50, 10.01 + x / 100, 50.01) for x in range(4)]
    zones = gpd.GeoDataFrame(geometry=boxes, index=pd.Index(list("abcd"), name="zone_id"), crs=4326)
    metres = pd.Series([100.0, 300.0, 700.0, None], index=zones.index)
    status = pd.Series(["ok", "ok", "ok", "unreachable"], index=zones.index)
    clinics = Indicator(
        "clinic_metres", "Way to a clinic", metres, unit="metres", status=status, cutoffs=[500], service="clinic",
    )  # fmt: skip
    numbers = {"people": 100.0, "within": 50.0, "beyond": 50.0, "share": 0.5, "worst": float("inf"), "unit": "metres"}
    cell = Cell("50%", "50", "no way found", step=3, numbers=numbers)
    return Takeaway(
        zones=zones,
        people=pd.Series([20.0, 30.0, 40.0, 10.0], index=zones.index),
        modes=[ModePage("walk", "On foot", [clinics])],
        title="Town",
        overview=Overview(modes=[("On foot", "500 m")], rows=[("Clinic", [cell])], caveats=["Mind the gap"]),
        services=gpd.GeoDataFrame(
            {"service": "clinic", "name": ["here", "nowhere"]},
            geometry=[shapely.Point(10.5, 50.25), shapely.Point()],
            crs=4326,
        ),
    )


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_the_workbook_lists_the_sheets_it_has_and_says_that_there_is_no_way(town, lang, monkeypatch):
    monkeypatch.setattr(Takeaway, "told", lambda *_: {})
    said = words(lang)
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(town, [lang])[lang]))
    names = [said[f"takeaway.sheet.{name}"] for name in ("overview", "zones", "services")]
    assert book.sheetnames == [said["takeaway.sheet.read"], *names], "of no service is it told who is badly served"
    read = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(max_col=2)]
    first = [row[0] for row in read]
    after = first.index(said["takeaway.read.sheets"]) + 1
    assert first[after : after + 4] == [*names, None]
    assert said["takeaway.data_undated"] in first
    assert not any(said["page.date.unknown"] == str(text).split()[-1] for text in first)
    head, row = book[names[0]].iter_rows(values_only=True)
    assert dict(zip(head, row, strict=True))[said["takeaway.column.worst"]] == said["overview.no_way"]
    places = list(book[names[2]].iter_rows(values_only=True))
    assert [row[-2:] for row in places[1:]] == [(50.25, 10.5), (None, None)]
    assert book[names[2]]["C2"].number_format.startswith("[$-3000429]") == (lang == "fa")


@pytest.mark.parametrize(
    ("limit", "most", "rows", "columns"), [("MOST_ROWS", 3, "2", "0"), ("MOST_COLUMNS", 4, "0", "2")]
)
def test_the_workbook_says_what_a_sheet_has_no_room_for(town, limit, most, rows, columns, monkeypatch):
    """Four squares with six columns and two clinics with four."""
    monkeypatch.setattr(Takeaway, "told", lambda *_: {})
    monkeypatch.setattr(workbook, limit, most)
    read, _, zones, clinics = openpyxl.load_workbook(io.BytesIO(as_xlsx(town, ["en", "fa"])["en"])).worksheets
    assert (zones.max_row, zones.max_column) == (min(5, most + 9 * (columns != "0")), min(6, most + 9 * (rows != "0")))
    assert (clinics.max_row, clinics.max_column) == (3, 4), "as many as there is room for"
    told = words("en")["takeaway.read.left_out"].format(rows=rows, columns=columns)
    assert [cell.value for cell in read["B"]].count(told) == 1


def test_a_legend_on_paper_has_no_row_of_what_is_not_drawn(town):
    told = contents(town, "en", drawn=False)["map"]
    rows = [(row["label"], row["people"]) for row in told["rows"]]
    assert [people for _, people in rows][-1] == "10"
    assert sum(int(people) for _, people in rows) == 100
    assert words("en")["status.unreachable"] in dict(rows)
    assert not {words("en")[f"status.{name}"] for name in ("no_data", "no_population")} & set(dict(rows))
    assert [one["after"] for one in told["limits"]] == [1]


@pytest.mark.parametrize(("lang", "side"), [("en", "ltr"), ("fa", "rtl"), ("ar", "rtl"), ("ru", "ltr")])
def test_the_document_is_in_order_in_any_language(town, lang, side):
    """A language that nobody has told of, a title of any length, and letters that are none end no run."""
    told = contents(town, lang if lang in {"en", "fa"} else "en")
    finding = {"text": "فارسی", "advice": "", "lang": "fa", "dir": "rtl"}
    findings = [{"heading": "Known", "warning": True, "messages": [finding]}]
    told |= {"lang": lang, "dir": side, "title": "\x01" + "long " * 60, "findings": findings}
    told["map"] |= {"alt": "a\x02b", "title": "c\x03d"}
    file = as_docx(told, PICTURE)
    found = docx.Document(io.BytesIO(file))
    assert len(found.core_properties.title) == 255
    assert found.core_properties.language == {"en": "en-GB", "fa": "fa-IR"}.get(lang, lang)
    known = found.inline_shapes[0]._inline.docPr
    assert known.get("descr") == "a\ufffdb"
    assert "c\ufffdd" in known.get("title")
    (persian,) = [one for one in found.paragraphs if one.text == "فارسی"]
    assert persian._p.pPr.find(f"{WORD}bidi") is not None
    shaded = 0
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        for name in ("word/document.xml", "word/styles.xml", "word/footer1.xml"):
            for look in ET.fromstring(parts.read(name)).iter():
                order = IN_ORDER.get(look.tag.removeprefix(WORD), "").split()
                tags = [part.tag.removeprefix(WORD) for part in look]
                places = [order.index(tag) for tag in tags if tag in order]
                assert places == sorted(places), (look.tag, tags)
                shaded += "shd" in tags and name == "word/document.xml"
                if order and name != "word/styles.xml":
                    assert set(tags) <= set(order), tags
    assert shaded == 2, "the caveat and the cell of the overview"
    if lang in {"ar", "ru"}:
        assert as_pdf(told).startswith(b"%PDF")
