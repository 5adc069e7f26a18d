"""What a way or a connection costs beside what people have, and what they have left after paying for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import aligned_by_id, flat_numbers, ids_of, refuse_rows

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats, Values


def cost_burden(price: float | Values, income: Values, *, payments: float = 1) -> pd.Series[float]:
    """Tell which share of income a way, a ticket or a connection takes.

    In signs: :math:`p_i / y_i`, the price of the income.

    Parameters
    ----------
    price
        Of one payment, in the currency of the income: one number, or one for each person or zone; missing where it is
        not known.
    income
        For the time in which all payments are made, matched by id; missing where it is not known.
    payments
        How many payments there are in that time, for example 12.

    Returns
    -------
    Series
        Share of income, on the index of the income; lower is better. NaN where the price or the income is not known;
        infinite where something is to be paid of nothing.

    Raises
    ------
    InputError
        When a price or income is negative or infinite, or ids differ.

    Notes
    -----
    A share says nothing of what is left: see :func:`residual_income`. Medians of zones hide their poor households.

    References
    ----------
    Stone, M. E. (2006). What is housing affordability? The case for the residual income approach. Housing Policy
    Debate, 17(1), 151-184 (the ratio, and what it hides).

    Examples
    --------
    >>> cost_burden(75, pd.Series([30_000, 9_000, 0]), payments=12).tolist()
    [0.03, 0.1, inf]
    """
    paid, earned, index = _paid_and_earned(price, income, payments)
    refuse_rows(earned < 0, index, "income", "are negative", "Make codes for “no data” missing first.")
    with np.errstate(divide="ignore", invalid="ignore"):
        share = paid / earned
    # Nothing to pay is no burden, whatever the income.
    share = np.where((paid == 0) & (earned == 0), 0.0, share)
    return _told(share, index, "cost_burden", (price, income), unit="share", direction="lower is better")


def residual_income(price: float | Values, income: Values, *, payments: float = 1) -> pd.Series[float]:
    """Tell what people have left after paying for ways or connections.

    The share of income (:func:`cost_burden`) calls rich and poor alike who pay the same part; what is left shows who
    cannot pay for the rest of life.

    In signs: :math:`y_i - p_i`.

    Parameters
    ----------
    price, income, payments
        As :func:`cost_burden`; incomes may be negative.

    Returns
    -------
    Series
        In the currency of the income, on its index; negative where more is paid than there is, NaN where the price or
        the income is not known. Compare it with a line: ``lacks(frame, lines={"left": 12_000})``.

    Raises
    ------
    InputError
        When a price is negative, a number infinite, or ids differ.

    References
    ----------
    Stone, M. E. (2006). What is housing affordability? The case for the residual income approach. Housing Policy
    Debate, 17(1), 151-184.

    Examples
    --------
    >>> residual_income([1_200, 2_400], pd.Series([30_000, 2_000])).tolist()
    [28800.0, -400.0]
    """
    paid, earned, index = _paid_and_earned(price, income, payments)
    return _told(earned - paid, index, "residual_income", (price, income), unit="amount", direction="higher is better")


def _paid_and_earned(price: float | Values, income: Values, payments: float) -> tuple[Floats, Floats, pd.Index[Any]]:
    times = not isinstance(payments, bool) and isinstance(payments, int | float | np.number) and 0 < payments < np.inf
    if not times:
        raise InputError("payments", f"it is {payments!r}", "Give a number above 0.")
    index = ids_of(income, "income")
    earned = flat_numbers(income, "income")
    if isinstance(price, int | float | np.number) and not isinstance(price, bool):
        each = np.full(len(earned), float(price))
    else:
        each = aligned_by_id(price, "price", income, "income")  # type: ignore[arg-type]
    refuse_rows(np.isinf(earned), index, "income", "are infinite", "Make them missing first.")
    refuse_rows((each < 0) | np.isinf(each), index, "price", "are negative or infinite", "Give 0 where it is free.")
    return each * float(payments), earned, index


def _told(
    values: Floats, index: pd.Index[Any], measure: str, inputs: tuple[Any, ...], **facts: Any
) -> pd.Series[float]:
    result = pd.Series(values, index=index, name=measure)
    said: dict[Any, Any] = {"measure": measure, **facts}
    result.attrs = {
        **said,
        "left_out": int(np.isnan(values).sum()),
        "sources": [record.as_dict() for record in sources_of(*inputs)],
        "findings": [item.as_dict() for item in findings_of(*inputs)],
    }
    return result
