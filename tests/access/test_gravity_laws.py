"""Laws that gravity, passive access, interval, balancing cost and logsum keep on random towns and on a grid."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.access._cost_tables import PairCosts
from spatialjustice.access.comparison.profile import profile
from spatialjustice.access.competition import balancing
from spatialjustice.access.competition.balancing import balancing_cost
from spatialjustice.access.cumulative import cumulative_cutoff, cumulative_interval
from spatialjustice.access.decay import (
    binary,
    exponential,
    gaussian,
    linear,
    logistic,
    power,
    soft_threshold,
    stepped,
    truncated_gaussian,
)
from spatialjustice.access.gravity import gravity, passive_access
from spatialjustice.access.logsum import logsum

CENTRE = (500_000, 6_600_000)
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FALLING = [
    binary(400),
    linear(500),
    exponential(0.004),
    power(0.5),
    stepped({100: 1, 300: 0.68, 600: 0.22}),
    gaussian(250),
    truncated_gaussian(600),
    logistic(300, 100),
    soft_threshold(300),
]
DECAYS = pytest.mark.parametrize("decay", FALLING, ids=[decay.name for decay in FALLING])


def at(x, y):
    return (CENTRE[0] + x, CENTRE[1] + y)


def pairs_of(rows, **attrs):
    frame = pd.DataFrame(rows, columns=["from_id", "to_id", "travel_cost"])
    frame.attrs.update(attrs)
    return frame


SMALL = pairs_of([("a", 1, 0.0), ("a", 2, 10.0), ("b", 2, 20.0), ("b", 3, 30.0), ("c", 3, np.inf)])
OFFERS = pd.Series({1: 4.0, 2: 8.0, 3: 16.0}, name="beds")
PEOPLE = pd.Series({"a": 100.0, "b": 10.0, "c": 1.0})


# ---- a synthetic city whose sums name the places


@pytest.fixture(scope="module")
def grid_city(network_of, points_at):
    """Ten by ten crossings 100 m apart; homes on all, and on every second one a place that offers a power of two."""
    cells = [(i, j) for i in range(10) for j in range(10)]
    streets = [(10 * i + j, 10 * i + j + 1) for i, j in cells if j < 9]
    streets += [(10 * i + j, 10 * i + j + 10) for i, j in cells if i < 9]
    network = network_of([at(100 * i, 100 * j) for i, j in cells], streets)
    places = [(i, j) for i, j in cells if (i + j) % 2 == 0]  # 50 places: the sum of 2^0 to 2^49 is exact
    homes = points_at(*(at(100 * i, 100 * j) for i, j in cells), ids=[f"{i}{j}" for i, j in cells])
    spots = points_at(*(at(100 * i, 100 * j) for i, j in places), ids=[f"{i}{j}" for i, j in places])
    offers = pd.Series(2.0 ** np.arange(len(places)), index=spots.index)
    blocks = np.array([[abs(i - k) + abs(j - m) for k, m in places] for i, j in cells])
    return network.travel_costs(homes, spots, unit="metres"), offers, 100.0 * blocks


def named(total):
    """Return which powers of two a sum is made of."""
    return {place for place in range(50) if int(total) >> place & 1}


@pytest.mark.parametrize("cutoff", [0, 99, 100, 350, 700, 1800])
def test_sums_tell_which_places_were_reached(grid_city, cutoff):
    costs, offers, metres = grid_city
    reached = gravity(costs, offers, decay=binary(cutoff))
    for home, total in enumerate(reached):
        assert named(total) == set(np.flatnonzero(metres[home] <= cutoff))
    pd.testing.assert_series_equal(reached, cumulative_cutoff(costs, offers, cutoff=cutoff), check_names=False)


def test_the_measures_of_the_grid_city(grid_city):
    costs, offers, metres = grid_city
    linearly = (np.maximum(0, 1 - metres / 500) * offers.to_numpy()).sum(axis=1)
    assert gravity(costs, offers, decay=linear(500)).to_numpy() == pytest.approx(linearly, rel=1e-12)
    ones = pd.Series(1.0, index=costs.from_ids)
    near = passive_access(costs, ones, decay=binary(300))
    assert near.to_numpy().tolist() == (metres <= 300).sum(axis=0).tolist()
    assert near["44"] == 25  # a diamond of 1 + 4 + 8 + 12 crossings, all of it within the city
    assert near["00"] == 10  # a quarter of it: 1 + 2 + 3 + 4
    cutoffs = np.stack([(metres <= cutoff) @ offers.to_numpy() for cutoff in (200, 300, 400)])
    found = cumulative_interval(costs, offers, interval=(200, 400), increment=100)
    assert found.to_list() == np.median(cutoffs, axis=0).tolist()
    # Every home needs as much as the place 2^30 offers: it must reach a place of more, or 2^30 and another one.
    needed = pd.Series(2.0**30, index=costs.from_ids)
    found = balancing_cost(costs, offers, demand=needed, increment=100)
    enough = [min(cost for cost in row if offers.to_numpy()[row <= cost].sum() > 2.0**30) for row in metres]
    assert found.to_list() == enough


# ---- laws, on random towns


@st.composite
def towns(draw):
    """A random synthetic town: crossings, streets, homes, places, what they offer, and people."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(2, 5))
    cells = [(i, j) for i in range(size) for j in range(size)]
    nodes = [at(100 * i + rng.uniform(-30, 30), 100 * j + rng.uniform(-30, 30)) for i, j in cells]
    near = [
        (one, other)
        for one, (i, j) in enumerate(cells)
        for other in (one + size if i + 1 < size else -1, one + 1 if j + 1 < size else -1)
        if other >= 0
    ]
    edges = [edge for edge in near if rng.random() > 0.2] or near[:1]
    homes = [at(*rng.uniform(-100, 100 * size, 2)) for _ in range(draw(st.integers(1, 9)))]
    places = [at(*rng.uniform(-100, 100 * size, 2)) for _ in range(draw(st.integers(1, 9)))]
    offers = rng.choice([0.0, 0.5, 1.0, 2.25, 7.0], len(places))
    return nodes, edges, homes, places, offers, rng.choice([0.0, 1.5, 3.0, 8.0], len(homes))


