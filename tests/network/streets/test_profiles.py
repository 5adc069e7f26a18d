"""Modes on streets: speeds, one-way streets, slopes and congestion as costs, worked out by hand."""

from __future__ import annotations

import sys
import types
from dataclasses import replace

import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from spatialjustice._core.errors import DuplicateIdError, EmptyNetworkError, InputError
from spatialjustice._core.provenance import SourceRecord
from spatialjustice.network.streets.build import from_frames
from spatialjustice.network.streets.modes import (
    BICYCLE,
    DRIVE,
    MODES,
    STROLLER,
    WALK,
    WALK_CHILD,
    WALK_OLDER_PERSON,
    WHEELCHAIR,
    Mode,
    Pace,
    mode_named,
)
from spatialjustice.network.streets.osm_file import from_osm
from spatialjustice.sources.osm.streets import streets

ROAD, PATH = {"highway": "primary"}, {"highway": "footway"}


def stated(tags):
    """Go at ``maxspeed``, in each direction where it says so; else 50 with a note."""
    ahead, back = (float(tags.get(f"maxspeed:{way}", tags.get("maxspeed", 50))) for way in ("forward", "backward"))
    return Pace(ahead, back, "" if "maxspeed" in tags else f"no maxspeed, highway={tags['highway']}")


CAR = Mode("car", 50, DRIVE.rule, pace=stated, leg_speed=4.8)


def line(metres=1000.0, count=2):
    """Nodes 1, 2, ... one after the other eastward along a parallel at 60 N, ``metres`` apart."""
    geod, x = Geod(ellps="WGS84"), [25.0]
    for _ in range(count - 1):
        x.append(geod.fwd(x[-1], 60.0, 90.0, metres)[0])
    return pd.DataFrame({"x": x, "y": 60.0}, index=range(1, count + 1))


def ways_of(*rows):
    """Rows are (tags, node, node, ...); ids are 10, 11, ..."""
    return pd.DataFrame(
        {"nodes": [list(row[1:]) for row in rows], "tags": [row[0] for row in rows]}, index=range(10, 10 + len(rows))
    )


def built(nodes, ways, mode, **more):
    return from_frames(nodes, ways, mode=mode, smallest_component=0, **more)


def costs(network, nodes, unit="minutes"):
    """Square table of the costs between all nodes."""
    points = GeoDataFrame(geometry=shapely.points(nodes[["x", "y"]].to_numpy()), index=nodes.index, crs=4326)
    found = network.travel_costs(points, points, unit=unit).to_frame()
    return found.pivot_table(index="from_id", columns="to_id", values="travel_cost").reindex(
        index=nodes.index, columns=nodes.index, fill_value=np.inf
    )


def finding(network, code):
    return {item.code: item for item in network.findings}.get(code)


@pytest.mark.parametrize(
    ("mode", "tags", "minutes"),
    [
        (WALK, PATH, 12.5),  # 1 km at 4.8 km/h
        (WALK_OLDER_PERSON, PATH, 60 / 3.4),
        (WALK_CHILD, PATH, 60 / 3.2),
        (WHEELCHAIR, PATH, 60 / 2.8),
        (STROLLER, PATH, 15.0),
        (BICYCLE, {**ROAD, "surface": "asphalt"}, 4.0),  # at 15 km/h
        (BICYCLE, {"highway": "path", "surface": "gravel"}, 10.0),  # at 6 km/h
        (BICYCLE, PATH, 15.0),  # pushed at 4 km/h
        (mode_named("bicycle", speed=20), {**ROAD, "surface": "asphalt"}, 3.0),
        (CAR, {**ROAD, "maxspeed": "60"}, 1.0),
        (CAR, {**ROAD, "maxspeed": "30"}, 2.0),
    ],
)
def test_minutes_for_a_kilometre(mode, tags, minutes):
    nodes = line()
    network = built(nodes, ways_of((tags, 1, 2)), mode)
    assert costs(network, nodes).loc[1, 2] == pytest.approx(minutes, rel=1e-6)
    assert costs(network, nodes, "metres").loc[1, 2] == pytest.approx(1000, rel=1e-6)
    assert network.length[0] == pytest.approx(1000, abs=1e-3)


