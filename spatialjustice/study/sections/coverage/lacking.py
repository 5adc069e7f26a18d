"""How many of the services people have no place of within the limit: a count by zone, and the people of each count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.setting_types import Cutoff
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.reach.settings import ReachKeys

LACKING = ("beyond_cutoff", "unreachable")
UNKNOWN = ("outside_data", "unknown_service")


@dataclass(frozen=True)
class Lacking:
    """How many of ``services`` each zone has no place of within ``limit`` by one mode.

    ``counts`` is missing where no street leads away or something is not known; ``status`` then says why. Services that
    are mapped nowhere are not among them: what nobody has mapped is unknown, not lacking.
    """

    mode: Travel
    limit: Cutoff
    services: int
    counts: pd.Series[Any]
    status: pd.Series[Any]

    @property
    def least(self) -> int:
        """From how many on it is more than half of them: three of five."""
        return self.services // 2 + 1


def lacking(results: Results[ReachKeys], mode: Travel) -> Lacking | None:
    """Count the services that zones have no place of within the largest limit; None where there are not several."""
    reached = [item for item in results["reach"] if item.mode.key == mode.key and item.places]
    if len(reached) < 2:
        return None
    index = results.zones.index
    counts = np.sum([item.status.isin(LACKING).to_numpy() for item in reached], axis=0).astype(float)
    status = np.full(len(index), "ok", dtype=object)
    for reason in ("no_population", "off_network", *UNKNOWN):
        status[np.any([(item.status == reason).to_numpy() for item in reached], axis=0)] = reason
    status[results.unknown.to_numpy()] = None
    counts[status != "ok"] = np.nan
    return Lacking(
        mode,
        results.study.widest(mode),
        len(reached),
        pd.Series(counts, index=index),
        pd.Series(status, index=index, dtype=object),
    )


def people_by_count(found: Lacking, people: pd.Series[Any]) -> pd.DataFrame:
    """Return the people who lack none, one, two, … of the services; those off the network and unknown in own rows."""
    rows: list[dict[str, Any]] = [
        {"services_lacking": str(count), "people": float(people[found.counts == count].sum())}
        for count in range(found.services + 1)
    ]
    rows.append({"services_lacking": "off_network", "people": float(people[found.status == "off_network"].sum())})
    rows.append({"services_lacking": "unknown", "people": float(people[found.status.isin(UNKNOWN)].sum())})
    table = pd.DataFrame(rows)
    known = float(table["people"].iloc[:-1].sum())
    table["share"] = table["people"] / known if known else np.nan
    table.loc[table["services_lacking"] == "unknown", "share"] = np.nan
    table.insert(0, "mode", found.mode.key)
    table.insert(1, "limit", found.limit.label)
    table.insert(2, "services", found.services)
    return table
