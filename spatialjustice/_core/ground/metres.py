"""Metres that are metres: which projection holds over a layer, how far it is off, and what to do where none holds.

Every room asks here. A projection is judged by what it does to lengths where the layer lies, not by its name: short
steps to the north and to the east are taken on the ellipsoid and measured on the map. Where no projection keeps lengths
within half a hundredth, points are compared on the ellipsoid itself, and shapes in a conformal projection (which
stretches alike in all directions) with the stretch of each place taken out.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import InputError, MissingCRSError, WrongPlaceError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice._core.ground.utm import utm_zone

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray
    from pyproj import CRS

    Floats = NDArray[np.float64]

HOLDS = 0.003
"""Relative error of lengths up to which a layer's own CRS, or its UTM zone, is taken; of areas it is twice that."""

BOUND = 0.005
"""Relative error of lengths up to which a projection made for the layer is taken."""

LEANING = 3.5
"""Degrees by which north may lean to a side in a picture."""

FAR_OFF = 0.05
"""Relative error of lengths above which only a stereographic projection is taken: others fold over themselves."""

STEP = 500.0
"""Metres of the steps by which a projection is measured."""

SAMPLE = 2_000
"""Places of a layer at which a projection is measured, about."""

FEW = 100
"""Parts of shapes up to which each is measured at 25 places, else at nine."""

SINGLE_POINT = 0
"""What shapely calls the type of a point."""

RADIUS = 6_371_008.8
"""Mean radius of the earth in metres: (2 a + b) / 3 of WGS 84. Moritz (2000): Geodetic Reference System 1980."""

WIDE = 30.0, 90.0
"""Degrees of longitude and latitude from which on a CRS is made for a continent, so that a UTM zone is tried first."""

SEMI_MAJOR, FLATTENING = 6_378_137.0, 1 / 298.257223563
"""WGS 84."""


