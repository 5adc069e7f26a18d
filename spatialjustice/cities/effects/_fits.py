"""One pair of an indicator and an outcome: which rows take part, which model is fitted, and what it leaves."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.machine.extras import needed
from spatialjustice.inequality.models import choose_model, ordinary_least_squares, spatial_error, spatial_lag
from spatialjustice.inequality.models._regression import EXACT, SAME
from spatialjustice.inequality.space.moran import moran

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.models import Model

Method = Literal["by the data", "ordinary least squares", "multilevel", "spatial error", "spatial lag"]
METHODS = ("by the data", "ordinary least squares", "multilevel", "spatial error", "spatial lag")

LARGEST = 1_500
"""Rows up to which spatial models are fitted by maximum likelihood, whose full matrices take seconds beyond."""

OF_THE_RULE = 0.95
"""Level of the intervals of the model that the rule fits on its way."""

REGIONS = 10
"""Regions from which a random intercept, or errors by region, can be estimated."""


class NotFitted(Exception):  # noqa: N818 - no fault: a pair of which nothing can be said
    """Says why nothing can be said of a pair."""


class Pair(NamedTuple):
    """The rows of a pair that take part: the indicator is the first of the explanations."""

    outcome: pd.Series[Any]
    explanations: pd.DataFrame
    regions: pd.Series[Any] | None
    neighbours: Graph | None
    alone: int
    """Rows left out because no neighbour has all values."""


class Fitted(NamedTuple):
    """What a model says of the indicator, for one unit more of it, in the unit of the outcome."""

    model: str
    estimate: float
    standard_error: float
    low: float
    high: float
    p_value: float
    residuals: pd.Series[Any]
    total: float = np.nan
    between_share: float = np.nan


def pair(
    table: pd.DataFrame, outcome: str, names: list[str], regions: pd.Series[Any] | None, neighbours: Graph | None
) -> Pair:
    """Take the rows that have every value, a region where these are given, and a neighbour where these are given.

    Raises
    ------
    NotFitted
        When what is left cannot be fitted.
    """
    known = table[[outcome, *names]].notna().all(axis=1)
    if regions is not None:
        known &= regions.notna()
    ids, alone, graph = table.index[known], 0, None
    if neighbours is not None and len(ids):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graph = neighbours.subgraph(ids)
            if len(graph.isolates):
                # Whoever is alone is nobody's neighbour, so that nobody else becomes alone without them.
                alone = len(graph.isolates)
                ids = ids[~ids.isin(graph.isolates)]
                graph = neighbours.subgraph(ids) if len(ids) else None
    taken = table.loc[ids]
    found = Pair(taken[outcome], taken[names], None if regions is None else regions.loc[ids], graph, alone)
    _require_enough(found, outcome, names)
    return found


def _require_enough(found: Pair, outcome: str, names: list[str]) -> None:
    needed = 10 + 2 * len(names)
    if len(found.outcome) < needed:
        raise NotFitted(f"{len(found.outcome):,} rows have all values; {needed} are needed")
    for name, column in [(outcome, found.outcome), *((one, found.explanations[one]) for one in names)]:
        if float(np.ptp(column)) <= SAME * float(column.abs().max()):
            raise NotFitted(f"{name} is the same in all rows that have all values")
    standard = (found.explanations - found.explanations.mean()) / found.explanations.std(ddof=0)
    values = np.linalg.svd(standard.to_numpy(), compute_uv=False)
    if values[-1] <= EXACT * values[0]:
        raise NotFitted(f"{names[0]} can be worked out from what is held equal")
    y = ((found.outcome - found.outcome.mean()) / found.outcome.std(ddof=0)).to_numpy()
    left = y - standard.to_numpy() @ np.linalg.lstsq(standard.to_numpy(), y, rcond=None)[0]
    if float(np.sqrt(np.mean(left**2))) <= EXACT:
        raise NotFitted(f"{outcome} can be worked out from {', '.join(names)}")


def fit(data: Pair, method: str, level: float) -> Fitted:
    """Fit the model that was asked for, or the one that the data point to.

    Raises
    ------
    NotFitted
        When the model has no answer.
    """
    enough = data.regions is not None and data.regions.nunique() >= REGIONS
    try:
        if method == "by the data" and data.neighbours is not None:
            chosen = _by_the_rule(data)
            if chosen.kind != "ordinary least squares" and level == OF_THE_RULE:
                return _of_model(chosen, str(data.explanations.columns[0]))
            method = chosen.kind
        elif method == "by the data":
            method = "multilevel" if enough else "ordinary least squares"
        if method == "multilevel":
            return _multilevel(data, level)
        if method == "ordinary least squares":
            return _by_region(data, level) if enough else _least_squares(data, level)
        return _spatial(data, method, level)
    except InputError as fault:
        raise NotFitted(fault.found) from fault


def _by_the_rule(data: Pair) -> Model:
    """Return the model that Anselin's rule on the residuals of least squares leads to."""
    assert data.neighbours is not None  # noqa: S101 - nobody else calls
    kind = "robust" if len(data.outcome) > LARGEST else "classical"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = choose_model(data.outcome, data.explanations, data.neighbours, standard_errors=kind)  # type: ignore[arg-type]
    return found.model


