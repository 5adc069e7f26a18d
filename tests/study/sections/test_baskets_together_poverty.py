"""Baskets, services given online as well, and several lacks: one study by hand, and what a wrong setting is told."""
# ruff: noqa: RUF001 (Persian is meant)

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from spatialjustice._core.errors import StudyError
from spatialjustice.study import check, run
from spatialjustice.study.outputs.before_maps import overview
from tests.browsing import text_of_page
from tests.study.conftest import make_zones

UTM = 32632
WEST, SOUTH = 500_000.0, 5_540_000.0
HOMES = [4.0] * 15 + [0.0]
ONLINE = [0.5, 0.75, 1.0, 0.0] * 3 + [0.5, 0.75, 1.0, np.nan]
ENDS = ["lowest", "independent", "highest"]
BASKETS = [
    {"name": "daily", "title": {"en": "Daily needs", "fa": "نیازهای روزانه"}, "services": ["kiosk", "clinic"],
     "cutoff": "500 m"},
    {"name": "either", "services": {"kiosk": "500 m", "clinic": "310 m"}, "at_least": 1},
]  # fmt: skip
TOGETHER = [
    {"name": "telemedicine", "service": "clinic", "cutoff": "500 m", "connected": "online",
     "able": {"device": {"column": "device", "title": {"en": "with a computer", "fa": "دارای رایانه"}}},
     "households": "homes", "closing": ["B"]},
    {"name": "half_online", "service": "clinic", "cutoff": "500 m", "connected": "online", "remote_share": 0.5,
     "catchment": "care"},
]  # fmt: skip
POVERTY = {
    "households": "homes",
    "lacks": {
        "far": {"service": "clinic", "cutoff": "500 m", "title": {"en": "far from a clinic", "fa": "دور از درمانگاه"}},
        "offline": {"column": "online", "holds": "share", "worse": "lower is worse"},
        "poor": {"column": "income", "line": 5000, "worse": "lower is worse"},
    },
}


def prepare(city):
    """Sixteen zones of 300 m, the last without homes; a kiosk and clinic A in the first, clinic B in the last.

    Within 500 m of the first zone's middle are z00, z01, z04, z05; within 500 m of the last one's z10, z11, z14, z15.
    """
    make_zones(
        city.folder / "zones.gpkg",
        homes=HOMES,
        online=ONLINE,
        device=[0.8] * 16,
        income=[2000.0] * 8 + [12000.0] * 8,
        old=[5.0] * 8 + [0.0] * 8,
    )
    for name, places in (("kiosks", {"K": 150}), ("clinics", {"A": 150, "B": 1050})):
        points = [Point(WEST + place, SOUTH + place) for place in places.values()]
        frame = gpd.GeoDataFrame({"name": [*places]}, geometry=points, crs=UTM)
        frame.to_crs(4326).to_file(city.folder / f"{name}.geojson", driver="GeoJSON")
    return {
        "streets": "straight lines",
        "services": [
            {"name": "kiosk", "file": "kiosks.geojson", "title": {"en": "Kiosk", "fa": "دکه"}},
            {"name": "clinic", "file": "clinics.geojson", "title": {"en": "Clinic", "fa": "درمانگاه"}},
        ],
        "zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"},
        "population": {"column": "people"},
        "cutoffs": ["500 m"],
        "groups": {"old": {"en": "Old people", "fa": "سالمندان"}},
        "measures": ["cost_to_closest"],
        "baskets": BASKETS,
        "catchments": [{"name": "care", "services": ["clinic"], "decay": {"binary": "500 m"}}],
        "together": TOGETHER,
        "poverty": POVERTY,
        "languages": ["en", "fa"],
    }


@pytest.fixture
def asked(city):
    """The study, with changes."""
    settings = prepare(city)
    return lambda **changes: city.study(**{**settings, **changes})


@pytest.fixture(scope="module")
def results(city_once, tmp_path_factory):
    """What the study finds as it stands."""
    return run(city_once.study(**prepare(city_once)), out=tmp_path_factory.mktemp("whole") / "out")


def table(results, name):
    return pd.read_csv(results.folder / "tables" / f"{name}.csv", encoding="utf-8-sig")


