"""Travel costs of a network, or a table of pairs: one face for both, so that every measure is written once."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import DuplicateIdError, InputError, a_kind
from spatialjustice._core.findings import findings_of
from spatialjustice._core.frames import differ_by_zeros, with_columns
from spatialjustice._core.machine.compiled import kernel
from spatialjustice._core.names.suggest import did_you_mean
from spatialjustice._core.numbers.checks import as_floats, checked_travel_costs, findings_of_costs, require_one_level
from spatialjustice._core.numbers.sums import exact_parts, joined_parts
from spatialjustice._core.provenance import sources_of
from spatialjustice.network.costs import TravelCosts
from spatialjustice.network.cutoffs import checked_count, checked_cutoff, status_at_cutoff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COLUMNS = ("from_id", "to_id", "travel_cost")

Floats = NDArray[np.float64]
Block = tuple[NDArray[np.int32], NDArray[np.int32], Floats]

Side = Literal["origins", "destinations"]


class PairCosts:
    """Travel costs of a table of pairs, asked as :class:`TravelCosts` are asked: made by :func:`costs`.

    Attributes
    ----------
    from_ids, to_ids
        Ids of the origins and the destinations: those given, in their order, or those of the table.
    unit
        What costs are in: ``minutes``, ``metres`` or another word; None where nobody said.
    cutoff
        The highest cost that was asked for; None for all.
    sources, findings
        Of the table and both layers.
    """

    _layers: Mapping[str, pd.DataFrame] = MappingProxyType({})

    def __init__(
        self, frame: pd.DataFrame, origins: pd.Index[Any] | None = None, destinations: pd.Index[Any] | None = None
    ) -> None:
        absent = [name for name in COLUMNS if name not in frame.columns]
        if absent:
            raise InputError(
                "travel costs",
                f"the frame has no column {', '.join(absent)}",
                "Matrices of r5py, r5r, OSRM, Valhalla and others, also wide ones, become travel costs with "
                "sj.access.costs(table, unit=…); else give one row per pair: from_id, to_id and travel_cost.",
            )
        pairs = frame.loc[:, list(COLUMNS)]
        self.unit: str | None = frame.attrs.get("unit")
        self._cost = checked_travel_costs(pairs["travel_cost"], unit=self.unit)
        origin, listed_from = pd.factorize(pairs["from_id"])
        destination, listed_to = pd.factorize(pairs["to_id"])
        seen_from, seen_to = _plain_ids(listed_from), _plain_ids(listed_to)
        _check_pairs(pairs, self._cost, (origin, destination), len(seen_to))
        self.from_ids = _ids_of_side(seen_from, origins, "origins")
        self.to_ids = _ids_of_side(seen_to, destinations, "destinations")
        self.cutoff: float | None = frame.attrs.get("cutoff")
        self.sources = tuple(sources_of(frame))
        told = () if "unreachable" in frame.attrs else findings_of_costs(pairs["travel_cost"], self._cost)
        self.findings = (*findings_of(frame), *told)
        self._supply = bool(frame.attrs.get("destinations", len(self.to_ids)))
        self._from = self.from_ids.get_indexer(seen_from)[origin]
        self._to = self.to_ids.get_indexer(seen_to)[destination]

    @classmethod
    def of(cls, costs: TravelCosts) -> PairCosts:
        """Return the pairs of travel costs: searched once, however often they are asked for."""
        made = cls.__new__(cls)
        made._take(costs)  # noqa: SLF001
        return made

    def __repr__(self) -> str:
        """Tell what they hold."""
        limit = "no cutoff" if self.cutoff is None else f"up to {self.cutoff:g} {self.unit or ''}".rstrip()
        return (
            f"<PairCosts: {len(self.from_ids):,} origins to {len(self.to_ids):,} destinations, {limit}, "
            f"{self._cost.size:,} pairs, {int(np.isfinite(self._cost).sum()):,} with a way, in "
            f"{self.unit or 'a unit that nobody said'}>"
        )

    def to_frame(self) -> pd.DataFrame:
        """Return every pair that has a way: ``from_id``, ``to_id``, ``travel_cost`` in ``unit``.

        Sorted by the order of the origins, then of the destinations; ``attrs`` as of :meth:`TravelCosts.to_frame`.
        """
        rows = np.flatnonzero(np.isfinite(self._cost))
        rows = rows[np.lexsort((self._to[rows], self._from[rows]))]
        return self._described(
            pd.DataFrame(
                {
                    "from_id": self.from_ids.take(self._from[rows]),
                    "to_id": self.to_ids.take(self._to[rows]),
                    "travel_cost": self._cost[rows],
                }
            )
        )

    def _described(self, frame: pd.DataFrame) -> pd.DataFrame:
        frame.attrs = {
            "unit": self.unit,
            "cutoff": self.cutoff,
            "destinations": len(self.to_ids),
            "sources": Carried([record.as_dict() for record in self.sources]),
            "findings": Carried([finding.as_dict() for finding in self.findings]),
        }
        return frame

    def nearest(self, count: int = 1, *, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """Name the nearest destinations of every origin, up to ``count`` of them: see :meth:`TravelCosts.nearest`.

        Parameters
        ----------
        count
            How many destinations to name, 1 or more.
        columns
            Columns of the destinations to show beside them; None shows their ``name`` where they have one.

        Returns
        -------
        pandas.DataFrame
            ``from_id``, ``rank``, ``to_id``, ``travel_cost`` and the columns of the destinations. Of equally near
            destinations the one that comes first.

        Raises
        ------
        InputError
            When ``count`` is no whole number from 1 on, or the destinations have no such column.
        """
        wanted = checked_count(count)
        within = np.isfinite(self._cost) if self.cutoff is None else self._cost <= self.cutoff
        rows = np.flatnonzero(within)
        rows = rows[np.lexsort((self._to[rows], self._cost[rows], self._from[rows]))]
        origin = self._from[rows]
        rank = np.arange(rows.size) - np.searchsorted(origin, origin) + 1
        rows, rank = rows[rank <= wanted], rank[rank <= wanted]
        named = pd.DataFrame(
            {
                "from_id": self.from_ids.take(self._from[rows]),
                "rank": rank,
                "to_id": self.to_ids.take(self._to[rows]),
                "travel_cost": self._cost[rows],
            }
        )
        return with_columns(self._described(named), self._layers.get("destinations"), columns, "destinations")

    def _take(self, costs: TravelCosts) -> None:
        empty = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
        parts = zip(empty, *costs._blocks(), strict=True)  # noqa: SLF001
        self._from, self._to, self._cost = (np.concatenate(part) for part in parts)
        self.unit, self.cutoff = costs.unit, costs.cutoff
        self.from_ids, self.to_ids = costs.from_ids, costs.to_ids
        self.sources, self.findings, self._layers = costs.sources, costs.findings, costs._layers  # noqa: SLF001
        self._supply = bool(len(costs.to_ids))

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
        parts = exact_parts(value)
        totals = [np.zeros((len(self.from_ids), len(cutoffs))) for _ in parts]
        for which, cutoff in enumerate(cutoffs):
            near = self._cost <= self.checked(cutoff)
            for part, total in zip(parts, totals, strict=True):
                np.add.at(total[:, which], self._from[near], part[self._to[near]])
        return joined_parts(totals)

    def _blocks(self, limit: float | None = None, *, any_order: bool = False) -> Iterator[Block]:  # noqa: ARG002
        near = np.isfinite(self._cost)
        highest = self.cutoff if limit is None else self.checked(limit)
        if highest is not None:
            near &= self._cost <= highest
        if near.any():
            yield self._from[near].astype(np.int32), self._to[near].astype(np.int32), self._cost[near]

    def _status(self, cutoff: float) -> NDArray[np.object_]:
        nowhere = np.zeros(len(self.from_ids), dtype=bool)
        return status_at_cutoff(self._closest(), cutoff=self.checked(cutoff), off=nowhere, supply=self._supply)

    def checked(self, cutoff: float) -> float:
        """Return a measure's cutoff, or refuse it where it goes beyond that of these costs."""
        return checked_cutoff(cutoff, highest=self.cutoff)

    def left_out(self) -> dict[str, Any]:
        """Return nothing: a frame of pairs does not say what was left out of it."""
        return {}


