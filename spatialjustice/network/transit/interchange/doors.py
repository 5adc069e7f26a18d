"""Stations that streets lead into by doors only, and the ways from there to the platforms and between them."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice.network.transit.rides import Walks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from spatialjustice.network.streets.modes import Mode
    from spatialjustice.sources.timetables.gtfs import Timetable

    Graph = dict[str, list[tuple[str, int]]]

NO = 2
"""What a feed says of a door that wheelchairs cannot use."""


class Doors(NamedTuple):
    """Where streets lead to stops.

    Attributes
    ----------
    places
        Stops that the street leads to itself, then doors of stations: what is joined to the streets.
    inward, leaving
        Seconds from places to the stops behind them, and from those back, both by place.
    outward
        Seconds from stops to the places, by stop.
    inside
        Seconds between stops of a station by its own ways, by stop.
    without_way
        Stops of stations with ways and doors, to which none leads from any door: they stay joined to the street.
    """

    places: gpd.GeoDataFrame
    inward: Walks
    leaving: Walks
    outward: Walks
    inside: Walks
    without_way: int


def doors_of(timetable: Timetable, mode: Mode, *, step_free: bool) -> Doors | None:
    """Return how streets lead to the stops of a timetable; None where all stops are joined to the street themselves.

    Where a feed lists the doors of a station, its platforms are behind them: through the feed's ways, in their time or
    at walking pace; or straight on, where it has none. Without steps stairs and escalators are none, nor are doors that
    are said not to be accessible; a platform that can only be reached over steps is then not reached at all.
    """
    entrances, ways = timetable.entrances, timetable.ways
    if entrances is None or ways is None or (entrances.empty and ways.empty):
        return None
    stops = timetable.stops
    pace = (mode.leg_speed or mode.speed) / 3.6
    behind, without_way = _behind(stops, entrances, ways)
    usable = entrances[entrances["wheelchair"] != NO] if step_free else entrances
    graph = _graph(ways[ways["step_free"]] if step_free else ways, pace)
    for one, other, seconds in _straight_on(stops, usable, ways, pace):
        graph.setdefault(one, []).append((other, seconds))
        graph.setdefault(other, []).append((one, seconds))
    places = pd.concat([stops[~behind], usable])
    number = {stop: position for position, stop in enumerate(stops.index)}
    place = {door: position + int((~behind).sum()) for position, door in enumerate(usable.index)}
    itself = np.flatnonzero(~behind)
    own = list(zip(range(itself.size), itself.tolist(), [0] * itself.size, strict=True))
    inward = own + [
        (place[door], number[end], seconds)
        for door in usable.index
        for end, seconds in _all_from(door, graph).items()
        if end in number and behind[number[end]]
    ]
    outward, inside = [(stop, where, 0) for where, stop, _ in own], []
    for stop in sorted({stop for stop in number if stop in graph}, key=number.__getitem__):
        for end, seconds in _all_from(stop, graph).items():
            if end in place and behind[number[stop]]:
                outward.append((number[stop], place[end], seconds))
            elif end in number and end != stop:
                inside.append((number[stop], number[end], seconds))
    return Doors(
        gpd.GeoDataFrame(places, crs=stops.crs),
        walks_of(inward, len(places)),
        walks_of([(where, stop, seconds) for stop, where, seconds in outward], len(places)),
        walks_of(outward, len(stops)),
        walks_of(inside, len(stops)),
        without_way,
    )


def _behind(stops: gpd.GeoDataFrame, entrances: gpd.GeoDataFrame, ways: pd.DataFrame) -> tuple[NDArray[np.bool_], int]:
    """Tell which stops are behind doors, and of how many others of such stations no way from a door is known."""
    whole: Graph = {}
    for one, other in zip(ways["from_id"], ways["to_id"], strict=True):
        whole.setdefault(one, []).append((other, 0))
    led_to = {end for door in entrances.index for end in _all_from(door, whole)}
    with_doors = stops["station"].isin(set(entrances["station"]) - {""})
    station = pd.concat([stops["station"], entrances["station"]])
    with_ways = set(station.reindex([*ways["from_id"], *ways["to_id"]]).dropna())
    reached = stops.index.isin(led_to)
    no_way = with_doors & stops["station"].isin(with_ways) & ~reached
    return ((with_doors & ~no_way) | reached).to_numpy(), int(no_way.sum())


def _graph(ways: pd.DataFrame, pace: float) -> Graph:
    seconds = np.ceil(ways["seconds"].fillna(ways["metres"] / pace).to_numpy() - 1e-6).astype(int)
    graph: Graph = {}
    for one, other, time in zip(ways["from_id"], ways["to_id"], seconds.tolist(), strict=True):
        graph.setdefault(one, []).append((other, time))
    return graph


def _straight_on(
    stops: gpd.GeoDataFrame, entrances: gpd.GeoDataFrame, ways: pd.DataFrame, pace: float
) -> Iterator[tuple[str, str, int]]:
    """Give the ways between doors and platforms of stations of which the feed tells doors, but no ways."""
    station = pd.concat([stops["station"], entrances["station"]])
    with_ways = set(station.reindex([*ways["from_id"], *ways["to_id"]]).dropna())
    crs = stops.estimate_utm_crs() if len(stops) else stops.crs
    doors, platforms = entrances.geometry.to_crs(crs), stops.geometry.to_crs(crs)
    for name, ids in entrances.groupby("station").groups.items():
        if name == "" or name in with_ways:
            continue
        for stop in stops.index[stops["station"] == name]:
            apart = doors.loc[ids].distance(platforms[stop])
            for door, metres in zip(ids, apart, strict=True):
                yield door, stop, int(np.ceil(metres / pace - 1e-6))


def _all_from(start: str, graph: Graph) -> dict[str, int]:
    """Return the least seconds from a place to every other that ways lead to."""
    least = {start: 0}
    open_ends = [(0, start)]
    while open_ends:
        seconds, here = heapq.heappop(open_ends)
        if seconds > least[here]:
            continue
        for other, time in graph.get(here, ()):
            if seconds + time < least.get(other, 2**31):
                least[other] = seconds + time
                heapq.heappush(open_ends, (seconds + time, other))
    return least


def walks_of(rows: Iterable[tuple[int, int, int]], count: int) -> Walks:
    """Return ways on foot from rows of (place, other, seconds), the nearest first, each pair once."""
    table = np.array(list(rows), dtype=np.int64).reshape(-1, 3)
    return _sorted(table[:, 0], table[:, 1], table[:, 2], count)


def _sorted(one: NDArray[np.int64], other: NDArray[np.int64], seconds: NDArray[np.int64], count: int) -> Walks:
    order = np.lexsort((seconds, other, one))
    one, other, seconds = one[order], other[order], seconds[order]
    first = np.ones(one.size, dtype=bool)
    first[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    one, other, seconds = one[first], other[first], seconds[first]
    order = np.lexsort((other, seconds, one))
    begin = np.searchsorted(one[order], np.arange(count + 1))
    return Walks(begin.astype(np.int64), other[order].astype(np.int32), seconds[order].astype(np.int32))


def through(walks: Walks, on: Walks, limit: int) -> Walks:
    """Go on from where ways on foot end: those of ``on`` that lead from there, within a limit in seconds (closed)."""
    count = np.diff(on.begin)[walks.place]
    one = np.repeat(np.repeat(np.arange(walks.begin.size - 1), np.diff(walks.begin)), count)
    before = np.repeat(walks.seconds.astype(np.int64), count)
    ends = np.cumsum(count)
    rows = np.arange(int(ends[-1]) if ends.size else 0) + np.repeat(on.begin[walks.place] - (ends - count), count)
    seconds = before + on.seconds[rows]
    near = seconds <= limit
    return _sorted(one[near], on.place[rows][near].astype(np.int64), seconds[near], walks.begin.size - 1)


def quickest(walks: Walks, others: Walks, limit: int) -> Walks:
    """Return the ways of both, of each pair the quicker one, within a limit in seconds (closed)."""
    count = walks.begin.size - 1
    one = np.concatenate([np.repeat(np.arange(count), np.diff(each.begin)) for each in (walks, others)])
    place = np.concatenate([walks.place, others.place]).astype(np.int64)
    seconds = np.concatenate([walks.seconds, others.seconds]).astype(np.int64)
    near = seconds <= limit
    return _sorted(one[near], place[near], seconds[near], count)
