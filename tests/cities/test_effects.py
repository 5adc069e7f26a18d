"""What goes with what: against other libraries, with every row accounted for, and never called a cause."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy.stats import norm
from statsmodels.regression.linear_model import OLS

from spatialjustice._core.errors import InputError
from spatialjustice.cities import effect_matrix, effect_sentences, effects
from spatialjustice.cities.effects.grades import graded

CAUSE = {
    "en": r"\b(?:causes?|caused|effects?|affects?|leads?|due|because|drives?|impacts?|results?|makes?)\b",
    "fa": "علت|باعث|سبب|موجب|منجر|تأثیر|تاثیر|اثر|به‌دلیل|معلول",
}
SAID = {
    "x": {
        "component": "technology",
        "unit": "share",
        "direction": "higher is better",
        "title": {"en": "X", "fa": "ایکس"},
    },
    "v": {"component": "people", "unit": "minutes", "direction": "lower is better"},
}
OUT = {
    "y": {"dimension": "social", "unit": "percent", "direction": "lower is better", "title": "Y"},
    "noise": "environmental",
}


def ring(count):
    """Rows in a ring, each with the one before and the one after it."""
    return Graph.from_dicts({f"z{i}": [f"z{(i - 1) % count}", f"z{(i + 1) % count}"] for i in range(count)})


@pytest.fixture(scope="module")
def frame():
    """Synthetic rows: y goes with x and c; regions differ; noise goes with nothing."""
    rng = np.random.default_rng(7)
    count = 240
    shift = np.repeat(rng.normal(0, 3, 24), 10)
    c = rng.normal(size=count)
    x = np.clip(0.5 + 0.1 * c + 0.1 * rng.normal(size=count), 0, 1)
    table = pd.DataFrame(
        {
            "x": x,
            "v": rng.gamma(3, 5, count),
            "c": c,
            "y": 40 - 20 * x + 2 * c + shift + rng.normal(0, 2, count),
            "noise": rng.normal(size=count),
            "region": np.repeat([f"r{i}" for i in range(24)], 10),
            "people": rng.integers(50, 500, count).astype(float),
        },
        index=[f"z{i}" for i in range(count)],
    )
    table.loc[["z3", "z77"], "x"] = np.nan
    return table


@pytest.fixture(scope="module")
def straight(frame):
    return effects(frame, SAID, OUT, controls=["c"], people=frame["people"], rng=1)


def test_least_squares_are_those_of_statsmodels(frame, straight):
    """HC3 errors, for 10 percentage points; VIF and partial R² from regressions of their own."""
    from statsmodels.api import OLS, add_constant
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    known = frame.dropna()
    design = add_constant(known[["x", "c"]])
    plain = OLS(known["y"], design).fit()
    robust = plain.get_robustcov_results("HC3", use_t=True)
    row = straight.loc[("x", "y")]
    assert row["model"] == "ordinary least squares, robust errors"
    assert row["step"] == 0.1
    expected = [robust.params[1], *robust.conf_int()[1], robust.bse[1]]
    assert row[["effect", "low", "high", "standard_error"]].tolist() == pytest.approx([0.1 * one for one in expected])
    assert row["p_value"] == pytest.approx(robust.pvalues[1])
    assert row["vif"] == pytest.approx(variance_inflation_factor(design.to_numpy(), 1))
    without = OLS(known["y"], design[["const", "c"]]).fit()
    partial = 1 - plain.ssr / without.ssr
    assert row["partial_r_squared"] == pytest.approx(partial)
    # Cinelli & Hazlett: f² = R² / (1 - R²).
    f = np.sqrt(partial / (1 - partial))
    assert row["robustness_value"] == pytest.approx(0.5 * (np.sqrt(f**4 + 4 * f**2) - f**2))
    # VanderWeele & Ding, of an interquartile range: RR = exp(0.91 d), turned round below 1.
    wide = np.subtract(*np.quantile(known["x"], [0.75, 0.25])) / known["y"].std(ddof=0)
    ratio = np.exp(0.91 * abs(wide * robust.params[1]))
    assert row["e_value"] == pytest.approx(ratio + np.sqrt(ratio * (ratio - 1)))


def test_every_row_and_person_is_accounted_for(frame, straight):
    row = straight.loc[("x", "y")]
    lost = frame.loc[["z3", "z77"], "people"].sum()
    assert (row["n"], row["left_out"], row["people_left_out"]) == (238, 2, lost)
    assert row["people"] + row["people_left_out"] == frame["people"].sum()
    assert straight.loc[("v", "y"), "left_out"] == 0
    assert np.isnan(effects(frame, {"v": "people"}, {"y": "social"}, rng=1)["people"]).all()


def test_p_values_are_adjusted_over_the_whole_table(straight):
    from statsmodels.stats.multitest import multipletests

    assert len(straight) == 4
    expected = multipletests(straight["p_value"], method="fdr_bh")[1]
    assert straight["q_value"].tolist() == pytest.approx(expected.tolist())


def test_errors_by_region_are_those_of_statsmodels(frame):
    from statsmodels.api import OLS, add_constant

    found = effects(
        frame, {"v": "people"}, {"y": "social"}, regions=frame["region"], method="ordinary least squares", rng=1
    ).iloc[0]
    fitted = OLS(frame["y"], add_constant(frame["v"])).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(frame["region"])[0]}, use_t=True
    )
    assert found["model"] == "ordinary least squares, errors by region"
    assert found["standard_error"] / found["step"] == pytest.approx(fitted.bse.iloc[1])
    ends = [found["low"] / found["step"], found["high"] / found["step"]]
    assert ends == pytest.approx(fitted.conf_int().iloc[1].tolist())


def test_regions_ask_for_a_random_intercept_and_it_is_that_of_statsmodels(frame):
    """The truth of these synthetic rows is -20 for 1, so -2 for 10 percentage points."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    found = effects(frame, SAID, OUT, controls=["c"], regions=frame["region"], rng=1)
    row = found.loc[("x", "y")]
    known = frame.dropna()
    known = known.join(known.groupby("region")[["x", "c"]].transform("mean").add_suffix("_mean"))
    fitted = MixedLM.from_formula("y ~ x + c + x_mean + c_mean", known, groups=known["region"]).fit(reml=True)
    assert row["model"] == "multilevel"
    assert row["effect"] == pytest.approx(0.1 * fitted.fe_params["x"], rel=1e-4)
    assert row["standard_error"] == pytest.approx(0.1 * fitted.bse_fe["x"], rel=1e-3)
    reach = norm.ppf(0.975) * 0.1 * fitted.bse_fe["x"]
    assert row["high"] - row["effect"] == pytest.approx(reach, rel=1e-3)
    between = float(fitted.cov_re.iloc[0, 0])
    assert row["between_share"] == pytest.approx(between / (between + fitted.scale), rel=1e-2)
    assert row["low"] < -2 < row["high"]
    assert row["goes_with"] == "better"
    # Regions that do not differ: the model is least squares then.
    assert found["status"].tolist() == ["estimated"] * 4
    assert found.loc[("x", "noise"), "between_share"] == pytest.approx(0, abs=0.03)
    few = effects(frame, SAID, OUT, regions=frame["region"].str[:1], method="multilevel", rng=1)
    assert few["status"].str.contains("a random intercept needs 10").all()


