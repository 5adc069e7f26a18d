"""The page of compared cities: who is worse off first, then classes, spread, levels, one city, and all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice import report
from spatialjustice.catalogue import LANGUAGES
from spatialjustice.study.comparing.few_cities import few_cities, many
from spatialjustice.study.comparing.one_city import one_against_its_class
from spatialjustice.study.comparing.texts import (
    ALL,
    as_share,
    caveats,
    class_text,
    count,
    dots_title,
    lead,
    method,
    ranked_first,
    say,
    short_class,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from spatialjustice.report.sheet.blocks import Block
    from spatialjustice.report.sheet.page import SheetPage
    from spatialjustice.study.comparing.compared import Compared, Texts
    from spatialjustice.study.comparing.results import Comparison

MOST_ROWS = 400
"""Cities that the table of the page holds; all are in the tables beside it."""
MOST_LINES = 4
PARTS = {"between classes": "classes", "between cities of a class": "cities", "within cities": "within"}


def page_of(found: Comparison, record: Mapping[str, Any], *, lang: str = "en") -> SheetPage:
    """Make the page, in every language.

    Parameters
    ----------
    found
        What was found.
    record
        What the page tells of the run.
    lang
        The language it opens in.
    """
    blocks: list[Block] = [
        *_classes(found),
        *few_cities(found, lambda columns: _spread(found, columns)),
        *(() if many(found) else _spread(found, found.material.columns)),
        *_levels(found),
        *one_against_its_class(found),
        *(() if many(found) else _all(found)),
        *_comparable(found),
    ]
    said = caveats(found)
    if said:
        blocks.insert(1, report.Passage(said, title=say("compare.part.counted"), kind="caveat"))
    return report.sheet_page(
        blocks,
        title=_title(found),
        lead=lead(found),
        subtitle=_subtitle(found),
        lang=lang,
        method=method(found),
        findings=found.findings,
        sources=found.material.sources,
        provenance=record,
    )


def _title(found: Comparison) -> Texts:
    labels = found.material.labels
    if found.material.kind == "runs":
        names = {lang: " · ".join(text[lang] for text in labels.values()) for lang in LANGUAGES}
        return say("compare.title.runs", names=names)
    return say("compare.title.cities", count=count(len(labels)))


def _subtitle(found: Comparison) -> Texts:
    first = found.tables["measures"].drop_duplicates("city")
    people = float((first["people"] + first["people_left_out"]).sum())
    if found.material.kind == "runs":
        # The first measure may count households, and zones of several runs of one place are there once.
        once = found.material.once
        people = float(once["people"].sum())
        return say("compare.subtitle.runs", rows=count(len(once)), people=count(people))
    return say(f"compare.subtitle.{found.material.kind}", rows=count(len(found.material.frame)), people=count(people))


def _classes(found: Comparison) -> Iterator[Block]:
    """Yield the classes beside one another, a picture for each thing that is measured."""
    if "classes" not in found.tables:
        return
    rows = found.tables["classes"]
    inner: list[Block] = []
    for one in found.material.columns:
        for measure in ("mean", "share_beyond"):
            mine = rows[(rows["column"] == one.name) & (rows["measure"] == measure)]
            if len(mine):
                inner.append(_class_dots(found, one, measure, mine))
    inner += [_class_table(found, one) for one in found.material.columns]
    yield report.Part(say("compare.part.classes"), inner)


def _class_dots(found: Comparison, one: Compared, measure: str, rows: pd.DataFrame) -> Block:
    whole = rows[rows["class"] == ALL].iloc[0]
    parts = rows[rows["class"] != ALL]
    more = measure == "share_beyond" or one.direction == "lower is better"
    surely = parts["difference_low"] > 0 if more else parts["difference_high"] < 0
    made = [
        {
            "label": class_text(row["class"], found.limits),
            "value": row["mean"],
            "low": row["low"],
            "high": row["high"],
            "mark": bool(sure),
            "note": say("compare.class.alone" if row["note"] else "compare.class.of", cities=count(row["cities"])),
        }
        for row, sure in zip(parts.to_dict("records"), surely, strict=True)
    ]
    cut = measure == "mean" and (rows["bound"] == "at least").any()
    return report.Dots(
        made,
        title=dots_title(one, measure),
        unit="" if as_share(one, measure) else one.unit,
        percent=as_share(one, measure),
        reference=whole["mean"],
        reference_title=say("compare.dots.reference"),
        note=say("compare.dots.note_cut" if cut else "compare.dots.note"),
    )


def _class_table(found: Comparison, one: Compared) -> Block:
    rows = found.tables["classes"]
    mine = rows[(rows["column"] == one.name) & (rows["measure"] == "mean")].copy()
    mine["name"] = _texts([class_text(name, found.limits) for name in mine["class"]], mine)
    kind: Literal["share", "number"] = "share" if one.is_share else "number"
    columns = [
        report.SheetColumn("name", say("compare.head.class")),
        report.SheetColumn("cities", say("compare.head.cities"), "number", digits=0),
        report.SheetColumn("people", say("compare.head.people"), "people"),
        report.SheetColumn("mean", dots_title(one, "mean"), kind, low="low", high="high"),
        report.SheetColumn(
            "difference", say("compare.head.difference"), kind, low="difference_low", high="difference_high"
        ),
        report.SheetColumn("city_median", say("compare.head.median"), kind),
    ]
    return report.SheetTable(mine, columns, title=one.title)


def _spread(found: Comparison, columns: Sequence[Compared]) -> Iterator[Block]:
    """Yield small multiples: one picture for each thing, a line for each class (or each of a few cities)."""
    few = "classes" not in found.tables
    names: list[tuple[str, Texts]] = (
        [(city, text) for city, text in found.material.labels.items()]
        if few
        else [
            (f"class: {name}", short_class(name, found.limits))
            for name in dict.fromkeys(found.tables["classes"]["class"])
            if name != ALL
        ]
    )
    panels = []
    for one in columns:
        table = found.deciles.get(one.name)
        if table is None:
            continue
        there = [(key, text) for key, text in names if key in table.index]
        if len(there) <= MOST_LINES:
            panels.append(_panel(one, one.title, table, there))
        else:
            panels += [
                _panel(one, {lang: f"{one.title[lang]}: {text[lang]}" for lang in LANGUAGES}, table, [(key, text)])
                for key, text in there
            ]
    if panels:
        labels = {float(place * 10): _tenth(place) for place in range(1, 10)}
        yield report.Lines(
            panels,
            title=say("compare.spread.title"),
            unit=columns[0].unit,
            same_scale=len({one.unit for one in columns}) == 1,
            percent=columns[0].is_share,
            x_labels=labels,
            note=say("compare.spread.note"),
        )


def _tenth(place: int) -> Texts:
    from spatialjustice.report.sheet.numbers import value_text

    return value_text(place / 10, digits=0, percent=True)


def _panel(one: Compared, title: Texts, table: pd.DataFrame, lines: list[tuple[str, Texts]]) -> report.Panel:
    made = [
        report.Line(
            [round(float(str(share)) * 100) for share in table.columns],
            np.asarray(table.loc[key], dtype=float).tolist(),
            label=text if len(lines) > 1 else "",
        )
        for key, text in lines
    ]
    return report.Panel(title, made, unit=one.unit if not one.is_share else "", percent=one.is_share)


def _levels(found: Comparison) -> Iterator[Block]:
    if "levels" not in found.tables:
        return
    rows = found.tables["levels"]
    inner: list[Block] = []
    for one in found.material.columns:
        mine = rows[(rows["column"] == one.name) & rows["part"].isin(PARTS) & rows["share"].notna()]
        if len(mine):
            made = [
                {
                    "label": say(f"compare.level.{PARTS[row['part']]}"),
                    "value": row["share"],
                    "low": row["share_low"],
                    "high": row["share_high"],
                }
                for row in mine.to_dict("records")
            ]
            inner.append(
                report.Dots(
                    made,
                    title=say("compare.levels.title", title=one.title),
                    percent=True,
                    note=say("compare.dots.note"),
                )
            )
    if inner:
        yield report.Part(say("compare.part.levels"), inner)


def _all(found: Comparison) -> Iterator[Block]:
    """Yield a table of all cities, the largest first where there are too many for a page."""
    ids = list(found.material.people.sort_values(ascending=False, na_position="last").index)
    shown = ids[:MOST_ROWS]
    inner: list[Block] = []
    for one in found.material.columns:
        inner += [report.Passage(sentence) for sentence in ranked_first(found, one)]
        inner.append(_city_table(found, one, shown))
    sure = found.material.kind != "cities"
    note = [] if "classes" not in found.tables else [say("compare.all.note" if sure else "compare.all.note_plain")]
    if len(ids) > len(shown):
        note.append(say("compare.all.more", shown=count(len(shown)), count=count(len(ids))))
    if note:
        inner.append(report.Passage(note, kind="note"))
    yield report.Part(say("compare.part.all"), inner)


def _city_table(found: Comparison, one: Compared, shown: list[str]) -> Block:
    rows = found.tables["cities"]
    rows = rows[(rows["column"] == one.name) & (rows["measure"] == "mean")].set_index("city").reindex(shown)
    ordered = rows.sort_values("value", ascending=one.direction != "lower is better", na_position="last")
    frame = ordered.assign(
        name=_texts([found.material.labels[city] for city in ordered.index], ordered),
        size=_texts([short_class(name, found.limits) for name in ordered["class"]], ordered),
    )
    kind: Literal["share", "number"] = "share" if one.is_share else "number"
    counted, missing = ("households", "missing_households") if one.people == "households" else ("people", "missing")
    columns = [
        report.SheetColumn("name", say("compare.head.city")),
        report.SheetColumn("size", say("compare.head.class")),
        report.SheetColumn("people", say(f"compare.head.{counted}"), "people"),
        report.SheetColumn("value", dots_title(one, "mean"), kind, low="low", high="high"),
    ]
    if "shrunken" in frame.columns:
        columns.append(
            report.SheetColumn("shrunken", say("compare.head.drawn"), kind, low="shrunken_low", high="shrunken_high")
        )
    if frame["rank"].notna().any():
        columns.append(
            report.SheetColumn("rank", say("compare.head.rank"), "number", digits=0, low="rank_low", high="rank_high")
        )
    if (frame["people_left_out"] > 0).any():
        columns.append(report.SheetColumn("people_left_out", say(f"compare.head.{missing}"), "people"))
    if (frame["share_at_cut"] > 0).any():
        columns.append(report.SheetColumn("share_at_cut", say("compare.head.cut"), "share"))
    return report.SheetTable(frame, columns, title=one.title)


def _texts(texts: list[Texts], frame: pd.DataFrame) -> pd.Series[Any]:
    """Return a column that holds a text per language in each row."""
    return pd.Series(texts, index=frame.index, dtype=object)


def _comparable(found: Comparison) -> Iterator[Block]:
    table = found.material.comparable
    if table is None:
        return
    frame = table.assign(
        name=table["title"],
        compared=_texts([say("compare.yes" if same else "compare.no") for same in table["comparable"]], table),
    )
    keys = [key for key in found.material.labels if key in frame.columns and frame[key].notna().any()]
    columns = [
        report.SheetColumn("name", say("compare.head.measure")),
        report.SheetColumn("compared", say("compare.head.compared")),
        *(report.SheetColumn(key, found.material.labels[key], "number", digits=3) for key in keys),
        report.SheetColumn("said", say("compare.head.reason")),
    ]
    yield report.Part(say("compare.part.comparable"), [report.SheetTable(frame, columns)])
