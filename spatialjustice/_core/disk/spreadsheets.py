"""Tables for spreadsheets: text that they would run as a formula is made inert."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

# Spreadsheets run what follows these signs, also after blanks, and some in their wide forms of East Asian keyboards; a
# semicolon or tab begins a new cell where the decimal sign is a comma.
BLANKS = r"\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060\ufeff"
SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
BEGINS = re.compile(rf"[{BLANKS}]*{SIGN}|[\t\r]")
# It matches whether a sign follows or not, so that no letter is looked at twice.
NEW_CELL = re.compile(rf"([;\t\r\n][;{BLANKS}]*+)({SIGN}?)")


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


def _inert(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    inside = NEW_CELL.sub(lambda found: f"{found[1]}'{found[2]}" if found[2] else found[1], value)
    return f"'{inside}" if BEGINS.match(value) else inside
