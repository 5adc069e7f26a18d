"""Points nobody gets past: streets end there on each side, for those who cannot pass and for nobody else."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas import GeoDataFrame

from spatialjustice.network.streets.build import from_frames
from spatialjustice.network.streets.modes import BICYCLE, DRIVE, WALK, WHEELCHAIR, Mode, Pace
from spatialjustice.network.streets.osm_file import from_osm
from spatialjustice.sources.osm.streets import streets, streets_from_overpass_json

STREET, PATH = {"highway": "residential"}, {"highway": "footway"}
CROSSING = {"highway": "footway", "footway": "crossing"}
STEP = 0.001  # degrees
CAR = Mode("car", 50, DRIVE.rule, pace=lambda _: Pace(50, 50), barrier=DRIVE.barrier)


def nodes_at(*places, tags=None):
    """Nodes 1, 2, ... in steps of a thousandth of a degree from the equator; ``tags`` by id."""
    frame = pd.DataFrame([(STEP * x, STEP * y) for x, y in places], columns=["x", "y"], index=range(1, len(places) + 1))
    if tags is not None:
        frame["tags"] = pd.Series([tags.get(node) for node in frame.index], index=frame.index, dtype=object)
    return frame


def ways_of(*rows):
    """Rows are (tags, node, node, ...); ids are 10, 11, ..."""
    return pd.DataFrame(
        {"nodes": [list(row[1:]) for row in rows], "tags": [row[0] for row in rows]}, index=range(10, 10 + len(rows))
    )


def built(nodes, ways, mode):
    return from_frames(nodes, ways, mode=mode, smallest_component=0)


def minutes(network, start, end):
    """Minutes between two places, given in steps as in ``nodes_at``."""
    ends = GeoDataFrame(geometry=shapely.points([[STEP * x for x in place] for place in (start, end)]), crs=4326)
    found = network.travel_costs(ends.iloc[[0]], ends.iloc[[1]]).to_frame()
    return found["travel_cost"].iloc[0] if len(found) else np.inf


def finding(network, code):
    return {item.code: item for item in network.findings}.get(code)


LINE = [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)]


@pytest.mark.parametrize(
    ("tags", "mode", "passes"),
    [
        ({"barrier": "bollard"}, CAR, False),
        ({"barrier": "bollard"}, WALK, True),
        ({"barrier": "bollard"}, BICYCLE, True),
        ({"barrier": "gate"}, CAR, True),
        ({"barrier": "gate", "access": "private"}, WALK, False),
        ({"barrier": "stile"}, WHEELCHAIR, False),
        ({"barrier": "stile"}, WALK, True),
        ({"kerb": "raised"}, WALK, True),
        (None, CAR, True),
    ],
)
def test_a_barrier_inside_a_street(tags, mode, passes):
    network = built(nodes_at(*LINE, tags={3: tags}), ways_of((STREET, 1, 2, 3, 4, 5)), mode)
    assert np.isfinite(minutes(network, (0.5, 0), (3.5, 0))) == passes
    assert network.components == (1 if passes else 2)
    told = finding(network, "barriers_closed")
    assert (told is None) == passes
    if told is not None:
        assert told.count == 1
        assert f"barrier={tags['barrier']}" in told.message


def test_streets_end_at_the_barrier_on_both_sides():
    """Four edges remain, as long as before; the two at the barrier end in two points in the same place."""
    open_ = built(nodes_at(*LINE), ways_of((STREET, 1, 2, 3, 4, 5)), CAR)
    shut = built(nodes_at(*LINE, tags={3: {"barrier": "block"}}), ways_of((STREET, 1, 2, 3, 4, 5)), CAR)
    assert sorted(shut.length) == sorted(open_.length)
    assert shut.node_id.size == 6
    assert sorted(shut.node_id) == [-1, 1, 2, 3, 4, 5]
    there = [(shut.x[shut.node_id == node][0], shut.y[shut.node_id == node][0]) for node in (3, -1)]
    assert there[0] == there[1]
    assert minutes(shut, (0, 0), (1.9, 0)) == pytest.approx(minutes(open_, (0, 0), (1.9, 0)))
    assert minutes(shut, (2.1, 0), (4, 0)) == pytest.approx(minutes(open_, (2.1, 0), (4, 0)))


def test_a_way_round_is_found():
    """Past the bollard by the side street: 4 steps more than straight on (2 up, 2 down)."""
    nodes = nodes_at(*LINE, (1, 2), (3, 2), tags={3: {"barrier": "bollard"}})
    ways = ways_of((STREET, 1, 2, 3, 4, 5), (STREET, 2, 6, 7, 4))
    network = built(nodes, ways, CAR)
    step = minutes(network, (0, 0), (1, 0))
    # Steps of latitude are a little shorter than those of longitude at the equator.
    assert minutes(network, (0, 0), (4, 0)) == pytest.approx(8 * step, rel=0.01)
    assert minutes(built(nodes, ways, WALK), (0, 0), (4, 0)) == pytest.approx(
        4 * minutes(built(nodes, ways, WALK), (0, 0), (1, 0))
    )


def test_a_barrier_where_two_ways_meet_and_where_one_ends():
    """The last point of one way is the first of another: cut. A barrier at a dead end cuts nothing."""
    barrier = {"barrier": "bollard"}
    meeting = built(nodes_at(*LINE, tags={3: barrier}), ways_of((STREET, 1, 2, 3), (STREET, 3, 4, 5)), CAR)
    assert meeting.components == 2
    end = built(nodes_at(*LINE, tags={5: barrier}), ways_of((STREET, 1, 2, 3, 4, 5)), CAR)
    assert end.components == 1
    assert finding(end, "barriers_closed") is None
    assert sorted(end.node_id) == [1, 2, 3, 4, 5]


def test_a_barrier_at_a_crossroads_parts_all_arms():
    nodes = nodes_at((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), tags={1: {"barrier": "block"}})
    network = built(nodes, ways_of((STREET, 3, 1, 2), (STREET, 4, 1, 5)), CAR)
    assert network.components == 4
    assert network.node_id.size == 8
    assert finding(network, "barriers_closed").count == 1


def test_a_closed_ring_is_cut_at_its_barrier():
    """Round a square the way from one side of the gate to the other leads all round."""
    nodes = nodes_at((0, 0), (1, 0), (1, 1), (0, 1), tags={1: {"barrier": "bollard"}})
    network = built(nodes, ways_of((STREET, 1, 2, 3, 4, 1)), CAR)
    assert network.components == 1
    side = minutes(network, (0.5, 0), (1, 0)) * 2
    assert minutes(network, (0.5, 0), (0, 0.5)) == pytest.approx(3 * side, rel=0.01)


def crossing(kerbs):
    """Draw a street (1 2 3) and a footway across it (4 5 2 6 7) with kerbs at 5 and 6."""
    nodes = nodes_at((-2, 0), (0, 0), (2, 0), (0, 2), (0, 0.1), (0, -0.1), (0, -2), tags=kerbs)
    return nodes, ways_of((STREET, 1, 2, 3), (PATH, 4, 5), (CROSSING, 5, 2, 6), (PATH, 6, 7))


@pytest.mark.parametrize(
    ("kerbs", "passes"),
    [
        ({5: {"kerb": "raised"}}, False),
        ({6: {"kerb": "raised", "barrier": "kerb"}}, False),
        ({5: {"kerb:height": "0.12"}}, False),
        ({5: {"kerb": "flush"}, 6: {"kerb": "lowered"}}, True),
        ({5: {"kerb": "raised", "wheelchair": "yes"}}, True),
        ({2: {"highway": "crossing", "kerb": "raised"}}, False),
        ({2: {"highway": "crossing", "kerb": "lowered"}}, True),
    ],
)
def test_a_raised_kerb_stops_wheelchairs_that_cross_and_not_those_along_the_street(kerbs, passes):
    nodes, ways = crossing(kerbs)
    rolling, walking = built(nodes, ways, WHEELCHAIR), built(nodes, ways, WALK)
    assert np.isfinite(minutes(rolling, (0, 1.9), (0, -1.9))) == passes
    assert np.isfinite(minutes(rolling, (-1.9, 0), (1.9, 0)))
    assert np.isfinite(minutes(walking, (0, 1.9), (0, -1.9)))
    assert (finding(rolling, "barriers_closed") is None) == passes
    assert finding(walking, "barriers_closed") is None


def test_a_raised_kerb_on_a_street_without_footways_stops_nobody():
    network = built(
        nodes_at(*LINE, tags={3: {"highway": "crossing", "kerb": "raised"}}),
        ways_of((STREET, 1, 2, 3, 4, 5)),
        WHEELCHAIR,
    )
    assert network.components == 1
    assert finding(network, "barriers_closed") is None


def test_what_is_not_known_is_counted_in_kilometres():
    """Street 4 steps, paths 2 · 1.9 steps, crossing 0.2 steps of 111 m: width of the paths and the crossing unknown."""
    nodes, ways = crossing({5: {"kerb": "lowered"}})
    told = finding(built(nodes, ways, WHEELCHAIR), "passability_unknown")
    assert told.count == 4
    assert "surface: 0.9 km" in told.message  # 8 steps = 0.89 km
    assert "width: 0.4 km" in told.message  # 4 steps = 0.44 km
    assert "kerb" not in told.message.split(":")[1]
    nodes, ways = crossing({})
    assert "kerb: 0.0 km" in finding(built(nodes, ways, WHEELCHAIR), "passability_unknown").message
    assert finding(built(nodes, ways, WALK), "passability_unknown") is None


def test_bridges_are_not_joined_to_what_they_cross():
    """Two lines cross in the plane without a common point: no way from one to the other, for any mode."""
    nodes = nodes_at((-1, 0), (1, 0), (0, -1), (0, 1))
    ways = ways_of((STREET, 1, 2), ({**STREET, "bridge": "yes", "layer": "1"}, 3, 4))
    for mode in (WALK, WHEELCHAIR, BICYCLE, CAR):
        network = built(nodes, ways, mode)
        assert network.components == 2
        assert minutes(network, (-0.5, 0), (0, 0.5)) == np.inf


def test_copies_have_ids_of_their_own_and_rows_may_come_in_any_order():
    """Editors give negative ids to what is new: copies go below the lowest."""
    nodes = nodes_at(*LINE, (2, 1), tags={3: {"barrier": "block"}, 4: {"barrier": "bollard"}})
    ways = ways_of((STREET, 1, 2, 3), (STREET, 3, 4), (STREET, 4, 5), (STREET, 6, 3))
    one = built(nodes, ways, CAR)
    other = built(nodes.sample(frac=1, random_state=1), ways.sample(frac=1, random_state=2), CAR)
    for name in ("node_id", "x", "y", "edge_u", "edge_v", "way_id", "forward", "backward", "component"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert sorted(one.node_id) == [-3, -2, -1, 1, 2, 3, 4, 5, 6]
    new = {**{node: node for node in nodes.index}, 1: -40}
    renamed = built(
        nodes.rename(index=new), ways.assign(nodes=[[new[node] for node in refs] for refs in ways["nodes"]]), CAR
    )
    assert sorted(renamed.node_id)[:4] == [-43, -42, -41, -40]
    assert len(set(renamed.node_id)) == 9


def test_streets_without_tags_of_points_have_no_barriers():
    frame = nodes_at(*LINE)
    assert built(frame, ways_of((STREET, 1, 2, 3, 4, 5)), CAR).components == 1
    frame["tags"] = [None, np.nan, {}, None, None]
    assert built(frame, ways_of((STREET, 1, 2, 3, 4, 5)), CAR).components == 1


POINTS = {
    1: {},
    2: {"highway": "traffic_signals"},
    3: {"barrier": "bollard", "bicycle": "yes", "note": "new"},
    4: {"shop": "kiosk"},
    5: {"kerb": "raised"},
}


def test_points_keep_the_tags_that_matter_from_files(tmp_path):
    lines = ["<osm version='0.6'>"]
    for node, tags in POINTS.items():
        inner = "".join(f"<tag k='{key}' v='{value}'/>" for key, value in tags.items())
        lines.append(f"<node id='{node}' lat='0' lon='{STEP * node}'>{inner}</node>")
    refs = "".join(f"<nd ref='{node}'/>" for node in POINTS)
    lines += [f"<way id='9'>{refs}<tag k='highway' v='residential'/></way>", "</osm>"]
    file = tmp_path / "line.osm"
    file.write_text("\n".join(lines))
    found = streets(file)
    assert found.nodes["tags"].tolist() == [
        None,
        None,
        {"barrier": "bollard", "bicycle": "yes"},
        None,
        {"kerb": "raised"},
    ]
    assert from_osm(file, mode=CAR, smallest_component=0).components == 2
    assert from_osm(file, mode="bicycle", smallest_component=0).components == 1


def test_points_keep_the_tags_that_matter_from_recorded_answers(tmp_path):
    elements = [
        {"type": "node", "id": node, "lat": 0.0, "lon": STEP * node, **({"tags": tags} if tags else {})}
        for node, tags in POINTS.items()
    ]
    elements.append({"type": "way", "id": 9, "nodes": list(POINTS), "tags": {"highway": "residential"}})
    file = tmp_path / "answer.json"
    file.write_text(json.dumps({"version": 0.6, "elements": elements}))
    found = streets_from_overpass_json(file)
    assert found.nodes["tags"].notna().tolist() == [False, False, True, False, True]
    assert built(found.nodes, found.ways, CAR).components == 2


def test_streets_without_obstacles_have_no_column_for_them(tmp_path):
    file = tmp_path / "line.osm"
    file.write_text(
        "<osm version='0.6'><node id='1' lat='0' lon='0'><tag k='name' v='A'/></node><node id='2' lat='0' lon='0.001'/>"
        "<way id='9'><nd ref='1'/><nd ref='2'/><tag k='highway' v='residential'/></way></osm>"
    )
    assert list(streets(file).nodes.columns) == ["x", "y"]


def test_islands_between_steps_are_kept_and_those_of_the_map_are_not():
    """A terrace of 100 m between two flights of steps: walkers pass, wheelchairs are stuck there; a loose path is gone.

    Nodes 0-1 street (2 km), 1-2 steps, 2-3 terrace, 3-4 steps, 4-5 street (2 km); 6-7 a path joined to nothing.
    """
    x = [24.90, 24.936, 24.9362, 24.938, 24.9382, 24.974, 24.95, 24.9505]
    y = [60.17] * 6 + [60.175] * 2
    nodes = pd.DataFrame({"x": x, "y": y}, index=range(8))
    kinds = ["residential", "steps", "footway", "steps", "residential", "footway"]
    refs = [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [6, 7]]
    ways = pd.DataFrame({"nodes": refs, "tags": [{"highway": kind} for kind in kinds]}, index=range(10, 16))
    walk, chair = (from_frames(nodes, ways, mode=mode) for mode in ("walk", "wheelchair"))
    assert set(walk.way_id) == {10, 11, 12, 13, 14}
    assert set(chair.way_id) == {10, 12, 14}
    assert chair.components == 3
    here, there = chair.nodes.loc[[2]], chair.nodes.loc[[3, 5]]
    assert chair.travel_costs(here, there).to_frame()["to_id"].to_list() == [3]
    assert len(walk.travel_costs(walk.nodes.loc[[2]], walk.nodes.loc[[3, 5]]).to_frame()) == 2