AnyCosts = TravelCosts | PairCosts


def held_pairs(costs: AnyCosts | pd.DataFrame) -> Any:
    """Return the pairs of travel costs for questions that go through them many times: searched or checked once."""
    asked = as_travel_costs(costs, None)
    return asked if isinstance(asked, PairCosts) else PairCosts.of(asked)


def as_travel_costs(
    costs: AnyCosts | pd.DataFrame,
    origins: pd.Index[Any] | None,
    destinations: pd.Index[Any] | None = None,
) -> AnyCosts:
    """Return an object that answers what a measure asks.

    Its ``_blocks(limit)`` gives every pair with a cost up to the limit (closed, in the unit of the costs; None for
    all there are) once, as positions of origins, positions of destinations and costs, some millions at a time.

    Raises
    ------
    InputError
        When the frame is not one of pairs, or other ids are given than those that are known already.
    """
    if isinstance(costs, TravelCosts | PairCosts):
        for name, given, known in (
            ("origins", origins, costs.from_ids),
            ("destinations", destinations, costs.to_ids),
        ):
            if given is not None and not pd.Index(given).equals(known):
                raise InputError(
                    name,
                    "they differ from those of the travel costs",
                    f"Leave them out: these travel costs know their {name}.",
                )
        return costs
    if isinstance(costs, pd.DataFrame):
        return PairCosts(costs, origins, destinations)
    raise InputError(
        "costs",
        f"it is {a_kind(costs)} of {type(costs).__module__.partition('.')[0]}",
        "Give what Network.travel_costs or sj.access.costs(table, unit=…) returns, or a frame with from_id, to_id and "
        "travel_cost.",
    )


