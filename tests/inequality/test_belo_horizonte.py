"""Jobs within reach by public transport in Belo Horizonte, against the numbers that another package publishes.

Published in the vignette “Calculating accessibility inequality and poverty” of the R package accessibility 1.5, on the
same data: jobs within 30 minutes.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from spatialjustice import access
from spatialjustice.inequality.distribution.concentration import concentration_index
from spatialjustice.inequality.distribution.decomposition import decompose
from spatialjustice.inequality.distribution.entropy import theil_t
from spatialjustice.inequality.distribution.gini_and_lorenz import gini
from spatialjustice.inequality.distribution.ratios import palma_ratio
from spatialjustice.inequality.distribution.sufficiency import fgt

WITHIN = [
    0.009181454, 0.011413697, 0.019320622, 0.023606928, 0.031470429,
    0.023539337, 0.033329635, 0.032585905, 0.020299031, 0.028840780,
]  # fmt: skip
BETWEEN = [
    -0.037573783, -0.036276865, -0.031829123, -0.021600054, -0.009938574,
    -0.004401762, 0.025936879, 0.042240708, 0.075742415, 0.125775443,
]  # fmt: skip


@pytest.fixture
def city(shared_data):
    zones = gpd.read_file(shared_data("belo_horizonte/bho_hex_landuse.gpkg")).set_index("id")
    matrix = pd.read_parquet(shared_data("belo_horizonte/bho_travel_matrix.parquet"))
    costs = matrix.set_axis(["travel_cost" if name == "travel_time" else name for name in matrix], axis=1)
    zones["reached"] = access.cumulative_cutoff(costs, zones["jobs"].astype(float), cutoff=30, origins=zones.index)
    # Nobody lives in the zones whose income is not known.
    return zones[zones["population"] > 0]


def test_the_numbers_of_the_vignette(city):
    jobs, people, income = city["reached"], city["population"], city["income_per_capita"]
    assert gini(jobs, weights=people) == pytest.approx(0.4715251, abs=5e-8)
    assert theil_t(jobs, weights=people) == pytest.approx(0.3616631, abs=5e-8)
    # The package ranks zones of the same income by their row, and lets the least that anybody could have be 0.
    by_row = income.rank(method="first")
    options = {"weights": people, "bounds": (0, float(jobs.max()))}
    assert concentration_index(jobs, rank_by=by_row, weights=people) == pytest.approx(0.2865013, abs=5e-8)
    corrected = concentration_index(jobs, rank_by=by_row, type="corrected", **options)
    assert corrected == pytest.approx(0.3346494, abs=5e-8)
    # Zones of the same income share the mean place here, which no order of the rows can change.
    assert concentration_index(jobs, rank_by=income, type="corrected", **options) == pytest.approx(corrected, rel=2e-4)
    # The package takes whole zones into the richest tenth and the poorest two fifths; split exactly it is 0.6 % less.
    palma = palma_ratio(jobs, rank_by=income, weights=people)
    assert palma == pytest.approx(3.800465, rel=0.01)
    for line, published in (
        (95_368, (0.5745378, 0.3277383, 0.2218769)),
        (50_000, (0.3923817, 0.1776241, 0.1010123)),
    ):
        found = [fgt(jobs, line=line, alpha=alpha, weights=people) for alpha in (0, 1, 2)]
        np.testing.assert_allclose(found, published, atol=5e-8)


def test_inequality_between_and_within_tenths_of_income(city):
    found = decompose(city["reached"], city["income_decile"].astype(int), weights=city["population"])
    np.testing.assert_allclose(found["within"], WITHIN, atol=5e-10)
    np.testing.assert_allclose(found["between"], BETWEEN, atol=5e-10)
    parts = found.attrs["parts"]
    assert parts["between"] == pytest.approx(0.1280753, abs=5e-8)
    assert parts["between"] / parts["total"] == pytest.approx(0.3541287, abs=5e-8)
    assert parts["within"] == pytest.approx(0.2335878, abs=5e-8)
    assert parts["between"] + parts["within"] == pytest.approx(parts["total"], abs=1e-12)
