"""People counted by class and by share, so that nobody is lost and those of whom nothing is known have a row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, PopulationError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, Values, aligned_by_id, flat_numbers, refuse_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN = "unknown"
"""The class of people of whom it is not known."""


def people_in(people: Values, like: pd.Series[Any], name: str) -> Floats:
    """Return people in the order of values, refusing numbers nobody can live with.

    Raises
    ------
    PopulationError
        When a number is missing, infinite or negative, or all are 0.
    InputError
        When ids differ.
    """
    counts = aligned_by_id(people, "people", like, name)
    wrong = ~np.isfinite(counts) | (counts < 0)
    if wrong.any():
        found = f"{int(wrong.sum()):,} numbers are negative, missing or infinite"
        raise PopulationError("people", found, "Give 0 where nobody lives.", rows=like.index[wrong])
    if not counts.any():
        raise PopulationError("people", "all are 0", "Nobody would be counted. Check the column of people.")
    return counts


def shares_in(values: Values, name: str) -> Floats:
    """Return shares from 0 to 1, missing where they are not known.

    Raises
    ------
    InputError
        When one is below 0 or above 1.
    """
    found = flat_numbers(values, name)
    index = values.index if isinstance(values, pd.Series) else pd.RangeIndex(len(found))
    if isinstance(values, pd.Series):
        require_ids(values, name)
    rounding = 1e-9
    wrong = (found < -rounding) | (found > 1 + rounding)
    refuse_rows(
        wrong, index, name, "are below 0 or above 1", "Write shares as 0.25, not as 25; missing where not known."
    )
    return np.clip(found, 0.0, 1.0)


def labels_of(place: Any, classes: Sequence[str]) -> pd.Categorical[Any]:
    """Return categories from their positions."""
    return pd.Categorical(np.array(classes, dtype=object)[place], categories=list(classes))


def people_by_class(labels: pd.Series[Any], people: Values) -> pd.DataFrame:
    r"""Count the people of zones by the class of their zone.

    In signs: :math:`\sum_i P_i \, 1[k_i = k]` for each class k.

    Parameters
    ----------
    labels
        The class of each zone, for example from :func:`double_exclusion_classes`; a missing one is ``"unknown"``.
    people
        People, or households, of each zone.

    Returns
    -------
    DataFrame
        One row for each class, in the order of the categories: ``zones``, ``people`` and ``share`` of all people. The
        rows add up to all people.

    Raises
    ------
    PopulationError
        When people are missing, negative or nowhere.
    InputError
        When ids differ.

    References
    ----------
    Own definition: a count as described above, with no source in the literature.

    Examples
    --------
    >>> labels = pd.Series(["near", "far", None], index=["a", "b", "c"])
    >>> people_by_class(labels, pd.Series({"a": 60, "b": 30, "c": 10}))["people"].to_dict()
    {'far': 30.0, 'near': 60.0, 'unknown': 10.0}
    """
    if not isinstance(labels, pd.Series):
        raise InputError("labels", f"they are {a_kind(labels)}", "Give a Series with a class for each zone.")
    require_ids(labels, "labels")
    counts = people_in(people, labels, "labels")
    known: pd.Series[Any] = labels.astype("category")
    codes = known.cat.codes.to_numpy()
    classes = [*known.cat.categories]
    if (codes < 0).any():
        classes = [label for label in classes if label != UNKNOWN] + [UNKNOWN]
        given = known.astype(object).where(known.notna(), UNKNOWN)
        codes = np.array([classes.index(label) for label in given])
    sums = [math.fsum(counts[codes == code]) for code in range(len(classes))]
    total = math.fsum(counts)
    Ledger().record("people by class", "people", before=total, after=math.fsum(sums))
    frame = pd.DataFrame(
        {"zones": np.bincount(codes, minlength=len(classes)), "people": sums, "share": np.array(sums) / total},
        index=pd.Index(classes, name="class", dtype=object),
    )
    return with_attrs(frame, "people_by_class", [labels, people], unit="people", direction="none", of=str(labels.name))


def people_covered(shares: pd.Series[float] | pd.DataFrame, people: Values) -> pd.DataFrame:
    r"""Count people by the share of their zone that is covered.

    In each zone the covered share of people is taken to be the share itself: exact for shares of people, an assumption
    (people live evenly over the zone) for shares of area.

    In signs: :math:`\sum_i P_i s_i` over the zones whose share :math:`s_i` is known.

    Parameters
    ----------
    shares
        From 0 to 1 for each zone, missing where not known: a Series, or a frame with a column for each technology.
    people
        People, or households, of each zone.

    Returns
    -------
    DataFrame
        One row for each column: ``people_covered``, ``people_not_covered`` and ``people_unknown`` (in zones without a
        share), which add up to all people; ``share_covered``, of the people of whom it is known, NaN where of none.

    Raises
    ------
    PopulationError
        When people are missing, negative or nowhere.
    InputError
        When ids differ, or a share is below 0 or above 1.

    References
    ----------
    Goodchild, M. F., & Lam, N. S.-N. (1980). Areal interpolation: a variant of the traditional spatial problem.
    Geo-Processing, 1, 297-312 (people spread evenly).

    Examples
    --------
    >>> shares = pd.DataFrame({"LTE": [1.0, 0.5, float("nan")]})
    >>> people_covered(shares, [40, 40, 20]).T["LTE"].to_dict()
    {'people_covered': 60.0, 'people_not_covered': 20.0, 'people_unknown': 20.0, 'share_covered': 0.75}
    """
    table = shares.to_frame(shares.name or "covered") if isinstance(shares, pd.Series) else shares
    rows = {}
    for label in table.columns:
        found = shares_in(table[label], str(label))
        counts = people_in(people, table[label], "shares")
        known = ~np.isnan(found)
        covered = math.fsum(counts[known] * found[known])
        without, unknown = math.fsum(counts[known] * (1 - found[known])), math.fsum(counts[~known])
        Ledger().record(
            str(label), "people", before=math.fsum(counts), after=covered + without, elsewhere={"unknown": unknown}
        )
        rows[label] = {
            "people_covered": covered,
            "people_not_covered": without,
            "people_unknown": unknown,
            "share_covered": covered / (covered + without) if covered + without else np.nan,
        }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis(index="what")
    assumed = shares.attrs.get("assumption")
    facts = {"assumption": assumed} if assumed else {}
    return with_attrs(frame, "people_covered", [shares, people], unit="people", direction="higher is better", **facts)


def with_attrs(
    frame: pd.DataFrame, measure: str, inputs: Sequence[Any], *, findings: Sequence[Finding] = (), **facts: Any
) -> pd.DataFrame:
    """Say in ``attrs`` what a table is, with the sources and findings of all that went into it."""
    kept = dict.fromkeys([*findings_of(*inputs), *findings])
    said: dict[Any, Any] = {"measure": measure, **facts}
    frame.attrs = {
        **said,
        "sources": [record.as_dict() for record in sources_of(*inputs)],
        "findings": [item.as_dict() for item in kept],
    }
    return frame


def series_with_attrs(
    values: Any,
    index: pd.Index[Any],
    measure: str,
    inputs: Sequence[Any],
    *,
    findings: Sequence[Finding] = (),
    **facts: Any,
) -> pd.Series[Any]:
    """Return a Series that says what it is."""
    result = pd.Series(values, index=index, name=measure)
    kept = dict.fromkeys([*findings_of(*inputs), *findings])
    said: dict[Any, Any] = {"measure": measure, **facts}
    result.attrs = {
        **said,
        "sources": [record.as_dict() for record in sources_of(*inputs)],
        "findings": [item.as_dict() for item in kept],
    }
    return result
