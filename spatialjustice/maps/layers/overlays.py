"""Layers for any Folium map: zones, points, lines and areas within reach, each with its legend, and a quiet ground."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.frames import require_geometry, require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.catalogue.lookup import direction, number, text_in, words
from spatialjustice.maps.colours import palette
from spatialjustice.maps.colours.legend import as_record, make_legend
from spatialjustice.maps.indicator import Indicator
from spatialjustice.maps.layers import canvas
from spatialjustice.maps.layers.antimeridian import middle_longitude, turned_around
from spatialjustice.maps.layers.packing import MANY, PACKED_DECIMALS, are_many, compressed_json, pack_many
from spatialjustice.maps.measured import SINGLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

Renderer = Literal["auto", "geojson", "packed"]
_WORDS = (
    "legend.heading", "legend.zones", "legend.people", "legend.total", "page.zone", "page.unnamed", "page.choose",
    "page.close", "page.north", "page.north.title", "page.too_old", "unit.metres.short", "unit.kilometres.short",
    "unit.people", "unit.people.one", "legend.histogram",
)  # fmt: skip


class Overlay(canvas.DataLayer):
    """A layer that stands on any Folium map, in a notebook as in an exported page."""

    maker = "overlay"
    styles = ("overlays.css",)
    scripts = ("overlays.js",)

    def __init__(self, data: dict[str, Any], *, frames: Sequence[Any], name: str, lang: str, show: bool) -> None:
        said = words(lang)
        found = [finding.message for frame in frames for finding in findings_of(frame)]
        whole = {
            **data,
            "name": name,
            "lang": lang,
            "dir": direction(lang),
            "words": {key: said[key] for key in _WORDS},
            "credits": _credits(frames),
            "findings": list(dict.fromkeys(found)),
        }
        super().__init__(name, whole, show=show)


def _credits(frames: Sequence[Any]) -> list[str]:
    """Return each credit line once, with the short name of its licence."""
    lines = []
    for source in sources_of(*frames):
        if source.attribution:
            short = re.search(r"\(([^)]+)\)", source.licence)
            lines.append(f"{source.attribution} ({short[1]})" if short else source.attribution)
    return list(dict.fromkeys(lines))


def _indicators(given: Indicator | Sequence[Indicator], index: pd.Index[Any]) -> list[Indicator]:
    several = [given] if isinstance(given, Indicator) else list(given)
    if not several:
        raise InputError("indicators", "there is none", "Give at least one Indicator.")
    return [one.on(index) for one in several]


def _names(frame: gpd.GeoDataFrame, lang: str) -> list[str | None] | None:
    columns = [name for name in (("name_fa", "name") if lang == "fa" else ("name",)) if name in frame]
    if not columns:
        return None
    chosen = frame[columns[0]] if len(columns) == 1 else frame[columns[0]].fillna(frame[columns[1]])
    return [None if pd.isna(name) else str(name) for name in chosen]


def indicator_record(indicator: Indicator, people: pd.Series[Any] | None, lang: str) -> dict[str, Any]:
    """Return one indicator as the page reads it: values as written, the class of each shape, and the legend."""
    legend = make_legend(indicator, people=people, lang=lang)
    said = words(lang)
    values: list[str | None] | None = None
    if indicator.values is not None:
        percent = indicator.unit == "share"
        numbers = indicator.values.to_numpy(dtype=float)
        values = [
            None if np.isnan(value) else number(value, lang, digits=indicator.decimals, percent=percent)
            for value in numbers
        ]
    return {
        "key": indicator.key,
        "title": text_in(indicator.title, lang),
        "short": "" if indicator.unit in {"share", ""} else said[f"unit.{indicator.unit}.short"],
        "values": values,
        "classes": "".join(np.base_repr(int(place), 36).lower() for place in legend.classes),
        "legend": as_record(legend, indicator, lang, people),
    }


class Zones(Overlay):
    """Zones coloured by one or several indicators over one geometry; add it with ``.add_to(any folium map)``.

    Parameters
    ----------
    zones
        Polygons with unique ids in any CRS; a column ``name`` (and ``name_fa``) is shown where there is one.
    indicators
        One :class:`Indicator` or several; a reader chooses among several in the legend.
    people
        People on zone ids, for the legend.
    name
        Name in layer controls; the first indicator's title where None.
    renderer
        ``geojson`` draws plain GeoJSON on a canvas, ``packed`` compresses the shapes and draws them a little at a time.
        ``auto`` takes ``geojson`` below ``threshold`` zones. Both show the same colours.
    threshold
        Number of zones from which ``auto`` packs.
    lang
        ``"en"`` or ``"fa"``.
    show
        Whether the layer is shown at first.

    Raises
    ------
    InputError
        When there is no indicator, or ids, units, statuses or labels cannot be used.

    Examples
    --------
    >>> import folium, geopandas as gpd
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> walk = Indicator("walk", "Synthetic walk", pd.Series([5.0, 12.0]), unit="minutes")
    >>> layer = Zones(zones, walk).add_to(folium.Map([0.5, 1.0], tiles=None))
    >>> layer.data["renderer"]
    'geojson'
    """

    def __init__(
        self,
        zones: gpd.GeoDataFrame,
        indicators: Indicator | Sequence[Indicator],
        *,
        people: pd.Series[Any] | None = None,
        name: str | None = None,
        renderer: Renderer = "auto",
        threshold: int = MANY,
        lang: str = "en",
        show: bool = True,
    ) -> None:
        require_ids(zones, "zones")
        require_geometry(zones, "zones", kinds={"Polygon", "MultiPolygon"})
        placed = _indicators(indicators, zones.index)
        living = None if people is None else people.reindex(zones.index).astype(float)
        if renderer not in {"auto", "geojson", "packed"}:
            raise InputError("renderer", f"“{renderer}” is not known", "Choose auto, geojson or packed.")
        chosen = renderer if renderer != "auto" else "geojson" if len(zones) < threshold else "packed"
        data: dict[str, Any] = {
            "kind": "zones",
            "renderer": chosen,
            "ids": [str(zone) for zone in zones.index],
            "names": _names(zones, lang),
            "indicators": [indicator_record(one, living, lang) for one in placed],
        }
        if chosen == "geojson":
            data["features"] = _features(zones)
            data = _compressed(data) if are_many(zones.geometry) else data
        else:
            data = _packed(data, _turned(zones.geometry), area=True)
        frames = [zones, *(one.values for one in placed if one.values is not None)]
        super().__init__(data, frames=frames, name=name or text_in(placed[0].title, lang), lang=lang, show=show)


def _turned(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return shapes in degrees, side by side where they lie on both sides of the 180th meridian."""
    return turned_around(geometry, middle_longitude(geometry))


