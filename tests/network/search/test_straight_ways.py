"""Ways that a tree finds, against every pair compared: the same bits, in the same order."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice._core.ground.metres import RADIUS, length_on_ground, on_ellipsoid
from spatialjustice.network.arrays import rounded_to_grid
from spatialjustice.network.search import straight_ways
from spatialjustice.network.search.straight_ways import StraightWays


def by_hand(ways):
    """Return the length from every point to every place: by hypot of two numbers at a time."""
    places = np.unique(ways.place)
    found = np.full((len(ways.here), len(places)), np.inf)
    for row, start in enumerate(ways.here):
        for place, end in zip(ways.place, ways.entrances, strict=True):
            apart = start - end
            metres = np.hypot(apart[0], apart[1])
            if len(start) > 2:
                metres = length_on_ground(np.hypot(metres, apart[2]))
            column = np.searchsorted(places, place)
            found[row, column] = min(found[row, column], rounded_to_grid(metres))
    return places, found


def drawn(rng, *, on_earth):
    """Draw points and entrances with many ties, some at the same spot; a place may have several entrances."""
    here, there = (rng.integers(0, 6, (rng.integers(1, 25), 2)) * 100.0 for _ in range(2))
    if rng.random() < 0.5:
        here, there = here + rng.normal(0, 30, here.shape), there + rng.normal(0, 30, there.shape)
    place = np.sort(rng.integers(0, max(1, len(there) // int(rng.integers(1, 4))), len(there)))
    if rng.random() < 0.5:
        place = np.arange(len(there))
    if on_earth:
        here, there = (on_ellipsoid(50 + xy[:, 0] / 100, 30 + xy[:, 1] / 100) for xy in (here, there))
    return StraightWays(here, there, place.astype(np.int32))


@pytest.mark.parametrize("on_earth", [False, True], ids=["flat", "on the ellipsoid"])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_tree_changes_no_bit(seed, on_earth, monkeypatch):
    rng = np.random.default_rng(seed)
    monkeypatch.setattr(straight_ways, "ROOM", int(rng.integers(1, 60)))
    monkeypatch.setattr(straight_ways, "DENSE", int(rng.choice([0, 1, 8])))
    ways = drawn(rng, on_earth=on_earth)
    places, truth = by_hand(ways)
    # A limit that is somebody's distance to the bit, or any.
    limit = float(rng.choice(truth.ravel())) if rng.random() < 0.5 else float(rng.uniform(0, truth.max() + 1))
    blocks = list(ways.within(limit))
    assert sum(block[0] for block in blocks) == len(ways.here)
    rows, columns = np.nonzero(truth <= limit)
    assert np.concatenate([block[1] for block in blocks]).tolist() == rows.tolist()
    assert np.concatenate([block[2] for block in blocks]).tolist() == places[columns].tolist()
    assert np.concatenate([block[3] for block in blocks]).tolist() == truth[truth <= limit].tolist()
    counted = ways.count_within(limit)
    if counted is not None:
        assert counted.tolist() == (truth <= limit).sum(axis=1).tolist()
    count = int(rng.integers(1, 8))
    lengths, numbers = ways.nearest(count)
    order = np.argsort(truth, axis=1, kind="stable")[:, :count]
    kept = order.shape[1]
    assert lengths[:, :kept].tolist() == np.take_along_axis(truth, order, axis=1).tolist()
    assert numbers[:, :kept].tolist() == places[order].tolist()
    assert (numbers[:, kept:] == -1).all()
    assert np.isinf(lengths[:, kept:]).all()


def test_counting_names_no_pair_where_no_place_is_at_the_limit(monkeypatch):
    rng = np.random.default_rng(1)
    ways = StraightWays(rng.uniform(0, 1e5, (200, 2)), rng.uniform(0, 1e5, (300, 2)), np.arange(300, dtype=np.int32))
    truth = by_hand(ways)[1]
    monkeypatch.setattr(StraightWays, "within", None)
    assert ways.count_within(20_000.0).tolist() == (truth <= 20_000).sum(axis=1).tolist()


def test_a_limit_around_the_earth_holds_everything():
    ways = StraightWays(
        on_ellipsoid(np.array([0.0]), np.array([0.0])),
        on_ellipsoid(np.array([179.0, 10.0]), np.array([1.0, 0.0])),
        np.arange(2, dtype=np.int32),
    )
    assert ways.count_within(4 * RADIUS) is None
    assert [block[2].tolist() for block in ways.within(4 * RADIUS)] == [[0, 1]]
