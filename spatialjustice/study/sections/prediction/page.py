"""The map of the risk, where there is one, and the model card as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import catalogue, maps, report
from spatialjustice.catalogue.amounts import difference
from spatialjustice.prediction.card import rule_called
from spatialjustice.prediction.fitting.nested import MODEL
from spatialjustice.prediction.judging.scores import ELSEWHERE, GAP, SPATIAL
from spatialjustice.report.sheet.blocks import Dots, Part, Passage, Points, SheetColumn, SheetTable
from spatialjustice.study.engine.section import FurtherPage
from spatialjustice.study.engine.texts import number_in, sentence, whole_percent_in, word_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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
WORTH_TELLING = 0.01
"""Share of all that must be counted where nobody has measured, so that the overview tells it."""
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


def weights(results: Results[PredictionKeys], _mode: Travel) -> dict[str, tuple[Texts, pd.Series[Any]]]:
    """Return of what the risks are shares, where these are not people."""
    found: Predicted = results["prediction"]
    if found.unit == "people" or not found.ranked:
        return {}
    return {"prediction_risk": (sentence(f"study.digital.counted.{found.unit}"), found.counted)}


def pages(results: Results[PredictionKeys], around: Mapping[str, Any]) -> Iterator[FurtherPage]:
    """Yield the model card."""
    found: Predicted = results["prediction"]
    parts = {part.key: part for part in found.card}
    lead = _lead(results, found)
    made = report.sheet_page(
        list(_blocks(results, found, parts)),
        title=sentence("prediction.page.title"),
        subtitle=sentence("prediction.page.subtitle", outcome=found.outcome.__getitem__),
        lead=[lead, *_ranks(found), sentence("prediction.page.lead.not_for")],
        lang=around["lang"],
        languages=around["languages"],
        method=[*parts["asked"].texts, *parts["judged"].texts[:2]],
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
        finding=lead,
    )


def _lead(results: Results[PredictionKeys], found: Predicted) -> Texts:
    """Return what a planner is to remember: how far the guess is off, beside what is simpler; or that it is no use."""
    if not found.ranked:
        lost = str(found.risk.attrs["reason"]).split(", ")
        rules = [_rule(results, found, one) for one in lost]
        return sentence(
            "prediction.page.lead.refused",
            outcome=found.outcome.__getitem__,
            lost=lambda lang: catalogue.words(lang)["prediction.and"].join(one[lang] for one in rules),
        )
    table = found.scores if found.moved is None else found.moved
    judged = table[table["held_out"].isin([SPATIAL, ELSEWHERE])]
    simple = judged[judged["predictor"] != MODEL]
    best = str(simple.sort_values("log_loss", kind="stable")["predictor"].iloc[0])
    scores = judged.set_index("predictor")
    named = {"outcome": found.outcome.__getitem__, "rule": _rule(results, found, best).__getitem__}
    asked = results.study.prediction
    if asked is not None and asked.line is not None:
        right = {"own": 100 * scores["auc"][MODEL], "least": 100 * scores["auc"][best], "half": 50.0}
        return sentence(
            "prediction.page.lead.classes", **named, **{name: number_in(one, digits=0) for name, one in right.items()}
        )
    off = {"own": MODEL, "all": "mean", "least": best}
    return sentence(
        f"prediction.page.lead.ranked{'.mean' if best == 'mean' else ''}",
        **named,
        **{name: _points_in(float(scores["absolute_error"][one])) for name, one in off.items()},
    )


def _points_in(value: float) -> Callable[[str], str]:
    return lambda lang: difference(value, "share", lang)


def _ranks(found: Predicted) -> list[Texts]:
    """Return how rough places in the order are."""
    if not found.ranked:
        return []
    ranks = found.risk[found.risk["rank"].notna()]
    wide = float((ranks["rank_high"] - ranks["rank_low"] + 1).median())
    return [sentence("prediction.page.lead.ranks", count=number_in(len(ranks)), wide=number_in(wide, digits=0))]


def answers(results: Results[PredictionKeys], _mode: Travel) -> list[Texts]:
    """Return what the overview tells: the highest guess where nobody has measured.

    Nothing where there is no order, and where almost everybody was measured: then the guess is the lesser news.
    """
    found: Predicted = results["prediction"]
    new = found.risk[(found.risk["status"] == "predicted") & found.risk["rank"].notna()]
    if not found.ranked or found.counted.reindex(new.index).sum() < WORTH_TELLING * found.counted.sum():
        return []
    shown = new.sort_values("rank", kind="stable").iloc[0]
    share = {name: float(shown[name]) for name in ("risk", "low", "high")}
    asked = results.study.prediction
    key = "prediction.map.risk" if asked is None or asked.line is None else "prediction.map.class"
    return [
        sentence(
            "prediction.answer",
            what=sentence(key, outcome=found.outcome.__getitem__).__getitem__,
            zones=number_in(len(new)),
            count=number_in(float(found.counted.reindex(new.index).sum()), digits=0),
            unit=_unit(found),
            zone=_called(results.named_zones, shown.name).__getitem__,
            **{name: whole_percent_in(one) for name, one in share.items()},
        )
    ]


def _rule(results: Results[PredictionKeys], found: Predicted, rule: str) -> Texts:
    """Return what a rule, or the model, is called."""
    asked = results.study.prediction
    column = (asked.simple if asked else None) or results.study.rank_by or ""
    return rule_called(rule, found.called.get(column, column))


def _blocks(results: Results[PredictionKeys], found: Predicted, parts: Mapping[str, CardPart]) -> Iterator[Block]:
    """Yield what the page shows: where to look, how far to trust it, for whom not, and what it is not for."""
    if found.ranked:
        yield _highest(results, found)
    else:
        yield Passage(sentence("prediction.page.not_ranked"), kind="caveat")
    if found.shift is not None:
        yield _elsewhere(results, found)
    judged = parts["judged"]
    texts = [*parts["verdict"].texts, *judged.texts]
    yield Part(judged.title, [_losses(results, found), Passage(texts), _numbers(judged)])
    calibration = parts["calibration"]
    yield Part(calibration.title, [_curve(found), Passage(calibration.texts), _numbers(calibration)])
    if "groups" in parts:
        groups = parts["groups"]
        yield Part(groups.title, [_by_group(groups), Passage(groups.texts), _numbers(groups)])
    variables = parts["variables"]
    yield Part(variables.title, [_importance(variables), Passage(variables.texts), _numbers(variables)])
    yield Passage(parts["limits"].texts, title=parts["limits"].title, listed=True)
    yield Passage(parts["not_for"].texts, title=parts["not_for"].title, kind="caveat", listed=True)


def _numbers(part: CardPart) -> Part:
    """Return the table of a part of the card, to be unfolded: the picture says the same."""
    assert part.frame is not None  # noqa: S101 - only such parts are asked for
    columns = [
        SheetColumn(one.name, one.title, one.kind, digits=one.digits, low=one.low, high=one.high)
        for one in part.columns
    ]
    return Part(sentence("prediction.page.numbers"), [SheetTable(part.frame, columns)], folded=True)


def _highest(results: Results[PredictionKeys], found: Predicted) -> SheetTable:
    """Return the zones with the highest risk, and how sure their places in the row are."""
    rows = found.risk.sort_values("rank", kind="stable").head(SHOWN).copy()
    zones = results.named_zones
    rows["zone"] = pd.Series([_called(zones, one) for one in rows.index], index=rows.index)
    rows["counted"] = found.counted.reindex(rows.index)
    columns = [
        SheetColumn("zone", sentence("prediction.column.zone")),
        SheetColumn("risk", sentence("prediction.column.risk"), "share", digits=0, low="low", high="high"),
        SheetColumn("rank", sentence("prediction.column.rank"), "number", digits=0, low="rank_low", high="rank_high"),
        SheetColumn(
            "measured",
            sentence("prediction.column.measured"),
            "share",
            digits=0,
            missing=sentence("prediction.column.not_measured"),
        ),
        SheetColumn("counted", sentence("prediction.card.column.people", unit=_unit(found)), "people", digits=0),
    ]
    return SheetTable(
        rows,
        columns,
        title=sentence("prediction.page.ranked"),
        note=sentence("prediction.page.ranked.note"),
        shown=SHOWN,
    )


def _called(zones: pd.DataFrame, zone: Any) -> Texts:
    """Return the name of a zone in every language; its id where it has none."""
    made = {}
    for lang in catalogue.LANGUAGES:
        known = [zones[column][zone] for column in (f"name_{lang}", "name") if column in zones]
        made[lang] = str(next((one for one in known if isinstance(one, str) and one), zone))
    return made


def _unit(found: Predicted) -> Callable[[str], str]:
    return word_in(f"prediction.unit.{found.unit}")


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
            unit=word_in(f"prediction.all.{found.unit}"),
        ),
        *([] if found.moved is not None else [sentence(UNKNOWN)]),
        sentence("prediction.page.elsewhere.judged"),
    ]
    blocks: list[Block] = [Passage(told)]
    if found.moved is not None:
        blocks.append(_scores_here(results, found, found.moved))
    columns = [
        SheetColumn("called", sentence("prediction.card.column.variable")),
        SheetColumn("share_outside", sentence("prediction.column.outside"), "share", 1),
        SheetColumn("difference", sentence("prediction.column.difference"), "number", 2),
    ]
    blocks.append(SheetTable(shift, columns))
    return Part(sentence("prediction.page.elsewhere"), blocks)


def _scores_here(results: Results[PredictionKeys], found: Predicted, table: pd.DataFrame) -> SheetTable:
    """Return the scores of the model and the rules of another place at the zones of this one."""
    moved = table.copy()
    called = [_rule(results, found, one) for one in moved["predictor"]]
    moved["rule"] = pd.Series(called, index=moved.index)
    columns = [SheetColumn("rule", sentence("prediction.card.column.predictor"))]
    off = sentence("prediction.card.column.mean_error")
    columns.append(SheetColumn("absolute_error", off, "share", 1, low="absolute_error_low", high="absolute_error_high"))
    for name, digits in (("log_loss", 3), ("gain", 4), ("error", 3)):
        title = sentence(f"prediction.card.column.{name}")
        columns.append(SheetColumn(name, title, "number", digits=digits, low=f"{name}_low", high=f"{name}_high"))
    return SheetTable(moved, columns)


def _losses(results: Results[PredictionKeys], found: Predicted) -> Dots:
    """Return the log loss of model and rules, at whole blocks and at single zones."""
    rows = [
        {
            "label": sentence(
                "prediction.page.loss.row",
                predictor=_rule(results, found, row["predictor"]).__getitem__,
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
    unknown = sentence("prediction.group.unknown")
    rows = [
        {"label": row["group"], "value": row["error"], "low": row["error_low"], "high": row["error_high"],
         "mark": bool(row["overlooked"])}
        for row in part.frame.to_dict(orient="records")
        # Of whom it is not known what group they are in, mostly few, the table tells.
        if np.isfinite(row["error"]) and row["group"] != unknown
    ]  # fmt: skip
    return Dots(
        rows,
        title=sentence("prediction.page.error"),
        percent=True,
        digits=1,
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
    return Dots(rows, title=sentence("prediction.page.importance"), digits=4)