def column_of(values: Any, costs: Any, name: str, side: Side = "destinations") -> Any:
    """Return the column of the origins or destinations that is named; what is no name is returned as it is.

    Raises
    ------
    InputError
        When the costs know no such column.
    """
    if not isinstance(values, str):
        return values
    layer = getattr(costs, "_layers", {}).get(side)
    if layer is None or not layer.shape[1]:
        raise InputError(
            name,
            f"it is “{values}”, and these travel costs know no columns of their {side}",
            f"Give a Series on the ids, or the {side} as a frame where the costs are made, for example "
            f"sj.access.costs(table, {side}=frame).",
        )
    if values not in layer.columns:
        there = ", ".join(map(str, layer.columns))
        meant = did_you_mean(values, map(str, layer.columns), f"choose one of {there}")
        raise InputError(name, f"the {side} have no column “{values}”", meant[0].upper() + meant[1:])
    return layer[values]


def opportunities_in_order(opportunities: pd.Series[Any] | None, costs: AnyCosts) -> tuple[Floats | None, int]:
    """Return the opportunities in the order of the destinations, and how many lie at no destination."""
    return (None, 0) if opportunities is None else in_order_of_costs(opportunities, costs, "opportunities")


def in_order_of_costs(
    values: pd.Series[Any], costs: AnyCosts, name: str, *, side: Side = "destinations"
) -> tuple[Floats, int]:
    """Return a Series in the order of one side of the costs, and how many of its ids are not there.

    Raises
    ------
    InputError
        When an id of that side has none, or a value is negative or not a number.
    """
    ids = costs.to_ids if side == "destinations" else costs.from_ids
    several: Any = values
    if isinstance(several, pd.DataFrame):
        found = f"it is a frame with {several.shape[1]} columns"
        advice = f'Give one column, or measure all of them: sj.access.sweep(measure, costs, over={{"{name}": frame}}).'
        raise InputError(name, found, advice)
    if not isinstance(values, pd.Series):
        raise InputError(name, f"it is {a_kind(values)}", "Give a Series on the ids.")
    require_one_level(values.index, name)
    if not values.index.is_unique:
        twice = values.index[values.index.duplicated()].unique()
        raise DuplicateIdError(name, "ids occur more than once", "Give every id once.", rows=twice)
    absent = ids.difference(values.index, sort=False)
    if len(absent):
        raise InputError(
            name,
            f"{len(absent):,} {side} have no value",
            f"Give one on the id of each of the {side}, 0 where there is nothing."
            f"{differ_by_zeros(absent, values.index)}",
            rows=absent,
        )
    given = as_floats(values, name)
    wrong = ~(given >= 0) | np.isinf(given)
    if wrong.any():
        raise InputError(
            name,
            f"{int(wrong.sum()):,} are negative, missing or infinite",
            f"Give how much there is at each of the {side}, 0 or more.",
            rows=values.index[wrong],
        )
    return given[values.index.get_indexer(ids)], int(len(given) - len(ids))


