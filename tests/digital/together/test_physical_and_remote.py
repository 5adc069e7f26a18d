"""Physical, remote, both, neither: bounds that hold, that can be reached, and that never lose a person."""

from __future__ import annotations

from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from spatialjustice._core.errors import InputError, PopulationError
from spatialjustice._core.findings import findings_of
from spatialjustice.digital import (
    double_exclusion,
    moving_online,
    physical_and_remote,
    share_within,
    together_by_group,
    together_totals,
)
from spatialjustice.inequality import groups_from_counts, groups_from_shares

CLASSES = ("both", "only physical", "only remote", "neither")
MOVED = (
    *("keep a place", "gain a place", "remote instead of a place", "lose all access", "gain remote access"),
    "still without",
)
VALUES = ("lowest", "independent", "highest")
SHARES = st.one_of(st.sampled_from([0.0, 1.0, float("nan")]), st.floats(0, 1))
ZONES = st.lists(st.tuples(SHARES, SHARES, SHARES, SHARES, st.integers(0, 500)), min_size=1, max_size=6).filter(
    lambda rows: any(row[-1] for row in rows)
)


def three(found, label, row=0):
    return [found.loc[row, f"{label}: {value}"] for value in VALUES]


def ends(margins, wanted):
    """Least and most of the people in the wanted cells, over every joint distribution with these margins.

    ``margins`` are lists of events, each list a partition of its own (shares add up to 1); cells are their products.
    """
    cells = list(product(*[range(len(part)) for part in margins]))
    rows, sides = [], []
    for place, part in enumerate(margins):
        for event, share in enumerate(part):
            rows.append([float(cell[place] == event) for cell in cells])
            sides.append(share)
    cost = [float(wanted(*cell)) for cell in cells]
    found = [
        linprog(sign * np.array(cost), A_eq=rows, b_eq=sides, bounds=(0, 1), method="highs") for sign in (1.0, -1.0)
    ]
    assert all(one.status == 0 for one in found)
    return found[0].fun, -found[1].fun


def test_by_hand_in_one_zone():
    """Of 100 people 50 are near, 90 connected, 80 able.

    Connected and able are 70 to 80 (72 if unrelated). Both: at least 50 + 70 - 100 = 20, at most 50; 36 if unrelated.
    Only remote: at least 50 + 90 + 80 - 200 = 20, at most 50; 36. The rest of the near, 0 to 30; 14. The rest of the
    far, 0 to 30; 14.
    """
    found = physical_and_remote([0.5], [0.9], [0.8], people=[100])
    np.testing.assert_allclose(three(found, "both"), [20, 36, 50], atol=1e-9)
    np.testing.assert_allclose(three(found, "only remote"), [20, 36, 50], atol=1e-9)
    np.testing.assert_allclose(three(found, "only physical"), [0, 14, 30], atol=1e-9)
    np.testing.assert_allclose(three(found, "neither"), [0, 14, 30], atol=1e-9)


def test_ends_are_those_of_linear_programming():
    """Over all joint distributions of near, connected and able with the same shares, nothing is beyond the ends."""
    grid = [0.0, 0.15, 0.5, 0.8, 1.0]
    cells = list(product(grid, grid, grid))
    near, connected, able = (list(column) for column in zip(*cells, strict=True))
    found = physical_and_remote(near, connected, able, people=np.ones(len(cells)))
    wanted = {
        "both": lambda n, c, b: n and c and b,
        "only physical": lambda n, c, b: n and not (c and b),
        "only remote": lambda n, c, b: not n and c and b,
        "neither": lambda n, c, b: not n and not (c and b),
    }
    for row, (n, c, b) in enumerate(cells[::2]):
        margins = [[1 - n, n], [1 - c, c], [1 - b, b]]
        for label, cell in wanted.items():
            low, independent, high = three(found, label, 2 * row)
            assert (low, high) == pytest.approx(ends(margins, cell), abs=1e-9)
            assert low - 1e-12 <= independent <= high + 1e-12


