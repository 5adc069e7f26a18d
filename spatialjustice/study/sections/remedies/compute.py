"""Plans for every remedy that a study asks for: made by each goal, compared, and tried under other settings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice import inequality, remedies, sources
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import metric_crs
from spatialjustice.access import cost_to_closest
from spatialjustice.remedies.plans.choosing import opened
from spatialjustice.remedies.plans.comparison import EVERYBODY
from spatialjustice.study.sections.digital.compute import share_of
from spatialjustice.study.sections.remedies.reasons import reasons
from spatialjustice.study.sections.remedies.settings import goal_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.remedies.settings import Goal, RemediesKeys, Remedy

NEAR_SHARE = 0.25
"""Sites nearer to each other than this share of the mean way after the plan count as the same place."""
FIFTHS = 5
"""Parts of equal people, from poor to rich, in which zones are told of where they are ranked."""


@dataclass(frozen=True)
class Plan:
    """A plan by one goal: its sites, what each zone has after it, and how good it is known to be."""

    goal: Goal
    sites: pd.DataFrame
    after: pd.Series[Any]
    names: tuple[Any, ...]

    @property
    def facts(self) -> dict[str, Any]:
        """Value, bound and gap of the goal."""
        return {name: self.sites.attrs.get(name) for name in ("value", "bound", "gap", "proven", "before")}


@dataclass(frozen=True)
class RemedyResult:
    """What a remedy would do: ``before`` and the plans by goal, the shown one first; ``people`` are whom it is for."""

    settings: Remedy
    mode: Travel
    people: pd.Series[Any]
    before: pd.Series[Any]
    plans: dict[str, Plan]
    compared: pd.DataFrame
    points: gpd.GeoDataFrame
    why: pd.DataFrame
    status: pd.Series[Any]
    places: int
    limit: float | None
    stability: pd.DataFrame | None = None
    prices: pd.DataFrame | None = None
    marginal: pd.DataFrame | None = None
    groups: dict[str, pd.Series[Any]] = field(default_factory=dict)
    candidates: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def shown(self) -> Plan:
        """The plan by the first goal."""
        return next(iter(self.plans.values()))

    @property
    def opens(self) -> bool:
        """Whether places are opened, not closed."""
        return self.settings.open is not None

    @property
    def gain(self) -> pd.Series[Any]:
        """What each zone gains by the plan that is shown; below 0 where ways get longer."""
        return self.before - self.shown.after


def compute(work: Work[RemediesKeys]) -> list[RemedyResult]:
    """Make the plans of every remedy."""
    found = []
    for item in work.study.remedies:
        work.now(f"remedies: {item.name.replace('_', ' ')}")
        found.append(_opened(work, item) if item.open else _closed(work, item))
    return found


def people_of(work: Work[RemediesKeys], item: Remedy) -> pd.Series[Any]:
    """Return the people whom a remedy is for; those outside the data of the streets and of unknown share are none."""
    people: pd.Series[Any] = work["people"]
    if item.people == "everybody":
        return people
    if item.people == "offline":
        offline = getattr(work.study, "digital").offline  # noqa: B009 - a key of another section
        households = people if offline.holds != "households" else work["zones"][work.study.digital.households]  # type: ignore[attr-defined]
        share = share_of(offline, work["zones"], households, "lower is better")
        offline_people: pd.Series[Any] = (people * share).fillna(0.0)
        return offline_people
    counted: pd.Series[Any] = work["groups"].counts[item.people]
    return counted


def groups_of(work: Work[RemediesKeys]) -> dict[str, pd.Series[Any]]:
    """Return the people of each group, and of each fifth by income where zones are ranked."""
    found = dict(work["groups"].parts)
    rank = work["groups"].rank
    if rank is not None:
        for number, members in enumerate(_fifths(rank, work["people"]), start=1):
            found[f"{number} of {FIFTHS}"] = members
    return found


def _fifths(rank: pd.Series[Any], people: pd.Series[Any]) -> list[pd.Series[Any]]:
    """Return the people of each fifth, the poorest first; a zone at a limit is in both in part."""
    known = rank.notna() & (people > 0)
    order = rank[known].sort_values(kind="stable").index
    counted = people.loc[order].to_numpy(dtype=float)
    end = np.cumsum(counted)
    limits = end[-1] * np.arange(FIFTHS + 1) / FIFTHS if len(end) else np.zeros(FIFTHS + 1)
    parts = []
    for low, high in pairwise(limits):
        inside = np.clip(np.minimum(end, high) - np.maximum(end - counted, low), 0.0, None)
        parts.append(pd.Series(inside, index=order).reindex(people.index, fill_value=0.0))
    return parts


def _for_verbs(groups: dict[str, pd.Series[Any]]) -> Any:
    return None if not groups else inequality.groups_from_counts(pd.DataFrame(groups))


def _costs(work: Work[RemediesKeys], item: Remedy, mode: Travel, places: gpd.GeoDataFrame) -> Any:
    return work["streets"][mode.key].travel_costs(
        work["zones"], places, unit=item.unit, snap_limit=work.study.snap_limit
    )


def candidates_of(work: Work[RemediesKeys], item: Remedy, mode: Travel) -> gpd.GeoDataFrame:
    """Return where a new place of a remedy could stand."""
    asked, streets = item.candidates, work["streets"][mode.key]
    points = None
    if asked.kind == "zones":
        points = work["zones"]
    elif asked.kind == "services":
        points = work["services"].places_of(*asked.services)
        points = points[points["inside"]]
    forbidden = sources.read_vector(work.files[item.forbidden], name="forbidden") if item.forbidden else None
    return remedies.candidates(
        streets,
        within=work["place"],
        every=asked.every,
        kind="points" if asked.kind == "services" else asked.kind,
        forbidden=forbidden,
        points=points,
        snap_limit=work.study.snap_limit,
    )


def _opened(work: Work[RemediesKeys], item: Remedy) -> RemedyResult:
    """Open places by each goal, and try the first plan under other settings."""
    mode, people, groups = work.study.mode_of(item), people_of(work, item), groups_of(work)
    limit = _limit(work, item, mode)
    places = work["services"].places_of(item.service)
    sites = candidates_of(work, item, mode)
    if len(sites) < item.count:
        raise InputError(
            f"remedies: {item.name}",
            f"{len(sites):,} candidates are fewer than the {item.count} places to open",
            "Allow more of them: a smaller step in every, another kind, fewer forbidden areas.",
        )
    costs = _frame(_costs(work, item, mode, sites), people)
    now = _costs(work, item, mode, places)
    before = _plain(cost_to_closest(now), people) if len(places) else pd.Series(np.nan, people.index)
    common: dict[str, Any] = {"people": people, "existing": before, "gap": item.gap, "groups": _for_verbs(groups)}
    plans = {}
    for goal in item.asked:
        made = remedies.open_sites(costs, count=item.count, **_words(goal), **common)
        # Of all zones, those where nobody lives included: the map shows them, too.
        reached = cost_to_closest(_costs(work, item, mode, sites.loc[opened(made)])).reindex(people.index)
        plans[goal.key] = Plan(goal, made, _plain(np.fmin(before, reached), people), tuple(opened(made)))
    shown = next(iter(plans.values()))
    compared = remedies.compare_plans(
        costs,
        {goal: plan.after for goal, plan in plans.items()},
        people=people,
        existing=before,
        groups=_for_verbs(groups),
        cutoff=limit,
        least=least_of(item),
    )
    names = {name: value for name, value in _words(shown.goal).items() if value is not None}
    chosen = list(shown.names)
    near = NEAR_SHARE * float(compared.xs(EVERYBODY, level="group")["mean"][shown.goal.key])
    metres = near if item.unit == "metres" else near * mode.kilometres_an_hour * 1000 / 60
    around: dict[str, Any] = {"points": sites, "distance": metres}
    prices = remedies.price_of_choice(costs, chosen, **common, **names, **around)
    return RemedyResult(
        settings=item,
        mode=mode,
        people=people,
        before=before,
        plans=plans,
        compared=compared,
        points=sites.loc[list(dict.fromkeys(site for plan in plans.values() for site in plan.names))],
        why=reasons(work, costs, chosen, sites, people, before, groups, limit=limit, opens=True),
        status=_status(now),
        places=len(places),
        limit=limit,
        stability=_stability(work, item, costs, chosen, common | names | around),
        prices=prices,
        marginal=remedies.marginal_sites(costs, count=item.count, **common, **names),
        groups=groups,
        candidates=len(sites),
        findings=tuple(findings_of(sites, shown.sites, compared)),
    )


def _frame(costs: Any, people: pd.Series[Any]) -> pd.DataFrame:
    """Return the pairs of zones in which somebody lives, once, so that no goal searches anew."""
    frame: pd.DataFrame = costs.to_frame()
    attrs = dict(frame.attrs)
    frame = frame[frame["from_id"].map(people) > 0]
    frame.attrs = attrs
    return frame


def _plain(way: Any, people: pd.Series[Any]) -> pd.Series[Any]:
    """Return ways without their facts, which differ before and after though they are compared."""
    return pd.Series(way.reindex(people.index).to_numpy(dtype=float), index=people.index)


def _status(costs: Any) -> pd.Series[Any]:
    """Return why a zone may have no way: it is off the network or outside the data; ``ok`` otherwise."""
    found: pd.Series[Any] = costs.origins["status"]
    return found


def least_of(item: Remedy) -> float:
    """Return the smallest change that is told of, in the unit of a remedy: small where places close."""
    if item.unit == "metres":
        return 50.0 if item.open else 10.0
    return 1.0 if item.open else 0.2


def _limit(work: Work[RemediesKeys], item: Remedy, mode: Travel) -> float | None:
    """Return the limit up to which people count as near: that of a goal, else the largest of the mode in the unit."""
    own = [goal.cutoff.value for goal in item.asked if goal.cutoff]
    of_mode = [limit.value for limit in work.study.limits(mode.key) if limit.measure == item.unit]
    return own[0] if own else max(of_mode, default=None)


def _words(goal: Goal) -> dict[str, Any]:
    """Return a goal as the words of the verbs."""
    return {"goal": goal.name, "cutoff": goal.cutoff.value if goal.cutoff else None}


def _stability(
    work: Work[RemediesKeys], item: Remedy, costs: pd.DataFrame, chosen: list[Any], asked: dict[str, Any]
) -> pd.DataFrame | None:
    settings = item.stability
    over: dict[str, dict[str, Any]] = {}
    for column in settings.people:
        over[f"people: {column}"] = {"people": sources.population_from_column(work["zones"], column)}
    for text in settings.goals:
        over[f"goal: {text}"] = _words(goal_named(text))
    margins = asked["people"] * settings.noise * 1.645 if settings.noise else None
    if not over and margins is None:
        return None
    return remedies.plan_stability(
        costs, chosen, over=over, margins=margins, replications=settings.draws, rng=work.seed, **asked
    )


def _closed(work: Work[RemediesKeys], item: Remedy) -> RemedyResult:
    """Close the places whose closing lengthens ways least."""
    mode, people, groups = work.study.mode_of(item), people_of(work, item), groups_of(work)
    limit = _limit(work, item, mode)
    places = work["services"].places_of(item.service)
    if len(places) <= item.count:
        raise InputError(
            f"remedies: {item.name}",
            f"there are {len(places):,} places of {item.service}, of which {item.count} are to close",
            "One must stay at least.",
        )
    whole = _costs(work, item, mode, places)
    costs = _frame(whole, people)
    goal = item.asked[0]
    plan = remedies.close_sites(
        costs,
        people=people,
        count=item.count,
        supply=None if item.capacity is None else pd.Series(item.capacity, index=costs["to_id"].unique()),
        groups=_for_verbs(groups),
        gap=item.gap,
        **{name: value for name, value in _words(goal).items() if value is not None},
    )
    closed = opened(plan)
    before = _plain(cost_to_closest(whole), people)
    kept = places.loc[[place not in set(closed) for place in places.index]]
    after = _plain(cost_to_closest(_costs(work, item, mode, kept)), people)
    made = Plan(goal, plan, after, tuple(closed))
    compared = remedies.compare_plans(
        costs,
        {goal.key: after},
        people=people,
        existing=before,
        groups=_for_verbs(groups),
        cutoff=limit,
        least=least_of(item),
    )
    points = places.loc[closed]
    return RemedyResult(
        settings=item,
        mode=mode,
        people=people,
        before=before,
        plans={goal.key: made},
        compared=compared,
        points=gpd.GeoDataFrame(
            {"kind": "closed"}, geometry=points.to_crs(metric_crs(points)).centroid, index=points.index
        ),
        why=reasons(work, costs, closed, places, people, before, groups, limit=limit, opens=False),
        status=_status(whole),
        places=len(places),
        limit=limit,
        groups=groups,
        candidates=len(places),
        findings=tuple(findings_of(plan, compared)),
    )


def findings(work: Work[RemediesKeys]) -> Iterator[Finding]:
    """Yield what was found on the way, with the remedy that it is of."""
    for one in work["remedies"]:
        for finding in one.findings:
            if finding.code == "straight_lines":
                continue
            name = one.settings.name.replace("_", " ").capitalize()
            yield replace(finding, message=f"{name}: {finding.message}")
