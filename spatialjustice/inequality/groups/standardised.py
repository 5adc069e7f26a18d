"""The gap between groups that is left when they are compared among people who are alike in something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, Values, aligned_by_id, checked_whole_number
from spatialjustice.inequality.distribution.zone_rows import canonical_order
from spatialjustice.inequality.groups._tables import (
    DIRECTIONS,
    UNKNOWN,
    Groups,
    Matched,
    Uncertainty,
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
from spatialjustice.inequality.groups.gaps import FEW_PEOPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class _Strata(NamedTuple):
    """Stratum of each zone that takes part, and what was set apart for want of one."""

    data: Matched
    order: NDArray[np.int64]  # zones by stratum
    start: NDArray[np.int64]  # where each stratum begins among them
    names: list[str]
    without: Floats  # people of each group in zones with a value but no stratum
    zones: int  # such zones

    def sums(self, numbers: Floats) -> Floats:
        """Add up the rows of each stratum, in an order that never changes."""
        return np.asarray(np.add.reduceat(numbers[self.order], self.start, axis=0), dtype=np.float64)


def standardised_gap(
    values: Values,
    groups: Groups,
    *,
    strata: Values,
    reference: Any,
    classes: int | None = None,
    suppress_below: float = FEW_PEOPLE,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
) -> pd.DataFrame:
    r"""Tell how large the gap between groups is among people who are alike in another variable.

    Direct standardisation: in each stratum (for example each distance to the centre) the mean of a group and that of
    the reference are taken, and averaged over the strata in which both live, each stratum counted with all its people,
    :math:`\sum_s N_s \bar{x}_{gs} / \sum_s N_s`. The difference of the two is what is left of the gap when both groups
    are spread over the strata like everybody. A gap that shrinks to nothing is one that goes with the other variable;
    this does not tell which causes which, nor whether the other variable is itself unjustly spread.

    Strata in which only one of the two lives cannot be compared. They are left out of both means, and counted: each
    row says which share of the people of its group, and of the reference, is compared.

    Parameters
    ----------
    values, groups
        As :func:`spatialjustice.inequality.group_means`.
    strata
        What people should be alike in, one for each zone, matched by id: labels, or numbers with ``classes``. Zones
        where it is missing take no part.
    reference
        Name of the group that the others are compared with.
    classes
        Cut numbers into this many classes of about equal numbers of people, at least 2; a zone lies whole in the class
        of the middle of its people. None takes each different entry of ``strata`` as a stratum.
    suppress_below, rng, replications
        As :func:`spatialjustice.inequality.group_means`; intervals at 95 %.

    Returns
    -------
    DataFrame
        Rows and further columns as in :func:`spatialjustice.inequality.group_means`, in the unit of the values:
        ``mean`` and ``difference`` as they are; ``standardised_mean``, ``reference_mean`` (the reference in the same
        strata) and ``standardised_difference`` with ``low`` and ``high``; ``share_compared`` and
        ``share_of_reference_compared``, from 0 to 1; ``strata_compared``. NaN where no stratum holds both, and for the
        ends of the interval where more than a tenth of the draws lack a stratum. People in zones without a stratum are
        in ``people_left_out``.

    Raises
    ------
    InputError
        As :func:`spatialjustice.inequality.group_gap`; when there are fewer than two strata, or numbers would
        make one of every zone.

    References
    ----------
    Fleiss, J. L., Levin, B., & Paik, M. C. (2003). Statistical methods for rates and proportions (3rd ed.), chapter 19.
    Wiley.

    Examples
    --------
    The young have more because more of them live in the centre; in the centre, and outside, all have the same:

    >>> from spatialjustice.inequality.groups.gaps import groups_from_counts
    >>> groups = groups_from_counts(pd.DataFrame({"young": [30, 10], "old": [10, 30]}))
    >>> found = standardised_gap([8.0, 4.0], groups, strata=["centre", "outside"], reference="old", replications=0)
    >>> round(float(found.loc["young", "difference"]), 9)
    2.0
    >>> abs(round(float(found.loc["young", "standardised_difference"]), 9))
    0.0
    """
    found, how = matched(values, groups), Uncertainty.checked(rng, replications, 0.95)
    parts = _strata_of_zones(found, groups, strata, classes)
    data = parts.data
    if reference is None:
        raise InputError("reference", "it is None", f"Name the group to compare with: one of {groups.names}.")
    place = reference_of(reference, DIRECTIONS[0], groups, data, ~hidden_groups(data, suppress_below))
    standard, together = _standardised_means(parts, place)
    draws = with_draws(data, standard, how)
    low, high = draws.ends()
    crude = means_of_groups(data.amounts)(data.people)
    count = len(crude)
    both, of_group = together(data.people), parts.sums(_with_everybody(data.people))
    columns = {
        "mean": crude,
        "difference": crude - crude[place],
        "standardised_mean": draws.value[:count],
        "reference_mean": draws.value[count : 2 * count],
        "standardised_difference": draws.value[2 * count :],
        "low": low[2 * count :],
        "high": high[2 * count :],
        "share_compared": ratio_or_nan((of_group * both).sum(axis=0), of_group.sum(axis=0)),
        "share_of_reference_compared": of_group[:, place] @ both / of_group[:, place].sum(),
        "strata_compared": both.sum(axis=0).astype(np.float64),
    }
    result = group_table(groups, data, columns, suppress_below=suppress_below, sure=bool(replications))
    direction = getattr(values, "attrs", {}).get("direction")
    facts = {
        "measure": "standardised_gap",
        "unit": unit_of(values),
        "direction": direction if direction in DIRECTIONS else "none",
        "reference": str(reference),
        "strata": len(parts.names),
        **draws.facts,
        "suppress_below": suppress_below,
    }
    shown = np.flatnonzero(~hidden_groups(data, suppress_below))
    findings = [
        *findings_of(strata),
        *_findings(parts, both, groups, place, shown),
        *suppressed_finding(result, suppress_below),
    ]
    result = with_attrs(result, values, groups, data, facts, findings)
    sources = [record.as_dict() for record in sources_of(strata)]
    result.attrs["sources"] += [record for record in sources if record not in result.attrs["sources"]]
    return result


def _with_everybody(people: Floats) -> Floats:
    return np.column_stack([people, people.sum(axis=1)])


def _standardised_means(
    parts: _Strata, place: int
) -> tuple[Callable[[Floats], Floats], Callable[[Floats], NDArray[np.bool_]]]:
    """Return the function of standardised means and differences, and the one of the strata that both groups live in."""
    amounts = parts.data.amounts[:, None]

    def together(people: Floats) -> NDArray[np.bool_]:
        size = parts.sums(_with_everybody(people))
        return np.asarray((size > 0) & (size[:, [place]] > 0))

    fixed = together(parts.data.people)

    def standard(people: Floats) -> Floats:
        everybody = _with_everybody(people)
        size = parts.sums(everybody)
        mean = ratio_or_nan(parts.sums(amounts * everybody), size)
        # The same strata in every draw: one that is missing in a draw leaves the draw without a result.
        weight = np.where(fixed, size[:, [-1]], 0.0)
        total = weight.sum(axis=0)
        own = ratio_or_nan(np.where(fixed, weight * mean, 0.0).sum(axis=0), total)
        others = ratio_or_nan(np.where(fixed, weight * mean[:, [place]], 0.0).sum(axis=0), total)
        return np.concatenate([own, others, own - others])

    return standard, together


def _strata_of_zones(data: Matched, groups: Groups, strata: Values, classes: int | None) -> _Strata:
    """Give each zone its stratum, and set zones without one apart."""
    column = strata if isinstance(strata, pd.Series) else pd.Series(strata)
    if classes is None:
        # Positions among the different entries, in an order that does not depend on that of the rows.
        entries = pd.Index([*column.dropna().unique()])
        try:
            entries = entries.sort_values()
        except TypeError:
            entries = pd.Index(sorted(entries, key=str), dtype=object)
        places = entries.get_indexer(pd.Index(column.astype(object)))
        numbers = pd.Series(np.where(places < 0, np.nan, places), index=column.index, dtype=np.float64)
    else:
        numbers, entries = column, pd.Index([])
    given = numbers if isinstance(strata, pd.Series) else numbers.to_numpy()
    of_zone = aligned_by_id(given, "strata", groups.people.iloc[:, 0], "groups")[data.place]
    known = np.isfinite(of_zone)
    people = data.people[known]
    if classes is None:
        stratum, names = of_zone[known].astype(np.int64), [str(entry) for entry in entries]
    else:
        stratum, names = _classes(of_zone[known], people.sum(axis=1), checked_whole_number(classes, "classes", least=2))
    used, sizes = np.unique(stratum, return_counts=True)
    if len(used) < 2:
        raise InputError("strata", f"there are {len(used)} with people and a value", "At least two are needed.")
    if classes is None and len(used) == known.sum() and pd.api.types.is_float_dtype(column.dtype):
        raise InputError(
            "strata", "every zone is a stratum of its own", "Cut the numbers into classes, for example with classes=5."
        )
    without = data.people[~known].sum(axis=0)
    kept = data._replace(
        amounts=data.amounts[known],
        people=people,
        errors=None if data.errors is None else data.errors[known],
        left_out=data.left_out + without,
        zones=(people > 0).sum(axis=0),
        place=data.place[known],
    )
    order, start = np.argsort(stratum, kind="stable"), np.cumsum(sizes) - sizes
    return _Strata(kept, order, start, [names[one] for one in used], without, int((~known).sum()))


def _classes(numbers: Floats, people: Floats, count: int) -> tuple[NDArray[np.int64], list[str]]:
    """Cut numbers into classes with about the same people; rows of the same number are in the same class."""
    order = canonical_order(numbers, people)
    _, place = np.unique(numbers[order], return_inverse=True)
    size = np.bincount(place, people[order])
    middle = (np.cumsum(size) - size / 2) / size.sum()
    stratum = np.empty(len(numbers), dtype=np.int64)
    stratum[order] = np.minimum((middle * count).astype(np.int64), count - 1)[place]
    names = [
        f"{numbers[stratum == one].min():g} to {numbers[stratum == one].max():g}" if (stratum == one).any() else ""
        for one in range(count)
    ]
    return stratum, names


def _findings(
    parts: _Strata, both: NDArray[np.bool_], groups: Groups, place: int, shown: NDArray[np.int64]
) -> list[Finding]:
    findings = []
    if parts.zones:
        findings.append(
            Finding(
                "people_without_stratum",
                "warning" if parts.without.sum() else "information",
                f"{parts.zones:,} zones with {parts.without.sum():,.0f} people have no stratum and take no part.",
                count=parts.zones,
                people=float(parts.without.sum()),
            )
        )
    for number in shown:
        name = groups.names[number]
        lone = ~both[:, number]
        if number == place or name == UNKNOWN or not lone.any():
            continue
        people = parts.sums(parts.data.people[:, [number, place]])[lone]
        findings.append(
            Finding(
                "strata_without_overlap",
                "warning" if people.any() else "information",
                f"In {int(lone.sum()):,} of {len(lone):,} strata “{name}” and “{groups.names[place]}” do not both live "
                f"({listed([parts.names[one] for one in np.flatnonzero(lone)])}); {people[:, 0].sum():,.0f} and "
                f"{people[:, 1].sum():,.0f} of their people are not compared.",
                count=int(lone.sum()),
                people=float(people.sum()),
            )
        )
    return findings
