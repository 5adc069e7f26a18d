"""Who is connected and who is not: what there is to connect with, who uses it, where it meets access, whole cities.

A frame of zones with shares and speeds is enough for most questions; no network is needed.
"""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.digital._people import people_by_class, people_covered
    from spatialjustice.digital.adoption import adoption, affordability, skill_proxies
    from spatialjustice.digital.comparison import compare_profiles, profile_scores
    from spatialjustice.digital.connections.served_not_connected import served_not_connected, supply_adoption_classes
    from spatialjustice.digital.connections.speeds import (
        measured_speed,
        people_with_speed,
        provider_choice,
        speed_summary,
    )
    from spatialjustice.digital.connections.supply import cabinet_distance, mobile_coverage, open_reach, share_within
    from spatialjustice.digital.exclusion import (
        double_exclusion,
        double_exclusion_classes,
        exclusion_by_group,
        exclusion_totals,
    )
    from spatialjustice.digital.index.divide_index import divide_index, indicator_correlation, rank_range
    from spatialjustice.digital.index.rank_intervals import rank_interval
    from spatialjustice.digital.profile import indicators, smart_city_profile, supply_beside_use
    from spatialjustice.digital.together.moving_online import moving_online
    from spatialjustice.digital.together.physical_and_remote import physical_and_remote
    from spatialjustice.digital.together.supply import supply_with_remote
    from spatialjustice.digital.together.tables import together_by_group, together_totals

_PUBLIC = {
    "._people": ["people_by_class", "people_covered"],
    ".adoption": ["adoption", "affordability", "skill_proxies"],
    ".comparison": ["compare_profiles", "profile_scores"],
    ".connections.served_not_connected": ["served_not_connected", "supply_adoption_classes"],
    ".exclusion": ["double_exclusion", "double_exclusion_classes", "exclusion_by_group", "exclusion_totals"],
    ".index.divide_index": ["divide_index", "indicator_correlation", "rank_range"],
    ".profile": ["indicators", "smart_city_profile", "supply_beside_use"],
    ".index.rank_intervals": ["rank_interval"],
    ".together.moving_online": ["moving_online"],
    ".together.physical_and_remote": ["physical_and_remote"],
    ".together.supply": ["supply_with_remote"],
    ".together.tables": ["together_by_group", "together_totals"],
    ".connections.speeds": ["measured_speed", "people_with_speed", "provider_choice", "speed_summary"],
    ".connections.supply": ["cabinet_distance", "mobile_coverage", "open_reach", "share_within"],
}

__all__ = [
    "adoption",
    "affordability",
    "cabinet_distance",
    "compare_profiles",
    "divide_index",
    "double_exclusion",
    "double_exclusion_classes",
    "exclusion_by_group",
    "exclusion_totals",
    "indicator_correlation",
    "indicators",
    "measured_speed",
    "mobile_coverage",
    "moving_online",
    "open_reach",
    "people_by_class",
    "people_covered",
    "people_with_speed",
    "physical_and_remote",
    "profile_scores",
    "provider_choice",
    "rank_interval",
    "rank_range",
    "served_not_connected",
    "share_within",
    "skill_proxies",
    "smart_city_profile",
    "speed_summary",
    "supply_adoption_classes",
    "supply_beside_use",
    "supply_with_remote",
    "together_by_group",
    "together_totals",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
