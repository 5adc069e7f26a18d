"""From streets to a network: which ways, in which direction, how long, and which of them hang together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pyproj import CRS, Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from tqdm.auto import tqdm

from spatialjustice._core.errors import EmptyNetworkError, InputError, WrongPlaceError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.ground.metres import FAR_OFF, SAMPLE, length_error, metres_of_points
from spatialjustice._core.provenance import SourceRecord, sources_of
from spatialjustice.network.arrays import STRIP, rounded_to_millimetres
from spatialjustice.network.network import Network
from spatialjustice.network.streets.drawn import DrawnStreets
from spatialjustice.network.streets.modes import Mode, mode_named
from spatialjustice.network.streets.pieces import (
    cut_at_barriers,
    pieces_of,
    usable_ways,
    with_slopes,
    without_return,
)
from spatialjustice.network.streets.turns import forbidden_turns, require_restrictions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray
    from shapely import MultiPolygon, Polygon

    from spatialjustice.network.streets.pieces import Edges, Points

WORLD = (180.0, 90.0)
"""Degrees: how far longitude and latitude go either way."""

STEPS = 7
"""Of building a network, as its progress counts them."""

MUCH = 0.05
"""Share of the streets that is much to set aside."""


def from_frames(  # noqa: PLR0913 (all but the two frames are named and may be left out)
    nodes: pd.DataFrame,
    ways: pd.DataFrame,
    *,
    mode: str | Mode = "walk",
    speed: float | None = None,
    crs: CRS | str | int | None = None,
    smallest_component: float = 1000.0,
    elevation: str | Path | None = None,
    congestion: pd.Series[Any] | pd.DataFrame | None = None,
    restrictions: pd.DataFrame | None = None,
    sources: Sequence[SourceRecord] = (),
    findings: Sequence[Finding] = (),
) -> Network:
    """Build the network of those of these streets that people can use.

    Every two nodes that follow each other along a way are one straight edge. Its length is that of the geodesic on the
    WGS84 ellipsoid. Its cost in each direction, in metres at the mode's speed, is::

        length · (speed of the mode / speed of the street) / (factor of the slope in this direction)

    Of several edges between the same two nodes the cheapest in each direction is kept; edges of no length are kept and
    cost nothing.

    At a point that the mode cannot pass (a bollard for cars, a raised kerb for wheelchairs) every street ends: each end
    gets a point of its own in the same place. One keeps the id, the others have negative ids that no node has. Places
    on either side still go to the street, but nobody gets through. A kerb stops only those who cross the carriageway.

    Parts of the network without a street between them are treated so: the longest part and every other one with at
    least ``smallest_component`` metres of street are kept (islands with streets of their own); smaller ones are set
    aside, mostly courtyards and paths whose links nobody has mapped, and points near them go to a kept street within
    the snap limit. For a mode with ``joined_as`` (wheelchair, stroller) the parts are those of that other mode: an
    island that only steps, kerbs or slopes cut off is kept, however small, and who lives there may reach nothing.

    Parameters
    ----------
    nodes
        Index: node ids; columns ``x`` and ``y``: longitude and latitude (WGS84), and, if known, ``tags`` (a dictionary
        or None): without it there are no barriers.
    ways
        Index: way ids; columns ``nodes`` (the ids of each way's nodes in order) and ``tags`` (a dictionary).
    mode
        The name of one of :data:`MODES`, or a :class:`Mode`.
    speed
        Kilometres an hour; None for the mode's own.
    crs
        A projected CRS in metres, in which lengths are off by 5 % at most where the streets lie; None for the UTM zone
        of the streets, or one made for them.
    smallest_component
        Metres of street that a separate part of the network needs to be kept.
    elevation
        A raster file of heights in metres; None for a flat world. Walkers and cyclists go slower uphill, and streets
        above the mode's ``steepest`` slope are closed. Bridges and tunnels have the slope between their ends.
    congestion
        For ``drive``: how fast cars really are. Either a Series of factors above 0 on way ids (0.5 halves the speed of
        the street), or a table with the columns ``osm_id``, ``max_speed`` and ``speed_type`` as the R package r5r
        takes it: ``scale`` makes ``max_speed`` a factor, ``km/h`` the speed itself, in both directions. Ways that are
        not named keep their speed; names of no street are counted.
    restrictions
        Turn restrictions, one to a row: ``from_ways``, ``via_nodes``, ``via_ways`` and ``to_ways`` (lists of ids) and
        ``tags`` (a dictionary), as OpenStreetMap's relations have them. Driving and cycling obey those that forbid a
        turn (``no_left_turn``, ``no_right_turn``, ``no_straight_on``, ``no_u_turn``, ``no_entry``, ``no_exit``) or
        allow but one (``only_…``, which forbids turning round, too), over a point or over streets between; those of
        other vehicles, and of which ``except`` frees the mode, are left out. What holds at certain hours only is not
        obeyed. Who may not turn may drive on to the next junction or dead end, and turn round there.
    sources, findings
        Of the streets; None are needed where the frames carry them in ``attrs``.

    Returns
    -------
    Network
        Its findings may be ``streets_closed_to_mode``, ``speeds_assumed``, ``passability_unknown``,
        ``barriers_closed``, ``too_steep``, ``congestion_applied``, ``congestion_ways_unknown``,
        ``elevation_not_used``, ``parallel_streets_merged``, ``streets_set_aside``, ``separate_networks``,
        ``streets_without_return``, ``turn_restrictions``, and those of the streets and the raster.

    Raises
    ------
    EmptyNetworkError
        When no street can be used.
    InputError
        When ids repeat, a way names a node that is not there, coordinates are wrong, the CRS does not hold, a column
        of the restrictions is absent, or congestion is given for a mode that does not drive or is not above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> nodes = pd.DataFrame({"x": [24.940, 24.941, 24.942], "y": [60.170] * 3}, index=[1, 2, 3])
    >>> ways = pd.DataFrame({"nodes": [[1, 2, 3]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> from_frames(nodes, ways)
    <Network: walk at 4.8 km/h, 3 nodes, 2 edges, 0.1 km, 1 part, data of unknown date>
    """
    return network_of(
        drawn_streets(nodes, ways, restrictions),
        mode_named(mode, speed=speed),
        crs=crs,
        smallest_component=smallest_component,
        elevation=elevation,
        congestion=congestion,
        sources=list(sources) or sources_of(nodes, ways),
        findings=[*findings, *findings_of(nodes, ways)],
    )


def drawn_streets(nodes: pd.DataFrame, ways: pd.DataFrame, restrictions: pd.DataFrame | None = None) -> DrawnStreets:
    """Check streets, and keep what the networks of all modes need of them."""
    require_ids(nodes, "street nodes")
    require_ids(ways, "streets")
    _check_coordinates(nodes)
    return DrawnStreets.of_frames(nodes, ways, require_restrictions(restrictions))


def network_of(  # noqa: PLR0913 (as from_frames, of which these are the named ones)
    drawn: DrawnStreets,
    mode: Mode,
    *,
    crs: CRS | str | int | None,
    smallest_component: float,
    elevation: str | Path | None,
    congestion: pd.Series[Any] | pd.DataFrame | None,
    sources: Sequence[SourceRecord],
    findings: Sequence[Finding],
    area_in: Callable[[CRS], Polygon | MultiPolygon | None] | None = None,
) -> Network:
    """Build the network of one mode: see :func:`from_frames`; ``area_in`` tells in a CRS what the streets cover."""
    found, records = [*findings], [*sources]
    bar = tqdm(total=STEPS, desc=f"network: {mode.name}", unit="step", delay=2, leave=False)
    edges, told = pieces_of(drawn, mode, congestion)
    found += told
    bar.update()
    if mode.joined_as is not None and smallest_component > 0:
        edges, told = _joined(edges, drawn, mode_named(mode.joined_as), smallest_component)
        found += told
        smallest_component = 0.0
    bar.update()
    edges, points, cut = cut_at_barriers(edges, drawn, mode)
    found += cut
    bar.update()
    if elevation is not None and edges.size:
        edges, told, more = with_slopes(edges, points, drawn, mode, elevation)
        found += told
        records += more
    bar.update()
    edges, merged = cheapest_edges(edges, drawn.way_ids)
    if merged is not None:
        found.append(merged)
    if not edges.size:
        bar.close()
        raise EmptyNetworkError(
            "streets",
            f"none of {drawn.way_ids.size:,} ways can be used by the mode “{mode.name}”",
            "Check that the file covers the place and holds streets (ways with a highway tag).",
        )
    bar.update()
    kept, component, apart = connected_parts(edges.u, edges.v, edges.length, points.id, smallest_component)
    edges, component = edges.taken(kept), component[kept]
    found += [*apart, *without_return(edges, component, points.id.size)]
    bar.update()
    network = ordered_by_place(
        edges,
        component,
        drawn.way_ids,
        points,
        mode,
        crs=crs,
        sources=tuple(records),
        findings=tuple(dict.fromkeys(found)),
        area_in=area_in,
    )
    bar.update()
    turns, told = forbidden_turns(drawn, mode, network)
    bar.close()
    return replace(network, forbidden_turns=turns, findings=(*network.findings, *told)) if told else network


def _joined(edges: Edges, drawn: DrawnStreets, other: Mode, smallest: float) -> tuple[Edges, list[Finding]]:
    """Set aside what is joined to nothing for another mode, too: islands of this one alone are no gaps in the map."""
    (u, v, _), length = drawn.pieces(usable_ways(drawn, other)[1])
    kept, _, findings = connected_parts(u, v, length, drawn.node_id, smallest)
    joined = _touched(u[kept], v[kept], drawn.node_id.size)
    inside = joined[edges.u] & joined[edges.v]
    return edges.taken(inside), [finding for finding in findings if finding.code == "streets_set_aside"]


def ordered_by_place(  # noqa: PLR0913 (the parts of a network, each made elsewhere)
    edges: Edges,
    component: NDArray[np.int32],
    way_ids: NDArray[np.int64],
    points: Points,
    mode: Mode,
    *,
    crs: CRS | str | int | None,
    sources: tuple[SourceRecord, ...],
    findings: tuple[Finding, ...],
    area_in: Callable[[CRS], Polygon | MultiPolygon | None] | None = None,
) -> Network:
    """Put nodes and edges in an order in which neighbours on the ground are neighbours in memory."""
    kept = np.flatnonzero(_touched(edges.u, edges.v, points.id.size))
    target = CRS.from_user_input(crs) if crs is not None else _utm(points, kept)
    _require_metres(target, points.x[kept], points.y[kept])
    nodes = _in_strips(points, kept, target)
    position = np.empty(points.id.size, dtype=np.int32)
    position[nodes.row] = np.arange(kept.size)
    edges = _u_before_v(edges._replace(u=position[edges.u], v=position[edges.v]))
    by_ends = np.argsort(_both_ends(edges, kept.size), kind="stable")
    edges, component = edges.taken(by_ends), component[by_ends]
    of_node = np.empty(kept.size, dtype=np.int32)
    of_node[edges.u] = component
    of_node[edges.v] = component
    return Network(
        node_id=points.id[nodes.row],
        x=nodes.x,
        y=nodes.y,
        edge_u=edges.u,
        edge_v=edges.v,
        length=edges.length,
        forward=edges.forward,
        backward=edges.backward,
        way_id=way_ids[edges.way],
        component=of_node,
        crs=target,
        mode=mode,
        sources=sources,
        findings=findings,
        area=None if area_in is None else area_in(target),
        apart=edges.apart,
    )


class _Placed(NamedTuple):
    """Rows of points in the order in which a network keeps them, and where they are in its CRS."""

    row: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def _in_strips(points: Points, kept: NDArray[np.int64], crs: CRS) -> _Placed:
    """Put points in order, strip by strip from west to east."""
    found = Transformer.from_crs(4326, crs, always_xy=True).transform(points.x[kept], points.y[kept])
    x, y = map(rounded_to_millimetres, found)
    order = np.lexsort((points.id[kept], y, x, np.floor(y / STRIP)))
    return _Placed(kept[order], x[order], y[order])


def _require_metres(crs: CRS, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
    """Refuse a CRS whose metres are none where the streets lie: points would join streets by wrong distances."""
    some = slice(None, None, max(1, lon.size // SAMPLE))
    error = length_error(crs, lon[some], lat[some])
    if error > FAR_OFF:
        raise InputError(
            "crs",
            f"in {crs.name} lengths are off by up to {error:.0%} where the streets lie",
            "Leave it out, or name a CRS in metres that is made for the place.",
        )


def _check_coordinates(nodes: pd.DataFrame) -> None:
    lon, lat = nodes["x"].to_numpy(dtype=float), nodes["y"].to_numpy(dtype=float)
    wrong = ~((np.abs(lon) <= WORLD[0]) & (np.abs(lat) <= WORLD[1]))
    if wrong.any():
        raise WrongPlaceError(
            "street nodes",
            f"{int(wrong.sum()):,} have no longitude (x, within 180) and latitude (y, within 90)",
            "Give degrees, longitude first; exchange the columns where they are swapped.",
            rows=nodes.index[wrong],
        )


def _u_before_v(edges: Edges) -> Edges:
    """Turn edges so that u comes before v: in their own arrays, since copies of all would be the most that is held."""
    turn = np.flatnonzero(edges.u > edges.v)
    for one, other in ((edges.u, edges.v), (edges.forward, edges.backward)):
        one[turn], other[turn] = other[turn], one[turn]
    return edges


def _both_ends(edges: Edges, size: int) -> NDArray[np.int64]:
    """Return one number for both ends of every edge, which rises with u and then with v; points are below ``size``."""
    return edges.u.astype(np.int64) * size + edges.v


def _touched(u: NDArray[np.int32], v: NDArray[np.int32], size: int) -> NDArray[np.bool_]:
    """Tell at which of the points a street begins or ends."""
    touched = np.zeros(size, dtype=bool)
    touched[u] = True
    touched[v] = True
    return touched


def cheapest_edges(edges: Edges, way_ids: NDArray[np.int64]) -> tuple[Edges, Finding | None]:
    """Keep one edge between every two nodes: the cheapest in each direction. Those given are turned in their arrays."""
    edges = _u_before_v(edges)
    ends = _both_ends(edges, int(edges.v.max()) + 1 if edges.size else 0)
    order = np.argsort(ends, kind="stable")
    begin = np.flatnonzero(np.diff(ends[order], prepend=-1))
    if begin.size < edges.size:  # few have the same ends, of which the shortest comes first
        several = np.flatnonzero(np.repeat(np.diff(begin, append=edges.size) > 1, np.diff(begin, append=edges.size)))
        rows = order[several]
        order[several] = rows[np.lexsort((way_ids[edges.way[rows]], edges.length[rows], ends[rows]))]
    single = edges.taken(order[begin])
    if single.size < edges.size:
        single = single._replace(
            forward=np.fmin.reduceat(edges.forward[order], begin),
            backward=np.fmin.reduceat(edges.backward[order], begin),
            apart=np.logical_and.reduceat(edges.apart[order], begin),  # joined by one of them, joined
        )
    more = edges.size - single.size
    if not more:
        return single, None
    return single, Finding(
        "parallel_streets_merged",
        "information",
        f"{more:,} pieces of street are drawn between the same two nodes as another one; the cheapest is used.",
        values={"count": more},
        count=more,
    )


class Parts(NamedTuple):
    """Which edges are kept, in which part every edge lies, and what was found."""

    kept: NDArray[np.bool_]
    component: NDArray[np.int32]
    findings: list[Finding]


def connected_parts(
    u: NDArray[np.int32], v: NDArray[np.int32], metres: NDArray[np.float64], ids: NDArray[np.int64], smallest: float
) -> Parts:
    """Count the parts of the network from the longest on, and set aside the small ones."""
    graph = coo_array((np.ones(u.size, dtype=np.int8), (u, v)), shape=(ids.size, ids.size))
    label: NDArray[Any] = connected_components(graph, directed=False)[1][u]
    has_streets = np.bincount(label) > 0
    count = int(has_streets.sum())
    part = (np.cumsum(has_streets) - 1)[label]
    length = np.bincount(part, weights=metres, minlength=count)
    # Parts of one length (to the millimetre) come in the order of their lowest ids, not in that of the rows.
    lowest = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(lowest, part, np.minimum(ids[u], ids[v]))
    order = np.lexsort((lowest, -np.round(length, 3)))
    rank = np.empty(count, dtype=np.int32)
    rank[order] = np.arange(count)
    length = length[order]
    keep = length >= smallest
    keep[:1] = True  # the longest, where there is one
    found = []
    if not keep.all():
        found.append(
            Finding(
                "streets_set_aside",
                "warning" if length[~keep].sum() > MUCH * length.sum() else "information",
                f"{int((~keep).sum()):,} small parts of the street network, {length[~keep].sum() / 1000:,.1f} of "
                f"{length.sum() / 1000:,.1f} km, are joined to no other street and each shorter than {smallest:,g} "
                "metres; they are set aside.",
                values={
                    "count": int((~keep).sum()),
                    "kilometres": float(length[~keep].sum() / 1000),
                    "all": float(length.sum() / 1000),
                    "metres": float(smallest),
                },
                count=int((~keep).sum()),
                advice="Where people live there, the link to the next street is missing in the map, or it is closed to "
                "this mode by a barrier, steps or a slope: smallest_component=0 keeps these parts.",
            )
        )
    if keep.sum() > 1:
        kilometres = ", ".join(f"{value / 1000:,.1f}" for value in length[keep][1:6])
        more = int(keep.sum()) - 6
        found.append(
            Finding(
                "separate_networks",
                "warning",
                f"Beside the main network ({length[0] / 1000:,.1f} km) there are {int(keep.sum()) - 1:,} separate ones "
                f"of {kilometres} km" + (f" and {more:,} more" if more > 0 else "") + "; from one to another "
                "there is no way.",
                values={"main": float(length[0] / 1000), "count": int(keep.sum()) - 1, "kilometres": kilometres}
                | ({"variant": "more", "more": more} if more > 0 else {}),
                count=int(keep.sum()) - 1,
                advice="Islands are right so; elsewhere a bridge or a link may be missing in the map.",
            )
        )
    return Parts(keep[rank[part]], rank[part], found)


def _utm(points: Points, used: NDArray[np.int64]) -> CRS:
    return metres_of_points(np.column_stack([points.x[used], points.y[used]]), CRS.from_epsg(4326)).crs
