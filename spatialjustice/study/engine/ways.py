"""What a section asks of the ways from all zones to some places: said before, so that others can answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from spatialjustice.network import TravelCosts
    from spatialjustice.study.engine.setting_types import Unit


@dataclass(frozen=True, eq=False)
class WaysAsked:
    """One question about the ways from zones to places, and what will be wanted of its answer.

    Parameters
    ----------
    name
        What tells it from the other questions of the section.
    streets
        What is asked: the network of a mode, straight lines, or public transport.
    zones, places
        From where to where.
    unit, cutoff, snap_limit
        As of ``Network.travel_costs``.
    within
        The limits within which places are counted, in the unit.
    offers
        How much each place counts; None counts each as one.
    pairs
        Whether every pair up to the cutoff is wanted: of measures in which zones share places.
    """

    name: str
    streets: Any
    zones: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    unit: Unit
    snap_limit: float
    cutoff: float | None = None
    within: tuple[float, ...] = ()
    offers: pd.Series[Any] | None = None
    pairs: bool = False

    def answer(self) -> TravelCosts:
        """Ask the streets themselves: each measure searches in all of them, in this process."""
        costs: TravelCosts = self.streets.travel_costs(
            self.zones, self.places, cutoff=self.cutoff, unit=self.unit, snap_limit=self.snap_limit
        )
        return costs


class Answers(Protocol):
    """Who answers the questions of a section before it is computed, such as a cluster, tile by tile."""

    def __call__(self, section: str, asked: Sequence[WaysAsked]) -> Mapping[str, TravelCosts]:
        """Return answers by the names of the questions; those left out are answered by the streets themselves."""
