"""Where one more place of a service would bring most people within the limit: the first answer to what would help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.numbers.sums import exact_parts, joined_parts
from spatialjustice.network.transit.offer import TRANSIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from spatialjustice.network import StraightLineCosts, TravelCosts
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.reach.settings import ReachKeys

MOST = 300_000_000
"""Pairs of zones within the limit from which on no place is sought: half an hour by car joins all zones of a region."""
AT_A_TIME = 2_000_000
"""Pairs that are added up at a time."""
COLUMNS = ["service", "mode", "limit", "zone_id", "people_more", "share_more", "people_beyond"]


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
        return pd.DataFrame(columns=COLUMNS)
    limit = study.widest(mode)
    lacks = np.column_stack([_lacking(item, limit.value, people) for item in reached])
    tried = np.flatnonzero(lacks.any(axis=1))
    if not tried.size:
        return pd.DataFrame(columns=COLUMNS)
    lacks = lacks[tried]
    costs = work["streets"][mode.key].travel_costs(
        frame.iloc[tried], frame, unit=limit.measure, cutoff=limit.value, snap_limit=study.snap_limit
    )
    pairs = costs.expected_pairs()
    if pairs > MOST:
        return add_findings(pd.DataFrame(columns=COLUMNS), _too_many(pairs, limit.label))
    # Pairs are gone through once for all services. Each part of the people has the same sum in any order.
    parts = exact_parts(lacks)
    sums = [np.zeros((len(frame), len(reached))) for _ in parts]
    for homes, places in _many_at_a_time(costs):
        within = sparse.coo_array((np.ones(len(places)), (places, homes)), shape=(len(frame), len(tried)))
        sums = [total + within @ part for total, part in zip(sums, parts, strict=True)]
    more = joined_parts(sums)
    total = float(np.nansum(people))
    rows = []
    for column, item in enumerate(reached):
        best = int(np.argmax(more[:, column]))
        if more[best, column] > 0:
            brought = float(more[best, column])
            beyond = float(lacks[:, column].sum())
            rows.append((item.service, mode.key, limit.label, frame.index[best], brought, brought / total, beyond))
    return pd.DataFrame(rows, columns=COLUMNS)


def _many_at_a_time(costs: TravelCosts | StraightLineCosts) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield homes and places of pairs within the limit, so many that adding them up is more work than beginning to."""
    held: list[tuple[NDArray[Any], NDArray[Any]]] = []
    for homes, places, _ in costs._blocks():  # noqa: SLF001 - what every measure of access reads
        held.append((homes, places))
        if sum(len(some) for some, _ in held) >= AT_A_TIME:
            yield np.concatenate([some for some, _ in held]), np.concatenate([some for _, some in held])
            held.clear()
    if held:
        yield np.concatenate([some for some, _ in held]), np.concatenate([some for _, some in held])


def _lacking(item: Any, limit: float, people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return who lacks a place within the limit, zone by zone; those of whom nothing is known count nowhere."""
    lacks = ~(item.closest[item.unit].to_numpy(dtype=float) <= limit) & (item.status != "outside_data").to_numpy()
    return np.where(lacks & (people > 0), people, 0.0)


def _too_many(pairs: int, limit: str) -> Finding:
    return Finding(
        "next_place_not_sought",
        "information",
        "Where one more place would help most was not sought: "
        f"up to about {pairs:,} pairs of zones lie within {limit}.",
        values={"pairs": pairs, "limit": limit},
        count=pairs,
        advice="Ask for larger zones or a lower largest limit, or use spatialjustice.remedies.open_sites.",
    )


def findings(work: Work[ReachKeys]) -> list[Finding]:
    """Return why no next place was sought, where that is so."""
    return findings_of(work["coverage"].next_places)
