"""Sums and groups of those who reach a service at a place, online, both or not, before and after it moves online."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.digital._by_group import VALUES, shares_by_group
from spatialjustice.digital._people import UNKNOWN, with_attrs
from spatialjustice.digital.together.moving_online import CHANGE, MOVED
from spatialjustice.digital.together.physical_and_remote import ACCESS, CLASSES
from spatialjustice.inequality.groups.gaps import FEW_PEOPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.inequality.groups._tables import Groups

KINDS: tuple[tuple[Sequence[str], str], ...] = ((CLASSES, ACCESS), (MOVED, CHANGE))
"""The classes that people are in, and what weighs them, of each of the two tables."""


def _labels_in(table: Any) -> tuple[Sequence[str], str]:
    """Return the classes of a table and what weighs them, or refuse it."""
    for classes, weighed in KINDS:
        needed = [*(f"{label}: {value}" for label in (*classes, weighed) for value in VALUES), UNKNOWN]
        if isinstance(table, pd.DataFrame) and all(column in table.columns for column in needed):
            return classes, weighed
    raise InputError(
        "table",
        "it is neither what physical_and_remote nor what moving_online returns",
        "Make it with one of the two.",
    )


def together_totals(table: pd.DataFrame) -> pd.DataFrame:
    r"""Add up, over all zones, who reaches a service how, or what moving it online gives and takes.

    In signs: :math:`\sum_i P_i s_{ik}`, the share of class k in each zone within its bounds.

    Parameters
    ----------
    table
        From :func:`physical_and_remote` or :func:`moving_online`; some of its rows for a part of the place.

    Returns
    -------
    DataFrame
        A row for each class, ``unknown``, and what weighs them (``access`` or ``change``) last; people as ``lowest``,
        ``independent`` and ``highest``, and each as a share of all people (``…_share``). The independent numbers of the
        classes and the unknown add up to all people. Bounds of zones add up: what is true in one does not bind another.

    Raises
    ------
    InputError
        When it is another frame.

    References
    ----------
    Fréchet, M. (1935). Généralisation du théorème des probabilités totales. Fundamenta Mathematicae, 25, 379-387.

    Examples
    --------
    >>> from spatialjustice.digital import physical_and_remote
    >>> found = together_totals(physical_and_remote([1, 0], [0.75, 0.25], people=[100, 100]))
    >>> found.loc["neither", ["lowest", "highest"]].tolist()
    [75.0, 75.0]
    """
    classes, weighed = _labels_in(table)
    rows = {label: [math.fsum(table[f"{label}: {value}"]) for value in VALUES] for label in classes}
    unknown = math.fsum(table[UNKNOWN])
    total = math.fsum(row[1] for row in rows.values()) + unknown
    rows[UNKNOWN] = [unknown] * len(VALUES)
    rows[weighed] = [math.fsum(table[f"{weighed}: {value}"]) for value in VALUES]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(VALUES)).rename_axis(index="access")
    for value in VALUES:
        frame[f"{value}_share"] = frame[value] / total if total else np.nan
    return with_attrs(frame, "together_totals", [table], unit="people", direction="none", people=total)


def together_by_group(table: pd.DataFrame, groups: Groups, *, suppress_below: float = FEW_PEOPLE) -> pd.DataFrame:
    r"""Tell which share of each group reaches a service how, or what moving it online gives each group and takes.

    In each zone every group is taken to have the shares of the zone (ecological): within a zone, old or poor people are
    probably worse off than it says.

    In signs: :math:`\sum_i n_{ig} s_{ik} / \sum_i n_{ig}`, the people of group g in each zone by the share of class k
    there.

    Parameters
    ----------
    table
        From :func:`physical_and_remote` or :func:`moving_online`.
    groups
        Who lives where, from :mod:`spatialjustice.inequality`, on the same ids; people or households, as in the table.
    suppress_below
        Groups of fewer people are not shown; 0 shows all.

    Returns
    -------
    DataFrame
        One row for each group, ``"unknown"`` where there is one, and ``"all people"`` last: for each class, and for
        what weighs them, its share of the group as ``…: lowest``, ``…: independent``, ``…: highest``; ``people`` in
        zones where it is known, ``people_left_out`` in zones where it is not, and ``note``.

    Raises
    ------
    InputError
        When ids differ, or nobody lives where it is known.

    References
    ----------
    Fréchet, M. (1935). Généralisation du théorème des probabilités totales. Fundamenta Mathematicae, 25, 379-387.
    Robinson, W. S. (1950). Ecological correlations and the behavior of individuals. American Sociological Review,
    15(3), 351-357 (what shares of zones do not say of persons).

    Examples
    --------
    >>> from spatialjustice.digital import moving_online
    >>> from spatialjustice.inequality import groups_from_counts
    >>> moved = moving_online(pd.Series([1.0, 1.0]), pd.Series([0.0, 0.0]), pd.Series([0.5, 0.9]), people=[100, 100])
    >>> groups = groups_from_counts(pd.DataFrame({"old": [80, 20], "young": [20, 80]}))
    >>> together_by_group(moved, groups)["lose all access: independent"].round(9).to_dict()
    {'old': 0.42, 'young': 0.18, 'all people': 0.3}
    """
    classes, weighed = _labels_in(table)
    return shares_by_group(
        table, groups, "together_by_group", classes=classes, beside=[weighed], suppress_below=suppress_below
    )
