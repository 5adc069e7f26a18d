"""In which zone each report is, and how many each zone has."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, announce, findings_of
from spatialjustice._core.frames import require_geometry, require_ids, require_overlap
from spatialjustice._core.provenance import sources_of
from spatialjustice.participation._places import NOWHERE, zone_of_each


def report_zones(reports: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Tell in which zone each report is.

    Parameters
    ----------
    reports
        Reports with points, as from :func:`spatialjustice.sources.reports`; a point may be missing.
    zones
        Areas with unique ids.

    Returns
    -------
    Series
        On the index of the reports: the id of the zone; missing outside all zones and without a point. A point on the
        border of several zones, or in zones that overlap, is of the first in the order of the zones. ``attrs`` hold
        ``outside`` and ``without_coordinates``, how many these are.

    Raises
    ------
    InputError
        When ids are not unique or shapes cannot be used.
    WrongPlaceError
        When no report lies in any zone.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> zones = gpd.GeoDataFrame(index=["west", "east"], geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326)
    >>> points = [Point(0.5, 0.5), Point(1, 0.5), Point(9, 9), None]
    >>> found = report_zones(gpd.GeoDataFrame(geometry=points, crs=4326), zones)
    >>> found.dropna().to_dict(), found.attrs["outside"], found.attrs["without_coordinates"]
    ({0: 'west', 1: 'west'}, 1, 1)
    """
    if not isinstance(reports, gpd.GeoDataFrame):
        found = f"they are {a_kind(reports)}"
        raise InputError("reports", found, "Give reports with points, as from sources.reports.")
    require_ids(reports, "reports")
    require_geometry(zones, "zones")
    there = reports.geometry.notna() & ~reports.geometry.is_empty
    located = reports.loc[there, [reports.geometry.name]]
    if len(located):
        require_overlap(located, zones, "reports")
    first = zone_of_each(located, zones)
    inside = first != NOWHERE
    zone = pd.Series(None, index=reports.index, dtype=object, name="zone")
    zone.loc[located.index[inside]] = zones.index[first[inside]].to_numpy(dtype=object)
    zone.attrs["without_coordinates"] = int((~there).sum())
    zone.attrs["outside"] = int((there & zone.isna()).sum())
    zone.attrs["sources"] = [source.as_dict() for source in sources_of(reports, zones)]
    zone.attrs["findings"] = [finding.as_dict() for finding in findings_of(reports, zones)]
    return zone


def report_counts(reports: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.Series[Any]:
    r"""Count the reports of each zone; a zone without any has 0.

    In signs: :math:`n_i = \#\{r : r \in z_i\}`, the reports r inside zone :math:`z_i`.

    Parameters
    ----------
    reports
        Reports with points, as from :func:`spatialjustice.sources.reports`: choose kinds and years before.
    zones
        Areas with unique ids.

    Returns
    -------
    Series
        On the index of the zones. ``attrs["left_out"]``: reports outside all zones, and without coordinates; with the
        sum they are all reports.

    Raises
    ------
    InputError, WrongPlaceError
        As :func:`report_zones`.

    References
    ----------
    Own definition: a count as described above, with no source in the literature.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> zones = gpd.GeoDataFrame(index=["west", "east"], geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326)
    >>> reports = gpd.GeoDataFrame(geometry=[Point(0.5, 0.5), Point(0.7, 0.5), Point(0.9, 1)], crs=4326)
    >>> report_counts(reports, zones).to_dict()
    {'west': 3, 'east': 0}
    """
    zone = report_zones(reports, zones)
    counts = zone.value_counts().reindex(zones.index, fill_value=0).astype(np.int64)
    counts.name = "reports"
    outside, lacking = zone.attrs["outside"], zone.attrs["without_coordinates"]
    found = []
    if outside:
        found.append(
            Finding(
                "reports_outside",
                "warning",
                f"{outside:,} of {len(reports):,} reports lie outside all zones and are in no zone's count.",
                count=outside,
                advice="See whether the zones cover the city.",
                values={"count": outside, "all": len(reports)},
            )
        )
    # Where the reader has said it, it need not be said again.
    if lacking and "reports_without_coordinates" not in {finding.code for finding in findings_of(zone)}:
        found.append(
            Finding(
                "reports_without_place",
                "warning",
                f"{lacking:,} of {len(reports):,} reports have no coordinates and are in no zone's count.",
                count=lacking,
                advice="See whether some zones lack more of them than others: these seem to report less.",
                values={"count": lacking, "all": len(reports)},
            )
        )
    earlier = findings_of(zone)
    announce(*found)
    counts.attrs = {
        "measure": "report_counts",
        "unit": "reports",
        "direction": "none",
        "left_out": {"outside": outside, "without_coordinates": lacking},
        "sources": zone.attrs["sources"],
        "findings": [finding.as_dict() for finding in dict.fromkeys([*earlier, *found])],
    }
    return counts
