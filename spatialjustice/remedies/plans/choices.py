"""What each site is worth: the price of choosing otherwise, and what each further one brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice.access._cost_tables import held_pairs
from spatialjustice.remedies.case import listed_ids
from spatialjustice.remedies.plans.choosing import Around, opened, with_kappa, worse_by
from spatialjustice.remedies.sites.opening import open_sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd

    from spatialjustice.access._cost_tables import AnyCosts

    Costs = AnyCosts | pd.DataFrame

PASSED_ON = ("goal", "unit", "direction", "gap", "sources", "findings")
"""What a table of plans tells of the first plan it was made of."""


def price_of_choice(
    costs: Costs,
    sites: Any,
    *,
    people: pd.Series[Any],
    goal: str = "mean",
    other: Sequence[Any] | None = None,
    points: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    distance: float = 0.0,
    **settings: Any,
) -> pd.DataFrame:
    r"""Tell what it costs to do without each site of a plan, or to insist on one that it leaves out.

    With V the goal of the best plan of so many sites, and V of the best that leaves site j out, or holds it:

    .. math:: \pi_j = |V_{-j} - V|, \qquad \pi_j = |V_{+j} - V|

    A small price says that there is room for what the goal does not know: land, owners, politics.

    Parameters
    ----------
    costs
        From zones to sites, as for :func:`open_sites`.
    sites
        The plan: what :func:`open_sites` returned, or ids.
    people
        People of each zone.
    goal
        As for :func:`open_sites`.
    other
        Sites to insist on, each for itself; None for no such rows.
    points
        Points of the sites, with their ids, in any CRS; only with ``distance``.
    distance
        Metres around a site within which no other may stand for it, when it is left out.
    **settings
        As for :func:`open_sites`: ``existing``, ``cutoff``, ``groups``, ``aversion``, ``gap``, …

    Returns
    -------
    DataFrame
        A row for each site, on ``site`` and ``choice`` (``left out`` or ``insisted on``): ``value`` of the goal and
        ``bound``, ``price`` (how much worse than the plan; below 0 only within the plan's gap), ``price_at_least`` (by
        the bound: no plan without it can cost less), and ``instead``, the sites that come in for it.

    Raises
    ------
    InputError
        As :func:`open_sites`, or when the plan is empty.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": list("aabb"), "to_id": [1, 2, 1, 2], "travel_cost": [1.0, 3.0, 4.0, 3.0]})
    >>> found = price_of_choice(pairs, [1], people=pd.Series({"a": 1.0, "b": 1.0}))
    >>> value, price, instead = found.loc[(1, "left out"), ["value", "price", "instead"]]
    >>> float(value), float(price), instead
    (3.0, 0.5, (2,))
    """
    chosen = opened(sites)
    if not chosen:
        raise InputError("sites", "the plan has none", "Give what open_sites returned, or ids of sites.")
    near = Around(points, distance)
    settings.pop("count", None)
    pairs = held_pairs(costs)
    asked = with_kappa(settings, pairs, sites, people=people, count=len(chosen), goal=goal)
    required, barred = (list(listed_ids(asked.pop(name, None), name)) for name in ("required", "without"))

    def best(*, needed: Iterable[Any] = (), without: Iterable[Any] = ()) -> pd.DataFrame:
        return open_sites(
            pairs,
            people=people,
            count=len(chosen),
            goal=goal,
            required=[*required, *needed],
            without=[*barred, *without],
            **asked,
        )

    plan = best(needed=[site for site in chosen if site not in required])
    rows: dict[tuple[Any, str], dict[str, Any]] = {}
    for site in tqdm(chosen, desc="prices", delay=2, leave=False):
        rows[site, "left out"] = _priced(best(without=near.of(site)), plan, chosen)
    for site in other or ():
        rows[site, "insisted on"] = _priced(best(needed=[site]), plan, chosen)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["site", "choice"])
    table.attrs = {
        "measure": "price_of_choice",
        "value": plan.attrs["value"],
        "distance": float(distance),
        **{name: plan.attrs.get(name) for name in PASSED_ON},
    }
    return table


def _priced(found: pd.DataFrame, plan: pd.DataFrame, chosen: list[Any]) -> dict[str, Any]:
    value, bound, before = found.attrs["value"], found.attrs["bound"], plan.attrs["value"]
    return {
        "value": value,
        "bound": bound,
        "price": worse_by(value, before, plan.attrs.get("direction")),
        "price_at_least": worse_by(bound, before, plan.attrs.get("direction")),
        "instead": tuple(site for site in opened(found) if site not in chosen),
    }


def marginal_sites(
    costs: Costs, *, people: pd.Series[Any], count: int, goal: str = "mean", **settings: Any
) -> pd.DataFrame:
    r"""Tell what the first, the second, … site brings, each time with the best plan of so many.

    .. math:: \Delta_k = |V_k - V_{k-1}|

    with V₀ the goal as it is now. Each plan is best for itself: one of k sites need not hold those of k - 1, which
    ``kept`` and ``dropped`` tell.

    Parameters
    ----------
    costs
        From zones to sites, as for :func:`open_sites`.
    people
        People of each zone.
    count
        The largest number of sites, at least 1.
    goal
        As for :func:`open_sites`.
    **settings
        As for :func:`open_sites`: ``existing``, ``cutoff``, ``groups``, ``aversion``, ``gap``, …

    Returns
    -------
    DataFrame
        A row for each number of sites, on ``count``: ``value``, ``bound`` and ``gap`` of the goal; ``gain``, what this
        site brings (NaN for the first where nobody reaches anything now); ``share_of_gain``, of all that the sites
        bring; ``sites``, ``kept`` and ``dropped`` of the plan with one less.

    Raises
    ------
    InputError
        As :func:`open_sites`.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": list("aabb"), "to_id": [1, 2, 1, 2], "travel_cost": [0.0, 8.0, 8.0, 0.0]})
    >>> found = marginal_sites(pairs, people=pd.Series({"a": 3.0, "b": 1.0}), count=2)
    >>> found["value"].tolist()
    [2.0, 0.0]
    """
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise InputError("count", f"it is {count!r}", "Give a whole number, 1 or more.")
    rows: list[dict[str, Any]] = []
    sites: list[Any] = []
    last: float | None = None
    first: pd.DataFrame | None = None
    pairs = held_pairs(costs)
    settings = with_kappa(settings, pairs, None, people=people, count=int(count), goal=goal)
    for number in tqdm(range(1, int(count) + 1), desc="sites", delay=2, leave=False):
        plan = open_sites(pairs, people=people, count=number, goal=goal, **settings)
        if first is None:
            first, last = plan, plan.attrs.get("before")
        value, now = plan.attrs["value"], opened(plan)
        known = last is not None and np.isfinite(last)
        rows.append(
            {
                "value": value,
                "bound": plan.attrs["bound"],
                "gap": plan.attrs["gap"],
                "gain": worse_by(last, value, plan.attrs.get("direction")) if known and last is not None else np.nan,
                "sites": tuple(now),
                "kept": tuple(site for site in now if site in sites),
                "dropped": tuple(site for site in sites if site not in now),
            }
        )
        sites, last = now, value
    table = pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="count"))
    whole = table["gain"].sum()
    table.insert(4, "share_of_gain", table["gain"] / whole if whole > 0 else np.nan)
    assert first is not None  # noqa: S101 - there is one site at least
    table.attrs = {
        "measure": "marginal_sites",
        "before": first.attrs.get("before"),
        **{name: first.attrs.get(name) for name in PASSED_ON},
    }
    return table
