"""The risk of every zone, whom it forgets, errors by group, other cities, and the card: sums by hand and by pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from spatialjustice import catalogue, inequality
from spatialjustice._core.errors import InputError
from spatialjustice.prediction import (
    calibration_curve,
    covariate_shift,
    error_by_group,
    exclusion_risk,
    model_card,
    partial_dependence,
    risk_model,
    transfer,
    variable_importance,
)

PLAIN = {"outcome": "offline", "variables": ["income", "school", "noise"], "method": "logistic", "blocks": "region"}


@pytest.fixture(scope="module")
def zones(town):
    """Five zones not measured, one empty, one of which nothing is known but its people."""
    made = town()
    made.loc[made.index[[3, 50, 100, 150, 200]], "offline"] = np.nan
    made.loc[made.index[10], "people"] = 0.0
    made.loc[made.index[20], ["offline", "income", "school", "noise"]] = np.nan
    made.loc[made.index[30:36], "school"] = np.nan
    return made


@pytest.fixture(scope="module")
def model(zones):
    return risk_model(zones, **PLAIN, people="people", rank_by="income", rng=1)


@pytest.fixture(scope="module")
def risk(zones, model):
    return exclusion_risk(zones, model=model, replications=100)


def test_every_zone_has_a_state_and_people_add_up(zones, risk):
    counts = risk["status"].value_counts().to_dict()
    assert counts == {"measured": 233, "predicted": 5, "nobody lives here": 1, "no variable is known": 1}
    assert risk.index.equals(zones.index)
    assert risk["risk"].notna().equals(risk["status"].isin(["measured", "predicted"]))
    assert risk["rank"].dropna().min() == 1
    assert risk["rank"].notna().sum() == 238
    assert risk.attrs["n"] == 238
    assert risk.attrs["left_out"] == 1
    (finding,) = (one for one in risk.attrs["findings"] if one["code"] == "risk_unknown")
    assert finding["people"] == zones["people"].iloc[20]


def test_measured_zones_get_what_was_said_without_them_and_others_the_whole_model(zones, model, risk):
    held = pd.Series(model.spatial.risk["model"], index=model.taught.ids)
    pd.testing.assert_series_equal(risk.loc[held.index, "risk"], held, check_names=False)
    new = risk.index[risk["status"] == "predicted"]
    rows = model.question.ids.get_indexer(new)
    np.testing.assert_allclose(risk.loc[new, "risk"], model.fitted.risk(model.question.only(rows)))
    truth = 1 / (1 + np.exp(1.0 + 0.9 * zones.loc[new, "income"] - 0.6 * zones.loc[new, "school"]))
    assert (risk.loc[new, "risk"] - truth).abs().max() < 0.06


def test_a_model_and_its_settings_in_one_call_are_the_same(zones, risk):
    once = exclusion_risk(zones, **PLAIN, people="people", rank_by="income", rng=1, replications=100)
    pd.testing.assert_frame_equal(once, risk)


def test_one_or_the_other(zones, model):
    with pytest.raises(InputError, match="neither a model nor an outcome"):
        exclusion_risk(zones)
    with pytest.raises(InputError, match="settings of another model"):
        exclusion_risk(zones, model=model, line=0.3)
    with pytest.raises(InputError, match="it is a str"):
        exclusion_risk(zones, model="logistic")


def test_classes_of_risk_by_pandas(model):
    """Four classes of as many people as zones allow, from low to high risk."""
    found = calibration_curve(model, k=4, replications=100)
    table = pd.DataFrame(
        {"risk": model.spatial.risk["model"], "measured": model.taught.outcome, "people": model.taught.people}
    ).sort_values("risk")
    below = table["people"].cumsum() - table["people"] / 2
    table["class"] = (4 * below / table["people"].sum()).astype(int)
    for number, part in table.groupby("class"):
        row = found.iloc[number]
        assert row["predicted"] == pytest.approx(np.average(part["risk"], weights=part["people"]))
        assert row["measured"] == pytest.approx(np.average(part["measured"], weights=part["people"]))
        assert (row["zones"], row["people"]) == (len(part), part["people"].sum())
    assert 0.8 < found.attrs["slope"] < 1.2


def test_a_class_in_which_nobody_is_excluded_is_no_certainty(zones):
    """Every draw of its blocks says 0: its upper end is that of as many coins as blocks, from scipy's beta."""
    sure = zones.assign(offline=(zones["income"] < 0).astype(float).where(zones["offline"].notna()))
    model = risk_model(sure, **PLAIN, people="people", line=0.5, rng=1)
    row = calibration_curve(model, k=10, replications=100).iloc[0]
    least = model.spatial.risk["model"] <= row["to_risk"]
    blocks = model.blocks[least].nunique()
    assert row["measured"] == row["measured_low"] == 0
    assert row["measured_high"] == pytest.approx(beta.ppf(0.975, 1, blocks))


