"""Reading networks from files, and exchanging them with OSMnx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from spatialjustice._core.disk import files
from spatialjustice._core.disk.json_records import read_record
from spatialjustice._core.errors import DamagedFileError, EmptyNetworkError, InputError, MissingFileError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import metric_crs, require_own_crs
from spatialjustice._core.machine.extras import require_installed
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord, checksum, path_of
from spatialjustice.network.network import Network
from spatialjustice.network.saving import FILES, RECORD
from spatialjustice.network.streets.build import cheapest_edges, connected_parts, ordered_by_place
from spatialjustice.network.streets.modes import Mode, kept_mode, mode_named
from spatialjustice.network.streets.pieces import Edges, Points

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import networkx as nx
    from numpy.typing import NDArray


def load(folder: str | Path, *, mode: Mode | None = None) -> Network:
    """Read a network that was kept with :func:`save`: the same to the last bit.

    Parameters
    ----------
    folder
        Where it was kept.
    mode
        Its mode, where that is none of this package's: rules are code and are not kept in files.

    Returns
    -------
    Network

    Raises
    ------
    MissingFileError
        When there is no network in the folder.
    DamagedFileError
        When a file is not what was written.
    InputError
        When its mode is not known, or another one is given, or pyarrow is not installed.
    """
    require_installed("pyarrow", "network")
    folder = path_of(folder, "folder")
    files.finish_moving(folder)
    known, outputs = read_record(folder / files.MANIFEST, RECORD, lambda record: _understood(record, mode))
    for name in FILES:
        path = folder / name
        if not path.is_file():
            raise MissingFileError(RECORD.name, f"{path} is not there", RECORD.again)
        if checksum(path) != outputs.get(name):
            raise DamagedFileError(RECORD.name, f"{path} is not what was written", RECORD.again)
    nodes, edges = gpd.read_parquet(folder / FILES[0]), gpd.read_parquet(folder / FILES[1])
    return Network(
        node_id=nodes["node_id"].to_numpy(),
        x=nodes["x"].to_numpy(),
        y=nodes["y"].to_numpy(),
        **{name: edges[name].to_numpy() for name in ("edge_u", "edge_v", "length", "forward", "backward", "way_id")},
        component=nodes["component"].to_numpy(),
        apart=edges["apart"].to_numpy() if "apart" in edges else None,
        **known,
    )


def _understood(record: Mapping[str, Any], mode: Mode | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the record says of a network, as its words, and the checksums of its files."""
    crs = CRS.from_wkt(record["crs"])
    require_own_crs(crs, RECORD.name)
    known = {
        "crs": crs,
        "mode": kept_mode(record["mode"], mode),
        "sources": tuple(SourceRecord(**source) for source in record["sources"]),
        "findings": tuple(Finding(**finding) for finding in record["findings"]),
        "area": None if record["area"] is None else shapely.from_wkt(record["area"]),
        "forbidden_turns": tuple(tuple(map(int, turn)) for turn in record.get("forbidden_turns", ())),
    }
    return known, dict(record["outputs"])


def to_osmnx(network: Network) -> nx.MultiDiGraph:
    """Give a network to OSMnx: a directed graph with one edge for each direction that may be used.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    networkx.MultiDiGraph
        In the network's CRS. Nodes have ``x`` and ``y``; edges ``osmid`` (the way), ``length`` in metres, ``oneway``,
        ``reversed``, ``geometry`` and ``travel_time`` in seconds. OSMnx knows no forbidden turns: it may make them.
    """
    import networkx as nx

    graph = nx.MultiDiGraph(crs=network.crs.to_string(), data_date=network.data_date or "unknown")
    ids, lines = network.node_id.tolist(), network._segments  # noqa: SLF001
    graph.add_nodes_from(
        (node, {"x": x, "y": y}) for node, x, y in zip(ids, network.x.tolist(), network.y.tolist(), strict=True)
    )
    one_way = np.isinf(network.forward) | np.isinf(network.backward)
    for turned, costs in ((False, network.forward), (True, network.backward)):
        seconds = costs * 3.6 / network.mode.speed
        for edge in np.flatnonzero(np.isfinite(costs)).tolist():
            u, v = ids[network.edge_u[edge]], ids[network.edge_v[edge]]
            graph.add_edge(
                *((v, u) if turned else (u, v)),
                osmid=int(network.way_id[edge]),
                length=float(network.length[edge]),
                travel_time=float(seconds[edge]),
                oneway=bool(one_way[edge]),
                reversed=turned,
                geometry=lines[edge].reverse() if turned else lines[edge],
            )
    return graph


