"""Checking a study and its inputs without computing a measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.provenance import folder_of, sources_of
from spatialjustice.study.engine.work import Work
from spatialjustice.study.outputs import takeaway
from spatialjustice.study.outputs.credits import credited
from spatialjustice.study.run import locate
from spatialjustice.study.settings import study_given

if TYPE_CHECKING:
    from spatialjustice._core.ledger import Ledger
    from spatialjustice._core.provenance import SourceRecord


@dataclass(frozen=True)
class Checked:
    """A study that can be run: its inputs, what was counted in them, and what was found. ``str()`` gives it as text.

    Parameters
    ----------
    study_file
        The study.
    sources
        Its inputs.
    ledger
        What was counted while they were read.
    findings
        What a reader of the result will have to know of them.
    """

    study_file: Path
    sources: tuple[SourceRecord, ...]
    ledger: Ledger
    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        """Return the inputs, the counts, and the findings with their severity and code, one a line."""
        lines = [f"{self.study_file}: the settings can be used; the inputs:"]
        for record in self.sources:
            date = f", data of {record.data_date}" if record.data_date else ", data date unknown"
            lines.append(f"  {record.name}: {record.file}, {record.size:,} bytes{date}, {record.licence}")
        lines += [
            f"  {entry.step}: {entry.before:,.0f} {entry.unit or entry.quantity}" for entry in self.ledger.entries
        ]
        lines += [f"{finding.severity} {finding.code}: {finding.message}" for finding in self.findings]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return the same as plain data for JSON."""
        return {
            "study": str(self.study_file),
            "inputs": [record.as_dict() for record in self.sources],
            "ledger": self.ledger.to_frame().to_dict(orient="records"),
            "findings": [finding.as_dict() for finding in self.findings],
        }


def check(study_file: str | Path | Mapping[str, Any], *, data_dir: str | Path | None = None) -> Checked:
    """Validate a study and its inputs without computing a measure; return what was found, ``str()`` of it as text.

    Raises
    ------
    SpatialJusticeError
        When a setting or an input cannot be used.
    """
    with study_given(study_file) as (path, beside, study):
        name = Path(path.name) if isinstance(study_file, Mapping) else path
    work = Work(study, locate(study, beside, folder_of(data_dir, "data_dir")))
    carriers: list[Any] = []
    for section in sorted(work.plan, key=lambda section: section.slow):
        carriers += section.check(work)
    records = credited(study, sources_of(*carriers))
    return Checked(name, tuple(records), work.ledger, (*findings_of(*carriers), *takeaway.findings(study)))
