"""Streets into tiles: every piece once, in the file of the tile in which it begins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import spatialjustice
from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError
from spatialjustice._core.machine.extras import require_installed
from spatialjustice._core.provenance import path_of
from spatialjustice.network.cutoffs import checked_number
from spatialjustice.network.network import Network
from spatialjustice.network.streets.modes import Mode, mode_named
from spatialjustice.network.tiles.index import MANIFEST, ModeTiles, Shelf, TileIndex, keep_index
from spatialjustice.network.tiles.squares import Box, columns_and_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

    from spatialjustice.network.tiles.index import Unit

ROWS = 4096
"""Pieces of street to a group of rows, which is read whole or not at all."""

STREETS, PLACES = "streets", "places"
"""Folders in that of the tiles."""

BITS = 10
"""Halvings of a tile by which what is in it is put in order."""


def write_tiles(
    source: str | Path | Network,
    folder: str | Path,
    *,
    tile_size: float,
    modes: Collection[str | Mode] = ("walk",),
    boundary: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    buffer: float = 3000.0,
    smallest_component: float = 1000.0,
) -> TileIndex:
    """Write streets in square tiles, so that any part of them is read without the others.

    Every piece of street is written once, with both its ends, in the file of the tile in which its first node lies.
    The files of a mode are ``streets/MODE/tile=NAME.parquet``, in which neighbours on the ground are neighbours; the
    record of them is ``tiles.json``, which is written last.

    Parameters
    ----------
    source
        An OpenStreetMap file, which is read once for all modes; a folder that :func:`spatialjustice.network.save`
        made; or a network.
    folder
        Where to write; tiles that are there already are replaced, and the places written beside them go.
    tile_size
        Metres: the side of a tile.
    modes
        Names of modes or :class:`Mode` objects, for an OpenStreetMap file; a network has its own.
    boundary, buffer, smallest_component
        For an OpenStreetMap file: ``within``, ``buffer`` and ``smallest_component`` of
        :func:`spatialjustice.network.from_osm`.

    Returns
    -------
    TileIndex

    Raises
    ------
    InputError
        When there is no mode, the size is not above 0, or the modes' streets lie in different zones.
    OutputError
        When the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from spatialjustice.sources.known_files import demo_extract
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     index = write_tiles(demo_extract(), folder, tile_size=1000)
    ...     len(index.tiles("walk"))
    6
    """
    require_installed("pyarrow", "network")
    size = checked_number(tile_size, "tile size", positive=True)
    target = path_of(folder, "folder")
    files.make_folder(target)
    files.remove_file(target / MANIFEST)
    for name in (STREETS, PLACES):
        files.remove_folder(target / name)
    written: dict[str, ModeTiles] = {}
    crs: CRS | None = None
    for network in _networks(source, modes, boundary, buffer, smallest_component):
        if crs is not None and network.crs != crs:
            found = f"the streets of “{network.mode.name}” are in {network.crs.name}, others in {crs.name}"
            raise InputError("boundary", found, "Give the boundary of the place, whose zone is that of all modes.")
        crs = network.crs
        if network.mode.name in written:
            raise InputError("modes", f"{network.mode.name} stands there more than once", "Give each mode once.")
        written[network.mode.name] = _write_mode(network, target, size)
    if crs is None:
        raise InputError("modes", "there is none", "Give the mode of the streets.")
    index = TileIndex(target, crs, size, written)
    keep_index(index, software=f"spatialjustice {spatialjustice.__version__}")
    return index


def _networks(
    source: str | Path | Network, modes: Collection[str | Mode], boundary: Any, buffer: float, smallest_component: float
) -> Iterator[Network]:
    """Give the networks one after the other: that of one mode is gone before the next is made."""
    if isinstance(source, Network):
        yield source
        return
    path = path_of(source, "source")
    if Path(path).is_dir():
        from spatialjustice.network.exchange import load

        own = next((mode for mode in modes if isinstance(mode, Mode)), None)
        yield load(path, mode=own)
        return
    from spatialjustice.network.streets.osm_file import OsmStreets

    if isinstance(modes, str | Mode):
        raise InputError("modes", "it is a single one", f"Give a list: modes=[{modes!r}].")
    streets = OsmStreets(path)
    for mode in modes:
        yield streets.network(mode_named(mode), within=boundary, buffer=buffer, smallest_component=smallest_component)


def _write_mode(network: Network, folder: Path, tile_size: float) -> ModeTiles:
    order, starts, names = by_tiles(network.x[network.edge_u], network.y[network.edge_u], tile_size)
    shelves: dict[str, Shelf] = {}
    for name, begin, end in zip(names, starts[:-1], starts[1:], strict=True):
        rows = order[begin:end]
        path = street_file(folder, network.mode, name)
        files.write_parquet(path, _groups(network, rows), attrs={"tile": name, "mode": network.mode.name})
        shelves[name] = Shelf(rows.size, _box_of_pieces(network, rows))
    return ModeTiles(
        mode=network.mode,
        least=_least(network),
        nodes=int(network.node_id.size),
        shelves=shelves,
        area=network.area,
        sources=network.sources,
        findings=network.findings,
        forbidden_turns=network.forbidden_turns,
    )


def street_file(folder: Path, mode: Mode, tile: str) -> Path:
    """Return where the streets of a tile of level 0 are."""
    return folder / STREETS / mode.name / f"tile={tile}.parquet"


def by_tiles(
    x: NDArray[np.float64], y: NDArray[np.float64], tile_size: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str]]:
    """Put points in order by tile, neighbours together; return the order, where each tile starts, and their names."""
    columns, rows = columns_and_rows(x, y, tile_size)
    inside = [
        np.floor((values / tile_size - at) * 2**BITS).astype(np.int64) for values, at in ((x, columns), (y, rows))
    ]
    order = np.lexsort((_interleaved(*inside), rows, columns))
    columns, rows = columns[order], rows[order]
    new = np.flatnonzero((np.diff(columns) != 0) | (np.diff(rows) != 0)) + 1
    starts = np.concatenate([[0], new, [order.size]]) if order.size else np.zeros(1, np.int64)
    return order, starts, [f"0_{columns[start]}_{rows[start]}" for start in starts[:-1].tolist()]


def _interleaved(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of each cell along the curve that fills a square quarter by quarter (Morton 1966)."""
    number = np.zeros(first.size, np.int64)
    for bit in range(BITS):
        number |= ((first >> bit) & 1) << (2 * bit) | ((second >> bit) & 1) << (2 * bit + 1)
    return number


