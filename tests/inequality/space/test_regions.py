"""Regions of disadvantage: contiguous, never below the floor, everybody counted; spopt's tree as a peer."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

import spatialjustice as sj
from spatialjustice._core.errors import InputError

WORSE_IS_MORE = {"direction": "lower is better"}


def grid(side):
    """Squares that share an edge, named a0, a1, … b0, …"""
    names = [f"{chr(97 + row)}{column}" for row in range(side) for column in range(side)]
    pairs = [
        (row * side + column, other)
        for row in range(side)
        for column in range(side)
        for other in ([row * side + column + 1] * (column < side - 1) + [(row + 1) * side + column] * (row < side - 1))
    ]
    one = [names[a] for a, _ in pairs] + [names[b] for _, b in pairs]
    other = [names[b] for _, b in pairs] + [names[a] for a, _ in pairs]
    return names, Graph.from_arrays(one, other, [1] * len(one))


def made(seed, side=6):
    names, graph = grid(side)
    draw = np.random.default_rng(seed)
    table = pd.DataFrame(draw.normal(size=(side * side, 2)), columns=["minutes", "price"], index=names)
    people = pd.Series(draw.integers(50, 300, side * side).astype(float), index=names)
    return table, graph, people


def hang_together(table, graph):
    network = nx.from_pandas_edgelist(graph.adjacency.reset_index(), "focal", "neighbor")
    numbered = table[table["rank"].notna()]
    return all(nx.is_connected(network.subgraph(part.index)) for _, part in numbered.groupby("label"))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8), st.sampled_from([200.0, 500.0, 1500.0]))
def test_regions_hang_together_and_keep_to_the_floor(seed, count, floor):
    table, graph, people = made(seed)
    found = sj.inequality.regions_of_disadvantage(
        table, graph, floor=floor, weights=people, count=count, **WORSE_IS_MORE
    )
    assert hang_together(found, graph)
    assert people.groupby(found["label"]).sum().min() >= floor
    assert found["label"].nunique() <= count
    assert sum(found.attrs["people"].values()) == people.sum()
    scores = found.groupby("rank")["region_score"].first()
    assert scores.is_monotonic_decreasing
    if found["label"].nunique() < count:
        assert "other_number_of_regions" in {item["code"] for item in found.attrs["findings"]}


def test_max_p_hangs_together_follows_from_its_seed_and_leaves_numpys_state_alone():
    table, graph, people = made(3)
    np.random.seed(77)  # noqa: NPY002 (it is the global state that is looked at)
    expected = np.random.RandomState(77).random_sample(3)
    asked = {"floor": 900.0, "weights": people, "method": "max_p", **WORSE_IS_MORE}
    one = sj.inequality.regions_of_disadvantage(table, graph, rng=8, **asked)
    assert (np.random.random_sample(3) == expected).all()  # noqa: NPY002
    two = sj.inequality.regions_of_disadvantage(table.sample(frac=1, random_state=1), graph, rng=8, **asked)
    pd.testing.assert_frame_equal(one, two.reindex(one.index), check_exact=True)
    assert one.attrs["seed"] == 8
    assert hang_together(one, graph)
    sums = people.groupby(one["label"]).sum()
    assert sums.min() >= 900
    assert len(sums) <= people.sum() // 900
    assert len(sums) >= 4


@pytest.mark.parametrize(("seed", "floor"), [(1, 1), (2, 4), (3, 6)])
def test_skater_cuts_where_spopt_cuts(seed, floor):
    """spopt's spanning forest with squared distances, floor in zones: the same division, up to names."""
    import warnings

    from sklearn.metrics.pairwise import euclidean_distances
    from spopt.region.skater import SpanningForest

    table, graph, _ = made(seed, side=5)
    found = sj.inequality.regions_of_disadvantage(table, graph, floor=floor, count=4, **WORSE_IS_MORE)
    standard = ((table - table.mean()) / table.std(ddof=0)).to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = SpanningForest(dissimilarity=lambda one, other: euclidean_distances(one, other, squared=True))
        weights = graph.to_W()
        order = table.index.get_indexer(weights.id_order)
        peer.fit(4, W=weights, data=standard[order], quorum=floor)
    theirs = pd.Series(peer.current_labels_, index=table.index[order]).reindex(table.index)
    assert pd.crosstab(theirs, found["label"]).gt(0).sum().eq(1).all()
    assert theirs.nunique() == found["label"].nunique()


