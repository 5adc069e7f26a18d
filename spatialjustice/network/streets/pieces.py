"""The pieces of street a network is made of: what they cost in each direction, and where a barrier cuts them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_ids
from spatialjustice.network.streets.access_rules import CARRIAGEWAYS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.network.streets.drawn import DrawnStreets
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


class Pieces(NamedTuple):
    """Pieces of street between two points that follow each other, and what was found on the way.

    ``edges`` has the positions of the points ``u`` and ``v``, ``length``, ``forward``, ``backward``, ``apart`` (whether
    nobody joins it from beside), ``way`` (the position of the way) and ``way_id``.
    """

    edges: pd.DataFrame
    findings: list[Finding]


def pieces_of(drawn: DrawnStreets, mode: Mode, congestion: pd.Series[Any] | pd.DataFrame | None = None) -> Pieces:
    """Cut the ways a mode may use into pieces, each with its cost in both directions."""
    permissions = drawn.each(mode.rule)
    usable = np.array([not permission.reason for permission in permissions], dtype=bool)
    (u, v, way), length = drawn.pieces(usable)
    ratio, findings = _ratios(drawn, usable, mode, congestion, Lengths(way, length))
    forward = np.array([permission.forward for permission in permissions], dtype=bool)[way]
    backward = np.array([permission.backward for permission in permissions], dtype=bool)[way]
    edges = pd.DataFrame(
        {
            "u": u,
            "v": v,
            "length": length,
            "forward": np.where(forward, length * ratio[0][way], np.inf),
            "backward": np.where(backward, length * ratio[1][way], np.inf),
            "apart": drawn.apart(usable)[way],
            "way": way,
            "way_id": drawn.way_ids[way],
        }
    )
    reasons = Counter(permission.reason for permission in permissions if permission.reason)
    if reasons:
        findings.insert(0, _closed_to_mode(reasons, len(permissions), mode))
    if ferries := reasons[FERRY]:
        findings.append(_ferries(ferries))
    findings += _unknown(drawn, usable, mode, Lengths(way, length))
    findings += _unread(drawn, mode)
    return Pieces(edges, findings)


class Lengths(NamedTuple):
    """The position of its way, and the metres, of every piece."""

    way: NDArray[np.int64]
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
            raise _not_driven(mode)
        one = np.ones(len(drawn.tags))
        return (one, one), []
    paces = drawn.each(mode.pace, usable)
    speeds = np.full((2, len(paces)), np.nan)
    notes: dict[str, list[int]] = {}
    for row in np.flatnonzero(usable).tolist():
        pace = paces[row]
        speeds[:, row] = pace.forward, pace.backward
        if pace.note:
            notes.setdefault(pace.note, []).append(row)
    metres = lengths.by_way(len(paces))
    findings: list[Finding] = []
    assumed = {note: (len(rows), float(metres[rows].sum())) for note, rows in notes.items()}
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
        if mode.slope is not None:  # their own strength moves them, not an engine
            raise _not_driven(mode)
        speeds, found = _congested(congestion, drawn.ways.index, speeds, usable, metres)
        findings += found
    wrong = usable & ~((speeds > 0) & np.isfinite(speeds)).all(axis=0)
    if wrong.any():
        raise InputError(
            "pace",
            f"the mode “{mode.name}” gives {int(wrong.sum()):,} ways a speed that is not a positive number",
            "Let the pace return kilometres an hour above 0; close ways with the rule.",
            rows=drawn.ways.index[wrong],
        )
    return (mode.speed / speeds[0], mode.speed / speeds[1]), findings


def _not_driven(mode: Mode) -> InputError:
    return InputError(
        "congestion",
        f"it slows down cars, but the mode is “{mode.name}”",
        "Give it with a mode that goes at the speed of each street (drive), and leave it out otherwise.",
    )


def _congested(
    congestion: pd.Series[Any] | pd.DataFrame,
    ids: pd.Index[Any],
    speeds: NDArray[np.float64],
    usable: NDArray[np.bool_],
    metres: NDArray[np.float64],
) -> tuple[NDArray[np.float64], list[Finding]]:
    """Apply factors, or speeds in kilometres an hour, to the speeds of some ways."""
    if isinstance(congestion, pd.DataFrame):
        needed = {"osm_id", "max_speed", "speed_type"}
        absent = sorted(needed - set(congestion.columns))
        kinds = set() if absent else set(congestion["speed_type"]) - {"scale", "km/h"}
        if absent or kinds:
            found = f"it has no column {', '.join(absent)}" if absent else f"speed_type is {sorted(map(str, kinds))}"
            raise InputError(
                "congestion",
                found,
                "Give the columns osm_id, max_speed and speed_type (scale or km/h), or a Series of factors by way id.",
            )
        table = congestion.set_index("osm_id")
        values, absolute = table["max_speed"], table["speed_type"].to_numpy() == "km/h"
    else:
        values, absolute = congestion, np.zeros(len(congestion), dtype=bool)
    require_ids(values, "congestion")
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
    wrong = ~((numbers > 0) & np.isfinite(numbers))
    if wrong.any():
        raise InputError(
            "congestion",
            f"{int(wrong.sum()):,} ways have a value that is not above 0",
            "Give factors of the speed (0.5 halves it) or kilometres an hour; take closed streets out of the streets.",
            rows=values.index[wrong],
        )
    row = ids.get_indexer(values.index)
    known = row >= 0
    speeds = speeds.copy()
    for rows, value, kmh in zip(row[known], numbers[known], absolute[known], strict=True):
        speeds[:, rows] = value if kmh else speeds[:, rows] * value
    used = row[known][usable[row[known]]]
    findings = [
        Finding(
            "congestion_applied",
            "information",
            f"The speed of {used.size:,} ways ({metres[used].sum() / 1000:,.1f} of {metres.sum() / 1000:,.1f} km) is "
            "changed by congestion; the others are as free as their tags say.",
            values={
                "count": int(used.size),
                "kilometres": float(metres[used].sum() / 1000),
                "all": float(metres.sum() / 1000),
            },
            count=int(used.size),
        )
    ]
    strange = len(values) - int(used.size)
    if strange:
        findings.append(
            Finding(
                "congestion_ways_unknown",
                "information" if used.size else "warning",
                f"{strange:,} of {len(values):,} ways in the congestion data are no streets of this mode and place.",
                count=strange,
                advice="Ways are split and renumbered as the map is edited: use data of the same age as the streets.",
            )
        )
    return speeds, findings


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
    known = drawn.that_touch(kerbs).tolist()
    metres = lengths.by_way(len(known))
    by_name: Counter[str] = Counter()
    total = 0
    for unknown, kerb_known, length in zip(drawn.each(mode.unknown, usable), known, metres.tolist(), strict=True):
        names = [name for name in unknown or () if name != "kerb" or not kerb_known]
        total += bool(names)
        by_name.update(dict.fromkeys(names, length))
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


def cut_at_barriers(edges: pd.DataFrame, drawn: DrawnStreets, mode: Mode) -> tuple[pd.DataFrame, Points, list[Finding]]:
    """Let streets end on each side of a point the mode cannot pass: see :func:`from_frames`."""
    size = len(drawn.nodes)
    points = Points(drawn.nodes.index.to_numpy(dtype=np.int64), drawn.lon, drawn.lat)
    reasons: dict[int, str] = {}
    if mode.barrier is not None:
        for position, tags in drawn.node_tags:
            if reason := mode.barrier(tags):
                reasons[position] = reason
    if not reasons or not len(edges):
        return edges, points, []
    closed, kerb = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    closed[list(reasons)] = True
    kerb[[position for position, reason in reasons.items() if reason.startswith("kerb")]] = True
    carriageway = np.array([tags.get("highway") in CARRIAGEWAYS for tags in drawn.tags], dtype=bool)
    piece = np.tile(np.arange(len(edges)), 2)
    node = np.concatenate([edges["u"], edges["v"]])
    passing = kerb[node] & carriageway[edges["way"].to_numpy()[piece]]
    ends = np.flatnonzero(closed[node] & ~passing)
    # The order in which copies are made depends on ids alone, not on the order of the rows.
    rows = piece[ends]
    ends = ends[np.lexsort((ends >= len(edges), rows, edges["way_id"].to_numpy()[rows], points.id[node[ends]]))]
    first = np.concatenate([[True], node[ends][1:] != node[ends][:-1]])[: ends.size]
    kept = np.isin(node, node[passing & closed[node]])
    copies = ends[~first | kept[ends]]
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
    return edges.assign(u=node[: len(edges)], v=node[len(edges) :]), points, [found]


def with_slopes(
    edges: pd.DataFrame, points: Points, drawn: DrawnStreets, mode: Mode, raster: str | Path
) -> tuple[pd.DataFrame, list[Finding], list[SourceRecord]]:
    """Change costs by the slope in each direction, and close what is too steep."""
    if mode.slope is None and mode.steepest is None:
        return edges, [_heights_not_used(mode)], []
    from spatialjustice.network.streets.slope import edge_grades, pace_factor

    level = [any(tags.get(key, "no") != "no" for key in ("bridge", "tunnel")) for tags in drawn.tags]
    way, length = edges["way"].to_numpy(), edges["length"].to_numpy()
    grade, findings, source = edge_grades(
        points.x, points.y, edges["u"].to_numpy(), edges["v"].to_numpy(), length, np.array(level)[way], raster, 4326
    )
    if mode.slope is not None:
        edges = edges.assign(
            forward=edges["forward"] / pace_factor(grade, mode.slope),
            backward=edges["backward"] / pace_factor(-grade, mode.slope),
        )
    findings = list(findings)
    if mode.steepest is not None:
        steep = np.abs(grade) > mode.steepest + TOLERANCE
        if steep.any():
            edges = edges[~steep]
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


def without_return(edges: pd.DataFrame, size: int) -> list[Finding]:
    """Say how many kilometres one-way streets cut off in one direction from the main part of their network."""
    forward, backward = np.isfinite(edges["forward"].to_numpy()), np.isfinite(edges["backward"].to_numpy())
    if (forward & backward).all():
        return []
    u, v = edges["u"].to_numpy(), edges["v"].to_numpy()
    start, end = np.concatenate([u[forward], v[backward]]), np.concatenate([v[forward], u[backward]])
    graph = coo_array((np.ones(start.size, dtype=np.int8), (start, end)), shape=(size, size))
    part: NDArray[Any] = connected_components(graph, directed=True, connection="strong")[1]
    inside = part[u] == part[v]
    length, component = edges["length"].to_numpy(), edges["component"].to_numpy()
    metres = np.bincount(part[u][inside], weights=length[inside], minlength=int(part.max()) + 1)
    longest = pd.Series(metres[part[u]] * inside).groupby(component).transform("max").to_numpy()
    apart = ~inside | (metres[part[u]] < longest)
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
