"""The workbook: every zone with its names, its people and all indicators, headed in words, and how to read them."""

# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import datetime as dt
import io
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.numbers.digits import rounded_beyond
from spatialjustice.catalogue import direction, number, text_in, words
from spatialjustice.maps.colours.legend import make_legend
from spatialjustice.report.takeaway.contents import WAYS, contents, headed, named, plain, title_of
from spatialjustice.report.takeaway.rows import Column, Numbers, Texts, with_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from spatialjustice import maps
    from spatialjustice.report.page import ModePage
    from spatialjustice.report.takeaway.contents import Takeaway

MADE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""The moment that the file says it was made at, so that the same numbers are the same file."""
FORMATS = {
    "whole": "#,##0", "one": "#,##0.0", "two": "#,##0.00", "percent": "0.0%", "degrees": "0.00000", "plain": "General",
}  # fmt: skip
OF_UNIT = {"metres": "whole", "minutes": "one", "share": "percent", "people": "whole", "opportunities": "whole",
           "services": "whole", "kilometres": "two"}  # fmt: skip
DECIMALS = {"metres": 1, "minutes": 2, "kilometres": 3, "people": 3}
NAMES = ("name", "neighbourhood", "district", "street")
DIGITS_OF = {"\u06f0": "[$-3000429]", "\u0660": "[$-2000401]"}
"""What makes spreadsheets show a number in the digits of a language, by its nought; it stays a number."""
SIGNS = (22, 95)
"""Letters that a line of the two columns of the first sheet holds."""
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""What a sheet holds, its head included (ECMA-376, part 1, 18.3.1.73): spreadsheets refuse, or cut, a larger one."""


def as_xlsx(report: Takeaway, languages: Sequence[str]) -> dict[str, bytes]:
    """Return the workbook in each language, as the bytes of its file."""
    large = {"zones": list(_zones(report, languages)), "services": _services(report, languages)}
    left_out = {name: _left_out(columns) for name, columns in large.items()}
    large = {name: _within_a_sheet(columns) for name, columns in large.items() if columns and len(columns[0])}
    books, numbers = {}, {}
    for lang in languages:
        books[lang], numbers = _without_rows(report, lang, large, left_out)
    return with_rows(books, {numbers[name]: columns for name, columns in large.items()})


def _without_rows(
    report: Takeaway, lang: str, large: Mapping[str, Sequence[Column]], left_out: Mapping[str, tuple[int, int]]
) -> tuple[bytes, dict[str, int]]:
    """Return a workbook whose large tables have heads alone, and the numbers of its sheets."""
    import xlsxwriter

    stream = io.BytesIO()
    settings = {"in_memory": True, "remove_timezone": True}
    with xlsxwriter.Workbook(stream, settings) as book:
        writer = _Writer(book, lang)
        title = plain(text_in(report.title, lang))
        book.set_properties({"title": title, "subject": plain(text_in(report.subtitle, lang)), "created": MADE})
        small = {"overview": _overview(report, lang), "worst": _worst(report, lang)}
        names = [*(name for name, table in small.items() if table.rows), *large]
        _read_me(writer, report, {name: _told(left_out.get(name, (0, 0)), lang) for name in names})
        for name, table in small.items():
            if table.rows:
                writer.table(name, table)
        for name, columns in large.items():
            writer.heads(name, columns, frozen=2 if name == "zones" else 1)
        numbers = {name: number for number, name in enumerate(names, start=2)}
    return stream.getvalue(), numbers


class _Small(NamedTuple):
    """A table of rows of texts, numbers and None; how numbers are shown is empty for columns of text."""

    heads: list[str]
    rows: list[list[Any]]
    shown: Sequence[str]
    widths: Sequence[float]


def _left_out(columns: Sequence[Column]) -> tuple[int, int]:
    """Return how many rows and columns a sheet has no room for."""
    rows = len(columns[0]) if columns else 0
    return max(0, rows - (MOST_ROWS - 1)), max(0, len(columns) - MOST_COLUMNS)


