"""A history on disk: whole after a kill at any step, the same bytes in any order, one call at a time."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pandas as pd
import pytest

from spatialjustice import monitoring
from spatialjustice._core.disk import files, turns
from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError, OutputError
from spatialjustice.monitoring._rows import checked_date


def zones(*values: float, **columns: object) -> pd.DataFrame:
    """Synthetic zones a, b, c … with one indicator."""
    names = list("abcdefgh")[: len(values)]
    return pd.DataFrame({"zone": names, "indicator": "use", "value": values, "unit": "share"} | columns)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


DAYS = {"2019": zones(0.1, 0.2), "2020": None, "2021": zones(0.3, 0.4)}


def add(folder: Path, day: str, **how: object) -> str:
    return monitoring.add_date(folder, DAYS[day], date=day, reason="no file: a.csv" if DAYS[day] is None else "", **how)


def test_the_same_dates_give_the_same_bytes_in_any_order(tmp_path):
    for day in ("2019", "2020", "2021"):
        assert add(tmp_path / "one", day) == "added"
    for day in ("2021", "2019", "2020"):
        add(tmp_path / "other", day)
    monitoring.add_date(tmp_path / "other", DAYS["2019"].iloc[::-1], date=2019)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    history = monitoring.history(tmp_path / "one")
    assert history[["date", "zone", "value"]].to_numpy().tolist() == [
        ["2019", "a", 0.1], ["2019", "b", 0.2], ["2021", "a", 0.3], ["2021", "b", 0.4],
    ]  # fmt: skip
    assert [about["status"] for about in history.attrs["dates"]] == ["measured", "missing", "measured"]
    assert [one["code"] for one in history.attrs["findings"]] == ["dates_not_measured"]


def test_a_date_again(tmp_path):
    """The very same is unchanged, other values are refused unless asked for, a missing date is filled."""
    add(tmp_path, "2019")
    assert add(tmp_path, "2019") == "unchanged"
    with pytest.raises(InputError, match=r"the history has 2019 already, with other values\. .*--replace"):
        monitoring.add_date(tmp_path, zones(0.5), date=2019)
    assert monitoring.add_date(tmp_path, zones(0.5), date=2019, replace=True) == "replaced"
    assert monitoring.history(tmp_path)["value"].tolist() == [0.5]
    assert len(list(tmp_path.glob("*.parquet"))) == 1
    # What is there is not lost because a file is gone today.
    assert monitoring.add_date(tmp_path, None, date=2019, reason="gone") == "unchanged"
    add(tmp_path, "2020")
    assert monitoring.add_date(tmp_path, zones(0.6), date=2020) == "filled"
    assert monitoring.history(tmp_path).attrs["findings"] == []


class Killed:
    """Kill this process with SIGKILL before or after the so-manieth step that touches the disk."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, function):
        def counted(*given, **named):
            self._step()
            found = function(*given, **named)
            self._step()
            return found

        return counted

    def _step(self) -> None:
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


def killed_at(step: int, folder: Path, day: str, **how: object) -> bool:
    """Add a date in a process of its own that is killed at a step; return whether it came so far."""
    child = os.fork()
    if not child:
        kill = Killed(step)
        Path.replace = kill(Path.replace)
        os.fsync = kill(os.fsync)
        files.remove_file = kill(files.remove_file)
        add(folder, day, **how)
        os._exit(0)
    _, ended = os.waitpid(child, 0)
    return os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_a_kill_at_any_step_leaves_the_history_whole(tmp_path):
    """A date that takes the place of another one: written, moved, listed, the old one deleted."""
    whole = tmp_path / "whole"
    for folder in (whole, tmp_path / "before"):
        add(folder, "2019")
        monitoring.add_date(folder, zones(0.9), date=2021)
    before = monitoring.history(whole)
    add(whole, "2021", replace=True)
    after, expected = monitoring.history(whole), contents(whole)
    seen = []
    for step in range(40):
        folder = tmp_path / str(step)
        folder.mkdir()
        for name, data in contents(tmp_path / "before").items():
            (folder / name).write_bytes(data)
        killed = killed_at(step, folder, "2021", replace=True)
        there = monitoring.history(folder)
        seen.append("before" if there.equals(before) else "after" if there.equals(after) else "broken")
        # The same call again, or the next date's, brings what an undisturbed call brings, and clears up.
        add(folder, "2021", replace=True)
        if seen[-1] == "before":
            assert contents(folder) == expected
        if not killed:
            break
    # Two fsyncs and two moves with a step before and after each, and the deletion: 10 steps.
    assert len(seen) == 11
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {"before", "after"}
    monitoring.add_date(tmp_path / "9", DAYS["2020"], date=2022, reason="none")
    assert {path.name for path in (tmp_path / "9").glob("*.parquet")} == {
        entry["file"] for entry in json.loads((tmp_path / "9" / "dates.json").read_text())["dates"].values()
    }


