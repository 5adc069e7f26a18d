"""What an entry of the vocabulary is."""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """What a word means wherever it is used, and the unit of what is given under it ("" where it has none)."""

    meaning: str
    unit: str = ""
