"""Reports of residents: counted by zone, set against people and need, and followed until they are closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import participation, sources
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality.space.neighbours import by_location
from spatialjustice.study.engine.outcome import KnownIndicator

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.inequality.space.neighbours.links import Links
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.reports.settings import ReportKeys, Reports

YEAR = 365.25
"""Days of a year."""


@dataclass(frozen=True)
class Reported:
    """What a study found out about reports: tables on the zones, and of times; None where nobody can know it.

    ``once`` is whether an incident counts once, by its first report; None where the file does not say which reports are
    of one. ``read`` is how many reports the file has, ``elsewhere`` how many of them are in no zone's count, and why;
    ``days`` are those from the first of them to the end of the data.
    """

    read: int
    elsewhere: dict[str, int]
    counts: pd.Series[Any]
    rates: pd.DataFrame
    funnel: pd.DataFrame
    expected: pd.DataFrame | None = None
    silent: pd.DataFrame | None = None
    delays: pd.DataFrame | None = None
    times: pd.DataFrame | None = None
    differences: pd.DataFrame | None = None
    days: float = 0.0
    end: str = ""
    once: bool | None = None
    findings: list[Finding] = field(default_factory=list)
    sources: list[SourceRecord] = field(default_factory=list)


def check(work: Work[ReportKeys]) -> list[Any]:
    """See that the file can be read as the study says."""
    asked = work.study.reports
    return [] if asked is None else [_read(asked, work)]


def compute(work: Work[ReportKeys]) -> Reported:
    """Do what the section asks for."""
    asked = work.study.reports
    assert asked is not None  # noqa: S101 - the section is not asked for otherwise
    zones, people = work["zones"], work["people"]
    every = _read(asked, work)
    chosen = _of_kinds(every, asked)
    zone = participation.report_zones(chosen, zones)
    told = bool(chosen["incident"].notna().any())
    once = asked.incidents_once is not False if told else None
    first = _first_of_each(chosen) if once else chosen
    counts = participation.report_counts(first, zones)
    elsewhere = {"of other kinds": len(every) - len(chosen), "repeated": len(chosen) - len(first)}
    elsewhere |= counts.attrs["left_out"]
    work.ledger.record(
        "reports", "reports", unit="reports", before=len(every), after=float(counts.sum()), elsewhere=elsewhere
    )
    links = _neighbours(asked, zones)
    rates = participation.reporting_rate(counts, people=people, neighbours=links)
    funnel = participation.funnel_limits(counts, people=people, overdispersion="additive")
    found: dict[str, Any] = {}
    if asked.need:
        found |= _against_need(asked, zones, counts, people, links, work.seed)
    found["delays"] = _delays(asked, _placed(chosen, zone, zones, asked.by))
    found |= _times(asked, _placed(first, zone, zones, asked.by))
    frames = [frame for frame in (counts, rates, funnel, *found.values()) if frame is not None]
    # What is to be known of times is said once, of all reports, and not again of those in a zone.
    made = dict.fromkeys(findings_of(*(frame for frame in frames if frame is not found.get("differences"))))
    return Reported(
        len(every),
        {str(key): int(value) for key, value in elsewhere.items()},
        counts,
        rates,
        funnel,
        **found,
        days=_days(chosen),
        end=str(every.attrs["as_of"]),
        once=once,
        findings=[*made],
        sources=sources_of(*frames),
    )


def indicators(work: Work[ReportKeys]) -> list[KnownIndicator]:
    """Return the reports of a year for each 1,000 people, for those who show the place as a whole."""
    found: Reported = work["reports"]
    if not found.days > 0:
        return []
    return [KnownIndicator("citizen_reports", found.rates["rate"] * (YEAR / found.days), work["people"])]


def values(work: Work[ReportKeys]) -> list[tuple[str, pd.Series[Any]]]:
    """Return what is measured by zone, by its name: reports per 1,000 people, and against what is expected."""
    found: Reported = work["reports"]
    made = [("reports_per_1000", found.rates["shrunk"])]
    return made if found.expected is None else [*made, ("reports_ratio", found.expected["ratio"])]


def _days(chosen: gpd.GeoDataFrame) -> float:
    """Return the days from the first report to the end of the data."""
    first = chosen["opened"].min()
    return 0.0 if pd.isna(first) else float((pd.Timestamp(chosen.attrs["as_of"]) - first).total_seconds() / 86_400)


def _read(asked: Reports, work: Work[ReportKeys]) -> gpd.GeoDataFrame:
    return sources.reports(
        work.files[asked.file],
        columns={str(role): column for role, column in asked.columns.items()},
        time_zone=asked.time_zone,
        time_format=asked.time_format,
        moment=asked.data_end,
    )


def _of_kinds(every: gpd.GeoDataFrame, asked: Reports) -> gpd.GeoDataFrame:
    """Return the reports of the kinds that count.

    Raises
    ------
    InputError
        When there is none of a kind.
    """
    there = set(every["kind"].dropna())
    strangers = [kind for kind in asked.kinds if kind not in there]
    if strangers:
        known = ", ".join(sorted(map(str, there))[:8]) or "none"
        raise InputError("reports.kinds", f"no report is of the kind {strangers[0]}", f"There are: {known}.")
    return every[every["kind"].isin(asked.kinds)] if asked.kinds else every


def _first_of_each(chosen: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the first report of each incident, and all that are of none."""
    order = chosen.sort_values("opened", kind="stable", na_position="last")
    again = order["incident"].notna() & order["incident"].duplicated()
    first = chosen[~again.reindex(chosen.index)]
    first.attrs = dict(chosen.attrs)
    return first


