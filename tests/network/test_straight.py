"""Straight lines: hand cases, scipy on random points, and the same answers as from their own table."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from scipy.spatial.distance import cdist

from spatialjustice import access, network
from spatialjustice._core.errors import InputError
from spatialjustice.network.search import straight_ways

CENTRE = (500_000, 6_600_000)


def points(*where, prefix="p", crs=32635):
    shapes = [shapely.Point(CENTRE[0] + x, CENTRE[1] + y) for x, y in where]
    return gpd.GeoSeries(shapes, index=[f"{prefix}{number}" for number in range(len(shapes))], crs=crs)


def test_a_walk_of_300_by_400_metres():
    """Five hundred metres at 80 metres a minute are 6.25 minutes; exactly at the cutoff is within it."""
    home, library = points((0, 0)), points((300, 400), prefix="l")
    lines = network.straight_lines(home)
    costs = lines.travel_costs(home, library)
    assert costs.to_frame()["travel_cost"].tolist() == [6.25]
    people = pd.Series([7.0], index=home.index)
    assert access.coverage(costs, people=people, cutoff=6.25)["people"]["ok"] == 7
    assert access.coverage(costs, people=people, cutoff=6.24)["people"]["beyond_cutoff"] == 7
    assert [finding.code for finding in costs.findings] == ["straight_lines"]


def test_the_nearest_entrance_of_a_park_counts():
    """A park begins 100 m east; where its outline is open that is entered, else its middle 200 m east."""
    home = points((0, 0))
    park = gpd.GeoSeries([shapely.box(CENTRE[0] + 100, CENTRE[1] - 50, CENTRE[0] + 300, CENTRE[1] + 50)], crs=32635)
    lines = network.straight_lines(home)
    assert lines.travel_costs(home, park, unit="metres").to_frame()["travel_cost"].tolist() == [200]
    park = network.outline_access(gpd.GeoDataFrame(geometry=park))
    cost = lines.travel_costs(home, park, unit="metres").to_frame()["travel_cost"]
    # Points every 20 m at most along the side of 100 m: the middle of the side is one of them or lies 10 m beside it.
    assert 100 <= cost.iloc[0] <= np.hypot(100, 10) + 1e-6


def test_several_and_none():
    home, places = points((0, 0), (1000, 0)), points((0, 10), (0, 20), (900, 0), prefix="l")
    lines = network.straight_lines(home)
    named = lines.travel_costs(home, places, unit="metres", cutoff=100).nearest(2)
    assert named[["from_id", "rank", "to_id", "travel_cost"]].to_numpy().tolist() == [
        ["p0", 1, "l0", 10],
        ["p0", 2, "l1", 20],
        ["p1", 1, "l2", 100],
    ]
    nothing = lines.travel_costs(home, places.iloc[:0])
    assert access.cost_to_closest(nothing).isna().all()
    assert (
        access.coverage(nothing, people=pd.Series([1.0, 2.0], index=home.index), cutoff=10)["people"]["no_supply"] == 3
    )


def test_a_wrong_unit_is_refused():
    home = points((0, 0))
    with pytest.raises(InputError, match="Choose minutes or metres"):
        network.straight_lines(home).travel_costs(home, home, unit="miles")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32 - 1))
def test_all_questions_have_the_answers_of_scipy(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    monkeypatch.setattr(straight_ways, "ROOM", int(rng.integers(1, 40)))  # blocks of a few origins
    # Networks know whole millimetres.
    home, places = (
        points(*rng.uniform(0, 2000, (rng.integers(1, 12), 2)).round(3), prefix=prefix) for prefix in ("p", "l")
    )
    truth = cdist(shapely.get_coordinates(home.array), shapely.get_coordinates(places.array))
    costs = network.straight_lines(home).travel_costs(home, places, unit="metres")
    offers = pd.Series(rng.integers(0, 4, len(places)).astype(float), index=places.index)
    frame = costs.to_frame()
    assert frame["travel_cost"].to_numpy() == pytest.approx(truth.ravel(), abs=1e-6)
    assert access.cost_to_closest(costs).to_numpy() == pytest.approx(truth.min(axis=1), abs=1e-6)
    limit = float(rng.uniform(100, 2000))
    within = access.cumulative_cutoff(costs, offers, cutoff=limit)
    assert within.tolist() == ((truth <= limit) @ offers.to_numpy()).tolist()
    plain = access.cumulative_cutoff(frame, offers, cutoff=limit, origins=home.index)
    assert plain.tolist() == within.tolist()


@pytest.mark.parametrize("town", ["Miami", "Nome", "Kiska"])
def test_straight_lines_over_a_country_are_those_on_the_ellipsoid(town):
    """Made-up towns from Florida to beyond the 180th meridian: within a tenth of a hundredth of pyproj's geodesics."""
    geod = Geod(ellps="WGS84")
    towns = {"Miami": (-80.2, 25.8), "Nome": (-165.4, 64.5), "Kiska": (177.5, 52.0), "Honolulu": (-157.9, 21.3)}
    places = gpd.GeoDataFrame(index=list(towns), geometry=[shapely.Point(xy) for xy in towns.values()], crs=4326)
    streets = network.straight_lines(places)
    assert streets.on_ellipsoid
    assert [finding.code for finding in streets.findings] == ["straight_lines", "measured_on_ellipsoid"]
    costs = (
        streets.travel_costs(places, places, unit="metres").to_frame().set_index(["from_id", "to_id"])["travel_cost"]
    )
    for other, (lon, lat) in towns.items():
        true = geod.inv(*towns[town], lon, lat)[2]
        assert costs[(town, other)] == pytest.approx(true, rel=0.001, abs=0.01)
