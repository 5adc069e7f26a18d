"""The pieces of street a network is made of: what they cost in each direction, and where a barrier cuts them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice.network.streets.access_rules import CARRIAGEWAYS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.network.streets.access_rules import Pace, Permission, Tags
    from spatialjustice.network.streets.drawn import Answers, DrawnStreets
    from spatialjustice.network.streets.modes import Mode

FERRY = "route=ferry"
SHOWN = 8
"""How many reasons a finding names one by one."""

TOLERANCE = 1e-9
"""A slope that is too steep by less than this is not."""


class Points(NamedTuple):
    """The points streets are drawn with, in the order of positions."""

    id: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


class Edges(NamedTuple):
    """Pieces of street between two points that follow each other.

    ``u`` and ``v`` are the positions of the points, ``forward`` and ``backward`` the costs from u to v and from v to u,
    ``apart`` says whether nobody joins it from beside, ``way`` is the position of its way.
    """

    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length: NDArray[np.float64]
    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    apart: NDArray[np.bool_]
    way: NDArray[np.int32]

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.u.size)

    def taken(self, rows: NDArray[Any]) -> Edges:
        """Return those in some rows, or those for which it is true."""
        return Edges(*(values[rows] for values in self))


class Pieces(NamedTuple):
    """Pieces of street, and what was found on the way."""

    edges: Edges
    findings: list[Finding]


def pieces_of(drawn: DrawnStreets, mode: Mode, congestion: pd.Series[Any] | pd.DataFrame | None = None) -> Pieces:
    """Cut the ways a mode may use into pieces, each with its cost in both directions."""
    permissions, usable = usable_ways(drawn, mode)
    (u, v, way), length = drawn.pieces(usable)
    ratio, findings = _ratios(drawn, usable, mode, congestion, Lengths(way, length))
    forward = permissions.of_ways(_forward, bool, unasked=False)
    backward = permissions.of_ways(_backward, bool, unasked=False)
    edges = Edges(
        u=u,
        v=v,
        length=length,
        forward=np.where(forward[way], length * ratio[0][way], np.inf),
        backward=np.where(backward[way], length * ratio[1][way], np.inf),
        apart=drawn.apart(usable)[way],
        way=way,
    )
    reasons: Counter[str] = Counter()
    ways = np.bincount(permissions.kind, minlength=len(permissions.told)).tolist()
    for permission, count in zip(permissions.told, ways, strict=True):
        if count and permission.reason:
            reasons[permission.reason] += count
    if reasons:
        findings.insert(0, _closed_to_mode(reasons, usable.size, mode))
    if ferries := reasons[FERRY]:
        findings.append(_ferries(ferries))
    findings += _unknown(drawn, usable, mode, Lengths(way, length))
    findings += _unread(drawn, mode)
    return Pieces(edges, findings)


def usable_ways(drawn: DrawnStreets, mode: Mode) -> tuple[Answers, NDArray[np.bool_]]:
    """Return what the rule of a mode says, and which ways it may use."""
    permissions = drawn.each(mode.rule)
    return permissions, permissions.of_ways(_is_open, bool, unasked=False)


def _is_open(permission: Permission) -> bool:
    return not permission.reason


def _forward(step: Permission | Pace) -> float:
    return step.forward


def _backward(step: Permission | Pace) -> float:
    return step.backward


class Lengths(NamedTuple):
    """The position of its way, and the metres, of every piece."""

    way: NDArray[np.int32]
    length: NDArray[np.float64]

    def by_way(self, count: int) -> NDArray[np.float64]:
        """Return the metres of every way."""
        return np.asarray(np.bincount(self.way, weights=self.length, minlength=count), dtype=float)


def _ratios(
    drawn: DrawnStreets,
    usable: NDArray[np.bool_],
    mode: Mode,
    congestion: pd.Series[Any] | pd.DataFrame | None,
    lengths: Lengths,
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], list[Finding]]:
    """Return, for every way and both directions, how many metres at the mode's speed one metre of it costs."""
    if mode.pace is None:
        if congestion is not None:
            raise not_driven(mode)
        one = np.ones(usable.size)
        return (one, one), []
    paces = drawn.each(mode.pace, usable)
    speeds = np.stack([paces.of_ways(step, float, unasked=np.nan) for step in (_forward, _backward)])
    speeds[:, ~usable] = np.nan
    notes = _rows_by_note(paces, usable)
    metres = lengths.by_way(usable.size)
    findings: list[Finding] = []
    assumed = {note: (rows.size, float(metres[rows].sum())) for note, rows in notes.items()}
    if assumed:
        kilometres = sum(length for _, length in assumed.values()) / 1000
        findings.append(
            Finding(
                "speeds_assumed",
                "information",
                f"The speed of {kilometres:,.1f} of {metres.sum() / 1000:,.1f} km of street is assumed, because what "
                f"it depends on is not tagged: {_kilometres({note: length for note, (_, length) in assumed.items()})}.",
                values={
                    "kilometres": kilometres,
                    "all": float(metres.sum() / 1000),
                    "parts": _kilometres({note: length for note, (_, length) in assumed.items()}),
                },
                count=sum(number for number, _ in assumed.values()),
            )
        )
    if congestion is not None:
        from spatialjustice.network.streets.congestion import congested

        if mode.slope is not None:  # their own strength moves them, not an engine
            raise not_driven(mode)
        speeds, found = congested(congestion, drawn.way_ids, speeds, usable, metres)
        findings += found
    wrong = usable & ~((speeds > 0) & np.isfinite(speeds)).all(axis=0)
    if wrong.any():
        raise InputError(
            "pace",
            f"the mode “{mode.name}” gives {int(wrong.sum()):,} ways a speed that is not a positive number",
            "Let the pace return kilometres an hour above 0; close ways with the rule.",
            rows=drawn.way_ids[wrong],
        )
    return (mode.speed / speeds[0], mode.speed / speeds[1]), findings


