"""How far a few cities lie apart, pair by pair."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import aligned_by_id
from spatialjustice.inequality.distribution.intervals import confidence

MOST = 60


def city_differences(estimates: pd.Series[Any], *, standard_error: pd.Series[Any], level: float = 0.95) -> pd.DataFrame:
    r"""Tell how far each two cities lie apart, with ranges that all hold together.

    Ranges of two cities that overlap do not say that the cities may be alike: the range of the difference does. With
    many pairs some would differ by chance; each range is therefore as wide as it must be for all of them to hold at
    once (Bonferroni). Estimates of different cities are taken as independent.

    In signs: :math:`(y_c - y_d) \pm z \sqrt{s_c^2 + s_d^2}`, with z for the level divided by the number of pairs.

    Parameters
    ----------
    estimates
        The estimate of each city, on its id; missing where there is none.
    standard_error
        Its standard error; missing where nobody knows it.
    level
        Confidence with which all ranges hold.

    Returns
    -------
    DataFrame
        One row for each pair, the widest apart first: ``higher`` and ``lower``, the ids; ``difference``, ``low``,
        ``high`` (NaN where an error is missing), ``apart``: whether the range leaves out 0, and ``tests``, how many
        pairs were allowed for.

    Raises
    ------
    InputError
        When ids differ, or fewer than two cities have an estimate, or more than 60.

    References
    ----------
    Dunn, O. J. (1961). Multiple comparisons among means. Journal of the American Statistical Association, 56(293),
    52-64 (ranges that hold at once).

    Examples
    --------
    >>> found = city_differences(pd.Series({"a": 500.0, "b": 640.0}), standard_error=pd.Series({"a": 30.0, "b": 40.0}))
    >>> found.round(0).to_dict("records")
    [{'higher': 'b', 'lower': 'a', 'difference': 140.0, 'low': 42.0, 'high': 238.0, 'apart': True, 'tests': 1}]
    """
    from scipy.stats import norm

    asked = confidence(level)
    if not isinstance(estimates, pd.Series):
        raise InputError("estimates", f"it is {a_kind(estimates)}", "Give a Series on the ids of the cities.")
    require_ids(estimates, "estimates")
    amounts = as_floats(estimates, "estimates")
    errors = aligned_by_id(standard_error, "standard_error", estimates, "estimates")
    known = np.flatnonzero(np.isfinite(amounts)).tolist()
    if not 2 <= len(known) <= MOST:
        raise InputError(
            "estimates", f"{len(known):,} cities have one", f"Give from 2 to {MOST}; rank more of them with ranks."
        )
    pairs = list(combinations(known, 2))
    wide = float(norm.ppf(1 - (1 - asked) / (2 * len(pairs))))
    rows = []
    for one, other in pairs:
        first, second = (one, other) if amounts[one] >= amounts[other] else (other, one)
        apart = float(amounts[first] - amounts[second])
        half = wide * float(np.hypot(errors[first], errors[second]))
        rows.append(
            {
                "higher": estimates.index[first],
                "lower": estimates.index[second],
                "difference": apart,
                "low": apart - half,
                "high": apart + half,
                "apart": bool(apart - half > 0),
                "tests": len(pairs),
            }
        )
    table = pd.DataFrame(rows).sort_values("difference", ascending=False, kind="stable", ignore_index=True)
    table.attrs.update(
        {
            "measure": "city_differences",
            "unit": estimates.attrs.get("unit", ""),
            "direction": "none",
            "level": asked,
            "adjust": "bonferroni",
            "sources": [record.as_dict() for record in sources_of(estimates)],
        }
    )
    return table
