"""The rules of every mode, case by case: the expected answers follow OpenStreetMap's wiki pages on access.

Pages: OSM tags for routing/Access restrictions, Key:access, Key:oneway, Key:oneway:bicycle, Key:cycleway, Key:barrier,
Key:kerb, Key:smoothness, Key:incline, Key:ramp. Where a page leaves a choice, the docstring of the rule says which one
is made.
"""

import copy
import pickle

import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.network.streets.modes import (
    BICYCLE,
    DRIVE,
    MODES,
    STROLLER,
    WALK,
    WHEELCHAIR,
    Mode,
    Pace,
    mode_named,
)
from spatialjustice.network.streets.units import grade_of, metres_of

BOTH, NEITHER = (True, True), (False, False)
AHEAD, BACK = (True, False), (False, True)


@pytest.mark.parametrize(
    ("tags", "allowed"),
    [
        ({"highway": "residential"}, BOTH),
        ({"highway": "residential", "oneway": "yes"}, BOTH),
        ({"highway": "steps"}, BOTH),
        ({"highway": "service", "service": "driveway"}, BOTH),
        ({"highway": "cycleway"}, BOTH),
        ({"highway": "cycleway", "foot": "no"}, NEITHER),
        ({"highway": "pedestrian", "area": "yes"}, BOTH),
        ({"highway": "primary", "sidewalk": "separate"}, BOTH),
        ({"highway": "primary", "foot": "use_sidepath"}, NEITHER),
        ({"highway": "motorway"}, NEITHER),
        ({"highway": "motorway", "foot": "yes"}, NEITHER),
        ({"highway": "motorway_link"}, NEITHER),
        ({"highway": "trunk"}, BOTH),
        ({"highway": "trunk", "motorroad": "yes"}, NEITHER),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, BOTH),
        ({"highway": "construction"}, NEITHER),
        ({"highway": "proposed"}, NEITHER),
        ({"highway": "abandoned"}, NEITHER),
        ({"highway": "razed"}, NEITHER),
        ({"highway": "raceway"}, NEITHER),
        ({"highway": "platform"}, BOTH),
        ({"highway": "corridor"}, BOTH),
        ({"highway": "busway"}, NEITHER),
        ({"highway": "busway", "foot": "yes"}, BOTH),
        ({"highway": "service", "access": "private"}, NEITHER),
        ({"highway": "service", "access": "private", "foot": "permissive"}, BOTH),
        ({"highway": "path", "access": "no", "foot": "designated"}, BOTH),
        ({"highway": "path", "access": "no"}, NEITHER),
        ({"highway": "path", "foot": "private"}, NEITHER),
        ({"highway": "track", "access": "forestry"}, NEITHER),
        ({"highway": "footway", "oneway:foot": "yes"}, (True, False)),
        ({"highway": "footway", "oneway:foot": "-1"}, (False, True)),
        ({"highway": "footway", "foot:backward": "no"}, (True, False)),
        ({"highway": "footway", "foot:forward": "no"}, (False, True)),
        ({"highway": "footway", "foot:forward": "no", "foot:backward": "no"}, NEITHER),
        ({}, NEITHER),
    ],
)
def test_walking(tags, allowed):
    assert WALK.allowed(tags) == allowed
    assert bool(WALK.reason(tags)) == (allowed == NEITHER)


