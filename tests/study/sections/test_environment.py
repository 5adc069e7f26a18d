"""Studies of the environment: small enough to be done by hand, and what a wrong setting is told."""
# ruff: noqa: RUF001 (Persian is meant)

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely import Point, box

from spatialjustice._core.errors import InputError, StudyError
from spatialjustice.study import check, run
from spatialjustice.study.sections.environment import SECTION as OF_STUDY
from spatialjustice.study.sections.environment.page import bars
from spatialjustice.study.settings import Study
from tests.browsing import text_of_page
from tests.study.conftest import make_zones

UTM = 32632
WEST, SOUTH = 500_000.0, 5_540_000.0
AIR = [12.0] * 8 + [8.0] * 7 + [0.0]
CANOPY = [10.0] * 8 + [40.0] * 8
SECTION = {
    "file": "air.csv",
    "key": "zone",
    "text": ["grade"],
    "exposures": {
        "air": {"title": {"en": "Bad air", "fa": "هوای بد"}, "column": "pm25", "unit": "µg/m³", "missing": [0],
                "averaging": "annual", "indicator": "fine_particles", "guidelines": ["eu_2030_pm25_annual", 11]},
        "bare": {"title": {"en": "Land without trees", "fa": "زمین بی‌درخت"}, "column": "canopy", "holds": "percent",
                 "complement": True, "guidelines": ["canopy_30_percent"]},
        "noise": {"title": "Noise", "raster": "noise.tif", "unit": "dB"},
        "flood": {"title": "Flooded", "polygons": "flood.geojson"},
    },
    "characteristics": {"ill": {"title": "Ill people", "column": "ill"}},
    "change": {"trees": {"title": "Trees", "earlier": "before", "later": "canopy", "years": [2010, 2020],
                         "stated": "change", "holds": "percent", "direction": "higher is better"}},
    "calenviroscreen": {"exposures": ["air", "noise"], "environmental_effects": ["bare"], "sensitive": ["ill"]},
    "ejscreen": {"exposures": ["air"], "demographic": ["poor"]},
    "burden_and_access": {"burden": "air", "worst": 0.5, "service": "kiosk", "cutoff": "500 m"},
}  # fmt: skip


def prepare(city):
    """Write sixteen zones of 300 m with ten people each: a table, a raster, polygons, and a kiosk in the first zone."""
    zones = make_zones(city.folder / "zones.gpkg", poor=[5.0] * 8 + [0.0] * 8, income=[2000.0] * 8 + [9000.0] * 8)
    frame = gpd.read_file(city.folder / "zones.gpkg") if zones is None else zones
    ids = [f"z{place:02d}" for place in range(16)]
    before = [12.0] * 8 + [39.0] * 8
    table = pd.DataFrame({"zone": ids, "pm25": AIR, "canopy": CANOPY, "before": before, "ill": range(1, 17),
                          "change": [-2.0] * 8 + [1.5] * 8, "grade": ["D"] * 8 + ["A"] * 8})  # fmt: skip
    table.to_csv(city.folder / "air.csv", index=False)
    west, south, east, north = frame.to_crs(UTM).total_bounds
    transform = rasterio.Affine(east - west + 200, 0, west - 100, 0, -(north - south + 200), north + 100)
    with rasterio.open(city.folder / "noise.tif", "w", driver="GTiff", width=1, height=1, count=1, dtype="float32",
                       crs=UTM, transform=transform) as raster:  # fmt: skip
        raster.write(np.array([[60]], dtype="float32"), 1)
    half = gpd.GeoDataFrame(geometry=[box(west - 9, south - 9, east + 9, (south + north) / 2)], crs=UTM)
    half.to_crs(4326).to_file(city.folder / "flood.geojson", driver="GeoJSON")
    kiosk = gpd.GeoDataFrame({"name": ["K"]}, geometry=[Point(WEST + 150, SOUTH + 150)], crs=UTM)
    kiosk.to_crs(4326).to_file(city.folder / "kiosks.geojson", driver="GeoJSON")
    return {
        "streets": "straight lines",
        "services": [{"name": "kiosk", "file": "kiosks.geojson"}],
        "zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        "population": {"column": "people"},
        "rank_by": "income",
        "groups": {"poor": {"title": {"en": "Poor people", "fa": "مردم کم‌درآمد"}}},
        "inequality": {"income_groups": 2, "replications": 99, "measures": ["gini"]},
        "environment": SECTION,
        "languages": ["en", "fa"],
        "takeaway": [],
    }


