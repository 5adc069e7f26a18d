"""What groups of people have: their means, the gaps between them, who lacks enough, and who is among the worst served.

First say who lives where (:func:`groups_from_counts`, :func:`groups_from_shares`, :func:`groups_from_labels`,
:func:`income_groups`), then compare. Everybody in a zone is taken to have what the zone has. People whose group is not
known have a row of their own, people in zones without a value a column of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.inequality._inputs import checked_share
from spatialjustice.inequality.distribution.zone_rows import FEWEST
from spatialjustice.inequality.groups._tables import (
    DIRECTIONS,
    Groups,
    Matched,
    Uncertainty,
    direction_of,
    group_table,
    hidden_groups,
    matched,
    means_of_groups,
    ratio_or_nan,
    reference_of,
    suppressed_finding,
    unit_of,
    with_attrs,
    with_draws,
)
from spatialjustice.inequality.groups.membership import (
    groups_from_counts,
    groups_from_labels,
    groups_from_shares,
    income_groups,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from spatialjustice.inequality._inputs import Floats, Values

__all__ = [
    "Groups",
    "group_gap",
    "group_means",
    "group_representation",
    "group_sufficiency",
    "groups_from_counts",
    "groups_from_labels",
    "groups_from_shares",
    "income_groups",
]

FEW_PEOPLE = 10
"""Numbers of groups with fewer people are not shown unless asked for."""


def group_means(
    values: Values,
    groups: Groups,
    *,
    suppress_below: float = FEW_PEOPLE,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell what the people of each group have on average.

    The mean of the zones, each counted with the people of the group in it: :math:`\sum_i n_{ig} x_i / \sum_i n_{ig}`.
    Intervals come from drawing zones anew with all their people (weighted bootstrap, percentiles), or, where the groups
    carry margins of error, from drawing the numbers of people within these.

    Parameters
    ----------
    values
        What each zone has; missing where it is not known.
    groups
        Who lives where, matched by id.
    suppress_below
        Groups of fewer people are not shown, nor as many more as it takes that they cannot be worked out; 0 shows all.
    rng
        Whole number or generator that the draws follow from; None draws a seed, which attrs tell.
    replications
        Draws, at least 99; 0 for a table without intervals.
    level
        Confidence, between 0 and 1.

    Returns
    -------
    DataFrame
        One row for each group, ``"unknown"`` where there is one, and ``"all people"`` last. ``mean``, ``low`` and
        ``high`` in the unit of the values; ``n``: zones with a value in which the group lives; ``people``: of the
        group in zones with a value; ``people_left_out``: in zones without; ``note`` says why numbers are NaN:
        suppressed, nobody there, or (ends of the interval) in fewer than 4 zones.

    Raises
    ------
    InputError
        When ids differ, a value is infinite, nobody lives in a zone with a value, or a setting cannot be used.

    References
    ----------
    Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap. Chapman & Hall (percentile intervals).

    Examples
    --------
    >>> import pandas as pd
    >>> groups = groups_from_counts(pd.DataFrame({"young": [30, 10], "old": [10, 30]}))
    >>> group_means([8.0, 4.0], groups, replications=0)[["mean", "people"]]
                mean  people
    group
    young        7.0    40.0
    old          5.0    40.0
    all people   6.0    80.0
    """
    data, how = matched(values, groups), Uncertainty.checked(rng, replications, level)
    draws = with_draws(data, means_of_groups(data.amounts), how)
    low, high = draws.ends()
    columns = {"mean": draws.value, "low": low, "high": high}
    result = group_table(groups, data, columns, suppress_below=suppress_below, sure=bool(replications))
    facts = {
        "measure": "group_means",
        "unit": unit_of(values),
        "direction": _direction(values),
        **draws.facts,
        "suppress_below": suppress_below,
    }
    return with_attrs(result, values, groups, data, facts, suppressed_finding(result, suppress_below))


