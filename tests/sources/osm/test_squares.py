"""Squares mapped as relations, platforms, piers and ferries: lengths worked out on squares of 0.001 degrees."""

import geopandas as gpd
import pytest

from spatialjustice.network import from_osm
from spatialjustice.sources.osm.streets import streets, streets_from_overpass_json

NODES = {1: (-0.001, 0.0), 2: (0.0, 0.0), 3: (0.001, 0.0), 4: (0.001, 0.001), 5: (0.0, 0.001), 6: (0.002, 0.001),
         21: (0.0004, 0.0004), 22: (0.0006, 0.0004), 23: (0.0006, 0.0006)}  # fmt: skip
STREETS = {1: ([1, 2], {"highway": "footway"}), 2: ([4, 6], {"highway": "footway"})}
FOUNTAIN = {9: ([21, 22, 23, 21], {"amenity": "fountain"})}
WHOLE = {7: ([2, 3, 4, 5, 2], {})}
PIECES = {7: ([2, 3, 4], {}), 8: ([2, 5, 4], {"barrier": "wall"})}
SIDE = 111.3
"""Metres of 0.001 degrees at the equator, to within 0.7 metres north and south."""


def elements(ways, relations):
    found = [{"type": "node", "id": ref, "lon": x, "lat": y} for ref, (x, y) in NODES.items()]
    found += [{"type": "way", "id": way, "nodes": refs, "tags": tags} for way, (refs, tags) in ways.items()]
    for number, (members, tags) in relations.items():
        parts = [{"type": "way", "ref": way, "role": role} for way, role in members]
        found.append({"type": "relation", "id": number, "members": parts, "tags": tags})
    return found


def write(path, ways, relations=()):
    lines = []
    for item in elements(ways, dict(relations)):
        inner = "".join(f"<tag k='{key}' v='{value}'/>" for key, value in item.get("tags", {}).items())
        inner += "".join(f"<nd ref='{ref}'/>" for ref in item.get("nodes", ()))
        inner += "".join(f"<member type='way' ref='{m['ref']}' role='{m['role']}'/>" for m in item.get("members", ()))
        place = f" lon='{item['lon']}' lat='{item['lat']}'" if item["type"] == "node" else ""
        lines.append(f"<{item['type']} id='{item['id']}'{place}>{inner}</{item['type']}>")
    path.write_text("<osm version='0.6'>" + "".join(lines) + "</osm>")
    return path


def metres(path, mode="walk"):
    """From the end of street 1 over the square to the end of street 2; None where there is no way."""
    network = from_osm(path, mode=mode, smallest_component=0)
    ends = gpd.GeoSeries.from_xy([-0.001, 0.002], [0, 0.001], index=["from", "to"], crs=4326)
    costs = network.travel_costs(ends[["from"]], ends[["to"]], unit="metres").to_frame()["travel_cost"].tolist()
    return costs[0] if costs else None


def square(tags, members):
    return {5: (members, {"type": "multipolygon", **tags})}


@pytest.mark.parametrize(
    "tags", [{"highway": "pedestrian"}, {"highway": "pedestrian", "area": "yes"}, {"highway": "footway"}]
)
@pytest.mark.parametrize(
    ("edge", "members"),
    [(WHOLE, [(7, "outer")]), (PIECES, [(7, "outer"), (8, "outer")]), (PIECES, [(8, ""), (7, "outer")])],
)
@pytest.mark.parametrize("mode", ["walk", "wheelchair", "stroller", "bicycle"])
def test_a_square_with_a_fountain_is_walked_round(tmp_path, tags, edge, members, mode):
    """Street, two sides of the square, street: four sides in all, whatever way its edge is drawn."""
    path = write(tmp_path / "a.osm", STREETS | FOUNTAIN | edge, square(tags, [*members, (9, "inner")]))
    assert metres(path, mode) == pytest.approx(4 * SIDE, abs=3)
    assert 9 not in streets(path).ways.index, "nobody walks round the fountain's edge"


