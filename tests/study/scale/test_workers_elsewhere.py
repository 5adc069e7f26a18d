"""Workers on other machines: what is told of one that has another package, or does not see the folder of the run."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.study.scale.executors import ExecutorGoneError

pytest.importorskip("distributed")
from spatialjustice.study.scale import on_dask
from spatialjustice.study.scale.on_dask import OnDask
from spatialjustice.study.scale.tasks import Done, Task


class Elsewhere:
    """A cluster of workers each of which finds ``here`` somewhere else, or fails."""

    def __init__(self, here: Path, **workers: Path | Exception) -> None:
        self.here, self.workers = here, workers

    def run(self, question, *words, on_error):
        assert on_error == "return"
        return {f"tcp://{name}:1": self.asked(at, question, words) for name, at in self.workers.items()}

    def asked(self, at, question, words):
        return at if isinstance(at, Exception) else question(*(one.replace(str(self.here), str(at)) for one in words))


@pytest.fixture
def run(tmp_path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def joined(here: Path, **workers: Path | Exception) -> OnDask:
    executor = OnDask("tcp://nowhere:1", 1)
    executor._client = Elsewhere(here, **workers)
    return executor


def test_workers_that_see_the_folder_are_not_told_of_and_leave_nothing_there(run):
    joined(run, a=run, b=run, gone=OSError("connection closed")).require_folder(run)
    assert not list(run.iterdir())


def test_a_worker_that_does_not_see_the_folder_is_named_with_it(run, tmp_path):
    with pytest.raises(InputError, match="same path") as told:
        joined(run, a=run, b=tmp_path / "not mounted").require_folder(run)
    assert "tcp://b:1" in str(told.value)
    assert str(run) in str(told.value)
    assert "finds nothing there (No such file or directory)" in str(told.value)
    assert not list(run.iterdir())


def test_a_worker_with_a_copy_of_the_folder_is_found_out(run, tmp_path, monkeypatch):
    """A folder that is copied now and then is no shared one: what the worker writes stays there."""
    executor = joined(run, a=tmp_path / "copy")
    asked = executor._client.asked

    def copied_before(*words):
        shutil.copytree(run, tmp_path / "copy")
        return asked(*words)

    monkeypatch.setattr(executor._client, "asked", copied_before)
    with pytest.raises(InputError, match="what it writes there does not come here"):
        executor.require_folder(run)


def test_a_worker_without_this_package_or_with_another_version_is_told(run, monkeypatch):
    executor = joined(run, a=ModuleNotFoundError("No module named 'spatialjustice'"))
    with pytest.raises(InputError, match=r"tcp://a:1 cannot do anything .*No module named .*Install spatialjustice"):
        executor._require_version()
    monkeypatch.setattr("spatialjustice.study.scale.on_dask._version", lambda: "0.0.1")
    with pytest.raises(InputError, match=r"tcp://a:1 has spatialjustice 0\.0\.1.*Install the same version"):
        joined(run, a=run)._require_version()


def test_a_scheduler_that_goes_while_it_is_asked_is_told(run, monkeypatch):
    def lost(*_, **__):
        raise OSError("connection closed")

    executor = joined(run)
    monkeypatch.setattr(executor._client, "run", lost)
    with pytest.raises(ExecutorGoneError, match="the Dask scheduler is gone"):
        executor.require_folder(run)


class Lonely:
    """A cluster whose workers are gone for some looks at it; then one does what was asked, if it ever comes."""

    def __init__(self, looks: int) -> None:
        self.looks, self.told = looks, []
        self.scheduler = SimpleNamespace(address="tcp://nowhere:1")

    def submit(self, *_, key, **__):
        result = {"done": ["t", 1, "sum"]}
        self.future = SimpleNamespace(key=key, status="finished", result=lambda: result, release=lambda: None)
        self.future.add_done_callback = self.told.append
        return self.future

    def scheduler_info(self, **_):
        self.looks -= 1
        if self.looks == 0:
            self.told[0](self.future)
        return {"workers": {"tcp://w:1": {}} if self.looks <= 0 else {}}


@pytest.mark.parametrize("looks", [2, 100], ids=["another worker comes", "none comes"])
def test_a_run_without_workers_says_so_and_does_not_wait_for_ever(monkeypatch, capsys, looks):
    monkeypatch.setattr(on_dask, "PATIENCE", 0.01)
    monkeypatch.setattr(on_dask, "LONELY", 0.05)
    executor = OnDask("tcp://nowhere:1", 1)
    executor._client = Lonely(looks)
    found = executor.outcomes([Task("columns", "t", {}, output="never")])
    if looks == 2:
        assert list(found) == [Done("t", 1, "sum")]
    else:
        with pytest.raises(ExecutorGoneError, match="no worker is left at the Dask scheduler tcp://nowhere:1"):
            list(found)
    assert capsys.readouterr().err.count("the run goes on as soon as there is one") == 1
