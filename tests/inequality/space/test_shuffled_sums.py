"""Sums over all links for each permutation, against the same sums written out link by link."""

import numpy as np
import pytest

from spatialjustice.inequality.space.shuffling import permutation
from spatialjustice.inequality.space.shuffling.draws import shuffles
from spatialjustice.inequality.space.shuffling.kinds import Rows
from spatialjustice.inequality.space.shuffling.permutation import shuffled_sums


def linked(count, rng):
    """Zones with none to five neighbours each, and weights that differ."""
    sizes = rng.integers(0, 6, count)
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Rows(start, rng.integers(0, count, start[-1]).astype(np.int64), rng.random(start[-1]))


def one_by_one(own, other, rows, *, permutations, seed, apart):
    """The sums in plain Python floats, in the order of zones and of their links."""
    found = []
    for place in shuffles(len(own), permutations=permutations, seed=seed)(0, permutations):
        total = 0.0
        for zone in range(len(own)):
            mine, around = own[place[zone]], 0.0
            for link in range(rows.start[zone], rows.start[zone + 1]):
                there = other[place[rows.neighbour[link]]]
                around += rows.weight[link] * ((mine - there) * (mine - there) if apart else there)
            total += around if apart else mine * around
        found.append(total)
    return np.array(found)


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("permutations", [1, 8, 31, 32, 33, 70])
def test_each_permutation_has_its_own_sum_to_the_last_bit(permutations, apart, same):
    rng = np.random.default_rng(permutations)
    own, rows = rng.normal(size=23), linked(23, rng)
    other = own if same else rng.normal(size=23)
    asked = {"permutations": permutations, "seed": 4, "apart": apart}
    assert shuffled_sums(own, other, rows, **asked).tolist() == one_by_one(own, other, rows, **asked).tolist()


@pytest.mark.parametrize("room", [1, 23 * 8 * 17, 10**9])
def test_how_many_go_side_by_side_changes_no_bit(room, monkeypatch):
    """Where there are very many zones, fewer permutations go through the links side by side."""
    rng = np.random.default_rng(1)
    own, rows = rng.normal(size=23), linked(23, rng)
    expected = one_by_one(own, own, rows, permutations=50, seed=2, apart=False)
    monkeypatch.setattr(permutation, "LANES_BYTES", room)
    monkeypatch.setattr(permutation, "PIECE", room)
    assert shuffled_sums(own, own, rows, permutations=50, seed=2).tolist() == expected.tolist()
