"""Cells that a table names without drawing them: of the H3 grid, and tiles of the web map."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import h3
import pandas as pd

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

CELL = re.compile("[0-9a-f]{1,16}")  # a longer number would not fit where H3 puts it
NUMBER = re.compile("[0-9]{18,19}")  # a cell of H3 as a number of 64 bits: its first bits are always the same
QUADKEY = re.compile("[0-3]{6,23}")
SAMPLE = 100


def h3_cells(column: pd.Series[Any] | Sequence[Any], name: str) -> list[str]:
    """Return cells of H3 as H3 writes them: from texts, and from numbers of 64 bits as databases keep them.

    Raises
    ------
    InputError
        When they are numbers that have lost their last digits, or no cells of H3.

    Examples
    --------
    >>> h3_cells(pd.Series([617700169958293503]), "zones"), h3_cells(["8928308280fffff"], "zones")
    (['8928308280fffff'], ['8928308280fffff'])
    """
    given = pd.Series(column)
    if pd.api.types.is_float_dtype(given):
        raise InputError(
            name,
            "its cells of H3 are numbers with decimals, which hold no more than 16 of their 18 digits",
            "A missing value among whole numbers does so: read them as text, or as pandas' Int64.",
        )
    texts = ["" if pd.isna(cell) else str(cell).strip() for cell in given]
    cells = [h3.int_to_str(int(text)) if NUMBER.fullmatch(text) else text for text in texts]
    strange = [text for text, cell in zip(texts, cells, strict=True) if not is_cell(cell)]
    if strange:
        raise InputError(
            name,
            f"{len(strange):,} ids are no cells of H3",
            f"Look at the column {given.name}." if given.name is not None else "Look at them.",
            rows=strange,
        )
    return cells


def is_cell(text: str) -> bool:
    """Whether a text is the name of a cell of H3."""
    return bool(CELL.fullmatch(text)) and bool(h3.is_valid_cell(text))


def quadkey_texts(column: pd.Series[Any], name: str) -> list[str]:
    """Return quadkeys as text, and refuse numbers, which cannot hold the zeros that a quadkey begins with.

    Raises
    ------
    InputError
        When the column holds numbers.
    """
    if pd.api.types.is_numeric_dtype(column):
        raise InputError(
            name,
            f"the quadkeys in {column.name} are numbers, which lose the zeros at their front",
            f"Tiles of the north and west would lie elsewhere. Read them as text, or put the zeros back where you know "
            f"how many digits they have: frame[{str(column.name)!r}].astype(str).str.zfill(16).",
        )
    return ["" if pd.isna(cell) else str(cell).strip() for cell in column]


def looks_like_cells(column: pd.Series[Any]) -> str:
    """Return the word that a column of cells is asked for by, ``h3`` or ``quadkey``; empty where it holds none."""
    if pd.api.types.is_float_dtype(column) or column.dtype == bool:
        return ""
    cells = [str(cell).strip() for cell in column.dropna().head(SAMPLE)]
    if not cells or pd.api.types.is_bool_dtype(column):
        return ""
    numbers = [h3.int_to_str(int(cell)) if NUMBER.fullmatch(cell) else cell for cell in cells]
    if all(is_cell(cell) for cell in numbers):
        return "h3"
    return "quadkey" if len({len(cell) for cell in cells}) == 1 and all(map(QUADKEY.fullmatch, cells)) else ""
