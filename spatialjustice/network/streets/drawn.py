"""What is the same of streets whoever goes along them: worked out once, and used for the networks of all modes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from pyproj import Geod

from spatialjustice._core.errors import InputError
from spatialjustice.network.streets.joins import is_apart_from_ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray


UNASKED = object()

NAMES = frozenset(
    {
        "alt_name", "created_by", "description", "fixme", "int_name", "int_ref", "loc_name", "local_name", "note",
        "official_name", "old_name", "old_ref", "operator", "ref", "reg_name", "short_name", "sorting_name", "source",
        "start_date", "survey:date", "check_date", "wikidata", "wikipedia", "wikimedia_commons", "image", "mapillary",
    }
)  # fmt: skip
"""Keys that tell streets apart, but not who may use them: no rule of the modes in this house asks for one of them."""

NAMES_BEGIN = ("name", "addr:", "alt_name:", "old_name:", "source:name", "HFCS", "tiger:", "IDEE:")


class Kinds(NamedTuple):
    """The first way of every kind, and for every way which kind it is of."""

    first: list[int]
    kind: list[int]


class Along(NamedTuple):
    """Every two points that follow each other along a way: their positions, and that of the way."""

    u: NDArray[np.int64]
    v: NDArray[np.int64]
    way: NDArray[np.int64]


class DrawnStreets:
    """Nodes and ways as :func:`from_frames` takes them, and what several modes ask of them.

    Rules of modes read tags and nothing else, so that ways with the same tags have the same answer.
    """

    def __init__(self, nodes: pd.DataFrame, ways: pd.DataFrame, restrictions: pd.DataFrame | None = None) -> None:
        self.nodes, self.ways, self.restrictions = nodes, ways, restrictions
        self.tags: list[Any] = ways["tags"].tolist()
        self.way_ids: NDArray[np.int64] = ways.index.to_numpy(dtype=np.int64)
        self.lon: NDArray[np.float64] = nodes["x"].to_numpy(dtype=float)
        self.lat: NDArray[np.float64] = nodes["y"].to_numpy(dtype=float)
        self._answers: dict[int, tuple[Any, list[Any]]] = {}

    def each(self, rule: Callable[[Any], Any], usable: NDArray[np.bool_] | None = None) -> list[Any]:
        """Return what a rule says of the tags of every way; of those that cannot be used nothing is asked: None."""
        first, kind = self._same_but_for_names if _is_ours(rule) else self._same
        # The rule is kept beside its answers, so that no other one ever has its number.
        _, found = self._answers.setdefault(id(rule), (rule, [UNASKED] * len(first)))
        asked = set(kind) if usable is None else {kind[row] for row in np.flatnonzero(usable).tolist()}
        for one in asked:
            if found[one] is UNASKED:
                found[one] = rule(self.tags[first[one]])
        if usable is None:
            return [found[one] for one in kind]
        return [found[one] if use else None for one, use in zip(kind, usable.tolist(), strict=True)]

    @cached_property
    def _same(self) -> Kinds:
        return _kinds(_set_of(tags, row) for row, tags in enumerate(self.tags))

    @cached_property
    def _same_but_for_names(self) -> Kinds:
        of_names: dict[str, bool] = {}

        def names(key: str) -> bool:
            known = of_names.get(key)
            if known is None:
                known = of_names[key] = key in NAMES or key.startswith(NAMES_BEGIN)
            return known

        sets = (_set_of(tags, row) for row, tags in enumerate(self.tags))
        return _kinds(
            one if one.__class__ is int else frozenset(pair for pair in one if not names(pair[0])) for one in sets
        )

    @cached_property
    def points_of_ways(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The ids of the points of all ways one after the other, their positions (-1: absent), and their ways."""
        lists = [np.asarray(refs, dtype=np.int64) for refs in self.ways["nodes"]]
        refs = np.concatenate(lists) if lists else np.empty(0, dtype=np.int64)
        way = np.repeat(np.arange(len(lists)), [one.size for one in lists])
        return refs, self.nodes.index.get_indexer(pd.Index(refs)), way

    @cached_property
    def _pieces(self) -> Along:
        _, position, way = self.points_of_ways
        follows = way[1:] == way[:-1] if way.size else np.empty(0, dtype=bool)
        follows &= position[1:] != position[:-1]  # a node repeated in a row joins nothing that is not joined already
        return Along(position[:-1][follows], position[1:][follows], way[:-1][follows])

    @cached_property
    def _lengths(self) -> NDArray[np.float64]:
        return np.full(self._pieces.way.size, np.nan)

    def pieces(self, usable: NDArray[np.bool_]) -> tuple[Along, NDArray[np.float64]]:
        """Return the pieces of the ways that can be used, and their metres on the ellipsoid.

        Raises
        ------
        InputError
            When one of these ways names a node that is not there.
        """
        refs, position, way = self.points_of_ways
        gone = position < 0
        if gone.any() and (gone := gone & usable[way]).any():
            absent = np.unique(refs[gone])
            raise InputError(
                "streets",
                f"ways name {absent.size:,} nodes that are not among the nodes",
                "Give all nodes, or take them out of the ways.",
                rows=absent,
            )
        pieces, known = self._pieces, self._lengths
        wanted = usable[pieces.way]
        new = np.flatnonzero(wanted & np.isnan(known))
        if new.size:
            u, v = pieces.u[new], pieces.v[new]
            known[new] = Geod(ellps="WGS84").inv(self.lon[u], self.lat[u], self.lon[v], self.lat[v])[2]
        return Along(*(each[wanted] for each in pieces)), known[wanted]

    def apart(self, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which of the ways that can be used nobody joins from beside."""
        return np.array(self.each(is_apart_from_ground, usable), dtype=bool)

    def that_touch(self, rows: list[int]) -> NDArray[np.bool_]:
        """Tell which ways have one of the points at these positions."""
        touched = np.zeros(len(self.nodes) + 1, dtype=bool)  # the last one stands for points that are absent
        touched[rows] = True
        _, position, way = self.points_of_ways
        return np.asarray(np.bincount(way[touched[position]], minlength=len(self.tags)) > 0)

    @cached_property
    def node_tags(self) -> list[tuple[int, Mapping[str, str]]]:
        """The points of which something is known: their positions, and their tags."""
        if "tags" not in self.nodes.columns:
            return []
        return [
            (row, tags)
            for row, tags in enumerate(self.nodes["tags"].tolist())
            if tags is not None and isinstance(tags, Mapping)
        ]


def _set_of(tags: Any, row: int) -> Any:
    """Return what is the same of ways with the same tags; the row itself where tags are no plain text."""
    try:
        found = frozenset(tags.items())
    except (AttributeError, TypeError):
        return row
    return found if all(key.__class__ is str for key, _ in found) else row


def _kinds(sets: Iterable[Any]) -> Kinds:
    number: dict[Any, int] = {}
    first: list[int] = []
    kind: list[int] = []
    for row, one in enumerate(sets):
        which = number.setdefault(one, len(first))
        if which == len(first):
            first.append(row)
        kind.append(which)
    return Kinds(first, kind)


def _is_ours(rule: Any) -> bool:
    return str(getattr(rule, "__module__", "")).startswith("spatialjustice.network.streets.")
