"""Turn restrictions as OpenStreetMap maps them: each kind by hand, what is broken, and whom they concern."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice.network import from_frames, from_osm
from spatialjustice.network.streets.modes import MODES
from spatialjustice.network.streets.turns import demand_of
from spatialjustice.sources.osm.streets import streets_from_overpass_json

CAR, BICYCLE = MODES["drive"].vehicles, MODES["bicycle"].vehicles
STEP = 0.001  # degrees between neighbours


def town(**more):
    """A crossing (0) with arms west (1), east (2), north (3), south (4); from the east on to 5 north and 6 east of it.

    Ways: 10 west, 20 east, 30 north, 40 south, 50 and 60 beyond; each begins at the crossing, or at 2.
    """
    places = {0: (0, 0), 1: (-1, 0), 2: (1, 0), 3: (0, 1), 4: (0, -1), 5: (1, 1), 6: (2, 0)}
    nodes = pd.DataFrame([(24.9 + x * STEP, 60.1 + y * STEP) for x, y in places.values()], list(places), ["x", "y"])
    lines = {10: [0, 1], 20: [0, 2], 30: [0, 3], 40: [0, 4], 50: [2, 5], 60: [2, 6]} | more.pop("lines", {})
    tags = {way: {"highway": "residential"} | more.get("tags", {}).get(way, {}) for way in lines}
    return nodes, pd.DataFrame({"nodes": list(lines.values()), "tags": [tags[way] for way in lines]}, list(lines))


def table(*rows):
    """Rows are (tags, from, via nodes, via ways, to); a tag alone is ``restriction``."""
    listed = [({"restriction": row[0]} if isinstance(row[0], str) else row[0], *row[1:]) for row in rows]
    columns = ["tags", "from_ways", "via_nodes", "via_ways", "to_ways"]
    return pd.DataFrame({name: pd.Series([row[at] for row in listed], dtype=object) for at, name in enumerate(columns)})


def built(*rows, mode="drive", **more):
    nodes, ways = town(**more)
    return from_frames(nodes, ways, mode=mode, smallest_component=0, restrictions=table(*rows))


def ids_of(network):
    """Forbidden turns as the ids of the nodes that are passed."""
    found = set()
    for turn in network.forbidden_turns:
        ends = [(network.edge_u[way // 2], network.edge_v[way // 2])[:: -1 if way % 2 else 1] for way in turn]
        found.add(tuple(network.node_id[[ends[0][0], *(end for _, end in ends)]].tolist()))
    return found


def counts(network):
    (told,) = [finding for finding in network.findings if finding.code == "turn_restrictions"]
    said = dict(told.values)
    found = {name: said[name] for name in ("applied", "idle", "others", "conditional", "broken")}
    assert said["count"] == sum(found.values())
    return {name: count for name, count in found.items() if count}


@pytest.mark.parametrize(
    "kind", ["no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit"]
)
def test_what_is_forbidden_over_a_point(kind):
    network = built((kind, [10], [0], [], [30]))
    assert ids_of(network) == {(1, 0, 3)}
    assert counts(network) == {"applied": 1}


@pytest.mark.parametrize("kind", ["only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn"])
def test_all_but_what_is_demanded_is_forbidden(kind):
    """Turning round at the crossing as well."""
    assert ids_of(built((kind, [10], [0], [], [30]))) == {(1, 0, 1), (1, 0, 2), (1, 0, 4)}


def test_turning_round_on_one_street():
    assert ids_of(built(("no_u_turn", [10], [0], [], [10]))) == {(1, 0, 1)}


def test_no_entry_has_several_streets_from_and_no_exit_several_to():
    assert ids_of(built(("no_entry", [10, 40], [0], [], [30]))) == {(1, 0, 3), (4, 0, 3)}
    assert ids_of(built(("no_exit", [10], [0], [], [30, 20]))) == {(1, 0, 3), (1, 0, 2)}


def test_over_streets_between():
    network = built(("no_left_turn", [10], [], [20], [50]), ("only_straight_on", [40], [], [20], [60]))
    assert ids_of(network) == {(1, 0, 2, 5), (4, 0, 2, 5), (4, 0, 2, 0)}
    assert counts(network) == {"applied": 2}


def test_several_streets_between_come_in_any_order():
    longer = {"lines": {20: [2, 0], 50: [2, 5], 70: [5, 3]}}
    assert ids_of(built(("no_left_turn", [10], [], [50, 20], [70]), **longer)) == {(1, 0, 2, 5, 3)}


@pytest.mark.parametrize(
    "row",
    [
        ("no_left_turn", [10], [0], [], [999]),
        ("no_left_turn", [999], [0], [], [30]),
        ("no_left_turn", [10], [99], [], [30]),
        ("no_left_turn", [10], [], [], [30]),
        ("no_left_turn", [10], [0], [20], [30]),
        ("no_left_turn", [10], [0, 2], [], [30]),
        ("no_left_turn", [], [0], [], [30]),
        ("no_left_turn", [10], [0], [], []),
        ("no_left_turn", [10], [0], [], [50]),
        ("no_left_turn", [50], [0], [], [10]),
        ("no_left_turn", [10], [], [60], [50]),
        ("only_left_turn", [10, 40], [0], [], [30]),
        ("no_turning_at_all", [10], [0], [], [30]),
    ],
    ids=lambda row: " ".join(map(str, row)),
)
def test_what_is_broken_is_counted_and_forbids_nothing(row):
    network = built(row, ("no_left_turn", [10], [0], [], [30]))
    assert ids_of(network) == {(1, 0, 3)}
    assert counts(network) == {"broken": 1, "applied": 1}


def test_a_street_that_is_not_split_does_not_tell_which_way_is_meant_unless_it_is_one_way():
    through = {"lines": {10: [1, 0, 2], 20: [2, 6]}}
    assert counts(built(("no_left_turn", [10], [0], [], [30]), **through)) == {"broken": 1}
    one_way = {**through, "tags": {10: {"oneway": "yes"}}}
    assert ids_of(built(("no_left_turn", [10], [0], [], [30]), **one_way)) == {(1, 0, 3)}


def test_what_nobody_can_do_anyway_is_idle():
    closed = built(
        ("no_left_turn", [10], [0], [], [30]), ("only_left_turn", [40], [0], [], [30]), tags={30: {"oneway": "-1"}}
    )
    assert closed.forbidden_turns == ()
    assert counts(closed) == {"idle": 2}
    gated = built(("no_left_turn", [10], [0], [], [30]), tags={30: {"access": "no"}})
    assert counts(gated) == {"idle": 1}


@pytest.mark.parametrize(
    ("tags", "car", "bicycle"),
    [
        ({"restriction": "no_left_turn"}, "no", "no"),
        ({"restriction": "only_left_turn"}, "only", "only"),
        ({"restriction": "no_left_turn", "except": "bicycle"}, "no", "others"),
        ({"restriction": "no_left_turn", "except": "psv;motorcar"}, "others", "no"),
        ({"restriction": "no_left_turn", "except": "psv; motor_vehicle"}, "others", "no"),
        ({"restriction:bicycle": "no_left_turn"}, "others", "no"),
        ({"restriction:motorcar": "no_left_turn"}, "no", "others"),
        ({"restriction:motor_vehicle": "only_left_turn", "restriction": "no_left_turn"}, "only", "no"),
        ({"restriction:motorcar": "none", "restriction": "no_left_turn"}, "others", "no"),
        ({"restriction:vehicle": "no_entry"}, "no", "no"),
        ({"restriction:hgv": "no_left_turn"}, "others", "others"),
        ({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}, "conditional", "conditional"),
        ({"restriction:conditional": "no_left_turn @ (24/7)"}, "no", "no"),
        ({"restriction:conditional": "no_left_turn @ Mo-Su 00:00-24:00"}, "no", "no"),
        ({"restriction:motorcar:conditional": "no_left_turn @ (22:00-06:00)"}, "conditional", "others"),
        ({"restriction": "no_left_turn", "hour_on": "07:00", "hour_off": "09:00"}, "conditional", "conditional"),
        ({"restriction": "no_idea"}, "broken", "broken"),
    ],
    ids=str,
)
def test_whom_it_concerns_and_when(tags, car, bicycle):
    assert demand_of(tags, CAR).kind == car
    assert demand_of(tags, BICYCLE).kind == bicycle


def test_who_walks_is_not_asked():
    for mode in ("walk", "wheelchair"):
        network = built(("no_left_turn", [10], [0], [], [30]), mode=mode)
        assert network.forbidden_turns == ()
        assert not any(finding.code == "turn_restrictions" for finding in network.findings)


@pytest.mark.parametrize("mode", ["drive", "bicycle"])
def test_a_network_without_restrictions_stays_what_it_is(mode):
    nodes, ways = town()
    free, none = (from_frames(nodes, ways, mode=mode, restrictions=rows) for rows in (None, table()))
    assert free.findings == none.findings
    assert free.forbidden_turns == none.forbidden_turns == ()


def test_tables_that_are_none_are_refused():
    nodes, ways = town()
    with pytest.raises(InputError, match="via_ways"):
        from_frames(
            nodes, ways, mode="drive", restrictions=table(("no_entry", [1], [2], [], [3])).drop(columns="via_ways")
        )
    with pytest.raises(InputError, match="lists of ids"):
        from_frames(nodes, ways, mode="drive", restrictions=table(("no_entry", 10, [0], [], [30])))


def osm_text(nodes, ways, relations):
    lines = [f'<node id="{one + 1}" lon="{row.x}" lat="{row.y}"/>' for one, row in nodes.iterrows()]
    for way, row in ways.iterrows():
        refs = "".join(f'<nd ref="{node + 1}"/>' for node in row["nodes"])
        lines.append(f'<way id="{way}">{refs}<tag k="highway" v="residential"/></way>')
    for number, (members, tags) in enumerate(relations):
        inside = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
        inside += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        lines.append(f'<relation id="{number + 1}">{inside}</relation>')
    return f'<osm version="0.6">{"".join(lines)}</osm>'


def relation(kind, *members, over="restriction"):
    """Members are kind, id and role."""
    roles = ("from", "via", "to")
    return [(*member, role) for member, role in zip(members, roles, strict=True)], {"type": over, "restriction": kind}


RELATIONS = [
    relation("no_left_turn", ("way", 10), ("node", 1), ("way", 30)),
    relation("no_left_turn", ("way", 10), ("way", 20), ("way", 50)),
    relation("no_entry", ("way", 10), ("node", 1), ("way", 77)),
    relation("no_entry", ("way", 10), ("node", 1), ("way", 20), over="restriction:hgv"),
    relation("no_entry", ("way", 10), ("node", 1), ("way", 20), over="route"),
]


def test_files_and_answers_of_overpass_are_read_alike(tmp_path):
    nodes, ways = town()
    file = tmp_path / "town.osm"
    file.write_text(osm_text(nodes, ways, RELATIONS), encoding="utf-8")
    network = from_osm(file, mode="drive", smallest_component=0)
    assert ids_of(network) == {(2, 1, 4), (2, 1, 3, 6)}
    assert counts(network) == {"applied": 2, "broken": 1}
    elements = [{"type": "node", "id": one + 1, "lon": row.x, "lat": row.y} for one, row in nodes.iterrows()]
    for way, row in ways.iterrows():
        elements.append({"type": "way", "id": way, "nodes": [node + 1 for node in row["nodes"]], "tags": row["tags"]})
    for number, (members, tags) in enumerate(RELATIONS):
        listed = [dict(zip(("type", "ref", "role"), member, strict=True)) for member in members]
        elements.append({"type": "relation", "id": number + 1, "members": listed, "tags": tags})
    answer = {"version": 0.6, "osm3s": {"timestamp_osm_base": "2024-08-05T00:00:00Z"}, "elements": elements}
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(answer), encoding="utf-8")
    found = streets_from_overpass_json(file)
    again = from_frames(found.nodes, found.ways, mode="drive", smallest_component=0, restrictions=found.restrictions)
    assert ids_of(again) == ids_of(network)


def test_restrictions_of_another_place_are_not_this_ones(tmp_path):
    nodes, ways = town()
    file = tmp_path / "town.osm"
    file.write_text(osm_text(nodes, ways, RELATIONS[:2]), encoding="utf-8")
    beyond = gpd.GeoSeries([shapely.Point(24.9 + 2 * STEP, 60.1).buffer(STEP / 10)], crs=4326)
    network = from_osm(file, mode="drive", within=beyond, buffer=0, smallest_component=0)
    assert network.forbidden_turns == ()
    assert np.unique(network.way_id).tolist() == [60]
