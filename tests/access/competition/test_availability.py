"""Spatial availability and the constrained family: hand cases, published numbers, whole matrices, properties."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.access.competition import catchment
from spatialjustice.access.competition.availability import (
    CONSTRAINTS,
    constrained_accessibility,
    constrained_flows,
    spatial_availability,
)
from spatialjustice.access.competition.catchment import floating_catchment_area
from spatialjustice.access.decay import binary, exponential, linear, power

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CENTRE = (500_000, 6_600_000)
SEEDS = st.integers(0, 2**32 - 1)


def matrix_pairs(cost, froms=None, tos=None):
    """Return the pairs of a matrix of costs, without those that are infinite."""
    cost = np.asarray(cost, dtype=float)
    i, j = np.nonzero(np.isfinite(cost))
    froms = np.arange(cost.shape[0]) if froms is None else np.array(list(froms))
    tos = np.arange(cost.shape[1]) if tos is None else np.array(list(tos))
    return pd.DataFrame({"from_id": froms[i], "to_id": tos[j], "travel_cost": cost[i, j]})


def half(cost):
    return 0.5**cost


# a reaches 1 at no cost; b reaches 1 at a weight of 1/2 and 2 at no cost; nobody reaches 3, c reaches nothing.
PAIRS = matrix_pairs([[0, np.inf], [1, 0]], "ab", [1, 2])
JOBS = pd.Series({1: 10.0, 2: 3.0, 3: 5.0})
PEOPLE = pd.Series({"a": 4.0, "b": 2.0, "c": 7.0})


def test_spatial_availability_by_hand():
    """Place 1: a counts 4, b 2/2 = 1, so 8 and 2 of the 10; all 3 of place 2 go to b."""
    found = spatial_availability(PAIRS, JOBS, demand=PEOPLE, decay=half)
    assert found.to_dict() == pytest.approx({"a": 8, "b": 5, "c": 0})
    assert found.attrs["left_out"] == {
        "origins_without": 1,
        "people_without": 7.0,
        "destinations_unreached": 1,
        "opportunities_unreached": 5.0,
        "opportunities_elsewhere": 0,
        "demand_elsewhere": 0,
    }
    # alpha 2: a counts 16, b 4/2 = 2: 10·16/18. alpha 0: 1 and 1/2.
    by_square = spatial_availability(PAIRS, JOBS, demand=PEOPLE, decay=half, alpha=2)
    assert by_square["a"] == pytest.approx(160 / 18)
    assert spatial_availability(PAIRS, JOBS, demand=PEOPLE, decay=half, alpha=0)["a"] == pytest.approx(20 / 3)
    assert spatial_availability(PAIRS, JOBS.rename("jobs"), demand=PEOPLE, decay=half).attrs["unit"] == "jobs"


def test_constrained_by_hand():
    """Total: 13 reached jobs over 10 + (5 + 3) of potential. Singly: as spatial availability."""
    total = constrained_accessibility(PAIRS, JOBS, decay=half, constraint="total")
    assert total.to_dict() == pytest.approx({"a": 130 / 18, "b": 8 * 13 / 18})
    singly = constrained_accessibility(PAIRS, JOBS, demand=PEOPLE, decay=half, constraint="singly")
    assert singly.to_dict() == pytest.approx({"a": 8, "b": 5, "c": 0})
    flows = constrained_flows(PAIRS, JOBS, demand=PEOPLE, decay=half, constraint="singly")
    assert flows.to_numpy().tolist() == [["a", 1, 8.0], ["b", 1, 2.0], ["b", 2, 3.0]]


def test_doubly_by_hand():
    """People 5 and 8 for 10 and 3 jobs: a reaches only place 1, so 5 go there; of b's 8, 5 go to 1 and 3 to 2."""
    people = pd.Series({"a": 5.0, "b": 8.0, "c": 7.0})
    flows = constrained_flows(PAIRS, JOBS, demand=people, decay=half, constraint="doubly")
    assert flows["flow"].to_list() == pytest.approx([5, 5, 3], rel=1e-6)
    found = constrained_accessibility(PAIRS, JOBS, demand=people, decay=half, constraint="doubly")
    assert found.to_dict() == pytest.approx({"a": 5, "b": 8, "c": 0}, rel=1e-8)
    assert found.attrs["error"] <= 1e-9
    assert found.attrs["left_out"]["people_without"] == 7


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(InputError, match="constraint: it is “none”"):
        constrained_accessibility(PAIRS, JOBS, decay=half, constraint="none")
    with pytest.raises(InputError, match="constraint total does not use it"):
        constrained_accessibility(PAIRS, JOBS, demand=PEOPLE, decay=half, constraint="total")
    with pytest.raises(InputError, match="constraint singly needs it"):
        constrained_accessibility(PAIRS, JOBS, decay=half, constraint="singly")
    with pytest.raises(InputError, match=r"6 people .* 13 opportunities"):
        constrained_accessibility(PAIRS, JOBS, demand=PEOPLE, decay=half, constraint="doubly")
    # a alone has 11 people for the 10 jobs it reaches: the sums agree, but no flows fit.
    with pytest.raises(InputError, match=r"after 1,000 rounds .* no flows"):
        constrained_flows(PAIRS, JOBS, demand=pd.Series({"a": 11.0, "b": 2.0}), decay=half, constraint="doubly")
    for wrong in (-1, np.inf, "1", True):
        with pytest.raises(InputError, match="alpha"):
            spatial_availability(PAIRS, JOBS, demand=PEOPLE, decay=half, alpha=wrong)


