"""Service at stops, people near it, and what accessible vehicles alone change: tables, columns of zones, and lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.study.engine.section import Table
from spatialjustice.study.engine.setting_types import EVERYBODY
from spatialjustice.study.engine.texts import in_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.transit.settings import TransitKeys
    from spatialjustice.study.sections.transit_service.compute import TransitService

SAID = {"any_service": "any", "sdg_11_2_1": "SDG 11.2.1"}


def tables(results: Results[TransitKeys]) -> Iterator[Table]:
    """Yield the tables of service, of people near it, and of accessible vehicles where they are compared."""
    found: TransitService = results["transit_service"]
    yield Table("transit_service", found.near, counts_people=True)
    if not found.gap.empty:
        yield Table("accessible_vehicles", found.gap, counts_people=True)
    yield Table("stop_service", found.stops, part="details")


def zone_columns(results: Results[TransitKeys]) -> dict[str, pd.Series[Any]]:
    """Return how often vehicles leave near each zone, and what accessible vehicles alone change of its reach."""
    found: TransitService = results["transit_service"]
    columns = {
        "transit_headway_minutes": found.headway.round(3),
        "transit_near_status": found.status,
    }
    for one in found.changes:
        key = f"{one.service}_within_{one.cutoff.key}_by_accessible_vehicles"
        columns[key] = one.zones["after"].round(6)
    return columns


def overview(results: Results[TransitKeys]) -> list[str]:
    """Return the shares of people near service, and of those who lose where only accessible vehicles count."""
    found: TransitService = results["transit_service"]
    asked = results.study.transit
    assert asked is not None  # noqa: S101 - the section is computed where it is wanted
    hours = f"{asked.hours[0]}-{asked.hours[1]}"
    near = found.near[found.near["group"] == EVERYBODY]
    lines = [["near public transport", f"{results['transit'].date.isoformat()}, {hours}", "not known"]]
    for row in near.to_dict(orient="records"):
        name = SAID.get(row["service"], row["service"].replace("every_", "every ") + " min")
        share, unknown = row["share_near"], row["people_unknown_service"]
        lines.append([f"{name}, {row['within']}", "–" if np.isnan(share) else f"{share:.1%}", f"{unknown:,.0f} people"])
    made = ["", *in_columns(lines)]
    if found.gap.empty:
        return made
    lines = [["accessible vehicles", "within", "reach one", "by all", "reached", "by all", "reach fewer"]]
    for row in found.gap[found.gap["group"] == EVERYBODY].to_dict(orient="records"):
        within, of_all, fewer = (
            "–" if np.isnan(row[name]) else f"{row[name]:.1%}"
            for name in ("share_within_by_accessible", "share_within_by_all", "share_who_lose")
        )
        means = (f"{row[name]:,.1f}" for name in ("mean_reached_by_accessible", "mean_reached_by_all"))
        lines.append([row["service"].replace("_", " "), row["cutoff"], within, of_all, *means, fewer])
    return [*made, "", *in_columns(lines)]
