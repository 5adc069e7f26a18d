"""What is of another kind than asked for (a name instead of a layer, nothing instead of numbers) is told by name."""

from __future__ import annotations

import re
import warnings
from functools import partial

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

import spatialjustice as sj

HOME = gpd.GeoSeries([Point(-15.43, 28.10), Point(-15.42, 28.10)], index=["a", "b"], crs=4326)
TABLES = {
    "agency.txt": "agency_name,agency_url,agency_timezone\nTown,http://a,Atlantic/Canary",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,28.10,-15.43\nb,B,28.10,-15.42",
    "routes.txt": "route_id,route_short_name,route_type\n1,One,3",
    "trips.txt": "route_id,service_id,trip_id\n1,all,m",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "m,7:30:00,7:30:00,a,1\nm,7:33:00,7:33:00,b,2",
    "calendar_dates.txt": "service_id,date,exception_type\nall,20240110,1",
}


@pytest.fixture
def feed(tmp_path):
    """A bus between two stops, once a morning."""
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_name_is_no_layer():
    for call in (sj.network.straight_lines, sj.inequality.contiguity, partial(sj.inequality.nearest, k=2)):
        with pytest.raises(sj.InputError, match="it is a str"):
            call("zones")
    with pytest.raises(sj.InputError, match="it is a DataFrame without shapes"):
        sj.network.straight_lines(pd.DataFrame({"people": [1]}))


@pytest.mark.parametrize("other", [None, 3], ids=["none", "number"])
@pytest.mark.parametrize(
    "door",
    [
        sj.sources.table,
        sj.sources.boundary,
        partial(sj.sources.points, service="kiosk", columns={"longitude": "x", "latitude": "y"}),
        sj.sources.speed_tiles,
        sj.sources.towers,
        sj.network.from_osm,
        sj.network.load,
        sj.study.run,
        sj.study.check,
        sj.study.fetch,
        partial(sj.sources.population, zones=HOME.to_crs(32628).buffer(100).to_frame()),
        partial(sj.sources.timetable, date="2024-01-10"),
        sj.sources.fares,
    ],
    ids=[
        "table",
        "boundary",
        "points",
        "tiles",
        "towers",
        "osm",
        "network",
        "run",
        "check",
        "fetch",
        "people",
        "gtfs",
        "fares",
    ],
)
def test_what_names_no_file(door, other):
    with pytest.raises(
        sj.InputError, match="a path is asked for, and this is (None|an? )|which is neither a file nor a frame"
    ):
        door(other)


@pytest.mark.parametrize("values", [None, [1, 2]], ids=["none", "list"])
def test_a_map_of_no_series(values):
    with pytest.raises(sj.InputError, match="values: they are (None|a list)"):
        sj.maps.choropleth(HOME, values, title="Homes", unit="people")


def test_layers_are_no_maps(tmp_path):
    with pytest.raises(sj.InputError, match="map: it is a GeoSeries"):
        sj.maps.save(HOME, tmp_path / "map.html")


@pytest.mark.parametrize("values", [None, 3], ids=["none", "number"])
def test_inequality_of_nothing(values):
    with pytest.raises(sj.InputError, match="values: "):
        sj.inequality.gini(values)


def test_straight_lines_have_no_streets_to_follow():
    lines = sj.network.straight_lines(HOME)
    areas = (sj.access.isochrones, sj.access.isochrones_in_squares, sj.access.service_area)
    for call in (*areas, sj.network.reached_streets):
        with pytest.raises(sj.InputError, match="which has no streets of its own to follow"):
            call(lines, HOME, cutoff=5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"cutoff": "a"}, "cutoff: it is 'a'"),
        ({"cutoff": -3}, "cutoff: it is -3"),
        ({"max_walk": "x"}, "max_walk: it is 'x'"),
        ({"max_walk": 0}, "max_walk: it is 0"),
        ({"summary": "mean"}, "summary: it is 'mean'"),
        ({"summary": 3}, "summary: it is 3"),
        ({"max_rides": "x"}, "max_rides: it is 'x'"),
        ({"max_fare": 3}, "max_fare: it is 3, and the network knows no fares"),
        ({"fares": 3}, "timetable: a path is asked for, and this is an int"),
        ({"streets": "walk"}, "streets: it is a str"),
        ({"feeds": 3}, "timetable: a path is asked for, and this is an int"),
    ],
    ids=str,
)
def test_settings_of_public_transport(feed, wrong, said):
    given = {"feeds": feed, "streets": sj.network.straight_lines(HOME), "date": "2024-01-10"} | wrong
    with pytest.raises(sj.InputError, match=re.escape(said)):
        sj.network.from_gtfs(given.pop("feeds"), given.pop("streets"), **given)


def test_no_seconds_between_departures(feed):
    network = sj.network.from_gtfs(feed, sj.network.straight_lines(HOME), date="2024-01-10")
    with pytest.raises(sj.InputError, match="every: it is 0"):
        network.travel_costs(HOME, HOME, every=0)


def test_no_service_is_said_to_be_missing_where_stops_are_only_looked_at(feed):
    """Putting a timetable on streets asks for no destination, so none can be lacking."""
    nodes = pd.DataFrame({"x": [-15.43, -15.42], "y": [28.10, 28.10]}, index=[1, 2])
    ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        network = sj.network.from_gtfs(feed, sj.network.from_frames(nodes, ways), date="2024-01-10")
    assert not [one for one in said if "no_destinations" in str(one.message)]
    assert "stops_off_network" not in set(sj.findings(network)["code"])
