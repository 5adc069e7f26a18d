"""Access tags (``access``, ``foot``, ``bicycle``, …): which values refuse and which allow, for ways and points."""

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


def values_listed(value: str) -> list[str]:
    """Return the values that a tag lists with semicolons between them.

    Examples
    --------
    >>> values_listed("no; private")
    ['no', 'private']
    """
    return [part.strip() for part in value.split(";")]


def value_refuses(value: str) -> bool:
    """Whether a value keeps the public out; of a list every one must.

    Examples
    --------
    >>> [value_refuses(value) for value in ("no;private", "forestry;destination", "customers", "")]
    [True, False, False, False]
    """
    return bool(value) and all(part in REFUSES for part in values_listed(value))


def value_allows(value: str) -> bool:
    """Whether a value, or one of a list, lets people in who want to get to a place."""
    return any(part in ALLOWS for part in values_listed(value))


def most_particular_tag(tags: Mapping[str, str], keys: tuple[str, ...]) -> tuple[str, str]:
    """Return the first of these keys that says something, and its value; the most particular key stands first."""
    return next(((key, tags[key]) for key in keys if tags.get(key, "") not in UNSAID), ("", ""))


def refusing_tag(tags: Mapping[str, str], keys: tuple[str, ...]) -> str:
    """Return what refuses, as “key=value”; empty where nothing does.

    Examples
    --------
    >>> refusing_tag({"access": "permit"}, FEET), refusing_tag({"access": "permit", "foot": "yes"}, FEET)
    ('access=permit', '')
    """
    key, value = most_particular_tag(tags, keys)
    return f"{key}={value}" if value_refuses(value) else ""
