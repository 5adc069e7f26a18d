"""What the lessons on the digital divide come to, worked out again from the files, in other ways."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree
from scipy.stats import false_discovery_control, rankdata

from tests.notebooks.lessons import DIGITAL, against_esda, keeps_its_promises

pytestmark = pytest.mark.filterwarnings("default")


@pytest.mark.parametrize("name", sorted(DIGITAL))
def test_it_runs_and_keeps_its_promises(name, executed):
    keeps_its_promises(executed(name), name)


@pytest.fixture(scope="module")
def chicago(shared_data):
    tracts = gpd.read_file(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg")).set_index("geoid").to_crs(32616)
    areas = gpd.read_file(shared_data("chicago/chicago_community_areas_internet_2019.gpkg")).set_index("comm_num")
    return tracts, areas


def test_tracts_of_chicago_add_up_to_the_published_figures(chicago, numbers):
    """All but O'Hare do as they are; O'Hare does without two tracts, 9,064 - 1,591 - 1,353 = 6,120."""
    tracts, areas = chicago
    found = numbers("06_digital_divide_chicago.ipynb")
    (row,) = zip(*(found["differ"][name] for name in ("name", "total_households", "households")), strict=True)
    assert row == ("O'Hare", 6120, 9064)
    out = ["17031770602", "17031770902"]
    assert tracts.loc[out, "households"].tolist() == [1591, 1353]
    assert set(out) < set(found["beyond"])
    kept = tracts.loc[tracts["COMMAREA"].notna() & ~tracts.index.isin(out)]
    assert found["tracts"] == kept.index.tolist()
    assert found["aside"] == [872 - 799, tracts["households"].sum() - areas["total_households"].sum()]
    for share, published in (("NoIntP", "hh_no_internet"), ("f_broadband", "hh_broadband")):
        scale = 100 if share == "NoIntP" else 1
        summed = (kept[share] * kept["households"] / scale).groupby(kept["COMMAREA"]).sum()
        assert (summed - areas[published]).abs().max() < 5  # shares are rounded to a thousandth
    assert found["apart"] < 0.5


def test_the_index_and_the_clusters_of_chicago(chicago, numbers):
    tracts, _ = chicago
    found = numbers("06_digital_divide_chicago.ipynb")
    kept = tracts.loc[found["tracts"]]
    worse = -kept.loc[kept["households"] > 0, ["f_broadband", "f_computer", "n_dn100"]]
    index = ((worse.rank() - 1) / (len(worse) - 1)).mean(axis=1)
    made = pd.DataFrame(found["index"], index=kept.index).astype(float)
    np.testing.assert_allclose(made.loc[index.index, "index"], index, atol=1e-12)
    parts = made.filter(like="contribution").sum(axis=1, min_count=1)
    np.testing.assert_allclose(parts, made["index"], atol=1e-12)
    assert found["correlation"]["f_broadband"]["n_dn100"] == pytest.approx(worse.corr("spearman").iloc[0, 2])
    ranges = pd.DataFrame(found["ranges"]).astype(float).dropna()
    assert (ranges["lowest_rank"] <= ranges["base_rank"]).all()
    assert (ranges["base_rank"] <= ranges["highest_rank"]).all()
    homes = kept["households"]
    weighed = worse.mul(homes[index.index], axis=0).groupby(kept["COMMAREA"]).sum()
    by_area = -weighed.div(homes.groupby(kept["COMMAREA"]).sum(), axis=0)
    area_index = ((-by_area).rank().sub(1) / 76).mean(axis=1)
    bad = index.rank(ascending=False, method="min") <= len(index) / 5
    good_area = kept["COMMAREA"].map(area_index.rank(ascending=False, method="min") > 77 / 5).astype(bool)
    assert found["hidden"] == pytest.approx(homes[bad[bad].index][good_area].sum() / homes[bad[bad].index].sum())
    p_value = pd.Series(found["clusters"]["p_value"]).dropna().astype(float)
    assert found["after"] == (false_discovery_control(p_value) <= 0.05).sum()
    against_esda(index, kept.loc[index.index], found["moran"], found["clusters"]["statistic"])


def test_who_is_offline_in_chicago_and_far_from_care(chicago, shared_data, numbers):
    tracts, _ = chicago
    found = numbers("06_digital_divide_chicago.ipynb")
    kept = tracts.loc[found["tracts"]]
    kept = kept[kept["households"] > 0]
    offline, homes = kept["NoIntP"] / 100, kept["households"]
    assert found["both"] == (kept["f_black"] + kept["f_hispanic"] > 1).sum() == 29
    for column, group in (("f_black", "Black"), ("f_hispanic", "Hispanic")):
        people = kept["population"] * kept[column]
        assert found["race"][group] == pytest.approx(np.average(offline, weights=people))
        rest = np.average(offline, weights=kept["population"] - people)
        assert found["race"][f"not {group}"] == pytest.approx(rest)
    each = kept.loc[kept.index.repeat(homes.astype(int))].dropna(subset="mhi").sort_values("mhi", kind="stable")
    fifth = len(each) // 5
    for group in range(5):
        mean = each["NoIntP"].iloc[group * fifth : (group + 1) * fifth].mean() / 100
        assert found["income"][f"{group + 1} of 5"] == pytest.approx(mean, rel=2e-3)  # tracts that straddle a border
    assert 0 < found["gap"]["difference_low"] < found["gap"]["difference"] < found["gap"]["difference_high"]
    listed = gpd.read_file(shared_data("chicago/chicago_health_facilities.gpkg")).to_crs(32616)
    assert listed["type"].isin(["substance_treatment", "mental_health"]).mean() > 0.5
    assert found["places"] == len(listed.drop_duplicates("geometry")) == 460
    near = kept.intersection(listed.buffer(800, quad_segs=32).union_all()).area / kept.area
    online = kept["f_broadband"]
    low, most = np.maximum(0, 1 - near - online) @ homes, np.minimum(1 - near, 1 - online) @ homes
    neither = {name: found["totals"][name]["neither"] for name in ("lowest", "independent", "highest")}
    assert list(neither.values()) == pytest.approx([low, (1 - near) * (1 - online) @ homes, most], rel=1e-6)
    assert sum(found["totals"]["independent"].values()) == pytest.approx(homes.sum())
    poorest, richest, low, most = found["shown"]
    assert [neither["lowest"], neither["highest"]] == [low, most]
    written = [f"{poorest:.0%}", f"{richest:.0%}", f"{low:,.0f}", f"{most:,.0f}"]
    assert re.findall(r"\d[\d,]*%|\d+,\d+", found["finding"]["en"]) == written


def test_new_york_by_points_on_a_grid_and_household_by_household(shared_data, numbers):
    """Areas within 400 m are counted by points 60 m apart; places by a tree of points; nobody by this package."""
    found = numbers("07_kiosks_and_the_offline_new_york.ipynb")
    tracts = gpd.read_file(shared_data("new_york/new-york-city_tracts_acs2019_fcc.gpkg")).to_crs(32618)
    tracts = tracts.set_index("geoid")
    kiosks = pd.read_csv(shared_data("new_york/LinkNYC_Locations.csv"))
    hotspots = pd.read_csv(shared_data("new_york/NYC_Wi-Fi_Hotspot_Locations.csv"), encoding="utf-8-sig")
    live = kiosks[kiosks["Project Status"] == "Live"]
    others = hotspots[~hotspots["SourceID"].isin(kiosks["CB Link ID"])].drop_duplicates(["Longitude", "Latitude"])
    assert [found["kinds"].count(kind) for kind in ("kiosk", "wifi")] == [len(live), len(others)] == [1811, 1282]
    assert found["ledger"]["before"] == [1868, 3319, 1811 + 3319]
    together = pd.concat([live, others])
    places = gpd.points_from_xy(together["Longitude"], together["Latitude"], crs=4326).to_crs(32618)
    tree = cKDTree(np.column_stack([places.x, places.y]))
    west, south, east, north = tracts.total_bounds
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(west, east, 60), np.arange(south, north, 60)))
    tract, point = tracts.sindex.query(gpd.points_from_xy(x, y, crs=32618), predicate="within")[::-1]
    reached = tree.query(np.column_stack([x, y])[point], distance_upper_bound=400)[0] <= 400
    near = pd.Series(reached).groupby(tracts.index[tract]).mean().reindex(tracts.index, fill_value=0.0)
    homes = tracts["households"]
    offline = homes * tracts["NoIntP"].fillna(0) / 100
    assert found["counted"]["without internet"] == pytest.approx(offline.sum())
    assert found["covered"]["share_covered"] == pytest.approx(np.average(near, weights=offline), abs=0.003)
    both = found["covered"]["people_covered"] + found["covered"]["people_not_covered"]
    assert both == pytest.approx(offline.sum())
    tracts["near"], tracts["offline"] = near, tracts["NoIntP"].fillna(0) / 100
    each = tracts.loc[tracts.index.repeat(homes.astype(int)), ["mhi", "near", "offline"]]
    each = each.dropna(subset="mhi").sort_values("mhi", kind="stable")
    fifth = len(each) // 5
    for group in range(5):
        part = each.iloc[group * fifth : (group + 1) * fifth]
        expected = np.average(part["near"], weights=part["offline"])
        assert found["income"][f"{group + 1} of 5"] == pytest.approx(expected, abs=0.01)
    centre = tracts.centroid.where(tracts.covers(tracts.centroid), tracts.representative_point())
    count = tree.query_ball_point(np.column_stack([centre.x, centre.y]), 400, return_length=True)
    there = pd.Series(found["within_reach"]).reindex(tracts.index)
    # Distances on the ellipsoid and in the projection differ by some tenths of a metre: a place on the rim may differ.
    assert (there != count).mean() < 0.02
    for name, kept in (("how_many", slice(None)), ("elsewhere", each.index.str[2:5] != "061")):
        chosen = each[kept]
        mine = there[chosen.index].to_numpy(dtype=float)
        place = (rankdata(chosen["mhi"]) - 0.5) / len(chosen)
        value = 2 / mine.mean() * ((mine * place).mean() - mine.mean() * place.mean())
        low, middle, high = found[name]
        assert low < middle < high
        assert middle == pytest.approx(value, abs=1e-6)
    assert found["how_many"][0] > 0.1
    assert found["elsewhere"][0] < 0 < found["elsewhere"][2]
    assert found["near_one"][0] < 0 < found["near_one"][2]
    far, poorest, fourth = found["shown"]
    written = [f"{far:,.0f}", f"{poorest:.0%}", f"{fourth:.0%}"]
    assert re.findall(r"\d[\d,]*%|\d+,\d+", found["finding"]["en"]) == written


def test_the_counties_of_the_united_states_by_plain_reading(shared_data, numbers):
    found = numbers("08_availability_is_not_use.ipynb")
    years = {}
    for year, month in ((2019, "November"), (2020, "October")):
        path = shared_data(f"us_counties/broadband_data_{year}{month}.csv")
        plain = pd.read_csv(path, encoding="utf-8-sig", dtype=str, skipinitialspace=True)
        plain.columns = plain.columns.str.strip()
        plain.index = plain["COUNTY ID"].str.zfill(5).replace({"02270": "02158", "46113": "46102"})
        plain = plain.drop(index="51515", errors="ignore")[["BROADBAND AVAILABILITY PER FCC", "BROADBAND USAGE"]]
        years[year] = plain.apply(lambda column: pd.to_numeric(column.str.strip().replace("-", None)))
        years[year].columns = ["available", "used"]
        gap, told = years[year]["available"] - years[year]["used"], found["by_year"][str(year)]
        years[year]["gap"] = gap
        assert told["counties"] == len(gap) == 3142
        assert told["gap, median"] == pytest.approx(gap.median())
        assert told["more used than offered"] == (gap < 0).sum()
        assert told["of these, not known"] == gap.isna().sum()
    unknown = years[2020].index[years[2020]["gap"].isna()]
    assert len(unknown) == 20
    assert unknown.str[:2].isin(["02", "51"]).mean() > 0.5
    assert found["without"] == 78
    both = (years[2020] - years[2019]).dropna()
    assert found["known"] == len(both)
    assert found["change"] == pytest.approx(both.mean().to_dict())
    assert found["fell"] == (both["available"] <= -0.1).sum()
    assert found["jumped"] == (both["available"].abs() > 0.3).sum()
    assert found["closed"] == (both["gap"] < 0).sum()
    assert found["calmer"] == pytest.approx(both.loc[both["available"].abs() <= 0.3, "gap"].mean())
    assert both["available"].var() > 2 * both["used"].var()
    shown = [*years[2020].loc[both.index].mean()[:2], *years[2019].loc[both.index].mean()[:2]]
    assert found["shown"][:4] == pytest.approx(shown)
    written = [*(f"{share:.0%}" for share in shown), str(round(found["shown"][4]))]
    read = re.findall(r"\d+%|\d+", found["finding"]["en"])
    assert [number for number in read if number != "2020"] == written
    clusters = pd.DataFrame(found["clusters"])
    p_value = clusters["p_value"].dropna().astype(float)
    adjusted = false_discovery_control(p_value) <= 0.05
    assert (found["before"], found["after"]) == ((p_value <= 0.05).sum(), adjusted.sum())
    assert found["hasty"] == 0 < found["after"] < found["before"] / 10
    outlines = gpd.read_file(shared_data("us_counties/cb_2018_us_county_20m.geojson")).set_index("GEOID")
    gap = years[2020]["gap"].dropna()
    islands = ["15001", "15003", "15007", "25019", "53055"]  # of Hawaii, Nantucket and San Juan
    assert sorted(clusters.index[clusters["label"] == "island"]) == islands
    outlines = outlines.loc[outlines.index.intersection(gap.index).drop(islands)]
    against_esda(gap[outlines.index], outlines, found["moran"]["gap"]["statistic"], found["clusters"]["statistic"])
    spots = pd.DataFrame(found["spots"])["label"]
    assert found["shown"][4] == (spots == "hot spot").sum()
    offered = years[2020].loc[spots.index[spots == "hot spot"]].median()
    assert offered["available"] > 0.95
    assert offered["used"] < 0.5
    # The cold spots that are no good news, Nome and the North Slope: little or nothing is on offer there.
    assert (spots[["02180", "02185"]] == "cold spot").all()
    assert years[2020].loc[["02180", "02185"], "available"].tolist() == [0.3515, 0.0061]
