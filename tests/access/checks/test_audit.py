"""Audits: a city on a grid whose data end too near, places in the middle of a street, and real streets."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice.access.checks.audit import edge_effect, snap_sensitivity
from spatialjustice.access.closest import cost_to_closest
from spatialjustice.network.snap import outline_access
from spatialjustice.network.streets.osm_file import from_osm

CENTRE = (500_000, 6_600_000)
SIDE = 15
"""Streets each way of the grid city, 100 m apart."""


def at(x, y):
    return (CENTRE[0] + x, CENTRE[1] + y)


def square(west, south, east, north):
    return gpd.GeoSeries([shapely.box(*at(west, south), *at(east, north))], crs="EPSG:32635")


def grid(network_of, columns=SIDE):
    """Streets every 100 m, from 0 to 1,400 m; only so many columns from the west."""
    nodes = [at(100 * column, 100 * row) for column in range(columns) for row in range(SIDE)]
    east = [(node, node + SIDE) for node in range((columns - 1) * SIDE)]
    north = [(node, node + 1) for node in range(columns * SIDE) if node % SIDE < SIDE - 1]
    return network_of(nodes, east + north)


def corners(points_at, columns):
    """Every crossing of the grid's first columns, and its coordinates."""
    spots = [(100 * column, 100 * row) for column in range(columns) for row in range(SIDE)]
    return np.array(spots), points_at(*[at(*spot) for spot in spots])


def manhattan(spots, x, y):
    return np.abs(spots[:, 0] - x) + np.abs(spots[:, 1] - y)


CITY = -500, -500, 1030, 2000
"""What the data cover: cut on the east side only, 30 m beyond the crossings at 1,000 m."""


def test_who_is_affected_by_a_facility_beyond_the_edge(network_of, points_at):
    """N4: a facility 200 m outside the data. From (x, y) the edge is 1,000 - x metres off, the last crossing's column
    being within 50 m of it: with 600 m all with x of 400 or more are flagged, and the answers change only there.
    """
    spots, origins = corners(points_at, 11)
    people = pd.Series(np.arange(len(spots), dtype=float), index=origins.index)
    streets = grid(network_of, 11)
    found = edge_effect(streets, origins, cutoff=600, unit="metres", people=people, area=square(*CITY))
    assert found["cost_to_edge"].tolist() == (1000 - spots[:, 0]).tolist()
    affected = spots[:, 0] >= 400
    assert found["affected"].tolist() == affected.tolist()
    assert found.attrs["origins_affected"] == affected.sum() == 7 * SIDE
    assert found.attrs["people_affected"] == people[affected].sum()
    assert found.attrs["people_share_affected"] == people[affected].sum() / people.sum()
    finding = {item["code"]: item for item in found.attrs["findings"]}["catchments_leave_the_data"]
    assert (finding["count"], finding["people"]) == (7 * SIDE, people[affected].sum())
    inside, outside = at(200, 1000), at(1230, 1000)
    unbuffered = cost_to_closest(streets.travel_costs(origins, points_at(inside), cutoff=600, unit="metres"))
    whole = grid(network_of).travel_costs(origins, points_at(inside, outside), cutoff=600, unit="metres")
    buffered = cost_to_closest(whole)
    differ = (unbuffered.fillna(-1) - buffered.fillna(-1)).abs() > 1e-9
    # By hand: those within 600 m of the one outside, and nearer to it than to the one inside or too far from that.
    near, far = manhattan(spots, 200, 1000), manhattan(spots, 1230, 1000)
    assert differ.tolist() == ((far <= 600) & (far < near)).tolist()
    assert differ.sum() > 10
    assert not (differ & ~found["affected"]).any()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    columns=st.integers(3, SIDE - 1),
    places=st.lists(st.tuples(st.integers(0, 1400), st.integers(0, 1400)), min_size=1, max_size=5),
    beyond=st.floats(0, 49),
    cutoff=st.floats(0, 900),
)
def test_more_data_change_nothing_where_nobody_is_flagged(network_of, points_at, columns, places, beyond, cutoff):
    """Wherever the data are cut and whatever lies where: only flagged origins reach anything else with all data."""
    _, origins = corners(points_at, columns)
    edge = 100 * (columns - 1) + beyond
    area = square(-500, -500, edge, 2000)
    on_streets = [(x, round(y, -2)) for x, y in places]
    known = [at(*place) for place in on_streets if place[0] <= 100 * (columns - 1)]
    streets = grid(network_of, columns)
    found = edge_effect(streets, origins, cutoff=cutoff, unit="metres", area=area)
    before = streets.travel_costs(origins, points_at(*known), cutoff=cutoff, unit="metres")
    places_known = points_at(*[at(*place) for place in on_streets])
    after = grid(network_of).travel_costs(origins, places_known, cutoff=cutoff, unit="metres")
    one, other = (cost_to_closest(costs).fillna(-1).to_numpy() for costs in (before, after))
    assert not ((np.abs(one - other) > 1e-6) & ~found["affected"]).any()


