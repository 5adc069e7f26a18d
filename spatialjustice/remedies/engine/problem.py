"""What the engine is asked and what it answers, in numbers without names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = NDArray[np.float64]
Sites = NDArray[np.int32]
Starts = NDArray[np.int64]

EFFORT = 6_000_000_000
"""Pairs that one question may look at: the limit that ends a search, the same on every machine."""

NODES = 20_000
"""Parts that a search may be cut into."""

ROUNDS = 1500
"""Rounds of the bound for the whole question, where it is large."""


def _nothing_less(_: float) -> float:
    return 0.0


@dataclass
class Problem:
    """Choose at most ``count`` sites, within a budget, so that the weighted sum of lowest values is least.

    Attributes
    ----------
    start, site, value
        Rows one after the other: the sites that a row can use and what each means to it, the lowest value first.
    weight, cap
        Of each row: what it counts, and the most it can bear (what it has already, or the end of what counts).
    sites
        How many sites there are.
    count
        How many may be chosen, those required among them.
    required, forbidden
        Positions of sites that must be, and must not be, among them.
    price, budget
        What each site costs, and what all may cost together.
    slack
        From the least sum known, how much less a plan may be and still not be looked for.
    grain
        All sums are multiples of this; 0 where nothing is known.
    effort
        How many pairs may be looked at.
    seconds
        Time limit, or None: then the answer depends on no clock.
    rounds
        Rounds of the bound for the whole question, where it is large.
    """

    start: Starts
    site: Sites
    value: Floats
    weight: Floats
    cap: Floats
    sites: int
    count: int
    required: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    forbidden: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    price: Floats | None = None
    budget: float = np.inf
    slack: Callable[[float], float] = _nothing_less
    grain: float = 0.0
    effort: int = EFFORT
    nodes: int = NODES
    seconds: float | None = None
    rounds: int = ROUNDS

    @property
    def prices(self) -> Floats:
        """What each site costs, 0 where nothing was said."""
        return np.zeros(self.sites) if self.price is None else self.price


@dataclass
class Solution:
    """A plan and how good any plan can be.

    Attributes
    ----------
    sites
        Positions of the chosen sites, in rising order.
    value
        The sum that this plan comes to.
    bound
        No plan comes to less.
    worth
        What each row would pay: where to begin when the question changes a little.
    nodes, effort
        How many parts were looked at, and how many pairs.
    least_with
        Of each site: no plan that has it comes to less; infinite for those that were forbidden.
    """

    sites: NDArray[np.int64]
    value: float
    bound: float
    worth: Floats
    nodes: int = 0
    effort: int = 0
    least_with: Floats = field(default_factory=lambda: np.empty(0))
