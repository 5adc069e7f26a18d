"""Which known word somebody meant who wrote one that is not known."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def nearest_word(
    word: object, known: Iterable[str], synonyms: Mapping[str, tuple[str, ...]] | None = None, *, alike: float = 0.6
) -> str | None:
    """Return the known word that means the same, or else the one that is spelt most alike; None where none is near.

    Parameters
    ----------
    word
        What was written; capitals, spaces, hyphens and underscores make no difference.
    known
        The words that can be used.
    synonyms
        Words that people use elsewhere, in small letters and with underscores, and what they are called here, the best
        first; those that are not among ``known`` are passed over.
    alike
        How alike two spellings must be, from 0 to 1 (the ratio of :mod:`difflib`).

    Examples
    --------
    >>> nearest_word("Bike", ["walk", "bicycle"], {"bike": ("bicycle",)})
    'bicycle'
    >>> nearest_word("bicicle", ["walk", "bicycle"])
    'bicycle'
    >>> nearest_word("plane", ["walk", "bicycle"]) is None
    True
    """
    plain = {_plain(each): each for each in known}
    written = _plain(word)
    if written in plain:
        return plain[written]
    for synonym in (synonyms or {}).get(written, ()):
        if _plain(synonym) in plain:
            return plain[_plain(synonym)]
    near = difflib.get_close_matches(written, sorted(plain), n=1, cutoff=alike)
    return plain[near[0]] if near else None


def did_you_mean(word: object, known: Iterable[str], otherwise: str, *, alike: float = 0.5) -> str:
    """Return a question that suggests the known word that was meant, or what else to say where none is near.

    Examples
    --------
    >>> did_you_mean("wlak", ["walk", "drive"], "choose walk or drive")
    'did you mean “walk”?'
    >>> did_you_mean("plane", ["walk", "drive"], "choose walk or drive")
    'choose walk or drive'
    """
    near = nearest_word(word, known, alike=alike)
    return otherwise if near is None else f"did you mean “{near}”?"


def _plain(word: object) -> str:
    return str(word).strip().lower().replace("-", "_").replace(" ", "_")
