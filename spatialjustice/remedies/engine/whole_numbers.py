"""Questions that need a solver for whole numbers: HiGHS, as SciPy brings it, asked so that the answer is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from spatialjustice.remedies.choice import Choice

Floats = NDArray[np.float64]

NODES = 50_000
"""Parts that the solver may look at: the limit that ends it, the same on every machine."""


OUT_OF_TIME = 1
"""What SciPy calls the end by time or by parts."""
CLOSE = 1e-9


class Found(NamedTuple):
    """The values of all variables, what they come to, and what no others can better."""

    variables: Floats
    total: float
    bound: float
    nodes: int


class Model:
    """A sum to be made least, with its variables and rows."""

    def __init__(self, costs: Floats) -> None:
        self.costs = costs
        self.low, self.high = np.zeros(costs.size), np.full(costs.size, np.inf)
        self.is_whole = np.zeros(costs.size)
        self.constraints: list[LinearConstraint] = []

    def ends(self, low: Floats, high: Floats) -> None:
        """Set the least and the most of each variable."""
        self.low, self.high = low, high

    def whole(self, number: int) -> None:
        """Let the first variables be whole numbers."""
        self.is_whole[:number] = 1

    def rows(self, table: Any, *, low: Any = -np.inf, high: Any = np.inf) -> None:
        """Add rows: sums of variables within limits."""
        self.constraints.append(LinearConstraint(sparse.csc_array(table), low, high))

    def choose(self, sites: int, choice: Choice) -> None:
        """Let the first variables be sites of which some are chosen, within a budget."""
        rest = self.costs.size - sites
        one = sparse.csr_array(np.concatenate([np.ones(sites), np.zeros(rest)])[None, :])
        limited = choice.price is not None
        self.rows(one, low=-np.inf if limited else choice.count, high=choice.count)
        if choice.price is not None:
            self.rows(np.concatenate([choice.price, np.zeros(rest)])[None, :], high=choice.budget + 1e-9)


def least(model: Model, *, gap: float = 0.0, seconds: float | None = None) -> Found:
    """Return the least sum.

    Raises
    ------
    InputError
        When no values keep all rows, or none were found within the limits.
    """
    found = _solved(model, model.low, model.high, model.is_whole, gap, seconds)
    if found.x is None:
        raise _nothing_found(found.message)
    return _told(found)


def least_of_sites(
    model: Model, sites: int, choice: Choice, *, gap: float = 0.0, seconds: float | None = None
) -> Found:
    """Return the least sum where the first variables choose sites; out of time, at least that of a good plan.

    The solver may stop with a choice that nobody can use, or with none. Then the sites that are worth most if each may
    be opened in part are opened wholly, and the better of both choices is returned, with the better of both bounds.

    Raises
    ------
    InputError
        When no values keep all rows, or none were found within the limits.
    """
    found = _solved(model, model.low, model.high, model.is_whole, gap, seconds)
    if found.x is None and found.status != OUT_OF_TIME:
        raise _nothing_found(found.message)
    answers = [] if found.x is None else [_told(found)]
    if answers and answers[0].total - answers[0].bound <= max(gap, CLOSE) * abs(answers[0].total):
        return answers[0]
    in_part = _solved(model, model.low, model.high, np.zeros_like(model.is_whole), 0.0, None)
    if in_part.x is None:
        raise _nothing_found(in_part.message)
    opened = _whole_sites(model, in_part.x[:sites], choice)
    low, high = model.low.copy(), model.high.copy()
    low[:sites] = high[:sites] = opened
    rounded = _solved(model, low, high, np.zeros_like(model.is_whole), 0.0, None)
    if rounded.x is not None:
        answers.append(_told(rounded))
    if not answers:
        raise _nothing_found(found.message)
    best = min(answers, key=lambda one: one.total)
    bounds = [float(in_part.fun)] + ([] if found.x is None else [_told(found).bound])
    return best._replace(bound=min(max(bounds), best.total))


def _whole_sites(model: Model, part: Floats, choice: Choice) -> Floats:
    """Open the sites that are worth most, within number and budget; of equal ones those of the first ids."""
    opened = np.where(model.low[: part.size] > 0, 1.0, 0.0)
    price = np.zeros(part.size) if choice.price is None else choice.price
    spent, budget = float(price @ opened), np.inf if choice.budget is None else choice.budget
    for site in np.argsort(-part, kind="stable"):
        fits = opened.sum() < choice.count and spent + price[site] <= budget + CLOSE
        if fits and opened[site] == 0 and model.high[site] > 0:
            opened[site] = 1.0
            spent += float(price[site])
    return opened


def _solved(model: Model, low: Floats, high: Floats, whole: Floats, gap: float, seconds: float | None) -> Any:
    options: dict[str, Any] = {"mip_rel_gap": gap, "node_limit": NODES}
    if seconds is not None:
        options["time_limit"] = seconds
    return milp(
        model.costs,
        integrality=whole,
        bounds=Bounds(low, high),
        constraints=model.constraints,
        options=options,
    )


def _told(found: Any) -> Found:
    bound = found.mip_dual_bound if found.mip_dual_bound is not None else found.fun
    return Found(found.x, float(found.fun), float(min(bound, found.fun)), int(found.mip_node_count or 0))


def _nothing_found(message: str) -> InputError:
    return InputError(
        "costs",
        f"no plan keeps all conditions, or none was found ({message})",
        "Look at counts, capacities and the budget together.",
    )
