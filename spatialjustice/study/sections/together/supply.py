"""Supply that many share, a part of it given online: what each person has today, at places, online and together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice import access, digital, inequality
from spatialjustice.study.engine.outcome import PER
from spatialjustice.study.sections.catchments.compute import weights
from spatialjustice.study.sections.catchments.settings import COUNT
from spatialjustice.study.sections.services.compute import supply_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.catchments.settings import Catchment
    from spatialjustice.study.sections.together.settings import Together, TogetherKeys

ENDS = ("lowest", "independent", "highest")
AT_ONCE = "the end of each zone by itself: not all zones can be at it at once"


@dataclass(frozen=True)
class SharedSupply:
    """What there is for each person: ``found`` as ``digital.supply_with_remote`` returns it, ``today`` all at places.

    ``counted`` says whether places are counted in places, ``status`` why there is none.
    """

    catchment: Catchment
    found: pd.DataFrame
    today: pd.Series[Any]
    counted: bool
    status: pd.Series[Any]


def shared_supply(
    work: Work[TogetherKeys], item: Together, mode: Travel, connected: pd.Series[Any], able: pd.DataFrame | None
) -> SharedSupply | None:
    """Share the supply of a catchment out, a part of it online; None where the study does not ask for it."""
    if item.catchment is None:
        return None
    settings = next(one for one in work.study.catchments if one.name == item.catchment)
    places = work["services"].places_of(*settings.services)
    supply = places["count" if settings.supply == COUNT else supply_column(settings.supply)].astype(float)
    limit = settings.decay.limit
    costs = work["streets"][mode.key].travel_costs(
        work["zones"], places, cutoff=limit.value, unit=limit.measure, snap_limit=work.study.snap_limit
    )
    words: dict[str, Any] = {"supply": supply, "people": work["people"], "decay": weights(settings.decay)}
    found = digital.supply_with_remote(
        costs,
        connected=connected,
        able=able,
        remote_share=item.remote_share,
        remote_value=item.remote_value,
        **words,
    )
    today = access.floating_catchment_area(costs, **words)
    return SharedSupply(
        settings,
        found,
        today,
        bool(supply.sum() == len(supply)),
        access.status(costs, cutoff=limit.value, people=work["people"]),
    )


def supply_rows(item: Together, mode: Travel, shared: SharedSupply, people: pd.Series[Any]) -> Iterator[dict[str, Any]]:
    """Yield what people have of the supply today, at the places that keep a part of it, online, and together."""
    inside = people.mask(shared.status == "outside_data", 0.0)
    columns = {("today", ""): shared.today, ("places", ""): shared.found["places"]}
    columns |= {(part, end): shared.found[f"{part}: {end}"] for part in ("remote", "together") for end in ENDS}
    for (part, end), values in columns.items():
        known = values.notna() & (inside > 0)
        amounts, counted = values[known] * PER, inside[known]
        yield {
            "together": item.name,
            "catchment": shared.catchment.name,
            "mode": mode.key,
            "remote_share": item.remote_share,
            "remote_value": item.remote_value,
            "part": part,
            "end": end,
            "unit": f"supply for {PER:,} people",
            "mean": float(np.average(amounts, weights=counted)),
            "worst_tenth_have_at_most": inequality.weighted_quantile(amounts, 0.1, people=counted),
            "share_who_have_none": float(counted[amounts == 0].sum() / counted.sum()),
            "gini": inequality.gini(amounts, people=counted) if (amounts * counted).sum() > 0 else np.nan,
            "note": AT_ONCE if end in (ENDS[0], ENDS[2]) else "",
            "people": float(counted.sum()),
            "people_left_out": float(people.sum() - counted.sum()),
            "left_out_because": "" if known[people > 0].all() else "a share is not known, or outside the street data",
        }
