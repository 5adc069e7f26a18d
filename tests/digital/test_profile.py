"""The smart-city reading: hand cases of one city, what is missing, what is refused, and cities side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice._core.errors import InputError
from spatialjustice._core.provenance import SourceRecord, add_sources
from spatialjustice.catalogue import indicators as catalogue
from spatialjustice.digital import (
    compare_profiles,
    indicators,
    profile_scores,
    smart_city_profile,
    supply_beside_use,
)
from spatialjustice.inequality import Estimate, gini

PEOPLE = pd.Series({"n": 50.0, "e": 35.0, "s": 10.0, "w": 5.0})
ONLINE = pd.Series({"n": 0.9, "e": 0.8, "s": 0.4, "w": 0.2})


class TestOneCity:
    def test_the_mean_beside_the_worst_served_tenth(self):
        """100 people: 45 + 28 + 4 + 1 = 78 online; the worst ten are the 5 of w and half of the 10 of s."""
        found = smart_city_profile({"household_internet": ONLINE}, weights=PEOPLE).loc["household_internet"]
        assert found["value"] == pytest.approx(0.78)
        assert found["worst_tenth"] == pytest.approx((5 * 0.2 + 5 * 0.4) / 10)
        assert found["gini"] == pytest.approx(gini(ONLINE, weights=PEOPLE))
        assert found[["zones", "people", "people_left_out", "status"]].tolist() == [4, 100, 0, "measured"]

    def test_where_lower_is_better_the_worst_are_the_highest(self):
        found = smart_city_profile({"offline_households": 1 - ONLINE}, weights=PEOPLE).loc["offline_households"]
        assert found["value"] == pytest.approx(0.22)
        assert found["worst_tenth"] == pytest.approx((5 * 0.8 + 5 * 0.6) / 10)

    def test_without_weights_every_zone_counts_once(self):
        found = smart_city_profile({"household_internet": ONLINE}).loc["household_internet"]
        assert found["value"] == pytest.approx(2.3 / 4)
        # A tenth of four zones is 0.4 of the worst one.
        assert found["worst_tenth"] == pytest.approx(0.2)

    def test_people_without_a_value_are_counted_and_told(self):
        minutes = pd.Series({"w": np.nan, "n": 4.0, "e": 10.0, "s": 20.0})
        table = smart_city_profile({"time_to_primary_care": minutes}, weights=PEOPLE)
        found = table.loc["time_to_primary_care"]
        assert found["value"] == pytest.approx((200 + 350 + 200) / 95)
        assert found["people_left_out"] == 5
        told = {item["code"]: item for item in table.attrs["findings"]}
        assert told["people_without_a_value"]["people"] == 5

    def test_nobody_with_a_value_is_missing_not_zero(self):
        empty = pd.Series(np.nan, index=PEOPLE.index)
        found = smart_city_profile({"library_access": empty}, weights=PEOPLE).loc["library_access"]
        assert found["status"] == "missing"
        assert np.isnan(found["value"])
        assert found["people_left_out"] == 100

    def test_one_number_and_an_estimate_have_no_spread(self):
        estimate = Estimate(0.4, 0.35, 0.45, 0.95, "percentile bootstrap by zone", n=80, replications=999, seed=1)
        table = smart_city_profile({"library_access": estimate, "open_data": 1})
        assert table.loc["library_access", ["value", "low", "high", "zones"]].tolist() == [0.4, 0.35, 0.45, 80]
        assert table.loc["open_data", "value"] == 1
        for key in ("library_access", "open_data"):
            assert np.isnan(table.loc[key, "worst_tenth"])
            assert table.loc[key, "note"] == "spread not known"

    def test_what_is_missing_stays_in_the_table_with_the_data_it_needs(self):
        table = smart_city_profile({})
        assert list(table.index.sort_values()) == sorted(catalogue())
        assert (table["status"] == "missing").all()
        assert table[["value", "worst_tenth", "gini"]].isna().all(axis=None)
        assert table["data"].str.len().gt(0).all()
        assert (table.attrs["measured"], table.attrs["of"]) == (0, len(catalogue()))
        told = {item["code"]: item for item in table.attrs["findings"]}
        computable = sum(one["computable"] for one in catalogue().values())
        assert f"{computable} of them can be computed" in told["indicators_without_layer"]["message"]

    def test_supply_without_use_is_a_finding(self):
        alone = smart_city_profile({"fixed_broadband_coverage": 0.98})
        assert "supply_without_use" in {item["code"] for item in alone.attrs["findings"]}
        both = smart_city_profile({"fixed_broadband_coverage": 0.98, "fixed_broadband_subscriptions": 0.7})
        assert "supply_without_use" not in {item["code"] for item in both.attrs["findings"]}

    @pytest.mark.parametrize("by", ["component", "dimension", "characteristic"])
    @pytest.mark.parametrize("lang", ["en", "fa"])
    def test_arranged_by(self, by, lang):
        table = smart_city_profile({"library_access": 0.4}, by=by, lang=lang)
        groups = table[by].drop_duplicates()
        assert table[by].tolist() == sorted(table[by], key=groups.tolist().index)
        assert table.loc["library_access", "value"] == 0.4
        assert table["group"].nunique() == {"component": 3, "dimension": 3, "characteristic": 6}[by]

    def test_it_carries_where_its_layers_come_from(self):
        record = SourceRecord(name="census", file="c.csv", sha256="0", size=1)
        layer = add_sources(ONLINE.copy(), record)
        assert smart_city_profile({"household_internet": layer}).attrs["sources"] == [record.as_dict()]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 50)), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_worst_served_tenth_by_counting_heads(zones, shuffle):
    """Ten copies of every person, so that a tenth is a whole number of heads: sort them and take the mean."""
    shuffle.shuffle(zones)
    amounts = pd.Series([amount / 100 for amount, _ in zones])
    people = pd.Series([float(count) for _, count in zones])
    heads = np.sort(np.repeat(amounts, 10 * people.astype(int)))
    low, high = (
        smart_city_profile({key: amounts}, weights=people).loc[key]
        for key in ("household_internet", "offline_households")
    )
    tenth = len(heads) // 10
    assert low["worst_tenth"] == pytest.approx(heads[:tenth].mean())
    assert high["worst_tenth"] == pytest.approx(heads[-tenth:].mean())
    assert low["worst_tenth"] <= low["value"] + 1e-12
    assert high["worst_tenth"] >= high["value"] - 1e-12


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ({"household_intrenet": 0.5}, "Did you mean “household_internet”"),
        ({"zebra_crossing_zoo": 0.5}, "is no indicator of the catalogue"),
        ({"household_internet": 78}, "divide by 100"),
        ({"household_internet": pd.Series([0.5, 78.0], index=["n", "e"])}, r"\(e\).*divide by 100"),
        ({"household_internet": -666666666.0}, "out of range"),
        ({"download_speed": np.inf}, "out of range"),
        ({"digital_gap_by_income": -1.5}, "between -1 and 1"),
        ({"household_internet": True}, "bool"),
        ({"household_internet": "many"}, "str"),
        ({"household_internet": np.nan}, "shown as missing"),
        ({"household_internet": pd.Series(["a", "b"])}, "not numbers"),
        ([("household_internet", 0.5)], "list"),
    ],
)
def test_layers_that_cannot_be(layers, message):
    with pytest.raises(InputError, match=message):
        smart_city_profile(layers)


def test_a_layer_that_says_it_is_something_else():
    metres = ONLINE.copy()
    metres.attrs.update(unit="metres")
    with pytest.raises(InputError, match="in metres, the catalogue in minutes"):
        smart_city_profile({"time_to_primary_care": metres})
    worse = ONLINE.copy()
    worse.attrs.update(unit="share", direction="lower is better")
    with pytest.raises(InputError, match="opposite"):
        smart_city_profile({"household_internet": worse})


def test_weights_that_do_not_fit():
    with pytest.raises(InputError, match="not in both"):
        smart_city_profile({"household_internet": ONLINE}, weights=PEOPLE.drop("n"))
    with pytest.raises(InputError, match="negative"):
        smart_city_profile({"household_internet": ONLINE}, weights=-PEOPLE)
    with pytest.raises(InputError, match="by"):
        smart_city_profile({}, by="colour")
    with pytest.raises(InputError, match="language"):
        smart_city_profile({}, lang="de")


class TestSupplyBesideUse:
    def test_gap_and_what_is_missing(self):
        layers = {
            "fixed_broadband_coverage": 0.95,
            "fixed_broadband_subscriptions": 0.6,
            "household_internet": ONLINE,
            "online_services": 40,
            "internet_users": 0.8,
        }
        found = supply_beside_use(smart_city_profile(layers, weights=PEOPLE))
        assert found.loc["fixed_broadband_coverage", "gap"] == pytest.approx(0.35)
        assert found.loc["fixed_broadband_coverage", "status"] == "measured"
        assert found.loc["mobile_network_coverage", "status"] == "use only"
        assert found.loc["mobile_network_coverage", "use_worst_tenth"] == pytest.approx(0.3)
        assert found.loc["public_computer_access", "status"] == "missing"
        # Services and a share have no difference.
        assert found.loc["online_services", ["supply", "used", "status"]].tolist() == [40, 0.8, "measured"]
        assert np.isnan(found.loc["online_services", "gap"])
        assert len(found) == sum(one["beside"] is not None for one in catalogue().values())

    def test_only_of_a_whole_profile(self):
        with pytest.raises(InputError, match="no profile"):
            supply_beside_use(pd.DataFrame({"value": [1]}))
        with pytest.raises(InputError, match="Keep all rows"):
            supply_beside_use(smart_city_profile({}).iloc[1:])


def cities(table):
    """Profiles of cities from city → indicator → number."""
    return {city: smart_city_profile(layers) for city, layers in table.items()}


THREE = {
    "small": {"library_access": 0.2, "ict_skills": 0.5, "household_internet": 0.6, "offline_households": 0.4},
    "medium": {"library_access": 0.4, "ict_skills": 0.6, "household_internet": 0.7, "offline_households": 0.3},
    "large": {"library_access": 0.6, "ict_skills": 0.4, "household_internet": 0.8, "offline_households": 0.2},
}


class TestSeveralCities:
    def test_side_by_side(self):
        found = compare_profiles(cities({**THREE, "other": {"open_data": 0.1}}))
        assert found.loc["library_access", ["small", "medium", "large", "cities"]].tolist() == [0.2, 0.4, 0.6, 3]
        assert np.isnan(found.loc["library_access", "other"])
        assert found.loc["open_data", "cities"] == 1
        assert len(found) == len(catalogue())

    def test_the_worst_served_tenth_side_by_side(self):
        profile = smart_city_profile({"household_internet": ONLINE}, weights=PEOPLE)
        found = compare_profiles({"one": profile}, show="worst_tenth")
        assert found.loc["household_internet", "one"] == pytest.approx(0.3)

    def test_scores_by_hand(self):
        """With k = 1.5 ** 0.5: of the characteristic people, lifelong learning is -k, 0, k and qualification 0, k, -k.

        The means of these two factors are -k / 2, k / 2, 0. Living has one factor: internet at home is -k, 0, k, and
        homes offline, turned round, are the same.
        """
        found = profile_scores(cities(THREE)).set_index(["group", "city"])
        k = 1.5**0.5
        order = ["small", "medium", "large"]
        np.testing.assert_allclose(found.loc["people"].loc[order, "score"], [-k / 2, k / 2, 0], atol=1e-12)
        np.testing.assert_allclose(found.loc["living"].loc[order, "score"], [-k, 0, k], atol=1e-12)
        assert found.loc[("people", "small"), ["factors", "indicators", "measured"]].tolist() == [2, 2, 2]
        assert found.loc[("living", "small"), ["factors", "indicators"]].tolist() == [1, 2]
        assert np.isnan(found.loc[("mobility", "small"), "score"])
        assert found.loc[("mobility", "small"), "of"] > 5

    def test_a_city_cannot_gain_by_not_knowing(self):
        """What one city does not know takes no part for any, and is counted."""
        less = {**THREE, "small": {key: one for key, one in THREE["small"].items() if key != "library_access"}}
        found = profile_scores(cities(less))
        assert "library_access" not in found.attrs["indicators"]
        told = {item["code"]: item for item in found.attrs["findings"]}
        assert told["indicators_not_shared"]["count"] == 1
        people = found[found["group"] == "people"].set_index("city")
        assert people["indicators"].unique().tolist() == [1]
        assert people["measured"].to_dict() == {"small": 1, "medium": 2, "large": 2}

    def test_against_given_cities(self):
        """Reference of 0.2, 0.4, 0.6: mean 0.4, deviation (0.08 / 3) ** 0.5; a city of 0.5 stands 0.1 above."""
        reference = pd.DataFrame({"library_access": [0.2, 0.4, 0.6]}, index=["a", "b", "c"])
        found = profile_scores(cities({"ours": {"library_access": 0.5}}), reference=reference).dropna()
        assert found["score"].tolist() == pytest.approx([0.1 / (0.08 / 3) ** 0.5])

    @settings(max_examples=8, deadline=None)
    @given(st.lists(st.integers(0, 50), min_size=3, max_size=6).filter(lambda column: len(set(column)) > 1))
    def test_scores_are_centred_and_mirrored(self, column):
        """Together 0; what is better online is worse offline: the same scores from 1 minus the share."""
        online = {f"c{n}": {"household_internet": value / 50} for n, value in enumerate(column)}
        offline = {f"c{n}": {"offline_households": 1 - value / 50} for n, value in enumerate(column)}
        one, other = (profile_scores(cities(table)).dropna()["score"].to_numpy() for table in (online, offline))
        assert one.sum() == pytest.approx(0, abs=1e-9)
        np.testing.assert_allclose(one, other, atol=1e-9)

    def test_a_lower_gini_is_better_whatever_the_indicator(self):
        even, uneven, between = (pd.Series([0.5 - gap, 0.5 + gap]) for gap in (0.0, 0.4, 0.2))
        profiles = {
            city: smart_city_profile({"household_internet": layer})
            for city, layer in {"even": even, "uneven": uneven, "between": between}.items()
        }
        found = profile_scores(profiles, show="gini").dropna().set_index("city")["score"]
        assert found["even"] > found["between"] > found["uneven"]

    def test_what_cannot_be_compared(self):
        with pytest.raises(InputError, match="at least 3"):
            profile_scores(cities({"one": THREE["small"], "two": THREE["large"]}))
        with pytest.raises(InputError, match="share no indicator"):
            profile_scores(cities({"a": {"open_data": 0.1}, "b": {"ict_skills": 0.1}, "c": {"ict_skills": 0.2}}))
        with pytest.raises(InputError, match="share no indicator"):
            profile_scores(cities({city: {"open_data": 0.1} for city in "abc"}))
        with pytest.raises(InputError, match="there is none"):
            compare_profiles({})
        with pytest.raises(InputError, match="rename it"):
            compare_profiles({"unit": smart_city_profile({})})
        with pytest.raises(InputError, match="Did you mean “library_access”"):
            profile_scores(cities(THREE), reference=pd.DataFrame({"libary_access": [0.1, 0.2, 0.3]}))


def test_the_catalogue_as_a_frame():
    english, persian = indicators(), indicators("fa")
    assert list(english.index) == list(persian.index) == list(catalogue())
    assert english.loc["public_transport_access", "standards"].startswith("SDG 11.2.1")
    assert english.loc["smartphone_only", "standards"] == "our own"
    assert persian.loc["smartphone_only", "standards"] == "شاخص خود ما"
    assert english.loc["school_access", "characteristic"] == "Smart living"
    assert persian["challenges"].str.contains("نابرابری دیجیتال").sum() > 5


def test_chicago(shared_data):
    """Real tracts: means by another route, tracts without people left out, and supply above use."""
    import geopandas as gpd

    tracts = gpd.read_file(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg"))
    tracts = tracts.drop_duplicates("geoid").set_index("geoid")
    people = tracts["households"]
    layers = {"household_computer": tracts["f_computer"], "fixed_broadband_subscriptions": tracts["f_broadband"]}
    table = smart_city_profile(layers, weights=people)
    for key, layer in layers.items():
        known = layer.notna() & (people > 0)
        assert table.loc[key, "value"] == pytest.approx(np.average(layer[known], weights=people[known]))
        assert table.loc[key, "worst_tenth"] < table.loc[key, "value"] - 0.1
