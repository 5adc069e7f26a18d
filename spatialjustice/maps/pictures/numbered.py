"""The map of a printed sheet: classes and hatches of the page, the ground beneath, and numbers that a table tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from markupsafe import escape

from spatialjustice.catalogue.lookup import END_ISOLATE, digits, direction, number, words
from spatialjustice.maps.colours.legend import make_legend
from spatialjustice.maps.layers.antimeridian import in_mercator
from spatialjustice.maps.layers.canvas import BASE_KINDS
from spatialjustice.maps.pictures.still import joined, outline

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.maps.colours.palette import Swatch
    from spatialjustice.maps.indicator import Indicator

FONT = "Vazirmatn"
RIGHT_TO_LEFT = "\u2067"
INK = "#11181c"
EDGE = 14
"""Room around the zones, in units of the picture."""
GROUND = {"sea": "#d6e4ec", "water": "#d6e4ec", "beach": "#f0e9d2", "green": "#e1ebd8"}
"""What is drawn under the zones, by its kind."""
LINES = {"waterway": ("#c3d7e2", 1.2), "middle": ("#d2cdc3", 0.9), "major": ("#b7ae9e", 1.5)}
TILE = 6
"""Side of a hatch."""
HATCHES = {
    "diagonal": '<path d="M-6 6L0 0M0 6L6 0M6 6L12 0" {line}/>',
    "cross": '<path d="M0 6L6 0M0 0L6 6" {line}/>',
    "horizontal": '<path d="M0 3H6" {line}/>',
    "vertical": '<path d="M3 0V6" {line}/>',
    "grid": '<path d="M0 3H6M3 0V6" {line}/>',
    "dense": '<path d="M0 1.5H6M0 4.5H6" {line}/>',
    "sparse": '<circle cx="3" cy="3" r="1" fill="{ink}"/>',
    "dots": '<circle cx="1.5" cy="1.5" r="0.9" fill="{ink}"/><circle cx="4.5" cy="4.5" r="0.9" fill="{ink}"/>',
}
STEPS = (1, 2, 5)


def numbered_map(
    zones: gpd.GeoDataFrame,
    indicator: Indicator,
    *,
    numbered: Sequence[Any] = (),
    place: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    base: gpd.GeoDataFrame | None = None,
    width: int = 760,
    lang: str = "en",
) -> str:
    """Draw an indicator for paper, with scale and north, as SVG whose texts are text.

    Parameters
    ----------
    zones
        Polygons with unique ids in any CRS.
    indicator
        Values on zone ids.
    numbered
        Ids of zones that get a number, 1 first.
    place
        Polygon whose outline is drawn.
    base
        Ground with a column ``kind``: what of it is sea, water, green, a beach or a main street is drawn.
    width
        Width of the zones in units of the picture; its height follows, up to as much.
    lang
        Language of numbers and of the scale.

    Returns
    -------
    str
        The drawing.

    Raises
    ------
    InputError
        When no zone has a shape.
    """
    legend = make_legend(indicator.on(zones.index), people=None, lang=lang)
    shapes, there = in_mercator(zones)
    west, south, east, north = shapes[there].total_bounds
    scale = width / max(east - west, north - south, 1e-9)
    wide, tall = max(1, round((east - west) * scale)), max(1, round((north - south) * scale))

    def placed(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([(points[:, 0] - west) * scale, (north - points[:, 1]) * scale])

    view = shapely.box(-EDGE, -EDGE, wide + EDGE, tall + EDGE)
    drawn = shapely.transform(shapes.to_numpy()[there], placed)
    parts = _ground(base, shapes.crs, placed, view, GROUND)
    classes = legend.classes[there]
    hatches: dict[str, str] = {}
    for place_of_row, row in enumerate(legend.rows):
        chosen = drawn[classes == place_of_row]
        path = outline(joined(chosen)) if len(chosen) else ""
        if path:
            parts.append(f'<path fill="{escape(row.swatch.fill)}" fill-opacity="0.94" d="{path}"/>')
            if row.swatch.hatch:
                name = f"hatch{place_of_row}"
                hatches[name] = hatch(name, row.swatch)
                parts.append(f'<path fill="url(#{name})" d="{path}"/>')
    parts += _ground(base, shapes.crs, placed, view, LINES)
    beyond = legend.beyond[there]
    if beyond.any():
        path = outline(joined(drawn[beyond]))
        parts.append(f'<path fill="none" stroke="#fff" stroke-width="2.2" d="{path}"/>')
        parts.append(f'<path fill="none" stroke="{INK}" stroke-width="0.9" d="{path}"/>')
    if place is not None:
        rings = shapely.transform(place.geometry.to_crs(shapes.crs).union_all(), placed)
        parts.append(f'<path fill="none" stroke="#3d4450" stroke-width="1" d="{outline(rings)}"/>')
    for count, zone in enumerate(numbered, start=1):
        shape = shapes.loc[zone]
        if shape is not None and not shape.is_empty:
            parts.append(_number(placed(shapely.get_coordinates(shape.representative_point()))[0], count, lang))
    latitude = _latitude(south, north)
    parts.append(_scale(wide, tall, float(np.cos(np.radians(latitude)) / scale), lang))
    parts.append(_north(wide, tall, lang))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-EDGE} {-EDGE} {wide + 2 * EDGE} {tall + 2 * EDGE + 34}" '
        f'width="{wide + 2 * EDGE}" height="{tall + 2 * EDGE + 34}" fill-rule="evenodd" font-family="{FONT}">'
        f"<defs>{''.join(hatches.values())}</defs>{''.join(parts)}</svg>"
    )


def hatch(name: str, swatch: Swatch) -> str:
    """Return a hatch as a pattern that shapes of an SVG drawing refer to by name.

    Examples
    --------
    >>> from spatialjustice.maps.colours.palette import Swatch
    >>> hatch("h", Swatch("#ffffff", "vertical", "#000000")).count("M3 0V6")
    1
    """
    line = f'stroke="{escape(swatch.ink)}" stroke-width="1.1" fill="none"'
    drawn = HATCHES[swatch.hatch].format(line=line, ink=escape(swatch.ink))
    return f'<pattern id="{name}" width="{TILE}" height="{TILE}" patternUnits="userSpaceOnUse">{drawn}</pattern>'


def _latitude(south: float, north: float) -> float:
    """Return the latitude in the middle between two ordinates of the Mercator projection."""
    return float(np.degrees(np.arctan(np.sinh((south + north) / 2 / 6_378_137.0))))


def _ground(base: Any, crs: Any, placed: Any, view: Any, kinds: Any) -> list[str]:
    """Draw those kinds of the ground that are given, within the picture."""
    if base is None or not len(base):
        return []
    made = []
    for kind, look in kinds.items():
        shapes = base.geometry[base["kind"].isin(BASE_KINDS[kind]).to_numpy()]
        if shapes.empty:
            continue
        there = shapely.intersection(shapely.transform(shapes.to_crs(crs).array.to_numpy(), placed), view)
        there = there[~shapely.is_empty(there)]
        if isinstance(look, str):
            path = outline(shapely.union_all(shapely.make_valid(there))) if len(there) else ""
            made.append(f'<path fill="{look}" d="{path}"/>' if path else "")
        elif path := _lines(there):
            made.append(f'<path fill="none" stroke="{look[0]}" stroke-width="{look[1]}" d="{path}"/>')
    return made


def _lines(shapes: NDArray[Any]) -> str:
    written = []
    for one in shapely.get_parts(shapely.simplify(shapes, 0.6)):
        if one.geom_type == "LineString" and one.length > 1:
            points = np.round(shapely.get_coordinates(one), 1)
            written.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points))
    return "".join(written)


def _number(point: NDArray[np.float64], count: int, lang: str) -> str:
    x, y = point
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10.5" fill="{INK}" stroke="#fff" stroke-width="1.6"/>'
        f'<text x="{x:.1f}" y="{y + 4.6:.1f}" fill="#fff" text-anchor="middle" font-size="13" font-weight="700">'
        f"{digits(str(count), lang)}</text>"
    )


def _scale(wide: int, tall: int, metres: float, lang: str) -> str:
    """Draw a scale of about a fifth of the width, whose length is 1, 2 or 5 times a power of ten."""
    wanted = wide * metres / 5
    power = 10.0 ** np.floor(np.log10(wanted))
    length = max(step * power for step in STEPS if step * power <= wanted)
    long = length >= 1000
    short = words(lang)["unit.kilometres.short" if long else "unit.metres.short"]
    said = f"{number(length / 1000 if long else length, lang)}\u00a0{short}"
    size, y = length / metres, tall + EDGE + 6
    rtl = direction(lang) == "rtl"
    # A drawing has no direction of its own.
    said = f"{RIGHT_TO_LEFT}{said}{END_ISOLATE}" if rtl else said
    first = wide - size if rtl else 0
    path = f"M{first:.1f} {y - 4:.1f}V{y:.1f}H{first + size:.1f}V{y - 4:.1f}"
    return (
        f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="1.3"/>'
        f'<text x="{first + size / 2:.1f}" y="{y + 16:.1f}" text-anchor="middle" font-size="13" fill="{INK}">'
        f"{said}</text>"
    )


def _north(wide: int, tall: int, lang: str) -> str:
    """Draw north below the map, across from the scale: it covers no zone there."""
    x, y = 24 if direction(lang) == "rtl" else wide - 24, tall + EDGE + 4
    return (
        f'<path d="M{x} {y - 4}l7 20l-7 -5l-7 5z" fill="{INK}" stroke="#fff" stroke-width="1"/>'
        f'<text x="{x + 15}" y="{y + 13}" text-anchor="middle" font-size="13" font-weight="700" fill="{INK}">'
        f"{escape(words(lang)['page.north'])}</text>"
    )
