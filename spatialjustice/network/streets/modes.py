"""Modes of travel (walk, wheelchair, stroller, bicycle, drive): which streets each may use, and how fast it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from spatialjustice._core.errors import InputError
from spatialjustice._core.names import synonyms
from spatialjustice._core.names.suggest import nearest_word
from spatialjustice._core.screen.card import Card, Shown
from spatialjustice.network.streets import access_rules
from spatialjustice.network.streets.access_rules import Pace, Permission, Tags
from spatialjustice.network.streets.speeds import drive_pace
from spatialjustice.network.streets.wheel_rules import ON_WHEELCHAIR, WITH_STROLLER

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = [
    "BICYCLE", "DRIVE", "MODES", "STROLLER", "WALK", "WALK_CHILD", "WALK_OLDER_PERSON", "WHEELCHAIR", "Mode", "Pace",
    "Permission", "Tags", "mode_named",
]  # fmt: skip

FASTEST = 1000
"""Kilometres an hour above which a speed must be a mistake."""


@dataclass(frozen=True, slots=True)
class Mode(Shown):
    """One way of travelling: rules that read a street's tags, and a speed.

    Parameters
    ----------
    name
        What the mode is called, for example ``walk``.
    speed
        Kilometres an hour: the speed itself where there is no ``pace``, else the one that costs in metres refer to.
    rule
        Reads the tags of one OpenStreetMap way and says in which directions it may be used.
    pace
        Reads the tags of a way and says how fast it is in both directions; None where every street is as fast as the
        mode.
    barrier
        Reads the tags of one point of a street and says why it cannot be passed, with empty text where it can; None
        where every point can be passed. A reason that begins with “kerb” stops those who cross the carriageway, not
        those who go along it.
    slope
        How a slope changes the speed, where heights are known: ``walking``, ``cycling``, or None for not at all.
    steepest
        The largest slope (rise over run, up or down, itself included) that can be used, where heights are known; None
        for no limit.
    leg_speed
        Kilometres an hour on the straight way between a place and the street; None for ``speed``.
    joined_as
        Name of the mode by whose streets it is decided which small parts of the network are joined to nothing and set
        aside; None for its own. A wheelchair's islands between steps are real, a walker's mostly gaps in the map.
    unknown
        Reads the tags of a way and names what would decide whether it can be used but is not tagged, or not readable.
    unread
        Reads the tags of a point and says whether what would decide there is tagged but cannot be read.
    vehicles
        What OpenStreetMap calls its vehicle, from the narrowest word to the widest: turn restrictions of these hold for
        the mode. Empty where none do, as for all who walk.

    Examples
    --------
    >>> WALK.allowed({"highway": "steps"})
    (True, True)
    >>> WALK.allowed({"highway": "motorway"})
    (False, False)
    >>> WALK.reason({"highway": "service", "access": "private"})
    'access=private'
    >>> WHEELCHAIR.reason({"highway": "steps"})
    'highway=steps'
    >>> DRIVE.allowed({"highway": "residential", "oneway": "yes"})
    (True, False)
    """

    name: str
    speed: float
    rule: Callable[[Tags], Permission]
    pace: Callable[[Tags], Pace] | None = None
    barrier: Callable[[Tags], str] | None = None
    slope: Literal["walking", "cycling"] | None = None
    steepest: float | None = None
    leg_speed: float | None = None
    joined_as: str | None = None
    unknown: Callable[[Tags], tuple[str, ...]] | None = None
    unread: Callable[[Tags], bool] | None = None
    vehicles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, speed in (("speed", self.speed), ("leg_speed", self.leg_speed)):
            if speed is not None and not 0 < speed <= FASTEST:
                raise InputError(name, f"it is {speed}", "Give kilometres an hour, above 0 and at most 1,000.")
        if self.slope not in {None, "walking", "cycling"}:
            raise InputError("slope", f"it is “{self.slope}”", "Choose walking, cycling or None.")
        if self.steepest is not None and not self.steepest > 0:
            raise InputError("steepest", f"it is {self.steepest}", "Give rise over run, above 0: 0.08 is 8 per cent.")

    def __repr__(self) -> str:
        """Tell the mode's name and speed; its rules are functions."""
        return f"<Mode: {self.name} at {self.speed:g} km/h>"

    def _card(self) -> Card:
        leg = f"{self.leg_speed:g} km/h" if self.leg_speed else ""
        steepest = f", up to {self.steepest:.0%}" if self.steepest else ""
        rows = [
            ("speed", f"{self.speed:g} km/h" + (" on streets that say nothing else" if self.pace else "")),
            ("beside the street", leg),
            ("slopes", f"as {self.slope}{steepest}, where heights are known" if self.slope else ""),
            ("turn restrictions of", ", ".join(self.vehicles)),
        ]
        return Card(f"Mode: {self.name}", rows)

    def permission(self, tags: Tags) -> Permission:
        """Return both directions and the reason together."""
        return self.rule(tags)

    def allowed(self, tags: Tags) -> tuple[bool, bool]:
        """Return whether a way with these tags may be used forward and backward."""
        return self.rule(tags)[:2]

    def reason(self, tags: Tags) -> str:
        """Return why a way cannot be used at all; empty where it can."""
        return self.rule(tags).reason

    def at(self, speed: float) -> Mode:
        """Return the same mode for people who are faster or slower.

        Raises
        ------
        InputError
            When the speed is not a positive number, or the mode goes at speeds that the streets dictate.
        """
        if self.pace is None:
            return replace(self, speed=float(speed))
        faster = getattr(self.pace, "at", None)
        if faster is None:
            raise InputError(
                "speed",
                f"the mode “{self.name}” goes at the speed of each street, not at one speed",
                "Leave the speed out; to make streets slower or faster give the network congestion=.",
            )
        return replace(self, speed=float(speed), pace=faster(float(speed)))


