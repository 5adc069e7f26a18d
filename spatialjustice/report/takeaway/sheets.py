"""The report as PDF, and its map as a picture, set by Typst: without a browser, with Persian as it is written."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from spatialjustice._core.machine.extras import needed

if TYPE_CHECKING:
    from collections.abc import Mapping

FONTS = "vazirmatn-ttf-33.0.3"
TEMPLATE = "sheets.typ"
OTHER_LETTERS = re.compile("[^\u0000-\u058f\u0600-\u06ff\u0750-\u077f\u1e00-\u23ff\ufb50-\ufdff\ufe70-\ufefc\ufeff]")
"""Letters that neither our font nor the typesetter's own has: those of the system then help."""
DOTS = 200
"""Dots per inch of the picture."""
EPOCH = 946_684_800
"""The moment that files say they were made at, so that the same report is the same file: 1 January 2000."""


def as_pdf(told: Mapping[str, Any]) -> bytes:
    """Return two sheets for a meeting and an annex, of what :func:`contents` says."""
    return _set(told, "sheets", format="pdf", timestamp=EPOCH)


def as_picture(told: Mapping[str, Any]) -> bytes:
    """Return the numbered map with its legend as PNG."""
    return _set(told, "picture", format="png", ppi=DOTS)


def _set(told: Mapping[str, Any], part: str, **how: Any) -> bytes:
    given = json.dumps(told, ensure_ascii=False)
    compiler = _compiler(system_fonts=bool(OTHER_LETTERS.search(given)))
    made: bytes = compiler.compile(input=_template(), sys_inputs={"told": given, "part": part}, **how)
    return made


@cache
def _template() -> bytes:
    return resources.files("spatialjustice.report.takeaway").joinpath(TEMPLATE).read_bytes()


@cache
def _compiler(*, system_fonts: bool) -> Any:
    typst = needed("typst", "takeaway")
    folder = resources.files("spatialjustice.maps").joinpath("assets", FONTS)
    return typst.Compiler(font_paths=[str(folder)], ignore_system_fonts=not system_fonts)