def _least_squares(data: Pair, level: float) -> Fitted:
    found = ordinary_least_squares(data.outcome, data.explanations, standard_errors="robust", level=level)
    return _fitted("ordinary least squares, robust errors", found.coefficients.iloc[1], found.residuals)


def _spatial(data: Pair, method: str, level: float) -> Fitted:
    if data.neighbours is None:
        raise NotFitted("there are no neighbours, which a spatial model needs")
    kind: Any = "robust" if len(data.outcome) > LARGEST else "classical"
    fitter = spatial_lag if method == "spatial lag" else spatial_error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = fitter(data.outcome, data.explanations, data.neighbours, standard_errors=kind, level=level)
    return _of_model(found, str(data.explanations.columns[0]))


def _of_model(found: Model, name: str) -> Fitted:
    """Return what a spatial model says of a variable: its coefficient, or the direct effect of the lag model."""
    if found.effects is None:
        return _fitted("spatial error", found.coefficients.loc[name], found.residuals)
    total = float(found.effects["estimate"].to_dict()[name, "total"])
    return _fitted("spatial lag", found.effects.loc[(name, "direct")], found.residuals)._replace(total=total)


def _fitted(model: str, row: Any, residuals: pd.Series[Any]) -> Fitted:
    estimate, spread, low, high, p_value = (
        float(row[name]) for name in ("estimate", "standard_error", "low", "high", "p_value")
    )
    return Fitted(model, estimate, spread, low, high, p_value, residuals)


def _by_region(data: Pair, level: float) -> Fitted:
    """Fit least squares with errors that may go together within regions; t has as many degrees as regions less one."""
    from scipy.stats import t

    linear = needed("statsmodels.regression.linear_model", "effects")
    assert data.regions is not None  # noqa: S101 - nobody else calls
    y, z, size = _standardised(data)
    codes = pd.factorize(data.regions)[0]
    found = linear.OLS(y, z).fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    law = t(len(np.unique(codes)) - 1)
    estimate, spread = float(found.params[1]) * size, float(found.bse[1]) * size
    reach = float(law.ppf((1 + level) / 2)) * spread
    residuals = pd.Series(np.asarray(found.resid) * float(data.outcome.std(ddof=0)), index=data.outcome.index)
    p_value = float(2 * law.sf(abs(estimate / spread)))
    model = "ordinary least squares, errors by region"
    return Fitted(model, estimate, spread, estimate - reach, estimate + reach, p_value, residuals)


