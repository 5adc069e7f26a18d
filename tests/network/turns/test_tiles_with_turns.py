"""Streets in tiles obey forbidden turns as the whole does."""

import tempfile

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice.network.tiles.index import halo_of, open_tiles
from spatialjustice.network.tiles.reading import read_tile
from spatialjustice.network.tiles.writing import write_tiles
from tests.network.turns.test_costs_with_turns import case


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_costs_within_a_cutoff_are_those_of_the_whole(seed):
    network, origins, destinations = case(seed)
    asked = {"cutoff": 260.0, "unit": "metres"}
    whole = network.travel_costs(origins, destinations, **asked).to_frame()
    with tempfile.TemporaryDirectory() as folder:
        write_tiles(network, folder, tile_size=150)
        index = open_tiles(folder)
        assert index.of("walk").forbidden_turns == network.forbidden_turns
        halo = halo_of(index, mode="walk", cutoff=260.0, unit="metres")
        seen = 0
        for tile in index.tiles("walk"):
            column, row = (150 * int(part) for part in tile.split("_")[1:])
            here = origins.cx[column : column + 149.9, row : row + 149.9]
            if not len(here):
                continue
            part = read_tile(index, tile, mode="walk", halo=halo).travel_costs(here, destinations, **asked).to_frame()
            expected = whole[whole["from_id"].isin(here.index)]
            assert np.array_equal(part.to_numpy(), expected.to_numpy())
            seen += len(part)
    assert seen or not len(whole)
