"""The tasks: each a list of ways to do it, ours first, that must all give the same answer."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from _common import HALF, SEED, Entry, well_placed
from _peers import (
    Pandana,
    catchment_of_pairs,
    compressed,
    networkx_cumulative,
    networkx_graph,
    networkx_nearest,
    osmnx_graph,
    scipy_cumulative,
    scipy_nearest,
    scipy_pairs,
)

from spatialjustice.access import cost_to_closest, cumulative_cutoff, floating_catchment_area
from spatialjustice.access.decay import stepped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network import Network, TravelCosts

OURS = "spatialjustice"

STEPS = ((1000.0, 1.0), (2000.0, 0.68), (3000.0, 0.22))
SOME_ORIGINS = 5_000
SAMPLE = 10


@dataclasses.dataclass
class City:
    """A network, facilities at some of its nodes, and everybody's form of it."""

    network: Network
    facilities: int

    def __post_init__(self) -> None:
        chance = np.random.default_rng(SEED)
        self.placed = well_placed(self.network)
        choice = np.flatnonzero(self.placed)
        self.where = np.sort(chance.choice(choice, min(self.facilities, choice.size), replace=False))
        self.supply = chance.integers(1, 21, self.where.size).astype(float)
        self.demand = self.placed.astype(float)
        self.some = np.sort(chance.choice(choice, min(SOME_ORIGINS, choice.size), replace=False))
        self.nodes = self.network.nodes
        self.places = self.nodes.iloc[self.where]
        self.everywhere = np.arange(self.placed.size)

    @cached_property
    def pandana(self) -> Pandana:
        """Its structure."""
        return Pandana(self.network)

    @cached_property
    def graph(self) -> Any:
        """Its matrix."""
        return compressed(self.network)

    @cached_property
    def networkx(self) -> Any:
        """Its graph."""
        return networkx_graph(self.network)

    @cached_property
    def osmnx(self) -> Any:
        """Its graph."""
        return osmnx_graph(self.network)

    def costs(
        self,
        cutoff: float,
        origins: gpd.GeoDataFrame | None = None,
        places: gpd.GeoDataFrame | None = None,
    ) -> TravelCosts:
        """Ask for travel costs, from all nodes to the facilities where nothing else is said."""
        froms, tos = (self.nodes if origins is None else origins), (self.places if places is None else places)
        return self.network.travel_costs(froms, tos, unit="metres", cutoff=cutoff)

    def put_supply(self) -> None:
        """Give pandana what the facilities offer."""
        self.pandana.put(self.where, self.supply, "supply")

    def put_demand(self) -> None:
        """Give pandana one person at every node."""
        self.pandana.put(self.everywhere, self.demand, "everyone")

    def series(self, values: NDArray[np.float64], where: NDArray[np.int64] | None = None) -> pd.Series:
        """Put values on node ids."""
        ids = self.network.node_id if where is None else self.network.node_id[where]
        return pd.Series(values, index=ids)

    def compared(self, answer: Any) -> NDArray[np.float64]:
        """Take what an answer says of the nodes that can be compared."""
        return np.asarray(answer, dtype=float)[self.placed]

    def millimetres(self, answer: Any) -> NDArray[np.int64]:
        """Take distances in whole millimetres; -1 is none."""
        metres = self.compared(answer)
        return np.where(np.isfinite(metres), np.rint(np.where(np.isfinite(metres), metres, 0) * 1000), -1).astype(int)


def ours(
    measure: Callable[[TravelCosts], Any], costs: Callable[[], TravelCosts], comparable: Callable[[Any], Any]
) -> list[Entry]:
    """Time our measure twice: alone, and with the snapping of all points."""
    return [
        Entry(OURS, "the measure, of travel costs at hand", measure, comparable, prepare=costs),
        Entry(OURS, "travel_costs of frames, the measure", lambda _: measure(costs()), comparable, scope="points"),
    ]


def nearest(city: City, cutoff: float) -> list[Entry]:
    """Find how far the nearest facility is."""
    peer = city.pandana

    def from_points(_: Any) -> Any:
        nodes = peer.snapped(city.everywhere)
        peer.place(city.where, cutoff=cutoff)
        return peer.nearest(cutoff).iloc[nodes]

    def flat(answer: Any) -> Any:
        return city.millimetres(np.asarray(answer).ravel())

    def place() -> None:
        peer.place(city.where, cutoff=cutoff)

    def of_all(_: Any) -> Any:
        return networkx_nearest(city.networkx, city.where, cutoff)

    return [
        *ours(cost_to_closest, lambda: city.costs(cutoff), city.millimetres),
        Entry("pandana", "nearest_pois", lambda _: peer.nearest(cutoff), flat, place),
        Entry("pandana", "get_node_ids, set_pois, nearest_pois", from_points, flat, scope="points"),
        Entry("scipy", "dijkstra(min_only)", lambda _: scipy_nearest(city.graph, city.where, cutoff), city.millimetres),
        Entry("networkx", "multi_source_dijkstra", of_all, city.millimetres),
    ]


