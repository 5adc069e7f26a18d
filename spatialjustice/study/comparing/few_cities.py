"""A few cities or runs beside one another; where much is measured, by mode of travel, the first one open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from spatialjustice import report
from spatialjustice.study.comparing.texts import as_share, dots_title, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spatialjustice.report.sheet.blocks import Block
    from spatialjustice.study.comparing.compared import Compared, Texts
    from spatialjustice.study.comparing.results import Comparison

MANY = 6
"""More columns than that are shown by their groups."""
MEASURES = ("mean", "share_beyond")


def many(found: Comparison) -> bool:
    """Whether so much is compared of a few cities that it is shown by mode."""
    return "classes" not in found.tables and len(found.material.columns) > MANY


def few_cities(found: Comparison, spread: Any) -> Iterator[Block]:
    """Yield a few cities beside one another, where there are too few for classes.

    Parameters
    ----------
    found
        What was found.
    spread
        Columns → pictures of how values are spread over people.
    """
    if "classes" in found.tables:
        return
    if not many(found):
        yield report.Part(say("compare.part.cities"), list(_dots(found, found.material.columns)))
        return
    for place, (title, columns) in enumerate(_groups(found.material.columns)):
        inner: list[Block] = [
            _table(found, [one for one in columns if one.unit == unit], measure, title)
            for unit in dict.fromkeys(one.unit for one in columns)
            for measure in MEASURES
            if any(len(_rows(found, one, measure)) for one in columns if one.unit == unit)
        ]
        # The tables have every number; pictures of the averages are enough, on paper too.
        pictures = [*_dots(found, columns, MEASURES[:1]), *spread(columns)]
        inner.append(report.Part(say("compare.part.pictures"), pictures, folded=True))
        yield report.Part(title, inner, folded=place > 0)


def _groups(columns: Sequence[Compared]) -> list[tuple[Texts, list[Compared]]]:
    """Return what is shown together, in the order of the columns; what has no group last."""
    made: dict[str, tuple[Texts, list[Compared]]] = {}
    for one in columns:
        title = one.group or say("compare.part.cities")
        made.setdefault(title["en"], (title, []))[1].append(one)
    return list(made.values())


def _rows(found: Comparison, one: Compared, measure: str) -> pd.DataFrame:
    rows = found.tables["cities"]
    return rows[(rows["column"] == one.name) & (rows["measure"] == measure)]


def _dots(found: Comparison, columns: Sequence[Compared], measures: Sequence[str] = MEASURES) -> Iterator[Block]:
    for one in columns:
        for measure in measures:
            mine = _rows(found, one, measure)
            if not len(mine):
                continue
            made = [
                {"label": found.material.labels[row["city"]], **{name: row[name] for name in ("value", "low", "high")}}
                for row in mine.to_dict("records")
            ]
            yield report.Dots(
                made,
                title=dots_title(one, measure),
                unit="" if as_share(one, measure) else one.unit,
                percent=as_share(one, measure),
                note=say("compare.dots.note"),
            )


def _table(found: Comparison, columns: Sequence[Compared], measure: str, group: Texts) -> Block:
    """Return all measures of a group in rows and the cities in columns; of two, how far they lie apart as well."""
    labels = found.material.labels
    lines = []
    same = len({(one.cutoff, one.direction) for one in columns}) == 1
    for one in columns:
        mine = _rows(found, one, measure).set_index("city")
        if not len(mine):
            continue
        line: dict[str, Any] = {"name": one.title if same or measure == "mean" else dots_title(one, measure)}
        for city in labels:
            for name in ("value", "low", "high"):
                line[f"{city} {name}"] = mine[name].get(city)
        lines.append(line | _apart(found, one, measure))
    frame = pd.DataFrame(lines)
    if "surely" in frame.columns:
        frame = frame.sort_values("surely", ascending=False, kind="stable")
    kind: Literal["share", "number"] = "share" if as_share(columns[0], measure) else "number"
    shown = [report.SheetColumn("name", say("compare.head.measure"))]
    shown += [
        report.SheetColumn(f"{city} value", text, kind, low=f"{city} low", high=f"{city} high")
        for city, text in labels.items()
    ]
    two = len(labels) == 2 and "difference" in frame.columns
    if two:
        shown += [
            report.SheetColumn("difference", say("compare.head.apart"), kind, low="apart low", high="apart high"),
            report.SheetColumn("worse", say("compare.head.surely"), missing=say("compare.nobody")),
        ]
    if measure != "mean" and same:
        title = dots_title(replace(columns[0], title=group), measure)
    else:
        what = say("compare.table.mean" if kind == "number" else "compare.table.share", unit=_unit(columns[0], measure))
        title = {lang: f"{text}: {what[lang]}" for lang, text in group.items()}
    return report.SheetTable(frame, shown, title=title, note=say("compare.table.first") if two else "")


def _unit(one: Compared, measure: str) -> Texts | str:
    from spatialjustice.catalogue import LANGUAGES
    from spatialjustice.report.sheet.numbers import unit_text

    return "" if as_share(one, measure) else {lang: unit_text(one.unit, lang) for lang in LANGUAGES}


def _apart(found: Comparison, one: Compared, measure: str) -> dict[str, Any]:
    """Return how far two cities lie apart, and which of them is surely worse off."""
    rows = found.tables["differences"]
    rows = rows[(rows["column"] == one.name) & (rows["measure"] == measure)]
    if len(found.material.labels) != 2 or rows.empty:
        return {}
    row = rows.iloc[0]
    more = measure == "share_beyond" or one.direction == "lower is better"
    worse = found.material.labels[row["higher" if more else "lower"]]
    return {
        "difference": row["difference"],
        "apart low": row["low"],
        "apart high": row["high"],
        "surely": bool(row["apart"]),
        "worse": worse if row["apart"] else None,
    }
