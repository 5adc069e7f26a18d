"""Opening OpenStreetMap files: what is in them, how old they are, and whether they are whole."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.parsers import expat

import osmium
from osmium.osm import ALL, WAY
from tqdm.auto import tqdm

from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError, SpatialJusticeError
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import (
    OSM_ATTRIBUTION,
    OSM_LICENCE,
    SourceRecord,
    checksum,
    path_of,
    require_regular,
)
from spatialjustice.sources.guards.complete import refuse_remark
from spatialjustice.sources.guards.damage import require_packed
from spatialjustice.sources.known_files import registry, told_beside
from spatialjustice.sources.osm._current import (
    OPENED,
    FilePass,
    OrderedFile,
    deleted_in_xml,
    put_in_order,
    read_through,
    refuse_entities,
)
from spatialjustice.sources.osm._pieces import bar_of_bytes, pieces_of_pbf, shared_threads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# File endings, longest first, and what the OSM library calls these formats.
FORMATS = {
    ".osm.pbf": "pbf",
    ".osm.bz2": "osm.bz2",
    ".osm.gz": "osm.gz",
    ".pbf": "pbf",
    ".osm": "osm",
    ".xml": "osm",
}
BEGINNINGS = {"osm.gz": b"\x1f\x8b", "osm.bz2": b"BZh"}
# What the libraries raise over damaged bytes.
UNREADABLE = (
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    zlib.error,
    expat.ExpatError,
    osmium.InvalidLocationError,
)
HEAD = 262_144
LARGE = 50_000_000
SORT_IT = "Its objects are not in the usual order. Sort it first, for example with: osmium sort FILE -o SORTED.osm.pbf"
FETCH_AGAIN = "Fetch the file again from where it came and compare its size and checksum with those published there."


@dataclass(frozen=True, slots=True)
class OsmFile:
    """An OpenStreetMap file that was read to its end once and found usable.

    Parameters
    ----------
    path
        Where it is.
    format
        ``pbf``, ``osm``, ``osm.gz`` or ``osm.bz2``.
    record
        Where the data came from, with checksum and data date.
    findings
        What a reader of any result from this file must know.
    bounds
        West, south, east, north in degrees as the file's header gives them; None where it does not.
    current
        What is current in the file, put in order; None where the file itself is so.
    """

    path: Path
    format: str
    record: SourceRecord
    findings: tuple[Finding, ...] = ()
    bounds: tuple[float, float, float, float] | None = None
    current: OrderedFile | None = field(default=None, repr=False)

    def processor(self, *entities: Any) -> osmium.FileProcessor:
        """Return a pyosmium processor over what is current in the file; read it within :func:`reading_osm`."""
        return osmium.FileProcessor(self._data(), _entity_bits(entities))

    def readers(self, *entities: Any) -> Iterator[osmium.io.Reader]:
        """Give pyosmium readers of the same, one after the other: a PBF file is read in pieces."""
        threads, bits = shared_threads(), _entity_bits(entities)
        in_pieces = self.format == "pbf" and self.current is None
        with bar_of_bytes(f"reading {self.path.name}", self.record.size) as bar:
            for piece in pieces_of_pbf(self.path) if in_pieces else [None]:
                data = self._data() if piece is None else osmium.io.FileBuffer(piece, "pbf")
                with osmium.io.Reader(data, bits, **threads) as reader:
                    yield reader
                bar.update(self.record.size if piece is None else len(piece))

    def shapes(self) -> osmium.FileProcessor:
        """Return one for readers of shapes, which asks for places: ids of points go through :meth:`point_id`."""
        return osmium.FileProcessor(self._data(located=True))

    def point_id(self, number: int) -> int:
        """Return the id of a point as the file has it."""
        return number if self.current is None else self.current.renamed.get(number, number)

    def _data(self, *, located: bool = False) -> Any:
        if self.current is None:
            return osmium.io.File(self.path, self.format)
        return osmium.io.FileBuffer(self.current.located if located else self.current.data, "pbf")


class _FileContents(NamedTuple):
    """What is in a file."""

    header_date: str | None
    bounds: tuple[float, float, float, float] | None
    seen: FilePass
    current: OrderedFile | None


def open_osm(path: str | Path, name: str = "streets", *, expected: tuple[int, str] | None = None) -> OsmFile:
    """Open an OpenStreetMap file and learn whether it is whole and which day of the map it shows.

    The file is read to its end once, so that damage is found here and not in the middle of an analysis.

    Parameters
    ----------
    path
        A file ending in .osm.pbf, .pbf, .osm, .xml, .osm.gz or .osm.bz2.
    name
        What the file is used as; errors and the source record call it so.
    expected
        Size in bytes and sha256 that the file must have, where they are known.

    Returns
    -------
    OsmFile
        Its record carries the date from the file's header, else that of the newest edit in the file, else none.

    Raises
    ------
    MissingFileError
        When the file is not there.
    DamagedFileError
        When it cannot be read to its end, is of another kind than its ending says, is not what ``expected`` says, or
        remarks itself that it is only a part.
    InputError
        When the path is a folder, has another ending, or the file holds the history of the map.
    """
    # The OSM library takes a name like http:… for an address, wherever it is relative.
    path = path_of(path, name).absolute()
    kind = _format_of(path, name)
    require_packed(path, name)
    size, sha256 = path.stat().st_size, checksum(path)
    if expected is not None and (size, sha256) != expected:
        found = f"it has {size:,} bytes, not {expected[0]:,}" if size != expected[0] else "its sha256 is another one"
        raise DamagedFileError(name, f"{path.name} is not the file it should be: {found}", FETCH_AGAIN)
    inside = _inspect(path, kind, name, sha256)
    date, date_from = None, ""
    if inside.header_date is not None:
        date, date_from = inside.header_date, "file header"
    elif inside.seen.newest is not None:
        date, date_from = inside.seen.newest, "newest edit in the file"
    record = SourceRecord(
        name=name,
        file=path.name,
        sha256=sha256,
        size=size,
        licence=OSM_LICENCE,
        attribution=OSM_ATTRIBUTION,
        data_date=date,
        data_date_from=date_from,
    )
    told = told_beside(path)
    if told:
        record = replace(record, address=str(told.get("address", "")))
    registered = bool(told) or any(known.sha256 == sha256 for known in registry().values())
    findings = _doubts_of_file(path, kind, inside, known=registered or expected is not None)
    if inside.current is not None:
        findings += inside.current.findings
    return OsmFile(
        path=path, format=kind, record=record, findings=findings, bounds=inside.bounds, current=inside.current
    )


@contextmanager
def reading_osm(path: str | Path, name: str) -> Iterator[None]:
    """Turn every failure to read an OSM file within the block into a ``DamagedFileError`` that names the file.

    Raises
    ------
    DamagedFileError
        When the OSM library gives up on the file.
    MissingFileError
        When the file vanished.
    """
    path = Path(path)
    try:
        yield
    except SpatialJusticeError:
        raise
    except FileNotFoundError as error:
        raise _missing(path, name) from error
    except UNREADABLE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        found = f"{path.name} cannot be read to its end ({reason.rstrip('.')})"
        advice = SORT_IT if "out of order" in reason else FETCH_AGAIN
        raise DamagedFileError(name, found, advice) from error


def objects(
    osm: OsmFile,
    *entities: Any,
    keys: Collection[str] | Mapping[Any, Collection[str]] = (),
    tags: Collection[tuple[str, str]] = (),
    ids: Collection[int] | None = None,
) -> Iterator[Any]:
    """Give the objects of a file one by one, in the order of the file, without those marked as deleted.

    An object is only good until the next one is asked for: take what is needed out of it at once.

    Parameters
    ----------
    osm
        The opened file.
    entities
        Any of ``osmium.osm.NODE``, ``WAY``, ``RELATION``; all three where none is given.
    keys
        Keep objects that have at least one of these keys; for several entities one after the other in one reading, the
        keys of each.
    tags
        Keep objects that have at least one of these (key, value) pairs. With ``keys`` as well both must hold.
    ids
        Keep objects with these ids.

    Raises
    ------
    DamagedFileError
        When the file cannot be read to its end.
    """
    # The library's own id filter takes more than a gigabyte for the ids of today, whatever their number, and knows no
    # negative ids, which editors give to what was not yet uploaded. It pays for large files, and for
    # ways, which have fewer ids.
    wanted = None if ids is None else frozenset(map(int, ids))
    own_filter = wanted is not None and (osm.record.size > LARGE or entities == (WAY,)) and min(wanted, default=0) >= 0
    with reading_osm(osm.path, osm.record.name):
        processor = osm.processor(*entities)
        for kind, own in keys.items() if isinstance(keys, Mapping) else [(ALL, keys)] if keys else ():
            keyed = osmium.filter.KeyFilter(*own)
            keyed.enable_for(kind)
            processor.with_filter(keyed)
        if tags:
            processor.with_filter(osmium.filter.TagFilter(*tags))
        if wanted is not None and own_filter:
            processor.with_filter(osmium.filter.IdFilter(wanted))
            wanted = None
        item: Any
        for item in tqdm(processor, desc=f"reading {osm.path.name}", unit=" objects", delay=2, leave=False):
            if (wanted is None or item.id in wanted) and not item.deleted:
                yield item


def _entity_bits(entities: tuple[Any, ...]) -> Any:
    bits = ALL
    for position, entity in enumerate(entities):
        bits = entity if position == 0 else bits | entity
    return bits


def _missing(path: Path, name: str) -> MissingFileError:
    return MissingFileError(
        name, f"there is no file {path}", "Check the folder and the spelling, or download the extract first."
    )


def _format_of(path: Path, name: str) -> str:
    if path.is_dir():
        raise InputError(name, f"{path} is a folder", "Name the OpenStreetMap file inside it.")
    if not path.exists():
        raise _missing(path, name)
    require_regular(path, name)
    kind = next((kind for ending, kind in FORMATS.items() if path.name.lower().endswith(ending)), None)
    if kind is None:
        raise InputError(
            name,
            f"{path.name} has an ending that no OpenStreetMap file has",
            f"Give a file that ends in {', '.join(FORMATS)}.",
        )
    with reading_osm(path, name), path.open("rb") as stream:
        beginning = stream.read(64)
    plain = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    right = {
        "pbf": b"OSMHeader" in beginning,
        # UTF-16 files begin with a byte-order mark of their own.
        "osm": plain.startswith((b"<?xml", b"<osm", b"<!--", b"\xff\xfe", b"\xfe\xff")),
    }.get(kind, beginning.startswith(BEGINNINGS.get(kind, b"")))
    if not right:
        looks = "it is empty" if not beginning else f"it begins with {beginning[:20]!r}"
        raise DamagedFileError(
            name,
            f"{path.name} is not what its ending says: {looks}",
            "An error page saved in place of the file, or a wrong ending, is the usual cause. " + FETCH_AGAIN,
        )
    return kind


@lru_cache(maxsize=32)
def _inspect(path: Path, kind: str, name: str, sha256: str) -> _FileContents:  # noqa: ARG001 (the checksum keys the cache)
    """Read a file once from beginning to end."""
    with reading_osm(path, name):
        date = None if kind == "pbf" else _xml_date(path, kind)
        if kind != "pbf":
            refuse_remark(path, kind, name)
        with osmium.io.Reader(osmium.io.File(path, kind), osmium.osm.NOTHING) as reader:
            header = reader.header()
        if header.has_multiple_object_versions:
            raise InputError(
                name,
                f"{path.name} holds the history of the map, every object many times",
                "Give a file that shows the map on one day.",
            )
        date = date or _iso_date(header.get("osmosis_replication_timestamp")) or _iso_date(header.get("timestamp"))
        box = header.box()
        bounds = None
        if box.valid():
            low, high = box.bottom_left, box.top_right
            bounds = (low.lon, low.lat, high.lon, high.lat)
        seen = read_through(path, kind, edits=date is None)
        gone = deleted_in_xml(path, kind)
        current = None if seen.plain and not gone else put_in_order(path, kind, name, gone, LARGE)
        return _FileContents(date, bounds, seen, current)


def _iso_date(text: str) -> str | None:
    """Return a header's date in one spelling, or None where it is not a date."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _xml_date(path: Path, kind: str) -> str | None:
    """Read the date that XML files carry before their first object, which the OSM library passes over."""
    found: list[str] = []
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "osm" and "timestamp" in attributes:
            found.append(attributes["timestamp"])
        elif tag == "meta" and "osm_base" in attributes:
            found.append(attributes["osm_base"])

    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse_entities
    with OPENED[kind](path, "rb") as stream:
        parser.Parse(stream.read(HEAD), False)
    return _iso_date(found[0]) if found else None


def _doubts_of_file(path: Path, kind: str, inside: _FileContents, *, known: bool) -> tuple[Finding, ...]:
    """Say what speaks against the file being whole; a PBF file has no mark at its end."""
    if kind != "pbf" or (known and inside.seen.ways):
        return ()
    if inside.seen.has_nodes and not inside.seen.ways:
        return (
            Finding(
                code="file_has_no_end_mark",
                severity="warning",
                message=f"{path.name} holds points but not a single line: it may have been cut off.",
                values={"file": path.name, "variant": "points"},
                advice=FETCH_AGAIN,
            ),
        )
    relations = "" if inside.seen.relations else " It holds no relations, which come last in such files."
    return (
        Finding(
            code="file_has_no_end_mark",
            severity="warning" if not inside.seen.relations else "information",
            message=f"{path.name} was read to its end, but PBF files carry no mark there, so that a cut between two "
            f"blocks cannot be ruled out.{relations}",
            values={"file": path.name} | ({} if inside.seen.relations else {"variant": "no_relations"}),
            advice="Compare its size and checksum with those published where it came from.",
        ),
    )
