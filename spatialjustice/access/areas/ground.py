"""The ground of streets: shared out once between points along them, and drawn for whatever is reached."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from spatialjustice._core.machine.compiled import kernel
from spatialjustice.access.areas import mesh as meshes
from spatialjustice.access.areas import outline, remnants, streets_by_square
from spatialjustice.access.areas.mesh import KEPT, TOUCHED, TRIANGLES, TURN, Mesh
from spatialjustice.network.routes.reached_streets import HAIR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.reached_streets import Pieces

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SPACING = 4.0
"""Metres between the points by which ground is shared out between streets."""

NEAR = 0.1
"""Metres from the end of an edge to its first such point, and from a cut to those before and behind it."""

REMNANT = 20.0
"""Metres of street not reached, all round which streets end or are reached, below which it is passed over."""

LATTICE = 2**30
"""Steps from one side of all streets to the other, to which points are rounded."""

GRAIN = 2.0**-20
"""Metres to whose multiples corners are rounded: by less they differ with what was asked before."""

ROUNDS = (32, 4)
"""Of the points that join the triangulation every so manieth goes first, so that triangles are small early."""

_GROUNDS: WeakKeyDictionary[Network, Ground] = WeakKeyDictionary()


class Rings(NamedTuple):
    """What was drawn for one limit."""

    corners: Floats  # in the network's CRS
    ends: Integers  # where each ring ends
    others: NDArray[np.bool_]  # whether ground of streets that are not reached lies along it
    close: Integers  # reached edges that others come close to, and the share of the edge
    close_at: Floats
    stretches: remnants.Stretches


def ground_of(network: Network, width: float) -> Ground:
    """Return the ground of a network, which is kept while the network is."""
    ground = _GROUNDS.get(network)
    if ground is None or 2 * width > ground.margin:
        ground = _GROUNDS[network] = Ground(network, width)
    return ground


@kernel
def marked(  # noqa: PLR0917 - numba hands arrays on faster one by one
    reached: remnants.Stretches,
    first: Integers,
    count: Integers,
    share: Floats,
    point: Any,
    seen: Integers,
    owner: Any,
    now: Any,
) -> Any:
    """Mark the points on what is reached, each once, and note on which edge they are reached."""
    some, size = np.empty(1024, np.int32), 0
    for i in range(reached.edge.size):
        e = reached.edge[i]
        for place in range(first[e], first[e] + count[e]):
            if reached.start[i] <= share[place] <= reached.end[i] and seen[point[place]] != now:
                seen[point[place]] = now
                owner[point[place]] = e
                if size == some.size:
                    some = np.concatenate((some, np.empty_like(some)))
                some[size] = point[place]
                size += 1
    return some[:size]


@kernel
def holding(reached: remnants.Stretches, edge: Integers, share: Floats) -> Any:
    """Tell of places on edges whether they are reached."""
    held = np.zeros(edge.size, np.bool_)
    for place in range(edge.size):
        number = remnants.first_of(reached, edge[place])
        while 0 <= number < reached.edge.size and reached.edge[number] == edge[place]:
            if reached.start[number] <= share[place] <= reached.end[number]:
                held[place] = True
            number += 1
    return held


@kernel
def street_of(mesh: Mesh, points: outline.Points, v: Any) -> Any:
    """Return the edge on which a point lies that came to the triangulation last: both its neighbours on it say so."""
    begin = np.int64(mesh.spoke[v])
    h = begin
    while True:
        a = np.int64(mesh.corner[mesh.twin[h]])
        g = begin
        while True:
            b = np.int64(mesh.corner[mesh.twin[g]])
            if points.edge[a] >= 0 and points.edge[a] == points.edge[b] and a != b:
                ax, ay = points.x[a] - points.x[v], points.y[a] - points.y[v]
                bx, by = points.x[b] - points.x[v], points.y[b] - points.y[v]
                if ax * bx + ay * by < 0 and abs(ax * by - ay * bx) < 1e-3 * np.hypot(ax - bx, ay - by):
                    return points.edge[a]
            g = np.int64(mesh.twin[meshes.preceding(g)])
            if g == begin:
                break
        h = np.int64(mesh.twin[meshes.preceding(h)])
        if h == begin:
            return -1


def stretches_of(pieces: Pieces, at: Integers) -> remnants.Stretches:
    """Join pieces that meet."""
    edge, start, end = pieces.edge, pieces.start, pieces.end
    new = np.ones(edge.size, bool)
    new[1:] = (edge[1:] != edge[:-1]) | (start[1:] - end[:-1] > HAIR)
    begin = np.flatnonzero(new)
    last = np.append(begin[1:], edge.size)[: begin.size] - 1
    edge, start, end = edge[begin], start[begin], end[last]
    at[edge[::-1]] = np.arange(edge.size)[::-1]
    return remnants.Stretches(edge, np.where(start > HAIR, start, 0.0), np.where(end < 1 - HAIR, end, 1.0), at)


class Ground:
    """Points along streets, triangulated square by square as they are asked for."""

    def __init__(self, network: Network, width: float) -> None:
        self.lock = threading.Lock()
        self.margin = 8 * width + 1000
        x, y = network.x, network.y
        self.low = np.array([x.min(), y.min()]) - self.margin
        self.extent = np.array([x.max(), y.max()]) + self.margin - self.low
        self.scale = 2.0 ** np.floor(np.log2(LATTICE / self.extent.max()))
        ends = [x[network.edge_u], y[network.edge_u], x[network.edge_v], y[network.edge_v]]
        self.ends = np.column_stack(ends).reshape(-1, 2, 2) - self.low
        self.length = np.hypot(*(self.ends[:, 1] - self.ends[:, 0]).T)
        self._join(network)
        columns, rows = self.ends[:, :, 0], self.ends[:, :, 1]
        box = np.column_stack([columns.min(1), columns.max(1), rows.min(1), rows.max(1)])
        self.streets = streets_by_square.streets_by_square(box, self.extent)
        self._begin()

    def _begin(self) -> None:
        """Begin without any point: at first, and after a question that was stopped on its way."""
        self.streets.here[:] = False
        self.streets.given[:] = (self.length == 0) | self.tiny
        self.count = np.zeros(self.length.size, np.int64)
        self.first = np.zeros(self.length.size, np.int64)
        self.at = np.zeros(self.length.size, np.int64)
        self.records = 0
        self.now = self.turn = 0
        self.width = 0.0
        self._make_room(int(np.ceil(self.length / SPACING).sum()) + 2 * self.length.size, self.extent)

    def _join(self, network: Network) -> None:
        """Find which edges meet at a place, dead ends, and streets that are remnants altogether."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        numbers = np.rint((np.column_stack([network.x, network.y]) - self.low) * 1000).astype(np.int64)
        places, place = np.unique(numbers @ [1 << 31, 1], return_inverse=True)
        pairs = np.column_stack([place[network.edge_u], place[network.edge_v]])
        long = np.flatnonzero(self.length > 0)
        both = pairs[long].ravel()
        order = np.argsort(both, kind="stable")
        first = np.concatenate([[0], np.cumsum(np.bincount(both, minlength=places.size))])
        size = 2 * self.length.size
        nothing = np.zeros(size, np.int64)
        self.joints = remnants.Joints(
            pairs.ravel(), first, long[order // 2], self.length, nothing, nothing.copy(), np.zeros(2, np.int64)
        )
        self.dead_end = (np.diff(first) == 1)[pairs]
        joined = coo_array((np.ones(long.size), tuple(pairs[long].T)), shape=(places.size, places.size))
        part = connected_components(joined, directed=False)[1][pairs[:, 0]]
        self.tiny = np.bincount(part, weights=self.length)[part] < REMNANT

    def _make_room(self, records: int, extent: Floats) -> None:
        """Reserve what all points need; what is not used takes no memory."""
        self.room = records + 4
        points = self.room + 4 * self.length.size + 100_000  # with those of one question
        self.share, self.point = np.empty(self.room), np.empty(self.room, np.int32)
        size = 2 * points + 2
        none = np.zeros(5, np.int64)
        whole = [np.empty(many, np.int32) for many in (points, points, points, 3 * size, 3 * size)]
        changes = [np.zeros(size, np.int32), np.empty(2 * size, np.int32), np.empty(12 * size, np.int32)]
        columns: list[Any] = [*whole, np.zeros(size, np.int8), *changes, none]
        self.mesh = Mesh(*columns)
        mesh = self.mesh
        east, north = (2 * np.ceil(extent * self.scale)).astype(np.int64).clip(max=2**31 - 1)
        mesh.x[:4], mesh.y[:4] = [0, east, east, 0], [0, 0, north, north]
        mesh.corner[:6], mesh.twin[:6] = [0, 1, 2, 0, 2, 3], [-1, -1, 3, 2, -1, -1]
        mesh.spoke[:4] = [0, 1, 2, 5]
        none[TRIANGLES] = 2
        floats, integers = [np.empty(points) for _ in range(4)], [np.empty(points, np.int32) for _ in range(2)]
        self.points = outline.Points(*floats[:2], *integers, *floats[2:])
        values: Any = zip(self.points, (0.0, 0.0, -1, -1, 0.0, 0.0), strict=True)
        for column, value in values:
            column[:4] = value
        self.points.x[:4], self.points.y[:4] = mesh.x[:4] / self.scale, mesh.y[:4] / self.scale
        self.reached, self.owner = np.zeros(points, np.int64), np.empty(points, np.int32)
        ink = np.zeros(3 * size, np.int32), np.zeros(3 * size, np.int32), np.empty(6 * points, np.int32)
        self.ink = outline.Ink(np.empty((0, 2)), *ink, np.zeros(4, np.int64))
        self.used = 4

    def _place(self, edge: Any, xy: Floats, node: Any, centre: Floats) -> Any:
        """Give points numbers and say what is known of them; they are not in the triangulation yet."""
        begin, self.used = self.used, self.used + len(xy)
        here = slice(begin, self.used)
        whole = np.rint(xy * self.scale).astype(np.int32)
        self.mesh.x[here], self.mesh.y[here] = whole.T
        self.points.x[here], self.points.y[here] = whole.T / self.scale
        self.points.edge[here], self.points.node[here] = edge, node
        self.points.centre_x[here], self.points.centre_y[here] = centre.T
        return np.arange(begin, self.used, dtype=np.int32)

    def _strewn(self, edges: Integers) -> tuple[Any, ...]:
        """Strew points along edges: evenly, and one beside each end, which in a dead end is the end itself."""
        middle = np.ceil(self.length[edges] / SPACING).astype(np.int64)
        count = middle + 2
        row = np.repeat(np.arange(edges.size), count)
        edge = edges[row]
        rank = np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count)
        near = np.minimum(NEAR, self.length[edges] / 4) / self.length[edges]
        ends = np.where(self.dead_end[edges], 0.0, near[:, None])
        share = (rank - 0.5) / middle[row]
        first, last = rank == 0, rank == count[row] - 1
        share[first], share[last] = ends[:, 0], 1 - ends[:, 1]
        xy = self.ends[edge, 0] * (1 - share[:, None]) + self.ends[edge, 1] * share[:, None]
        place = self.joints.place.reshape(-1, 2)[edge]
        node = np.where(first, place[:, 0], np.where(last, place[:, 1], -1))
        centre = np.where(first[:, None], self.ends[edge, 0], np.where(last[:, None], self.ends[edge, 1], xy))
        return edge, share, xy, node, centre, count

    def _grow(self, edges: Integers, width: float) -> None:
        """Let all streets that share ground with some edges join the triangulation."""
        more = streets_by_square.edges_around(self.streets, edges, int(np.ceil((2 * width + 1) / self.streets.side)))
        if not more.size:
            return
        edge, share, xy, node, centre, count = self._strewn(more)
        numbers = self._place(edge, xy, node, centre)
        here = slice(self.records, self.records + edge.size)
        self.share[here] = share
        self.first[more] = self.records + np.cumsum(count) - count
        self.count[more] = count
        merged = np.empty(self.used, np.int32)
        rest = numbers
        for step in ROUNDS:
            meshes.put_all(self.mesh, np.ascontiguousarray(rest[::step]), merged)
            rest = np.delete(rest, np.s_[::step])
        meshes.put_all(self.mesh, rest, merged)
        self.point[here] = merged[numbers]
        self.records += edge.size

    def rings(self, reached: list[tuple[Pieces, Floats]], width: float) -> list[Rings]:
        """Draw the ground within some width of what is reached, for each limit."""
        with self.lock:
            try:
                return self._asked(reached, width)
            except BaseException:  # a key that stops it, no memory: points may be half in or half out
                self._begin()
                raise

    def _asked(self, reached: list[tuple[Pieces, Floats]], width: float) -> list[Rings]:
        """Draw as asked; what only this question put in is taken out again."""
        if width != self.width:
            self.mesh.inside[:] = 0
            self.width = width
        edges = [pieces.edge for pieces, _ in reached]
        begins = np.concatenate([places for _, places in reached]) - self.low
        self._grow(np.concatenate([*edges, *self._edges_at(begins)]), width)
        state, used = self.mesh.state, self.used
        triangles = int(state[TRIANGLES])
        self.turn += 1
        state[TURN], state[KEPT], state[TOUCHED] = self.turn, triangles, 0
        drawn = self._each(reached, begins, width)
        meshes.restore(self.mesh, triangles, 0)
        state[TURN] = 0
        self.used = used
        return drawn

    def _edges_at(self, begins: Floats) -> list[Integers]:
        """Return edges of the squares in which places lie (those that share ground with a place lie around them)."""
        column, row = np.floor(begins / self.streets.side).astype(np.int64).T
        first, edges = self.streets.first, self.streets.edges
        square = column * self.streets.here.shape[1] + row
        return [edges[first[one] : first[one + 1]].astype(np.int64) for one in square]

    def _each(self, reached: list[tuple[Pieces, Floats]], begins: Floats, width: float) -> list[Rings]:
        stretches = [stretches_of(pieces, self.at) for pieces, _ in reached]
        edge, share = self._cut(stretches)
        xy = self.ends[edge, 0] * (1 - share[:, None]) + self.ends[edge, 1] * share[:, None]
        merged = np.empty(self.used + edge.size + len(begins), np.int32)
        self.ink.counts[3] = self.used
        at_cuts = self._place(edge, xy, -1, xy)
        meshes.put_all(self.mesh, at_cuts, merged)
        at_begins = self._place(-1, begins, -1, begins)
        meshes.put_all(self.mesh, at_begins, merged)
        for v in at_begins:
            if merged[v] == v:
                self.points.edge[v] = street_of(self.mesh, self.points, int(v))
        cuts = edge, share, merged[at_cuts]
        ends = np.cumsum([len(places) for _, places in reached])
        mine = np.split(merged[at_begins], ends[:-1])
        return [self._drawn(one, cuts, some, width) for one, some in zip(stretches, mine, strict=True)]

    def _cut(self, stretches: list[remnants.Stretches]) -> tuple[Integers, Floats]:
        """Return the places before and behind every cut, and those of streets that are remnants altogether."""
        edge = np.concatenate([np.concatenate([one.edge, one.edge]) for one in stretches])
        share = np.concatenate([np.concatenate([one.start, one.end]) for one in stretches])
        tiny = np.unique(edge[self.tiny[edge]])
        cut = (share > 0) & (share < 1)
        edge, share = edge[cut], share[cut]
        near = np.minimum(np.minimum(NEAR / self.length[edge], share / 2), (1 - share) / 2)
        edge, share = np.concatenate([edge, edge]), np.concatenate([share - near, share + near])
        if tiny.size:
            all_of, at, *_ = self._strewn(tiny)
            edge, share = np.concatenate([edge, all_of]), np.concatenate([share, at])
        return edge, share

    def _drawn(self, one: remnants.Stretches, cuts: tuple[Any, ...], begins: Any, width: float) -> Rings:
        self.now += 1
        self.at[one.edge[::-1]] = np.arange(one.edge.size)[::-1]
        some = marked(one, self.first, self.count, self.share, self.point, self.reached, self.owner, self.now)
        edge, share, point = cuts
        held = holding(one, edge, share)
        more = np.unique(np.concatenate([point[held], begins]))
        more = more[self.reached[more] != self.now]
        self.owner[begins], self.owner[point[held]] = self.points.edge[begins], edge[held]
        self.reached[more] = self.now
        some = np.concatenate([some, more.astype(np.int32)])
        gone = self._passed_over(one, cuts, held)
        state = self.mesh.state
        triangles, since = int(state[TRIANGLES]), int(state[TOUCHED])
        kept = int(state[KEPT])
        self.turn += 1
        state[TURN], state[KEPT] = self.turn, triangles
        meshes.take_all(self.mesh, gone)
        corners = np.empty((64 * some.size + 1024, 2))
        ink = self.ink._replace(corners=corners)
        ends, others, _ = outline.outlined(self.mesh, self.points, self.reached, some, ink, width, self.now)
        close = np.unique(self.mesh.corner[ink.close[: ink.counts[2]]])
        close = close[self.owner[close] >= 0]
        at = self.owner[close].astype(np.int64)
        along = self.ends[at, 1] - self.ends[at, 0]
        xy = np.column_stack([self.points.x[close], self.points.y[close]]) - self.ends[at, 0]
        share_of = (xy * along).sum(1) / np.maximum((along * along).sum(1), 1e-12)
        meshes.restore(self.mesh, triangles, since)
        state[KEPT] = kept
        drawn = np.rint(corners[: ink.counts[0]] / GRAIN) * GRAIN + self.low
        return Rings(drawn, ends, others, at, share_of, one)

    def _passed_over(self, one: remnants.Stretches, cuts: tuple[Any, ...], held: Any) -> Any:
        """Return the points on remnants."""
        found = remnants.remnants(one, self.joints, REMNANT)
        edge, share, point = cuts
        lost = [point[self.tiny[edge] & ~held]]
        if len(found):
            at = found[:, 0].astype(np.int64)
            row = np.repeat(np.arange(at.size), self.count[at])
            place = np.arange(row.size) - np.repeat(np.cumsum(self.count[at]) - self.count[at], self.count[at])
            place += self.first[at[row]]
            inside = (self.share[place] >= found[row, 1]) & (self.share[place] <= found[row, 2])
            lost.append(self.point[place[inside]])
            order = np.argsort(edge, kind="stable")
            low, high = (np.searchsorted(edge[order], at, side) for side in ("left", "right"))
            row = np.repeat(np.arange(at.size), high - low)
            place = order[np.arange(row.size) - np.repeat(np.cumsum(high - low) - (high - low), high - low) + low[row]]
            inside = (share[place] >= found[row, 1]) & (share[place] <= found[row, 2])
            lost.append(point[place[inside]])
        gone = np.unique(np.concatenate(lost))
        return gone[self.reached[gone] != self.now].astype(np.int32)
