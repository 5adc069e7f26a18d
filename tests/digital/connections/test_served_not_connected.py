"""Served but not connected: by hand, within its bounds, and on two years of United States counties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.digital import people_by_class, served_not_connected, supply_adoption_classes
from spatialjustice.sources.tables._text_tables import numbers_in, read_text_table

PARTS = ["connected", "not_connected", "not_served", "unknown"]
SHARES = st.one_of(st.just(float("nan")), st.floats(0, 1))


def test_by_hand():
    """90 % served and 30 % connected; 20 % served and 50 % connected, which cannot both be; and a missing one."""
    found = served_not_connected(pd.Series([0.9, 0.2, np.nan]), pd.Series([0.3, 0.5, 0.5]), people=[100, 10, 7])
    np.testing.assert_allclose(found[PARTS], [[30, 60, 10, 0], [5, 0, 5, 0], [0, 0, 0, 7]])
    np.testing.assert_allclose(found["not_connected_at_most"], [70, 2, 0])
    np.testing.assert_allclose(found["gap"], [0.6, -0.3, np.nan])
    assert found["more_used_than_offered"].tolist() == [False, True, False]
    assert found.attrs["together"]["not_connected"] == pytest.approx(60)
    assert [item["code"] for item in found.attrs["findings"]] == ["more_used_than_offered", "connection_unknown"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(SHARES, SHARES, st.integers(1, 99)), min_size=1, max_size=8))
def test_people_are_conserved_and_bounds_in_order(rows):
    offered, used, people = (pd.Series(column, dtype=float) for column in zip(*rows, strict=True))
    found = served_not_connected(offered, used, people=people)
    np.testing.assert_allclose(found[PARTS].sum(axis=1), people)
    assert (found["not_connected"] <= found["not_connected_at_most"] + 1e-9).all()
    assert (found[PARTS] >= 0).all().all()


class TestClasses:
    def test_by_hand(self):
        """Thirds of 1..9 end at 3 and 6, each of which belongs below."""
        supply, use = pd.Series(range(1, 10), dtype=float), pd.Series(range(9, 0, -1), dtype=float)
        found = supply_adoption_classes(supply, use)
        assert found.attrs["breaks"] == {"supply": [3, 6], "adoption": [3, 6]}
        expected = ["supply low, adoption high"] * 3 + ["supply middle, adoption middle"] * 3
        assert found.tolist() == [*expected, *["supply high, adoption low"] * 3]
        assert len(found.cat.categories) == 10

    def test_by_people_and_missing(self):
        """Half of 10 people live in the first zone: the middle lies at its value."""
        supply = pd.Series([1.0, 2, 3, np.nan], index=list("abcd"))
        people = pd.Series({"a": 5, "b": 3, "c": 2, "d": 9})
        found = supply_adoption_classes(supply, supply, k=2, people=people)
        assert found.attrs["breaks"]["supply"] == [1]
        assert found.iloc[0] == "supply low, adoption low"
        assert found.iloc[3] == "unknown"
        assert people_by_class(found, people)["people"].sum() == 19

    @pytest.mark.parametrize("options", [{"k": 4}, {"k": 1}, {"breaks": ([1], [2])}, {"breaks": ([2, 1], [1, 2])}])
    def test_faults(self, options):
        with pytest.raises(InputError):
            supply_adoption_classes(pd.Series([1.0, 2, 3]), pd.Series([1.0, 2, 3]), **options)
        with pytest.raises(InputError, match="each above the last"):
            supply_adoption_classes(pd.Series([1.0, 1, 1]), pd.Series([1.0, 2, 3]))


def test_united_states_counties(shared_data):
    """Availability exceeds use by far in both years; use grew, and the gap fell."""
    years = {}
    for file in ("broadband_data_2019November.csv", "broadband_data_2020October.csv"):
        table = read_text_table(shared_data(f"us_counties/{file}"), name="counties")
        table = table.set_index(table["COUNTY ID"].str.zfill(5))
        offered, used = (numbers_in(table[column], column) for column in table.columns[3:])
        found = served_not_connected(offered, used, people=pd.Series(1.0, index=table.index))
        assert found[PARTS].sum().sum() == pytest.approx(len(table))
        years[file[15:19]] = found
    before, after = years["2019"], years["2020"]
    assert before["gap"].median() == pytest.approx(0.50, abs=0.005)
    both = before.index.intersection(after.index)
    # The file of 2019 has codes that were no longer in use: two counties renamed in 2015, a city merged in 2013.
    assert set(before.index) - set(both) == {"02270", "46113", "51515"}
    assert set(after.index) - set(both) == {"02158", "46102"}
    change = (after.loc[both, "gap"] - before.loc[both, "gap"]).dropna()
    assert -0.06 < change.mean() < 0
    assert 0 < after["more_used_than_offered"].sum() < 100
