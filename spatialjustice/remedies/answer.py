"""From positions to a table: the chosen sites, in the order in which they bring most, and what is known of the plan."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.findings import Finding, add_findings
from spatialjustice.remedies.goals import gap_between

if TYPE_CHECKING:
    from spatialjustice.remedies.case import Case
    from spatialjustice.remedies.choice import Choice
    from spatialjustice.remedies.goals import Answer, Objective

Floats = NDArray[np.float64]

COLUMNS = ("order", "kind", "gain", "people_served", "people_first_served", "people_gaining")
"""What is said of each chosen site."""


def costs_to(case: Case, sites: NDArray[np.int64]) -> Floats:
    """Return the costs from each zone (rows) to some sites (columns); infinite where there is no pair."""
    column = np.full(len(case.rows.site_ids), -1)
    column[sites] = np.arange(sites.size)
    place = column[case.rows.site]
    kept = place >= 0
    row = np.repeat(np.arange(case.people.size), np.diff(case.rows.start))
    found = np.full((case.people.size, sites.size), np.inf)
    found[row[kept], place[kept]] = case.rows.cost[kept]
    return found


def cost_to_nearest(case: Case, sites: NDArray[np.int64]) -> Floats:
    """Return what it costs each zone to reach the nearest of some sites; infinite where there is none."""
    return case.rows.nearest(sites)


def cost_with(case: Case, sites: NDArray[np.int64]) -> Floats:
    """Return what it costs each zone where there are some sites beside what exists, no more than the limit."""
    return np.asarray(np.minimum(np.minimum(case.before, cost_to_nearest(case, sites)), case.limit))


def value_of(case: Case, objective: Objective, sites: NDArray[np.int64]) -> float:
    """Return what a plan comes to by a goal."""
    ways = np.minimum(case.before, cost_to_nearest(case, sites))
    return float(objective.values(ways[:, None], [sites])[0])


def known_of(case: Case, objective: Objective, answer: Answer) -> dict[str, Any]:
    """Return what ``attrs`` tell of every plan: its goal and value, how far from the best, and who is set aside."""
    reached = gap_between(answer.value, answer.bound)
    return {
        "goal": objective.name,
        "unit": objective.unit,
        "direction": "higher is better" if objective.higher_is_better else "lower is better",
        "value": answer.value,
        "bound": answer.bound,
        "gap": reached,
        "proven": reached == 0.0,
        **objective.settings,
        "people_unreachable": case.people_set_aside,
        "unreachable": [*case.set_aside],
        "nodes": answer.nodes,
        "sources": [source.as_dict() for source in case.sources],
    }


def findings_about(reached: float, allowed: float) -> list[Finding]:
    """Say where a plan could be better by more than was asked for."""
    if reached <= allowed:
        return []
    return [
        Finding(
            "gap_not_reached",
            "warning",
            f"The search ended at its limit: a plan could be better by {reached:.2%}, more than the {allowed:.2%} "
            "asked for.",
            advice="The plan may be used with this gap. "
            "Fewer candidates, a lower cutoff or a wider gap need less work.",
        )
    ]


def turns(case: Case, objective: Objective, sites: NDArray[np.int64], required: NDArray[np.int64]) -> pd.DataFrame:
    """Put the chosen sites in an order: those required first, then each time the one that brings most.

    ``order``; ``gain``, by how much the goal is better after its turn; ``people_gaining``, whose way becomes shorter at
    its turn; ``people_first_served``, those of them who had none within the limit until then; ``people_served``, for
    whom it is the nearest place in the whole plan.
    """
    if not sites.size:
        return pd.DataFrame(columns=list(COLUMNS), index=case.rows.site_ids[:0].set_names("site"))
    costs = costs_to(case, sites)
    sign = 1.0 if objective.higher_is_better else -1.0
    must = np.isin(sites, required)
    # Without a cutoff a zone without any pair counts with the highest cost, but goes there all the same.
    limit = case.limit
    now = case.before.copy()
    level = float(objective.values(now[:, None], [sites[:0]])[0])
    left = list(range(sites.size))
    rows: dict[int, dict[str, Any]] = {}
    for turn in range(sites.size):
        open_ = [each for each in left if must[each]] or left
        after = np.minimum(now[:, None], costs[:, open_])
        worth = sign * objective.values(after, [sites[[*rows, each]] for each in open_])
        best = int(np.argmax(worth))
        column = after[:, best]
        gaining = column < now
        first = gaining & ((now > limit) | np.isinf(now)) & (column <= limit)
        each = open_[best]
        rows[each] = {
            "order": turn + 1,
            "kind": "required" if must[each] else "new",
            "gain": float(worth[best]) - sign * level,
            "people_first_served": math.fsum(case.people[first]),
            "people_gaining": math.fsum(case.people[gaining]),
        }
        now, level = column, sign * float(worth[best])
        left.remove(each)
    nearest = costs.min(axis=1)
    owner = np.where((nearest < case.before) & np.isfinite(nearest), costs.argmin(axis=1), -1)
    for each, row in rows.items():
        row["people_served"] = math.fsum(case.people[owner == each])
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = case.rows.site_ids.take(sites[frame.index.to_numpy(dtype=np.int64)]).set_names("site")
    return frame[list(COLUMNS)]


def answered(
    case: Case,
    objective: Objective,
    choice: Choice,
    answer: Answer,
    *,
    seed: int | None,
    gap: float,
    more: tuple[Finding, ...] = (),
) -> pd.DataFrame:
    """Return the table of a plan, with all that is known of it in ``attrs``."""
    frame = turns(case, objective, answer.sites, choice.required)
    exists = case.has_existing or objective.name == "supply"
    before = float(objective.values(case.before[:, None], [answer.sites[:0]])[0]) if exists else None
    known = known_of(case, objective, answer)
    about: dict[Any, Any] = {
        "measure": "open_sites",
        **known,
        "before": before,
        "count": choice.count,
        "cutoff": case.told_limit,
        "limit": case.limit,
        "people": math.fsum(case.people),
        "people_left_beyond": _left_beyond(case, answer.sites),
        "effort": answer.effort,
        "seed": seed,
    }
    frame.attrs = about
    found = [*case.findings, *more, *findings_about(known["gap"], gap)]
    idle = int((frame["people_gaining"] == 0).sum())
    if idle:
        found.append(
            Finding(
                "sites_without_gain",
                "information",
                f"{idle:,} of {len(frame):,} sites shorten nobody's way: fewer sites would do as well.",
                count=idle,
                advice="Ask for fewer sites, or look at another goal.",
            )
        )
    return add_findings(frame, *found)


def _left_beyond(case: Case, sites: NDArray[np.int64]) -> float:
    """Count the people who could have a place in reach, and have none within the limit under this plan."""
    after = np.minimum(case.before, cost_to_nearest(case, sites))
    return math.fsum(case.people[np.isinf(after) | (after > case.limit)])