def test_the_relation_s_own_access_counts(tmp_path):
    ways, members = STREETS | WHOLE, [(7, "outer")]
    tags = {"highway": "pedestrian", "access": "private"}
    assert metres(write(tmp_path / "a.osm", ways, square(tags, members))) is None
    assert metres(write(tmp_path / "b.osm", ways, square({**tags, "foot": "yes"}, members))) == pytest.approx(
        4 * SIDE, abs=3
    )
    assert metres(write(tmp_path / "c.osm", ways, square({"landuse": "grass"}, members))) is None
    assert (
        metres(write(tmp_path / "d.osm", ways, {5: ([(7, "outer")], {"type": "route", "highway": "footway"})})) is None
    )


def test_an_edge_that_is_a_street_itself_or_of_two_squares(tmp_path):
    """Way 7 is a closed street; relation 5 opens its edge, 6 does not: three streets of which one can be used."""
    ways = STREETS | {7: (WHOLE[7][0], {"highway": "service", "access": "no"})}
    relations = square({"highway": "pedestrian"}, [(7, "outer")])
    relations[6] = ([(7, "outer")], {"type": "multipolygon", "highway": "pedestrian", "access": "no"})
    path = write(tmp_path / "a.osm", ways, relations)
    assert streets(path).ways.index.tolist() == [1, 2, 7, -1, -2]
    assert metres(path) == pytest.approx(4 * SIDE, abs=3)


def test_pieces_that_the_extract_lacks_are_counted(tmp_path):
    path = write(
        tmp_path / "a.osm", STREETS | {7: PIECES[7]}, square({"highway": "pedestrian"}, [(7, "outer"), (8, "outer")])
    )
    (found,) = [item for item in streets(path).findings if item.code == "square_edges_missing"]
    assert found.count == 1
    assert metres(path) == pytest.approx(4 * SIDE, abs=3)


def test_squares_of_recorded_answers(tmp_path):
    items = elements(STREETS | PIECES, square({"highway": "pedestrian"}, [(7, "outer"), (8, "outer")]))
    found = streets_from_overpass_json({"elements": items})
    from_file = streets(
        write(tmp_path / "a.osm", STREETS | PIECES, square({"highway": "pedestrian"}, [(7, "outer"), (8, "outer")]))
    )
    assert found.ways["nodes"].map(list).to_dict() == from_file.ways["nodes"].map(list).to_dict()
    assert found.ways["tags"].to_dict() == from_file.ways["tags"].to_dict()


@pytest.mark.parametrize("key", [("railway", "platform"), ("public_transport", "platform"), ("man_made", "pier")])
@pytest.mark.parametrize("area", [False, True])
def test_platforms_and_piers_are_walked_as_lines_areas_and_relations(tmp_path, key, area):
    tags = dict([key])
    line = {3: ([2, 3, 4, 5, 2] if area else [2, 3, 4], tags)}
    assert metres(write(tmp_path / "a.osm", STREETS | line)) == pytest.approx(4 * SIDE, abs=3)
    assert metres(write(tmp_path / "b.osm", STREETS | WHOLE, square(tags, [(7, "outer")]))) == pytest.approx(
        4 * SIDE, abs=3
    )


def test_a_ferry_stays_unused_and_is_named(tmp_path):
    path = write(tmp_path / "a.osm", STREETS | {3: ([2, 4], {"route": "ferry", "foot": "yes"})})
    assert metres(path) is None
    (found,) = [item for item in from_osm(path, smallest_component=0).findings if item.code == "ferries_not_used"]
    assert found.count == 1
    assert "ferries" in found.message


def test_nobody_runs_up_a_down_escalator(tmp_path):
    way = {3: ([4, 2], {"highway": "steps", "conveying": "forward"})}
    assert metres(write(tmp_path / "a.osm", STREETS | way)) is None
    way = {3: ([4, 2], {"highway": "steps", "conveying": "backward"})}
    assert metres(write(tmp_path / "b.osm", STREETS | way)) == pytest.approx(SIDE * (2 + 2**0.5), abs=3)
