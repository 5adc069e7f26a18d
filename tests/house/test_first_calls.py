"""The first calls of somebody who knows GeoPandas, pandana or PySAL and has not read the documentation.

Each works, or fails with a hint that names the right word.
"""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import spatialjustice as sj

PAIRS = pd.DataFrame(
    {"from_id": ["a", "a", "b", "c"], "to_id": ["x", "y", "y", "x"], "travel_cost": [5.0, 20.0, 10.0, 30.0]}
)
"""Minutes from three zones to two clinics."""

PEOPLE = pd.Series({"a": 60, "b": 30, "c": 10})
BEDS = pd.Series({"x": 12, "y": 9})
MINUTES = pd.Series({"a": 5.0, "b": 10.0, "c": 30.0}, name="minutes")
ZONES = gpd.GeoDataFrame(
    {"people": PEOPLE, "minutes": MINUTES}, geometry=[shapely.box(x, 0, x + 1, 1) for x in range(3)], crs=4326
)
CORNERS = pd.DataFrame({"x": [0.0, 0.0072, 0.0144], "y": [0.0] * 3})
STREET = pd.DataFrame({"nodes": [[0, 1, 2]], "tags": [{"highway": "footway"}]})


@pytest.fixture(scope="module")
def walk():
    return sj.network.from_frames(CORNERS, STREET, mode="walk")


def home():
    return gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], index=["home"], crs=4326)


def shops():
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.0072, 0.0144], [0, 0]), index=["near", "far"], crs=4326)


class TestCallsThatWork:
    def test_1_coverage(self):
        """Within 15 minutes: 60 people of a at x, 30 of b at y."""
        found = sj.access.coverage(PAIRS, people=PEOPLE, cutoff=15)
        assert found.loc["ok", "people"] == 90

    @pytest.mark.parametrize("word", ["people", "demand"])
    def test_2_two_step_floating_catchment_area(self, word):
        """Within 15 minutes only a reaches x and only b reaches y: 12 beds for 60 people, 9 for 30."""
        found = sj.access.floating_catchment_area(PAIRS, supply=BEDS, cutoff=15, **{word: PEOPLE})
        assert found.to_dict() == pytest.approx({"a": 0.2, "b": 0.3, "c": 0.0})
        assert found.attrs["method"] == "2sfca"

    def test_3_gravity_with_a_cutoff_and_with_a_decay_that_ends_there(self):
        """Within 15 minutes a reaches 12 beds and b 9; at 5 of 20 minutes a linear decay counts three quarters."""
        assert sj.access.gravity(PAIRS, BEDS, cutoff=15).to_dict() == {"a": 12.0, "b": 9.0, "c": 0.0}
        found = sj.access.gravity(PAIRS, BEDS, decay=sj.access.decay.linear(20), cutoff=5)
        assert found.to_dict() == pytest.approx({"a": 9.0, "b": 0.0, "c": 0.0})

    @pytest.mark.parametrize("word", ["people", "weights"])
    def test_4_gini(self, word):
        """Sorted by minutes 5, 10, 30 with 60, 30, 10 people: 1 - (60·300 + 30·900 + 10·1500) / (100·900) = 1/3."""
        assert sj.inequality.gini(MINUTES, **{word: PEOPLE}) == pytest.approx(1 / 3)

    def test_5_an_interval_with_a_seed(self):
        values, people = list(range(1, 9)), [5] * 8
        found = sj.inequality.interval(sj.inequality.gini, values, people=people, rng=1, replications=99)
        assert found.low < found.value < found.high

    def test_6_the_nearest(self):
        assert sj.access.cost_to_closest(PAIRS).to_dict() == {"a": 5.0, "b": 10.0, "c": 30.0}

    def test_7_travel_costs_with_a_cutoff(self, walk):
        """0.0072 degrees of the equator are 801 m: 10 minutes at 4.8 km/h; twice that are 20."""
        found = walk.travel_costs(home(), shops(), unit="minutes", cutoff=15).to_frame()
        assert found["travel_cost"].to_list() == pytest.approx([10], abs=0.1)

    def test_8_isochrones(self, walk):
        assert len(sj.access.isochrones(walk, home(), cutoff=5)) == 1
        assert sj.access.isochrones(walk, home(), cutoff=[5, 10])["cutoff"].to_list() == [5, 10]

    def test_9_a_map_of_a_column(self):
        found = sj.maps.choropleth(ZONES, "minutes", title="Minutes to a clinic", unit="minutes")
        assert "Minutes to a clinic" in found.to_html()

    def test_10_moran_with_neighbours(self):
        """Four zones have neighbours like themselves, 4 from the mean; two have one of each: 4 · 16 / (6 · 16)."""
        row = gpd.GeoDataFrame(geometry=[shapely.box(x, 0, x + 1, 1) for x in range(6)], crs=4326)
        found = sj.inequality.moran(
            pd.Series([1.0, 1, 1, 9, 9, 9]), sj.inequality.contiguity(row), rng=1, permutations=99
        )
        assert found["statistic"] == pytest.approx(2 / 3)

    def test_11_who_can_come(self):
        assert sj.access.passive_access(PAIRS, PEOPLE, cutoff=15).to_dict() == {"x": 60.0, "y": 30.0}


