"""How people travel: which streets a mode may use, in which direction, and how fast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from spatialjustice._core.errors import InputError

Tags = Mapping[str, str]

FASTEST = 1000
"""Kilometres an hour above which a speed must be a mistake."""


class Permission(NamedTuple):
    """Whether a way may be used along its drawing direction and against it, and why not where it may not."""

    forward: bool
    backward: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mode:
    """One way of travelling: a rule that reads a street's tags, and a speed.

    Parameters
    ----------
    name
        What the mode is called, for example ``walk``.
    speed
        Kilometres an hour; minutes are metres divided by it.
    rule
        Reads the tags of one OpenStreetMap way and says in which directions it may be used.

    Examples
    --------
    >>> WALK.allowed({"highway": "steps"})
    (True, True)
    >>> WALK.allowed({"highway": "motorway"})
    (False, False)
    >>> WALK.reason({"highway": "service", "access": "private"})
    'access=private'
    """

    name: str
    speed: float
    rule: Callable[[Tags], Permission]

    def __post_init__(self) -> None:
        if not 0 < self.speed <= FASTEST:
            raise InputError("speed", f"it is {self.speed}", "Give kilometres an hour, above 0 and at most 1,000.")

    def permission(self, tags: Tags) -> Permission:
        """Return both directions and the reason together."""
        return self.rule(tags)

    def allowed(self, tags: Tags) -> tuple[bool, bool]:
        """Return whether a way with these tags may be used forward and backward."""
        return self.rule(tags)[:2]

    def reason(self, tags: Tags) -> str:
        """Return why a way cannot be used at all; empty where it can."""
        return self.rule(tags).reason


WALKABLE = frozenset(
    {
        "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
        "unclassified", "residential", "living_street", "service", "road", "track", "path", "footway", "pedestrian",
        "steps", "bridleway", "cycleway", "crossing", "corridor", "platform", "elevator", "ladder",
    }
)  # fmt: skip
ONLY_WHERE_SIGNED = frozenset({"busway", "bus_guideway", "escape", "emergency_bay", "via_ferrata"})
FOOT_YES = frozenset({"yes", "designated", "permissive", "official", "destination", "customers"})
FOOT_NO = frozenset({"no", "private", "use_sidepath"})
ACCESS_NO = frozenset({"no", "private"})


def _walk(tags: Tags) -> Permission:
    """Read the walking rule, in this order.

    ==========================================================  =======================================================
    tags                                                        walking
    ==========================================================  =======================================================
    ``highway`` = motorway, motorway_link                       never
    construction, proposed, abandoned, razed, raceway, services never, as any other value that names no walkable street
    ``foot`` = no, private, use_sidepath                        no
    ``foot`` = yes, designated, permissive, official,           yes, whatever ``access`` or ``motorroad`` says; opens
    destination, customers                                      busways, guideways and via ferratas too
    ``motorroad`` = yes, ``access`` = no, private               no
    streets, paths, tracks, steps, driveways, platforms,        yes
    corridors, elevators, **cycleways**, bridleways
    ==========================================================  =======================================================

    Both directions, whatever ``oneway`` says (it speaks to vehicles), except ``oneway:foot`` = yes or -1,
    ``foot:forward`` = no and ``foot:backward`` = no. Ways with ``area`` = yes are walked along their outline, which
    keeps the streets that meet at a square joined; the way across it is not shortened. ``sidewalk`` = separate does
    not close a street: people cross it.
    """
    highway = tags.get("highway", "")
    foot = tags.get("foot", "")
    if highway not in WALKABLE and highway not in ONLY_WHERE_SIGNED:
        return Permission(forward=False, backward=False, reason=f"highway={highway}")
    if foot in FOOT_NO:
        return Permission(forward=False, backward=False, reason=f"foot={foot}")
    if foot not in FOOT_YES:
        if highway in ONLY_WHERE_SIGNED:
            return Permission(forward=False, backward=False, reason=f"highway={highway}")
        if tags.get("motorroad") == "yes":
            return Permission(forward=False, backward=False, reason="motorroad=yes")
        access = tags.get("access", "")
        if access in ACCESS_NO:
            return Permission(forward=False, backward=False, reason=f"access={access}")
    oneway = tags.get("oneway:foot", "")
    forward = oneway != "-1" and tags.get("foot:forward") != "no"
    backward = oneway != "yes" and tags.get("foot:backward") != "no"
    return Permission(forward, backward, "" if forward or backward else "closed to feet in both directions")


WALK = Mode(name="walk", speed=4.8, rule=_walk)
"""Walking at 4.8 km/h: 80 metres a minute, 800 metres in ten minutes.

Comfortable speeds of healthy adults from their twenties to their seventies average 4.6 to 5.3 km/h (R. W. Bohannon,
1997, Age and Ageing 26, 15-19). Children, old people and people with a load are slower: pass ``speed=``.
"""

MODES = {WALK.name: WALK}


def mode_named(mode: str | Mode, *, speed: float | None = None) -> Mode:
    """Return a mode by its name, at another speed (kilometres an hour) where one is given.

    Raises
    ------
    InputError
        When nobody has written such a mode, or the speed is not a positive number.
    """
    if isinstance(mode, str):
        if mode not in MODES:
            raise InputError("mode", f"there is no mode called “{mode}”", f"Choose one of: {', '.join(MODES)}.")
        mode = MODES[mode]
    return mode if speed is None else replace(mode, speed=float(speed))
