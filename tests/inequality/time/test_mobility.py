"""Moves between classes, ranks and neighbours, against giddy's published numbers on US states and by hand."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

import spatialjustice as sj
from spatialjustice._core.errors import DuplicateIdError, InputError

ROW = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)


@pytest.fixture(scope="module")
def incomes():
    """Income per head of 48 US states, 1929 to 2009 (Bureau of Economic Analysis), as libpysal's wheel holds it."""
    from libpysal.examples import get_path

    table = pd.read_csv(get_path("usjoin.csv"), index_col="Name").drop(columns="STATE_FIPS")
    return table.rename(columns=int).astype(float)


@pytest.fixture(scope="module")
def states(incomes):
    """The neighbours that giddy's documentation uses, by name of the state."""
    import libpysal

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        links = libpysal.io.open(libpysal.examples.get_path("states48.gal")).read()
    names = incomes.index
    pairs = [(names[int(one)], names[int(other)]) for one in links.id_order for other in links.neighbors[one]]
    one, other = zip(*pairs, strict=True)
    return Graph.from_arrays(list(one), list(other), [1.0] * len(pairs))


def matrix(table, column="zones"):
    return table.pivot(index="from_class", columns="to_class", values=column).to_numpy()


def small(seed=1, zones=30, years=5):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(draw.gamma(2, size=(zones, years)), index=[f"z{i}" for i in range(zones)], columns=range(years))


# ── published ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_transitions_of_us_states_are_those_that_giddy_documents(incomes):
    """giddy 2.3, documentation of Markov: quintiles of each year."""
    table = sj.inequality.transition_table(incomes)
    assert matrix(table).tolist() == [
        [729, 71, 1, 0, 0],
        [72, 567, 80, 3, 0],
        [0, 81, 631, 86, 2],
        [0, 3, 86, 573, 56],
        [0, 0, 1, 57, 741],
    ]
    shares = [0.20774716, 0.18725774, 0.20740537, 0.18821787, 0.20937187]
    assert sj.inequality.steady_state(table).to_numpy() == pytest.approx(shares, abs=5e-9)


def test_mobility_of_us_states_is_what_giddy_documents(incomes):
    """giddy 2.3, documentation of markov_mobility: P 0.19759, D 0.60685, L2 0.03978."""
    table = sj.inequality.transition_table(incomes)
    of = sj.inequality.mobility_index
    assert round(of(table), 5) == 0.19759
    assert round(of(table, measure="determinant"), 5) == 0.60685
    assert round(of(table, measure="eigenvalue"), 5) == 0.03978


def test_relative_incomes_are_those_that_giddy_documents(incomes):
    """giddy 2.3, documentation of Markov: quintiles of incomes relative to the mean, all years together."""
    table = sj.inequality.transition_table(incomes / incomes.mean(), cut="all years")
    assert matrix(table).tolist() == [
        [707, 58, 7, 1, 0],
        [50, 629, 80, 1, 1],
        [4, 79, 610, 73, 2],
        [0, 7, 72, 650, 37],
        [0, 0, 0, 48, 724],
    ]
    shares = [0.17957376, 0.21631443, 0.21499942, 0.21134662, 0.17776576]
    assert sj.inequality.steady_state(table).to_numpy() == pytest.approx(shares, abs=5e-9)


@pytest.mark.parametrize(
    ("neighbour_classes", "published", "limits"),
    [
        (5, (170.659, 200.624, 60), [0.88973386, 0.95891917, 1.01469758, 1.1183566]),
        (4, (172.105, 321.128, 45), [0.91440247, 0.98583079, 1.08698351]),
    ],
)
def test_spatial_markov_of_us_states_is_what_giddy_documents(incomes, states, neighbour_classes, published, limits):
    """giddy 2.3, documentation of Spatial_Markov (Rey 2001): LR, Q, degrees of freedom, limits of neighbours."""
    table = sj.inequality.spatial_markov(
        incomes / incomes.mean(), states, cut="all years", neighbour_classes=neighbour_classes
    )
    found = sj.inequality.transition_test(table)
    assert (round(found["lr"], 3), round(found["q"], 3), found["degrees_of_freedom"]) == published
    assert found["q_p_value"] < 0.001
    assert table.attrs["neighbour_limits"]["1929"] == pytest.approx(limits, abs=5e-9)
    assert table.attrs["limits"]["1929"] == pytest.approx([0.83999133, 0.94707545, 1.03242697, 1.14911154], abs=5e-9)