def group_gap(
    values: Values,
    groups: Groups,
    *,
    reference: Any = None,
    direction: str | None = None,
    suppress_below: float = FEW_PEOPLE,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell how far each group is behind the best-served group, or behind one that is named.

    Difference (mean of the group minus mean of the reference) and ratio (divided by it), with intervals of both as in
    :func:`group_means`: groups are compared within the same draw, so that what they share cancels out. The best-served
    group is chosen once, in the data as they are; because it was chosen for its high mean, the gap is on average a
    little too large where groups are close. Intervals that hold 0 (or 1) do not tell the two apart.

    In signs: :math:`\mu_g - \mu_r` and :math:`\mu_g / \mu_r` for group g and reference r.

    Parameters
    ----------
    values, groups
        As :func:`group_means`.
    reference
        Name of the group to compare with; None takes the best served of the groups that are known and shown.
    direction
        ``"higher is better"`` or ``"lower is better"``, which decides who is best served; None reads it from the
        values' attrs. Not needed where a reference is named.
    suppress_below, rng, replications, level
        As :func:`group_means`.

    Returns
    -------
    DataFrame
        Rows and further columns as in :func:`group_means`, with ``mean``; ``difference``, in the unit of the values,
        and ``ratio``, each with ``_low`` and ``_high``. The ratio is NaN where the mean of the reference is 0 or values
        are negative. ``attrs["reference"]`` names the reference.

    Raises
    ------
    InputError
        As :func:`group_means`; when there are not two known groups; when the reference is not there or suppressed; when
        nobody says which direction is good.

    References
    ----------
    van Wee, B., & Mouter, N. (2021). Evaluating transport equity. Advances in Transport Policy and Planning, 7,
    103-126.

    Examples
    --------
    >>> import pandas as pd
    >>> groups = groups_from_counts(pd.DataFrame({"young": [30, 10], "old": [10, 30]}))
    >>> found = group_gap([8.0, 4.0], groups, direction="higher is better", replications=0)
    >>> found[["mean", "difference", "ratio"]].round(2)
                mean  difference  ratio
    group
    young        7.0         0.0   1.00
    old          5.0        -2.0   0.71
    all people   6.0        -1.0   0.86
    """
    data, how = matched(values, groups), Uncertainty.checked(rng, replications, level)
    word = direction_of(values, direction) if reference is None or direction is not None else _direction(values)
    place = reference_of(reference, word, groups, data, ~hidden_groups(data, suppress_below))
    mean_of = means_of_groups(data.amounts)
    positive = bool((data.amounts >= 0).all())

    def gaps(people: Floats) -> Floats:
        mean = mean_of(people)
        base = mean[place]
        times = mean / base if positive and base > 0 else np.full(len(mean), np.nan)
        return np.concatenate([mean - base, times])

    draws = with_draws(data, gaps, how)
    low, high = draws.ends()
    findings = []
    if replications and data.errors is None and data.zones[place] < FEWEST:
        low, high = np.full(low.shape, np.nan), np.full(high.shape, np.nan)
        findings.append(
            Finding(
                "reference_in_few_zones",
                "warning",
                f"The reference group lives in {int(data.zones[place]):,} zones, too few for intervals.",
                count=int(data.zones[place]),
            )
        )
    if not positive:
        findings.append(Finding("ratio_undefined", "information", "Some values are negative: ratios mean nothing."))
    half = len(groups.names) + 1
    columns = {"mean": mean_of(data.people)}
    for name, part in (("difference", slice(half)), ("ratio", slice(half, None))):
        columns |= {name: draws.value[part], f"{name}_low": low[part], f"{name}_high": high[part]}
    result = group_table(groups, data, columns, suppress_below=suppress_below, sure=bool(replications))
    facts = {
        "measure": "group_gap",
        "unit": unit_of(values),
        "direction": word,
        "reference": str(groups.names[place]),
        "reference_is": "best served" if reference is None else "named",
        **draws.facts,
        "suppress_below": suppress_below,
    }
    return with_attrs(result, values, groups, data, facts, [*findings, *suppressed_finding(result, suppress_below)])


def group_sufficiency(
    values: Values,
    groups: Groups,
    *,
    line: float,
    direction: str | None = None,
    suppress_below: float = FEW_PEOPLE,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell which share of each group does not have enough.

    People of the group in zones on the wrong side of the line, divided by its people in zones with a value. Exactly the
    line is enough.

    In signs: :math:`\sum_i n_{ig} \, 1[x_i < z] / \sum_i n_{ig}` with the line z (:math:`x_i > z` where lower is
    better).

    Parameters
    ----------
    values, groups
        As :func:`group_means`.
    line
        What is enough, in the unit of the values.
    direction
        ``"higher is better"``: less than the line is not enough; ``"lower is better"``: more is too much. None reads it
        from the values' attrs.
    suppress_below, rng, replications, level
        As :func:`group_means`.

    Returns
    -------
    DataFrame
        Rows and further columns as in :func:`group_means`; ``share_without``, from 0 to 1, with ``low`` and ``high``,
        and ``people_without``.

    Raises
    ------
    InputError
        As :func:`group_means`; when the line is no number, or nobody says which direction is good.

    References
    ----------
    Foster, J., Greer, J., & Thorbecke, E. (1984). A class of decomposable poverty measures. Econometrica, 52(3),
    761-766 (the headcount ratio).

    Examples
    --------
    >>> import pandas as pd
    >>> groups = groups_from_counts(pd.DataFrame({"young": [30, 10], "old": [10, 30]}))
    >>> found = group_sufficiency([8.0, 4.0], groups, line=5, direction="higher is better", replications=0)
    >>> found["share_without"].to_dict()
    {'young': 0.25, 'old': 0.75, 'all people': 0.5}
    """
    if isinstance(line, bool) or not isinstance(line, int | float | np.number) or not np.isfinite(line):
        raise InputError("line", f"it is {line!r}", "Give a number in the unit of the values.")
    word = direction_of(values, direction)
    data, how = matched(values, groups), Uncertainty.checked(rng, replications, level)
    without = (data.amounts < line if word == DIRECTIONS[0] else data.amounts > line).astype(np.float64)
    draws = with_draws(data, means_of_groups(without), how)
    low, high = draws.ends()
    concerned = np.einsum("i,ij->j", without, data.people)
    columns = {
        "share_without": draws.value,
        "low": low,
        "high": high,
        "people_without": np.append(concerned, concerned.sum()),
    }
    result = group_table(groups, data, columns, suppress_below=suppress_below, sure=bool(replications))
    facts = {
        "measure": "group_sufficiency",
        "unit": "share",
        "direction": "lower is better",
        "line": float(line),
        "direction_of_values": word,
        **draws.facts,
        "suppress_below": suppress_below,
    }
    return with_attrs(result, values, groups, data, facts, suppressed_finding(result, suppress_below))


def group_representation(
    values: Values,
    groups: Groups,
    *,
    worst: float = 0.1,
    direction: str | None = None,
    suppress_below: float = FEW_PEOPLE,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    """Tell whether a group is found more often among the worst-served tenth of people than among all.

    Share of the group among the worst-served people, divided by its share of all people (in zones with a value). A zone
    that straddles the boundary is split exactly; zones with the same value give the same share of their people.

    In signs: :math:`(n_{gW} / n_W) / (n_g / n)`, W the worst-served tenth.

    Parameters
    ----------
    values, groups
        As :func:`group_means`.
    worst
        Share of all people that counts as worst served, above 0 and below 1.
    direction
        Which end is the worst: with ``"higher is better"`` the low one. None reads it from the values' attrs.
    suppress_below, rng, replications, level
        As :func:`group_means`.

    Returns
    -------
    DataFrame
        Rows and further columns as in :func:`group_means`; ``share_of_all`` and ``share_of_worst``, from 0 to 1, and
        ``representation``, their ratio, with ``low`` and ``high``: 2 is twice as often as among all, 1 as often.

    Raises
    ------
    InputError
        As :func:`group_means`; when ``worst`` is not between 0 and 1, or nobody says which direction is good.

    References
    ----------
    Isard, W. (1960). Methods of regional analysis: an introduction to regional science. MIT Press (the location
    quotient is the same ratio of two shares).

    Examples
    --------
    >>> import pandas as pd
    >>> groups = groups_from_counts(pd.DataFrame({"young": [30, 10], "old": [10, 30]}))
    >>> found = group_representation([8.0, 4.0], groups, worst=0.25, direction="higher is better", replications=0)
    >>> found["representation"].round(9).to_dict()
    {'young': 0.5, 'old': 1.5, 'all people': 1.0}
    """
    part = checked_share(worst, "worst")
    if part in (0.0, 1.0):
        raise InputError("worst", f"it is {worst!r}", "Give a share between 0 and 1, such as 0.1.")
    word = direction_of(values, direction)
    data, how = matched(values, groups), Uncertainty.checked(rng, replications, level)
    shares = _worst_shares(data, part, word)

    def representation(people: Floats) -> Floats:
        among, of_all = shares(people)
        return ratio_or_nan(among, of_all)

    draws = with_draws(data, representation, how)
    low, high = draws.ends()
    among, of_all = shares(data.people)
    columns = {
        "share_of_all": of_all,
        "share_of_worst": among,
        "representation": draws.value,
        "low": low,
        "high": high,
    }
    result = group_table(groups, data, columns, suppress_below=suppress_below, sure=bool(replications))
    facts = {
        "measure": "group_representation",
        "unit": "ratio",
        "direction": "lower is better",
        "worst": part,
        "direction_of_values": word,
        **draws.facts,
        "suppress_below": suppress_below,
    }
    return with_attrs(result, values, groups, data, facts, suppressed_finding(result, suppress_below))


def _direction(values: Values) -> str:
    found = getattr(values, "attrs", {}).get("direction")
    return found if found in DIRECTIONS else "none"


def _worst_shares(data: Matched, worst: float, direction: str) -> Callable[[Floats], tuple[Floats, Floats]]:
    """Return the function that gives the share of each group among the worst served and among all."""
    _, rank = np.unique(data.amounts if direction == DIRECTIONS[0] else -data.amounts, return_inverse=True)

    def shares(people: Floats) -> tuple[Floats, Floats]:
        together = np.column_stack([people, people.sum(axis=1)])
        size = np.bincount(rank, together[:, -1])
        upto = np.cumsum(size)
        inside = np.clip(worst * upto[-1] - (upto - size), 0.0, size)
        part = np.divide(inside, size, out=np.zeros_like(size), where=size > 0)
        among, everyone = np.einsum("i,ij->j", part[rank], together), np.einsum("ij->j", together)
        return among / among[-1], everyone / everyone[-1]

    return shares
