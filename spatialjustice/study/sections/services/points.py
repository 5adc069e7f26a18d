"""Places of an own service as points: from tables and shapes, those in use, each once, with every row accounted for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import sources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from spatialjustice._core.ledger import Ledger
    from spatialjustice.study.sections.services.settings import OwnService, PlacesFile

GONE = re.compile(r"(?<![\d,.e+])([\d,.e+]+) ([^;]+)")
"""A place in which the ledger of the points says that rows have gone, for example ``57 not in use``."""


def read_points(
    item: OwnService, files: Mapping[str, Path], within: gpd.GeoDataFrame, ledger: Ledger
) -> gpd.GeoDataFrame:
    """Read all files of a service; where there are several, or it is asked for, every place counts once."""
    one = _points(item, item.name, files, within)
    if not item.also and item.once_within is None:
        _book_in_ledger(one, item.name, ledger)
        return one
    layers = [one]
    same: dict[str, str] = {}
    for number, further in enumerate(item.also, start=2):
        called = f"{item.name}_{number}"
        layers.append(_points(further, called, files, within))
        if further.same is not None:
            same[called] = further.same
    found = sources.distinct_places(layers, distance=item.once_within or 0.0, same=same)
    found["service"] = item.name
    _book_in_ledger(found, item.name, ledger)
    return found


def _points(item: PlacesFile, service: str, files: Mapping[str, Path], within: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    roles = item.columns.model_dump(exclude_none=True) if item.columns else {}
    if item.id is not None:
        roles["id"] = item.id
    return sources.points(
        files[item.file],
        service=service,
        columns=roles,
        crs=item.crs,
        in_use=item.in_use or None,
        within=within,
        rescale=item.rescale,
        encoding=item.encoding,
    )


def _book_in_ledger(found: gpd.GeoDataFrame, service: str, ledger: Ledger) -> None:
    """Take the accounts of reading and of counting once over into the study's ledger."""
    for line in found.attrs["ledger"]:
        elsewhere = {what.strip(): float(count.replace(",", "")) for count, what in GONE.findall(line["where"])}
        if abs(sum(elsewhere.values()) - line["elsewhere"]) > 0.5:
            # Millions are written in few digits there.
            elsewhere = {"elsewhere": line["elsewhere"]}
        ledger.record(
            f"services: {service}: {line['step']}",
            line["quantity"],
            before=line["before"],
            after=line["after"],
            elsewhere=elsewhere,
            unit=line["unit"],
        )


def own_columns(found: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the columns that the places had in their files."""
    rows: list[dict[str, Any]] = list(found["tags"])
    return pd.DataFrame(rows, index=found.index)
