"""What is said: findings as warnings, in logs, tables and notebooks; and text that steers no terminal."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

import spatialjustice as sj
from spatialjustice._core import findings as room
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.screen import notebook
from spatialjustice._core.screen.console import control_signs, terminal_text

WARNED = Finding("cells_odd", "warning", "3 cells are odd.", 3, 12.0, "Look at <b>them</b>.")
TOLD = Finding("cells_scaled", "information", "Cells were scaled.")


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch):
    monkeypatch.setattr(room, "_SAID", set())
    monkeypatch.setattr(room, "_LOGGED", set())


def test_a_finding_of_severity_warning_is_a_python_warning_said_once():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        for _ in range(3):
            add_findings(pd.Series([1.0]), WARNED, TOLD)
    assert [str(each.message) for each in said] == ["cells_odd: 3 cells are odd. Look at <b>them</b>."]
    assert said[0].category is sj.SpatialJusticeWarning


def test_it_is_said_once_though_libraries_change_the_filters_for_a_moment():
    """Python forgets what was said whenever ``catch_warnings`` begins or ends, and geopandas and numpy use it often."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        for _ in range(3):
            add_findings(pd.Series([1.0]), WARNED)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
    assert len(said) == 1


def test_it_is_said_always_where_that_is_wanted_of_this_package():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        warnings.filterwarnings("always", message="CELLS_odd", module="spatialjustice")
        for _ in range(3):
            add_findings(pd.Series([1.0]), WARNED)
    assert len(said) == 3


def test_it_can_be_silenced_or_made_an_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", sj.SpatialJusticeWarning)
        add_findings(pd.Series([1.0]), WARNED)
        warnings.simplefilter("error", sj.SpatialJusticeWarning)
        with pytest.raises(sj.SpatialJusticeWarning, match="cells_odd"):
            add_findings(pd.Series([1.0]), WARNED)


def test_pipelines_get_findings_from_the_logger(caplog):
    with caplog.at_level(logging.INFO, logger="spatialjustice"):
        add_findings(pd.Series([1.0]), WARNED, TOLD)
        add_findings(pd.Series([1.0]), WARNED)
    assert [(record.levelname, record.code, record.count) for record in caplog.records] == [
        ("WARNING", "cells_odd", 3),
        ("INFO", "cells_scaled", 0),
    ]


def test_a_program_that_listens_to_no_log_hears_nothing():
    code = (
        "import warnings; warnings.simplefilter('ignore')\nimport pandas as pd\n"
        "from spatialjustice._core.findings import Finding, add_findings\n"
        "add_findings(pd.Series([1.0]), Finding('a', 'warning', 'b.'))\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_findings_are_a_table_each_once():
    one, two = add_findings(pd.DataFrame({"a": [1]}), WARNED, TOLD), add_findings(pd.Series([1.0]), WARNED)
    table = sj.findings(one, two)
    assert table["code"].tolist() == ["cells_odd", "cells_scaled"]
    assert table["people"].tolist()[0] == 12
    assert sj.findings([one, two]).equals(table)
    assert list(sj.findings(pd.DataFrame())) == ["code", "severity", "message", "count", "people", "advice", "rows"]


@pytest.mark.parametrize("other", [None, 3, "study"], ids=["none", "number", "name"])
def test_what_carries_no_findings_is_no_answer_of_none(other):
    with pytest.raises(sj.InputError, match="carries no findings"):
        sj.findings(other)


@pytest.fixture
def shell(monkeypatch):
    """The part of a notebook that draws, without a kernel."""
    from IPython.core.formatters import DisplayFormatter

    class Shell:
        display_formatter = DisplayFormatter()

    made = Shell()
    monkeypatch.setattr("IPython.get_ipython", lambda: made)
    monkeypatch.setattr(notebook, "_SHELLS", set())
    return made


def drawn(shell, value):
    return shell.display_formatter.format(value)[0].get("text/html")


def test_a_notebook_shows_the_findings_of_every_frame_below_it(shell):
    plain_frame = pd.DataFrame({"a": [1]})
    before = drawn(shell, plain_frame)
    frame = add_findings(pd.DataFrame({"a": [1]}), WARNED, TOLD)
    add_findings(pd.Series([1.0]), TOLD)
    assert drawn(shell, plain_frame) == before, "frames without findings look as ever"
    shown = drawn(shell, frame)
    assert shown.startswith(before)
    assert shown.count("<details") == 1
    assert "1 further finding<" in shown, "the warning stands open above it"
    assert "cells_odd" in shown
    assert "Look at &lt;b&gt;them&lt;/b&gt;." in shown
    places = add_findings(gpd.GeoDataFrame({"a": [1]}, geometry=[Point(1, 2)], crs=4326), WARNED)
    assert "cells_odd" in drawn(shell, places)
    assert "cells_scaled" in drawn(shell, add_findings(pd.Series([1.0], name="people"), TOLD))
    assert drawn(shell, pd.Series([1.0])) is None
    assert type(frame) is pd.DataFrame, "no frame is of a class of its own"


def test_signs_that_steer_a_terminal_are_found_and_written_as_numbers():
    """Escape, bell, the C1 twin of escape, a turn of direction, half a letter, and what stands for a lost letter."""
    for sign in ("\x1b", "\x07", "\x9b", "\u202e", "\ud800", "\ufffd", "\x00", "\uffff"):
        assert control_signs(f"a{sign}b") == [sign]
    for text in ("می\u200cرود", "Café – “1,5 km”", "学校", "\U0001f3e5"):
        assert control_signs(text) == []
        assert terminal_text(text) == text
    assert control_signs("a\nb") == ["\n"]
    assert terminal_text("a\x1b[2J\x9bb\nc\ud800") == "a\\x1b[2J\\x9bb\nc\\xd800"
