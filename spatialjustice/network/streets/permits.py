"""Who may pass: one list of what refuses and of what allows, for ways and for points, for every key and mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REFUSES = frozenset(
    {
        "no", "private", "permit", "military", "emergency", "restricted", "agricultural", "forestry", "delivery", "bus",
        "psv", "taxi", "coach", "hgv", "use_sidepath",
    }
)  # fmt: skip
"""Values of access keys that keep the public out: nobody, those with somebody's leave, or some other kind of traffic.

By OpenStreetMap's definitions (wiki, Key:access) ``permit``, ``military`` and ``private`` alike need leave,
``emergency``, ``agricultural``, ``forestry`` and ``delivery`` are for a purpose that trips to places do not have.
"""

ALLOWS = frozenset({"yes", "designated", "permissive", "official", "destination", "customers"})
"""Values that let in who wants to get to a place."""

UNSAID = frozenset({"", "unknown"})

FEET = ("foot", "access")
CARS = ("motorcar", "motor_vehicle", "vehicle", "access")
BICYCLES = ("bicycle", "vehicle", "access")


def parts_of(value: str) -> list[str]:
    """Return the values that a tag lists with semicolons between them.

    Examples
    --------
    >>> parts_of("no; private")
    ['no', 'private']
    """
    return [part.strip() for part in value.split(";")]


def refuses(value: str) -> bool:
    """Whether a value keeps the public out; of a list every one must.

    Examples
    --------
    >>> refuses("no;private"), refuses("forestry;destination"), refuses("customers"), refuses("")
    (True, False, False, False)
    """
    return bool(value) and all(part in REFUSES for part in parts_of(value))


def allows(value: str) -> bool:
    """Whether a value, or one of a list, lets people in who want to get to a place."""
    return any(part in ALLOWS for part in parts_of(value))


def said(tags: Mapping[str, str], keys: tuple[str, ...]) -> tuple[str, str]:
    """Return the first of these keys that says something, and its value; the most particular key stands first."""
    return next(((key, tags[key]) for key in keys if tags.get(key, "") not in UNSAID), ("", ""))


def refused(tags: Mapping[str, str], keys: tuple[str, ...]) -> str:
    """Return what refuses, as “key=value”; empty where nothing does.

    Examples
    --------
    >>> refused({"access": "permit"}, FEET), refused({"access": "permit", "foot": "yes"}, FEET)
    ('access=permit', '')
    """
    key, value = said(tags, keys)
    return f"{key}={value}" if refuses(value) else ""
