"""Trips that run by headway, made into trips with times; every trip of the day with the calls it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding
from spatialjustice.sources.timetables._tables import Feed, whole_numbers
from spatialjustice.sources.timetables.days.service_days import seconds_of

EXACT = 1

if TYPE_CHECKING:
    from numpy.typing import NDArray


def expanded(
    feed: Feed, active: pd.DataFrame, calls: pd.DataFrame, rng: np.random.Generator, findings: list[Finding]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row for each run of a vehicle, and its calls in seconds after the start of the day asked for.

    A trip of ``frequencies.txt`` is a pattern: it leaves every ``headway_secs`` from ``start_time`` until before
    ``end_time``. With exact times it leaves at the start time itself; without, the first leaves at a time drawn evenly
    within the first headway, once for each stretch and day, and the others follow at the headway.
    """
    table = feed.table("frequencies.txt", ["trip_id", "start_time", "end_time", "headway_secs", "exact_times"])
    stretches = pd.DataFrame(
        {
            "trip_id": table["trip_id"],
            "start": seconds_of(feed, "frequencies.txt", table["start_time"]),
            "end": seconds_of(feed, "frequencies.txt", table["end_time"]),
            "headway": pd.to_numeric(table["headway_secs"], errors="coerce"),
            "exact": whole_numbers(feed, "frequencies.txt", table["exact_times"], empty=0) == EXACT,
        }
    )
    wrong = ~(stretches["headway"] > 0) | stretches["start"].isna() | stretches["end"].isna()
    if wrong.any():
        found = f"row {int(np.flatnonzero(wrong)[0]) + 2} has no start, end or headway above 0"
        raise feed.refuse("frequencies.txt", found, "Give all three, the headway in seconds.")
    active = active[active["trip_id"].isin(set(calls["trip_id"]))].reset_index(drop=True)
    often = set(stretches["trip_id"])
    plain = active[~active["trip_id"].isin(often)].assign(later=0)
    runs = [plain]
    drawn = 0
    by_trip = dict(tuple(stretches.groupby("trip_id", sort=False)))
    first = calls.groupby("trip_id", sort=False)["departure"].first()
    # In the order of the file, so that the same seed draws the same timetable.
    for row in active[active["trip_id"].isin(often)].to_dict("records"):
        own = by_trip[row["trip_id"]]
        for start, end, headway, exact in zip(own["start"], own["end"], own["headway"], own["exact"], strict=True):
            begin = float(start)
            if not exact:
                begin += int(rng.integers(int(headway)))
                drawn += 1
            leaving = np.arange(begin, float(end), float(headway)).astype("int64")
            if leaving.size:
                runs.append(
                    pd.DataFrame([row]).loc[[0] * leaving.size].assign(later=leaving - int(first[row["trip_id"]]))
                )
    trips = pd.concat(runs, ignore_index=True)
    if drawn:
        findings.append(
            Finding(
                "headways_drawn",
                "information",
                f"{feed.name}: {drawn:,} stretches of service only say how often vehicles come; the first of each was "
                "drawn within the headway, once for the whole day.",
                count=drawn,
                advice="Ask for several draws to see how far results hang on them.",
            )
        )
    return trips.drop(columns=["offset", "later"]), _calls_of_runs(trips, calls)


def _calls_of_runs(trips: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    codes, ids = pd.factorize(calls["trip_id"])
    start = np.searchsorted(codes, np.arange(len(ids)))
    count = np.bincount(codes, minlength=len(ids))
    which = pd.Index(ids).get_indexer(trips["trip_id"])
    rows = positions(start[which], count[which])
    made = calls.drop(columns="trip_id").iloc[rows].reset_index(drop=True)
    later = np.repeat((trips["offset"] + trips["later"]).to_numpy(), count[which])
    made.insert(0, "trip", np.repeat(np.arange(len(trips)), count[which]))
    return made.assign(arrival=made["arrival"] + later, departure=made["departure"] + later)


def positions(start: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of several stretches one after the other."""
    ends = np.cumsum(count)
    made: NDArray[np.int64] = np.arange(int(ends[-1]) if ends.size else 0) + np.repeat(start - (ends - count), count)
    return made
