"""Who reaches what: one verb per question, for travel costs of a network or of any table."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.access import decay
    from spatialjustice.access._cost_tables import PairCosts
    from spatialjustice.access.areas.in_squares import isochrones_in_squares
    from spatialjustice.access.areas.isochrones import isochrones, service_area
    from spatialjustice.access.basket import basket, basket_cost, basket_people
    from spatialjustice.access.checks.audit import edge_effect, snap_sensitivity
    from spatialjustice.access.checks.stability import worst_served_stability
    from spatialjustice.access.checks.validate import validate
    from spatialjustice.access.closest import cost_to_closest
    from spatialjustice.access.comparison.compare import agreement, compare
    from spatialjustice.access.comparison.profile import profile
    from spatialjustice.access.comparison.sweep import sweep
    from spatialjustice.access.competition.availability import (
        constrained_accessibility,
        constrained_flows,
        spatial_availability,
    )
    from spatialjustice.access.competition.balancing import balancing_cost
    from spatialjustice.access.competition.catchment import floating_catchment_area, supply_ratio
    from spatialjustice.access.competition.raam import raam, raam_demand
    from spatialjustice.access.coverage import STATUSES, coverage, status
    from spatialjustice.access.cumulative import cumulative_cutoff, cumulative_interval
    from spatialjustice.access.gravity import gravity, passive_access
    from spatialjustice.access.logsum import logsum
    from spatialjustice.access.matrices.adapter import costs, costs_by_column
    from spatialjustice.access.transit.by_departure import cumulative_by_departure
    from spatialjustice.access.transit.draws import over_draws
    from spatialjustice.access.transit.gap import CHANGES, timetable_change, timetable_gap
    from spatialjustice.access.transit.nearby import SERVICE_STATUSES, service_coverage, service_status
    from spatialjustice.access.transit.service import stop_service

__all__ = [
    "CHANGES",
    "SERVICE_STATUSES",
    "STATUSES",
    "PairCosts",
    "agreement",
    "balancing_cost",
    "basket",
    "basket_cost",
    "basket_people",
    "compare",
    "constrained_accessibility",
    "constrained_flows",
    "cost_to_closest",
    "costs",
    "costs_by_column",
    "coverage",
    "cumulative_by_departure",
    "cumulative_cutoff",
    "cumulative_interval",
    "decay",
    "edge_effect",
    "floating_catchment_area",
    "gravity",
    "isochrones",
    "isochrones_in_squares",
    "logsum",
    "over_draws",
    "passive_access",
    "profile",
    "raam",
    "raam_demand",
    "service_area",
    "service_coverage",
    "service_status",
    "snap_sensitivity",
    "spatial_availability",
    "status",
    "stop_service",
    "supply_ratio",
    "sweep",
    "timetable_change",
    "timetable_gap",
    "validate",
    "worst_served_stability",
]

lazy_room(
    __name__,
    {
        "balancing_cost": ".competition.balancing",
        **dict.fromkeys(["basket", "basket_cost", "basket_people"], ".basket"),
        "PairCosts": "._cost_tables",
        "cost_to_closest": ".closest",
        **dict.fromkeys(["costs", "costs_by_column"], ".matrices.adapter"),
        "decay": ".decay",
        "logsum": ".logsum",
        "profile": ".comparison.profile",
        "sweep": ".comparison.sweep",
        **dict.fromkeys(["agreement", "compare"], ".comparison.compare"),
        "validate": ".checks.validate",
        "worst_served_stability": ".checks.stability",
        **dict.fromkeys(["STATUSES", "coverage", "status"], ".coverage"),
        **dict.fromkeys(
            ["constrained_accessibility", "constrained_flows", "spatial_availability"], ".competition.availability"
        ),
        **dict.fromkeys(["cumulative_cutoff", "cumulative_interval"], ".cumulative"),
        **dict.fromkeys(["edge_effect", "snap_sensitivity"], ".checks.audit"),
        **dict.fromkeys(["floating_catchment_area", "supply_ratio"], ".competition.catchment"),
        **dict.fromkeys(["gravity", "passive_access"], ".gravity"),
        **dict.fromkeys(["isochrones", "service_area"], ".areas.isochrones"),
        "isochrones_in_squares": ".areas.in_squares",
        **dict.fromkeys(["raam", "raam_demand"], ".competition.raam"),
        "cumulative_by_departure": ".transit.by_departure",
        "over_draws": ".transit.draws",
        "stop_service": ".transit.service",
        **dict.fromkeys(["CHANGES", "timetable_change", "timetable_gap"], ".transit.gap"),
        **dict.fromkeys(["SERVICE_STATUSES", "service_coverage", "service_status"], ".transit.nearby"),
    },
)
