"""Between two goals: the plans of which none is better by both, and the price of moving from one to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.access._cost_tables import held_pairs
from spatialjustice.remedies.answer import cost_with
from spatialjustice.remedies.case import case_of
from spatialjustice.remedies.choice import choice_of
from spatialjustice.remedies.engine.branch import solve
from spatialjustice.remedies.engine.problem import Problem
from spatialjustice.remedies.objectives.worst_tenth import SHARE, tail_mean
from spatialjustice.remedies.plans.choosing import opened
from spatialjustice.remedies.sites.opening import open_sites

if TYPE_CHECKING:
    from spatialjustice.access._cost_tables import AnyCosts
    from spatialjustice.remedies.case import Case
    from spatialjustice.remedies.choice import Choice

    Costs = AnyCosts | pd.DataFrame

Floats = NDArray[np.float64]

GOALS = ("mean", "within cutoff", "equally distributed equivalent", "worst tenth", "farthest")
"""Goals that a frontier can lie between."""
ROUNDS = 6
"""How often the line of the worst tenth is moved to where the plan has it."""


@dataclass(frozen=True)
class _Side:
    """One of the two goals: what a cost means to it, and its value for a plan (a lower one is better)."""

    name: str
    people: Floats
    cutoff: float
    kappa: float

    def value(self, costs: Floats) -> float:
        """Return the value of a plan, from each zone's cost."""
        whole = math.fsum(self.people)
        if self.name == "within cutoff":
            return -math.fsum(self.people[costs <= self.cutoff])
        if self.name == "farthest":
            return float(costs.max())
        if self.name == "worst tenth":
            return tail_mean(costs, self.people)
        if self.name == "mean":
            return math.fsum(self.people * costs) / whole
        highest = float(costs.max())
        return highest + math.log(math.fsum(self.people * np.exp(self.kappa * (costs - highest))) / whole) / self.kappa

    def meaning(self, costs: Floats, line: float, scale: float) -> Floats:
        """Return what costs mean, so that the sum over people rises with the value."""
        whole = math.fsum(self.people)
        if self.name == "within cutoff":
            return (costs > self.cutoff).astype(np.float64)
        if self.name == "mean":
            return costs / whole
        if self.name == "worst tenth":
            return np.maximum(costs - line, 0.0) / (SHARE * whole)
        # Near the values at hand the equivalent rises as this does.
        return np.asarray(np.exp(self.kappa * (costs - scale)) / (self.kappa * whole))