@dataclass(frozen=True, slots=True)
class Metres:
    """How metres are taken over a layer.

    Attributes
    ----------
    crs
        A projected CRS in metres.
    error
        The largest relative error of a length in it, at the places of the layer: 0.001 is a metre in a kilometre.
    made
        Whether it was made for this layer, since neither the layer's own CRS nor a UTM zone holds. It is conformal.
    """

    crs: CRS
    error: float
    made: bool

    @property
    def holds(self) -> bool:
        """Whether lengths can be measured in the CRS; else they are measured on the ellipsoid."""
        return self.error <= BOUND

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a result whose lengths were measured on the ellipsoid must say."""
        if self.holds:
            return ()
        message = "No projection keeps lengths over the whole layer, so that they were measured on the ellipsoid; they "
        message += "are off by less than 0.05 % up to 5,000 km and 0.4 % up to 15,000 km."
        return (Finding("measured_on_ellipsoid", "information", message),)

    def findings_about(self, what: str) -> list[Finding]:
        """Say how far lengths are off where a result has to lie in one projection all the same."""
        if self.holds:
            return []
        message = f"{what} is so wide that no projection keeps its lengths: in the one made for it they are off by up "
        message += f"to {self.error:.1%}."
        advice = "Divide it into regions; areas, neighbours and straight distances are measured on the ellipsoid."
        return [Finding("projection_too_wide", "warning", message, advice=advice)]


def metres_of(layer: gpd.GeoDataFrame | gpd.GeoSeries) -> Metres:
    """Choose how metres are taken over a layer, and say how far they are off.

    The first that holds: the layer's own CRS, if it is in metres and made for a region; the UTM zone of its middle; its
    own CRS, if it is made for more; a projection made for the layer (stereographic, transverse Mercator or Lambert's
    conformal conic, whichever is off least). The first ones hold up to 0.3 %, the last up to 0.5 %; where it does not,
    ``holds`` is False. The layer may lie across the 180th meridian or on a pole.

    Raises
    ------
    InputError
        When it is no layer.
    MissingCRSError
        When the layer has no CRS.
    WrongPlaceError
        When its coordinates cannot be turned into longitude and latitude.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> metres_of(gpd.GeoSeries([shapely.Point(51.4, 35.7)], crs=4326)).crs.to_epsg()
    32639
    >>> fiji = metres_of(gpd.GeoSeries([shapely.Point(177, -18), shapely.Point(-178, -19)], crs=4326))
    >>> fiji.holds, fiji.made
    (True, True)
    """
    if not hasattr(layer, "crs"):
        raise InputError("layer", f"it is {a_kind(layer)} without shapes", "Give a GeoDataFrame or GeoSeries.")
    crs = layer.crs
    if crs is None:
        advice = "Declare it, for example .set_crs(4326) for longitude and latitude."
        raise MissingCRSError("layer", "it has no coordinate reference system", advice)
    return _first_that_holds(crs, layer.total_bounds, *_sample_places(layer, crs))


def metres_of_points(xy: Floats, crs: CRS) -> Metres:
    """Choose how metres are taken over points of which only coordinates are known, as :func:`metres_of` does.

    Raises
    ------
    WrongPlaceError
        When their coordinates cannot be turned into longitude and latitude.
    """
    import numpy as np

    return _first_that_holds(crs, np.concatenate([xy.min(axis=0), xy.max(axis=0)]), *_sample_points(xy, crs))


def _first_that_holds(crs: CRS, bounds: Floats, lon: Floats, lat: Floats) -> Metres:
    own = crs if crs.is_projected and crs.axis_info and crs.axis_info[0].unit_conversion_factor == 1.0 else None
    choices = [] if own is None or _is_wide(own) else [own]
    choices += _utm(crs, bounds, lon, lat)
    choices += [own] if own is not None and own not in choices else []
    for choice in choices:
        error = length_error(choice, lon, lat)
        if error <= HOLDS:
            return Metres(choice, error, made=False)
    errors = [(length_error(each, lon, lat), each) for each in _projections_around(lon, lat)]
    error, made = min(errors, key=lambda pair: pair[0])
    # The first is stereographic, which can be turned back everywhere but on the far side of the earth.
    return Metres(*(made, error) if error <= FAR_OFF else errors[0][::-1], made=True)


def north_up_crs(layer: gpd.GeoDataFrame | gpd.GeoSeries) -> CRS:
    """Return a CRS in metres for a picture of the layer, in which north is up in the middle of it.

    That in which metres are taken where it does so to 3.5 degrees, as every UTM zone does in itself; else a
    stereographic projection around the middle.
    """
    import numpy as np
    from pyproj import Transformer

    metres = metres_of(layer)
    west, south, east, north = layer.geometry.to_crs(metres.crs).total_bounds
    middle = np.array([[(west + east) / 2, (south + north) / 2]])
    lon, lat = lon_lat(metres.crs, middle)
    to = Transformer.from_crs(4326, metres.crs, always_xy=True)
    x, y = (np.subtract(*ends) for ends in zip(to.transform(lon, lat + 0.01), to.transform(lon, lat), strict=True))
    if np.degrees(np.abs(np.arctan2(x, y))).max() <= LEANING:
        return metres.crs
    return next(_projections_around(*_sample_places(layer, layer.crs)))


def length_error(crs: CRS, lon: Floats, lat: Floats) -> float:
    """Return the largest relative error of short lengths in a projected CRS at places; infinite where it has none."""
    import numpy as np

    least, most = scales(crs, lon, lat)
    if not (np.isfinite(least).all() and np.isfinite(most).all()):
        return float("inf")
    return float(max(np.abs(least - 1).max(), np.abs(most - 1).max()))


def stretch(crs: CRS, xy: Floats) -> Floats:
    """Return how many metres of a conformal CRS a metre on the ground has at its coordinates."""
    least, most = scales(crs, *lon_lat(crs, xy))
    mean: Floats = (least + most) / 2
    return mean


def lon_lat(crs: CRS, xy: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude (WGS 84) of coordinates."""
    import numpy as np
    from pyproj import Transformer

    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(xy[:, 0], xy[:, 1])
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def on_ellipsoid(lon: Floats, lat: Floats) -> Floats:
    """Return places on the ellipsoid of WGS 84 as x, y, z in metres from the middle of the earth.

    Source: IOGP (2019): Geomatics Guidance Note 7-2, geographic to geocentric conversions.
    """
    import numpy as np

    squared = FLATTENING * (2 - FLATTENING)
    east, north = np.radians(lon), np.radians(lat)
    normal = SEMI_MAJOR / np.sqrt(1 - squared * np.sin(north) ** 2)
    flat = normal * np.cos(north)
    return np.column_stack([flat * np.cos(east), flat * np.sin(east), (1 - squared) * normal * np.sin(north)])


