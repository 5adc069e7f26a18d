"""What stands beside the maps of a study: curves, groups, limits and the method, taken from its tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue, inequality, report
from spatialjustice._core.errors import InputError
from spatialjustice.study import steps
from spatialjustice.study.justice import OTHERS
from spatialjustice.study.moving import by
from spatialjustice.study.parts import Raster
from spatialjustice.study.settings import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from spatialjustice.study.moving import Reach
    from spatialjustice.study.parts import Cutoff, Travel
    from spatialjustice.study.run import Results

    Text = dict[str, str]


def said(key: str, **parts: Callable[[str], str]) -> Text:
    """Return a catalogue sentence in every language, its gaps filled by functions of the language."""
    return {
        language: catalogue.words(language)[key].format(**{name: part(language) for name, part in parts.items()})
        for language in catalogue.LANGUAGES
    }


def limit_of(cutoff: Cutoff) -> Text:
    """Write a cutoff with its unit, for example ``500 m``."""
    return {
        language: f"{catalogue.number(cutoff.value, language)} "
        f"{catalogue.words(language)[f'unit.{cutoff.measure}.short']}"
        for language in catalogue.LANGUAGES
    }


def limits(results: Results, mode: Travel) -> dict[str, Text]:
    """Return the limit beyond which people are out of reach, by the key of the map's indicator."""
    widest = limit_of(results.study.widest(mode))
    return {f"{item.service}_{item.unit}": widest for item in results.reached if item.mode.key == mode.key}


def curves(results: Results, mode: Travel) -> dict[str, list[report.Curve]]:
    """Return the curves of every service by the keys of the indicators they belong to.

    The way to the nearest place stands beside the curve of the largest limit.
    """
    study = results.study
    ranked, _ = steps.rank(study, results.zones, results.people)
    found: dict[str, list[report.Curve]] = {}
    for item in results.reached:
        if item.mode.key != mode.key:
            continue
        for cutoff in study.cutoffs_of(mode):
            made = [*_lorenz(results, item, cutoff), *_concentration(results, item, cutoff, ranked)]
            if made:
                found[f"{item.service}_within_{cutoff.key}"] = made
                if cutoff.key == study.widest(mode).key:
                    found[f"{item.service}_{item.unit}"] = made
    return found


def _title(results: Results, item: Reach, cutoff: Cutoff) -> Text:
    return said(
        "study.curve",
        service=lambda language: catalogue.text_in(results.titles[item.service], language),
        limit=lambda language: limit_of(cutoff)[language],
        mode=lambda language: by(item.mode, language),
    )


def _index(results: Results, item: Reach, cutoff: Cutoff, measure: str) -> tuple[float, float, float] | None:
    """Return a measure with its interval from the table of inequality, where the study has one."""
    table = results.justice.measures
    if table.empty:
        return None
    rows = table[
        (table["service"] == item.service)
        & (table["mode"] == item.mode.key)
        & (table["outcome"] == f"within {cutoff.label}")
        & (table["measure"] == measure)
    ]
    if rows.empty or math.isnan(rows["value"].iloc[0]):
        return None
    value, low, high = (float(number) for number in rows[["value", "low", "high"]].iloc[0])
    return value, low, high


def _lorenz(results: Results, item: Reach, cutoff: Cutoff) -> Iterator[report.Curve]:
    table = results.lorenz
    corners = table[
        (table["service"] == item.service) & (table["mode"] == item.mode.key) & (table["cutoff"] == cutoff.label)
    ]
    if corners.empty:
        return
    found = _index(results, item, cutoff, "gini")
    if found is None:
        told = results.distribution
        row = told[(told["service"] == item.service) & (told["mode"] == item.mode.key)].iloc[0]
        found = float(row[f"gini_within_{cutoff.key}"]), math.nan, math.nan
    yield report.Curve(corners, found[0], _title(results, item, cutoff), low=found[1], high=found[2])


def _concentration(
    results: Results, item: Reach, cutoff: Cutoff, ranked: pd.Series[Any] | None
) -> Iterator[report.Curve]:
    found = _index(results, item, cutoff, "concentration_index")
    if ranked is None or found is None:
        return
    try:
        corners = inequality.concentration_curve(
            item.counts[cutoff.key], rank_by=ranked, weights=results.people, unknown_rank="leave out"
        )
    except InputError:
        # Nobody whose income is known reaches anything: the table of inequality says so.
        return
    yield report.Curve(
        corners, found[0], _title(results, item, cutoff), low=found[1], high=found[2], kind="concentration"
    )


