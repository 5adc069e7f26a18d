"""Closest, cumulative and coverage: hand cases, and properties on random towns."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import DuplicateIdError, InputError, PopulationError
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.access.coverage import STATUSES, coverage, status
from spatialjustice.access.cumulative import cumulative_cutoff

CENTRE = (500_000, 6_600_000)
INF = np.inf
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def at(x, y):
    return (CENTRE[0] + x, CENTRE[1] + y)


@pytest.fixture(scope="module")
def town(network_of, points_at):
    """A street of 3 km with places at 0, 800 and 2,400 m, an island street 5 km north, homes on both and far off.

    Homes: a at 0, b at 1,600, c at 3,000, island at (0, 5000), hut at (0, 9000). At 4.8 km/h 80 m are one minute.
    """
    network = network_of([at(0, 0), at(3000, 0), at(0, 5000), at(500, 5000)], [(0, 1), (2, 3)])
    homes = points_at(
        at(0, 0), at(1600, 0), at(3000, 0), at(0, 5000), at(0, 9000), ids=["a", "b", "c", "island", "hut"]
    )
    return network, homes, points_at(at(0, 0), at(800, 0), at(2400, 0), ids=["p", "q", "r"])


def test_cost_to_closest_by_hand(town):
    """a: p at 0 m; b: q and r both at 800 m; c: r at 600 m. The second closest: 800, 800, 2,200 m."""
    network, homes, places = town
    costs = network.travel_costs(homes, places)
    one = cost_to_closest(costs)
    assert one.to_dict() == pytest.approx({"a": 0, "b": 10, "c": 7.5, "island": np.nan, "hut": np.nan}, nan_ok=True)
    assert cost_to_closest(costs, n=2).to_list()[:3] == [10, 10, 27.5]
    assert cost_to_closest(costs, n=3).to_list()[:3] == [30, 20, 37.5]
    assert cost_to_closest(costs, n=4).isna().all()
    assert one.attrs["unit"] == "minutes"
    assert one.attrs["direction"] == "lower is better"
    assert one.attrs["left_out"]["origins_without"] == 2
    assert one.attrs["left_out"]["origins_off_network"] == 1


def test_cost_to_closest_counts_what_places_offer(town):
    """With 5 doctors at r, 1 at q and none at p: a needs 800 m for one, 2,400 m for two."""
    network, homes, places = town
    costs = network.travel_costs(homes, places)
    doctors = pd.Series({"p": 0, "q": 1, "r": 5})
    assert cost_to_closest(costs, doctors).to_list()[:3] == [10, 10, 7.5]
    assert cost_to_closest(costs, doctors, n=2).to_list()[:3] == [30, 10, 7.5]
    assert cost_to_closest(costs, doctors, n=6).to_list()[:3] == [30, 10, 27.5]
    assert cost_to_closest(costs, doctors * 0).isna().all()


def test_the_cutoff_of_the_costs_is_closed(town):
    network, homes, places = town
    assert cost_to_closest(network.travel_costs(homes, places, cutoff=10)).to_list()[:3] == [0, 10, 7.5]
    near = cost_to_closest(network.travel_costs(homes, places, cutoff=9.99))
    assert near.isna().to_list() == [False, True, False, True, True]


def test_cumulative_by_hand(town):
    """Within 10 minutes (800 m, closed): a reaches p and q, b q and r, c r."""
    network, homes, places = town
    costs = network.travel_costs(homes, places)
    assert cumulative_cutoff(costs, cutoff=10).to_list() == [2, 2, 1, 0, 0]
    assert cumulative_cutoff(costs, cutoff=9.999).to_list() == [1, 0, 1, 0, 0]
    doctors = pd.Series({"r": 5.5, "q": 1, "p": 2}, name="doctors")
    found = cumulative_cutoff(costs, doctors, cutoff=10)
    assert found.to_list() == [3, 6.5, 5.5, 0, 0]
    assert found.index.equals(homes.index)
    assert found.attrs["unit"] == "doctors"
    assert found.attrs["cutoff"] == 10
    assert found.attrs["cutoff_unit"] == "minutes"


def test_status_and_coverage_by_hand(town):
    """Within 9 minutes: a and c; b has 10 minutes; the island has no way; the hut no street; 100 people in all."""
    network, homes, places = town
    costs = network.travel_costs(homes, places)
    people = pd.Series({"hut": 5.0, "a": 40.0, "b": 30.0, "c": 0.0, "island": 25.0})
    expected = ["ok", "beyond_cutoff", "ok", "unreachable", "off_network"]
    assert status(costs, cutoff=9).to_list() == expected
    assert status(costs, cutoff=9, people=people).to_list() == [*expected[:2], "no_population", *expected[3:]]
    table = coverage(costs, people=people, cutoff=9)
    assert table["people"].to_dict() == {
        "ok": 40, "beyond_cutoff": 30, "unreachable": 25, "off_network": 5, "outside_data": 0, "no_population": 0,
        "no_supply": 0,
    }  # fmt: skip
    assert table["share"].to_list() == [0.4, 0.3, 0.25, 0.05, 0, 0, 0]
    assert table["origins"].sum() == 5
    assert table.attrs["cutoff"] == 9


def test_no_supply_is_said_of_everybody(town, points_at):
    network, homes, _ = town
    costs = network.travel_costs(homes, points_at())
    assert set(status(costs, cutoff=9)) == {"no_supply"}
    assert coverage(costs, people=pd.Series(1.0, index=homes.index), cutoff=9).loc["no_supply", "people"] == 5
    assert cumulative_cutoff(costs, cutoff=9).to_list() == [0] * 5
    assert cost_to_closest(costs).isna().all()


def test_places_nobody_can_reach_are_no_missing_supply(town, points_at):
    network, homes, _ = town
    costs = network.travel_costs(homes.iloc[:2], points_at(at(0, 5000)))
    for asked in (costs, costs.to_frame()):
        assert status(asked, cutoff=9, origins=homes.index[:2]).to_list() == ["unreachable"] * 2


def test_nobody_at_all_has_no_share(town):
    network, homes, places = town
    table = coverage(network.travel_costs(homes, places), people=pd.Series(0.0, index=homes.index), cutoff=9)
    assert table["share"].isna().all()
    assert table.loc["no_population", "origins"] == 5


def test_faults_are_named(town):
    network, homes, places = town
    costs = network.travel_costs(homes, places, cutoff=20)
    frame = costs.to_frame()
    people = pd.Series(1.0, index=homes.index)
    for asked in (costs, frame):
        with pytest.raises(InputError, match="only up to 20"):
            cumulative_cutoff(asked, cutoff=21)
        with pytest.raises(InputError, match=r"no value.*r"):
            cumulative_cutoff(asked, pd.Series({"p": 1, "q": 1}), cutoff=5)
        with pytest.raises(InputError, match="negative"):
            cumulative_cutoff(asked, pd.Series({"p": 1, "q": 1, "r": -1}), cutoff=5)
        with pytest.raises(InputError, match="negative, missing"):
            cost_to_closest(asked, pd.Series({"p": 1, "q": 1, "r": np.nan}))
        with pytest.raises(InputError, match="n:"):
            cost_to_closest(asked, n=0)
        with pytest.raises(PopulationError, match="hut"):
            coverage(asked, people=people.drop("hut"), cutoff=5, origins=homes.index)
        with pytest.raises(PopulationError, match="stranger"):
            coverage(asked, people=pd.concat([people, pd.Series({"stranger": 1.0})]), cutoff=5, origins=homes.index)
        with pytest.raises(PopulationError, match="island"):
            coverage(asked, people=people.where(people.index != "island", -1), cutoff=5)
        with pytest.raises(DuplicateIdError):
            coverage(asked, people=pd.concat([people, people]), cutoff=5)
    with pytest.raises(InputError, match="travel_cost"):
        cost_to_closest(frame.rename(columns={"travel_cost": "minutes"}))
    with pytest.raises(DuplicateIdError, match="more than once"):
        cost_to_closest(pd.concat([frame, frame]))
    with pytest.raises(InputError, match="negative or not a number"):
        cost_to_closest(frame.assign(travel_cost=-1.0))
    with pytest.raises(InputError, match="not among them"):
        cost_to_closest(frame, origins=pd.Index(["a"]))
    with pytest.raises(InputError, match="differ"):
        cost_to_closest(costs, origins=pd.Index(["a"]))
    with pytest.raises(InputError, match="list"):
        cost_to_closest([1, 2])


def test_a_matrix_from_elsewhere(shared_data):
    """Belo Horizonte's transit matrix of the R package accessibility: checked against plain pandas group-bys."""
    matrix = pd.read_parquet(shared_data("belo_horizonte/bho_travel_matrix.parquet"))
    matrix = matrix.rename(columns={matrix.columns[-1]: "travel_cost"})
    offers = pd.Series(1.0, index=matrix["to_id"].unique()).where(lambda values: np.arange(len(values)) % 7 > 0, 0.0)
    near = matrix[matrix["travel_cost"] <= 30]
    expected = near["to_id"].map(offers).groupby(near["from_id"]).sum()
    found = cumulative_cutoff(matrix, offers, cutoff=30)
    assert found[expected.index].tolist() == expected.tolist()
    assert (found.drop(expected.index) == 0).all()
    offering = matrix[matrix["to_id"].map(offers) > 0]
    offering = offering[offering.groupby("from_id")["to_id"].transform("size") >= 3]
    expected = offering.groupby("from_id")["travel_cost"].nsmallest(3).groupby(level=0).last()
    closest = cost_to_closest(matrix, offers, n=3)
    assert closest[expected.index].tolist() == expected.tolist()
    assert closest.drop(expected.index).isna().all()