def cumulative(city: City, cutoff: float) -> list[Entry]:
    """Add up what few facilities offer within a cutoff."""
    peer, offered = city.pandana, city.series(city.supply, city.where)

    def around(where: NDArray[np.int64]) -> Any:
        facility, node, _ = peer.around(where, cutoff)
        return np.bincount(node, weights=city.supply[facility], minlength=city.placed.size)

    few = np.linspace(0, city.where.size - 1, SAMPLE).astype(int)

    def of_few() -> Any:
        answer = cumulative_cutoff(city.costs(cutoff, places=city.places.iloc[few]), offered.iloc[few], cutoff=cutoff)
        return city.compared(answer)

    def sampled(who: str, graph: Any, kind: str) -> Entry:
        return Entry(
            who,
            f"{kind}, extrapolated from {SAMPLE} of {city.where.size} searches",
            lambda _: networkx_cumulative(graph, city.where[few], city.supply[few], cutoff),
            city.compared,
            times=city.where.size / SAMPLE,
            expected=of_few,
        )

    entries = [
        Entry("pandana", "aggregate", lambda _: peer.sum(cutoff, "supply"), city.compared, city.put_supply),
        Entry("pandana", "nodes_in_range of facilities, numpy", lambda _: around(city.where), city.compared),
        Entry(
            "pandana",
            "get_node_ids, nodes_in_range of facilities, numpy",
            lambda _: around(peer.snapped(city.where))[peer.snapped(city.everywhere)],
            city.compared,
            scope="points",
        ),
        Entry(
            "scipy",
            "dijkstra of facilities, numpy",
            lambda _: scipy_cumulative(city.graph, city.where, city.supply, cutoff),
            city.compared,
        ),
        sampled("networkx", city.networkx, "Graph"),
        sampled("osmnx", city.osmnx, "MultiDiGraph"),
    ]

    def measure(costs: TravelCosts) -> pd.Series:
        return cumulative_cutoff(costs, offered, cutoff=cutoff)

    return [*ours(measure, lambda: city.costs(cutoff), city.compared), *entries]


def dense(city: City, cutoff: float) -> list[Entry]:
    """Count all nodes within a cutoff of each."""
    peer, offered = city.pandana, city.series(city.demand)

    def from_points(_: Any) -> Any:
        nodes = peer.snapped(city.everywhere)
        peer.put(nodes, city.demand, "everyone")
        return peer.sum(cutoff, "everyone")[nodes]

    return [
        *ours(
            lambda costs: cumulative_cutoff(costs, offered, cutoff=cutoff),
            lambda: city.costs(cutoff, places=city.nodes),
            city.compared,
        ),
        Entry("pandana", "aggregate", lambda _: peer.sum(cutoff, "everyone"), city.compared, city.put_demand),
        Entry("pandana", "get_node_ids, set, aggregate", from_points, city.compared, scope="points"),
    ]


def catchment(city: City) -> list[Entry]:
    """Share out supply by E2SFCA with three steps."""
    peer, steps = city.pandana, [(cutoff + HALF, weight) for cutoff, weight in STEPS]
    farthest, decay = steps[-1][0], stepped(dict(steps))
    supply, demand = city.series(city.supply, city.where), city.series(city.demand)

    def rings(other: Pandana) -> Any:
        return other.catchment(city.where, city.supply, city.demand, steps)

    def precomputed(other: Pandana) -> Any:
        other.net.precompute(farthest)
        return rings(other)

    def listed(pairs: Any) -> Any:
        return catchment_of_pairs(pairs, city.supply, city.demand, steps)

    def from_points(_: Any) -> Any:
        return listed(peer.around(peer.snapped(city.where), farthest))[peer.snapped(city.everywhere)]

    entries = [
        Entry("pandana", "six times aggregate", rings, city.compared, lambda: peer),
        Entry("pandana", "precompute, six times aggregate", precomputed, city.compared, lambda: Pandana(city.network)),
        Entry(
            "pandana",
            "nodes_in_range of facilities, numpy",
            lambda _: listed(peer.around(city.where, farthest)),
            city.compared,
        ),
        Entry(
            "pandana",
            "get_node_ids, nodes_in_range of facilities, numpy",
            from_points,
            city.compared,
            scope="points",
        ),
        Entry(
            "scipy",
            "dijkstra of facilities, numpy",
            lambda _: listed(scipy_pairs(city.graph, city.where, farthest)),
            city.compared,
        ),
    ]

    def measure(costs: TravelCosts) -> pd.Series:
        return floating_catchment_area(costs, supply=supply, people=demand, decay=decay, method="e2sfca")

    return [*ours(measure, lambda: city.costs(farthest), city.compared), *entries]


