"""Findings in the reader's language: the sentence of a code, filled with the values that the finding carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.catalogue.lookup import SOURCE_LANGUAGE, agreed, direction, number, text_in, words
from spatialjustice.catalogue.read_back import apart, read_back, written_anew

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spatialjustice._core.findings import Finding

RIGHT_TO_LEFT, ISOLATES = "\u200f", "\u2066\u2068"
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
        return agreed(finding.message, lang)
    return template_filled(finding, lang)


def template_filled(finding: Finding, lang: str) -> str:
    """Return the catalogue's sentence of a finding with its values; empty where the catalogue or a value lacks it.

    The values of a finding that carries none are those in its English sentence.
    """
    said = words(lang)
    key = f"finding.{finding.code}.told"
    by = finding.values.get(BY)
    own = {name: value for name, value in finding.values.items() if name not in {BY, VARIANT}}
    if own:
        variant = finding.values.get(VARIANT)
        key += f".{variant}" if variant else ""
        written = {name: _written(name, value, lang) for name, value in own.items()}
    else:
        found = read_back(_without(by, finding.message), key)
        if found is None:
            return ""
        key, texts = found
        written = {name: written_anew(text, lang) for name, text in texts.items()}
    if key not in said:
        return ""
    try:
        text = said[key].format(**written)
    except KeyError:
        return ""
    if by:
        text = said["finding.by"].format(by=_capital(text_in(by, lang)), told=text)
    # A sentence that begins with a Latin name is one of its own language all the same.
    return f"{RIGHT_TO_LEFT}{text}" if direction(lang) == "rtl" and text[0] in ISOLATES else text


def advice(finding: Finding, lang: str) -> str:
    """Return what to do about a finding in a language; empty where there is nothing, or nothing in it."""
    if lang == SOURCE_LANGUAGE or not finding.advice:
        return finding.advice
    if not template_filled(finding, lang):
        # Half a note in one language and half in another helps nobody.
        return ""
    said, key = words(lang), f"finding.{finding.code}.advice"
    found = read_back(finding.advice, key)
    if found is None:
        return said.get(key, "") if finding.values else ""
    return said[found[0]].format(**{name: written_anew(text, lang) for name, text in found[1].items()})


def _without(by: str | Mapping[str, str] | None, message: str) -> str:
    """Return a sentence without those of whom it is true before it."""
    return message if not by else message.removeprefix(f"{_capital(text_in(by, SOURCE_LANGUAGE))}: ")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _written(name: str, value: Any, lang: str) -> str:
    """Write a value: numbers in the language's digits, shares as percentages, names apart from the sentence around."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        if name.endswith("share"):
            return number(value, lang, digits=1, percent=True)
        return number(value, lang, digits=0 if float(value).is_integer() else 1)
    worded = not isinstance(value, str) and WORD in value
    text = words(lang).get(value[WORD], value[WORD].rpartition(".")[2]) if worded else text_in(value, lang)
    return apart(text, lang)
