"""Indices of the digital divide against hand sums, published rules and another library, and what must hold of any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from spatialjustice._core.errors import InputError
from spatialjustice.digital import divide_index, indicator_correlation, rank_range

WORSE = {"offline": "higher is worse", "speed": "lower is worse"}
ADDITIVE = ("percentile_rank", "z_score", "min_max")
ALL = (*ADDITIVE, "geometric", "principal_component")


@pytest.fixture
def homes() -> pd.DataFrame:
    return pd.DataFrame(
        {"offline": [0.30, 0.10, 0.20, 0.20], "speed": [20.0, 100.0, 40.0, 100.0]}, index=["n", "e", "s", "w"]
    )


def made(frame, names=("offline", "speed"), **options):
    return divide_index(frame, list(names), **{"direction": WORSE, **options})


def parts_of(found):
    return found[[name for name in found if name.startswith("contribution")]]


class TestByHand:
    def test_percentile_ranks(self, homes):
        # offline: e 0, s and w share places 1 and 2 of 0..3, so 1.5 / 3, n 1. Speed turned: e and w share 0 and 1, so
        # 0.5 / 3; s 2 / 3; n 1.
        found = made(homes)
        np.testing.assert_allclose(found["index"], [1, (0 + 1 / 6) / 2, (0.5 + 2 / 3) / 2, (0.5 + 1 / 6) / 2])
        assert found["rank"].tolist() == [1, 4, 2, 3]
        assert found["percentile"].tolist() == [1.0, 0.25, 0.75, 0.5]

    def test_min_max_with_weights(self, homes):
        # offline: 1, 0, 0.5, 0.5. Speed turned, of 20..100: 1, 0, 0.75, 0. Weights 3 : 1.
        found = made(homes, method="min_max", weights={"offline": 3, "speed": 1})
        np.testing.assert_allclose(found["index"], [1, 0, 0.75 * 0.5 + 0.25 * 0.75, 0.75 * 0.5])
        np.testing.assert_allclose(found.loc["s", "contribution: speed"], 0.25 * 0.75)

    def test_z_scores(self, homes):
        # offline: mean 0.2, deviations 0.1, -0.1, 0, 0; variance 0.02 / 4, standard deviation 0.0707107.
        found = made(homes, ["offline"], method="z_score")
        np.testing.assert_allclose(found["index"], [2**0.5, -(2**0.5), 0, 0], atol=1e-12)

    def test_geometric_mean(self, homes):
        # As 1..100: offline 100, 1, 50.5, 50.5; speed 100, 1, 75.25, 1.
        found = made(homes, method="geometric")
        np.testing.assert_allclose(found["index"], [100, 1, (50.5 * 75.25) ** 0.5, 50.5**0.5])

    def test_equal_zones_share_the_better_number(self):
        found = made(pd.DataFrame({"offline": [0.1, 0.3, 0.3, 0.2], "speed": [9, 3, 3, 5]}))
        assert found["rank"].tolist() == [4, 1, 1, 3]


class TestPublishedRules:
    def test_vulnerability_of_pennsylvania_as_published(self):
        """All 67 counties of Pennsylvania in the Social Vulnerability Index 2020, 16 percentages to the last decimal.

        CDC/ATSDR, SVI 2020, counties of one state compared with each other: the EP_ columns, RPL_THEME1 to RPL_THEME4,
        SPL_THEMES and RPL_THEMES. A work of the United States government, in the public domain.
        """
        table = pd.read_csv(Path(__file__).with_name("svi_2020_pennsylvania.csv"), dtype={"county": str})
        table = table.set_index("county")
        names = list(table.columns)
        themes = {"one": names[:5], "two": names[5:10], "three": names[10:11], "four": names[11:16]}
        found = divide_index(table, themes, method="cdc_svi", direction="higher is worse")
        for ours, theirs in (
            ("theme: one", "rank_1"), ("theme: two", "rank_2"), ("theme: three", "rank_3"), ("theme: four", "rank_4"),
            ("sum", "sum"), ("index", "rank"),
        ):  # fmt: skip
            np.testing.assert_array_equal(found[ours].to_numpy(), table[theirs].to_numpy(), err_msg=ours)

    def test_vulnerability_ranks_are_rounded_a_half_upwards(self):
        # Of 33 zones the second has the rank 1 / 32 = 0.03125, the third 2 / 32 = 0.0625; of 7 the second 1 / 6.
        for count, expected in ((33, [0.0, 0.0313, 0.0625]), (7, [0.0, 0.1667, 0.3333])):
            frame = pd.DataFrame({"poverty": np.arange(count, dtype=float)})
            found = divide_index(frame, {"all": ["poverty"]}, method="cdc_svi", direction="higher is worse")
            assert found["contribution: poverty"].head(3).tolist() == expected

    def test_vulnerability_adds_up_by_theme_and_is_ranked_again(self):
        # Ranks of three zones are 0, 0.5 and 1. Theme one: a and b; theme two: c.
        frame = pd.DataFrame({"a": [1, 2, 3], "b": [3, 2, 1], "c": [1, 3, 2]}, index=["x", "y", "z"])
        found = divide_index(frame, {"one": ["a", "b"], "two": ["c"]}, method="cdc_svi", direction="higher is worse")
        # Sums of theme one: 0 + 1, 0.5 + 0.5, 1 + 0: all the same, and nobody lies below.
        assert found["theme: one"].tolist() == [0, 0, 0]
        assert found["theme: two"].tolist() == [0, 1, 0.5]
        assert found["sum"].tolist() == [1.0, 2.0, 1.5]
        assert found["index"].tolist() == [0, 1, 0.5]
        np.testing.assert_allclose(parts_of(found).sum(axis=1), found["sum"])

    def test_vulnerability_ranks_are_among_all_who_have_a_value(self):
        """Zone d has no poverty: theme two still ranks it among four, (rank - 1) / (n - 1): 0, 1/3, 1, 2/3.

        The whole is ranked among a, b and c, whose sums are 0, 0.5 + 0.3333 and 2.
        """
        nan = float("nan")
        frame = pd.DataFrame({"poverty": [1, 2, 3, nan], "minority": [1, 2, 4, 3]}, index=list("abcd"))
        themes = {"one": ["poverty"], "two": ["minority"]}
        found = divide_index(frame, themes, method="cdc_svi", direction="higher is worse", missing="own class")
        assert found["theme: two"].tolist() == [0, 0.3333, 1, 0.6667]
        np.testing.assert_array_equal(found["theme: one"], [0, 0.5, 1, nan])
        np.testing.assert_array_equal(found["index"], [0, 0.5, 1, nan])
        np.testing.assert_array_equal(found["sum"], [0, 0.8333, 2, nan])
        assert found["contribution: minority"].tolist() == [0, 0.3333, 1, 0.6667]

    def test_a_theme_that_lacks_one_of_its_variables_has_no_rank(self):
        """Zone y lacks b, so that theme one ranks the other three.

        a: ranks of values 1, 2, 3, 4 of four zones are 0, 1/3, 2/3, 1; b: of 9, 5, 7 are 1, 0, 0.5.
        Sums: w 0 + 1, x 0.3333 + 0, z 1 + 0.5, so that x < w < z.
        """
        nan = float("nan")
        frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [9, 5, nan, 7]}, index=list("wxyz"))
        found = divide_index(
            frame, {"one": ["a", "b"]}, method="cdc_svi", direction="higher is worse", missing="own class"
        )
        assert found["contribution: a"].tolist() == [0, 0.3333, 0.6667, 1]
        np.testing.assert_array_equal(found["contribution: b"], [1, 0, nan, 0.5])
        np.testing.assert_array_equal(found["theme: one"], [0.5, 0, nan, 1])

    def test_where_less_is_worse_the_rank_is_one_less_the_rank(self):
        """Incomes 10, 20, 20, 30: shares below 0, 1/3, 1/3, 1; turned 1, 2/3, 2/3, 0 and not 1, 1/3, 1/3, 0."""
        frame = pd.DataFrame({"income": [10, 20, 20, 30]})
        found = divide_index(frame, {"one": ["income"]}, method="cdc_svi", direction="lower is worse")
        assert found["contribution: income"].tolist() == [1, 0.6667, 0.6667, 0]
        assert found["theme: one"].tolist() == [1, 0.3333, 0.3333, 0]

    def test_purdue(self):
        """Every part has the z-scores -1, 1, or the opposite, so that the formula can be read off."""
        frame = pd.DataFrame(
            {
                "i": [0.1, 0.3, 0.2], "d": [0.1, 0.3, 0.2], "down": [90.0, 10.0, 50.0], "up": [90.0, 10.0, 50.0],
                "old": [0.3, 0.1, 0.2], "poor": [0.1, 0.3, 0.2], "school": [0.2, 0.2, 0.5], "health": [0.1, 0.3, 0.2],
            }
        )  # fmt: skip
        parts = {
            "no_internet": "i", "no_device": "d", "download": "down", "upload": "up",
            "aged_65_and_over": "old", "poverty": "poor", "less_than_high_school": "school", "disability": "health",
        }  # fmt: skip
        found = divide_index(frame, parts, method="purdue_ddi")
        # z of 1, 3, 2 is -s, s, 0 with s = (3 / 2) ** 0.5; of 2, 2, 5 it is -1 / 2 ** 0.5 twice and 2 ** 0.5.
        s, low, high = 1.5**0.5, -(0.5**0.5), 2**0.5
        socioeconomic = np.array([s - s + low - s, -s + s + low + s, high])
        social = 100 * (socioeconomic - socioeconomic.min()) / (socioeconomic.max() - socioeconomic.min())
        np.testing.assert_allclose(found["theme: infrastructure"], [0, 100, 50], atol=1e-9)
        np.testing.assert_allclose(found["theme: socioeconomic"], social, atol=1e-9)
        total = np.array([0, 100, 50]) + social
        np.testing.assert_allclose(found["index"], 100 * (total - total.min()) / (total.max() - total.min()))
        np.testing.assert_allclose(parts_of(found).sum(axis=1), found["index"], atol=1e-9)

    def test_purdue_of_2020_has_a_part_more(self):
        """Internet income ratio, a socio-economic part: its z-scores are those of poverty, counted once more."""
        frame = pd.DataFrame({"a": [1.0, 3.0, 2.0], "b": [3.0, 2.0, 1.0], "same": [1.0, 1.0, 1.0]})
        parts = dict.fromkeys(["no_internet", "no_device", "download", "upload", "disability"], "same")
        parts |= {"poverty": "a", "aged_65_and_over": "b"}
        frame = frame.assign(**{f"{part}_": frame[name] for part, name in parts.items()}, ratio=frame["a"], school=1.0)
        named = {part: f"{part}_" for part in parts} | {"less_than_high_school": "school"}
        without, with_it = (
            divide_index(frame, named | more, method="purdue_ddi") for more in ({}, {"internet_income_ratio": "ratio"})
        )
        # z of a is -s, s, 0 and of b s, 0, -s: together 0, s, -s, and -s, 2 s, -s with the ratio.
        np.testing.assert_allclose(without["index"], [50, 100, 0], atol=1e-9)
        np.testing.assert_allclose(with_it["index"], [0, 100, 0], atol=1e-9)

    def test_the_deviation_of_a_sample_gives_the_same_purdue_index(self):
        """It stretches all z-scores alike, which the last step takes back."""
        rng = np.random.default_rng(1)
        names = ["no_internet", "no_device", "download", "upload", "aged_65_and_over", "poverty",
                 "less_than_high_school", "disability", "no_broadband"]  # fmt: skip
        frame = pd.DataFrame(rng.random((9, 9)), columns=names)
        z = (frame - frame.mean()) / frame.std(ddof=1)
        for coverage, (homes_, speeds) in ((False, (0.35, 0.15)), (True, (0.3, 0.05))):
            score = homes_ * (z["no_internet"] + z["no_device"]) - speeds * (z["download"] + z["upload"])
            if coverage:
                score = score + 0.3 * z["no_broadband"]
            total = self.stretched(score) + self.stretched(z[names[4:8]].sum(axis=1))
            given = {name: name for name in names if coverage or name != "no_broadband"}
            found = divide_index(frame, given, method="purdue_ddi")
            np.testing.assert_allclose(found["index"], self.stretched(total), atol=1e-9)
            np.testing.assert_allclose(parts_of(found).sum(axis=1), found["index"], atol=1e-9)

    @staticmethod
    def stretched(score):
        return 100 * (score - score.min()) / (score.max() - score.min())

    def test_what_a_rule_does_not_take(self, homes):
        for options, name in (
            ({"indicators": {"one": ["offline"]}, "method": "cdc_svi", "weights": {"offline": 1.0}}, "weights"),
            ({"indicators": ["offline"], "method": "cdc_svi"}, "indicators"),
            ({"indicators": {"one": ["offline"]}, "method": "cdc_svi", "missing": "available"}, "missing"),
            ({"indicators": {"no_internet": "offline"}, "method": "purdue_ddi", "direction": None}, "indicators"),
        ):
            with pytest.raises(InputError) as caught:
                divide_index(homes, **{"direction": WORSE, **options})
            assert caught.value.name == name


def test_the_first_component_is_that_of_another_library():
    rng = np.random.default_rng(3)
    common = rng.normal(size=60)
    frame = pd.DataFrame({name: common + rng.normal(size=60) for name in "abc"})
    found = divide_index(frame, list("abc"), method="principal_component", direction="higher is worse")
    scaled = (frame - frame.mean()) / frame.std(ddof=0)
    peer = PCA(n_components=1).fit(scaled)
    turn = np.sign(peer.components_[0].sum())
    np.testing.assert_allclose(found["index"], turn * peer.transform(scaled)[:, 0], atol=1e-9)
    assert found.attrs["explained"] == pytest.approx(peer.explained_variance_ratio_[0])


class TestComponent:
    def test_one_that_counts_an_indicator_the_other_way_says_so(self):
        # a and b rise together, c falls: the component is of a and b, and takes c as good.
        frame = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 2, 3, 5], "c": [4.0, 3, 2, 1]})
        found = divide_index(frame, list("abc"), method="principal_component", direction="higher is worse")
        assert found.attrs["loadings"]["c"] < 0
        assert found["rank"].tolist() == [4, 3, 2, 1]
        codes = {item["code"]: item for item in found.attrs["findings"]}
        assert "c counts the other way" in codes["component_against_direction"]["message"]

    def test_loadings_that_cancel_out_are_turned_by_the_first_indicator(self):
        frame = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [4.0, 3, 2, 1]})
        for names in (["a", "b"], ["b", "a"]):
            found = divide_index(frame, names, method="principal_component", direction="higher is worse")
            assert found.attrs["loadings"][names[0]] == pytest.approx(0.5**0.5)
            assert found.attrs["loadings"][names[1]] == pytest.approx(-(0.5**0.5))

    def test_two_that_explain_as_much_are_no_index_to_trust(self):
        # No correlation at all: both components explain a half.
        frame = pd.DataFrame({"a": [0.0, 0, 1, 1], "b": [0.0, 1, 0, 1]})
        found = divide_index(frame, ["a", "b"], method="principal_component", direction="higher is worse")
        assert found.attrs["alone"] is False
        assert "component_not_alone" in {item["code"] for item in found.attrs["findings"]}

    def test_turning_every_direction_round_mirrors_it(self):
        rng = np.random.default_rng(5)
        common = rng.normal(size=30)
        frame = pd.DataFrame({name: common + rng.normal(size=30) for name in "abc"})
        up, down = (
            divide_index(frame, list("abc"), method="principal_component", direction=way)["index"]
            for way in ("higher is worse", "lower is worse")
        )
        np.testing.assert_allclose(up, -down, atol=1e-9)


TABLES = st.integers(4, 12).flatmap(
    lambda rows: st.lists(
        st.lists(st.integers(0, 9), min_size=rows, max_size=rows).filter(lambda column: len(set(column)) > 1),
        min_size=3,
        max_size=3,
    )
)


def framed(columns):
    return pd.DataFrame(dict(zip("abc", columns, strict=True)), dtype=float)


@settings(max_examples=30, deadline=None)
@given(TABLES, st.sampled_from(ADDITIVE))
def test_turning_every_direction_round_mirrors_the_index(columns, method):
    frame = framed(columns)
    up, down = (
        divide_index(frame, list("abc"), method=method, direction=way) for way in ("higher is worse", "lower is worse")
    )
    middle = {"percentile_rank": 1.0, "min_max": 1.0, "z_score": 0.0}[method]
    np.testing.assert_allclose(up["index"] + down["index"], middle, atol=1e-9)
    np.testing.assert_array_equal(up["rank"], down["index"].round(9).rank(method="min"))


@settings(max_examples=30, deadline=None)
@given(TABLES, st.sampled_from(ALL))
def test_a_constant_indicator_changes_nothing_and_parts_add_up(columns, method):
    frame = framed(columns).assign(same=7.0)
    options = {"method": method, "direction": "higher is worse"}
    without, with_it = (divide_index(frame, [*"abc", *more], **options) for more in ([], ["same"]))
    pd.testing.assert_series_equal(without["index"], with_it["index"])
    pd.testing.assert_series_equal(without["rank"], with_it["rank"])
    assert "constant_indicators" in {item["code"] for item in with_it.attrs["findings"]}
    np.testing.assert_allclose(parts_of(with_it).sum(axis=1), with_it["index"], atol=1e-9)
    assert (with_it["contribution: same"] == 0).all()


@pytest.mark.parametrize("method", ["cdc_svi", "purdue_ddi"])
def test_a_constant_indicator_changes_no_rank_of_a_published_rule(method):
    rng = np.random.default_rng(8)
    names = ["no_internet", "no_device", "download", "upload", "aged_65_and_over", "poverty", "less_than_high_school",
             "disability", "internet_income_ratio"]  # fmt: skip
    frame = pd.DataFrame(rng.random((12, 9)), columns=names).assign(internet_income_ratio=2.0)
    if method == "cdc_svi":
        options = {"method": method, "direction": "higher is worse"}
        without, with_it = (divide_index(frame, {"one": names[:8], **more}, **options)
                            for more in ({}, {"two": ["internet_income_ratio"]}))  # fmt: skip
    else:
        without, with_it = (
            divide_index(frame, {name: name for name in names[:count]}, method=method) for count in (8, 9)
        )
    pd.testing.assert_series_equal(without["rank"], with_it["rank"])
    pd.testing.assert_series_equal(without["index"], with_it["index"])


@settings(max_examples=15, deadline=None)
@given(TABLES, st.sampled_from(ADDITIVE))
def test_turning_one_direction_round_mirrors_its_part(columns, method):
    frame = framed(columns)
    up = dict.fromkeys("abc", "higher is worse")
    there, back = (
        divide_index(frame, list("abc"), method=method, direction=way) for way in (up, up | {"a": "lower is worse"})
    )
    whole = {"percentile_rank": 1 / 3, "min_max": 1 / 3, "z_score": 0.0}[method]
    np.testing.assert_allclose(there["contribution: a"] + back["contribution: a"], whole, atol=1e-9)
    pd.testing.assert_series_equal(there["contribution: b"], back["contribution: b"])


@pytest.mark.parametrize("method", [*ADDITIVE, "geometric"])
def test_weights_at_their_extremes(homes, method):
    alone = made(homes, ["offline"], method=method)["index"]
    for weights in ({"offline": 1.0, "speed": 0.0}, {"offline": 1e308, "speed": 1e-308}):
        np.testing.assert_allclose(made(homes, method=method, weights=weights)["index"], alone, atol=1e-9)
    both = made(homes, method=method)["index"]
    for large in (1e308, 5e-324):
        found = made(homes, method=method, weights={"offline": large, "speed": large})
        np.testing.assert_allclose(found["index"], both, atol=1e-9)
        assert found.attrs["weights"] == {"offline": 0.5, "speed": 0.5}


def test_a_constant_indicator_changes_no_range_of_ranks_but_its_draws(homes):
    """With no random weights there is nothing that hangs on the number of indicators."""
    options = {"direction": {**WORSE, "same": "higher is worse"}, "replications": 0, "rng": 1}
    frame = homes.assign(same=1.0)
    without, with_it = (rank_range(frame, names, **options) for names in (list(WORSE), [*WORSE, "same"]))
    pd.testing.assert_frame_equal(without, with_it)


def test_ranges_of_ranks_are_those_of_the_indices_they_are_made_of():
    """Without random weights: the five ways, each made by divide_index or by hand."""
    frame = pd.DataFrame(np.random.default_rng(4).random((15, 3)), columns=list("abc"))
    found = rank_range(frame, list("abc"), direction="higher is worse", replications=0, rng=1)
    tables = [
        divide_index(frame, list("abc"), method=method, direction="higher is worse")["rank"]
        for method in (*ADDITIVE, "geometric")
    ]
    ranked = 1 + 99 * (frame.rank() - 1) / 14
    tables.append((ranked.prod(axis=1) ** (1 / 3)).rank(ascending=False, method="min"))
    table = np.vstack(tables)
    np.testing.assert_array_equal(found["lowest_rank"], table.min(axis=0))
    np.testing.assert_array_equal(found["highest_rank"], table.max(axis=0))


@settings(max_examples=20, deadline=None)
@given(TABLES, st.permutations(range(12)))
def test_the_order_of_rows_and_the_unit_mean_nothing(columns, order):
    frame = framed(columns)
    there = [place for place in order if place < len(frame)]
    for method in ALL:
        found = divide_index(frame, list("abc"), method=method, direction="higher is worse")
        again = divide_index(frame.iloc[there] * 1000 + 5, list("abc"), method=method, direction="higher is worse")
        np.testing.assert_allclose(again["index"].reindex(frame.index), found["index"], atol=1e-8)


@settings(max_examples=10, deadline=None)
@given(TABLES, st.integers(0, 99))
def test_ranges_of_ranks_hold_the_base_rank(columns, seed):
    frame = framed(columns)
    found = rank_range(frame, list("abc"), direction="higher is worse", replications=10, rng=seed)
    assert (found["lowest_rank"] <= found["base_rank"]).all()
    assert (found["base_rank"] <= found["highest_rank"]).all()
    assert found["share_among_worst"].between(0, 1).all()
    assert found["base_rank"].equals(
        divide_index(frame, list("abc"), direction="higher is worse")["rank"].astype(float)
    )
    again = rank_range(frame.iloc[::-1], list("abc"), direction="higher is worse", replications=10, rng=seed)
    pd.testing.assert_frame_equal(found, again.reindex(frame.index))


def test_a_zone_that_is_worst_in_everything_is_so_under_every_choice(homes):
    found = rank_range(homes, ["offline", "speed"], direction=WORSE, replications=25, rng=4)
    assert found.loc["n", ["lowest_rank", "highest_rank", "share_among_worst"]].tolist() == [1, 1, 1]
    # One indicator puts w level with s, the other level with e: its place depends on what counts.
    assert found.loc["w", "lowest_rank"] < found.loc["w", "highest_rank"] or found.loc["w", "lowest_rank"] == 3
    assert found.attrs["choices"] == 5 * 26


def test_the_worst_tenth_is_of_people_when_they_are_given(homes):
    people = pd.Series({"n": 0.0, "e": 5.0, "s": 90.0, "w": 5.0})
    found = rank_range(homes, ["offline", "speed"], direction=WORSE, people=people, replications=0, rng=0)
    # Nobody lives in the worst zone; the next holds nine tenths of the people.
    assert found["share_among_worst"].tolist() == [0, 0, 1, 0]


class TestMissing:
    def test_it_is_refused_by_name(self, homes):
        homes.loc["s", "speed"] = np.nan
        with pytest.raises(InputError, match="speed.*missing") as caught:
            made(homes)
        assert list(caught.value.rows) == ["s"]

    def test_it_is_a_class_of_its_own(self, homes):
        homes.loc["s", "speed"] = np.nan
        found = made(homes, missing="own class")
        assert np.isnan(found.loc["s", "index"])
        assert found.attrs["left_out"] == 1
        assert found.attrs["findings"][-1]["code"] == "zones_without_index"
        assert found["rank"].max() == 3

    def test_the_others_stand_in_for_it(self, homes):
        homes.loc["s", "speed"] = np.nan
        found = made(homes, method="min_max", missing="available")
        assert found.loc["s", "index"] == pytest.approx(0.5)
        assert found.loc["s", "indicators"] == 1
        assert found.attrs["findings"][-1]["code"] == "indicators_missing"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"direction": {"offline": "higher is worse"}}, "direction"),
        ({"direction": None}, "direction"),
        ({"direction": "up"}, "direction"),
        ({"method": "best"}, "method"),
        ({"weights": {"offline": 1.0}}, "weights"),
        ({"weights": {"offline": 0.0, "speed": 0.0}}, "weights"),
        ({"weights": {"offline": -1.0, "speed": 2.0}}, "weights"),
        ({"indicators": ["offline", "price"]}, "indicators"),
        ({"indicators": ["offline", "offline"]}, "indicators"),
        ({"indicators": []}, "indicators"),
        ({"method": "principal_component", "weights": {"offline": 1.0, "speed": 1.0}}, "weights"),
    ],
)
def test_settings_that_cannot_be(homes, change, name):
    with pytest.raises(InputError) as caught:
        divide_index(homes, **{"indicators": ["offline", "speed"], "direction": WORSE, **change})
    assert caught.value.name == name


def test_too_few_zones_and_nothing_that_differs(homes):
    with pytest.raises(InputError, match="at least 3"):
        made(homes.iloc[:2])
    with pytest.raises(InputError, match="same in all zones"):
        made(homes.assign(offline=1.0), ["offline"])
    with pytest.raises(InputError, match="infinite"):
        made(homes.assign(offline=[1, 2, np.inf, 3]))


def test_correlation_is_of_indicators_turned_the_same_way(homes):
    found = indicator_correlation(homes, ["offline", "speed"], direction=WORSE)
    peer = homes["offline"].corr(-homes["speed"], method="spearman")
    assert found.loc["offline", "speed"] == pytest.approx(peer)
    assert found.attrs["unit"] == "correlation"


def test_chicago(shared_data):
    """Real tracts: where the index is worst, fewer homes are online, and the ranges hold the base."""
    import geopandas as gpd

    tracts = gpd.read_file(shared_data("chicago/chicago_tracts_acs2019_fcc.gpkg"))
    tracts = tracts.drop_duplicates("geoid").set_index("geoid")
    names = {"f_broadband": "lower is worse", "f_computer": "lower is worse", "max_dn": "lower is worse"}
    found = divide_index(tracts, list(names), direction=names, missing="own class")
    worst, best = (tracts.loc[found["rank"].between(*ends)] for ends in ((1, 80), (700, 800)))
    assert worst["f_broadband"].mean() < best["f_broadband"].mean() - 0.2
    ranges = rank_range(tracts, list(names), direction=names, missing="own class", replications=20, rng=1)
    known = ranges.dropna()
    assert (known["lowest_rank"] <= known["base_rank"]).all()
    assert (known["base_rank"] <= known["highest_rank"]).all()
    assert found["index"].isna().sum() == found.attrs["left_out"]
