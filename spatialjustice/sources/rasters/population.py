"""How many people live in each zone: from a raster, from a column, or from zones of another make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj.exceptions import ProjError

from spatialjustice._core.carried import Carried
from spatialjustice._core.errors import ConservationError, InputError, PopulationError, WrongPlaceError
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import metric_crs, require_crs, require_geometry, require_ids, require_overlap
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import SourceRecord, add_sources, path_of
from spatialjustice.sources.places.vector import POLYGONS, read_vector
from spatialjustice.sources.places.zone_checks import overlapping
from spatialjustice.sources.rasters._cell_shares import (
    cut_by_outline,
    cut_sources,
    joined_zones,
    land_finding,
    people_by_land,
    require_land,
    sums_and_known,
    sums_over_shapes,
)
from spatialjustice.sources.rasters._cell_values import WORDS, checked_per
from spatialjustice.sources.rasters._people_findings import (
    TOLERANCE,
    coverage,
    datum_doubts,
    people_beyond,
    without_data,
)
from spatialjustice.sources.rasters._raster import PeopleRaster, metres_per_unit, raster_crs, read_people
from spatialjustice.sources.tables.frames.rows import ArrowStream, rows_given

if TYPE_CHECKING:
    from pathlib import Path

    from spatialjustice.sources.rasters._cell_values import Per
    from spatialjustice.sources.tables.frames.rows import Source

NAME = "population"


def population(
    source: Source,
    zones: gpd.GeoDataFrame,
    *,
    nodata: float | None = None,
    column: str | None = None,
    within: gpd.GeoDataFrame | None = None,
    per: Per | None = None,
    land: gpd.GeoDataFrame | Literal["zones"] | None = None,
) -> pd.Series[float]:
    r"""Count the people of each zone, without losing or doubling one.

    A cell that a zone covers in part gives it that share of its people: ``people = Σ cells · share covered``. The
    people outside the zones are counted on their own, over what is left of the raster, and the three numbers must add
    up. With ``land`` the people of a cell are shared over the land in it instead.

    In signs: :math:`P_i = \sum_c p_c \, |c \cap z_i| / |c|`, the people :math:`p_c` of each cell c by the part of the
    cell in zone :math:`z_i`.

    Parameters
    ----------
    source
        Raster with people, in any CRS; or polygons with a ``column`` of people, of a file or frame as
        :func:`read_vector` takes them, shared out as :func:`areal_weighting` does.
    zones
        Polygons that do not overlap, in any CRS.
    nodata
        Value of the raster that means no data, where the file does not declare it.
    column
        Column with the people, where ``source`` holds polygons.
    within
        The place the raster must cover; None takes the zones.
    per
        What the cells of a raster hold: people in each ``cell``, or a density per ``km2`` or ``hectare``, which is
        multiplied by the area of each cell. None takes them as people in each cell, but refuses a raster whose name,
        units or tags speak of a density.
    land
        The land that people can live on, as polygons, or ``"zones"`` where the zones are all the land there is, as on
        an island. None shares cells by their area, and tells of people whom that may put into the sea
        (``people_in_cut_cells``).

    Returns
    -------
    Series
        ``people``, float, on the zones' index and order. Zones the raster does not reach have 0 people and are told
        in the finding ``raster_covers_part_of_place``. ``attrs`` holds ``people_before`` (in the whole raster; of
        a raster of more than ten million cells only in the window around the zones, as ``counted_over`` says) and
        ``people_outside_zones`` (of these); of a raster also what its cells hold (``cells_hold``).
        Cells without data count as empty of people (``raster_cells_without_data``).

    Raises
    ------
    MissingFileError, DamagedFileError, MissingCRSError
        When the raster is not there, cannot be read to its end, or lies nowhere.
    WrongPlaceError
        When it covers none of the zones.
    PopulationError
        When cells, scaled as the file says, are negative, endless or impossibly large; when they seem to hold a density
        and nobody said so; or when nobody lives in the zones.
    ConservationError
        When zones overlap, so that people are counted twice.
    InputError
        When the raster has several bands, polygons come without ``column``, or ``per`` or ``land`` cannot be used.

    References
    ----------
    Baston, D.: exactextract, fast and accurate zonal statistics. https://github.com/isciences/exactextract

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import rasterio
    >>> cells = np.array([[10, 20], [30, 40]], dtype="uint8")
    >>> zone = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 150)], index=["A"], crs=32639)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "people.tif"
    ...     with rasterio.open(file, "w", width=2, height=2, count=1, dtype="uint8", crs="EPSG:32639",
    ...                        transform=rasterio.Affine(100, 0, 0, 0, -100, 200)) as raster:
    ...         raster.write(cells, 1)
    ...     people = population(file, zone)
    >>> people.round(6).to_dict(), people.attrs["people_before"], round(people.attrs["people_outside_zones"], 6)
    ({'A': 35.0}, 100.0, 65.0)
    """
    require_ids(zones, "zones")
    require_crs(zones, "zones")
    require_geometry(zones, "zones", kinds=POLYGONS)
    checked_per(per)
    require_land(land)
    if column is not None or isinstance(source, pd.DataFrame | gpd.GeoSeries | ArrowStream):
        return _from_polygons(source, zones, column, land)
    path = path_of(source, NAME)
    crs, cell = raster_crs(path, NAME)
    shapes = _in_raster_crs(zones, crs, cell)
    bounds = shapely.total_bounds(shapes)
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        found = f"the zones have no coordinates in the CRS of {path.name}"
        raise WrongPlaceError(NAME, found, "Get the raster of this place; where it should be, check the CRS of both.")
    raster = read_people(path, NAME, (bounds[0], bounds[1], bounds[2], bounds[3]), nodata=nodata, per=per)
    place = shapes if within is None else _in_raster_crs(within, crs, cell)
    ground = _in_raster_crs(land, crs, cell) if isinstance(land, gpd.GeoDataFrame) else np.empty(0, dtype=object)
    in_crs = shapes
    shapes, place, ground = (_in_cells(each, raster) for each in (shapes, place, ground))
    rows, columns = raster.people.shape
    window = shapely.box(0, 0, columns, rows)
    everywhere = joined_zones(shapes)
    # What is known is summed in the same pass, since what each zone covers of each cell is most of the work.
    people, known = sums_and_known(np.where(raster.missing, np.nan, raster.people), shapes)
    before = float(raster.people.sum())
    outside = _people_outside(raster.people, window, everywhere, before - float(people.sum()))
    _require_conserved(before, people, outside, zones)
    shared = []
    if land is None:
        shared = cut_by_outline(raster.people, everywhere, path.name, float(people.sum()))
    else:
        by_area = people
        people, outside = people_by_land(
            raster.people, shapes, None if isinstance(land, str) else shapely.union_all(ground)
        )
        _require_conserved(before, people, outside, zones)
        shared = land_finding(float(by_area.sum()), float(people.sum()))
    if not people.sum() > 0:
        raise PopulationError(
            NAME,
            f"{path.name} has no people in the zones, and {outside:,.0f} around them",
            "Check that the raster is of this place and holds people.",
        )
    unknown = [str(zone) for zone in zones.index[known <= TOLERANCE * shapely.area(shapes)]]
    findings = [*raster.findings, *datum_doubts(crs, in_crs, path.name), *shared, *coverage(place, window, path.name)]
    if unknown:
        message = f"{path.name} says nothing about {len(unknown):,} of {len(zones):,} zones: whether people live there "
        message += "is unknown; they count as none in sums and as “no data” on maps."
        advice = "Usual for water and open land around a town; otherwise get a raster without gaps."
        findings.append(
            Finding(
                "zones_without_population_data",
                "information",
                message,
                len(unknown),
                advice=advice,
                values={"file": path.name, "count": len(unknown), "all": len(zones)},
            )
        )
    findings += without_data(raster, everywhere, path.name)
    findings += people_beyond(before, outside, f"{'in' if raster.whole else 'around the zones in'} {path.name}")
    series = pd.Series(people, index=zones.index, name="people")
    series.attrs["zones_without_data"] = Carried(unknown)
    series.attrs["cells_hold"] = WORDS[per or "cell"]
    series.attrs["counted_over"] = "the whole raster" if raster.whole else "a window around the zones"
    return _people_series(series, before, outside, findings, [raster.record])


def check_raster(
    path: str | Path, place: gpd.GeoDataFrame, *, nodata: float | None = None, per: Per | None = None
) -> pd.Series[float]:
    """Check a raster of people for a place, with every check :func:`population` makes.

    Parameters
    ----------
    path
        Raster with people per cell.
    place
        Polygons in any CRS.
    nodata
        Value that means no data, where the file does not declare it.
    per
        What the cells hold, as :func:`population` takes it.

    Returns
    -------
    Series
        People in the place, on its index, with source record and findings.

    Raises
    ------
    SpatialJusticeError
        As :func:`population` raises it.
    """
    return population(path, place, nodata=nodata, per=per)


def population_from_column(zones: pd.DataFrame | ArrowStream, column: str) -> pd.Series[float]:
    """Take the people of each zone from a column, and refuse what is no number of people.

    Parameters
    ----------
    zones
        The zones, with the column: a frame of pandas, or of polars, pyarrow or DuckDB, whose rows are numbered from 1.
    column
        Its name.

    Returns
    -------
    Series
        ``people``, float, on the zones' index and order; never NaN.

    Raises
    ------
    PopulationError
        When values are missing, negative, endless or text, naming the rows; when all are zero.
    InputError
        When there is no such column.
    DuplicateIdError
        When an id is missing or occurs twice.

    Examples
    --------
    >>> population_from_column(pd.DataFrame({"pop": [7, 0]}, index=["A", "B"]), "pop").to_dict()
    {'A': 7.0, 'B': 0.0}
    """
    if not isinstance(zones, pd.DataFrame):
        zones = rows_given(zones, "zones")
    require_ids(zones, "zones")
    if column not in zones.columns:
        there = ", ".join(str(label) for label in zones.columns if label != "geometry")
        raise InputError("zones", f"there is no column {column}", f"They have: {there}.")
    given = zones[column]
    texts = np.array([isinstance(value, str) for value in given])
    if texts.any():
        rows = [f"{label}: {value}" for label, value in given[texts].items()]
        found = f"{int(texts.sum()):,} values are text, not numbers"
        raise PopulationError(column, found, _number_written([str(value) for value in given[texts]]), rows=rows)
    values = as_floats(given, column, error=PopulationError)
    faults = {
        "are missing": (np.isnan(values), "Fill them in, with 0 where nobody lives, or leave these zones out."),
        "are endless": (np.isinf(values), "A division by zero leaves such values."),
        "are negative": (values < 0, "Numbers such as -1 or -666666666 mark missing values: fill in the true ones."),
    }
    for what, (wrong, advice) in faults.items():
        if wrong.any():
            rows = [f"{label}: {value:.10g}" for label, value in zip(given.index[wrong], values[wrong], strict=True)]
            raise PopulationError(column, f"{int(wrong.sum()):,} values {what}", advice, rows=rows)
    if not values.sum() > 0:
        raise PopulationError(column, "all values are zero", "Name the column with people.")
    series = pd.Series(values, index=zones.index, name="people")
    return _people_series(series, float(values.sum()), 0.0, [], [])


def areal_weighting(
    source: gpd.GeoDataFrame,
    target: gpd.GeoDataFrame,
    *,
    column: str,
    land: gpd.GeoDataFrame | Literal["zones"] | None = None,
) -> pd.Series[float]:
    """Hand the people of one set of zones to another by shares of area, as if they lived evenly spread.

    ``people(t) = Σ people(s) · area(s ∩ t) / area(s)``. Whoever lives in a part of a source zone that no target
    covers stays outside and is counted.

    Parameters
    ----------
    source
        Polygons with people, such as census tracts, in any CRS; they must not overlap.
    target
        Polygons that do not overlap, in any CRS; areas are measured in their metric CRS.
    column
        Column of ``source`` with the people.
    land
        The land that people can live on, as polygons, or ``"zones"`` where the target is all the land there is: then
        ``area(s)`` is that of its land. A source zone without land keeps its people and shares them by its whole area.

    Returns
    -------
    Series
        ``people``, float, on the target's index and order; 0 where no source zone reaches. ``attrs`` holds
        ``people_before`` (all of the source) and ``people_outside_zones``, which has a finding of its name.

    Raises
    ------
    PopulationError
        When a value is missing, negative or no number, or no source zone with people meets the target.
    ConservationError
        When target zones overlap, so that people are counted twice.
    WrongPlaceError
        When source and target lie in different places.
    GeometryError, DuplicateIdError, MissingCRSError
        When either set of zones is unusable.

    References
    ----------
    Goodchild, M. F. and Lam, N. S.-N. (1980): Areal interpolation: a variant of the traditional spatial problem.
    Geo-Processing 1, 297-312.

    Examples
    --------
    >>> tracts = gpd.GeoDataFrame({"pop": [100]}, geometry=[shapely.box(0, 0, 100, 100)], crs=32639)
    >>> halves = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 50, 100), shapely.box(50, 0, 75, 100)], crs=32639)
    >>> people = areal_weighting(tracts, halves, column="pop")
    >>> people.round(6).tolist(), round(people.attrs["people_outside_zones"], 6)
    ([50.0, 25.0], 25.0)
    """
    for frame, name in ((source, "source"), (target, "target")):
        require_ids(frame, name)
        require_crs(frame, name)
        require_geometry(frame, name, kinds=POLYGONS)
    require_overlap(source, target, "source")
    counted = population_from_column(source, column).to_numpy()
    crs = metric_crs(target)
    given, wanted = (np.asarray(frame.geometry.to_crs(crs).array) for frame in (source, target))
    areas = shapely.area(given)
    if not (areas > 0).all():
        rows = source.index[areas == 0]
        raise PopulationError("source", f"{len(rows):,} zones have people but no area", "Mend them.", rows=rows)
    require_land(land)
    whole = given
    if land is not None:
        ground = shapely.union_all(wanted if isinstance(land, str) else np.asarray(land.geometry.to_crs(crs).array))
        dry = shapely.intersection(given, ground)
        given = np.where(shapely.area(dry) > TOLERANCE * areas, dry, given)
        areas = shapely.area(given)
    tree = shapely.STRtree(wanted)
    left, right = tree.query(given, predicate="intersects")
    shared = shapely.area(wanted)[right]
    shapely.prepare(given)
    # Most zones lie inside one source, and cutting them with its outline would be most of the work.
    cut = ~shapely.contains_properly(given[left], wanted[right])
    shared[cut] = shapely.area(shapely.intersection(given[left[cut]], wanted[right[cut]]))
    shares = shared / areas[left]
    people = np.bincount(right, weights=counted[left] * shares, minlength=len(wanted))
    # What is outside is measured on its own, so that overlapping targets cannot go unnoticed.
    everywhere, rest = joined_zones(wanted), np.zeros(len(given))
    shapely.prepare(everywhere)
    beyond = ~shapely.covers(everywhere, given)
    rest[beyond] = shapely.area(shapely.difference(given[beyond], everywhere)) / areas[beyond]
    before, outside = float(counted.sum()), float((counted * rest).sum())
    _require_conserved(before, people, outside, target)
    if not people.sum() > 0:
        raise PopulationError(
            "source", "nobody of the source lives in the target zones", "Check that both belong to one place."
        )
    findings = [Finding(**item) for item in source.attrs.get("findings", [])]
    if land is None:
        findings += cut_sources(whole, np.asarray(counted, dtype=np.float64), rest)
    findings += people_beyond(before, outside, f"of {column}")
    message = f"People were handed from {len(source):,} zones to {len(target):,} by shares of area."
    findings.append(
        Finding("people_spread_by_area", "information", message, count=len(source), people=before - outside)
    )
    records = [SourceRecord(**item) for item in source.attrs.get("sources", [])]
    return _people_series(pd.Series(people, index=target.index, name="people"), before, outside, findings, records)


def _from_polygons(source: Source, zones: gpd.GeoDataFrame, column: str | None, land: Any) -> pd.Series[float]:
    if column is None:
        raise InputError(NAME, "the source holds polygons", "Name the column with the people: column=….")
    frame = source
    if not isinstance(frame, gpd.GeoDataFrame) or not frame.attrs.get("sources"):
        frame = read_vector(frame, name=NAME, columns=[column], kinds=POLYGONS)
    return areal_weighting(frame, zones, column=column, land=land)


def _people_series(
    series: pd.Series[float],
    before: float,
    outside: float,
    findings: list[Finding],
    records: list[SourceRecord],
) -> pd.Series[float]:
    """Say on a Series of people what it is."""
    series.attrs |= {
        "measure": "people",
        "unit": "people",
        "direction": "none",
        "cutoff": None,
        "people_before": before,
        "people_outside_zones": outside,
    }
    return add_findings(add_sources(series, *records), *findings)


def _number_written(values: list[str]) -> str:
    """Say how a number that is text can become one again."""
    if any(re.search("[۰-۹٠-٩]", value) for value in values):  # noqa: RUF001 (Persian and Arabic digits)
        return "They are written with Persian or Arabic digits: change these to 0-9 and save the column as numbers."
    if any(re.fullmatch(r"\s*-?\d{1,3}([.,'٬\s]\d{3})+\s*", value) for value in values):
        return "They have marks between the thousands: remove the marks and save the column as numbers."
    if any(re.fullmatch(r"\s*-?\d+,\d+\s*", value) for value in values):
        return "They have a comma before the decimals: write a point and save the column as numbers."
    if all(re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", value) for value in values):
        return "They look like numbers stored as text: save the column as numbers."
    return "Name the column with people, and save it as numbers."


def _in_raster_crs(zones: gpd.GeoDataFrame, crs: Any, cell: float) -> np.ndarray[Any, Any]:
    """Bring zones into the raster's CRS; long edges are divided first, because they bend on the way."""
    if zones.crs == crs:
        return np.asarray(zones.geometry.array)
    step = max(1.0, cell * metres_per_unit(crs)) / metres_per_unit(zones.crs)
    shapes = zones.geometry.copy()
    west, south, east, north = shapely.bounds(np.asarray(shapes.array)).T
    wide = np.hypot(east - west, north - south) > step  # in others no edge is long
    shapes[wide] = shapes[wide].segmentize(step)
    try:
        return np.asarray(shapes.to_crs(crs).array)
    except ProjError as error:
        found = f"there is no way from the reference system of the zones to that of the raster ({error})"
        raise WrongPlaceError(NAME, found, "Reproject one of them in a GIS.") from error


