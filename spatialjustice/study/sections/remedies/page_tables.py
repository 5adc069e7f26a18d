"""Tables on the page of a remedy: what each goal would do, and the same sites in other settings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue
from spatialjustice.remedies.plans.comparison import BEFORE, EVERYBODY
from spatialjustice.report.curves_and_bars import in_every_language
from spatialjustice.study.engine.setting_types import Cutoff
from spatialjustice.study.engine.texts import cutoff_text, number_in, sentence
from spatialjustice.study.sections.remedies.amounts import goal_in, share_in, value_in
from spatialjustice.study.sections.remedies.settings import goal_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.sections.remedies.result import RemedyResult


def of(one: RemedyResult) -> Iterator[dict[str, Any]]:
    """Yield the tables, each with its title, its columns and its rows of texts."""
    if one.opens:
        yield _goals(one)
    if one.stability is not None:
        yield _settings(one)


def _table(title: Texts, columns: list[Texts], rows: list[tuple[list[Texts], bool]]) -> dict[str, Any]:
    return {
        "title": in_every_language(title),
        "columns": [in_every_language(text) for text in columns],
        "rows": [{"cells": [in_every_language(text) for text in cells], "shown": shown} for cells, shown in rows],
    }


def _said(said: Any) -> Texts:
    return {language: said(language) for language in catalogue.LANGUAGES}


def _number(value: float, digits: int = 0) -> Texts:
    return dict.fromkeys(catalogue.LANGUAGES, "–") if math.isnan(value) else _said(number_in(value, digits=digits))


def _goals(one: RemedyResult) -> dict[str, Any]:
    """Return a row for each goal: what its plan does to everybody."""
    unit = f"unit.{one.settings.unit}.short"
    digits = 0 if one.settings.unit == "metres" else 1
    columns = [sentence(f"remedy.table.{name}") for name in ("goal", "mean", "tenth", "farthest")]
    near = one.limit is not None
    if one.limit is not None:
        columns.append(cutoff_text(Cutoff(value=one.limit, unit="m" if one.settings.unit == "metres" else "min")))
    columns.append(sentence("remedy.table.gini"))
    rows = []
    for key, row in one.compared.xs(EVERYBODY, level="group").iterrows():
        name = sentence("remedy.bars.now") if key == BEFORE else _said(goal_in(one.plans[str(key)].goal))
        cells = [name, *(_number(row[each], digits) for each in ("mean", "worst_tenth", "farthest"))]
        if near:
            cells.append(_said(share_in(row["within"], 0)))
        rows.append(([*cells, _number(row["gini"], 2)], key == one.shown.goal.key))
    title = sentence("remedy.table.goals", unit=lambda language: catalogue.words(language)[unit])
    return _table(title, columns, rows)


def _settings(one: RemedyResult) -> dict[str, Any]:
    """Return a row for each other setting, and one for all populations that were drawn."""
    assert one.stability is not None  # noqa: S101 - asked before
    count = len(one.shown.names)
    columns = [sentence(f"remedy.table.{name}") for name in ("setting", "kept", "regret")]
    rows, drawn = [], []
    for setting in one.stability.attrs["settings"]:
        kind, _, name = setting["name"].partition(": ")
        if kind not in {"goal", "people"}:
            drawn.append(setting)
            continue
        kept = sentence("remedy.table.kept.of", kept=number_in(setting["kept"]), count=number_in(count))
        if kind == "goal":
            # What is lost is in the unit of that goal: people within a limit, or a way.
            goal = goal_named(name)
            called, digits = sentence("remedy.setting.goal", goal=goal_in(goal)), 0
            lost = sentence("remedy.people", amount=number_in(setting["regret"], digits=0)) if goal.cutoff else None
            rows.append(([called, kept, lost or _way(one, setting["regret"], digits)], False))
        else:
            called = sentence("remedy.setting.people", name=dict.fromkeys(catalogue.LANGUAGES, name).__getitem__)
            rows.append(([called, kept, _said(value_in(one, setting["regret"]))], False))
    if drawn:
        noise = share_in(one.settings.stability.noise, 0)
        kept_of = [setting["kept"] for setting in drawn]
        lost_of = [setting["regret"] for setting in drawn]
        pair = [
            sentence(
                "remedy.table.pair",
                first=number_in(sum(kept_of) / len(drawn), digits=1),
                second=number_in(min(kept_of)),
            ),
            sentence(
                "remedy.table.pair",
                first=value_in(one, sum(lost_of) / len(drawn)),
                second=value_in(one, max(lost_of)),
            ),
        ]
        rows.append(([sentence("remedy.setting.draws", draws=number_in(len(drawn)), noise=noise), *pair], False))
    return _table(sentence("remedy.table.settings"), columns, rows)


def _way(one: RemedyResult, amount: float, digits: int) -> Texts:
    unit = f"unit.{one.settings.unit}.short"
    return {
        language: f"{catalogue.number(amount, language, digits=digits)} {catalogue.words(language)[unit]}"
        for language in catalogue.LANGUAGES
    }
