"""Where the points of an OpenStreetMap file are."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
from osmium.osm import NODE

from spatialjustice.sources.osm.extract import objects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from spatialjustice.sources.osm.extract import OsmFile

STEPS_OF_A_DEGREE = 10_000_000
"""In which the OSM library counts longitude and latitude."""

PLACE = np.dtype([("id", "<u8"), ("x", "<i4"), ("y", "<i4")])
"""How it keeps the places of points in a file."""

AT_ONCE = 1 << 16
"""Places of points that are looked at together."""


class PlacesRead:
    """Notes the places of all points while a file is read, which takes far less time than looking at each.

    Parameters
    ----------
    folder
        Where the library keeps them meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "places"
        self._table: Any = osmium.index.create_map(f"sparse_file_array,{self._path}")
        self.handler: Any = osmium.NodeLocationsForWays(self._table)
        self.handler.apply_nodes_to_ways = False

    def of(self, osm: OsmFile, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return which of the points with these ids (each once, rising) are there, and their longitude and latitude.

        In the order of the file: that of the ids. What is on no place of the earth is not there.
        """
        if ids.min(initial=0) < 0:  # of those of editors the library notes nothing
            return _one_by_one(osm, ids)
        found = [part[_is_one_of(ids, part["id"].astype(np.int64))] for part in self._parts()]
        places = np.concatenate(found) if found else np.empty(0, dtype=PLACE)
        known = places["id"].astype(np.int64)
        if (known[1:] <= known[:-1]).any():
            places = places[np.unique(known, return_index=True)[1]]
            known = places["id"].astype(np.int64)
        xy = np.empty((places.size, 2), order="F")  # longitudes one after the other, and latitudes
        xy[:, 0], xy[:, 1] = places["x"], places["y"]
        xy /= STEPS_OF_A_DEGREE
        good = (np.abs(xy) <= (180.0, 90.0)).all(axis=1)
        return (known, xy) if good.all() else (known[good], xy[good])

    def _parts(self) -> Iterator[NDArray[Any]]:
        self.handler = self._table = None  # with them the library finishes the file
        with self._path.open("rb") as stream:
            while (part := np.fromfile(stream, dtype=PLACE, count=AT_ONCE)).size:
                yield part


def _one_by_one(osm: OsmFile, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    found, places = array("q"), array("d")
    for node in objects(osm, NODE, ids=ids.tolist()):
        if node.location.valid():
            found.append(node.id)
            places.extend((node.location.lon, node.location.lat))
    return np.array(found, dtype=np.int64), np.array(places, dtype=np.float64).reshape(-1, 2)


def _is_one_of(ids: NDArray[np.int64], asked: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which are among ids that rise."""
    if not ids.size:
        return np.zeros(asked.size, dtype=bool)
    return np.asarray(ids[np.minimum(np.searchsorted(ids, asked), ids.size - 1)] == asked)
