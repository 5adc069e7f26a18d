"""Which variables a model leans on, and which way: shuffled at held-out places, and set to one value everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatialjustice.inequality._inputs import checked_share, checked_whole_number
from spatialjustice.inequality.distribution.gini_and_lorenz import weighted_quantile
from spatialjustice.prediction.fitting.predictors import losses
from spatialjustice.prediction.judging.drawing import drawn_blocks, ends, means
from spatialjustice.prediction.judging.scores import LEVEL, REPLICATIONS
from spatialjustice.prediction.risk_model import one_thread

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.prediction.risk_model import RiskModel

SHUFFLES = 5


def variable_importance(
    model: RiskModel, *, permutations: int = SHUFFLES, level: float = LEVEL, replications: int = REPLICATIONS
) -> pd.DataFrame:
    r"""Tell which variables a model leans on: how much worse it gets where one of them is shuffled among zones.

    Each variable is shuffled among the zones of a held-out fold, and the model of that fold guesses them again. A
    variable can matter little because others say the same, and none of this says what would change if it changed.

    In signs: :math:`\ell(y, \hat p(x_{-k}, x_k^*)) - \ell(y, \hat p(x))`, the rise of the log loss with the variable k
    shuffled.

    Parameters
    ----------
    model
        From :func:`risk_model`.
    permutations
        How often each variable is shuffled in each fold.
    level, replications
        As in :func:`cross_validation`; blocks are drawn anew.

    Returns
    -------
    DataFrame
        A row for each variable, what matters most first: ``importance``, by how much the log loss rises, with
        ``importance_low`` and ``importance_high``; ``risk_at_low`` and ``risk_at_high``, the mean risk if all zones had
        the value below (above) which a tenth of people live; ``missing``, the share of people in zones without it.

    Raises
    ------
    InputError
        When a setting cannot be used.

    References
    ----------
    Breiman, L. (2001). Random forests. Machine Learning, 45, 5-32. Fisher, A., Rudin, C., & Dominici, F. (2019). All
    models are wrong, but many are useful. Journal of Machine Learning Research, 20(177).

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = [shapely.box(x, y, x + 1000, y + 1000) for x in range(0, 12000, 1000) for y in range(0, 6000, 1000)]
    >>> zones = gpd.GeoDataFrame({"income": range(72)}, geometry=places, crs=32631)
    >>> zones["offline"] = 0.5 - zones["income"] / 200
    >>> from spatialjustice.prediction import risk_model
    >>> model = risk_model(zones, outcome="offline", variables=["income"], blocks=2000, method="logistic", rng=1)
    >>> found = variable_importance(model).iloc[0]
    >>> found["variable"], bool(found["importance_low"] > 0), bool(found["risk_at_low"] > found["risk_at_high"])
    ('income', True, True)
    """
    checked_share(level, "level")
    tries = checked_whole_number(permutations, "permutations", least=1)
    times = checked_whole_number(replications, "replications", least=100)
    data, seed = model.taught, int(model.facts["seed"])
    drawn = drawn_blocks(model.blocks.to_numpy(), times, seed)
    rows = []
    with one_thread():
        for place, name in enumerate(data.names):
            value, draws = means(_worse(model, place, tries, seed), data.people, drawn)
            low, high = ends(draws, level)
            lost = np.isnan(data.described[:, place])
            at_low, at_high = (_everywhere(model, place, _quantile(model, place, q))[0] for q in (0.1, 0.9))
            rows.append({
                "variable": name, "importance": value, "importance_low": low, "importance_high": high,
                "risk_at_low": at_low, "risk_at_high": at_high, "missing": float(np.average(lost, weights=data.people)),
            })  # fmt: skip
    table = pd.DataFrame(rows).sort_values("importance", ascending=False, kind="stable", ignore_index=True)
    table.attrs = {
        "measure": "variable_importance", "unit": "log loss", "direction": "none", "level": level,
        "permutations": tries, "replications": times, "seed": seed, "n": len(data.ids),
    }  # fmt: skip
    return table


def _worse(model: RiskModel, place: int, tries: int, seed: int) -> Floats:
    """Return by how much the loss of each held-out zone rises, on average, when a variable is shuffled in its fold."""
    data, rings = model.taught, model.spatial
    generator = np.random.default_rng([seed, place])
    worse = np.zeros(len(data.ids))
    for fold, fitted in enumerate(rings.models):
        test = np.flatnonzero(rings.fold == fold)
        held = data.only(test)
        before = losses(fitted.risk(held), held.outcome)
        for _ in range(tries):
            values = held.described.copy()
            values[:, place] = generator.permutation(values[:, place])
            worse[test] += (losses(fitted.risk(replace(held, described=values)), held.outcome) - before) / tries
    return worse


def _quantile(model: RiskModel, place: int, q: float) -> float:
    """Return the value below which a share of people live."""
    values, people = model.taught.described[:, place], model.taught.people
    known = ~np.isnan(values)
    return weighted_quantile(values[known], q, people=people[known])


def _everywhere(model: RiskModel, place: int, value: float) -> tuple[float, float, float]:
    """Return the mean risk by people if all zones had one value, and the lowest and highest of the folds' models."""
    data = model.taught
    values = data.described.copy()
    values[:, place] = value
    asked = replace(data, described=values)
    every = [float(np.average(one.risk(asked), weights=data.people)) for one in (model.fitted, *model.spatial.models)]
    return every[0], min(every), max(every)


