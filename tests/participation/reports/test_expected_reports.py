"""Expected reports against statsmodels, a case by hand, and synthetic cities whose silent zones are known."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from spatialjustice._core.errors import InputError
from spatialjustice.participation import expected_reports, silent_areas

NEED = ["old houses", "poverty"]


def city(seed, zones=60, alpha=0.1):
    """Synthetic reports: the people of each zone times a rate that need and, more than chance, the zone decides."""
    draw = np.random.default_rng(seed)
    people = draw.integers(500, 5000, zones).astype(float)
    need = pd.DataFrame(draw.normal([0.3, 20], [0.1, 5], (zones, 2)), columns=NEED)
    mean = people * np.exp(-4 + 3 * (need["old houses"] - 0.3) - 0.04 * (need["poverty"] - 20))
    extra = draw.gamma(1 / alpha, alpha, zones) if alpha else 1.0
    return pd.Series(draw.poisson(mean * extra)), people, need


@pytest.mark.parametrize("alpha", [0.02, 0.3, 1.5])
def test_the_negative_binomial_is_that_of_statsmodels(alpha):
    api = pytest.importorskip("statsmodels.api")
    reports, people, need = city(5, zones=90, alpha=alpha)
    found = expected_reports(reports, people=people, need=need)
    scaled = (need - need.mean()) / need.std(ddof=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = api.NegativeBinomial(reports, api.add_constant(scaled), exposure=people)
        other = model.fit(disp=0, method="newton", maxiter=200, start_params=[-4, 0.3, -0.2, alpha])
        poisson = api.Poisson(reports, api.add_constant(scaled), exposure=people).fit(disp=0)
    assert other.mle_retvals["converged"]
    rows = pd.DataFrame(found.attrs["coefficients"]).set_index("name")
    assert np.log(rows["rate_ratio"]).to_numpy() == pytest.approx(other.params[NEED].to_numpy(), abs=1e-7)
    ends = np.exp(other.conf_int().loc[NEED].to_numpy())
    assert rows[["low", "high"]].to_numpy() == pytest.approx(ends, rel=1e-6)
    assert rows["p_value"].to_numpy() == pytest.approx(other.pvalues[NEED].to_numpy(), rel=1e-4, abs=1e-12)
    assert found.attrs["alpha"] == pytest.approx(other.params["alpha"], rel=1e-6)
    assert found.attrs["alpha_error"] == pytest.approx(other.bse["alpha"], rel=1e-5)
    assert found.attrs["log_likelihood"] == pytest.approx(other.llf)
    assert found["expected"].to_numpy() == pytest.approx(np.asarray(other.predict()), rel=1e-7)
    from scipy.stats import chi2

    assert found.attrs["alpha_p_value"] == pytest.approx(chi2.sf(2 * (other.llf - poisson.llf), 1) / 2, rel=1e-5)


def test_two_kinds_of_zones_expect_the_mean_of_their_kind():
    """With equal people, the model of one yes-or-no column has the two means as its best fit: 4 and 20."""
    reports = pd.Series([4, 6, 2, 20, 30, 10], index=list("abcdef"))
    need = pd.Series([0, 0, 0, 1, 1, 1], index=list("fedcba")[::-1], name="old")
    found = expected_reports(reports, people=[500] * 6, need=need)
    assert found["expected"].to_numpy() == pytest.approx([4, 4, 4, 20, 20, 20])
    assert found["ratio"].to_numpy() == pytest.approx([1, 1.5, 0.5, 1, 1.5, 0.5])
    # Exact limits of a count of 10 (4.795 and 18.390) over 20.
    assert found.loc["f", ["ratio_low", "ratio_high"]].tolist() == pytest.approx([0.23977, 0.91952], abs=1e-5)
    (row,) = found.attrs["coefficients"]
    assert row["for_each"] == pytest.approx(0.5)
    assert row["rate_ratio"] == pytest.approx(np.sqrt(5)), "for one standard deviation, half of the way from no to yes"


def test_counts_that_vary_by_chance_only_are_a_poisson_regression():
    reports, people, need = city(4, alpha=0)
    found = expected_reports(reports, people=people, need=need)
    assert found.attrs["alpha"] < 0.02
    assert found.attrs["alpha_p_value"] > 0.05
    level = pd.Series([5, 5, 5, 6, 6, 6])
    flat = expected_reports(level, people=[100] * 6, need=pd.Series([0, 0, 1, 0, 1, 1.0]))
    assert (flat.attrs["alpha"], flat.attrs["alpha_p_value"]) == (0.0, 1.0)


def test_the_range_of_the_model_holds_as_many_zones_as_it_says():
    reports, people, need = city(9, zones=1500)
    found = expected_reports(reports, people=people, need=need)
    assert 0.93 < (found["label"] == "as expected").mean() < 0.98


def test_unknown_need_is_a_class_and_nobody_is_lost():
    reports, people, need = city(1)
    need.loc[3, "poverty"] = np.nan
    people[7], people[8] = 0, np.nan
    reports = reports.astype(float)
    reports[9] = np.nan
    for found in (
        expected_reports(reports, people=people, need=need),
        silent_areas(reports, people=people, need=need),
    ):
        assert found.loc[[3, 7, 8, 9], "label"].tolist() == ["need not known", "no people", "no data", "no data"]
        assert found.loc[[3, 7, 8, 9], "expected"].isna().all()
        assert found.attrs["n"] == 56
    assert sum(found.attrs["people_by_class"].values()) == pytest.approx(np.nansum(people))
    assert found.attrs["people_by_class"]["need not known"] == people[3]
    told = {one["code"]: one for one in found.attrs["findings"]}
    assert told["need_not_known"]["people"] == people[3]


def test_neighbours_and_their_need():
    """In a row of zones, where only the need next door counts, the model with it finds that, and no pattern is left."""
    zones = 150
    draw = np.random.default_rng(6)
    own = pd.Series(np.cumsum(draw.normal(0, 0.4, zones)), name="streets")
    pairs = [(at, at + 1) for at in range(zones - 1)]
    row = Graph.from_arrays(
        [one for one, _ in pairs] + [two for _, two in pairs],
        [two for _, two in pairs] + [one for one, _ in pairs],
        np.ones(2 * len(pairs)),
    )
    around = np.array([own[[near for near in (at - 1, at + 1) if 0 <= near < zones]].mean() for at in range(zones)])
    people = draw.integers(500, 3000, zones).astype(float)
    reports = pd.Series(draw.poisson(people * np.exp(-4 + 0.5 * around)))
    with_need = expected_reports(reports, people=people, need=own, neighbours=row, lagged=True, rng=1)
    rows = pd.DataFrame(with_need.attrs["coefficients"]).set_index("name")
    assert rows.index.tolist() == ["streets", "around: streets"]
    assert np.log(rows.loc["around: streets", "rate_ratio"]) / rows.loc["around: streets", "for_each"] == pytest.approx(
        0.5, abs=0.05
    )
    assert with_need.attrs["moran"]["p_value"] > 0.05
    blind = expected_reports(
        reports, people=people, need=pd.Series(draw.normal(size=zones), name="noise"), neighbours=row, rng=1
    )
    assert blind.attrs["moran"]["p_value"] < 0.01
    assert "reports_cluster" in {one["code"] for one in blind.attrs["findings"]}
    with pytest.raises(InputError, match="there are no neighbours"):
        expected_reports(reports, people=people, need=own, lagged=True)


def test_silent_zones_are_found_and_others_are_not():
    """Forty synthetic cities of 60 zones, 5 of which report a seventh of what they would; and forty without such."""
    false_alarms, found, wrong = [], [], []
    for seed in range(40):
        reports, people, need = city(seed)
        false_alarms.append((silent_areas(reports, people=people, need=need)["label"] == "silent").any())
        draw = np.random.default_rng(1000 + seed)
        reports[:5] = draw.binomial(reports[:5], 0.15)
        silent = silent_areas(reports, people=people, need=need)["label"] == "silent"
        found.append(silent[:5].mean())
        wrong.append(silent[5:].sum() / max(silent.sum(), 1))
    assert np.mean(false_alarms) <= 0.1
    assert np.mean(wrong) <= 0.05
    assert np.mean(found) > 0.4
    hidden = silent_areas(reports, people=people, need=need, spread="model")
    assert (hidden["label"] == "silent").sum() <= silent.sum()


def test_the_chance_of_so_few_reports_by_hand():
    """No report has the chance (1 + alpha mu)^(-1 / alpha), one report mu / (1 + alpha mu) times that."""
    reports = pd.Series([4, 4, 4, 0, 1, 8, 7])
    found = silent_areas(reports, people=[100] * 7, need=pd.Series([0, 1, 0, 1, 0, 1, 0.0]), spread="model")
    assert found["expected"].to_numpy() == pytest.approx([4] * 7), "16 reports of four zones, 12 of three"
    alpha = found.attrs["alpha"]
    assert alpha > 0.1
    none = (1 + 4 * alpha) ** (-1 / alpha)
    assert found.loc[3, "p_value"] == pytest.approx(none)
    assert found.loc[4, "p_value"] == pytest.approx(none * (1 + 4 / (1 + 4 * alpha)))
    p = found["p_value"].sort_values(kind="stable")
    by_hand = np.minimum.accumulate((p.to_numpy() * 7 / np.arange(1, 8))[::-1])[::-1].clip(max=1)
    assert found["p_adjusted"].loc[p.index].to_numpy() == pytest.approx(by_hand)
    assert found.loc[3, "missing_reports"] == pytest.approx(4)


@pytest.mark.parametrize(
    ("need", "message"),
    [
        (pd.Series([1.0] * 8, name="same"), "all zones have the same value"),
        (pd.Series([1.0, 2, 3, 4, 5, 6, 7, 8], index=range(10, 18)), "16 ids are not in both"),
        (pd.DataFrame({"a": range(8), "b": range(8)}), "worked out from each other"),
    ],
    ids=["does not vary", "other ids", "twice the same"],
)
def test_need_that_cannot_be_used_is_refused(need, message):
    with pytest.raises(InputError, match=message):
        expected_reports(pd.Series([3, 5, 2, 8, 9, 4, 7, 6]), people=[100] * 8, need=need)


def test_need_that_separates_zones_with_reports_is_refused():
    """Where reports come only from zones with the need, its coefficient has no end."""
    reports = pd.Series([0, 0, 0, 0, 9, 4, 7, 6])
    with pytest.raises(InputError, match="does not settle"):
        expected_reports(reports, people=[100] * 8, need=pd.Series([0, 0, 0, 0, 1, 1, 1, 1.0], name="streets"))
