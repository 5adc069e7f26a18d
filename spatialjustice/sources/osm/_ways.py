"""Streets as they were read, as arrays, and the area they are wanted for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from pyproj import Transformer

from spatialjustice._core.errors import EmptyNetworkError, InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import metric_crs, require_crs, require_geometry
from spatialjustice._core.numbers.positions import positions_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely import MultiPolygon, Polygon

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.sources.osm.street_tags import TurnRestriction, Ways

# Extracts cut along a border lose a few points of the streets that cross it; more than this share of streets is odd.
SMALL_SHARE = 0.01
POLYGONS = frozenset({"Polygon", "MultiPolygon"})

# What makes a point of a street an obstacle, or may do so, and what else must be known of such a point.
OBSTACLES = ("barrier", "kerb", "kerb:height", "entrance", "door", "impassable", "wheelchair")
MAY_STOP = (*OBSTACLES, "highway")
NODE_TAGS = frozenset(
    {
        *OBSTACLES, "access", "bicycle", "bollard", "crossing", "cycle_barrier", "foot", "highway", "kerb:left",
        "kerb:right", "locked", "maxwidth", "maxwidth:physical", "motor_vehicle", "motorcar", "opening", "ramp",
        "ramp:wheelchair", "stroller", "vehicle", "width",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WaysRead:
    """Streets and points as read, before the place and the missing points are looked at.

    ``kind`` says for every street which of ``kinds`` its tags are.
    """

    way_ids: NDArray[np.int64]
    kind: NDArray[np.int32]
    kinds: Sequence[dict[str, str]]
    refs: NDArray[np.int64]
    lengths: NDArray[np.int64]
    node_ids: NDArray[np.int64]
    xy: NDArray[np.float64]
    node_tags: Mapping[int, dict[str, str]] = field(default_factory=dict)
    restrictions: Mapping[int, TurnRestriction] = field(default_factory=dict)

    def owner(self) -> NDArray[np.int32]:
        """Return for every entry of ``refs`` the position of its street."""
        return np.repeat(np.arange(len(self.way_ids), dtype=np.int32), self.lengths)

    def positions(self) -> NDArray[np.int32]:
        """Return for every entry of ``refs`` the position of its point; -1 where that is absent."""
        return positions_of(self.node_ids, self.refs)


class ChosenStreets(NamedTuple):
    """The streets of a place, as arrays.

    ``position`` has the points of all streets one after the other, by their rows in ``node_ids``; ``lengths`` how many
    each street has.
    """

    way_ids: NDArray[np.int64]
    kind: NDArray[np.int32]
    kinds: Sequence[dict[str, str]]
    position: NDArray[np.int32]
    lengths: NDArray[np.int64]
    node_ids: NDArray[np.int64]
    xy: NDArray[np.float64]
    node_tags: Mapping[int, dict[str, str]]
    restrictions: Mapping[int, TurnRestriction]
    sources: tuple[SourceRecord, ...]
    findings: tuple[Finding, ...]
    extent: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """The widened place in its metric CRS."""

    shape: Polygon | MultiPolygon
    to_metres: Transformer

    def holds(self, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points (longitude, latitude) lie in the area or on its border."""
        shapely.prepare(self.shape)
        x, y = self.to_metres.transform(xy[:, 0], xy[:, 1])
        inside: NDArray[np.bool_] = shapely.intersects_xy(self.shape, x, y)
        return inside

    def in_degrees(self) -> Polygon | MultiPolygon:
        """Return the area in longitude and latitude."""

        def back(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack(self.to_metres.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))

        shape: Polygon | MultiPolygon = shapely.transform(self.shape, back)
        return shape


def obstacle_tags(tags: Mapping[str, str]) -> dict[str, str] | None:
    """Keep what must be known of a point that may be an obstacle; None of any other point."""
    if not any(key in tags for key in OBSTACLES) and tags.get("highway") != "elevator":
        return None
    return {key: value for key, value in tags.items() if key in NODE_TAGS}


def area_of(within: gpd.GeoDataFrame | None, buffer: float, *, name: str = "within") -> Area | None:
    """Widen a place by ``buffer`` metres; None where there is no place."""
    if not np.isfinite(buffer) or buffer < 0:
        raise InputError("buffer", f"it is {buffer}", "Give metres, zero or more.")
    if within is None:
        if buffer:
            raise InputError("buffer", "there is no place to widen", "Give the place with within=, or no buffer.")
        return None
    require_crs(within, name)
    require_geometry(within, name, kinds=POLYGONS)
    crs = metric_crs(within)
    shape = within.to_crs(crs).union_all()
    to_metres = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return Area(shape.buffer(buffer) if buffer else shape, to_metres)


def ways_read(
    ways: Ways,
    points: dict[int, tuple[float, float]],
    obstacles: dict[int, dict[str, str]] | None = None,
    restrictions: dict[int, TurnRestriction] | None = None,
) -> WaysRead:
    return WaysRead(
        way_ids=np.fromiter(ways, np.int64, len(ways)),
        kind=np.arange(len(ways), dtype=np.int32),
        kinds=[tags for _, tags in ways.values()],
        refs=np.array([ref for refs, _ in ways.values() for ref in refs], np.int64),
        lengths=np.array([len(refs) for refs, _ in ways.values()], np.int64),
        node_ids=np.fromiter(points, np.int64, len(points)),
        xy=np.array(list(points.values()), np.float64).reshape(-1, 2),
        node_tags=obstacles or {},
        restrictions=restrictions or {},
    )