def test_baskets(results):
    """Both within 500 m in four zones of 10 people; one of them (a clinic within 310 m) in z00, z01, z04 and z05 by the
    kiosk, and in z11, z14 and z15 by clinic B."""
    found = table(results, "baskets").set_index(["basket", "group", "who"])
    assert found.loc["daily", "everybody"]["people"][["whole", "lacking", "unknown"]].tolist() == [40, 120, 0]
    assert found.loc[("daily", "everybody", "without: kiosk"), "people"] == 120
    assert found.loc[("daily", "everybody", "without: clinic"), "people"] == 80
    assert found.loc[("either", "everybody", "whole"), "people"] == 70
    # Old people live in the first eight zones, four of which have both.
    assert found.loc[("daily", "old", "whole"), ["people", "share"]].tolist() == [20, 0.5]
    zones = table(results, "zones").set_index("zone_id")
    assert zones.loc["z05", ["basket_daily", "basket_daily_services"]].tolist() == ["whole", 2]
    assert zones.loc["z15", ["basket_daily", "basket_daily_services"]].tolist() == ["lacking", 1]
    # z15 is 900 m east and north of the kiosk; the clinic of z05 is 300 m east and north, the farther of its two.
    assert zones.loc[["z05", "z15"], "basket_daily_metres"].tolist() == pytest.approx([424.3, 1272.8], abs=1)
    assert zones.loc["z11", "basket_either_times_the_limits"] == pytest.approx(300 / 310, abs=0.01)
    ledger = table(results, "ledger").set_index("step")
    assert ledger.loc["basket: daily, walk", ["before", "after", "elsewhere"]].tolist() == [160, 160, 0]


def test_the_sentence_of_the_basket_in_both_languages(results):
    page = text_of_page(results.folder / "map.html")
    assert (
        "25 of 100 people reach both services (“Kiosk”, “Clinic”) within 500 m in a straight line; 75 do not; what "
        "people are most often without is “Kiosk” (75 of 100)."
    ) in page
    assert (
        "از هر ۱۰۰ نفر ۲۵ نفر در خط مستقیم تا ۵۰۰ متر به هر دو خدمت («دکه»، «درمانگاه») می‌رسند؛ ۷۵ نفر نمی‌رسند" in page
    )
    assert "44 of 100 people reach at least 1 of 2 services (“Clinic”, “Kiosk”) within their limits" in page


def test_who_is_reached_at_a_place_or_online(results):
    """Far are z02, z03, z06, z07, z08, z09, z12, z13 with 4 homes each, connected 1, 0, 1, 0, 0.5, 0.75, 0.5, 0.75.

    With 0.8 who have a computer, neither is at least 4 * (0.2 + 1 + 0.2 + 1 + 0.5 + 0.25 + 0.5 + 0.25), if unrelated
    4 * (0.2 + 1 + 0.2 + 1 + 0.6 + 0.4 + 0.6 + 0.4), and at most 4 * (0.2 + 1 + 0.2 + 1 + 0.7 + 0.45 + 0.7 + 0.45).
    """
    found = table(results, "together").query("together == 'telemedicine'").set_index("access")
    assert found.loc["neither", ENDS].tolist() == pytest.approx([15.6, 17.6, 18.8])
    assert found.loc["neither", "independent_share"] == pytest.approx(17.6 / 60)
    assert found.loc[["both", "only physical", "only remote", "neither", "unknown"], "independent"].sum() == 60
    assert set(found["counts"]) == {"households"}
    zones = table(results, "zones").set_index("zone_id")
    told = [f"together_telemedicine_neither_{end}" for end in ENDS]
    assert zones.loc["z08", told].tolist() == pytest.approx([2, 2.4, 2.8])


def test_what_closing_a_place_takes(results):
    """As clinic B closes, z10, z11 and z14 lose it; connected are all, none and all: 0.8 + 4 + 0.8 homes lose it."""
    found = table(results, "moving_online").set_index("access")
    assert found.loc["lose all access", ENDS].tolist() == pytest.approx([5.6] * 3)
    assert found.loc["remote instead of a place", ENDS].tolist() == pytest.approx([6.4] * 3)
    assert found.loc["keep a place", "independent"] == 16
    assert found.loc["still without", ENDS].tolist() == pytest.approx([15.6, 17.6, 18.8])
    # Online 32 - 17.6 homes gain the service for the first time, 5.6 lose it.
    assert found.loc["change", "independent"] == pytest.approx(32 - 17.6 - 5.6)
    assert set(found["places_closed"]) == {"1 of 2"}
    # Old people are half of the first eight zones, where nobody loses a place.
    groups = table(results, "moving_online_groups").set_index(["by", "group"])
    assert groups.loc[("old", "old"), "lose_all_access_highest"] == 0
    assert groups.loc[("old", "everybody else"), "lose_all_access_independent"] == pytest.approx(5.6 / 44)


