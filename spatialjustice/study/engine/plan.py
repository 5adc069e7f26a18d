"""The order in which sections are computed: each as early as what it needs allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spatialjustice.study.engine.section import Section


def ordered(sections: Sequence[Section]) -> list[Section]:
    """Return sections so that each comes after all that it needs, and as early as that allows.

    Those that could be computed at the same time stay in the order of the registry.

    Raises
    ------
    ValueError
        When a section needs one that there is not, two have the same name, or some need each other in a circle.

    Examples
    --------
    >>> from spatialjustice.study.engine.section import Section, returns_nothing
    >>> plan = ordered([Section("tables", returns_nothing, needs=("zones",)), Section("zones", returns_nothing)])
    >>> [section.name for section in plan]
    ['zones', 'tables']
    """
    names = [section.name for section in sections]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        message = f"two sections are called {', '.join(sorted(twice))}"
        raise ValueError(message)
    before = {section.name: _before(section, sections) for section in sections}
    for name, needed in before.items():
        unknown = [one for one in needed if one not in names]
        if unknown:
            message = f"the section {name} needs {', '.join(unknown)}, which is no section"
            raise ValueError(message)
    found: list[Section] = []
    done: set[str] = set()
    while len(found) < len(sections):
        ready = [section for section in sections if section.name not in done and before[section.name] <= done]
        if not ready:
            rest = ", ".join(name for name in names if name not in done)
            message = f"these sections need each other in a circle: {rest}"
            raise ValueError(message)
        found += ready
        done |= {section.name for section in ready}
    return found


def _before(section: Section, sections: Iterable[Section]) -> set[str]:
    """Return the names of all sections that must be computed before one."""
    needed = {*section.needs, *([section.changes] if section.changes else [])}
    for other in sections:
        if other is section:
            continue
        if set(other.offers) & set(section.gathers) or (other.changes in section.needs and other.changes):
            needed.add(other.name)
    return needed
