"""The tables of a GTFS feed, from a zip archive or a folder: text cells under clean headers."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pandas as pd

from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError, TooLargeError
from spatialjustice._core.provenance import SourceRecord, checksum, path_of
from spatialjustice.sources.known_files import record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

LARGEST = 4_000_000_000
"""Bytes that a table may unpack to."""

NEEDED = ("agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt")


class Feed:
    """One GTFS feed: its tables by name, and the record of where it came from.

    Parameters
    ----------
    path
        A zip archive or a folder.

    Raises
    ------
    MissingFileError, DamagedFileError, InputError, TooLargeError
        When it is not there, is no archive, lacks a table that every feed has, or unpacks to too much.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = path_of(path, "timetable")
        self.name = self.path.name.removesuffix(".zip")
        if self.path.is_dir():
            self._names = {file.name: file.name for file in self.path.iterdir() if file.suffix == ".txt"}
            self.record = _folder_record(self.path, sorted(self._names))
        else:
            self.record = record_of(self.path, "timetable")
            self._names = self._members()
        lost = [name for name in NEEDED if name not in self._names]
        if not {"calendar.txt", "calendar_dates.txt"} & set(self._names):
            lost.append("calendar.txt or calendar_dates.txt")
        if lost:
            found = f"{self.path.name} lacks {', '.join(lost)}"
            raise DamagedFileError("timetable", found, "Give a whole GTFS feed: a zip archive or a folder.")

    def _members(self) -> dict[str, str]:
        """Return the tables of an archive by name; some publishers put all of them into one folder."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                members = [one for one in archive.infolist() if one.filename.endswith(".txt")]
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
            found = f"{self.path.name} is no whole zip archive ({error})"
            raise DamagedFileError("timetable", found, "Get the feed again.") from error
        tables: dict[str, str] = {}
        for one in members:
            name = one.filename.rsplit("/", 1)[-1]
            if one.file_size > LARGEST:
                found = f"{name} in {self.path.name} says it unpacks to {one.file_size:,} bytes"
                raise TooLargeError("timetable", found, "Cut the feed to the place.")
            if name in tables and not one.filename.startswith("__MACOSX"):
                found = f"{self.path.name} holds {name} more than once"
                raise InputError("timetable", found, "Give one feed an archive; several feeds go in as a list.")
            if not one.filename.startswith("__MACOSX"):
                tables[name] = one.filename
        return tables

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """Read a table: every cell as text without blanks around it, an absent optional column as empty cells.

        Parameters
        ----------
        name
            File name, for example ``stops.txt``; a table that is not there has no rows.
        columns
            Columns that the result has in any case, in this order first.

        Raises
        ------
        DamagedFileError, InputError
            When it cannot be read.
        """
        if name not in self._names:
            return pd.DataFrame(columns=list(columns), dtype=str)
        data = self._bytes(name)
        for encoding in ("utf-8-sig", "cp1252"):
            try:
                text = data.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        else:
            found = f"{name} of {self.path.name} is written in neither UTF-8 nor Windows-1252"
            raise InputError("timetable", found, "Store it as UTF-8, as GTFS asks for.")
        try:
            frame = pd.read_csv(
                io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False, skipinitialspace=True
            )
        except pd.errors.EmptyDataError:
            frame = pd.DataFrame(dtype=str)
        except (pd.errors.ParserError, ValueError) as error:
            raise DamagedFileError("timetable", f"{name} of {self.path.name}: {error}", "Mend that row.") from error
        frame.columns = frame.columns.str.strip()
        for column in columns:
            if column not in frame:
                frame[column] = ""
        frame = frame.fillna("")  # rows that are shorter than the header
        return frame[[*columns, *(one for one in frame.columns if one not in columns)]].apply(_stripped)

    def _bytes(self, name: str) -> bytes:
        member = self._names[name]
        if self.path.is_dir():
            return (self.path / member).read_bytes()
        try:
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(member)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
            found = f"{name} of {self.path.name} cannot be unpacked ({error})"
            raise DamagedFileError("timetable", found, "Get the feed again.") from error

    def refuse(self, table: str, found: str, advice: str) -> InputError:
        """Return an error that names a table of this feed."""
        return InputError("timetable", f"{table} of {self.path.name}: {found}", advice)


def opened_feeds(feeds: str | Path | Sequence[str | Path]) -> list[Feed]:
    """Open one feed or several.

    Raises
    ------
    InputError
        When there is none.
    """
    paths = [feeds] if isinstance(feeds, str) or not hasattr(feeds, "__iter__") else list(feeds)
    if not paths:
        raise InputError("feeds", "there is none", "Give at least one GTFS feed.")
    return [Feed(path) for path in paths]


def _stripped(column: pd.Series[str]) -> pd.Series[str]:
    # Most columns have few distinct texts, or none with blanks: look before every cell is touched.
    blank = column.str.startswith((" ", "\t")) | column.str.endswith((" ", "\t"))
    return column.str.strip() if blank.any() else column


def _folder_record(folder: Path, names: Sequence[str]) -> SourceRecord:
    import hashlib

    if not names:
        raise MissingFileError("timetable", f"{folder} holds no tables", "Give the folder of a GTFS feed.")
    parts = [f"{name} {checksum(folder / name)}" for name in names]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    size = sum((folder / name).stat().st_size for name in names)
    return SourceRecord("timetable", folder.name, digest, size, note=f"a folder of {len(names)} tables")


def whole_numbers(
    feed: Feed, table: str, column: pd.Series[str], *, empty: int, allowed: Callable[[int], bool] = lambda _: True
) -> pd.Series[int]:
    """Turn a column of codes into whole numbers; an empty cell is what GTFS says it means.

    Raises
    ------
    InputError
        When a cell is no whole number, or not one of those allowed.
    """
    codes = {text: _whole(text, empty) for text in column.unique()}
    wrong = [text for text, code in codes.items() if code is None or not allowed(code)]
    if wrong:
        raise feed.refuse(table, f"{column.name} holds “{wrong[0]}”", "Give one of the numbers that GTFS defines.")
    return column.map(codes).astype("int64")


def _whole(text: str, empty: int) -> int | None:
    if text == "":
        return empty
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
