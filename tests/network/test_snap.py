"""Points on streets, worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice._core.errors import DuplicateIdError, GeometryError, InputError, MissingCRSError, WrongPlaceError

CENTRE = (500_000, 6_600_000)


def at(x, y):
    return (CENTRE[0] + x, CENTRE[1] + y)


@pytest.fixture
def street(network_of):
    """One street of 1,000 m."""
    return network_of([at(0, 0), at(1000, 0)], [(0, 1)])


def test_offset_fraction_and_place(street, points_at):
    found = street.snap(points_at(at(450, 30), at(-40, -30), ids=["a", "b"]))
    assert found.index.to_list() == ["a", "b"]
    assert found["fraction"].to_list() == [0.45, 0.0]
    assert found["offset"].to_list() == [30.0, 50.0]
    assert found["x"].to_list() == [500_450.0, 500_000.0]
    assert found["y"].to_list() == [6_600_000.0, 6_600_000.0]
    assert found["status"].to_list() == ["ok", "ok"]


def test_the_limit_is_closed_and_nothing_is_moved(street, points_at):
    """Item 36: 8.5 km off is off the network; exactly 500 m is still on it."""
    found = street.snap(points_at(at(450, 8500), at(450, 500), at(450, 500.01)))
    assert found["status"].to_list() == ["off_network", "ok", "off_network"]
    assert found["edge"].to_list() == [-1, 0, -1]
    assert found["offset"].iloc[0] == 8500.0
    assert found.loc[0, ["x", "y", "fraction"]].isna().all()
    assert street.snap(points_at(at(450, 60)), snap_limit=50)["status"].to_list() == ["off_network"]


def test_of_two_equally_near_edges_the_first(network_of, points_at):
    nodes = [at(0, 10), at(100, 10), at(0, -10), at(100, -10)]
    assert network_of(nodes, [(0, 1), (2, 3)]).snap(points_at(at(50, 0)))["y"].iloc[0] == CENTRE[1] + 10
    assert network_of(nodes, [(2, 3), (0, 1)]).snap(points_at(at(50, 0)))["y"].iloc[0] == CENTRE[1] - 10


def test_an_edge_of_no_length(network_of, points_at):
    network = network_of([at(0, 0), at(0, 0), at(100, 0)], [(0, 1), (1, 2)])
    found = network.snap(points_at(at(-30, 40)))
    assert found.loc[0, ["fraction", "offset"]].to_list() == [0.0, 50.0]


def test_areas_as_origins(street):
    """A square counts at its centre; a horseshoe, whose centroid lies outside it, at a point inside."""
    square = shapely.box(*at(400, 0), *at(500, 100))
    horseshoe = square.difference(shapely.box(*at(410, 0), *at(490, 95)))
    assert not horseshoe.covers(horseshoe.centroid)
    found = street.snap(gpd.GeoSeries([square, horseshoe], crs=street.crs))
    assert found["offset"].iloc[0] == pytest.approx(50)
    inside = shapely.Point(found["x"].iloc[1], CENTRE[1] + found["offset"].iloc[1])
    assert horseshoe.buffer(1e-6).covers(inside)


def test_another_crs_is_reprojected(street, points_at):
    points = points_at(at(450, 30))
    assert street.snap(points.to_crs(4326))["offset"].iloc[0] == pytest.approx(30, abs=1e-5)


def test_what_cannot_be_snapped_is_refused(street, points_at):
    good = points_at(at(450, 30), at(460, 30))
    with pytest.raises(MissingCRSError):
        street.snap(good.set_crs(None, allow_override=True))
    with pytest.raises(DuplicateIdError):
        street.snap(good.set_axis([1, 1]))
    with pytest.raises(GeometryError):
        street.snap(gpd.GeoSeries([shapely.Point(), good.geometry.iloc[0]], crs=good.crs))
    with pytest.raises(InputError, match="without shapes"):
        street.snap(pd.DataFrame({"x": [1.0]}))
    for limit in (-1, np.nan):
        with pytest.raises(InputError, match="limit"):
            street.snap(good, snap_limit=limit)


def test_swapped_axes_and_other_places_are_refused(street, points_at):
    """Items 36 to 38: the whole layer elsewhere is a mistake, one point far off is not."""
    there = points_at(at(450, 30)).to_crs(4326).geometry.iloc[0]
    with pytest.raises(WrongPlaceError, match="swapped"):
        street.snap(gpd.GeoSeries([shapely.Point(there.y, there.x)], crs=4326))
    with pytest.raises(WrongPlaceError, match="outside the place"):
        street.snap(gpd.GeoSeries([shapely.Point(13.4, 52.5)], crs=4326))
    far = street.snap(gpd.GeoSeries([there, shapely.Point(13.4, 52.5)], crs=4326))
    assert far["status"].to_list() == ["ok", "off_network"]


def test_no_points_at_all(street, points_at):
    assert street.snap(points_at()).empty


def test_a_layer_that_was_changed_in_place_is_another_one(street, points_at):
    """What is remembered of a layer follows its shapes, its reference system and the limit, not the object."""
    places = points_at(at(450, 30), ids=["a"])
    for _ in range(2):
        assert street.snap(places)["x"].to_list() == [500_450.0]
    assert street.snap(places, snap_limit=20)["status"].to_list() == ["off_network"]
    places.loc["a", "geometry"] = shapely.Point(at(200, 30))
    assert street.snap(places)["x"].to_list() == [500_200.0]
    renamed = places.rename(index={"a": "b"})
    assert street.snap(renamed).index.to_list() == ["b"]
    elsewhere = places.set_crs(32636, allow_override=True)
    with pytest.raises(WrongPlaceError):
        street.snap(elsewhere)


def test_what_is_told_of_a_layer_may_be_written_into(street, points_at):
    places = points_at(at(450, 30))
    first = street.snap(places)
    first["x"] = 0.0
    costs = street.travel_costs(places, places)
    costs.origins.loc[:, "offset"] = -1.0
    assert street.snap(places)[["x", "offset"]].to_numpy().tolist() == [[500_450.0, 30.0]]


def test_another_door_is_another_place(street, points_at):
    """The access points of places count as their shapes do."""
    home, shop = points_at(at(0, 0)), points_at(at(800, 0), ids=["shop"])
    far = street.travel_costs(home, shop, unit="metres").to_frame()["travel_cost"].to_list()
    near = shop.assign(access=gpd.GeoSeries([shapely.Point(at(300, 0))], index=["shop"], crs=shop.crs))
    assert far == [800.0]
    assert street.travel_costs(home, near, unit="metres").to_frame()["travel_cost"].to_list() == [300.0]
    closed = near.assign(access=gpd.GeoSeries([None], index=["shop"], crs=shop.crs))
    assert street.travel_costs(home, closed, unit="metres").to_frame()["travel_cost"].to_list() == [800.0]


def test_streets_of_another_mode_have_their_own_joins(network_of, points_at):
    nodes = [at(0, 0), at(1000, 0)]
    here, beyond = network_of(nodes, [(0, 1)]), network_of([at(0, 50), at(1000, 50)], [(0, 1)])
    place = points_at(at(450, 10))
    assert here.snap(place)["offset"].to_list() == [10.0]
    assert beyond.snap(place)["offset"].to_list() == [40.0]
