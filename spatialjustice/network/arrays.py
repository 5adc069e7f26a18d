"""Streets as immutable arrays, which searches, maps and files are made from."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS

from spatialjustice._core.errors import EmptyNetworkError, InputError
from spatialjustice._core.machine.recalled import Recalled
from spatialjustice._core.screen.card import Card, Shown, data_of
from spatialjustice._core.screen.drawn import Drawn
from spatialjustice.network import search
from spatialjustice.network.streets.modes import WALK, Mode

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely import MultiPolygon, Polygon

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.network.search.chains import Chains
    from spatialjustice.network.search.edge_tree import EdgeTree
    from spatialjustice.network.search.hierarchy.hierarchy import Hierarchy
    from spatialjustice.network.search.turning import Turning

GRID = 2.0**-24
"""The grid of all costs, in metres."""
STRIP = 250.0
"""Metres: nodes are kept in strips of this height, so that neighbours on the ground are neighbours in memory."""


@dataclass(frozen=True, eq=False)
class Searched:
    """One cost of every edge in both directions, and the chains over which it is searched."""

    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    chains: Chains

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """What replaces searches from many places without a near limit; made when it is first wanted."""
        from spatialjustice.network.search.hierarchy.hierarchy import hierarchy_of

        return hierarchy_of(self.chains.onward)


@dataclass(frozen=True, eq=False, repr=False)
class StreetArrays(Shown, Drawn):
    """The arrays of a :class:`spatialjustice.network.Network`, which tells what each of them holds."""

    node_id: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    edge_u: NDArray[np.int32]
    edge_v: NDArray[np.int32]
    length: NDArray[np.float64]
    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    way_id: NDArray[np.int64]
    component: NDArray[np.int32]
    crs: CRS
    mode: Mode = WALK
    sources: tuple[SourceRecord, ...] = field(default=())
    findings: tuple[Finding, ...] = field(default=())
    area: Polygon | MultiPolygon | None = None
    apart: NDArray[np.bool_] | None = None
    forbidden_turns: tuple[tuple[int, ...], ...] = field(default=())

    def __post_init__(self) -> None:
        kinds = {"node_id": np.int64, "edge_u": np.int32, "edge_v": np.int32, "way_id": np.int64, "component": np.int32}
        for item in fields(self)[:10]:
            array = np.array(getattr(self, item.name), dtype=kinds.get(item.name, np.float64))
            if item.name in {"forward", "backward"}:
                array = rounded_to_grid(array)
            elif item.name in {"x", "y"}:
                array = rounded_to_millimetres(array)
            array.flags.writeable = False
            object.__setattr__(self, item.name, array)
        if np.array_equal(self.forward, self.backward):  # one array serves both
            object.__setattr__(self, "backward", self.forward)
        apart = np.zeros(self.edge_u.size, bool) if self.apart is None else np.array(self.apart, dtype=bool)
        if not apart.any():  # also where the edges were replaced
            apart = np.zeros(self.edge_u.size, bool)
        apart.flags.writeable = False
        object.__setattr__(self, "apart", apart)
        object.__setattr__(self, "crs", CRS.from_user_input(self.crs))
        if not self.edge_u.size:
            raise EmptyNetworkError(
                "streets",
                f"none can be used by the mode “{self.mode.name}”",
                "Check that the file covers the place and holds streets (ways with a highway tag).",
            )
        self._check()

    def _check(self) -> None:
        ends = np.concatenate([self.edge_u, self.edge_v])
        if ends.min() < 0 or ends.max() >= self.node_id.size:
            raise InputError("streets", "edges name nodes that are not there", "Give every edge's nodes.")
        apart = np.asarray(self.apart)
        if apart.size != self.edge_u.size:
            raise InputError("apart", f"it speaks of {apart.size:,} edges", "Give one value for every edge.")
        self._check_turns()
        nodes = ~(np.isfinite(self.x) & np.isfinite(self.y))
        if nodes.any():
            raise InputError(
                "streets",
                f"{int(nodes.sum()):,} nodes have coordinates that are not numbers",
                "Mend or remove them.",
                rows=self.node_id[nodes],
            )
        wrong = ~(self.forward >= 0) | ~(self.backward >= 0) | ~((self.length >= 0) & np.isfinite(self.length))
        wrong |= np.isinf(self.forward) & np.isinf(self.backward)
        if wrong.any():
            raise InputError(
                "streets",
                f"{int(wrong.sum()):,} edges have a length or cost that is negative, missing or infinite",
                "A street that cannot be used must be left out; every other one needs its length.",
                rows=np.unique(self.way_id[wrong]),
            )

    def _check_turns(self) -> None:
        """Refuse turns over edges that are not there, or that do not follow each other."""
        ends = np.stack([self.edge_u, self.edge_v], axis=1).ravel()  # where edge and direction begin, two to an edge
        for turn in self.forbidden_turns:
            ways = np.array(turn, dtype=np.int64)
            if (
                len(turn) < 2
                or ways.min() < 0
                or ways.max() >= ends.size
                or (ends[ways[1:]] != ends[ways[:-1] ^ 1]).any()
            ):
                raise InputError(
                    "forbidden_turns",
                    f"{turn} are not edges that one can pass one after another",
                    "Give two or more edges: twice the position of each, and 1 more where it is passed from v to u.",
                )

    def __repr__(self) -> str:
        """Tell the network's numbers."""
        parts = self.components
        date = self.data_date or "unknown date"
        return (
            f"<Network: {self.mode.name} at {self.mode.speed:g} km/h, {self.node_id.size:,} nodes, "
            f"{self.edge_u.size:,} edges, {self.kilometres:,.1f} km, "
            f"{parts} {'part' if parts == 1 else 'parts'}, data of {date}>"
        )

    def _card(self) -> Card:
        one_way = int((~np.isfinite(self.forward) | ~np.isfinite(self.backward)).sum())
        rows = [
            ("mode", f"{self.mode.name} at {self.mode.speed:g} km/h"),
            ("streets", f"{self.kilometres:,.1f} km, {self.edge_u.size:,} edges between {self.node_id.size:,} nodes"),
            ("one way", f"{one_way:,} edges" if one_way else ""),
            ("forbidden turns", f"{len(self.forbidden_turns):,}" if self.forbidden_turns else ""),
            ("parts", f"{self.components:,} without a street between them" if self.components > 1 else "1"),
            ("coordinates", self.crs.name),
            ("data of", (self.data_date or "unknown date")[:12].partition("T")[0]),
            ("made of", data_of(self.sources)),
        ]
        return Card("Network", rows)

    @property
    def kilometres(self) -> float:
        """Length of all streets, in kilometres."""
        return float(self.length.sum()) / 1000

    @property
    def components(self) -> int:
        """How many parts of the network have no street between them."""
        return int(self.component.max()) + 1

    @property
    def data_date(self) -> str | None:
        """The day the streets describe, where a source says so."""
        return next((record.data_date for record in self.sources if record.data_date), None)

    @property
    def _segments(self) -> Any:
        ends = np.column_stack([self.x[self.edge_u], self.y[self.edge_u], self.x[self.edge_v], self.y[self.edge_v]])
        return shapely.linestrings(ends.reshape(-1, 2, 2))

    @cached_property
    def _tree(self) -> EdgeTree:
        return search.edge_tree.tree_of_edges(self.x, self.y, self.edge_u, self.edge_v)

    @cached_property
    def _joined(self) -> Recalled:
        """Where the points that were asked for last join the streets: about a million of them."""
        return Recalled(64_000_000)

    @cached_property
    def _by_time(self) -> Searched:
        return self._searched(self.forward, self.backward)

    @cached_property
    def _by_length(self) -> Searched:
        """Where every street is as fast as the mode, the quickest way is the shortest one: one search serves both."""
        length = rounded_to_grid(self.length)
        forward = np.where(np.isfinite(self.forward), length, np.inf)
        backward = np.where(np.isfinite(self.backward), length, np.inf)
        if np.array_equal(forward, self.forward) and np.array_equal(backward, self.backward):
            return self._by_time
        return self._searched(forward, backward)

    @cached_property
    def _turning(self) -> tuple[Turning, Turning]:
        """Nodes and arcs of a search over edges in which nobody makes a forbidden turn: onward, and against travel."""
        return search.chains.turning_of_edges(self.edge_u, self.edge_v, self._by_time.chains, self.forbidden_turns)

    def _searched(self, forward: NDArray[np.float64], backward: NDArray[np.float64]) -> Searched:
        chains = search.chains.joined_into_chains(
            self.edge_u, self.edge_v, forward, backward, self.node_id.size, self.forbidden_turns
        )
        return Searched(forward, backward, chains)


def let_go(streets: StreetArrays) -> None:
    """Let go of what searches made of the streets, which is most of them: whoever asks again has it made anew."""
    for made in ("_tree", "_joined", "_by_time", "_by_length", "_turning"):
        vars(streets).pop(made, None)


def rounded_to_grid(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round costs in metres to the grid on which all sums are exact."""
    return np.rint(np.asarray(costs, dtype=np.float64) / GRID) * GRID


def rounded_to_millimetres(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round coordinates to whole millimetres, so that whoever is told them has them to the last bit.

    Examples
    --------
    >>> rounded_to_millimetres(np.array([458_123.45678])).tolist()
    [458123.457]
    """
    return np.rint(np.asarray(metres, dtype=np.float64) * 1000) / 1000
