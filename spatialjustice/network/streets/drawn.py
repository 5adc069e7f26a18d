"""What is the same of streets whoever goes along them: worked out once, and used for the networks of all modes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pyproj import Geod

from spatialjustice._core.errors import InputError
from spatialjustice._core.numbers.positions import positions_of
from spatialjustice.network.streets.joins import is_apart_from_ground
from spatialjustice.sources.osm._lines import TagKinds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from spatialjustice.sources.osm._ways import ChosenStreets
    from spatialjustice.sources.osm.street_tags import TurnRestriction


UNASKED = object()

AT_ONCE = 1 << 16
"""Pieces whose lengths are worked out together: the library's own copies of them are many times as large."""

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
    """The first of every kind, and for everything which kind it is of."""

    first: NDArray[np.int32]
    kind: NDArray[np.int32]


class Along(NamedTuple):
    """Every two points that follow each other along a way: their positions, and that of the way."""

    u: NDArray[np.int32]
    v: NDArray[np.int32]
    way: NDArray[np.int32]


class Answers(NamedTuple):
    """What a rule says of every kind of ways, None where it was not asked, and which kind every way is of."""

    told: list[Any]
    kind: NDArray[np.int32]

    def of_ways(self, read: Callable[[Any], Any], dtype: Any, unasked: Any) -> NDArray[Any]:
        """Return one thing of the answer for every way."""
        return np.array([unasked if one is None else read(one) for one in self.told], dtype=dtype)[self.kind]


