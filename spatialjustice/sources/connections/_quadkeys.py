"""Tiles of the web map: what their keys name, and keys that a spreadsheet or a number took the zeros from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError, WrongPlaceError
from spatialjustice._core.findings import Finding
from spatialjustice.sources.tables.table import as_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

HIGHEST_LATITUDE = 85.0511287798066
LONGEST = 23
"""Levels of detail of the tile system."""

PUBLISHED = 16
"""Level of detail of the tiles that Ookla publishes: so many digits has each key."""

NEAR = 1e-6
"""Degrees that two drawings of one tile may differ by."""

DRAWN_AS = "tile"
CENTRES = ("tile_x", "tile_y")
"""Columns of Ookla's tables beside the key: the outline as text, and the middle in degrees."""


def tile_polygon(quadkey: str) -> shapely.Polygon:
    """Draw the tile of the web map's tile system that a quadkey names, in degrees.

    Every digit halves the tile before it: 0 is its north-west, 1 north-east, 2 south-west, 3 south-east quarter. The
    edges are exact: those of neighbouring tiles are the same numbers.

    Parameters
    ----------
    quadkey
        1 to 23 digits from 0 to 3.

    Raises
    ------
    InputError
        When it is not such a text.

    References
    ----------
    Schwartz, J. Bing Maps Tile System. Microsoft.

    Examples
    --------
    >>> [round(bound, 9) for bound in tile_polygon("0").bounds]
    [-180.0, 0.0, 0.0, 85.05112878]
    """
    x, y, level = _tile(quadkey)
    size = 2**level
    west, east = (360.0 * column / size - 180.0 for column in (x, x + 1))
    south, north = (_latitude(row, size) for row in (y + 1, y))
    return shapely.box(west, south, east, north)


def _tile(quadkey: Any) -> tuple[int, int, int]:
    """Return column, row and level of a tile."""
    if not isinstance(quadkey, str) or not 1 <= len(quadkey) <= LONGEST or set(quadkey) - set("0123"):
        raise InputError(
            "quadkey",
            f"“{quadkey}” is none",
            f"It is text of 1 to {LONGEST} digits from 0 to 3. Numbers lose their leading zeros: read it as text.",
        )
    bits = [int(digit) for digit in quadkey]
    level = len(bits)
    x = sum((bit & 1) << (level - place) for place, bit in enumerate(bits, start=1))
    y = sum((bit >> 1) << (level - place) for place, bit in enumerate(bits, start=1))
    return x, y, level


def _latitude(row: int, size: int) -> float:
    if row in {0, size}:
        return HIGHEST_LATITUDE if row == 0 else -HIGHEST_LATITUDE
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * row / size)))))


def quadkey_around(place: gpd.GeoDataFrame) -> str:
    """Return the quadkey of the smallest tile that holds a place; empty where only the whole world does."""
    west, south, east, north = place.to_crs(4326).total_bounds
    size = 2**LONGEST
    ends = []
    for longitude, latitude in ((west, north), (east, south)):
        rising = np.arcsinh(np.tan(np.radians(np.clip(latitude, -HIGHEST_LATITUDE, HIGHEST_LATITUDE)))) / np.pi
        x, y = (int(np.clip(part * size, 0, size - 1)) for part in ((longitude + 180) / 360, (1 - rising) / 2))
        ends.append("".join(str((x >> bit & 1) + 2 * (y >> bit & 1)) for bit in reversed(range(LONGEST))))
    same = [one == other for one, other in zip(*ends, strict=True)]
    return ends[0][: [*same, False].index(False)]


def keys_of(frame: pd.DataFrame, name: str) -> tuple[pd.Index[Any], list[Finding]]:
    """Return the keys of tiles, with the zeros they lost where drawn shapes beside them prove it.

    Raises
    ------
    InputError
        When a key is none, or tiles are of several sizes and nothing tells where they lie.
    WrongPlaceError
        When drawn shapes are not the tiles that the keys name.
    """
    # A key that was a number on the way may carry its decimals.
    given = [(key or "").removesuffix(".0") for key in as_text(frame["quadkey"])]
    lengths = {len(key) for key in given}
    for key in given:
        _tile(key)
    middles = _bounds_beside(frame)
    if middles is not None:
        off = _in_other_tiles(given, middles)
        if not off.any():
            return _key_index(given), _of_another_level(given)
        padded = [key.zfill(PUBLISHED) for key in given]
        if max(lengths) <= PUBLISHED and not _in_other_tiles(padded, middles).any():
            return _key_index(padded), [
                _zeros_put_back(sum(key != full for key, full in zip(given, padded, strict=True)))
            ]
        raise WrongPlaceError(
            name,
            f"{int(off.sum()):,} shapes are not the tiles that their quadkeys name",
            "Rows were mixed up, or quadkeys lost digits. Get the file again.",
            rows=np.array(given)[off],
        )
    if len(lengths) > 1:
        raise InputError(name, "tiles are of several sizes", "Leading zeros of quadkeys were lost: keep them as text.")
    return _key_index(given), _of_another_level(given)


def _key_index(keys: list[str]) -> pd.Index[Any]:
    return pd.Index(keys, name="quadkey", dtype="object")


def _of_another_level(keys: list[str]) -> list[Finding]:
    level = len(keys[0])
    if level == PUBLISHED:
        return []
    lost = (
        "leading zeros may have been lost, and then the tiles lie on another continent"
        if level < PUBLISHED
        else "check where they come from"
    )
    message = (
        f"All {len(keys):,} tiles have keys of {level} digits, while those that Ookla publishes have {PUBLISHED}: "
        f"{lost}."
    )
    advice = "Look at them on a map; keep keys as text when you get the file again."
    return [Finding("quadkeys_of_another_level", "warning", message, count=len(keys), advice=advice)]


def _zeros_put_back(count: int) -> Finding:
    message = (
        f"{count:,} quadkeys had lost their leading zeros, which were put back: the shapes in the file show where the "
        "tiles lie."
    )
    return Finding("quadkeys_padded", "warning", message, count=count, advice="Keep quadkeys as text.")


def _bounds_beside(frame: pd.DataFrame) -> NDArray[np.float64] | None:
    """Return the bounds of the shapes that stand beside the keys, or their middles as bounds without a size."""
    if isinstance(frame, gpd.GeoDataFrame):
        return np.asarray(shapely.bounds(frame.geometry.to_crs(4326).array))
    if DRAWN_AS in frame.columns:
        shapes = shapely.from_wkt(frame[DRAWN_AS].astype(str).to_numpy(dtype=object), on_invalid="ignore")
        if not shapely.is_missing(shapes).any():
            return np.asarray(shapely.bounds(shapes))
    if set(CENTRES) <= set(frame.columns):
        x, y = (pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64) for column in CENTRES)
        if np.isfinite(x).all() and np.isfinite(y).all():
            return np.column_stack([x, y, x, y])
    return None


def _in_other_tiles(keys: list[str], drawn: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which shapes are not those of their keys; of a middle, whether it lies in the tile."""
    bounds = shapely.bounds([tile_polygon(key) for key in keys])
    point = (drawn[:, :2] == drawn[:, 2:]).all(axis=1)
    outside = (drawn[:, :2] < bounds[:, :2] - NEAR).any(axis=1) | (drawn[:, 2:] > bounds[:, 2:] + NEAR).any(axis=1)
    return np.asarray(np.where(point, outside, (np.abs(drawn - bounds) > NEAR).any(axis=1)))