def partial_dependence(model: RiskModel, *, number: int = 9) -> pd.DataFrame:
    r"""Tell how the risk that a model sees differs along each variable, all others as they are.

    The mean over people of the risk if every zone had one value of the variable. It describes the model; combinations
    that no zone has are among those it is asked about, and it is no forecast of a change.

    In signs: :math:`\sum_i P_i \, \hat p(v, x_{i,-k}) / \sum_i P_i`, at the values v of variable k. Other variables
    that are missing are treated as when the model was made.

    Parameters
    ----------
    model
        From :func:`risk_model`.
    number
        At how many values, from that below which 5 percent of people live to that above which 5 percent do.

    Returns
    -------
    DataFrame
        ``variable``, ``value``, ``risk``; ``risk_low`` and ``risk_high`` over the models of all folds.

    Raises
    ------
    InputError
        When ``number`` cannot be used.

    References
    ----------
    Friedman, J. H. (2001). Greedy function approximation. Annals of Statistics, 29(5), 1189-1232.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = [shapely.box(x, y, x + 1000, y + 1000) for x in range(0, 12000, 1000) for y in range(0, 6000, 1000)]
    >>> zones = gpd.GeoDataFrame({"income": range(72)}, geometry=places, crs=32631)
    >>> zones["offline"] = 0.5 - zones["income"] / 200
    >>> from spatialjustice.prediction import risk_model
    >>> model = risk_model(zones, outcome="offline", variables=["income"], blocks=2000, method="logistic", rng=1)
    >>> found = partial_dependence(model, number=2)
    >>> found["value"].tolist(), bool(found["risk"].is_monotonic_decreasing)
    ([3.0, 68.0], True)
    """
    count = checked_whole_number(number, "number", least=2)
    rows = []
    with one_thread():
        for place, name in enumerate(model.taught.names):
            at = dict.fromkeys(_quantile(model, place, q) for q in np.linspace(0.05, 0.95, count))
            for value in at:
                risk, low, high = _everywhere(model, place, value)
                rows.append({"variable": name, "value": value, "risk": risk, "risk_low": low, "risk_high": high})
    table = pd.DataFrame(rows)
    table.attrs = {"measure": "partial_dependence", "unit": "share", "direction": "none", "n": len(model.taught.ids)}
    return table