class DrawnStreets:
    """Points and ways, and what several modes ask of them.

    Rules of modes read tags and nothing else, so that ways with the same tags have the same answer.

    Parameters
    ----------
    node_id, lon, lat
        The points that streets are drawn with.
    node_tags
        Those of which something is known: their positions, and their tags.
    way_ids
        The ways.
    kind, kinds
        For every way, which of the kinds its tags are.
    position, lengths
        The points of all ways, one way after the other, and how many each has. A point that is absent has a number
        below 0: the place of its id, counted from the end of ``absent``.
    absent
        The ids of such points.
    restrictions
        Turn restrictions.
    """

    def __init__(  # noqa: PLR0913 (what they are made of; all are needed)
        self,
        *,
        node_id: NDArray[np.int64],
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        node_tags: list[tuple[int, Mapping[str, str]]],
        way_ids: NDArray[np.int64],
        kind: NDArray[np.int32],
        kinds: Sequence[Any],
        position: NDArray[np.int32],
        lengths: NDArray[np.int64],
        absent: NDArray[np.int64] | None = None,
        restrictions: Sequence[TurnRestriction] = (),
    ) -> None:
        self.node_id, self.lon, self.lat, self.node_tags = node_id, lon, lat, node_tags
        self.way_ids, self._kind, self._kinds = way_ids, kind, kinds
        self._position, self._lengths_of_ways = position, lengths
        self._absent = np.empty(0, dtype=np.int64) if absent is None else absent
        self.restrictions = restrictions
        self._tags: dict[int, Any] = {}
        self._answers: dict[int, tuple[Any, list[Any]]] = {}

    @classmethod
    def of_frames(
        cls, nodes: pd.DataFrame, ways: pd.DataFrame, restrictions: Sequence[TurnRestriction]
    ) -> DrawnStreets:
        """Take them from frames as :func:`from_frames` has them."""
        tags = ways["tags"].tolist()
        same = _kinds(_set_of(one, row) for row, one in enumerate(tags))
        lines = [np.asarray(refs, dtype=np.int64) for refs in ways["nodes"]]
        refs = np.concatenate(lines) if lines else np.empty(0, dtype=np.int64)
        node_id = nodes.index.to_numpy(dtype=np.int64)
        position = positions_of(node_id, refs)
        absent, which = np.unique(refs[position < 0], return_inverse=True)
        position[position < 0] = which - absent.size
        known = nodes["tags"].tolist() if "tags" in nodes.columns else []
        return cls(
            node_id=node_id,
            lon=nodes["x"].to_numpy(dtype=float),
            lat=nodes["y"].to_numpy(dtype=float),
            node_tags=[(row, one) for row, one in enumerate(known) if isinstance(one, Mapping)],
            way_ids=ways.index.to_numpy(dtype=np.int64),
            kind=same.kind,
            kinds=[tags[row] for row in same.first.tolist()],
            position=position,
            lengths=np.array([line.size for line in lines], dtype=np.int64),
            absent=absent,
            restrictions=restrictions,
        )

    @classmethod
    def of_file(cls, found: ChosenStreets) -> DrawnStreets:
        """Take them as they were read from a file."""
        noted = np.fromiter(found.node_tags, np.int64, len(found.node_tags))
        place = positions_of(found.node_ids, noted)
        order = np.argsort(place, kind="stable")
        return cls(
            node_id=found.node_ids,
            lon=np.ascontiguousarray(found.xy[:, 0]),
            lat=np.ascontiguousarray(found.xy[:, 1]),
            node_tags=[
                (row, found.node_tags[node])
                for row, node in zip(place[order].tolist(), noted[order].tolist(), strict=True)
                if row >= 0
            ],
            way_ids=found.way_ids,
            kind=found.kind,
            kinds=found.kinds,
            position=found.position,
            lengths=found.lengths,
            restrictions=list(found.restrictions.values()),
        )

    def each(self, rule: Callable[[Any], Any], usable: NDArray[np.bool_] | None = None) -> Answers:
        """Return what a rule says of the tags of every way; kinds of which no way can be used are not asked."""
        kinds = self._same_but_for_names if _is_ours(rule) else self._same
        # The rule is kept beside its answers, so that no other one ever has its number.
        _, found = self._answers.setdefault(id(rule), (rule, [UNASKED] * kinds.first.size))
        asked = kinds.kind if usable is None else kinds.kind[usable]
        for one in np.flatnonzero(_has(asked, kinds.first.size)).tolist():
            if found[one] is UNASKED:
                found[one] = rule(self._tags_of(int(kinds.first[one])))
        return Answers([None if one is UNASKED else one for one in found], kinds.kind)

    def _tags_of(self, kind: int) -> Any:
        if kind not in self._tags:
            self._tags[kind] = self._kinds[kind]
        return self._tags[kind]

    @cached_property
    def _same(self) -> Kinds:
        return Kinds(np.arange(len(self._kinds), dtype=np.int32), self._kind)

    @cached_property
    def _same_but_for_names(self) -> Kinds:
        of_names: dict[str, bool] = {}

        def names(key: str) -> bool:
            known = of_names.get(key)
            if known is None:
                known = of_names[key] = key in NAMES or key.startswith(NAMES_BEGIN)
            return known

        used = np.flatnonzero(_has(self._kind, len(self._kinds))).tolist()
        if isinstance(self._kinds, TagKinds):
            same = _kinds(self._kinds.pairs_without(one, names) for one in used)
        else:
            sets = (_set_of(self._kinds[one], one) for one in used)
            same = _kinds(
                one if one.__class__ is int else frozenset(pair for pair in one if not names(pair[0])) for one in sets
            )
        of_kind = np.full(len(self._kinds), -1, dtype=np.int32)
        of_kind[used] = same.kind
        return Kinds(np.array(used, dtype=np.int32)[same.first], of_kind[self._kind])

    @cached_property
    def _way(self) -> NDArray[np.int32]:
        """The way of every entry of ``position``."""
        return np.repeat(np.arange(self.way_ids.size, dtype=np.int32), self._lengths_of_ways)

    @cached_property
    def _pieces(self) -> Along:
        position, way = self._position, self._way
        follows = way[1:] == way[:-1]
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
        if self._absent.size and (gone := (self._position < 0) & usable[self._way]).any():
            absent = np.unique(self._absent[self._position[gone]])
            raise InputError(
                "streets",
                f"ways name {absent.size:,} nodes that are not among the nodes",
                "Give all nodes, or take them out of the ways.",
                rows=absent,
            )
        pieces, known = self._pieces, self._lengths
        wanted = usable[pieces.way]
        new = np.flatnonzero(wanted & np.isnan(known))
        for begin in range(0, new.size, AT_ONCE):
            some = new[begin : begin + AT_ONCE]
            u, v = pieces.u[some], pieces.v[some]
            known[some] = Geod(ellps="WGS84").inv(self.lon[u], self.lat[u], self.lon[v], self.lat[v])[2]
        return Along(*(each[wanted] for each in pieces)), known[wanted]

    def apart(self, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which of the ways that can be used nobody joins from beside."""
        return self.each(is_apart_from_ground, usable).of_ways(bool, bool, unasked=False)

    def that_touch(self, rows: list[int]) -> NDArray[np.bool_]:
        """Tell which ways have one of the points at these positions."""
        touched = np.zeros(self.node_id.size + self._absent.size, dtype=bool)  # those absent stand at the end
        touched[rows] = True
        return _has(self._way[touched[self._position]], self.way_ids.size)

    def lines(self, ways: Collection[int]) -> dict[int, list[int]]:
        """Return the ids of the points of these ways, of those that are there."""
        asked = np.array(sorted(ways), dtype=np.int64)
        row = positions_of(self.way_ids, asked)
        ends = np.cumsum(self._lengths_of_ways)
        found = {}
        for way, at in zip(asked[row >= 0].tolist(), row[row >= 0].tolist(), strict=True):
            position = self._position[ends[at] - self._lengths_of_ways[at] : ends[at]]
            ids = self.node_id[position]
            if self._absent.size:
                ids[position < 0] = self._absent[position[position < 0]]
            found[way] = ids.tolist()
        return found


def _has(kind: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """Tell which of so many numbers are there."""
    found = np.zeros(count, dtype=bool)
    found[kind] = True
    return found


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
    return Kinds(np.array(first, dtype=np.int32), np.array(kind, dtype=np.int32))


def _is_ours(rule: Any) -> bool:
    return str(getattr(rule, "__module__", "")).startswith("spatialjustice.network.streets.")
