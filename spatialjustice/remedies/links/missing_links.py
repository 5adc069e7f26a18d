"""Which missing piece of street would shorten most ways: every possible one searched, exactly and quickly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import require_crs, require_geometry
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.network.cutoffs import checked_number
from spatialjustice.network.routes.node_costs import edge_costs_of
from spatialjustice.network.snap import destinations_of, origins_of, snap
from spatialjustice.network.streets.slope import node_heights, told_unknown
from spatialjustice.remedies.links.saved import Ways, saved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from spatialjustice.network import Network
    from spatialjustice.network.routes.node_costs import EdgeCosts, Unit

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

OTHER_LEVEL = "streets on another level"
"""What a link is said to cross where it meets a motorway, a tunnel, or a street over or under the ground."""


class _Zones(NamedTuple):
    """Where people start: the two ends of each zone's piece of street, the cost to each, and the cost as it is."""

    ids: pd.Index[Any]
    people: Floats
    node: Integers  # two rows a zone
    zone: Integers
    leg: Floats
    base: Floats


class _Pairs(NamedTuple):
    """Links that could be: the node from which the way is long, the one from which it is short, and metres."""

    far: Integers
    near: Integers
    metres: Floats


def add_links(  # noqa: PLR0913 (what may be built where has many sides; all but three are named)
    network: Network,
    zones: gpd.GeoDataFrame | gpd.GeoSeries,
    places: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    people: pd.Series[Any],
    count: int = 5,
    limit: float = 150.0,
    least: float = 25.0,
    unit: Unit = "metres",
    forbidden: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    barriers: Mapping[str, gpd.GeoDataFrame | gpd.GeoSeries] | None = None,
    elevation: pd.Series[Any] | str | Path | None = None,
    grade: float = 0.12,
    snap_limit: float = 500.0,
) -> gpd.GeoDataFrame:
    r"""Find the missing links of the street network that would shorten most ways to the nearest place.

    A link joins two nodes of the network in a straight line. With the cost d(u) from every node to its nearest place,
    found by one search, a link of length m between u and v helps nobody unless

    .. math:: |d(u) - d(v)| > m

    For each link that is left, the cost of every node x after it is exactly
    :math:`d'(x) = \min(d(x),\; c(x, u) + m + d(v))`, searched backwards from u only as far as ways get shorter. The
    link that saves the people of all zones most, :math:`\sum_i P_i (c_i - c_i')`, is the first; the second is the best
    beside the first, and so on (a greedy choice: the sum of the first few is not proven to be the highest).

    Parameters
    ----------
    network
        Streets of one mode.
    zones
        Where people live: points or areas with unique ids.
    places
        Where they want to go.
    people
        People of each zone, 0 or more.
    count
        How many links, at least 1.
    limit
        The longest link, in metres, itself included.
    least
        What a link must save those at its far end, in ``unit``, for it to be looked at; 0 or more.
    unit
        ``metres`` of way or ``minutes`` at the mode's speed.
    forbidden
        What no link may touch, such as water and buildings; counted in ``attrs["left_out"]``.
    barriers
        What a link may have to cross, by name, such as motorways and railways: it is kept, and ``crosses`` names them.
        Motorways, tunnels and streets on another level that are part of the network are named without being given.
    elevation
        A raster file of heights in metres, as :func:`spatialjustice.network.from_osm` takes it, or a height of each
        node on the ids of the network's nodes, to leave out what is too steep. Where a height is not known, no link is
        left out; the finding ``elevation_unknown`` counts those nodes.
    grade
        The steepest link, rise over run, itself included; only with ``elevation``.
    snap_limit
        How far a zone or place may lie from the nearest street, in metres.

    Returns
    -------
    GeoDataFrame
        A row for each link, best first, on ``order``: node ids ``u`` (far) and ``v`` (near), ``metres`` of link,
        ``gain`` (what it saves a person on average, of all whom some place was in reach of), ``people_gaining``,
        ``largest_gain``, ``people_connected`` (who had no way to any place before), ``mean_before`` and ``mean_after``,
        ``crosses``, ``grade`` (NaN without heights) and the line in the network's CRS. Each gain is told beside the
        links above it. Fewer rows where no further link saves anybody anything. ``attrs["screened"]`` tells how many
        pairs of nodes were near enough, could help, and were searched.

    Raises
    ------
    InputError
        When a number or a layer cannot be used, people and zones do not match, or there is no street.

    Notes
    -----
    A map does not know of walls, private ground or ravines: every link is a place to look at, no more.

    References
    ----------
    Natera Orozco, Battiston, Iñiguez and Szell (2020), Data-driven strategies for optimal bicycle network growth, Royal
    Society Open Science 7: 201130, on small missing links.
    """
    steps, longest = _count(count), checked_number(limit, "limit", positive=True)
    prices = edge_costs_of(network, unit, towards=True)
    smallest = prices.metres(checked_number(least, "least"))
    graph, source = _graph(network, prices, places, snap_limit)
    away = _from_nodes(graph, source)
    started = _zones(network, zones, places, people, away, prices, snap_limit)
    heights, known = _heights(network, elevation)
    pairs, told = _possible(network, longest, forbidden, heights, checked_number(grade, "grade", positive=True))
    rows: list[dict[str, Any]] = []
    base = started.base
    for _ in tqdm(range(steps), desc="links", delay=2, leave=False):
        chosen, searched = _helpful(pairs, away, smallest)
        told.setdefault("could_help", searched)
        best = _best(graph, away, started._replace(base=base), pairs, chosen)
        if best is None:
            break
        graph = _with_link(graph, pairs, best)
        away = _from_nodes(graph, source)
        after = np.minimum(base, _at_zones(started, away))
        rows.append(_row(network, started, pairs, best, base, after, prices))
        base = after
    return _frame(network, rows, pairs, told, started, prices, barriers, heights, (zones, places, *known))


