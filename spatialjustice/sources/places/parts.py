"""Shapes in parts: a folder of GeoParquet files, or one file of several groups of rows, of which some are read."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatialjustice._core.errors import DamagedFileError, InputError, MissingCRSError, MissingFileError, listed
from spatialjustice._core.frames import require_ids, require_own_crs
from spatialjustice._core.machine.extras import require_installed
from spatialjustice._core.provenance import SourceRecord, checksum, path_of
from spatialjustice.sources.guards.damage import FETCH_AGAIN, reading_whole_file, require_memory
from spatialjustice.sources.known_files import record_of, require_file
from spatialjustice.sources.tables.frames.arrow_files import PARQUET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TEXTS = frozenset({".txt", ".md", ".json"})
"""Files that may stand beside parts and say something about them."""

Bounds = tuple[float, float, float, float]
CORNERS = 4
"""Numbers of a rectangle on the ground; those of a box in space are six."""


class Group(NamedTuple):
    """A group of rows of a file, which is read whole or not at all.

    ``begin`` is the position of its first row among all rows of all parts; ``bounds`` is the rectangle that its file
    records around its shapes, in the CRS of the parts, None where it records none.
    """

    file: Path
    number: int
    begin: int
    rows: int
    bounds: Bounds | None


@dataclass(frozen=True)
class ShapeParts:
    """Shapes of which a part can be read without the others: made by :func:`shape_parts`.

    Rows have an order, which is that of the whole: files by their names (folders between them included, in the order of
    their letters), and the rows of each as they stand in it.

    Attributes
    ----------
    path
        The file, or the folder.
    files
        Its files, in order.
    groups
        Their groups of rows, in order.
    crs
        The coordinate reference system of all of them.
    id
        The column of the ids; None where rows are numbered from 1.
    columns
        The others, but shapes and the rectangles around them.
    geometry
        The column of the shapes.
    """

    path: Path
    files: tuple[Path, ...]
    groups: tuple[Group, ...]
    crs: CRS
    id: str | None
    columns: tuple[str, ...]
    geometry: str
    name: str

    @property
    def rows(self) -> int:
        """Rows in all."""
        return sum(group.rows for group in self.groups)

    @cached_property
    def ids(self) -> pd.Index[Any]:
        """The ids of all rows, in their order.

        Raises
        ------
        DuplicateIdError
            When one is missing or occurs twice, in one part or in two.
        """
        if self.id is None:
            return pd.RangeIndex(1, self.rows + 1)
        found = _as_ids(self.table([self.id])[self.id])
        require_ids(pd.DataFrame(index=found), self.name)
        return found

    def table(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of all rows in their order, without their shapes; nothing else is held in memory."""
        from pyarrow import parquet

        require_memory(self.rows * max(1, len(columns)), 8, self.path, self.name)
        read = []
        for file in self.files:
            with reading_whole_file(file, self.name):
                read.append(parquet.read_table(file, columns=list(columns), partitioning=None).to_pandas())
        both: pd.DataFrame = pd.concat(read, ignore_index=True)[list(columns)]
        return both

    def read(self, bounds: Bounds | None = None, *, columns: Sequence[str] | None = None) -> gpd.GeoDataFrame:
        """Return the shapes whose own rectangles meet one in the CRS of the parts, in order; all of them for None.

        The index has their ids; of groups that cannot meet it nothing is read but what their file records.
        """
        wanted = self.columns if columns is None else tuple(columns)
        parts = [self._group(group, wanted, bounds) for group in self.groups if _can_meet(group.bounds, bounds)]
        if not parts:
            parts = [self._group(self.groups[0], wanted, bounds).iloc[:0]]
        frame = pd.concat(parts)
        return gpd.GeoDataFrame(frame, geometry="geometry", crs=self.crs)

    def in_groups(self) -> Iterator[gpd.GeoDataFrame]:
        """Yield the rows of one group after the other."""
        return (self._group(group, self.columns, None) for group in self.groups)

    def _group(self, group: Group, columns: Sequence[str], bounds: Bounds | None) -> gpd.GeoDataFrame:
        from pyarrow import parquet

        require_memory(group.rows * (len(columns) + 1), 8, group.file, self.name)
        with reading_whole_file(group.file, self.name), parquet.ParquetFile(group.file) as opened:
            named = [] if self.id is None else [self.id]
            table = opened.read_row_group(group.number, columns=[*columns, *named, self.geometry])
            shapes = shapely.from_wkb(table.column(self.geometry).to_numpy())
            frame = table.drop_columns([self.geometry]).to_pandas(ignore_metadata=True)
        first = group.begin + 1
        ids = pd.RangeIndex(first, first + group.rows) if self.id is None else _as_ids(frame[self.id])
        frame = gpd.GeoDataFrame(frame, geometry=shapes, crs=self.crs)[[*columns, "geometry"]].set_index(ids)
        if bounds is None:
            return frame
        left, bottom, right, top = shapely.bounds(shapes).T
        return frame[(left <= bounds[2]) & (bounds[0] <= right) & (bottom <= bounds[3]) & (bounds[1] <= top)]

    def record(self) -> SourceRecord:
        """Return the source record: that of the file; of a folder one checksum of all names and bytes."""
        return record_of(self.path, self.name) if self.path.is_file() else folder_record(self.path, self.name)


