"""Timetables of one day: what real feeds get wrong, a handful of rows each, worked out by hand."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest

from spatialjustice._core.errors import DamagedFileError, DuplicateIdError, InputError
from spatialjustice.sources import timetable
from spatialjustice.sources.timetables.shapes.along_shapes import places_on_line

BASE = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nA,Town,http://a,Europe/Madrid\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,28.10,-15.40\nb,B,28.11,-15.40\nc,C,28.13,-15.40\n",
    "routes.txt": "route_id,route_short_name,route_type\n1,One,3\n",
    "trips.txt": "route_id,service_id,trip_id\n1,week,t\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t,7:00:00,7:00:00,a,1\nt,7:05:00,7:06:00,b,2\nt,7:20:00,7:20:00,c,3\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "week,1,1,1,1,1,0,0,20240101,20241231\n",
}
HEADER = "trip_id,arrival_time,departure_time,stop_id,stop_sequence"
WEDNESDAY = "2024-01-10"
NO_HEADWAY = "trip_id,start_time,end_time,headway_secs\nt,8:00:00,9:00:00,0\n"
NO_DATE = "service_id,date,exception_type\nweek,2024-01-10,1\n"


def feed(folder, name="town", **tables):
    """Write a feed into a folder of its own: the base with some tables in place of its own."""
    path = folder / name
    path.mkdir()
    for table, text in (BASE | {f"{table}.txt": text for table, text in tables.items()}).items():
        if text is not None:
            (path / table).write_text(text, encoding="utf-8")
    return path


def codes(found):
    return [finding.code for finding in found.findings]


def times(found):
    return found.calls[["arrival", "departure"]].to_numpy().tolist()


SEVEN = 7 * 3600


def test_a_plain_day(tmp_path):
    """Three days are read, each shifted by 24 hours; yesterday's trip ended before the day began."""
    found = timetable(feed(tmp_path), date=WEDNESDAY)
    assert found.trips["day"].tolist() == [0, 1]
    assert times(found)[:3] == [[SEVEN, SEVEN], [SEVEN + 300, SEVEN + 360], [SEVEN + 1200, SEVEN + 1200]]
    assert times(found)[3] == [SEVEN + 86_400] * 2
    assert codes(found) == []
    assert found.sources[0].name == "timetable"


def test_a_zip_with_a_folder_a_byte_order_mark_and_blanks_in_the_header(tmp_path):
    path = tmp_path / "town.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for table, text in BASE.items():
            odd = text.replace("agency_name", " agency_name ")
            archive.writestr(f"feed/{table}", b"\xef\xbb\xbf" + odd.encode())
        archive.writestr("__MACOSX/feed/._stops.txt", "rubbish")
    assert times(timetable(path, date=WEDNESDAY))[0] == [SEVEN, SEVEN]


def test_calendars_and_their_exceptions(tmp_path):
    """Weekdays, a day taken away, a day added, and a removal outside its own calendar, which changes nothing."""
    dates = "service_id,date,exception_type\nweek,20240110,2\nweek,20240113,1\nweek,20250106,2\n"
    path = feed(tmp_path, calendar_dates=dates)
    with pytest.raises(InputError, match=r"nothing runs on 2024-01-14.*2024-01-01 to 2024-12-31"):
        timetable(path, date="2024-01-14")  # a Sunday; Monday's trip is of another day
    saturday = timetable(path, date="2024-01-13")
    assert (saturday.trips["day"] == 0).sum() == 1
    assert codes(saturday) == ["exceptions_outside_calendar"]
    assert timetable(path, date="2024-01-11").trips["day"].tolist() == [0, 1]
    with pytest.raises(InputError, match="nothing runs on 2024-01-10"):
        timetable(path, date=WEDNESDAY)


def test_a_day_only_of_exceptions(tmp_path):
    path = feed(tmp_path, calendar=None, calendar_dates="service_id,date,exception_type\nweek,20240110,1\n")
    assert timetable(path, date=WEDNESDAY).trips["day"].tolist() == [0]