def _within_a_sheet(columns: Sequence[Column]) -> list[Column]:
    there = columns[:MOST_COLUMNS]
    return [one.first(MOST_ROWS - 1) for one in there] if len(there[0]) >= MOST_ROWS else list(there)


def _told(left_out: tuple[int, int], lang: str) -> str:
    """Say how much of a table a sheet has no room for; nothing where there is room for all."""
    lost = {name: number(count, lang) for name, count in zip(("rows", "columns"), left_out, strict=True)}
    return words(lang)["takeaway.read.left_out"].format(**lost) if any(left_out) else ""


class _Writer:
    """Writes sheets in a language: from its side, with its digits."""

    def __init__(self, book: Any, lang: str) -> None:
        self.book, self.lang, self.said = book, lang, words(lang)
        self.rtl = direction(lang) == "rtl"
        font = {"font_name": "Vazirmatn" if self.rtl else "Calibri", "font_size": 11, "valign": "top"}
        font |= {"reading_order": 2} if self.rtl else {}
        self.font = font
        digits = DIGITS_OF.get(self.said["language.digits"][0], "")
        self.numbers = {name: book.add_format(font | {"num_format": digits + code}) for name, code in FORMATS.items()}
        self.text = book.add_format(font)
        self.wrapped = book.add_format(font | {"text_wrap": True})
        self.head = book.add_format(
            font | {"bold": True, "text_wrap": True, "bg_color": "#E6EEF0", "bottom": 1, "valign": "vcenter"}
        )
        self.title = book.add_format(font | {"bold": True, "font_size": 15})
        self.heading = book.add_format(font | {"bold": True, "font_color": "#0B5D6B"})
        self.warned = book.add_format(font | {"text_wrap": True, "bg_color": "#FFF4D6"})

    def sheet(self, name: str) -> Any:
        made = self.book.add_worksheet(self.said[f"takeaway.sheet.{name}"][:31])
        if self.rtl:
            made.right_to_left()
        made.set_landscape()
        made.set_paper(9)
        if name != "zones":
            made.fit_to_pages(1, 0)
        made.set_footer("&C&P / &N")
        return made

    def table(self, name: str, table: _Small) -> None:
        """Write a small table, with a head that stays, and a filter."""
        sheet = self.sheet(name)
        for place, (head, shown, width) in enumerate(zip(table.heads, table.shown, table.widths, strict=True)):
            look = self._column(sheet, place, head, shown, width)
            for row, cells in enumerate(table.rows, start=1):
                cell = cells[place]
                if isinstance(cell, str):
                    sheet.write_string(row, place, cell, self.text)
                elif cell is not None and math.isfinite(cell):
                    sheet.write_number(row, place, cell, look)
        self._head(sheet, len(table.rows), len(table.heads), frozen=1)

    def heads(self, name: str, columns: Sequence[Column], *, frozen: int) -> None:
        """Write the head of a large table, and how its columns look."""
        sheet = self.sheet(name)
        there = [column for column in columns if self.lang in column.cells]
        for place, column in enumerate(there):
            self._column(sheet, place, column.head[self.lang], column.shown, column.width)
        self._head(sheet, len(columns[0]), len(there), frozen=frozen)

    def _column(self, sheet: Any, place: int, head: str, shown: str, width: float) -> Any:
        look = self.numbers[shown] if shown else self.text
        sheet.set_column(place, place, width, look)
        sheet.write_string(0, place, plain(head), self.head)
        return look

    def _head(self, sheet: Any, rows: int, columns: int, *, frozen: int) -> None:
        sheet.set_row(0, 62)
        sheet.freeze_panes(1, frozen)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, rows, columns - 1)


