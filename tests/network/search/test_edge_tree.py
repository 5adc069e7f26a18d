"""Nearest edges and edges in a box, beside shapely: its distances to every edge, and its own tree."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice.network import from_osm
from spatialjustice.network.search.edge_tree import tree_of_edges
from spatialjustice.network.search.joining import nearest_edges

ON_IT = 0.01


def segments(x, y, u, v):
    return shapely.linestrings(np.column_stack([x[u], y[u], x[v], y[v]]).reshape(-1, 2, 2))


def by_distances(lines, rows, points):
    """The nearest of some edges by the distances of all of them; the first of equal ones; -1 where there is none."""
    if not rows.size:
        return np.full(len(points), -1)
    return rows[shapely.distance(points[:, None], lines[rows][None, :]).argmin(axis=1)]


def placed(x, y, u, v, edge, xy):
    """The places along edges that are nearest to points: fraction, metres and coordinates."""
    start = np.column_stack([x, y])[u[edge]]
    way = np.column_stack([x, y])[v[edge]] - start
    squared = way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1]
    ahead = (xy[:, 0] - start[:, 0]) * way[:, 0] + (xy[:, 1] - start[:, 1]) * way[:, 1]
    fraction = np.divide(ahead, squared, out=np.zeros(len(xy)), where=squared > 0).clip(0, 1)
    there = start + fraction[:, None] * way
    away = np.sqrt((xy[:, 0] - there[:, 0]) ** 2 + (xy[:, 1] - there[:, 1]) ** 2)
    return fraction, np.where(edge < 0, np.inf, away), there[:, 0], there[:, 1]


@st.composite
def streets(draw):
    """Streets on a coarse grid, so that many are equally near: parallel ones, loops of no length, islands."""
    size = draw(st.sampled_from([3, 7, 40]))
    nodes = draw(st.integers(2, 60))
    edges = draw(st.integers(1, 150))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x, y = random.integers(0, size, (2, nodes)) * 1.0
    u, v = random.integers(0, nodes, (2, edges)).astype(np.int32)
    apart = random.random(edges) < draw(st.sampled_from([0.0, 0.2, 0.9, 1.0]))
    middles = np.column_stack([x[u] + x[v], y[u] + y[v]])[:20] / 2
    around = random.integers(-4 * size, 8 * size, (40, 2)) / 4
    far = random.normal(0, 1e6, (4, 2)).round(3)
    return x, y, u, v, apart, np.concatenate([around, middles, np.column_stack([x, y]), far])


@given(streets())
@settings(max_examples=150, deadline=None)
def test_nearest_edges_are_those_of_all_distances(made):
    x, y, u, v, apart, xy = made
    found = nearest_edges(tree_of_edges(x, y, u, v), apart, xy, on_it=ON_IT)
    lines, points = segments(x, y, u, v), shapely.points(xy)
    joined, beyond = (by_distances(lines, np.flatnonzero(kind), points) for kind in (~apart, apart))
    places = [placed(x, y, u, v, edge, xy) for edge in (joined, beyond)]
    nearer = places[1][1] < places[0][1]
    on = nearer & (places[1][1] <= ON_IT)
    assert found.edge.tolist() == np.where(on, beyond, joined).tolist()
    assert found.refused.tolist() == (nearer & ~on).tolist()
    fraction, _, *there = (np.where(on, two, one) for one, two in zip(*places, strict=True))
    offset = np.where(on | apart.all(), places[1][1], places[0][1])
    some = found.edge >= 0
    assert found.offset.tobytes() == offset.tobytes()
    assert found.fraction[some].tobytes() == fraction[some].tobytes()
    assert [found.x[some].tobytes(), found.y[some].tobytes()] == [one[some].tobytes() for one in there]


@given(streets())
@settings(max_examples=50, deadline=None)
def test_edges_in_a_box(made):
    x, y, u, v, _, xy = made
    tree = tree_of_edges(x, y, u, v)
    low_x, high_x = np.minimum(x[u], x[v]), np.maximum(x[u], x[v])
    low_y, high_y = np.minimum(y[u], y[v]), np.maximum(y[u], y[v])
    for one, other in zip(xy[:-1:9], xy[1::9], strict=False):
        shape = shapely.LineString([one, other])
        left, lower, right, upper = shape.bounds
        meets = (low_x <= right) & (high_x >= left) & (low_y <= upper) & (high_y >= lower)
        assert tree.query(shape).tolist() == np.flatnonzero(meets).tolist()


@pytest.fixture(scope="module")
def sao_paulo(shared_data):
    return from_osm(shared_data("sao_paulo/spo_osm.pbf"), mode="drive")


def test_a_city_as_in_shapelys_tree(sao_paulo):
    """At nodes, where several edges end, in the middle of edges, and around them."""
    network = sao_paulo
    u, v = network.edge_u, network.edge_v
    random = np.random.default_rng(1)
    node, edge = random.integers(0, network.x.size, 3000), random.integers(0, u.size, 3000)
    at_nodes = np.column_stack([network.x, network.y])[node]
    middles = np.column_stack([network.x[u] + network.x[v], network.y[u] + network.y[v]])[edge] / 2
    xy = np.concatenate([at_nodes, middles, at_nodes + random.normal(0, 100, at_nodes.shape)]).round(3)
    none = np.zeros(u.size, bool)
    found = nearest_edges(network._tree, none, xy, on_it=ON_IT)
    point, line = shapely.STRtree(segments(network.x, network.y, u, v)).query_nearest(shapely.points(xy))
    order = np.lexsort((line, point))
    first = order[np.unique(point[order], return_index=True)[1]]
    assert found.edge.tolist() == line[first].tolist()
    upside_down = nearest_edges(network._tree, none, xy[::-1].copy(), on_it=ON_IT)
    for one, other in zip(found, upside_down, strict=True):
        assert one.tobytes() == other[::-1].tobytes(), "where the last point went decides nothing"


def test_points_in_any_number_of_threads(sao_paulo, monkeypatch):
    random = np.random.default_rng(2)
    node = random.integers(0, sao_paulo.x.size, 140_000)
    xy = np.column_stack([sao_paulo.x, sao_paulo.y])[node] + random.normal(0, 30, (node.size, 2))
    answers = []
    for threads in ("1", "3"):
        monkeypatch.setenv("SPATIALJUSTICE_THREADS", threads)
        answers.append(nearest_edges(sao_paulo._tree, np.asarray(sao_paulo.apart), xy, on_it=ON_IT))
    for one, other in zip(*answers, strict=True):
        assert one.tobytes() == other.tobytes()
