"""Findings in the reader's language: the sentence of a code, filled with the values that the finding carries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from spatialjustice.catalogue.lookup import SOURCE_LANGUAGE, digits, direction, number, text_in, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spatialjustice._core.findings import Finding

FIRST_STRONG, END = "\u2068", "\u2069"
_LATIN = re.compile("[A-Za-z]")
_NUMBER = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
BY, VARIANT, WORD = "by", "variant", "word"
"""Values that choose instead of filling a gap: of which modes it is true, and which of several sentences it is."""


def told(finding: Finding, lang: str) -> str:
    """Return the sentence of a finding in a language; empty where there is none in it.

    Parameters
    ----------
    finding
        With the ``values`` of its sentence: numbers, texts, or one text per language. The value ``variant`` chooses
        among several sentences of a code, ``by`` says of which modes of travel it is true.
    lang
        One of ``LANGUAGES``. English is what the finding says itself.

    Examples
    --------
    >>> from spatialjustice._core.findings import Finding
    >>> made = Finding("zones_without_index", "warning", "3 of 801 zones …", 3, values={"count": 3, "all": 801})
    >>> told(made, "en")
    '3 of 801 zones …'
    >>> "۸۰۱" in told(made, "fa")
    True
    """
    if lang == SOURCE_LANGUAGE:
        return finding.message
    return template_filled(finding, lang)


def template_filled(finding: Finding, lang: str) -> str:
    """Return the catalogue's sentence of a finding with its values; empty where the catalogue or a value lacks it."""
    said = words(lang)
    variant = finding.values.get(VARIANT)
    key = f"finding.{finding.code}.told" + (f".{variant}" if variant else "")
    if key not in said:
        return ""
    try:
        text = said[key].format(**{name: _written(name, value, lang) for name, value in finding.values.items()})
    except KeyError:
        return ""
    by = finding.values.get(BY)
    if not by:
        return text
    modes = text_in(by, lang)
    return said["finding.by"].format(by=modes[:1].upper() + modes[1:], told=text)


def advice(finding: Finding, lang: str) -> str:
    """Return what to do about a finding in a language; empty where there is nothing, or nothing in it."""
    if lang == SOURCE_LANGUAGE or not finding.advice:
        return finding.advice
    if not template_filled(finding, lang):
        # Half a note in one language and half in another helps nobody.
        return ""
    return words(lang).get(f"finding.{finding.code}.advice", "")


def _written(name: str, value: Any, lang: str) -> str:
    """Write a value: numbers in the language's digits, shares as percentages, names apart from the sentence around."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        if name.endswith("share"):
            return number(value, lang, digits=1, percent=True)
        return number(value, lang, digits=0 if float(value).is_integer() else 1)
    text = _text(value, lang)
    if direction(lang) == "rtl" and _LATIN.search(text):
        return f"{FIRST_STRONG}{text}{END}"
    if isinstance(value, str) and direction(lang) == "rtl":
        # Numbers in a row, such as lengths.
        text = _NUMBER.sub(lambda found: digits(found[0], lang), text.replace(", ", words(lang)["language.comma"]))
    return text


def _text(value: str | Mapping[str, str], lang: str) -> str:
    """Return a text as it is, in the language, or the catalogue's word of a key."""
    if not isinstance(value, str) and WORD in value:
        return words(lang).get(value[WORD], value[WORD].rpartition(".")[2])
    return text_in(value, lang)
