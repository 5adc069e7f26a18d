"""A town of sixteen zones and one bus: who is near, who arrives, and who loses where only accessible vehicles count."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from spatialjustice import catalogue
from spatialjustice._core.errors import InputError, StudyError
from spatialjustice.study import check, run
from tests.browsing import text_of_page

UTM = 32632
WEST, SOUTH = 500_000.0, 5_540_000.0
ZONES = {"zones": {"kind": "polygons", "file": "zones.gpkg", "id": "zone"}, "population": {"column": "people"}}
KIOSK = {"name": "kiosk", "title": {"en": "Kiosk", "fa": "دکه"}, "file": "kiosks.geojson"}
CALENDAR = "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
TRANSIT = {"feeds": ["town"], "date": "2024-01-10", "departures": ["07:00", "08:00"], "compare_accessible": True}


@pytest.fixture
def town(city):
    """A bus every ten minutes from the middle of the last square to that of the first, every other one accessible."""
    middle = Point(WEST + 150, SOUTH + 150)
    ends = gpd.GeoSeries([middle, Point(WEST + 1050, SOUTH + 1050)], crs=UTM).to_crs(4326)
    gpd.GeoDataFrame({"name": ["K"]}, geometry=[middle], crs=UTM).to_crs(4326).to_file(
        city.folder / "kiosks.geojson", driver="GeoJSON"
    )
    folder = city.folder / "town"
    folder.mkdir()
    trips, calls = (
        "route_id,service_id,trip_id,wheelchair_accessible\n",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n",
    )
    for number, minute in enumerate(range(6 * 60, 20 * 60, 10)):
        trips += f"1,week,t{number},{2 - (number + 1) % 2}\n"
        for stop, time, place in (("b", minute, 1), ("a", minute + 3, 2)):
            clock = f"{time // 60}:{time % 60:02d}:00"
            calls += f"t{number},{clock},{clock},{stop},{place}\n"
    tables = {
        "agency": "agency_name,agency_url,agency_timezone\nTown,http://a,Europe/Berlin\n",
        "stops": "stop_id,stop_name,stop_lat,stop_lon\n"
        + "".join(f"{stop},{stop},{point.y},{point.x}\n" for stop, point in zip("ab", ends, strict=True)),
        "routes": "route_id,route_short_name,route_type\n1,One,3\n",
        "trips": trips, "stop_times": calls, "calendar": CALENDAR + "week,1,1,1,1,1,0,0,20240101,20241231\n",
    }  # fmt: skip
    for name, text in tables.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    common = {"streets": "straight lines", "services": [KIOSK], "modes": ["transit"], "cutoffs": ["10 min"]}
    return lambda **changes: city.study(**common | ZONES | {"languages": ["en", "fa"], "transit": TRANSIT} | changes)


def test_who_arrives_who_is_near_and_who_loses(town, tmp_path):
    """On foot 8 of 16 zones are within 10 minutes (800 m) of the kiosk; the last one is by bus.

    From there the median of the departures takes 8 minutes: up to ten for the bus to come, with a minute at the stop,
    and three on the way. With every other bus it takes 13. Nobody leaves from the first stop, where the bus ends.
    """
    results = run(town(), out=tmp_path / "out")
    shares = results.table("shares").set_index("cutoff")
    assert shares.loc["10 min", "share_within"] == 9 / 16
    near = results.table("transit_service").set_index("service")
    assert near["share_near"].to_dict() == dict.fromkeys(["any_service", "every_30", "every_20", "sdg_11_2_1"], 4 / 16)
    parts = [name for name in near if name.startswith("people_")]
    assert (near[parts].sum(axis=1) == near["people"]).all()
    (gap,) = results.table("accessible_vehicles").to_dict("records")
    assert (gap["share_within_by_all"], gap["share_within_by_accessible"]) == (9 / 16, 8 / 16)
    assert (gap["people_loses"], gap["people_same"], gap["share_who_lose"]) == (10, 80, 1 / 16)
    stops = results.table("stop_service").set_index("stop_id")
    assert stops["departures"].to_dict() == {"a": 0, "b": 72}
    zones = pd.read_csv(tmp_path / "out" / "tables" / "zones.csv")
    assert sorted(zones["transit_headway_minutes"].dropna()) == [10.0] * 4
    assert "any, 500 m" in results.overview()
    page = text_of_page(tmp_path / "out" / "map.html")
    assert "25.0% of the people live within 500 m of a stop that any vehicle leaves from 07:00 to 19:00." in page
    assert f"{catalogue.number(0.25, 'fa', digits=1, percent=True)} از مردم تا" in page
    assert "0.6 and 0.5 on average; 6.2% of the people reach fewer with these, and 56.2% and 50.0% reach any" in page


def test_a_weekday_stands_for_its_usual_date(town):
    asked = {name: value for name, value in TRANSIT.items() if name != "date"} | {"weekday": "friday"}
    assert "timetable: town" in str(check(town(transit=asked)))


@pytest.mark.parametrize(
    ("limits", "arrive"),
    [({"max_fare": 1.99}, 8), ({"max_fare": 2}, 9), ({"max_rides": 0}, 8), ({"max_rides": 1}, 9)],
    ids=["too dear", "the fare itself", "on foot alone", "one bus"],
)
def test_what_a_journey_may_cost(town, city, limits, arrive):
    """Eight zones arrive on foot, whatever a ride costs; the ninth takes one bus at 2 euros."""
    rules = "currency: EUR\nfares:\n  bus: {price: 2, modes: [bus]}\nlicence: CC0\n"
    (city.folder / "fares.yaml").write_text(rules, encoding="utf-8")
    asked = {name: value for name, value in TRANSIT.items() if name != "compare_accessible"}
    results = run(town(transit=asked | {"fares": "fares.yaml"} | limits))
    assert results.table("shares").set_index("cutoff").loc["10 min", "share_within"] == arrive / 16
    assert "fares.yaml" in {record.file for record in results.sources}


def test_accessible_vehicles_cost_no_less(town, city):
    """The limit holds for both sides: with the bus too dear nobody loses what only the bus gave."""
    (city.folder / "fares.yaml").write_text(
        "currency: EUR\nfares:\n  bus: {price: 2, modes: [bus]}\n", encoding="utf-8"
    )
    results = run(town(transit=TRANSIT | {"fares": "fares.yaml", "max_fare": 1}))
    (gap,) = results.table("accessible_vehicles").to_dict("records")
    assert (gap["share_within_by_all"], gap["share_within_by_accessible"], gap["share_who_lose"]) == (8 / 16, 8 / 16, 0)


def test_fares_are_read_when_a_study_is_checked(town, city):
    file = city.folder / "fares.yaml"
    file.write_text("currency: EUR\nfares:\n  bus: {price: 2, modes: [bus]}\n", encoding="utf-8")
    study = town(transit=TRANSIT | {"fares": "fares.yaml", "max_fare": 2})
    assert "fares.yaml" in str(check(study))
    file.write_text("currency: EUR\nfares:\n  bus: {price: two, modes: [bus]}\n", encoding="utf-8")
    with pytest.raises(InputError, match="price"):
        check(study)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weekday": "friday"}, "give a date or a weekday, one of the two"),
        ({"date": None}, "give a date or a weekday, one of the two"),
        ({"accessible": True}, "nothing to compare_accessible with"),
        ({"hours": ["19:00", "07:00"]}, "19:00 to 07:00"),
        ({"headways": [0]}, "headways"),
        ({"date": "2024-01-13"}, "nothing runs on 2024-01-13"),
        ({"max_fare": 2}, "max_fare needs fares"),
        ({"max_fare": -1, "fares": "fares.yaml"}, "max_fare"),
        ({"max_rides": -1}, "max_rides"),
    ],
)
def test_what_cannot_be_asked(town, changes, message):
    with pytest.raises(Exception, match=message) as caught:
        run(town(transit=TRANSIT | changes))
    assert isinstance(caught.value, StudyError) or "nothing runs" in str(caught.value)
