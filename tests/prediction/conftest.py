"""Synthetic towns of square zones: what goes with the outcome is known, because it was made so."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

SIDE = 500.0


def squares(columns, rows):
    return [
        shapely.box(x * SIDE, y * SIDE, (x + 1) * SIDE, (y + 1) * SIDE) for y in range(rows) for x in range(columns)
    ]


@pytest.fixture(scope="session")
def town():
    """Make a town: a share that falls with income, nothing but noise, regions of four by four zones."""

    def made(columns=20, rows=12, seed=0):
        random = np.random.default_rng(seed)
        count = columns * rows
        x, y = np.tile(np.arange(columns), rows), np.repeat(np.arange(rows), columns)
        income, school = random.normal(size=count), random.normal(size=count)
        odds = -1.0 - 0.9 * income + 0.6 * school
        frame = gpd.GeoDataFrame(
            {
                "income": income,
                "school": school,
                "x": x.astype(float),
                "y": y.astype(float),
                "people": random.integers(50, 150, count).astype(float),
                "offline": 1 / (1 + np.exp(-odds - 0.3 * random.normal(size=count))),
                "noise": random.uniform(0.1, 0.4, count),
                "region": [f"{column // 4}-{row // 4}" for column, row in zip(x, y, strict=True)],
            },
            geometry=squares(columns, rows),
            crs=32631,
        )
        frame.index = [f"z{number:03d}" for number in range(count)]
        return frame

    return made


@pytest.fixture(scope="session")
def hilly():
    """A town whose outcome is a smooth random field, correlated as exp(-d / 1500 m), and nothing but places tell of it.

    The columns are the coordinates: close zones are alike in both, so that a tree can learn the places by heart.
    """
    columns, rows = 22, 14
    x, y = np.tile(np.arange(columns), rows) * SIDE, np.repeat(np.arange(rows), columns) * SIDE
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    field = np.linalg.cholesky(np.exp(-apart / 1500) + 1e-9 * np.eye(len(x))) @ np.random.default_rng(3).normal(
        size=len(x)
    )
    frame = gpd.GeoDataFrame(
        {"east": x, "north": y, "field": field, "offline": 1 / (1 + np.exp(1 - 0.9 * field))},
        geometry=squares(columns, rows),
        crs=32631,
    )
    frame["region"] = [f"{int(a // 2000)}-{int(b // 2000)}" for a, b in zip(x, y, strict=True)]
    return frame
