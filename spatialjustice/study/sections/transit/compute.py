"""The timetable of a study's day, and the network that it makes of streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spatialjustice import network, sources
from spatialjustice.network.transit.offer import TRANSIT
from spatialjustice.study.engine.travel_modes import Travel

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatialjustice.network import Network, StraightLines, TransitNetwork
    from spatialjustice.sources import Timetable
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.transit.settings import TransitKeys


@dataclass(frozen=True)
class OnStreets:
    """A network on top of another: the mode of the streets below, and what makes the network of them."""

    below: Travel
    above: Callable[[Network | StraightLines], TransitNetwork]


def compute(work: Work[TransitKeys]) -> Timetable:
    """Read the timetables of the day; what is only known by headway is drawn with the study's seed."""
    asked = work.study.transit
    assert asked is not None  # noqa: S101 - the section is computed where it is wanted
    feeds = [work.files[feed] for feed in asked.feeds]
    day = asked.date or sources.usual_day(feeds, weekday=asked.weekday or "wednesday")
    return sources.timetable(feeds, date=day, rng=work.seed)


def check(work: Work[TransitKeys]) -> list[Any]:
    """Read the timetables, and what rides cost."""
    asked = work.study.transit
    work.made["transit"] = compute(work)
    if asked is None or asked.fares is None:
        return [work["transit"]]
    return [work["transit"], sources.fares(work.files[asked.fares])]


def networks(work: Work[TransitKeys]) -> list[tuple[str, Callable[[Travel], OnStreets]]]:
    """Offer the network of the mode of public transport, on top of the streets that it is reached by."""

    def on_streets(mode: Travel) -> OnStreets:
        asked = work.study.transit
        assert asked is not None  # noqa: S101 - the section is computed where it is wanted
        below = Travel.model_validate({"name": asked.streets, "key": mode.key, "slopes": mode.slopes})

        def above(streets: Network | StraightLines) -> TransitNetwork:
            return network.from_gtfs(
                work["transit"],
                streets,
                accessible=asked.accessible,
                max_walk=asked.max_walk,
                slack=asked.slack,
                departures=asked.departures,
                cutoff=work.study.widest(mode).value,
                summary=asked.summary,
                fares=None if asked.fares is None else work.files[asked.fares],
                max_rides=asked.max_rides,
                max_fare=asked.max_fare,
            )

        return OnStreets(below, above)

    return [(TRANSIT, on_streets)]
