"""Files that say of themselves that they are only a part: one check for every reader.

Servers answer with what they have room for and say so in the answer: Overpass in a ``remark``, ArcGIS in
``exceededTransferLimit``, WFS and OGC API in ``numberMatched`` above ``numberReturned`` and in a link to the next page.
Libraries that read shapes pass all of these over.
"""

from __future__ import annotations

import bz2
import gzip
import html
import json
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from spatialjustice._core.errors import DamagedFileError
from spatialjustice._core.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = frozenset({".json", ".geojson"})
GML = frozenset({".gml", ".xml"})
EDGE = 262_144
"""Bytes at the beginning and the end of a file in which its marks stand, when it is too large to be read twice."""

SMALL = 64_000_000
LONGEST_REMARK = 300

REMARK = re.compile(rb"<remark\b[^>]*>([^<]*)", re.ASCII)
ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?FeatureCollection\b([^>]*)>", re.ASCII)
ATTRIBUTE = re.compile(r"""([A-Za-z:]+)\s*=\s*["']([^"']*)["']""")
TRUNCATED = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?truncatedResponse\b", re.ASCII)
LIMIT = re.compile(rb'"exceededTransferLimit"\s*:\s*true\b')
NUMBER = re.compile(rb'"(numberMatched|totalFeatures)"\s*:\s*"?(\d{1,15})\b')
ADVICE = "Ask for all of it: page by page, a smaller area at a time, or as a download of the whole layer."


def refuse_remark(path: Path, kind: str, name: str) -> None:
    """Refuse a file of OpenStreetMap XML at whose end the server remarks that something went wrong.

    ``kind`` is ``osm``, ``osm.gz`` or ``osm.bz2``; PBF has no room for remarks.

    Raises
    ------
    DamagedFileError
        With the remark.
    """
    opened: dict[str, Callable[..., Any]] = {"osm": Path.open, "osm.gz": gzip.open, "osm.bz2": bz2.open}
    with opened[kind](path, "rb") as stream:
        beginning, end = _beginning_and_end(stream)
    for part in (beginning, end):
        # In UTF-16 every other byte is 0. A sign of an element cannot stand in a tag's value.
        found = REMARK.search(part.replace(b"\x00", b""))
        if found:
            said = " ".join(html.unescape(found[1].decode("utf-8", "replace")).split())[:LONGEST_REMARK]
            raise DamagedFileError(
                name,
                f"{path.name} is only a part: the server that made it remarks “{said}”",
                "Ask for a smaller place, allow a longer timeout, or use an extract of the map.",
            )


def _beginning_and_end(stream: IO[bytes]) -> tuple[bytes, bytes]:
    beginning = stream.read(EDGE)
    end = b""
    while piece := stream.read(EDGE):
        end = (end + piece)[-EDGE:]
    return beginning, end


def says_it_is_a_part(path: Path, rows: int, *, layer: str | None = None) -> list[Finding]:
    """Return a warning where a file of shapes says that it is a part; ``rows`` are those that were read of it.

    A file that holds as many rows as its server had is whole, whatever the first of its pages said.
    """
    found = []
    for member, ending, data, large in _texts_of_file(path, layer):
        said = _of_json(data, rows, large=large) if ending in JSON else _of_gml(data, rows)
        if said:
            found.append(
                Finding(
                    code="file_says_it_is_a_part",
                    severity="warning",
                    message=f"{member} says of itself that it is only a part: {said}.",
                    count=rows,
                    advice=ADVICE,
                )
            )
    return found


def _texts_of_file(path: Path, layer: str | None) -> list[tuple[str, str, bytes, bool]]:
    """Return name, ending and bytes of each text that holds shapes, and whether the bytes are only its two ends."""
    ending = path.suffix.lower()
    if ending in JSON | GML:
        with path.open("rb") as stream:
            return [(path.name, ending, *_read(stream, path.stat().st_size))]
    if ending != ".zip":
        return []
    texts = []
    with zipfile.ZipFile(path) as archive:
        members = [
            info
            for info in archive.infolist()
            if PurePosixPath(info.filename).suffix.lower() in JSON | GML and not info.filename.startswith("__MACOSX/")
        ]
        chosen = [info for info in members if PurePosixPath(info.filename).stem == layer] or members
        for info in chosen:
            with archive.open(info) as stream:
                suffix = PurePosixPath(info.filename).suffix.lower()
                texts.append((f"{info.filename} inside {path.name}", suffix, *_read(stream, info.file_size)))
    return texts


def _read(stream: IO[bytes], size: int) -> tuple[bytes, bool]:
    if size <= SMALL:
        return stream.read(), False
    return b"\n".join(_beginning_and_end(stream)), True


def _of_json(data: bytes, rows: int, *, large: bool) -> str:
    if not large:
        try:
            whole = json.loads(data)
        except (ValueError, RecursionError):
            large = True  # pieces of JSON one after the other: no room for marks but between them
        else:
            return _of_members(whole, rows) if isinstance(whole, dict) else ""
    if LIMIT.search(data):
        return "it exceeded the server's transfer limit"
    matched = max((int(number) for _, number in NUMBER.findall(data)), default=0)
    return f"{rows:,} of {matched:,} places are in it" if matched > rows else ""


def _of_members(whole: dict[str, Any], rows: int) -> str:
    """Read the marks beside the shapes: at the top, in ``properties``, or in STAC's ``context``."""
    beside = [part for part in (whole, whole.get("properties"), whole.get("context")) if isinstance(part, dict)]
    counts = [_whole(part.get(key)) for part in beside for key in ("numberMatched", "totalFeatures", "matched")]
    matched = max(counts, default=0)
    if matched > rows:
        return f"{rows:,} of {matched:,} places are in it"
    if any(str(part.get("exceededTransferLimit")).lower() == "true" for part in beside):
        return "it exceeded the server's transfer limit"
    links = [link for part in beside for link in _listed(part.get("links")) if isinstance(link, dict)]
    if not matched and any(link.get("rel") == "next" for link in links):
        return "it links to a next page"
    return ""


def _listed(links: Any) -> list[Any]:
    return links if isinstance(links, list) else []


def _whole(value: Any) -> int:
    """Return a count of a server; 0 where it says nothing or “unknown”."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _of_gml(data: bytes, rows: int) -> str:
    plain = data.replace(b"\x00", b"")
    if TRUNCATED.search(plain[-EDGE:]):
        return "the server broke off while it wrote it"
    root = ROOT.search(plain[:EDGE])
    if not root:
        return ""
    said = dict(ATTRIBUTE.findall(root[1].decode("utf-8", "replace")))
    matched = _whole(said.get("numberMatched"))
    if matched > rows:
        return f"{rows:,} of {matched:,} places are in it"
    return "it links to a next page" if not matched and said.get("next") else ""
