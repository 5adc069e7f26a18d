"""The one or two caveats that change a number most, in a line of their own beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from spatialjustice import catalogue
from spatialjustice.study.engine.texts import number_in, sentence, whole_percent_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice._core.findings import Finding
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel

MOST = 2
"""Caveats beside one number."""
LEAST = 0.05
"""A caveat that can change less than this share of a number is told among the findings alone."""
DETOUR = 0.25
"""By how much straight lines are shorter than ways along streets: detours of 1.2 to 1.4 are usual in towns."""
BEST_CASE = 0.35
"""How much of a number the wheelchair's best case may hide, where most surfaces are not tagged."""
A_YEAR = 0.015
"""By how much people of another year may differ, for each year between."""


@dataclass(frozen=True)
class Caveat:
    """What changes a number: the text, how much of the number it may change, and what it is about."""

    code: str
    text: Texts
    weight: float
    about: Literal["ways", "people"]


def caveats(results: Results[Any], mode: Travel, *, about: tuple[str, ...] = ("ways", "people")) -> list[Caveat]:
    """Return at most two caveats of a mode, those that may change its numbers most first.

    Parameters
    ----------
    results
        What was found.
    mode
        The mode whose numbers are told.
    about
        ``ways`` for what depends on streets, ``people`` for what depends on where people live.
    """
    found = [one for one in _all(results, mode) if one.about in about and one.weight >= LEAST]
    return sorted(found, key=lambda one: -one.weight)[:MOST]


def _all(results: Results[Any], mode: Travel) -> Iterator[Caveat]:
    if results.study.straight_lines and results.study.measures_ways:
        yield Caveat("straight_lines", sentence("caveat.straight_lines"), DETOUR, "ways")
    yield from _edge(results, mode)
    yield from _grid(results)
    best_case = any(
        finding.code == "passability_unknown" and _is_of(finding, mode) and finding.severity == "warning"
        for finding in results.findings
    )
    if best_case:
        yield Caveat("passability_unknown", sentence("caveat.passability_unknown", mode=mode.phrase), BEST_CASE, "ways")
    if results.estimated:
        yield Caveat("people_estimated", sentence("caveat.people_estimated"), DETOUR, "people")
    yield from _other_year(results)


def _grid(results: Results[Any]) -> Iterator[Caveat]:
    """Say of which part of the place the population grid tells nothing, and how much of that lies outside it."""
    covering = [finding for finding in results.findings if finding.code == "raster_covers_part_of_place"]
    if not covering or not results.unknown.any():
        return
    area = results.zones["area"]
    share = float(area[results.unknown].sum() / area.sum())
    outside = 1.0 - float(covering[0].values.get("share", 1.0))
    within = share - outside
    parted = outside >= LEAST and within >= LEAST
    key = "caveat.raster_covers_part_of_place" + (".parted" if parted else "")
    parts = {"outside": whole_percent_in(outside), "within": whole_percent_in(within)} if parted else {}
    yield Caveat("raster_covers_part_of_place", sentence(key, share=whole_percent_in(share), **parts), share, "people")


def _phrases(mode: Travel) -> dict[str, str]:
    return {lang: mode.phrase(lang) for lang in catalogue.LANGUAGES}


def _is_of(finding: Finding, mode: Travel) -> bool:
    """Tell whether a finding about a mode of travel is about this one."""
    told = finding.values.get("mode", "")
    return mode.name == (told if isinstance(told, str) else str(told.get("word", "")).rpartition(".")[2])


def _edge(results: Results[Any], mode: Travel) -> Iterator[Caveat]:
    """Say what share of people live near the edge of the data, by this mode."""
    near = [
        finding
        for finding in results.findings
        if finding.code == "near_the_edge_of_the_data" and finding.values.get("mode") == _phrases(mode)
    ]
    total = float(results.people.sum())

    def share(language: str) -> str:
        said = whole_percent_in(people / total)(language)
        return said[:1].upper() + said[1:]

    if near and total > 0:
        people = float(near[0].people or 0.0)
        said = sentence("caveat.near_the_edge_of_the_data", share=share, people=number_in(people, digits=0))
        yield Caveat("near_the_edge_of_the_data", said, people / total, "ways")


def _other_year(results: Results[Any]) -> Iterator[Caveat]:
    """Say of which year the people are, where streets or services are of years later or earlier."""
    years: dict[bool, list[int]] = {True: [], False: []}
    for record in results.sources:
        year = (record.data_date or "")[:4]
        if year.isdigit():
            years[record.name in {"population", "people"}].append(int(year))
    if not years[True] or not years[False]:
        return
    people, places = max(years[True]), max(years[False])
    if people != places:
        said = sentence("caveat.people_of_another_year", year=_year(people), other=_year(places))
        yield Caveat("people_of_another_year", said, A_YEAR * abs(places - people), "people")


def _year(year: int) -> Any:
    return lambda language: catalogue.digits(str(year), language)
