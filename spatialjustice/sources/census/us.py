"""The US Census Bureau: American Community Survey tables from its API, zones from its boundary files.

The API answers with rows of text below a header, at most 50 variables at a time. Where it has no number it writes one
of a few large negative codes; an estimate and its margin have codes of their own.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import DamagedFileError, InputError, listed
from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.numbers.margins_of_sums import margins_of_sums
from spatialjustice._core.provenance import SourceRecord, add_sources
from spatialjustice.sources.census.offices import Column, Theme, declared_themes, server_at, shapes_from
from spatialjustice.sources.tables._numbers import ESTIMATE_CODES
from spatialjustice.sources.web.web import Answer, get

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

KEY_VARIABLE = "CENSUS_API_KEY"
API = "https://api.census.gov/data"
SHAPES = "https://www2.census.gov/geo/tiger"
LICENCE = "public domain (US Government work)"
NOTE = "This product uses the Census Bureau Data API but is not endorsed or certified by the Census Bureau."
# Two of the 50 variables that one call may ask for are the code and the name of the zone.
PER_CALL = 48
CONTROLLED = -555555555.0
EMPTY, FIXED = "empty", "fixed"
LEVELS = {"county": ("county", 5), "tract": ("tract", 11), "block group": ("bg", 12)}
TIGER = {"county": "COUNTY", "tract": "TRACT", "bg": "BG"}


@dataclass(frozen=True, slots=True)
class USCensus:
    """The US Census Bureau as a census provider.

    Parameters
    ----------
    api
        Address of the data API; None takes ``SPATIALJUSTICE_US_CENSUS_API`` from the environment, else the public one.
    shapes
        Address of the boundary files; None takes ``SPATIALJUSTICE_US_CENSUS_SHAPES``, else the public one.
    detailed
        Whether to take the detailed TIGER/Line shapes, which reach over water, instead of the cartographic ones.
    deadline
        Seconds that each call may take.

    Examples
    --------
    >>> sorted(USCensus().themes)[:4]
    ['age', 'computers', 'computers_and_internet', 'devices']
    """

    api: str | None = None
    shapes: str | None = None
    detailed: bool = False
    deadline: float = 120.0

    @property
    def name(self) -> str:
        """What the office is called."""
        return "the US Census Bureau"

    @property
    def themes(self) -> Mapping[str, Theme]:
        """What can be asked for."""
        return declared_themes("us")

    def table(self, themes: Sequence[str], *, year: int, places: Sequence[str], level: str) -> pd.DataFrame:
        """Return estimates and their margins, one row for each zone."""
        wanted = [self.themes[theme] for theme in themes]
        _require_level(level)
        for theme in wanted:
            if year < theme.first_year:
                found = f"the theme {theme.name} has no table before {theme.first_year}"
                raise InputError("year", found, f"It is table {theme.table} of the American Community Survey.")
        raw, records = self._raw(_variables(wanted), year, places, level)
        counts: Counter[str] = Counter()
        result = pd.DataFrame({"name": raw["NAME"].astype(str)}, index=raw.index)
        result.attrs["columns"] = {}
        limits: dict[str, int] = {}
        for theme in wanted:
            for column in theme.columns:
                estimate, margin = _column(raw, theme.table, column, counts)
                result[column.name] = estimate
                result[f"{column.name}_margin"] = margin
                result.attrs["columns"] |= _facts(theme, column)
                at_limit = int(np.isin(estimate, column.facts.get("limits", [])).sum())
                if at_limit:
                    limits[column.name] = at_limit
        return add_findings(add_sources(result, *records), *_findings(counts, limits, result))

    def zones(self, *, year: int, places: Sequence[str], level: str) -> gpd.GeoDataFrame:
        """Return the shapes of the zones of a year."""
        part, _ = _require_level(level)
        pieces = []
        states = ["us"] if part == "county" else sorted({_state(place) for place in places})
        for state in states:
            folder, stem = (
                (f"TIGER{year}/{TIGER[part]}", f"tl_{year}_{state}_{part}")
                if self.detailed
                else (f"GENZ{year}/shp", f"cb_{year}_{state}_{part}_500k")
            )
            server = server_at(self.shapes, "SPATIALJUSTICE_US_CENSUS_SHAPES", SHAPES)
            read = partial(
                shapes_from,
                file=f"{stem}.zip",
                id="GEOID",
                licence=LICENCE,
                attribution=f"US Census Bureau, boundaries of {year}",
                date=str(year),
            )
            address = f"{server}/{folder}/{stem}.zip"
            pieces.append(read(get(address, name="census zones", deadline=self.deadline, check=read)))
        frame = pd.concat(pieces) if len(pieces) > 1 else pieces[0]
        frame.attrs["sources"] = [record for piece in pieces for record in piece.attrs["sources"]]
        frame.attrs["findings"] = [each for piece in pieces for each in piece.attrs.get("findings", [])]
        frame = frame[frame.index.str.startswith(tuple(places))]
        if frame.empty:
            raise InputError("places", f"no {level} of {year} lies in {listed(places)}", "Check the codes.")
        frame.index.name = "code"
        return frame

    def _raw(
        self, variables: list[str], year: int, places: Sequence[str], level: str
    ) -> tuple[pd.DataFrame, list[SourceRecord]]:
        """Return the answers of all calls side by side, as they came."""
        pieces: list[pd.DataFrame] = []
        records: list[SourceRecord] = []
        for inside in _inside(places, level):
            beside: list[pd.DataFrame] = []
            for start in range(0, len(variables), PER_CALL):
                part = variables[start : start + PER_CALL]
                frame, record = self._call(part, year, inside, level)
                records.append(record)
                if beside and not frame.index.equals(beside[0].index):
                    frame = _same_zones(frame, beside[0], record.file)
                beside.append(frame if not beside else frame[part])
            pieces.append(pd.concat(beside, axis=1))
        raw = pd.concat(pieces)
        twice = raw.index[raw.index.duplicated()]
        if len(twice):
            raise DamagedFileError("census", "zones came more than once", "Ask for every place once.", rows=twice)
        return raw.sort_index(), records

    def _call(
        self, variables: list[str], year: int, inside: list[tuple[str, str]], level: str
    ) -> tuple[pd.DataFrame, SourceRecord]:
        server = server_at(self.api, "SPATIALJUSTICE_US_CENSUS_API", API)
        key = os.environ.get(KEY_VARIABLE, "").strip()
        answer = get(
            f"{server}/{year}/acs/acs5",
            name="census",
            params=[("get", ",".join(["GEO_ID", "NAME", *variables])), *inside],
            secret_params=[("key", key)] if key else [],
            deadline=self.deadline,
            check=lambda answer: _parsed(answer, variables, LEVELS[level][1]),
        )
        frame = _parsed(answer, variables, LEVELS[level][1])
        record = SourceRecord(
            name="census",
            file=answer.address,
            sha256=answer.sha256,
            size=answer.size,
            licence=LICENCE,
            attribution=f"US Census Bureau, American Community Survey {year - 4}–{year}",
            data_date=str(year),
            data_date_from="census release",
            address=answer.address,
            note=NOTE,
        )
        return frame, record


def _require_level(level: str) -> tuple[str, int]:
    if level not in LEVELS:
        raise InputError("level", f"there is no level {level}", f"There are: {', '.join(LEVELS)}.")
    return LEVELS[level]


def _state(place: str) -> str:
    if not (place.isascii() and place.isdigit() and len(place) in {2, 5}):
        raise InputError(
            "places",
            f"{place} is no code of a state or county",
            "Give two digits for a state (17) or five for a county (17031), as text, so that no zero is lost.",
        )
    return place[:2]


def _inside(places: Sequence[str], level: str) -> list[list[tuple[str, str]]]:
    """Return what to ask for: one question for each state, with its counties or all of them."""
    asked: list[list[tuple[str, str]]] = []
    for state in dict.fromkeys(_state(place) for place in places):
        whole = state in places
        counties = ",".join(place[2:] for place in places if place[:2] == state and len(place) == 5)
        county = "*" if whole else counties
        if level == "county":
            asked.append([("for", f"county:{county}"), ("in", f"state:{state}")])
        elif level == "tract":
            asked.append([("for", "tract:*"), ("in", f"state:{state}"), ("in", f"county:{county}")])
        else:
            asked.append(
                [("for", "block group:*"), ("in", f"state:{state}"), ("in", f"county:{county}"), ("in", "tract:*")]
            )
    return asked


def _variables(themes: Sequence[Theme]) -> list[str]:
    lines = [
        f"{theme.table}_{line:03}" for theme in themes for column in theme.columns for line in column.facts["lines"]
    ]
    return [f"{line}{kind}" for line in dict.fromkeys(lines) for kind in ("E", "M")]


def _parsed(answer: Answer, variables: list[str], digits: int) -> pd.DataFrame:
    """Return the rows of one answer by the codes of their zones."""
    where = f"the answer of {answer.address}"
    if answer.status == 204 or not answer.data.strip():
        raise InputError("census", f"{where} is empty: there are no such zones", "Check the codes of the places.")
    try:
        rows = json.loads(answer.data)
    except (ValueError, RecursionError):
        if b"key" in answer.data[:2000].lower() and b"<html" in answer.data[:2000].lower():
            raise InputError(
                "census",
                "the Census Bureau answered with a page about keys instead of data",
                f"Put a valid key into the environment variable {KEY_VARIABLE}; the Census Bureau gives one for free.",
            ) from None
        raise DamagedFileError("census", f"{where} is no whole JSON", "Ask for it again later.") from None
    header = rows[0] if isinstance(rows, list) and rows else None
    if not isinstance(header, list) or not all(isinstance(row, list) and len(row) == len(header) for row in rows):
        raise DamagedFileError("census", f"{where} is no table of rows below a header", "Ask for it again later.")
    lost = [label for label in ["GEO_ID", "NAME", *variables] if label not in header]
    if lost:
        raise DamagedFileError("census", f"{where} lacks {listed(lost)}", "Ask for it again later.")
    frame = pd.DataFrame(rows[1:], columns=header, dtype="object")
    codes = frame["GEO_ID"].astype(str).str.split("US").str[-1]
    wrong = codes[~(codes.str.isdigit() & (codes.str.len() == digits))]
    if len(wrong):
        raise DamagedFileError("census", f"{where} holds codes that are none of this level", "Ask again.", rows=wrong)
    frame.index = pd.Index(codes, name="code")
    return frame


def _same_zones(frame: pd.DataFrame, first: pd.DataFrame, where: str) -> pd.DataFrame:
    other = frame.index.symmetric_difference(first.index)
    if len(other) or not frame.index.is_unique:
        found = f"the answer of {where} is of other zones than the first"
        raise DamagedFileError("census", found, "Ask for it again later.", rows=other)
    return frame.loc[first.index]


def _column(
    raw: pd.DataFrame, table: str, column: Column, counts: Counter[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Add up the lines of a column, and their margins; a sum with a missing part is missing."""
    names = [f"{table}_{line:03}" for line in column.facts["lines"]]
    estimates = np.column_stack([_numbers(raw[f"{name}E"], counts) for name in names])
    margins = np.column_stack([_numbers(raw[f"{name}M"], counts, margin=True) for name in names])
    return estimates.sum(axis=1), margins_of_sums(margins, estimates if len(names) > 1 else None)