@pytest.fixture(scope="module")
def results(city_once, tmp_path_factory):
    return run(city_once.study(**prepare(city_once)), out=tmp_path_factory.mktemp("whole") / "out")


@pytest.fixture
def section(city):
    """The study with changes to the section."""
    settings = prepare(city)
    return lambda **changes: city.study(**{**settings, "environment": {**SECTION, **changes}})


def table(results, name):
    return pd.read_csv(results.folder / "tables" / f"{name}.csv")


def people_of(results):
    return table(results, "zones").set_index("zone_id")["people"]


def test_means_by_hand(results):
    """The poor are half of the people of the south: all of them have 12; everybody else also lives in the north."""
    people = people_of(results)
    south, north = people.iloc[:8].sum(), people.iloc[8:15].sum()
    found = table(results, "exposure_by_group").set_index(["exposure", "by", "group"]).sort_index()
    air = found.loc["air", "poor"]
    assert air.loc["poor", "mean"] == 12
    others = south - air.loc["poor", "people"]
    assert air.loc["everybody else", "mean"] == pytest.approx((12 * others + 8 * north) / (others + north))
    assert air.loc["all people", "people_left_out"] == people.iloc[15]
    assert air.loc["all people", "left_out_because"] == "the exposure is not known there"
    assert air.loc["poor", "title"] == "Bad air"
    assert found.loc[("noise", "poor", "all people"), "mean"] == 60
    assert found.loc[("flood", "poor", "poor"), "mean"] == pytest.approx(1, abs=1e-3)
    assert found.loc[("trees", "poor", "poor"), "mean"] == pytest.approx(-0.02)
    assert found.loc[("bare", "poor", "poor"), "mean"] == pytest.approx(0.9)
    known = found["p_value"].notna()
    assert (found.loc[known, "p_adjusted"] >= found.loc[known, "p_value"]).all()


def test_guidelines_and_limits_of_ones_own(results):
    found = table(results, "above_guideline").query("group == 'all people' and by == 'poor'").set_index("guideline")
    people = people_of(results)
    south = people.iloc[:8].sum()
    assert found.loc["eu_2030_pm25_annual", "people_above"] == south
    assert found.loc["own", ["value", "people_above"]].tolist() == [11, south]
    assert found.loc["canopy_30_percent", "share_above"] == pytest.approx(south / people.sum())


def test_change_burdens_and_access(results):
    change = table(results, "exposure_change")
    assert change["change"].round(9).tolist() == [-0.02] * 8 + [0.01] * 8
    assert change["stated_less_change"].round(9).tolist() == [0.0] * 8 + [0.005] * 8
    codes = set(table(results, "findings")["code"])
    assert {"change_column_is_no_difference", "exposure_not_known", "exposed_area_for_people"} <= codes
    burdens = table(results, "burdens")
    # Noise is the same everywhere: 100. Air: 100 in the south, 7 of 15 zones below in the north, not known in z15.
    # Land without trees: 100 in the south, 50 in the north. Ill: place of 16. With B = (X + F / 2) / 1.5 that is 100 in
    # the south, (220 / 3 + 25) / 1.5 = 590 / 9 in the north and (100 + 25) / 1.5 = 250 / 3 in z15.
    score = burdens.set_index("zone_id")["score"]
    assert score[["z07", "z14", "z15"]].tolist() == pytest.approx([50, 590 / 9 * 15 / 16, 250 / 3])
    assert burdens["zone_id"].iloc[0] == "z15"
    assert burdens.set_index("zone_id")["indicators"].loc["z15"] == 3
    both = table(results, "burden_and_access").set_index("class")
    people = people_of(results)
    # Within 500 m of the kiosk are the middles of z00, z01, z04 and z05, all of the south with its bad air.
    near = people.iloc[[0, 1, 4, 5]].sum()
    assert both.loc["only burdened", "independent"] == near
    assert both.loc["burdened and without access", "independent"] == people.iloc[:8].sum() - near
    assert both.loc["unknown", "independent"] == people.iloc[15]
    assert both["independent"].sum() == people.sum()
    groups = table(results, "burden_and_access_groups").query("by == 'poor'").set_index("group")
    assert groups.loc["poor", "burdened_and_without_access_independent"] == pytest.approx(0.5)
    ledger = table(results, "ledger").set_index("step")
    assert ledger.loc["environment: air", "elsewhere"] == people.iloc[15]


