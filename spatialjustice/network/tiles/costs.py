"""Travel costs of the places of one tile: the same bits as those of the whole network.

All costs lie on a grid on which sums are exact, so that a cost does not depend on how streets are cut; places and
streets keep the order that they have in the whole, so that of equal ones the same is chosen and sums are added up in
the same order. What is left is to know enough ground: see :func:`halo_of`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import EmptyNetworkError, InputError
from spatialjustice.network import snap
from spatialjustice.network.costs import TravelCosts
from spatialjustice.network.search import pairs
from spatialjustice.network.search.edge_tree import Snapped
from spatialjustice.network.tiles.index import MARGIN, SLACK, halo_of
from spatialjustice.network.tiles.places import places_in_box, places_of_tile
from spatialjustice.network.tiles.reading import ground
from spatialjustice.network.tiles.squares import Box

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network.search.pairs import Pairs
    from spatialjustice.network.streets.modes import Mode
    from spatialjustice.network.tiles.index import TileIndex, Unit
    from spatialjustice.network.tiles.places import PlaceIndex
    from spatialjustice.network.tiles.reading import Ground

WIDER = 2.0
"""Times the halo when what was found may not be the nearest."""

FIRST = 0.25
"""Share of a tile's side by which ground is known around it when the nearest place of all is asked for."""


@dataclass(frozen=True)
class Asked:
    """A question that is the same for every tile."""

    index: TileIndex
    origins: PlaceIndex
    destinations: PlaceIndex
    mode: str | Mode
    cutoff: float | None
    unit: Unit
    snap_limit: float


