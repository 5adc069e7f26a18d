"""Maps of reports: how many per person, against what is expected, who is silent, and how long answers take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import catalogue, maps
from spatialjustice.study.engine.texts import number_in, sentence
from spatialjustice.study.sections.reports.tables import median_days

if TYPE_CHECKING:
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.reports.compute import Reported
    from spatialjustice.study.sections.reports.settings import ReportKeys

RATIOS = (0.5, 0.8, 1.25, 2.0)
"""Limits between classes of observed to expected reports: as far below one as above it."""

SHOWN = ("silent", "not silent", "need not known")


def indicators(results: Results[ReportKeys], _mode: Travel) -> list[maps.Indicator]:
    """Return the maps of reports, which no mode of travel belongs to."""
    found: Reported = results["reports"]
    group = sentence("study.reports")
    shown = []
    if found.expected is not None and found.silent is not None:
        shown += [_silent(found, group, results.people), _ratio(found, group, results.people)]
    shown.append(
        maps.Indicator(
            key="reports_rate",
            title=sentence("study.reports.rate"),
            values=found.rates["shrunk"],
            unit="reports per 1,000 people",
            kind="count",
            direction="none",
            status=_status(results.people),
            group=group,
            note=sentence("study.reports.rate.note"),
        )
    )
    median = median_days(found)
    if median is not None and median.notna().any():
        shown.append(
            maps.Indicator(
                key="reports_median_days",
                title=sentence("study.reports.median"),
                values=median,
                unit="days",
                kind="count",
                direction="lower is better",
                served=False,
                status=_status(results.people),
                group=group,
                note=sentence("study.reports.median.note"),
            )
        )
    return shown


def index_line(_results: Results[ReportKeys], _mode: Travel, line: dict[str, str]) -> dict[str, str]:
    """Say that the map shows reports, too."""
    return sentence("study.map_line_reports", line=line.__getitem__)


def _status(people: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series(np.where(people > 0, "ok", "no_population"), index=people.index)


def _ratio(found: Reported, group: dict[str, str], people: pd.Series[Any]) -> maps.Indicator:
    """Return the map of observed to expected reports; drawn alike as far below 1 as above it."""
    expected = found.expected
    assert expected is not None  # noqa: S101 - the caller has looked
    return maps.Indicator(
        key="reports_ratio",
        title=sentence("study.reports.ratio"),
        values=expected["ratio"],
        unit="ratio",
        kind="change",
        centre=1.0,
        direction="none",
        breaks=RATIOS,
        status=_status(people),
        group=group,
        note=sentence("study.reports.ratio.note"),
    )


def _silent(found: Reported, group: dict[str, str], people: pd.Series[Any]) -> maps.Indicator:
    """Return the map of silent zones."""
    silent = found.silent
    assert silent is not None  # noqa: S101 - the caller has looked
    labels = silent["label"].astype(object)
    there = labels.isin(SHOWN)
    share = silent.attrs["significance"]
    return maps.Indicator(
        key="reports_silent",
        title=sentence("study.reports.silent"),
        values=None,
        kind="lisa",
        labels=labels.where(there, "no data"),
        status=_status(people).where(people == 0),
        group=group,
        direction="none",
        note=sentence(
            "study.reports.silent.note",
            share=lambda lang: catalogue.number(share, lang, percent=True),
            zones=number_in(float(silent.attrs["n"]), digits=0),
        ),
    )
