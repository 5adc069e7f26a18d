"""Checks that a measure of access must pass whatever the data are; run them on your own data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, TooLargeError
from spatialjustice.access._cost_tables import AnyCosts, as_travel_costs
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.access.competition.catchment import (
    NEGLIGIBLE,
    Floats,
    floating_catchment_area,
    method_meant,
    people_or_demand,
    supply_ratio,
    weights_meant,
)
from spatialjustice.access.cumulative import cumulative_cutoff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spatialjustice.access.competition.catchment import Method

PAIRS = 5_000_000
"""More pairs than this are refused: some checks copy the table of all pairs."""

TOLERANCE = 1e-9
"""Two results agree when they differ by less than this share of the larger one."""

HANDED_OUT = ("2sfca", "e2sfca", "3sfca")


def validate(
    costs: AnyCosts | pd.DataFrame,
    *,
    supply: pd.Series[Any],
    people: pd.Series[Any] | None = None,
    demand: pd.Series[Any] | None = None,
    decay: Any = None,
    cutoff: float | None = None,
    method: Method | None = None,
    origins: pd.Index[Any] | None = None,
) -> pd.DataFrame:
    r"""Check on these very data what must be true of travel costs, weights and a catchment measure.

    Nothing is compared with an earlier answer: each check follows from what the measure means.

    ``weights_between_0_and_1``
        Every weight is the share of a place that counts.
    ``weights_fall_with_cost``
        A dearer pair never weighs more.
    ``supply_conserved``
        :math:`\sum_i P_i A_i = \sum_j S_j` over the places that anyone reaches (``2sfca``, ``e2sfca``, ``3sfca``);
        not more than that (``m2sfca``, ``mh3sfca``); :math:`\sum_i A_i = \sum_j R_j` (``bfca``).
    ``supply_doubled``, ``demand_doubled``
        Twice the supply everywhere is twice the access of everybody; twice the people is half of it.
    ``more_supply_never_hurts``
        Twice the supply at one place, the largest that is reached, lowers nobody's access. Not with ``mh3sfca``, where
        a larger place draws people away from nearer ones.
    ``closed_place_changes_nothing``
        One more place, at the costs of the place with most pairs, but without supply, changes no result.
    ``order_changes_nothing``
        The same pairs, origins and places in another order have the same results.
    ``table_agrees``
        Travel costs and the table of their pairs have the same results.
    ``reach_grows_with_cutoff``
        At half the highest cost nobody reaches more than at the whole.
    ``closest_holds``
        Nobody reaches a place at less than the cost to the closest, and everybody reaches one at it.

    Parameters
    ----------
    costs, supply, people, demand, decay, cutoff, method, origins
        As for :func:`floating_catchment_area`.

    Returns
    -------
    pandas.DataFrame
        One row per check, its name as index: ``passed``; ``expected`` and ``found``, the numbers that were compared
        (NaN where there are none); ``explanation``, one sentence, which says also why a check could not be made. A
        check that could not be made has not passed. ``attrs["passed"]`` is whether all have.

    Raises
    ------
    InputError
        When the costs are not travel costs, or the method is unknown. What is wrong with supply, people or decay is
        told in the rows instead.
    TooLargeError
        When there are more than five million pairs: check a part of the place then.

    References
    ----------
    Luo and Qi (2009), Health & Place 15: 1100-1107, for the sum of supply. Páez, Higgins and Vivona (2019), PLOS ONE
    14: e0218773, for the sums of ``bfca``.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"from_id": ["a", "b", "b"], "to_id": [1, 1, 2], "travel_cost": [5.0, 10.0, 4.0]})
    >>> doctors, people = pd.Series({1: 6, 2: 3}), pd.Series({"a": 40, "b": 20})
    >>> validate(pairs, supply=doctors, people=people, decay=lambda cost: 1 / (1 + cost)).attrs["passed"]
    True
    >>> rising = validate(pairs, supply=doctors, people=people, decay=lambda cost: cost / 10)
    >>> rising.loc["weights_fall_with_cost", "explanation"]
    'A cost of 5 weighs 0.5, more than 0.4 at 4.'
    """
    way = method_meant(method, decay, cutoff)
    case = _Case(costs, supply, people_or_demand(people, demand, costs), decay, cutoff, way, origins)
    rows = []
    for name, check in _CHECKS.items():
        if name == "more_supply_never_hurts" and way == "mh3sfca":
            continue
        try:
            rows.append((name, *check(case)))
        except InputError as error:
            rows.append((name, False, math.nan, math.nan, f"Could not be made. {error}"))
    result = pd.DataFrame(rows, columns=["check", "passed", "expected", "found", "explanation"]).set_index("check")
    result.attrs = {"measure": "validate", "method": way, "passed": bool(result["passed"].all())}
    return result


Row = tuple[bool, float, float, str]


@dataclass
class _Case:
    """The data of a check, as they were given and as one table of pairs."""

    costs: AnyCosts | pd.DataFrame
    supply: pd.Series[Any]
    demand: pd.Series[Any]
    decay: Any
    cutoff: float | None
    method: str
    origins: pd.Index[Any] | None
    asked: AnyCosts = field(init=False)
    pairs: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        origins = self.origins
        if origins is None and isinstance(self.costs, pd.DataFrame) and isinstance(self.demand, pd.Series):
            origins = self.demand.index
        self.asked = as_travel_costs(self.costs, origins)
        self.pairs = _table_of_costs(self.asked)

    def weight(self) -> Any:
        return weights_meant(self.method, self.decay, self.cutoff)

    def weights(self) -> Floats:
        """Return the weight of every pair of the table, 0 beyond the decay's own cutoff."""
        decay, cost = self.weight(), self.pairs["travel_cost"].to_numpy()
        values: Floats = decay(cost)
        return values if decay.cutoff is None else np.where(cost <= decay.cutoff, values, 0.0)

    def measure(self, **changed: Any) -> pd.Series[Any]:
        """Return the access of every origin, with some of the data changed."""
        words = {"supply": self.supply, "people": self.demand, "method": self.method, **changed}
        words |= {"decay": self.decay, "cutoff": self.cutoff}
        costs = words.pop("costs", self.pairs)
        origins = self.asked.from_ids if isinstance(costs, pd.DataFrame) else None
        return floating_catchment_area(costs, **{"origins": origins, **words})