def _features(zones: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return plain GeoJSON with coordinates as precise as packed ones; a feature's id is its place."""
    shapes = shapely.transform(
        shapely.orient_polygons(shapely.force_2d(_turned(zones.geometry).array.to_numpy())),
        lambda points: np.round(points, PACKED_DECIMALS),
    )
    features: list[dict[str, Any]] = [
        {"type": "Feature", "id": place, "properties": {}, "geometry": shape.__geo_interface__ if shape else None}
        for place, shape in enumerate(shapes)
    ]
    return {"type": "FeatureCollection", "features": features}


def _compressed(data: dict[str, Any]) -> dict[str, Any]:
    """Compress what grows with the number of shapes."""
    heavy = ("ids", "names", "indicators", "features")
    light = {key: value for key, value in data.items() if key not in heavy}
    large = {key: value for key, value in data.items() if key in heavy}
    return {**light, "packed": {"data": compressed_json(large), "shapes": None}}


def _packed(data: dict[str, Any], geometry: gpd.GeoSeries, *, area: bool) -> dict[str, Any]:
    made = _compressed(data)
    made["packed"]["shapes"] = pack_many(geometry, area=area)
    return made


class Lines(Overlay):
    """Lines coloured by a value, such as streets by speed, slope or people who pass.

    Parameters
    ----------
    lines
        Lines with unique ids in any CRS.
    indicator
        The value of each line.
    width
        Pixels at a medium scale.
    name, lang, show
        As for :class:`Zones`.

    Examples
    --------
    >>> import folium, geopandas as gpd
    >>> streets = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4326)
    >>> slope = Indicator("slope", "Synthetic slope", pd.Series([0.05]), unit="share", direction="lower is better")
    >>> layer = Lines(streets, slope).add_to(folium.Map([0.5, 0.5], tiles=None))
    """

    def __init__(
        self,
        lines: gpd.GeoDataFrame,
        indicator: Indicator,
        *,
        width: float = 2.0,
        name: str | None = None,
        lang: str = "en",
        show: bool = True,
    ) -> None:
        require_ids(lines, "lines")
        require_geometry(lines, "lines", kinds={"LineString", "MultiLineString"})
        placed = _indicators(indicator, lines.index)
        data = {
            "kind": "lines",
            "width": float(width),
            "ids": [str(line) for line in lines.index],
            "names": _names(lines, lang),
            "indicators": [indicator_record(placed[0], None, lang)],
        }
        data = _packed(data, _turned(lines.geometry), area=False)
        frames = [lines, *(one.values for one in placed if one.values is not None)]
        super().__init__(data, frames=frames, name=name or text_in(placed[0].title, lang), lang=lang, show=show)


class Points(Overlay):
    """Places as symbols: all alike, or coloured by a value.

    Parameters
    ----------
    points
        Geometries with unique ids in any CRS; areas are drawn at a point inside them. A column ``name`` (and
        ``name_fa``) is shown where there is one.
    indicator
        A value for each place; None draws them alike.
    title
        What the places are; needed without an indicator.
    shape
        Symbol: circle, square, triangle, diamond, cross, pentagon, star or bar.
    colour
        Of the symbols, where there is no indicator.
    name, lang, show
        As for :class:`Zones`.

    Raises
    ------
    InputError
        When the shape is not known, or there is neither indicator nor title.

    Examples
    --------
    >>> import folium, geopandas as gpd
    >>> clinics = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=4326)
    >>> layer = Points(clinics, title="Synthetic clinics").add_to(folium.Map([0, 0], tiles=None))
    """

    def __init__(
        self,
        points: gpd.GeoDataFrame,
        indicator: Indicator | None = None,
        *,
        title: str | Mapping[str, str] = "",
        shape: str = "circle",
        colour: str = palette.SERVICE_COLOURS[0],
        name: str | None = None,
        lang: str = "en",
        show: bool = True,
    ) -> None:
        require_ids(points, "points")
        if shape not in palette.SERVICE_SHAPES:
            raise InputError("shape", f"“{shape}” is not known", f"Choose one of {', '.join(palette.SERVICE_SHAPES)}.")
        placed = [] if indicator is None else _indicators(indicator, points.index)
        titled = text_in(title, lang) or (text_in(placed[0].title, lang) if placed else "")
        if not titled:
            raise InputError("title", "the places have no title", "Say what they are: title=, or an indicator.")
        ground = _turned(points.geometry).array.to_numpy()
        data = {
            "kind": "points",
            "shape": shape,
            "colour": colour,
            "title": titled,
            "count": number(len(points), lang, digits=0),
            "ids": [str(point) for point in points.index],
            "names": _names(points, lang),
            "points": canvas.pack_points(shapely.get_coordinates(shapely.point_on_surface(ground))),
            "indicators": [indicator_record(one, None, lang) for one in placed],
        }
        values = [one.values for one in placed if one.values is not None]
        super().__init__(data, frames=[points, *values], name=name or titled, lang=lang, show=show)


class Isochrones(Overlay):
    """Areas within reach of one or several places, the farthest beneath the nearest.

    Parameters
    ----------
    areas
        What ``access.isochrones`` returned: polygons with a column ``cutoff``.
    title
        What can be reached, from where.
    unit
        ``minutes`` or ``metres``; read from ``areas.attrs`` where None.
    name, lang, show
        As for :class:`Zones`.

    Raises
    ------
    InputError
        When there is no column ``cutoff``, or more cutoffs than can be told apart.

    Examples
    --------
    >>> import folium, geopandas as gpd
    >>> areas = gpd.GeoDataFrame({"cutoff": [5.0, 10.0]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(0, 0, 2, 2)],
    ...                          crs=4326)
    >>> layer = Isochrones(areas, title="Synthetic reach", unit="minutes").add_to(folium.Map([1, 1], tiles=None))
    """

    def __init__(
        self,
        areas: gpd.GeoDataFrame,
        *,
        title: str | Mapping[str, str],
        unit: str | None = None,
        name: str | None = None,
        lang: str = "en",
        show: bool = True,
    ) -> None:
        if "cutoff" not in areas:
            raise InputError("areas", "there is no column cutoff", "Give what access.isochrones returned.")
        ordered = areas.sort_values("cutoff", ascending=False, kind="stable").reset_index(drop=True)
        cutoffs = ordered["cutoff"].astype(float)
        # A class for each cutoff: who is within the farther one may be within the nearer one, too.
        breaks = sorted(set(cutoffs)) if cutoffs.nunique() > SINGLE else None
        reach = Indicator(
            "reach", dict(title) if not isinstance(title, str) else title, cutoffs,
            unit=unit or str(areas.attrs.get("unit") or "minutes"), breaks=breaks, kind="cost",
        ).on(ordered.index)  # fmt: skip
        data = {
            "kind": "areas",
            "ids": [str(place) for place in range(len(ordered))],
            "names": _names(ordered, lang),
            "indicators": [indicator_record(reach, None, lang)],
        }
        data = _packed(data, _turned(ordered.geometry), area=True)
        super().__init__(data, frames=[areas], name=name or text_in(reach.title, lang), lang=lang, show=show)


class Ground(Overlay):
    """The quiet ground of a map from an OpenStreetMap extract: water, green, rails, streets and names of places.

    Parameters
    ----------
    base
        What ``sources.basemap`` returned. Names are written in the reader's language where the extract has them.
    name, lang, show
        As for :class:`Zones`.

    Examples
    --------
    >>> import folium, geopandas as gpd
    >>> base = gpd.GeoDataFrame({"kind": ["water"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    >>> layer = Ground(base).add_to(folium.Map([0.5, 0.5], tiles=None))
    """

    def __init__(self, base: gpd.GeoDataFrame, *, name: str | None = None, lang: str = "en", show: bool = True) -> None:
        data = {
            "kind": "ground",
            "parts": canvas.pack_base(turned_around(base, middle_longitude(base))),
            "indicators": [],
        }
        super().__init__(data, frames=[base], name=name or words(lang)["layer.base"], lang=lang, show=show)
