"""What the maps show of catchments: supply for 10,000 people, with how it was shared out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice import catalogue, maps
from spatialjustice.study.engine.texts import cutoff_in, number_in, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.catchments.compute import CatchmentResult
    from spatialjustice.study.sections.catchments.settings import CatchmentsKeys, Decay


def indicators(results: Results[CatchmentsKeys], mode: Travel) -> Iterator[maps.Indicator]:
    """Yield the map of every catchment by a mode."""
    return (_indicator(one) for one in results["catchments"] if one.mode.key == mode.key)


def index_line(results: Results[CatchmentsKeys], mode: Travel, line: Texts) -> Texts:
    """Say that the map of a mode shows catchments, where it does."""
    if not results.study.catchments_of(mode):
        return line
    return sentence("study.by_map_line_catchments", mode=mode.phrase)


def _indicator(one: CatchmentResult) -> maps.Indicator:
    settings = one.settings
    title = settings.title or settings.name.replace("_", " ").capitalize()
    # Places are counted in places; what a user's own column counts, only its title can tell.
    counted = one.supply == one.places or not one.places
    return maps.Indicator(
        key=f"{settings.name}_catchment",
        group=title,
        title=sentence("study.catchment_places" if counted else "study.catchment_supply", mode=one.mode.phrase),
        unit="opportunities" if counted else "amount",
        kind="count",
        values=one.per_ten_thousand,
        status=one.status,
        note=sentence(
            "study.catchment_note",
            decay=_decay(settings.decay),
            method=lambda _: settings.method.upper(),
        ),
        service=settings.services[0],
    )


def _decay(decay: Decay) -> Callable[[str], str]:
    """Write how much a place counts at which cost."""
    if decay.stepped is None:
        return sentence(f"study.decay.{decay.kind}", limit=cutoff_in(decay.limit)).__getitem__
    steps = list(zip(decay.steps, decay.weights, strict=True))
    return lambda language: catalogue.words(language)["language.comma"].join(
        sentence("study.decay.step", weight=number_in(weight), limit=cutoff_in(limit))[language]
        for limit, weight in steps
    )