@kernel
def add_weighted_values(
    to: NDArray[np.int32], of: NDArray[np.int32], weights: Floats, power: int, values: Floats, total: Floats
) -> None:
    """Add weights, to the power of 1 or 2, times the values at one end of each pair to the totals at its other end.

    In the order of the pairs, so that the same pairs give the same bits.
    """
    for row in range(to.size):
        value = values[of[row]]
        if value != 0:
            weight = weights[row]
            total[to[row]] += value * (weight if power == 1 else weight * weight)


def as_measure(values: Floats, costs: AnyCosts, name: str, *, side: Side = "origins", **attrs: Any) -> pd.Series[Any]:
    """Put a measure on the index of one side, the origins' or the destinations', and say in ``attrs`` what it is."""
    if side == "origins" and isinstance(costs, TravelCosts) and costs._outside.any() and name != "status":  # noqa: SLF001
        # What people reach of whom the data do not tell is unknown, not nothing.
        values = np.where(costs._outside, np.nan, values)  # noqa: SLF001
    result = pd.Series(values, index=costs.from_ids if side == "origins" else costs.to_ids, name=name)
    left_out = {**costs.left_out(), **attrs.pop("left_out", {})}
    result.attrs.update({"measure": name, **attrs, "left_out": left_out})
    result.attrs["sources"] = Carried([record.as_dict() for record in costs.sources])
    result.attrs["findings"] = Carried([finding.as_dict() for finding in costs.findings])
    return result


def _plain_ids(listed: Any) -> pd.Index[Any]:
    """Return ids as an index of the values themselves, also where the table keeps them as categories."""
    ids: pd.Index[Any] = pd.Index(listed)
    return pd.Index(ids.categories[ids.codes]) if isinstance(ids, pd.CategoricalIndex) else ids


def _ids_of_side(listed: pd.Index[Any], given: pd.Index[Any] | None, name: Side) -> pd.Index[Any]:
    """Return all ids of one side: those given, which must hold those of the pairs, or those of the pairs."""
    if isinstance(given, pd.MultiIndex):
        require_one_level(given, name)
    if given is None:
        return listed
    ids: pd.Index[Any] = pd.Index(given)
    if not ids.is_unique:
        twice = ids[ids.duplicated()].unique()
        raise DuplicateIdError(name, "ids occur more than once", "Give every id once.", rows=twice)
    unknown = listed.difference(ids, sort=False)
    if len(unknown):
        raise InputError(
            name,
            f"{len(unknown):,} {name} of the travel costs are not among them",
            f"Give all {name}, also those without any pair.{differ_by_zeros(unknown, ids)}",
            rows=unknown,
        )
    return ids


def _any_twice(origin: NDArray[np.int64], destination: NDArray[np.int64], sites: int) -> bool:
    """Tell whether a pair comes more than once: at once where pairs are in order, else by one sort."""
    key = origin * sites + destination
    if (key[1:] > key[:-1]).all():
        return False
    key.sort()
    return bool((key[1:] == key[:-1]).any())


def _check_pairs(
    pairs: pd.DataFrame, cost: Floats, places: tuple[NDArray[np.int64], NDArray[np.int64]], sites: int
) -> None:
    wrong = ~(cost >= 0)
    if wrong.any():
        raise InputError(
            "travel costs",
            f"{int(wrong.sum()):,} costs are negative or not a number",
            "Leave out pairs without a connection, or give them an infinite cost; sj.access.costs(table, unit=…) takes "
            "missing costs, and marks that you name, for no way.",
            rows=pairs.index[wrong],
        )
    missing = (places[0] < 0) | (places[1] < 0)
    if missing.any():
        raise InputError(
            "travel costs", f"{int(missing.sum()):,} pairs lack an id", "Fill them.", rows=pairs.index[missing]
        )
    if _any_twice(*places, sites):
        twice = pairs.duplicated(["from_id", "to_id"])
        raise DuplicateIdError(
            "travel costs",
            f"{int(twice.sum()):,} pairs are listed more than once",
            "Keep one cost of each pair, for example the median over departures, "
            'table.groupby(["from_id", "to_id"])["travel_cost"].median(), which sj.access.costs takes as it is.',
            rows=pairs.index[twice],
        )
