"""Cumulative burdens and burden beside access: worked out by hand, and with plain pandas in another way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import spatialjustice as sj
from spatialjustice import digital, inequality
from spatialjustice.environment import (
    burden_and_access,
    burden_and_access_by_group,
    burden_and_access_classes,
    burden_percentiles,
    calenviroscreen_score,
    ejscreen_index,
)

IDS = list("abcde")


def column(values, direction="lower is better"):
    made = pd.Series(values, index=IDS, dtype=float)
    made.attrs["direction"] = direction
    return made


class TestPercentiles:
    def test_by_zones_and_by_people(self):
        noise = column([40, 60, 60, np.nan, 70])
        assert burden_percentiles({"n": noise})["n"].tolist()[:3] == [25.0, 75.0, 75.0]
        # 10 + 20 + 30 + 40 people with a value: 10, 60, 60 and 100 of 100 are burdened no more.
        found = burden_percentiles({"n": noise}, people=[10, 20, 30, 99, 40])["n"]
        np.testing.assert_allclose(found, [10, 60, 60, np.nan, 100])

    def test_what_is_good_is_turned_round(self):
        trees = column([0.1, 0.2, 0.3, 0.4, 0.5], "higher is better")
        assert burden_percentiles({"t": trees})["t"].tolist() == [100, 80, 60, 40, 20]
        trees.attrs["direction"] = "none"
        with pytest.raises(sj.InputError, match="its direction is 'none'"):
            burden_percentiles({"t": trees})


class TestEJScreen:
    def test_percentile_times_demographic_index(self):
        """Demographic index: mean of the two shares. b lacks the burden, c a share: neither has an index."""
        air = column([9, np.nan, 8, 7, 10])
        poor, other = column([0.5, 0.5, np.nan, 0.2, 0.0]), column([0.7, 0.5, 0.5, 0.4, 0.2])
        people = pd.Series([10, 20, 30, 40, 20], index=IDS)
        found = ejscreen_index({"air": air}, demographic={"poor": poor, "other": other}, people=people)
        np.testing.assert_allclose(found["demographic_index"], [0.6, 0.5, np.nan, 0.3, 0.1])
        # Of the 100 people with a value 40 have 7, 70 at most 8, 80 at most 9.
        np.testing.assert_allclose(found["air: percentile"], [80, np.nan, 70, 40, 100])
        np.testing.assert_allclose(found["air: index"], [48, np.nan, np.nan, 12, 10])
        # Among 10 + 40 + 20 people: 20 have 10, 60 at most 12, all at most 48.
        np.testing.assert_allclose(found["air: index percentile"], [100, np.nan, np.nan, 6000 / 70, 2000 / 70])
        np.testing.assert_allclose(found["burdens_80"], [1, np.nan, np.nan, 1, 0])
        (said,) = found.attrs["findings"]
        assert (said["code"], said["count"], said["people"]) == ("burden_index_missing", 2, 50.0)
        with pytest.raises(sj.InputError, match="shares are below 0 or above 1"):
            ejscreen_index({"air": air}, demographic={"poor": poor * 100}, people=people)


class TestCalEnviroScreen:
    def test_by_hand(self):
        """Four zones with people; the fifth has none and takes no rank.

        Air 1, 2, 3, 4 are at 25, 50, 75, 100. Waste 0, 0, 5, 7: no waste is 0, and of the two with some 50 and 100.
        Asthma: a missing, the others 100/3, 200/3, 100. Poverty 4, 3, 2, 1: 100, 75, 50, 25.
        Burden (air + waste / 2) / 1.5: 16.67, 33.33, 66.67, 100. Traits: a has no asthma and so no score.
        """
        found = calenviroscreen_score(
            {"air": column([1, 2, 3, 4, 9])},
            environmental_effects={"waste": column([0, 0, 5, 7, 9])},
            sensitive={"asthma": column([np.nan, 1, 2, 3, 9])},
            socioeconomic={"poverty": column([4, 3, 2, 1, 9])},
            people=[1, 1, 1, 1, 0],
        )
        np.testing.assert_allclose(found["exposures"], [25, 50, 75, 100, np.nan])
        np.testing.assert_allclose(found["environmental_effects"], [0, 0, 50, 100, np.nan])
        np.testing.assert_allclose(found["pollution_burden"], [10 / 6, 10 / 3, 20 / 3, 10, np.nan])
        traits = np.array([np.nan, (100 / 3 + 75) / 2, (200 / 3 + 50) / 2, (100 + 25) / 2, np.nan])
        np.testing.assert_allclose(found["population_characteristics"], 10 * traits / np.nanmax(traits))
        np.testing.assert_allclose(found["score"], found["pollution_burden"] * found["population_characteristics"])
        np.testing.assert_allclose(found["score_percentile"], [np.nan, 100 / 3, 200 / 3, 100, np.nan])
        assert found["indicators"].tolist() == [3, 4, 4, 4, 0]
        (said,) = found.attrs["findings"]
        assert (said["code"], said["count"]) == ("burden_of_fewer_indicators", 1)
        assert found.attrs["left_out"] == 1.0

    def test_a_component_is_the_mean_of_what_a_zone_has(self):
        """b lacks the second exposure: its mean is that of the first alone, 40; a has (20 + 25) / 2."""
        found = calenviroscreen_score(
            {"one": column([1, 2, 3, 4, 5]), "two": column([1, np.nan, 2, 3, 4])}, people=[1] * 5
        )
        np.testing.assert_allclose(found["exposures"], [22.5, 40, 55, 77.5, 100])
        np.testing.assert_allclose(found["score"], found["exposures"] / 10)

    def test_no_trees_at_all_is_no_absent_hazard(self):
        found = calenviroscreen_score({"trees": column([0, 1, 2, 3, 4], "higher is better")}, people=[1] * 5)
        assert found["percentile: trees"].tolist() == [100, 80, 60, 40, 20]

    def test_against_plain_pandas_on_noise(self):
        draw = np.random.default_rng(5)
        table = pd.DataFrame(draw.normal(size=(200, 6)), columns=list("uvwxyz"))
        table = table.mask(draw.random(table.shape) < 0.05)
        found = calenviroscreen_score(
            table[["u", "v"]], environmental_effects=table[["w"]], sensitive=table[["x", "y"]],
            socioeconomic=table[["z"]], people=np.ones(200),
        )  # fmt: skip
        rank = table.rank(method="max").div(table.notna().sum()) * 100
        burden = (rank[["u", "v"]].mean(axis=1) + rank["w"] / 2) / 1.5
        traits = (rank[["x", "y"]].mean(axis=1) + rank["z"]) / 2
        np.testing.assert_allclose(found["score"], 100 * burden / burden.max() * traits / traits.max())

    def test_a_name_in_two_components(self):
        with pytest.raises(sj.InputError, match="air stands in two components"):
            calenviroscreen_score(
                {"air": column(range(5))}, environmental_effects={"air": column(range(5))}, people=[1] * 5
            )


class TestBurdenAndAccess:
    def test_bounds_are_those_of_double_exclusion(self):
        """The same question as far and offline: burdened is what offline is there."""
        draw = np.random.default_rng(1)
        burdened, near = (pd.Series(draw.random(30)) for _ in range(2))
        people = draw.integers(1, 99, 30)
        found = burden_and_access(burdened, near, people=people)
        other = digital.double_exclusion(near, 1 - burdened, people=people)
        for end in ("lowest", "independent", "highest"):
            np.testing.assert_allclose(
                found[f"burdened and without access: {end}"], other[f"neither: {end}"], atol=1e-9
            )
            np.testing.assert_allclose(found[f"only burdened: {end}"], other[f"only physical: {end}"], atol=1e-9)

    def test_what_is_true_of_whole_zones_is_exact_and_nobody_is_lost(self):
        burdened, near = pd.Series([1.0, 0.0, np.nan]), pd.Series([0.25, 0.4, 1.0])
        found = burden_and_access(burdened, near, people=[100, 50, 7])
        assert found.filter(like="burdened and without").loc[0].tolist() == [75.0] * 3
        parts = [name for name in found if name.endswith("independent")] + ["unknown"]
        assert found[parts].sum(axis=1).tolist() == [100, 50, 7]
        assert found.attrs["findings"][0]["people"] == 7.0
        groups = inequality.groups_from_counts(pd.DataFrame({"poor": [80, 20, 0], "rich": [20, 30, 7]}))
        table = burden_and_access_by_group(found, groups, suppress_below=0)
        # 60 of the 80 + 20 poor, 15 of the 20 + 30 rich: 75 % of zone a.
        assert table["burdened and without access: independent"].round(9).to_dict() == {
            "poor": 0.6, "rich": 0.3, "all people": 0.5
        }  # fmt: skip
        assert table.loc["rich", "people_left_out"] == 7

    def test_classes(self):
        burden, near = column([80, 75, 10, 20, np.nan]), column([0.1, 0.5, 0.4, 0.9, 1])
        found = burden_and_access_classes(burden, near, line=75)
        assert found.tolist() == [
            "burdened and without access", "only burdened", "only without access", "neither", "unknown"
        ]  # fmt: skip
        trees = column([0.1, 0.3, 0.5, 0.5, 0.5], "higher is better")
        assert burden_and_access_classes(trees, near, line=0.3).tolist()[:3] == [
            "burdened and without access", "only burdened", "only without access"
        ]  # fmt: skip
        with pytest.raises(sj.InputError, match="are below 0 or above 1"):
            burden_and_access_classes(burden, near * 100, line=75)
        with pytest.raises(sj.InputError, match="burden: it is a list"):
            burden_and_access_classes([80, 75], near, line=75)
        with pytest.raises(sj.InputError, match="burdened: they are a list"):
            burden_and_access([1], near, people=[1])
        with pytest.raises(sj.InputError, match="it is not what burden_and_access returns"):
            burden_and_access_by_group(pd.DataFrame(), None)
