"""One reading of what is current in an OpenStreetMap file, whoever wrote it and in whatever order.

Extracts hold every object once, points before lines before relations, by rising ids. Files of editors and of merged
downloads need not: objects marked as deleted, older versions, new objects with negative ids, lines before the points
they are drawn with. Such a file is put in order once, in memory, and all that is read (streets, places, buildings,
outlines, the ground of maps) is read from that.
"""

from __future__ import annotations

import bz2
import gzip
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.parsers import expat

import numpy as np
import osmium
from osmium.osm import ALL, NOTHING, RELATION, WAY, mutable
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.sources.osm._pieces import bar_of_bytes, pieces_of_pbf, shared_threads, writing, written_for_us

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

RANK = {"n": 0, "w": 1, "r": 2}
WORDS = {"n": "points", "w": "lines", "r": "relations"}
FROM_XML = {"node": "n", "way": "w", "relation": "r"}
OPENED: dict[str, Any] = {"osm": Path.open, "osm.gz": gzip.open, "osm.bz2": bz2.open}
PIECE = 1 << 20
OVERLAP = 64
MOST = 1_000_000_000
"""Bytes of a packed file that are put in order in memory."""
MARK = re.compile(rb"""visible\s{0,9}=\s{0,9}["']false|action\s{0,9}=\s{0,9}["']delete""")
"""How XML files mark what is gone: ``visible`` by the format itself, ``action`` by editors."""
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
SORTED = "Type_then_ID"
NEW_IDS = 1 << 50
"""Points with negative ids get ids from here on for readers of shapes: the OSM library keeps no places of others."""
SORT_FIRST = (
    "Sort it and keep the newest versions first, for example with: osmium sort FILE -o SORTED.osm.pbf, then "
    "osmium time-filter SORTED.osm.pbf -o CURRENT.osm.pbf"
)

Key = tuple[str, int]


class FilePass(NamedTuple):
    """What one pass from the beginning to the end of a file told.

    ``newest`` is the time of the newest edit where it was asked for and there is one; ``plain`` says that every object
    stands there once and alive, in the usual order, with an id above 0.
    """

    newest: str | None
    has_nodes: bool
    ways: int
    relations: int
    plain: bool


class OrderedFile(NamedTuple):
    """A file put in order, as PBF, and what was done.

    ``located`` is the same with new ids for points whose ids are negative, ``renamed`` leads from these back.
    """

    data: bytes
    located: bytes
    renamed: dict[int, int]
    findings: tuple[Finding, ...]


def read_through(path: Path, kind: str, *, edits: bool) -> FilePass:
    """Read a file from beginning to end, once; objects are looked at one by one only where that is needed."""
    if edits or kind != "pbf":
        return _each_looked_at(path, kind, edits=edits)
    counts = np.zeros(len(RANK), dtype=np.int64)
    plain, last = True, (0, 0)
    with osmium.io.Reader(osmium.io.File(path, kind), NOTHING) as reader:
        in_order = reader.header().get("sorting") == SORTED
    threads = shared_threads()
    with written_for_us() as folder, bar_of_bytes(f"looking through {path.name}", path.stat().st_size) as bar:
        for piece in pieces_of_pbf(path):
            # A file that states its order is believed where its points are concerned, which are most of it.
            wanted = WAY | RELATION if in_order and counts[0] else ALL
            listed = folder / "ids"
            with (
                osmium.io.Reader(osmium.io.FileBuffer(piece, kind), wanted, **threads) as reader,
                writing(listed, "ids") as writer,
            ):
                osmium.apply(reader, writer)
            what, number = _ids_listed(listed.read_bytes())
            if what.size:
                plain &= (int(what[0]), int(number[0])) > last and int(number.min()) > 0
                later, same = what[1:] > what[:-1], what[1:] == what[:-1]
                plain &= bool((later | (same & (number[1:] > number[:-1]))).all())
                counts += np.bincount(what, minlength=len(RANK))
                last = int(what[-1]), int(number[-1])
            bar.update(len(piece))
    return FilePass(None, bool(counts[0]), int(counts[1]), int(counts[2]), plain)


