"""From streets to a network: which ways, in which direction, how long, and which of them hang together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS, Geod, Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatialjustice._core.errors import EmptyNetworkError, InputError, WrongPlaceError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import metric_crs, require_ids
from spatialjustice._core.provenance import SourceRecord, sources_of
from spatialjustice.network.modes import Mode, mode_named
from spatialjustice.network.network import Network

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

WORLD = (180.0, 90.0)
"""Degrees: how far longitude and latitude go either way."""

STRIP = 250.0
"""Metres: nodes are kept in strips of this height, so that neighbours on the ground are neighbours in memory."""


def from_osm(
    path: str | Path,
    *,
    mode: str | Mode = "walk",
    speed: float | None = None,
    within: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    buffer: float = 3000.0,
    smallest_component: float = 1000.0,
) -> Network:
    """Build the network of the streets of an OpenStreetMap file that people can use.

    Parameters
    ----------
    path
        OpenStreetMap file: .osm.pbf, .pbf, .osm, .xml, .osm.gz or .osm.bz2.
    mode
        ``walk``, or a :class:`Mode`.
    speed
        Kilometres an hour; None for the mode's own (4.8 for walking).
    within
        The place; None for the whole file. Its CRS is used where it is a metric one, else the UTM zone.
    buffer
        Metres around the place from which streets are taken too, so that trips may leave the place and come back.
        Should be no less than the longest trip of interest.
    smallest_component
        See :func:`from_frames`.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        When the file is missing, damaged, or of another place.
    EmptyNetworkError
        When no street of the mode lies there.
    """
    from spatialjustice.sources.streets import streets

    found = streets(path) if within is None else streets(path, within=within, buffer=buffer)
    return from_frames(
        found.nodes,
        found.ways,
        mode=mode,
        speed=speed,
        crs=None if within is None else metric_crs(within),
        smallest_component=smallest_component,
        sources=found.sources,
        findings=found.findings,
    )


def from_frames(
    nodes: pd.DataFrame,
    ways: pd.DataFrame,
    *,
    mode: str | Mode = "walk",
    speed: float | None = None,
    crs: CRS | str | int | None = None,
    smallest_component: float = 1000.0,
    sources: Sequence[SourceRecord] = (),
    findings: Sequence[Finding] = (),
) -> Network:
    """Build the network of those of these streets that people can use.

    Every two nodes that follow each other along a way are one straight edge. Its length is that of the geodesic on the
    WGS84 ellipsoid. Of several edges between the same two nodes the cheapest in each direction is kept; edges of no
    length are kept and cost nothing.

    Parts of the network without a street between them are treated so: the longest part and every other one with at
    least ``smallest_component`` metres of street are kept (islands with streets of their own); smaller ones are set
    aside, mostly courtyards and paths whose links nobody has mapped, and points near them go to a kept street within
    the snap limit.

    Parameters
    ----------
    nodes
        Index: node ids; columns ``x`` and ``y``: longitude and latitude (WGS84).
    ways
        Index: way ids; columns ``nodes`` (the ids of each way's nodes in order) and ``tags`` (a dictionary).
    mode
        ``walk``, or a :class:`Mode`.
    speed
        Kilometres an hour; None for the mode's own.
    crs
        A projected CRS in metres; None for the UTM zone of the streets.
    smallest_component
        Metres of street that a separate part of the network needs to be kept.
    sources, findings
        Of the streets; None are needed where the frames carry them in ``attrs``.

    Returns
    -------
    Network

    Raises
    ------
    EmptyNetworkError
        When no street can be used.
    InputError
        When ids repeat, a way names a node that is not there, or coordinates are wrong.

    Examples
    --------
    >>> nodes = pd.DataFrame({"x": [24.940, 24.941, 24.942], "y": [60.170] * 3}, index=[1, 2, 3])
    >>> ways = pd.DataFrame({"nodes": [[1, 2, 3]], "tags": [{"highway": "footway"}]}, index=[10])
    >>> from_frames(nodes, ways)
    <Network: walk at 4.8 km/h, 3 nodes, 2 edges, 0.1 km, 1 part, data of unknown date>
    """
    mode = mode_named(mode, speed=speed)
    require_ids(nodes, "street nodes")
    require_ids(ways, "streets")
    _check_coordinates(nodes)
    found = [*findings, *findings_of(nodes, ways)]
    edges, closed = _edges(nodes, ways, mode)
    if closed is not None:
        found.append(closed)
    edges, merged = _cheapest(edges)
    if merged is not None:
        found.append(merged)
    if not len(edges):
        raise EmptyNetworkError(
            "streets",
            f"none of {len(ways):,} ways can be used by the mode “{mode.name}”",
            "Check that the file covers the place and holds streets (ways with a highway tag).",
        )
    edges, apart = _connected(edges, len(nodes), smallest_component)
    found += apart
    target = CRS.from_user_input(crs) if crs is not None else _utm(nodes, edges)
    kept = np.unique(edges[["u", "v"]].to_numpy())
    lon, lat = nodes["x"].to_numpy(dtype=float)[kept], nodes["y"].to_numpy(dtype=float)[kept]
    x, y = Transformer.from_crs(4326, target, always_xy=True).transform(lon, lat)
    ids = nodes.index.to_numpy()[kept]
    order = np.lexsort((ids, y, x, np.floor(y / STRIP)))
    position = np.empty(len(nodes), dtype=np.int32)
    position[kept[order]] = np.arange(kept.size)
    edges = _oriented(edges.assign(u=position[edges["u"]], v=position[edges["v"]])).sort_values(["u", "v"])
    component = np.empty(kept.size, dtype=np.int32)
    component[edges["u"]] = edges["component"]
    component[edges["v"]] = edges["component"]
    return Network(
        node_id=ids[order],
        x=np.asarray(x)[order],
        y=np.asarray(y)[order],
        edge_u=edges["u"].to_numpy(),
        edge_v=edges["v"].to_numpy(),
        length=edges["length"].to_numpy(),
        forward=edges["forward"].to_numpy(),
        backward=edges["backward"].to_numpy(),
        way_id=edges["way_id"].to_numpy(),
        component=component,
        crs=target,
        mode=mode,
        sources=tuple(sources) or tuple(sources_of(nodes, ways)),
        findings=tuple(dict.fromkeys(found)),
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


def _edges(nodes: pd.DataFrame, ways: pd.DataFrame, mode: Mode) -> tuple[pd.DataFrame, Finding | None]:
    """Return one row per usable edge (positions of its nodes) and a finding that counts the ways left out."""
    permissions = [mode.permission(tags) for tags in ways["tags"]]
    reasons = Counter(permission.reason for permission in permissions if permission.reason)
    usable = [not permission.reason for permission in permissions]
    lists = [np.asarray(refs, dtype=np.int64) for refs, use in zip(ways["nodes"], usable, strict=True) if use]
    sizes = np.array([refs.size for refs in lists], dtype=np.int64)
    refs = np.concatenate(lists) if lists else np.empty(0, dtype=np.int64)
    position = nodes.index.get_indexer(pd.Index(refs))
    if (position < 0).any():
        absent = np.unique(refs[position < 0])
        raise InputError(
            "streets",
            f"ways name {absent.size:,} nodes that are not among the nodes",
            "Give all nodes, or take them out of the ways.",
            rows=absent,
        )
    way = np.repeat(np.flatnonzero(usable), sizes)
    follows = way[1:] == way[:-1] if way.size else np.empty(0, dtype=bool)
    follows &= position[1:] != position[:-1]  # a node repeated in a row joins nothing that is not joined already
    u, v, way = position[:-1][follows], position[1:][follows], way[:-1][follows]
    lon, lat = nodes["x"].to_numpy(dtype=float), nodes["y"].to_numpy(dtype=float)
    length = np.asarray(Geod(ellps="WGS84").inv(lon[u], lat[u], lon[v], lat[v])[2], dtype=float)
    forward = np.array([permission.forward for permission in permissions], dtype=bool)[way]
    backward = np.array([permission.backward for permission in permissions], dtype=bool)[way]
    edges = pd.DataFrame(
        {
            "u": u,
            "v": v,
            "length": length,
            "forward": np.where(forward, length, np.inf),
            "backward": np.where(backward, length, np.inf),
            "way_id": ways.index.to_numpy(dtype=np.int64)[way],
        }
    )
    return edges, _closed(reasons, len(ways), mode)


def _closed(reasons: Counter[str], total: int, mode: Mode) -> Finding | None:
    if not reasons:
        return None
    count = reasons.total()
    listed = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    text = ", ".join(f"{reason}: {number:,}" for reason, number in listed[:8])
    others = sum(number for _, number in listed[8:])
    return Finding(
        "streets_closed_to_mode",
        "information",
        f"{count:,} of {total:,} ways cannot be used by the mode “{mode.name}”: {text}"
        + (f", other reasons: {others:,}." if others else "."),
        count=count,
    )


def _oriented(edges: pd.DataFrame) -> pd.DataFrame:
    """Turn edges so that u comes before v."""
    turn = (edges["u"] > edges["v"]).to_numpy()
    u, v, forward, backward = (edges[name].to_numpy() for name in ("u", "v", "forward", "backward"))
    return edges.assign(
        u=np.where(turn, v, u),
        v=np.where(turn, u, v),
        forward=np.where(turn, backward, forward),
        backward=np.where(turn, forward, backward),
    )


def _cheapest(edges: pd.DataFrame) -> tuple[pd.DataFrame, Finding | None]:
    """Keep one edge between every two nodes: the cheapest in each direction."""
    edges = _oriented(edges).sort_values(["u", "v", "length", "way_id"], kind="stable")
    single = edges.groupby(["u", "v"], sort=True, as_index=False).agg(
        {"length": "first", "forward": "min", "backward": "min", "way_id": "first"}
    )
    more = len(edges) - len(single)
    if not more:
        return single, None
    return single, Finding(
        "parallel_streets_merged",
        "information",
        f"{more:,} pieces of street are drawn between the same two nodes as another one; the cheapest is used.",
        count=more,
    )


def _connected(edges: pd.DataFrame, size: int, smallest: float) -> tuple[pd.DataFrame, list[Finding]]:
    """Count the parts of the network from the longest on, and set aside the small ones."""
    u, v = edges["u"].to_numpy(), edges["v"].to_numpy()
    graph = coo_array((np.ones(len(edges), dtype=np.int8), (u, v)), shape=(size, size))
    label: NDArray[Any] = connected_components(graph, directed=False)[1][u]
    names, part = np.unique(label, return_inverse=True)
    length = np.bincount(part, weights=edges["length"].to_numpy(), minlength=names.size)
    order = np.lexsort((names, -length))
    rank = np.empty(names.size, dtype=np.int32)
    rank[order] = np.arange(names.size)
    length = length[order]
    keep = length >= smallest
    keep[0] = True
    found = []
    if not keep.all():
        found.append(
            Finding(
                "streets_set_aside",
                "information",
                f"{int((~keep).sum()):,} small parts of the street network, {length[~keep].sum() / 1000:,.1f} of "
                f"{length.sum() / 1000:,.1f} km, are joined to no other street and each shorter than {smallest:,g} "
                "metres; they are set aside.",
                count=int((~keep).sum()),
                advice="Where people live there, the link to the next street is missing in the map.",
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
                count=int(keep.sum()) - 1,
                advice="Islands are right so; elsewhere a bridge or a link may be missing in the map.",
            )
        )
    kept = keep[rank[part]]
    return edges.assign(component=rank[part])[kept], found


def _utm(nodes: pd.DataFrame, edges: pd.DataFrame) -> CRS:
    used = np.unique(edges[["u", "v"]].to_numpy())
    points = gpd.points_from_xy(nodes["x"].to_numpy(dtype=float)[used], nodes["y"].to_numpy(dtype=float)[used])
    crs: CRS = gpd.GeoSeries(points, crs=4326).estimate_utm_crs()
    return crs
