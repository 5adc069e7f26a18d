"""What permutations are handed and what they give: neighbours in rows, the task, room to write on, and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

    Integers = NDArray[np.int64]
    Places = NDArray[np.int32]  # which zone each zone takes its values from: a row for each permutation


class Rows(NamedTuple):
    """Row-standardised weights in compressed rows: the neighbours of zone i are ``start[i]`` up to ``start[i + 1]``."""

    start: Integers
    neighbour: Integers
    weight: Floats


class Counts(NamedTuple):
    """How many permutations gave at most, and how many at least, what was observed."""

    at_most: Integers
    at_least: Integers


class Task(NamedTuple):
    """How often to redraw, from which key, how far sums may differ by rounding, and what is summed.

    ``apart`` is False for own value times neighbours' values, True for squared differences between the two.
    """

    permutations: int
    key: int
    tolerance: float
    apart: bool


class Room(NamedTuple):
    """What draws are written on; made outside of kernels, which would be compiled a third of a second longer for each.

    ``pool`` holds all zones but one, ``taken`` as many places as a zone has neighbours, ``sums`` one permutation each;
    the counts of each zone of a piece are what is found.
    """

    used: NDArray[np.int32]
    pool: Integers
    taken: Integers
    stream: NDArray[np.uint64]
    sums: Floats
    at_most: Integers
    at_least: Integers
