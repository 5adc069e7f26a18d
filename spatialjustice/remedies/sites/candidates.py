"""Where a new place could stand: junctions, points along streets, zones, or points of one's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_crs, require_geometry, require_ids
from spatialjustice._core.provenance import sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from spatialjustice.network import Network, StraightLines


Kind = Literal["junctions", "streets", "zones", "points"]
KINDS: tuple[Kind, ...] = ("junctions", "streets", "zones", "points")
LENGTH = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(m|km)\s*$")
LEAST_STEP = 1.0
"""Metres: nobody chooses between sites that are nearer to each other."""


class _Found(NamedTuple):
    """Possible sites before anything is left out: ids, coordinates in the network's CRS, and why some are none."""

    ids: list[Any]
    xy: NDArray[np.float64]
    left_out: dict[str, int]


def candidates(
    network: Network | StraightLines,
    *,
    within: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    every: float | str = "50 m",
    kind: Kind | None = None,
    forbidden: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    points: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    snap_limit: float = 500.0,
) -> gpd.GeoDataFrame:
    r"""List the sites at which a new place could stand, one in each square of a grid.

    Squares of ``every`` metres are laid over the network's coordinates, from their origin on. In each, the site
    nearest to the middle of the square is kept, the smallest id where two are equally near:

    .. math:: s(q) = \arg\min_{j \in q} \; (|p_j - m_q|, \; \mathrm{id}_j)

    so that the same network gives the same sites with the same ids, in whatever order its streets or a layer come.

    Parameters
    ----------
    network
        Streets, or straight lines, for which only ``zones`` and ``points`` can be listed.
    within
        The area in which sites may lie, its border included; None for as far as the network goes.
    every
        Side of the squares: metres, or a text such as ``50 m`` or ``0.2 km``; at least 1 m. Zones and points of one's
        own are all kept, whatever it is.
    kind
        ``junctions``, where three or more pieces of street meet; ``streets``, junctions, bends and points along the
        streets; ``zones``, the middle of each area of ``points`` (a point inside where the middle lies outside);
        ``points``, those of ``points`` as they are, such as schools that could hold a library. None takes ``points``
        where some are given, else ``junctions``.
    forbidden
        Where no site may lie: areas (water, parks), lines or points, in any CRS; what touches one is left out.
    points
        Areas or points with unique ids, in any CRS; an area is the point inside it. Their ids become those of sites.
    snap_limit
        How far a site may lie from the nearest street, in metres, the limit itself included.

    Returns
    -------
    GeoDataFrame
        On the sites' ids, sorted by them where they come from streets, else in the order of ``points``: ``kind`` and a
        point in the network's CRS. Junctions are called ``junction/`` and the number of the node, points along streets
        ``street/`` and column and row of the square. ``attrs["left_out"]`` counts sites outside ``within``, in
        ``forbidden``, off the network, and, of junctions and streets, on parts that are cut off from the longest one.

    Raises
    ------
    InputError
        When the kind is not known or does not go with what is given, ``every`` is no length, or nothing is left.
    MissingCRSError, GeometryError, DuplicateIdError
        When a layer cannot be used.

    References
    ----------
    Church and Murray (2009), Business site selection, location analysis, and GIS, on where candidates come from.

    Examples
    --------
    Four arms of 100 metres meet in one junction, and three of them end:

    >>> from spatialjustice import network
    >>> x, y = [24.94, 24.9418, 24.9382, 24.94, 24.94], [60.17, 60.17, 60.17, 60.1709, 60.1691]
    >>> nodes = pd.DataFrame({"x": x, "y": y})
    >>> ways = pd.DataFrame({"nodes": [[0, end] for end in (1, 2, 3, 4)], "tags": [{"highway": "footway"}] * 4})
    >>> streets = network.from_frames(nodes, ways, mode="walk")
    >>> len(candidates(streets)), len(candidates(streets, kind="streets", every="50 m")) > 4
    (1, True)
    """
    step = _metres(every)
    chosen = _kind(kind, points, network)
    found = _own(network, points, chosen) if points is not None else _on_streets(network, chosen, step)
    kept = np.ones(len(found.ids), dtype=bool)
    shapes: Any = shapely.points(found.xy)
    left_out = dict(found.left_out)
    if within is not None:
        inside = shapely.intersects(_area(network, within, "within"), shapes)
        left_out["outside"] = int((kept & ~inside).sum())
        kept &= inside
    if forbidden is not None and len(forbidden):
        hit = _touching(network, forbidden, shapes)
        left_out["forbidden"] = int((kept & hit).sum())
        kept &= ~hit
    if hasattr(network, "snap") and chosen in {"zones", "points"}:
        off = network.snap(gpd.GeoSeries(shapes, crs=network.crs), snap_limit=snap_limit)["edge"].to_numpy() < 0
        left_out["off_network"] = int((kept & off).sum())
        kept &= ~off
    rows = np.flatnonzero(kept)
    if chosen in {"junctions", "streets"}:
        rows = _one_in_each_square(found, rows, step)
    if not rows.size:
        raise InputError(
            "candidates",
            f"of {len(found.ids):,} {chosen} none is left",
            "Look at within and forbidden: " + _told(left_out),
        )
    ids = [f"street/{x}_{y}" for x, y in _squares(found.xy[rows], step)] if chosen == "streets" else found.ids
    names = ids if chosen == "streets" else [ids[row] for row in rows]
    made = gpd.GeoDataFrame(
        {"kind": chosen}, index=pd.Index(names, name="site_id"), geometry=shapes[rows], crs=network.crs
    )
    made.attrs = {
        "measure": "candidates",
        "kind": chosen,
        "every": step,
        "left_out": left_out,
        "sources": [record.as_dict() for record in sources_of(network, points, within, forbidden)],
    }
    return add_findings(made, *_findings(left_out, len(rows)))


