"""Whether neighbouring zones differ less than chance would have it: Geary's C, of the whole place and of every zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from spatialjustice.inequality._inputs import checked_choice
from spatialjustice.inequality.space._graph import STYLES, Missing, Style, neighbourhood
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

CLASSES = ("high-high", "low-low", "alike", "unlike", "not significant", "island", "no data")


def geary(
    values: pd.Series[Any],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    missing: Missing = "raise",
    style: Style = "W",
) -> pd.Series[Any]:
    r"""Tell whether neighbouring zones differ less from each other than zones picked at random.

    :math:`C = \frac{n - 1}{2 S_0} \frac{\sum_i \sum_j w_{ij} (x_i - x_j)^2}{\sum_i (x_i - \bar x)^2}`, with each zone's
    weights divided by their sum, and :math:`S_0` the sum of all. It looks at differences between neighbours where
    Moran's I looks at distances from the mean, and so sees more of what happens next door. Islands take no part.

    Parameters
    ----------
    values, neighbours, rng, permutations, missing, style
        As :func:`moran`.

    Returns
    -------
    Series
        ``statistic``: C, below 1 where neighbours resemble each other. ``expected``: 1. ``z_score``: distance of the
        two in standard deviations under randomisation, below 0 where neighbours resemble each other. ``p_value``,
        ``permutations``, ``seed``, ``n``, ``islands``, ``no_data``: as :func:`moran`.

    Raises
    ------
    InputError
        As :func:`moran`.

    References
    ----------
    Geary, R. C. (1954). The contiguity ratio and statistical mapping. The Incorporated Statistician, 5(3), 115-146.
    Cliff, A. D., & Ord, J. K. (1981). Spatial processes. Pion.

    Examples
    --------
    Four zones in a row, with rising values:

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> found = geary(pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4]), row, rng=1)
    >>> round(found["statistic"], 12), found["expected"], found["n"]
    (0.3, 1.0, 4)
    """
    asked = GlobalSettings.checked(rng, permutations)
    checked_choice(style, tuple(STYLES), "style")
    zones = neighbourhood(values, neighbours, missing=missing)
    z, count, rows = zones.scores, len(zones.scores), zones.styled(style)
    of_zone = zones.sums(style)
    observed = float((_squared_differences(zones) * of_zone).sum())
    sums = shuffled_sums(z, z, rows, permutations=asked.draws, seed=asked.seed, apart=True)
    margin = SAME * max(count, float(of_zone.sum())) * float(np.abs(z).max()) ** 2
    # The sum of squares of standardised values is n.
    statistic = (count - 1) * observed / (2 * rows.weight.sum() * count)
    found = {
        "statistic": float(statistic),
        "expected": 1.0,
        "z_score": float((statistic - 1) / _standard_deviation_of_shuffles(z, rows)),
        "p_value": p_value_of_sum(sums, observed, margin, asked.draws),
    }
    weighing = {"weights": STYLES[style], "style": style}
    return global_series("geary", values, neighbours, zones, found=found, asked=asked, **weighing)


def local_geary(
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
    r"""Show where a zone is more like its neighbours, or less like them, than chance would have it.

    :math:`c_i = \frac{n - 1}{\sum_j (x_j - \bar x)^2} \sum_j w_{ij} (x_i - x_j)^2`, each zone's weights divided by
    their sum: values are standardised by the variance with n - 1, as in :func:`local_moran`. (esda divides by n here
    and by n - 1 there; its values are n / (n - 1) times these.) P-values come from conditional permutation as in
    :func:`local_moran`.

    Parameters
    ----------
    values, neighbours, rng, permutations, adjust, significance, missing, style
        As :func:`local_moran`.

    Returns
    -------
    DataFrame
        Columns as :func:`local_moran`. ``statistic``: c_i, small among similar neighbours. ``expected``: its mean over
        all conditional permutations, :math:`z_i^2 + 1` with z standardised by the variance with n. ``label``:
        ``high-high`` and ``low-low`` where similar values are both above or both below the mean, ``alike`` where
        similar values lie on either side of it, ``unlike`` where the zone differs from its neighbours more than by
        chance, ``not significant``, ``island``, ``no data``.

    Raises
    ------
    InputError
        As :func:`local_moran`.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis, 27(2), 93-115. Anselin, L.
    (2019). A local indicator of multivariate spatial association: Extending Geary's c. Geographical Analysis, 51(2),
    133-150.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> found = local_geary(pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4]), row, rng=1)
    >>> found["statistic"].round(12).tolist()
    [0.6, 0.6, 0.6, 0.6]
    """
    asked = LocalSettings.checked(rng, permutations, adjust, significance)
    checked_choice(style, tuple(STYLES), "style")
    zones = neighbourhood(values, neighbours, missing=missing)
    z, has, count = zones.scores, zones.has_neighbours, len(zones.scores)
    counts = conditional_counts(z, z, zones.rows, permutations=asked.draws, seed=asked.seed, apart=True)
    # Standardised by the variance with n - 1, as local_moran; the scores have a variance of 1 with n.
    statistic = (count - 1) / count * _squared_differences(zones)[has]
    expected = z[has] ** 2 + 1
    high, among_high = z[has] > 0, zones.around()[has] > 0
    alike = np.where(high & among_high, "high-high", np.where(~high & ~among_high, "low-low", "alike"))
    kinds = np.where(statistic < expected, alike, "unlike").astype(object)
    sums = zones.sums(style)[has]
    statistic, expected = statistic * sums, expected * sums
    result = local_table(
        "local_geary", values, neighbours, zones, found=Observed(statistic, expected, counts, kinds), asked=asked
    )
    result.attrs.update({"classes": list(CLASSES), "weights": STYLES[style], "style": style})
    return result


def _squared_differences(zones: Neighbourhood) -> Floats:
    """Return the weighted mean of the squared differences between each zone and its neighbours."""
    sizes = np.diff(zones.rows.start)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    squares = (zones.scores[owner] - zones.scores[zones.rows.neighbour]) ** 2
    return np.bincount(owner, zones.rows.weight * squares, minlength=len(sizes)).astype(np.float64)


def _standard_deviation_of_shuffles(scores: Floats, rows: Rows) -> float:
    """Return the standard deviation of C when the values are shuffled over the zones (Cliff & Ord 1981)."""
    s0, s1, s2 = weight_sums(rows)
    n = float(len(scores))
    fourth = float(np.mean(scores**4))  # the variance is 1
    first = (n - 1) * s1 * (n * n - 3 * n + 3 - (n - 1) * fourth)
    second = (n - 1) * s2 * (n * n + 3 * n - 6 - (n * n - n + 2) * fourth) / 4
    third = s0**2 * (n * n - 3 - (n - 1) ** 2 * fourth)
    variance = (first - second + third) / (n * (n - 2) * (n - 3) * s0**2)
    return standard_deviation(variance, "C")
