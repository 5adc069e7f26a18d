"""Between and within: hand sums, parts that add up, and people whose group is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.distribution.decomposition import decompose
from spatialjustice.inequality.distribution.entropy import generalized_entropy, theil_l, theil_t
from spatialjustice.inequality.distribution.gini_and_lorenz import gini
from spatialjustice.inequality.distribution.sufficiency import fgt

ROWS = st.lists(
    st.tuples(st.floats(0.1, 100), st.sampled_from(["a", "b", "c", None]), st.integers(1, 5)), min_size=3, max_size=14
).filter(lambda rows: any(group for _, group, _ in rows))


def test_by_hand():
    # a: 1 and 3, mean 2; b: 4 and 8, mean 6; mean of all 4.
    found = decompose([1, 3, 4, 8], ["a", "a", "b", "b"])
    inside = {"a": theil_t([1, 3]), "b": theil_t([4, 8])}
    between = 0.5 * 0.5 * np.log(0.5) + 0.5 * 1.5 * np.log(1.5)
    assert found.attrs["parts"]["within"] == pytest.approx(0.25 * inside["a"] + 0.75 * inside["b"])
    assert found.attrs["parts"]["between"] == pytest.approx(between)
    assert found.attrs["parts"]["total"] == pytest.approx(theil_t([1, 3, 4, 8]))
    assert found["mean"].tolist() == [2, 6]
    assert found["people_share"].tolist() == [0.5, 0.5]
    assert found["share"].sum() == pytest.approx(1)


def test_groups_that_do_not_overlap_leave_the_gini_index_no_rest():
    apart = decompose([1, 3, 4, 8], ["a", "a", "b", "b"], measure="gini").attrs["parts"]
    assert apart["overlap"] == pytest.approx(0, abs=1e-12)
    # Means 2 and 6 of 4: Gini of the means 0.25; within 0.25 * (0.5 * 0.25 + 1.5 * 1 / 6).
    assert apart["between"] == pytest.approx(0.25)
    assert apart["within"] == pytest.approx(0.25 * (0.5 * 0.25 + 1.5 / 6))
    mixed = decompose([1, 4, 3, 8], ["a", "a", "b", "b"], measure="gini").attrs["parts"]
    assert mixed["overlap"] > 0.01


@settings(max_examples=40, deadline=None)
@given(ROWS, st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0]))
def test_the_parts_add_up(rows, alpha):
    values, groups, people = ([row[place] for row in rows] for place in range(3))
    found = decompose(values, groups, measure="generalized_entropy", alpha=alpha, weights=people)
    parts = found.attrs["parts"]
    total = generalized_entropy(values, alpha=alpha, weights=people)
    assert parts["total"] == total
    assert parts["between"] + parts["within"] == pytest.approx(total, abs=1e-12 * max(1, total))
    assert parts["between"] >= -1e-12
    assert found["people"].sum() == sum(people)
    for measure, peer in (("theil_t", theil_t), ("theil_l", theil_l), ("gini", gini)):
        parts = decompose(values, groups, measure=measure, weights=people).attrs["parts"]
        summed = parts["between"] + parts["within"] + parts.get("overlap", 0.0)
        assert summed == pytest.approx(peer(values, weights=people), abs=1e-12)
        assert parts.get("overlap", 0.0) >= -1e-12
    poor = decompose(values, groups, measure="fgt", line=20.0, alpha=1, weights=people)
    assert poor["within"].sum() == pytest.approx(fgt(values, line=20.0, alpha=1, weights=people), abs=1e-12)


def test_people_without_a_group_are_one_of_their_own_and_counted():
    values = pd.Series([1.0, 3.0, 4.0], index=["x", "y", "z"])
    groups = pd.Series(["a", None, "b"], index=["z", "y", "x"])
    found = decompose(values, groups, weights=pd.Series(2.0, index=values.index))
    assert found.index.tolist() == ["a", "b", "unknown"]
    assert found.loc["a", "mean"] == 4
    assert found.attrs["findings"][-1]["code"] == "group_unknown"
    assert found.attrs["findings"][-1]["people"] == 2


def test_a_group_that_has_nothing_and_one_that_nobody_is_in():
    found = decompose([0, 0, 2, 4], ["a", "a", "b", "c"], weights=[1, 1, 1, 0])
    assert found.index.tolist() == ["a", "b"]
    assert found.loc["a", ["inequality", "within", "between"]].tolist() == [0, 0, 0]
    assert found.attrs["parts"]["total"] == pytest.approx(np.log(3))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"groups": [None, None]}, "groups"),
        ({"groups": ["a"]}, "groups"),
        ({"groups": ["unknown", "a"]}, "groups"),
        ({"measure": "hoover"}, "measure"),
        ({"measure": "fgt"}, "settings"),
        ({"line": 3}, "settings"),
        ({"measure": "theil_l", "values": [0, 1]}, "values"),
        ({"weights": [0, 1], "groups": ["a", None]}, "groups"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change, name):
    asked = {"values": [1.0, 2.0], "groups": ["a", "b"], **change}
    with pytest.raises(InputError) as caught:
        decompose(asked.pop("values"), asked.pop("groups"), **asked)
    assert caught.value.name == name