def test_one_call_at_a_time(tmp_path):
    with turns.one_at_a_time(tmp_path), pytest.raises(OutputError, match="another call is at work in it"):
        add(tmp_path, "2019", wait=0)
    assert add(tmp_path, "2019", wait=0) == "added"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_two_calls_at_once_both_count(tmp_path):
    children = []
    for day in ("2019", "2021"):
        child = os.fork()
        if not child:
            add(tmp_path, day)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert [about["date"] for about in monitoring.history(tmp_path).attrs["dates"]] == ["2019", "2021"]


def test_where_the_system_knows_no_locks_a_folder_is_the_claim(tmp_path, monkeypatch):
    """A claim of another call is respected; one that is older than a day is of a call that was killed."""
    monkeypatch.setattr(turns, "_locked", lambda _: None)
    with turns.one_at_a_time(tmp_path) as stale, pytest.raises(OutputError, match=r"Delete .*\.at-work if no such"):
        assert not stale
        add(tmp_path, "2019", wait=0)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / turns.CLAIM).mkdir()
    os.utime(tmp_path / turns.CLAIM, (0, 0))
    with turns.one_at_a_time(tmp_path) as stale:
        assert stale
    assert list(tmp_path.iterdir()) == []


def test_what_was_damaged_is_not_read(tmp_path):
    with pytest.raises(MissingFileError, match="it holds no history"):
        monitoring.history(tmp_path)
    add(tmp_path, "2019")
    (path,) = tmp_path.glob("*.parquet")
    data = path.read_bytes()
    path.write_bytes(data[:-1] + b"x")
    with pytest.raises(DamagedFileError, match="it is not what was written"):
        monitoring.history(tmp_path)
    path.unlink()
    with pytest.raises(MissingFileError, match="the list of dates names it, but it is gone"):
        monitoring.history(tmp_path)
    for damaged in ("[", "[]", '{"form": 1}', '{"form": 1, "dates": 5, "bridges": {}}'):
        (tmp_path / "dates.json").write_text(damaged)
        with pytest.raises(DamagedFileError, match="list of dates"):
            monitoring.history(tmp_path)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (zones(0.1, 0.2).drop(columns="unit"), "it has no column unit"),
        (zones(0.1, 0.2).assign(zone="a"), r"1 zones have the same indicator more than once \(a\)"),
        (zones(0.1, 0.2).assign(zone=["a", None]), "1 zones have no id"),
        (zones(0.1, float("inf")), r"1 values are infinite \(b\)"),
        (zones(0.1, 0.2, people=[5, -1]), r"1 zones have fewer than 0 people \(b\)"),
        (zones(0.1, 0.2, low=[0.0, 0.3], high=0.4), r"1 ranges do not hold their value \(b\)"),
        (zones(0.1, 0.2, low=[0.0, 0.1], high=[0.2, None]), r"1 ranges have one end only \(b\)"),
        (zones(0.1, 0.2, status="seen"), "2 statuses are none that is known"),
        (zones(0.1, 0.2, unit=["share", "minutes"]), r"indicators have more than one unit \(use\)"),
        (None, "nothing was measured, and no reason is given"),
        ("use", "it is a str"),
    ],
    ids=["unit", "twice", "no id", "infinite", "people", "range", "one end", "status", "units", "nothing", "name"],
)
def test_rows_that_cannot_be_used_are_named(tmp_path, table, said):
    with pytest.raises(InputError, match=said):
        monitoring.add_date(tmp_path / "new", table, date=2019)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("given", "day"),
    [
        (2019.0, "2019"),
        ("2019.0", "2019"),
        ("20190501", "2019-05-01"),
        ("2019-05-01T10:00", "2019-05-01"),
        (pd.Timestamp("2019-05-01"), "2019-05-01"),
    ],
    ids=["decimal", "text", "no dashes", "time", "timestamp"],
)
def test_the_same_date_in_many_ways(given, day):
    assert checked_date(given) == day


def test_what_is_no_date(tmp_path):
    with pytest.raises(InputError, match=r"it is '2019-13', which is no date"):
        monitoring.add_date(tmp_path, zones(0.1), date="2019-13")
