"""A grid of cells for pages without a map: rows by columns, in each cell what is known and what is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import LANGUAGES, number, words

Text = str | Mapping[str, str]
"""One text, or one per language."""

NAMED = 4
"""Missing things that a cell names at once; the others are unfolded."""


@dataclass(frozen=True)
class GridEntry:
    """Something that is known, in a cell.

    Parameters
    ----------
    title
        What it is.
    value
        How much, with its unit.
    lines
        What stands under it: its range, who is not counted, a line each.
    codes
        Short codes beside it, for example of standards.

    Examples
    --------
    >>> GridEntry("Homes with a computer", "89%").value
    '89%'
    """

    title: Text
    value: Text
    lines: Sequence[Text] = ()
    codes: Sequence[Text] = ()


@dataclass(frozen=True)
class GridCell:
    """One cell.

    Parameters
    ----------
    known
        What is known, in order.
    missing
        What is not known, and what would be needed to know it.
    badge, badge_note
        A letter for the cell as a whole, and what it says.

    Examples
    --------
    >>> len(GridCell(missing=[("Noise", "a noise map")]).missing)
    1
    """

    known: Sequence[GridEntry] = ()
    missing: Sequence[tuple[Text, Text]] = ()
    badge: str = ""
    badge_note: Text = ""


@dataclass(frozen=True)
class Grid:
    """Rows by columns of cells; on narrow screens one cell under the other, each with its names.

    Parameters
    ----------
    rows, columns
        Names of the rows and of the columns.
    cells
        As many rows of cells as there are names, each with a cell for every column.
    title
        Caption.
    note
        What must be known to read it.

    Raises
    ------
    InputError
        When there are more or fewer cells than names.

    Examples
    --------
    >>> Grid(["People"], ["Social"], [[GridCell()]], title="A city").title
    'A city'
    """

    rows: Sequence[Text]
    columns: Sequence[Text]
    cells: Sequence[Sequence[GridCell]]
    title: Text = ""
    note: Text = ""

    def __post_init__(self) -> None:
        """Refuse cells that do not fit the names."""
        if len(self.cells) != len(self.rows) or any(len(row) != len(self.columns) for row in self.cells):
            raise InputError(
                "cells",
                f"they are not {len(self.rows)} rows of {len(self.columns)}",
                "Give a cell for each row and column; an empty one where nothing is known.",
            )


def grid(block: Grid) -> dict[str, Any]:
    """Return a grid as the template writes it."""
    return {
        "kind": "grid",
        "title": block.title,
        "note": block.note,
        "columns": block.columns,
        "rows": [
            {"title": name, "cells": [_cell(cell, title) for cell, title in zip(row, block.columns, strict=True)]}
            for name, row in zip(block.rows, block.cells, strict=True)
        ],
    }


def _cell(cell: GridCell, column: Text) -> dict[str, Any]:
    missing = [{"title": title, "needs": needs} for title, needs in cell.missing]
    rest = missing[NAMED:] if len(missing) > NAMED + 1 else []
    return {
        "column": column,
        "known": cell.known,
        "missing": missing[: len(missing) - len(rest)],
        "rest": rest,
        "more": {lang: words(lang)["sheet.more_missing"].format(count=number(len(rest), lang)) for lang in LANGUAGES},
        "badge": cell.badge,
        "badge_note": cell.badge_note,
        "empty": not cell.known,
    }
