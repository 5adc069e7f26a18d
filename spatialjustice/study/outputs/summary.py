"""A run in a few numbers, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spatialjustice.study.engine.results import Results


def summary(results: Results[Any]) -> dict[str, Any]:
    """Return what a run found and where it is, as plain data for JSON.

    Parameters
    ----------
    results
        What ``study.run`` returned.

    Returns
    -------
    dict
        ``title``, ``folder``, ``page`` (the file to open), ``seed``, ``people``, ``people_estimated``, ``shares``,
        ``distribution`` and ``overview`` (rows of the tables of these names; unknown is null), ``findings``,
        ``warnings`` (their number), ``skipped`` (steps of an earlier run that was stopped) and ``notes``.
    """
    return {
        "title": results.title,
        "folder": str(results.folder),
        "page": str(results.folder / "index.html"),
        "seed": results.seed,
        "people": float(results.people.sum()),
        "people_estimated": results.estimated,
        **{
            name: json.loads(results.table(name).to_json(orient="records"))
            for name in ("shares", "distribution", "overview")
            if name in results.tables
        },
        "findings": [finding.as_dict() for finding in results.findings],
        "warnings": sum(finding.severity == "warning" for finding in results.findings),
        "skipped": list(results.skipped),
        "notes": list(results.notes),
    }
