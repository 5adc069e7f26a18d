"""Both languages say the same things, and numbers and dates are written as their readers write them."""
# ruff: noqa: RUF001 (Persian digits and letters are meant)

import datetime as dt
import re
import shutil
import string
import unicodedata
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from babel import Locale
from babel.messages.pofile import read_po, write_po
from shapely import box

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import lookup
from spatialjustice.catalogue.lookup import LANGUAGES, date, digits, measures, number, solar_hijri, words
from spatialjustice.maps import choropleth

DIRECTIONS = {"lower is better", "higher is better", "none"}
FOLDER = Path(lookup.__file__).parent / "words"


def messages(lang):
    with (FOLDER / f"{lang}.po").open("rb") as stream:
        return [message for message in read_po(stream, locale=lang) if message.context]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_holds_the_same_keys_each_once_and_no_stale_text(lang):
    """The English text stands beside every translation, so that a text changed in English is found in the others."""
    said = [(message.context, message.id) for message in messages(lang)]
    assert said == [(message.context, message.string) for message in messages("en")]
    assert len({key for key, _ in said}) == len(said) > 500
    assert all(message.string for message in messages(lang)), "a text is not translated"
    assert not any(message.fuzzy for message in messages(lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_placeholders_are_the_same_in_every_language(lang):
    def fields(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, text in words("en").items():
        assert fields(text) == fields(words(lang)[key]), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_measure_has_title_unit_direction_and_explanation(lang):
    said = words(lang)
    for key, record in measures().items():
        assert said[f"measure.{key}.title"]
        assert said[f"measure.{key}.explanation"]
        assert f"unit.{record['unit']}" in said
        assert record["direction"] in DIRECTIONS
        assert f"direction.{record['direction']}" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_numbers_and_direction_are_those_of_the_unicode_repository(lang):
    """What a language's file says of its own signs, against the Common Locale Data Repository."""
    locale, said = Locale.parse(lang), words(lang)
    assert said["language.direction"] == {"left-to-right": "ltr", "right-to-left": "rtl"}[locale.character_order]
    assert said["language.name"] == locale.get_display_name(lang)
    symbols = locale.number_symbols[locale.default_numbering_system]
    for name, key in (("decimal", "decimal"), ("group", "thousands"), ("percentSign", "percent")):
        assert said[f"language.{key}"] == symbols[name].strip("\u200e\u200f")
    assert [unicodedata.digit(digit) for digit in said["language.digits"]] == list(range(10))


def test_a_third_language_is_one_file(tmp_path, monkeypatch):
    """A synthetic language, whose words are the English ones turned round: numbers, dates and a page are in it."""
    for lang in LANGUAGES:
        shutil.copy(FOLDER / f"{lang}.po", tmp_path)
    with (FOLDER / "en.po").open("rb") as stream:
        catalog = read_po(stream, locale="ar")
    own = {"language.digits": "٠١٢٣٤٥٦٧٨٩", "language.direction": "rtl", "language.name": "Synthetic"}
    for message in catalog:
        if message.context:
            turned = (
                message.id
                if "{" in message.id or message.context.startswith(("language", "calendar"))
                else message.id[::-1]
            )
            message.string = own.get(message.context, turned)
    with (tmp_path / "ar.po").open("wb") as stream:
        write_po(stream, catalog)
    monkeypatch.setattr(lookup, "_FOLDER", tmp_path)
    monkeypatch.setattr(lookup, "LANGUAGES", lookup._languages())
    for cached in (words, lookup._signs):
        cached.cache_clear()
    try:
        assert lookup.LANGUAGES == ("en", "ar", "fa")
        assert words("ar")["status.no_data"] == "atad oN"
        assert number(1234.5, "ar") == "١,٢٣٤.٥"
        assert date("2023-02-21", "ar") == "٢١ February ٢٠٢٣"
        zones = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326)
        page = choropleth(zones, pd.Series([1.0, 2.0]), title="Synthetic", unit="minutes", lang="ar").to_html()
        assert '<html lang="ar" dir="rtl">' in page
        assert words("ar")["page.layers"] in page
    finally:
        for cached in (words, lookup._signs):
            cached.cache_clear()


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
    for lang in LANGUAGES:
        # Persian words do not change after a one.
        assert {key for key, text in words(lang).items() if not text} == silent | (
            {"language.one"} if lang == "fa" else set()
        )


def test_persian_is_written_with_persian_letters():
    """Arabic yeh and kaf, and Latin digits, look alike or out of place: neither belongs into Persian."""
    for key, text in words("fa").items():
        assert not re.search("[\u064a\u0643\u06c0]", text), key
        if key != "notebook.too_large" and not key.startswith(("language.", "calendar")):
            assert not re.search("[0-9%]", re.sub(r"\{\w+\}|\u2066[^\u2069]*\u2069", "", text)), key


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


def test_words_agree_with_a_one():
    told = words("en")["page.worst.told.beyond"]
    assert told.format(people="1", count="1").startswith("1 person lives beyond the limit, in 1 part of the city;")
    assert told.format(people="1,241", count="21").startswith("1,241 people live beyond the limit, in 21 parts of")
    assert words("fa")["page.region.areas"].format(count="۱").replace("\u00a0", " ") == "۱ پهنه"


@pytest.mark.parametrize(
    ("text", "persian"),
    [
        ("Praga-Południe", "Praga-Południe"),
        ("Winston-Salem, N.C.", "Winston-Salem, N.C."),
        ("Ward 5-B", "Ward ۵-B"),
        ("محلهٔ امام-۲", "محلهٔ امام-۲"),
        ("-5", "−۵"),
        ("from -1,204.5 to .5 %", "from −۱٬۲۰۴٫۵ to ٫۵ ٪"),
        ("1e-05", "۱e−۰۵"),
        ("2016-2018", "۲۰۱۶-۲۰۱۸"),
    ],
)  # fmt: skip
def test_only_signs_of_numbers_are_written_anew(text, persian):
    assert digits(text, "fa") == persian


def test_an_unknown_language_is_refused():
    with pytest.raises(InputError, match="xx"):
        words("xx")
