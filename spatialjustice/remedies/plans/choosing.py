"""What the verbs that compare plans share: plans made anew with something changed, and what is near to what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import metric_crs, require_crs, require_ids
from spatialjustice.remedies.sites.opening import open_sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

HIGHER = "higher is better"
EQUIVALENT = "equally distributed equivalent"


def worse_by(value: float, best: float, direction: str | None) -> float:
    """Return how much worse a value is than the best one; below 0 where it is better.

    Examples
    --------
    >>> worse_by(120.0, 100.0, "lower is better"), worse_by(900.0, 1000.0, HIGHER)
    (20.0, 100.0)
    """
    return best - value if direction == HIGHER else value - best


def opened(plan: pd.DataFrame | pd.Series[Any] | Iterable[Any]) -> list[Any]:
    """Return the sites that a plan opens: the index of what a verb returned, or ids."""
    if isinstance(plan, pd.DataFrame | pd.Series):
        return list(plan.index)
    if isinstance(plan, str) or not hasattr(plan, "__iter__"):
        raise InputError("sites", f"it is {plan!r}", "Give what open_sites returned, or a list of ids.")
    return list(plan)


def with_kappa(
    settings: Mapping[str, Any], costs: Any, sites: Any, *, people: pd.Series[Any], count: int, goal: str
) -> dict[str, Any]:
    """Return the settings of plans that are compared with each other, with one κ for all of them.

    Where something exists κ follows from how it is now, and is the same anyway. Where nothing does, it would follow
    from a plan, and be another one for each number of sites, or for each site that is left out: then it is that of the
    plan at hand, or of the best one.
    """
    made: dict[str, Any] = dict(settings)
    if goal != EQUIVALENT or made.get("kappa") is not None or made.get("existing") is not None:
        return made
    told = sites.attrs if isinstance(sites, pd.DataFrame) else {}
    if told.get("goal") != goal or told.get("aversion") != made.get("aversion"):
        free = {name: value for name, value in made.items() if name not in {"required", "without", "reference"}}
        told = open_sites(costs, people=people, count=count, goal=goal, **free).attrs
    return made | {"aversion": None, "kappa": told["kappa"]}


class Around:
    """Which sites lie near which: within a distance of each other, itself included; without points each only itself."""

    def __init__(self, points: gpd.GeoDataFrame | gpd.GeoSeries | None, distance: float) -> None:
        if isinstance(distance, bool) or not isinstance(distance, int | float | np.integer | np.floating):
            raise InputError("distance", f"it is {distance!r}", "Give metres, 0 or more.")
        if not 0 <= distance < np.inf:
            raise InputError("distance", f"it is {distance!r}", "Give metres, 0 or more.")
        if distance > 0 and points is None:
            raise InputError("points", "there are none, so that no distance is known", "Give the candidates' points.")
        self._distance = float(distance)
        self._points: pd.Series[Any] | None = None
        if points is not None and distance > 0:
            require_crs(points, "points")
            require_ids(points, "points")
            plane = points.geometry.to_crs(metric_crs(points)).centroid
            self._points = pd.Series(plane.x.to_numpy() + 1j * plane.y.to_numpy(), index=points.index)

    def of(self, site: Any) -> list[Any]:
        """Return the sites near one, itself first."""
        if self._points is None:
            return [site]
        if site not in self._points.index:
            raise InputError("points", f"the site {site} is not among them", "Give the points of all sites.")
        away = np.abs(self._points.to_numpy() - self._points.loc[site])
        near = self._points.index[away <= self._distance]
        return [site, *(one for one in near if one != site)]

    def shared(self, first: Iterable[Any], other: Iterable[Any]) -> list[Any]:
        """Return the sites of the first plan that the other has, too, or has one near."""
        there = set(other)
        return [site for site in first if there & set(self.of(site))]