def _multilevel(data: Pair, level: float) -> Fitted:
    """Fit a random intercept for each region by restricted maximum likelihood, beside the means of regions.

    Without these a random intercept mixes what goes together within regions with what goes together between them; with
    the mean of each explanation in each region as one explanation more, the slope is that within regions, which is what
    least squares with an intercept for each region would give (Mundlak 1978). An indicator that does not differ within
    regions is compared between them.
    """
    from scipy.stats import norm

    if data.regions is None or data.regions.nunique() < REGIONS:
        count = 0 if data.regions is None else int(data.regions.nunique())
        raise NotFitted(f"there are {count} regions; a random intercept needs {REGIONS}")
    y, z, size = _standardised(data)
    codes = pd.factorize(data.regions)[0]
    means = pd.DataFrame(z).groupby(codes).transform("mean").to_numpy()
    inside = float((z[:, 1] - means[:, 1]).std()) > EXACT
    z = _with_means(z, means, codes)
    found = _settled(y, z, codes)
    between = float(np.asarray(found.cov_re)[0, 0])
    estimate, spread = float(found.fe_params[1]) * size, float(found.bse_fe[1]) * size
    reach = float(norm.ppf((1 + level) / 2)) * spread
    residuals = pd.Series(np.asarray(found.resid) * float(data.outcome.std(ddof=0)), index=data.outcome.index)
    p_value = float(2 * norm.sf(abs(estimate / spread)))
    low, high, share = estimate - reach, estimate + reach, between / (between + float(found.scale))
    name = "multilevel" if inside else "multilevel, between regions"
    return Fitted(name, estimate, spread, low, high, p_value, residuals, between_share=share)


def _settled(y: Floats, z: Floats, codes: Any) -> Any:
    """Return the fitted model; where regions do not differ, searches by slope may fail at the edge, a simplex not.

    Raises
    ------
    NotFitted
        When neither has an answer.
    """
    mixed = needed("statsmodels.regression.mixed_linear_model", "effects")
    model, fault = mixed.MixedLM(y, z, groups=codes), ""
    ways: tuple[dict[str, Any], ...] = ({}, {"method": "nm", "maxiter": 2000})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for way in ways:
            try:
                found = model.fit(reml=True, **way)
            except (np.linalg.LinAlgError, ValueError) as error:
                fault = f" ({error})"
                continue
            if found.converged:
                return found
    raise NotFitted(f"the multilevel model did not settle{fault}")


def _with_means(z: Floats, means: Floats, codes: Any) -> Floats:
    """Put the means of regions beside what they are means of, the indicator's first, as far as they say more.

    There are fewer of them than regions, so that something is left to tell how regions differ.
    """
    most = len(np.unique(codes)) - 2
    rank, added = z.shape[1], 0
    for place in range(1, means.shape[1]):
        wider = np.column_stack([z, means[:, place]])
        if added < most and float(means[:, place].std()) > EXACT and _rank(wider) > rank:
            z, rank, added = wider, rank + 1, added + 1
    return z


def _rank(columns: Floats) -> int:
    sizes = np.sqrt((columns**2).sum(axis=0))
    values = np.linalg.svd(columns / np.where(sizes > 0, sizes, 1.0), compute_uv=False)
    return int((values > EXACT * values[0]).sum())


def _standardised(data: Pair) -> tuple[Floats, Floats, float]:
    """Return outcome and explanations in standard deviations, and what leads the indicator's slope back."""
    x = data.explanations
    z = ((x - x.mean()) / x.std(ddof=0)).to_numpy()
    spread = float(data.outcome.std(ddof=0))
    y = ((data.outcome - data.outcome.mean()) / spread).to_numpy()
    return y, np.column_stack([np.ones(len(y)), z]), spread / float(x.iloc[:, 0].std(ddof=0))


def partial_r_squared(data: Pair) -> float:
    """Return the share of the outcome's variance left by what is held equal that goes with the indicator."""
    y, z, _ = _standardised(data)
    others = np.delete(z, 1, axis=1)
    left = [v - others @ np.linalg.lstsq(others, v, rcond=None)[0] for v in (y, z[:, 1])]
    return float((left[0] @ left[1]) ** 2 / ((left[0] @ left[0]) * (left[1] @ left[1])))


def variance_inflation(data: Pair) -> float:
    """Return by how many times the indicator's variance of estimate is larger for going together with the others."""
    _, z, _ = _standardised(data)
    others = np.delete(z, 1, axis=1)
    left = z[:, 1] - others @ np.linalg.lstsq(others, z[:, 1], rcond=None)[0]
    return float((z[:, 1] @ z[:, 1]) / (left @ left))


def likeness(residuals: pd.Series[Any], neighbours: Graph | None, seed: int) -> tuple[float, float]:
    """Return Moran's I of what the model leaves, and its p-value by shuffling; missing without neighbours."""
    if neighbours is None:
        return np.nan, np.nan
    found = moran(residuals.astype(np.float64), neighbours, rng=seed)
    return float(found["statistic"]), float(found["p_value"])