def asked(network_of, points_at, town, **words):
    nodes, edges, homes, places, offers, people = town
    origins = points_at(*homes, ids=[f"h{number}" for number in range(len(homes))])
    destinations = points_at(*places, ids=[f"p{number}" for number in range(len(places))])
    costs = network_of(nodes, edges).travel_costs(origins, destinations, snap_limit=90, unit="metres", **words)
    return costs, pd.Series(offers, index=destinations.index), pd.Series(people, index=origins.index)


def all_measures(costs, offers, people, limit=700.0, **given):
    """Compute every measure of these modules."""
    origins = {name: ids for name, ids in given.items() if name == "origins"}
    decays = linear(500), exponential(0.004), stepped({100: 1, 300: 0.68, 600: 0.22})
    yield from (gravity(costs, offers, decay=decay, **origins) for decay in decays)
    yield gravity(costs, decay=lambda metres: 1 / (1 + metres), **origins)
    yield from (passive_access(costs, people, decay=decay, **given) for decay in decays)
    for summary in ("median", "mean"):
        yield cumulative_interval(costs, offers, interval=(0, limit), increment=limit / 7, summary=summary, **origins)
    yield from (balancing_cost(costs, offers, demand=people, increment=step, **origins) for step in (None, 50))
    yield logsum(costs, offers, beta=0.01, **origins)
    yield logsum({"walk": costs, "again": costs}, beta=0.01, **origins)
    table = profile(cumulative_cutoff, costs, offers, over={"cutoff": [100, 300, 600]}, **origins)
    yield from (table[cutoff] for cutoff in table)


