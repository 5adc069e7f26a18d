"""Several lacks at once: the four persons of Alkire and Foster by hand, sums over groups, bounds from shares."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice.inequality import (
    alkire_foster,
    alkire_foster_bounds,
    alkire_foster_dimensions,
    alkire_foster_groups,
    alkire_foster_robustness,
    groups_from_counts,
    groups_from_labels,
    lack_bounds,
    lack_counts,
    lack_gaps,
    lacks,
)

# The hypothetical achievements of Alkire and Foster (OPHI's worked example of the method): four persons, income,
# years of school, an index of nutrition and whether there is safe water; lines 13, 12, 3 and 1.
ACHIEVED = pd.DataFrame(
    {
        "income": [13.1, 15.2, 12.5, 20.0],
        "school": [14, 7, 10, 11],
        "nutrition": [4, 5, 1, 3],
        "water": [1, 0, 0, 1],
    },
    index=["p1", "p2", "p3", "p4"],
)
LINES = {"income": 13, "school": 12, "nutrition": 3, "water": 1}


class TestFourPersons:
    """Person 2 lacks school and water, 3 all four, 4 school: with two lacks, two of four are poor."""

    lacking = lacks(ACHIEVED, lines=LINES)
    gaps = lack_gaps(ACHIEVED, lines=LINES)

    def test_what_they_lack(self):
        expected = [[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0]]
        assert self.lacking.to_numpy().tolist() == expected
        counts = lack_counts(self.lacking, at_least=2)
        assert counts["lowest"].tolist() == [0, 2, 4, 1]
        assert counts["state"].tolist() == ["not poor", "poor", "poor", "not poor"]

    def test_measures(self):
        """H = 2/4; A = (2/4 + 4/4) / 2; M0 = 6/16; M1 and M2: gaps 5/12, 1 | 0.5/13, 2/12, 2/3, 1, of 16 cells."""
        found = alkire_foster(self.lacking, at_least=2, gaps=self.gaps, replications=0)["value"]
        gaps = np.array([5 / 12, 1, 0.5 / 13, 2 / 12, 2 / 3, 1])
        expected = {"H": 0.5, "A": 0.75, "M0": 0.375, "M1": gaps.sum() / 16, "M2": (gaps**2).sum() / 16}
        assert found.to_dict() == pytest.approx(expected)
        assert found["M1"] == pytest.approx(0.206, abs=0.0005)

    def test_contributions(self):
        """Of the six lacks of the poor income has 1, school 2, nutrition 1, water 2; nobody who is not poor counts."""
        found = alkire_foster_dimensions(self.lacking, at_least=2)
        assert found["lacking"].tolist() == [0.25, 0.75, 0.25, 0.5]
        assert found["lacking_and_poor"].tolist() == [0.25, 0.5, 0.25, 0.5]
        assert found["contribution"].tolist() == pytest.approx([1 / 6, 2 / 6, 1 / 6, 2 / 6])

    def test_weights(self):
        """Income counts 2, the others 2/3: person 2 has 4/3 and is not poor at 2; person 3 has 4. A = 1."""
        weights = {"income": 3, "school": 1, "nutrition": 1, "water": 1}
        found = alkire_foster(self.lacking, at_least=2, weights=weights, replications=0)["value"]
        assert found.to_dict() == pytest.approx({"H": 0.25, "A": 1.0, "M0": 0.25})

    def test_people_count_as_repeated_rows(self):
        people = pd.Series([3, 1, 2, 4], ACHIEVED.index)
        counted = alkire_foster(self.lacking, at_least=2, gaps=self.gaps, people=people, replications=0)
        times = np.repeat(np.arange(4), people)
        rows = self.lacking.iloc[times].reset_index(drop=True)
        gaps = self.gaps.iloc[times].reset_index(drop=True)
        repeated = alkire_foster(rows, at_least=2, gaps=gaps, replications=0)
        np.testing.assert_allclose(counted["value"], repeated["value"])

    def test_whoever_loses_one_more_thing_makes_m0_rise_and_not_h(self):
        worse = self.lacking.copy()
        worse.loc["p2", "nutrition"] = 1
        before, after = (alkire_foster(table, at_least=2, replications=0)["value"] for table in (self.lacking, worse))
        assert after["H"] == before["H"]
        assert after["M0"] == pytest.approx(before["M0"] + 1 / 16)

    def test_other_choices(self):
        """At 1, 2, 3, 4 lacks 3, 2, 1, 1 persons; whatever the weights, person 3 lacks all and person 1 nothing."""
        found = alkire_foster_robustness(self.lacking, rng=3, replications=300)
        assert found["H"].tolist() == [0.75, 0.5, 0.25, 0.25]
        assert found["M0"].tolist() == pytest.approx([7 / 16, 6 / 16, 4 / 16, 4 / 16])
        assert (found["H_lowest"] >= 0.25).all()
        assert (found["H_highest"] <= 0.75).all()
        assert ((found["H_lowest"] <= found["H"]) & (found["H"] <= found["H_highest"])).all()
        assert found.loc[4, "H_highest"] == 0.25
        again = alkire_foster_robustness(self.lacking, rng=3, replications=300)
        pd.testing.assert_frame_equal(found, again)


def test_burdens_and_what_is_not_known():
    table = pd.DataFrame({"metres": [300, 800, 801, np.inf, np.nan]})
    found = lacks(table, lines={"metres": 800}, direction="lower is better")["metres"]
    np.testing.assert_equal(found.to_numpy(), [0, 0, 1, 1, np.nan])
    gaps = lack_gaps(pd.DataFrame({"metres": [300, 1200]}), lines={"metres": 800}, direction="lower is better")
    assert gaps["metres"].tolist() == [0, 0.5]
    with pytest.raises(InputError, match="infinite"):
        lack_gaps(table, lines={"metres": 800}, direction="lower is better")


def test_the_unknown_are_left_out_of_the_measure_and_in_its_ends():
    """Of 100 people 40 are poor, 30 are not, 20 are poor if the one unknown thing is lacking, 10 are poor anyway.

    H is 40 of the 70 known whole. Of all: at least 50, at most 70. M0 of three things: at least (40 * 2 + 10 * 2) /
    300, at most (40 * 2 + 20 * 2 + 10 * 3) / 300.
    """
    table = pd.DataFrame([[1, 1, 0], [1, 0, 0], [1, np.nan, 0], [1, 1, np.nan]], columns=["far", "offline", "slow"])
    found = alkire_foster(table, at_least=2, people=[40, 30, 20, 10], replications=0)
    assert found.loc["H", ["value", "lowest", "highest"]].tolist() == pytest.approx([40 / 70, 0.5, 0.7])
    assert found.loc["M0", ["lowest", "highest"]].tolist() == pytest.approx([100 / 300, 150 / 300])
    assert (found.attrs["left_out"], found.attrs["people"]) == (30, 100)
    assert [finding.people for finding in findings_of(found) if finding.code == "lacks_unknown"] == [30]
    # Every way to fill in what is not known lies between the ends, and reaches them.
    seen = []
    for filled in product((0, 1), repeat=2):
        whole = table.copy()
        whole.loc[2, "offline"], whole.loc[3, "slow"] = filled
        seen.append(alkire_foster(whole, at_least=2, people=[40, 30, 20, 10], replications=0)["value"])
    for measure in ("H", "M0"):
        values = [one[measure] for one in seen]
        assert [min(values), max(values)] == pytest.approx(found.loc[measure, ["lowest", "highest"]].tolist())


def test_groups_add_up():
    rng = np.random.default_rng(7)
    table = pd.DataFrame((rng.random((60, 4)) < 0.4).astype(float), columns=list("abcd"))
    counts = pd.DataFrame({"old": rng.integers(0, 80, 60), "young": rng.integers(0, 80, 60)})
    found = alkire_foster_groups(table, groups_from_counts(counts), at_least=2, rng=1, replications=99)
    whole = alkire_foster(table, at_least=2, people=counts.sum(axis=1), replications=0)["value"]
    assert found.loc["all people", ["H", "A", "M0"]].tolist() == pytest.approx(whole.loc[["H", "A", "M0"]].tolist())
    assert found.loc[["old", "young"], "contribution"].sum() == pytest.approx(1)
    for group in counts:
        alone = alkire_foster(table, at_least=2, people=counts[group], replications=0)["value"]
        assert found.loc[group, ["H", "A", "M0"]].tolist() == pytest.approx(alone.loc[["H", "A", "M0"]].tolist())
    assert (found["M0_low"] <= found["M0"]).all()
    assert (found["M0"] <= found["M0_high"]).all()
    assert "ecological" in {finding.code for finding in findings_of(found)}
    labels = groups_from_labels(pd.Series(["x"] * 60), people=counts["old"])
    assert alkire_foster_groups(table, labels, at_least=2, replications=0).loc["x", "contribution"] == 1


def test_intervals_hold_the_truth():
    """Zones drawn of a city in which 30 % are poor: about 95 of 100 intervals hold it."""
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(100):
        table = pd.DataFrame((rng.random((80, 1)) < 0.3).astype(float), columns=["far"])
        found = alkire_foster(table, at_least=1, rng=int(rng.integers(1000)), replications=99).loc["H"]
        held += found["low"] <= 0.3 <= found["high"]
    assert 86 <= held <= 100


class TestBounds:
    def truth(self, shares, weights, at_least):
        """Least and most over all joint distributions with these shares, by one linear programme of its own."""
        cells = list(product((0, 1), repeat=len(shares)))
        poor = np.array([float(np.dot(cell, weights) >= at_least - 1e-9) for cell in cells])
        rows = [[float(cell[place]) for cell in cells] for place in range(len(shares))] + [[1.0] * len(cells)]
        sides = [*shares, 1.0]
        ends = [linprog(sign * poor, A_eq=rows, b_eq=sides, method="highs").fun for sign in (1, -1)]
        return ends[0], -ends[1]

    @pytest.mark.parametrize("at_least", [1, 2, 3, 4])
    def test_equal_weights(self, at_least):
        rng = np.random.default_rng(at_least)
        shares = pd.DataFrame(rng.random((20, 4)), columns=list("abcd"))
        shares.iloc[0], shares.iloc[1] = [0, 1, 0.5, 0.5], [1, 1, 0, 0]
        found = lack_bounds(shares, at_least=at_least, people=np.ones(20))
        for row in range(20):
            low, high = self.truth(shares.iloc[row], [1] * 4, at_least)
            assert found.loc[row, "poor: lowest"] == pytest.approx(low, abs=1e-9)
            assert found.loc[row, "poor: highest"] == pytest.approx(high, abs=1e-9)
        assert (
            found.loc[1, ["poor: lowest", "poor: independent", "poor: highest"]].tolist() == [float(at_least <= 2)] * 3
        )

    def test_unequal_weights(self):
        rng = np.random.default_rng(9)
        shares = pd.DataFrame(rng.random((25, 4)), columns=list("abcd"))
        weights = {"a": 2.0, "b": 1.0, "c": 0.6, "d": 0.4}
        found = lack_bounds(shares, at_least=1.5, weights=weights, people=np.ones(25))
        for row in range(25):
            low, high = self.truth(shares.iloc[row], list(weights.values()), 1.5)
            assert found.loc[row, "poor: lowest"] == pytest.approx(low, abs=1e-8)
            assert found.loc[row, "poor: highest"] == pytest.approx(high, abs=1e-8)

    def test_independent_is_the_poisson_binomial(self):
        """Two or three of 0.3, 0.2, 0.4: 0.3*0.2*0.6 + 0.3*0.8*0.4 + 0.7*0.2*0.4 + 0.3*0.2*0.4 = 0.212."""
        shares = pd.DataFrame({"far": [0.3], "offline": [0.2], "costly": [0.4]})
        assert lack_bounds(shares, at_least=2, people=[1])["poor: independent"].tolist() == pytest.approx([0.212])

    def test_whole_zones_are_exact_and_the_unknown_a_class(self):
        table = pd.DataFrame([[1, 1, 0], [1, 0, 0], [1, np.nan, 0]], columns=["far", "offline", "slow"])
        found = lack_bounds(table, at_least=2, people=[40, 30, 20])
        for value in ("lowest", "independent", "highest"):
            assert found[f"poor: {value}"].tolist() == [40, 0, 0]
        assert found["unknown"].tolist() == [0, 0, 20]
        assert [finding.code for finding in findings_of(found)] == ["lack_shares_unknown"]


def test_what_cannot_be_used_is_named():
    table = pd.DataFrame({"far": [1, 0], "offline": [0, 1]}, index=["a", "b"])
    with pytest.raises(InputError, match="at_least"):
        alkire_foster(table, at_least=3)
    with pytest.raises(InputError, match=r"something else than 0, 1 or missing.*a"):
        alkire_foster(table * 0.5 + 0.1, at_least=1)
    with pytest.raises(InputError, match="not those of the columns"):
        lack_counts(table, at_least=1, weights={"far": 1})
    with pytest.raises(InputError, match="of nobody everything is known"):
        alkire_foster(table * np.nan, at_least=1)
    with pytest.raises(InputError, match="below 0 or above 1"):
        lack_bounds(table * 30, at_least=1, people=[1, 1])
    with pytest.raises(InputError, match="there are 13 lacks"):
        lack_bounds(pd.DataFrame(np.zeros((1, 13))), at_least=1, people=[1])
    with pytest.raises(InputError, match="speed is not known"):
        lacks(table, lines={"speed": 3})
    with pytest.raises(InputError, match="not those of the lacks"):
        alkire_foster(table, at_least=1, gaps=table[["far"]])


def test_ends_of_the_adjusted_headcount_by_hand_and_of_any_one_lack():
    """Of 30, 20 and 40 % all 90 can be pairs (5, 25 and 15 %), so that M0 is at most 90 / 3 %; and all can be alone.

    Unrelated, pairs are 3.6 + 9.6 + 5.6 % and all three 2.4 %. From one lack on M0 is the mean of the shares, whatever
    goes with what; all three at once are H.
    """
    shares = pd.DataFrame({"far": [0.3, np.nan], "offline": [0.2, 0.5], "costly": [0.4, 0.5]})
    found = alkire_foster_bounds(shares, at_least=2, people=[100, 50])
    assert found.loc["M0"].tolist() == pytest.approx([0, (2 * 0.188 + 3 * 0.024) / 3, 0.3])
    assert found.loc["H"].tolist() == pytest.approx([0, 0.212, 0.45])
    assert found.attrs["left_out"] == 50
    assert alkire_foster_bounds(shares, at_least=1, people=[1, 1]).loc["M0"].tolist() == pytest.approx([0.3] * 3)
    every = alkire_foster_bounds(shares, at_least=3, people=[1, 1])
    assert every.loc["M0"].tolist() == pytest.approx([0, 0.024, 0.2])
    assert every.loc["H"].tolist() == pytest.approx([0, 0.024, 0.2])
    # Yes and no of whole zones leave nothing open: as the measure itself.
    whole = pd.DataFrame({"far": [1.0, 1, 0], "offline": [1.0, 0, 0], "costly": [1.0, 1, 1]})
    asked = {"at_least": 2, "people": [10, 20, 30], "weights": {"far": 2, "offline": 1, "costly": 1}}
    exact = alkire_foster(whole, replications=0, **asked)["value"]
    for name in ("H", "M0"):
        assert alkire_foster_bounds(whole, **asked).loc[name].tolist() == pytest.approx([exact[name]] * 3)
