"""Joining a table to polygons by a key: every row finds its zone or is listed, and nobody is counted twice."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from spatialjustice._core.errors import DuplicateIdError, InputError, listed
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.ledger import Ledger
from spatialjustice._core.numbers.digits import LATIN
from spatialjustice._core.provenance import add_sources, sources_of
from spatialjustice.sources.places.vector import folded
from spatialjustice.sources.tables.frames.rows import rows_given
from spatialjustice.sources.tables.table import as_text, repeated_ids, require_unique

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from spatialjustice.sources.tables.frames.rows import ArrowStream

FrameT = TypeVar("FrameT", bound="pd.DataFrame")
SHOWN = 20  # keys that attrs list
ROUNDED = re.compile(r"\d[.,]?\d*[eE]\+?\d+")


def unique_rows(frame: FrameT, *, key: str | None = None, name: str = "table") -> FrameT:
    """Keep one of each group of rows that are the same in every column; refuse rows that contradict each other.

    Parameters
    ----------
    frame
        Table or layer, the shapes of which are compared too.
    key
        Column with the ids; None takes the index.
    name
        What the frame is; errors call it so.

    Returns
    -------
    DataFrame or GeoDataFrame
        The first row of each id, in the order of the frame. The finding ``repeated_rows_left_out`` counts the others,
        and ``attrs["ledger"]`` holds, for each column of numbers, its sum before, after, and in the rows left out.

    Raises
    ------
    DuplicateIdError
        When two rows of one id differ, or a row has no id.
    InputError
        When there is no such column.

    Examples
    --------
    >>> tracts = pd.DataFrame({"tract": ["A", "B", "A"], "people": [10, 20, 10]})
    >>> kept = unique_rows(tracts, key="tract")
    >>> kept["people"].tolist(), kept.attrs["ledger"]["people"]
    ([10, 20], {'before': 40.0, 'after': 30.0, 'left out': 10.0})
    """
    ids = pd.Series(as_text(_column(frame, key, name)), index=pd.RangeIndex(len(frame)), dtype="object")
    if ids.isna().any():
        raise DuplicateIdError(
            name, f"{int(ids.isna().sum()):,} rows have no id", "Fill them in.", rows=frame.index[ids.isna().to_numpy()]
        )
    same, contrary = repeated_ids(frame, ids)
    if contrary:
        raise DuplicateIdError(
            name,
            f"{len(contrary):,} ids occur more than once with values that contradict each other",
            "Decide which row is right; which one is cannot be told from the table.",
            rows=contrary,
        )
    again = ids.duplicated().to_numpy()
    kept = frame[~again].copy()
    ledger: dict[str, dict[str, float]] = {}
    book = Ledger()
    for label in _number_columns(frame):
        before, after, out = (float(part[label].sum()) for part in (frame, kept, frame[again]))
        book.record("unique_rows", str(label), before=before, after=after, elsewhere={"left out": out})
        ledger[str(label)] = {"before": before, "after": after, "left out": out}
    kept.attrs.update({**frame.attrs, "ledger": ledger})
    if not same:
        return kept
    message = (
        f"{int(again.sum()):,} rows of {name} repeat another one in every value and were left out: {listed(same)}."
    )
    return add_findings(kept, Finding("repeated_rows_left_out", "information", message, count=int(again.sum())))


def join_table(
    polygons: gpd.GeoDataFrame,
    table: pd.DataFrame | ArrowStream,
    *,
    key: str | None = None,
    polygon_key: str | None = None,
    columns: Sequence[str] | None = None,
    people: str | None = None,
) -> gpd.GeoDataFrame:
    """Give polygons the columns of a table, row by row by a key, and account for every row of both.

    Keys are compared as text: without padding, Persian and Arabic digits as Latin ones, the two ways of writing ی and ک
    as one, without short vowels and joiners. Where a spreadsheet has eaten the zeros at the front of codes (1001 for
    01001) they are put back, if all keys of the other side have one length and no two keys become one by it; letters in
    other keys, as in 2A004, do not matter. What is shown keeps its spelling.

    Parameters
    ----------
    polygons
        Areas, each with its own id.
    table
        Table with at most one row for each polygon: a frame of pandas, polars, pyarrow or DuckDB.
    key
        Column of the table with the keys; None takes its index.
    polygon_key
        Column of the polygons with the keys; None takes their index.
    columns
        Columns of the table to take; None takes all but the key.
    people
        Column of the table or of the polygons that counts people; findings then say how many are concerned by what
        that side has left over.

    Returns
    -------
    GeoDataFrame
        The polygons on their index, in their order and CRS, with the columns of the table; missing where a polygon has
        no row. Findings: ``leading_zeros_restored``, ``keys_differ_by_zeros``, ``rows_without_polygon``,
        ``polygons_without_row``.
        ``attrs["join"]`` holds the counts, up to 20 keys of each kind left over, and for each column of numbers its
        ``total`` in the table, ``joined`` to polygons and in rows ``without polygon``. Findings and sources of both are
        kept.

    Raises
    ------
    DuplicateIdError
        When a key occurs twice on a side; of the table it is said whether the rows are the same.
    InputError
        When no key is on both sides, a column is not there, or a column is on both sides; when keys are rounded
        numbers such as 1.001E+12.
    ConservationError
        When a total is not the same afterwards; this would be a fault of the package.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> shapes = [box(0, 0, 1, 1), box(1, 0, 2, 1)]
    >>> counties = gpd.GeoDataFrame({"code": ["01001", "01003"]}, geometry=shapes, crs=32616)
    >>> use = pd.DataFrame({"code": [1003, 1001, 1005], "households": [30, 20, 5]})
    >>> joined = join_table(counties, use, key="code", polygon_key="code", people="households")
    >>> joined["households"].tolist(), joined.attrs["join"]["totals"]["households"]
    ([20.0, 30.0], {'total': 55.0, 'joined': 50.0, 'without polygon': 5.0})
    >>> [(finding["code"], finding["count"], finding["people"]) for finding in joined.attrs["findings"]]
    [('leading_zeros_restored', 3, None), ('rows_without_polygon', 1, 5.0)]
    """
    require_ids(polygons, "polygons")
    if not isinstance(table, pd.DataFrame):
        table = rows_given(table, "table")
    shown = as_text(_column(polygons, polygon_key, "polygons"))
    given = as_text(_column(table, key, "table"))
    wanted = _wanted_columns(polygons, table, key, columns)
    if people is not None and people not in table.columns and people not in polygons.columns:
        there = ", ".join(map(str, table.columns))
        raise InputError("people", f"the table has no column {people}, nor have the polygons", f"It has: {there}.")
    places = _keys(shown, "polygons", polygons.index)
    keys = _keys(given, "table", table.index)
    places, keys, findings = _with_zeros(places, keys)
    _require_single(places, shown, "polygons")
    _require_single_rows(table, keys, given)
    row_of = {value: row for row, value in enumerate(keys)}
    rows = np.array([row_of.get(value, -1) for value in places], dtype=np.int64)
    matched = rows >= 0
    left = np.setdiff1d(np.arange(len(table)), rows[matched])
    if not matched.any():
        zeros = " Some are the same but for zeros at the front." if _apart_by_zeros(keys, places) else ""
        raise InputError(
            "table",
            f"no key is on both sides; the polygons have {_first_three_quoted(shown)}, the table has "
            f"{_first_three_quoted(given)}",
            "Name the right columns in key= and polygon_key=, and see that they are codes of one kind and year."
            f"{zeros}",
        )
    joined = polygons.copy()
    for label in wanted:
        joined[label] = _matched_values(table[label], rows, matched).to_numpy()
    alone = np.flatnonzero(~matched)
    findings += _apart_by_zeros([keys[row] for row in left], [places[place] for place in alone])
    findings += _unmatched_rows(table, polygons, people, (left, [given[row] for row in left]), (alone, [
        shown[place] for place in alone
    ]))  # fmt: skip
    joined.attrs["join"] = {
        "polygons": len(polygons),
        "rows": len(table),
        "matched": int(matched.sum()),
        "rows_without_polygon": [given[row] for row in left[:SHOWN]],
        "polygons_without_row": [shown[place] for place in alone[:SHOWN]],
        "totals": _column_totals(table, joined, [label for label in wanted if label in _number_columns(table)], left),
    }
    return _described(joined, polygons, table, wanted, findings)


def comparable_key(value: str) -> str:
    """Return a key in one spelling, for comparing only.

    Examples
    --------
    >>> comparable_key("كرج ٢") == comparable_key("کرج 2"), comparable_key("مُحَمَّد  آباد") == comparable_key("محمد آباد")
    (True, True)
    """
    plain = str(folded(value.translate(LATIN)))
    # Short vowels and the like are written by some and not by others.
    plain = "".join(sign for sign in plain if not "\u064b" <= sign <= "\u0652" and unicodedata.category(sign) != "Cf")
    return " ".join(plain.split())


def _column(frame: pd.DataFrame, key: str | None, name: str) -> Any:
    if key is None:
        return frame.index
    if key not in frame.columns:
        raise InputError(name, f"there is no column {key}", f"It has: {', '.join(map(str, frame.columns))}.")
    return frame[key]


def _wanted_columns(
    polygons: gpd.GeoDataFrame, table: pd.DataFrame, key: str | None, columns: Sequence[str] | None
) -> list[str]:
    shapes = table.geometry.name if hasattr(table, "crs") else None
    wanted = [label for label in table.columns if label not in {key, shapes}] if columns is None else list(columns)
    for label in wanted:
        if label not in table.columns:
            raise InputError("columns", f"the table has no column {label}", f"It has: {', '.join(table.columns)}.")
    both = [label for label in wanted if label in polygons.columns]
    if both:
        raise InputError(
            "columns",
            f"{listed(both)} are in the polygons and in the table",
            "Say which columns to take with columns=, or rename them.",
        )
    return wanted


def _keys(values: list[str | None], name: str, index: pd.Index[Any]) -> list[str]:
    empty = [label for label, value in zip(index, values, strict=True) if value is None]
    if empty:
        raise DuplicateIdError(
            name, f"{len(empty):,} rows have no key", "Fill the keys, or leave these rows out.", rows=empty
        )
    rounded = [str(value) for value in values if ROUNDED.fullmatch(str(value))]
    if rounded:
        raise InputError(
            name,
            f"{len(rounded):,} keys are rounded numbers",
            "A spreadsheet has turned long codes into numbers, whose last digits are lost. Get the file again and keep "
            "codes as text.",
            rows=rounded,
        )
    found = [comparable_key(str(value)) for value in values]
    # Whole numbers among which one was missing are written with decimals by many programs.
    numbers = [value for value in found if value.replace(".", "").isdecimal()]
    if numbers and all(value.endswith(".0") for value in numbers):
        return [value.removesuffix(".0") for value in found]
    return found


def _with_zeros(places: list[str], keys: list[str]) -> tuple[list[str], list[str], list[Finding]]:
    """Put back zeros that one side has lost, where the other side shows how many there were."""
    for side, other in (("table", places), ("polygons", keys)):
        short = keys if side == "table" else places
        lengths = {len(value) for value in other}
        if len(lengths) != 1 or not any(value.startswith("0") for value in other):
            continue
        width = lengths.pop()
        # Only keys of digits lose zeros; others, such as 2A004 in Corsica or a row of totals, stay as they are.
        digits = [len(value) for value in short if value.isdecimal()]
        if not digits or max(digits) > width or min(digits) == width:
            continue
        filled = [value.zfill(width) if value.isdecimal() else value for value in short]
        merged = len(set(short)) - len(set(filled))
        if merged:
            twice = [
                value
                for value in dict.fromkeys(filled)
                if len({a for a, b in zip(short, filled, strict=True) if b == value}) > 1
            ]
            raise DuplicateIdError(
                side,
                f"{merged:,} keys would become the same as another one when zeros are put back at the front",
                "Some have lost their zeros and some have not: write all of them in one way.",
                rows=twice,
            )
        count = sum(value != whole for value, whole in zip(short, filled, strict=True))
        message = (
            f"{count:,} of {len(short):,} keys of the {side} had lost zeros at the front, which were put back to "
            "compare them: "
            f"{next(f'{value} is {whole}' for value, whole in zip(short, filled, strict=True) if value != whole)}."
        )
        found = [Finding("leading_zeros_restored", "information", message, count=count)]
        return (places, filled, found) if side == "table" else (filled, keys, found)
    return places, keys, []


def _apart_by_zeros(rows: list[str], places: list[str]) -> list[Finding]:
    """Warn of keys left over on both sides that are the same but for zeros at the front."""
    known = {value.lstrip("0"): value for value in places}
    pairs = [f"{value} and {known[value.lstrip('0')]}" for value in rows if value.lstrip("0") in known]
    if not pairs:
        return []
    message = (
        f"{len(pairs):,} keys of the table are those of polygons but for zeros at the front, and were not joined: "
        f"{listed(pairs)}."
    )
    advice = "Codes lost their zeros: write them in one length on both sides."
    return [Finding("keys_differ_by_zeros", "warning", message, count=len(pairs), advice=advice)]


def _require_single(keys: list[str], shown: list[str | None], name: str) -> None:
    again = pd.Series(keys, dtype="object").duplicated(keep=False).to_numpy()
    if again.any():
        twice = list(dict.fromkeys(str(value) for value, bad in zip(shown, again, strict=True) if bad))
        raise DuplicateIdError(
            name,
            f"{int(again.sum()):,} rows share a key with another one",
            "A row of the table would be counted for each of them. Merge these shapes, or use a key that is their own.",
            rows=twice,
        )


def _require_single_rows(table: pd.DataFrame, keys: list[str], given: list[str | None]) -> None:
    if len(set(keys)) == len(keys):
        return
    named = pd.DataFrame(table.drop(columns=table.geometry.name) if hasattr(table, "crs") else table)
    named["(key)"] = keys
    written: dict[str, list[str | None]] = {}
    for value, shown in zip(keys, given, strict=True):
        written.setdefault(value, []).append(shown)
    spelled = [value for value, ways in written.items() if len(set(ways)) > 1]
    if spelled:
        raise DuplicateIdError(
            "table",
            f"{len(spelled):,} keys are the same but for their spelling",
            "They differ by padding, digits, or Arabic and Persian letters only. Merge these rows.",
            rows=[" and ".join(dict.fromkeys(map(str, written[value]))) for value in spelled],
        )
    require_unique(named, "(key)", "table")


def _first_three_quoted(values: list[str | None]) -> str:
    return ", ".join(f"“{value}”" for value in values[:3]) + (" …" if len(values) > 3 else "")


def _matched_values(column: pd.Series[Any], rows: Any, matched: Any) -> pd.Series[Any]:
    taken = column.iloc[np.where(matched, rows, 0)].reset_index(drop=True)
    return taken if matched.all() and pd.api.types.is_bool_dtype(taken) else _float(taken).where(matched)


def _float(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return whole numbers as numbers that can be missing."""
    return column.astype(np.float64) if pd.api.types.is_integer_dtype(column.dtype) else column


