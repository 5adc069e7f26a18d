"""The map of people, and where their number comes from, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice import maps
from spatialjustice.study.engine.texts import sentence
from spatialjustice.study.sections.people.settings import Raster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.people.settings import PeopleKeys


def indicators(results: Results[PeopleKeys], _mode: Travel) -> Iterator[maps.Indicator]:
    """Yield the map of people."""
    yield maps.Indicator(
        key="people",
        group=sentence("study.population"),
        title=sentence("study.people_estimated" if results.estimated else "measure.people.title"),
        unit="people",
        kind="people",
        values=results.people,
        note=sentence("study.estimated_note") if results.estimated else "",
    )


def sentences(results: Results[PeopleKeys], _mode: Travel) -> Iterator[Texts]:
    """Say whether people are estimated, or from where they are counted."""
    if results.estimated:
        yield sentence("study.estimated_note")
    else:
        from_raster = isinstance(results.study.population, Raster)
        yield sentence("study.method.raster" if from_raster else "study.method.counted")
