"""Chicago's exposures by group, change of trees, burdens and care: the study's tables against plain pandas arithmetic.

The study of the repository runs once, with its environment alone; nothing here uses a measure of the package.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import yaml

from spatialjustice.study import run

STUDY = Path(__file__).resolve().parents[2] / "studies" / "chicago.yaml"
KEYS = (
    *("title", "streets", "zones", "districts", "population", "services", "cutoffs", "rank_by", "groups", "inequality"),
    *("environment", "seed"),
)
COLUMNS = {"pm25": "nnetPM25", "heat": "chwHeatAve", "flood": "urbanFlood", "no_canopy": "treeCCov17"}


@pytest.fixture(scope="module")
def study(shared_data, tmp_path_factory):
    data = shared_data("chicago/chives_environment_tracts.csv").parents[1]
    settings = yaml.safe_load(STUDY.read_text(encoding="utf-8"))
    settings = {key: settings[key] for key in KEYS}
    settings["languages"], settings["takeaway"] = ["en"], []
    settings["inequality"] |= {"measures": ["gini"], "replications": 199}
    folder = tmp_path_factory.mktemp("chicago")
    file = folder / "chicago.yaml"
    file.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return run(file, data_dir=data, out=folder / "out")


@pytest.fixture(scope="module")
def tables(study):
    return {path.stem: pd.read_csv(path) for path in (study.folder / "tables").glob("*.csv")}


@pytest.fixture(scope="module")
def tracts(shared_data):
    """Return the tracts of the city with all columns, joined by pandas."""
    tracts = gpd.read_file(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg"))
    chives = pd.read_csv(shared_data("chicago/chives_environment_tracts.csv"), dtype={"geoid": str})
    joined = tracts[tracts["COMMAREA"].notna()].merge(chives, on="geoid", validate="1:1").set_index("geoid")
    joined["nnetPM25"] = joined["nnetPM25"].replace(0, np.nan)
    joined["treeCCov17"] = 1 - joined["treeCCov17"] / 100
    return joined


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("group", ["f_black", "f_hispanic"])
def test_exposure_by_group_is_that_of_pandas(name, group, tables, tracts):
    values = tracts[COLUMNS[name]]
    known = values.notna()
    inside = (tracts["population"] * tracts[group].fillna(0))[known]
    outside = (tracts["population"] * (1 - tracts[group].fillna(0)))[known]
    rows = tables["exposure_by_group"].query("exposure == @name and by == @group").set_index("group")
    means = {}
    for label, people in ((group, inside), ("everybody else", outside), ("all people", inside + outside)):
        row, means[label] = rows.loc[label], (values[known] * people).sum() / people.sum()
        assert row["mean"] == pytest.approx(means[label], abs=1e-6)
        assert row["people"] == pytest.approx(people.sum(), abs=1e-6)
        assert row["low"] < row["mean"] < row["high"]
    apart = rows.loc[group]
    assert apart["difference"] == pytest.approx(means[group] - means["everybody else"], abs=2e-6)
    assert apart["difference_low"] < apart["difference"] < apart["difference_high"]
    lost = tracts.loc[~known, "population"].sum()
    assert rows.loc["all people", "people_left_out"] == pytest.approx(lost, abs=1e-6)
    assert lost == (3411 if name == "pm25" else 0)


def test_intervals_are_about_as_wide_as_a_formula_says(tables, tracts):
    """The standard error of a ratio of sums over independent tracts, by linearisation, against the bootstrap's."""
    values, people = tracts["chwHeatAve"], tracts["population"]
    mean = (values * people).sum() / people.sum()
    error = np.sqrt((people**2 * (values - mean) ** 2).sum()) / people.sum()
    row = tables["exposure_by_group"].query("exposure == 'heat' and group == 'all people'").iloc[0]
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * error, rel=0.2)


def test_who_lives_beyond_the_guidelines(tables, tracts):
    found = tables["above_guideline"].query("group == 'all people' and by == 'f_black'").set_index("guideline")
    people, air = tracts["population"], tracts["nnetPM25"]
    whole = people[air.notna()].sum()
    for key, line in (("who_2021_pm25_annual", 5), ("eu_2030_pm25_annual", 10)):
        assert found.loc[key, "people_above"] == pytest.approx(people[air > line].sum())
        assert found.loc[key, "share_above"] == pytest.approx(people[air > line].sum() / whole, abs=1e-6)
        assert (found.loc[key, "averaging"], found.loc[key, "exposure_averaging"]) == ("annual", "summer")
    bare = people[tracts["treeCCov17"] > 0.7].sum()
    assert found.loc["canopy_30_percent", "people_above"] == pytest.approx(bare)
    codes = set(tables["findings"]["code"])
    assert {"other_averaging_period", "exposure_not_known"} <= codes