# --- published numbers -------------------------------------------------------------------------------------------


def test_published_spatial_availability():
    """Example of Soukhov et al. (2023), as in the R package accessibility's page of spatial_availability, by pair."""
    pairs = matrix_pairs([[15, 30, 100], [30, 15, 100], [100, 100, 15]], "ABC", [1, 2, 3])
    jobs, people = pd.Series({1: 1e5, 2: 1e5, 3: 1e4}), pd.Series({"A": 50_000, "B": 150_000, "C": 10_000})
    found = spatial_availability(pairs, jobs, demand=people, decay=exponential(0.1))
    assert found.to_list() == pytest.approx([66833.466, 133203.363, 9963.171], abs=5e-4)
    singly = constrained_accessibility(pairs, jobs, demand=people, decay=exponential(0.1), constraint="singly")
    assert singly.to_list() == pytest.approx(found.to_list(), rel=1e-12)
    flows = constrained_flows(pairs, jobs, demand=people, decay=exponential(0.1), constraint="singly")
    published = [
        59900.642536, 6922.691048, 10.132187, 40096.919886, 93076.046417, 30.396561, 2.437577, 1.262535, 9959.471253,
    ]  # fmt: skip
    assert flows["flow"].to_list() == pytest.approx(published, abs=5e-7)


TOY = matrix_pairs([[10, 30, 15], [30, 10, 25], [15, 25, 10]], "123", "123")


@pytest.mark.parametrize(
    ("exponent", "total", "singly"),
    [
        (3, [172.0653, 131.6267, 186.3080], [133.4687, 166.7813, 189.7499]),
        (2, [172.6721, 132.2474, 185.0805], [122.2546, 185.0957, 182.6497]),
        (0.1, [164.0802, 160.6921, 165.2277], [98.84766, 241.87721, 149.27513]),
    ],
)
def test_published_family(exponent, total, singly):
    """Toy example of Soukhov et al. (2025), in the R package accessibility's testing_constrained.Rmd."""
    jobs, people = pd.Series({"1": 160, "2": 150, "3": 180}), pd.Series({"1": 4, "2": 10, "3": 6})
    found = constrained_accessibility(TOY, jobs, decay=power(exponent), constraint="total")
    assert found.to_list() == pytest.approx(total, abs=6e-5)
    found = constrained_accessibility(TOY, jobs, demand=people, decay=power(exponent), constraint="singly")
    assert found.to_list() == pytest.approx(singly, abs=6e-5)


