"""Who bears a burden and lacks access as well: bounds where only shares of zones are known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_ids
from spatialjustice._core.ledger import Ledger
from spatialjustice.environment._columns import said
from spatialjustice.environment.cumulative.percentiles import checked_people
from spatialjustice.inequality._inputs import aligned_by_id, checked_share, flat_numbers, refuse_rows
from spatialjustice.inequality.groups._tables import require_groups
from spatialjustice.inequality.groups.gaps import FEW_PEOPLE, group_means

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats, Values
    from spatialjustice.inequality.groups._tables import Groups

CLASSES = ("burdened and without access", "only burdened", "only without access", "neither")
VALUES = ("lowest", "independent", "highest")
UNKNOWN = "unknown"


def burden_and_access(burdened: pd.Series[Any], physical: pd.Series[Any], *, people: Values) -> pd.DataFrame:
    r"""Count who bears a burden and lacks access as well, who only one of them, and who neither.

    With a share b of a zone's people who bear a burden and a share 1 - a without access, those who have both are
    between :math:`\max(0, b + (1 - a) - 1)` and :math:`\min(b, 1 - a)` (Fréchet's bounds), and :math:`b (1 - a)` if the
    two had nothing to do with each other within the zone. Where one of them is true of a whole zone (0 or 1), as of the
    air of a tract, the three are the same, and exact as far as the zone is.

    Parameters
    ----------
    burdened
        Share of each zone's people who bear the burden, from 0 to 1, or whether the zone does (0 or 1); missing where
        it is not known.
    physical
        Share of each zone's people with access, matched by id; missing where it is not known.
    people
        People of each zone.

    Returns
    -------
    DataFrame
        On the index of ``burdened``: for each of ``burdened and without access``, ``only burdened``, ``only without
        access`` and ``neither`` people as ``…: lowest``, ``…: independent`` and ``…: highest``; ``unknown``: all people
        of zones that lack one of the two. In every zone the independent numbers and the unknown add up to its people.

    Raises
    ------
    InputError
        When ids differ, a share is below 0 or above 1, or people are missing or negative.

    References
    ----------
    Fréchet, M. (1935). Généralisation du théorème des probabilités totales. Fundamenta Mathematicae, 25, 379-387.

    Examples
    --------
    >>> found = burden_and_access(pd.Series([1.0, 0.5]), pd.Series([0.25, 0.5]), people=[100, 100])
    >>> found.filter(like="burdened and without").loc[1].tolist()
    [0.0, 25.0, 50.0]
    >>> float(found.loc[0, "burdened and without access: independent"])
    75.0
    """
    given: Any = burdened
    if not isinstance(given, pd.Series):
        advice = "Give a Series with an id for each zone."
        raise InputError("burdened", f"they are {a_kind(given)}", advice)
    require_ids(burdened, "burdened")
    b = _shares(flat_numbers(burdened, "burdened"), burdened.index, "burdened")
    a = _shares(aligned_by_id(physical, "physical", burdened, "burdened"), burdened.index, "physical")
    counts = checked_people(people, burdened)
    known = np.isfinite(a) & np.isfinite(b)
    one, other, n = np.where(known, b, 0.0), np.where(known, 1 - a, 0.0), np.where(known, counts, 0.0)
    columns: dict[str, Floats] = {}
    for label, x, y in zip(CLASSES, (one, one, 1 - one, 1 - one), (other, 1 - other, other, 1 - other), strict=True):
        columns[f"{label}: lowest"] = n * np.maximum(0.0, x + y - 1)
        columns[f"{label}: independent"] = n * x * y
        columns[f"{label}: highest"] = n * np.minimum(x, y)
    columns[UNKNOWN] = np.where(known, 0.0, counts)
    frame = pd.DataFrame(columns, index=burdened.index)
    unknown = math.fsum(columns[UNKNOWN])
    summed = math.fsum(math.fsum(columns[f"{label}: independent"]) for label in CLASSES)
    Ledger().record("burden and access", "people", before=math.fsum(counts), after=summed, elsewhere={UNKNOWN: unknown})
    findings = []
    if not known.all():
        message = (
            f"In {int((~known).sum()):,} zones with {unknown:,.0f} people the burden or the access is not known; they "
            "are a class of their own."
        )
        findings.append(
            Finding(
                "burden_or_access_unknown",
                "warning" if unknown else "information",
                message,
                int((~known).sum()),
                unknown,
            )
        )
    said(
        frame, "burden_and_access", [burdened, physical, people], findings, unit="people", direction="none",
        people=math.fsum(counts), method="Fréchet bounds within each zone",
    )  # fmt: skip
    return frame


def _shares(found: Floats, index: pd.Index[Any], name: str) -> Floats:
    rounding = 1e-9
    wrong = (found < -rounding) | (found > 1 + rounding)
    advice = "Write shares as 0.25, not as 25; missing where not known."
    refuse_rows(wrong, index, name, "are below 0 or above 1", advice)
    return np.clip(found, 0.0, 1.0)


def burden_and_access_classes(
    burden: pd.Series[Any], physical: pd.Series[Any], *, line: float, physical_line: float = 0.5
) -> pd.Series[Any]:
    """Sort zones, for a map: burdened and without access, only one of the two, or neither.

    The class is of the zone; people of a zone called “neither” may bear the burden or lack access all the same. Whom it
    concerns is told by :func:`burden_and_access`.

    Definition: burdened where the burden is at least ``line``, with access where the share with it is at least
    ``physical_line``.

    Parameters
    ----------
    burden
        The burden of each zone, in any unit, missing where it is not known; ``attrs["direction"]`` says where more of
        it is better, as of trees.
    physical
        Share of each zone's people with access, matched by id.
    line
        Burden from which on a zone counts as burdened, itself included; up to which, where more is better.
    physical_line
        Share of people with access from which on a zone counts as having it, itself included.

    Returns
    -------
    Series
        On the index of ``burden``, categorical: the four classes of :func:`burden_and_access` or ``unknown``.
        ``attrs["counts"]`` are the zones in each.

    Raises
    ------
    InputError
        When ids differ, or a share is below 0 or above 1.

    References
    ----------
    Own definition: four classes as described above, with no source in the literature.

    Examples
    --------
    >>> burden_and_access_classes(pd.Series([12.0, 8.0]), pd.Series([0.2, 0.9]), line=10).tolist()
    ['burdened and without access', 'neither']
    """
    given: Any = burden
    if not isinstance(given, pd.Series):
        advice = "Give a Series with an id for each zone."
        raise InputError("burden", f"it is {a_kind(given)}", advice)
    amounts = flat_numbers(burden, "burden")
    good = burden.attrs.get("direction") == "higher is better"
    own = aligned_by_id(physical, "physical", burden, "burden")
    close = _shares(own, burden.index, "physical")
    needed = checked_share(physical_line, "physical_line")
    bears = amounts <= line if good else amounts >= line
    place = np.where(bears, 0, 2) + np.where(close >= needed, 1, 0)
    place = np.where(np.isnan(amounts) | np.isnan(close), len(CLASSES), place).astype(int)
    names = [*CLASSES, UNKNOWN]
    made: pd.Series[Any] = pd.Series(
        pd.Categorical(np.array(names, dtype=object)[place], categories=names), index=burden.index, name="class"
    )
    counts = {name: int((place == code).sum()) for code, name in enumerate(names)}
    said(
        made, "burden_and_access_classes", [burden, physical], unit="label", direction="none", counts=counts,
        line=float(line), physical_line=needed,
    )  # fmt: skip
    return made


def burden_and_access_by_group(
    found: pd.DataFrame, groups: Groups, *, suppress_below: float = FEW_PEOPLE
) -> pd.DataFrame:
    r"""Tell which share of each group bears a burden, lacks access, both or neither.

    In each zone every group is taken to have the shares of the zone (ecological): within a zone, those who bear a
    burden and those who lack access are probably more often the same people than it says.

    In signs: :math:`\sum_i n_{ig} s_{ik} / \sum_i n_{ig}`, the people of group g in each zone by the share of class k
    there.

    Parameters
    ----------
    found
        From :func:`burden_and_access`.
    groups
        Who lives where, from :mod:`spatialjustice.inequality`, on the same ids.
    suppress_below
        Groups of fewer people are not shown; 0 shows all.

    Returns
    -------
    DataFrame
        One row for each group, ``"unknown"`` where there is one, and ``"all people"`` last: for each class its share
        of the group as ``…: lowest``, ``…: independent``, ``…: highest``; ``people`` in zones where it is known,
        ``people_left_out`` in zones where it is not, and ``note``.

    Raises
    ------
    InputError
        When ids differ, nobody lives where it is known, or the frame is another one.

    References
    ----------
    Fréchet, M. (1935). Généralisation du théorème des probabilités totales. Fundamenta Mathematicae, 25, 379-387.
    Robinson, W. S. (1950). Ecological correlations and the behavior of individuals. American Sociological Review,
    15(3), 351-357 (what shares of zones do not say of persons).

    Examples
    --------
    >>> from spatialjustice.inequality import groups_from_counts
    >>> found = burden_and_access(pd.Series([1.0, 0.0]), pd.Series([0.5, 0.5]), people=[100, 100])
    >>> groups = groups_from_counts(pd.DataFrame({"poor": [80, 20], "rich": [20, 80]}))
    >>> burden_and_access_by_group(found, groups)["burdened and without access: independent"].to_dict()
    {'poor': 0.4, 'rich': 0.1, 'all people': 0.25}
    """
    needed = [*(f"{label}: {value}" for label in CLASSES for value in VALUES), UNKNOWN]
    if not isinstance(found, pd.DataFrame) or any(column not in found.columns for column in needed):
        raise InputError("found", "it is not what burden_and_access returns", "Make it with burden_and_access.")
    require_groups(groups)
    known = found[[f"{label}: independent" for label in CLASSES]].sum(axis=1)
    columns, last = {}, pd.DataFrame()
    for name in needed[:-1]:
        shares = (found[name] / known).where(known > 0)
        last = group_means(shares, groups, replications=0, suppress_below=suppress_below, rng=0)
        columns[name] = last["mean"]
    frame = pd.DataFrame(columns)
    for name in ("people", "people_left_out", "note"):
        frame[name] = last[name]
    said(frame, "burden_and_access_by_group", [found, groups, last], unit="share", direction="none", groups=groups.how)
    return frame
