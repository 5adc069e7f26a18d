"""What closes a street, a kerb or a gate to wheelchairs and prams: surfaces, widths, inclines, kerbs, barriers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spatialjustice.network.streets.access_rules import (
    FOOTWAYS,
    FOR_FEET,
    Permission,
    Tags,
    closed_both_ways,
    point_on_a_way,
    walking_barrier,
    walking_permission,
)
from spatialjustice.network.streets.allowed_or_refused import values_listed
from spatialjustice.network.streets.units import grades_between, metres_between
from spatialjustice.sources.osm.street_tags import street_of

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTHS = ("width", "maxwidth", "maxwidth:physical")
GAPS = ("maxwidth", "maxwidth:physical")


@dataclass(frozen=True, slots=True)
class WheelRules:
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
        walked = walking_permission(tags)
        if walked.reason:
            return walked
        if tags.get(self.keys[0]) == "no":
            return closed_both_ways(f"{self.keys[0]}=no")
        highway = tags.get("highway", "")
        if highway in {"ladder", "via_ferrata"}:
            return closed_both_ways(f"highway={highway}")
        reason = "" if self._welcome(tags) else next(self._obstacles(tags), "")
        return closed_both_ways(reason) if reason else walked

    def _welcome(self, tags: Tags) -> bool:
        return any(tags.get(key) in {"yes", "designated"} for key in self.keys)

    def _obstacles(self, tags: Tags) -> Iterator[str]:
        surface = tags.get("surface", "")
        grade = grades_between(tags.get("incline"))
        widths = [metres_between(tags.get(key)) for key in WIDTHS]
        if tags.get("highway") == "steps" and not self._ramp(tags):
            yield "highway=steps"
        if any(part in self.surfaces for part in values_listed(surface)):
            yield f"surface={surface}"
        if tags.get("smoothness") in self.smoothness:
            yield f"smoothness={tags['smoothness']}"
        if not surface and tags.get("tracktype") in self.tracktypes:
            yield f"tracktype={tags['tracktype']}"
        if tags.get("sac_scale", "no") not in {"no", "strolling"}:
            yield "mountain path (sac_scale)"
        if any(width is not None and width[0] < self.width for width in widths):
            yield f"narrower than {self.width:g} m"
        if grade is not None and max(map(abs, grade)) > self.steepest:
            yield f"incline above {self.steepest:.1%}"

    def _ramp(self, tags: Tags) -> bool:
        if tags.get("conveying", "no") != "no":  # an escalator
            return False
        own = [tags.get(f"ramp:{key}", "") for key in self.keys]
        return "yes" in own or (tags.get("ramp") == "yes" and own[0] not in {"no", "separate"})

    def past(self, tags: Tags) -> str:
        """Say why a point cannot be passed; empty where it can. Reasons that begin with “kerb” concern crossings."""
        reason = walking_barrier(tags)
        return reason if reason or self._welcome(tags) else next(self._in_the_way(tags), "")

    def _in_the_way(self, tags: Tags) -> Iterator[str]:
        barrier, own = tags.get("barrier", ""), self.keys[0]
        gaps = [metres_between(tags.get(key)) for key in GAPS]
        height = metres_between(tags.get("kerb:height"))
        if barrier in self.barriers:
            yield f"barrier={barrier}"
        if barrier and any(gap is not None and gap[0] < self.width for gap in gaps):
            yield f"barrier={barrier}, narrower than {self.width:g} m"
        if self.kerb is not None and height is not None and height[1] > self.kerb:
            yield f"kerb higher than {self.kerb:g} m"
        raised = any(tags.get(key) == "raised" for key in ("kerb", "kerb:left", "kerb:right"))
        if self.kerb is not None and height is None and raised:
            yield "kerb=raised"
        # On a stop or a shop beside the street the tag speaks of that, not of the street.
        if tags.get(own) == "no" and (barrier == "kerb" or "kerb" in tags or tags.get("highway") == "crossing"):
            yield f"kerb, {own}=no"
        if tags.get(own) == "no" and point_on_a_way(tags):
            yield f"{point_on_a_way(tags)}, {own}=no"

    def unread(self, tags: Tags) -> bool:
        """Whether a height or gap that decides at a point is tagged but cannot be read."""
        keys = (*GAPS, "kerb:height") if "barrier" in tags else ("kerb:height",)
        given = [tags[key] for key in keys if key in tags]
        return not self._welcome(tags) and any(metres_between(text) is None for text in given)

    def unknown(self, tags: Tags) -> tuple[str, ...]:
        """Name what decides but is not tagged: ``surface``, ``width`` (of ways for feet), ``kerb`` (of crossings).

        What is tagged but says no number is named, too: “width that cannot be read”.
        """
        if self._welcome(tags):
            return ()
        names = [f"{key} that cannot be read" for key in WIDTHS if key in tags and metres_between(tags[key]) is None]
        if tags.get("incline", "no") != "no" and grades_between(tags["incline"]) is None:
            names.append("incline without a number")
        if not any(key in tags for key in ("surface", "smoothness", "tracktype")):
            names.append("surface")
        if street_of(tags)[1] in FOOTWAYS | FOR_FEET and not any(key in tags for key in WIDTHS):
            names.append("width")
        crossing = any(tags.get(key) == "crossing" for key in ("footway", "path", "cycleway", "highway"))
        if self.kerb is not None and crossing and not any(key in tags for key in ("kerb", "kerb:height")):
            names.append("kerb")
        return tuple(names)


LOOSE = frozenset({"sand", "mud", "snow", "ice", "rock", "shells", "stepping_stones", "unhewn_cobblestone"})
IMPASSABLE = frozenset({"horrible", "very_horrible", "impassable"})
CLIMBED = frozenset(
    {"stile", "horse_stile", "step_over", "steps", "turnstile", "full-height_turnstile", "kissing_gate", "log"}
)

ON_WHEELCHAIR = WheelRules(
    keys=("wheelchair",),
    surfaces=LOOSE | {"gravel", "pebblestone", "stone", "cobblestone", "grass", "grass_paver", "woodchips"},
    smoothness=IMPASSABLE | {"very_bad"},
    tracktypes=frozenset({"grade4", "grade5"}),
    width=0.9,
    steepest=1 / 12,
    kerb=0.03,
    barriers=CLIMBED
    | {"cycle_barrier", "motorcycle_barrier", "debris", "chain", "rope", "jersey_barrier", "cattle_grid"},
)
WITH_STROLLER = WheelRules(
    keys=("stroller", "wheelchair"),
    surfaces=LOOSE,
    smoothness=IMPASSABLE,
    tracktypes=frozenset({"grade5"}),
    width=0.6,
    steepest=1 / 8,
    kerb=None,
    barriers=CLIMBED,
)
