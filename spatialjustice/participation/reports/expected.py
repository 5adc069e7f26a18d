"""How many reports people and need let one expect, and which zones report fewer or more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding
from spatialjustice.inequality.models._regression import ArgumentNames, design
from spatialjustice.participation.reports import _count_models as models
from spatialjustice.participation.reports._counts import (
    attached,
    checked_level,
    counted,
    exact_range,
    left_out,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats, Values
    from spatialjustice.participation.reports._count_models import CountModel
    from spatialjustice.participation.reports._counts import Counted

CALLED = ArgumentNames("reports", "need", "a missing value")
FEWER, AS, MORE, UNKNOWN_NEED = ("fewer than expected", "as expected", "more than expected", "need not known")
CLASSES = (FEWER, AS, MORE, UNKNOWN_NEED, "no people", "no data")
"""The labels, in the order of a legend."""

AROUND = "around: "
"""What the mean of a column over a zone's neighbours is called, before the name of the column."""

CLUSTERED = 0.05


class Fitted(NamedTuple):
    """A model of counts, and the zones that it was fitted to."""

    zones: Counted
    place: NDArray[np.int64]
    names: tuple[str, ...]
    spread: Floats
    model: CountModel
    poisson: CountModel
    need_known: NDArray[np.bool_]
    without_neighbours: int
    remarks: tuple[Finding, ...]

    @property
    def reports(self) -> Floats:
        """The reports of the zones in the model."""
        return self.zones.reports[self.place]

    @property
    def alpha(self) -> float:
        """How much more than chance the counts vary; 0 where they do not."""
        return self.model.alpha

    def whole(self, values: Floats) -> Floats:
        """Put one number for each zone of the model on all zones."""
        column = np.full(len(self.zones.ids), np.nan)
        column[self.place] = values
        return column

    def labels(self, found: Any, default: str = UNKNOWN_NEED) -> NDArray[np.object_]:
        """Put one label for each zone of the model on all zones; the others say why they have none."""
        column = np.full(len(self.zones.ids), default, dtype=object)
        column[self.zones.usable & self.need_known] = "no data"
        column[~self.zones.usable] = "no people"
        column[self.zones.unknown] = "no data"
        column[self.place] = found
        return column