def test_costs_are_metres_at_the_reference_speed():
    """1 km at 60 km/h costs as much as 1000 · 50 / 60 = 833 m at 50; back at 40 km/h as much as 1250 m."""
    tags = {**ROAD, "maxspeed": "60", "maxspeed:backward": "40"}
    network = built(line(), ways_of((tags, 1, 2)), CAR)
    assert (network.forward[0], network.backward[0]) == pytest.approx((833.333, 1250.0), abs=0.01)


def test_driving_at_the_speed_of_the_street():
    """The mode ``drive`` takes the speeds of the module that knows them."""
    from spatialjustice.network.streets.speeds import drive_pace

    tags = {**ROAD, "maxspeed": "60"}
    nodes = line()
    minutes = costs(built(nodes, ways_of((tags, 1, 2)), "drive"), nodes).loc[1, 2]
    assert minutes == pytest.approx(60 / drive_pace(tags).forward, rel=1e-6)
    assert 0.5 < minutes < 3


def test_the_quickest_way_is_not_the_shortest():
    """Straight on 2 km at 20 km/h: 6 min. Round by two roads of 1.5 km at 60 km/h: 3 min and 3 km."""
    geod = Geod(ellps="WGS84")
    nodes = line(2000)
    # The third corner of an isosceles triangle, 1.5 km from both ends.
    middle = geod.npts(*nodes.loc[1], *nodes.loc[2], 1)[0]
    x, y, _ = geod.fwd(*middle, 0, np.sqrt(1500**2 - 1000**2))
    nodes.loc[3] = [x, y]
    network = built(nodes, ways_of(({**ROAD, "maxspeed": "20"}, 1, 2), ({**ROAD, "maxspeed": "60"}, 1, 3, 2)), CAR)
    assert costs(network, nodes).loc[1, 2] == pytest.approx(3.0, rel=1e-4)
    assert costs(network, nodes, "metres").loc[1, 2] == pytest.approx(2000, rel=1e-4)


def test_the_way_to_the_street_is_walked():
    """100 m to the street at 4.8 km/h (1.25 min), 1 km at 60 km/h (1 min)."""
    nodes = line(count=2)
    network = built(nodes, ways_of(({**ROAD, "maxspeed": "60"}, 1, 2)), CAR)
    x, y, _ = Geod(ellps="WGS84").fwd(*nodes.loc[1], 0, 100)
    home = GeoDataFrame(geometry=[shapely.Point(x, y)], crs=4326)
    shop = GeoDataFrame(geometry=[shapely.Point(*nodes.loc[2])], crs=4326)
    found = network.travel_costs(home, shop).to_frame()["travel_cost"].iloc[0]
    assert found == pytest.approx(2.25, rel=1e-3)


def test_one_way_streets_both_ways():
    """A ring of four streets, the last of them drawn against its direction; cars go round, walkers do not care."""
    nodes = pd.DataFrame({"x": [25.0, 25.002, 25.002, 25.0], "y": [60.0, 60.0, 60.001, 60.001]}, index=[1, 2, 3, 4])
    one, against = {**ROAD, "maxspeed": "50", "oneway": "yes"}, {**ROAD, "maxspeed": "50", "oneway": "-1"}
    ways = ways_of((one, 1, 2, 3), (one, 3, 4), (against, 1, 4))
    car, feet = built(nodes, ways, CAR), built(nodes, ways, WALK)
    metres = costs(car, nodes, "metres")
    length = {pair: Geod(ellps="WGS84").inv(*nodes.loc[pair[0]], *nodes.loc[pair[1]])[2] for pair in [(1, 2), (2, 3)]}
    assert metres.loc[1, 2] == pytest.approx(length[1, 2], rel=1e-5)
    assert metres.loc[2, 1] == pytest.approx(length[1, 2] + 2 * length[2, 3], rel=1e-4)
    assert metres.loc[1, 4] == pytest.approx(2 * length[1, 2] + length[2, 3], rel=1e-4)
    assert metres.loc[4, 1] == pytest.approx(length[2, 3], rel=1e-4)
    assert np.allclose(costs(feet, nodes), costs(feet, nodes).T)
    assert finding(car, "streets_without_return") is None