def _count(count: int) -> int:
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise InputError("count", f"it is {count!r}", "Give a whole number, 1 or more.")
    return int(count)


def _graph(
    network: Network, prices: EdgeCosts, places: gpd.GeoDataFrame | gpd.GeoSeries, snap_limit: float
) -> tuple[csr_array, int]:
    """Make the graph searched from places backwards; its last node is all places at once."""
    there = destinations_of(network, places, "places")
    snapped = snap(network, there, limit=snap_limit)
    on = snapped.edge >= 0
    if not on.any():
        raise InputError("places", "none lies at a street", "Nothing can be near them: check the layer or snap_limit.")
    edge, at, leg = snapped.edge[on], snapped.fraction[on], prices.leg * snapped.offset[on]
    u, v = network.edge_u.astype(np.int64), network.edge_v.astype(np.int64)
    source = network.node_id.size
    begin = np.full(edge.size, source)
    with np.errstate(invalid="ignore"):
        to_u = leg + np.where(at > 0, prices.backward[edge] * at, 0.0)
        to_v = leg + np.where(at < 1, prices.forward[edge] * (1 - at), 0.0)
    tail = np.concatenate([u, v, begin, begin])
    head = np.concatenate([v, u, u[edge], v[edge]])
    cost = np.concatenate([prices.forward, prices.backward, to_u, to_v])
    return _cheapest_arcs(tail, head, cost, source + 1), source


def _cheapest_arcs(tail: Integers, head: Integers, cost: Floats, size: int) -> csr_array:
    """Keep the cheapest of the arcs that join the same two nodes, in the order of their ends."""
    order = np.lexsort((cost, head, tail))
    order = order[np.isfinite(cost[order]) & (tail[order] != head[order])]
    key = tail[order] * size + head[order]
    first = np.ones(key.size, dtype=bool)
    first[1:] = key[1:] != key[:-1]
    order = order[first]
    rows = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(tail[order], minlength=size), out=rows[1:])
    return csr_array((cost[order], head[order].astype(np.int32), rows), shape=(size, size))


def _with_link(graph: csr_array, pairs: _Pairs, which: int) -> csr_array:
    one, other, metres = pairs.far[which], pairs.near[which], pairs.metres[which]
    tail = np.concatenate([np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr)), [one, other]])
    head = np.concatenate([graph.indices.astype(np.int64), [other, one]])
    return _cheapest_arcs(tail, head, np.concatenate([graph.data, [metres, metres]]), graph.shape[0])