def test_published_doubly_constrained():
    """Table 10 of Soukhov et al. (2025), in the same file, where the fitting ends at an error of a thousandth."""
    jobs, people = pd.Series({"1": 7, "2": 5, "3": 8}), pd.Series({"1": 4, "2": 10, "3": 6})
    flows = constrained_flows(TOY, jobs, demand=people, decay=power(3), constraint="doubly")
    published = [
        3.23585899, 0.01032226, 0.75565683, 2.13260167, 4.95932483, 2.90443915, 1.63153933, 0.03035291, 4.33990401,
    ]  # fmt: skip
    assert flows["flow"].to_list() == pytest.approx(published, abs=4e-3)
    by_origin, by_place = flows.groupby("from_id")["flow"].sum(), flows.groupby("to_id")["flow"].sum()
    assert by_origin.to_list() == pytest.approx(people.to_list(), rel=1e-8)
    assert by_place.to_list() == pytest.approx(jobs.to_list(), rel=1e-8)
    # The same package's reference page, exponential decay, error 0.0007.
    flows = constrained_flows(TOY, jobs, demand=people, decay=exponential(0.1), constraint="doubly")
    published = [
        2.52693730,
        0.09995405,
        1.37651660,
        2.15341665,
        4.65063122,
        3.18866969,
        2.31964604,
        0.24941474,
        3.43481370,
    ]
    assert flows["flow"].to_list() == pytest.approx(published, abs=6e-3)


def test_published_belo_horizonte(shared_data):
    """R package accessibility 1.5, reference page of constrained_accessibility: jobs of 898 hexagons."""
    matrix = pd.read_parquet(shared_data("belo_horizonte/bho_travel_matrix.parquet"))
    matrix = matrix.rename(columns={"travel_time": "travel_cost"})
    land = gpd.read_file(shared_data("belo_horizonte/bho_hex_landuse.gpkg")).set_index("id")
    ids = [f"89a88{name}" for name in ("cdb57bffff", "cdb597ffff", "cdb5b3ffff", "cdb5cfffff", "cd909bffff")]
    ids += ["89a881acda3ffff", "89a88cdb543ffff", "89a88cda667ffff", "89a88cd900fffff", "89a881aebafffff"]
    decay = exponential(0.1)
    total = constrained_accessibility(matrix, land["jobs"], decay=decay, constraint="total")
    expected = [263.8175, 264.7306, 319.5332, 428.2523, 291.7166, 280.1091, 697.2299, 346.8143, 113.1569, 0]
    assert total[ids].to_list() == pytest.approx(expected, abs=6e-5)
    expected = [186.0876, 140.0738, 736.5830, 900.9284, 0, 453.8818, 1184.0239, 276.2530, 103.5370, 0]
    found = spatial_availability(matrix, land["jobs"], demand=land["population"], decay=decay)
    assert found[ids].to_list() == pytest.approx(expected, abs=6e-5)


# --- whole matrices and properties -------------------------------------------------------------------------------


def world(seed):
    """Random costs (some missing), people and jobs (some none)."""
    rng = np.random.default_rng(seed)
    homes, places = rng.integers(1, 12, 2)
    cost = rng.uniform(0, 25, (homes, places))
    cost[rng.random(cost.shape) < 0.3] = np.inf
    people = rng.choice([0.0, 1.0, 30.0], homes) * rng.uniform(0.1, 9, homes)
    return cost, people, rng.choice([0.0, 1.0, 25.0], places) * rng.uniform(0.1, 9, places)


def over(one, other):
    return np.divide(one, other, out=np.zeros(np.broadcast_shapes(np.shape(one), np.shape(other))), where=other > 0)


