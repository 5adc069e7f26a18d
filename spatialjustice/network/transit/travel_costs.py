"""Travel costs by public transport: of every departure of a window, and the one that stands for them all."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.machine.threads import spans
from spatialjustice._core.provenance import sources_of
from spatialjustice._core.screen.card import Card
from spatialjustice.network.costs import TravelCosts
from spatialjustice.network.cutoffs import checked_cutoff
from spatialjustice.network.transit.limited.answers import answers
from spatialjustice.network.transit.limited.search import NO_LIMITS, Limits
from spatialjustice.network.transit.profiles.answers import Answers
from spatialjustice.network.transit.profiles.question import Question
from spatialjustice.network.transit.walking import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network.search.pairs import Pairs
    from spatialjustice.network.transit.offer import StreetsAndTimetable
    from spatialjustice.network.transit.rides import Walks
    from spatialjustice.network.transit.windows import Window


class TransitCosts(TravelCosts):
    """How long it takes from every origin to every destination by public transport: see :class:`TravelCosts`.

    Made by :meth:`TransitNetwork.travel_costs`. Costs are those of the ``summary`` of all departures; :meth:`shares`
    tells how many departures arrive in time, :meth:`quantiles` gives several summaries from one search, and
    :meth:`fares` tells what is paid.

    Attributes
    ----------
    window
        The departures, or the arrivals.
    summary
        The share of departures (or arrivals) that are no slower than the cost.
    limits
        The most vehicles that are boarded, and the most that is paid in the smallest unit of money; None: no limit.
    """

    network: StreetsAndTimetable  # type: ignore[assignment]

    def __init__(
        self,
        network: StreetsAndTimetable,
        origins: gpd.GeoDataFrame | gpd.GeoSeries,
        destinations: gpd.GeoDataFrame | gpd.GeoSeries,
        *,
        window: Window,
        cutoff: float,
        summary: float | Literal["median"] = "median",
        limits: Limits = NO_LIMITS,
        snap_limit: float = 500.0,
    ) -> None:
        self.network = network
        self.limits = limits
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
        self._layers = walking._layers  # noqa: SLF001
        self.origins, self.destinations = walking.origins, walking.destinations
        self._shapes = walking._shapes  # noqa: SLF001
        self.sources = tuple(sources_of(network, origins, destinations))
        self.findings = (*findings_of(network, origins, destinations), *self._found(snap_limit))

    def __repr__(self) -> str:
        """Tell what is asked."""
        return (
            f"<TransitCosts: {len(self.from_ids):,} origins to {len(self.to_ids):,} destinations, {self.window.number} "
            f"{self.window.moments} {self.window.label}, up to {self.cutoff:g} minutes>"
        )

    def _card(self) -> Card:
        told = super()._card()
        window = f"{self.window.number} {self.window.moments} {self.window.label}"
        share = f"no slower for {self.summary:.0%} of them"
        return Card("Travel costs by public transport", [*told.rows, ("window", window), ("cost", share)])

    def quantiles(self, *summaries: float | Literal["median"]) -> pd.DataFrame:
        """Return several summaries of the departures of every pair that any departure reaches.

        Parameters
        ----------
        summaries
            ``"median"``, or shares of departures that are no slower.

        Returns
        -------
        pandas.DataFrame
            ``from_id``, ``to_id``, ``departures`` (how many of the window's arrive; a column ``arrivals`` instead where
            the window is one of arrivals), ``share`` of them, and a column for each summary in minutes, for example
            ``q50``: infinite where fewer departures arrive than that.
        """
        shares = [share_of(one) for one in (summaries or ("median",))]
        seconds, times = self._search(shares)
        frame, froms, tos = self._counted(times)
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
        return self._described(self._counted(times)[0])

    def fares(self) -> pd.DataFrame:
        """Tell of every pair what is paid by those who pay least within the cutoff, and by those who are quickest.

        For each departure these are the least that any way costs that arrives within the cutoff, and the least that
        a way costs that arrives first. Each is then the smallest amount with which at least the ``summary`` share of
        all departures gets by. Walking all the way costs nothing. Routes whose fare nobody told are not ridden.

        Returns
        -------
        pandas.DataFrame
            ``from_id``, ``to_id``, ``departures`` (how many of the window's arrive), ``share`` of them, ``cheapest``
            and ``fastest`` in the currency (``attrs["currency"]``): infinite where fewer departures arrive than the
            summary asks for.

        Raises
        ------
        InputError
            When the network knows no fares.

        References
        ----------
        Conway, M. W., & Stewart, A. F. (2019). Getting Charlie off the MTA: a multiobjective optimization method to
        account for cost constraints in public transit accessibility metrics. International Journal of Geographical
        Information Science, 33(9), 1759-1787.
        """
        known = self.network.fares
        if known is None:
            raise InputError("fares", "the network knows none", "Give them: from_gtfs(…, fares=sources.fares(file)).")
        _, times, money = self._within_limits([], limit=None, by_money=True)
        frame, froms, tos = self._counted(times)
        for name, amounts in zip(("cheapest", "fastest"), money[:, froms, tos], strict=True):
            frame[name] = np.where(amounts < 0, np.inf, amounts / 10**known.digits)
        frame = self._described(frame)
        frame.attrs["currency"] = known.currency
        return frame

    def _counted(self, times: NDArray[np.int32]) -> tuple[pd.DataFrame, NDArray[np.int64], NDArray[np.int64]]:
        """Return the pairs that any departure reaches with how many do, and their positions."""
        froms, tos = np.nonzero(times)
        frame = pd.DataFrame({"from_id": self.from_ids.take(froms), "to_id": self.to_ids.take(tos)})
        frame[self.window.moments] = times[froms, tos]
        frame["share"] = frame[self.window.moments] / self.window.number
        return frame, froms, tos

    def expected_pairs(self) -> int:
        """Tell at most how many pairs lie within the cutoff: all there are."""
        return len(self.from_ids) * len(self.to_ids)

    @cached_property
    def _seconds(self) -> NDArray[np.int32]:
        """Seconds of the summary for every pair; -1 where too few departures arrive."""
        found: NDArray[np.int32] = self._search([self.summary])[0][0]
        return found

    def _search(
        self, shares: list[float], *, limit: float | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return seconds at each share of departures (-1: not reached), and how many departures arrive."""
        if self.window.arriving or self.limits != NO_LIMITS:
            return self._within_limits(shares, limit=limit)[:2]
        longest = int(np.floor((self.cutoff if limit is None else limit) * 60 + 1e-6))  # type: ignore[operator]
        return self._answers.of([rank_of(share, self.window.number) for share in shares], longest)

    @cached_property
    def _answers(self) -> Answers:
        return Answers(self._question_of, (len(self.from_ids), len(self.to_ids)), self.window.number, self._longest)

    @property
    def _longest(self) -> int:
        return int(np.floor(self.cutoff * 60 + 1e-6))  # type: ignore[operator]

    def _within_limits(
        self, shares: list[float], *, limit: float | None, by_money: bool = False
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Return the same within the limits, and amounts of money where they are asked for."""
        money = by_money or self.limits.money is not None
        return answers(
            self.network,
            self.window,
            self._places,
            self._walking,
            longest=int(np.floor((self.cutoff if limit is None else limit) * 60 + 1e-6)),  # type: ignore[operator]
            limits=self.limits,
            fares=self.network.fares if money else None,
            ranks=[rank_of(share, self.window.number) for share in shares],
            money_rank=rank_of(self.summary, self.window.number) if by_money else None,
        )

    @cached_property
    def _on_foot(self) -> tuple[Walks, Walks, Walks]:
        """Seconds to stops, from stops by destination, and all the way."""
        origins, destinations, snap_limit = self._places
        network = self.network
        walk = min(network.max_walk, self._longest / 60.0)
        return (
            network.prepared.to_stops(origins, walk, snap_limit),
            network.prepared.from_stops(destinations, walk, snap_limit),
            seconds_of(self._walking),
        )

    def _question_of(self, longest: int) -> Question:
        here, there = (audit[["x", "y"]].to_numpy(dtype=float) for audit in (self.origins, self.destinations))
        return Question(self.network, self.window, longest, on_foot=self._on_foot, places=(here, there))

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

    def _in_any_order(self, limit: float) -> Iterator[Pairs]:
        return self._pairs(limit)

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

    def _status(self, cutoff: float) -> NDArray[np.object_]:
        """Return every origin's status: who could walk there in time without end is beyond the cutoff, not cut off."""
        status = super()._status(cutoff)
        late = status == "unreachable"
        if late.any():
            endless = copy(self._walking)
            endless.cutoff = None
            status[late & np.isfinite(endless._nearest())] = "beyond_cutoff"  # noqa: SLF001 - of this room
        return status


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
