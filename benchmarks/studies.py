"""Whole studies by two checkouts of the code, in turns: processor time, peak memory, and tables cell by cell.

    python benchmarks/studies.py OTHER STUDY.yaml [STUDY.yaml ...] --data-dir FOLDER [--rounds 3] [--tables-may-differ]

OTHER is a checkout of an earlier commit (``git worktree add --detach FOLDER COMMIT``); it is held against that in which
this file lies. Each runs the very same study file in a process of its own, once unmeasured so that kernels lie
on disk (not with ``--warmed``, where they do), then ``--rounds`` times in turns. Tables of the last round are compared
cell by cell; the run ends with an error where one differs, unless ``--tables-may-differ``: between commits that mean to
change numbers it says which.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _common import described, machine, measured, table, write

HERE = Path(__file__).resolve().parents[1]


def run(code: Path, study: Path, data: Path, out: Path) -> dict[str, float]:
    """Run a study with the code of a checkout in a process of its own; return what it took."""
    shutil.rmtree(out, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "spatialjustice.cli",
        "run",
        str(study),
        "--data-dir",
        str(data),
        "--out",
        str(out),
    ]
    # In a folder of its own, so that no package lies beside it that would be imported instead.
    took, _ = measured(command, os.environ | {"PYTHONPATH": str(code)}, folder=out.parent, of=f"{study} by {code}")
    made = [path for path in out.rglob("*") if path.is_file()]
    return {**took, "written_mb": sum(path.stat().st_size for path in made) / 1e6}


def differing(one: pd.DataFrame, other: pd.DataFrame) -> dict[str, str]:
    """Return what is not the same in two tables, by column: how many cells, and by how much at most."""
    found = dict.fromkeys(other.columns.difference(one.columns), "only here")
    found |= dict.fromkeys(one.columns.difference(other.columns), "only there")
    if len(one) != len(other):
        return found | {"rows": f"{len(one):,} there, {len(other):,} here"}
    for name in one.columns.intersection(other.columns):
        cells = one[name].to_numpy(), other[name].to_numpy()
        unequal = cells[0] != cells[1]
        if unequal.any():
            numbers = [pd.to_numeric(pd.Series(part[unequal]), errors="coerce") for part in cells]
            apart = float(np.nanmax(np.abs(numbers[0] - numbers[1]), initial=0.0))
            found[name] = f"{int(unequal.sum()):,} of {len(one):,} cells, by {apart:.3g} at most"
    return found


def compared(there: Path, here: Path) -> dict[str, Any]:
    """Compare the tables of two runs cell by cell, as they are written."""
    tables = {
        path.name: [pd.read_csv(folder / "tables" / path.name, dtype=str, keep_default_na=False)
                    for folder in (there, here) if (folder / "tables" / path.name).exists()]
        for folder in (there, here) for path in sorted((folder / "tables").glob("*.csv"))
    }  # fmt: skip
    found: dict[str, Any] = {"tables": len(tables), "cells": 0, "differing": {}}
    for name, both in tables.items():
        if len(both) < 2:
            found["differing"][name] = "in one of the runs only"
            continue
        found["cells"] += both[1].size
        unequal = differing(*both)
        if unequal:
            found["differing"][name] = unequal
    return found


def main() -> None:
    """Run every study by both, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="a checkout of another commit")
    parser.add_argument("studies", type=Path, nargs="+")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warmed", action="store_true", help="kernels lie on disk from earlier runs")
    parser.add_argument("--tables-may-differ", action="store_true", help="say what differs, and go on")
    parser.add_argument("--out", type=Path, help="stem of the files for the record")
    given = parser.parse_args()
    codes = {"there": given.other.resolve(), "here": HERE}
    rows, record = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for study in given.studies:
            outs = {name: Path(folder) / name for name in codes}
            measured: dict[str, list[dict[str, float]]] = {name: [] for name in codes}
            for count in range(int(given.warmed), given.rounds + 1):
                for name, code in codes.items():
                    found = run(code, study.resolve(), given.data_dir.resolve(), outs[name])
                    if count:
                        measured[name].append(found)
                        print(
                            f"{study.stem}, {name}: {found['processor']:.1f} s, {found['peak_mib']:.0f} MiB", flush=True
                        )
            same = compared(outs["there"], outs["here"])
            least = {name: {key: min(one[key] for one in all_) for key in all_[0]} for name, all_ in measured.items()}
            record[study.stem] = {"measured": measured, "compared": same}
            for name, what in same["differing"].items():
                print(f"{study.stem}, {name}: {what}")
            if same["differing"] and not given.tables_may_differ:
                raise SystemExit(f"{study}: the tables are not the same")
            time_, peak = ([least[name][key] for name in codes] for key in ("processor", "peak_mib"))
            rows.append(
                [study.stem, *(f"{one:.1f}" for one in time_), f"{time_[1] / time_[0]:.2f}",
                 *(f"{one:.0f}" for one in peak), f"{peak[1] / peak[0]:.2f}", f"{same['cells']:,}",
                 len(same["differing"])]
            )  # fmt: skip
    head = (
        "study",
        "processor s there",
        "here",
        "ratio",
        "peak MiB there",
        "here",
        "ratio",
        "cells",
        "tables differing",
    )
    facts = machine()
    text = "\n".join([table(head, rows, markdown=True), "", *described(facts), ""])
    print(text)
    write(given.out, {"machine": facts, "studies": record}, text)


if __name__ == "__main__":
    main()
