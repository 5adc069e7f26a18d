"""Small cities drawn together, ranks, classes and levels: against brute force, simulated truth and other libraries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

import spatialjustice as sj
from spatialjustice._core.errors import InputError


def series(values):
    return pd.Series(np.asarray(values, dtype=float), index=[f"c{place}" for place in range(len(values))])


@pytest.fixture(scope="module")
def towns():
    """Synthetic: 40 cities whose true values spread by 100 around 800, or 900 where large; errors from 20 to 250."""
    generator = np.random.default_rng(4)
    errors = series(generator.uniform(20, 250, size=40))
    large = series(np.arange(40) % 3 == 0)
    truth = 800 + 100 * large + generator.normal(0, 100, size=40)
    return truth + generator.normal(0, 1, size=40) * errors, errors, large


class TestClasses:
    def test_the_lower_limit_is_in_and_the_upper_one_is_not(self):
        people = series([49_999, 50_000, 199_999, 200_000, 500_000, 1_499_999.9, 1_500_000, np.nan])
        found = sj.cities.size_classes(people)
        assert found.tolist() == [
            *("below 50,000", "small", "small", "medium", "metropolitan", "metropolitan", "large metropolitan"),
            "people unknown",
        ]
        assert list(found.cat.categories)[-1] == "people unknown"
        assert found.attrs["limits"]["medium"] == 200_000
        assert [one["code"] for one in found.attrs["findings"]] == ["city_people_unknown"]

    def test_own_limits_with_and_without_names(self):
        people = series([10, 300, 5000])
        assert sj.cities.size_classes(people, classes=[100, 1000]).tolist() == [
            *("below 100", "100 to 1,000", "1,000 or more"),
        ]
        assert sj.cities.size_classes(people, classes={"village": 0, "town": 300}).tolist() == [
            *("village", "town", "town"),
        ]
        assert "classes" not in set(sj.cities.size_classes(people, classes="un"))

    @pytest.mark.parametrize(
        ("people", "classes", "said"),
        [
            ([1, -2], "oecd", "1 numbers are negative or infinite"),
            ([1, 2], "eu", "there is no rule 'eu'"),
            ([1, 2], [5, 3], "the limits are"),
            ([np.nan], "oecd", "they are known of no city"),
        ],
        ids=["negative", "rule", "falling", "unknown"],
    )
    def test_refused(self, people, classes, said):
        with pytest.raises(InputError, match=said):
            sj.cities.size_classes(series(people), classes=classes)


def test_no_two_cities_have_one_label():
    names = pd.Series(["Columbus", "Columbus", "Columbus", "Salem", "?????", None, "Salem (US)"], index=range(7))
    country = pd.Series(["US", "US", "CA", "US", "Iran", "Iran", "US"], index=range(7))
    found = sj.cities.city_labels(names, country=country)
    assert found.tolist() == [
        *("Columbus (US, 0)", "Columbus (US, 1)", "Columbus (CA)", "Salem", "city 4 (Iran)", "city 5 (Iran)"),
        "Salem (US)",
    ]
    counts = {one["code"]: one["count"] for one in found.attrs["findings"]}
    assert counts == {"city_names_lost_letters": 1, "city_names_missing": 1, "city_names_shared": 3}


def test_labels_of_3261_cities_of_the_world(shared_data):
    cities = pd.read_csv(shared_data("cities/cityaccessmap_3261_cities.csv")).set_index("city")
    found = sj.cities.city_labels(cities["name"], country=cities["country"])
    assert found.is_unique
    assert len(found.attrs["lost"]) == cities["name"].str.contains("?", regex=False).sum() == 98
    assert not found.str.contains("?", regex=False).any()


class TestShrunken:
    @pytest.mark.parametrize("method", ["reml", "adjusted"])
    def test_the_spread_maximises_the_restricted_likelihood(self, towns, method):
        estimates, errors, large = towns
        labels = large.map({1.0: "large", 0.0: "small"})
        found = sj.cities.shrunken(estimates, standard_error=errors, labels=labels, method=method)
        design = np.column_stack([large, 1 - large])

        def lost(spread):
            weights = 1 / (errors**2 + spread)
            inside = design.T @ (weights.to_numpy()[:, None] * design)
            slopes = np.linalg.solve(inside, design.T @ (weights * estimates))
            rest = estimates - design @ slopes
            adjusted = 2 * np.log(spread) if method == "adjusted" else 0
            return -np.log(weights).sum() + np.log(np.linalg.det(inside)) + (weights * rest**2).sum() - adjusted

        best = minimize_scalar(lost, bounds=(1, 1e5), method="bounded", options={"xatol": 1e-6}).x
        assert found.attrs["spread"] ** 2 == pytest.approx(best, rel=1e-4)
        weight = best / (best + errors**2)
        assert found["own_weight"].to_numpy() == pytest.approx(weight.to_numpy(), rel=1e-4)
        means = found["expected"].groupby(labels).unique()
        assert all(len(one) == 1 for one in means)

    def test_the_spread_by_moments_is_that_of_statsmodels(self, towns):
        from statsmodels.stats.meta_analysis import combine_effects

        estimates, errors, _ = towns
        found = sj.cities.shrunken(estimates, standard_error=errors, method="dersimonian_laird")
        other = combine_effects(estimates.to_numpy(), errors.to_numpy() ** 2, method_re="chi2")
        assert found.attrs["spread"] ** 2 == pytest.approx(other.tau2, rel=1e-10)
        assert found["expected"].iloc[0] == pytest.approx(other.mean_effect_re, rel=1e-10)

    def test_what_is_expected_of_a_city_is_the_weighted_regression_of_statsmodels(self, towns):
        from statsmodels.api import WLS, add_constant

        estimates, errors, large = towns
        slope = pd.DataFrame({"large": large, "people": np.arange(40.0) ** 2})
        found = sj.cities.shrunken(estimates, standard_error=errors, explanations=slope)
        weights = 1 / (errors**2 + found.attrs["spread"] ** 2)
        other = WLS(estimates, add_constant(slope), weights=weights).fit().fittedvalues
        assert found["expected"].to_numpy() == pytest.approx(other.to_numpy(), rel=1e-9)
        with pytest.raises(InputError, match="some say the same as others"):
            sj.cities.shrunken(estimates, standard_error=errors, explanations=slope.assign(twice=2 * large))

    def test_ranges_hold_the_truth_and_the_guess_is_nearer_to_it_than_the_estimate(self):
        """150 tables of 30 cities, each with errors of its own: 95 % ranges hold in 94 to 98 of 100."""
        generator = np.random.default_rng(11)
        held, nearer = [], []
        for _ in range(150):
            errors = series(generator.uniform(30, 200, size=30))
            truth = series(generator.normal(700, 90, size=30))
            estimates = truth + generator.normal(size=30) * errors
            found = sj.cities.shrunken(estimates, standard_error=errors)
            held.append(((found["low"] <= truth) & (truth <= found["high"])).mean())
            nearer.append(((found["value"] - truth) ** 2).mean() / ((estimates - truth) ** 2).mean())
        assert 0.94 <= np.mean(held) <= 0.98
        assert np.mean(nearer) < 0.7

    def test_errors_of_cities_with_three_cells_are_borrowed(self, towns):
        estimates, errors, _ = towns
        cells = series([100.0] * 38 + [3, 1])
        given = errors.where(cells > 3)
        found = sj.cities.shrunken(estimates, standard_error=given, cells=cells)
        of_one = np.median(errors.iloc[:38] * 10)
        assert found["standard_error"].iloc[38:].tolist() == pytest.approx([of_one / 3**0.5, of_one])
        assert found["borrowed"].tolist() == [False] * 38 + [True] * 2
        assert found["own_weight"].iloc[39] < found["own_weight"].iloc[38]
        with pytest.raises(InputError, match="2 standard errors are missing"):
            sj.cities.shrunken(estimates, standard_error=given)

    def test_cities_that_differ_by_chance_only_become_one(self):
        estimates = series([500, 510, 505, 495, 502])
        found = sj.cities.shrunken(estimates, standard_error=series([80.0] * 5), method="reml")
        assert found.attrs["spread"] == 0
        assert found["value"].to_numpy() == pytest.approx(502.4)
        assert sj.cities.shrunken(estimates, standard_error=series([80.0] * 5)).attrs["spread"] > 0


class TestRanks:
    def test_ranges_hold_the_true_rank_of_a_city_as_often_as_they_promise(self):
        """300 tables of eight cities, two of them alike: the range of the third one holds its rank in 95 of 100."""
        generator = np.random.default_rng(7)
        truth = np.array([900, 700, 650, 640, 600, 500, 500, 300.0])
        errors = series([40, 60, 50, 30, 80, 40, 50, 60])
        held = {2: 0, 5: 0}
        draws = 300
        for step in range(draws):
            estimates = series(truth + generator.normal(size=8) * errors)
            found = sj.cities.ranks(estimates, standard_error=errors, replications=199, rng=step)
            held[2] += found["low"].iloc[2] <= 3 <= found["high"].iloc[2]
            # Two are sixth or seventh alike: the range must hold both places.
            held[5] += found["low"].iloc[5] <= 6 and found["high"].iloc[5] >= 7
        assert held[2] / draws >= 0.94
        assert held[5] / draws >= 0.94

    def test_ranges_of_all_cities_are_wider_and_what_is_sure_is_sure(self, towns):
        estimates, errors, _ = towns
        each = sj.cities.ranks(estimates, standard_error=errors, rng=1)
        every = sj.cities.ranks(estimates, standard_error=errors, adjust="all cities", rng=1)
        assert (every["low"] <= each["low"]).all()
        assert (every["high"] >= each["high"]).all()
        assert ((each["low"] <= each["rank"]) & (each["rank"] <= each["high"])).all()
        exact = sj.cities.ranks(estimates, standard_error=errors * 1e-9, rng=1)
        assert (exact["low"] == exact["rank"]).all()
        assert (exact["high"] == exact["rank"]).all()
        assert estimates.idxmax() == exact["rank"].idxmin()
        turned = sj.cities.ranks(estimates.iloc[::-1], standard_error=errors, rng=1)
        pd.testing.assert_frame_equal(turned.iloc[::-1], each)

    def test_the_best_is_last_whichever_way_is_better(self):
        found = sj.cities.ranks(
            series([1, 2, 3]), standard_error=series([0.1] * 3), direction="higher is better", rng=1
        )
        assert found["rank"].tolist() == [1, 2, 3]

    def test_a_city_with_three_cells_gets_no_rank_and_takes_part_in_none(self, towns):
        estimates, errors, _ = towns
        cells = series([100] * 39 + [3])
        found = sj.cities.ranks(estimates, standard_error=errors, cells=cells, rng=1)
        without = sj.cities.ranks(estimates.iloc[:-1], standard_error=errors.iloc[:-1], rng=1)
        assert found["rank"].iloc[:-1].tolist() == without["rank"].tolist()
        assert np.isnan(found["rank"].iloc[-1])
        assert found["note"].iloc[-1] == "fewer than 20 cells or blocks: no rank"
        assert next(one["code"] for one in found.attrs["findings"]) == "cities_not_ranked"


class TestClassesOfCities:
    def test_means_differences_and_quartiles_are_those_of_pandas(self, towns):
        estimates, errors, large = towns
        people = series(np.arange(1, 41))
        labels = large.map({1.0: "large", 0.0: "small"})
        found = sj.cities.by_class(estimates, labels=labels, people=people, standard_error=errors, rng=1)
        for name in ("large", "small"):
            mine = labels == name
            mean = np.average(estimates[mine], weights=people[mine])
            rest = np.average(estimates[~mine], weights=people[~mine])
            assert found.loc[name, "mean"] == pytest.approx(mean)
            assert found.loc[name, "difference"] == pytest.approx(mean - rest)
            assert found.loc[name, "city_median"] == pytest.approx(estimates[mine].median())
            assert found.loc[name, "city_lower_quartile"] == pytest.approx(estimates[mine].quantile(0.25))
        assert found["cities"].tolist() == [14, 26, 40]
        assert found.loc["all cities", "mean"] == pytest.approx(np.average(estimates, weights=people))

    def test_the_range_of_a_class_mean_is_that_of_the_textbook(self):
        """Of equal weight and exact: standard deviation over the root of their number, 1.96 to either side."""
        estimates = series(np.random.default_rng(5).normal(800, 120, size=200))
        labels = pd.Series("one", index=estimates.index)
        found = sj.cities.by_class(estimates, labels=labels, replications=1999, rng=2).loc["one"]
        half = 1.96 * estimates.std() / 200**0.5
        assert (found["high"] - found["low"]) / 2 == pytest.approx(half, rel=0.07)

    def test_a_city_against_its_class_by_hand(self):
        """Ways of 100 to 500 m; the city has 400: median 300, quartiles 200 and 400; three in ten are better off."""
        estimates = series([100, 200, 300, 400, 500, 9000])
        labels = pd.Series(["small"] * 5 + ["large"], index=estimates.index)
        people = series([1, 1, 1, 5, 2, 100])
        found = sj.cities.city_against_class(
            estimates, labels=labels, city="c3", people=people, standard_error=series([1] * 6), rng=1
        ).loc["c3"]
        assert found[["lower_quartile", "median", "upper_quartile", "difference"]].tolist() == [200, 300, 400, 100]
        assert found[["rank", "rank_low", "rank_high"]].tolist() == [2, 2, 2]
        assert found["share_better_off"] == pytest.approx(3 / 10)
        with pytest.raises(InputError, match="there is no city 'Atlantis'"):
            sj.cities.city_against_class(estimates, labels=labels, city="Atlantis")

    def test_pairs_are_apart_by_their_difference_and_all_ranges_hold_at_once(self):
        found = sj.cities.city_differences(series([500, 560, 700]), standard_error=series([30, 40, 10]))
        assert found["tests"].unique().tolist() == [3]
        row = found.iloc[-1]
        # 0.05/3 two-sided: 2.394 standard errors of 50.
        assert (row["higher"], row["lower"], row["difference"]) == ("c1", "c0", 60)
        assert row["high"] == pytest.approx(60 + 2.394 * 50, abs=0.01)
        assert found["apart"].tolist() == [True, True, False]


def test_levels_are_exact_and_as_the_definition_says():
    """Synthetic cells of twelve cities in three classes: each part from its definition, person by person."""
    generator = np.random.default_rng(9)
    frame = pd.DataFrame(
        {
            "city": np.repeat(np.arange(12), 30),
            "metres": generator.gamma(2, 300, size=360),
            "people": generator.integers(0, 50, size=360),
        }
    )
    labels = pd.Series(np.array(["small", "small", "large", "middle"])[np.arange(12) % 4], index=np.arange(12))
    found = sj.cities.within_and_between(frame, city="city", values="metres", people="people", labels=labels, rng=1)
    frame["class"] = frame["city"].map(labels)
    weights = frame["people"] / frame["people"].sum()
    mean = (weights * frame["metres"]).sum()
    had = frame["people"] * frame["metres"]
    of = {
        name: had.groupby(frame[name]).transform("sum") / frame["people"].groupby(frame[name]).transform("sum")
        for name in ("city", "class")
    }
    share = weights * frame["metres"] / mean
    parts = [
        (share * np.log(of["class"] / mean)).sum(),
        (share * np.log(of["city"] / of["class"])).sum(),
        (share * np.log(frame["metres"] / of["city"])).sum(),
    ]
    assert found["value"].tolist() == pytest.approx([*parts, sum(parts)], rel=1e-9)
    total = sj.inequality.theil_t(frame["metres"], people=frame["people"])
    assert found.loc["total", "value"] == pytest.approx(total)
    assert ((found["low"] <= found["value"]) & (found["value"] <= found["high"]))[1:].all()
    with pytest.raises(InputError, match="2 cities have no class"):
        sj.cities.within_and_between(frame, city="city", values="metres", labels=labels.iloc[:10])


def test_deciles_are_weighted_quantiles():
    frame = pd.DataFrame({"city": ["a"] * 5, "metres": [5, 1, 4, 2, 3], "people": [1, 4, 1, 3, 1]})
    found = sj.cities.city_deciles(frame, city="city", values="metres", people="people")
    expected = [sj.inequality.weighted_quantile(frame["metres"], q, people=frame["people"]) for q in found.columns]
    assert found.loc["a"].tolist() == expected == [1, 1, 1, 1, 2, 2, 2, 3, 4]
