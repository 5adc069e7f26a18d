"""Who is exposed to what: means of groups weighted by their people, and how sure the gaps between them are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.environment._columns import exposure_columns, said
from spatialjustice.environment._draws import draws_of_sums
from spatialjustice.inequality._inputs import checked_choice
from spatialjustice.inequality.groups._tables import (
    UNKNOWN,
    Groups,
    Uncertainty,
    group_table,
    matched,
    ratio_or_nan,
    require_groups,
    suppressed_finding,
    with_attrs,
)
from spatialjustice.inequality.groups.gaps import FEW_PEOPLE
from spatialjustice.inequality.space.moran import false_discovery_rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatialjustice.environment._columns import Exposures
    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.groups._tables import Draws

ADJUST = ("fdr", "none")


def exposure_by_group(
    exposures: Exposures,
    groups: Groups,
    *,
    adjust: Literal["fdr", "none"] = "fdr",
    suppress_below: float = FEW_PEOPLE,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell what the people of each group are exposed to on average, and how it differs from all others.

    The population-weighted mean exposure of group g is :math:`\bar x_g = \sum_i n_{ig} x_i / \sum_i n_{ig}`, with
    :math:`n_{ig}` its people in zone i and :math:`x_i` the exposure there; the difference is :math:`\bar x_g` less the
    mean of everybody known to be outside the group. Both are worked out anew in each draw: of zones with all their
    people (percentile bootstrap), or, where the groups carry margins of error, of the numbers of people within these.
    Everybody in a zone is taken to have its exposure (ecological).

    Parameters
    ----------
    exposures
        What zones are exposed to: Series by name, one Series, or a frame with a column for each; missing where it is
        not known. ``attrs`` tell the unit and the direction of each.
    groups
        Who lives where, from :mod:`spatialjustice.inequality`, matched by id.
    adjust
        ``"fdr"``: the p-values of all rows are adjusted together (Benjamini and Hochberg), because among many
        differences some look sure by chance; ``"none"`` leaves them.
    suppress_below
        Groups of fewer people are not shown; 0 shows all.
    rng
        Whole number or generator that the draws follow from; None draws a seed, which attrs tell. All exposures are
        drawn from the same seed.
    replications
        Draws, at least 99; 0 for a table without intervals.
    level
        Confidence, between 0 and 1.

    Returns
    -------
    DataFrame
        A row for each exposure and group, ``"unknown"`` where there is one and ``"all people"`` last: ``exposure``,
        ``group``, ``unit``, ``direction``; ``mean``, ``low``, ``high``; ``difference`` from everybody else with
        ``difference_low``, ``difference_high``; ``p_value`` of no difference (two-sided, from the draws, at least
        2 / (draws + 1)) and ``p_adjusted``; ``n`` zones and ``people`` that are counted; ``people_left_out`` in zones
        whose exposure is not known; ``note`` says why numbers are missing.

    Raises
    ------
    InputError
        When ids differ, a value is infinite, nobody lives where an exposure is known, or a setting cannot be used.

    References
    ----------
    Colmer, J., Hardman, I., Shimshack, J., & Voorheis, J. (2020). Disparities in PM2.5 air pollution in the United
    States. Science, 369(6503), 575-578 (population-weighted means of groups). Benjamini, Y., & Hochberg, Y. (1995).
    Controlling the false discovery rate. Journal of the Royal Statistical Society B, 57(1), 289-300.

    Examples
    --------
    60 of 100 young people live where there is 12, the others where there is 8: 60 % of 12 and 40 % of 8 are 10.4.

    >>> from spatialjustice.inequality import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"young": [60, 40], "old": [20, 80]}))
    >>> found = exposure_by_group({"pm25": pd.Series([12.0, 8.0])}, groups, replications=0)
    >>> found[["group", "mean", "difference"]].round(2).values.tolist()
    [['young', 10.4, 1.6], ['old', 8.8, -1.6], ['all people', 9.6, nan]]
    """
    require_groups(groups)
    checked_choice(adjust, ADJUST, "adjust")
    how = Uncertainty.checked(rng, replications, level)
    columns = exposure_columns(exposures)
    tables = [_table(name, values, groups, how, suppress_below) for name, values in columns.items()]
    frame = pd.concat(tables, ignore_index=True)
    adjusted = false_discovery_rate(frame["p_value"]) if adjust == "fdr" else frame["p_value"]
    frame.insert([*frame.columns].index("p_value") + 1, "p_adjusted", adjusted.to_numpy(copy=True))
    first = tables[0].attrs
    facts = {key: first[key] for key in ("level", "replications", "seed", "method")}
    said(
        frame,
        "exposure_by_group",
        [*columns.values(), groups, *tables],
        unit="amount",
        direction="none",
        groups=groups.how,
        adjust=adjust,
        suppress_below=suppress_below,
        **facts,
    )
    return frame