@QUICK
@given(town=towns(), limit=st.sampled_from([None, 700]))
def test_a_matrix_gives_what_the_network_gives(network_of, points_at, town, limit):
    costs, offers, people = asked(network_of, points_at, town, cutoff=limit)
    lazy = all_measures(costs, offers, people)
    frame = costs.to_frame().sample(frac=1, random_state=1)
    plain = all_measures(frame, offers, people, origins=costs.from_ids, destinations=costs.to_ids)
    for one, other in zip(lazy, plain, strict=True):
        pd.testing.assert_series_equal(one, other, rtol=1e-12, atol=1e-12)
        assert one.attrs.get("measure") == other.attrs.get("measure")


@QUICK
@given(town=towns())
def test_measures_agree_with_dense_sums_over_networkx_costs(network_of, points_at, truth, town):
    costs, offers, people = asked(network_of, points_at, town)
    metres = truth(costs.network, costs.origins, costs.destinations)
    offered, wanted = offers.to_numpy(), people.to_numpy()
    for decay in (exponential(0.004), gaussian(250), truncated_gaussian(600)):
        weight = decay(metres)
        assert gravity(costs, offers, decay=decay).to_numpy() == pytest.approx(weight @ offered, rel=1e-6)
        assert passive_access(costs, people, decay=decay).to_numpy() == pytest.approx(wanted @ weight, rel=1e-6)
    with np.errstate(divide="ignore"):
        utility = np.log(np.exp(-0.01 * metres) @ offered)
    utility[np.isinf(utility)] = np.nan
    assert logsum(costs, offers, beta=0.01).to_numpy() == pytest.approx(utility, rel=1e-6, abs=1e-6, nan_ok=True)
    expected = np.full(wanted.size, np.nan)
    for home, need in enumerate(wanted):
        for step in range(60):
            if np.isnan(expected[home]) and (need == 0 or offered[metres[home] <= 50 * step].sum() > need):
                expected[home] = 50 * step
    assert balancing_cost(costs, offers, demand=people, increment=50).to_list() == pytest.approx(expected, nan_ok=True)


