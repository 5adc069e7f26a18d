"""Eurostat: regional figures by NUTS code from its JSON-stat answers, regions from GISCO, and the census grid of 1 km.

JSON-stat 2.0 lists the categories of each dimension, and the values in one row with the last dimension running fastest.
Where a value is missing it is left out or null, and a letter beside it may say why.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatialjustice._core.errors import DamagedFileError, InputError, listed
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_overlap
from spatialjustice._core.provenance import SourceRecord, add_sources
from spatialjustice.sources.census.offices import Column, Theme, declared_themes, server_at, shapes_from
from spatialjustice.sources.places.vector import POLYGONS, read_vector
from spatialjustice.sources.tables._numbers import without_missing_codes
from spatialjustice.sources.web.web import Answer, get

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

API = "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data"
GISCO = "https://gisco-services.ec.europa.eu/distribution/v2"
LICENCE = "Creative Commons Attribution 4.0"
CREDIT = "Eurostat"
GISCO_CREDIT = "© EuroGeographics for the administrative boundaries"
LEVELS = {"nuts0": ("country", 2), "nuts1": ("nuts1", 3), "nuts2": ("nuts2", 4), "nuts3": ("nuts3", 5)}
VERSIONS = (2024, 2021, 2016, 2013, 2010, 2006, 2003)
FLAGS = {
    "b": "break in the series",
    "c": "confidential",
    "d": "definition differs",
    "e": "estimated",
    "f": "forecast",
    "n": "not significant",
    "p": "provisional",
    "r": "revised",
    "s": "Eurostat's estimate",
    "u": "low reliability",
    "z": "not applicable",
}
CELL = re.compile(r"(?:CRS3035RES1000m|1km)N(\d+)E(\d+)")
GRID_CRS = 3035
METRES = 1000
GRID = {
    "T": ("population", ""),
    "M": ("men", "population"),
    "F": ("women", "population"),
    "Y_LT15": ("aged_under_15", "population"),
    "Y_1564": ("aged_15_to_64", "population"),
    "Y_GE65": ("aged_65_or_more", "population"),
    "EMP": ("employed", "population"),
    "NAT": ("born_in_country", "population"),
    "EU_OTH": ("born_elsewhere_in_eu", "population"),
    "OTH": ("born_outside_eu", "population"),
    "SAME": ("same_home_a_year_before", "population"),
    "CHG_IN": ("moved_within_country", "population"),
    "CHG_OUT": ("moved_from_abroad", "population"),
}
SPLITS = {
    "sex": ("men", "women"),
    "age": ("aged_under_15", "aged_15_to_64", "aged_65_or_more"),
    "place of birth": ("born_in_country", "born_elsewhere_in_eu", "born_outside_eu"),
    "home a year before": ("same_home_a_year_before", "moved_within_country", "moved_from_abroad"),
}


@dataclass(frozen=True, slots=True)
class Eurostat:
    """Eurostat as a census provider: figures by NUTS region.

    Parameters
    ----------
    api
        Address of the data API; None takes ``SPATIALJUSTICE_EUROSTAT_API`` from the environment, else the public one.
    gisco
        Address of the boundary files; None takes ``SPATIALJUSTICE_GISCO``, else the public one.
    scale
        Scale of the boundaries, 1 : so many million: 1, 3, 10, 20 or 60.
    deadline
        Seconds that each call may take.

    Examples
    --------
    >>> sorted(Eurostat().themes)
    ['age', 'broadband', 'income', 'internet', 'internet_use']
    """

    api: str | None = None
    gisco: str | None = None
    scale: int = 3
    deadline: float = 120.0

    @property
    def name(self) -> str:
        """What the office is called."""
        return "Eurostat"

    @property
    def themes(self) -> Mapping[str, Theme]:
        """What can be asked for."""
        return declared_themes("eurostat")

    def table(self, themes: Sequence[str], *, year: int, places: Sequence[str], level: str) -> pd.DataFrame:
        """Return the figures of a year, one row for each region."""
        _require(level, places)
        series: dict[str, pd.Series[Any]] = {}
        facts: dict[str, dict[str, Any]] = {}
        findings: list[Finding] = []
        records: list[SourceRecord] = []
        for theme in (self.themes[name] for name in themes):
            for column in theme.columns:
                values, flags, record = self._column(column, year, level)
                values = values[[code.startswith(tuple(places)) for code in values.index]]
                series[column.name] = values
                records.append(record)
                findings += _flags_found(flags[flags.index.isin(values.index)], column.name)
                facts[column.name] = {"unit": column.unit, "of": column.of, "dataset": column.facts["dataset"]}
        frame = pd.DataFrame(series).sort_index()
        frame.index.name = "code"
        if frame.empty:
            found = f"Eurostat has no {level} region in {listed(places)} for {year}"
            raise InputError(
                "places", found, "Check codes, level and year; not every figure is published at every level."
            )
        gaps = {label: int(frame[label].isna().sum()) for label in frame if frame[label].isna().any()}
        if gaps:
            named = listed(f"{label} ({count:,} regions)" for label, count in gaps.items())
            message = f"Not published by Eurostat for {year}: {named}."
            findings.append(Finding("values_not_published", "warning", message, count=sum(gaps.values())))
        frame.attrs["columns"] = facts
        return add_findings(add_sources(frame, *records), *findings)

    def zones(self, *, year: int, places: Sequence[str], level: str) -> gpd.GeoDataFrame:
        """Return the regions in the version of NUTS that held in a year."""
        _require(level, places)
        version = next((each for each in VERSIONS if each <= year), VERSIONS[-1])
        file = f"NUTS_RG_{self.scale:02}M_{version}_4326_LEVL_{level[-1]}.geojson"
        server = server_at(self.gisco, "SPATIALJUSTICE_GISCO", GISCO)
        read = partial(
            shapes_from, file=file, id="NUTS_ID", licence=LICENCE, attribution=GISCO_CREDIT, date=str(version)
        )
        address = f"{server}/nuts/geojson/{file}"
        frame = read(get(address, name="census zones", deadline=self.deadline, check=read))
        frame = frame[frame.index.str.startswith(tuple(places))]
        if frame.empty:
            raise InputError("places", f"no {level} region lies in {listed(places)}", "Check the codes.")
        frame.index.name = "code"
        return frame

    def _column(self, column: Column, year: int, level: str) -> tuple[pd.Series[Any], pd.Series[Any], SourceRecord]:
        dataset, filters = column.facts["dataset"], column.facts["filters"]
        server = server_at(self.api, "SPATIALJUSTICE_EUROSTAT_API", API)
        params = [
            ("format", "JSON"),
            ("lang", "EN"),
            *filters.items(),
            ("geoLevel", LEVELS[level][0]),
            ("time", str(year)),
        ]
        only = {**filters, "time": str(year)}
        address = f"{server}/{dataset}"
        answer = get(
            address, name="census", params=params, deadline=self.deadline, check=lambda said: _cells(said, only)
        )
        content, cells = _cells(answer, only)
        cells = cells[cells["geo"].str.len() == LEVELS[level][1]]
        free = [each for each in content["id"] if each not in {*filters, "time", "geo"} and len(set(cells[each])) > 1]
        if free or cells["geo"].duplicated().any():
            found = (
                f"the answer of {answer.address} has several values for a region, by {listed(free) or 'no dimension'}"
            )
            raise DamagedFileError("census", found, "The dataset has changed; tell the makers of this package.")
        cells = cells.set_index("geo")
        record = SourceRecord(
            name="census",
            file=answer.address,
            sha256=answer.sha256,
            size=answer.size,
            licence=LICENCE,
            attribution=CREDIT,
            data_date=str(year),
            data_date_from="census release",
            address=answer.address,
            note=f"dataset {dataset}, updated {content.get('updated', 'at an unknown time')}",
        )
        return cells["value"] * column.facts.get("scale", 1.0), cells["status"], record


def json_stat(content: Mapping[str, Any], where: str) -> pd.DataFrame:
    """Turn a dataset of JSON-stat 2.0 into a table, one row for each combination of categories.

    Parameters
    ----------
    content
        The dataset, as JSON gives it.
    where
        What it is; errors call it so.

    Returns
    -------
    DataFrame
        A column of category codes for each dimension, ``value`` (NaN where there is none) and ``status`` (empty where
        there is none).

    Raises
    ------
    DamagedFileError
        When the parts of the dataset do not fit together.

    Examples
    --------
    >>> content = {"id": ["geo", "time"], "size": [2, 2], "value": {"0": 5, "3": 8}, "status": {"3": "p"},
    ...            "dimension": {"geo": {"category": {"index": {"ES": 0, "PT": 1}}},
    ...                          "time": {"category": {"index": ["2020", "2021"]}}}}
    >>> json_stat(content, "the example").values.tolist()
    [['ES', '2020', 5.0, ''], ['ES', '2021', nan, ''], ['PT', '2020', nan, ''], ['PT', '2021', 8.0, 'p']]
    """
    try:
        names, sizes = [str(name) for name in content["id"]], [int(size) for size in content["size"]]
        categories = [_categories(content["dimension"][name]["category"]) for name in names]
        values, status = _values_of_cells(content["value"], sizes), _values_of_cells(content.get("status") or {}, sizes)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        found = f"{where} is no whole dataset of JSON-stat ({type(error).__name__}: {error})"
        raise DamagedFileError("census", found, "Ask for it again later.") from error
    if [len(each) for each in categories] != sizes:
        found = f"{where} has other numbers of categories than it says"
        raise DamagedFileError("census", found, "Ask for it again later.")
    frame = pd.MultiIndex.from_product(categories, names=names).to_frame(index=False)
    frame["value"] = np.array([np.nan if value is None else float(value) for value in values])
    frame["status"] = ["" if flag is None else str(flag) for flag in status]
    return frame


def _categories(category: Mapping[str, Any]) -> list[str]:
    """Return the codes in their order; a dimension of one category may have a label only."""
    index = category.get("index", list(category.get("label", {})))
    if isinstance(index, list):
        return [str(code) for code in index]
    places = sorted((int(place), str(code)) for code, place in index.items())
    if [place for place, _ in places] != list(range(len(places))):
        raise ValueError("its categories are not numbered from 0")
    return [code for _, code in places]


def _values_of_cells(values: Any, sizes: list[int]) -> list[Any]:
    """Return one value for each cell; of cells that are not named there is none."""
    total = int(np.prod(sizes)) if sizes else 0
    if isinstance(values, list):
        if len(values) != total:
            raise ValueError(f"it holds {len(values):,} values for {total:,} cells")
        return values
    spread: list[Any] = [None] * total
    for place, value in values.items():
        if not 0 <= int(place) < total:
            raise ValueError(f"it holds a value for cell {place} of {total:,}")
        spread[int(place)] = value
    return spread


def _cells(answer: Answer, only: Mapping[str, str]) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the dataset in an answer and its cells, which must be of certain categories only."""
    content = _parsed(answer)
    cells = json_stat(content, f"the answer of {answer.address}")
    for dimension, value in only.items():
        if dimension not in cells or set(cells[dimension]) != {value}:
            found = f"the answer of {answer.address} is not of {dimension} {value} alone"
            raise DamagedFileError("census", found, "Ask for it again later.")
    return content, cells


