"""Maps of how often vehicles leave nearby and of what accessible vehicles change, and sentences on who is near."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from spatialjustice import catalogue, maps
from spatialjustice.study.engine.setting_types import EVERYBODY
from spatialjustice.study.engine.texts import cutoff_in, number_in, sentence
from spatialjustice.study.sections.services.settings import OwnService
from spatialjustice.study.sections.transit_service.compute import everybody_near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.transit.settings import Transit, TransitKeys
    from spatialjustice.study.sections.transit_service.compute import Change, TransitService

CLASSES = (10.0, 20.0, 30.0, 60.0)
"""Limits of the classes of minutes between departures."""


def indicators(results: Results[TransitKeys], mode: Travel) -> list[maps.Indicator]:
    """Return the map of service nearby, and one for each service whose reach accessible vehicles change."""
    found: TransitService = results["transit_service"]
    if mode.key != found.mode.key:
        return []
    widest = results.study.widest(mode)
    changed = [_changed(results, one) for one in found.changes if one.cutoff.key == widest.key]
    return [_nearby(results, found), *changed]


def _nearby(results: Results[TransitKeys], found: TransitService) -> maps.Indicator:
    asked = results.study.transit
    assert asked is not None  # noqa: S101 - the section is computed where it is wanted
    return maps.Indicator(
        key="transit_headway",
        title=sentence("study.transit.headway"),
        group=sentence("study.transit.nearby"),
        unit="minutes",
        kind="cost",
        values=found.headway.where(found.status == "ok"),
        status=found.status,
        breaks=CLASSES,
        note=sentence("study.transit.headway.note", limit=number_in(asked.near), **_hours(asked.hours)),
    )


def _changed(results: Results[TransitKeys], one: Change) -> maps.Indicator:
    counted = {each.name for each in results.study.services if isinstance(each, OwnService) and each.count}
    status = one.zones["status"].astype(object)
    lived_in = results.people > 0
    known = {"off_network": "off_network", "outside_data": "outside_data", "no_population": "no_population"}
    return maps.Indicator(
        key=f"{one.service}_accessible_change",
        title=sentence("study.transit.change", limit=cutoff_in(one.cutoff)),
        group=results.titles[one.service],
        unit="amount" if one.service in counted else "opportunities",
        kind="change",
        centre=0.0,
        values=one.zones["change"].where(lived_in & (status != "unreachable")),
        status=status.map(known).fillna("ok").where(status != "unreachable", "beyond_cutoff"),
        note=sentence("study.transit.change.note"),
        service=one.service,
    )


def _hours(hours: tuple[str, str]) -> dict[str, Callable[[str], str]]:
    first, end = hours
    return {
        "first": lambda language: catalogue.digits(first, language),
        "end": lambda language: catalogue.digits(end, language),
    }


def sentences(results: Results[TransitKeys], mode: Travel) -> Iterator[Texts]:
    """Say who is near service, and near service that comes often."""
    found: TransitService = results["transit_service"]
    asked = results.study.transit
    if asked is None or mode.key != found.mode.key:
        return
    yield from _near(found, asked)
    yield sentence("study.transit.near_sdg", share=_percent(everybody_near(found, EVERYBODY)["sdg_11_2_1"]))


def _near(found: TransitService, asked: Transit) -> Iterator[Texts]:
    near = everybody_near(found, EVERYBODY)
    limit = number_in(asked.near)
    yield sentence("study.transit.near_any", share=_percent(near["any_service"]), limit=limit, **_hours(asked.hours))
    for headway in asked.headways:
        share = _percent(near[f"every_{headway:g}"])
        yield sentence("study.transit.near_often", share=share, headway=number_in(headway))


def findings_in_words(results: Results[TransitKeys], mode: Travel) -> dict[str, Texts]:
    """Say above the maps who is near service, and who loses where only accessible vehicles count."""
    found: TransitService = results["transit_service"]
    asked = results.study.transit
    if asked is None or mode.key != found.mode.key:
        return {}
    near = list(_near(found, asked))
    said = {"transit_headway": {language: " ".join(one[language] for one in near) for language in near[0]}}
    widest = results.study.widest(mode)
    rows = found.gap[found.gap["group"] == EVERYBODY] if len(found.gap) else found.gap
    for row in rows.to_dict(orient="records"):
        if row["cutoff"] == widest.label:
            said[f"{row['service']}_accessible_change"] = sentence(
                "study.transit.gap",
                service=partial(catalogue.text_in, results.titles[row["service"]]),
                limit=cutoff_in(widest),
                share=_percent(row["share_who_lose"]),
                all=_percent(row["share_within_by_all"]),
                accessible=_percent(row["share_within_by_accessible"]),
                before=_mean(row["mean_reached_by_all"]),
                after=_mean(row["mean_reached_by_accessible"]),
            )
    return said


def _mean(value: float) -> Callable[[str], str]:
    return lambda language: catalogue.number(value, language, digits=0 if value >= 100 else 1)


def _percent(share: float) -> Callable[[str], str]:
    return lambda language: catalogue.number(share, language, digits=1, percent=True)
