"""Who is worst served, ranks and one-sentence findings, against sums done by hand."""

import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice import report
from spatialjustice._core.errors import InputError
from spatialjustice.maps import Indicator, bivariate

PEOPLE = pd.Series([40.0, 30.0, 20.0, 10.0, 0.0], index=list("abcde"))


def walk(values=(2.0, 4.0, 8.0, np.nan, 99.0), status=("ok", "ok", "beyond_cutoff", "unreachable", "no_population")):
    index = PEOPLE.index
    return Indicator(
        "walk", "Walk", pd.Series(values, index=index), unit="minutes", status=pd.Series(status, index=index)
    )


def test_mean_and_centiles_by_hand():
    """(40·2 + 30·4 + 20·8) / 90 = 4; 40 people to 2, 70 to 4, 90 to 8, the last 10 of 100 have no way."""
    found = report.standing(walk(), people=PEOPLE)
    assert found.mean == 4.0
    assert (found.people, found.unreached, found.left_out) == (100.0, 10.0, 0.0)
    assert [found.centiles[place - 1] for place in (1, 40, 41, 70, 71, 90, 91, 99)] == [
        2,
        2,
        4,
        4,
        8,
        8,
        np.inf,
        np.inf,
    ]


def test_ranks_by_hand():
    """Better off than whoever has more minutes: 99 centiles, 40 of them at 2, 70 at 4 or less, 90 at 8 or less."""
    found = report.standing(walk(), people=PEOPLE)
    ranks = [report.percentile_rank(found, value, direction="lower is better") for value in (2, 4, 8, np.inf)]
    assert ranks == [59, 29, 9, 0]
    counts = Indicator("n", "N", pd.Series([0.0, 0.0, 1.0, 3.0]), unit="opportunities", kind="count")
    found = report.standing(counts)
    assert report.percentile_rank(found, 3, direction="higher is better") == 75
    assert report.percentile_rank(found, 0, direction="higher is better") == 0


def test_the_worst_served_come_first_and_nobody_is_not_served_badly():
    found = report.worst_served(walk(), people=PEOPLE)
    assert list(found.index) == ["d", "c", "b", "a"]
    assert np.isnan(found.loc["d", "value"])
    assert list(found["percentile_rank"]) == [0, 9, 29, 59]
    assert list(report.worst_served(walk(), people=PEOPLE, count=2).index) == ["d", "c"]


def test_of_equals_the_larger_comes_first():
    same = walk(values=(5.0, 5.0, 5.0, 5.0, 5.0), status=("ok",) * 5)
    assert list(report.worst_served(same, people=PEOPLE).index) == ["a", "b", "c", "d"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=1, max_size=40))
def test_all_people_are_ranked_or_left_out_and_order_does_not_matter(rows):
    values = pd.Series([float(value) for value, _ in rows])
    people = pd.Series([float(count) for _, count in rows])
    one = Indicator("walk", "Walk", values, unit="minutes")
    found = report.standing(one, people=people)
    assert found.people + found.left_out == people.sum()
    turned = Indicator("walk", "Walk", values[::-1], unit="minutes")
    assert report.standing(turned, people=people).centiles == found.centiles
    if found.people:
        assert list(found.centiles) == sorted(found.centiles)
        assert found.mean == pytest.approx(np.average(values, weights=people))


def plain(text):
    return re.sub("[\u2066-\u2069]", "", text.replace("\u00a0", " "))


def test_the_finding_by_hand():
    """30 of 100 people are beyond the limit, 10 of them without a way; the worst tenth begins at 8 minutes."""
    said = report.headline(walk(), people=PEOPLE, limit={"en": "5 min", "fa": "۵ دقیقه"})  # noqa: RUF001
    assert plain(said["en"]) == (
        "Walk: 30% of people, 30 of 100, have more than 5 min to go to the nearest place, or have no way there at all "
        "(10 of these people). On average those who have a way have 4 min to go; the worst-off tenth of all at least "
        "8 min."
    )
    assert "۳۰٪ مردم (۳۰ نفر از ۱۰۰ نفر)" in plain(said["fa"])  # noqa: RUF001