def _table_of_costs(asked: AnyCosts) -> pd.DataFrame:
    """Return all pairs, by origin and then destination."""
    parts, count = [], 0
    for part in asked._blocks():  # noqa: SLF001
        count += part[2].size
        if count > PAIRS:
            raise TooLargeError(
                "costs",
                f"there are more than {PAIRS:,} pairs, and the checks copy the table of all pairs",
                "Check a part of the place, or ask for the travel costs with a lower cutoff.",
            )
        parts.append(part)
    empty = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    froms, tos, cost = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    order = np.lexsort((tos, froms))
    frame = pd.DataFrame(
        {
            "from_id": asked.from_ids.take(froms[order]),
            "to_id": asked.to_ids.take(tos[order]),
            "travel_cost": cost[order],
        }
    )
    frame.attrs = {"unit": asked.unit, "cutoff": asked.cutoff, "destinations": len(asked.to_ids)}
    return frame


def _far_apart(one: pd.Series[Any], other: pd.Series[Any]) -> Iterator[tuple[Any, float, float]]:
    """Give the origins whose two values differ, with both."""
    value = other.reindex(one.index).to_numpy(dtype=float)
    differ = ~np.isclose(one.to_numpy(dtype=float), value, rtol=TOLERANCE, atol=0.0, equal_nan=True)
    for place in np.flatnonzero(differ):
        yield one.index[int(place)], float(one.iloc[place]), float(value[place])


def _same_results(expected: pd.Series[Any], found: pd.Series[Any], change: str) -> Row:
    """Return whether two results are the same for every origin."""
    wrong = list(_far_apart(expected, found))
    if not wrong:
        return True, float(expected.sum()), float(found.sum()), f"The results of all origins are as expected {change}."
    origin, one, other = wrong[0]
    return False, one, other, f"{len(wrong):,} origins differ from what is expected {change}, first {origin}."


def _weights_between(case: _Case) -> Row:
    weights = case.weights()  # as_decay refuses what is outside, and says where
    high = float(weights.max(initial=0.0))
    return high <= 1, 1.0, high, "Every weight lies between 0 and 1."


def _weights_fall(case: _Case) -> Row:
    cost, first = np.unique(case.pairs["travel_cost"].to_numpy(), return_index=True)
    weights = case.weights()[first]
    rise = np.flatnonzero(np.diff(weights) > 0)
    if not rise.size:
        return True, math.nan, math.nan, "No pair weighs more than a cheaper one."
    at = rise[0]
    low, high = float(weights[at]), float(weights[at + 1])
    return False, low, high, f"A cost of {cost[at + 1]:g} weighs {high:g}, more than {low:g} at {cost[at]:g}."


def _conserved(case: _Case) -> Row:
    access = case.measure()
    if case.method == "bfca":
        ratio = supply_ratio(
            case.pairs,
            supply=case.supply,
            demand=case.demand,
            decay=case.decay,
            cutoff=case.cutoff,
            method="bfca",
            origins=case.asked.from_ids,
        )
        expected, found = math.fsum(ratio.dropna()), math.fsum(access)
        same = math.isclose(expected, found, rel_tol=TOLERANCE)
        return same, expected, found, "The access of all origins adds up to the ratios of all places."
    people = case.pairs["from_id"].map(case.demand).to_numpy(dtype=float)
    near = case.pairs.loc[(case.weights() >= NEGLIGIBLE) & (people > 0), "to_id"].unique()
    expected = math.fsum(case.supply[near])
    found = math.fsum(case.demand[access.index] * access)
    if case.method in HANDED_OUT:
        same = math.isclose(expected, found, rel_tol=TOLERANCE)
        return same, expected, found, "What all people get adds up to the supply that anyone reaches."
    return (
        found <= expected * (1 + TOLERANCE),
        expected,
        found,
        "People get no more than the supply that anyone reaches.",
    )


