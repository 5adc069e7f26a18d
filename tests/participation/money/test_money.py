"""Where money lands: hand cases, sums by brute force, and Warsaw's projects added up with pandas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from spatialjustice import network, participation
from spatialjustice._core.errors import InputError

UTM = 32634
CORNER = np.array([500_000.0, 5_780_000.0])


@pytest.fixture
def projects():
    """Six projects: two selected in A (300), one in B (30), one of the whole city (500), one not told, one not
    chosen."""
    return pd.DataFrame(
        {
            "district": ["A", "a", "B", "", "B", "A"],
            "cost": [100.0, 200.0, 30.0, 500.0, 70.0, 1000.0],
            "selected": [True, True, True, True, None, False],
            "longitude": [21.01, 21.01, 21.15, None, None, 21.02],
            "latitude": [52.01, 52.02, 52.01, None, None, 52.01],
        },
        index=list("uvwxyz"),
    )


@pytest.fixture
def zones():
    shapes = [box(21.0, 52.0, 21.1, 52.1), box(21.1, 52.0, 21.2, 52.1)]
    return gpd.GeoDataFrame({"people": [10, 30]}, index=["A", "B"], geometry=shapes, crs=4326)


def codes(frame):
    return [one["code"] for one in frame.attrs["findings"]]


class TestMoneyByPlace:
    def test_the_hand_case(self, projects, zones):
        """A: 300 for 10 people, 30 each; B: 30 for 30, 1 each. 300 of 330 are of A, where 10 of 40 people live."""
        found = participation.money_by_place(projects, people=zones["people"])
        assert found["cost_per_person"].tolist() == [30.0, 1.0]
        assert found["share_of_cost"].tolist() == pytest.approx([300 / 330, 30 / 330])
        assert found["share_of_people"].tolist() == [0.25, 0.75]
        assert found["selected"].tolist() == [2, 1]
        assert found["cost_asked"].tolist() == [1300.0, 100.0]

    def test_what_is_of_no_zone_stands_apart_and_all_adds_up(self, projects, zones):
        found = participation.money_by_place(projects, people=zones["people"])
        assert found.attrs["left_out"] == {
            "for the whole city": 500.0,
            "place is no zone": 0.0,
            "not told whether selected": 70.0,
        }
        assert {"money_without_zone", "selection_not_told", "names_spelled_otherwise"} == set(codes(found))
        chosen = projects["selected"].fillna(value=False).astype(bool)
        assert found["cost"].sum() + 500 == projects["cost"][chosen].sum()

    def test_a_cost_below_zero_is_refused(self, projects, zones):
        with pytest.raises(InputError, match="1 costs are below 0"):
            participation.money_by_place(projects.assign(cost=-1.0).head(1), people=zones["people"])


class TestSelectedProjects:
    def test_projects_without_coordinates_are_a_class_of_their_own(self, projects, zones):
        found = participation.selected_projects(projects, zones=zones)
        assert found.index.tolist() == ["u", "v", "w"]
        assert found["zone"].tolist() == ["A", "A", "B"]
        assert found.attrs["left_out"] == {"no coordinates": 500.0, "outside all zones": 0.0}
        assert codes(found) == ["projects_without_point", "selection_not_told"]

    def test_those_outside_and_those_in_another_zone_are_told(self, projects, zones):
        away = projects.assign(longitude=[22.0, 21.15, 21.15, None, None, None])
        found = participation.selected_projects(away, zones=zones)
        assert found.index.tolist() == ["v", "w"]
        assert found.attrs["left_out"]["outside all zones"] == 100.0
        assert {"projects_outside", "projects_elsewhere"} <= set(codes(found))


class TestWithinReach:
    @pytest.fixture
    def town(self):
        """Synthetic: 60 zones and 25 projects at random places of a town of 5 km, on a metric grid."""
        rng = np.random.default_rng(4)
        places = rng.uniform(0, 5000, (60, 2)) + CORNER
        zones = gpd.GeoDataFrame(
            {"people": rng.integers(1, 900, 60), "income": rng.uniform(1, 9, 60)},
            index=[f"z{n}" for n in range(60)],
            geometry=gpd.points_from_xy(*places.T),
            crs=UTM,
        )
        spots = rng.uniform(0, 5000, (25, 2)) + CORNER
        points = gpd.GeoDataFrame({"cost": rng.uniform(1, 99, 25)}, geometry=gpd.points_from_xy(*spots.T), crs=UTM)
        return zones, points

    def test_as_brute_force_over_all_pairs(self, town):
        zones, points = town
        costs = network.straight_lines(zones).travel_costs(zones, points, unit="metres")
        found = participation.money_within_reach(costs, projects=points, people=zones["people"], cutoff=1000)
        for zone in zones.index:
            near = points.distance(zones.geometry[zone]) <= 1000
            assert found.loc[zone, "money_within"] == pytest.approx(points["cost"][near].sum())
            assert found.loc[zone, "projects_within"] == near.sum()
        assert (found["projects_within"] == 0).any()

    def test_by_group_as_person_by_person(self, town):
        """Every person written out: what each has, averaged by group; a third of each zone's people are old."""
        zones, points = town
        costs = network.straight_lines(zones).travel_costs(zones, points, unit="metres")
        money = participation.money_within_reach(costs, projects=points, people=zones["people"], cutoff=1000)[
            "money_within"
        ]
        money["z0"] = np.nan
        old = (zones["people"] // 3).astype(int)
        found = participation.money_by_group(
            money, people=zones["people"], groups=old.to_frame("old"), need=zones["income"]
        )
        known = [zone for zone in zones.index if zone != "z0"]
        each = np.repeat([money[zone] for zone in known], [old[zone] for zone in known])
        every = np.repeat([money[zone] for zone in known], [zones["people"][zone] for zone in known])
        assert found.loc["old", "mean"] == pytest.approx(each.mean())
        assert found.loc["old", "share_of_money"] == pytest.approx(each.sum() / every.sum())
        assert found.loc["all people", "people_left_out"] == zones["people"]["z0"]
        assert found.loc[["old", "unknown"], "people"].sum() == found.loc["all people", "people"]
        needed = sum(old[zone] * zones["income"][zone] for zone in known)
        whole = sum(zones["people"][zone] * zones["income"][zone] for zone in known)
        assert found.loc["old", "share_of_need"] == pytest.approx(needed / whole)

    def test_money_for_the_rich_is_above_zero_and_money_by_need_leaves_nothing(self, town):
        zones, _ = town
        people, income = zones["people"], zones["income"]
        found = participation.money_inequality(income, people=people, rank_by=income)
        assert found["concentration"] == pytest.approx(found["gini"]), "ranked by itself it is the Gini coefficient"
        need = 10 - income
        found = participation.money_inequality(3 * need, people=people, rank_by=income, need=need)
        assert found["concentration"] < 0
        assert found["beside_need"] == pytest.approx(0, abs=1e-12)

    def test_groups_with_more_people_than_a_zone_are_refused(self, town):
        zones, _ = town
        with pytest.raises(InputError, match="60 zones have groups"):
            participation.money_by_group(
                zones["income"], people=zones["people"], groups=(zones["people"] * 2).to_frame("twice")
            )


def test_a_selected_project_without_a_cost_is_told(projects, zones):
    """Its cost is not 0: sums are without it, and a finding says how many."""
    projects.loc["u", "cost"] = np.nan
    found = participation.money_by_place(projects, people=zones["people"])
    points = participation.selected_projects(projects, zones=zones)
    for made in (found, points):
        (told,) = [one for one in made.attrs["findings"] if one["code"] == "project_cost_not_known"]
        assert told["count"] == 1
    assert found.loc["A", "cost"] == 200
