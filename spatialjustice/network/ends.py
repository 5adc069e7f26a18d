"""Where the searches between two layers begin and end: the points of both on streets, in the order of search."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from spatialjustice.network import search, snap

if TYPE_CHECKING:
    from spatialjustice.network.arrays import Searched, StreetArrays
    from spatialjustice.network.search.edge_tree import Snapped
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


def ends_of(
    network: StreetArrays,
    unit: str,
    origins: tuple[snap.Places, Snapped],
    destinations: tuple[snap.Places, Snapped],
) -> Ends:
    """Return the ends of searches between two layers, in minutes or metres."""
    searched = network._by_time if unit == "minutes" else network._by_length  # noqa: SLF001
    # The straight way between a place and the street, in metres of the mode.
    mode = network.mode
    leg = 1.0 if unit == "metres" else mode.speed / (mode.leg_speed or mode.speed)
    spots = snap.same_ground_numbers(origins[0], destinations[0])
    return Ends(
        searched,
        snap.costs_to_junctions(searched, *origins, spots[0], leg=leg, towards=False),
        snap.costs_to_junctions(searched, *destinations, spots[1], leg=leg, towards=True),
    )
