"""Who is served, as tables and as lines of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice.study.engine.section import Table
from spatialjustice.study.engine.setting_types import EVERYBODY
from spatialjustice.study.engine.texts import in_columns
from spatialjustice.study.sections.coverage.at_a_glance import at_a_glance
from spatialjustice.study.sections.coverage.lacking import Lacking, lacking, people_by_count
from spatialjustice.study.sections.streets.settings import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.reach.settings import ReachKeys


def tables(results: Results[ReachKeys]) -> Iterator[Table]:
    """Yield the tables; that of several modes only where there are such."""
    found = results["coverage"]
    yield Table("shares", found.shares, counts_people=True)
    if len(results.study.modes) > 1:
        yield Table("modes", found.modes, counts_people=True)
    yield Table("distribution", found.distribution, counts_people=True)
    yield Table("overview", at_a_glance(results), counts_people=True)
    counted = _lacking(results)
    if counted:
        table = pd.concat([people_by_count(one, results.people) for one in counted], ignore_index=True)
        yield Table("services_lacking", table, counts_people=True)
    if len(found.next_places):
        yield Table("next_places", found.next_places, counts_people=True)
    yield Table("lorenz_curves", found.lorenz, part="details")


def _lacking(results: Results[ReachKeys]) -> list[Lacking]:
    """Return how many services people lack, by every mode."""
    return [one for one in (lacking(results, mode) for mode in results.study.modes) if one is not None]


def zone_columns(results: Results[ReachKeys]) -> dict[str, pd.Series[Any]]:
    """Return how many of the services each zone has no place of within the largest limit, by every mode."""
    counted = _lacking(results)
    return {f"services_lacking_{one.mode.key}": one.counts.astype("Int64") for one in counted}


def overview(results: Results[ReachKeys]) -> list[str]:
    """Return the share of people within each cutoff as aligned text, one block per mode, one line per service."""
    people = f"{results.people.sum():,.0f} people" + (" (estimated)" if results.estimated else "")
    way = "in straight lines" if results.study.streets == STRAIGHT else "along streets"
    note = (
        f"Share of {people} within each limit {way}; median trip of those who can reach a place at all, "
        "worst tenth of everybody, those without any way included."
    )
    blocks = [_of_mode(results, mode) for mode in results.study.modes]
    return [note, *(line for block in blocks for line in block), *_by_group(results)]


def _of_mode(results: Results[ReachKeys], mode: Travel) -> list[str]:
    everybody = results["coverage"].shares[
        (results["coverage"].shares["group"] == EVERYBODY) & (results["coverage"].shares["mode"] == mode.key)
    ]
    share = {(row["service"], row["cutoff"]): row["share_within"] for row in everybody.to_dict(orient="records")}
    labels = [cutoff.label for cutoff in results.study.cutoffs_of(mode)]
    lines = [[mode.phrase(), "places", *(f"within {label}" for label in labels), "median trip", "worst tenth"]]
    rows = results["coverage"].distribution[results["coverage"].distribution["mode"] == mode.key]
    for row in rows.to_dict(orient="records"):
        times = (row["median_minutes"], row["minutes_of_the_worst_served_tenth"])
        none = "none" if np.isnan(times[0]) else "no way"
        lines.append(
            [
                row["service"].replace("_", " "),
                f"{row['places']:,}",
                *("not mapped" if not row["places"] else f"{share[row['service'], label]:.1%}" for label in labels),
                *(none if np.isnan(time) else f"{time:.1f} min" for time in times),
            ]
        )
    return ["", *in_columns(lines)]


def _by_group(results: Results[ReachKeys]) -> list[str]:
    """Return the share of each group within the largest cutoff of the first mode, where the study names groups."""
    if not results.study.groups:
        return []
    mode = results.study.modes[0]
    widest = results.study.widest(mode).label
    chosen = results["coverage"].shares[
        (results["coverage"].shares["cutoff"] == widest) & (results["coverage"].shares["mode"] == mode.key)
    ]
    rows = chosen.to_dict(orient="records")
    titles = {row["group"]: row["group_title"] or row["group"] for row in rows}
    share = {(row["service"], row["group"]): row["share_within"] for row in rows}
    lines = [["service", *titles.values()]]
    for service in results.study.service_names:
        within = (share[service, group] for group in titles)
        lines.append([service.replace("_", " "), *("–" if np.isnan(value) else f"{value:.1%}" for value in within)])
    return ["", f"Share of each group within {widest} {mode.phrase()}.", "", *in_columns(lines)]
