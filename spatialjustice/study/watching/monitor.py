"""A monitor: made once, run as often as a clock says, each time adding what is new to its history."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import monitoring
from spatialjustice._core.disk import files
from spatialjustice._core.disk.turns import one_at_a_time
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import folder_of, path_of, require_regular, versions
from spatialjustice.monitoring._rows import checked_date
from spatialjustice.monitoring.folder_of_dates import dates_in
from spatialjustice.study.run import demo_file
from spatialjustice.study.settings import Study
from spatialjustice.study.watching.settings import DATE, HISTORY, SETTINGS, Monitor, indicator_of
from spatialjustice.study.watching.study_source import DEMO, StudySource
from spatialjustice.study.watching.table_source import Measured, TableSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WAIT = 60.0
"""Seconds that a run waits for another one of the same monitor."""


@dataclass(frozen=True)
class Watch:
    """What a run of a monitor did; ``str()`` gives it as lines of text.

    Attributes
    ----------
    done
        What became of each date: ``added``, ``unchanged``, ``filled``, ``replaced``.
    missing
        Why nothing was measured, by date.
    alerts
        What the rules say of the dates that are new.
    findings
        What must be known of the history.
    """

    done: Mapping[str, str]
    missing: Mapping[str, str]
    alerts: pd.DataFrame
    findings: tuple[Finding, ...] = field(default=())

    def __str__(self) -> str:
        """Return a line for each date and alert; nothing where nothing is new, so that a clock's call is quiet."""
        lines = [
            f"{date}: {done}" + (f", but not measured: {self.missing[date]}" if date in self.missing else "")
            for date, done in self.done.items()
            if done != "unchanged"
        ]
        return "\n".join([*lines, *(f"alert {row['date']}: {row['en']}" for row in self.alerts.to_dict("records"))])

    def as_dict(self) -> dict[str, Any]:
        """Return the same as plain data for JSON."""
        plain = self.alerts.astype(object).where(self.alerts.notna(), None)
        return {
            "dates": dict(self.done),
            "missing": dict(self.missing),
            "alerts": plain.to_dict(orient="records"),
            "findings": [one.as_dict() for one in self.findings],
        }


def monitor_add(
    folder: str | Path,
    source: str | Path,
    *,
    zone: str = "zone",
    date: str = "",
    people: str = "",
    indicators: Sequence[str] = (),
    title: str = "",
    replace: bool = False,
) -> Path:
    """Make a monitor: a folder with settings (``monitor.yaml``), to be run on every date.

    Parameters
    ----------
    folder
        The folder. Made when it is missing.
    source
        A study file, ``demo``, or a table (CSV, Parquet, XLSX); with ``{date}`` in its name a file for each date.
    zone
        Column of zone ids.
    date
        Column of dates, where one table holds several.
    people
        Column of people.
    indicators
        What is watched, each as ``COLUMN:UNIT:DIRECTION`` (``use:share:higher``). Without them a table needs the
        columns ``value`` and, for several, ``indicator``; of a study every ``…_minutes`` of its zones is watched.
    title
        Title of the page.
    replace
        Write new settings over those that are there.

    Returns
    -------
    Path
        The file of the settings, to be looked at and changed by hand: titles, rules, languages.

    Raises
    ------
    SpatialJusticeError
        When the study or a setting cannot be used, or there is a monitor already.
    """
    folder = path_of(folder, "folder")
    path = folder / SETTINGS
    if path.exists() and not replace:
        advice = "Change that file by hand, choose another folder, or ask for new settings (--replace)."
        raise InputError("folder", f"{path} is there already", advice)
    name = str(path_of(source, "source"))
    watched = dict(indicator_of(text) for text in indicators)
    given: dict[str, Any] = {"zone": zone, "date": date, "people": people}
    titled: Any = title
    if name == DEMO or Path(name).suffix.lower() in {".yaml", ".yml"}:
        titled = titled or Study.read(demo_file() if name == DEMO else Path(name)).title
        given = {"study": name if name == DEMO else _beside(name, folder)}
    else:
        if DATE not in name:
            require_regular(name, "source")
            given["date"] = date or "date"
        given = {"table": _beside(name, folder), **given}
    settings = Monitor.model_validate(
        {
            "title": titled or "Key indicators",
            "source": {key: value for key, value in given.items() if value},
            "indicators": watched,
        }
    )
    files.make_folder(folder)
    files.write_text(path, settings.as_yaml())
    return path


