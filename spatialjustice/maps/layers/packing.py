"""Compressing thousands of shapes: coordinates as whole steps from point to point, sorted by byte."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

PACKED_DECIMALS = 5
"""Decimals of a degree that are kept: about a metre."""
MANY = 3000
"""From so many shapes on, a layer is drawn a little at a time."""
LONG = 20_000
"""From so many vertices on, a layer's data are compressed; those of many shapes always are."""
LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)


def compressed(data: bytes) -> str:
    """Return bytes as gzip in base64; the same bytes give the same text on every system and Python.

    Examples
    --------
    >>> compressed(b"zone")[:13]
    'H4sIAAAAAAAA/'
    """
    made = bytearray(gzip.compress(data, compresslevel=6, mtime=0))
    made[9] = 255  # “unknown system”: some versions of Python write there which one it is
    return base64.b64encode(made).decode()


def compressed_json(data: Any) -> str:
    """Return plain data as compressed JSON."""
    return compressed(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())


def are_many(geometry: gpd.GeoSeries) -> bool:
    """Tell whether the data of these shapes are worth compressing."""
    shapes = geometry.array.to_numpy()
    return len(shapes) >= MANY or int(shapely.get_num_coordinates(shapes).sum()) >= LONG


def byte_planes(numbers: NDArray[np.int64]) -> tuple[int, bytes]:
    r"""Return whole numbers as planes of bytes, lowest first, and how many planes there are.

    Small numbers of either sign become small numbers without sign first (0, -1, 1, -2 become 0, 1, 2, 3), so that the
    higher planes are nearly all zeros and compress to nothing.

    Examples
    --------
    >>> byte_planes(np.array([0, -1, 1, 300]))
    (2, b'\x00\x01\x02X\x00\x00\x00\x02')
    """
    folded = (numbers << 1) ^ (numbers >> 63)
    most = int(folded.max(initial=0))
    count = max(1, (most.bit_length() + 7) // 8)
    return count, b"".join(((folded >> (8 * place)) & 0xFF).astype(np.uint8).tobytes() for place in range(count))


class Steps(NamedTuple):
    """Rings and lines of many shapes: whole steps from point to point, the first of each from the first one before."""

    steps: NDArray[np.int64]  # a row for each point: to the east and to the north
    ring: NDArray[np.int64]  # the ring or line of each point
    owner: NDArray[np.int64]  # the row of each ring or line


def steps_of(geometry: gpd.GeoSeries, *, areas: bool, lines: bool) -> Steps:
    """Return the rings of areas, the lines, or both; parts of other dimensions are left out.

    Rings are oriented so that holes stay holes under the non-zero rule; their closing point and points that fall on the
    one before are left out.
    """
    shapes = shapely.force_2d(geometry.to_crs(4326).array.to_numpy())
    owner = np.arange(len(shapes))
    for _ in range(2):  # collections may hold collections
        shapes, inner = shapely.get_parts(shapes, return_index=True)
        owner = owner[inner]
    kind, there = shapely.get_type_id(shapes), ~shapely.is_empty(shapes)
    polygons = np.flatnonzero((kind == shapely.GeometryType.POLYGON) & there & areas)
    bare = np.flatnonzero(np.isin(kind, LINES) & there & lines)
    rings, inner = shapely.get_rings(shapely.orient_polygons(shapes[polygons]), return_index=True)
    part = np.concatenate([polygons[inner], bare])
    order = np.argsort(part, kind="stable")
    closed = (np.arange(len(part)) < len(rings))[order]
    coordinates, ring = shapely.get_coordinates(np.concatenate([rings, shapes[bare]])[order], return_index=True)
    whole = np.rint(coordinates * 10**PACKED_DECIMALS).astype(np.int64)
    first = np.ones(len(whole), dtype=bool)
    first[1:] = ring[1:] != ring[:-1]
    kept = first.copy()
    kept[1:] |= (whole[1:] != whole[:-1]).any(axis=1)
    # The first point comes again as the last one of its ring.
    kept &= ~(closed[ring] & np.append(first[1:], True)[: len(whole)] & ~first)
    whole, first, ring = whole[kept], first[kept], ring[kept]
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    steps[first] = np.diff(whole[first], axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return Steps(steps, ring, owner[part[order]])


def pack_many(geometry: gpd.GeoSeries, *, area: bool = True) -> dict[str, Any]:
    """Pack polygons (or lines) as counts and one compressed text: one shape for each row, in the order of the rows.

    Examples
    --------
    >>> import geopandas as gpd
    >>> packed = pack_many(gpd.GeoSeries([shapely.box(0, 0, 0.001, 0.002)], crs=4326))
    >>> packed["shapes"], packed["rings"], packed["points"], packed["planes"]
    (1, 1, 4, [1, 1, 1, 2])
    """
    steps, ring, owner = steps_of(geometry, areas=area, lines=not area)
    parts = [
        np.bincount(owner, minlength=len(geometry)),
        np.bincount(ring, minlength=len(owner)),
        steps[:, 0],
        steps[:, 1],
    ]
    made = [byte_planes(part.astype(np.int64)) for part in parts]
    return {
        "shapes": len(geometry),
        "rings": len(owner),
        "points": len(steps),
        "planes": [count for count, _ in made],
        "gz": compressed(b"".join(data for _, data in made)),
    }


def packed_data(data: dict[str, Any], geometry: gpd.GeoSeries, *, area: bool = True, old: str = "") -> dict[str, Any]:
    """Return a layer's data with its shapes, all compressed.

    Parameters
    ----------
    data
        Plain data without the shapes.
    geometry
        The shapes.
    area
        Whether they are polygons.
    old
        What to say in a browser too old to unpack them.
    """
    return {"packed": {"data": compressed_json(data), "shapes": pack_many(geometry, area=area), "old": old}}
