"""The workbook: every zone with its names, its people and all indicators, headed in words, and how to read them."""

from __future__ import annotations

import datetime as dt
import io
import math
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from spatialjustice._core.numbers.digits import rounded_beyond
from spatialjustice.catalogue import direction, number, text_in, words
from spatialjustice.maps.colours.legend import make_legend
from spatialjustice.report.takeaway.contents import WAYS, contents, headed, named, plain, title_of

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
FURTHER = len(NAMES) + 4
"""Columns of zones beside their indicators, at most: names, and the id, latitude, longitude and people."""
DIGITS_OF = {"\u06f0": "[$-3000429]", "\u0660": "[$-2000401]"}
"""What makes spreadsheets show a number in the digits of a language, by its nought; it stays a number."""
SIGNS = (22, 95)
"""Letters that a line of the two columns of the first sheet holds."""
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""What a sheet holds, its head included (ECMA-376, part 1, 18.3.1.73): spreadsheets refuse, or cut, a larger one."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its head, its cells, and how numbers are shown (empty for text)."""

    head: str
    cells: Sequence[Any]
    shown: str = ""
    width: float = 12


def as_xlsx(report: Takeaway, lang: str) -> bytes:
    """Return the workbook in a language, as the bytes of its file."""
    import xlsxwriter

    stream = io.BytesIO()
    settings = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": False, "remove_timezone": True,
    }  # fmt: skip
    with xlsxwriter.Workbook(stream, settings) as book:
        writer = _Writer(book, lang)
        title = plain(text_in(report.title, lang))
        book.set_properties({"title": title, "subject": plain(text_in(report.subtitle, lang)), "created": MADE})
        made = {name: table for name, table in _tables(report, lang).items() if table.rows and table.beside}
        _read_me(writer, report, {name: _left_out(table, lang) for name, table in made.items()})
        for name, table in made.items():
            writer.table(name, _within_a_sheet(table.columns), frozen=2 if name == "zones" else 1)
    return stream.getvalue()


class _Table(NamedTuple):
    """A table of columns that are made one by one, how many rows it has and how many columns there are of it."""

    columns: Iterable[Column]
    rows: int
    beside: int


def _tables(report: Takeaway, lang: str) -> dict[str, _Table]:
    small = {"overview": _overview(report, lang), "worst": _worst(report, lang)}
    zones = _Table(_zones(report, lang), len(report.zones), FURTHER + 2 * len(report.shown_once))
    if zones.beside > MOST_COLUMNS:  # how many are left out is told before they are written
        zones = _whole(list(zones.columns))
    made = {name: _whole(columns) for name, columns in small.items()}
    return {**made, "zones": zones, "services": _whole(_services(report, lang))}


def _whole(columns: list[Column]) -> _Table:
    return _Table(columns, len(columns[0].cells) if columns else 0, len(columns))


def _within_a_sheet(columns: Iterable[Column]) -> Iterator[Column]:
    for column in islice(columns, MOST_COLUMNS):
        yield replace(column, cells=column.cells[: MOST_ROWS - 1]) if len(column.cells) >= MOST_ROWS else column


def _left_out(table: _Table, lang: str) -> str:
    """Say how much of a table a sheet has no room for; nothing where there is room for all."""
    rows, beside = table.rows - (MOST_ROWS - 1), table.beside - MOST_COLUMNS
    if rows <= 0 and beside <= 0:
        return ""
    lost = {name: number(max(0, count), lang) for name, count in (("rows", rows), ("columns", beside))}
    return words(lang)["takeaway.read.left_out"].format(**lost)


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

    def sheet(self, name: str, kind: Any = None) -> Any:
        made = self.book.add_worksheet(self.said[f"takeaway.sheet.{name}"][:31], kind)
        if self.rtl:
            made.right_to_left()
        made.set_landscape()
        made.set_paper(9)
        if name != "zones":
            made.fit_to_pages(1, 0)
        made.set_footer("&C&P / &N")
        return made

    def table(self, name: str, columns: Iterable[Column], *, frozen: int = 1) -> None:
        """Write columns, at least one, with a head that stays, and a filter."""
        from spatialjustice.report.takeaway.cells import TableSheet

        sheet = self.sheet(name, TableSheet)
        for place, column in enumerate(columns):
            look = self.numbers[column.shown] if column.shown else self.text
            sheet.set_column(place, place, column.width, look)
            sheet.write_string(0, place, plain(column.head), self.head)
            sheet.fill(place, column.cells, look, self.text)
        sheet.set_row(0, 62)
        sheet.freeze_panes(1, frozen)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(len(column.cells), 1), place)


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


