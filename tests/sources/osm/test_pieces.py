"""PBF files in pieces, and what becomes of a full disk and of texts that are none."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import osmium
import pytest
from osmium.osm import mutable

from spatialjustice._core.errors import DamagedFileError, OutputError
from spatialjustice.sources.known_files import demo_extract
from spatialjustice.sources.osm import _pieces
from spatialjustice.sources.osm._current import read_through
from spatialjustice.sources.osm._pieces import pieces_of_pbf, writing, written_for_us
from spatialjustice.sources.osm.streets import streets

if TYPE_CHECKING:
    from pathlib import Path


def listed(data):
    return [(item.type_str(), item.id, dict(item.tags)) for item in osmium.FileProcessor(data)]


def blocks(path: Path, sizes: list[int]) -> Path:
    """Write points 1, 2, … in blocks of these sizes: the library ends a block with each kind, and a file with each."""
    made, number = [], 0
    for size in sizes:
        one = path.with_name("one.osm.pbf")
        with osmium.SimpleWriter(str(one), overwrite=True) as writer:
            for _ in range(size):
                number += 1
                writer.add_node(mutable.Node(id=number, location=(1, 2), tags={"number": str(number)}))
        made.append(one.read_bytes())
    head = made[0][: made[0].index(b"OSMData") - 6]
    path.write_bytes(head + b"".join(one[len(head) :] for one in made))
    return path


@pytest.mark.parametrize("size", [1, 1 << 30])
def test_pieces_together_hold_what_the_file_holds(tmp_path, monkeypatch, size):
    monkeypatch.setattr(_pieces, "PIECE", size)
    for path in (demo_extract(), blocks(tmp_path / "a.osm.pbf", [3, 1, 2])):
        pieces = list(pieces_of_pbf(path))
        found = [item for piece in pieces for item in listed(osmium.io.FileBuffer(piece, "pbf"))]
        assert found == listed(str(path))
        assert len(pieces) > 1 or size > 1


def test_a_file_cut_anywhere_within_a_block_has_no_last_piece(tmp_path):
    path = blocks(tmp_path / "a.osm.pbf", [3, 2])
    whole = path.read_bytes()
    ends = {0}
    for name in (b"OSMHeader", b"OSMData"):
        at = whole.find(name)
        while at >= 0:
            ends.add(at - 6)  # a length of four bytes, and the mark and length of the name
            at = whole.find(name, at + 1)
    for size in range(1, len(whole)):
        path.write_bytes(whole[:size])
        if size in ends:
            list(pieces_of_pbf(path))
        else:
            with pytest.raises((EOFError, ValueError)):
                list(pieces_of_pbf(path))


class Looked(NamedTuple):
    points: bool
    ways: int
    relations: int
    plain: bool


@pytest.mark.parametrize("size", [1, 1 << 20])
@pytest.mark.parametrize("seed", range(8))
def test_looking_through_ids_finds_what_looking_at_objects_does(tmp_path, monkeypatch, seed, size):
    """Beside a reading by hand: each once, rising, points before ways before relations, ids above 0."""
    monkeypatch.setattr(_pieces, "PIECE", size)
    shuffled = random.Random(seed)
    given = [(kind, number) for kind in "nwr" for number in range(1, 4)]
    given = shuffled.sample(given, shuffled.randint(1, 9))
    if seed % 2:
        given.sort(key=lambda one: ("nwr".index(one[0]), one[1]))
    if seed == 5:
        given.append(given[-1])
    if seed == 7:
        given = [("n", -4), *given]
    path = tmp_path / "a.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for kind, number in given:
            if kind == "n":
                writer.add_node(mutable.Node(id=number, location=(1, 2)))
            elif kind == "w":
                writer.add_way(mutable.Way(id=number, nodes=[1, 2]))
            else:
                writer.add_relation(mutable.Relation(id=number, members=[]))
    rising = [("nwr".index(kind), number) for kind, number in given]
    plain = all(one < other for one, other in pairwise(rising)) and all(n > 0 for _, n in given)
    kinds = [kind for kind, _ in given]
    seen = read_through(path, "pbf", edits=False)
    assert Looked(seen.has_nodes, seen.ways, seen.relations, seen.plain) == Looked(
        "n" in kinds, kinds.count("w"), kinds.count("r"), plain
    )


def test_a_full_disk_is_told_before_anything_is_written(monkeypatch):
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(_pieces.shutil, "disk_usage", lambda _: Usage(demo_extract().stat().st_size))
    with pytest.raises(OutputError, match=r"the disk is full\. Make room, or choose another folder with TMPDIR"):
        streets(demo_extract())


def test_other_faults_are_not_told_as_a_full_disk():
    with pytest.raises(RuntimeError, match="something else"), written_for_us():
        raise RuntimeError("something else")


def run(code: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a disk that is always full")
def test_a_disk_that_is_full_in_the_middle_does_not_end_the_process():
    """The library's own writer calls std::terminate when Python lets go of it after a failure."""
    code = """
import gc, pathlib, osmium, sys
from spatialjustice.sources.osm._pieces import writing, written_for_us
try:
    with written_for_us(), writing(pathlib.Path("/dev/full"), "opl") as writer, osmium.io.Reader(sys.argv[1]) as reader:
        osmium.apply(reader, writer)
except Exception as error:
    print(type(error).__name__, error)
del writer
gc.collect()
print("alive")
"""
    told = run(code, str(demo_extract()))
    assert told.startswith("OutputError")
    assert "the disk is full" in told
    assert told.endswith("alive\n")


@pytest.mark.parametrize("bad", [b"\xff\xfeab", b"ab\xc3(", b"abc\xe2", b"\xed\xa0\x80a"])
def test_texts_that_are_none_are_damage(tmp_path, bad):
    path = tmp_path / "bad.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(path, "pbf,pbf_compression=none")) as writer:
        for number in (1, 2):
            writer.add_node(mutable.Node(id=number, location=(1, number)))
        writer.add_way(mutable.Way(id=7, nodes=[1, 2], tags={"highway": "path", "name": "QQQQ"}))
    data = path.read_bytes()
    assert data.count(b"QQQQ") == len(bad) // 4
    path.write_bytes(data.replace(b"QQQQ", bad))
    code = """
import gc, sys
from spatialjustice.sources import streets
try:
    streets(sys.argv[1])
except Exception as error:
    print(type(error).__name__, error)
gc.collect()
"""
    assert run(code, str(path)).startswith(
        f"{DamagedFileError.__name__} streets: bad.osm.pbf cannot be read to its end"
    )


def test_a_writer_closes_what_was_written(tmp_path):
    path = tmp_path / "a.opl"
    for number in (1, 2):  # the second replaces the first
        with writing(path, "opl,add_metadata=none") as writer:
            writer.add_node(mutable.Node(id=number, location=(1, 2)))
    assert path.read_text() == "n2 T x1 y2\n"