def from_osmnx(graph: nx.MultiDiGraph, *, mode: str | Mode = "walk", speed: float | None = None) -> Network:
    """Take a network from OSMnx: its nodes, its curves, and its directions as they are.

    The graph decides where people may go and how far it is; no rule of the mode is applied to its tags. Curved edges
    become as many straight pieces, so that places join them where they really run; their lengths add up to the edge's
    ``length``. Where edges have a ``travel_time`` in seconds (``osmnx.add_edge_travel_times``), minutes come from it,
    else from the speed.

    Parameters
    ----------
    graph
        Of OSMnx, simplified or not, in longitude and latitude or projected.
    mode
        What it was made for: ``walk``, or a :class:`Mode`.
    speed
        Kilometres an hour; None for the mode's own.

    Returns
    -------
    Network
        Nodes keep their ids; inner points of curves have ids below 0. All parts are kept, however small.

    Raises
    ------
    EmptyNetworkError
        When the graph has no edge.
    InputError
        When the graph has no CRS, a node no coordinates, or an edge no length (or one that is negative or no number).
    """
    mode = mode_named(mode, speed=speed)
    if graph.number_of_edges() == 0:
        raise EmptyNetworkError("graph", "it has no edge", "Check the place and the kind of streets it was made of.")
    crs = graph.graph.get("crs")
    if crs is None:
        raise InputError("graph", "it has no CRS", 'Set graph.graph["crs"], for example to "epsg:4326".')
    ids, xy = _nodes_of(graph)
    arcs = _arcs_of(graph)
    points, pieces = _pieces(arcs, ids, xy)
    crs = CRS.from_user_input(crs)
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(points[:, 0], points[:, 1])
    inner = min(0, *ids) - 1 - np.arange(len(points) - len(ids))
    named = np.concatenate([np.array(list(ids), dtype=np.int64), inner])
    place = Points(named, np.asarray(lon), np.asarray(lat))
    metres = pieces["seconds"] * mode.speed / 3.6
    way_ids, way = np.unique(pieces["way_id"].to_numpy(dtype=np.int64), return_inverse=True)
    arcs_only = Edges(
        u=pieces["u"].to_numpy(dtype=np.int32),
        v=pieces["v"].to_numpy(dtype=np.int32),
        length=pieces["length"].to_numpy(dtype=float),
        forward=metres.where(metres.notna(), pieces["length"]).to_numpy(dtype=float),
        backward=np.full(len(pieces), np.inf),
        apart=np.zeros(len(pieces), dtype=bool),
        way=way.astype(np.int32),
    )
    edges, _ = cheapest_edges(arcs_only.taken(arcs_only.u != arcs_only.v), way_ids)
    _, component, findings = connected_parts(edges.u, edges.v, edges.length, place.id, 0.0)
    target = metric_crs(gpd.GeoSeries(gpd.points_from_xy(points[:, 0], points[:, 1]), crs=crs))
    return ordered_by_place(
        edges,
        component,
        way_ids,
        place,
        mode,
        crs=target,
        sources=(_source(graph),),
        findings=tuple(findings),
    )


def _nodes_of(graph: Any) -> tuple[dict[Any, int], NDArray[np.float64]]:
    ids = {node: position for position, node in enumerate(graph.nodes)}
    if not all(isinstance(node, int | np.integer) for node in ids):
        raise InputError("graph", "its nodes are not numbered", "OSMnx numbers nodes by their OpenStreetMap ids.")
    bad = [node for node, data in graph.nodes(data=True) if not {"x", "y"} <= set(data)]
    if bad:
        raise InputError("graph", f"{len(bad):,} nodes have no x and y", "Every node needs its place.", rows=bad)
    return ids, np.array([[data["x"], data["y"]] for _, data in graph.nodes(data=True)], dtype=float)


def _arcs_of(graph: Any) -> list[tuple[Any, Any, int, float, float, Any]]:
    """Return start, end, way, length, seconds (NaN where there are none) and curve of every edge."""
    arcs, bad = [], []
    for u, v, key, data in graph.edges(keys=True, data=True):
        length = data.get("length")
        if not isinstance(length, int | float | np.number) or not 0 <= float(length) < np.inf:
            bad.append((u, v, key))
            continue
        way = data.get("osmid", 0)
        way = way[0] if isinstance(way, list) else way
        number = int(way) if isinstance(way, int | np.integer) else 0
        arcs.append((u, v, number, float(length), float(data.get("travel_time", np.nan)), data.get("geometry")))
    if bad:
        raise InputError(
            "graph",
            f"{len(bad):,} edges have no length, or one that is negative or no number",
            "Add lengths with osmnx.distance.add_edge_lengths(graph).",
            rows=bad,
        )
    return arcs


def _pieces(
    arcs: list[tuple[Any, Any, int, float, float, Any]], ids: dict[Any, int], xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], pd.DataFrame]:
    """Cut curves into straight pieces; both directions of one curve share its points."""
    known: dict[tuple[Any, ...], list[int]] = {}
    points, rows = [*xy], []
    for u, v, way, length, seconds, geometry in arcs:
        curve = xy[[ids[u], ids[v]]] if geometry is None else shapely.get_coordinates(geometry)
        chain = known.get((u, v, curve.tobytes()))
        if chain is None:
            chain = [ids[u], *range(len(points), len(points) + len(curve) - 2), ids[v]]
            points.extend(curve[1:-1])
            known[u, v, curve.tobytes()] = chain
            known.setdefault((v, u, curve[::-1].tobytes()), chain[::-1])
        parts = np.hypot(*np.diff(curve, axis=0).T)
        share = parts / parts.sum() if parts.sum() > 0 else np.full(parts.size, 1 / parts.size)
        rows += [
            (one, other, way, length * part, seconds * part)
            for one, other, part in zip(chain[:-1], chain[1:], share, strict=True)
        ]
    return np.array(points), pd.DataFrame(rows, columns=["u", "v", "way_id", "length", "seconds"])


def _source(graph: Any) -> SourceRecord:
    date = graph.graph.get("data_date")
    return SourceRecord(
        name="streets",
        file="an OSMnx graph",
        sha256="",
        size=0,
        licence=OSM_LICENCE,
        attribution=OSM_ATTRIBUTION,
        data_date=None if date in {None, "unknown"} else str(date),
        note=f"made by {graph.graph.get('created_with', 'OSMnx')}, {graph.graph.get('created_date', 'date unknown')}",
    )
