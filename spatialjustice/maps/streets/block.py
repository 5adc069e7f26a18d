"""The block of streets in a page: the whole network of a mode, who lives where on it, and places, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.maps.streets import formulas
from spatialjustice.maps.streets.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[Any]

GRID = 2.0**-24
"""Metres in a step of cost."""
STEP = 1e-7
"""Degrees in a step of longitude or latitude."""
STRIP = 250_000
"""Millimetres: height of the strips in which nodes stand in order."""
RATIOS = 200
"""So many speeds of streets are told apart; where there are more, slopes make them."""
COMMON = 0.005
"""Share of edges that a ratio must have where slopes make every edge another one."""
LONG = 5.0
"""Metres from which an edge tells its ratio."""
RISE = 1e9
"""Millimetres: what rises more is no street."""
CLOSE = 1e-6
"""Metres within which the formulas must give what the projection gives."""


def street_block(
    streets: Any,
    *,
    zones: Any,
    people: Floats,
    project: Callable[[Floats, Floats], tuple[Floats, Floats]],
    mode: Mapping[str, Any],
    services: Sequence[Mapping[str, Any]] = (),
    groups: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Pack the streets of a mode, where zones and places join them, and people.

    Parameters
    ----------
    streets
        What :func:`spatialjustice.network.contracted_streets` returned.
    zones
        Where every zone joins them, as :func:`spatialjustice.network.joined_points` tells; one point each.
    people
        People of each zone.
    project
        From longitude and latitude in degrees to metres in the CRS of the network.
    mode
        ``key``, ``speed``, ``leg`` (what a metre off the street costs), ``limit`` (how far a point may lie off),
        ``unit``, ``cutoffs``; kept as it is.
    services
        For each: ``key``, ``title``, ``names``, ``lon``, ``lat`` of its places, and ``joined``, their entrances.
    groups
        For each: ``key``, ``title`` and ``people`` of each zone.

    Returns
    -------
    dict
        Plain data for a page, which ``streets.js`` reads.

    Raises
    ------
    InputError
        When the network covers so much that no formula follows its projection.
    """
    return _Packer(streets, project).block(zones, people, mode, services, groups)


