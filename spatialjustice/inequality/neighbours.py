"""Who is whose neighbour: ``libpysal.graph.Graph`` on the ids of a layer.

Links have the weight 1; the statistics divide by the number of neighbours themselves. A zone without neighbours is kept
in the graph and told in ``graph.findings``. Distances are measured in metres: a layer in longitude and latitude, or in
another unit, is projected first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from libpysal.graph import Graph
from scipy.spatial import KDTree

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import metric_crs, require_crs, require_geometry, require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, whole

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

POLYGONS = {"Polygon", "MultiPolygon"}

CORNER = 4.0
"""A common border must be longer than this many tolerances: two right-angled corners that touch share two."""

MICROMETRE = 1e-6
"""Distances in projected coordinates that differ by less are equally long."""


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
    layer = zones.to_crs(metric_crs(zones)) if wide else zones
    shapes = np.asarray(layer.geometry.array)
    tree = shapely.STRtree(shapes)
    if wide:
        one, two = tree.query(shapes, predicate="dwithin", distance=wide + MICROMETRE)
    else:
        one, two = tree.query(shapes, predicate="intersects")
    once = one < two
    one, two = one[once], two[once]
    if rook:
        along = _share_a_border(shapes[one], shapes[two], wide)
        one, two = one[along], two[along]
    return _graph(zones, np.concatenate([one, two]), np.concatenate([two, one]))


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
    points = _centroids(zones)
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
    length = np.hypot(*(points[one] - points[two]).T)
    tied = np.abs(length - reach[one]) <= MICROMETRE
    order = np.lexsort([two, np.where(tied, reach[one], length), one])
    one, two = one[order], two[order]
    starts = np.concatenate([[0], np.cumsum(sizes - 1)[:-1]])
    taken = np.arange(len(one)) - np.repeat(starts, sizes - 1) < wanted
    graph = _graph(zones, one[taken], two[taken])
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


def distance_band(zones: gpd.GeoDataFrame, *, threshold: float) -> Graph:
    """Find the zones that lie within a distance of each other.

    Parameters
    ----------
    zones
        Shapes or points with unique ids, in any CRS that is declared.
    threshold
        Metres in a straight line between centroids; zones exactly this far apart are neighbours.

    Returns
    -------
    libpysal.graph.Graph
        On the ids of the zones, in their order, with symmetric links of weight 1. ``findings`` names zones without a
        neighbour.

    Raises
    ------
    InputError
        When the layer has no CRS, repeated ids, shapes that cannot be used, or the threshold is not above 0.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoDataFrame(index=["a", "b", "c"], geometry=gpd.points_from_xy([0, 10, 30], [0, 0, 0]), crs=32639)
    >>> distance_band(points, threshold=10).isolates.tolist()
    ['c']
    """
    limit = _metres(threshold, "threshold")
    if limit == 0:
        raise InputError("threshold", "it is 0", "Give a distance in metres above 0.")
    points = _centroids(zones)
    pairs = KDTree(points).query_pairs(limit + MICROMETRE, output_type="ndarray").astype(np.int64)
    one, two = pairs[:, 0], pairs[:, 1]
    return _graph(zones, np.concatenate([one, two]), np.concatenate([two, one]))


def without_neighbours(ids: pd.Index[Any], consequence: str = "") -> Finding:
    """Return the finding that names zones without a neighbour."""
    return Finding(
        "zones_without_neighbours",
        "warning",
        f"{len(ids):,} zones have no neighbour ({listed(ids)}){consequence}.",
        count=len(ids),
        advice="Where they only seem to lie apart because borders do not match, give contiguity a tolerance in metres; "
        "true islands can be joined with nearest or distance_band.",
    )


def _metres(value: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < np.inf:
        raise InputError(name, f"it is {value!r}", "Give a distance in metres, 0 or more.")
    return float(value)


def _centroids(zones: gpd.GeoDataFrame) -> Floats:
    require_ids(zones, "zones")
    require_crs(zones, "zones")
    require_geometry(zones, "zones")
    return shapely.get_coordinates(shapely.centroid(np.asarray(zones.to_crs(metric_crs(zones)).geometry.array)))


def _share_a_border(one: NDArray[Any], two: NDArray[Any], tolerance: float) -> NDArray[np.bool_]:
    """Whether pairs of shapes meet in more than a point; shapes that overlap do."""
    if not tolerance:
        common = shapely.intersection(one, two)
        return np.asarray((shapely.length(common) > 0) | (shapely.area(common) > 0))
    long_enough = np.ones(len(one), dtype=bool)
    for shape, other in ((one, two), (two, one)):
        border = shapely.intersection(shapely.boundary(shape), shapely.buffer(other, tolerance, quad_segs=16))
        long_enough &= np.asarray(shapely.length(border) > CORNER * tolerance)
    return long_enough


def _graph(zones: gpd.GeoDataFrame, one: Integers, two: Integers) -> Graph:
    """Make the graph of links from ``one`` to ``two`` (positions), with its findings and sources."""
    alone = np.setdiff1d(np.arange(len(zones)), one)
    # The graph's own way of keeping a zone without neighbours is a link to itself of weight 0.
    weight = np.concatenate([np.ones(len(one)), np.zeros(len(alone))])
    one, two = np.concatenate([one, alone]), np.concatenate([two, alone])
    order = np.lexsort([two, one])
    graph = Graph.from_arrays(zones.index[one[order]], zones.index[two[order]], weight[order])
    graph.sources = tuple(sources_of(zones))
    graph.findings = tuple(findings_of(zones))
    if len(alone):
        graph.findings = (*graph.findings, without_neighbours(zones.index[alone]))
    return graph
