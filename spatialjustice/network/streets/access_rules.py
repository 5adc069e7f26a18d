"""Which tags close a street or a point to people who walk, cycle or drive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from spatialjustice.network.streets.allowed_or_refused import (
    BICYCLES,
    CARS,
    FEET,
    UNSAID,
    most_particular_tag,
    refusing_tag,
    value_allows,
    value_refuses,
    values_listed,
)
from spatialjustice.sources.osm.street_tags import street_of

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
FOR_FEET = frozenset({"platform", "pier"})
ONLY_WHERE_SIGNED = frozenset({"busway", "bus_guideway", "escape", "emergency_bay", "via_ferrata"})
FOR_THE_PUBLIC = WALKABLE | ONLY_WHERE_SIGNED
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


def closed_both_ways(reason: str) -> Permission:
    """Refuse both directions."""
    return Permission(forward=False, backward=False, reason=reason)


def one_way_directions(tags: Tags, keys: tuple[str, ...]) -> tuple[bool, bool]:
    """Read the one-way tags of vehicles, the most particular first; neither direction where it changes by the hour."""
    for key in keys:
        value = tags.get(key, "")
        if value in ALONG or value in AGAINST:
            return value in ALONG, value in AGAINST
        if value in BOTH_WAYS or value == "reversible":
            return (value in BOTH_WAYS,) * 2
    implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") == "motorway"
    return True, not implied


def walking_permission(tags: Tags) -> Permission:
    """Read the walking rule, in this order.

    ==========================================================  =======================================================
    tags                                                        walking
    ==========================================================  =======================================================
    ``highway`` = motorway, motorway_link                       never
    construction, proposed, abandoned, razed, raceway, services never, as any other value that names no walkable street
    ``route`` = ferry                                           never: what the crossing and the wait take is not read
    ``impassable`` = yes                                        no
    ``foot`` = no, private and whatever else refuses            no
    ``foot`` = yes, designated, permissive, official,           yes, whatever ``access`` or ``motorroad`` says; opens
    destination, customers                                      busways, guideways and via ferratas too
    ``motorroad`` = yes, ``access`` = no, private, permit and   no
    whatever else refuses
    streets, paths, tracks, steps, driveways, platforms (also   yes
    of ``railway`` and ``public_transport``), piers,
    corridors, elevators, **cycleways**, bridleways
    ==========================================================  =======================================================

    What refuses is one list for all keys and modes: :data:`spatialjustice.network.streets.allowed_or_refused.REFUSES`.

    Both directions, whatever ``oneway`` says (it speaks to vehicles), except ``oneway:foot`` = yes or -1,
    ``foot:forward`` = no and ``foot:backward`` = no, and where people are carried: ``conveying`` = forward or backward,
    or ``oneway`` on anything that is ``conveying``. One that is ``reversible`` is open in both. Ways with ``area`` =
    yes are walked along their outline, which keeps the streets that meet at a square joined; the way across it is not
    shortened. ``sidewalk`` = separate does not close a street: people cross it.
    """
    if reason := next(_against_feet(tags), ""):
        return closed_both_ways(reason)
    forward, backward = _escalator_directions(tags)
    forward &= tags.get("oneway:foot", "") not in AGAINST and not value_refuses(tags.get("foot:forward", ""))
    backward &= tags.get("oneway:foot", "") not in ALONG and not value_refuses(tags.get("foot:backward", ""))
    return Permission(forward, backward, "" if forward or backward else "closed to feet in both directions")


def _against_feet(tags: Tags) -> Iterator[str]:
    key, kind = street_of(tags)
    if kind not in (FOR_FEET if key != "highway" else FOR_THE_PUBLIC):
        yield f"{key or 'highway'}={kind}"
    if tags.get("impassable") == "yes":
        yield "impassable=yes"
    foot = tags.get("foot", "")
    if value_refuses(foot):
        yield f"foot={foot}"
    if value_allows(foot):
        return
    if kind in ONLY_WHERE_SIGNED:
        yield f"highway={kind}"
    if tags.get("motorroad") == "yes":
        yield "motorroad=yes"
    if reason := refusing_tag(tags, ("access",)):
        yield reason


def _escalator_directions(tags: Tags) -> tuple[bool, bool]:
    """Read in which directions an escalator or a moving walkway runs; both where it is none, or not known."""
    conveying = tags.get("conveying", "no")
    if conveying in {"forward", "backward"}:
        return conveying == "forward", conveying == "backward"
    oneway = tags.get("oneway", "") if conveying not in {"no", "reversible"} else ""
    return oneway not in AGAINST, oneway not in ALONG


def point_on_a_way(tags: Tags) -> str:
    """Name what may stop people at a point of a street: a barrier, a door, a lift; empty where nothing does."""
    if "barrier" in tags:
        return f"barrier={tags['barrier']}"
    if tags.get("highway") == "elevator":
        return "highway=elevator"
    return next((name for name in ("entrance", "door") if name in tags), "")


def walking_barrier(tags: Tags) -> str:
    """Say why a point cannot be walked past; empty where it can.

    Walkers pass gates, bollards, blocks, stiles, turnstiles and chains. They do not pass walls, fences and hedges drawn
    across a path, nor what is ``locked`` = yes or refuses them by ``access``; ``foot`` on the point has the last word.
    Entrances of buildings (``entrance``), doors and lifts are closed by the same tags, ``impassable`` = yes closes any
    point.
    """
    if tags.get("impassable") == "yes":
        return "impassable=yes"
    name, barrier = point_on_a_way(tags), tags.get("barrier", "")
    if not name:
        return ""
    if reason := refusing_tag(tags, FEET):
        return f"{name}, {reason}"
    if most_particular_tag(tags, ("foot",))[1]:
        return ""
    if tags.get("locked") == "yes":
        return f"{name}, locked=yes"
    return name if barrier in WALLS else ""


def is_cycled(tags: Tags) -> bool:
    """Whether people cycle on a way, rather than push the bicycle (or are not allowed there at all)."""
    highway, bicycle = tags.get("highway", ""), tags.get("bicycle", "")
    if value_allows(bicycle) or "optional_sidepath" in values_listed(bicycle):
        return bool(highway) and highway not in {"steps", "elevator", "ladder"}
    if bicycle not in UNSAID or tags.get("motorroad") == "yes":
        return False
    return highway in CARRIAGEWAYS | {"cycleway", "path", "track"} and not refusing_tag(tags, BICYCLES[1:])


def cycling_permission(tags: Tags) -> Permission:
    """Read the cycling rule, in this order.

    ==========================================================  =======================================================
    tags                                                        cycling
    ==========================================================  =======================================================
    motorways, what is no street, ladders                       never
    ``impassable`` = yes                                        no
    ``bicycle`` = no, private, use_sidepath and whatever else   neither ridden nor pushed
    refuses
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
    if highway in {"ladder", "via_ferrata"}:
        return closed_both_ways(f"highway={highway}")
    if value_refuses(bicycle):
        return closed_both_ways(f"bicycle={bicycle}")
    if is_cycled(tags) and highway in FOR_THE_PUBLIC and tags.get("impassable") != "yes":
        forward, backward = one_way_directions(tags, ("oneway:bicycle", "oneway"))
        if "oneway:bicycle" not in tags and _contraflow(tags):
            forward = backward = True
        forward, backward = _by_direction(tags, ("bicycle", "vehicle"), forward, backward)
        return Permission(forward, backward, "" if forward or backward else "closed to bicycles in both directions")
    ramp = any(tags.get(key) == "yes" for key in ("ramp:bicycle", "ramp"))
    if highway == "steps" and not (ramp or value_allows(bicycle) or bicycle == "dismount"):
        return closed_both_ways("highway=steps")
    return walking_permission(tags)


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
        forward = forward if ahead is None else not value_refuses(ahead)
        backward = backward if back is None else not value_refuses(back)
    return forward, backward


