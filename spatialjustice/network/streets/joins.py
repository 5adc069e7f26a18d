"""Streets that nobody can join from beside them: motorways, ramps, tunnels, and what lies over or under the ground."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_TUNNEL = frozenset({"no", "building_passage"})
LEVELS = re.compile(r"(-?\d{1,3}(?:\.\d)?)(?:-(-?\d{1,3}(?:\.\d)?))?")
"""A level, or from one to another."""


def is_apart_from_ground(tags: Mapping[str, str]) -> bool:
    """Whether nobody gets onto a way from the ground beside it.

    So it is with motorways and their ramps, in tunnels (but not where a street passes through a building), and with
    what lies over or under the ground by its ``layer`` or ``level``. A way that touches level 0, such as steps from 0
    to 1, is joined; so is a bridge of which nobody has tagged the layer.

    Examples
    --------
    >>> ways = {"highway": "motorway_link"}, {"tunnel": "yes"}, {"layer": "1"}, {"level": "0;1"}
    >>> [is_apart_from_ground(tags) for tags in ways]
    [True, True, True, False]
    """
    if tags.get("highway") in {"motorway", "motorway_link"} or tags.get("tunnel", "no") not in NO_TUNNEL:
        return True
    return any(_off_the_ground(tags[key]) for key in ("layer", "level") if key in tags)


def _off_the_ground(text: str) -> bool:
    found = [LEVELS.fullmatch(part.strip()) for part in text.split(";")]
    levels = [float(number) for one in found if one is not None for number in one.groups() if number is not None]
    return bool(levels) and not min(levels) <= 0 <= max(levels)
