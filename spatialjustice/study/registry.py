"""The sections that a study can ask for: the one list that names them, a line each.

Their order is that of keys without a place of their own, of tables, maps and lines; they are computed in the order in
which they need each other.
"""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from spatialjustice import catalogue
from spatialjustice.catalogue import lookup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.study.engine.section import Section

SECTIONS = (
    "spatialjustice.study.sections.place",
    "spatialjustice.study.sections.zones",
    "spatialjustice.study.sections.census",
    "spatialjustice.study.sections.people",
    "spatialjustice.study.sections.services",
    "spatialjustice.study.sections.names",
    "spatialjustice.study.sections.transit",
    "spatialjustice.study.sections.streets",
    "spatialjustice.study.sections.groups",
    "spatialjustice.study.sections.reach",
    "spatialjustice.study.sections.coverage",
    "spatialjustice.study.sections.transit_service",
    "spatialjustice.study.sections.catchments",
    "spatialjustice.study.sections.baskets",
    "spatialjustice.study.sections.inequality",
    "spatialjustice.study.sections.space",
    "spatialjustice.study.sections.digital",
    "spatialjustice.study.sections.reports",
    "spatialjustice.study.sections.together",
    "spatialjustice.study.sections.poverty",
    "spatialjustice.study.sections.prediction",
    "spatialjustice.study.sections.frame",
    "spatialjustice.study.sections.environment",
    "spatialjustice.study.sections.ballots",
    "spatialjustice.study.sections.remedies",
    "spatialjustice.study.sections.what_if",
)
"""Packages with a ``SECTION`` each."""

GROUP = "spatialjustice.sections"
"""Entry points by which other packages add sections."""

_further: list[Section] = []


@cache
def _own() -> tuple[Section, ...]:
    """Return the sections of this package, and those that installed packages add."""
    own = [importlib.import_module(name).SECTION for name in SECTIONS]
    added = [point.load() for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)]
    for section in added:
        catalogue.add_words(section.words)
        catalogue.add_findings(section.meanings)
    return (*own, *added)


def sections() -> tuple[Section, ...]:
    """Return all sections."""
    return (*_own(), *_further)


def register(section: Section) -> None:
    """Add a section to all studies that are read from now on, for one that is not in the list and not installed."""
    catalogue.add_words(section.words)
    catalogue.add_findings(section.meanings)
    _further.append(section)


@contextmanager
def registered(section: Section) -> Iterator[None]:
    """Add a section for the length of a block."""
    register(section)
    try:
        yield
    finally:
        _further.remove(section)
        lookup.forget(section.words, section.meanings)
