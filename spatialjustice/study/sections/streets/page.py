"""Streets and ground as they are drawn on the maps, and how ways were measured, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.study.engine.texts import sentence
from spatialjustice.study.sections.streets.compute import drawn_streets
from spatialjustice.study.sections.streets.settings import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.streets.settings import StreetsKeys


def around(results: Results[StreetsKeys], mode: Travel) -> dict[str, Any]:
    """Return the streets of a mode, and the ground under every map."""
    return {
        "streets": drawn_streets(results["streets"][mode.key]),
        "base": results["streets"].ground,
    }


def sentences(results: Results[StreetsKeys], mode: Travel) -> Iterator[Texts]:
    """Say along what ways were measured."""
    if not results.study.measures_ways:
        return
    straight = results.study.streets == STRAIGHT
    yield sentence("study.method.straight") if straight else sentence("study.method.way", mode=mode.phrase)
