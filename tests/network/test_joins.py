"""Which streets places join, the way from a place to itself, and zones as destinations: worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice.network import from_frames, load, path, straight_lines
from spatialjustice.network.streets.joins import is_apart_from_ground

DEGREE = 111_319.49
"""Metres of a degree on the equator."""


def streets(over, *, mode="walk", smallest_component=0):
    """A street of 0.01 degrees at latitude 0, and one of these tags 50 m north of it, joined at the west end."""
    nodes = pd.DataFrame({"x": [0, 0.01, 0, 0.01], "y": [0, 0, 50 / DEGREE, 50 / DEGREE]}, index=[1, 2, 3, 4])
    ways = pd.DataFrame(
        {"nodes": [[1, 2], [3, 4], [1, 3]], "tags": [{"highway": "residential"}, over, {"highway": "residential"}]},
        index=[10, 20, 30],
    )
    return from_frames(nodes, ways, mode=mode, smallest_component=smallest_component)


def point(x, y, index="p"):
    return gpd.GeoSeries.from_xy([x], [y / DEGREE], index=[index], crs=4326)


APART = [
    ({"highway": "motorway"}, True), ({"highway": "motorway_link"}, True), ({"highway": "trunk"}, False),
    ({"highway": "primary", "tunnel": "yes"}, True), ({"highway": "footway", "tunnel": "no"}, False),
    ({"highway": "service", "tunnel": "building_passage"}, False), ({"highway": "footway", "layer": "1"}, True),
    ({"highway": "footway", "layer": "0"}, False), ({"highway": "corridor", "level": "2"}, True),
    ({"highway": "corridor", "level": "-1"}, True), ({"highway": "steps", "level": "0;1"}, False),
    ({"highway": "steps", "level": "-1-2"}, False), ({"highway": "footway", "level": "1-3"}, True),
    ({"highway": "footway", "level": "mezzanine"}, False), ({"highway": "footway", "bridge": "yes"}, False),
    ({"railway": "platform", "layer": "-2"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("tags", "expected"), APART)
def test_what_nobody_joins_from_beside(tags, expected):
    assert is_apart_from_ground(tags) == expected


@pytest.mark.parametrize(
    ("tags", "mode"),
    [
        ({"highway": "motorway"}, "drive"),
        ({"highway": "motorway_link"}, "drive"),
        ({"highway": "primary", "tunnel": "yes"}, "drive"),
        ({"highway": "footway", "tunnel": "yes"}, "walk"),
        ({"highway": "footway", "layer": "1", "bridge": "yes"}, "walk"),
        ({"highway": "corridor", "level": "1"}, "wheelchair"),
    ],
)
def test_who_stands_beside_goes_to_the_next_street(tags, mode):
    """At 40 m north the other street is 10 m away, the one below 40 m: that one is taken, and the audit says so."""
    network = streets(tags, mode=mode)
    found = network.snap(point(0.005, 40)).iloc[0]
    assert (found["offset"], found["refused"], found["status"]) == (pytest.approx(40, rel=0.01), True, "ok")
    assert network.way_id[found["edge"]] == 10
    plain = streets({"highway": "residential"}, mode=mode).snap(point(0.005, 40)).iloc[0]
    assert (plain["offset"], plain["refused"]) == (pytest.approx(10, rel=0.01), False)
    assert not network.snap(point(0.005, 10))["refused"].any()


def test_who_is_on_it_is_on_it():
    """The place is within a centimetre; it leads on from there to its ends."""
    network = streets({"highway": "footway", "layer": "1"})
    found = network.snap(gpd.GeoSeries([shapely.Point(0.005, 50 / DEGREE)], crs=4326)).iloc[0]
    assert network.way_id[found["edge"]] == 20
    assert not found["refused"]


def test_refused_joins_are_told_on_both_sides():
    network = streets({"highway": "footway", "tunnel": "yes"})
    costs = network.travel_costs(point(0.002, 45), point(0.008, 45), unit="metres")
    told = [item for item in costs.findings if item.code == "joins_refused"]
    assert [item.count for item in told] == [1, 1]
    assert costs.origins["refused"].tolist() == costs.destinations["refused"].tolist() == [True]
    # 45 + 0.006 degrees + 45, rather than 5 + 0.006 degrees + 5 through the tunnel.
    assert costs.to_frame()["travel_cost"].tolist() == pytest.approx([90 + 0.006 * DEGREE], rel=0.01)


def test_where_only_a_tunnel_is_near_the_place_is_off_the_network():
    network = streets({"highway": "footway", "tunnel": "yes"})
    found = network.snap(point(0.005, 40), snap_limit=30).iloc[0]
    assert (found["status"], found["edge"], found["refused"]) == ("off_network", -1, True)


def test_a_network_keeps_which_streets_stand_apart(tmp_path):
    network = streets({"highway": "footway", "tunnel": "yes"})
    network.save(tmp_path / "kept")
    assert load(tmp_path / "kept").apart.tolist() == network.apart.tolist()
    assert network.apart.sum() == 1
    assert network.edges.loc[network.apart, "way_id"].tolist() == [20]


def test_of_two_drawings_of_one_street_the_one_that_can_be_joined():
    nodes = pd.DataFrame({"x": [0, 0.01], "y": [0.0, 0.0]}, index=[1, 2])
    tags = [{"highway": "footway", "layer": "1"}, {"highway": "footway"}]
    ways = pd.DataFrame({"nodes": [[1, 2], [1, 2]], "tags": tags}, index=[1, 2])
    assert from_frames(nodes, ways).apart.tolist() == [False]


def square(count):
    """Zones of 0.001 degrees side by side north of the street, whose middles lie 60 m off it."""
    half = 0.0005
    boxes = [
        shapely.box(0.001 + k * 0.001 - half, 60 / DEGREE - half, 0.001 + k * 0.001 + half, 60 / DEGREE + half)
        for k in range(count)
    ]
    return gpd.GeoDataFrame(geometry=boxes, index=[f"z{k}" for k in range(count)], crs=4326)


def table(costs):
    return costs.to_frame().set_index(["from_id", "to_id"])["travel_cost"]


@pytest.mark.parametrize("unit", ["metres", "minutes"])
def test_from_a_place_to_itself_it_is_nothing_also_off_the_street(unit):
    """Two homes 30 m off the street at 0.002 and 0.004: 0 to itself, 30 + 0.002 degrees + 30 to the other."""
    network = streets({"highway": "motorway"})
    homes = gpd.GeoSeries.from_xy([0.002, 0.004], [-30 / DEGREE] * 2, index=["a", "b"], crs=4326)
    places = homes.set_axis(["x", "y"])  # the place decides, not the name
    per = 1 if unit == "metres" else 80
    costs = network.travel_costs(homes, places, unit=unit)
    found = table(costs)
    assert found["a", "x"] == found["b", "y"] == 0
    assert found["a", "y"] == found["b", "x"] == pytest.approx((60 + 0.002 * DEGREE) / per, rel=0.01)
    assert costs._closest().tolist() == [0, 0]
    assert costs.nearest(1)["to_id"].tolist() == ["x", "y"]
    assert costs.nearest(2)["travel_cost"].tolist()[::2] == [0, 0]
    assert costs._cumulative(np.array([1.0, 10.0]), [0.0]).ravel().tolist() == [1, 10]
    drawn = path(network, homes, places, unit=unit)
    assert drawn["travel_cost"].tolist() == drawn["metres"].tolist() == [0, 0]


def test_the_same_name_elsewhere_is_another_place():
    network = streets({"highway": "motorway"})
    here, there = point(0.002, -30, "a"), point(0.004, -30, "a")
    assert table(network.travel_costs(here, there, unit="metres"))["a", "a"] > 200


def test_a_place_in_another_crs_is_itself():
    network = streets({"highway": "motorway"})
    here = point(0.002, -30)
    assert table(network.travel_costs(here, here.to_crs(32631), unit="metres")).tolist() == [0]


def test_a_one_way_street_does_not_part_a_place_from_itself():
    network = streets({"highway": "residential", "oneway": "yes"}, mode="drive")
    here = point(0.005, 60)
    assert table(network.travel_costs(here, here)).tolist() == [0]


def test_zones_are_entered_at_the_point_they_start_from():
    """60 m off, along the street, 60 m off; as between the middles, and the same both ways; 0 within a zone."""
    network = streets({"highway": "motorway"})
    zones = square(3)
    found = table(network.travel_costs(zones, zones, unit="metres"))
    middles = gpd.GeoSeries(zones.geometry.representative_point(), crs=4326)
    assert found.to_dict() == pytest.approx(
        table(network.travel_costs(middles, middles, unit="metres")).to_dict(), abs=0.01
    )
    assert [found[zone, zone] for zone in zones.index] == [0, 0, 0]
    assert found["z0", "z2"] == pytest.approx(120 + 0.002 * DEGREE, rel=0.01)
    assert found["z0", "z2"] == found["z2", "z0"]
    straight = table(straight_lines(zones).travel_costs(zones, zones, unit="metres"))
    assert straight["z0", "z1"] == pytest.approx(0.001 * DEGREE, rel=0.01)


def test_both_sides_dense_count_a_zone_s_own_jobs():
    """Sums over junctions agree with sums over pairs where many zones lie on few streets."""
    network = streets({"highway": "motorway"})
    zones = square(8)
    costs = network.travel_costs(zones, zones, unit="metres")
    jobs = 2.0 ** np.arange(8)
    pairs = table(costs).unstack().loc[zones.index, zones.index].to_numpy()
    for limit in (0, 100, 235, 500):
        expected = ((pairs <= limit) * jobs).sum(axis=1)
        assert costs._cumulative(jobs, [float(limit)]).ravel().tolist() == expected.tolist()
        total = np.zeros((8, 1))
        costs._gather(jobs, np.array([costs._metres(float(limit))]), total)
        assert total.ravel().tolist() == expected.tolist()
