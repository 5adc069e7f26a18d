"""What the README says can be done: its lines run, its study is right, its links lead somewhere, its table is true."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import spatialjustice as sj
from spatialjustice import cli

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A folder with nothing in it, of a reader who has nothing but the package."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SPATIALJUSTICE_DATA", raising=False)
    return tmp_path


def test_it_is_read_in_five_minutes():
    """At 250 to 300 words a minute; signs of tables and code count, too."""
    assert len(README.split()) < 1_500


def test_its_ten_lines_run_for_a_reader_who_has_nothing(empty, capsys):
    (lines,) = blocks("python")
    there = {}
    exec(lines, there)
    shown = capsys.readouterr().out
    assert "beyond_cutoff" in shown
    served = sj.access.coverage(there["costs"], people=there["people"], cutoff=15)
    assert served["people"].sum() == pytest.approx(there["people"].sum())
    assert 0 < served.loc["ok", "share"] < 1
    assert (empty / "libraries.html").stat().st_size > 10_000


def test_its_study_is_right_and_its_commands_are_there(empty):
    (study,) = blocks("yaml")
    (empty / "study.yaml").write_text(study, encoding="utf-8")
    assert cli.main(["check", "study.yaml"]) == 0
    commands = [line.split("#")[0] for block in blocks("sh") for line in block.splitlines()]
    ours = [shlex.split(line)[1] for line in commands if line.startswith("spatialjustice")]
    assert ours == ["check", "run", "verify"]
    for command in ours:
        with pytest.raises(SystemExit) as end:
            cli.main([command, "--help"])
        assert end.value.code == 0
    goals = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {shlex.split(line)[1] for line in commands if line.startswith("make")} == {"demo", "test"} <= set(goals)


def test_its_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert link.startswith("https://") or (ROOT / link.split("#")[0]).exists(), link


def test_its_table_of_lessons_is_that_of_the_notebooks():
    """Every notebook has a row, and the row says where its data are."""
    rows = dict(re.findall(r"^\| `(\w+)` \| .+ \| (in the package|in libpysal|to ask for) \|$", README, re.MULTILINE))
    notebooks = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(rows) == set(notebooks)
    where = sj.datasets.available(folders=[])["where"]
    for name, text in notebooks.items():
        used = [data for data in where.index if f'\\"{data}\\"' in text and "datasets.get" in text]
        if used:
            assert (rows[name] == "in the package") == (where[used] == "in the package").all(), name
        else:
            assert rows[name] == "in libpysal"
