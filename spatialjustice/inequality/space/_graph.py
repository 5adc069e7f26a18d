"""Values and neighbours matched by id; what would spoil a statistic is refused or set aside."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, checked_choice, flat_numbers, refuse_rows
from spatialjustice.inequality.space.neighbours.links import is_graph, without_neighbours
from spatialjustice.inequality.space.shuffling.kinds import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from libpysal.graph import Graph
    from numpy.typing import NDArray

Answer = TypeVar("Answer")

Missing = Literal["raise", "own class"]
Style = Literal["W", "B", "C", "S"]
STYLES: dict[str, str] = {
    "W": "row-standardised",
    "B": "of the graph",
    "C": "of the graph, scaled to a mean of 1 for each zone",
    "S": "variance-stabilising",
}
"""Styles of weights under the letters that the field has for them, and what attrs call them."""

MISSING = ("raise", "own class")

FEWEST = 4
"""The variance of Moran's I under randomisation needs more than three values."""

CONSTANT = 1e-12
"""Values that differ from their mean by less than this share of the largest differ by rounding only."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The zones that take part in a statistic.

    They are in the order of their sorted ids, so that neither the order of the rows nor that of the graph changes a
    bit of the result.

    Parameters
    ----------
    index
        Ids of all zones, as the user gave them.
    place
        Position in ``index`` of each zone that takes part.
    scores
        Its value, standardised to a mean of 0 and a variance of 1.
    rows
        Its neighbours with weights that sum to 1; none where only others have it as a neighbour.
    raw
        The same with the weights of the graph.
    no_data
        Whether each zone of ``index`` has no value.
    island
        Whether each zone of ``index`` has a value but no neighbour with a value.
    """

    index: pd.Index[Any]
    place: NDArray[np.int64]
    scores: Floats
    rows: Rows
    raw: Rows
    no_data: NDArray[np.bool_]
    island: NDArray[np.bool_]

    @property
    def has_neighbours(self) -> NDArray[np.bool_]:
        """Whether each zone that takes part has neighbours."""
        return np.asarray(np.diff(self.rows.start) > 0)

    def styled(self, style: Style) -> Rows:
        """Return the neighbours with weights of a style."""
        if style == "W":
            return self.rows
        sizes = np.diff(self.raw.start)
        owner = np.repeat(np.arange(len(sizes)), sizes)
        weight = self.raw.weight
        if style == "S":
            weight = weight / np.sqrt(np.bincount(owner, weight**2, minlength=len(sizes)))[owner]
        if style != "B":
            weight = weight * (len(self.scores) / weight.sum())
        return self.raw._replace(weight=weight)

    def sums(self, style: Style) -> Floats:
        """Return the sum of the weights of each zone in a style."""
        rows = self.styled(style)
        sizes = np.diff(rows.start)
        if style == "W":
            return (sizes > 0).astype(np.float64)
        owner = np.repeat(np.arange(len(sizes)), sizes)
        return np.bincount(owner, rows.weight, minlength=len(sizes)).astype(np.float64)

    def around(self) -> Floats:
        """Return the weighted mean of each zone's neighbours; 0 where it has none."""
        sizes = np.diff(self.rows.start)
        owner = np.repeat(np.arange(len(sizes)), sizes)
        total = np.bincount(owner, self.rows.weight * self.scores[self.rows.neighbour], minlength=len(sizes))
        return total.astype(np.float64)

    def facts(self) -> dict[str, Any]:
        """Return how many zones took part, for ``attrs``."""
        return {
            "weights": "row-standardised",
            "n": len(self.scores),
            "islands": int(self.island.sum()),
            "no_data": int(self.no_data.sum()),
        }

    def findings(self) -> list[Finding]:
        """Return what the reader must know of zones that did not take part."""
        found = []
        if self.no_data.any():
            found.append(
                Finding(
                    "zones_without_value",
                    "warning",
                    f"{int(self.no_data.sum()):,} of {len(self.index):,} zones have no value and took no part, neither "
                    "themselves nor as neighbours.",
                    count=int(self.no_data.sum()),
                )
            )
        if self.island.any():
            found.append(without_neighbours(self.index[self.island], " and no statistic of their own"))
        return found


