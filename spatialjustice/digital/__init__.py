"""Who is connected and who is not: indices of the digital divide, where it meets that of places, and whole cities.

A frame of zones with shares and speeds is enough; no network is needed.
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
