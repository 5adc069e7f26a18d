"""Squares of cells that are drawn together, since neighbours are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice.cities.labels import require_cities

if TYPE_CHECKING:
    from collections.abc import Sequence

METRES = 111_195.0
"""Length of a degree of latitude on a sphere of the Earth's mean radius."""


def square_blocks(
    frame: pd.DataFrame, *, city: str, size: float = 1000.0, columns: Sequence[str] = ("lng", "lat")
) -> pd.Series[Any]:
    r"""Put the cells of each city into squares, for drawing neighbours together.

    Cells beside each other have much the same way to the same school: a bootstrap that draws them one by one takes
    them for as many witnesses, and its intervals come out too narrow. Drawing whole squares keeps what neighbours have
    in common; squares should be about as large as the distance up to which neighbours are alike.

    In signs: the block of a cell at (x, y) is :math:`(\lfloor x / s \rfloor, \lfloor y / s \rfloor)` of its city, with
    squares of side s.

    Parameters
    ----------
    frame
        A row for each cell.
    city
        The column that says which city a cell is in.
    size
        Side of the squares in metres, above 0.
    columns
        The columns with longitude and latitude in degrees, in this order.

    Returns
    -------
    Series
        The block of each cell, a whole number, on the same index in the same order; no block holds cells of two cities.

    Raises
    ------
    InputError
        When a column is not there, coordinates are missing or no degrees, a cell says no city, or the size is not
        above 0.

    References
    ----------
    Lahiri, S. N. (2003). Resampling methods for dependent data, chapter 12 (spatial data). Springer.

    Examples
    --------
    >>> cells = pd.DataFrame({"city": 1, "lng": [46.400, 46.401, 46.430], "lat": [33.6, 33.6, 33.6]})
    >>> square_blocks(cells, city="city", size=1000).tolist()
    [0, 0, 1]
    """
    missing = [name for name in (city, *columns) if name not in frame.columns]
    if missing or len(columns) != 2:
        found = f"there is no column {missing[0]}" if missing else f"there are {len(columns)} columns"
        raise InputError("columns", found, "Name the columns of longitude and latitude.")
    if isinstance(size, bool) or not isinstance(size, int | float | np.number) or not size > 0 or not np.isfinite(size):
        raise InputError("size", f"it is {size!r}", "Give metres, above 0.")
    east, north = (as_floats(frame[name], name) for name in columns)
    wrong = ~((np.abs(east) <= 180) & (np.abs(north) <= 90))
    if wrong.any():
        found = f"{int(wrong.sum()):,} cells have no longitude and latitude in degrees"
        raise InputError("columns", found, "Give degrees, or make blocks yourself.", rows=frame.index[wrong])
    place = pd.factorize(require_cities(frame[city], city), sort=True)[0]
    count = int(place.max()) + 1
    middle = np.bincount(place, weights=north, minlength=count) / np.bincount(place, minlength=count)
    # Measured from the westernmost cell of a city whose cells may lie on both sides of the date line.
    first = np.zeros(count)
    first[place[::-1]] = east[::-1]
    across = ((east - first[place] + 180) % 360 - 180) * METRES * np.cos(np.radians(middle[place]))
    table = pd.DataFrame({"city": place, "across": across, "up": north * METRES})
    corner = table.groupby("city")[["across", "up"]].transform("min")
    squares = ((table[["across", "up"]] - corner) // float(size)).astype(np.int64).assign(city=place)
    block = squares.groupby(["city", "across", "up"], sort=True).ngroup().to_numpy()
    result = pd.Series(block, index=frame.index, name="block")
    result.attrs.update({"measure": "square_blocks", "unit": "label", "direction": "none", "size": float(size)})
    return result
