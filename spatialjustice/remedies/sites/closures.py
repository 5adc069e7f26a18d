"""Which places can close, and which would be better elsewhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice.remedies.answer import cost_to_nearest, costs_to, findings_about, known_of
from spatialjustice.remedies.case import case_of, listed_ids
from spatialjustice.remedies.choice import Choice, checked_count
from spatialjustice.remedies.goals import gap_between
from spatialjustice.remedies.objectives.named import objective_of
from spatialjustice.remedies.objectives.supply import held_by
from spatialjustice.remedies.settings import checked_gap, checked_seconds
from spatialjustice.remedies.sites.capacity import flows_of, split, told_short

if TYPE_CHECKING:
    from spatialjustice.access._cost_tables import AnyCosts
    from spatialjustice.inequality.groups.gaps import Groups
    from spatialjustice.remedies.case import Case
    from spatialjustice.remedies.goals import Answer, Objective

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def close_sites(  # noqa: PLR0913 (a plan has many optional parts; most are named)
    costs: AnyCosts | pd.DataFrame,
    *,
    people: pd.Series[Any],
    count: int,
    supply: pd.Series[Any] | None = None,
    goal: str = "mean",
    cutoff: float | None = None,
    groups: Groups | None = None,
    aversion: float | None = None,
    required: Any = None,
    forbidden: Any = None,
    offline: pd.Series[Any] | None = None,
    gap: float = 0.001,
    time_limit: float | None = None,
) -> pd.DataFrame:
    r"""Choose which of the existing places would be missed least, and say who would have a longer way.

    The places that stay are those that are best for the goal among all choices of that many. With ``supply`` they must
    hold the people, too: everybody is shared out among them with the lowest mean cost (:func:`split_capacity`). Without
    it places side by side hide a shortage, and a finding says so.

    Parameters
    ----------
    costs
        What ``Network.travel_costs`` returns from the zones to the existing places, or a frame with ``from_id``,
        ``to_id`` and ``travel_cost``.
    people
        People of each zone.
    count
        How many places close.
    supply
        How many people each place holds, on the ids of the places; only with the goal ``mean``.
    goal, cutoff, groups, aversion, offline
        As :func:`open_sites`.
    required
        Ids of places that must stay.
    forbidden
        Ids of places that must close, among the ``count``.
    gap, time_limit
        As :func:`open_sites`.

    Returns
    -------
    DataFrame
        One row for each place that closes, its id as index, those first whose end is felt least: ``order``,
        ``people_moved`` (whose nearest it is now), ``people_longer`` (who have a longer way at its turn),
        ``largest_rise`` (at its turn, in the unit of the costs). ``attrs`` as of :func:`open_sites`; further ``kept``,
        ``people_longer``, ``largest_rise`` and ``mean_rise`` (over all people) of all closures together. With
        ``supply`` ``before`` is the mean with all places and their capacities, and ``people_without_place`` counts
        those who find none; ``goes_to_before`` and ``goes_to`` tell who goes where, with all places and with those that
        stay, as the columns of :func:`split_capacity`.

    Raises
    ------
    InputError
        When ids do not match, no place would be left, a place must stay and close, or capacities are given for another
        goal than the mean.

    References
    ----------
    ReVelle, Murray and Serra (2007), Location models for ceding market share and shrinking services, Omega 35: 533-540.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": ["a", "a", "b", "b"], "to_id": [1, 2, 1, 2], "travel_cost": [1.0, 2, 9, 3]})
    >>> closed = close_sites(pairs, people=pd.Series({"a": 10, "b": 10}), count=1)
    >>> closed.index.to_list(), closed["people_longer"].to_list()
    ([1], [10.0])
    """
    case = case_of(costs, people=people, cutoff=cutoff)
    sites = len(case.rows.site_ids)
    number = checked_count(count)
    if number >= sites:
        raise InputError("count", f"{number:,} places would close, of {sites:,}", "Let at least one stay.")
    choice = _kept(case, number, required, forbidden)
    allowed, seconds = checked_gap(gap), checked_seconds(time_limit)
    if supply is not None:
        if goal != "mean":
            raise InputError("supply", f"capacities go with the goal “mean”, not “{goal}”", "Choose one of the two.")
        return _with_capacity(case, choice, held_by(supply, case.rows.site_ids), allowed, seconds)
    if goal == "supply":
        raise InputError("goal", "places cannot be closed by supply in reach", "Choose another, and give supply.")
    objective = objective_of(goal, case, choice, groups=groups, aversion=aversion, offline=offline)
    answer = objective.solve(case, choice, gap=allowed, seconds=seconds)
    frame = _closed(case, objective, answer)
    told = findings_about(frame.attrs["gap"], allowed)
    return add_findings(frame, *case.findings, *told, _told_no_capacity(len(frame)))


def _kept(case: Case, number: int, required: Any, forbidden: Any) -> Choice:
    stay, leave = case.where(required, "required"), case.where(forbidden, "forbidden")
    both = np.intersect1d(stay, leave)
    if both.size:
        raise InputError(
            "required", f"{both.size:,} places must stay and close", "Decide.", rows=case.rows.site_ids[both]
        )
    left = len(case.rows.site_ids) - number
    if leave.size > number:
        raise InputError("forbidden", f"{leave.size:,} places must close, of {number:,}", "Let more close.")
    if stay.size > left:
        raise InputError("required", f"{stay.size:,} places must stay, of {left:,}", "Let fewer close.")
    return Choice(left, np.sort(stay), np.sort(leave))


def _told_no_capacity(closed: int) -> Finding:
    return Finding(
        "closure_without_capacity",
        "warning",
        f"{closed:,} closures are judged by ways alone: places side by side can stand in for each other on the map and "
        "still be full.",
        count=closed,
        advice="Give supply, how many people each place holds, before anything is closed.",
    )


def _closed(case: Case, objective: Objective, answer: Answer) -> pd.DataFrame:
    every = np.arange(len(case.rows.site_ids))
    gone = np.setdiff1d(every, answer.sites)
    costs = np.minimum(costs_to(case, every), case.limit)
    frame = _turns(case, costs, gone)
    before = objective.values(cost_to_nearest(case, every)[:, None], [every])[0]
    rise = costs[:, answer.sites].min(axis=1) - costs.min(axis=1)
    about: dict[Any, Any] = {
        "measure": "close_sites",
        **known_of(case, objective, answer),
        "before": float(before),
        **_rises(case, rise),
        "kept": [*case.rows.site_ids.take(answer.sites)],
    }
    frame.attrs = about
    return frame


def _rises(case: Case, rise: Floats) -> dict[str, float]:
    longer = rise > 0
    return {
        "people_longer": math.fsum(case.people[longer]),
        "largest_rise": float(rise.max()) if rise.size else 0.0,
        "mean_rise": math.fsum(case.people * rise) / math.fsum(case.people),
    }


def _turns(case: Case, costs: Floats, gone: Places) -> pd.DataFrame:
    """Close one place after the other, each time the one whose end adds least to people's ways."""
    open_ = np.ones(costs.shape[1], dtype=bool)
    owner = costs.argmin(axis=1)
    rows: dict[int, dict[str, float]] = {}
    left = [*gone]
    for turn in range(gone.size):
        now = costs[:, open_].min(axis=1)
        rises = {}
        for each in left:
            open_[each] = False
            rises[each] = costs[:, open_].min(axis=1) - now
            open_[each] = True
        best = min(left, key=lambda each: (float(case.people @ rises[each]), each))
        rows[best] = {
            "order": turn + 1,
            "people_moved": math.fsum(case.people[owner == best]),
            "people_longer": math.fsum(case.people[rises[best] > 0]),
            "largest_rise": float(rises[best].max()),
        }
        open_[best] = False
        left.remove(best)
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = case.rows.site_ids.take(np.array([*rows], dtype=np.int64)).set_names("site")
    return frame


