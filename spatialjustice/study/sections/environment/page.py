"""The maps of the environment on the planner's page, and the groups as bars beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import catalogue, maps, report
from spatialjustice.study.engine.texts import sentence
from spatialjustice.study.sections.environment.settings import Change
from spatialjustice.study.sections.environment.tables import records
from spatialjustice.study.sections.groups.page import group_title

if TYPE_CHECKING:
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.environment.compute import Burdens
    from spatialjustice.study.sections.environment.settings import EnvironmentKeys, Layer

SCORE, BOTH = "environment_burden_percentile", "environment_burden_and_access"


def indicators(results: Results[EnvironmentKeys], _mode: Travel) -> list[maps.Indicator]:
    """Return the maps: a map of each exposure and change, of the cumulative burden, and of burden and access."""
    found: Burdens = results["environment"]
    settings = results.study.environment
    assert settings is not None  # noqa: S101 - there are results of it
    shown = [_exposure(results, name, item) for name, item in settings.exposures.items()]
    shown += [_change(results, name, item) for name, item in settings.change.items()]
    group = sentence("study.environment")
    if found.score is not None:
        shown.append(
            maps.Indicator(
                key=SCORE,
                title=sentence("study.environment.score"),
                unit="amount",
                kind="share",
                values=found.score["score_percentile"],
                status=_status(results),
                group=group,
                direction="lower is better",
                served=False,
                breaks=(25.0, 50.0, 75.0, 100.0),
                note=sentence("study.environment.score.note"),
            )
        )
    if settings.burden_and_access is not None:
        shown.append(_both(results, group))
    return shown


def title_of(item: Layer | Change) -> Texts:
    """Return what an exposure is called, with its unit; of a change with its years."""
    named = {language: catalogue.text_in(item.title, language) for language in catalogue.LANGUAGES}
    if isinstance(item, Change):
        named = sentence(
            "study.environment.change",
            of=named.__getitem__,
            first=lambda language: catalogue.digits(str(item.years[0]), language),
            last=lambda language: catalogue.digits(str(item.years[1]), language),
        )
    unit = item.unit if item.holds == "amount" else None
    if unit is None:
        return named
    return sentence(
        "study.environment.titled", of=named.__getitem__, unit=lambda language: catalogue.text_in(unit, language)
    )


def _exposure(results: Results[EnvironmentKeys], name: str, item: Layer) -> maps.Indicator:
    found: Burdens = results["environment"]
    values = found.layers[name]
    share = values.attrs.get("unit") == "share"
    return maps.Indicator(
        key=f"environment_{name}",
        title=title_of(item),
        unit="share" if share else "amount",
        kind="share",
        values=values.where(results.people > 0),
        status=_status(results),
        group=sentence("study.environment"),
        direction=item.direction,
        served=False,
        note=_note(item),
    )


def _change(results: Results[EnvironmentKeys], name: str, item: Change) -> maps.Indicator:
    found: Burdens = results["environment"]
    change: pd.Series[Any] = found.changes[name]["change"]
    return maps.Indicator(
        key=f"environment_{name}",
        title=title_of(item),
        unit="share" if item.holds != "amount" else "amount",
        kind="change",
        values=change.where(results.people > 0),
        status=_status(results),
        group=sentence("study.environment"),
        direction=item.direction,
        served=False,
        note=_note(item),
    )


def _note(item: Layer | Change) -> Texts | str:
    if item.note is None:
        return ""
    return {language: catalogue.text_in(item.note, language) for language in catalogue.LANGUAGES}


def _both(results: Results[EnvironmentKeys], group: Texts) -> maps.Indicator:
    """Return the map of the burden beside the share of people who are far from the service."""
    found: Burdens = results["environment"]
    asked = results.study.environment.burden_and_access if results.study.environment else None
    assert asked is not None  # noqa: S101 - nobody else calls
    assert found.burden is not None  # noqa: S101
    assert found.near is not None  # noqa: S101
    there = results.people > 0
    far = 100 * (1 - found.near)
    made = maps.bivariate(
        found.burden.where(there),
        far.where(there),
        titles=(burden_title(results), said(results, "study.environment.far")),
        title=said(results, "study.environment.both"),
        first_breaks=[100 * (1 - asked.worst)],
        second_breaks=[50.0],
        classes=2,
        key=BOTH,
        direction="lower is better",
        note=said(results, "study.environment.both.note"),
    )
    return replace(made, group=group, status=_status(results).where(results.people == 0))


def burden_title(results: Results[EnvironmentKeys]) -> Texts:
    """Return what the burden that is set beside access is called, as a percentile of people."""
    settings = results.study.environment
    asked = settings.burden_and_access if settings else None
    assert settings is not None  # noqa: S101 - nobody else calls
    assert asked is not None  # noqa: S101
    named = sentence("study.environment.score.short")
    if asked.burden in settings.exposures:
        title = settings.exposures[asked.burden].title
        named = {language: catalogue.text_in(title, language) for language in catalogue.LANGUAGES}
    return sentence("study.environment.percentile", of=named.__getitem__)


def said(results: Results[EnvironmentKeys], key: str) -> Texts:
    """Return a text of the catalogue in every language, with the service, the limit and the share of the worst."""
    asked = results.study.environment.burden_and_access if results.study.environment else None
    assert asked is not None  # noqa: S101 - nobody else calls
    made = {}
    for language in catalogue.LANGUAGES:
        words = catalogue.words(language)
        unit = words[f"unit.{asked.cutoff.measure}.short"]
        gaps = {
            "limit": f"{catalogue.number(asked.cutoff.value, language)}\u00a0{unit}",
            "service": catalogue.text_in(results.titles[asked.service], language),
            "worst": catalogue.number(asked.worst, language, digits=0, percent=True),
        }
        made[language] = words[key].format(**gaps)
    return made


def _status(results: Results[EnvironmentKeys]) -> pd.Series[Any]:
    """Say where nobody lives to be exposed."""
    return pd.Series(np.where(results.people > 0, "ok", "no_population"), index=results.people.index)


def bars(results: Results[EnvironmentKeys], _mode: Travel) -> dict[str, list[report.Bars]]:
    """Return the mean of each group with its interval, by the keys of the maps; of changes in percentage points."""
    table = results.table("exposure_by_group")
    settings = results.study.environment
    assert settings is not None  # noqa: S101 - there are results of it
    found: dict[str, list[report.Bars]] = {}
    for (name, by), rows in table.groupby(["exposure", "by"], sort=False):
        if by:
            made = _bars(results, str(by), rows, change=name in settings.change)
            found.setdefault(f"environment_{name}", []).append(made)
    return found


def _bars(results: Results[EnvironmentKeys], by: str, rows: pd.DataFrame, *, change: bool) -> report.Bars:
    compared = results.study.groups.get(by)
    named = sentence("study.by_income")
    if compared is not None:
        named = {language: catalogue.text_in(compared.title, language) for language in catalogue.LANGUAGES}
    percent = bool((rows["unit"] == "share").all())
    times = 100 if change and percent else 1
    shown = [
        {
            "label": group_title(results.study, str(row["group"])),
            "value": times * row["mean"],
            "low": times * row["low"],
            "high": times * row["high"],
            "same": row["group"] != "all people" and bool(row["difference_low"] <= 0 <= row["difference_high"]),
            "note": "",
        }
        for row in records(rows)
    ]
    key = "study.environment.bars" if not change else f"study.environment.bars.change{'_points' if percent else ''}"
    title = sentence(key, by=named.__getitem__)
    return report.Bars(shown, title, percent=percent and not change, digits=2 if change else 1)


def index_line(_results: Results[EnvironmentKeys], _mode: Travel, line: Texts) -> Texts:
    """Say that the map shows the environment, too."""
    return sentence("study.map_line_environment", line=line.__getitem__)