@pytest.mark.parametrize(
    ("tags", "allowed"),
    [
        ({"highway": "motorway"}, AHEAD),
        ({"highway": "motorway", "oneway": "no"}, BOTH),
        ({"highway": "motorway_link", "oneway": "yes"}, AHEAD),
        ({"highway": "trunk"}, BOTH),
        ({"highway": "primary"}, BOTH),
        ({"highway": "residential"}, BOTH),
        ({"highway": "living_street"}, BOTH),
        ({"highway": "service"}, BOTH),
        ({"highway": "service", "service": "driveway"}, BOTH),
        ({"highway": "service", "access": "private"}, NEITHER),
        ({"highway": "service", "service": "emergency_access"}, NEITHER),
        ({"highway": "footway"}, NEITHER),
        ({"highway": "footway", "motor_vehicle": "yes"}, NEITHER),
        ({"highway": "cycleway"}, NEITHER),
        ({"highway": "path"}, NEITHER),
        ({"highway": "bridleway"}, NEITHER),
        ({"highway": "steps"}, NEITHER),
        ({"highway": "pedestrian"}, NEITHER),
        ({"highway": "pedestrian", "motor_vehicle": "destination"}, BOTH),
        ({"highway": "pedestrian", "motor_vehicle": "delivery"}, NEITHER),
        ({"highway": "track"}, NEITHER),
        ({"highway": "track", "motor_vehicle": "yes"}, BOTH),
        ({"highway": "track", "motor_vehicle": "agricultural"}, NEITHER),
        ({"highway": "busway"}, NEITHER),
        ({"highway": "construction"}, NEITHER),
        ({"highway": "residential", "motor_vehicle": "no"}, NEITHER),
        ({"highway": "residential", "vehicle": "no"}, NEITHER),
        ({"highway": "residential", "vehicle": "no", "motor_vehicle": "yes"}, BOTH),
        ({"highway": "residential", "motor_vehicle": "no", "motorcar": "yes"}, BOTH),
        ({"highway": "residential", "access": "no", "motor_vehicle": "permissive"}, BOTH),
        ({"highway": "residential", "access": "no", "bus": "yes"}, NEITHER),
        ({"highway": "residential", "access": "destination"}, BOTH),
        ({"highway": "residential", "motor_vehicle": "destination"}, BOTH),
        ({"highway": "service", "access": "customers"}, BOTH),
        ({"highway": "unclassified", "motor_vehicle": "agricultural;forestry"}, NEITHER),
        ({"highway": "unclassified", "motor_vehicle": "forestry;destination"}, BOTH),
        ({"highway": "residential", "oneway": "yes"}, AHEAD),
        ({"highway": "residential", "oneway": "1"}, AHEAD),
        ({"highway": "residential", "oneway": "-1"}, BACK),
        ({"highway": "residential", "oneway": "reverse"}, BACK),
        ({"highway": "residential", "oneway": "no"}, BOTH),
        ({"highway": "residential", "oneway": "alternating"}, BOTH),
        ({"highway": "residential", "oneway": "reversible"}, NEITHER),
        ({"highway": "residential", "oneway": "yes", "oneway:motor_vehicle": "no"}, BOTH),
        ({"highway": "residential", "oneway:motor_vehicle": "yes"}, AHEAD),
        ({"highway": "residential", "oneway:bicycle": "yes"}, BOTH),
        ({"highway": "primary", "junction": "roundabout"}, AHEAD),
        ({"highway": "primary", "junction": "circular"}, AHEAD),
        ({"highway": "primary", "junction": "circular", "oneway": "no"}, BOTH),
        ({"highway": "residential", "motor_vehicle:backward": "no"}, AHEAD),
        ({"highway": "residential", "vehicle:forward": "no"}, BACK),
        ({"highway": "residential", "vehicle:backward": "no", "motor_vehicle:backward": "yes"}, BOTH),
        ({}, NEITHER),
    ],
)
def test_driving(tags, allowed):
    assert DRIVE.allowed(tags) == allowed
    assert bool(DRIVE.reason(tags)) == (allowed == NEITHER)


