"""How far to trust travel costs: where the data end too near, and what snapping to nodes would have changed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_crs, require_geometry
from spatialjustice.access._cost_tables import as_travel_costs, in_order_of_costs
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.network.cutoffs import checked_number
from spatialjustice.network.routes.node_costs import edge_costs_of
from spatialjustice.network.snap import destinations_of, origins_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.network.costs import TravelCosts
    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.node_costs import Unit

    Floats = NDArray[np.float64]

OFFSETS = (25, 50, 100)
"""Metres off the street by which points are counted."""


def edge_effect(
    network: Network,
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    cutoff: float,
    people: pd.Series[Any] | None = None,
    area: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    near: float = 50.0,
    unit: Unit = "minutes",
    snap_limit: float = 500.0,
) -> pd.DataFrame:
    r"""Find the origins whose catchment leaves the data, so that what lies beyond their edge is missing.

    .. math:: \text{affected}_i = 1[\min_{e} c_{ie} \le c_0], \quad e: \text{exits of the data}

    Exits are the places at which a street crosses the boundary of ``area``, and the nodes that lie outside it or within
    ``near`` metres of its boundary, because a street cut there ends a little before it. An origin that is nearer to the
    boundary than to a street may walk out straight (up to ``snap_limit``). From an origin that is not affected every
    trip within the cutoff stays inside the data: more data would not change what it reaches.

    Parameters
    ----------
    network
        The streets.
    origins
        Where people are, as for :meth:`Network.travel_costs`.
    cutoff
        Of the measure that is audited, in ``unit``, closed.
    people
        People of every origin, on the origins' ids.
    area
        What the data cover, polygons; None for the network's own ``area``. Where the boundary is a coast, let the area
        reach out to the sea, or the streets along the shore count as exits.
    near
        Metres from the boundary within which a node is an exit.
    unit
        ``minutes`` at the mode's speed, or ``metres``.
    snap_limit
        How far off the nearest street an origin may lie, in metres.

    Returns
    -------
    pandas.DataFrame
        On the origins' index: ``cost_to_edge`` in ``unit``, 0 for origins outside the area, NaN where no way leads out
        or the origin is off the network; ``affected``; and ``people`` where given. ``attrs`` hold unit, cutoff,
        ``exits``, ``origins_affected``, ``people_affected`` and ``people_share_affected`` (None without people), what
        was left out, and the finding ``catchments_leave_the_data`` where anyone is affected.

    Raises
    ------
    InputError
        When it is not known what the data cover, or an input cannot be used.

    References
    ----------
    Sadler, Gilliland and Arku (2011), An application of the edge effect in measuring accessibility to multiple food
    retailer types, International Journal of Health Geographics 10: 34.

    Examples
    --------
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95, 24.96], "y": [60.17] * 3}, index=[1, 2, 3])
    >>> ways = pd.DataFrame({"nodes": [[1, 2, 3]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> homes = gpd.GeoSeries.from_xy([24.941, 24.951], [60.17, 60.17], index=["west", "east"], crs=4326)
    >>> data = gpd.GeoSeries([shapely.box(24.93, 60.16, 24.952, 60.18)], crs=4326)
    >>> found = edge_effect(from_frames(nodes, ways), homes, cutoff=5, area=data)
    >>> found["cost_to_edge"].round(2).to_dict(), found["affected"].to_dict()
    ({'west': 7.63, 'east': 0.69}, {'west': False, 'east': True})
    """
    limit = checked_number(cutoff, "cutoff")
    covered = _area_of_data(network, area)
    exits = _streets_leaving_data(network, covered, checked_number(near, "near"))
    costs = network.travel_costs(origins, exits, unit=unit, snap_limit=snap_limit)
    cost = cost_to_closest(costs).to_numpy(dtype=float).copy()
    points = origins_of(network, origins).points
    inside = shapely.covers(covered, points)
    straight = shapely.distance(covered.boundary, points)
    prices = edge_costs_of(network, unit)
    # No street in the data is nearer than the boundary: the nearest one may lie beyond it.
    out = inside & (straight <= np.fmin(costs.origins["offset"].to_numpy(), snap_limit))
    cost[out] = np.fmin(cost[out], prices.converted(prices.leg * straight[out]))
    cost[~inside] = 0.0
    frame = pd.DataFrame({"cost_to_edge": cost, "affected": cost <= limit}, index=origins.index)
    attrs: dict[str, Any] = {"measure": "edge_effect", "unit": unit, "direction": "none", "cutoff": limit}
    attrs["exits"] = len(exits)
    attrs["origins_affected"] = int(frame["affected"].sum())
    counted, elsewhere = _people_in_order(people, costs)
    if counted is not None:
        frame["people"] = counted
    attrs["people_affected"] = None if counted is None else float(counted[frame["affected"]].sum())
    attrs["people_share_affected"] = (
        _share_of_people(counted, frame["affected"].to_numpy()) if counted is not None else None
    )
    return _with_attrs(frame, costs, attrs, elsewhere, _edge_finding(attrs, len(frame)), places=False)


def snap_sensitivity(
    network: Network,
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    destinations: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    cutoff: float,
    people: pd.Series[Any] | None = None,
    unit: Unit = "minutes",
    snap_limit: float = 500.0,
) -> pd.DataFrame:
    """Compare with what the usual shortcut would say: every point moved to the nearest node of the streets.

    Many tools move origins and destinations to the nearest node, wherever it is, and do not count the way there. Here
    points lie on the street itself, the way to it counts, and points too far off are not moved. This shows how much of
    a result hangs on that.

    The difference is :math:`c_i^{nodes} - c_i`, of the costs to the closest destination.

    Parameters
    ----------
    network
        The streets.
    origins, destinations
        As for :meth:`Network.travel_costs`.
    cutoff
        In ``unit``, closed.
    people
        People of every origin, on the origins' ids; None counts every origin as one.
    unit
        ``minutes`` at the mode's speed, or ``metres``.
    snap_limit
        How far off the nearest street a point may lie, in metres; the nodes are taken whatever their distance.

    Returns
    -------
    pandas.DataFrame
        On the origins' index, costs to the closest destination in ``unit``: ``cost``; ``cost_by_nodes``;
        ``difference`` (by nodes less the true one: negative where nodes flatter); ``served`` and ``served_by_nodes``
        (within the cutoff); ``offset`` of the origin from the street and ``moved`` to the node, in metres. NaN where
        no destination can be reached. ``attrs``: ``people_served`` and ``people_served_by_nodes`` (shares),
        ``people_beyond`` and ``destinations_beyond`` (shares with an offset of more than 25, 50 and 100 metres),
        unit, cutoff, what was left out, and the finding ``nodes_would_differ`` where anyone's answer would change.

    Raises
    ------
    InputError
        When an input cannot be used.

    References
    ----------
    What moving points to nodes does is seen in pandana, whose ``Network.get_node_ids`` names the nearest node of every
    point (Foti, Waddell and Luxen, 2012, A generalized computational framework for accessibility, 4th TRB Conference
    on Innovations in Travel Modeling).

    Examples
    --------
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95], "y": [60.17, 60.17]}, index=[1, 2])
    >>> ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> ends = gpd.GeoSeries.from_xy([24.94, 24.95], [60.17, 60.17], index=["west", "east"], crs=4326)
    >>> library = gpd.GeoSeries.from_xy([24.944], [60.17], crs=4326)
    >>> found = snap_sensitivity(from_frames(nodes, ways), ends, library, cutoff=300, unit="metres")
    >>> found[["cost", "cost_by_nodes"]].round().values.tolist()
    [[222.0, 0.0], [333.0, 555.0]]
    >>> found.attrs["people_served"]
    0.5
    """
    limit = checked_number(cutoff, "cutoff")
    costs = network.travel_costs(origins, destinations, unit=unit, snap_limit=snap_limit)
    counted, elsewhere = _people_in_order(people, costs)
    weight = np.ones(len(origins)) if counted is None else counted
    starts, doors = origins_of(network, origins), destinations_of(network, destinations)
    moved_starts, moved = _moved_to_nodes(network, starts.points)
    moved_doors, _ = _moved_to_nodes(network, doors.points)
    by_place = np.searchsorted(doors.place, np.arange(len(destinations) + 1))
    shapes = [shapely.multipoints(moved_doors[low:high]) for low, high in pairwise(by_place)]
    nodes = network.travel_costs(
        gpd.GeoSeries(moved_starts, index=origins.index, crs=network.crs),
        gpd.GeoSeries(shapes, index=destinations.index, crs=network.crs),
        unit=unit,
    )
    frame = pd.DataFrame(
        {"cost": cost_to_closest(costs), "cost_by_nodes": cost_to_closest(nodes)}, index=origins.index, dtype=float
    )
    frame["difference"] = frame["cost_by_nodes"] - frame["cost"]
    frame["served"] = frame["cost"] <= limit
    frame["served_by_nodes"] = frame["cost_by_nodes"] <= limit
    frame["offset"] = costs.origins["offset"]
    frame["moved"] = moved
    attrs: dict[str, Any] = {
        "measure": "snap_sensitivity",
        "unit": unit,
        "direction": "none",
        "cutoff": limit,
        "people_served": _share_of_people(weight, frame["served"].to_numpy()),
        "people_served_by_nodes": _share_of_people(weight, frame["served_by_nodes"].to_numpy()),
        "people_beyond": _shares_beyond(costs.origins["offset"], weight),
        "destinations_beyond": _shares_beyond(costs.destinations["offset"], np.ones(len(destinations))),
    }
    differ = (frame["served"] != frame["served_by_nodes"]).to_numpy()
    found = None
    if differ.any():
        who = f"{int(differ.sum()):,} of {len(frame):,} origins"
        found = Finding(
            "nodes_would_differ",
            "information",
            f"With every point moved to its nearest node, {who} would be on the other side of the cutoff, and "
            f"{attrs['people_served_by_nodes']:.1%} instead of {attrs['people_served']:.1%} of the people within it.",
            count=int(differ.sum()),
            people=None if counted is None else float(counted[differ].sum()),
            advice="Compare with tools that snap to nodes only with this difference in mind.",
        )
    return _with_attrs(frame, costs, attrs, elsewhere, found, places=True)


def _area_of_data(network: Network, area: gpd.GeoDataFrame | gpd.GeoSeries | None) -> Any:
    """Return what the data cover, in the network's CRS."""
    if area is not None:
        require_crs(area, "area")
        require_geometry(area, "area", kinds={"Polygon", "MultiPolygon"})
        shape = shapely.union_all(np.asarray(area.geometry.to_crs(network.crs).array))
        if shape.is_empty:
            raise InputError("area", "there is no polygon", "Give the polygons that the data of the streets cover.")
        return shape
    if network.area is None:
        raise InputError(
            "area",
            "the network does not know what its data cover",
            "Give area=: the polygon by which the streets were cut, for example the study area with its buffer.",
        )
    return network.area


