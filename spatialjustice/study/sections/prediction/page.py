"""The map of the risk, where there is one, and the model card as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import catalogue, maps, report
from spatialjustice.prediction.judging.scores import GAP
from spatialjustice.report.sheet.blocks import Dots, Part, Passage, Points, SheetColumn, SheetTable
from spatialjustice.study.engine.section import FurtherPage
from spatialjustice.study.engine.texts import sentence, word_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spatialjustice.prediction.card import CardPart
    from spatialjustice.report.sheet.blocks import Block
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.prediction.compute import Predicted
    from spatialjustice.study.sections.prediction.settings import PredictionKeys

PAGE = "model_card.html"
UNKNOWN = "prediction.page.elsewhere.unknown"
SHOWN = 15
STATUS = {"measured": "ok", "predicted": "ok", "nobody lives here": "no_population", "no variable is known": "no_data"}


def indicators(results: Results[PredictionKeys], _mode: Travel) -> list[maps.Indicator]:
    """Return the map of the risk; none where zones may not be put in order, which a map would do."""
    found: Predicted = results["prediction"]
    asked = results.study.prediction
    if not found.ranked or asked is None:
        return []
    key = "prediction.map.risk" if asked.line is None else "prediction.map.class"
    return [
        maps.Indicator(
            key="prediction_risk",
            title=sentence(key, outcome=found.outcome.__getitem__),
            unit="share",
            kind="share",
            values=found.risk["risk"],
            status=found.risk["status"].map(STATUS),
            group=sentence("prediction.map.group"),
            direction="lower is better",
            note=sentence("prediction.map.note"),
        )
    ]


def pages(results: Results[PredictionKeys], around: Mapping[str, Any]) -> Iterator[FurtherPage]:
    """Yield the model card."""
    found: Predicted = results["prediction"]
    parts = {part.key: part for part in found.card}
    verdict = parts["verdict"].texts[0] if found.moved is None or found.ranked else _refused_here(found)
    made = report.sheet_page(
        list(_blocks(results, found, parts)),
        title=sentence("prediction.page.title"),
        subtitle=sentence("prediction.page.subtitle", outcome=found.outcome.__getitem__),
        lead=[parts["asked"].texts[0], verdict],
        lang=around["lang"],
        languages=around["languages"],
        method=parts["judged"].texts[:2],
        findings=found.findings,
        sources=around["sources"],
        provenance=around["provenance"],
        back="index.html",
    )
    yield FurtherPage(
        name=PAGE,
        title=sentence("prediction.page.title"),
        line=sentence("prediction.page.line"),
        made=made,
        finding=verdict,
    )


def _refused_here(found: Predicted) -> Texts:
    """Return why a model of another place does not rank the zones here."""
    from spatialjustice.catalogue.told import told

    one = next(finding for finding in found.findings if finding.code == "risk_not_ranked")
    return {lang: told(one, lang) for lang in catalogue.LANGUAGES}


def _blocks(results: Results[PredictionKeys], found: Predicted, parts: Mapping[str, CardPart]) -> Iterator[Block]:
    """Yield what the page shows: where to look, how far to trust it, for whom not, and what it is not for."""
    if found.ranked:
        yield _highest(results, found)
    else:
        yield Passage(sentence("prediction.page.not_ranked"), kind="caveat")
    if found.shift is not None:
        yield _elsewhere(results, found)
    judged = parts["judged"]
    yield Part(judged.title, [_losses(found), Passage(judged.texts), _table(judged)])
    calibration = parts["calibration"]
    yield Part(calibration.title, [_curve(found), Passage(calibration.texts), _table(calibration)])
    if "groups" in parts:
        groups = parts["groups"]
        yield Part(groups.title, [_by_group(groups), Passage(groups.texts), _table(groups)])
    variables = parts["variables"]
    yield Part(variables.title, [_importance(variables), Passage(variables.texts), _table(variables)])
    yield Passage(parts["limits"].texts, title=parts["limits"].title, listed=True)
    yield Passage(parts["not_for"].texts, title=parts["not_for"].title, kind="caveat", listed=True)


def _table(part: CardPart) -> SheetTable:
    """Return the table of a part of the card."""
    assert part.frame is not None  # noqa: S101 - only such parts are asked for
    columns = [
        SheetColumn(one.name, one.title, one.kind, digits=one.digits, low=one.low, high=one.high)
        for one in part.columns
    ]
    return SheetTable(part.frame, columns)


def _highest(results: Results[PredictionKeys], found: Predicted) -> SheetTable:
    """Return the zones with the highest risk, and how sure their places in the row are."""
    rows = found.risk.sort_values("rank", kind="stable").head(SHOWN).copy()
    zones = results.named_zones
    names = zones["name"].reindex(rows.index) if "name" in zones else pd.Series(rows.index, index=rows.index)
    rows["zone"] = names.where(names.notna(), pd.Series(rows.index, index=rows.index)).astype(str)
    rows["known"] = pd.Series([sentence(f"prediction.status.{one}") for one in rows["status"]], index=rows.index)
    rows["counted"] = found.counted.reindex(rows.index)
    columns = [
        SheetColumn("zone", sentence("prediction.column.zone")),
        SheetColumn("risk", sentence("prediction.column.risk"), "share", 0, low="low", high="high"),
        SheetColumn("rank", sentence("prediction.column.rank"), "number", 0, low="rank_low", high="rank_high"),
        SheetColumn("measured", sentence("prediction.column.measured"), "share", 0),
        SheetColumn("counted", sentence(f"prediction.unit.{found.unit}"), "people", 0),
        SheetColumn("known", sentence("prediction.column.status")),
    ]
    return SheetTable(
        rows,
        columns,
        title=sentence("prediction.page.ranked"),
        note=sentence("prediction.page.ranked.note"),
        shown=SHOWN,
    )


def _elsewhere(results: Results[PredictionKeys], found: Predicted) -> Part:
    """Return how the model does here, which it has not learned from."""
    asked = results.study.prediction
    assert found.shift is not None  # noqa: S101 - nobody else calls
    assert asked is not None  # noqa: S101
    assert asked.trained_on is not None  # noqa: S101
    other = asked.trained_on
    shift = found.shift.copy()
    share = float(shift["share_outside"].iloc[-1])
    any_of_them = sentence("prediction.column.any_variable")
    shift["called"] = pd.Series([found.called.get(name, any_of_them) for name in shift["variable"]], index=shift.index)
    told = [
        sentence(
            "prediction.page.elsewhere.told",
            file=lambda _: other.file.rpartition("/")[2],
            share=lambda lang: catalogue.number(share, lang, digits=1, percent=True),
            unit=word_in(f"prediction.unit.{found.unit}"),
        )
    ]
    blocks: list[Block] = [Passage(told if found.moved is not None else [*told, sentence(UNKNOWN)])]
    if found.moved is not None:
        blocks.append(_scores_here(found.moved))
    columns = [
        SheetColumn("called", sentence("prediction.card.column.variable")),
        SheetColumn("share_outside", sentence("prediction.column.outside"), "share", 1),
        SheetColumn("difference", sentence("prediction.column.difference"), "number", 2),
    ]
    blocks.append(SheetTable(shift, columns))
    return Part(sentence("prediction.page.elsewhere"), blocks)


def _scores_here(table: pd.DataFrame) -> SheetTable:
    """Return the scores of the model and the rules of another place at the zones of this one."""
    moved = table.copy()
    called = [sentence(f"prediction.rule.{one.replace(' ', '_')}") for one in moved["predictor"]]
    moved["rule"] = pd.Series(called, index=moved.index)
    columns = [SheetColumn("rule", sentence("prediction.card.column.predictor"))]
    for name, digits in (("log_loss", 3), ("gain", 4), ("error", 3)):
        title = sentence(f"prediction.card.column.{name}")
        columns.append(SheetColumn(name, title, "number", digits=digits, low=f"{name}_low", high=f"{name}_high"))
    return SheetTable(moved, columns)


def _losses(found: Predicted) -> Dots:
    """Return the log loss of model and rules, at whole blocks and at single zones."""
    rows = [
        {
            "label": sentence(
                "prediction.page.loss.row",
                predictor=word_in(f"prediction.rule.{row['predictor'].replace(' ', '_')}"),
                held=word_in(f"prediction.held.{row['held_out'].replace(' ', '_')}"),
            ),
            "value": row["log_loss"],
            "low": row["log_loss_low"],
            "high": row["log_loss_high"],
            "mark": row["predictor"] == "model",
        }
        for row in found.scores[found.scores["held_out"] != GAP].to_dict(orient="records")
    ]
    return Dots(rows, title=sentence("prediction.page.loss"), digits=3, from_zero=False)


def _curve(found: Predicted) -> Points:
    rows = [
        {"x": row["predicted"], "y": row["measured"], "low": row["measured_low"], "high": row["measured_high"],
         "people": row["people"], "label": _both(row["predicted"], row["measured"])}
        for row in found.calibration.to_dict(orient="records")
    ]  # fmt: skip
    return Points(
        rows,
        title=sentence("prediction.page.curve"),
        x_title=sentence("prediction.card.column.predicted"),
        y_title=sentence("prediction.card.column.measured"),
        percent=True,
        identity=True,
        note=sentence("prediction.page.curve.note"),
    )


def _both(predicted: float, measured: float) -> Texts:
    return {
        lang: " / ".join(catalogue.number(one, lang, digits=1, percent=True) for one in (predicted, measured))
        for lang in catalogue.LANGUAGES
    }


def _by_group(part: CardPart) -> Dots:
    assert part.frame is not None  # noqa: S101 - it has one
    rows = [
        {"label": row["group"], "value": row["error"], "low": row["error_low"], "high": row["error_high"],
         "mark": bool(row["overlooked"])}
        for row in part.frame.to_dict(orient="records")
        if np.isfinite(row["error"])
    ]  # fmt: skip
    return Dots(
        rows,
        title=sentence("prediction.page.error"),
        percent=True,
        reference=0.0,
        reference_title=sentence("prediction.page.error.none"),
        from_zero=False,
    )


def _importance(part: CardPart) -> Dots:
    assert part.frame is not None  # noqa: S101 - it has one
    rows = [
        {"label": row["variable"], "value": row["importance"], "low": row["importance_low"],
         "high": row["importance_high"]}
        for row in part.frame.to_dict(orient="records")
    ]  # fmt: skip
    return Dots(rows, title=sentence("prediction.page.importance"), digits=3)
