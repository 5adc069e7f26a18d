"""What timetables get wrong, as a table: the trap, what is said of it, and the right value, worked out by hand.

Each feed is the small one below with some of its tables in place of its own; the values are those of the day asked for.
What of a trap only shows on the way (changes, steps, seats) is in ``tests/network/transit/test_traps_on_the_way.py``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.sources import timetable
from tests.sources.timetables.test_timetable import BASE, HEADER, WEDNESDAY, feed

TRIPS = "route_id,service_id,trip_id\n1,week,t\n1,week,u\n"
ALWAYS = BASE["calendar.txt"].replace("1,1,1,1,1,0,0", "1,1,1,1,1,1,1")
TWO = BASE["stop_times.txt"]
STATION = (
    "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,wheelchair_boarding\n"
    "S,Station,28.10,-15.40,1,,1\na,A,28.10,-15.40,0,S,\nb,B,28.11,-15.40,0,,\nc,C,28.13,-15.40,0,,2\n"
    "door,Door,28.101,-15.40,2,S,\nhall,,,,3,S,\nend,,28.10,-15.40,4,a,\n"
)
PATHS = "pathway_id,from_stop_id,to_stop_id,pathway_mode,is_bidirectional,length,traversal_time\n"


def today(found):
    """The runs of the day itself, each as its calls in hours, minutes and seconds."""
    calls = found.calls[found.calls["trip"].map(found.trips["day"]) == 0]
    return [[clock(time) for time in run["departure"]] for _, run in calls.groupby("trip")]


def clock(seconds):
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def days(found):
    return found.trips["day"].tolist()


def visited(found):
    return found.calls.loc[found.calls["trip"] == found.trips.index[found.trips["day"] == 0][0], "stop"].tolist()


class Trap(NamedTuple):
    """A feed, what is said (codes of findings, or words of the error), and a value that is looked at."""

    tables: dict[str, str | None]
    said: list[str] | str
    value: object = None
    right: object = None
    date: str = WEDNESDAY


def called(*rows):
    return HEADER + "\n" + "\n".join(rows) + "\n"


TRAPS = {
    "a time is missing between two": Trap(
        # b lies a third of the way from a to c: 20 minutes make 6:40.
        {"stop_times": called("t,7:00:00,7:00:00,a,1", "t,,,b,2", "t,7:20:00,7:20:00,c,3")},
        ["times_interpolated"], today, [["7:00:00", "7:06:40", "7:20:00"]],
    ),
    "the first time is missing": Trap(
        {"trips": TRIPS, "stop_times": TWO + "u,,,a,1\nu,8:05:00,8:05:00,b,2\n"},
        ["trips_left_out"], today, [["7:00:00", "7:06:00", "7:20:00"]],
    ),
    "only the arrival is given": Trap(
        {"stop_times": called("t,7:00:00,,a,1", "t,7:05:00,,b,2")}, [], today, [["7:00:00", "7:05:00"]],
    ),
    "after midnight of the day itself": Trap(
        {"stop_times": called("t,24:10:00,24:10:00,a,1", "t,24:54:00,24:54:00,b,2")},
        [], today, [["24:10:00", "24:54:00"]],
    ),
    "still running from yesterday": Trap(
        {"stop_times": called("t,23:50:00,23:50:00,a,1", "t,24:20:00,24:20:00,b,2")}, [], days, [-1, 0, 1],
    ),
    "only yesterday's trip runs": Trap(
        {"stop_times": called("t,23:50:00,23:50:00,a,1", "t,24:20:00,24:20:00,b,2")},
        "nothing runs on 2024-01-13", date="2024-01-13",
    ),
    "a vehicle waits at a stop": Trap(
        {}, [], lambda found: (found.calls["departure"] - found.calls["arrival"]).tolist()[:3], [0, 60, 0],
    ),
    "two stops in the same second": Trap(
        {"stop_times": called("t,7:00:00,7:00:00,a,1", "t,7:05:00,7:05:00,b,2", "t,7:05:00,7:05:00,c,3")},
        [], today, [["7:00:00", "7:05:00", "7:05:00"]],
    ),
    "the same stop twice in a row": Trap(
        {"stop_times": called("t,7:00:00,7:00:00,a,1", "t,7:02:00,7:02:00,a,2", "t,7:05:00,7:05:00,b,3")},
        [], visited, [0, 0, 1],
    ),
    "a loop": Trap(
        {"stop_times": called("t,7:00:00,7:00:00,a,1", "t,7:05:00,7:05:00,b,2", "t,7:10:00,7:10:00,a,3")},
        [], visited, [0, 1, 0],
    ),
    "the same run under two services": Trap(
        {"trips": TRIPS.replace("week,u", "also,u"), "stop_times": TWO + TWO.split("\n", 1)[1].replace("t,", "u,"),
         "calendar": BASE["calendar.txt"] + "also,0,0,1,0,0,0,0,20240101,20241231\n"},
        ["trips_repeated"], today, [["7:00:00", "7:06:00", "7:20:00"]],
    ),
    "the same run on two lines": Trap(
        {"routes": BASE["routes.txt"] + "2,Two,3\n", "trips": "route_id,service_id,trip_id\n1,week,t\n2,week,u\n",
         "stop_times": TWO + TWO.split("\n", 1)[1].replace("t,", "u,")},
        [], lambda found: len(today(found)), 2,
    ),
    "one vehicle overtakes another": Trap(
        {"trips": TRIPS, "stop_times": called("t,7:00:00,7:00:00,a,1", "t,7:30:00,7:30:00,b,2", "u,7:10:00,7:10:00,a,1",
                                              "u,7:20:00,7:20:00,b,2")},
        [], today, [["7:00:00", "7:30:00"], ["7:10:00", "7:20:00"]],
    ),
    "times go back": Trap(
        {"trips": TRIPS, "stop_times": TWO + "u,8:00:00,8:00:00,a,1\nu,7:59:00,7:59:00,b,2\n"},
        ["trips_left_out"], lambda found: len(today(found)), 1,
    ),
    "doors that stay closed, and by arrangement": Trap(
        {"stop_times": f"{HEADER},pickup_type,drop_off_type\nt,7:00:00,7:00:00,a,1,,1\nt,7:05:00,7:05:00,b,2,1,3\n"
                       "t,7:09:00,7:09:00,c,3,1,2\n"},
        [], lambda found: found.calls[["boarding", "alighting"]].to_numpy().tolist()[:3],
        [[True, False], [False, True], [False, True]],
    ),
    "headways with exact times": Trap(
        {"frequencies": "trip_id,start_time,end_time,headway_secs,exact_times\nt,8:00:00,8:30:00,900,1\n"},
        [], lambda found: [run[0] for run in today(found)], ["8:00:00", "8:15:00"],
    ),
    "headways without": Trap(
        {"frequencies": "trip_id,start_time,end_time,headway_secs,exact_times\nt,8:00:00,8:30:00,900,0\n"},
        ["headways_drawn"], lambda found: {run[0] < "8:15:00" for run in today(found)}, {True, False},
    ),
    "an exception outside its calendar": Trap(
        {"calendar_dates": "service_id,date,exception_type\nweek,20250110,2\n"},
        ["exceptions_outside_calendar"], lambda found: len(today(found)), 1,
    ),
    "a day taken away": Trap(
        {"calendar_dates": "service_id,date,exception_type\nweek,20240110,2\n"},
        "nothing runs on 2024-01-10", date=WEDNESDAY,
    ),
    "a day after the calendar": Trap({}, "from 2024-01-01 to 2024-12-31", date="2025-01-08"),
    "clocks go forward": Trap(
        # On 31 March clocks went from 2 to 3: noon less twelve hours is 23:00 of the day before.
        {"calendar": ALWAYS}, [], lambda found: found.clock, datetime(2024, 3, 30, 22, tzinfo=UTC), "2024-03-31",
    ),
    "clocks go back": Trap(
        # On 27 October clocks went from 3 to 2: noon less twelve hours is 1:00 in summer time, 23:00 UTC.
        {"calendar": ALWAYS}, [], lambda found: found.clock, datetime(2024, 10, 26, 23, tzinfo=UTC), "2024-10-27",
    ),
    "agencies in two time zones": Trap(
        {"agency": BASE["agency.txt"] + "B,Else,http://b,Atlantic/Canary\n"}, "Europe/Madrid, Atlantic/Canary",
    ),
    "wheelchairs: a platform that does not say": Trap(
        {"stops": STATION}, [], lambda found: found.stops["wheelchair"].to_dict(), {"a": 1, "b": 0, "c": 2},
    ),
    "wheelchairs: a door that does not say": Trap(
        {"stops": STATION}, [], lambda found: found.entrances["wheelchair"].to_dict(), {"door": 1},
    ),
    "a part of a platform": Trap(
        {"stops": STATION}, [], lambda found: found.ways[["from_id", "to_id", "seconds"]].to_numpy().tolist(),
        [["end", "a", 0.0], ["a", "end", 0.0]],
    ),
    "a way inside without time or length": Trap(
        # From the door to the hall, which has no place of its own and lies where the station does: 0.001 degrees north.
        {"stops": STATION, "pathways": PATHS + "1,door,hall,2,0,,\n"}, ["pathways_without_time"],
        lambda found: (round(found.ways["metres"].iloc[0], 1), bool(found.ways["step_free"].iloc[0])), (111.2, False),
    ),
    "a way inside from nowhere": Trap(
        {"stops": STATION, "pathways": PATHS + "1,gone,hall,1,1,,9\n2,door,hall,1,1,,9\n"}, ["pathways_left_out"],
        lambda found: found.ways["from_id"].tolist(), ["door", "hall", "end", "a"],
    ),
    "a kind of way that is none": Trap({"stops": STATION, "pathways": PATHS + "1,door,hall,9,1,,9\n"}, "pathway_mode"),
    "a change at a stop that is not there": Trap(
        {"transfers": "from_stop_id,to_stop_id,transfer_type,min_transfer_time\na,gone,2,60\na,b,2,90\n"},
        ["transfers_left_out"], lambda found: found.transfers[["from_stop", "to_stop", "seconds"]].to_numpy().tolist(),
        [[0, 1, 90]],
    ),
    "a stay in the seat without its trips": Trap(
        {"transfers": "from_stop_id,to_stop_id,transfer_type,from_trip_id,to_trip_id\n,,4,t,\n"},
        ["transfers_left_out"], lambda found: len(found.transfers), 0,
    ),
    "a type of change that is none": Trap(
        {"transfers": "from_stop_id,to_stop_id,transfer_type\na,b,6\n"}, "transfer_type holds “6”",
    ),
    "a stop that nothing serves": Trap(
        {"stops": BASE["stops.txt"] + "d,D,28.2,-15.4\n"}, [], lambda found: len(found.stops), 4,
    ),
    "a blank in the header": Trap(
        {"agency": BASE["agency.txt"].replace("agency_name", " agency_name")}, [], lambda found: len(today(found)), 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_a_trap(tmp_path, trap):
    path = feed(tmp_path, **trap.tables)
    if isinstance(trap.said, str):
        with pytest.raises(InputError, match=trap.said):
            timetable(path, date=trap.date)
        return
    found = timetable(path, date=trap.date, rng=1)
    assert [finding.code for finding in found.findings] == trap.said
    assert trap.value(found) == trap.right


def test_feeds_of_two_time_zones(tmp_path):
    """7:00 in the Canaries is 8:00 in Madrid: one day of seconds for both, from the first feed's midnight."""
    one = feed(tmp_path, "madrid")
    other = feed(tmp_path, "canary", agency=BASE["agency.txt"].replace("Europe/Madrid", "Atlantic/Canary"))
    found = timetable([one, other], date=WEDNESDAY)
    assert [run[0] for run in today(found)] == ["7:00:00", "8:00:00"]


