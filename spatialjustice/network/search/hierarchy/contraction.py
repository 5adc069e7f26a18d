"""Contraction: junctions are taken out of the network one by one, and shortcuts keep all ways as cheap as they were.

A junction with few neighbours is taken out first (George & Liu 1989, "The evolution of the minimum degree ordering
algorithm"), and of those with equally many the one that stands on the fewest others, so that the hierarchy stays low.
Between any two of its neighbours a shortcut remains that costs no more than the way through it. This is a contraction
hierarchy without a search for other ways (Dibbelt, Strasser & Wagner 2016, "Customizable contraction hierarchies");
shortcuts that are not needed are found afterwards, from the top, and left out (:func:`cheapest_shortcuts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.search.shortest_paths import Floats, Graph, Integers

    Long = NDArray[np.int64]


ROOM = 5
"""As many links as there are at first have room in the beginning; twice as many where that was not enough."""


class Links(NamedTuple):
    """Who is joined to whom: links of node i are ``begin[i]`` up to ``begin[i] + size[i]``; room for more behind."""

    begin: Long
    size: Long
    room: Long
    other: Integers
    out: Floats  # cost to the other node
    back: Floats  # cost from there


def contracted(graph: Graph) -> tuple[Integers, Links]:
    """Take out all junctions; return the order in which that was done, and each one's links to those after it."""
    room = ROOM
    while True:
        links = _links(graph, room)
        order = np.empty(links.size.size, np.int32)
        if contract(links, _waiting(links.size.size), order):
            return order, links
        room *= 2


