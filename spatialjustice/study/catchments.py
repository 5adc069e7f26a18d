"""Supply per person where people compete for it: floating catchments of one study, by mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import access, inequality
from spatialjustice._core.findings import Finding
from spatialjustice.access import decay as decays
from spatialjustice.access.competition.catchment import floating_catchment_area
from spatialjustice.study.settings import COUNT
from spatialjustice.study.steps import supply_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from spatialjustice._core.ledger import Ledger
    from spatialjustice.network import TravelCosts
    from spatialjustice.study.moving import Streets
    from spatialjustice.study.parts import Catchment, Decay, Travel
    from spatialjustice.study.settings import Study

PER = 10_000
"""People for whom the supply is told: so many that the numbers are easy to read."""

TENTH = 0.1

HANDS_OUT_ALL = {"2sfca", "e2sfca", "3sfca"}
"""Methods by which people together have exactly the supply that anybody reaches."""


@dataclass(frozen=True)
class Caught:
    """What the people of a place have of one supply by one mode: ``per_person``, and why it is 0 where it is."""

    settings: Catchment
    mode: Travel
    places: int
    supply: float
    per_person: pd.Series[Any]
    status: pd.Series[Any]

    @property
    def per_ten_thousand(self) -> pd.Series[Any]:
        """Supply for 10,000 people."""
        return self.per_person * PER


def weights(settings: Decay) -> Any:
    """Return the decay function that a study names."""
    if settings.stepped is not None:
        return decays.stepped(
            {step.value: weight for step, weight in zip(settings.steps, settings.weights, strict=True)}
        )
    made = {"binary": decays.binary, "linear": decays.linear, "gaussian": decays.truncated_gaussian}
    return made[settings.kind](settings.limit.value)


def all_of(
    study: Study,
    networks: Mapping[str, Streets],
    frame: gpd.GeoDataFrame,
    found: gpd.GeoDataFrame,
    counted: pd.Series[Any],
    ledger: Ledger,
) -> list[Caught]:
    """Share the supply of every catchment out among the people of the zones, by each of its modes."""
    return [
        _caught(settings, mode, _costs(study, settings, networks[mode.key], frame, found), counted, ledger)
        for mode in study.modes
        for settings in study.catchments_of(mode)
    ]


def _costs(
    study: Study, settings: Catchment, streets: Streets, frame: gpd.GeoDataFrame, found: gpd.GeoDataFrame
) -> tuple[TravelCosts, pd.Series[Any]]:
    places = found[found["service"].isin(settings.services)]
    supply = places["count" if settings.supply == COUNT else supply_column(settings.supply)].astype(float)
    limit = settings.decay.limit
    costs = streets.travel_costs(frame, places, cutoff=limit.value, unit=limit.measure, snap_limit=study.snap_limit)
    return costs, supply


def _caught(
    settings: Catchment,
    mode: Travel,
    asked: tuple[TravelCosts, pd.Series[Any]],
    counted: pd.Series[Any],
    ledger: Ledger,
) -> Caught:
    costs, supply = asked
    per_person = floating_catchment_area(
        costs, supply=supply, people=counted, decay=weights(settings.decay), method=settings.method
    )
    if settings.method in HANDS_OUT_ALL:
        ledger.record(
            f"catchment: {settings.name}, {mode.key}",
            "supply",
            unit=settings.supply,
            before=float(supply.sum()),
            after=float((per_person * counted).sum()),
            elsewhere={"places that nobody reaches": float(per_person.attrs["left_out"]["supply_unreached"])},
        )
    return Caught(
        settings=settings,
        mode=mode,
        places=len(supply),
        supply=float(supply.sum()),
        per_person=per_person,
        status=access.status(costs, cutoff=settings.decay.limit.value, people=counted),
    )


def findings(caught: list[Caught], found: gpd.GeoDataFrame) -> list[Finding]:
    """Say how much of a supply lies outside the place, where others share it who are not counted."""
    told = []
    for settings in {item.settings.name: item.settings for item in caught}.values():
        places = found[found["service"].isin(settings.services)]
        outside = int((~places["inside"]).sum())
        if outside:
            told.append(
                Finding(
                    "supply_shared_with_others",
                    "warning",
                    f"{outside:,} of {len(places):,} places of the catchment {settings.name} lie outside the place. "
                    "People out there share them too but are not counted, so that near the edge the supply per person "
                    "looks better than it is.",
                    count=outside,
                    advice="Take zones and people of a larger place, and read the results of the middle.",
                )
            )
    return told


def table(caught: list[Caught], counted: pd.Series[Any]) -> pd.DataFrame:
    """Return one row per catchment and mode: what people have, who has none, and that nothing was lost.

    ``supply_handed_out`` is the sum of people times what each of them has. By the methods 2sfca, e2sfca and 3sfca it
    is the whole supply but for that of places nobody reaches.
    """
    rows = []
    total = float(counted.sum())
    for item in caught:
        left_out = item.per_person.attrs["left_out"]
        values = item.per_ten_thousand
        mean = float(np.average(values, weights=counted))
        none = float(counted[item.per_person == 0].sum())
        rows.append(
            {
                "catchment": item.settings.name,
                "mode": item.mode.key,
                "method": item.settings.method,
                "decay": item.settings.decay.label,
                "places": item.places,
                "supply": item.supply,
                "supply_handed_out": float((item.per_person * counted).sum()),
                "supply_nobody_reaches": float(left_out["supply_unreached"]),
                "people": total,
                "people_who_reach_none": none,
                "share_who_reach_none": none / total,
                "per_10000_people_mean": mean,
                "per_10000_people_worst_served_tenth": _worst_tenth(values, counted) if mean > 0 else np.nan,
                "gini": inequality.gini(values, weights=counted) if mean > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _worst_tenth(values: pd.Series[Any], counted: pd.Series[Any]) -> float:
    """Return the mean of the tenth of people who have least, read from the Lorenz curve, which is straight between."""
    curve = inequality.lorenz_curve(values, weights=counted)
    share = float(np.interp(TENTH, curve["population_share"], curve["value_share"]))
    return share / TENTH * float(np.average(values, weights=counted))
