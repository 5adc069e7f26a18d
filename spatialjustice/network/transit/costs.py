"""Travel costs by public transport: of every departure of a window, and the one that stands for them all."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, TooLargeError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.machine.memory import free_memory
from spatialjustice._core.machine.threads import Spare, in_order, spans
from spatialjustice._core.provenance import sources_of
from spatialjustice.network.costs import TravelCosts, checked_cutoff
from spatialjustice.network.transit import profile_scan
from spatialjustice.network.transit.segments import boardings_of, rides_of
from spatialjustice.network.transit.walking import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network.costs import Pairs
    from spatialjustice.network.transit.network import TransitNetwork
    from spatialjustice.network.transit.windows import Window

FAR = 30_000
"""Seconds up to which 16 bits hold times and the walk that is added to them."""

CELL = 4
"""Bytes that a pair of places takes."""


class TransitCosts(TravelCosts):
    """How long it takes from every origin to every destination by public transport: see :class:`TravelCosts`.

    Made by :meth:`TransitNetwork.travel_costs`. Costs are those of the ``summary`` of all departures; :meth:`shares`
    tells how many departures arrive in time, and :meth:`quantiles` gives several summaries from one search.

    Attributes
    ----------
    window
        The departures.
    summary
        The share of departures that are no slower than the cost.
    """

    network: TransitNetwork  # type: ignore[assignment]

    def __init__(
        self,
        network: TransitNetwork,
        origins: gpd.GeoDataFrame | gpd.GeoSeries,
        destinations: gpd.GeoDataFrame | gpd.GeoSeries,
        *,
        window: Window,
        cutoff: float,
        summary: float | Literal["median"] = "median",
        snap_limit: float = 500.0,
    ) -> None:
        self.network = network
        self.unit = "minutes"
        self.cutoff = checked_cutoff(cutoff)
        if not np.isfinite(self.cutoff) or self.cutoff > 24 * 60:
            raise InputError("cutoff", f"it is {cutoff:g}", "Give minutes, up to those of a day.")
        self.window = window
        self.summary = share_of(summary)
        walking = network.streets.travel_costs(origins, destinations, cutoff=cutoff, snap_limit=snap_limit)
        self._walking = walking
        self._places = origins, destinations, snap_limit
        self.from_ids, self.to_ids = walking.from_ids, walking.to_ids
        self.origins, self.destinations = walking.origins, walking.destinations
        self.sources = tuple(sources_of(network, origins, destinations))
        self.findings = (*findings_of(network, origins, destinations), *self._found(snap_limit))

    def __repr__(self) -> str:
        """Tell what is asked."""
        return (
            f"<TransitCosts: {len(self.from_ids):,} origins to {len(self.to_ids):,} destinations, {self.window.count} "
            f"departures {self.window.label}, up to {self.cutoff:g} minutes>"
        )

    def quantiles(self, *summaries: float | Literal["median"]) -> pd.DataFrame:
        """Return several summaries of the departures of every pair that any departure reaches.

        Parameters
        ----------
        summaries
            ``"median"``, or shares of departures that are no slower.

        Returns
        -------
        pandas.DataFrame
            ``from_id``, ``to_id``, ``departures`` (how many of the window's arrive), ``share`` of them, and a column
            for each summary in minutes, for example ``q50``: infinite where fewer departures arrive than that.
        """
        shares = [share_of(one) for one in (summaries or ("median",))]
        seconds, times = self._search(shares)
        froms, tos = np.nonzero(times)
        frame = pd.DataFrame({"from_id": self.from_ids.take(froms), "to_id": self.to_ids.take(tos)})
        frame["departures"] = times[froms, tos]
        frame["share"] = frame["departures"] / self.window.count
        for share, matrix in zip(shares, seconds, strict=True):
            found = matrix[froms, tos]
            frame[f"q{100 * share:g}"] = np.where(found < 0, np.inf, found / 60.0)
        return self._described(frame)

    def shares(self, cutoff: float | None = None) -> pd.DataFrame:
        """Tell of every pair how many departures of the window arrive within a cutoff.

        Parameters
        ----------
        cutoff
            Minutes, itself included; None takes that of the travel costs.

        Returns
        -------
        pandas.DataFrame
            ``from_id``, ``to_id``, ``departures`` and ``share``, from 0 (left out) to 1.
        """
        limit = self.cutoff if cutoff is None else self.checked(cutoff)
        _, times = self._search([], limit=limit)
        froms, tos = np.nonzero(times)
        frame = pd.DataFrame({"from_id": self.from_ids.take(froms), "to_id": self.to_ids.take(tos)})
        frame["departures"] = times[froms, tos]
        return self._described(frame.assign(share=frame["departures"] / self.window.count))

    def expected_pairs(self) -> int:
        """Tell at most how many pairs lie within the cutoff: all there are."""
        return len(self.from_ids) * len(self.to_ids)

    @cached_property
    def _seconds(self) -> NDArray[np.int32]:
        """Seconds of the summary for every pair; -1 where too few departures arrive."""
        return self._search([self.summary])[0][0]

    def _search(
        self, shares: list[float], *, limit: float | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return seconds at each share of departures (-1: not reached), and how many departures arrive."""
        here, there = len(self.from_ids), len(self.to_ids)
        self._refuse_too_large_for(len(shares) + 1)
        longest = int(np.floor((self.cutoff if limit is None else limit) * 60 + 1e-6))  # type: ignore[operator]
        rising = np.argsort(shares)
        ranks = np.array([rank_of(shares[which], self.window.count) for which in rising], dtype=np.int32)
        seconds = np.full((len(shares), here, there), -1, np.int32)
        times = np.zeros((here, there), np.int32)
        if not here or not there:
            return seconds, times
        question = self._question_of(longest)
        spare = Spare(question.room)
        order = question.near_each_other()

        def work(begin: int, end: int) -> int:
            with spare.one() as room:
                question.answer(order[begin:end], room, ranks, seconds, times)
            return end - begin

        step = profile_scan.SIDE_BY_SIDE
        with tqdm(total=here, desc="public transport", unit="origin", delay=2, leave=False) as bar:
            for done in in_order(work, spans(here, step)):
                bar.update(done)
        return seconds[np.argsort(rising)], times

    def _question_of(self, longest: int) -> Question:
        origins, destinations, snap_limit = self._places
        network, streets = self.network, self.network.streets
        walk = min(network.max_walk, longest / 60.0)
        access = streets.travel_costs(origins, network.stops, cutoff=walk, snap_limit=snap_limit)
        egress = streets.travel_costs(network.stops, destinations, cutoff=walk, snap_limit=snap_limit)
        return Question(
            network,
            self.window,
            longest,
            seconds_of(access),
            seconds_of(egress, by_other=True),
            seconds_of(self._walking),
            len(self.to_ids),
            np.asarray(self.origins[["x", "y"]].to_numpy(dtype=float)),
        )

    def _refuse_too_large_for(self, matrices: int) -> None:
        free = free_memory()
        needed = len(self.from_ids) * len(self.to_ids) * CELL * matrices
        if free is not None and needed > free:
            raise TooLargeError(
                "travel costs",
                f"the times of {len(self.from_ids):,} × {len(self.to_ids):,} pairs would take {needed / 1e9:,.1f} GB; "
                f"{free / 1e9:,.1f} GB are free",
                "Ask for fewer origins at a time, or fewer destinations.",
            )

    # What the verbs of access ask: seconds take the place of metres.

    def _converted(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        return metres / 60.0

    def _metres(self, cutoff: float | None) -> float:
        return float("inf") if cutoff is None else float(np.floor(cutoff * 60 + 1e-6))

    def _pairs(self, limit: float) -> Iterator[Pairs]:
        seconds = self._seconds
        for begin, end in spans(len(self.from_ids), max(1, 1_000_000 // max(1, len(self.to_ids)))):
            part = seconds[begin:end]
            froms, tos = np.nonzero((part >= 0) & (part <= limit))
            yield (froms + begin).astype(np.int32), tos.astype(np.int32), part[froms, tos].astype(float)

    def _nearest(self, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        return self._several(1, chosen)[0][:, 0]

    def _several(self, count: int, chosen: NDArray[np.bool_] | None = None) -> tuple[NDArray[np.float64], NDArray[Any]]:
        numbers = np.arange(len(self.to_ids)) if chosen is None else np.flatnonzero(chosen)
        found = np.full((len(self.from_ids), count), np.inf)
        places = np.full((len(self.from_ids), count), -1, np.int32)
        part = self._seconds[:, numbers]
        kept = min(count, numbers.size)
        if kept:
            times = np.where(part < 0, np.inf, part)
            order = np.argsort(times, axis=1, kind="stable")[:, :kept]
            found[:, :kept] = np.take_along_axis(times, order, axis=1)
            places[:, :kept] = np.where(np.isfinite(found[:, :kept]), numbers[order], -1)
        return found, places

    def _many_on_both_sides(self) -> bool:
        return False


class Question:
    """One search: rides of the window, changes between them, and the ways on foot at both ends."""

    def __init__(
        self,
        network: TransitNetwork,
        window: Window,
        limit: int,
        access: profile_scan.Walks,
        egress: profile_scan.Walks,
        direct: profile_scan.Walks,
        destinations: int,
        places: NDArray[np.float64],
    ) -> None:
        self.window, self.limit, self.slack = window, limit, network.slack
        self.access, self.direct, self.destinations, self.places = access, direct, destinations, places
        last = window.first + window.step * (window.count - 1) + limit
        self.stops = len(network.stops)
        rides = rides_of(network.timetable, network.trips, window.first, last)
        rides = without_stops(rides, network)
        self.rides = tuple(rides)
        self.boardings = tuple(boardings_of(rides, self.stops))
        firsts = np.ones(rides.start.size, dtype=bool)
        firsts[rides.follows[rides.follows >= 0]] = False
        walks = between(network)
        self.change_begin, self.change_to, _ = profile_scan.changes(
            self.rides,
            self.boardings,
            tuple(walks),
            np.flatnonzero(firsts).astype(np.int32),
            self.stops,
            max(1024, rides.start.size),
        )
        longest_leg = int(egress.seconds.max()) if egress.seconds.size else 0
        span = window.step * window.count + limit + longest_leg
        self.times = np.int16 if span < FAR - 2_000 else np.int32
        self.never = FAR - longest_leg if self.times is np.int16 else 2**30
        self.labels = np.int8 if window.count <= 127 else np.int16
        self.egress = (egress.begin, egress.place, egress.seconds.astype(self.times))

    def near_each_other(self) -> NDArray[np.int64]:
        """Return the origins along a curve that fills the place, so that those side by side share their rides."""
        x, y = (np.nan_to_num(self.places[:, axis], nan=0.0) for axis in (0, 1))

        def grid(values: NDArray[np.float64]) -> NDArray[np.uint64]:
            span = float(np.ptp(values)) or 1.0
            return ((values - values.min()) / span * 65_535).astype(np.uint64)

        code = np.zeros(x.size, np.uint64)
        gx, gy = grid(x), grid(y)
        for bit in range(16):
            one = np.uint64(bit)
            code |= ((gx >> one) & np.uint64(1)) << np.uint64(2 * bit)
            code |= ((gy >> one) & np.uint64(1)) << np.uint64(2 * bit + 1)
        return np.argsort(code, kind="stable")

    def room(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return the arrays that one thread works in."""
        lanes = profile_scan.SIDE_BY_SIDE
        label = np.full((max(1, self.rides[0].size), lanes), -1, self.labels)
        reached = np.full((lanes, self.stops, self.window.count), self.never, self.times)
        return label, reached, np.empty(self.window.count, self.times)

    def answer(
        self,
        origins: NDArray[np.int64],
        room: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
        ranks: NDArray[np.int32],
        seconds: NDArray[np.int32],
        times: NDArray[np.int32],
    ) -> None:
        """Write the answers of some origins."""
        label, reached, best = room
        window = (self.window.first, self.window.step, self.window.count)
        access = tuple(self.access)
        for lane, origin in enumerate(origins):
            profile_scan.board(label, lane, access, int(origin), self.boardings, window, self.slack)
        profile_scan.scan(self.rides, self.change_begin, self.change_to, label, reached, self.window.first)
        direct = np.empty(self.destinations, np.int32)
        for lane, origin in enumerate(origins):
            direct[:] = -1
            begin, end = self.direct.begin[origin], self.direct.begin[origin + 1]
            direct[self.direct.place[begin:end]] = self.direct.seconds[begin:end]
            profile_scan.arrive(
                reached[lane],
                self.egress,
                direct,
                window[1:],
                self.limit,
                ranks,
                seconds[:, origin],
                times[origin],
                best,
            )
        reached[:] = self.never


def between(network: TransitNetwork) -> profile_scan.Walks:
    """Return the seconds that changes take: on foot, with the slack, and as the feed tells of them."""
    walks = network.between_stops
    seconds = walks.seconds + network.slack
    table = network.timetable.transfers
    if table.empty:
        return walks._replace(seconds=seconds.astype(np.int32))
    stops = walks.begin.size - 1
    start = np.repeat(np.arange(stops), np.diff(walks.begin))
    cost = pd.Series(seconds, index=pd.MultiIndex.from_arrays([start, walks.place]))
    pair = pd.MultiIndex.from_arrays([table["from_stop"], table["to_stop"]])
    told = pd.DataFrame({"type": table["type"].to_numpy(), "seconds": table["seconds"].to_numpy()}, index=pair)
    told = told[~told.index.duplicated(keep="last")]
    least = told[(told["type"] == MINIMUM) & told["seconds"].notna()]["seconds"]
    cost = cost.reindex(cost.index.union(least.index))
    cost = pd.concat([cost, least.reindex(cost.index)], axis=1).max(axis=1)
    timed = told.index[told["type"] == WAITS].intersection(cost.index)
    cost.loc[timed] -= network.slack
    cost = cost.drop(told.index[told["type"] == IMPOSSIBLE].intersection(cost.index)).dropna().sort_index()
    one = cost.index.get_level_values(0).to_numpy()
    begin = np.searchsorted(one, np.arange(stops + 1))
    place = cost.index.get_level_values(1).to_numpy().astype(np.int32)
    return profile_scan.Walks(begin.astype(np.int64), place, cost.to_numpy().astype(np.int32))


WAITS, MINIMUM, IMPOSSIBLE = 1, 2, 3
"""Types of changes in ``transfers.txt``: the vehicle waits; it takes at least so long; there is none."""


def without_stops(rides: Any, network: TransitNetwork) -> Any:
    """Let nobody board or alight at stops that are said not to take wheelchairs, where that counts."""
    if not network.accessible:
        return rides
    refused = network.stops["wheelchair"].to_numpy() == 2
    return rides._replace(
        boarding=rides.boarding & ~refused[rides.start], alighting=rides.alighting & ~refused[rides.end]
    )


def share_of(summary: float | Literal["median"]) -> float:
    """Return a summary as a share of departures.

    Raises
    ------
    InputError
        When it is neither ``"median"`` nor a number above 0 and up to 1.
    """
    if summary == "median":
        return 0.5
    if isinstance(summary, bool | str) or not 0 < float(summary) <= 1:
        raise InputError("summary", f"it is {summary!r}", "Give “median”, or a share of departures from above 0 to 1.")
    return float(summary)


def rank_of(share: float, count: int) -> int:
    """Return the place, from 0, of the smallest time within which a share of all departures arrives.

    Examples
    --------
    >>> [rank_of(share, 60) for share in (0.05, 0.25, 0.5, 0.75, 0.95)]
    [2, 14, 29, 44, 56]
    """
    return max(0, int(np.ceil(share * count - 1e-9)) - 1)
