"""Which part of inequality lies between groups or places, and which within them: exact, nothing left over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import checked_choice, people_or_weights, refuse_rows, with_weights
from spatialjustice.inequality.distribution.entropy import generalized_entropy
from spatialjustice.inequality.distribution.gini_and_lorenz import gini
from spatialjustice.inequality.distribution.sufficiency import fgt

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatialjustice.inequality._inputs import Floats, Values

MEASURES = ("theil_t", "theil_l", "generalized_entropy", "fgt", "gini")
ALPHAS = {"theil_t": 1.0, "theil_l": 0.0}

BETWEEN, WITHIN, OVERLAP, TOTAL = "between", "within", "overlap", "total"


class _Group(NamedTuple):
    """What the people of a group have, and which share of all people and of all that is had is theirs."""

    name: Any
    amounts: Floats
    weights: Floats
    people: float
    share: float
    mean: float
    relative: float  # the mean as a multiple of that of all


def decompose(
    values: Values,
    groups: Values,
    *,
    measure: Literal["theil_t", "theil_l", "generalized_entropy", "fgt", "gini"] = "theil_t",
    people: Values | None = None,
    weights: Values | None = None,
    **settings: Any,
) -> pd.DataFrame:
    r"""Tell which part of inequality lies between groups (or districts) and which within them.

    *Between* is what would be left if everybody had the mean of the group; *within* is the inequality inside the
    groups. For generalised entropy, with p the share of people and :math:`\mu_g` the mean of a group, :math:`GE =
    \sum_g p_g (\mu_g/\mu)^\alpha GE_g + GE(\mu_g)`; Theil's T and L are alpha 1 and 0. The Gini index leaves an
    *overlap*, which is there as soon as somebody in a poorer group has more than somebody in a richer one: :math:`G =
    \sum_g p_g^2 (\mu_g/\mu) G_g + G(\mu_g) + \text{overlap}`. The measures of Foster, Greer and Thorbecke are sums over
    people, so that all of it is within: :math:`\sum_g p_g FGT_g`.

    Parameters
    ----------
    values
        What each person (or each person of a zone) has, 0 or more.
    groups
        The group of each row, text or numbers; Series are matched by id. Rows without a group are a group of their own,
        ``"unknown"``, and a finding counts them.
    measure
        What is taken apart.
    people
        Number of people behind each value; None counts every value once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    **settings
        ``alpha`` of ``generalized_entropy``; ``line``, ``alpha`` and ``direction`` of ``fgt``.

    Returns
    -------
    DataFrame
        One row for each group in order of its name, ``"unknown"`` last. ``people``, ``people_share``, ``mean``;
        ``inequality``, the measure inside the group; ``within`` and ``between``, what the group adds to either part
        (those of groups below the mean may be negative), and ``share``, both as a share of the total. For the Gini
        index ``between`` is of all groups together, and NaN by group. ``attrs["parts"]`` holds ``between``, ``within``,
        ``overlap`` (Gini only) and ``total``, which is their sum, to the last digits that floats have.

    Raises
    ------
    InputError
        As the measure; when the groups do not fit the values, or nobody has a known group.

    References
    ----------
    Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica, 48(3), 613-625.
    Lambert, P. J., & Aronson, J. R. (1993). Inequality decomposition analysis and the Gini coefficient revisited. The
    Economic Journal, 103(420), 1221-1227. Foster, J., Greer, J., & Thorbecke, E. (1984). A class of decomposable
    poverty measures. Econometrica, 52(3), 761-766.

    Examples
    --------
    Inside both districts everybody has the same, so all inequality is between them:

    >>> found = decompose([1, 1, 3, 3], ["old town", "old town", "harbour", "harbour"])
    >>> {name: round(part, 4) for name, part in found.attrs["parts"].items()}
    {'between': 0.1308, 'within': 0.0, 'total': 0.1308}
    """
    weights = people_or_weights(people, weights)
    checked_choice(measure, MEASURES, "measure")
    checked = with_weights(values, weights)
    labels, findings = _labels(groups, values, checked.weights)
    of, alpha = _measure(measure, settings)
    parts, mean = _grouped(checked.amounts, checked.weights, labels)
    total = of(checked.amounts, checked.weights)
    rows = [_row(part, of, measure, alpha) for part in parts]
    table = pd.DataFrame(rows, index=pd.Index([part.name for part in parts], dtype=object, name="group"))
    within = float(table["within"].sum())
    summed: dict[str, float]
    if measure == "gini":
        between = of(np.array([part.mean for part in parts]), np.array([part.people for part in parts]))
        summed = {BETWEEN: between, WITHIN: within, OVERLAP: total - between - within, TOTAL: total}
    else:
        summed = {BETWEEN: float(table["between"].sum()), WITHIN: within, TOTAL: total}
    whole = table["within"] + table["between"].fillna(0.0)
    table["share"] = whole / total if total > 0 else np.nan
    table.attrs.update(
        {
            "measure": f"decompose: {measure}",
            "unit": "share" if measure == "fgt" else "index",
            "direction": "lower is better",
            "parts": summed,
            "mean": mean,
            **{name: value for name, value in settings.items() if isinstance(value, int | float | str)},
            "n": len(checked.amounts),
            "people": float(checked.weights.sum()),
            "sources": [record.as_dict() for record in sources_of(values, groups, weights)],
            "findings": [item.as_dict() for item in dict.fromkeys([*findings_of(values, groups, weights), *findings])],
        }
    )
    return table


def _labels(groups: Values, values: Values, people: Floats) -> tuple[pd.Series[Any], list[Finding]]:
    """Return the group of each value, in its order, and how many people have none."""
    column = groups if isinstance(groups, pd.Series) else pd.Series(list(groups), dtype=object)
    if isinstance(groups, pd.Series) and isinstance(values, pd.Series):
        require_ids(groups, "groups")
        strangers = groups.index.symmetric_difference(values.index, sort=False)
        if len(strangers):
            raise InputError(
                "groups",
                f"{len(strangers):,} ids are not in both values and groups",
                "Both are matched by id. Give them the same index.",
                rows=strangers,
            )
        column = groups.reindex(values.index)
    elif len(column) != len(values):
        raise InputError(
            "groups", f"there are {len(column):,} rows, but {len(values):,} values", "Give one for each value."
        )
    unknown = column.isna().to_numpy()
    empty = unknown & (people == 0)
    if empty.any() and not unknown.all():
        # Where nobody lives no group is needed; any other one takes a row without people.
        column, unknown = column.where(~empty, column[~unknown].iloc[0]), unknown & ~empty
    refuse_rows(
        np.asarray(column == "unknown").astype(bool) & ~unknown,
        column.index,
        "groups",
        "rows are in a group called “unknown”",
        "This is the name of people without a group. Call it something else, or make it missing.",
    )
    if unknown.all() or not people[~unknown].any():
        raise InputError("groups", "nobody has a known group", "Check that the column is the right one.")
    if not unknown.any():
        return column, []
    count = float(people[unknown].sum())
    message = f"The group of {count:,.0f} people ({int(unknown.sum()):,} rows) is not known; they are one of their own."
    finding = Finding("group_unknown", "warning", message, count=int(unknown.sum()), people=count)
    return column.astype(object).where(~unknown, None), [finding]


def _measure(measure: str, settings: dict[str, Any]) -> tuple[Callable[[Floats, Floats], float], float]:
    """Return the measure as a function of values and weights, and its alpha."""
    takes = {"generalized_entropy": {"alpha"}, "fgt": {"line", "alpha", "direction"}}.get(measure, set())
    needed = {"generalized_entropy": {"alpha"}, "fgt": {"line"}}.get(measure, set())
    strangers, missing = sorted(set(settings) - takes), sorted(needed - set(settings))
    if strangers or missing:
        found = f"{measure} takes no {strangers[0]}" if strangers else f"{measure} needs {missing[0]}"
        raise InputError("settings", found, f"It takes: {', '.join(sorted(takes)) or 'none'}.")
    if measure == "gini":
        return lambda amounts, people: gini(amounts, weights=people), 1.0
    if measure == "fgt":
        return lambda amounts, people: fgt(amounts, weights=people, **settings), 0.0
    alpha = float(ALPHAS[measure] if measure in ALPHAS else settings["alpha"])
    return lambda amounts, people: generalized_entropy(amounts, alpha=alpha, weights=people), alpha


def _grouped(amounts: Floats, weights: Floats, labels: pd.Series[Any]) -> tuple[list[_Group], float]:
    """Return the groups that anybody is in, by name, those without a group last, and the mean of all."""
    known = labels.notna().to_numpy()
    names = list(pd.unique(labels[known]))
    try:
        names.sort()
    except TypeError:
        names.sort(key=str)
    people = float(weights.sum())
    largest = amounts.max() or 1.0
    mean = sum_of_products(weights, amounts / largest) / people * largest
    found = []
    column = labels.to_numpy(dtype=object)
    for name in [*names, *([] if known.all() else ["unknown"])]:
        mine = ~known if name == "unknown" else (column == name) & known
        count = float(weights[mine].sum())
        if not count:
            continue
        own = sum_of_products(weights[mine], amounts[mine] / largest) / count * largest
        found.append(
            _Group(name, amounts[mine], weights[mine], count, count / people, own, own / mean if mean else 0.0)
        )
    return found, mean


def _row(part: _Group, of: Callable[[Floats, Floats], float], measure: str, alpha: float) -> dict[str, float]:
    row = {"people": part.people, "people_share": part.share, "mean": part.mean}
    if measure == "fgt":
        inside = of(part.amounts, part.weights)
        return {**row, "inequality": inside, "within": part.share * inside, "between": 0.0}
    # A group in which nobody has anything is equal inside, and weighs nothing where it is weighed by what it has.
    inside = of(part.amounts, part.weights) if part.mean > 0 else 0.0
    if measure == "gini":
        return {**row, "inequality": inside, "within": part.share**2 * part.relative * inside, "between": np.nan}
    weight = part.share * part.relative**alpha if part.relative > 0 else 0.0
    return {**row, "inequality": inside, "within": weight * inside, "between": _between(part, alpha)}


def _between(part: _Group, alpha: float) -> float:
    """Return what a group adds to the generalised entropy of the group means."""
    if alpha == 1:
        return part.share * part.relative * np.log(part.relative) if part.relative > 0 else 0.0
    if alpha == 0:
        return float(-part.share * np.log(part.relative))
    power = part.relative**alpha if part.relative > 0 else 0.0
    return float(part.share * (power - 1) / (alpha * (alpha - 1)))
