"""The page of votes on a budget: where people vote, on paper or not, what changed, and where the money lands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import catalogue, maps, report
from spatialjustice.study.engine.section import FurtherPage
from spatialjustice.study.engine.texts import number_in, sentence
from spatialjustice.study.sections.ballots import map_page, tables, telling
from spatialjustice.study.sections.ballots.compute import ALL_YEARS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from spatialjustice.report.sheet.blocks import Block
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.sections.ballots.compute import Voting
    from spatialjustice.study.sections.ballots.settings import BallotsKeys, Change

PAGE = "ballots.html"
UNKNOWN = "unknown"
APART = {
    "no place told": "ballots.apart.no_place",
    "place is no zone": "ballots.apart.no_zone",
    "for the whole city": "ballots.apart.city",
}


def pages(results: Results[BallotsKeys], around: Mapping[str, Any]) -> Iterator[FurtherPage]:
    """Yield the page."""
    lead = [one for one in _lead(results) if one is not None]
    kept = {name: part for name, part in around.items() if name != "place"}
    made = report.sheet_page(
        [*_where(results), *_paper(results), *_change(results), *_money(results), _missing(results)],
        title=sentence("ballots.page.title"),
        subtitle={lang: catalogue.text_in(results.study.title, lang) for lang in catalogue.LANGUAGES},
        lead=lead,
        method=[sentence(f"ballots.method.{key}") for key in ("ballots", "ranges", "change", "money")],
        back="index.html",
        **kept,
    )
    shown = {one.key: one for one in map_page.indicators(results, results.study.modes[0])}
    yield FurtherPage(
        name=PAGE,
        title=sentence("ballots.page.title"),
        line=sentence("ballots.page.line"),
        made=made,
        # The page with the maps may have that of ballots: here the money, where it is known.
        picture=maps.thumbnail(results.zones, shown.get(map_page.MONEY_ALL, shown[map_page.BALLOTS])),
        finding=lead[0],
    )


def _lead(results: Results[BallotsKeys]) -> Iterator[Texts | None]:
    yield telling.rate_sentence(results)
    yield from list(telling.paper_sentences(results))[:2]
    yield telling.change_in_short(results)
    yield telling.money_sentence(results, ALL_YEARS)


def _apart(name: str) -> Texts | str:
    """Return what a row of a table is called: a zone by its name, and what is of no zone in words."""
    return sentence(APART[name]) if name in APART else name


def _where(results: Results[BallotsKeys]) -> Iterator[Block]:
    found: Voting = results["ballots"]
    years = sorted({int(one) for one in found.by_place["vote_year"]}, reverse=True)
    years.remove(found.year)
    options: list[tuple[Texts, list[Block]]] = []
    for year in [found.year, *years]:
        rows = found.by_place[found.by_place["vote_year"] == year]
        inside = rows[rows["people"].notna()].sort_values(tables.RATE, ascending=False)
        mean = 1000 * float(inside["ballots"].sum()) / float(inside["people"].sum())
        dots = report.Dots(
            [
                {"label": row["place"], "value": row[tables.RATE], "low": row["low"], "high": row["high"]}
                for _, row in inside.iterrows()
            ],
            title=sentence("ballots.dots.rate", year=telling.plain(str(year))),
            digits=1,
            reference=mean,
            reference_title=sentence("ballots.dots.city"),
            note=_levels_note(found, year),
        )
        options.append((_year(year), [dots]))
    yield report.Part(
        sentence("ballots.part.where"),
        [
            report.Passage(sentence("ballots.caveat.not_people"), kind="caveat"),
            report.Choice(sentence("ballots.choice.year"), options),
            _place_table(found),
        ],
    )


def _levels_note(found: Voting, year: int) -> Texts:
    """Say on how many levels people voted in a year, and how many people that are at least."""
    levels = found.votes[found.votes["vote_year"] == year]
    rows = found.by_place[found.by_place["vote_year"] == year]
    inside = rows[rows["people"].notna()]
    apart = float(rows["ballots"].sum() - inside["ballots"].sum())

    def named(language: str) -> str:
        words = catalogue.words(language)
        parts = [
            words[f"ballots.level.{row['level'].replace(' ', '_')}"].format(
                votes=catalogue.number(row["votes"], language), ballots=catalogue.number(row["ballots"], language)
            )
            for _, row in levels.iterrows()
        ]
        return words["language.comma"].join(parts)

    least = number_in(float(inside["voters_at_least"].sum()), digits=0)
    text = sentence("ballots.note.levels", levels=named, least=least)
    if not apart:
        return text
    more = sentence("ballots.note.apart", apart=number_in(apart, digits=0))
    return {lang: f"{text[lang]} {more[lang]}" for lang in text}


def _place_table(found: Voting) -> report.SheetTable:
    rows = found.by_place[found.by_place["vote_year"] == found.year]
    shown = rows.assign(place=_column(rows, [_apart(str(one)) for one in rows["place"]]))
    shown = shown.sort_values(tables.RATE, ascending=False, na_position="last")
    column = report.SheetColumn
    return report.SheetTable(
        shown,
        [
            column("place", sentence("ballots.column.place")),
            column("ballots", sentence("ballots.column.ballots"), "number", digits=0),
            column("people", sentence("ballots.column.people"), "people"),
            column(tables.RATE, sentence("ballots.column.rate"), "number", digits=1, low="low", high="high"),
            column("voters_at_least", sentence("ballots.column.voters"), "people"),
        ],
        title=sentence("ballots.table.place", year=telling.plain(str(found.year))),
        shown=20,
    )


def _paper(results: Results[BallotsKeys]) -> Iterator[Block]:
    found: Voting = results["ballots"]
    told = found.paper[found.paper["age_class"].astype(str) != UNKNOWN]
    row = telling.fall_of_paper(found)
    years = [int(one) for one in found.paper_years["vote_year"]]
    unknown = [year for year, share in zip(years, found.paper_years["paper_share"], strict=True) if share != share]  # noqa: PLR0124
    marks: list[tuple[float, Any]] = [(float(year), sentence("ballots.mark.unknown")) for year in unknown]
    if row is not None:
        marks.insert(0, (float(years[row]), sentence("ballots.mark.fall")))
    panels = [
        report.Panel(_age_title(str(age)), [_line(rows, "paper_share")], marks=marks)
        for age, rows in told.groupby("age_class", observed=True, sort=True)
    ]
    every = report.Panel(sentence("ballots.panel.all"), [_line(found.paper_years, "paper_share")], marks=marks)
    passages = list(telling.paper_sentences(results))
    further = passages[2:] if row is not None else passages
    yield report.Part(
        sentence("ballots.part.paper"),
        [
            *([] if row is not None else [report.Passage(sentence("ballots.told.no_fall"))]),
            *([report.Passage(further)] if further else []),
            report.Lines(
                [every, *panels],
                title=sentence("ballots.lines.paper"),
                percent=True,
                same_scale=False,
                x_labels=_years(years),
                note=sentence("ballots.lines.paper_note"),
            ),
            _paper_table(found),
        ],
    )


def _line(rows: pd.DataFrame, value: str) -> report.Line:
    def column(name: str) -> list[float | None]:
        return [None if one != one else float(one) for one in rows[name]]  # noqa: PLR0124 (NaN)

    return report.Line([float(one) for one in rows["vote_year"]], column(value), column("low"), column("high"))


def _year(year: int) -> Texts:
    return {lang: catalogue.digits(str(year), lang) for lang in catalogue.LANGUAGES}


def _column(rows: pd.DataFrame, texts: Sequence[Any]) -> pd.Series[Any]:
    """Return texts, one or one per language in each row, as a column of a frame."""
    return pd.Series(list(texts), rows.index, dtype=object)


def _years(years: list[int]) -> dict[float, Texts]:
    return {float(year): _year(year) for year in years}


def _age_title(age: str) -> Texts:
    return sentence("ballots.age.unknown") if age == UNKNOWN else sentence("ballots.age.years", age=telling.plain(age))


def _paper_table(found: Voting) -> report.Part:
    rows = found.paper.assign(
        year=_column(found.paper, [_year(int(one)) for one in found.paper["vote_year"]]),
        age=_column(found.paper, [_age_title(str(one)) for one in found.paper["age_class"]]),
    )
    column = report.SheetColumn
    table = report.SheetTable(
        rows,
        [
            column("year", sentence("ballots.column.year")),
            column("age", sentence("ballots.column.age")),
            column("ballots", sentence("ballots.column.ballots"), "number", digits=0),
            column("paper", sentence("ballots.column.paper"), "number", digits=0),
            column("method_unknown", sentence("ballots.column.method_unknown"), "number", digits=0),
            column("paper_share", sentence("ballots.column.share"), "share", digits=1, low="low", high="high"),
        ],
        title=sentence("ballots.table.paper"),
    )
    return report.Part(sentence("ballots.table.paper"), [table], folded=True)


def _change(results: Results[BallotsKeys]) -> Iterator[Block]:
    found: Voting = results["ballots"]
    asked = results.study.ballots
    told = found.ages[found.ages["age_class"].astype(str) != UNKNOWN]
    years = sorted({int(one) for one in told["vote_year"]})
    lines = report.Lines(
        [
            report.Panel(_age_title(str(age)), [_line(rows, "share_of_known")])
            for age, rows in told.groupby("age_class", observed=True, sort=True)
        ],
        title=sentence("ballots.lines.ages"),
        percent=True,
        same_scale=False,
        x_labels=_years(years),
        note=sentence("ballots.lines.ages_note"),
    )
    text = telling.change_sentence(results)
    if text is None or found.change is None or asked is None or asked.change is None:
        yield report.Part(sentence("ballots.part.ages"), [lines])
        return
    note = [telling.said(asked.change.note)] if asked.change.note is not None else []
    yield report.Part(
        sentence("ballots.part.change"),
        [
            report.Passage(text, kind="answer"),
            *(report.Passage(one, kind="caveat") for one in note),
            _change_dots(found.change, asked.change),
            lines,
        ],
    )


def _change_dots(change: pd.DataFrame, asked: Change) -> report.Dots:
    """Return the changes with their ranges: of the group, of the reference, and of one beside the other."""
    from spatialjustice.participation.ballots import change as names

    group, beside = telling.ages_in(asked.ages), telling.ages_in(asked.beside)
    keys = {
        names.BALLOTS: group,
        names.REFERENCE: beside,
        names.APART: sentence("ballots.change.apart", group=group.__getitem__, beside=beside.__getitem__),
        names.APART_BEFORE: sentence("ballots.change.before"),
    }
    rows = [
        {
            "label": label,
            "value": float(change["change"][name]),
            "low": float(change["low"][name]),
            "high": float(change["high"][name]),
            "mark": name == names.APART,
        }
        for name, label in keys.items()
        if name in change.index
    ]
    return report.Dots(
        rows,
        title=sentence("ballots.dots.change"),
        percent=True,
        digits=0,
        reference=0.0,
        reference_title=sentence("ballots.dots.no_change"),
        note=sentence("ballots.dots.change_note"),
    )


def _money(results: Results[BallotsKeys]) -> Iterator[Block]:
    found: Voting = results["ballots"]
    if found.money is None:
        return
    options: list[tuple[Texts, list[Block]]] = []
    for year, title in (
        (ALL_YEARS, sentence("ballots.choice.all")),
        (str(found.year), _year(found.year)),
    ):
        rows = found.money[found.money["vote_year"] == year]
        inside = rows[rows["people"].notna()].sort_values("cost_per_person", ascending=False)
        mean = float(inside["cost"].sum()) / float(inside["people"].sum())
        dots = report.Dots(
            [{"label": row["place"], "value": row["cost_per_person"]} for _, row in inside.iterrows()],
            title=sentence("ballots.dots.money", currency=telling.plain(found.currency)),
            digits=0,
            reference=mean,
            reference_title=sentence("ballots.dots.city"),
            note=sentence("ballots.dots.money_note"),
        )
        text = telling.money_sentence(results, year)
        options.append((title, [*([report.Passage(text)] if text else []), dots, _money_table(found, rows)]))
    near = telling.near_sentence(results)
    yield report.Part(
        sentence("ballots.part.money"),
        [report.Choice(sentence("ballots.choice.year"), options), *([report.Passage(near)] if near else [])],
    )


def _money_table(found: Voting, rows: pd.DataFrame) -> report.SheetTable:
    shown = rows.assign(place=_column(rows, [_apart(str(one)) for one in rows["place"]]), millions=rows["cost"] / 1e6)
    shown = shown.sort_values("cost_per_person", ascending=False, na_position="last")
    column = report.SheetColumn
    return report.SheetTable(
        shown,
        [
            column("place", sentence("ballots.column.place")),
            column("selected", sentence("ballots.column.selected"), "number", digits=0),
            column(
                "millions", sentence("ballots.column.cost", currency=telling.plain(found.currency)), "number", digits=1
            ),
            column("cost_per_person", sentence("ballots.column.per_person"), "number", digits=0),
            column("share_of_cost", sentence("ballots.column.share_of_cost"), "share", digits=1),
            column("share_of_people", sentence("ballots.column.share_of_people"), "share", digits=1),
        ],
        title=sentence("ballots.table.money"),
        shown=20,
    )


def _missing(results: Results[BallotsKeys]) -> report.Part:
    """Say who and what is not counted."""
    found: Voting = results["ballots"]
    asked = results.study.ballots
    ages = found.ages[found.ages["age_class"].astype(str) == UNKNOWN]["ballots"].sum()
    ways = found.paper_years["method_unknown"].sum()
    told = [
        sentence("ballots.missing.who"),
        sentence("ballots.missing.ages", count=number_in(float(ages), digits=0)),
        sentence("ballots.missing.ways", count=number_in(float(ways), digits=0)),
        sentence("ballots.missing.people"),
        *([telling.said(asked.missing)] if asked is not None and asked.missing is not None else []),
        *(
            [
                sentence(
                    "ballots.missing.points",
                    cost=number_in(found.unlocated / 1e6, digits=1),
                    currency=telling.plain(found.currency),
                )
            ]
            if found.unlocated
            else []
        ),
    ]
    return report.Part(sentence("ballots.part.missing"), [report.Passage(told, listed=True)])
