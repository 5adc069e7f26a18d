"""Which zones have which services of a basket within their limits, and at which limit they would have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import access
from spatialjustice._core.findings import Finding

if TYPE_CHECKING:
    from spatialjustice.study.engine.setting_types import Unit
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.baskets.settings import Basket, BasketsKeys
    from spatialjustice.study.sections.reach.results import Reach


@dataclass(frozen=True)
class BasketResult:
    """Who has a basket by one mode: ``found`` as ``access.basket`` returns it, and at which limit zones have it.

    ``cost`` is in the unit of the one limit; where services have their own, it is how many times these they may cost
    (``stretch``).
    """

    settings: Basket
    mode: Travel
    found: pd.DataFrame
    cost: pd.Series[Any]
    stretch: bool
    status: pd.Series[Any]
    unmapped: tuple[str, ...]


def compute(work: Work[BasketsKeys]) -> list[BasketResult]:
    """Look at every basket of the study."""
    return [_basket(work, item) for item in work.study.baskets]


def _basket(work: Work[BasketsKeys], item: Basket) -> BasketResult:
    mode = work.study.mode_of_basket(item)
    reached = {one.service: one for one in work["reach"] if one.mode.key == mode.key}
    table = pd.DataFrame({name: _costs(work, reached[name], limit.measure) for name, limit in item.limits.items()})
    limits = {name: limit.value for name, limit in item.limits.items()}
    found = access.basket(table, cutoff=limits, at_least=item.at_least, missing="unknown")
    stretch = item.same_limit is None
    cost = access.basket_cost(table, cutoff=limits if stretch else None, at_least=item.at_least, missing="unknown")
    counted = access.basket_people(found, people=work["people"])
    work.ledger.record(
        f"basket: {item.name}, {mode.key}",
        "people",
        unit="people",
        before=float(work["people"].sum()),
        after=float(counted.loc[["whole", "lacking"], "people"].sum()),
        elsewhere={"it is not known": float(counted["people"].to_dict()["unknown"])},
    )
    first = reached[next(iter(item.limits))]
    return BasketResult(
        settings=item,
        mode=mode,
        found=found,
        cost=cost,
        stretch=stretch,
        status=_status(found, cost, first, work["people"]),
        unmapped=tuple(name for name in item.limits if not reached[name].places),
    )


def _costs(work: Work[BasketsKeys], item: Reach, unit: Unit) -> pd.Series[float]:
    """Return what the way to the closest place costs: infinite where no way leads there, missing where nobody knows."""
    if unit in item.closest:
        closest = item.closest[unit]
    else:
        places = work["services"].places_of(item.service)
        streets = work["streets"][item.mode.key]
        closest = access.cost_to_closest(
            streets.travel_costs(work["zones"], places, unit=unit, snap_limit=work.study.snap_limit)
        )
    # What nobody has mapped is unknown, and so is what lies outside the data of the streets.
    unknown = (item.status == "outside_data") if item.places else pd.Series(data=True, index=closest.index)
    amounts = closest.to_numpy(dtype=float)
    return pd.Series(np.where(unknown.to_numpy(), np.nan, np.where(np.isnan(amounts), np.inf, amounts)), closest.index)


def _status(found: pd.DataFrame, cost: pd.Series[Any], first: Reach, people: pd.Series[Any]) -> pd.Series[Any]:
    """Say why a zone has no limit at which it has the basket."""
    state = found["state"].astype(object)
    reasons: dict[Any, Any] = {"whole": "ok", "lacking": "beyond_cutoff", "unknown": None}
    status = np.array([reasons[one] for one in state], dtype=object)
    no_way = cost.isna().to_numpy() & (state == "lacking").to_numpy()
    status[no_way] = "unreachable"
    for reason in ("off_network", "outside_data"):
        status[(first.status == reason).to_numpy()] = reason
    status[(people == 0).to_numpy()] = "no_population"
    return pd.Series(status, found.index, dtype=object)


def findings(work: Work[BasketsKeys]) -> list[Finding]:
    """Say of which services of a basket nothing is mapped, so that nobody can be said to have or to lack them."""
    found = []
    for one in work["baskets"]:
        if not one.unmapped:
            continue
        names = ", ".join(one.unmapped)
        found.append(
            Finding(
                "basket_not_mapped",
                "warning",
                f"Nobody has mapped a place of {names}: whether people have the basket {one.settings.name} is known "
                "only where the other services decide it.",
                count=len(one.unmapped),
                values={"services": names, "name": one.settings.name},
                advice="Take another source for these services, or leave them out of the basket.",
            )
        )
    return found