def test_one_of_two_feeds_is_silent(tmp_path):
    """On Saturday only one runs: said by name, with the days it has."""
    one = feed(tmp_path, "bus")
    other = feed(tmp_path, "train", calendar=ALWAYS)
    found = timetable([one, other], date="2024-01-13")
    (silent,) = [finding for finding in found.findings if finding.code == "feed_without_service"]
    assert "bus has no service on 2024-01-13 (its calendars run from 2024-01-01 to 2024-12-31)" in silent.message
    assert set(found.trips.loc[found.trips["day"] == 0, "feed"]) == {"train"}


def test_the_record_tells_version_publisher_and_days(tmp_path):
    info = (
        "feed_publisher_name,feed_publisher_url,feed_lang,feed_version,feed_start_date\nTown,http://a,es,7,20231215\n"
    )
    (record,) = timetable(feed(tmp_path, feed_info=info), date=WEDNESDAY).sources
    assert record.note == "a folder of 7 tables; version 7; service from 2024-01-01 to 2024-12-31"
    assert (record.data_date, record.data_date_from, record.attribution) == ("2023-12-15", "feed information", "Town")


def test_a_change_of_a_line_and_of_a_station(tmp_path):
    """A station stands for its stops, which is told; ids of two feeds are told apart."""
    transfers = "from_stop_id,to_stop_id,transfer_type,min_transfer_time,from_route_id,to_route_id\nS,b,2,90,1,1\n"
    tables = {"stops": STATION, "transfers": transfers}
    found = timetable([feed(tmp_path, "one", **tables), feed(tmp_path, "two", **tables)], date=WEDNESDAY).transfers
    assert found[["from_stop", "to_stop", "stations"]].to_numpy().tolist() == [[0, 1, 1], [3, 4, 1]]
    assert found["from_route"].tolist() == ["one:1", "two:1"]
    assert np.isfinite(found["seconds"]).all()