def test_moving_online_is_that_of_linear_programming():
    """A zone has people who keep a place, lose one, or never had one; each may be connected, each may be able."""
    rng = np.random.default_rng(4)
    rows = [rng.uniform(0, 1, 4) for _ in range(25)] + [np.array([1.0, 0.0, 0.7, 0.6]), np.array([0.3, 0.3, 1.0, 0.2])]
    before, after, connected, able = np.array(rows).T
    after = np.minimum(before, after)
    found = moving_online(before, after, connected, able, people=np.ones(len(rows)))
    wanted = {
        "remote instead of a place": lambda part, c, b: part == 1 and c and b,
        "lose all access": lambda part, c, b: part == 1 and not (c and b),
        "gain remote access": lambda part, c, b: part == 2 and c and b,
        "still without": lambda part, c, b: part == 2 and not (c and b),
    }
    for row, (first, last, c, b) in enumerate(zip(before, after, connected, able, strict=True)):
        margins = [[last, first - last, 1 - first], [1 - c, c], [1 - b, b]]
        for label, cell in wanted.items():
            low, independent, high = three(found, label, row)
            assert (low, high) == pytest.approx(ends(margins, cell), abs=1e-9)
            assert low - 1e-12 <= independent <= high + 1e-12
        # Whoever has no place any more and is online counts; whoever lost one is taken off.
        low, high = ends(margins, lambda part, c, b: part > 0 and c and b)
        change = three(found, "change", row)
        assert (change[0], change[2]) == pytest.approx((low - (first - last), high - (first - last)), abs=1e-9)
        assert found.loc[row, "keep a place: lowest"] == found.loc[row, "keep a place: highest"]


def test_a_zone_that_is_near_or_far_as_a_whole_leaves_the_bounds_of_connected_and_able():
    found = physical_and_remote([1.0, 0.0], [0.9, 0.9], [0.7, 0.7], people=[10, 10])
    for row, (reached, rest) in enumerate([("both", "only physical"), ("only remote", "neither")]):
        np.testing.assert_allclose(three(found, reached, row), [6, 6.3, 7])
        np.testing.assert_allclose(three(found, rest, row), [3, 3.7, 4])
        other = CLASSES[2:] if row == 0 else CLASSES[:2]
        assert all(three(found, label, row) == [0, 0, 0] for label in other)
    exact = physical_and_remote([1.0, 0.0], [0.9, 0.4], people=[10, 10])
    assert all(np.ptp(three(exact, label, row)) < 1e-12 for label in CLASSES for row in (0, 1))


def test_without_a_condition_it_is_double_exclusion():
    rng = np.random.default_rng(2)
    near, online, people = rng.uniform(0, 1, 30), rng.uniform(0, 1, 30), rng.integers(1, 90, 30)
    found, other = physical_and_remote(near, online, people=people), double_exclusion(near, online, people=people)
    for value in VALUES:
        for label, called in zip(CLASSES, ("both", "only physical", "only digital", "neither"), strict=True):
            np.testing.assert_allclose(found[f"{label}: {value}"], other[f"{called}: {value}"], atol=1e-9)


def test_several_conditions_are_all_needed():
    """A device and skills: 0.9 + 0.8 + 0.7 - 2 = 0.4 at least have all three, 0.7 at most."""
    able = pd.DataFrame({"device": [0.8], "skills": [0.7]})
    found = physical_and_remote([0.0], [0.9], able, people=[100])
    np.testing.assert_allclose(three(found, "only remote"), [40, 50.4, 70])
    assert found.attrs["conditions"] == ["connected", "able: device", "able: skills"]


@settings(max_examples=60, deadline=None)
@given(ZONES)
def test_people_are_conserved_and_bounds_in_order(rows):
    before, after, connected, able, people = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    for found, labels in (
        (physical_and_remote(before, connected, able, people=people), CLASSES),
        (moving_online(before, after, connected, able, people=people), MOVED),
    ):
        summed = sum(found[f"{label}: independent"] for label in labels) + found["unknown"]
        np.testing.assert_allclose(summed, people, atol=1e-6)
        for label in labels:
            low, middle, high = (found[f"{label}: {value}"] for value in VALUES)
            assert (low > -1e-9).all()
            assert ((low <= middle + 1e-9) & (middle <= high + 1e-9)).all()
        totals = together_totals(found)
        assert totals.loc[[*labels, "unknown"], "independent"].sum() == pytest.approx(people.sum())


def test_worth_of_a_remote_contact():
    """Of 100 people 40 are near, 60 far and all of them online: half the service at 0.8 counts 24 of the 60."""
    found = physical_and_remote([0.4], [1.0], people=[100], remote_share=0.5, remote_value=0.8)
    np.testing.assert_allclose(three(found, "access"), [64, 64, 64])
    moved = moving_online([0.4], [0.0], [1.0], people=[100], remote_share=0.5, remote_value=0.8)
    np.testing.assert_allclose(three(moved, "change"), [0, 0, 0], atol=1e-9)
    for name in ("remote_share", "remote_value"):
        with pytest.raises(InputError, match=name):
            physical_and_remote([0.4], [1.0], people=[100], **{name: 1.2})


