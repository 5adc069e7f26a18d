"""The block of streets in a page: the networks of its modes, who lives where on them, and places, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.maps.streets import formulas
from spatialjustice.maps.streets.costs import GRID, Costs
from spatialjustice.maps.streets.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[Any]

STEP = 1e-7
"""Degrees in a step of longitude or latitude."""
CLOSE = 1e-6
"""Metres within which the formulas must give what the projection gives."""


def street_block(
    streets: Any,
    *,
    zones: Sequence[Any],
    people: Floats,
    project: Callable[[Floats, Floats], tuple[Floats, Floats]],
    modes: Sequence[Mapping[str, Any]],
    services: Sequence[Mapping[str, Any]] = (),
    groups: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Pack the streets of one or more modes, where zones and places join them, and people: what they share only once.

    Parameters
    ----------
    streets
        What :func:`spatialjustice.network.contracted_streets` returned.
    zones
        For every mode where every zone joins its streets, as :func:`spatialjustice.network.joined_points` tells; one
        point each.
    people
        People of each zone.
    project
        From longitude and latitude in degrees to metres in the CRS of the network.
    modes
        For each: ``key``, ``speed``, ``leg`` (what a metre off the street costs), ``limit`` (how far a point may lie
        off), ``unit``, ``cutoffs``, and ``supplies``, floating catchments to be computed again; kept as they are.
    services
        For each: ``key``, ``title``, ``names``, ``lon``, ``lat`` of its places, and ``joined``, their entrances for
        every mode.
    groups
        For each: ``key``, ``title`` and ``people`` of each zone.

    Returns
    -------
    dict
        Plain data for a page, which ``streets.js`` reads: what all modes share, and ``modes``, each with its own.

    Raises
    ------
    InputError
        When the network covers so much that no formula follows its projection, or points differ between modes.
    """
    return _Packer(streets, project).block(zones, people, modes, services, groups)


