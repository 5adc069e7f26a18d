"""Answers that are kept: by their content, with a record beside them, checked again whenever they are read.

Below the cache folder lie ``content/SHA256/FILE`` with ``record.json`` beside it, ``questions/KEY.json`` (which content
answered which question, without keys), ``partial`` (what is being received), ``locks`` and ``quarantine``. Nothing is
ever deleted from ``content`` and ``quarantine``: that is for the user to do.
"""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.disk import files, receiving
from spatialjustice._core.errors import InputError, OutputError
from spatialjustice._core.provenance import checksum

if TYPE_CHECKING:
    from collections.abc import Mapping

CACHE_VARIABLE = "SPATIALJUSTICE_CACHE"
RECORD = "record.json"
SHA256 = re.compile(r"[0-9a-f]{64}")


def cache_folder() -> Path:
    """Return where answers are kept: ``SPATIALJUSTICE_CACHE``, or the usual place of the system for such files.

    Raises
    ------
    InputError
        When neither is there.

    Examples
    --------
    >>> import os
    >>> os.environ["SPATIALJUSTICE_CACHE"] = "/data/cache"
    >>> cache_folder().as_posix()
    '/data/cache'
    >>> del os.environ["SPATIALJUSTICE_CACHE"]
    """
    given = os.environ.get(CACHE_VARIABLE, "").strip()
    if given:
        return Path(given)
    try:
        return _usual_folder()
    except RuntimeError:
        raise InputError(
            "cache", "this user has no home folder", f"Set {CACHE_VARIABLE} to a folder for the answers of servers."
        ) from None


def _usual_folder() -> Path:
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(base) / "spatialjustice" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "spatialjustice"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spatialjustice"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer in the cache: its file and its record."""

    path: Path
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of answers.

    Parameters
    ----------
    folder
        Where it is. It is made when something is kept.
    ours
        Whether damaged entries may be moved to its quarantine; a folder of recorded answers is left as it is.
    """

    folder: Path
    ours: bool = True

    def find(self, key: str) -> Kept | None:
        """Return the answer to a question, compared with its checksum; None where there is none, or a damaged one."""
        record = _read(self.folder / "questions" / f"{key}.json")
        digest, name = str(record.get("sha256", "")), str(record.get("file", ""))
        path = self._whole(digest, name) if _usable(record) else None
        return None if path is None else Kept(path, record)

    def content(self, digest: str, name: str) -> Path | None:
        """Return the file of a checksum under any name, compared with it."""
        folder = self.folder / "content" / digest
        # What begins with a dot was being written when the work was cut off.
        try:
            names = [each.name for each in sorted(folder.glob("[!.]*")) if each.name != RECORD]
        except OSError:  # another user's, who lets nobody look
            names = []
        found = name if name in names else next(iter(names), "")
        return self._whole(digest, found) if found else None

    def _whole(self, digest: str, name: str) -> Path | None:
        if not SHA256.fullmatch(digest) or not name or Path(name).name != name:
            return None
        path = self.folder / "content" / digest / name
        try:
            if not path.is_file():
                return None
            if checksum(path) == digest:
                return path
        except OSError:  # another user's, or the disk is damaged there: it is asked for again
            return None
        if self.ours:
            with suppress(OutputError):
                receiving.move_aside(path, self.folder / "quarantine")
        return None

    def damaged(self, key: str) -> bool:
        """Whether there is a record of an answer whose file is gone or not what it was."""
        return os.path.lexists(self.folder / "questions" / f"{key}.json")

    def quarantined(self) -> list[Path]:
        """Files that were found damaged, in the order of their names."""
        return sorted(path for path in (self.folder / "quarantine").glob("*/*") if path.is_file())

    def partial(self, key: str) -> receiving.Partial:
        """Return what has come of an answer."""
        return receiving.Partial(self.folder / "partial" / f"{key}.part")

    def lock(self, key: str) -> Path:
        """Return the lock file of a question."""
        return self.folder / "locks" / f"{key}.lock"

    def keep(self, part: receiving.Partial, key: str, record: Mapping[str, Any]) -> Kept:
        """Move a received file to its place and write its record; the record of the question comes last."""
        path = self.folder / "content" / str(record["sha256"]) / str(record["file"])
        if self._whole(str(record["sha256"]), str(record["file"])) is not None:
            part.discard()
        else:
            self._make_way(path)
            part.finish(path)
        return self._recorded(path, key, record)

    def take(self, kept: Kept, key: str) -> Kept:
        """Copy an answer of another folder into this one."""
        path = self.folder / "content" / str(kept.record["sha256"]) / str(kept.record["file"])
        if not path.is_file():
            files.copy(kept.path, path)
        return self._recorded(path, key, kept.record)

    def _recorded(self, path: Path, key: str, record: Mapping[str, Any]) -> Kept:
        for target in (path.parent / RECORD, self.folder / "questions" / f"{key}.json"):
            self._make_way(target)
            files.write_json(target, dict(record))
        return Kept(path, record)

    def _make_way(self, path: Path) -> None:
        """Put a folder aside that stands where a file goes."""
        if path.is_dir():
            receiving.move_aside(path, self.folder / "quarantine")


def record_beside(path: Path) -> Mapping[str, Any]:
    """Return the record of a file that lies in a cache; empty for any other file."""
    record = _read(path.parent / RECORD) if SHA256.fullmatch(path.parent.name) else {}
    return record if record.get("sha256") == path.parent.name else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _usable(record: Mapping[str, Any]) -> bool:
    """Whether a record says what is needed of an answer."""
    status = record.get("status")
    texts = (record.get(field, "") for field in ("licence", "attribution", "data_date_from", "address"))
    date = record.get("data_date")
    return (
        isinstance(status, int)
        and 200 <= status < 300
        and all(isinstance(text, str) for text in texts)
        and (date is None or isinstance(date, str))
    )
