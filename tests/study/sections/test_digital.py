"""Studies of connections: small enough to be done by hand, and what a wrong column is told."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from spatialjustice._core.errors import InputError, StudyError
from spatialjustice.study import check, run
from tests.browsing import text_of_page
from tests.study.conftest import make_zones

UTM = 32632
WEST, SOUTH = 500_000.0, 5_540_000.0
HOMES = [4.0] * 15 + [0.0]
OFFLINE = [50.0, 25.0, 0.0, 100.0] * 3 + [50.0, 25.0, 0.0, np.nan]
ONLINE = [1 - share / 100 for share in OFFLINE]
SPEED = [float(speed) for speed in range(10, 170, 10)]
TABLES = (
    "digital_index", "digital_correlation", "digital_regions", "digital_exclusion", "digital_exclusion_groups",
    "served_not_connected", "digital_classes", "digital_affordability", "smart_city_profile",
)  # fmt: skip
SECTION = {
    "households": "homes",
    "offline": {"column": "offline", "holds": "percent"},
    "supply": {"column": "offered", "holds": "share"},
    "index": {"indicators": {"offline": "higher is worse", "speed": "lower is worse"}, "draws": 5},
    "regions": {"column": "half"},
    "exclusion": {"service": "kiosk", "cutoff": "500 m"},
    "price": {"income": "income", "amount": 10},
    "profile": {"household_internet": "online", "open_data": 0.4},
}


def prepare(city):
    """Write sixteen zones of 300 m, one of them without homes; a kiosk in the first, within 500 m of four middles."""
    make_zones(
        city.folder / "zones.gpkg",
        homes=HOMES,
        offline=OFFLINE,
        online=ONLINE,
        offered=[1.0] * 8 + [0.5] * 8,
        speed=SPEED,
        income=[2000.0] * 8 + [12000.0] * 7 + [np.nan],
        poor=[5.0] * 8 + [0.0] * 8,
        half=["south"] * 8 + ["north"] * 8,
    )
    kiosk = gpd.GeoDataFrame({"name": ["K"]}, geometry=[Point(WEST + 150, SOUTH + 150)], crs=UTM)
    kiosk.to_crs(4326).to_file(city.folder / "kiosks.geojson", driver="GeoJSON")
    return {
        "streets": "straight lines",
        "services": [{"name": "kiosk", "file": "kiosks.geojson"}],
        "zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        "population": {"column": "people"},
        "rank_by": "income",
        "groups": {"poor": "Poor people"},
        "inequality": {"income_groups": 2, "replications": 0},
        "space": {"neighbours": {"contiguity": 1}},
        "permutations": 99,
        "digital": SECTION,
        "languages": ["en", "fa"],
    }


@pytest.fixture
def connected(city):
    """The study, with changes."""
    settings = prepare(city)
    return lambda **changes: city.study(**{**settings, **changes})


@pytest.fixture(scope="module")
def results(city_once, tmp_path_factory):
    """What the study finds as it stands."""
    return run(city_once.study(**prepare(city_once)), out=tmp_path_factory.mktemp("whole") / "out")


def table(results, name):
    return pd.read_csv(results.folder / "tables" / f"{name}.csv")


def test_exclusion_by_hand(results):
    """Near are z00, z01, z04, z05 with 4 homes each: 2, 1, 2 and 1 of them offline.

    Offline are (2 + 1 + 0 + 4) * 3 + 2 + 1 + 0 = 24 of 60 homes, so that 18 of them are far: being near is certain of
    a zone, so that the bounds are one number.
    """
    found = table(results, "digital_exclusion").set_index("access")
    for end in ("lowest", "independent", "highest"):
        assert found.loc["neither", end] == pytest.approx(18)
        assert found.loc["only physical", end] == pytest.approx(6)
        assert found.loc["both", end] == pytest.approx(10)
    assert found["independent"].sum() == pytest.approx(60)
    assert (found["counts"] == "households").all()
    assert found.loc["neither", "near"] == "within 500 m, by the middle of zones"
    groups = table(results, "digital_exclusion_groups").set_index(["by", "group"])
    # Poor people are half of the south: 3 * 2 + 1 * 2 offline and near there, and 14 of 32 homes offline.
    poor = groups.loc["poor"]
    assert poor.loc["poor", "offline_near_independent"] == pytest.approx(6 / 14)
    assert poor.loc["all", "offline_counted"] == pytest.approx(24)
    assert poor.loc["all", "offline_near_independent"] == pytest.approx(6 / 24)
    ledger = table(results, "ledger").set_index("step")
    assert ledger.loc["digital: exclusion", ["before", "after", "elsewhere"]].tolist() == [60, 60, 0]


def test_served_but_not_connected_by_hand(results):
    """In the south all 32 homes are offered a line and 14 are offline; in the north half of 28 are."""
    served = table(results, "served_not_connected")
    everybody = served[(served["by"] == "poor") & (served["group"] == "all")].iloc[0]
    # North: z08 and z12 use 2 of 2 offered, z09 and z13 3 of 4 though 2 are offered, z10 and z14 all 4, z11 none of 2.
    assert everybody["not_connected"] * 60 == pytest.approx(14 + 2)
    assert everybody["connected"] * 60 == pytest.approx(36)
    assert everybody["not_served"] * 60 == pytest.approx(2 + 2 + 1 + 1 + 2)
    assert everybody["n"] == 15


def test_the_index_has_rank_range_contributions_and_reason(results):
    index = table(results, "digital_index").set_index("zone_id")
    known = index.dropna(subset="rank")
    assert len(known) == 15
    assert known.index[0] == "z03"
    assert (known["lowest_rank"] <= known["rank"]).all()
    assert (known["rank"] <= known["highest_rank"]).all()
    parts = known[["contribution: offline", "contribution: speed"]].sum(axis=1)
    np.testing.assert_allclose(parts, known["index"])
    assert index.loc["z15", "note"] == "an indicator is not known, or nobody lives here"
    regions = table(results, "digital_regions").set_index("region")
    assert regions["households"].to_dict() == {"north": 28, "south": 32}
    # Two districts have no order, and the table says so.
    assert regions["index_note"].str.startswith("no index: 2 zones").all()
    assert regions.loc["south", "offline"] == pytest.approx(14 / 32)


def test_prices_and_profile_by_hand(results):
    """10 a month are 6 % of 2,000 a year and 1 % of 12,000; the 60 homes are in zones of known income."""
    dear = table(results, "digital_affordability").set_index("connection")
    assert dear["counted"].to_dict() == {"affordable": 28, "too dear": 32, "unknown": 0}
    profile = table(results, "smart_city_profile").set_index("indicator")
    assert profile.loc["household_internet", ["value", "people"]].tolist() == pytest.approx([36 / 60, 60])
    assert profile.loc["open_data", "status"] == "measured"


def test_connections_are_outcomes_like_others(results):
    measures = table(results, "inequality").set_index(["service", "outcome", "measure"])
    offline = measures.loc[("connections", "households offline", "mean")]
    assert offline[["value", "people", "n"]].tolist() == pytest.approx([0.4, 60, 15])
    assert offline["counts"] == "households"
    assert measures.loc[("kiosk", "within 500 m", "mean"), "counts"] == "people"
    gap = table(results, "groups")
    gap = gap[(gap["outcome"] == "households offline") & (gap["group"] == "poor")].iloc[0]
    assert gap["people"] == pytest.approx(16)
    assert gap["ecological"]
    space = table(results, "spatial_autocorrelation").set_index("outcome")
    assert space.loc["divide index", "n"] == 15
    zones = table(results, "zones").set_index("zone_id")
    assert zones.loc["z15", "digital_exclusion_class"] == "unknown"
    assert zones.loc["z00", "digital_exclusion_class"] == "only physical"
    assert {"digital_divide_index_cluster", "digital_offline_cluster_p_adjusted"} <= set(zones.columns)


def test_everything_is_told_and_shown(results):
    text = results.overview()
    assert "Connections of 60 households" in text
    assert "offline: 40.0%" in text
    assert "farther than 500 m and offline: 30.0% to 30.0%" in text
    assert {path.stem for path in (results.folder / "tables").glob("*.csv")} >= set(TABLES)
    page = text_of_page(results.folder / "map.html")
    assert "شاخص شکاف دیجیتال" in page
    assert "آنچه عرضه می‌شود و آنچه به کار می‌رود" in page
    index = text_of_page(results.folder / "index.html")
    assert "far and offline, supply and use" in index
    record = json.loads((results.folder / "provenance.json").read_text(encoding="utf-8"))
    assert record["settings"]["digital"]["households"] == "homes"


def test_every_part_may_be_left_out(connected, tmp_path):
    results = run(connected(digital={"connected": "online"}, groups={}, rank_by=None), out=tmp_path / "out")
    assert not [name for name in TABLES if (results.folder / "tables" / f"{name}.csv").exists()]
    # Without households, people are counted: ten in each zone where it is known.
    mean = table(results, "inequality").set_index(["outcome", "measure"]).loc[("people connected", "mean")]
    assert mean[["value", "people", "people_left_out"]].tolist() == pytest.approx([0.6, 150, 10])
    assert mean["left_out_because"] == "10 people: no value"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"offline": "offline"}, InputError, "11 values are no share, the first is 50.0.*holds: percent"),
        ({"offline": {"column": "people", "holds": "households"}}, InputError, "16 values are no households"),
        ({"offline": "ofline"}, StudyError, "no column ofline.*Did you mean “offline” for ofline?"),
        ({"index": {"indicators": {"half": "lower is worse"}}}, InputError, "half does not hold numbers"),
    ],
)
def test_columns_that_hold_something_else(connected, changes, error, message):
    with pytest.raises(error, match=message):
        check(connected(digital={**SECTION, **changes}))


def test_published_regions_are_compared_and_a_difference_explained(connected, city, tmp_path):
    """The published north leaves out z08, three quarters of which lie beyond its published border."""
    zones = gpd.read_file(city.folder / "zones.gpkg")
    shapes = zones.dissolve("half").reset_index()[["half", "geometry"]]
    cut = zones.geometry.iloc[8].buffer(0.0).intersection(Point(WEST, SOUTH + 600).buffer(260))
    north = shapes["half"] == "north"
    shapes.loc[north, "geometry"] = shapes.loc[north, "geometry"].difference(cut)
    shapes["published"] = [24.0, 30.0]
    shapes.to_file(city.folder / "halves.gpkg", driver="GPKG")
    regions = {"column": "half", "file": "halves.gpkg", "key": "half", "households": "published"}
    results = run(connected(digital={**SECTION, "regions": regions}), out=tmp_path / "out")
    found = table(results, "digital_regions").set_index("region")
    assert found["difference"].to_dict() == {"north": 4, "south": 2}
    assert "as published without 4 households of 1 zones" in found.loc["north", "note"]
    assert found.loc["north", "note"].endswith("z08")
    assert found.loc["south", "note"] == "differs from what is published"
