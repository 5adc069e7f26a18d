"""Networks of several modes from one reading of a file: the same, to the bit, as those built one by one.

What is shared between modes is compared with what it stands for: every rule asked about every way, every place read
point by point, every network built of frames that nothing else has been built of.
"""

import dataclasses
import subprocess
import sys

import numpy as np
import osmium
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.network import MODES, WALK, from_frames, from_osm, networks_from_osm
from spatialjustice.network.streets.drawn import NAMES, NAMES_BEGIN, DrawnStreets
from spatialjustice.network.streets.joins import is_apart_from_ground
from spatialjustice.sources.known_files import demo_extract
from spatialjustice.sources.osm import streets as reader
from spatialjustice.sources.osm.street_file import StreetFile


@pytest.fixture(scope="module")
def demo():
    return reader.streets(demo_extract())


def same(one, other):
    """Compare all fields but the area, arrays to the bit."""
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, field.name
            assert a.tobytes() == b.tobytes(), field.name
        elif field.name != "area":
            assert a == b, field.name


def test_each_is_the_network_of_its_mode_built_alone(demo, monkeypatch):
    """The file is read once for all of them."""
    read = []
    first = StreetFile.__init__
    monkeypatch.setattr(StreetFile, "__init__", lambda self, path: (read.append(path), first(self, path))[1])
    found = networks_from_osm(demo_extract(), modes=list(MODES))
    assert len(read) == 1
    assert list(found) == list(MODES)
    for name, network in found.items():
        # Frames of their own: nothing that another mode has worked out can be in them.
        alone = from_frames(demo.nodes.copy(), demo.ways.copy(), mode=name, restrictions=demo.restrictions)
        same(network, alone)
    assert found["walk"].area.equals(from_osm(demo_extract(), mode="walk").area)


def every_rule():
    rules = {"is_apart_from_ground": is_apart_from_ground}
    for mode in MODES.values():
        for kind in ("rule", "pace", "unknown"):
            if getattr(mode, kind) is not None:
                rules[f"{mode.name} {kind}"] = getattr(mode, kind)
    return rules


def answers(drawn, rule):
    found = drawn.each(rule)
    return [found.told[kind] for kind in found.kind.tolist()]


@pytest.fixture(scope="module", params=["frames", "file"])
def drawn(request, demo):
    """The same streets, of frames with a dictionary for every way, and of the file, which keeps texts."""
    if request.param == "frames":
        return DrawnStreets.of_frames(demo.nodes, demo.ways, [])
    return DrawnStreets.of_file(StreetFile(demo_extract()).chosen(None))


@pytest.mark.parametrize("name", every_rule())
def test_ways_of_one_kind_have_the_answer_that_each_would_have(demo, drawn, name):
    rule = every_rule()[name]
    assert answers(drawn, rule) == [rule(tags) for tags in demo.ways["tags"]]


def test_nothing_is_asked_of_ways_that_cannot_be_used(demo, drawn):
    usable = np.array(["name" in tags for tags in demo.ways["tags"]])
    asked = []

    def rule(tags):
        asked.append(tags)
        return True

    found = drawn.each(rule, usable)
    assert 0 < usable.sum() < usable.size
    assert all("name" in tags for tags in asked)
    assert (found.of_ways(bool, bool, unasked=False) == usable).all()


def test_lines_are_those_of_the_frames(demo, drawn):
    asked = demo.ways.index[::3].tolist()
    assert drawn.lines([*asked, 1]) == {way: demo.ways.loc[way, "nodes"].tolist() for way in sorted(asked)}


class Asked(dict):
    """Tags that remember what they were asked for."""

    keys_asked: set[str] = set()  # noqa: RUF012 (one for all)

    def get(self, key, default=None):
        self.keys_asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key):
        self.keys_asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key):
        self.keys_asked.add(key)
        return super().__contains__(key)


def test_no_rule_asks_for_a_name(demo):
    for tags in demo.ways["tags"]:
        for rule in every_rule().values():
            rule(Asked(tags))
    assert "highway" in Asked.keys_asked
    assert not {key for key in Asked.keys_asked if key in NAMES or key.startswith(NAMES_BEGIN)}


def test_a_rule_of_ones_own_may_ask_for_names(demo, drawn):
    def named(tags):
        return tags.get("name", "")

    assert answers(drawn, named) == [named(tags) for tags in demo.ways["tags"]]


def test_tags_that_are_no_plain_text_are_asked_one_by_one(demo):
    ways = demo.ways.iloc[:3].copy()
    ways["tags"] = [{"highway": ["path", "steps"]}, {"highway": ["path"]}, {"highway": "path"}]

    def kinds(tags):
        return str(tags["highway"])

    assert answers(DrawnStreets.of_frames(demo.nodes, ways, []), kinds) == ["['path', 'steps']", "['path']", "path"]


def test_places_are_those_of_the_file_to_the_bit(demo):
    found = {}
    for node in osmium.FileProcessor(str(demo_extract()), osmium.osm.NODE):
        found[node.id] = (node.location.lon, node.location.lat)
    assert demo.nodes.index.is_monotonic_increasing
    assert demo.nodes[["x", "y"]].to_numpy().tolist() == [list(found[node]) for node in demo.nodes.index]


@pytest.mark.parametrize(
    ("modes", "what"),
    [("walk", "it is a single one"), ([], "there is none"), (["walk", WALK.at(3)], "walk stands there more than once")],
    ids=["one", "none", "twice"],
)
def test_modes_that_cannot_be_told_apart_are_refused(modes, what):
    with pytest.raises(InputError, match=what):
        networks_from_osm(demo_extract(), modes=modes)


def test_building_networks_loads_no_compiled_loops():
    """They take longer to load than a small network to build, and only searches need them."""
    code = (
        "import sys; from spatialjustice.network import networks_from_osm; "
        "from spatialjustice.sources.known_files import demo_extract; "
        "networks_from_osm(demo_extract(), modes=['walk', 'drive']); print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
