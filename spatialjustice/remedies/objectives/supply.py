r"""Supply in reach: what people lack of enough, on average, as low as can be.

.. math:: \frac{1}{W} \sum_i w_i \max \Big(0,\; b - A_i - \sum_{j \in S} a_{ij} \Big)

with A what a zone has now, b what is enough, and a what a new site adds: :math:`f(c_{ij})` places (gravity), or
:math:`S_j f(c_{ij}) / \sum_k w_k f(c_{kj})` of what it holds (floating catchment). Mean supply per person alone would
say nothing: all supply is shared out, wherever the sites are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice.access._weights import decay_within
from spatialjustice.remedies.case import on_zones
from spatialjustice.remedies.engine.problem import EFFORT
from spatialjustice.remedies.engine.whole_numbers import Model, least
from spatialjustice.remedies.goals import Answer

if TYPE_CHECKING:
    from spatialjustice.remedies.case import Case
    from spatialjustice.remedies.choice import Choice
    from spatialjustice.remedies.goals import Plans

Floats = NDArray[np.float64]

SMALL = 300_000
"""Up to so many pairs the question is solved as a whole; beyond, by adding, exchanging and a bound."""

ROUNDS = 300
"""Steps of the bound."""


def supply_goal(case: Case, choice: Choice, *, existing: Any, supply: Any, decay: Any, line: float | None) -> Supply:
    """Make the goal from what was given.

    Raises
    ------
    InputError
        When neither a decay nor a cutoff is given, or a number cannot be used.
    """
    rows = case.rows
    weigh = decay_within(decay, case.told_limit)
    weight = weigh(rows.cost)
    size = (case.people.size, len(rows.site_ids))
    adds = sparse.csr_array((weight, rows.site.astype(np.int64), rows.start), shape=size)
    now = np.zeros(case.people.size) if existing is None else _present(existing, case)
    if supply is None:
        enough, unit = 1.0, "opportunities"
    else:
        held = held_by(supply, rows.site_ids)
        reached = adds.T @ case.people
        ratio = np.divide(held, reached, out=np.zeros(held.size), where=reached > 0)
        adds = adds @ sparse.diags_array(ratio)
        together = math.fsum(case.people)
        enough = (float(case.people @ now) + choice.count * float(held.mean())) / together
        unit = "supply per person"
    if line is not None:
        if isinstance(line, bool) or not isinstance(line, int | float | np.number) or not 0 < float(line) < np.inf:
            raise InputError("line", f"it is {line!r}", "Give what is enough for a person, above 0.")
        enough = float(line)
    adds = sparse.csr_array(adds)
    adds.sort_indices()
    return Supply(unit, case.people, enough - now, adds, settings={"line": enough, "decay": weigh.as_dict()})


def _present(existing: Any, case: Case) -> Floats:
    now = on_zones(existing, case.rows.zones, "existing")
    wrong = ~(now >= 0) | np.isinf(now)
    if wrong.any():
        raise InputError(
            "existing",
            f"{int(wrong.sum()):,} are negative, missing or infinite",
            "For the goal “supply” give the supply per person that each zone has now, 0 where there is none.",
            rows=case.rows.zones[wrong],
        )
    return now


def held_by(supply: Any, ids: pd.Index[Any]) -> Floats:
    """Return what each site holds, in the order of the ids.

    Raises
    ------
    InputError
        When a site has no number, or one that cannot be used.
    """
    if not isinstance(supply, pd.Series):
        raise InputError("supply", f"it is {a_kind(supply)}", "Give a Series on the ids of the sites.")
    require_ids(supply, "supply")
    absent = ids.difference(supply.index, sort=False)
    if len(absent):
        raise InputError("supply", f"{len(absent):,} sites have none", "Give one for each site.", rows=absent)
    held = as_floats(supply, "supply")[supply.index.get_indexer(ids)]
    wrong = ~(held >= 0) | np.isinf(held)
    if wrong.any():
        raise InputError(
            "supply", f"{int(wrong.sum()):,} are negative, missing or infinite", "Give 0 or more.", rows=ids[wrong]
        )
    return held


@dataclass
class Supply:
    """A goal: what people lack of enough supply in reach, on average."""

    unit: str
    people: Floats
    short: Floats  # of each zone now: below 0 where there is enough
    adds: Any  # a sparse table: what each site adds to each zone
    name: str = "supply"
    higher_is_better: bool = False
    settings: dict[str, Any] = field(default_factory=dict)

    def values(self, costs: Floats, plans: Plans = ()) -> Floats:  # noqa: ARG002 (costs alone do not tell)
        """Return what is lacking under each plan."""
        return np.array([self._lacking(plan) for plan in plans])

    def _lacking(self, sites: NDArray[np.int64]) -> float:
        inside = np.zeros(self.adds.shape[1])
        inside[sites] = 1.0
        left = np.maximum(self.short - self.adds @ inside, 0.0)
        return float(self.people @ left) / math.fsum(self.people)

    def solve(
        self,
        case: Case,  # noqa: ARG002 (all that is needed was taken from it)
        choice: Choice,
        *,
        gap: float = 0.0,
        effort: int = EFFORT,  # noqa: ARG002 (few steps)
        seconds: float | None = None,
        known: NDArray[np.int64] | None = None,  # noqa: ARG002
    ) -> Answer:
        """Return the best plan found and the bound on all plans."""
        if self.adds.nnz <= SMALL:
            return self._whole(choice, gap, seconds)
        sites = self._added(choice)
        value = self._lacking(sites)
        bound = min(value, self._bound(choice, value))
        return Answer(sites, value, value if bound >= value * (1 - 1e-10) else bound)

    def _whole(self, choice: Choice, gap: float, seconds: float | None) -> Answer:
        zones, sites = self.adds.shape
        free = np.zeros(sites), np.ones(sites)
        free[0][choice.required], free[1][choice.forbidden] = 1.0, 0.0
        together = math.fsum(self.people)
        model = Model(np.concatenate([np.zeros(sites), self.people / together]))
        model.ends(np.concatenate([free[0], np.zeros(zones)]), np.concatenate([free[1], np.full(zones, np.inf)]))
        model.whole(sites)
        model.rows(sparse.hstack([self.adds, sparse.eye_array(zones)]), low=self.short)
        model.choose(sites, choice)
        found = least(model, gap=gap, seconds=seconds)
        inside = np.flatnonzero(found.variables[:sites] > 0.5)
        value = self._lacking(inside)
        bound = value if found.bound >= value - 1e-9 * max(value, 1e-3) else found.bound
        return Answer(inside, value, max(bound, 0.0), found.nodes)

    def _added(self, choice: Choice) -> NDArray[np.int64]:
        """Add the site that brings most (for its price), until there are enough."""
        columns = sparse.csc_array(self.adds)
        chosen = [int(each) for each in choice.required]
        price = np.zeros(columns.shape[1]) if choice.price is None else choice.price
        left = self.short - (columns[:, chosen].sum(axis=1) if chosen else 0.0)
        while len(chosen) < choice.count:
            trial = columns.copy()
            trial.data = np.minimum(columns.data, np.maximum(left, 0.0)[columns.indices])
            gain = self.people @ trial
            gain = np.where(price > choice.budget - price[chosen].sum(), -1.0, gain)
            gain[[*chosen, *choice.forbidden]] = -1.0
            if gain.max() < 0:
                break
            chosen.append(int(np.argmax(gain)))
            left = left - columns[:, [chosen[-1]]].toarray()[:, 0]
        return np.sort(np.array(chosen, dtype=np.int64))

    def _bound(self, choice: Choice, known: float) -> float:
        """Raise the bound of Lagrange: what each zone's lack may count for, 0 to its people."""
        weight = self.people / math.fsum(self.people)
        count = weight.copy()
        backwards = sparse.csr_array(self.adds.T)
        must = np.zeros(self.adds.shape[1], dtype=bool)
        must[choice.required] = True
        best, length, waiting = 0.0, 1.0, 0
        for _ in range(ROUNDS):
            worth = backwards @ count
            worth[choice.forbidden] = 0.0
            order = np.argsort(-np.where(must, np.inf, worth), kind="stable")[: choice.count]
            found = float(count @ self.short) - float(worth[order].sum())
            waiting = 0 if found > best else waiting + 1
            best = max(best, found)
            if waiting > 15:
                length, waiting = 0.6 * length, 0
            inside = np.zeros(worth.size)
            inside[order] = 1.0
            slope = self.short - self.adds @ inside
            norm = float(weight @ slope**2)
            if norm <= 0:
                break
            count = np.clip(count + length * max(known - found, 0.0) / norm * weight * slope, 0.0, weight)
        return best
