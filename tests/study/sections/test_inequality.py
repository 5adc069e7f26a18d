"""Studies that measure inequality: by every measure, in parts, between groups; the sums can be done by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatialjustice import inequality
from spatialjustice._core.errors import InputError
from spatialjustice.study import run

ZONES = {"zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}, "population": {"column": "people"}}
INCOME = [float(number) for number in range(16)]
POOR = [10.0, 10.0, 5.0, 0.0] * 4
SOUTH = ["south"] * 8 + ["north"] * 8
OUTCOME = ["service", "mode", "outcome"]


@pytest.fixture
def unequal(city, write_zones, tmp_path):
    write_zones(city.folder / "zones.gpkg", income=INCOME, poor=POOR, half=SOUTH, share_old=[0.25] * 8 + [0.75] * 8)
    study = city.study(
        services=["pharmacy"],
        groups={"poor": "Poor people", "share_old": {"title": {"en": "Old", "fa": "سالمندان"}, "holds": "share"}},
        rank_by="income",
        inequality={
            "income_groups": 4,
            "regions": "half",
            "sufficiency": {"pharmacy": "800 m"},
            "replications": 99,
        },
        **ZONES,
    )
    return run(study, out=tmp_path / "out")


def table(results, name):
    return pd.read_csv(results.folder / "tables" / f"{name}.csv")


def test_every_outcome_has_every_measure_with_unit_people_and_interval(unequal):
    found = table(unequal, "inequality")
    assert set(found["outcome"]) == {"way to the nearest", "within 500 m", "within 1000 m"}
    told = found.set_index(["outcome", "measure"])
    way = told.loc["way to the nearest"]
    metres = unequal.reached[0].metres
    assert way.loc["mean", "value"] == pytest.approx(metres.mean())
    assert way.loc["gini", "value"] == pytest.approx(inequality.gini(metres))
    assert way.loc["gini", "low"] < way.loc["gini", "value"] < way.loc["gini", "high"]
    assert (way["unit"] == "metres").all()
    assert (way["direction"] == "lower is better").all()
    # 800 m are enough: whoever is farther has too little.
    assert way.loc["fgt", "value"] == pytest.approx((metres > 800).mean())
    counts = unequal.reached[0].counts["1000_m"]
    within = told.loc["within 1000 m"]
    assert within.loc["concentration_index", "value"] == pytest.approx(
        inequality.concentration_index(counts, rank_by=pd.Series(INCOME, index=counts.index))
    )
    # A line in metres is none for numbers of places.
    assert "fgt" not in within.index
    assert "zones with" not in str(within.loc["theil_l", "note"])
    assert "are 0" in within.loc["theil_l", "note"]
    assert (found["people"] + found["people_left_out"] == 160).all()
    assert (found["population"] == "counted").all()


def test_units_and_who_is_left_out_and_why(city, write_zones, tmp_path):
    """The income of one zone of ten people is not known; a pharmacy is reached by everybody."""
    write_zones(city.folder / "zones.gpkg", income=[np.nan, *INCOME[1:]], half=[None, *SOUTH[1:]])
    study = city.study(
        services=["pharmacy"],
        rank_by="income",
        inequality={"income_groups": 4, "regions": "half", "replications": 0},
        space={"neighbours": {"contiguity": 1.0}, "statistics": ["moran", "spatial_gini"]},
        **ZONES,
    )
    results = run(study, out=tmp_path / "out")
    found = table(results, "inequality").set_index(["outcome", "measure"])
    way = found.loc["way to the nearest"]
    assert way.loc[["mean", "gini", "hoover"], "value_unit"].tolist() == ["metres", "index", "share"]
    assert (way["unit"] == "metres").all()
    assert way.loc["concentration_index", "left_out_because"] == "10 people: income is not known"
    assert way.loc["concentration_index", ["n", "people", "people_left_out"]].tolist() == [15, 150, 10]
    assert pd.isna(way.loc["gini", "left_out_because"])
    parts = table(results, "decomposition")
    for _, rows in parts.groupby(["outcome", "by"]):
        assert rows.loc[rows["group"] != "all", "n"].sum() == rows.loc[rows["group"] == "all", "n"].item() == 16
        assert rows.loc[rows["group"] == "unknown", ["n", "people"]].to_numpy().tolist() == [[1, 10]]
    space = table(results, "spatial_autocorrelation")
    assert (space["people"] == 160).all()
    assert (space["people_left_out"] == 0).all()


def test_the_parts_add_up_to_the_whole(unequal):
    found = table(unequal, "decomposition")
    assert set(found["by"]) == {"4 groups by income", "half"}
    for (_, _, outcome, by), rows in found.groupby([*OUTCOME, "by"]):
        whole = rows[rows["group"] == "all"].iloc[0]
        parts = rows[rows["group"] != "all"]
        assert len(parts) == (4 if "income" in by else 2)
        assert parts["within"].sum() + parts["between"].sum() == pytest.approx(whole["inequality"], abs=1e-12), outcome
        assert parts["people"].sum() + whole["people_left_out"] == 160
    measures = table(unequal, "inequality").set_index(["outcome", "measure"])["value"]
    whole = found[(found["group"] == "all") & (found["by"] == "half")].set_index("outcome")
    for outcome in whole.index:
        assert whole.loc[outcome, "inequality"] == pytest.approx(measures[outcome, "theil_t"], abs=1e-12)


def test_groups_are_compared_with_everybody_else_and_incomes_with_the_best_served(unequal):
    found = table(unequal, "groups")
    assert set(found["by"]) == {"poor", "share_old", "income groups by income"}
    told = found.set_index(["outcome", "by", "group"]).sort_index()
    metres = unequal.reached[0].metres
    poor = told.loc[("way to the nearest", "poor", "poor")]
    assert poor["mean"] == pytest.approx(np.average(metres, weights=POOR))
    others = np.average(metres, weights=10 - np.array(POOR))
    assert poor["difference"] == pytest.approx(poor["mean"] - others)
    assert poor["share_without"] == pytest.approx(np.average(metres > 800, weights=POOR))
    assert (poor["group_title"], poor["compared_with"]) == ("Poor people", "everybody else")
    assert pd.isna(poor["ecological"])
    old = told.loc[("way to the nearest", "share_old", "share_old")]
    assert old["mean"] == pytest.approx(np.average(metres, weights=[2.5] * 8 + [7.5] * 8))
    assert old["ecological"] == "shares of zone population"
    incomes = told.loc[("way to the nearest", "income groups by income")]
    assert incomes.loc["1 of 4", "mean"] == pytest.approx(metres.iloc[:4].mean())
    assert set(incomes["compared_with"]) == {"1 of 4"}
    assert incomes.loc["all people", "people"] == 160


def test_it_is_told_in_words_and_listed(unequal):
    said = unequal.overview()
    assert "pharmacy within 1000 m on foot" in said.replace("\n", " ")
    assert "Gini index" in said
    page = (unequal.folder / "index.html").read_text(encoding="utf-8")
    for name in ("inequality", "decomposition", "groups"):
        assert f"tables/{name}.csv" in page


def test_another_group_is_the_reference_and_must_not_overlap(city, write_zones, tmp_path):
    write_zones(city.folder / "zones.gpkg", a=[4.0] * 16, b=[6.0, 2.0] * 8)
    options = {
        "services": ["pharmacy"],
        "groups": {"a": "A", "b": "B"},
        "inequality": {"reference": "b", "replications": 0},
        **ZONES,
    }
    found = table(run(city.study(**options), out=tmp_path / "out"), "groups")
    assert set(found["by"]) == {"a"}
    assert set(found["compared_with"]) == {"b"}
    write_zones(city.folder / "zones.gpkg", a=[8.0] * 16, b=[6.0] * 16)
    with pytest.raises(InputError, match="overlap"):
        run(city.study(**options), out=tmp_path / "again")


def test_small_groups_are_not_told(city, write_zones, tmp_path):
    write_zones(city.folder / "zones.gpkg", few=[1.0] + [0.0] * 15, many=[5.0] * 16)
    study = city.study(
        services=["pharmacy"],
        groups={"few": "A few", "many": "Many"},
        inequality={"replications": 0, "suppress_below": 5},
        **ZONES,
    )
    found = table(run(study, out=tmp_path / "out"), "groups").set_index(["outcome", "group"])
    assert pd.isna(found.loc[("way to the nearest", "few"), "mean"])
    assert "enough people" in found.loc[("way to the nearest", "few"), "note"]
    assert found.loc[("way to the nearest", "many"), "mean"] > 0


def test_a_study_that_does_not_ask_has_no_such_tables(city, tmp_path):
    results = run(city.study(), out=tmp_path / "out")
    assert not (results.folder / "tables" / "inequality.csv").exists()


def test_people_whom_no_way_leads_there_have_too_little(city, write_zones, tmp_path):
    # The network ends at 1,200 m; a zone of ten more people lies off it.
    write_zones(city.folder / "zones.gpkg")
    study = city.study(
        services=["pharmacy"],
        snap_limit=20,
        cutoffs=["2000 m"],
        inequality={"replications": 0, "sufficiency": {"pharmacy": "2000 m"}},
        **ZONES,
    )
    results = run(study, out=tmp_path / "out")
    found = table(results, "inequality").set_index(["outcome", "measure"]).loc["way to the nearest"]
    unreached = float(results.people[results["reach"][0].metres.isna()].sum())
    assert unreached == 160
    assert found.loc["fgt", "value"] == 1
    assert found.loc["mean", "note"] == "nobody has a value"
    assert found.loc["mean", "people_left_out"] == 160
    assert found.loc["mean", "left_out_because"] == "160 people: no way leads there"
    assert pd.isna(found.loc["fgt", "left_out_because"])
