"""Lengths and slopes as OpenStreetMap writes them: units, fractions, ranges and comparisons."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

from spatialjustice._core.numbers.digits import LATIN

if TYPE_CHECKING:
    from collections.abc import Callable

Span = tuple[float, float]
"""The lowest and the highest value that a text allows; both are the same for a plain number."""

LONGEST = 40
"""Letters of a text beyond which it is no number."""

FEET, INCH = 0.3048, 0.0254
METRES = {
    "": 1.0, "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0, "cm": 0.01, "mm": 0.001, "km": 1000.0,
    "ft": FEET, "feet": FEET, "foot": FEET, "'": FEET, "in": INCH, "inch": INCH, "inches": INCH, '"': INCH,
}  # fmt: skip

DECIMAL = r"\d+(?:[.,]\d+)?|[.,]\d+"
WITH_SIGN = re.compile(rf"({DECIMAL})?\s?([¼½¾⅐-⅞])?")
"""A number, or a sign for a fraction, or both."""
FRACTION = re.compile(r"(?:(\d+)[ -])?(\d+)/(\d+)")
AMOUNT = r"[\d.,/¼½¾⅐-⅞][\d.,/¼½¾⅐-⅞ ]*"
LENGTH = re.compile(rf"({AMOUNT})([a-z]+|'|\")?(?: ?(-?) ?({AMOUNT})(in|inch|inches|\")?)?")
SLOPE = re.compile(r"([-+]?)([\d.,:/¼½¾⅐-⅞ ]+?) ?(%|°|deg)?")
BETWEEN = re.compile(r"(?<=[\w%°'\"¼½¾⅐-⅞])\s?(?:[-–—;]|\.\.+|to)\s?(?=[-+]?[\d.,¼½¾⅐-⅞])")
COMPARED = re.compile(r"(<=?|>=?|≤|≥)\s?(.*)")
LETTERS = str.maketrans(
    {
        "\N{PRIME}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{DOUBLE PRIME}": '"',
        "”": '"',
        "“": '"',
        "\N{MINUS SIGN}": "-",
        "٫": ".",
    }
)


def metres_of(text: str | None) -> float | None:
    """Read a length as OpenStreetMap writes it; None where it is none, or several.

    Examples
    --------
    >>> [metres_of(text) for text in ("0.9", "0,8 m", "90 cm", "wide", None)]
    [0.9, 0.8, 0.9, None, None]
    >>> [round(metres_of(text), 4) for text in ("3'", '30"', "2½'", "5 ft 6 in", '3/4"')]
    [0.9144, 0.762, 0.762, 1.6764, 0.019]
    """
    return _single_value(metres_between(text))


def metres_between(text: str | None) -> Span | None:
    """Read a length that may be a range or a comparison, as the lowest and the highest metres it allows.

    Examples
    --------
    >>> [metres_between(text) for text in ("0.6-0.8", "<0.8", ">3 cm", "60-80 cm", "about 1")]
    [(0.6, 0.8), (0.0, 0.8), (0.03, inf), (0.6, 0.8), None]
    """
    return _range_of_text(text, _length)


def grade_of(text: str | None) -> float | None:
    """Read an incline as OpenStreetMap writes it, as rise over run; None where it is no number (``up``, ``down``).

    A number without a unit is per cent; ``1:8`` and ``1/8`` are one in eight.

    Examples
    --------
    >>> [grade_of(text) for text in ("10%", "-8 %", "45°", "1:20", "1/8", "12", "up", None)]
    [0.1, -0.08, 1.0, 0.05, 0.125, 0.12, None, None]
    """
    return _single_value(grades_between(text))


def grades_between(text: str | None) -> Span | None:
    """Read an incline that may be a range or a comparison, as the lowest and the highest rise over run it allows.

    Examples
    --------
    >>> [grades_between(text) for text in ("8-10%", ">10%", "<8%", "steep")]
    [(0.08, 0.1), (0.1, inf), (0.0, 0.08), None]
    """
    return _range_of_text(text, _slope)


def _single_value(span: Span | None) -> float | None:
    return span[0] if span is not None and span[0] == span[1] else None


def _range_of_text(text: str | None, read: Callable[[str, str], tuple[float, str] | None]) -> Span | None:
    """Read one value, two of a range, several of a list, or a bound; ``read`` takes a text and the unit it may lack."""
    plain = " ".join((text or "").translate(LATIN).translate(LETTERS).replace("''", '"').split()).lower()
    if not plain or len(plain) > LONGEST:
        return None
    compared = COMPARED.fullmatch(plain)
    if compared is not None:
        bound = read(compared[2], "")
        if bound is None:
            return None
        low = 0.0 if bound[0] >= 0 else -math.inf
        return (low, bound[0]) if compared[1] in {"<", "<=", "≤"} else (bound[0], math.inf)
    whole = read(plain, "")
    if whole is not None:
        return whole[0], whole[0]
    parts = BETWEEN.split(plain)
    last = read(parts[-1], "")
    values = [read(part, last[1]) for part in parts] if last is not None else [None]
    known = [value[0] for value in values if value is not None]
    return (min(known), max(known)) if len(known) == len(values) else None


def _length(text: str, unit: str) -> tuple[float, str] | None:
    """Read one length and the unit it names; ``unit`` where it names none."""
    found = LENGTH.fullmatch(text)
    if found is None:
        return None
    named = found[2] or unit
    value = _number(found[1])
    inches = _number(found[4]) if found[4] else 0.0
    if value is None or inches is None or named not in METRES:
        return None
    # 5'6 and 5'-6" are feet and inches, 5'-6 and 5-6 are ranges.
    if found[4] and (METRES[named] != FEET or (found[3] and not found[5])):
        return None
    return value * METRES[named] + inches * INCH, named


def _slope(text: str, unit: str) -> tuple[float, str] | None:
    found = SLOPE.fullmatch(text)
    if found is None:
        return None
    sign, named = float(f"{found[1]}1"), found[3] or unit
    if ":" in found[2] or (not named and "/" in found[2]):
        rise, _, run = found[2].replace("/", ":").partition(":")
        over, above = _number(run), _number(rise)
        return (sign * above / over, "") if over and above is not None else None
    value = _number(found[2])
    if value is None:
        return None
    # A tangent of a right angle and beyond is no slope; rounding takes away what pi adds to it.
    degrees = named in {"°", "deg"} and value < 90
    return sign * (round(math.tan(math.radians(value)), 12) if degrees else value / 100), named


def _number(text: str) -> float | None:
    text = text.strip()
    fraction = FRACTION.fullmatch(text)
    if fraction is not None:
        below = float(fraction[3])
        return float(fraction[1] or 0) + float(fraction[2]) / below if below else None
    found = WITH_SIGN.fullmatch(text)
    if found is None or not (found[1] or found[2]):
        return None
    return float((found[1] or "0").replace(",", ".")) + (unicodedata.numeric(found[2]) if found[2] else 0.0)
