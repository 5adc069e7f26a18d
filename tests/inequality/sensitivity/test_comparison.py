"""Cities side by side: the same numbers as each city alone, refused where they were not measured alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import spatialjustice as sj
from spatialjustice._core.errors import InputError


def city(seed, scale=1.0, zones=40, **attrs):
    values = pd.Series(np.random.default_rng(seed).gamma(2, scale, zones), name="clinics")
    values.attrs = {"measure": "cumulative_cutoff", "unit": "opportunities", "direction": "higher is better", **attrs}
    return values


@pytest.fixture(scope="module")
def cities():
    return {"Anna": city(1), "Berta": city(2, scale=3), "Clara": city(3, zones=60)}


def people_of(cities, each=100.0):
    return {name: pd.Series(each, index=values.index) for name, values in cities.items()}


def test_numbers_are_those_of_each_city_alone(cities):
    table = sj.inequality.compare(cities, line=1.5, rng=1, replications=99)
    for name, values in cities.items():
        mine = table[table["city"] == name].set_index("measure")
        assert mine.loc["gini", "value"] == sj.inequality.gini(values)
        assert mine.loc["fgt", "value"] == sj.inequality.fgt(values, line=1.5)
        alone = sj.inequality.interval(sj.inequality.gini, values, rng=1, replications=99)
        assert (mine.loc["gini", "low"], mine.loc["gini", "high"]) == (alone.low, alone.high)
    assert table["city"].tolist()[:3] == ["Anna", "Berta", "Clara"]
    assert table.attrs["reference"] == "Anna"


def test_the_difference_by_hand():
    """0.375 less 0.25, ends as Zou & Donner join them: sqrt of the squares of 0.075 and 0.05, and of 0.125 and 0.05."""
    from spatialjustice.inequality.sensitivity.comparison import _cities_together

    tables = [
        pd.DataFrame({"column": "values", "city": name, "measure": "gini", "value": value, "low": low, "high": high,
                      "of_direction": "", "unit": "index", "n": 9, "people": 9.0, "people_left_out": 0.0, "note": ""},
                     index=[0])
        for name, value, low, high in (("A", 0.25, 0.2, 0.3), ("B", 0.375, 0.3, 0.5))
    ]  # fmt: skip
    found = _cities_together(tables, ["A", "B"]).set_index("city").loc["B"]
    assert found["difference"] == 0.125
    assert found["difference_low"] == pytest.approx(0.125 - np.sqrt(0.075**2 + 0.05**2))
    assert found["difference_high"] == pytest.approx(0.125 + np.sqrt(0.125**2 + 0.05**2))


def test_cities_that_differ_only_by_chance_are_seldom_told_apart():
    """40 pairs from one and the same distribution: intervals at 95 % miss 0 in about 2, at most 7."""
    missed = 0
    for seed in range(40):
        pair = {"one": city(1000 + seed), "other": city(5000 + seed)}
        row = sj.inequality.compare(pair, measures=["gini"], rng=seed, replications=99).iloc[1]
        missed += not row["difference_low"] <= 0 <= row["difference_high"]
    assert missed <= 7


def test_people_are_counted_and_those_without_a_value_told(cities):
    holes = {**cities, "Berta": cities["Berta"].mask(cities["Berta"].index < 4)}
    table = sj.inequality.compare(holes, weights=people_of(holes), measures=["mean", "gini"], replications=0)
    assert (table["people"] + table["people_left_out"]).groupby(table["city"]).first().to_dict() == {
        "Anna": 4000,
        "Berta": 4000,
        "Clara": 6000,
    }
    told = [item for item in table.attrs["findings"] if item["code"] == "people_without_a_value"]
    assert [item["people"] for item in told] == [400]


def test_zones_of_unlike_size_are_told(cities):
    people = {**people_of(cities), "Clara": pd.Series(5000.0, index=cities["Clara"].index)}
    table = sj.inequality.compare(cities, weights=people, measures=["gini"], replications=0)
    assert "zones_of_unlike_size" in {item["code"] for item in table.attrs["findings"]}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("unit", "minutes"),
        ("measure", "gravity"),
        ("direction", "lower is better"),
        ("cutoff", 45),
        ("decay", "gaussian"),
        ("mode", "drive"),
    ],
)
def test_what_was_not_measured_alike_is_refused(setting, value):
    pair = {"Anna": city(1, cutoff=30), "Berta": city(2, **{"cutoff": 30, setting: value})}
    for of in (sj.inequality.compare, sj.inequality.common_breaks):
        with pytest.raises(InputError, match=f"their {setting} is not the same .Anna"):
            of(pair)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda cities: {"Anna": cities["Anna"]}, "not two or more"),
        (lambda cities: cities["Anna"], "not two or more"),
        (lambda cities: {**cities, "Dora": [1, 2, 3]}, "Dora: it is a list"),
    ],
)
def test_what_is_no_mapping_of_cities_is_refused(cities, change, message):
    with pytest.raises(InputError, match=message):
        sj.inequality.compare(change(cities))


def test_other_bad_questions_are_refused(cities):
    with pytest.raises(InputError, match="not of the same cities"):
        sj.inequality.compare(cities, weights={"Anna": cities["Anna"]})
    with pytest.raises(InputError, match="one number for all cities"):
        sj.inequality.compare(cities, line={"Anna": 3})
    with pytest.raises(InputError, match="they are 7"):
        sj.inequality.common_breaks(cities, classes=7)


# ── class limits ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_breaks_fit_every_city(cities):
    breaks = sj.inequality.common_breaks(cities)
    assert breaks == sorted(set(breaks))
    assert len(breaks) == 5
    assert breaks[-1] >= max(values.max() for values in cities.values())
    assert breaks == sj.inequality.compare(cities, measures=["mean"], replications=0).attrs["breaks"]


def test_a_large_city_does_not_drown_a_small_one():
    """Half of the say is Small's, whose people all have 1; so the middle limit is 1 though nobody in Large has it."""
    pair = {"Large": pd.Series([10.0] * 1000), "Small": pd.Series([1.0] * 3)}
    assert sj.inequality.common_breaks(pair, classes=2) == [1.0, 10.0]


@pytest.mark.parametrize("largest", [0.012345, 999.6, 1234.5, 7.0, 0.0, -0.5])
def test_the_last_limit_is_never_below_the_largest_value(largest):
    pair = {"A": pd.Series([largest - 1, largest]), "B": pd.Series([largest - 2, largest - 3])}
    breaks = sj.inequality.common_breaks(pair)
    assert breaks[-1] >= largest
    assert breaks[-1] <= largest + 0.01 * max(abs(largest), 1e-9)
    assert (np.diff(breaks) > 0).all()


def test_maps_take_the_breaks(cities):
    from spatialjustice.maps.colours.classify import classify

    breaks = sj.inequality.common_breaks(cities)
    for values in cities.values():
        assert list(classify(values.to_numpy(), breaks=breaks).upper) == breaks
