"""Getis and Ord's G against hand sums, esda, full enumeration, and chance."""

from __future__ import annotations

from itertools import permutations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal import examples
from libpysal.graph import Graph

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.space.getis_ord import getis_ord, local_getis_ord
from spatialjustice.inequality.space.neighbours.by_location import contiguity


@pytest.fixture(scope="module")
def columbus():
    frame = gpd.read_file(examples.get_path("columbus.shp")).set_crs(3857).set_index("POLYID")
    return frame["HOVAL"], contiguity(frame, tolerance=1e-4)


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


def test_esda(columbus, plain_esda):
    values, links = columbus
    found = getis_ord(values, links, rng=5, permutations=4999)
    np.random.seed(5)  # noqa: NPY002 - what esda draws from
    peer = plain_esda.G(values.to_numpy(), links, permutations=4999)
    assert found["statistic"] == pytest.approx(peer.G, rel=1e-10)
    assert found["expected"] == pytest.approx(peer.EG)
    assert found["z_score"] == pytest.approx(peer.z_norm, rel=1e-9)
    assert found["p_value"] == pytest.approx(min(1, 2 * peer.p_sim), abs=0.04)


@pytest.mark.filterwarnings("ignore:The alternative hypothesis:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Gi. requested:UserWarning")
@pytest.mark.filterwarnings("ignore:.row_stack. alias:DeprecationWarning")
@pytest.mark.parametrize("star", [True, False])
def test_local_esda(columbus, plain_esda, star):
    values, links = columbus
    found = local_getis_ord(values, links, star=star, rng=5, permutations=4999, adjust="none")
    peer = plain_esda.G_Local(
        values.to_numpy(), links, transform="R", star=star, permutations=4999, seed=5, keep_simulations=False, n_jobs=1
    )
    np.testing.assert_allclose(found["statistic"], peer.Gs, rtol=1e-9)
    np.testing.assert_allclose(found["p_value"] / 2, np.minimum(peer.p_sim, 0.5), atol=0.035)
    # The sign of the distance from what is expected is that of the z-score of the paper.
    hot = found["statistic"] > found["expected"]
    clear = np.abs(peer.Zs) > 1
    assert (hot[clear] == (peer.Zs > 0)[clear]).mean() > 0.95


def test_every_shuffle_of_a_small_place():
    row = Graph.from_arrays([1, 2, 2, 3, 3, 4, 4, 5], [2, 1, 3, 2, 4, 3, 5, 4], np.ones(8))
    values = pd.Series([1.0, 5.0, 2.0, 8.0, 4.0], index=[1, 2, 3, 4, 5])
    found = getis_ord(values, row, rng=1, permutations=20_000)
    pairs = values.sum() ** 2 - (values**2).sum()
    every = [2 * (np.array(order)[1:] * np.array(order)[:-1]).sum() / pairs for order in permutations(values)]
    assert found["statistic"] == pytest.approx(2 * (5 + 10 + 16 + 32) / pairs)
    assert found["expected"] == pytest.approx(np.mean(every))
    assert found["z_score"] == pytest.approx((found["statistic"] - np.mean(every)) / np.std(every))
    here = found["statistic"]
    tails = [np.mean([one <= here + 1e-9 for one in every]), np.mean([one >= here - 1e-9 for one in every])]
    assert found["p_value"] == pytest.approx(min(1, 2 * min(tails)), abs=0.02)


def test_hot_and_cold_spots_islands_and_missing_values():
    ids, links = lattice(9)
    values = pd.Series(5.0, index=ids) + np.random.default_rng(2).uniform(0, 1, 81)
    corner = [place for place in ids if place // 9 < 3 and place % 9 < 3]
    values[corner] = 20.0 + np.arange(9)
    found = local_getis_ord(values, links, rng=3, permutations=4999)
    assert found.loc[10, "label"] == "hot spot"
    assert set(found["label"]) <= set(found.attrs["classes"])
    again = local_getis_ord(values.sample(frac=1, random_state=1), links, rng=3, permutations=4999)
    pd.testing.assert_frame_equal(again.reindex(ids), found)
    values[40] = np.nan
    with pytest.raises(InputError, match="missing"):
        getis_ord(values, links)
    apart = local_getis_ord(values, links, rng=3, missing="own class")
    assert apart.loc[40, "label"] == "no data"
    assert np.isnan(apart.loc[40, "p_value"])
    # What is not counted changes nothing: the unit of the values.
    scaled = local_getis_ord(values * 60, links, rng=3, missing="own class")
    pd.testing.assert_frame_equal(scaled, apart)


def test_noise_is_significant_as_often_as_it_is_called():
    ids, links = lattice(30)
    noise = pd.Series(np.random.default_rng(23).uniform(size=900), index=ids)
    found = local_getis_ord(noise, links, rng=4, adjust="none")
    assert 20 <= (found["p_value"] <= 0.05).sum() <= 70
    assert (local_getis_ord(noise, links, rng=4)["label"] == "not significant").mean() > 0.99


def test_threads_change_no_bit(monkeypatch):
    ids, links = lattice(20)
    values = pd.Series(np.random.default_rng(1).exponential(size=400), index=ids)
    tables = []
    for count in ("1", "3"):
        monkeypatch.setenv("SPATIALJUSTICE_THREADS", count)
        tables.append((local_getis_ord(values, links, rng=8), getis_ord(values, links, rng=8)))
    pd.testing.assert_frame_equal(tables[0][0], tables[1][0])
    assert tables[0][1].to_dict() == tables[1][1].to_dict()


def test_what_cannot_be_is_refused():
    ids, links = lattice(3)
    with pytest.raises(InputError, match="same value"):
        getis_ord(pd.Series(3.0, index=ids), links)
    with pytest.raises(InputError, match="negative") as caught:
        local_getis_ord(pd.Series(np.arange(9.0) - 1, index=ids), links)
    assert list(caught.value.rows) == [0]
    with pytest.raises(InputError, match="only one zone"):
        getis_ord(pd.Series([5.0] + [0.0] * 8, index=ids), links)
    with pytest.raises(InputError, match="At least 4"):
        local_getis_ord(pd.Series([1.0, 2.0]), Graph.from_arrays([0, 1], [1, 0], [1, 1]))
