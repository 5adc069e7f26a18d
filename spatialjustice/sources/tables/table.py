"""Reading any table: its letters, its numbers and its ids as they were meant, or not at all."""

from __future__ import annotations

import difflib
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import DuplicateIdError, InputError, a_kind, listed
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_ids
from spatialjustice._core.machine.extras import needed
from spatialjustice._core.numbers.checks import require_one_level
from spatialjustice._core.provenance import add_sources, path_of
from spatialjustice.sources.guards.complete import says_it_is_a_part
from spatialjustice.sources.guards.damage import reading_whole_file, require_members
from spatialjustice.sources.guards.nothing_else_opened import HEAD, require_kind, require_own_data, require_plain_table
from spatialjustice.sources.known_files import record_of, require_file
from spatialjustice.sources.tables._numbers import Sign, number_columns, without_missing_codes
from spatialjustice.sources.tables._text import garbled_letters, headers, rows_of, text_of_bytes
from spatialjustice.sources.tables.frames.arrow_files import ARROW, PARQUET, columns_of_file
from spatialjustice.sources.tables.frames.record import record_of_frame
from spatialjustice.sources.tables.frames.rows import is_file, label_of, rows_given

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence
    from pathlib import Path

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.sources.tables.frames.rows import Source

EXCEL = frozenset({".xlsx", ".xlsm"})
LAYERS = frozenset({".gpkg", ".geojson", ".shp", ".fgb", ".dbf"})
LARGEST_SHEET = 1_000_000_000
CARRIED = ("sources", "findings")
"""What a frame of this package says of itself, and a table made of it says on."""


def table(  # noqa: PLR0913 (each parameter answers one question that a file can leave open)
    source: Source,
    *,
    name: str = "table",
    id: str | None = None,  # noqa: A002 (the word users know the column by)
    layer: str | None = None,
    text: Sequence[str] = (),
    missing: Iterable[str | float] = (),
    zero: Iterable[str] = (),
    decimal: Sign | None = None,
    separator: str | None = None,
    encoding: str | None = None,
) -> pd.DataFrame:
    r"""Read a table of numbers and names without losing a zero, a letter or a decimal on the way.

    Parameters
    ----------
    source
        CSV (also with semicolons, tabs or bars), XLSX, Parquet, Feather or Arrow, or a layer of a GeoPackage or another
        vector file; or a frame of pandas, polars, pyarrow, DuckDB or anything with ``__arrow_c_stream__``. Shapes are
        left aside.
    name
        What the table is used as; errors and the source record call it so.
    id
        Column that holds the ids; it becomes the index, as text and as it is written. None keeps the index of a frame
        of pandas, and else numbers the rows from 1.
    layer
        The sheet of a workbook or the layer of a vector file, where there are several.
    text
        More columns to keep as text, for example of codes. Columns of a text file in which a cell begins with a zero,
        such as 01001, or has 16 digits or more stay text in any case.
    missing
        What stands for a missing value besides an empty cell: texts such as ``"closed"``, numbers such as -1.
    zero
        What stands for an exact zero, as the legend of the table says, for example ``["-"]``. Without it a dash among
        numbers is missing, and where it stands beside other marks, a warning says that it most likely is a zero.
    decimal
        The sign before decimals, ``"."`` or ``","``; None tells it from the file and refuses where two readings are
        possible. The other one may part thousands; where only other columns tell which is which, the finding
        ``decimal_sign_guessed`` warns. The Persian signs ٫ and ٬, Persian digits, and thousands parted by blanks or
        apostrophes are always read. Signs of percent are left out where all cells of a column have one.
    separator
        The sign between the cells of a text file; None tells it from the file.
    encoding
        What the bytes of a text file stand for; None reads UTF-8, and guesses another one only where it is far likelier
        than all others (finding ``encoding_guessed``).

    Returns
    -------
    DataFrame
        All rows in their order; numbers where a column holds nothing else, text otherwise, missing values
        missing. Findings: ``byte_order_marks_left_out``, ``column_names_trimmed``, ``columns_without_name``,
        ``numbers_rewritten``, ``decimal_sign_guessed``, ``percent_signs_left_out``, ``marks_made_missing`` (such as -
        or n/a among numbers), ``marks_made_zero``, ``dash_may_be_zero``, ``codes_made_missing`` (such as -666666666 or
        -9999), ``codes_suspected``, ``column_kept_as_text``, ``letters_garbled``,
        ``encoding_guessed``, ``file_says_it_is_a_part``. The source record is attached.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DamagedFileError
        When it cannot be read to its end, or its rows have unequal numbers of cells.
    DuplicateIdError
        When an id is missing or occurs twice; the error says whether the rows are the same.
    InputError
        When letters, separator or decimals cannot be told, or a column is not there.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "counties.csv"
    ...     size = file.write_text("\ufeff\ufeffcode; people ;share\n01001;1.234;0,5\n01003;-9999;12,25\n", "utf-8")
    ...     read = table(file, id="code")
    >>> read.to_dict("index")
    {'01001': {'people': 1234.0, 'share': 0.5}, '01003': {'people': nan, 'share': 12.25}}
    >>> [finding["code"] for finding in read.attrs["findings"] if finding["severity"] == "warning"]
    ['decimal_sign_guessed', 'codes_made_missing']
    """
    if decimal not in {None, ".", ","}:
        raise InputError("decimal", f"it is {decimal!r}", "Give '.' or ','.")
    words = {str(value).strip() for value in missing}
    zeros = _zero_marks(zero, words)
    codes = [float(value) for value in missing if isinstance(value, int | float)]
    kept = [*text, *([id] if id is not None else [])]
    label = label_of(source)
    read = (
        _of_file(path_of(source, name), name, layer, separator, encoding)
        if is_file(source)
        else _of_frame(source, name, id, {"layer": layer, "separator": separator, "encoding": encoding})
    )
    frame = read.rows
    if not len(frame) or not len(frame.columns):
        raise InputError(name, f"{label} holds no rows", "Check that it is the right one and whole.")
    _require(list(frame.columns), kept, label, name)
    lines = read.lines or range(1, len(frame) + 1)
    words_of = {str(each): [cell for cell in frame[each] if isinstance(cell, str)] for each in frame.columns}
    findings = [*read.findings, *garbled_letters(words_of, label)]
    frame, more = _numbers(
        frame, kept=kept, words=words, zero=zeros, decimal=decimal, file=label, name=name, lines=lines
    )
    frame, coded = without_missing_codes(frame, missing=codes, kept=kept, file=label)
    frame = frame if id is None else _with_index(frame, id, name, lines)
    frame.attrs = read.carried
    return add_findings(add_sources(frame, read.record), *findings, *more, *coded)


