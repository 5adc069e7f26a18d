"""Graphs in which some streets may not follow others.

A junction with a forbidden turn becomes several nodes: one to arrive at for every street that leads there, one to leave
from for every street that leads away, and arcs that cost nothing for the turns that are allowed. Where a turn is
forbidden over streets between, what was passed is remembered along these by nodes of their own. All other junctions
stay what they are. How long a way must be remembered is found as texts are searched for many words at once (A. V. Aho
and M. J. Corasick, 1975, Communications of the ACM 18(6), 333-340).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.int32]
    Path = tuple[int, ...]

NO_STREET = -1


class Turning(NamedTuple):
    """Nodes and arcs of a graph over streets that are passed from a to b, or from b to a: twice as many as streets.

    Street i is number i from a to b, and i + count from b to a.
    """

    nodes: int  # junctions come first
    leave: Integers  # per street and direction: the node from which it is passed
    arrive: Integers  # the node at which one comes out
    enter: Integers  # the node at which one is who wants to somewhere along it
    tail: Integers  # of further arcs
    head: Integers
    over: NDArray[np.int32]  # the one or two streets that an arc passes, one row each; NO_STREET for none
    junction: Integers  # those with forbidden turns, rising
    start: Integers  # for each of them: the node of who sets out there, free to go anywhere
    end: Integers  # the node of who wants to there
    place: Integers  # the junction that each node belongs to


class _Words:
    """What must be remembered of the streets passed: the longest end that begins a forbidden way."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.onward: list[dict[int, int]] = [{}]
        self.length, self.full = [0], [False]
        for path in paths:
            state = 0
            for street in path:
                if street not in self.onward[state]:
                    self.onward[state][street] = len(self.onward)
                    self.length.append(self.length[state] + 1)
                    self.full.append(False)
                    self.onward.append({})
                state = self.onward[state][street]
            self.full[state] = True
        self.shorter = [0] * len(self.onward)
        for state in sorted(range(1, len(self.onward)), key=self.length.__getitem__):
            for street, longer in self.onward[state].items():
                self.shorter[longer] = self.after(self.shorter[state], street)
                self.full[longer] = self.full[longer] or self.full[self.shorter[longer]]

    def after(self, state: int, street: int) -> int:
        while street not in self.onward[state]:
            if not state:
                return 0
            state = self.shorter[state]
        return self.onward[state][street]


def turning(a: Integers, b: Integers, nodes: int, paths: Sequence[Path], dead: NDArray[np.bool_]) -> Turning:
    """Make the graph of streets between junctions in which none of these ways can be passed.

    Parameters
    ----------
    a, b
        The junctions at the ends of every street.
    nodes
        How many junctions there are.
    paths
        Ways of two or more streets with their directions (see :class:`Turning`), each from where the one before ends.
    dead
        Junctions that a search does not come to, since nothing else leads there. Who may not turn may turn round there.
    """
    return _Maker(np.concatenate([a, b]), np.concatenate([b, a]), nodes, paths, dead).made()


class _Maker:
    def __init__(
        self, leave: Integers, arrive: Integers, nodes: int, paths: Sequence[Path], dead: NDArray[np.bool_]
    ) -> None:
        self.tails, self.heads, self.count = leave, arrive, leave.size // 2
        self.nodes, self.dead, self.words = nodes, dead, _Words(paths)
        # Nobody comes to the end of a dead end but who turns round there, which is an arc of its own.
        inner = {int(arrive[street]) for path in paths for street in path[:-1]}
        self.special = sorted(junction for junction in inner if not dead[junction])
        self.within = np.zeros(nodes, dtype=bool)
        self.within[self.special] = True
        self.place: list[int] = []
        self.arcs: list[tuple[int, int, int, int]] = []
        self.arrivals: dict[tuple[int, int], int] = {}
        self.departures: dict[tuple[int, int], int] = {}

    def made(self) -> Turning:
        out = np.flatnonzero(self.within[self.tails])
        into = np.flatnonzero(self.within[self.heads])
        self.away: dict[int, list[int]] = {}
        for street, junction in zip(out.tolist(), self.tails[out].tolist(), strict=True):
            self.away.setdefault(junction, []).append(street)
        leave, arrive = self.tails.copy(), self.heads.copy()
        for street in out.tolist():
            leave[street] = self._new(int(self.tails[street]))
        self.leave = leave
        waiting: list[tuple[int, int, int]] = []
        for street in into.tolist():
            arrive[street] = self._arrival(street, self.words.after(0, street), waiting)
        self.arrive = arrive
        for street in out.tolist():
            self._round(street, int(leave[street]), self.words.after(0, street), waiting)
        start, end = ([self._new(junction) for junction in self.special] for _ in range(2))
        for junction, node in zip(self.special, start, strict=True):
            self.arcs += [(node, int(leave[street]), NO_STREET, NO_STREET) for street in self.away[junction]]
        stops = dict(zip(self.special, end, strict=True))
        while waiting:
            junction, state, node = waiting.pop()
            self.arcs.append((node, stops[junction], NO_STREET, NO_STREET))
            for street in self.away[junction]:
                after = self.words.after(state, street)
                if not self.words.full[after]:
                    self.arcs.append((node, self._departure(street, after, waiting), NO_STREET, NO_STREET))
        enter = leave.copy()
        for (street, _), node in self.departures.items():
            if enter[street] == leave[street]:
                enter[street] = self._new(int(self.tails[street]))
                self.arcs.append((int(leave[street]), int(enter[street]), NO_STREET, NO_STREET))
            self.arcs.append((node, int(enter[street]), NO_STREET, NO_STREET))
        arcs = np.array(self.arcs, dtype=np.int32).reshape(-1, 4)
        junction, begin, stop = (np.array(values, dtype=np.int32) for values in (self.special, start, end))
        place = np.concatenate([np.arange(self.nodes), np.array(self.place, dtype=np.int64)]).astype(np.int32)
        return Turning(
            place.size, leave, arrive, enter, arcs[:, 0], arcs[:, 1], arcs[:, 2:], junction, begin, stop, place
        )

    def _new(self, junction: int) -> int:
        self.place.append(junction)
        return self.nodes + len(self.place) - 1

    def _arrival(self, street: int, state: int, waiting: list[tuple[int, int, int]]) -> int:
        """Return the node at which one comes out of a street, with what must be remembered."""
        junction = int(self.heads[street])
        if not self.within[junction]:
            return junction
        if (junction, state) not in self.arrivals:
            node = self.arrivals[junction, state] = self._new(junction)
            waiting.append((junction, state, node))
        return self.arrivals[junction, state]

    def _departure(self, street: int, state: int, waiting: list[tuple[int, int, int]]) -> int:
        """Return the node from which a street is passed; one of its own where more than that street is remembered."""
        if self.words.length[state] <= 1:
            return int(self.leave[street])
        if (street, state) not in self.departures:
            node = self.departures[street, state] = self._new(int(self.tails[street]))
            if not self.dead[self.heads[street]]:
                self.arcs.append((node, self._arrival(street, state, waiting), street, NO_STREET))
            self._round(street, node, state, waiting)
        return self.departures[street, state]

    def _round(self, street: int, node: int, state: int, waiting: list[tuple[int, int, int]]) -> None:
        """Let one go into a dead end, turn round there and come back."""
        if not self.dead[self.heads[street]]:
            return
        back = street + self.count if street < self.count else street - self.count
        after = self.words.after(state, back)
        if not self.words.full[after]:
            self.arcs.append((node, self._arrival(back, after, waiting), street, back))