def _table(name: str, values: pd.Series[Any], groups: Groups, how: Uncertainty, suppress_below: float) -> pd.DataFrame:
    """Return the rows of one exposure."""
    try:
        data = matched(values, groups)
    except InputError as error:
        if error.args and "nobody lives" in str(error):
            advice = "Check that it belongs to these zones, or leave it out."
            raise InputError(name, "nobody lives in a zone whose exposure is known", advice) from error
        raise
    half = len(groups.names) + 1
    draws = draws_of_sums(data, _means_and_differences(groups), how)
    low, high = draws.ends()
    columns = {
        "mean": draws.value[:half],
        "low": low[:half],
        "high": high[:half],
        "difference": draws.value[half:],
        "difference_low": low[half:],
        "difference_high": high[half:],
        "p_value": _p_values(draws, half),
    }
    made = group_table(groups, data, columns, suppress_below=suppress_below, sure=bool(how.replications))
    made.loc[made["difference_low"].isna(), "p_value"] = np.nan
    facts = {"measure": "exposure_by_group", **draws.facts}
    made = with_attrs(made, values, groups, data, facts, suppressed_finding(made, suppress_below))
    kept = made.attrs
    made = made.reset_index()
    made.insert(0, "exposure", name)
    made.insert(2, "unit", values.attrs.get("unit", "amount"))
    made.insert(3, "direction", values.attrs.get("direction", "lower is better"))
    made.attrs = kept
    return made


def _means_and_differences(groups: Groups) -> Callable[[Floats, Floats], Floats]:
    """Return the function that makes the mean of each group, of all, and the differences from everybody else."""
    # Nobody can say of people whose group is not known that they are outside it.
    own = np.array([0.0 if name == UNKNOWN else 1.0 for name in groups.names])

    def of(sums: Floats, counts: Floats) -> Floats:
        means = ratio_or_nan(sums, counts)
        every = ratio_or_nan(sums.sum(axis=1, keepdims=True), counts.sum(axis=1, keepdims=True))
        others = (sums * own).sum(axis=1, keepdims=True) - sums * own
        number = (counts * own).sum(axis=1, keepdims=True) - counts * own
        none = number <= 1e-9 * counts.sum(axis=1, keepdims=True)
        rest = ratio_or_nan(np.where(none, 0.0, others), np.where(none, 0.0, number))
        return np.concatenate([means, every, means - rest, np.full_like(every, np.nan)], axis=1)

    return of


def _p_values(draws: Draws, half: int) -> Floats:
    """Return two-sided p-values of no difference: how seldom draws lie on the other side of 0."""
    drawn = draws.drawn[:, half:]
    if not len(drawn):
        return np.full(half, np.nan)
    below, above = (drawn <= 0).sum(axis=0), (drawn >= 0).sum(axis=0)
    there = np.isfinite(drawn).sum(axis=0)
    p = np.minimum(1.0, 2 * (1 + np.minimum(below, above)) / (1 + there))
    return np.where(there > 0, p, np.nan)
