"""Which services run on a day, and when that day begins on the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.sources.timetables._tables import Feed

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ADDED, REMOVED = "1", "2"


def day_of(given: str | date) -> date:
    """Return a date, given as one or as ISO text.

    Raises
    ------
    InputError
        When it is neither.

    Examples
    --------
    >>> day_of("2019-05-13")
    datetime.date(2019, 5, 13)
    """
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise InputError("date", f"it is {given!r}", "Give a day, for example 2019-05-13.") from error


def _gtfs_day(feed: Feed, table: str, text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise feed.refuse(table, f"“{text}” is no date", "Write dates as 20190513.") from error


class Calendar:
    """The services of a feed by day.

    Attributes
    ----------
    first, last
        The days between which the feed's calendars lie.
    exceptions_outside
        Days of ``calendar_dates.txt`` that take a service away on which its own calendar does not run it anyhow, since
        they lie before its start or after its end.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        regular = feed.table("calendar.txt", ["service_id", *WEEKDAYS, "start_date", "end_date"])
        self._regular = {
            row["service_id"]: (
                [row[day] == "1" for day in WEEKDAYS],
                _gtfs_day(feed, "calendar.txt", row["start_date"]),
                _gtfs_day(feed, "calendar.txt", row["end_date"]),
            )
            for row in regular.to_dict("records")
        }
        dates = feed.table("calendar_dates.txt", ["service_id", "date", "exception_type"])
        wrong = ~dates["exception_type"].isin([ADDED, REMOVED])
        if wrong.any():
            found = f"exception_type holds “{dates['exception_type'][wrong].iloc[0]}”"
            raise feed.refuse("calendar_dates.txt", found, "Write 1 for a day added, 2 for a day taken away.")
        days = {text: _gtfs_day(feed, "calendar_dates.txt", text) for text in dates["date"].unique()}
        self._exceptions: dict[date, dict[str, str]] = {}
        self.exceptions_outside = 0
        for service, text, kind in zip(dates["service_id"], dates["date"], dates["exception_type"], strict=True):
            self._exceptions.setdefault(days[text], {})[service] = kind
            known = self._regular.get(service)
            if kind == REMOVED and (known is None or not known[1] <= days[text] <= known[2]):
                self.exceptions_outside += 1
        ends = [end for known in self._regular.values() for end in known[1:]]
        ends += [day for day, services in self._exceptions.items() if ADDED in services.values()]
        self.first: date | None = min(ends, default=None)
        self.last: date | None = max(ends, default=None)

    def services(self, day: date) -> set[str]:
        """Return the services that run on a day: those of the weekday, less those taken away, and those added."""
        running = {
            service
            for service, (weekdays, start, end) in self._regular.items()
            if start <= day <= end and weekdays[day.weekday()]
        }
        for service, kind in self._exceptions.get(day, {}).items():
            if kind == ADDED:
                running.add(service)
            else:
                running.discard(service)
        return running


def clock_of(feed: Feed) -> ZoneInfo:
    """Return the time zone of a feed's agency; all agencies of a feed share one.

    Raises
    ------
    InputError
        When there is none, more than one, or it is not known.
    """
    zones = [zone for zone in feed.table("agency.txt", ["agency_timezone"])["agency_timezone"].unique() if zone]
    if len(zones) != 1:
        found = f"agency_timezone holds {', '.join(zones) or 'nothing'}"
        raise feed.refuse(
            "agency.txt", found, "All agencies of a feed are in one time zone, such as America/Sao_Paulo."
        )
    try:
        return ZoneInfo(zones[0])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise feed.refuse(
            "agency.txt", f"there is no time zone {zones[0]}", "Give one such as Europe/Madrid."
        ) from error


def start_of(day: date, clock: ZoneInfo) -> datetime:
    """Return when a service day begins: noon less twelve hours, which is midnight but on days when clocks change.

    Examples
    --------
    On 26 March 2023 clocks in Spain went from 2 to 3 in the morning, so that noon less twelve hours was still the 25th:

    >>> start_of(date(2023, 3, 26), ZoneInfo("Europe/Madrid")).astimezone(ZoneInfo("Europe/Madrid")).isoformat()
    '2023-03-25T23:00:00+01:00'
    """
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=clock)
    return noon.astimezone(UTC) - timedelta(hours=12)


def seconds_between(start: datetime, other: datetime) -> int:
    """Return whole seconds from one moment to another."""
    return round((other - start).total_seconds())


def seconds_of(feed: Feed, table: str, column: pd.Series[str]) -> pd.Series[float]:
    """Turn times such as 25:36:00 into seconds after the start of the service day; an empty cell is missing.

    Raises
    ------
    InputError
        When a cell is no time.
    """
    known: dict[str, float] = {"": float("nan")}
    for text in column.unique():
        if text:
            parts = text.split(":")
            if not 2 <= len(parts) <= 3 or not all(part.strip().isdecimal() for part in parts):
                raise feed.refuse(table, f"{column.name} holds “{text}”", "Write times as HH:MM:SS.")
            hours, minutes, seconds = (int(part) for part in [*parts, "0"][:3])
            if minutes > 59 or seconds > 59:
                raise feed.refuse(table, f"{column.name} holds “{text}”", "Write times as HH:MM:SS.")
            known[text] = float(hours * 3600 + minutes * 60 + seconds)
    return column.map(known).astype(float)
