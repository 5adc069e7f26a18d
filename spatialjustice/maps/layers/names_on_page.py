"""Names of zones, of their neighbourhoods and of streets, as a page carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import shapely

from spatialjustice.catalogue.lookup import balanced

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray


def names_of(frame: pd.DataFrame, lang: str) -> list[str | None] | None:
    """Return the names of zones or places, those of the language first; None where there is no such column."""
    columns = [name for name in (f"name_{lang}", "name") if name in frame]
    if not columns:
        return None
    chosen = frame[columns[0]] if len(columns) == 1 else frame[columns[0]].fillna(frame[columns[1]])
    return [None if pd.isna(name) else balanced(str(name)) for name in chosen]


def part_column(zones: pd.DataFrame) -> str | None:
    """Return the column that says whose part of the city a zone is: its neighbourhood, else its district."""
    return next((name for name in ("neighbourhood", "district") if name in zones), None)


def part_of_each(zones: pd.DataFrame) -> list[int] | None:
    """Return the place of each zone's part of the city among :func:`parts_of`, -1 for none."""
    column = part_column(zones)
    return None if column is None else [int(code) for code in pd.factorize(zones[column])[0]]


def parts_of(zones: pd.DataFrame, lang: str) -> list[str] | None:
    """Return the names of the parts of the city that zones lie in, each once.

    Examples
    --------
    >>> parts_of(pd.DataFrame({"neighbourhood": ["Vegueta", None, "Triana", "Vegueta"]}), "en")
    ['Vegueta', 'Triana']
    """
    column = part_column(zones)
    if column is None:
        return None
    local, own = zones[column], f"{column}_{lang}"
    names = zones[own].where(zones[own].notna(), local) if own in zones else local
    first = ~local.duplicated() & local.notna()
    return [balanced(str(name)) for name in names[first]]


def middles_of(streets: gpd.GeoDataFrame | gpd.GeoSeries) -> NDArray[np.float64]:
    """Return longitude and latitude half-way along each street."""
    lines = streets.to_crs(4326).geometry.array.to_numpy()
    middles: NDArray[np.float64] = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    return middles
