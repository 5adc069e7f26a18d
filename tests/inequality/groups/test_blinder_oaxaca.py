"""A gap taken apart: worked out by hand, by plain least squares, and whatever the data it adds up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spatialjustice as sj
from spatialjustice._core.errors import InputError

WAYS = ("pooled", "reference", "group", "each")


def part(table, variable, name):
    return table[(table["variable"] == variable) & (table["part"] == name)]["value"].item()


def labelled(labels):
    """Every row is ten people of one group."""
    return sj.inequality.groups_from_labels(labels, people=pd.Series(10.0, index=labels.index))


@pytest.fixture(scope="module")
def made():
    """Synthetic: 60 rows, two groups, a number, another number and a text, with noise."""
    draw = np.random.default_rng(4)
    index = [f"r{place}" for place in range(60)]
    labels = pd.Series(np.where(np.arange(60) % 3 == 0, "poor", "rich"), index=index)
    table = pd.DataFrame(
        {
            "income": draw.normal(3, 1, 60) + (labels == "rich"),
            "cars": draw.poisson(2, 60).astype(float),
            "tenure": draw.choice(["owner", "tenant", "other"], 60),
        },
        index=index,
    )
    values = (
        2 + table["income"] * np.where(labels == "rich", 3, 2) + (table["tenure"] == "owner") + draw.normal(size=60)
    )
    return values.rename("jobs"), labels, table


def test_threefold_by_hand():
    """Poor: x 0, 1, 2, 3 and y = 1 + 2x; rich: x 2, 3, 4, 5 and y = 3 + 4x.

    Means of x: 1.5 and 3.5; of y: 4 and 17; the gap -13. Composition at the rich's worth: -2 · 4 = -8. Coefficients at
    the rich's composition: constant 1 - 3 = -2, slope 3.5 · (2 - 4) = -7; together -9. Interaction: -2 · -2 = 4.
    """
    x = pd.Series([0.0, 1, 2, 3, 2, 3, 4, 5])
    labels = pd.Series(["poor"] * 4 + ["rich"] * 4)
    y = pd.Series(np.where(labels == "poor", 1 + 2 * x, 3 + 4 * x))
    settings = {"group": "poor", "reference": "rich", "replications": 0}
    groups, table = labelled(labels), pd.DataFrame({"x": x})
    found = sj.inequality.gap_decomposition(y, groups, table, coefficients="each", **settings)
    expected = {
        ("x", "composition"): -8,
        ("all", "composition"): -8,
        ("x", "coefficients"): -7,
        ("constant", "coefficients"): -2,
        ("all", "coefficients"): -9,
        ("x", "interaction"): 4,
        ("all", "interaction"): 4,
        ("gap", "gap"): -13,
    }
    assert {key: part(found, *key) for key in expected} == pytest.approx(expected)
    assert len(found) == len(expected)
    # Twofold, at the poor's worth: -2 · 2 = -4, and -9 left; at the rich's: -8 and -5.
    at_poor = sj.inequality.gap_decomposition(y, groups, table, coefficients="group", **settings)
    assert [part(at_poor, "all", name) for name in ("composition", "coefficients")] == pytest.approx([-4, -9])
    at_rich = sj.inequality.gap_decomposition(y, groups, table, coefficients="reference", **settings)
    assert [part(at_rich, "all", name) for name in ("composition", "coefficients")] == pytest.approx([-8, -5])
    # Pooled with a constant for each: both spread alike, so the slope is halfway, 3: -6 and -7.
    pooled = sj.inequality.gap_decomposition(y, groups, table, coefficients="pooled", **settings)
    assert [part(pooled, "all", name) for name in ("composition", "coefficients")] == pytest.approx([-6, -7])
    assert pooled.attrs["means"] == pytest.approx({"poor": 4, "rich": 17})


def test_it_is_what_plain_least_squares_gives(made):
    """numpy's lstsq with a constant (and, pooled, an indicator of the group), as Jann (2008) writes it."""
    values, labels, table = made
    numbers = table[["income", "cars"]]
    found = sj.inequality.gap_decomposition(
        values, labelled(labels), numbers, group="poor", reference="rich", replications=0
    )
    poor = (labels == "poor").to_numpy()
    design = np.column_stack([np.ones(60), numbers])
    pooled = np.linalg.lstsq(np.column_stack([design, poor]), values, rcond=None)[0][:3]
    apart = design[poor].mean(axis=0) - design[~poor].mean(axis=0)
    for place, name in enumerate(numbers.columns, start=1):
        assert part(found, name, "composition") == pytest.approx(apart[place] * pooled[place])
    one, two = (np.linalg.lstsq(design[who], values[who], rcond=None)[0] for who in (poor, ~poor))
    unexplained = design[poor].mean(axis=0) @ (one - pooled) + design[~poor].mean(axis=0) @ (pooled - two)
    assert part(found, "all", "coefficients") == pytest.approx(unexplained)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(WAYS))
