"""A small town of crossing streets with zones and shops, whose ways are asked in tiles."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS

from spatialjustice.network import Network
from spatialjustice.study.engine.ways import WaysAsked
from spatialjustice.study.scale.answers import TiledAnswers
from spatialjustice.study.scale.run_folder import RunFolder

SIDE, STEP = 14, 100.0


def crossing_streets(seed: int = 1) -> Network:
    """A chequerboard of streets of uneven lengths, some one-way, some missing, with an island beside it."""
    rng = np.random.default_rng(seed)
    place = np.arange(SIDE * SIDE)
    column, row = place % SIDE, place // SIDE
    right, up = place[column + 1 < SIDE], place[row + 1 < SIDE]
    u, v = np.concatenate([right, up]), np.concatenate([right + 1, up + SIDE])
    kept = rng.random(u.size) > 0.12
    u, v = u[kept], v[kept]
    x, y = 500_000 + column * STEP, 3_100_000 + row * STEP
    x, y = np.append(x, [501_700.0, 501_800.0]), np.append(y, [3_100_500.0, 3_100_500.0])
    u, v = np.append(u, place.size), np.append(v, place.size + 1)
    length = STEP * (1 + rng.random(u.size) / 4)
    return Network(
        node_id=np.arange(x.size),
        x=x,
        y=y,
        edge_u=u,
        edge_v=v,
        length=length,
        forward=length,
        backward=np.where(rng.random(u.size) < 0.15, np.inf, length),
        way_id=np.arange(u.size),
        component=np.append(np.zeros(place.size), [1, 1]),
        crs=CRS.from_epsg(32628),
    )


def points(count: int, seed: int, name: str, width: float = 1800.0) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    x, y = 499_950 + rng.random(count) * width, 3_099_950 + rng.random(count) * 1400
    return gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(x, y), crs=32628, index=pd.Index([f"{name}{n}" for n in range(count)], name=name)
    )


@pytest.fixture(scope="session")
def questions() -> list[WaysAsked]:
    """Ways on foot to shops: counted, added up where a shop has several tills, and all pairs of them."""
    streets, zones, shops = crossing_streets(), points(90, 2, "zone"), points(7, 3, "shop", 1400.0)
    tills = pd.Series(np.linspace(0.1, 2.3, len(shops)), shops.index)
    common = {"streets": streets, "zones": zones, "snap_limit": 150.0}
    return [
        WaysAsked("walk shop minutes", places=shops, unit="minutes", within=(3.0, 6.0), **common),
        WaysAsked("walk till metres", places=shops, unit="metres", within=(500.0,), offers=tills, **common),
        WaysAsked("walk shared", places=shops, unit="metres", cutoff=700.0, pairs=True, **common),
    ]


@pytest.fixture
def answered(questions):
    """Return a function that answers the questions in tiles."""

    def answer(folder, executor, **how):
        with RunFolder(folder) as run, executor:
            answers = TiledAnswers(run, executor, **{"tile_size": 900.0, **how})
            return answers, run, answers("reach", questions)

    return answer
