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
    options: dict[str, Any] = {"mip_rel_gap": gap, "node_limit": NODES}
    if seconds is not None:
        options["time_limit"] = seconds
    found = milp(
        model.costs,
        integrality=model.is_whole,
        bounds=Bounds(model.low, model.high),
        constraints=model.constraints,
        options=options,
    )
    if found.x is None:
        raise InputError(
            "costs",
            f"no plan keeps all conditions, or none was found ({found.message})",
            "Look at counts, capacities and the budget together.",
        )
    bound = found.mip_dual_bound if found.mip_dual_bound is not None else found.fun
    return Found(found.x, float(found.fun), float(min(bound, found.fun)), int(found.mip_node_count or 0))
