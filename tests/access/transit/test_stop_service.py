"""How often vehicles leave a stop: by hand, across midnight, and against a count written out plainly."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.access import stop_service
from spatialjustice.access.transit.service import high_capacity
from spatialjustice.sources import timetable
from tests.made_timetables import HOUR, at, made_timetable, run

SEVEN_TO_NINE = ("07:00", "09:00")
STOPS = [(0, 0), (500, 0), (1000, 0), (9000, 0)]


def of(frame, stop):
    return frame.set_index("stop_id").loc[stop]


def test_departures_headways_and_ends_by_hand():
    """From s0 at 7:00, 7:10 and 8:30; 9:00 is after the band. 120 minutes for three; at longest 7:10 to 8:30.

    The last stop of the line has no departure, and s3 no vehicle at all.
    """
    trips = [run((0, time), (1, f"{time[:-1]}5"), (2, "9:50")) for time in ("7:00", "7:10", "8:30", "9:00")]
    found = stop_service(made_timetable(STOPS, trips), departures=SEVEN_TO_NINE)
    assert found["stop_id"].tolist() == ["s0", "s1", "s2", "s3"]
    first = of(found, "s0")
    assert first[["departures", "per_hour", "headway", "longest_headway", "lines"]].tolist() == [3, 1.5, 40, 80, 1]
    assert first[["first", "last", "band", "date"]].tolist() == ["07:00:00", "08:30:00", "07:00-09:00", "2024-01-10"]
    for stop in ("s2", "s3"):
        none = of(found, stop)
        assert none[["status", "departures", "per_hour", "headway", "longest_headway"]].tolist() == [
            "ok", 0, 0, np.inf, 120,
        ]  # fmt: skip
        assert pd.isna(none["first"])
        assert pd.isna(none["last"])
    assert found.crs.to_epsg() == 4326
    assert found.attrs["measure"] == "stop_service"


def test_one_vehicle_listed_twice_counts_once_and_two_lines_count_twice():
    """Twice line r at 7:30 to s1; at the same time r to s2, and another line to s1: three departures of two lines."""
    trips = [run((0, "7:30"), (1, "7:40"))] * 2 + [run((0, "7:30"), (2, "7:40")), run((0, "7:30"), (1, "7:41"))]
    found = stop_service(
        made_timetable(STOPS, trips, trip={"route_id": ["r", "r", "r", "q"]}), departures=SEVEN_TO_NINE
    )
    assert of(found, "s0")[["departures", "lines"]].tolist() == [3, 2]


def test_repeated_services_of_a_feed_count_once(tmp_path):
    """A feed that lists its trip under two services of the day, as real ones do, has one departure."""
    tables = {
        "agency.txt": "agency_name,agency_url,agency_timezone\nTown,http://a,Europe/Madrid",
        "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,28.1,-15.4\nb,B,28.2,-15.4",
        "routes.txt": "route_id,route_short_name,route_type\n1,One,3",
        "trips.txt": "route_id,service_id,trip_id\n1,all,t\n1,more,u",
        "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t,24:30:00,24:30:00,a,1\nt,24:40:00,24:40:00,b,2\nu,24:30:00,24:30:00,a,1\nu,24:40:00,24:40:00,b,2",
        "calendar_dates.txt": "service_id,date,exception_type\n"
        "all,20240109,1\nall,20240110,1\nmore,20240110,1\nmore,20240111,1",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text)
    day = timetable(tmp_path, date="2024-01-10")
    # Half past midnight is the trip of the day before; the day's own is half an hour into the night after.
    found = stop_service(day, departures=[("00:00", "03:00"), ("22:00", "26:00"), ("07:00", "19:00")])
    assert found.loc[found["stop_id"] == "a", "departures"].tolist() == [1, 1, 0]
    assert found.loc[found["stop_id"] == "a", "band"].tolist() == ["00:00-03:00", "22:00-26:00", "07:00-19:00"]
    assert found["first"].dropna().tolist() == ["00:30:00", "24:30:00"]


def test_doors_that_stay_shut_and_stops_called_at_twice_in_a_row():
    """At s0 nobody boards. At s1 the vehicle calls at 7:10 and 7:12 and leaves once, at 7:12. s2 it passes twice."""
    trip = [
        (0, at("7:00"), at("7:00"), False, True),
        (1, at("7:10"), at("7:10"), True, True),
        (1, at("7:12"), at("7:12"), True, True),
        (2, at("7:20"), at("7:20"), True, True),
        (3, at("7:30"), at("7:30"), True, True),
        (2, at("7:40"), at("7:40"), True, True),
        (0, at("7:50"), at("7:50"), True, True),
    ]
    found = stop_service(made_timetable(STOPS, [trip]), departures=SEVEN_TO_NINE)
    assert found["departures"].tolist() == [0, 1, 2, 1]
    assert of(found, "s1")["first"] == "07:12:00"


def test_a_silent_feed_is_unknown_and_not_without_service():
    """Of the two feeds one has no trip that day: its stop is unknown; a stop nobody serves of the other has 0."""
    trips = [run((0, "7:30"), (1, "7:40")), run((3, "31:30"), (2, "31:40"))]
    day = made_timetable(
        STOPS, trips, stop={"feed": ["town", "town", "town", "rail"]}, trip={"feed": ["town", "rail"], "day": [0, 1]}
    )
    found = stop_service(day, departures=SEVEN_TO_NINE)
    assert found["status"].tolist() == ["ok", "ok", "ok", "unknown"]
    assert found["departures"].tolist()[:3] == [1, 0, 0]
    assert found.loc[3, ["departures", "per_hour", "headway", "longest_headway", "lines"]].isna().all()
    assert found.attrs["counts"] == {"ok": 3, "unknown": 1}


def test_accessible_departures_and_those_nobody_tells_of():
    """At s0 one vehicle takes wheelchairs, one does not, of one it is not known; s1 is closed to wheelchairs."""
    trips = [run((0, time), (1, "8:50"), (2, "8:55")) for time in ("7:00", "7:30", "8:00")]
    day = made_timetable(STOPS, trips, stop={"wheelchair": [0, 2, 0, 0]}, trip={"wheelchair": [1, 2, 0]})
    found = stop_service(day, departures=SEVEN_TO_NINE, accessible=True)
    assert found["departures"].tolist() == [1, 0, 0, 0]
    assert found["wheelchair_unknown"].tolist() == [1, 0, 0, 0]
    everybody = stop_service(day, departures=SEVEN_TO_NINE)
    # The three come to s1 at 8:50 together, which is one departure there.
    assert everybody["departures"].tolist() == [3, 1, 0, 0]
    assert everybody["wheelchair_unknown"].tolist() == [1, 0, 0, 0]


def test_several_days_and_what_carries_many():
    days = [
        made_timetable(STOPS, [run((0, "7:30"), (1, "7:40"))], trip={"route_type": kind}, day=date(2024, 1, number))
        for kind, number in ((3, 10), (1, 13))
    ]
    found = stop_service(days, departures=SEVEN_TO_NINE)
    assert found["date"].tolist() == ["2024-01-10"] * 4 + ["2024-01-13"] * 4
    assert found["high_capacity"].tolist() == [False] * 4 + [True] + [False] * 3
    assert high_capacity([109, 700, 900, 1000, 1300]).tolist() == [True, False, False, True, False]


@pytest.mark.parametrize(
    ("departures", "why"),
    [
        (("22:00", "02:00"), "night after"),
        ([], "there is none"),
        (("7", "8"), "no time of day"),
        ("07:00", "two times"),
    ],
    ids=["backwards", "none", "no time", "one time"],
)
def test_bands_that_are_none(departures, why):
    with pytest.raises(InputError, match=why):
        stop_service(made_timetable(STOPS, [run((0, "7:30"), (1, "7:40"))]), departures=departures)


def test_what_is_no_timetable():
    with pytest.raises(InputError, match=r"timetable: it is a str"):
        stop_service("feed.zip")
    with pytest.raises(InputError, match=r"timetable: there is none"):
        stop_service([])


def counted_plainly(day, first, end):
    """Departures by stop as a set of what tells one from another, vehicle by vehicle."""
    found: dict[int, set[tuple[str, int, int]]] = {}
    for number, part in day.calls.groupby("trip"):
        calls = list(part.itertuples())
        for place, call in enumerate(calls):
            onward = [other for other in calls[place + 1 :] if other.stop != call.stop]
            same = []
            for other in calls[place + 1 :]:
                if other.stop != call.stop:
                    break
                same.append(other)
            before = place and calls[place - 1].stop == call.stop
            boards = call.boarding or any(other.boarding for other in same)
            leaves = same[-1].departure if same else call.departure
            if onward and not before and boards and first <= leaves < end:
                found.setdefault(call.stop, set()).add((day.trips["route_id"][number], onward[0].stop, leaves))
    return found


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_against_a_count_written_out_plainly(seed):
    rng = np.random.default_rng(seed)
    trips = []
    for _ in range(rng.integers(1, 12)):
        time, rows = 7 * HOUR + int(rng.integers(-30, 30)) * 60, []
        for stop in rng.integers(0, 4, rng.integers(2, 7)):
            rows.append((int(stop), time, time, bool(rng.random() < 0.8), True))
            time += int(rng.choice([0, 60, 600]))
        trips.append(rows)
    day = made_timetable(STOPS, trips, trip={"route_id": rng.choice(["r", "q"], len(trips))})
    band = ("06:50", "07:20")
    found = stop_service(day, departures=band)
    truth = counted_plainly(day, at("6:50"), at("7:20"))
    for number in range(4):
        row, times = found.iloc[number], sorted(one[2] for one in truth.get(number, ()))
        assert row["departures"] == len(times)
        ends = [at("6:50"), *times, at("7:20")]
        assert row["longest_headway"] * 60 == max(b - a for a, b in pairwise(ends))
        assert row["lines"] == len({one[0] for one in truth.get(number, ())})
