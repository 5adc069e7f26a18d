"""Writing every file of a run, the record last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import __version__
from spatialjustice._core.disk import files
from spatialjustice._core.machine.memory import give_back
from spatialjustice._core.provenance import checksum
from spatialjustice.study.outputs import map_pages, parts, tables, takeaway
from spatialjustice.study.outputs.record import rerun_files, ro_crate
from spatialjustice.study.outputs.record.installed import environment
from spatialjustice.study.outputs.record.provenance_record import latest_date, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from spatialjustice._core.disk.files import OutputFolder
    from spatialjustice._core.disk.kept_steps import KeptSteps
    from spatialjustice.report import ModePage
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Table


def steps(study: Any) -> int:
    """Return how many things :func:`write` says that it writes: tables, maps of each mode, what is taken away."""
    whole = 5 - (study.partition is not None)
    return whole + len(study.modes) + takeaway.steps(study)


def write(
    results: Results[Any],
    folder: OutputFolder,
    started: datetime,
    study_file: Path,
    kept: KeptSteps,
    *,
    now: Callable[[str], None],
) -> None:
    """Make every file of a study in the folder's staging area, the manifest last; ``now`` is told what."""

    def next_one(doing: str) -> None:
        give_back()
        now(doing)

    shown = map_pages.shown_by(results, next_one)
    listed = _write_tables(results, folder, shown, kept, next_one)
    map_pages.write(results, folder, listed, kept, shown, now=next_one)
    ran_on = environment()
    rerun_files.write(folder, study_file, ran_on)
    checksums = folder.checksums()
    manifest = {
        "made": started.isoformat(timespec="seconds"),
        "software": f"spatialjustice {__version__}",
        "study": {"file": study_file.name, "sha256": checksum(study_file)},
        **record(results),
        "environment": ran_on,
        "outputs": checksums,
    }
    files.write_json(folder.path(files.MANIFEST), manifest)
    sizes = {name: folder.path(name).stat().st_size for name in [*checksums, files.MANIFEST]}
    text = ro_crate.as_text(manifest, sha256=checksum(folder.path(files.MANIFEST)), sizes=sizes)
    files.write_text(folder.path(files.CRATE), text)


def _write_tables(
    results: Results[Any],
    folder: OutputFolder,
    shown: list[ModePage],
    kept: KeptSteps,
    now: Callable[[str], None],
) -> list[Table]:
    """Write the tables; return what the index says of them, without their rows, which are let go before the pages."""
    now("tables")
    zones = tables.zone_table(results)
    made = tables.all_tables(results, zones)
    if results.study.partition is not None:
        # Written first: what is most work is then kept first.
        parts.tables.write(results, zones, folder, kept)
        made = [table for table in made if table.name != tables.LAYER]
    for table in made:
        parts_of_text = tables.as_csv(table, estimated=results.estimated)
        files.write_text(folder.path(f"tables/{table.name}.csv"), parts_of_text)
    # A table of no rows that is cut from another would hold on to all of it.
    listed = [replace(table, frame=pd.DataFrame()) for table in made]
    del made
    if results.study.partition is not None:
        return listed
    now("zones for QGIS")
    stamp = latest_date(results)
    styles, about = takeaway.for_qgis(results, shown, map_pages.told_first(results), stamp)
    tables.write_geopackage(zones, folder.path("tables/zones.gpkg"), stamp, styles=styles, about=about)
    return listed