def test_streets_without_return_are_counted():
    """A ring that can be driven round, and a street of 1 km out of it with no way back."""
    nodes = line(count=4)
    ways = ways_of(({**ROAD, "maxspeed": "50"}, 1, 2, 3), ({**ROAD, "maxspeed": "50", "oneway": "yes"}, 3, 4))
    told = finding(built(nodes, ways, CAR), "streets_without_return")
    assert told.count == 1
    assert "1.0 of 3.0 km" in told.message
    assert finding(built(nodes, ways, WALK), "streets_without_return") is None


def test_parallel_streets_keep_the_cheapest_in_each_direction():
    """Between 1 and 2: 30 km/h both ways, and 60 km/h one way: 1 min there, 2 min back."""
    nodes = line()
    ways = ways_of(({**ROAD, "maxspeed": "30"}, 1, 2), ({**ROAD, "maxspeed": "60", "oneway": "yes"}, 1, 2))
    network = built(nodes, ways, CAR)
    assert network.edge_u.size == 1
    found = costs(network, nodes)
    assert (found.loc[1, 2], found.loc[2, 1]) == pytest.approx((1.0, 2.0), rel=1e-6)
    assert finding(network, "parallel_streets_merged").count == 1


def test_assumed_speeds_are_counted_in_kilometres():
    nodes = line(count=5)
    ways = ways_of(({**ROAD, "maxspeed": "60"}, 1, 2), (ROAD, 2, 3, 4), ({"highway": "residential"}, 4, 5))
    told = finding(built(nodes, ways, CAR), "speeds_assumed")
    assert told.count == 2
    assert "3.0 of 4.0 km" in told.message
    assert "no maxspeed, highway=primary: 2.0 km; no maxspeed, highway=residential: 1.0 km" in told.message
    assert finding(built(nodes, ways, WALK), "speeds_assumed") is None


@pytest.mark.parametrize("speed", [0, -5, np.nan, np.inf])
def test_a_pace_that_is_no_speed_is_refused(speed):
    with pytest.raises(InputError, match="pace") as caught:
        built(line(), ways_of((ROAD, 1, 2)), replace(CAR, pace=lambda _: Pace(50, speed)))
    assert caught.value.rows == (10,)


def test_congestion_by_factors():
    """Half of 60 km/h on the first kilometre: 2 min; the second stays at 1 min. Way 99 is not there."""
    nodes, tags = line(count=3), {**ROAD, "maxspeed": "60"}
    ways = ways_of((tags, 1, 2), (tags, 2, 3))
    network = built(nodes, ways, CAR, congestion=pd.Series([0.5, 0.2], index=[10, 99]))
    assert costs(network, nodes).loc[1].tolist() == pytest.approx([0, 2, 3], abs=1e-5)
    assert finding(network, "congestion_applied").count == 1
    assert "1.0 of 2.0 km" in finding(network, "congestion_applied").message
    assert finding(network, "congestion_ways_unknown").count == 1


def test_congestion_as_r5r_writes_it():
    nodes, tags = line(count=3), {**ROAD, "maxspeed": "60"}
    table = pd.DataFrame({"osm_id": [10, 11], "max_speed": [0.5, 20.0], "speed_type": ["scale", "km/h"]})
    network = built(nodes, ways_of((tags, 1, 2), (tags, 2, 3)), CAR, congestion=table)
    assert costs(network, nodes).loc[1].tolist() == pytest.approx([0, 2, 5], abs=1e-5)  # 1 km at 20 km/h: 3 min
    assert finding(network, "congestion_ways_unknown") is None


