"""Streets of an OpenStreetMap file as the graph that OSMnx would make of them."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, Literal

from osmium.osm import NODE, WAY

from spatialjustice._core.errors import EmptyNetworkError
from spatialjustice._core.findings import Finding
from spatialjustice.sources.osm._ways import missing_points, ways_read
from spatialjustice.sources.osm.extract import objects, open_osm
from spatialjustice.sources.osm.street_file import no_street

if TYPE_CHECKING:
    from pathlib import Path

    import networkx as nx

    from spatialjustice.sources.osm.street_tags import Ways

# How OpenStreetMap marks a street for one direction only, and which of these marks run against the drawing.
ONE_WAY = frozenset({"yes", "true", "1", "-1", "reverse", "T", "F"})
AGAINST = frozenset({"-1", "reverse", "T"})


def street_graph(
    path: str | Path,
    *,
    ways: Literal["streets", "all"] = "streets",
    simplify: bool = True,
    retain_all: bool = False,
    bidirectional: bool = False,
) -> nx.MultiDiGraph:
    """Make the graph of an OpenStreetMap file that ``osmnx.graph_from_xml`` makes of the same data as XML.

    Node ids, edge keys and all attributes are the same. OSMnx reads no PBF files, dates its graphs with the day they
    were made, and stops at files that lack some points of their streets; this function does none of that.

    Parameters
    ----------
    path
        OpenStreetMap file ending in .osm.pbf, .pbf, .osm, .xml, .osm.gz or .osm.bz2.
    ways
        ``streets`` takes the ways with the tag ``highway`` and their points, as if the file had been cut to them
        first; ``all`` takes every point and way of the file, buildings and fences too, as OSMnx does.
    simplify
        Whether to join the pieces between crossings.
    retain_all
        Whether to keep everything; else the largest connected part is kept, and what was left out is counted in the
        finding ``graph_parts_left_out``.
    bidirectional
        Whether every street may be used both ways, as on foot.

    Returns
    -------
    networkx.MultiDiGraph
        In EPSG:4326, edge ``length`` in metres. ``graph["data_date"]`` and ``graph["created_date"]`` both hold the
        date of the data (``"unknown"`` where there is none); ``graph["sources"]`` and ``graph["findings"]`` are
        lists of plain records. Points that streets name but the file lacks are taken out of the streets and counted
        in the finding ``street_nodes_missing``. As in OSMnx, ``osmnx.settings`` decides which tags are kept.

    Raises
    ------
    MissingFileError
        When the file is not there.
    DamagedFileError
        When the file cannot be read to its end.
    EmptyNetworkError
        When the file holds no street, or no street has two points.
    """
    # OSMnx takes seconds to import and is needed for little.
    import networkx as nx
    import osmnx

    osm = open_osm(path, "streets")
    read: Ways = {}
    for way in objects(osm, WAY, keys=["highway"] if ways == "streets" else ()):
        read[way.id] = ([node.ref for node in way.nodes], {tag.k: tag.v for tag in way.tags})
    if not read:
        raise no_street(osm)
    points: dict[int, tuple[float, float]] = {}
    tags: dict[int, dict[str, str]] = {}
    needed = {ref for refs, _ in read.values() for ref in refs} if ways == "streets" else None
    for node in objects(osm, NODE, ids=needed):
        location = node.location
        if location.valid():
            points[node.id] = (location.lon, location.lat)
            tags[node.id] = {key: node.tags[key] for key in osmnx.settings.useful_tags_node if key in node.tags}
    all_ways = ways_read(read, points)
    findings = [*osm.findings, *missing_points(all_ways, all_ways.positions() >= 0, where=osm.path.name)]
    graph = nx.MultiDiGraph(
        created_date=osm.record.data_date or "unknown",
        created_with=f"spatialjustice with OSMnx {osmnx.__version__}",
        crs="epsg:4326",
        data_date=osm.record.data_date or "unknown",
        data_date_from=osm.record.data_date_from,
        sources=[osm.record.as_dict()],
    )
    graph.add_nodes_from((node, {"y": y, "x": x, **tags[node]}) for node, (x, y) in points.items())
    for way_id, (refs, way_tags) in read.items():
        drawn = [ref for ref in refs if ref in points]
        _add_way(graph, way_id, drawn, way_tags, osmnx.settings, bidirectional=bidirectional)
    if not graph.number_of_edges():
        raise EmptyNetworkError(
            "streets", f"no street of {osm.path.name} has two points", "Make the extract again with complete streets."
        )
    graph = osmnx.distance.add_edge_lengths(graph)
    if not retain_all:
        whole = len(graph)
        graph = osmnx.truncate.largest_component(graph, strongly=False)
        if len(graph) < whole:
            findings.append(
                Finding(
                    code="graph_parts_left_out",
                    severity="information",
                    message=f"{whole - len(graph):,} of {whole:,} points are not connected to the largest part of the "
                    "graph and were left out.",
                    count=whole - len(graph),
                    advice="Keep them with retain_all=True.",
                )
            )
    if simplify:
        graph = osmnx.simplify_graph(graph)
    graph.graph["findings"] = [finding.as_dict() for finding in findings]
    return graph


def _add_way(
    graph: nx.MultiDiGraph, way_id: int, refs: list[int], tags: dict[str, str], settings: Any, *, bidirectional: bool
) -> None:
    """Add the pieces of one way as edges, in the directions it may be used."""
    kept: dict[str, Any] = {key: tags[key] for key in settings.useful_tags_way if key in tags}
    mark = kept.get("oneway")
    forced = settings.all_oneway
    one_way = forced or (not bidirectional and (mark in ONE_WAY or kept.get("junction") == "roundabout"))
    # A point repeated at once would make an edge from itself to itself.
    drawn = [ref for ref, _ in groupby(refs)]
    if one_way and mark in AGAINST:
        drawn.reverse()
    edges = list(pairwise(drawn))
    if not forced:
        kept["oneway"] = one_way
    graph.add_edges_from(edges, osmid=way_id, **kept, reversed=False)
    if not one_way:
        graph.add_edges_from([(v, u) for u, v in edges], osmid=way_id, **kept, reversed=True)
