"""Sentences of the pages in every language, made of the catalogue's words, and lines of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice import catalogue
from spatialjustice._core.provenance import sources_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.setting_types import Cutoff


def sentence(key: str, **parts: Callable[[str], str]) -> Texts:
    """Return a catalogue sentence in every language, its gaps filled by functions of the language."""
    return {
        language: catalogue.words(language)[key].format(**{name: part(language) for name, part in parts.items()})
        for language in catalogue.LANGUAGES
    }


def cutoff_text(cutoff: Cutoff) -> Texts:
    """Write a cutoff with its unit, for example ``500 m``; no line breaks between them."""
    return {
        language: f"{catalogue.number(cutoff.value, language)}\u00a0"
        f"{catalogue.words(language)[f'unit.{cutoff.measure}.short']}"
        for language in catalogue.LANGUAGES
    }


def cutoff_in(cutoff: Cutoff) -> Callable[[str], str]:
    """Return a function that writes a cutoff in a language, for the gap of a sentence."""
    return cutoff_text(cutoff).__getitem__


def number_in(value: float, *, digits: int | None = None) -> Callable[[str], str]:
    """Return a function that writes a number in a language, for the gap of a sentence."""
    return lambda language: catalogue.number(value, language, digits=digits)


def whole_percent_in(share: float) -> Callable[[str], str]:
    """Return a function that writes a share as people say it: in whole percent, 0 and 100 only where it is so."""

    def said(language: str) -> str:
        for key, inside in (("share.under_one", 0 < share < 0.01), ("share.over_99", 0.99 < share < 1)):
            if inside:
                return catalogue.words(language)[key]
        return catalogue.number(share, language, digits=0, percent=True)

    return said


def word_in(key: str) -> Callable[[str], str]:
    """Return a function that looks a word up in a language, for the gap of a sentence."""
    return lambda language: catalogue.words(language)[key]


def in_columns(lines: list[list[str]]) -> list[str]:
    """Return rows as text in columns, the first to the left, a line under the head."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = [
        "  ".join(word.rjust(width) if column else word.ljust(width) for column, (word, width) in enumerate(pairs))
        for pairs in ([*zip(line, widths, strict=True)] for line in lines)
    ]
    return [text[0], "-" * len(text[0]), *text[1:]]


def servers_that_answered(carrier: object) -> str:
    """Say which servers gave what something carries, of which day, and how much."""
    return ", ".join(
        f"{record.address}, data of {record.data_date or 'unknown date'}, {record.size:,} bytes"
        for record in sources_of(carrier)
    )