def _from_nodes(graph: csr_array, source: int) -> Floats:
    """Return what it costs to get from each node to the nearest place."""
    away: Floats = dijkstra(graph, indices=source)[:source]
    return away


def _zones(  # noqa: PLR0917
    network: Network,
    zones: gpd.GeoDataFrame | gpd.GeoSeries,
    places: gpd.GeoDataFrame | gpd.GeoSeries,
    people: pd.Series[Any],
    away: Floats,
    prices: EdgeCosts,
    limit: float,
) -> _Zones:
    """Put zones on the ends of their streets, sorted by id, so that sums do not hang on the order of rows."""
    counted = _people(zones, people)
    order = np.asarray(sorted(range(len(zones)), key=lambda row: str(zones.index[row])), dtype=np.int64)
    there = origins_of(network, zones.iloc[order], "zones")
    snapped = snap(network, there, limit=limit)
    rows = np.flatnonzero(snapped.edge >= 0)
    edge, at, leg = snapped.edge[rows], snapped.fraction[rows], prices.leg * snapped.offset[rows]
    # EdgeCosts are those of the way back: what leads from u to v on the way there costs ``backward`` here.
    with np.errstate(invalid="ignore"):
        to_v = leg + np.where(at < 1, prices.backward[edge] * (1 - at), 0.0)
        to_u = leg + np.where(at > 0, prices.forward[edge] * at, 0.0)
    node = np.concatenate([network.edge_u[edge], network.edge_v[edge]]).astype(np.int64)
    zone, legs = np.concatenate([rows, rows]), np.concatenate([to_u, to_v])
    made = _Zones(there.ids, counted[order], node, zone, legs, np.full(len(zones), np.inf))
    base = _at_zones(made, away)
    costs = network.travel_costs(zones.iloc[order], places, unit=prices.unit, snap_limit=limit)
    closest = prices.metres(1.0) * cost_to_closest(costs).reindex(there.ids).to_numpy(dtype=float)
    # Whose place lies on their own piece of street does not pass its ends.
    shorter = np.nan_to_num(closest, nan=np.inf) < base - 1e-6
    return made._replace(base=np.where(shorter, closest, base))


def _people(zones: gpd.GeoDataFrame | gpd.GeoSeries, people: pd.Series[Any]) -> Floats:
    if not isinstance(people, pd.Series):
        raise InputError("people", f"it is {a_kind(people)}", "Give a Series on the ids of the zones.")
    absent = zones.index.difference(people.index)
    if len(absent) or not people.index.is_unique:
        raise InputError("people", f"{len(absent):,} zones have no number", "Give 0 where nobody lives.", rows=absent)
    counted = as_floats(people.reindex(zones.index), "people")
    wrong = ~(counted >= 0) | np.isinf(counted)
    if wrong.any():
        raise InputError(
            "people", f"{int(wrong.sum()):,} are negative or missing", "Give 0 or more.", rows=zones.index[wrong]
        )
    return counted


def _at_zones(zones: _Zones, away: Floats) -> Floats:
    """Return what it costs each zone by either end of its street."""
    found = np.full(len(zones.ids), np.inf)
    np.minimum.at(found, zones.zone, zones.leg + away[zones.node])
    return found


