"""Places in tiles: where trips begin and end, each place in the file of one tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.disk import files
from spatialjustice._core.disk.json_records import RecordKind, read_record
from spatialjustice._core.errors import InputError
from spatialjustice.network.snap import destinations_of, origins_of
from spatialjustice.network.tiles.index import Shelf, shelves_of, told_of
from spatialjustice.network.tiles.reading import rows_in_box
from spatialjustice.network.tiles.squares import Box, box_of_points, in_tile, parent
from spatialjustice.network.tiles.writing import PLACES, ROWS, by_tiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from spatialjustice.network.tiles.index import TileIndex

RECORD = RecordKind(
    "places",
    "spatialjustice places",
    versions=(1,),
    missing="Write them with write_places().",
    strange="Write the places again with write_places().",
    again="Write the places again with write_places().",
)
MANIFEST = "places.json"

Side = Literal["origins", "destinations"]

OWN = ("place", "id", "x", "y")
"""Columns of every file of places; the others are values that travel with them."""

AXES = (("x", "x"), ("y", "y"))


@dataclass(frozen=True)
class PlaceIndex:
    """The record of places in tiles: made by :func:`write_places`, read again by :func:`open_places`.

    Attributes
    ----------
    folder
        Where their files are.
    side
        ``origins`` or ``destinations``.
    rows
        Places in all.
    columns
        The values that travel with them.
    index_name
        The name of the ids.
    shelves
        What lies in each file: how many places, and the rectangle around all their points.
    """

    folder: Path
    side: Side
    rows: int
    columns: tuple[str, ...]
    index_name: str | None
    shelves: dict[str, Shelf]

    @property
    def tiles(self) -> tuple[str, ...]:
        """Names of the tiles of level 0 in which there are places, in a fixed order."""
        return tuple(dict.fromkeys(name.split("-part")[0] for name in self.shelves))

    @property
    def box(self) -> Box:
        """The rectangle around all points."""
        boxes = np.array([shelf.box for shelf in self.shelves.values()]).reshape(-1, 4)
        if not boxes.size:
            return box_of_points(np.empty(0), np.empty(0))
        return Box(*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())


def write_places(
    index: TileIndex,
    frames: gpd.GeoDataFrame | Iterable[gpd.GeoDataFrame],
    *,
    name: str,
    side: Side,
    columns: Sequence[str] = (),
) -> PlaceIndex:
    """Write places beside the tiles of streets, in the same squares, with some of their columns.

    Each is entered and left where :meth:`Network.travel_costs` lets it be, and belongs to the tile of its first point.

    Parameters
    ----------
    index
        The tiles of streets.
    frames
        The places in any CRS on their ids; or several such frames, one after the other, where they are too many for
        one. Ids must not repeat, within a frame or between them.
    name
        What to call them: the name of their folder.
    side
        ``origins`` or ``destinations``: at which points a shape is entered depends on it.
    columns
        Columns to keep (people, supply).

    Returns
    -------
    PlaceIndex

    Raises
    ------
    InputError
        When a frame cannot be used.
    """
    _require_side(side)
    folder = index.folder / PLACES / name
    files.remove_folder(folder)
    shelves: dict[str, Shelf] = {}
    count, index_name = 0, None
    for part, frame in enumerate([frames] if isinstance(frames, gpd.GeoDataFrame) else frames):
        index_name = frame.index.name if index_name is None else index_name
        for tile, rows in _by_tile(index, frame, side, columns, count):
            known = f"{tile}-part{part}"
            groups = [rows.iloc[at : at + ROWS] for at in range(0, len(rows), ROWS)]
            files.write_parquet(folder / f"tile={known}.parquet", groups, attrs={"tile": tile})
            box = box_of_points(rows["x"].to_numpy(), rows["y"].to_numpy())
            shelves[known] = Shelf(int(rows["place"].nunique()), box)
        count += len(frame)
    made = PlaceIndex(folder, side, count, tuple(columns), None if index_name is None else str(index_name), shelves)
    record = {
        "kind": RECORD.kind,
        "version": RECORD.versions[-1],
        "side": side,
        "rows": count,
        "columns": list(columns),
        "index_name": made.index_name,
        "tiles": told_of(shelves),
    }
    files.write_json(folder / MANIFEST, record)
    return made


def open_places(index: TileIndex, name: str) -> PlaceIndex:
    """Read the record of places that :func:`write_places` made.

    Raises
    ------
    MissingFileError, DamagedFileError
        When there are none of that name, or their record cannot be read.
    InputError
        When it is one of another version.
    """
    path = index.folder / PLACES / name / MANIFEST

    def understood(told: Mapping[str, Any]) -> PlaceIndex:
        columns, index_name = tuple(map(str, told["columns"])), told["index_name"]
        _require_side(told["side"])
        return PlaceIndex(path.parent, told["side"], int(told["rows"]), columns, index_name, shelves_of(told["tiles"]))

    return read_record(path, RECORD, understood)


def _require_side(side: Any) -> None:
    if side not in ("origins", "destinations"):
        raise InputError("side", f"it is {side!r}", "Choose origins or destinations.")


class _Plane:
    """What projecting places asks of a network."""

    def __init__(self, index: TileIndex) -> None:
        self.crs = index.crs


def _by_tile(
    index: TileIndex, frame: gpd.GeoDataFrame, side: Side, columns: Sequence[str], before: int
) -> Iterator[tuple[str, pd.DataFrame]]:
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise InputError(side, f"there is no column {', '.join(absent)}", "Name columns that are there.")
    plane: Any = _Plane(index)
    places = (origins_of if side == "origins" else destinations_of)(plane, frame, side)
    xy = places.xy
    first = np.unique(places.place, return_index=True)[1]  # of each place, in ascending order
    order, starts, names = by_tiles(xy[first, 0], xy[first, 1], index.tile_size)
    counts = np.diff(np.append(first, places.place.size))
    for name, begin, end in zip(names, starts[:-1], starts[1:], strict=True):
        chosen = order[begin:end]
        rows = np.repeat(first[chosen], counts[chosen]) + _running(counts[chosen])
        place = places.place[rows]
        table = {"place": place.astype(np.int64) + before, "id": frame.index.take(place)}
        table |= {"x": xy[rows, 0], "y": xy[rows, 1]}
        table |= {f"value_{column}": frame[column].to_numpy()[place] for column in columns}
        yield name, pd.DataFrame(table)


def _running(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0, 1, … for each of some counts, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(counts.sum()) - np.repeat(ends - counts, counts)


def places_of_tile(index: TileIndex, places: PlaceIndex, tile: str) -> gpd.GeoDataFrame:
    """Return the places that belong to a tile, of any level, with all their points, in the order they were given."""
    names = [name for name in places.shelves if name.split("-part")[0] == parent(tile)]
    rows = _read(places, names, None)
    firsts = rows.drop_duplicates("place")
    kept = firsts["place"][in_tile(firsts["x"].to_numpy(), firsts["y"].to_numpy(), tile, index.tile_size)]
    return _frame(index, places, rows[rows["place"].isin(kept)])


def places_in_box(index: TileIndex, places: PlaceIndex, box: Box) -> gpd.GeoDataFrame:
    """Return the places that have points in a rectangle, with these points, in the order they were given."""
    names = [name for name, shelf in places.shelves.items() if shelf.box.meets(box)]
    rows = _read(places, names, box)
    return _frame(index, places, rows[box.has(rows["x"].to_numpy(), rows["y"].to_numpy())])


def _read(places: PlaceIndex, names: list[str], box: Box | None) -> pd.DataFrame:
    if not places.shelves:
        columns = (*OWN, *(f"value_{name}" for name in places.columns))
        return pd.DataFrame({name: np.empty(0) for name in columns})
    # Nothing of a file still tells of what kind its columns are.
    nowhere = box_of_points(np.empty(0), np.empty(0))
    wanted = [(name, box) for name in names] or [(next(iter(places.shelves)), nowhere)]
    parts = [rows_in_box(places.folder / f"tile={name}.parquet", where, AXES) for name, where in wanted]
    return pd.concat(parts, ignore_index=True).sort_values("place", kind="stable", ignore_index=True)


def _frame(index: TileIndex, places: PlaceIndex, rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return one row for each place: a point, or several where it has several."""
    place, first = np.unique(rows["place"].to_numpy(), return_index=True)
    points: Any = shapely.points(rows["x"].to_numpy(dtype=float), rows["y"].to_numpy(dtype=float))
    shapes = points[first] if places.side == "origins" else np.empty(0, dtype=object)
    if places.side == "destinations":
        owner = np.searchsorted(place, rows["place"].to_numpy())
        shapes = shapely.multipoints(points, indices=owner) if place.size else shapes
    firsts = rows.iloc[first]
    values = {name: firsts[f"value_{name}"].to_numpy() for name in places.columns}
    ids = pd.Index(firsts["id"], name=places.index_name)
    return gpd.GeoDataFrame(values, geometry=shapes, crs=index.crs, index=ids)