def _supply_doubled(case: _Case) -> Row:
    return _same_results(2 * case.measure(), case.measure(supply=2 * case.supply), "with twice the supply")


def _demand_doubled(case: _Case) -> Row:
    return _same_results(case.measure() / 2, case.measure(people=2 * case.demand), "with twice the people")


def _more_supply(case: _Case) -> Row:
    before = case.measure()
    near = case.pairs.loc[case.weights() >= NEGLIGIBLE, "to_id"].unique()
    if not len(near):
        return True, math.nan, math.nan, "Nobody reaches a place."
    place = case.supply[near].idxmax()
    after = case.measure(supply=case.supply.where(case.supply.index != place, 2.0 * case.supply))
    fallen = [row for row in _far_apart(before, after) if not row[2] > row[1]]
    if not fallen:
        text = f"With twice the supply at {place} nobody has less."
        return True, float(before.sum()), float(after.sum()), text
    origin, one, other = fallen[0]
    return False, one, other, f"With twice the supply at {place}, {len(fallen):,} origins have less, first {origin}."


def _closed_place(case: _Case) -> Row:
    before = case.measure()
    if case.pairs.empty:
        return True, math.nan, math.nan, "Nobody reaches a place."
    # Numbers stand for the ids, so that the new place can have one of its own.
    ids = case.asked.to_ids
    pairs = case.pairs.assign(to_id=ids.get_indexer(pd.Index(case.pairs["to_id"])))
    twin = pairs["to_id"].mode()[0]
    added = pairs[pairs["to_id"] == twin].assign(to_id=len(ids))
    supply = pd.Series([*case.supply.loc[ids], 0.0])
    more = pd.concat([pairs, added], ignore_index=True)
    more.attrs = case.pairs.attrs
    return _same_results(
        before, case.measure(costs=more, supply=supply), f"with a closed place beside {ids[int(twin)]}"
    )


def _order(case: _Case) -> Row:
    before = case.measure()
    pairs = case.pairs.iloc[::-1].reset_index(drop=True)
    pairs.attrs = case.pairs.attrs
    other = case.measure(
        costs=pairs, supply=case.supply.iloc[::-1], people=case.demand.iloc[::-1], origins=case.asked.from_ids[::-1]
    )
    return _same_results(before, other, "in the opposite order")


def _table_agrees(case: _Case) -> Row:
    given = case.measure(costs=case.costs, origins=case.origins)
    return _same_results(case.measure().reindex(given.index), given, "from the table of their pairs")


def _reach_grows(case: _Case) -> Row:
    highest = float(case.pairs["travel_cost"].max()) if len(case.pairs) else 0.0
    near, far = (
        cumulative_cutoff(case.costs, cutoff=cutoff, origins=case.origins) for cutoff in (highest / 2, highest)
    )
    fallen = near.index[near > far]
    text = f"Nobody reaches more places at {highest / 2:g} than at {highest:g}."
    if len(fallen):
        text = f"{len(fallen):,} origins reach more places at {highest / 2:g} than at {highest:g}, first {fallen[0]}."
    return not len(fallen), float(far.sum()), float(near.sum()), text


def _closest_holds(case: _Case) -> Row:
    closest = cost_to_closest(case.costs, origins=case.origins).dropna()
    least = case.pairs.groupby("from_id", sort=False)["travel_cost"].min().reindex(closest.index)
    wrong = list(_far_apart(least, closest))
    if not wrong:
        return (
            True,
            float(least.sum()),
            float(closest.sum()),
            "The cost to the closest is the least cost of each origin.",
        )
    origin, one, other = wrong[0]
    return False, one, other, f"{len(wrong):,} origins have another closest cost than their pairs, first {origin}."


_CHECKS: dict[str, Callable[[_Case], Row]] = {
    "weights_between_0_and_1": _weights_between,
    "weights_fall_with_cost": _weights_fall,
    "supply_conserved": _conserved,
    "supply_doubled": _supply_doubled,
    "demand_doubled": _demand_doubled,
    "more_supply_never_hurts": _more_supply,
    "closed_place_changes_nothing": _closed_place,
    "order_changes_nothing": _order,
    "table_agrees": _table_agrees,
    "reach_grows_with_cutoff": _reach_grows,
    "closest_holds": _closest_holds,
}
