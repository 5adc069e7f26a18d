"""Who lives where: groups of people from counts, from shares, from labels and from income."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import (
    Floats,
    Values,
    aligned_by_id,
    checked_whole_number,
    flat_numbers,
    ids_of,
    refuse_rows,
)
from spatialjustice.inequality.distribution.margins import checked_margins
from spatialjustice.inequality.distribution.zone_rows import canonical_order
from spatialjustice.inequality.groups._tables import EVERYONE, UNKNOWN, Groups, ratio_or_nan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Labels = pd.Series[Any] | pd.Categorical | NDArray[Any] | Sequence[Any]


def groups_from_counts(
    counts: pd.DataFrame,
    *,
    people: Values | None = None,
    margins: pd.DataFrame | None = None,
    unit: str = "people",
) -> Groups:
    """Take groups from a table that counts the people of each group in each zone.

    Parameters
    ----------
    counts
        One row for each zone, one column for each group, 0 or more; nobody is in two groups. A column named
        ``"unknown"`` holds people whose group is not known. A missing count is allowed where ``people`` is given.
    people
        All people of each zone; those in none of the columns become ``"unknown"``. None where the columns are all.
    margins
        Margins of error of the counts at 90 %, of the same form; the intervals of all measures then come from them.
        That of people left over is the margin of the sum of the counts.
    unit
        What is counted, for example ``"households"``.

    Returns
    -------
    Groups
        To be given to the measures of this module.

    Raises
    ------
    InputError
        When a count is missing and ``people`` too, negative or infinite; when groups have more people than the zone;
        when ids differ.

    Examples
    --------
    >>> counts = pd.DataFrame({"with car": [60, 10], "without": [40, 20]}, index=["north", "south"])
    >>> groups_from_counts(counts, people=[100, 50]).people
           with car  without  unknown
    north      60.0     40.0      0.0
    south      10.0     20.0     20.0
    """
    given = checked_table(counts, "counts", found="counts")
    missing: NDArray[np.bool_] = np.asarray(np.isnan(given).any(axis=1))
    found = dict(zip(counts.columns, np.nan_to_num(given).T, strict=True))
    errors = margins_of(margins, counts, "margins")
    margin = None if errors is None else dict(zip(counts.columns, errors.T, strict=True))
    if people is None:
        refuse_rows(
            missing,
            counts.index,
            "counts",
            "rows have missing counts",
            "Fill them in, or give the people of each zone.",
        )
    else:
        everyone = people_of(people, counts.iloc[:, 0], "counts")
        over = remainder(everyone, given, counts.index, "counts")
        found[UNKNOWN] = found.get(UNKNOWN, 0.0) + over
        if margin is not None and errors is not None:
            margin[UNKNOWN] = np.sqrt((errors**2).sum(axis=1))
    inputs = (counts, people, margins)
    return groups_of(found, counts.index, "own counts", margins=margin, inputs=inputs, unit=unit)


def groups_from_shares(
    shares: pd.DataFrame,
    *,
    people: Values,
    rest: str = UNKNOWN,
    share_margins: pd.DataFrame | None = None,
    people_margins: Values | None = None,
    unit: str = "people",
) -> Groups:
    r"""Take groups from shares of the people of each zone, for example the share of people in poverty.

    People of a group are the share times all people. With margins of error, that of the product is
    :math:`\sqrt{P^2 M_s^2 + s^2 M_P^2}`.

    Parameters
    ----------
    shares
        One row for each zone, one column for each group, from 0 to 1 and not above 1 together.
    people
        People of each zone, 0 or more.
    rest
        Name of the group of the people that the shares leave over: ``"unknown"``, or for example ``"others"`` where
        everybody not in the columns is known to be in none of them. In zones with a missing share they are unknown.
    share_margins, people_margins
        Margins of error at 90 %; one may be None and is then exact.
    unit
        What is counted.

    Returns
    -------
    Groups
        Ecological: all measures of them carry a finding that says so.

    Raises
    ------
    InputError
        When a share is negative, infinite, or shares are above 1 together; when people are missing or negative;
        when ids differ.

    References
    ----------
    Robinson, W. S. (1950). Ecological correlations and the behavior of individuals. American Sociological Review,
    15(3), 351-357. US Census Bureau (2020). Understanding and using American Community Survey data: What all data users
    need to know, chapter 8 (margin of a product).

    Examples
    --------
    >>> shares = pd.DataFrame({"in poverty": [0.25, 0.5]}, index=["north", "south"])
    >>> groups_from_shares(shares, people=[400, 100], rest="others").people
           in poverty  others
    north       100.0   300.0
    south        50.0    50.0
    """
    parts = checked_table(shares, "shares", found="shares")
    if rest in shares.columns and rest != UNKNOWN:
        raise InputError("rest", f"there is a group {rest!r} already", "Choose another name.")
    everyone = people_of(people, shares.iloc[:, 0], "shares")
    left = everyone * remainder(np.ones(len(parts)), parts, shares.index, "shares")
    whole_zone = ~np.isnan(parts).any(axis=1)
    known = np.nan_to_num(parts)
    found: dict[Any, Floats] = dict(zip(shares.columns, (known * everyone[:, None]).T, strict=True))
    unknown = found.pop(UNKNOWN, np.zeros(len(parts)))
    if rest != UNKNOWN:
        found[rest] = np.where(whole_zone, left, 0.0)
    found[UNKNOWN] = unknown + np.where(whole_zone & (rest != UNKNOWN), 0.0, left)
    margin = None
    if share_margins is not None or people_margins is not None:
        size = np.zeros(len(parts))
        if people_margins is not None:
            size = checked_margins(people_margins, "people_margins", shares.iloc[:, 0], "shares")
        of_share = margins_of(share_margins, shares, "share_margins")
        of_share = np.zeros(parts.shape) if of_share is None else of_share
        of_rest = np.sqrt((of_share**2).sum(axis=1))
        margin = {}
        for name, members in found.items():
            own = of_share[:, shares.columns.get_loc(name)] if name in shares.columns else of_rest
            own_share = ratio_or_nan(members, everyone)
            margin[name] = np.sqrt((everyone * own) ** 2 + (np.nan_to_num(own_share) * size) ** 2)
    how = "shares of zone population"
    inputs = (shares, people, share_margins, people_margins)
    note = (known_of_zones_only(how),)
    return groups_of(found, shares.index, how, margins=margin, inputs=inputs, findings=note, unit=unit)


def groups_from_labels(labels: Labels, *, people: Values | None = None, unit: str = "people") -> Groups:
    """Take groups from a label of each person, or of each zone for all people in it.

    Parameters
    ----------
    labels
        Group of each row, text or numbers; rows without a label form the group ``"unknown"``.
    people
        People behind each row; None where each row is one person.
    unit
        What is counted.

    Returns
    -------
    Groups
        In the order of the categories, or sorted. With ``people`` they are ecological, and a finding says so.

    Raises
    ------
    InputError
        When no row has a label, a number of people is missing or negative, or ids differ.

    Examples
    --------
    >>> groups_from_labels(["old town", "new town", None], people=[10, 20, 5]).people
       new town  old town  unknown
    0       0.0      10.0      0.0
    1      20.0       0.0      0.0
    2       0.0       0.0      5.0
    """
    if isinstance(labels, str) or getattr(labels, "ndim", 1) != 1:
        raise InputError("labels", f"they are {a_kind(labels)}", "Give one column with a label for each row.")
    plain = not isinstance(labels, pd.Series | pd.Categorical)
    column = pd.Series(labels, dtype=object) if plain else pd.Series(labels)
    ids = ids_of(column, "labels")
    counts = np.ones(len(column)) if people is None else people_of(people, pd.Series(0.0, index=ids), "labels")
    missing = column.isna().to_numpy()
    if isinstance(column.dtype, pd.CategoricalDtype):
        names = [*column.cat.categories]
    else:
        names = [*column[~missing].unique()]
        try:
            names.sort()
        except TypeError:
            names.sort(key=str)
    if EVERYONE in names:
        raise InputError("labels", f"a group is named “{EVERYONE}”", "This is the name of the row of totals.")
    columns = {name: np.where((column == name).to_numpy(dtype=bool, na_value=False), counts, 0.0) for name in names}
    columns[UNKNOWN] = columns.get(UNKNOWN, 0.0) + np.where(missing, counts, 0.0)
    note = () if people is None else (known_of_zones_only("labels of zones"),)
    return groups_of(columns, ids, "labels", inputs=(labels, people), findings=note, unit=unit)


def income_groups(income: Values, *, people: Values | None = None, k: int = 5, unit: str = "people") -> Groups:
    """Divide people into groups of equal size by the income of their zone, for example fifths or tenths.

    People stand in the order of income. A zone that straddles a boundary is split exactly, so that all groups have the
    same number of people; zones of the same income give the same share of their people.

    Parameters
    ----------
    income
        Income, or anything that people can be ordered by; people whose income is missing form the group ``"unknown"``.
    people
        People of each zone; None where each row is one person.
    k
        Number of groups, at least 2.
    unit
        What is counted.

    Returns
    -------
    Groups
        ``"1 of 5"`` has the lowest income. With ``people`` they are ecological, and a finding says so.

    Raises
    ------
    InputError
        When nobody has a known income, all have the same, one is infinite, or ids differ.

    Examples
    --------
    >>> income_groups([900, 300, None], people=[60, 40, 7], k=2).people
       1 of 2  2 of 2  unknown
    0    10.0    50.0      0.0
    1    40.0     0.0      0.0
    2     0.0     0.0      7.0
    """
    count = checked_whole_number(k, "k", least=2)
    ranks = flat_numbers(income, "income")
    ids = ids_of(income, "income")
    refuse_rows(np.isinf(ranks), ids, "income", "values are infinite", "Make them missing or replace them.")
    counts = np.ones(len(ranks)) if people is None else people_of(people, income, "income")
    there = ~np.isnan(ranks) & (counts > 0)
    if len(np.unique(ranks[there])) < 2:
        raise InputError(
            "income", "people do not differ in it, or nobody has a known one", "Check that the column is the right one."
        )
    # Rows of the same income are summed in the order of their people, whatever the order of the input.
    order = canonical_order(ranks, counts)
    order = order[there[order]]
    _, place = np.unique(ranks[order], return_inverse=True)
    size = np.bincount(place, counts[order])
    upto = np.cumsum(size)
    ends = np.linspace(0.0, upto[-1], count + 1)
    columns = {}
    for number in range(count):
        inside = np.minimum(upto, ends[number + 1]) - np.maximum(upto - size, ends[number])
        part = np.where(inside > 1e-12 * upto[-1], inside, 0.0) / size
        mine = np.zeros(len(ranks))
        mine[order] = counts[order] * part[place]
        columns[f"{number + 1} of {count}"] = mine
    columns[UNKNOWN] = np.where(np.isnan(ranks), counts, 0.0)
    how = "labels" if people is None else "groups of equal size by the income of zones"
    note = () if people is None else (known_of_zones_only(how),)
    return groups_of(columns, ids, how, inputs=(income, people), findings=note, unit=unit)


def people_of(people: Values, like: Values, name: str) -> Floats:
    """Return the people of each zone in the order of ``like``.

    Raises
    ------
    InputError
        When a number is missing, infinite or negative, all are 0, or ids differ.
    """
    counts = aligned_by_id(people, "people", like, name)
    ids = ids_of(like, name)
    advice = "They are 0 or more, known for every zone."
    refuse_rows(~np.isfinite(counts), ids, "people", "numbers are missing or infinite", advice)
    refuse_rows(counts < 0, ids, "people", "numbers are negative", advice)
    if not counts.any():
        raise InputError("people", "all are 0", "Nobody would be counted. Check the column of people.")
    return counts


def known_of_zones_only(how: str) -> Finding:
    """Return the warning that belongs to groups that are known of zones only."""
    return Finding(
        "ecological",
        "warning",
        f"Ecological: groups are known of zones only ({how}). The numbers say what zones with more of a group have, "
        "not what its people have.",
        advice="Write of zones, or use counts of each group, or a survey of persons.",
    )


def checked_table(table: pd.DataFrame, name: str, *, found: str = "numbers") -> Floats:
    """Return the numbers of a table with one column for each group, refusing what no such table can hold.

    Raises
    ------
    InputError
        When it is no table, columns repeat, have a reserved name or no numbers, or a number is negative or infinite.
    """
    if not isinstance(table, pd.DataFrame) or not len(table.columns) or not len(table):
        raise InputError(name, f"they are {a_kind(table)}", "Give a table with a column for each group.")
    require_ids(table, name)
    if not table.columns.is_unique or EVERYONE in table.columns:
        raise InputError(
            name, f"columns repeat or one is named “{EVERYONE}”", "Give each group its own name, and leave out totals."
        )
    columns = np.column_stack([flat_numbers(table[column], f"{name} of {column}") for column in table])
    wrong: NDArray[np.bool_] = np.asarray(((columns < 0) | np.isinf(columns)).any(axis=1))
    advice = "Codes for “no data” such as -666666666 must be made missing first."
    refuse_rows(wrong, table.index, name, f"rows have {found} that are negative or infinite", advice)
    return columns


def margins_of(margins: pd.DataFrame | None, like: pd.DataFrame, name: str) -> Floats | None:
    """Return the margins of a table in its order of rows and columns.

    Raises
    ------
    InputError
        When the columns or ids differ, or a margin is missing, infinite or negative.
    """
    if margins is None:
        return None
    if not isinstance(margins, pd.DataFrame) or set(margins.columns) != set(like.columns):
        raise InputError(name, "their columns are not those of the groups", "Give a margin for every group.")
    first = like.iloc[:, 0]
    return np.column_stack([checked_margins(margins[column], name, first, "groups") for column in like])


def remainder(whole_of: Floats, parts: Floats, index: pd.Index[Any], name: str) -> Floats:
    """Return what the parts, where known, leave of the whole; differences by rounding are none.

    Raises
    ------
    InputError
        When the parts are more than the whole.
    """
    left = whole_of - np.nansum(parts, axis=1)
    rounding = 1e-6 * np.maximum(whole_of, 1.0)
    refuse_rows(
        left < -rounding,
        index,
        name,
        "rows have more in the groups than in all",
        "Nobody may be in two groups (write shares as 0.25, not as 25). Give groups that exclude each other.",
    )
    return np.where(left > rounding, left, 0.0)


def groups_of(
    columns: dict[Any, Floats],
    index: pd.Index[Any],
    how: str,
    *,
    margins: dict[Any, Floats] | None = None,
    inputs: tuple[Any, ...] = (),
    findings: tuple[Finding, ...] = (),
    unit: str = "people",
) -> Groups:
    """Put groups together, those of unknown group last and only where there are any."""
    known = [name for name in columns if name != UNKNOWN]
    if not known:
        raise InputError("groups", "no group is known", "Check that the column is the right one.")
    names = [*known, UNKNOWN] if UNKNOWN in columns and columns[UNKNOWN].any() else known
    labels = pd.Index(names, dtype=object)
    people = pd.DataFrame(np.column_stack([columns[name] for name in names]), index=index, columns=labels)
    if not people.to_numpy().any():
        raise InputError("groups", "there is nobody in any of them", "Check the columns of people.")
    error = None
    if margins is not None:
        error = pd.DataFrame(np.column_stack([margins[name] for name in names]), index=index, columns=labels)
    kept = tuple(dict.fromkeys([*findings_of(*inputs), *findings]))
    return Groups(people, how, error, kept, tuple(sources_of(*inputs)), unit)