def _ids_listed(text: bytes) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Read a list of objects such as n12, one to a line: the rank of each one's kind, and its id."""
    letters = np.frombuffer(text, dtype=np.uint8)
    rank = np.zeros(256, dtype=np.uint8)
    rank[[ord(kind) for kind in RANK]] = list(RANK.values())
    what = rank[letters[letters >= ord("a")]]
    numbers = text.translate(None, "".join(RANK).encode())
    return what, np.fromstring(numbers, dtype=np.int64, sep="\n") if numbers else np.empty(0, dtype=np.int64)


def _each_looked_at(path: Path, kind: str, *, edits: bool) -> FilePass:
    """Look at every object: XML files mark what is deleted, and any may have to tell when it was edited last."""
    seen = dict.fromkeys(RANK, 0)
    newest = datetime.fromtimestamp(0, UTC)
    plain, before, last = True, "n", 0
    item: Any
    whole = osmium.FileProcessor(osmium.io.File(path, kind))
    for item in tqdm(whole, desc=f"looking through {path.name}", unit=" objects", delay=2, leave=False):
        what, number = item.type_str(), item.id
        if what != before:
            plain &= RANK[what] > RANK[before]
            before, last = what, 0
        if number <= last or item.deleted:
            plain = False
        last = number
        seen[what] += 1
        if edits and item.timestamp > newest:
            newest = item.timestamp
    # Objects without a time of edit carry the beginning of the epoch.
    latest = newest.strftime("%Y-%m-%dT%H:%M:%SZ") if newest.timestamp() > 0 else None
    return FilePass(latest, seen["n"] > 0, seen["w"], seen["r"], plain)


def deleted_in_xml(path: Path, kind: str) -> frozenset[tuple[str, int, int]]:
    """Return kind, id and version of all that an XML file marks as deleted, in whatever way editors write it."""
    if kind == "pbf" or not _may_hold_marks(path, kind):
        return frozenset()
    gone: set[tuple[str, int, int]] = set()
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag in FROM_XML and (attributes.get("action") == "delete" or attributes.get("visible") == "false"):
            gone.add((FROM_XML[tag], int(attributes["id"]), int(attributes.get("version", 0))))

    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse_entities
    with OPENED[kind](path, "rb") as stream:
        while piece := stream.read(PIECE):
            parser.Parse(piece, False)
    parser.Parse(b"", True)
    return frozenset(gone)


def refuse_entities(*_: Any) -> None:
    """Refuse what can make a small XML file endless."""
    message = "it declares XML entities, which no OpenStreetMap file needs"
    raise ValueError(message)


def _may_hold_marks(path: Path, kind: str) -> bool:
    """Whether a file may mark something as deleted: looking for the words takes far less time than reading it."""
    with OPENED[kind](path, "rb") as stream:
        before = b""
        while piece := stream.read(PIECE):
            if not before and piece.startswith(BYTE_ORDER_MARKS):
                return True
            text = before + piece
            if (b"delete" in text or b"false" in text) and MARK.search(text):
                return True
            before = text[-OVERLAP:]
    return False


class _Version(NamedTuple):
    """One version of one object, as it was found in a file."""

    number: int
    gone: bool
    tags: dict[str, str]
    rest: tuple[Any, ...]


