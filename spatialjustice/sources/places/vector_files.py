"""Files of shapes that GDAL reads: which layer, which columns, and how the letters of a shapefile are stored."""

from __future__ import annotations

import difflib
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyogrio

from spatialjustice._core.errors import DamagedFileError, InputError
from spatialjustice.sources.guards.damage import FETCH_AGAIN, reading_whole_file
from spatialjustice.sources.guards.nothing_else_opened import HEAD, require_kind, require_plain_table
from spatialjustice.sources.guards.shapefiles import DRAWN
from spatialjustice.sources.tables._text import letters_of_bytes

if TYPE_CHECKING:
    from spatialjustice._core.findings import Finding

RAW = "ISO-8859-1"
"""An encoding in which every byte is a letter: what it reads can be turned into the bytes again."""

ANSI = 0x57
"""What many programs write into a shapefile whatever its letters are."""

LETTERS_STATED_AT = 29  # byte of a .dbf file


def rows_of_layer(
    path: Path, name: str, *, layer: str | None, wanted: list[str] | None, encoding: str | None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read a layer of a file of shapes whole, with the columns that are wanted, and how its letters were told.

    Raises
    ------
    DamagedFileError
        When it cannot be read to its end.
    InputError
        When there is no such layer or column, or it cannot be told which layer or how letters are stored.
    """
    source: str | Path = path
    if path.suffix.lower() == ".zip":
        source, layer = _in_zip(path, name, layer)
    else:
        with path.open("rb") as stream:
            require_kind(stream.read(HEAD), path.name, name)
        source = path.absolute()
    findings: list[Finding] = []
    with reading_whole_file(path, name):
        layer = _layer(source, path.name, name, layer)
        if path.suffix.lower() != ".zip":
            with path.open("rb") as stream:
                if stream.read(6) == b"SQLite":
                    require_plain_table(path, layer, name)
    if str(source).lower().endswith(".shp"):
        encoding, findings = _letters(source, path, name, layer, encoding)
    elif encoding is not None:
        found = f"{path.name} is of a kind that says itself how its letters are stored"
        raise InputError("encoding", found, "Leave encoding out.")
    with reading_whole_file(path, name):
        info = pyogrio.read_info(source, layer=layer, encoding=encoding)
        if wanted is not None:
            require_columns(list(info["fields"]), wanted, path.name, name)
        frame = pyogrio.read_dataframe(source, layer=layer, columns=wanted, encoding=encoding)
    if info["features"] > len(frame):
        found = f"{path.name} is cut off: {len(frame):,} of {info['features']:,} rows can be read"
        raise DamagedFileError(name, found, FETCH_AGAIN)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(name, f"{path.name} holds a table without shapes", "Name a file that holds points or areas.")
    return frame, findings


def _letters(
    source: str | Path, path: Path, name: str, layer: str, encoding: str | None
) -> tuple[str | None, list[Finding]]:
    """Return how the letters of a shapefile are stored: as the caller says, as it says itself (None), or as guessed."""
    with reading_whole_file(path, name):
        raw = pyogrio.read_dataframe(source, layer=layer, read_geometry=False, encoding=RAW)
        unsaid = encoding is not None or _says_nothing(source, path, pyogrio.read_info(source, layer=layer)["encoding"])
    if not unsaid:
        return None, []
    texts = [str(label) for label in raw.columns]
    for label in raw.select_dtypes(["object", "string"]):
        texts += [value for value in raw[label].dropna().unique() if isinstance(value, str)]
    data = "\n".join(text for text in texts if not text.isascii()).encode("latin-1", "replace")
    if encoding is not None:
        try:
            data.decode(encoding)
        except (LookupError, UnicodeDecodeError) as error:
            found = f"the letters of {path.name} are not {encoding} ({error})"
            raise InputError("encoding", found, "Leave it out, and look at what is guessed.") from error
        return encoding, []
    if not data:
        return None, []
    how = f"encoding='cp1256', or a file {path.stem}.cpg beside it that holds 1256,"
    return letters_of_bytes(data, path.name, name, how)


def _says_nothing(source: str | Path, path: Path, read_as: str) -> bool:
    """Whether a shapefile does not say how its letters are stored: it has no .cpg file, and no sign of its own."""
    stem = str(source)[: -len(".shp")]
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            inside = PurePosixPath(str(source)).name[: -len(".shp")]
            names = [each for each in archive.namelist() if PurePosixPath(each).stem == inside]
            beside = {PurePosixPath(each).name: each for each in names}
            table = next((each for each in beside if each.lower().endswith(".dbf")), None)
            if any(each.lower().endswith(".cpg") for each in beside) or table is None:
                return False
            with archive.open(beside[table]) as stream:
                head = stream.read(LETTERS_STATED_AT + 1)
    else:
        if any(Path(f"{stem}{end}").exists() for end in (".cpg", ".CPG")):
            return False
        table = next(f"{stem}{end}" for end in (".dbf", ".DBF", ".Dbf") if Path(f"{stem}{end}").exists())
        with Path(table).open("rb") as stream:
            head = stream.read(LETTERS_STATED_AT + 1)
    return read_as == RAW or (len(head) > LETTERS_STATED_AT and head[LETTERS_STATED_AT] == ANSI)


def _in_zip(path: Path, name: str, layer: str | None) -> tuple[str, str | None]:
    """Return the file inside an archive to read, and its layer; of several files ``layer`` names one without ending."""
    with zipfile.ZipFile(path) as archive:
        # Archives made on a Mac carry a shadow of every file.
        names = [each for each in archive.namelist() if not each.startswith("__MACOSX/")]
    files = [each for each in names if PurePosixPath(each).suffix.lower() in DRAWN]
    if len(files) > 1:
        files = [each for each in files if PurePosixPath(each).stem == layer] or files
        layer = None
    if len(files) != 1:
        found = f"{path.name} holds {len(files):,} files with shapes" + (f": {', '.join(files)}" if files else "")
        raise InputError(name, found, "Unpack it and name one of them, or say which one as the layer.")
    return f"/vsizip/{path.resolve().as_posix()}/{files[0]}", layer


def _layer(source: str | Path, file: str, name: str, layer: str | None) -> str:
    """Return the layer to read: the one asked for, or the only one that holds shapes."""
    listed = pyogrio.list_layers(source)
    names = [str(each) for each, _ in listed]
    if layer is not None:
        if layer not in names:
            raise InputError(name, f"{file} has no layer {layer}", f"It has: {', '.join(names)}.")
        return layer
    drawn = [str(each) for each, kind in listed if kind is not None]
    if len(drawn) > 1:
        found = f"{file} has {len(drawn):,} layers: {', '.join(drawn)}"
        raise InputError(name, found, f"Say which one to read, for example layer: {drawn[0]}.")
    if not drawn:
        raise InputError(name, f"{file} holds no layer with shapes", "Name a file that holds points or areas.")
    return drawn[0]


def require_columns(there: list[Any], wanted: list[str], file: str, name: str) -> None:
    """Refuse columns that are not there, with those that are.

    Raises
    ------
    InputError
        Naming the column and what may be meant.
    """
    for column in wanted:
        if column not in there:
            near = difflib.get_close_matches(column, there, n=1, cutoff=0.6)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise InputError(name, f"{file} has no column {column}", f"{meant}It has: {', '.join(map(str, there))}.")
