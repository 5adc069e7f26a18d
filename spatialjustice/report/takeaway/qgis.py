"""Styles of QGIS: the classes of every map as a column of the zones, and how each class is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pandas as pd

from spatialjustice.maps.colours.legend import make_legend
from spatialjustice.report.takeaway.contents import headed, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.maps.colours.palette import Swatch
    from spatialjustice.report.takeaway.contents import Takeaway

VERSION = "3.22.0"
BRUSHES = {
    "diagonal": "b_diagonal", "cross": "diagonal_x", "dots": "dense6", "horizontal": "horizontal",
    "vertical": "vertical", "grid": "cross", "sparse": "dense7", "dense": "horizontal",
}  # fmt: skip
"""Brushes that look like the hatches of the page."""
COLUMNS = (
    "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML", "styleSLD",
    "useAsDefault", "description", "owner", "ui", "update_time",
)  # fmt: skip
HERE = "symbols"
"""Where the symbols go: no text stands in a style, all its words are attributes."""
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


@dataclass(frozen=True)
class Styled:
    """What a GeoPackage needs to be seen in colour: columns with the class of each zone, and the table of styles.

    ``drawn`` names the column that each style draws.
    """

    classes: pd.DataFrame
    styles: pd.DataFrame
    drawn: tuple[str, ...]


def styled(report: Takeaway, languages: Sequence[str], *, layer: str, stamp: str) -> Styled:
    """Return classes and styles of all indicators of a study.

    Parameters
    ----------
    report
        What the study shows.
    languages
        A style is made in each; the classes are told in the first one.
    layer
        Name of the layer of zones.
    stamp
        The moment that the styles say they were made at.
    """
    columns: dict[str, Any] = {}
    rows, drawn = [], []
    first_mode, opens = report.modes[0], report.shown.key
    for mode, item in report.shown_once:
        column = f"class_{mode.key}_{item.key}"
        first = make_legend(item, people=report.people, lang=languages[0])
        values = [plain(row.label) for row in first.rows]
        columns[column] = pd.Series(values).array.take(first.classes)
        for lang in languages:
            legend = make_legend(item, people=report.people, lang=lang)
            looks = [(value, plain(row.label), row.swatch) for value, row in zip(values, legend.rows, strict=True)]
            name = headed(report, mode, item, lang)
            default = mode is first_mode and item.key == opens and lang == languages[0]
            values_of_row = ("", "", layer, "geom", name, qml(column, looks), "", default, name, "", None, stamp)
            rows.append(dict(zip(COLUMNS, values_of_row, strict=True)))
            drawn.append(column)
    classes = pd.DataFrame(columns, index=report.zones.index)
    return Styled(classes, pd.DataFrame(rows, columns=list(COLUMNS)), tuple(drawn))


def qml(column: str, looks: Sequence[tuple[str, str, Swatch]]) -> str:
    """Return a style of QGIS that draws each class of a column: its value, its label, and its look.

    Examples
    --------
    >>> from spatialjustice.maps.colours.palette import Swatch
    >>> made = qml("class_walk_library", [("up to 500 m", "up to 500 m", Swatch("#fce3ac"))])
    >>> 'value="252,227,172,255"' in made
    True
    """
    root = ET.Element("qgis", version=VERSION, styleCategories="Symbology")
    drawn = ET.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=column, symbollevels="0", enableorderby="0", forceraster="0"
    )
    categories = ET.SubElement(drawn, "categories")
    ET.SubElement(drawn, "symbols").text = HERE
    for place, (value, label, _) in enumerate(looks):
        ET.SubElement(categories, "category", value=value, label=label, symbol=str(place), render="true", type="string")
    ET.SubElement(root, "layerGeometryType").text = "2"
    symbols = "".join(_symbol(place, swatch) for place, (_, _, swatch) in enumerate(looks))
    return DOCTYPE + ET.tostring(root, encoding="unicode").replace(f">{HERE}<", f">{symbols}<", 1)


@cache
def _symbol(place: int, swatch: Swatch) -> str:
    """Write how a class is drawn, which a study does in a few ways that come in every style."""
    symbol = ET.Element("symbol", type="fill", name=str(place), alpha="1", clip_to_extent="1", force_rhr="0")
    _fill(symbol, swatch.fill, "solid")
    if swatch.hatch:
        _fill(symbol, swatch.ink, BRUSHES[swatch.hatch])
    return ET.tostring(symbol, encoding="unicode")


def _fill(symbol: ET.Element, colour: str, brush: str) -> None:
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0", "locked": "0"})
    said = {
        "border_width_map_unit_scale": "3x:0,0,0,0,0,0", "color": _colour(colour), "joinstyle": "bevel",
        "offset": "0,0", "offset_unit": "MM", "outline_color": "255,255,255,255",
        "outline_style": "solid" if brush == "solid" else "no", "outline_width": "0.06", "outline_width_unit": "MM",
        "style": brush,
    }  # fmt: skip
    options: Any = ET.SubElement(layer, "Option", type="Map")
    for name, value in said.items():
        ET.SubElement(options, "Option", name=name, value=value, type="QString")
    for name, value in said.items():
        # Versions before 3.20 read these.
        ET.SubElement(layer, "prop", k=name, v=value)


def _colour(code: str) -> str:
    return ",".join(str(int(code[place : place + 2], 16)) for place in (1, 3, 5)) + ",255"
