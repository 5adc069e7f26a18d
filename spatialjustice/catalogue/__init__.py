"""What measures and words are called, in every language there is a file of words in."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.catalogue.lookup import (
        LANGUAGES,
        add_findings,
        add_words,
        balanced,
        date,
        digits,
        direction,
        findings,
        guidelines,
        indicators,
        measures,
        number,
        own_name,
        symbols,
        text_in,
        words,
    )

__all__ = [
    "LANGUAGES",
    "add_findings",
    "add_words",
    "balanced",
    "date",
    "digits",
    "direction",
    "findings",
    "guidelines",
    "indicators",
    "measures",
    "number",
    "own_name",
    "symbols",
    "text_in",
    "words",
]

lazy_room(__name__, dict.fromkeys(__all__, ".lookup"))
