"""Standardised gaps against a published paradox, sums by hand and properties they must have."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.groups.gaps import group_gap, groups_from_counts
from spatialjustice.inequality.groups.standardised import standardised_gap

# Applicants to the six largest departments of Berkeley, 1973: admitted and rejected men, admitted and rejected women
# (Bickel, Hammel & O'Connell 1975, Science 187; in R as datasets::UCBAdmissions).
BERKELEY = {
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}


def berkeley():
    counts, admitted, department = [], [], []
    for name, (men_in, men_out, women_in, women_out) in BERKELEY.items():
        counts += [[men_in, women_in], [men_out, women_out]]
        admitted += [1.0, 0.0]
        department += [name, name]
    index = pd.Index([f"row {number}" for number in range(12)])
    return (
        pd.Series(admitted, index=index),
        groups_from_counts(pd.DataFrame(counts, columns=["men", "women"], index=index)),
        pd.Series(department, index=index),
    )


def finding(result, code):
    return next(item for item in result.attrs["findings"] if item["code"] == code)


class TestPublished:
    def test_berkeley(self):
        """Men 44.5 % and women 30.4 %; weighted by all applicants, men 39 % and women 43 %.

        Freedman, Pisani & Purves, Statistics, chapter 2, section 4 (weighted average admission rates).
        """
        admitted, groups, department = berkeley()
        found = standardised_gap(admitted, groups, strata=department, reference="men", replications=0)
        assert found.loc["men", "mean"] == pytest.approx(1198 / 2691)
        assert found.loc["women", "mean"] == pytest.approx(557 / 1835)
        assert found[["reference_mean", "standardised_mean"]].round(2).loc["women"].tolist() == [0.39, 0.43]
        assert found.loc["women", "difference"] == pytest.approx(-0.1416, abs=1e-4)
        assert found.loc["women", "standardised_difference"] == pytest.approx(0.04, abs=0.01)
        assert found.loc["women", ["share_compared", "share_of_reference_compared"]].tolist() == [1, 1]
        assert found.attrs["strata"] == 6


class TestByHand:
    """Four zones: near, near, far, far; 4, 6, 1, 3 jobs."""

    values = pd.Series({"a": 4.0, "b": 6.0, "c": 1.0, "d": 3.0})
    groups = groups_from_counts(
        pd.DataFrame({"rich": [30, 30, 10, 10], "poor": [10, 0, 30, 10]}, index=list("abcd"), dtype=float)
    )
    strata = pd.Series({"d": "far", "c": "far", "b": "near", "a": "near"})

    def test_two_strata(self):
        """Rich: near (30*4 + 30*6) / 60 = 5, far 2; poor: near 4, far (30 + 30) / 40 = 1.5; near 70, far 60 people.

        Rich (70*5 + 60*2) / 130 = 470/130, poor (70*4 + 60*1.5) / 130 = 370/130; difference -100/130.
        As they are: rich (300 + 40) / 80 = 4.25, poor (40 + 30 + 30) / 50 = 2; difference -2.25.
        """
        found = standardised_gap(self.values, self.groups, strata=self.strata, reference="rich", replications=0)
        assert found.loc["poor", "difference"] == pytest.approx(-2.25)
        assert found.loc["poor", "standardised_mean"] == pytest.approx(370 / 130)
        assert found.loc["poor", "reference_mean"] == pytest.approx(470 / 130)
        assert found.loc["poor", "standardised_difference"] == pytest.approx(-100 / 130)
        assert found.loc["rich", "standardised_difference"] == 0
        # Everybody is already spread like everybody: (4 * 40 + 6 * 30 + 1 * 40 + 3 * 20) / 130.
        assert found.loc["all people", ["mean", "standardised_mean"]].tolist() == pytest.approx([440 / 130] * 2)
        crude = group_gap(self.values, self.groups, reference="rich", replications=0)
        assert found["difference"].to_numpy() == pytest.approx(crude["difference"].to_numpy())

    def test_strata_with_one_group_only_are_reported_and_not_compared(self):
        """b is a stratum without poor: compared are a (rich 4, poor 4) and far (2, 1.5), with 40 and 60 people.

        Poor (160 + 90) / 100 = 2.5, rich (160 + 120) / 100 = 2.8; 50 of 80 rich are compared.
        """
        strata = pd.Series({"a": "near", "b": "middle", "c": "far", "d": "far"})
        found = standardised_gap(self.values, self.groups, strata=strata, reference="rich", replications=0)
        assert found.loc["poor", ["standardised_mean", "reference_mean"]].tolist() == pytest.approx([2.5, 2.8])
        assert found.loc["poor", "share_of_reference_compared"] == pytest.approx(50 / 80)
        assert found.loc["poor", ["share_compared", "strata_compared"]].tolist() == [1.0, 2.0]
        told = finding(found, "strata_without_overlap")
        assert told["count"] == 1
        assert told["people"] == 30
        assert "middle" in told["message"]

    def test_no_overlap_at_all_is_no_number(self):
        groups = groups_from_counts(pd.DataFrame({"rich": [30, 30, 0, 0], "poor": [0, 0, 30, 10]}, index=list("abcd")))
        found = standardised_gap(self.values, groups, strata=self.strata, reference="rich", rng=1, replications=99)
        assert np.isnan(found.loc["poor", "standardised_difference"])
        assert found.loc["poor", ["share_compared", "strata_compared"]].tolist() == [0, 0]
        assert found.loc["poor", "difference"] == pytest.approx(1.5 - 5)

    def test_zones_without_stratum_or_value_are_left_out_and_counted(self):
        strata = self.strata.where(self.strata.index != "d")
        values = self.values.where(self.values.index != "b")
        extra = groups_from_counts(
            pd.DataFrame({"rich": [30, 30, 10, 10], "poor": [10, 20, 30, 10]}, index=list("abcd"), dtype=float)
        )
        found = standardised_gap(values, extra, strata=strata, reference="rich", replications=0)
        assert found["people_left_out"].tolist() == [40, 30, 70]
        assert found["people"].tolist() == [40, 40, 80]
        assert finding(found, "people_without_stratum")["people"] == 20
        assert finding(found, "people_without_value")["people"] == 50

    def test_numbers_are_cut_into_classes_of_equal_people(self):
        """Middles of 40, 30, 40, 20 people in order of distance: 20, 55, 90, 120 of 130: two classes, a b and c d."""
        distance = pd.Series({"a": 1.0, "b": 2.5, "c": 4.0, "d": 9.0})
        one = standardised_gap(self.values, self.groups, strata=distance, classes=2, reference="rich", replications=0)
        two = standardised_gap(self.values, self.groups, strata=self.strata, reference="rich", replications=0)
        pd.testing.assert_frame_equal(one, two, check_exact=False, rtol=1e-12)


class TestProperties:
    @settings(max_examples=20, deadline=None)
    @given(data=st.data())
    def test_a_gap_that_is_all_composition_disappears(self, data):
        """Where everybody in a stratum has the same, nothing is left of the gap."""
        count = 12
        strata = np.arange(count) % 3
        level = np.array(data.draw(st.lists(st.integers(0, 50), min_size=3, max_size=3)), dtype=float)
        people = data.draw(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=count, max_size=count))
        groups = groups_from_counts(pd.DataFrame(people, columns=["one", "two"]))
        found = standardised_gap(
            level[strata], groups, strata=strata, reference="one", suppress_below=0, replications=0
        )
        assert found.loc["two", "standardised_difference"] == pytest.approx(0, abs=1e-12)

    def test_order_names_and_doubling_change_nothing(self):
        generator = np.random.default_rng(2)
        index = pd.Index([f"z{number}" for number in range(40)])
        values = pd.Series(generator.lognormal(2, 1, 40), index=index)
        counts = pd.DataFrame(generator.integers(1, 50, (40, 2)), columns=["one", "two"], index=index)
        strata = pd.Series(np.repeat(list("wxyz"), 10), index=index)
        asked = {"reference": "one", "rng": 3, "replications": 99}
        first = standardised_gap(values, groups_from_counts(counts), strata=strata, **asked)
        mixed = standardised_gap(
            values[::-1], groups_from_counts(counts.sample(frac=1, random_state=1)), strata=strata[::-1], **asked
        )
        pd.testing.assert_frame_equal(first, mixed, check_exact=True)
        named = standardised_gap(
            values, groups_from_counts(counts), strata=strata.map(dict(zip("wxyz", "dcba", strict=True))), **asked
        )
        numbers = first.columns[:-1]
        np.testing.assert_allclose(first[numbers].to_numpy(float), named[numbers].to_numpy(float), rtol=1e-12)
        twice = standardised_gap(values, groups_from_counts(counts * 2), strata=strata, **asked)
        compared = ["standardised_difference", "low", "high"]
        np.testing.assert_allclose(first[compared].to_numpy(), twice[compared].to_numpy(), rtol=1e-12)
        assert first.loc["two", "low"] < first.loc["two", "standardised_difference"] < first.loc["two", "high"]
        assert first.attrs["seed"] == 3

    def test_interval_holds_the_truth_as_often_as_it_says(self):
        """Synthetic: in each of two strata the poor have 1 less; of 80 samples 76 ± 2 should hold -1, few hold 0."""
        generator = np.random.default_rng(5)
        held = nothing = 0
        for number in range(80):
            strata = np.repeat([0, 1], 50)
            poor = generator.random(100) < np.where(strata == 0, 0.3, 0.7)
            values = 5 + 3 * strata - poor + generator.normal(0, 0.8, 100)
            groups = groups_from_counts(pd.DataFrame({"rich": ~poor * 10.0, "poor": poor * 10.0}))
            found = standardised_gap(values, groups, strata=strata, reference="rich", rng=number, replications=99)
            low, high = found.loc["poor", ["low", "high"]]
            held += low <= -1 <= high
            nothing += low <= 0 <= high
        assert 68 <= held <= 80
        assert nothing <= 4


class TestRefuses:
    def test_strata(self):
        values, groups = TestByHand.values, TestByHand.groups
        with pytest.raises(InputError, match="strata: there are 1 with people"):
            standardised_gap(values, groups, strata=["x"] * 4, reference="rich")
        with pytest.raises(InputError, match="every zone is a stratum of its own"):
            standardised_gap(values, groups, strata=[0.1, 0.2, 0.3, 0.4], reference="rich")
        with pytest.raises(InputError, match="strata: there are 5 rows"):
            standardised_gap(values, groups, strata=list("xxyyy"), reference="rich")
        with pytest.raises(InputError, match="strata.*not in both"):
            standardised_gap(values, groups, strata=TestByHand.strata.set_axis(list("abcx")), reference="rich")
        with pytest.raises(InputError, match="strata.*not numbers"):
            standardised_gap(values, groups, strata=TestByHand.strata, classes=2, reference="rich")
        with pytest.raises(InputError, match="reference: it is 'old'"):
            standardised_gap(values, groups, strata=TestByHand.strata, reference="old")
        with pytest.raises(InputError, match="reference: it is None"):
            standardised_gap(values, groups, strata=TestByHand.strata, reference=None)
