"""Places and streets to travel costs."""

from typing import TYPE_CHECKING

from spatialjustice._core.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.network.build import from_frames, from_osm
    from spatialjustice.network.costs import TravelCosts
    from spatialjustice.network.modes import MODES, WALK, Mode, Permission, mode_named
    from spatialjustice.network.network import Network

__all__ = ["MODES", "WALK", "Mode", "Network", "Permission", "TravelCosts", "from_frames", "from_osm", "mode_named"]

lazy_room(
    __name__,
    {
        "Network": ".network",
        "TravelCosts": ".costs",
        **dict.fromkeys(["from_frames", "from_osm"], ".build"),
        **dict.fromkeys(["MODES", "WALK", "Mode", "Permission", "mode_named"], ".modes"),
    },
)