def _numbers(column: pd.Series[Any], counts: Counter[str], *, margin: bool = False) -> NDArray[np.float64]:
    """Return the numbers of a variable; codes become missing and are counted, NaN for what is not published."""
    try:
        values = pd.to_numeric(column, errors="raise").to_numpy(dtype=np.float64, na_value=np.nan).copy()
    except (ValueError, TypeError) as error:
        raise DamagedFileError("census", f"{column.name} holds no numbers ({error})", "Ask for it again.") from None
    counts[EMPTY] += int(np.isnan(values).sum())
    for code in {float(value) for value in values[values < 0]}:
        at = values == code
        # A controlled estimate is known exactly: its margin is 0.
        controlled = margin and code == CONTROLLED
        values[at] = 0.0 if controlled else np.nan
        counts[FIXED if controlled else f"{code:.0f}"] += int(at.sum())
    return values


def _facts(theme: Theme, column: Column) -> dict[str, dict[str, Any]]:
    facts = {"unit": column.unit, "of": column.of, "table": theme.table, "lines": list(column.facts["lines"])}
    margin = {"unit": column.unit, "margin_of": column.name, "confidence": 0.9}
    return {column.name: facts, f"{column.name}_margin": margin}


def _findings(counts: Counter[str], limits: Mapping[str, int], result: pd.DataFrame) -> list[Finding]:
    findings: list[Finding] = []
    for code in sorted(set(counts) - {EMPTY, FIXED}):
        why = ESTIMATE_CODES.get(float(code), "a negative number, which no estimate is")
        message = f"{counts[code]:,} cells of the census hold {code} ({why}) and were made missing."
        findings.append(Finding("codes_made_missing", "warning", message, count=counts[code]))
    if counts[FIXED]:
        message = f"{counts[FIXED]:,} estimates are controlled to a known number; their margin of error is 0."
        findings.append(Finding("controlled_estimates", "information", message, count=counts[FIXED]))
    if counts[EMPTY]:
        message = f"{counts[EMPTY]:,} cells of the census are empty: the table is not published for these zones."
        findings.append(Finding("cells_not_published", "warning", message, count=counts[EMPTY]))
    if limits:
        named = listed(f"{column} ({count:,} zones)" for column, count in limits.items())
        message = f"Medians beyond a limit are published as the limit itself: {named}."
        advice = "They are lower or higher than shown; ranks hold, means and differences do not."
        findings.append(Finding("medians_at_the_limit", "warning", message, sum(limits.values()), advice=advice))
    empty = [label for label in result.columns if label != "name" and result[label].isna().all()]
    if empty:
        message = f"{len(empty)} columns have no value in any zone: {listed(empty)}."
        findings.append(Finding("columns_without_values", "warning", message, count=len(empty)))
    return findings
