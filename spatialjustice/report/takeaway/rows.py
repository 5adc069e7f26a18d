"""The rows of large tables, put under their heads in the workbooks of all languages at once.

A study has millions of cells. Numbers are the same in every language, so that each is written once; a text is written
once for each language and then only counted; and no more than some rows at a time are text before they are compressed.
Every cell says where it stands, and empty ones are left out: it need not (ECMA-376, part 1, 18.3.1.4), but several
readers of workbooks rely on it.
"""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import numpy as np
from xlsxwriter.utility import xl_col_to_name

from spatialjustice._core.disk.zips import new_part, new_zip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import IO, Any

    from numpy.typing import NDArray

AT_A_TIME = 64
"""Rows that are text at a time."""
LONGEST = 32767
"""UTF-16 units that a cell holds."""
MOST_OF_A_CELL = 80
"""Bytes of a cell, at most, but for numbers of which nobody has so many."""
SHEET, STRINGS = "xl/worksheets/sheet{}.xml", "xl/sharedStrings.xml"
END = "</sheetData>"
ESCAPED = re.compile("_x[0-9a-fA-F]{4}_")
NO_LETTERS = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""What XML does not hold; a text of a workbook has its number instead (ECMA-376, part 1, 22.9.2.19)."""
SPACE = re.compile(r"\s|.*\s\Z", re.DOTALL)
COLUMN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}col"


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of a column, written with so many decimals; a cell is empty where one is not finite."""

    numbers: NDArray[np.float64]
    decimals: int

    def __len__(self) -> int:
        return len(self.numbers)

    def first(self, rows: int) -> Numbers:
        """Return the first rows."""
        return Numbers(self.numbers[:rows], self.decimals)

    def cells(self, part: slice, look: str) -> list[str]:
        """Return the cells of some rows from behind the number of the row on; nothing of one that is empty."""
        written = f'" s="{look}"><v>%.{self.decimals}f</v></c>'
        values = self.numbers[part]
        known = np.isfinite(values)
        cells = np.full(len(values), "", dtype=object)
        cells[known] = [written % value for value in values[known].tolist()]
        filled: list[str] = cells.tolist()
        return filled


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts of a column: those that there are, and which of them stands in each row; none where it is -1."""

    texts: Sequence[str]
    which: NDArray[np.integer[Any]]

    def __len__(self) -> int:
        return len(self.which)

    def first(self, rows: int) -> Texts:
        """Return the first rows."""
        return Texts(self.texts, self.which[:rows])


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a large table: head and cells by language, how numbers are shown (empty for text), and its width.

    A language that has no cells has no such column.
    """

    head: Mapping[str, str]
    cells: Mapping[str, Numbers | Texts]
    shown: str = ""
    width: float = 12

    def __len__(self) -> int:
        return max(map(len, self.cells.values()), default=0)

    def first(self, rows: int) -> Column:
        """Return the column with no more than so many rows."""
        return (
            self
            if len(self) <= rows
            else replace(self, cells={lang: one.first(rows) for lang, one in self.cells.items()})
        )


def with_rows(books: Mapping[str, bytes], tables: Mapping[int, Sequence[Column]]) -> dict[str, bytes]:
    """Return workbooks with the rows of their large tables.

    Parameters
    ----------
    books
        A workbook for each language, in which large tables have their heads alone. Its columns say how cells look.
    tables
        The columns of large tables, by the number of their sheet, from 1; one table at least.
    """
    with ExitStack() as opened:
        made = {lang: _Book(book, tables, opened) for lang, book in books.items()}
        for number, columns in tables.items():
            with ExitStack() as parts:
                sheets = [
                    book.sheet(number, [column.cells[lang] for column in columns if lang in column.cells], parts)
                    for lang, book in made.items()
                ]
                _write(sheets)
        for book in made.values():
            book.write_texts()
    return {lang: book.stream.getvalue() for lang, book in made.items()}


def _write(sheets: Sequence[_Sheet]) -> None:
    """Write the rows of a table into the sheets of all languages."""
    for begin in range(0, max(sheet.rows for sheet in sheets), AT_A_TIME):
        part = slice(begin, begin + AT_A_TIME)
        numbers: dict[tuple[int, str], list[str]] = {}
        for sheet in sheets:
            rows = [str(row) for row in range(begin + 2, min(begin + AT_A_TIME, sheet.rows) + 2)]
            cells = []
            for place, column in enumerate(sheet.cells(part, numbers)):
                begun = f'<c r="{xl_col_to_name(place)}'
                cells.append([cell and f"{begun}{row}{cell}" for row, cell in zip(rows, column, strict=True)])
            beside = zip([f'<row r="{row}">' for row in rows], *cells, repeat("</row>"))
            sheet.stream.write("".join(chain.from_iterable(beside)).encode())


