"""Districts and names in a whole study of the synthetic city; every number is added up from its table of zones."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from spatialjustice import study
from spatialjustice._core.errors import StudyError
from tests.study.conftest import SOUTH, UTM, WEST


@pytest.fixture(scope="module")
def results(city_once, tmp_path_factory):
    """West and East are the two halves of the city; the zones are sixteen squares with ten people each."""
    halves = [box(WEST + x, SOUTH, WEST + x + 600, SOUTH + 1200) for x in (0, 600)]
    districts = gpd.GeoDataFrame({"title": ["West", "East"], "fa": ["غرب", None]}, geometry=halves, crs=UTM)
    districts.to_file(city_once.folder / "districts.gpkg", driver="GPKG")
    path = city_once.study(
        zones={"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        population={"column": "people"},
        districts={"file": "districts.gpkg", "name": "title", "name_fa": "fa"},
        permutations=99,
    )
    return study.run(path, data_dir=city_once.folder, out=tmp_path_factory.mktemp("names") / "out")


def read(results, name):
    return pd.read_csv(results.folder / f"tables/{name}.csv")


def test_zones_are_called_by_their_district(results):
    zones = read(results, "zones").set_index("zone_id")
    assert zones.loc["z00", "name"].startswith("West")
    assert zones.loc["z03", "name"].startswith("East")
    assert zones.loc["z00", "name_fa"].startswith("غرب")
    assert zones["name"].is_unique
    assert set(zones["named_by"]) == {"district"}


def test_districts_add_up_to_the_zones(results):
    zones = read(results, "zones")
    table = read(results, "districts")
    assert set(table["service"]) == {"pharmacy", "library"}
    for row in table.to_dict(orient="records"):
        inside = zones[zones["district"] == row["district"]]
        beyond = inside[f"{row['service']}_walk_status"].isin(["beyond_cutoff", "unreachable", "off_network"])
        assert row["people"] == inside["people"].sum() == 80
        assert row["people_beyond"] == inside.loc[beyond, "people"].sum()
        assert row["share_beyond"] == row["people_beyond"] / 80
    for _, rows in table.groupby("service"):
        assert rows["people_beyond"].is_monotonic_decreasing
        assert rows["rank"].tolist() == [1, 2]


def test_services_lacking_are_counted(results):
    zones = read(results, "zones")
    missing = sum(zones[f"{one}_walk_status"].isin(["beyond_cutoff", "unreachable"]) for one in ("pharmacy", "library"))
    assert zones["services_lacking_walk"].tolist() == missing.tolist()
    table = read(results, "services_lacking").set_index("services_lacking")
    for count in (0, 1, 2):
        assert table.loc[str(count), "people"] == zones.loc[missing == count, "people"].sum()
    assert table["people"].sum() == zones["people"].sum()


@pytest.mark.parametrize(
    ("districts", "message"),
    [
        ({"name": "quarter"}, "districts: only zones from a file have columns"),
        ({"file": "districts.gpkg"}, "name"),
    ],
    ids=["no columns", "no name"],
)
def test_what_cannot_be_districts_is_refused(city_once, districts, message):
    with pytest.raises(StudyError, match=message):
        study.Study.read(city_once.study(districts=districts))
