"""Points brought to their edges by numpy, against the compiled search of the tree and against GEOS."""

import numpy as np
import pytest
import shapely

from spatialjustice.network.search import edge_tree, joining, nearest_by_arrays
from spatialjustice.network.search.edge_tree import Snapped, tree_of_edges

ON_IT = 60.0


def edges_and_points(seed, *, on_a_grid):
    """Edges between nodes nearby, of which some are points; on a grid many are equally near."""
    rng = np.random.default_rng(seed)
    nodes, edges, points = (int(rng.integers(*sizes)) for sizes in ((2, 300), (1, 700), (1, 200)))
    (x, y), xy = rng.uniform(0, 1000, (2, nodes)), rng.uniform(-200, 1200, (points, 2))
    if on_a_grid:
        x, y, xy = np.round(x / 100) * 100, np.round(y / 100) * 100, np.round(xy / 50) * 50
    u = rng.integers(0, nodes, edges).astype(np.int32)
    v = np.clip(u + rng.integers(-3, 4, edges), 0, nodes - 1).astype(np.int32)
    return (x, y, u, v), xy, rng.random(edges)


def room(count):
    return Snapped(np.empty(count, np.int32), *(np.empty(count) for _ in range(4)), np.zeros(count, bool))


@pytest.mark.parametrize("share_apart", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("on_a_grid", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_bits_are_those_of_the_compiled_search(seed, on_a_grid, share_apart, monkeypatch):
    monkeypatch.setattr(nearest_by_arrays, "BLOCK", 64)
    edges, xy, chance = edges_and_points(seed, on_a_grid=on_a_grid)
    tree, apart = tree_of_edges(*edges), chance < share_apart
    every = bool(apart.all())
    apart = edge_tree.read_only(apart if apart.any() else apart[:0])
    compiled, by_arrays = room(len(xy)), room(len(xy))
    joining._join(tree, apart, every, xy, compiled, ON_IT)
    nearest_by_arrays.join(tree, apart, every, xy, by_arrays, ON_IT)
    for name, one, other in zip(Snapped._fields, compiled, by_arrays, strict=True):
        assert one.tobytes() == other.tobytes(), name


@pytest.mark.parametrize("on_a_grid", [False, True])
def test_edges_are_the_first_of_the_nearest_that_geos_knows(on_a_grid):
    (x, y, u, v), xy, _ = edges_and_points(11, on_a_grid=on_a_grid)
    lines = shapely.linestrings(np.stack([np.column_stack([x[u], y[u]]), np.column_stack([x[v], y[v]])], axis=1))
    metres = shapely.distance(shapely.points(xy)[:, None], lines[None])
    found = room(len(xy))
    nearest_by_arrays.join(tree_of_edges(x, y, u, v), np.zeros(0, bool), False, xy, found, ON_IT)
    assert found.edge.tolist() == metres.argmin(axis=1).tolist()
    assert np.allclose(found.offset, metres.min(axis=1), rtol=0, atol=1e-9)
    assert not found.refused.any()
