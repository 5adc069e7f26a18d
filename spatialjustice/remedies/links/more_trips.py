"""A timetable in which a line runs twice as often: a further trip midway between each two of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from spatialjustice.network import TransitNetwork

    Integers = NDArray[np.int64]


CLOSE = 120
"""Between two trips that leave within fewer seconds nobody gains a minute: there is none further."""


class Runs(NamedTuple):
    """All trips of a timetable: the stretch of its calls, when it begins and ends, and which others call where it does.

    Trips of one ``pattern`` are of one route and direction, and call at the same stops under the same rules.
    """

    start: Integers
    size: Integers
    begins: Integers
    ends: Integers
    pattern: Integers
    route: pd.Index[Any]


class Midway(NamedTuple):
    """Further trips of one line: between which two trips each runs, and the seconds from the one to the other."""

    earlier: Integers
    later: Integers
    between: Integers


def runs_of(timetable: Any) -> Runs:
    """Return the trips of a timetable as they run."""
    calls, trips = timetable.calls, timetable.trips
    trip = calls["trip"].to_numpy()
    size = np.bincount(trip, minlength=len(trips))
    start = np.cumsum(size) - size
    begins, ends = np.zeros(len(trips), np.int64), np.zeros(len(trips), np.int64)
    some = size > 0
    begins[some] = calls["departure"].to_numpy()[start[some]]
    ends[some] = calls["arrival"].to_numpy()[start[some] + size[some] - 1]
    rules = calls["stop"].to_numpy() * 4 + calls["boarding"].to_numpy() * 2 + calls["alighting"].to_numpy()
    rules = np.ascontiguousarray(rules, dtype=np.int64)
    ways = [rules[one : one + much].tobytes() for one, much in zip(start, size, strict=True)]
    keys = pd.MultiIndex.from_arrays([trips["feed"], trips["route_id"], trips["direction"].astype(str), ways])
    pattern = np.asarray(pd.factorize(keys)[0], dtype=np.int64)
    return Runs(start, size, begins, ends, pattern, pd.Index(trips["route_id"]))


def midway_of(runs: Runs, trips: Integers, first: int, end: int) -> Midway:
    """Find where further trips of some trips run that are under way between two moments, the second not included.

    A further trip calls everywhere at the middle of the times of the two trips that it runs between, which are of one
    pattern and follow one another, two minutes or more apart.
    """
    trips = trips[runs.size[trips] > 1]
    order = trips[np.lexsort((trips, runs.ends[trips], runs.begins[trips], runs.pattern[trips]))]
    earlier, later = order[:-1], order[1:]
    between = runs.begins[later] - runs.begins[earlier]
    follows = (runs.pattern[earlier] == runs.pattern[later]) & (between >= CLOSE)
    begins = (runs.begins[earlier] + runs.begins[later]) // 2
    ends = (runs.ends[earlier] + runs.ends[later]) // 2
    kept = follows & (begins < end) & (ends > first)
    return Midway(earlier[kept], later[kept], between[kept])


def with_more_trips(timetable: Any, runs: Runs, more: Midway) -> Any:
    """Return the timetable with further trips below its own."""
    size = runs.size[more.earlier]
    within = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    one = np.repeat(runs.start[more.earlier], size) + within
    other = np.repeat(runs.start[more.later], size) + within
    calls, trips = timetable.calls, timetable.trips
    made = calls.iloc[one].reset_index(drop=True)
    later = calls.iloc[other].reset_index(drop=True)
    made = made.assign(
        trip=np.repeat(len(trips) + np.arange(more.earlier.size), size),
        arrival=(made["arrival"] + later["arrival"]) // 2,
        departure=(made["departure"] + later["departure"]) // 2,
        interpolated=True,
    )
    further = trips.iloc[more.earlier].reset_index(drop=True)
    # Nobody stays seated from or into a trip that no timetable tells of.
    further = further.assign(trip_id=further["trip_id"].astype(str) + "+", block="")
    return replace(
        timetable,
        trips=pd.concat([trips, further.astype(trips.dtypes)], ignore_index=True),
        calls=pd.concat([calls, made.astype(calls.dtypes)], ignore_index=True),
    )


def with_timetable(network: TransitNetwork, timetable: Any) -> TransitNetwork:
    """Return a network on which other trips run between the same stops: ways on foot between them stay as they are."""
    made = replace(network, timetable=timetable)
    for name in ("stops", "doors", "closed", "between_stops"):
        made.__dict__[name] = getattr(network, name)
    return made


def trips_under_way(runs: Runs, trips: Iterable[int], first: int, end: int) -> int:
    """Count the trips of some that are under way between two moments, the second not included."""
    some = np.fromiter(trips, np.int64)
    return int(((runs.begins[some] < end) & (runs.ends[some] > first) & (runs.size[some] > 1)).sum())
