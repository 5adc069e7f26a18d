"""Fares and limits in Porto Alegre: both real feeds, and the rules of 2019 as r5r tells them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from spatialjustice import sources
from spatialjustice.network import straight_lines
from spatialjustice.network.transit.network import from_gtfs


def test_fares_between_five_places(shared_data):
    """Both feeds of a Monday afternoon, with straight ways on foot: what is paid is what the rules can give.

    Where limits bind nobody, the times are those of the search without limits; one vehicle, or one bus fare, reaches no
    more than two; and whoever pays 4.50 goes by train alone.
    """
    fares = sources.fares(shared_data("sao_paulo/fares_poa.zip"))
    feeds = [shared_data("porto_alegre/poa_eptc.zip"), shared_data("porto_alegre/poa_trensurb.zip")]
    lon = [-51.2287, -51.2299, -51.1949, -51.1782, -51.2200]
    lat = [-30.0277, -30.0450, -30.0006, -29.9943, -30.0700]
    places = gpd.GeoDataFrame(index=list("abcde"), geometry=gpd.points_from_xy(lon, lat), crs=4326).to_crs(32722)
    network = from_gtfs(feeds, straight_lines(places), date="2019-05-13", max_walk=8.0, fares=fares, rng=1)
    assert "trips_without_fare" not in {finding.code for finding in network.findings}
    window = {"departures": ("14:00", "14:10"), "cutoff": 50}
    free, held, one, bus = (
        network.travel_costs(places, places, **window, **limits).quantiles(0.5)
        for limits in ({}, {"max_rides": 20}, {"max_rides": 1}, {"max_fare": 4.8})
    )
    assert free.equals(held)
    told = network.travel_costs(places, places, **window).fares()
    assert len(told) == len(free)
    # A train; a bus; two buses; both; both too late for the change; two buses too late; three rides.
    assert set(told["cheapest"]) <= {0.0, 4.5, 4.8, 7.2, 8.37, 9.3, 9.6, 11.7, 12.0, np.inf}
    assert {4.5, 4.8} <= set(told["cheapest"])
    assert (told["cheapest"] <= told["fastest"]).all()
    dear = told[told["cheapest"] > 4.8].set_index(["from_id", "to_id"]).index
    within = bus[bus["q50"] < np.inf].set_index(["from_id", "to_id"]).index
    assert not dear.intersection(within).size
    assert len(within) == (told["cheapest"] <= 4.8).sum()
    assert set(one.set_index(["from_id", "to_id"]).index) <= set(free.set_index(["from_id", "to_id"]).index)
