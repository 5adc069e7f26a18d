"""Reading shapes, of files and frames: whole, valid, in a known CRS, and told apart by their ids."""

from __future__ import annotations

import difflib
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import GeometryError, InputError, MissingCRSError, WrongPlaceError, a_kind
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_crs, require_geometry, require_ids
from spatialjustice._core.ground.datum import datum_findings
from spatialjustice._core.provenance import add_sources, path_of
from spatialjustice.sources.guards.complete import says_it_is_a_part
from spatialjustice.sources.guards.nothing_else_opened import require_own_data
from spatialjustice.sources.guards.shapefiles import require_whole_shapes
from spatialjustice.sources.known_files import record_of, require_file
from spatialjustice.sources.places.mending import mended
from spatialjustice.sources.places.parts import folder_record, is_parts, shape_parts
from spatialjustice.sources.places.vector_files import require_columns, rows_of_layer
from spatialjustice.sources.tables.frames.arrow_files import ARROW, PARQUET, columns_of_file
from spatialjustice.sources.tables.frames.record import record_of_frame
from spatialjustice.sources.tables.frames.rows import is_file, label_of, rows_given
from spatialjustice.sources.tables.frames.shapes import settled_crs, with_shapes
from spatialjustice.sources.tables.table import table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.sources.tables.frames.rows import Source

POLYGONS = frozenset({"Polygon", "MultiPolygon"})
TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm"})
"""Files of rows, whose shapes stand in their columns."""