def length_on_ground(straight: Any) -> Any:
    """Return the way along the ground of straight lines (in metres) between places of :func:`on_ellipsoid`.

    As on a sphere of the mean radius: off by less than 0.002 % up to 1,000 km, 0.05 % up to 5,000 km and 0.4 % up to
    15,000 km, by up to 4 % on the far side of the earth. The longer the straight line, the longer the way, so that the
    nearest stay the nearest; for short ones the two are the same.

    Examples
    --------
    >>> round(float(length_on_ground(1_000.0)), 3), round(float(length_on_ground(1_000_000.0)))
    (1000.0, 1001029)
    """
    import numpy as np

    return 2 * RADIUS * np.arcsin(np.minimum(1.0, np.asarray(straight, dtype=np.float64) / (2 * RADIUS)))


def centres(layer: gpd.GeoDataFrame | gpd.GeoSeries) -> Floats:
    """Return the centroids of shapes on the ellipsoid (:func:`on_ellipsoid`), wherever on earth they lie.

    Every shape is drawn in an equal-area cylindrical projection of its own, in which parts on both sides of the 180th
    meridian lie side by side.
    """
    import numpy as np
    import shapely

    shapes = np.array(layer.geometry.to_crs(4326).array)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    first = points[np.searchsorted(owner, np.arange(len(shapes))), 0]
    middle = first[owner]
    drawn = np.column_stack([(points[:, 0] - middle + 180) % 360 - 180, np.degrees(np.sin(np.radians(points[:, 1])))])
    found = shapely.get_coordinates(shapely.centroid(shapely.set_coordinates(shapes, drawn)))
    return on_ellipsoid(found[:, 0] + first, np.degrees(np.arcsin(np.clip(np.radians(found[:, 1]), -1, 1))))


def areas_of(layer: gpd.GeoDataFrame | gpd.GeoSeries, metres: Metres | None = None) -> Floats:
    """Return the area of shapes in m², with an error of at most 0.6 %.

    Where the layer's own CRS or a UTM zone holds, it is measured there; else every shape is measured on the ellipsoid.
    Source of the latter: Karney, C. F. F. (2013): Algorithms for geodesics. Journal of Geodesy 87, 43-55.

    Examples
    --------
    A cell of one degree on the equator and one at 60 degrees north:

    >>> import geopandas as gpd, shapely
    >>> cells = gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.box(40, 60, 41, 61)], crs=4326)
    >>> (areas_of(cells) / 1e6).round().tolist()
    [12309.0, 6123.0]
    """
    import numpy as np
    import shapely
    from pyproj import Geod

    metres = metres or metres_of(layer)
    if not metres.made:
        return np.asarray(shapely.area(layer.geometry.to_crs(metres.crs).array), dtype=np.float64)
    geod = Geod(a=SEMI_MAJOR, f=FLATTENING)
    shapes = shapely.orient_polygons(np.array(layer.geometry.to_crs(4326).array))
    # Holes run the other way round and take away. Ring by ring, since pyproj looks at shapes slower than it measures.
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    ends = np.cumsum(np.bincount(ring, minlength=len(rings)))
    lon, lat = (np.split(np.ascontiguousarray(column), ends)[:-1] for column in points.T)
    found = [geod.polygon_area_perimeter(*each)[0] for each in zip(lon, lat, strict=True)]
    of_parts = np.bincount(part, found, minlength=len(parts))
    return np.abs(np.bincount(owner, of_parts, minlength=len(shapes)))


def widened(points: Any, metres: Metres, radius: Any, *, quad_segs: int) -> Any:
    """Widen shapes in the CRS of ``metres`` by a distance on the ground."""
    import numpy as np
    import shapely

    return shapely.buffer(points, np.asarray(radius) * _at(points, metres), quad_segs=quad_segs)


