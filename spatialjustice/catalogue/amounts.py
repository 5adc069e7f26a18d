"""A value with its unit, and a difference of two values with its own, in every language."""

from __future__ import annotations

import math

from spatialjustice.catalogue.lookup import direction, number, words

SHARE = "share"


def amount(value: float, unit: str, lang: str) -> str:
    r"""Write a value with its unit, with about three digits.

    Examples
    --------
    >>> amount(0.2561, "share", "en"), amount(812.4, "metres", "en"), amount(3.456, "ballots", "en")
    ('25.6%', '812\xa0m', '3.46\xa0ballots')
    """
    if unit == SHARE:
        return number(value, lang, digits=1, percent=True)
    return _with_unit(number(value, lang, digits=_digits(value)), value, unit, lang)


def difference(value: float, unit: str, lang: str, *, signed: bool = False) -> str:
    r"""Write by how much two values differ; shares differ by percentage points.

    Examples
    --------
    >>> difference(-0.034, "share", "en"), difference(12.345, "minutes", "en", signed=True)
    ('3.4 percentage points', '+12.3\xa0min')
    """
    written = bare(value, unit, lang, signed=signed)
    if unit == SHARE:
        return words(lang)["monitoring.points"].format(value=written)
    return _with_unit(written, abs(value), unit, lang)


def bare(value: float, unit: str, lang: str, *, signed: bool = False, like: float | None = None) -> str:
    """Write the size of a difference without its unit, as an end of a range, with the decimals of the number ``like``.

    Examples
    --------
    >>> bare(-0.034, "share", "en"), bare(-12.345, "minutes", "en", signed=True)
    ('3.4', '−12.3')
    >>> bare(-1e-9, "share", "en", signed=True)
    '0.0'
    """
    size = abs(value)
    places = 1 if unit == SHARE else _digits(size if like is None or math.isnan(like) else like)
    written = number(100 * size if unit == SHARE else size, lang, digits=places)
    if not signed or written == number(0.0, lang, digits=places):
        return written
    text = ("−" if value < 0 else "+") + written
    # A sign stands before its number in every language, whichever way that is written.
    return f"\u2066{text}\u2069" if direction(lang) == "rtl" else text


def _with_unit(written: str, value: float, unit: str, lang: str) -> str:
    after = words(lang).get(f"unit.{unit}.short", unit)
    return f"{written}\u00a0{after}" if after and not math.isnan(value) else written


def _digits(value: float) -> int:
    size = abs(value)
    if math.isnan(size) or size >= 100 or size == 0:
        return 0
    return 1 if size >= 10 else 2 if size >= 1 else 3