def test_the_first_cut_is_the_best_of_all_by_hand():
    """A row with 1, 1, 5, 6, 6: cutting after the second leaves squares 0 + 2/3; no other cut is better."""
    row = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    values = pd.Series([1.0, 1, 5, 6, 6], index=list("abcde"), name="minutes")
    found = sj.inequality.regions_of_disadvantage(values, row, floor=1, count=2, **WORSE_IS_MORE)
    assert found["label"].tolist() == ["2", "2", "1", "1", "1"]
    # Squares about 3.8: 2 · 2.8² + 1.2² + 2 · 2.2² = 26.8; within: 2/3.
    assert found.attrs["within_share"] == pytest.approx((2 / 3) / 26.8)
    # With a floor of 3 nothing can be cut off on both sides of the row.
    with_floor = sj.inequality.regions_of_disadvantage(values, row, floor=3, count=2, **WORSE_IS_MORE)
    assert with_floor["label"].unique().tolist() == ["1"]


def test_the_other_direction_turns_the_numbers_round():
    table, graph, _ = made(5)
    one = sj.inequality.regions_of_disadvantage(table, graph, floor=3, count=4, direction="lower is better")
    two = sj.inequality.regions_of_disadvantage(table, graph, floor=3, count=4, direction="higher is better")
    assert (one["rank"] + two["rank"] == 5).all()
    assert one["score"].to_numpy() == pytest.approx(-two["score"].to_numpy())


def test_direction_comes_with_the_values():
    table, graph, _ = made(5)
    values = table["minutes"]
    values.attrs["direction"] = "lower is better"
    said = sj.inequality.regions_of_disadvantage(values, graph, floor=3, count=3)
    kept = sj.keep(table[[]].copy(), minutes=values)
    assert said["label"].equals(sj.inequality.regions_of_disadvantage(kept, graph, floor=3, count=3)["label"])


def test_order_of_rows_changes_nothing():
    table, graph, people = made(9)
    asked = {"floor": 500.0, "weights": people, "count": 5, **WORSE_IS_MORE}
    one = sj.inequality.regions_of_disadvantage(table, graph, **asked)
    two = sj.inequality.regions_of_disadvantage(table.sample(frac=1, random_state=1), graph, **asked)
    pd.testing.assert_frame_equal(one, two.reindex(one.index), check_exact=True)


@pytest.fixture
def torn():
    """A grid, a pair of zones apart from it, an island, and a zone without data."""
    names, graph = grid(4)
    links = graph.adjacency.reset_index().astype({"focal": object, "neighbor": object})
    more = pd.DataFrame({"focal": ["p", "q", "i"], "neighbor": ["q", "p", "i"], "weight": [1, 1, 0]})
    links = pd.concat([links, more])
    values = pd.Series(np.arange(19.0), index=[*names, "p", "q", "i"], name="minutes")
    values["b1"] = np.nan
    return values, Graph.from_arrays(*(links[name].to_numpy() for name in ("focal", "neighbor", "weight")))


def test_zones_in_no_region_are_classes_of_their_own(torn):
    values, graph = torn
    found = sj.inequality.regions_of_disadvantage(values, graph, floor=3, count=2, **WORSE_IS_MORE)
    label = found["label"]
    assert (label["i"], label["p"], label["q"], label["b1"]) == (
        "island",
        "below the floor",
        "below the floor",
        "no data",
    )
    assert label.drop(["i", "p", "q", "b1"]).isin(["1", "2"]).all()
    assert found["rank"].isna().sum() == 4
    assert found.attrs["classes"] == ["1", "2", "below the floor", "island", "no data"]
    codes = {item["code"]: item["count"] for item in found.attrs["findings"]}
    assert codes == {"zones_island": 1, "zones_below_the_floor": 2, "zones_no_data": 1}


