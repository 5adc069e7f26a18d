"""What is there to connect with, and who is near it: mobile cells, cabinets, public Wi-Fi and computers.

Distances here are straight lines unless travel costs along streets are given; every result says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import metric_crs, require_crs, require_geometry, require_ids, require_overlap
from spatialjustice._core.ground.metres import metres_of, widened
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.digital._people import labels_of, series_with_attrs, with_attrs
from spatialjustice.network.straight import straight_lines
from spatialjustice.sources.osm.hours.opening_hours import open_supply

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from numpy.typing import NDArray

    from spatialjustice.access._cost_tables import AnyCosts
    from spatialjustice.inequality._inputs import Floats

ANY = "any"
EVENLY = "people live evenly over the area of a zone"
QUARTER = 32
"""Straight pieces to a quarter of a circle: the area of a disc is 0.04 % too small."""

POLYGONS = frozenset({"Polygon", "MultiPolygon"})
REACHED = ("reached", "reached if hours unknown are open", "not reached")


def share_within(zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame, *, cutoff: float) -> pd.Series[float]:
    r"""Measure the share of each zone's area that lies within a straight distance of a place.

    For places without streets; :func:`spatialjustice.network.straight_lines` measures from the centres of zones
    instead. With people spread evenly over a zone (an assumption), it is the share of its people.

    In signs: :math:`|z_i \cap \bigcup_j B(j, r)| / |z_i|`, with the circles of radius r around the places.

    Parameters
    ----------
    zones
        Areas.
    places
        Points or areas, for example public Wi-Fi.
    cutoff
        Metres, above 0.

    Returns
    -------
    Series
        From 0 to 1, on the zones' index. ``attrs["measured"]`` is ``"straight line"``.

    Raises
    ------
    InputError
        When the cutoff is not above 0.
    MissingCRSError, GeometryError, DuplicateIdError, WrongPlaceError
        When a layer cannot be used, or the two lie in different places.

    References
    ----------
    Goodchild, M. F., & Lam, N. S.-N. (1980). Areal interpolation: a variant of the traditional spatial problem.
    Geo-Processing, 1, 297-312 (people spread evenly).

    Examples
    --------
    >>> zones = gpd.GeoDataFrame(index=["z"], geometry=[shapely.box(0, 0, 1000, 1000)], crs=32631)
    >>> kiosk = gpd.GeoDataFrame(index=[1], geometry=[shapely.Point(500, 500)], crs=32631)
    >>> share_within(zones, kiosk, cutoff=400).round(3).tolist()  # pi * 0.4 ** 2
    [0.502]
    """
    if isinstance(cutoff, bool) or not isinstance(cutoff, int | float | np.number) or not 0 < cutoff < np.inf:
        raise InputError("cutoff", f"it is {cutoff!r}", "Give metres, above 0.")
    _check(zones, places, "places")
    metres = metres_of(zones)
    reached = widened(np.asarray(places.geometry.to_crs(metres.crs).array), metres, float(cutoff), quad_segs=QUARTER)
    shares = _covered(np.asarray(zones.geometry.to_crs(metres.crs).array), reached)
    return series_with_attrs(
        shares,
        zones.index,
        "share_within",
        [zones, places],
        findings=_straight(zones),
        unit="share",
        direction="higher is better",
        distance=float(cutoff),
        measured="straight line",
        assumption=EVENLY,
        places=len(places),
    )


def _check(zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame, name: str) -> None:
    for layer, called in ((zones, "zones"), (places, name)):
        require_ids(layer, called)
        require_crs(layer, called)
        require_geometry(layer, called)
    require_geometry(zones, "zones", kinds=POLYGONS)
    if len(places):
        wide = zones.geometry.to_crs(metric_crs(zones)).buffer(100_000)
        require_overlap(places, gpd.GeoSeries(wide), name)


def _covered(areas: NDArray[Any], discs: NDArray[Any]) -> Floats:
    """Return the share of each area that any of the discs covers."""
    shares = np.zeros(len(areas))
    if not len(discs):
        return shares
    tree = shapely.STRtree(discs)
    shares[np.unique(tree.query(areas, predicate="covered_by")[0])] = 1.0
    left = np.flatnonzero(shares == 0)
    place, disc = tree.query(areas[left], predicate="intersects")
    order = np.lexsort((disc, place))
    place, disc = place[order], disc[order]
    if not place.size:
        return shares
    here, starts = np.unique(place, return_index=True)
    for which, some in zip(here, np.split(disc, starts[1:]), strict=True):
        area = areas[left[which]]
        shares[left[which]] = shapely.intersection(area, shapely.union_all(discs[some])).area / area.area
    return np.clip(shares, 0.0, 1.0)


def _straight(zones: gpd.GeoDataFrame) -> tuple[Finding, ...]:
    """Return what every result of straight lines must say, in the words of straight travel costs."""
    return straight_lines(zones).findings


def mobile_coverage(
    towers: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    *,
    default_range: Mapping[str, float] | None = None,
    longest_range: float | None = None,
) -> pd.DataFrame:
    r"""Measure the share of each zone's area that some mobile cell reaches, for each technology.

    The model is as simple as can be and is declared as such: a cell reaches everywhere within its stated range, over
    hills and through walls alike, in all directions, however many use it. It tells where cells are known, not where a
    telephone works.

    In signs: :math:`|z_i \cap \bigcup_j B(j, r_j)| / |z_i|`, with the circles of the stated ranges :math:`r_j` around
    the cells.

    Parameters
    ----------
    towers
        From :func:`spatialjustice.sources.towers`: ``radio``, ``range`` in metres.
    zones
        Areas.
    default_range
        Radio → metres for cells whose range is not known; yours to justify. Without it such cells reach nobody, and are
        counted in a finding.
    longest_range
        Metres above which a stated range is cut; None believes all.

    Returns
    -------
    DataFrame
        On the zones' index, a column for each radio of the towers, in alphabetical order, and ``any``; from 0 to 1.
        :func:`people_covered` makes people of it. ``attrs["model"]`` says what was assumed.

    Raises
    ------
    InputError
        When a column is missing, or a range is not above 0.
    MissingCRSError, GeometryError, DuplicateIdError, WrongPlaceError
        When a layer cannot be used, or the two lie in different places.

    References
    ----------
    Own definition: no model of how waves travel, with no source in the literature.

    Examples
    --------
    >>> zones = gpd.GeoDataFrame(index=["z"], geometry=[shapely.box(0, 0, 1000, 1000)], crs=32631)
    >>> cells = gpd.GeoDataFrame({"radio": ["LTE", "GSM"], "range": [2000.0, float("nan")]}, index=["a", "b"],
    ...     geometry=gpd.points_from_xy([500, 500], [500, 500]), crs=32631)
    >>> mobile_coverage(cells, zones).loc["z"].round(9).to_dict()
    {'GSM': 0.0, 'LTE': 1.0, 'any': 1.0}
    """
    absent = [name for name in ("radio", "range") if name not in towers.columns]
    if absent:
        raise InputError("towers", f"there is no column {', '.join(absent)}", "Read them with sources.towers.")
    _check(zones, towers, "towers")
    reach, findings = _ranges(towers, default_range or {}, longest_range)
    metres = metres_of(zones)
    areas = np.asarray(zones.geometry.to_crs(metres.crs).array)
    known = np.isfinite(reach)
    centres = np.asarray(towers.geometry.to_crs(metres.crs).array)
    reached = widened(centres[known], metres, reach[known], quad_segs=QUARTER)
    radios = towers["radio"].to_numpy()
    columns = {radio: _covered(areas, reached[radios[known] == radio]) for radio in sorted(set(radios))}
    columns[ANY] = _covered(areas, reached)
    frame = pd.DataFrame(columns, index=zones.index)
    slope = Finding(
        "slope_blind",
        "warning",
        "Cells are taken to reach everywhere within their range: hills, buildings and how many use them do not count.",
        count=int(known.sum()),
        advice="Ask the regulator or the networks for coverage that was measured.",
    )
    return with_attrs(
        frame,
        "mobile_coverage",
        [towers, zones],
        findings=[*findings, slope, *_straight(zones)],
        unit="share",
        direction="higher is better",
        model="a disc of the stated range around every cell, blind to slopes and buildings",
        default_range=dict(default_range or {}),
        longest_range=longest_range,
        measured="straight line",
        assumption=EVENLY,
    )


def _ranges(
    towers: gpd.GeoDataFrame, default: Mapping[str, float], longest: float | None
) -> tuple[Floats, list[Finding]]:
    """Return how far each cell is taken to reach, NaN where nobody knows."""
    for name, value in [*default.items(), *([("longest_range", longest)] if longest is not None else [])]:
        if isinstance(value, bool) or not 0 < float(value) < np.inf:
            raise InputError("range", f"that of {name} is {value!r}", "Give metres, above 0.")
    reach = towers["range"].to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    if (reach <= 0).any():
        rows = towers.index[reach <= 0]
        raise InputError("range", f"{len(rows):,} are not above 0", "Make them missing.", rows=rows)
    unknown = np.isnan(reach)
    assumed = towers["radio"].map(lambda radio: default.get(radio, np.nan)).to_numpy(dtype=np.float64)
    reach[unknown] = assumed[unknown]
    findings = []
    taken, left = int((unknown & np.isfinite(reach)).sum()), int(np.isnan(reach).sum())
    if taken:
        message = f"The range of {taken:,} cells is not known and assumed by technology."
        findings.append(Finding("range_assumed", "warning", message, count=taken))
    if left:
        message = f"The range of {left:,} cells is not known: they are taken to reach nobody."
        advice = "Say what to assume with default_range=."
        findings.append(Finding("cells_without_range", "warning", message, count=left, advice=advice))
    if longest is not None and (reach > longest).any():
        count = int((reach > longest).sum())
        findings.append(
            Finding(
                "range_cut", "information", f"The range of {count:,} cells was cut to {longest:,.0f} m.", count=count
            )
        )
        reach = np.minimum(reach, longest)
    return reach, findings


def cabinet_distance(homes: gpd.GeoDataFrame, cabinets: gpd.GeoDataFrame, *, cutoff: float) -> pd.Series[float]:
    r"""Measure the straight distance from homes to the nearest cabinet of fibre or DSL.

    A distance only: how fast a line over copper can be also depends on the cable, its length (longer than a straight
    line) and the equipment, so that no speed is made of it.

    In signs: :math:`\min_j d(i, j)`, straight, over all cabinets.

    Parameters
    ----------
    homes
        Points, or zones (their centres).
    cabinets
        Points.
    cutoff
        Metres to look at, closed.

    Returns
    -------
    Series
        Metres on the homes' index; NaN where there is no cabinet within the cutoff.

    Raises
    ------
    InputError, MissingCRSError, GeometryError, DuplicateIdError, WrongPlaceError
        When a layer cannot be used, or the cutoff is no number of metres.

    References
    ----------
    Own definition: a straight distance, with no source in the literature.

    Examples
    --------
    >>> homes = gpd.GeoDataFrame(index=["a", "b"], geometry=gpd.points_from_xy([0, 900], [0, 0]), crs=32631)
    >>> cabinets = gpd.GeoDataFrame(index=[1], geometry=gpd.points_from_xy([300], [400]), crs=32631)
    >>> cabinet_distance(homes, cabinets, cutoff=600).tolist()
    [500.0, nan]
    """
    for layer, name in ((homes, "homes"), (cabinets, "cabinets")):
        require_ids(layer, name)
        require_crs(layer, name)
        require_geometry(layer, name)
    result = cost_to_closest(straight_lines(homes).travel_costs(homes, cabinets, cutoff=cutoff, unit="metres"))
    result.name = "cabinet_distance"
    result.attrs |= {"measure": "cabinet_distance", "measured": "straight line"}
    return result


def open_reach(
    costs: AnyCosts | pd.DataFrame,
    places: pd.DataFrame,
    *,
    moment: datetime | str,
    cutoff: float,
    origins: pd.Index[Any] | None = None,
    country: str | None = None,
) -> pd.Series[Any]:
    """Say of each zone whether a place that is open then, such as a library with computers, is within reach.

    Hours nobody mapped are neither open nor closed: zones that reach only such places are a class of their own.

    Definition: ``reached`` where a place known to be open then is within the cutoff; ``reached if hours unknown are
    open`` where only places of unknown hours are; else ``not reached``.

    Parameters
    ----------
    costs
        From homes to the places: what :meth:`Network.travel_costs` or :meth:`StraightLines.travel_costs` returns (on
        foot), or a frame of pairs.
    places
        With ``opening_hours``, in a column or in ``tags``; on the destinations' ids.
    moment
        Local day and hour, for example ``"2023-02-21 18:00"``.
    cutoff
        In the unit of the costs, closed.
    origins
        All origins, for a frame of pairs that lists only those that reach something.
    country
        Two letters, for its public holidays.

    Returns
    -------
    Series
        On the origins' index, categorical: ``"reached"``, ``"reached if hours unknown are open"``, ``"not reached"``.
        :func:`people_by_class` makes people of it.

    Raises
    ------
    InputError
        When the moment cannot be read, ids differ, or the cutoff is above that of the costs.

    References
    ----------
    Own definition: three classes as described above, with no source in the literature.

    Examples
    --------
    >>> costs = pd.DataFrame({"from_id": ["a", "b", "c"], "to_id": [1, 2, 3], "travel_cost": [5.0, 5.0, 5.0]})
    >>> places = pd.DataFrame({"opening_hours": ["24/7", None, "Mo-Fr 08:00-12:00"]}, index=[1, 2, 3])
    >>> open_reach(costs, places, moment="2023-02-21 18:00", cutoff=10).tolist()
    ['reached', 'reached if hours unknown are open', 'not reached']
    """
    choices: tuple[Literal["closed"], Literal["open"]] = ("closed", "open")
    near = []
    for unknown in choices:
        supply = open_supply(places, moment, unknown=unknown, country=country)
        cost = cost_to_closest(costs, supply, origins=origins)
        near.append(np.asarray(cost <= cutoff))
    surely, perhaps = near
    limit = getattr(costs, "cutoff", None) if not isinstance(costs, pd.DataFrame) else costs.attrs.get("cutoff")
    if limit is not None and cutoff > limit:
        raise InputError("cutoff", f"it is {cutoff:g}, above that of the costs, {limit:g}", "Ask for longer ways.")
    place = np.where(surely, 0, np.where(perhaps, 1, 2))
    values = labels_of(place, REACHED)
    facts = {"unit": "label", "direction": "none", "moment": supply.attrs["moment"], "cutoff": float(cutoff)}
    facts["cutoff_unit"] = cost.attrs["unit"]
    if any(finding.code == "straight_lines" for finding in findings_of(cost)):
        facts["measured"] = "straight line"
    return series_with_attrs(values, cost.index, "open_reach", [cost, supply], **facts)
