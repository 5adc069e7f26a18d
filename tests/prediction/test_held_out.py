"""What is held out stays unseen, is judged as scikit-learn judges it, and chance folds flatter by construction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, mean_absolute_error, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from spatialjustice._core.errors import InputError
from spatialjustice.prediction import cross_validation, exclusion_risk, risk_model
from spatialjustice.prediction.fitting.folds import folds_of, likeness, random_folds, range_of, squares
from spatialjustice.prediction.fitting.predictors import learned

PLAIN = {"outcome": "offline", "variables": ["income", "school"], "method": "logistic", "rng": 1}


@pytest.fixture(scope="module")
def learnable(town):
    zones = town()
    return zones, risk_model(zones, **PLAIN, people="people", blocks="region", rank_by="income")


@pytest.fixture(scope="module")
def classes(town):
    zones = town()
    zones.loc[zones.index[:7], "school"] = np.nan
    return zones, risk_model(zones, **PLAIN, people="people", blocks="region", line=0.4)


def test_every_fold_holds_whole_blocks(learnable):
    """15 regions in 5 folds: none of them in two, and folds of 48 zones each."""
    _, model = learnable
    folds = pd.Series(model.spatial.fold, index=model.taught.ids)
    assert not (set(zip(model.blocks, folds, strict=True)) ^ set(folds.groupby(model.blocks).first().items()))
    assert folds.value_counts().tolist() == [48] * 5
    assert model.facts["number_of_blocks"] == 15
    assert np.bincount(model.random.fold).tolist() == [48] * 5


def test_what_is_held_out_does_not_touch_what_is_said_of_it(learnable):
    """The outcomes of one fold are turned round: what is said of that fold stays the same to the last bit."""
    zones, model = learnable
    held = model.taught.ids[model.spatial.fold == 2]
    turned = zones.copy()
    turned.loc[held, "offline"] = 1 - turned.loc[held, "offline"]
    again = risk_model(turned, **PLAIN, people="people", blocks="region", rank_by="income")
    assert (again.spatial.fold == model.spatial.fold).all()
    there = model.spatial.fold == 2
    for name, said in model.spatial.risk.items():
        assert np.array_equal(again.spatial.risk[name][there], said[there]), name
        assert not np.array_equal(again.spatial.risk[name][~there], said[~there]), name


def test_it_is_what_scikit_learn_says_by_hand(classes):
    """Two rings by hand: models without two folds, Platt's line on their guesses, the model without one fold."""
    zones, model = classes
    given = zones.loc[model.taught.ids]
    x, people = given[["income", "school"]].to_numpy(), given["people"].to_numpy()
    y, fold = (given["offline"] > 0.4).astype(float).to_numpy(), model.spatial.fold

    def fitted(rows):
        pipeline = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
        ready = pipeline.fit_transform(x[rows])
        weights = people[rows] / people[rows].mean()
        line = LogisticRegression(C=1.0, max_iter=1000).fit(ready, y[rows], sample_weight=weights)
        return lambda asked: line.predict_proba(pipeline.transform(x[asked]))[:, 1]

    odds = lambda p: np.log(p / (1 - p))[:, None]  # noqa: E731
    said = np.empty(len(y))
    for held in range(5):
        test, inner = fold == held, np.empty(len(y))
        for other in set(range(5)) - {held}:
            inner[fold == other] = fitted(~test & (fold != other))(fold == other)
        weights = people[~test] / people[~test].mean()
        platt = LogisticRegression(C=1e6, max_iter=1000).fit(odds(inner[~test]), y[~test], sample_weight=weights)
        said[test] = platt.predict_proba(odds(fitted(~test)(test)))[:, 1]
    np.testing.assert_allclose(model.spatial.risk["model"], said, atol=2e-4)


def test_scores_are_those_of_scikit_learn(classes):
    _, model = classes
    found = cross_validation(model, replications=100).set_index(["held_out", "predictor"])
    y, people = model.taught.outcome, model.taught.people
    for held_out, rings in (("blocks", model.spatial), ("single zones", model.random)):
        for name in ("model", "neighbours"):
            said = rings.risk[name]
            row = found.loc[(held_out, name)]
            assert row["log_loss"] == pytest.approx(log_loss(y, said, sample_weight=people))
            assert row["brier"] == pytest.approx(brier_score_loss(y, said, sample_weight=people))
            assert row["absolute_error"] == pytest.approx(mean_absolute_error(y, said, sample_weight=people))
            assert row["auc"] == pytest.approx(roc_auc_score(y, said, sample_weight=people))
            assert row["log_loss_low"] < row["log_loss"] < row["log_loss_high"]
    mean = found.loc[("blocks", "mean")]
    assert mean["gain"] == pytest.approx(mean["log_loss"] - found.loc[("blocks", "model"), "log_loss"])
    gap = found.loc[("single zones less blocks", "model"), "brier"]
    assert gap == pytest.approx(found.loc[("single zones", "model"), "brier"] - found.loc[("blocks", "model"), "brier"])


