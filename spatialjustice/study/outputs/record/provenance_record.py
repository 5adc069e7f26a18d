"""The provenance record of a run (``provenance.json``): inputs, settings, versions, seed, findings and the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice._core.provenance import versions

if TYPE_CHECKING:
    from spatialjustice.study.engine.results import Results


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