WALK = Mode(
    name="walk", speed=4.8, rule=access_rules.walking_permission, barrier=access_rules.walking_barrier, slope="walking"
)
"""Walking at 4.8 km/h: 80 metres a minute, 800 metres in ten minutes.

Comfortable speeds of healthy adults from their twenties to their seventies average 4.6 to 5.3 km/h (R. W. Bohannon,
1997, Age and Ageing 26, 15-19). Children, old people and people with a load are slower: see the other modes, or pass
``speed=``. Slopes count where heights are given.
"""

WALK_OLDER_PERSON = replace(WALK, name="walk_older_person", speed=3.4)
"""Walking at 3.4 km/h (0.943 m/s), the mean of women aged 80 to 99, the slowest group of healthy adults.

R. W. Bohannon, A. W. Andrews, 2011, Normal walking speed: a descriptive meta-analysis, Physiotherapy 97, 182-189: 41
studies, 23,111 people, all of them healthy and on level floors. People with an illness are slower. The streets are
those of ``walk``, steps included.
"""

WALK_CHILD = replace(WALK, name="walk_child", speed=3.2)
"""Walking at 3.2 km/h (0.88 m/s), the mean of 48 children before school age.

S. Varela-Martínez and others, 2024, International Journal of Crashworthiness 29(5), 880-883. It suits kindergartens and
the first years of school, and adults who go there with a child: from seven or eight years on children walk nearly as
fast as adults (Fels Longitudinal Study, 2013, PMC3580126). The streets are those of ``walk``.
"""

WHEELCHAIR = Mode(
    name="wheelchair",
    speed=2.8,
    rule=ON_WHEELCHAIR.way,
    barrier=ON_WHEELCHAIR.past,
    slope="walking",
    steepest=ON_WHEELCHAIR.steepest,
    joined_as="walk",
    unknown=ON_WHEELCHAIR.unknown,
    unread=ON_WHEELCHAIR.unread,
)
"""A manual wheelchair at 2.8 km/h: 52 users moved at 0.79 m/s (standard deviation 0.19) in their daily life.

M. L. Tolerico and others, 2007, Journal of Rehabilitation Research & Development 44(4), 561-572.

Closed, besides what is closed to walkers:

- steps without a ramp (``ramp:wheelchair`` or ``ramp`` = yes), escalators, ladders, ``wheelchair`` = no;
- surfaces that are loose, soft or of rough stones (sand, gravel, grass, cobblestone and the like); ``smoothness``
  very_bad and worse (the tag's definition puts wheelchairs at intermediate: bad stays open here, on trust); tracks of
  grade4 and grade5; mountain paths;
- ways and gaps (``width``, ``maxwidth:physical``) under 0.90 m, about the 36 inches (0.915 m) of clear width that the
  ADA Standards 2010, 403.5.1, ask for;
- inclines above 1:12 (8.3 per cent), tagged or found from heights: the steepest new ramp that ADA 405.2 allows;
- crossings with a raised kerb, above 3 cm: OpenStreetMap's definition of ``kerb`` = raised;
- stiles, turnstiles, kissing gates, cycle barriers, chains, logs, debris, cattle grids; barriers, kerbs, crossings and
  entrances with ``wheelchair`` = no.

``wheelchair`` = yes on a street or point opens what surface, width, incline and steps would close. What nobody has
tagged can be passed, and is counted in the finding ``passability_unknown``: where few surfaces, widths and kerbs are
tagged, the result is the best case. That a slope slows a wheelchair as it slows a walker is an assumption. Streets that
become islands because all ways out are closed stay, and places there reach only what lies on them.
"""