def test_a_share_is_learned_as_its_people_would_be(town):
    """Zones with 0 to 4 of 4 people offline: the same as a row for each person, in units of the zones' people."""
    zones = town(10, 4)
    offline = np.tile([0, 1, 2, 3, 4], 8)
    zones["offline"], zones["four"] = offline / 4, 4.0
    zones["income"] += offline
    model = risk_model(zones, **PLAIN | {"variables": ["income"]}, people="four", blocks=1000)
    x = StandardScaler().fit_transform(model.taught.described)
    # Each zone counts 1 on average, so that each of its four people counts a quarter.
    labels = np.concatenate([[1] * one + [0] * (4 - one) for one in (model.taught.outcome * 4).round().astype(int)])
    by_hand = LogisticRegression(C=1.0, max_iter=1000).fit(
        np.repeat(x, 4, axis=0), labels, sample_weight=np.full(160, 0.25)
    )
    found = learned("logistic", model.taught)(model.taught)
    np.testing.assert_allclose(found, by_hand.predict_proba(x)[:, 1], atol=1e-4)


def test_chance_folds_flatter_where_neighbours_are_alike(hilly):
    """Nothing is there to be learned but places: next door that helps, at blocks of 3 km it hardly does."""
    model = risk_model(hilly, outcome="offline", variables=["east", "north"], method="boosting", blocks=3_000.0, rng=2)
    found = cross_validation(model, replications=300).set_index(["held_out", "predictor"])
    for name in ("model", "neighbours"):
        assert found.loc[("single zones", name), "skill"] > 0.35
        assert found.loc[("blocks", name), "skill"] < found.loc[("single zones", name), "skill"] - 0.15
        assert found.loc[("single zones less blocks", name), "log_loss_high"] < 0
    assert not found.attrs["beaten"]


def test_blocks_are_as_wide_as_neighbours_are_alike(hilly):
    """The first band of at most 0.1 begins where zones are no longer alike; of noise nothing is alike."""
    table = pd.DataFrame({"from_metres": [0, 100, 200], "to_metres": [100, 200, 300], "correlation": [0.5, 0.11, 0.1]})
    assert range_of(table) == 200
    assert range_of(table.iloc[:2]) == 200
    xy = np.column_stack([hilly["east"], hilly["north"]])
    assert range_of(likeness(xy, hilly["field"].to_numpy(), 0)) > 1_000
    assert range_of(likeness(xy, np.random.default_rng(0).normal(size=len(xy)), 0)) == 0


def test_squares_that_nobody_asked_for_are_wide_enough(hilly):
    """As wide as residuals are alike, and with ten zones of 500 m each, which is 1,581 m; 15 of them at least."""
    model = risk_model(hilly, outcome="offline", variables=["east"], method="logistic", rng=2)
    facts = model.facts
    assert facts["size"] >= max(facts["range"], 1_500)
    assert 15 <= facts["number_of_blocks"] <= 308 / 10
    assert not [one for one in model.findings if one.code == "blocks_below_range"]
    small = risk_model(hilly, outcome="offline", variables=["east"], method="logistic", blocks=1_000.0, rng=2)
    assert [one.code for one in small.findings] == ["blocks_below_range"]


def test_correlation_by_distance_is_that_of_all_pairs():
    """A band of distance by hand, from the definition: mean product of deviations over the variance."""
    random = np.random.default_rng(5)
    xy, values = random.uniform(0, 4000, (120, 2)), random.normal(size=120)
    table = likeness(xy, values, 0)
    one = table.iloc[3]
    apart = np.hypot(xy[:, None, 0] - xy[:, 0], xy[:, None, 1] - xy[:, 1])
    pairs = np.triu((apart >= one["from_metres"]) & (apart < one["to_metres"]), 1)
    centred = values - values.mean()
    products = (centred[:, None] * centred)[pairs]
    assert one["pairs"] == pairs.sum()
    assert one["correlation"] == pytest.approx(products.mean() / (centred**2).mean())


