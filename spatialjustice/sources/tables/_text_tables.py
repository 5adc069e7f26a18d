"""Tables kept as text: every cell as it is written, so that codes keep their leading zeros.

:func:`numbers_in` turns a column into numbers where these are meant.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import DamagedFileError, InputError, TooLargeError
from spatialjustice._core.findings import add_findings
from spatialjustice._core.numbers.digits import LATIN
from spatialjustice._core.provenance import add_sources
from spatialjustice.sources.guards.damage import require_packed
from spatialjustice.sources.known_files import record_of
from spatialjustice.sources.tables import _text
from spatialjustice.sources.tables.frames.record import record_of_frame
from spatialjustice.sources.tables.frames.rows import is_file, rows_given
from spatialjustice.sources.tables.table import CARRIED, as_text, without_shapes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from spatialjustice.sources.tables.frames.rows import Source

LARGEST = 4_000_000_000
"""Bytes that a packed table may unpack to."""

PIECE = 1_000_000

NOTHING = frozenset({"", "-", "–", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"})
"""What is written where a number is not known. Spreadsheets write an exact 0 as a dash, too: which it was cannot be
told, so that it is taken as unknown."""


def read_text_table(
    source: Source,
    *,
    name: str,
    encoding: str | None = None,
    header: Sequence[str] | None = None,
    columns: Collection[str] = (),
) -> pd.DataFrame:
    """Read a table whose cells are text, with a clean header.

    Parameters
    ----------
    source
        A file of cells divided by commas, semicolons, tabs or bars; ``.gz`` is unpacked. Or a frame, whose cells are
        taken as they read: a whole number without decimals, a missing one as ``""``.
    name
        What it is used as; errors and the source record call it so.
    encoding
        How its letters are stored, for example ``"cp1256"``; None takes UTF-8, or guesses as :func:`table` does.
    header
        Names of the columns of a file that has none and is divided by commas; None takes the first line.
    columns
        Columns that must be there.

    Returns
    -------
    DataFrame
        Text, nothing left out and nothing interpreted, numbered from 1 by row (a frame of pandas on its index); a cell
        that is empty is ``""``. Findings name what was taken from the header.

    Raises
    ------
    MissingFileError, DamagedFileError
        When there is no file, it cannot be read to its end, or rows have more or fewer cells than the header.
    InputError
        When its letters are stored in another way, or a column is missing or there twice.
    """
    if not is_file(source):
        return _of_frame(source, name, columns)
    path = Path(str(source))
    record = record_of(path, name)
    text, findings = _text.text_of_bytes(_bytes(path, name), record.file, name, encoding)
    if header is not None:
        text = ",".join(header) + "\n" + text
    rows, _, _ = _text.rows_of(text, record.file, name, None if header is None else ",")
    given = rows.pop(0)
    names, trimmed = _text.headers(given, list(zip(*rows, strict=True)), record.file, name)
    absent = [one for one in columns if one not in names]
    if absent:
        raise InputError(name, f"{record.file} has no column {', '.join(absent)}", f"It has: {', '.join(names)}.")
    frame = pd.DataFrame(rows, columns=names, index=pd.RangeIndex(1, len(rows) + 1), dtype=object)
    return add_findings(add_sources(frame, record), *findings, *trimmed)


def _of_frame(source: Any, name: str, columns: Collection[str]) -> pd.DataFrame:
    """Return the rows of what the caller holds as text."""
    given = rows_given(source, name)
    record = record_of_frame(given, name)
    rows = without_shapes(given)
    absent = [one for one in columns if one not in rows.columns]
    if absent:
        there = ", ".join(map(str, rows.columns))
        raise InputError(name, f"the frame has no column {', '.join(absent)}", f"It has: {there}.")
    texts = {str(label): [cell or "" for cell in as_text(rows[label])] for label in rows.columns}
    frame = pd.DataFrame(texts, index=rows.index, dtype=object)
    frame.attrs = {key: list(given.attrs[key]) for key in CARRIED if key in given.attrs}
    return add_sources(frame, record)


def _bytes(path: Path, name: str) -> bytes:
    require_packed(path, name)
    try:
        if path.suffix.lower() != ".gz":
            return path.read_bytes()
        raw = bytearray()
        with gzip.open(path) as stream:
            while len(raw) <= LARGEST and (piece := stream.read(PIECE)):
                raw += piece
    except (OSError, EOFError, zlib.error) as error:
        raise DamagedFileError(name, f"{path.name} cannot be read ({error})", "Get the file again.") from error
    if len(raw) > LARGEST:
        found = f"{path.name} would unpack to more than {LARGEST:,} bytes"
        raise TooLargeError(name, found, "Unpack it, and keep only the rows of your place.")
    return bytes(raw)


def numbers_in(column: pd.Series[Any], name: str, *, may_be_missing: bool = True) -> pd.Series[float]:
    """Turn a column of text into numbers; what says that nothing is known becomes missing.

    Persian and Arabic digits are read. Anything else that is no plain number is refused rather than guessed, because
    ``1.234`` and ``1,234`` mean different things in different countries.

    Raises
    ------
    InputError
        When a cell is no number, or missing though it must not be.

    Examples
    --------
    >>> numbers_in(pd.Series(["0.81", " - ", "۱۲"]), "share").tolist()
    [0.81, nan, 12.0]
    """
    texts = column.map(lambda cell: "" if pd.isna(cell) else str(cell).translate(LATIN).strip())
    known = ~texts.isin(NOTHING)
    found = pd.to_numeric(texts.where(known), errors="coerce")
    odd = known & ~np.isfinite(found)
    if odd.any():
        examples = ", ".join(f"“{text}”" for text in texts[odd].unique()[:3])
        raise InputError(
            name,
            f"{int(odd.sum()):,} cells are no plain numbers: {examples}",
            "Write decimals with a point and thousands without marks.",
            rows=column.index[odd],
        )
    if not may_be_missing and not known.all():
        raise InputError(name, f"{int((~known).sum()):,} cells are empty", "Fill them in.", rows=column.index[~known])
    return found.astype(float)
