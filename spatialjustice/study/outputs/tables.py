"""The tables of a study: those of its sections, the zones with a column for each measure, findings and the ledger."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from spatialjustice._core.disk.spreadsheets import csv_parts
from spatialjustice._core.errors import OutputError
from spatialjustice._core.frames import attributes_of
from spatialjustice._core.machine.extras import installed
from spatialjustice.study.engine.section import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from spatialjustice.report.takeaway.qgis import Styled
    from spatialjustice.study.engine.results import Results


LAYER = "zones"
MOST_COLUMNS = 1_900
"""Columns of one layer of a GeoPackage: a table of SQLite holds 2,000, with number, shape and id of the zone."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads Persian letters as signs of another code; pandas, readr and QGIS pass over it."""
PARTS = ("results", "details", "inputs")
"""The order of tables in the index."""


def tables_of(results: Results[Any]) -> dict[str, Table]:
    """Return the tables of all sections by their names, in the order in which they are listed."""
    made = [
        table for section in results.study.sections if section.name in results.made for table in section.tables(results)
    ]
    return {table.name: table for table in sorted(made, key=lambda table: PARTS.index(table.part))}


def all_tables(results: Results[Any], zones: gpd.GeoDataFrame) -> list[Table]:
    """Return every table that is written: zones first, findings and the ledger last."""
    findings = pd.DataFrame(
        [finding.as_dict() for finding in results.findings],
        columns=["code", "severity", "message", "count", "people", "advice"],
    )
    return [
        Table("zones", attributes_of(zones), index=True),
        *results.tables.values(),
        Table("findings", findings),
        Table("ledger", results.ledger.to_frame()),
    ]


def as_csv(table: Table, *, estimated: bool) -> Iterator[str]:
    """Yield a table as text that no spreadsheet runs as a formula, and that Excel takes for the Unicode it is."""
    frame = table.frame
    if table.counts_people:
        frame = frame.assign(population="estimated" if estimated else "counted")
    yield BYTE_ORDER_MARK
    yield from csv_parts(frame, index=table.index)


def zone_table(results: Results[Any]) -> gpd.GeoDataFrame:
    """Return the zones with every measure as a column, units in the names, statuses beside the values."""
    columns: dict[str, pd.Series[Any]] = {}
    for section in results.study.sections:
        if section.name in results.made:
            columns |= dict(section.zone_columns(results))
    # A GeoPackage does not tell small letters from capitals: a column of the zones' own that would clash gives way.
    taken = {name.casefold() for name in (*columns, "zone_id")}
    clashing = [name for name in results.zones.columns if str(name).casefold() in taken]
    zones = results.zones.drop(columns=clashing).round({"area": 1, "share_inside": 6})
    # All at once: hundreds of columns added one by one would be slow.
    both = pd.concat([zones, pd.DataFrame(columns, index=zones.index)], axis=1)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=zones.crs)


def write_geopackage(
    zones: gpd.GeoDataFrame,
    path: Path,
    stamp: str,
    *,
    styles: Styled | None = None,
    about: Mapping[str, str] | None = None,
) -> None:
    """Write the zones with a stamp that is the same whenever they are written.

    With ``styles``, QGIS opens them in colour. ``about`` is put beside them as metadata: ``IDENTIFIER`` and
    ``DESCRIPTION``. More columns than a table of SQLite holds go on in further layers, ``zones_2`` and so on.
    """
    if styles is not None:
        zones = gpd.GeoDataFrame(pd.concat([zones, styles.classes], axis=1), geometry="geometry", crs=zones.crs)
    names = [name for name in zones.columns if name != "geometry"]
    parts = [names[begin : begin + MOST_COLUMNS] for begin in range(0, len(names), MOST_COLUMNS)] or [[]]
    layers = [LAYER if place == 0 else f"{LAYER}_{place + 1}" for place in range(len(parts))]
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        with warnings.catch_warnings():
            # What the library says of its own half-written file, where the disk is full: the error below tells it.
            warnings.filterwarnings("ignore", "GPKG: bad application_id", RuntimeWarning)
            for layer, part in zip(layers, parts, strict=True):
                told = dict(about or {})
                if len(parts) > 1:
                    told["IDENTIFIER"] = f"{told.get('IDENTIFIER', '')} ({layer})".strip()
                    told["DESCRIPTION"] = f"Columns from {part[0]} to {part[-1]}. {told.get('DESCRIPTION', '')}".strip()
                columns = _with_texts(zones[[*part, "geometry"]].reset_index())
                options = {"driver": "GPKG", "layer": layer, "engine": "pyogrio", "layer_options": told}
                more = {} if layer == LAYER else {"append": True}
                columns.to_file(path, **options, **more, use_arrow=_by_arrow(columns))
            if styles is not None:
                layer_of = {name: layer for layer, part in zip(layers, parts, strict=True) for name in part}
                placed = styles.styles.assign(f_table_name=[layer_of[name] for name in styles.drawn])
                pyogrio.write_dataframe(
                    placed, path, layer="layer_styles", driver="GPKG", append=True, layer_options={"FID": "id"}
                )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError) as error:
        message = f"{path.name}: cannot be written ({error}). Is the disk full? Choose another folder with --out."
        raise OutputError(message) from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _with_texts(columns: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return columns of objects that are all texts as columns of texts."""
    objects = columns.columns[columns.dtypes == "object"]
    texts = [name for name in objects if pd.api.types.infer_dtype(columns[name], skipna=True) in {"string", "empty"}]
    return columns.astype(dict.fromkeys(texts, pd.StringDtype(na_value=np.nan)))


def _by_arrow(columns: gpd.GeoDataFrame) -> bool:
    """Say whether columns may go through Arrow: the same bytes in a quarter of the time, and no text is made anew.

    Only texts, floats and whole numbers, of which that is known, where pyarrow is there and GDAL can.
    """
    plain = {"float64", "int64", "Int64", "str", "geometry"}
    able = installed("pyarrow") and pyogrio.__gdal_version__ >= (3, 8)
    return able and {str(dtype) for dtype in columns.dtypes} <= plain
