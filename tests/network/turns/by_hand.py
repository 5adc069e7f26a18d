"""The truth about turns: a search over the last edges passed, without chains, copies of nodes or automata."""

import heapq

import numpy as np


def ends_of(network):
    """Where each edge and direction begins and ends: 2 × edge from u to v, and 1 more from v to u."""
    u, v = network.edge_u.tolist(), network.edge_v.tolist()
    return [pair for one, other in zip(u, v, strict=True) for pair in ((one, other), (other, one))]


def bends(network):
    """Nodes where nobody turns round: two edges meet, open alike, and no forbidden turn begins or ends."""
    ends = ends_of(network)
    costs = np.stack([network.forward, network.backward], axis=1).ravel()
    at = {}
    for way, (begin, _) in enumerate(ends):
        at.setdefault(begin, []).append(way)
    found = set()
    for node, ways in at.items():
        if len(ways) == 2 and ways[0] // 2 != ways[1] // 2:
            away = [np.isfinite(costs[way]) for way in ways]
            to = [np.isfinite(costs[way ^ 1]) for way in ways]
            if to[0] == away[1] and away[0] == to[1]:
                found.add(node)
    return found - {ends[way][0] for turn in network.forbidden_turns for way in (turn[1], turn[-1])}


class Search:
    """Searches a network by the last edges passed."""

    def __init__(self, network):
        self.ends, self.never = ends_of(network), bends(network)
        self.costs = np.stack([network.forward, network.backward], axis=1).ravel()
        self.memory = max([2, *map(len, network.forbidden_turns)]) - 1
        self.forbidden = set(network.forbidden_turns)
        self.away = {}
        for way, (begin, _) in enumerate(self.ends):
            if np.isfinite(self.costs[way]):
                self.away.setdefault(begin, []).append(way)

    def onward(self, passed):
        for way in self.away.get(self.ends[passed[-1]][1], ()):
            longer = (*passed, way)
            if way == passed[-1] ^ 1 and self.ends[way][0] in self.never:
                continue
            if not any(longer[-size:] in self.forbidden for size in range(2, len(longer) + 1)):
                yield longer[-self.memory :], way

    def part(self, way, share):
        return 0.0 if share == 0 else float(self.costs[way]) * share

    def from_place(self, edge, at):
        """What it costs to enter every edge, and to come to every node; at a node one may set out along any edge."""
        node = {0.0: 2 * edge, 1.0: 2 * edge + 1}.get(at)
        if node is None:
            starts = [(self.part(2 * edge, 1 - at), 2 * edge), (self.part(2 * edge + 1, at), 2 * edge + 1)]
            entered, reached = {}, {}
        else:
            starts = [(float(self.costs[way]), way) for way in self.away.get(self.ends[node][0], ())]
            entered, reached = {way: 0.0 for _, way in starts}, {self.ends[node][0]: 0.0}
        best = {(way,): cost for cost, way in starts if np.isfinite(cost)}
        queue = [(cost, passed) for passed, cost in best.items()]
        heapq.heapify(queue)
        while queue:
            cost, passed = heapq.heappop(queue)
            if cost > best[passed]:
                continue
            there = self.ends[passed[-1]][1]
            reached[there] = min(reached.get(there, np.inf), cost)
            for longer, way in self.onward(passed):
                entered[way] = min(entered.get(way, np.inf), cost)
                total = cost + float(self.costs[way])
                if total < best.get(longer, np.inf):
                    best[longer] = total
                    heapq.heappush(queue, (total, longer))
        return entered, reached

    def to_place(self, start, entered, reached, end):
        """What it costs to a place on an edge; ``start`` and ``end`` are edges and shares of them."""
        (edge, at), (to, there) = start, end
        stop = {0.0: 2 * to, 1.0: 2 * to + 1}.get(there)
        if stop is not None:
            found = reached.get(self.ends[stop][0], np.inf)
        else:
            ways = ((2 * to, there), (2 * to + 1, 1 - there))
            found = min(entered.get(way, np.inf) + self.part(way, share) for way, share in ways)
        if to == edge and 0 < at < 1:
            ahead = there - at
            found = min(found, self.part(2 * edge, ahead) if ahead >= 0 else self.part(2 * edge + 1, -ahead))
        return found


def costs_by_hand(network, origins, destinations):
    """All costs in metres along the streets, legs included, from audits of where points join; inf for no way."""
    search = Search(network)
    result = np.full((len(origins), len(destinations)), np.inf)
    columns = ["edge", "fraction", "offset"]
    for row, (edge, at, leg) in enumerate(zip(*(origins[name].tolist() for name in columns), strict=True)):
        entered, reached = search.from_place(edge, at)
        for column, (to, there, other) in enumerate(
            zip(*(destinations[name].tolist() for name in columns), strict=True)
        ):
            result[row, column] = search.to_place((edge, at), entered, reached, (to, there)) + leg + other
    return result


def random_turns(network, rng, count):
    """Forbidden turns of two to four edges, also such that begin or end alike, and turning round."""
    ends = ends_of(network)
    costs = np.stack([network.forward, network.backward], axis=1).ravel()
    open_ways = [way for way in range(len(ends)) if np.isfinite(costs[way])]
    turns = set()
    for _ in range(count):
        turn = [open_ways[rng.integers(len(open_ways))]]
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            ways = [way for way in open_ways if ends[way][0] == ends[turn[-1]][1]]
            if not ways:
                break
            turn.append(ways[rng.integers(len(ways))])
        if len(turn) > 1:
            turns.add(tuple(turn))
    return tuple(sorted(turns))
