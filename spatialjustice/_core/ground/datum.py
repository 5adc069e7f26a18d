"""How sure the way from a reference system to WGS 84 is: by the metres that coordinates move, or may be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from spatialjustice._core.findings import Finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pyproj import CRS

    Floats = NDArray[np.float64]

DOUBT = 30.0
"""Metres from which on it is a warning that coordinates may be wrong."""

STILL = 1.0
"""Metres below which coordinates do not move: a stated accuracy then says nothing of them."""

SAMPLE = 25
"""Places at which a way to WGS 84 is tried."""

ALIKE = 20.0
"""Metres by which the axes of an ellipsoid may differ from those of WGS 84 without being an old one."""

AXES = 6_378_137.0, 6_356_752.3
"""Of WGS 84."""

FROM_OFFICE = "Get the file in WGS 84 from its office, or compare points with a map and move it by what they are off."


class DatumOperation(NamedTuple):
    """An operation from a reference system to WGS 84, as PROJ names it."""

    name: str
    accuracy: float
    area: str
    rough: bool
    bounds: tuple[float, float, float, float]

    def degrees_from(self, lon: float, lat: float) -> float:
        """Tell roughly how far a place lies from the area the operation is made for; 0 inside."""
        west, south, east, north = self.bounds
        return max(west - lon, lon - east, 0.0) + max(south - lat, lat - north, 0.0)


def datum_findings(crs: CRS, x: Floats, y: Floats, what: str) -> list[Finding]:
    """Tell where the way from a reference system to WGS 84 may put coordinates in the wrong place.

    PROJ chooses an operation for every point. Where none is known for the place, it takes longitude and latitude as
    they are, as if both datums were one (a “ballpark” operation). How far that may be wrong is how far the operations
    that are known elsewhere move the coordinates. Of a known operation, the accuracy it states counts, if it moves the
    coordinates at all.

    Parameters
    ----------
    crs
        The reference system of the coordinates.
    x, y
        Coordinates in it, east and north.
    what
        What they are of, as a sentence begins with it, for example ``points.shp``.

    Returns
    -------
    list of Finding
        ``datum_uncertain``, or nothing.

    Examples
    --------
    Old coordinates of Tehran, for which there is no published way from their datum:

    >>> import numpy as np
    >>> from pyproj import CRS
    >>> [found] = datum_findings(CRS(27039), np.array([536_000.0]), np.array([3_950_000.0]), "clinics.shp")
    >>> found.code, "Nahrwan 1967" in found.message
    ('datum_uncertain', True)
    """
    import numpy as np

    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(there) or crs.geodetic_crs is None or _is_wgs84(crs):
        return []
    some = np.unique(there[np.linspace(0, len(there) - 1, min(SAMPLE, len(there))).round().astype(int)])
    x, y = np.asarray(x, dtype=np.float64)[some], np.asarray(y, dtype=np.float64)[some]
    used, reached = _operation_used(crs, x, y)
    rough = np.array([each.rough for each in used])
    if rough.any():
        return _told_of_ballpark(crs, x[rough], y[rough], reached[rough], what)
    moved = _metres_apart(_in_own_datum(crs, x, y), reached)
    wrong = max((way.accuracy for way, metres in zip(used, moved, strict=True) if metres > STILL), default=0.0)
    if wrong < DOUBT:
        return []
    way = max(used, key=lambda each: each.accuracy)
    message = f"{what} is in {crs.name}: on the way to WGS 84 its coordinates move by {moved.max():,.0f} m and may be "
    message += f"wrong by {wrong:,.0f} m ({way.name}, {way.area})."
    return [
        Finding("datum_uncertain", "warning", message, advice=_better_operation(crs, reached, wrong) or FROM_OFFICE)
    ]


def _told_of_ballpark(crs: CRS, x: Floats, y: Floats, reached: Floats, what: str) -> list[Finding]:
    """Say how far coordinates may be wrong that went to WGS 84 as they are."""
    known = _operations_known(crs, x, y)
    plain = f"{what} is in {crs.name}, from whose datum no way to WGS 84 is known at this place; its coordinates were "
    plain += "taken as they are"
    if not known:
        axes = () if crs.ellipsoid is None else (crs.ellipsoid.semi_major_metre, crs.ellipsoid.semi_minor_metre)
        if all(abs(axis - modern) < ALIKE for axis, modern in zip(axes, AXES, strict=False)):
            return []
        message = f"{plain}. Nor is one known elsewhere: old datums are off by 100 to 500 m."
        return [Finding("datum_uncertain", "warning", message, advice=FROM_OFFICE)]
    off = [_metres_apart(reached, there).max() for _, there in known]
    if max(off) < DOUBT:
        return []
    lon, lat = reached.mean(axis=0)
    nearest = min((way for way, _ in known), key=lambda way: (round(way.degrees_from(lon, lat), 1), way.accuracy))
    between = f"{min(off):,.0f} to {max(off):,.0f}" if max(off) - min(off) >= 1 else f"{max(off):,.0f}"
    message = f"{plain} and may be wrong by {between} m: so far do the ways move them that are known for other places."
    advice = f"The nearest of these is “{nearest.name}” ({nearest.area}; exact to {nearest.accuracy:g} m there): if it "
    advice += f"fits, reproject the file by it in a GIS. {FROM_OFFICE}"
    return [Finding("datum_uncertain", "warning", message, advice=advice)]


def _is_wgs84(crs: CRS) -> bool:
    datum = None if crs.geodetic_crs is None else crs.geodetic_crs.datum
    return datum is not None and "World Geodetic System 1984" in datum.name


def _operation_used(crs: CRS, x: Floats, y: Floats) -> tuple[list[DatumOperation], Floats]:
    """Return the operation that PROJ takes at each point, and longitude and latitude in WGS 84."""
    import numpy as np
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    to = Transformer.from_crs(crs, 4326, always_xy=True)
    ways, reached = [], []
    for each in zip(x, y, strict=True):
        reached.append(to.transform(*each))
        try:
            ways.append(_as_operation(to.get_last_used_operation()))
        except ProjError:  # where only one is known, PROJ does not say that it was used
            ways.append(_as_operation(to))
    return ways, np.array(reached)


def _operations_known(crs: CRS, x: Floats, y: Floats) -> list[tuple[DatumOperation, Floats]]:
    """Return the operations that are known for any place, and where they put the coordinates."""
    import warnings

    import numpy as np
    from pyproj.transformer import TransformerGroup

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that grids are not installed
        group = TransformerGroup(crs, 4326, always_xy=True, allow_ballpark=False)
    found = [(_as_operation(each), np.column_stack(each.transform(x, y))) for each in group.transformers]
    return [(way, there) for way, there in found if not way.rough and np.isfinite(there).all()]


def _better_operation(crs: CRS, reached: Floats, accuracy: float) -> str:
    """Name an operation that is more exact at a place but needs a grid which is not installed; empty for none."""
    import warnings

    import numpy as np
    from pyproj.transformer import AreaOfInterest, TransformerGroup

    sides = [float(side) for side in (*reached.min(axis=0), *reached.max(axis=0))]
    if not np.isfinite(sides).all():
        return ""
    place = AreaOfInterest(*sides)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        group = TransformerGroup(crs, 4326, always_xy=True, area_of_interest=place)
    more = [each for each in group.unavailable_operations if 0 <= each.accuracy < accuracy]
    if not more:
        return ""
    best = min(more, key=lambda each: each.accuracy)
    grids = ", ".join(grid.short_name for grid in best.grids)
    return f"“{best.name}” is exact to {best.accuracy:g} m and needs the grid {grids}: reproject it by that in a GIS."


def _as_operation(operation: Any) -> DatumOperation:
    description = str(operation.description)
    name = next((part for part in description.split(" + ") if " to WGS 84" in part), description)
    rough = "ballpark" in description.lower()
    area = operation.area_of_use
    if area is None:
        return DatumOperation(name, float(operation.accuracy), "area not stated", rough, (-180.0, -90.0, 180.0, 90.0))
    bounds = (float(area.west), float(area.south), float(area.east), float(area.north))
    return DatumOperation(name, float(operation.accuracy), area.name.rstrip("."), rough, bounds)


def _in_own_datum(crs: CRS, x: Floats, y: Floats) -> Floats:
    """Return longitude and latitude in the datum of the CRS itself, in degrees east of Greenwich."""
    import numpy as np
    from pyproj import Transformer

    geodetic = crs.geodetic_crs
    lon, lat = Transformer.from_crs(crs, geodetic, always_xy=True).transform(x, y)
    unit = np.degrees(geodetic.axis_info[0].unit_conversion_factor) if geodetic is not None else 1.0
    meridian = crs.prime_meridian
    zero = 0.0 if meridian is None else np.degrees(float(meridian.longitude) * float(meridian.unit_conversion_factor))
    return np.column_stack([np.asarray(lon) * unit + zero, np.asarray(lat) * unit])


def _metres_apart(one: Floats, two: Floats) -> Floats:
    import numpy as np
    from pyproj import Geod

    return np.asarray(Geod(ellps="WGS84").inv(one[:, 0], one[:, 1], two[:, 0], two[:, 1])[2])
