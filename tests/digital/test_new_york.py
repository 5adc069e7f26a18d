"""New York: homes without internet near a live kiosk or hotspot, by income, with every household accounted for."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from spatialjustice.access import cumulative_cutoff, status
from spatialjustice.digital import people_covered, share_within
from spatialjustice.inequality import concentration_index, group_means, groups_from_counts, income_groups
from spatialjustice.network import straight_lines
from spatialjustice.sources import distinct_places, points


@pytest.fixture(scope="module")
def tracts(shared_data):
    frame = gpd.read_file(shared_data("new_york/new-york-city_tracts_acs2019_fcc.gpkg")).set_index("geoid")
    return frame.assign(offline=frame["households"] * frame["NoIntP"] / 100)


@pytest.fixture(scope="module")
def places(shared_data):
    where = {"longitude": "Longitude", "latitude": "Latitude"}
    kiosks = points(
        shared_data("new_york/LinkNYC_Locations.csv"),
        service="kiosk",
        columns={"id": "CB Link ID", **where},
        in_use={"Project Status": ["Live"]},
    )
    hotspots = points(
        shared_data("new_york/NYC_Wi-Fi_Hotspot_Locations.csv"), service="wifi", columns={"id": "OBJECTID", **where}
    )
    return distinct_places([kiosks, hotspots], same={"wifi": "SourceID"})


def test_homes_without_internet_within_400_metres_by_income(tracts, places):
    near = share_within(tracts, places, cutoff=400)
    offline = tracts["offline"].fillna(0)
    covered = people_covered(near, offline).loc["share_within"]
    assert covered["people_covered"] + covered["people_not_covered"] == pytest.approx(offline.sum())
    assert 0.5 < covered["share_covered"] < 0.6
    quintiles = income_groups(tracts["mhi"], people=tracts["households"], k=5, unit="households")
    groups = groups_from_counts(
        quintiles.people.mul((tracts["NoIntP"] / 100).fillna(0), axis=0), unit="households without internet"
    )
    assert groups.total == pytest.approx(offline.sum())
    found = group_means(near, groups, replications=0)
    assert found.loc["all people", "mean"] == pytest.approx(covered["share_covered"])
    # The poorest fifth is nearer than the middle ones; the fourth is farthest.
    shares = found["mean"].iloc[:5]
    assert shares.iloc[0] == shares.max()
    assert shares.iloc[3] == shares.min()
    # From the centres of tracts it is nearly the same.
    costs = straight_lines(tracts).travel_costs(tracts, places, cutoff=400, unit="metres")
    centre = status(costs, cutoff=400).eq("ok").astype(float)
    assert np.average(centre, weights=offline) == pytest.approx(covered["share_covered"], abs=0.02)
    # Public Wi-Fi is concentrated where incomes are high, by places within reach; not by being near any.
    known = tracts["mhi"].notna() & (tracts["households"] > 0)
    rank = {"rank_by": tracts.loc[known, "mhi"], "weights": tracts.loc[known, "households"]}
    assert concentration_index(cumulative_cutoff(costs, cutoff=400)[known], **rank) > 0.2
    assert abs(concentration_index(near[known], **rank)) < 0.02


def test_what_counting_twice_would_have_said(places):
    """Taken as they come, the two files list 2,037 places too many, 57 of them kiosks that do not work."""
    ledger = pd.DataFrame(places.attrs["ledger"])
    assert ledger["before"].tolist() == [1868, 3319, 1811 + 3319]
    assert ledger["after"].tolist() == [1811, 3319, len(places)]
    assert places["entries"].sum() == 1811 + 3319 - 57
