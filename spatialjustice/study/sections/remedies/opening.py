"""Places that open: plans by each goal, tried under other settings, and those between two goals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice import remedies, sources
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice.access import cost_to_closest
from spatialjustice.access._cost_tables import held_pairs
from spatialjustice.remedies.plans.choosing import opened
from spatialjustice.remedies.plans.comparison import EVERYBODY
from spatialjustice.study.sections.remedies.question import (
    asked_of,
    candidates_of,
    costs_of,
    facts_of,
    for_verbs,
    least_of,
    plain,
    words_of,
)
from spatialjustice.study.sections.remedies.reasons import reasons
from spatialjustice.study.sections.remedies.result import FACTS, Plan, RemedyResult
from spatialjustice.study.sections.remedies.settings import goal_named

if TYPE_CHECKING:
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.remedies.settings import RemediesKeys, Remedy

NEAR_SHARE = 0.25
"""Sites nearer to each other than this share of the mean way after the plan count as the same place."""


def open_places(work: Work[RemediesKeys], item: Remedy) -> RemedyResult:
    """Open places by each goal, and try the first plan under other settings."""
    mode, people, groups, places, limit = asked_of(work, item)
    sites = candidates_of(work, item, mode)
    if len(sites) < item.count:
        raise InputError(
            f"remedies: {item.name}",
            f"{len(sites):,} candidates are fewer than the {item.count} places to open",
            "Allow more of them: a smaller step in every, another kind, fewer forbidden areas.",
        )
    # Searched once, for all goals, settings and reasons.
    costs = held_pairs(costs_of(work, item, mode, sites))
    now = costs_of(work, item, mode, places)
    before = plain(cost_to_closest(now), people.index) if len(places) else pd.Series(np.nan, people.index)
    common: dict[str, Any] = {"people": people, "existing": before, "gap": item.gap, "groups": for_verbs(groups)}
    plans, found = {}, []
    for goal in item.asked:
        made = remedies.open_sites(costs, count=item.count, **words_of(goal, item), **common)
        found.append(made)
        names = tuple(opened(made))
        # Of all zones, those where nobody lives included: the map shows them, too.
        there = pd.Series(sites.index.isin(names).astype(float), index=sites.index)
        reached = plain(cost_to_closest(costs, there), people.index)
        after = pd.Series(np.fmin(before.to_numpy(), reached.to_numpy()), index=people.index)
        plans[goal.key] = Plan(goal.label, names, after, facts_of(made, FACTS))
    shown = next(iter(plans.values()))
    compared = remedies.compare_plans(
        costs,
        {goal: plan.after for goal, plan in plans.items()},
        people=people,
        existing=before,
        groups=for_verbs(groups),
        cutoff=limit,
        aversion=item.aversion or 1.0,
        least=least_of(item),
    )
    chosen = list(shown.names)
    near = NEAR_SHARE * float(compared.xs(EVERYBODY, level="group")["mean"][shown.goal.key])
    metres = near if item.unit == "metres" else near * mode.kilometres_an_hour * 1000 / 60
    asked = {**common, **{name: value for name, value in words_of(shown.goal, item).items() if value is not None}}
    around: dict[str, Any] = {"points": sites, "distance": metres}
    every = list(dict.fromkeys(site for plan in plans.values() for site in plan.names))
    return RemedyResult(
        settings=item,
        mode=mode,
        people=people,
        before=before,
        plans=plans,
        rows=_rows(compared),
        points=gpd.GeoDataFrame({"kind": "new"}, geometry=sites.geometry.loc[every], index=every, crs=sites.crs),
        why=reasons(work, costs, chosen, sites, people, before, groups, limit=limit, opens=True),
        status=pd.Series(now.origins["status"].to_numpy(dtype=object), index=now.origins.index),
        places=len(places),
        limit=limit,
        stability=_stability(work, item, costs, chosen, asked | around),
        prices=_prices(remedies.price_of_choice(costs, chosen, **asked, **around)),
        marginal=_marginal(remedies.marginal_sites(costs, count=item.count, **asked)),
        frontier=_frontier(item, costs, common),
        groups=groups,
        candidates=len(sites),
        findings=tuple(dict.fromkeys(findings_of(sites, *found, compared))),
    )


def _rows(compared: pd.DataFrame) -> pd.DataFrame:
    rows = compared.reset_index()
    rows.attrs = {}
    return rows


def _joined(sites: pd.Series[Any]) -> list[str]:
    return ["; ".join(map(str, one)) for one in sites]


def _prices(found: pd.DataFrame) -> pd.DataFrame:
    """Return what it costs to do without each site, beside what comes in for it."""
    left_out: Any = found.xs("left out", level="choice")
    table = pd.DataFrame({"price": left_out["price"], "instead": _joined(left_out["instead"])}, index=left_out.index)
    table.attrs = {"distance": found.attrs["distance"]}
    return table


def _marginal(found: pd.DataFrame) -> pd.DataFrame:
    table = found.assign(**{name: _joined(found[name]) for name in ("sites", "kept", "dropped")}).reset_index()
    table.attrs = {}
    return table


def _frontier(item: Remedy, costs: Any, common: dict[str, Any]) -> pd.DataFrame | None:
    """Make plans between two goals: the value of both, the price of each step, and the sites."""
    if not item.traded:
        return None
    limit = next((goal.cutoff.value for goal in item.traded if goal.cutoff), None)
    one, other = item.traded
    given = {name: value for name, value in common.items() if name != "groups"}
    found = remedies.trade_off(
        costs,
        count=item.count,
        goals=(one.name, other.name),
        cutoff=limit,
        aversion=item.aversion or 1.0,
        number=NUMBER,
        **given,
    )
    first, second = (found[goal.name].to_numpy(dtype=float) for goal in item.traded)
    return pd.DataFrame(
        {"first": first, "second": second, "price": found["price"].to_numpy(), "sites": _joined(found["sites"])}
    )


NUMBER = 9
"""Weights of two goals that are tried between them."""


def _stability(
    work: Work[RemediesKeys], item: Remedy, costs: Any, chosen: list[Any], asked: dict[str, Any]
) -> pd.DataFrame | None:
    settings = item.stability
    over: dict[str, dict[str, Any]] = {}
    for column in settings.people:
        over[f"people: {column}"] = {"people": sources.population_from_column(work["zones"], column)}
    for text in settings.goals:
        over[f"goal: {text}"] = words_of(goal_named(text), item)
    margins = asked["people"] * settings.noise * 1.645 if settings.noise else None
    if not over and margins is None:
        return None
    found = remedies.plan_stability(
        costs, chosen, over=over, margins=margins, replications=settings.draws, rng=work.seed, **asked
    )
    found.attrs = {name: found.attrs[name] for name in ("settings", "distance")}
    return found
