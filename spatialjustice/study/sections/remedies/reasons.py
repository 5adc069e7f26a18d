"""Why each site is in a plan: whom it serves, how far they are now, and what it is near to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.frames import metric_crs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.remedies.settings import RemediesKeys

NAMED_WITHIN = 600.0
"""Metres within which a place with a name says where a site is."""


def reasons(  # noqa: PLR0913, PLR0917
    work: Work[RemediesKeys],
    costs: pd.DataFrame,
    chosen: list[Any],
    points: gpd.GeoDataFrame,
    people: pd.Series[Any],
    before: pd.Series[Any],
    groups: Mapping[str, pd.Series[Any]],
    *,
    limit: float | None,
    opens: bool,
) -> pd.DataFrame:
    """Tell of each site whom it serves.

    Returns
    -------
    DataFrame
        On the sites, in the order given: ``people_served`` (for whom it is the nearest of the plan and nearer than what
        there is; where it closes, who go there now), ``people_far`` (of these, who are farther than the limit now),
        ``mean_before`` and ``mean_after`` of their ways (where it opens), the people of each group among them (a column
        ``group: NAME`` each), ``near`` and ``near_fa`` (a named place close by; empty where there is none), ``own``
        (whether that is its own name), ``longitude`` and ``latitude``.
    """
    # All at once, whatever the order of rows: the nearest, of equally near ones the first id.
    pairs = costs if not opens else costs[costs["to_id"].isin(chosen)]
    pairs = pairs.assign(order=pairs["to_id"].astype(str)).sort_values(
        ["from_id", "travel_cost", "order"], kind="stable"
    )
    nearest = pairs.drop_duplicates("from_id").set_index("from_id")
    now = before.reindex(nearest.index)
    moved = nearest[(nearest["travel_cost"] < now) | now.isna()] if opens else nearest
    lonlat = points.loc[chosen].to_crs(4326).geometry.representative_point()
    own = points.loc[chosen, "name"] if not opens and "name" in points else pd.Series(None, index=chosen, dtype=object)
    has_name = np.array([isinstance(name, str) and bool(name) for name in own])
    names = near_names(work.made, points.loc[chosen])
    names = [(str(mine), str(mine)) if has else near for mine, has, near in zip(own, has_name, names, strict=True)]
    rows = []
    for site in chosen:
        zones = moved.index[moved["to_id"] == site]
        counted, way = people.reindex(zones).fillna(0.0), before.reindex(zones)
        known = counted.where(way.notna(), 0.0)
        row: dict[str, Any] = {
            "people_served": float(counted.sum()),
            "people_far": float(counted[(way > limit) | way.isna()].sum()) if limit is not None else np.nan,
            "mean_before": _mean(way, known),
            "mean_after": _mean(moved.loc[zones, "travel_cost"], counted) if opens else np.nan,
        }
        row |= {f"group: {name}": float(part.reindex(zones).fillna(0.0).sum()) for name, part in groups.items()}
        rows.append(row)
    table = pd.DataFrame(rows, index=pd.Index(chosen, name="site"))
    return table.assign(
        near=[name for name, _ in names],
        near_fa=[name for _, name in names],
        own=has_name,
        longitude=lonlat.x.round(6).to_numpy(),
        latitude=lonlat.y.round(6).to_numpy(),
    )


def _mean(values: pd.Series[Any], people: pd.Series[Any]) -> float:
    whole = float(people.sum())
    return float((values.fillna(0.0) * people).sum() / whole) if whole > 0 else np.nan


def near_names(
    made: Mapping[str, Any], points: gpd.GeoDataFrame, *, without: str | None = None
) -> list[tuple[str, str]]:
    """Return the name of the nearest named place of any service, in the local language and in Persian, for each point.

    Places of the service ``without`` name nothing: “far from a library, near a library” would puzzle.
    """
    places = made["services"].places
    places = places[places["service"] != without]
    named = places[places["name"].notna() & places["inside"]]
    if named.empty or points.empty:
        return [("", "")] * len(points)
    crs = metric_crs(named)
    there = named.geometry.to_crs(crs).centroid
    xy = np.column_stack([there.x, there.y])
    found = []
    for point in points.geometry.to_crs(crs).centroid:
        away = np.hypot(xy[:, 0] - point.x, xy[:, 1] - point.y)
        row = int(np.lexsort((named.index.astype(str), np.round(away, 2)))[0])
        if away[row] > NAMED_WITHIN:
            found.append(("", ""))
            continue
        name = str(named["name"].iloc[row])
        persian = named["name_fa"].iloc[row] if "name_fa" in named else None
        found.append((name, str(persian) if isinstance(persian, str) and persian else name))
    return found
