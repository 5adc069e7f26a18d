"""Zones as their file has them, and the columns that a study needs of them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pandas as pd

from spatialjustice import sources
from spatialjustice._core.errors import StudyError
from spatialjustice.sources.places.parts import shape_parts
from spatialjustice.sources.places.zones_of_cells import zones_from_table
from spatialjustice.study.sections.zones.settings import Cells, Polygons

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import geopandas as gpd


def of_the_place(frame: gpd.GeoDataFrame, chosen: Polygons | Cells) -> gpd.GeoDataFrame:
    """Keep the zones that have a value in the column of ``only_with``; the ledger counts the area of the others."""
    if not isinstance(chosen, Polygons) or chosen.only_with is None:
        return frame
    require_columns([chosen.only_with], frame, "only_with")
    return frame[frame[chosen.only_with].notna()]


def require_columns(wanted: Iterable[str], frame: pd.DataFrame, name: str, *, what: str = "the zones have") -> None:
    """Refuse zones, or a table, without a column that the study names, and say which was meant.

    Raises
    ------
    StudyError
        Naming all of them.
    """
    there = [str(column) for column in frame.columns if column != "geometry"]
    missing = [column for column in wanted if column not in there]
    if not missing:
        return
    near = [(column, difflib.get_close_matches(column, there, n=1, cutoff=0.6)) for column in missing]
    meant = ", ".join(f"“{found[0]}” for {column}" for column, found in near if found)
    raise StudyError(
        name,
        f"{what} no column {', '.join(missing)}",
        f"{f'Did you mean {meant}? ' if meant else ''}There are: {', '.join(there)}.",
    )


def column_of_all(files: Mapping[str, Path], chosen: Polygons | Cells, column: str) -> pd.DataFrame:
    """Return a column of all zones of a file, those outside the place included; nothing where it has no such column."""
    if isinstance(chosen, Polygons) and chosen.in_parts:
        parts = shape_parts(files[chosen.file], id=chosen.id)
        return parts.table([column] if column in parts.columns else []).set_axis(parts.ids)
    whole = pd.DataFrame(whole_file(files, chosen).drop(columns="geometry"))
    return whole[[column] if column in whole.columns else []]


def whole_file(files: Mapping[str, Path], chosen: Polygons | Cells) -> gpd.GeoDataFrame:
    """Read all zones of a file, those outside the place included, to count what is left out."""
    if isinstance(chosen, Cells):
        return zones_from_table(files[chosen.file], h3=chosen.h3)
    return sources.read_vector(files[chosen.file], name="zones", layer=chosen.layer, id=chosen.id, repair=chosen.repair)