@QUICK
@given(seed=st.integers(0, 2**32 - 1), room=st.sampled_from([1, 3, 1000]), size=st.integers(1, 7))
def test_balancing_does_not_depend_on_how_the_pairs_come(seed, room, size):
    """The same pairs in small blocks, with those that cannot matter dropped on the way, as all at once."""
    rng = np.random.default_rng(seed)
    rows = [(home, place, float(rng.integers(0, 9))) for home in range(6) for place in range(8) if rng.random() < 0.8]
    offers = pd.Series(rng.integers(0, 4, 8).astype(float))
    needs = pd.Series(rng.integers(0, 9, 6).astype(float))
    expected = []
    for home, need in needs.items():
        sums = {cost: sum(offers[p] for h, p, c in rows if h == home and c <= cost) for cost in range(9)}
        expected.append(min((cost for cost in sums if need == 0 or sums[cost] > need), default=np.nan))
    whole = PairCosts._blocks

    def in_pieces(self, limit=None):
        for part in whole(self, limit):
            for start in range(0, part[2].size, size):
                yield tuple(column[start : start + size] for column in part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(balancing, "ROOM", room)
        patch.setattr(PairCosts, "_blocks", in_pieces)
        found = balancing_cost(pairs_of(rows), offers.loc[sorted({row[1] for row in rows})], demand=needs)
    assert found.to_list() == pytest.approx(expected, nan_ok=True)


@QUICK
@given(town=towns(), seed=st.integers(0, 99))
def test_names_and_order_mean_nothing(network_of, points_at, town, seed):
    costs, offers, people = asked(network_of, points_at, town)
    rng = np.random.default_rng(seed)
    nodes, edges, homes, places, *_ = town
    home, place = rng.permutation(len(homes)), rng.permutation(len(places))
    shuffled = network_of(nodes, edges).travel_costs(
        points_at(*(homes[which] for which in home), ids=[f"H{which}" for which in home]),
        points_at(*(places[which] for which in place), ids=[f"P{which}" for which in place]),
        snap_limit=90,
        unit="metres",
    )
    renamed = all_measures(shuffled, offers.rename(str.upper), people.rename(str.upper))
    for one, other in zip(all_measures(costs, offers, people), renamed, strict=True):
        pd.testing.assert_series_equal(one, other.rename(str.lower).reindex(one.index), rtol=1e-12, atol=1e-12)


@QUICK
@given(town=towns(), factor=st.floats(0.01, 100))
def test_twice_as_much_is_twice_as_good(network_of, points_at, town, factor):
    costs, offers, people = asked(network_of, points_at, town)
    for decay in (linear(500), gaussian(250)):
        more = gravity(costs, factor * offers, decay=decay)
        assert more.to_numpy() == pytest.approx(factor * gravity(costs, offers, decay=decay).to_numpy(), rel=1e-12)
        more = passive_access(costs, factor * people, decay=decay)
        assert more.to_numpy() == pytest.approx(
            factor * passive_access(costs, people, decay=decay).to_numpy(), rel=1e-12
        )
    more = cumulative_interval(costs, factor * offers, interval=(0, 700), increment=100)
    less = cumulative_interval(costs, offers, interval=(0, 700), increment=100)
    assert more.to_numpy() == pytest.approx(factor * less.to_numpy(), rel=1e-12)
    more = logsum(costs, factor * offers, beta=0.01)
    expected = logsum(costs, offers, beta=0.01).to_numpy() + math.log(factor)
    assert more.to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


@QUICK
@given(town=towns())
def test_a_place_with_nothing_or_out_of_reach_changes_nothing(network_of, points_at, town):
    nodes, edges, homes, places, offers, people = town
    before = all_measures(*asked(network_of, points_at, town))
    wider = (nodes, edges, homes, [*places, homes[0], at(9e4, 9e4)], np.r_[offers, 0.0, 5.0], people)
    after = all_measures(*asked(network_of, points_at, wider))
    for one, other in zip(before, after, strict=True):
        if one.attrs.get("measure") == "gravity" and one.attrs["decay"]["name"] == "<lambda>":
            continue  # counts places, whatever they offer
        if one.attrs.get("measure") == "logsum" and one.attrs["modes"]:
            continue
        pd.testing.assert_series_equal(one, other.reindex(one.index), rtol=1e-12, atol=1e-12)


@DECAYS
@QUICK
@given(town=towns(), nearer=st.floats(0, 1), row=st.integers(0, 99))
def test_a_nearer_place_never_lowers_access(network_of, points_at, decay, town, nearer, row):
    costs, offers, people = asked(network_of, points_at, town)
    frame, ids = costs.to_frame(), costs.from_ids
    if frame.empty:
        return
    moved = frame.copy()
    moved.iloc[row % len(moved), 2] *= nearer
    before, after = (gravity(one, offers, decay=decay, origins=ids) for one in (frame, moved))
    assert (after >= before * (1 - 1e-12)).all()
    before, after = (passive_access(one, people, decay=decay, destinations=costs.to_ids) for one in (frame, moved))
    assert (after >= before * (1 - 1e-12)).all()
    before, after = (balancing_cost(one, offers, demand=people).fillna(np.inf) for one in (frame, moved))
    assert (after <= before).all()
    before, after = (logsum(one, offers, beta=0.01, origins=ids).fillna(-np.inf) for one in (frame, moved))
    assert (after >= before - 1e-9).all()


@QUICK
@given(town=towns(), low=st.floats(0, 700), high=st.floats(0, 700))
def test_a_higher_cutoff_never_lowers_access(network_of, points_at, town, low, high):
    low, high = sorted((low, high))
    costs, offers, people = asked(network_of, points_at, town)
    assert (gravity(costs, offers, decay=binary(low)) <= gravity(costs, offers, decay=binary(high))).all()
    assert (passive_access(costs, people, decay=binary(low)) <= passive_access(costs, people, decay=binary(high))).all()
    if 0 < low < high:
        assert (gravity(costs, offers, decay=linear(low)) <= gravity(costs, offers, decay=linear(high))).all()
        narrow = cumulative_interval(costs, offers, interval=(low, high), increment=high - low, summary="mean")
        assert (cumulative_cutoff(costs, offers, cutoff=low) <= narrow).all()
        assert (narrow <= cumulative_cutoff(costs, offers, cutoff=high)).all()
    pd.testing.assert_series_equal(
        gravity(costs, offers, decay=binary(low)), cumulative_cutoff(costs, offers, cutoff=low), check_names=False
    )


@DECAYS
@QUICK
@given(town=towns())
def test_what_people_reach_is_what_places_are_reached_by(network_of, points_at, decay, town):
    """Σ P_i A_i = Σ B_j, where every place counts as one."""
    costs, _, people = asked(network_of, points_at, town)
    active = (people * gravity(costs, decay=decay)).sum()
    passive = passive_access(costs, people, decay=decay)
    assert passive.sum() == pytest.approx(active, rel=1e-12)
    unserved = people[gravity(costs, decay=decay) == 0].sum()
    assert passive.attrs["left_out"]["people_without"] == pytest.approx(unserved)


@QUICK
@given(town=towns())
def test_no_way_is_shortened_by_a_stop(network_of, points_at, town):
    """c(a, b) ≤ c(a, x) + c(x, b) for all points on the network."""
    nodes, edges, homes, places, *_ = town
    points = points_at(*homes, *places, ids=range(len(homes) + len(places)))
    costs = network_of(nodes, edges).travel_costs(points, points, snap_limit=90, unit="metres").to_frame()
    metres = costs.pivot_table(index="from_id", columns="to_id", values="travel_cost").reindex(
        index=points.index, columns=points.index
    )
    direct = metres.fillna(np.inf).to_numpy()
    with_stop = (direct[:, :, None] + direct[None, :, :]).min(axis=1)
    assert (direct <= with_stop + 1e-6).all()


@QUICK
@given(town=towns())
def test_a_logsum_is_the_logarithm_of_gravity_and_a_mode_more_never_hurts(network_of, points_at, town):
    costs, offers, _ = asked(network_of, points_at, town)
    walk = logsum(costs, offers, beta=0.01)
    weighted = gravity(costs, offers, decay=exponential(0.01))
    assert np.exp(walk).fillna(0).to_numpy() == pytest.approx(weighted.to_numpy(), rel=1e-9)
    faster = costs.to_frame().assign(travel_cost=lambda frame: frame["travel_cost"] / 2)
    both = logsum({"walk": costs, "bicycle": faster}, offers, beta=0.01)
    assert (both.fillna(-np.inf) >= walk.fillna(-np.inf)).all()
    twice = logsum({"one": costs, "two": costs}, offers, beta=0.01)
    assert twice.to_numpy() == pytest.approx(walk.to_numpy() + math.log(2), nan_ok=True)


def test_modes_must_start_from_the_same_origins(network_of, points_at):
    network = network_of([at(0, 0), at(1000, 0)], [(0, 1)])
    place = points_at(at(500, 0), ids=["p"])
    homes = points_at(at(0, 0), at(1000, 0), ids=["a", "b"])
    walk, back = network.travel_costs(homes, place), network.travel_costs(homes.iloc[::-1], place)
    assert logsum({"walk": walk, "back": back}, beta=1).index.to_list() == ["a", "b"]
    some = network.travel_costs(homes.iloc[:1], place)
    with pytest.raises(InputError, match="other origins"):
        logsum({"walk": walk, "some": some}, beta=1)
    with pytest.raises(InputError, match="not among them"):
        logsum({"walk": some, "frame": pairs_of([("b", "p", 3.0)])}, beta=1)
    with pytest.raises(InputError, match="different units"):
        logsum({"walk": walk, "metres": network.travel_costs(homes, place, unit="metres")}, beta=1)


def test_inputs_stay_as_they_are():
    frame, offers, people = SMALL.copy(), OFFERS.copy(), PEOPLE.copy()
    for _ in all_measures(frame, offers, people, limit=70.0):
        pass
    pd.testing.assert_frame_equal(frame, SMALL)
    pd.testing.assert_series_equal(offers, OFFERS)
    pd.testing.assert_series_equal(people, PEOPLE)