def test_supply_that_is_given_online_in_part(results):
    """Two clinics, each for the 40 people within 500 m: 250 for 10,000 today, 125 where half of both is online.

    The clinic online is shared by 90 people of whom it is known, and by six of the last zone, which counts as 0.6.
    """
    found = table(results, "supply_together").set_index(["part", "end"])["mean"]
    assert found["today"].item() == pytest.approx(250 / 2)
    assert found["places"].item() == pytest.approx(125 / 2)
    zones = table(results, "zones").set_index("zone_id")
    told = zones["together_half_online_supply_per_10000_people_independent"]
    assert told[["z00", "z02", "z03"]].tolist() == pytest.approx([125 + 0.5 / 96 * 1e4, 1 / 96 * 1e4, 0], abs=1e-3)
    assert np.isnan(told["z15"])
    highest = zones["together_half_online_supply_per_10000_people_highest"]
    # Everybody of the last zone online, or nobody: the clinic is shared by 100 or by 90.
    assert highest[["z02", "z15"]].tolist() == pytest.approx([1 / 90 * 1e4, 125 + 1 / 100 * 1e4], abs=1e-3)


def test_several_lacks(results):
    """Far 8 zones, poor the first 8; both are z02, z03, z06, z07 (16 homes), one of them 8 zones of which 12 homes are
    offline; of z10, z11 and z14 only z11 lacks anything, being offline."""
    found = table(results, "poverty").set_index("at_least")
    assert found["independent"].to_dict() == pytest.approx({1: 52, 2: 28, 3: 8})
    assert found["lowest"].to_dict() == pytest.approx(found["highest"].to_dict())
    assert found["called_poor"].tolist() == [False, True, False]
    each = table(results, "poverty_lacks").set_index("lack")
    assert each["lacking"].to_dict() == pytest.approx({"far": 32, "offline": 24, "poor": 32})
    assert each.loc["poor", "line"] == "income below 5000"
    # Both lacks and the offline of z02, z03, z06 and z07: 4 * (2 + 3 + 2 + 3); two lacks of 12 offline homes elsewhere.
    ends = table(results, "poverty_measures").set_index("measure")
    assert ends.loc["H", ENDS].tolist() == pytest.approx([28 / 60] * 3)
    assert ends.loc["M0", ENDS].tolist() == pytest.approx([(40 + 24) / 3 / 60] * 3)
    groups = table(results, "poverty_groups").set_index(["by", "group"])
    # Half of the first eight zones: 16 homes of both lacks and 6 of the offline, of 32.
    assert groups.loc[("old", "old"), "independent"] == pytest.approx(22 / 32)


def test_pages_say_bounds_and_of_what_they_are(results):
    page = text_of_page(results.folder / "map.html")
    assert (
        "About 29% of households, 18 of 60, reach “Clinic” neither within 500 m nor online (connected and with a "
        "computer). Anything between 26% and 31% may be true."
    ) in page
    assert (
        "If 1 of 2 places of “Clinic” closed and it were given online, about 9% of households, 6 of 60, would lose"
        in page
    )
    assert "اگر ۱ مرکز از ۲ مرکز «درمانگاه» بسته و خدمت آنلاین شود" in page
    assert "47% of households, 28 of 60, live in zones with at least 2 of 3 lacks at once" in page
    assert "مقدار درست می‌تواند هر عددی میان ۲۶٪ و ۳۱٪ باشد" in page
    assert (
        "The map tells shares of households; the numbers beside the classes are of the people who live in these zones."
    ) in page
    codes = set(table(results, "findings")["code"])
    assert "able_by_proxy" in codes


