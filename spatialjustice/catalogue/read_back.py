"""Values of a sentence that carries none, read back from its English text by the catalogue's template of it."""
# ruff: noqa: RUF002 (Persian digits are meant)

from __future__ import annotations

import re
from functools import cache

from spatialjustice.catalogue.lookup import SOURCE_LANGUAGE, date, digits, direction, words

FIRST_STRONG, END = "\u2068", "\u2069"
LATIN = re.compile("[A-Za-z]")
NUMBER = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
GAP = re.compile(r"\{(\w+)\}")
_SIGNED = rf"[-−]?{NUMBER.pattern}\s?%?"
_ALONE = re.compile(_SIGNED)
_WITH_UNIT = re.compile(rf"({_SIGNED}) ([a-z]+)")
_MORE = re.compile(r"(.+) and ([0-9,]+) more")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEYS_OF_WORDS = ("service.{}", "mode.{}", "opening.{}")


def read_back(text: str, key: str) -> tuple[str, dict[str, str]] | None:
    """Return which of the templates of a key a text is made of, and what stands in its gaps.

    Parameters
    ----------
    text
        A sentence in English.
    key
        Key of the template; its variants have one more part.

    Returns
    -------
    tuple or None
        The key of the template, and the texts in its gaps; None where it is made of none of them.

    Examples
    --------
    >>> key, values = read_back("3 zones have no data and are in no region.", "finding.zones_no_data.told")
    >>> key, values
    ('finding.zones_no_data.told', {'count': '3'})
    >>> read_back("Something else.", "finding.zones_no_data.told")
    """
    said = words(SOURCE_LANGUAGE)
    text = text.replace("\u00a0", " ")
    found = [
        (len(GAP.sub("", said[one])), one, values)
        for one in [key, *(name for name in said if name.startswith(f"{key}."))]
        if one in said and (values := _values(said[one], text)) is not None
    ]
    if not found:
        return None
    # The one with most words of its own is the most precise.
    _, name, parts = max(found, key=lambda each: each[0])
    return name, parts


@cache
def _parts(template: str) -> tuple[list[str], list[str]]:
    """Return the texts around the gaps of a template, and the names of its gaps."""
    texts = GAP.split(template.replace("\u00a0", " "))
    return texts[::2], texts[1::2]


def _values(template: str, text: str) -> dict[str, str] | None:
    """Return what stands in the gaps of a template, each as short as can be; None where a text is not made of it.

    Each text between two gaps is sought once, from left to right: a sentence costs no more than its length.
    """
    (first, *between), names = _parts(template)
    if not names:
        return {} if text == first else None
    if not text.startswith(first) or not text.endswith(between[-1]):
        return None
    end = len(text) - len(between[-1])
    found: dict[str, str] = {}
    begin = len(first)
    for place, name in enumerate(names):
        after = end if place == len(names) - 1 else text.find(between[place], begin + 1, end)
        if after <= begin or found.setdefault(name, text[begin:after]) != text[begin:after]:
            return None
        begin = after + len(between[place])
    return found


def written_anew(text: str, lang: str) -> str:
    """Write what stands in a gap for readers of a language: numbers, days, units, words of the catalogue, names.

    Examples
    --------
    >>> written_anew("1,204", "fa"), written_anew("26.5%", "fa"), written_anew("10 minutes", "fa")
    ('۱٬۲۰۴', '۲۶٫۵٪', '۱۰\u00a0دقیقه')
    """
    said = words(lang)
    if _ALONE.fullmatch(text):
        return digits(text.replace(" ", ""), lang)
    if _DAY.fullmatch(text):
        return date(text, lang)
    if (measured := _WITH_UNIT.fullmatch(text)) and f"unit.{measured[2]}" in said:
        return f"{digits(measured[1], lang)}\u00a0{said[f'unit.{measured[2]}']}"
    if some := _MORE.fullmatch(text):
        return said["finding.and_more"].format(shown=written_anew(some[1], lang), count=digits(some[2], lang))
    for key in _KEYS_OF_WORDS:
        if (name := key.format(text.replace(" ", "_"))) in said:
            return said[name]
    return apart(text, lang)


def apart(text: str, lang: str) -> str:
    """Write a text so that its own direction changes nothing beside it; numbers in a row in the language's digits."""
    if direction(lang) != "rtl":
        return text
    if LATIN.search(text):
        return f"{FIRST_STRONG}{text}{END}"
    return NUMBER.sub(lambda found: digits(found[0], lang), text.replace(", ", words(lang)["language.comma"]))
