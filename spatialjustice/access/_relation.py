"""One face for lazy travel costs and for a plain frame of pairs, so that every measure is written once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.network.costs import TravelCosts, checked_cutoff, status_of

COLUMNS = ("from_id", "to_id", "travel_cost")

Floats = NDArray[np.float64]


class PairCosts:
    """The pairs of a frame, asked as :class:`TravelCosts` are asked."""

    def __init__(self, frame: pd.DataFrame, origins: pd.Index[Any] | None) -> None:
        absent = [name for name in COLUMNS if name not in frame.columns]
        if absent:
            raise InputError(
                "travel costs",
                f"the frame has no column {', '.join(absent)}",
                "Give one row per pair, with the columns from_id, to_id and travel_cost.",
            )
        pairs = frame.loc[:, list(COLUMNS)]
        _check_pairs(pairs)
        listed = pd.Index(pairs["from_id"].unique())
        self.from_ids = listed if origins is None else pd.Index(origins)
        if not self.from_ids.is_unique:
            twice = self.from_ids[self.from_ids.duplicated()].unique()
            raise DuplicateIdError("origins", "ids occur more than once", "Name every origin once.", rows=twice)
        unknown = listed.difference(self.from_ids, sort=False)
        if len(unknown):
            raise InputError(
                "origins",
                f"{len(unknown):,} origins of the travel costs are not among them",
                "Give all origins, also those that reach nothing.",
                rows=unknown,
            )
        self.to_ids = pd.Index(pairs["to_id"].unique())
        self.unit: str | None = frame.attrs.get("unit")
        self.cutoff: float | None = frame.attrs.get("cutoff")
        self.sources, self.findings = tuple(sources_of(frame)), tuple(findings_of(frame))
        self._supply = bool(frame.attrs.get("destinations", len(self.to_ids)))
        self._from = self.from_ids.get_indexer(pd.Index(pairs["from_id"]))
        self._to = self.to_ids.get_indexer(pd.Index(pairs["to_id"]))
        self._cost = pairs["travel_cost"].to_numpy(dtype=float)

    def _closest(self, values: Floats | None = None, needed: float = 1.0) -> Floats:
        if needed <= 0:
            raise InputError("n", f"it is {needed}", "Ask for more than 0 opportunities.")
        value = np.ones(len(self.to_ids)) if values is None else values
        best = np.full(len(self.from_ids), np.inf)
        rows = np.flatnonzero(np.isfinite(self._cost) & (value[self._to] > 0))
        if (value[self._to[rows]] >= needed).all():
            np.minimum.at(best, self._from[rows], self._cost[rows])
        else:
            rows = rows[np.lexsort((self._cost[rows], self._from[rows]))]  # stable: equal costs in the frame's order
            origin, starts = np.unique(self._from[rows], return_index=True)
            for which, part in zip(origin, np.split(rows, starts[1:]), strict=True):
                reached = np.flatnonzero(np.cumsum(value[self._to[part]]) >= needed)
                if reached.size:
                    best[which] = self._cost[part[reached[0]]]
        return best if self.cutoff is None else np.where(best <= self.cutoff, best, np.inf)

    def _cumulative(self, values: Floats | None, cutoffs: list[float]) -> Floats:
        value = np.ones(len(self.to_ids)) if values is None else values
        total = np.zeros((len(self.from_ids), len(cutoffs)))
        for which, cutoff in enumerate(cutoffs):
            near = self._cost <= self.checked(cutoff)
            np.add.at(total[:, which], self._from[near], value[self._to[near]])
        return total

    def _status(self, cutoff: float) -> NDArray[np.object_]:
        nowhere = np.zeros(len(self.from_ids), dtype=bool)
        return status_of(self._closest(), cutoff=self.checked(cutoff), off=nowhere, supply=self._supply)

    def checked(self, cutoff: float) -> float:
        """Return a measure's cutoff, or refuse it where it goes beyond that of these costs."""
        return checked_cutoff(cutoff, highest=self.cutoff)

    def left_out(self) -> dict[str, Any]:
        """Return nothing: a frame of pairs does not say what was left out of it."""
        return {}


