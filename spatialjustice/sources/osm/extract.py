"""Opening OpenStreetMap files: what is in them, how old it is, and whether it is whole."""

from __future__ import annotations

import bz2
import gzip
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.parsers import expat

import osmium
from osmium.osm import ALL, NODE, RELATION, WAY

from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError, SpatialJusticeError
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord, checksum, require_regular
from spatialjustice.sources._damage import require_packed
from spatialjustice.sources.known_files import registry, told_beside

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
    """

    path: Path
    format: str
    record: SourceRecord
    findings: tuple[Finding, ...] = ()
    bounds: tuple[float, float, float, float] | None = None

    def processor(self, *entities: Any) -> osmium.FileProcessor:
        """Return a pyosmium processor over the file; read it within :func:`reading`."""
        return osmium.FileProcessor(osmium.io.File(self.path, self.format), _bits(entities))


class _Inside(NamedTuple):
    """What one pass through a file told."""

    header_date: str | None
    newest_edit: str | None
    bounds: tuple[float, float, float, float] | None
    has_nodes: bool
    ways: int
    relations: int


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
        When it cannot be read to its end, is of another kind than its ending says, or is not what ``expected`` says.
    InputError
        When the path is a folder, has another ending, or the file holds the history of the map.
    """
    # The OSM library takes a name like http:… for an address, wherever it is relative.
    path = Path(path).absolute()
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
    elif inside.newest_edit is not None:
        date, date_from = inside.newest_edit, "newest edit in the file"
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
    findings = _whole(path, kind, inside, known=registered or expected is not None)
    return OsmFile(path=path, format=kind, record=record, findings=findings, bounds=inside.bounds)


@contextmanager
def reading(path: str | Path, name: str) -> Iterator[None]:
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
    keys: Collection[str] = (),
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
        Keep objects that have at least one of these keys.
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
    # negative ids, which editors give to what was not yet uploaded. It pays for large files only.
    wanted = None if ids is None else frozenset(map(int, ids))
    own_filter = wanted is not None and osm.record.size > LARGE and min(wanted, default=0) >= 0
    with reading(osm.path, osm.record.name):
        processor = osm.processor(*entities)
        if keys:
            processor.with_filter(osmium.filter.KeyFilter(*keys))
        if tags:
            processor.with_filter(osmium.filter.TagFilter(*tags))
        if wanted is not None and own_filter:
            processor.with_filter(osmium.filter.IdFilter(wanted))
            wanted = None
        item: Any
        for item in processor:
            if (wanted is None or item.id in wanted) and not item.deleted:
                yield item


def _bits(entities: tuple[Any, ...]) -> Any:
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
    with reading(path, name), path.open("rb") as stream:
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
def _inspect(path: Path, kind: str, name: str, sha256: str) -> _Inside:  # noqa: ARG001 (the checksum keys the cache)
    """Read a file once from beginning to end."""
    with reading(path, name):
        date = None if kind == "pbf" else _xml_date(path, kind)
        with osmium.io.Reader(osmium.io.File(path, kind), osmium.osm.NOTHING) as reader:
            header = reader.header()
        if header.has_multiple_object_versions:
            raise InputError(
                name,
                f"{path.name} holds the history of the map, every object many times",
                "Give a file that shows the map on one day.",
            )
        date = date or _iso(header.get("osmosis_replication_timestamp")) or _iso(header.get("timestamp"))
        box = header.box()
        bounds = None
        if box.valid():
            low, high = box.bottom_left, box.top_right
            bounds = (low.lon, low.lat, high.lon, high.lat)
        return _Inside(date, *_through(path, kind, edits=date is None, bounds=bounds))


def _through(
    path: Path, kind: str, *, edits: bool, bounds: tuple[float, float, float, float] | None
) -> tuple[str | None, tuple[float, float, float, float] | None, bool, int, int]:
    """Count what is in a file; nodes are looked at one by one only where the newest edit is asked for."""
    file = osmium.io.File(path, kind)
    seen = {"n": 0, "w": 0, "r": 0}
    newest = datetime.fromtimestamp(0, UTC)
    item: Any
    for item in osmium.FileProcessor(file, ALL if edits else WAY | RELATION):
        seen[item.type_str()] += 1
        if edits and item.timestamp > newest:
            newest = item.timestamp
    has_nodes = seen["n"] > 0 or (not edits and next(iter(osmium.FileProcessor(file, NODE)), None) is not None)
    # Objects without a time of edit carry the beginning of the epoch.
    latest = newest.strftime("%Y-%m-%dT%H:%M:%SZ") if newest.timestamp() > 0 else None
    return latest, bounds, has_nodes, seen["w"], seen["r"]


def _iso(text: str) -> str | None:
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
    opened: dict[str, Any] = {"osm": Path.open, "osm.gz": gzip.open, "osm.bz2": bz2.open}
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "osm" and "timestamp" in attributes:
            found.append(attributes["timestamp"])
        elif tag == "meta" and "osm_base" in attributes:
            found.append(attributes["osm_base"])

    def declared(*_: Any) -> None:
        message = "it declares XML entities, which no OpenStreetMap file needs"
        raise ValueError(message)

    parser.StartElementHandler = start
    parser.EntityDeclHandler = declared
    with opened[kind](path, "rb") as stream:
        parser.Parse(stream.read(HEAD), False)
    return _iso(found[0]) if found else None


def _whole(path: Path, kind: str, inside: _Inside, *, known: bool) -> tuple[Finding, ...]:
    """Say what speaks against the file being whole; a PBF file has no mark at its end."""
    if kind != "pbf" or (known and inside.ways):
        return ()
    if inside.has_nodes and not inside.ways:
        return (
            Finding(
                code="file_has_no_end_mark",
                severity="warning",
                message=f"{path.name} holds points but not a single line: it may have been cut off.",
                advice=FETCH_AGAIN,
            ),
        )
    relations = "" if inside.relations else " It holds no relations, which come last in such files."
    return (
        Finding(
            code="file_has_no_end_mark",
            severity="warning" if not inside.relations else "information",
            message=f"{path.name} was read to its end, but PBF files carry no mark there, so that a cut between two "
            f"blocks cannot be ruled out.{relations}",
            advice="Compare its size and checksum with those published where it came from.",
        ),
    )
