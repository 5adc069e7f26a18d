"""Where exclusion is likely although nobody has measured it: a risk of each zone, with a range and a place in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from scipy.stats import t as student

from spatialjustice import catalogue
from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import checked_share, checked_whole_number
from spatialjustice.prediction.conformal import (
    measured_ranges,
    measured_sets,
    new_ranges,
    new_sets,
    spread,
    weights_by_block,
)
from spatialjustice.prediction.elsewhere import outside_of, question_of, transfer
from spatialjustice.prediction.fitting.nested import MODEL
from spatialjustice.prediction.fitting.predictors import log_odds, probability
from spatialjustice.prediction.judging.scores import cross_validation
from spatialjustice.prediction.risk_model import RiskModel, one_thread, risk_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.prediction.fitting.question import Question

MEASURED, PREDICTED, NOBODY, UNKNOWN = "measured", "predicted", "nobody lives here", "no variable is known"
"""What is known of a zone."""
SAME_PLACE = 1.0
"""Metres within which a zone of the same id is the one that was learned from."""


def exclusion_risk(
    zones: gpd.GeoDataFrame,
    *,
    model: RiskModel | None = None,
    outcome: str | pd.Series[Any] | None = None,
    variables: Sequence[str] = (),
    people: str | pd.Series[Any] | None = None,
    level: float = 0.9,
    replications: int = 500,
    **settings: Any,
) -> pd.DataFrame:
    r"""Tell where people are likely offline, far or both, also where nobody has measured it, and how sure that is.

    A zone that was learned from gets the risk that a model without its whole block gives it; any other zone that of the
    model learned from all. Zones are put in order only where the model beats every simple rule at held-out blocks (in
    another city: there) with the whole 95 % range of its gain; otherwise the order would be worth no more than the
    rule, ``rank`` is missing, and a finding says why.

    Of a share, ``low`` and ``high`` hold the measured share of new zones in new blocks with the chance ``level``,
    however errors are spread, as far as blocks are alike: CV+ with errors in units of :math:`\sqrt{p (1 - p)}` and
    every block counting the same. Of zones that are excluded or not, they are the range of the probability itself (a
    jackknife over the folds of blocks), and ``possible`` says which classes cannot be ruled out at that level.

    Parameters
    ----------
    zones
        Areas with a column for each variable: those of the model, or of another city.
    model
        From :func:`risk_model`; None learns one from these zones.
    outcome, variables
        As in :func:`risk_model`, where no model is given.
    people
        As in :func:`risk_model`; with a model, its own column where None.
    level
        Chance that a range holds what is measured.
    replications
        How many draws the ranges of ranks are of.
    **settings
        Other settings of :func:`risk_model`, such as ``line``, ``blocks`` and ``rng``.

    Returns
    -------
    DataFrame
        On the index of the zones: ``risk``, ``low``, ``high``; ``rank``, 1 for the highest risk, with ``rank_low`` and
        ``rank_high``, the range of the rank that zones would have if all were measured (of classes: of the rank by
        risk); ``possible``, with a line only; ``measured``, what is known of the outcome; ``outside``, how many
        variables lie outside what was learned from; ``status``: ``measured``, ``predicted``, ``nobody lives here`` or
        ``no variable is known``. ``attrs``: ``ranked``, ``reason``, ``coverage`` (share of held-out zones whose range,
        or set, held what was measured), and how it was done.

    Raises
    ------
    InputError
        As :func:`risk_model`; when both a model and an outcome are given, or neither.

    References
    ----------
    Barber, R. F., Candès, E. J., Ramdas, A., & Tibshirani, R. J. (2021). Predictive inference with the jackknife+.
    Annals of Statistics, 49(1), 486-507. Dunn, R., Wasserman, L., & Ramdas, A. (2023). Distribution-free prediction
    sets for two-layer hierarchical models. Journal of the American Statistical Association, 118(544), 2491-2502.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = [shapely.box(x, y, x + 1000, y + 1000) for x in range(0, 12000, 1000) for y in range(0, 6000, 1000)]
    >>> zones = gpd.GeoDataFrame({"income": range(72)}, geometry=places, crs=32631)
    >>> zones["offline"] = 0.5 - zones["income"] / 200
    >>> zones.loc[5, "offline"] = None
    >>> found = exclusion_risk(zones, outcome="offline", variables=["income"], blocks=2000, method="logistic", rng=1)
    >>> found.loc[5, "status"], bool(found.loc[5, "low"] < 0.475 < found.loc[5, "high"]), found.attrs["ranked"]
    ('predicted', True, True)
    """
    checked_share(level, "level")
    times = checked_whole_number(replications, "replications", least=100)
    made = _model(zones, model, outcome, variables, people, settings)
    question = question_of(made, zones, people) if model is not None else made.question
    own = _own(made, question)
    with one_thread():
        table, said = _risks(made, question, own, level)
        ranked, reason, remarks = _verdict(made, zones, people, question, own)
        there = np.flatnonzero(table["risk"].notna())
        if ranked and len(there):
            drawn = _draws(made, table["risk"].to_numpy()[there], said[:, there], times)
            _put_in_order(table, drawn, there, level)
    table = table.reindex(zones.index)
    facts: dict[Any, Any] = dict(made.facts)
    table.attrs = {
        "measure": "exclusion_risk", "unit": "share", "direction": "lower is better", "level": level,
        "replications": times, "ranked": ranked, "reason": reason, "coverage": coverage_of(made, level),
        "outcome": made.question.what, "line": made.question.line, "variables": made.question.names, **facts,
        "n": int(table["risk"].notna().sum()), "left_out": int((table["status"] == UNKNOWN).sum()),
        "sources": [one.as_dict() for one in dict.fromkeys([*made.sources, *sources_of(zones)])],
        "findings": [one.as_dict() for one in made.findings],
    }  # fmt: skip
    return add_findings(table, *remarks, *_about_zones(table, question))


def _model(
    zones: gpd.GeoDataFrame,
    model: RiskModel | None,
    outcome: str | pd.Series[Any] | None,
    variables: Sequence[str],
    people: str | pd.Series[Any] | None,
    settings: dict[str, Any],
) -> RiskModel:
    if model is None:
        if outcome is None or not len(variables):
            raise InputError("outcome", "neither a model nor an outcome with variables is given", "Give one of them.")
        return risk_model(zones, outcome=outcome, variables=variables, people=people, **settings)
    if not isinstance(model, RiskModel):
        raise InputError("model", f"it is {a_kind(model)}", "Make it with risk_model.")
    if outcome is not None or len(variables) or settings:
        raise InputError("model", "settings of another model are given, too", "Give the one or the other.")
    return model


def _own(model: RiskModel, question: Question) -> NDArray[np.int64]:
    """Return the place of each zone among those learned from; -1 where it is none of them."""
    place = model.taught.ids.get_indexer(question.ids)
    apart = np.hypot(*(model.taught.xy[place] - question.xy).T)
    return np.where((place >= 0) & (apart <= SAME_PLACE), place, -1)


def _risks(model: RiskModel, question: Question, own: NDArray[np.int64], level: float) -> tuple[pd.DataFrame, Floats]:
    """Return the risk of each zone with its range, and what the models of the folds say of the zones not seen.

    Of a zone that was learned from, all say what the model without its block does.
    """
    count = len(question.ids)
    held, new = np.flatnonzero(own >= 0), np.flatnonzero((own < 0) & question.usable)
    risk, low, high = np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan)
    risk[held] = model.spatial.risk[MODEL][own[held]]
    asked = question.only(new)
    risk[new] = model.fitted.risk(asked) if len(new) else []
    said = [one.risk(asked) for one in model.spatial.models] if len(new) else []
    table = pd.DataFrame(index=question.ids)
    if question.classes:
        low[held], high[held] = _jackknife(risk[held], _inner(model, own[held]), level)
        possible = np.full(count, None, dtype=object)
        possible[held] = measured_sets(model, level)[own[held]]
        if len(new):
            low[new], high[new] = _jackknife(risk[new], np.vstack(said), level)
            possible[new] = new_sets(model, said, level)
    else:
        low[held], high[held] = (end[own[held]] for end in measured_ranges(model, level))
        if len(new):
            low[new], high[new] = new_ranges(model, said, level)
    ends = {"risk": risk, "low": np.minimum(low, risk), "high": np.maximum(high, risk)}
    for name, column in ends.items():
        table[name] = column
    for name in ("rank", "rank_low", "rank_high"):
        table[name] = np.nan
    if question.classes:
        table["possible"] = possible
    table["measured"] = question.outcome
    table["outside"] = outside_of(model, question).sum(axis=1)
    there = np.where(question.usable, np.where(np.isnan(question.outcome), PREDICTED, MEASURED), UNKNOWN)
    table["status"] = np.where(question.people > 0, there, NOBODY)
    every = np.tile(risk, (len(model.spatial.models), 1))
    if len(new):
        every[:, new] = np.vstack(said)
    return table, every


def _inner(model: RiskModel, rows: NDArray[np.int64]) -> Floats:
    """Return what models without a zone's fold and another one say of it; a row for each of the other folds."""
    count = len(model.spatial.models)
    found = np.full((count - 1, len(model.taught.ids)), np.nan)
    for fold, inner in enumerate(model.spatial.inner):
        there = model.spatial.fold == fold
        for row, risk in enumerate(inner.values()):
            found[row, there] = risk[there]
    return found[:, rows]