def pairs_within(shapes: Any, metres: Metres, distance: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of shapes (both ways, and each with itself) that lie within a distance on the ground."""
    import numpy as np
    import shapely

    tree = shapely.STRtree(shapes)
    if metres.holds or not len(shapes):
        one, two = tree.query(shapes, predicate="dwithin", distance=distance)
        return one, two
    most = float(np.max(_at(shapes, metres))) * 1.05
    one, two = tree.query(shapes, predicate="dwithin", distance=distance * most)
    lines = shapely.shortest_line(shapes[one], shapes[two])
    ends = on_ellipsoid(*lon_lat(metres.crs, shapely.get_coordinates(lines))).reshape(-1, 2, 3)
    near = length_on_ground(np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)) <= distance
    return one[near], two[near]


def local_stretch(shapes: Any, metres: Metres) -> Any:
    """Return what a metre on the ground measures at each shape in the CRS of ``metres``: 1 where the CRS holds."""
    return _at(shapes, metres)


def _at(shapes: Any, metres: Metres) -> Any:
    import numpy as np
    import shapely

    if metres.holds or not len(shapes):
        return np.ones(len(shapes))
    west, south, east, north = shapely.bounds(shapes).T
    return stretch(metres.crs, np.column_stack([(west + east) / 2, (south + north) / 2]))


def shortest_arc(lon: Floats) -> tuple[float, float]:
    """Return west and east of the shortest arc that holds longitudes; east is above 180 where it crosses the meridian.

    Examples
    --------
    >>> import numpy as np
    >>> shortest_arc(np.array([173.0, -176.5, -134.0]))
    (173.0, 226.0)
    """
    import numpy as np

    turned = np.unique(np.mod(np.asarray(lon, dtype=np.float64) + 180, 360) - 180)
    gaps = np.diff(turned, append=turned[0] + 360)
    widest = int(gaps.argmax())
    if gaps[widest] <= gaps[-1] + 1e-9:
        return float(turned[0]), float(turned[-1])
    return float(turned[widest + 1]), float(turned[widest] + 360)


def scales(crs: CRS, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return the least and the greatest stretch of short lengths at places, in any direction."""
    import numpy as np
    from pyproj import Geod, Transformer

    geod = Geod(a=SEMI_MAJOR, f=FLATTENING)
    to = Transformer.from_crs(4326, crs, always_xy=True)
    # Steps lead towards the equator, so that no step crosses a pole.
    start = np.array(to.transform(lon, lat))
    steps = []
    for bearing in (np.where(lat > 0, 180.0, 0.0), np.full(len(lon), 90.0)):
        there = geod.fwd(lon, lat, bearing, np.full(len(lon), STEP))
        with np.errstate(invalid="ignore"):
            steps.append((np.array(to.transform(there[0], there[1])) - start) / STEP)
    (a, c), (b, d) = steps
    with np.errstate(invalid="ignore"):
        half, product = (a * a + b * b + c * c + d * d) / 2, a * d - b * c
        root = np.sqrt(np.maximum(half * half - product * product, 0.0))
        return np.sqrt(np.maximum(half - root, 0.0)), np.sqrt(half + root)


def _sample_places(layer: gpd.GeoDataFrame | gpd.GeoSeries, crs: CRS) -> tuple[Floats, Floats]:
    """Return longitude and latitude of some places of a layer: a lattice over each part of its shapes, thinned."""
    import numpy as np
    import shapely

    parts = np.asarray(layer.geometry.array)
    if (shapely.get_type_id(parts) == SINGLE_POINT).all():
        return _sample_points(shapely.get_coordinates(parts), crs)
    # Parts, because a shape on both sides of the 180th meridian has bounds around the world.
    parts = shapely.get_parts(parts)
    bounds = shapely.bounds(parts)
    # One that jumps from 179 to -179 is told by its corners.
    jumps = (bounds[:, 2] - bounds[:, 0] > 180) & crs.is_geographic
    corners = shapely.get_coordinates(parts[jumps])
    bounds = bounds[np.isfinite(bounds).all(axis=1) & ~jumps]
    west, south, east, north = bounds.T
    sides = np.linspace(0, 1, 5 if len(bounds) <= FEW else 3)
    lattice = [(west + i * (east - west), south + j * (north - south)) for i in sides for j in sides]
    xy = np.concatenate([*(np.column_stack(pair) for pair in lattice), corners])
    return _thinned(xy, 1, crs)


def _sample_points(xy: Floats, crs: CRS) -> tuple[Floats, Floats]:
    """Return longitude and latitude of some points: as many as of shapes whose lattice has drawn together."""
    import numpy as np

    xy = xy[np.isfinite(xy).all(axis=1)]
    return _thinned(xy, 25 if len(xy) <= FEW else 9, crs)


def _thinned(xy: Floats, times: int, crs: CRS) -> tuple[Floats, Floats]:
    """Return longitude and latitude of some places, which are counted several times; the outermost are among them."""
    import numpy as np
    from pyproj.exceptions import ProjError

    count = len(xy) * times
    if count <= SAMPLE:
        rows = np.arange(count)
    else:
        x, y = xy.T
        ends = [f(each) for each in (x, y, x + y, x - y) for f in (np.argmin, np.argmax)]
        rows = np.unique(np.concatenate([ends, np.arange(0, count, count // SAMPLE)]))
    xy = xy[rows % max(len(xy), 1)]
    try:
        lon, lat = lon_lat(crs, xy)
    except ProjError as error:
        found = f"there is no way from its reference system to longitude and latitude ({error})"
        raise WrongPlaceError("layer", found, "Reproject it in a GIS.") from error
    there = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90)
    if not there.any():
        found = "its coordinates cannot be turned into longitude and latitude"
        raise WrongPlaceError("layer", found, "Check its CRS, and that it has shapes.")
    return lon[there], lat[there]


def _is_wide(crs: CRS) -> bool:
    """Whether a projected CRS covers so much of the world that a UTM zone should be tried first."""
    area = crs.area_of_use
    return area is None or (area.east - area.west) % 360 > WIDE[0] or (area.north - area.south) > WIDE[1]


def _utm(crs: CRS, bounds: Floats, lon: Floats, lat: Floats) -> Iterator[CRS]:
    """Give the UTM zone of the middle of a layer, where there is one: not near the poles."""
    import numpy as np
    from pyproj import CRS

    west, east = shortest_arc(lon)
    # Of a layer on one side of the meridian GeoPandas asks for the middle in the layer's own CRS.
    if east > 180 or float(lon.min()) < -180:
        x, y = ((west + east) / 2 + 180) % 360 - 180, (lat.min() + lat.max()) / 2
        crs, bounds = CRS.from_epsg(4326), np.array([x, y, x, y])
    try:
        yield utm_zone(crs, *map(float, bounds))
    except RuntimeError:
        return


def _projections_around(lon: Floats, lat: Floats) -> Iterator[CRS]:
    """Give conformal projections around places, each with its scale chosen so that lengths are off least."""
    import numpy as np

    west, east = shortest_arc(lon)
    across, along = round((west + east) / 2, 1), round((lat.min() + lat.max()) / 2, 1)
    x, y, z = (ends.min() + ends.max() for ends in on_ellipsoid(lon, lat).T)
    turn, rise = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
    for where in dict.fromkeys([(across, along), (round(float(turn), 1), round(float(rise), 1))]):
        yield _balanced_projection("Stereographic", where, {}, lon, lat)
    yield _balanced_projection("Transverse Mercator", (across, along), {}, lon, lat)
    height = float(lat.max() - lat.min())
    low, high = float(lat.min()) + 0.15 * height, float(lat.max()) - 0.15 * height
    if min(abs(low), abs(high)) > 3 and low * high > 0:  # nearer to the equator it is no cone
        # One parallel and a scale, not two and a scale, which GeoPackage has no words for.
        yield _balanced_projection("Lambert conformal conic", (across, along), {"lat_1": along}, lon, lat)


def _balanced_projection(
    kind: str, middle: tuple[float, float], more: dict[str, float], lon: Floats, lat: Floats
) -> CRS:
    """Return a projection around a place, scaled so that the greatest and the least stretch are equally far from 1."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        least, most = scales(_crs(kind, middle, more, 1.0), lon, lat)
        scale = 2.0 / float(np.min(least) + np.max(most))
    return _crs(kind, middle, more, round(scale, 6) if np.isfinite(scale) and scale > 0 else 1.0)


def _crs(kind: str, middle: tuple[float, float], more: dict[str, float], scale: float) -> CRS:
    from pyproj import CRS

    words = {"Stereographic": "stere", "Transverse Mercator": "tmerc", "Lambert conformal conic": "lcc"}
    lon, lat = (middle[0] + 180) % 360 - 180, middle[1]
    given: dict[str, Any] = {"proj": words[kind], "lon_0": round(lon, 1), "lat_0": lat, "k_0": scale, **more}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyproj warns that this way of writing a CRS says little of its datum
        plain = CRS.from_dict({**given, "datum": "WGS84", "units": "m"}).to_json_dict()
    sides = f"{abs(lat):g} {'N' if lat >= 0 else 'S'} {abs(given['lon_0']):g} {'E' if given['lon_0'] >= 0 else 'W'}"
    return CRS.from_json_dict({**plain, "name": f"{kind} around {sides} (WGS 84)"})
