"""Formulas that a browser and this package compute to the same bit: sums, products, quotients and roots alone.

Sines differ from browser to browser. So the projection of a town is sent as a polynomial, which is as good as it within
a few kilometres, and what is left of it as whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DEGREES = range(2, 11)
SAMPLES = 24
FINE = 1e-5
"""Millimetres: a polynomial that is off by less is good enough."""
OF_LENGTHS = 4
"""Degree of the polynomials for lengths."""


class Plane(NamedTuple):
    """Millimetres from steps of longitude and latitude, around a middle."""

    lon: int
    lat: int
    per_lon: float
    per_lat: float
    x: int
    y: int
    of_x: list[list[float]]
    of_y: list[list[float]]

    def record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return self._asdict()


def powers(numbers: Sequence[float], at: Floats) -> Floats:
    """Evaluate a polynomial, highest power last in ``numbers``, in the order in which a page does.

    Examples
    --------
    >>> powers([1.0, 2.0, 3.0], np.array([2.0])).tolist()
    [17.0]
    """
    total = np.full(np.shape(at), numbers[-1])
    for number in reversed(numbers[:-1]):
        total = total * at + number
    return total


def millimetres(plane: Plane, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return x and y of coordinates in steps, in millimetres, not rounded."""
    t, u = (lon - plane.lon) * plane.per_lon, (lat - plane.lat) * plane.per_lat
    found = []
    for rows in (plane.of_x, plane.of_y):
        total = powers(rows[-1], u)
        for row in reversed(rows[:-1]):
            total = total * t + powers(row, u)
        found.append(total)
    return found[0], found[1]


def fitted_plane(lon: Floats, lat: Floats, project: Callable[[Floats, Floats], tuple[Floats, Floats]]) -> Plane:
    """Fit a projection over the rectangle of some coordinates (steps); ``project`` gives millimetres."""
    west, east, south, north = int(lon.min()), int(lon.max()), int(lat.min()), int(lat.max())
    middle = (west + east) // 2, (south + north) // 2
    # A margin, so that places around the last street are inside.
    half = max(east - west, 100_000) * 0.55, max(north - south, 100_000) * 0.55
    nodes = np.cos(np.pi * (np.arange(SAMPLES) + 0.5) / SAMPLES)
    t, u = (grid.ravel() for grid in np.meshgrid(nodes, nodes))
    x, y = project(middle[0] + t * half[0], middle[1] + u * half[1])
    origin = round(float(np.mean(x))), round(float(np.mean(y)))
    around = *middle, 1 / half[0], 1 / half[1], *origin
    for degree in DEGREES:
        rows, off = _polynomial(degree, (t, u), np.column_stack([x - origin[0], y - origin[1]]))
        if off < FINE:
            break
    return Plane(*around, *rows)


def _polynomial(degree: int, at: tuple[Floats, Floats], values: Floats) -> tuple[list[list[list[float]]], float]:
    """Fit polynomials of two numbers; return their rows by powers of the first, and how far they are off."""
    t, u = at
    terms = [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]
    matrix = np.column_stack([t**i * u**j for i, j in terms])
    solved = np.linalg.lstsq(matrix, values, rcond=None)[0]
    tables: list[list[list[float]]] = []
    for column in solved.T:
        table: list[list[float]] = [[] for _ in range(degree + 1)]
        for (i, _), number in zip(terms, column.tolist(), strict=True):
            table[i].append(number)
        tables.append(table)
    return tables, float(np.abs(matrix @ solved - values).max())


class Ground(NamedTuple):
    """Steps of cost that a step of longitude and of latitude is long, by latitude."""

    of_lon: list[float]
    of_lat: list[float]

    def record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return self._asdict()


def lengths(ground: Ground, plane: Plane, lon: tuple[Floats, Floats], lat: tuple[Floats, Floats]) -> Floats:
    """Return the length of straight lines between coordinates in steps of cost, not rounded."""
    u = ((lat[0] + lat[1]) * 0.5 - plane.lat) * plane.per_lat
    across, along = (lon[1] - lon[0]) * powers(ground.of_lon, u), (lat[1] - lat[0]) * powers(ground.of_lat, u)
    return np.sqrt(across * across + along * along)


def fitted_ground(plane: Plane, step: float, grid: float) -> Ground:
    """Fit how long steps are on the ellipsoid of WGS 84; ``step`` is in degrees, ``grid`` that of costs in metres."""
    u = np.cos(np.pi * (np.arange(SAMPLES) + 0.5) / SAMPLES)
    lat = np.radians((plane.lat + u / plane.per_lat) * step)
    half_axis, flat = 6_378_137.0, 1 / 298.257223563
    squared = flat * (2 - flat)
    root = 1 - squared * np.sin(lat) ** 2
    steps = np.radians(step) / grid
    of_lon, of_lat = half_axis / np.sqrt(root) * np.cos(lat), half_axis * (1 - squared) / root**1.5
    matrix = np.column_stack([u**i for i in range(OF_LENGTHS + 1)])
    return Ground(*(np.linalg.lstsq(matrix, part * steps, rcond=None)[0].tolist() for part in (of_lon, of_lat)))


TERMS = 14
HALVINGS = 3


def exponential(power: Floats) -> Floats:
    """Return e to a small power by its series, whose eighth part is taken and the result multiplied by itself.

    Examples
    --------
    >>> float(np.round(exponential(np.array(1.0)), 12))
    2.718281828459
    """
    small = power / 2**HALVINGS
    total = np.ones(np.shape(power))
    for term in range(TERMS, 0, -1):
        total = 1 + small * total / term
    for _ in range(HALVINGS):
        total = total * total
    return total


def pace(kind: str, numbers: Sequence[float], rise: Floats, length: Floats) -> Floats:
    """Return the share of the flat speed that is left on a slope; rise and length are in metres.

    Examples
    --------
    >>> pace("walking", (3.5, 0.05, 0.35), np.array([10.0, 0.0]), np.array([100.0, 50.0])).round(3).tolist()
    [0.705, 1.0]
    """
    steepest = numbers[-1]
    grade = np.divide(rise, length, out=np.zeros(np.shape(length)), where=length > 0)
    grade = np.minimum(np.maximum(grade, -steepest), steepest)
    if kind == "walking":
        return exponential(-numbers[0] * (np.abs(grade + numbers[1]) - numbers[1]))
    uphill, downhill, pushed, braked, _ = numbers
    speed = 1 - 100 * np.where(grade > 0, uphill, downhill) * grade
    return np.asarray(np.minimum(np.maximum(speed, pushed), braked))


def rises(kind: str, numbers: Sequence[float], pace: Floats) -> list[Floats]:
    """Return the grades that a pace may come from."""
    with np.errstate(all="ignore"):
        if kind == "walking":
            grade = -np.log(pace) / numbers[0]
            return [grade, -grade - 2 * numbers[1]]
        uphill, downhill, *_ = numbers
        return [(1 - pace) / (100 * uphill), (1 - pace) / (100 * downhill)]


def flat_ratios(kind: str, numbers: Sequence[float], length: Floats, up: Floats, down: Floats) -> Floats:
    """Return by how much streets would be dearer than they are long if they were flat, as both their costs may tell."""
    with np.errstate(all="ignore"):
        if kind == "walking":
            return np.asarray(np.sqrt(up * down) / length)
        uphill, downhill, *_ = numbers
        one = (1 / uphill + 1 / downhill) / (length / up / uphill + length / down / downhill)
        other = (1 / uphill + 1 / downhill) / (length / up / downhill + length / down / uphill)
        return np.concatenate([one, other])