def test_yesterdays_trips_run_past_midnight(tmp_path):
    """A trip at 23:50 that arrives at 25:10 is still on its way at 1:10 of the next day."""
    path = feed(tmp_path, stop_times=f"{HEADER}\nt,23:50:00,23:50:00,a,1\nt,25:10:00,25:10:00,b,2\n")
    found = timetable(path, date=WEDNESDAY)
    assert found.trips["day"].tolist() == [-1, 0, 1]
    assert times(found)[:2] == [[-600, -600], [4200, 4200]]


def test_clocks_that_change(tmp_path):
    """The day begins at noon less twelve hours: on 31 March 2024 that is 23:00 of the day before, in winter time.

    A trip at 7:00 runs at 7:00 summer time, 5:00 UTC. The day before began at its own midnight, 23 hours earlier.
    """
    always = BASE["calendar.txt"].replace("1,1,1,1,1,0,0", "1,1,1,1,1,1,1")
    late = f"{HEADER}\nt,24:30:00,24:30:00,a,1\nt,26:00:00,26:00:00,b,2\n"
    found = timetable(feed(tmp_path, calendar=always, stop_times=late), date="2024-03-31")
    assert found.clock == datetime(2024, 3, 30, 22, tzinfo=UTC)
    # The 30th began at 23:00 UTC of the 29th: its 24:30 is 23:30 UTC of the 30th, 90 minutes into this day.
    assert times(found)[0] == [5400, 5400]


def test_times_left_out_go_by_the_feeds_own_distances(tmp_path):
    """From 7:06 at b to 7:20 at d lie 14 minutes and 4 units; c lies 1 unit on: 3.5 minutes."""
    stops = BASE["stops.txt"] + "d,D,28.20,-15.40\n"
    rows = f"{HEADER},shape_dist_traveled\nt,7:00:00,,a,1,0\nt,7:05:00,7:06:00,b,2,10\nt,,,c,3,11\nt,7:20:00,,d,4,14\n"
    found = timetable(feed(tmp_path, stops=stops, stop_times=rows), date=WEDNESDAY)
    assert times(found)[2] == [SEVEN + 360 + 210] * 2
    assert found.calls["interpolated"].tolist()[:4] == [False, False, True, False]
    assert "1 of 4 calls (25.0%)" in found.findings[0].message
    assert found.findings[0].code == "times_interpolated"


def test_times_left_out_go_by_the_drawn_way(tmp_path):
    """Straight on, b is a third of the way to c; along the drawn way, which turns back behind b, it is a quarter."""
    shapes = (
        "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\ns,28.10,-15.40,1\ns,28.115,-15.40,2\ns,28.11,-15.40,3\n"
    )
    shapes += "s,28.13,-15.40,4\n"
    rows = f"{HEADER}\nt,7:00:00,7:00:00,a,1\nt,,,b,2\nt,7:40:00,7:40:00,c,3\n"
    tables = {"trips": "route_id,service_id,trip_id,shape_id\n1,week,t,s\n", "stop_times": rows}
    straight = timetable(feed(tmp_path, "one", **tables), date=WEDNESDAY)
    drawn = timetable(feed(tmp_path, "two", **tables, shapes=shapes), date=WEDNESDAY)
    # 0.01 of 0.03 degrees straight on; along the line 0.01 of 0.04: the first time that b is passed.
    assert times(straight)[1][0] == SEVEN + round(2400 / 3)
    assert times(drawn)[1][0] == SEVEN + round(2400 / 4)


def test_a_loop_is_followed_in_order():
    """Round a square of 100: the first corner at the start and at the end are 0 and 400, not one place."""
    square = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0], [0.0, 0.0]])
    stops = np.array([[0.0, 1.0], [99.0, 50.0], [50.0, 101.0], [1.0, 1.0]])
    assert places_on_line(stops, square)[1:].tolist() == [150.0, 250.0, 399.0]
    assert places_on_line(stops, square)[0] == 0.0