class _Read(NamedTuple):
    """The rows of a source, the line of a text file that each begins in, and what is known of where they are from."""

    rows: pd.DataFrame
    record: SourceRecord
    lines: Sequence[int]
    findings: list[Finding]
    carried: dict[Hashable, Any]


def _of_file(path: Path, name: str, layer: str | None, separator: str | None, encoding: str | None) -> _Read:
    """Read the rows of a file, numbered from 1."""
    require_file(path, name)
    ending = path.suffix.lower()
    lines: Sequence[int] = ()
    findings: list[Finding] = []
    if ending in EXCEL:
        frame, findings = _sheet(path, name, layer)
    elif ending in PARQUET | ARROW:
        frame = without_shapes(columns_of_file(path, name).rows)
    elif ending in LAYERS:
        frame = _layer(path, name, layer)
        findings = says_it_is_a_part(path, len(frame), layer=layer)
    else:
        columns, lines, findings = _text_file(path, name, separator, encoding)
        frame = pd.DataFrame(columns, dtype="object")
    frame = frame.set_index(pd.RangeIndex(1, len(frame) + 1))
    return _Read(frame, record_of(path, name), lines, findings, {})


def _of_frame(source: Any, name: str, id: str | None, of_files: dict[str, str | None]) -> _Read:  # noqa: A002
    """Take the rows of what the caller holds, on their index."""
    for word, value in of_files.items():
        if value is not None:
            raise InputError(word, f"it is said of {a_kind(source)}, which has none", f"Leave {word} out.")
    given = rows_given(source, name)
    require_one_level(given.index, name)
    record = record_of_frame(given, name)
    carried: dict[Hashable, Any] = {key: list(given.attrs[key]) for key in CARRIED if key in given.attrs}
    if id is not None and id not in given.columns and id == given.index.name:
        given = given.reset_index()
    return _Read(without_shapes(given), record, (), [], carried)