def _with_capacity(case: Case, choice: Choice, held: Floats, gap: float, seconds: float | None) -> pd.DataFrame:
    """Close places so that those that stay hold the people, where they can."""
    every = np.arange(held.size)
    flow, _, lacking, _ = split(case, Choice(held.size), held, gap=gap, seconds=seconds)
    now = flows_of(case, flow)
    before = float(flow @ case.rows.cost) / max(float(flow.sum()), 1e-300)
    flow, used, without, bound = split(case, choice, held, gap=gap, seconds=seconds)
    placed = max(float(flow.sum()), 1e-300)
    value = float(flow @ case.rows.cost) / placed
    lowest = (bound - (case.limit + 1.0) * 2.0 * float(without.sum())) / placed
    reached = gap_between(value, lowest)
    reached = 0.0 if reached < 1e-9 else reached
    costs = np.minimum(costs_to(case, every), case.limit)
    frame = _turns(case, costs, np.setdiff1d(every, used))
    rise = costs[:, used].min(axis=1) - costs.min(axis=1)
    about: dict[Any, Any] = {
        "measure": "close_sites",
        "goal": "mean",
        "unit": case.rows.unit,
        "direction": "lower is better",
        "value": value,
        "bound": value if reached == 0 else lowest,
        "gap": reached,
        "proven": reached == 0.0,
        "before": before,
        **_rises(case, rise),
        "kept": [*case.rows.site_ids.take(used)],
        "people_without_place": math.fsum(without),
        "people_without_place_before": math.fsum(lacking),
        "goes_to_before": now,
        "goes_to": flows_of(case, flow),
        "people_unreachable": case.people_set_aside,
        "unreachable": [*case.set_aside],
        "sources": [source.as_dict() for source in case.sources],
    }
    frame.attrs = about
    short = told_short(math.fsum(without), float(held[used].sum()), math.fsum(case.people))
    return add_findings(frame, *case.findings, *findings_about(reached, gap), *short)


