"""The random streams, permutations and sums of the compiled loops by numpy, for maps too small to compile for.

Zones or permutations go side by side, each with a stream of its own, and add up in the same order: the bits are those
of the compiled loops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import as_written
from spatialjustice._core.machine.threads import spans
from spatialjustice.inequality.space.shuffling.streams import HALF, LOW, STEP, _begin_of, _scrambled_bits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.space.shuffling.kinds import Places, Room, Rows, Task

    Integers = NDArray[np.int64]
    Streams = NDArray[np.uint64]

BLOCK = 16
"""Zones of which all words are drawn at a time: few enough for the processor's own memory."""

STEPS_OF_A_SWAP, STEPS_OF_A_DRAW = 4, 8
"""Sums of one value that numpy adds in the time that it swaps two zones, and draws one without replacement."""


_scrambled, _begins = as_written(_scrambled_bits), as_written(_begin_of)
"""Written for one number, and right for an array of them."""


def _streams(key: int, first: int, last: int) -> Streams:
    """Return the state of each stream from one number up to another before its first draw."""
    states: Streams = _begins(key, np.arange(first, last, dtype=np.uint64))
    return states


def _random_below(streams: Streams, bound: int) -> Integers:
    """Draw a whole number from 0 up to, not including, ``bound`` from each stream, which moves on."""
    size = np.uint64(bound)
    least = np.uint64((1 << 32) % bound)
    streams += STEP
    product: Streams = (_scrambled(streams) >> HALF) * size
    while (again := np.flatnonzero((product & LOW) < least)).size:
        streams[again] += STEP
        product[again] = (_scrambled(streams[again]) >> HALF) * size
    return (product >> HALF).astype(np.int64)


def draw(places: Places, begin: int, key: int, _stream: Streams) -> None:
    """Write the zone that each zone takes its values from: one row for each permutation from ``begin`` on."""
    number, count = places.shape
    streams, row = _streams(key, begin, begin + number), np.arange(number)
    zones = np.repeat(np.arange(count, dtype=np.int32)[:, None], number, axis=1)
    for step in range(count - 1):
        pick = step + _random_below(streams, count - step)
        found = zones[pick, row]
        zones[pick, row] = zones[step]
        zones[step] = found
    places[:] = zones.T


def shuffled_together(scores: Floats, rows: Rows, places: Places) -> Floats:
    """Return the sums over all zones and neighbours of value times value, for each permutation of each outcome."""
    return _shuffled(scores, scores, rows, places, apart=False)


def shuffled(own: Floats, other: Floats, rows: Rows, places: Places, _lanes: int, kind: tuple[bool, bool]) -> Floats:
    """Return the global sum over all zones and their neighbours for each permutation."""
    return _shuffled(own, other, rows, places, apart=kind[0])


def _shuffled(own: Floats, other: Floats, rows: Rows, places: Places, *, apart: bool) -> Floats:
    theirs = other[places.T]  # by zone, then by permutation
    mine = theirs if own is other else own[places.T]
    sums = np.zeros(theirs.shape[1:])
    for zone in range(len(theirs)):
        around = np.zeros_like(sums)
        for link in range(rows.start[zone], rows.start[zone + 1]):
            near, weight = theirs[rows.neighbour[link]], rows.weight[link]
            around += weight * ((mine[zone] - near) ** 2 if apart else near)
        sums += around if apart else mine[zone] * around
    return sums


def redrawn_together(scores: Floats, rows: Rows, begin: int, end: int, task: Any) -> tuple[Integers, Integers]:
    """Count, for zones from ``begin`` up to ``end``, how each outcome stands among its redrawn sums."""
    return _redrawn((scores, scores), rows, (begin, end), task, apart=False)


def conditional(own: Floats, other: Floats, rows: Rows, span: tuple[int, int], task: Task, room: Room) -> None:
    """Count, for zones from one up to another, how each stands among those with its neighbours redrawn.

    No zone may have more than half of all as neighbours: they are drawn in another way.
    """
    at_most, at_least = _redrawn((own[:, None], other[:, None]), rows, span, task, apart=task.apart)
    room.at_most[:], room.at_least[:] = at_most[:, 0], at_least[:, 0]


def _redrawn(
    values: tuple[Floats, Floats], rows: Rows, span: tuple[int, int], task: Any, *, apart: bool
) -> tuple[Integers, Integers]:
    own, other = values
    begin, end = span
    picks = _picks(np.diff(rows.start[begin : end + 1]), span, len(other), task)
    shape = (end - begin, own.shape[1])
    at_most, at_least = np.empty(shape, np.int64), np.empty(shape, np.int64)
    for row, zone in enumerate(range(begin, end)):
        mine, sums, observed = own[zone], np.zeros((task.permutations, shape[1])), np.zeros(shape[1])
        for step, link in enumerate(range(rows.start[zone], rows.start[zone + 1])):
            drawn, near, weight = other[picks[step, row]], other[rows.neighbour[link]], rows.weight[link]
            sums += weight * ((mine - drawn) ** 2 if apart else drawn)
            observed += weight * ((mine - near) ** 2 if apart else near)
        scale = np.ones_like(mine) if apart else mine
        difference, margin = scale * (sums - observed), task.tolerance * np.abs(scale)
        at_most[row], at_least[row] = (difference <= margin).sum(axis=0), (difference >= -margin).sum(axis=0)
    return at_most, at_least