def expected_reports(
    reports: pd.Series[Any],
    *,
    people: Values,
    need: pd.DataFrame | pd.Series[Any],
    neighbours: Graph | None = None,
    lagged: bool = False,
    level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Tell how many reports the people and the need of a zone let one expect, and how many there are.

    A negative binomial regression (NB2) of the reports: mean :math:`\mu_i = n_i \exp(b_0 + \sum_k b_k x_{ik})` with the
    people :math:`n_i` as exposure, variance :math:`\mu + \alpha \mu^2`, by maximum likelihood. Where the counts vary no
    more than chance, it is the Poisson regression. The expectation is what zones of the same need report on average:
    where everybody reports too little, that is what is expected.

    Parameters
    ----------
    reports
        Reports of each zone, whole numbers; missing where nobody counted.
    people
        People of each zone.
    need
        Columns that say how much there is to report (age of the houses, condition of streets, people in poverty);
        zones without a value are a class of their own, and have no say.
    neighbours
        Links between exactly these zones: tests whether the residuals (Pearson's) of neighbours are alike (Moran's I,
        :func:`spatialjustice.inequality.moran`).
    lagged
        Whether the mean need of the neighbours explains reports, too (the spatial lag of need, SLX): streets in bad
        condition next door are reported by whoever walks there. A zone without neighbours gets the mean of all.
    level
        How sure the ranges are.
    rng
        Seed of the shuffles for Moran's I; recorded in ``attrs``.

    Returns
    -------
    DataFrame
        On the index of the reports: ``reports``, ``people``, ``expected``; ``expected_low`` and
        ``expected_high``, between which reports lie if the model holds; ``ratio`` (observed to expected) with
        ``ratio_low`` and ``ratio_high``, exact Poisson limits of the reports over what is expected, taken as
        known; ``residual`` (Pearson's); ``label``, one of ``attrs["classes"]``: fewer or more means outside the range
        of the model, which of a hundred zones five are by chance. ``attrs`` hold ``coefficients``, ``alpha`` with its
        standard error and p-value against Poisson, and ``moran``.

    Raises
    ------
    InputError
        When counts are no whole numbers, ids differ, a column does not vary or follows from others, or zones are too
        few.

    Notes
    -----
    The zone reports less, not every person in it. Reports are not needs: the model says what zones with such needs
    report, not what there is to report.

    References
    ----------
    Cameron, A. C., & Trivedi, P. K. (2013). Regression analysis of count data (2nd ed.). Cambridge University Press
    (NB2; half a chi-square for alpha). LeSage, J., & Pace, R. K. (2009). Introduction to spatial econometrics (SLX).

    Examples
    --------
    >>> import pandas as pd
    >>> ids = list("abcdef")
    >>> reports = pd.Series([12, 18, 35, 9, 61, 70], index=ids)
    >>> need = pd.Series([0.1, 0.2, 0.4, 0.5, 0.6, 0.7], index=ids, name="old houses")
    >>> found = expected_reports(reports, people=[1000] * 6, need=need)
    >>> found["expected"].round(1).tolist(), found.loc["d", "label"]
    ([12.2, 16.0, 27.7, 36.4, 47.8, 62.9], 'fewer than expected')
    """
    level = checked_level(level)
    fit = fitted(reports, people=people, need=need, neighbours=neighbours, lagged=lagged)
    low, high = likely_range(fit, level)
    y, mean = fit.reports, fit.model.expected
    ratio_low, ratio_high = exact_range(y, level)
    residual = (y - mean) / np.sqrt(mean + fit.alpha * mean**2)
    label = np.where(y < low, FEWER, np.where(y > high, MORE, AS))
    result = pd.DataFrame(
        {
            "reports": fit.zones.reports,
            "people": fit.zones.people,
            "expected": fit.whole(mean),
            "expected_low": fit.whole(low),
            "expected_high": fit.whole(high),
            "ratio": fit.whole(y / mean),
            "ratio_low": fit.whole(ratio_low / mean),
            "ratio_high": fit.whole(ratio_high / mean),
            "residual": fit.whole(residual),
            "label": fit.labels(label),
        },
        index=fit.zones.ids,
    )
    result.attrs.update({"measure": "expected_reports", "unit": "reports", "direction": "none", "level": level})
    result.attrs.update({"classes": list(CLASSES), **facts(fit, level)})
    found = [*fit.remarks, *told(fit)]
    if neighbours is not None:
        result.attrs["moran"] = _moran(result["residual"], neighbours, rng)
        result.attrs["seed"] = result.attrs["moran"]["seed"]
        found += _clustered(result.attrs["moran"])
    return attached(result, (reports, people, need, neighbours), found)


def fitted(
    reports: pd.Series[Any],
    *,
    people: Values,
    need: pd.DataFrame | pd.Series[Any],
    neighbours: Graph | None,
    lagged: bool,
) -> Fitted:
    """Fit the model to all zones whose reports, people and need are known."""
    zones = counted(reports, people)
    columns = need.to_frame("need" if need.name is None else str(need.name)) if isinstance(need, pd.Series) else need
    alone = 0
    if lagged:
        columns, alone = _with_neighbours(columns, neighbours, reports)
    rate = pd.Series(np.nan, index=zones.ids, name="reports per person")
    rate[zones.usable] = zones.reports[zones.usable] / zones.people[zones.usable]
    data = design(rate, columns, None, missing="leave out", units=None, called=CALLED)
    spread = data.x.std(axis=0)
    x = np.column_stack([np.ones(len(data.y)), (data.x - data.x.mean(axis=0)) / spread])
    y, n = zones.reports[data.place], zones.people[data.place]
    start = models.poisson(y, x, n)
    model = models.negative_binomial(y, x, n, start)
    known = columns.loc[reports.index].notna().all(axis=1).to_numpy()
    remarks = tuple(finding for finding in data.findings if finding.code == "few_zones")
    return Fitted(zones, data.place, data.names, spread, model, start, known, alone, remarks)


def _with_neighbours(need: pd.DataFrame, neighbours: Graph | None, reports: pd.Series[Any]) -> tuple[pd.DataFrame, int]:
    """Add the mean of each column over the neighbours whose value is known."""
    from spatialjustice._core.errors import InputError
    from spatialjustice.inequality.space._graph import links_between

    if neighbours is None:
        raise InputError("lagged", "there are no neighbours", "Give neighbours, or leave their need out.")
    index = reports.index
    strangers = need.index.symmetric_difference(index, sort=False)
    if len(strangers):
        advice = "Both are matched by id. Give them the same index, for example with .reindex()."
        raise InputError("need", f"{len(strangers):,} ids are not in both reports and need", advice, rows=strangers)
    one, two, weight = links_between(index, neighbours)
    made = need.loc[index].astype(float)
    alone = 0
    for name in need.columns:
        values = made[name].to_numpy()
        used = weight * ~np.isnan(values[two])
        total = np.bincount(one, used * np.nan_to_num(values[two]), minlength=len(index))
        size = np.bincount(one, used, minlength=len(index))
        alone = max(alone, int((size == 0).sum()))
        mean = np.divide(total, size, out=np.full(len(index), np.nanmean(values)), where=size > 0)
        made[f"{AROUND}{name}"] = mean
    return made, alone


def likely_range(fit: Fitted, level: float) -> tuple[Floats, Floats]:
    """Return between which counts the reports of each zone lie if the model holds."""
    from scipy.stats import nbinom, poisson

    tail, mean = (1 - level) / 2, fit.model.expected
    chance = nbinom(1 / fit.alpha, 1 / (1 + fit.alpha * mean)) if fit.alpha else poisson(mean)
    return np.asarray(chance.ppf(tail), dtype=np.float64), np.asarray(chance.ppf(1 - tail), dtype=np.float64)


def chance_of_so_few(fit: Fitted) -> tuple[Floats, Floats]:
    """Return the probability of as few reports as there are, or fewer, if the model holds; and that of just as many."""
    from scipy.stats import nbinom, poisson

    mean = fit.model.expected
    chance = nbinom(1 / fit.alpha, 1 / (1 + fit.alpha * mean)) if fit.alpha else poisson(mean)
    so_few, exactly = chance.cdf(fit.reports), chance.pmf(fit.reports)
    return np.asarray(so_few, dtype=np.float64), np.asarray(exactly, dtype=np.float64)


def facts(fit: Fitted, level: float) -> dict[str, Any]:
    """Return what the model found, for ``attrs``: ratios of rates for one standard deviation more of each column."""
    from scipy.stats import norm

    wide = float(norm.ppf((1 + level) / 2))
    rows = []
    for at, name in enumerate(fit.names, 1):
        b, error = float(fit.model.coefficients[at]), float(fit.model.errors[at])
        rows.append(
            {
                "name": name,
                "for_each": float(fit.spread[at - 1]),
                "rate_ratio": float(np.exp(b)),
                "low": float(np.exp(b - wide * error)),
                "high": float(np.exp(b + wide * error)),
                "p_value": float(2 * norm.sf(abs(b / error))),
            }
        )
    zones = fit.zones
    outside = np.ones(len(zones.ids), dtype=bool)
    outside[fit.place] = False
    return {
        "coefficients": rows,
        "alpha": fit.alpha,
        "alpha_error": fit.model.alpha_error,
        "alpha_p_value": models.overdispersion_p_value(fit.model, fit.poisson),
        "log_likelihood": fit.model.log_likelihood,
        "n": len(fit.place),
        "people": float(zones.people[fit.place].sum()),
        "left_out": {
            "zones": int(outside.sum()),
            "people": float(np.nansum(zones.people[outside])),
            "reports": float(np.nansum(zones.reports[outside])),
        },
        "without_neighbours": fit.without_neighbours,
    }


def told(fit: Fitted) -> list[Finding]:
    """Say which zones have no expectation, and whether the counts vary more than chance."""
    found = left_out(fit.zones)
    lost = fit.zones.usable & ~fit.need_known
    if lost.any():
        people = float(fit.zones.people[lost].sum())
        found.append(
            Finding(
                "need_not_known",
                "warning",
                f"Need is not known in {int(lost.sum()):,} zones with {people:,.0f} people; whether they report too "
                "little cannot be said.",
                count=int(lost.sum()),
                people=people,
                values={"count": int(lost.sum()), "people": round(people)},
            )
        )
    return found


def _moran(residual: pd.Series[Any], neighbours: Graph, rng: Any) -> dict[str, float | int]:
    from spatialjustice.inequality.space.moran import moran

    found = cast("dict[str, Any]", moran(residual, neighbours, rng=rng, missing="own class").to_dict())
    return {key: int(value) if isinstance(value, int | np.integer) else float(value) for key, value in found.items()}


def _clustered(facts_of_moran: dict[str, Any]) -> list[Finding]:
    if not (facts_of_moran["p_value"] <= CLUSTERED and facts_of_moran["statistic"] > facts_of_moran["expected"]):
        return []
    statistic, p_value = round(facts_of_moran["statistic"], 2), facts_of_moran["p_value"]
    message = (
        f"Zones with more reports than expected, or fewer, lie together (Moran's I {statistic:.2f}, p = "
        f"{p_value:.3g}): something beside people and need shapes reporting, and ranges are too narrow."
    )
    return [
        Finding(
            "reports_cluster",
            "warning",
            message,
            advice="Add what is missing to the columns of need, or let the need of neighbours explain reports, too.",
            values={"statistic": f"{statistic:.2f}", "p_value": f"{p_value:.3g}"},
        )
    ]
