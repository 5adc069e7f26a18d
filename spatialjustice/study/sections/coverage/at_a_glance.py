"""Who is served at a glance: every service by every mode at its largest limit, in one table that all outputs read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import maps
from spatialjustice.report import standing
from spatialjustice.study.engine.setting_types import EVERYBODY

if TYPE_CHECKING:
    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.reach.results import Reach
    from spatialjustice.study.sections.reach.settings import ReachKeys

BEST_TENTH = 9
"""Where the way that the best-served tenth have at most stands among the centiles of all people."""


def at_a_glance(results: Results[ReachKeys]) -> pd.DataFrame:
    """Return a row for every service by every mode: who has a place within the largest limit, and who has none.

    ``people`` are those of whom the streets or timetables tell; ``people_within`` and ``people_beyond`` add up to them.
    ``worst_tenth`` is the way that the worst-served tenth of them have at least, in the unit of the limit: infinite
    where they have none. A service that is mapped nowhere has no numbers: what nobody has mapped is unknown, not zero.
    """
    shares = results["coverage"].shares
    everybody = shares[shares["group"] == EVERYBODY].set_index(["service", "mode", "cutoff"])
    rows = []
    for item in results["reach"]:
        limit = results.study.widest(item.mode)
        told: Any = everybody.loc[(item.service, item.mode.key, limit.label)]
        people = float(told["people"]) - float(told.get("people_outside_data", 0.0))
        within = float(told.get("people_within", 0.0)) if item.places else np.nan
        rows.append(
            {
                "service": item.service,
                "mode": item.mode.key,
                "places": item.places,
                "limit": limit.label,
                "people": people,
                "people_within": within,
                "people_beyond": people - within,
                "share_within": float(told["share_within"]),
                "worst_tenth": _worst_tenth(item, results.people) if item.places else np.nan,
                "unit": item.unit,
            }
        )
    return pd.DataFrame(rows)


def way_of(item: Reach) -> maps.Indicator:
    """Return the way to the nearest place, with who is out of reach."""
    return maps.Indicator("way", "", item.closest[item.unit], unit=item.unit, kind="cost", status=item.status)


def _worst_tenth(item: Reach, people: pd.Series[Any]) -> float:
    found = standing(way_of(item), people=people)
    return found.worst_tenth("lower is better") if found.centiles else np.nan
