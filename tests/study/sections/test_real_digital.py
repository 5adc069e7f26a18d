"""The studies of Chicago and New York as they stand in ``studies``, with fewer random draws."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import yaml
from shapely import box

from spatialjustice import inequality
from spatialjustice.study import run

STUDIES = Path(__file__).resolve().parents[3] / "studies"


def run_quickly(name, shared_data, file, folder, permutations):
    """Run a study of the repository with few draws; the numbers that are looked at here hang on none of them."""
    data = shared_data(file).parents[1]
    settings = yaml.safe_load((STUDIES / f"{name}.yaml").read_text(encoding="utf-8"))
    settings["permutations"] = permutations
    settings["inequality"]["replications"] = 0
    settings["digital"]["index"]["draws"] = 5
    settings.pop("frame", None)
    settings["languages"] = ["en"]
    settings.pop("prediction", None)  # tests/prediction looks at it
    study = folder / f"{name}.yaml"
    study.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return run(study, data_dir=data, out=folder / name)


@pytest.fixture(scope="module")
def chicago(shared_data, tmp_path_factory):
    file = "chicago/chicago_tracts_acs2019_fcc.gpkg"
    return run_quickly("chicago", shared_data, file, tmp_path_factory.mktemp("chicago"), permutations=999)


@pytest.fixture(scope="module")
def new_york(shared_data, tmp_path_factory):
    return run_quickly(
        "new_york", shared_data, "new_york/LinkNYC_Locations.csv", tmp_path_factory.mktemp("new_york"), permutations=99
    )


def table(results, name):
    return pd.read_csv(results.folder / "tables" / f"{name}.csv")


class TestChicago:
    def test_community_areas_add_up_to_what_is_published(self, chicago, shared_data):
        """76 of 77 do; of O'Hare two tracts lie to 99 % and 88 % beyond the city limits, and are not counted there."""
        found = table(chicago, "digital_regions").set_index("name")
        assert len(found) == 77
        differing = found[found["difference"] != 0]
        assert differing.index.tolist() == ["O'Hare"]
        row = differing.iloc[0]
        assert row[["households", "published_households", "difference"]].tolist() == [9064, 6120, 2944]
        assert row["note"].startswith("as published without 2,944 households of 2 zones")
        assert "17031770602, 17031770902" in row["note"]
        areas = gpd.read_file(shared_data("chicago/chicago_community_areas_internet_2019.gpkg")).set_index("name")
        # Published to the household; the tracts have shares with three decimals.
        rest = found.drop(index="O'Hare")
        published = areas.loc[rest.index, "hh_no_internet"] / areas.loc[rest.index, "total_households"]
        np.testing.assert_allclose(rest["offline"], published, atol=1e-4)

    def test_index_by_tract_and_by_community_area(self, chicago):
        tracts, areas = table(chicago, "digital_index"), table(chicago, "digital_regions")
        assert (len(tracts), int(tracts["index"].notna().sum())) == (801, 798)
        assert int(tracts["households"][tracts["index"].isna()].sum()) == 0
        worst = areas.set_index("rank")["name"]
        assert worst.loc[1] in {"Fuller Park", "West Englewood", "Englewood", "Riverdale"}
        assert worst.iloc[worst.index.argmax()] == "Lake View"

    def test_moran_and_lisa(self, chicago):
        found = table(chicago, "spatial_autocorrelation").set_index("outcome")
        for outcome in ("divide index", "households offline"):
            assert found.loc[outcome, "statistic"] > 0.55
            assert found.loc[outcome, "p_value"] <= 0.02
        from esda import Moran

        values = chicago["digital"].amounts["offline"][chicago.people > 0]
        graph = inequality.contiguity(chicago.zones.loc[values.index], tolerance=1.0)
        linked = values.index.difference(graph.isolates)
        other = Moran(values[linked].to_numpy(), graph.subgraph(linked).transform("r").to_W(), permutations=0)
        assert found.loc["households offline", "statistic"] == pytest.approx(other.I, abs=0.01)
        zones = table(chicago, "zones")
        clusters = zones["digital_divide_index_cluster"].value_counts()
        assert clusters["high-high"] > 50
        assert clusters["low-low"] > 50
        assert clusters.sum() == 801

    def test_gap_by_race_and_income(self, chicago, shared_data):
        found = table(chicago, "groups")
        offline = found[found["outcome"] == "households offline"].set_index("group")
        tracts = gpd.read_file(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg"))
        tracts = tracts[tracts["COMMAREA"].notna() & (tracts["households"] > 0)]
        for column in ("f_black", "f_hispanic"):
            weights = tracts[column] * tracts["households"]
            expected = np.average(tracts["NoIntP"] / 100, weights=weights)
            assert offline.loc[column, "mean"] == pytest.approx(expected)
            assert offline.loc[column, "difference"] == pytest.approx(
                expected - np.average(tracts["NoIntP"] / 100, weights=tracts["households"] - weights)
            )
        assert offline.loc["f_black", "difference"] > 0.05
        fifths = found[(found["outcome"] == "households offline") & found["by"].str.startswith("income")]
        shares = fifths["mean"].iloc[:5].to_numpy()
        assert (np.diff(shares) < 0).all()

    def test_double_exclusion_of_486_places(self, chicago):
        ledger = table(chicago, "ledger").set_index("step")
        once = ledger.loc["services: health_care: count once"]
        assert once[["before", "after", "where"]].tolist() == [486, 460, "26 same place"]
        found = table(chicago, "digital_exclusion").set_index("access")
        assert found["independent"].sum() == pytest.approx(1_075_393)
        low, middle, high = found.loc["neither", ["lowest_share", "independent_share", "highest_share"]]
        assert 0.02 < low < middle < high < 0.1
        classes = table(chicago, "digital_classes")
        everybody = classes[(classes["of"] == "far and offline") & (classes["group"] == "all")]
        assert everybody["counted"].sum() == pytest.approx(1_075_393)
        assert everybody["zones"].sum() == 801


class TestNewYork:
    def test_every_row_of_both_files_is_accounted_for(self, new_york):
        """Counts taken from the files with grep and sort: 1,868 kiosks of which 1,811 live; 3,319 hotspots."""
        ledger = table(new_york, "ledger").set_index("step")
        kiosks = ledger.loc["services: public_wifi: read LinkNYC_Locations.csv"]
        assert kiosks[["before", "after", "where"]].tolist() == [1868, 1811, "57 not in use"]
        once = ledger.loc["services: public_wifi: count once"]
        assert once["before"] == 1811 + 3319
        assert once["where"].endswith("1,811 named as another; 57 not in use")
        assert once["after"] == len(new_york.services) == len(table(new_york, "services"))

    def test_offline_households_near_public_wifi_by_income(self, new_york, shared_data):
        found = table(new_york, "digital_exclusion_groups").set_index("group")
        tracts = gpd.read_file(shared_data("new_york/new-york-city_tracts_acs2019_fcc.gpkg")).set_index("geoid")
        offline = (tracts["households"] * tracts["NoIntP"] / 100).fillna(0)
        assert found.loc["all", "offline_counted"] == pytest.approx(offline.sum())
        near = new_york["digital"].amounts["near"]
        expected = float((near * offline).sum() / offline.sum())
        assert found.loc["all", "offline_near_independent"] == pytest.approx(expected)
        assert 0.5 < expected < 0.6
        ends = found[["offline_near_lowest", "offline_near_independent", "offline_near_highest"]]
        assert (ends.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
        fifths = found.loc[[f"{number} of 5" for number in range(1, 6)], "offline_near_independent"]
        assert fifths.idxmax() == "1 of 5"
        assert fifths.idxmin() == "4 of 5"
        shares = found.loc[fifths.index, "offline"]
        assert (shares.diff().dropna() < 0).all()

    def test_public_wifi_is_concentrated_where_incomes_are_high(self, new_york):
        found = table(new_york, "inequality").set_index(["outcome", "measure"])
        assert found.loc[("within 400 m", "concentration_index"), "value"] > 0.2
        assert abs(found.loc[("households within 400 m", "concentration_index"), "value"]) < 0.03
        rest = found.loc[("within 400 m", "concentration_index")]
        assert rest["people"] + rest["people_left_out"] == new_york.people.sum()


def test_speeds_measured_by_tile_are_a_supply(shared_data, tmp_path):
    """Guam in two halves: the speed of each is the mean over its tests, and beside it stands who is connected."""
    file = shared_data("ookla/guam_ookla_2023Q4_fixed.geojson")
    tiles = gpd.read_file(file)
    west, south, east, north = tiles.total_bounds
    middle = (south + north) / 2
    halves = gpd.GeoDataFrame(
        {"half": ["south", "north"], "people": [100, 200], "online": [0.5, 0.75]},
        geometry=[box(west, south, east, middle), box(west, middle, east, north)],
        crs=4326,
    )
    halves.to_file(tmp_path / "halves.gpkg", driver="GPKG")
    place = gpd.GeoDataFrame({"name": ["K"]}, geometry=[halves.geometry.iloc[0].centroid], crs=4326)
    place.to_file(tmp_path / "kiosk.geojson", driver="GeoJSON")
    settings = {
        "title": "Guam",
        "streets": "straight lines",
        "zones": {"kind": "polygons", "file": "halves.gpkg", "id": "half"},
        "population": {"column": "people"},
        "services": [{"name": "kiosk", "file": "kiosk.geojson"}],
        "digital": {"connected": "online", "supply": {"tiles": file.name}},
        "seed": 1,
    }
    study = tmp_path / "guam.yaml"
    study.write_text(yaml.safe_dump(settings), encoding="utf-8")
    results = run(study, data_dir=file.parent, out=tmp_path / "out")
    zones = table(results, "zones").set_index("zone_id")
    assert (zones["digital_supply_certainty"] == "enough tests").all()
    low, high = tiles["avg_d_kbps"].min() / 1000, tiles["avg_d_kbps"].max() / 1000
    assert zones["digital_supply"].between(low, high).all()
    tests = tiles["tests"]
    whole = np.average(tiles["avg_d_kbps"] / 1000, weights=tests)
    assert zones["digital_supply"].min() <= whole <= zones["digital_supply"].max()
    assert file.name in {record.file for record in results.sources}