def test_steady_states_by_neighbours_are_those_that_giddy_documents(incomes, states):
    """giddy 2.3, documentation of Spatial_Markov: the poorest and the richest neighbours."""
    table = sj.inequality.spatial_markov(incomes / incomes.mean(), states, cut="all years")
    found = table.attrs["steady_states"]
    assert found["1"] == pytest.approx([0.43509425, 0.2635327, 0.20363044, 0.06841983, 0.02932278], abs=5e-9)
    assert found["5"] == pytest.approx([0.01776781, 0.19964349, 0.19009833, 0.25524697, 0.3372434], abs=5e-9)


def test_tau_is_what_giddy_documents():
    """giddy 2.3, documentation of Tau: two columns with ties, -0.47140."""
    panel = pd.DataFrame({1: [12.0, 2, 1, 12, 2], 2: [1.0, 4, 7, 1, 0]})
    assert round(sj.inequality.rank_mobility(panel, replications=0)["tau"][0], 5) == -0.4714


# ── another library ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_spatial_markov_equals_giddy_with_classes_of_each_year(incomes, states):
    from giddy.markov import Spatial_Markov

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights = states.to_W()
        weights.transform = "r"
        order = incomes.loc[weights.id_order]
        peer = Spatial_Markov(order.to_numpy(), weights, k=4, m=5, fixed=False)
    table = sj.inequality.spatial_markov(incomes, states, classes=4, neighbour_classes=5)
    for name, part in table.groupby("neighbours_class"):
        assert (matrix(part) == peer.T[int(name) - 1]).all()
    found = sj.inequality.transition_test(table)
    assert found["q"] == pytest.approx(peer.Q)
    assert found["lr"] == pytest.approx(peer.LR)
    assert found["degrees_of_freedom"] == peer.dof_hom


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=25))
def test_rank_correlations_equal_scipys(pairs):
    from scipy.stats import kendalltau, spearmanr

    panel = pd.DataFrame(pairs, columns=[1, 2], dtype=float)
    if (panel.nunique() < 2).any():
        return
    found = sj.inequality.rank_mobility(panel, replications=0).iloc[0]
    assert found["tau"] == pytest.approx(kendalltau(panel[1], panel[2]).statistic)
    assert found["rank_correlation"] == pytest.approx(spearmanr(panel[1], panel[2]).statistic)


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_people_move_with_their_zones():
    """a stays low with 10 people, b rises with 30, c falls with 20, d stays high with 40; others come later."""
    panel = pd.DataFrame({1: [1.0, 2, 3, 4], 2: [1.0, 4, 2, 5]}, index=list("abcd"))
    people = pd.DataFrame({1: [10, 30, 20, 40], 2: [99, 99, 99, 99]}, index=list("abcd"))
    table = sj.inequality.transition_table(panel, classes=2, weights=people)
    assert table["people"].tolist() == [10, 30, 20, 40]
    assert table["people_probability"].tolist() == pytest.approx([10 / 40, 30 / 40, 20 / 60, 40 / 60])


def test_steady_state_by_hand():
    """From low 1 of 4 rises, from high 1 of 2 falls: low = 0.75 low + 0.5 high, so low : high = 2 : 1."""
    table = pd.DataFrame({"from_class": [1, 1, 2, 2], "to_class": [1, 2, 1, 2], "zones": [3, 1, 1, 1]})
    assert sj.inequality.steady_state(table).to_numpy() == pytest.approx([2 / 3, 1 / 3])
    # (2 - (3/4 + 1/2)) / (2 - 1); the determinant is 3/8 - 1/8; the second eigenvalue the trace less 1
    assert sj.inequality.mobility_index(table) == pytest.approx(0.75)
    assert sj.inequality.mobility_index(table, measure="determinant") == pytest.approx(0.75)
    assert sj.inequality.mobility_index(table, measure="eigenvalue") == pytest.approx(0.75)