def test_one_subject_and_the_share_first():
    """60 of 100 people walk farther than 3 minutes: 40·2 + 30·4 + 30·8 = 440; nobody is without a way."""
    everybody = walk(values=(2.0, 4.0, 8.0, 8.0, 99.0), status=("ok", "beyond_cutoff", "beyond_cutoff") * 1 + (
        "beyond_cutoff", "no_population"))  # fmt: skip
    for mode, verb, mean in (
        ("walk", "walk more than 3 min to the nearest library", "everybody walks 4.4 min"),
        ("bicycle", "would cycle more than 3 min to the nearest library", "everybody would cycle 4.4 min"),
        ("drive", "would drive more than 3 min to the nearest library", "everybody would drive 4.4 min"),
        ("straight lines", "live more than 3 min from the nearest library in a straight line",
         "everybody lives 4.4 min away"),
        (None, "have more than 3 min to go to the nearest library", "everybody has 4.4 min to go"),
    ):  # fmt: skip
        one = replace(everybody, mode=mode, service="library", group={"en": "Library", "fa": "کتابخانه"})
        said = report.headline(one, people=PEOPLE, limit="3 min")
        assert plain(said["en"]) == (
            f"60% of people, 60 of 100, {verb}. On average {mean}; the worst-off tenth at least 8 min."
        )
        assert "نزدیک‌ترین کتابخانه" in said["fa"]
    own = replace(everybody, mode="walk", service="library", group="Main branches")
    assert "to the nearest “Main branches”." in report.headline(own, people=PEOPLE, limit="3 min")["en"]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((0, 1000), "None of 1,000 people"),
        ((4, 996), "Fewer than 1% of people, 4 of 1,000,"),
        ((10, 990), "1% of people, 10 of 1,000,"),
        ((386, 614), "39% of people, 386 of 1,000,"),
        ((990, 10), "99% of people, 990 of 1,000,"),
        ((996, 4), "More than 99% of people, 996 of 1,000,"),
        ((1000, 0), "All 1,000 people"),
    ],
    ids=["none", "few", "one", "some", "99", "nearly", "all"],
)
def test_shares_can_be_read_out(counts, said):
    one = Indicator("w", "W", pd.Series([900.0, 100.0]), unit="metres", status=pd.Series(["beyond_cutoff", "ok"]),
                    mode="walk", service="park", group="Park")  # fmt: skip
    text = report.headline(one, people=pd.Series(counts, dtype=float), limit="500 m")["en"]
    assert plain(text).startswith(f"{said} walk more than 500 m to the nearest park.")


def test_numbers_do_not_break_from_their_units():
    for text in report.headline(walk(), people=PEOPLE, limit={"en": "5 min", "fa": "۵ دقیقه"}).values():  # noqa: RUF001
        assert not re.search(r"[0-9۰-۹] (min|m|دقیقه|متر)\b", text)  # noqa: RUF001


def test_what_the_best_served_have_is_said_only_where_it_says_something():
    """Of 100 people 95 have none, and the best tenth begins at none; or has all of it, of which more cannot be."""
    people = pd.Series([95.0, 5.0])
    places = Indicator("n", "Pharmacy", pd.Series([0.0, 3.0]), unit="opportunities", kind="count")
    assert report.headline(places, people=people)["en"] == "Pharmacy: 95% of people, 95 of 100, have none."
    near = Indicator("s", "Near", pd.Series([0.0, 1.0]), unit="share", kind="share")
    said = report.headline(near, people=pd.Series([40.0, 60.0]))["en"]
    assert said == "Near: 40% of people, 40 of 100, have none, while for at least a tenth it is all of it, 100.0%."


def test_clusters_are_told_in_words():
    """Two of the three long areas adjoin: one cluster of 70 people, and one of 20 that has no name."""
    zones = gpd.GeoDataFrame(
        {"name": ["Tamaraceite", "Tamaraceite", None, "Vegueta"], "name_fa": ["تاماراسیته", "تاماراسیته", None, None]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(5, 5, 6, 6), shapely.box(2, 0, 3, 1)],
        crs=4326, index=list("abcd"),
    )  # fmt: skip
    labels = pd.Series(["high-high", "high-high", "high-high", "low-low"], index=zones.index)
    one = Indicator("l", "Clusters", None, kind="lisa", labels=labels, mode="walk", service="clinic", group="Clinic")
    said = report.headline(one, people=PEOPLE[:4], zones=zones)
    assert plain(said["en"]) == (
        "90% of people, 90 of 100, live in 2 clusters of long ways to the nearest clinic, the largest of them: "
        "Tamaraceite."
    )
    assert "تاماراسیته" in said["fa"]
    assert report.headline(one, people=PEOPLE[:4])["en"].endswith(
        "live in clusters of long ways to the nearest clinic."
    )
    nobody = replace(one, labels=labels.replace("high-high", "not significant"))
    assert report.headline(nobody, people=PEOPLE[:4], zones=zones)["en"] == (
        "None of 100 people live in clusters of long ways to the nearest clinic."
    )


def test_a_class_that_a_map_does_not_have_is_never_told_of():
    """Of far and offline, near and offline, … the sentence tells of far and offline, and of no other set's labels."""
    labels = pd.Series(["neither", "both", "only physical", "both", "no data"], index=PEOPLE.index)
    one = Indicator("d", "Near, online, or neither", None, kind="lisa", labels=labels)
    assert report.headline(one, people=PEOPLE)["en"] == (
        "40% of people, 40 of 100, live in areas that are far and offline."
    )
    none = replace(one, labels=labels.replace("neither", "both"))
    assert report.headline(none, people=PEOPLE)["en"] == "None of 100 people live in areas that are far and offline."


