"""Shapefiles and zip archives of shapes: refused where a part is missing, damaged or cut off."""

from __future__ import annotations

import struct
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from spatialjustice._core.errors import DamagedFileError
from spatialjustice.sources.guards.damage import FETCH_AGAIN, reading_whole_file, require_members
from spatialjustice.sources.guards.nothing_else_opened import HEAD, require_kind, require_own_json, require_own_rows

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

DRAWN = frozenset({".shp", ".gpkg", ".geojson", ".json", ".fgb", ".gml", ".kml"})
LARGEST_ZIP = 4_000_000_000
# What a shapefile cannot do without, and what then is missing.
PARTS = {".shx": "the index of its shapes", ".dbf": "its columns"}


def require_whole_shapes(path: Path, name: str) -> None:
    """Refuse shapefiles and archives that are cut off or incomplete; the reading library accepts some of them."""
    if path.suffix.lower() == ".shp":
        _require_parts({file.name: file for file in path.parent.iterdir() if file.is_file()}, path.name, name)
        with path.open("rb") as stream:
            _require_length(stream.read(100), path.stat().st_size, path.name, name)
    elif path.suffix.lower() == ".zip":
        try:
            with reading_whole_file(path, name), zipfile.ZipFile(path) as archive:
                _require_whole_archive(archive, path, name)
        except DamagedFileError as error:
            if not isinstance(error.__cause__, zipfile.BadZipFile):
                raise
            found = f"{path.name} is not a whole zip file ({error.__cause__})"
            raise DamagedFileError(name, found, FETCH_AGAIN) from error


def _require_whole_archive(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    members = {info.filename: info for info in archive.infolist()}
    require_members(archive, path, name, largest=LARGEST_ZIP)
    broken = archive.testzip()
    if broken is not None:
        raise DamagedFileError(name, f"{broken} inside {path.name} is damaged", FETCH_AGAIN)
    for member, info in members.items():
        if PurePosixPath(member).suffix.lower() in DRAWN:
            with archive.open(member) as stream:
                inside = f"{member} inside {path.name}"
                data = stream.read() if member.lower().endswith("json") else stream.read(HEAD)
                require_own_rows(data[:HEAD], inside, name)
                require_own_json(data, inside, name)
                require_kind(data[:HEAD], inside, name)
        if member.lower().endswith(".shp"):
            _require_parts(members, member, name)
            with archive.open(member) as stream:
                _require_length(stream.read(100), info.file_size, member, name)


def _require_parts(beside: Collection[str], shapefile: str, name: str) -> None:
    stem = shapefile[: -len(".shp")].lower()
    there = {file.lower() for file in beside}
    for ending, what in PARTS.items():
        if stem + ending not in there:
            raise DamagedFileError(
                name,
                f"{shapefile} comes without {shapefile[:-4]}{ending}, which holds {what}",
                "A shapefile is several files of one name: copy all of them.",
            )


def _require_length(header: bytes, size: int, shapefile: str, name: str) -> None:
    """Compare the length a shapefile's header promises, in words of two bytes, with its size."""
    promised = struct.unpack(">i", header[24:28])[0] * 2 if len(header) == 100 else 0
    if size < max(promised, 100):
        raise DamagedFileError(
            name, f"{shapefile} is cut off: it has {size:,} bytes and should have {promised:,}", FETCH_AGAIN
        )
