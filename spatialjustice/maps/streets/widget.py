"""A widget of JupyterLab in which a reader moves places, sees at once what follows, and hands them back to Python."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import anywidget
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import traitlets

from spatialjustice._core.frames import require_geometry, require_ids
from spatialjustice.maps.pages.document import asset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spatialjustice.maps.pages.saved import Map

SERVICE = "places"
DIGITS = 7
"""Decimals of a degree that a change is told with: those of OpenStreetMap."""
ACCESS = "access"
"""The column of points at which places can be entered."""
MEASURES = ("people", "within", "unreached", "mean", "worst_tenth", "gini", "gained", "lost")


class WhatIf(anywidget.AnyWidget):
    """The page of a what-if in a cell: made by :func:`spatialjustice.maps.what_if`.

    Attributes
    ----------
    places
        The places as they stand now, as a GeoDataFrame in the CRS of those given: their ids and columns, and
        ``change``: ``as today``, ``moved`` or ``new``. Those that were removed are not in it. Set it, and the map
        follows; what ``.observe(function, "places")`` is told is called after every change.
    changes
        The changes as plain data: a GeoJSON FeatureCollection, as the pages of a study save proposals.
    """

    _esm = asset("widget.js").decode()
    _page = traitlets.Unicode().tag(sync=True)
    _title = traitlets.Unicode().tag(sync=True)
    _told = traitlets.Dict().tag(sync=True)
    _costs = traitlets.Any(b"").tag(sync=True)  # bytes of doubles, which come as a view of memory
    changes = traitlets.Dict().tag(sync=True)
    places = traitlets.Any()

    def __init__(self, page: Map, zones: pd.Index[Any], places: gpd.GeoDataFrame, about: Mapping[str, Any]) -> None:
        self._zones, self._today, self._map, self._about = zones, places, page, dict(about)
        self._points = rounded_points(places)
        self._quiet = False
        now = places.assign(change="as today")
        super().__init__(_page=page.to_html(), _title=str(about["title"]), changes={}, places=now)

    @property
    def costs(self) -> pd.Series[Any]:
        """The cost of every zone to its nearest place, after the changes, as the page computed it.

        Returns
        -------
        pandas.Series
            On the zones' ids, NaN where no way leads to a place; ``attrs`` tell unit and measure. All missing as long
            as no cell shows the widget.
        """
        found = np.frombuffer(self._costs, dtype="<f8") if len(self._costs) else np.full(len(self._zones), np.nan)
        costs = pd.Series(np.where(np.isinf(found), np.nan, found), index=self._zones, name="costs")
        costs.attrs = {"measure": "cost_to_closest", "unit": self._about["unit"], "direction": "lower is better"}
        return costs

    @property
    def result(self) -> pd.DataFrame:
        """What follows from the changes, as the page computed it.

        Returns
        -------
        pandas.DataFrame
            Rows ``people``, ``within`` (people within the cutoff), ``unreached``, ``mean``, ``worst_tenth`` (mean cost
            of the tenth that is worst served), ``gini``, ``gained`` and ``lost`` (people who come within the cutoff, or
            no longer are); columns ``before`` and ``after``. ``attrs`` tell unit and cutoff. All missing as long as no
            cell shows the widget.
        """
        both = {time: self._told.get(time) or {} for time in ("before", "after")}
        rows = {time: [told.get(name) for name in MEASURES] for time, told in both.items()}
        found = pd.DataFrame(rows, index=pd.Index(MEASURES, name="measure"), dtype=float)
        found.attrs = {"unit": self._about["unit"], "cutoff": self._about["cutoff"]}
        return found

    def __repr__(self) -> str:
        """Tell what was changed."""
        change = self.places["change"].value_counts()
        gone = len(self._today) - int(change.get("as today", 0)) - int(change.get("moved", 0))
        told = f"{change.get('new', 0):,} new, {change.get('moved', 0):,} moved, {gone:,} gone"
        return f"<WhatIf: {len(self._today):,} places today; {told}>"

    def _repr_mimebundle_(self, **given: Any) -> Any:
        """Show the widget; where a notebook is read without its kernel, the map of today stands in its place."""
        made = super()._repr_mimebundle_(**given)
        data, about = made if isinstance(made, tuple) else (made, {})
        return {**(data or {}), "text/plain": repr(self), "text/html": self._map._picture() or repr(self)}, about  # noqa: SLF001

    @traitlets.validate("places")
    def _checked(self, proposal: Any) -> gpd.GeoDataFrame:
        places = proposal["value"]
        require_ids(places, "places")
        require_geometry(places, "places")
        return places

    @traitlets.observe("changes")
    def _page_changed(self, _: Any) -> None:
        if not self._quiet:
            self._quiet = True
            self.places = places_after(self._today, self.changes.get("features") or [])
            self._quiet = False

    @traitlets.observe("places")
    def _places_set(self, _: Any) -> None:
        if not self._quiet:
            self._quiet = True
            features = changes_to(self._today, self._points, self.places)
            self.changes = {"type": "FeatureCollection", "spatialjustice_proposal": 1, "features": features}
            self.places = places_after(self._today, features)
            self._quiet = False


def rounded_points(places: gpd.GeoDataFrame) -> list[list[float]]:
    """Return longitude and latitude of a point of every place, as the page knows them."""
    points = places.geometry.representative_point().to_crs(4326)
    found: list[list[float]] = np.column_stack([points.x, points.y]).round(DIGITS).tolist()
    return found


def changes_to(today: gpd.GeoDataFrame, points: list[list[float]], places: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return what is changed where these are the places: features of GeoJSON, as the page saves them."""
    found = []
    there = dict(zip(places.index, rounded_points(places), strict=True))
    for number, (place, stood) in enumerate(zip(today.index, points, strict=True)):
        stands = there.pop(place, None)
        facts: dict[str, Any] = {"service": SERVICE, "place": number}
        if stands is None:
            found.append(feature(stood, facts | {"action": "remove"}))
        elif stands != stood and not places.geometry.loc[place].equals(today.to_crs(places.crs).geometry.loc[place]):
            found.append(feature(stands, facts | {"action": "move", "from": stood}))
    return found + [feature(point, {"service": SERVICE, "action": "add"}) for point in there.values()]


