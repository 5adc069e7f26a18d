"""Texts of a page in all its languages: one is shown, and the reader's choice swaps them without another page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from spatialjustice.catalogue.lookup import LANGUAGES, direction, own_name, text_in, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Text = str | Mapping[str, str]


def json_block(name: str, data: Any) -> Markup:
    r"""Return data as a block no browser executes and no text can leave.

    Examples
    --------
    >>> print(json_block("a", {"name": "</script>"}))
    <script type="application/json" id="a-data">{"name":"\u003c/script>"}</script>
    """
    text = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return Markup(f'<script type="application/json" id="{name}-data">{text}</script>')  # noqa: S704 (escaped above)


def word_in_all_languages(key: str) -> dict[str, str]:
    """Return a word of the catalogue in every language.

    Examples
    --------
    >>> word_in_all_languages("status.no_data")["en"]
    'No data'
    """
    return {lang: words(lang)[key] for lang in LANGUAGES}


class Texts:
    r"""Puts texts into a template and remembers them in the page's other languages.

    Parameters
    ----------
    languages
        Languages of the page, the one it opens in first.

    Examples
    --------
    >>> texts = Texts(["en", "fa"])
    >>> print(texts({"en": "Map", "fa": "نقشه"}), texts("=1<2"))
    <span data-t="0">Map</span> =1&lt;2
    >>> print(texts.block())
    <script type="application/json" id="texts-data">{"en":["Map"],"fa":["\u0646\u0642\u0634\u0647"]}</script>
    """

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)
        self._numbers: dict[tuple[str, ...], int] = {}

    @property
    def choices(self) -> list[dict[str, str]]:
        """The languages as a reader chooses among them."""
        return [{"lang": lang, "name": own_name(lang), "dir": direction(lang)} for lang in self.languages]

    def _placed(self, text: Text) -> tuple[str, int | None]:
        """Return the text in the first language, and its number where another language says it otherwise."""
        said = tuple(text_in(text, lang) for lang in self.languages)
        if len(set(said)) == 1:
            return said[0], None
        return said[0], self._numbers.setdefault(said, len(self._numbers))

    def __call__(self, text: Text) -> Markup:
        """Return a text for a place inside an element."""
        first, number = self._placed(text)
        if number is None:
            return escape(first)
        return Markup('<span data-t="{}">{}</span>').format(number, first)

    def word(self, key: str) -> Markup:
        """Return a word of the catalogue for a place inside an element."""
        return self(word_in_all_languages(key))

    def own(self, text: Text) -> Markup:
        """Return the attribute that an element without other children carries; its text comes from :meth:`plain`."""
        _, number = self._placed(text)
        return Markup("") if number is None else Markup(' data-t="{}"').format(number)

    def plain(self, text: Text) -> str:
        """Return a text in the first language only."""
        return text_in(text, self.languages[0])

    def attribute(self, name: str, text: Text) -> Markup:
        """Return an attribute whose value is a text, for example ``aria-label``."""
        first, number = self._placed(text)
        made = Markup('{}="{}"').format(name, first)
        return made if number is None else made + Markup(' data-t-{}="{}"').format(name, number)

    def label(self, key: str) -> Markup:
        """Return the attribute ``aria-label`` with a word of the catalogue."""
        return self.attribute("aria-label", word_in_all_languages(key))

    def block(self) -> Markup:
        """Return all texts met so far as data; to be called last."""
        rows = list(self._numbers)
        return json_block("texts", {lang: [row[place] for row in rows] for place, lang in enumerate(self.languages)})