class _Book:
    """A workbook that is written anew, its large sheets with their rows, and their texts beside those it has."""

    def __init__(self, book: bytes, tables: Mapping[int, Sequence[Column]], opened: ExitStack) -> None:
        self.before = opened.enter_context(zipfile.ZipFile(io.BytesIO(book)))
        self.stream = io.BytesIO()
        self.made = opened.enter_context(new_zip(self.stream))
        later = {STRINGS, *(SHEET.format(number) for number in tables)}
        for name in self.before.namelist():
            if name not in later:
                with new_part(self.made, name) as part:
                    part.write(self.before.read(name))
        head, first, self.texts_before = self.before.read(STRINGS).decode().partition("<si>")
        self.texts_before = first + self.texts_before.removesuffix("</sst>")
        self.head = head
        known = dict(re.findall(' (count|uniqueCount)="([0-9]+)"', head))
        self.used, self.own = int(known["count"]), int(known["uniqueCount"])
        self.texts: dict[str, int] = {}

    def sheet(self, number: int, columns: Sequence[Numbers | Texts], parts: ExitStack) -> _Sheet:
        """Begin a sheet of a large table, to be ended by ``parts``."""
        name = SHEET.format(number)
        xml = self.before.read(name).decode()
        looks = _looks(xml)
        head, end, foot = xml.partition(END)
        rows = len(columns[0])
        size = f'<dimension ref="A1:{xl_col_to_name(len(columns) - 1)}{rows + 1}"/>'
        head = re.sub("<dimension [^>]*>", size, head, count=1)
        most = len(xml) + rows * len(columns) * MOST_OF_A_CELL
        stream = parts.enter_context(new_part(self.made, name, most=most))
        stream.write(head.encode())
        parts.callback(lambda: stream.write((end + foot).encode()))
        made = [(look, one, self._texts(one, look)) for one, look in zip(columns, looks, strict=True)]
        return _Sheet(stream, rows, made)

    def _texts(self, column: Numbers | Texts, look: str) -> NDArray[np.object_] | None:
        """Return the cell of each text of a column, from behind the number of its row on, and nothing last."""
        if isinstance(column, Numbers):
            return None
        share = [self.texts.setdefault(text, len(self.texts)) + self.own for text in column.texts]
        self.used += int((column.which >= 0).sum())
        cells = [f'" s="{look}" t="s"><v>{number}</v></c>' for number in share]
        return np.array([*cells, ""], dtype=object)

    def write_texts(self) -> None:
        """Write the texts of all sheets, those of large tables last."""
        head = re.sub(' count="[0-9]+"', f' count="{self.used}"', self.head, count=1)
        head = re.sub(' uniqueCount="[0-9]+"', f' uniqueCount="{self.own + len(self.texts)}"', head, count=1)
        with new_part(self.made, STRINGS) as part:
            part.write((head + self.texts_before).encode())
            part.write("".join(map(_shared, self.texts)).encode())
            part.write(b"</sst>")


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A sheet that rows are written to: of each column how it looks, what it holds, and the cells of its texts."""

    stream: IO[bytes]
    rows: int
    columns: Sequence[tuple[str, Numbers | Texts, NDArray[np.object_] | None]]

    def cells(self, part: slice, numbers: dict[tuple[int, str], list[str]]) -> Iterator[list[str]]:
        """Yield the cells of some rows by column; ``numbers`` keeps those that another language has as well.

        Each is given from behind the number of its row on.
        """
        for look, column, texts in self.columns:
            if isinstance(column, Texts):
                assert texts is not None  # noqa: S101 - those of texts have been made
                yield texts[column.which[part]].tolist()
                continue
            key = id(column), look
            if key not in numbers:
                numbers[key] = column.cells(part, look)
            yield numbers[key]


def _looks(xml: str) -> list[str]:
    """Return the number of the look of each column of a sheet."""
    return [
        column.get("style", "0")
        for column in ET.fromstring(xml).iter(COLUMN)  # noqa: S314 - our own
        for _ in range(int(column.get("min", 1)), int(column.get("max", 0)) + 1)
    ]


def _shared(text: str) -> str:
    """Write a text that cells share."""
    text = NO_LETTERS.sub(lambda sign: f"_x{ord(sign[0]):04X}_", ESCAPED.sub(r"_x005F\g<0>", _fitting(text)))
    kept = ' xml:space="preserve"' if SPACE.match(text) else ""
    return f"<si><t{kept}>{escape(text)}</t></si>"


def _fitting(text: str) -> str:
    """Return a text cut where a cell ends."""
    if len(text) <= LONGEST // 2:
        return text
    return text.encode("utf-16-le")[: 2 * LONGEST].decode("utf-16-le", "ignore")
