"""One reading of what is current: deleted objects, older versions, objects in any order, new objects of editors."""

from __future__ import annotations

import bz2
import gzip
import random
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import osmium
import pytest
from osmium.osm import mutable
from shapely import box

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice.sources.osm.basemap import basemap
from spatialjustice.sources.osm.buildings import buildings
from spatialjustice.sources.osm.extract import open_osm
from spatialjustice.sources.osm.places.services import services
from spatialjustice.sources.osm.streets import streets, streets_from_overpass_json

if TYPE_CHECKING:
    from pathlib import Path

PLACE = gpd.GeoDataFrame(geometry=[box(9.99, 49.99, 10.02, 50.02)], crs=4326)
SQUARE = [(0.0, 0.0), (0.001, 0.0), (0.001, 0.001), (0.0, 0.001)]


def node(number: int, x: float, y: float, more: str = "", tags: str = "") -> str:
    return f'<node id="{number}" lat="{50 + y:.4f}" lon="{10 + x:.4f}" {more}>{tags}</node>'


def ring(number: int, first: int, x: float, tags: str, more: str = "") -> list[str]:
    """A square of 0.001 degrees as a way; its points have the ids from ``first`` on."""
    step = 1 if first > 0 else -1
    ids = [first + step * corner for corner in range(4)]
    points = [node(ref, x + dx, dy, more) for ref, (dx, dy) in zip(ids, SQUARE, strict=True)]
    refs = "".join(f'<nd ref="{ref}"/>' for ref in [*ids, ids[0]])
    return [*points, f'<way id="{number}" {more}>{refs}{tags}</way>']


def tag(key: str, value: str) -> str:
    return f'<tag k="{key}" v="{value}"/>'


def town(gone: str = "") -> list[str]:
    """A street, a library, a house and a park that stay; four of each kind of thing that ``gone`` marks."""
    stay = [
        node(1, 0, 0), node(2, 0.001, 0), node(3, 0.002, 0, tags=tag("amenity", "library") + tag("name", "stays")),
        f'<way id="1"><nd ref="1"/><nd ref="2"/>{tag("highway", "footway")}</way>',
        *ring(2, 10, 0.003, tag("building", "house")),
        *ring(3, 20, 0.005, tag("leisure", "park")),
    ]  # fmt: skip
    if not gone:
        return stay
    relation = (
        f'<relation id="9" {gone}><member type="way" ref="7" role="outer"/>{tag("type", "multipolygon")}'
        f"{tag('building', 'apartments')}</relation>"
    )
    return [
        *stay,
        node(4, 0.004, 0, gone, tag("amenity", "library") + tag("name", "gone")),
        f'<way id="4" {gone}><nd ref="1"/><nd ref="3"/>{tag("highway", "footway")}</way>',
        *ring(5, 30, 0.007, tag("building", "house"), gone),
        *ring(6, 40, 0.009, tag("leisure", "park"), gone),
        *ring(7, 50, 0.011, ""),
        relation,
    ]


def write(path: Path, lines: list[str], *, quotes: str = '"') -> Path:
    text = '<osm version="0.6" upload="never">' + "\n".join(lines) + "</osm>"
    data = text.replace('"', quotes).encode()
    packed = {".gz": gzip.compress, ".bz2": bz2.compress}.get(path.suffix, bytes)
    path.write_bytes(packed(data))
    return path


def read(path: Path) -> dict[str, Any]:
    """Everything that is read from a file, by id."""
    found = services(path, ["library", "park"])
    drawn = basemap(path, within=PLACE)
    return {
        "streets": streets(path).ways.index.tolist(),
        "services": sorted(found.index),
        "shapes": {place: shape.wkt for place, shape in found.geometry.items()},
        "buildings": sorted(buildings(path, within=PLACE).index),
        "green": round(float(drawn[drawn["kind"] == "green"].to_crs(32632).area.sum())),
    }


@pytest.mark.parametrize(
    "mark", ['action="delete"', 'visible="false"', 'action = "delete"', 'version="3" action="delete"']
)
@pytest.mark.parametrize(("name", "quotes"), [("a.osm", '"'), ("a.osm", "'"), ("a.osm.gz", '"'), ("a.osm.bz2", "'")])
def test_what_is_marked_as_deleted_is_not_there(tmp_path: Path, mark: str, name: str, quotes: str) -> None:
    """Deleted: library 4, street 4, house 5 and park 6 with their 8 points, and the house drawn by relation 9."""
    path = write(tmp_path / name, town(mark), quotes=quotes)
    whole = read(path)
    assert whole == read(write(tmp_path / "stays.osm", town()))
    assert (whole["streets"], whole["services"], whole["buildings"]) == ([1], ["library/n3", "park/w3"], ["w2"])
    (found,) = [item for item in open_osm(path).findings if item.code == "deleted_objects_left_out"]
    assert found.count == 9 + 3 + 1
    assert "9 points, 3 lines, 1 relations" in found.message


