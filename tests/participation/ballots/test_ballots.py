"""Ballots per people, on paper, and their change: hand cases, statsmodels, and simulated votes of a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from spatialjustice import participation
from spatialjustice._core.errors import InputError
from spatialjustice.participation.ballots.intervals import count_interval, share_interval


class TestIntervals:
    @pytest.mark.parametrize(("ours", "theirs"), [("wilson", "wilson"), ("clopper_pearson", "beta")], ids=["w", "cp"])
    def test_shares_as_statsmodels(self, ours, theirs):
        part, whole = np.array([0.0, 1, 5, 40, 99, 100, 3]), np.array([10.0, 10, 20, 100, 100, 100, 40_000])
        low, high = share_interval(part, whole, level=0.9, method=ours)
        expected = proportion_confint(part, whole, alpha=0.1, method=theirs)
        assert low == pytest.approx(expected[0], abs=1e-12)
        assert high == pytest.approx(expected[1], abs=1e-12)

    def test_none_of_none_has_no_interval(self):
        low, high = share_interval(np.array([0.0]), np.array([0.0]), level=0.95, method="wilson")
        assert np.isnan([low[0], high[0]]).all()

    def test_counts_leave_as_much_beyond_each_end_as_the_level_says(self):
        """At the lower end a count so high or higher, at the upper one so low or lower, has a chance of 2.5 %."""
        counts = np.array([1.0, 7, 989])
        low, high = count_interval(counts, level=0.95)
        assert stats.poisson.sf(counts - 1, low) == pytest.approx(0.025)
        assert stats.poisson.cdf(counts, high) == pytest.approx(0.025)
        low, high = count_interval(np.array([0.0]), level=0.95)
        assert (low[0], round(high[0], 3)) == (0.0, round(-np.log(0.025), 3))


class TestNames:
    def test_hyphens_case_and_marks_on_letters_make_no_other_place_and_every_match_is_told(self):
        zones = pd.Index(["Praga Południe", "Białołęka", "Wola", "نی‌ریز"])
        found = participation.match_names(
            ["Praga-Południe", "BIALOLEKA", "Wola", "نی ریز", "Elsewhere", ""], zones=zones
        )
        assert found["zone"].tolist() == ["Praga Południe", "Białołęka", "Wola", "نی‌ریز", ""]
        assert found["matched"].tolist() == [
            *["spelled otherwise"] * 2,
            "as written",
            "spelled otherwise",
            "not matched",
        ]
        said = {one["code"]: one["message"] for one in found.attrs["findings"]}
        assert "Praga-Południe = Praga Południe; BIALOLEKA = Białołęka" in said["names_spelled_otherwise"]
        assert "Elsewhere" in said["names_not_matched"]

    def test_zones_that_cannot_be_told_apart_and_names_of_another_city_are_refused(self):
        with pytest.raises(InputError, match="the same but for hyphens"):
            participation.match_names(["A"], zones=pd.Index(["Praga-A", "Praga A"]))
        with pytest.raises(InputError, match="none of 2 names is that of a zone"):
            participation.match_names(["X", "Y"], zones=pd.Index(["A"]))


class TestBallotsPerPeople:
    @pytest.fixture
    def found(self):
        """North: 30 in the district, 12 and 8 in its parts, for 1,000 people: 50 ballots, 50 per 1,000.

        At least 30 people: those of the district's vote; the 20 of the parts may be the same people. Nobody lives in
        the park. Five ballots tell no district, two one that is none.
        """
        ballots = pd.DataFrame(
            {
                "district": ["North", "north", "North", "South", None, "", "Elsewhere"],
                "level": [
                    "district",
                    "part of a district",
                    "part of a district",
                    "district",
                    "city",
                    "city",
                    "district",
                ],
                "ballots": [30, 12, 8, 9, 4, 1, 2],
            }
        )
        return participation.ballots_per_people(
            ballots, people=pd.Series({"South": 300, "North": 1000, "Park": 0}), key="district"
        )

    def test_the_hand_case(self, found):
        assert found.index.tolist() == ["South", "North", "Park"], "the user's order"
        assert found["ballots"].tolist() == [9, 50, 0]
        assert found["ballots_per_1000_people"].tolist()[:2] == [30, 50]
        assert found.loc["North", ["voters_at_least", "voters_at_most"]].tolist() == [30, 50]
        assert found.loc["Park", ["ballots_per_1000_people", "low", "high"]].isna().all()

    def test_whoever_is_of_no_zone_is_counted_apart(self, found):
        assert found.attrs["left_out"] == {"no place told": 5.0, "place is no zone": 2.0}
        assert found["ballots"].sum() + 7 == 66

    def test_it_says_that_it_is_no_turnout(self, found):
        said = {one["code"]: one["message"] for one in found.attrs["findings"]}
        assert "At least 39 people voted" in said["ballots_are_not_people"]
        assert "no turnout" in said["ballots_are_not_people"]
        assert found.attrs["unit"] == "ballots per 1,000 people"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"people": pd.Series({"North": -1})}, "people: 1 zones have no number of people"),
            ({"key": "ward"}, "there is no column ward"),
            ({"level": 95}, "level: it is 95"),
        ],
        ids=["people", "column", "level"],
    )
    def test_what_cannot_be_used_is_named(self, change, message):
        ballots = pd.DataFrame({"district": ["North"], "ballots": [1]})
        with pytest.raises(InputError, match=message):
            participation.ballots_per_people(ballots, **{"people": pd.Series({"North": 1}), "key": "district"} | change)


class TestPaper:
    def test_ages_and_ways_that_nobody_told_are_classes_of_their_own(self):
        """65+: 5 of 20 on paper, 7 not told how; of unknown age 1 of 1; in 2023 nobody wrote it down."""
        ballots = pd.DataFrame(
            {
                "vote_year": [2022, 2022, 2022, 2022, 2023],
                "age": [70, 65, 99, None, 70],
                "voting_method": ["paper", "internet", "unknown", "paper", None],
                "ballots": [5, 15, 7, 1, 30],
            }
        )
        ballots["age_class"] = participation.age_classes(ballots["age"], breaks=[18, 65])
        found = participation.paper_share(ballots, by=["vote_year", "age_class"])
        assert found["age_class"].tolist() == ["65+", "unknown", "65+"]
        assert found["paper_share"].tolist()[:2] == [0.25, 1.0]
        assert np.isnan(found.loc[2, ["paper_share", "low", "high"]].astype(float)).all()
        assert found["method_unknown"].tolist() == [7, 0, 30]
        assert found[["paper", "other", "method_unknown"]].sum().sum() == found["ballots"].sum() == 58
        with pytest.raises(InputError, match="no ballot was cast by 'pigeon'"):
            participation.paper_share(ballots, by="vote_year", category="pigeon")

    def test_classes_begin_where_they_say(self):
        ages = pd.Series([0, 12, 13, 17, 18, 74, 75, 122, np.nan], index=list("abcdefghi"))
        found = participation.age_classes(ages, breaks=[13, 18, 75])
        assert found.tolist() == ["0–12", "0–12", "13–17", "13–17", "18–74", "18–74", "75+", "75+", "unknown"]
        assert found.index.tolist() == list("abcdefghi")
        with pytest.raises(InputError, match="ages are below 0"):
            participation.age_classes(pd.Series([-1]))


def votes(rng, effect, districts=40):
    """Ballots of 40 synthetic districts in four votes: everybody falls by 30 %, the old by ``effect`` more from 2019
    on.

    Each district has its own level and its own change, so that ballots inside one are not independent.
    """
    rows = []
    for district in range(districts):
        size, old = rng.lognormal(6, 0.4), rng.lognormal(4.5, 0.4)
        own = rng.normal(0, 0.15)
        for year in (2017, 2018, 2019, 2020):
            after = year >= 2019
            change = 0.7 * np.exp(own) if after else 1.0
            for age, mean in (("25–64", size * change), ("65+", old * change * (np.exp(effect) if after else 1.0))):
                noise = np.exp(rng.normal(0, 0.1))
                rows.append((year, f"d{district}", age, "internet", rng.poisson(mean * noise)))
    return pd.DataFrame(rows, columns=["vote_year", "district", "age_class", "voting_method", "ballots"])


SIDES = {"before": [2017, 2018], "after": [2019, 2020], "group": "65+", "reference": "25–64"}


class TestChange:
    def test_the_hand_case_with_ballots_of_known_sums(self):
        """Five alike districts: the old go from 20 and 40 (mean 30) to 15, half; the others from 100 to 80.

        Beside the others: (15/30) / (80/100) - 1 = -0.375. Among the votes before: (40/100) / (20/100) - 1 = 1.
        Of all known ballots the old were 60 of 260 before, and 15 of 95 after. On paper: 30 of 60, then none.
        """
        rows = []
        for place in "ABCDE":
            for year, old, paper, others in ((2017, 20, 10, 100), (2018, 40, 20, 100), (2019, 15, 0, 80)):
                rows += [(year, place, "old", "paper", paper), (year, place, "old", "internet", old - paper)]
                rows += [(year, place, "rest", "internet", others), (year, place, "unknown", "internet", 1)]
        ballots = pd.DataFrame(rows, columns=["vote_year", "district", "age_class", "voting_method", "ballots"])
        found = participation.change_when_offered(
            ballots, before=[2017, 2018], after=[2019], group="old", reference="rest", rng=1, replications=50
        )
        assert found["before"].tolist() == pytest.approx([150, 500, 60 / 260, 0.3, 0.2, 0.5, 0.0])
        assert found["change"].tolist() == pytest.approx([-0.5, -0.2, 15 / 95 - 60 / 260, -0.375, 1.0, -0.5, 0.0])
        assert found["low"].tolist() == pytest.approx(found["change"].tolist()), (
            "districts that are alike leave no doubt"
        )
        assert found.attrs["left_out"] == {"age_class not known": 15.0}

    def test_it_finds_a_change_that_was_put_in_and_its_interval_holds_it_as_often_as_it_says(self):
        """40 simulated cities: the truth is -20 % beside the others; 95 % of the intervals should hold it."""
        truth = np.exp(-0.223) - 1
        rng = np.random.default_rng(20)
        name = "change of the group beside that of the reference"
        inside, estimates = 0, []
        for _ in range(40):
            found = participation.change_when_offered(votes(rng, -0.223), **SIDES, rng=1, replications=200).loc[name]
            inside += found["low"] <= truth <= found["high"]
            estimates.append(found["change"])
        assert np.mean(estimates) == pytest.approx(truth, abs=0.01)
        assert inside >= 34, "95 % of 40 are 38; fewer than 34 has a chance below 1 %"

    def test_the_same_seed_gives_the_same_and_the_sentence_never_says_why(self):
        ballots = votes(np.random.default_rng(3), -0.5)
        first, second = (participation.change_when_offered(ballots, **SIDES, rng=7) for _ in range(2))
        pd.testing.assert_frame_equal(first, second)
        assert first.attrs["seed"] == 7
        said = first.attrs["sentence"]
        assert "2017–2018" in said["en"]
        assert "not why" in said["en"]
        assert "cause" not in said["en"] + said["fa"]
        assert "۲۰۱۷–۲۰۱۸" in said["fa"]
        assert not set("0123456789") & set(said["fa"])

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"after": [2018, 2019]}, "after: 2018 is before as well"),
            ({"reference": ["65+"]}, "65\\+ is in the group as well"),
            ({"group": "0–17"}, "there is no age_class 0–17"),
            ({"after": [2031]}, "it has no ballots in 2031"),
            ({"clusters": "voting_method"}, "clusters: there are 1 of them"),
        ],
        ids=["years", "groups", "class", "no vote", "clusters"],
    )
    def test_what_cannot_be_compared_is_named(self, change, message):
        with pytest.raises(InputError, match=message):
            participation.change_when_offered(votes(np.random.default_rng(1), 0, 6), **SIDES | change)

    def test_places_can_be_compared_and_keep_their_names(self):
        """Half of 40 districts fall by 20 % more than the others; hyphens of names stay, digits are translated."""
        ballots = votes(np.random.default_rng(5), 0.0)
        ballots["district"] = ballots["district"].str.replace("d", "Old-")
        much = [f"Old-{number}" for number in range(20)]
        less = ballots["district"].isin(much) & (ballots["vote_year"] >= 2019)
        ballots["ballots"] = ballots["ballots"].where(~less, (0.8 * ballots["ballots"]).round())
        found = participation.change_when_offered(
            ballots,
            **SIDES | {"group": much, "reference": [f"Old-{number}" for number in range(20, 40)]},
            by="district",
            rng=1,
        )
        apart = found.loc["change of the group beside that of the reference"]
        assert apart["low"] < -0.2 < apart["high"]
        assert "Old-0, Old-1" in found.attrs["sentence"]["en"]
        assert "Old-۱۹" in found.attrs["sentence"]["fa"]
