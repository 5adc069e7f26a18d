"""The notebooks run from top to bottom, keep their promises, and are committed without outputs."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
PROMISED = {
    "01_who_can_walk_there.ipynb": ["library_walk.html"],
    "02_measures_side_by_side.ipynb": ["measures_side_by_side.html"],
}


def test_every_notebook_says_what_it_promises():
    assert {path.name for path in NOTEBOOKS} == set(PROMISED)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_is_committed_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert len(notebook.cells) <= 40
    assert "?" in notebook.cells[0].source, "a notebook asks one question"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
@pytest.mark.filterwarnings("default")
def test_it_runs_and_keeps_its_promises(path, tmp_path, monkeypatch):
    # Warnings inside the notebook are errors: a lesson must not teach readers to ignore them.
    monkeypatch.setenv("PYTHONWARNINGS", "error,default::DeprecationWarning,default::PendingDeprecationWarning")
    monkeypatch.setenv("PYTHONHASHSEED", os.environ.get("PYTHONHASHSEED", "0"))
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    for name in PROMISED[path.name]:
        assert (tmp_path / name).stat().st_size > 10_000
