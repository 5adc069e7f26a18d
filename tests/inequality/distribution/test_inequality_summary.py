"""The table of all measures: the same numbers as the measures, who is left out, and why a measure has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.inequality import (
    atkinson,
    concentration_index,
    fgt,
    gini,
    hoover,
    interval,
    kolm_pollak_ede,
    palma_ratio,
    quantile_ratio,
    share_ratio,
    suits,
    theil_l,
    theil_t,
)
from spatialjustice.inequality.distribution.summary import MEASURES, summary
from spatialjustice.report import inequality_paragraph


@pytest.fixture
def zones() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(
        {"jobs": rng.uniform(1, 90, 12), "minutes": rng.uniform(5, 60, 12)}, index=[f"z{n}" for n in range(12)]
    )
    frame["jobs"].attrs = {"unit": "opportunities", "direction": "higher is better"}
    return frame


@pytest.fixture
def people(zones) -> pd.Series:
    return pd.Series(np.arange(1.0, 13.0), index=zones.index)


@pytest.fixture
def income(zones) -> pd.Series:
    return pd.Series(np.linspace(900, 300, 12), index=zones.index)


def told(table, column):
    return table[table["column"] == column].set_index("measure")


def test_every_number_is_that_of_its_measure(zones, people, income):
    table = summary(
        zones,
        weights=people,
        rank_by=income,
        line={"jobs": 30.0, "minutes": 20.0},
        direction={"jobs": "higher is better", "minutes": "lower is better"},
    )
    assert set(table["measure"]) == set(MEASURES)
    jobs, minutes = told(table, "jobs")["value"], told(table, "minutes")["value"]
    values, ways = zones["jobs"], zones["minutes"]
    assert jobs["mean"] == pytest.approx(np.average(values, weights=people))
    for name, measure in {"gini": gini, "hoover": hoover, "theil_t": theil_t, "theil_l": theil_l}.items():
        assert jobs[name] == measure(values, weights=people)
    for name, measure in {
        "palma_ratio": palma_ratio,
        "share_ratio": share_ratio,
        "concentration_index": concentration_index,
        "suits": suits,
    }.items():
        assert minutes[name] == measure(ways, rank_by=income, weights=people)
    assert jobs["quantile_ratio"] == quantile_ratio(values, weights=people)
    assert jobs["atkinson"] == atkinson(values, epsilon=0.5, weights=people)
    worse = {"weights": people, "direction": "lower is better"}
    assert minutes["kolm_pollak_ede"] == kolm_pollak_ede(ways, epsilon=1, **worse)
    for alpha, name in enumerate(("fgt", "fgt_gap", "fgt_gap_squared")):
        assert jobs[name] == fgt(values, line=30, alpha=alpha, weights=people)
        assert minutes[name] == fgt(ways, line=20, alpha=alpha, **worse)


def test_units_directions_and_people_stand_beside_the_numbers(zones, people, income):
    income["z0"] = np.nan
    zones.loc["z3", "jobs"] = np.nan
    jobs = told(summary(zones[["jobs"]], weights=people, rank_by=income), "jobs")
    assert "fgt" not in jobs.index
    assert jobs.loc["gini", ["n", "people", "people_left_out"]].tolist() == [11, 78 - 4, 4]
    assert jobs.loc["palma_ratio", ["n", "people", "people_left_out"]].tolist() == [10, 78 - 5, 5]
    assert jobs.loc["gini", "value"] == gini(zones["jobs"].dropna(), weights=people.drop("z3"))
    assert (jobs["of_direction"] == "higher is better").all()
    assert jobs.loc["hoover", "unit"] == "share"


def test_what_the_column_carries_is_used(people):
    values = pd.Series(np.arange(1.0, 13.0), index=people.index, name="minutes")
    values.attrs = {"unit": "minutes", "direction": "lower is better"}
    found = summary(values, line=6, measures=["mean", "fgt"]).set_index("measure")
    assert found.loc["mean", "unit"] == "minutes"
    assert found.loc["fgt", "value"] == 0.5
    assert found.loc["mean", "of_direction"] == "lower is better"


def test_an_undefined_measure_has_a_note_and_the_others_stand():
    found = summary(pd.Series([0.0, 2.0, 4.0, 6.0], name="x"), rank_by=[1, 2, 3, 4]).set_index("measure")
    assert np.isnan(found.loc["theil_l", "value"])
    assert "are 0" in found.loc["theil_l", "note"]
    assert found.loc["gini", "note"] == ""
    asked = summary(pd.Series([1.0, 2.0], name="x"), measures=["palma_ratio", "fgt"]).set_index("measure")
    assert asked["note"].to_dict() == {"palma_ratio": "needs rank_by", "fgt": "needs a line"}
    empty = summary(pd.DataFrame({"x": [1.0, 2.0], "nothing": [np.nan, np.nan]}), measures=["gini"])
    assert empty["note"].tolist() == ["", "nobody has a value"]
    assert [item["code"] for item in empty.attrs["findings"]] == ["people_without_a_value"]


def test_intervals_are_those_of_the_bootstrap(zones, people):
    table = summary(zones, weights=people, measures=["gini", "mean"], replications=99, rng=7)
    found = told(table, "jobs").loc["gini"]
    peer = interval(gini, zones["jobs"], weights=people, rng=7, replications=99)
    assert (found["low"], found["high"]) == (peer.low, peer.high)
    assert table.attrs["seed"] == 7
    few = summary(zones.iloc[:3], measures=["gini"], replications=99, rng=7)
    assert few["note"].str.startswith("no interval").all()
    assert few["value"].notna().all()


def test_the_order_of_the_rows_means_nothing(zones, people, income):
    options = {"line": 20.0, "replications": 99, "rng": 3}
    found = summary(zones.copy(), weights=people, rank_by=income, **options)
    again = summary(zones.iloc[::-1], weights=people, rank_by=income, **options)
    pd.testing.assert_frame_equal(found, again)


def test_a_planner_can_read_it(zones, people, income):
    table = summary(zones[["jobs"]], weights=people, rank_by=income, line=30.0)
    text = inequality_paragraph(table, subject="jobs within 30 minutes", enough="30 jobs")
    assert "jobs within 30 minutes" in text
    assert "Gini" in text
    assert "30 jobs" in text


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"weights": [1.0, -1.0]}, "weights"),
        ({"weights": [0.0, 0.0]}, "weights"),
        ({"weights": [1.0]}, "weights"),
        ({"frame": pd.Series([1.0, -2.0], name="x")}, "x"),
        ({"frame": pd.DataFrame(index=[0, 1])}, "frame"),
        ({"measures": ["beauty"]}, "measures"),
        ({"measures": []}, "measures"),
        ({"direction": "up"}, "direction"),
        ({"replications": -1}, "replications"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change, name):
    asked = {"frame": pd.Series([1.0, 2.0], name="x"), **change}
    with pytest.raises(InputError) as caught:
        summary(asked.pop("frame"), **asked)
    assert caught.value.name == name
