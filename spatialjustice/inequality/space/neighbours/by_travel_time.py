"""Which zones are neighbours because people can travel between them within a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import DuplicateIdError, InputError, a_kind, listed
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import checked_travel_costs as costs_of
from spatialjustice._core.numbers.checks import findings_of_costs
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, checked_choice, refuse_rows
from spatialjustice.inequality.space.neighbours.links import Links, without_neighbours

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

Direction = Literal["both", "either", "as is"]
DIRECTIONS = {
    "both": "the way there and the way back each cost",
    "either": "the way there or the way back costs",
    "as is": "the way there costs",
}

DECAYS = ("binary", "inverse")

COSTS = ("travel_cost", "travel_time")
"""Columns that may hold the cost of a pair, the first that is there."""


def travel_time_band(
    costs: Any,
    *,
    cutoff: float,
    zones: gpd.GeoDataFrame | pd.DataFrame | pd.Series[Any] | pd.Index[Any],
    direction: Direction = "both",
    decay: Literal["binary", "inverse"] | Callable[[Any], Any] = "binary",
) -> Graph:
    """Find the zones that people can travel between within a time, along streets instead of straight lines.

    A river or a motorway makes zones that touch each other strangers; a metro makes distant ones neighbours.

    Parameters
    ----------
    costs
        Travel costs from zone to zone: a table with ``from_id``, ``to_id`` (columns or index) and ``travel_cost`` or
        ``travel_time``, or an object whose ``to_frame()`` gives one, such as the answer of ``Network.travel_costs``.
        Pairs that are not listed cannot be travelled. Pairs of a zone with itself are passed over.
    cutoff
        The highest cost of a neighbour, itself included, in the unit of the costs: minutes, unless the table's
        ``attrs["unit"]`` says ``metres``.
    zones
        All zones, those without any travel cost too: a layer, a Series or an index with their ids.
    direction
        Which way counts where there and back differ (one-way streets, slopes, timetables). ``"both"``: both ways must
        keep to the cutoff, and the slower one counts. ``"either"``: one of them, and the quicker one counts. ``"as
        is"``: the neighbours of a zone are those that can be reached from it, and links may go one way only.
    decay
        Weight of a link. ``"binary"``: 1. ``"inverse"``: 1 / cost. Or a function that turns an array of costs into
        weights of 0 or more, such as those of ``access.decay``; a weight of 0 is no link.

    Returns
    -------
    libpysal.graph.Graph
        On the ids of the zones, in their order. ``findings`` states the rule and its unit, and names zones without a
        neighbour and, apart from them, zones that the travel costs do not hold at all.

    Raises
    ------
    InputError
        When the table lacks a column or holds ids that are no zone's, pairs listed twice, or costs that are negative or
        not a number; when it was searched only up to a lower cutoff; when no pair is listed both ways though both
        count; when a weight is negative or infinite; or when the cutoff is not above 0.

    Examples
    --------
    From a to b it takes 8 minutes, back 12, because of a slope; c is 30 minutes from both, and nobody can get to d:

    >>> import pandas as pd
    >>> minutes = [8, 12, 30, 30, 30, 30]
    >>> pairs = pd.DataFrame({"from_id": list("abacbc"), "to_id": list("bacacb"), "travel_time": minutes})
    >>> zones = pd.Index(list("abcd"))
    >>> travel_time_band(pairs, cutoff=12, zones=zones)["a"].to_dict()
    {'b': 1.0}
    >>> travel_time_band(pairs, cutoff=10, zones=zones).isolates.tolist()
    ['a', 'b', 'c', 'd']
    >>> travel_time_band(pairs, cutoff=10, zones=zones, direction="as is", decay="inverse")["a"].to_dict()
    {'b': 0.125}
    """
    return links_by_travel_time(costs, cutoff=cutoff, zones=zones, direction=direction, decay=decay).graph()


def links_by_travel_time(
    costs: Any,
    *,
    cutoff: float,
    zones: gpd.GeoDataFrame | pd.DataFrame | pd.Series[Any] | pd.Index[Any],
    direction: Direction = "both",
    decay: Literal["binary", "inverse"] | Callable[[Any], Any] = "binary",
) -> Links:
    """Find what :func:`travel_time_band` finds."""
    limit = _cutoff(cutoff)
    checked_choice(direction, tuple(DIRECTIONS), "direction")
    if not callable(decay):
        checked_choice(decay, DECAYS, "decay")
    if not isinstance(zones, pd.Index | pd.Series | pd.DataFrame):
        raise InputError("zones", f"they are {a_kind(zones)}", "Give the layer of zones, or an index of their ids.")
    ids = zones if isinstance(zones, pd.Index) else zones.index
    require_ids(pd.Series(0, index=ids), "zones")
    pairs = _pairs(costs, ids)
    if pairs.searched is not None and pairs.searched < limit:
        raise InputError(
            "cutoff",
            f"it is {limit:g}, but the travel costs were searched only up to {pairs.searched:g}",
            "Ask for travel costs with a cutoff at least as high.",
        )
    one, two, cost = _within(pairs, limit, direction, len(ids))
    weight = _decayed(cost, decay, ids, one, two)
    there = weight > 0
    links = Links(ids, one[there], two[there], weight[there])
    links.sources = tuple(sources_of(pairs.table, zones))
    findings = [*findings_of(pairs.table, zones), *_findings_of_links(pairs, limit, direction, ids)]
    if len(links.isolates):
        findings.append(without_neighbours(links.isolates, advice="Raise the cutoff, or join them with nearest."))
    links.findings = tuple(dict.fromkeys(findings))
    return links


class _Pairs(NamedTuple):
    """A checked table of travel costs: origins and destinations as positions among the zones."""

    table: pd.DataFrame
    one: Integers
    two: Integers
    cost: Floats
    unit: str
    searched: float | None


def _cutoff(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
        raise InputError("cutoff", f"it is {value!r}", "Give a cost above 0, in the unit of the travel costs.")
    return float(value)


def _pairs(costs: Any, ids: pd.Index[Any]) -> _Pairs:
    table = costs if isinstance(costs, pd.DataFrame) or not hasattr(costs, "to_frame") else costs.to_frame()
    if not isinstance(table, pd.DataFrame):
        raise InputError("costs", f"they are {a_kind(costs)}", "Give a table with from_id, to_id and travel_cost.")
    attrs = table.attrs
    if {"from_id", "to_id"} <= {name for name in table.index.names if name is not None}:
        table = table.reset_index()
    column = next((name for name in COSTS if name in table.columns), None)
    if column is None or not {"from_id", "to_id"} <= set(table.columns):
        raise InputError(
            "costs",
            f"the columns are {', '.join(map(str, table.columns))}",
            "Give from_id, to_id and travel_cost or travel_time.",
        )
    # A copy, because what is said of the costs belongs to this answer and not to the user's table.
    table = table.copy(deep=False)
    table.attrs = dict(attrs)
    cost = costs_of(table[column], "costs", unit=attrs.get("unit")) if len(table) else np.empty(0)
    advice = "Leave out pairs without a connection, or give them an infinite cost."
    refuse_rows(~(cost >= 0), table.index, "costs", "costs are negative or not a number, in the rows", advice)
    add_findings(table, *findings_of_costs(table[column], cost))
    ends = [ids.get_indexer(pd.Index(table[name])) for name in ("from_id", "to_id")]
    unknown = pd.unique(pd.concat([table[name][end < 0] for name, end in zip(("from_id", "to_id"), ends, strict=True)]))
    if len(unknown):
        raise InputError(
            "costs", f"{len(unknown):,} ids are no zone's", "Give all zones, under the same ids.", rows=unknown
        )
    twice = table.duplicated(["from_id", "to_id"]).to_numpy()
    if twice.any():
        raise DuplicateIdError(
            "costs",
            f"{int(twice.sum()):,} pairs are listed more than once, in the rows",
            "Keep one cost of each pair, for example the median over departures.",
            rows=table.index[twice],
        )
    one, two = (end.astype(np.int64) for end in ends)
    return _Pairs(table, one, two, cost, str(attrs.get("unit", "minutes")), attrs.get("cutoff"))


def _within(pairs: _Pairs, limit: float, direction: Direction, count: int) -> tuple[Integers, Integers, Floats]:
    """Return the links within the limit and what each costs, there and back taken together as asked."""
    others = pairs.one != pairs.two
    one, two, cost = pairs.one[others], pairs.two[others], pairs.cost[others]
    if direction == "as is":
        near = cost <= limit
        return one[near], two[near], cost[near]
    if not len(one):
        return one, two, cost
    links = np.unique(np.concatenate([one * count + two, two * count + one]))
    order = np.argsort(one * count + two)
    forth, cost = (one * count + two)[order], cost[order]
    one, two = np.divmod(links, count)

    def found(wanted: Integers) -> Floats:
        place = np.minimum(np.searchsorted(forth, wanted), len(forth) - 1)
        return np.where(forth[place] == wanted, cost[place], np.inf)

    there, back = found(links), found(two * count + one)
    if direction == "both" and not (np.isfinite(there) & np.isfinite(back)).any():
        raise InputError(
            "costs",
            "no pair of zones is listed in both directions",
            "If the table holds each pair once because there and back cost the same, choose direction='either'.",
        )
    together = np.maximum(there, back) if direction == "both" else np.minimum(there, back)
    near = together <= limit
    return one[near], two[near], together[near]


def _decayed(
    cost: Floats, decay: str | Callable[[Any], Any], ids: pd.Index[Any], one: Integers, two: Integers
) -> Floats:
    if decay == "binary":
        return np.ones(len(cost))
    if callable(decay):
        weight = np.asarray(decay(cost), dtype=np.float64)
        if weight.shape != cost.shape:
            raise InputError("decay", f"it gives {weight.size:,} weights for {cost.size:,} costs", "Give one for each.")
    else:
        weight = np.divide(1.0, cost, out=np.full(len(cost), np.inf), where=cost > 0)
    wrong = ~(np.isfinite(weight) & (weight >= 0))
    if wrong.any():
        raise InputError(
            "decay",
            f"{int(wrong.sum()):,} weights are negative or infinite, the first from {ids[one[wrong][0]]} to "
            f"{ids[two[wrong][0]]} at a cost of {cost[wrong][0]:g}",
            "Zones on one spot have no inverse: use decay='binary', or a function that is finite at 0.",
            rows=ids[np.unique(one[wrong])],
        )
    return weight


def _findings_of_links(pairs: _Pairs, limit: float, direction: Direction, ids: pd.Index[Any]) -> list[Finding]:
    """State the rule, and name the zones that the travel costs do not know."""
    told = [
        Finding(
            "neighbours_by_travel_cost",
            "information",
            f"Zones are neighbours where {DIRECTIONS[direction]} at most {limit:g} {pairs.unit}.",
        )
    ]
    absent = np.setdiff1d(np.arange(len(ids)), np.concatenate([pairs.one, pairs.two]))
    if len(absent):
        told.append(
            Finding(
                "zones_without_travel_costs",
                "warning",
                f"{len(absent):,} zones are in no pair of the travel costs ({listed(ids[absent])}) and have no "
                "neighbour.",
                count=len(absent),
                advice="They may lie off the streets: look at the audit of the travel costs.",
            )
        )
    return told
