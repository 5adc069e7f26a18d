"""How strongly something left out would have to go with both sides to explain a relation away."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import checked_share

if TYPE_CHECKING:
    from collections.abc import Sequence

RATIO_OF_DIFFERENCE = 0.91
"""Logarithm of the risk ratio for a difference of one standard deviation (VanderWeele & Ding 2017, table 2)."""


def e_value(ratio: float, *, interval: Sequence[float] | None = None) -> pd.Series[Any]:
    r"""Tell how strongly something left out would have to go with both sides to explain a risk ratio away.

    :math:`E = RR + \sqrt{RR (RR - 1)}` for a ratio of 1 or more; the ratio is turned round first where it is below 1.
    Something left out that goes with the indicator and with the outcome by risk ratios of E each, beyond what the model
    holds equal, could explain the relation away; something weaker could not. For the interval, E is that of its end
    nearer to 1, and 1 where the interval holds 1: then nothing need be left out.

    Parameters
    ----------
    ratio
        Risk ratio, above 0. For a difference of d standard deviations of the outcome it is about
        :math:`\exp(0.91 d)`.
    interval
        Lower and upper end of the interval of the ratio; None where it is not known.

    Returns
    -------
    Series
        ``e_value`` and ``e_value_limit``, that of the interval (missing without one); both 1 or more.

    Raises
    ------
    InputError
        When a ratio is not above 0, or does not lie within its interval.

    References
    ----------
    VanderWeele, T. J., & Ding, P. (2017). Sensitivity analysis in observational research: introducing the E-value.
    Annals of Internal Medicine, 167(4), 268-274.

    Examples
    --------
    >>> e_value(3.9, interval=(1.8, 8.7)).round(2).tolist()
    [7.26, 3.0]
    """
    given = [ratio] if interval is None else [ratio, *interval]
    bad = [one for one in given if not _is_number(one) or not 0 < one < math.inf]
    if bad or len(given) == 2 or len(given) > 3:
        found = f"{bad[0]!r} is no ratio above 0" if bad else f"the interval has {len(given) - 1} ends"
        raise InputError("ratio", found, "Give a risk ratio above 0, and two ends of its interval or none.")
    if interval is not None and not interval[0] <= ratio <= interval[1]:
        raise InputError(
            "interval",
            f"{ratio:g} does not lie between {interval[0]:g} and {interval[1]:g}",
            "Give the lower end first, both of the ratio itself and not of its logarithm.",
        )
    limit = np.nan
    if interval is not None:
        near = interval[0] if ratio >= 1 else interval[1]
        limit = 1.0 if interval[0] <= 1 <= interval[1] else _e(near)
    strength = pd.Series({"e_value": _e(ratio), "e_value_limit": limit}, name="e_value")
    strength.attrs.update({"measure": "e_value", "unit": "ratio", "direction": "none"})
    return strength


def robustness_value(
    t_value: float, degrees_of_freedom: float, *, share: float = 1.0, level: float = 0.95
) -> pd.Series[Any]:
    r"""Tell how much of what is left of both sides something left out would have to explain to take a relation away.

    With :math:`f = q |t| / \sqrt{df}`, the robustness value is :math:`RV = \frac{1}{2} (\sqrt{f^4 + 4 f^2} - f^2)`:
    something left out that explains the share RV of the variance that the model leaves open, both of the indicator and
    of the outcome, brings the estimate down by the share q, that is to 0 where q is 1. For the interval,
    :math:`f - t^*_{df-1} / \sqrt{df - 1}` stands for f, with t* the quantile of Student's t of the level: then the
    interval just reaches 0. The partial R² :math:`t^2 / (t^2 + df)` is the share of the outcome's open variance that
    goes with the indicator: if something left out explained all that is left of the outcome, it would have to explain
    that share of the indicator.

    Parameters
    ----------
    t_value
        The estimate divided by its classical standard error.
    degrees_of_freedom
        Those that the model leaves: rows less coefficients.
    share
        Part q of the estimate that is to be explained away, above 0; 1 is all of it.
    level
        How sure the interval is.

    Returns
    -------
    Series
        ``robustness_value``, ``robustness_value_limit`` (that of the interval, 0 where it holds 0 already) and
        ``partial_r_squared``; all from 0 to 1.

    Raises
    ------
    InputError
        When a number is missing or out of its range.

    References
    ----------
    Cinelli, C., & Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable bias. Journal of the
    Royal Statistical Society B, 82(1), 39-67.

    Examples
    --------
    Exposure to violence in Darfur, as in the article:

    >>> robustness_value(4.18, 783).round(3).tolist()
    [0.139, 0.076, 0.022]
    """
    from scipy.stats import t

    sure = checked_share(level, "level")
    if not _is_number(t_value) or not math.isfinite(t_value):
        raise InputError("t_value", f"it is {t_value!r}", "Give the estimate divided by its standard error.")
    if not _is_number(degrees_of_freedom) or not 1 < degrees_of_freedom < math.inf:
        raise InputError("degrees_of_freedom", f"they are {degrees_of_freedom!r}", "Give a number above 1.")
    if not _is_number(share) or not 0 < share < math.inf:
        raise InputError("share", f"it is {share!r}", "Give a part of the estimate above 0; 1 is all of it.")
    f = share * abs(t_value) / math.sqrt(degrees_of_freedom)
    critical = float(t.ppf((1 + sure) / 2, degrees_of_freedom - 1)) / math.sqrt(degrees_of_freedom - 1)
    found = {
        "robustness_value": _robust(f),
        "robustness_value_limit": _robust_limit(f, critical),
        "partial_r_squared": t_value**2 / (t_value**2 + degrees_of_freedom),
    }
    made = pd.Series(found, name="robustness_value")
    made.attrs.update(
        {"measure": "robustness_value", "unit": "share", "direction": "none", "share": share, "level": sure}
    )
    return made


def _e(ratio: float) -> float:
    above = ratio if ratio >= 1 else 1 / ratio
    return above + math.sqrt(above * (above - 1))


def _robust(f: float) -> float:
    return 0.5 * (math.sqrt(f**4 + 4 * f**2) - f**2)


def _robust_limit(f: float, critical: float) -> float:
    """Return the robustness value of the interval; beyond 1 / critical what the outcome leaves open is used up."""
    if f <= critical:
        return 0.0
    if critical > 0 and f > 1 / critical:
        return (f**2 - critical**2) / (1 + f**2)
    return _robust(f - critical)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
