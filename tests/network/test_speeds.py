"""Speed limits: what OpenStreetMap may say, read by the rules of its wiki, and never a mean."""
# ruff: noqa: RUF001 (Persian and Arabic digits are meant)

import pytest

from spatialjustice.network.speeds import drive_pace, maxspeed

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
        ("BE-VLG:urban", 50),
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
    ],
)
def test_what_cannot_be_read_is_not_guessed(text):
    assert maxspeed(text) is None


def test_the_stated_limit_goes_before_the_class_of_road():
    assert drive_pace({"highway": "primary", "maxspeed": "60"}) == (60, 60, "")
    assert drive_pace({"highway": "primary", "maxspeed": "signals", "maxspeed:type": "IR:urban"}) == (50, 50, "")
    assert drive_pace({"highway": "residential", "source:maxspeed": "DE:zone30"}) == (30, 30, "")


def test_both_directions_may_differ():
    pace = drive_pace({"highway": "primary", "maxspeed:forward": "50", "maxspeed:backward": "30"})
    assert pace[:2] == (50, 30)
    assert drive_pace({"highway": "primary", "maxspeed": "60", "maxspeed:backward": "30"})[:2] == (60, 30)


def test_what_is_assumed_is_said():
    assert drive_pace({"highway": "residential"}).note == "no maxspeed, highway=residential"
    assert drive_pace({"highway": "primary", "maxspeed": "fast"}).note == "maxspeed cannot be read, highway=primary"
    assert drive_pace({"highway": "something"}).forward == 30


def test_a_rough_surface_lowers_the_speed_and_never_raises_it():
    assert drive_pace({"highway": "track", "maxspeed": "80", "tracktype": "grade5"})[:2] == (20, 20)
    assert drive_pace({"highway": "service", "maxspeed": "10", "surface": "gravel"})[:2] == (10, 10)