def _rows_by_note(paces: Answers, usable: NDArray[np.bool_]) -> dict[str, NDArray[np.int64]]:
    """Return the ways that can be used by what is noted of their pace, in the order in which notes come first."""
    number: dict[str, int] = {}
    note = np.array(
        [-1 if one is None else number.setdefault(one.note, len(number)) for one in paces.told], dtype=np.int32
    )
    of_way = note[paces.kind]
    rows = {text: np.flatnonzero((of_way == one) & usable) for text, one in number.items() if text}
    return dict(sorted(((text, row) for text, row in rows.items() if row.size), key=lambda item: int(item[1][0])))


def not_driven(mode: Mode) -> InputError:
    """Return what is said where cars are slowed down and the mode is none of them."""
    return InputError(
        "congestion",
        f"it slows down cars, but the mode is “{mode.name}”",
        "Give it with a mode that goes at the speed of each street (drive), and leave it out otherwise.",
    )


def _closed_to_mode(reasons: Counter[str], total: int, mode: Mode) -> Finding:
    count = reasons.total()
    return Finding(
        "streets_closed_to_mode",
        "information",
        f"{count:,} of {total:,} ways cannot be used by the mode “{mode.name}”: {_counts(reasons)}.",
        values={"count": count, "all": total, "mode": {"word": f"mode.{mode.name}"}, "reasons": _counts(reasons)},
        count=count,
    )


def _ferries(count: int) -> Finding:
    return Finding(
        "ferries_not_used",
        "information",
        f"{count:,} lines of ferries are not used, because how long one waits and sails is not known. Islands that "
        "nothing else leads to are not reached.",
        values={"count": count},
        count=count,
        advice="Where a ferry matters, add a way of the length that is walked in the same time.",
    )


def _counts(reasons: Counter[str]) -> str:
    listed = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    others = sum(number for _, number in listed[SHOWN:])
    text = "; ".join(f"{reason}: {number:,}" for reason, number in listed[:SHOWN])
    return text + (f"; other reasons: {others:,}" if others else "")


def _kilometres(metres: Mapping[str, float]) -> str:
    listed = sorted(metres.items(), key=lambda item: (-item[1], item[0]))
    others = sum(length for _, length in listed[SHOWN:])
    text = "; ".join(f"{name}: {length / 1000:,.1f} km" for name, length in listed[:SHOWN])
    return text + (f"; others: {others / 1000:,.1f} km" if others else "")