def test_the_change_of_trees_and_the_column_that_is_none(tables, tracts, shared_data):
    raw = pd.read_csv(shared_data("chicago/chives_environment_tracts.csv"), dtype={"geoid": str}).set_index("geoid")
    change = (raw["treeCCov17"] - raw["treeCCov10"]) / 100
    found = tables["exposure_change"].astype({"zone_id": str}).set_index("zone_id")
    pd.testing.assert_series_equal(found["change"].sort_index(), change.sort_index(), check_names=False, atol=1e-6)
    people = tracts["population"]
    row = tables["exposure_by_group"].query("exposure == 'canopy' and group == 'all people'").iloc[0]
    assert row["mean"] == pytest.approx((change * people).sum() / people.sum(), abs=1e-6)
    assert row["high"] < 0, "trees became a little fewer where people live"
    off = (raw["treeChng"] - 100 * change).abs()
    message = tables["findings"].set_index("code").loc["change_column_is_no_difference", "message"]
    assert (off > 1e-9).all()
    assert f"off in 801 of 801 zones, by {off.max():.6f} at most" in message
    # Rounding: half a unit of two decimals (2017), of three (the change), and of as many as 2010 is written with.
    assert f"in {(off > 0.005505).sum()} that is more" in message
    (opposite,) = raw.index[raw["treeChng"] * change < 0]
    assert f"the opposite in 1 ({opposite})" in message
    assert f"the farthest off are {off.idxmax()}," in message


def test_the_cumulative_burden_with_ranks_of_pandas(tables, tracts):
    lived_in = tracts["population"] > 0
    here = tracts[lived_in]
    asthma = here["chAsthma17"].replace(0, np.nan)
    table = pd.DataFrame({"a": here["nnetPM25"], "h": here["chwHeatAve"], "f": here["urbanFlood"],
                          "t": here["treeCCov17"], "s": asthma, "e": here["hrdshpIndx"]})  # fmt: skip
    rank = 100 * table.rank(method="max") / table.notna().sum()
    burden = (rank[["a", "h"]].mean(axis=1) + rank[["f", "t"]].mean(axis=1) / 2) / 1.5
    traits = (rank["s"] + rank["e"]) / 2
    score = 10 * burden / burden.max() * 10 * traits / traits.max()
    found = tables["burdens"].astype({"zone_id": str}).set_index("zone_id")
    np.testing.assert_allclose(found.loc[score.index, "score"], score, atol=1e-6)
    assert found.loc[~lived_in.reindex(found.index), "score"].isna().all()
    assert found["score"].isna().sum() == 4  # three without people, one without asthma


def test_the_index_of_ejscreen_with_plain_sums(tables, tracts):
    people, heat = tracts["population"], tracts["chwHeatAve"]
    found = tables["burdens"].astype({"zone_id": str}).set_index("zone_id").loc[tracts.index]
    percentile = np.array([100 * people[heat <= one].sum() / people.sum() for one in heat])
    np.testing.assert_allclose(found["ejscreen: heat: percentile"], percentile, atol=1e-6)
    shares = tracts[["f_black", "f_hispanic"]].mean(axis=1).where(people > 0)
    np.testing.assert_allclose(found["ejscreen: heat: index"], percentile * shares, atol=1e-6)


def test_burdens_and_health_access_together(tables, tracts, shared_data):
    """Who lives among the most burdened quarter of people, times the share of the tract's area beyond 800 m of care."""
    care = gpd.read_file(shared_data("chicago/chicago_health_facilities.gpkg")).to_crs(32616)
    shapes = tracts.to_crs(32616)
    within = care.buffer(800, quad_segs=64).union_all()
    near = shapes.intersection(within).area / shapes.area
    people = tracts["population"]
    score = tables["burdens"].astype({"zone_id": str}).set_index("zone_id")["score"].reindex(tracts.index)
    known = score.notna()
    upto = np.array([people[known & (score <= one)].sum() for one in score]) / people[known].sum()
    burdened = known & (upto > 0.75)
    expected = (people * (1 - near))[burdened].sum()
    found = tables["burden_and_access"].set_index("class")
    assert found.loc["burdened and without access", "independent"] == pytest.approx(expected, rel=2e-3)
    assert found.loc["burdened and without access", "lowest"] == found.loc["burdened and without access", "highest"]
    assert found["independent"].sum() == pytest.approx(people.sum())
    assert found.loc["unknown", "independent"] == people[~known].sum() == 5198
    groups = tables["burden_and_access_groups"].query("by == 'f_black'").set_index("group")
    black = people * tracts["f_black"].fillna(0)
    share = (black * (1 - near))[burdened].sum() / black[known].sum()
    assert groups.loc["f_black", "burdened_and_without_access_independent"] == pytest.approx(share, rel=2e-3)


def test_the_poor_bear_more_of_heat_and_floods(tables):
    found = tables["burden_concentration"].set_index("exposure")
    assert found.loc[["heat", "flood", "no_canopy"], "borne_by_poor"].tolist() == ["yes"] * 3
    assert found.loc["pm25", "borne_by_poor"] == "no"
    assert (found["people"] + found["people_left_out"]).round(6).eq(2_731_881).all()


def test_what_may_not_be_handed_on_is_credited_and_in_no_folder_of_the_product(study):
    (source,) = [one for one in study.sources if one.file.startswith("chives")]
    assert source.licence == "CC BY-NC 2.0"
    assert "ChiVes" in (study.folder / "map.html").read_text(encoding="utf-8")
    package = Path(__file__).resolve().parents[2]
    assert not [*package.glob("**/chives*.csv")]
    assert source.attribution.startswith("ChiVes")
