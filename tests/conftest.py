"""Fixtures that every test may use."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest_plugins = [
    "tests.compiled_once",  # first, so that the others are read once, too
    "tests.steady",  # before the rest, because it decides what they and hypothesis draw from
    "tests.needs",
    "tests.browsing",
    "tests.notebooks.lessons",
    "tests.sources.replay",
    "tests.synthetic_networks",
    "tests.dearest_first",
]

SHARED = Path(os.environ.get("SPATIALJUSTICE_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
OF_THE_USER = re.compile(
    r"SPATIALJUSTICE_(?!TEST_DATA|NEW_CASES|THREADS).*|CENSUS_API_KEY|(http|https|all|no)_proxy", re.IGNORECASE
)


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Find a file of the real-data collection, or skip the test and say which file is absent."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"needs the real data file {name}")
        return path

    return find


@pytest.fixture(scope="session", autouse=True)
def _cache_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep answers away from the user's own cache, and the user's own settings away from the tests.

    A proxy would be asked for the servers that tests start on this machine, and a key sent to them.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if OF_THE_USER.fullmatch(name)]:
            patch.delenv(name)
        patch.setenv("SPATIALJUSTICE_CACHE", str(tmp_path_factory.mktemp("cache") / "unused"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _little_work_is_compiled_too() -> Iterator[None]:
    """Compile every kernel, however little a test asks of it, whether or not an earlier run kept it on disk.

    ``tests/network/search/test_as_written.py`` holds what is compiled against what Python does itself.
    """
    from spatialjustice._core.machine import compiled

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "STEPS", 0)
        yield