def feature(point: list[float], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a point with what is told of it as GeoJSON."""
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": point}, "properties": dict(facts)}


def places_after(today: gpd.GeoDataFrame, features: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Return the places as they stand after changes: those of today, then those that are new."""
    at = {kind: {} for kind in ("move", "remove")}  # type: dict[str, dict[int, Any]]
    new = []
    for one in features:
        facts, point = one["properties"], shapely.Point(one["geometry"]["coordinates"][:2])
        if facts["action"] == "add":
            new.append(point)
        else:
            at[facts["action"]][int(facts["place"])] = point
    now = today.assign(change="as today")
    if at["move"]:
        rows = list(at["move"])
        now.iloc[rows, now.columns.get_loc("change")] = "moved"
        now = _standing(now, rows, gpd.GeoSeries(list(at["move"].values()), crs=4326))
    now = now[~np.isin(np.arange(len(now)), list(at["remove"]))]
    if new:
        shapes = gpd.GeoSeries(new, crs=4326, index=_new_ids(today.index, len(new))).to_crs(today.crs)
        name = today.geometry.name
        fresh = gpd.GeoDataFrame({"change": "new", name: shapes}, index=shapes.index, geometry=name)
        now = pd.concat([now, _with_access(fresh, today)])
    now.index.name, now.attrs = today.index.name, dict(today.attrs)
    return now


def _standing(now: gpd.GeoDataFrame, rows: list[int], points: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Put places of these rows where the points are; one enters them there."""
    shapes, there = np.array(now.geometry.array), points.to_crs(now.crs)
    shapes[rows] = there.array
    now = now.set_geometry(gpd.GeoSeries(shapes, index=now.index, crs=now.crs))
    if ACCESS in now:
        doors = np.array(now[ACCESS].array)
        doors[rows] = [shapely.MultiPoint([point]) for point in points.to_crs(now[ACCESS].crs)]
        now[ACCESS] = gpd.GeoSeries(doors, index=now.index, crs=now[ACCESS].crs)
    return now


def _with_access(fresh: gpd.GeoDataFrame, today: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if ACCESS not in today:
        return fresh
    doors = [shapely.MultiPoint([point]) for point in fresh.geometry.to_crs(today[ACCESS].crs)]
    return fresh.assign(**{ACCESS: gpd.GeoSeries(doors, index=fresh.index, crs=today[ACCESS].crs)})


def _new_ids(ids: pd.Index[Any], count: int) -> list[Any]:
    """Return ids that no place has, of the same kind: numbers after the highest, or ``new 1`` and so on."""
    if pd.api.types.is_integer_dtype(ids.dtype):
        first = int(ids.max()) + 1 if len(ids) else 0
        return list(range(first, first + count))
    names = (f"new {number}" for number in itertools.count(1))
    return list(itertools.islice((name for name in names if name not in ids), count))