def choose_streets(
    read: WaysRead, area: Area | None, sources: tuple[SourceRecord, ...], findings: tuple[Finding, ...], *, where: str
) -> ChosenStreets:
    """Keep the streets of the area, take out points that are absent, and say what was left out.

    Raises
    ------
    EmptyNetworkError
        When nothing is left.
    """
    owner, position = read.owner(), read.positions()
    present = position >= 0
    kept = np.ones(len(read.way_ids), bool)
    if area is not None:
        inside = area.holds(read.xy)
        kept = _any_of_owner(owner[present], inside[position[present]], len(kept))
        if not kept.any():
            found = f"none of the {len(kept):,} streets of {where} lies in the place"
            raise EmptyNetworkError("streets", found, _where_extract_lies(read.xy))
    findings = (*findings, *missing_points(read, present, kept, where=where))
    # A line needs two different points; a point repeated is none.
    first = np.full(len(kept), -1, dtype=np.int32)
    first[owner[present][::-1]] = position[present][::-1]
    line = _any_of_owner(owner[present], position[present] != first[owner[present]], len(kept))
    left_out = int((kept & ~line).sum())
    if left_out:
        message = f"{left_out:,} streets have fewer than two points in {where} and were left out."
        findings = (
            *findings,
            Finding(
                "streets_without_line",
                "information",
                message,
                values={"count": left_out, "where": where},
                count=left_out,
            ),
        )
    kept &= line
    if not kept.any():
        raise EmptyNetworkError(
            "streets",
            f"no street of {where} has two points or more",
            "The points of its streets are absent. Make the extract again with complete streets.",
        )
    good = present & kept[owner]
    position = position[good]
    touched = np.zeros(len(read.node_ids), bool)
    touched[position] = True
    way_ids = read.way_ids[kept]
    return ChosenStreets(
        way_ids=way_ids,
        kind=read.kind[kept],
        kinds=read.kinds,
        position=(np.cumsum(touched, dtype=np.int32) - 1)[position],
        lengths=np.bincount(owner[good], minlength=len(kept))[kept],
        node_ids=read.node_ids if touched.all() else read.node_ids[touched],
        xy=read.xy if touched.all() else read.xy[touched],
        node_tags=read.node_tags,
        restrictions=_restrictions_of(read, way_ids),
        sources=sources,
        findings=findings,
    )


def _restrictions_of(read: WaysRead, kept: NDArray[np.int64]) -> dict[int, TurnRestriction]:
    """Keep turn restrictions between streets that are kept; those of another place are not this one's."""
    if not read.restrictions:
        return {}
    here, known = set(kept.tolist()), set(read.way_ids.tolist())
    found = {}
    for number, one in read.restrictions.items():
        ways = {*one.from_ways, *one.via_ways, *one.to_ways}
        if ways & here and not (ways & known) - here:
            found[number] = one
    return found


def missing_points(
    read: WaysRead, present: NDArray[np.bool_], kept: NDArray[np.bool_] | None = None, *, where: str
) -> tuple[Finding, ...]:
    """Count the points that streets name but ``where`` lacks, and the gaps they leave inside streets.

    A street that leaves the extract and comes back stays one street, drawn straight across the gap: it does lead
    there, but by a longer way.
    """
    owner = read.owner()
    kept = np.ones(len(read.way_ids), bool) if kept is None else kept
    absent = ~present & kept[owner]
    if not absent.any():
        return ()
    hurt = np.unique(owner[absent])
    of_hurt = np.flatnonzero(np.isin(np.arange(len(kept)), hurt)[owner])
    owner, order, here = owner[of_hurt], of_hurt, present[of_hurt]
    first = np.full(len(kept), len(present))
    last = np.full(len(kept), -1)
    np.minimum.at(first, owner[here], order[here])
    np.maximum.at(last, owner[here], order[here])
    broken = np.unique(owner[absent[of_hurt] & (order > first[owner]) & (order < last[owner])])
    more = (
        f" {len(broken):,} of these streets leave and come back; the gap is drawn as a straight line."
        if len(broken)
        else ""
    )
    share = len(hurt) / int(kept.sum())
    return (
        Finding(
            code="street_nodes_missing",
            severity="warning" if share > SMALL_SHARE else "information",
            message=f"{len(np.unique(read.refs[absent])):,} points of {len(hurt):,} streets ({share:.1%}) are not in "
            f"{where} and were taken out of them.{more}",
            values={
                "points": len(np.unique(read.refs[absent])),
                "count": len(hurt),
                "share": share,
                "where": where,
                "broken": len(broken),
            }
            | ({"variant": "broken"} if len(broken) else {}),
            count=len(hurt),
            advice="Extracts cut along a border lose points there. If the share is large, the file may have been cut "
            "off: compare its checksum, or make the extract again with complete streets.",
        ),
    )


def _any_of_owner(owner: NDArray[np.int32], true: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Whether any value of each owner is true."""
    found: NDArray[np.bool_] = np.bincount(owner, weights=true, minlength=count) > 0
    return found


def _where_extract_lies(xy: NDArray[np.float64]) -> str:
    if not len(xy):
        return "Check that the extract is of this place."
    west, south = xy.min(axis=0)
    east, north = xy.max(axis=0)
    return (
        f"Its streets lie at longitude {west:.3f} to {east:.3f} and latitude {south:.3f} to {north:.3f}: check that "
        "the extract is of this place and that the place has the right coordinate reference system."
    )
