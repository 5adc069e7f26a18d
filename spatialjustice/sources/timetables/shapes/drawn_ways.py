"""The drawn ways of trips, for whoever shows them on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spatialjustice.sources.timetables._tables import Feed


def drawn_ways(feed: Feed, wanted: Iterable[str]) -> gpd.GeoSeries:
    """Return the lines of ``shapes.txt`` that some trips go along, by ``shape_id``, in EPSG:4326.

    Points without coordinates are passed over, and lines of fewer than two points; their trips are drawn from stop to
    stop, as those are that have no line.
    """
    table = feed.table("shapes.txt", ["shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"])
    table = table[table["shape_id"].isin(set(wanted) - {""})]
    columns = ["shape_pt_lon", "shape_pt_lat", "shape_pt_sequence"]
    points = table[columns].apply(pd.to_numeric, errors="coerce")
    points["shape_id"] = table["shape_id"]
    points = points.dropna().sort_values(["shape_id", "shape_pt_sequence"], kind="stable")
    points = points[points.groupby("shape_id")["shape_id"].transform("size") > 1]
    if points.empty:
        return gpd.GeoSeries([], index=pd.Index([], name="shape_id", dtype=object), crs=4326)
    codes, ids = pd.factorize(points["shape_id"])
    lines = shapely.linestrings(points[columns[:2]].to_numpy(dtype=float), indices=codes.astype(np.int64))
    return gpd.GeoSeries(lines, index=pd.Index(ids, name="shape_id", dtype=object), crs=4326)
