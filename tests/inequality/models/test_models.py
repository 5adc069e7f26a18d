"""Regression models against the published analysis of crime in Columbus, numpy and spreg, and what must hold of any."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import spreg
from libpysal import examples
from libpysal.graph import Graph

from spatialjustice._core.errors import InputError
from spatialjustice.inequality.models.linear import choose_model, ordinary_least_squares, spatial_error, spatial_lag


@pytest.fixture(scope="module")
def columbus():
    """Crime, income and value of houses in 49 neighbourhoods, with the links of Anselin (1988)."""
    frame = gpd.read_file(examples.get_path("columbus.dbf"), ignore_geometry=True)
    frame.index = frame["NEIG"].astype(int).to_numpy()
    one, two, weight = np.loadtxt(examples.get_path("wmat.dat")).T
    return frame["CRIME"], frame[["INC", "HOVAL"]], Graph.from_arrays(one.astype(int), two.astype(int), weight)


class TestColumbus:
    """The numbers of Anselin (1988), chapter 12, as spatialreg's manual prints them (lagsarlm, errorsarlm)."""

    def test_least_squares(self, columbus):
        model = ordinary_least_squares(*columbus)
        found = model.coefficients
        np.testing.assert_allclose(found["estimate"], [68.6190, -1.59731, -0.27393], rtol=1e-5)
        np.testing.assert_allclose(found["standard_error"], [4.73548, 0.33413, 0.10320], rtol=1e-4)
        assert model.fit["r_squared"] == pytest.approx(0.5524, abs=5e-5)

    def test_spatial_lag(self, columbus):
        model = spatial_lag(*columbus)
        found = model.coefficients["estimate"]
        np.testing.assert_allclose(found.drop("rho"), [45.0793, -1.03162, -0.26593], rtol=1e-4)
        assert found["rho"] == pytest.approx(0.43102, abs=1e-4)
        assert model.fit["log_likelihood"] == pytest.approx(-182.390, abs=1e-3)
        effects = model.effects["estimate"]
        # The total effect is the coefficient over 1 - rho: LeSage and Pace (2009).
        assert effects["INC", "total"] == pytest.approx(found["INC"] / (1 - found["rho"]))
        assert effects["INC", "direct"] + effects["INC", "indirect"] == pytest.approx(effects["INC", "total"])

    def test_spatial_error(self, columbus):
        model = spatial_error(*columbus)
        found = model.coefficients["estimate"]
        np.testing.assert_allclose(found.drop("lambda"), [59.8932, -0.94131, -0.30225], rtol=1e-4)
        assert found["lambda"] == pytest.approx(0.56179, abs=1e-4)
        assert model.fit["log_likelihood"] == pytest.approx(-183.3805, abs=1e-3)

    @pytest.mark.filterwarnings("ignore:The inplace keyword")
    # The peer takes eigenvalues of a matrix that is not symmetric: rounding makes them complex under NumPy 2.5.
    @pytest.mark.filterwarnings("ignore:Casting complex values")
    def test_the_choice_is_printed_with_its_reasons(self, columbus):
        choice = choose_model(*columbus)
        outcome, explanations, graph = columbus
        # spreg matches by position: everything in the order of the links.
        ids = graph.unique_ids
        peer = spreg.OLS(
            outcome[ids].to_numpy()[:, None],
            explanations.loc[ids].to_numpy(),
            w=graph.transform("r").to_W(),
            spat_diag=True,
        )
        for ours, theirs in (("lag", peer.lm_lag), ("error", peer.lm_error)):
            rows = [name for name in choice.tests.index if ours in name and "robust" not in name]
            assert choice.tests.loc[rows[0], "statistic"] == pytest.approx(theirs[0], rel=1e-6)
            assert choice.tests.loc[rows[0], "p_value"] == pytest.approx(theirs[1], rel=1e-6)
        # Both simple tests are significant, and of the robust ones neither at 5 %; the lag has the larger statistic.
        assert choice.model.kind == "spatial lag"
        said = str(choice)
        assert said.splitlines()[0].startswith("1. ")
        assert "decided" in said


def test_least_squares_is_that_of_numpy():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(40, 2)), columns=["a", "b"])
    outcome = pd.Series(1 + 2 * frame["a"] - frame["b"] + rng.normal(size=40), name="y")
    model = ordinary_least_squares(outcome, frame)
    x = np.column_stack([np.ones(40), frame])
    expected, *_ = np.linalg.lstsq(x, outcome, rcond=None)
    np.testing.assert_allclose(model.coefficients["estimate"], expected, rtol=1e-9)
    np.testing.assert_allclose(model.fitted + model.residuals, outcome)
    left = outcome - x @ expected
    errors = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * (left @ left) / 37)
    np.testing.assert_allclose(model.coefficients["standard_error"], errors, rtol=1e-9)


def test_order_of_rows_and_units_mean_nothing(columbus):
    outcome, explanations, graph = columbus
    for fit in (spatial_lag, spatial_error):
        found = fit(outcome, explanations, graph)
        again = fit(outcome.sample(frac=1, random_state=3), explanations * [1000, 1], graph)
        assert again.coefficients.loc["INC", "estimate"] == pytest.approx(
            found.coefficients.loc["INC", "estimate"] / 1000, rel=1e-4
        )
        pd.testing.assert_series_equal(
            again.residuals.reindex(outcome.index), found.residuals, check_names=False, rtol=1e-3, atol=1e-3
        )


def test_it_is_said_in_plain_words(columbus):
    outcome, explanations, graph = columbus
    model = ordinary_least_squares(outcome, explanations, graph, units={"CRIME": "crimes for 1,000 households"})
    said = str(model)
    assert "not of persons" in said
    assert "crimes for 1,000 households" in said
    assert len(model.coefficients["meaning"]) == 3
    assert model.as_dict()["coefficients"][1]["estimate"] == pytest.approx(-1.59731, rel=1e-5)


def test_missing_values_are_refused_by_name_or_left_out_and_counted(columbus):
    outcome, explanations, _ = columbus
    gaps = outcome.copy()
    gaps[1005 if 1005 in gaps.index else gaps.index[3]] = np.nan
    with pytest.raises(InputError, match="missing") as caught:
        ordinary_least_squares(gaps, explanations)
    assert len(caught.value.rows) == 1
    model = ordinary_least_squares(gaps, explanations, missing="leave out")
    assert model.fit["n"] == 48
    assert model.residuals.isna().sum() == 1
    assert any(finding.count == 1 for finding in model.findings)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(INC=3.0),
        lambda frame: frame.assign(twice=frame["INC"] * 2 + 1),
        lambda frame: frame.assign(INC=np.inf),
        lambda frame: frame.iloc[:-1],
        lambda frame: frame.assign(INC="much"),
    ],
)
def test_what_cannot_be_is_refused(columbus, change):
    outcome, explanations, _ = columbus
    with pytest.raises(InputError):
        ordinary_least_squares(outcome, change(explanations))


def test_too_few_zones_and_islands_are_refused(columbus):
    outcome, explanations, graph = columbus
    with pytest.raises(InputError):
        ordinary_least_squares(outcome.iloc[:3], explanations.iloc[:3])
    links = graph.adjacency.reset_index()
    first = links["focal"].iloc[0]
    alone = links[(links["focal"] != first) & (links["neighbor"] != first)]
    lonely = Graph.from_arrays([*alone["focal"], first], [*alone["neighbor"], first], [*alone["weight"], 0.0])
    with pytest.raises(InputError, match="neighbour") as caught:
        spatial_lag(outcome, explanations, lonely)
    assert first in list(caught.value.rows)
