"""A risk of each zone with its evidence: what the section ``prediction`` of a study asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import catalogue, prediction, sources
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.prediction.card import CardPart, card_parts
from spatialjustice.study.engine.texts import sentence, word_in
from spatialjustice.study.sections.digital import compute as connections
from spatialjustice.study.sections.groups.page import OTHERS, group_title
from spatialjustice.study.sections.inequality.compared_groups import compared_groups
from spatialjustice.study.sections.inequality.compute import as_shares
from spatialjustice.study.sections.inequality.settings import Inequality
from spatialjustice.study.sections.prediction.settings import FAR, OF_DIGITAL, OFFLINE
from spatialjustice.study.sections.zones.reading import require_columns

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.prediction.settings import Prediction, PredictionKeys

COUNTED = "counted by the study"
"""Column of the zones with what is counted; no file has one of this name."""


@dataclass(frozen=True)
class Predicted:
    """A risk of each zone, and what is known of it: scores, calibration, errors, variables, and the model card.

    ``shift`` and ``moved`` are None where the model was learned here; ``moved`` are scores here.
    """

    outcome: Texts
    counted: pd.Series[Any]
    unit: str
    risk: pd.DataFrame
    scores: pd.DataFrame
    calibration: pd.DataFrame
    errors: pd.DataFrame
    variables: pd.DataFrame
    called: dict[str, Texts]
    card: list[CardPart]
    moved: pd.DataFrame | None
    shift: pd.DataFrame | None
    findings: list[Finding]
    sources: list[SourceRecord]

    @property
    def ranked(self) -> bool:
        """Whether zones may be put in order."""
        return bool(self.risk.attrs["ranked"])


def compute(work: Work[PredictionKeys]) -> Predicted:
    """Learn, judge and predict."""
    asked = work.study.prediction
    assert asked is not None  # noqa: S101 - the section is not asked for otherwise
    counted, unit = _counted(work)
    here = _frame(work, asked, work["zones"], counted)
    taught = here if asked.trained_on is None else _other_place(work, asked)
    settings: dict[str, Any] = {
        "outcome": asked.outcome, "variables": list(asked.variables), "line": asked.line, "people": COUNTED,
        "direction": asked.direction, "rank_by": asked.simple or work.study.rank_by, "blocks": asked.blocks,
        "method": asked.method, "rng": work.seed,
    }  # fmt: skip
    model = prediction.risk_model(taught, **settings)
    risk = prediction.exclusion_risk(here, model=model)
    moved = shift = None
    if asked.trained_on is not None:
        shift = prediction.covariate_shift(model, here)
        if asked.outcome in here and here[asked.outcome].notna().any():
            moved = prediction.transfer(model, here)
    errors = pd.DataFrame() if asked.trained_on is not None else _errors(work, model, unit)
    called = _called(work, asked, unit)
    return Predicted(
        outcome=called[asked.outcome],
        counted=counted,
        unit=unit,
        risk=risk,
        scores=prediction.cross_validation(model),
        calibration=prediction.calibration_curve(model),
        errors=errors,
        variables=prediction.variable_importance(model),
        called=called,
        card=card_parts(model, errors=None if errors.empty else errors.set_index("group"), called=called),
        moved=moved,
        shift=shift,
        findings=[*findings_of(risk)],
        sources=[*sources_of(risk)],
    )


def _counted(work: Work[PredictionKeys]) -> tuple[pd.Series[Any], str]:
    """Return what each zone counts: its households where connections are told of these, else its people."""
    asked = work.study.prediction
    found = work.get("digital")
    if asked is not None and asked.outcome in OF_DIGITAL and found is not None:
        return found.counted, found.unit
    return work["people"], "people"


def _frame(
    work: Work[PredictionKeys], asked: Prediction, zones: gpd.GeoDataFrame, counted: pd.Series[Any]
) -> gpd.GeoDataFrame:
    """Return the zones with the outcome as a share (or an amount), and with what they count."""
    frame = zones.copy()
    if asked.outcome in OF_DIGITAL:
        amounts = work["digital"].amounts
        names = {OFFLINE: connections.OFFLINE, FAR: connections.NEAR}
        values = amounts[names.get(asked.outcome, connections.NEITHER)]
        frame[asked.outcome] = 1.0 - values if asked.outcome == FAR else values
    elif asked.outcome in frame:
        frame[asked.outcome] = _as_told(frame[asked.outcome], asked)
    frame[COUNTED] = counted
    return frame


def _as_told(values: pd.Series[Any], asked: Prediction) -> pd.Series[Any]:
    numbers: pd.Series[Any] = pd.to_numeric(values, errors="coerce")
    return numbers / 100 if asked.holds == "percent" else numbers


def _other_place(work: Work[PredictionKeys], asked: Prediction) -> gpd.GeoDataFrame:
    """Read the zones of the place that the model is learned from."""
    other = asked.trained_on
    assert other is not None  # noqa: S101 - nobody else calls
    frame = sources.zones(work.files[other.file], id=other.id, layer=other.layer)
    study = work.study
    whom = study.digital.households if study.digital is not None and asked.outcome in OF_DIGITAL else None
    column = whom or getattr(getattr(study, "population", None), "column", None)
    own = None if asked.outcome in OF_DIGITAL else asked.outcome
    named = (*asked.variables, asked.simple or study.rank_by, column, own)
    require_columns([name for name in named if name], frame, "trained_on", what="its zones have")
    frame[COUNTED] = sources.population_from_column(frame, column) if column else 1.0
    if asked.outcome != OFFLINE:
        frame[asked.outcome] = _as_told(frame[asked.outcome], asked)
        return frame
    assert study.digital is not None  # noqa: S101 - the settings have looked
    told = study.digital.offline or study.digital.connected
    assert told is not None  # noqa: S101 - the settings have looked
    require_columns([told.column], frame, "trained_on", what="its zones have")
    share = connections.share_of(told, frame, frame[COUNTED], "lower is better")
    frame[asked.outcome] = share if study.digital.offline is not None else 1.0 - share
    return frame


def _errors(work: Work[PredictionKeys], model: prediction.RiskModel, unit: str) -> pd.DataFrame:
    """Return the errors of every group that the study compares, everybody once."""
    study = work.study
    settings = study.inequality or Inequality.model_validate({})
    groups = work["groups"]
    counts = connections.households_of(work["digital"], groups.counts) if unit == "households" else groups.counts
    asked = study if unit == "people" else as_shares(study)
    tables: list[pd.DataFrame] = []
    for by, made, _ in compared_groups(asked, settings, counts, groups.rank):
        table = prediction.error_by_group(model, made).reset_index()
        table.insert(0, "by", by)
        tables.append(table[(table["group"] != "all people") | (len(tables) == 0)])
    if not tables:
        return pd.DataFrame()
    table = pd.concat(tables, ignore_index=True)
    last = table["group"] == "all people"
    return pd.concat([table[last], table[~last & (table["group"] != OTHERS)]], ignore_index=True)


def _called(work: Work[PredictionKeys], asked: Prediction, unit: str) -> dict[str, Texts]:
    """Return what readers know the outcome, the variables, what is counted and the groups by."""
    study = work.study
    known: dict[str, Any] = {asked.outcome: asked.title, **asked.variables}
    known.setdefault(asked.simple or study.rank_by or "", None)
    if asked.outcome in OF_DIGITAL and asked.title is None:
        exclusion = study.digital.exclusion if study.digital else None
        titles = work["services"].titles
        known[asked.outcome] = sentence(
            f"prediction.outcome.{asked.outcome}",
            unit=word_in(f"prediction.of.{unit}"),
            service=lambda lang: catalogue.text_in(titles[exclusion.service], lang) if exclusion else "",
        )
    texts = {
        name: {lang: catalogue.text_in(name if title is None else title, lang) for lang in catalogue.LANGUAGES}
        for name, title in known.items()
    }
    texts[COUNTED] = sentence(f"prediction.unit.{unit}")
    count = (study.inequality or Inequality.model_validate({})).income_groups
    names = [*study.groups, *(f"{part} of {count}" for part in range(1, count + 1))]
    return texts | {name: group_title(study, name) for name in names}
