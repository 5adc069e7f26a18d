"""The order of zones in each permutation of them, from random streams of their own."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from spatialjustice._core.machine.compiled import for_steps, kernel, wide_steps
from spatialjustice._core.machine.threads import in_order, spans
from spatialjustice.inequality.space.shuffling import by_arrays
from spatialjustice.inequality.space.shuffling.streams import _begin_of, _random_below, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from spatialjustice.inequality.space.shuffling.kinds import Places

KEPT_BYTES = 32_000_000
"""Permutations are kept for the next outcome of as many zones up to this size; what is larger is drawn anew."""

DRAWS = 500_000
"""Places that a thread draws at a time where they are to be kept."""


@kernel
def _draw(places: Places, begin: int, key: int, stream: NDArray[np.uint64]) -> None:
    """Write the zone that each zone takes its values from: one row for each permutation from ``begin`` on.

    A permutation depends on the key and its number only.
    """
    count = places.shape[1]
    for row in range(len(places)):
        stream[0] = _begin_of(key, begin + row)
        place = places[row]
        for zone in range(count):
            place[zone] = zone
        for step in range(count - 1):
            pick = step + _random_below(stream, count - step)
            found = place[pick]
            place[pick] = place[step]
            place[step] = found


_kept: OrderedDict[tuple[int, int, int], Places] = OrderedDict()
_one_at_a_time = Lock()


def let_go() -> None:
    """Let go of the permutations that were drawn: whoever asks again has them drawn anew."""
    with _one_at_a_time:
        _kept.clear()


def shuffles(count: int, *, permutations: int, seed: int) -> Callable[[int, int], Places]:
    """Return what gives the permutations from one number up to another: rows of places, the same for any outcome.

    Outcomes of one study are shuffled by one seed, and most of them have as many zones: their permutations are drawn
    once. Nobody may write into them.
    """
    key = key_of(seed)

    def drawn(begin: int, end: int) -> Places:
        places = np.empty((end - begin, count), np.int32)
        steps = wide_steps(count, end - begin) * by_arrays.STEPS_OF_A_SWAP
        for_steps(_draw, steps, by_arrays.draw)(places, begin, key, np.empty(1, np.uint64))
        return places

    size = 4 * count * permutations
    if size > KEPT_BYTES:
        return drawn
    with _one_at_a_time:
        asked = (key, count, permutations)
        if asked not in _kept:
            while _kept and size + sum(places.nbytes for places in _kept.values()) > KEPT_BYTES:
                _kept.popitem(last=False)
            pieces = in_order(drawn, spans(permutations, max(1, DRAWS // max(1, count))))
            _kept[asked] = np.concatenate([*pieces, np.empty((0, count), np.int32)])
        _kept.move_to_end(asked)
        kept = _kept[asked]
    return lambda begin, end: kept[begin:end]
