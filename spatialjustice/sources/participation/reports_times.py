"""Moments in tables of reports: read without guessing which day was meant, and put into universal time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.digits import LATIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOTHING = frozenset({"", "-", "–", "NA", "N/A", "NaT", "NaN", "nan", "null", "NULL", "None", "<NA>"})
WITH_ZONE = r"(?:Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)$"
"""How a text ends that says its distance from universal time; after a time of day, so that 2024-05-01 is none."""

CLOCK = r"\d{1,2}:\d{2}"
ISO = r"^\d{4}-?\d{2}-?\d{2}"
SECONDS = (1e8, 1e10)
MILLISECONDS = (1e11, 1e13)
"""Numbers that count from 1970 on: seconds from 1973 to 2286, and milliseconds of the same years."""

EARLIEST, LATEST = pd.Timestamp("1970-01-02", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC")
"""No report was made before computers, none will be read after this."""

MANY = 0.5


class Moments(NamedTuple):
    """Moments in universal time, and of how many cells something must be known.

    ``unreadable`` were no moments, ``impossible`` lie in no year that can be meant, ``without_zone`` do not say their
    distance from universal time, ``clock_change`` happened twice or never on the clocks of the place.
    """

    values: pd.Series[Any]
    unreadable: int
    impossible: int
    without_zone: int
    clock_change: int


def moments_in(column: pd.Series[Any], name: str, *, time_zone: str | None, time_format: str | None) -> Moments:
    """Read a column of moments.

    Raises
    ------
    InputError
        When they are written in a way that leaves open which day is meant, or there is no such time zone.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        local, zoned = column, getattr(column.dt, "tz", None) is not None
        if zoned:
            found = local.dt.tz_convert("UTC")
            return _checked(found, 0, 0, 0)
        values, changed = _located(local, time_zone)
        return _checked(values, 0, 0 if time_zone else int(local.notna().sum()), changed)
    if pd.api.types.is_numeric_dtype(column):
        return _since_1970(column, name)
    texts = column.map(lambda cell: "" if pd.isna(cell) else str(cell).translate(LATIN).strip())
    texts = texts.where(~texts.isin(NOTHING), "")
    said = texts != ""
    if said.any() and texts[said].str.fullmatch(r"\d{9,13}(?:\.0)?").all():
        return _since_1970(pd.to_numeric(texts.where(said)), name)
    if time_format is None:
        _require_iso(texts[said], name)
    has_zone = said & texts.str.contains(CLOCK, regex=True) & texts.str.contains(WITH_ZONE, regex=True)
    values = pd.Series(pd.NaT, index=column.index, dtype="datetime64[us, UTC]")
    if has_zone.any():
        values[has_zone] = _parsed(texts[has_zone], time_format, utc=True).astype("datetime64[us, UTC]")
    plain = said & ~has_zone
    changed = 0
    if plain.any():
        local = _without_zone(_parsed(texts[plain], time_format, utc=False))
        located, changed = _located(local, time_zone)
        values[plain] = located.astype("datetime64[us, UTC]")
    lost = said & values.isna()
    if lost.sum() > MANY * said.sum():
        _refuse(texts[lost], name)
    return _checked(values, int(lost.sum()), 0 if time_zone else int((plain & ~lost).sum()), changed)


def _since_1970(column: pd.Series[Any], name: str) -> Moments:
    numbers = column.astype("float64")
    known = numbers.dropna()
    for times, (low, high) in ((1, SECONDS), (1000, MILLISECONDS)):
        if len(known) and ((known >= low) & (known < high)).all():
            return _checked(pd.to_datetime(numbers / times, unit="s", utc=True), 0, 0, 0)
    if not len(known):
        return _checked(pd.Series(pd.NaT, index=column.index, dtype="datetime64[us, UTC]"), 0, 0, 0)
    found = f"they are numbers such as {known.iloc[0]:g}"
    raise InputError(name, found, "Numbers are read as seconds or milliseconds since 1970; write others as dates.")