def test_max_p_takes_parts_that_do_not_touch_one_by_one(torn):
    values, graph = torn
    found = sj.inequality.regions_of_disadvantage(values, graph, floor=2, method="max_p", rng=1, **WORSE_IS_MORE)
    assert found["label"]["p"] == found["label"]["q"]
    assert (found["label"] == found["label"]["p"]).sum() == 2
    assert found["label"]["i"] == "island"


def test_the_profile_counts_everybody_once(torn):
    values, graph = torn
    found = sj.inequality.regions_of_disadvantage(values, graph, floor=3, count=2, **WORSE_IS_MORE)
    people = pd.Series(np.arange(10.0, 29.0), index=values.index)
    groups = sj.inequality.groups_from_counts(pd.DataFrame({"old": people * 0.25, "young": people * 0.75}))
    table = sj.inequality.region_profile(found, values.to_frame(), weights=people, groups=groups)
    assert table.index.tolist() == ["1", "2", "below the floor", "island", "no data", "all zones"]
    assert table["people"].iloc[:-1].sum() == table["people"].iloc[-1] == people.sum()
    assert table["zones"].iloc[:-1].sum() == 19
    assert table["people_share"].iloc[:-1].sum() == pytest.approx(1, abs=1e-12)
    # p has 16 with 26 people, q 17 with 27
    assert table.loc["below the floor", "mean: minutes"] == pytest.approx((16 * 26 + 17 * 27) / 53)
    assert table.loc["no data", "left out: minutes"] == people["b1"]
    assert np.isnan(table.loc["no data", "mean: minutes"])
    assert table["share: old"].to_numpy() == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"floor": 0}, "floor: it is 0"),
        ({"floor": 1e9}, "no zones that hang together reach"),
        ({"count": None}, "how many regions"),
        ({"count": 1}, "count: it is 1"),
        ({"method": "max_p"}, "leave count out"),
        ({"method": "kmeans"}, "Choose one of: skater"),
        ({"direction": None}, "Say which way is good"),
        ({"direction": {"minutes": "lower is better"}}, "None for 'price'"),
        ({"weights": pd.Series(1.0, index=["a0"])}, "ids are not in both"),
    ],
)
def test_bad_questions_are_refused(change, message):
    table, graph, _ = made(1)
    with pytest.raises(InputError, match=message):
        sj.inequality.regions_of_disadvantage(table, graph, **{"floor": 3, "count": 3, **WORSE_IS_MORE, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.assign(price=3.0), "price: all zones have the same value"),
        (lambda table: table.assign(price=np.nan), "no zone has all"),
        (lambda table: table.replace(table.iloc[3, 1], np.inf), "infinite values.*a3"),
        (lambda table: table.astype(str), "not numbers"),
        (lambda table: table.iloc[1:], "not the same as those of the values"),
        (lambda table: table[[]], "there are none"),
        (lambda table: list(table["price"]), "they are a list"),
    ],
)
def test_bad_variables_are_refused(change, message):
    table, graph, _ = made(1)
    with pytest.raises(InputError, match=message):
        sj.inequality.regions_of_disadvantage(change(table), graph, floor=3, count=3, **WORSE_IS_MORE)


def test_a_profile_of_something_else_is_refused():
    table, graph, _ = made(1)
    found = sj.inequality.regions_of_disadvantage(table, graph, floor=3, count=3, **WORSE_IS_MORE)
    with pytest.raises(InputError, match="regions_of_disadvantage"):
        sj.inequality.region_profile(table, table)
    with pytest.raises(InputError, match="not those of the regions"):
        sj.inequality.region_profile(found, table.iloc[1:])
