"""Places as points from tables and files: kiosks, hotspots, cabinets; what is not in use, and what counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import DuplicateIdError, InputError
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import require_ids, require_overlap
from spatialjustice._core.ground.metres import metres_of, pairs_within
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.provenance import add_sources, path_of, sources_of
from spatialjustice.sources.guards.shapefiles import DRAWN
from spatialjustice.sources.places.vector import read_vector
from spatialjustice.sources.tables._coordinates import LocatedPoints, disagreement, from_columns
from spatialjustice.sources.tables._places_in_use import boarding_stops, rows_serving
from spatialjustice.sources.tables._text import headers
from spatialjustice.sources.tables._text_tables import read_text_table
from spatialjustice.sources.tables.frames.arrow_files import ARROW, PARQUET, columns_of_file
from spatialjustice.sources.tables.frames.rows import is_file, label_of, rows_given
from spatialjustice.sources.tables.table import table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from spatialjustice.sources.tables.frames.rows import Source

ROLES = ("id", "longitude", "latitude", "x", "y", "name", "opening_hours")
LETTERS_UNSAID = frozenset({".shp", ".zip", ".csv", ".tsv", ".txt", ".gz"})
COLUMNS = ["service", "name", "name_fa", "opening_hours", "inside", "tags", "geometry", "access"]


def points(
    source: Source,
    *,
    service: str,
    columns: Mapping[str, str],
    crs: Any = None,
    in_use: Mapping[str, Collection[str]] | None = None,
    within: gpd.GeoDataFrame | None = None,
    rescale: bool = False,
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    r"""Read places that are points: public Wi-Fi, kiosks, cabinets of fibre or DSL.

    Parameters
    ----------
    source
        A text table (``.csv``, ``.tsv``, also ``.gz``), a file with shapes, Parquet, or a frame of GeoPandas, pandas,
        polars, pyarrow or DuckDB; where no coordinates are named, its column of shapes is looked for.
    service
        What they are, for example ``"wifi"``.
    columns
        What is in which column: ``id``, ``name``, ``opening_hours`` (as OpenStreetMap writes them), and
        ``longitude`` and ``latitude`` in degrees, or ``x`` and ``y`` in ``crs``. Where a file says its places twice
        (degrees or shapes beside ``x`` and ``y``), ``x`` and ``y`` are only compared with the others.
    crs
        Coordinate reference system of ``x`` and ``y``, or of shapes that do not say it.
    in_use
        Column → values that mean that a place works, for example ``{"Project Status": ["Live"]}``. Others are set
        aside and counted. None takes all.
    within
        The place; refused where no point lies there. Points outside stay, because people may walk there.
    rescale
        Whether to divide coordinates that are 10, 100 or 1,000 times too large because their decimal point was lost;
        without it they are refused.
    encoding
        How the letters of a text table, or of a shapefile, are stored; None as in :func:`table`.

    Returns
    -------
    GeoDataFrame
        As from :func:`services`, so that it can be reached: index ``service_id``, ``service``, ``name``, ``inside``,
        ``tags`` with the file's own columns, ``geometry`` (EPSG:4326), ``access``; and ``opening_hours``. ``attrs``
        hold ``ledger`` (every row of the file accounted for) and ``set_aside`` (ids of the places not in use).

    Of a table with the columns of a timetable's ``stops.txt`` the rows to board at count (``location_type`` 0 or
    empty); rows that say they are gone, closed, planned or not open yet, in columns that are called as OpenStreetMap's
    keys or in their opening hours, do not count. Findings name both; for stops ``in_use`` chooses otherwise.

    Raises
    ------
    MissingFileError, DamagedFileError
        When the file cannot be read.
    DuplicateIdError
        When an id is there twice or empty.
    WrongPlaceError
        When coordinates are swapped, too large by a power of ten, or of another place.
    InputError
        When a column is not there, or a cell is no number.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "kiosks.csv"
    ...     size = file.write_text("Id,Lat,Lon,Status\na,40.7,-73.9,Live\nb,40.8,-73.9,Planned\n")
    ...     roles = {"id": "Id", "longitude": "Lon", "latitude": "Lat"}
    ...     kiosks = points(file, service="kiosk", columns=roles, in_use={"Status": ["Live"]})
    >>> kiosks.index.tolist(), kiosks.attrs["set_aside"]
    (['kiosk/a'], ['b'])
    """
    name = f"points ({service})"
    _check_roles(columns, crs, name)
    label = label_of(source)
    frame = _rows(source, columns, crs, name, encoding)
    inherited = (frame.attrs.get("sources", []), frame.attrs.get("findings", []))
    if isinstance(frame, gpd.GeoDataFrame):
        cells = [str(column) for column in frame.columns]
        frame.columns = pd.Index(headers(cells, [()] * len(cells), label, name)[0])
    found = _located(frame, columns, crs, name, rescale=rescale)
    rows = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    for column in columns.values():
        if column not in rows.columns:
            raise InputError(name, f"there is no column {column}", f"It has: {', '.join(map(str, rows.columns))}.")
    ids = _ids(rows, columns.get("id"), name)
    chosen = _in_use(rows, in_use, name)
    boards, of_boarding = boarding_stops(rows[chosen], name, chosen=in_use or ())
    serves, of_serving = rows_serving(
        rows[chosen], ids[chosen], name, sources=frame, hours=columns.get("opening_hours")
    )
    boards, serves = (mask.reindex(rows.index, fill_value=True) for mask in (boards, serves))
    works = chosen & boards & serves
    kept = works & found.known
    result = _places(rows[kept], ids[kept], found.points[kept], service, columns)
    result.attrs = {"sources": list(inherited[0]), "findings": list(inherited[1])}
    if within is not None:
        if kept.any():
            require_overlap(result, within, name)
        result["inside"] = np.asarray(result.geometry.intersects(within.to_crs(4326).union_all()))
    ledger = Ledger()
    elsewhere = {"not in use": int((~chosen).sum()), "without coordinates": int((works & ~found.known).sum())}
    for where, mask in (("not for boarding", boards), ("closed or planned", serves | ~boards)):
        if not mask.all():
            elsewhere[where] = int((~mask).sum())
    ledger.record(f"read {label}", "places", before=len(rows), after=len(result), elsewhere=elsewhere, unit="rows")
    result.attrs["ledger"] = ledger.to_frame().to_dict("records")
    result.attrs["set_aside"] = ids[~(chosen & serves)].tolist()
    remarks = _remarks(rows, chosen, works & ~found.known, in_use, name)
    return add_findings(result, *found.findings, *remarks, *of_boarding, *of_serving)


def _rows(source: Source, columns: Mapping[str, str], crs: Any, name: str, encoding: str | None) -> pd.DataFrame:
    """Read rows of points, with their shapes where they have such and no coordinates are named instead."""
    located = {"longitude", "x"} & set(columns)
    if not is_file(source):
        given = rows_given(source, name)
        drawn = isinstance(given, gpd.GeoDataFrame) or not located
        if not drawn:
            return read_text_table(given, name=name)
        shapes: pd.DataFrame = read_vector(given, name=name, crs=None if located else crs)
        return shapes
    path = path_of(source, name)
    ending = path.suffix.lower()
    columnar = ending in PARQUET | ARROW
    if located and columnar and not isinstance(columns_of_file(path, name).rows, gpd.GeoDataFrame):
        return table(path, name=name)
    if not located or columnar or ending in DRAWN or ending == ".zip":
        stored = encoding if ending in LETTERS_UNSAID else None
        read: pd.DataFrame = read_vector(path, name=name, crs=None if located else crs, encoding=stored)
        return read
    return read_text_table(path, name=name, encoding=encoding)


def _check_roles(columns: Mapping[str, str], crs: Any, name: str) -> None:
    strangers = [role for role in columns if role not in ROLES]
    if strangers:
        raise InputError(name, f"{strangers[0]} is not what a column can be", f"Choose among {', '.join(ROLES)}.")
    for one, other in (("longitude", "latitude"), ("x", "y")):
        if (one in columns) != (other in columns):
            raise InputError(name, f"only one of {one} and {other} is named", "Name both.")
    if "x" in columns and crs is None:
        raise InputError(name, "nobody says in which reference system x and y are", "Name it, for example crs=25831.")


def _located(frame: pd.DataFrame, columns: Mapping[str, str], crs: Any, name: str, *, rescale: bool) -> LocatedPoints:
    """Find the places: shapes before degrees before x and y; the rest is compared with them."""
    ways: list[tuple[str, LocatedPoints]] = []
    if isinstance(frame, gpd.GeoDataFrame):
        centres = frame.geometry.to_crs(4326)
        centres = centres.where(centres.geom_type == "Point", centres.representative_point())
        ways.append(("the shapes", LocatedPoints(centres, np.ones(len(frame), dtype=bool), [])))
    for pair, system in ((("longitude", "latitude"), 4326), (("x", "y"), crs)):
        if pair[0] in columns:
            named = (columns[pair[0]], columns[pair[1]])
            ways.append((" and ".join(named), from_columns(frame, named, system, name, rescale=rescale)))
    if not ways:
        raise InputError(name, "nobody says where the places are", "Name longitude and latitude, or x and y.")
    used = ways[0][1]
    said = [*used.findings]
    for what, other in ways[1:]:
        said += [*other.findings, *disagreement(used, other, what, name)]
    return used._replace(findings=said)


def _ids(rows: pd.DataFrame, column: str | None, name: str) -> pd.Series[Any]:
    if column is None:
        return pd.Series(rows.index, index=rows.index)
    if column not in rows.columns:
        raise InputError(name, f"there is no column {column}", f"It has: {', '.join(map(str, rows.columns))}.")
    ids = rows[column].map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    empty = ids.isna() | ids.eq("")
    if empty.any():
        raise DuplicateIdError(name, f"{int(empty.sum()):,} rows have no id", "Fill them in.", rows=rows.index[empty])
    require_ids(pd.Series(0, index=pd.Index(ids)), name)
    return ids


def _in_use(rows: pd.DataFrame, in_use: Mapping[str, Collection[str]] | None, name: str) -> pd.Series[bool]:
    works = pd.Series(data=True, index=rows.index)
    for column, values in (in_use or {}).items():
        if column not in rows.columns:
            raise InputError(name, f"there is no column {column}", f"It has: {', '.join(map(str, rows.columns))}.")
        wanted = {str(value).strip() for value in ([values] if isinstance(values, str) else values)}
        texts = rows[column].map(lambda cell: "" if pd.isna(cell) else str(cell).strip())
        works &= texts.isin(wanted)
        if not works.any():
            there = ", ".join(sorted(texts.unique())[:8])
            raise InputError(name, f"no row has {column} {' or '.join(sorted(wanted))}", f"It holds: {there}.")
    return works


def _places(
    rows: pd.DataFrame, ids: pd.Series[Any], where: gpd.GeoSeries, service: str, columns: Mapping[str, str]
) -> gpd.GeoDataFrame:
    def said(role: str) -> Any:
        return rows[columns[role]].astype(object).replace("", None) if role in columns else None

    plain = rows.astype(object).where(rows.notna(), None).to_dict("records")
    tags = [{str(key): value for key, value in row.items() if value is not None and value != ""} for row in plain]
    shapes = gpd.GeoSeries(where.array, index=rows.index, crs=4326)
    frame = gpd.GeoDataFrame(
        {
            "service": service,
            "name": said("name"),
            "name_fa": None,
            "opening_hours": said("opening_hours"),
            "inside": True,
            "tags": pd.Series(tags, index=rows.index, dtype=object),
            "geometry": shapes,
        },
        index=rows.index,
        geometry="geometry",
        crs=4326,
    )
    frame["access"] = gpd.GeoSeries([shapely.MultiPoint([point]) for point in shapes], index=rows.index, crs=4326)
    frame.index = pd.Index([f"{service}/{label}" for label in ids], dtype=object, name="service_id")
    return frame[COLUMNS]


def _remarks(
    rows: pd.DataFrame,
    works: pd.Series[bool],
    lacking: pd.Series[bool],
    in_use: Mapping[str, Collection[str]] | None,
    name: str,
) -> list[Finding]:
    remarks = []
    if not works.all():
        column = next(iter(in_use or {}))
        counts = rows.loc[~works, column].value_counts()
        states = ", ".join(f"{count:,} {label or 'empty'}" for label, count in counts.items())
        message = f"{name}: {int((~works).sum()):,} of {len(rows):,} places are not in use ({states}) and do not count."
        remarks.append(
            Finding(
                "points_not_in_use",
                "information",
                message,
                values={"name": name, "count": int((~works).sum()), "all": len(rows), "states": states},
                count=int((~works).sum()),
            )
        )
    lost = int(lacking.sum())
    if lost:
        message = f"{name}: {lost:,} places have no coordinates, or 0 for both, and do not count."
        advice = "Fill them in; they serve somebody."
        remarks.append(Finding("points_without_coordinates", "warning", message, count=lost, advice=advice))
    return remarks


def distinct_places(
    layers: Sequence[gpd.GeoDataFrame], *, distance: float = 0.0, same: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Put layers of places into one in which every place counts once, with every row accounted for.

    Parameters
    ----------
    layers
        From :func:`points` or :func:`services`, those to keep first; each of one service. Empty ones are passed over.
    distance
        Metres within which two places are one, closed. The first layer wins, within a layer the id that comes first in
        the alphabet; a place is compared with those kept, not with those left out, so that no chain grows.
    same
        Service → name of a tag that holds the id of a place in an earlier layer, for example
        ``{"wifi": "SourceID"}``: such a row is that place; where that place is set aside as not in use, the row is so
        too.

    Returns
    -------
    GeoDataFrame
        The places kept, with ``entries``: how many rows stand for each. ``attrs["ledger"]`` goes on from those of the
        layers: what went in, what is left, and where the rest went.

    Raises
    ------
    InputError
        When there is no layer, a distance is negative, or two layers are of one service.
    ConservationError
        When a row is lost.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame({"service": "wifi", "tags": [{}, {}]}, index=["wifi/1", "wifi/2"],
    ...     geometry=gpd.points_from_xy([2.17, 2.17], [41.4, 41.4]), crs=4326)
    >>> found = distinct_places([frame])
    >>> found["entries"].to_dict()
    {'wifi/1': 2}
    """
    if not layers:
        raise InputError("layers", "there is none", "Give at least one frame of places.")
    if isinstance(distance, bool) or not distance >= 0:
        raise InputError("distance", f"it is {distance!r}", "Give metres, 0 or more.")
    layers = [layer for layer in layers if len(layer)] or [layers[0]]
    services = [str(layer["service"].iloc[0]) if len(layer) else "" for layer in layers]
    if len({*services}) < len(services):
        raise InputError("layers", f"several are of one service ({', '.join(services)})", "Give each its own name.")
    for layer, service in zip(layers, services, strict=True):
        require_ids(layer, f"layers ({service})")
    ordered = [layer.to_crs(4326).sort_index() for layer in layers]
    together = gpd.GeoDataFrame(pd.concat([pd.DataFrame(layer) for layer in ordered]), crs=4326)
    gone = {f"{service}/{one}" for layer, service in zip(layers, services, strict=True)
            for one in layer.attrs.get("set_aside", [])}  # fmt: skip
    stands, why = _same_places(together, distance, same or {}, gone)
    kept = stands == np.arange(len(together))
    result = together[kept].copy()
    entries = np.bincount(stands[stands >= 0], minlength=len(together))
    result["entries"] = entries[kept]
    elsewhere = {label: int((why == label).sum()) for label in ("same place", "named as another", "not in use")}
    ledger = Ledger()
    before = len(together)
    ledger.record("count once", "places", before=before, after=len(result), elsewhere=elsewhere, unit="rows")
    earlier = [line for layer in layers for line in layer.attrs.get("ledger", [])]
    result.attrs = {"ledger": [*earlier, *ledger.to_frame().to_dict("records")]}
    add_sources(result, *sources_of(*layers))
    add_findings(result, *findings_of(*layers))
    left = before - len(result)
    if not left:
        return result
    told = ", ".join(f"{count:,} {label}" for label, count in elsewhere.items() if count)
    message = f"{left:,} of {before:,} rows are no places of their own ({told}) and do not count."
    return add_findings(
        result,
        Finding(
            "places_counted_once",
            "information",
            message,
            values={"count": left, "all": before, "told": told},
            count=left,
        ),
    )