@pytest.mark.parametrize(
    ("tags", "allowed", "speed"),
    [
        ({"highway": "residential", "surface": "asphalt"}, BOTH, 15),
        ({"highway": "trunk", "surface": "asphalt"}, BOTH, 15),
        ({"highway": "trunk", "surface": "asphalt", "motorroad": "yes"}, NEITHER, None),
        ({"highway": "trunk", "surface": "asphalt", "motorroad": "yes", "bicycle": "yes"}, BOTH, 15),
        ({"highway": "motorway"}, NEITHER, None),
        ({"highway": "cycleway", "surface": "asphalt"}, BOTH, 15),
        ({"highway": "cycleway", "surface": "asphalt", "oneway": "yes"}, AHEAD, 15),
        ({"highway": "path", "surface": "asphalt"}, BOTH, 15),
        ({"highway": "path", "surface": "gravel"}, BOTH, 6),
        ({"highway": "path"}, BOTH, 10),
        ({"highway": "track", "tracktype": "grade1"}, BOTH, 15),
        ({"highway": "track", "surface": "sand"}, BOTH, 3),
        ({"highway": "track", "surface": "compacted"}, BOTH, 10),
        ({"highway": "residential", "surface": "asphalt;gravel"}, BOTH, 6),
        ({"highway": "footway"}, BOTH, 4),
        ({"highway": "footway", "bicycle": "yes", "surface": "paved"}, BOTH, 15),
        ({"highway": "footway", "bicycle": "designated", "surface": "paved"}, BOTH, 15),
        ({"highway": "footway", "bicycle": "dismount"}, BOTH, 4),
        ({"highway": "footway", "bicycle": "no"}, NEITHER, None),
        ({"highway": "footway", "foot": "no"}, NEITHER, None),
        ({"highway": "pedestrian"}, BOTH, 4),
        ({"highway": "pedestrian", "bicycle": "permissive", "surface": "paved"}, BOTH, 15),
        ({"highway": "bridleway"}, BOTH, 4),
        ({"highway": "platform"}, BOTH, 4),
        ({"highway": "steps"}, NEITHER, None),
        ({"highway": "steps", "ramp:bicycle": "yes"}, BOTH, 2),
        ({"highway": "steps", "ramp": "yes"}, BOTH, 2),
        ({"highway": "steps", "bicycle": "dismount"}, BOTH, 2),
        ({"highway": "primary", "bicycle": "use_sidepath"}, NEITHER, None),
        ({"highway": "primary", "bicycle": "no"}, NEITHER, None),
        ({"highway": "residential", "vehicle": "no"}, BOTH, 4),
        ({"highway": "residential", "vehicle": "no", "bicycle": "yes", "surface": "paved"}, BOTH, 15),
        ({"highway": "residential", "motor_vehicle": "no", "surface": "paved"}, BOTH, 15),
        ({"highway": "residential", "access": "private"}, NEITHER, None),
        ({"highway": "residential", "access": "destination", "surface": "paved"}, BOTH, 15),
        ({"highway": "residential", "access": "no", "foot": "yes"}, BOTH, 4),
        ({"highway": "busway"}, NEITHER, None),
        ({"highway": "busway", "bicycle": "yes", "surface": "paved"}, BOTH, 15),
        ({"highway": "residential", "surface": "paved", "oneway": "yes"}, AHEAD, 15),
        ({"highway": "residential", "surface": "paved", "oneway": "-1"}, BACK, 15),
        ({"highway": "residential", "surface": "paved", "oneway": "yes", "oneway:bicycle": "no"}, BOTH, 15),
        ({"highway": "residential", "surface": "paved", "oneway": "-1", "oneway:bicycle": "no"}, BOTH, 15),
        ({"highway": "residential", "surface": "paved", "oneway:bicycle": "yes"}, AHEAD, 15),
        ({"highway": "residential", "surface": "paved", "oneway": "yes", "cycleway": "opposite"}, BOTH, 15),
        ({"highway": "residential", "surface": "paved", "oneway": "yes", "cycleway": "opposite_lane"}, BOTH, 15),
        ({"highway": "residential", "surface": "paved", "oneway": "yes", "cycleway:left": "opposite_track"}, BOTH, 15),
        (
            {
                "highway": "residential",
                "surface": "paved",
                "oneway": "yes",
                "cycleway:left": "lane",
                "cycleway:left:oneway": "-1",
            },
            BOTH,
            15,
        ),
        (
            {
                "highway": "residential",
                "surface": "paved",
                "oneway": "yes",
                "cycleway:right": "track",
                "cycleway:right:oneway": "no",
            },
            BOTH,
            15,
        ),
        ({"highway": "residential", "surface": "paved", "oneway": "yes", "cycleway": "lane"}, AHEAD, 15),
        ({"highway": "residential", "surface": "paved", "oneway": "yes", "cycleway:right": "lane"}, AHEAD, 15),
        ({"highway": "residential", "surface": "paved", "oneway": "yes", "bicycle:backward": "yes"}, BOTH, 15),
        ({"highway": "residential", "surface": "paved", "vehicle:backward": "no"}, AHEAD, 15),
        ({"highway": "primary", "surface": "paved", "junction": "roundabout"}, AHEAD, 15),
        ({"highway": "footway", "oneway": "yes"}, BOTH, 4),
        ({"highway": "construction"}, NEITHER, None),
    ],
)
def test_cycling(tags, allowed, speed):
    assert BICYCLE.allowed(tags) == allowed
    assert bool(BICYCLE.reason(tags)) == (allowed == NEITHER)
    if speed is not None:
        assert BICYCLE.pace(tags)[:2] == pytest.approx((speed, speed))