Relation = TravelCosts | PairCosts


def relation(costs: TravelCosts | pd.DataFrame, origins: pd.Index[Any] | None) -> Relation:
    """Return an object that answers what a measure asks.

    Raises
    ------
    InputError
        When the frame is not one of pairs, or ``origins`` are given where they are known already.
    """
    if isinstance(costs, TravelCosts):
        if origins is not None and not pd.Index(origins).equals(costs.from_ids):
            raise InputError(
                "origins",
                "they differ from those of the travel costs",
                "Leave them out: these travel costs know their origins.",
            )
        return costs
    if isinstance(costs, pd.DataFrame):
        return PairCosts(costs, origins)
    raise InputError(
        "costs",
        f"it is a {type(costs).__name__}",
        "Give what Network.travel_costs returns, or a frame with from_id, to_id and travel_cost.",
    )


def values_of(opportunities: pd.Series[Any] | None, costs: Relation) -> tuple[Floats | None, int]:
    """Return the opportunities in the order of the destinations, and how many lie at no destination.

    Raises
    ------
    InputError
        When a destination has none, or a value is negative or not a number.
    """
    if opportunities is None:
        return None, 0
    if not isinstance(opportunities, pd.Series):
        raise InputError("opportunities", f"it is a {type(opportunities).__name__}", "Give a Series on the ids.")
    if not opportunities.index.is_unique:
        twice = opportunities.index[opportunities.index.duplicated()].unique()
        raise DuplicateIdError("opportunities", "ids occur more than once", "Give every id once.", rows=twice)
    absent = costs.to_ids.difference(opportunities.index, sort=False)
    if len(absent):
        raise InputError(
            "opportunities",
            f"{len(absent):,} destinations have no value",
            "Give one on every destination's id, 0 where it offers nothing.",
            rows=absent,
        )
    given = pd.to_numeric(opportunities, errors="coerce")
    wrong = ~(given >= 0) | np.isinf(given)
    if wrong.any():
        raise InputError(
            "opportunities",
            f"{int(wrong.sum()):,} are negative, missing or infinite",
            "Give how much each destination offers, 0 or more.",
            rows=opportunities.index[wrong],
        )
    return given.loc[costs.to_ids].to_numpy(dtype=float), int(len(given) - len(costs.to_ids))


def finished(values: Floats, costs: Relation, name: str, **attrs: Any) -> pd.Series[Any]:
    """Put a measure on the origins' index and say in ``attrs`` what it is."""
    result = pd.Series(values, index=costs.from_ids, name=name)
    left_out = {**costs.left_out(), **attrs.pop("left_out", {})}
    result.attrs.update({"measure": name, **attrs, "left_out": left_out})
    result.attrs["sources"] = [record.as_dict() for record in costs.sources]
    result.attrs["findings"] = [finding.as_dict() for finding in costs.findings]
    return result


def _check_pairs(pairs: pd.DataFrame) -> None:
    cost = pd.to_numeric(pairs["travel_cost"], errors="coerce")
    wrong = ~(cost >= 0)
    if wrong.any():
        raise InputError(
            "travel costs",
            f"{int(wrong.sum()):,} costs are negative or not a number",
            "Leave out pairs without a connection, or give them an infinite cost.",
            rows=pairs.index[wrong],
        )
    missing = pairs["from_id"].isna() | pairs["to_id"].isna()
    if missing.any():
        raise InputError(
            "travel costs", f"{int(missing.sum()):,} pairs lack an id", "Fill them.", rows=pairs.index[missing]
        )
    twice = pairs.duplicated(["from_id", "to_id"])
    if twice.any():
        raise DuplicateIdError(
            "travel costs",
            f"{int(twice.sum()):,} pairs are listed more than once",
            "Keep one cost of each pair, for example the median over departures.",
            rows=pairs.index[twice],
        )
