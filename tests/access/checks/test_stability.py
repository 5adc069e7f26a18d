"""Who is worst served under all settings: hand cases and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice.access.checks.stability import CLASSES, worst_served_stability
from spatialjustice.access.comparison.profile import profile
from spatialjustice.access.cumulative import cumulative_cutoff

QUICK = settings(max_examples=40, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
HIGHER, LOWER = "higher is better", "lower is better"


def table_of(*columns, ids="abcd"):
    return pd.DataFrame({f"setting {place}": column for place, column in enumerate(columns)}, index=list(ids))


def test_by_hand():
    """A fifth of 100 people. First setting: d (10) worst, then c (10): both; b begins at 20, which is not below 20.

    Second: c and d tie, 20 people: both. Third: b is worst with 30 people and crosses the line alone.
    """
    table = table_of([9, 5, 2, 1], [9, 5, 1, 1], [9, 0, 2, 3])
    people = pd.Series({"d": 10, "a": 50, "c": 10, "b": 30})
    found = worst_served_stability(table, people=people, share=0.2, direction=HIGHER)
    assert found.index.tolist() == list("abcd")
    assert found["people"].tolist() == [50, 30, 10, 10]
    assert found["share_of_settings"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3])
    assert found["class"].tolist() == ["never", "sometimes", "sometimes", "sometimes"]
    assert found.attrs["people"] == {"always": 0, "sometimes": 50, "never": 50}
    assert found.attrs["people_worst"] == [20, 20, 30]


def test_ties_stay_together():
    """Six in ten reach nothing: all of them are worst served, not a tenth picked among them."""
    table = table_of([0, 0, 4, 5])
    people = pd.Series([30, 30, 20, 20], index=list("abcd"))
    found = worst_served_stability(table, people=people, direction=HIGHER)
    assert found["class"].tolist() == ["always", "always", "never", "never"]
    assert found.attrs["people_worst"] == [60]
    alike = worst_served_stability(table * 0, people=people, direction=HIGHER)
    assert alike["class"].tolist() == ["always"] * 4


def test_nothing_reached_is_worst():
    people = pd.Series([40, 30, 20, 10], index=list("abcd"))
    costs = table_of([5.0, 9.0, 7.0, np.nan], [5.0, 9.0, np.inf, np.nan])
    costs.attrs["direction"] = LOWER
    found = worst_served_stability(costs, people=people)
    assert found["class"].tolist() == ["never", "never", "sometimes", "always"]
    # NaN and 0 are the same nothing; where all is better below 0, NaN is as bad as the worst.
    reached = table_of([5.0, 9.0, 0.0, np.nan])
    assert worst_served_stability(reached, people=people, direction=HIGHER)["class"].tolist()[2:] == ["always"] * 2
    logs = table_of([-1.0, -2.0, -3.0, np.nan])
    assert worst_served_stability(logs, people=people, direction=HIGHER)["class"].tolist()[2:] == ["always"] * 2
    nothing = table_of([np.nan] * 4)
    assert worst_served_stability(nothing, people=people, direction=LOWER)["class"].tolist() == ["always"] * 4


def test_cutoffs_of_a_measure():
    """Within 10 minutes b and c reach nothing, within 20 only c: with 10 of 20 people c is always worst served."""
    pairs = pd.DataFrame({"from_id": ["a", "b", "c"], "to_id": [1, 1, 1], "travel_cost": [5.0, 15.0, 25.0]})
    table = profile(cumulative_cutoff, pairs, over={"cutoff": [10, 20]})
    found = worst_served_stability(table, people=pd.Series({"a": 5, "b": 5, "c": 10}), share=0.5)
    assert found["class"].to_dict() == {"a": "never", "b": "sometimes", "c": "always"}
    assert found.attrs["settings"] == ["10", "20"]


def test_what_cannot_be_asked_is_refused():
    table, people = table_of([1, 2, 3, 4]), pd.Series([1, 2, 3, 4], index=list("abcd"))
    with pytest.raises(InputError, match="direction"):
        worst_served_stability(table, people=people)
    for wrong in (0, 1.1, np.nan, True):
        with pytest.raises(InputError, match="share"):
            worst_served_stability(table, people=people, direction=HIGHER, share=wrong)
    with pytest.raises(InputError, match="no column"):
        worst_served_stability(table[[]], people=people, direction=HIGHER)
    with pytest.raises(InputError, match="not numbers"):
        worst_served_stability(table.assign(note="x"), people=people, direction=HIGHER)
    with pytest.raises(InputError, match="infinite"):
        worst_served_stability(table / 0, people=people, direction=HIGHER)
    with pytest.raises(InputError, match="more than once"):
        worst_served_stability(pd.concat([table, table]), people=people, direction=HIGHER)
    with pytest.raises(PopulationError, match="not in both"):
        worst_served_stability(table, people=people.iloc[:3], direction=HIGHER)
    with pytest.raises(PopulationError, match="negative"):
        worst_served_stability(table, people=-people, direction=HIGHER)
    with pytest.raises(PopulationError, match="none"):
        worst_served_stability(table, people=people * 0, direction=HIGHER)
    with pytest.raises(InputError, match="people"):
        worst_served_stability(table, people=[1, 2, 3, 4], direction=HIGHER)


@QUICK
@given(seed=SEEDS, settings_count=st.integers(1, 5), share=st.sampled_from([0.05, 0.1, 0.5, 1.0]))
def test_everybody_has_a_class_and_one_setting_has_no_sometimes(seed, settings_count, share):
    rng = np.random.default_rng(seed)
    homes = int(rng.integers(1, 30))
    values = rng.integers(0, 6, (homes, settings_count)).astype(float)
    values[rng.random(values.shape) < 0.1] = np.nan
    table = pd.DataFrame(values)
    people = pd.Series(rng.choice([0.0, 1.5, 20.0], homes))
    people[0] += 1
    found = worst_served_stability(table, people=people, share=share, direction=HIGHER)
    assert sum(found.attrs["people"].values()) == pytest.approx(people.sum())
    assert set(found["class"]) <= set(CLASSES)
    one = worst_served_stability(table[[0]], people=people, share=share, direction=HIGHER)
    assert one.attrs["people"]["sometimes"] == 0
    fixed = worst_served_stability(
        pd.DataFrame(dict.fromkeys("abc", table[0])), people=people, share=share, direction=HIGHER
    )
    assert fixed["class"].tolist() == one["class"].tolist()
    # At least the share is worst served, and without the best-served group among them it would be less.
    worst = one["class"] == "always"
    assert people[worst].sum() >= share * people.sum() * (1 - 1e-9)
    served = table[0].fillna(0)
    assert people[worst & (served < served[worst].max())].sum() < share * people.sum()
    assert served[worst].max() < served[~worst].min() or not (~worst).any()
    # Costs turned round are the same question; so is another order of origins and settings.
    upside = worst_served_stability(-table, people=people, share=share, direction=LOWER)
    if not table.isna().any(axis=None):
        assert upside["class"].tolist() == found["class"].tolist()
    mixed = table.iloc[rng.permutation(homes), rng.permutation(settings_count)]
    assert worst_served_stability(mixed, people=people, share=share, direction=HIGHER)["class"][
        table.index
    ].tolist() == (found["class"].tolist())
