"""How many reports come from how many people, and what of the differences is more than chance in small zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding
from spatialjustice.participation.reports._counts import (
    attached,
    checked_level,
    counted,
    exact_range,
    left_out,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from spatialjustice.inequality._inputs import Floats, Values
    from spatialjustice.participation.reports._counts import Counted

PER = 1000.0
"""People that a rate is told for."""


class _Prior(NamedTuple):
    """What is known of a rate before its zone is looked at: mean and variance of the true rates, and all that counts.

    ``reports`` and ``people`` are the sums that the mean is of.
    """

    mean: Floats
    variance: Floats
    reports: Floats
    people: Floats


def reporting_rate(
    reports: pd.Series[Any],
    *,
    people: Values,
    neighbours: Graph | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell how many reports there are for every 1,000 people, with exact ranges, and rates that small zones can bear.

    A rate of few people jumps by chance. Its exact range (Garwood) says how far. The shrunk rate lies between that of
    the zone and that of all zones, :math:`\hat\theta_i = w_i r_i + (1 - w_i) m` with :math:`w_i = A / (A + m / n_i)`,
    :math:`m = \sum y / \sum n`, and the variance of the true rates :math:`A = \sum n_i (r_i - m)^2 / \sum n_i - m /
    \bar n`, at least 0 (Marshall). It is the mean of the gamma distribution that a gamma prior with mean m and
    variance A becomes once the zone's reports are known, whose quantiles are the range given beside it. With
    ``neighbours`` the same is done with the mean and the variance of each zone and its neighbours.

    Parameters
    ----------
    reports
        Reports of each zone, whole numbers; a zone that nobody counted is missing. They are reports, not persons: one
        person may report many times.
    people
        People of each zone.
    neighbours
        Links between exactly these zones, for the local rates; None leaves these out.
    level
        How sure the ranges are.

    Returns
    -------
    DataFrame
        On the index of the reports, per 1,000 people: ``reports``, ``people``, ``rate``, ``rate_low``,
        ``rate_high`` (exact Poisson), ``shrunk``, ``shrunk_low``, ``shrunk_high`` (credible range), ``weight``
        (how much the zone's own rate counts, 0 to 1); with neighbours ``local``, ``local_low``, ``local_high``,
        ``local_weight``. All are missing where nobody lives or reports are not known; ``note`` says why.

    Raises
    ------
    InputError
        When a count is no whole number, people are negative, or ids differ.

    Notes
    -----
    The prior is taken from the same data (empirical Bayes), so that ranges do not hold what is unsure about it; with
    fewer than some twenty zones they are too narrow. Where the rates vary no more than chance, A is 0: all zones get
    the common rate, with the exact range of the sum.

    References
    ----------
    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes estimators. Applied Statistics,
    40(2), 283-294. Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika, 28, 437-442.

    Examples
    --------
    >>> import pandas as pd
    >>> found = reporting_rate(pd.Series([2, 30, 12], index=list("abc")), people=[100, 1000, 1000])
    >>> found["rate"].round(3).tolist(), found["shrunk"].round(3).tolist()
    ([20.0, 30.0, 12.0], [20.777, 27.221, 14.75])
    """
    level = checked_level(level)
    zones = counted(reports, people)
    y, n = zones.reports[zones.usable], zones.people[zones.usable]
    low, high = exact_range(y, level)
    table: dict[str, Floats] = {"rate": y / n, "rate_low": low / n, "rate_high": high / n}
    everywhere = _everywhere(y, n)
    table |= _shrunk(y, n, everywhere, level, "shrunk")
    table["weight"] = table.pop("shrunk_weight")
    found = left_out(zones)
    alone = 0
    if neighbours is not None:
        prior, alone = _around(zones, neighbours, everywhere)
        table |= _shrunk(y, n, prior, level, "local")
    result = pd.DataFrame({"reports": zones.reports, "people": zones.people}, index=zones.ids)
    for name, values in table.items():
        whole = np.full(len(zones.ids), np.nan)
        whole[zones.usable] = values if name.endswith("weight") else values * PER
        result[name] = whole
    result["note"] = np.where(zones.usable, "", np.where(zones.unknown, "not known", "nobody lives here"))
    if everywhere.variance[0] == 0:
        message = "Rates differ between zones no more than chance alone makes them differ; all get the common rate."
        found.append(Finding("rates_vary_by_chance", "information", message, values={"zones": int(zones.usable.sum())}))
    result.attrs.update(_facts(zones, everywhere, level, alone))
    return attached(result, (reports, people, neighbours), found)


