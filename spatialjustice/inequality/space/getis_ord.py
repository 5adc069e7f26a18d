"""Where much lies beside much, and little beside little: Getis and Ord's G, of the whole place and of every zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import flat_numbers, refuse_rows
from spatialjustice.inequality.space._graph import Missing, neighbourhood
from spatialjustice.inequality.space._statistics import (
    GlobalSettings,
    LocalSettings,
    Observed,
    global_series,
    local_table,
    standard_deviation,
    weight_sums,
)
from spatialjustice.inequality.space.shuffling.permutation import (
    SAME,
    conditional_counts,
    p_value_of_sum,
    shuffled_sums,
)

if TYPE_CHECKING:
    import pandas as pd
    from libpysal.graph import Graph

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.space._graph import Neighbourhood
    from spatialjustice.inequality.space.shuffling.kinds import Rows

CLASSES = ("hot spot", "cold spot", "not significant", "island", "no data")


def getis_ord(
    values: pd.Series[Any],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    missing: Missing = "raise",
) -> pd.Series[Any]:
    r"""Tell whether it is high or low values that lie together in a place.

    :math:`G = \sum_i \sum_{j \neq i} w_{ij} x_i x_j / \sum_i \sum_{j \neq i} x_i x_j`, with the weights of the
    graph as they are (1 for neighbours). Above what is expected, high values cluster; below it, low ones do. Moran's I
    tells that alike values cluster, but not which. Islands take no part.

    Parameters
    ----------
    values
        One value of 0 or more for each zone, with a natural zero (people, minutes, shares; not z-scores).
    neighbours, rng, permutations, missing
        As :func:`moran`.

    Returns
    -------
    Series
        ``statistic``: G. ``expected``: :math:`S_0 / (n (n - 1))`. ``z_score``: distance of the two in standard
        deviations under randomisation. ``p_value``, ``permutations``, ``seed``, ``n``, ``islands``, ``no_data``: as
        :func:`moran`.

    Raises
    ------
    InputError
        As :func:`moran`; when a value is negative.

    References
    ----------
    Getis, A., & Ord, J. K. (1992). The analysis of spatial association by use of distance statistics. Geographical
    Analysis, 24(3), 189-206.

    Examples
    --------
    Four zones in a row, with rising values; neighbours are 3 of the 6 pairs:

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> found = getis_ord(pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4]), row, rng=1)
    >>> round(found["statistic"], 6), found["expected"]  # (2 + 6 + 12) / 35
    (0.571429, 0.5)
    """
    asked = GlobalSettings.checked(rng, permutations)
    zones = neighbourhood(values, neighbours, missing=missing)
    x, count = _amounts(values, zones), len(zones.scores)
    sizes = np.diff(zones.raw.start)
    owner = np.repeat(np.arange(count), sizes)
    observed = float((zones.raw.weight * x[owner] * x[zones.raw.neighbour]).sum())
    sums = shuffled_sums(x, x, zones.raw, permutations=asked.draws, seed=asked.seed)
    margin = SAME * max(float(zones.raw.weight.sum()), 1.0) * float(x.max()) ** 2
    pairs = float(x.sum() ** 2 - (x**2).sum())
    if pairs <= 0:
        raise InputError(
            "values", "only one zone has anything", "G compares products of two zones, which are all 0 here."
        )
    statistic, expected = observed / pairs, float(zones.raw.weight.sum()) / (count * (count - 1))
    found = {
        "statistic": statistic,
        "expected": expected,
        "z_score": (statistic - expected) / _standard_deviation_of_shuffles(x, zones.raw, expected),
        "p_value": p_value_of_sum(sums, observed, margin, asked.draws),
    }
    return global_series("getis_ord", values, neighbours, zones, found=found, asked=asked, weights="of the graph")


def local_getis_ord(
    values: pd.Series[Any],
    neighbours: Graph,
    *,
    star: bool = True,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    adjust: Literal["fdr", "none"] = "fdr",
    significance: float = 0.05,
    missing: Missing = "raise",
) -> pd.DataFrame:
    r"""Show hot spots, where high values lie together, and cold spots, where low ones do.

    :math:`G_i^* = \sum_j w_{ij} x_j / \sum_j x_j`, the zone itself being one of its neighbours, with the mean weight of
    the others, and all weights divided by their sum. Without ``star`` the zone is left out of both sums. P-values come
    from conditional permutation as in :func:`local_moran`; what a zone has itself stays with it, so that those of both
    forms are the same, and only the statistic differs.

    Parameters
    ----------
    values
        One value of 0 or more for each zone, with a natural zero.
    star
        Whether a zone is one of its own neighbours.
    neighbours, rng, permutations, adjust, significance, missing
        As :func:`local_moran`.

    Returns
    -------
    DataFrame
        Columns as :func:`local_moran`. ``statistic``: G_i* or G_i, the share of the neighbourhood in all there is.
        ``expected``: its mean over all conditional permutations. ``z_score``: distance from the mean under
        randomisation in standard deviations (Ord & Getis), which other programs show; with ``star`` the zone's own
        value is part of it. ``label``: ``hot spot`` where the neighbourhood is above what is expected, ``cold spot``
        where it is below, ``not significant``, ``island``, ``no data``; it goes by the p-value, not by the z-score.

    Raises
    ------
    InputError
        As :func:`local_moran`; when a value is negative.

    References
    ----------
    Getis, A., & Ord, J. K. (1992). The analysis of spatial association by use of distance statistics. Geographical
    Analysis, 24(3), 189-206. Ord, J. K., & Getis, A. (1995). Local spatial autocorrelation statistics: Distributional
    issues and an application. Geographical Analysis, 27(4), 286-306.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> values = pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4])
    >>> local_getis_ord(values, row, rng=1)["statistic"].round(4).tolist()  # of 10: means of 1.5, 2, 3 and 3.5
    [0.15, 0.2, 0.3, 0.35]
    >>> local_getis_ord(values, row, star=False, rng=1)["statistic"].round(4).tolist()  # 2 of 9, mean of 1 and 3 of 8
    [0.2222, 0.25, 0.4286, 0.5]
    """
    asked = LocalSettings.checked(rng, permutations, adjust, significance)
    zones = neighbourhood(values, neighbours, missing=missing)
    x, has, count = _amounts(values, zones), zones.has_neighbours, len(zones.scores)
    sizes = np.diff(zones.rows.start)
    owner = np.repeat(np.arange(count), sizes)
    around = np.bincount(owner, zones.rows.weight * x[zones.rows.neighbour], minlength=count)
    counts = conditional_counts(np.ones(count), x, zones.rows, permutations=asked.draws, seed=asked.seed)
    others = x.sum() - x
    expected_around = others / (count - 1)
    if star:
        own = 1.0 / (sizes[has] + 1.0)
        statistic = (own * x[has] + (1 - own) * around[has]) / x.sum()
        expected = (own * x[has] + (1 - own) * expected_around[has]) / x.sum()
    else:
        # Where all the others have nothing, there is nothing to have a share of.
        there = others[has] > 0
        statistic = np.divide(around[has], others[has], out=np.zeros(int(has.sum())), where=there)
        expected = np.where(there, 1.0 / (count - 1), 0.0)
    kinds = np.where(around[has] > expected_around[has], "hot spot", "cold spot").astype(object)
    result = local_table(
        "local_getis_ord", values, neighbours, zones, found=Observed(statistic, expected, counts, kinds), asked=asked
    )
    z_score = np.full(len(zones.index), np.nan)
    z_score[zones.place[has]] = _z_scores(x, zones.rows, np.asarray(around, dtype=np.float64), star=star)[has]
    result.insert(2, "z_score", z_score)
    result.attrs |= {"classes": list(CLASSES), "star": star}
    return result


def _z_scores(x: Floats, rows: Rows, around: Floats, *, star: bool) -> Floats:
    """Return how far G of each zone is from its mean under randomisation, in standard deviations (Ord & Getis 1995)."""
    count, sizes = len(x), np.diff(rows.start)
    owner = np.repeat(np.arange(count), sizes)
    squares: Floats = np.asarray(np.bincount(owner, rows.weight**2, minlength=count), dtype=np.float64)
    if star:
        own = 1.0 / (sizes + 1.0)
        weighted = own * x + (1 - own) * around
        squares = own**2 + (1 - own) ** 2 * squares
        mean, variance, n = np.full(count, x.mean()), np.full(count, x.var()), count
    else:
        weighted, n = around, count - 1
        mean = (x.sum() - x) / n
        variance = np.maximum(((x**2).sum() - x**2) / n - mean**2, 0.0)
    spread = np.sqrt(np.maximum(variance * (n * squares - 1.0) / (n - 1), 0.0))
    # A zone that is a neighbour of all others has the same G whatever their values are.
    found: Floats = np.full(count, np.nan)
    np.divide(weighted - mean, spread, out=found, where=spread > SAME)
    return found


def _amounts(values: pd.Series[Any], zones: Neighbourhood) -> Floats:
    """Return the values of the zones that take part as they are, which must not be negative."""
    found = flat_numbers(values, "values")
    refuse_rows(
        found < 0,
        values.index,
        "values",
        "values are negative",
        "G is of things that can be had, of which there is 0 or more. For others use moran and local_moran.",
    )
    x = found[zones.place]
    return np.asarray(x / x.max())


def _standard_deviation_of_shuffles(x: Floats, rows: Rows, expected: float) -> float:
    """Return the standard deviation of G when the values are shuffled over the zones (Getis & Ord 1992)."""
    s0, s1, s2 = weight_sums(rows)
    n = float(len(x))
    one, two, three, four = (float((x**power).sum()) for power in (1, 2, 3, 4))
    b0 = (n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2
    b1 = -((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    b2 = -(2 * n * s1 - (n + 3) * s2 + 6 * s0**2)
    b3 = 4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2
    b4 = s1 - s2 + s0**2
    square = b0 * two**2 + b1 * four + b2 * one**2 * two + b3 * one * three + b4 * one**4
    variance = square / ((one**2 - two) ** 2 * n * (n - 1) * (n - 2) * (n - 3)) - expected**2
    return standard_deviation(variance, "G", least=SAME * expected**2)