def test_effects_within_regions_are_not_mixed_with_those_between_them():
    """Within 30 synthetic regions y rises by 1 with x; regions where x is high have low y. A column of regions itself.

    The slope within is that of least squares with an intercept for each region, whatever the regions' own variance.
    """
    rng = np.random.default_rng(5)
    region = np.repeat(np.arange(30), rng.integers(2, 9, 30))
    high = rng.normal(size=30)
    x, c = high[region] + rng.normal(size=len(region)), rng.normal(size=len(region))
    y = x - 4 * high[region] + 0.5 * c + rng.normal(0, 0.3, len(region))
    table = pd.DataFrame({"x": x, "c": c, "law": high[region], "y": y, "region": [f"r{one}" for one in region]})
    said = {name: {"component": "people", "step": 1} for name in ("x", "law")}
    found = effects(table, said, {"y": "social"}, controls=["c"], regions=table["region"], rng=1)
    within = OLS.from_formula("y ~ x + c + C(region)", table).fit().params["x"]
    row = found.loc[("x", "y")]
    assert row["effect"] == pytest.approx(within, rel=1e-6)
    assert row["low"] < 1 < row["high"]
    assert "; c held equal; within regions)" in row["sentence"]
    law = found.loc[("law", "y")]
    assert (row["model"], law["model"]) == ("multilevel", "multilevel, between regions")
    assert law["low"] < -3 < law["high"]
    assert "between regions" in law["sentence"]
    assert "neighbours not looked at" in law["grade_why"]