def _parsed(answer: Answer) -> dict[str, Any]:
    where = f"the answer of {answer.address}"
    try:
        content = json.loads(answer.data)
    except (ValueError, RecursionError):
        raise DamagedFileError("census", f"{where} is no whole JSON", "Ask for it again later.") from None
    if not isinstance(content, dict):
        raise DamagedFileError("census", f"{where} is no dataset", "Ask for it again later.")
    said = content.get("error") or content.get("warning")
    if "value" not in content and said:
        label = said[0].get("label", "") if isinstance(said, list) and isinstance(said[0], dict) else str(said)
        raise InputError(
            "census", f"Eurostat answered with a remark instead of data: “{label}”", "Ask for less or later."
        )
    return content


def _require(level: str, places: Sequence[str]) -> None:
    if level not in LEVELS:
        raise InputError("level", f"there is no level {level}", f"There are: {', '.join(LEVELS)}.")
    wrong = [place for place in places if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{0,3}", place)]
    if wrong:
        raise InputError("places", f"{listed(wrong)} are no NUTS codes", "Give codes such as 'ES' or 'ES30'.")


def _flags_found(flags: pd.Series[Any], name: str) -> list[Finding]:
    counts = Counter(letter for flag in flags for letter in str(flag) if letter in FLAGS)
    if not counts:
        return []
    named = listed(f"{FLAGS[letter]} ({count:,} regions)" for letter, count in sorted(counts.items()))
    count = int((flags != "").sum())
    return [Finding("values_flagged", "warning", f"Eurostat marks {count:,} values of {name}: {named}.", count=count)]


def census_grid(
    path: str | Path, *, within: gpd.GeoDataFrame | None = None, layer: str | None = None
) -> gpd.GeoDataFrame:
    """Read the European census grid of 2021, or a part of it that was cut out.

    Parameters
    ----------
    path
        Vector file of cells of 1 km, with the columns of Eurostat's census grid (``GRD_ID``, ``T``, ``M``, …).
    within
        The place; cells that do not touch it are left out. None keeps all.
    layer
        The layer, where the file has several.

    Returns
    -------
    GeoDataFrame
        On the index ``cell``, in EPSG:3035 and the order of the file: ``population``, ``men``, ``women``,
        ``aged_under_15``, ``aged_15_to_64``, ``aged_65_or_more``, ``employed``, ``born_in_country``,
        ``born_elsewhere_in_eu``, ``born_outside_eu``, ``same_home_a_year_before``, ``moved_within_country``,
        ``moved_from_abroad``; those the file has, in people, with -9999 and other codes made missing. Eurostat rounds
        changes small numbers for secrecy, so that parts need not add up; the finding ``parts_do_not_add_up`` tells by
        how much.

    Raises
    ------
    InputError
        When the columns of cells or people are missing.
    GeometryError, WrongPlaceError
        When cells are not where their names say, or none lies in the place.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> cell = {"GRD_ID": ["CRS3035RES1000mN2016000E3165000"], "T": [120], "Y_GE65": [-9999]}
    >>> square = shapely.box(3165000, 2016000, 3166000, 2017000)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "grid.gpkg"
    ...     gpd.GeoDataFrame(cell, geometry=[square], crs=3035).to_file(file)
    ...     grid = census_grid(file)
    >>> grid["population"].tolist(), grid["aged_65_or_more"].tolist()
    ([120], [nan])

    References
    ----------
    Commission Implementing Regulation (EU) 2018/1799 on the 1 km² grid of the 2021 population and housing census.
    """
    frame = read_vector(path, name="census grid", id="GRD_ID", layer=layer, kinds=POLYGONS)
    if "T" not in frame.columns:
        raise InputError("census grid", "there is no column T, the number of people", "Is it Eurostat's census grid?")
    frame = frame.to_crs(GRID_CRS) if frame.crs.to_epsg() != GRID_CRS else frame
    _require_cells(frame)
    findings: list[Finding] = []
    if within is not None:
        require_overlap(frame, within, "census grid")
        inside = shapely.intersects(frame.geometry.array, within.to_crs(GRID_CRS).union_all())
        frame = frame[inside]
    attrs = frame.attrs
    kept = [code for code in GRID if code in frame.columns]
    frame = frame[[*kept, "geometry"]].set_axis([*(GRID[code][0] for code in kept), "geometry"], axis=1)
    cleaned, found = without_missing_codes(pd.DataFrame(frame), missing=(), kept=["geometry"], file="the census grid")
    for label in (GRID[code][0] for code in kept):
        frame[label] = cleaned[label]
    findings += found
    findings += _uneven_split(frame)
    frame.index.name = "cell"
    frame.attrs = {
        **attrs,
        "columns": {GRID[code][0]: {"unit": "people", "of": GRID[code][1], "column": code} for code in kept},
    }
    return add_findings(frame, *findings)


def _require_cells(frame: gpd.GeoDataFrame) -> None:
    """See that each cell lies where its name says."""
    names = [CELL.fullmatch(str(name)) for name in frame.index]
    strange = [name for name, match in zip(frame.index, names, strict=True) if match is None]
    if strange:
        raise InputError(
            "census grid", "cells have names of another grid", "Give cells of 1 km of EPSG:3035.", rows=strange
        )
    # Older names leave the zeros of metres away.
    west = np.array([int(match[2]) * (METRES if len(match[2]) <= 4 else 1) for match in names if match], dtype=float)
    south = np.array([int(match[1]) * (METRES if len(match[1]) <= 4 else 1) for match in names if match], dtype=float)
    bounds = shapely.bounds(frame.geometry.array)
    away = (
        (bounds[:, 0] < west - 1) | (bounds[:, 1] < south - 1)
        | (bounds[:, 2] > west + METRES + 1) | (bounds[:, 3] > south + METRES + 1)
    )  # fmt: skip
    if away.any():
        from spatialjustice._core.errors import GeometryError

        raise GeometryError(
            "census grid",
            f"{int(away.sum()):,} cells do not lie where their names say",
            "The layer states a wrong CRS, or shapes and rows were mixed up.",
            rows=frame.index[away],
        )


def _uneven_split(frame: gpd.GeoDataFrame) -> list[Finding]:
    """Say by how many people the parts of a split differ from all."""
    found: list[str] = []
    cells = np.zeros(len(frame), dtype=bool)
    for split, parts in SPLITS.items():
        if not set(parts) <= set(frame.columns):
            continue
        off = frame[list(parts)].sum(axis=1, skipna=False) - frame["population"]
        differs = off.notna() & (off != 0)
        if differs.any():
            cells |= differs.to_numpy()
            found.append(f"{split} in {int(differs.sum()):,} cells, by {off.sum():+,.0f} people altogether")
    if not found:
        return []
    message = f"Parts do not add up to all people: {'; '.join(found)}."
    advice = (
        "Small numbers were changed for secrecy, and children under 1 had no home a year before. Take shares of the "
        "sum of the parts, or accept shares that add up to nearly 1."
    )
    return [Finding("parts_do_not_add_up", "information", message, int(cells.sum()), advice=advice)]
