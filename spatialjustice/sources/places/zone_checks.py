"""What zones of any source are looked at for: whether they lie in the place, overlap, are slivers, and fill it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import GeometryError, InputError
from spatialjustice._core.findings import Finding, first_ids
from spatialjustice._core.frames import require_geometry
from spatialjustice._core.ground.metres import metres_of
from spatialjustice.sources.places.vector import POLYGONS, require_one_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from spatialjustice._core.ground.metres import Metres

TINY = 1e-6  # m², or share: what cutting leaves by rounding
SLIVER = 1.0  # m²
OVERLAP = 0.01  # share of the smaller zone
INSIDE = 0.5  # share of a zone that must lie in the place


def outline_in_metres(place: gpd.GeoDataFrame) -> tuple[Metres, Any]:
    """Return how metres are taken over a place, and its outline in their CRS.

    Raises
    ------
    GeometryError
        When it has no area there.
    """
    metres = metres_of(place)
    require_geometry(place, "place", kinds=POLYGONS)
    require_one_side(place, "place")
    shape = shapely.union_all(place.geometry.to_crs(metres.crs).array)
    if not shape.is_valid or shape.area == 0:
        raise GeometryError("place", "its outline is invalid or has no area in metres", "Mend it in a GIS.")
    return metres, shape


def overlapping(shapes: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the pairs of positions (lower first, in order) whose shapes share area, and how many m² they share."""
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    pairs = np.column_stack([left, right])[left < right]
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    # Neighbours that only touch are the rule: the cheap question first.
    pairs = pairs[~shapely.touches(shapes[pairs[:, 0]], shapes[pairs[:, 1]])]
    shared = shapely.area(shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]]))
    return pairs[shared > TINY], shared[shared > TINY]


def shares_inside(frame: gpd.GeoDataFrame, shape: Any) -> pd.Series[float]:
    """Return the share of each zone's area that lies in the place."""
    shapes = np.asarray(frame.geometry.array)
    shapely.prepare(shape)
    whole = shapely.contains_properly(shape, shapes)
    share = np.ones(len(shapes))
    share[~whole] = shapely.area(shapely.intersection(shapes[~whole], shape)) / shapely.area(shapes[~whole])
    return pd.Series(share.clip(0, 1), index=frame.index)


def inside_only(frame: gpd.GeoDataFrame, share: pd.Series[float]) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Keep zones that have half of their area in the place, and say how many have not.

    Raises
    ------
    InputError
        When none has.
    """
    kept = share >= INSIDE
    if not kept.any():
        found = f"none of the {len(frame):,} zones has half of its area in the place"
        raise InputError("zones", found, "Check that zones and place belong together, or take smaller zones.")
    if kept.all():
        return frame, []
    partly = int(((share > TINY) & ~kept).sum())
    gone = frame[~kept]
    told = left_out(len(frame), len(gone), partly, people=_people_of(gone), rows=first_ids(gone.index))
    return frame[kept].copy(), told


def refuse_large_overlaps(
    shapes: gpd.GeoSeries, pairs: np.ndarray[Any, Any], shared: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return how many m² pairs of zones share, and refuse those that share more than a hundredth of the smaller one."""
    areas = shapely.area(np.asarray(shapes.array))
    large = shared > OVERLAP * np.minimum(areas[pairs[:, 0]], areas[pairs[:, 1]])
    if large.any():
        names = [f"{shapes.index[first]} and {shapes.index[second]}" for first, second in pairs[large]]
        rows = [f"{name}: {area:,.0f} m²" for name, area in zip(names, shared[large], strict=True)]
        raise GeometryError(
            "zones",
            f"{len(rows):,} pairs of zones overlap by more than a hundredth of the smaller one",
            "People in an overlap would be counted twice. Zones must divide the place: correct their edges, or choose "
            "another layer.",
            rows=rows,
        )
    return shared


def left_out(
    count: int, gone: int, partly: int, *, people: float | None = None, rows: Sequence[Any] = ()
) -> list[Finding]:
    """Tell how many of some zones lie outside the place, and how many of them reach into it.

    ``people`` are those of the zones left out, where that is known, and ``rows`` their first ids.
    """
    if not gone:
        return []
    message = (
        f"{gone:,} of {count:,} zones have less than half of their area in the place and were left out; "
        f"{partly:,} of them reach into it."
    )
    return [
        Finding("zones_left_out", "warning" if partly else "information", message, count=gone, people=people, rows=rows)
    ]


def _people_of(frame: gpd.GeoDataFrame) -> float | None:
    """Return the people of zones that carry them in a column of that name; None where they do not, or not all do."""
    named = [name for name in frame.columns if str(name).casefold() in {"people", "population"}]
    if len(named) != 1:
        return None
    people = pd.to_numeric(frame[named[0]], errors="coerce")
    return None if people.isna().any() else float(people.sum())


def cover(covered: float) -> list[Finding]:
    """Tell what share of the place zones fill, where they do not fill it."""
    if covered >= 1 - 1e-3:
        return []
    message = f"The zones fill {covered:.1%} of the place; people in the rest of it are in no zone."
    return [Finding("zones_cover_part_of_place", "warning", message, advice="Add the missing zones.")]


def slivers(tiny: int) -> list[Finding]:
    """Tell how many zones are too small to be any."""
    if not tiny:
        return []
    message = f"{tiny:,} zones are smaller than {SLIVER:g} m²."
    return [Finding("zone_slivers", "warning", message, count=tiny, advice="Join them to a neighbour.")]