def test_the_page_says_it_in_both_languages(results):
    page = text_of_page(results.folder / "map.html")
    assert "Bad air: 10.13 µg/m³ on average, weighted by people." in page
    assert "live beyond 10 µg/m³ (EU limit value for PM2.5 from 2030, annual mean)." in page
    assert "Trees: change from 2010 to 2020" in page
    assert "مردم کم‌درآمد: ۱۲٫۰۰ µg/m³" in page
    assert "تغییر از ۲۰۱۰ تا ۲۰۲۰" in page
    assert "Exposures are means weighted by people" in page
    assert "causes" not in page.lower()
    zones = table(results, "zones")
    assert {"environment_air", "environment_trees", "environment_burden_score"} <= set(zones.columns)
    index = text_of_page(results.folder / "index.html")
    assert "live among the most burdened" in index, "the first view says who is burdened and far"
    lines = results.overview()
    assert "Bad air: 10.13 µg/m³" in lines
    assert "burdened and farther than 500 m" in lines


def test_changes_have_bars_to_both_sides_of_zero_in_points(results):
    """Trees: less by 2 points in the south, where the poor live, and more by 1 in the north."""
    found = bars(results, results.study.modes[0])
    (trees,) = [one for one in found["environment_trees"] if any("poor" in str(row["label"]) for row in one.rows)]
    assert (trees.percent, trees.digits) == (False, 2)
    values = {row["label"]["en"]: row["value"] for row in trees.rows}
    assert min(values.values()) == pytest.approx(-2)
    assert "percentage points" in trees.title["en"]
    assert {one.percent for one in found["environment_bare"]} == {True}


def test_numbers_are_written_without_dust(results):
    for name in ("exposure_by_group", "above_guideline", "burdens", "burden_and_access", "exposure_change"):
        made = table(results, name)
        for column in made.select_dtypes("float"):
            if not column.startswith("p_"):
                there = made[column].dropna()
                assert (there == there.round(6)).all(), (name, column)


def test_a_study_may_ask_for_nothing_else_and_its_indicators_are_offered(city, tmp_path):
    """Without services there is no way to measure; the air is the catalogue's, in its unit, for whoever wants it."""
    settings = prepare(city) | {"services": [], "inequality": None, "rank_by": None, "environment": {
        "file": "air.csv", "key": "zone", "text": ["grade"], "exposures": {"air": SECTION["exposures"]["air"]}
    }}  # fmt: skip
    found = run(city.study(**{key: one for key, one in settings.items() if one is not None}), out=tmp_path / "out")
    assert table(found, "exposure_by_group").query("group == 'all people'")["mean"].iloc[0] == pytest.approx(152 / 15)
    (known,) = OF_STUDY.offers["indicators"](found)
    assert (known.key, known.unit) == ("fine_particles", "people")
    assert known.layer.iloc[0] == 12


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": None}, "a table needs both file and key"),
        ({"calenviroscreen": {"exposures": ["airr"]}}, "“airr” is no exposure or characteristic; did you mean “air”"),
        ({"ejscreen": {"exposures": ["air"], "demographic": ["rich"]}}, "“rich” is no group of this study"),
        ({"burden_and_access": SECTION["burden_and_access"] | {"burden": "ill"}}, "“ill” is no burden of this study"),
        (
            {"burden_and_access": SECTION["burden_and_access"] | {"service": "shop"}},
            "“shop” is no service of this study",
        ),
        ({"burden_and_access": SECTION["burden_and_access"] | {"cutoff": "600 m"}}, "600 m is none of the cutoffs"),
        ({"characteristics": {"air": SECTION["exposures"]["bare"]}}, "air is a name twice"),
        ({"exposures": {"air": {"title": "Air", "column": "pm25", "raster": "noise.tif"}}}, "one of column, raster"),
        ({"exposures": {"air": {"title": "Air", "column": "pm25", "guidelines": ["who"]}}}, "“who” is none that"),
        ({"exposures": {"air": {"title": "Air", "column": "pm25", "complement": True}}}, "an amount has no whole"),
        ({"change": {"t": SECTION["change"]["trees"] | {"years": [2020, 2010]}}}, "2020 is not before 2010"),
    ],
)
def test_what_does_not_go_together_is_told(section, changes, said):
    with pytest.raises(StudyError, match=said):
        Study.read(section(**changes))


def test_check_looks_at_the_columns(section):
    wrong = {"air": {"title": "Air", "column": "pm26", "unit": "µg/m³"}}
    alone = {"exposures": wrong, "calenviroscreen": None, "ejscreen": None, "burden_and_access": None}
    with pytest.raises(StudyError, match="pm26"):
        check(section(**alone))
    alone["exposures"] = {"air": {"title": "Air", "column": "grade"}}
    with pytest.raises(InputError, match="are no numbers, the first is “D”"):
        check(section(**alone))