HINTS = [
    # 12 to 15: words of pandana and of everyday speech
    (lambda _: sj.access.cumulative_cutoff(PAIRS, BEDS, threshold=15), "'cutoff'"),
    (lambda w: w.travel_costs(home(), shops(), max_distance=500), "'cutoff'"),
    (lambda _: sj.access.cost_to_closest(PAIRS, k=2), "'n'"),
    (lambda _: sj.access.coverage(PAIRS, population=PEOPLE, cutoff=15), "'people'"),
    (lambda _: sj.access.coverage(PAIRS, PEOPLE, 15), "people=…, cutoff=…"),
    # 16 to 21: words of PySAL
    (lambda _: sj.inequality.gini(MINUTES, PEOPLE), "people=…"),
    (lambda _: sj.inequality.gini(MINUTES, population=PEOPLE), "'people'"),
    (lambda _: sj.inequality.moran(MINUTES, w=None), "'neighbours'"),
    (lambda _: sj.inequality.summary(MINUTES, random_state=1), "'rng'"),
    (lambda _: sj.inequality.knearest(ZONES), "sj.inequality.nearest"),
    (lambda _: sj.inequality.moran_local(MINUTES), "sj.inequality.local_moran"),
    # 22 to 25: words of GeoPandas and OSMnx
    (lambda _: sj.maps.choropleth(ZONES, column="minutes"), "'values'"),
    (lambda _: sj.maps.explore(ZONES, "minutes"), 'unit="minutes"'),
    (lambda _: sj.network.from_osm("city.osm.pbf", network_type="walk"), "'mode'"),
    (lambda _: sj.sources.read_file("zones.gpkg"), "sj.sources.read_vector"),
    # 26 to 32: names of modes and services, and rooms mixed up
    (lambda _: sj.network.from_frames(CORNERS, STREET, mode="bike"), "“bicycle”"),
    (lambda _: sj.network.from_frames(CORNERS, STREET, mode="car"), "“drive”"),
    (lambda _: sj.network.from_frames(CORNERS, STREET, mode="foot"), "“walk”"),
    (lambda _: sj.network.from_frames(CORNERS, STREET, mode="bus"), "Public transport is made of timetables"),
    (lambda _: sj.sources.read_catalogue().service("supermarket"), "“food_shop”"),
    (lambda _: sj.access.gini(MINUTES), "sj.inequality.gini"),
    (lambda _: sj.inequality.gini_coefficient(MINUTES), "sj.inequality.gini"),
]


@pytest.mark.parametrize(("call", "hint"), HINTS, ids=[str(12 + place) for place in range(len(HINTS))])
def test_calls_that_name_the_right_word(walk, call, hint):
    with pytest.raises((TypeError, AttributeError, sj.InputError), match=re.escape(hint)):
        call(walk)
