"""Mobile cells, as OpenCelliD lists them: where they are thought to be, and how far they were heard."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import metric_crs, require_overlap
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.provenance import SourceRecord, path_of
from spatialjustice.sources.guards.damage import reading_whole_file
from spatialjustice.sources.known_files import require_file
from spatialjustice.sources.tables._coordinates import from_columns
from spatialjustice.sources.tables._text_tables import numbers_in, read_text_table
from spatialjustice.sources.tables.frames.rows import is_file, label_of

if TYPE_CHECKING:
    from pathlib import Path

    from spatialjustice.sources.tables.frames.rows import Source

HEADER = (
    "radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples", "changeable", "created", "updated",
    "averageSignal",
)  # fmt: skip
"""Columns of the files; those of single countries come without this line."""

LATEST = 4_102_444_800
"""The year 2100 in seconds since 1970: no cell was seen later."""

RADIOS = frozenset({"GSM", "CDMA", "UMTS", "LTE", "NR", "NBIOT"})
KEY = ["radio", "mcc", "net", "area", "cell"]


def towers(source: Source, *, within: gpd.GeoDataFrame | None = None, buffer: float = 35_000.0) -> gpd.GeoDataFrame:
    """Read mobile cells from a table such as OpenCelliD's.

    Parameters
    ----------
    source
        A text table, also ``.gz``, with or without its header: ``radio``, ``mcc``, ``net``, ``area``, ``cell``,
        ``lon``, ``lat``, ``range``, ``samples``, ``created``, ``updated`` and others; or a frame with these columns.
    within
        The place; None takes all cells.
    buffer
        Metres around the place from which cells are taken, too, because they reach into it.

    Returns
    -------
    GeoDataFrame
        Index ``cell`` (``LTE/262/2/801/86355``: radio, country, network, area, cell); ``radio``; ``network`` (country
        and network code); ``range`` in metres, missing where the file says 0; ``samples``; ``first_seen`` and
        ``last_seen`` (days); ``geometry`` (EPSG:4326). The data date is the day on which a cell was last seen.
        ``attrs["ledger"]`` accounts for every row.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    InputError
        When a radio is not known, or a cell of the table is no number.
    WrongPlaceError
        When coordinates are swapped, or no cell lies in the place.

    Notes
    -----
    Positions and ranges are worked out from what telephones heard, not from the networks' plans: the position is the
    middle of where a cell was heard, a range from few samples is too short, and where nobody contributes there is
    nothing. Cells that are listed twice count once, as last seen.

    References
    ----------
    OpenCelliD. Database format; licensed CC BY-SA 4.0.
    """
    name = "towers"
    bare = is_file(source) and _first_cell(path_of(source, name), name) in RADIOS
    frame = read_text_table(source, name=name, header=HEADER if bare else None, columns=[*KEY, "lon", "lat", "range"])
    radio = frame["radio"].str.strip().str.upper()
    strange = ~radio.isin(RADIOS)
    if strange.any():
        found = f"{int(strange.sum()):,} rows have a radio that is not known: {', '.join(radio[strange].unique()[:3])}"
        raise InputError(name, found, f"Known are {', '.join(sorted(RADIOS))}.", rows=frame.index[strange])
    where = from_columns(frame, ("lon", "lat"), 4326, name, rescale=False)
    cells = _cells(frame, radio, where.points, name)
    latest = cells["updated"].fillna(0).to_numpy()
    # The last seen stands for a cell; of equally late ones the one with more samples, then the earlier line.
    order = np.lexsort((cells["line"], -cells["samples"].fillna(0).to_numpy(), -latest))
    once = cells.iloc[order].drop_duplicates("cell").sort_values("line")
    known = once[~once["geometry"].isna()]
    result = gpd.GeoDataFrame(known.set_index("cell").drop(columns=["line", "updated"]), crs=4326)
    result.attrs = {"sources": [], "findings": list(frame.attrs.get("findings", []))}
    near = np.ones(len(result), dtype=bool)
    if within is not None:
        require_overlap(result, within, name)
        crs = metric_crs(within)
        near = np.asarray(result.geometry.to_crs(crs).intersects(within.to_crs(crs).union_all().buffer(buffer)))
    ledger = Ledger()
    elsewhere = {
        "listed twice": len(cells) - len(once),
        "without coordinates": len(once) - len(known),
        "elsewhere": int((~near).sum()),
    }
    ledger.record(
        f"read {label_of(source)}", "cells", before=len(cells), after=int(near.sum()), elsewhere=elsewhere, unit="rows"
    )
    result = _with_findings(result[near], elsewhere)
    result.attrs["ledger"] = ledger.to_frame().to_dict("records")
    record = SourceRecord(**frame.attrs["sources"][0])
    result.attrs["sources"] = [_with_data_date(record, cells["updated"]).as_dict()]
    return result


def _first_cell(file: Path, name: str) -> str:
    """Return the first cell of a file, so that a header that is missing is noticed."""
    require_file(file, name)
    with (
        reading_whole_file(file, "towers"),
        gzip.open(file, "rt", encoding="utf-8-sig", errors="replace")
        if file.suffix.lower() == ".gz"
        else file.open(encoding="utf-8-sig", errors="replace") as stream,
    ):
        return next(csv.reader(stream), [""])[0].strip()


def _cells(frame: pd.DataFrame, radio: pd.Series[Any], where: gpd.GeoSeries, name: str) -> pd.DataFrame:
    def numbers(column: str) -> Any:
        if column not in frame.columns:
            return pd.Series(np.nan, index=frame.index)
        return numbers_in(frame[column], f"{name}, column {column}")

    parts = [radio, *(frame[column].str.strip() for column in KEY[1:])]
    created, updated = numbers("created"), numbers("updated")
    reach = numbers("range")
    return pd.DataFrame(
        {
            "cell": pd.Series(["/".join(row) for row in zip(*parts, strict=True)], index=frame.index, dtype=object),
            "radio": radio,
            "network": parts[1] + "-" + parts[2],
            "range": reach.where(reach > 0),
            "samples": numbers("samples"),
            "first_seen": _days(created),
            "last_seen": _days(updated),
            "geometry": where.to_numpy(),
            "updated": updated,
            "line": frame.index,
        }
    )


def _days(seconds: pd.Series[float]) -> pd.Series[Any]:
    return seconds.map(_day)


def _day(seconds: float) -> str | None:
    """Return the day of a moment in seconds since 1970; None where it is none between 1970 and 2100."""
    if not 0 <= seconds < LATEST:
        return None
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _with_data_date(record: SourceRecord, updated: pd.Series[float]) -> SourceRecord:
    from dataclasses import replace

    day = _day(float(updated[updated < LATEST].max()))
    if record.data_date or day is None:
        return record
    return replace(record, data_date=day, data_date_from="newest edit in the file")


def _with_findings(result: gpd.GeoDataFrame, elsewhere: dict[str, int]) -> gpd.GeoDataFrame:
    said = [
        Finding(
            "cells_left_out",
            "information",
            f"{count:,} rows are {label} and do not count.",
            count=count,
        )
        for label, count in elsewhere.items()
        if count
    ]
    unknown = int(result["range"].isna().sum())
    if unknown:
        message = f"How far {unknown:,} of {len(result):,} cells reach is not known."
        said.append(Finding("cells_without_range", "warning", message, count=unknown))
    return add_findings(result, *said)
