"""Names in docstrings and annotations become links: to the page here, or to the project they belong to."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.util.nodes import make_refnode

SHORT = {"pd.": "pandas.", "np.": "numpy.", "gpd.": "geopandas."}
PANDAS = "https://pandas.pydata.org/docs/reference/api/{}.html"
ELSEWHERE = {
    **{f"pandas.{name}": PANDAS.format(f"pandas.{name}") for name in ("DataFrame", "Index", "MultiIndex", "Series")},
    **{
        f"geopandas.{name}": f"https://geopandas.org/en/stable/docs/reference/api/geopandas.{name}.html"
        for name in ("GeoDataFrame", "GeoSeries")
    },
    "numpy.ndarray": "https://numpy.org/doc/stable/reference/generated/numpy.ndarray.html",
    "numpy.random.Generator": "https://numpy.org/doc/stable/reference/random/generator.html",
}


def _link(app: Any, env: Any, node: Any, shown: Any) -> nodes.Node | None:
    """Find what Sphinx does not: a short name of another room, or a type of another project."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"].lstrip(".~")
    for short, full in SHORT.items():
        if target.startswith(short):
            target = full + target.removeprefix(short)
    if target in ELSEWHERE:
        return nodes.reference("", "", shown.deepcopy(), internal=False, refuri=ELSEWHERE[target])
    objects = env.domains["py"].objects
    ends = "." + target.removeprefix("sj.")
    found = sorted({name for name, one in objects.items() if name.endswith(ends) and not one.aliased})
    # The public path is the shortest; a method of the same name in another class is not what was meant.
    if found and (len(found) == 1 or "." in target or node["reftype"] in {"class", "exc"}):
        name = min(found, key=len)
        return make_refnode(app.builder, node["refdoc"], objects[name].docname, objects[name].node_id, shown, name)
    return None


def setup(app: Any) -> dict[str, bool]:
    """Look for names after Sphinx has."""
    app.connect("missing-reference", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
