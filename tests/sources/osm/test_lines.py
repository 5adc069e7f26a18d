"""Objects read as lines of text, beside the OSM library asked for each tag and each point."""

import osmium
import pytest
from osmium.osm import NODE, RELATION, WAY, mutable

from spatialjustice._core.errors import DamagedFileError
from spatialjustice.sources.known_files import demo_extract
from spatialjustice.sources.osm._lines import (
    PointsRead,
    TagKinds,
    members_of,
    numbers_of,
    points_of_ways,
    tagged_lines,
    tags_of,
)
from spatialjustice.sources.osm.extract import open_osm

ODD = [
    "",
    " ",
    "a b",
    "50%",
    "%20%",
    "a,b=c@d",
    "tab\tand\nline\r",
    "\u2028",
    "کوچه",
    "\U0001f6b6",
    "é",
    '"',
    "'",
    "\\",
]
"""Texts with what means something in the format, and with what other readers take for the end of a line."""


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    path = tmp_path_factory.mktemp("lines") / "odd.osm.pbf"
    tags = {"highway": "path"} | {f"key{text}": text for text in ODD}
    with osmium.SimpleWriter(str(path)) as writer:
        for node in (1, 2, 30_000_000_000):
            writer.add_node(mutable.Node(id=node, location=(24.9, 60.2), tags={"highway": ODD[-2]}))
        writer.add_way(mutable.Way(id=7, nodes=[1, 2, 30_000_000_000, 1], tags=tags))
        writer.add_way(mutable.Way(id=8, nodes=[], tags={"highway": "steps"}))
        writer.add_way(mutable.Way(id=9, nodes=[2, 1], tags={"building": "yes"}))
        members = [("w", 7, text) for text in ODD if text] + [("n", 30_000_000_000, ""), ("r", 11, "x")]
        writer.add_relation(mutable.Relation(id=11, members=members, tags=tags))
        writer.add_relation(mutable.Relation(id=12, members=[], tags={"highway": "x"}))
    return path


@pytest.mark.parametrize("which", ["odd", "demo"])
def test_lines_say_what_the_library_says_of_each_object(request, which):
    path = request.getfixturevalue("odd") if which == "odd" else demo_extract()
    expected = []
    for item in osmium.FileProcessor(str(path)).with_filter(osmium.filter.KeyFilter("highway", "name")):
        tags = {tag.k: tag.v for tag in item.tags}
        if item.is_way():
            expected.append(("w", item.id, tags, [node.ref for node in item.nodes]))
        elif item.is_relation():
            expected.append(("r", item.id, tags, [(one.type, one.ref, one.role) for one in item.members]))
        else:
            expected.append(("n", item.id, tags, None))
    keys = dict.fromkeys((NODE, WAY, RELATION), ("highway", "name"))
    read = {"w": lambda rest: numbers_of([rest]).tolist(), "r": members_of, "n": lambda _: None}
    found = [
        (kind, number, tags_of(text), read[kind](rest))
        for kind, number, text, rest in tagged_lines(open_osm(path), keys)
    ]
    assert found == expected
    assert len({kind for kind, *_ in found}) == 3


def test_each_kind_is_kept_by_keys_of_its_own(odd):
    found = [(line.kind, line.number) for line in tagged_lines(open_osm(odd), {WAY: ["building"], RELATION: ["key "]})]
    assert found == [("w", 9), ("r", 11)]


def test_points_of_ways_are_found_by_id(odd):
    found = points_of_ways(open_osm(odd), {7, 8, 99})
    assert {way: points.tolist() for way, points in found.items()} == {7: [1, 2, 30_000_000_000, 1], 8: []}


def test_points_are_the_same_in_however_many_parts_they_are_read(monkeypatch):
    texts = ["n1,n-2", "", "n30000000000", "n4,n5,n6"]
    for letters in (0, 5, 1000):
        monkeypatch.setattr("spatialjustice.sources.osm._lines.MANY", letters)
        points = PointsRead()
        for text in texts:
            points.take(text)
        numbers, lengths = points.arrays()
        assert (numbers.tolist(), lengths.tolist()) == ([1, -2, 30_000_000_000, 4, 5, 6], [2, 0, 1, 3])


def test_nobody_shares_a_dictionary_of_tags():
    kinds = TagKinds(["highway=path"], [{"highway": "steps"}])
    for position, value in enumerate(["path", "steps"]):
        kinds[position]["highway"] = "changed"
        assert kinds[position] == {"highway": value}
    assert (len(kinds), kinds[0:2]) == (2, [{"highway": "path"}, {"highway": "steps"}])


def test_a_cut_file_is_damaged(tmp_path):
    whole = demo_extract().read_bytes()
    osm = open_osm(demo_extract())
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: len(whole) // 2 + 7])
    object.__setattr__(osm, "path", path)
    with pytest.raises(DamagedFileError, match="cut.osm.pbf cannot be read to its end"):
        list(tagged_lines(osm, {WAY: ["highway"]}))
