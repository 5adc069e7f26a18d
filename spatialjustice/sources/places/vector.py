"""Reading vector files: shapes that are whole, valid, in a known CRS, and told apart by their ids."""

from __future__ import annotations

import difflib
import warnings
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from spatialjustice._core.errors import (
    DamagedFileError,
    GeometryError,
    InputError,
    MissingCRSError,
    WrongPlaceError,
    listed,
)
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_crs, require_geometry, require_ids
from spatialjustice._core.ground.datum import datum_findings
from spatialjustice._core.provenance import add_sources, path_of
from spatialjustice.sources.guards.complete import says_it_is_a_part
from spatialjustice.sources.guards.damage import FETCH_AGAIN, reading_whole_file, require_rows
from spatialjustice.sources.guards.nothing_else_opened import (
    HEAD,
    require_kind,
    require_own_data,
    require_plain_table,
)
from spatialjustice.sources.guards.shapefiles import DRAWN, require_whole_shapes
from spatialjustice.sources.known_files import record_of, require_file
from spatialjustice.sources.places.parts import PARQUET, folder_record, is_parts, shape_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

POLYGONS = frozenset({"Polygon", "MultiPolygon"})
AREA = 2  # shapely's number of dimensions of polygons
NAMED = 10  # shapes that a finding names
SLIGHT = 1e-9  # share of a hole's area that may be inside an outline though it only touches it


def read_vector(
    path: str | Path,
    *,
    name: str,
    layer: str | None = None,
    id: str | None = None,  # noqa: A002 (the word users know the column by)
    columns: Sequence[str] | None = None,
    kinds: Collection[str] | None = None,
    repair: bool = False,
) -> gpd.GeoDataFrame:
    """Read the shapes of a file and refuse what would make a result wrong later on.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile (also zipped), FlatGeobuf, GeoParquet, GML, KML or GPX, told by its content; or a
        folder of GeoParquet files that are parts of one layer (:func:`shape_parts`).
    name
        What the file is used as; errors and the source record call it so.
    layer
        The layer, where the file has several.
    id
        Column that holds the ids; it becomes the index. None numbers the rows from 1, in the order of the file.
    columns
        Columns to keep besides the ids; None keeps all.
    kinds
        Shapely type names that are allowed, for example ``{"Polygon", "MultiPolygon"}``; None allows all.
    repair
        Whether to mend invalid areas instead of refusing them: where the edge of an area crosses itself, everything
        that it encloses belongs to the area. The finding ``shapes_mended`` names them and how far their area changed.

    Returns
    -------
    GeoDataFrame
        All rows, in the order and the CRS of the file; heights are left out and counted in ``heights_left_out``.
        A remark of the reading library becomes the finding ``file_reader_remark``; text beyond plain letters in a
        shapefile that does not state its encoding becomes ``encoding_not_stated``; a file that says of itself that it
        is one page of several becomes ``file_says_it_is_a_part``; a reference system from which no sure way leads to
        WGS 84 becomes ``datum_uncertain``, with the metres at stake. The source record is attached.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DamagedFileError
        When the file cannot be read to its end, or parts of a shapefile are missing or cut off.
    MissingCRSError
        When the file does not say its CRS.
    WrongPlaceError
        When its coordinates cannot be of the CRS it says.
    GeometryError
        When a shape is missing, empty, invalid or of another kind.
    DuplicateIdError
        When an id is missing or occurs twice.
    InputError
        When layer or columns are not in the file, or it holds no row or no shapes.

    Examples
    --------
    >>> import tempfile
    >>> text = '''{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "A"},
    ... "geometry": {"type": "Point", "coordinates": [51.4, 35.7]}}]}'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "points.geojson"
    ...     size = file.write_text(text)
    ...     frame = read_vector(file, name="points", id="code")
    >>> frame.index.tolist(), frame.crs.to_epsg()
    (['A'], 4326)
    """
    path = path_of(path, name)
    folder = is_parts(path)
    if not folder:
        require_file(path, name)
        require_own_data(path, name)
        require_whole_shapes(path, name)
    wanted = None if columns is None else list(dict.fromkeys([*columns, *([id] if id is not None else [])]))
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        if folder:
            frame = _folder(path, name, wanted)
        else:
            frame = _parquet(path, name, wanted) if path.suffix.lower() in PARQUET else _ogr(path, name, layer, wanted)
    record = folder_record(path, name) if folder else record_of(path, name)
    if frame.empty:
        raise InputError(name, f"{path.name} holds no rows", "Check that it is the right file and was exported whole.")
    frame = _with_ids(frame, name, id)
    # A missing .prj is the usual reason: say so, rather than what to type.
    if frame.crs is None and path.suffix.lower() == ".shp":
        raise MissingCRSError(
            name,
            f"{path.name} comes without its .prj file, so that its coordinates mean nothing",
            f"Copy {path.stem}.prj into the same folder, or declare the CRS in a GIS.",
        )
    require_crs(frame, name)
    mended: list[Finding] = []
    if repair:
        frame, mended = _mended(frame, path.name)
    require_geometry(frame, name, kinds=kinds)
    _require_plausible(frame, name)
    corners = shapely.get_coordinates(shapely.centroid(np.asarray(frame.geometry.array)))
    findings = [
        *(() if folder else says_it_is_a_part(path, len(frame), layer=layer)),
        *_reader_remarks(remarks, path),
        *_encoding(frame, path),
        *mended,
        *datum_findings(require_crs(frame, name), corners[:, 0], corners[:, 1], path.name),
    ]
    high = shapely.has_z(frame.geometry.array)
    if high.any():
        frame = frame.set_geometry(frame.geometry.force_2d())
        message = f"{int(high.sum()):,} shapes of {path.name} have heights, which were left out."
        findings.append(Finding("heights_left_out", "information", message, count=int(high.sum())))
    return add_findings(add_sources(frame, record), *findings)


