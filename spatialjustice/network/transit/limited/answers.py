"""Answers of the search within limits for all origins: travel times by rank, moments that count, and money."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from tqdm.auto import tqdm

from spatialjustice._core.errors import TooLargeError
from spatialjustice._core.machine.memory import free_memory
from spatialjustice._core.machine.threads import Spare, in_order, spans
from spatialjustice.network.transit.limited.search import LimitedQuestion, Limits
from spatialjustice.network.transit.walking import seconds_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network.costs import TravelCosts
    from spatialjustice.network.transit.offer import StreetsAndTimetable
    from spatialjustice.network.transit.windows import Window
    from spatialjustice.sources.timetables.fares.fare_rules import Fares

    Integers = NDArray[np.int32]
    Layer: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries

CELL = 4
"""Bytes that a number of a pair of places takes."""


def answers(  # noqa: PLR0913 - all but the first four are named
    network: StreetsAndTimetable,
    window: Window,
    places: tuple[Layer, Layer, float],
    walking: TravelCosts,
    *,
    longest: int,
    limits: Limits,
    fares: Fares | None,
    ranks: list[int],
    money_rank: int | None = None,
) -> tuple[Integers, Integers, Integers]:
    """Search from every origin, and return what is found as matrices.

    Parameters
    ----------
    network, window, places, walking
        What is asked about: the last two are origins, destinations and the snap limit, and the costs on foot.
    longest
        The longest time in seconds.
    limits, fares
        As of :class:`LimitedQuestion`.
    ranks
        Places, from 0, of the times that are wanted.
    money_rank
        The place of the amounts that are wanted; None asks for no money.

    Returns
    -------
    three arrays
        Seconds by rank, origin and destination (-1: not reached); how many moments count; and the least that is paid,
        and what the quickest way costs (-1: not reached; without columns where no money is asked for).
    """
    here, there = len(walking.from_ids), len(walking.to_ids)
    _refuse_too_large(here * there, len(ranks) + (1 if money_rank is None else 3))
    rising = np.argsort(ranks, kind="stable")
    wanted = np.asarray(ranks, np.int32)[rising], 0 if money_rank is None else money_rank
    seconds = np.full((len(ranks), here, there), -1, np.int32)
    times = np.zeros((here, there), np.int32)
    money = np.full((2, here, there) if money_rank is not None else (2, 1, 0), -1, np.int32)
    if here and there:
        origins, destinations, snap_limit = places
        walk = min(network.max_walk, longest / 60.0)
        on_foot = (
            network.to_stops(origins, limit=walk, snap_limit=snap_limit),
            network.from_stops(destinations, limit=walk, snap_limit=snap_limit),
            seconds_of(walking),
        )
        question = LimitedQuestion(
            network, window, longest, on_foot=on_foot, limits=limits, fares=fares, by_money=money_rank is not None
        )
        spare = Spare(question.room)

        def work(begin: int, end: int) -> int:
            with spare.one() as room:
                for origin in range(begin, end):
                    question.answer(origin, room, wanted, (seconds, times, money))
            return end - begin

        with tqdm(total=here, desc="public transport", unit="origin", delay=2, leave=False) as bar:
            for done in in_order(work, spans(here, 4)):
                bar.update(done)
    back: NDArray[np.int64] = np.argsort(rising)
    return seconds[back], times, money


def _refuse_too_large(pairs: int, matrices: int) -> None:
    free = free_memory()
    if free is not None and pairs * CELL * matrices > free:
        raise TooLargeError(
            "travel costs",
            f"{pairs:,} pairs would take {pairs * CELL * matrices / 1e9:,.1f} GB; {free / 1e9:,.1f} GB are free",
            "Ask for fewer origins at a time, or fewer destinations.",
        )