def _possible(
    network: Network,
    limit: float,
    forbidden: gpd.GeoDataFrame | gpd.GeoSeries | None,
    heights: Floats | None,
    steepest: float,
) -> tuple[_Pairs, dict[str, int]]:
    """List the pairs of nodes that a link could join."""
    ends = np.concatenate([network.edge_u, network.edge_v])
    joined = np.zeros(network.node_id.size, dtype=bool)
    joined[ends[~np.tile(np.asarray(network.apart, dtype=bool), 2)]] = True
    nodes = np.flatnonzero(joined)
    nodes = nodes[np.argsort(network.node_id[nodes], kind="stable")]
    xy = np.column_stack([network.x[nodes], network.y[nodes]])
    near = cKDTree(xy).query_pairs(limit, output_type="ndarray").reshape(-1, 2)
    near = near[np.lexsort((near[:, 1], near[:, 0]))]
    one, other = nodes[near[:, 0]], nodes[near[:, 1]]
    metres = np.hypot(network.x[one] - network.x[other], network.y[one] - network.y[other])
    told = {"near_enough": int(metres.size), "forbidden": 0, "too_steep": 0}
    kept = metres > 0
    if heights is not None:
        steep = kept & (np.abs(heights[one] - heights[other]) > steepest * metres)
        told["too_steep"] = int(steep.sum())
        kept &= ~steep
    if forbidden is not None and len(forbidden):
        require_crs(forbidden, "forbidden")
        require_geometry(forbidden, "forbidden")
        rows = np.flatnonzero(kept)
        tree = shapely.STRtree(np.asarray(forbidden.geometry.to_crs(network.crs).array))
        hit = np.unique(tree.query(_lines(network, one[rows], other[rows]), predicate="intersects")[0])
        told["forbidden"] = int(hit.size)
        kept[rows[hit]] = False
    return _Pairs(one[kept], other[kept], metres[kept]), told


def _heights(network: Network, elevation: Any) -> tuple[Floats | None, tuple[pd.Series[Any], ...]]:
    """Return the height of each node, and the same with what was found and where it is from; None for a flat world."""
    if elevation is None:
        return None, ()
    if isinstance(elevation, str | Path):
        read = node_heights(network, elevation)
        heights: Floats = np.asarray(read, dtype=np.float64)
        return heights, (read,)
    if not isinstance(elevation, pd.Series):
        found = f"it is {a_kind(elevation)}"
        raise InputError("elevation", found, "Give a raster file, or a height on the id of every node.")
    absent = pd.Index(network.node_id).difference(elevation.index)
    if len(absent):
        raise InputError("elevation", f"{len(absent):,} nodes have no height", "Give one for every node.", rows=absent)
    given = pd.Series(as_floats(elevation.reindex(network.node_id), "elevation"), index=network.node_id)
    given.attrs = dict(elevation.attrs)
    known: Floats = np.asarray(given, dtype=np.float64)
    return known, (told_unknown(given),)


def _lines(network: Network, one: Integers, other: Integers) -> NDArray[Any]:
    ends = np.column_stack([network.x[one], network.y[one], network.x[other], network.y[other]])
    lines: NDArray[Any] = np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2)))
    return lines


def _helpful(pairs: _Pairs, away: Floats, least: float) -> tuple[NDArray[np.int64], int]:
    """Return the pairs of which one end is so much farther than the other that a link can help."""
    with np.errstate(invalid="ignore"):
        apart = np.abs(away[pairs.far] - away[pairs.near]) - pairs.metres
    rows = np.flatnonzero((apart > 0) & (apart >= least))  # neither of two ends from which no way leads: NaN
    return rows, int(rows.size)


def _best(graph: csr_array, away: Floats, zones: _Zones, pairs: _Pairs, rows: Integers) -> int | None:
    """Search every helpful link; return the one that saves most, and of equal ones joins most people, is shortest."""
    if not rows.size:
        return None
    far, near = pairs.far[rows], pairs.near[rows]
    turned = away[far] < away[near]
    far, near = np.where(turned, near, far), np.where(turned, far, near)
    gain, joined = saved(_ways(graph, away, zones), far, pairs.metres[rows] + away[near])
    order = np.lexsort((rows, pairs.metres[rows], -np.round(joined, 6), -np.round(gain, 6)))
    top = order[0]
    return None if gain[top] <= 0 and joined[top] <= 0 else int(rows[top])


def _ways(graph: csr_array, away: Floats, zones: _Zones) -> Ways:
    """Lay out what the searches need: the ways that lead to a node, and the zones that leave by it."""
    size = away.size
    order = np.lexsort((zones.zone, zones.node))
    start = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(zones.node, minlength=size), out=start[1:])
    return Ways(
        graph.indptr[: size + 1].astype(np.int64),
        graph.indices.astype(np.int64),
        graph.data,
        away,
        start,
        zones.zone[order],
        zones.leg[order],
        zones.base,
        zones.people,
    )


