"""A study that asks for a risk: tables, zones, map and card, where zones may be ranked and where they may not."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import yaml
from shapely import Point, box

from spatialjustice._core.errors import StudyError
from spatialjustice.study import run
from spatialjustice.study.settings import Study
from tests.browsing import plain_text, text_of_page

UTM = 32632
WEST, SOUTH, STEP = 500_000.0, 5_540_000.0, 300.0
COLUMNS, ROWS = 14, 10
PREDICTION = {
    "outcome": "offline",
    "variables": {"income": {"en": "Income", "fa": "درآمد"}, "school": {"en": "Schooling", "fa": "تحصیل"}},
    "blocks": "region",
    "method": "logistic",
}


def write_zones(path, seed, *, west=WEST):
    """140 zones of 300 m; being offline falls with income and schooling; four are not measured, one has no homes."""
    random = np.random.default_rng(seed)
    count = COLUMNS * ROWS
    x, y = np.tile(np.arange(COLUMNS), ROWS), np.repeat(np.arange(ROWS), COLUMNS)
    places = list(zip(x, y, strict=True))
    income, school = random.normal(3000, 800, count).round(), random.normal(size=count).round(3)
    odds = -1.0 - (income - 3000) / 900 - 0.7 * school + random.normal(0, 0.25, count)
    homes = random.integers(20, 60, count).astype(float)
    homes[7] = 0
    offline = (100 / (1 + np.exp(-odds))).round(2)
    offline[[5, 40, 77, 120]] = np.nan
    poor = np.where(income < 3000, homes, 0.0)
    columns = {"zone": [f"z{n:03d}" for n in range(count)], "people": 2 * homes, "homes": homes, "offline": offline}
    columns |= {
        "income": income,
        "school": school,
        "poor": poor,
        "region": [f"{a // 3}-{b // 3}" for a, b in places],
    }
    squares = [box(west + STEP * a, SOUTH + STEP * b, west + STEP * (a + 1), SOUTH + STEP * (b + 1)) for a, b in places]
    frame = gpd.GeoDataFrame(columns, geometry=squares, crs=UTM)
    frame.to_file(path, driver="GPKG")
    return frame


def settings_of(**changes):
    return {
        "title": "Synthetic",
        "streets": "straight lines",
        "services": [{"name": "kiosk", "file": "kiosks.geojson"}],
        "zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        "population": {"column": "people"},
        "rank_by": "income",
        "groups": {"poor": "Poor people"},
        "inequality": {"income_groups": 2, "replications": 0},
        "cutoffs": ["500 m"],
        "digital": {"households": "homes", "offline": {"column": "offline", "holds": "percent"}},
        "prediction": {**PREDICTION, **changes},
        "languages": ["en", "fa"],
    }


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    frame = write_zones(folder / "zones.gpkg", 1)
    write_zones(folder / "other.gpkg", 2, west=WEST + 30_000)
    kiosk = gpd.GeoDataFrame({"name": ["K"]}, geometry=[Point(WEST + 150, SOUTH + 150)], crs=UTM)
    kiosk.to_crs(4326).to_file(folder / "kiosks.geojson", driver="GeoJSON")
    return folder, frame.set_index("zone")


def results_of(folder, name, **changes):
    study = folder / f"{name}.yaml"
    study.write_text(yaml.safe_dump(settings_of(**changes), allow_unicode=True), encoding="utf-8")
    return run(study, out=folder / name)


@pytest.fixture(scope="module")
def ranked(town):
    return results_of(town[0], "ranked")


@pytest.fixture(scope="module")
def refused(town):
    """The model of the other town; here, beyond a line, a curve on income does as well with these few zones."""
    return results_of(town[0], "refused", variables=["school"], trained_on={"file": "other.gpkg", "id": "zone"})


def table(results, name):
    return pd.read_csv(results.folder / "tables" / f"{name}.csv")


def test_every_zone_is_in_the_table_and_homes_add_up(ranked, town):
    _, frame = town
    found = table(ranked, "prediction_zones").set_index("zone_id")
    assert sorted(found.index) == sorted(frame.index)
    assert found["households"].sum() == frame["homes"].sum()
    counts = found["status"].value_counts().to_dict()
    assert counts == {"measured": 135, "predicted": 4, "nobody lives here": 1}
    known = found[found["status"] == "measured"]
    np.testing.assert_allclose(known["measured"], frame.loc[known.index, "offline"] / 100, atol=1e-6)
    assert found["rank"].notna().sum() == 139
    zones = table(ranked, "zones").set_index("zone_id")
    pd.testing.assert_series_equal(zones["prediction_risk"], found["risk"].reindex(zones.index), check_names=False)
    assert {"prediction_low", "prediction_high", "prediction_rank", "prediction_status"} <= set(zones)


def test_scores_and_errors_count_homes(ranked, town):
    _, frame = town
    scores = table(ranked, "prediction_scores").set_index(["held_out", "predictor"])
    measured = frame[frame["offline"].notna() & (frame["homes"] > 0)]
    assert (scores["people"] == measured["homes"].sum()).all()
    assert (scores["counts"] == "households").all()
    assert scores["ranked"].all()
    assert scores.loc[("blocks", "model"), "skill"] > 0.8
    by_group = table(ranked, "prediction_by_group").set_index("group")
    everybody = by_group.loc["all people"]
    mean = np.average(measured["offline"] / 100, weights=measured["homes"])
    assert everybody["measured"] == pytest.approx(mean, abs=1e-6)
    # A group has its share of each zone's homes: poor zones wholly.
    poor = measured[measured["poor"] > 0]
    # The column of a group holds people; half of them are a share of one half, as there are two people to a home.
    assert by_group.loc["poor", "people"] == pytest.approx((poor["homes"] / 2).sum())
    assert {"1 of 2", "2 of 2"} <= set(by_group.index)
    assert table(ranked, "prediction_variables")["variable"].tolist() == ["income", "school"]
    assert len(table(ranked, "prediction_calibration")) == 10


def test_the_card_and_the_map(ranked):
    card = text_of_page(ranked.folder / "model_card.html")
    for said in (
        "Where to look next",
        "بعد به کجا نگاه کنیم",
        "Schooling",
        "تحصیل",
        "Never for decisions about a person",
    ):
        assert said in card
    assert "Highest risk" in card
    assert "prediction_risk" in (ranked.folder / "map.html").read_text(encoding="utf-8")
    assert "Where to look next" in text_of_page(ranked.folder / "index.html")
    assert "zones are ranked" in ranked.overview()


def test_the_card_says_how_far_the_guess_is_off_and_the_overview_where_nobody_measured(ranked, town):
    """The mean of all homes is off by the plain mean of |share − mean of the other folds|, near that of all."""
    _, frame = town
    scores = table(ranked, "prediction_scores").set_index(["held_out", "predictor"]).loc["blocks"]
    measured = frame[frame["offline"].notna() & (frame["homes"] > 0)]
    share, homes = measured["offline"] / 100, measured["homes"]
    plain = np.average((share - np.average(share, weights=homes)).abs(), weights=homes)
    assert scores.loc["mean", "absolute_error"] == pytest.approx(plain, rel=0.1)
    assert scores.loc["model", "absolute_error"] < 0.5 * plain
    card = text_of_page(ranked.folder / "model_card.html")
    for name in ("model", "mean"):
        assert f"{100 * scores.loc[name, 'absolute_error']:.1f} percentage points off" in card
    ranks = table(ranked, "prediction_zones").dropna(subset="rank")
    wide = (ranks["rank_high"] - ranks["rank_low"] + 1).median()
    assert f"of the 139 zones, half have a range of {wide:.0f} places or more" in card
    new = ranks[ranks["status"] == "predicted"]
    top = new.sort_values("rank").iloc[0]
    told = plain_text(text_of_page(ranked.folder / "index.html"))
    ends = f"{top['risk']:.0%} ({top['low']:.0%} to {top['high']:.0%})."
    assert re.search(
        rf"in 4 zones with {new['households'].sum():,.0f} households: highest in [^,]+, {re.escape(ends)}", told
    )


def test_another_place_and_no_order(refused):
    """Income is left out, so that the curve on income beats the model: no ranks, no map, and the card says why."""
    found = table(refused, "prediction_zones")
    assert found["rank"].isna().all()
    assert found["risk"].notna().sum() == 139
    scores = table(refused, "prediction_scores")
    held_out = ["blocks", "single zones", "single zones less blocks", "another place"]
    assert scores["held_out"].unique().tolist() == held_out
    assert not scores["ranked"].any()
    shift = table(refused, "prediction_shift")
    assert shift["variable"].tolist() == ["school", "any variable"]
    assert "prediction_risk" not in (refused.folder / "map.html").read_text(encoding="utf-8")
    card = text_of_page(refused.folder / "model_card.html")
    assert "Zones are not put in order here" in card
    assert "پهنه‌ها در اینجا به ترتیب نیامده‌اند" in card  # noqa: RUF001
    assert "other.gpkg" in card
    findings = table(refused, "findings").set_index("code")
    assert "curve on" in findings.loc["risk_not_ranked", "message"]


FAULTS = [
    ({"outcome": "both"}, "both is told by digital: write digital: {exclusion"),
    ({"variables": ["offline", "school"]}, "offline is the outcome itself"),
    ({"outcome": "poor", "holds": "amount"}, "beyond which amount is a zone excluded"),
    ({"outcome": "far", "trained_on": {"file": "other.gpkg"}}, "far is not known of another place"),
    ({"holds": "percent"}, "holds and direction are for columns"),
    ({"variables": []}, "variables"),
]


@pytest.mark.parametrize(("changes", "said"), FAULTS, ids=[str(n) for n in range(len(FAULTS))])
def test_what_does_not_go_together_is_told(changes, said):
    with pytest.raises(StudyError, match=said):
        Study.parse(yaml.safe_dump(settings_of(**changes), allow_unicode=True))


def test_what_the_outcome_is_made_of_cannot_describe_it():
    settings = settings_of()
    settings["digital"]["offline"]["column"] = "school"
    with pytest.raises(StudyError, match="school is what offline is made of"):
        Study.parse(yaml.safe_dump(settings, allow_unicode=True))
