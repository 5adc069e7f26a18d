"""Two values in space: bivariate Moran's I and Lee's L.

Bivariate Moran's I sets a zone's value against its neighbours' other value; Lee's L asks for the two values' common
pattern. Need and access are the use: where does high need lie among low access?
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import aligned_by_id, flat_numbers
from spatialjustice.inequality.space._graph import Missing, Neighbourhood, neighbourhood
from spatialjustice.inequality.space._statistics import (
    GlobalSettings,
    LocalSettings,
    Observed,
    global_series,
    local_table,
    moran_quadrants,
)
from spatialjustice.inequality.space.moran import CLASSES
from spatialjustice.inequality.space.shuffling.pairs import (
    ordered_dot,
    redrawn_products,
    shuffled_means,
    shuffled_products,
    smoothed_moments,
    transposed,
)
from spatialjustice.inequality.space.shuffling.permutation import SAME, conditional_counts, p_value_of_sum

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.space.shuffling.kinds import Rows


class _TwoValues(NamedTuple):
    """Both values of the zones that have both, standardised, and one Series that carries what both carry."""

    zones: Neighbourhood
    other: Floats
    both: pd.Series[Any]


def moran_bivariate(
    values: pd.Series[Any],
    other: pd.Series[Any],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    missing: Missing = "raise",
) -> pd.Series[Any]:
    r"""Tell whether zones with a high value have neighbours with a high (or low) other value.

    :math:`I_{xy} = \frac{n}{S_0} \frac{\sum_i \sum_j w_{ij} x_i y_j}{n}`, with x and y standardised to a mean of 0 and
    a variance of 1, each zone's weights divided by their sum, and :math:`S_0` the sum of all weights.

    It is no correlation of the two values at the same place: a zone's own other value takes no part, and exchanging the
    two gives another number. Where both values are high in the same zones, and each is clustered, it is high too; to
    ask whether two maps share a pattern, use :func:`lee`. The p-value asks whether the other value lies at random over
    the zones; where it is clustered by itself, a low p-value is easily had: report its own :func:`moran` beside it.

    Parameters
    ----------
    values
        The zone's own value, for example need; one for each zone, matched to the neighbours by id, in any order.
    other
        The neighbours' value, for example access; matched to the values by id.
    neighbours
        Links between exactly these zones.
    rng
        Seed, or generator to draw one from; None draws a new one. The same seed gives the same bits.
    permutations
        How many times the other value is shuffled over the zones, the own one staying, for the p-value.
    missing
        What becomes of zones without one of the two values: ``"raise"`` refuses them by name; ``"own class"`` leaves
        them out of everything.

    Returns
    -------
    Series
        ``statistic``: I, above 0 where high values have neighbours of high other value and low ones low, below 0 where
        high ones have low. ``expected``: 0, its mean over all shuffles. ``z_score``: distance of the two in standard
        deviations over all shuffles. ``p_value``: two-sided, from the permutations: twice the smaller tail's, what was
        observed included, at most 1. ``permutations``, ``seed``. ``n``: zones that took part. ``islands`` and
        ``no_data``: zones that did not.

    Raises
    ------
    InputError
        When values, other and neighbours do not have the same ids, a value is missing (unless allowed) or infinite, all
        values of one kind are the same, or fewer than four zones take part.

    References
    ----------
    Wartenberg, D. (1985). Multivariate spatial correlation: a method for exploratory geographical analysis.
    Geographical Analysis, 17(4), 263-283. Anselin, L., Syabri, I., & Smirnov, O. (2002). Visualizing multivariate
    spatial correlation with dynamically linked windows. Lee, S.-I. (2001), see :func:`lee` (what it is not).

    Examples
    --------
    Four zones in a row; need rises and access falls:

    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> need = pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4])
    >>> access = pd.Series([8.0, 6.0, 4.0, 2.0], index=[1, 2, 3, 4])
    >>> found = moran_bivariate(need, access, row, rng=1)
    >>> round(found["statistic"], 12), found["expected"], found["n"]
    (-0.4, 0.0, 4)
    """
    asked = GlobalSettings.checked(rng, permutations)
    zones, y, both = _two_values(values, other, neighbours, missing)
    count, total = len(y), float(zones.has_neighbours.sum())
    # What each zone's other value is multiplied with: the own values of those that have it as a neighbour.
    received = transposed(zones.rows, zones.scores)
    observed = ordered_dot(received, y)
    sums = shuffled_products(received, y, permutations=asked.draws, seed=asked.seed)
    spread = np.sqrt(count / (count - 1) * ((received - received.mean()) ** 2).sum())
    if spread <= SAME * count:
        raise _never_differs("other value")
    found = {
        "statistic": observed / total,
        "expected": 0.0,
        "z_score": float(observed / spread),
        "p_value": p_value_of_sum(sums, observed, SAME * count, asked.draws),
    }
    given = both.attrs["with"]
    return global_series("moran_bivariate", both, neighbours, zones, found=found, asked=asked, **{"with": given})


def local_moran_bivariate(
    values: pd.Series[Any],
    other: pd.Series[Any],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    adjust: Literal["fdr", "none"] = "fdr",
    significance: float = 0.05,
    missing: Missing = "raise",
) -> pd.DataFrame:
    r"""Show where a high value lies among neighbours with a low other value: high need among low access, for example.

    :math:`I_i = \frac{n - 1}{n} x_i \sum_j w_{ij} y_j`, with x and y standardised to a mean of 0 and a variance of 1
    and each zone's weights divided by their sum. Its p-value comes from conditional permutation: the zone keeps its
    values and its neighbours get other values drawn without replacement from all other zones. A label tells of the
    zone's own value first and of its neighbours' other value second, never of the other value in the zone itself.

    Parameters
    ----------
    values
        The zone's own value, for example need; one for each zone, matched to the neighbours by id, in any order.
    other
        The neighbours' value, for example access; matched to the values by id.
    neighbours
        Links between exactly these zones.
    rng
        Seed, or generator to draw one from; None draws a new one, which ``attrs["seed"]`` tells. The same seed gives
        the same bits, in any order of the rows.
    permutations
        How many times each zone's neighbours are redrawn. The smallest p-value possible is 2 / (permutations + 1).
    adjust
        ``"fdr"`` adjusts p-values for the many zones tested at once (Benjamini & Hochberg); ``"none"`` does not.
    significance
        Largest adjusted p-value that is called significant.
    missing
        What becomes of zones without one of the two values: ``"raise"`` refuses them by name; ``"own class"`` labels
        them ``no data``, and a zone with no other neighbours than these becomes an island.

    Returns
    -------
    DataFrame
        On the index of the values. ``statistic``: I_i, positive where own and neighbours' other value are both above or
        both below their means. ``expected``: its mean over all conditional permutations, :math:`-x_i y_i / n`.
        ``p_value``: two-sided. ``p_adjusted``. ``label``: one of ``attrs["classes"]``: ``high-high``, ``low-low``,
        ``low-high`` (low value among high other values), ``high-low`` (high value among low other values: with need
        and access, high need among low access), ``not significant``, ``island``, ``no data``. The four numbers are
        NaN for islands and zones without data.

    Raises
    ------
    InputError
        As :func:`moran_bivariate`, and when ``significance`` is not from 0 to 1.

    References
    ----------
    Anselin, L., Syabri, I., & Smirnov, O. (2002), see :func:`moran_bivariate`. Anselin, L. (1995). Local indicators of
    spatial association. Geographical Analysis, 27(2), 93-115. Caldas de Castro, M., & Singer, B. H. (2006). Controlling
    the false discovery rate. Geographical Analysis, 38(2), 180-208.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> need = pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4])
    >>> access = pd.Series([8.0, 6.0, 4.0, 2.0], index=[1, 2, 3, 4])
    >>> local_moran_bivariate(need, access, row, rng=1)["statistic"].round(12).tolist()
    [-0.45, -0.15, -0.15, -0.45]
    """
    asked = LocalSettings.checked(rng, permutations, adjust, significance)
    two = _two_values(values, other, neighbours, missing)
    zones, y, count = two.zones, two.other, len(two.other)
    around = _neighbour_means(zones.rows, y)
    has = zones.has_neighbours
    found = Observed(
        statistic=((count - 1) / count * zones.scores * around)[has],
        expected=(-zones.scores * y / count)[has],
        counts=conditional_counts(zones.scores, y, zones.rows, permutations=asked.draws, seed=asked.seed),
        kinds=moran_quadrants(zones.scores[has], around[has]),
    )
    return _local_statistic_table("local_moran_bivariate", two, neighbours, found, asked)


def lee(
    values: pd.Series[Any],
    other: pd.Series[Any],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    missing: Missing = "raise",
) -> pd.Series[Any]:
    r"""Tell how alike two maps are once each is smoothed over its neighbours: Lee's L.

    :math:`L = \frac{n}{\sum_i (\sum_j w_{ij})^2} \frac{\sum_i (\sum_j w_{ij} x_j)(\sum_j w_{ij} y_j)}{n}`, with x and y
    standardised to a mean of 0 and a variance of 1 and each zone's weights divided by their sum. It is the correlation
    of the neighbours' means of the two, made smaller where either map is without pattern: the measure of two values'
    common pattern, which bivariate Moran's I is not. Exchanging the two changes nothing.

    Parameters
    ----------
    values, other
        The two values of each zone, for example need and access, matched by id.
    neighbours
        Links between exactly these zones.
    rng
        Seed, or generator to draw one from; None draws a new one. The same seed gives the same bits.
    permutations
        How many times the zones are shuffled for the p-value. Both values of a zone move together, so that their
        correlation stays and only its pattern in space is asked about.
    missing
        What becomes of zones without one of the two values: ``"raise"`` refuses them by name; ``"own class"`` leaves
        them out of everything.

    Returns
    -------
    Series
        ``statistic``: L, from -1 to 1 in practice; of a value with itself, the share of its variance that smoothing
        leaves. ``expected``: its mean over all shuffles; not 0 where the two values correlate. ``z_score``: distance of
        the two in standard deviations over all shuffles. ``correlation``: Pearson's r of the two values in the same
        zone. ``p_value``: two-sided, from the permutations. ``permutations``, ``seed``, ``n``, ``islands``,
        ``no_data`` as in :func:`moran_bivariate`.

    Raises
    ------
    InputError
        As :func:`moran_bivariate`.

    References
    ----------
    Lee, S.-I. (2001). Developing a bivariate spatial association measure: an integration of Pearson's r and Moran's I.
    Journal of Geographical Systems, 3(4), 369-385. Lee, S.-I. (2004). A generalized significance testing method for
    global measures of spatial association: an extension of the Mantel test. Environment and Planning A, 36(9),
    1687-1703 (expectation, variance).

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> need = pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4])
    >>> access = pd.Series([8.0, 6.0, 4.0, 2.0], index=[1, 2, 3, 4])
    >>> found = lee(need, access, row, rng=1)
    >>> round(found["statistic"], 12), round(found["correlation"], 12)
    (-0.2, -1.0)
    """
    asked = GlobalSettings.checked(rng, permutations)
    zones, y, both = _two_values(values, other, neighbours, missing)
    x, count = zones.scores, len(y)
    total = float(zones.has_neighbours.sum())  # the sum of squares of sums of weights, which are 1
    observed = ordered_dot(_neighbour_means(zones.rows, x), _neighbour_means(zones.rows, y))
    mean, variance = smoothed_moments(zones.rows, x, y)
    if variance <= SAME * count:
        raise _never_differs("values")
    sums = shuffled_means(x, y, zones.rows, permutations=asked.draws, seed=asked.seed)
    found = {
        "statistic": observed / total,
        "expected": mean / total,
        "z_score": float((observed - mean) / np.sqrt(variance)),
        "p_value": p_value_of_sum(sums, observed, SAME * count, asked.draws),
        "correlation": float(np.clip(ordered_dot(x, y) / count, -1.0, 1.0)),
    }
    return global_series("lee", both, neighbours, zones, found=found, asked=asked, **{"with": both.attrs["with"]})


def local_lee(
    values: pd.Series[Any],
    other: pd.Series[Any],
    neighbours: Graph,
    *,
    rng: int | np.random.Generator | None = None,
    permutations: int = 999,
    adjust: Literal["fdr", "none"] = "fdr",
    significance: float = 0.05,
    missing: Missing = "raise",
) -> pd.DataFrame:
    r"""Show around which zones two values are high or low together, or one is high where the other is low.

    :math:`L_i = (\sum_j w_{ij} x_j)(\sum_j w_{ij} y_j)`, with x and y standardised to a mean of 0 and a variance of 1
    and each zone's weights divided by their sum; their mean over all zones with neighbours is :func:`lee`. A zone is
    judged by its neighbours alone, its own values take no part. Its p-value comes from conditional permutation: the
    neighbours get pairs of values drawn without replacement from all other zones, so that the correlation of the two
    values zone by zone is not taken for a pattern.

    Parameters
    ----------
    values, other
        The two values of each zone, for example need and access, matched by id.
    neighbours
        Links between exactly these zones.
    rng, permutations, adjust, significance, missing
        As for :func:`local_moran_bivariate`.

    Returns
    -------
    DataFrame
        On the index of the values. ``statistic``: L_i, positive where both values are above or both below their means
        around the zone. ``expected``: its mean over all conditional permutations. ``p_value``: two-sided.
        ``p_adjusted``. ``label``: one of ``attrs["classes"]``: ``high-high``, ``low-low``, ``low-high`` (low values and
        high other values around the zone), ``high-low`` (with need and access: high need and low access around it),
        ``not significant``, ``island``, ``no data``. The four numbers are NaN for islands and zones without data.

    Raises
    ------
    InputError
        As :func:`moran_bivariate`, and when ``significance`` is not from 0 to 1.

    References
    ----------
    Lee, S.-I. (2001), see :func:`lee`. Lee, S.-I. (2009). A generalized randomization approach to local measures of
    spatial association. Geographical Analysis, 41(2), 221-248.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> row = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1, 1, 1, 1, 1, 1])
    >>> need = pd.Series([1.0, 2.0, 3.0, 4.0], index=[1, 2, 3, 4])
    >>> access = pd.Series([8.0, 6.0, 4.0, 2.0], index=[1, 2, 3, 4])
    >>> local_lee(need, access, row, rng=1)["statistic"].round(12).tolist()
    [-0.2, -0.2, -0.2, -0.2]
    """
    asked = LocalSettings.checked(rng, permutations, adjust, significance)
    two = _two_values(values, other, neighbours, missing)
    rows, x, y = two.zones.rows, two.zones.scores, two.other
    first, second = _neighbour_means(rows, x), _neighbour_means(rows, y)
    counts = redrawn_products(x, y, rows, permutations=asked.draws, seed=asked.seed)
    # Of the others, the sums are -x, -y and the sum of products less one's own.
    others, squares = len(x) - 1, _neighbour_means(rows._replace(weight=rows.weight**2), np.ones(len(x)))
    products = ordered_dot(x, y) - x * y
    expected = squares * products / others + (1 - squares) * (x * y - products) / (others * (others - 1))
    has = two.zones.has_neighbours
    found = Observed((first * second)[has], expected[has], counts, moran_quadrants(first[has], second[has]))
    return _local_statistic_table("local_lee", two, neighbours, found, asked)


def _two_values(values: pd.Series[Any], other: pd.Series[Any], neighbours: Graph, missing: Missing) -> _TwoValues:
    """Match both values and neighbours by id; a zone without one of the two values takes no part with either."""
    for name, given in (("values", values), ("other", other)):
        if not isinstance(given, pd.Series):
            raise InputError(
                name, f"they are {a_kind(given)}", "Give a Series with the zones' ids, to be matched by id."
            )
    x = pd.Series(flat_numbers(values, "values"), index=values.index)
    y = pd.Series(aligned_by_id(other, "other", values, "values"), index=values.index)
    if missing != "raise":
        x, y = x.where(y.notna()), y.where(x.notna())
    zones = neighbourhood(x, neighbours, missing=missing)
    try:
        others = neighbourhood(y, neighbours, missing=missing)
    except InputError as error:
        if error.name != "values":
            raise
        raise InputError("other", error.found, error.advice, rows=error.rows) from None
    both = pd.Series(x, name=values.name)
    both.attrs = {
        "sources": [record.as_dict() for record in sources_of(values, other)],
        "findings": [finding.as_dict() for finding in findings_of(values, other)],
    }
    if "measure" in values.attrs:
        both.attrs["measure"] = values.attrs["measure"]
    both.attrs["with"] = str(other.attrs.get("measure", other.name if other.name is not None else ""))
    return _TwoValues(zones, others.scores, both)


def _local_statistic_table(
    measure: str, two: _TwoValues, neighbours: Graph, found: Observed, asked: LocalSettings
) -> pd.DataFrame:
    """Put a local statistic of two values into the table that all of them share."""
    result = local_table(measure, two.both, neighbours, two.zones, found=found, asked=asked)
    result.attrs |= {"classes": list(CLASSES), "with": two.both.attrs["with"]}
    return result


def _neighbour_means(rows: Rows, values: Floats) -> Floats:
    """Return the weighted mean of each zone's neighbours; 0 where it has none."""
    count = len(rows.start) - 1
    owner = np.repeat(np.arange(count), np.diff(rows.start))
    return np.bincount(owner, rows.weight * values[rows.neighbour], minlength=count).astype(np.float64)


def _never_differs(what: str) -> InputError:
    return InputError(
        "neighbours",
        f"every shuffle of the {what} gives the same statistic",
        "This happens where every zone is a neighbour of every other, and where each is the only neighbour of one "
        "other. Use fewer or more neighbours.",
    )
