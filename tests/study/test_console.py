"""Console output never decides how a run ends, and nothing of an input reaches a terminal raw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from spatialjustice import cli
from spatialjustice._core.errors import StudyError
from spatialjustice.study import verify
from spatialjustice.study.settings import Study

ROOT = Path(__file__).resolve().parents[2]


def run(city, out, shell, **environment):
    command = f"{sys.executable} -m spatialjustice run {city.study(title='شهر')} --out {out} {shell}"
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(["bash", "-c", command], cwd=city.folder, env=env, check=False, capture_output=True)


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize(
    ("shell", "environment"),
    [
        (">&-", {}),
        (">&- 2>&-", {}),
        ("> /dev/full", {}),
        ("> /dev/full 2> /dev/full", {}),
        ("| true; exit ${PIPESTATUS[0]}", {}),
        ("2>&1 | true; exit ${PIPESTATUS[0]}", {}),
        ("", {"PYTHONIOENCODING": "ascii"}),
        ("", {"PYTHONIOENCODING": "cp1252:strict"}),
    ],
)
def test_a_terminal_that_takes_nothing_changes_no_result(city, tmp_path, shell, environment):
    out = tmp_path / "out"
    done = run(city, out, shell, **environment)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert [finding for finding in verify(out) if finding.severity == "warning"] == []
    if shell == "> /dev/full":
        assert b"what was said could not be written" in done.stderr
    if "PYTHONIOENCODING" in environment:
        assert rb"\u0634\u0647\u0631" in done.stdout, "letters that the terminal lacks are shown by their numbers"


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x07", "\u202e", "\ufffd", "\\ud800", "\n", "\x9b"])
@pytest.mark.parametrize("where", ["title", "group", "service"])
def test_check_refuses_signs_that_are_no_letters(city, where, sign, capsys):
    text = city.study().read_text(encoding="utf-8")
    settings = yaml.safe_load(text)
    name = sign.replace("\\ud800", "\ud800")
    settings |= {
        "title": {"title": f"City{name}s"},
        "group": {"groups": {"women": f"Women{name}x"}},
        "service": {"services": ["pharmacy", {"name": "kiosk", "file": "k.csv", "title": f"Kiosk{name}x"}]},
    }[where]
    # YAML as a program writes it: escaped, so that the file itself is plain.
    (city.folder / "study.yaml").write_text(json.dumps(settings), encoding="utf-8")
    assert cli.main(["check", str(city.folder / "study.yaml")]) == 1
    said = capsys.readouterr()
    assert "which is no letter" in said.err
    assert not set("\x1b\x07\u202e\x9b\ud800") & set(said.err + said.out)


def test_an_error_about_a_file_does_not_steer_the_terminal(capsys):
    assert cli.main(["check", "a\x1b[2Jb.yaml"]) == 1
    said = capsys.readouterr().err
    assert "a\\x1b[2Jb.yaml" in said
    assert "\x1b" not in said


def test_persian_titles_stay_as_they_are(city):
    title = "می\u200cرود"
    assert Study.read(city.study(title={"fa": title, "en": "Access"})).title == {"fa": title, "en": "Access"}
    with pytest.raises(StudyError, match="no letter"):
        Study.read(city.study(title="two\nlines"))


def test_a_summary_for_programs_and_an_exit_status_for_warnings(city, tmp_path, capsys):
    """The synthetic extract cannot be told from one that was cut off, which is a warning."""
    out = tmp_path / "out"
    assert cli.main(["run", str(city.study()), "--out", str(out), "--json", "--strict"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert said["folder"] == str(out)
    assert said["seed"] == 1
    assert said["warnings"] == sum(one["severity"] == "warning" for one in said["findings"]) > 0
    shares = [row for row in said["shares"] if row["service"] == "pharmacy"]
    assert all(0 <= row["share_within"] <= 1 for row in shares)
    assert cli.main(["run", str(city.study()), "--out", str(out), "--json"]) == 0
    assert cli.main(["check", str(city.study()), "--strict"]) == 3
