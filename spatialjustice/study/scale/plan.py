"""The plan for memory, made before any work: how much each tile takes at most, and which are cut into smaller ones."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.network.snap import destinations_of, origins_of
from spatialjustice.network.tiles.costs import WIDER
from spatialjustice.network.tiles.index import estimated_bytes, street_bytes
from spatialjustice.network.tiles.squares import box_of_points, in_tile, parts_of, split
from spatialjustice.network.tiles.writing import by_tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.network.streets.modes import Mode
    from spatialjustice.network.tiles.index import TileIndex

    Floats = NDArray[np.float64]

ZONE_BYTES = 1000
"""Memory that a zone takes at most while its tile is searched, its shape included."""

QUESTION_BYTES = 100
"""Memory that a zone takes for each question beside."""

DETOUR = 1.5
"""Times the straight line that the way to the nearest place is reckoned to be; streets are read twice as far."""

DEEPEST = 8
"""Levels below which no tile is cut: its halo is then by far the larger part."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Which tiles are done, and what they are expected to take.

    Parameters
    ----------
    what
        The step that it is for.
    tiles
        Bytes that each tile is estimated to take, by its name.
    zones
        How many zones each tile has.
    halo
        Metres of streets around each tile that are read with it at first; where the nearest place lies farther off in a
        straight line, those around its zones are reckoned with, too.
    budget
        Bytes that one may take; None where nobody knows.
    cut
        How many tiles were over it and cut into smaller ones.
    """

    what: str
    tiles: dict[str, int]
    zones: dict[str, int]
    halo: float
    budget: int | None
    cut: int

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain data."""
        return {
            "step": self.what,
            "halo_metres": round(self.halo, 1),
            "budget_bytes": self.budget,
            "tiles_cut": self.cut,
            "estimated_bytes": self.tiles,
            "zones": self.zones,
        }

    def __str__(self) -> str:
        """Tell the plan as a small table: all tiles together, and those that take most."""
        budget = "no limit known" if self.budget is None else f"{self.budget / 1e6:,.0f} MB each"
        cut = f", {self.cut:,} cut into smaller ones" if self.cut else ""
        most = sorted(self.tiles, key=lambda tile: -self.tiles[tile])[:3]
        head = f"memory for {self.what}: {len(self.tiles):,} tiles{cut}, {sum(self.zones.values()):,} zones, "
        rows = [
            f"{head}{self.halo:,.0f} m of streets around each; {budget}",
            f"  {'tile':<16}{'zones':>12}{'estimated MB':>16}",
            *(f"  {tile:<16}{self.zones[tile]:>12,}{self.tiles[tile] / 1e6:>16,.0f}" for tile in most),
        ]
        rest = len(self.tiles) - len(most)
        return "\n".join([*rows, *([f"  and {rest:,} that take less"] if rest else [])])


def planned(
    index: TileIndex,
    mode: Mode,
    *,
    what: str,
    zones: gpd.GeoDataFrame,
    places: Sequence[gpd.GeoDataFrame],
    halo: float,
    memory: int | None,
) -> Plan:
    """Share zones out among tiles, and cut those tiles that would take more memory than there is.

    ``places`` are those of every question.

    Raises
    ------
    InputError
        When even the smallest tile takes more.
    """
    plane: Any = index  # no more than the CRS is asked for
    x, y = origins_of(plane, zones, "zones").xy.T
    far = _straight_to_nearest(x, y, [destinations_of(plane, frame, "places").xy for frame in places])
    order, starts, names = by_tiles(x, y, index.tile_size)
    mine = {name: order[begin:end] for name, begin, end in zip(names, starts[:-1], starts[1:], strict=True)}
    tiles: dict[str, int] = {}
    cut = 0
    waiting = deque(sorted(mine))
    while waiting:
        tile = waiting.popleft()
        own = mine[tile]
        bytes_ = estimated_bytes(index, tile, mode=mode, halo=halo)
        bytes_ += _wider_bytes(index, mode, (x[own], y[own], DETOUR * far[own]), halo)
        bytes_ += own.size * (ZONE_BYTES + QUESTION_BYTES * len(places))
        if memory is None or bytes_ <= memory:
            tiles[tile] = bytes_
            continue
        if parts_of(tile)[0] == DEEPEST or own.size == 1:
            raise InputError(
                "memory",
                f"the tile {tile} with {own.size:,} zones and {halo:,.0f} m of streets around it takes about "
                f"{bytes_ / 1e6:,.0f} MB, and {memory / 1e6:,.0f} MB are there for each",
                "Ask for fewer workers, give more memory with --memory, or ask for lower limits: they say how much "
                "around a tile must be known.",
            )
        cut += 1
        del mine[tile]
        for smaller in split(tile):
            inside = own[in_tile(x[own], y[own], smaller, index.tile_size)]
            if inside.size:
                mine[smaller] = inside
                waiting.append(smaller)
    return Plan(what, tiles, {tile: int(mine[tile].size) for tile in tiles}, halo, memory, cut)


def _straight_to_nearest(x: Floats, y: Floats, places: Sequence[Floats]) -> Floats:
    """Return metres in a straight line from every zone to the farthest of the nearest places of each question."""
    from scipy.spatial import KDTree

    zones = np.column_stack([x, y])
    far = np.zeros(x.size)
    for points in places:
        np.maximum(far, KDTree(points).query(zones)[0] if len(points) else 0.0, out=far)
    return far


def _wider_bytes(index: TileIndex, mode: Mode, zones: tuple[Floats, Floats, Floats], halo: float) -> int:
    """Return the memory of the ground around those zones of a tile whose nearest place may lie beyond the halo."""
    x, y, way = (values[zones[2] > halo] for values in zones)
    if not way.size:
        return 0
    return street_bytes(index, box_of_points(x, y).wider(WIDER * float(way.max())), mode=mode)
