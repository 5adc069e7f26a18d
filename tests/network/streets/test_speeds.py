"""Speed limits: what OpenStreetMap may say, read by the rules of its wiki, and never a mean."""
# ruff: noqa: RUF001 (Persian and Arabic digits are meant)

import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice.network.streets.speeds import drive_pace, maxspeed

MILE = 1.609344


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50", 50),
        ("50 km/h", 50),
        ("30 mph", 30 * MILE),
        ("30mph", 30 * MILE),
        ("5 knots", 5 * 1.852),
        ("walk", 5),
        ("none", 130),
        ("۵۰", 50),
        ("٣٠", 30),
        ("50,5", 50.5),
        ("50;30", 30),
        ("30; 50 mph", 30),
        ("IR:urban", 50),
        ("DE:urban", 50),
        ("DE:motorway", 130),
        ("RO:rural", 90),
        ("GB:nsl_single", 60 * MILE),
        ("FR:zone30", 30),
        ("DE:zone:30", 30),
        ("GB:zone20", 20 * MILE),
        ("DE:walk", 5),
        ("DE:bicycle_road", 30),
        # Belgium's regions have limits of their own (OpenStreetMap wiki, Default speed limits).
        ("BE-VLG:urban", 50),
        ("BE-VLG:rural", 70),
        ("BE-WAL:rural", 90),
        ("BE-BRU:urban", 30),
        # Real Decreto 970/2020: one lane each way, since 11 May 2021.
        ("ES:urban", 30),
        # Iran, order under article 126, note 3: main roads 95 by day, highways 110, freeways 120.
        ("IR:rural", 95),
        ("IR:trunk", 110),
        ("IR:motorway", 120),
        # Brazil, Código de Trânsito, article 61 II: 100 on roads with one carriageway.
        ("BR:rural", 100),
        ("UK:nsl_dual", 70 * MILE),
        (" 50 ", 50),
        ("50 ; 30", 30),
        ("۵۰;۳۰", 30),
        ("WALK", 5),
    ],
)
def test_limits_that_can_be_read(text, expected):
    assert maxspeed(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-20",
        "signals",
        "variable",
        "fast",
        "50;",
        "50;fast",
        "XX:urban",
        "DE:nowhere",
        "250",
        "50 furlongs",
        "nan",
        "inf",
        "50-70",
        "50 @ (22:00-06:00)",
        "sign",
        "implicit",
        "BE:rural",
        "DE-BY:urban",
        "US:urban",
        "US-CA:urban",
        "ir:",
        "DE:urban50",
        "1e2",
    ],
)
def test_what_cannot_be_read_is_not_guessed(text):
    assert maxspeed(text) is None


def test_the_stated_limit_goes_before_the_class_of_road():
    assert drive_pace({"highway": "primary", "maxspeed": "60"}) == (60, 60, "")
    assert drive_pace({"highway": "primary", "maxspeed": "signals", "maxspeed:type": "DE:urban"}) == (50, 50, "")
    assert drive_pace({"highway": "residential", "source:maxspeed": "DE:zone30"}) == (30, 30, "")


def test_both_directions_may_differ():
    pace = drive_pace({"highway": "primary", "maxspeed:forward": "50", "maxspeed:backward": "30"})
    assert pace[:2] == (50, 30)
    assert drive_pace({"highway": "primary", "maxspeed": "60", "maxspeed:backward": "30"})[:2] == (60, 30)


def test_what_is_assumed_is_said():
    assert drive_pace({"highway": "residential"}).note == "no maxspeed, highway=residential"
    note = drive_pace({"highway": "primary", "maxspeed": "fast"}).note
    assert note == "maxspeed=fast cannot be read, highway=primary"
    # What stands in maxspeed:type beside no limit is where the limit comes from, not a limit that was misspelt.
    assert drive_pace({"highway": "residential", "maxspeed:type": "sign"}).note == "no maxspeed, highway=residential"
    assert drive_pace({"highway": "something"}).forward == 30


def test_a_rough_surface_lowers_the_speed_and_never_raises_it():
    assert drive_pace({"highway": "track", "maxspeed": "80", "tracktype": "grade5"})[:2] == (20, 20)
    assert drive_pace({"highway": "service", "maxspeed": "10", "surface": "gravel"})[:2] == (10, 10)


def test_limits_always_come_as_decimal_numbers():
    assert all(
        isinstance(maxspeed(text), float) for text in ("IR:urban", "walk", "none", "50", "DE:walk", "50;DE:urban")
    )


@pytest.mark.parametrize(
    ("highway", "iran", "brazil"),
    [
        # Iran, article 126: highways 100, main arterial streets 60, minor ones 50, local ones 30 in towns.
        # Brazil, article 61 I: fast roads 80, arterial 60, collector 40, local 30.
        ("trunk", 100, 80),
        ("primary", 60, 60),
        ("primary_link", 60, 60),
        ("secondary", 60, 40),
        ("tertiary", 50, 40),
        ("residential", 30, 30),
    ],
)
def test_where_the_law_has_several_limits_in_towns_the_class_of_road_decides(highway, iran, brazil):
    assert drive_pace({"highway": highway, "maxspeed": "IR:urban"}) == (iran, iran, "")
    assert drive_pace({"highway": highway, "maxspeed:type": "BR:urban"}) == (brazil, brazil, "")


def test_of_several_values_the_lowest_counts_and_the_note_says_so():
    assert drive_pace({"highway": "primary", "maxspeed": "50;30"}) == (30, 30, "maxspeed=50;30, the lowest")


def test_a_number_in_the_source_is_no_limit():
    """source:maxspeed may hold the year of a survey."""
    pace = drive_pace({"highway": "residential", "source:maxspeed": "19"})
    assert pace == (30, 30, "no maxspeed, highway=residential")


def test_streets_that_walkers_share_are_slow():
    assert drive_pace({"highway": "living_street"}).forward <= 20


def test_nothing_of_a_known_corpus_becomes_a_mean():
    """Seven values that libraries have read as one mean of 37.2: three have no limit, the others have their own."""
    corpus = ["walk", "IR:urban", "none", "signals", "۵۰", "-20", "50;30"]
    assert [maxspeed(text) for text in corpus] == [5, 50, 130, None, 50, None, 30]


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=12))
def test_whatever_the_text_says_there_is_a_possible_speed_or_none(text):
    speed = maxspeed(text)
    assert speed is None or 0 < speed <= 200


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 200))
def test_persian_and_arabic_digits_say_the_same_as_european_ones(number):
    persian = str(number).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    arabic = str(number).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert maxspeed(persian) == maxspeed(arabic) == maxspeed(str(number)) == number


def test_every_limit_in_a_real_city_can_be_read(shared_data):
    """Porto Alegre: every maxspeed of a street there is a plain number."""
    path = shared_data("porto_alegre/poa_osm.pbf")
    streets = osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
    limits = [way.tags["maxspeed"] for way in streets if "maxspeed" in way.tags]
    assert len(limits) > 5000
    assert [maxspeed(limit) for limit in limits] == [float(limit) for limit in limits]