@pytest.mark.parametrize(
    ("congestion", "error", "says"),
    [
        (pd.Series([0.0], index=[10]), InputError, "not above 0"),
        (pd.Series([-1.0], index=[10]), InputError, "not above 0"),
        (pd.Series([np.nan], index=[10]), InputError, "not above 0"),
        (pd.Series([np.inf], index=[10]), InputError, "not above 0"),
        (pd.Series([0.5, 0.6], index=[10, 10]), DuplicateIdError, "congestion"),
        (pd.DataFrame({"osm_id": [10], "max_speed": [0.5]}), InputError, "speed_type"),
        (pd.DataFrame({"osm_id": [10], "max_speed": [0.5], "speed_type": ["mph"]}), InputError, "mph"),
    ],
)
def test_congestion_that_cannot_be_used(congestion, error, says):
    with pytest.raises(error, match=says):
        built(line(), ways_of((ROAD, 1, 2)), CAR, congestion=congestion)


@pytest.mark.parametrize("mode", [WALK, WHEELCHAIR, BICYCLE])
def test_congestion_is_for_cars(mode):
    with pytest.raises(InputError, match="congestion"):
        built(line(), ways_of((PATH, 1, 2)), mode, congestion=pd.Series([0.5], index=[10]))


@pytest.fixture
def hills(monkeypatch):
    """Heights without a raster: the grade of every piece by the ids of its ends, and simple speeds.

    Up a grade g the speed is divided by 1 + 10 g, down it by nothing.
    """
    seen = {}

    def grades(x, _, u, v, length, *more):
        flat, raster, crs = more
        seen.update(raster=raster, crs=crs, flat=np.array(flat), length=np.array(length))
        rises = {25.0: 0.0}
        for value in sorted(set(x)):
            rises.setdefault(value, seen["height"](value))
        rise = np.array([rises[x[b]] - rises[x[a]] for a, b in zip(u, v, strict=True)])
        grade = np.where(flat, 0.0, rise / np.where(length > 0, length, 1))
        return grade, [], SourceRecord("elevation", str(raster), "00", 1)

    fake = types.ModuleType("spatialjustice.network.streets.slope")
    fake.edge_grades = grades
    fake.pace_factor = lambda grade, kind: 1 / (1 + (10 if kind == "walking" else 20) * np.maximum(grade, 0))
    monkeypatch.setitem(sys.modules, "spatialjustice.network.streets.slope", fake)
    return seen


def test_slopes_cost_time_uphill(hills):
    """50 m up over 1 km: a grade of 0.05; on foot the speed falls to 1 / 1.5, so that 12.5 minutes become 18.75."""
    nodes = line()
    hills["height"] = lambda x: 50.0 if x > 25 else 0.0
    network = built(nodes, ways_of((PATH, 1, 2)), WALK, elevation="heights.tif")
    found = costs(network, nodes)
    assert (found.loc[1, 2], found.loc[2, 1]) == pytest.approx((18.75, 12.5), rel=1e-5)
    assert costs(network, nodes, "metres").loc[1, 2] == pytest.approx(1000, rel=1e-5)
    assert (hills["raster"], hills["crs"]) == ("heights.tif", 4326)
    assert [record.name for record in network.sources] == ["elevation"]
    cycling = built(nodes, ways_of(({**ROAD, "surface": "asphalt"}, 1, 2)), BICYCLE, elevation="heights.tif")
    assert costs(cycling, nodes).loc[1, 2] == pytest.approx(4 * 2.0, rel=1e-5)