def several(city: City, cutoff: float, count: int = 5) -> list[Entry]:
    """Name the nearest facilities."""
    peer = city.pandana

    def wide(frame: pd.DataFrame) -> Any:
        metres = np.full((city.placed.size, count), np.nan)
        metres[city.nodes.index.get_indexer(frame["from_id"]), frame["rank"] - 1] = frame["travel_cost"]
        return city.millimetres(metres)

    def columns(frame: pd.DataFrame) -> Any:
        return city.millimetres(frame[list(range(1, count + 1))])

    def place() -> None:
        peer.place(city.where, cutoff=cutoff, count=count)

    def from_points(_: Any) -> Any:
        nodes = peer.snapped(city.everywhere)
        place()
        return peer.nearest(cutoff, count, name=True).iloc[nodes]

    how = f"nearest_pois({count}, include_poi_ids)"
    return [
        *ours(lambda costs: costs.nearest(count), lambda: city.costs(cutoff), wide),
        Entry("pandana", how, lambda _: peer.nearest(cutoff, count, name=True), columns, place),
        Entry("pandana", f"get_node_ids, set_pois, {how}", from_points, columns, scope="points"),
    ]


def same_names(city: City, cutoff: float, entries: Sequence[Entry]) -> str:
    """Compare which facilities are named; they may differ only where two are equally far, to the millimetre."""
    frame, theirs = entries[0].answer, next(entry.answer for entry in entries if entry.who == "pandana")
    names = theirs.filter(like="poi").to_numpy(dtype=float)
    own = np.full(names.shape, np.nan)
    own[city.nodes.index.get_indexer(frame["from_id"]), frame["rank"] - 1] = frame["to_id"]
    node, rank = np.nonzero((names != own) & ~(np.isnan(names) & np.isnan(own)) & city.placed[:, None])
    if node.size:
        facility, other, metres = scipy_pairs(city.graph, city.where, cutoff)
        truth = np.full((city.where.size, city.placed.size), -1)
        truth[facility, other] = np.rint(metres * 1000)
        place = {identity: which for which, identity in enumerate(city.network.node_id[city.where].tolist())}
        wrong = 0
        for named in (names, own):
            facility = [place[int(identity)] for identity in named[node, rank]]
            wrong += int((truth[facility, node] != np.rint(theirs.to_numpy()[node, rank] * 1000)).sum())
        if wrong:
            raise SystemExit(f"{wrong:,} of the nearest facilities named are not as far as it is said of them.")
    said = f"{node.size:,} of {own.size:,} names differ"
    return said + (", each between two facilities that are equally far to the millimetre" if node.size else "")


def matrix(city: City, cutoff: float) -> list[Entry]:
    """List all pairs of some origins and the facilities."""
    peer, ids = city.pandana, city.network.node_id
    origins = city.nodes.iloc[city.some]

    def comparable(frame: pd.DataFrame) -> Any:
        cells = np.full((city.some.size, city.where.size), -1)
        origin = pd.Index(ids[city.some]).get_indexer(frame["from_id"])
        facility = pd.Index(ids[city.where]).get_indexer(frame["to_id"])
        cells[origin, facility] = np.rint(frame["travel_cost"] * 1000)
        return cells.ravel()

    def framed(pairs: Any, some: NDArray[np.int64]) -> pd.DataFrame:
        facility, node, metres = pairs
        wanted = np.zeros(ids.size, bool)
        wanted[some] = True
        kept = wanted[node]
        node, facility = node[kept], facility[kept]
        frame = pd.DataFrame({"from_id": ids[node], "to_id": ids[city.where[facility]], "travel_cost": metres[kept]})
        return frame.iloc[np.lexsort((facility, node))]

    return [
        *ours(lambda costs: costs.to_frame(), lambda: city.costs(cutoff, origins=origins), comparable),
        Entry(
            "scipy",
            "dijkstra of facilities, frame",
            lambda _: framed(scipy_pairs(city.graph, city.where, cutoff), city.some),
            comparable,
        ),
        Entry(
            "pandana",
            "nodes_in_range of facilities, frame",
            lambda _: framed(peer.around(city.where, cutoff), city.some),
            comparable,
        ),
        Entry(
            "pandana",
            "get_node_ids, nodes_in_range of facilities, frame",
            lambda _: framed(peer.around(peer.snapped(city.where), cutoff), peer.snapped(city.some)),
            comparable,
            scope="points",
        ),
    ]
