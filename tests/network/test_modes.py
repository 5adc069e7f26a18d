"""The walking rule, case by case: the expected answers follow OpenStreetMap's wiki pages on foot access."""

import pytest

from spatialjustice._core.errors import InputError
from spatialjustice.network.modes import WALK, mode_named

BOTH, NEITHER = (True, True), (False, False)


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
        ({"highway": "track", "access": "forestry"}, BOTH),
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


def test_a_mode_by_name_and_speed():
    assert mode_named("walk") is WALK
    assert mode_named("walk", speed=3.6).speed == 3.6
    assert mode_named(WALK) is WALK
    with pytest.raises(InputError, match="fly"):
        mode_named("fly")
    for speed in (0, -1, float("nan"), 5000):
        with pytest.raises(InputError, match="speed"):
            mode_named("walk", speed=speed)