def test_the_first_view_answers_who_has_the_basket_who_is_without_and_who_lacks_several_things(results):
    first = overview(results, lambda _mode, key: f"#{key}")
    told = " ".join(one["en"] for one in first.sentences).replace("\u00a0", " ")
    assert "25 of 100 people reach both services" in told
    assert "About 29% of households, 18 of 60, reach “Clinic” neither within 500 m nor online" in told
    assert "47% of households, 28 of 60, live in zones with at least 2 of 3 lacks at once" in told


def test_whole_zones_are_measured_as_alkire_and_foster_do(asked, tmp_path):
    """Far and poor as whole zones: 16 of 60 homes lack both; H = A H = M0 at two of two, each adding half."""
    lacks = {name: POVERTY["lacks"][name] for name in ("far", "poor")}
    study = asked(
        poverty={"lacks": lacks, "households": "homes", "draws": 20}, together=[], baskets=[], languages=["en"]
    )
    found = run(study, out=tmp_path / "out")
    measures = table(found, "poverty_measures").set_index("measure")
    # They have 2,000 of 5,000 and 600, 900, 671 and 600 m to go instead of 500.
    beyond = np.array([0.2, 0.8, np.hypot(600, 300) / 500 - 1, 0.2])
    gaps = {power: 4 * (beyond**power + 0.6**power).sum() / 2 / 60 for power in (1, 2)}
    assert measures["value"].to_dict() == pytest.approx(
        {"H": 16 / 60, "A": 1, "M0": 16 / 60, "M1": gaps[1], "M2": gaps[2]}, rel=2e-3
    )
    assert measures.loc["H", "low"] < 16 / 60 < measures.loc["H", "high"]
    assert table(found, "poverty_lacks")["contribution"].tolist() == [0.5, 0.5]
    assert len(table(found, "poverty_choices")) == 2


def test_a_service_that_nobody_has_mapped_is_unknown_and_not_lacking(city, tmp_path):
    changes = {"services": ["pharmacy", "hospital"], "baskets": [{**BASKETS[0], "services": ["pharmacy", "hospital"]}]}
    found = run(city.study(**changes), out=tmp_path / "out")
    rows = table(found, "baskets").set_index("who")
    assert rows.loc["without: hospital", ["people", "people_unknown"]].tolist() == [0, 132]
    assert rows.loc["unknown", "people"] > 0
    assert rows.loc["unknown", "people"] + rows.loc["lacking", "people"] == 132
    assert "basket_not_mapped" in set(table(found, "findings")["code"])
    assert "for " in found.overview().split("of 100 people reach both")[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"baskets": [{**BASKETS[0], "services": ["kiosk", "shop"]}]}, "daily names the services shop"),
        ({"baskets": [{**BASKETS[0], "at_least": 3}]}, "it is 3, and the basket holds 2 services"),
        ({"baskets": [{"name": "daily", "services": ["kiosk", "clinic"]}]}, "a list of services and one cutoff"),
        ({"baskets": [{**BASKETS[0], "mode": "drive"}]}, "daily names the mode drive"),
        ({"together": [{**TOGETHER[0], "service": "school"}]}, "telemedicine names the service school"),
        ({"together": [{**TOGETHER[0], "connected": None}]}, "does not say who is connected"),
        ({"together": [{**TOGETHER[0], "able": "nowhere"}]}, "nowhere"),
        ({"together": [{**TOGETHER[1], "catchment": "beds"}]}, "names the catchment beds"),
        ({"poverty": {**POVERTY, "at_least": 4}}, "it is 4, and there are 3 lacks"),
        ({"poverty": {"lacks": {"a": {"column": "income"}, "b": {"column": "online"}}}}, "either line or of_median"),
        ({"poverty": {**POVERTY, "weights": {"far": 1}}}, "give one for each of far, offline, poor"),
    ],
    ids=["stranger", "too many", "no limit", "no mode", "no service", "not connected", "no column",
         "no catchment", "at least", "no line", "weights"],
)  # fmt: skip
def test_what_does_not_go_together_is_told(asked, change, message):
    with pytest.raises(StudyError, match=message):
        check(asked(**change))


def test_a_place_that_is_not_there_cannot_close(asked, tmp_path):
    with pytest.raises(StudyError, match="no place of clinic is called “C”"):
        run(asked(together=[{**TOGETHER[0], "closing": ["C"]}], languages=["en"]), out=tmp_path / "out")
