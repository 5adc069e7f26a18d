"""Double exclusion: who is far from places and offline, and what can be said of it from shares alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.ledger import Ledger
from spatialjustice.digital._by_group import VALUES, shares_by_group
from spatialjustice.digital._people import UNKNOWN, labels_of, people_in, series_with_attrs, shares_in, with_attrs
from spatialjustice.inequality._inputs import Floats, Values, aligned_by_id, checked_share
from spatialjustice.inequality.groups.gaps import FEW_PEOPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spatialjustice.inequality.groups._tables import Groups

CLASSES = ("both", "only physical", "only digital", "neither")
"""Which access people have: both, only one of them, or neither."""


def double_exclusion(physical: Values, digital: Values, *, people: Values) -> pd.DataFrame:
    r"""Count who has both kinds of access, only one of them, or neither, where only the share of each is known.

    With a share a of a zone's people who have physical access and a share d who have digital access, nobody can say who
    has both: it may be anything from :math:`\max(0, a + d - 1)` to :math:`\min(a, d)` (Fréchet's bounds). Both ends can
    be true. Between them lies :math:`a d`, true if the two had nothing to do with each other within the zone; where the
    poor are both far away and offline, more people have neither than it says. Where one of the shares is 0 or 1 the
    three are the same, and exact.

    Parameters
    ----------
    physical
        Share of each zone's people with physical access, from 0 to 1: whether a zone's centre is within reach (0 or 1),
        or the share of its people who are; missing where it is not known.
    digital
        Share of each zone's people (or households) with digital access.
    people
        People, or households, of each zone.

    Returns
    -------
    DataFrame
        On the index of ``physical``: for each of ``both``, ``only physical``, ``only digital`` and ``neither`` people
        as ``…: lowest``, ``…: independent``, ``…: highest``; ``unknown``: all people of zones that lack a share, whose
        other columns are 0. In every zone the independent numbers and the unknown add up to its people; the lowest of
        the four classes cannot all be true at once, nor can the highest. :func:`exclusion_totals` adds zones up.

    Raises
    ------
    PopulationError
        When people are missing, negative or nowhere.
    InputError
        When ids differ, or a share is below 0 or above 1.

    References
    ----------
    Fréchet, M. (1935). Généralisation du théorème des probabilités totales. Fundamenta Mathematicae, 25, 379-387.

    Examples
    --------
    >>> found = double_exclusion([0.5], [0.75], people=[100])
    >>> found.loc[0, ["neither: lowest", "neither: independent", "neither: highest"]].tolist()
    [0.0, 12.5, 25.0]
    """
    near = shares_in(physical, "physical")
    index = physical.index if isinstance(physical, pd.Series) else pd.RangeIndex(len(near))
    like = pd.Series(near, index=index)
    shares_in(digital, "digital")
    online = np.clip(aligned_by_id(digital, "digital", physical, "physical"), 0.0, 1.0)
    counts = people_in(people, like, "physical")
    known = ~np.isnan(near) & ~np.isnan(online)
    a, d = np.where(known, near, 0.0), np.where(known, online, 0.0)
    n = np.where(known, counts, 0.0)
    columns: dict[str, Floats] = {}
    for label, one, other in (
        ("both", a, d),
        ("only physical", a, 1 - d),
        ("only digital", 1 - a, d),
        ("neither", 1 - a, 1 - d),
    ):
        columns[f"{label}: lowest"] = n * np.maximum(0.0, one + other - 1)
        columns[f"{label}: independent"] = n * one * other
        columns[f"{label}: highest"] = n * np.minimum(one, other)
    columns[UNKNOWN] = np.where(known, 0.0, counts)
    frame = pd.DataFrame(columns, index=index)
    unknown = math.fsum(columns[UNKNOWN])
    summed = math.fsum(math.fsum(columns[f"{label}: independent"]) for label in CLASSES)
    Ledger().record(
        "double exclusion", "people", before=math.fsum(counts), after=summed, elsewhere={"unknown": unknown}
    )
    return with_attrs(
        frame,
        "double_exclusion",
        [physical, digital, people],
        findings=unknown_finding(unknown, int((~known).sum())),
        unit="people",
        direction="none",
        people=math.fsum(counts),
        method="Fréchet bounds within each zone",
    )


def unknown_finding(people: float, zones: int) -> list[Finding]:
    """Say of how many people a share is not known."""
    if not zones:
        return []
    message = (
        f"In {zones:,} zones with {people:,.0f} people one of the shares is not known; they are a class of their own."
    )
    values = {"count": zones, "people": round(people)}
    return [
        Finding(
            "exclusion_unknown",
            "warning" if people else "information",
            message,
            count=zones,
            people=people,
            values=values,
        )
    ]


def exclusion_totals(exclusion: pd.DataFrame) -> pd.DataFrame:
    r"""Add up who has both kinds of access, only one, or neither, over all zones.

    In signs: :math:`\sum_i P_i s_{ik}`, the share of class k in each zone within its bounds (:func:`double_exclusion`).

    Parameters
    ----------
    exclusion
        From :func:`double_exclusion`; some of its rows for a part of the place.

    Returns
    -------
    DataFrame
        Rows ``both``, ``only physical``, ``only digital``, ``neither`` and ``unknown``; people as ``lowest``,
        ``independent`` and ``highest``, and each as a share of all people (``…_share``). The independent numbers and
        the unknown add up to all people. Bounds of zones add up: what is true in one does not bind
        another.

    Raises
    ------
    InputError
        When it is another frame.

    References
    ----------
    Fréchet, M. (1935). Généralisation du théorème des probabilités totales. Fundamenta Mathematicae, 25, 379-387.

    Examples
    --------
    >>> found = exclusion_totals(double_exclusion([0.5, 1.0], [0.75, 0.25], people=[100, 100]))
    >>> found.loc["neither", list(VALUES)].tolist()
    [0.0, 12.5, 25.0]
    """
    _require_exclusion(exclusion)
    unknown = math.fsum(exclusion[UNKNOWN])
    rows = {label: [math.fsum(exclusion[f"{label}: {value}"]) for value in VALUES] for label in CLASSES}
    total = math.fsum(row[1] for row in rows.values()) + unknown
    rows[UNKNOWN] = [unknown] * len(VALUES)
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(VALUES)).rename_axis(index="access")
    for value in VALUES:
        frame[f"{value}_share"] = frame[value] / total if total else np.nan
    return with_attrs(frame, "exclusion_totals", [exclusion], unit="people", direction="none", people=total)


def _require_exclusion(frame: Any) -> None:
    needed = [*(f"{label}: {value}" for label in CLASSES for value in VALUES), UNKNOWN]
    if not isinstance(frame, pd.DataFrame) or any(column not in frame.columns for column in needed):
        raise InputError("exclusion", "it is not what double_exclusion returns", "Make it with double_exclusion.")


def double_exclusion_classes(
    physical: pd.Series[float], digital: pd.Series[float], *, physical_line: float = 0.5, digital_line: float
) -> pd.Series[Any]:
    """Sort zones, for a map: most people near and online, only one of them, or neither.

    The class is of the zone; people of a zone called “both” may lack either. Whom it concerns is told by
    :func:`double_exclusion`.

    Definition: near where the share near is at least ``physical_line``, online where the share online is at least
    ``digital_line``.

    Parameters
    ----------
    physical, digital
        As :func:`double_exclusion`.
    physical_line, digital_line
        Share from which a zone counts as having the access, closed.

    Returns
    -------
    Series
        On the index of ``physical``, categorical: ``both``, ``only physical``, ``only digital``, ``neither`` or
        ``unknown``. ``attrs["counts"]`` are the zones in each.

    Raises
    ------
    InputError
        When ids differ, a share or a line is below 0 or above 1.

    References
    ----------
    Own definition: four classes as described above, with no source in the literature.

    Examples
    --------
    >>> near, online = pd.Series([1.0, 0.0]), pd.Series([0.9, 0.6])
    >>> double_exclusion_classes(near, online, digital_line=0.8).tolist()
    ['both', 'neither']
    """
    near = shares_in(physical, "physical")
    shares_in(digital, "digital")
    online = aligned_by_id(digital, "digital", physical, "physical")
    lines = (checked_share(physical_line, "physical_line"), checked_share(digital_line, "digital_line"))
    place = np.where(near >= lines[0], 0, 2) + np.where(online >= lines[1], 0, 1)
    # 0 both, 1 only physical, 2 only digital, 3 neither.
    place = np.where(np.isnan(near) | np.isnan(online), len(CLASSES), place)
    return _labels(
        place,
        [*CLASSES, UNKNOWN],
        physical.index,
        "double_exclusion_classes",
        [physical, digital],
        physical_line=lines[0],
        digital_line=lines[1],
    )


def _labels(
    place: NDArray[Any], classes: list[str], index: pd.Index[Any], measure: str, inputs: Sequence[Any], **facts: Any
) -> pd.Series[Any]:
    values = labels_of(place.astype(int), classes)
    counts = {label: int((place == code).sum()) for code, label in enumerate(classes)}
    return series_with_attrs(values, index, measure, inputs, unit="label", direction="none", counts=counts, **facts)


def exclusion_by_group(exclusion: pd.DataFrame, groups: Groups, *, suppress_below: float = FEW_PEOPLE) -> pd.DataFrame:
    r"""Tell which share of each group lives with neither access, only one, or both.

    In each zone every group is taken to have the shares of the zone (ecological): within a zone, poor households are
    probably worse off than it says.

    In signs: :math:`\sum_i n_{ig} s_{ik} / \sum_i n_{ig}`, the people of group g in each zone by the share of class k
    there.

    Parameters
    ----------
    exclusion
        From :func:`double_exclusion`.
    groups
        Who lives where, from :mod:`spatialjustice.inequality`, on the same ids; people or households, as in
        ``exclusion``.
    suppress_below
        Groups of fewer people are not shown; 0 shows all.

    Returns
    -------
    DataFrame
        One row for each group, ``"unknown"`` where there is one, and ``"all people"`` last: for each class its share of
        the group as ``…: lowest``, ``…: independent``, ``…: highest``; ``people`` in zones where it is known,
        ``people_left_out`` in zones where it is not, and ``note``.

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
    >>> from spatialjustice.inequality import groups_from_counts
    >>> found = double_exclusion(pd.Series([0.0, 1.0]), pd.Series([0.5, 0.9]), people=[100, 100])
    >>> groups = groups_from_counts(pd.DataFrame({"poor": [80, 20], "rich": [20, 80]}))
    >>> exclusion_by_group(found, groups)["neither: independent"].to_dict()
    {'poor': 0.4, 'rich': 0.1, 'all people': 0.25}
    """
    _require_exclusion(exclusion)
    return shares_by_group(exclusion, groups, "exclusion_by_group", classes=CLASSES, suppress_below=suppress_below)
