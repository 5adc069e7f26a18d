"""Catchment methods: hand cases, published numbers, the formulas written with whole matrices, and properties."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice._core.findings import findings_of
from spatialjustice.access._cost_tables import PairCosts
from spatialjustice.access.competition.catchment import METHODS, floating_catchment_area, supply_ratio
from spatialjustice.access.decay import binary, exponential, linear, power, stepped

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CENTRE = (500_000, 6_600_000)
SEEDS = st.integers(0, 2**32 - 1)

# Three homes and two clinics. Weights by the linear decay up to 20 minutes: a-1 (5) 0.75, b-1 (10) 0.5, b-2 (0) 1,
# c-2 (15) 0.25; d reaches nothing.
PAIRS = pd.DataFrame({"from_id": ["a", "b", "b", "c"], "to_id": [1, 1, 2, 2], "travel_cost": [5.0, 10.0, 0.0, 15.0]})
SUPPLY = pd.Series({1: 6.0, 2: 3.0})
DEMAND = pd.Series({"a": 40.0, "b": 20.0, "c": 80.0, "d": 7.0})

IDS = ["89a88cdb57bffff", "89a88cdb597ffff", "89a88cdb5b3ffff", "89a88cdb5cfffff", "89a88cd909bffff", "89a88cd90b7ffff"]


def access(method, *, pairs=PAIRS, supply=SUPPLY, demand=DEMAND, decay=None, **words):
    decay = (binary(20) if method == "2sfca" else linear(20)) if decay is None else decay
    return floating_catchment_area(pairs, supply, demand=demand, decay=decay, method=method, **words)


def ratios(method, *, pairs=PAIRS, supply=SUPPLY, demand=DEMAND, decay=None, **words):
    decay = (binary(20) if method == "2sfca" else linear(20)) if decay is None else decay
    return supply_ratio(pairs, supply=supply, demand=demand, decay=decay, method=method, **words)


def test_2sfca_by_hand():
    """R1 = 6/(40 + 20) = 0.1, R2 = 3/(20 + 80) = 0.03; a: 0.1, b: 0.13, c: 0.03."""
    assert ratios("2sfca").to_dict() == pytest.approx({1: 0.1, 2: 0.03})
    assert access("2sfca").to_dict() == pytest.approx({"a": 0.1, "b": 0.13, "c": 0.03, "d": 0})
    # Closed: at 10 minutes b still reaches 1, and c no longer 2: R1 = 0.1, R2 = 3/20.
    assert access("2sfca", decay=10).to_dict() == pytest.approx({"a": 0.1, "b": 0.25, "c": 0, "d": 0})
    assert access("2sfca", decay=9.99).to_dict() == pytest.approx({"a": 0.15, "b": 0.15, "c": 0, "d": 0})


def test_e2sfca_by_hand():
    """R1 = 6/(0.75·40 + 0.5·20) = 6/40, R2 = 3/(20 + 0.25·80) = 3/40; b: 0.5·0.15 + 0.075 = 0.15."""
    assert ratios("e2sfca").to_dict() == pytest.approx({1: 0.15, 2: 0.075})
    assert access("e2sfca").to_dict() == pytest.approx({"a": 0.1125, "b": 0.15, "c": 0.01875, "d": 0})


def test_m2sfca_by_hand():
    """The ratios are those of e2sfca; a: 0.5625·0.15, b: 0.25·0.15 + 0.075, c: 0.0625·0.075."""
    assert ratios("m2sfca").to_dict() == pytest.approx({1: 0.15, 2: 0.075})
    assert access("m2sfca").to_dict() == pytest.approx({"a": 0.084375, "b": 0.1125, "c": 0.0046875, "d": 0})


def test_3sfca_by_hand():
    """G: a-1 1, b-1 1/3, b-2 2/3, c-2 1.

    R1 = 6/(0.75·40 + 0.5·20/3) = 6/(100/3) = 0.18, R2 = 3/(20·2/3 + 0.25·80) = 3/(100/3) = 0.09;
    a: 0.75·0.18, b: 0.5·0.18/3 + 0.09·2/3 = 0.03 + 0.06, c: 0.25·0.09.
    """
    assert ratios("3sfca").to_dict() == pytest.approx({1: 0.18, 2: 0.09})
    assert access("3sfca").to_dict() == pytest.approx({"a": 0.135, "b": 0.09, "c": 0.0225, "d": 0})


def test_mh3sfca_by_hand():
    """H: b-1 = 6·0.5/(3 + 3) = 0.5, b-2 = 0.5, a-1 and c-2 1.

    R1 = 6/(40 + 10) = 0.12, R2 = 3/(10 + 80) = 1/30; a: 0.75·0.12, b: 0.5·0.5·0.12 + 0.5/30, c: 0.25/30.
    """
    assert ratios("mh3sfca").to_dict() == pytest.approx({1: 0.12, 2: 1 / 30})
    assert access("mh3sfca").to_dict() == pytest.approx({"a": 0.09, "b": 0.03 + 0.5 / 30, "c": 0.25 / 30, "d": 0})


def test_bfca_by_hand():
    """Shares of people: a-1 1, b-1 1/3, b-2 2/3, c-2 1. Shares of the ratios: a-1 3/5, b-1 2/5, b-2 4/5, c-2 1/5.

    R1 = 6/(40 + 20/3) = 9/70, R2 = 3/(40/3 + 80) = 9/280; b: 2/5·9/70 + 4/5·9/280.
    """
    one, two = 9 / 70, 9 / 280
    assert ratios("bfca").to_dict() == pytest.approx({1: one, 2: two})
    assert access("bfca").to_dict() == pytest.approx(
        {"a": 0.6 * one, "b": 0.4 * one + 0.8 * two, "c": 0.2 * two, "d": 0}
    )


def test_a_result_says_what_it_is_and_what_is_left_out():
    pairs = pd.concat([PAIRS, pd.DataFrame({"from_id": ["c"], "to_id": [3], "travel_cost": [25.0]})])
    supply = pd.Series({1: 6.0, 2: 0.0, 3: 5.0, 4: 2.0}, name="doctors")
    found = access("e2sfca", pairs=pairs, supply=supply)
    # Clinic 3 is too far from c, 4 has no pair; c and d reach no supply.
    assert found.attrs["left_out"] == {
        "origins_without": 2,
        "people_without": 87.0,
        "destinations_unreached": 2,
        "supply_unreached": 7.0,
        "supply_elsewhere": 0,
        "demand_elsewhere": 0,
    }
    assert found.attrs["measure"] == "floating_catchment_area"
    assert found.attrs["method"] == "e2sfca"
    assert found.attrs["unit"] == "supply per person"
    assert found.attrs["direction"] == "higher is better"
    assert found.attrs["cutoff"] == 20
    assert found.attrs["decay"]["name"] == "linear"
    ratio = ratios("e2sfca", pairs=pairs, supply=supply)
    assert ratio.index.equals(supply.index)
    assert ratio[2] == 0  # no supply, but people who come
    assert ratio[[3, 4]].isna().all()  # supply, but nobody who comes: not infinite
    nobody = access("e2sfca", demand=DEMAND * 0)
    assert (nobody == 0).all()
    assert nobody.attrs["left_out"]["supply_unreached"] == 9


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(InputError, match=r"2sfca knows only within reach .* decay.binary"):
        access("2sfca", decay=linear(20))
    with pytest.raises(InputError, match="method: it is “fca”"):
        access("fca")
    with pytest.raises(InputError, match="decay"):
        access("e2sfca", decay=10)
    with pytest.raises(InputError, match="outside 0 to 1"):
        access("e2sfca", decay=lambda cost: 2.54 - cost / 20)
    with pytest.raises(InputError, match="demand"):
        access("e2sfca", demand=-DEMAND)
    with pytest.raises(InputError, match="supply"):
        access("e2sfca", supply=SUPPLY * np.nan)
    with pytest.raises(InputError, match="destinations"):
        access("e2sfca", supply=SUPPLY[[1]])
    with pytest.raises(DuplicateIdError):
        access("e2sfca", demand=pd.concat([DEMAND, DEMAND]))
    short = PAIRS.copy()
    short.attrs["cutoff"] = 15.0
    with pytest.raises(InputError, match="higher cutoff"):
        access("e2sfca", pairs=short)


def test_costs_that_end_before_the_weights_do_are_a_finding():
    short = PAIRS.copy()
    short.attrs["cutoff"] = 15.0
    found = access("e2sfca", pairs=short, decay=exponential(0.1))
    assert [finding.code for finding in findings_of(found)] == ["decay_cut_short"]
    assert "0.22" in findings_of(found)[0].message  # e^-1.5
    assert not findings_of(access("e2sfca", pairs=short, decay=linear(15)))


# --- published numbers -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def belo_horizonte(shared_data):
    """Travel times, jobs and people of the R package accessibility."""
    matrix = pd.read_parquet(shared_data("belo_horizonte/bho_travel_matrix.parquet"))
    land = gpd.read_file(shared_data("belo_horizonte/bho_hex_landuse.gpkg")).set_index("id")
    return matrix.rename(columns={"travel_time": "travel_cost"}), land["jobs"], land["population"]


def test_published_2sfca(belo_horizonte):
    """R package accessibility 1.4: reference page of floating_catchment_area."""
    matrix, jobs, people = belo_horizonte
    found = access("2sfca", pairs=matrix, supply=jobs, demand=people, decay=50)
    expected = [0.4278111, 0.3863614, 0.4501725, 0.5366707, 0.4280401, 0.5176583]
    assert found[IDS].to_list() == pytest.approx(expected, abs=6e-8)


def test_published_bfca(belo_horizonte):
    """The same page. That package has places without jobs draw people too: so do places with next to none here."""
    matrix, jobs, people = belo_horizonte
    next_to_none = jobs.astype(float).replace(0.0, 1e-60)
    found = access("bfca", pairs=matrix, supply=next_to_none, demand=people, decay=exponential(0.5))
    expected = [0.10280082, 0.30930287, 0.07288551, 0.09759117, 0.07390234, 1.22525579]
    assert found[IDS].to_list() == pytest.approx(expected, abs=6e-9)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("3sfca", [0.6686168, 1.3565093, 2.0921208, 2.8355005]),
        ("mh3sfca", [9.617634 / 24, 21.717421 / 24, 34.325798 / 24, 47.032856 / 24]),
    ],
)
def test_published_three_steps(method, expected):
    """R package fca 0.1.0, tests of spai_3sfca and spai_mh3sfca: people 1-4, supply 1-6, weights 1-24 by column.

    Weights there may be above 1. Divided by 24 they leave the 3SFCA as it is and divide the MH3SFCA by 24.
    """
    weights = np.arange(1, 25).reshape(4, 6) / 24
    pairs = matrix_pairs(1 - weights)
    supply, demand = pd.Series(np.arange(1.0, 7)), pd.Series(np.arange(1.0, 5))
    found = access(method, pairs=pairs, supply=supply, demand=demand, decay=falling)
    assert found.to_list() == pytest.approx(expected, rel=1e-7)


def falling(cost):
    return 1 - cost


def test_the_hospital_example():
    """PySAL access, tests/test_hospital_example.py, scenario 0: weights 1/c up to 61 minutes, by hand.

    Doctors 15, 20, 100 for 100, 50, 10 people; 1 minute at home, 40 to and from 3, 80 between 1 and 2.
    """
    pairs = matrix_pairs(np.array([[1.0, 80, 40], [80, 1, 40], [40, 40, 1]]))
    pairs = pairs[pairs["travel_cost"] <= 61]
    people, doctors = pd.Series([100.0, 50, 10]), pd.Series([15.0, 20, 100])
    ratio = [15 / (100 + 10 / 40), 20 / (50 + 10 / 40), 100 / (10 + 150 / 40)]
    expected = [ratio[0] + ratio[2] / 40, ratio[1] + ratio[2] / 40, ratio[2] + (ratio[0] + ratio[1]) / 40]
    found = access("e2sfca", pairs=pairs, supply=doctors, demand=people, decay=power(1))
    assert found.to_list() == pytest.approx(expected, rel=1e-12)


def test_a_closed_place_beyond_the_cutoff_does_not_move_3sfca():
    """PySAL access 1.1 sums the weights over all places: the scores of 0.1 there become 0.09993 and 0.10014."""
    pairs = matrix_pairs(np.array([[1.0, 2], [2, 1]]))
    supply, demand = pd.Series([10.0, 10]), pd.Series([100.0, 100])
    before = access("3sfca", pairs=pairs, supply=supply, demand=demand, decay=stepped({5: 1, 60: 0.1}))
    assert before.to_list() == pytest.approx([0.1, 0.1])
    for cost in (3.0, 30.0, 61.0, 1000.0):
        closed = pd.concat([pairs, pd.DataFrame({"from_id": [0], "to_id": [2], "travel_cost": [cost]})])
        more = pd.concat([supply, pd.Series({2: 0.0})])
        after = access("3sfca", pairs=closed, supply=more, demand=demand, decay=stepped({5: 1, 60: 0.1}))
        assert after.to_list() == before.to_list()


# --- the formulas with whole matrices ----------------------------------------------------------------------------


def matrix_pairs(cost):
    """Return the pairs of a matrix of costs, without those that are infinite."""
    froms, tos = np.nonzero(np.isfinite(cost))
    return pd.DataFrame({"from_id": froms, "to_id": tos, "travel_cost": cost[froms, tos]})


def over(one, other):
    return np.divide(one, other, out=np.zeros(np.broadcast_shapes(np.shape(one), np.shape(other))), where=other > 0)


def dense(method, f, people, supply):
    """Write R and A straight from the formulas; places without supply are in no sum over places."""
    draws = f * (supply > 0)
    if method in {"2sfca", "e2sfca", "m2sfca"}:
        ratio = over(supply, (people[:, None] * f).sum(0))
        return ratio, (ratio * f ** (2 if method == "m2sfca" else 1)).sum(1)
    if method == "3sfca":
        chance = over(draws, draws.sum(1, keepdims=True))
        ratio = over(supply, (chance * f * people[:, None]).sum(0))
        return ratio, (chance * f * ratio).sum(1)
    if method == "mh3sfca":
        chance = over(supply * f, (supply * f).sum(1, keepdims=True))
        ratio = over(supply, (chance * people[:, None]).sum(0))
        return ratio, (chance * f * ratio).sum(1)
    of_people = over(f, draws.sum(1, keepdims=True))
    of_ratio = over(f, f.sum(0))
    ratio = over(supply, (of_people * people[:, None]).sum(0))
    return ratio, (of_ratio * ratio).sum(1)


def world(seed):
    """Random costs (some missing), people and supply (some none)."""
    rng = np.random.default_rng(seed)
    homes, places = rng.integers(1, 12, 2)
    cost = rng.choice([0.0, 5.0, 10.0, 1.0], (homes, places)) * rng.uniform(0.5, 3, (homes, places))
    cost[rng.random(cost.shape) < 0.3] = np.inf
    people = rng.choice([0.0, 0.0, 1.0, 30.0], homes) * rng.uniform(0.1, 9, homes)
    supply = rng.choice([0.0, 1.0, 1.0, 25.0], places) * rng.uniform(0.1, 9, places)
    return cost, people, supply


DECAYS = {
    "2sfca": [binary(10), binary(0), binary(100)],
    "others": [linear(12), exponential(0.2), power(1.5), binary(9)],
}


@QUICK
@given(seed=SEEDS, which=st.integers(0, 3))
@pytest.mark.parametrize("method", METHODS)
def test_streamed_sums_are_those_of_the_whole_matrix(method, seed, which):
    cost, people, supply = world(seed)
    decays = DECAYS.get(method, DECAYS["others"])
    decay = decays[which % len(decays)]
    ratio, expected = dense(method, decay(cost), people, supply)
    words = {"pairs": matrix_pairs(cost), "supply": pd.Series(supply), "demand": pd.Series(people), "decay": decay}
    found = access(method, **words)
    assert found.to_numpy() == pytest.approx(expected, rel=1e-12, abs=0)
    near = (decay(cost) * people[:, None]).sum(0) > 0
    lost = (supply > 0) & ~near
    assert ratios(method, **words).to_numpy() == pytest.approx(np.where(lost, np.nan, ratio), rel=1e-12, nan_ok=True)
    assert found.attrs["left_out"]["supply_unreached"] == pytest.approx(supply[lost].sum())
    alone = ~((decay(cost) > 0) & (supply > 0)).any(1)
    assert found.attrs["left_out"]["people_without"] == pytest.approx(people[alone].sum())
    assert (found[alone] == 0).all()


@QUICK
@given(seed=SEEDS, size=st.integers(1, 5))
@pytest.mark.parametrize("method", METHODS)
def test_the_size_of_the_blocks_does_not_matter(method, seed, size):
    cost, people, supply = world(seed)
    words = {"pairs": matrix_pairs(cost), "supply": pd.Series(supply), "demand": pd.Series(people)}
    whole = access(method, **words)
    blocks = PairCosts._blocks

    def cut(self, limit=None):
        for froms, tos, costs in blocks(self, limit):
            for begin in range(0, len(froms), size):
                part = slice(begin, begin + size)
                yield froms[part], tos[part], costs[part]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PairCosts, "_blocks", cut)
        assert access(method, **words).to_list() == whole.to_list()


# --- properties --------------------------------------------------------------------------------------------------


@QUICK
@given(seed=SEEDS)
@pytest.mark.parametrize("method", METHODS)
def test_what_is_handed_out_adds_up(method, seed):
    cost, people, supply = world(seed)
    decay = binary(10) if method == "2sfca" else exponential(0.1)
    words = {"pairs": matrix_pairs(cost), "supply": pd.Series(supply), "demand": pd.Series(people), "decay": decay}
    found = access(method, **words)
    reached = supply[((decay(cost) * people[:, None]) > 0).any(0)].sum()
    given_out = (people * found).sum()
    if method in {"2sfca", "e2sfca", "3sfca"}:
        assert given_out == pytest.approx(reached, rel=1e-12)
    elif method == "bfca":
        assert found.sum() == pytest.approx(ratios(method, **words).sum(), rel=1e-12)
    else:
        assert given_out <= reached * (1 + 1e-12)
    assert reached + found.attrs["left_out"]["supply_unreached"] == pytest.approx(supply.sum())


@QUICK
@given(seed=SEEDS, factor=st.sampled_from([0.25, 2.0, 1024.0]))
@pytest.mark.parametrize("method", METHODS)
def test_scales(method, seed, factor):
    """Powers of two, so that scaling is exact: supply scales access, people scale it down."""
    cost, people, supply = world(seed)
    pairs, supply, demand = matrix_pairs(cost), pd.Series(supply), pd.Series(people)
    plain = access(method, pairs=pairs, supply=supply, demand=demand)
    assert access(method, pairs=pairs, supply=supply * factor, demand=demand).to_numpy() == pytest.approx(
        plain * factor
    )
    assert access(method, pairs=pairs, supply=supply, demand=demand * factor).to_numpy() == pytest.approx(
        plain / factor
    )


@QUICK
@given(seed=SEEDS)
@pytest.mark.parametrize("method", METHODS)
def test_order_and_names_do_not_matter(method, seed):
    cost, people, supply = world(seed)
    pairs, supply, demand = matrix_pairs(cost), pd.Series(supply), pd.Series(people)
    plain = access(method, pairs=pairs, supply=supply, demand=demand)
    rng = np.random.default_rng(seed)
    mixed = pairs.iloc[rng.permutation(len(pairs))].assign(
        from_id=lambda frame: frame["from_id"].map("home {}".format), to_id=lambda frame: -frame["to_id"] - 1
    )
    demand = demand.rename("home {}".format).iloc[rng.permutation(len(demand))]
    supply = supply.rename(lambda place: -place - 1).iloc[rng.permutation(len(supply))]
    other = access(method, pairs=mixed, supply=supply, demand=demand)
    assert other.index.equals(demand.index)
    assert other[plain.index.map("home {}".format)].to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-12)


@QUICK
@given(seed=SEEDS, near=st.floats(0, 30))
@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_there_changes_nothing(method, seed, near):
    """A place without supply, a place and a home that reach nothing; a home without people but for bfca."""
    cost, people, supply = world(seed)
    pairs, supply, demand = matrix_pairs(cost), pd.Series(supply), pd.Series(people)
    plain = access(method, pairs=pairs, supply=supply, demand=demand)
    homes, places = len(demand), len(supply)
    closed = pd.DataFrame({"from_id": np.arange(homes), "to_id": places, "travel_cost": near})
    far = pd.DataFrame({"from_id": [homes, homes + 1], "to_id": [0, 0], "travel_cost": [20.001, np.inf]})
    more = pd.concat([supply, pd.Series({places: 0.0, places + 1: 50.0})])
    crowd = pd.concat([demand, pd.Series({homes: 99.0, homes + 1: 5.0, homes + 2: 1.0})])
    after = access(method, pairs=pd.concat([pairs, closed, far]), supply=more, demand=crowd)
    assert after[plain.index].to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-12)
    assert (after[[homes, homes + 1, homes + 2]] == 0).all()
    assert after.attrs["left_out"]["people_without"] == pytest.approx(plain.attrs["left_out"]["people_without"] + 105)
    if method != "bfca":
        empty = pd.DataFrame({"from_id": homes, "to_id": np.arange(places), "travel_cost": near})
        none = pd.concat([demand, pd.Series({homes: 0.0})])
        after = access(method, pairs=pd.concat([pairs, empty]), supply=supply, demand=none)
        assert after[plain.index].to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-12)


@QUICK
@given(seed=SEEDS)
@pytest.mark.parametrize("method", [name for name in METHODS if name != "mh3sfca"])
def test_more_supply_at_one_place_never_hurts(method, seed):
    cost, people, supply = world(seed)
    pairs, demand = matrix_pairs(cost), pd.Series(people)
    before = access(method, pairs=pairs, supply=pd.Series(supply), demand=demand)
    supply = np.where(np.arange(supply.size) == supply.argmax(), supply * 3, supply)
    after = access(method, pairs=pairs, supply=pd.Series(supply), demand=demand)
    assert (after >= before * (1 - 1e-12)).all()


def test_e2sfca_with_a_binary_decay_is_2sfca():
    cost, people, supply = world(7)
    words = {"pairs": matrix_pairs(cost), "supply": pd.Series(supply), "demand": pd.Series(people), "decay": binary(10)}
    assert access("2sfca", **words).to_list() == access("e2sfca", **words).to_list()


def test_weights_too_small_for_numbers_count_as_none():
    """e^(-0.5·2000) is 0, e^(-0.5·600) = 5e-131: neither may turn a share into infinity or NaN."""
    pairs = pd.DataFrame({"from_id": ["a", "b", "c"], "to_id": [1, 1, 2], "travel_cost": [1.0, 600.0, 2000.0]})
    for method in METHODS[1:]:
        found = access(method, pairs=pairs, demand=DEMAND[["a", "b", "c"]], decay=exponential(0.5))
        assert found["a"] > 0
        assert found[["b", "c"]].to_list() == [0, 0]
        assert found.attrs["left_out"]["people_without"] == 100


# --- networks ----------------------------------------------------------------------------------------------------


def town(network_of, points_at, seed, **words):
    """Return travel costs in a random grid town with what its places offer and the people of its homes."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 5))
    cells = [(i, j) for i in range(size) for j in range(size)]
    nodes = [(CENTRE[0] + 100 * i + rng.uniform(-30, 30), CENTRE[1] + 100 * j + rng.uniform(-30, 30)) for i, j in cells]
    edges = [
        (one, other)
        for one, (i, j) in enumerate(cells)
        for other in (one + size if i + 1 < size else -1, one + 1 if j + 1 < size else -1)
        if other >= 0 and rng.random() > 0.2
    ] or [(0, 1)]
    homes, places = (
        points_at(
            *(np.array(CENTRE) + rng.uniform(-100, 100 * size, (count, 2))), ids=[f"{name}{i}" for i in range(count)]
        )
        for name, count in zip("hp", rng.integers(1, 11, 2), strict=True)
    )
    costs = network_of(nodes, edges).travel_costs(homes, places, snap_limit=90, **words)
    supply = pd.Series(rng.choice([0.0, 0.5, 2.25, 7.0], len(places)), index=places.index)
    return costs, supply, pd.Series(rng.choice([0.0, 1.5, 333.3], len(homes)), index=homes.index)