def trade_off(  # noqa: PLR0913
    costs: Costs,
    *,
    people: pd.Series[Any],
    count: int,
    existing: Any = None,
    goals: tuple[str, str] = ("mean", "worst tenth"),
    number: int = 9,
    cutoff: float | None = None,
    aversion: float = 1.0,
    required: Any = None,
    forbidden: Any = None,
    gap: float = 0.001,
) -> pd.DataFrame:
    r"""Find plans between two goals, and tell what it costs by one to gain by the other.

    The ends are the best plans by each goal. Between them the sum of both is made least for several weights,

    .. math:: \min_S \; (1 - \lambda) \frac{V_1(S)}{r_1} + \lambda \frac{V_2(S)}{r_2},
        \qquad \lambda = \tfrac{1}{n-1}, \dots, \tfrac{n-2}{n-1}

    with r the distance of the two ends; where one goal is the farthest person, the other is made best under a limit on
    the longest way, lowered step by step. Plans that another one beats by both goals are left out. The price of a step
    is what the first goal loses for each unit that the second gains.

    Parameters
    ----------
    costs, people, count, existing, required, forbidden, gap
        As for :func:`open_sites`.
    goals
        Two of ``mean``, ``within cutoff``, ``equally distributed equivalent``, ``worst tenth`` and ``farthest``.
    number
        How many weights or limits are tried, the two ends among them, at least 3.
    cutoff
        For ``within cutoff``, in the unit of the costs, closed.
    aversion
        For ``equally distributed equivalent``.

    Returns
    -------
    DataFrame
        A row for each plan, on ``plan``, from the best by the first goal to the best by the second: a column for each
        goal, called as it is; ``price`` of the step from the plan before; ``sites``. ``attrs``: the bounds of the two
        ends. Frontiers are not whole: plans in dents that no weight can reach are not found.

    Raises
    ------
    InputError
        When the goals are not two of these, or as :func:`open_sites`.

    References
    ----------
    Cohon (1978), Multiobjective programming and planning, Academic Press, on weights and constraints.

    Examples
    --------
    >>> pairs = pd.DataFrame({"from_id": list("aaabbb"), "to_id": [1, 2, 3] * 2,
    ...                       "travel_cost": [0.0, 9.0, 3.0, 9.0, 0.0, 5.0]})
    >>> found = trade_off(pairs, people=pd.Series({"a": 8.0, "b": 2.0}), count=1, goals=("mean", "farthest"))
    >>> found[["mean", "farthest"]].values.tolist()
    [[1.8, 9.0], [3.4, 5.0]]
    """
    _require(goals, number, cutoff)
    pairs = held_pairs(costs)
    case = case_of(pairs, people=people, existing=existing, forbidden=forbidden)
    choice = choice_of(case, count=count, required=required, price=None, budget=None)
    ends = [
        open_sites(
            pairs,
            people=people,
            count=count,
            existing=existing,
            goal=goal,
            cutoff=cutoff if goal == "within cutoff" else None,
            aversion=aversion if goal == "equally distributed equivalent" else None,
            required=required,
            forbidden=forbidden,
            gap=gap,
        )
        for goal in goals
    ]
    # κ as the end was made with, so that it is the best of all by the same measure.
    sides = [
        _Side(goal, case.people, -1.0 if cutoff is None else float(cutoff), end.attrs.get("kappa", 0.0))
        for goal, end in zip(goals, ends, strict=True)
    ]
    plans = [np.sort(case.where(opened(end), "sites")) for end in ends]
    values = [[side.value(cost_with(case, plan)) for side in sides] for plan in plans]
    ranges = [abs(values[0][place] - values[1][place]) for place in (0, 1)]
    if min(ranges) > 0:
        between = _limits if "farthest" in goals else _weights
        plans += between(case, choice, sides, plans, ranges, number, gap)
    return _frame(case, sides, plans, ends, pairs, people)


def _require(goals: tuple[str, str], number: int, cutoff: float | None) -> None:
    if len(goals) != 2 or len(set(goals)) != 2 or not set(goals) <= set(GOALS):
        raise InputError("goals", f"they are {goals!r}", f"Give two of {', '.join(GOALS)}.")
    if "within cutoff" in goals and cutoff is None:
        raise InputError("cutoff", "there is none for “within cutoff”", "Give the cost that is near enough.")
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 3:
        raise InputError("number", f"it is {number!r}", "Give a whole number, 3 or more.")


