"""Tables of a workbook are written by column: what comes of it is what the library writes cell by cell."""

import io
import math

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice.report.takeaway.cells import TableSheet
from spatialjustice.report.takeaway.workbook import MADE

TEXTS = st.one_of(
    st.sampled_from(["", " a ", "=1+1", "a<b>&\"'", "بیش", "\x01\x1f", "_x0041_", "1"]), st.text(max_size=5)
)
NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(10**9), 10**9),
    st.sampled_from([0.1 + 0.2, -0.0, 1e-7]),
)


def _book(columns, *, by_column):
    stream = io.BytesIO()
    settings_ = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, settings_) as book:
        book.set_properties({"created": MADE})
        looks = [book.add_format({"num_format": code}) for code in ("0.0", "0.00%")]
        text = book.add_format({"bold": True})
        for name in ("one", "two"):  # texts are shared by sheets
            sheet = book.add_worksheet(name, TableSheet if by_column else None)
            for place, cells in enumerate(columns):
                look = looks[place % 2]
                sheet.set_column(place, place, 12, look)
                sheet.write_string(0, place, f"head {place}", text)
                if by_column:
                    sheet.fill(place, cells, look, text)
                    continue
                for row, cell in enumerate(cells, start=1):
                    if isinstance(cell, str):
                        sheet.write_string(row, place, cell, text)
                    elif cell is not None and math.isfinite(cell):
                        sheet.write_number(row, place, cell, look)
            sheet.set_row(0, 62)
            sheet.freeze_panes(1, 1)
    return stream.getvalue()


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_table_by_column_is_the_same_file(data):
    rows, width = data.draw(st.integers(1, 50)), data.draw(st.integers(1, 4))
    cells = st.one_of(TEXTS, NUMBERS, st.none())
    column = st.one_of(st.lists(cells, min_size=rows, max_size=rows), st.just([None] * rows))
    columns = [data.draw(column) for _ in range(width)]
    same = _book(columns, by_column=True) == _book(columns, by_column=False)
    assert same


@pytest.mark.parametrize("text", ["a" * 40_000, "\U0001f6b2" * 20_000], ids=["one unit each", "two units each"])
def test_a_text_too_long_for_a_cell_is_cut_where_the_cell_ends(text):
    column = ["short", text]
    same = _book([column], by_column=True) == _book([column], by_column=False)
    assert same
