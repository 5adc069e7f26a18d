"""Zones that are too many to be held as shapes: a point, area and columns of each, read part by part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from spatialjustice._core.errors import DamagedFileError, InputError, listed
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_geometry, require_overlap
from spatialjustice._core.ground.datum import datum_findings
from spatialjustice._core.ground.inside import points_inside
from spatialjustice._core.ground.metres import areas_of
from spatialjustice._core.provenance import add_sources
from spatialjustice.sources.places.parts import shape_parts
from spatialjustice.sources.places.vector import POLYGONS, require_one_side
from spatialjustice.sources.places.zone_checks import (
    INSIDE,
    SLIVER,
    TINY,
    cover,
    left_out,
    outline_in_metres,
    overlapping,
    refuse_large_overlaps,
    shares_inside,
    slivers,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from spatialjustice._core.ground.metres import Metres
    from spatialjustice.sources.places.parts import Bounds

MADE = ("area", "share_inside")
DENSE = 21
"""Points of each side of a rectangle that is brought into another reference system."""
EDGE = 1.0
"""Metres by which such a rectangle is widened, for its sides are curves there."""


@dataclass
class _Counted:
    """What is counted on the way through the parts; ``shapes`` are zones that those of other groups may overlap."""

    rows: int = 0
    before: float = 0.0
    outside: float = 0.0
    left_out: int = 0
    partly: int = 0
    slivers: int = 0
    shared: list[float] = field(default_factory=list)
    shapes: list[gpd.GeoSeries] = field(default_factory=list)


def zones_in_parts(path: str | Path, *, within: gpd.GeoDataFrame, id: str | None = None) -> gpd.GeoDataFrame:  # noqa: A002
    """Read zones part by part and keep of each its columns, its area and the point at which it is entered and left.

    Everything else is as :func:`zones` has it, in the same order: what is asked of the ways of these points gets the
    same bits as what is asked of the shapes. Those are read again where they are drawn
    (:func:`shapes_of_zones`). Memory is that of one group of rows of a file, and of the zones at the edges of parts:
    parts should be pieces of ground.

    Parameters
    ----------
    path
        A folder of GeoParquet files, or one of several groups of rows: see :func:`shape_parts`.
    within
        The place. Zones that have at least half of their area in it are kept; the others are counted in the finding
        ``zones_left_out``.
    id
        Column with the ids; None numbers the zones from 1, in the order of the parts.

    Returns
    -------
    GeoDataFrame
        Points in the place's metric CRS, index ``zone_id``, in the order of the parts, with their columns, ``area`` in
        m² and ``share_inside``. ``attrs`` holds ``area_before`` and ``area_outside``, in m²: of all zones, and of those
        left out. Zones that overlap by at most a hundredth of the smaller one stay as they are
        (``zone_overlaps_kept``); whether the edges of neighbours meet is not looked at.

    Raises
    ------
    GeometryError
        When a zone is missing, invalid or no polygon; when two overlap by more than a hundredth of the smaller one, in
        one part or in two; naming them.
    DuplicateIdError
        When an id is missing or occurs twice, in one part or in two.
    WrongPlaceError
        When no zone lies in the place.
    InputError
        When a column would be overwritten, or no zone has half of its area in the place.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> tracts = gpd.GeoDataFrame({"code": ["A", "B"], "people": [3, 4]}, crs=4326,
    ...                           geometry=[shapely.box(51, 35, 51.01, 35.01), shapely.box(51.01, 35, 51.02, 35.01)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for row in (0, 1):
    ...         tracts.iloc[[row]].to_parquet(Path(folder) / f"{row}.parquet")
    ...     read = zones_in_parts(folder, within=tracts, id="code")
    >>> read.index.tolist(), read.columns.tolist(), read.geom_type.unique().tolist()
    (['A', 'B'], ['people', 'geometry', 'area', 'share_inside'], ['Point'])
    """
    parts = shape_parts(path, name="zones", id=id)
    taken = [column for column in MADE if column in parts.columns]
    if taken:
        advice = "These names are given to what is measured here: rename the columns in the files, or leave them out."
        raise InputError("zones", f"the files have their own column {' and '.join(taken)}", advice)
    metres, outline = outline_in_metres(within)
    boxes = [group.bounds for group in parts.groups]
    known = gpd.GeoDataFrame(geometry=[shapely.box(*each) for each in boxes if each is not None], crs=parts.crs)
    if len(known) == len(boxes):
        require_overlap(known, within, "zones")
    counted = _Counted()
    _ = parts.ids  # refuses ids that are there twice, in whichever parts
    kept = []
    for group, frame in zip(parts.groups, parts.in_groups(), strict=True):
        if len(frame):
            others = [other.bounds for other in parts.groups if other is not group]
            kept.append(_points(frame, others, (metres, outline), counted))
    made = gpd.GeoDataFrame(pd.concat(kept), geometry="geometry", crs=metres.crs)
    made.index.name = "zone_id"
    if not len(made):
        found = f"none of the {counted.rows:,} zones has half of its area in the place"
        raise InputError("zones", found, "Check that zones and place belong together, or take smaller zones.")
    made.attrs = {"area_before": counted.before, "area_outside": counted.outside}
    add_sources(made, parts.record())
    covered = float((made["area"] * made["share_inside"]).sum() / outline.area)
    spots = np.asarray((known if len(known) else made.to_crs(parts.crs)).geometry.array)
    x, y = shapely.get_coordinates(shapely.centroid(spots)).T
    return add_findings(
        made,
        *datum_findings(parts.crs, x, y, parts.path.name),
        *left_out(counted.rows, counted.left_out, counted.partly),
        *_overlaps(counted),
        *metres.findings_about("The layer of zones"),
        *slivers(counted.slivers),
        *cover(covered),
    )


def _points(
    frame: gpd.GeoDataFrame, others: list[Bounds | None], place: tuple[Metres, Any], counted: _Counted
) -> gpd.GeoDataFrame:
    """Return the zones of a group that lie in the place, as points."""
    metres, outline = place
    require_geometry(frame, "zones", kinds=POLYGONS)
    require_one_side(frame, "zones")
    edge = _may_meet(frame, others)
    frame = frame.set_geometry(frame.geometry.force_2d()).to_crs(metres.crs)
    share, plain = shares_inside(frame, outline), frame.area
    keep = (share >= INSIDE).to_numpy()
    counted.rows += len(frame)
    counted.before += float(plain.sum())
    counted.outside += float(plain[~keep].sum())
    counted.left_out += int((~keep).sum())
    counted.partly += int(((share > TINY) & ~keep).sum())
    frame = frame[keep]
    areas = areas_of(frame, metres)
    counted.slivers += int((areas < SLIVER).sum())
    pairs, shared = overlapping(np.asarray(frame.geometry.array))
    counted.shared += refuse_large_overlaps(frame.geometry, pairs, shared).tolist()
    counted.shapes.append(frame.geometry[edge[keep]])
    middles = points_inside(np.asarray(frame.geometry.array))
    made = frame.set_geometry(gpd.GeoSeries(middles, index=frame.index, crs=metres.crs))
    return made.assign(area=areas, share_inside=share[keep])


def _may_meet(frame: gpd.GeoDataFrame, others: list[Bounds | None]) -> NDArray[np.bool_]:
    """Tell which zones those of another group may overlap, from the rectangles around all of its zones."""
    left, bottom, right, top = shapely.bounds(np.asarray(frame.geometry.array)).T
    may = np.zeros(len(frame), dtype=bool)
    for box in others:
        if box is None:
            return np.ones(len(frame), dtype=bool)
        may |= (left < box[2]) & (box[0] < right) & (bottom < box[3]) & (box[1] < top)
    return may


def _overlaps(counted: _Counted) -> list[Finding]:
    """Refuse zones of different groups that overlap by much, and tell how many of all overlap a little."""
    shapes = pd.concat(counted.shapes)
    group = np.repeat(np.arange(len(counted.shapes)), [len(each) for each in counted.shapes])
    pairs, shared = overlapping(np.asarray(shapes.array))
    apart = group[pairs[:, 0]] != group[pairs[:, 1]]
    every = [*counted.shared, *refuse_large_overlaps(shapes, pairs[apart], shared[apart]).tolist()]
    if not every:
        return []
    message = f"{len(every):,} pairs of zones overlap a little, {sum(every):,.0f} m² in all; they stay as they are."
    return [Finding("zone_overlaps_kept", "information", message, count=len(every))]


def shapes_of_zones(path: str | Path, zones: gpd.GeoDataFrame, *, id: str | None = None) -> gpd.GeoDataFrame:  # noqa: A002
    """Return some zones of :func:`zones_in_parts` with their shapes: only parts around their points are read.

    Parameters
    ----------
    path
        The folder or file of the parts.
    zones
        The zones, or some of them, as points.
    id
        Column with the ids, as it was given before.

    Returns
    -------
    GeoDataFrame
        The same rows, columns and CRS, with polygons.

    Raises
    ------
    DamagedFileError
        When a zone is not there any more.
    """
    parts = shape_parts(path, name="zones", id=id)
    around = Transformer.from_crs(zones.crs, parts.crs, always_xy=True)
    left, bottom, right, top = zones.total_bounds
    box = around.transform_bounds(left - EDGE, bottom - EDGE, right + EDGE, top + EDGE, densify_pts=DENSE)
    read = parts.read(box, columns=[])
    gone = zones.index.difference(read.index)
    if len(gone):
        found = f"{len(gone):,} zones are not in {parts.path.name} any more ({listed(gone)})"
        raise DamagedFileError("zones", found, "Run the study again: its zones have changed meanwhile.")
    shapes = read.geometry.loc[zones.index].force_2d().to_crs(zones.crs)
    made = zones.set_geometry(gpd.GeoSeries(shapes.array, index=zones.index, crs=zones.crs))
    made.attrs = dict(zones.attrs)
    return made
