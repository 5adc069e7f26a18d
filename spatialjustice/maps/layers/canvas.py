"""Layers of a folium map that carry packed geometry and are drawn by our own canvas sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from branca.element import Element, Figure, MacroElement
from folium.map import Layer
from folium.template import Template

from spatialjustice.maps.layers.packing import PACKED_DECIMALS, are_many, packed_data, steps_of
from spatialjustice.maps.pages import document
from spatialjustice.maps.pages.languages import json_block

if TYPE_CHECKING:
    import geopandas as gpd

LABELS = ("city", "town", "borough", "suburb", "village", "quarter", "neighbourhood")
"""Places whose names are written on the ground, the greater first."""
SIMPLIFIED = 2e-5  # degrees that the base map may be off: about two metres

# Order of drawing, and the names by which sources may call each kind of ground.
BASE_KINDS: dict[str, tuple[str, ...]] = {
    "sea": ("sea", "ocean"),
    "guessed_coast": ("guessed_coast",),
    "urban": ("urban", "residential", "built_up"),
    "green": ("green", "park", "forest", "wood", "grass", "greenery"),
    "beach": ("beach", "sand"),
    "water": ("water", "lake", "reservoir"),
    "building": ("building", "buildings"),
    "waterway": ("waterway", "river", "stream"),
    "coast": ("coast", "coastline"),
    "rail": ("rail", "railway"),
    "minor": ("minor", "street", "streets", "street_minor", "road_minor", "minor_road", "path"),
    "middle": ("middle", "street_middle", "road_middle", "middle_road", "secondary"),
    "major": ("major", "street_main", "street_major", "road_major", "major_road", "main", "motorway"),
}


OURS = "spatialjustice:"
"""How the names of parts begin that only a map shown by Folium itself needs; an exported page holds them already."""
OWN_SCRIPTS = ("sheet.js", "packed.js", "layers.js")


class RawText(Element):
    """Text that is put into the figure as it is: a template would read braces in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **kwargs: Any) -> str:  # noqa: ARG002 (branca's signature)
        """Return the text."""
        return self.text