def test_the_parts_add_up_to_the_gap(seed, way):
    draw = np.random.default_rng(seed)
    people = pd.DataFrame(draw.integers(1, 500, (25, 2)), columns=["old", "young"]).astype(float)
    table = pd.DataFrame(draw.gamma(1, 100, (25, 3)), columns=list("abc")).assign(kind=draw.choice(["x", "y"], 25))
    values = pd.Series(draw.gamma(1, 1000, 25))
    found = sj.inequality.gap_decomposition(
        values, sj.inequality.groups_from_counts(people), table, group="old", reference="young", coefficients=way,
        replications=0,
    )  # fmt: skip
    of_all = found[found["variable"] == "all"]["value"].sum()
    of_each = found[~found["variable"].isin(["all", "gap"])]["value"].sum()
    gap = found["value"].iloc[-1]
    means = [np.average(values, weights=people[name]) for name in people]
    scale = np.abs(found["value"]).max()
    assert gap == pytest.approx(means[0] - means[1], abs=1e-12 * abs(means[0]))
    assert abs(of_all - gap) <= 1e-12 * scale
    assert abs(of_each - gap) <= 1e-12 * scale


@pytest.mark.parametrize("way", WAYS)
def test_names_of_entries_and_order_of_rows_change_nothing(made, way):
    """Renaming tenures makes another one the first; without normalisation the constant would swallow it."""
    values, labels, table = made
    asked = {"group": "poor", "reference": "rich", "coefficients": way, "rng": 1, "replications": 99}
    plain = sj.inequality.gap_decomposition(values, labelled(labels), table, **asked)
    renamed = table.assign(tenure=table["tenure"].map({"owner": "z", "tenant": "y", "other": "x"}))
    other = sj.inequality.gap_decomposition(values, labelled(labels), renamed, **asked)
    assert other["value"].to_numpy() == pytest.approx(plain["value"].to_numpy(), abs=1e-10)
    mixed = table.sample(frac=1, random_state=2)
    again = sj.inequality.gap_decomposition(values.sample(frac=1, random_state=5), labelled(labels), mixed, **asked)
    assert again["value"].to_numpy() == pytest.approx(plain["value"].to_numpy(), abs=1e-10)
    assert again["low"].to_numpy() == pytest.approx(plain["low"].to_numpy(), abs=1e-8)


def test_turning_the_groups_round_mirrors_the_gap(made):
    values, labels, table = made
    one = sj.inequality.gap_decomposition(
        values, labelled(labels), table, group="poor", reference="rich", replications=0
    )
    other = sj.inequality.gap_decomposition(
        values, labelled(labels), table, group="rich", reference="poor", replications=0
    )
    assert one["value"].to_numpy() == pytest.approx(-other["value"].to_numpy(), abs=1e-10)


