"""What may be chosen: how many sites, which must be and must not be among them, and what they may cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice.remedies.case import listed_ids

if TYPE_CHECKING:
    from spatialjustice.remedies.case import Case

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """Positions of sites, as the engine wants them.

    Attributes
    ----------
    count
        How many sites at most, those required among them.
    required, forbidden
        Positions.
    price, budget
        What each site costs; None and infinite where money does not matter.
    """

    count: int
    required: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    forbidden: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    price: Floats | None = None
    budget: float = np.inf

    def without(self, *sites: int) -> Choice:
        """Forbid further sites, by their positions."""
        more = np.unique(np.concatenate([self.forbidden, np.array(sites, dtype=np.int64)]))
        return Choice(self.count, self.required, more, self.price, self.budget)

    def with_(self, *sites: int) -> Choice:
        """Require further sites, by their positions."""
        more = np.unique(np.concatenate([self.required, np.array(sites, dtype=np.int64)]))
        return Choice(self.count, more, self.forbidden, self.price, self.budget)

    def as_question(self) -> dict[str, Any]:
        """Return what the engine's question takes beside the count."""
        return {
            "required": self.required,
            "forbidden": self.forbidden,
            "price": self.price,
            "budget": self.budget,
        }


def checked_count(count: Any, name: str = "count") -> int:
    """Return how many sites are wanted.

    Raises
    ------
    InputError
        When it is no whole number, 1 or more.
    """
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise InputError(name, f"it is {count!r}", "Give a whole number, 1 or more.")
    return int(count)


def refuse_both(required: Any, forbidden: Any) -> None:
    """Refuse a site that is required and forbidden.

    Raises
    ------
    InputError
        Naming it.
    """
    both = listed_ids(required, "required").intersection(listed_ids(forbidden, "forbidden"))
    if len(both):
        raise InputError(
            "required", f"{len(both):,} sites are required and forbidden", "Decide for one of the two.", rows=both
        )


def choice_of(
    case: Case,
    *,
    count: int | None,
    required: Any = None,
    price: pd.Series[Any] | None = None,
    budget: float | None = None,
) -> Choice:
    """Check what may be chosen; forbidden sites are out of the case already.

    Raises
    ------
    InputError
        When there are fewer sites than wanted, more are required than wanted, a price is missing, or the budget buys
        nothing or not what is required.
    """
    ids = case.rows.site_ids
    if count is None and budget is None:
        raise InputError("count", "neither a number of sites nor a budget is given", "Say how many sites are wanted.")
    wanted = len(ids) if count is None else checked_count(count)
    if wanted > len(ids):
        raise InputError(
            "count",
            f"{wanted:,} sites are wanted, and {len(ids):,} can be chosen",
            "Ask for fewer, or give more candidates (forbidden ones do not count).",
        )
    must = np.sort(case.where(required, "required"))
    if must.size > wanted:
        raise InputError(
            "required", f"they are {must.size:,}, and {wanted:,} are wanted in all", "Those required are among them."
        )
    prices, money = _money(ids, price, budget)
    if prices is not None:
        _affordable(prices, money, must, ids)
    return Choice(wanted, must, price=prices, budget=money)


def _money(ids: pd.Index[Any], price: Any, budget: Any) -> tuple[Floats | None, float]:
    if price is None and budget is None:
        return None, np.inf
    if price is None or budget is None:
        given, other = ("budget", "price") if price is None else ("price", "budget")
        raise InputError(other, f"there is a {given} and no {other}", "Give both, or neither.")
    if isinstance(budget, bool) or not isinstance(budget, int | float | np.number) or not 0 <= float(budget) < np.inf:
        raise InputError("budget", f"it is {budget!r}", "Give a number, 0 or more, in the unit of the prices.")
    if not isinstance(price, pd.Series):
        raise InputError("price", f"it is {a_kind(price)}", "Give a Series on the ids of the sites.")
    require_ids(price, "price")
    absent = ids.difference(price.index, sort=False)
    if len(absent):
        raise InputError("price", f"{len(absent):,} sites have none", "Give one for each, or forbid them.", rows=absent)
    prices = as_floats(price, "price")[price.index.get_indexer(ids)]
    wrong = ~(prices >= 0) | np.isinf(prices)
    if wrong.any():
        raise InputError(
            "price",
            f"{int(wrong.sum()):,} are negative, missing or infinite",
            "Give what each site costs, 0 or more; forbid sites that cannot be had.",
            rows=ids[wrong],
        )
    return prices, float(budget)


def _affordable(prices: Floats, budget: float, must: NDArray[np.int64], ids: pd.Index[Any]) -> None:
    if float(prices[must].sum()) > budget:
        raise InputError(
            "budget",
            f"it is {budget:,g}, and the sites required cost {float(prices[must].sum()):,g}",
            "Raise it, or require fewer.",
            rows=ids[must],
        )
    if not must.size and float(prices.min()) > budget:
        raise InputError(
            "budget",
            f"it is {budget:,g}, and the cheapest site costs {float(prices.min()):,g}: it buys nothing",
            "Raise it, or look at the unit of the prices.",
        )
