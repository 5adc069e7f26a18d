"""Which zones are neighbours because of where they lie: contiguity, nearest zones, distance bands.

Each gives a ``libpysal.graph.Graph`` on the ids of the layer. Links have the weight 1; the statistics divide by the sum
of a zone's weights themselves. A zone without neighbours stays in the graph and is named in ``graph.findings``.
Distances are measured in metres, with an error of at most 0.5 %: a layer in longitude and latitude, in another unit, or
in a CRS that stretches lengths where it lies, is projected first. Over countries no projection holds, and distances are
measured on the ellipsoid (finding ``measured_on_ellipsoid``); a layer may lie across the 180th meridian or on a pole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.spatial import KDTree

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_crs, require_geometry, require_ids
from spatialjustice._core.ground.metres import Metres, centres, length_on_ground, local_stretch, metres_of, pairs_within
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, checked_whole_number
from spatialjustice.inequality.space.neighbours.links import Links, without_neighbours

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
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
    return links_by_contiguity(zones, tolerance=tolerance, rook=rook).graph()


def links_by_contiguity(zones: gpd.GeoDataFrame, *, tolerance: float, rook: bool = False) -> Links:
    """Find what :func:`contiguity` finds."""
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
    return _links(zones, np.concatenate([one, two]), np.concatenate([two, one]), metres)


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
    return links_to_nearest(zones, k=k).graph()


def links_to_nearest(zones: gpd.GeoDataFrame, *, k: int) -> Links:
    """Find what :func:`nearest` finds."""
    wanted = checked_whole_number(k, "k", least=1)
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
    links = _links(zones, one[taken], two[taken], metres)
    undecided = np.flatnonzero(sizes - 1 > wanted)
    if len(undecided):
        links.findings = (
            *links.findings,
            Finding(
                "equally_near_zones",
                "information",
                f"{len(undecided):,} zones have several zones at the distance of their last neighbour "
                f"({listed(zones.index[undecided])}); those that come first in the layer were taken.",
                count=len(undecided),
                advice="A distance band or contiguity does not have to choose.",
            ),
        )
    return links


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
    return links_by_distance(zones, cutoff=cutoff).graph()


def links_by_distance(zones: gpd.GeoDataFrame, *, cutoff: float) -> Links:
    """Find what :func:`distance_band` finds."""
    limit = _metres(cutoff, "cutoff")
    if limit == 0:
        raise InputError("cutoff", "it is 0", "Give a distance in metres above 0.")
    points, metres = _centroids(zones)
    # A straight line through the ground is shorter than the way along it, never longer.
    pairs = KDTree(points).query_pairs(limit + MICROMETRE, output_type="ndarray").astype(np.int64)
    one, two = pairs[:, 0], pairs[:, 1]
    if not metres.holds:
        near = length_on_ground(np.linalg.norm(points[one] - points[two], axis=1)) <= limit + MICROMETRE
        one, two = one[near], two[near]
    return _links(zones, np.concatenate([one, two]), np.concatenate([two, one]), metres)


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


def _links(zones: gpd.GeoDataFrame, one: Integers, two: Integers, metres: Metres | None) -> Links:
    """Make links from ``one`` to ``two`` (positions), with their findings and sources."""
    links = Links(zones.index, one, two, np.ones(len(one)))
    links.sources = tuple(sources_of(zones))
    links.findings = (*findings_of(zones), *(metres.findings if metres is not None else ()))
    if len(links.isolates):
        links.findings = (*links.findings, without_neighbours(links.isolates))
    return links
