"""Supply at places and online: nothing is handed out twice, and bounds hold whoever can go online."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.access import floating_catchment_area
from spatialjustice.digital import supply_with_remote

IDS = list("abcd")
PAIRS = pd.DataFrame({"from_id": ["a", "b", "b", "c"], "to_id": [1, 1, 2, 2], "travel_cost": [5.0, 8.0, 3.0, 9.0]})
SUPPLY = pd.Series({1: 12.0, 2: 8.0})
PEOPLE = pd.Series([40.0, 20.0, 30.0, 10.0], IDS)
CONNECTED = pd.Series([0.5, 0.9, 0.8, 1.0], IDS)
ABLE = pd.Series([0.8, 0.6, 1.0, 0.5], IDS)


def test_by_hand():
    """Half of 20 is online: 10, for 40 * 0.5 + 20 * 0.9 + 30 * 0.8 + 10 * 1 = 72 people who are connected.

    A person of a zone with half of them connected has 10 * 0.5 / 72 on average. At places there is half of what a
    catchment without the remote part gives.
    """
    found = supply_with_remote(PAIRS, supply=SUPPLY, people=PEOPLE, connected=CONNECTED, remote_share=0.5, cutoff=10)
    whole = floating_catchment_area(PAIRS, supply=SUPPLY, people=PEOPLE, cutoff=10)
    np.testing.assert_allclose(found["places"], whole / 2)
    np.testing.assert_allclose(found["remote: independent"], 10 * CONNECTED / 72)
    # One condition alone leaves nothing open.
    for value in ("lowest", "highest"):
        np.testing.assert_allclose(found[f"remote: {value}"], found["remote: independent"])
    handed = (PEOPLE * found["together: independent"]).sum()
    assert handed == pytest.approx(SUPPLY.sum())
    half = supply_with_remote(
        PAIRS, supply=SUPPLY, people=PEOPLE, connected=CONNECTED, remote_share=0.5, remote_value=0.5, cutoff=10
    )
    np.testing.assert_allclose(half["together: independent"], whole / 2 + 5 * CONNECTED / 72)


def test_bounds_hold_for_everybody_who_may_be_online_and_are_reached():
    found = supply_with_remote(
        PAIRS, supply=SUPPLY, people=PEOPLE, connected=CONNECTED, able=ABLE, remote_share=0.25, cutoff=10
    )
    low, high = (CONNECTED + ABLE - 1).clip(lower=0), np.minimum(CONNECTED, ABLE)
    rng = np.random.default_rng(6)
    seen = []
    corners = [np.array([bool(number >> bit & 1) for bit in range(4)]) for number in range(16)]
    for part in [*rng.uniform(0, 1, (200, 4)), *corners]:
        online = low + part * (high - low)
        if (PEOPLE * online).sum() > 0:
            seen.append(5 * online / (PEOPLE * online).sum())
    seen = np.array(seen)
    assert (seen >= found["remote: lowest"].to_numpy() - 1e-12).all()
    assert (seen <= found["remote: highest"].to_numpy() + 1e-12).all()
    np.testing.assert_allclose(seen.min(axis=0), found["remote: lowest"])
    np.testing.assert_allclose(seen.max(axis=0), found["remote: highest"])
    assert (PEOPLE * found["remote: independent"]).sum() == pytest.approx(5)


def test_a_zone_of_which_it_is_not_known_may_have_nobody_online_or_everybody():
    unknown = CONNECTED.where(CONNECTED.index != "d")
    found = supply_with_remote(PAIRS, supply=SUPPLY, people=PEOPLE, connected=unknown, remote_share=0.5, cutoff=10)
    assert np.isnan(found.loc["d", "remote: independent"])
    assert found.loc["d", "remote: lowest"] == 0
    assert found.loc["d", "remote: highest"] == pytest.approx(10 / (62 + 10))
    # The others share with as many of d as may be online: none, or all ten.
    assert found.loc["a", "remote: lowest"] == pytest.approx(10 * 0.5 / 72)
    assert found.loc["a", "remote: highest"] == pytest.approx(10 * 0.5 / 62)
    nobody = supply_with_remote(
        PAIRS, supply=SUPPLY, people=PEOPLE, connected=CONNECTED * 0, remote_share=0.5, cutoff=10
    )
    assert (nobody["remote: highest"] == 0).all()


def test_how_far_people_go_must_be_said():
    with pytest.raises(InputError, match="neither cutoff nor decay"):
        supply_with_remote(PAIRS, supply=SUPPLY, people=PEOPLE, connected=CONNECTED, remote_share=0.5)
