"""Sentences above the maps of the environment, and how it was done."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue
from spatialjustice.report.headline import no_break, share_of
from spatialjustice.study.engine.texts import cutoff_in, number_in, sentence
from spatialjustice.study.sections.environment.page import BOTH, SCORE
from spatialjustice.study.sections.environment.settings import SCORE as BY_SCORE
from spatialjustice.study.sections.environment.tables import CLASSES, ENDS, decimals, records
from spatialjustice.study.sections.groups.page import OTHERS, group_title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.environment.compute import Burdens
    from spatialjustice.study.sections.environment.settings import Change, EnvironmentKeys, Layer

LINE = 75
"""Percentile of the score from which on California calls a tract disadvantaged: the highest quarter."""


def findings_in_words(results: Results[EnvironmentKeys], _mode: Travel) -> dict[str, Texts]:
    """Say what people live with on average, who with more, and who beyond a guideline."""
    found: Burdens = results["environment"]
    settings = results.study.environment
    assert settings is not None  # noqa: S101 - there are results of it
    told = {}
    for name, item in settings.exposures.items():
        told[f"environment_{name}"] = _joined(_mean(found, name, item, results), *_above(found, name, results))
    for name, change in settings.change.items():
        told[f"environment_{name}"] = _changed(found, name, change, results)
    people = results.people
    if found.score is not None:
        count = float(people[found.score["score_percentile"] >= LINE].sum())
        told[SCORE] = sentence(
            "study.environment.told.score", share=_share(count, people), count=number_in(count, digits=0)
        )
    if found.both is not None:
        told[BOTH] = _both(found, results)
    return told


def answers(results: Results[EnvironmentKeys], _mode: Travel) -> list[Texts]:
    """Return the sentence that the overview tells: who bears a burden and is far as well, else who lives with what."""
    found: Burdens = results["environment"]
    settings = results.study.environment
    assert settings is not None  # noqa: S101 - there are results of it
    if found.both is not None:
        return [_both_at_once(found, results)]
    for name, item in settings.exposures.items():
        return [next(_above(found, name, results), None) or _mean(found, name, item, results)]
    return []


def _joined(*sentences: Texts) -> Texts:
    return {language: " ".join(one[language] for one in sentences) for language in catalogue.LANGUAGES}


def _share(count: float, people: pd.Series[Any]) -> Callable[[str], str]:
    return lambda language: share_of(count, float(people.sum()), language)


def _amount(
    value: float, item: Layer | Change, *, more: int = 0, bare: bool = False, plain: bool = False
) -> Callable[[str], str]:
    """Return a function that writes a mean with its unit, or bare; a plain number with no more figures than it has."""

    def said(language: str) -> str:
        if item.holds != "amount":
            return catalogue.number(value, language, digits=0 if plain else 1 + more, percent=True)
        number = catalogue.number(value, language, digits=None if plain else decimals(value) + more)
        unit = "" if item.unit is None or bare else catalogue.text_in(item.unit, language)
        return no_break(f"{number} {unit}") if unit else number

    return said


def _of(found: Burdens, name: str) -> pd.DataFrame:
    table: pd.DataFrame = found.by_group[found.by_group["exposure"] == name]
    return table


def _mean(found: Burdens, name: str, item: Layer, results: Results[EnvironmentKeys]) -> Texts:
    """Say the mean of everybody, and of the groups that surely have more or less."""
    rows = _of(found, name)
    every = records(rows[rows["group"] == "all people"])[0]
    parts = [_group(row, item, results) for row in _told_of(rows, results)]
    key = "study.environment.told.mean" if parts else "study.environment.told.mean_alone"
    title = {language: catalogue.text_in(item.title, language) for language in catalogue.LANGUAGES}
    return sentence(
        key,
        title=title.__getitem__,
        mean=_amount(every["mean"], item),
        groups=lambda language: catalogue.words(language)["study.environment.and"].join(one[language] for one in parts),
    )


def _told_of(rows: pd.DataFrame, results: Results[EnvironmentKeys]) -> list[dict[str, Any]]:
    """Return the groups of the study, and the poorest and richest part by income."""
    chosen = []
    for by, part in rows.groupby("by", sort=False):
        known = records(part[~part["group"].isin(["all people", OTHERS, "unknown"])])
        chosen += known if by in results.study.groups else [*known[:1], *known[-1:]]
    return [row for row in chosen if math.isfinite(row["mean"]) and row["by"]]


def _group(row: dict[str, Any], item: Layer | Change, results: Results[EnvironmentKeys]) -> Texts:
    sure = math.isfinite(row["low"])
    return sentence(
        f"study.environment.told.group{'' if sure else '_alone'}",
        group=_named(row, results).__getitem__,
        mean=_amount(row["mean"], item),
        low=_amount(row["low"], item, bare=True),
        high=_amount(row["high"], item, bare=True),
    )


def _named(row: dict[str, Any], results: Results[EnvironmentKeys]) -> Texts:
    """Return what a group is called; the first and the last by income as the poorest and the richest."""
    number, _, count = str(row["group"]).partition(" of ")
    if row["by"] in results.study.groups or number not in {"1", count}:
        return group_title(results.study, str(row["group"]))
    which = "poorest" if number == "1" else "richest"
    return sentence(f"study.environment.{which}", count=number_in(float(count)))


def _above(found: Burdens, name: str, results: Results[EnvironmentKeys]) -> Iterator[Texts]:
    """Say which share lives beyond each guideline, and where the guideline is for another period."""
    settings = results.study.environment
    if found.above.empty or settings is None:
        return
    item, rough = settings.exposures[name], False
    rows = found.above[(found.above["exposure"] == name) & (found.above["group"] == "all people")]
    for row in records(rows.drop_duplicates("guideline")):
        record = catalogue.guidelines().get(str(row["guideline"]))
        rough |= row["averaging"] not in {"any", row["exposure_averaging"]}
        title = "" if record is None else record["name"]
        yield sentence(
            f"study.environment.told.{'above' if title else 'above_own'}",
            guideline=partial(catalogue.text_in, title),
            value=_amount(float(row["value"]), item, plain=True),
            share=partial(share_of, float(row["people_above"]), float(row["people"])),
        )
    if rough:
        yield sentence("study.environment.told.other_period")


def _changed(found: Burdens, name: str, item: Change, results: Results[EnvironmentKeys]) -> Texts:
    """Say how the mean changed, and for how many people it fell."""
    rows = _of(found, name)
    every = records(rows[rows["group"] == "all people"])[0]
    frame, people = found.changes[name], results.people
    known = frame["change"].notna() & (people > 0)
    weights = people[known]
    before, after = (float((frame.loc[known, one] * weights).sum() / weights.sum()) for one in ("earlier", "later"))
    fell = float(people[known & (frame["change"] < 0)].sum())
    parts = [_group_change(row, item, results) for row in _told_of(rows, results)]
    title = {language: catalogue.text_in(item.title, language) for language in catalogue.LANGUAGES}
    unsure = not (every["low"] > 0 or every["high"] < 0)
    first = sentence(
        f"study.environment.told.change{'_unsure' if unsure else ''}",
        title=title.__getitem__,
        first=lambda language: catalogue.digits(str(item.years[0]), language),
        last=lambda language: catalogue.digits(str(item.years[1]), language),
        earlier=_amount(before, item, more=1),
        later=_amount(after, item, more=1),
        low=_difference(every["low"], item, bare=not unsure),
        high=_difference(every["high"], item, bare=not unsure),
        change=_difference(every["mean"], item),
        fell=lambda language: share_of(fell, float(weights.sum()), language),
    )
    if not parts:
        return first
    groups = sentence(
        "study.environment.told.change_groups",
        groups=lambda language: catalogue.words(language)["study.environment.and"].join(one[language] for one in parts),
    )
    return _joined(first, groups)


def _difference(value: float, item: Layer | Change, *, bare: bool = False) -> Callable[[str], str]:
    """Return a function that writes a change: of percentages in percentage points."""

    def said(language: str) -> str:
        if item.holds == "amount":
            return _amount(value, item, bare=bare)(language)
        number = catalogue.number(100 * value, language, digits=2)
        return number if bare else catalogue.words(language)["study.environment.points"].format(number=number)

    return said


def _group_change(row: dict[str, Any], item: Change, results: Results[EnvironmentKeys]) -> Texts:
    sure = math.isfinite(row["low"])
    return sentence(
        f"study.environment.told.group{'' if sure else '_alone'}",
        group=_named(row, results).__getitem__,
        mean=_difference(row["mean"], item),
        low=_difference(row["low"], item, bare=True),
        high=_difference(row["high"], item, bare=True),
    )


def _both(found: Burdens, results: Results[EnvironmentKeys]) -> Texts:
    """Say how many people bear the burden and are far from the service, and of which groups they are."""
    first = _both_at_once(found, results)
    table = found.both_groups.assign(mean=found.both_groups[f"{CLASSES[0]}: independent"])
    parts = [
        sentence(
            "study.environment.told.group_alone",
            group=_named(row, results).__getitem__,
            mean=partial(share_of, row["mean"], 1.0),
        )
        for row in _told_of(table, results)
    ]
    if not parts:
        return first
    return _joined(first, sentence("study.environment.told.both_groups", groups=_all_of(parts)))


def _both_at_once(found: Burdens, results: Results[EnvironmentKeys]) -> Texts:
    """Say how many people bear the burden and are far from the service; with bounds where only shares are known."""
    settings, people = results.study.environment, results.people
    asked = settings.burden_and_access if settings else None
    assert asked is not None  # noqa: S101 - there are results of it
    assert found.both is not None  # noqa: S101
    low, middle, high = (math.fsum(found.both[f"{CLASSES[0]}: {end}"]) for end in ENDS)
    bounds = high - low > 0.5
    named = sentence("study.environment.score.short")
    if asked.burden != BY_SCORE and settings is not None:
        title = settings.exposures[asked.burden].title
        named = {language: catalogue.text_in(title, language) for language in catalogue.LANGUAGES}
    return sentence(
        f"study.environment.told.both{'_bounds' if bounds else ''}",
        burden=named.__getitem__,
        worst=lambda language: catalogue.number(asked.worst, language, digits=0, percent=True),
        limit=lambda language: no_break(cutoff_in(asked.cutoff)(language)),
        service=lambda language: catalogue.text_in(results.titles[asked.service], language),
        share=_share(middle, people),
        count=number_in(middle, digits=0),
        low=_share(low, people),
        high=_share(high, people),
    )


def _all_of(parts: list[Texts]) -> Callable[[str], str]:
    """Return a function that writes parts one after the other."""
    return lambda language: catalogue.words(language)["study.environment.and"].join(one[language] for one in parts)


def sentences(results: Results[EnvironmentKeys], _mode: Travel) -> Iterator[Texts]:
    """Say how exposures were averaged, and how burdens were combined."""
    found: Burdens = results["environment"]
    yield sentence("study.environment.how.means")
    if found.score is not None:
        yield sentence("study.environment.how.score")
    if found.changes:
        yield sentence("study.environment.how.change")