def _solved(case: Case, choice: Choice, meaning: Any, gap: float, known: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = case.rows
    problem = Problem(
        rows.start,
        rows.site,
        meaning(rows.cost),
        case.people,
        meaning(case.capped),
        len(rows.site_ids),
        choice.count,
        **choice.as_question(),
        slack=lambda total: gap * abs(total),
    )
    sites: NDArray[np.int64] = np.sort(solve(problem, known=known).sites)
    return sites


def _weights(  # noqa: PLR0917
    case: Case,
    choice: Choice,
    sides: list[_Side],
    ends: list[NDArray[np.int64]],
    ranges: list[float],
    number: int,
    gap: float,
) -> list[NDArray[np.int64]]:
    """Make plans for several weights of the two goals."""
    found: list[NDArray[np.int64]] = []
    plan = ends[0]
    scale = float(case.capped.max())
    for share in tqdm(np.linspace(0, 1, number)[1:-1], desc="frontier", delay=2, leave=False):
        for _ in range(ROUNDS):
            line = _line(cost_with(case, plan), case.people)

            def meaning(costs: Floats, line: float = line, share: float = float(share)) -> Floats:
                parts = [side.meaning(costs, line, scale) / size for side, size in zip(sides, ranges, strict=True)]
                return np.asarray((1 - share) * parts[0] + share * parts[1])

            new = _solved(case, choice, meaning, gap, plan)
            settled = np.array_equal(new, plan) or all(side.name != "worst tenth" for side in sides)
            plan = new
            if settled:
                break
        found.append(plan)
    return found


def _line(costs: Floats, people: Floats) -> float:
    """Return the cost above which the worst tenth of people begin."""
    order = np.argsort(-costs, kind="stable")
    beyond = np.cumsum(people[order])
    return float(costs[order][min(int(np.searchsorted(beyond, SHARE * beyond[-1])), costs.size - 1)])


def _limits(
    case: Case,
    choice: Choice,
    sides: list[_Side],
    ends: list[NDArray[np.int64]],
    _ranges: list[float],
    number: int,
    gap: float,
) -> list[NDArray[np.int64]]:
    """Make the best plans by the other goal under limits on the longest way."""
    far = next(place for place, side in enumerate(sides) if side.name == "farthest")
    other, best = sides[1 - far], sides[far].value(cost_with(case, ends[far]))
    plan = ends[1 - far]
    most = sides[far].value(cost_with(case, plan))
    scale = float(case.capped.max())
    found = []
    for limit in np.linspace(most, best, number)[1:]:
        for _ in range(ROUNDS):
            line = _line(cost_with(case, plan), case.people)

            def meaning(costs: Floats, line: float = line, limit: float = float(limit)) -> Floats:
                usual = other.meaning(costs, line, scale)
                # One zone beyond the limit weighs more than all that anybody could save.
                lightest = case.people[case.people > 0].min()
                highest = float(np.abs(other.meaning(np.array([0.0, scale]), line, scale)).max())
                return np.asarray(usual + (costs > limit) * (1 + highest * math.fsum(case.people)) / lightest)

            new = _solved(case, choice, meaning, gap, plan)
            settled = np.array_equal(new, plan) or other.name != "worst tenth"
            plan = new
            if settled:
                break
        if sides[far].value(cost_with(case, plan)) <= limit:
            found.append(plan)
    return found


def _frame(
    case: Case, sides: list[_Side], plans: list[NDArray[np.int64]], ends: list[pd.DataFrame], *inputs: Any
) -> pd.DataFrame:
    """Keep what no other plan beats by both goals, from the best by the first to the best by the second."""
    rows: dict[tuple[int, ...], list[float]] = {}
    for plan in plans:
        costs = cost_with(case, plan)
        rows.setdefault(tuple(int(site) for site in plan), [side.value(costs) for side in sides])
    ordered = sorted(rows.items(), key=lambda item: (item[1], item[0]))
    kept: list[tuple[tuple[int, ...], list[float]]] = []
    for plan_, values in ordered:
        if not kept or values[1] < kept[-1][1][1] - 1e-9 * max(abs(values[1]), 1.0):
            kept.append((plan_, values))
    table = pd.DataFrame([values for _, values in kept], columns=[side.name for side in sides])
    steps = table.diff()
    with np.errstate(divide="ignore", invalid="ignore"):
        table["price"] = steps.iloc[:, 0] / -steps.iloc[:, 1]
    for side in sides:
        if side.name == "within cutoff":
            table[side.name] = -table[side.name]
    table["sites"] = [tuple(case.rows.site_ids[list(plan_)]) for plan_, _ in kept]
    table.index = pd.RangeIndex(1, len(table) + 1, name="plan")
    table.attrs = {
        "measure": "trade_off",
        "goals": [side.name for side in sides],
        "unit": case.rows.unit,
        "bounds": [end.attrs["bound"] for end in ends],
        "sources": [record.as_dict() for record in sources_of(*inputs)],
        "findings": [finding.as_dict() for finding in findings_of(*ends)],
    }
    return table