def test_statuses_say_who_is_near_and_of_whom_it_is_not_known():
    told = pd.Series(
        pd.Categorical(["ok", "beyond_cutoff", "unreachable", "off_network", "outside_data"]), index=list("abcde")
    )
    found = physical_and_remote(told, pd.Series(1.0, told.index), people=pd.Series(10.0, told.index))
    assert found["both: lowest"].tolist() == [10, 0, 0, 0, 0]
    assert found["only remote: lowest"].tolist() == [0, 10, 10, 10, 0]
    assert found["unknown"].tolist() == [0, 0, 0, 0, 10]
    with pytest.raises(InputError, match=r"neither a share nor a status, the first is 'far'"):
        physical_and_remote(pd.Series(["ok", "far"]), [1, 1], people=[1, 1])


def test_who_loses_is_told_by_group():
    """Two zones lose their only place; 80 % of the old live where half can go online, 20 % where nine of ten can.

    Of the old 0.8 * 0.5 + 0.2 * 0.1 = 42 % lose the service, of the young 0.2 * 0.5 + 0.8 * 0.1 = 18 %.
    """
    index = ["a", "b", "c"]
    moved = moving_online(
        pd.Series([1.0, 1.0, np.nan], index), pd.Series([0.0, 0.0, 0.0], index), pd.Series([0.5, 0.9, 0.9], index),
        people=pd.Series([100, 100, 50], index),
    )  # fmt: skip
    groups = groups_from_counts(pd.DataFrame({"old": [80, 20, 10], "young": [20, 80, 40]}, index=index))
    found = together_by_group(moved, groups)
    assert found["lose all access: independent"].to_dict() == pytest.approx(
        {"old": 0.42, "young": 0.18, "all people": 0.3}
    )
    assert found["people_left_out"].to_dict() == {"old": 10, "young": 40, "all people": 50}
    assert {"ecological", "exclusion_unknown"} <= {finding.code for finding in findings_of(found)}
    assert together_totals(moved).loc["unknown", "independent"] == 50


def test_what_cannot_be_used_is_named():
    with pytest.raises(InputError, match="connected"):
        physical_and_remote([0.5], [50], people=[10])
    with pytest.raises(InputError, match="able: skills"):
        physical_and_remote([0.5], [0.5], pd.DataFrame({"skills": [7.0]}), people=[10])
    with pytest.raises(InputError, match="no columns"):
        physical_and_remote([0.5], [0.5], pd.DataFrame(index=[0]), people=[10])
    with pytest.raises(PopulationError):
        moving_online([0.5], [0.5], [0.5], people=[-1])
    with pytest.raises(InputError, match="physical_and_remote nor"):
        together_totals(pd.DataFrame({"both": [1]}))


def test_health_care_in_chicago(shared_data):
    """Tracts of Chicago: within 800 m of health care by area, with broadband, and with a computer, by pandas sums."""
    tracts = gpd.read_file(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg"))
    tracts = tracts[tracts["COMMAREA"].notna() & (tracts["households"] > 0)].set_index("geoid").to_crs(32616)
    places = gpd.read_file(shared_data("chicago/chicago_health_facilities.gpkg")).to_crs(32616)
    near = share_within(tracts, places, cutoff=800)
    online, device, homes = tracts["f_broadband"], tracts["f_computer"], tracts["households"]
    found = together_totals(physical_and_remote(near, online, device, people=homes))
    low = ((1 - near) - np.minimum(1 - near, np.minimum(online, device))) * homes
    high = np.minimum(1 - near, (1 - online) + (1 - device)) * homes
    usual = (1 - near) * (1 - online * device) * homes
    for value, summed in (("lowest", low), ("independent", usual), ("highest", high)):
        assert found.loc["neither", value] == pytest.approx(summed.sum(), rel=1e-9)
    assert found.loc["neither", "lowest_share"] == pytest.approx(0.036, abs=0.001)
    assert found.loc["neither", "highest_share"] == pytest.approx(0.153, abs=0.001)
    # All places closed: who loses is who was near and cannot go online.
    moved = moving_online(near, near * 0, online, device, people=homes)
    black = tracts["f_black"].fillna(0)
    groups = groups_from_shares(pd.DataFrame({"black": black}), people=homes, rest="everybody else")
    by_group = together_by_group(moved, groups)["lose all access: independent"]
    lost = near * (1 - online * device)
    assert by_group["black"] == pytest.approx((lost * homes * black).sum() / (homes * black).sum())
    assert by_group["black"] > by_group["everybody else"] + 0.08
