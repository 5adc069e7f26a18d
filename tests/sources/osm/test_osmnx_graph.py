"""The graph of a street file is the one that OSMnx makes of it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import osmium
import osmnx
import pytest
from osmium.osm import NODE, WAY

from spatialjustice._core.errors import EmptyNetworkError
from spatialjustice.sources.osm.osmnx_graph import street_graph
from tests.made_streets import NODES, WAYS, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import networkx as nx

ALL_WAYS = list(itertools.product([True, False], repeat=3))
ANY_TWO = [choice for choice in ALL_WAYS if sum(choice) % 2]  # any two settings in all four ways


def as_xml(source: Path, target: Path, *, everything: bool) -> Path:
    """Write an extract as XML, streets only or everything, without references to points that it lacks."""
    present = {node.id for node in osmium.FileProcessor(source, NODE)}
    ways = [
        way.replace(nodes=[node.ref for node in way.nodes if node.ref in present], tags=dict(way.tags))
        for way in osmium.FileProcessor(source, WAY)
        if everything or "highway" in way.tags
    ]
    needed = {ref for way in ways for ref in way.nodes}
    with osmium.SimpleWriter(str(target)) as writer:
        for node in osmium.FileProcessor(source, NODE):
            if everything or node.id in needed:
                writer.add(node)
        for way in ways:
            writer.add(way)
    return target


def plain(graph: nx.MultiDiGraph) -> tuple[list[Any], list[Any]]:
    """Nodes and edges with all attributes in their order, geometry as bytes."""
    edges = [
        (u, v, key, {name: getattr(value, "wkb", value) for name, value in data.items()})
        for u, v, key, data in graph.edges(keys=True, data=True)
    ]
    return list(graph.nodes(data=True)), edges


@pytest.mark.parametrize(("simplify", "retain_all", "bidirectional"), ALL_WAYS)
@pytest.mark.parametrize("ways", ["streets", "all"])
def test_graph_is_osmnx_s_on_a_synthetic_file(
    tmp_path: Path, ways: Any, simplify: bool, retain_all: bool, bidirectional: bool
) -> None:
    file = write(tmp_path / "hand.osm")
    choice = {"simplify": simplify, "retain_all": retain_all, "bidirectional": bidirectional}
    peer_file = as_xml(file, tmp_path / "peer.osm", everything=ways == "all")
    ours, theirs = street_graph(file, ways=ways, **choice), osmnx.graph_from_xml(peer_file, **choice)
    assert plain(ours) == plain(theirs)
    assert ours.number_of_edges() > 0


@pytest.fixture(scope="module")
def streets_of_helsinki(helsinki: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return as_xml(helsinki, tmp_path_factory.mktemp("helsinki") / "peer.osm", everything=False)


@pytest.mark.parametrize(("simplify", "retain_all", "bidirectional"), ANY_TWO)
def test_graph_is_osmnx_s_for_central_helsinki(
    helsinki: Path, streets_of_helsinki: Path, simplify: bool, retain_all: bool, bidirectional: bool
) -> None:
    choice = {"simplify": simplify, "retain_all": retain_all, "bidirectional": bidirectional}
    peer_file = streets_of_helsinki
    assert plain(street_graph(helsinki, **choice)) == plain(osmnx.graph_from_xml(peer_file, **choice))


def test_graph_is_osmnx_s_for_all_ways_of_helsinki(helsinki: Path, tmp_path: Path) -> None:
    peer_file = as_xml(helsinki, tmp_path / "peer.osm", everything=True)
    ours = street_graph(helsinki, ways="all", simplify=False, retain_all=True)
    assert plain(ours) == plain(osmnx.graph_from_xml(peer_file, simplify=False, retain_all=True))


@pytest.mark.parametrize(("simplify", "retain_all", "bidirectional"), [(True, False, False), (False, True, True)])
def test_graph_is_osmnx_s_for_baltimore(
    shared_data: Callable[[str], Path], tmp_path: Path, simplify: bool, retain_all: bool, bidirectional: bool
) -> None:
    file = shared_data("osm_extracts/baltimore.osm.pbf")
    choice = {"simplify": simplify, "retain_all": retain_all, "bidirectional": bidirectional}
    peer_file = as_xml(file, tmp_path / "peer.osm", everything=False)
    assert plain(street_graph(file, **choice)) == plain(osmnx.graph_from_xml(peer_file, **choice))


@pytest.mark.parametrize("mark", ["yes", "true", "1", "-1", "reverse", "T", "F", "no", "alternating", "YES"])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_graph_reads_one_way_marks_as_osmnx_does(tmp_path: Path, mark: str, bidirectional: bool) -> None:
    ways = {10: ([1, 2, 3], {"highway": "residential", "oneway": mark}), 11: ([3, 4, 1], {"highway": "path"})}
    file = write(tmp_path / "hand.osm", ways, {node: NODES[node] for node in (1, 2, 3, 4)})
    choice = {"simplify": False, "bidirectional": bidirectional}
    assert plain(street_graph(file, **choice)) == plain(osmnx.graph_from_xml(file, **choice))


def test_graph_follows_osmnx_when_every_edge_shall_be_one_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osmnx.settings, "all_oneway", True)
    file = write(tmp_path / "hand.osm", {key: way for key, way in WAYS.items() if key != 20}, {
        node: xy for node, xy in NODES.items() if node != 40
    })  # fmt: skip
    choice = {"simplify": False, "retain_all": True}
    assert plain(street_graph(file, **choice)) == plain(osmnx.graph_from_xml(file, **choice))


def test_graph_carries_the_date_of_the_data_and_what_was_left_out(tmp_path: Path) -> None:
    graph = street_graph(write(tmp_path / "hand.osm"))
    assert graph.graph["data_date"] == graph.graph["created_date"] == "2022-03-04T05:06:07Z"
    assert graph.graph["sources"][0]["file"] == "hand.osm"
    (finding,) = graph.graph["findings"]
    assert (finding["code"], finding["count"]) == ("graph_parts_left_out", 2), "the island of points 30 and 31"


def test_graph_without_any_street_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EmptyNetworkError, match="no street at all"):
        street_graph(write(tmp_path / "hand.osm", {20: WAYS[20]}))
    with pytest.raises(EmptyNetworkError, match="two points"):
        street_graph(write(tmp_path / "hand.osm", {5: ([1, 99], {"highway": "path"})}))
