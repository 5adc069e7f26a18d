"""Which objects of OpenStreetMap are streets: ways and squares for people, under ``highway`` and beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatialjustice._core.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

ELSEWHERE = (("railway", "platform"), ("public_transport", "platform"), ("man_made", "pier"), ("route", "ferry"))
"""Ways for people that need no ``highway``."""

STREET_KEYS = ("highway", *(key for key, _ in ELSEWHERE))

VEHICLES = ("", ":vehicle", ":motor_vehicle", ":motorcar", ":bicycle")
RESTRICTION_KEYS = tuple(f"restriction{vehicle}{when}" for vehicle in VEHICLES for when in ("", ":conditional"))
"""Keys of relations that forbid or demand a turn, for all vehicles or for one kind."""

TURN_KEYS = frozenset({*RESTRICTION_KEYS, "except", "day_on", "day_off", "hour_on", "hour_off"})
"""What must be known of a turn restriction: which turn, for whom not, and when."""

Refs = Sequence[int] | NDArray[np.int64]
"""The ids of the points of a way, in the order drawn."""

Ways = dict[int, tuple[Refs, dict[str, str]]]
"""Nodes and tags of every street by its id."""


class Square(NamedTuple):
    """An area for people that is mapped as a relation: its tags, and the ways its outer edge is drawn with."""

    tags: dict[str, str]
    ways: tuple[int, ...]


def street_of(tags: Mapping[str, str]) -> tuple[str, str]:
    """Return the key and value that make a way one for people, and so a street; empty where none does.

    ``highway`` has the first word. Platforms, piers and ferries need not be tagged with it.

    Examples
    --------
    >>> street_of({"railway": "platform"}), street_of({"building": "yes"})
    (('railway', 'platform'), ('', ''))
    """
    if "highway" in tags:
        return "highway", tags["highway"]
    return next(((key, value) for key, value in ELSEWHERE if tags.get(key) == value), ("", ""))


def square_of(tags: Mapping[str, str], members: Iterable[tuple[str, int, str]]) -> Square | None:
    """Return the square that a relation maps; None where it maps none.

    ``members`` are kind (w for a way), id and role. Holes, such as a fountain, are no edge to walk along.
    """
    if tags.get("type") != "multipolygon" or not street_of(tags)[0]:
        return None
    edges = tuple(dict.fromkeys(number for kind, number, role in members if kind == "w" and role != "inner"))
    return Square({key: value for key, value in tags.items() if key != "type"}, edges)


class TurnRestriction(NamedTuple):
    """A relation that forbids or demands a turn: ids of its ways and points, as mapped, and what its tags say."""

    from_ways: tuple[int, ...]
    via_nodes: tuple[int, ...]
    via_ways: tuple[int, ...]
    to_ways: tuple[int, ...]
    tags: dict[str, str]


def restriction_of(tags: Mapping[str, str], members: Iterable[tuple[str, int, str]]) -> TurnRestriction | None:
    """Return the turn restriction that a relation maps; None where it maps none, or one of lorries or buses alone.

    Examples
    --------
    >>> members = ("w", 10, "from"), ("n", 2, "via"), ("w", 11, "to")
    >>> restriction_of({"type": "restriction", "restriction": "no_left_turn"}, members)[:4]
    ((10,), (2,), (), (11,))
    """
    if tags.get("type") != "restriction" or not any(key in tags for key in RESTRICTION_KEYS):
        return None
    found: dict[tuple[str, str], list[int]] = {}
    for kind, number, role in members:
        found.setdefault((role, kind), []).append(number)
    start, node, between, end = (
        tuple(found.get(one, ())) for one in (("from", "w"), ("via", "n"), ("via", "w"), ("to", "w"))
    )
    return TurnRestriction(
        start,
        node,
        between,
        end,
        {key: value for key, value in tags.items() if key in TURN_KEYS},
    )


def edges_of_squares(
    squares: Iterable[Square], ways: Collection[int], lines: Mapping[int, Refs]
) -> tuple[Ways, tuple[Finding, ...]]:
    """Return the edges of squares as streets with the tags of their relation, as closed ways have them.

    Pieces of an edge may be drawn in any direction, since they are joined by the points that they share. Each has the
    id of its way; where that is a street already, or the edge of another square, a negative id that no way has.
    ``ways`` are the ids of all streets, ``lines`` the nodes of all those ways.
    """
    found: Ways = {}
    absent = 0
    least = min([0, *ways, *lines])
    for square in squares:
        for way in square.ways:
            if way not in lines:
                absent += 1
                continue
            number = way
            if way in ways or way in found:
                least -= 1
                number = least
            found[number] = (lines[way], square.tags)
    if not absent:
        return found, ()
    message = f"{absent:,} pieces of the edges of squares and platforms are not in the data and cannot be walked along."
    advice = "Extracts cut along a border lose pieces there: take one that reaches further."
    return found, (Finding("square_edges_missing", "information", message, count=absent, advice=advice),)
