"""People outside what the data of the streets cover: not served, not unserved, not without a street, but not known."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from spatialjustice.access import cost_to_closest, coverage, cumulative_cutoff, floating_catchment_area, status
from spatialjustice.access.decay import binary
from spatialjustice.maps import Indicator
from spatialjustice.network import from_frames
from spatialjustice.report.headline import headline
from spatialjustice.report.standing import standing

PEOPLE = pd.Series({"near": 60.0, "bush": 10.0, "beside": 20.0, "far": 10.0})


@pytest.fixture
def town():
    """A street of 1 km from x = 0; the data reach from x = -100 to 1,100 and y = -2,000 to 2,000 metres.

    ``near`` lives at the street, ``bush`` 1 km north of it where the data tell that there is none, ``beside`` 60 m
    outside the data but 160 m from the street, ``far`` 3 km outside. The clinic is in the middle of the street.
    """
    x0, y0 = 500_000, 6_600_000
    ends = gpd.GeoSeries.from_xy([x0, x0 + 1000], [y0, y0], crs=32635).to_crs(4326)
    nodes = pd.DataFrame({"x": ends.x.to_numpy(), "y": ends.y.to_numpy()}, index=[1, 2])
    ways = pd.DataFrame({"nodes": [[1, 2]], "tags": [{"highway": "residential"}]}, index=[10])
    network = from_frames(nodes, ways, crs=32635)
    network = replace(network, area=box(x0 - 100, y0 - 2000, x0 + 1100, y0 + 2000))
    where = {"near": (0, 0), "bush": (500, 1000), "beside": (-160, 0), "far": (-3000, 0)}
    homes = gpd.GeoSeries.from_xy(
        [x0 + x for x, _ in where.values()], [y0 + y for _, y in where.values()], index=list(where), crs=32635
    )
    clinic = gpd.GeoSeries.from_xy([x0 + 500], [y0], index=["clinic"], crs=32635)
    return network, homes, clinic


def test_a_status_of_its_own_and_nothing_measured(town):
    network, homes, clinic = town
    costs = network.travel_costs(homes, clinic, unit="metres")
    assert status(costs, cutoff=600).to_dict() == {
        "near": "ok", "bush": "off_network", "beside": "outside_data", "far": "outside_data",
    }  # fmt: skip
    assert cost_to_closest(costs).isna().to_dict() == {"near": False, "bush": True, "beside": True, "far": True}
    # Who has no street nearby reaches nothing; of those outside it is not known.
    reached = cumulative_cutoff(costs, cutoff=600)
    assert reached[["near", "bush"]].to_list() == [1, 0]
    assert reached[["beside", "far"]].isna().all()
    assert reached.attrs["left_out"]["origins_outside_data"] == 2
    assert reached.attrs["left_out"]["origins_off_network"] == 1
    shared = floating_catchment_area(
        costs, supply=pd.Series({"clinic": 6.0}), demand=PEOPLE, decay=binary(600), method="2sfca"
    )
    assert shared["near"] == pytest.approx(0.1)  # 6 for the 60 people who can come
    assert shared[["beside", "far"]].isna().all()
    assert {item["code"] for item in reached.attrs["findings"]} >= {"origins_outside_data", "origins_off_network"}


def test_everybody_is_in_the_table_once(town):
    network, homes, clinic = town
    table = coverage(network.travel_costs(homes, clinic, unit="metres"), people=PEOPLE, cutoff=600)
    assert table.loc["outside_data", ["origins", "people", "share"]].to_list() == [2, 30, 0.3]
    assert table["people"].sum() == 100


def test_without_an_area_nobody_is_outside(town):
    network, homes, clinic = town
    costs = replace(network, area=None).travel_costs(homes, clinic, unit="metres")
    assert status(costs, cutoff=700).to_list() == ["ok", "off_network", "ok", "off_network"]


def test_the_audit_of_points_tells_outside_from_no_street(town):
    network, homes, _ = town
    assert network.snap(homes)["status"].to_list() == ["ok", "off_network", "ok", "outside_data"]


def test_no_sentence_and_no_rank_counts_them():
    """Of 70 people of whom the data tell 60 are near and 10 have no street: 14.3 %, not 40 % of 100."""
    states = pd.Series({"near": "ok", "bush": "off_network", "beside": "outside_data", "far": "outside_data"})
    walk = Indicator(
        "walk", "Walk to a clinic", pd.Series({"near": 5.0, "bush": np.nan, "beside": np.nan, "far": np.nan}),
        unit="minutes", status=states,
    )  # fmt: skip
    assert "14% of people, 10 of 70," in headline(walk, people=PEOPLE, limit="15 min")["en"]
    found = standing(walk, people=PEOPLE)
    assert (found.people, found.unreached, found.left_out) == (70, 10, 30)
