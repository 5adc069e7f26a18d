"""Reports of residents to their city (311, Open311): places, times and states as they were meant, or named faults."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from spatialjustice._core.errors import DamagedFileError, InputError
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.provenance import SourceRecord, path_of
from spatialjustice.sources.guards.damage import reading_whole_file
from spatialjustice.sources.known_files import record_of, require_file
from spatialjustice.sources.participation import reports_checks as checks
from spatialjustice.sources.participation.reports_times import moments_in
from spatialjustice.sources.tables._coordinates import from_columns
from spatialjustice.sources.tables._text import text_of_bytes
from spatialjustice.sources.tables._text_tables import read_text_table
from spatialjustice.sources.tables.frames.arrow_files import ARROW, PARQUET
from spatialjustice.sources.tables.frames.rows import Source, is_file, label_of
from spatialjustice.sources.tables.table import EXCEL, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAMES = {
    "id": ("service_request_id",),
    "kind": ("service_name", "service_code"),
    "opened": ("requested_datetime",),
    "updated": ("updated_datetime",),
    "closed": ("closed_datetime",),
    "inspected": (),
    "status": ("status",),
    "latitude": ("lat",),
    "longitude": ("long",),
    "address": ("address",),
    "incident": (),
}
"""What a column can be, and what GeoReport (version 2) calls it."""

HALF_A_LETTER = re.compile("[\ud800-\udfff]")
"""What JSON can name and no text can hold: one of the two signs that some letters are sent as."""

TIMES = ("opened", "updated", "closed", "inspected")
LISTS = ("service_requests", "requests", "results", "data")
"""Under which key some servers put the list of reports."""


def reports(
    source: Source,
    *,
    columns: Mapping[str, str] | None = None,
    time_zone: str | None = None,
    time_format: str | None = None,
    moment: Any = None,
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    r"""Read reports of residents to their city: a table of 311 requests, or the answer of an Open311 server.

    Parameters
    ----------
    source
        JSON (a list of requests as GeoReport version 2 gives them), CSV (also ``.gz``), Parquet or XLSX; or a
        frame of pandas, polars, pyarrow or DuckDB.
    columns
        What is in which column: ``id``, ``kind``, ``opened``, ``updated``, ``closed``, ``inspected``, ``status``,
        ``latitude``, ``longitude``, ``address``, ``incident`` (the same for reports of the same thing). What is not
        named is looked for under the names of GeoReport (``service_request_id``, ``service_name``,
        ``requested_datetime``, ``updated_datetime``, ``status``, ``lat``, ``long``, ``address``). ``opened`` must be
        there.
    time_zone
        Where the clocks of times stand that do not say it, for example ``"America/Chicago"``. Without it they are
        taken as universal time, and a warning says so: days are then off by hours, durations only when clocks change.
    time_format
        How times are written where not as ISO 8601 (``2024-05-01T12:00:00-05:00``), as for ``strptime``.
    moment
        When the data end. Later times are impossible. None takes the latest time in the file.
    encoding
        How the letters of a text file are stored.

    Returns
    -------
    GeoDataFrame
        Index ``report_id``. ``kind``; ``opened``, ``updated``, ``closed``, ``inspected`` (universal time, missing where
        not known); ``status`` (``open``, ``closed``, ``unknown``); ``time_fault`` (``closed before opened``, ``in the
        future``, ``not known when opened``, or empty); ``address``; ``incident``; the file's other columns;
        ``geometry`` (EPSG:4326, missing without coordinates). ``attrs`` hold ``as_of``, when the data end, and
        ``ledger``, which accounts for every row. An id that is there twice stands once: as it was updated last.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    InputError
        When a column is not there, or times are written so that the day would have to be guessed.
    WrongPlaceError
        When latitude and longitude are swapped, or are none.

    Notes
    -----
    GeoReport has no time of closing: where there is no such column, the last update of a closed request is taken as
    its closing, and a finding says so. A report whose times are impossible stays, with its fault; verbs that need its
    duration count it apart.

    References
    ----------
    Open311. GeoReport API version 2 (wiki.open311.org/GeoReport_v2).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> row = {"service_request_id": "7", "service_name": "Pothole", "status": "closed", "lat": 41.9, "long": -87.6,
    ...        "requested_datetime": "2024-05-01T08:00:00-05:00", "updated_datetime": "2024-05-03T08:00:00-05:00"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "requests.json"
    ...     size = file.write_text(json.dumps([row, row]))
    ...     found = reports(file)
    >>> found.loc["7", ["kind", "status"]].tolist(), str(found.loc["7", "closed"])
    (['Pothole', 'closed'], '2024-05-03 13:00:00+00:00')
    """
    name = "reports"
    frame = _rows(path_of(source, name), name, encoding) if is_file(source) else read_text_table(source, name=name)
    roles = _roles(frame, columns or {}, name)
    read, findings = _times(frame, roles, time_zone=time_zone, time_format=time_format)
    said = pd.DataFrame(index=frame.index)
    said["kind"] = _text(frame, roles.get("kind"))
    for role in TIMES:
        said[role] = read.get(role, pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]"))
    said["status"], unknown = checks.states(_text(frame, roles.get("status")), said["closed"])
    said["time_fault"] = ""
    for role in ("address", "incident"):
        said[role] = _text(frame, roles.get(role))
    said, taken = checks.closings(said, known="closed" in roles)
    as_of = checks.end_of_data(said, moment)
    said, faults = checks.impossible_times(said, as_of, given=moment is not None)
    ids, nameless = checks.ids_of_rows(_text(frame, roles.get("id")))
    where = _places(frame, roles, name)
    others = frame[[column for column in frame.columns if column not in {*roles.values(), *said.columns}]]
    whole = pd.concat([said, others], axis=1)
    kept, twice = checks.once_each(said, frame, ids)
    made = whole.loc[kept].set_axis(pd.Index(ids[kept], name="report_id", dtype=object))
    result = gpd.GeoDataFrame(made, geometry=gpd.GeoSeries(where[kept].array, index=made.index, crs=4326), crs=4326)
    result.attrs = {"as_of": as_of.isoformat()}
    ledger = Ledger()
    dropped = {"same report again": twice.same, "earlier state of a report": twice.contrary}
    read_from = f"read {label_of(source)}"
    ledger.record(read_from, "reports", before=len(frame), after=len(result), elsewhere=dropped, unit="rows")
    result.attrs["ledger"] = ledger.to_frame().to_dict("records")
    result.attrs["sources"] = [_dated(frame, said).as_dict()]
    result.attrs["findings"] = [finding.as_dict() for finding in findings_of(frame)]
    lacking = int(result.geometry.isna().sum())
    return add_findings(
        result, *findings, *taken, *faults, *unknown, *nameless, *twice.findings, *_lack(lacking, result)
    )


def _rows(path: Path, name: str, encoding: str | None) -> pd.DataFrame:
    """Return all rows of a file, cells of text files and JSON as they are written."""
    ending = path.suffix.lower()
    if ending in PARQUET | ARROW | EXCEL:
        return table(path, name=name)
    if ending not in {".json", ".geojson"}:
        return read_text_table(path, name=name, encoding=encoding)
    require_file(path, name)
    text, findings = text_of_bytes(path.read_bytes(), path.name, name, encoding)
    with reading_whole_file(path, name):
        content = json.loads(text)
    if isinstance(content, dict):
        content = next((content[key] for key in LISTS if isinstance(content.get(key), list)), content)
    if not isinstance(content, list) or not content or not all(isinstance(row, dict) for row in content):
        advice = "It should be a list of requests, as GeoReport gives them. Get the file again, or save it as CSV."
        raise DamagedFileError(name, f"{path.name} holds no list of reports", advice)
    cells = [{str(key): _cell(value) for key, value in row.items()} for row in content]
    if any(HALF_A_LETTER.search(text) for row in cells for pair in row.items() for text in pair):
        found = f"{path.name} holds halves of letters, which no text can be written with"
        raise DamagedFileError(name, found, "Get the file again, or export it anew as CSV.")
    frame = pd.DataFrame(cells, index=pd.RangeIndex(1, len(cells) + 1), dtype=object)
    frame.attrs["sources"] = [record_of(path, name).as_dict()]
    return add_findings(frame, *findings)


def _cell(value: Any) -> str:
    """Return a value of JSON as text, as a text table would hold it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _roles(frame: pd.DataFrame, columns: Mapping[str, str], name: str) -> dict[str, str]:
    strangers = [role for role in columns if role not in NAMES]
    if strangers:
        raise InputError(name, f"{strangers[0]} is not what a column can be", f"Choose among {', '.join(NAMES)}.")
    there = ", ".join(map(str, frame.columns))
    for column in columns.values():
        if column not in frame.columns:
            raise InputError(name, f"there is no column {column}", f"It has: {there}.")
    roles = dict(columns)
    for role, names in NAMES.items():
        found = next((one for one in names if one in frame.columns and one not in roles.values()), None)
        if role not in roles and found is not None:
            roles[role] = found
    if "opened" not in roles:
        advice = f"Name it, for example columns={{'opened': 'created_date'}}. The file has: {there}."
        raise InputError(name, "no column says when reports were made", advice)
    if ("latitude" in roles) != ("longitude" in roles):
        raise InputError(name, "only one of longitude and latitude is there", f"Name both. The file has: {there}.")
    return roles


def _text(frame: pd.DataFrame, column: str | None) -> pd.Series[Any]:
    """Return a column as text, None where it says nothing."""
    from spatialjustice.sources.tables.table import as_text

    if column is None:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    return pd.Series(as_text(frame[column]), index=frame.index, dtype=object)


def _times(
    frame: pd.DataFrame, roles: Mapping[str, str], *, time_zone: str | None, time_format: str | None
) -> tuple[dict[str, pd.Series[Any]], list[Finding]]:
    """Read all columns of times, and say once of all what must be known of them."""
    read = {
        role: moments_in(
            frame[roles[role]], f"reports, column {roles[role]}", time_zone=time_zone, time_format=time_format
        )
        for role in TIMES
        if role in roles
    }
    sums = {
        part: sum(getattr(one, part) for one in read.values())
        for part in ("unreadable", "impossible", "without_zone", "clock_change")
    }
    return {role: one.values for role, one in read.items()}, checks.time_findings(sums, time_zone)  # noqa: PD011


def _places(frame: pd.DataFrame, roles: Mapping[str, str], name: str) -> gpd.GeoSeries:
    if "latitude" not in roles:
        return gpd.GeoSeries([None] * len(frame), index=frame.index, crs=4326)
    found = from_columns(frame, (roles["longitude"], roles["latitude"]), 4326, name, rescale=False)
    return found.points


def _dated(frame: pd.DataFrame, said: pd.DataFrame) -> SourceRecord:
    from dataclasses import replace

    record = SourceRecord(**frame.attrs["sources"][0])
    latest = said[list(TIMES)].max().max()
    if record.data_date or pd.isna(latest):
        return record
    return replace(record, data_date=latest.date().isoformat(), data_date_from="newest edit in the file")


def _lack(lacking: int, result: pd.DataFrame) -> list[Finding]:
    if not lacking:
        return []
    return [
        Finding(
            "reports_without_coordinates",
            "warning",
            f"{lacking:,} of {len(result):,} reports have no coordinates, or 0 for both; they are in no zone.",
            count=lacking,
            values={"count": lacking, "all": len(result)},
        )
    ]
