"""The calls of trips at stops: in order, with a time for each, and trips that cannot be used named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding
from spatialjustice.sources.timetables._tables import Feed, whole_numbers
from spatialjustice.sources.timetables.days.service_days import seconds_of
from spatialjustice.sources.timetables.renumber import renumbered
from spatialjustice.sources.timetables.shapes.along_shapes import distances_along

if TYPE_CHECKING:
    import geopandas as gpd

NOT_ALLOWED = 1
"""The pickup or drop-off type of a call at which nobody may board or alight."""


def calls_of(feed: Feed, wanted: Any, stops: gpd.GeoDataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the calls of some trips, every one with its time in seconds after the start of its service day.

    Times that a feed leaves out are interpolated by the distance along the way: the feed's own distances where it gives
    them, else along the drawn shape of the trip, else straight from stop to stop. Whole seconds are taken. Trips are
    left out, and said, that have fewer than two calls, name a stop that is not there, have no time at their first or
    last call, or go back in time.

    Returns
    -------
    DataFrame, list of Finding
        On the order of trips and calls: ``trip_id``, ``stop`` (position on the stops), ``arrival``, ``departure``,
        ``boarding``, ``alighting``, ``interpolated``.
    """
    table = feed.table(
        "stop_times.txt",
        ["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence", "pickup_type", "drop_off_type",
         "shape_dist_traveled"],
    )  # fmt: skip
    table = table[table["trip_id"].isin(set(wanted))]
    order = whole_numbers(feed, "stop_times.txt", table["stop_sequence"], empty=-1)
    calls = pd.DataFrame(
        {
            "trip_id": table["trip_id"],
            "order": order,
            "stop": pd.Index(stops.index).get_indexer(table["stop_id"]),
            "arrival": seconds_of(feed, "stop_times.txt", table["arrival_time"]),
            "departure": seconds_of(feed, "stop_times.txt", table["departure_time"]),
            "boarding": whole_numbers(feed, "stop_times.txt", table["pickup_type"], empty=0) != NOT_ALLOWED,
            "alighting": whole_numbers(feed, "stop_times.txt", table["drop_off_type"], empty=0) != NOT_ALLOWED,
            "along": pd.to_numeric(table["shape_dist_traveled"], errors="coerce"),
        }
    )
    calls = calls.sort_values(["trip_id", "order"], kind="stable", ignore_index=True)
    calls["arrival"] = calls["arrival"].fillna(calls["departure"])
    calls["departure"] = calls["departure"].fillna(calls["arrival"])
    findings: list[Finding] = []
    calls = _usable(feed, calls, findings)
    calls["interpolated"] = calls["arrival"].isna()
    if calls["interpolated"].any():
        calls = _interpolated(feed, calls, stops, findings)
    backwards = _backwards(calls)
    if backwards:
        calls = calls[~calls["trip_id"].isin(backwards)].reset_index(drop=True)
        findings.append(_left_out(feed, backwards, "whose times go back"))
    times = {name: calls[name].astype("int64") for name in ("arrival", "departure")}
    return calls.assign(**times).drop(columns=["order", "along"]), findings


