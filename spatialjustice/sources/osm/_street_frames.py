"""Streets as frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.provenance import SourceRecord, add_sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spatialjustice.sources.osm._ways import ChosenStreets
    from spatialjustice.sources.osm.street_tags import TurnRestriction


@dataclass(frozen=True, slots=True)
class Streets:
    """The streets of a place, as mapped.

    Parameters
    ----------
    nodes
        One row per point of a street; index ``node_id`` (OSM id), columns ``x`` and ``y`` (longitude and latitude
        in degrees, EPSG:4326). Where a point may be an obstacle (``barrier``, ``kerb``, ``entrance``, ``door``,
        ``impassable``, ``wheelchair``, or a lift), there is a column ``tags`` too: a dict of what says who may pass
        such points, None for others.
    ways
        One row per street; index ``way_id`` (OSM id; negative where the edge of a square is drawn with a way that is
        a street itself), column ``nodes`` (array of node ids in the order drawn, each a row of ``nodes``) and column
        ``tags`` (dict of all its tags, of squares those of the relation).
    sources
        Where the data came from.
    findings
        What was left out, and what else must be known.
    extent
        West, south, east and north in degrees of what the file covers, as its header says; None where it does not.
    restrictions
        One row per turn restriction; index ``relation_id`` (OSM id), columns ``from_ways``, ``via_nodes``, ``via_ways``
        and ``to_ways`` (tuples of the ids of its members, which may be absent from the data) and ``tags`` (a dict of
        which turn it forbids or demands, of whom not, and when).
    """

    nodes: pd.DataFrame
    ways: pd.DataFrame
    sources: tuple[SourceRecord, ...]
    findings: tuple[Finding, ...] = ()
    extent: tuple[float, float, float, float] | None = None
    restrictions: pd.DataFrame = field(default_factory=lambda: _frame_of_restrictions({}))


def as_frames(found: ChosenStreets) -> Streets:
    """Return the streets of a place as frames."""
    ways = pd.DataFrame(index=pd.Index(found.way_ids, name="way_id"))
    pieces = np.split(found.node_ids[found.position], np.cumsum(found.lengths)[:-1])
    ways["nodes"] = pd.Series(pieces, index=ways.index, dtype=object)
    tags = [found.kinds[one] for one in found.kind.tolist()]
    ways["tags"] = pd.Series(tags, index=ways.index, dtype=object)
    points = pd.DataFrame(found.xy, columns=["x", "y"], index=pd.Index(found.node_ids, name="node_id"))
    told = [found.node_tags.get(node) for node in found.node_ids.tolist()] if found.node_tags else []
    if any(told):
        own = [one if one is None else dict(one) for one in told]
        points["tags"] = pd.Series(own, index=points.index, dtype=object)
    for frame in (points, ways):
        add_findings(add_sources(frame, *found.sources), *found.findings)
    restrictions = _frame_of_restrictions(found.restrictions)
    return Streets(points, ways, found.sources, found.findings, found.extent, restrictions)


def _frame_of_restrictions(restrictions: Mapping[int, TurnRestriction]) -> pd.DataFrame:
    index = pd.Index(list(restrictions), dtype=np.int64, name="relation_id")
    columns = ("from_ways", "via_nodes", "via_ways", "to_ways", "tags")
    listed = {name: [getattr(one, name) for one in restrictions.values()] for name in columns}
    return pd.DataFrame(
        {name: pd.Series(values, index=index, dtype=object) for name, values in listed.items()}, index=index
    )
