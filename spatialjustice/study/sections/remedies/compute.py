"""Plans for every remedy of a study: made by each goal, compared, tried under other settings, offered to others."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from spatialjustice.catalogue import LANGUAGES, text_in
from spatialjustice.study.engine.texts import number_in, sentence
from spatialjustice.study.sections.remedies.amounts import goal_in
from spatialjustice.study.sections.remedies.closing import close_places
from spatialjustice.study.sections.remedies.opening import open_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice._core.findings import Finding
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.remedies.result import RemedyResult
    from spatialjustice.study.sections.remedies.settings import RemediesKeys, Remedy

DEGREES = 7
"""Decimals of a coordinate: a centimetre."""


def compute(work: Work[RemediesKeys]) -> list[RemedyResult]:
    """Make the plans of every remedy; each is kept, so that a run that is killed makes none of them anew."""
    found: list[RemedyResult] = []
    for item in work.study.remedies:
        work.now(f"remedies: {item.name.replace('_', ' ')}")
        found.append(work.step(f"remedy: {item.name}", partial(_made, work, item)))
    return found


def _made(work: Work[RemediesKeys], item: Remedy) -> RemedyResult:
    return open_places(work, item) if item.open else close_places(work, item)


def findings(work: Work[RemediesKeys]) -> Iterator[Finding]:
    """Yield what was found on the way, with the remedy that it is of."""
    for one in work["remedies"]:
        for finding in one.findings:
            if finding.code == "straight_lines":
                continue
            name = one.settings.name.replace("_", " ").capitalize()
            by = {lang: _called(one.settings, name, lang) for lang in LANGUAGES}
            yield replace(finding, message=f"{name}: {finding.message}", values={**finding.values, "by": by})


def _called(remedy: Remedy, name: str, lang: str) -> str:
    """Return what stands before a finding of a remedy: its short name, in other languages the title it has there."""
    title = remedy.title
    return name if lang == LANGUAGES[0] or title is None or isinstance(title, str) else text_in(title, lang)


def plans(work: Work[RemediesKeys]) -> Iterator[dict[str, Any]]:
    """Yield every plan: title, service, key of the mode, points that are new and numbers of places that are gone."""
    for one in work["remedies"]:
        places = work["services"].places_of(one.settings.service)
        ground = one.points.to_crs(4326)
        for plan in one.plans.values():
            points = [] if not one.opens else [ground.geometry.loc[name] for name in plan.names]
            yield {
                "title": _title(work, one, plan.goal),
                "service": one.settings.service,
                "mode": one.mode.key,
                "added": [[round(point.y, DEGREES), round(point.x, DEGREES)] for point in points],
                "removed": [] if one.opens else [int(places.index.get_loc(name)) for name in plan.names],
            }


def _title(work: Work[RemediesKeys], one: RemedyResult, goal: Any) -> Texts:
    given = one.settings.title
    service = work["services"].titles[one.settings.service]
    called = (
        {lang: text_in(given, lang) for lang in LANGUAGES}
        if given is not None
        else sentence(
            "remedy.title.open" if one.opens else "remedy.title.close",
            count=number_in(one.settings.count),
            service=lambda lang: text_in(service, lang),
        )
    )
    if len(one.plans) == 1:
        return called
    best = goal_in(goal)
    return {lang: f"{called[lang]} ({best(lang)})" for lang in LANGUAGES}
