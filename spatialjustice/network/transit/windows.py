"""Windows of departures or arrivals: from one time of day to another, every so many seconds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError

MOST = 1440
"""Departures of a window."""


class Window(NamedTuple):
    """Departures: the first in seconds after the start of the day, the seconds between them, and how many there are."""

    first: int
    step: int
    number: int

    @property
    def arriving(self) -> bool:
        """Whether they are arrivals."""
        return False

    @property
    def moments(self) -> str:
        """What they are called: departures or arrivals."""
        return "arrivals" if self.arriving else "departures"

    @property
    def label(self) -> str:
        """The window as a reader writes it, for example ``07:00-09:00``."""
        return "-".join(
            f"{time // 3600:02d}:{time // 60 % 60:02d}" for time in (self.first, self.first + self.step * self.number)
        )


class ArrivalWindow(Window):
    """A window of arrivals instead of departures."""

    __slots__ = ()

    @property
    def arriving(self) -> bool:
        """Whether they are arrivals."""
        return True


def arrival_window_of(arrive_by: tuple[str, str], every: int, cutoff: float) -> ArrivalWindow:
    """Return a window of arrivals: the first time is one, the second is not.

    Raises
    ------
    InputError
        As of :func:`window_of`, and when one may have to leave before the day begins.

    Examples
    --------
    >>> arrival_window_of(("08:00", "09:00"), 60, 45.0).label
    '08:00-09:00'
    """
    window = ArrivalWindow(*window_of(arrive_by, every, name="arrive_by"))
    if window.first < cutoff * 60:
        found = f"who arrives at {arrive_by[0]} may leave {cutoff:g} minutes before, which is the day before"
        raise InputError("arrive_by", found, "Take the day before as the date, and write 00:30 as 24:30.")
    return window


def window_of(departures: tuple[str, str], every: int, *, name: str = "departures") -> Window:
    """Return a window from its two times of day: the first is a departure, the second is not.

    ``name`` is what the times are called in errors.

    Raises
    ------
    InputError
        When a time is none, they are not in order, or there would be no departure or too many.

    Examples
    --------
    >>> window_of(("07:00", "09:00"), 60)
    Window(first=25200, step=60, number=120)
    """
    if isinstance(every, bool) or not isinstance(every, int | np.integer) or every < 1:
        raise InputError("every", f"it is {every!r}", "Give whole seconds, 1 or more.")
    if isinstance(departures, str) or len(departures) != 2:
        raise InputError(name, f"it is {departures!r}", "Give two times, for example ('07:00', '09:00').")
    first, end = (_seconds(text, name) for text in departures)
    count = -(-(end - first) // every)
    if not 1 <= count <= MOST:
        moments = "departures" if name == "departures" else "arrivals"
        found = f"{departures[0]} to {departures[1]} every {every} seconds are {max(count, 0):,} {moments}"
        raise InputError(name, found, f"Give from 1 to {MOST:,}; the second time comes after the first.")
    return Window(first, int(every), count)


def _seconds(text: str, name: str) -> int:
    parts = str(text).split(":")
    if len(parts) not in {2, 3} or not all(part.isascii() and part.isdecimal() for part in parts):
        raise InputError(name, f"“{text}” is no time of day", "Write it as 07:00 or 07:00:00.")
    hours, minutes, seconds = (int(part) for part in [*parts, "0"][:3])
    if hours > 47 or minutes > 59 or seconds > 59:
        raise InputError(name, f"“{text}” is no time of day", "Write it as 07:00; 24:30 is half past midnight.")
    return hours * 3600 + minutes * 60 + seconds
