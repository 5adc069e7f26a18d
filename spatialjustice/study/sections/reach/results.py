"""What the people of a place reach of one service by one mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.network import TravelCosts
    from spatialjustice.study.engine.setting_types import Cutoff, Unit
    from spatialjustice.study.engine.travel_modes import Travel


@dataclass(frozen=True)
class Reach:
    """What the people of a place reach of one service by one mode.

    ``costs`` and ``closest`` are by unit: minutes always, metres where a cutoff of the mode is in metres. ``unit`` is
    that of the largest cutoff, at which ``status`` is told.
    """

    mode: Travel
    service: str
    places: int
    unit: Unit
    costs: dict[Unit, TravelCosts]
    closest: dict[Unit, pd.Series[Any]]
    status: pd.Series[Any]
    counts: dict[str, pd.Series[Any]]

    @property
    def minutes(self) -> pd.Series[Any]:
        """Minutes to the closest place."""
        return self.closest["minutes"]

    @property
    def metres(self) -> pd.Series[Any]:
        """Metres to the closest place, where they were asked for."""
        return self.closest["metres"]

    def within(self, cutoff: Cutoff) -> pd.Series[bool]:
        """Which zones have a place within a cutoff, itself included."""
        return self.closest[cutoff.measure] <= cutoff.value