@QUICK
@given(seed=SEEDS, limit=st.sampled_from([None, 6.0]))
@pytest.mark.parametrize("method", METHODS)
def test_lazy_costs_and_their_frame_give_the_same(network_of, points_at, *, method, seed, limit):
    costs, supply, demand = town(network_of, points_at, seed, cutoff=limit)
    decay = binary(4) if method == "2sfca" else linear(6) if seed % 2 else exponential(0.2)
    for measure in (access, ratios):
        lazy = measure(method, pairs=costs, supply=supply, demand=demand, decay=decay)
        plain = measure(method, pairs=costs.to_frame(), supply=supply, demand=demand, decay=decay)
        assert lazy.index.equals(plain.index)
        assert lazy.to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-12, nan_ok=True)
        kept = {name: value for name, value in lazy.attrs["left_out"].items() if not name.endswith("off_network")}
        assert kept == pytest.approx(plain.attrs["left_out"])


def test_a_larger_place_can_hurt_with_mh3sfca():
    """Three homes at no cost: i reaches both places, l (100 people) only 1, c (a million) only 2.

    One person at i, one unit at each place: H is 1/2; R1 = 1/(1/2 + 100), R2 = 1/(1/2 + 1e6), A = (R1 + R2)/2. Two
    units at 2: H is 1/3 and 2/3; R1 = 1/(1/3 + 100), R2 = 2/(2/3 + 1e6), A = (R1 + 2·R2)/3, which is less.
    """
    pairs = pd.DataFrame({"from_id": ["i", "i", "l", "c"], "to_id": [1, 2, 1, 2], "travel_cost": 0.0})
    people = pd.Series({"i": 1.0, "l": 100.0, "c": 1e6})
    before, after = (
        access("mh3sfca", pairs=pairs, supply=pd.Series({1: 1.0, 2: units}), demand=people)["i"] for units in (1.0, 2.0)
    )
    assert before == pytest.approx((1 / 100.5 + 1 / 1_000_000.5) / 2)
    assert after == pytest.approx((1 / (1 / 3 + 100) + 2 * 2 / (2 / 3 + 1e6)) / 3)
    assert after < before
