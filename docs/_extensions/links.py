"""Names in docstrings and types become links: to the page here, or to the project they belong to."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.nodes import make_refnode

import spatialjustice

PANDAS = "https://pandas.pydata.org/docs/reference/api/pandas.{}.html"
GEOPANDAS = "https://geopandas.org/en/stable/docs/reference/api/geopandas.{}.html"
ELSEWHERE = {
    **{
        name: PANDAS.format(name) for name in ("Categorical", "DataFrame", "Index", "MultiIndex", "Series", "Timestamp")
    },
    **{name: GEOPANDAS.format(name) for name in ("GeoDataFrame", "GeoSeries")},
    "ndarray": "https://numpy.org/doc/stable/reference/generated/numpy.ndarray.html",
    "Generator": "https://numpy.org/doc/stable/reference/random/generator.html",
    "Graph": "https://pysal.org/libpysal/generated/libpysal.graph.Graph.html",
    "MultiDiGraph": "https://networkx.org/documentation/stable/reference/classes/multidigraph.html",
    "CRS": "https://pyproj4.github.io/pyproj/stable/api/crs/crs.html",
}
PLAIN = {
    *("Any", "Callable", "Collection", "Hashable", "Iterable", "Iterator", "Literal", "Mapping", "Path", "Sequence"),
    *("Self", "PathLike", "IO", "BinaryIO", "date", "datetime", "time", "timedelta", "mapping", "module", "text"),
    *("dataclass", "BaseGeometry", "Point", "Polygon", "MultiPolygon", "LineString", "Figure", "Axes", "Markup"),
    *("float64", "int32", "int64", "bool_", "generic", "datetime64", "file object", "ArrayLike", "default True"),
    *("Name", "S_co"),
}
"""Types that every reader knows, or that have no page of their own; they are shown, not linked."""


@functools.cache
def own_classes() -> set[str]:
    """Return the names of all classes of the package, those without a page as well."""
    files = Path(spatialjustice.__file__).parent.rglob("*.py")
    return {
        name for file in files for name in re.findall(r"^class (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }


def _link(app: Any, env: Any, node: Any, shown: Any) -> nodes.Node | None:
    """Find what Sphinx does not: a short name of another room, or a type of another project."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"].lstrip(".~")
    last = target.rpartition(".")[2]
    if target[:1] in {'"', "'"} or target.isnumeric():
        return shown  # one of several choices
    objects = env.domains["py"].objects
    if target.startswith("spatialjustice.") and node["reftype"] in {"class", "exc"}:
        target = last  # a type is named by its file, and documented in its room
    ends = "." + target.removeprefix("sj.")
    found = sorted({name for name, one in objects.items() if name.endswith(ends) and not one.aliased})
    # The public path is the shortest; a method of the same name in another class is not what was meant.
    if found and (len(found) == 1 or "." in target or node["reftype"] in {"class", "exc"}):
        name = min(found, key=len)
        return make_refnode(app.builder, node["refdoc"], objects[name].docname, objects[name].node_id, shown, name)
    if last in ELSEWHERE and not target.startswith("spatialjustice."):
        return nodes.reference("", "", shown.deepcopy(), internal=False, refuri=ELSEWHERE[last])
    return shown if last in PLAIN or (node["reftype"] == "class" and last in own_classes()) else None


def setup(app: Any) -> dict[str, bool]:
    """Look for names after Sphinx has."""
    app.connect("missing-reference", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
