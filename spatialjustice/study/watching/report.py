"""The page and the tables of a monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import __version__, monitoring
from spatialjustice._core.disk import files
from spatialjustice._core.disk.spreadsheets import csv_text
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import SourceRecord, checksum, folder_of, path_of, versions
from spatialjustice.catalogue import LANGUAGES, date, words
from spatialjustice.monitoring._alert_words import data_text, reason_text, titles_of
from spatialjustice.monitoring._inputs import data_changes
from spatialjustice.report.monitoring import Watched, monitor_page
from spatialjustice.study.outputs.record import ro_crate
from spatialjustice.study.outputs.tables import BYTE_ORDER_MARK
from spatialjustice.study.watching.settings import REPORT, SETTINGS, Monitor

if TYPE_CHECKING:
    from pathlib import Path

REPLICATIONS = 999
STATISTICS = ("mean", "worst_tenth", "gap")


def monitor_report(folder: str | Path, *, out: str | Path | None = None) -> Path:
    """Write the page of a monitor and its tables.

    Parameters
    ----------
    folder
        The folder of the monitor.
    out
        Folder for them; ``report`` inside the monitor where None.

    Returns
    -------
    Path
        The page. Beside it ``tables/`` holds ``indicators``, ``changes``, ``sources_of_change``, ``alerts`` and
        ``dates`` as CSV.

    Raises
    ------
    SpatialJusticeError
        When there is no monitor or no history, or the folder cannot be written to.
    """
    folder = path_of(folder, "folder")
    monitor = Monitor.read(folder)
    history = monitor.history(folder)
    how: dict[str, Any] = {"level": monitor.level, "rng": monitor.seed, "replications": REPLICATIONS}
    levels = {name: monitoring.key_indicators(history, statistic=name, **how) for name in STATISTICS}
    changes = {name: monitoring.change(history, statistic=name, **how) for name in STATISTICS}
    parts = monitoring.change_by_source(history, **how)
    for lang in LANGUAGES:
        parts[f"what_{lang}"] = [data_text(what, lang, monitor.breaks) if what else "" for what in parts["what"]]
    alerts = monitoring.alerts(history, rules=monitor.rules, **how)
    dates = _dates(history)
    target = folder_of(out, "out") or folder / REPORT
    watched = Watched(
        title=monitor.title,
        titles=titles_of(history),
        levels=levels["mean"],
        worst=levels["worst_tenth"],
        changes=changes["mean"],
        parts=parts,
        alerts=alerts,
        dates=dates,
        rules=monitor.rules,
        level=monitor.level,
        replications=REPLICATIONS,
        findings=[Finding(**one) for one in changes["mean"].attrs["findings"]] or findings_of(history),
        sources=_sources(history),
        languages=monitor.languages,
        provenance={"software": f"spatialjustice {__version__}", "seed": monitor.seed},
    )
    tables = {
        "indicators": pd.concat(list(levels.values()), ignore_index=True),
        "changes": pd.concat(list(changes.values()), ignore_index=True),
        "sources_of_change": parts.drop(columns=[f"what_{lang}" for lang in LANGUAGES]),
        "alerts": alerts,
        "dates": dates.assign(
            reason=[one.get("en", "") if one else "" for one in dates["reason"]],
            what=[one.get("en", "") if one else "" for one in dates["what"]],
            inputs=[one["en"] for one in dates["inputs"]],
        ),
    }
    with files.OutputFolder(target) as made:
        for name, table in tables.items():
            files.write_text(made.path(f"tables/{name}.csv"), BYTE_ORDER_MARK + csv_text(table, index=False))
        monitor_page(watched).save(made.path("index.html"))
        record = {
            "software": f"spatialjustice {__version__}",
            "kind": "monitor",
            "study": {"file": SETTINGS, "sha256": checksum(folder / SETTINGS)},
            "title": monitor.title,
            "data_until": watched.last,
            "seed": monitor.seed,
            "versions": versions(),
            "inputs": [one.as_dict() for one in watched.sources],
            "settings": monitor.model_dump(mode="json"),
            "dates": history.attrs["dates"],
            "bridges": history.attrs["bridges"],
            "outputs": made.checksums(),
        }
        files.write_json(made.path(files.MANIFEST), record)
        sizes = {name: made.path(name).stat().st_size for name in [*record["outputs"], files.MANIFEST]}
        crate = ro_crate.as_text(record, sha256=checksum(made.path(files.MANIFEST)), sizes=sizes)
        files.write_text(made.path(files.CRATE), crate)
    return target / "index.html"


def _dates(history: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each date: what became of it, and with what it was measured."""
    rows: list[dict[str, Any]] = []
    before: dict[str, Any] | None = None
    for about in history.attrs["dates"]:
        there = history[(history["date"] == about["date"]) & ~history["bridge"]]
        zones = there.drop_duplicates("zone")
        changed = "; ".join(data_changes(before, about)) if before is not None else ""
        missing = about["status"] == "missing"
        rows.append(
            {
                "date": about["date"],
                "status": about["status"],
                "reason": {lang: reason_text(about["reason"], lang) for lang in LANGUAGES} if missing else {},
                "zones": len(zones),
                "people": float(zones["people"].sum(min_count=1)),
                "inputs": {lang: _inputs(about, lang) for lang in LANGUAGES},
                "what": {lang: data_text(changed, lang, history.attrs["breaks"]) for lang in LANGUAGES}
                if changed and not missing
                else {},
            }
        )
        before = before if missing else about
    return pd.DataFrame(rows)


def _inputs(about: dict[str, Any], lang: str) -> str:
    """Name the files of a date, each once, with the date of its data."""
    told: dict[str, str] = {}
    for one in about.get("inputs", ()):
        day = f" ({date(one['data_date'], lang)})" if one.get("data_date") else ""
        told.setdefault(one["file"], f"{one['file']}{day}")
    return words(lang)["language.comma"].join(told.values()) or "–"


def _sources(history: pd.DataFrame) -> list[SourceRecord]:
    """Return every source of every date, each file once."""
    found: dict[str, SourceRecord] = {}
    for about in history.attrs["dates"]:
        for one in about.get("inputs", ()):
            found.setdefault(one["sha256"], SourceRecord(**one))
    return list(found.values())
