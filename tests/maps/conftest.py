"""Small maps to open in a browser."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely


@pytest.fixture
def grid():
    """Synthetic: 6 by 5 squares of a hundredth of a degree, ids z0 to z29 from the south-west, row by row."""
    boxes = [
        shapely.box(10 + x / 100, 50 + y / 100, 10.01 + x / 100, 50.01 + y / 100) for y in range(5) for x in range(6)
    ]
    index = pd.Index([f"z{place}" for place in range(30)], name="zone_id")
    return gpd.GeoDataFrame(geometry=boxes, index=index, crs=4326)


@pytest.fixture
def minutes(grid):
    """Synthetic walking minutes: 1, 2, … 30 along the grid's index, none for the last four."""
    values = np.arange(1.0, 31.0)
    values[26:] = np.nan
    return pd.Series(values, index=grid.index, name="minutes")


@pytest.fixture
def status(grid):
    """Why the last four squares have no value: one of each reason."""
    found = pd.Series("ok", index=grid.index)
    found.iloc[26:] = ["beyond_cutoff", "unreachable", "no_population", "off_network"]
    return found


@pytest.fixture
def people(grid):
    """Synthetic people, with fractions, nobody in z28."""
    found = pd.Series(np.arange(30) * 10.4 + 0.3, index=grid.index)
    found["z28"] = 0.0
    return found


@pytest.fixture(scope="session")
def chicago():
    """Chicago's 77 community areas, which travel with libpysal without saying that they are in Illinois' feet."""
    from libpysal import examples

    areas = gpd.read_file(examples.get_path("Chicago77.shp")).set_crs(3435)
    return areas.set_index(areas["AREA_NUMBE"].astype(int)).rename(columns={"COMMUNITY": "name"}).to_crs(4326)
