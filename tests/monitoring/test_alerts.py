# ruff: noqa: RUF001 (Persian letters and digits are meant)
"""Alerts against a list made by hand, and rules that cannot be used."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatialjustice import monitoring
from spatialjustice._core.errors import InputError
from tests.monitoring.test_changes import made, zones

BASE = np.linspace(0.2, 0.6, 20)
"""Mean 0.4. Every zone moves alike, so that the change is known exactly and its interval has no width."""


def ten_dates() -> pd.DataFrame:
    """2001 to 2010: means 0.40, 0.40, 0.38, 0.36, missing, missing, 0.30, 0.30, new settings 0.35, 0.33.

    2003 and 2004 are worse, so is 2007 against 2004; 2009 cannot be told; 2010 is worse.
    """
    levels = [0.40, 0.40, 0.38, 0.36, None, None, 0.30, 0.30, 0.35, 0.33]
    known = [{"settings_sha256": "new" if place >= 8 else "old"} for place in range(10)]
    for place in (4, 5):
        known[place] |= {"status": "missing", "reason": "no file: a.csv"}
    dates = [zones([]) if level is None else zones(BASE + level - 0.4, people=10.0) for level in levels]
    return made(*dates, known=known)


RULES = [
    {"kind": "threshold", "indicator": "use", "below": 0.35},
    {"kind": "change"},
    {"kind": "change", "dates": 2},
    {"kind": "missing", "dates": 2},
    {"kind": "data"},
]
BY_HAND = [
    # date, rule, since, new
    ("2003", 2, "2003", True),
    ("2004", 2, "2003", False),
    ("2004", 3, "2003", True),
    ("2006", 4, "2005", True),
    ("2007", 1, "2007", True),
    ("2007", 2, "2003", False),
    ("2007", 3, "2003", False),
    ("2008", 1, "2007", False),
    ("2009", 5, "2009", True),
    # 0.35 itself is not below 0.35, so that the limit is crossed anew.
    ("2010", 1, "2010", True),
    ("2010", 2, "2010", True),
]


def test_alerts_are_those_of_a_list_made_by_hand():
    found = monitoring.alerts(ten_dates(), rules=RULES, rng=1, replications=99)
    assert [tuple(row) for row in found[["date", "rule", "since", "new"]].to_numpy()] == BY_HAND
    told = found.set_index(["date", "rule"])
    assert told.loc[("2007", 1), "value"] == pytest.approx(0.30)
    assert told.loc[("2007", 2), "change"] == pytest.approx(-0.06)
    assert told.loc[("2007", 2), "comparisons"] == 1
    assert told.loc[("2007", 1), "en"] == "use is 30.0%, below the limit of 35.0%, since 2007."
    assert (
        told.loc[("2004", 3), "en"]
        == "use fell on 2 dates in a row, this time by 2.0 percentage points (2.0 to 2.0), to 36.0%."
    )
    assert told.loc[("2006", 4), "en"] == (
        "use was not measured on 2 dates in a row, since 2005: the file a.csv is not there."
    )
    assert told.loc[("2009", 5), "fa"] == (
        "\u200fuse: نمی‌توان گفت که شهر تا ۲۰۰۹ تغییر کرده است یا نه، چون داده‌ها تغییر کرده‌اند: تنظیمات."
    )
    assert not found["fa"].str.contains("[0-9]").drop([3]).any(), "only the name of a file keeps its digits"


def test_without_a_direction_it_moves_and_a_gap_that_widens_is_worse():
    """The poor half falls by 0.1 and the rich half gains 0.1: the mean stays, the gap widens by 0.1."""
    first, people = np.linspace(0.2, 0.6, 40), 10.0
    second = first + np.where(first < 0.4, -0.1, 0.1)
    history = made(zones(first, people=people), zones(second, people=people))
    found = monitoring.alerts(history, rng=1, replications=199)
    assert found[["kind", "statistic", "what"]].to_numpy().tolist() == [["change", "gap", "rose"]]
    assert found["change"].iloc[0] == pytest.approx(0.1)
    plain = made(zones(first, direction="none"), zones(first + 0.1, direction="none"))
    found = monitoring.alerts(plain, rules=[{"kind": "change"}], rng=1, replications=99)
    assert found[["statistic", "what"]].to_numpy().tolist() == [["mean", "rose"]]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("change", "they are a str"),
        ([{"kind": "chnage"}], "rule 1: its kind is 'chnage'"),
        ([{"kind": "change"}, {"kind": "missing", "below": 3}], "rule 2: missing knows no below"),
        ([{"kind": "threshold", "indicator": "use"}], "it has 0 limits"),
        ([{"kind": "threshold", "above": "high"}], "its limit is 'high'"),
        ([{"kind": "missing", "dates": 0}], "dates is 0"),
        ([{"kind": "change", "indicator": "speed"}], "the history has no indicator 'speed'"),
        ([{"kind": "change", "statistic": "median"}], "it is 'median'"),
    ],
    ids=["text", "kind", "key", "limits", "limit", "dates", "indicator", "statistic"],
)
def test_rules_that_cannot_be_used(rules, said):
    with pytest.raises(InputError, match=said):
        monitoring.alerts(ten_dates(), rules=rules, rng=1, replications=0)
