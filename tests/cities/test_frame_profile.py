"""The city in nine cells: numbers by hand, everything that is missing in its place, codes in both languages."""

from __future__ import annotations

import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import indicators
from spatialjustice.cities import city_profile
from spatialjustice.digital import smart_city_profile

PEOPLE = pd.Series({"a": 10, "b": 50, "c": 30, "d": 10, "e": 5})
ONLINE = pd.Series({"a": 0.2, "b": 0.6, "c": 0.8, "d": 1.0, "e": None})


@pytest.fixture(scope="module")
def profile():
    return smart_city_profile({"household_internet": ONLINE, "fine_particles": 11.5}, weights=PEOPLE)


def test_numbers_of_a_cell_by_hand(profile):
    """(10 x 0.2 + 50 x 0.6 + 30 x 0.8 + 10 x 1) / 100 = 0.66; the lowest tenth ends at 0.2, nine tenths at 0.8."""
    row = city_profile(profile).loc["household_internet"]
    assert (row["component"], row["dimension"], row["status"]) == ("people", "social", "measured")
    assert row["value"] == pytest.approx(0.66)
    assert row[["range_low", "range_high", "worst_tenth"]].tolist() == pytest.approx([0.2, 0.8, 0.2])
    assert (row["people"], row["people_left_out"]) == (100, 5)
    assert row["standards"] == "U4SSC EC: ICT: ICT: 1C; ITU-T FG-SSC 2015 I1.1.2"


def test_every_indicator_stands_once_cell_by_cell(profile):
    found = city_profile(profile)
    assert sorted(found.index) == sorted(indicators())
    cells = found[["component", "dimension"]].drop_duplicates()
    assert cells["component"].tolist() == ["technology"] * 3 + ["people"] * 3 + ["institutions"] * 3
    assert cells["dimension"].tolist() == ["environmental", "social", "economic"] * 3
    counted = found.groupby(["component", "dimension"])["status"].agg(["size", lambda s: (s == "measured").sum()])
    assert {cell: tuple(row) for cell, row in zip(counted.index, counted.to_numpy(), strict=True)} == found.attrs[
        "cells"
    ]
    assert (found.attrs["measured"], found.attrs["of"]) == (2, len(indicators()))
    missing = found[found["status"] == "missing"]
    assert missing["value"].isna().all()
    assert (missing["data"] != "").all()
    assert found.loc["fine_particles", "standards"] == "SDG 11.6.2"


def test_it_speaks_persian(profile):
    found = city_profile(profile, lang="fa")
    assert found.loc["household_internet", "name"] == "خانوارهای دارای اینترنت"
    assert found.loc["noise_exposure", "data"] != city_profile(profile).loc["noise_exposure", "data"]


def test_of_several_profiles_the_first_that_knows_is_taken(profile):
    """One counts people, the other households."""
    households = smart_city_profile({"household_internet": 0.9, "household_computer": 0.8}).assign(counts="households")
    found = city_profile([profile.assign(counts="people"), households])
    assert found.loc[["household_internet", "household_computer"], "counts"].tolist() == ["people", "households"]
    assert found.loc[["household_internet", "household_computer"], "value"].tolist() == pytest.approx([0.66, 0.8])
    assert found.attrs["measured"] == 3


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda one: one.drop(columns="value"), "it is no profile", id="column missing"),
        pytest.param(lambda one: one.iloc[:-2], "2 indicators of the catalogue are not in it", id="rows missing"),
        pytest.param(lambda _: [], "there is none", id="none"),
    ],
)
def test_what_is_no_profile_is_refused(profile, make, said):
    with pytest.raises(InputError, match=said):
        city_profile(make(profile))