def neighbourhood(values: pd.Series[Any], neighbours: Graph, *, missing: Missing = "raise") -> Neighbourhood:
    """Match values and neighbours by id, standardise both, and set apart zones that cannot take part.

    A zone takes part when it has a value and is linked with another zone that has one. A zone that is a neighbour of
    others but has none itself (possible in a graph that is not symmetric) takes part in the mean and as a neighbour.

    Raises
    ------
    InputError
        When the ids differ, a value is missing (unless allowed) or infinite, all values are the same, or the graph has
        weights that cannot be used.
    """
    return the_only(neighbourhoods([values], neighbours, missing=missing))


def the_only(found: Sequence[Answer | InputError]) -> Answer:
    """Return the answer that was asked for alone, or raise why there is none."""
    (answer,) = found
    if isinstance(answer, InputError):
        raise answer
    return answer


def neighbourhoods(
    columns: Sequence[pd.Series[Any]], neighbours: Graph, *, missing: Missing = "raise"
) -> list[Neighbourhood | InputError]:
    """Return :func:`neighbourhood` of several things that the same zones have, or why one of them has none.

    Those of which the same zones are known share their links.
    """
    made: list[Neighbourhood | InputError] = []
    shared: dict[bytes, _Linked] = {}
    for values in columns:
        try:
            x = _checked_values(values, neighbours, missing)
            known = ~np.isnan(x)
            # Ids in another order are another question: their links are made for them alone.
            key = known.tobytes() if values.index.equals(columns[0].index) else b""
            links = shared.get(key) or _linked(values.index, neighbours, known)
            if key:
                shared[key] = links
            made.append(Neighbourhood(values.index, scores=_standardised(x[links.place]), **links._asdict()))
        except InputError as error:
            made.append(error)
    return made


def with_same_links(zones: Sequence[Neighbourhood | InputError]) -> list[tuple[list[int], list[Neighbourhood]]]:
    """Return those that share their links together, with their places; what cannot take part is in none."""
    found: dict[int, tuple[list[int], list[Neighbourhood]]] = {}
    for place, one in enumerate(zones):
        if isinstance(one, Neighbourhood):
            places, few = found.setdefault(id(one.rows), ([], []))
            places.append(place)
            few.append(one)
    return list(found.values())


def _checked_values(values: pd.Series[Any], neighbours: Graph, missing: Missing) -> Floats:
    checked_choice(missing, MISSING, "missing")
    if not isinstance(values, pd.Series):
        raise InputError(
            "values", f"they are {a_kind(values)}", "Give a Series with the zones' ids, to be matched by id."
        )
    if not is_graph(neighbours):
        raise InputError(
            "neighbours",
            f"they are {a_kind(neighbours)}",
            "Make a graph with contiguity, nearest or distance_band; for old weights, libpysal.graph.Graph.from_W(w).",
        )
    require_ids(values, "values")
    x = flat_numbers(values, "values")
    refuse_rows(np.isinf(x), values.index, "values", "values are infinite", "Make them missing or replace them.")
    if missing == "raise":
        refuse_rows(
            np.isnan(x),
            values.index,
            "values",
            "values are missing",
            "Fill them in, or set these zones apart, with a class of their own, with missing='own class'.",
        )
    return x


class _Linked(NamedTuple):
    """What a :class:`Neighbourhood` has of links and of zones that are not known, whatever the values."""

    place: NDArray[np.int64]
    rows: Rows
    raw: Rows
    no_data: NDArray[np.bool_]
    island: NDArray[np.bool_]


def _linked(index: pd.Index[Any], neighbours: Graph, known: NDArray[np.bool_]) -> _Linked:
    canonical, one, two, weight = numbered_links(index, neighbours)
    known = known[canonical]
    kept = (weight > 0) & known[one] & known[two]
    one, two, weight = one[kept], two[kept], weight[kept]
    linked = np.zeros(len(known), dtype=bool)
    linked[one] = linked[two] = True
    alone = known.copy()
    alone[one] = False
    number = np.cumsum(linked) - 1
    rows = _row_standardised(number[one], number[two], weight, int(linked.sum()))
    no_data, island = np.zeros(len(known), dtype=bool), np.zeros(len(known), dtype=bool)
    no_data[canonical], island[canonical] = ~known, alone
    raw = rows._replace(weight=weight)
    return _Linked(canonical[linked], rows, raw, no_data, island)


