"""How unequally something is spread: over people, between groups, in space, over time.

Needs no network: a Series of values and one of people are enough.
"""

from typing import TYPE_CHECKING

from spatialjustice._core.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.inequality import models
    from spatialjustice.inequality.autocorrelation import false_discovery_rate, local_moran, moran
    from spatialjustice.inequality.bivariate import lee, local_lee, local_moran_bivariate, moran_bivariate
    from spatialjustice.inequality.comparison import common_breaks, compare
    from spatialjustice.inequality.concentration import concentration_curve, concentration_index, suits
    from spatialjustice.inequality.convergence import beta_convergence, sigma_convergence
    from spatialjustice.inequality.decomposition import decompose
    from spatialjustice.inequality.difference import gap_decomposition
    from spatialjustice.inequality.distribution import (
        gini,
        hoover,
        lorenz_curve,
        palma_ratio,
        quantile_ratio,
        share_ratio,
        weighted_quantile,
    )
    from spatialjustice.inequality.entropy import atkinson, generalized_entropy, kolm_pollak_ede, theil_l, theil_t
    from spatialjustice.inequality.exposure import access_weighted_exposure
    from spatialjustice.inequality.geary import geary, local_geary
    from spatialjustice.inequality.getis_ord import getis_ord, local_getis_ord
    from spatialjustice.inequality.groups import (
        Groups,
        group_gap,
        group_means,
        group_representation,
        group_sufficiency,
        groups_from_counts,
        groups_from_labels,
        groups_from_shares,
        income_groups,
    )
    from spatialjustice.inequality.gwr import LocalModel, geographically_weighted
    from spatialjustice.inequality.intervals import Estimate, interval, interval_from_margins
    from spatialjustice.inequality.join_counts import join_counts
    from spatialjustice.inequality.margins import margin_of_ratio, margin_of_share, margin_of_sum
    from spatialjustice.inequality.mobility import mobility_index, rank_mobility, steady_state, transition_table
    from spatialjustice.inequality.models import (
        Choice,
        Model,
        choose_model,
        ordinary_least_squares,
        spatial_error,
        spatial_lag,
    )
    from spatialjustice.inequality.need import need_against_access
    from spatialjustice.inequality.neighbours import contiguity, distance_band, nearest, travel_time_band
    from spatialjustice.inequality.rank_changes import random_zonings, rank_flips, rank_stability
    from spatialjustice.inequality.regions import region_profile, regions_of_disadvantage
    from spatialjustice.inequality.segregation import (
        dissimilarity,
        divergence_index,
        entropy_index,
        interaction,
        isolation,
        segregation,
        segregation_profile,
    )
    from spatialjustice.inequality.sensitivity import sensitivity
    from spatialjustice.inequality.spatial_inequality import spatial_gini, theil_between_regions
    from spatialjustice.inequality.spatial_markov import spatial_markov, transition_test
    from spatialjustice.inequality.standardised import standardised_gap
    from spatialjustice.inequality.sufficiency import fgt
    from spatialjustice.inequality.summary import summary

