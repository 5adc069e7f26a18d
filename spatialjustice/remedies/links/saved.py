"""What each possible link saves: a search backwards from its far end, only as far as ways get shorter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.machine.compiled import kernel, kernel_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


class Ways(NamedTuple):
    """The ways that lead to each node, what it costs from there, and the zones that leave by it.

    Those that lead to node x come from ``tail[first[x]:first[x + 1]]`` at ``cost``; zones ``zone[at[x]:at[x + 1]]``
    leave by it at ``leg``. ``away`` is the cost from each node, ``base`` that of each zone, as they are.
    """

    first: Integers
    tail: Integers
    cost: Floats
    away: Floats
    at: Integers
    zone: Integers
    leg: Floats
    base: Floats
    people: Floats


def saved(ways: Ways, far: Integers, through: Floats) -> tuple[Floats, Floats]:
    """Return what each link saves all people together, and how many it gives a way who had none.

    ``through`` is what it costs from the far end by the link: its length and the cost from its near end.
    """
    gain, joined = np.zeros(far.size), np.zeros(far.size)
    room = (
        np.full(ways.away.size, np.inf),
        np.empty(ways.cost.size + 1),
        np.empty(ways.cost.size + 1, np.int64),
        np.full(ways.base.size, np.inf),
        np.empty(ways.base.size, np.int64),
        np.empty(ways.away.size, np.int64),
    )
    _saved(*ways, far.astype(np.int64), through, *room, gain, joined)
    return gain, joined


@kernel_part
def _push(keys: Floats, nodes: Integers, size: int, key: float, node: int) -> None:
    """Put a node on the heap."""
    place = size
    while place > 0:
        above = (place - 1) >> 1
        if keys[above] <= key:
            break
        keys[place], nodes[place] = keys[above], nodes[above]
        place = above
    keys[place], nodes[place] = key, node


@kernel_part
def _pop(keys: Floats, nodes: Integers, size: int) -> None:
    """Take the first off a heap of so many, which is then one shorter."""
    key, node = keys[size - 1], nodes[size - 1]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size - 1:
            break
        if below + 1 < size - 1 and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[place], nodes[place] = keys[below], nodes[below]
        place = below
    keys[place], nodes[place] = key, node


@kernel
def _saved(  # noqa: PLR0912, PLR0913, PLR0917 (a kernel takes its arrays one by one)
    first: Integers,
    tail: Integers,
    cost: Floats,
    away: Floats,
    at: Integers,
    zone: Integers,
    leg: Floats,
    base: Floats,
    people: Floats,
    far: Integers,
    through: Floats,
    best: Floats,
    keys: Floats,
    nodes: Integers,
    shorter: Floats,
    met: Integers,
    seen: Integers,
    gain: Floats,
    joined: Floats,
) -> None:
    for link in range(far.size):
        count, zones, size = 0, 0, 0
        best[far[link]] = through[link]
        seen[count] = far[link]
        count += 1
        _push(keys, nodes, size, through[link], far[link])
        size += 1
        while size:
            here, node = keys[0], nodes[0]
            _pop(keys, nodes, size)
            size -= 1
            if here > best[node]:
                continue
            for row in range(at[node], at[node + 1]):
                one = zone[row]
                if here + leg[row] < min(base[one], shorter[one]):
                    if shorter[one] == np.inf:
                        met[zones] = one
                        zones += 1
                    shorter[one] = here + leg[row]
            for arc in range(first[node], first[node + 1]):
                other = tail[arc]
                # Where ways do not get shorter, none behind does: nobody there would come this way.
                if other < away.size and here + cost[arc] < min(away[other], best[other]):
                    if best[other] == np.inf:
                        seen[count] = other
                        count += 1
                    best[other] = here + cost[arc]
                    _push(keys, nodes, size, best[other], other)
                    size += 1
        for place in range(zones):
            one = met[place]
            if base[one] == np.inf:
                joined[link] += people[one]
            else:
                gain[link] += people[one] * (base[one] - shorter[one])
            shorter[one] = np.inf
        for place in range(count):
            best[seen[place]] = np.inf