@QUICK
@given(seed=SEEDS, alpha=st.sampled_from([0, 0.5, 1, 2.5]))
def test_streamed_sums_are_those_of_the_whole_matrix(seed, alpha):
    """The formula of the paper with its balancing factors, which the package leaves out where they cancel."""
    cost, people, jobs = world(seed)
    f = linear(20)(cost)
    by_people = over(people**alpha, (people**alpha).sum())[:, None]
    by_cost = over(f, f.sum(0))
    expected = (jobs * over(by_people * by_cost, (by_people * by_cost).sum(0))).sum(1)
    pairs, jobs, people = matrix_pairs(cost), pd.Series(jobs), pd.Series(people)
    found = spatial_availability(pairs, jobs, demand=people, decay=linear(20), alpha=alpha)
    assert found.to_numpy() == pytest.approx(expected, rel=1e-12)
    unreached = found.attrs["left_out"]["opportunities_unreached"]
    if alpha:
        assert found.sum() + unreached == pytest.approx(jobs.sum())
    if alpha == 1:
        each = floating_catchment_area(pairs, supply=jobs, demand=people, decay=linear(20))
        assert found.to_numpy() == pytest.approx((each * people).to_numpy(), rel=1e-12)
    potential = (jobs.to_numpy() * f).sum(1)
    reached = jobs[(f > 0).any(0)].sum()
    total = constrained_accessibility(pairs, jobs, decay=linear(20), constraint="total", origins=people.index)
    assert total.to_numpy() == pytest.approx(over(potential, potential.sum()) * reached, rel=1e-12)


@QUICK
@given(seed=SEEDS, constraint=st.sampled_from(CONSTRAINTS))
def test_flows_add_up_to_what_falls_to_each(seed, constraint):
    cost, people, jobs = world(seed)
    cost = np.where(np.isfinite(cost), cost, 30.0)  # every place is in reach, so that all sums can be met
    people[0], jobs[0] = people[0] + 1, jobs[0] + 1
    jobs *= people.sum() / jobs.sum()
    words = {"decay": exponential(0.1), "constraint": constraint}
    words |= {} if constraint == "total" else {"demand": pd.Series(people)}
    found = constrained_accessibility(matrix_pairs(cost), pd.Series(jobs), **words)
    flows = constrained_flows(matrix_pairs(cost), pd.Series(jobs), **words)
    assert flows.groupby("from_id")["flow"].sum().to_numpy() == pytest.approx(found.to_numpy(), rel=1e-9)
    assert found.sum() == pytest.approx(jobs.sum(), rel=1e-8)
    if constraint != "total":
        assert flows.groupby("to_id")["flow"].sum().to_numpy() == pytest.approx(jobs, rel=1e-7)
    if constraint == "doubly":
        assert found.to_numpy() == pytest.approx(people, rel=1e-7)
        # Wilson: flow = A P B O f, so that every two by two corner has the cross-ratio of the weights.
        matrix = flows.pivot_table(index="from_id", columns="to_id", values="flow").to_numpy()
        weight = np.exp(-0.1 * cost)
        i, j = np.flatnonzero(people > 0)[[0, -1]], np.flatnonzero(jobs > 0)[[0, -1]]
        one, other = matrix[np.ix_(i, j)], weight[np.ix_(i, j)]
        assert one[0, 0] * one[1, 1] * other[0, 1] * other[1, 0] == pytest.approx(
            one[0, 1] * one[1, 0] * other[0, 0] * other[1, 1], rel=1e-9
        )


