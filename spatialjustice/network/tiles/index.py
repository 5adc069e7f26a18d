"""What is known of tiles before any of them is read: how many streets each has, where they lie, how fast they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import shapely
from pyproj import CRS

from spatialjustice._core.disk import files
from spatialjustice._core.disk.json_records import RecordKind, read_record
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_own_crs
from spatialjustice._core.provenance import SourceRecord, path_of
from spatialjustice.network.cutoffs import checked_cutoff, checked_number
from spatialjustice.network.streets.modes import Mode, kept_mode
from spatialjustice.network.tiles.squares import Box, parts_of, square_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shapely import MultiPolygon, Polygon

RECORD = RecordKind(
    "tiles",
    "spatialjustice tiles",
    versions=(1,),
    missing="Make the tiles with write_tiles().",
    strange="Give the folder that was given to write_tiles().",
    again="Make the tiles again with this package.",
)
MANIFEST = "tiles.json"

Unit = Literal["minutes", "metres"]
UNITS: tuple[Unit, ...] = ("minutes", "metres")

MARGIN = 1.0
"""Metres by which a halo is wider than the rule says, for costs and coordinates are rounded to grids of their own."""

SLACK = 1e-9
"""Share of a cost for a metre that rounding may take away from it."""

STREET_BYTES = 1200
"""Memory that a piece of street takes at the most while a tile is read and searched, its share of nodes included."""

RESTING_BYTES = 350_000_000
"""Memory of a process before it reads a tile."""


class Shelf(NamedTuple):
    """One file of streets: how many pieces it holds, and the rectangle around them."""

    rows: int
    box: Box


def shelves_of(told: Mapping[str, Any]) -> dict[str, Shelf]:
    """Return what a record says of files, by their names."""
    found = {name: Shelf(int(shelf["rows"]), Box(*map(float, shelf["box"]))) for name, shelf in told.items()}
    for name in found:
        parts_of(name.split("-part")[0])
    return found


def told_of(shelves: Mapping[str, Shelf]) -> dict[str, Any]:
    """Return files as their record tells them."""
    return {name: {"rows": shelf.rows, "box": list(shelf.box)} for name, shelf in shelves.items()}


@dataclass(frozen=True)
class ModeTiles:
    """The tiles of one mode.

    Attributes
    ----------
    mode
        How people travel.
    least
        The smallest cost of a metre of straight line, by unit: of all pieces of street and the way beside them, in
        metres at the mode's speed for ``minutes``, in metres along the ground for ``metres``. 0 where some street
        costs nothing.
    nodes
        Nodes in all.
    shelves
        What lies in the file of each tile.
    area
        What the data of the streets cover; None where that is not known.
    sources, findings
        Of the streets.
    forbidden_turns
        As :class:`spatialjustice.network.Network` has them, by positions of pieces in the whole network.
    """

    mode: Mode
    least: dict[Unit, float]
    nodes: int
    shelves: dict[str, Shelf]
    area: Polygon | MultiPolygon | None
    sources: tuple[SourceRecord, ...]
    findings: tuple[Finding, ...]
    forbidden_turns: tuple[tuple[int, ...], ...] = ()

    @property
    def rows(self) -> int:
        """Pieces of street in all."""
        return sum(shelf.rows for shelf in self.shelves.values())

    @property
    def box(self) -> Box:
        """The rectangle around all streets."""
        boxes = [shelf.box for shelf in self.shelves.values()]
        low, high = (min, min), (max, max)
        return Box(*(how(box[at] for box in boxes) for at, how in enumerate((*low, *high))))


@dataclass(frozen=True)
class TileIndex:
    """The record of tiles in a folder: made by :func:`write_tiles`, read again by :func:`open_tiles`.

    Attributes
    ----------
    folder
        Where the tiles are.
    crs
        The projected coordinate reference system, in metres, of all of them.
    tile_size
        Metres: the side of a tile of level 0.
    modes
        The tiles of every mode, by its name.
    """

    folder: Path
    crs: CRS
    tile_size: float
    modes: dict[str, ModeTiles]

    def of(self, mode: str | Mode) -> ModeTiles:
        """Return the tiles of a mode.

        Raises
        ------
        InputError
            When there are none.
        """
        name = mode.name if isinstance(mode, Mode) else mode
        if name not in self.modes:
            there = ", ".join(self.modes)
            raise InputError("mode", f"there are no tiles of the mode “{name}”", f"Choose one of {there}.")
        return self.modes[name]

    def tiles(self, mode: str | Mode) -> tuple[str, ...]:
        """Return the names of the tiles of level 0 in which streets of a mode begin, in a fixed order."""
        return tuple(self.of(mode).shelves)


def open_tiles(folder: str | Path, *, modes: tuple[Mode, ...] = ()) -> TileIndex:
    """Read the record of tiles that :func:`write_tiles` made.

    Parameters
    ----------
    folder
        Where the tiles are.
    modes
        Those of them that are none of this package's: rules are code and are not kept in files.

    Returns
    -------
    TileIndex

    Raises
    ------
    MissingFileError, DamagedFileError
        When there are no tiles, or their record cannot be read.
    InputError
        When it is one of another version, or a mode is not known.
    """
    path = path_of(folder, "folder") / MANIFEST
    own = {mode.name: mode for mode in modes}

    def understood(record: Mapping[str, Any]) -> TileIndex:
        crs = CRS.from_wkt(record["crs"])
        require_own_crs(crs, "tiles")
        kept = {name: _mode_tiles(told, own.get(name)) for name, told in record["modes"].items()}
        return TileIndex(path.parent, crs, checked_number(record["tile_size"], "tile size", positive=True), kept)

    return read_record(path, RECORD, understood)


def _mode_tiles(told: dict[str, Any], given: Mode | None) -> ModeTiles:
    return ModeTiles(
        mode=kept_mode(told["mode"], given),
        least={unit: float(told["least"][unit]) for unit in UNITS},
        nodes=int(told["nodes"]),
        shelves=shelves_of(told["tiles"]),
        area=None if told["area"] is None else shapely.from_wkt(told["area"]),
        sources=tuple(SourceRecord(**source) for source in told["sources"]),
        findings=tuple(Finding(**finding) for finding in told["findings"]),
        forbidden_turns=tuple(tuple(map(int, turn)) for turn in told.get("forbidden_turns", ())),
    )


def keep_index(index: TileIndex, *, software: str) -> None:
    """Write the record of tiles, last of all: without it they are none."""
    record = {
        "software": software,
        "kind": RECORD.kind,
        "version": RECORD.versions[-1],
        "crs": index.crs.to_wkt(),
        "tile_size": index.tile_size,
        "modes": {name: _told(tiles) for name, tiles in index.modes.items()},
    }
    files.write_json(index.folder / MANIFEST, record)


def _told(tiles: ModeTiles) -> dict[str, Any]:
    turns = {"forbidden_turns": tiles.forbidden_turns} if tiles.forbidden_turns else {}
    return {
        **turns,
        "mode": {"name": tiles.mode.name, "speed": tiles.mode.speed},
        "least": tiles.least,
        "nodes": tiles.nodes,
        "area": None if tiles.area is None else shapely.to_wkt(tiles.area, rounding_precision=-1),
        "sources": [source.as_dict() for source in tiles.sources],
        "findings": [finding.as_dict() for finding in tiles.findings],
        "tiles": told_of(tiles.shelves),
    }


def halo_of(index: TileIndex, *, mode: str | Mode, cutoff: float, unit: Unit = "minutes") -> float:
    r"""Say how far around a tile streets must be known for every trip within a cutoff to be found.

    .. math:: h = c / \min_e \frac{c_e}{|e|}

    A trip that costs no more than the cutoff :math:`c` leads nowhere that is farther off in a straight line than the
    cutoff by the smallest cost of a straight metre: of any piece of street, whose cost is :math:`c_e` and whose ends
    lie :math:`|e|` apart, or of the way beside the streets. A metre is added for what rounding takes away.

    Parameters
    ----------
    index
        The tiles.
    mode
        How people travel.
    cutoff
        The highest cost of interest, in ``unit``.
    unit
        ``minutes`` or ``metres``.

    Returns
    -------
    float
        Metres; infinite where the cutoff is, or where some street costs nothing.
    """
    tiles = index.of(mode)
    limit = checked_cutoff(cutoff)
    metres = limit if unit == "metres" else limit * 1000 * tiles.mode.speed / 60
    least = tiles.least[unit] * (1 - SLACK)
    if math.isinf(metres) or least <= 0:
        return math.inf
    return metres / least + MARGIN


def estimated_bytes(index: TileIndex, tile: str, *, mode: str | Mode, halo: float) -> int:
    """Estimate the most memory that a process takes while it reads a tile with its halo and searches it.

    From the record alone: every file that the halo meets counts with the share of its rectangle that it covers.

    Parameters
    ----------
    index
        The tiles.
    tile
        Its name, of any level.
    mode
        How people travel.
    halo
        Metres, see :func:`halo_of`.

    Returns
    -------
    int
        Bytes. Places are not counted.
    """
    return RESTING_BYTES + street_bytes(index, square_of(tile, index.tile_size).wider(halo), mode=mode)


def street_bytes(index: TileIndex, box: Box, *, mode: str | Mode) -> int:
    """Estimate the memory that the streets in a rectangle take while they are read and searched."""
    shelves = index.of(mode).shelves.values()
    return int(STREET_BYTES * sum(shelf.rows * _share(shelf.box, box) for shelf in shelves if shelf.box.meets(box)))


def _share(box: Box, wanted: Box) -> float:
    """Return what share of a rectangle lies within another one that it meets."""
    share = 1.0
    for low, high in ((0, 2), (1, 3)):
        side = box[high] - box[low]
        if side > 0:
            share *= (min(box[high], wanted[high]) - max(box[low], wanted[low])) / side
    return share