def test_an_interval_far_beyond_all_numbers_is_no_error():
    """A control that is the indicator but for a millionth: nothing can be told, and the table stands."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=60)
    table = pd.DataFrame({"x": x, "c": x + 1e-6 * rng.normal(size=60), "y": rng.normal(size=60)})
    row = effects(table, {"x": "people"}, {"y": "social"}, controls=["c"], rng=1).iloc[0]
    assert (row["status"], row["grade"], row["e_value_limit"]) == ("estimated", "D", 1.0)


@pytest.mark.filterwarnings("ignore")  # of spreg
def test_neighbours_ask_for_the_rule_and_the_error_model_is_that_of_spreg():
    """Synthetic rows in a ring whose remainders are alike; Moran's I by hand."""
    from spreg import ML_Error

    rng = np.random.default_rng(3)
    count = 120
    graph = ring(count).transform("r")
    weights = graph.sparse.toarray()
    x = rng.normal(size=count)
    remainder = np.linalg.solve(np.eye(count) - 0.8 * weights, rng.normal(size=count))
    table = pd.DataFrame({"x": x, "y": 1.5 * x + remainder}, index=graph.unique_ids)
    said = {"x": {"component": "technology", "step": 1}}
    row = effects(table, said, {"y": "social"}, neighbours=ring(count), rng=1).iloc[0]
    fitted = ML_Error(table[["y"]].to_numpy(), table[["x"]].to_numpy(), graph.to_W(), method="full")
    assert row["model"] == "spatial error"
    assert row["effect"] == pytest.approx(float(fitted.betas[1, 0]), rel=1e-4)
    assert row["standard_error"] == pytest.approx(float(fitted.std_err[1]), rel=1e-3)
    left = fitted.e_filtered.ravel()
    centred = left - left.mean()
    assert row["moran_of_residuals"] == pytest.approx(centred @ weights @ centred / (centred @ centred), abs=1e-3)
    wide = effects(table, said, {"y": "social"}, neighbours=ring(count), level=0.99, rng=1).iloc[0]
    assert wide["high"] - wide["effect"] == pytest.approx(norm.ppf(0.995) * row["standard_error"], rel=1e-6)
    lag = effects(table, said, {"y": "social"}, neighbours=ring(count), method="spatial lag", rng=1).iloc[0]
    assert lag["model"] == "spatial lag"
    assert abs(lag["total"]) > abs(lag["effect"])


def test_rows_whose_neighbours_all_lack_a_value_are_left_out_and_counted(frame):
    """In pairs instead of a ring, z2 is alone without z3, and z76 without z77, which lack x."""
    pairs = Graph.from_dicts({f"z{i}": [f"z{i + 1 - 2 * (i % 2)}"] for i in range(len(frame))})
    row = effects(frame, {"x": "technology"}, {"y": "social"}, neighbours=pairs, rng=1).iloc[0]
    assert (row["n"], row["left_out"], row["without_neighbours"]) == (236, 4, 2)