STROLLER = Mode(
    name="stroller",
    speed=4.0,
    rule=WITH_STROLLER.way,
    barrier=WITH_STROLLER.past,
    slope="walking",
    steepest=WITH_STROLLER.steepest,
    joined_as="walk",
    unknown=WITH_STROLLER.unknown,
    unread=WITH_STROLLER.unread,
)
"""A child in a stroller at 4 km/h, an assumption: somewhat slower than walking.

The rules of ``wheelchair``, milder, and assumptions too: kerbs can be passed, cobblestone, gravel and grass too; closed
are steps without a ramp (``ramp:stroller``, ``ramp:wheelchair`` or ``ramp`` = yes), ``stroller`` = no, loose surfaces,
smoothness horrible and worse, ways and gaps under 0.60 m, inclines above 1:8 (the steepest short ramp that the ADA
Standards 2010, 405.2, allow in old buildings), stiles, turnstiles, kissing gates and logs. ``stroller`` = yes and
``wheelchair`` = yes open.
"""

BICYCLE = Mode(
    name="bicycle",
    speed=15.0,
    rule=access_rules.cycling_permission,
    pace=access_rules.CyclingPace(15.0),
    barrier=access_rules.cycling_barrier,
    slope="cycling",
    leg_speed=4.8,
    vehicles=("bicycle", "vehicle"),
)
"""Cycling at 15 km/h where it is paved; 10 on firm unpaved ground, 6 on gravel, grass and cobblestone, 3 in sand.

Mean speeds of cyclists observed in traffic lie mostly between 12 and 20 km/h (D. P. Allen and others, 1998,
Transportation Research Record 1636, 29-36); 15, the order of the surfaces, and pushing at 4 km/h (2 on steps with a
ramp) follow the open bicycle profile of the router OSRM. Another ``speed=`` changes all but pushing in proportion.
Where no surface is tagged, streets and cycleways count as paved, paths and tracks as unpaved (the finding
``speeds_assumed`` says of how many kilometres). Turn restrictions are obeyed where they do not except bicycles. Signals
and turns cost no time.
"""

DRIVE = Mode(
    name="drive",
    speed=50.0,
    rule=access_rules.driving_permission,
    pace=drive_pace,
    barrier=access_rules.driving_barrier,
    leg_speed=4.8,
    vehicles=("motorcar", "motor_vehicle", "vehicle"),
)
"""Driving at the speed of each street (see `spatialjustice.network.streets.speeds`); to and from it one walks.

Costs in metres refer to 50 km/h. Turn restrictions are obeyed. Signals, parking and the hour of the day are not looked
at, nor what holds at certain hours only: without ``congestion=`` the roads are free.
"""

MODES = {mode.name: mode for mode in (WALK, WALK_OLDER_PERSON, WALK_CHILD, WHEELCHAIR, STROLLER, BICYCLE, DRIVE)}
"""The modes by their names."""


def mode_named(mode: str | Mode, *, speed: float | None = None) -> Mode:
    """Return a mode by its name, at another speed (kilometres an hour) where one is given.

    Raises
    ------
    InputError
        When nobody has written such a mode, the speed is not a positive number, or the mode (``drive``) takes none.
    """
    if isinstance(mode, str):
        if mode not in MODES:
            raise InputError("mode", f"there is no mode called “{mode}”", f"{mode_meant(mode)}.")
        mode = MODES[mode]
    return mode if speed is None else mode.at(speed)


def mode_meant(name: str, known: Collection[str] = ()) -> str:
    """Say which mode was probably meant by a name that none has; a clause without a full stop.

    Parameters
    ----------
    name
        What was written.
    known
        The modes that can be used; those of streets where none are given. A study knows ``transit`` as well.

    Examples
    --------
    >>> mode_meant("bike")
    'Did you mean “bicycle”? Choose one of: walk, walk_older_person, walk_child, wheelchair, stroller, bicycle, drive'
    >>> mode_meant("transt", ["walk", "transit"])
    'Did you mean “transit”? Choose one of: walk, transit'
    """
    known = known or MODES
    near = nearest_word(name, known, synonyms.MODES)
    choice = f"Choose one of: {', '.join(known)}"
    if near is not None:
        return f"Did you mean “{near}”? {choice}"
    if "transit" in synonyms.MODES.get(name.strip().lower(), ()):
        return f"Public transport is made of timetables: network.from_gtfs, or the mode transit of a study. {choice}"
    return choice


def kept_mode(kept: dict[str, Any], given: Mode | None) -> Mode:
    """Return the mode that a file names, which its own rules are not in: one of this package, or the one given.

    Raises
    ------
    InputError
        When it is not known, or another one is given.
    """
    if given is not None:
        if given.name != kept["name"] or given.speed != kept["speed"]:
            raise InputError(
                "mode",
                f"it is “{given.name}” at {given.speed:g} km/h, but the network is of “{kept['name']}” at "
                f"{kept['speed']:g} km/h",
                "Give the mode that the network was built with; costs along its streets depend on it.",
            )
        return given
    if kept["name"] not in MODES:
        raise InputError(
            "mode", f"the network is of a mode of your own, “{kept['name']}”", "Give it: load(folder, mode=…)."
        )
    mode = MODES[kept["name"]]
    return mode if mode.speed == kept["speed"] else mode.at(kept["speed"])
