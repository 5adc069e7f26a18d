"""Places and streets to travel costs."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.network.costs import TravelCosts
    from spatialjustice.network.exchange import from_osmnx, load, to_osmnx
    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.contracted import contracted_streets, joined_points
    from spatialjustice.network.routes.path import path
    from spatialjustice.network.routes.reached_streets import reached_streets
    from spatialjustice.network.saving import save
    from spatialjustice.network.snap import outline_access
    from spatialjustice.network.straight import StraightLineCosts, StraightLines, straight_lines
    from spatialjustice.network.streets.build import from_frames
    from spatialjustice.network.streets.modes import (
        BICYCLE,
        DRIVE,
        MODES,
        STROLLER,
        WALK,
        WALK_CHILD,
        WALK_OLDER_PERSON,
        WHEELCHAIR,
        Mode,
        Pace,
        Permission,
        mode_named,
    )
    from spatialjustice.network.streets.osm_file import from_osm, networks_from_osm
    from spatialjustice.network.streets.slope import pace_factor
    from spatialjustice.network.streets.speeds import maxspeed
    from spatialjustice.network.transit.departures.draws import from_gtfs_draws
    from spatialjustice.network.transit.departures.journey import journey
    from spatialjustice.network.transit.network import TransitNetwork, from_gtfs
    from spatialjustice.network.transit.travel_costs import TransitCosts

__all__ = [
    "BICYCLE",
    "DRIVE",
    "MODES",
    "STROLLER",
    "WALK",
    "WALK_CHILD",
    "WALK_OLDER_PERSON",
    "WHEELCHAIR",
    "Mode",
    "Network",
    "Pace",
    "Permission",
    "StraightLineCosts",
    "StraightLines",
    "TransitCosts",
    "TransitNetwork",
    "TravelCosts",
    "contracted_streets",
    "from_frames",
    "from_gtfs",
    "from_gtfs_draws",
    "from_osm",
    "from_osmnx",
    "joined_points",
    "journey",
    "load",
    "maxspeed",
    "mode_named",
    "networks_from_osm",
    "outline_access",
    "pace_factor",
    "path",
    "reached_streets",
    "save",
    "straight_lines",
    "to_osmnx",
]

lazy_room(
    __name__,
    {
        "Network": ".network",
        "TravelCosts": ".costs",
        "outline_access": ".snap",
        "TransitCosts": ".transit.travel_costs",
        "from_gtfs_draws": ".transit.departures.draws",
        "journey": ".transit.departures.journey",
        **dict.fromkeys(["TransitNetwork", "from_gtfs"], ".transit.network"),
        "maxspeed": ".streets.speeds",
        "pace_factor": ".streets.slope",
        "save": ".saving",
        "from_frames": ".streets.build",
        **dict.fromkeys(["from_osm", "networks_from_osm"], ".streets.osm_file"),
        **dict.fromkeys(["from_osmnx", "load", "to_osmnx"], ".exchange"),
        **dict.fromkeys(["contracted_streets", "joined_points"], ".routes.contracted"),
        "path": ".routes.path",
        "reached_streets": ".routes.reached_streets",
        **dict.fromkeys(
            ["BICYCLE", "DRIVE", "MODES", "STROLLER", "WALK", "WALK_CHILD", "WALK_OLDER_PERSON", "WHEELCHAIR"],
            ".streets.modes",
        ),
        **dict.fromkeys(["StraightLineCosts", "StraightLines", "straight_lines"], ".straight"),
        **dict.fromkeys(["Mode", "Pace", "Permission", "mode_named"], ".streets.modes"),
    },
)
