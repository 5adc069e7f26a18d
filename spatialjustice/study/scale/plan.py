"""The plan for memory, made before any work: how much each tile takes at most, and which are cut into smaller ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.network.snap import origins_of
from spatialjustice.network.tiles.index import estimated_bytes
from spatialjustice.network.tiles.squares import columns_and_rows, in_tile, split

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.network.streets.modes import Mode
    from spatialjustice.network.tiles.index import TileIndex

ZONE_BYTES = 1000
"""Memory that a zone takes at most while its tile is searched, its shape included."""

QUESTION_BYTES = 100
"""Memory that a zone takes for each question beside."""

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
    tile_of_zone
        The tile of each zone, on the zones' ids.
    halo
        Metres of streets around each tile that are read with it at first.
    budget
        Bytes that one may take; None where nobody knows.
    cut
        How many tiles were over it and cut into smaller ones.
    """

    what: str
    tiles: dict[str, int]
    tile_of_zone: pd.Series[Any]
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
            "zones": self.tile_of_zone.value_counts(sort=False).to_dict(),
        }

    def __str__(self) -> str:
        """Tell the plan as a small table: all tiles together, and those that take most."""
        zones = self.tile_of_zone.value_counts()
        budget = "no limit known" if self.budget is None else f"{self.budget / 1e6:,.0f} MB each"
        cut = f", {self.cut:,} cut into smaller ones" if self.cut else ""
        most = sorted(self.tiles, key=lambda tile: -self.tiles[tile])[:3]
        head = f"memory for {self.what}: {len(self.tiles):,} tiles{cut}, {len(self.tile_of_zone):,} zones, "
        rows = [
            f"{head}{self.halo:,.0f} m of streets around each; {budget}",
            f"  {'tile':<16}{'zones':>12}{'estimated MB':>16}",
            *(f"  {tile:<16}{int(zones[tile]):>12,}{self.tiles[tile] / 1e6:>16,.0f}" for tile in most),
        ]
        rest = len(self.tiles) - len(most)
        return "\n".join([*rows, *([f"  and {rest:,} that take less"] if rest else [])])


def planned(
    index: TileIndex,
    mode: Mode,
    *,
    what: str,
    zones: gpd.GeoDataFrame,
    halo: float,
    questions: int,
    memory: int | None,
) -> Plan:
    """Share zones out among tiles, and cut those tiles that would take more memory than there is.

    Raises
    ------
    InputError
        When even the smallest tile takes more.
    """
    plane: Any = index  # no more than the CRS is asked for
    x, y = origins_of(plane, zones, "zones").xy.T
    columns, rows = columns_and_rows(x, y, index.tile_size)
    names = np.array([f"0_{column}_{row}" for column, row in zip(columns.tolist(), rows.tolist(), strict=True)], object)
    tiles: dict[str, int] = {}
    cut = 0
    waiting = sorted(set(names.tolist()))
    level_of = dict.fromkeys(waiting, 0)
    while waiting:
        tile = waiting.pop(0)
        mine = np.flatnonzero(names == tile)
        bytes_ = estimated_bytes(index, tile, mode=mode, halo=halo)
        bytes_ += mine.size * (ZONE_BYTES + QUESTION_BYTES * questions)
        if memory is None or bytes_ <= memory:
            tiles[tile] = bytes_
            continue
        if level_of[tile] == DEEPEST or mine.size == 1:
            raise InputError(
                "memory",
                f"the tile {tile} with {mine.size:,} zones and {halo:,.0f} m of streets around it takes about "
                f"{bytes_ / 1e6:,.0f} MB, and {memory / 1e6:,.0f} MB are there for each",
                "Ask for fewer workers, give more memory with --memory, or ask for lower limits: they say how much "
                "around a tile must be known.",
            )
        cut += 1
        for smaller in split(tile):
            inside = mine[in_tile(x[mine], y[mine], smaller, index.tile_size)]
            if inside.size:
                names[inside] = smaller
                level_of[smaller] = level_of[tile] + 1
                waiting.append(smaller)
    return Plan(what, tiles, pd.Series(names, index=zones.index), halo, memory, cut)