def _row(  # noqa: PLR0917
    network: Network, zones: _Zones, pairs: _Pairs, which: int, before: Floats, after: Floats, prices: EdgeCosts
) -> dict[str, Any]:
    had, has = np.isfinite(before), np.isfinite(after)
    counted = zones.people * had
    whole = counted.sum()
    change = np.where(had, before - np.where(has, after, 0.0), 0.0)
    gained = (change > 1e-9) & (zones.people > 0)
    mean = [float((np.where(had, one, 0.0) * counted).sum() / whole) if whole else np.nan for one in (before, after)]
    return {
        "which": which,
        "u": int(network.node_id[pairs.far[which]]),
        "v": int(network.node_id[pairs.near[which]]),
        "metres": float(pairs.metres[which]),
        "gain": prices.converted(mean[0] - mean[1]),
        "people_gaining": float(zones.people[gained].sum()),
        "largest_gain": float(prices.converted(change[gained].max())) if gained.any() else 0.0,
        "people_connected": float(zones.people[~had & has].sum()),
        "mean_before": prices.converted(mean[0]),
        "mean_after": prices.converted(mean[1]),
    }


COLUMNS = [
    "u", "v", "metres", "gain", "people_gaining", "largest_gain", "people_connected", "mean_before", "mean_after",
    "crosses", "grade",
]  # fmt: skip


def _frame(  # noqa: PLR0913, PLR0917
    network: Network,
    rows: list[dict[str, Any]],
    pairs: _Pairs,
    told: dict[str, int],
    zones: _Zones,
    prices: EdgeCosts,
    barriers: Mapping[str, gpd.GeoDataFrame | gpd.GeoSeries] | None,
    heights: Floats | None,
    layers: tuple[Any, ...],
) -> gpd.GeoDataFrame:
    which = np.array([row.pop("which") for row in rows], dtype=np.int64)
    lines = _lines(network, pairs.far[which], pairs.near[which])
    index = pd.RangeIndex(1, len(rows) + 1, name="order")
    table = pd.DataFrame(rows, index=index).reindex(columns=COLUMNS)
    table["crosses"] = pd.Series(_crossed(network, lines, barriers or {}), index=index, dtype=object)
    if heights is not None and len(rows):
        table["grade"] = np.abs(heights[pairs.far[which]] - heights[pairs.near[which]]) / pairs.metres[which]
    made = gpd.GeoDataFrame(table, geometry=list(lines), crs=network.crs)
    off = np.ones(len(zones.ids), dtype=bool)
    off[zones.zone] = False
    nowhere = float(zones.people[~np.isfinite(zones.base) & ~off].sum())
    made.attrs = {
        "measure": "add_links",
        "unit": prices.unit,
        "direction": "higher is better",
        "screened": {name: told.get(name, 0) for name in ("near_enough", "could_help")},
        "left_out": {
            "links_forbidden": told["forbidden"],
            "links_too_steep": told["too_steep"],
            "people_off_network": float(zones.people[off].sum()),
            "people_unreachable": nowhere,
        },
        "sources": [record.as_dict() for record in sources_of(network, *layers)],
        "findings": [finding.as_dict() for finding in findings_of(network, *layers)],
    }
    message = (
        "A link is a straight line on the map: whether walls, slopes or private ground lie in between must be seen."
    )
    return add_findings(made, Finding("links_to_look_at", "information", message, count=len(made)))


def _crossed(
    network: Network, lines: NDArray[Any], barriers: Mapping[str, gpd.GeoDataFrame | gpd.GeoSeries]
) -> list[str]:
    """Name for every line what it crosses."""
    names: list[list[str]] = [[] for _ in lines]
    layers: dict[str, NDArray[Any]] = {}
    level = np.asarray(network.apart, dtype=bool)
    if level.any():
        layers[OTHER_LEVEL] = network._segments[level]  # noqa: SLF001
    for name, layer in barriers.items():
        require_crs(layer, name)
        require_geometry(layer, name)
        layers[name] = np.asarray(layer.geometry.to_crs(network.crs).array)
    for name, shapes in layers.items():
        for row in np.unique(shapely.STRtree(shapes).query(lines, predicate="intersects")[0]):
            names[row].append(name)
    return [", ".join(one) for one in names]