_PUBLIC = {
    ".autocorrelation": [
        "false_discovery_rate",
        "local_moran",
        "moran",
    ],
    ".bivariate": [
        "lee",
        "local_lee",
        "local_moran_bivariate",
        "moran_bivariate",
    ],
    ".comparison": [
        "common_breaks",
        "compare",
    ],
    ".concentration": [
        "concentration_curve",
        "concentration_index",
        "suits",
    ],
    ".convergence": [
        "beta_convergence",
        "sigma_convergence",
    ],
    ".decomposition": [
        "decompose",
    ],
    ".difference": [
        "gap_decomposition",
    ],
    ".distribution": [
        "gini",
        "hoover",
        "lorenz_curve",
        "palma_ratio",
        "quantile_ratio",
        "share_ratio",
        "weighted_quantile",
    ],
    ".entropy": [
        "atkinson",
        "generalized_entropy",
        "kolm_pollak_ede",
        "theil_l",
        "theil_t",
    ],
    ".exposure": [
        "access_weighted_exposure",
    ],
    ".geary": [
        "geary",
        "local_geary",
    ],
    ".getis_ord": [
        "getis_ord",
        "local_getis_ord",
    ],
    ".groups": [
        "Groups",
        "group_gap",
        "group_means",
        "group_representation",
        "group_sufficiency",
        "groups_from_counts",
        "groups_from_labels",
        "groups_from_shares",
        "income_groups",
    ],
    ".gwr": [
        "LocalModel",
        "geographically_weighted",
    ],
    ".intervals": [
        "Estimate",
        "interval",
        "interval_from_margins",
    ],
    ".join_counts": [
        "join_counts",
    ],
    ".margins": [
        "margin_of_ratio",
        "margin_of_share",
        "margin_of_sum",
    ],
    ".mobility": [
        "mobility_index",
        "rank_mobility",
        "steady_state",
        "transition_table",
    ],
    ".models": [
        "models",
        "Choice",
        "Model",
        "choose_model",
        "ordinary_least_squares",
        "spatial_error",
        "spatial_lag",
    ],
    ".need": [
        "need_against_access",
    ],
    ".neighbours": [
        "contiguity",
        "distance_band",
        "nearest",
        "travel_time_band",
    ],
    ".rank_changes": [
        "random_zonings",
        "rank_flips",
        "rank_stability",
    ],
    ".regions": [
        "region_profile",
        "regions_of_disadvantage",
    ],
    ".segregation": [
        "dissimilarity",
        "divergence_index",
        "entropy_index",
        "interaction",
        "isolation",
        "segregation",
        "segregation_profile",
    ],
    ".sensitivity": [
        "sensitivity",
    ],
    ".spatial_inequality": [
        "spatial_gini",
        "theil_between_regions",
    ],
    ".spatial_markov": [
        "spatial_markov",
        "transition_test",
    ],
    ".standardised": [
        "standardised_gap",
    ],
    ".sufficiency": [
        "fgt",
    ],
    ".summary": [
        "summary",
    ],
}

__all__ = [
    "Choice",
    "Estimate",
    "Groups",
    "LocalModel",
    "Model",
    "access_weighted_exposure",
    "atkinson",
    "beta_convergence",
    "choose_model",
    "common_breaks",
    "compare",
    "concentration_curve",
    "concentration_index",
    "contiguity",
    "decompose",
    "dissimilarity",
    "distance_band",
    "divergence_index",
    "entropy_index",
    "false_discovery_rate",
    "fgt",
    "gap_decomposition",
    "geary",
    "generalized_entropy",
    "geographically_weighted",
    "getis_ord",
    "gini",
    "group_gap",
    "group_means",
    "group_representation",
    "group_sufficiency",
    "groups_from_counts",
    "groups_from_labels",
    "groups_from_shares",
    "hoover",
    "income_groups",
    "interaction",
    "interval",
    "interval_from_margins",
    "isolation",
    "join_counts",
    "kolm_pollak_ede",
    "lee",
    "local_geary",
    "local_getis_ord",
    "local_lee",
    "local_moran",
    "local_moran_bivariate",
    "lorenz_curve",
    "margin_of_ratio",
    "margin_of_share",
    "margin_of_sum",
    "mobility_index",
    "models",
    "moran",
    "moran_bivariate",
    "nearest",
    "need_against_access",
    "ordinary_least_squares",
    "palma_ratio",
    "quantile_ratio",
    "random_zonings",
    "rank_flips",
    "rank_mobility",
    "rank_stability",
    "region_profile",
    "regions_of_disadvantage",
    "segregation",
    "segregation_profile",
    "sensitivity",
    "share_ratio",
    "sigma_convergence",
    "spatial_error",
    "spatial_gini",
    "spatial_lag",
    "spatial_markov",
    "standardised_gap",
    "steady_state",
    "suits",
    "summary",
    "theil_between_regions",
    "theil_l",
    "theil_t",
    "transition_table",
    "transition_test",
    "travel_time_band",
    "weighted_quantile",
]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