def test_a_class_that_is_left_for_good_ends_empty():
    table = pd.DataFrame({"from_class": [1, 1, 2, 2], "to_class": [1, 2, 1, 2], "zones": [3, 1, 0, 4]})
    assert sj.inequality.steady_state(table).to_numpy() == pytest.approx([0, 1], abs=1e-12)


def test_classes_never_left_have_no_one_steady_state():
    table = pd.DataFrame({"from_class": [1, 1, 2, 2], "to_class": [1, 2, 1, 2], "zones": [3, 0, 0, 4]})
    with pytest.raises(InputError, match="several sets of classes"):
        sj.inequality.steady_state(table)
    assert sj.inequality.mobility_index(table) == 0.0


def test_a_value_at_a_limit_belongs_to_the_class_below():
    panel = pd.DataFrame({1: [1.0, 2, 3, 4], 2: [2.0, 2, 2.1, 4]}, index=list("abcd"))
    table = sj.inequality.transition_table(panel, classes=[2.0])
    assert matrix(table).tolist() == [[2, 0], [0, 2]]


def test_islands_are_a_class_of_their_own():
    links = Graph.from_arrays(list("abbccdef"), list("bacbdcef"), [1, 1, 1, 1, 1, 1, 0, 0])
    panel = small(zones=6, years=4).set_axis(list("abcdef"))
    table = sj.inequality.spatial_markov(panel, links, classes=2)
    by = table.groupby("neighbours_class")["zones"].sum()
    assert by["island"] == 2 * 3
    assert by.sum() == 6 * 3
    assert table.attrs["islands"] == 2
    assert any(item["code"] == "zones_without_neighbours" for item in table.attrs["findings"])
    test = sj.inequality.transition_test(table)
    assert test["zones"] == 4 * 3


def test_unequal_years_are_told():
    panel = small(years=3).set_axis([2000, 2001, 2011], axis=1)
    table = sj.inequality.transition_table(panel)
    assert [item["code"] for item in table.attrs["findings"]] == ["unequal_steps"]


# ── invariants ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_order_of_rows_changes_nothing(incomes, states):
    mixed = incomes.sample(frac=1, random_state=3)
    people = pd.Series(np.arange(1.0, 49), index=incomes.index)
    for of in (
        lambda panel: sj.inequality.transition_table(panel, weights=people.reindex(panel.index)),
        lambda panel: sj.inequality.rank_mobility(panel[[1929, 1969, 2009]], rng=1, replications=99),
        lambda panel: sj.inequality.spatial_markov(panel, states, weights=people),
    ):
        pd.testing.assert_frame_equal(of(incomes), of(mixed), check_exact=True)


def test_moves_and_people_add_up(incomes, states):
    people = pd.Series(np.arange(1.0, 49), index=incomes.index)
    plain = sj.inequality.transition_table(incomes, weights=people)
    apart = sj.inequality.spatial_markov(incomes, states, weights=people)
    assert plain["zones"].sum() == apart["zones"].sum() == 48 * 80
    assert plain["people"].sum() == apart["people"].sum() == people.sum() * 80
    together = apart.groupby(["from_class", "to_class"])["zones"].sum().to_numpy()
    assert (together == plain["zones"].to_numpy()).all()
    assert plain.groupby("from_class")["probability"].sum().to_numpy() == pytest.approx(1, abs=1e-12)


def test_moves_that_hang_on_nothing_are_seldom_called_different():
    """80 panels of noise with neighbours that mean nothing: the test at 0.05 rejects in about 4, at most 11 of 80."""
    ring = np.arange(60)
    graph = Graph.from_arrays([*ring, *ring], [*np.roll(ring, 1), *np.roll(ring, -1)], [1] * 120)
    rejected = 0
    for seed in range(80):
        panel = pd.DataFrame(np.random.default_rng(seed).normal(size=(60, 12)), columns=range(12))
        found = sj.inequality.transition_test(sj.inequality.spatial_markov(panel, graph, classes=2))
        rejected += found["q_p_value"] < 0.05
    assert rejected <= 11