def test_the_order_of_rows_changes_nothing(frame, straight):
    turned = effects(frame.iloc[::-1], SAID, OUT, controls=["c"], people=frame["people"], rng=1)
    names = ["effect", "low", "high", "q_value", "robustness_value", "e_value", "people"]
    pd.testing.assert_frame_equal(turned[names], straight[names], rtol=1e-9)


def test_pairs_of_which_nothing_can_be_said_say_why(frame):
    table = frame.assign(same=1.0, twice=2 * frame["v"], few=frame["v"].where(frame.index.isin(frame.index[:9])))
    found = effects(
        table, {"v": "people", "same": "people", "few": "people"}, {"twice": "social", "y": "social"}, rng=1
    )
    status = found["status"]
    assert status["same", "y"] == "same is the same in all rows that have all values"
    assert status["v", "twice"] == "twice can be worked out from v"
    assert status["few", "y"] == "9 rows have all values; 12 are needed"
    assert found.loc[("few", "y"), ["n", "left_out", "grade"]].tolist() == [0, 240, "–"]
    assert "pairs_not_estimated" in [one["code"] for one in found.attrs["findings"]]
    held = effects(table, {"v": "people"}, {"y": "social"}, controls=["twice", "y"], rng=1)
    assert held["status"].tolist() == ["v can be worked out from what is held equal"]
    assert held["controls"].tolist() == ["twice"]


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_no_sentence_says_cause(frame, straight, lang):
    """Clear, unclear, by chance, and nothing known: each has its sentence, and says what goes with what."""
    nothing = effects(frame.assign(same=1.0), {"same": "people"}, {"y": "social"}, rng=1)
    chance = straight.assign(q_value=0.5)
    chance.attrs = straight.attrs
    said = pd.concat([effect_sentences(one, lang=lang) for one in (straight, nothing, chance)])
    assert not said.str.contains(CAUSE[lang], flags=re.IGNORECASE).any(), said.tolist()
    assert said.str.contains({"en": "goes with|go with", "fa": "همراه"}[lang]).all()
    assert said.nunique() >= 6
    if lang == "fa":
        assert not said.str.contains("[0-9]").any()


def test_a_sentence_tells_the_numbers_of_its_row(straight):
    row = straight.loc[("x", "y")]
    told = f"10 percentage points more in “X” goes with {abs(row['effect']):.1f} percentage points less in “Y”"
    assert row["sentence"].startswith(told)
    assert row["sentence"].endswith("95% interval; c held equal).")


def full(**changes):
    """Return a pair that meets every rule, but for some."""
    row = {"status": "estimated", "q_value": 0.001, "robustness_value": 0.2, "n": 500, "moran_p_value": 0.4, "vif": 1.2}
    return row | {"model": "spatial error"} | changes


@pytest.mark.parametrize(
    ("row", "grade"),
    [
        pytest.param(full(), "A", id="every rule met"),
        pytest.param(full(robustness_value=0.07), "B", id="less robust"),
        pytest.param(full(robustness_value=0.04), "C", id="fragile"),
        pytest.param(full(n=60), "B", id="rather few rows"),
        pytest.param(full(n=40), "C", id="few rows"),
        pytest.param(full(moran_p_value=0.01), "B", id="neighbours dependent"),
        pytest.param(full(moran_p_value=np.nan), "B", id="neighbours not looked at"),
        pytest.param(full(moran_p_value=np.nan, model="multilevel"), "A", id="compared within regions"),
        pytest.param(full(moran_p_value=0.01, vif=9.0), "B", id="two rules not met"),
        pytest.param(full(moran_p_value=0.01, vif=9.0, n=80), "C", id="three rules not met"),
        pytest.param(full(q_value=0.06), "D", id="interval holds 0 after adjusting"),
        pytest.param(full(status="all rows are missing"), "–", id="no data"),
    ],
)
def test_grades_follow_the_stated_rules(row, grade):
    assert graded(row, 0.95)[0] == grade


