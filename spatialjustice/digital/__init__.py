"""Who is connected and who is not: indices of the digital divide, where it meets that of places, and whole cities.
"""Who is connected and who is not: what there is to connect with, who uses it, and where it meets access to places.

A frame of zones with shares and speeds is enough for most questions; no network is needed.
"""

from typing import TYPE_CHECKING

from spatialjustice._core.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.digital.comparison import compare_profiles, profile_scores
    from spatialjustice.digital.index import divide_index, indicator_correlation, rank_range
    from spatialjustice.digital.profile import indicators, smart_city_profile, supply_beside_use
    from spatialjustice.digital.rank_intervals import rank_interval

_PUBLIC = {
    ".comparison": ["compare_profiles", "profile_scores"],
    ".index": ["divide_index", "indicator_correlation", "rank_range"],
    ".profile": ["indicators", "smart_city_profile", "supply_beside_use"],
    ".rank_intervals": ["rank_interval"],
}

__all__ = [
    "compare_profiles",
    "divide_index",
    "indicator_correlation",
    "indicators",
    "profile_scores",
    "rank_interval",
    "rank_range",
    "smart_city_profile",
    "supply_beside_use",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
    from spatialjustice.digital._people import people_by_class, people_covered
    from spatialjustice.digital.adoption import adoption, affordability, skill_proxies
    from spatialjustice.digital.connection import served_not_connected, supply_adoption_classes
    from spatialjustice.digital.exclusion import (
        double_exclusion,
        double_exclusion_classes,
        exclusion_by_group,
        exclusion_totals,
    )
    from spatialjustice.digital.index import divide_index, indicator_correlation, rank_range
    from spatialjustice.digital.speeds import measured_speed, people_with_speed, provider_choice, speed_summary
    from spatialjustice.digital.supply import cabinet_distance, mobile_coverage, open_reach, share_within

__all__ = [
    "adoption",
    "affordability",
    "cabinet_distance",
    "divide_index",
    "double_exclusion",
    "double_exclusion_classes",
    "exclusion_by_group",
    "exclusion_totals",
    "indicator_correlation",
    "measured_speed",
    "mobile_coverage",
    "open_reach",
    "people_by_class",
    "people_covered",
    "people_with_speed",
    "provider_choice",
    "rank_range",
    "served_not_connected",
    "share_within",
    "skill_proxies",
    "speed_summary",
    "supply_adoption_classes",
]

lazy_room(
    __name__,
    {
        **dict.fromkeys(["people_by_class", "people_covered"], "._people"),
        **dict.fromkeys(["adoption", "affordability", "skill_proxies"], ".adoption"),
        **dict.fromkeys(["served_not_connected", "supply_adoption_classes"], ".connection"),
        **dict.fromkeys(
            ["double_exclusion", "double_exclusion_classes", "exclusion_by_group", "exclusion_totals"], ".exclusion"
        ),
        **dict.fromkeys(["divide_index", "indicator_correlation", "rank_range"], ".index"),
        **dict.fromkeys(["measured_speed", "people_with_speed", "provider_choice", "speed_summary"], ".speeds"),
        **dict.fromkeys(["cabinet_distance", "mobile_coverage", "open_reach", "share_within"], ".supply"),
    },
)