def test_trips_that_cannot_be_used_are_named(tmp_path):
    trips = BASE["trips.txt"] + "".join(f"1,week,{name}\n" for name in ("short", "lost", "blank", "back"))
    rows = BASE["stop_times.txt"] + (
        "short,8:00:00,8:00:00,a,1\nlost,8:00:00,8:00:00,a,1\nlost,8:10:00,8:10:00,nowhere,2\n"
        "blank,8:00:00,8:00:00,a,1\nblank,,,b,2\nback,8:00:00,8:00:00,a,1\nback,7:50:00,7:50:00,b,2\n"
    )
    found = timetable(feed(tmp_path, trips=trips, stop_times=rows), date=WEDNESDAY)
    assert found.trips["trip_id"].unique().tolist() == ["t"]
    told = " ".join(finding.message for finding in found.findings if finding.code == "trips_left_out")
    for name in ("short", "lost", "blank", "back"):
        assert f"({name})" in told


def test_rows_out_of_order_and_gaps_in_the_sequence(tmp_path):
    rows = f"{HEADER}\nt,7:20:00,7:20:00,c,30\nt,7:00:00,7:00:00,a,5\nt,7:05:00,7:06:00,b,7\n"
    found = timetable(feed(tmp_path, stop_times=rows), date=WEDNESDAY)
    assert found.calls["stop"].tolist()[:3] == [0, 1, 2]


def test_doors_that_stay_closed(tmp_path):
    """Types 2 and 3 (by arrangement) are doors that open; 1 is one that does not."""
    rows = f"{HEADER},pickup_type,drop_off_type\nt,7:00:00,7:00:00,a,1,0,1\n"
    rows += "t,7:05:00,7:05:00,b,2,1,2\nt,7:20:00,7:20:00,c,3,1,\n"
    found = timetable(feed(tmp_path, stop_times=rows), date=WEDNESDAY)
    assert found.calls["boarding"].tolist()[:3] == [True, False, False]
    assert found.calls["alighting"].tolist()[:3] == [False, True, True]


def test_the_same_run_listed_twice_counts_once(tmp_path):
    trips = BASE["trips.txt"] + "1,week,again\n"
    rows = BASE["stop_times.txt"] + BASE["stop_times.txt"].split("\n", 1)[1].replace("t,", "again,")
    found = timetable(feed(tmp_path, trips=trips, stop_times=rows), date=WEDNESDAY)
    assert (found.trips["day"] == 0).sum() == 1
    assert codes(found) == ["trips_repeated"]


def test_exact_headways(tmp_path):
    """From 8:00 until before 9:00 every 20 minutes: 8:00, 8:20, 8:40; the run itself takes 20 minutes."""
    rows = "trip_id,start_time,end_time,headway_secs,exact_times\nt,08:00:00,09:00:00,1200,1\n"
    found = timetable(feed(tmp_path, frequencies=rows), date=WEDNESDAY)
    today = found.calls[found.calls["trip"].isin(np.flatnonzero(found.trips["day"] == 0))]
    first = today.groupby("trip")["departure"].first()
    assert first.tolist() == [28_800, 30_000, 31_200]
    assert (today.groupby("trip")["arrival"].last() - first).tolist() == [1200] * 3


def test_headways_are_drawn_once_a_day_and_the_same_for_one_seed(tmp_path):
    rows = "trip_id,start_time,end_time,headway_secs\nt,08:00:00,09:00:00,1200\n"
    path = feed(tmp_path, frequencies=rows)
    one, same, other = (timetable(path, date=WEDNESDAY, rng=seed) for seed in (1, 1, 2))
    assert one.calls.equals(same.calls)
    assert not one.calls.equals(other.calls)
    today = one.calls[one.calls["trip"].isin(np.flatnonzero(one.trips["day"] == 0))]
    first = today.groupby("trip")["departure"].first().to_numpy()
    assert 28_800 <= first[0] < 30_000
    assert np.diff(first).tolist() == [1200] * (len(first) - 1)
    assert codes(one) == ["headways_drawn"]
    assert one.seed == 1