def test_intervals_follow_from_the_seed_and_hold_the_value(made):
    values, labels, table = made
    asked = {"group": "poor", "reference": "rich", "rng": 3, "replications": 199}
    one, two = (sj.inequality.gap_decomposition(values, labelled(labels), table, **asked) for _ in range(2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert (one["low"] <= one["value"]).all()
    assert (one["value"] <= one["high"]).all()
    assert one.attrs["seed"] == 3


def test_rows_without_a_variable_are_counted(made):
    values, labels, table = made
    holes = table.copy()
    holes.loc["r0", "cars"] = np.nan
    found = sj.inequality.gap_decomposition(
        values, labelled(labels), holes, group="poor", reference="rich", replications=0
    )
    told = {item["code"]: item for item in found.attrs["findings"]}
    assert told["people_without_variables"]["people"] == 10
    assert found.attrs["people"] + found.attrs["left_out"] == 600


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.assign(cars=1.0), "“cars”.*same for everybody in 'poor'"),
        (lambda table: table.assign(twice=table["income"] * 2 + 1), "follows from the others"),
        (lambda table: table.replace({"cars": {table["cars"].iloc[5]: np.inf}}), "infinite"),
        (lambda table: table.rename(columns={"cars": "all"}), "called 'all'"),
        (lambda table: table.iloc[1:], "ids are not in both"),
        (lambda table: table.assign(cars=np.nan), "no zone with people has all"),
        (lambda table: table["cars"], "no table"),
        (lambda table: table[[]], "no table"),
    ],
)
def test_bad_variables_are_refused(made, change, message):
    values, labels, table = made
    with pytest.raises(InputError, match=message):
        sj.inequality.gap_decomposition(
            values, labelled(labels), change(table), group="poor", reference="rich", replications=0
        )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"group": "nobody", "reference": "rich"}, "Choose one of"),
        ({"group": "rich", "reference": "rich"}, "like the group"),
        ({"group": "poor", "reference": "rich", "coefficients": "mine"}, "Choose one of: pooled"),
    ],
)
def test_bad_questions_are_refused(made, asked, message):
    values, labels, table = made
    with pytest.raises(InputError, match=message):
        sj.inequality.gap_decomposition(values, labelled(labels), table, replications=0, **asked)


def test_groups_of_few_people_are_not_told(made):
    values, labels, table = made
    few = sj.inequality.groups_from_counts(pd.DataFrame({"poor": 0.1, "rich": 50.0}, index=labels.index))
    with pytest.raises(InputError, match="too few people are in 'poor'"):
        sj.inequality.gap_decomposition(values, few, table, group="poor", reference="rich", replications=0)


def test_spending_of_owners_and_renters_is_what_statsmodels_documents():
    """statsmodels, documentation of OaxacaBlinder: Greene's 72 holders of a credit card, owners against renters.

    Twofold 130.80954 explained and 27.94091 not; threefold 321.74824, 75.45371 and -238.45151; the gap 158.75044. The
    data travel inside statsmodels.
    """
    from statsmodels import datasets

    data = datasets.ccard.load_pandas().data
    labels = data["OWNRENT"].map({1: "owner", 0: "renter"})
    expected = {
        "pooled": {"composition": 130.80954, "coefficients": 27.94091, "gap": 158.75044},
        "each": {"composition": 321.74824, "coefficients": 75.45371, "interaction": -238.45151, "gap": 158.75044},
    }
    for way, numbers in expected.items():
        found = sj.inequality.gap_decomposition(
            data["AVGEXP"], labelled(labels), data[["AGE", "INCOME", "INCOMESQ"]], group="owner", reference="renter",
            coefficients=way, replications=0,
        )  # fmt: skip
        of_all = found[found["variable"].isin(["all", "gap"])].set_index("part")["value"].round(5)
        assert of_all.to_dict() == numbers


def test_no_gap_has_no_shares(made):
    _, labels, table = made
    same = pd.Series(3.0, index=labels.index)
    found = sj.inequality.gap_decomposition(
        same, labelled(labels), table, group="poor", reference="rich", replications=0
    )
    assert found["value"].to_numpy() == pytest.approx(0, abs=1e-12)
    assert found["share_of_gap"].isna().all()