class DataLayer(Layer):
    """A folium layer whose data travel beside the scripts, never inside them.

    Parameters
    ----------
    name
        Name in layer controls.
    data
        Plain data for the page.
    show
        Whether the layer is shown at first.
    """

    maker = ""
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = spatialjustice.{{ this.maker }}({{ this.get_name()|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, name: str, data: dict[str, Any], *, show: bool = True) -> None:
        super().__init__(name=name, overlay=True, control=True, show=show)
        self._name = type(self).__name__
        self.data = data

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]  # as branca's own macro elements do
        """Render into the figure, with what the layer needs where Folium itself shows the map, as in a notebook."""
        super().render(**kwargs)  # type: ignore[no-untyped-call]  # branca is untyped here
        figure = self.get_root()
        if isinstance(figure, Figure):
            for name in (*OWN_SCRIPTS, *self.scripts):
                figure.header.add_child(RawText(f"<script>{document.script(name)}</script>"), name=f"{OURS}{name}")
            for name in self.styles:
                figure.header.add_child(
                    RawText(f"<style>{document.asset(name).decode()}</style>"), name=f"{OURS}{name}"
                )
            block = json_block(self.get_name(), self.data)
            figure.html.add_child(RawText(str(block)), name=f"{OURS}{self.get_name()}")


class ZoneLayer(DataLayer):
    """Zones and the values of every indicator on them; the geometry is there once.

    Parameters
    ----------
    name
        Name in layer controls.
    data
        Plain data for the page, without the shapes.
    geometry
        The shapes; many are compressed.
    old
        What to say in a browser too old to unpack them.
    """

    maker = "zones"

    def __init__(self, name: str, data: dict[str, Any], geometry: gpd.GeoSeries, *, old: str = "") -> None:
        shaped = (
            packed_data(data, geometry, old=old) if are_many(geometry) else {**data, "shapes": pack_shapes(geometry)}
        )
        super().__init__(name, shaped)


class BaseLayer(DataLayer):
    """The quiet ground beneath: water, green, streets."""

    maker = "base"


class LineLayer(DataLayer):
    """Lines above the zones: the place's boundary, or the streets that were used."""

    maker = "lines"


class ServiceLayer(DataLayer):
    """The places of one service, as symbols and, where mapped so, as areas."""

    maker = "services"


class PageElement(MacroElement):
    """Chooser, legend, layer list, tooltips and controls: added last."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "spatialjustice.page({{ this._parent.get_name() }}, {{ this.get_name()|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca is untyped here
        self._name = "Page"
        self.data = data


def pack_shapes(geometry: gpd.GeoSeries) -> list[list[list[int]]]:
    """Pack shapes as whole numbers of 1e-5 degrees, each counted from the one before.

    Polygons become their rings, oriented so that holes stay holes under the non-zero rule; lines stay lines; parts of
    other dimensions are left out. One entry per row, in the order of the rows.

    Examples
    --------
    >>> import geopandas as gpd
    >>> pack_shapes(gpd.GeoSeries([shapely.box(0, 0, 0.001, 0.002)], crs=4326))
    [[[100, 0, 0, 200, -100, 0, 0, -200]]]
    """
    steps, ring, owner = steps_of(geometry, areas=True, lines=True)
    flat = steps.ravel().tolist()
    ends = np.cumsum(np.bincount(ring, minlength=len(owner)) * 2).tolist()
    packed: list[list[list[int]]] = [[] for _ in range(len(geometry))]
    for row, begin, end in zip(owner.tolist(), [0, *ends], ends, strict=False):
        packed[row].append(flat[begin:end])
    return packed


def pack_points(points: np.ndarray) -> list[int]:
    """Pack longitude and latitude as whole numbers of 1e-5 degrees, each point counted from the one before.

    Examples
    --------
    >>> pack_points(np.array([[1.0, 2.0], [1.00001, 2.0]]))
    [100000, 200000, 1, 0]
    """
    whole = np.rint(np.asarray(points, dtype=float) * 10**PACKED_DECIMALS).astype(np.int64).reshape(-1, 2)
    found: list[int] = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist()
    return found


def pack_base(base: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Pack a base map by kind, in the order of drawing: areas first, then lines, quiet before strong."""
    ground = base.to_crs(4326)
    names = {alias: kind for kind, aliases in BASE_KINDS.items() for alias in aliases}
    kinds = ground["kind"].astype(str).map(lambda kind: names.get(kind, ""))
    parts = []
    for kind in BASE_KINDS:
        chosen = ground.geometry[(kinds == kind).to_numpy()]
        areas = chosen[chosen.geom_type.isin(["Polygon", "MultiPolygon"])]
        lines = chosen[chosen.geom_type.isin(["LineString", "MultiLineString"])]
        for shapes, area in ((areas, True), (lines, False)):
            if len(shapes):
                simple = shapes.simplify(SIMPLIFIED)
                parts.append({"kind": kind, "area": area, "shapes": pack_shapes(simple[~simple.is_empty])})
    return parts + _labels(ground)


def _labels(ground: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Pack names of places in both languages, the greater places first."""
    chosen = ground[ground["kind"].isin(LABELS) & (ground.geom_type == "Point")]
    if chosen.empty:
        return []
    rank = chosen["kind"].map({kind: place for place, kind in enumerate(LABELS)})
    chosen, rank = chosen.loc[rank.sort_values(kind="stable").index], rank.sort_values(kind="stable")
    columns = {lang: chosen[f"name_{lang}"] if f"name_{lang}" in chosen else chosen["name"] for lang in ("en", "fa")}
    return [
        {
            "kind": "label",
            "area": False,
            "shapes": [],
            "rank": rank.tolist(),
            "points": pack_points(shapely.get_coordinates(chosen.geometry.array.to_numpy())),
            "names": {lang: column.fillna(chosen["name"]).fillna("").tolist() for lang, column in columns.items()},
        }
    ]


def unknown_base_kinds(base: gpd.GeoDataFrame) -> list[str]:
    """Return the kinds of a base map that have no style here."""
    known = {alias for aliases in BASE_KINDS.values() for alias in aliases} | set(LABELS)
    return sorted(set(base["kind"].astype(str)) - known)