def test_errors_of_groups_by_hand(zones, model):
    """Poor people live where income is low; sums by pandas, people of zones without a held-out risk apart."""
    poor = zones["people"] * (zones["income"] < 0)
    groups = inequality.groups_from_counts(pd.DataFrame({"poor": poor, "rich": zones["people"] - poor}))
    found = error_by_group(model, groups, replications=100)
    held = model.taught.ids
    for name, people in (("poor", poor), ("rich", zones["people"] - poor), ("all people", zones["people"])):
        there, row = people[held], found.loc[name]
        said, measured = model.spatial.risk["model"], model.taught.outcome
        assert row["people"] == there.sum()
        assert row["people_left_out"] == pytest.approx(people.sum() - there.sum())
        assert row["predicted"] == pytest.approx(np.average(said, weights=there))
        assert row["error"] == pytest.approx(np.average(said - measured, weights=there))
        assert row["absolute_error"] == pytest.approx(np.average(abs(said - measured), weights=there))
    with pytest.raises(InputError, match="zones of the model are not in them"):
        error_by_group(model, inequality.groups_from_counts(pd.DataFrame({"a": poor, "b": poor}).iloc[:50]))


def test_who_is_overlooked_is_told(town):
    """In the east the truth is 15 points worse, and no variable knows of it: there too little is seen, surely."""
    zones = town()
    zones["offline"] = (zones["offline"] + 0.15 * (zones["x"] > 12)).clip(upper=1)
    model = risk_model(zones, **PLAIN, people="people", rng=1)
    sides = pd.Series(np.where(zones["x"] > 12, "east", "west"), index=zones.index)
    groups = inequality.groups_from_labels(sides, people=zones["people"])
    found = error_by_group(model, groups, replications=200)
    assert found["overlooked"].to_dict() == {"east": True, "west": False, "all people": False}


def test_what_matters_is_what_made_it(model):
    """The outcome was made of income and school, in this order, and of no noise; the way of each is known."""
    found = variable_importance(model, replications=200).set_index("variable")
    assert found.index.tolist() == ["income", "school", "noise"]
    assert found.loc["income", "importance_low"] > 0
    assert found.loc["noise", "importance_low"] <= 0
    assert found.loc["income", "risk_at_low"] > found.loc["income", "risk_at_high"]
    assert found.loc["school", "risk_at_low"] < found.loc["school", "risk_at_high"]
    lost = model.taught.people[np.isnan(model.taught.described[:, 1])].sum() / model.taught.people.sum()
    assert found.loc["school", "missing"] == pytest.approx(lost)


def test_partial_dependence_by_hand(zones, model):
    """All zones get one income: the model's mean risk by people."""
    found = partial_dependence(model, number=3)
    row = found[found["variable"] == "income"].iloc[1]
    same = zones.loc[model.taught.ids].assign(income=row["value"], offline=np.nan)
    same = same.set_geometry(same.translate(xoff=90_000))  # other zones, so that the whole model speaks of them
    said = exclusion_risk(same, model=model, replications=100)["risk"]
    assert row["risk"] == pytest.approx(np.average(said, weights=same["people"]))
    assert row["risk_low"] <= row["risk"] <= row["risk_high"]


