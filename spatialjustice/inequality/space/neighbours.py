"""Who is whose neighbour: ``libpysal.graph.Graph`` on the ids of a layer.

Links have the weight 1, unless a decay with travel time is asked for; the statistics divide by the sum of a zone's
weights themselves. A zone without neighbours is kept in the graph and told in ``graph.findings``. Distances are
measured in metres, with an error of at most 0.5 %: a layer in longitude and latitude, in another unit, or in a CRS that
stretches lengths where it lies, is projected first. Over countries no projection holds, and distances are measured on
the ellipsoid (finding ``measured_on_ellipsoid``); a layer may lie across the 180th meridian or on a pole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import shapely
from libpysal.graph import Graph
from scipy.spatial import KDTree

from spatialjustice._core.errors import DuplicateIdError, InputError, listed
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import require_crs, require_geometry, require_ids
from spatialjustice._core.ground.metres import Metres, arc, centres, local_stretch, metres_of, pairs_within
from spatialjustice._core.numbers.checks import told_of_costs
from spatialjustice._core.numbers.checks import travel_costs as costs_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, one_of, refuse, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

POLYGONS = {"Polygon", "MultiPolygon"}

CORNER = 4.0
"""A common border must be longer than this many tolerances: two right-angled corners that touch share two."""

MICROMETRE = 1e-6
"""Distances in projected coordinates that differ by less are equally long."""

Direction = Literal["both", "either", "as is"]
DIRECTIONS = {
    "both": "the way there and the way back each cost",
    "either": "the way there or the way back costs",
    "as is": "the way there costs",
}

DECAYS = ("binary", "inverse")

COSTS = ("travel_cost", "travel_time")
"""Columns that may hold the cost of a pair, the first that is there."""

MISMATCH = (
    "Where they only seem to lie apart because borders do not match, give contiguity a tolerance in metres; true "
    "islands can be joined with nearest or distance_band."
)


def contiguity(zones: gpd.GeoDataFrame, *, tolerance: float = 0.0, rook: bool = False) -> Graph:
    """Find the zones that lie next to each other.

    Two zones are neighbours where they touch or overlap, be it in one point (queen) or, with ``rook``, along a border.
    Borders drawn twice rarely match: with a tolerance, zones no farther apart than this count as touching.

    Parameters
    ----------
    zones
        Polygons with unique ids, in any CRS that is declared.
    tolerance
        Metres between zones that still touch; a gap of exactly this width counts. 0 asks whether the shapes touch just
        as they are drawn; nothing is measured then, and the layer is not projected, because projecting can pull apart
        borders whose corners do not match.
    rook
        Leave out zones that meet in corners only: the common border must have a length, and with a tolerance more than
        four times the tolerance must lie within the tolerance of the other zone, seen from either side.

    Returns
    -------
    libpysal.graph.Graph
        On the ids of the zones, in their order, with symmetric links of weight 1. ``findings`` names zones without a
        neighbour.

    Raises
    ------
    InputError
        When the layer has no CRS, repeated ids, shapes that cannot be used, or the tolerance is negative.

    Examples
    --------
    Two squares a hand's breadth apart:

    >>> import geopandas as gpd, shapely
    >>> zones = gpd.GeoDataFrame(index=["a", "b"], geometry=[shapely.box(0, 0, 9, 9), shapely.box(9.1, 0, 18, 9)],
    ...                          crs=32639)
    >>> contiguity(zones).isolates.tolist()
    ['a', 'b']
    >>> contiguity(zones, tolerance=0.5)["a"].index.tolist()
    ['b']
    """
    wide = _metres(tolerance, "tolerance")
    require_ids(zones, "zones")
    require_crs(zones, "zones")
    require_geometry(zones, "zones", kinds=POLYGONS)
    metres = metres_of(zones) if wide else None
    layer = zones if metres is None else zones.to_crs(metres.crs)
    shapes = np.asarray(layer.geometry.array)
    if metres is None:
        one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    else:
        one, two = pairs_within(shapes, metres, wide + MICROMETRE)
    once = one < two
    one, two = one[once], two[once]
    if rook:
        reach = np.zeros(len(one)) if metres is None else wide * local_stretch(shapes[one], metres)
        along = _share_a_border(shapes[one], shapes[two], reach)
        one, two = one[along], two[along]
    return _graph(zones, np.concatenate([one, two]), np.concatenate([two, one]), metres)


def nearest(zones: gpd.GeoDataFrame, *, k: int) -> Graph:
    """Find the k zones that are nearest to each zone.

    Parameters
    ----------
    zones
        Shapes or points with unique ids, in any CRS that is declared.
    k
        Number of neighbours of every zone, from 1 to one less than there are zones.

    Returns
    -------
    libpysal.graph.Graph
        On the ids of the zones, in their order, with links of weight 1. Distances are straight lines between centroids.
        A may be among the nearest of B without B being among those of A. Where equally near zones compete for the last
        places, those that come first in the layer are taken; ``findings`` counts the zones where that happened.

    Raises
    ------
    InputError
        When the layer has no CRS, repeated ids, shapes that cannot be used, or ``k`` is out of range.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoDataFrame(index=["a", "b", "c"], geometry=gpd.points_from_xy([0, 10, 30], [0, 0, 0]), crs=32639)
    >>> nearest(points, k=1)["c"].index.tolist()
    ['b']
    """
    wanted = whole(k, "k", least=1)
    points, metres = _centroids(zones)
    if wanted >= len(points):
        raise InputError("k", f"it is {wanted:,} for {len(points):,} zones", "Ask for fewer neighbours than zones.")
    tree = KDTree(points)
    reach = tree.query(points, k=[wanted + 1])[0][:, 0]
    # All within the distance of the last place, so that a tie is seen and settled by rule rather than by the search.
    near = tree.query_ball_point(points, reach + MICROMETRE, return_sorted=True)
    sizes = np.array([len(part) for part in near])
    one = np.repeat(np.arange(len(points)), sizes)
    two = np.concatenate(near).astype(np.int64)
    other = one != two
    one, two = one[other], two[other]
    length = np.linalg.norm(points[one] - points[two], axis=1)
    tied = np.abs(length - reach[one]) <= MICROMETRE
    order = np.lexsort([two, np.where(tied, reach[one], length), one])
    one, two = one[order], two[order]
    starts = np.concatenate([[0], np.cumsum(sizes - 1)[:-1]])
    taken = np.arange(len(one)) - np.repeat(starts, sizes - 1) < wanted
    graph = _graph(zones, one[taken], two[taken], metres)
    undecided = np.flatnonzero(sizes - 1 > wanted)
    if len(undecided):
        graph.findings = (
            *graph.findings,
            Finding(
                "equally_near_zones",
                "information",
                f"{len(undecided):,} zones have several zones at the distance of their last neighbour "
                f"({listed(zones.index[undecided])}); those that come first in the layer were taken.",
                count=len(undecided),
                advice="A distance band or contiguity does not have to choose.",
            ),
        )
    return graph


def distance_band(zones: gpd.GeoDataFrame, *, cutoff: float) -> Graph:
    """Find the zones that lie within a distance of each other.

    Parameters
    ----------
    zones
        Shapes or points with unique ids, in any CRS that is declared.
    cutoff
        Metres in a straight line between centroids; zones exactly this far apart are neighbours.

    Returns
    -------
    libpysal.graph.Graph
        On the ids of the zones, in their order, with symmetric links of weight 1. ``findings`` names zones without a
        neighbour.

    Raises
    ------
    InputError
        When the layer has no CRS, repeated ids, shapes that cannot be used, or the cutoff is not above 0.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoDataFrame(index=["a", "b", "c"], geometry=gpd.points_from_xy([0, 10, 30], [0, 0, 0]), crs=32639)
    >>> distance_band(points, cutoff=10).isolates.tolist()
    ['c']
    """
    limit = _metres(cutoff, "cutoff")
    if limit == 0:
        raise InputError("cutoff", "it is 0", "Give a distance in metres above 0.")
    points, metres = _centroids(zones)
    # A straight line through the ground is shorter than the way along it, never longer.
    pairs = KDTree(points).query_pairs(limit + MICROMETRE, output_type="ndarray").astype(np.int64)
    one, two = pairs[:, 0], pairs[:, 1]
    if not metres.holds:
        near = arc(np.linalg.norm(points[one] - points[two], axis=1)) <= limit + MICROMETRE
        one, two = one[near], two[near]
    return _graph(zones, np.concatenate([one, two]), np.concatenate([two, one]), metres)


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
    limit = _cutoff(cutoff)
    one_of(direction, tuple(DIRECTIONS), "direction")
    if not callable(decay):
        one_of(decay, DECAYS, "decay")
    if not isinstance(zones, pd.Index | pd.Series | pd.DataFrame):
        raise InputError(
            "zones", f"they are a {type(zones).__name__}", "Give the layer of zones, or an index of their ids."
        )
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
    graph, alone = _linked(ids, one[there], two[there], weight[there])
    graph.sources = tuple(sources_of(pairs.table, zones))
    findings = [*findings_of(pairs.table, zones), *_findings_of_links(pairs, limit, direction, ids)]
    if len(alone):
        findings.append(without_neighbours(alone, advice="Raise the cutoff, or join them with nearest."))
    graph.findings = tuple(dict.fromkeys(findings))
    return graph


def without_neighbours(ids: pd.Index[Any], consequence: str = "", *, advice: str = MISMATCH) -> Finding:
    """Return the finding that names zones without a neighbour."""
    return Finding(
        "zones_without_neighbours",
        "warning",
        f"{len(ids):,} zones have no neighbour ({listed(ids)}){consequence}.",
        count=len(ids),
        advice=advice,
    )


def _metres(value: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < np.inf:
        raise InputError(name, f"it is {value!r}", "Give a distance in metres, 0 or more.")
    return float(value)


def _centroids(zones: gpd.GeoDataFrame) -> tuple[Floats, Metres]:
    """Return centroids in a CRS that holds (two columns) or, where none does, on the ellipsoid (three), and which."""
    require_ids(zones, "zones")
    require_crs(zones, "zones")
    require_geometry(zones, "zones")
    metres = metres_of(zones)
    if not metres.holds:
        return centres(zones), metres
    return shapely.get_coordinates(shapely.centroid(np.asarray(zones.to_crs(metres.crs).geometry.array))), metres


def _share_a_border(one: NDArray[Any], two: NDArray[Any], tolerance: Floats) -> NDArray[np.bool_]:
    """Whether pairs of shapes meet in more than a point, within each pair's tolerance; shapes that overlap do."""
    if not tolerance.any():
        common = shapely.intersection(one, two)
        return np.asarray((shapely.length(common) > 0) | (shapely.area(common) > 0))
    long_enough = np.ones(len(one), dtype=bool)
    for shape, other in ((one, two), (two, one)):
        border = shapely.intersection(shapely.boundary(shape), shapely.buffer(other, tolerance, quad_segs=16))
        long_enough &= np.asarray(shapely.length(border) > CORNER * tolerance)
    return long_enough