def test_the_interval_of_tau_holds_it_and_follows_from_the_seed():
    panel = small(zones=25, years=2)
    one, two = (sj.inequality.rank_mobility(panel, rng=5, replications=199) for _ in range(2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert (one["low"] < one["tau"]).all()
    assert (one["tau"] < one["high"]).all()
    assert one.attrs["seed"] == 5


def test_many_zones_have_ranks_but_no_intervals():
    """2,100 zones pass through several blocks; scipy's tau is the same."""
    from scipy.stats import kendalltau

    panel = pd.DataFrame(np.random.default_rng(1).integers(0, 900, (2_100, 2)).astype(float), columns=[1, 2])
    found = sj.inequality.rank_mobility(panel, replications=0)
    assert found["tau"][0] == pytest.approx(kendalltau(panel[1], panel[2]).statistic)
    with pytest.raises(InputError, match="replications=0"):
        sj.inequality.rank_mobility(panel)


# ── refused ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda panel: panel.iloc[:3], "3 zones"),
        (lambda panel: panel.iloc[:, :1], "1 columns"),
        (lambda panel: panel[panel.columns[::-1]], "rising order"),
        (lambda panel: panel.drop("z4").reindex(panel.index), "missing or infinite.*z4"),
        (lambda panel: panel.replace(panel.iloc[4, 0], np.inf), "missing or infinite.*z4"),
        (lambda panel: panel.assign(**{"5": "text"}), "rising order"),
        (lambda panel: panel.astype(str), "not numbers"),
        (lambda panel: panel.iloc[:, 0], "a Series"),
        (lambda panel: panel * 0 + 1, "cannot be told apart|same value"),
    ],
)
@pytest.mark.parametrize("measure", ["transition_table", "rank_mobility"])
def test_bad_panels_are_refused(change, message, measure):
    with pytest.raises(InputError, match=message):
        getattr(sj.inequality, measure)(change(small()))


def test_repeated_ids_are_refused():
    panel = small()
    with pytest.raises(DuplicateIdError, match="z0"):
        sj.inequality.transition_table(pd.concat([panel, panel.iloc[:1]]))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (pd.Series(1.0, index=["z0"]), "ids are not in both"),
        (pd.Series(-1.0, index=small().index), "below 0"),
        (pd.Series(0.0, index=small().index), "are 0"),
        (pd.DataFrame(1.0, index=small().index, columns=[7]), "not those of the panel"),
        ([1.0] * 30, "a list"),
    ],
)
def test_bad_weights_are_refused(weights, message):
    with pytest.raises(InputError, match=message):
        sj.inequality.transition_table(small(), weights=weights)


def test_neighbours_of_other_zones_are_refused():
    with pytest.raises(InputError, match="not the same as those of the values"):
        sj.inequality.spatial_markov(small(), ROW)
    with pytest.raises(InputError, match="a dict"):
        sj.inequality.spatial_markov(small(), {})


def test_tables_of_another_kind_are_refused():
    table = sj.inequality.spatial_markov(small(zones=4).set_axis(list("abcd")), ROW, classes=2)
    with pytest.raises(InputError, match="one class of neighbours"):
        sj.inequality.mobility_index(table)
    with pytest.raises(InputError, match="spatial_markov"):
        sj.inequality.transition_test(sj.inequality.transition_table(small()))
    with pytest.raises(InputError, match="transition_table"):
        sj.inequality.steady_state(small())
    empty = pd.DataFrame({"from_class": [1, 1, 2, 2], "to_class": [1, 2, 1, 2], "zones": [3, 0, 0, 0]})
    with pytest.raises(InputError, match="no move began in class 2"):
        sj.inequality.mobility_index(empty)


@pytest.mark.parametrize("classes", [1, 2.5, [2.0, 1.0], [], [np.nan]])
def test_classes_that_make_no_sense_are_refused(classes):
    with pytest.raises(InputError):
        sj.inequality.transition_table(small(), classes=classes)