def _unknown(drawn: DrawnStreets, usable: NDArray[np.bool_], mode: Mode, lengths: Lengths) -> list[Finding]:
    """Say of how many kilometres it is not tagged whether the mode can pass."""
    if mode.unknown is None:
        return []
    kerbs = [row for row, tags in drawn.node_tags if "kerb" in tags or "kerb:height" in tags]
    kerb_known = drawn.that_touch(kerbs)
    metres = lengths.by_way(usable.size)
    unknown = drawn.each(mode.unknown, usable)
    by_name: dict[str, float] = {}
    one_or_more = np.zeros(usable.size, dtype=bool)
    for name in dict.fromkeys(name for names in unknown.told for name in names or ()):
        rows = usable & np.array([name in (names or ()) for names in unknown.told], dtype=bool)[unknown.kind]
        if name == "kerb":
            rows &= ~kerb_known
        if rows.any():
            by_name[name] = float(np.cumsum(metres[rows])[-1])  # one after the other, in the order of the ways
        one_or_more |= rows
    total = int(one_or_more.sum())
    if not total:
        return []
    share = max(by_name.values()) / max(metres.sum(), TOLERANCE)
    return [
        Finding(
            "passability_unknown",
            "warning" if share > 0.5 else "information",
            f"Whether the mode “{mode.name}” can pass is not tagged for a part of {metres.sum() / 1000:,.1f} km of "
            f"street: {_kilometres(by_name)}. These streets count as passable.",
            values={
                "mode": {"word": f"mode.{mode.name}"},
                "kilometres": float(metres.sum() / 1000),
                "parts": _kilometres(by_name),
            },
            count=total,
            advice="The result is the best case. A survey, or local data, of surfaces, widths and kerbs makes it sure.",
        )
    ]


def _unread(drawn: DrawnStreets, mode: Mode) -> list[Finding]:
    """Count the points at which a height or gap is tagged that cannot be read."""
    if mode.unread is None:
        return []
    count = sum(mode.unread(tags) for _, tags in drawn.node_tags)
    if not count:
        return []
    return [
        Finding(
            "obstacles_unread",
            "information",
            f"At {count:,} points of streets a height or a gap is tagged that cannot be read; nothing stops the mode "
            f"“{mode.name}” there but what else is tagged.",
            count=count,
            advice="Mend the tags in OpenStreetMap: metres, or a number with its unit.",
        )
    ]


def cut_at_barriers(edges: Edges, drawn: DrawnStreets, mode: Mode) -> tuple[Edges, Points, list[Finding]]:
    """Let streets end on each side of a point the mode cannot pass: see :func:`from_frames`."""
    size = drawn.node_id.size
    points = Points(drawn.node_id, drawn.lon, drawn.lat)
    reasons: dict[int, str] = {}
    if mode.barrier is not None:
        for position, tags in drawn.node_tags:
            if reason := mode.barrier(tags):
                reasons[position] = reason
    if not reasons or not edges.size:
        return edges, points, []
    closed, kerb = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    closed[list(reasons)] = True
    kerb[[position for position, reason in reasons.items() if reason.startswith("kerb")]] = True
    carriageway = drawn.each(_is_carriageway).of_ways(bool, bool, unasked=False)
    node = np.concatenate([edges.u, edges.v])
    at_closed = np.flatnonzero(closed[node])
    passing = kerb[node[at_closed]] & carriageway[edges.way[at_closed % edges.size]]
    ends = at_closed[~passing]
    # The order in which copies are made depends on ids alone, not on the order of the rows.
    rows = ends % edges.size
    ids = drawn.way_ids[edges.way[rows]]
    ends = ends[np.lexsort((ends >= edges.size, rows, ids, points.id[node[ends]]))]
    first = np.concatenate([[True], node[ends][1:] != node[ends][:-1]])[: ends.size]
    kept = np.zeros(size, dtype=bool)
    kept[node[at_closed[passing]]] = True
    copies = ends[~first | kept[node[ends]]]
    if not copies.size:
        return edges, points, []
    origin = node[copies]
    node[copies] = size + np.arange(copies.size)
    points = Points(
        np.concatenate([points.id, min(int(points.id.min()), 0) - 1 - np.arange(copies.size)]),
        np.concatenate([points.x, points.x[origin]]),
        np.concatenate([points.y, points.y[origin]]),
    )
    cut = Counter(reasons[position] for position in np.unique(origin).tolist())
    found = Finding(
        "barriers_closed",
        "information",
        f"{cut.total():,} points of streets cannot be passed by the mode “{mode.name}”: {_counts(cut)}. Streets end "
        "there on each side.",
        values={"count": cut.total(), "mode": {"word": f"mode.{mode.name}"}, "reasons": _counts(cut)},
        count=cut.total(),
    )
    return edges._replace(u=node[: edges.size], v=node[edges.size :]), points, [found]


