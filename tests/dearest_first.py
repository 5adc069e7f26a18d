"""Files that take longest are run first, so that no worker is left with one of them when all others are done.

``--dist loadfile`` hands out whole files, by itself those of most tests first; a lesson of five tests that takes two
minutes would come last. Measured in processor time; a file that is not named here takes less than those that are.
"""

from __future__ import annotations

import pytest

DEAREST = (
    "tests/notebooks/test_notebooks.py",
    "tests/study/test_run.py",
    "tests/study/sections/test_remedies.py",
    "tests/study/test_console.py",
    "tests/sources/osm/test_osmnx_graph.py",
    "tests/notebooks/test_lessons_digital.py",
    "tests/access/test_gravity_laws.py",
    "tests/study/engine/test_faults.py",
    "tests/study/engine/test_toy_section.py",
    "tests/house/test_collection.py",
    "tests/study/engine/test_resume.py",
    "tests/network/transit/test_limits.py",
    "tests/network/streets/test_profiles.py",
    "tests/maps/streets/test_whatif.py",
    "tests/study/test_cli.py",
    "tests/network/test_costs.py",
    "tests/study/scale/test_runs_in_tiles.py",
    "tests/network/transit/test_traps_on_the_way.py",
    "tests/network/transit/test_journey.py",
    "tests/network/transit/test_profile_scan.py",
    "tests/study/engine/test_same_bytes.py",
    "tests/study/test_monitor.py",
    "tests/remedies/test_every_plan.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(DEAREST)}
    items.sort(key=lambda item: place.get(item.nodeid.split("::", 1)[0], len(DEAREST)))
