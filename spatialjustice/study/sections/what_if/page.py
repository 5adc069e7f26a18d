"""The streets that a page holds, and what they may be used for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.study.engine.texts import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.what_if.settings import WhatIfKeys


def around(results: Results[WhatIfKeys], mode: Travel) -> dict[str, Any]:
    """Return the blocks of which a mode is the first one."""
    found = [block for block in results["what_if"] if block["modes"][0]["key"] == mode.key]
    return {"what_if": found} if found else {}


def sentences(results: Results[WhatIfKeys], mode: Travel) -> Iterator[Texts]:
    """Say that the page holds a database, and under which licence."""
    if any(one["key"] == mode.key for block in results["what_if"] for one in block["modes"]):
        yield sentence("study.method.what_if")
