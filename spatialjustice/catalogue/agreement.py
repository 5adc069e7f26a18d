"""Sentences whose words agree with the number before them: 1 area, 2 areas."""

from __future__ import annotations

import re
from typing import Any, Self


class Agreement:
    """How the words of a language change after a one.

    Parameters
    ----------
    pairs
        What stands after other numbers and after a one, longest first: ``people live=person lives; areas=area``;
        empty where nothing changes.

    Examples
    --------
    >>> after = Agreement("people live=person lives; people=person")
    >>> after.agreed("1 people live here, 21 people there")
    '1 person lives here, 21 people there'
    """

    def __init__(self, pairs: str) -> None:
        self.pairs = dict(pair.split("=") for pair in pairs.split("; ") if "=" in pair)
        words = "|".join(re.escape(word) for word in self.pairs)
        self._word = re.compile(rf"(?:{words})(?!\w)") if words else None
        self._one = re.compile(rf"(?<![\w.,٬٫])1([ \u00a0])({words})(?!\w)") if words else None

    def concerns(self, text: str) -> bool:
        """Whether a text has words that may have to change."""
        return "{" in text and self._word is not None and self._word.search(text) is not None

    def agreed(self, text: str) -> str:
        """Return a text with the words that stand after a one."""
        return text if self._one is None else self._one.sub(lambda found: f"1{found[1]}{self.pairs[found[2]]}", text)


class Agreeing(str):
    """A text with gaps whose words agree with the numbers that fill them."""

    __slots__ = ("agreement",)

    agreement: Agreement

    @classmethod
    def of(cls, text: str, agreement: Agreement) -> Self:
        """Return a text that agrees by the rule of its language."""
        made = cls(text)
        made.agreement = agreement
        return made

    def format(self, *args: Any, **parts: Any) -> str:
        """Fill the gaps, and let the words after them agree."""
        return self.agreement.agreed(super().format(*args, **parts))