def _picks(sizes: Integers, span: tuple[int, int], count: int, task: Any) -> NDArray[np.int32]:
    """Draw as many other zones as each zone has neighbours, anew for every permutation: by step, zone, permutation.

    A zone is drawn from all, and again where it is the zone itself or was drawn for this permutation already. One
    random word makes two draws; what is left of the last word is not used.
    """
    picks = np.zeros((int(sizes.max(initial=0)), sizes.size, task.permutations), np.int32)
    streams = _streams(task.key, *span)
    words = (sizes + 1) // 2
    for each in np.unique(words[words > 0]):
        rows = np.flatnonzero(words == each)
        few = _Few(streams[rows], rows + span[0], sizes[rows], count)
        picks[: int(few.sizes.max()), rows] = few.picks(int(each), task.permutations)
    return picks


class _Others(NamedTuple):
    """Permutations that draw anything again, by zone and the word at which they begin; -1: nothing is drawn again."""

    at: Integers
    drawn: NDArray[np.int32]


class _Few(NamedTuple):
    """Zones whose draws of one permutation take as many words of their streams, where none must be drawn again."""

    streams: Streams
    zones: Integers
    sizes: Integers
    among: int

    def picks(self, words: int, permutations: int) -> NDArray[np.int32]:
        """Draw for all permutations: by step, zone, permutation.

        Where a permutation begins depends on how often those before drew anything again. So each is made from every
        word that it might begin at, and then one leads to the next.
        """
        known = words * permutations
        while True:
            known += known // 8 + 8 * words
            drawn, taken, others = self._from_every_word(known, words)
            first = _one_to_the_next(taken, permutations)
            if first.max(initial=0) < known:
                break
        rows = np.arange(self.zones.size)[:, None]
        picks = np.stack([drawn[rows, 2 * first + step] for step in range(int(self.sizes.max()))])
        other = others.at[rows, first]
        return np.where(other < 0, picks, others.drawn[:, other])

    def _from_every_word(self, known: int, words: int) -> tuple[NDArray[np.int32], Integers, _Others]:
        """Return what halves of words draw, and how many words a permutation takes that begins at each."""
        rows = np.arange(self.zones.size)
        halves = np.arange(2 * (known + words))[None]
        drawn = np.concatenate([self._drawn(rows[begin:end, None], halves) for begin, end in spans(rows.size, BLOCK)])
        row, word = np.nonzero(self._drawn_twice(drawn, known))
        found, used = self._one_after_the_other(row, word)
        taken, at = np.full((rows.size, known), words), np.full((rows.size, known), -1)
        taken[row, word], at[row, word] = used, np.arange(row.size)
        return drawn, taken, _Others(at, np.column_stack([found, np.zeros(len(found), np.int32)]))

    def _drawn(self, rows: Integers, halves: Integers) -> NDArray[np.int32]:
        """Return which zone each half of a word draws; -1 where it must be drawn again whatever was drawn before."""
        bound = np.uint64(self.among)
        bits = _scrambled(self.streams[rows] + STEP * ((halves >> 1) + 1).astype(np.uint64))
        product = np.where(halves & 1, bits & LOW, bits >> HALF) * bound
        pick = (product >> HALF).astype(np.int32)
        refused = ((product & LOW) < np.uint64((1 << 32) % self.among)) | (pick == self.zones[rows])
        return np.where(refused, np.int32(-1), pick)

    def _drawn_twice(self, drawn: NDArray[np.int32], words: int) -> NDArray[np.bool_]:
        """Tell for every word whether a permutation that begins there must draw anything again."""
        found = np.zeros((len(drawn), words), np.bool_)
        for step in range(int(self.sizes.max())):
            pick = drawn[:, step : step + 2 * words : 2]
            twice = pick < 0
            for before in range(step):
                twice |= pick == drawn[:, before : before + 2 * words : 2]
            found |= twice & (self.sizes > step)[:, None]
        return found

    def _one_after_the_other(self, rows: Integers, word: Integers) -> tuple[NDArray[np.int32], Integers]:
        """Draw one permutation of some zones, each from a word of its stream; return how many words that took."""
        found = np.full((int(self.sizes.max()), rows.size), -1, np.int32)
        drawn, used = np.zeros(rows.size, np.int64), np.zeros(rows.size, np.int64)
        going, half = np.arange(rows.size), 0
        while going.size:
            pick = self._drawn(rows[going], 2 * word[going] + half)
            new = (pick >= 0) & (found[:, going] != pick).all(axis=0)
            of = going[new]
            found[drawn[of], of] = pick[new]
            drawn[of] += 1
            half += 1
            used[going] = (half + 1) // 2
            going = going[drawn[going] < self.sizes[rows[going]]]
        return found, used


def _one_to_the_next(taken: Integers, count: int) -> Integers:
    """Return the places at which so many begin in each row, each as far after the one before as that one takes."""
    rows, last = np.arange(len(taken)), taken.shape[1] - 1
    first = np.zeros((count, rows.size), np.int64)
    for number in range(count - 1):
        at = first[number]
        first[number + 1] = at + taken[rows, np.minimum(at, last)]
    return first.T