def _is_carriageway(tags: Tags) -> bool:
    return tags.get("highway") in CARRIAGEWAYS


def _is_level(tags: Tags) -> bool:
    return any(tags.get(key, "no") != "no" for key in ("bridge", "tunnel"))


def with_slopes(
    edges: Edges, points: Points, drawn: DrawnStreets, mode: Mode, raster: str | Path
) -> tuple[Edges, list[Finding], list[SourceRecord]]:
    """Change costs by the slope in each direction, and close what is too steep."""
    if mode.slope is None and mode.steepest is None:
        return edges, [_heights_not_used(mode)], []
    from spatialjustice.network.streets.slope import edge_grades, pace_factor

    level = drawn.each(_is_level).of_ways(bool, bool, unasked=False)
    length = edges.length
    grade, findings, source = edge_grades(points.x, points.y, edges.u, edges.v, length, level[edges.way], raster, 4326)
    if mode.slope is not None:
        edges = edges._replace(
            forward=edges.forward / pace_factor(grade, mode.slope),
            backward=edges.backward / pace_factor(-grade, mode.slope),
        )
    findings = list(findings)
    if mode.steepest is not None:
        steep = np.abs(grade) > mode.steepest + TOLERANCE
        if steep.any():
            edges = edges.taken(~steep)
            findings.append(
                Finding(
                    "too_steep",
                    "information",
                    f"{length[steep].sum() / 1000:,.1f} of {length.sum() / 1000:,.1f} km of street are steeper than "
                    f"{mode.steepest:.1%} and closed to the mode “{mode.name}”.",
                    values={
                        "kilometres": float(length[steep].sum() / 1000),
                        "all": float(length.sum() / 1000),
                        "share": mode.steepest,
                        "mode": {"word": f"mode.{mode.name}"},
                    },
                    count=int(steep.sum()),
                )
            )
    return edges, findings, [source]


def _heights_not_used(mode: Mode) -> Finding:
    return Finding(
        "elevation_not_used",
        "information",
        f"Heights were given, but slopes do not change how fast the mode “{mode.name}” is.",
        values={"mode": {"word": f"mode.{mode.name}"}},
    )


def without_return(edges: Edges, component: NDArray[np.int32], size: int) -> list[Finding]:
    """Say how many kilometres one-way streets cut off in one direction from the main part of their network."""
    forward, backward = np.isfinite(edges.forward), np.isfinite(edges.backward)
    if (forward & backward).all():
        return []
    u, v, length = edges.u, edges.v, edges.length
    start, end = np.concatenate([u[forward], v[backward]]), np.concatenate([v[forward], u[backward]])
    graph = coo_array((np.ones(start.size, dtype=np.int8), (start, end)), shape=(size, size))
    part: NDArray[Any] = connected_components(graph, directed=True, connection="strong")[1]
    inside = part[u] == part[v]
    metres = np.bincount(part[u][inside], weights=length[inside], minlength=int(part.max()) + 1)
    longest = np.zeros(int(component.max()) + 1)
    np.maximum.at(longest, component, metres[part[u]] * inside)
    apart = ~inside | (metres[part[u]] < longest[component])
    if not apart.any():
        return []
    return [
        Finding(
            "streets_without_return",
            "information",
            f"{length[apart].sum() / 1000:,.1f} of {length.sum() / 1000:,.1f} km of street can be reached from the "
            "rest of the network or left for it, but not both, because of one-way streets.",
            values={"kilometres": float(length[apart].sum() / 1000), "all": float(length.sum() / 1000)},
            count=int(apart.sum()),
            advice="Places there cannot go, or cannot be come to. Streets cut at the edge of the data are so, and "
            "mistakes in one-way tags.",
        )
    ]
