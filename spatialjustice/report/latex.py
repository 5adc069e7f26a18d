"""Tables for papers: a frame as LaTeX, narrow, with units in its head and what the numbers leave out below it."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import measures, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIGNS = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "≤": r"$\leq$", "≥": r"$\geq$", "−": "$-$", "×": r"$\times$",
    "²": r"\textsuperscript{2}",
}  # fmt: skip
BRACES = {"{": r"\{", "}": r"\}"}
MISSING = "--"
BOUNDS = (("value", "low", "high"),)
"""A value and its interval, which share a column."""
NOTED = ("cutoff", "level", "replications", "seed")
PERSIAN = "% Persian inside: compile with XeLaTeX or LuaLaTeX, and a package that sets it from right to left (bidi).\n"


def escaped(text: str, *, braces: bool = False) -> str:
    r"""Return a text as LaTeX must be given it to print each of its signs.

    Parameters
    ----------
    text
        Any text.
    braces
        Leave braces as they are, which BibTeX reads itself.

    Examples
    --------
    >>> print(escaped("100% of zone_1 & more"))
    100\% of zone\_1 \& more
    """
    signs = SIGNS if braces else SIGNS | BRACES
    return "".join(signs.get(sign, sign) for sign in text)


def latex(
    frame: pd.DataFrame | pd.Series[Any],
    *,
    columns: Sequence[str] | None = None,
    caption: str = "",
    label: str = "",
    digits: int = 3,
) -> str:
    r"""Write a result as a table for a paper.

    Needs the LaTeX package ``booktabs`` alone. Without ``columns`` the table is narrow: columns that hold nothing are
    left out, what is the same in every row is told once below the table, and an interval stands in brackets beside its
    value. Below it stand also the limit, the seed and who is left out, as ``attrs`` tell.

    Parameters
    ----------
    frame
        What a verb returned, for example :func:`~spatialjustice.inequality.summary` or
        :func:`~spatialjustice.access.coverage`, or any other frame or Series.
    columns
        Columns to show, in this order; all of them are shown then.
    caption, label
        What stands above the table, and the name by which the text refers to it.
    digits
        Significant digits of numbers that are not whole.

    Returns
    -------
    str
        LaTeX. A value that is missing is a dash, never zero.

    Raises
    ------
    InputError
        When a column is not there, nothing is left to show, or there is no digit to show.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"people": [1250.0, 40.0]}, index=pd.Index(["within 15 min", "beyond"], name="who"))
    >>> print(latex(table))
    \begin{tabular}{lr}
    \toprule
    Who & People \\
    \midrule
    within 15 min & 1,250 \\
    beyond & 40 \\
    \bottomrule
    \end{tabular}
    """
    if digits < 1:
        raise InputError("digits", f"it is {digits}", "Give 1 or more.")
    attrs = {str(name): value for name, value in frame.attrs.items()}
    made = frame.to_frame(frame.name or attrs.get("measure") or "value") if isinstance(frame, pd.Series) else frame
    units = _units(made, attrs)
    notes: list[str] = []
    if columns is not None:
        absent = [name for name in columns if name not in made.columns]
        if absent:
            raise InputError("columns", f"there is no column {absent[0]}", f"Choose from {', '.join(map(str, made))}.")
        shown = made[list(columns)]
    else:
        shown, notes = _narrow(made, digits, units)
        shown, nobody = _without_nobody(shown)
        notes += nobody
    if not len(shown) or not len(shown.columns):
        raise InputError("frame", "nothing is left to show", "Name the columns to show: columns=[…].")
    shown = _with_index(shown)
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in shown.dtypes]
    written = [_written(shown[name], digits, meaning=str(name)) for name in shown.columns]
    return _table(
        [_head(str(name), units.get(str(name), "")) for name in shown.columns],
        [list(row) for row in zip(*written, strict=True)],
        "".join("r" if number or name == "value" else "l" for name, number in zip(shown.columns, numeric, strict=True)),
        [*notes, *_told(attrs)],
        caption,
        label,
    )


def _units(frame: pd.DataFrame, attrs: Mapping[str, Any]) -> dict[str, str]:
    """Return the units of columns: what the frame says of them, and of a single one what it says of itself."""
    found = {
        str(name): str(known["unit"])
        for name, known in dict(attrs.get("columns", {})).items()
        if isinstance(known, dict) and known.get("unit")
    }
    if len(frame.columns) == 1 and attrs.get("unit"):
        found.setdefault(str(frame.columns[0]), str(attrs["unit"]))
    return found


def _narrow(frame: pd.DataFrame, digits: int, units: Mapping[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Leave out empty columns, and those that say the same in every row, which become notes."""
    kept, notes = frame.copy(), []
    for value, low, high in BOUNDS:
        if {value, low, high} <= set(kept.columns):
            if kept[[low, high]].notna().all(axis=None):
                written = [_number(one, digits) for one in kept[value]]
                spans = zip(kept[low], kept[high], strict=True)
                both = [f"{_number(one, digits)} to {_number(two, digits)}" for one, two in spans]
                kept[value] = [f"{one} ({two})" for one, two in zip(written, both, strict=True)]
            kept = kept.drop(columns=[low, high])
    for name in list(kept.columns):
        column = kept[name]
        if (column.isna() | column.astype(str).str.strip().eq("")).all():
            kept = kept.drop(columns=name)
        elif len(kept) > 1 and column.notna().all() and (column == column.iloc[0]).all() and len(kept.columns) > 1:
            said = _written(column.iloc[:1], digits)[0]
            notes.append(f"{_head(str(name), units.get(str(name), ''))}: {said}".rstrip(": "))
            kept = kept.drop(columns=name)
    return kept, notes