def test_draws_are_even_over_the_headway(tmp_path):
    """Of 40 services with 5 seeds about a quarter start in each quarter of the headway: within four deviations."""
    services = [f"t{number}" for number in range(40)]
    calls = BASE["stop_times.txt"].splitlines()
    path = feed(
        tmp_path,
        trips="route_id,service_id,trip_id\n" + "".join(f"1,week,{name}\n" for name in services),
        stop_times="\n".join([calls[0], *(name + row[1:] for name in services for row in calls[1:])]),
        frequencies="trip_id,start_time,end_time,headway_secs\n"
        + "".join(f"{name},08:00:00,08:20:00,1200\n" for name in services),
    )
    starts = []
    for seed in range(5):
        found = timetable(path, date=WEDNESDAY, rng=seed)
        today = found.calls[found.calls["trip"].isin(np.flatnonzero(found.trips["day"] == 0))]
        starts.append(today.groupby("trip")["departure"].first().to_numpy())
    drawn = np.concatenate(starts)
    assert 190 <= len(drawn) <= 200, "of two that leave in the same second one is told as a double"
    counts = np.histogram(drawn, bins=4, range=(28_800, 30_000))[0]
    assert counts.sum() == len(drawn)
    assert (np.abs(counts - len(drawn) / 4) < 4 * np.sqrt(len(drawn) * 0.25 * 0.75)).all()


def test_platforms_inherit_from_their_station(tmp_path):
    """A platform that does not say is as its station says; one that says is as it says; stations are no stops."""
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,wheelchair_boarding\n"
        "S,Station,28.1,-15.4,1,,1\na,A,28.10,-15.40,,S,\nb,B,28.11,-15.40,0,S,2\nc,C,28.13,-15.40,0,,\n"
        "door,D,28.1,-15.4,2,S,\n"
    )
    found = timetable(feed(tmp_path, stops=stops), date=WEDNESDAY)
    assert found.stops["wheelchair"].to_dict() == {"a": 1, "b": 2, "c": 0}


def test_changes_of_a_station_are_those_of_its_stops(tmp_path):
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
        "S,Station,28.1,-15.4,1,\na,A,28.10,-15.40,0,S\nb,B,28.11,-15.40,0,S\nc,C,28.13,-15.40,0,\n"
    )
    transfers = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nS,c,2,240\n"
    found = timetable(feed(tmp_path, stops=stops, transfers=transfers), date=WEDNESDAY).transfers
    told = found[["from_stop", "to_stop", "type", "seconds"]]
    assert told.to_numpy().tolist() == [[0, 2, 2, 240], [1, 2, 2, 240]]


def test_two_feeds_are_one_timetable_and_a_silent_one_is_said(tmp_path):
    """The other town rests on Wednesdays; ids that both use are told apart by the feed."""
    other = BASE["calendar.txt"].replace("1,1,1,1,1,0,0", "0,0,0,0,0,1,1")
    found = timetable([feed(tmp_path, "one"), feed(tmp_path, "two", calendar=other)], date=WEDNESDAY)
    assert found.stops.index.tolist() == [f"{name}:{stop}" for name in ("one", "two") for stop in "abc"]
    silent = [finding for finding in found.findings if finding.code == "feed_without_service"]
    assert "two has no service on 2024-01-10" in silent[0].message
    assert "stops_of_several_feeds" in codes(found)
    both = timetable([tmp_path / "one", tmp_path / "two"], date="2024-01-12")
    assert both.calls.loc[both.calls["trip"] == both.trips.index[both.trips["feed"] == "two"][0], "stop"].min() == 3


