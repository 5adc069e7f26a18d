"""How unequally something is spread: over people, between groups, in space.

Needs no network: a Series of values and one of people are enough.
"""

from typing import TYPE_CHECKING

from spatialjustice._core.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.inequality.autocorrelation import false_discovery_rate, local_moran, moran
    from spatialjustice.inequality.distribution import gini, lorenz_curve, palma_ratio, weighted_quantile
    from spatialjustice.inequality.neighbours import contiguity, distance_band, nearest

__all__ = [
    "contiguity",
    "distance_band",
    "false_discovery_rate",
    "gini",
    "local_moran",
    "lorenz_curve",
    "moran",
    "nearest",
    "palma_ratio",
    "weighted_quantile",
]

lazy_room(
    __name__,
    {
        **dict.fromkeys(["gini", "lorenz_curve", "palma_ratio", "weighted_quantile"], ".distribution"),
        **dict.fromkeys(["contiguity", "distance_band", "nearest"], ".neighbours"),
        **dict.fromkeys(["false_discovery_rate", "local_moran", "moran"], ".autocorrelation"),
    },
)