def _as_ids(column: pd.Series[Any]) -> pd.Index[Any]:
    """Return a column as ids; whole numbers that a format stored as fractions become whole again."""
    if pd.api.types.is_float_dtype(column) and column.notna().all() and (column % 1 == 0).all():
        column = column.astype("int64")
    ids: pd.Index[Any] = pd.Index(column)
    return ids


def is_parts(path: Path) -> bool:
    """Tell whether a path is a folder of GeoParquet files."""
    return path.is_dir() and bool(parts_in(path))


def parts_in(folder: Path) -> tuple[Path, ...]:
    """Return the Parquet files below a folder in their order, but those that are hidden; none where there are others.

    Texts beside them are no others.
    """
    named = ((path.relative_to(folder), path) for path in folder.rglob("*") if path.is_file())
    shown = {name.as_posix(): path for name, path in named if not any(part[0] in "._" for part in name.parts)}
    kinds = {path.suffix.lower() for path in shown.values()}
    if not kinds <= PARQUET | TEXTS:
        return ()
    return tuple(shown[name] for name in sorted(shown) if shown[name].suffix.lower() in PARQUET)


def folder_record(folder: Path, name: str) -> SourceRecord:
    """Return the source record of a folder of parts: its name, and one checksum of the names and bytes of all."""
    files = parts_in(folder)
    lines = "".join(f"{file.relative_to(folder).as_posix()} {checksum(file)}\n" for file in files)
    size = sum(file.stat().st_size for file in files)
    digest = hashlib.sha256(lines.encode()).hexdigest()
    return SourceRecord(name, folder.name, digest, size, note=f"a folder of {len(files):,} files")


def shape_parts(path: str | Path, *, name: str = "zones", id: str | None = None) -> ShapeParts:  # noqa: A002
    """Look into shapes in parts and read nothing of them but what their files record.

    Parameters
    ----------
    path
        A folder of GeoParquet files (of any depth; names of folders are no columns), or one such file.
    name
        What they are used as; errors call them so.
    id
        Column that holds the ids; None numbers the rows from 1, in their order.

    Returns
    -------
    ShapeParts

    Raises
    ------
    MissingFileError
        When nothing is there, or the folder holds no such file.
    DamagedFileError
        When what a file records cannot be read.
    MissingCRSError
        When a file does not say its CRS.
    InputError
        When files differ in CRS or columns, hold no shapes, or a column is not there; or without pyarrow.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> squares = gpd.GeoDataFrame({"code": ["A", "B"]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
    ...                            crs=4326)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     squares.iloc[1:].to_parquet(Path(folder) / "east.parquet")
    ...     squares.iloc[:1].to_parquet(Path(folder) / "west.parquet")
    ...     parts = shape_parts(folder, id="code")
    ...     parts.ids.tolist(), parts.read((1.5, 0.2, 1.6, 0.3)).index.tolist()
    (['B', 'A'], ['B'])
    """
    path = path_of(path, name)
    if path.is_dir():
        files = parts_in(path)
        if not files:
            found = f"{path} holds no GeoParquet file, or other data beside them"
            raise MissingFileError(name, found, "Name a folder that holds the parts and nothing else.")
    else:
        require_file(path, name)
        files = (path,)
    groups: list[Group] = []
    first: _Said | None = None
    for file in files:
        told = file.stat()
        said = _said_of(file, name, told.st_size, told.st_mtime_ns)
        if first is None:
            first = said
        elif not said.crs.equals(first.crs):
            found = f"{file.name} is in {said.crs.name}, {files[0].name} in {first.crs.name}"
            raise InputError(name, found, "Write all parts in one coordinate reference system.")
        elif (said.geometry, set(said.columns)) != (first.geometry, set(first.columns)):
            odd = sorted(set(said.columns) ^ set(first.columns)) or [said.geometry, first.geometry]
            found = f"{file.name} and {files[0].name} do not have the same columns ({listed(odd)})"
            raise InputError(name, found, "Write all parts with the same columns.")
        begin = sum(group.rows for group in groups)
        for number, (rows, bounds) in enumerate(said.groups):
            groups.append(Group(file, number, begin, rows, bounds))
            begin += rows
    assert first is not None  # noqa: S101 - there is a file
    if not groups or not sum(group.rows for group in groups):
        raise InputError(name, f"{path.name} holds no rows", "Check that it is the right one and was exported whole.")
    if id is not None and id not in first.columns:
        raise InputError(name, f"{path.name} has no column {id}", f"It has: {', '.join(first.columns)}.")
    columns = tuple(column for column in first.columns if column != id)
    return ShapeParts(path, files, tuple(groups), first.crs, id, columns, first.geometry, name)


