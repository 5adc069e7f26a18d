"""Places that offer a service, from the user's own files with shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from spatialjustice._core.errors import GeometryError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import metric_crs, require_crs, require_geometry, require_overlap
from spatialjustice.sources.osm.places.services import COLUMNS, entrances_of
from spatialjustice.sources.places.vector import read_vector
from spatialjustice.sources.tables._places_in_use import places_to_go

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.sources.tables.frames.rows import Source


def services_from_file(  # noqa: PLR0913 (each parameter answers one question that a file or frame can leave open)
    source: Source,
    *,
    service: str,
    id: str | None = None,  # noqa: A002 - what users call it
    name: str | None = None,
    layer: str | None = None,
    within: gpd.GeoDataFrame | None = None,
    geometry: str | Sequence[str] | None = None,
    crs: Any = None,
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    """Read the places of a service from the user's own file or frame.

    Parameters
    ----------
    source
        Points, lines or areas: a vector file, a table with shapes or with longitude and latitude, or a frame of
        GeoPandas, pandas, polars, pyarrow or DuckDB, as :func:`read_vector` takes them.
    service
        What they are, for example ``wifi``.
    id, name
        Columns with the id and the name of each place; a column ``name`` is taken where there is one.
    layer
        Layer of the file, where it has several.
    within
        The place. Those outside stay (people may walk there) and are counted in a finding.
    geometry, crs, encoding
        Where the shapes stand, their reference system and the letters, where the data do not say them: as in
        :func:`read_vector`.

    Returns
    -------
    GeoDataFrame
        As from :func:`services`; ids are ``service/id``, and ``tags`` hold the data's own columns.

    Raises
    ------
    MissingFileError, DamagedFileError, MissingCRSError, GeometryError, DuplicateIdError, WrongPlaceError
        When the data cannot be read, or their places cannot be used or lie elsewhere altogether.
    """
    read = read_vector(
        source, name=f"services ({service})", layer=layer, id=id, geometry=geometry, crs=crs, encoding=encoding
    )
    require_crs(read, f"services ({service})")
    if not len(read):
        raise GeometryError(f"services ({service})", "the file holds no place", "Give a file with at least one.")
    require_geometry(read, f"services ({service})")
    if within is not None:
        require_overlap(read, within, f"services ({service})")
    crs = metric_crs(within if within is not None else read)
    read, told = places_to_go(read, f"services ({service})")
    degrees = read.to_crs(4326)
    column = name or ("name" if "name" in read.columns else None)
    frame = gpd.GeoDataFrame(
        {
            "service": service,
            "name": read[column].astype(object) if column else None,
            "name_fa": read["name_fa"].astype(object) if "name_fa" in read.columns else None,
            "tags": _columns(read),
            "entrances": [[] for _ in range(len(read))],
        },
        index=read.index,
        geometry=degrees.geometry,
        crs=4326,
    )
    frame["access"] = gpd.GeoSeries(entrances_of(frame, crs), index=frame.index, crs=4326)
    frame["inside"] = True if within is None else np.asarray(frame.geometry.intersects(within.to_crs(4326).union_all()))
    frame.index = pd.Index([f"{service}/{place}" for place in frame.index], dtype=object, name="service_id")
    result = gpd.GeoDataFrame(frame[COLUMNS], crs=4326)
    result.attrs = {key: list(read.attrs.get(key, [])) for key in ("sources", "findings")}
    add_findings(result, *told)
    outside = result.index[~result["inside"]]
    if len(outside):
        add_findings(
            result,
            Finding(
                "services_outside_place",
                "information",
                f"{len(outside):,} of {len(result):,} places of “{service}” lie outside the place; they stay, because "
                "people may walk there.",
                values={"count": len(outside), "all": len(result), "service": service},
                count=len(outside),
                advice=f"The first are {', '.join(str(place) for place in outside[:5])}.",
            ),
        )
    return result


def _columns(read: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Return what the columns of a file say of each place, without those that say nothing."""
    plain = pd.DataFrame(read.drop(columns=read.geometry.name))
    rows = plain.astype(object).where(plain.notna(), None).to_dict("records")
    said = [{str(name): value for name, value in row.items() if value is not None} for row in rows]
    return pd.Series(said, index=read.index, dtype=object)
