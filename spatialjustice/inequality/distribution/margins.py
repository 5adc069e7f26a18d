"""Margins of error of numbers made from published survey estimates: sums, shares and ratios.

Survey tables such as those of the American Community Survey print a margin of error beside every estimate: at 90 %
confidence the true number lies within the margin. A number made from several estimates needs a margin of its own. The
formulas here are the approximations that the Census Bureau gives; they take the estimates as independent of each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.numbers.margins_of_sums import margins_of_sums
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, Values, aligned_by_id, flat_numbers, ids_of, refuse_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.9
"""Confidence at which the margins are published."""

STANDARD_ERRORS = 1.645
"""Standard errors in a margin at 90 % confidence, as the Census Bureau rounds it."""

ADVICE = (
    "A margin is 0 or more and known for every estimate. Codes such as -555555555 are notes, not numbers: make margins "
    "of controlled estimates 0, and decide what a margin that could not be computed means."
)


def checked_margins(margins: Values, name: str, values: Values, values_name: str) -> Floats:
    """Return margins in the order of the values they belong to.

    Raises
    ------
    InputError
        When a margin is missing, infinite or negative, or the ids differ.
    """
    found = aligned_by_id(margins, name, values, values_name)
    ids = ids_of(values, values_name)
    refuse_rows(~np.isfinite(found), ids, name, "margins are missing or infinite", ADVICE)
    refuse_rows(found < 0, ids, name, "margins are negative", ADVICE)
    return found


def margin_of_sum(margins: pd.DataFrame, *, estimates: pd.DataFrame | None = None) -> pd.Series[Any]:
    r"""Tell how far a sum of survey estimates may be off, for example of five age classes added up.

    The square root of the sum of the squared margins, :math:`\sqrt{\sum_j M_j^2}`, for each row. Where several of the
    estimates added up are 0, only the largest margin among these counts, once, as the Census Bureau advises, because
    margins of zeros are wide and would add up without end.

    Parameters
    ----------
    margins
        One row for each sum, one column for each estimate that goes into it: margins of error, 0 or more, in the unit
        of the estimates. For a sum over zones, transpose: ``margins.T``.
    estimates
        The estimates themselves, with the same rows and columns; None where no two of them can be 0.

    Returns
    -------
    Series
        The margin of each sum at the confidence of the margins given (90 % for the American Community Survey), in the
        unit of the estimates, on the rows of ``margins``.

    Raises
    ------
    InputError
        When a margin is missing, infinite or negative, when an estimate is missing, or when rows or columns differ.

    References
    ----------
    US Census Bureau (2020). Understanding and using American Community Survey data: What all data users need to know,
    chapter 8, formula 1. US Census Bureau (2022). Worked examples for approximating standard errors using American
    Community Survey data (estimates of 0).

    Examples
    --------
    >>> margins = pd.DataFrame({"women": [3.0, 0.0], "men": [4.0, 2.0]}, index=["north", "south"])
    >>> margin_of_sum(margins).tolist()
    [5.0, 2.0]
    """
    table = _table(margins, "margins")
    counts: Floats | None = None
    if estimates is not None:
        if not isinstance(estimates, pd.DataFrame) or set(estimates.columns) != set(margins.columns):
            raise InputError("estimates", "their columns are not those of the margins", "Give the same columns.")
        counts = np.column_stack(
            [aligned_by_id(estimates[name], "estimates", margins[name], "margins") for name in margins]
        )
        missing: NDArray[np.bool_] = np.asarray(np.isnan(counts).any(axis=1))
        refuse_rows(missing, margins.index, "estimates", "rows have missing estimates", "Fill them in.")
    return _result(margins_of_sums(table, counts), margins, "margin_of_sum", "amount", [margins, estimates])


def margin_of_share(part: Values, whole: Values, *, part_margin: Values, whole_margin: Values) -> pd.Series[Any]:
    r"""Tell how far a share made from two survey estimates may be off, for example of households without internet.

    With the share :math:`p = X / Y`, the margin is :math:`\sqrt{M_X^2 - p^2 M_Y^2} / Y`. Where the number under the
    root is negative, the formula of a ratio takes its place, with + for -, as the Census Bureau advises.

    Parameters
    ----------
    part
        Estimates X of the part, 0 or more, at most the whole.
    whole
        Estimates Y of the whole that the part belongs to.
    part_margin, whole_margin
        Their margins of error, 0 or more, at the same confidence.

    Returns
    -------
    Series
        Margin of each share, from 0 upwards (0.008 is 0.8 percentage points), at the confidence of the margins given,
        on the ids and in the order of ``part``; NaN where the whole is 0, which a finding counts.

    Raises
    ------
    InputError
        When an estimate or a margin is missing, infinite or negative, when a part is larger than its whole, or when the
        ids differ.

    References
    ----------
    US Census Bureau (2020). Understanding and using American Community Survey data: What all data users need to know,
    chapter 8, formula 6.

    Examples
    --------
    >>> margin_of_share([50.0], [100.0], part_margin=[5.0], whole_margin=[8.0]).tolist()
    [0.03]
    """
    x, y = _estimates(part, whole, ("part", "whole"))
    refuse_rows(
        x > y,
        ids_of(part, "part"),
        "part",
        "parts are larger than the whole",
        "They do not belong together; for a ratio of two separate numbers use margin_of_ratio.",
    )
    share, mx, my = _quotient(part, x, y, [part_margin, whole_margin], ["part_margin", "whole_margin"])
    inside = mx**2 - (share * my) ** 2
    instead = inside < 0
    under = np.where(instead, mx**2 + (share * my) ** 2, inside)
    margin = np.sqrt(under) / np.where(y > 0, y, np.nan)
    frames = [part, whole, part_margin, whole_margin]
    return _result(margin, part, "margin_of_share", "share", frames, *_no_quotient(y))


def margin_of_ratio(
    numerator: Values, denominator: Values, *, numerator_margin: Values, denominator_margin: Values
) -> pd.Series[Any]:
    r"""Tell how far the ratio of two separate survey estimates may be off, for example of women to men.

    With the ratio :math:`R = X / Y` the margin is :math:`\sqrt{M_X^2 + R^2 M_Y^2} / Y`. For a part of a whole use
    :func:`margin_of_share`, which is narrower.

    Parameters
    ----------
    numerator, denominator
        Estimates X and Y, 0 or more.
    numerator_margin, denominator_margin
        Their margins of error, 0 or more, at the same confidence.

    Returns
    -------
    Series
        Margin of each ratio, at the confidence of the margins given, on the ids and in the order of ``numerator``; NaN
        where the denominator is 0, which a finding counts.

    Raises
    ------
    InputError
        When an estimate or a margin is missing, infinite or negative, or when the ids differ.

    References
    ----------
    US Census Bureau (2020). Understanding and using American Community Survey data: What all data users need to know,
    chapter 8, formula 7.

    Examples
    --------
    >>> margin_of_ratio([200.0], [100.0], numerator_margin=[6.0], denominator_margin=[4.0]).tolist()
    [0.1]
    """
    x, y = _estimates(numerator, denominator, ("numerator", "denominator"))
    names = ["numerator_margin", "denominator_margin"]
    ratio, mx, my = _quotient(numerator, x, y, [numerator_margin, denominator_margin], names)
    margin = np.sqrt(mx**2 + (ratio * my) ** 2) / np.where(y > 0, y, np.nan)
    frames = [numerator, denominator, numerator_margin, denominator_margin]
    return _result(margin, numerator, "margin_of_ratio", "ratio", frames, *_no_quotient(y))


def _table(margins: pd.DataFrame, name: str) -> Floats:
    if not isinstance(margins, pd.DataFrame) or not len(margins.columns):
        raise InputError(
            name, f"they are {a_kind(margins)}", "Give a table with a column for each estimate that is added."
        )
    return np.column_stack([checked_margins(margins[column], name, margins[column], name) for column in margins])


def _estimates(first: Values, second: Values, names: tuple[str, str]) -> tuple[Floats, Floats]:
    x, y = flat_numbers(first, names[0]), aligned_by_id(second, names[1], first, names[0])
    ids = ids_of(first, names[0])
    for found, name in ((x, names[0]), (y, names[1])):
        refuse_rows(
            ~np.isfinite(found), ids, name, "estimates are missing or infinite", "Fill them in or leave them out."
        )
        refuse_rows(
            found < 0, ids, name, "estimates are negative", "Codes such as -666666666 must be made missing first."
        )
    return x, y


def _quotient(
    first: Values, x: Floats, y: Floats, margins: list[Values], names: list[str]
) -> tuple[Floats, Floats, Floats]:
    mx, my = (checked_margins(found, name, first, "estimates") for found, name in zip(margins, names, strict=True))
    return np.divide(x, y, out=np.full(len(x), np.nan), where=y > 0), mx, my


def _no_quotient(y: Floats) -> list[Finding]:
    nothing: NDArray[np.bool_] = y == 0
    if not nothing.any():
        return []
    return [
        Finding(
            "zones_without_denominator",
            "warning",
            f"In {int(nothing.sum()):,} of {len(y):,} rows the number to divide by is 0, so that they have no margin.",
            count=int(nothing.sum()),
        )
    ]


def _result(
    margin: Floats, like: Any, measure: str, unit: str, frames: list[Any], *findings: Finding
) -> pd.Series[Any]:
    index = like.index if isinstance(like, pd.Series | pd.DataFrame) else pd.RangeIndex(len(margin))
    result = pd.Series(margin, index=index, name=measure)
    kept = [*dict.fromkeys([*findings_of(*frames), *findings])]
    result.attrs.update(
        {
            "measure": measure,
            "unit": unit,
            "direction": "lower is better",
            "n": int(np.isfinite(margin).sum()),
            "left_out": int(np.isnan(margin).sum()),
            "sources": [record.as_dict() for record in sources_of(*frames)],
            "findings": [finding.as_dict() for finding in kept],
        }
    )
    return result