def with_sources_and_findings(result: Any, values: pd.Series[Any], neighbours: Graph, *findings: Finding) -> Any:
    """Attach to a result the sources and findings of what went into it, and its own findings, each once."""
    result.attrs["sources"] = Carried([record.as_dict() for record in sources_of(values, neighbours)])
    # The graph's own finding on zones without neighbours is replaced by the statistic's, which says what followed.
    earlier = [finding for finding in findings_of(values, neighbours) if finding.code != "zones_without_neighbours"]
    result.attrs["findings"] = Carried([finding.as_dict() for finding in dict.fromkeys([*earlier, *findings])])
    return result


def sorted_positions(ids: pd.Index[Any]) -> NDArray[np.int64]:
    try:
        return np.asarray(ids.argsort(), dtype=np.int64)
    except TypeError:
        # Ids of several types have no order of their own; their text has.
        return np.asarray(ids.astype(str).argsort(), dtype=np.int64)


class _Links(NamedTuple):
    """Links of one of the graphs asked for last: its zones' order, and positions and weights in this order."""

    neighbours: weakref.ref[Graph]
    ids: pd.Index[Any]
    found: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Floats]


_last: list[_Links] = []


def numbered_links(
    index: pd.Index[Any], neighbours: Graph
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return the order of sorted ids, and :func:`links_between` in it.

    Statistic after statistic is asked of the same zones, whose ids take longer to look up than a statistic to compute.
    """
    for at, last in enumerate(_last):
        if last.neighbours() is neighbours and (last.ids is index or last.ids.equals(index)):
            _last.insert(0, _last.pop(at))
            return last.found
    canonical = sorted_positions(index)
    found = (canonical, *links_between(index[canonical], neighbours))
    for part in found:
        part.flags.writeable = False
    _last[:] = [_Links(weakref.ref(neighbours), index, found), *_last[:1]]
    return found


def links_between(ids: pd.Index[Any], neighbours: Graph) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return the graph's links as positions among ``ids``, in the order of these, and their weights."""
    strangers = neighbours.unique_ids.symmetric_difference(ids, sort=False)
    if len(strangers):
        raise InputError(
            "neighbours",
            f"{len(strangers):,} ids are not the same as those of the values",
            "Make the neighbours from the very zones that the values belong to. Zones without a value stay in both: "
            "keep them as missing values.",
            rows=strangers,
        )
    links = neighbours.adjacency
    one = ids.get_indexer(links.index.get_level_values("focal"))
    two = ids.get_indexer(links.index.get_level_values("neighbor"))
    weight = links.to_numpy(dtype=np.float64)
    advice = "Make the graph anew with contiguity, nearest or distance_band."
    wrong = ~np.isfinite(weight) | (weight < 0)
    refuse_rows(wrong, ids[one], "neighbours", "weights are negative or infinite, of the zones", advice)
    refuse_rows((one == two) & (weight > 0), ids[one], "neighbours", "zones are neighbours of themselves", advice)
    order = np.lexsort([two, one])
    return one[order], two[order], weight[order]


def _row_standardised(one: NDArray[np.int64], two: NDArray[np.int64], weight: Floats, count: int) -> Rows:
    sums = np.bincount(one, weight, minlength=count)
    start = np.concatenate([[0], np.cumsum(np.bincount(one, minlength=count))]).astype(np.int64)
    return Rows(start, two.astype(np.int64), weight / sums[one])


def _standardised(values: Floats) -> Floats:
    if len(values) < FEWEST:
        raise InputError(
            "values",
            f"{len(values):,} zones have a value and a neighbour",
            f"At least {FEWEST} are needed. Give contiguity a tolerance, or use nearest.",
        )
    # Divided first, so that very large values do not overflow when squared.
    largest = np.abs(values).max() or 1.0
    apart = values / largest
    apart = apart - apart.mean()
    if np.abs(apart).max() <= CONSTANT:
        raise InputError(
            "values",
            "all zones that take part have the same value",
            "Where nothing differs, nothing can cluster. Check that the column is the right one.",
        )
    # A zone exactly at the mean must be neither high nor low through rounding.
    apart[np.abs(apart) <= CONSTANT] = 0.0
    return np.asarray(apart / np.sqrt(np.mean(apart**2)))
