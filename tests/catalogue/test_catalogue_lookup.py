"""Both languages say the same things, and numbers and dates are written as their readers write them."""
# ruff: noqa: RUF001 (Persian digits and letters are meant)

import datetime as dt
import re
import string

import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue.lookup import date, measures, number, solar_hijri, words

DIRECTIONS = {"lower is better", "higher is better", "none"}


def test_both_languages_hold_the_same_keys():
    assert set(words("en")) == set(words("fa"))


@pytest.mark.parametrize("key", sorted(words("en")))
def test_placeholders_are_the_same_in_both_languages(key):
    def fields(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert fields(words("en")[key]) == fields(words("fa")[key])


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("key", sorted(measures()))
def test_every_measure_has_title_unit_direction_and_explanation(key, lang):
    record, said = measures()[key], words(lang)
    assert said[f"measure.{key}.title"]
    assert said[f"measure.{key}.explanation"]
    assert f"unit.{record['unit']}" in said
    assert record["direction"] in DIRECTIONS
    assert f"direction.{record['direction']}" in said


def test_no_text_is_empty_but_those_that_say_nothing():
    silent = {
        "direction.none",
        "unit.label.short",
        "unit.index.short",
        "unit.rank.short",
        "unit.ratio.short",
        "unit.utility.short",
        "unit.amount.short",
    }
    for lang in ("en", "fa"):
        assert {key for key, text in words(lang).items() if not text} == silent


def test_persian_is_written_with_persian_letters():
    """Arabic yeh and kaf, and Latin digits, look alike or out of place: neither belongs into Persian."""
    for key, text in words("fa").items():
        assert not re.search("[\u064a\u0643\u06c0]", text), key
        if key != "notebook.too_large":
            assert not re.search("[0-9%]", re.sub(r"\{\w+\}", "", text)), key


def test_persian_numbers():
    assert number(1234567.891, "fa", digits=2) == "۱٬۲۳۴٬۵۶۷٫۸۹"
    assert number(0.5, "fa", percent=True) == "۵۰٪"
    assert number(-3, "fa") == "−۳"


def test_english_numbers():
    assert number(1234567.891, "en", digits=1) == "1,234,567.9"
    assert number(0.5, "en", percent=True) == "50%"
    assert number(-0.04, "en", digits=1) == "0.0"
    assert number(float("nan"), "en") == "–"


@pytest.mark.parametrize(
    ("gregorian", "solar"),
    [
        # First days of years as announced by the calendar centre of the University of Tehran, and two days of record.
        ("2016-03-20", (1395, 1, 1)),
        ("2017-03-21", (1396, 1, 1)),
        ("2020-03-20", (1399, 1, 1)),
        ("2021-03-20", (1399, 12, 30)),
        ("2021-03-21", (1400, 1, 1)),
        ("2024-03-20", (1403, 1, 1)),
        ("2025-03-20", (1403, 12, 30)),
        ("2025-03-21", (1404, 1, 1)),
        ("1979-02-11", (1357, 11, 22)),
        ("1989-06-03", (1368, 3, 13)),
    ],
)
def test_days_of_irans_calendar(gregorian, solar):
    assert solar_hijri(dt.date.fromisoformat(gregorian)) == solar


def test_days_of_irans_calendar_follow_one_another():
    """Over 60 years: the day grows by one, or a month of 29 to 31 days ends."""
    before = solar_hijri(dt.date(1960, 1, 1))
    for day in range(1, 60 * 365):
        now = solar_hijri(dt.date(1960, 1, 1) + dt.timedelta(days=day))
        if now[2] == 1:
            assert before[2] in {29, 30, 31}
            assert now[:2] == ((before[0], before[1] + 1) if before[1] < 12 else (before[0] + 1, 1))
        else:
            assert now == (before[0], before[1], before[2] + 1)
        before = now


def test_dates_are_written_for_their_readers():
    assert date("2023-02-21", "en") == "21 February 2023"
    assert date("2023-02-21T21:20:00Z", "fa").startswith("۲ اسفند ۱۴۰۱")
    assert date(None, "en") == "not known"
    assert date("Q4 2023", "en") == "Q4 2023"


def test_an_unknown_language_is_refused():
    with pytest.raises(InputError, match="xx"):
        words("xx")
