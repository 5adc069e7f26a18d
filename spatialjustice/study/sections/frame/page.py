"""The page of the frame: nine cells, what goes with what, and what the review asks of practice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice import cities, report
from spatialjustice.catalogue import LANGUAGES, indicators, text_in, words
from spatialjustice.catalogue.indicator_texts import codes_in, listed
from spatialjustice.cities.effects._variables import COMPONENTS, DIMENSIONS
from spatialjustice.report.sheet.numbers import decimals, range_text, value_text
from spatialjustice.study.engine.section import FurtherPage
from spatialjustice.study.engine.texts import number_in, sentence, word_in
from spatialjustice.study.sections.frame.suggestions import suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.sections.frame.compute import FrameFound
    from spatialjustice.study.sections.frame.settings import FrameKeys

PAGE = "profile.html"


def pages(results: Results[FrameKeys], around: Mapping[str, Any]) -> Iterator[FurtherPage]:
    """Yield the page of the frame."""
    found: FrameFound = results["frame"]
    by_language = {lang: found.profile(lang) for lang in LANGUAGES}
    told = _lead(found, by_language["en"])
    made = report.sheet_page(
        [_grid(found, by_language), *_relations(found), *_practice(results, by_language["en"])],
        title=sentence("frame.name"),
        subtitle=results.study.title,
        lead=told,
        method=_method(found),
        back="index.html",
        **{name: around[name] for name in ("sources", "findings", "provenance", "lang", "languages")},
    )
    yield FurtherPage(PAGE, sentence("frame.name"), sentence("frame.line"), made, finding=told[0])


def _lead(found: FrameFound, profile: pd.DataFrame) -> list[Texts]:
    """Return what a reader is to remember."""
    filled = sum(1 for _, measured in profile.attrs["cells"].values() if measured)
    told = [
        sentence(
            "frame.lead.known",
            measured=number_in(profile.attrs["measured"]),
            all=number_in(profile.attrs["of"]),
            cells=number_in(filled),
        )
    ]
    widest = _widest(profile)
    if widest is not None:
        key, row = widest
        told.append(
            sentence(
                "frame.lead.widest",
                indicator=name_in(key),
                mean=value_in(key, row["value"]),
                worst=value_in(key, row["worst_tenth"]),
            )
        )
    if found.effects is not None:
        made = found.effects[found.effects["status"] == "estimated"]
        clear = int((made["q_value"] <= 1 - found.effects.attrs["level"]).sum())
        told.append(sentence("frame.lead.clear", clear=number_in(clear), all=number_in(len(made))))
    return told


def _widest(profile: pd.DataFrame) -> tuple[str, Any] | None:
    """Return the share in which the worst-served tenth of people lies farthest from the mean."""
    shares = profile[(profile["unit"] == "share") & (profile["status"] == "measured") & (profile["zones"] > 1)]
    gap = (shares["value"] - shares["worst_tenth"]).abs()
    if gap.empty or not gap.max() > 0:
        return None
    key = str(gap.idxmax())
    return key, profile.loc[key]


def name_in(key: str) -> Any:
    """Return a function that names an indicator in a language."""
    return lambda lang: indicators()[key]["name"][lang]


def value_in(key: str, value: float) -> Any:
    """Return a function that writes a value of an indicator with its unit in a language."""
    return _written(key, value).__getitem__


def _written(key: str, value: float) -> Texts:
    unit = indicators()[key]["unit"]
    percent = unit == "share"
    return value_text(value, digits=decimals([value], percent=percent), percent=percent, unit="" if percent else unit)


def _grid(found: FrameFound, profiles: Mapping[str, pd.DataFrame]) -> report.Grid:
    """Return the nine cells."""
    profile = profiles["en"]
    cells = [
        [_cell(found, profiles, profile[(profile[["component", "dimension"]] == [one, other]).all(axis=1)], one, other)
         for other in DIMENSIONS]
        for one in COMPONENTS
    ]  # fmt: skip
    return report.Grid(
        rows=[sentence(f"indicator.component.{name}") for name in COMPONENTS],
        columns=[sentence(f"indicator.dimension.{name}") for name in DIMENSIONS],
        cells=cells,
        title=sentence("frame.grid"),
        note=sentence("frame.grid.note" if found.matrix is None else "frame.grid.note.graded"),
    )


def _cell(
    found: FrameFound, profiles: Mapping[str, pd.DataFrame], there: pd.DataFrame, component: str, dimension: str
) -> report.GridCell:
    known = [_entry(str(key), row) for key, row in there[there["status"] == "measured"].iterrows()]
    missing = []
    for key in there.index[there["status"] == "missing"]:
        needs = sentence(
            "frame.needs", data={lang: str(profiles[lang].loc[key, "data"]) for lang in LANGUAGES}.__getitem__
        )
        missing.append(({lang: str(profiles[lang].loc[key, "name"]) for lang in LANGUAGES}, needs))
    if found.matrix is None:
        return report.GridCell(known, missing)
    row: Any = found.matrix.loc[(component, dimension)]
    parts = {"clear": number_in(row["clear"]), "all": number_in(row["estimated"])}
    note = sentence("frame.badge.none") if row["grade"] == "–" else sentence("frame.badge", **parts)
    return report.GridCell(known, missing, badge=str(row["grade"]), badge_note=note)


def _entry(key: str, row: Any) -> report.GridEntry:
    """Return an indicator that is known: its mean, its range, its worst-served tenth, and who is not counted."""
    unit = indicators()[key]["unit"]
    percent = unit == "share"
    digits = decimals([row["value"], row["range_low"], row["range_high"]], percent=percent)
    lines = []
    if np.isfinite(row["range_low"]) and row["zones"] > 1:
        between = range_text(row["range_low"], row["range_high"], digits=digits, percent=percent)
        lines.append(sentence(f"frame.range.{row['counts']}", range=between.__getitem__))
        lines.append(sentence("frame.worst", value=value_in(key, row["worst_tenth"])))
    elif np.isfinite(row["low"]):
        between = range_text(row["low"], row["high"], digits=digits, percent=percent)
        lines.append(sentence("frame.interval", range=between.__getitem__))
    else:
        lines.append(sentence("frame.one_number"))
    if row["people_left_out"] > 0:
        counted = word_in(f"study.digital.counted.{row['counts']}")
        lines.append(sentence("frame.left_out", count=number_in(row["people_left_out"], digits=0), of=counted))
    return report.GridEntry(
        {lang: indicators()[key]["name"][lang] for lang in LANGUAGES},
        value_text(row["value"], digits=digits, percent=percent, unit="" if percent else unit),
        lines,
        [
            dict(zip(LANGUAGES, one, strict=True))
            for one in zip(*(codes_in(indicators()[key], lang) for lang in LANGUAGES), strict=True)
        ],
    )


def _relations(found: FrameFound) -> Iterator[report.Part]:
    """Yield what goes with what: the clear pairs in a chart, and all of them in a table."""
    if found.effects is None:
        return
    effects = found.effects
    # What is held equal is said once, above the table.
    bare = effects.assign(controls="")
    bare.attrs = effects.attrs
    said = {lang: cities.effect_sentences(bare, lang=lang) for lang in LANGUAGES}
    table = effects.reset_index()
    told: Any = [{lang: said[lang].iloc[at] for lang in LANGUAGES} for at in range(len(table))]
    table["told"] = told
    size = table["standardised"].abs().fillna(-1.0)
    table = table.assign(size=size).sort_values(["grade", "size"], ascending=[True, False], ignore_index=True)
    titles = {name: one["titles"] for name, one in effects.attrs["called"].items()}
    rows = []
    for row in table[table["status"] == "estimated"].to_dict(orient="records"):
        scale = row["standardised"] / row["effect"] if row["effect"] else np.nan
        pair = [{lang: _called(row[end], titles, lang) for lang in LANGUAGES} for end in ("indicator", "outcome")]
        rows.append(
            {
                "label": sentence("frame.pair", indicator=pair[0].__getitem__, outcome=pair[1].__getitem__),
                "value": row["standardised"],
                "low": min(row["low"] * scale, row["high"] * scale),
                "high": max(row["low"] * scale, row["high"] * scale),
                "mark": row["grade"] in ("A", "B"),
                "note": sentence("frame.grade", grade=_always(str(row["grade"]))),
            }
        )
    columns = [
        report.SheetColumn("told", sentence("frame.column.told")),
        report.SheetColumn("grade", sentence("frame.column.grade")),
        report.SheetColumn("robustness_value", sentence("frame.column.robustness"), "share", digits=0),
        report.SheetColumn("n", sentence("frame.column.n"), "number", digits=0),
    ]
    yield report.Part(
        sentence("frame.relations"),
        [
            report.Passage(sentence("frame.relations.caveat"), kind="caveat"),
            *_held(found),
            report.Dots(
                rows, sentence("frame.chart"), from_zero=True, digits=2, note=sentence("frame.chart.note"), shown=14
            ),
            report.SheetTable(table, columns, sentence("frame.table"), sentence("frame.rules"), shown=8),
        ],
    )


def _held(found: FrameFound) -> Iterator[report.Passage]:
    """Yield what is held equal in every pair, where there is anything."""
    assert found.effects is not None  # noqa: S101 - nobody else calls
    called, held = found.effects.attrs["called"], found.effects.attrs["controls"]
    if held:
        titles = {name: called[name]["titles"] for name in held}
        names = {lang: listed((_called(name, titles, lang) for name in held), lang) for lang in LANGUAGES}
        yield report.Passage(sentence("frame.held", names=names.__getitem__))


def _always(text: str) -> Callable[[str], str]:
    """Return a function that says the same in every language."""
    return lambda _: text


def _called(name: str, titles: Mapping[str, Mapping[str, str]], lang: str) -> str:
    return text_in(titles[name], lang) if titles.get(name) else name.replace("_", " ")


def _practice(results: Results[FrameKeys], profile: pd.DataFrame) -> Iterator[report.Part]:
    """Yield the six applied suggestions of the review, each with what this study shows for it."""
    blocks: list[report.Passage] = []
    for one in suggestions(results, profile):
        blocks += [
            report.Passage(one.asks, title=one.title),
            report.Passage(one.shows, kind="answer") if one.shows else report.Passage(one.nothing, kind="caveat"),
            report.Passage(one.how, kind="note"),
        ]
    yield report.Part(sentence("frame.practice"), blocks)


def _method(found: FrameFound) -> list[Texts]:
    """Return how it was done."""
    told = [sentence("frame.method.profile")]
    if found.effects is not None:
        models = dict.fromkeys(one for one in found.effects["model"] if one)
        named = {lang: listed((words(lang)[f"effects.model.{one}"] for one in models), lang) for lang in LANGUAGES}
        told.append(sentence("frame.method.models", models=named.__getitem__))
        told.append(sentence("frame.method.strength"))
    return told