class _Packer:
    """Puts the parts of a block one after another, each in the order that the ones before it make."""

    def __init__(self, streets: Any, project: Callable[[Floats, Floats], tuple[Floats, Floats]]) -> None:
        self.streets, self.streams = streets, Streams()
        self.plane = formulas.fitted_plane(
            streets.lon, streets.lat, lambda lon, lat: _in_millimetres(project, lon, lat)
        )
        _check(self.plane, streets.lon, streets.lat, project)
        self.ground = formulas.fitted_ground(self.plane, STEP, GRID)

    def block(
        self,
        zones: Sequence[Any],
        people: Floats,
        modes: Sequence[Mapping[str, Any]],
        services: Sequence[Mapping[str, Any]],
        groups: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any]:
        self._chains()
        self._nodes()
        self.own = [Costs(self._along(mode)) for mode in self.streets.modes]
        self._lengths()
        self._rises()
        for own in self.own:
            own.pack(self.start, self.length, self.rise, self._turns(own.mode.turning))
        self._points("zones", zones)
        for own, joined in zip(self.own, zones, strict=True):
            own.streams.whole("outside", joined.outside)
        self.streams.doubles("people", people)
        for group in groups:
            self.streams.doubles(f"group {group['key']}", group["people"])
        listed = [self._service(service) for service in services]
        named = [{"key": group["key"], "title": group["title"]} for group in groups]
        return {
            "version": 2,
            "modes": [{**mode, **own.packed()} for mode, own in zip(modes, self.own, strict=True)],
            "counts": [int(self.junctions.size), int(self.start.size - 1), int(self.edges.size), len(people)],
            "plane": self.plane.record(),
            "ground": self.ground.record(),
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
        self.number = number = np.full(streets.lon.size, -1, dtype=np.int64)
        number[self.junctions] = np.arange(self.junctions.size)
        a, b = number[one], number[other]
        turned = a > b
        a, b = np.minimum(a, b), np.maximum(a, b)
        size = end - begin
        order = np.lexsort((size, b, a))
        self.place, self.against = np.argsort(order), turned  # of every chain given
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
        per_junction = np.bincount(self.a, minlength=self.junctions.size)
        self.streams.whole("chains", per_junction)
        heads = self.b - self.a
        same = np.concatenate([[False], self.a[1:] == self.a[:-1]])
        heads[same] = (self.b[1:] - self.b[:-1])[same[1:]]
        self.streams.whole("heads", heads)
        self.streams.whole("inner", size - 1)

    def _turns(self, turning: Any) -> dict[str, Integers]:
        """Put the graph of a mode for which turns are forbidden in the order of the page; empty where none are.

        Chains with their directions are numbers from 0 on, those against it come after all; nodes come after junctions.
        """
        if turning is None:
            return {}
        count, known = self.place.size, self.number.size

        def nodes(values: Integers) -> Integers:
            own = values >= known
            return np.where(own, values - known + self.junctions.size, self.number[np.where(own, 0, values)])

        way = np.concatenate([self.place + count * self.against, self.place + count * ~self.against])
        back = np.argsort(way)
        leave, arrive, enter = (nodes(values)[back] for values in (turning.leave, turning.arrive, turning.enter))
        here, there = np.concatenate([self.a, self.b]), np.concatenate([self.b, self.a])
        other = np.flatnonzero((leave != here) | (arrive != there) | (enter != here))
        over = np.where(turning.over < 0, -1, way[turning.over])
        return {
            "turn nodes": np.array([turning.nodes - known]),
            "turn ways": np.diff(other, prepend=0),
            "leave": leave[other],
            "arrive": arrive[other],
            "enter": enter[other],
            "turn tails": nodes(turning.tail),
            "turn heads": nodes(turning.head),
            "turn over": over[:, 0],
            "turn back": over[:, 1],
            "turn junctions": self.number[turning.junction],
            "turn starts": nodes(turning.start),
            "turn ends": nodes(turning.end),
        }

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

    def _along(self, mode: Any) -> Any:
        """Put what a mode makes of the streets in the order of the page."""
        up, down = (np.asarray(values)[self.edges] for values in (mode.up, mode.down))
        return mode._replace(
            edge=mode.edge[self.edges],
            turned=mode.turned[self.edges] != self.turned,
            length=mode.length[self.edges],
            up=np.where(self.turned, down, up),
            down=np.where(self.turned, up, down),
            apart=mode.apart[self.edges],
        )

    def _lengths(self) -> None:
        """Send what a formula leaves of the length of every street, as the first mode that has it knows it."""
        streets = self.streets
        lon, lat = (
            (values[self.first].astype(np.float64), values[self.last].astype(np.float64))
            for values in (streets.lon, streets.lat)
        )
        self.length = np.full(self.edges.size, np.nan)
        for own in self.own:
            self.length = np.where(np.isnan(self.length) & own.there, own.mode.length, self.length)
        predicted = np.rint(formulas.lengths(self.ground, self.plane, lon, lat))
        self.streams.whole("length", self.length - predicted)

    def _rises(self) -> None:
        """Send by how many millimetres streets rise, as far as the costs of a mode tell; the same for all modes."""
        self.rise = np.full(self.edges.size, np.nan)
        for own in self.own:
            unknown = np.isnan(self.rise) & own.there
            if own.slope is not None and unknown.any():
                self.rise = np.where(unknown, own.rises(self.length), self.rise)
        self.rise = np.nan_to_num(self.rise)
        self.streams.whole("rise", self.rise)

    def _points(self, name: str, joined: Sequence[Any]) -> None:
        """Send where points join the streets: the edge, by mode, and how far they lie from its first node."""
        if any(not (np.array_equal(one.x, joined[0].x) and np.array_equal(one.y, joined[0].y)) for one in joined[1:]):
            raise InputError(name, "their points are not the same in every mode", "Join the same points to each.")
        edges = [own.place_of(one.edge) for own, one in zip(self.own, joined, strict=True)]
        edge = edges[0]
        for other in edges[1:]:
            edge = np.where(edge < 0, other, edge)
        node = self.first[np.maximum(edge, 0)]
        self.streams.whole("edge", np.diff(edge, prepend=0))
        self.streams.whole("east", np.where(edge >= 0, joined[0].x - self.streets.x[node], 0))
        self.streams.whole("north", np.where(edge >= 0, joined[0].y - self.streets.y[node], 0))
        for own, found in zip(self.own, edges, strict=True):
            own.streams.whole("edge", found - edge)

    def _service(self, service: Mapping[str, Any]) -> dict[str, Any]:
        joined = service["joined"]
        self.streams.whole("place", np.diff(joined[0].place, prepend=0))
        self._points("services", joined)
        for name in ("lon", "lat"):
            steps = np.rint(np.asarray(service[name]) / (10 * STEP)).astype(np.int64)
            self.streams.whole(name, np.diff(steps, prepend=0))
        return {key: service[key] for key in ("key", "title", "names")}


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
