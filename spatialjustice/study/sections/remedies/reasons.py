"""Why each site is in a plan: whom it serves, how far they are now, and what it is near to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import remedies
from spatialjustice._core.frames import metric_crs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.study.engine.work import Work
    from spatialjustice.study.sections.remedies.settings import RemediesKeys

NAMED_WITHIN = 600.0
"""Metres within which a place with a name says where a site is."""


def reasons(  # noqa: PLR0913, PLR0917
    work: Work[RemediesKeys],
    costs: Any,
    chosen: list[Any],
    points: gpd.GeoDataFrame,
    people: pd.Series[Any],
    before: pd.Series[Any],
    groups: Mapping[str, pd.Series[Any]],
    *,
    limit: float | None,
    opens: bool,
    flows: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Tell of each site whom it serves.

    Returns
    -------
    DataFrame
        On the sites, in the order given: ``people_served`` (for whom it is the nearest of the plan and nearer than what
        there is; where it closes, who go there now, as ``flows`` has them where places hold only so many),
        ``people_far`` (of these, who are farther than the limit now), ``mean_before`` and ``mean_after`` of their ways
        (where it opens), the people of each group among them (a column ``group: NAME`` each), ``near`` and ``near_fa``
        (a named place close by; empty where there is none), ``own`` (whether that is its own name), ``longitude`` and
        ``latitude``.
    """
    parts = flows if flows is not None else _moved(costs, chosen, people, before, opens=opens)
    lonlat = points.loc[chosen].to_crs(4326).geometry.representative_point()
    own = points.loc[chosen, "name"] if not opens and "name" in points else pd.Series(None, index=chosen, dtype=object)
    has_name = np.array([isinstance(name, str) and bool(name) for name in own])
    names = near_names(work.made, points.loc[chosen])
    names = [(str(mine), str(mine)) if has else near for mine, has, near in zip(own, has_name, names, strict=True)]
    rows = []
    for site in chosen:
        mine = parts[parts["to_id"] == site]
        zones, counted = mine["from_id"], mine["people"].to_numpy(dtype=float)
        way = before.reindex(zones).to_numpy(dtype=float)
        far = (way > limit) | np.isnan(way) if limit is not None else None
        # A zone may go to several places, where each holds only so many: its groups go in the same shares.
        share = counted / people.reindex(zones).to_numpy(dtype=float)
        row: dict[str, Any] = {
            "people_served": float(counted.sum()),
            "people_far": np.nan if far is None else float(counted[far].sum()),
            "mean_before": _mean(way, counted),
            "mean_after": _mean(mine["travel_cost"].to_numpy(dtype=float), counted) if opens else np.nan,
        }
        row |= {
            f"group: {name}": float((share * part.reindex(zones).fillna(0.0).to_numpy(dtype=float)).sum())
            for name, part in groups.items()
        }
        rows.append(row)
    table = pd.DataFrame(rows, index=pd.Index(chosen, name="site"))
    return table.assign(
        near=[name for name, _ in names],
        near_fa=[name for _, name in names],
        own=has_name,
        longitude=lonlat.x.round(6).to_numpy(),
        latitude=lonlat.y.round(6).to_numpy(),
    )


def _moved(
    costs: Any, chosen: list[Any], people: pd.Series[Any], before: pd.Series[Any], *, opens: bool
) -> pd.DataFrame:
    """Return which zones with people go to which site: those that gain by it, or where it closes, those that do now."""
    there = remedies.plan_effect(
        costs, chosen if opens else list(costs.to_ids), people=people, existing=before if opens else None
    )
    there = there[there["site"].notna() & (there["people"] > 0)]
    return pd.DataFrame(
        {
            "from_id": there.index,
            "to_id": there["site"].to_numpy(),
            "people": there["people"].to_numpy(),
            "travel_cost": there["after"].to_numpy(),
        }
    )


def _mean(values: NDArray[np.float64], people: NDArray[np.float64]) -> float:
    known = ~np.isnan(values)
    whole = float(people[known].sum())
    return float((values[known] * people[known]).sum() / whole) if whole > 0 else np.nan


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
