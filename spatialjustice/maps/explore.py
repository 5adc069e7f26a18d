"""One call that shows whatever has a shape: zones, areas within reach, streets, places, networks, travel costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice.maps.measured import to_draw

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from spatialjustice.maps.indicator import Indicator
    from spatialjustice.maps.pages.saved import Map


WIDTH = 1.2
"""Pixels of a street at a medium scale."""


def explore(
    zones: Any,
    values: pd.Series[Any] | str | Indicator | None = None,
    *,
    title: str | Mapping[str, str] | None = None,
    unit: str | None = None,
    base: gpd.GeoDataFrame | None = None,
    lang: str = "en",
) -> Map:
    """Look at something on a map: whatever has a shape, with a legend that names the unit, and no network.

    Parameters
    ----------
    zones
        Polygons, lines or points with unique ids in any CRS; what ``access.isochrones`` returned; a network or travel
        costs, which say themselves what there is to draw: streets by speed, origins by the way to the nearest place.
    values
        What they are coloured by: a Series on their ids, the name of a column, or an :class:`Indicator`. Areas within
        reach are coloured by their cutoff.
    title
        Title; the measure's own where None.
    unit
        Unit of the values; needed where their ``attrs`` do not say.
    base
        What ``sources.basemap`` returned, drawn beneath.
    lang
        ``"en"`` or ``"fa"``.

    Returns
    -------
    Map
        Shown by notebooks, saved by ``.save(path)``; its ``.folium`` takes further layers.

    Raises
    ------
    InputError
        When there is nothing to draw, shapes are of several kinds, or the unit is not known.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> places = gpd.GeoDataFrame({"beds": [3, 5]}, geometry=[shapely.Point(0, 0), shapely.Point(1, 1)], crs=4326)
    >>> explore(places, "beds", unit="beds", title="Synthetic places")
    <Map: Synthetic places>
    """
    from spatialjustice.maps.atlas import atlas
    from spatialjustice.maps.layers import overlays
    from spatialjustice.maps.pages.saved import alone

    shapes, one, kind = to_draw(zones, values, title=title, unit=unit, lang=lang)
    if kind == "zones":
        return atlas(shapes, [one], title=one.title, base=base, lang=lang)
    layer: Any
    if kind == "areas":
        layer = overlays.Isochrones(shapes, title=one.title, unit=one.unit, lang=lang)
    elif kind == "lines":
        layer = overlays.Lines(shapes, one, width=WIDTH, lang=lang)
    else:
        layer = overlays.Points(shapes, one, lang=lang)
    ground = [] if base is None else [overlays.Ground(base, lang=lang)]
    return alone([*ground, layer], shapes, title=one.title, lang=lang, drawn={"zones": shapes, "indicators": [one]})