def _read_me(writer: _Writer, report: Takeaway, there: Mapping[str, str]) -> None:
    """Write the first sheet: what the workbook is about, what is on which sheet, and how to read the numbers."""
    said, lang = writer.said, writer.lang
    told = contents(report, lang, drawn=False)
    sheet = writer.sheet("read")
    sheet.set_column(0, 0, 26, writer.wrapped)
    sheet.set_column(1, 1, 110, writer.wrapped)
    sheet.hide_gridlines(2)
    row = 0

    def line(first: str, second: str = "", *, look: Any = None, first_look: Any = None) -> None:
        nonlocal row
        if first:
            sheet.write_string(row, 0, plain(first), first_look or writer.wrapped)
        if second:
            sheet.write_string(row, 1, plain(second), look or writer.wrapped)
        lines = 1 if first_look is not None else max(-(-len(first) // SIGNS[0]), -(-len(second) // SIGNS[1]), 1)
        sheet.set_row(row, 24 if first_look is writer.title else 15.5 * lines)
        row += 1

    line(told["title"], first_look=writer.title)
    line(told["subtitle"], first_look=writer.text)
    line(told["date"], first_look=writer.text)
    for text in told["sentences"] or [told["map"]["finding"]]:
        line("", text)
    for text in told["caveats"]:
        line("", text, look=writer.warned)
    line("")
    line(said["takeaway.read.sheets"], first_look=writer.heading)
    for name, left_out in there.items():
        line(said[f"takeaway.sheet.{name}"], said[f"takeaway.read.{name}"])
        if left_out:
            line("", left_out, look=writer.warned)
    line("")
    line(said["takeaway.read.how"], first_look=writer.heading)
    for name in ("units", "estimated" if report.estimated else "counted", "unknown", "classes", "sums", "tables"):
        line("", said[f"takeaway.read.{name}"])
    for text in told["method"]:
        line("", text)
    line("")
    line(said["page.sources"], first_look=writer.heading)
    for source in told["sources"]:
        parts = (source["credit"], source["licence"], source["date"], source["file"], source["note"])
        line(source["name"], " · ".join(part for part in parts if part))
    line("", said["takeaway.made_with"].format(software=report.software))


def _overview(report: Takeaway, lang: str) -> _Small:
    said, overview = words(lang), report.overview
    rows = []
    for title, cells in () if overview is None else overview.rows:
        for (mode, limit), cell in zip(overview.modes, cells, strict=True):  # type: ignore[union-attr]
            if cell is not None:
                known = cell.numbers
                unit, worst = known.get("unit"), known.get("worst")
                rows.append(
                    [
                        plain(text_in(title, lang)), plain(text_in(mode, lang)), plain(text_in(limit, lang)),
                        *(known.get(name) for name in ("people", "within", "beyond", "share")),
                        # No way at all is known, other than a way that is not.
                        said["overview.no_way"] if worst == math.inf else worst,
                        said.get(f"unit.{unit}", ""),
                    ]
                )  # fmt: skip
    heads = ("service", "mode", "limit", "known", "within", "beyond", "share", "worst", "unit")
    shown = ("", "", "", "whole", "whole", "whole", "percent", "one", "")
    widths = (28, 20, 12, 16, 16, 16, 14, 16, 12)
    return _Small([said[f"takeaway.column.{head}"] for head in heads], rows, shown, widths)


def _worst(report: Takeaway, lang: str) -> _Small:
    """Return the neighbourhoods with most badly served people, for every way."""
    said, rows = words(lang), []
    zones = report.zones
    nothing: list[str | None] = [None] * len(zones)
    parts, names = report.names("neighbourhood", lang) or nothing, report.names("name", lang) or nothing
    for mode, item in report.ways:
        told = report.told(item).get("neighbourhoods")
        if told is None:
            continue
        for place, one in enumerate(told["first"], start=1):
            first = one["named"]
            rows.append(
                [
                    title_of(report, mode, item, lang), said[f"takeaway.rule.{told['rule']}"], place,
                    parts[first] or names[first] or str(zones.index[first]),
                    one["people"], one["value"], said[f"unit.{item.unit}"], str(zones.index[one["middle"]]),
                ]
            )  # fmt: skip
    heads = ("what", "rule", "number", "neighbourhood", "badly", "mean", "unit", "id")
    shown = ("", "", "whole", "", "whole", "one", "", "")
    return _Small([said[f"takeaway.column.{head}"] for head in heads], rows, shown, (44, 24, 8, 34, 16, 14, 12, 20))


def _zones(report: Takeaway, languages: Sequence[str]) -> Iterator[Column]:
    """Yield the columns of the zones."""
    zones = report.zones
    ids = _texts([str(zone) for zone in zones.index])
    yield Column(_said("id", languages), dict.fromkeys(languages, ids), width=18)
    for name in NAMES:
        names = {lang: report.names(name, lang) for lang in languages}
        cells = {lang: _texts(there) for lang, there in names.items() if any(there)}
        if cells:
            yield Column(_said(name, languages), cells, width=30 if name == "name" else 22)
    yield from _coordinates(zones.geometry, languages)
    people = Numbers(report.people.to_numpy(dtype=float), 3)
    head = _said("people_estimated" if report.estimated else "people", languages)
    yield Column(head, dict.fromkeys(languages, people), "one", 12)
    for mode, item in report.shown_once:
        if item.kind != "people":
            yield from _of_indicator(report, mode, item, languages)


def _said(name: str, languages: Iterable[str]) -> dict[str, str]:
    return {lang: words(lang)[f"takeaway.column.{name}"] for lang in languages}


def _texts(texts: Sequence[str | None]) -> Texts:
    which, there = pd.factorize(np.array(texts, dtype=object))
    return Texts(there.tolist(), which)


def _coordinates(shapes: Any, languages: Sequence[str]) -> list[Column]:
    """Return latitude and longitude of a point in each shape; a row without a shape has none."""
    inside = shapely.point_on_surface(shapes.to_crs(4326).array.to_numpy())
    found, rows = shapely.get_coordinates(inside, return_index=True)
    points = np.full((len(shapes), 2), np.nan)
    points[rows] = found
    return [
        Column(_said(name, languages), dict.fromkeys(languages, Numbers(points[:, side], 6)), "degrees", 12)
        for name, side in (("latitude", 1), ("longitude", 0))
    ]


def _of_indicator(report: Takeaway, mode: ModePage, item: maps.Indicator, languages: Sequence[str]) -> Iterator[Column]:
    """Yield the values of an indicator and, where some have none or stand for a class, the class in words."""
    if item.values is not None and not item.labelled:
        heads = {lang: headed(report, mode, item, lang) for lang in languages}
        shown = OF_UNIT.get(item.unit, "plain")
        yield Column(heads, dict.fromkeys(languages, _numbers(item)), shown, 15)
    heads = {
        lang: words(lang)["takeaway.column.class"].format(title=title_of(report, mode, item, lang))
        for lang in languages
    }
    legends = {lang: make_legend(item, people=report.people, lang=lang) for lang in languages}
    cells = {lang: Texts([plain(row.label) for row in legend.rows], legend.classes) for lang, legend in legends.items()}
    yield Column(heads, cells, width=22)


def _numbers(item: maps.Indicator) -> Numbers:
    """Return values with the decimals of the tables: a way beyond a limit stays beyond it."""
    assert item.values is not None  # noqa: S101 - the caller looked
    decimals = DECIMALS.get(item.unit, 6)
    beyond = item.kind == "cost" and item.unit in WAYS
    values = rounded_beyond(item.values, decimals) if beyond else item.values
    return Numbers(values.to_numpy(dtype=float), decimals)


def _services(report: Takeaway, languages: Sequence[str]) -> list[Column]:
    places = report.services
    if places is None:
        return []
    kinds = {
        lang: {key: plain(text_in(title, lang)) for key, title in report.service_titles.items()} for lang in languages
    }
    called = {
        lang: _texts([titles.get(str(key), str(key)) for key in places["service"]]) for lang, titles in kinds.items()
    }
    names = {lang: _texts(named(places, "name", lang) or [None] * len(places)) for lang in languages}
    return [
        Column(_said("service", languages), called, width=28),
        Column(_said("name", languages), names, width=40),
        *_coordinates(places.geometry, languages),
    ]
