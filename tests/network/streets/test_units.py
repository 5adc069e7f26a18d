"""Lengths and slopes in the spellings that taginfo shows most: worked out with 1 in = 0.0254 m and 1 ft = 0.3048 m."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatialjustice.network import from_frames
from spatialjustice.network.streets.modes import STROLLER, WHEELCHAIR
from spatialjustice.network.streets.units import grades_between, metres_between, metres_of


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ('30"', 0.762, None), ("30''", 0.762, None), ("36 in", 0.9144, None), ("5'", 1.524, None),
        ("5 ft", 1.524, None),
        ("2½'", 0.762, None), ("2 1/2 ft", 0.762, None), ("½ m", 0.5, None), ('3/4"', 0.01905, None),
        ("5'6\"", 1.6764, None), ("5' 6\"", 1.6764, None), ("5'-6\"", 1.6764, None), ("5 ft 6 in", 1.6764, None),
        ("5\N{PRIME}6\N{DOUBLE PRIME}", 1.6764, None), ("0,8", 0.8, None), ("\u06f0\u066b\u06f8", 0.8, None),
        ("1.5 metres", 1.5, None),
        (".9", 0.9, None),
        ("0.6-0.8", 0.6, 0.8), ("0.6 – 0.8 m", 0.6, 0.8), ("60-80 cm", 0.6, 0.8), ("2'-3'", 0.6096, 0.9144),
        ("0.8;1.2", 0.8, 1.2), ("1.2;0.8", 0.8, 1.2), ("0.6..0.8", 0.6, 0.8), ("1 to 2 m", 1.0, 2.0),
        ("<0.8", 0.0, 0.8), ("≤80 cm", 0.0, 0.8), (">0.8", 0.8, math.inf), (">= 3 cm", 0.03, math.inf),
    ],
)  # fmt: skip
def test_lengths(text, low, high):
    assert metres_between(text) == pytest.approx((low, low if high is None else high))


@pytest.mark.parametrize(
    "text", ["", "wide", "~1", "about 1", "1,2,3", "-0.5", "3 lanes", "1/0", "1'2'3", "9" * 60, None]
)
def test_what_is_no_length(text):
    assert metres_between(text) is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1/8", 0.125, None), ("1:12", 1 / 12, None), ("12,5%", 0.125, None), ("−6 %", -0.06, None),
        ("½%", 0.005, None),
        ("8-10%", 0.08, 0.1), ("8%-10%", 0.08, 0.1), ("-8%--10%", -0.1, -0.08), ("1:10-1:8", 0.1, 0.125),
        (">10%", 0.1, math.inf), ("<8%", 0.0, 0.08), ("<-8%", -math.inf, -0.08),
    ],
)  # fmt: skip
def test_slopes(text, low, high):
    assert grades_between(text) == pytest.approx((low, low if high is None else high))


@pytest.mark.parametrize(
    ("tags", "wheelchair", "stroller"),
    [
        ({"width": '30"'}, False, True),
        ({"width": "3'"}, True, True),
        ({"width": "2½'"}, False, True),
        ({"width": "0.6-0.8"}, False, True),
        ({"width": "0.8-1.2"}, False, True),
        ({"width": "<0.8"}, False, False),
        ({"width": ">1"}, True, True),
        ({"maxwidth": "0.8"}, False, True),
        ({"incline": ">10%"}, False, False),
        ({"incline": "6-10%"}, False, True),
        ({"incline": "1/8"}, False, True),
        ({"incline": "1/7"}, False, False),
        ({"incline": "<8%"}, True, True),
    ],
)
def test_the_worse_end_counts(tags, wheelchair, stroller):
    """Wheelchairs need 0.90 m and at most 1:12, strollers 0.60 m and at most 1:8."""
    way = {"highway": "footway", **tags}
    assert (any(WHEELCHAIR.allowed(way)), any(STROLLER.allowed(way))) == (wheelchair, stroller)


@pytest.mark.parametrize(
    ("height", "passes"), [('1"', True), ('1½"', False), ("2-4 cm", False), (">2cm", False), ("<3 cm", True)]
)
def test_kerbs_by_the_worse_end(height, passes):
    """3 cm can be passed: one inch is 2.54 cm, one and a half are 3.81 cm."""
    assert (not WHEELCHAIR.barrier({"kerb:height": height})) == passes


@pytest.mark.parametrize("gap", ['30"', "0.8-1.0"])
def test_gaps_by_the_worse_end(gap):
    assert WHEELCHAIR.barrier({"barrier": "bollard", "maxwidth:physical": gap})


def test_what_cannot_be_read_is_counted_in_kilometres():
    """Three ways of 111.3 m (0.001 degrees on the equator): one with each of the two words, one that says all."""
    nodes = pd.DataFrame({"x": [0, 0.001, 0.002, 0.003], "y": 0.0}, index=[1, 2, 3, 4])
    known = {"highway": "footway", "surface": "asphalt", "width": "2"}
    ways = pd.DataFrame(
        {
            "nodes": [[1, 2], [2, 3], [3, 4]],
            "tags": [{**known, "width": "narrow"}, {**known, "incline": "steep"}, {**known, "incline": "0%"}],
        },
        index=[1, 2, 3],
    )
    (found,) = [
        item for item in from_frames(nodes, ways, mode="wheelchair").findings if item.code == "passability_unknown"
    ]
    assert "width that cannot be read: 0.1 km" in found.message
    assert "incline without a number: 0.1 km" in found.message
    assert "of 0.3 km" in found.message
    assert found.count == 2


def test_heights_and_gaps_that_cannot_be_read_are_counted():
    """Two of four points: a kerb “low”, a gap “narrow”; one says 5 cm, at one a wheelchair is welcome."""
    tags = [
        {"kerb:height": "low"},
        {"barrier": "bollard", "maxwidth:physical": "narrow"},
        {"kerb:height": "5 cm"},
        {"kerb:height": "low", "wheelchair": "yes"},
    ]
    nodes = pd.DataFrame({"x": [0, 0.001, 0.002, 0.003], "y": 0.0, "tags": tags}, index=[1, 2, 3, 4])
    ways = pd.DataFrame({"nodes": [[1, 2, 3, 4]], "tags": [{"highway": "footway"}]}, index=[1])
    (found,) = [
        item for item in from_frames(nodes, ways, mode="wheelchair").findings if item.code == "obstacles_unread"
    ]
    assert found.count == 2
    assert not [item for item in from_frames(nodes, ways).findings if item.code == "obstacles_unread"]


@given(st.text(alphabet="0123456789.,-/<>%°:½'\" mcftin;٫۳", max_size=60))
def test_whatever_the_text_says_the_low_end_is_below_the_high_one(text):
    for read in (metres_between, grades_between):
        span = read(text)
        assert span is None or span[0] <= span[1]
    metres = metres_of(text)
    assert metres is None or metres >= 0
