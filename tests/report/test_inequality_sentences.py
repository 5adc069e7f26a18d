"""Sentences made from numbers: every number in them can be worked out by hand from the table."""
# ruff: noqa: RUF001 (Persian digits are meant)

from __future__ import annotations

import pandas as pd
import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.report import inequality_across, inequality_paragraph

NONE = float("nan")


def table(direction="higher is better", **measures):
    """A table of measures; a value, or a value with its interval and the people left out."""
    rows = []
    for name, given in measures.items():
        value, low, high, left_out = given if isinstance(given, tuple) else (given, NONE, NONE, 0.0)
        rows.append(
            {"measure": name, "value": value, "low": low, "high": high, "direction": direction, "people": 2000.0,
             "people_left_out": left_out}
        )  # fmt: skip
    return pd.DataFrame(rows)


def test_all_sentences_by_hand():
    """Mean 200 and Gini 0.3: two people differ by 2 x 0.3 = 60 %, or 120; a quarter of 2,000 people are 500."""
    text = inequality_paragraph(
        table(
            mean=200.0,
            gini=(0.3, 0.28, 0.325, 0.0),
            hoover=0.2,
            palma_ratio=(2.5, NONE, NONE, 40.0),
            concentration_index=(0.11, 0.05, 0.2, 40.0),
            theil_t=0.15,
            fgt=0.25,
        ),
        subject="jobs within 30 minutes",
        groups="tenths of income",
        between=0.4,
        enough="100 jobs",
    )
    assert text == (
        "A person can reach 200 jobs within 30 minutes on average. "
        "Two people picked at random differ by 60% of that, or 120, on average (Gini index 0.300, 0.280 to 0.325). "
        "If everybody were to reach equally many, 20% of all that is reached would have to go to somebody else. "
        "The richest tenth of the people reach 2.50 times as much as the poorest two fifths. "
        "The better off people are, the more they reach (concentration index 0.110, 0.050 to 0.200). "
        "40% of this inequality lies between tenths of income, the other 60% among people of the same group (Theil "
        "index 0.150). "
        "500 people (25%) have less than 100 jobs. "
        "The income of 40 people is not known; they are left out where the rich are compared with the poor."
    )


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ((0.1, 0.02, 0.2, 0.0), "The better off people are, the more"),
        ((-0.1, -0.2, -0.02, 0.0), "The worse off people are, the more"),
        ((0.1, -0.02, 0.2, 0.0), "is not clear"),
        (0.0, "is not clear"),
        (-0.1, "The worse off people are, the more"),
    ],
)
def test_the_order_by_income_is_only_told_where_the_interval_allows_it(index, said):
    assert said in inequality_paragraph(table(mean=1.0, concentration_index=index), subject="parks")


def test_long_ways_are_told_as_such_and_nobody_is_forgotten():
    text = inequality_paragraph(
        table("lower is better", mean=(12.34, NONE, NONE, 70.0), concentration_index=-0.2, fgt=0.035),
        subject="the nearest library",
        enough="15 minutes",
    )
    assert text == (
        "The way to the nearest library is 12.3 minutes on average. "
        "The worse off people are, the longer is their way (concentration index −0.200). "
        "70 people (3.5%) have a longer way than 15 minutes, or none at all. "
        "For 70 people no way leads there at all; they are not in the averages."
    )


def test_measures_without_value_have_no_sentence():
    text = inequality_paragraph(table(mean=5.0, palma_ratio=NONE), subject="parks")
    assert text == "A person can reach 5 parks on average."
    with pytest.raises(InputError, match="none of its measures has a value"):
        inequality_paragraph(table(palma_ratio=NONE), subject="parks")


def test_a_ratio_that_would_be_written_as_nothing_has_words_of_its_own():
    text = inequality_paragraph(table(palma_ratio=0.004), subject="parks")
    assert text == "The richest tenth of the people reach next to nothing compared with the poorest two fifths."
    assert "0.01 times" in inequality_paragraph(table(palma_ratio=0.006), subject="parks")
    bads = inequality_paragraph(table("lower is better", palma_ratio=0.004), subject="the park")
    assert "0.00 times as long" in bads


def test_persian_has_its_own_digits_and_words():
    text = inequality_paragraph(table(mean=1234.0, gini=0.5), subject={"en": "jobs", "fa": "شغل"}, lang="fa")
    assert "۱٬۲۳۰ شغل" in text
    assert "۱۰۰٪" in text
    assert not any(letter.isascii() and letter.isalnum() for letter in text)


@pytest.mark.parametrize(
    ("values", "said"),
    [((0.5, 0.4, 0.3), "more even"), ((0.3, 0.4, 0.5), "more unequal"), ((0.3, 0.5, 0.4), "neither falls nor rises")],
)
def test_the_trend_is_what_the_numbers_are(values, said):
    tables = {limit: table(gini=value) for limit, value in zip((30, 45, 60), values, strict=True)}
    text = inequality_across(tables, unit="minutes")
    assert said in text
    assert f"{values[0]:.3f} within 30 minutes, {values[1]:.3f} within 45 minutes and {values[2]:.3f} within" in text


def test_tables_that_cannot_be_told_are_refused():
    with pytest.raises(InputError, match="no column value"):
        inequality_paragraph(table(mean=1.0).drop(columns="value"), subject="parks")
    with pytest.raises(InputError, match="gini stands in it more than once"):
        inequality_paragraph(pd.concat([table(gini=0.1), table(gini=0.2)]), subject="parks")
    with pytest.raises(InputError, match="there are 1 limits"):
        inequality_across({30: table(gini=0.1)}, unit="minutes")
    with pytest.raises(InputError, match="no Gini index at 45"):
        inequality_across({30: table(gini=0.1), 45: table(mean=1.0)}, unit="minutes")