def _without_nobody(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out statuses that nobody has; a note names them."""
    if frame.index.name != "status" or len(frame.select_dtypes("number").columns) < len(frame.columns):
        return frame, []
    nobody = frame.eq(0).all(axis=1)
    said = ", ".join(_status(str(one)) for one in frame.index[nobody])
    return frame[~nobody], [f"Nobody: {said}"] if said else []


def _status(name: str) -> str:
    return escaped(words("en").get(f"status.{name}", name.replace("_", " ")))


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the index before the columns, where it says anything."""
    if isinstance(frame.index, pd.RangeIndex) and frame.index.name is None:
        return frame
    index = frame.index.to_frame(index=False)
    index.columns = pd.Index(["id" if name is None else name for name in frame.index.names])
    return pd.concat([index, frame.reset_index(drop=True)], axis=1)


def _written(column: pd.Series[Any], digits: int, *, meaning: str = "") -> list[str]:
    if meaning == "measure":
        return [_measure(str(one)) for one in column]
    if meaning == "status":
        return [_status(str(one)) for one in column]
    if pd.api.types.is_bool_dtype(column):
        return ["yes" if one else "no" for one in column]
    if pd.api.types.is_numeric_dtype(column):
        return [_number(one, digits) for one in column]
    # An interval that was put beside its value is written already.
    return [MISSING if pd.isna(one) else _plain(str(one)) for one in column]


def _measure(name: str) -> str:
    title = words("en").get(f"measure.{name}.title", name) if name in measures() else name.replace("_", " ")
    return escaped(title[:1].upper() + title[1:])


def _plain(text: str) -> str:
    return text if re.fullmatch(r"[\d.,$\\a-z{}^ -]+ \(.*\)", text) else escaped(text)


def _number(value: Any, digits: int) -> str:
    """Write a number: whole ones whole, others with so many significant digits, very small ones as powers of ten."""
    if value is None or pd.isna(value):
        return MISSING
    number = float(value)
    if not math.isfinite(number):
        return r"$\infty$" if number > 0 else r"$-\infty$"
    sign = "$-$" if number < 0 else ""
    size = abs(number)
    if size == round(size):
        return f"{sign}{size:,.0f}"
    if size < 1e-4:
        mantissa, power = f"{size:.{digits - 1}e}".split("e")
        return rf"{sign}${mantissa}\times10^{{{int(power)}}}$"
    return f"{sign}{size:,.{max(0, digits - 1 - math.floor(math.log10(size)))}f}"


def _head(name: str, unit: str) -> str:
    said = escaped(name.removeprefix("of_").replace("_", " "))
    unit = words("en").get(f"unit.{unit}", unit) if unit not in {"label", ""} else ""
    return f"{said[:1].upper()}{said[1:]}{f' ({escaped(unit)})' if unit and unit.lower() != name.lower() else ''}"


def _told(attrs: Mapping[str, Any]) -> list[str]:
    """Say below the table what its numbers rest on and leave out."""
    told = []
    for name in NOTED:
        value = attrs.get(name)
        if value in {None, 0} or (name in {"level", "seed"} and not attrs.get("replications", 1)):
            continue
        unit = f" {attrs['cutoff_unit']}" if name == "cutoff" and attrs.get("cutoff_unit") else ""
        told.append(f"{_head(name, '')}: {value if name == 'seed' else f'{value:g}'}{escaped(unit)}")
    left = {str(name): count for name, count in dict(attrs.get("left_out") or {}).items() if count}
    if left:
        told.append(
            "Left out: " + ", ".join(f"{escaped(name.replace('_', ' '))} {_number(n, 3)}" for name, n in left.items())
        )
    return told


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], kinds: str, notes: Sequence[str], caption: str, label: str
) -> str:
    lines = [rf"\begin{{tabular}}{{{kinds}}}", r"\toprule", rf"{' & '.join(head)} \\", r"\midrule"]
    lines += [rf"{' & '.join(row)} \\" for row in rows]
    lines += [r"\bottomrule"]
    lines.append(r"\end{tabular}")
    if notes:
        lines.append(rf"\par\smallskip{{\footnotesize {'; '.join(notes)}.\par}}")
    if caption or label:
        above = [r"\begin{table}", r"\centering", *([rf"\caption{{{escaped(caption)}}}"] if caption else [])]
        lines = [*above, *([rf"\label{{{label}}}"] if label else []), *lines, r"\end{table}"]
    made = "\n".join(lines)
    right_to_left = any(unicodedata.bidirectional(sign) in {"R", "AL"} for sign in made)
    return f"{PERSIAN if right_to_left else ''}{made}"