def _links(graph: Graph, room: int) -> Links:
    """Join every pair of neighbours once, by the cheapest of the arcs between them in each direction."""
    nodes = graph.start.size - 1
    tail = np.repeat(np.arange(nodes, dtype=np.int64), np.diff(graph.start))
    leads = tail != graph.head  # anywhere: an arc back to where it began is on no cheapest way
    tail, head, cost = tail[leads], graph.head[leads].astype(np.int64), graph.cost[leads]
    pair, at = np.unique(np.concatenate([tail * nodes + head, head * nodes + tail]), return_inverse=True)
    out, back = np.full(pair.size, np.inf), np.full(pair.size, np.inf)
    np.minimum.at(out, at[: tail.size], cost)
    np.minimum.at(back, at[tail.size :], cost)
    size = np.bincount(pair // max(nodes, 1), minlength=nodes).astype(np.int64)
    spare = np.zeros(pair.size * (room - 1) + 64 * room)
    return Links(
        begin=np.cumsum(size) - size,
        size=size,
        room=size.copy(),
        other=np.concatenate([pair % max(nodes, 1), spare]).astype(np.int32),
        out=np.concatenate([out, spare]),
        back=np.concatenate([back, spare]),
    )


def _waiting(nodes: int) -> NDArray[np.int32]:
    """Make room for the queue and what is known of each node: see :func:`contract`."""
    return np.full((6, 2 * nodes + 2), -1, np.int32)


@kernel_part
def _enqueue(node: int, key: int, waiting: Integers) -> None:
    """Put a node in front of those that wait with the same key."""
    after = waiting[0, key]
    waiting[1, node] = after
    waiting[2, node] = -1
    waiting[3, node] = key
    if after >= 0:
        waiting[2, after] = node
    waiting[0, key] = node


@kernel_part
def _dequeue(node: int, waiting: Integers) -> None:
    """Take a node out of the queue."""
    before, after = waiting[2, node], waiting[1, node]
    if before >= 0:
        waiting[1, before] = after
    else:
        waiting[0, waiting[3, node]] = after
    if after >= 0:
        waiting[2, after] = before


@kernel_part
def _with_room(links: Links, node: int, most: int, used: int) -> int:
    """Move a node's links to the end where there is no room for ``most``; return the end, or -1 where it is full."""
    begin, size, room = links.begin, links.size, links.room
    if most <= room[node]:
        return used
    more = most + most // 2
    if used + more > links.other.size:
        return -1
    for index in range(size[node]):
        old = begin[node] + index
        links.other[used + index], links.out[used + index] = links.other[old], links.out[old]
        links.back[used + index] = links.back[old]
    begin[node], room[node] = used, more
    return used + more


@kernel_part
def _join_past(links: Links, gone: int, link: int, place: Integers) -> None:
    """Take the node that goes out of the links of one neighbour, and join that to the others.

    ``link`` is the one from the node that goes; ``place`` is -1 everywhere, and becomes so again.
    """
    other, out, back = links.other, links.out, links.back
    node = other[link]
    start, end = links.begin[node], links.begin[node] + links.size[node]
    for index in range(start, end):
        place[other[index]] = index
    # The last link takes the place of the one to the node that goes.
    end -= 1
    free = place[gone]
    other[free], out[free], back[free] = other[end], out[end], back[end]
    place[other[free]] = free
    place[gone] = -1
    for beyond in range(links.begin[gone], links.begin[gone] + links.size[gone]):
        third = other[beyond]
        if third == node:
            continue
        there, return_ = back[link] + out[beyond], back[beyond] + out[link]
        index = place[third]
        if index < 0:
            other[end], out[end], back[end] = third, there, return_
            end += 1
        else:
            out[index] = min(out[index], there)
            back[index] = min(back[index], return_)
    links.size[node] = end - start
    for index in range(start, end):
        place[other[index]] = -1


@kernel
def contract(links: Links, waiting: Integers, order: Integers) -> bool:
    """Take out the nodes, those with the lowest key first, and write the order; False where links find no room.

    The key is the number of neighbours and the level, that is one more than that of the highest node taken out beside
    it. Rows of ``waiting``: the first node with each key; the next node with the same key, the one before, the key;
    level; where the node at hand has its link to each other.
    """
    level = waiting[4]
    begin, size, other = links.begin, links.size, links.other
    nodes = size.size
    used = int(begin[nodes - 1] + size[nodes - 1])
    level[:] = 0
    for node in range(nodes - 1, -1, -1):
        _enqueue(node, size[node], waiting)
    key = 0
    for step in range(nodes):
        while waiting[0, key] < 0:
            key += 1
        gone = int(waiting[0, key])
        _dequeue(gone, waiting)
        order[step] = gone
        for link in range(begin[gone], begin[gone] + size[gone]):
            node = int(other[link])
            used = _with_room(links, node, size[node] + size[gone] - 2, used)
            if used < 0:
                return False
            _join_past(links, gone, link, waiting[5])
            level[node] = max(level[node], level[gone] + 1)
            _dequeue(node, waiting)
            now = int(size[node] + level[node])
            _enqueue(node, now, waiting)
            key = min(key, now)
    return True


@kernel
def cheapest_shortcuts(start: Long, upper: Integers, out: Floats, back: Floats, place: Long) -> None:
    """Lower the cost of every link to that of the cheapest way there is, through higher nodes: from the top.

    Nodes are numbered from the top, so that ``upper`` is lower than the node; ``place`` is -1 everywhere.
    """
    for node in range(start.size - 1):
        first, last = start[node], start[node + 1]
        for link in range(first, last):
            place[upper[link]] = link
        for link in range(first, last):
            for third in range(start[upper[link]], start[upper[link] + 1]):
                other = place[upper[third]]
                if other < 0:
                    continue
                out[other] = min(out[other], out[link] + out[third])
                back[other] = min(back[other], back[third] + back[link])
                out[link] = min(out[link], out[other] + back[third])
                back[link] = min(back[link], out[third] + back[other])
        for link in range(first, last):
            place[upper[link]] = -1


@kernel
def number_from_the_top(above: Long, below: Long, top: Long) -> None:
    """Give numbers to nodes so that each is followed by all that stand on it.

    ``above`` gives a later node for each, or -1; ``below`` begins as 1 for each and ends as the next free number.
    """
    nodes = above.size
    for node in range(nodes):
        if above[node] >= 0:
            below[above[node]] += below[node]
    free = 0
    for node in range(nodes - 1, -1, -1):
        over, many = above[node], below[node]
        if over < 0:
            top[node] = free
            free += many
        else:
            top[node] = below[over]
            below[over] += many
        below[node] = top[node] + 1
