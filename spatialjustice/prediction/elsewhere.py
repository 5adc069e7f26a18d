"""A model of one city in another: how well it does there, and how far the other city is from what it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import checked_share, checked_whole_number
from spatialjustice.prediction.fitting.folds import squares
from spatialjustice.prediction.fitting.nested import MODEL
from spatialjustice.prediction.fitting.predictors import Calibration, learned
from spatialjustice.prediction.fitting.question import Question, asked
from spatialjustice.prediction.judging.drawing import drawn_blocks, ends, means
from spatialjustice.prediction.judging.scores import ELSEWHERE, LEVEL, REPLICATIONS, drawn_scores, judged, scored
from spatialjustice.prediction.risk_model import one_thread

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.prediction.risk_model import RiskModel


def question_of(model: RiskModel, zones: gpd.GeoDataFrame, people: str | pd.Series[Any] | None) -> Question:
    """Return what the model asks of any zones; their outcome is missing where they have no such column."""
    known = model.question
    named = model.facts["people"]
    counted = named if people is None and named in zones else people
    income = model.facts["rank_by"]
    return asked(
        zones,
        outcome=known.what,
        variables=known.names,
        line=known.line,
        direction=known.direction,
        people=counted,
        rank_by=income if income in zones else None,
        needs_outcome=False,
    )


def transfer(
    model: RiskModel,
    zones: gpd.GeoDataFrame,
    *,
    people: str | pd.Series[Any] | None = None,
    level: float = LEVEL,
    replications: int = REPLICATIONS,
) -> pd.DataFrame:
    r"""Tell how good a model is in another city, where the same was measured.

    Nothing is learned from the other city: the model, its calibration and the rules are those of the first.

    In signs: the error is :math:`\sum_i P_i (\hat p_i - y_i) / \sum_i P_i` in the other city.

    Parameters
    ----------
    model
        From :func:`risk_model`, learned from one city.
    zones
        Zones of another city with the same columns, the outcome among them.
    people
        Column, or Series by id; the model's column where None.
    level, replications
        As in :func:`cross_validation`; squares of the size of the model's blocks are drawn anew.

    Returns
    -------
    DataFrame
        As :func:`cross_validation`, with ``held_out`` ``another place`` and the rules ``mean`` and ``one variable``
        (the nearest measured zones are in another city), and with ``error``: the mean risk less the mean measured, with
        its range. ``attrs``: ``beaten`` and ``reason``.

    Raises
    ------
    InputError
        When a column is missing, or the outcome is measured nowhere.

    References
    ----------
    Meyer, H., & Pebesma, E. (2021). Predicting into unknown space? Estimating the area of applicability of spatial
    prediction models. Methods in Ecology and Evolution, 12(9), 1620-1633.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = [shapely.box(x, y, x + 1000, y + 1000) for x in range(0, 12000, 1000) for y in range(0, 6000, 1000)]
    >>> zones = gpd.GeoDataFrame({"income": range(72)}, geometry=places, crs=32631)
    >>> zones["offline"] = 0.5 - zones["income"] / 200
    >>> from spatialjustice.prediction import risk_model
    >>> model = risk_model(zones, outcome="offline", variables=["income"], blocks=2000, method="logistic", rng=1)
    >>> other = zones.set_geometry(zones.translate(xoff=50_000))
    >>> transfer(model, other)["predictor"].tolist()
    ['model', 'mean']
    """
    checked_share(level, "level")
    times = checked_whole_number(replications, "replications", least=100)
    question = question_of(model, zones, people)
    there = question.only(np.flatnonzero(question.measured))
    if not len(there.ids):
        raise InputError("zones", f"{question.what} is measured nowhere", "Without it nothing can be compared.")
    blocks = squares(there.xy, float(model.facts["size"]))
    drawn = drawn_blocks(blocks, times, int(model.facts["seed"]))
    with one_thread():
        risk = {MODEL: model.fitted.risk(there), **_rules(model, there)}
    rows = scored(risk, drawn_scores(risk, there.outcome, there.people, drawn), there, drawn, level)
    for row in rows:
        error, draws = means(risk[row["predictor"]] - there.outcome, there.people, drawn)
        low, high = ends(draws, level)
        row |= {"error": error, "error_low": low, "error_high": high}
    table = pd.DataFrame([{"held_out": ELSEWHERE, **row} for row in rows])
    table.insert(2, "zones", len(there.ids))
    table.insert(3, "people", float(there.people.sum()))
    beaten, reason = judged(table)
    table.attrs = {
        "measure": "transfer", "unit": "score", "direction": "none", "level": level, "replications": times,
        "beaten": beaten, "reason": reason, "n": len(there.ids), "number_of_blocks": len(set(blocks)),
        "left_out": int((question.people > 0).sum()) - len(there.ids),
    }  # fmt: skip
    return table


def _rules(model: RiskModel, there: Question) -> dict[str, Floats]:
    """Return what the simple rules of the first city say of the other."""
    names = ["mean"]
    if "one variable" in model.rules and there.income is not None:
        names.append("one variable")
    line = Calibration(0.0, 1.0)
    return {name: line(learned(name, model.taught)(there)) for name in names}


def covariate_shift(
    model: RiskModel, zones: gpd.GeoDataFrame, *, people: str | pd.Series[Any] | None = None
) -> pd.DataFrame:
    r"""Tell how far zones lie from those that a model has learned from, variable by variable.

    In signs: :math:`(\bar x_{new} - \bar x_{old}) / s_{old}`, and the people with :math:`x_i` outside the range learned
    from.

    Parameters
    ----------
    model
        From :func:`risk_model`.
    zones
        Any zones with the model's variables.
    people
        Column, or Series by id; the model's column where None.

    Returns
    -------
    DataFrame
        A row for each variable, and one for ``any variable``: the ``lowest`` and ``highest`` value learned from;
        ``zones_outside`` and ``people_outside`` of that, with ``share_outside`` of people; ``zones_missing`` without
        the variable; ``difference`` of the means by people, in standard deviations of what was learned from.

    Raises
    ------
    InputError
        When a column is missing or holds no numbers.

    References
    ----------
    Shimodaira, H. (2000). Improving predictive inference under covariate shift. Journal of Statistical Planning and
    Inference, 90(2), 227-244.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = [shapely.box(x, y, x + 1000, y + 1000) for x in range(0, 12000, 1000) for y in range(0, 6000, 1000)]
    >>> zones = gpd.GeoDataFrame({"income": range(72)}, geometry=places, crs=32631)
    >>> zones["offline"] = 0.5 - zones["income"] / 200
    >>> from spatialjustice.prediction import risk_model
    >>> model = risk_model(zones, outcome="offline", variables=["income"], blocks=2000, method="logistic", rng=1)
    >>> richer = zones.assign(income=zones["income"] + 36)
    >>> covariate_shift(model, richer)["share_outside"].tolist()
    [0.5, 0.5]
    """
    question = question_of(model, zones, people)
    there = question.only(np.flatnonzero(question.people > 0))
    known = model.taught
    total = float(there.people.sum())
    outside = outside_of(model, there)
    rows: list[dict[str, Any]] = []
    for place, name in enumerate(known.names):
        old, new = known.described[:, place], there.described[:, place]
        out, lost = outside[:, place], np.isnan(new)
        mean, sd = _mean_and_sd(old, known.people)
        rows.append({
            "variable": name, "lowest": np.nanmin(old), "highest": np.nanmax(old), "zones_outside": int(out.sum()),
            "people_outside": float(there.people[out].sum()), "zones_missing": int(lost.sum()),
            "difference": (_mean_and_sd(new, there.people)[0] - mean) / sd if sd else np.nan,
        })  # fmt: skip
    out = outside.any(axis=1)
    rows.append({
        "variable": "any variable", "zones_outside": int(out.sum()), "people_outside": float(there.people[out].sum()),
        "zones_missing": int(np.isnan(there.described).any(axis=1).sum()),
    })  # fmt: skip
    table = pd.DataFrame(rows)
    table.insert(5, "share_outside", table["people_outside"] / total)
    table.insert(3, "zones", len(there.ids))
    table.attrs = {"measure": "covariate_shift", "unit": "share", "direction": "none", "n": len(there.ids)}
    return table


def outside_of(model: RiskModel, question: Question) -> Any:
    """Tell which variables of which zones lie outside what was learned from; a missing one does not."""
    known = model.taught.described
    with np.errstate(invalid="ignore"):
        return (question.described < np.nanmin(known, axis=0)) | (question.described > np.nanmax(known, axis=0))


def _mean_and_sd(values: Floats, people: Floats) -> tuple[float, float]:
    known = ~np.isnan(values)
    if not known.any():
        return np.nan, np.nan
    mean = float(np.average(values[known], weights=people[known]))
    return mean, float(np.sqrt(np.average((values[known] - mean) ** 2, weights=people[known])))