def test_bridges_and_tunnels_are_marked_as_such(hills):
    hills["height"] = lambda x: 50.0 if x > 25 else 0.0
    nodes = line(count=5)
    tags = [{**PATH, "bridge": "yes"}, {**PATH, "tunnel": "building_passage"}, {**PATH, "bridge": "no"}, PATH]
    ways = ways_of(*((item, start, start + 1) for start, item in enumerate(tags, start=1)))
    built(nodes, ways, WALK, elevation="heights.tif")
    assert hills["flat"].tolist() == [True, True, False, False]


def test_what_is_too_steep_is_closed_to_wheelchairs_alone(hills):
    """Grades of 0.08, 0.10 and 0.13: the wheelchair (1:12) takes the first, the stroller (1:8) the first two."""
    nodes = line(count=4)
    height = dict(zip(nodes["x"], [0.0, 80.0, 180.0, 310.0], strict=True))
    hills["height"] = lambda x: height[x]
    ways = ways_of((PATH, 1, 2, 3, 4))
    sizes = {}
    for mode in (WALK, WHEELCHAIR, STROLLER):
        network = built(nodes, ways, mode, elevation="heights.tif")
        sizes[mode.name] = network.edge_u.size
        told = finding(network, "too_steep")
        assert (told is None) == (mode is WALK)
    assert sizes == {"walk": 3, "wheelchair": 1, "stroller": 2}
    told = finding(built(nodes, ways, WHEELCHAIR, elevation="heights.tif"), "too_steep")
    assert told.count == 2
    assert "2.0 of 3.0 km" in told.message
    hills["height"] = lambda x: 500 * (x - 25) * 1000
    with pytest.raises(EmptyNetworkError, match="wheelchair"):
        built(nodes, ways, WHEELCHAIR, elevation="heights.tif")


def test_heights_do_not_matter_to_cars():
    network = built(line(), ways_of((ROAD, 1, 2)), CAR, elevation="no such file.tif")
    assert finding(network, "elevation_not_used") is not None


# Invariants on small random street plans. Costs are searched by scipy on the network's own edges.

HIGHWAYS = ["primary", "residential", "footway", "path", "steps", "track", "cycleway", "service", "pedestrian"]
WAY_TAGS = st.fixed_dictionaries(
    {"highway": st.sampled_from(HIGHWAYS)},
    optional={
        "oneway": st.sampled_from(["yes", "no", "-1"]),
        "surface": st.sampled_from(["asphalt", "gravel", "sand", "grass", "paving_stones"]),
        "access": st.sampled_from(["yes", "private", "destination"]),
        "wheelchair": st.sampled_from(["yes", "no", "limited"]),
        "incline": st.sampled_from(["3%", "10%", "20%"]),
        "maxspeed": st.sampled_from(["20", "50", "80"]),
    },
)
NODE_TAGS = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"barrier": st.sampled_from(["bollard", "gate", "stile", "kerb", "fence"])},
        optional={"kerb": st.sampled_from(["raised", "flush"]), "access": st.sampled_from(["private", "yes"])},
    ),
)
SIDE = 4
RELAXED = settings(max_examples=30, deadline=None)


