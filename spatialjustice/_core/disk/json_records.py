"""Records of what was kept in a folder (JSON): read again with the same checks, whatever they are of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError, SpatialJusticeError, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

T = TypeVar("T")


class RecordKind(NamedTuple):
    """What a record is of, and what to say where it is not.

    Attributes
    ----------
    name
        What errors call the input.
    kind
        What the record says of itself under ``kind``.
    versions
        Versions of the format that this package reads; the last one is told.
    missing, strange, again
        What to do where there is no record, where it is of something else, and where it is damaged or of another
        version.
    """

    name: str
    kind: str
    versions: tuple[int, ...]
    missing: str
    strange: str
    again: str


def read_json(path: Path, name: str, again: str) -> Any:
    """Return what a file of JSON says.

    Parameters
    ----------
    path
        The file, which is there.
    name
        What errors call the input.
    again
        What to do where it is damaged.

    Raises
    ------
    DamagedFileError
        When it cannot be read, or is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedFileError(name, f"{path} cannot be read ({error})", again) from error


def read_record(path: Path, of: RecordKind, understood: Callable[[Mapping[str, Any]], T]) -> T:
    """Read a record and return what is understood of it.

    Parameters
    ----------
    path
        The file.
    of
        What it must be a record of.
    understood
        ``(record)`` → what is in it. Whatever it stumbles over is a fault of the record, but for errors of this
        package, which say themselves what they are.

    Raises
    ------
    MissingFileError
        When it is not there.
    DamagedFileError
        When it cannot be read, or something in it is missing or not what belongs there.
    InputError
        When it is a record of something else, or of a version that this package does not read.
    """
    if not path.is_file():
        raise MissingFileError(of.name, f"{path} is not there", of.missing)
    record = read_json(path, of.name, of.again)
    if not isinstance(record, dict) or record.get("kind") != of.kind:
        raise InputError(of.name, f"{path} is something else", of.strange)
    version = record.get("version")
    if version not in of.versions or isinstance(version, bool):
        found = f"{path.parent} is of version {version} of the format; this package reads {of.versions[-1]}"
        raise InputError(of.name, found, of.again)
    try:
        return understood(record)
    except SpatialJusticeError:
        raise
    except Exception as error:
        said = f"there is no {listed(error.args)}" if isinstance(error, KeyError) else str(error)
        raise DamagedFileError(of.name, f"{path} is not what was written ({said})", of.again) from error