def _jackknife(risk: Floats, said: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the range of a probability by the models that each lack a fold (Tukey's jackknife, on the log odds)."""
    count = len(said)
    odds = log_odds(said)
    error = np.sqrt((count - 1) / count * ((odds - odds.mean(axis=0)) ** 2).sum(axis=0))
    reach = float(student.ppf((1 + level) / 2, count - 1)) * error
    return probability(log_odds(risk) - reach), probability(log_odds(risk) + reach)


def _verdict(
    model: RiskModel,
    zones: gpd.GeoDataFrame,
    people: str | pd.Series[Any] | None,
    question: Question,
    own: NDArray[np.int64],
) -> tuple[bool, str, list[Finding]]:
    """Say whether zones may be put in order, by which rule not, and what the reader must know of it."""
    table, remarks = cross_validation(model), []
    where = "here"
    if not (own >= 0).any():
        if table.attrs["beaten"] and question.measured.any():
            table, where = transfer(model, zones, people=people), "elsewhere"
        elif table.attrs["beaten"]:
            message = f"{question.what} is measured nowhere here: the model of another place cannot be checked."
            advice = "Measure some zones, by chance, and compare."
            remarks.append(Finding("risk_not_checked_here", "warning", message, len(own), None, advice,
                                   {"outcome": question.what, "count": len(own)}))  # fmt: skip
    if table.attrs["beaten"]:
        return True, "", remarks
    return False, str(table.attrs["reason"]), [_not_ranked(table, where, model)]


def _not_ranked(table: pd.DataFrame, where: str, model: RiskModel) -> Finding:
    """Say which simple rule the model does not surely beat, and by how much its loss is lower, or higher."""
    lost = str(table.attrs["reason"]).split(", ")
    rule = table[(table["predictor"] == lost[0]) & table["gain"].notna()].iloc[0]
    part, low, high = (float(rule[name] / rule["log_loss"]) for name in ("gain", "gain_low", "gain_high"))
    worse = part < 0
    part, low, high = (-part, -high, -low) if worse else (part, low, high)
    said = {language: _joined(lost, str(model.facts["rank_by"]), language) for language in catalogue.LANGUAGES}
    place = {"word": f"prediction.where.{where}"}
    higher = "higher" if worse else "lower"
    message = (
        f"Zones are not ranked by risk: {catalogue.words('en')[place['word']]} the model is not surely better than "
        f"{said['en']}. Its log loss is {higher} by {part:.1%} of that, {low:.1%} to {high:.1%}."
    )
    values: dict[str, Any] = {"where": place, "rules": said, "part_share": part, "low_share": low, "high_share": high}
    if worse:
        values["variant"] = "worse"
    advice = "Use the simple rule, measure more zones, or look for variables that say more."
    return Finding("risk_not_ranked", "warning", message, len(model.question.ids), None, advice, values)


def _joined(rules: Sequence[str], variable: str, lang: str) -> str:
    words = catalogue.words(lang)
    named = (words[f"prediction.rule.{rule.replace(' ', '_')}"].format(variable=variable) for rule in rules)
    return words["prediction.and"].join(named)


def _put_in_order(table: pd.DataFrame, drawn: Floats, there: NDArray[np.int64], level: float) -> None:
    """Give every zone with a risk its place, 1 for the highest, and the range of places over draws."""
    place = rankdata(-table["risk"].to_numpy()[there], method="min")
    places = rankdata(-drawn, method="average", axis=1)
    low, high = np.quantile(places, [(1 - level) / 2, (1 + level) / 2], axis=0)
    for name, found in (
        ("rank", place),
        ("rank_low", np.minimum(np.floor(low), place)),
        ("rank_high", np.maximum(np.ceil(high), place)),
    ):
        column = np.full(len(table), np.nan)
        column[there] = found
        table[name] = column


def _draws(model: RiskModel, risk: Floats, said: Floats, times: int) -> Floats:
    """Return what might be measured (of shares), or what the risk might be (of classes), at each zone in each draw.

    Shares: one of the folds' models, and for every zone an error of a held-out zone, all blocks equally often. Classes:
    the jackknife of the folds' models, the same draw for all zones, so that what they have in common is no doubt about
    their order.
    """
    count = len(said)
    generator = np.random.default_rng([int(model.facts["seed"]), 2])
    if model.question.classes:
        odds = log_odds(said)
        shift = generator.standard_normal((times, count)) * np.sqrt((count - 1) / count)
        moved: Floats = log_odds(risk) + shift @ (odds - odds.mean(axis=0))
        return moved
    data, held_out = model.taught, model.spatial.risk[MODEL]
    errors = (data.outcome - held_out) / spread(held_out)
    chance = np.cumsum(weights_by_block(model.blocks.to_numpy()))
    drawn = said[generator.integers(count, size=times)]
    chosen = np.searchsorted(chance, generator.random(drawn.shape) * chance[-1])
    found: Floats = drawn + errors[chosen] * spread(drawn)
    return found


def coverage_of(model: RiskModel, level: float) -> float:
    """Return the share of held-out zones whose range held what was measured, or whose set held their class."""
    data = model.taught
    if data.classes:
        found = measured_sets(model, level)
        right = (found == "either") | (found == np.where(data.outcome == 1, "excluded", "not excluded"))
        return float(np.mean(right))
    low, high = measured_ranges(model, level)
    return float(np.mean((data.outcome >= low - 1e-9) & (data.outcome <= high + 1e-9)))


def _about_zones(table: pd.DataFrame, question: Question) -> list[Finding]:
    """Say of how many zones nothing can be said, and how many lie outside what was learned from."""
    people = pd.Series(question.people, index=question.ids).reindex(table.index)
    found = []
    lost = table["status"] == UNKNOWN
    if lost.any():
        count, there = int(lost.sum()), float(people[lost].sum())
        message = f"{count:,} zones with {there:,.0f} people have no risk: no variable is known."
        advice = "They are not at no risk; show them as a class of their own."
        values = {"count": count, "people": round(there)}
        found.append(Finding("risk_unknown", "warning", message, count, there, advice, values))
    out = (table["outside"] > 0) & table["risk"].notna()
    if out.any():
        count, there = int(out.sum()), float(people[out].sum())
        message = f"{count:,} zones with {there:,.0f} people have values beyond all that the model has learned from; "
        message += "there it says what it says at the edge."
        advice = "Look at covariate_shift; measure some of them."
        values = {"count": count, "people": round(there)}
        found.append(Finding("risk_beyond_what_was_learned", "warning", message, count, there, advice, values))
    return found
