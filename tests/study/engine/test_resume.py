"""A run that was stopped goes on after its finished steps, with the same bytes as one that was not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spatialjustice import cli, network, report
from spatialjustice._core.disk import files
from spatialjustice._core.disk.kept_steps import KEPT, KeptSteps, PackedResult, pack_frames, unpack_frames
from spatialjustice._core.errors import InputError, OutputError
from spatialjustice.study import run
from spatialjustice.study.engine.kept import resume
from spatialjustice.study.outputs import index_page
from spatialjustice.study.sections.inequality import compute as inequality
from spatialjustice.study.sections.space import compute as space
from spatialjustice.study.settings import Study

STEPS = ("streets: walk", "how unequally", "clusters", "clusters zone by zone", "map.html")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run but the crate, which is made of the record; the time of the run is taken out."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest = json.loads(found["provenance.json"])
    assert manifest.pop("made")
    del found["ro-crate-metadata.json"]
    return found | {"provenance.json": json.dumps(manifest).encode()}


@pytest.fixture(scope="module")
def study_file(everything_once):
    return everything_once.study()


@pytest.fixture(scope="module")
def whole(study_file, tmp_path_factory):
    """The results of a run that nothing stopped and that kept nothing."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    assert run(study_file, out=folder, fresh=True).skipped == ()
    return contents(folder)


def stopped(*_arguments, **_words):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("at", "finished"),
    [
        ((inequality, "measure_all"), 1),
        ((space, "zone_by_zone"), 3),
        ((index_page, "index"), 5),
        ((files.OutputFolder, "_publish"), 5),
    ],
    ids=["before the inequality", "before the clusters", "before the last page", "before all is in its place"],
)
def test_a_stopped_run_goes_on_with_the_same_bytes(study_file, whole, tmp_path, monkeypatch, at, finished):
    folder = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(*at, stopped)
        with pytest.raises(KeyboardInterrupt):
            run(study_file, out=folder)
    assert [path.name[: len(KEPT)] for path in folder.iterdir()] == [KEPT]
    for step in STEPS[:finished]:
        monkeypatch.setattr(*DONE_BY[step], lambda *_, step=step, **__: pytest.fail(f"{step} was done again"))
    results = run(study_file, out=folder)
    assert results.skipped == STEPS[:finished]
    assert results.notes == ()
    assert contents(folder) == whole


DONE_BY = {
    "streets: walk": (network, "from_osm"),
    "how unequally": (inequality, "measure_all"),
    "clusters": (space, "whole_place"),
    "clusters zone by zone": (space, "zone_by_zone"),
    "map.html": (report, "planner_page"),
}


def test_a_damaged_step_is_done_again_and_told(study_file, whole, tmp_path, monkeypatch):
    """One flipped byte in each of the files that were kept."""
    folder = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(index_page, "index", stopped)
        with pytest.raises(KeyboardInterrupt):
            run(study_file, out=folder)
    (kept,) = folder.glob(f"{KEPT}*")
    for number, path in enumerate(sorted(kept.iterdir())):
        data = bytearray(path.read_bytes())
        data[number * 37 % len(data)] ^= 1
        path.write_bytes(data)
    results = run(study_file, out=folder)
    assert results.skipped == ()
    assert len(results.notes) == len(STEPS) + 3, "the seed, the small picture of the map and the way searched for, too"
    (part,) = (note for note in results.notes if "“reach, part " in note)
    assert "“reach, part walk pharmacy” is damaged" in part
    assert all("is damaged or of another seed; it was done again" in note for note in results.notes)
    assert contents(folder) == whole