class TileCosts(TravelCosts):
    """Travel costs from the places of a tile, or to them: made by :func:`tile_costs`.

    Every measure that takes :class:`TravelCosts` takes these and answers for the places of the tile what it answers for
    them in the whole, to the bit. Findings and counts of places left out are those of the tile: whoever joins tiles
    adds them up. Without a cutoff only the nearest places can be asked for; the ground is widened until they are sure.

    Attributes
    ----------
    layers
        Origins and destinations as they were read, with the columns that travel with them.
    """

    def __init__(self, asked: Asked, known: Ground, *, origins: Any, destinations: Any, reach: Box) -> None:
        self._asked, self._ground, self._reach = asked, known, reach
        self.layers = (origins, destinations)
        super().__init__(
            known.network,
            origins,
            destinations,
            cutoff=asked.cutoff,
            unit=asked.unit,
            snap_limit=asked.snap_limit,
        )
        for audit in (self.origins, self.destinations):
            edge = audit["edge"].to_numpy()
            audit["edge"] = np.where(edge >= 0, known.edges[edge], -1)

    def _refuse_another_place(self, origins: Any, destinations: Any) -> None:
        """Refuse none: a tile may lie far from every street."""

    def _announce(self) -> None:
        """Say nothing: what is found in tiles is said when they are joined."""

    @property
    def _supply(self) -> bool:
        return self._asked.destinations.rows > 0

    def _nearest_few(self, count: int) -> pd.DataFrame:
        found = super()._nearest_few(count)
        unsure = np.empty(0, np.int64) if self.cutoff is not None else self._unsure(found, count)
        if not unsure.size:
            return found
        named = self._wider(unsure)._nearest_few(count)  # noqa: SLF001
        kept = found[~found["from_id"].isin(self.from_ids[unsure])]
        both = pd.concat([kept, named], ignore_index=True)
        order = np.lexsort((both["rank"].to_numpy(), self.from_ids.get_indexer(both["from_id"])))
        return self._described(both.iloc[order].reset_index(drop=True))

    def _unsure(self, found: pd.DataFrame, count: int) -> NDArray[np.int64]:
        """Return the origins of which nearer places may lie beyond the ground that is known."""
        last = np.full(len(self.from_ids), np.inf)
        whole = found[found["rank"] == count]
        last[self.from_ids.get_indexer(whole["from_id"])] = whole["travel_cost"].to_numpy()
        leave = self._converted(self._cost_to_leave)
        return np.flatnonzero(np.isfinite(leave) & ~(last < leave))

    @cached_property
    def _nearest_of_all(self) -> NDArray[np.float64]:
        metres = super()._nearest()
        leave = self._cost_to_leave
        unsure = np.flatnonzero(np.isfinite(leave) & ~(metres <= leave))
        if unsure.size:
            metres[unsure] = self._wider(unsure)._nearest_of_all  # noqa: SLF001
        return metres

    def _nearest(self, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        self._require_cutoff()
        return super()._nearest(chosen)

    def _several(self, count: int, chosen: NDArray[np.bool_] | None = None) -> tuple[NDArray[np.float64], NDArray[Any]]:
        if chosen is not None:
            self._require_cutoff()
        return super()._several(count, chosen)

    def _pairs(self, limit: float) -> Iterator[Pairs]:
        self._require_cutoff()
        return super()._pairs(limit)

    def _in_any_order(self, limit: float) -> Iterator[Pairs]:
        self._require_cutoff()
        return super()._in_any_order(limit)

    def _require_cutoff(self) -> None:
        if self.cutoff is None:
            raise InputError(
                "cutoff",
                "there is none, and what lies beyond the streets of a tile is not known to it",
                "Give the highest cost of interest; without one only the nearest places can be asked for.",
            )

    @cached_property
    def _cost_to_leave(self) -> NDArray[np.float64]:
        """Metres from every origin to the last point from which way and end of every trip are known; ``inf``: none.

        Streets are known in the whole rectangle, and places that lie in ``reach``. A place that is not known joins no
        street farther inside than the snap limit: whoever goes to one goes over the border of what lies farther inside.
        """
        network, known = self.network, self._ground
        leave = np.full(len(self.from_ids), np.inf)
        if known.complete and self._reach.around(self._asked.destinations.box):
            return leave
        sure = self._reach.wider(-self._asked.snap_limit - MARGIN)
        inside = sure.has(network.x, network.y)
        u, v = network.edge_u, network.edge_v
        crossing = ~(inside[u] & inside[v])
        self._leave_at(sure, np.flatnonzero(crossing & inside[u]), np.flatnonzero(crossing & inside[v]), leave)
        edge, x, y = (self.origins[name].to_numpy() for name in ("edge", "x", "y"))
        on = edge >= 0
        on[on] = crossing[np.searchsorted(known.edges, edge[on])]
        least = self._asked.index.of(self._asked.mode).least[self.unit] * (1 - SLACK)
        leave[on] = np.maximum(least * sure.depth(x[on], y[on]), 0.0)
        return leave

    def _leave_at(
        self, sure: Box, from_u: NDArray[np.int64], from_v: NDArray[np.int64], leave: NDArray[np.float64]
    ) -> None:
        """Lower ``leave`` to the cost of coming to where pieces of street leave a rectangle, from an end within it."""
        edge = np.concatenate([from_u, from_v]).astype(np.int32)
        if not edge.size or not self._ends.froms.chain.size:
            return
        network, count = self.network, edge.size
        u, v = network.edge_u[edge], network.edge_v[edge]
        back = np.repeat([False, True], [from_u.size, from_v.size])
        within, beyond = np.where(back, v, u), np.where(back, u, v)
        share = sure.share_within((network.x[within], network.y[within]), (network.x[beyond], network.y[beyond]))
        fraction = np.where(back, 1.0 - share, share)
        nothing = np.zeros(count)
        ends = Snapped(edge, fraction, nothing, nothing, nothing, np.zeros(count, bool))
        places = snap.Places(pd.RangeIndex(count), np.arange(count, dtype=np.int32), np.empty((count, 2)))
        searched = network._by_time if self.unit == "minutes" else network._by_length  # noqa: SLF001
        # No place has the number -1, so that none is taken for one of them.
        spot = np.full(count, -1, np.int32)
        points = snap.costs_to_junctions(searched, places, ends, spot, leg=0.0, towards=True)
        ask = self._ends.question(points, outward=False)
        order = np.argsort(ask.sources.chain, kind="stable").astype(np.int32)
        pairs.nearest(ask, order, leave)

    def _wider(self, origins: NDArray[np.int64]) -> TileCosts:
        """Return the costs from some of the origins with more ground around them."""
        few = self.layers[0].iloc[origins]
        around = _box_of(few)
        # From the nearest side of what is known: from the farthest, a tile's width would be added each time.
        known = min(around.left - self._reach.left, self._reach.right - around.right)
        halo = WIDER * min(known, around.bottom - self._reach.bottom, self._reach.top - around.top)
        asked = replace(self._asked, cutoff=None)
        made = costs_around(asked, few, None, halo=halo)
        if made is None:  # these streets were known already
            raise EmptyNetworkError("streets", "they are gone", "Write the tiles again.")
        return made


def tile_costs(  # noqa: PLR0913 (a question has as many parts)
    index: TileIndex,
    tile: str,
    origins: PlaceIndex,
    destinations: PlaceIndex,
    *,
    mode: str | Mode,
    cutoff: float | None = None,
    unit: Unit = "minutes",
    snap_limit: float = 500.0,
    of: Literal["origins", "destinations"] = "origins",
) -> TileCosts | None:
    """Ask what it costs to get from the origins of a tile to all destinations, or from all origins to its destinations.

    Parameters
    ----------
    index
        The tiles of streets.
    tile
        Its name, of any level.
    origins, destinations
        Places that :func:`write_places` wrote.
    mode
        How people travel.
    cutoff, unit, snap_limit
        As for :meth:`Network.travel_costs`. Without a cutoff only the nearest destinations can be asked for.
    of
        Whose tile it is. For floating catchments ask twice: with ``destinations`` for the people who come to the places
        of a tile, then with ``origins`` for what its people reach.

    Returns
    -------
    TileCosts or None
        On the ids of the tile's places, in the order in which they were given, and of those of the other side that lie
        within reach. None where the tile has no place, or no street lies within reach of any: those places are off the
        network.

    Raises
    ------
    InputError
        When the tile, the mode or a number cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> from spatialjustice.network.tiles.reading import read_tile
    >>> from spatialjustice.network.tiles.places import write_places
    >>> from spatialjustice.network.tiles.writing import write_tiles
    >>> from spatialjustice.sources.known_files import demo_extract
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     index = write_tiles(demo_extract(), folder, tile_size=1000)
    ...     nodes = read_tile(index, index.tiles("walk")[0], mode="walk", halo=0).nodes
    ...     zones = write_places(index, nodes, name="zones", side="origins")
    ...     shops = write_places(index, nodes.iloc[::50], name="shops", side="destinations")
    ...     costs = tile_costs(index, zones.tiles[0], zones, shops, mode="walk", cutoff=10)
    >>> costs.cutoff
    10.0
    """
    if (origins.side, destinations.side) != ("origins", "destinations"):
        raise InputError("places", f"they are {origins.side} and {destinations.side}", "Give origins, destinations.")
    if cutoff is None and of == "destinations":
        raise InputError("cutoff", "there is none", "Give one: who comes from anywhere is a question to the whole.")
    asked = Asked(index, origins, destinations, mode, cutoff, unit, snap_limit)
    own = places_of_tile(index, origins if of == "origins" else destinations, tile)
    if not len(own):
        return None
    halo = first_halo(index, snap_limit=snap_limit)
    if cutoff is not None:
        halo = halo_of(index, mode=mode, cutoff=cutoff, unit=unit)
    return costs_around(asked, *((own, None) if of == "origins" else (None, own)), halo=halo)


def first_halo(index: TileIndex, *, snap_limit: float) -> float:
    """Return the metres around a tile with which the search for the nearest place of all begins."""
    return max(FIRST * index.tile_size, WIDER * snap_limit)


def costs_around(
    asked: Asked, origins: gpd.GeoDataFrame | None, destinations: gpd.GeoDataFrame | None, *, halo: float
) -> TileCosts | None:
    """Return the costs of some places with all those of the other side within a halo; None where there is no street."""
    own = origins if origins is not None else destinations
    reach = _box_of(own).wider(halo)
    # The streets that places at the border of what is known may join are known too.
    known = ground(asked.index, reach.wider(asked.snap_limit), mode=asked.mode)
    if known is None:
        return None
    froms = places_in_box(asked.index, asked.origins, reach) if origins is None else origins
    tos = places_in_box(asked.index, asked.destinations, reach) if destinations is None else destinations
    return TileCosts(asked, known, origins=froms, destinations=tos, reach=reach)


def _box_of(places: Any) -> Box:
    left, bottom, right, top = places.total_bounds
    return Box(float(left), float(bottom), float(right), float(top))
