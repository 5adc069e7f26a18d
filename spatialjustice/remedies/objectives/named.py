"""All goals by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import checked_choice
from spatialjustice.remedies.answer import cost_with
from spatialjustice.remedies.goals import (
    GOALS,
    Objective,
    equivalent_goal,
    excluded_goal,
    kappa_of,
    mean_goal,
    within_goal,
)
from spatialjustice.remedies.objectives.farthest import Farthest
from spatialjustice.remedies.objectives.supply import supply_goal
from spatialjustice.remedies.objectives.worst_group import WorstGroup, shares_of
from spatialjustice.remedies.objectives.worst_tenth import WorstTenth

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.inequality.groups.gaps import Groups
    from spatialjustice.remedies.case import Case
    from spatialjustice.remedies.choice import Choice

STEEPEST = 500.0
"""Beyond this many powers of e between no way and the longest, only the very longest way counts in numbers."""


def objective_of(  # noqa: PLR0911, PLR0913 (a goal a line; most take nothing)
    goal: str,
    case: Case,
    choice: Choice,
    *,
    groups: Groups | None = None,
    aversion: float | None = None,
    kappa: float | None = None,
    supply: pd.Series[Any] | None = None,
    decay: Any = None,
    line: float | None = None,
    offline: pd.Series[Any] | None = None,
    existing: Any = None,
) -> Objective:
    """Make a goal by its name.

    Raises
    ------
    InputError
        When there is no such goal, or it lacks what it needs.
    """
    checked_choice(goal, GOALS, "goal")
    if goal == "mean":
        return mean_goal(case)
    if goal == "within cutoff":
        return within_goal(case, _cutoff(case, goal))
    if goal == "double exclusion":
        if offline is None:
            raise InputError(
                "offline", "the goal “double exclusion” needs it", "Give the share of people who are not connected."
            )
        return excluded_goal(case, _cutoff(case, goal), offline)
    if goal == "equally distributed equivalent":
        return _equivalent(case, choice, aversion, kappa)
    unit = case.rows.unit or ""
    if goal == "worst tenth":
        return WorstTenth(unit, case.people, case.limit)
    if goal == "farthest":
        return Farthest(unit, case.people, case.limit)
    if goal == "worst group":
        return WorstGroup(unit, *shares_of(groups, case), case.limit)
    return supply_goal(case, choice, existing=existing, supply=supply, decay=decay, line=line)


def _cutoff(case: Case, goal: str) -> float:
    if case.told_limit is None:
        raise InputError("cutoff", f"the goal “{goal}” needs one", "Give it in the unit of the costs, for example 15.")
    return case.told_limit


def _equivalent(case: Case, choice: Choice, aversion: float | None, kappa: float | None) -> Objective:
    if aversion is not None and kappa is not None:
        raise InputError("kappa", "it is given beside aversion", "Give one of the two.")
    if kappa is not None:
        return _steep_enough(case, _above_0(kappa, "kappa"), None)
    if aversion is None:
        raise InputError(
            "aversion",
            "the goal “equally distributed equivalent” needs it",
            "Give a number above 0: 1 differs little from the mean, 10 looks at the longest ways above all.",
        )
    asked = _above_0(aversion, "aversion")
    costs = case.capped
    if not case.has_existing:
        plan = mean_goal(case).solve(case, choice, gap=0.01)
        costs = cost_with(case, plan.sites)
    return _steep_enough(case, kappa_of(costs, case.people, asked), asked)


def _above_0(given: Any, name: str) -> float:
    number = isinstance(given, int | float | np.number) and not isinstance(given, bool)
    if not number or not 0 < float(given) < np.inf:
        raise InputError(name, f"it is {given!r}", "Give a number above 0, for example 1.")
    return float(given)


def _steep_enough(case: Case, kappa: float, aversion: float | None) -> Objective:
    if kappa * case.limit > STEEPEST:
        name, given = ("aversion", aversion) if aversion is not None else ("kappa", kappa)
        raise InputError(
            name,
            f"it is {given:g}, at which the longest ways outweigh all others by more than numbers can hold",
            f"Give at most {given * STEEPEST / (kappa * case.limit):.3g}, or choose the goal “farthest”.",
        )
    return equivalent_goal(case, kappa, aversion)
