"""Supply per person where people compete for it: floating catchments of one study, by mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice import access
from spatialjustice._core.findings import Finding
from spatialjustice.access import decay as decays
from spatialjustice.access.competition.catchment import floating_catchment_area
from spatialjustice.study.engine.outcome import PER, Outcome
from spatialjustice.study.engine.ways import WaysAsked
from spatialjustice.study.sections.catchments.settings import COUNT
from spatialjustice.study.sections.services.compute import supply_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.catchments.settings import Catchment, CatchmentsKeys, Decay

HANDS_OUT_ALL = {"2sfca", "e2sfca", "3sfca"}
"""Methods by which people together have exactly the supply that anybody reaches."""


@dataclass(frozen=True)
class CatchmentResult:
    """What the people of a place have of one supply by one mode: ``per_person``, and why it is 0 where it is.

    Where nobody has mapped a place, supply and ``per_person`` are unknown: NaN.
    """

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


def compute(work: Work[CatchmentsKeys]) -> list[CatchmentResult]:
    """Share the supply of every catchment out among the people of the zones, by each of its modes."""
    return [_by_mode(work, settings, mode) for mode in work.study.modes for settings in work.study.catchments_of(mode)]


def asks(work: Work[CatchmentsKeys]) -> Iterator[WaysAsked]:
    """Yield what is asked of the ways of all zones."""
    for mode in work.study.modes:
        for settings in work.study.catchments_of(mode):
            yield _ways(work, settings, mode)


def _ways(work: Work[CatchmentsKeys], settings: Catchment, mode: Travel) -> WaysAsked:
    """Return what is asked for one catchment and mode: every way that is not too long, since all zones share places."""
    return WaysAsked(
        name=f"{mode.key} {settings.name}",
        streets=work["streets"][mode.key],
        zones=work["zones"],
        places=work["services"].places_of(*settings.services),
        unit=settings.decay.limit.measure,
        snap_limit=work.study.snap_limit,
        cutoff=settings.decay.limit.value,
        pairs=True,
    )


def _by_mode(work: Work[CatchmentsKeys], settings: Catchment, mode: Travel) -> CatchmentResult:
    counted = work["people"]
    asked = _ways(work, settings, mode)
    places = asked.places
    supply = places["count" if settings.supply == COUNT else supply_column(settings.supply)].astype(float)
    costs = work.costs(asked)
    per_person = floating_catchment_area(
        costs, supply=supply, people=counted, decay=weights(settings.decay), method=settings.method
    )
    if settings.method in HANDS_OUT_ALL:
        work.ledger.record(
            f"catchment: {settings.name}, {mode.key}",
            "supply",
            unit=settings.supply,
            before=float(supply.sum()),
            after=float((per_person * counted).sum()),
            elsewhere={"places that nobody reaches": float(per_person.attrs["left_out"]["supply_unreached"])},
        )
    mapped = bool(len(supply))
    return CatchmentResult(
        settings=settings,
        mode=mode,
        places=len(supply),
        # What nobody has mapped is unknown, not zero.
        supply=float(supply.sum()) if mapped else np.nan,
        per_person=per_person if mapped else per_person * np.nan,
        status=access.status(costs, cutoff=settings.decay.limit.value, people=counted),
    )


def outcomes(work: Work[CatchmentsKeys]) -> Iterator[Outcome]:
    """Yield what people have of each supply; of one that nobody has mapped it is not known."""
    for one in work["catchments"]:
        if one.places:
            yield Outcome(
                one.settings.name,
                one.mode.key,
                "supply",
                f"supply for {PER:,} people",
                one.per_ten_thousand,
                outside=one.status == "outside_data",
            )


def findings(work: Work[CatchmentsKeys]) -> list[Finding]:
    """Say how much of a supply lies outside the place, where others share it who are not counted."""
    found = []
    for settings in {item.settings.name: item.settings for item in work["catchments"]}.values():
        places = work["services"].places_of(*settings.services)
        outside = int((~places["inside"]).sum())
        if outside:
            found.append(
                Finding(
                    "supply_shared_with_others",
                    "warning",
                    f"{outside:,} of {len(places):,} places of the catchment {settings.name} lie outside the place. "
                    "People out there share them too but are not counted, so that near the edge the supply per person "
                    "looks better than it is.",
                    values={"count": outside, "all": len(places), "name": settings.name},
                    count=outside,
                    advice="Take zones and people of a larger place, and read the results of the middle.",
                )
            )
    return found
