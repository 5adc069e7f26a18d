"""Blinder–Oaxaca: how much of a gap comes from who the groups are, and how much from what that is worth to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, Values, checked_choice, flat_numbers, refuse_rows
from spatialjustice.inequality.distribution.intervals import FEW
from spatialjustice.inequality.groups._tables import (
    DIRECTIONS,
    Groups,
    Matched,
    Uncertainty,
    hidden_groups,
    matched,
    unit_of,
    with_draws,
)
from spatialjustice.inequality.groups.gaps import FEW_PEOPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

COEFFICIENTS = ("pooled", "reference", "group", "each")

COMPOSITION, WORTH, INTERACTION = "composition", "coefficients", "interaction"
CONSTANT, ALL, GAP = "constant", "all", "gap"

SINGULAR = 1e-10
"""Smallest share of a variable's own variance that must be left beside all others."""


class _Design(NamedTuple):
    """The columns of a regression: numbers as they are, texts as one column for each entry."""

    columns: Floats
    variable: NDArray[np.int64]  # which variable each column belongs to
    names: list[str]
    categories: list[NDArray[np.int64]]  # columns of each variable that is text


def gap_decomposition(
    values: Values,
    groups: Groups,
    variables: pd.DataFrame,
    *,
    group: Any,
    reference: Any,
    coefficients: Literal["pooled", "reference", "group", "each"] = "pooled",
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
) -> pd.DataFrame:
    r"""Tell which part of the gap between two groups goes with what differs between them, variable by variable.

    Blinder and Oaxaca: in each group the values are regressed on the variables by least squares, every zone counted
    with the people of the group, so that :math:`\bar{y}_g = a_g + \sum_k \bar{x}_{gk} b_{gk}`. With r the reference,
    the gap :math:`\bar{y}_g - \bar{y}_r` is

    - *composition* (explained), :math:`\sum_k (\bar{x}_{gk} - \bar{x}_{rk}) b^*_k`: what would remain if the variables
      were worth the same to both, :math:`b^*`;
    - *coefficients* (unexplained), :math:`(a_g - a_r) + \sum_k [\bar{x}_{gk} (b_{gk} - b^*_k) + \bar{x}_{rk} (b^*_k -
      b_{rk})]`: what would remain if both were alike in the variables. It holds everything that was left out, so it is
      neither proof nor measure of discrimination;
    - with ``coefficients="each"`` the *interaction*, :math:`\sum_k (\bar{x}_{gk} - \bar{x}_{rk})(b_{gk} - b_{rk})`.

    The parts add up to the gap exactly. Composition is that of zones where people live, not of the people themselves,
    unless every row is a person. How *coefficients* divide among numbers and the constant hangs on where the numbers
    have their zero; the sum does not. Texts are normalised, so that no entry is the one left out (Yun).

    Parameters
    ----------
    values
        What each zone (or person) has; zones without are left out and counted.
    groups
        Who lives where, matched by id.
    variables
        What may go with it, a column each: numbers, or text for categories. Matched by id; rows with a missing entry
        are left out and counted.
    group, reference
        Names of the two groups. The gap is the mean of the group minus that of the reference.
    coefficients
        What the variables are taken to be worth, :math:`b^*`: ``"pooled"``, to both groups together, with a constant
        for each (Jann); ``"reference"`` or ``"group"``, to one of them; ``"each"`` leaves the choice out of it:
        composition at the reference's, coefficients at the reference's composition, and the interaction.
    rng
        Whole number or generator that the draws of zones follow from; None draws a seed, which attrs tell.
    replications
        Draws, at least 99; 0 for a table without intervals (which hold at 95 %).

    Returns
    -------
    DataFrame
        Rows of ``variable`` (``"constant"``: the two constants; ``"all"``: the sum of a part; ``"gap"``) and ``part``;
        ``value`` in the unit of the values with ``low`` and ``high``; ``share_of_gap``, NaN where there is no gap.
        ``attrs["means"]`` holds both means, ``attrs["people"]`` the people of both groups who are compared.

    Raises
    ------
    InputError
        When ids differ, a variable is the same for everybody in a group or follows from the others there, a group is
        not there or has fewer than 10 people, or there are too few zones for the variables.

    References
    ----------
    Blinder, A. S. (1973). Wage discrimination: Reduced form and structural estimates. Journal of Human Resources, 8(4),
    436-455. Oaxaca, R. (1973). Male-female wage differentials in urban labor markets. International Economic Review,
    14(3), 693-709. Jann, B. (2008). The Blinder-Oaxaca decomposition for linear regression models. The Stata Journal,
    8(4), 453-479. Yun, M.-S. (2005). A simple solution to the identification problem in detailed wage decompositions.
    Economic Inquiry, 43(4), 766-772.

    Examples
    --------
    Both groups lose 2 jobs for each kilometre from the centre; the poor live 3 km farther out, and that is all:

    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"poor": [10, 20, 30], "rich": [40, 20, 0]}))
    >>> far = pd.DataFrame({"kilometres": [1.0, 4.0, 7.0]})
    >>> found = gap_decomposition(20 - 2 * far["kilometres"], groups, far, group="poor", reference="rich",
    ...                           replications=0)
    >>> parts = found[found["variable"] == "all"].set_index("part")["value"]
    >>> {part: abs(round(value, 6)) for part, value in parts.items()}
    {'composition': 6.0, 'coefficients': 0.0}
    >>> round(float(found["value"].iloc[-1]), 9)
    -6.0
    """
    checked_choice(coefficients, COEFFICIENTS, "coefficients")
    data, how = matched(values, groups), Uncertainty.checked(rng, replications, 0.95)
    places = _group_positions(groups, group, reference)
    data, design, without = _design_of_zones(data, groups, variables)
    hidden = hidden_groups(data, FEW_PEOPLE)
    for name, place in zip((group, reference), places, strict=True):
        if hidden[place] or not data.people[:, place].any():
            raise InputError("groups", f"too few people are in {name!r}", f"At least {FEW_PEOPLE} are needed to tell.")
        _require_rank(design, data.people[:, place], name)
    rows = _rows(design, coefficients)
    draws = with_draws(data, _statistic(data, design, places, coefficients), how)
    low, high = draws.ends()
    result = pd.DataFrame(rows, columns=["variable", "part"])
    result["value"], result["low"], result["high"] = draws.value, low, high
    gap = draws.value[-1]
    # A gap that is rounding only has no parts worth a share.
    result["share_of_gap"] = draws.value / gap if abs(gap) > SINGULAR * np.abs(data.amounts).max() else np.nan
    facts = {
        "unit": unit_of(values),
        "coefficients": coefficients,
        "group": str(group),
        "reference": str(reference),
        **draws.facts,
    }
    return _described(result, (values, groups, variables), data, places, [*data.findings, *without], facts)


