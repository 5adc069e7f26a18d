"""Rows are put under the heads of a workbook: it holds what the library writes into it cell by cell."""

import io
import math
import re
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.disk import zips
from spatialjustice.report.takeaway import rows
from spatialjustice.report.takeaway.rows import Column, Numbers, Texts, with_rows

TEXTS = st.one_of(
    st.sampled_from(["", " a ", "=1+1", "a<b>&\"'", "بیش", "\x01\x1f", "_x0041_", "1", "a\nb", "a\r", "\ufffe"]),
    st.text(max_size=5),
)
NUMBERS = st.one_of(
    st.floats(-1e9, 1e9), st.sampled_from([math.nan, math.inf, 0.1 + 0.2, -0.0, 1e-7, 0.125, 9.2, 1e15, 2.5])
)
CODES = ("0.0", "0.00%")


def _cells(column, lang):
    """The cells of a column as values of Python."""
    cells = column.cells[lang]
    if isinstance(cells, Texts):
        return [None if place < 0 else cells.texts[place] for place in cells.which.tolist()]
    return [round(value, cells.decimals) if math.isfinite(value) else None for value in cells.numbers.tolist()]


def _book(columns, lang, *, whole):
    """A workbook with two sheets by the library, the second with a large table: ``whole``, or its head alone."""
    stream = io.BytesIO()
    settings_ = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, settings_) as book:
        looks = [book.add_format({"num_format": code}) for code in CODES]
        text = book.add_format({"bold": True})
        book.add_worksheet("first").write_string(0, 0, "told before")
        sheet = book.add_worksheet("second")
        for place, column in enumerate(columns):
            look = text if isinstance(column.cells[lang], Texts) else looks[place % 2]
            sheet.set_column(place, place, 12 + place, look)
            sheet.write_string(0, place, column.head[lang], text)
            for row, cell in enumerate(_cells(column, lang) if whole else (), start=1):
                if isinstance(cell, str):
                    sheet.write_string(row, place, cell, text)
                elif cell is not None:
                    sheet.write_number(row, place, cell, look)
        sheet.set_row(0, 62)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(columns[0]), len(columns) - 1)
    return stream.getvalue()


def _made(columns, languages=("one", "two")):
    return with_rows({lang: _book(columns, lang, whole=False) for lang in languages}, {2: columns})


@st.composite
def tables(draw):
    """Columns of numbers, which both languages share, and of texts, which differ."""
    count = draw(st.integers(1, 40))
    columns = []
    for place in range(draw(st.integers(1, 4))):
        head = {lang: f"{lang} {place}" for lang in ("one", "two")}
        if draw(st.booleans()):
            numbers = draw(st.lists(NUMBERS, min_size=count, max_size=count))
            cells = dict.fromkeys(head, Numbers(np.array(numbers), draw(st.integers(0, 6))))
        else:
            cells = {}
            for lang in head:
                texts = draw(st.lists(TEXTS, min_size=1, max_size=3))
                which = draw(st.lists(st.integers(-1, len(texts) - 1), min_size=count, max_size=count))
                cells[lang] = Texts(texts, np.array(which, dtype=np.int16))
        columns.append(Column(head, cells))
    return columns


@settings(max_examples=25, deadline=None)
@given(tables())
def test_a_workbook_holds_what_the_library_writes_cell_by_cell(columns):
    made = _made(columns)
    for lang, book in made.items():
        mine = openpyxl.load_workbook(io.BytesIO(book))["second"]
        other = openpyxl.load_workbook(io.BytesIO(_book(columns, lang, whole=True)))["second"]
        for row, places in zip(
            mine.iter_rows(1, len(columns[0]) + 1, 1, len(columns)),
            other.iter_rows(1, len(columns[0]) + 1, 1, len(columns)),
            strict=True,
        ):
            for cell, place in zip(row, places, strict=True):
                same = (cell.coordinate, cell.data_type) == (place.coordinate, place.data_type)
                assert same
                assert cell.value == place.value
                if cell.value is not None:
                    looks = [(one.number_format, one.font.b) for one in (cell, place)]
                    assert looks[0] == looks[1]
        known = [(sheet.freeze_panes, sheet.auto_filter.ref) for sheet in (mine, other)]
        assert known[0] == known[1]
        widths = [{key: one.width for key, one in sheet.column_dimensions.items()} for sheet in (mine, other)]
        assert widths[0] == widths[1]
        heights = [sheet.row_dimensions[1].height for sheet in (mine, other)]
        assert heights[0] == heights[1]


