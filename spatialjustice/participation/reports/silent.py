"""Zones that are silent: fewer reports than people and need let one expect, beyond chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding
from spatialjustice.inequality._inputs import checked_choice, checked_share
from spatialjustice.participation.reports._counts import adjusted, attached
from spatialjustice.participation.reports.expected import UNKNOWN_NEED, chance_of_so_few, facts, fitted, told

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from spatialjustice.inequality._inputs import Floats, Values
    from spatialjustice.participation.reports.expected import Fitted

SILENT, NOT_SILENT = "silent", "not silent"
CLASSES = (SILENT, NOT_SILENT, UNKNOWN_NEED, "no people", "no data")
"""The labels, in the order of a legend."""

LEVEL = 0.95

QUARTILES_APART = 1.349
"""Interquartile range of a normal distribution with a variance of 1."""

KNOWN_OF_VARIANCE = 0.37
"""Efficiency of an interquartile range for the spread of a normal distribution, beside the standard deviation's."""


def silent_areas(
    reports: pd.Series[Any],
    *,
    people: Values,
    need: pd.DataFrame | pd.Series[Any],
    neighbours: Graph | None = None,
    lagged: bool = False,
    significance: float = 0.05,
    spread: Literal["robust", "model"] = "robust",
) -> pd.DataFrame:
    r"""Show where fewer reports come than people and need let one expect, beyond chance, and for how many people.

    Expected counts are those of :func:`expected_reports`, :math:`P(Y \leq y_i)` is the chance of so few reports in the
    model's distribution, and :math:`z_i` its place on a normal scale. Silent zones widen that distribution and hide
    behind it. Therefore the middle and the spread of all z are taken from the middle half of the zones (median, and
    interquartile range / 1.349: an empirical null), and the tail from Student's t with 0.37 (n - k) degrees of freedom,
    which is what an interquartile range knows of a variance. All zones are tested at once, so that p-values are
    adjusted for the false discovery rate (Benjamini & Hochberg): of the zones called silent, the expected share called
    so by chance is at most ``significance``.

    Parameters
    ----------
    reports
        Reports of each zone, whole numbers; missing where nobody counted.
    people
        People of each zone.
    need
        Columns that say how much there is to report; zones without a value are a class of their own.
    neighbours
        Links between exactly these zones, for ``lagged``.
    lagged
        Whether the mean need of the neighbours explains reports, too.
    significance
        Largest adjusted p-value that is called silent.
    spread
        ``"robust"`` as above, for up to a quarter of silent zones; ``"model"`` takes the model's own distribution. It
        is the model's, too, where most zones expect so few reports that the middle half are the same.

    Returns
    -------
    DataFrame
        On the index of the reports: ``reports``, ``people``, ``expected``, ``ratio``, ``missing_reports`` (expected
        less observed, 0 where there are more), ``p_value``, ``p_adjusted`` and ``label``: ``silent``, ``not silent``,
        ``need not known``, ``no people``, ``no data``. ``attrs["people_by_class"]`` sum to all people.

    Raises
    ------
    InputError
        As :func:`expected_reports`, and when ``significance`` is not from 0 to 1.

    Notes
    -----
    In simulated cities of 60 zones with 5 that report a seventh of what they should, the model's own distribution finds
    a tenth of them, the robust one more than half; without silent zones either calls any in about 5 of 100 cities. A
    silent zone may have less to report than its need says, may tell the city in other ways, or
    may have given up: the numbers cannot say which.

    References
    ----------
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical
    Society B, 57(1), 289-300. Efron, B. (2004). Large-scale simultaneous hypothesis testing: the choice of a null
    hypothesis. Journal of the American Statistical Association, 99, 96-104.

    Examples
    --------
    >>> import pandas as pd
    >>> ids = list("abcdefgh")
    >>> reports = pd.Series([12, 18, 35, 1, 48, 70, 22, 30], index=ids)
    >>> need = pd.Series([0.1, 0.2, 0.4, 0.5, 0.6, 0.7, 0.3, None], index=ids, name="old houses")
    >>> found = silent_areas(reports, people=[1000] * 8, need=need, significance=0.2)
    >>> found["label"].tolist()[3:], found.attrs["people_by_class"]["need not known"]
    (['silent', 'not silent', 'not silent', 'not silent', 'need not known'], 1000.0)
    """
    significance = checked_share(significance, "significance")
    fit = fitted(reports, people=people, need=need, neighbours=neighbours, lagged=lagged)
    checked_choice(spread, ("robust", "model"), "spread")
    p_value, used = _p_values(fit, spread)
    p_adjusted = adjusted(p_value)
    expected = fit.model.expected
    result = pd.DataFrame(
        {
            "reports": fit.zones.reports,
            "people": fit.zones.people,
            "expected": fit.whole(expected),
            "ratio": fit.whole(fit.reports / expected),
            "missing_reports": fit.whole(np.maximum(expected - fit.reports, 0.0)),
            "p_value": fit.whole(p_value),
            "p_adjusted": fit.whole(p_adjusted),
            "label": fit.labels(np.where(p_adjusted <= significance, SILENT, NOT_SILENT)),
        },
        index=fit.zones.ids,
    )
    by_class = result["people"].fillna(0.0).groupby(result["label"]).sum()
    result.attrs.update({"measure": "silent_areas", "unit": "label", "direction": "none", "classes": list(CLASSES)})
    result.attrs.update({"significance": significance, "adjust": "fdr", "spread": used, **facts(fit, LEVEL)})
    result.attrs["people_by_class"] = {name: float(by_class.get(name, 0.0)) for name in CLASSES}
    found = [*fit.remarks, *told(fit), *_silent(result)]
    return attached(result, (reports, people, need, neighbours), found)


def _p_values(fit: Fitted, spread: str) -> tuple[Floats, str]:
    """Return the chance of so few reports in each zone, and from which spread it is."""
    from scipy.stats import norm, t

    so_few, exactly = chance_of_so_few(fit)
    if spread == "model":
        return so_few, "model"
    # The middle of the chance of a count, so that counts that are whole numbers lie evenly.
    low, middle, high = np.quantile(_normal(so_few - exactly / 2, norm), [0.25, 0.5, 0.75])
    if high <= low:
        return so_few, "model"
    score = (_normal(so_few, norm) - middle) / ((high - low) / QUARTILES_APART)
    freedom = KNOWN_OF_VARIANCE * (len(fit.place) - len(fit.model.coefficients))
    return np.asarray(t.cdf(score, freedom), dtype=np.float64), "robust"


def _normal(chance: Floats, norm: Any) -> Floats:
    return np.asarray(norm.ppf(np.clip(chance, 1e-300, 1 - 1e-16)), dtype=np.float64)


def _silent(result: pd.DataFrame) -> list[Finding]:
    zones = int((result["label"] == SILENT).sum())
    people = result.attrs["people_by_class"][SILENT]
    of = int(result["label"].isin([SILENT, NOT_SILENT]).sum())
    message = (
        f"{zones:,} of {of:,} zones, with {people:,.0f} people, report less than people and need let one expect, "
        "beyond chance."
    )
    return [
        Finding(
            "silent_zones",
            "information",
            message,
            count=zones,
            people=people,
            values={"count": zones, "all": of, "people": round(people)},
        )
    ]