def test_the_pace_of_a_bicycle_says_what_it_assumes():
    assert BICYCLE.pace({"highway": "residential"}) == (15, 15, "no surface, highway=residential")
    assert BICYCLE.pace({"highway": "path"}) == (10, 10, "no surface, highway=path")
    assert BICYCLE.pace({"highway": "path", "surface": "sand"}).note == ""
    assert BICYCLE.pace({"highway": "residential", "surface": "moss"}).note == "surface=moss is not known"
    assert BICYCLE.pace({"highway": "footway"}).note == ""


ROLL = {"highway": "footway"}


@pytest.mark.parametrize(
    ("tags", "wheelchair", "stroller"),
    [
        ({}, True, True),
        ({"highway": "residential"}, True, True),
        ({"highway": "elevator"}, True, True),
        ({"highway": "steps"}, False, False),
        ({"highway": "steps", "ramp:wheelchair": "yes"}, True, True),
        ({"highway": "steps", "ramp:stroller": "yes"}, False, True),
        ({"highway": "steps", "ramp": "yes"}, True, True),
        ({"highway": "steps", "ramp": "yes", "ramp:wheelchair": "no"}, False, True),
        ({"highway": "steps", "ramp:wheelchair": "separate"}, False, False),
        ({"highway": "steps", "wheelchair": "yes"}, True, True),
        ({"highway": "steps", "conveying": "yes"}, False, False),
        ({"highway": "steps", "conveying": "forward", "ramp": "yes"}, False, False),
        ({"highway": "ladder"}, False, False),
        ({"wheelchair": "no"}, False, True),
        ({"stroller": "no"}, True, False),
        ({"wheelchair": "limited"}, True, True),
        ({"foot": "no", "wheelchair": "yes"}, False, False),
        ({"access": "private"}, False, False),
        ({"surface": "asphalt"}, True, True),
        ({"surface": "paving_stones"}, True, True),
        ({"surface": "sett"}, True, True),
        ({"surface": "compacted"}, True, True),
        ({"surface": "sand"}, False, False),
        ({"surface": "mud"}, False, False),
        ({"surface": "unhewn_cobblestone"}, False, False),
        ({"surface": "cobblestone"}, False, True),
        ({"surface": "gravel"}, False, True),
        ({"surface": "grass"}, False, True),
        ({"surface": "asphalt;gravel"}, False, True),
        ({"surface": "sand", "wheelchair": "yes"}, True, True),
        ({"surface": "sand", "stroller": "yes"}, False, True),
        ({"smoothness": "intermediate"}, True, True),
        ({"smoothness": "very_bad"}, False, True),
        ({"smoothness": "horrible"}, False, False),
        ({"smoothness": "impassable"}, False, False),
        ({"highway": "track", "tracktype": "grade5"}, False, False),
        ({"highway": "track", "tracktype": "grade2"}, True, True),
        ({"highway": "path", "sac_scale": "mountain_hiking"}, False, False),
        ({"width": "0.9"}, True, True),
        ({"width": "0.8"}, False, True),
        ({"width": "80 cm"}, False, True),
        ({"width": "0,85 m"}, False, True),
        ({"width": "2'6\""}, False, True),  # 0.762 m
        ({"width": "0.5"}, False, False),
        ({"width": "narrow"}, True, True),
        ({"width": "0.8", "wheelchair": "yes"}, True, True),
        ({"maxwidth:physical": "0.7"}, False, True),
        ({"incline": "8%"}, True, True),
        ({"incline": "8.3%"}, True, True),
        ({"incline": "10%"}, False, True),
        ({"incline": "-10 %"}, False, True),
        ({"incline": "12.5%"}, False, True),
        ({"incline": "15%"}, False, False),
        ({"incline": "4°"}, True, True),  # tan 4° = 0.0699
        ({"incline": "5°"}, False, True),  # tan 5° = 0.0875
        ({"incline": "8°"}, False, False),  # tan 8° = 0.1405
        ({"incline": "1:12"}, True, True),
        ({"incline": "1:10"}, False, True),
        ({"incline": "up"}, True, True),
        ({"incline": "10%", "wheelchair": "yes"}, True, True),
        ({"highway": "motorway"}, False, False),
    ],
)
def test_rolling(tags, wheelchair, stroller):
    for mode, passes in ((WHEELCHAIR, wheelchair), (STROLLER, stroller)):
        assert mode.allowed({**ROLL, **tags}) == (BOTH if passes else NEITHER), mode.name
        assert bool(mode.reason({**ROLL, **tags})) != passes


