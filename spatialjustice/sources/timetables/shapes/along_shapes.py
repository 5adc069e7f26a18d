"""How far along its way each call of a trip lies, for times that must be interpolated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.sources.timetables._tables import Feed

    Floats = NDArray[np.float64]

EARTH = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""


def distances_along(
    feed: Feed, calls: pd.DataFrame, stops: gpd.GeoDataFrame
) -> tuple[Floats, Literal["feed", "shape", "stops"]]:
    """Return metres (or the feed's own unit) along the way of every call, never falling within a trip.

    The feed's own distances are taken where all calls have them, else places along the drawn shape, else straight lines
    from stop to stop. Which of the three most trips go by is told.
    """
    trip: NDArray[Any] = calls.groupby("trip_id", sort=False).ngroup().to_numpy(dtype=np.int64)
    along = calls["along"].to_numpy(dtype=float)
    x, y = _metres(stops)
    place = np.column_stack([x, y])[calls["stop"].to_numpy()]
    step = np.hypot(*(place[1:] - place[:-1]).T)
    straight = np.concatenate([[0.0], np.cumsum(np.where(trip[1:] == trip[:-1], step, 0.0))])
    straight -= straight[np.searchsorted(trip, trip)]
    falling = np.concatenate([[False], (trip[1:] == trip[:-1]) & ~(along[1:] >= along[:-1])])
    bad = np.bincount(trip, np.isnan(along) | falling) > 0
    by_shape = _along_shapes(feed, calls, place, trip, stops) if bad.any() else {}
    kinds = {"feed": int((~bad).sum()), "shape": len(by_shape), "stops": int(bad.sum()) - len(by_shape)}
    result = np.where(bad[trip], straight, along)
    starts = np.searchsorted(trip, np.arange(trip[-1] + 2))
    for number, distances in by_shape.items():
        result[starts[number] : starts[number + 1]] = distances
    most: Literal["feed", "shape", "stops"] = max(("feed", "shape", "stops"), key=lambda kind: kinds[kind])
    return result, most


def _metres(stops: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Return coordinates in metres around the middle of the stops: good enough for shares of a way."""
    return _flat(stops.geometry.x.to_numpy(), stops.geometry.y.to_numpy(), float(stops.geometry.y.mean()))


def _flat(lon: Floats, lat: Floats, middle: float) -> tuple[Floats, Floats]:
    return np.radians(lon) * EARTH * np.cos(np.radians(middle)), np.radians(lat) * EARTH


def _along_shapes(
    feed: Feed, calls: pd.DataFrame, place: Floats, trip: NDArray[np.int64], stops: gpd.GeoDataFrame
) -> dict[int, Floats]:
    """Return the distances along the drawn shape, by the number of the trip, of trips that have one."""
    table = feed.table("shapes.txt", ["shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"])
    if table.empty:
        return {}
    listed = feed.table("trips.txt", ["trip_id", "shape_id"])
    shape_of = dict(zip(listed["trip_id"], listed["shape_id"], strict=True))
    numbers = table[["shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"]].apply(pd.to_numeric, errors="coerce")
    numbers["shape_id"] = table["shape_id"]
    numbers = numbers.dropna().sort_values(["shape_id", "shape_pt_sequence"], kind="stable")
    middle = float(stops.geometry.y.mean())
    x, y = _flat(numbers["shape_pt_lon"].to_numpy(), numbers["shape_pt_lat"].to_numpy(), middle)
    lines = {name: np.column_stack([x, y])[rows] for name, rows in numbers.groupby("shape_id").indices.items()}
    starts = np.searchsorted(trip, np.arange(trip[-1] + 2))
    ids = calls["trip_id"].to_numpy()
    visited = calls["stop"].to_numpy()
    found: dict[tuple[str, bytes], Floats] = {}
    made = {}
    for number in range(int(trip[-1]) + 1):
        begin, end = starts[number], starts[number + 1]
        line = lines.get(shape_of.get(ids[begin], ""))
        if line is None or len(line) < 2:
            continue
        key = (shape_of[ids[begin]], visited[begin:end].tobytes())
        if key not in found:
            found[key] = places_on_line(place[begin:end], line)
        made[number] = found[key]
    return made


def places_on_line(points: Floats, line: Floats) -> Floats:
    """Return how far along a line each of a row of points lies, never falling from one to the next.

    Of all such rows of places on the line that is taken whose squared distances to the points have the least sum, so
    that a loop or a way there and back is followed in order.

    Parameters
    ----------
    points
        Coordinates of the points in the order in which they are passed, shape (n, 2).
    line
        Coordinates of the line's corners, shape (m, 2).

    Examples
    --------
    There and back along one street: the second visit is on the way back.

    >>> line = np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 0.0]])
    >>> places_on_line(np.array([[10.0, 0.0], [90.0, 5.0], [10.0, 0.0]]), line).tolist()
    [10.0, 90.0, 190.0]
    """
    start, step = line[:-1], line[1:] - line[:-1]
    length = np.hypot(*step.T)
    before = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    squared = np.where(length > 0, length**2, 1.0)
    share = np.clip(((points[:, None, :] - start) * step).sum(axis=2) / squared, 0.0, 1.0)
    apart = ((points[:, None, :] - (start + share[..., None] * step)) ** 2).sum(axis=2)
    along = before + share * length
    count, pieces = apart.shape
    cost = apart[0].copy()
    came = np.zeros((count, pieces), dtype=np.int64)
    at = along.copy()
    for row in range(1, count):
        best = np.minimum.accumulate(cost)
        # Of places that are equally good the first on the line.
        better = np.concatenate([[True], cost[1:] < best[:-1]])
        first = np.maximum.accumulate(np.where(better, np.arange(pieces), 0))
        # On one and the same piece the next point may lie behind: it is then where the one before is.
        behind = at[row - 1][first] > along[row]
        at[row] = np.where(behind, at[row - 1][first], along[row])
        again = start + ((at[row] - before) / np.where(length > 0, length, 1.0))[:, None] * step
        moved = ((points[row] - again) ** 2).sum(axis=1)
        cost = best + np.where(behind, moved, apart[row])
        came[row] = first
    piece = int(np.argmin(cost))
    result = np.empty(count)
    for row in range(count - 1, -1, -1):
        result[row] = at[row, piece]
        piece = int(came[row, piece])
    return np.maximum.accumulate(result)
