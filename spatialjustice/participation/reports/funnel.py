"""Which zones report more or less than chance explains at their size: the limits of a funnel plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import checked_choice, refuse_rows
from spatialjustice.participation.reports._counts import attached, counted, left_out

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats, Values
    from spatialjustice.participation.reports._counts import Counted

SURE = {"95": 0.95, "998": 0.998}
"""Two and three standard deviations of a normal distribution, as funnel plots draw them."""

FAR_BELOW, BELOW, WITHIN, ABOVE, FAR_ABOVE = (
    "below 99.8 %",
    "below 95 %",
    "within",
    "above 95 %",
    "above 99.8 %",
)
CLASSES = (FAR_BELOW, BELOW, WITHIN, ABOVE, FAR_ABOVE, "no people", "no data")
"""The labels, in the order of a legend."""

WINSORISED = 0.1
"""Share of the zones at each end whose distance counts as that of the next one when overdispersion is estimated."""


def funnel_limits(
    reports: pd.Series[Any],
    *,
    people: Values,
    distribution: Literal["poisson", "binomial"] = "poisson",
    overdispersion: Literal["none", "multiplicative", "additive"] = "none",
    reference: float | None = None,
) -> pd.DataFrame:
    r"""Show which zones report less or more than chance alone would make them, given how many people live there.

    Limits are those between which a zone's rate lies with 95 % and 99.8 % if it reports like all others: exact, from
    the Poisson (or binomial) distribution with mean :math:`n_i \theta_0`, interpolated between whole counts so that
    they are smooth (Spiegelhalter): with r the smallest count that has :math:`P(Y \leq r) \geq p`, the limit is
    :math:`(r - \frac{P(Y \leq r) - p}{P(Y = r)}) / n_i`.

    Parameters
    ----------
    reports
        Reports of each zone, or any other whole number of events; missing where nobody counted.
    people
        People of each zone, or whatever the events are of.
    distribution
        ``"poisson"`` for events of which one person can have several; ``"binomial"`` where each of the ``people`` has
        one at most (ballots on paper among ballots).
    overdispersion
        Zones differ for other reasons than chance, too; then most lie outside the limits. ``"multiplicative"`` widens
        the limits by the root of :math:`\phi`, the mean of the squared standardised distances after the tenth at each
        end is pulled in (winsorised), where it is above 1. ``"additive"`` adds a variance between zones
        :math:`\tau^2 = (I \phi - (I - 1)) / (\sum w - \sum w^2 / \sum w)`, with w one over the variance of each rate.
    reference
        The rate :math:`\theta_0` per person that zones are compared with; None takes that of all together.

    Returns
    -------
    DataFrame
        On the index of the reports: ``rate``, ``low_998``, ``low_95``, ``high_95``, ``high_998`` (per person),
        ``z_score`` (distance in standard deviations, widened as asked) and ``label``, one of ``attrs["classes"]``. A
        rate at a limit is within. ``attrs`` hold ``reference``, ``phi`` and ``tau``.

    Raises
    ------
    InputError
        When a count is no whole number, there are more events than people in a binomial, or the reference is not
        positive.

    Notes
    -----
    Of twenty zones that report alike one lies beyond the 95 % limits by chance: these are for looking, not for
    judging. Which zones are silent beyond chance, with many tests allowed for, tells :func:`silent_areas`.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in Medicine, 24(8),
    1185-1202. Spiegelhalter, D. J. (2005). Handling over-dispersion of performance indicators. Quality and Safety in
    Health Care, 14(5), 347-351.

    Examples
    --------
    >>> import pandas as pd
    >>> found = funnel_limits(pd.Series([10, 95, 40], index=list("abc")), people=[1000, 5000, 4000])
    >>> found["label"].tolist(), found.loc["a", ["low_95", "high_95"]].astype(float).round(4).tolist()
    (['within', 'above 95 %', 'below 95 %'], [0.007, 0.0219])
    """
    checked_choice(distribution, ("poisson", "binomial"), "distribution")
    checked_choice(overdispersion, ("none", "multiplicative", "additive"), "overdispersion")
    zones = counted(reports, people)
    y, n = zones.reports[zones.usable], zones.people[zones.usable]
    if distribution == "binomial":
        more = np.zeros(len(zones.ids), dtype=bool)
        more[zones.usable] = y > n
        advice = 'One person can have several: choose distribution="poisson".'
        refuse_rows(more, zones.ids, "reports", "zones have more of them than people", advice)
    centre = _reference(reference, y, n, distribution)
    variance = centre * (1 - centre) / n if distribution == "binomial" else centre / n
    score = (y / n - centre) / np.sqrt(variance)
    phi, tau = _dispersion(score, variance)
    if overdispersion == "additive":
        score = (y / n - centre) / np.sqrt(variance + tau**2)
        limits = _normal_limits(centre, np.sqrt(variance + tau**2))
    else:
        widened = np.sqrt(max(phi, 1.0)) if overdispersion == "multiplicative" else 1.0
        score = score / widened
        limits = {
            name: np.maximum(centre + widened * (at - centre), 0.0)
            for name, at in _exact_limits(centre, n, distribution).items()
        }
    if distribution == "binomial":
        limits = {name: np.minimum(values, 1.0) for name, values in limits.items()}
    result = _table(zones, {"rate": y / n, **limits, "z_score": score})
    result.attrs.update(
        {
            "measure": "funnel_limits",
            "unit": "label",
            "direction": "none",
            "classes": list(CLASSES),
            "distribution": distribution,
            "overdispersion": overdispersion,
            "reference": centre,
            "phi": phi,
            "tau": tau,
            "n": len(y),
            "left_out": int((~zones.usable).sum()),
        }
    )
    return attached(result, (reports, people), left_out(zones))


def _reference(given: float | None, y: Floats, n: Floats, distribution: str) -> float:
    centre = float(y.sum() / n.sum()) if given is None else given
    number = isinstance(centre, int | float | np.number) and not isinstance(centre, bool)
    if not number or not 0 < centre < (1 if distribution == "binomial" else np.inf):
        whole = "no zone has any report" if given is None else f"it is {given!r}"
        raise InputError("reference", whole, "Give a rate per person above 0; below 1 for a binomial.")
    return float(centre)


def _dispersion(score: Floats, variance: Floats) -> tuple[float, float]:
    """Return phi and tau, from standardised distances with their tails pulled in."""
    low, high = np.quantile(score, [WINSORISED, 1 - WINSORISED])
    count = len(score)
    phi = float(np.mean(np.clip(score, low, high) ** 2))
    weight = 1 / variance
    rest = float(weight.sum() - (weight**2).sum() / weight.sum())
    square = (count * phi - (count - 1)) / rest if rest > 0 else 0.0
    return phi, float(np.sqrt(max(square, 0.0)))


def _exact_limits(centre: float, n: Floats, distribution: str) -> dict[str, Floats]:
    from scipy.stats import binom, poisson

    chance = binom(np.round(n), centre) if distribution == "binomial" else poisson(n * centre)

    def at(p: float) -> Floats:
        r = chance.ppf(p)
        return np.asarray(np.maximum(r - (chance.cdf(r) - p) / chance.pmf(r), 0.0) / n, dtype=np.float64)

    low, high = {}, {}
    for name, sure in SURE.items():
        low[f"low_{name}"], high[f"high_{name}"] = at((1 - sure) / 2), at((1 + sure) / 2)
    return {"low_998": low["low_998"], "low_95": low["low_95"], **high}


def _normal_limits(centre: float, spread: Floats) -> dict[str, Floats]:
    from scipy.stats import norm

    two, three = (norm.ppf((1 + sure) / 2) for sure in SURE.values())
    return {
        "low_998": np.maximum(centre - three * spread, 0.0),
        "low_95": np.maximum(centre - two * spread, 0.0),
        "high_95": centre + two * spread,
        "high_998": centre + three * spread,
    }


def _table(zones: Counted, columns: dict[str, Floats]) -> pd.DataFrame:
    result = pd.DataFrame(index=zones.ids)
    for name, values in columns.items():
        whole = np.full(len(zones.ids), np.nan)
        whole[zones.usable] = values
        result[name] = whole
    rate = result["rate"]
    order = [
        (rate < result["low_998"], FAR_BELOW),
        (rate < result["low_95"], BELOW),
        (rate > result["high_998"], FAR_ABOVE),
        (rate > result["high_95"], ABOVE),
    ]
    label = np.select([mask for mask, _ in order], [name for _, name in order], default=WITHIN)
    result["label"] = np.where(zones.usable, label, np.where(zones.unknown, "no data", "no people"))
    return result