def _overview(report: Takeaway, lang: str) -> list[Column]:
    said, overview = words(lang), report.overview
    rows = []
    if overview is None:
        return []
    for title, cells in overview.rows:
        for (mode, limit), cell in zip(overview.modes, cells, strict=True):
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
    return _columns(rows, [said[f"takeaway.column.{head}"] for head in heads], shown, widths)


def _columns(
    rows: Sequence[Sequence[Any]], heads: Iterable[str], shown: Sequence[str], widths: Sequence[float]
) -> list[Column]:
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(shown)
    return [Column(*column) for column in zip(heads, cells, shown, widths, strict=True)]


def _worst(report: Takeaway, lang: str) -> list[Column]:
    """Return the neighbourhoods with most badly served people, for every way."""
    said, rows = words(lang), []
    zones = report.zones
    nothing: list[str | None] = [None] * len(zones)
    parts, names = named(zones, "neighbourhood", lang) or nothing, named(zones, "name", lang) or nothing
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
    return _columns(rows, [said[f"takeaway.column.{head}"] for head in heads], shown, (44, 24, 8, 34, 16, 14, 12, 20))


def _zones(report: Takeaway, lang: str) -> Iterator[Column]:
    """Yield the columns of the zones; hundreds of them, so that each can be let go when it is written."""
    said, zones = words(lang), report.zones
    yield Column(said["takeaway.column.id"], [str(zone) for zone in zones.index], width=18)
    for name in NAMES:
        names = named(zones, name, lang)
        if any(names):
            yield Column(said[f"takeaway.column.{name}"], names, width=30 if name == "name" else 22)
    yield from _coordinates(zones.geometry, said)
    people = "people_estimated" if report.estimated else "people"
    yield Column(said[f"takeaway.column.{people}"], _rounded(report.people, 3), "one", 12)
    for mode, item in report.shown_once:
        if item.kind != "people":
            yield from _of_indicator(report, mode, item, lang)


def _coordinates(shapes: Any, said: Any) -> list[Column]:
    """Return latitude and longitude of a point in each shape; a row without a shape has none."""
    inside = shapely.point_on_surface(shapes.to_crs(4326).array.to_numpy())
    found, rows = shapely.get_coordinates(inside, return_index=True)
    points = np.full((len(shapes), 2), np.nan)
    points[rows] = found
    return [
        Column(said[f"takeaway.column.{name}"], _rounded(points[:, side], 6), "degrees", 12)
        for name, side in (("latitude", 1), ("longitude", 0))
    ]


def _of_indicator(report: Takeaway, mode: ModePage, item: maps.Indicator, lang: str) -> list[Column]:
    """Return the values of an indicator and, where some have none or stand for a class, the class in words."""
    said, title = words(lang), title_of(report, mode, item, lang)
    legend = make_legend(item, people=report.people, lang=lang)
    labels = [plain(row.label) for row in legend.rows]
    classes = [labels[place] for place in legend.classes.tolist()]
    made = []
    if item.values is not None and not item.labelled:
        made.append(
            Column(
                headed(report, mode, item, lang),
                _written(item),
                OF_UNIT.get(item.unit, "plain"),
                15,
            )
        )
    made.append(Column(said["takeaway.column.class"].format(title=title), classes, width=22))
    return made


def _written(item: maps.Indicator) -> list[float | None]:
    """Return values rounded as in the tables: a way beyond a limit stays beyond it."""
    assert item.values is not None  # noqa: S101 - the caller looked
    decimals = DECIMALS.get(item.unit, 6)
    beyond = item.kind == "cost" and item.unit in WAYS
    return _rounded(rounded_beyond(item.values, decimals) if beyond else item.values, decimals)


def _rounded(values: Any, decimals: int) -> list[float | None]:
    given = np.asarray(values, dtype=float).tolist()
    return [None if math.isnan(value) else round(value, decimals) for value in given]


def _services(report: Takeaway, lang: str) -> list[Column]:
    said, places = words(lang), report.services
    if places is None:
        return []
    titles = {key: plain(text_in(title, lang)) for key, title in report.service_titles.items()}
    called_ = [titles.get(str(key), str(key)) for key in places["service"]]
    return [
        Column(said["takeaway.column.service"], called_, width=28),
        Column(said["takeaway.column.name"], named(places, "name", lang) or [None] * len(places), width=40),
        *_coordinates(places.geometry, said),
    ]
