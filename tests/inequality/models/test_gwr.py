"""Geographically weighted regression against its own package on real data, and where it must say no."""

from __future__ import annotations

import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal import examples

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.models.gwr import geographically_weighted


@pytest.fixture(scope="module")
def columbus():
    frame = gpd.read_file(examples.get_path("columbus.shp")).set_crs(32616).set_index("POLYID")
    return frame["CRIME"], frame[["INC", "HOVAL"]], frame[["geometry"]]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("plain_mgwr")
def test_the_package_itself(columbus):
    from mgwr.gwr import GWR

    outcome, explanations, zones = columbus
    found = geographically_weighted(outcome, explanations, zones, bandwidth=30)
    points = np.column_stack([zones.centroid.x, zones.centroid.y])
    peer = GWR(points, outcome.to_numpy()[:, None], explanations.to_numpy(), bw=30, sigma2_v1=False, n_jobs=1).fit()
    np.testing.assert_allclose(found.coefficients, peer.params, rtol=1e-6)
    np.testing.assert_allclose(found.standard_errors, peer.bse, rtol=1e-6)
    np.testing.assert_allclose(found.local_r_squared, peer.localR2.ravel(), rtol=1e-6)
    assert found.fit["aicc"] == pytest.approx(peer.aicc, rel=1e-8)
    np.testing.assert_allclose(found.fitted + found.residuals, outcome)
    again = geographically_weighted(outcome.iloc[::-1], explanations, zones, bandwidth=30)
    np.testing.assert_allclose(again.coefficients.reindex(outcome.index), found.coefficients, rtol=1e-6)
    assert "nearest zones" in str(found)


def test_what_cannot_be_is_refused(columbus, monkeypatch):
    outcome, explanations, zones = columbus
    with pytest.raises(InputError, match="metres"):
        geographically_weighted(outcome, explanations, zones.set_crs(4326, allow_override=True), bandwidth=30)
    with pytest.raises(InputError, match="there are 49 zones"):
        geographically_weighted(outcome, explanations, zones, bandwidth=60)
    with pytest.raises(InputError, match="ids"):
        geographically_weighted(outcome, explanations, zones.iloc[:-1], bandwidth=30)
    monkeypatch.setitem(sys.modules, "mgwr", None)
    monkeypatch.delitem(sys.modules, "mgwr.gwr", raising=False)
    with pytest.raises(InputError, match=r"spatialjustice\[models\]"):
        geographically_weighted(outcome, explanations, zones, bandwidth=30)


@pytest.mark.usefixtures("plain_mgwr")
def test_one_variable_needs_no_test_of_collinearity():
    zones = gpd.GeoDataFrame(geometry=gpd.points_from_xy(range(0, 1200, 100), [0] * 12), crs=32639)
    older = pd.Series([1.0, 3, 2, 4] * 3, name="older")
    walk = pd.Series(2 * older + [0.1, -0.2, 0.1, 0.0] * 3, name="walk")
    assert not geographically_weighted(walk, older, zones, bandwidth=10).findings


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("plain_mgwr")
def test_metres_are_those_on_the_ground_in_any_system():
    """In web Mercator a made-up town at 60 degrees north is twice as wide; a bandwidth of 3 km takes the same zones."""
    rng = np.random.default_rng(4)
    points = gpd.points_from_xy(24.9 + rng.random(60) / 10, 60.1 + rng.random(60) / 20)
    zones = gpd.GeoDataFrame(geometry=points, crs=4326).to_crs(32635)
    older = pd.Series(rng.random(60), name="older")
    walk = pd.Series(2 * older + rng.random(60), name="walk")
    plain, mercator = (
        geographically_weighted(walk, older, zones.to_crs(crs), bandwidth=3000, bandwidth_in="metres")
        for crs in (32635, 3857)
    )
    np.testing.assert_allclose(mercator.coefficients, plain.coefficients, rtol=1e-5)
