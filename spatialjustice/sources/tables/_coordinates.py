"""Where points lie: coordinates checked against their reference system, their scale and what else the file says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
from pyproj import CRS, Transformer

from spatialjustice._core.errors import InputError, WrongPlaceError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_own_crs
from spatialjustice._core.ground.datum import datum_findings
from spatialjustice._core.ground.metres import length_on_ground, on_ellipsoid

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SCALES = (10, 100, 1000)
"""How many times too large a coordinate may be that lost its decimal point."""

APART = 5.0
"""Metres from which two sets of coordinates of one point are not the same."""


class LocatedPoints(NamedTuple):
    """Points in degrees, None where the file says nothing of them, and what must be known of them."""

    points: gpd.GeoSeries
    known: NDArray[np.bool_]
    findings: list[Finding]


def points_in_degrees(x: pd.Series[float], y: pd.Series[float], crs: Any, name: str, *, rescale: bool) -> LocatedPoints:
    """Turn two columns of coordinates into points in degrees.

    Raises
    ------
    WrongPlaceError
        When coordinates cannot be of the CRS: too large by a power of ten (unless asked to correct that), or swapped.
    """
    if isinstance(crs, str):
        require_own_crs(crs, name)
    system = CRS.from_user_input(crs)
    require_own_crs(system, name)
    east: Floats = np.array(x, dtype=np.float64)
    north: Floats = np.array(y, dtype=np.float64)
    # Nobody lives at latitude 0, longitude 0: software writes it where it knows no place.
    known = np.isfinite(east) & np.isfinite(north) & ~((east == 0) & (north == 0))
    findings = []
    if system.is_geographic:
        _require_degrees(east, north, known, x.index, name)
    else:
        findings = _rescaled(east, north, known, x.index, system, name, rescale=rescale)
    findings += datum_findings(system, east[known], north[known], name)
    points = gpd.GeoSeries(gpd.points_from_xy(east, north), index=x.index, crs=system).to_crs(4326)
    points[~known] = None
    return LocatedPoints(points, known, findings)


def _require_degrees(east: Floats, north: Floats, known: NDArray[np.bool_], ids: Any, name: str) -> None:
    outside = known & ((np.abs(north) > 90) | (np.abs(east) > 180))
    if not outside.any():
        return
    swapped = bool(((np.abs(east) <= 90) & (np.abs(north) <= 180))[outside].all())
    raise WrongPlaceError(
        name,
        f"{int(outside.sum()):,} rows lie at no longitude and latitude",
        "Latitude and longitude are swapped: exchange the two columns."
        if swapped
        else "They are in another coordinate reference system: name it with crs=….",
        rows=ids[outside],
    )


def _rescaled(
    east: Floats, north: Floats, known: NDArray[np.bool_], ids: Any, system: CRS, name: str, *, rescale: bool
) -> list[Finding]:
    """Find coordinates that lost their decimal point, each by itself; divide them where that is asked for."""
    area = system.area_of_use
    if area is None:
        return []
    onward = Transformer.from_crs(4326, system, always_xy=True)
    # A margin of a fifth: cities lie at the edges of zones, too.
    low_x, low_y, high_x, high_y = onward.transform_bounds(area.west, area.south, area.east, area.north)
    wide, high = 0.2 * (high_x - low_x), 0.2 * (high_y - low_y)
    factors = np.ones((2, len(east)))
    for row, (values, low, top) in enumerate(
        ((east, low_x - wide, high_x + wide), (north, low_y - high, high_y + high))
    ):
        for factor in SCALES:
            misplaced = known & ~_is_between(values, low, top) & (factors[row] == 1)
            factors[row][misplaced & _is_between(values / factor, low, top)] = factor
    astray = known & ~_is_between(east / factors[0], low_x - wide, high_x + wide)
    astray |= known & ~_is_between(north / factors[1], low_y - high, high_y + high)
    if astray.any():
        raise WrongPlaceError(
            name,
            f"{int(astray.sum()):,} rows lie outside the area that {system.name} is for",
            "They are in another coordinate reference system: name it with crs=….",
            rows=ids[astray],
        )
    wrong = (factors > 1).any(axis=0)
    if not wrong.any():
        return []
    times = ", ".join(f"{value:,.0f}" for value in np.unique(factors[factors > 1]))
    found = f"coordinates of {int(wrong.sum()):,} of {int(known.sum()):,} rows are {times} times too large for "
    if not rescale:
        raise WrongPlaceError(
            name,
            f"{found}{system.name}; their decimal point was lost",
            "Compare some with a map, then ask for the correction: rescale=True divides each of them, and says so.",
            rows=ids[wrong],
        )
    east /= factors[0]
    north /= factors[1]
    message = f"In {name}, {found}{system.name} and were divided; the others stay as they are."
    advice = "Look at these points on the map."
    return [Finding("coordinates_rescaled", "warning", message, count=int(wrong.sum()), advice=advice)]


def _is_between(values: Floats, low: float, high: float) -> NDArray[np.bool_]:
    return np.asarray((values >= low) & (values <= high))


def disagreement(used: LocatedPoints, other: LocatedPoints, other_name: str, name: str) -> list[Finding]:
    """Say how far two sets of coordinates of the same points lie apart, where that is more than 5 metres."""
    both = used.known & other.known
    if not both.any():
        return []
    one, two = (on_ellipsoid(each.points[both].x.to_numpy(), each.points[both].y.to_numpy()) for each in (used, other))
    apart = length_on_ground(np.linalg.norm(one - two, axis=1))
    far = apart > APART
    if not far.any():
        return []
    message = (
        f"{name}: for {int(far.sum()):,} of {int(both.sum()):,} points {other_name} lie elsewhere than the coordinates "
        f"used, half of them {np.median(apart[far]):,.0f} metres or more away."
    )
    advice = "They are probably in another coordinate reference system than the one named; an old datum is off by 100 "
    return [Finding("coordinates_disagree", "warning", message, count=int(far.sum()), advice=advice + "to 300 metres.")]


def from_columns(frame: pd.DataFrame, pair: tuple[str, str], crs: Any, name: str, *, rescale: bool) -> LocatedPoints:
    """Read the coordinates in two columns of text or numbers.

    Raises
    ------
    InputError
        When a cell is no number, or as :func:`points_in_degrees`.
    """
    from spatialjustice.sources.tables._text_tables import numbers_in

    for column in pair:
        if column not in frame.columns:
            raise InputError(name, f"there is no column {column}", f"It has: {', '.join(map(str, frame.columns))}.")
    x, y = (numbers_in(frame[column], f"{name}, column {column}") for column in pair)
    return points_in_degrees(x, y, crs, name, rescale=rescale)
