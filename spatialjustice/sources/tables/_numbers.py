"""Cells that are numbers, as people write them: decimal commas, thousands, Persian digits, codes for missing ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding
from spatialjustice._core.numbers.digits import LATIN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

Sign = Literal[".", ","]

ESTIMATE_CODES: Mapping[float, str] = {
    -666666666.0: "too few sample cases to compute it",
    -999999999.0: "too few sample cases to show it",
    -888888888.0: "not applicable or not available",
    -222222222.0: "too few sample cases for its margin of error",
    -333333333.0: "a median in the lowest or highest class, which has no margin of error",
    -555555555.0: "a controlled estimate, which has no margin of error",
}
"""What the US Census Bureau writes instead of a number, and why."""

# A missing value written as nines; shorter ones can be real numbers.
NINES = re.compile(r"-9{3,}")
SHORT_CODES = (-1.0, -9.0, -99.0)
# Left out: the Persian sign between thousands, and marks of direction; D stands before decimals.
WRITTEN = {
    **LATIN,
    **dict.fromkeys(map(ord, "\u200e\u200f٬")),
    ord("٫"): "D",
    ord("−"): "-",
    ord("٪"): "%",
    0xFF05: "%",
}
# Blanks of all widths and apostrophes part thousands in France, Switzerland and elsewhere: one of them all through.
PARTING = " \u00a0\u2009\u202f\u2007'\u2019\u02bc\u00b4`"
PARTED = re.compile(rf"[+-]?[1-9]\d{{0,2}}([{PARTING}])\d{{3}}(?:\1\d{{3}})*(?:[.,D]\d+)?")
PARTERS = dict.fromkeys(map(ord, PARTING))
PLAIN = re.compile(r"[+-]?(\d+(D\d*)?|D\d+)([eE][+-]?\d+)?")
SHAPED = re.compile(r"[+-]?[.,]*\d[\d.,]*([eE][+-]?\d+)?")
# With commas also as in India, where only the last three digits stand together: 12,34,567.
THOUSANDS = {
    ".": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+"),
    ",": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+|[+-]?[1-9]\d?(,\d{2})+,\d{3}"),
}
OTHER: dict[Sign, Sign] = {".": ",", ",": "."}
# Codes that a number would change: with a zero at the front, or more digits than a number keeps.
CODE = re.compile(r"0\d+|\d{16,}")
# A column of which so many cells are numbers, or whose other cells are so few words, was meant to hold numbers.
SOME = 0.2
FEW_WORDS = 5
UNIT = re.compile(r"[€$£¥₹₽﷼]?\s?[+-]?\d[\d.,]*\s?([€$£¥₹₽﷼]|[A-Za-zµ²³/]{1,5}\.?)?")
DEGREES = frozenset(["latitude", "lat", "longitude", "lon", "lng", "long"])
"""Columns that hold no thousands, because degrees end at 180."""
DASHES = frozenset("-\u2010\u2011\u2012–—\u2015−")
"""Signs that many offices write for an exact zero, and many for nothing known."""

# What people, statistical offices and spreadsheets write where there is no number.
MARKS = DASHES | frozenset(
    [
        "..", "...", "…", ".", ":", "/", "*", "**", "***", "x", "(x)", "n/a", "na", "n.a.", "n.d.", "nan", "null",
        "none", "#n/a", "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!",
    ]
)  # fmt: skip


@dataclass(slots=True)
class ColumnCells:
    """The cells of one column that are not empty, written as Latin digits; those that only mark a gap apart."""

    label: str
    texts: list[str] = field(default_factory=list)
    where: list[int] = field(default_factory=list)
    original: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    zeros: list[str] = field(default_factory=list)
    percent: bool = False

    def definite(self) -> set[Sign]:
        """Decimal signs that some cell of the column can only have meant so."""
        degrees = self.label.strip().lower() in DEGREES
        return {sign for text in self.signed() if (sign := _decimal(text) or (_only_sign(text) if degrees else None))}

    def signed(self) -> list[str]:
        """Return the cells with a point or a comma; most tables have few."""
        return [text for text in self.texts if "." in text or "," in text]

    def open(self) -> list[int]:
        """Places of the cells in which a single sign may part thousands or decimals."""
        return [place for place, text in enumerate(self.texts) if ("." in text or "," in text) and _is_ambiguous(text)]


def _decimal(text: str) -> Sign | None:
    """Return the decimal sign of a number when only one reading of it is possible."""
    for sign in (".", ","):
        other = OTHER[sign]
        if text.count(sign) == 1 and other not in text and not THOUSANDS[sign].fullmatch(text):
            return sign
        if sign in text and other in text and text.rfind(sign) > text.rfind(other) and text.count(sign) == 1:
            return sign
        # Twice the same sign: it parts thousands, and the decimals have the other.
        if text.count(other) > 1 and THOUSANDS[other].fullmatch(text):
            return sign
    return None


def _only_sign(text: str) -> Sign | None:
    """Return the point or comma of a number that has one of them, once."""
    found: list[Sign] = [sign for sign in OTHER if sign in text]
    return found[0] if len(found) == 1 and text.count(found[0]) == 1 else None


def _is_ambiguous(text: str) -> bool:
    return any(text.count(sign) == 1 and bool(THOUSANDS[sign].fullmatch(text)) for sign in ".,")


def cells_of_column(cells: Iterable[str], label: str, zero: Collection[str] = ()) -> ColumnCells:
    """Return the cells of a column that are not empty, in Latin digits, and where they stand.

    Marks in ``zero`` are the number 0. Signs of percent are left out where all other cells have one.
    """
    found = ColumnCells(label)
    for place, cell in enumerate(cells):
        text = cell.strip()
        if text in zero:
            found.zeros.append(text)
        elif text.lower() in MARKS:
            found.marks.append(text)
            continue
        elif not text:
            continue
        found.texts.append("0" if text in zero else _in_latin_digits(text))
        found.where.append(place)
        found.original.append(text)
    numbers = [text for text, given in zip(found.texts, found.original, strict=True) if given not in zero]
    if numbers and all(text.endswith("%") for text in numbers):
        found.percent = True
        found.texts = [_in_latin_digits(text.removesuffix("%").rstrip()) for text in found.texts]
    return found


def _in_latin_digits(text: str) -> str:
    """Return a cell in Latin digits, without what parts its thousands if that is no comma or point."""
    text = text if text.isascii() else text.translate(WRITTEN)
    return text.translate(PARTERS) if PARTED.fullmatch(text) else text


def number_meant(text: str, decimal: Sign) -> float | None:
    """Return the number a text means, its decimals after ``decimal``; None where it is none.

    Examples
    --------
    >>> number_meant("1.234,5", ","), number_meant("1,234", "."), number_meant("12 m", ".")
    (1234.5, 1234.0, None)
    """
    if text.isascii() and text.isdecimal():
        return float(text)
    other = OTHER[decimal]
    if other in text:
        whole = re.split(f"[D{decimal}]", text, maxsplit=1)[0]
        if not THOUSANDS[other].fullmatch(whole) or other in text[len(whole) :]:
            return None
        text = text.replace(other, "")
    text = text.replace(decimal, "D")
    return float(text.replace("D", ".")) if PLAIN.fullmatch(text) else None


def number_columns(
    columns: Mapping[str, Sequence[str]],
    *,
    kept: Iterable[str],
    decimal: Sign | None,
    file: str,
    name: str,
    lines: Sequence[int],
    zero: Collection[str] = (),
) -> tuple[dict[str, Any], list[Finding]]:
    """Turn the columns that hold nothing but numbers into numbers; leave the others, and those in ``kept``, as text.

    Raises
    ------
    InputError
        When a column can be read with thousands or with decimals and nothing in the file tells which.
    """
    kept = set(kept)
    cells = {label: cells_of_column(values, label, () if label in kept else zero) for label, values in columns.items()}
    shaped = {label: each for label, each in cells.items() if label not in kept and _all_shaped(each)}
    signs: set[Sign] = set() if decimal is None else {decimal}
    if decimal is None:
        signs = {sign for each in shaped.values() for sign in each.definite()}
    result: dict[str, Any] = {}
    findings: list[Finding] = []
    read: list[ColumnCells] = []
    for label, values in columns.items():
        each = cells[label]
        sign = _sign_of(each, signs, file, name, lines) if label in shaped else None
        numbers = [number_meant(text, sign) for text in each.texts] if sign else []
        of_others: Sign = "," if signs == {","} else "."
        if not sign or None in numbers:
            result[label] = _text(values)
            if label not in kept:
                findings += _stays_text(each, sign or of_others, file)
            continue
        column = np.full(len(values), np.nan)
        column[each.where] = np.array(numbers, dtype=np.float64)
        result[label] = _whole(column)
        read.append(each)
    guessed = [each for each in read if decimal is None and each.open() and not each.definite()]
    return result, [
        *findings,
        *_rewritten(read, file),
        *_guessed_sign(guessed, signs, file),
        *_marks_of_gaps(read, file),
    ]


def _rewritten(read: list[ColumnCells], file: str) -> list[Finding]:
    """Tell which columns were written in another way than computers do."""
    findings: list[Finding] = []
    commas = [each.label for each in read if not each.percent and not _are_plain_numbers(each)]
    if commas:
        message = (
            f"{len(commas)} columns of {file} are written with thousands, decimal commas or Persian digits and were "
            f"read as numbers: {listed(commas)}."
        )
        findings.append(Finding("numbers_rewritten", "information", message, count=len(commas)))
    percent = [each.label for each in read if each.percent]
    if percent:
        message = (
            f"{len(percent)} columns of {file} have signs of percent, which were left out: 12 % is 12, not 0.12 "
            f"({listed(percent)})."
        )
        findings.append(Finding("percent_signs_left_out", "information", message, count=len(percent)))
    return findings


def _are_plain_numbers(cells: ColumnCells) -> bool:
    same = all(text == given or given in cells.zeros for text, given in zip(cells.texts, cells.original, strict=True))
    return same and not any("," in text or text.count(".") > 1 for text in cells.signed())


def _guessed_sign(guessed: list[ColumnCells], signs: set[Sign], file: str) -> list[Finding]:
    """Warn of columns whose sign before decimals is that of other columns: these tell nothing of them."""
    if not guessed:
        return []
    sign = next(iter(signs), ".")
    examples = [f"{each.label} ({each.original[each.open()[0]]})" for each in guessed]
    word = {".": "point", ",": "comma"}[sign]
    message = (
        f"{len(guessed)} columns of {file} may hold thousands or decimals, and were read with a {word} before decimals "
        f"only because other columns have it: {listed(examples)}."
    )
    advice = "Look at a number of each, and say decimal='.' or decimal=',' or write the column in another way."
    return [Finding("decimal_sign_guessed", "warning", message, count=len(guessed), advice=advice)]


def _marks_of_gaps(read: list[ColumnCells], file: str) -> list[Finding]:
    """Tell which columns had marks for a gap or for zero, and which dashes may be either."""
    findings: list[Finding] = []
    zeros = {f"{each.label} ({listed(dict.fromkeys(each.zeros))})": len(each.zeros) for each in read if each.zeros}
    if zeros:
        count = sum(zeros.values())
        message = f"{count:,} cells of {file} hold a mark that was said to mean zero and count as 0: {listed(zeros)}."
        findings.append(Finding("marks_made_zero", "information", message, count=count))
    marked = {f"{each.label} ({listed(dict.fromkeys(each.marks))})": len(each.marks) for each in read if each.marks}
    if marked:
        count = sum(marked.values())
        message = f"{count:,} cells of {file} hold a mark instead of a number and were made missing: {listed(marked)}."
        findings.append(Finding("marks_made_missing", "information", message, count=count))
    # An office that has another mark for what it does not know has the dash for nothing at all.
    beside = [each for each in read if DASHES & set(each.marks) and set(each.marks) - DASHES]
    if beside:
        count = sum(mark in DASHES for each in beside for mark in each.marks)
        message = (
            f"{count:,} cells of {file} hold a dash in columns that have other marks as well, and were made missing: "
            f"there a dash most likely means zero ({listed(each.label for each in beside)})."
        )
        advice = "Look into the legend of the table. If the dash is a zero, say so: zero=['-']."
        findings.append(Finding("dash_may_be_zero", "warning", message, count=count, advice=advice))
    return findings


def _all_shaped(cells: ColumnCells) -> bool:
    """Whether all cells look like numbers and none is a code that would lose a zero or its last digits."""
    return bool(cells.texts) and all(
        not CODE.fullmatch(text) and (SHAPED.fullmatch(text) or PLAIN.fullmatch(text)) for text in cells.texts
    )


def _sign_of(cells: ColumnCells, of_file: set[Sign], file: str, name: str, lines: Sequence[int]) -> Sign:
    """Return the decimal sign of a column: its own, else that of the file."""
    own = cells.definite()
    if len(own) == 1:
        return next(iter(own))
    doubtful = cells.open()
    if not own and doubtful and len(of_file) != 1:
        text = cells.original[doubtful[0]]
        raise InputError(
            name,
            f"the column {cells.label} of {file} holds {text}, which may be a number with decimals or with thousands, "
            "and nothing in the file tells which",
            "Say which sign stands before the decimals: decimal='.' or decimal=','.",
            rows=[f"line {lines[cells.where[place]]}" for place in doubtful],
        )
    if len(own) > 1:
        raise InputError(
            name,
            f"the column {cells.label} of {file} holds decimals after a point and after a comma",
            "Write all of them in one way.",
        )
    return next(iter(of_file)) if len(of_file) == 1 else "."


def _text(values: Sequence[str]) -> pd.Series[Any]:
    return pd.Series([value.strip() or None for value in values], dtype="object")


def _whole(column: NDArray[np.float64]) -> NDArray[Any]:
    """Give whole numbers back as such where none is missing."""
    if np.isfinite(column).all() and (column % 1 == 0).all() and (np.abs(column) < 2**53).all():
        return column.astype(np.int64)
    return column


def _stays_text(cells: ColumnCells, sign: Sign, file: str) -> list[Finding]:
    """Say that a column which was meant to hold numbers stays text, and because of what."""
    filled = [
        (text, original)
        for text, original in zip(cells.texts, cells.original, strict=True)
        if not CODE.fullmatch(text) and original not in cells.zeros
    ]
    texts = [text for text, _ in filled]
    others = [original for text, original in filled if number_meant(text, sign) is None]
    numbers = len(texts) - len(others)
    meant = numbers and (numbers >= SOME * len(texts) or len(set(others)) <= FEW_WORDS)
    units = [UNIT.fullmatch(text) for text in texts]
    measured = bool(units) and all(units) and len({unit[1] for unit in units if unit}) == 1
    if not others or not (meant or measured):
        return []
    message = (
        f"The column {cells.label} of {file} stays text: {len(others):,} of its {len(cells.texts):,} filled cells are "
        f"no numbers, for example {listed(dict.fromkeys(others), shown=3)}."
    )
    advice = "If these mean that a value is missing, name them in missing=; otherwise write them as numbers."
    return [Finding("column_kept_as_text", "warning", message, count=len(others), advice=advice)]


def without_missing_codes(
    frame: pd.DataFrame, *, missing: Iterable[float], kept: Iterable[str], file: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Make the numbers missing that are codes for a missing value; warn of those that may be.

    The codes of the US Census Bureau and those in ``missing`` always are. Three nines or more with a minus are where
    nothing else in the column is negative. -1, -9 and -99 alone are only pointed out.
    """
    frame = frame.copy()
    told = {float(code) for code in missing}
    removed: list[str] = []
    suspects: list[str] = []
    cells = 0
    doubtful = 0
    for label in frame.columns:
        if label in set(kept) or not pd.api.types.is_numeric_dtype(frame[label]):
            continue
        values = frame[label].to_numpy(dtype=np.float64, na_value=np.nan)
        negative = values < 0
        codes = {float(value) for value in np.unique(values[negative])}
        sure = (codes & set(ESTIMATE_CODES)) | ({*np.unique(values)} & told)
        nines = {code for code in codes if code % 1 == 0 and NINES.fullmatch(f"{code:.0f}")}
        # The same code in a column of otherwise honest negatives may be honest too.
        sure |= nines if not codes - nines - set(ESTIMATE_CODES) - told else set()
        rest = codes - sure if codes - sure <= set(SHORT_CODES) else nines - sure
        if rest:
            suspects.append(f"{label} ({listed(f'{code:.0f}' for code in sorted(rest))})")
            doubtful += int(np.isin(values, list(rest)).sum())
        if sure:
            at = np.isin(values, list(sure))
            cells += int(at.sum())
            removed.append(f"{label} ({listed(f'{code:.0f}' for code in sorted(sure))}, {int(at.sum()):,} rows)")
            frame[label] = np.where(at, np.nan, values)
    findings: list[Finding] = []
    if removed:
        message = f"{cells:,} cells of {file} hold a code instead of a number and were made missing: {listed(removed)}."
        findings.append(Finding("codes_made_missing", "warning", message, count=cells))
    if suspects:
        message = f"{doubtful:,} cells of {file} are negative and may be codes for a missing value: {listed(suspects)}."
        advice = "If they are, name them in missing=, for example missing=[-1]."
        findings.append(Finding("codes_suspected", "warning", message, count=doubtful, advice=advice))
    return frame, findings
