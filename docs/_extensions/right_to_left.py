"""Pages below ``fa/`` are written from right to left, in Persian."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from spatialjustice._core.disk.files import write_text

WORDS = {
    "Skip to main content": "رفتن به متن",
    'aria-label="Search"': 'aria-label="جست‌وجو"',
    'title="Search" aria': 'title="جست‌وجو" aria',
    'search-button__default-text">Search<': 'search-button__default-text">جست‌وجو<',
    'aria-label="Search the docs ..."': 'aria-label="جست‌وجو در راهنما"',
    'placeholder="Search the docs ..."': 'placeholder="جست‌وجو در راهنما"',
    "On this page": "در این صفحه",
    "Site navigation": "فهرست سایت",
    '<p class="prev-next-subtitle">previous</p>': '<p class="prev-next-subtitle">پیشین</p>',
    '<p class="prev-next-subtitle">next</p>': '<p class="prev-next-subtitle">پسین</p>',
    "Copy to clipboard": "رونوشت",
}
"""What the theme itself says on a page."""


def turned(page: str) -> str:
    """Return a page with its language and direction, and the theme's words in Persian.

    Examples
    --------
    >>> turned('<html lang="en" >')
    '<html lang="fa" dir="rtl" >'
    """
    page = page.replace('<html lang="en"', '<html lang="fa" dir="rtl"', 1)
    # The page before it is one in English.
    page = re.sub(r'<a class="(?:left|right)-(?:prev|next)"\s+href="\.\..*?</a>', "", page, flags=re.DOTALL)
    for english, persian in WORDS.items():
        page = page.replace(english, persian)
    return page


def _turn(app: Any, error: Exception | None) -> None:
    if error is None and app.builder.name == "html":
        for path in sorted((Path(app.outdir) / "fa").rglob("*.html")):
            text = path.read_text(encoding="utf-8")
            if '<html lang="en"' in text:
                write_text(path, turned(text))


def setup(app: Any) -> dict[str, bool]:
    """Turn the pages once they are written."""
    app.connect("build-finished", _turn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
