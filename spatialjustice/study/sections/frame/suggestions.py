"""The six things that the review asks of practice, each with what a study shows for it and what would show more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice.catalogue import digits, indicators
from spatialjustice.catalogue.indicator_texts import codes_in, listed
from spatialjustice.report.sheet.numbers import decimals, value_text
from spatialjustice.study.engine.texts import cutoff_in, number_in, sentence, whole_percent_in, word_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.sections.frame.settings import FrameKeys

SKILLS = ("ict_skills", "internet_users", "household_computer", "low_education")
VOICES = ("citizen_reports", "voter_turnout", "inclusive_decisions")
SUGGESTIONS = ("roadmap", "training", "infrastructure", "participation", "evaluation", "exchange")


class Suggestion(NamedTuple):
    """What is asked, what this study shows of it (or that it shows nothing), and what in the toolkit shows more."""

    title: Texts
    asks: Texts
    shows: list[Texts]
    nothing: Texts
    how: Texts


def suggestions(results: Results[FrameKeys], profile: pd.DataFrame) -> Iterator[Suggestion]:
    """Yield the six, in the order of the review."""
    shown = {
        "roadmap": [*_plans(results), *_roadmap(results)],
        "training": list(_values(profile, SKILLS)),
        "infrastructure": list(_infrastructure(results)),
        "participation": [*_values(profile, VOICES), *_voices(results)],
        "evaluation": list(_repeated(results, profile)),
        "exchange": list(_exchange(profile)),
    }
    for key in SUGGESTIONS:
        yield Suggestion(
            title=sentence(f"frame.suggestion.{key}"),
            asks=sentence(f"frame.suggestion.{key}.asks"),
            shows=shown[key],
            nothing=sentence(f"frame.suggestion.{key}.nothing"),
            how=sentence(f"frame.suggestion.{key}.how"),
        )


def _plans(results: Results[FrameKeys]) -> Iterator[Texts]:
    """Yield what each plan that the study compared would do."""
    if not results.get("remedies"):
        return
    from spatialjustice.study.sections.remedies import page, telling

    of_remedies: Any = results
    for one in results["remedies"]:
        yield sentence(
            "frame.suggestion.roadmap.plan",
            plan=page.title(of_remedies, one).__getitem__,
            told=telling.finding(of_remedies, one).__getitem__,
        )


def _voices(results: Results[FrameKeys]) -> Iterator[Texts]:
    """Yield how many ballots and reports there are for each 1,000 people, where the study looks at them."""
    people = float(results.people.sum())
    ballots = results.get("ballots")
    if ballots is not None:
        rows = ballots.by_place[ballots.by_place["vote_year"] == ballots.year]
        cast = float(rows["ballots"].sum())
        yield sentence(
            "frame.suggestion.participation.ballots",
            count=number_in(cast, digits=0),
            year=lambda lang: digits(str(ballots.year), lang),
            rate=number_in(1000 * cast / people, digits=0),
        )
    reports = results.get("reports")
    if reports is not None:
        made = float(reports.counts.sum())
        yield sentence(
            "frame.suggestion.participation.reports",
            count=number_in(made, digits=0),
            rate=number_in(1000 * made / people, digits=0),
        )


def _roadmap(results: Results[FrameKeys]) -> Iterator[Texts]:
    """Yield where the next place of each service would bring most people within the limit."""
    found = results.get("coverage")
    if found is None:
        return
    limits = {one.label: one for mode in results.study.modes for one in results.study.cutoffs_of(mode)}
    for row in found.next_places.to_dict(orient="records"):
        service = results.titles[row["service"]]
        yield sentence(
            "frame.suggestion.roadmap.shows",
            service=service.__getitem__,
            more=number_in(row["people_more"], digits=0),
            beyond=number_in(row["people_beyond"], digits=0),
            limit=cutoff_in(limits[row["limit"]]),
        )


def _values(profile: pd.DataFrame, keys: tuple[str, ...]) -> Iterator[Texts]:
    """Yield what is known of some indicators: the mean, and the worst-served tenth."""
    for key in keys:
        row: Any = profile.loc[key]
        if row["status"] != "measured":
            continue
        parts: dict[str, Any] = {
            "indicator": indicators()[key]["name"].__getitem__,
            "mean": _written(key, row["value"]),
        }
        if not np.isfinite(row["worst_tenth"]):
            yield sentence("frame.shows.value", **parts)
            continue
        yield sentence("frame.shows.values", worst=_written(key, row["worst_tenth"]), **parts)


def _written(key: str, value: float) -> Any:
    unit = indicators()[key]["unit"]
    percent = unit == "share"
    text = value_text(value, digits=decimals([value], percent=percent), percent=percent, unit="" if percent else unit)
    return text.__getitem__


def _infrastructure(results: Results[FrameKeys]) -> Iterator[Texts]:
    """Yield how many are offline, and in how few zones half of them live."""
    found = results.get("digital")
    if found is None or "offline" not in found.amounts:
        return
    share, counted = found.amounts["offline"], found.counted
    offline = (share.fillna(0.0) * counted).sort_values(ascending=False)
    total, every = float(offline.sum()), float(counted.where(share.notna(), 0.0).sum())
    if not total:
        return
    half = int(np.searchsorted(np.cumsum(offline.to_numpy()), total / 2) + 1)
    yield sentence(
        "frame.suggestion.infrastructure.shows",
        count=number_in(total, digits=0),
        of=word_in(f"study.digital.counted.{found.unit}"),
        share=whole_percent_in(total / every),
        half=number_in(half),
        zones=number_in(int((counted > 0).sum())),
    )


def _repeated(results: Results[FrameKeys], profile: pd.DataFrame) -> Iterator[Texts]:
    """Yield how many indicators can be measured again, and of which years their data are."""
    if not profile.attrs["measured"]:
        return
    dates = sorted({str(one.data_date)[:4] for one in results.sources if one.data_date})
    measured = number_in(profile.attrs["measured"])
    if not dates:
        yield sentence("frame.suggestion.evaluation.shows.undated", measured=measured)
        return
    years = dates[0] if dates[0] == dates[-1] else f"{dates[0]}–{dates[-1]}"
    yield sentence("frame.suggestion.evaluation.shows", measured=measured, years=lambda lang: digits(years, lang))


def _exchange(profile: pd.DataFrame) -> Iterator[Texts]:
    """Yield how many of the indicators that are known carry the code of a standard, and which codes."""
    known = profile.index[profile["status"] == "measured"]
    codes = {str(key): codes_in(indicators()[str(key)], "en") for key in known}
    coded = {key: found for key, found in codes.items() if found}
    if not coded:
        return
    yield sentence(
        "frame.suggestion.exchange.shows",
        count=number_in(len(coded)),
        all=number_in(len(known)),
        codes=lambda lang: listed(
            dict.fromkeys(one for key in coded for one in codes_in(indicators()[key], lang)), lang
        ),
    )
