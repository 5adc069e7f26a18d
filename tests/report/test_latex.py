"""Tables for papers: narrow, whole, and with every sign as LaTeX prints it."""

import numpy as np
import pandas as pd
import pytest

import spatialjustice as sj
from spatialjustice._core.errors import InputError
from spatialjustice.report import latex
from spatialjustice.report.latex import escaped


def rows(text):
    return [line.removesuffix(r" \\").split(" & ") for line in text.splitlines() if line.endswith(r"\\")]


def test_signs_are_escaped():
    """Each of the ten signs that LaTeX reads as commands."""
    assert escaped("50% & $3 #1 a_b {x} ~ ^ \\") == (
        r"50\% \& \$3 \#1 a\_b \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{}"
    )


def test_a_table_is_narrow_and_tells_what_it_leaves_out():
    table = pd.DataFrame(
        {
            "group": ["a_1", "b"], "value": [0.12345, np.nan], "low": [0.1, 0.2], "high": [0.2, 0.3],
            "people": [1200.0, 34.0], "note": ["", ""], "n": [7, 7],
        }
    )  # fmt: skip
    table.attrs.update({"cutoff": 15.0, "cutoff_unit": "minutes", "left_out": {"zones_without_people": 3, "others": 0}})
    text = latex(table, caption="A & B", label="tab:a")
    head, first, second = rows(text)
    assert head == ["Group", "Value", "People"]
    assert first == [r"a\_1", "0.123 (0.100 to 0.200)", "1,200"]
    assert second[1].startswith("--")
    assert second[2] == "34"
    for told in (r"\caption{A \& B}", r"\label{tab:a}", "N: 7", "Cutoff: 15 minutes", "zones without people 3"):
        assert told in text
    assert "others" not in text
    assert rows(latex(table, columns=["people", "n"]))[0] == ["People", "N"]
    assert text.count("{") == text.count("}")


def test_a_coverage_names_statuses_and_drops_nobody_in_silence():
    costs = pd.DataFrame({"from_id": ["a", "b"], "to_id": ["x", "x"], "travel_cost": [5.0, 20.0]})
    text = latex(sj.access.coverage(costs, people=pd.Series({"a": 30.0, "b": 10.0}), cutoff=15))
    assert [one[0] for one in rows(text)] == ["Status", "Within reach", "Beyond the limit"]
    assert "Nobody: Cannot reach" in text


def test_units_numbers_and_persian():
    minutes = pd.Series([0.00001234, 1234.5, -2.0, np.inf], index=["a", "b", "c", "مرکز"], name="walk")
    minutes.attrs["unit"] = "minutes"
    text = latex(minutes)
    assert text.startswith("% Persian")
    head, *body = rows(text)
    assert head == ["Id", "Walk (minutes)"]
    assert [one[1] for one in body] == [r"$1.23\times10^{-5}$", "1,234", "$-$2", r"$\infty$"]
    with pytest.raises(InputError, match="no column x"):
        latex(minutes.to_frame(), columns=["x"])
    with pytest.raises(InputError, match="1 or more"):
        latex(minutes, digits=0)