def _number_columns(frame: pd.DataFrame) -> list[Any]:
    return [
        label
        for label in frame.columns
        if pd.api.types.is_numeric_dtype(frame[label]) and not pd.api.types.is_bool_dtype(frame[label])
    ]


def _unmatched_rows(
    table: pd.DataFrame,
    polygons: gpd.GeoDataFrame,
    people: str | None,
    rows: tuple[Any, list[str | None]],
    places: tuple[Any, list[str | None]],
) -> list[Finding]:
    findings: list[Finding] = []
    if rows[1]:
        count, concerned = _people_concerned(table, people, rows[0])
        message = f"{len(rows[1]):,} of {len(table):,} rows of the table have no polygon{concerned}: {listed(rows[1])}."
        advice = "They are in no zone and in no total from here on. Look whether codes or years differ."
        findings.append(Finding("rows_without_polygon", "warning", message, len(rows[1]), count, advice))
    if places[1]:
        count, concerned = _people_concerned(polygons, people, places[0])
        message = f"{len(places[1]):,} polygons have no row in the table and no values{concerned}: {listed(places[1])}."
        advice = "They are missing, not 0. Look whether codes or years differ."
        findings.append(Finding("polygons_without_row", "warning", message, len(places[1]), count, advice))
    return findings


def _people_concerned(frame: pd.DataFrame, people: str | None, rows: Any) -> tuple[float | None, str]:
    """Return how many people the rows hold, and say so; nothing where that is not known."""
    if people is None or people not in frame.columns:
        return None, ""
    count = float(frame[people].iloc[rows].sum())
    return count, f", with {count:,.0f} in {people}"


def _column_totals(
    table: pd.DataFrame, joined: gpd.GeoDataFrame, labels: list[Any], left: Any
) -> dict[str, dict[str, float]]:
    """Account for the sum of every column of numbers: in the table, joined, and in rows without a polygon."""
    book = Ledger()
    totals: dict[str, dict[str, float]] = {}
    for label in labels:
        before, after = float(table[label].sum()), float(joined[label].sum())
        out = float(table[label].iloc[left].sum())
        book.record("join_table", str(label), before=before, after=after, elsewhere={"without polygon": out})
        totals[str(label)] = {"total": before, "joined": after, "without polygon": out}
    return totals


def _described(
    joined: gpd.GeoDataFrame, polygons: gpd.GeoDataFrame, table: pd.DataFrame, wanted: list[Any], found: list[Finding]
) -> gpd.GeoDataFrame:
    known = {**polygons.attrs.get("columns", {}), **table.attrs.get("columns", {})}
    joined.attrs["columns"] = {label: facts for label, facts in known.items() if label in joined or label in wanted}
    joined.attrs["findings"] = []
    joined.attrs["sources"] = []
    add_findings(joined, *findings_of(polygons, table), *found)
    return add_sources(joined, *sources_of(polygons, table))