def _group_positions(groups: Groups, group: Any, reference: Any) -> tuple[int, int]:
    for name, one in (("group", group), ("reference", reference)):
        if one not in groups.names:
            raise InputError(name, f"it is {one!r}", f"Choose one of: {groups.names}.")
    if group == reference:
        raise InputError("reference", f"it is {reference!r}, like the group", "Name two different groups.")
    return groups.names.index(group), groups.names.index(reference)


def _design_of_zones(data: Matched, groups: Groups, variables: pd.DataFrame) -> tuple[Matched, _Design, list[Finding]]:
    """Give each zone its variables, and set zones without one apart."""
    if not isinstance(variables, pd.DataFrame) or not variables.shape[1]:
        raise InputError(
            "variables", "they are no table with a column", "Give a table with a column for each variable, by zone."
        )
    require_ids(variables, "variables")
    strangers = variables.index.symmetric_difference(groups.people.index, sort=False)
    if len(strangers):
        advice = "Both are matched by id. Give them the same index."
        raise InputError(
            "variables", f"{len(strangers):,} ids are not in both variables and groups", advice, rows=strangers
        )
    repeated = variables.columns[variables.columns.duplicated()]
    reserved = [name for name in map(str, variables.columns) if name in {CONSTANT, ALL, GAP}]
    if len(repeated) or reserved:
        found = f"a column is called {str(repeated[0]) if len(repeated) else reserved[0]!r}"
        raise InputError("variables", found, "Give every variable a name of its own that is not a row of the result.")
    table = variables.reindex(groups.people.index).iloc[data.place]
    known = table.notna().all(axis=1).to_numpy()
    apart = data.people[~known].sum(axis=0)
    if not known.any():
        raise InputError(
            "variables", "no zone with people has all of them", "Check that the columns are the right ones."
        )
    kept = data._replace(
        amounts=data.amounts[known],
        people=data.people[known],
        errors=None if data.errors is None else data.errors[known],
        left_out=data.left_out + apart,
        zones=(data.people[known] > 0).sum(axis=0),
        place=data.place[known],
    )
    findings = []
    if not known.all():
        findings.append(
            Finding(
                "people_without_variables",
                "warning" if apart.sum() else "information",
                f"{int((~known).sum()):,} zones with {apart.sum():,.0f} people lack a variable and take no part.",
                count=int((~known).sum()),
                people=float(apart.sum()),
            )
        )
    return kept, _design_columns(table[known]), findings


