"""Numbers, ranges and axes as the charts of a page write them, in every language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from spatialjustice.catalogue import LANGUAGES, number, text_in, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spatialjustice.report.sheet.blocks import Text

STEPS = (1, 2, 2.5, 5, 10)
FLAT = 1e-12
"""Values that differ by less are one on an axis."""


def finite(value: Any) -> float:
    """Return a number, NaN for what is none.

    Examples
    --------
    >>> finite(None)
    nan
    """
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def known(*values: Any) -> bool:
    """Return whether all values are numbers.

    Examples
    --------
    >>> known(1, None)
    False
    """
    return all(math.isfinite(finite(value)) for value in values)


def decimals(values: Iterable[Any], *, percent: bool) -> int:
    """Return how many decimals tell values apart: about three digits of their spread.

    Examples
    --------
    >>> decimals([812.3, 1204.9], percent=False), decimals([0.12, 0.34], percent=True)
    (0, 0)
    >>> decimals([1.2, 3.4], percent=False)
    1
    """
    found = [finite(value) * (100 if percent else 1) for value in values if known(value)]
    if not found or all(value == round(value) for value in found):
        return 0
    most = max(abs(value) for value in found)
    return 0 if most >= (10 if percent else 100) else 1 if most >= 1 else 2 if most >= 0.1 else 3


def unit_text(unit: Text, lang: str) -> str:
    """Return a unit as it stands after a number: that of the catalogue where it knows one.

    Examples
    --------
    >>> unit_text("metres", "en"), unit_text("ballots", "en")
    ('m', 'ballots')
    """
    if isinstance(unit, str):
        return words(lang).get(f"unit.{unit}.short", unit)
    return text_in(unit, lang)


def value_text(value: Any, *, digits: int, percent: bool, unit: Text = "") -> dict[str, str]:
    """Write a value with its unit in every language.

    Examples
    --------
    >>> value_text(0.25, digits=0, percent=True)["en"]
    '25%'
    """
    said = {}
    for lang in LANGUAGES:
        written = number(finite(value), lang, digits=digits, percent=percent)
        after = unit_text(unit, lang) if unit and known(value) else ""
        said[lang] = f"{written}\u00a0{after}" if after else written
    return said


def range_text(low: Any, high: Any, *, digits: int, percent: bool) -> dict[str, str]:
    """Write a range in every language; nothing where there is none.

    Examples
    --------
    >>> range_text(0.1, 0.25, digits=0, percent=True)["en"]
    '10% to 25%'
    """
    if not known(low, high):
        return dict.fromkeys(LANGUAGES, "")
    return {
        lang: words(lang)["sheet.range"].format(
            low=number(finite(low), lang, digits=digits, percent=percent),
            high=number(finite(high), lang, digits=digits, percent=percent),
        )
        for lang in LANGUAGES
    }


def axis(values: Iterable[Any], *, from_zero: bool, most: int = 4) -> tuple[float, float, list[float]]:
    """Return the ends of an axis and its ticks, all round numbers, with every value between the ends.

    Examples
    --------
    >>> axis([3, 17], from_zero=True)
    (0.0, 20.0, [0.0, 5.0, 10.0, 15.0, 20.0])
    >>> axis([], from_zero=True)
    (0.0, 1.0, [0.0, 1.0])
    """
    found = [finite(value) for value in values if known(value)]
    if not found:
        return 0.0, 1.0, [0.0, 1.0]
    low, high = min(found), max(found)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < FLAT * max(1.0, abs(low), abs(high)):
        low, high = (low - 0.5, high + max(0.5, 1e-6 * abs(high))) if abs(low) > FLAT else (min(low, 0.0), 1.0)
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(one * power for one in STEPS if one * power >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    ticks = [float(f"{place * step:.12g}") for place in range(first, last + 1)]
    return ticks[0], ticks[-1], ticks
