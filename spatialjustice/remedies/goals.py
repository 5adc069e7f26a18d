r"""What a plan is for. Most goals are a sum over people, :math:`\sum_i w_i f(d_i)`, of what their way means to them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError
from spatialjustice.remedies.case import on_zones
from spatialjustice.remedies.engine.branch import solve
from spatialjustice.remedies.engine.problem import EFFORT, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from spatialjustice.remedies.case import Case
    from spatialjustice.remedies.choice import Choice

Floats = NDArray[np.float64]
Plans: TypeAlias = "Sequence[NDArray[np.int64]]"

GOALS = (
    "mean",
    "within cutoff",
    "equally distributed equivalent",
    "worst tenth",
    "worst group",
    "farthest",
    "supply",
    "double exclusion",
)
"""All goals by name."""


@dataclass(frozen=True)
class Answer:
    """A plan and how good any plan can be, as the goal's values.

    Attributes
    ----------
    sites
        Positions of the chosen sites.
    value, bound
        What the plan comes to, and what no plan can better.
    nodes, effort
        How many parts of the question were looked at, and how many pairs.
    """

    sites: NDArray[np.int64]
    value: float
    bound: float
    nodes: int = 0
    effort: int = 0


class Objective(Protocol):
    """What a goal must be able to do."""

    name: str
    unit: str
    higher_is_better: bool
    settings: dict[str, Any]

    def values(self, costs: Floats, plans: Plans = ()) -> Floats:
        """Return the goal's value for each plan: from each zone's cost (a column a plan), or the sites chosen."""
        ...

    def solve(
        self,
        case: Case,
        choice: Choice,
        *,
        gap: float = 0.0,
        effort: int = EFFORT,
        seconds: float | None = None,
        known: NDArray[np.int64] | None = None,
    ) -> Answer:
        """Return the best plan found and the bound on all plans."""
        ...


@dataclass
class SumGoal:
    """A goal that is one sum over people.

    Attributes
    ----------
    name, unit
        What it is called, and what its value is in.
    weight
        What each zone counts.
    meaning
        What a cost means, infinite ones (no way) included: never less for a higher cost.
    as_it_is
        Whether costs up to the limit mean themselves.
    value_of
        The goal's value, from the sum.
    slack
        How much less the sum of another plan may be at a gap, from the sum and the gap.
    reach
        The highest cost that matters, where that is less than the limit.
    grain
        All sums are multiples of this; 0 where nothing is known.
    higher_is_better
        Which way is better.
    settings
        What else must be told.
    """

    name: str
    unit: str
    weight: Floats
    meaning: Callable[[Floats], Floats]
    value_of: Callable[[float], float]
    slack: Callable[[float, float], float]
    as_it_is: bool = False
    reach: float | None = None
    grain: float = 0.0
    higher_is_better: bool = False
    settings: dict[str, Any] = field(default_factory=dict)

    def values(self, costs: Floats, plans: Plans = ()) -> Floats:  # noqa: ARG002 (the nearest site is enough)
        """Return the goal's value for each column of costs, a row for each zone."""
        return np.array([self.value_of(float(total)) for total in self.weight @ self.meaning(costs)])

    def solve(
        self,
        case: Case,
        choice: Choice,
        *,
        gap: float = 0.0,
        effort: int = EFFORT,
        seconds: float | None = None,
        known: NDArray[np.int64] | None = None,
    ) -> Answer:
        """Return the best plan found and the bound on all plans, both as the goal's values."""
        problem = self.problem(case, choice, gap=gap, effort=effort, seconds=seconds)
        found = solve(problem, known=known)
        value = self.value_of(found.value)
        bound = value if found.bound == found.value else self.value_of(max(found.bound, 0.0))
        return Answer(found.sites, value, bound, found.nodes, found.effort)

    def problem(self, case: Case, choice: Choice, *, gap: float, effort: int, seconds: float | None) -> Problem:
        """Return the engine's question."""
        rows = case.rows if self.reach is None else case.rows.within(self.reach)
        return Problem(
            rows.start,
            rows.site,
            rows.cost if self.as_it_is else self.meaning(rows.cost),
            self.weight,
            self.meaning(case.before),
            len(rows.site_ids),
            choice.count,
            **choice.as_question(),
            slack=lambda least: self.slack(least, gap),
            grain=self.grain,
            effort=effort,
            seconds=seconds,
        )