def _same_places(
    together: gpd.GeoDataFrame, distance: float, same: Mapping[str, str], gone: set[str]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return which row stands for each, -1 for none, and why it is not the row itself."""
    stands, why = np.arange(len(together)), np.full(len(together), "", dtype=object)
    place = {str(label).partition("/")[2]: row for row, label in reversed(list(enumerate(together.index)))}
    aside = {label.partition("/")[2] for label in gone}
    services, tags = together["service"].to_numpy(), together["tags"].to_numpy()
    for row in range(len(together)):
        tag = same.get(services[row])
        other = None if tag is None else str(tags[row].get(tag, ""))
        if other in aside:
            stands[row], why[row] = -1, "not in use"
        elif other in place and place[other] < row and services[place[other]] != services[row]:
            stands[row], why[row] = stands[place[other]], "named as another"
    if not len(together):
        return stands, why
    metres = metres_of(together)
    shapes = np.asarray(together.geometry.to_crs(metres.crs).array)
    # Nearer than a centimetre is the same point, written with other decimals.
    pairs = np.stack(pairs_within(shapes, metres, max(distance, 0.01)))
    order = np.lexsort((pairs[1], pairs[0]))
    for row, other in pairs[:, order].T:
        if other < row and stands[row] == row and stands[other] == other:
            stands[row], why[row] = other, "same place"
    return stands, why