class _Packer:
    """Puts the parts of a block one after another, each in the order that the ones before it make."""

    def __init__(self, streets: Any, project: Callable[[Floats, Floats], tuple[Floats, Floats]]) -> None:
        if not streets.ordered:
            # Of two streets at one place the first counts, and a page knows the order by the places alone.
            raise InputError("what_if", "the streets are not in the order of their places", "Build them from_osm.")
        self.streets, self.streams = streets, Streams()
        used = np.unique(np.concatenate([streets.first, streets.last]))
        self.plane = formulas.fitted_plane(
            streets.lon[used], streets.lat[used], lambda lon, lat: _in_millimetres(project, lon, lat)
        )
        _check(self.plane, streets.lon[used], streets.lat[used], project)
        self.ground = formulas.fitted_ground(self.plane, STEP, GRID)

    def block(
        self,
        zones: Any,
        people: Floats,
        mode: Mapping[str, Any],
        services: Sequence[Mapping[str, Any]],
        groups: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any]:
        self._chains()
        self._nodes()
        predictors = self._costs()
        self.streams.whole("apart", self.streets.apart[self.edges])
        self._points(zones)
        self.streams.whole("outside", zones.outside)
        self.streams.doubles("people", people)
        for group in groups:
            self.streams.doubles(f"group {group['key']}", group["people"])
        listed = [self._service(service) for service in services]
        named = [{"key": group["key"], "title": group["title"]} for group in groups]
        return {
            "version": 1,
            "mode": dict(mode),
            "counts": [int(self.junctions.size), int(self.start.size - 1), int(self.edges.size), len(people)],
            "plane": self.plane.record(),
            "ground": self.ground.record(),
            "predictors": predictors,
            "slope": self.slope,
            "services": listed,
            "groups": named,
            **self.streams.packed(),
        }

    def _chains(self) -> None:
        """Give numbers to junctions along a curve that fills the plane, and to chains by their ends."""
        streets = self.streets
        begin, end = streets.start[:-1], streets.start[1:]
        one, other = streets.first[begin], streets.last[end - 1]
        junctions = np.unique(np.concatenate([one, other]))
        curve = _along_curve(streets.lon[junctions], streets.lat[junctions])
        self.junctions = junctions[np.lexsort((junctions, curve))]
        number = np.full(streets.lon.size, -1, dtype=np.int64)
        number[self.junctions] = np.arange(self.junctions.size)
        a, b = number[one], number[other]
        turned = a > b
        a, b = np.minimum(a, b), np.maximum(a, b)
        size = end - begin
        order = np.lexsort((size, b, a))
        self.a, self.b, turned, size = a[order], b[order], turned[order], size[order]
        self.start = np.concatenate([[0], np.cumsum(size)])
        self.chain = np.repeat(np.arange(order.size), size)
        rank = np.arange(self.chain.size) - self.start[:-1][self.chain]
        self.rank, self.size = rank, size
        # Positions of edges in the arrays given, in the order of the page, and whether they are passed backwards there.
        self.edges = np.where(turned[self.chain], (end[order] - 1)[self.chain] - rank, begin[order][self.chain] + rank)
        self.turned = turned[self.chain]
        self.first = np.where(self.turned, streets.last[self.edges], streets.first[self.edges])
        self.last = np.where(self.turned, streets.first[self.edges], streets.last[self.edges])
        self.place = np.full(int(streets.edge.max()) + 1, -1, dtype=np.int64)
        self.place[streets.edge[self.edges]] = np.arange(self.edges.size)
        per_junction = np.bincount(self.a, minlength=self.junctions.size)
        self.streams.whole("chains", per_junction)
        heads = self.b - self.a
        same = np.concatenate([[False], self.a[1:] == self.a[:-1]])
        heads[same] = (self.b[1:] - self.b[:-1])[same[1:]]
        self.streams.whole("heads", heads)
        self.streams.whole("inner", size - 1)

    def _nodes(self) -> None:
        """Send junctions as steps from one to the next, the other nodes as steps off the straight line ahead."""
        streets, inner = self.streets, self.rank < self.size[self.chain] - 1
        nodes = np.concatenate([self.junctions, self.last[inner]])
        at = [np.asarray(values)[nodes].astype(np.float64) for values in (streets.lon, streets.lat)]
        for name, values in zip(("lon", "lat"), (streets.lon, streets.lat), strict=True):
            self.streams.whole(f"junction {name}", np.diff(values[self.junctions], prepend=0))
        left = (self.size[self.chain] - self.rank)[inner].astype(np.float64)
        end = self.junctions[self.b[self.chain[inner]]]
        for name, values in zip(("lon", "lat"), (streets.lon, streets.lat), strict=True):
            before, here = values[self.first[inner]], values[self.last[inner]]
            ahead = np.trunc((values[end] - before).astype(np.float64) / left)
            self.streams.whole(f"inner {name}", here - before - ahead)
        x, y = formulas.millimetres(self.plane, *at)
        for name, found, values, origin in (("x", x, streets.x, self.plane.x), ("y", y, streets.y, self.plane.y)):
            self.streams.whole(f"rest of {name}", values[nodes] - origin - np.rint(found).astype(np.int64))
        # Two nodes at one place are told apart by which comes first.
        key = np.lexsort((streets.y[nodes], streets.x[nodes]))
        same = (np.diff(streets.x[nodes][key]) == 0) & (np.diff(streets.y[nodes][key]) == 0)
        twins = np.unique(np.concatenate([key[:-1][same], key[1:][same]]))
        twins = twins[np.argsort(nodes[twins])]
        self.streams.whole("twins", np.diff(twins, prepend=0))

    def _costs(self) -> list[list[float]]:
        """Send what formulas leave of lengths and costs, and which formula was taken for each.

        A formula is a ratio of cost and length, and 1 where the slope counts as well.
        """
        streets = self.streets
        lon, lat = (
            (values[self.first].astype(np.float64), values[self.last].astype(np.float64))
            for values in (streets.lon, streets.lat)
        )
        length = streets.length[self.edges]
        self.streams.whole("length", length - np.rint(formulas.lengths(self.ground, self.plane, lon, lat)))
        up, down = streets.up[self.edges], streets.down[self.edges]
        up, down = np.where(self.turned, down, up), np.where(self.turned, up, down)
        ratios, sloping = _ratios(length, up, down)
        if sloping and streets.slope is not None:
            both = (length > LONG / GRID) & np.isfinite(up) & np.isfinite(down)
            told = formulas.flat_ratios(*streets.slope, *(values[both] for values in (length, up, down)))
            ratios = list(dict.fromkeys([*ratios, *_common(told)]))
        rise = np.zeros(length.size)
        predictors = [[ratio, 0] for ratio in ratios]
        self.slope = streets.slope if sloping else None
        if self.slope is not None:
            predictors += [[ratio, 1] for ratio in ratios]
            rise = self._rises(length, up, down, ratios)
        self.streams.whole("rise", rise)
        for name, cost, climb in (("up", up, rise), ("down", down, -rise)):
            code, rest = self._rest(length, cost, climb, predictors)
            self.streams.whole(f"{name} formula", code)
            self.streams.whole(f"{name} rest", rest)
        return predictors

    def _rises(self, length: Floats, up: Floats, down: Floats, ratios: list[float]) -> Floats:
        """Return by how many millimetres every edge rises, as far as its two costs tell."""
        assert self.slope is not None  # noqa: S101 - asked of slopes only
        kind, numbers = self.slope
        best, found = np.full(length.size, np.inf), np.zeros(length.size)
        for ratio in ratios:
            for cost, sign in ((up, 1), (down, -1)):
                with np.errstate(all="ignore"):
                    asked = length * ratio / cost
                for grade in formulas.rises(kind, numbers, asked):
                    rise = np.rint(sign * grade * length * GRID * 1000)
                    rise = np.where(np.isfinite(rise) & (np.abs(rise) < RISE), rise, 0.0)
                    off = np.zeros(length.size)
                    for own, climb in ((up, rise), (down, -rise)):
                        left = np.where(np.isfinite(own), own, 0) - self._predicted([ratio, 1], length, climb)
                        off += np.where(np.isfinite(own), np.abs(left), 0)
                    better = off < best
                    best[better], found[better] = off[better], rise[better]
        return found

    def _rest(
        self, length: Floats, cost: Floats, climb: Floats, predictors: list[list[float]]
    ) -> tuple[Integers, Floats]:
        """Choose the formula that leaves least of each cost, 0 for closed streets; return what it leaves."""
        best = np.full(cost.size, np.inf)
        code, rest = np.zeros(cost.size, dtype=np.int64), np.zeros(cost.size)
        opened = np.isfinite(cost)
        for number, predictor in enumerate(predictors, start=1):
            left = np.where(opened, cost, 0.0) - self._predicted(predictor, length, climb)
            better = opened & (np.abs(left) < best)
            best[better], code[better], rest[better] = np.abs(left)[better], number, left[better]
        return code, rest

    def _predicted(self, predictor: list[float], length: Floats, climb: Floats) -> Floats:
        ratio, sloping = predictor
        flat = length * ratio
        if sloping and self.slope is not None:
            flat = flat / formulas.pace(self.slope[0], self.slope[1], climb / 1000, length * GRID)
        return np.rint(flat)

    def _points(self, joined: Any) -> None:
        """Send where points join the streets: the edge, and how far they lie from its first node."""
        on = joined.edge >= 0
        edge = np.where(on, self.place[np.where(on, joined.edge, 0)], -1)
        node = self.first[np.maximum(edge, 0)]
        self.streams.whole("edge", np.diff(edge, prepend=0))
        self.streams.whole("east", np.where(on, joined.x - self.streets.x[node], 0))
        self.streams.whole("north", np.where(on, joined.y - self.streets.y[node], 0))

    def _service(self, service: Mapping[str, Any]) -> dict[str, Any]:
        joined = service["joined"]
        self.streams.whole("place", np.diff(joined.place, prepend=0))
        self._points(joined)
        for name in ("lon", "lat"):
            steps = np.rint(np.asarray(service[name]) / (10 * STEP)).astype(np.int64)
            self.streams.whole(name, np.diff(steps, prepend=0))
        return {key: service[key] for key in ("key", "title", "names")}