def test_noise_is_refused_with_its_reason(town):
    """Nothing goes with the outcome: zones have a risk near the mean, and no rank."""
    zones = town()
    settings = {
        "outcome": "noise",
        "variables": ["income", "school", "x"],
        "blocks": "region",
        "rng": 4,
        "method": "logistic",
    }
    found = exclusion_risk(zones, **settings, replications=100)
    assert not found.attrs["ranked"]
    assert "mean" in found.attrs["reason"]
    assert found[["rank", "rank_low", "rank_high"]].isna().all(axis=None)
    assert found["risk"].between(0.2, 0.3).all()
    (finding,) = (one for one in found.attrs["findings"] if one["code"] == "risk_not_ranked")
    assert "everybody’s mean" in finding["message"]


def test_a_shuffled_outcome_has_no_skill(town):
    zones = town()
    zones["offline"] = np.random.default_rng(9).permutation(zones["offline"])
    model = risk_model(zones, **PLAIN, people="people", blocks="region")
    found = cross_validation(model, replications=100).set_index(["held_out", "predictor"]).loc["blocks"]
    assert found.loc["model", "skill"] < 0.02
    assert found.loc["mean", "gain_low"] <= 0
    assert 0.4 < found.loc["model", "auc"] < 0.6


def test_the_same_bits_again_and_in_any_order(learnable):
    zones, model = learnable
    mixed = risk_model(
        zones.sample(frac=1, random_state=3), **PLAIN, people="people", blocks="region", rank_by="income"
    )
    for name, said in model.spatial.risk.items():
        assert np.array_equal(mixed.spatial.risk[name], said)
    one, other = (exclusion_risk(frame, model=model, replications=100) for frame in (zones, zones.iloc[::-1]))
    pd.testing.assert_frame_equal(one, other.loc[one.index])


def test_folds_and_squares_by_hand():
    """Blocks of 4, 3, 2, 2, 1 and 1 zones in three folds: 4 + 1, 3 + 1 and 2 + 2 zones."""
    blocks = np.repeat(["a", "b", "c", "d", "e", "f"], [4, 3, 2, 2, 1, 1])
    folds = folds_of(blocks, 3, 0)
    assert sorted(np.bincount(folds).tolist()) == [4, 4, 5]
    assert all(len(set(folds[blocks == one])) == 1 for one in set(blocks))
    assert squares(np.array([[0.0, 0.0], [999.0, 0.0], [1000.0, 2500.0]]), 1000.0).tolist() == ["0-0", "0-0", "1-2"]
    assert np.bincount(random_folds(10, 3, 1)).tolist() == [4, 3, 3]
    with pytest.raises(InputError, match="6 blocks with measured zones, and 5 folds"):
        folds_of(blocks, 5, 0)
    with pytest.raises(InputError, match="side of squares"):
        squares(np.zeros((2, 2)), -1.0)


WRONG = [
    ({"variables": ["incomes"]}, r"variables: the zones have no column incomes"),
    ({"variables": []}, r"variables: there are none"),
    ({"variables": ["income", "offline"]}, r"offline is the outcome itself"),
    ({"variables": ["income", "income"]}, r"named twice"),
    ({"outcome": "x"}, r"outcome: \d+ values are no shares from 0 to 1"),
    ({"outcome": "elsewhere"}, r"outcome: the zones have no column elsewhere"),
    ({"line": 0.99}, r"line: only \d of 240 zones lie on one side"),
    ({"people": "income"}, r"people: \d+ numbers are missing, infinite or negative"),
    ({"method": "forest"}, r"Choose one of: choose, logistic, boosting"),
    ({"blocks": "nowhere"}, r"blocks: the zones have no such column"),
    ({"blocks": 5_000.0}, r"blocks: there are \d blocks with measured zones"),
    ({"folds": 2}, r"folds: it is 2"),
    ({"direction": "up"}, r"direction: it is 'up'"),
]


@pytest.mark.parametrize(
    ("settings", "said"), WRONG, ids=[next(iter(one)) + str(n) for n, (one, _) in enumerate(WRONG)]
)
def test_what_cannot_be_used_is_told(town, settings, said):
    with pytest.raises(InputError, match=said):
        risk_model(town(), **PLAIN | {"blocks": "region"} | settings)


def test_too_few_or_equal_zones_are_refused(town):
    zones = town()
    zones.loc[zones.index[29:], "offline"] = np.nan
    with pytest.raises(InputError, match="only 29 zones are measured"):
        risk_model(zones, **PLAIN)
    with pytest.raises(InputError, match="the same in all zones"):
        risk_model(town().assign(offline=0.2), **PLAIN)
