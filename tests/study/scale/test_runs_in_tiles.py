"""Ways asked tile by tile: the same bits whoever does them, and what happens when one fails, is killed or is gone."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spatialjustice import cli
from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError, OutputError
from spatialjustice.access import floating_catchment_area
from spatialjustice.network.tiles.writing import write_tiles
from spatialjustice.study.scale.answers import TiledAnswers
from spatialjustice.study.scale.executors import ATTEMPTS, ExecutorGoneError, Here
from spatialjustice.study.scale.processes import Processes
from spatialjustice.study.scale.run_folder import RunFolder, TilesFailedError, replay
from spatialjustice.study.scale.starting import executor_of
from spatialjustice.study.scale.tasks import Failed, Task
from tests.study.scale.conftest import points


def same(questions, answers) -> None:
    """Every question has the answer that all streets at once give, audits, findings and pairs included."""
    for one in questions:
        whole, joined = one.answer(), answers[one.name]
        assert np.array_equal(whole._nearest_of_all, joined._nearest_of_all)
        offers = None if one.offers is None else one.offers.to_numpy()
        if one.within:
            assert np.array_equal(
                whole._cumulative(offers, list(one.within)), joined._cumulative(offers, [*one.within])
            )
        pd.testing.assert_frame_equal(whole.origins, joined.origins)
        pd.testing.assert_frame_equal(whole.destinations, joined.destinations)
        assert whole.findings == joined.findings
        if one.pairs:
            pd.testing.assert_frame_equal(whole.to_frame(), joined.to_frame())
            shared = {"supply": pd.Series(3.7, one.places.index), "people": pd.Series(range(90), one.zones.index) / 7}
            both = [floating_catchment_area(costs, cutoff=one.cutoff, **shared) for costs in (whole, joined)]
            pd.testing.assert_series_equal(*both, check_exact=True)
            assert both[0].attrs == both[1].attrs


@pytest.mark.parametrize("size", [600.0, 5000.0], ids=["small tiles", "one tile"])
def test_tiles_of_any_size_give_the_bits_of_all_streets(questions, answered, tmp_path, size):
    answers, run, found = answered(tmp_path, Here(), tile_size=size)
    assert run.done == 2 * len(answers.plans[0].tiles)
    same(questions, found)


def test_what_was_not_asked_before_is_searched_in_all_streets(questions, answered, tmp_path):
    _, _, found = answered(tmp_path, Here(), tile_size=5000.0)
    whole, joined = questions[0].answer(), found[questions[0].name]
    pd.testing.assert_frame_equal(whole.nearest(3), joined.nearest(3))
    assert np.array_equal(whole._cumulative(None, [4.5]), joined._cumulative(None, [4.5]))
    assert whole.expected_pairs() == joined.expected_pairs()


def test_tiles_over_the_budget_are_cut_and_give_the_same(questions, answered, tmp_path):
    plain, _, _ = answered(tmp_path / "plain", Here(), tile_size=1000.0)
    most = max(plain.plans[0].tiles.values())
    cut, _, found = answered(tmp_path / "cut", Here(), tile_size=1000.0, memory=most - 1)
    plan = cut.plans[0]
    assert plan.cut > 0
    assert len(plan.tiles) > len(plain.plans[0].tiles)
    assert max(plan.tiles.values()) < most
    assert sum(plan.zones.values()) == 90
    assert "cut into smaller ones" in str(plan)
    same(questions, found)
    with pytest.raises(InputError, match="takes about"):
        answered(tmp_path / "none", Here(), memory=1000)


def test_the_plan_reckons_with_places_that_lie_far_off(questions, tmp_path):
    """Where the nearest place lies beyond the halo of the limits, the streets up to it are counted, and no others."""
    near, far = (
        replace(questions[0], within=(1.0,)),
        replace(questions[0], within=(1.0,), places=points(1, 3, "shop", 1.0)),
    )
    plans = []
    for one in (near, far):
        with RunFolder(tmp_path / one.places.index[-1]) as run:
            answers = TiledAnswers(run, Here(), tile_size=450.0)
            same([one], answers("reach", [one]))
        plans += answers.plans
    assert plans[0].halo == plans[1].halo
    more = [tile for tile in plans[0].tiles if plans[1].tiles[tile] > plans[0].tiles[tile]]
    assert 0 < len(more) < len(plans[0].tiles)


def test_a_run_goes_on_with_the_tiles_that_are_missing_or_spoilt(questions, answered, tmp_path):
    _, run, _ = answered(tmp_path, Here())
    outputs = sorted((tmp_path / "tiles").rglob("*.parquet"))
    assert len(outputs) == run.done
    for path in outputs[::3]:
        path.unlink()
    spoilt = pd.read_parquet(outputs[1])
    about = dict(spoilt.attrs)
    spoilt.iloc[0, -1] = 12345.0
    files.write_parquet(outputs[1], [spoilt], attrs=about)
    outputs[2].write_bytes(outputs[2].read_bytes()[:-100])
    _, again, found = answered(tmp_path, Here())
    assert (again.done, again.kept) == (len(outputs[::3]) + 2, len(outputs) - len(outputs[::3]) - 2)
    same(questions, found)
    moved, _, _ = answered(tmp_path, Here(), tile_size=700.0)
    assert moved._run.kept == 0


def test_streets_that_lie_in_tiles_already_are_asked_without_the_network(questions, tmp_path):
    one = questions[0]
    index = write_tiles(one.streets, tmp_path / "streets", tile_size=900.0)
    asked = [replace(one, streets=index)]
    for kept in (False, True):
        with RunFolder(tmp_path / "run") as run:
            columns, _ = TiledAnswers(run, Here(), tile_size=900.0).columns("reach", asked)
        assert np.array_equal(columns["0 nearest"], one.answer()._nearest_of_all)
        assert (run.done == 0) == kept


def test_a_tile_that_fails_is_recorded_and_can_be_done_alone(questions, answered, tmp_path, monkeypatch, capsys):
    """A disk that is full for one tile: the others are done, nothing is half-written, and it can be done again."""
    _, first, _ = answered(tmp_path / "whole", Here())
    written, victim = files.write_parquet, sorted((tmp_path / "whole" / "tiles" / "reach walk").iterdir())[2].name

    def full(path, frames, **words):
        if Path(path).name == victim and "reach walk/" in Path(path).as_posix():
            with files.atomic_path(path) as temporary:
                temporary.write_bytes(b"half")
                raise OSError(errno.ENOSPC, "No space left on device")
        written(path, frames, **words)

    monkeypatch.setattr(files, "write_parquet", full)
    with pytest.raises(TilesFailedError, match=r"1 of \d+ tiles failed .*the disk is full"):
        answered(tmp_path / "run", Here())
    monkeypatch.undo()
    folder = tmp_path / "run" / "tiles" / "reach walk"
    assert len(list(folder.iterdir())) == len(list((tmp_path / "whole" / "tiles" / "reach walk").iterdir())) - 1
    (record,) = (tmp_path / "run" / "failed").iterdir()
    told = json.loads(record.read_text(encoding="utf-8"))
    assert told["error"].startswith("OutputError")
    assert "Traceback" in told["traceback"]
    assert cli.main(["tile", str(record)]) == 0
    assert "done" in capsys.readouterr().out
    assert not record.exists()
    _, run, found = answered(tmp_path / "run", Here())
    assert (run.done, run.kept) == (first.done // 2, first.done // 2)
    same(questions, found)


def test_what_is_no_record_of_a_tile_is_refused(tmp_path):
    for number, text in enumerate(["{", "[]", '{"task": {"step": "os.system", "output": "x"}}', '{"task": {}}']):
        path = tmp_path / f"{number}.json"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="no record|does not say"):
            replay(path)


def test_nothing_is_joined_of_a_part(tmp_path):
    task = Task("columns", "0_0_0", {"a": 1}, output=str(tmp_path / "tiles" / "tile=0_0_0.parquet"))
    with RunFolder(tmp_path) as run, pytest.raises(TilesFailedError, match="0_0_0"):
        list(run.join([task]))


def test_a_key_is_of_what_is_done_and_not_of_where():
    task = Task("columns", "t", {"a": 1}, {"streets": "/here"}, {"streets": "abc"}, "/here/out")
    assert Task("columns", "t", {"a": 1}, {"streets": "/there"}, {"streets": "abc"}, "/there").key == task.key
    assert Task("columns", "t", {"a": 2}, {"streets": "/here"}, {"streets": "abc"}, "/here/out").key != task.key
    assert Task("columns", "t", {"a": 1}, {"streets": "/here"}, {"streets": "abd"}, "/here/out").key != task.key
    assert Task.of(json.loads(json.dumps(task.as_dict()))).key == task.key


def test_one_run_at_a_time(tmp_path):
    with RunFolder(tmp_path), pytest.raises(OutputError, match="another call is at work"), RunFolder(tmp_path):
        pass


def test_a_killed_process_is_replaced_and_one_that_kills_all_is_given_up(questions, answered, tmp_path):
    """Each process is killed once as soon as it runs; then a task is tried whose process is killed every time."""
    executor = Processes(2)
    killed: set[int] = set()

    def kill(most: int) -> None:
        until = time.monotonic() + 120
        while len(killed) < most and time.monotonic() < until and not executor._gone.is_set():
            for pid in [pid for pid in executor.pids if pid not in killed][: most - len(killed)]:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            time.sleep(0.01)

    killer = threading.Thread(target=kill, args=(2,))
    killer.start()
    _, _, found = answered(tmp_path, executor)
    killer.join()
    assert len(killed) == 2
    assert not list(tmp_path.rglob(".*parquet"))
    same(questions, found)
    executor, killed = Processes(1), set()
    killer = threading.Thread(target=kill, args=(ATTEMPTS,))
    killer.start()
    task = Task("columns", "t", {}, output=str(tmp_path / "never.parquet"))
    with executor:
        (became,) = executor.outcomes([task])
    killer.join()
    assert isinstance(became, Failed)
    assert became.attempts == ATTEMPTS
    assert "-9" in became.error


def test_a_dask_cluster_gives_the_same_though_a_worker_is_killed(questions, answered, tmp_path):
    """On workers in processes of their own; then the scheduler goes, which is told, and a rerun goes on."""
    pytest.importorskip("distributed")
    executor = executor_of("dask", workers=1)
    done = threading.Event()

    def kill() -> None:
        while not executor.told and not done.wait(0.05):
            pass
        os.kill(executor.pids[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with RunFolder(tmp_path) as run, executor:
        try:
            found = TiledAnswers(run, executor, tile_size=900.0)("reach", questions)
        finally:
            done.set()
            killer.join()
        assert "watch them at http" in executor.told
        os.kill(executor._client.run_on_scheduler(os.getpid), signal.SIGKILL)
        with pytest.raises(ExecutorGoneError, match="scheduler is gone.*give the same command again"):
            list(executor.outcomes([Task("columns", "t", {}, output=str(tmp_path / "never.parquet"))]))
    same(questions, found)
    for path in sorted((tmp_path / "tiles").rglob("*.parquet"))[::3]:
        path.unlink()
    _, again, found = answered(tmp_path, Here())
    assert again.kept > 0
    same(questions, found)


@pytest.mark.parametrize("size", ["0", "-5", "10", "nan"])
def test_a_side_of_tiles_that_is_none_or_not_in_metres_is_refused(city, tmp_path, capsys, size):
    words = ["run", str(city.study()), "--on", "here", f"--tile-size={size}", "--out", str(tmp_path / "out")]
    assert cli.main(words) == 1
    assert "tile" in capsys.readouterr().err
    assert not (tmp_path / "out" / "tables").exists()


def test_no_scheduler_answers_and_what_is_no_address(city, tmp_path, monkeypatch, capsys):
    """A study ends with a sentence, no traceback, and the code of what went wrong; a wrong address is told as one."""
    on_dask = pytest.importorskip("spatialjustice.study.scale.on_dask")
    pytest.importorskip("distributed")
    monkeypatch.setattr(on_dask, "PATIENCE", 0.2)
    study = city.study()
    for address, told in [
        ("tcp://127.0.0.1:1", "no Dask scheduler with workers answers at"),
        ("foo://x", "such as tcp://"),
    ]:
        assert cli.main(["run", str(study), "--on", address, "--out", str(tmp_path)]) == 1
        assert told in capsys.readouterr().err


def test_who_is_not_there_is_told(monkeypatch):
    with pytest.raises(InputError, match="Choose one of these: here"):
        executor_of("spark")
    with pytest.raises(InputError, match="1 or more"):
        executor_of("processes", workers=0)
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(InputError, match=r'pip install "spatialjustice\[dask\]"'):
        executor_of("dask")