@dataclass(frozen=True, slots=True)
class CyclingPace:
    """How fast people cycle: ``speed`` where it is paved, a share of it elsewhere, walking where they push."""

    speed: float

    def __call__(self, tags: Tags) -> Pace:
        """Return the pace of a way: the same in both directions."""
        highway, surface = tags.get("highway", ""), tags.get("surface", "")
        if not is_cycled(tags):
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

    def at(self, speed: float) -> CyclingPace:
        """Return the same for people who are faster or slower; the pace of pushing stays."""
        return CyclingPace(speed)


def cycling_barrier(tags: Tags) -> str:
    """Say why a point cannot be passed with a bicycle: ``bicycle`` has the last word; else what stops walkers too.

    Stiles, turnstiles and kissing gates stop bicycles; other barriers are passed, if need be on foot.
    """
    barrier, bicycle = tags.get("barrier", ""), most_particular_tag(tags, ("bicycle",))[1]
    if point_on_a_way(tags) and bicycle and tags.get("impassable") != "yes":
        return f"{point_on_a_way(tags)}, bicycle={bicycle}" if value_refuses(bicycle) else ""
    return f"barrier={barrier}" if barrier in CLOSED_TO_BICYCLES else walking_barrier(tags)


def driving_permission(tags: Tags) -> Permission:
    """Read the driving rule, in this order.

    ==========================================================  =======================================================
    tags                                                        driving
    ==========================================================  =======================================================
    motorways and streets of every class, service roads         yes
    tracks, pedestrian streets, busways                         only where ``motorcar``, ``motor_vehicle`` or
                                                                ``vehicle`` says so
    footways, cycleways, paths, bridleways, steps, the rest     never
    ``motorcar``, else ``motor_vehicle``, else ``vehicle``,     no
    else ``access`` = no, private, permit and whatever else
    refuses, ``impassable`` = yes
    the same = destination, customers, permissive, other        yes: trips to the place itself are what is asked for
    ``service`` = emergency_access, ``smoothness`` = impassable no
    ==========================================================  =======================================================

    ``oneway`` = yes, true, 1 or -1, reverse (of the vehicle where ``oneway:motor_vehicle`` and so on are tagged) is
    kept; roundabouts, circular junctions and motorways are one-way unless ``oneway`` = no. ``oneway`` = reversible,
    which changes by the hour, is closed. Rules by time (``…:conditional``), size or weight are not read.
    """
    highway = tags.get("highway", "")
    key, value = most_particular_tag(tags, CARS)
    signed = key != "access" and value_allows(value)
    streets = highway in CARRIAGEWAYS or highway in {"motorway", "motorway_link"}
    if not streets and not (highway in {"track", "pedestrian", "busway"} and signed):
        return closed_both_ways("{}={}".format(*street_of(tags)) if street_of(tags)[0] else "highway=")
    if value_refuses(value):
        return closed_both_ways(f"{key}={value}")
    if tags.get("impassable") == "yes":
        return closed_both_ways("impassable=yes")
    if tags.get("service") == "emergency_access" and not signed:
        return closed_both_ways("service=emergency_access")
    if tags.get("smoothness") == "impassable":
        return closed_both_ways("smoothness=impassable")
    one_way = ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway")
    forward, backward = _by_direction(tags, CARS[:3], *one_way_directions(tags, one_way))
    return Permission(forward, backward, "" if forward or backward else "closed to cars in both directions")


def driving_barrier(tags: Tags) -> str:
    """Say why a point cannot be driven past: access tags on it decide, else its kind.

    A gate of which nothing else is known is open; ``locked`` = yes closes it. Bollards, blocks, chains and every other
    kind of barrier that is not made for cars to pass is closed.
    """
    barrier = tags.get("barrier", "")
    key, value = most_particular_tag(tags, CARS)
    if tags.get("impassable") == "yes":
        return "impassable=yes"
    if not barrier:
        return ""
    if value_refuses(value):
        return f"barrier={barrier}, {key}={value}"
    if value_allows(value) and (key != "access" or tags.get("locked") != "yes"):
        return ""
    if tags.get("locked") == "yes":
        return f"barrier={barrier}, locked=yes"
    return "" if barrier in OPEN_TO_CARS else f"barrier={barrier}"
