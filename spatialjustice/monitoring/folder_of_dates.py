"""A folder of what was measured on each date: a file for a date, a list of them, and nothing that is half there."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from spatialjustice._core.disk import files
from spatialjustice._core.disk.json_records import read_json
from spatialjustice._core.disk.turns import one_at_a_time
from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError, listed
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import checksum, path_of
from spatialjustice.monitoring._rows import COLUMNS, MEASURED, MISSING, checked_date, checked_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LIST = "dates.json"
"""Which file holds which date; what is not listed is of a call that was killed, and counts for nothing."""
FORM = 1
WAIT = 60.0
"""Seconds that a call waits for another one to end: what takes long is measured before."""

Done = Literal["added", "unchanged", "filled", "replaced"]


def add_date(
    folder: str | Path,
    table: pd.DataFrame | None,
    *,
    date: Any,
    provenance: Mapping[str, Any] | None = None,
    reason: str = "",
    bridge: bool = False,
    replace: bool = False,
    wait: float = WAIT,
) -> Done:
    """Add what was measured on a date to a history.

    A date is a file of its own (Parquet, with its provenance inside); the list of dates is written last and at once, so
    that a call which is killed leaves the history as it was, and the same call again does the rest. Two calls at once
    wait for each other. No clock is written: the same dates give the same bytes, in whatever order they were added.

    Parameters
    ----------
    folder
        The folder of the history. Made when it is missing.
    table
        A row for each zone and indicator: ``zone``, ``indicator``, ``value``, ``unit``; and where they are known
        ``low`` and ``high`` (95 % range of the value), ``people``, ``direction`` (``higher is better``,
        ``lower is better``), ``status`` (``measured``, ``missing``, ``not comparable``) and ``outline`` (any text that
        changes when the shape of the zone does). None where nothing could be measured; then ``reason`` says why.
    date
        The day (or month, or year) that the data describe.
    provenance
        What it was measured with, as plain data: ``inputs`` (each with ``name``, ``sha256``, ``data_date``),
        ``settings_sha256``, ``versions``, ``city`` (names of the inputs whose change is change of the city), ``titles``
        of the indicators by language.
    reason
        Why nothing was measured.
    bridge
        This is an earlier date measured again with the inputs and settings of today, kept beside what was measured
        then: it tells what changed because of data.
    replace
        Put it in the place of another measurement of the same date.
    wait
        Seconds to wait for another call that is at work in the folder.

    Returns
    -------
    str
        ``added``; ``unchanged`` where the very same is there (also where nothing could be measured, but something was
        there); ``filled`` where the date was missing until now; ``replaced``.

    Raises
    ------
    InputError
        When the rows cannot be used, or the date is there with other values and ``replace`` is not asked for.
    OutputError
        When the folder cannot be written to, or another call is at work there.

    Examples
    --------
    >>> import tempfile
    >>> zones = pd.DataFrame({"zone": ["a", "b"], "indicator": "use", "value": [0.2, 0.4], "unit": "share"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = [add_date(folder, zones, date=2019), add_date(folder, zones, date=2019)]
    ...     length = len(history(folder))
    >>> done, length
    (['added', 'unchanged'], 2)
    """
    folder, day = path_of(folder, "folder"), checked_date(date)
    if table is None and not reason:
        raise InputError("table", "nothing was measured, and no reason is given", "Say in reason why it is missing.")
    rows = checked_rows(_empty() if table is None else table, day).assign(bridge=bridge)
    known = {
        "date": day,
        "bridge": bridge,
        "status": MISSING if table is None else MEASURED,
        "reason": reason,
        **(provenance or {}),
    }
    files.make_folder(folder)
    with one_at_a_time(folder, wait=wait):
        return _add(folder, rows, known, replace=replace)


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="object") for name in ("zone", "indicator", "value", "unit")})


def _add(folder: Path, rows: pd.DataFrame, known: dict[str, Any], *, replace: bool) -> Done:
    listed = _listed(folder)
    kind, day = "bridges" if known["bridge"] else "dates", known["date"]
    content = _content(rows, known)
    before = listed[kind].get(day)
    done: Done = "added"
    if before is not None:
        done = _as_to_what_is_there(before, content, known, replace=replace)
        if done == "unchanged":
            return done
    name = f"{'bridge-' if known['bridge'] else ''}{day}.{content[:12]}.parquet"
    path = folder / name
    files.write_parquet(path, [rows], attrs=known)
    entry = {
        "file": name,
        "sha256": checksum(path),
        "content": content,
        "status": known["status"],
        "reason": known["reason"],
        "rows": len(rows),
    }
    listed[kind] = dict(sorted((listed[kind] | {day: entry}).items()))
    files.write_json(folder / LIST, {"form": FORM, **listed})
    _remove_unlisted(folder, listed)
    return done


def _as_to_what_is_there(before: dict[str, Any], content: str, known: dict[str, Any], *, replace: bool) -> Done:
    """Tell what is to be done with a date that is there already."""
    missing = known["status"] == MISSING
    if before["content"] == content or (missing and not replace):
        return "unchanged"
    if before["status"] == MISSING:
        return "filled"
    if replace or known["bridge"]:
        return "replaced"
    found = f"the history has {known['date']} already, with other values"
    advice = "Ask to replace it (--replace) if what is there is wrong; measure it again as a bridge to keep both."
    raise InputError("date", found, advice)


def _content(rows: pd.DataFrame, known: dict[str, Any]) -> str:
    """Return a checksum of what was measured: of the numbers, not of who measured them."""
    digest = hashlib.sha256(json.dumps([known["date"], known["status"], list(rows.columns)]).encode())
    if len(rows):
        digest.update(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes())
    if known["bridge"]:
        same = {name: known.get(name) for name in ("inputs", "settings_sha256", "versions")}
        digest.update(json.dumps(same, sort_keys=True).encode())
    return digest.hexdigest()


def _listed(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / LIST
    if not path.exists():
        return {"dates": {}, "bridges": {}}
    advice = "Put back a copy of it, or delete it and add the dates again."
    read = read_json(path, "list of dates", advice)
    try:
        if read["form"] != FORM:
            newer = "Use the version of spatialjustice that wrote it, or a newer one."
            raise InputError(str(path), f"it is of form {read['form']}, and this version reads form {FORM}", newer)
        return {kind: dict(read[kind]) for kind in ("dates", "bridges")}
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFileError("list of dates", f"{path} is not what was written", advice) from error


def _remove_unlisted(folder: Path, listed: dict[str, dict[str, Any]]) -> None:
    """Delete what calls that were killed left, and what was replaced."""
    kept = {entry["file"] for kind in listed.values() for entry in kind.values()}
    for path in folder.glob("*.parquet"):
        if path.name not in kept:
            files.remove_file(path)
    for path in folder.glob(".*-*"):
        if path.suffix in {".parquet", ".json"}:
            files.remove_file(path)


def dates_in(folder: Path) -> dict[str, str]:
    """Return the dates of a history and their status; none where there is no history yet."""
    return {day: str(entry["status"]) for day, entry in _listed(folder)["dates"].items()}


def history(folder: str | Path) -> pd.DataFrame:
    """Read a history.

    Definition: the rows as they were measured on each date; nothing is computed.

    Parameters
    ----------
    folder
        The folder that :func:`add_date` wrote to.

    Returns
    -------
    DataFrame
        One row for each date, zone and indicator: ``date``, ``bridge`` (whether it is an earlier date measured again
        with inputs of a later one), ``zone``, ``indicator``, ``value``, ``low``, ``high``, ``people``, ``unit``,
        ``direction``, ``status`` (``measured``, ``missing``, ``not comparable``), ``outline``. ``attrs["dates"]`` holds
        what is known of each date, those included on which nothing could be measured, with the ``reason``, and
        ``attrs["bridges"]`` the same of bridges.

    Raises
    ------
    MissingFileError
        When there is no history.
    DamagedFileError
        When a file is not what the list says.

    References
    ----------
    Own definition: a table as described above, with no source in the literature.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = add_date(folder, None, date="2020-05", reason="the server gave no answer")
    ...     read = history(folder)
    >>> len(read), read.attrs["dates"][0]["reason"]
    (0, 'the server gave no answer')
    """
    folder = path_of(folder, "folder")
    if not (folder / LIST).is_file():
        advice = "Add a date with sj.monitoring.add_date, or with the command: spatialjustice monitor run."
        raise MissingFileError(str(folder), "it holds no history", advice)
    listed = _listed(folder)
    frames: list[pd.DataFrame] = []
    known: dict[str, list[dict[str, Any]]] = {}
    for kind, entries in listed.items():
        known[kind] = []
        for entry in entries.values():
            rows, about = _read(folder / entry["file"], entry["sha256"])
            frames.append(rows)
            known[kind].append(about)
    filled = [frame for frame in frames if len(frame)]
    made = pd.concat(filled, ignore_index=True) if filled else frames[0] if frames else _without_rows()
    made.attrs.update({"measure": "history", "unit": "label", "direction": "none"})
    made.attrs.update({**known, "findings": [*_findings(known["dates"]), *_without_people(made)]})
    return made


def _without_rows() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})


def _read(path: Path, sha256: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    advice = "Put back a copy of it, or add the date again with replace."
    if not path.is_file():
        raise MissingFileError(str(path), "the list of dates names it, but it is gone", advice)
    if checksum(path) != sha256:
        raise DamagedFileError(str(path), "it is not what was written", advice)
    rows = pd.read_parquet(path)
    about: dict[str, Any] = {str(name): value for name, value in rows.attrs.items()}
    rows.attrs = {}
    return rows, about


def _findings(dates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    gone = [one["date"] for one in dates if one["status"] == MISSING]
    if gone:
        days = ", ".join(gone)
        found.append(
            Finding(
                "dates_not_measured",
                "warning",
                f"{len(gone)} of {len(dates)} dates could not be measured: {days}.",
                len(gone),
                advice="The reasons stand in the table of dates; the same date can be added when its data are there.",
                values={"count": len(gone), "all": len(dates), "dates": days},
            )
        )
    lost = max((int(one.get("rows_without_date", 0)) for one in dates), default=0)
    if lost:
        found.append(
            Finding(
                "rows_without_date",
                "warning",
                f"{lost:,} rows have no date, and stand on none of the dates.",
                lost,
                advice="Give every row its date, or delete it.",
                values={"count": lost},
            )
        )
    same = _same_data([one for one in dates if one["status"] != MISSING])
    if same:
        days = ", ".join(same)
        found.append(
            Finding(
                "dates_with_the_same_data",
                "warning",
                f"{len(same)} dates were measured with the very data of the date before: {days}.",
                len(same),
                advice="What did not change there was not measured anew: give dates of the data, not of the calls.",
                values={"count": len(same), "dates": days},
            )
        )
    return [one.as_dict() for one in found]


def _without_people(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Tell of zones with a value whose people nobody knows, while those of others are known."""
    there = rows[~rows["bridge"].astype(bool) & (rows["status"] == MEASURED)] if len(rows) else rows
    if there.empty or there["people"].isna().all():
        return []
    counted = there.groupby(["date", "indicator"])["people"].transform("count") > 0
    zones = there.loc[counted & there["people"].isna(), "zone"].drop_duplicates().sort_values()
    if zones.empty:
        return []
    finding = Finding(
        "zones_of_unknown_people",
        "warning",
        f"Nobody knows the people of {len(zones)} zones: {listed(zones)}. "
        "They have values, but take no part in a mean.",
        len(zones),
        advice="Look whether their ids are the same in both tables.",
        values={"count": len(zones), "zones": listed(zones)},
    )
    return [finding.as_dict()]


def _same_data(dates: list[dict[str, Any]]) -> list[str]:
    """Return dates all inputs of which are those of the date before, byte by byte; tables of several dates are such."""

    def files_of(one: dict[str, Any]) -> set[str]:
        return {str(each["sha256"]) for each in one.get("inputs", ())}

    return [
        two["date"]
        for one, two in pairwise(dates)
        if not two.get("several_dates") and files_of(two) and files_of(one) == files_of(two)
    ]
