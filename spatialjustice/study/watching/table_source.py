"""Indicators from tables: one that holds several dates, or a file for each."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import sources
from spatialjustice._core.errors import InputError, MissingFileError
from spatialjustice._core.provenance import sources_of
from spatialjustice.monitoring._rows import checked_date
from spatialjustice.study.watching.settings import DATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.study.watching.settings import Beside, Monitor, Watched

VALUES, PEOPLE, ZONES = "values", "people", "zones"


@dataclass(frozen=True)
class Measured:
    """What was measured on a date: rows, and with what; no rows and the reason where nothing could be."""

    rows: pd.DataFrame | None
    provenance: dict[str, Any]
    reason: str = ""


class TableSource:
    """The tables of a monitor.

    Parameters
    ----------
    monitor
        Its settings.
    folders
        Where files are looked for.
    """

    def __init__(self, monitor: Monitor, folders: Sequence[Path]) -> None:
        self.monitor = monitor
        self.folders = folders
        self._read: dict[str, pd.DataFrame] = {}

    def dates(self) -> list[str]:
        """Return the dates that there are data of.

        Raises
        ------
        MissingFileError
            When there is no table at all.
        """
        source = self.monitor.source
        if source.files:
            return list(source.files)
        if source.date:
            table = self._table(source.table)
            return sorted({checked_date(day, source.date) for day in table[source.date].dropna()})
        form = re.compile(re.escape(Path(source.table).name).replace(re.escape(DATE), "(.+)") + "$")
        found = set()
        for folder in self.folders:
            for path in (folder / source.table).parent.glob("*"):
                if told := form.match(path.name):
                    found.add(checked_date(told[1], path.name))
        return sorted(found)

    def measured(self, date: str) -> Measured:
        """Return what was measured on a date, or why nothing was."""
        known: dict[str, Any] = {
            "source": "table",
            "settings_sha256": self.monitor.measured_by,
            "city": [VALUES, *self.monitor.city],
            "by_rows": [PEOPLE, ZONES],
            "several_dates": bool(self.monitor.source.date),
        }
        source = self.monitor.source
        name = source.files.get(date, "") if source.files else source.table.replace(DATE, date)
        if not name:
            return Measured(None, known, f"no rows: the list of files ({date})")
        try:
            table = self._table(name)
            known["inputs"] = _inputs(table, VALUES)
            if source.date:
                days = table[source.date].map(lambda day: "" if pd.isna(day) else checked_date(day, source.date))
                known["rows_without_date"] = int((days == "").sum())
                table = table[days == date]
            if table.empty:
                return Measured(None, known, f"no rows: {name}")
            rows, inputs = self._rows(table, name)
        except MissingFileError as error:
            return Measured(None, known, f"no file: {Path(error.name).name}")
        except _NoColumnError as error:
            return Measured(None, known, f"no column: {error.columns} ({Path(error.name).name})")
        except InputError as error:
            found = error.found.strip().splitlines()
            return Measured(None, known, f"unreadable: {Path(error.name).name}: {found[0] if found else ''}")
        known["inputs"] += inputs
        return Measured(rows, known)

    def _table(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            source = self.monitor.source
            path = sources.locate(name, folders=self.folders)
            text = [column for column in (source.zone, source.date) if column]
            read = sources.table(path, name=VALUES, text=text, missing=source.missing)
            self._read[name] = read
        return self._read[name]

    def _rows(self, table: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
        source = self.monitor.source
        _require(table, [source.zone, *([source.people] if source.people else [])], name)
        zones = table[source.zone].map(lambda zone: source.same_zones.get(str(zone), zone))
        about = pd.DataFrame({"zone": zones.to_numpy()})
        inputs: list[dict[str, Any]] = []
        about["people"] = table[source.people].to_numpy() if source.people else np.nan
        if source.people_of:
            beside = sources.table(
                sources.locate(source.people_of.file, folders=self.folders), name=PEOPLE, text=[source.people_of.zone]
            )
            _require(beside, [source.people_of.zone, source.people_of.column], source.people_of.file)
            about["people"] = _matched(about["zone"], beside, source.people_of)
            inputs += _inputs(beside, PEOPLE)
        if source.outlines:
            path = sources.locate(source.outlines.file, folders=self.folders)
            shapes = sources.read_vector(path, name=ZONES, id=source.outlines.zone)
            about["outline"] = [_outline(shapes, zone) for zone in about["zone"]]
            inputs += _inputs(shapes, ZONES)
        if not self.monitor.indicators:
            _require(table, ["value"], name)
            long = about.assign(value=table["value"].to_numpy(), indicator="value", unit="amount")
            for column in ("indicator", "unit", "direction", "low", "high"):
                if column in table:
                    long[column] = table[column].to_numpy()
            return long, inputs
        there = {key: one for key, one in self.monitor.indicators.items() if (one.column or key) in table.columns}
        if not there:
            _require(table, [one.column or key for key, one in self.monitor.indicators.items()], name)
        _require(table, [end for one in there.values() for end in (one.low, one.high) if end], name)
        made = [_wide(table, about, key, one) for key, one in self.monitor.indicators.items()]
        return pd.concat(made, ignore_index=True), inputs


def _wide(table: pd.DataFrame, about: pd.DataFrame, key: str, one: Watched) -> pd.DataFrame:
    def column(name: str) -> Any:
        return table[name].to_numpy() if name and name in table else np.nan

    return about.assign(
        indicator=key,
        value=column(one.column or key),
        low=column(one.low),
        high=column(one.high),
        unit=one.unit,
        direction=one.direction,
    )


def _matched(zones: pd.Series[Any], beside: pd.DataFrame, told: Beside) -> Any:
    """Return the people of each zone; those of none are known where ids are others, which is no reason to count zones.

    Raises
    ------
    InputError
        When a zone has other people a second time, or the file has none of the zones.
    """
    rows = pd.DataFrame({"zone": beside[told.zone].astype(str), "people": beside[told.column]}).drop_duplicates()
    twice = rows["zone"][rows["zone"].duplicated()].unique()
    if len(twice):
        advice = "Keep one row of each zone; add the people up where they are parts of it."
        raise InputError(told.file, f"{len(twice):,} zones have several numbers of people", advice, rows=twice)
    known = rows.set_index("zone")["people"]
    if not zones.astype(str).isin(known.index).any():
        advice = "Look whether the ids are the same in both tables, leading zeros included."
        raise InputError(told.file, "it has none of the zones", advice, rows=zones.astype(str).unique())
    return zones.astype(str).map(known).to_numpy()


def _outline(shapes: Any, zone: Any) -> str:
    if str(zone) not in shapes.index:
        return ""
    return hashlib.sha256(shapes.geometry.loc[str(zone)].normalize().wkb).hexdigest()[:16]


class _NoColumnError(InputError):
    """A table lacks columns: a reason that can be told in every language."""

    columns: str


def _require(table: pd.DataFrame, columns: list[str], name: str) -> None:
    lacking = [column for column in columns if column not in table.columns]
    if lacking:
        advice = f"It has {', '.join(map(str, table.columns[:12]))}. Name the columns in monitor.yaml."
        fault = _NoColumnError(name, f"it has no column {', '.join(lacking)}", advice)
        fault.columns = ", ".join(lacking)
        raise fault


def _inputs(frame: Any, name: str) -> list[dict[str, Any]]:
    return [one.as_dict() | {"name": name} for one in sources_of(frame)]