@QUICK
@given(seed=SEEDS)
def test_order_names_scales_and_what_is_not_there(seed):
    cost, people, jobs = world(seed)
    rng = np.random.default_rng(seed)
    pairs, jobs, people = matrix_pairs(cost), pd.Series(jobs), pd.Series(people)
    plain = spatial_availability(pairs, jobs, demand=people, decay=exponential(0.1))
    mixed = pairs.iloc[rng.permutation(len(pairs))].assign(to_id=lambda frame: frame["to_id"].map("place {}".format))
    jobs = jobs.rename("place {}".format)
    other = spatial_availability(mixed, jobs, demand=people.iloc[::-1], decay=exponential(0.1))
    assert other[plain.index].to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-12)
    twice = spatial_availability(mixed, jobs * 2, demand=people * 8, decay=exponential(0.1))
    assert twice.to_numpy() == pytest.approx(2 * plain.to_numpy(), rel=1e-12)
    closed = pd.DataFrame({"from_id": people.index, "to_id": "closed", "travel_cost": 1.0})
    more = pd.concat([jobs, pd.Series({"closed": 0.0, "far": 9.0})])
    crowd = pd.concat([people, pd.Series({-1: 50.0})])
    after = spatial_availability(pd.concat([mixed, closed]), more, demand=crowd, decay=exponential(0.1))
    assert after[plain.index].to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-12)
    assert after[-1] == 0


def test_the_fitting_searches_anew_where_there_are_too_many_pairs(monkeypatch):
    jobs, people = pd.Series({"1": 7, "2": 5, "3": 8}), pd.Series({"1": 4, "2": 10, "3": 6})
    words = {"demand": people, "decay": power(3), "constraint": "doubly"}
    kept = constrained_flows(TOY, jobs, **words)
    monkeypatch.setattr(catchment, "KEPT", 8)
    pd.testing.assert_frame_equal(constrained_flows(TOY, jobs, **words), kept, check_exact=True)


@QUICK
@given(seed=SEEDS)
@example(seed=20000)  # parts that do not meet: the balancing factors would grow beyond all numbers
def test_lazy_costs_and_their_frame_give_the_same(network_of, points_at, seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 5))
    cells = [(i, j) for i in range(size) for j in range(size)]
    nodes = [(CENTRE[0] + 100 * i, CENTRE[1] + 100 * j) for i, j in cells]
    edges = [
        (one, other)
        for one, (i, j) in enumerate(cells)
        for other in (one + size if i + 1 < size else -1, one + 1 if j + 1 < size else -1)
        if other >= 0 and rng.random() > 0.2
    ] or [(0, 1)]
    homes, places = (
        points_at(
            *(np.array(CENTRE) + rng.uniform(0, 100 * size, (count, 2))), ids=[f"{name}{i}" for i in range(count)]
        )
        for name, count in zip("hp", rng.integers(1, 11, 2), strict=True)
    )
    costs = network_of(nodes, edges).travel_costs(homes, places, snap_limit=90)
    jobs = pd.Series(rng.choice([0.0, 2.25, 7.0], len(places)), index=places.index)
    people = pd.Series(rng.choice([0.0, 1.5, 333.3], len(homes)), index=homes.index)
    frame = costs.to_frame()
    for measure, words in (
        (spatial_availability, {"demand": people}),
        (constrained_accessibility, {"constraint": "total"}),
        (constrained_accessibility, {"constraint": "singly", "demand": people}),
    ):
        lazy = measure(costs, jobs, decay=binary(4), **words)
        plain = measure(frame, jobs, decay=binary(4), origins=homes.index, **words)
        assert lazy.index.equals(plain.index)
        assert lazy.to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-12)
    reachable = constrained_accessibility(costs, jobs, decay=exponential(0.1), constraint="singly", demand=people)
    lost = reachable.attrs["left_out"]
    wanted, offered = people.sum() - lost["people_without"], jobs.sum() - lost["opportunities_unreached"]
    if wanted > 0 and offered > 0 and not lost["people_without"] and not lost["opportunities_unreached"]:
        words = {"demand": people * offered / wanted, "decay": exponential(0.1), "constraint": "doubly"}
        try:
            lazy = constrained_flows(costs, jobs, **words)
        except InputError as error:  # two parts of a town that do not meet need not balance
            assert "no flows" in str(error)  # noqa: PT017
        else:
            plain = constrained_flows(frame, jobs, **words)
            assert lazy["flow"].to_numpy() == pytest.approx(plain["flow"].to_numpy(), rel=1e-9)
