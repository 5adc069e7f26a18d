"""Changes that feeds tell of: between stops, or between certain lines or trips there, and trips that one stays in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding
from spatialjustice.sources.timetables._tables import Feed, whole_numbers

if TYPE_CHECKING:
    import geopandas as gpd

SEATED, NOT_SEATED = 4, 5
"""Types of changes between two trips: one stays in the vehicle; one has to leave it and board again."""

COLUMNS = {
    "from_stop": "int64",
    "to_stop": "int64",
    "type": "int64",
    "seconds": "float64",
    "from_route": "str",
    "to_route": "str",
    "from_trip": "str",
    "to_trip": "str",
    "stations": "int64",
}


def transfers_of(
    feed: Feed, stops: gpd.GeoDataFrame, known: tuple[set[str], set[str]], prefix: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Read the changes between stops that a feed tells of; a station stands for all of its stops.

    Parameters
    ----------
    feed
        The feed.
    stops
        Its stops, by their ids in the feed.
    known
        The ids of its routes and of all its trips, whether they run that day or not.
    prefix
        What goes before ids where there are several feeds.

    Returns
    -------
    DataFrame, list of Finding
        ``from_stop`` and ``to_stop`` (positions on the stops; -1 where not told, which only types 4 and 5 may be),
        ``type``, ``seconds``, ``from_route``, ``to_route``, ``from_trip``, ``to_trip`` (ids, empty where the change is
        of all), ``stations`` (how many of the two ends were told as a station). Rows that name what is not there are
        left out, and said.
    """
    table = feed.table(
        "transfers.txt",
        ["from_stop_id", "to_stop_id", "transfer_type", "min_transfer_time", "from_route_id", "to_route_id",
         "from_trip_id", "to_trip_id"],
    )  # fmt: skip
    kinds = whole_numbers(feed, "transfers.txt", table["transfer_type"], empty=0, allowed=lambda one: 0 <= one <= 5)
    seconds = pd.to_numeric(table["min_transfer_time"], errors="coerce")
    position = pd.Series(np.arange(len(stops)), index=stops.index)
    of_station = position.groupby(stops["station"]).agg(list).to_dict()
    of_station.pop("", None)
    rows, lost = [], 0
    for row, kind, least in zip(table.to_dict("records"), kinds, seconds, strict=True):
        ends = [
            ([position[row[end]]], 0)
            if row[end] in position.index
            else (of_station.get(row[end], [] if row[end] or kind not in {SEATED, NOT_SEATED} else [-1]), 1)
            for end in ("from_stop_id", "to_stop_id")
        ]
        names = [row[f"{end}_{what}_id"] for what in ("route", "trip") for end in ("from", "to")]
        strangers = any(
            name and name not in ids for name, ids in zip(names, [known[0]] * 2 + [known[1]] * 2, strict=True)
        )
        linked = kind in {SEATED, NOT_SEATED} and not (row["from_trip_id"] and row["to_trip_id"])
        if strangers or linked or not ends[0][0] or not ends[1][0]:
            lost += 1
            continue
        named = [prefix + name if name else "" for name in names]
        told = ends[0][1] + ends[1][1]
        rows += [(one, other, kind, least, *named, told) for one in ends[0][0] for other in ends[1][0]]
    made = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    if not lost:
        return made, []
    return made, [
        Finding(
            "transfers_left_out",
            "warning",
            f"{feed.name}: {lost:,} of {len(table):,} changes of transfers.txt name stops, lines or trips that are not "
            "listed; they are left out.",
            count=lost,
            advice="Ask the publisher of the feed, or mend transfers.txt.",
        )
    ]
