"""Which date stands for a day of the week: one on which all feeds run what they usually run."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from spatialjustice._core.errors import InputError
from spatialjustice.sources.timetables._tables import opened_feeds
from spatialjustice.sources.timetables.days.service_days import WEEKDAYS, Calendar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

MOST = 3660
"""Days of the longest calendar that is looked through."""


def usual_day(feeds: str | Path | Sequence[str | Path], *, weekday: str = "wednesday") -> date:
    r"""Return a date that stands for a day of the week: one on which every feed runs what it usually runs then.

    Of all such days of the week on which most feeds have service, those are usual that share how many trips each feed
    runs with more days than any other number does; of numbers that are as frequent, the larger ones. The one in the
    middle of the usual days is taken, far from the beginning and the end of calendars.

    Parameters
    ----------
    feeds
        As of :func:`timetable`.
    weekday
        ``monday`` to ``sunday``.

    Returns
    -------
    datetime.date
        For ``date`` of :func:`timetable` and :func:`spatialjustice.network.from_gtfs`.

    Raises
    ------
    InputError
        When there is no such weekday, or no feed has service on any.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> tables = {
    ...     "agency.txt": "agency_name,agency_url,agency_timezone\nTown,http://a,Europe/Madrid",
    ...     "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,A,28.1,-15.4\nb,B,28.2,-15.4",
    ...     "routes.txt": "route_id,route_short_name,route_type\n1,One,3",
    ...     "trips.txt": "route_id,service_id,trip_id\n1,school,morning",
    ...     "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    ...     "morning,7:00:00,7:00:00,a,1\nmorning,7:10:00,7:10:00,b,2",
    ...     "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    ...     "school,1,1,1,1,1,0,0,20240101,20240131",
    ...     "calendar_dates.txt": "service_id,date,exception_type\nschool,20240103,2",
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in tables.items():
    ...         _ = (Path(folder) / name).write_text(text)
    ...     usual_day(folder, weekday="wednesday").isoformat()
    '2024-01-17'
    """
    if weekday not in WEEKDAYS:
        raise InputError("weekday", f"it is {weekday!r}", f"Choose one of {', '.join(WEEKDAYS)}.")
    opened = opened_feeds(feeds)
    calendars = [Calendar(feed) for feed in opened]
    trips = [Counter(feed.table("trips.txt", ["service_id"])["service_id"]) for feed in opened]
    starts, ends = ([day for one in calendars if (day := getattr(one, which))] for which in ("first", "last"))
    if not starts:
        raise InputError("feeds", "no calendar of them tells of any day", "Ask the publisher for a whole feed.")
    first, last = min(starts), min(max(ends), min(starts) + timedelta(days=MOST))
    first += timedelta(days=(WEEKDAYS.index(weekday) - first.weekday()) % 7)
    runs: dict[date, tuple[int, ...]] = {}
    while first <= last:
        runs[first] = tuple(
            sum(count[service] for service in one.services(first)) for one, count in zip(calendars, trips, strict=True)
        )
        first += timedelta(days=7)
    most = max((sum(number > 0 for number in run) for run in runs.values()), default=0)
    if not most:
        raise InputError("weekday", f"no feed runs on any {weekday}", "Choose another day of the week.")
    full = {day: run for day, run in runs.items() if sum(number > 0 for number in run) == most}
    often = Counter(full.values())
    usual = max(often, key=lambda run: (often[run], run))
    days = sorted(day for day, run in full.items() if run == usual)
    return days[(len(days) - 1) // 2]