def _mended(frame: gpd.GeoDataFrame, file: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Return the frame with its invalid areas mended, and a finding that names them."""
    shapes = frame.geometry.array
    faulty = np.asarray(~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == AREA))
    if not faulty.any():
        return frame, []
    before = shapes[faulty]
    whole = [_with_strays(shape) for shape in before]
    strays = np.array([count for _, count in whole])
    after = shapely.make_valid([shape for shape, _ in whole], method="structure", keep_collapsed=False)
    size = shapely.area(after)
    # What mending leaves empty is refused afterwards; the areas of crossing edges can cancel out, so that they are no
    # measure to divide by.
    changed = np.abs(size - shapely.area(before)) / np.where(size > 0, size, np.inf)
    frame = frame.copy()
    frame.loc[faulty, frame.geometry.name] = gpd.GeoSeries(after, index=frame.index[faulty], crs=frame.crs)
    names = ", ".join(str(label) for label in frame.index[faulty][:NAMED])
    more = f" and {int(faulty.sum()) - NAMED:,} more" if faulty.sum() > NAMED else ""
    most = int(changed.argmax())
    stray = f" Rings that were holes of nothing became parts of {listed(frame.index[faulty][strays > 0])}."
    return frame, [
        Finding(
            "shapes_mended",
            "warning",
            f"{int(faulty.sum()):,} shapes of {file} have edges that cross themselves and were mended: {names}{more}. "
            f"The area changed most for {frame.index[faulty][most]}, by {changed[most]:.2%}."
            f"{stray if strays.any() else ''}",
            count=int(faulty.sum()),
            advice="Look at these shapes on the map; a better file needs no mending.",
        )
    ]


def _with_strays(shape: Any) -> tuple[Any, int]:
    """Return an area with its stray holes made parts of it, and how many there were.

    A hole that lies outside all outlines of its shape takes nothing away: some program has put a part of the area into
    the wrong list. Mending would drop it, and leave a gap that nobody lives in.
    """
    if shape.geom_type not in POLYGONS:
        return shape, 0
    parts = [shape] if shape.geom_type == "Polygon" else list(shape.geoms)
    outlines = shapely.make_valid([shapely.Polygon(part.exterior) for part in parts], method="structure")
    ground = shapely.union_all(outlines)
    kept: list[shapely.Polygon] = []
    stray: list[shapely.Polygon] = []
    for part in parts:
        holes: list[shapely.Polygon] = []
        for ring in part.interiors:
            hole = shapely.Polygon(ring)
            outside = hole.is_valid and hole.intersection(ground).area <= SLIGHT * hole.area
            (stray if outside else holes).append(hole)
        kept.append(shapely.Polygon(part.exterior, [hole.exterior for hole in holes]))
    return shapely.MultiPolygon([*kept, *stray]) if stray else shape, len(stray)


def _ogr(path: Path, name: str, layer: str | None, wanted: list[str] | None) -> gpd.GeoDataFrame:
    source: str | Path = path
    if path.suffix.lower() == ".zip":
        source, layer = _in_zip(path, name, layer)
    else:
        with path.open("rb") as stream:
            require_kind(stream.read(HEAD), path.name, name)
        source = path.absolute()
    with reading_whole_file(path, name):
        layer = _layer(source, path.name, name, layer)
        if path.suffix.lower() != ".zip":
            with path.open("rb") as stream:
                if stream.read(6) == b"SQLite":
                    require_plain_table(path, layer, name)
        info = pyogrio.read_info(source, layer=layer)
        if wanted is not None:
            _require_columns(list(info["fields"]), wanted, path.name, name)
        frame = pyogrio.read_dataframe(source, layer=layer, columns=wanted)
    if info["features"] > len(frame):
        found = f"{path.name} is cut off: {len(frame):,} of {info['features']:,} rows can be read"
        raise DamagedFileError(name, found, FETCH_AGAIN)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(name, f"{path.name} holds a table without shapes", "Name a file that holds points or areas.")
    return frame


def _in_zip(path: Path, name: str, layer: str | None) -> tuple[str, str | None]:
    """Return the file inside an archive to read, and its layer; of several files ``layer`` names one without ending."""
    with zipfile.ZipFile(path) as archive:
        # Archives made on a Mac carry a shadow of every file.
        names = [each for each in archive.namelist() if not each.startswith("__MACOSX/")]
    files = [each for each in names if PurePosixPath(each).suffix.lower() in DRAWN]
    if len(files) > 1:
        files = [each for each in files if PurePosixPath(each).stem == layer] or files
        layer = None
    if len(files) != 1:
        found = f"{path.name} holds {len(files):,} files with shapes" + (f": {', '.join(files)}" if files else "")
        raise InputError(name, found, "Unpack it and name one of them, or say which one as the layer.")
    return f"/vsizip/{path.resolve().as_posix()}/{files[0]}", layer


def _layer(source: str | Path, file: str, name: str, layer: str | None) -> str:
    """Return the layer to read: the one asked for, or the only one that holds shapes."""
    listed = pyogrio.list_layers(source)
    names = [str(each) for each, _ in listed]
    if layer is not None:
        if layer not in names:
            raise InputError(name, f"{file} has no layer {layer}", f"It has: {', '.join(names)}.")
        return layer
    drawn = [str(each) for each, kind in listed if kind is not None]
    if len(drawn) > 1:
        found = f"{file} has {len(drawn):,} layers: {', '.join(drawn)}"
        raise InputError(name, found, f"Say which one to read, for example layer: {drawn[0]}.")
    if not drawn:
        raise InputError(name, f"{file} holds no layer with shapes", "Name a file that holds points or areas.")
    return drawn[0]


def _parquet(path: Path, name: str, wanted: list[str] | None) -> gpd.GeoDataFrame:
    try:
        require_rows(path, name)
        with reading_whole_file(path, name):
            frame = gpd.read_parquet(path)
    except ImportError as error:
        advice = 'Install it with: pip install "spatialjustice[parquet]"'
        raise InputError(name, "reading GeoParquet needs the package pyarrow", advice) from error
    except DamagedFileError as error:
        if "geo metadata" in str(error):
            found = f"{path.name} is a Parquet table without shapes"
            raise InputError(name, found, "Write it with GeoDataFrame.to_parquet.") from error
        raise
    if frame.index.name is not None:
        frame = frame.reset_index()
    if wanted is not None:
        _require_columns(list(frame.columns), wanted, path.name, name)
        frame = frame[[*wanted, frame.geometry.name]]
    return frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame


def _folder(path: Path, name: str, wanted: list[str] | None) -> gpd.GeoDataFrame:
    parts = shape_parts(path, name=name)
    if wanted is not None:
        _require_columns(list(parts.columns), wanted, path.name, name)
    return parts.read(columns=wanted).reset_index(drop=True)


def _require_columns(there: list[str], wanted: list[str], file: str, name: str) -> None:
    for column in wanted:
        if column not in there:
            near = difflib.get_close_matches(column, there, n=1, cutoff=0.6)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise InputError(name, f"{file} has no column {column}", f"{meant}It has: {', '.join(map(str, there))}.")


def _with_ids(frame: gpd.GeoDataFrame, name: str, column: str | None) -> gpd.GeoDataFrame:
    """Put the ids into the index; whole numbers that a format stored as fractions become whole again."""
    if column is None:
        return frame.set_index(pd.RangeIndex(1, len(frame) + 1))
    _require_columns([label for label in frame.columns if label != "geometry"], [column], "the file", name)
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


def _encoding(frame: gpd.GeoDataFrame, path: Path) -> list[Finding]:
    """Warn where a shapefile does not say how its letters are stored and has letters that depend on it."""
    if path.suffix.lower() != ".shp" or any(path.with_suffix(end).exists() for end in (".cpg", ".CPG")):
        return []
    texts = frame.drop(columns="geometry").select_dtypes(["object", "string"])
    odd = [str(label) for label in texts if any(not str(value).isascii() for value in texts[label].dropna())]
    if not odd:
        return []
    return [
        Finding(
            code="encoding_not_stated",
            severity="warning",
            message=f"{path.name} has no .cpg file that says how its letters are stored; names may be garbled in "
            f"{', '.join(odd)}.",
            count=len(odd),
            advice="Add a .cpg file with the encoding (for example UTF-8 or 1256), or export to GeoPackage.",
        )
    ]


def select_rows(frame: gpd.GeoDataFrame, where: dict[str, Any], name: str) -> gpd.GeoDataFrame:
    """Keep the rows whose columns hold the given values; text is compared without regard to Arabic or Persian letters.

    Raises
    ------
    InputError
        When a column is not there, or no row holds the values.
    """
    kept = np.ones(len(frame), dtype=bool)
    _require_columns([label for label in frame.columns if label != "geometry"], list(where), "the file", name)
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
