"""Turn restrictions of OpenStreetMap: whom each concerns and when, and which pieces of street may not follow others.

What the tags mean is described at https://wiki.openstreetmap.org/wiki/Relation:restriction.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_ids
from spatialjustice.sources.osm.street_tags import TurnRestriction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from spatialjustice.network.arrays import StreetArrays
    from spatialjustice.network.streets.drawn import DrawnStreets
    from spatialjustice.network.streets.modes import Mode

    Path = tuple[int, ...]
    Effect = Literal["applied", "idle", "conditional", "broken", "others"]

COLUMNS = ("from_ways", "via_nodes", "via_ways", "to_ways", "tags")
HOURS = ("day_on", "day_off", "hour_on", "hour_off")
ALWAYS = re.compile(r"\(?\s*(?:24/7|(?:mo-su,?\s*)?00:00\s*-\s*24:00)\s*\)?", re.IGNORECASE)
TURN = re.compile(r"(no|only)_(?:left_turn|right_turn|straight_on|u_turn|entry|exit)")


class Demand(NamedTuple):
    """What a turn restriction wants of a mode: ``no`` or ``only``, else why nothing: conditional, broken or others."""

    kind: Literal["no", "only", "conditional", "broken", "others"]
    u_turn: bool = False


def demand_of(tags: Mapping[str, str], vehicles: Sequence[str]) -> Demand:
    """Read whether a turn restriction holds for vehicles that go by these names, the narrowest name first.

    The narrowest key has the word: ``restriction:motorcar`` before ``restriction:motor_vehicle``, that before
    ``restriction:vehicle``, that before ``restriction``. Who stands in ``except`` is free. What holds at certain hours
    only (``restriction:conditional``, ``hour_on``) is conditional; what is always so is not.

    Examples
    --------
    >>> car = ("motorcar", "motor_vehicle", "vehicle")
    >>> demand_of({"restriction": "no_left_turn", "except": "psv;bicycle"}, car).kind
    'no'
    >>> demand_of({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}, car).kind
    'conditional'
    """
    free = {word.strip() for word in re.split("[;,]", tags.get("except", ""))}
    if free & set(vehicles):
        return Demand("others")
    for key in (*(f"restriction:{name}" for name in vehicles), "restriction"):
        value, condition = tags.get(key), tags.get(f"{key}:conditional")
        if value is None and condition is not None:
            value, _, when = condition.partition("@")
            if not ALWAYS.fullmatch(when.strip()):
                return Demand("conditional")
        if value is None:
            continue
        if value.strip() in {"no", "none"}:
            return Demand("others")
        if any(name in tags for name in HOURS):
            return Demand("conditional")
        found = TURN.fullmatch(value.strip())
        kind: Any = found.group(1) if found else "broken"
        return Demand(kind, u_turn=value.strip() == "no_u_turn")
    return Demand("others")


def require_restrictions(restrictions: pd.DataFrame | None) -> list[TurnRestriction]:
    """Read a table of turn restrictions; None where there is none.

    Raises
    ------
    InputError
        When ids repeat, a column is absent, or a cell holds no ids.
    """
    if restrictions is None:
        return []
    absent = [name for name in COLUMNS if name not in restrictions.columns]
    advice = f"Give {', '.join(COLUMNS[:4])} (lists of ids) and tags (a dictionary) of every restriction."
    if absent:
        raise InputError("restrictions", f"there is no column {', '.join(absent)}", advice)
    require_ids(restrictions, "restrictions")
    lists = restrictions[list(COLUMNS[:4])].map(lambda cell: isinstance(cell, list | tuple | np.ndarray))
    wrong = ~(lists.all(axis=1) & restrictions["tags"].map(lambda cell: hasattr(cell, "get"))).to_numpy(dtype=bool)
    if wrong.any():
        found = f"{int(wrong.sum()):,} rows hold something else than lists of ids and a dictionary of tags"
        raise InputError("restrictions", found, advice, rows=restrictions.index[wrong])
    columns = [restrictions[name].tolist() for name in COLUMNS]
    return [
        TurnRestriction(_ids(start), _ids(node), _ids(between), _ids(end), tags)
        for start, node, between, end, tags in zip(*columns, strict=True)
    ]


def _ids(cell: Iterable[Any]) -> Path:
    return tuple(map(int, cell))


def forbidden_turns(drawn: DrawnStreets, mode: Mode, network: StreetArrays) -> tuple[tuple[Path, ...], list[Finding]]:
    """Find what a mode may not drive one after another: edges with their directions, as networks keep them."""
    if not drawn.restrictions or not mode.vehicles:
        return (), []
    streets = _Streets(drawn, network)
    counts: Counter[Effect] = Counter()
    paths: set[Path] = set()
    for row in drawn.restrictions:
        demand = demand_of(row.tags, mode.vehicles)
        if demand.kind in {"no", "only"}:
            effect, found = streets.forbidden(row, demand)
            paths.update(found)
        else:
            effect = demand.kind  # type: ignore[assignment]
        counts[effect] += 1
    return tuple(sorted(paths)), [_told(counts, mode)]


def _told(counts: Counter[Effect], mode: Mode) -> Finding:
    total = counts.total()
    return Finding(
        "turn_restrictions",
        "information",
        f"Of {total:,} turn restrictions {counts['applied']:,} are obeyed by the mode “{mode.name}”. "
        f"{counts['idle']:,} forbid what cannot be done anyway, {counts['others']:,} concern others, "
        f"{counts['conditional']:,} hold at certain hours only and are not obeyed, and {counts['broken']:,} are "
        "broken: a member is absent, or its streets do not meet.",
        values={"count": total, "mode": {"word": f"mode.{mode.name}"}}
        | {name: counts[name] for name in ("applied", "idle", "others", "conditional", "broken")},
        count=counts["applied"],
        advice="Broken ones are mended in OpenStreetMap; extracts cut along a border lose members there.",
    )


class _Streets:
    """Looks up, for ways as they are drawn, the edges of a network that they became."""

    def __init__(self, drawn: DrawnStreets, network: StreetArrays) -> None:
        rows = drawn.restrictions
        self.lines = drawn.lines({way for row in rows for way in (*row.from_ways, *row.via_ways, *row.to_ways)})
        passed = {node for line in self.lines.values() for node in line}
        ids = np.array(sorted(passed), dtype=np.int64)
        order = np.argsort(network.node_id, kind="stable")
        at = np.minimum(np.searchsorted(network.node_id[order], ids), order.size - 1)
        there = network.node_id[order][at] == ids
        positions = order[at[there]]
        number = dict(zip(positions.tolist(), ids[there].tolist(), strict=True))
        touched = np.zeros(network.node_id.size, dtype=bool)
        touched[positions] = True
        near = np.flatnonzero(touched[network.edge_u] | touched[network.edge_v])
        self.leads: dict[int, dict[int, int]] = {}
        """For the id of a point, the ids of those that one may go on to, and over which edge, with its direction."""
        columns = (network.edge_u, network.edge_v, network.forward, network.backward)
        for edge, u, v, ahead, back in zip(near.tolist(), *(values[near].tolist() for values in columns), strict=True):
            one, other = number.get(u, -1 - u), number.get(v, -1 - v)
            if ahead < np.inf:
                self.leads.setdefault(one, {})[other] = 2 * edge
            if back < np.inf:
                self.leads.setdefault(other, {})[one] = 2 * edge + 1

    def forbidden(self, row: TurnRestriction, demand: Demand) -> tuple[Effect, list[Path]]:
        """Return what becomes of a restriction, and the edges that may not follow each other because of it."""
        single = len(row.from_ways) == 1 or (demand.kind == "no" and len(row.from_ways) > 1)
        if not single or not row.to_ways or (len(row.via_nodes) == 1) == bool(row.via_ways):
            return "broken", []
        if any(way not in self.lines for way in (*row.from_ways, *row.via_ways, *row.to_ways)):
            return "broken", []
        ways: list[Path] = []
        for start, end in product(row.from_ways, row.to_ways):
            drawn = list(self._drawn(start, row, end))
            able = [nodes for nodes in drawn if all(b in self.leads.get(a, ()) for a, b in pairwise(nodes))]
            turns_back = demand.u_turn and start == end and bool(row.via_nodes)
            if turns_back:
                able = [nodes for nodes in able if nodes[0] == nodes[-1]]
            if not drawn or (len(able) > 1 and not turns_back):
                return "broken", []  # they do not meet, or they meet in several ways and nothing tells which is meant
            ways += able
        if demand.kind == "only":
            allowed = {nodes[-1] for nodes in ways}
            ways = [(*nodes[:-1], other) for nodes in ways for other in self.leads[nodes[-2]] if other not in allowed]
        found = [tuple(self.leads[a][b] for a, b in pairwise(nodes)) for nodes in ways]
        return ("applied" if found else "idle"), found

    def _drawn(self, start: int, row: TurnRestriction, end: int) -> Iterator[Path]:
        """Give the points of all ways there are from one street over what lies between to the other."""
        middles: Iterable[Path]
        middles = [row.via_nodes] if row.via_nodes else self._through(row.via_ways)
        for middle in middles:
            for before in self._beside(start, middle[0]):
                for after in self._beside(end, middle[-1]):
                    yield (before, *middle, after)

    def _beside(self, way: int, node: int) -> list[int]:
        """Return the points next to one along a street."""
        line = self.lines[way]
        found = [other for pair in pairwise(line) for one, other in (pair, pair[::-1]) if one == node != other]
        return list(dict.fromkeys(found))

    def _through(self, ways: Path, begin: int | None = None) -> Iterator[Path]:
        """Give the points of ways that are passed one after another, each from one end to the other."""
        for way in dict.fromkeys(ways):
            rest = tuple(other for other in ways if other != way)
            for line in (self.lines[way], self.lines[way][::-1]):
                if begin is not None and line[0] != begin:
                    continue
                if not rest:
                    yield tuple(line)
                for after in self._through(rest, line[-1]) if rest else ():
                    yield (*line, *after[1:])
