"""Places that no longer or not yet exist: closed, gone, planned, or not open yet."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.findings import Finding
from spatialjustice._core.numbers.digits import LATIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GONE = (
    "disused",
    "abandoned",
    "demolished",
    "razed",
    "removed",
    "destroyed",
    "dismantled",
    "ruins",
    "closed",
    "vacant",
)
COMING = ("proposed", "planned", "construction")
"""Keys of the life cycle (https://wiki.openstreetmap.org/wiki/Lifecycle_prefix), where they stand by themselves."""

STILL = {"", "no", "false", "minor"}
"""Values that leave a place as it is; ``construction=minor`` is work beside the running business."""

NOT_WORKING = {
    "abandoned", "closed", "closed_permanently", "closed_temporarily", "decommissioned", "defunct", "disused",
    "inactive",
    "non_functional", "non_operational", "nonfunctional", "nonoperational", "not_functional", "not_operational",
    "not_working", "out_of_order", "out_of_service", "permanently_closed", "planned", "proposed", "suspended",
    "temporarily_closed", "under_construction", "construction",
}  # fmt: skip
"""Values of ``operational_status`` with which nobody is served."""

PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?", re.ASCII)


def not_serving(tags: Mapping[Any, Any], day: date | None, *, own: bool = False) -> str | None:
    """Say why a place serves nobody on the day of the data, as ``key=value``; None where it may serve somebody.

    Parameters
    ----------
    tags
        Of OpenStreetMap, or the columns of a user's own table under the names that OpenStreetMap gives them.
    day
        Which day the data show; None where that is not known. Ends and beginnings are then not judged.
    own
        Whether the tags are columns of a user's table, where ``construction`` may be a material and ``closed`` a date:
        only a plain yes counts there.

    Examples
    --------
    >>> not_serving({"amenity": "clinic", "disused": "yes"}, None)
    'disused=yes'
    >>> not_serving({"amenity": "clinic", "end_date": "2015"}, date(2026, 1, 1))
    'end_date=2015'
    >>> not_serving({"amenity": "clinic", "opening_hours": "Mo-Fr 08:00-16:00"}, None) is None
    True
    """
    said = {str(key).strip().lower(): text for key, value in tags.items() if (text := _latin_text(value))}
    key = _key_of_gone(said, own=own) or ("opening_hours" if never_open(said.get("opening_hours", ""), day) else None)
    if key is None and day is not None:
        key = _out_of_time(said, day)
    return None if key is None else f"{key}={said[key]}"


def _key_of_gone(said: Mapping[str, str], *, own: bool) -> str | None:
    """Return the key by which a place is gone or yet to come."""
    for key in (*GONE, *COMING):
        value = said.get(key, "").lower()
        if value in {"yes", "true"} if own else value not in STILL:
            return key
    status = re.sub(r"[\s-]+", "_", said.get("operational_status", "").lower())
    return "operational_status" if status in NOT_WORKING else None


def _out_of_time(said: Mapping[str, str], day: date) -> str | None:
    """Return the key by which a place ended before a day, or begins after it."""
    last = _days_of_date(said.get("end_date"))
    if last is not None and last[1] < day:
        return "end_date"
    for key in ("opening_date", "start_date"):
        first = _days_of_date(said.get(key))
        if first is not None and first[0] > day:
            return key
    return None


@lru_cache(maxsize=4096)
def never_open(hours: str, day: date | None = None) -> bool:
    """Say whether opening hours tell that a place is shut from a day on, whatever the hour.

    Hours that cannot be read, that tell of holidays alone, or that may open on appointment do not say so.

    Examples
    --------
    >>> never_open("off"), never_open("Mo-Su closed"), never_open("PH off"), never_open("Mo-Fr 08:00-12:00")
    (True, True, False, False)
    """
    from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # its stubs lack it

    if re.search(r"\b(PH|SH)\b", hours) or not re.search(r"\b(off|closed)\b|\b\d{4}\b(?!:)", hours):
        return False
    try:
        read = OpeningHours(hours, auto_country=False, auto_timezone=False)
    except ParserError:
        return False
    moment = datetime.combine(day or date(1970, 1, 1), time())
    return bool(read.is_closed(moment)) and read.next_change(moment) is None


def day_of(text: str | None) -> date | None:
    """Return the day of a data date as source records write it."""
    bounds = _days_of_date(text)
    return None if bounds is None else bounds[1]


def _latin_text(value: Any) -> str:
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 (NaN)
        return ""
    return str(value).strip().translate(LATIN)


def _days_of_date(text: str | None) -> tuple[date, date] | None:
    """Return the first and the last day that a year, a month or a day stands for."""
    found = PARTIAL_DATE.fullmatch(text or "")
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day is not None:
        return first, first
    after = (first.year + 1, 1) if month in {None, 12} else (first.year, first.month + 1)
    return first, date.fromordinal(date(*after, 1).toordinal() - 1) if after[0] <= date.max.year else date.max


def closed_places_finding(reasons: Iterable[tuple[Any, str]], where: str) -> list[Finding]:
    """Make the finding that names places that serve nobody, from their ids and why."""
    listed = sorted({(str(place), why) for place, why in reasons})
    if not listed:
        return []
    shown = ", ".join(f"{place} ({why})" for place, why in listed[:5])
    rest = f" and {len(listed) - 5:,} more" if len(listed) > 5 else ""
    return [
        Finding(
            "places_not_serving",
            "information",
            f"{where}: {len(listed):,} places are closed for good, gone, planned or not open yet by what is written of "
            f"them, and do not count: {shown}{rest}.",
            values={"where": where, "count": len(listed), "shown": f"{shown}{rest}"},
            count=len(listed),
            advice="Where one of them works, mend it in the data.",
        )
    ]


def undated_places(tags: Iterable[Mapping[Any, Any]], where: str) -> list[Finding]:
    """Make the finding that counts places with an end or a beginning where the day of the data is not known."""
    keys = {"end_date", "opening_date", "start_date"}
    count = sum(
        any(str(key).strip().lower() in keys and _days_of_date(_latin_text(v)) for key, v in row.items())
        for row in tags
    )
    if not count:
        return []
    return [
        Finding(
            "places_with_dates_not_judged",
            "warning",
            f"{where}: {count:,} places say since or until when they are there (start_date, end_date), but which day "
            "the data show is not known; all of them count.",
            count=count,
            advice="Leave out those that ended, or give data with a date.",
        )
    ]