def bars(results: Results, mode: Travel) -> dict[str, list[report.Bars]]:
    """Return what each group has, or who of it has too little, by the keys of the indicators."""
    table = results.justice.groups
    if table.empty:
        return {}
    found: dict[str, list[report.Bars]] = {}
    for item in results.reached:
        if item.mode.key != mode.key:
            continue
        keys = {
            f"within {cutoff.label}": f"{item.service}_within_{cutoff.key}" for cutoff in results.study.cutoffs_of(mode)
        }
        if "metres" in item.closest or item.unit == "minutes":
            keys["way to the nearest"] = f"{item.service}_{item.unit}"
        rows = table[(table["service"] == item.service) & (table["mode"] == mode.key)]
        for outcome, key in keys.items():
            chosen = rows[rows["outcome"] == outcome]
            # A comparison that could not be made has a row that says why in the table, and no bar.
            parts = [
                part for part in chosen.groupby("by", sort=False) if "mean" in chosen and part[1]["mean"].notna().any()
            ]
            made = [_bars(results, str(name), part) for name, part in parts]
            if made:
                found[key] = made
    return found


def _bars(results: Results, name: str, rows: pd.DataFrame) -> report.Bars:
    """Return the bars of one comparison: the share without enough where there is a line, the mean otherwise."""
    share = "share_without" in rows and rows["share_without"].notna().any()
    column = "share_without" if share else "mean"
    compared = results.study.groups.get(name)
    title = catalogue.text_in(compared.title, "en") if compared else ""
    known = {
        language: catalogue.text_in(compared.title, language) if compared else "" for language in catalogue.LANGUAGES
    }
    by_ = known if title else said("study.by_income")
    told = []
    for row in rows.to_dict(orient="records"):
        low, high = row.get("difference_low", math.nan), row.get("difference_high", math.nan)
        value = row.get(column, math.nan)
        told.append(
            {
                "label": _group(results, str(row["group"])),
                "value": value,
                "low": row.get("share_without_low") if share else None,
                "high": row.get("share_without_high") if share else None,
                # An interval of the gap that holds 0 cannot tell the two groups apart.
                "same": row["group"] not in {row.get("compared_with"), "all people"} and low <= 0 <= high,
                "note": _note(row.get("note")),
            }
        )
    key = "study.bars.without" if share else "study.bars.mean"
    return report.Bars(told, said(key, by=lambda language: catalogue.text_in(by_, language)), percent=bool(share))


def _group(results: Results, name: str) -> Text:
    group = results.study.groups.get(name)
    if group is not None:
        return {language: catalogue.text_in(group.title, language) for language in catalogue.LANGUAGES}
    if name == OTHERS:
        return said("study.everybody_else")
    if name == "all people":
        return said("page.filter.everybody")
    number, _, count = name.partition(" of ")
    if number.isdigit() and count.isdigit():
        return said(
            "study.income_part",
            number=lambda language: catalogue.number(float(number), language),
            count=lambda language: catalogue.number(float(count), language),
        )
    return dict.fromkeys(catalogue.LANGUAGES, name)


def _note(note: Any) -> Text | str:
    if not isinstance(note, str) or not note:
        return ""
    return {language: catalogue.words(language).get(f"group.note.{note}", note) for language in catalogue.LANGUAGES}


def groups(results: Results) -> dict[str, tuple[Text, pd.Series[Any]]]:
    """Return the people of each of the study's groups, for the filter."""
    counted = steps.groups(results.study, results.zones, results.people)
    return {name: (_group(results, name), people) for name, people in counted.items()}


def method(results: Results, mode: Travel) -> list[Text]:
    """Return how a study was done, in plain words, a sentence each."""
    zones = float(len(results.zones))
    people = (
        said("study.estimated_note")
        if results.estimated
        else said("study.method.raster" if isinstance(results.study.population, Raster) else "study.method.counted")
    )
    return [
        said("study.method.zones", zones=lambda language: catalogue.number(zones, language)),
        said(
            "study.method.straight" if results.study.streets == STRAIGHT else "study.method.way",
            mode=lambda language: by(mode, language),
        ),
        said("study.method.limit"),
        people,
        said("study.method.unreached"),
        said("study.method.ranks"),
    ]
