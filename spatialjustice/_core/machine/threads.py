"""Work shared between threads, with answers that do not depend on how many there are."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

Answer = TypeVar("Answer")
Thing = TypeVar("Thing")

VARIABLE = "SPATIALJUSTICE_THREADS"


def threads() -> int:
    """Return how many threads to use: what the environment variable says, else as many as there are processors."""
    given = os.environ.get(VARIABLE, "")
    if given:
        if not given.isascii() or not given.isdigit() or int(given) < 1:
            raise InputError(VARIABLE, f"it is “{given}”", "Set it to a whole number from 1 on, or do not set it.")
        return int(given)
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def spans(count: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut ``count`` things into stretches (begin, end) of at most ``size``."""
    return ((begin, min(count, begin + size)) for begin in range(0, count, size))


def in_order(work: Callable[[int, int], Answer], stretches: Iterable[tuple[int, int]]) -> Iterator[Answer]:
    """Do the work of every stretch, several at a time, and give the answers in the order of the stretches.

    No more than a few answers wait to be taken, so that memory stays bounded.
    """
    number = threads()
    waiting = iter(stretches)
    if number == 1:
        for stretch in waiting:
            yield work(*stretch)
        return
    pool = ThreadPoolExecutor(number)
    try:
        ahead: deque[Future[Answer]] = deque(pool.submit(work, *stretch) for stretch in islice(waiting, number + 1))
        while ahead:
            answer = ahead.popleft().result()
            ahead.extend(pool.submit(work, *stretch) for stretch in islice(waiting, 1))
            yield answer
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class Spare(Generic[Thing]):
    """Things that one thread uses at a time, made when none is free."""

    def __init__(self, make: Callable[[], Thing]) -> None:
        self._make = make
        self._free: list[Thing] = []

    @contextmanager
    def one(self) -> Iterator[Thing]:
        """Lend one; it comes back at the end, unless the work failed and may have left it unclean."""
        thing = self._free.pop() if self._free else self._make()
        yield thing
        self._free.append(thing)
