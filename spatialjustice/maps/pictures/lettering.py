"""Letters of printed maps: the fonts of the pages, Persian joined and ordered."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from importlib import resources
from typing import Any

from spatialjustice._core.machine.extras import needed
from spatialjustice.catalogue.lookup import END_ISOLATE, ISOLATE

INK = "#414c52"
"""Colour of small texts."""
FONT = "vazirmatn-ttf-33.0.3"
FAMILY = ["Vazirmatn", "DejaVu Sans"]
_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,:%/+\-–°]*[A-Za-z0-9%]|[A-Za-z0-9]")


def for_matplotlib(text: str) -> str:
    """Return a text as matplotlib (3.11 or later) must be given it to show Persian joined and from right to left.

    The text stays as it is, but for Latin words and numbers inside Persian, which are isolated so that they keep their
    place.

    Examples
    --------
    >>> for_matplotlib("Walk")
    'Walk'
    """
    if not any(unicodedata.bidirectional(sign) in {"R", "AL"} for sign in text):
        return text
    return _LATIN.sub(lambda found: f"{ISOLATE}{found[0]}{END_ISOLATE}", text)


def style() -> Any:
    """Return a context in which texts are set in Vazirmatn and files are the same each time."""
    mpl, font_manager = needed("matplotlib", "plot"), needed("matplotlib.font_manager", "plot")
    there = {font.fname for font in font_manager.fontManager.ttflist}
    for weight in ("Regular", "Bold"):
        path = str(resources.files("spatialjustice.maps").joinpath("assets", FONT, f"Vazirmatn-{weight}.ttf"))
        if path not in there:
            font_manager.fontManager.addfont(path)
    return mpl.rc_context(
        {
            "font.family": FAMILY,
            "svg.hashsalt": "spatialjustice",
            "pdf.fonttype": 42,
            "ps.fonttype": 42,
            "hatch.linewidth": 0.6,
        }
    )


def wrapped(text: str, width: int) -> str:
    """Return a text in lines of so many signs at most, as matplotlib must be given them."""
    return "\n".join(for_matplotlib(line) for line in textwrap.wrap(text, width) or [""])
