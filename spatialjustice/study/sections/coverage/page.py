"""Curves of inequality beside the maps of what people reach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue, inequality, report
from spatialjustice._core.errors import InputError
from spatialjustice.study.engine.texts import cutoff_in, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.setting_types import Cutoff
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.reach.results import Reach
    from spatialjustice.study.sections.reach.settings import ReachKeys


def curves(results: Results[ReachKeys], mode: Travel) -> dict[str, list[report.Curve]]:
    """Return the curves of every service by the keys of the indicators they belong to.

    The way to the nearest place stands beside the curve of the largest limit.
    """
    study = results.study
    ranked = results["groups"].rank
    found: dict[str, list[report.Curve]] = {}
    for item in results["reach"]:
        if item.mode.key != mode.key:
            continue
        for cutoff in study.cutoffs_of(mode):
            made = [*_lorenz(results, item, cutoff), *_concentration(results, item, cutoff, ranked)]
            if made:
                found[f"{item.service}_within_{cutoff.key}"] = made
                if cutoff.key == study.widest(mode).key:
                    found[f"{item.service}_{item.unit}"] = made
    return found


def _title(results: Results[ReachKeys], item: Reach, cutoff: Cutoff) -> Texts:
    return sentence(
        "study.curve",
        service=lambda language: catalogue.text_in(results.titles[item.service], language),
        limit=cutoff_in(cutoff),
        mode=item.mode.phrase,
    )


def _index(results: Results[ReachKeys], item: Reach, cutoff: Cutoff, measure: str) -> tuple[float, float, float] | None:
    """Return a measure with its interval from the table of inequality, where the study has one."""
    unequal = results.get("inequality")
    if unequal is None or unequal.measures.empty:
        return None
    table = unequal.measures
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


def _lorenz(results: Results[ReachKeys], item: Reach, cutoff: Cutoff) -> Iterator[report.Curve]:
    table = results["coverage"].lorenz
    corners = table[
        (table["service"] == item.service) & (table["mode"] == item.mode.key) & (table["cutoff"] == cutoff.label)
    ]
    if corners.empty:
        return
    found = _index(results, item, cutoff, "gini")
    if found is None:
        shown = results["coverage"].distribution
        row = shown[(shown["service"] == item.service) & (shown["mode"] == item.mode.key)].iloc[0]
        found = float(row[f"gini_within_{cutoff.key}"]), math.nan, math.nan
    yield report.Curve(corners, found[0], _title(results, item, cutoff), low=found[1], high=found[2])


def _concentration(
    results: Results[ReachKeys], item: Reach, cutoff: Cutoff, ranked: pd.Series[Any] | None
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


def sentences(_results: Results[ReachKeys], _mode: Travel) -> Iterator[Texts]:
    """Say how people count whom nothing reaches, and what the order of zones means."""
    yield sentence("study.method.unreached")
    yield sentence("study.method.ranks")