def gap_between(value: float, bound: float) -> float:
    """Return by how much a plan could be better, as a share of its value."""
    if value == bound:
        return 0.0
    return abs(value - bound) / abs(value) if value else math.inf


def mean_goal(case: Case, weight: Floats | None = None, *, name: str = "mean") -> SumGoal:
    """Make the goal of a low mean cost; with other weights than people, the mean over those."""
    weights = case.people if weight is None else weight
    together = math.fsum(weights)
    return SumGoal(
        name,
        case.rows.unit or "",
        weights,
        lambda costs: np.minimum(costs, case.limit),
        lambda total: total / together,
        lambda total, gap: gap * total,
        as_it_is=True,
        grain=1.0 if _whole(weights) and _whole(case.rows.cost) and _whole(case.capped) else 0.0,
    )


def _whole(numbers: Floats) -> bool:
    """Tell whether all are whole numbers, so that sums of their products are."""
    return bool((numbers == np.floor(numbers)).all())


def within_goal(case: Case, cutoff: float, weight: Floats | None = None, *, name: str = "within cutoff") -> SumGoal:
    """Make the goal of many people within a cutoff (itself included); with other weights, of few of those beyond."""
    weights = case.people if weight is None else weight
    together = math.fsum(weights)
    beyond = name == "double exclusion"

    def value(total: float) -> float:
        return total if beyond else together - total

    return SumGoal(
        name,
        "people",
        weights,
        lambda costs: (costs > cutoff).astype(np.float64),
        value,
        lambda total, gap: gap * value(total),
        reach=cutoff,
        grain=1.0 if _whole(weights) else 0.0,
        higher_is_better=not beyond,
        settings={"cutoff": cutoff},
    )


def excluded_goal(case: Case, cutoff: float, offline: pd.Series[Any]) -> SumGoal:
    """Make the goal of few people who are both farther than a cutoff and offline.

    Raises
    ------
    InputError
        When a share is missing or not between 0 and 1.
    """
    share = on_zones(offline, case.rows.zones, "offline")
    wrong = ~((share >= 0) & (share <= 1))
    if wrong.any():
        raise InputError(
            "offline",
            f"{int(wrong.sum()):,} shares are missing or not between 0 and 1",
            "Give the share of people without a connection in each zone with people; decide what unknown means first, "
            "for example by both ends of what is possible.",
            rows=case.rows.zones[wrong],
        )
    return within_goal(case, cutoff, case.people * share, name="double exclusion")


def kappa_of(costs: Floats, people: Floats, aversion: float) -> float:
    r"""Return :math:`\kappa = \varepsilon \sum_i w_i d_i / \sum_i w_i d_i^2`, as in ``inequality.kolm_pollak_ede``."""
    largest = float(costs.max()) or 1.0
    scaled = costs / largest
    squares = float(people @ scaled**2)
    return aversion * float(people @ scaled) / squares / largest if squares else aversion


def equivalent_goal(case: Case, kappa: float, aversion: float | None) -> SumGoal:
    r"""Make the goal of a low equivalent cost: :math:`\frac{1}{\kappa} \ln \frac{1}{W} \sum_i w_i e^{\kappa d_i}`."""
    together = math.fsum(case.people)
    highest = case.limit

    def value(total: float) -> float:
        return highest + math.log(total / together) / kappa

    def slack(total: float, gap: float) -> float:
        return total * -math.expm1(-kappa * gap * abs(value(total)))

    return SumGoal(
        "equally distributed equivalent",
        case.rows.unit or "",
        case.people,
        lambda costs: np.exp(kappa * (np.minimum(costs, case.limit) - highest)),
        value,
        slack,
        settings={"aversion": aversion, "kappa": kappa},
    )
