"""What the map of public transport says of how times were found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice import catalogue
from spatialjustice.network.transit.offer import TRANSIT
from spatialjustice.study.engine.texts import number_in, sentence, word_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.transit.settings import TransitKeys


def sentences(results: Results[TransitKeys], mode: Travel) -> Iterator[Texts]:
    """Say of which day and departures times are, what stands for them all, and what a change takes."""
    asked = results.study.transit
    if asked is None or mode.name != TRANSIT:
        return
    first, end = asked.departures
    yield sentence(
        "study.method.transit",
        day=lambda language: catalogue.date(results["transit"].date.isoformat(), language),
        first=lambda language: catalogue.digits(first, language),
        end=lambda language: catalogue.digits(end, language),
        summary=word_in("study.transit.median")
        if asked.summary == "median"
        else lambda language: sentence(
            "study.transit.share", share=lambda one: catalogue.number(float(asked.summary), one, percent=True)
        )[language],
        walk=number_in(asked.max_walk),
        slack=number_in(asked.slack),
    )
    if asked.accessible:
        yield sentence("study.method.accessible")
    if asked.max_rides is not None:
        yield sentence("study.method.max_rides", rides=number_in(asked.max_rides))
    most = asked.max_fare
    if most is not None:
        yield sentence("study.method.max_fare", fare=lambda language: catalogue.number(most, language, digits=2))
