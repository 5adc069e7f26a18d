"""Every file of a comparison: tables, the page, and the record last; whole or not at all."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import __version__
from spatialjustice._core.disk import files
from spatialjustice._core.provenance import checksum, versions
from spatialjustice.study.comparing.page import page_of
from spatialjustice.study.engine.section import Table
from spatialjustice.study.outputs.record import ro_crate
from spatialjustice.study.outputs.tables import as_csv

if TYPE_CHECKING:
    from pathlib import Path

    from spatialjustice.study.comparing.results import Comparison

PAGE = "index.html"


def write(found: Comparison, out: Path) -> None:
    """Write the tables, the page and their record into a folder.

    Parameters
    ----------
    found
        What was found.
    out
        The folder; a comparison that was there before gives way, and anything else in it stays.
    """
    started = datetime.now(UTC)
    record = record_of(found)
    with files.OutputFolder(out) as folder:
        for name, table in found.tables.items():
            text = as_csv(Table(name, table.round(6)), estimated=False)
            files.write_text(folder.path(f"tables/{name}.csv"), text)
        columns = ["code", "severity", "message", "count", "people", "advice"]
        listed = pd.DataFrame([one.as_dict() for one in found.findings], columns=columns)
        files.write_text(folder.path("tables/findings.csv"), as_csv(Table("findings", listed), estimated=False))
        page_of(found, record).save(folder.path(PAGE))
        checksums = folder.checksums()
        asked = json.dumps(record["settings"], sort_keys=True, ensure_ascii=False)
        manifest = {
            "made": started.isoformat(timespec="seconds"),
            "software": f"spatialjustice {__version__}",
            "kind": "comparison",
            "study": {"file": "compare", "sha256": hashlib.sha256(asked.encode()).hexdigest()},
            **record,
            "outputs": checksums,
        }
        files.write_json(folder.path(files.MANIFEST), manifest)
        sizes = {name: folder.path(name).stat().st_size for name in [*checksums, files.MANIFEST]}
        crate = ro_crate.as_text(manifest, sha256=checksum(folder.path(files.MANIFEST)), sizes=sizes)
        files.write_text(folder.path(files.CRATE), crate)


def record_of(found: Comparison) -> dict[str, Any]:
    """Return what must be known to make the comparison again: inputs, rules, classes, seed, versions, findings."""
    rules = {
        one.name: {
            "unit": one.unit, "direction": one.direction, "people": one.people, "cutoff": one.cutoff,
            "cut_at": one.cut_at,
        }
        for one in found.material.columns
    }  # fmt: skip
    return {
        "title": {"en": f"{len(found.material.labels)} cities side by side"},
        "inputs": [one.as_dict() for one in found.material.sources],
        "settings": {
            **found.material.settings,
            "rules": rules,
            "classes": dict(found.limits),
            "classes_from": found.rule,
            "level": found.level,
        },
        "seed": found.seed,
        "versions": versions(),
        "findings": [one.as_dict() for one in found.findings],
    }
