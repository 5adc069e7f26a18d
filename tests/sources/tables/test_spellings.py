"""Numbers as offices of other countries write them, and marks that mean zero or nothing known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.sources import table

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, text: str, **options: Any) -> pd.DataFrame:
    path = folder / "table.csv"
    path.write_text(text, "utf-8")
    return table(path, id="code", **options)


def codes(frame: pd.DataFrame) -> list[str]:
    return [finding["code"] for finding in frame.attrs["findings"]]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["16 010", "21 741", "1 034 115"], [16010, 21741, 1034115]),
        (["16\u00a0010", "21\u00a0741", "950"], [16010, 21741, 950]),
        (["16\u202f010,5", "21\u202f741,25", "3,0"], [16010.5, 21741.25, 3.0]),
        (["16\u2009010", "1\u2009034\u2009115", "7"], [16010, 1034115, 7]),
        (["421'878", "134'794.5", "12"], [421878, 134794.5, 12]),
        (["421\u2019878", "134\u2019794", "12"], [421878, 134794, 12]),
        (["12,34,567", "1,23,456", "99"], [1234567, 123456, 99]),
        (["۱۲ ۳۴۵", "۶۷", "۱ ۲۳۴ ۵۶۷"], [12345, 67, 1234567]),  # noqa: RUF001
        (["-1 234", "+5 678", "0"], [-1234, 5678, 0]),
        (["12.5 %", "8.1%", "100\u00a0%"], [12.5, 8.1, 100.0]),
        (["12,5٪", "۸٪", "0٪"], [12.5, 8, 0]),
    ],
)
def test_thousands_and_percent_of_many_countries(cells: list[str], numbers: list[float], tmp_path: Path) -> None:
    rows = "\n".join(f"{place};{cell}" for place, cell in enumerate(cells))
    found = read(tmp_path, f"code;value\n{rows}\n")
    assert found["value"].tolist() == numbers
    assert codes(found) in (["numbers_rewritten"], ["percent_signs_left_out"])


@pytest.mark.parametrize(
    "cells",
    [
        ["12\u00a05", "34", "56", "78", "90"],  # no group of three: a blank too many, or two numbers
        ["1 234\u00a0567", "5", "6"],  # parted in two ways
        ["50%", "0.5", "0.25"],  # a share and a percentage
        ["1", "2", "<5", "<5", "<5", "<5", "<5", "<5"],  # held back, in most cells
        ["12 km", "7 km", "3 km"],
        ["€ 12", "€ 7,50", "€ 3"],
        ["5", "conf.", "conf.", "conf.", "conf.", "conf."],
    ],
)
def test_what_looks_like_numbers_and_stays_text_is_named(cells: list[str], tmp_path: Path) -> None:
    rows = "\n".join(f"{place};{cell}" for place, cell in enumerate(cells))
    found = read(tmp_path, f"code;value\n{rows}\n")
    assert found["value"].tolist() == cells
    assert codes(found) == ["column_kept_as_text"]
    assert "value" in found.attrs["findings"][0]["message"]


@pytest.mark.parametrize(
    "cells",
    [
        ["Ahvaz", "Dezful", "Abadan"],
        ["01001", "01003", "10001"],
        ["2020-01-01", "2020-02-01", "2020-03-01"],
        ["12 Main St", "14 High St", "Mill Lane"],
    ],
)
def test_words_and_codes_stay_text_in_silence(cells: list[str], tmp_path: Path) -> None:
    rows = "\n".join(f"{place};{cell}" for place, cell in enumerate(cells))
    found = read(tmp_path, f"code;value\n{rows}\n")
    assert found["value"].tolist() == cells
    assert codes(found) == []


def test_a_sign_told_by_another_column_is_a_guess_and_called_so(tmp_path: Path) -> None:
    """Degrees have points; they tell nothing of kilometres, which may be 1.234 or 1234."""
    text = "code;lat;km\n1;36.1234;1,234\n2;36.2234;2,345\n"
    found = read(tmp_path, text)
    warning = next(each for each in found.attrs["findings"] if each["code"] == "decimal_sign_guessed")
    assert warning["severity"] == "warning"
    assert "km (1,234)" in warning["message"]
    assert read(tmp_path, text, decimal=",")["km"].tolist() == [1.234, 2.345]
    assert "decimal_sign_guessed" not in codes(read(tmp_path, text, decimal="."))
    # A number with two marks between thousands tells it of its own column.
    assert "decimal_sign_guessed" not in codes(read(tmp_path, "code;lat;km\n1;36.1;1,234\n2;36.2;2,345,678\n"))


OFFLINE = "code;offline;homes\n1;120;8000\n2;{dash};21000\n3;X;2000\n4;...;26000\n"


@pytest.mark.parametrize("dash", ["-", "–", "—", "−"])
def test_a_dash_beside_other_marks_is_most_likely_zero(dash: str, tmp_path: Path) -> None:
    """120 of 29,000 homes are offline where the dash is a zero, 0.41 %; 120 of 8,000 where it is missing."""
    text = OFFLINE.format(dash=dash)
    found = read(tmp_path, text)
    assert codes(found) == ["marks_made_missing", "dash_may_be_zero"]
    assert found.attrs["findings"][1]["severity"] == "warning"
    known = read(tmp_path, text, zero=[dash]).dropna()
    assert known["offline"].tolist() == [120, 0]
    assert round(100 * known["offline"].sum() / known["homes"].sum(), 2) == 0.41


def test_a_dash_alone_is_only_told(tmp_path: Path) -> None:
    assert codes(read(tmp_path, "code;a\n1;5\n2;-\n")) == ["marks_made_missing"]


def test_marks_of_zero_leave_words_alone(tmp_path: Path) -> None:
    found = read(tmp_path, "code;name;a\n1;-;-\n2;Dezful;4\n", zero=["-"])
    assert found["name"].tolist() == ["-", "Dezful"]
    assert found["a"].tolist() == [0, 4]
    assert codes(found) == ["marks_made_zero"]


@pytest.mark.parametrize("options", [{"zero": ["-"], "missing": ["-"]}, {"zero": [""]}, {"zero": "-"}])
def test_a_mark_means_one_thing(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="zero"):
        read(tmp_path, "code;a\n1;-\n", **options)


def test_workbooks_with_marks_among_numbers(tmp_path: Path) -> None:
    """Cells of a workbook are numbers already; a mark among them must not leave the column as it is."""
    path = tmp_path / "table.xlsx"
    rows = {"code": ["a", "b", "c"], "offline": [120, "-", "X"], "share": [0.5, "1,25", 2.0], "odd": [1, "two", 3.5]}
    pd.DataFrame(rows).to_excel(path, index=False)
    found = table(path, id="code", zero=["-"])
    np.testing.assert_array_equal(found["offline"], [120, 0, np.nan])
    assert found["share"].tolist() == [0.5, 1.25, 2.0]
    assert found["odd"].tolist() == [1, "two", 3.5]
    assert "column_kept_as_text" in codes(found)


def test_degrees_have_no_thousands(tmp_path):
    """35.721 and 35,721 are one latitude; in another column nobody can tell, unless degrees stand beside it."""
    for sign in ".,":
        rows = f"code;Lat;longitude\n1;35{sign}721;51{sign}401\n2;-35{sign}733;151{sign}382\n"
        frame = read(tmp_path, rows)
        assert frame[["Lat", "longitude"]].to_numpy().tolist() == [[35.721, 51.401], [-35.733, 151.382]]
        assert "decimal_sign_guessed" not in codes(frame)
    with pytest.raises(InputError, match="35.721, which may be"):
        read(tmp_path, "code;metres\n1;35.721\n2;35.733\n")
