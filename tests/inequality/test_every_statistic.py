"""What spoils today's tools, tried on every statistic: each time an error that names it, or a class of its own.

A missing value, a constant, an island, shuffled rows, too few zones, one group only, nobody there: none may come out as
significant. And where there is nothing but noise, one in twenty is called at 5 %.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from spatialjustice import inequality
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice.inequality import (
    geary,
    getis_ord,
    join_counts,
    lee,
    local_geary,
    local_getis_ord,
    local_lee,
    local_moran,
    local_moran_bivariate,
    moran,
    moran_bivariate,
    spatial_gini,
    theil_between_regions,
)

SIDE = 6
IDS = [f"z{number:02d}" for number in range(SIDE * SIDE)]


def field(side, ids):
    """Squares that touch along an edge."""
    places = {(row, column): ids[row * side + column] for row in range(side) for column in range(side)}
    pairs = [
        (ids.index(one), ids.index(places[other]))
        for (row, column), one in places.items()
        for other in ((row, column + 1), (row + 1, column), (row, column - 1), (row - 1, column))
        if other in places
    ]
    return [(ids[one], ids[two]) for one, two in sorted(pairs)]


def graph_of(links, *, alone=()):
    one, two = [one for one, _ in links] + list(alone), [two for _, two in links] + list(alone)
    return Graph.from_arrays(one, two, [1.0] * len(links) + [0.0] * len(alone))


LINKS = field(SIDE, IDS)
SQUARES = graph_of(LINKS)
OTHER = pd.Series(np.random.default_rng(8).uniform(1, 9, len(IDS)), index=IDS)
HALVES = pd.Series(["n"] * 18 + ["s"] * 18, index=IDS)


def other_for(values):
    """A second thing with the same ids, never missing."""
    ids = sorted(values.index)
    return pd.Series(np.arange(len(ids)) % 7 + 1.0, index=ids).add(OTHER.reindex(ids).fillna(0))


def classes_of(values):
    return (values > values.dropna().quantile(0.5)).map({True: "high", False: "low"}).where(values.notna(), None)


def halves_for(values):
    return pd.Series(
        ["n" if place < len(values) / 2 else "s" for place in range(len(values))], index=sorted(values.index)
    )


GLOBAL = {
    "moran": moran,
    "geary": geary,
    "getis_ord": getis_ord,
    "moran_bivariate": lambda values, links, **more: moran_bivariate(values, other_for(values), links, **more),
    "lee": lambda values, links, **more: lee(values, other_for(values), links, **more),
    "spatial_gini": spatial_gini,
    "theil_between_regions": lambda values, _, **more: theil_between_regions(values, halves_for(values), **more),
    "join_counts": lambda values, links, **more: join_counts(classes_of(values), links, **more),
}
LOCAL = {
    "local_moran": local_moran,
    "local_geary": local_geary,
    "local_getis_ord": local_getis_ord,
    "local_getis_ord, without itself": lambda *given, **more: local_getis_ord(*given, star=False, **more),
    "local_moran_bivariate": lambda values, links, **more: local_moran_bivariate(
        values, other_for(values), links, **more
    ),
    "local_lee": lambda values, links, **more: local_lee(values, other_for(values), links, **more),
}
EVERY = GLOBAL | LOCAL
of_every = pytest.mark.parametrize("statistic", EVERY.values(), ids=EVERY)
of_local = pytest.mark.parametrize("statistic", LOCAL.values(), ids=LOCAL)
of_global = pytest.mark.parametrize("statistic", GLOBAL.values(), ids=GLOBAL)


@pytest.fixture
def values():
    return pd.Series(np.random.default_rng(3).uniform(1, 9, len(IDS)), index=IDS, name="synthetic")


def test_no_statistic_with_a_p_value_is_forgotten():
    tested = {name.split(",")[0] for name in EVERY}
    others = {"spatial_gini", "theil_between_regions", "join_counts"}
    named = {
        name
        for name in inequality.__all__
        if name.removeprefix("local_").split("_")[0] in {"moran", "geary", "getis", "lee"}
    }
    assert named | others == tested


@of_every
def test_a_missing_value_is_refused_by_name(statistic, values):
    values["z07"] = np.nan
    with pytest.raises(InputError, match=r"1 values are missing \(z07\)"):
        statistic(values, SQUARES, rng=1)


@of_every
def test_or_has_its_own_class_and_is_told(statistic, values):
    values["z07"] = np.nan
    found = statistic(values, SQUARES, rng=1, missing="own class")
    assert "zones_without_value" in {finding.code for finding in findings_of(found)}
    if "label" in found:
        assert found.loc["z07", "label"] == "no data"
        assert found.loc["z07", ["statistic", "expected", "p_value", "p_adjusted"]].isna().all()
        # Those that remain are as if it had never been there.
        left = values.drop("z07")
        alone = statistic(left, graph_of([pair for pair in LINKS if "z07" not in pair]), rng=1)
        if "bivariate" not in found.attrs["measure"] and "lee" not in found.attrs["measure"]:
            np.testing.assert_allclose(found.drop("z07")["statistic"], alone["statistic"])


@of_every
def test_a_constant_is_refused(statistic):
    with pytest.raises(InputError, match="the same"):
        statistic(pd.Series(0.1, index=IDS) * 3, SQUARES, rng=1)


@of_every
def test_an_infinite_value_is_refused(statistic, values):
    if statistic is EVERY["join_counts"]:
        return  # infinite or not, it is high
    values["z07"] = np.inf
    with pytest.raises(InputError, match=r"1 values are infinite \(z07\)"):
        statistic(values, SQUARES, rng=1)


@of_local
def test_an_island_has_no_p_value_and_its_own_class(statistic, values):
    values["alone"] = 900.0
    found = statistic(values, graph_of(LINKS, alone=["alone"]), rng=1)
    assert found.loc["alone", "label"] == "island"
    assert found.loc["alone", ["statistic", "expected", "p_value", "p_adjusted"]].isna().all()
    assert "zones_without_neighbours" in {finding.code for finding in findings_of(found)}
    assert (found.drop("alone")["p_value"].notna()).all()


@of_global
def test_an_island_does_not_make_a_whole_significant(statistic, values):
    """Islands take no part, or only in the pairs of those that are no neighbours."""
    more = pd.concat([values, pd.Series([values.mean()], index=["zz"])])
    found = statistic(more, graph_of(LINKS, alone=["zz"]), rng=1)
    if statistic is not EVERY["theil_between_regions"]:
        assert "zones_without_neighbours" in {finding.code for finding in findings_of(found)}
        assert found.attrs["islands"] == 1
    assert (np.atleast_1d(found["p_value"]) > 0.02).all()


@of_every
def test_the_order_of_rows_changes_no_bit(statistic, values):
    mixed = values.sample(frac=1, random_state=5)
    one, two = statistic(values, SQUARES, rng=1), statistic(mixed, SQUARES, rng=1)
    if isinstance(one, pd.DataFrame) and "label" in one:
        assert two.index.equals(mixed.index)
        two = two.reindex(one.index)
    assert one.equals(two)


@of_every
def test_fewer_than_four_zones_are_refused(statistic, values):
    few = graph_of([("z00", "z01"), ("z01", "z00"), ("z01", "z02"), ("z02", "z01")])
    with pytest.raises(InputError, match=r"[34] (zones|are needed)"):
        statistic(values[:3], few, rng=1)


@of_every
def test_nobody_there_is_refused(statistic, values):
    """No values at all, none with a neighbour, and where people count, zones where nobody lives."""
    with pytest.raises(InputError):
        statistic(values * np.nan, SQUARES, rng=1, missing="own class")
    with pytest.raises(InputError):
        statistic(values * 0, SQUARES, rng=1)
    if statistic in (EVERY["spatial_gini"], EVERY["theil_between_regions"]):
        nobody = pd.Series(0, index=IDS)
        with pytest.raises(InputError, match="weights: all are 0"):
            statistic(values, SQUARES, rng=1, weights=nobody)
        few = nobody.where(~nobody.index.isin(IDS[:3]), 5)
        with pytest.raises(InputError, match="3 zones"):
            statistic(values, SQUARES, rng=1, weights=few)
    if statistic is not EVERY["theil_between_regions"]:
        with pytest.raises(InputError):
            statistic(values, graph_of([], alone=IDS), rng=1)


def test_one_group_only_is_refused(values):
    everybody = pd.DataFrame({"all": 10.0}, index=IDS)
    with pytest.raises(InputError, match="only one"):
        theil_between_regions(values, pd.Series("n", index=IDS), rng=1)
    with pytest.raises(InputError, match="have the same category|all zones that take part have the same"):
        join_counts(pd.Series("n", index=IDS), SQUARES, rng=1)
    with pytest.raises(InputError):
        inequality.group_gap(values, inequality.groups_from_counts(everybody), direction="higher is better")
    for measure in (inequality.dissimilarity, inequality.entropy_index, inequality.divergence_index):
        with pytest.raises(InputError, match="group"):
            measure(everybody)
    # One group has no inequality between groups, whatever there is within.
    parts = inequality.decompose(values, pd.Series("n", index=IDS)).attrs["parts"]
    assert parts["between"] == pytest.approx(0, abs=1e-12)


@of_every
def test_the_same_seed_and_any_number_of_threads_give_the_same_bits(statistic, values, monkeypatch):
    found = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("SPATIALJUSTICE_THREADS", threads)
        found.append(statistic(values, SQUARES, rng=4, permutations=199))
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])
    assert found[0].attrs["seed"] == 4


@of_local
def test_noise_is_called_as_often_as_it_should_be(statistic):
    """Five fields of 400 zones: 100 of 2,000 raw p-values at 5 %.

    Those of neighbours hang together: at most two of them share most of what they are made of, so that the standard
    error is at most about twice that of 2,000 tosses, 9.7; four of these are 78.
    """
    ids = list(range(400))
    links = graph_of(field(20, ids))
    rng = np.random.default_rng(17)
    fields = [pd.Series(rng.uniform(1, 9, 400), index=ids) for _ in range(5)]
    tables = [statistic(noise, links, rng=rng, adjust="none", permutations=399) for noise in fields]
    called = sum(int((table["p_value"] <= 0.05).sum()) for table in tables)
    assert 40 <= called <= 178
    assert all((table["p_value"] >= 2 / 400).all() for table in tables)


@of_global
def test_noise_as_a_whole_is_called_as_often_as_it_should_be(statistic):
    """200 fields: 10 expected at 5 %, at most 22 within four standard errors of 3.1."""
    rng = np.random.default_rng(23)
    found = [
        statistic(pd.Series(rng.uniform(1, 9, 36), index=IDS), SQUARES, rng=rng, permutations=99) for _ in range(200)
    ]
    tested = [one.attrs.get("unlike", one) for one in found]
    assert 1 <= sum(one["p_value"] <= 0.05 for one in tested) <= 22


def test_every_pair_of_graph_and_ids_is_one_that_the_values_have(values):
    for statistic in EVERY.values():
        if statistic is EVERY["theil_between_regions"]:
            continue
        strangers = [(one if one != "z07" else "x07", two if two != "z07" else "x07") for one, two in LINKS]
        with pytest.raises(InputError, match="ids are not the same"):
            statistic(values, graph_of(sorted(strangers)), rng=1)
