"""Ways that are drawn, streets that are reached and catchments where turns are forbidden: as travel costs have it."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice.network import load, path, reached_streets
from spatialjustice.network.routes.node_costs import edge_costs_of, search_from_stops, stops_of_snapped
from spatialjustice.network.routes.reached_streets import pieces_within
from tests.network.turns.by_hand import costs_by_hand
from tests.network.turns.test_costs_with_turns import NORTH, WEST_IN, case, crossing
from tests.synthetic_networks import CRS


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_ways_drawn_cost_what_travel_costs_say(seed):
    network, origins, destinations = case(seed)
    truth = costs_by_hand(network, network.snap(origins), network.snap(destinations))
    for row in range(3):
        drawn = path(network, origins[row : row + 1], destinations, unit="minutes")
        found = drawn["travel_cost"].to_numpy() * 1000 * network.mode.speed / 60
        expected = np.where(np.isinf(truth[row]), np.nan, truth[row])
        same = drawn.geometry.is_empty & (drawn["status"] == "ok")  # a place is no way from itself
        assert np.allclose(np.where(same, 0, found), np.where(same, 0, expected), atol=1e-6, equal_nan=True)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_streets_are_reached_at_the_cost_of_their_places(seed):
    """From one origin outwards, and from everywhere to it."""
    network, origins, places = case(seed)
    # Only places between nodes: at a node a piece tells the cost of going on along it.
    snapped = network.snap(places)
    places = places[snapped["fraction"].between(0.1, 0.9)]
    snapped = network.snap(places)
    if not len(places):
        return
    one = origins[:1]
    for towards in (False, True):
        froms, tos = (snapped, network.snap(one)) if towards else (network.snap(one), snapped)
        truth = costs_by_hand(network, froms, tos).ravel()
        prices = edge_costs_of(network, "minutes", towards=towards)
        for _, node_cost, own, _ in search_from_stops(network, prices, stops_of_snapped(network.snap(one))):
            pieces = pieces_within(network, prices, node_cost, own, 1e9)
            for (edge, at), expected in zip(snapped[["edge", "fraction"]].to_numpy(), truth, strict=True):
                here = (pieces.edge == edge) & (pieces.start <= at) & (at <= pieces.end)
                span = np.maximum(pieces.end - pieces.start, 1e-12)
                with np.errstate(invalid="ignore"):
                    costs = pieces.cost_start + (pieces.cost_end - pieces.cost_start) * (at - pieces.start) / span
                found = costs[here & np.isfinite(costs)]
                assert np.isclose(found.min(initial=np.inf), expected, atol=1e-5)


def test_a_way_goes_round_and_streets_are_drawn_once():
    network = crossing([(WEST_IN, NORTH)])
    start, end = (gpd.GeoSeries([shapely.Point(place)], crs=CRS) for place in ((-50, 0), (0, 50)))
    way = path(network, start, end, unit="metres")
    assert way["metres"].tolist() == [300]
    assert shapely.get_coordinates(way.geometry.iloc[0]).tolist() in (
        [[-50, 0], [0, 0], [side * 100, down * 100], [0, 0], [0, 50]] for side, down in ((1, 0), (0, -1))
    )
    reached = reached_streets(network, start, cutoff=120, unit="metres")
    assert reached["metres"].sum() == 50 + 50 + 70 + 70  # west, east and south, each once, and no metre of the north


def test_a_network_with_forbidden_turns_is_kept_and_read_again(tmp_path):
    network = crossing([(WEST_IN, NORTH)])
    network.save(tmp_path / "turns")
    assert load(tmp_path / "turns").forbidden_turns == ((WEST_IN, NORTH),)
    replace(network, forbidden_turns=()).save(tmp_path / "none")
    assert '"version": 1' in (tmp_path / "none" / "provenance.json").read_text(encoding="utf-8")
    assert load(tmp_path / "none").forbidden_turns == ()