def _in_cells(shapes: np.ndarray[Any, Any], raster: PeopleRaster) -> np.ndarray[Any, Any]:
    """Measure shapes in cells of the window, from its lower left corner, so that every cell is a square of side 1."""
    a, b, c, d, e, f = raster.to_cells
    rows = raster.people.shape[0]

    def turned(xy: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        x, y = xy[:, 0], xy[:, 1]
        return np.column_stack([a * x + b * y + c, rows - (d * x + e * y + f)])

    return np.asarray(shapely.transform(shapes, turned))


def _people_outside(cells: np.ndarray[Any, Any], window: Any, everywhere: Any, missing: float) -> float:
    """Count the people outside all zones, on their own, so that zones that overlap cannot go unnoticed.

    Where zones end at the edge of the raster but for a hair, what is left of the window is slivers, of which the
    reader of cells may take one for a whole cell; then the zones as one shape are counted instead.
    """
    total = float(cells.sum())
    outside = float(sums_over_shapes(cells, np.array([shapely.difference(window, everywhere)]), quiet=True)[0])
    if abs(missing - outside) <= TOLERANCE * max(1.0, total):
        return outside
    return max(0.0, total - float(sums_over_shapes(cells, np.array([everywhere]), quiet=True)[0]))


def _require_conserved(before: float, people: np.ndarray[Any, Any], outside: float, zones: gpd.GeoDataFrame) -> None:
    """Refuse a result in which people were lost or counted twice, and name the zones that did it."""
    unexplained = before - float(people.sum()) - outside
    if abs(unexplained) <= TOLERANCE * max(1.0, before):
        return
    pairs, _ = overlapping(np.asarray(zones.geometry.array))
    raise ConservationError(
        NAME,
        f"{before:,.1f} people became {people.sum():,.1f} in the zones and {outside:,.1f} outside"
        + (f", because {len(pairs):,} pairs of zones overlap" if len(pairs) else ""),
        "Zones must divide the place: correct their edges, so that nobody is counted twice.",
        rows=[f"{zones.index[first]} and {zones.index[second]}" for first, second in pairs],
    )
