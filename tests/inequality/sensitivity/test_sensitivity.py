"""Other choices: zones merged by hand, what must hold whatever the zones are, and who changes places."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from spatialjustice._core.errors import InputError
from spatialjustice.inequality import random_zonings, rank_flips, rank_stability, sensitivity
from spatialjustice.inequality.distribution.entropy import theil_t
from spatialjustice.inequality.distribution.gini_and_lorenz import gini
from spatialjustice.inequality.distribution.ratios import palma_ratio

IDS = list("abcd")
JOBS = pd.DataFrame({"30 minutes": [0.0, 8.0, 4.0, 8.0], "60 minutes": [10.0, 8.0, 4.0, 9.0]}, index=IDS)
PEOPLE = pd.Series([10.0, 30.0, 20.0, 40.0], index=IDS)
PAIRS = {"districts": pd.Series(["x", "x", "y", "y"], index=IDS)}


def only(table, **choice):
    for name, value in choice.items():
        table = table[table[name] == value]
    return table


def row_of(count):
    pairs = [*itertools.pairwise(range(count))]
    links = sorted([*pairs, *((two, one) for one, two in pairs)])
    return Graph.from_arrays(*zip(*links, strict=True), [1.0] * len(links))


class TestByHand:
    def test_zones_merged_in_pairs(self):
        """Within 30 minutes x has (10 * 0 + 30 * 8) / 40 = 6, y has (20 * 4 + 40 * 8) / 60 = 20 / 3.

        The mean stays (240 + 400) / 100 = 6.4. Gini of the pairs: 0.4 * 0.6 * (20 / 3 - 6) / 6.4 = 0.025.
        Of the zones: sum over pairs of shares times differences, over the mean: 0.1 * 0.3 * 8 + 0.1 * 0.2 * 4 +
        0.1 * 0.4 * 8 + 0.3 * 0.2 * 4 + 0.2 * 0.4 * 4 = 1.2, over 6.4 = 0.1875.
        """
        found = sensitivity(JOBS["30 minutes"], people=PEOPLE, zonings=PAIRS, measures=["mean", "gini"])
        assert found["value"].tolist() == pytest.approx([6.4, 0.1875, 6.4, 0.025])
        assert found["change"].tolist() == pytest.approx([0, 0, 0, -0.1625], abs=1e-12)
        assert found["zoning"].tolist() == ["as given", "as given", "districts", "districts"]
        assert found["n"].tolist() == [4, 4, 2, 2]
        assert found["counted"].tolist() == [100, 100, 100, 100]

    def test_other_weights(self):
        """Households 1, 1, 1, 1 are the zones' own mean, 5; each pair counted once, (6 + 20 / 3) / 2."""
        weights = {"households": pd.Series(1.0, index=IDS), "zones": None}
        found = sensitivity(JOBS["30 minutes"], people=PEOPLE, weights=weights, zonings=PAIRS)
        told = found.set_index(["weights", "zoning"])
        assert told.loc[("households", "as given"), "value"] == pytest.approx(5)
        # The pairs' values are those of their people; two households stand behind each.
        assert told.loc[("households", "districts"), "value"] == pytest.approx((6 + 20 / 3) / 2)
        assert told.loc[("households", "districts"), "counted"] == 4
        assert told.loc[("zones", "as given"), ["value", "counted"]].tolist() == [5, 4]
        assert told.loc[("zones", "districts"), "counted"] == 2

    def test_cities_and_groups(self):
        """City x within 30 minutes 6, y 20 / 3: x is worst; within 60, x has 8.5, y 22 / 3: y is worst."""
        cities = sensitivity(JOBS, people=PEOPLE, by=PAIRS["districts"], direction="higher is better")
        assert cities["who"].tolist() == ["x", "y", "x", "y"]
        assert cities["value"].tolist() == pytest.approx([6, 20 / 3, 8.5, 22 / 3])
        assert cities["rank"].tolist() == [1, 2, 2, 1]
        # The other way round where less is better.
        minutes = sensitivity(JOBS, people=PEOPLE, by=PAIRS["districts"], direction="lower is better")
        assert minutes["rank"].tolist() == [2, 1, 1, 2]
        # 10 of the poor live in a (0 jobs), 10 in d (8): 4 on average; merged, (6 + 20 / 3) / 2.
        groups = pd.DataFrame({"poor": [10.0, 0, 0, 10], "others": [0.0, 30, 20, 30]}, index=IDS)
        found = sensitivity(JOBS["30 minutes"], people=PEOPLE, by=groups, zonings=PAIRS)
        told = found.set_index(["zoning", "who"])["value"]
        assert told["as given", "poor"] == pytest.approx(4)
        assert told["as given", "others"] == pytest.approx((240 + 80 + 240) / 80)
        assert told["districts", "poor"] == pytest.approx((6 + 20 / 3) / 2)
        counted = found.groupby("zoning")["counted"].sum()
        assert counted.tolist() == pytest.approx([100, 100])

    def test_every_combination_is_there_once_and_named(self):
        found = sensitivity(
            JOBS,
            people=PEOPLE,
            weights={"zones": None},
            zonings=PAIRS,
            measures=["gini", "theil_t", "palma_ratio"],
            rank_by=pd.Series([1.0, 2.0, 3.0, 4.0], index=IDS),
        )
        assert len(found) == 2 * 2 * 2 * 3
        assert not found.duplicated(["column", "weights", "zoning", "measure", "who"]).any()
        base = found.attrs["base"]
        assert base == {"column": "30 minutes", "weights": "people", "zoning": "as given", "measure": "gini"}
        own = only(found, column="60 minutes", weights="people", zoning="as given").set_index("measure")["value"]
        assert own["gini"] == pytest.approx(gini(JOBS["60 minutes"], weights=PEOPLE))
        assert own["theil_t"] == pytest.approx(theil_t(JOBS["60 minutes"], weights=PEOPLE))
        # Pairs of incomes (10 * 1 + 30 * 2) / 40 = 1.75 and 11 / 3, of values 8.5 and 22 / 3.
        merged = only(found, column="60 minutes", weights="people", zoning="districts", measure="palma_ratio")
        expected = palma_ratio([8.5, 22 / 3], rank_by=[1.75, 11 / 3], weights=[40, 60])
        assert merged["value"].item() == pytest.approx(expected)