def relocate_sites(  # noqa: PLR0913 (a plan has many optional parts; most are named)
    costs: AnyCosts | pd.DataFrame,
    sites: Any,
    *,
    people: pd.Series[Any],
    count: int,
    goal: str = "mean",
    cutoff: float | None = None,
    groups: Groups | None = None,
    aversion: float | None = None,
    required: Any = None,
    forbidden: Any = None,
    offline: pd.Series[Any] | None = None,
    gap: float = 0.001,
    time_limit: float | None = None,
) -> pd.DataFrame:
    """Find which of the existing places would be better elsewhere, and where: as many as may move.

    Parameters
    ----------
    costs
        From the zones to the existing places and to all candidates, as for :func:`open_sites`.
    sites
        Ids of the existing places.
    people
        People of each zone.
    count
        How many places may move, at most.
    goal, cutoff, groups, aversion, offline
        As :func:`open_sites`.
    required
        Ids of existing places that must stay, or of candidates that must be taken.
    forbidden
        Ids of candidates that must not be taken.
    gap, time_limit
        As :func:`open_sites`.

    Returns
    -------
    DataFrame
        One row for each place that closes and each that opens, its id as index: ``kind`` (``closed`` or ``new``) and
        ``people_served`` (before where it closes, after where it opens). Empty where no move helps. ``attrs`` as of
        :func:`open_sites`; further ``kept``, ``people_nearer`` and ``people_longer``.

    Raises
    ------
    InputError
        As :func:`open_sites`; when existing places are not among the destinations of the costs.

    Examples
    --------
    >>> pairs = pd.DataFrame(
    ...     {"from_id": list("aabb") + ["a", "b"], "to_id": [1, 2, 1, 2, 3, 3], "travel_cost": [1.0, 8, 9, 8, 9, 2]}
    ... )
    >>> moved = relocate_sites(pairs, [1, 2], people=pd.Series({"a": 10, "b": 10}), count=1)
    >>> moved["kind"].to_dict()
    {2: 'closed', 3: 'new'}
    """
    case = case_of(costs, people=people, cutoff=cutoff, forbidden=forbidden)
    given = listed_ids(sites, "sites")
    if not len(given):
        raise InputError("sites", "there are none", "Give the ids of the existing places, or ask open_sites.")
    now = case.where(given, "sites")
    must = np.sort(case.where(required, "required"))
    price = np.ones(len(case.rows.site_ids))
    price[now] = 0.0
    moves = checked_count(count)
    if float(price[must].sum()) > moves or np.union1d(must, now).size - now.size > moves or must.size > now.size:
        raise InputError("required", "more new places are required than may move", "Let more move, or require fewer.")
    choice = Choice(now.size, must, price=price, budget=float(moves))
    if goal == "supply":
        raise InputError("goal", "places cannot be moved by supply in reach", "Choose another goal.")
    objective = objective_of(goal, case, choice, groups=groups, aversion=aversion, offline=offline)
    allowed = checked_gap(gap)
    answer = objective.solve(case, choice, gap=allowed, seconds=checked_seconds(time_limit), known=np.sort(now))
    before, after = cost_to_nearest(case, now), cost_to_nearest(case, answer.sites)
    rows = {}
    for kind, places, owners in (
        ("closed", np.setdiff1d(now, answer.sites), now),
        ("new", np.setdiff1d(answer.sites, now), answer.sites),
    ):
        table = costs_to(case, owners)
        owner = np.where(np.isfinite(table.min(axis=1)), owners[table.argmin(axis=1)], -1)
        for each in places:
            served = math.fsum(case.people[owner == each])
            rows[case.rows.site_ids[each]] = {"kind": kind, "people_served": served}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["kind", "people_served"])
    frame.index.name = "site"
    about: dict[Any, Any] = {
        "measure": "relocate_sites",
        **known_of(case, objective, answer),
        "before": float(objective.values(before[:, None], [now])[0]),
        "kept": [*case.rows.site_ids.take(np.intersect1d(now, answer.sites))],
        "people_nearer": math.fsum(case.people[after < before]),
        "people_longer": math.fsum(case.people[after > before]),
    }
    frame.attrs = about
    return add_findings(frame, *case.findings, *findings_about(about["gap"], allowed))