@st.composite
def plans(draw):
    """A square of four by four crossings with a street between neighbours, each of its own kind; some are missing."""
    nodes = pd.DataFrame(
        [(25 + 0.002 * (i % SIDE), 60 + 0.001 * (i // SIDE)) for i in range(SIDE * SIDE)], columns=["x", "y"]
    )
    nodes.index += 1
    nodes["tags"] = pd.Series([draw(NODE_TAGS) for _ in nodes.index], index=nodes.index, dtype=object)
    pairs = [(i, i + 1) for i in nodes.index if i % SIDE] + [(i, i + SIDE) for i in nodes.index[:-SIDE]]
    kept = draw(st.lists(st.sampled_from(pairs), min_size=4, unique=True))
    ways = ways_of(*((draw(WAY_TAGS), *pair) for pair in kept))
    return nodes, ways


def table(nodes, ways, mode):
    """Minutes between the given nodes by scipy; copies at barriers count as the node they are of."""
    count = len(nodes)
    try:
        network = built(nodes, ways, mode, crs=32635)
    except EmptyNetworkError:
        return np.where(np.eye(count) > 0, 0.0, np.inf)
    size = network.node_id.size
    rows = np.concatenate([network.edge_u, network.edge_v])
    columns = np.concatenate([network.edge_v, network.edge_u])
    values = np.concatenate([network.forward, network.backward])
    open_ = np.isfinite(values)
    graph = coo_array((values[open_], (rows[open_], columns[open_])), shape=(size, size)).tocsr()
    found = dijkstra(graph) * 60 / (1000 * mode.speed)
    places = np.column_stack([network.x, network.y]).round(3)
    group = np.unique(places, axis=0, return_inverse=True)[1].ravel()
    given_ids = {node: position for position, node in enumerate(nodes.index)}
    owner = {group[at]: given_ids[node] for at, node in enumerate(network.node_id.tolist()) if node in given_ids}
    place = np.array([owner[number] for number in group])
    result = np.where(np.eye(count) > 0, 0.0, np.inf)
    np.minimum.at(result, (place[:, None], place[None, :]), found)
    return result


def no_earlier(slower, faster):
    assert (slower >= faster - 1e-6).all()


@RELAXED
@given(plans())
def test_slower_people_on_the_same_streets_never_arrive_earlier(plan):
    walk = table(*plan, WALK)
    for mode in (WALK_OLDER_PERSON, WALK_CHILD, WHEELCHAIR, STROLLER):
        no_earlier(table(*plan, mode), walk)
    no_earlier(table(*plan, WHEELCHAIR), table(*plan, replace(WHEELCHAIR, barrier=None)))
    no_earlier(table(*plan, mode_named("bicycle", speed=12)), table(*plan, BICYCLE))


@RELAXED
@given(plans(), st.data())
def test_closing_a_street_or_a_point_never_makes_anything_closer(plan, data):
    nodes, ways = plan
    fewer = ways.drop(data.draw(st.sampled_from(list(ways.index))))
    node = data.draw(st.sampled_from(list(nodes.index)))
    tags = [{"barrier": "gate", "access": "private"} if i == node else item for i, item in nodes["tags"].items()]
    shut = nodes.assign(tags=pd.Series(tags, index=nodes.index, dtype=object))
    for mode in (WALK, WHEELCHAIR, BICYCLE, replace(CAR, barrier=DRIVE.barrier)):
        before = table(nodes, ways, mode)
        no_earlier(table(nodes, fewer, mode), before)
        no_earlier(table(shut, ways, mode), before)


@RELAXED
@given(plans())
def test_what_wheels_can_use_feet_can_use(plan):
    _, ways = plan
    for tags in ways["tags"]:
        walked = WALK.allowed(tags)
        for mode in (WHEELCHAIR, STROLLER):
            assert all(feet or not wheels for feet, wheels in zip(walked, mode.allowed(tags), strict=True))


# A real city.


@pytest.fixture(scope="module")
def las_palmas(shared_data):
    found = streets(shared_data("las_palmas/las_palmas_20230221.osm.pbf"))
    modes = [*(MODES[name] for name in ("walk", "wheelchair", "stroller", "bicycle")), replace(CAR, name="drive")]
    return found, {mode.name: from_frames(found.nodes, found.ways, mode=mode) for mode in modes}


def test_a_real_city_wheels_roll_only_where_feet_walk(las_palmas):
    found, networks = las_palmas
    for name in ("wheelchair", "stroller"):
        tags = found.ways.loc[np.unique(networks[name].way_id), "tags"]
        assert all(WALK.allowed(item) != (False, False) for item in tags)
        steps = [item for item in tags if item.get("highway") == "steps"]
        assert all({"ramp", "ramp:stroller", "ramp:wheelchair", "wheelchair"} & set(item) for item in steps)
        assert finding(networks[name], "passability_unknown").count > 1000
    lengths = [networks[name].kilometres for name in ("walk", "stroller", "wheelchair")]
    assert lengths == sorted(lengths, reverse=True)


def test_a_real_city_cars_keep_off_footways_and_obey_one_way_streets(las_palmas):
    found, networks = las_palmas
    car = networks["drive"]
    kinds = {item["highway"] for item in found.ways.loc[np.unique(car.way_id), "tags"]}
    assert {"motorway", "primary", "residential"} <= kinds
    assert not {"footway", "steps", "path", "cycleway", "bridleway", "platform"} & kinds
    one_way = np.isinf(car.forward) != np.isinf(car.backward)
    assert 0.1 < one_way.mean() < 0.9
    tags = found.ways.loc[np.unique(car.way_id[one_way]), "tags"]
    stated_so = [item for item in tags if "oneway" in item or "junction" in item or item["highway"] == "motorway"]
    assert len(stated_so) / len(tags) > 0.99
    assert not np.isinf(networks["walk"].forward).any()


def test_a_real_city_has_barriers(las_palmas):
    """Its gates, bollards and lifting gates are points of streets; few of them stop walkers."""
    found, networks = las_palmas
    barriers = sum("barrier" in tags for tags in found.nodes["tags"].dropna())
    assert barriers > 200
    counts = {name: finding(network, "barriers_closed") for name, network in networks.items()}
    assert 0 < counts["walk"].count <= counts["wheelchair"].count < barriers
    assert (networks["walk"].node_id < 0).sum() == counts["walk"].count  # each inside one street: two ends


def test_a_real_city_knows_what_its_file_covers(shared_data):
    """A place in the middle is covered with its buffer of 500 m; of one at the northern edge what the file has."""
    file = shared_data("las_palmas/las_palmas_20230221.osm.pbf")
    with osmium.io.Reader(str(file)) as reader:
        top = reader.header().box().top_right.lat
    place = GeoDataFrame(geometry=[shapely.box(-15.44, 28.09, -15.42, 28.11)], crs=4326)
    network = from_osm(file, within=place, buffer=500)
    inside = GeoDataFrame(geometry=[network.area], crs=network.crs).to_crs(4326).geometry.iloc[0]
    assert inside.bounds == pytest.approx((-15.4451, 28.0855, -15.4149, 28.1145), abs=2e-4)
    edge = GeoDataFrame(geometry=[shapely.box(-15.45, top - 0.04, -15.42, top - 0.005)], crs=4326)
    cut = from_osm(file, within=edge, buffer=2000)
    north = GeoDataFrame(geometry=[cut.area], crs=cut.crs).to_crs(4326).geometry.iloc[0].bounds[3]
    assert north == pytest.approx(top, abs=1e-5)
    assert from_osm(file).area.contains(network.area)


def test_a_real_table_of_congestion(shared_data):
    """Porto Alegre as r5r ships it: 61 ways at half their speed."""
    table_ = pd.read_csv(shared_data("porto_alegre/poa_osm_congestion.csv"))
    found = streets(shared_data("porto_alegre/poa_osm.pbf"))
    free = from_frames(found.nodes, found.ways, mode=CAR)
    slow = from_frames(found.nodes, found.ways, mode=CAR, congestion=table_)
    unknown = finding(slow, "congestion_ways_unknown")
    assert finding(slow, "congestion_applied").count + (unknown.count if unknown else 0) == 61
    open_ = np.isfinite(free.forward) & (free.length > 1)
    ratio = slow.forward[open_] / free.forward[open_]
    named = np.isin(slow.way_id, table_["osm_id"])[open_]
    assert named.sum() > 61
    assert ratio[named] == pytest.approx(2, rel=1e-6)
    assert (ratio[~named] == 1).all()
