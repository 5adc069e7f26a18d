"""Tables for spreadsheets, also as comma-separated text: what they would run as a formula is made inert."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

# Spreadsheets run what follows these signs, also after blanks, and some in their wide forms of East Asian keyboards; a
# semicolon or tab begins a new cell where the decimal sign is a comma.
BLANKS = r"\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060\ufeff"
SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
BEGINS = re.compile(rf"[{BLANKS}]*{SIGN}|[\t\r]")
# It matches whether a sign follows or not, so that no letter is looked at twice.
NEW_CELL = re.compile(rf"([;\t\r\n][;{BLANKS}]*+)({SIGN}?)")

QUOTE = '"'
ENDS_FIELD = re.compile('[",\r\n]')
ROWS = 500
"""Rows that are written at a time."""


def safe_for_spreadsheets(frame: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before text that a spreadsheet would run as a formula; numbers stay as they are.

    Ids and names of columns come from the user's files, too.

    Examples
    --------
    >>> safe_for_spreadsheets(pd.DataFrame({"name": ["=1+1", " +1", "a;@x", "plain"]}))["name"].tolist()
    ["'=1+1", "' +1", "a;'@x", 'plain']
    """
    guarded = frame.copy()
    for name in guarded.columns:
        if pd.api.types.is_numeric_dtype(guarded[name]):
            continue
        texts = [value for value in guarded[name].unique() if isinstance(value, str)]
        risky = {value: _inert(value) for value in texts if _inert(value) != value}
        if risky:
            guarded[name] = guarded[name].map(lambda value, risky=risky: risky.get(value, value))
    guarded.columns = pd.Index([_inert(name) for name in guarded.columns])
    guarded.index = pd.Index([_inert(label) for label in guarded.index], name=_inert(guarded.index.name))
    return guarded


def csv_text(frame: pd.DataFrame, *, index: bool) -> str:
    """Return a table as comma-separated text with texts made inert: what pandas writes of the guarded table.

    Parameters
    ----------
    frame
        The table.
    index
        Whether the ids of its rows are written before its columns.

    Examples
    --------
    >>> print(csv_text(pd.DataFrame({"name": ["=1+1", "a, b"], "value": [0.5, None]}), index=False), end="")
    name,value
    '=1+1,0.5
    "a, b",
    """
    return "".join(csv_parts(frame, index=index))


def csv_parts(frame: pd.DataFrame, *, index: bool) -> Iterator[str]:
    """Yield the text of :func:`csv_text` some rows at a time: the whole of a large table need not be held."""
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    columns = [frame.index.to_series(), *columns] if index else columns
    fields = [_fields(column) for column in columns]
    several_levels = frame.columns.nlevels > 1 or frame.index.nlevels > 1
    if several_levels or len(fields) < 2 or None in fields:
        yield safe_for_spreadsheets(frame).to_csv(index=index, lineterminator="\n")
        return
    heads = [*([frame.index.name] if index else []), *frame.columns]
    yield ",".join("" if head is None else _field(head) for head in heads) + "\n"
    # Of millions of cells only the text is made at a time that is written at a time, and not each of the fields.
    for begin in range(0, len(frame), ROWS):
        part = [written(slice(begin, begin + ROWS)) for written in fields if written is not None]
        yield "\n".join([*map(",".join, zip(*part, strict=True)), ""])


def _fields(column: pd.Series[Any]) -> Callable[[slice], list[str]] | None:
    """Return what writes the fields of some rows of a column; None for kinds that are left to pandas."""
    if isinstance(column.dtype, pd.StringDtype):
        # Of the few different texts of a column each is looked at once.
        return _texts(*pd.factorize(column))
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.categories.dtype in ("str", "object"):
        return _texts(column.cat.codes.to_numpy(), column.cat.categories)
    if column.dtype == np.float64:
        numbers = column.to_numpy()
        return lambda rows: ["" if one != one else repr(one) for one in numbers[rows].tolist()]  # noqa: PLR0124 - NaN
    if column.dtype == object or getattr(column.dtype, "kind", "") in set("iub"):
        values, missing = column.to_numpy(dtype=object), column.isna().to_numpy()
        return lambda rows: [
            "" if none else _field(one) for one, none in zip(values[rows], missing[rows].tolist(), strict=True)
        ]
    return None


def _texts(codes: NDArray[Any], texts: pd.Index[Any]) -> Callable[[slice], list[str]]:
    """Return what writes texts by their numbers: nothing for -1."""
    written = [*map(_field, texts.tolist()), ""]
    return lambda rows: [written[code] for code in codes[rows].tolist()]


def _field(value: Any) -> str:
    """Write a field: texts inert, and in quotes where a sign in them would end it."""
    text = str(_inert(value))
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if ENDS_FIELD.search(text) else text


def _inert(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    inside = NEW_CELL.sub(lambda found: f"{found[1]}'{found[2]}" if found[2] else found[1], value)
    return f"'{inside}" if BEGINS.match(value) else inside