def _graph(zones: gpd.GeoDataFrame, one: Integers, two: Integers, metres: Metres | None) -> Graph:
    """Make the graph of links from ``one`` to ``two`` (positions), with its findings and sources."""
    graph, alone = _linked(zones.index, one, two, np.ones(len(one)))
    graph.sources = tuple(sources_of(zones))
    graph.findings = (*findings_of(zones), *(metres.findings if metres is not None else ()))
    if len(alone):
        graph.findings = (*graph.findings, without_neighbours(alone))
    return graph


def _linked(ids: pd.Index[Any], one: Integers, two: Integers, weight: Floats) -> tuple[Graph, pd.Index[Any]]:
    """Make the graph of links from ``one`` to ``two`` (positions), and name the zones without a link of their own."""
    alone = np.setdiff1d(np.arange(len(ids)), one)
    # The graph's own way of keeping a zone without neighbours is a link to itself of weight 0.
    weight = np.concatenate([weight, np.zeros(len(alone))])
    one, two = np.concatenate([one, alone]), np.concatenate([two, alone])
    order = np.lexsort([two, one])
    return Graph.from_arrays(ids[one[order]], ids[two[order]], weight[order]), ids[alone]


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
        raise InputError(
            "costs", f"they are a {type(costs).__name__}", "Give a table with from_id, to_id and travel_cost."
        )
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
    refuse(~(cost >= 0), table.index, "costs", "costs are negative or not a number, in the rows", advice)
    add_findings(table, *told_of_costs(table[column], cost))
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
