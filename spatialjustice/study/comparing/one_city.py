"""One city against its class, chosen from a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import report
from spatialjustice.study.comparing.texts import class_text, count, percent, say, short_class, span, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spatialjustice.report.sheet.blocks import Block
    from spatialjustice.study.comparing.compared import Compared, Texts
    from spatialjustice.study.comparing.results import Comparison

MOST = 150
"""Cities that the list holds: the largest."""
MOST_COLUMNS = 4


def one_against_its_class(found: Comparison) -> Iterator[Block]:
    """Yield the list of cities, each with its values beside those of its class; nothing where there are no classes."""
    if "classes" not in found.tables:
        return
    rows = found.tables["cities"]
    means = {
        (row["city"], row["column"]): {str(name): value for name, value in row.items()}
        for row in rows[rows["measure"] == "mean"].to_dict("records")
    }
    ids = list(found.material.people.sort_values(ascending=False, na_position="last").index)
    shown = sorted(ids[:MOST], key=lambda city: found.material.labels[city]["en"])
    options = [(found.material.labels[city], list(_city(found, city, means))) for city in shown]
    inner: list[Block] = [report.Choice(say("compare.one.choose"), options)]
    if len(ids) > len(shown):
        note = say("compare.one.note", shown=count(len(shown)), count=count(len(ids)))
        inner.append(report.Passage(note, kind="note"))
    yield report.Part(say("compare.part.one"), inner)


def _city(found: Comparison, city: str, means: Mapping[tuple[str, str], dict[str, Any]]) -> Iterator[Block]:
    for one in found.material.columns[:MOST_COLUMNS]:
        row = means[city, one.name]
        yield report.Passage(_told(found, one, row))
        if pd.notna(row["value"]):
            yield _dots(found, one, row)


def _told(found: Comparison, one: Compared, row: dict[str, Any]) -> list[Texts]:
    if pd.isna(row["value"]):
        return [say("compare.one.missing", title=one.title)]
    sure = pd.notna(row["low"])
    parts = {
        "title": one.title,
        "value": written(row["value"], one, least=row["bound"] == "at least"),
        "count": count(row["cities_of_class"]),
        "class": class_text(row["class"], found.limits),
        "median": written(row["class_median"], one),
        "lower": written(row["class_lower_quartile"], one),
        "upper": written(row["class_upper_quartile"], one),
    }
    if sure:
        told = [say("compare.one.told", range=span(row["low"], row["high"], one), **parts)]
    else:
        told = [say("compare.one.told_plain", **parts)]
    if pd.notna(row["rank_in_class_low"]):
        told.append(
            say(
                "compare.one.rank",
                low=count(row["rank_in_class_low"]),
                high=count(row["rank_in_class_high"]),
                share=percent(row["share_better_off"]),
            )
        )
    elif pd.notna(row["rank_in_class"]):
        told.append(
            say("compare.one.rank_plain", rank=count(row["rank_in_class"]), count=count(row["cities_of_class"]))
        )
    elif found.material.kind != "cities":
        told.append(say("compare.one.no_rank"))
    return told


def _dots(found: Comparison, one: Compared, row: dict[str, Any]) -> Block:
    lines: list[dict[str, Any]] = [
        {
            "label": say("compare.one.city"),
            "value": row["value"],
            "low": row["low"],
            "high": row["high"],
            "mark": True,
        },
        {"label": say("compare.one.lower"), "value": row["class_lower_quartile"]},
        {"label": say("compare.one.median"), "value": row["class_median"]},
        {"label": say("compare.one.upper"), "value": row["class_upper_quartile"]},
    ]
    title = {lang: f"{one.title[lang]}: {text}" for lang, text in short_class(row["class"], found.limits).items()}
    return report.Dots(lines, title=title, unit="" if one.is_share else one.unit, percent=one.is_share)
