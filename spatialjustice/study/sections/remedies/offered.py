"""Plans of remedies as others can try them: where places would stand, and which of today's would be gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue
from spatialjustice.study.engine.texts import number_in, sentence
from spatialjustice.study.sections.remedies.amounts import goal_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.remedies.result import RemedyResult
    from spatialjustice.study.sections.remedies.settings import RemediesKeys

DEGREES = 7
"""Decimals of a coordinate: a centimetre."""


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
        {lang: catalogue.text_in(given, lang) for lang in catalogue.LANGUAGES}
        if given is not None
        else sentence(
            "remedy.title.open" if one.opens else "remedy.title.close",
            count=number_in(one.settings.count),
            service=lambda lang: catalogue.text_in(service, lang),
        )
    )
    if len(one.plans) == 1:
        return called
    best = goal_in(goal)
    return {lang: f"{called[lang]} ({best(lang)})" for lang in catalogue.LANGUAGES}
