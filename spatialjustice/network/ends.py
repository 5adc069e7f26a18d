"""Where the searches between two layers begin and end: the points of both on streets, in the order of search."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from spatialjustice.network import search

if TYPE_CHECKING:
    from spatialjustice.network.arrays import Searched
    from spatialjustice.network.search.shortest_paths import PointsOnChains, Question


@dataclass(frozen=True, eq=False)
class Ends:
    """The points of origins and destinations on streets, and the questions that are asked from them."""

    searched: Searched
    froms: PointsOnChains
    tos: PointsOnChains

    @cached_property
    def onward(self) -> Question:
        """From the origins to the destinations."""
        return self.question(self.tos, outward=True)

    @cached_property
    def inward(self) -> Question:
        """From the destinations to the origins."""
        return self.question(self.tos, outward=False)

    @cached_property
    def junctions(self) -> int:
        """How many junctions are next to an origin."""
        return int(np.unique(np.concatenate([self.froms.node_a, self.froms.node_b])).size)

    def question(self, destinations: PointsOnChains, *, outward: bool) -> Question:
        """Ask for the ways to some destinations, from the side from which it is less work."""
        chains = self.searched.chains
        if outward:
            return search.shortest_paths.question(chains.onward, chains.streets, self.froms, destinations)
        # Against the direction of travel, up is where the way back leads.
        sources, targets = (points._replace(up=points.down, down=points.up) for points in (destinations, self.froms))
        return search.shortest_paths.question(chains.reversed, chains.leaving, sources, targets)
