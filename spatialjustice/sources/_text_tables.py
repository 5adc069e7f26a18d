"""Tables kept as text: headers without byte-order marks and padding, letters read right, every cell as it is written.

Cells stay text, so that codes keep their leading zeros; :func:`numbers_in` turns a column into numbers where these are
meant.
"""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.digits import LATIN
from spatialjustice._core.errors import DamagedFileError, InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.provenance import add_sources
from spatialjustice.sources.store import record_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

DELIMITERS = ",;\t|"
MARKS = ("\ufeff", "ï»¿", "\u200b", "\x00")
NOTHING = frozenset({"", "-", "–", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"})
"""What is written where a number is not known. Spreadsheets write an exact 0 as a dash, too: which it was cannot be
told, so that it is taken as unknown."""


def clean_header(names: Sequence[str]) -> list[str]:
    r"""Return the names of columns without byte-order marks (also doubled or misread) and without padding.

    Examples
    --------
    >>> clean_header(["\ufeff\ufeffST", "COUNTY ID", " BROADBAND  USAGE "])
    ['ST', 'COUNTY ID', 'BROADBAND USAGE']
    """
    found = []
    for name in names:
        text = str(name)
        for mark in MARKS:
            text = text.replace(mark, "")
        found.append(" ".join(text.split()))
    return found


def read_text_table(
    path: str | Path,
    *,
    name: str,
    encoding: str = "utf-8",
    header: Sequence[str] | None = None,
    columns: Collection[str] = (),
) -> pd.DataFrame:
    """Read a table whose cells are text, with a clean header.

    Parameters
    ----------
    path
        A file of cells divided by commas, semicolons, tabs or bars (found in its first line); ``.gz`` is unpacked.
    name
        What the file is used as; errors and the source record call it so.
    encoding
        How its letters are stored, for example ``"cp1256"``.
    header
        Names of the columns of a file that has none; None takes the first line.
    columns
        Columns that must be there.

    Returns
    -------
    DataFrame
        Text, nothing left out and nothing interpreted, numbered from 1 by line; a cell that is empty is ``""``. The
        finding ``header_cleaned`` names what was taken from the header.

    Raises
    ------
    MissingFileError, DamagedFileError
        When there is no file, or it cannot be read to its end.
    InputError
        When its letters are stored in another way, rows have more cells than the header, or a column is missing or
        there twice.
    """
    record = record_of(path, name)
    text = _text(Path(path), name, encoding)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    if not rows:
        raise InputError(name, f"{record.file} is empty", "Get the file again from where it came.")
    given = list(header) if header is not None else rows.pop(0)
    names = clean_header(given)
    _check_names(names, columns, record.file, name)
    short = [number for number, row in enumerate(rows, start=1) if len(row) != len(names)]
    if short:
        raise InputError(
            name,
            f"{len(short):,} rows of {record.file} have another number of cells than its {len(names)} columns",
            "A comma inside a cell needs quotation marks around it, decimals a point. Export the table anew.",
            rows=short,
        )
    frame = pd.DataFrame(rows, columns=names, index=pd.RangeIndex(1, len(rows) + 1), dtype=object)
    changed = [new for old, new in zip(given, names, strict=True) if old != new]
    add_sources(frame, record)
    if not changed:
        return frame
    message = f"Byte-order marks or padding were taken from {len(changed):,} column names of {record.file}: "
    return add_findings(
        frame,
        Finding("header_cleaned", "information", message + ", ".join(changed) + ".", count=len(changed)),
    )


def _text(path: Path, name: str, encoding: str) -> str:
    try:
        raw = path.read_bytes()
        if path.suffix.lower() == ".gz":
            raw = gzip.decompress(raw)
    except (OSError, EOFError) as error:
        raise DamagedFileError(name, f"{path.name} cannot be read ({error})", "Get the file again.") from error
    try:
        return raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InputError(
            name,
            f"byte {error.start + 1:,} of {path.name} is no letter in {encoding}",
            'Say how its letters are stored: older Persian tables often with encoding="cp1256", western ones "cp1252".',
        ) from error


def _check_names(names: list[str], columns: Collection[str], file: str, name: str) -> None:
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise InputError(name, f"{file} has several columns named {', '.join(twice)}", "Give each its own name.")
    absent = [one for one in columns if one not in names]
    if absent:
        raise InputError(name, f"{file} has no column {', '.join(absent)}", f"It has: {', '.join(names)}.")


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