def test_numbers_come_back_to_the_last_bit():
    numbers = np.array([9.2, 1.1, 0.3, 8.95, 123456.789])
    columns = [Column({"one": "head"}, {"one": Numbers(numbers, 3)})]
    sheet = openpyxl.load_workbook(io.BytesIO(_made(columns, ["one"])["one"]))["second"]
    assert [row[0] for row in sheet.iter_rows(2, values_only=True)] == numbers.tolist()


@pytest.mark.parametrize("count", [255, 256, 257, 600])
def test_every_row_stands_in_its_place(count, monkeypatch):
    monkeypatch.setattr(rows, "AT_A_TIME", 256)
    numbers = np.arange(count, dtype=float)
    numbers[3::7] = np.nan
    which = np.arange(count) % 3 - 1
    columns = [
        Column({"one": "number"}, {"one": Numbers(numbers, 1)}),
        Column({"one": "text"}, {"one": Texts(["a", "b"], which)}),
        Column({"one": "row"}, {"one": Numbers(np.arange(count, dtype=float), 0)}),
    ]
    made = _made(columns, ["one"])["one"]
    sheet = zipfile.ZipFile(io.BytesIO(made)).read("xl/worksheets/sheet2.xml").decode()
    said = re.findall('<c r="([A-Z]+[0-9]+)"', sheet)
    filled = np.column_stack([np.isfinite(numbers), which >= 0, np.full(count, fill_value=True)])
    places = [
        f"{letter}{row}" for row, cells in enumerate(filled, 2) for letter, has in zip("ABC", cells, strict=True) if has
    ]
    assert said == ["A1", "B1", "C1", *places], "several readers rely on it"
    assert sheet.count("<c ") == len(said)
    frame = pd.read_excel(io.BytesIO(made), sheet_name="second")
    assert frame["row"].tolist() == list(range(count))
    np.testing.assert_array_equal(frame["number"], numbers)
    assert frame["text"].fillna("").tolist() == [("", "a", "b")[place] for place in (which + 1).tolist()]
    book = openpyxl.load_workbook(io.BytesIO(_made(columns, ["one"])["one"]), read_only=True)
    assert book["second"].calculate_dimension() == f"A1:C{count + 1}", "readers that look at the size alone"


def test_a_language_may_have_a_column_of_its_own():
    names = {"two": Texts(["x"], np.array([0, -1]))}
    columns = [
        Column({"one": "id", "two": "id"}, dict.fromkeys(("one", "two"), Numbers(np.array([1.0, 2.0]), 0))),
        Column({"one": "name", "two": "name"}, names),
    ]
    books = {"one": _book(columns[:1], "one", whole=False), "two": _book(columns, "two", whole=False)}
    made = {lang: openpyxl.load_workbook(io.BytesIO(book)) for lang, book in with_rows(books, {2: columns}).items()}
    assert list(made["one"]["second"].values) == [("id",), (1,), (2,)]
    assert list(made["two"]["second"].values) == [("id", "name"), (1, "x"), (2, None)]


@pytest.mark.parametrize(("letter", "units"), [("a", 1), ("\U0001f6b2", 2)])
def test_a_text_too_long_for_a_cell_is_cut_where_the_cell_ends(letter, units):
    text = letter * 40_000
    columns = [Column({"one": "head"}, {"one": Texts(["short", text], np.array([0, 1]))})]
    mine = openpyxl.load_workbook(io.BytesIO(_made(columns, ["one"])["one"]))["second"]
    assert mine["A3"].value == letter * (32_767 // units), "no letter is cut in two"
    assert mine["A2"].value == "short"


def test_the_same_table_is_the_same_file_and_counts_its_texts():
    columns = [Column({"one": "head"}, {"one": Texts(["a", "b", "never"], np.array([0, 1, 1, -1]))})]
    book = _made(columns, ["one"])["one"]
    assert book == _made(columns, ["one"])["one"]
    parts = zipfile.ZipFile(io.BytesIO(book))
    assert parts.testzip() is None
    assert parts.namelist()[0] == "[Content_Types].xml", "by which programs tell what it is"
    head = re.search(rb"<sst [^>]*>", parts.read("xl/sharedStrings.xml"))[0]
    # What the library wrote, the head and a text of the first sheet, and three cells of these three texts.
    assert b'count="5"' in head
    assert b'uniqueCount="5"' in head


def test_a_sheet_that_may_be_larger_than_two_gigabytes_is_read_as_any(monkeypatch):
    columns = [Column({"one": "head"}, {"one": Numbers(np.arange(3.0), 1)})]
    monkeypatch.setattr(rows, "MOST_OF_A_CELL", zips.zipfile.ZIP64_LIMIT)
    sheet = openpyxl.load_workbook(io.BytesIO(_made(columns, ["one"])["one"]))["second"]
    assert list(sheet.values) == [("head",), (0.0,), (1.0,), (2.0,)]
