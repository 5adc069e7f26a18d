"""Moran's I, global and local: whether zones resemble their neighbours, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice.inequality._inputs import (
    Floats,
    Values,
    checked_choice,
    flat_numbers,
    ids_of,
    refuse_rows,
)
from spatialjustice.inequality.space._graph import STYLES, Missing, Style, neighbourhoods, the_only, with_same_links
from spatialjustice.inequality.space._statistics import (
    GlobalSettings,
    LocalSettings,
    Observed,
    benjamini_hochberg,
    global_series,
    local_table,
    moran_quadrants,
    standard_deviation,
    weight_sums,
)
from spatialjustice.inequality.space.shuffling.permutation import SAME, p_value_of_sum
from spatialjustice.inequality.space.shuffling.together import redrawn_together, shuffled_together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from libpysal.graph import Graph


CLASSES = ("high-high", "low-low", "low-high", "high-low", "not significant", "island", "no data")
"""The labels of local statistics, in the order of a legend."""


def moran(
    values: pd.Series[Any],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    missing: Missing = "raise",
    style: Style = "W",
) -> pd.Series[Any]:
    r"""Tell whether neighbouring zones have more similar values than chance would give.

    :math:`I = \frac{n}{S_0} \frac{\sum_i \sum_j w_{ij} z_i z_j}{\sum_i z_i^2}`, with z the deviations from the mean,
    each zone's weights divided by their sum, and :math:`S_0` the sum of all weights. Islands (zones without neighbours)
    take no part: they count neither in n nor in the mean.

    Parameters
    ----------
    values
        One value for each zone; matched to the neighbours by id, in any order.
    neighbours
        Links between exactly these zones.
    rng
        Seed, or generator to draw one from; None draws a new one. The same seed gives the same bits.
    permutations
        How many times the values are shuffled over the zones for the p-value.
    missing
        What becomes of zones without a value: ``"raise"`` refuses them by name; ``"own class"`` leaves them out of
        everything.
    style
        How links are weighed. ``"W"``: the weights of each zone divided by their sum, so that every zone counts alike,
        and zones at the edge weigh their few neighbours more. ``"B"``: as they are in the graph (1 for neighbours), so
        that zones with many neighbours count more. ``"C"``: these, scaled so that all together sum to n; the same
        statistic as ``"B"``. ``"S"``: each zone's weights divided by the root of their summed squares, then scaled to
        n: between the two (Tiefelsdorf, Griffith & Boots).

    Returns
    -------
    Series
        ``statistic``: I, above ``expected`` where neighbours resemble each other. ``expected``: -1 / (n - 1).
        ``z_score``: distance of the two in standard deviations under randomisation (Cliff & Ord). ``p_value``:
        two-sided, from the permutations: twice the smaller tail's, what was observed included, at most 1.
        ``permutations``, ``seed``. ``n``: zones that took part. ``islands`` and ``no_data``: zones that did not.

    Raises
    ------
    InputError
        When values and neighbours have different ids, a value is missing (unless allowed) or infinite, all values are
        the same, or fewer than four zones take part.

    References
    ----------
    Moran, P. A. P. (1950). Notes on continuous stochastic phenomena. Biometrika, 37, 17-23. Cliff, A. D., & Ord, J. K.
    (1981). Spatial processes. Pion. Tiefelsdorf, M., Griffith, D. A., & Boots, B. (1999). A variance-stabilizing coding
    scheme for spatial link matrices. Environment and Planning A, 31(1), 165-180.

    Examples
    --------
    Four zones in a row, with rising values:

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> found = moran(pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4]), row, rng=1)
    >>> round(found["statistic"], 12), round(found["expected"], 12), found["n"]
    (0.4, -0.333333333333, 4)
    """
    return the_only(morans([values], neighbours, rng=rng, permutations=permutations, missing=missing, style=style))


def morans(
    columns: Sequence[pd.Series[Any]],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    missing: Missing = "raise",
    style: Style = "W",
) -> list[pd.Series[Any] | InputError]:
    """Return :func:`moran` of several things that the same zones have, from the same shuffles, or why one has none."""
    asked = GlobalSettings.checked(rng, permutations)
    checked_choice(style, tuple(STYLES), "style")
    facts = {"weights": STYLES[style], "style": style}
    zones = neighbourhoods(columns, neighbours, missing=missing)
    made: dict[int, pd.Series[Any] | InputError] = {
        place: one for place, one in enumerate(zones) if isinstance(one, InputError)
    }
    for places, few in with_same_links(zones):
        rows, of_zone, count = few[0].styled(style), few[0].sums(style), len(few[0].scores)
        total, weights = float(of_zone.sum()), weight_sums(rows)
        scores = [one.scores for one in few]
        shuffled = shuffled_together(scores, rows, permutations=asked.draws, seed=asked.seed)
        for place, one, z, sums in zip(places, few, scores, shuffled, strict=True):
            observed = sum_of_products(z, one.around() * of_zone)
            # The sum of squares of standardised values is n, so that n / S0 * observed / n is left.
            statistic, expected = observed / total, -1.0 / (count - 1)
            try:
                found = {
                    "statistic": statistic,
                    "expected": expected,
                    "z_score": (statistic - expected) / _standard_deviation_of_shuffles(z, weights),
                    "p_value": p_value_of_sum(sums, observed, SAME * max(count, total), asked.draws),
                }
            except InputError as error:
                made[place] = error
                continue
            made[place] = global_series("moran", columns[place], neighbours, one, found=found, asked=asked, **facts)
    return [made[place] for place in range(len(columns))]


def local_moran(
    values: pd.Series[Any],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    adjust: Literal["fdr", "none"] = "fdr",
    significance: float = 0.05,
    missing: Missing = "raise",
    style: Style = "W",
) -> pd.DataFrame:
    r"""Show where high values lie among high ones, low among low, and where a zone differs from its neighbours.

    :math:`I_i = \frac{(n - 1) z_i}{\sum_j z_j^2} \sum_j w_{ij} z_j`, with z the deviations from the mean and each
    zone's weights divided by their sum. Its p-value comes from conditional permutation: the zone keeps its value and
    its neighbours get values drawn without replacement from all other zones. Islands (zones without neighbours) and,
    where they are allowed, zones without a value take no part: neither in n, nor in the mean, nor in the draws.

    Parameters
    ----------
    values
        One value for each zone; matched to the neighbours by id, in any order.
    neighbours
        Links between exactly these zones.
    rng
        Seed, or generator to draw one from; None draws a new one, which ``attrs["seed"]`` tells. The same seed gives
        the same bits, in any order of the rows.
    permutations
        How many times each zone's neighbours are redrawn. The smallest p-value possible is 2 / (permutations + 1).
    adjust
        Many zones are tested at once: ``"fdr"`` adjusts p-values so that, of the zones called significant, the expected
        share called so by chance is at most ``significance`` (Benjamini & Hochberg). ``"none"`` leaves them as they
        are: a share ``significance`` of all zones is then called by chance alone.
    significance
        Largest adjusted p-value that is called significant.
    missing
        What becomes of zones without a value: ``"raise"`` refuses them by name; ``"own class"`` labels them
        ``no data``, and a zone with no other neighbours than these becomes an island.
    style
        How links are weighed, as in :func:`moran`. It scales statistic and expectation of a zone; p-values and labels
        are the same in all styles.

    Returns
    -------
    DataFrame
        On the index of the values. ``statistic``: I_i, positive among similar neighbours. ``expected``: its mean over
        all conditional permutations, :math:`-z_i^2 / \sum_j z_j^2`. ``p_value``: two-sided, twice the smaller tail's,
        what was observed included, at most 1. ``p_adjusted``. ``label``: one of ``attrs["classes"]``: ``high-high``,
        ``low-low``, ``low-high`` (low among high), ``high-low``, ``not significant``, ``island``, ``no data``; high
        means above the mean. The four numbers are NaN for islands and zones without data.

    Raises
    ------
    InputError
        As :func:`moran`, and when ``significance`` is not from 0 to 1.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis, 27(2), 93-115. Sokal, R. R.,
    Oden, N. L., & Thomson, B. A. (1998). Local spatial autocorrelation in a biological model. Geographical Analysis,
    30(4), 331-354 (expectation). Caldas de Castro, M., & Singer, B. H. (2006). Controlling the false discovery rate.
    Geographical Analysis, 38(2), 180-208.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> found = local_moran(pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4]), row, rng=1)
    >>> found["statistic"].round(12).tolist()
    [0.45, 0.15, 0.15, 0.45]
    >>> found["label"].unique().tolist()
    ['not significant']
    """
    options: dict[str, Any] = {"adjust": adjust, "significance": significance, "missing": missing, "style": style}
    return the_only(local_morans([values], neighbours, rng=rng, permutations=permutations, **options))


def local_morans(
    columns: Sequence[pd.Series[Any]],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    adjust: Literal["fdr", "none"] = "fdr",
    significance: float = 0.05,
    missing: Missing = "raise",
    style: Style = "W",
) -> list[pd.DataFrame | InputError]:
    """Return :func:`local_moran` of several things that the same zones have, all from the same draws."""
    asked = LocalSettings.checked(rng, permutations, adjust, significance)
    checked_choice(style, tuple(STYLES), "style")
    zones = neighbourhoods(columns, neighbours, missing=missing)
    made: dict[int, pd.DataFrame | InputError] = {
        place: one for place, one in enumerate(zones) if isinstance(one, InputError)
    }
    for places, few in with_same_links(zones):
        has, count = few[0].has_neighbours, len(few[0].scores)
        # A style weighs all neighbours of a zone alike, so that its p-value is the same in all of them.
        sums = few[0].sums(style)[has]
        drawn = redrawn_together([one.scores for one in few], few[0].rows, permutations=asked.draws, seed=asked.seed)
        for place, one, counts in zip(places, few, drawn, strict=True):
            around = one.around()
            found = Observed(
                # The sum of squares of standardised values is n.
                statistic=(count - 1) / count * (one.scores * around)[has] * sums,
                expected=-(one.scores**2)[has] / count * sums,
                counts=counts,
                kinds=moran_quadrants(one.scores[has], around[has]),
            )
            result = local_table("local_moran", columns[place], neighbours, one, found=found, asked=asked)
            result.attrs.update({"classes": list(CLASSES), "weights": STYLES[style], "style": style})
            made[place] = result
    return [made[place] for place in range(len(columns))]


def false_discovery_rate(p_values: Values) -> pd.Series[Any]:
    r"""Find the false discovery rate at which each test would just be called significant.

    Benjamini and Hochberg's adjusted p-values: with the p-values in rising order,
    :math:`\min_{j \geq i} (m p_j / j)`, at most 1. Holds for independent tests and for those of neighbouring zones,
    which depend on each other positively.

    Parameters
    ----------
    p_values
        From 0 to 1. A missing one is a test that was not made: it stays missing and does not count in m.

    Returns
    -------
    Series
        On the index of the p-values, between each of them and 1.

    Raises
    ------
    InputError
        When a p-value is below 0 or above 1.

    References
    ----------
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society
    B, 57(1), 289-300.

    Examples
    --------
    >>> false_discovery_rate([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    found = flat_numbers(p_values, "p_values")
    ids = ids_of(p_values, "p_values")
    made = ~np.isnan(found)
    outside = made & ~((found >= 0) & (found <= 1))
    refuse_rows(outside, ids, "p_values", "are not from 0 to 1", "Check that the column is the right one.")
    found[made] = benjamini_hochberg(found[made])
    return pd.Series(found, index=ids, name="p_adjusted")


def _standard_deviation_of_shuffles(scores: Floats, weights: tuple[float, float, float]) -> float:
    """Return the standard deviation of Moran's I when the values are shuffled over the zones (Cliff & Ord 1981)."""
    s0, s1, s2 = weights
    fourth = float(np.mean(scores**4))  # the variance is 1
    n = float(len(scores))
    first = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    second = fourth * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - 1 / (n - 1) ** 2
    return standard_deviation(variance, "Moran's I")
