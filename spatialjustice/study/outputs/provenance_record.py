"""The provenance record of a run (``provenance.json``): inputs, settings, versions, seed, findings and the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spatialjustice._core.provenance import versions
from spatialjustice.study.engine.section import file_key

if TYPE_CHECKING:
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import StudySettings


def record(results: Results[Any]) -> dict[str, Any]:
    """Return the record of a run as plain data: inputs, settings, versions, seed, findings and the ledger."""
    return {
        "title": results.study.title,
        "inputs": [source.as_dict() for source in results.sources],
        "settings": results.study.model_dump(mode="json", exclude_none=True),
        "seed": results.seed,
        **({"in_tiles": dict(results.in_tiles)} if results.in_tiles else {}),
        "versions": versions(),
        "coordinate_reference_system": results.zones.crs.to_string(),
        "findings": [finding.as_dict() for finding in results.findings],
        "ledger": results.ledger.to_frame().to_dict(orient="records"),
    }


def latest_date(results: Results[Any]) -> str:
    """Return the newest data date as GDAL wants it: the GeoPackage's own stamp must not be the day of the run."""
    dates = [record.data_date for record in results.sources if record.data_date]
    return f"{max(dates)[:10] if dates else '2000-01-01'}T00:00:00.000Z"


def credited(study: StudySettings, records: list[SourceRecord]) -> list[SourceRecord]:
    """Fill in what the study file says of its files; what a file or the registry says itself is kept."""
    credits_ = {file_key(name): credit for name, credit in study.credits.items()}
    done = []
    for record in records:
        credit = credits_.get(record.file)
        if credit is not None:
            stated = {key: value for key, value in credit.model_dump().items() if value not in {None, "", "not stated"}}
            known = {key for key in stated if getattr(record, key) not in {None, "", "not stated"}}
            stated = {key: value for key, value in stated.items() if key not in known}
            if "data_date" in stated:
                stated["data_date_from"] = "study file"
            record = replace(record, **stated)  # noqa: PLW2901
        done.append(record)
    return done