ROWS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 9), st.integers(0, 3), st.booleans()), min_size=4, max_size=14
).filter(lambda rows: sum(people for value, people, _, known in rows if known and value) > 0)


@settings(max_examples=25, deadline=None)
@given(ROWS)
def test_nobody_is_lost_and_merging_never_raises_inequality(rows):
    values = pd.Series([value if known else np.nan for value, _, _, known in rows], dtype=float)
    people = pd.Series([float(number) for _, number, _, _ in rows])
    labels = pd.Series([label for _, _, label, _ in rows])
    found = sensitivity(
        values, people=people, zonings={"larger": labels}, measures=["mean", "gini", "theil_t", "hoover"]
    )
    assert (found["counted"] + found["left_out"]).to_numpy() == pytest.approx(people.sum())
    given_, larger = (only(found, zoning=zoning).set_index("measure")["value"] for zoning in ("as given", "larger"))
    assert larger["mean"] == pytest.approx(given_["mean"])
    assert (larger <= given_ + 1e-9).all()
    # Zones that have the same are merged without any change.
    alike = sensitivity(values, people=people, zonings={"alike": values.fillna(-1)}, measures=["gini", "theil_t"])
    one, two = (only(alike, zoning=zoning)["value"].to_numpy() for zoning in ("as given", "alike"))
    assert two == pytest.approx(one, abs=1e-9)


def test_order_of_rows_changes_nothing_and_people_without_a_zone_are_told():
    shuffled = JOBS.sample(frac=1, random_state=3)
    labels = pd.Series(["x", "x", "y", None], index=IDS)
    options = {"zonings": {"districts": labels}, "measures": ["gini"]}
    one, two = (sensitivity(frame, people=PEOPLE, **options) for frame in (JOBS, shuffled))
    np.testing.assert_allclose(one["value"], two["value"], rtol=1e-12)
    merged = only(one, zoning="districts")
    assert merged["counted"].tolist() == [60, 60]
    assert merged["left_out"].tolist() == [40, 40]
    (finding,) = one.attrs["findings"]
    assert (finding["code"], finding["count"], finding["people"]) == ("zones_without_label", 1, 40)


def test_missing_values_and_empty_zones():
    values = pd.Series([np.nan, 8.0, 4.0, 8.0], index=IDS)
    people = pd.Series([10.0, 30.0, 0.0, 40.0], index=IDS)
    found = sensitivity(values, people=people, zonings=PAIRS)
    assert found["value"].tolist() == [8, 8]
    assert found["counted"].tolist() == [70, 70]
    assert found["left_out"].tolist() == [10, 10]
    nobody = sensitivity(values * np.nan, people=people)
    assert nobody["value"].isna().all()
    assert nobody[["note", "counted", "left_out"]].iloc[0].tolist() == ["nobody has a value", 0, 80]


