"""How unequally something is spread: over people, between groups, in space, over time.

Needs no network: a Series of values and one of people are enough.
"""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.inequality import models
    from spatialjustice.inequality.distribution.absolute import absolute_concentration_index, kolm
    from spatialjustice.inequality.distribution.concentration import concentration_curve, concentration_index, suits
    from spatialjustice.inequality.distribution.decomposition import decompose
    from spatialjustice.inequality.distribution.entropy import (
        atkinson,
        generalized_entropy,
        kolm_pollak_ede,
        theil_l,
        theil_t,
    )
    from spatialjustice.inequality.distribution.gini_and_lorenz import gini, hoover, lorenz_curve, weighted_quantile
    from spatialjustice.inequality.distribution.intervals import Estimate, interval, interval_from_margins
    from spatialjustice.inequality.distribution.margins import margin_of_ratio, margin_of_share, margin_of_sum
    from spatialjustice.inequality.distribution.ratios import palma_ratio, quantile_ratio, share_ratio
    from spatialjustice.inequality.distribution.sufficiency import fgt
    from spatialjustice.inequality.distribution.summary import summary
    from spatialjustice.inequality.groups.blinder_oaxaca import gap_decomposition
    from spatialjustice.inequality.groups.exposure import access_weighted_exposure
    from spatialjustice.inequality.groups.gaps import (
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
    from spatialjustice.inequality.groups.segregation import (
        dissimilarity,
        divergence_index,
        entropy_index,
        interaction,
        isolation,
    )
    from spatialjustice.inequality.groups.segregation_tables import segregation, segregation_profile
    from spatialjustice.inequality.groups.standardised import standardised_gap
    from spatialjustice.inequality.models.gwr import LocalModel, geographically_weighted
    from spatialjustice.inequality.models.linear import (
        Choice,
        Model,
        choose_model,
        ordinary_least_squares,
        spatial_error,
        spatial_lag,
    )
    from spatialjustice.inequality.models.need import need_against_access
    from spatialjustice.inequality.poverty.alkire_foster import (
        alkire_foster,
        alkire_foster_dimensions,
        alkire_foster_groups,
    )
    from spatialjustice.inequality.poverty.bounds import alkire_foster_bounds, lack_bounds
    from spatialjustice.inequality.poverty.burden import cost_burden, residual_income
    from spatialjustice.inequality.poverty.lacks import lack_counts, lack_gaps, lacks
    from spatialjustice.inequality.poverty.lines import relative_line, relative_poverty
    from spatialjustice.inequality.poverty.robustness import alkire_foster_robustness
    from spatialjustice.inequality.sensitivity.choices import sensitivity
    from spatialjustice.inequality.sensitivity.comparison import common_breaks, compare
    from spatialjustice.inequality.sensitivity.rank_changes import random_zonings, rank_flips, rank_stability
    from spatialjustice.inequality.space.bivariate import lee, local_lee, local_moran_bivariate, moran_bivariate
    from spatialjustice.inequality.space.geary import geary, local_geary
    from spatialjustice.inequality.space.getis_ord import getis_ord, local_getis_ord
    from spatialjustice.inequality.space.join_counts import join_counts
    from spatialjustice.inequality.space.moran import false_discovery_rate, local_moran, moran
    from spatialjustice.inequality.space.neighbours.by_location import contiguity, distance_band, nearest
    from spatialjustice.inequality.space.neighbours.by_travel_time import travel_time_band
    from spatialjustice.inequality.space.regions import region_profile, regions_of_disadvantage
    from spatialjustice.inequality.space.spatial_inequality import spatial_gini, theil_between_regions
    from spatialjustice.inequality.time.convergence import beta_convergence, sigma_convergence
    from spatialjustice.inequality.time.mobility import mobility_index, rank_mobility, steady_state, transition_table
    from spatialjustice.inequality.time.spatial_markov import spatial_markov, transition_test

_PUBLIC = {
    ".distribution.absolute": [
        "absolute_concentration_index",
        "kolm",
    ],
    ".poverty.alkire_foster": [
        "alkire_foster",
        "alkire_foster_dimensions",
        "alkire_foster_groups",
    ],
    ".poverty.bounds": [
        "alkire_foster_bounds",
        "lack_bounds",
    ],
    ".poverty.burden": [
        "cost_burden",
        "residual_income",
    ],
    ".poverty.lacks": [
        "lack_counts",
        "lack_gaps",
        "lacks",
    ],
    ".poverty.lines": [
        "relative_line",
        "relative_poverty",
    ],
    ".poverty.robustness": [
        "alkire_foster_robustness",
    ],
    ".space.moran": [
        "false_discovery_rate",
        "local_moran",
        "moran",
    ],
    ".space.bivariate": [
        "lee",
        "local_lee",
        "local_moran_bivariate",
        "moran_bivariate",
    ],
    ".sensitivity.comparison": [
        "common_breaks",
        "compare",
    ],
    ".distribution.concentration": [
        "concentration_curve",
        "concentration_index",
        "suits",
    ],
    ".time.convergence": [
        "beta_convergence",
        "sigma_convergence",
    ],
    ".distribution.decomposition": [
        "decompose",
    ],
    ".groups.blinder_oaxaca": [
        "gap_decomposition",
    ],
    ".distribution.gini_and_lorenz": [
        "gini",
        "hoover",
        "lorenz_curve",
        "weighted_quantile",
    ],
    ".distribution.ratios": [
        "palma_ratio",
        "quantile_ratio",
        "share_ratio",
    ],
    ".distribution.entropy": [
        "atkinson",
        "generalized_entropy",
        "kolm_pollak_ede",
        "theil_l",
        "theil_t",
    ],
    ".groups.exposure": [
        "access_weighted_exposure",
    ],
    ".space.geary": [
        "geary",
        "local_geary",
    ],
    ".space.getis_ord": [
        "getis_ord",
        "local_getis_ord",
    ],
    ".groups.gaps": [
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
    ".models.gwr": [
        "LocalModel",
        "geographically_weighted",
    ],
    ".distribution.intervals": [
        "Estimate",
        "interval",
        "interval_from_margins",
    ],
    ".space.join_counts": [
        "join_counts",
    ],
    ".distribution.margins": [
        "margin_of_ratio",
        "margin_of_share",
        "margin_of_sum",
    ],
    ".time.mobility": [
        "mobility_index",
        "rank_mobility",
        "steady_state",
        "transition_table",
    ],
    ".models": [
        "models",
    ],
    ".models.linear": [
        "Choice",
        "Model",
        "choose_model",
        "ordinary_least_squares",
        "spatial_error",
        "spatial_lag",
    ],
    ".models.need": [
        "need_against_access",
    ],
    ".space.neighbours.by_location": [
        "contiguity",
        "distance_band",
        "nearest",
    ],
    ".space.neighbours.by_travel_time": [
        "travel_time_band",
    ],
    ".sensitivity.rank_changes": [
        "random_zonings",
        "rank_flips",
        "rank_stability",
    ],
    ".space.regions": [
        "region_profile",
        "regions_of_disadvantage",
    ],
    ".groups.segregation": [
        "dissimilarity",
        "divergence_index",
        "entropy_index",
        "interaction",
        "isolation",
    ],
    ".groups.segregation_tables": [
        "segregation",
        "segregation_profile",
    ],
    ".sensitivity.choices": [
        "sensitivity",
    ],
    ".space.spatial_inequality": [
        "spatial_gini",
        "theil_between_regions",
    ],
    ".time.spatial_markov": [
        "spatial_markov",
        "transition_test",
    ],
    ".groups.standardised": [
        "standardised_gap",
    ],
    ".distribution.sufficiency": [
        "fgt",
    ],
    ".distribution.summary": [
        "summary",
    ],
}

__all__ = [
    "Choice",
    "Estimate",
    "Groups",
    "LocalModel",
    "Model",
    "absolute_concentration_index",
    "access_weighted_exposure",
    "alkire_foster",
    "alkire_foster_bounds",
    "alkire_foster_dimensions",
    "alkire_foster_groups",
    "alkire_foster_robustness",
    "atkinson",
    "beta_convergence",
    "choose_model",
    "common_breaks",
    "compare",
    "concentration_curve",
    "concentration_index",
    "contiguity",
    "cost_burden",
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
    "kolm",
    "kolm_pollak_ede",
    "lack_bounds",
    "lack_counts",
    "lack_gaps",
    "lacks",
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
    "relative_line",
    "relative_poverty",
    "residual_income",
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