def _neighbours(asked: Reports, zones: gpd.GeoDataFrame) -> Links:
    rule = asked.neighbours
    if rule.nearest is not None:
        return by_location.links_to_nearest(zones, k=min(rule.nearest, len(zones) - 1))
    if rule.distance is not None:
        return by_location.links_by_distance(zones, cutoff=rule.distance.value)
    return by_location.links_by_contiguity(zones, tolerance=rule.contiguity or 0.0)


def _against_need(
    asked: Reports,
    zones: gpd.GeoDataFrame,
    counts: pd.Series[Any],
    people: pd.Series[Any],
    links: Links,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Return expected reports and silent zones."""
    need = pd.DataFrame({name: pd.to_numeric(zones[name], errors="coerce") for name in asked.need})
    lost = [name for name in asked.need if (need[name].isna() & zones[name].notna()).any()]
    if lost:
        raise InputError("reports.need", f"{', '.join(lost)} does not hold numbers", "Name columns of numbers.")
    model: dict[str, Any] = {"people": people, "need": need, "neighbours": links, "lagged": asked.need_around}
    return {
        "expected": participation.expected_reports(counts, **model, rng=seed),
        "silent": participation.silent_areas(counts, **model, significance=asked.significance),
    }


def _placed(
    chosen: gpd.GeoDataFrame, zone: pd.Series[Any], zones: gpd.GeoDataFrame, by: tuple[str, ...]
) -> pd.DataFrame:
    """Return reports without shapes, with their zone and what the study tells of zones (``of: COLUMN``)."""
    made = pd.DataFrame(chosen.drop(columns=chosen.geometry.name)).assign(zone=zone.reindex(chosen.index))
    for column in by:
        made[f"of: {column}"] = made["zone"].map(zones[column])
    made.attrs = dict(chosen.attrs)
    return made


def _broken_down(
    made: pd.DataFrame, columns: list[str], measured: Callable[[str | None], pd.DataFrame]
) -> pd.DataFrame:
    """Return a table by each column that says anything, one after the other, and of all reports at the end."""
    tables = []
    for column in [*(one for one in columns if made[one].notna().any()), None]:
        table = measured(column)
        rows = table if column is None else table.iloc[:-1]
        told = "" if column is None else column.removeprefix("of: ")
        tables.append(rows.set_axis(["group", *table.columns[1:]], axis=1).assign(by=told))
    whole = pd.concat(tables, ignore_index=True)
    whole.attrs = dict(table.attrs)
    return whole


def _delays(asked: Reports, made: pd.DataFrame) -> pd.DataFrame | None:
    """Return rates learnt from repeated reports; None where the file does not say what is reported again."""
    if made["incident"].isna().all():
        return None
    incidents = participation.report_incidents(made, cutoff=asked.watched_for)
    if not (incidents["days"] > 0).any():
        return None
    columns = ["kind", *(f"of: {column}" for column in asked.by)]
    return _broken_down(incidents, columns, lambda by: participation.under_reporting(incidents, by=by, life=asked.life))


def _times(asked: Reports, made: pd.DataFrame) -> dict[str, Any]:
    """Return how long reports of each zone and kind took; nothing where no report was ever closed."""
    if made["closed"].isna().all():
        return {}
    columns = ["zone", "kind", *(f"of: {column}" for column in asked.by)]
    times = _broken_down(
        made, columns, lambda by: participation.response_times(made, by=by, cutoff=asked.closed_within)
    )
    found: dict[str, Any] = {"times": times}
    inside = made[made["zone"].notna()]
    if len(set(inside["zone"])) > 1:
        inside.attrs = dict(made.attrs)
        found["differences"] = participation.response_differences(inside, by="zone", significance=asked.significance)
    return found
