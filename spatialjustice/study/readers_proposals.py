"""What readers of a study's pages propose: checked, computed anew with the data here, and ranked by whom it helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spatialjustice._core.screen.card import Card, Shown
from spatialjustice.report.proposals import shown
from spatialjustice.study.engine.texts import in_columns
from spatialjustice.study.registry import sections

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from spatialjustice._core.findings import Finding


@dataclass(frozen=True)
class Proposals(Shown):
    """What proposals come to; ``str()`` gives a table and the findings as text.

    Attributes
    ----------
    table
        A row for each plan, best first within its service and mode: people who come within the limit of the study
        (``gained``), who lose it, how many of them are in the worst-off tenth, shares and ways before and after.
    findings
        What was wrong with files, and what was joined.
    read
        How many files could be used.
    sites
        The new sites of every row, as points.
    folder
        Where the table was written; None where it was not.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    read: int
    sites: gpd.GeoDataFrame
    folder: Path | None = None

    def __str__(self) -> str:
        """Return the table, then the findings, a line each."""
        lines = [
            ["", "service", "mode", "proposal", "asked by", "more", "fewer", "of worst tenth", "within: now", "then"]
        ]
        lines += [
            [
                str(row["rank"]),
                row["service"].replace("_", " "),
                row["mode"],
                shown(row["name"])[:40],
                f"{row['asked_by']:,}",
                f"{row['gained']:,.0f}",
                f"{row['lost']:,.0f}",
                f"{row['worst_tenth_gained']:,.0f}",
                f"{row['share_within_before']:.1%}",
                f"{row['share_within_after']:.1%}",
            ]
            for row in self.table.to_dict(orient="records")
        ]
        text = in_columns(lines) if len(lines) > 1 else ["No proposal could be used."]
        said = [f"{one.severity} {one.code}: {one.message} {one.advice}".rstrip() for one in self.findings]
        return "\n".join([*text, *([""] if said else []), *said])

    def _card(self) -> Card:
        rows = []
        for row in self.table.to_dict(orient="records"):
            brings = f"{row['gained']:,.0f} people more within the limit, {row['lost']:,.0f} fewer"
            rows.append((str(row["rank"]), f"{row['service']}, {row['mode']}: {shown(row['name'])} ({brings})"))
        return Card(f"Proposals: {self.read:,} files, {len(self.table):,} plans", rows)

    def as_dict(self) -> dict[str, Any]:
        """Return the same as plain data for JSON."""
        plain = self.table.astype(object).where(self.table.notna(), None)
        return {
            "proposals": plain.to_dict(orient="records"),
            "files_used": self.read,
            "findings": [one.as_dict() for one in self.findings],
        }


def proposals(
    folder: str | Path, study_file: str | Path, *, data_dir: str | Path | None = None, out: str | Path | None = None
) -> Proposals:
    """Check proposals of readers, compute anew what each would do, and rank them by whom they help.

    Parameters
    ----------
    folder
        The files that readers have saved from the pages of the study.
    study_file
        The YAML file of the study, which has ``what_if``.
    data_dir
        Folder of the data files of the study; its own folder and ``SPATIALJUSTICE_DATA`` are searched too.
    out
        Folder for ``proposals.csv``, ``proposals.geojson`` and ``proposals.json``; nothing is written where None.

    Returns
    -------
    Proposals
        All are counted up to the widest limit of the study for their mode, whatever limit their authors chose, so that
        they can be compared; what their pages told is compared at the authors' own limit.

    Raises
    ------
    SpatialJusticeError
        When the folder holds no proposals, or the study or its inputs cannot be used.
    """
    ranked = next(section.proposals for section in sections() if section.proposals)
    result: Proposals = ranked(folder, study_file, data_dir=data_dir, out=out)
    return result
