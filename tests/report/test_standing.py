"""Who is worst served, ranks and one-sentence findings, against sums done by hand."""

import numpy as np
import pandas as pd
import pytest
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


def test_the_finding_by_hand():
    """30 of 100 people are beyond the limit, 10 of them without a way; the worst tenth begins at 8 minutes."""
    said = report.headline(walk(), people=PEOPLE, limit={"en": "5 min", "fa": "۵ دقیقه"})  # noqa: RUF001
    assert said["en"] == (
        "Walk: 30 of 100 people (30.0%) have a longer way than 5 min, 10 of them none at all; it is 4 min on average "
        "for those who have one, and 8 min or more for the worst-served tenth of people."
    )
    assert "۳۰ نفر از ۱۰۰ نفر (۳۰٫۰٪)" in said["fa"]  # noqa: RUF001


def test_nobody_is_said_to_have_no_way_who_was_looked_for_up_to_the_limit_only():
    """Of 30 people beyond the limit 10 have no way; of the other 20 nobody knows, and (40·2 + 30·4) / 70 = 2.86."""
    searched = walk(values=(2.0, 4.0, np.nan, np.nan, np.nan))
    said = report.headline(searched, people=PEOPLE, limit="5 min")
    assert said["en"] == (
        "Walk: 30 of 100 people (30.0%) have a longer way than 5 min, or none at all; for those whose way is known it "
        "is 2.9 min on average."
    )
    nearly = report.headline(searched, people=PEOPLE * [9, 9, 1, 1, 1], limit="5 min")["en"]
    assert nearly.endswith("for those whose way is known it is 2.9 min on average, and 4 min or more for the "
                           "worst-served tenth of all people.")  # fmt: skip


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
    assert "40 of 100 people (40.0%) have none at all" in report.headline(made[0], people=PEOPLE)["en"]
    assert "50 of 100 people (50.0%)" in report.headline(made[4], people=PEOPLE)["en"]


def test_pairs_of_two_variables_have_no_sentence():
    numbers = pd.Series([0.0, 1.0, 2.0, 3.0, 4.0], index=PEOPLE.index)
    made = bivariate(numbers, numbers, titles=("A", "B"), classes=2, first_breaks=[2], second_breaks=[3])
    assert set(report.headline(made, people=PEOPLE).values()) == {""}


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
    assert len(place.made.to_html().encode()) < 450_000