def _design_columns(table: pd.DataFrame) -> _Design:
    columns, variable, categories = [], [], []
    for place, name in enumerate(table.columns):
        column = table[name]
        if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
            found = flat_numbers(column, str(name))
            refuse_rows(
                np.isinf(found), table.index, str(name), "values are infinite", "Make them missing or replace them."
            )
            columns.append(found)
            variable.append(place)
            continue
        entries = sorted(column.astype(str).unique())
        categories.append(np.arange(len(columns), len(columns) + len(entries)))
        columns += [(column.astype(str) == entry).to_numpy(dtype=np.float64) for entry in entries]
        variable += [place] * len(entries)
    return _Design(np.column_stack(columns), np.array(variable), [str(name) for name in table.columns], categories)


def _estimated_columns(design: _Design) -> NDArray[np.int64]:
    """Return the columns that are estimated: of each text, all entries but the first."""
    first = {int(columns[0]) for columns in design.categories}
    return np.array([place for place in range(design.columns.shape[1]) if place not in first], dtype=np.int64)


def _means_and_scatter(design: _Design, people: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the means of all columns, and those estimated, less their mean and scaled, with their scale."""
    share = people / people.sum()
    mean = np.einsum("i,ij->j", share, design.columns)
    free = _estimated_columns(design)
    apart = design.columns[:, free] - mean[free]
    scale = np.sqrt(np.einsum("i,ij->j", share, apart**2))
    return mean, apart, scale


def _require_rank(design: _Design, people: Floats, group: Any) -> None:
    """Refuse variables that are the same for a whole group, or follow from the others in it."""
    _, apart, scale = _means_and_scatter(design, people)
    free = _estimated_columns(design)
    largest = np.abs(design.columns[:, free]).max(axis=0)
    for place in np.flatnonzero(scale <= SINGULAR * np.maximum(largest, 1e-300)):
        name = design.names[design.variable[free[place]]]
        raise InputError(
            "variables",
            f"“{name}”, or an entry of it, is the same for everybody in {group!r}",
            "What does not differ within a group cannot be told from its constant. Leave it out, or join entries.",
        )
    scaled = apart / scale * np.sqrt(people / people.sum())[:, None]
    if np.linalg.svd(scaled, compute_uv=False)[-1] ** 2 <= SINGULAR or (people > 0).sum() <= len(free):
        raise InputError(
            "variables",
            f"one of them follows from the others in {group!r}",
            "Leave one out, or give more zones: there must be more of them than variables.",
        )


def _fit(design: _Design, people: Floats, amounts: Floats) -> tuple[Floats, Floats, float, float]:
    """Return means, coefficients (normalised over the entries of a text), the constant, and the mean of the values."""
    mean, apart, scale = _means_and_scatter(design, people)
    share = people / people.sum()
    # Sums in a fixed order: the same bits however many threads there are.
    centre = np.einsum("i,i->", share, amounts)
    scaled = apart / scale
    inside = np.einsum("i,ij,ik->jk", share, scaled, scaled)
    with_values = np.einsum("i,ij,i->j", share, scaled, amounts - centre)
    found = np.zeros(design.columns.shape[1])
    found[_estimated_columns(design)] = np.linalg.solve(inside, with_values) / scale
    for columns in design.categories:
        found[columns] -= found[columns].mean()
    return mean, found, float(centre - mean @ found), float(centre)


def _pooled(design: _Design, people: tuple[Floats, Floats], amounts: Floats) -> Floats:
    """Return the coefficients of both groups together, each with its own constant."""
    free = _estimated_columns(design)
    inside, with_values = np.zeros((len(free), len(free))), np.zeros(len(free))
    total = sum(float(one.sum()) for one in people)
    scale = np.sqrt(sum(_means_and_scatter(design, one)[2] ** 2 * one.sum() / total for one in people))
    for one in people:
        share = one / total
        apart = _means_and_scatter(design, one)[1] / scale
        inside += np.einsum("i,ij,ik->jk", share, apart, apart)
        with_values += np.einsum("i,ij,i->j", share, apart, amounts - np.einsum("i,i->", one / one.sum(), amounts))
    found = np.zeros(design.columns.shape[1])
    found[free] = np.linalg.solve(inside, with_values) / scale
    for columns in design.categories:
        found[columns] -= found[columns].mean()
    return found


def _rows(design: _Design, coefficients: str) -> list[tuple[str, str]]:
    rows = [(name, COMPOSITION) for name in [*design.names, ALL]]
    rows += [(name, WORTH) for name in [*design.names, CONSTANT, ALL]]
    if coefficients == "each":
        rows += [(name, INTERACTION) for name in [*design.names, ALL]]
    return [*rows, (GAP, GAP)]


def _statistic(
    data: Matched, design: _Design, places: tuple[int, int], coefficients: str
) -> Callable[[Floats], Floats]:
    count = len(design.names)

    def by_variable(parts: Floats) -> Floats:
        return np.bincount(design.variable, parts, minlength=count).astype(np.float64)

    def parts(people: Floats) -> Floats:
        both = people[:, places[0]], people[:, places[1]]
        try:
            (x_one, b_one, a_one, y_one), (x_two, b_two, a_two, y_two) = (
                _fit(design, one, data.amounts) for one in both
            )
            shared = {"reference": b_two, "each": b_two, "group": b_one}.get(coefficients)
            shared = _pooled(design, both, data.amounts) if shared is None else shared
        except np.linalg.LinAlgError:
            # A draw without an entry of a text, or with too few zones, has no result; such draws are counted.
            return np.full(len(_rows(design, coefficients)), np.nan)
        apart, worth = x_one - x_two, b_one - b_two
        composition = by_variable(apart * shared)
        if coefficients == "each":
            unexplained, together = by_variable(x_two * worth), by_variable(apart * worth)
            tail = [*together, together.sum()]
        else:
            unexplained, tail = by_variable(x_one * (b_one - shared) + x_two * (shared - b_two)), []
        constant = a_one - a_two
        whole = unexplained.sum() + constant
        return np.array([*composition, composition.sum(), *unexplained, constant, whole, *tail, y_one - y_two])

    def statistic(people: Floats) -> Floats:
        with np.errstate(all="ignore"):
            found = parts(people)
        return found if np.isfinite(found).all() else np.full(len(found), np.nan)

    return statistic


def _described(
    result: pd.DataFrame,
    inputs: tuple[Any, ...],
    data: Matched,
    places: tuple[int, int],
    findings: list[Finding],
    facts: dict[str, Any],
) -> pd.DataFrame:
    people = data.people[:, places]
    means = np.einsum("i,ij->j", data.amounts, people) / people.sum(axis=0)
    zones = int(data.zones[[*places]].min())
    if zones < FEW and facts["replications"]:
        message = f"A group lives in {zones:,} zones, fewer than {FEW}: the intervals are narrower than they should be."
        findings.append(Finding("few_zones", "warning", message, count=zones))
    direction = getattr(inputs[0], "attrs", {}).get("direction")
    result.attrs.update(
        {
            "measure": "gap_decomposition",
            "direction": direction if direction in DIRECTIONS else "none",
            **facts,
            "means": {facts["group"]: float(means[0]), facts["reference"]: float(means[1])},
            "people": float(people.sum()),
            "left_out": float(data.left_out[[*places]].sum()),
            "n": len(data.amounts),
            "sources": [record.as_dict() for record in sources_of(*inputs)],
            "findings": [item.as_dict() for item in dict.fromkeys([*findings_of(*inputs), *findings])],
        }
    )
    return result
