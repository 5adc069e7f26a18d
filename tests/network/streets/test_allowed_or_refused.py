"""Who may pass: the same answer for every key, mode, way and gate, by OpenStreetMap's wiki (Key:access)."""

import pytest

from spatialjustice.network.streets.modes import BICYCLE, DRIVE, STROLLER, WALK, WHEELCHAIR

FEET = [("walk", WALK, "foot"), ("wheelchair", WHEELCHAIR, "foot"), ("stroller", STROLLER, "foot")]
MODES = [*FEET, ("bicycle", BICYCLE, "bicycle"), ("drive", DRIVE, "motor_vehicle")]
CLOSED = ["no", "private", "permit", "military", "emergency", "restricted", "agricultural", "forestry", "delivery"]
CLOSED += ["no;private", "no; private", "agricultural;forestry"]
OPEN = ["yes", "designated", "permissive", "destination", "customers", "official", "forestry;destination", "unknown"]


@pytest.mark.parametrize("value", CLOSED)
@pytest.mark.parametrize(("name", "mode", "own"), MODES, ids=[name for name, *_ in MODES])
def test_what_refuses_refuses_everybody_on_ways_and_at_gates(name, mode, own, value):
    """``access`` closes; so does the mode's own key; the mode's own key opens what ``access`` closes."""
    way, gate = {"highway": "service"}, {"barrier": "gate"}
    for key in ("access", own):
        assert mode.allowed({**way, key: value}) == (False, False), name
        assert mode.reason({**way, key: value}) == f"{key}={value}"
        assert mode.barrier({**gate, key: value}) == f"barrier=gate, {key}={value}"
    assert any(mode.allowed({**way, "access": value, own: "yes"}))
    assert not mode.barrier({**gate, "access": value, own: "yes"})
    assert not any(mode.allowed({**way, "access": "yes", own: value}))
    assert mode.barrier({**gate, "access": "yes", own: value})


@pytest.mark.parametrize("value", OPEN)
@pytest.mark.parametrize(("name", "mode", "own"), MODES, ids=[name for name, *_ in MODES])
def test_what_lets_in(name, mode, own, value):
    for key in ("access", own):
        assert any(mode.allowed({"highway": "service", key: value})), name
        assert not mode.barrier({"barrier": "gate", key: value})


def test_what_says_nothing_leaves_the_word_to_the_next_key():
    assert not any(DRIVE.allowed({"highway": "service", "motor_vehicle": "unknown", "access": "private"}))
    assert not any(WALK.allowed({"highway": "service", "foot": "unknown", "access": "private"}))
    assert WALK.barrier({"barrier": "gate", "foot": "unknown", "access": "private"})
    assert not any(BICYCLE.allowed({"highway": "path", "bicycle": "unknown", "access": "permit"}))


def test_vehicles_that_are_refused_are_pushed():
    assert BICYCLE.allowed({"highway": "service", "vehicle": "permit"}) == (True, True)
    assert BICYCLE.pace({"highway": "service", "vehicle": "permit"}).forward == 4


@pytest.mark.parametrize("key", ["foot:forward", "foot:backward"])
def test_lists_and_permits_in_one_direction(key):
    allowed = WALK.allowed({"highway": "footway", key: "private;permit"})
    assert allowed == (key == "foot:backward", key == "foot:forward")


@pytest.mark.parametrize(("name", "mode", "own"), MODES, ids=[name for name, *_ in MODES])
def test_impassable_closes_to_all(name, mode, own):
    """A bridge that fell, a landslide: not even the mode's own key opens it."""
    assert not any(mode.allowed({"highway": "service", "impassable": "yes", own: "yes"})), name
    assert mode.barrier({"impassable": "yes"}) == "impassable=yes"
    assert any(mode.allowed({"highway": "service", "impassable": "no"}))


# Columns: tags of a point; whether walkers, wheelchairs, strollers and bicycles pass.
@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"highway": "elevator"}, "YYYY"),
        ({"highway": "elevator", "wheelchair": "no"}, "YnYY"),
        ({"highway": "elevator", "wheelchair": "yes"}, "YYYY"),
        ({"highway": "elevator", "access": "permit"}, "nnnn"),
        ({"highway": "elevator", "bicycle": "no"}, "YYYn"),
        ({"highway": "elevator", "foot": "no"}, "nnnn"),
        ({"door": "hinged", "access": "private"}, "nnnn"),
        ({"door": "revolving", "wheelchair": "no"}, "YnYY"),
        ({"entrance": "main", "access": "military"}, "nnnn"),
        ({"highway": "street_lamp", "access": "private"}, "YYYY"),
    ],
)
def test_lifts_and_doors_that_refuse(tags, passes):
    found = "".join("n" if mode.barrier(tags) else "Y" for mode in (WALK, WHEELCHAIR, STROLLER, BICYCLE))
    assert found == passes


BOTH, AHEAD, BACK, NEITHER = (True, True), (True, False), (False, True), (False, False)


@pytest.mark.parametrize(
    ("tags", "allowed"),
    [
        ({"railway": "platform"}, BOTH),
        ({"public_transport": "platform"}, BOTH),
        ({"man_made": "pier"}, BOTH),
        ({"man_made": "pier", "access": "private"}, NEITHER),
        ({"man_made": "pier", "foot": "no"}, NEITHER),
        ({"railway": "platform", "access": "no", "foot": "yes"}, BOTH),
        ({"route": "ferry", "foot": "yes"}, NEITHER),
        ({"railway": "rail", "foot": "yes"}, NEITHER),
        ({"highway": "construction", "railway": "platform"}, NEITHER),
        ({"highway": "steps", "conveying": "forward"}, AHEAD),
        ({"highway": "steps", "conveying": "backward"}, BACK),
        ({"highway": "footway", "conveying": "backward"}, BACK),
        ({"highway": "steps", "conveying": "yes"}, BOTH),
        ({"highway": "steps", "conveying": "yes", "oneway": "yes"}, AHEAD),
        ({"highway": "steps", "conveying": "yes", "oneway": "-1"}, BACK),
        ({"highway": "steps", "conveying": "reversible", "oneway": "yes"}, BOTH),
        ({"highway": "steps", "conveying": "no", "oneway": "yes"}, BOTH),
        ({"highway": "steps", "conveying": "forward", "foot:forward": "no"}, NEITHER),
    ],
)
def test_ways_for_feet_beside_highways_and_those_that_carry(tags, allowed):
    assert WALK.allowed(tags) == allowed


def test_platforms_and_piers_are_walked_rolled_and_pushed_along_but_not_driven():
    for tags in ({"railway": "platform"}, {"public_transport": "platform"}, {"man_made": "pier"}):
        assert WHEELCHAIR.allowed(tags) == STROLLER.allowed(tags) == BICYCLE.allowed(tags) == BOTH
        assert BICYCLE.pace(tags).forward == 4
        assert DRIVE.allowed(tags) == NEITHER
    assert DRIVE.reason({"man_made": "pier"}) == "man_made=pier"
