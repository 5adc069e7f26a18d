"""Rows of a table that are places to go to: platforms rather than stations, and nothing closed or planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources.osm.places import life_cycle

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd

KIND = "location_type"
OF_STOPS = {"stop_id", "stop_lat", "stop_lon", "stop_name", "parent_station"}
BOARDING = {"", "0"}
OTHERS = {"1": "stations", "2": "entrances and exits", "3": "generic nodes", "4": "boarding areas"}
"""Values of ``location_type``; one boards where it is 0 or empty, and a boarding area is a part of a platform that has
a row of its own (General Transit Feed Specification, reference for stops.txt)."""


def boarding_stops(
    rows: pd.DataFrame, name: str, *, chosen: Collection[str] = ()
) -> tuple[pd.Series[bool], list[Finding]]:
    """Say which rows of a table with the columns of a timetable's ``stops.txt`` are places to board.

    A table without ``location_type``, or one whose user has chosen among its values, counts whole.
    """
    every = pd.Series(data=True, index=rows.index)
    named = {str(column).strip().lower(): column for column in rows.columns}
    if KIND not in named or not OF_STOPS & set(named) or named[KIND] in chosen:
        return every, []
    kinds = rows[named[KIND]].map(_location_type)
    aside = kinds.isin(list(OTHERS))
    found = []
    if aside.any():
        counts = ", ".join(f"{n:,} {what}" for kind, what in OTHERS.items() if (n := int(kinds.eq(kind).sum())))
        alone = _without_platforms(rows, named, kinds)
        more = f" {alone:,} of the stations have no row to board at." if alone else ""
        found.append(
            Finding(
                "stops_not_for_boarding",
                "warning" if alone else "information",
                f"{name}: by location_type {int(aside.sum()):,} of {len(rows):,} rows are no places to board "
                f"({counts}) and do not count.{more}",
                count=int(aside.sum()),
                advice="To choose otherwise name the values that count: in_use, location_type.",
            )
        )
    strange = kinds[~kinds.isin([*BOARDING, *OTHERS])]
    if len(strange):
        message = (
            f"{name}: {len(strange):,} rows have a location_type that no timetable has ({strange.iloc[0]}); they count."
        )
        advice = "Mend them: 0 or empty is where one boards."
        found.append(Finding("stops_of_unknown_kind", "warning", message, count=len(strange), advice=advice))
    return ~aside, found


def rows_serving(
    rows: pd.DataFrame, ids: pd.Series[Any], name: str, *, sources: Any = None, hours: str | None = None
) -> tuple[pd.Series[bool], list[Finding]]:
    """Say which rows may serve somebody by columns that are called as OpenStreetMap's keys, or hold opening hours."""
    records = sources_of(rows if sources is None else sources)
    day = life_cycle.day_of(next((record.data_date for record in records if record.data_date), None))
    tags = rows.astype(object).where(rows.notna(), None).to_dict("records")
    if hours is not None:
        tags = [{**row, "opening_hours": row.get(hours)} for row in tags]
    reasons = [life_cycle.not_serving(row, day, own=True) for row in tags]
    works = pd.Series([reason is None for reason in reasons], index=rows.index, dtype=bool)
    shut = [(place, reason) for place, reason in zip(ids, reasons, strict=True) if reason is not None]
    not_judged = life_cycle.undated_places(tags, name) if day is None else []
    return works, [*life_cycle.closed_places_finding(shut, name), *not_judged]


def places_to_go(read: gpd.GeoDataFrame, name: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Return the rows of a file with shapes that are places to go to, and what was set aside."""
    rows = pd.DataFrame(read.drop(columns=read.geometry.name))
    boards, of_boarding = boarding_stops(rows, name)
    serves, of_serving = rows_serving(rows[boards], pd.Series(rows.index[boards]), name, sources=read)
    kept = read[boards & serves.reindex(read.index, fill_value=False)]
    kept.attrs = dict(read.attrs)
    return kept, [*of_boarding, *of_serving]


def _location_type(cell: Any) -> str:
    text = "" if pd.isna(cell) else str(cell).strip()
    return text.removesuffix(".0")


def _without_platforms(rows: pd.DataFrame, named: dict[str, Any], kinds: pd.Series[Any]) -> int:
    """Count stations that no row to board at names as its own."""
    if not {"stop_id", "parent_station"} <= set(named):
        return 0
    parents = set(rows.loc[kinds.isin(list(BOARDING)), named["parent_station"]].dropna())
    return int((kinds.eq("1") & ~rows[named["stop_id"]].isin(parents)).sum())