def _metres(every: float | str) -> float:
    """Read a length: a number of metres, or a text with its unit."""
    value: Any = every
    if isinstance(every, str) and (read := LENGTH.match(every)):
        value = float(read[1]) * (1000.0 if read[2] == "km" else 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise InputError("every", f"it is {every!r}", "Give metres, or a text such as “50 m” or “0.2 km”.")
    if not LEAST_STEP <= float(value) < np.inf:
        raise InputError("every", f"it is {every!r}", "Give a length of at least 1 m.")
    return float(value)


def _kind(kind: Kind | None, points: gpd.GeoDataFrame | gpd.GeoSeries | None, network: Any) -> Kind:
    chosen = kind or ("junctions" if points is None else "points")
    if chosen not in KINDS:
        raise InputError("kind", f"it is {kind!r}", f"Choose one of {', '.join(KINDS)}.")
    if chosen in {"zones", "points"} and points is None:
        raise InputError("points", f"there are none for the kind {chosen}", "Give the areas or points that sites are.")
    if chosen in {"junctions", "streets"} and points is not None:
        raise InputError("points", f"the kind {chosen} takes none", "Leave them out, or write kind='points'.")
    if chosen in {"junctions", "streets"} and not hasattr(network, "edge_u"):
        raise InputError("network", "straight lines have no streets", "Give points, such as the zones themselves.")
    return chosen


def _own(network: Any, points: Any, kind: str) -> _Found:
    """Take a point of every row of the user's layer."""
    require_crs(points, "points")
    require_ids(points, "points")
    require_geometry(points, "points")
    shapes = np.asarray(points.geometry.to_crs(network.crs).array)
    middles = shapely.centroid(shapes)
    inside = shapely.covers(shapes, middles) if kind == "zones" else shapely.get_dimensions(shapes) == 0
    middles = np.where(inside, middles, shapely.point_on_surface(shapes))
    return _Found(list(points.index), shapely.get_coordinates(middles), {})


def _on_streets(network: Any, kind: str, step: float) -> _Found:
    """Take the junctions of the longest part of the network; with points along its streets where they are asked for."""
    u, v = network.edge_u.astype(np.int64), network.edge_v.astype(np.int64)
    beside = ~np.asarray(network.apart, dtype=bool)
    # Two pieces between the same nodes lead to one neighbour; nobody builds where a motorway cannot be joined.
    ends = np.unique(np.sort(np.column_stack([u, v])[beside & (u != v)], axis=1), axis=0)
    degree = np.bincount(ends.ravel(), minlength=network.node_id.size)
    main = network.component == 0
    wanted = degree >= (3 if kind == "junctions" else 1)
    rows = np.flatnonzero(wanted & main)
    left_out = {"cut_off": int((wanted & ~main).sum())}
    xy = np.column_stack([network.x[rows], network.y[rows]])
    ids: list[Any] = [f"junction/{node}" for node in network.node_id[rows]]
    if kind == "streets":
        pieces = np.flatnonzero(beside & main[u])
        lines = shapely.segmentize(network._segments[pieces], step)  # noqa: SLF001
        along = np.unique(shapely.get_coordinates(lines), axis=0)
        # To a millimetre, so that a street drawn from its other end has the same points.
        xy = np.unique(np.round(np.concatenate([xy, along]), 3), axis=0)
        # Named by their squares once these are known; equally near points of one are told apart by their place.
        ids = [*range(len(xy))]
    return _Found(ids, xy, left_out)


def _squares(xy: NDArray[np.float64], step: float) -> NDArray[np.int64]:
    return np.floor(xy / step).astype(np.int64)


def _one_in_each_square(found: _Found, rows: NDArray[np.int64], step: float) -> NDArray[np.int64]:
    """Keep of each square the site nearest to its middle; return the rows sorted by id."""
    xy = found.xy[rows]
    square = _squares(xy, step)
    # To a millimetre: a difference in the last digit of a projection is none.
    away = np.round(np.hypot(*(xy - (square + 0.5) * step).T), 3)
    rank = np.empty(len(rows), dtype=np.int64)
    by_id = sorted(range(len(rows)), key=lambda row: _order(found.ids[rows[row]]))
    rank[by_id] = np.arange(len(rows))
    order = np.lexsort((rank, away, square[:, 1], square[:, 0]))
    first = np.ones(order.size, dtype=bool)
    first[1:] = (np.diff(square[order], axis=0) != 0).any(axis=1)
    kept = order[first]
    return rows[kept[np.argsort(rank[kept])]]


def _order(name: Any) -> tuple[int, str]:
    """Order ids as people do: junction/9 before junction/10."""
    text = str(name)
    digits = text.rpartition("/")[2]
    return (int(digits), text) if digits.lstrip("-").isdigit() else (0, text)


def _area(network: Any, layer: Any, name: str) -> Any:
    require_crs(layer, name)
    require_geometry(layer, name)
    area = layer.geometry.to_crs(network.crs).union_all()
    shapely.prepare(area)
    return area


def _touching(network: Any, layer: Any, shapes: NDArray[Any]) -> NDArray[np.bool_]:
    """Say which points touch any shape of a layer."""
    require_crs(layer, "forbidden")
    require_geometry(layer, "forbidden")
    tree = shapely.STRtree(np.asarray(layer.geometry.to_crs(network.crs).array))
    hit = np.zeros(len(shapes), dtype=bool)
    hit[tree.query(shapes, predicate="intersects")[0]] = True
    return hit


def _told(left_out: dict[str, int]) -> str:
    said = {
        "outside": "outside the area",
        "forbidden": "where none may lie",
        "off_network": "off the streets",
        "cut_off": "cut off",
    }
    return ", ".join(f"{count:,} {said[why]}" for why, count in left_out.items() if count) + "."


def _findings(left_out: dict[str, int], kept: int) -> Iterable[Finding]:
    set_aside = {why: left_out.get(why, 0) for why in ("off_network", "cut_off")}
    if sum(set_aside.values()):
        yield Finding(
            "candidates_set_aside",
            "information",
            f"{sum(set_aside.values()):,} possible sites lie too far from every street or on streets that are cut off "
            f"from the others; {kept:,} are left to choose from.",
            count=sum(set_aside.values()),
            advice="Look at them on the map where some of them should be possible.",
        )