@pytest.mark.parametrize(
    ("tables", "error", "words"),
    [
        ({"stop_times": None}, DamagedFileError, "lacks stop_times.txt"),
        ({"calendar": None}, DamagedFileError, "calendar.txt or calendar_dates.txt"),
        ({"stop_times": BASE["stop_times.txt"].replace("7:05:00", "7.05")}, InputError, "arrival_time holds “7.05”"),
        ({"stop_times": BASE["stop_times.txt"].replace("7:05:00", "7:75:00")}, InputError, "7:75:00"),
        ({"agency": BASE["agency.txt"].replace("Madrid", "Atlantis")}, InputError, "no time zone Europe/Atlantis"),
        ({"stops": BASE["stops.txt"].replace("28.11", "")}, InputError, "1 stops have no place on the ground (b)"),
        ({"stops": BASE["stops.txt"] + "a,A,28.1,-15.4\n"}, DuplicateIdError, "ids occur more than once"),
        ({"trips": BASE["trips.txt"].replace("1,week", "9,week")}, InputError, "name a route that is not there (9)"),
        ({"frequencies": NO_HEADWAY}, InputError, "headway above 0"),
        ({"calendar_dates": NO_DATE}, InputError, "“2024-01-10” is no date"),
        ({"routes": BASE["routes.txt"].replace(",3", ",bus")}, InputError, "route_type holds “bus”"),
    ],
    ids=["no-calls", "no-calendar", "no-time", "75-minutes", "no-zone", "no-place", "stop-twice", "no-route",
         "no-headway", "no-date", "no-kind"],
)  # fmt: skip
def test_what_is_wrong_with_a_feed_is_said(tmp_path, tables, error, words):
    with pytest.raises(error) as caught:
        timetable(feed(tmp_path, **tables), date=WEDNESDAY)
    assert words in str(caught.value)


def test_counts_of_the_feeds_of_porto_alegre(shared_data):
    """Counted apart from the package: 125,271 of 130,019 times missing, 162 exceptions outside their calendar."""
    feeds = [shared_data(f"porto_alegre/poa_{name}.zip") for name in ("eptc", "trensurb")]
    found = timetable(feeds, date="2019-05-13")
    told = {finding.code: finding.count for finding in found.findings}
    assert told["times_interpolated"] == 125_271
    assert told["exceptions_outside_calendar"] == 162
    assert len(found.stops) == 4010
    assert "poa_eptc has no service" in " ".join(
        finding.message for finding in timetable(feeds, date="2019-05-12").findings
    )


def test_drawn_ways_are_those_of_trips_that_run(tmp_path):
    """Points in the order of their sequence, whatever that of the rows; a point without a place is passed over.

    A way of one point is none, and one that no trip of the day goes along is not read.
    """
    shapes = (
        "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nw,28.13,-15.40,3\nw,28.10,-15.40,1\nw,,-15.40,4\n"
        "w,28.11,-15.41,2\nlone,28.1,-15.4,1\nother,28.1,-15.4,1\nother,28.2,-15.4,2\n"
    )
    trips = "route_id,service_id,trip_id,shape_id\n1,week,t,w\n1,week,u,lone\n1,never,v,other\n"
    calls = BASE["stop_times.txt"] + "".join(
        f"{trip},8:0{n}:00,8:0{n}:00,{stop},{n}\n" for trip in "uv" for n, stop in enumerate("ab")
    )
    path = feed(tmp_path, trips=trips, stop_times=calls, shapes=shapes)
    found = timetable(path, date=WEDNESDAY)
    assert found.shapes.index.tolist() == ["w"]
    assert list(found.shapes["w"].coords) == [(-15.4, 28.1), (-15.41, 28.11), (-15.4, 28.13)]
    assert set(found.trips["shape"]) == {"w", "lone"}
    both = timetable([path, feed(tmp_path, name="village")], date=WEDNESDAY)
    assert both.shapes.index.tolist() == ["town:w"]
    assert set(both.trips["shape"]) == {"town:w", "town:lone", ""}
    assert timetable(feed(tmp_path, name="plain"), date=WEDNESDAY).shapes.empty
