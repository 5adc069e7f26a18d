"""What changes between stops take where the feed tells of them, for all vehicles or for certain lines and trips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice.network.transit.interchange.doors import through, walks_of
from spatialjustice.network.transit.walking import by_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.transit.prepared import Offer
    from spatialjustice.network.transit.rides import Rides, Walks
    from spatialjustice.sources.timetables.gtfs import Timetable

WAITS, MINIMUM, IMPOSSIBLE = 1, 2, 3
"""Types of changes in ``transfers.txt``: the vehicle waits; it takes at least so long; there is none."""

NAMES = ["from_route", "to_route", "from_trip", "to_trip"]
FAR = 2**30


def between(network: Offer) -> Walks:
    """Return the seconds that changes take: on foot, with the slack, and as the feed tells of them for all vehicles."""
    walks = network.between_stops
    seconds = walks.seconds + np.int32(network.slack)
    told = _told(network.timetable, of_all=True)
    if told.empty:
        return walks._replace(seconds=seconds)
    stops = walks.begin.size - 1

    def pairs(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = told["from_stop"].to_numpy()[rows] * stops + told["to_stop"].to_numpy()[rows]
        return found

    kind, least = told["type"].to_numpy(), told["seconds"].to_numpy(dtype=float)
    at_least = (kind == MINIMUM) & ~np.isnan(least)
    one = np.repeat(np.arange(stops), np.diff(walks.begin))
    pair, which = np.unique(np.concatenate([one * stops + walks.place, pairs(at_least)]), return_inverse=True)
    longest = np.zeros(pair.size, np.int32)
    np.maximum.at(longest, which, np.concatenate([seconds, np.ceil(least[at_least]).astype(np.int32)]))
    longest[np.isin(pair, pairs(kind == WAITS))] -= network.slack
    possible = ~np.isin(pair, pairs(kind == IMPOSSIBLE))
    pair, longest = pair[possible], longest[possible]
    return by_place(pair // stops, (pair % stops).astype(np.int32), longest, (stops, stops))


def _told(timetable: Timetable, *, of_all: bool) -> pd.DataFrame:
    """Return what a feed says of changes between stops: of all vehicles, or of certain lines and trips."""
    table = timetable.transfers
    if not set(NAMES) <= set(table):
        table = table.assign(**dict.fromkeys(NAMES, ""), stations=0)
    table = table[table["type"].isin([0, WAITS, MINIMUM, IMPOSSIBLE])]
    certain = (table[NAMES] != "").any(axis=1)
    if not of_all:
        return table[certain]
    # What is said of a stop goes before what is said of its station; of two rows the later one counts.
    told = table[~certain].sort_values("stations", ascending=False, kind="stable")
    return told.drop_duplicates(["from_stop", "to_stop"], keep="last")


class Platforms(NamedTuple):
    """Stops, some of them apart for certain lines or trips, so that changes there can take times of their own.

    Attributes
    ----------
    stop
        The stop of each: first the stops themselves, for all vehicles that are not set apart there.
    of_stop
        All that a stop is apart into, by stop, no seconds away.
    changes
        Seconds of changes between them.
    known
        Which of them it is, by stop, line and trip.
    """

    stop: NDArray[np.int64]
    of_stop: Walks
    changes: Walks
    known: dict[tuple[int, str, str], int]
    named: dict[int, set[str]]

    @property
    def number(self) -> int:
        """How many there are."""
        return self.stop.size

    def also(self, walks: Walks) -> Walks:
        """Return ways to or from stops as those to or from all that these are apart into."""
        return through(walks, self.of_stop, FAR) if self.known else walks

    def of_rides(self, rides: Rides, trips: pd.DataFrame) -> Rides:
        """Let rides start and end where their line or trip is set apart."""
        if not self.known:
            return rides
        route, trip = trips["route_id"].to_numpy(), trips["trip_id"].to_numpy()
        ends: list[NDArray[np.int32]] = []
        for stops in (rides.start, rides.end):
            made = stops.copy()
            for ride in np.flatnonzero(np.isin(stops, list(self.named))):
                run, stop = rides.trip[ride], int(stops[ride])
                made[ride] = self.known.get(_who(self.named, stop, route[run], trip[run]), stop)
            ends.append(made)
        return rides._replace(start=ends[0], end=ends[1])


def _who(named: dict[int, set[str]], stop: int, route: str, trip: str) -> tuple[int, str, str]:
    """Return a stop with the line and trip of a vehicle, as far as anything is said of them there."""
    line, run = (name if name in named[stop] else "" for name in (route, trip))
    return stop, line, run


def platforms_of(network: Offer) -> Platforms:
    """Set stops apart for lines and trips of whose changes there the feed tells, the most certain telling first.

    Of a change that row counts that names two trips, else a trip and a line, a trip, two lines, a line; else what is
    said of the stops. Where nothing is said, a change takes the way on foot and the slack.
    """
    walks, count = between(network), len(network.stops)
    told = _told(network.timetable, of_all=False)
    named: dict[int, set[str]] = {}
    for row in told.to_dict("records"):
        for end in ("from", "to"):
            names = {str(row[f"{end}_route"]), str(row[f"{end}_trip"])} - {""}
            named.setdefault(int(row[f"{end}_stop"]), set()).update(names)
    trips, calls = network.timetable.trips, network.timetable.calls
    met = calls.loc[calls["stop"].isin(set(named)), ["stop", "trip"]].drop_duplicates()
    route, trip = (trips[name].to_numpy()[met["trip"]] for name in ("route_id", "trip_id"))
    known: dict[tuple[int, str, str], int] = {}
    for place, line, run in zip(met["stop"].tolist(), route, trip, strict=True):
        apart = _who(named, place, line, run)
        if apart[1:] != ("", ""):
            known.setdefault(apart, count + len(known))
    stop = np.concatenate([np.arange(count), [key[0] for key in known]]).astype(np.int64)
    of_stop = walks_of([(one, number, 0) for number, one in enumerate(stop.tolist())], count)
    if not known:
        return Platforms(stop, of_stop, walks, known, named)
    whole = through(walks_of([(number, one, 0) for number, one in enumerate(stop.tolist())], stop.size), walks, FAR)
    whole = through(whole, of_stop, FAR)
    who = dict.fromkeys(range(count), ("", "")) | {number: key[1:] for key, number in known.items()}
    return Platforms(stop, of_stop, _certain(network, told, who, of_stop, whole), known, named)


def _certain(
    network: Offer, told: pd.DataFrame, who: dict[int, tuple[str, str]], of_stop: Walks, walks: Walks
) -> Walks:
    """Put what is said of certain lines and trips into the changes between platforms."""
    on_foot = network.between_stops
    new: dict[tuple[int, int], int | None] = {}
    for pair, rows in told.groupby(["from_stop", "to_stop"], sort=True):
        start, end = np.array(pair, dtype=np.int64).tolist()
        begin, stop = on_foot.begin[start], on_foot.begin[start + 1]
        near = on_foot.seconds[begin:stop][on_foot.place[begin:stop] == end]
        way = int(near[0]) if near.size else None
        for one in _stretch(of_stop, start):
            for other in _stretch(of_stop, end):
                row = _most_certain(rows, who[one], who[other])
                if row is not None:
                    new[one, other] = _seconds(int(row["type"]), float(row["seconds"]), way, network.slack)
    starts = np.repeat(np.arange(walks.begin.size - 1), np.diff(walks.begin)).tolist()
    kept = [row for row in zip(starts, walks.place.tolist(), walks.seconds.tolist(), strict=True) if row[:2] not in new]
    kept += [(one, other, seconds) for (one, other), seconds in new.items() if seconds is not None]
    return walks_of(kept, walks.begin.size - 1)


def _stretch(walks: Walks, place: int) -> list[int]:
    return [int(one) for one in walks.place[walks.begin[place] : walks.begin[place + 1]]]


def _most_certain(rows: pd.DataFrame, one: tuple[str, str], other: tuple[str, str]) -> pd.Series[Any] | None:
    """Return the row that counts for a change between vehicles of a line and trip and of another."""
    fits = pd.Series(data=True, index=rows.index)
    certain = pd.Series(0, index=rows.index)
    for end, (route, trip) in (("from", one), ("to", other)):
        fits &= (rows[f"{end}_route"] == "") | (rows[f"{end}_route"] == route)
        fits &= (rows[f"{end}_trip"] == "") | (rows[f"{end}_trip"] == trip)
        certain += np.where(rows[f"{end}_trip"] != "", 3, (rows[f"{end}_route"] != "").astype(int))
    if not fits.any():
        return None
    order = pd.DataFrame({"certain": certain, "stations": -rows["stations"]})[fits]
    row: pd.Series[Any] = rows.loc[order.sort_values(["certain", "stations"], kind="stable").index[-1]]
    return row


def _seconds(kind: int, least: float, way: int | None, slack: int) -> int | None:
    """Return the seconds of a change of a type; None where there is none."""
    if kind == IMPOSSIBLE:
        return None
    if kind == MINIMUM and not np.isnan(least):
        return max(int(least), -1 if way is None else way + slack)
    if way is None:
        return None
    return way if kind == WAITS else way + slack