@pytest.fixture(scope="module")
def other(town):
    """Another town, 60 km away, in which the same was measured."""
    made = town(seed=8)
    return made.set_geometry(made.translate(xoff=60_000))


class TestAnotherCity:
    def test_where_it_holds_zones_are_ranked(self, model, other):
        found = transfer(model, other, replications=200)
        assert found["predictor"].tolist() == ["model", "mean", "one variable"]
        assert found.attrs["beaten"]
        assert found["skill"].iloc[0] > 0.7
        risk = exclusion_risk(other, model=model, replications=100)
        assert risk.attrs["ranked"]
        said = np.average(risk["risk"] - other["offline"], weights=other["people"])
        assert found["error"].iloc[0] == pytest.approx(said)

    def test_where_it_does_not_hold_zones_are_not_ranked(self, model, other):
        """Here the rich are offline: the model of the first city is worse than its mean."""
        turned = other.assign(offline=1 - other["offline"])
        risk = exclusion_risk(turned, model=model, replications=100)
        assert not risk.attrs["ranked"]
        assert risk["rank"].isna().all()
        assert "in the other city" in next(
            one["message"] for one in risk.attrs["findings"] if one["code"] == "risk_not_ranked"
        )

    def test_where_nothing_is_measured_that_is_said(self, model, other):
        risk = exclusion_risk(other.drop(columns="offline"), model=model, replications=100)
        assert risk.attrs["ranked"]
        assert (risk["status"] == "predicted").all()
        assert "risk_not_checked_here" in [one["code"] for one in risk.attrs["findings"]]
        with pytest.raises(InputError, match="offline is measured nowhere"):
            transfer(model, other.assign(offline=np.nan))

    def test_the_same_ids_elsewhere_are_other_zones(self, zones, model, other):
        """Both cities have a zone z000; that of the second was not learned from."""
        assert set(other.index) == set(zones.index)
        here, there = (exclusion_risk(one, model=model, replications=100)["risk"] for one in (zones, other))
        question = model.question.ids.get_loc("z003")
        assert here["z003"] == model.fitted.risk(model.question)[question]
        assert there["z003"] != here["z003"]

    def test_how_far_it_lies_by_pandas(self, model, zones, other):
        far = other.assign(income=other["income"] + 2.0)
        found = covariate_shift(model, far).set_index("variable")
        taught = zones.loc[model.taught.ids]
        out = (far["income"] > taught["income"].max()) | (far["income"] < taught["income"].min())
        row = found.loc["income"]
        assert (row["zones_outside"], row["people_outside"]) == (out.sum(), far["people"][out].sum())
        assert row["share_outside"] == pytest.approx(far["people"][out].sum() / far["people"].sum())
        mean = np.average(taught["income"], weights=taught["people"])
        sd = np.sqrt(np.average((taught["income"] - mean) ** 2, weights=taught["people"]))
        assert row["difference"] == pytest.approx((np.average(far["income"], weights=far["people"]) - mean) / sd)
        assert found.loc["any variable", "zones_outside"] >= out.sum()
        risk = exclusion_risk(far, model=model, replications=100)
        assert (risk["outside"] > 0).sum() == found.loc["any variable", "zones_outside"]


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
def test_the_card_says_what_it_is_not_for(zones, model, lang):
    groups = inequality.income_groups(zones["income"], people=zones["people"], k=2)
    card = model_card(model, groups=groups, lang=lang, called={"income": {"en": "Income", "fa": "درآمد"}})
    words = catalogue.words(lang)
    headings = [line[3:] for line in card.splitlines() if line.startswith("## ")]
    keys = ("asked", "verdict", "judged", "calibration", "groups", "variables", "data", "limits", "not_for")
    assert headings == [words[f"prediction.card.{key}"] for key in keys]
    assert words["prediction.card.not_for.persons"] in card
    assert {"en": "“Income”", "fa": "«درآمد»"}[lang] in card
    assert catalogue.number(233, lang) in card
    assert not [line for line in card.splitlines() if "{" in line]
    if lang == "fa":
        assert not set("0123456789") & set(card.replace("(AUC)", ""))