def test_rolling_keeps_the_directions_of_walking():
    assert WHEELCHAIR.allowed({**ROLL, "oneway:foot": "yes"}) == AHEAD


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ({"highway": "residential"}, {"surface"}),
        ({"highway": "residential", "surface": "asphalt"}, set()),
        ({"highway": "footway"}, {"surface", "width"}),
        ({"highway": "footway", "surface": "asphalt", "width": "2"}, set()),
        ({"highway": "footway", "footway": "crossing", "surface": "asphalt", "width": "2"}, {"kerb"}),
        ({"highway": "footway", "footway": "crossing", "kerb": "flush"}, {"surface", "width"}),
        ({"highway": "footway", "wheelchair": "yes"}, set()),
    ],
)
def test_what_is_not_known_of_a_way_for_wheelchairs(tags, names):
    assert set(WHEELCHAIR.unknown(tags)) == names


# Columns: tags of the point; whether walkers, wheelchairs, strollers, bicycles and cars pass.
PASSES = [
    ({}, "YYYYY"),
    ({"highway": "crossing"}, "YYYYY"),
    ({"barrier": "gate"}, "YYYYY"),
    ({"barrier": "gate", "locked": "yes"}, "nnnnn"),
    ({"barrier": "gate", "locked": "yes", "foot": "yes"}, "YYYYn"),
    ({"barrier": "gate", "access": "private"}, "nnnnn"),
    ({"barrier": "gate", "access": "no", "foot": "yes", "bicycle": "yes"}, "YYYYn"),
    ({"barrier": "gate", "access": "private", "motor_vehicle": "permissive"}, "nnnnY"),
    ({"barrier": "gate", "foot": "no"}, "nnnnY"),
    ({"barrier": "lift_gate"}, "YYYYY"),
    ({"barrier": "lift_gate", "vehicle": "private"}, "YYYYn"),
    ({"barrier": "bollard"}, "YYYYn"),
    ({"barrier": "bollard", "motor_vehicle": "yes"}, "YYYYY"),
    ({"barrier": "bollard", "motor_vehicle": "no", "motorcar": "yes"}, "YYYYY"),
    ({"barrier": "bollard", "maxwidth:physical": "0.8"}, "YnYYn"),
    ({"barrier": "bollard", "maxwidth:physical": "1.2"}, "YYYYn"),
    ({"barrier": "bollard", "maxwidth:physical": "0.8", "wheelchair": "yes"}, "YYYYn"),
    ({"barrier": "block"}, "YYYYn"),
    ({"barrier": "block", "access": "no"}, "nnnnn"),
    ({"barrier": "cycle_barrier"}, "YnYYn"),
    ({"barrier": "cycle_barrier", "bicycle": "no"}, "YnYnn"),
    ({"barrier": "stile"}, "Ynnnn"),
    ({"barrier": "turnstile"}, "Ynnnn"),
    ({"barrier": "full-height_turnstile"}, "Ynnnn"),
    ({"barrier": "kissing_gate"}, "Ynnnn"),
    ({"barrier": "kissing_gate", "wheelchair": "yes", "bicycle": "yes"}, "YYYYn"),
    ({"barrier": "log"}, "YnnYn"),
    ({"barrier": "debris"}, "YnYYn"),
    ({"barrier": "chain"}, "YnYYn"),
    ({"barrier": "cattle_grid"}, "YnYYY"),
    ({"barrier": "toll_booth"}, "YYYYY"),
    ({"barrier": "border_control"}, "YYYYY"),
    ({"barrier": "height_restrictor"}, "YYYYY"),
    ({"barrier": "fence"}, "nnnnn"),
    ({"barrier": "wall"}, "nnnnn"),
    ({"barrier": "hedge", "foot": "yes"}, "YYYYn"),
    ({"barrier": "kerb"}, "YYYYY"),
    ({"barrier": "kerb", "kerb": "raised"}, "YnYYY"),
    ({"barrier": "kerb", "kerb": "lowered"}, "YYYYY"),
    ({"barrier": "kerb", "kerb": "flush"}, "YYYYY"),
    ({"kerb": "raised"}, "YnYYY"),
    ({"kerb": "raised", "wheelchair": "yes"}, "YYYYY"),
    ({"kerb": "raised", "kerb:height": "0.03"}, "YYYYY"),
    ({"kerb:height": "0.04"}, "YnYYY"),
    ({"kerb:height": "4 cm"}, "YnYYY"),
    ({"kerb:height": "2 cm"}, "YYYYY"),
    ({"highway": "crossing", "kerb:left": "raised", "kerb:right": "flush"}, "YnYYY"),
    ({"highway": "crossing", "wheelchair": "no"}, "YnYYY"),
    ({"highway": "bus_stop", "wheelchair": "no"}, "YYYYY"),
    ({"entrance": "yes"}, "YYYYY"),
    ({"entrance": "yes", "access": "private"}, "nnnnY"),
    ({"entrance": "main", "wheelchair": "no"}, "YnYYY"),
]