class TestRanks:
    def test_by_hand(self):
        """Minutes on foot 9, 5, 2, by bus 4, 6, 1, by car 3, 3, 9, of 10, 10 and 80 people: a tenth is one zone."""
        minutes = pd.DataFrame({"walk": [9.0, 5, 2], "bus": [4.0, 6, 1], "car": [3.0, 3, 9]}, index=list("abc"))
        people = pd.Series([10.0, 10, 80], index=list("abc"))
        table = sensitivity(minutes, people=people, by="zones", direction="lower is better")
        assert table["rank"].tolist() == [1, 2, 3, 2, 1, 3, 2, 2, 1]
        found = rank_stability(table)
        assert found["base_rank"].tolist() == [1, 2, 3]
        assert found["lowest_rank"].tolist() == [1, 1, 1]
        assert found["highest_rank"].tolist() == [2, 2, 3]
        assert found["share_among_worst"].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])
        assert found["people"].tolist() == [10, 10, 80]
        assert rank_stability(table, worst=0.2).loc["a", "share_among_worst"] == pytest.approx(2 / 3)
        flips = rank_flips(table)
        # a and b turn round by bus, and are equal by car; a and c, b and c turn round by car.
        assert flips[["worse", "better"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
        assert flips["flips"].tolist() == [1, 1, 1]
        assert flips["flipped_by"].tolist() == ["column: bus", "column: car", "column: car"]
        assert flips.attrs["by_choice"] == pytest.approx({"base": 0, "column: bus": 1 / 3, "column: car": 2 / 3})
        assert (flips.attrs["all_pairs"], flips.attrs["pairs_that_flip"]) == (3, 3)
        assert len(rank_flips(table, pairs=2)) == 2

    def test_a_larger_zone_has_one_value_for_all_its_zones(self):
        table = sensitivity(JOBS["30 minutes"], people=PEOPLE, by="zones", zonings=PAIRS, direction="higher is better")
        assert only(table, zoning="districts")["value"].tolist() == pytest.approx([6, 6, 20 / 3, 20 / 3])
        found = rank_stability(table)
        assert found["base_rank"].tolist() == [1, 3, 2, 3]
        assert found["lowest_rank"].tolist() == [1, 1, 2, 3]
        assert found.loc["a", "class"] == "always"

    def test_one_choice_leaves_nothing_open(self):
        table = sensitivity(JOBS["30 minutes"], people=PEOPLE, by="zones")
        found = rank_stability(table)
        assert (found["lowest_rank"] == found["highest_rank"]).all()
        assert set(found["class"]) == {"always", "never"}
        assert rank_flips(table).empty

    def test_a_zone_without_a_value_has_no_rank(self):
        values = pd.DataFrame({"one": [1.0, 2, np.nan, 4], "two": [2.0, 1, np.nan, np.nan]}, index=IDS)
        found = rank_stability(sensitivity(values, people=PEOPLE, by="zones"))
        assert found["choices"].tolist() == [2, 2, 0, 1]
        assert found.loc["c", "class"] == "no value"
        assert found.loc["c", ["base_rank", "lowest_rank", "share_among_worst"]].isna().all()

    @settings(max_examples=20, deadline=None)
    @given(st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=2, max_size=9), st.randoms())
    def test_range_holds_the_base_and_order_means_nothing(self, rows, order):
        frame = pd.DataFrame(rows, columns=list("xyz"), dtype=float)
        people = pd.Series(np.arange(1.0, len(rows) + 1))
        found = rank_stability(sensitivity(frame, people=people, by="zones"))
        assert (found["lowest_rank"] <= found["base_rank"]).all()
        assert (found["base_rank"] <= found["highest_rank"]).all()
        mixed = list(frame.index)
        order.shuffle(mixed)
        again = rank_stability(sensitivity(frame.loc[mixed] * 7, people=people, by="zones"))
        pd.testing.assert_frame_equal(again.reindex(found.index), found)

    def test_measures_disagree(self):
        """City x: 1 and 3, a mean of 2 and unequal; y: 1 and 1, equal and poor."""
        values, people = pd.Series([1.0, 3, 1, 1], index=IDS), pd.Series(1.0, index=IDS)
        table = sensitivity(values, people=people, by=PAIRS["districts"], measures=["mean", "gini"])
        assert table["rank"].tolist() == [2, 1, 1, 2]
        assert rank_flips(table)["flipped_by"].tolist() == ["measure: gini"]


class TestRandomZonings:
    def test_zones_hang_together_and_the_seed_is_told(self):
        found = random_zonings(row_of(30), zones=6, number=8, rng=4)
        for name in found:
            labels = found[name].to_numpy()
            assert sorted(set(labels)) == [1, 2, 3, 4, 5, 6]
            # In a row, zones hang together where each label is one stretch.
            assert (np.diff(labels) != 0).sum() == 5
            assert np.bincount(labels)[1:].min() >= 2
        assert found.nunique(axis=1).max() > 1
        pd.testing.assert_frame_equal(random_zonings(row_of(30), zones=6, number=8, rng=4), found)
        assert random_zonings(row_of(30), zones=6, number=1).attrs["seed"] >= 0

    def test_by_people(self):
        """Fifty people at either end of a row, one in each zone between: the ends are never the smallest to be joined.

        By zones alone they are like all others; but a zone is never joined across another, so that they stay apart.
        """
        people = pd.Series([50.0, *[1.0] * 8, 50.0])
        found = random_zonings(row_of(10), zones=3, number=9, people=people, rng=1)
        sizes = [people.groupby(found[name]).sum() for name in found]
        # The eight between are joined with each other or with an end, and the third zone is what is left of them.
        assert all(size.max() >= 50 and size.min() <= 8 for size in sizes)
        assert (found.iloc[0] == 1).all()
        assert (found.iloc[9] == 3).all()

    def test_a_distribution_of_what_zones_can_make_of_the_same_people(self):
        """Noise is averaged away in larger zones, a slope from one end to the other is not."""
        rng = np.random.default_rng(1)
        people = pd.Series(rng.integers(1, 9, 60).astype(float))
        zonings = random_zonings(row_of(60), zones=12, number=19, rng=2)
        slope, noise = pd.Series(np.arange(60.0)), pd.Series(rng.permutation(60.0 * np.arange(60) / 60))
        left = {}
        for name, values in (("slope", slope), ("noise", noise)):
            found = sensitivity(values, people=people, zonings=zonings, measures=["gini"])
            assert found["counted"].to_numpy() == pytest.approx(people.sum())
            base, others = found["value"].iloc[0], found["value"].iloc[1:]
            assert (others <= base).all()
            left[name] = others.median() / base
        assert left["slope"] > 0.95
        assert left["noise"] < 0.6

    def test_what_cannot_be_made(self):
        apart = Graph.from_arrays([0, 1, 2, 3], [1, 0, 3, 2], [1.0] * 4)
        with pytest.raises(InputError, match="no fewer than 2 can be made"):
            random_zonings(apart, zones=1)
        with pytest.raises(InputError, match="4 are asked for, of 4"):
            random_zonings(apart, zones=4)
        with pytest.raises(InputError, match="1 ids are not in both"):
            random_zonings(apart, zones=2, people=pd.Series(1.0, index=[0, 1, 2]))
        with pytest.raises(InputError, match="number: it is 0"):
            random_zonings(apart, zones=2, number=0)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"people": PEOPLE * 0}, "people"),
        ({"people": PEOPLE.replace(10.0, np.nan)}, "people"),
        ({"people": PEOPLE.drop("a")}, "people"),
        ({"people": [1, 2, 3, 4]}, "people"),
        ({"values": -JOBS}, "30 minutes"),
        ({"values": pd.DataFrame(index=IDS)}, "values"),
        ({"weights": {"people": PEOPLE}}, "people"),
        ({"weights": {"households": -PEOPLE}}, "households"),
        ({"zonings": {"as given": PAIRS["districts"]}}, "as given"),
        ({"zonings": {"districts": PAIRS["districts"].drop("a")}}, "districts"),
        ({"zonings": {"districts": pd.Series([None] * 4, index=IDS)}}, "districts"),
        ({"measures": ["best"]}, "measures"),
        ({"by": "cities"}, "by"),
        ({"by": "zones", "measures": ["gini"]}, "measures"),
        ({"by": pd.DataFrame({"poor": [11.0, 0, 0, 0]}, index=IDS)}, "poor"),
        ({"direction": "up"}, "direction"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change, name):
    asked = {"values": JOBS, "people": PEOPLE, **change}
    with pytest.raises(InputError) as caught:
        sensitivity(asked.pop("values"), **asked)
    assert caught.value.name == name


def test_tables_of_something_else():
    alone = sensitivity(JOBS, people=PEOPLE)
    for ask in (rank_stability, rank_flips):
        with pytest.raises(InputError, match="compares nobody with anybody"):
            ask(alone)
        with pytest.raises(InputError, match="not one of sensitivity"):
            ask(JOBS)
    both = sensitivity(JOBS, people=PEOPLE, by="zones")
    with pytest.raises(InputError, match="worst: it is 0"):
        rank_stability(both, worst=0)
    with pytest.raises(InputError, match="pairs: it is 0"):
        rank_flips(both, pairs=0)
