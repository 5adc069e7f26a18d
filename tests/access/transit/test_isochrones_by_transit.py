"""Areas by public transport: by hand on one street, and against the travel costs of places strewn along streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice.access import isochrones
from spatialjustice.network import from_frames, from_gtfs, straight_lines
from spatialjustice.network.routes.reached_streets import lines_of
from spatialjustice.network.transit.departures.streets_reached import reached_by_most
from spatialjustice.network.transit.windows import window_of
from tests.made_timetables import made_timetable, points_at, run

WINDOW = ("07:00", "07:10")


def streets_of(corners, ways):
    """Footways between corners in metres."""
    lonlat = points_at(corners).geometry.to_crs(4326)
    nodes = pd.DataFrame({"x": lonlat.x.to_numpy(), "y": lonlat.y.to_numpy()}, index=range(len(corners)))
    tags = [{"highway": "footway"}] * len(ways)
    return from_frames(nodes, pd.DataFrame({"nodes": ways, "tags": tags}, index=range(len(ways))))


@pytest.fixture(scope="module")
def street():
    """One street of 6 km; a bus from its beginning at 7:05 and 7:15 is 4 km on after 5 minutes."""
    streets = streets_of([(0, 0), (2000, 0), (4000, 0), (6000, 0)], [[0, 1], [1, 2], [2, 3]])
    trips = [run((0, "7:05"), (1, "7:10")), run((0, "7:15"), (1, "7:20"))]
    return from_gtfs(made_timetable([(0, 0), (4000, 0)], trips), streets)


HOME = points_at([(0, 0)])


def test_metres_of_street_by_hand(street):
    """Within 15 minutes at 80 metres a minute.

    On foot 1,200 metres. Of departures from 7:00 to 7:04 the bus at 7:05 leaves them 5 to 9 minutes at the stop 4 km
    on, 800 metres and more on both sides: by the median (of ten, the fifth best) 5 minutes, 400 metres to each side;
    departures from 7:05 on wait for 7:15 and come at 7:20 with 0 to 4 minutes left, the best of them 320 metres.
    """
    area = isochrones(street, HOME, cutoff=15, departures=WINDOW).iloc[0]
    assert area["status"] == "ok"
    assert area["metres"] == pytest.approx(1200 + 800, abs=3)
    # Nine of ten reach 80 metres to each side (7:06, one minute left), all ten the stop alone.
    most = isochrones(street, HOME, cutoff=15, departures=WINDOW, summary=0.9).iloc[0]
    assert most["metres"] == pytest.approx(1200 + 160, abs=3)
    everybody = isochrones(street, HOME, cutoff=15, departures=WINDOW, summary=1.0).iloc[0]
    assert everybody["metres"] == pytest.approx(1200, abs=3)
    first = isochrones(street, HOME, cutoff=15, departures=WINDOW, summary=0.1).iloc[0]
    assert first["metres"] == pytest.approx(1200 + 2 * 720, abs=3)


def test_nobody_walks_farther_than_the_longest_way_on_foot(street):
    """With 5 minutes on foot at most one has 400 metres around the stop, and all the time where one only walks."""
    short = from_gtfs(street.timetable, street.streets, max_walk=5)
    area = isochrones(short, HOME, cutoff=20, departures=("07:00", "07:01")).iloc[0]
    assert area["metres"] == pytest.approx(1600 + 800, abs=3)


def test_larger_cutoffs_hold_smaller_ones_and_rows_are_those_of_streets(street):
    places = points_at([(0, 0), (100, 5000), (3000, 300)])
    areas = isochrones(street, places, cutoff=[20, 10], departures=WINDOW, every=120)
    assert areas["from_id"].tolist() == ["p0", "p0", "p1", "p1", "p2", "p2"]
    assert areas["cutoff"].tolist() == [10, 20] * 3
    assert areas["status"].tolist() == ["ok", "ok", "off_network", "off_network", "ok", "ok"]
    assert areas.geometry[1].buffer(0.01).contains(areas.geometry[0])
    assert areas.is_valid.all()
    assert areas.attrs["departures"] == "07:00-07:10"
    assert areas.attrs["needed"] == 3
    assert isochrones(street, points_at([(3000, 300)]), cutoff=2, departures=WINDOW)["status"].tolist() == [
        "beyond_cutoff"
    ]


def test_what_cannot_be_drawn(street):
    with pytest.raises(InputError, match="minutes only"):
        isochrones(street, HOME, cutoff=500, unit="metres")
    with pytest.raises(InputError, match="no timetable"):
        isochrones(street.streets, HOME, cutoff=5, departures=WINDOW)
    with pytest.raises(InputError, match="no streets of its own"):
        isochrones(from_gtfs(street.timetable, straight_lines(HOME)), HOME, cutoff=5)


def test_against_travel_costs_to_places_along_the_streets():
    """A place on a street is in the area where half of the departures come there in time, to three seconds."""
    rng = np.random.default_rng(15)
    corners = [(x * 400, y * 400) for x in range(5) for y in range(5)]
    ways = [[5 * x + y for y in range(5)] for x in range(5)] + [[5 * x + y for x in range(5)] for y in range(5)]
    streets = streets_of(corners, ways)
    stops = [(150, 10), (800, 390), (1210, 1200), (1600, 700)]
    trips = []
    for start in range(7 * 60, 7 * 60 + 40, 7):
        order = rng.permutation(4)[:3]
        times = [f"{minute // 60}:{minute % 60:02d}" for minute in start + np.array([0, 3, 5])]
        trips.append(run(*zip(order.tolist(), times, strict=True)))
    network = from_gtfs(made_timetable(stops, trips), streets, max_walk=6)
    homes = points_at([(5, 30), (1000, 790)])
    window = window_of(WINDOW, 60)
    edge = rng.integers(0, streets.length.size, 120)
    share = rng.random(120)
    xy = shapely.get_coordinates(
        shapely.line_interpolate_point(lines_of(streets, edge, share * 0, share * 0 + 1), share, normalized=True)
    )
    strewn = gpd.GeoDataFrame(index=[f"q{n}" for n in range(120)], geometry=shapely.points(xy), crs=streets.crs)
    for limit in (9, 13):
        shares = {
            shift: network.travel_costs(homes, strewn, departures=WINDOW, cutoff=limit + shift / 60)
            .shares().pivot_table(index="from_id", columns="to_id", values="share").reindex(
                index=homes.index, columns=strewn.index).fillna(0.0)
            for shift in (-3, 3)
        }  # fmt: skip
        surely_in = surely_out = 0
        for number, reached in reached_by_most(
            network, homes, streets.snap(homes), [limit], window=window, needed=5, snap_limit=500
        ):
            pieces = reached[0].pieces
            for place in range(120):
                here = pieces.edge == edge[place]
                inside = bool(((pieces.start[here] <= share[place]) & (share[place] <= pieces.end[here])).any())
                if shares[-3].iloc[number, place] >= 0.5:
                    assert inside
                    surely_in += 1
                if shares[3].iloc[number, place] < 0.5:
                    assert not inside
                    surely_out += 1
        assert surely_in > 20
        assert surely_out > 20
