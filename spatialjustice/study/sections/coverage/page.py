"""Curves of inequality beside the maps of what people reach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from spatialjustice import catalogue, inequality, maps, report
from spatialjustice._core.errors import InputError
from spatialjustice.study.engine.texts import cutoff_in, number_in, sentence
from spatialjustice.study.sections.coverage.lacking import lacking, people_by_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.setting_types import Cutoff
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.reach.results import Reach
    from spatialjustice.study.sections.reach.settings import ReachKeys


LACKING = "services_lacking"
"""Key of the map of how many services people lack."""
MOST_STEPS = 5
"""Services up to which every number of them has a class of its own."""


def indicators(results: Results[ReachKeys], mode: Travel) -> Iterator[maps.Indicator]:
    """Yield the map of how many services people have no place of within the limit, where there are several."""
    found = lacking(results, mode)
    if found is None or not found.counts.notna().any():
        return
    count = found.services
    steps = range(count + 1) if count <= MOST_STEPS else [0, *(-(-count * part // 4) for part in (1, 2, 3, 4))]
    yield maps.Indicator(
        key=LACKING,
        title=sentence("study.lacking.title", count=number_in(count), limit=cutoff_in(found.limit), mode=mode.phrase),
        group=sentence("study.lacking.group"),
        values=found.counts,
        status=found.status,
        unit="services",
        kind="count",
        direction="lower is better",
        breaks=[float(step) for step in steps],
        line=found.least - 1.0,
        note=sentence("study.lacking.note"),
    )


def findings_in_words(results: Results[ReachKeys], mode: Travel) -> dict[str, Texts]:
    """Say how many people lack more than half of the services, and how many have all of them."""
    found = lacking(results, mode)
    if found is None or not found.counts.notna().any():
        return {}
    table = people_by_count(found, results.people)
    known = table[table["services_lacking"] != "unknown"]
    total = float(known["people"].sum())
    if not total:
        return {}
    whole = float(known["people"].iloc[0])
    # Who is off the network has a way to none of them.
    many = float(known["people"].iloc[found.least :].sum())
    return {
        LACKING: sentence(
            "study.lacking.headline",
            share=share_in(many / total),
            lacking=number_in(many, digits=0),
            all=number_in(total, digits=0),
            least=number_in(found.least),
            count=number_in(found.services),
            limit=cutoff_in(found.limit),
            mode=mode.phrase,
            whole=share_in(whole / total),
        )
    }


def curves(results: Results[ReachKeys], mode: Travel) -> dict[str, list[report.Curve]]:
    """Return the curves of every service by the keys of the indicators they belong to.

    The way to the nearest place stands beside the curve of the largest limit.
    """
    study = results.study
    ranked = results["groups"].rank
    told = _Told.of(results)
    found: dict[str, list[report.Curve]] = {}
    for item in results["reach"]:
        if item.mode.key != mode.key:
            continue
        for cutoff in study.cutoffs_of(mode):
            made = [*_lorenz(results, told, item, cutoff), *_concentration(results, told, item, cutoff, ranked)]
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


class _Told(NamedTuple):
    """Corners of Lorenz curves and measures of inequality, and where those of a service stand in their tables.

    Each map looks for its own among those of all services, so that they are found once.
    """

    lorenz: pd.DataFrame
    corners: Mapping[Any, NDArray[np.int64]]
    measures: pd.DataFrame
    rows: Mapping[Any, NDArray[np.int64]]

    @classmethod
    def of(cls, results: Results[ReachKeys]) -> _Told:
        unequal = results.get("inequality")
        tables = results["coverage"].lorenz, pd.DataFrame() if unequal is None else unequal.measures
        columns = ["service", "mode", "cutoff"], ["service", "mode", "outcome", "measure"]
        where = [
            {} if table.empty else table.groupby(names, sort=False).indices
            for table, names in zip(tables, columns, strict=True)
        ]
        return cls(tables[0], where[0], tables[1], where[1])

    def measured(self, item: Reach, cutoff: Cutoff, measure: str) -> tuple[float, float, float] | None:
        """Return a measure with its interval from the table of inequality, where the study has one."""
        rows = self.rows.get((item.service, item.mode.key, f"within {cutoff.label}", measure))
        if rows is None or math.isnan(self.measures["value"].iloc[rows[0]]):
            return None
        value, low, high = (float(self.measures[name].iloc[rows[0]]) for name in ("value", "low", "high"))
        return value, low, high


def _lorenz(results: Results[ReachKeys], told: _Told, item: Reach, cutoff: Cutoff) -> Iterator[report.Curve]:
    rows = told.corners.get((item.service, item.mode.key, cutoff.label))
    if rows is None:
        return
    corners = told.lorenz.iloc[rows]
    found = told.measured(item, cutoff, "gini")
    if found is None:
        shown = results["coverage"].distribution
        row = shown[(shown["service"] == item.service) & (shown["mode"] == item.mode.key)].iloc[0]
        found = float(row[f"gini_within_{cutoff.key}"]), math.nan, math.nan
    yield report.Curve(corners, found[0], _title(results, item, cutoff), low=found[1], high=found[2])


def _concentration(
    results: Results[ReachKeys], told: _Told, item: Reach, cutoff: Cutoff, ranked: pd.Series[Any] | None
) -> Iterator[report.Curve]:
    found = None if ranked is None else told.measured(item, cutoff, "concentration_index")
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


def share_in(value: float) -> Callable[[str], str]:
    """Return a function that writes a share in a language, for the gap of a sentence."""
    return lambda language: catalogue.number(value, language, digits=1, percent=True)
