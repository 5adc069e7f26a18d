"""Need against access: the line by hand, who is worse served, and who cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.models.need import need_against_access
from spatialjustice.maps.colours.palette import LABELS


@pytest.fixture
def zones():
    ids = list("abcdef")
    minutes = pd.Series([5.0, 9.0, 7.0, 8.0, 21.0, 11.0], index=ids, name="minutes")
    return minutes, pd.Series([0.1, 0.2, 0.2, 0.3, 0.2, 0.25], index=ids, name="older")


def test_the_line_is_that_of_weighted_least_squares(zones):
    minutes, older = zones
    people = pd.Series([10.0, 20, 30, 5, 5, 10], index=minutes.index)
    found = need_against_access(minutes, older, weights=people, direction="lower is better")
    slope, start = np.polyfit(older, minutes, 1, w=np.sqrt(people))
    np.testing.assert_allclose(found["expected"], start + slope * older)
    np.testing.assert_allclose(found["difference"], minutes - found["expected"])
    spread = np.sqrt(6 / 4 * (people * found["difference"] ** 2).sum() / people.sum())
    np.testing.assert_allclose(found["standardised"], found["difference"] / spread)
    assert found.loc["e", "label"] == "worse served than need predicts"
    assert set(found["label"]) <= {*LABELS["need"], "no data", "no people"}
    assert found["people"].equals(people) or (found["people"] == people).all()


def test_more_is_better_turns_the_labels_round(zones):
    minutes, older = zones
    one, other = (need_against_access(minutes, older, direction=way) for way in ("lower is better", "higher is better"))
    np.testing.assert_allclose(one["difference"], other["difference"])
    assert other.loc["e", "label"] == "better served than need predicts"
    again = need_against_access(minutes.iloc[::-1], older, direction="lower is better")
    pd.testing.assert_frame_equal(again.reindex(minutes.index), one)


def test_zones_without_people_have_no_say_and_gaps_are_a_class(zones):
    minutes, older = zones
    people = pd.Series([10.0, 20, 30, 5, 0, 10], index=minutes.index)
    found = need_against_access(minutes, older, weights=people, direction="lower is better")
    without = need_against_access(
        minutes.drop("e"), older.drop("e"), weights=people.drop("e"), direction="lower is better"
    )
    np.testing.assert_allclose(found["expected"].drop("e"), without["expected"])
    assert found.loc["e", "label"] == "no people"
    minutes["b"] = np.nan
    with pytest.raises(InputError, match="missing"):
        need_against_access(minutes, older, direction="lower is better")
    apart = need_against_access(minutes, older, direction="lower is better", missing="own class")
    assert apart.loc["b", "label"] == "no data"
    assert np.isnan(apart.loc["b", "expected"])


def test_what_cannot_be_is_refused(zones):
    minutes, older = zones
    for change in (
        {"direction": None},
        {"direction": "up"},
        {"threshold": 0},
        {"need": older * 0 + 1},
        {"need": older.iloc[:-1]},
        {"weights": older * 0},
    ):
        asked = {"access": minutes, "need": older, "direction": "lower is better", **change}
        with pytest.raises(InputError):
            need_against_access(asked.pop("access"), asked.pop("need"), **asked)
