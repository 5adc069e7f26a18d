"""Where data came from: one record per source, and what ran on it."""

from __future__ import annotations

import hashlib
import platform
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import InputError, a_kind

if TYPE_CHECKING:
    from spatialjustice._core.findings import Frame

RUNTIME_PARTS = (
    "spatialjustice", "numpy", "pandas", "geopandas", "shapely", "pyproj", "rasterio", "exactextract", "osmium",
    "osmnx", "libpysal", "mapclassify", "numba", "opening-hours-py", "h3", "folium",
)  # fmt: skip

OSM_LICENCE = "Open Database License (ODbL) 1.0"
OSM_ATTRIBUTION = "© OpenStreetMap contributors"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What must be known of a source to trace a result back to it.

    Parameters
    ----------
    name
        What the source is used as, for example ``streets`` or ``population``.
    file
        File name without its folder, or a query's address.
    sha256
        Checksum of the bytes that were read.
    size
        Number of those bytes.
    licence
        Licence of the data; ``"not stated"`` where nobody said.
    attribution
        Credit line that every map drawing the data must show.
    data_date
        ISO date (or time) the data describe; None where unknown. Never the day of the download.
    data_date_from
        How that date is known: ``file header``, ``newest edit in the file``, ``overpass answer``, ``registry``,
        ``census release``, ``publisher``, ``feed information``, ``study file``; empty where there is none.
    address
        Public address of the file, where there is one.
    note
        Anything a reader must know, for example ``estimated``.
    """

    name: str
    file: str
    sha256: str
    size: int
    licence: str = "not stated"
    attribution: str = ""
    data_date: str | None = None
    data_date_from: str = ""
    address: str = ""
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain data for JSON."""
        return asdict(self)


def path_of(path: Any, name: str) -> Path:
    """Return a path, and refuse what names no file: nothing, a number, a table.

    Raises
    ------
    InputError
        When it is neither text nor a path.
    """
    if not isinstance(path, str | PathLike):
        raise InputError(name, f"a path is asked for, and this is {a_kind(path)}", "Name the file.")
    return Path(path)


def folder_of(path: Any, name: str) -> Path | None:
    """Return the path of a folder that may be left out, in the same way; None where it is.

    Raises
    ------
    InputError
        When it is neither text, nor a path, nor None.
    """
    return None if path is None else path_of(path, name)


def require_regular(path: str | Path, name: str = "") -> None:
    """Refuse what is there but no file: a folder, or a pipe or device, which might never end.

    Raises
    ------
    InputError
        Saying what it is.
    """
    path = Path(path)
    if path.is_dir():
        found = f"{path} is a folder"
        raise InputError(name or path.name, found, "Name the file inside it; a folder geodatabase can be zipped.")
    if path.exists() and not path.is_file():
        found = f"{path} is a pipe or a device, not a file"
        raise InputError(name or path.name, found, "Save what comes out of it in a file, and name that.")


def checksum(path: str | Path) -> str:
    """Return the sha256 of a file's bytes as hexadecimal text."""
    require_regular(path)
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def file_record(path: str | Path, name: str, **known: Any) -> SourceRecord:
    """Make the record of a file: its name, checksum and size, and what else is known of it."""
    path = Path(path)
    return SourceRecord(name=name, file=path.name, sha256=checksum(path), size=path.stat().st_size, **known)


def add_sources(frame: Frame, *records: SourceRecord) -> Frame:
    """Attach source records to a frame or Series (``attrs["sources"]``) and return it."""
    frame.attrs["sources"] = Carried([*frame.attrs.get("sources", []), *(record.as_dict() for record in records)])
    return frame


def sources_of(*frames: Any) -> list[SourceRecord]:
    """Collect the source records that frames, Series or objects with ``sources`` carry, each once, in order."""
    found: dict[SourceRecord, None] = {}
    for frame in frames:
        for item in getattr(frame, "attrs", {}).get("sources", []):
            found.setdefault(SourceRecord(**item))
        for record in getattr(frame, "sources", ()):
            if isinstance(record, SourceRecord):
                found.setdefault(record)
    return list(found)


def versions() -> dict[str, str]:
    """Return the versions of Python and of every part that takes part in a result."""
    found = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    for part in RUNTIME_PARTS:
        try:
            found[part] = metadata.version(part)
        except metadata.PackageNotFoundError:
            found[part] = "not installed"
    return found
