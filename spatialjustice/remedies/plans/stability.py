"""How far a plan can be relied upon: which sites stay when data, limits or goals are others, and at what cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice.access._cost_tables import held_pairs
from spatialjustice.inequality._inputs import seed_of
from spatialjustice.remedies.case import listed_ids
from spatialjustice.remedies.plans.choosing import Around, opened, with_kappa, worse_by
from spatialjustice.remedies.sites.opening import open_sites

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd

    from spatialjustice.access._cost_tables import AnyCosts

    Costs = AnyCosts | pd.DataFrame

Z = 1.645
"""A margin of error at 90 % is so many standard errors."""
HALF = 0.5


def plan_stability(  # noqa: PLR0913
    costs: Costs,
    sites: Any,
    *,
    people: pd.Series[Any],
    over: Mapping[str, Mapping[str, Any]] | None = None,
    margins: pd.Series[Any] | None = None,
    replications: int = 20,
    goal: str = "mean",
    points: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    distance: float = 0.0,
    rng: int | np.random.Generator | None = None,
    **settings: Any,
) -> pd.DataFrame:
    r"""Make the best plan under other settings, and tell which sites are chosen again and what the old plan loses.

    For settings s with the goal V, the plan S at hand, and the best plan there:

    .. math:: \bar m_j = \frac{1}{n} \sum_s 1[j \in S^*_s], \qquad r_s = |V_s(S) - V_s(S^*_s)|

    A site that is chosen in nearly all settings does not hang on their choice; a small regret r says that the plan does
    well even where another one would be best. Both can differ: sites move where many are as good.

    Parameters
    ----------
    costs
        From zones to sites, as for :func:`open_sites`.
    sites
        The plan: what :func:`open_sites` returned, or ids.
    people
        People of each zone.
    over
        Settings by name, each with the words of :func:`open_sites` that it changes: ``{"people of 2015": {"people": …},
        "800 m": {"goal": "within cutoff", "cutoff": 800}, "slower": {"costs": …}}``. Other costs must lead to the
        sites of the plan.
    margins
        Margins of error of the people at 90 %: so many populations are drawn, :math:`\max(0, N(P_i, m_i / 1.645))`,
        each zone apart from the others.
    replications
        How many populations are drawn, at least 1; only with ``margins``.
    goal
        As for :func:`open_sites`.
    points
        Points of the sites, with their ids, in any CRS; only with ``distance``.
    distance
        Metres within which another site is the same place, for ``share_near``.
    rng
        What the draws come from; None draws a seed, which ``attrs`` tells.
    **settings
        As for :func:`open_sites`: ``existing``, ``cutoff``, ``groups``, ``aversion``, ``gap``, …

    Returns
    -------
    DataFrame
        A row for each site that was ever chosen, those of the plan first, then by share: ``in_plan``;
        ``share_of_settings`` in which it is chosen; ``share_near`` in which it or a site near it is. ``attrs``:
        ``settings``, a record for each with ``name``, ``value`` (of the plan at hand), ``best``, ``bound``, ``regret``,
        ``regret_share`` (of the best value) and ``kept`` (how many sites of the plan, or near them, are chosen again);
        ``replications`` and ``seed``. The settings at hand are not among them.

    Raises
    ------
    InputError
        When there is no other setting, or as :func:`open_sites`.

    References
    ----------
    Snyder (2006), Facility location under uncertainty: a review, IIE Transactions 38: 547-564.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": list("aabb"), "to_id": [1, 2, 1, 2], "travel_cost": [0.0, 8.0, 8.0, 0.0]})
    >>> people = pd.Series({"a": 3.0, "b": 1.0})
    >>> found = plan_stability(pairs, [1], people=people, over={"2030": {"people": pd.Series({"a": 1.0, "b": 3.0})},
    ...                                                         "2040": {"people": pd.Series({"a": 2.0, "b": 1.0})}})
    >>> found["share_of_settings"].to_dict(), found.attrs["settings"][0]["regret"]
    ({1: 0.5, 2: 0.5}, 4.0)
    """
    chosen = opened(sites)
    if not chosen:
        raise InputError("sites", "the plan has none", "Give what open_sites returned, or ids of sites.")
    if not over and margins is None:
        raise InputError("over", "there is no other setting", "Name some, or give margins of error of the people.")
    near, seed = Around(points, distance), seed_of(rng)
    settings.pop("count", None)
    asked = {"costs": held_pairs(costs), "people": people, "goal": goal, **settings}
    others = [
        *((str(name), dict(change)) for name, change in (over or {}).items()),
        *_drawn(people, margins, replications, seed),
    ]
    records, times, close = [], dict.fromkeys(chosen, 0), {}
    for name, change in tqdm(others, desc="settings", delay=2, leave=False):
        record, best = _under({**asked, **change}, name, chosen, near)
        records.append(record)
        for site in best:
            times[site] = times.get(site, 0) + 1
    plans = [record.pop("sites") for record in records]
    for site in times:
        close[site] = sum(bool(near.shared([site], plan)) for plan in plans)
    order = sorted(times, key=lambda site: (site not in chosen, -times[site], str(site)))
    table = pd.DataFrame(
        {
            "in_plan": [site in chosen for site in order],
            "share_of_settings": [times[site] / len(others) for site in order],
            "share_near": [close[site] / len(others) for site in order],
        },
        index=pd.Index(order, name="site"),
    )
    table.attrs = {
        "measure": "plan_stability",
        "unit": "share",
        "goal": goal,
        "distance": float(distance),
        "settings": records,
        "replications": int(replications) if margins is not None else 0,
        "seed": seed,
        "sources": [],
        "findings": [],
    }
    return add_findings(table, *_findings(table, len(others)))


def _drawn(
    people: pd.Series[Any], margins: pd.Series[Any] | None, replications: int, seed: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield populations drawn around the people, zones in the order of their ids so that their rows do not matter."""
    if margins is None:
        return
    whole = isinstance(replications, int | np.integer) and not isinstance(replications, bool)
    if not whole or replications < 1:
        raise InputError("replications", f"it is {replications!r}", "Give a whole number, 1 or more.")
    if not isinstance(margins, pd.Series) or len(people.index.difference(margins.index)):
        raise InputError("margins", "some zones have none", "Give a margin of error for the people of every zone.")
    width = as_floats(margins.reindex(people.index), "margins")
    wrong = ~(width >= 0) | np.isinf(width)
    if wrong.any():
        raise InputError(
            "margins", f"{int(wrong.sum()):,} are negative or missing", "Give 0 or more.", rows=people.index[wrong]
        )
    order = np.argsort(people.index.astype(str), kind="stable")
    amounts = people.to_numpy(dtype=float)
    generator = np.random.default_rng(seed)
    for draw in range(1, int(replications) + 1):
        noise = np.empty(len(people))
        noise[order] = generator.standard_normal(len(people))
        drawn = np.maximum(amounts + noise * width / Z, 0.0)
        yield f"draw {draw}", {"people": pd.Series(drawn, index=people.index)}


