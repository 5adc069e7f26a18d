"""Permutations by numpy, against streams and sums in plain Python whole numbers and floats, and the compiled loops."""

import numpy as np
import pytest

from spatialjustice._core.machine import compiled
from spatialjustice.inequality.space.shuffling import by_arrays, draws, kinds, permutation, together
from spatialjustice.inequality.space.shuffling.kinds import Rows

WORD = (1 << 64) - 1


def scrambled(state):
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & WORD
    return state ^ (state >> 31)


class Stream:
    """One stream of SplitMix64."""

    def __init__(self, key, number):
        self.state = scrambled(key ^ scrambled(number + 1))

    def word(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & WORD
        return scrambled(self.state)

    def below(self, bound):
        """Lemire's method."""
        while True:
            product = (self.word() >> 32) * bound
            if product % (1 << 32) >= (1 << 32) % bound:
                return product >> 32

    def others(self, zone, size, among):
        """Draw some other zones without replacement, two to a word."""
        found = []
        while len(found) < size:
            word = self.word()
            for half in (word >> 32, word % (1 << 32)):
                pick, low = divmod(half * among, 1 << 32)
                if low >= (1 << 32) % among and pick != zone and pick not in found and len(found) < size:
                    found.append(pick)
        return found


def linked(count, most, seed):
    """Zones with none to so many neighbours each, and weights that differ."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, most + 1, count)
    near = [rng.choice(np.delete(np.arange(count), zone), size, replace=False) for zone, size in enumerate(sizes)]
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Rows(start, np.concatenate(near).astype(np.int64), rng.random(start[-1])), rng.normal(size=(count, 4))


def test_many_draws_that_are_refused():
    """Of a bound of three thousand millions more than a quarter are."""
    bound, numbers = 3_000_000_000, range(50)
    streams = by_arrays._streams(7, 0, 50)
    drawn = [by_arrays._random_below(streams, bound).tolist() for _ in range(20)]
    plain = [Stream(7, number) for number in numbers]
    assert drawn == [[stream.below(bound) for stream in plain] for _ in range(20)]


@pytest.mark.parametrize("count", [1, 2, 7, 60])
def test_permutations_of_zones(count):
    places = np.empty((30, count), np.int32)
    by_arrays.draw(places, 5, 11, np.empty(1, np.uint64))
    for number, row in enumerate(places.tolist(), start=5):
        stream, zones = Stream(11, number), list(range(count))
        for step in range(count - 1):
            pick = step + stream.below(count - step)
            zones[pick], zones[step] = zones[step], zones[pick]
        assert row == zones


@pytest.mark.parametrize(("count", "most"), [(3, 1), (9, 4), (40, 7), (500, 6)])
def test_neighbours_drawn_anew(count, most):
    """Among nine zones almost every permutation draws one again, among 500 hardly any."""
    sizes = np.diff(linked(count, most, seed=count)[0].start)
    task = kinds.Task(60, 13, 0.0, apart=False)
    begin, end = 1, count - 1
    picks = by_arrays._picks(sizes[begin:end], (begin, end), count, task)
    for row, zone in enumerate(range(begin, end)):
        stream = Stream(13, zone)
        for number in range(60):
            assert picks[: sizes[zone], row, number].tolist() == stream.others(zone, sizes[zone], count)


@pytest.mark.parametrize(("count", "most"), [(9, 4), (120, 8)])
def test_counts_and_sums_are_those_of_the_compiled_loops(count, most):
    rows, values = linked(count, most, seed=1)
    own, other = values[:, 0].copy(), values[:, 1].copy()
    places = draws.shuffles(count, permutations=50, seed=3)(0, 50)
    task = together._Task(50, 17, 1e-12 * np.abs(values).max(axis=0))
    span = (1, count - 1)

    def counts(ask, *, apart):
        room = permutation._room(count, most, 50, span[1] - span[0])
        ask(own, other, rows, span, kinds.Task(50, 17, 1e-12, apart), room)
        return room.at_most, room.at_least

    found = [
        (together._shuffled_together(values, rows, places),) * 2,
        together._redrawn_together(values, rows, *span, task),
        *(counts(permutation._conditional, apart=apart) for apart in (False, True)),
        *((permutation._shuffled(own, other, rows, places, 8, (apart, False)),) * 2 for apart in (False, True)),
    ]
    again = [
        (by_arrays.shuffled_together(values, rows, places),) * 2,
        by_arrays.redrawn_together(values, rows, *span, task),
        *(counts(by_arrays.conditional, apart=apart) for apart in (False, True)),
        *((by_arrays.shuffled(own, other, rows, places, 8, (apart, False)),) * 2 for apart in (False, True)),
    ]
    for one, two in zip(found, again, strict=True):
        assert [part.tobytes() for part in one] == [part.tobytes() for part in two]


@pytest.mark.parametrize("most", [4, 8])
def test_either_way_gives_the_same_counts(most, monkeypatch):
    """Where a zone has more than half of the others as neighbours, numpy leaves the drawing to the loops."""
    rows, values = linked(9, most, seed=2)
    own, asked = values[:, 0].copy(), {"permutations": 99, "seed": 4}
    expected = permutation.conditional_counts(own, own, rows, **asked)
    chosen = []

    def plainly(kernel, steps, instead=None):
        assert steps > 0
        chosen.append(instead)
        return instead or compiled.as_written(kernel)

    monkeypatch.setattr(permutation, "for_steps", plainly)
    found = permutation.conditional_counts(own, own, rows, **asked)
    assert chosen == [by_arrays.conditional if most == 4 else None]
    assert [part.tolist() for part in found] == [part.tolist() for part in expected]