def test_a_finished_and_a_failed_run_leave_no_steps(city, tmp_path, monkeypatch):
    study_file = city.study()
    run(study_file, out=tmp_path / "out")
    assert list((tmp_path / "out").glob(".*")) == []

    def refused(*_arguments, **_words):
        raise InputError("zones", "they are wrong", "Mend them.")

    monkeypatch.setattr(index_page, "index", refused)
    with pytest.raises(InputError):
        run(study_file, out=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_command_line_says_what_was_skipped_and_fresh_skips_nothing(city, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "out"
    command = ["run", str(city.study()), "--out", str(folder)]
    for again in (False, True):
        with monkeypatch.context() as patch:
            patch.setattr(index_page, "index", stopped)
            assert cli.main(command) == cli.INTERRUPTED
        assert "goes on after the finished steps" in capsys.readouterr().err
        assert cli.main([*command, *(["--fresh"] if again else [])]) == cli.DONE
        said = capsys.readouterr().err
        told = "4 steps that it had finished were skipped: streets: walk, clusters, clusters zone by zone, map.html"
        assert (told in said) is not again
        assert list(folder.glob(".*")) == []


def test_only_the_very_same_run_goes_on(city, tmp_path, monkeypatch):
    """Another seed, setting, input, side file, package or version makes another key; a new path or time does not."""

    def key(**changes):
        given = {"seed": 1, "fresh": False} | {name: changes.pop(name) for name in ("seed",) if name in changes}
        settings = Study.read(city.study(**changes))
        found = {name: city.folder / name for name in settings.files}
        return resume.open_kept_steps(settings, found, tmp_path, **given).folder

    first = key()
    assert key() == first
    os.utime(city.folder / "people.tif", (0, 0))
    assert key() == first
    keys = [first, key(seed=2), key(title="Another"), key(snap_limit=400)]
    (city.folder / "people.tif.aux.xml").write_text("<PAMDataset/>")
    (city.folder / "people.tfw").write_text("100")
    keys.append(key())
    with (city.folder / "streets.osm.pbf").open("ab") as stream:
        stream.write(b"\0")
    keys.append(key())
    monkeypatch.setattr(resume, "_package", lambda: "another")
    keys.append(key())
    monkeypatch.setattr(resume, "versions", lambda: {"numpy": "another"})
    keys.append(key())
    assert len(set(keys)) == len(keys)


def test_a_seed_left_to_chance_is_that_of_the_stopped_run(city, tmp_path, monkeypatch):
    study_file, folder = city.study(seed=None), tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(index_page, "index", stopped)
        patch.setattr("secrets.randbelow", lambda _: 4711)
        with pytest.raises(KeyboardInterrupt):
            run(study_file, out=folder)
    results = run(study_file, out=folder)
    assert results.seed == 4711
    assert "map.html" in results.skipped


def test_steps_of_a_lost_seed_do_not_count(tmp_path):
    kept = KeptSteps(tmp_path, "key")
    assert resume.seed_of_run(kept, lambda: 1) == 1
    kept.write("one", b"1")
    again = KeptSteps(tmp_path, "key")
    assert resume.seed_of_run(again, lambda: 2) == 1
    assert again.read("one") == b"1"
    (tmp_path / ".steps-key" / "seed").unlink()
    another = KeptSteps(tmp_path, "key")
    assert resume.seed_of_run(another, lambda: 2) == 2
    assert another.read("one") is None


def test_a_full_disk_keeps_nothing_and_goes_on(tmp_path, monkeypatch):
    kept = KeptSteps(tmp_path, "key")
    kept.write("one", b"1")
    monkeypatch.setattr(files, "write_bytes", full)
    assert kept.step("two", lambda: 2, lambda made: PackedResult(made, {}), lambda packed: packed.facts) == 2
    assert list(tmp_path.iterdir()) == [], "room is made for the results"
    assert kept.notes == ["No steps are kept for a rerun: the disk is full"]


def full(*_):
    raise OutputError("the disk is full")


def test_steps_of_another_run_are_deleted(tmp_path):
    KeptSteps(tmp_path, "a").write("one", b"1")
    KeptSteps(tmp_path, "b").write("one", b"2")
    assert [path.name for path in tmp_path.iterdir()] == [".steps-b"]
    assert KeptSteps(tmp_path, "b").read("one") == b"2"
    # A step under another's name is none.
    (tmp_path / ".steps-b" / "one").rename(tmp_path / ".steps-b" / "two")
    assert KeptSteps(tmp_path, "b").read("two") is None


def test_tables_come_back_to_the_last_bit_or_are_not_kept():
    table = pd.DataFrame(
        {
            "value": [0.1 + 0.2, np.nan, -0.0, 5e-324, np.inf],
            "count": np.arange(5, dtype="int32"),
            "yes": [True, False, True, True, False],
            "text": ["الف", "=SUM(A1)", "", "a\x00b", "x"],
            "mixed": pd.Series([1, 1.5, "1", None, True], dtype=object),
        },
        index=pd.Index(["a", "b", "c", "d", "e"], name="zone"),
    )
    table.attrs = {"unit": "metres", "findings": [{"people": None, "share": 1 / 3}]}
    (again,) = unpack_frames(pack_frames({"t": table})).values()
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    assert again["value"].to_numpy().tobytes() == table["value"].to_numpy().tobytes()
    assert [type(item) for item in again["mixed"]] == [type(item) for item in table["mixed"]]
    assert again.attrs == table.attrs
    for other in (
        table.assign(day=pd.Timestamp("2024-01-01")),
        table.assign(kind=pd.Categorical(list("ababa"))),
        table.assign(thing=[object()] * 5),
    ):
        with pytest.raises(TypeError):
            pack_frames({"t": other})
    table.attrs = {"pair": (1, 2)}
    with pytest.raises(TypeError, match="would not come back as it was"):
        pack_frames({"t": table})


def test_a_pickle_is_never_loaded(tmp_path):
    """An array of objects with the right checksum is refused by the reader, not unpickled."""
    import io

    kept = KeptSteps(tmp_path, "key")
    stream = io.BytesIO()
    np.savez(stream, facts=np.array([Exploding()], dtype=object))
    kept.write("one", stream.getvalue())
    assert kept.step("one", lambda: 1, lambda made: PackedResult(made, {}), lambda packed: packed.facts) == 1
    assert not Exploding.went_off
    assert len(kept.notes) == 1


class Exploding:
    went_off = False

    def __reduce__(self):
        return setattr, (Exploding, "went_off", True)


@pytest.mark.parametrize(
    ("at", "parts"),
    [
        ((inequality, "_measures"), lambda step: step.startswith(("reach", "how unequally"))),
        ((space, "morans"), lambda step: step.startswith("clusters, part")),
    ],
    ids=["in the inequality", "in the clusters"],
)
def test_a_run_that_is_stopped_inside_a_step_goes_on_inside_it(study_file, whole, tmp_path, monkeypatch, at, parts):
    """The second time that a measure is asked for, the run is stopped; what had been asked for is not asked again."""
    # Outcomes of the same zones are else asked for together, and there are too few for a second time.
    monkeypatch.setattr(space, "BESIDE", 1)
    folder, asked = tmp_path / "out", []
    plain = getattr(*at)

    def once(*arguments, **words):
        if asked:
            raise KeyboardInterrupt
        asked.append(arguments[0])
        return plain(*arguments, **words)

    with monkeypatch.context() as patch:
        patch.setattr(*at, once)
        with pytest.raises(KeyboardInterrupt):
            run(study_file, out=folder)
    kept = [path.name.replace("%2C", ",") for path in next(folder.glob(f"{KEPT}*")).iterdir()]
    assert any(parts(name) for name in kept)
    again = []
    monkeypatch.setattr(at[0], at[1], lambda *arguments, **words: again.append(1) or plain(*arguments, **words))
    results = run(study_file, out=folder)
    assert not any(", part " in name for name in results.skipped)
    assert contents(folder) == whole
    everything = []
    monkeypatch.setattr(at[0], at[1], lambda *arguments, **words: everything.append(1) or plain(*arguments, **words))
    run(study_file, out=tmp_path / "fresh", fresh=True)
    assert len(again) == len(everything) - 1


def test_the_bar_counts_statistics_and_pages_and_is_never_full_while_something_is_done(
    study_file, tmp_path, monkeypatch
):
    from spatialjustice.study.engine import progress

    seen = []

    class Bar:
        def __init__(self, total, **_):
            self.total, self.n = total, 0

        def set_description(self, doing, **_):
            self.doing = doing

        def update(self, more):
            assert more >= 0
            self.n += more
            seen.append((self.doing, self.n, self.total))

        def refresh(self):
            pass

        def close(self):
            seen.append(("closed", self.n, self.total))

    monkeypatch.setattr(progress, "tqdm", Bar)
    run(study_file, out=tmp_path / "out", fresh=True)
    assert all(done < total for _, done, total in seen)
    told = [doing for doing, _, _ in seen]
    for beginning in (
        "reach ",
        "how unequally: ",
        "clusters: moran",
        "clusters: local_moran",
        "page of maps",
        "first page",
    ):
        assert any(doing.startswith(beginning) for doing in told), beginning
    # When the sections are done, what is left is what is written, of which the last is being done.
    writing = [(done, total) for doing, done, total in seen if doing in {"tables", "first page"}]
    assert writing[0][0] < writing[-1][0] == writing[-1][1] - 1
