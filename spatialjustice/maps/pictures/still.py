"""A map that needs no script: classes as a few shapes, the worst-served areas numbered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from markupsafe import Markup, escape

from spatialjustice.catalogue.lookup import digits
from spatialjustice.maps.colours.legend import make_legend
from spatialjustice.maps.layers.antimeridian import in_mercator

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from spatialjustice.maps.indicator import Indicator

DETAIL = 0.6
"""How far a drawn outline may be from the true one, in units of the picture."""
SMALLEST = 1.5
"""Parts of fewer square units are not seen."""


def still(
    zones: gpd.GeoDataFrame, indicator: Indicator, *, numbered: Sequence[Any] = (), width: int = 640, lang: str = "en"
) -> Markup:
    """Draw an indicator as a picture in the page's own text, which is seen where scripts are off.

    Parameters
    ----------
    zones
        Polygons with unique ids in any CRS.
    indicator
        Values on zone ids.
    numbered
        Ids of zones that get a number, 1 first.
    width
        Width of the picture in its own units.
    lang
        Language of the numbers.

    Returns
    -------
    Markup
        An SVG drawing in the colours of the legend, which is not part of it.

    Raises
    ------
    InputError
        When no zone has a shape.
    """
    legend = make_legend(indicator.on(zones.index), people=None, lang=lang)
    shapes, there = in_mercator(zones)
    west, south, east, north = shapes[there].total_bounds
    scale = width / max(east - west, (north - south) / 1.2, 1e-9)
    height = max(1, round((north - south) * scale))
    wide = max(1, round((east - west) * scale))

    def placed(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.column_stack([(points[:, 0] - west) * scale, (north - points[:, 1]) * scale])

    drawn = shapely.transform(shapes.to_numpy()[there], placed)
    classes = legend.classes[there]
    parts = []
    for number, row in enumerate(legend.rows):
        chosen = drawn[classes == number]
        if len(chosen):
            path = outline(joined(chosen))
            if path:
                parts.append(f'<path fill="{escape(row.swatch.fill)}" d="{path}"/>')
    for number, zone in enumerate(numbered, start=1):
        shape = shapes.loc[zone]
        if shape is None or shape.is_empty:
            continue
        x, y = placed(shapely.get_coordinates(shape.representative_point()))[0]
        parts.append(
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="10" fill="#11181c" stroke="#fff" stroke-width="1.5"/>'
            f'<text x="{x:.0f}" y="{y + 4.5:.0f}">{digits(str(number), lang)}</text>'
        )
    made = (
        f'<svg class="still-map" viewBox="-12 -12 {wide + 24} {height + 24}" role="img" '
        'fill-rule="evenodd" stroke="none" text-anchor="middle" font-size="13" font-weight="700">'
        f"{''.join(parts)}</svg>"
    )
    return Markup(made)  # noqa: S704 (numbers and our own colours only)


def joined(shapes: np.ndarray[Any, Any]) -> Any:
    """Join zones of a class, drawn in pixels; overlapping or touching badly, they are joined the slow way.

    Where an outline cuts two neighbours, each has a corner of its own where it crosses their edge: rounding to a
    millionth of a pixel makes the two equal.
    """
    try:
        return shapely.coverage_union_all(shapely.transform(shapes, lambda corners: np.round(corners, 6)))
    except shapely.errors.GEOSException:
        return shapely.union_all(shapely.make_valid(shapes))


def outline(shape: Any) -> str:
    """Write the rings of a shape as whole numbers; small parts are left out."""
    polygons = [one for one in shapely.get_parts(shapely.get_parts(shape)) if one.geom_type == "Polygon"]
    written = []
    for one in polygons:
        if one.area < SMALLEST:
            continue
        simple = one.simplify(DETAIL)
        for ring in [simple.exterior, *simple.interiors]:
            points = np.round(shapely.get_coordinates(ring)[:-1]).astype(int)
            kept = points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]] if len(points) else points
            if len(kept) > 2:
                steps = np.diff(kept, axis=0)
                written.append(f"M{kept[0][0]} {kept[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps) + "z")
    return "".join(written)


def swatches(zones: gpd.GeoDataFrame, indicator: Indicator, lang: str) -> list[tuple[str, str]]:
    """Return colour and label of every class that a zone has, in the order of the legend."""
    legend = make_legend(indicator.on(zones.index), people=None, lang=lang)
    return [(row.swatch.fill, row.label) for row in legend.rows if row.zones]