def _usable(feed: Feed, calls: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    trips = calls.groupby("trip_id", sort=False)
    first, last = trips.head(1), trips.tail(1)
    size = trips.size()
    ends = pd.concat([first, last])
    unknown = set(calls.loc[calls["stop"] < 0, "trip_id"])
    without = set(ends.loc[ends["arrival"].isna(), "trip_id"]) - unknown
    short = set(size.index[size < 2]) - unknown - without
    for trips_, why in (
        (unknown, "that call at a stop that is not listed, or where nobody boards"),
        (without, "without a time at their first or last call"),
        (short, "with fewer than two calls"),
    ):
        if trips_:
            findings.append(_left_out(feed, trips_, why))
    return calls[~calls["trip_id"].isin(unknown | without | short)].reset_index(drop=True)


def _left_out(feed: Feed, trips: set[str], why: str) -> Finding:
    named = ", ".join(sorted(trips)[:5])
    return Finding(
        "trips_left_out",
        "warning",
        f"{feed.name}: {len(trips):,} trips {why} are left out ({named}{', …' if len(trips) > 5 else ''}).",
        count=len(trips),
        advice="Ask the publisher of the feed, or mend stop_times.txt.",
    )


def _backwards(calls: pd.DataFrame) -> set[str]:
    same = calls["trip_id"].eq(calls["trip_id"].shift())
    wrong = (calls["departure"] < calls["arrival"]) | (same & (calls["arrival"] < calls["departure"].shift()))
    return set(calls.loc[wrong, "trip_id"])


def _interpolated(feed: Feed, calls: pd.DataFrame, stops: gpd.GeoDataFrame, findings: list[Finding]) -> pd.DataFrame:
    missing = calls["interpolated"].to_numpy()
    lacking = calls["trip_id"].isin(set(calls.loc[missing, "trip_id"])).to_numpy()
    part = calls[lacking]
    along, by_shape = distances_along(feed, part, stops)
    known = ~part["arrival"].isna().to_numpy()
    # One axis for all trips: each lies beyond the one before, so that one call interpolates them all.
    trip = part.groupby("trip_id", sort=False).ngroup().to_numpy()
    room = float(along.max()) + 1.0
    axis = along + trip * room
    # Between two known calls the vehicle leaves the first at its departure and comes to the next at its arrival.
    before = np.maximum.accumulate(np.where(known, np.arange(len(part)), 0))
    after = np.minimum.accumulate(np.where(known, np.arange(len(part)), len(part) - 1)[::-1])[::-1]
    start, end = part["departure"].to_numpy()[before], part["arrival"].to_numpy()[after]
    gap = axis[after] - axis[before]
    share = np.divide(axis - axis[before], gap, out=np.zeros(len(part)), where=gap > 0)
    between = np.rint(start + share * (end - start))
    calls = calls.copy()
    where = np.flatnonzero(lacking)[~known]
    calls.loc[where, "arrival"] = between[~known]
    calls.loc[where, "departure"] = between[~known]
    total = int(missing.sum())
    findings.append(
        Finding(
            "times_interpolated",
            "warning" if total > len(calls) / 2 else "information",
            f"{feed.name}: {total:,} of {len(calls):,} calls ({total / len(calls):.1%}) have no time in the feed; "
            "theirs are interpolated by the distance along the "
            f"{'drawn way' if by_shape == 'shape' else 'way that the feed tells' if by_shape == 'feed' else 'stops'}.",
            count=total,
            advice="Times at these stops are estimates: vehicles stop and wait unevenly.",
        )
    )
    return calls


def without_repeats(trips: pd.DataFrame, calls: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    """Keep one of several trips of a route that call at the same stops at the same times."""
    columns = ["stop", "arrival", "departure", "boarding", "alighting"]
    hashed = pd.util.hash_pandas_object(calls[columns], index=False).to_numpy()
    position = calls.groupby("trip").cumcount().to_numpy().astype("uint64")
    mixed = hashed * (position * np.uint64(2) + np.uint64(1))
    key = pd.Series(mixed).groupby(calls["trip"].to_numpy()).agg(lambda values: int(np.bitwise_xor.reduce(values)))
    signature = pd.DataFrame(
        {
            "key": key.reindex(range(len(trips))).to_numpy(),
            "count": calls.groupby("trip").size().reindex(range(len(trips))).to_numpy(),
            "route": trips["route_id"].to_numpy(),
            "wheelchair": trips["wheelchair_accessible"].to_numpy(),
        }
    )
    again = signature.duplicated().to_numpy()
    if not again.any():
        return trips, calls, []
    trips, calls = renumbered(trips, calls, ~again)
    message = (
        f"{int(again.sum()):,} trips call at the same stops at the same times as another of their line; one counts."
    )
    return trips, calls, [Finding("trips_repeated", "information", message, count=int(again.sum()))]
