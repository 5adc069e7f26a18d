"""Geary's C against the book's data, esda, full enumeration, and chance."""

from __future__ import annotations

from itertools import permutations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal import examples
from libpysal.graph import Graph

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.space.geary import geary, local_geary
from spatialjustice.inequality.space.neighbours.by_location import contiguity


@pytest.fixture(scope="module")
def columbus():
    frame = gpd.read_file(examples.get_path("columbus.shp")).set_crs(3857).set_index("POLYID")
    return frame["CRIME"], contiguity(frame, tolerance=1e-4)


def lattice(side: int) -> tuple[pd.Index, Graph]:
    ids = pd.RangeIndex(side * side)
    one, two = [], []
    for place in ids:
        row, column = divmod(place, side)
        for other in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if 0 <= other[0] < side and 0 <= other[1] < side:
                one.append(place)
                two.append(other[0] * side + other[1])
    return ids, Graph.from_arrays(one, two, np.ones(len(one)))


def test_the_books_data():
    """The manual of spdep, help page of geary: C of crime in Columbus with the book's links is 0.53."""
    frame = gpd.read_file(examples.get_path("columbus.dbf"), ignore_geometry=True)
    values = frame["CRIME"].set_axis(frame["NEIG"].astype(int))
    one, two, weight = np.loadtxt(examples.get_path("wmat.dat")).T
    found = geary(values, Graph.from_arrays(one.astype(int), two.astype(int), weight), rng=1, permutations=99)
    assert round(found["statistic"], 2) == 0.53


@pytest.mark.filterwarnings("ignore:The alternative hypothesis:DeprecationWarning")
def test_esda(columbus, plain_esda):
    values, links = columbus
    found = geary(values, links, rng=5, permutations=4999)
    np.random.seed(5)  # noqa: NPY002 - what esda draws from
    peer = plain_esda.Geary(values.to_numpy(), links.transform("r"), permutations=4999)
    assert found["statistic"] == pytest.approx(peer.C, rel=1e-10)
    assert found["z_score"] == pytest.approx(peer.z_rand, rel=1e-9)
    assert found["p_value"] == pytest.approx(2 * peer.p_sim, abs=0.02)
    local = local_geary(values, links, rng=5, permutations=4999, adjust="none")
    other = plain_esda.Geary_Local(connectivity=links.transform("r"), permutations=4999, seed=5).fit(values.to_numpy())
    # esda standardises with n, and local Moran's I with n - 1; both are with n - 1 here.
    np.testing.assert_allclose(local["statistic"], other.localG * (len(values) - 1) / len(values), rtol=1e-9)
    # esda's p is of one tail, the smaller one; its standard error at 0.5 is 0.007, and there are 49 zones.
    np.testing.assert_allclose(local["p_value"] / 2, np.minimum(other.p_sim, 0.5), atol=0.035)


def test_every_shuffle_of_a_small_place():
    row = Graph.from_arrays([1, 2, 2, 3, 3, 4, 4, 5], [2, 1, 3, 2, 4, 3, 5, 4], np.ones(8))
    values = pd.Series([1.0, 5.0, 2.0, 8.0, 4.0], index=[1, 2, 3, 4, 5])
    found = geary(values, row, rng=1, permutations=20_000)
    every = []
    for order in permutations(values):
        x = np.array(order)
        near = (x[1:] - x[:-1]) ** 2
        around = [near[0], near[:2].mean(), near[1:3].mean(), near[2:].mean(), near[3]]
        every.append(4 * sum(around) / (2 * 5 * ((x - x.mean()) ** 2).sum()))
    here = found["statistic"]
    assert any(abs(here - one) < 1e-12 for one in every)
    assert np.mean(every) == pytest.approx(1)
    assert found["z_score"] == pytest.approx((here - 1) / np.std(every))
    tails = [np.mean([one <= here + 1e-9 for one in every]), np.mean([one >= here - 1e-9 for one in every])]
    assert found["p_value"] == pytest.approx(min(1, 2 * min(tails)), abs=0.02)
    # Each zone's mean over all choices of neighbours is what is expected.
    local = local_geary(values, row, rng=1, permutations=99)
    z = (values - values.mean()) / values.std(ddof=1)
    for zone in values.index:
        others = z.drop(zone)
        assert local.loc[zone, "expected"] == pytest.approx(((others - z[zone]) ** 2).mean())


def test_labels_islands_missing_values_and_order():
    ids, links = lattice(8)
    values = pd.Series(np.where(ids % 8 < 4, 1.0, 9.0), index=ids)
    values[ids % 8 == 0] = 0.0
    found = local_geary(values, links, rng=3, adjust="none", significance=0.2)
    assert set(found["label"]) <= set(found.attrs["classes"])
    assert {"high-high", "low-low"} <= set(found["label"])
    shuffled = values.sample(frac=1, random_state=1)
    again = local_geary(shuffled, links, rng=3, adjust="none", significance=0.2)
    pd.testing.assert_frame_equal(again.reindex(ids), found)
    values[9] = np.nan
    with pytest.raises(InputError, match="missing"):
        geary(values, links)
    apart = local_geary(values, links, rng=3, missing="own class")
    assert apart.loc[9, "label"] == "no data"
    assert np.isnan(apart.loc[9, "p_value"])
    alone = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4, 9], [1, 0, 2, 1, 3, 2, 4, 3, 9], [1, 1, 1, 1, 1, 1, 1, 1, 0])
    island = local_geary(pd.Series([1.0, 4, 2, 8, 5, 3], index=[0, 1, 2, 3, 4, 9]), alone, rng=1)
    assert island.loc[9, "label"] == "island"
    assert np.isnan(island.loc[9, "p_value"])


def test_noise_is_significant_as_often_as_it_is_called():
    ids, links = lattice(30)
    noise = pd.Series(np.random.default_rng(17).normal(size=900), index=ids)
    found = local_geary(noise, links, rng=4, adjust="none")
    # 900 tests at 5 %: 45, with a standard deviation of 6.5 if they were independent, and more as neighbours share
    # values.
    assert 20 <= (found["p_value"] <= 0.05).sum() <= 70
    assert (local_geary(noise, links, rng=4)["label"] == "not significant").mean() > 0.99


def test_threads_change_no_bit(monkeypatch):
    ids, links = lattice(20)
    values = pd.Series(np.random.default_rng(1).exponential(size=400), index=ids)
    tables = []
    for count in ("1", "3"):
        monkeypatch.setenv("SPATIALJUSTICE_THREADS", count)
        tables.append((local_geary(values, links, rng=8), geary(values, links, rng=8)))
    pd.testing.assert_frame_equal(tables[0][0], tables[1][0])
    assert tables[0][1].to_dict() == tables[1][1].to_dict()


def test_what_cannot_be_is_refused():
    ids, links = lattice(3)
    with pytest.raises(InputError, match="same value"):
        geary(pd.Series(3.0, index=ids), links)
    with pytest.raises(InputError, match="ids"):
        local_geary(pd.Series(np.arange(8.0), index=range(8)), links)
    pair = Graph.from_arrays([0, 1], [1, 0], [1, 1])
    with pytest.raises(InputError, match="At least 4"):
        local_geary(pd.Series([1.0, 2.0]), pair)
    every = [(one, two) for one in range(5) for two in range(5) if one != two]
    whole = Graph.from_arrays([one for one, _ in every], [two for _, two in every], np.ones(20))
    with pytest.raises(InputError, match="every shuffle"):
        geary(pd.Series([1.0, 2, 4, 8, 9]), whole)
