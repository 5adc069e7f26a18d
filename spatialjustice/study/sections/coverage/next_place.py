"""Where one more place of a service would bring most people within the limit: the first answer to what would help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice.network.transit.offer import TRANSIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.reach.settings import ReachKeys

AT_ONCE = 1000
"""Zones whose ways are held at a time."""
COLUMNS = ("service", "mode", "limit", "zone_id", "people_more", "share_more", "people_beyond")


def next_places(work: Work[ReachKeys]) -> pd.DataFrame:
    """Return a row for each service that somebody lacks: the zone where one more place would bring most people within.

    Tried are the points of all zones, by the study's first mode and its largest limit, itself included. ``people_more``
    are those who have no place within it today and would have that one; ``people_beyond`` all who have none. Of zones
    that bring the same the first counts. By timetables nothing is tried: there a place could stand at any stop.
    """
    study, frame, people = work.study, work["zones"], work["people"].to_numpy(dtype=float)
    mode = study.modes[0]
    reached = [item for item in work["reach"] if item.mode.key == mode.key and item.places]
    if mode.name == TRANSIT or not reached:
        return pd.DataFrame(columns=list(COLUMNS))
    limit = study.widest(mode)
    lacks = np.column_stack([_lacking(item, limit.value, people) for item in reached])
    tried = np.flatnonzero(lacks.any(axis=1))
    more = np.zeros((len(frame), len(reached)))
    for begin in range(0, len(tried), AT_ONCE):
        those = tried[begin : begin + AT_ONCE]
        asked = {"unit": limit.measure, "cutoff": limit.value, "snap_limit": study.snap_limit}
        pairs = work["streets"][mode.key].travel_costs(frame.iloc[those], frame, **asked).to_frame()
        home = frame.index.get_indexer(pairs["from_id"])
        place = frame.index.get_indexer(pairs["to_id"])
        for column in range(len(reached)):
            more[:, column] += np.bincount(place, weights=lacks[home, column], minlength=len(frame))
    total = float(np.nansum(people))
    rows = []
    for column, item in enumerate(reached):
        best = int(np.argmax(more[:, column]))
        if more[best, column] > 0:
            brought = float(more[best, column])
            beyond = float(lacks[:, column].sum())
            rows.append((item.service, mode.key, limit.label, frame.index[best], brought, brought / total, beyond))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _lacking(item: Any, limit: float, people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return who lacks a place within the limit, zone by zone; those of whom nothing is known count nowhere."""
    lacks = ~(item.closest[item.unit].to_numpy(dtype=float) <= limit) & (item.status != "outside_data").to_numpy()
    return np.where(lacks & (people > 0), people, 0.0)
