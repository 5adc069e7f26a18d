"""Values of a sentence that carries none, read back from its English text by the catalogue's template of it."""
# ruff: noqa: RUF002 (Persian digits are meant)

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from spatialjustice.catalogue.lookup import SOURCE_LANGUAGE, date, digits, direction, words

if TYPE_CHECKING:
    from re import Pattern

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
        (len(GAP.sub("", said[one])), one, values.groupdict())
        for one in [key, *(name for name in said if name.startswith(f"{key}."))]
        if one in said and (values := _pattern(said[one]).fullmatch(text))
    ]
    if not found:
        return None
    # The one with most words of its own is the most precise.
    _, name, parts = max(found, key=lambda each: each[0])
    return name, parts


@cache
def _pattern(template: str) -> Pattern[str]:
    """Return what matches the sentences that a template makes."""
    made, seen, end = "", set(), 0
    for gap in GAP.finditer(template):
        made += re.escape(template[end : gap.start()].replace("\u00a0", " "))
        made += f"(?P={gap[1]})" if gap[1] in seen else f"(?P<{gap[1]}>.+?)"
        seen.add(gap[1])
        end = gap.end()
    return re.compile(made + re.escape(template[end:].replace("\u00a0", " ")), re.DOTALL)


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