def without_shapes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a frame without its columns of shapes.

    Examples
    --------
    >>> import geopandas as gpd
    >>> without_shapes(gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([0], [0]))).columns.tolist()
    ['a']
    """
    shapes = [label for label in frame.columns if str(frame[label].dtype) == "geometry" or label == "geometry"]
    return pd.DataFrame(frame.drop(columns=shapes))


def _text_file(
    path: Path, name: str, separator: str | None, encoding: str | None
) -> tuple[dict[str, list[str]], list[int], list[Finding]]:
    text, findings = text_of_bytes(path.read_bytes(), path.name, name, encoding)
    rows, lines, _ = rows_of(text, path.name, name, separator)
    cells = [list(column) for column in zip(*rows[1:], strict=True)]
    labels, trimmed = headers(rows[0], cells, path.name, name)
    columns = {
        label: column
        for label, column, cell in zip(labels, cells, rows[0], strict=True)
        # A separator at the end of every line makes a column of nothing.
        if cell.strip() or any(each.strip() for each in column)
    }
    return columns, lines[1:], [*findings, *trimmed]


def _numbers(
    frame: pd.DataFrame,
    *,
    kept: Sequence[str],
    words: set[str],
    zero: set[str],
    decimal: Sign | None,
    file: str,
    name: str,
    lines: Sequence[int],
) -> tuple[pd.DataFrame, list[Finding]]:
    """Turn the text columns of a frame into numbers where they hold nothing else; ids become text."""
    frame = frame.copy()
    texts: dict[str, list[str]] = {}
    for label in frame.columns:
        column = frame[label]
        if label in kept:
            texts[label] = ["" if value is None else value for value in as_text(column)]
        elif _is_text(column):
            cells = ["" if value is None or value != value else _cell_text(value) for value in column]  # noqa: PLR0124 (NaN)
            texts[label] = ["" if cell.strip() in words else cell for cell in cells]
    read, findings = number_columns(texts, kept=kept, decimal=decimal, file=file, name=name, lines=lines, zero=zero)
    for label, column in read.items():
        if label not in kept and not isinstance(column, np.ndarray) and not _all_text(frame[label]):
            continue  # words and numbers in one column of a workbook stay as they are
        frame[label] = column if isinstance(column, np.ndarray) else column.to_numpy()
    return frame, findings


def _zero_marks(zero: Iterable[str], words: set[str]) -> set[str]:
    """Return the marks that mean zero, none of which may mean that a value is missing as well."""
    if isinstance(zero, str):
        raise InputError("zero", f"it is {zero!r}", f"Give a list: [{zero!r}].")
    zeros = {str(mark).strip() for mark in zero}
    if "" in zeros or zeros & words:
        found = "an empty cell is no mark" if "" in zeros else f"{listed(sorted(zeros & words))} is in missing as well"
        raise InputError("zero", found, "A mark means one thing: look into the legend of the table.")
    return zeros


def _is_text(column: pd.Series[Any]) -> bool:
    """Whether all cells are text, or, as in a workbook, text and numbers."""
    if not (pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)):
        return False
    cells = column.dropna()
    return any(isinstance(value, str) for value in cells) and all(
        isinstance(value, str | int | float | np.number) and not isinstance(value, bool | np.bool_ | np.timedelta64)
        for value in cells
    )


def _all_text(column: pd.Series[Any]) -> bool:
    return all(isinstance(value, str) for value in column.dropna())


def _cell_text(value: Any) -> str:
    """Return a cell as text; the decimals of a number after a sign that no country writes."""
    return (
        value if isinstance(value, str) else repr(value.item() if hasattr(value, "item") else value).replace(".", "D")
    )


def as_text(column: pd.Series[Any] | pd.Index[Any]) -> list[str | None]:
    """Return ids as text: whole numbers without a decimal point, and None where there is none.

    Examples
    --------
    >>> as_text(pd.Series([1001.0, 1003.0])), as_text(pd.Series([" 01001 ", None]))
    (['1001', '1003'], ['01001', None])
    """
    found: list[str | None] = []
    for value in column:
        if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
            found.append(None)
        elif isinstance(value, float | np.floating) and float(value).is_integer():
            found.append(f"{value:.0f}")
        else:
            found.append(str(value).strip() or None)
    return found


def _require(there: list[Any], wanted: Iterable[str], file: str, name: str) -> None:
    for column in wanted:
        if column not in there:
            near = difflib.get_close_matches(column, [str(each) for each in there], n=1, cutoff=0.6)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise InputError(name, f"{file} has no column {column}", f"{meant}It has: {', '.join(map(str, there))}.")


def _with_index(frame: pd.DataFrame, column: str, name: str, lines: Sequence[int]) -> pd.DataFrame:
    ids = frame[column]
    empty = ids.isna().to_numpy()
    if empty.any():
        raise DuplicateIdError(
            name,
            f"{int(empty.sum()):,} rows have no {column}",
            "Fill the column, or delete the rows.",
            rows=[f"line {line}" for line, bad in zip(lines, empty, strict=True) if bad],
        )
    require_unique(frame, column, name)
    return frame.drop(columns=column).set_index(pd.Index(ids.astype(str), name=column, dtype="object"))


def require_unique(frame: pd.DataFrame, column: str, name: str) -> None:
    """Refuse ids that occur twice, and say whether their rows are the same or contradict each other.

    Raises
    ------
    DuplicateIdError
        Naming the ids.
    """
    same, contrary = repeated_ids(frame, frame[column])
    if not same and not contrary:
        require_ids(frame.set_index(column), name)
        return
    parts = []
    if same:
        parts.append(f"{len(same):,} ids occur more than once with the same values")
    if contrary:
        parts.append(f"{len(contrary):,} ids occur more than once with values that contradict each other")
    advice = (
        "Their people would be counted twice. Decide which row is right; which one is cannot be told from the table."
        if contrary
        else "Their people would be counted twice. Keep one of each with sources.unique_rows."
    )
    raise DuplicateIdError(name, " and ".join(parts), advice, rows=[*contrary, *same])


def repeated_ids(frame: pd.DataFrame, ids: Any) -> tuple[list[Any], list[Any]]:
    """Return the ids that occur more than once: with the same values in every row, and with different ones."""
    labels = pd.Series(list(ids), index=frame.index, dtype="object")
    twice = labels.duplicated(keep=False).to_numpy()
    if not twice.any():
        return [], []
    geometry = getattr(frame, "geometry", None) if hasattr(frame, "crs") else None
    rows = pd.DataFrame(frame.drop(columns=geometry.name) if geometry is not None else frame)
    if geometry is not None:
        rows["(shape)"] = geometry.to_wkb()
    rows = rows[twice].astype("object").where(rows[twice].notna(), None)
    same: list[Any] = []
    contrary: list[Any] = []
    for label, group in rows.groupby(labels[twice], sort=False):
        alike = all(len(dict.fromkeys(map(repr, group[column]))) == 1 for column in group)
        (same if alike else contrary).append(label)
    return same, contrary


def _layer(path: Path, name: str, layer: str | None) -> pd.DataFrame:
    import pyogrio

    require_own_data(path, name)
    with path.open("rb") as stream:
        beginning = stream.read(HEAD)
    require_kind(beginning, path.name, name)
    with reading_whole_file(path, name):
        names = [str(each) for each, _ in pyogrio.list_layers(path.absolute())]
        if layer is None and len(names) > 1:
            found = f"{path.name} has {len(names):,} layers: {', '.join(names)}"
            raise InputError(name, found, f"Say which one to read, for example layer={names[0]!r}.")
        if layer is not None and layer not in names:
            raise InputError(name, f"{path.name} has no layer {layer}", f"It has: {', '.join(names)}.")
        if beginning.startswith(b"SQLite"):
            require_plain_table(path, layer or names[0], name)
        frame = pyogrio.read_dataframe(path.absolute(), layer=layer, read_geometry=False)
    return pd.DataFrame(frame)


def _sheet(path: Path, name: str, sheet: str | None) -> tuple[pd.DataFrame, list[Finding]]:
    openpyxl = needed("openpyxl", name)
    with reading_whole_file(path, name):
        with zipfile.ZipFile(path) as archive:
            require_members(archive, path, name, largest=LARGEST_SHEET)
        # Opened here, so that it is closed even where the library gives up.
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            names = list(book.sheetnames)
            if sheet is None and len(names) > 1:
                found = f"{path.name} has {len(names)} sheets: {', '.join(names)}"
                raise InputError(name, found, f"Say which one to read, for example layer={names[0]!r}.")
            if sheet is not None and sheet not in names:
                raise InputError(name, f"{path.name} has no sheet {sheet}", f"It has: {', '.join(names)}.")
            rows = [list(row) for row in book[sheet or names[0]].iter_rows(values_only=True)]
            book.close()
    rows = [row for row in rows if any(cell not in {None, ""} for cell in row)]
    if len(rows) < 2:
        raise InputError(name, f"{path.name} holds no rows below its header", "Check that it is the right sheet.")
    width = max(place for row in rows for place, cell in enumerate(row, 1) if cell not in {None, ""})
    rows = [(row + [None] * width)[:width] for row in rows]
    texts = [["" if cell is None else str(cell) for cell in column] for column in zip(*rows[1:], strict=True)]
    labels, findings = headers(["" if cell is None else str(cell) for cell in rows[0]], texts, path.name, name)
    return pd.DataFrame(rows[1:], columns=labels).infer_objects(), findings