def test_streets_that_cross_the_boundary(network_of, points_at):
    """All streets are there, but the study ends at 1,030 m: with near=0 its edge is where streets cross it."""
    spots, origins = corners(points_at, SIDE)
    found = edge_effect(grid(network_of), origins, cutoff=200, unit="metres", area=square(*CITY), near=0)
    expected = np.maximum(0, 1030 - spots[:, 0])
    assert found["cost_to_edge"].tolist() == pytest.approx(expected.tolist(), abs=1e-6)
    assert found["affected"].tolist() == (expected <= 200).tolist()
    assert found.attrs["exits"] == SIDE + 4 * SIDE  # crossings, and the nodes of the four columns outside


def test_minutes_and_the_networks_own_area(network_of, points_at):
    streets = replace(grid(network_of, 11), area=square(*CITY).iloc[0])
    found = edge_effect(streets, points_at(at(200, 0)), cutoff=10)
    assert found["cost_to_edge"].tolist() == [10]
    assert found["affected"].tolist() == [True]
    assert found.attrs["people_affected"] is None
    json.dumps(found.attrs)


def test_an_origin_nearer_to_the_edge_than_to_a_street(network_of, points_at):
    """At x = 201, 91 m off the only street: the data end 89 m east of it, and a nearer street may lie beyond."""
    streets = network_of([at(110, 0), at(110, 1000)], [(0, 1)])
    area = square(-1000, -1000, 290, 3000)
    found = edge_effect(streets, points_at(at(201, 500), at(150, 500)), cutoff=89, unit="metres", area=area)
    assert found["cost_to_edge"].iloc[0] == 89
    assert found["affected"].tolist() == [True, False]
    assert np.isnan(found["cost_to_edge"].iloc[1])  # no street leads out at all


def test_nobody_is_affected(network_of, points_at):
    spots, origins = corners(points_at, 11)
    far = square(-5000, -5000, 5000, 5000)
    found = edge_effect(grid(network_of, 11), origins, cutoff=600, area=far)
    assert found["cost_to_edge"].isna().all()
    assert not found["affected"].any()
    assert found.attrs["findings"] == []
    assert found.attrs["exits"] == 0
    assert len(spots) == len(found)


def test_an_origin_off_the_network(network_of, points_at):
    origins = points_at(at(200, 0), at(200, -3000), at(-200, -3000), ids=["on", "far", "near"])
    area = square(-500, -8000, 1030, 2000)
    found = edge_effect(grid(network_of, 11), origins, cutoff=1000, unit="metres", area=area)
    # The boundary is 700 and 300 m west of them: within 500 m there may be a street beyond it, their own.
    assert found["cost_to_edge"].tolist() == pytest.approx([800, np.nan, 300], nan_ok=True)
    assert found["affected"].tolist() == [True, False, True]
    assert found.attrs["left_out"]["origins_off_network"] == 2


def test_what_the_data_cover_must_be_known(network_of, points_at):
    with pytest.raises(InputError, match="area="):
        edge_effect(grid(network_of, 3), points_at(at(0, 0)), cutoff=5)
    with pytest.raises(InputError, match="people"):
        edge_effect(grid(network_of, 3), points_at(at(0, 0)), cutoff=5, area=square(*CITY), people=pd.Series({7: 1.0}))


@pytest.fixture
def line(network_of):
    """Two streets in a row: 1,000 m and 1,000 m."""
    return network_of([at(0, 0), at(1000, 0), at(2000, 0)], [(0, 1), (1, 2)])


def test_a_place_in_the_middle_of_a_street(line, points_at):
    """N2: a place at 450 m. Truly 450, 550 and 1,550 m from the nodes; moved to the first of them 0, 1,000 and 2,000.

    With 500 m the first node's 60 people are served either way; with 600 the second's 30 too, but not by nodes.
    """
    origins = points_at(at(0, 0), at(1000, 0), at(2000, 0), ids=list("abc"))
    people = pd.Series({"a": 60.0, "b": 30.0, "c": 10.0})
    found = snap_sensitivity(line, origins, points_at(at(450, 0)), cutoff=600, unit="metres", people=people)
    assert found["cost"].tolist() == [450, 550, 1550]
    assert found["cost_by_nodes"].tolist() == [0, 1000, 2000]
    assert found["difference"].tolist() == [-450, 450, 450]
    assert found["served"].tolist() == [True, True, False]
    assert found["served_by_nodes"].tolist() == [True, False, False]
    assert found.attrs["people_served"] == 0.9
    assert found.attrs["people_served_by_nodes"] == 0.6
    finding = {item["code"]: item for item in found.attrs["findings"]}["nodes_would_differ"]
    assert (finding["count"], finding["people"]) == (1, 30)
    json.dumps(found.attrs)
    same = snap_sensitivity(line, origins, points_at(at(450, 0)), cutoff=500, unit="metres")
    assert same.attrs["findings"] == []
    assert same.attrs["people_served"] == pytest.approx(1 / 3)


