"""The place of a study: its boundary, its box, or what its zones cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from spatialjustice import sources
from spatialjustice.study.sections.zones.reading import of_the_place, whole_file
from spatialjustice.study.sections.zones.settings import Cells, Polygons

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.zones.settings import ZonesKeys


def compute(work: Work[ZonesKeys]) -> gpd.GeoDataFrame:
    """Read the boundary of the place, or make it from its bounds, or from what the zones cover."""
    return place_of(work.study, work.files)


def place_of(study: ZonesKeys, files: Mapping[str, Path]) -> gpd.GeoDataFrame:
    """Return the place of a study whose files are there."""
    if study.place is None:
        assert isinstance(study.zones, Polygons | Cells)  # noqa: S101 - the settings see to it
        covered = of_the_place(whole_file(files, study.zones), study.zones)
        made = gpd.GeoDataFrame(geometry=[shapely.union_all(covered.geometry.array)], crs=covered.crs)
        made.attrs["sources"] = list(covered.attrs.get("sources", []))
        return made
    if study.place.bounds is not None:
        return sources.box(*study.place.bounds)
    assert study.place.boundary is not None  # noqa: S101 - the settings hold one of the two
    return sources.boundary(files[study.place.boundary], layer=study.place.layer)


def check(work: Work[ZonesKeys]) -> list[gpd.GeoDataFrame]:
    """Read the place."""
    work.made["place"] = compute(work)
    return [work["place"]]


def fetch(work: Work[ZonesKeys]) -> list[tuple[str, str]]:
    """Read the place, of which servers are asked."""
    work.made["place"] = compute(work)
    return []
