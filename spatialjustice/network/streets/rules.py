"""What OpenStreetMap's tags mean to people who walk, roll, cycle and drive: ways they may use, points they can pass."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

Tags = Mapping[str, str]


class Permission(NamedTuple):
    """Whether a way may be used along its drawing direction and against it, and why not where it may not."""

    forward: bool
    backward: bool
    reason: str = ""


class Pace(NamedTuple):
    """How fast a way is along its drawing direction and against it, in kilometres an hour.

    ``note`` is empty where the tags state the speed, or what it depends on; else it says what was not tagged, for
    example “no maxspeed, highway=residential”.
    """

    forward: float
    backward: float
    note: str = ""


CARRIAGEWAYS = frozenset(
    {
        "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
        "unclassified", "residential", "living_street", "service", "road",
    }
)  # fmt: skip
FOOTWAYS = frozenset({"footway", "pedestrian", "path", "steps", "crossing", "corridor", "platform", "elevator"})
WALKABLE = CARRIAGEWAYS | FOOTWAYS | {"track", "bridleway", "cycleway", "ladder"}
ONLY_WHERE_SIGNED = frozenset({"busway", "bus_guideway", "escape", "emergency_bay", "via_ferrata"})
FOOT_YES = frozenset({"yes", "designated", "permissive", "official", "destination", "customers"})
FOOT_NO = frozenset({"no", "private", "use_sidepath"})
ACCESS_NO = frozenset({"no", "private"})
VEHICLE_NO = frozenset(
    {
        "no", "private", "agricultural", "forestry", "emergency", "military", "delivery", "bus", "psv", "taxi", "coach",
        "hgv", "use_sidepath",
    }
)  # fmt: skip
SIGNED = frozenset({"yes", "designated", "permissive", "official", "destination", "customers"})
CAR_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")

ALONG = frozenset({"yes", "true", "1"})
AGAINST = frozenset({"-1", "reverse"})
BOTH_WAYS = frozenset({"no", "false", "0", "alternating"})

WALLS = frozenset({"fence", "wall", "city_wall", "retaining_wall", "hedge"})
OPEN_TO_CARS = frozenset(
    {
        "no", "gate", "lift_gate", "swing_gate", "sliding_gate", "bump_gate", "hampshire_gate", "entrance", "kerb",
        "cattle_grid", "border_control", "toll_booth", "height_restrictor", "sally_port", "arch",
    }
)  # fmt: skip
CLOSED_TO_BICYCLES = frozenset({"stile", "turnstile", "full-height_turnstile", "kissing_gate"})

SURFACE_SPEEDS = {
    15.0: {
        "paved", "asphalt", "chipseal", "concrete", "concrete:plates", "concrete:lanes", "paving_stones",
        "paving_stones:lanes", "bricks", "brick",
    },
    10.0: {
        "unpaved", "compacted", "fine_gravel", "ground", "dirt", "earth", "clay", "wood", "metal", "metal_grid", "sett",
        "cobblestone:flattened", "artificial_turf", "rubber", "tartan", "acrylic",
    },
    6.0: {"cobblestone", "unhewn_cobblestone", "gravel", "pebblestone", "grass", "grass_paver", "rock", "stone"},
    3.0: {"mud", "sand", "woodchips", "snow", "ice", "shells"},
}  # fmt: skip
SHARES = {surface: speed / 15.0 for speed, surfaces in SURFACE_SPEEDS.items() for surface in surfaces}
UNPAVED_WHERE_UNTAGGED = frozenset({"track", "path", "bridleway"})
PUSHING, PUSHING_ON_STEPS = 4.0, 2.0

NUMBER = r"(\d+(?:[.,]\d+)?|[.,]\d+)"
METRES = {"": 1.0, "m": 1.0, "cm": 0.01, "mm": 0.001, "km": 1000.0, "ft": 0.3048, "'": 0.3048, "in": 0.0254}


def metres_of(text: str | None) -> float | None:
    """Read a length as OpenStreetMap writes it; None where it is none.

    Examples
    --------
    >>> [metres_of(text) for text in ("0.9", "0,8 m", "90 cm", "wide", None)], round(metres_of("3'"), 4)
    ([0.9, 0.8, 0.9, None, None], 0.9144)
    """
    found = re.fullmatch(rf"{NUMBER}\s*(m|cm|mm|km|ft|'|in)?(?:\s*{NUMBER}\s*(?:\"|''|in))?", (text or "").strip())
    if found is None:
        return None
    value, unit, inches = found.groups()
    more = float(inches.replace(",", ".")) * METRES["in"] if inches else 0.0
    return float(value.replace(",", ".")) * METRES[unit or ""] + more


def grade_of(text: str | None) -> float | None:
    """Read an incline as OpenStreetMap writes it, as rise over run; None where it is no number (``up``, ``down``).

    A number without a unit is per cent.

    Examples
    --------
    >>> [grade_of(text) for text in ("10%", "-8 %", "45°", "1:20", "12", "up", None)]
    [0.1, -0.08, 1.0, 0.05, 0.12, None, None]
    """
    text = (text or "").strip().replace("\N{MINUS SIGN}", "-")
    ratio = re.fullmatch(rf"([-+]?){NUMBER}:{NUMBER}", text)
    if ratio is not None:
        sign, rise, run = ratio.groups()
        over = float(run.replace(",", "."))
        return float(f"{sign}1") * float(rise.replace(",", ".")) / over if over else None
    found = re.fullmatch(rf"([-+]?){NUMBER}\s*(%|°|deg)?", text)
    if found is None:
        return None
    value = float(f"{found[1]}1") * float(found[2].replace(",", "."))
    # A tangent of a right angle and beyond is no slope; rounding takes away what pi adds to it.
    return round(math.tan(math.radians(value)), 12) if found[3] in {"°", "deg"} and abs(value) < 90 else value / 100


def closed(reason: str) -> Permission:
    """Refuse both directions."""
    return Permission(forward=False, backward=False, reason=reason)


def first_of(tags: Tags, keys: tuple[str, ...]) -> tuple[str, str]:
    """Return the first of these keys that is tagged, and its value; the most particular key stands first."""
    return next(((key, tags[key]) for key in keys if key in tags), ("", ""))


def none_of(value: str, allowed: frozenset[str]) -> bool:
    """Whether a value, or each of several joined by semicolons, is one of those that refuse."""
    return bool(value) and all(part.strip() in allowed for part in value.split(";"))


def directions(tags: Tags, keys: tuple[str, ...]) -> tuple[bool, bool]:
    """Read the one-way tags of vehicles, the most particular first; neither direction where it changes by the hour."""
    for key in keys:
        value = tags.get(key, "")
        if value in ALONG or value in AGAINST:
            return value in ALONG, value in AGAINST
        if value in BOTH_WAYS or value == "reversible":
            return (value in BOTH_WAYS,) * 2
    implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") == "motorway"
    return True, not implied


def walk(tags: Tags) -> Permission:
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
        return closed(f"highway={highway}")
    if foot in FOOT_NO:
        return closed(f"foot={foot}")
    if foot not in FOOT_YES:
        if highway in ONLY_WHERE_SIGNED:
            return closed(f"highway={highway}")
        if tags.get("motorroad") == "yes":
            return closed("motorroad=yes")
        access = tags.get("access", "")
        if access in ACCESS_NO:
            return closed(f"access={access}")
    oneway = tags.get("oneway:foot", "")
    forward = oneway != "-1" and tags.get("foot:forward") != "no"
    backward = oneway != "yes" and tags.get("foot:backward") != "no"
    return Permission(forward, backward, "" if forward or backward else "closed to feet in both directions")


def walk_past(tags: Tags) -> str:
    """Say why a point cannot be walked past; empty where it can.

    Walkers pass gates, bollards, blocks, stiles, turnstiles and chains. They do not pass walls, fences and hedges drawn
    across a path, nor what is ``locked`` = yes, ``access`` = no or private; ``foot`` on the point has the last word.
    Entrances of buildings (``entrance``) are closed by the same tags.
    """
    barrier = tags.get("barrier", "")
    if not barrier and "entrance" not in tags:
        return ""
    name = f"barrier={barrier}" if barrier else "entrance"
    foot, access = tags.get("foot", ""), tags.get("access", "")
    if foot:
        return f"{name}, foot={foot}" if foot in ACCESS_NO else ""
    if access in ACCESS_NO:
        return f"{name}, access={access}"
    if tags.get("locked") == "yes":
        return f"{name}, locked=yes"
    return name if barrier in WALLS else ""


@dataclass(frozen=True, slots=True)
class Wheels:
    """What those who roll where others walk cannot pass.

    Parameters
    ----------
    keys
        Tags that speak of them, the most particular first: ``no`` closes, ``yes`` opens what the rest would close.
    surfaces, smoothness, tracktypes
        Values that close.
    width
        Metres that are needed, themselves enough.
    steepest
        The largest incline (rise over run) that can be used, itself included.
    kerb
        Metres up to which a kerb can be passed; None where kerbs are no obstacle.
    barriers
        Values of ``barrier`` that stop them, beside those that stop everybody.
    """

    keys: tuple[str, ...]
    surfaces: frozenset[str]
    smoothness: frozenset[str]
    tracktypes: frozenset[str]
    width: float
    steepest: float
    kerb: float | None
    barriers: frozenset[str]

    def way(self, tags: Tags) -> Permission:
        """Read the rule: as on foot, and then what the way is made of."""
        walked = walk(tags)
        if walked.reason:
            return walked
        key, said = first_of(tags, self.keys)
        if said == "no" and key == self.keys[0]:
            return closed(f"{key}=no")
        highway = tags.get("highway", "")
        if highway in {"ladder", "via_ferrata"}:
            return closed(f"highway={highway}")
        reason = "" if self._welcome(tags) else next(self._obstacles(tags), "")
        return closed(reason) if reason else walked

    def _welcome(self, tags: Tags) -> bool:
        return any(tags.get(key) in {"yes", "designated"} for key in self.keys)

    def _obstacles(self, tags: Tags) -> Iterator[str]:
        surface = tags.get("surface", "")
        grade = grade_of(tags.get("incline"))
        widths = [metres_of(tags.get(key)) for key in ("width", "maxwidth:physical")]
        if tags.get("highway") == "steps" and not self._ramp(tags):
            yield "highway=steps"
        if any(part.strip() in self.surfaces for part in surface.split(";")):
            yield f"surface={surface}"
        if tags.get("smoothness") in self.smoothness:
            yield f"smoothness={tags['smoothness']}"
        if not surface and tags.get("tracktype") in self.tracktypes:
            yield f"tracktype={tags['tracktype']}"
        if tags.get("sac_scale", "no") not in {"no", "strolling"}:
            yield "mountain path (sac_scale)"
        if any(width is not None and width < self.width for width in widths):
            yield f"narrower than {self.width:g} m"
        if grade is not None and abs(grade) > self.steepest:
            yield f"incline above {self.steepest:.1%}"

    def _ramp(self, tags: Tags) -> bool:
        if tags.get("conveying", "no") != "no":  # an escalator
            return False
        own = [tags.get(f"ramp:{key}", "") for key in self.keys]
        return "yes" in own or (tags.get("ramp") == "yes" and own[0] not in {"no", "separate"})

    def past(self, tags: Tags) -> str:
        """Say why a point cannot be passed; empty where it can. Reasons that begin with “kerb” concern crossings."""
        reason = walk_past(tags)
        return reason if reason or self._welcome(tags) else next(self._in_the_way(tags), "")

    def _in_the_way(self, tags: Tags) -> Iterator[str]:
        barrier, own = tags.get("barrier", ""), self.keys[0]
        gap, height = metres_of(tags.get("maxwidth:physical")), metres_of(tags.get("kerb:height"))
        if barrier in self.barriers:
            yield f"barrier={barrier}"
        if barrier and gap is not None and gap < self.width:
            yield f"barrier={barrier}, narrower than {self.width:g} m"
        if self.kerb is not None and height is not None and height > self.kerb:
            yield f"kerb higher than {self.kerb:g} m"
        raised = any(tags.get(key) == "raised" for key in ("kerb", "kerb:left", "kerb:right"))
        if self.kerb is not None and height is None and raised:
            yield "kerb=raised"
        # On a stop or a shop beside the street the tag speaks of that, not of the street.
        if tags.get(own) == "no" and (barrier == "kerb" or "kerb" in tags or tags.get("highway") == "crossing"):
            yield f"kerb, {own}=no"
        if tags.get(own) == "no" and (barrier or "entrance" in tags):
            yield f"barrier={barrier}, {own}=no" if barrier else f"entrance, {own}=no"

    def unknown(self, tags: Tags) -> tuple[str, ...]:
        """Name what decides but is not tagged: ``surface``, ``width`` (of ways for feet), ``kerb`` (of crossings)."""
        if self._welcome(tags):
            return ()
        names = []
        if not any(key in tags for key in ("surface", "smoothness", "tracktype")):
            names.append("surface")
        if tags.get("highway") in FOOTWAYS and not any(key in tags for key in ("width", "maxwidth:physical")):
            names.append("width")
        crossing = any(tags.get(key) == "crossing" for key in ("footway", "path", "cycleway", "highway"))
        if self.kerb is not None and crossing and not any(key in tags for key in ("kerb", "kerb:height")):
            names.append("kerb")
        return tuple(names)


def ridden(tags: Tags) -> bool:
    """Whether people cycle on a way, rather than push the bicycle (or are not allowed there at all)."""
    highway, bicycle = tags.get("highway", ""), tags.get("bicycle", "")
    if bicycle in SIGNED | {"optional_sidepath"}:
        return highway not in {"steps", "elevator", "ladder"}
    if bicycle or tags.get("motorroad") == "yes" or highway not in CARRIAGEWAYS | {"cycleway", "path", "track"}:
        return False
    return not none_of(first_of(tags, ("vehicle", "access"))[1], VEHICLE_NO)


def cycle(tags: Tags) -> Permission:
    """Read the cycling rule, in this order.

    ==========================================================  =======================================================
    tags                                                        cycling
    ==========================================================  =======================================================
    motorways, what is no street, ladders                       never
    ``bicycle`` = no, private, use_sidepath                     neither ridden nor pushed
    ``bicycle`` = yes, designated, permissive, official,        ridden, whatever ``vehicle``, ``access`` or
    destination, customers, optional_sidepath                   ``motorroad`` says, on footways and squares too
    ``bicycle`` = dismount                                      pushed
    streets, cycleways, paths, tracks                           ridden, unless ``vehicle`` (or where that is not
                                                                tagged, ``access``) refuses or ``motorroad`` = yes
    steps                                                       pushed where there is a ramp (``ramp:bicycle`` or
                                                                ``ramp`` = yes) or ``bicycle`` says so, else no
    footways, squares, crossings, platforms, elevators,         pushed, where walking is allowed
    bridleways, and what may not be ridden otherwise
    ==========================================================  =======================================================

    One-way streets are so for those who ride, except where ``oneway:bicycle`` = no, ``bicycle:backward`` = yes, or a
    cycle lane runs against the traffic (``cycleway`` = opposite, opposite_lane, opposite_track; ``cycleway:left`` and
    so on with ``:oneway`` = -1 or no). Those who push walk.
    """
    highway, bicycle = tags.get("highway", ""), tags.get("bicycle", "")
    if highway not in WALKABLE | ONLY_WHERE_SIGNED or highway in {"ladder", "via_ferrata"}:
        return closed(f"highway={highway}")
    if bicycle in FOOT_NO:
        return closed(f"bicycle={bicycle}")
    if ridden(tags):
        forward, backward = directions(tags, ("oneway:bicycle", "oneway"))
        if "oneway:bicycle" not in tags and _contraflow(tags):
            forward = backward = True
        forward, backward = _by_direction(tags, ("bicycle", "vehicle"), forward, backward)
        return Permission(forward, backward, "" if forward or backward else "closed to bicycles in both directions")
    ramp = any(tags.get(key) == "yes" for key in ("ramp:bicycle", "ramp"))
    if highway == "steps" and not (ramp or bicycle in SIGNED | {"dismount"}):
        return closed("highway=steps")
    return walk(tags)


def _contraflow(tags: Tags) -> bool:
    for side in ("", ":left", ":right", ":both"):
        lane = tags.get(f"cycleway{side}", "")
        if lane.startswith("opposite"):
            return True
        if lane not in {"", "no", "separate"} and tags.get(f"cycleway{side}:oneway") in AGAINST | {"no"}:
            return True
    return False


def _by_direction(tags: Tags, keys: tuple[str, ...], forward: bool, backward: bool) -> tuple[bool, bool]:
    """Apply ``…:forward`` and ``…:backward``, of which the most particular key has the last word."""
    for key in reversed(keys):
        ahead, back = tags.get(f"{key}:forward"), tags.get(f"{key}:backward")
        forward = forward if ahead is None else not none_of(ahead, VEHICLE_NO)
        backward = backward if back is None else not none_of(back, VEHICLE_NO)
    return forward, backward


@dataclass(frozen=True, slots=True)
class Riding:
    """How fast people cycle: ``speed`` where it is paved, a share of it elsewhere, walking where they push."""

    speed: float

    def __call__(self, tags: Tags) -> Pace:
        """Return the pace of a way: the same in both directions."""
        highway, surface = tags.get("highway", ""), tags.get("surface", "")
        if not ridden(tags):
            pushed = PUSHING_ON_STEPS if highway == "steps" else PUSHING
            return Pace(pushed, pushed)
        shares = [SHARES.get(part.strip()) for part in surface.split(";")]
        known = [share for share in shares if share is not None]
        if known:
            return Pace(self.speed * min(known), self.speed * min(known))
        if not surface and highway in UNPAVED_WHERE_UNTAGGED and tags.get("tracktype") != "grade1":
            assumed = self.speed * SHARES["unpaved"]
        else:
            assumed = self.speed
        graded = not surface and "tracktype" in tags and highway in UNPAVED_WHERE_UNTAGGED
        note = f"surface={surface} is not known" if surface else f"no surface, highway={highway}"
        return Pace(assumed, assumed, "" if graded else note)

    def at(self, speed: float) -> Riding:
        """Return the same for people who are faster or slower; the pace of pushing stays."""
        return Riding(speed)


def cycle_past(tags: Tags) -> str:
    """Say why a point cannot be passed with a bicycle: ``bicycle`` has the last word; else what stops walkers too.

    Stiles, turnstiles and kissing gates stop bicycles; other barriers are passed, if need be on foot.
    """
    barrier, bicycle = tags.get("barrier", ""), tags.get("bicycle", "")
    if barrier and bicycle:
        return f"barrier={barrier}, bicycle={bicycle}" if bicycle in ACCESS_NO else ""
    return f"barrier={barrier}" if barrier in CLOSED_TO_BICYCLES else walk_past(tags)


def drive(tags: Tags) -> Permission:
    """Read the driving rule, in this order.

    ==========================================================  =======================================================
    tags                                                        driving
    ==========================================================  =======================================================
    motorways and streets of every class, service roads         yes
    tracks, pedestrian streets, busways                         only where ``motorcar``, ``motor_vehicle`` or
                                                                ``vehicle`` says so
    footways, cycleways, paths, bridleways, steps, the rest     never
    ``motorcar``, else ``motor_vehicle``, else ``vehicle``,     no
    else ``access`` = no, private, agricultural, forestry,
    emergency, military, delivery, bus, psv, taxi
    the same = destination, customers, permissive, other        yes: trips to the place itself are what is asked for
    ``service`` = emergency_access, ``smoothness`` = impassable no
    ==========================================================  =======================================================

    ``oneway`` = yes, true, 1 or -1, reverse (of the vehicle where ``oneway:motor_vehicle`` and so on are tagged) is
    kept; roundabouts, circular junctions and motorways are one-way unless ``oneway`` = no. ``oneway`` = reversible,
    which changes by the hour, is closed. Rules by time (``…:conditional``), size or weight are not read.
    """
    highway = tags.get("highway", "")
    key, value = first_of(tags, CAR_KEYS)
    signed = key != "access" and value in SIGNED
    streets = highway in CARRIAGEWAYS or highway in {"motorway", "motorway_link"}
    if not streets and not (highway in {"track", "pedestrian", "busway"} and signed):
        return closed(f"highway={highway}")
    if none_of(value, VEHICLE_NO):
        return closed(f"{key}={value}")
    if tags.get("service") == "emergency_access" and not signed:
        return closed("service=emergency_access")
    if tags.get("smoothness") == "impassable":
        return closed("smoothness=impassable")
    one_way = ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway")
    forward, backward = _by_direction(tags, CAR_KEYS[:3], *directions(tags, one_way))
    return Permission(forward, backward, "" if forward or backward else "closed to cars in both directions")


def drive_past(tags: Tags) -> str:
    """Say why a point cannot be driven past: access tags on it decide, else its kind.

    A gate of which nothing else is known is open; ``locked`` = yes closes it. Bollards, blocks, chains and every other
    kind of barrier that is not made for cars to pass is closed.
    """
    barrier = tags.get("barrier", "")
    key, value = first_of(tags, CAR_KEYS)
    if not barrier:
        return ""
    if none_of(value, VEHICLE_NO):
        return f"barrier={barrier}, {key}={value}"
    if value in SIGNED and (key != "access" or tags.get("locked") != "yes"):
        return ""
    if tags.get("locked") == "yes":
        return f"barrier={barrier}, locked=yes"
    return "" if barrier in OPEN_TO_CARS else f"barrier={barrier}"
