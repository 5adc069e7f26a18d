"""A small file of OpenStreetMap that is there without a download."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from spatialjustice.sources import demo_extract

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def helsinki() -> Path:
    """The extract of central Helsinki that the package carries."""
    return demo_extract()
