"""Isochrones and service areas: the streets that are reached, and the ground that is nearest to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice.access.areas.drawing import AreaRule, areas_of_streets
from spatialjustice.network.cutoffs import checked_number
from spatialjustice.network.routes import node_costs
from spatialjustice.network.routes.reached_streets import pieces_within
from spatialjustice.network.snap import destinations_of
from spatialjustice.network.transit.departures.running import refuse_limits
from spatialjustice.network.transit.departures.streets_reached import reached_by_most
from spatialjustice.network.transit.travel_costs import rank_of, share_of
from spatialjustice.network.transit.windows import window_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from spatialjustice.network.network import Network
    from spatialjustice.network.routes.node_costs import EdgeCosts, Stops, Unit
    from spatialjustice.network.transit.network import TransitNetwork

    Floats = NDArray[np.float64]


def isochrones(  # noqa: PLR0913 - all but the first two are named
    network: Network | TransitNetwork,
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    cutoff: float | Sequence[float],
    unit: Unit = "minutes",
    width: float = 50.0,
    gap: float = 20_000.0,
    departures: tuple[str, str] | None = None,
    every: int | None = None,
    summary: float | Literal["median"] | None = None,
    snap_limit: float = 500.0,
) -> gpd.GeoDataFrame:
    """Draw the area that each origin reaches within each cutoff.

    A place belongs to the area when the nearest place on any street is one that the origin reaches within the cutoff,
    and lies at most ``width`` metres off. So a street that is not reached keeps its own ground, however near a reached
    one passes, and the area ends square where the cutoff falls. (Remnants of less than 20 metres of street that is not
    reached are passed over.) Then gaps are closed: holes of at most ``gap`` square metres through which no street runs
    that is not reached. The last metres, from the street to the place, are not
    counted. A larger cutoff contains the smaller one (up to the rounding of coordinates).

    By public transport the streets are those that at least a share of the departures of a window reach: on foot all
    the way, or by vehicle to a stop and on foot with the time that is left, each place on a street counted by itself.

    Parameters
    ----------
    network
        The streets, or streets and a timetable, made by :func:`spatialjustice.network.from_gtfs`.
    origins
        Points, or polygons (their centroid where it lies inside, else a point inside).
    cutoff
        One or several, in ``unit``, closed.
    unit
        ``minutes`` at the mode's speed, or ``metres``.
    width
        Metres on either side of a street that belong to it. 50 metres is half of a block of 100 metres: the houses
        along a street, and not the field behind them.
    gap
        Square metres of the largest hole that is closed. 20,000 is what the default width leaves of a block of some
        240 metres in square; larger holes are taken for parks, fields, water and closed grounds, and stay.
    snap_limit
        How far off the nearest street an origin may lie, in metres.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per origin and cutoff, by origin, then by rising cutoff: ``from_id``; ``cutoff``; ``status``;
        ``area`` in square metres; ``metres`` of street reached; a valid polygon in the network's CRS. Status is ``ok``,
        ``off_network`` (too far from every street), ``outside_data`` (so, and outside what the data of the streets
        cover) or ``beyond_cutoff`` (the way to the street alone costs more); where it is not ``ok``
        both numbers are 0 and the polygon is empty.

    Raises
    ------
    InputError
        When the layer or a number cannot be used, or departures are given and there is no timetable.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95], "y": [60.17, 60.17]}, index=[1, 2])
    >>> ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> home = gpd.GeoSeries.from_xy([24.94], [60.17], index=["home"], crs=4326)
    >>> areas = isochrones(from_frames(nodes, ways), home, cutoff=[2, 5])
    >>> areas[["from_id", "cutoff", "status"]].values.tolist()
    [['home', 2.0, 'ok'], ['home', 5.0, 'ok']]
    >>> areas["metres"].round().to_list(), areas["area"].round(-2).to_list()
    ([160.0, 400.0], [19900.0, 43900.0])
    """
    limits, rule = _checked_cutoffs(cutoff), _area_rule(width, gap)
    asked = (departures, every, summary)
    given: Any = network
    if hasattr(given, "timetable"):
        streets, snapped, found, about = _by_transit(given, origins, limits, rule, asked, unit, snap_limit)
    elif any(one is not None for one in asked):
        raise InputError("departures", "there is no timetable", "Give a network made by network.from_gtfs.")
    else:
        streets, about = given, {}
        prices = node_costs.edge_costs_of(streets, unit)
        snapped = streets.snap(origins, snap_limit=snap_limit)
        found = _areas_of_stops(streets, prices, node_costs.stops_of_snapped(snapped), limits, rule)
    rows = [found.get(group, _empty_areas(len(limits), why)) for group, why in enumerate(snapped["status"])]
    ids = origins.index.repeat(len(limits))
    frame = _areas_as_frame(streets, [row for of_origin in rows for row in of_origin], limits * len(origins))
    frame.insert(0, "from_id", ids)
    record = node_costs.attrs_of_result(given, origins, snapped)
    frame.attrs = {**_attrs_of_areas("isochrones", unit, limits, rule), **about, **record}
    return frame


def service_area(
    network: Network,
    places: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    cutoff: float | Sequence[float],
    unit: Unit = "minutes",
    width: float = 50.0,
    gap: float = 20_000.0,
    snap_limit: float = 500.0,
) -> gpd.GeoDataFrame:
    """Draw the area from which any of some places can be reached within each cutoff.

    Trips go towards the places, which matters on one-way streets and slopes. The rule by which streets become an area
    is that of :func:`isochrones`.

    Parameters
    ----------
    network
        The streets.
    places
        Where people want to go, with their entrances, as the destinations of :meth:`Network.travel_costs`.
    cutoff, unit, width, gap, snap_limit
        As for :func:`isochrones`.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per cutoff, rising: ``cutoff``; ``status``; ``area`` in square metres; ``metres`` of street; a valid
        polygon in the network's CRS. Status is ``ok``, ``no_supply`` (there is no place), ``off_network`` (all are too
        far from every street) or ``beyond_cutoff`` (from the street to each place alone costs more); where it is not
        ``ok`` both numbers are 0 and the polygon is empty. ``attrs["left_out"]`` counts places off the network.

    Raises
    ------
    InputError
        When the layer or a number cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.network import from_frames
    >>> nodes = pd.DataFrame({"x": [24.94, 24.95], "y": [60.17, 60.17]}, index=[1, 2])
    >>> ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> libraries = gpd.GeoSeries.from_xy([24.94, 24.95], [60.17, 60.17], crs=4326)
    >>> service_area(from_frames(nodes, ways), libraries, cutoff=2)[["cutoff", "metres"]].round().values.tolist()
    [[2.0, 320.0]]
    """
    limits, rule = _checked_cutoffs(cutoff), _area_rule(width, gap)
    prices = node_costs.edge_costs_of(network, unit, towards=True)
    entrances = destinations_of(network, places, "places")
    snapped = network.snap(gpd.GeoSeries(entrances.points, crs=network.crs), snap_limit=snap_limit)
    stops = node_costs.stops_of_snapped(snapped)
    together = stops._replace(group=np.zeros_like(stops.group))
    found = _areas_of_stops(network, prices, together, limits, rule)
    frame = _areas_as_frame(
        network, found.get(0, _empty_areas(len(limits), "off_network" if len(places) else "no_supply")), limits
    )
    # A place is on the network when one of its entrances is: its audit is that of the nearest one.
    order = np.lexsort((snapped["offset"].to_numpy(), entrances.place))
    nearest = snapped.iloc[order[np.unique(entrances.place[order], return_index=True)[1]]]
    record = node_costs.attrs_of_result(network, places, nearest, name="places")
    frame.attrs = {**_attrs_of_areas("service_area", unit, limits, rule), **record}
    return frame


class _Area(NamedTuple):
    status: str
    area: float
    metres: float
    shape: Any


def _areas_of_stops(
    network: Network, prices: EdgeCosts, stops: Stops, limits: list[float], rule: AreaRule
) -> dict[int, list[_Area]]:
    """Draw the areas of every group of stops, one for each limit, rising."""
    found = {}
    farthest = prices.metres(limits[-1])
    searched = node_costs.search_from_stops(network, prices, stops, farthest)
    groups = len(np.unique(stops.group))
    for group, node_cost, own, _ in tqdm(searched, total=groups, desc="areas", unit="origin", delay=2, leave=False):
        reached = []
        for limit in map(prices.metres, limits):
            begins = own.xy[prices.leg * own.offset <= limit]
            reached.append((pieces_within(network, prices, node_cost, own, limit), begins) if begins.size else None)
        rows = _drawn(network, reached, rule)
        found[group] = rows
    return found


def _by_transit(  # noqa: PLR0917 - what isochrones was asked
    network: TransitNetwork,
    origins: Any,
    limits: list[float],
    rule: AreaRule,
    asked: Any,
    unit: Unit,
    snap_limit: float,
) -> tuple[Any, Any, dict[int, list[_Area]], dict[str, Any]]:
    """Draw the areas that most departures reach by public transport."""
    if unit != "minutes":
        raise InputError("unit", f"it is “{unit}”", "By public transport there are minutes only.")
    refuse_limits(network, "max_rides", "max_fare")
    streets: Any = network.streets
    node_costs.edge_costs_of(streets, unit)
    departures, every, summary = asked
    window = window_of(network.departures if departures is None else departures, every or network.every)
    share = share_of(network.summary if summary is None else summary)
    needed = rank_of(share, window.number) + 1
    snapped = streets.snap(origins, snap_limit=snap_limit)
    found = {}
    for origin, reached in reached_by_most(
        network, origins, snapped, limits, window=window, needed=needed, snap_limit=snap_limit
    ):
        rows = _drawn(streets, [tuple(one) if one.begins.size else None for one in reached], rule)
        found[origin] = rows
    about = {"departures": window.label, "every": window.step, "summary": share, "needed": needed}
    return streets, snapped, found, about


def _drawn(network: Network, reached: Sequence[Any], rule: AreaRule) -> list[_Area]:
    """Draw what is reached within each limit, pieces and places where people set out; None where nothing is."""
    some = [one for one in reached if one is not None]
    shapes = iter(areas_of_streets(network, some, rule) if some else [])
    rows = []
    for one in reached:
        if one is None:
            rows += _empty_areas(1, "beyond_cutoff")
            continue
        pieces, shape = one[0], next(shapes)
        metres = float((network.length[pieces.edge] * (pieces.end - pieces.start)).sum())
        rows.append(_Area("ok", shape.area, metres, shape))
    return rows


def _empty_areas(count: int, status: str) -> list[_Area]:
    return [_Area(status, 0.0, 0.0, shapely.Polygon())] * count


def _areas_as_frame(network: Network, rows: list[_Area], cutoffs: list[float]) -> gpd.GeoDataFrame:
    columns: dict[str, Any] = {"cutoff": np.asarray(cutoffs, dtype=float)}
    for name in ("status", "area", "metres"):
        columns[name] = [getattr(row, name) for row in rows]
    return gpd.GeoDataFrame(columns, geometry=[row.shape for row in rows], crs=network.crs)


def _attrs_of_areas(measure: str, unit: Unit, limits: list[float], rule: AreaRule) -> dict[str, Any]:
    return {"measure": measure, "unit": unit, "direction": "none", "cutoffs": limits, **rule._asdict()}


def _checked_cutoffs(cutoff: float | Iterable[float]) -> list[float]:
    """Return the cutoffs, rising, each once."""
    given = [cutoff] if np.isscalar(cutoff) else list(cutoff)  # type: ignore[arg-type]
    if not given:
        raise InputError("cutoff", "there is none", "Give one or several numbers.")
    return sorted({checked_number(each, "cutoff") for each in given})  # type: ignore[arg-type]


def _area_rule(width: float, gap: float) -> AreaRule:
    return AreaRule(checked_number(width, "width", positive=True), checked_number(gap, "gap"))