def _beside(name: str, folder: Path) -> str:
    """Return a path as seen from the folder, so that both can be moved together."""
    try:
        return Path(os.path.relpath(Path(name).resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive of Windows
        return str(Path(name).resolve())


def monitor_run(
    folder: str | Path,
    *,
    date: Any = None,
    data_dir: str | Path | None = None,
    replace: bool = False,
    bridge: bool = False,
    wait: float = WAIT,
) -> Watch:
    """Measure what is new, and add it to the history of a monitor.

    Made to be called by a clock: one call at a time works in a folder, the others wait; a call that is killed leaves
    the history as it was, and the next one goes on; data that are missing are written down as missing with the reason;
    where nothing is new nothing is changed or said.

    Parameters
    ----------
    folder
        The folder of the monitor.
    date
        The date that the data describe. None takes that of the data: every date of a table that the history does not
        have, and of a study the newest date of its services, streets and timetables.
    data_dir
        Folder of the data; the monitor's own and ``SPATIALJUSTICE_DATA`` are searched too.
    replace
        Put what is measured now in the place of what the history has of that date.
    bridge
        Measure an earlier date again with the settings, inputs and version of today, and keep it beside what was
        measured then: it tells what changed because of data. Needs ``date``.
    wait
        Seconds to wait for another call.

    Returns
    -------
    Watch
        What became of each date, and the alerts of those that are new.

    Raises
    ------
    SpatialJusticeError
        When the settings are wrong, the folder cannot be written to, another call does not end, or the history has the
        date with other values.
    """
    folder = path_of(folder, "folder")
    monitor = Monitor.read(folder)
    day = None if date is None else checked_date(date)
    if bridge and day is None:
        raise InputError("bridge", "no date is given", "Say which earlier date is measured again.")
    with one_at_a_time(folder, wait=wait):
        return _run(folder, monitor, day, folder_of(data_dir, "data_dir"), replace=replace, bridge=bridge)


def _run(
    folder: Path, monitor: Monitor, date: str | None, data_dir: Path | None, *, replace: bool, bridge: bool
) -> Watch:
    done: dict[str, str] = {}
    missing: dict[str, str] = {}
    for day, measured in _measured(folder, monitor, date, data_dir):
        known = {**measured.provenance, "titles": _titles(monitor, measured), "versions": versions()}
        done[day] = monitoring.add_date(
            folder / HISTORY,
            measured.rows,
            date=day,
            provenance=known,
            reason=measured.reason,
            bridge=bridge,
            replace=replace,
        )
        if measured.reason and done[day] != "unchanged":
            missing[day] = measured.reason
    if not dates_in(folder / HISTORY):
        return Watch(done, missing, pd.DataFrame({"date": [], "en": []}))
    new = [day for day, what in done.items() if what != "unchanged"]
    if not new:
        return Watch(done, missing, pd.DataFrame({"date": [], "en": []}))
    history = monitor.history(folder)
    alerts = monitoring.alerts(history, rules=monitor.rules, level=monitor.level, rng=monitor.seed)
    told = alerts[alerts["date"].isin(new)].reset_index(drop=True)
    return Watch(done, missing, told, tuple(findings_of(history)))


def _measured(
    folder: Path, monitor: Monitor, date: str | None, data_dir: Path | None
) -> Iterable[tuple[str, Measured]]:
    if monitor.source.study:
        return [StudySource(monitor, folder, data_dir).measured(date)]
    source = TableSource(monitor, [folder, *([data_dir] if data_dir else [])])
    if date is not None:
        return [(date, source.measured(date))]
    there = {day for day, status in dates_in(folder / HISTORY).items() if status != "missing"}
    # One after the other: a call that is killed has kept those before.
    return ((day, source.measured(day)) for day in source.dates() if day not in there)


def _titles(monitor: Monitor, measured: Measured) -> dict[str, Any]:
    own = dict(measured.provenance.get("titles", {}))
    return own | {key: one.title or one.column or key for key, one in monitor.indicators.items()}
