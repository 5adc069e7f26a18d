"""Tables joined to the zones of a study before everything else: files, or answers of a statistical office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spatialjustice import sources
from spatialjustice.study.sections.census.settings import OFFICES
from spatialjustice.study.sections.zones.reading import require_columns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.census.settings import CensusKeys, CensusTable


def compute(work: Work[CensusKeys]) -> gpd.GeoDataFrame:
    """Give the zones the columns of every census table, one after the other, and see that none is missing then.

    Sources and findings of the tables travel with the zones; the ledger says what of each column of numbers found a
    zone.
    """
    frame = work["zones"]
    for item in work.study.census:
        table = _table(item, work.files)
        renamed, columns = _renamed(item, table)
        made = sources.join_table(
            frame,
            renamed,
            key=item.key if item.provider is None else None,
            polygon_key=item.zones_key,
            columns=columns,
            people=item.people,
        )
        for column, total in made.attrs["join"]["totals"].items():
            work.ledger.record(
                f"census: {item.called}",
                column,
                before=total["total"],
                after=total["joined"],
                elsewhere={"rows without a zone": total["without polygon"]},
            )
        frame = made
    require_columns(work.study.columns, frame, "the columns of groups, rank_by, regions, need and digital")
    return frame


def _table(item: CensusTable, files: Mapping[str, Path]) -> pd.DataFrame:
    if item.provider is not None:
        assert item.year is not None  # noqa: S101 - the settings see to it
        assert item.level is not None  # noqa: S101
        office = OFFICES[item.provider]
        return sources.census_table(item.themes, year=item.year, places=item.places, level=item.level, provider=office)
    assert item.file is not None  # noqa: S101 - the settings hold one of the two
    assert item.key is not None  # noqa: S101
    return sources.table(
        files[item.file],
        name=f"census ({item.file})",
        layer=item.layer,
        text=[*item.text, item.key],
        missing=item.missing,
        decimal=item.decimal,
        separator=item.separator,
        encoding=item.encoding,
    )


def _renamed(item: CensusTable, table: pd.DataFrame) -> tuple[pd.DataFrame, list[str] | None]:
    """Return the table with the names of the study, and the columns to take; None takes all."""
    if item.columns is None:
        return table, None
    named = item.columns if isinstance(item.columns, dict) else {name: name for name in item.columns}
    require_columns(named.values(), table, f"census ({item.called})", what="the table has")
    kept = table[list(named.values())].set_axis(list(named), axis=1)
    if item.key is not None and item.key not in kept.columns:
        kept.insert(0, item.key, table[item.key])
    kept.attrs = dict(table.attrs)
    return kept, list(named)


def check(work: Work[CensusKeys]) -> list[gpd.GeoDataFrame]:
    """Join the tables."""
    work.made["zones"] = work.made["census"] = compute(work)
    return [work["zones"]]
