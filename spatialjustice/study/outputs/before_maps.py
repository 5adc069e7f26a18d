"""What is told before any map: the overview of the section that has one, what others answer, and what changes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spatialjustice import maps
from spatialjustice.study.outputs.caveats import caveats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import FurtherPage
    from spatialjustice.study.engine.travel_modes import Travel


def overview(
    results: Results[Any], address: Callable[[Travel, str], str], further: Iterable[FurtherPage] = ()
) -> maps.Overview | None:
    """Return what a reader is told before any map; None where no section says anything.

    Parameters
    ----------
    results
        What was found.
    address
        ``(mode, indicator)`` → where the map is.
    further
        The pages of sections.
    """
    told = [one.text for one in caveats(results, results.study.modes[0])]
    sections = [section for section in results.study.sections if section.name in results.made]
    made = (section.page.overview(results, address, further, told) for section in sections)
    first = next((one for one in made if one is not None), None)
    answers = [one for section in sections for one in section.page.answers(results, results.study.modes[0])]
    if not answers:
        return first
    return replace(first or maps.Overview(caveats=told), sentences=[*(first.sentences if first else ()), *answers])