def test_offsets_and_ways_moved(line, points_at):
    """Off the street by 0, 30, 60 and 100 m, with 1, 2, 3 and 4 people: more than 100 m nobody."""
    origins = points_at(at(0, 0), at(0, 30), at(80, 60), at(1000, 100))
    people = pd.Series([1.0, 2.0, 3.0, 4.0])
    places = points_at(at(450, 0), at(450, 26))
    found = snap_sensitivity(line, origins, places, cutoff=600, unit="metres", people=people)
    assert found["offset"].tolist() == [0, 30, 60, 100]
    assert found["moved"].tolist() == [0, 30, 100, 100]
    assert found.attrs["people_beyond"] == {"25": 0.9, "50": 0.7, "100": 0}
    assert found.attrs["destinations_beyond"] == {"25": 0.5, "50": 0, "100": 0}
    assert found["cost"].tolist() == [450, 480, 430, 650]
    assert found["cost_by_nodes"].tolist() == [0, 0, 0, 1000]


def test_a_place_far_off_is_moved_by_nodes_only(line, points_at):
    """8.5 km off the street it is off the network; moved to the node it would cost nothing at all."""
    found = snap_sensitivity(line, points_at(at(0, 0)), points_at(at(0, 8500)), cutoff=10)
    assert found["cost"].isna().all()
    assert found["cost_by_nodes"].tolist() == [0]
    assert (found.attrs["people_served"], found.attrs["people_served_by_nodes"]) == (0, 1)


def test_entrances_are_moved_one_by_one(line, points_at):
    """A park from 600 to 1,500 m: from 0 it begins at 600; its entrances there move to the node at 1,000."""
    park = gpd.GeoDataFrame(geometry=[shapely.box(*at(600, 0), *at(1500, 90))], crs=line.crs, index=["park"])
    park = outline_access(park)
    found = snap_sensitivity(line, points_at(at(0, 0)), park, cutoff=700, unit="metres")
    assert found[["cost", "cost_by_nodes"]].to_numpy().tolist() == [[600, 1000]]


def test_without_places_or_people(line, points_at):
    origins = points_at(at(0, 0), at(10, 0))
    none = snap_sensitivity(line, origins, points_at(at(0, 0))[:0], cutoff=10)
    assert none[["cost", "cost_by_nodes"]].isna().all(axis=None)
    assert none.attrs["destinations_beyond"] == {"25": None, "50": None, "100": None}
    nobody = snap_sensitivity(line, origins, origins, cutoff=10, people=pd.Series([0.0, 0.0]))
    assert nobody.attrs["people_served"] is None


def test_the_edge_of_las_palmas(shared_data):
    """Streets of the municipality alone against those of the whole extract: only flagged origins find a place nearer.

    Four hundred nodes inside to sixty inside and outside, within 15 minutes.
    """
    file = shared_data("las_palmas/las_palmas_20230221.osm.pbf")
    place = gpd.read_file(shared_data("las_palmas/municipality.geojson"))
    whole = from_osm(file, smallest_component=0)
    streets = from_osm(file, within=place, buffer=0, smallest_component=0)
    area = place.to_crs(streets.crs)
    shape = area.union_all()
    rng = np.random.default_rng(8)
    nodes = whole.nodes.to_crs(streets.crs)
    inside = shapely.covers(shape.buffer(-60), nodes.geometry.array)
    origins = nodes[inside].iloc[rng.choice(inside.sum(), 400, replace=False)]
    near = shapely.dwithin(nodes.geometry.array, shape, 1500)
    places = nodes[near].iloc[rng.choice(near.sum(), 60, replace=False)]
    known = places[shapely.covers(shape, places.geometry.array)]
    assert 0 < len(known) < len(places)
    found = edge_effect(streets, origins, cutoff=15, area=area)
    before = cost_to_closest(streets.travel_costs(origins, known, cutoff=15))
    after = cost_to_closest(whole.travel_costs(origins, places, cutoff=15))
    # The two networks may lie in different UTM coordinates: a hair between equal costs is no difference.
    differ = (before.fillna(99) - after.fillna(99)).abs() > 1e-3
    assert differ.any()
    assert not (differ & ~found["affected"]).any()
    assert 0 < found["affected"].mean() < 1