def _ratios(length: Floats, up: Floats, down: Floats) -> tuple[list[float], bool]:
    """Return by how much streets are dearer than they are long, the most common first, and whether slopes show."""
    told = length > LONG / GRID
    found = np.concatenate([(cost / np.where(told, length, 1.0))[told & np.isfinite(cost)] for cost in (up, down)])
    if not found.size:
        return [1.0], False
    rounded, which, counts = np.unique(np.round(found, 6), return_inverse=True, return_counts=True)
    few = rounded.size <= RATIOS
    order = np.argsort(-counts, kind="stable")
    kept = [place for place in order.tolist() if few or counts[place] >= COMMON * found.size]
    ratios = [1.0 if rounded[place] == 1 else float(np.median(found[which == place])) for place in kept]
    return (ratios, False) if few else (list(dict.fromkeys([1.0, *ratios])), True)


def _common(found: Floats) -> list[float]:
    """Return the ratios that many edges share."""
    found = found[np.isfinite(found)]
    rounded, counts = np.unique(np.round(found, 5), return_counts=True)
    return [
        float(np.median(found[np.abs(found - rounded[place]) < 2e-5]))
        for place in np.argsort(-counts, kind="stable").tolist()
        if counts[place] >= COMMON * found.size
    ]


def _along_curve(lon: Integers, lat: Integers) -> Integers:
    """Return the places of points along Hilbert's curve, so that neighbours on the ground are in the list, too."""
    bits = 16
    span = max(int(np.ptp(lon)), int(np.ptp(lat)), 1)
    x, y = (((values - values.min()) * (2**bits - 1)) // span for values in (lon, lat))
    found = np.zeros(x.size, dtype=np.int64)
    for bit in range(bits - 1, -1, -1):
        side = 1 << bit
        right, top = (x & side) > 0, (y & side) > 0
        found += side * side * ((3 * right) ^ top)
        mirrored = right & ~top
        x, y = (
            np.where(mirrored, side - 1 - (x & (side - 1)), x & (side - 1)),
            np.where(mirrored, side - 1 - (y & (side - 1)), y & (side - 1)),
        )
        x, y = np.where(top, x, y), np.where(top, y, x)
    return found


def _in_millimetres(
    project: Callable[[Floats, Floats], tuple[Floats, Floats]], lon: Floats, lat: Floats
) -> tuple[Floats, Floats]:
    x, y = project(np.asarray(lon) * STEP, np.asarray(lat) * STEP)
    return np.asarray(x) * 1000, np.asarray(y) * 1000


def _check(plane: formulas.Plane, lon: Integers, lat: Integers, project: Any) -> None:
    lattice = np.meshgrid(*(np.linspace(values.min(), values.max(), 40) for values in (lon, lat)))
    asked = [
        np.concatenate([values.astype(np.float64), part.ravel()])
        for values, part in zip((lon, lat), lattice, strict=True)
    ]
    found, right = formulas.millimetres(plane, asked[0], asked[1]), _in_millimetres(project, asked[0], asked[1])
    off = max(
        float(np.abs(part + origin - true).max())
        for part, origin, true in zip(found, (plane.x, plane.y), right, strict=True)
    )
    if off > CLOSE * 1000:
        raise InputError(
            "what_if",
            f"the streets cover so much ground that a page would place points {off / 1000:.2g} metres off",
            "Leave what_if out, or take a smaller place.",
        )