def _require_iso(texts: pd.Series[Any], name: str) -> None:
    """Refuse texts most of which do not begin with year, month and day: 05/06/2024 is two days."""
    if len(texts) and not texts.str.contains(ISO, regex=True).mean() > MANY:
        _refuse(texts[~texts.str.contains(ISO, regex=True)], name)


def _refuse(texts: pd.Series[Any], name: str) -> None:
    examples = ", ".join(f"“{text}”" for text in texts.unique()[:3])
    raise InputError(
        name,
        f"{len(texts):,} cells are no moments that can be read: {examples}",
        "Say how they are written, for example time_format='%m/%d/%Y %I:%M:%S %p'; which of two numbers is the month "
        "is not guessed.",
        rows=texts.index,
    )


def _parsed(texts: pd.Series[Any], time_format: str | None, *, utc: bool) -> pd.Series[Any]:
    plain = texts.str.replace(r"\s*(?:UTC|GMT)$", "Z", regex=True) if utc else texts
    form = "ISO8601" if time_format is None else time_format
    try:
        return pd.to_datetime(plain, format=form, errors="coerce", utc=utc)
    except ValueError as error:
        example = "Write it as for strptime, for example '%d.%m.%Y %H:%M'."
        raise InputError("time_format", f"it is {time_format!r} ({error})", example) from None


def _without_zone(read: pd.Series[Any]) -> pd.Series[Any]:
    """Return times of clocks; those that say a zone in a way that nobody writes cannot be read."""
    if pd.api.types.is_datetime64_any_dtype(read) and getattr(read.dt, "tz", None) is None:
        return read
    clocks = [one if getattr(one, "tzinfo", None) is None else pd.NaT for one in read]
    return pd.to_datetime(pd.Series(clocks, index=read.index, dtype=object), errors="coerce")


def _located(local: pd.Series[Any], time_zone: str | None) -> tuple[pd.Series[Any], int]:
    """Put times of the clocks of a place into universal time; count those that its clocks showed twice or never."""
    if time_zone is None:
        return local.dt.tz_localize("UTC"), 0
    try:
        # What clocks showed twice is taken as the first time; what they never showed, as when they had gone on.
        first = np.ones(len(local), dtype=bool)
        made = local.dt.tz_localize(time_zone, ambiguous=first, nonexistent="shift_forward")
        sure = local.dt.tz_localize(time_zone, ambiguous="NaT", nonexistent="NaT")
    except (KeyError, ValueError, TypeError, OSError) as error:
        advice = "Name it as in 'America/Chicago' or 'Asia/Tehran'."
        raise InputError("time_zone", f"there is no time zone {time_zone!r}", advice) from error
    unsure: NDArray[np.bool_] = (made.notna() & sure.isna()).to_numpy()
    return made.dt.tz_convert("UTC"), int(unsure.sum())


def _checked(values: pd.Series[Any], unreadable: int, without_zone: int, changed: int) -> Moments:
    outside = values.notna() & ((values < EARLIEST) | (values >= LATEST))
    return Moments(
        values.where(~outside).astype("datetime64[us, UTC]"), unreadable, int(outside.sum()), without_zone, changed
    )


def universal(moment: Any) -> pd.Timestamp:
    """Return a day and hour in universal time; one that says no zone is taken to be in it.

    Raises
    ------
    InputError
        When it is no moment.

    Examples
    --------
    >>> str(universal("2024-05-01T12:00-05:00"))
    '2024-05-01 17:00:00+00:00'
    """
    try:
        at: Any = pd.Timestamp(moment)
    except (ValueError, TypeError):
        at = None
    if at is None or pd.isna(at):
        raise InputError("moment", f"it is {moment!r}", "Give a day and hour, such as '2024-06-30T23:59'.")
    made: pd.Timestamp = at.tz_localize("UTC") if at.tzinfo is None else at.tz_convert("UTC")
    return made