@pytest.mark.parametrize(("tags", "passes"), PASSES)
def test_points_that_stop(tags, passes):
    modes = (WALK, WHEELCHAIR, STROLLER, BICYCLE, DRIVE)
    found = "".join("n" if mode.barrier(tags) else "Y" for mode in modes)
    assert found == passes


def test_lengths_and_inclines_as_they_are_tagged():
    assert metres_of("3 ft") == pytest.approx(0.9144)
    assert metres_of("2'6\"") == pytest.approx(0.762)
    assert metres_of("850 mm") == pytest.approx(0.85)
    assert metres_of("~1") is None
    assert metres_of("") is None
    assert grade_of("−6%") == pytest.approx(-0.06)
    assert grade_of("1:0") is None
    assert grade_of("90°") == pytest.approx(0.9)  # no slope at all: read as a number
    assert grade_of("steep") is None


def test_every_mode_can_be_copied_and_sent_to_another_process():
    for name, mode in MODES.items():
        assert mode.name == name
        again = pickle.loads(pickle.dumps(mode))
        for tags in ({"highway": "steps"}, {"highway": "residential", "oneway": "yes"}):
            assert again.permission(tags) == mode.permission(tags)
        assert copy.copy(mode).speed == mode.speed


def test_speeds_follow_their_sources():
    """Kilometres an hour from the metres a second that the sources of the docstrings give."""
    assert MODES["walk_older_person"].speed == pytest.approx(0.943 * 3.6, abs=0.05)
    assert MODES["walk_child"].speed == pytest.approx(0.88 * 3.6, abs=0.05)
    assert WHEELCHAIR.speed == pytest.approx(0.79 * 3.6, abs=0.05)
    assert WHEELCHAIR.steepest == pytest.approx(1 / 12)
    assert WALK.pace is None


def test_another_speed():
    fast = mode_named("bicycle", speed=22.5)
    assert fast.speed == 22.5
    assert fast.pace({"highway": "residential", "surface": "asphalt"})[:2] == (22.5, 22.5)
    assert fast.pace({"highway": "path", "surface": "gravel"})[:2] == pytest.approx((9, 9))
    assert fast.pace({"highway": "footway"})[:2] == (4, 4)
    assert mode_named("wheelchair", speed=3).allowed({"highway": "steps"}) == NEITHER
    with pytest.raises(InputError, match="congestion"):
        mode_named("drive", speed=30)
    with pytest.raises(InputError, match="speed"):
        mode_named("bicycle", speed=-3)


def test_a_mode_of_ones_own_needs_three_things_only():
    mode = Mode("sledge", 20, WALK.rule)
    assert (mode.pace, mode.barrier, mode.slope, mode.steepest, mode.leg_speed) == (None,) * 5
    assert Mode("train", 60, WALK.rule, pace=lambda _: Pace(60, 60)).pace({}).note == ""
    for wrong in ({"leg_speed": 0}, {"slope": "flying"}, {"steepest": -0.1}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            Mode("sledge", 20, WALK.rule, **wrong)


def test_a_mode_by_name_and_speed():
    assert mode_named("walk") is WALK
    assert mode_named("walk", speed=3.6).speed == 3.6
    assert mode_named(WALK) is WALK
    with pytest.raises(InputError, match="fly"):
        mode_named("fly")
    for speed in (0, -1, float("nan"), 5000):
        with pytest.raises(InputError, match="speed"):
            mode_named("walk", speed=speed)