def test_the_matrix_has_nine_cells_and_says_what_is_missing(straight):
    matrix = effect_matrix(straight)
    grid = matrix["grade"].unstack(sort=False)
    assert grid.index.tolist() == ["technology", "people", "institutions"]
    assert grid.columns.tolist() == ["environmental", "social", "economic"]
    assert (grid.loc["institutions"] == "–").all()
    # Neighbours were not looked at, so that no pair is an A.
    cell = matrix.loc[("technology", "social")]
    assert (cell["grade"], cell["pairs"], cell["clear"], cell["better"]) == ("B", 1, 1, 1)
    assert (cell["strongest_indicator"], cell["strongest_outcome"]) == ("x", "y")
    assert cell["effect"] == straight.loc[("x", "y"), "effect"]
    empty = matrix.loc[("institutions", "environmental")]
    assert "green_space_access" in empty["indicators_missing"].split(", ")
    assert "fine_particles" in empty["outcomes_missing"].split(", ")
    assert "air" in empty["data_missing"]


def test_indicators_of_the_catalogue_need_no_further_words(frame):
    table = frame.assign(household_internet=frame["x"], fine_particles=frame["y"] / 4)
    found = effects(table, ["household_internet"], ["fine_particles"], rng=1).iloc[0]
    assert (found["component"], found["dimension"]) == ("people", "environmental")
    assert (found["unit"], found["step"]) == ("micrograms per cubic metre", 0.1)
    assert "“Households with internet”" in found["sentence"]


def test_noise_goes_with_nothing():
    """Twenty columns of noise against three: of 60 pairs none is clear once all are allowed for (fixed seed)."""
    rng = np.random.default_rng(11)
    table = pd.DataFrame(rng.normal(size=(150, 23)), columns=[f"n{i}" for i in range(23)])
    said = {f"n{i}": "technology" for i in range(20)}
    found = effects(table, said, {f"n{i}": "social" for i in range(20, 23)}, rng=1)
    assert (found["grade"] == "D").all()
    assert (found["p_value"] < 0.05).any()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param({"explanations": {"x": "culture"}}, "'culture' of x is no component", id="no component"),
        pytest.param({"explanations": ["x"]}, "x has no component", id="no component said"),
        pytest.param({"explanations": {"xx": "people"}}, "“xx” is no column", id="no column"),
        pytest.param({"explanations": {"region": "people"}}, "does not hold numbers", id="texts"),
        pytest.param({"explanations": {}}, "there are none", id="nothing"),
        pytest.param({"explanations": "x"}, "Give a mapping", id="one text"),
        pytest.param({"explanations": {"y": "people"}}, "named twice", id="explained by itself"),
        pytest.param({"explanations": {"x": {"component": "people", "colour": 1}}}, "'colour' of x", id="unknown word"),
        pytest.param({"explanations": {"x": {"component": "people", "step": 0}}}, "step of x", id="no step"),
        pytest.param({"controls": ["cc"]}, "“cc” is no column", id="no control"),
        pytest.param({"controls": ["c", "c"]}, "named twice", id="control twice"),
        pytest.param({"method": "magic"}, "method", id="no method"),
        pytest.param({"regions": pd.Series(["a"], index=["z0"])}, "239 rows of the frame have no region", id="regions"),
        pytest.param({"neighbours": ring(5)}, "235 ids are not in both", id="other neighbours"),
        pytest.param({"people": pd.Series(-1.0, index=[f"z{i}" for i in range(240)])}, "240 numbers", id="negative"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(frame, words, said):
    with pytest.raises(InputError, match=said):
        effects(frame, **({"explanations": {"x": "technology"}, "outcomes": {"y": "social"}} | words))


def test_endless_numbers_are_refused_by_row(frame):
    table = frame.assign(v=frame["v"].mask(frame.index == "z9", np.inf))
    with pytest.raises(InputError, match="z9"):
        effects(table, {"v": "people"}, {"y": "social"})
