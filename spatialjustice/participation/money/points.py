"""The selected projects as points, and those of which nobody tells where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import add_sources, sources_of
from spatialjustice.participation._places import zone_of_each
from spatialjustice.participation.ballots.names import plain_name
from spatialjustice.participation.money._checks import cost_not_known, not_told, selected_and_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_POINT, OUTSIDE = "no coordinates", "outside all zones"


def selected_projects(projects: pd.DataFrame, *, zones: gpd.GeoDataFrame, key: str = "district") -> gpd.GeoDataFrame:
    """Return the selected projects that have coordinates inside the zones, as points with what each costs.

    A project without coordinates may be anywhere, or in many places: nobody is said to be near it or far from it, and
    its cost is a class of its own.

    Parameters
    ----------
    projects
        A row for each project: ``cost``, ``selected``, ``longitude`` and ``latitude`` in degrees (missing where not
        told).
    zones
        The areas that people are counted in, on an index of names.
    key
        The column with the place whose people voted on a project, where there is one.

    Returns
    -------
    GeoDataFrame
        Their rows on their index, ``cost`` 0 where it is not known, and ``zone`` (in which they lie), geometry in
        EPSG:4326. ``attrs["left_out"]`` holds the cost of selected projects without coordinates and outside all
        zones. Findings: ``projects_without_point``, ``projects_outside``, ``projects_elsewhere`` (in another zone
        than the one that voted on them), ``selection_not_told`` and ``project_cost_not_known``.

    Raises
    ------
    InputError
        When a column is not there, coordinates are no degrees, or no selected project has any.

    Examples
    --------
    >>> import pandas as pd
    >>> from shapely import box
    >>> zones = gpd.GeoDataFrame(index=["A"], geometry=[box(21.0, 52.0, 21.1, 52.1)], crs=4326)
    >>> table = pd.DataFrame({"cost": [10.0, 5.0], "selected": [True, True]})
    >>> table = table.assign(longitude=[21.05, None], latitude=[52.05, None])
    >>> found = selected_projects(table, zones=zones)
    >>> found["zone"].tolist(), found.attrs["left_out"]
    (['A'], {'no coordinates': 5.0, 'outside all zones': 0.0})
    """
    selected, cost = selected_and_cost(projects, ["longitude", "latitude"])
    chosen = selected.fillna(value=False).astype(bool).to_numpy()
    x, y = (as_floats(projects[name], name) for name in ("longitude", "latitude"))
    wrong = chosen & ((np.abs(x) > 180) | (np.abs(y) > 90))
    if wrong.any():
        found = f"{int(wrong.sum()):,} coordinates are no degrees"
        raise InputError("projects", found, "Give longitude and latitude.", rows=projects.index[wrong])
    there = chosen & np.isfinite(x) & np.isfinite(y)
    if not there.any():
        raise InputError("projects", "no selected project has coordinates", "Count their money by place instead.")
    made = gpd.GeoDataFrame(
        projects[there].assign(cost=cost[there].fillna(0.0)), geometry=gpd.points_from_xy(x[there], y[there]), crs=4326
    )
    made["zone"] = _zones_of(made, zones)
    outside = (made["zone"] == "").to_numpy()
    left_out = {NO_POINT: float(cost[chosen & ~there].sum()), OUTSIDE: float(made["cost"][outside].sum())}
    said = _findings(projects, cost, (chosen, there), made, key)
    kept: gpd.GeoDataFrame = made[~outside]
    kept.attrs = {"measure": "selected_projects", "unit": "money", "left_out": left_out}
    add_sources(kept, *sources_of(projects, zones))
    costly = pd.Series(chosen, projects.index)
    return add_findings(kept, *said, *not_told(selected), *cost_not_known(costly, cost))


def _zones_of(points: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Return the zone of each point, the first where two overlap; empty where there is none."""
    names = np.append(zones.index.astype(str).to_numpy(dtype=object), "")
    return pd.Series(names[zone_of_each(points, zones)], index=points.index, dtype=object)


def _findings(
    projects: pd.DataFrame,
    cost: pd.Series[Any],
    which: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    made: gpd.GeoDataFrame,
    key: str,
) -> list[Finding]:
    chosen, there = which
    said = []
    without = chosen & ~there
    whole = float(cost[chosen].sum())
    if without.any():
        share = float(cost[without].sum()) / whole if whole > 0 else 0.0
        count, every = int(without.sum()), int(chosen.sum())
        message = (
            f"{count:,} of {every:,} selected projects with {share:.1%} of the cost have no coordinates: who is "
            "near them is "
            "not known; they are a class of their own."
        )
        values = {"count": count, "all": every, "share": share}
        advice = "Ask the city where they are; a project may also be in many places."
        said.append(Finding("projects_without_point", "warning", message, count=count, values=values, advice=advice))
    outside = made[(made["zone"] == "").to_numpy()]
    if len(outside):
        shown = listed(outside.get("project_id", outside.index))
        message = (
            f"{len(outside):,} projects with coordinates lie outside all zones: {shown}; their coordinates may be "
            "wrong."
        )
        told: dict[str, Any] = {"count": len(outside), "shown": shown}
        said.append(
            Finding(
                "projects_outside",
                "warning",
                message,
                count=len(outside),
                values=told,
                advice="Look at them on a map.",
            )
        )
    if key in projects.columns:
        voted = made[key].astype(object).where(made[key].notna(), "").map(plain_name)
        lies = made["zone"].map(plain_name)
        other = int(((voted != "") & (lies != "") & (voted != lies)).sum())
        if other:
            every = int((voted != "").sum())
            message = (
                f"{other:,} of {every:,} projects of a district have coordinates in another one; they count for "
                "the district "
                "that voted on them."
            )
            said.append(
                Finding(
                    "projects_elsewhere", "information", message, count=other, values={"count": other, "all": every}
                )
            )
    return said
