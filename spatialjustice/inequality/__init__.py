"""How unequally something is spread: over people, between groups, in space, over time.

Needs no network: a Series of values and one of people are enough.
"""

from typing import TYPE_CHECKING

from spatialjustice._core.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.inequality.autocorrelation import false_discovery_rate, local_moran, moran
    from spatialjustice.inequality.bivariate import lee, local_moran_bivariate, moran_bivariate
    from spatialjustice.inequality.distribution import gini, lorenz_curve, palma_ratio, weighted_quantile
    from spatialjustice.inequality.join_counts import coded, join_counts
    from spatialjustice.inequality.neighbours import contiguity, distance_band, nearest, travel_time_band
    from spatialjustice.inequality.spatial_inequality import spatial_gini, theil_between_regions

__all__ = [
    "coded",
    "contiguity",
    "distance_band",
    "false_discovery_rate",
    "gini",
    "join_counts",
    "lee",
    "local_moran",
    "local_moran_bivariate",
    "lorenz_curve",
    "moran",
    "moran_bivariate",
    "nearest",
    "palma_ratio",
    "spatial_gini",
    "theil_between_regions",
    "travel_time_band",
    "weighted_quantile",
]

lazy_room(
    __name__,
    {
        **dict.fromkeys(["false_discovery_rate", "local_moran", "moran"], ".autocorrelation"),
        **dict.fromkeys(["lee", "local_moran_bivariate", "moran_bivariate"], ".bivariate"),
        **dict.fromkeys(["gini", "lorenz_curve", "palma_ratio", "weighted_quantile"], ".distribution"),
        **dict.fromkeys(["coded", "join_counts"], ".join_counts"),
        **dict.fromkeys(["contiguity", "distance_band", "nearest", "travel_time_band"], ".neighbours"),
        **dict.fromkeys(["spatial_gini", "theil_between_regions"], ".spatial_inequality"),
    },
)