def _streets_leaving_data(network: Network, covered: Any, near: float) -> gpd.GeoSeries:
    """Find where streets leave the data."""
    shapely.prepare(covered)
    boundary = covered.boundary
    shapely.prepare(boundary)
    xy = np.column_stack([network.x, network.y])
    nodes = np.asarray(shapely.points(xy))
    out = ~shapely.covers(covered, nodes) | shapely.dwithin(nodes, boundary, near)
    around = network._tree.query(boundary)  # noqa: SLF001
    lines = np.asarray(shapely.linestrings(xy[np.stack([network.edge_u[around], network.edge_v[around]], axis=1)]))
    cut = shapely.get_parts(shapely.intersection(lines[shapely.intersects(boundary, lines)], boundary))
    places: list[Any] = [nodes[out], np.asarray(shapely.points(shapely.get_coordinates(cut)))]
    return gpd.GeoSeries(np.concatenate(places), crs=network.crs)


def _edge_finding(attrs: dict[str, Any], total: int) -> Finding | None:
    count, people = attrs["origins_affected"], attrs["people_affected"]
    if not count:
        return None
    who = f"{count:,} of {total:,} origins"
    if people is not None:
        who += f" with {people:,.0f} people ({attrs['people_share_affected'] or 0:.1%})"
    return Finding(
        "catchments_leave_the_data",
        "warning",
        f"{who} reach the edge of the street data within {attrs['cutoff']:g} {attrs['unit']}: what they reach beyond "
        "it is missing.",
        count=count,
        people=people,
        advice="Read the streets, and the places, with a buffer around the study area of no less than the cutoff.",
    )