def _everywhere(y: Floats, n: Floats) -> _Prior:
    """Return the prior of all zones together, the same for each."""
    mean = y.sum() / n.sum()
    variance = max(float(np.sum(n * (y / n - mean) ** 2) / n.sum() - mean / n.mean()), 0.0)
    one = np.ones(len(y))
    return _Prior(mean * one, variance * one, y.sum() * one, n.sum() * one)


def _around(zones: Counted, neighbours: Graph, everywhere: _Prior) -> tuple[_Prior, int]:
    """Return the prior of each zone with its neighbours; that of all zones where it has none, and how many these are.

    Raises
    ------
    InputError
        When the neighbours are of other zones.
    """
    from scipy.sparse import csr_array, eye_array

    from spatialjustice.inequality.space._graph import links_between

    one, two, weight = links_between(zones.ids, neighbours)
    kept = (weight > 0) & zones.usable[one] & zones.usable[two]
    number = np.cumsum(zones.usable) - 1
    size = int(zones.usable.sum())
    links = csr_array((np.ones(int(kept.sum())), (number[one[kept]], number[two[kept]])), shape=(size, size))
    own = csr_array(links + eye_array(size))
    y, n = zones.reports[zones.usable], zones.people[zones.usable]
    reports, people, count = own @ y, own @ n, own @ np.ones(size)
    mean = reports / people
    # Sum of n (r - m)^2 over a zone and its neighbours, m being theirs.
    spread = own @ (y**2 / n) - mean**2 * people
    variance = np.maximum(spread / people - mean * count / people, 0.0)
    alone = count == 1
    parts = zip(_Prior(mean, variance, reports, people), everywhere, strict=True)
    return _Prior(*(np.where(alone, every, local) for local, every in parts)), int(alone.sum())


def _shrunk(y: Floats, n: Floats, prior: _Prior, level: float, name: str) -> dict[str, Floats]:
    """Return the rate after shrinking, its credible range and the weight of the zone's own rate."""
    from scipy.stats import gamma

    varies = (prior.variance > 0) & (prior.mean > 0)
    safe = np.where(varies, prior.variance, 1.0)
    shape, size = prior.mean**2 / safe + y, prior.mean / safe + n
    tail = (1 - level) / 2
    low, high = exact_range(prior.reports, level)
    return {
        name: np.where(varies, shape / size, prior.mean),
        f"{name}_low": np.where(varies, gamma.ppf(tail, shape, scale=1 / size), low / prior.people),
        f"{name}_high": np.where(varies, gamma.ppf(1 - tail, shape, scale=1 / size), high / prior.people),
        f"{name}_weight": np.where(varies, n / size, 0.0),
    }


def _facts(zones: Counted, everywhere: _Prior, level: float, alone: int) -> dict[str, Any]:
    outside = ~zones.usable
    return {
        "measure": "reporting_rate",
        "unit": "reports per 1,000 people",
        "direction": "none",
        "level": level,
        "common_rate": float(everywhere.mean[0] * PER),
        "standard_deviation": float(np.sqrt(everywhere.variance[0]) * PER),
        "people": float(zones.people[zones.usable].sum()),
        "left_out": {
            "zones": int(outside.sum()),
            "people": float(np.nansum(zones.people[outside])),
            "reports": float(np.nansum(zones.reports[outside])),
        },
        "without_neighbours": alone,
    }
