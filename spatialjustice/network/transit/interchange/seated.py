"""Trips that a vehicle makes one after the other, so that riders stay seated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.sources.timetables.gtfs import Timetable

SEATED, NOT_SEATED = 4, 5
"""Types of changes between two trips: one stays in the vehicle; one has to leave it and board again."""


def staying_seated(timetable: Timetable, inner: NDArray[np.int64], follows: NDArray[np.int32]) -> NDArray[np.int32]:
    """Let riders stay in a vehicle that goes on as another trip.

    A vehicle goes on as the next trip of its block where that leaves from the stop at which it ends, but not where the
    feed says that one has to leave it (type 5 of ``transfers.txt``); and as a trip that the feed says it goes on as
    (type 4), on the same service day or the next one, wherever that begins.

    Parameters
    ----------
    timetable
        The timetable.
    inner
        The calls at which the rides begin, in the order of rides.
    follows
        For every ride the next of its trip, -1 at the end of the trip; it is changed in place and returned.
    """
    told = _told(timetable)
    if not inner.size or (told.empty and not (timetable.trips["block"] != "").any()):
        return follows
    ends = _ends(timetable, inner)
    links = _of_blocks(ends, told[told["type"] == NOT_SEATED])
    # What the feed says of two trips goes before what their block tells.
    for last, first in [*links, *_linked(ends, told[told["type"] == SEATED])]:
        follows[last] = first
    return follows


def _told(timetable: Timetable) -> pd.DataFrame:
    table = timetable.transfers
    if "from_trip" not in table:
        return pd.DataFrame({"from_trip": [], "to_trip": [], "type": []})
    return table[table["type"].isin([SEATED, NOT_SEATED])].drop_duplicates(["from_trip", "to_trip"], keep="last")


def _ends(timetable: Timetable, inner: NDArray[np.int64]) -> pd.DataFrame:
    """Return a row for each run: the first and the last of its rides, when and where it leaves and arrives."""
    calls, table = timetable.calls, timetable.trips
    stop = calls["stop"].to_numpy()
    rides = pd.DataFrame(
        {
            "trip": calls["trip"].to_numpy()[inner],
            "leaves": calls["departure"].to_numpy()[inner],
            "arrives": calls["arrival"].to_numpy()[inner + 1],
            "ride": np.arange(inner.size),
            "call": inner,
        }
    ).sort_values("call")
    first, last = rides.groupby("trip").first(), rides.groupby("trip").last()
    runs = table.iloc[first.index]
    return pd.DataFrame(
        {
            "trip_id": runs["trip_id"].to_numpy(),
            "day": runs["day"].to_numpy(),
            "block": runs["block"].to_numpy(),
            "service": (runs["service"] + "@" + runs["day"].astype(str)).to_numpy(),
            "leaves": first["leaves"].to_numpy(),
            "arrives": last["arrives"].to_numpy(),
            "first": first["ride"].to_numpy(),
            "last": last["ride"].to_numpy(),
            "from": stop[first["call"]],
            "to": stop[last["call"] + 1],
        }
    )


def _of_blocks(ends: pd.DataFrame, forbidden: pd.DataFrame) -> list[tuple[int, int]]:
    ends = ends[ends["block"] != ""].sort_values(["block", "service", "first"], kind="stable")
    one, other = ends.iloc[:-1].reset_index(drop=True), ends.iloc[1:].reset_index(drop=True)
    fits = (
        (one["block"] == other["block"])
        & (one["service"] == other["service"])
        & (one["to"] == other["from"])
        & (one["arrives"] <= other["leaves"])
        & (one["last"] < other["first"])
    )
    said = set(zip(forbidden["from_trip"], forbidden["to_trip"], strict=True))
    pairs = zip(one["trip_id"], other["trip_id"], one["last"], other["first"], fits, strict=True)
    return [(last, first) for here, there, last, first, fit in pairs if fit and (here, there) not in said]


def _linked(ends: pd.DataFrame, told: pd.DataFrame) -> list[tuple[int, int]]:
    """Return rides that follow one another as the feed says of their trips: the first run that leaves in time."""
    if told.empty:
        return []
    pairs = told[["from_trip", "to_trip"]].merge(ends, left_on="from_trip", right_on="trip_id")
    pairs = pairs.merge(ends, left_on="to_trip", right_on="trip_id", suffixes=("", "_next"))
    later = pairs["day_next"] - pairs["day"]
    fits = later.isin([0, 1]) & (pairs["arrives"] <= pairs["leaves_next"]) & (pairs["last"] < pairs["first_next"])
    pairs = pairs[fits].sort_values(["last", "leaves_next", "first_next"]).drop_duplicates("last")
    return list(zip(pairs["last"].tolist(), pairs["first_next"].tolist(), strict=True))