@st.composite
def cities(draw):
    """A random grid town, homes and places with what they offer and how many people live there."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(2, 5))
    cells = [(i, j) for i in range(size) for j in range(size)]
    nodes = [at(100 * i + rng.uniform(-30, 30), 100 * j + rng.uniform(-30, 30)) for i, j in cells]
    edges = [
        (one, other)
        for one, (i, j) in enumerate(cells)
        for other in (one + size if i + 1 < size else -1, one + 1 if j + 1 < size else -1)
        if other >= 0 and rng.random() > 0.2
    ] or [(0, 1)]
    homes = [at(*rng.uniform(-100, 100 * size, 2)) for _ in range(draw(st.integers(1, 10)))]
    places = [at(*rng.uniform(-100, 100 * size, 2)) for _ in range(draw(st.integers(1, 10)))]
    offers = rng.choice([0.0, 0.5, 1.0, 2.25, 7.0], len(places))
    people = rng.choice([0.0, 1.5, 10.0, 333.3], len(homes))
    return nodes, edges, homes, places, offers, people


def asked(network_of, points_at, city, **words):
    nodes, edges, homes, places, offers, people = city
    origins = points_at(*homes, ids=[f"h{i}" for i in range(len(homes))])
    destinations = points_at(*places, ids=[f"p{i}" for i in range(len(places))])
    costs = network_of(nodes, edges).travel_costs(origins, destinations, snap_limit=90, **words)
    return costs, pd.Series(offers, index=destinations.index), pd.Series(people, index=origins.index)


@QUICK
@given(
    city=cities(), cutoff=st.floats(0, 12), needed=st.sampled_from([0.5, 1, 2, 3.75]), limit=st.sampled_from([None, 6])
)
def test_lazy_costs_and_their_frame_give_the_same(network_of, points_at, *, city, cutoff, needed, limit):
    costs, offers, people = asked(network_of, points_at, city, cutoff=limit)
    cutoff = cutoff if limit is None else min(cutoff, limit)
    frame, ids = costs.to_frame(), costs.from_ids
    for words in ({}, {"opportunities": offers}):
        lazy, plain = cost_to_closest(costs, n=needed, **words), cost_to_closest(frame, n=needed, origins=ids, **words)
        pd.testing.assert_series_equal(lazy, plain, check_exact=True)
        lazy = cumulative_cutoff(costs, cutoff=cutoff, **words)
        plain = cumulative_cutoff(frame, cutoff=cutoff, origins=ids, **words)
        pd.testing.assert_series_equal(lazy, plain, check_exact=True)
    known = costs.origins["status"] == "ok"
    if limit is None:
        lazy, plain = status(costs, cutoff=cutoff), status(frame, cutoff=cutoff, origins=ids)
        assert (lazy[known] == plain[known]).all()
        assert (plain[~known] == "unreachable").all()
    served = [coverage(one, people=people, cutoff=cutoff).loc["ok", "people"] for one in (costs, frame)]
    assert served[0] == served[1]


@QUICK
@given(city=cities(), cutoff=st.floats(0, 12))
def test_coverage_adds_up_to_everybody_and_agrees_with_the_costs(network_of, points_at, city, cutoff):
    costs, _, people = asked(network_of, points_at, city)
    table = coverage(costs, people=people, cutoff=cutoff)
    assert table["people"].sum() == pytest.approx(people.sum())
    assert table["origins"].sum() == len(people)
    assert list(table.index) == list(STATUSES)
    served = people[cost_to_closest(costs) <= cutoff].sum()
    assert table.loc["ok", "people"] == pytest.approx(served)


@QUICK
@given(city=cities(), low=st.floats(0, 12), high=st.floats(0, 12))
def test_a_higher_cutoff_never_lowers_access(network_of, points_at, city, low, high):
    low, high = sorted((low, high))
    costs, offers, people = asked(network_of, points_at, city)
    assert (cumulative_cutoff(costs, offers, cutoff=low) <= cumulative_cutoff(costs, offers, cutoff=high)).all()
    served = [coverage(costs, people=people, cutoff=cutoff).loc["ok", "people"] for cutoff in (low, high)]
    assert served[0] <= served[1]


@QUICK
@given(city=cities())
def test_one_more_place_never_raises_a_cost(network_of, points_at, city):
    nodes, edges, homes, places, offers, people = city
    after = cost_to_closest(asked(network_of, points_at, city)[0]).fillna(INF)
    fewer = (nodes, edges, homes, places[1:], offers[1:], people)
    before = cost_to_closest(asked(network_of, points_at, fewer)[0]).fillna(INF)
    assert (after <= before).all()


@QUICK
@given(city=cities(), seed=st.integers(0, 2**32 - 1))
def test_shuffled_rows_and_new_names_change_nothing(network_of, points_at, city, seed):
    nodes, edges, homes, places, offers, people = city
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(homes)), rng.permutation(len(places))
    other = (nodes, edges, [homes[i] for i in rows], [places[i] for i in columns], offers[columns], people[rows])
    (one, offers_one, _), (two, offers_two, _) = (asked(network_of, points_at, this) for this in (city, other))
    assert np.array_equal(
        cost_to_closest(one, offers_one, n=2).to_numpy()[rows], cost_to_closest(two, offers_two, n=2), equal_nan=True
    )
    assert np.array_equal(
        cumulative_cutoff(one, offers_one, cutoff=5).to_numpy()[rows], cumulative_cutoff(two, offers_two, cutoff=5)
    )