def read_vector(  # noqa: PLR0913 (each parameter answers one question that a file or frame can leave open)
    source: Source,
    *,
    name: str,
    layer: str | None = None,
    id: str | None = None,  # noqa: A002 (the word users know the column by)
    columns: Sequence[str] | None = None,
    kinds: Collection[str] | None = None,
    repair: bool = False,
    geometry: str | Sequence[str] | None = None,
    crs: Any = None,
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    """Read the shapes of a file or a frame and refuse what would make a result wrong later on.

    Parameters
    ----------
    source
        GeoJSON, GeoPackage, Shapefile (also zipped), FlatGeobuf, GeoParquet, Parquet with types of shapes, Feather or
        Arrow, GML, KML or GPX, told by its content; a CSV or XLSX table with a column of shapes or two of coordinates;
        a folder of GeoParquet files that are parts of one layer.
        Or what the caller holds: a GeoDataFrame, GeoSeries or shape of Shapely; a table of pandas, polars, pyarrow,
        DuckDB or anything with ``__arrow_c_stream__``.
    name
        What it is used as; errors and the source record call it so.
    layer
        The layer, where the file has several.
    id
        Column that holds the ids; it becomes the index. None keeps the index of a frame of pandas, and else numbers the
        rows from 1, in their order.
    columns
        Columns to keep besides the ids; None keeps all.
    kinds
        Shapely type names that are allowed, for example ``{"Polygon", "MultiPolygon"}``; None allows all.
    repair
        Whether to mend invalid areas instead of refusing them: where the edge of an area crosses itself, everything
        that it encloses belongs to the area. The finding ``shapes_mended`` names them and how far their area changed.
    geometry
        The column of a table that holds shapes, as WKT, EWKT, WKB or EWKB (bytes or hexadecimal text), or two columns
        with longitude and latitude, or x and y in ``crs``. None takes the only column that holds shapes, else two that
        are called longitude and latitude (finding ``coordinates_from_columns``).
    crs
        The reference system, where the data do not say it: a number of EPSG, or anything pyproj understands. It turns
        nothing; where the data say another one (EWKB its SRID, too), they are refused.
    encoding
        How the letters of a shapefile or text table are stored. None takes what the file says, else UTF-8, and else
        guesses one that is far likelier than all others (finding ``encoding_guessed``).

    Returns
    -------
    GeoDataFrame
        All rows, in their order and CRS (points from two columns in EPSG:4326), the shapes in the column ``geometry``;
        heights are left out and counted in ``heights_left_out``.
        A remark of the reading library becomes the finding ``file_reader_remark``; a file that says of itself that it
        is one page of several becomes ``file_says_it_is_a_part``; a reference system from which no sure way leads to
        WGS 84 becomes ``datum_uncertain``, with the metres at stake. The source record is attached; that of a frame
        counts its rows and has a checksum of all that is in it.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DamagedFileError
        When the file cannot be read to its end, or parts of a shapefile are missing or cut off.
    MissingCRSError
        When nothing says the CRS.
    WrongPlaceError
        When its coordinates cannot be of the CRS it says.
    GeometryError
        When a shape is missing, empty, invalid or of another kind.
    DuplicateIdError
        When an id is missing or occurs twice.
    InputError
        When layer or columns are not there, or there is no row or no shapes; when ``crs`` contradicts the data, or the
        encoding cannot be told.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"code": ["01"], "wkt": ["POINT (51.4 35.7)"]})
    >>> frame = read_vector(table, name="points", id="code", crs=4326)
    >>> frame.index.tolist(), frame.crs.to_epsg(), frame.attrs["sources"][0]["file"]
    (['01'], 4326, 'frame given by the caller')
    """
    asked = _Asked(layer, id, columns, geometry, crs, encoding)
    read = _of_file(source, name, asked) if is_file(source) else _of_frame(source, name, asked)
    frame, label = read.frame, label_of(source)
    require_crs(frame, name)
    mended_shapes: list[Finding] = []
    if repair:
        frame, mended_shapes = mended(frame, label)
    require_geometry(frame, name, kinds=kinds)
    _require_plausible(frame, name)
    with np.errstate(over="ignore", invalid="ignore"):  # coordinates beyond any place on Earth
        corners = shapely.get_coordinates(shapely.centroid(np.asarray(frame.geometry.array)))
    findings = [
        *read.findings,
        *mended_shapes,
        *datum_findings(require_crs(frame, name), corners[:, 0], corners[:, 1], label),
    ]
    high = shapely.has_z(frame.geometry.array)
    if high.any():
        frame = frame.set_geometry(frame.geometry.force_2d())
        message = f"{int(high.sum()):,} shapes of {label} have heights, which were left out."
        findings.append(Finding("heights_left_out", "information", message, count=int(high.sum())))
    return add_findings(add_sources(frame, *read.records), *findings)


class _Read(NamedTuple):
    """Rows with shapes on their ids, where they come from, and what was found while they were read."""

    frame: gpd.GeoDataFrame
    records: list[SourceRecord]
    findings: list[Finding]


class _Asked(NamedTuple):
    """What the caller says of a source."""

    layer: str | None
    id: str | None
    columns: Sequence[str] | None
    geometry: str | Sequence[str] | None
    crs: Any
    encoding: str | None


def _of_file(source: Any, name: str, asked: _Asked) -> _Read:
    """Read the shapes of a file."""
    path = path_of(source, name)
    if is_parts(path):
        return _of_folder(path, name, asked)
    require_file(path, name)
    ending = path.suffix.lower()
    label, id, geometry, crs = path.name, asked.id, asked.geometry, asked.crs  # noqa: A001
    if ending in TABLES or path.name.lower().endswith((".csv.gz", ".tsv.gz")):
        rows = table(path, name=name, id=id, layer=asked.layer, encoding=asked.encoding)
        frame, findings = with_shapes(rows, name, geometry=geometry, crs=crs)
        return _Read(_chosen(frame, asked.columns, label, name), [], findings)
    require_own_data(path, name)
    require_whole_shapes(path, name)
    columns = asked.columns
    wanted = None if columns is None else list(dict.fromkeys([*columns, *([id] if id is not None else [])]))
    implied = False
    findings = []
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        if ending in PARQUET | ARROW:
            frame, implied = columns_of_file(path, name)
            if not isinstance(frame, gpd.GeoDataFrame) or geometry is not None:
                frame, findings = with_shapes(frame, name, geometry=geometry, crs=crs)
        else:
            frame, findings = rows_of_layer(path, name, layer=asked.layer, wanted=wanted, encoding=asked.encoding)
    record = record_of(path, name)
    if frame.empty:
        raise InputError(name, f"{label} holds no rows", "Check that it is the right file and was exported whole.")
    frame, _ = with_shapes(frame, name, geometry=None, crs=None)
    if crs is not None:
        system = settled_crs(None if implied else frame.crs, crs, name)
        frame = frame.set_crs(system, allow_override=True)
    if ending in PARQUET | ARROW:
        frame = _chosen(frame, wanted, label, name)
    frame = _with_ids(frame.set_index(pd.RangeIndex(1, len(frame) + 1)), name, id, label)
    # A missing .prj is the usual reason: say so, rather than what to type.
    if frame.crs is None and ending == ".shp":
        raise MissingCRSError(
            name,
            f"{label} comes without its .prj file, so that its coordinates mean nothing",
            f"Copy {path.stem}.prj into the same folder, or say the CRS where you know it: crs=….",
        )
    part = says_it_is_a_part(path, len(frame), layer=asked.layer)
    return _Read(frame, [record], [*part, *_reader_remarks(remarks, path), *findings])


def _of_folder(path: Path, name: str, asked: _Asked) -> _Read:
    """Read the shapes of a folder of GeoParquet files, which say themselves how they are read."""
    given = {key: getattr(asked, key) for key in ("layer", "geometry", "crs", "encoding")}
    for word, value in given.items():
        if value is not None:
            raise InputError(word, f"{path.name} is a folder of GeoParquet files, which say it", f"Leave {word} out.")
    parts = shape_parts(path, name=name)
    wanted = None if asked.columns is None else [*asked.columns, *([asked.id] if asked.id is not None else [])]
    if wanted is not None:
        require_columns(list(parts.columns), list(dict.fromkeys(wanted)), path.name, name)
    frame = parts.read(columns=None if wanted is None else list(dict.fromkeys(wanted)))
    return _Read(_with_ids(frame, name, asked.id, path.name), [folder_record(path, name)], [])


def _of_frame(source: Any, name: str, asked: _Asked) -> _Read:
    """Take the shapes of what the caller holds."""
    for word, value in (("layer", asked.layer), ("encoding", asked.encoding)):
        if value is not None:
            raise InputError(word, f"it is said of {a_kind(source)}, which has none", f"Leave {word} out.")
    given = rows_given(source, name)
    if given.empty and not len(given):
        raise InputError(name, "the frame has no rows", "Give at least one.")
    carried = {key: list(given.attrs[key]) for key in ("sources", "findings") if key in given.attrs}
    record = record_of_frame(given, name)
    frame, findings = with_shapes(given, name, geometry=asked.geometry, crs=asked.crs)
    frame.attrs = carried
    columns, column = asked.columns, asked.id
    if columns is not None:
        own = column in frame.columns
        frame = _chosen(frame, [*columns, *([column] if column is not None and own else [])], "the frame", name)
    if column is None or (column not in frame.columns and column == frame.index.name):
        require_ids(frame, name)
    else:
        frame = _with_ids(frame, name, column, "the frame")
    return _Read(frame, [record], findings)


def _chosen(frame: gpd.GeoDataFrame, columns: Sequence[str] | None, label: str, name: str) -> gpd.GeoDataFrame:
    """Return a frame with the columns asked for, and its shapes."""
    if columns is None:
        return frame
    wanted = list(dict.fromkeys(columns))
    require_columns([each for each in frame.columns if each != "geometry"], wanted, label, name)
    return frame[[*wanted, "geometry"]]


def _with_ids(frame: gpd.GeoDataFrame, name: str, column: str | None, label: str) -> gpd.GeoDataFrame:
    """Put the ids into the index; whole numbers that a format stored as fractions become whole again."""
    if column is None:
        return frame
    require_columns([each for each in frame.columns if each != "geometry"], [column], label, name)
    ids = frame[column]
    if pd.api.types.is_float_dtype(ids) and ids.notna().all() and (ids % 1 == 0).all():
        ids = ids.astype("int64")
    frame = frame.drop(columns=column).set_index(pd.Index(ids, name=column))
    require_ids(frame, name)
    return frame


def _require_plausible(frame: gpd.GeoDataFrame, name: str) -> None:
    """Refuse coordinates that cannot be of the CRS the layer says."""
    west, south, east, north = frame.total_bounds
    if frame.crs.is_geographic:
        if west < -360 or east > 360 or south < -90.001 or north > 90.001:
            raise WrongPlaceError(
                name,
                f"its coordinates reach from ({west:,.1f}, {south:,.1f}) to ({east:,.1f}, {north:,.1f}), which cannot "
                "be longitude and latitude as its CRS says",
                "Either it is in a projected CRS that was not declared, or latitude and longitude are swapped.",
            )
        return
    area = frame.crs.area_of_use
    if area is None or max(abs(west), abs(south), abs(east), abs(north)) > 360:
        return
    x, y = shapely.get_coordinates(gpd.GeoSeries([shapely.Point(west, south)], crs=frame.crs).to_crs(4326).array)[0]
    if not (area.west - 1 <= x <= area.east + 1 and area.south - 1 <= y <= area.north + 1):
        raise WrongPlaceError(
            name,
            f"its coordinates reach from ({west:,.3f}, {south:,.3f}) to ({east:,.3f}, {north:,.3f}), which look like "
            f"degrees, yet its CRS is {frame.crs.name}, in metres",
            "Declare the CRS the coordinates are in (EPSG:4326 for longitude and latitude) and reproject from there.",
        )


def _reader_remarks(remarks: list[warnings.WarningMessage], path: Path) -> list[Finding]:
    """Turn what the reading library remarked into findings, once each."""
    texts = dict.fromkeys(" ".join(str(remark.message).split()) for remark in remarks)
    return [
        Finding("file_reader_remark", "warning", f"While reading {path.name}: {text}", advice="Look at these rows.")
        for text in texts
    ]


def select_rows(frame: gpd.GeoDataFrame, where: dict[str, Any], name: str) -> gpd.GeoDataFrame:
    """Keep the rows whose columns hold the given values; text is compared without regard to Arabic or Persian letters.

    Raises
    ------
    InputError
        When a column is not there, or no row holds the values.
    """
    kept = np.ones(len(frame), dtype=bool)
    require_columns([label for label in frame.columns if label != "geometry"], list(where), "the file", name)
    for column, value in where.items():
        kept &= np.array([folded(each) == folded(value) for each in frame[column]], dtype=bool)
    if not kept.any():
        column, value = next(iter(where.items()))
        there = [str(each) for each in frame[column].dropna().unique()]
        near = difflib.get_close_matches(str(value), there, n=3, cutoff=0.5) or there[:5]
        asked = ", ".join(f"{column} = {value}" for column, value in where.items())
        raise InputError(name, f"no row has {asked}", f"{column} holds, for example: {', '.join(near)}.")
    return frame[kept]


def folded(value: Any) -> Any:
    """Return text in one spelling of its letters, for comparing only; other values as they are.

    Arabic keyboards have other codes for two Persian letters, some people stretch words, and the parts of a compound
    stand together, apart by a space, or apart by a mark without width. None of that makes another name.

    Parameters
    ----------
    value
        Text, or anything else.

    Returns
    -------
    Any
        The text with Persian letters, without spaces and marks that join or part letters; or the value itself.

    Examples
    --------
    >>> folded("كرج") == folded("کرج")
    True
    >>> folded("نی\u200cریز") == folded("نی ریز")
    True
    """
    import unicodedata

    if not isinstance(value, str):
        return value
    letters = unicodedata.normalize("NFC", value).translate(str.maketrans("يىك", "ییک", "\u0640\u200c\u200d"))
    return "".join(letters.split())


def require_one_side(frame: gpd.GeoDataFrame, name: str) -> None:
    """Refuse a layer that reaches across the 180th meridian.

    Raises
    ------
    InputError
        When it is more than half the world wide.
    """
    west, _, east, _ = frame.to_crs(4326).total_bounds
    if not np.isfinite([west, east]).all():
        raise GeometryError(name, "its coordinates cannot be turned into longitude and latitude", "Check its CRS.")
    if east - west > 180:
        raise InputError(
            name,
            f"it reaches from longitude {west:.2f} to {east:.2f}: either it crosses the 180th meridian or it is more "
            "than half the world",
            "Places across the 180th meridian cannot be analysed as one; divide the place there.",
        )
