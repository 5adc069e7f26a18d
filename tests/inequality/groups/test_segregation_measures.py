"""Segregation against hand-computed towns, a published table and the `segregation` package, and what never changes."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from shapely.geometry import box

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.groups.gaps import groups_from_counts, groups_from_shares
from spatialjustice.inequality.groups.segregation import (
    dissimilarity,
    divergence_index,
    entropy_index,
    interaction,
    isolation,
)
from spatialjustice.inequality.groups.segregation_tables import segregation, segregation_profile
from spatialjustice.inequality.space.neighbours.by_travel_time import travel_time_band

PEER = [
    "ignore:.*divide:RuntimeWarning",
    "ignore:.*invalid:RuntimeWarning",
    "ignore::DeprecationWarning",
    "ignore::FutureWarning",
    "ignore::UserWarning",
]

counts = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)), min_size=3, max_size=12
).filter(lambda rows: all(sum(column) for column in zip(*rows, strict=True)) and sum(any(row) for row in rows) > 1)


def table(rows, names=("a", "b", "c")):
    return pd.DataFrame(rows, columns=list(names[: len(rows[0])]), dtype=float)


def row_of(size):
    links = [(one, two) for one in range(size) for two in range(size) if abs(one - two) == 1]
    one, two = zip(*links, strict=True)
    return Graph.from_arrays(list(one), list(two), [1.0] * len(links))


@pytest.fixture
def two_zones():
    return groups_from_counts(table([[80, 20], [20, 80]], ("rich", "poor")))


def test_hand_computed_town(two_zones):
    """D = (|.8-.2| + |.2-.8|) / 2 = .6; isolation = .8*.8 + .2*.2 = .68.

    Each zone has the entropy -.8 ln .8 - .2 ln .2 = .500402, the town ln 2 = .693147.
    """
    zone, town = -0.8 * np.log(0.8) - 0.2 * np.log(0.2), np.log(2)
    assert dissimilarity(two_zones) == pytest.approx(0.6)
    assert dissimilarity(two_zones, group="rich") == pytest.approx(0.6)
    assert isolation(two_zones, group="rich") == pytest.approx(0.68)
    assert interaction(two_zones, group="rich", other="poor") == pytest.approx(0.32)
    assert entropy_index(two_zones) == pytest.approx(1 - zone / town)
    assert divergence_index(two_zones) == pytest.approx(town - zone)


def test_published_dissimilarity():
    """Table 7.6 of “A Guidebook for Using American Community Survey Data for Transportation Planning”.

    NCHRP report 588 (2007), page 126: shares of two groups in 13 areas, index 35.34; the shares are rounded to three
    digits, so that the sum of 13 rounding errors may move it by 0.5 at most.
    """
    a = [0.102, 0.081, 0.078, 0.080, 0.081, 0.092, 0.034, 0.097, 0.079, 0.098, 0.078, 0.025, 0.075]
    b = [0.037, 0.040, 0.063, 0.056, 0.133, 0.155, 0.177, 0.077, 0.033, 0.012, 0.041, 0.120, 0.056]
    found = dissimilarity(groups_from_counts(pd.DataFrame({"a": a, "b": b})))
    assert 100 * found == pytest.approx(35.34, abs=0.1)


def test_surroundings_of_a_row_of_zones():
    """Four zones in a row, 9 rich, 9 poor, 9 rich, 9 poor.

    With one neighbour to each side the shares of the rich are 1/2, 2/3, 1/3, 1/2: the distance from 1/2 is 0, 1/6,
    1/6, 0, so that D = 9 (2/6 + 2/6) / (2 * 36 * 1/2) = 1/6.
    """
    groups = groups_from_counts(table([[9, 0], [0, 9], [9, 0], [0, 9]], ("rich", "poor")))
    assert dissimilarity(groups) == pytest.approx(1)
    assert dissimilarity(groups, neighbours=row_of(4)) == pytest.approx(1 / 6)
    # The rich live in zones 1 and 3, with shares of 1/2 and 1/3.
    assert isolation(groups, group="rich", neighbours=row_of(4)) == pytest.approx((1 / 2 + 1 / 3) / 2)
    profile = segregation_profile(groups, {"next door": row_of(4)})
    assert profile.index.tolist() == ["own zone", "next door"]
    assert profile["dissimilarity"].tolist() == pytest.approx([1, 1 / 6])
    assert profile["ratio"].iloc[0] == 1


def test_streets_instead_of_straight_lines():
    """A river parts b from c: along the streets they are 30 minutes apart; a link of half the weight counts half."""
    pairs = pd.DataFrame(
        {"from_id": list("abbccd"), "to_id": list("bacbdc"), "travel_cost": [5.0, 5.0, 30.0, 30.0, 5.0, 5.0]}
    )
    people = table([[10, 0], [10, 0], [0, 10], [0, 10]], ("rich", "poor")).set_axis(list("abcd"))
    groups = groups_from_counts(people)
    walk = travel_time_band(pairs, cutoff=10, zones=people)
    assert dissimilarity(groups, neighbours=walk) == pytest.approx(1)
    ride = travel_time_band(pairs, cutoff=30, zones=people, decay=lambda cost: np.where(cost < 10, 1.0, 0.5))
    # b has 10 + 10 rich and half of 10 poor: a share of 0.8; a is as it was.
    assert isolation(groups, group="rich", neighbours=ride) == pytest.approx((1 + 0.8) / 2)


@pytest.mark.filterwarnings(*PEER)
@settings(max_examples=30, deadline=None)
@given(counts)
def test_the_same_as_the_segregation_package(rows):
    from segregation.multigroup import MultiDissim, MultiDivergence, MultiInfoTheory
    from segregation.singlegroup import Dissim, Interaction, Isolation

    people = table([row for row in rows if sum(row)])
    names = [*people]
    groups = groups_from_counts(people)
    assert dissimilarity(groups) == pytest.approx(MultiDissim(people, names).statistic)
    assert entropy_index(groups) == pytest.approx(MultiInfoTheory(people, names).statistic, abs=1e-12)
    peer = MultiDivergence(people, names).statistic
    assert divergence_index(groups) == pytest.approx(peer, abs=1e-12)
    both = people.assign(all=people.sum(axis=1))
    assert dissimilarity(groups, group="a") == pytest.approx(Dissim(both, "a", "all").statistic)
    assert isolation(groups, group="a") == pytest.approx(Isolation(both, "a", "all").statistic)
    rest = groups_from_counts(pd.DataFrame({"a": people["a"], "rest": people["b"] + people["c"]}))
    assert interaction(rest, group="a", other="rest") == pytest.approx(Interaction(both, "a", "all").statistic)


@pytest.mark.filterwarnings(*PEER)
def test_the_same_in_space_where_all_surroundings_are_of_one_size():
    """The package weighs zones by the people around them, and rounds these: no difference on a ring of equal zones."""
    from libpysal.weights import W
    from segregation.multigroup import MultiDissim, MultiInfoTheory

    rng = np.random.default_rng(4)
    rich = rng.integers(0, 101, 12)
    ring = {zone: [(zone - 1) % 12, (zone + 1) % 12] for zone in range(12)}
    people = gpd.GeoDataFrame(
        {"rich": rich, "poor": 100 - rich}, geometry=[box(at, 0, at + 1, 1) for at in range(12)], crs=32630
    )
    around = Graph.from_dicts(ring)
    groups = groups_from_counts(pd.DataFrame(people[["rich", "poor"]]))
    peer = W(ring, silence_warnings=True)
    names = ["rich", "poor"]
    assert entropy_index(groups, neighbours=around) == pytest.approx(MultiInfoTheory(people, names, w=peer).statistic)
    assert dissimilarity(groups, neighbours=around) == pytest.approx(MultiDissim(people, names, w=peer).statistic)


@settings(max_examples=30, deadline=None)
@given(counts, st.integers(2, 9), st.integers(0, 10**6))
def test_rules_that_hold_for_every_town(rows, times, seed):
    groups = groups_from_counts(table(rows))
    graph = row_of(len(rows))
    for measure in (dissimilarity, entropy_index, divergence_index):
        value = measure(groups)
        assert value >= -1e-12
        # Everybody counted several times, and zones halved into two alike, change nothing.
        assert measure(groups_from_counts(table(rows) * times)) == pytest.approx(value, abs=1e-12)
        halves = pd.concat([table(rows) / 2, table(rows) / 2], ignore_index=True)
        assert measure(groups_from_counts(halves)) == pytest.approx(value, abs=1e-12)
        # The order of rows and of groups changes nothing, to the bit for rows.
        order = np.random.default_rng(seed).permutation(len(rows))
        assert measure(groups_from_counts(table(rows).iloc[order]), neighbours=graph) == measure(
            groups, neighbours=graph
        )
        assert measure(groups_from_counts(table(rows)[["c", "a", "b"]])) == pytest.approx(value, abs=1e-12)
    assert dissimilarity(groups) <= 1 + 1e-12
    assert entropy_index(groups) <= 1 + 1e-12
    for one in "abc":
        met = sum(interaction(groups, group=one, other=two, neighbours=graph) for two in "abc")
        assert met == pytest.approx(1)


def test_people_dealt_at_random_are_not_segregated():
    """Zones of 20 people dealt by lot: D is far above 0, as large as chance makes it, and no p-value is small."""
    generator = np.random.default_rng(11)
    homes = np.repeat(np.arange(60), 20)
    poor = np.bincount(generator.permutation(homes)[:360], minlength=60)
    found = segregation(groups_from_counts(pd.DataFrame({"rich": 20 - poor, "poor": poor})), rng=1, permutations=199)
    row = found.set_index("measure").loc["dissimilarity"]
    assert row["value"] > 0.1
    assert row["by_chance"] == pytest.approx(row["value"], rel=0.2)
    assert row["p_value"] > 0.05
    apart = segregation(groups_from_counts(table([[20, 0], [0, 20]] * 30)), rng=1, permutations=199)
    assert apart.set_index("measure").loc["dissimilarity", "p_value"] == pytest.approx(2 / 200)


def test_chance_is_exact_for_a_town_that_can_be_listed():
    """Two zones of one person each, one rich, one poor: however dealt, D = 1."""
    found = segregation(groups_from_counts(table([[1, 0], [0, 1]])), rng=0)
    assert found.set_index("measure").loc["dissimilarity", "by_chance"] == 1
    assert (found["p_value"] == 1).all()


def test_table_names_everyone_and_is_the_same_again():
    people = pd.DataFrame({"a": [30.0, 10, 5], "b": [5.0, 20, 9], "c": [1.0, 2, 30]})
    groups = groups_from_counts(people, people=[40, 32, 50])
    found = segregation(groups, rng=5, permutations=20)
    pd.testing.assert_frame_equal(found, segregation(groups, rng=5, permutations=20))
    assert found.attrs["seed"] == 5
    assert (found["people_left_out"] == 10).all()
    assert found["people"].iloc[0] == 112
    assert [item["code"] for item in found.attrs["findings"]] == ["people_of_unknown_group"]
    pairs = found[found["measure"] == "interaction"]
    assert set(zip(pairs["group"], pairs["other_group"], strict=True)) == set(itertools.permutations("abc", 2))
    one = pairs[(pairs["group"] == "a") & (pairs["other_group"] == "c")]["value"].item()
    assert one == pytest.approx(interaction(groups, group="a", other="c"))
    against = found[(found["measure"] == "dissimilarity") & (found["group"] == "b")]["value"].item()
    assert against == pytest.approx(dissimilarity(groups, group="b"))


def test_margins_of_error_are_not_carried_and_said_so():
    margins = pd.DataFrame({"a": [3.0, 3], "b": [3.0, 3]})
    groups = groups_from_counts(table([[30, 10], [10, 30]]), margins=margins)
    assert segregation(groups, permutations=0).attrs["findings"][0]["code"] == "margins_not_carried"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda: dissimilarity(groups_from_counts(table([[1, 0], [2, 0]]))), "1 known group has people"),
        (
            lambda: dissimilarity(groups_from_shares(pd.DataFrame({"a": [0.5, 0.1]}), people=[1, 1])),
            "1 known group",
        ),
        (lambda: dissimilarity(groups_from_counts(table([[1, 2], [0, 0]]))), "one zone only"),
        (lambda: dissimilarity(table([[1, 2], [2, 1]])), "groups_from_counts"),
        (lambda: dissimilarity(groups_from_counts(table([[1, 2], [2, 1]])), group="x"), "Choose one of"),
        (lambda: dissimilarity(groups_from_counts(table([[1, 2], [2, 1]])), other="a"), "Name both groups"),
        (lambda: dissimilarity(groups_from_counts(table([[1, 2], [2, 1]])), group="a", other="a"), "two groups"),
        (lambda: dissimilarity(groups_from_counts(table([[1, 2], [2, 1]])), neighbours=row_of(3)), "ids"),
        (lambda: dissimilarity(groups_from_counts(table([[1, 2], [2, 1]])), neighbours="queen"), "contiguity"),
        (
            lambda: dissimilarity(
                groups_from_counts(table([[1, 2], [2, 1]])), neighbours=Graph.from_arrays([0, 1], [1, 0], [2.0, 2.0])
            ),
            "count more than the zone's own people",
        ),
        (lambda: segregation_profile(groups_from_counts(table([[1, 2], [2, 1]])), {}), "dictionary"),
    ],
)
def test_what_cannot_be_measured_is_named(change, said):
    with pytest.raises(InputError, match=said):
        change()
