"""Faults of statistics: what esda makes of them, and what we do. Numbers of esda 2.8 and later."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from spatialjustice._core.errors import InputError
from spatialjustice.inequality import contiguity, local_moran, moran
from tests.uncompiled import uncompiled

SIDE = 6


@pytest.fixture(scope="module")
def place():
    """Squares in a chequer of numbers that grow from the south-west; z35 lies far from the others."""
    squares = [box(n % SIDE, n // SIDE, n % SIDE + 1, n // SIDE + 1) for n in range(SIDE * SIDE)]
    squares[-1] = box(100, 100, 101, 101)
    values = [float(n % SIDE + n // SIDE + (n * 7) % 3) for n in range(SIDE * SIDE)]
    index = [f"z{n:02d}" for n in range(SIDE * SIDE)]
    return gpd.GeoDataFrame({"v": values}, geometry=squares, index=index, crs=32632)


@pytest.fixture(scope="module")
def neighbours(place):
    return contiguity(place)


@pytest.fixture
def naked(neighbours, monkeypatch):
    """Let esda loose as people do, without a word of warning."""
    esda = uncompiled("esda", monkeypatch)

    def run(name, values, **words):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            np.random.seed(1)  # noqa: NPY002 (esda uses it)
            return getattr(esda, name)(values, neighbours.transform("r"), permutations=99, **words)

    return run


def test_55_one_missing_value_makes_everything_significant(place, neighbours, naked):
    values = place["v"].to_numpy(copy=True)
    values[3] = np.nan
    found = naked("Moran", values)
    assert np.isnan(found.I)
    assert found.p_sim == pytest.approx(0.01)
    assert (naked("Moran_Local", values, n_jobs=1).p_sim <= 0.011).all()
    series = pd.Series(values, index=place.index)
    for measure in (moran, local_moran):
        with pytest.raises(InputError, match=r"1 values are missing|missing .*z03"):
            measure(series, neighbours, rng=1)


def test_56_the_same_value_everywhere_is_significant(place, neighbours, naked):
    found = naked("Moran", np.ones(len(place)))
    assert np.isnan(found.I)
    assert found.p_sim == pytest.approx(0.01)
    with pytest.raises(InputError, match=r"same|equal|constant"):
        moran(pd.Series(1.0, index=place.index), neighbours, rng=1)


def test_57_a_zone_without_neighbours_is_significant(place, neighbours, naked):
    found = naked("Moran_Local", place["v"].to_numpy(), n_jobs=1)
    assert (found.Is[-1], found.p_sim[-1]) == (0, pytest.approx(0.01))
    ours = local_moran(place["v"], neighbours, rng=1)
    assert np.isnan(ours.loc["z35", "p_value"])
    assert "zones_without_neighbours" in {finding["code"] for finding in ours.attrs["findings"]}


def test_58_rows_in_another_order_give_another_number(place, neighbours, naked):
    shuffled = place.sample(frac=1, random_state=3)
    assert pytest.approx(naked("Moran", place["v"].to_numpy()).I, abs=0.1) != naked("Moran", shuffled["v"].to_numpy()).I
    assert moran(shuffled["v"], neighbours, rng=1)["statistic"] == moran(place["v"], neighbours, rng=1)["statistic"]


def test_59_without_a_seed_every_run_is_another(place, neighbours, monkeypatch):
    esda = uncompiled("esda", monkeypatch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rng = np.random.default_rng(5)
        noise = rng.normal(size=len(place))
        p_values = {esda.Moran(noise, neighbours.transform("r"), permutations=99).p_sim for _ in range(12)}
    assert len(p_values) > 1
    first = moran(place["v"], neighbours)
    assert moran(place["v"], neighbours, rng=first.attrs["seed"]).equals(first), "the seed that was drawn is told"


def test_60_three_zones_are_too_few_for_a_test():
    row = gpd.GeoDataFrame(geometry=[box(n, 0, n + 1, 1) for n in range(3)], index=list("abc"), crs=32632)
    with pytest.raises(InputError, match="few|least"):
        moran(pd.Series([1.0, 2.0, 3.0], index=list("abc")), contiguity(row), rng=1)


def test_61_noise_is_significant_twice_as_often_as_it_should_be(monkeypatch):
    """Of 400 zones of pure noise 20 should have p ≤ 0.05. esda's one-sided default counts about twice as many."""
    esda = uncompiled("esda", monkeypatch)
    squares = [box(n % 20, n // 20, n % 20 + 1, n // 20 + 1) for n in range(400)]
    grid = gpd.GeoDataFrame({"v": np.random.default_rng(4).normal(size=400)}, geometry=squares, crs=32632)
    graph = contiguity(grid)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        naked = esda.Moran_Local(grid["v"], graph.transform("r"), permutations=999, seed=1, n_jobs=1)
    one_sided = int((naked.p_sim <= 0.05).sum())
    ours = local_moran(grid["v"], graph, permutations=999, rng=1)
    two_sided = int((ours["p_value"] <= 0.05).sum())
    assert one_sided >= 1.5 * two_sided
    assert two_sided <= 35
    assert (ours["p_adjusted"] <= 0.05).sum() <= 2