class _Said(NamedTuple):
    """What a file records of itself: its CRS, its columns, and rows and rectangle of each group of rows."""

    crs: CRS
    geometry: str
    columns: tuple[str, ...]
    groups: list[tuple[int, Bounds | None]]


@lru_cache(maxsize=10_000)
def _said_of(path: Path, name: str, size: int, changed: int) -> _Said:  # noqa: ARG001 - as long as these are the same
    """Read what a file records of itself, once for as long as it stays as it is."""
    require_installed("pyarrow", name)
    from pyarrow import parquet

    with reading_whole_file(path, name):
        metadata = parquet.read_metadata(path)
        names = parquet.read_schema(path).names
    text = (metadata.metadata or {}).get(b"geo")
    if text is None:
        raise InputError(
            name, f"{path.name} is a Parquet table without shapes", "Write it with GeoDataFrame.to_parquet."
        )
    require_own_crs(str(text, "utf-8", "replace"), name)
    try:
        told = json.loads(text)
        geometry = str(told["primary_column"])
        column = told["columns"][geometry]
        covering = column.get("covering", {}).get("bbox", {})
        edges = [".".join(covering[edge]) for edge in ("xmin", "ymin", "xmax", "ymax")] if covering else []
        whole = _four(column["bbox"]) if len(column.get("bbox", ())) == CORNERS else None
        encoding = str(column.get("encoding", "WKB"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        found = f"{path.name} does not say which of its columns are shapes ({error})"
        raise DamagedFileError(name, found, FETCH_AGAIN) from error
    if encoding != "WKB":
        advice = "Write them as WKB, which GeoDataFrame.to_parquet does by itself."
        raise InputError(name, f"the shapes of {path.name} are written as {encoding}", advice)
    if geometry not in names:
        raise DamagedFileError(name, f"{path.name} has no column {geometry}, which holds its shapes", FETCH_AGAIN)
    crs = column.get("crs", "OGC:CRS84")
    if crs is None:
        advice = "Write it anew with the CRS that its coordinates are in."
        raise MissingCRSError(name, f"{path.name} says that its coordinate reference system is not known", advice)
    with reading_whole_file(path, name):
        known = CRS.from_user_input(crs)
    beside = {geometry, *(re.split(r"\.", edge)[0] for edge in edges)}
    groups = []
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        groups.append((group.num_rows, _bounds_of(group, edges) or whole))
    columns = tuple(each for each in names if each not in beside and not re.fullmatch(r"__index_level_\d+__", each))
    return _Said(known, geometry, columns, groups)


def _bounds_of(group: Any, edges: list[str]) -> Bounds | None:
    """Return the rectangle around a group of rows from the statistics of the column that covers them."""
    columns = {group.column(at).path_in_schema: group.column(at).statistics for at in range(group.num_columns)}
    known = [one for edge in edges if (one := columns.get(edge)) is not None and one.has_min_max]
    if len(known) != CORNERS:
        return None
    return _four([known[0].min, known[1].min, known[2].max, known[3].max])


def _four(numbers: Sequence[float]) -> Bounds:
    left, bottom, right, top = map(float, numbers)
    return left, bottom, right, top


def _can_meet(bounds: Bounds | None, wanted: Bounds | None) -> bool:
    if bounds is None or wanted is None or not np.isfinite(bounds).all():
        return True
    return bounds[0] <= wanted[2] and wanted[0] <= bounds[2] and bounds[1] <= wanted[3] and wanted[1] <= bounds[3]