def test_other_words_of_an_editor_delete_nothing(tmp_path: Path) -> None:
    """JOSM marks what it changed, too; and a note may speak of deleting."""
    said = town('action="modify" visible="true"')
    said[2] = node(
        3, 0.002, 0, tags=tag("amenity", "library") + tag("note", "action=&quot;delete&quot; visible='false'")
    )
    assert read(write(tmp_path / "a.osm", said))["buildings"] == ["r9", "w2", "w5"]


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.osm"
    text = '<?xml version="1.0" encoding="UTF-16"?><osm version="0.6">' + "\n".join(town('action="delete"')) + "</osm>"
    path.write_bytes(text.encode("utf-16"))
    assert read(path)["buildings"] == ["w2"]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_a_file_changes_nothing(tmp_path: Path, seed: int) -> None:
    """Lines before points, relations first, ids in any order: places and streets as from the usual order."""
    lines = town('action="modify"')
    shuffled = random.Random(seed).sample(lines, len(lines))
    usual, other = read(write(tmp_path / "a.osm", lines)), read(write(tmp_path / "b.osm", shuffled))
    assert other.pop("streets") == sorted(usual.pop("streets"))
    assert other == usual


def test_new_objects_of_an_editor_have_shapes(tmp_path: Path) -> None:
    """The OSM library keeps no places of points with negative ids, so that their areas would have none."""
    lines = [*town(), *ring(-7, -1, 0.007, tag("amenity", "library")), *ring(-8, -11, 0.009, tag("building", "house"))]
    lines += [node(-30, 0.011, 0, tags=tag("amenity", "library")), node(-31, 0.012, 0)]
    lines.append(f'<way id="-9"><nd ref="-30"/><nd ref="-31"/>{tag("highway", "footway")}</way>')
    path = write(tmp_path / "a.osm", lines)
    found = read(path)
    assert found["services"] == ["library/n-30", "library/n3", "library/w-7", "park/w3"]
    assert found["shapes"]["library/w-7"].startswith("POLYGON ((10.007 50")
    assert found["buildings"] == ["w-8", "w2"]
    assert streets(path).ways.loc[-9, "nodes"].tolist() == [-30, -31]


def test_the_newest_version_counts_whatever_the_order(tmp_path: Path) -> None:
    """Library 3 moved from x 0.002 to 0.02 with version 2; street 1 got a third point; house 2 was deleted."""
    house = ring(2, 10, 0.003, tag("building", "house"))
    lines = [
        *[line for line in town() if line not in house], *house[:4],
        node(3, 0.0020, 0.0, 'version="2"', tag("amenity", "library")),
        node(3, 0.0004, 0.0, 'version="1"', tag("amenity", "library")),
        f'<way id="1" version="4"><nd ref="1"/><nd ref="2"/><nd ref="3"/>{tag("highway", "footway")}</way>',
        f'<way id="1" version="3"><nd ref="2"/><nd ref="1"/>{tag("highway", "steps")}</way>',
        house[4].replace('id="2"', 'id="2" version="1"'),
        '<way id="2" version="2" visible="false"></way>',
        *ring(30, 60, 0.007, tag("building", "house")),
    ]  # fmt: skip
    lines = [line for line in lines if 'id="3" lat' not in line or "version" in line]
    path = write(tmp_path / "a.osm", lines)
    found = read(path)
    assert found["shapes"]["library/n3"] == "POINT (10.002 50)"
    assert streets(path).ways.loc[1, "nodes"].tolist() == [1, 2, 3]
    assert streets(path).ways.loc[1, "tags"] == {"highway": "footway"}
    assert found["buildings"] == ["w30"]
    codes = {item.code: item.count for item in open_osm(path).findings}
    assert codes == {"older_versions_left_out": 4, "deleted_objects_left_out": 1}
    assert codes.keys() <= {item.code for item in findings_of(services(path, "library"))}


def test_the_same_object_twice(tmp_path: Path) -> None:
    """Two downloads that overlap: copies are one object; what differs without a version is refused by id."""
    lines = town()
    once = read(write(tmp_path / "a.osm", lines))
    assert read(write(tmp_path / "b.osm", lines + lines)) == once
    twice = write(tmp_path / "c.osm", [*lines, node(2, 0.0015, 0)])
    for reader in (lambda: streets(twice), lambda: services(twice, "library")):
        with pytest.raises(InputError, match="twice") as caught:
            reader()
        assert "n2" in str(caught.value)


def test_packed_points_in_any_order(tmp_path: Path) -> None:
    """PBF without a word on its order: points are looked at too, and an older version of a point does not count."""
    path = tmp_path / "a.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, version, x in ((2, 1, 10.01), (1, 2, 10.0), (1, 1, 10.5), (3, 1, 10.02)):
            writer.add_node(mutable.Node(id=number, version=version, location=(x, 50.0)))
        writer.add_way(mutable.Way(id=1, version=1, nodes=[1, 2, 3], tags={"highway": "path", "amenity": "library"}))
    assert streets(path).nodes["x"].to_dict() == {1: 10.0, 2: 10.01, 3: 10.02}
    assert services(path, "library").geometry.iloc[0].wkt == "LINESTRING (10 50, 10.01 50, 10.02 50)"


def test_recorded_answers_take_the_newest_version_and_nothing_deleted() -> None:
    points = [{"type": "node", "id": ref, "lat": 0.0, "lon": ref / 1000} for ref in (1, 2, 3)]
    way = {"type": "way", "id": 7, "nodes": [1, 2], "tags": {"highway": "path"}}
    elements = [
        *points,
        {**way, "version": 2, "nodes": [1, 2, 3]},
        {**way, "version": 1},
        {**way, "id": 8, "visible": False},
        {**way, "id": 9, "action": "delete"},
    ]
    found = streets_from_overpass_json({"elements": elements})
    assert found.ways["nodes"].map(list).to_dict() == {7: [1, 2, 3]}