def test_nobody_is_said_to_have_no_way_who_was_looked_for_up_to_the_limit_only():
    """Of 30 people beyond the limit 10 have no way; of the other 20 nobody knows, and (40·2 + 30·4) / 70 = 2.86."""
    searched = walk(values=(2.0, 4.0, np.nan, np.nan, np.nan))
    said = report.headline(searched, people=PEOPLE, limit="5 min")
    assert plain(said["en"]) == (
        "Walk: 30% of people, 30 of 100, have more than 5 min to go to the nearest place, or have no way there at all. "
        "On average those whose way is known have 2.9 min to go."
    )
    nearly = report.headline(searched, people=PEOPLE * [9, 9, 1, 1, 1], limit="5 min")["en"]
    assert plain(nearly).endswith(
        "On average those whose way is known have 2.9 min to go; the worst-off tenth of all at least 4 min."
    )


def test_every_kind_of_indicator_has_a_sentence():
    index = PEOPLE.index
    numbers = pd.Series([0.0, 1.0, 2.0, 3.0, 4.0], index=index)
    labels = pd.Series(["high-high", "low-low", "not significant", "high-high", "no data"], index=index)
    made = [
        Indicator("n", "N", numbers, unit="opportunities", kind="count"),
        Indicator("n", "N", numbers + 1, unit="opportunities", kind="count"),
        Indicator("p", "P", numbers, unit="people", kind="people"),
        Indicator("s", "S", numbers / 4, unit="share", kind="share"),
        Indicator("l", "L", None, kind="lisa", labels=labels),
        walk(),
    ]
    for one in made:
        for people in (PEOPLE, None):
            for text in report.headline(one, people=people).values():
                assert text
                assert "{" not in text
                assert "∞" not in text
    assert (
        "40% of people, 40 of 100, have none; the best-served tenth have at least 2"
        in report.headline(made[0], people=PEOPLE)["en"]
    )
    assert "50% of people, 50 of 100," in report.headline(made[4], people=PEOPLE)["en"]


def test_pairs_of_two_variables_tell_of_those_low_in_both():
    """Up to 2 of the first and 3 of the second are a, b and c: 40 + 30 + 20 people."""
    numbers = pd.Series([0.0, 1.0, 2.0, 3.0, 4.0], index=PEOPLE.index)
    made = bivariate(numbers, numbers, titles=("A", "B"), classes=2, first_breaks=[2], second_breaks=[3])
    said = report.headline(made, people=PEOPLE)
    assert said["en"] == "90% of people, 90 of 100, live where both are lowest: A up to 2; B up to 3."


def test_no_map_is_without_a_sentence():
    unknown = Indicator("w", "Walk", pd.Series([np.nan, np.nan]), unit="minutes")
    said = report.headline(unknown, people=pd.Series([1.0, 2.0]))
    assert said["en"] == "Walk: no value is known of any area where people live."
    assert all(said.values())


def test_what_cannot_be_ranked_is_refused():
    labels = pd.Series(["high-high"], index=["a"])
    with pytest.raises(InputError, match="no values"):
        report.standing(Indicator("l", "L", None, kind="lisa", labels=labels))
    with pytest.raises(InputError, match="no number of people") as caught:
        report.standing(walk(), people=PEOPLE.drop("c"))
    assert caught.value.rows == ("c",)


def test_curves_are_drawn_where_they_are():
    """Corners may be left out only where the line does not leave its place by more than a thousandth."""
    shares = np.linspace(0, 1, 2001)
    corners = pd.DataFrame({"population_share": shares, "value_share": shares**3})
    drawn = report.Curve(corners, 0.5, "Cubes").as_record()
    assert len(drawn["x"]) < 200
    assert np.abs(np.interp(shares, drawn["x"], drawn["y"]) - shares**3).max() < 1e-3
    assert (drawn["x"][0], drawn["y"][0], drawn["x"][-1], drawn["y"][-1]) == (0, 0, 1, 1)
    with pytest.raises(InputError, match="between 0 and 1"):
        report.Curve(corners * 100, 0.5, "Cubes")
    with pytest.raises(InputError, match="value_share"):
        report.Curve(corners.drop(columns="value_share"), 0.5, "Cubes")


def test_a_page_refuses_what_does_not_belong_to_it(place):
    given_ = {"title": "T", "people": place.people}
    with pytest.raises(InputError, match="no indicator bus"):
        report.planner_page(place.grid, [place.walk], curves={"bus": []}, **given_)
    with pytest.raises(InputError, match="not in the zones"):
        report.planner_page(
            place.grid, [place.walk], groups={"old": ("Old", place.old.rename(index={"z1": "x"}))}, **given_
        )
    with pytest.raises(InputError, match="below 0"):
        report.planner_page(place.grid, [place.walk], groups={"old": ("Old", -place.old)}, **given_)
    with pytest.raises(InputError, match="rows"):
        report.planner_page(place.grid, [place.walk], rows=0, **given_)


def test_the_same_page_has_the_same_bytes(place):
    assert place.made.to_html() == place.made.to_html()
    assert len(place.made.to_html().encode()) < 670_000