def _groups(network: Network, rows: NDArray[np.int64]) -> Iterator[pd.DataFrame]:
    for begin in range(0, rows.size, ROWS):
        few = rows[begin : begin + ROWS]
        u, v = network.edge_u[few], network.edge_v[few]
        yield pd.DataFrame(
            {
                "edge": few,
                "u": u.astype(np.int64),
                "v": v.astype(np.int64),
                "u_id": network.node_id[u],
                "v_id": network.node_id[v],
                "u_x": network.x[u],
                "u_y": network.y[u],
                "v_x": network.x[v],
                "v_y": network.y[v],
                "length": network.length[few],
                "forward": network.forward[few],
                "backward": network.backward[few],
                "way_id": network.way_id[few],
                "component": network.component[u],
                "apart": np.asarray(network.apart)[few],
            }
        )


def _box_of_pieces(network: Network, rows: NDArray[np.int64]) -> Box:
    ends = np.concatenate([network.edge_u[rows], network.edge_v[rows]])
    x, y = network.x[ends], network.y[ends]
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def _least(network: Network) -> dict[Unit, float]:
    """Return the smallest cost of a straight metre: of any piece, in any direction that is open, or beside them."""
    dx = network.x[network.edge_u] - network.x[network.edge_v]
    dy = network.y[network.edge_u] - network.y[network.edge_v]
    straight = np.sqrt(dx * dx + dy * dy)
    some = straight > 0
    least: dict[Unit, float] = {}
    mode = network.mode
    beside: dict[Unit, float] = {"minutes": mode.speed / (mode.leg_speed or mode.speed), "metres": 1.0}
    by_unit: dict[Unit, Any] = {"minutes": network._by_time, "metres": network._by_length}  # noqa: SLF001
    for unit, leg in beside.items():
        costs = np.minimum(by_unit[unit].forward, by_unit[unit].backward)
        least[unit] = float(min(leg, (costs[some] / straight[some]).min(initial=leg)))
    return least
