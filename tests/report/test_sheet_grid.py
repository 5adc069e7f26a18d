# ruff: noqa: RUF001 (Persian digits are meant)
"""A grid of cells: every cell under its names, what is missing is named, and no more at once than can be read."""

from __future__ import annotations

import pytest

from spatialjustice import report
from spatialjustice._core.errors import InputError
from spatialjustice.report.sheet.grid import NAMED, grid
from tests.browsing import plain_text


def cell(known=0, missing=0, **more):
    return report.GridCell(
        [report.GridEntry(f"Known {at}", f"{at}%", [f"range {at}"], [f"SDG {at}"]) for at in range(known)],
        [(f"Missing {at}", f"needs {at}") for at in range(missing)],
        **more,
    )


def block(cells):
    names = {"en": "People", "fa": "مردم"}
    return report.Grid([names, "Institutions"], ["Social", "Economic"], cells, title="Cells", note="A note.")


def test_the_page_names_what_is_known_and_what_is_missing():
    made = block([[cell(2, 1, badge="A", badge_note="3 of 4"), cell()], [cell(0, 9), cell(1)]])
    page = plain_text(report.sheet_page([made], title="t", lead="l").to_html())
    for said in ("Known 1", "range 1", "SDG 1", "Missing 8", "needs 8", "3 of 4", "مردم", "Economic", "A note."):
        assert said in page
    assert page.count('class="grid-cell') == 4
    assert page.count('class="grid-cell empty"') == 2
    assert 'class="badge badge-A"' in page
    assert "۵ شاخص دیگرِ بدون داده" in page


@pytest.mark.parametrize(
    ("missing", "seen"),
    [pytest.param(NAMED, NAMED, id="few"), pytest.param(NAMED + 1, NAMED + 1, id="one more is no fold"),
     pytest.param(NAMED + 2, NAMED, id="many")],
)  # fmt: skip
def test_what_is_missing_is_folded_where_it_is_much(missing, seen):
    made = grid(block([[cell(0, missing), cell()], [cell(), cell()]]))["rows"][0]["cells"][0]
    assert (len(made["missing"]), len(made["rest"])) == (seen, missing - seen)


def test_cells_that_do_not_fit_their_names_are_refused():
    with pytest.raises(InputError, match="not 2 rows of 2"):
        block([[cell(), cell()]])
