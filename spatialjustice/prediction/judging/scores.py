"""Cross-validation: how good a model is at places it has not seen, beside chance folds and simple rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice.inequality._inputs import checked_share, checked_whole_number
from spatialjustice.prediction.fitting.nested import MODEL
from spatialjustice.prediction.fitting.predictors import losses
from spatialjustice.prediction.judging.drawing import concordance, drawn_blocks, ends, means

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.prediction.fitting.question import Question
    from spatialjustice.prediction.risk_model import RiskModel

SPATIAL, RANDOM, GAP, ELSEWHERE = "blocks", "single zones", "single zones less blocks", "another place"
"""What was held out; and how much better single zones make the model look."""
SCORES = ("log_loss", "brier", "absolute_error", "auc")
REPLICATIONS = 1000
LEVEL = 0.95


def cross_validation(model: RiskModel, *, level: float = LEVEL, replications: int = REPLICATIONS) -> pd.DataFrame:
    r"""Tell how good a model is where it has seen nothing, how much better chance folds look, and what it must beat.

    All scores count people. Log loss: the mean of :math:`-y \ln p - (1 - y) \ln(1 - p)`; Brier: the mean of
    :math:`(y - p)^2`; absolute error: the mean of :math:`|y - p|`, how far a guess is off; AUC: the chance that
    somebody excluded lives in a zone of higher risk than somebody who is not.
    Ranges: blocks are drawn anew with replacement, all predictors with the same draws.

    Parameters
    ----------
    model
        From :func:`risk_model`.
    level
        Share of draws within each range.
    replications
        How often blocks are drawn.

    Returns
    -------
    DataFrame
        Rows by ``held_out`` (``blocks``, ``single zones``; ``single zones less blocks`` is the gap between the two) and
        ``predictor`` (``model``; the rules ``mean``, ``neighbours``, ``one variable``). Each score with ``…_low`` and
        ``…_high``; ``skill``, the part of the mean's Brier score that is gone; ``gain``, by how much the model's log
        loss is lower than that of the rule, with its range. ``attrs``: ``beaten``, whether every gain over blocks is
        above 0 with its whole range; ``reason`` where it is not; how blocks and folds were made.

    Raises
    ------
    InputError
        When ``level`` or ``replications`` cannot be used.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review, 78(1).
    Ploton, P., et al. (2020). Spatial validation reveals poor predictive performance of large-scale ecological mapping
    models. Nature Communications, 11, 4540.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = [shapely.box(x, y, x + 1000, y + 1000) for x in range(0, 12000, 1000) for y in range(0, 6000, 1000)]
    >>> zones = gpd.GeoDataFrame({"income": range(72)}, geometry=places, crs=32631)
    >>> zones["offline"] = 0.5 - zones["income"] / 200
    >>> from spatialjustice.prediction import risk_model
    >>> model = risk_model(zones, outcome="offline", variables=["income"], blocks=2000, method="logistic", rng=1)
    >>> found = cross_validation(model)
    >>> found[["held_out", "predictor"]].head(3).to_numpy().tolist(), found.attrs["beaten"]
    ([['blocks', 'model'], ['blocks', 'mean'], ['blocks', 'neighbours']], True)
    """
    checked_share(level, "level")
    times = checked_whole_number(replications, "replications", least=100)
    data = model.taught
    drawn = drawn_blocks(model.blocks.to_numpy(), times, int(model.facts["seed"]))
    rows: list[dict[str, Any]] = []
    every = {}
    for held_out, found in ((SPATIAL, model.spatial), (RANDOM, model.random)):
        every[held_out] = drawn_scores(found.risk, data.outcome, data.people, drawn)
        rows += [{"held_out": held_out, **row} for row in scored(found.risk, every[held_out], data, drawn, level)]
    rows += [{"held_out": GAP, "predictor": name, **_gap(every, name, level)} for name in every[SPATIAL]]
    table = pd.DataFrame(rows)
    table.insert(2, "zones", len(data.ids))
    table.insert(3, "people", float(data.people.sum()))
    beaten, reason = judged(table[table["held_out"] == SPATIAL])
    table.attrs.update({
        "measure": "cross_validation", "unit": "score", "direction": "none", "level": level, "replications": times,
        "beaten": beaten, "reason": reason, **model.facts, "methods": chosen(model),
        "n": len(data.ids), "left_out": int((model.question.people > 0).sum()) - len(data.ids),
        "findings": [finding.as_dict() for finding in model.findings],
        "sources": [record.as_dict() for record in model.sources],
    })  # fmt: skip
    return table


def chosen(model: RiskModel) -> dict[str, int]:
    """Return how often each method was chosen within the folds of blocks."""
    methods = [fitted.method for fitted in model.spatial.models]
    return {name: methods.count(name) for name in dict.fromkeys(methods)}


def drawn_scores(
    risk: dict[str, Floats], outcome: Floats, people: Floats, drawn: Floats
) -> dict[str, dict[str, tuple[float, Floats]]]:
    """Return each score of each predictor, and that of every draw."""
    found = {
        name: {
            "log_loss": means(losses(said, outcome), people, drawn),
            "brier": means((said - outcome) ** 2, people, drawn),
            "absolute_error": means(np.abs(said - outcome), people, drawn),
            "auc": concordance(said, outcome, people, drawn),
        }
        for name, said in risk.items()
    }
    # The mean says the same of all zones and orders none; that of each fold differs a little, which is no order either.
    found["mean"]["auc"] = (0.5, np.full(len(drawn), 0.5))
    return found


def scored(
    risk: dict[str, Floats],
    scores: dict[str, dict[str, tuple[float, Floats]]],
    data: Question,
    drawn: Floats,
    level: float,
) -> list[dict[str, Any]]:
    """Return the scores of the model and of each rule with their ranges, and the model's gain over each."""
    own_loss = losses(risk[MODEL], data.outcome)
    rows = []
    for name, found in scores.items():
        row: dict[str, Any] = {"predictor": name}
        for score, (value, draws) in found.items():
            low, high = ends(draws, level)
            row |= {score: value, f"{score}_low": low, f"{score}_high": high}
        row["skill"] = _skill(scores, name)
        if name != MODEL:
            gain, draws = means(losses(risk[name], data.outcome) - own_loss, data.people, drawn)
            low, high = ends(draws, level)
            row |= {"gain": gain, "gain_low": low, "gain_high": high}
        rows.append(row)
    return rows


def _skill(scores: dict[str, dict[str, tuple[float, Floats]]], name: str) -> float:
    """Return the part of the Brier score of the mean that is gone."""
    of_mean = scores["mean"]["brier"][0]
    return 1 - scores[name]["brier"][0] / of_mean if of_mean else np.nan


def _gap(every: dict[str, Any], name: str, level: float) -> dict[str, float]:
    """Return how much better single zones make a predictor look: lower losses, a higher AUC, more skill."""
    row: dict[str, float] = {}
    for score in SCORES:
        (single, draws), (blocked, others) = every[RANDOM][name][score], every[SPATIAL][name][score]
        low, high = ends(draws - others, level)
        row |= {score: single - blocked, f"{score}_low": low, f"{score}_high": high}
    return row | {"skill": _skill(every[RANDOM], name) - _skill(every[SPATIAL], name)}


def judged(rules: pd.DataFrame) -> tuple[bool, str]:
    """Say whether the model beats every simple rule with the whole range of its gain, and which it does not."""
    compared = rules[rules["predictor"] != MODEL]
    lost: NDArray[Any] = compared.loc[~(compared["gain_low"] > 0), "predictor"].to_numpy()
    return not len(lost), ", ".join(lost)
