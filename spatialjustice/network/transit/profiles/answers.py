"""Answers of searches, kept for what is asked next of the same origins, destinations and departures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm.auto import tqdm

from spatialjustice._core.errors import TooLargeError
from spatialjustice._core.machine.memory import free_memory
from spatialjustice._core.machine.threads import Spare, in_order, spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from spatialjustice.network.transit.profiles.question import Question

KEPT = 64_000_000
"""Bytes of travel times that are kept: of all departures where they take no more, else of the ranks asked for last."""


class Answers:
    """Travel times of all pairs by the rank of departures: searched once, while there is room to keep them.

    Where the times of all departures are kept, every rank and every shorter limit is read off them. A way within a
    shorter limit has no part that is longer, so that a search of its own would find the same.

    Parameters
    ----------
    question
        Gives the search up to a limit in seconds.
    shape
        How many origins and destinations there are.
    number
        How many departures.
    longest
        The highest limit that is asked for, in seconds.
    """

    def __init__(self, question: Callable[[int], Question], shape: tuple[int, int], number: int, longest: int) -> None:
        self._question, self._shape, self._number, self._longest = question, shape, number, longest
        self._seconds: dict[int, NDArray[Any]] = {}
        self._times: dict[int, NDArray[np.int32]] = {}

    def of(self, ranks: list[int], limit: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return seconds at each rank (-1: not reached by so many departures), and how many departures arrive."""
        every = self._cells * self._number * np.dtype(np.int16).itemsize <= KEPT
        missing = [rank for rank in (range(self._number) if every else set(ranks)) if rank not in self._seconds]
        if missing:
            self._search(sorted(missing), self._longest)
        if limit not in self._times and not every:
            self._search([], limit)
        seconds = np.empty((len(ranks), *self._shape), np.int32)
        for which, rank in enumerate(ranks):
            seconds[which] = self._seconds[rank]
            seconds[which][seconds[which] > limit] = -1
        if limit not in self._times:
            self._times[limit] = np.zeros(self._shape, np.int32)
            for found in self._seconds.values():
                self._times[limit] += (found >= 0) & (found <= limit)
        times = self._times[limit].copy()
        self._forget(every=every)
        return seconds, times

    @property
    def _cells(self) -> int:
        return self._shape[0] * self._shape[1]

    def _forget(self, *, every: bool) -> None:
        for oldest in list(self._times)[: -max(1, KEPT // max(1, 4 * self._cells))]:
            del self._times[oldest]
        if not every and sum(found.nbytes for found in self._seconds.values()) > KEPT:
            self._seconds.clear()

    def _search(self, ranks: list[int], limit: int) -> None:
        """Search all origins up to a limit."""
        self._refuse_too_large(len(ranks))
        here, there = self._shape
        times = np.zeros(self._shape, np.int32)
        if not here or not there:
            self._seconds |= {rank: np.empty(self._shape, np.int16) for rank in ranks}
            self._times[limit] = times
            return
        question = self._question(limit)
        seconds = np.full((len(ranks), here, there), -1, question.times)
        asked = np.array(ranks, dtype=np.int32)
        spare = Spare(question.room)
        order = question.near_each_other()

        def work(begin: int, end: int) -> int:
            with spare.one() as room:
                question.answer(order[begin:end], room, asked, seconds, times)
            return end - begin

        with tqdm(total=here, desc="public transport", unit="origin", delay=2, leave=False) as bar:
            for done in in_order(work, spans(here, question.side_by_side)):
                bar.update(done)
        self._seconds |= dict(zip(ranks, seconds, strict=True))
        self._times[limit] = times

    def _refuse_too_large(self, ranks: int) -> None:
        free = free_memory()
        needed = self._cells * (6 * ranks + 8)
        if free is not None and needed > free:
            raise TooLargeError(
                "travel costs",
                f"the times of {self._shape[0]:,} × {self._shape[1]:,} pairs would take {needed / 1e9:,.1f} GB; "
                f"{free / 1e9:,.1f} GB are free",
                "Ask for fewer origins at a time, or fewer destinations.",
            )