def _under(asked: dict[str, Any], name: str, chosen: list[Any], near: Around) -> tuple[dict[str, Any], list[Any]]:
    """Make the best plan under some settings, and value the one at hand there."""
    costs = asked.pop("costs")
    barred = {*listed_ids(asked.get("forbidden"), "forbidden"), *listed_ids(asked.get("without"), "without")}
    if barred & set(chosen):
        # The plan at hand may not be made there: it is valued as if it might.
        best = open_sites(costs, count=len(chosen), **asked)
        held = with_kappa(asked, costs, best, count=len(chosen), people=asked["people"], goal=asked["goal"])
        free = {key: value for key, value in held.items() if key not in {"required", "forbidden", "without"}}
        value = open_sites(costs, count=len(chosen), required=chosen, **free).attrs["value"]
    else:
        best = open_sites(costs, count=len(chosen), reference=chosen, **asked)
        value = best.attrs["reference_value"]
    other = best.attrs["value"]
    # Within the gap the plan at hand may be better than what was found: then it is as good as known.
    regret = max(worse_by(value, other, best.attrs.get("direction")), 0.0)
    now = opened(best)
    record = {
        "name": name,
        "value": value,
        "best": other,
        "bound": best.attrs["bound"],
        "regret": regret,
        "regret_share": regret / abs(other) if other else (0.0 if not regret else np.inf),
        "kept": len(near.shared(chosen, now)),
        "sites": now,
    }
    return record, now


def _findings(table: pd.DataFrame, settings: int) -> list[Finding]:
    """Say so where fewer than half of the settings choose a site of the plan."""
    weak = table[table["in_plan"] & (table["share_near"] < HALF)]
    if weak.empty:
        return []
    return [
        Finding(
            "sites_not_stable",
            "information",
            f"{len(weak)} of {int(table['in_plan'].sum())} sites are chosen again in fewer than half of {settings} "
            "other settings.",
            count=len(weak),
            advice="Look at the regret: where it is small, several places are as good, and other reasons may decide.",
        )
    ]
