"""Slopes of streets, and how much faster or slower people are on them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from spatialjustice._core.errors import InputError, WrongPlaceError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.provenance import add_sources

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.network.arrays import StreetArrays

    Floats = NDArray[np.float64]

STEEPEST = 0.35
"""Rise over run of the steepest streets of the world; beyond it the raster errs, or has a cliff beside the street."""

SMOOTHING = 1.0
"""Cells: heights are smoothed this much first, since pieces of street are shorter than the cells of most rasters."""

UPHILL, DOWNHILL = 0.4002 / 6.01, 0.2379 / 6.01
"""Share of the flat speed that a bicycle loses, or wins, with each per cent of slope."""

PUSHED, BRAKED = 0.25, 1.3
"""Share of the flat speed at which bicycles are pushed uphill, and braked downhill."""


def pace_factor(grade: ArrayLike, kind: Literal["walking", "cycling"]) -> Floats:
    r"""Return by how much a slope changes the speed on the flat.

    Walking follows Tobler's hiking function, divided by its value on the flat:

    .. math:: f(g) = e^{-3.5\,(|g + 0.05| - 0.05)}

    It is fastest at five per cent downhill. Of 6.01 m/s (21.6 km/h) on the flat, cycling loses 0.4002 m/s with every
    per cent uphill and wins 0.2379 m/s with every per cent downhill, but it is not slower than a quarter of the flat
    speed, at which bicycles are pushed (from 11 per cent on), nor faster than 1.3 times it, at which they are braked
    (from 8 per cent on). These two bounds are assumptions.

    Parameters
    ----------
    grade
        Rise over run in the direction of travel, negative downhill.
    kind
        ``walking`` or ``cycling``.

    Returns
    -------
    numpy.ndarray
        Above 0, and 1 on the flat: multiply the speed by it.

    Raises
    ------
    InputError
        When ``kind`` is another word, or a grade is not a number.

    References
    ----------
    Tobler (1993), Three presentations on geographical analysis and modeling, NCGIA Technical Report 93-1. Parkin and
    Rotheram (2010), Design speeds and acceleration characteristics of bicycle traffic for use in planning, design and
    appraisal, Transport Policy 17: 335-341.

    Examples
    --------
    >>> pace_factor([0, -0.05, 0.1], "walking").round(3).tolist()
    [1.0, 1.191, 0.705]
    >>> pace_factor([0, 0.03, -0.03, 0.3], "cycling").round(3).tolist()
    [1.0, 0.8, 1.119, 0.25]
    """
    slope = np.asarray(grade, dtype=float)
    if np.isnan(slope).any():
        raise InputError("grade", "some are not numbers", "Take the slope as 0 where it is not known, and say so.")
    if kind == "walking":
        return np.asarray(np.exp(-3.5 * (np.abs(slope + 0.05) - 0.05)))
    if kind == "cycling":
        speed = 1 - 100 * np.where(slope > 0, UPHILL, DOWNHILL) * slope
        return np.asarray(np.clip(speed, PUSHED, BRAKED))
    raise InputError("kind", f"it is “{kind}”", "Choose walking or cycling.")


def edge_grades(  # noqa: PLR0917 (one array for each thing that edges have)
    x: Floats,
    y: Floats,
    u: NDArray[Any],
    v: NDArray[Any],
    length: Floats,
    flat: NDArray[np.bool_],
    raster_path: str | Path,
    crs: Any,
) -> tuple[Floats, list[Finding], SourceRecord]:
    """Return the slope of every edge, from a raster of heights.

    Heights are smoothed by a Gaussian of one cell and read between the centres of cells in proportion to their
    distance, to a millimetre. Bridges and tunnels do not follow the ground: their inner points get the heights at
    which the line between their ends lies, or, where they branch, at which a net hung between all ends would.

    Parameters
    ----------
    x, y
        Coordinates of the nodes.
    u, v
        Positions of each edge's nodes.
    length
        Metres.
    flat
        Whether an edge is part of a bridge or a tunnel.
    raster_path
        Raster of heights in metres.
    crs
        CRS of ``x`` and ``y``.

    Returns
    -------
    grade
        Rise over run from u to v, between -0.35 and 0.35; 0 where the height of an end is not known, and for edges
        of no length.
    findings
        ``elevation_unknown``, ``elevation_cut_off`` and ``grades_clipped``, where there are any.
    source
        Where the heights came from.

    Raises
    ------
    InputError
        When the raster cannot be used.
    WrongPlaceError
        When it says nothing about any of the edges.

    Notes
    -----
    A slope is a difference of two heights, so that around any loop the rises cancel out, and along any way they add up
    to the difference of its ends, as long as nothing is clipped. Smoothing by one cell takes from errors that are
    independent from cell to cell all but a fifth of their size a cell: errors of 3 m in cells of 30 m leave slopes of
    2 per cent (standard deviation). It flattens hills and cuts that are only a few cells wide.

    Examples
    --------
    Ground of one metre in ten, rising to the east; the second edge goes back:

    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> import rasterio
    >>> shape = {"driver": "GTiff", "height": 30, "width": 30, "count": 1, "dtype": "float32", "crs": 32635}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ground.tif"
    ...     corner = rasterio.transform.from_origin(500_000, 6_600_000, 10, 10)
    ...     with rasterio.open(path, "w", transform=corner, **shape) as target:
    ...         target.write(np.tile(np.arange(30, dtype="float32"), (30, 1)), 1)
    ...     x, y = np.array([500_120.0, 500_180.0]), np.full(2, 6_599_850.0)
    ...     u, v, metres, bridge = np.array([0, 1]), np.array([1, 0]), np.full(2, 60.0), np.zeros(2, dtype=bool)
    ...     grade, findings, source = edge_grades(x, y, u, v, metres, bridge, path, 32635)
    >>> grade.round(6).tolist(), findings, source.file
    ([0.1, -0.1], [], 'ground.tif')
    """
    # Reading rasters takes a quarter of a second to import, and most networks are built without heights.
    from spatialjustice.sources.rasters.elevation import heights_at

    u, v, flat = np.asarray(u), np.asarray(v), np.asarray(flat, dtype=bool)
    heights, source, found = heights_at(Path(raster_path), x, y, CRS.from_user_input(crs), smoothing=SMOOTHING)
    heights = _bridged(heights, u[flat], v[flat], length[flat], np.union1d(u[~flat], v[~flat]))
    # To a millimetre, as coordinates are: whoever is told the rise of a street then has its costs to the last bit.
    heights = np.rint(heights * 1000)
    rise = (heights[v] - heights[u]) / 1000
    unknown = np.isnan(rise)
    if unknown.size and unknown.all():
        raise WrongPlaceError(
            "elevation",
            f"{Path(raster_path).name} holds the height of both ends of none of {unknown.size:,} pieces of street",
            "Use the raster of this place; where it should be, check the CRS of both.",
        )
    grade = np.divide(rise, length, out=np.zeros(length.size), where=~unknown & (length > 0))
    findings = list(found)
    if unknown.any():
        findings.append(
            Finding(
                "elevation_unknown",
                "warning",
                f"The heights of {length[unknown].sum() / 1000:,.1f} of {length.sum() / 1000:,.1f} km of street are "
                "not known; they are taken as flat.",
                values={
                    "variant": "streets",
                    "kilometres": float(length[unknown].sum() / 1000),
                    "all": float(length.sum() / 1000),
                },
                count=int(unknown.sum()),
                advice="Use a raster of heights that covers the place.",
            )
        )
    steep = np.abs(grade) > STEEPEST
    if steep.any():
        findings.append(
            Finding(
                "grades_clipped",
                "information",
                f"{length[steep].sum() / 1000:,.2f} km of street would be steeper than {STEEPEST:.0%}, as hardly "
                "any street is: errors of the raster, or cliffs that it smears; that slope is taken for them.",
                values={"metres": round(float(length[steep].sum())), "steepest": round(100 * STEEPEST)},
                count=int(steep.sum()),
            )
        )
    return np.clip(grade, -STEEPEST, STEEPEST), findings, source


def node_heights(network: StreetArrays, path: str | Path) -> pd.Series[Any]:
    """Return the height of the ground at every node, smoothed as for slopes; NaN where the raster does not tell.

    Raises
    ------
    InputError
        When the raster cannot be used.
    WrongPlaceError
        When it says nothing about any of the nodes.
    """
    from spatialjustice.sources.rasters.elevation import heights_at

    crs = CRS.from_user_input(network.crs)
    heights, source, found = heights_at(Path(path), network.x, network.y, crs, smoothing=SMOOTHING)
    if heights.size and np.isnan(heights).all():
        raise WrongPlaceError(
            "elevation",
            f"{Path(path).name} holds the height of none of {heights.size:,} nodes",
            "Use the raster of this place; where it should be, check the CRS of both.",
        )
    made = pd.Series(heights, index=network.node_id, name="elevation")
    return told_unknown(add_findings(add_sources(made, source), *found))


def told_unknown(heights: pd.Series[Any]) -> pd.Series[Any]:
    """Add a finding where the heights of some nodes are not known."""
    lost = int(heights.isna().sum())
    if not lost:
        return heights
    return add_findings(
        heights,
        Finding(
            "elevation_unknown",
            "warning",
            f"The heights of {lost:,} of {len(heights):,} nodes are not known: no slope is told there.",
            count=lost,
            advice="Use a raster of heights that covers the place.",
        ),
    )


def _bridged(heights: Floats, u: NDArray[Any], v: NDArray[Any], length: Floats, ground: NDArray[Any]) -> Floats:
    """Give the inner points of bridges and tunnels the heights between those of their ends."""
    if not u.size:
        return heights
    size = heights.size
    inner = np.zeros(size, dtype=bool)
    inner[u] = inner[v] = True
    inner[ground] = False
    # A run that touches the ground nowhere, or nowhere with a known height, keeps what the raster says. An end of
    # unknown height holds nothing, and what lies beyond it is another run.
    lost = ~inner & np.isnan(heights)
    whole = ~(lost[u] | lost[v])
    joined = coo_array((np.ones(int(whole.sum())), (u[whole], v[whole])), shape=(size, size))
    part = connected_components(joined, directed=False)[1]
    on = np.union1d(u, v)
    ends = on[~inner[on] & np.isfinite(heights[on])]
    inner &= np.isin(part, part[ends])
    place = np.flatnonzero(inner)
    if not place.size:
        return heights
    stiff = 1 / np.maximum(length, 0.01)
    net = csr_array(coo_array((np.tile(stiff, 2), (np.append(u, v), np.append(v, u))), shape=(size, size)))
    held = np.where(inner | ~np.isfinite(heights), 0.0, heights)
    fixed = (~inner & np.isfinite(heights)).astype(float)
    rows = net[place]
    # Points at ends without a known height pull nowhere.
    pull = rows @ fixed + rows[:, place] @ np.ones(place.size)
    hung = spsolve((diags_array(pull) - rows[:, place]).tocsc(), rows @ held)
    result = heights.copy()
    result[place] = hung
    return result
