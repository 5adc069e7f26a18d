"""The streets of a tile and of its halo, read from the files that hold some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import DamagedFileError, EmptyNetworkError, InputError, MissingFileError
from spatialjustice._core.machine.extras import needed
from spatialjustice.network.network import Network
from spatialjustice.network.tiles.index import TileIndex, open_tiles
from spatialjustice.network.tiles.squares import Box, square_of
from spatialjustice.network.tiles.writing import street_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from spatialjustice.network.streets.modes import Mode

ENDS = (("u_x", "v_x"), ("u_y", "v_y"))


class Ground(NamedTuple):
    """Streets that meet a rectangle.

    ``edges`` are the positions of the pieces in the whole network, ascending; ``complete`` says that these are all
    that there are.
    """

    network: Network
    edges: NDArray[np.int64]
    box: Box
    complete: bool


def read_tile(folder: str | Path | TileIndex, tile: str, *, mode: str | Mode, halo: float) -> Network:
    """Read the streets of a tile and of so many metres around it.

    Nodes and edges keep the order that they have in the whole network, so that of equally near streets the same one is
    chosen; ``component`` has the numbers of the whole. Only groups of rows that can hold such streets are read.

    Parameters
    ----------
    folder
        Where the tiles are, or their index.
    tile
        Its name, of any level.
    mode
        How people travel.
    halo
        Metres, 0 or more: see :func:`halo_of`. Infinite for all there are.

    Returns
    -------
    Network

    Raises
    ------
    EmptyNetworkError
        When there is no street.
    MissingFileError, DamagedFileError, InputError
        When a file is not there, is damaged, or a word is not known.
    """
    index = folder if isinstance(folder, TileIndex) else open_tiles(folder)
    if not halo >= 0:
        raise InputError("halo", f"it is {halo}", "Give metres, 0 or more.")
    found = ground(index, square_of(tile, index.tile_size).wider(halo), mode=mode)
    if found is None:
        message = f"no street of the mode lies within {halo:,.0f} metres of the tile {tile}"
        raise EmptyNetworkError("streets", message, "Choose another tile, or a wider halo.")
    return found.network


def ground(index: TileIndex, box: Box, *, mode: str | Mode) -> Ground | None:
    """Read all streets that meet a rectangle; None where there is none."""
    tiles = index.of(mode)
    parts = []
    for name, shelf in tiles.shelves.items():
        if shelf.box.meets(box):
            read = rows_in_box(street_file(index.folder, tiles.mode, name), box, ENDS)
            parts.append(read[_meets(read, box)])  # so that no more is held than is asked for
    if not parts:
        return None
    rows = pd.concat(parts, ignore_index=True)
    del parts
    rows = rows.sort_values("edge", ignore_index=True)
    if not len(rows):
        return None
    u, v = rows["u"].to_numpy(), rows["v"].to_numpy()
    nodes, first = np.unique(np.concatenate([u, v]), return_index=True)

    def of_nodes(name: str) -> NDArray[Any]:
        return np.concatenate([rows[f"u_{name}"].to_numpy(), rows[f"v_{name}"].to_numpy()])[first]

    network = Network(
        node_id=of_nodes("id"),
        x=of_nodes("x"),
        y=of_nodes("y"),
        edge_u=np.searchsorted(nodes, u).astype(np.int32),
        edge_v=np.searchsorted(nodes, v).astype(np.int32),
        length=rows["length"].to_numpy(),
        forward=rows["forward"].to_numpy(),
        backward=rows["backward"].to_numpy(),
        way_id=rows["way_id"].to_numpy(),
        component=np.tile(rows["component"].to_numpy(), 2)[first],
        crs=index.crs,
        mode=tiles.mode,
        sources=tiles.sources,
        findings=tiles.findings,
        area=tiles.area,
        apart=rows["apart"].to_numpy(),
        forbidden_turns=_turns_among(tiles.forbidden_turns, rows["edge"].to_numpy()),
    )
    return Ground(network, rows["edge"].to_numpy(), box, complete=box.around(tiles.box))


def _turns_among(turns: tuple[tuple[int, ...], ...], edges: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    """Return the forbidden turns of which all pieces are there, by their positions there."""
    if not turns:
        return ()
    sizes = np.array([len(turn) for turn in turns])
    ways = np.array([way for turn in turns for way in turn], dtype=np.int64)
    row = np.minimum(np.searchsorted(edges, ways // 2), edges.size - 1)
    there = np.logical_and.reduceat(edges[row] == ways // 2, np.cumsum(sizes) - sizes)
    listed = np.split(2 * row + ways % 2, np.cumsum(sizes)[:-1])
    return tuple(tuple(turn.tolist()) for turn, whole in zip(listed, there.tolist(), strict=True) if whole)


def _meets(rows: pd.DataFrame, box: Box) -> NDArray[np.bool_]:
    """Tell of which pieces the rectangle around both ends meets another one."""
    kept = np.ones(len(rows), dtype=bool)
    for (one, other), low, high in zip(ENDS, box[:2], box[2:], strict=True):
        first, second = rows[one].to_numpy(), rows[other].to_numpy()
        kept &= (np.minimum(first, second) <= high) & (np.maximum(first, second) >= low)
    return kept


def rows_in_box(path: Path, box: Box | None, spans: tuple[tuple[str, str], tuple[str, str]]) -> pd.DataFrame:
    """Read those groups of rows of a file that can meet a rectangle; all of them for None.

    ``spans`` names two columns for each axis, between which a row lies.
    """
    invalid, parquet = needed("pyarrow", "tiles").ArrowInvalid, needed("pyarrow.parquet", "tiles")
    if not path.is_file():
        raise MissingFileError("tiles", f"{path} is not there", "Write the tiles again.")
    try:
        with parquet.ParquetFile(path) as opened:
            groups = [
                group
                for group in range(opened.metadata.num_row_groups)
                if box is None or _can_meet(opened.metadata.row_group(group), box, spans)
            ]
            found: pd.DataFrame = opened.read_row_groups(groups).to_pandas()
    except (invalid, OSError) as error:
        raise DamagedFileError("tiles", f"{path} cannot be read ({error})", "Write the tiles again.") from error
    return found


def _can_meet(group: object, box: Box, spans: tuple[tuple[str, str], tuple[str, str]]) -> bool:
    """Tell from the least and the greatest values that a file records whether a group of rows can meet a rectangle."""
    columns = {group.column(at).path_in_schema: group.column(at).statistics for at in range(group.num_columns)}  # type: ignore[attr-defined]
    for names, low, high in zip(spans, box[:2], box[2:], strict=True):
        known = [columns[name] for name in names]
        if any(one is None or not one.has_min_max for one in known):
            continue
        if min(one.min for one in known) > high or max(one.max for one in known) < low:
            return False
    return True