def _moved_to_nodes(network: Network, points: Any) -> tuple[Any, Floats]:
    """Move points to the nearest node; return them and how far each was moved."""
    xy = np.column_stack([network.x, network.y])
    moved, node = cKDTree(xy).query(shapely.get_coordinates(points).reshape(-1, 2))
    return shapely.points(xy[node]), np.asarray(moved, dtype=float)


def _people_in_order(people: pd.Series[Any] | None, costs: TravelCosts) -> tuple[Floats | None, int]:
    """Return people in the order of the origins, and how many ids are no origins."""
    if people is None:
        return None, 0
    return in_order_of_costs(people, as_travel_costs(costs, None), "people", side="origins")


def _share_of_people(weight: Floats, chosen: NDArray[np.bool_]) -> float | None:
    """Return the share of the people chosen; None where there are none."""
    total = float(weight.sum())
    return float(weight[chosen].sum()) / total if total else None


def _shares_beyond(offset: pd.Series[Any], weight: Floats) -> dict[str, float | None]:
    return {str(metres): _share_of_people(weight, offset.to_numpy() > metres) for metres in OFFSETS}


def _with_attrs(
    frame: pd.DataFrame,
    costs: TravelCosts,
    attrs: dict[str, Any],
    elsewhere: int,
    found: Finding | None,
    *,
    places: bool,
) -> pd.DataFrame:
    """Say what a table is, what was left out of it, where it came from and what was found.

    ``places`` is True where the destinations are places, of which findings tell, and False where they are exits.
    """
    left_out = {"origins_off_network": costs.left_out()["origins_off_network"], "people_elsewhere": elsewhere}
    sources = [record.as_dict() for record in costs.sources]
    frame.attrs.clear()
    frame.attrs.update({**attrs, "left_out": left_out, "sources": sources})
    known = [
        item for item in costs.findings if places or item.code not in {"no_destinations", "destinations_off_network"}
    ]
    return add_findings(frame, *known, *([] if found is None else [found]))