class _Newest:
    """A handler that takes objects by kind, id and version, and writes the newest version of each that is alive."""

    def __init__(self, plain: osmium.SimpleWriter, located: osmium.SimpleWriter, gone: frozenset[Any]) -> None:
        self.writers, self.gone = (plain, located), gone
        self.key: Key | None = None
        self.versions: list[_Version] = []
        self.deleted: Counter[str] = Counter()
        self.older = 0
        self.unclear: list[str] = []
        self.new_id: dict[int, int] = {}

    def node(self, item: Any) -> None:
        place = item.location
        self._take("n", item, ((place.lon, place.lat) if place.valid() else None,))

    def way(self, item: Any) -> None:
        self._take("w", item, tuple(node.ref for node in item.nodes))

    def relation(self, item: Any) -> None:
        self._take("r", item, tuple((member.type, member.ref, member.role) for member in item.members))

    def _take(self, kind: str, item: Any, rest: tuple[Any, ...]) -> None:
        key = (kind, item.id)
        if key != self.key:
            self.finish()
            self.key = key
        gone = item.deleted or (kind, item.id, item.version) in self.gone
        self.versions.append(_Version(item.version, gone, {tag.k: tag.v for tag in item.tags}, rest))

    def finish(self) -> None:
        """Write the object at hand."""
        if self.key is None:
            return
        (kind, number), versions = self.key, self.versions
        self.key, self.versions = None, []
        highest = max(version.number for version in versions)
        newest = [version for version in versions if version.number == highest]
        self.older += len(versions) - 1
        if any(version.gone for version in newest):
            self.deleted[kind] += 1
            return
        if any(version != newest[0] for version in newest):
            self.unclear.append(f"{kind}{number}")
        self._write(kind, number, newest[0])

    def _write(self, kind: str, number: int, version: _Version) -> None:
        plain, located = self.writers
        common: dict[str, Any] = {"version": 1, "tags": version.tags}
        rest: Any = version.rest
        if kind == "n":
            if number < 0:
                self.new_id[number] = NEW_IDS + len(self.new_id)
            plain.add_node(mutable.Node(id=number, location=rest[0], **common))
            located.add_node(mutable.Node(id=self.new_id.get(number, number), location=rest[0], **common))
        elif kind == "w":
            plain.add_way(mutable.Way(id=number, nodes=list(rest), **common))
            located.add_way(mutable.Way(id=number, nodes=[self.new_id.get(ref, ref) for ref in rest], **common))
        else:
            for writer in self.writers:
                writer.add_relation(mutable.Relation(id=number, members=list(rest), **common))


def put_in_order(path: Path, kind: str, name: str, gone: frozenset[tuple[str, int, int]], largest: int) -> OrderedFile:
    """Keep of every object its newest version, drop what is deleted, and put the rest in the usual order.

    Raises
    ------
    InputError
        When the file is larger than ``largest`` bytes, or holds an object twice and does not say which one counts.
    """
    if path.stat().st_size > largest:
        found = f"{path.name} holds objects in another order than usual, more than once, or marked as deleted"
        raise InputError(name, f"{found}, and is too large to be put in order here", SORT_FIRST)
    source = osmium.MergeInputReader()
    source.add_buffer(_unpacked(path, kind), "pbf" if kind == "pbf" else "osm")
    with written_for_us() as folder:
        files = [folder / "plain.osm.pbf", folder / "located.osm.pbf"]
        with writing(files[0], "pbf") as plain, writing(files[1], "pbf") as located:
            newest = _Newest(plain, located, gone)
            source.apply(newest, simplify=False)
            newest.finish()
        data, places = (file.read_bytes() for file in files)
    if newest.unclear:
        raise InputError(
            name,
            f"{path.name} holds {len(newest.unclear):,} objects twice, with different content and no version that "
            "says which is newer",
            "Merge the downloads with a tool that knows their dates, or take one of them.",
            rows=newest.unclear,
        )
    return OrderedFile(
        data, places, {new: old for old, new in newest.new_id.items()}, tuple(_findings_of_order(path, newest))
    )


def _unpacked(path: Path, kind: str) -> bytes:
    if kind == "pbf":
        return path.read_bytes()
    with OPENED[kind](path, "rb") as stream:
        data: bytes = stream.read(MOST + 1)
    if len(data) > MOST:
        message = f"it holds more than {MOST:,} bytes when unpacked, too many to be put in order"
        raise ValueError(message)
    return data


def _findings_of_order(path: Path, newest: _Newest) -> Iterator[Finding]:
    if newest.deleted:
        listed = ", ".join(f"{newest.deleted[kind]:,} {word}" for kind, word in WORDS.items() if newest.deleted[kind])
        yield Finding(
            "deleted_objects_left_out",
            "information",
            f"{listed} of {path.name} are marked as deleted and are not there.",
            count=newest.deleted.total(),
        )
    if newest.older:
        yield Finding(
            "older_versions_left_out",
            "information",
            f"{newest.older:,} objects stand in {path.name} once more, as an older version or a copy; the newest "
            "version counts.",
            count=newest.older,
        )
