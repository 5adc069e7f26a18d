"""Timetables of a few rows, made for tests: stops in metres, trips as rows of calls."""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice.sources.timetables.gtfs import Timetable

CRS = 32629
EAST, NORTH = 500_000, 3_100_000
HOUR = 3600


def points_at(places, prefix="p"):
    """Places in metres as a layer with ids of its own."""
    xs, ys = zip(*places, strict=True)
    shapes = gpd.points_from_xy(EAST + np.array(xs), NORTH + np.array(ys))
    return gpd.GeoDataFrame(index=[f"{prefix}{number}" for number in range(len(places))], geometry=shapes, crs=CRS)


def made_timetable(stops, trips, *, stop=None, trip=None, transfers=(), day=date(2024, 1, 10)):
    """A timetable from places in metres and trips, each a list of (stop, arrival, departure[, boarding, alighting]).

    ``stop`` and ``trip`` set columns of their tables, a value for all or one for each.
    """
    names = [f"s{number}" for number in range(len(stops))]
    shapes = points_at(stops, "s").geometry.to_crs(4326).array
    frame = gpd.GeoDataFrame(
        {"name": [name.upper() for name in names], "feed": "town", "station": "", "wheelchair": 0},
        geometry=shapes, crs=4326, index=pd.Index(names, name="stop_id"),
    ).assign(**(stop or {}))  # fmt: skip
    calls = pd.DataFrame(
        [(number, *call, *(True, True)[len(call) - 3 :], False) for number, rows in enumerate(trips) for call in rows],
        columns=["trip", "stop", "arrival", "departure", "boarding", "alighting", "interpolated"],
    )
    rows = pd.DataFrame({"trip_id": [f"t{number}" for number in range(len(trips))]}).assign(
        route_id="r", route="R", route_type=3, headsign="", direction="", block="", service="all", wheelchair=0,
        feed="town", day=0,
    ).assign(**(trip or {}))  # fmt: skip
    told = pd.DataFrame(transfers, columns=["from_stop", "to_stop", "type", "seconds"]).astype(
        {"from_stop": "int64", "to_stop": "int64", "type": "int64", "seconds": "float64"}
    )
    return Timetable(day, datetime(day.year, day.month, day.day, tzinfo=UTC), frame, rows, calls, told)


def at(text):
    """A time of day in seconds."""
    hours, minutes = text.split(":")
    return int(hours) * HOUR + int(minutes) * 60


def run(*calls, wait=0):
    """A trip from pairs of a stop and a time such as ``"7:05"``."""
    return [(stop, at(time), at(time) + wait) for stop, time in calls]
