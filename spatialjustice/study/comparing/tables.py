"""One table of cells or of cities, with what a second one says of the cities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice import cities, sources
from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of
from spatialjustice.catalogue import LANGUAGES
from spatialjustice.study.comparing.compared import BLOCK, CITY, Compared, Material, as_text_ids

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BAD = "lower is better"


def material_of_table(  # noqa: PLR0913 - what a table leaves open
    path: Path,
    *,
    city: str | None,
    values: Sequence[str],
    people: str | None,
    about: Path | None,
    whole: str | None,
    direction: Any,
    cutoff: Any,
    cut_at: Any,
    unit: str,
    titles: Mapping[str, Any],
    columns: Sequence[str],
    size: float,
) -> Material:
    """Read a table of cells or cities, join what another says of the cities, and settle what is compared.

    Raises
    ------
    InputError
        When a column is not named or not there, or no city of one table is in the other.
    """
    if city is None or not values:
        missing = "city" if city is None else "values"
        raise InputError(missing, "a table says not by itself which column it is", "Name the column.")
    frame = sources.table(path, name="compared")
    needed = [city, *values, *([] if people is None else [people])]
    _require(frame, needed, path.name)
    strangers = [name for name in titles if name not in values]
    if strangers:
        raise InputError("titles", f"{strangers[0]!r} is no column that is compared", f"These are {', '.join(values)}.")
    ids = as_text_ids(frame[city])
    if ids.isna().any():
        without = frame.index[ids.isna()]
        raise InputError(city, f"{len(without):,} rows say no city", "Give the city of every row.", rows=without)
    kind = "cities" if ids.is_unique else "cells"
    named = sources.table(about, name="about", text=()) if about is not None else (frame if kind == "cities" else None)
    numbers = {name: as_floats(frame[name], name) for name in needed[1:]}
    rows = pd.DataFrame({**numbers, CITY: ids.astype(str)}, index=frame.index)
    if kind == "cells" and all(name in frame.columns for name in columns):
        placed = frame[list(columns)].assign(**{CITY: ids.astype(str)})
        rows[BLOCK] = cities.square_blocks(placed, city=CITY, size=size, columns=list(columns))
    found = list(findings_of(frame, named))
    labels, of_whole = _of_cities(named, city, whole, rows, found)
    counted = _people(rows, people, of_whole, kind)
    compared = [
        Compared(
            name=name,
            title=_title(titles.get(name), name),
            unit=unit,
            people=people,
            direction=_of(direction, name),
            cutoff=_of(cutoff, name),
            cut_at=_of(cut_at, name),
        )
        for name in values
    ]
    rows.attrs.clear()
    return Material(
        kind="cities" if kind == "cities" else "cells",
        frame=rows,
        columns=compared,
        labels=labels,
        people=counted,
        whole=of_whole if kind == "cells" else None,
        sources=sources_of(frame, named),
        findings=found,
        settings={
            "table": path.name, "city": city, "people": people, "values": list(values),
            "about": None if about is None else about.name, "whole": whole, "unit": unit,
            "blocks": size if BLOCK in rows.columns else None,
        },
    )  # fmt: skip


def _of(given: Any, name: str) -> Any:
    return given.get(name) if isinstance(given, Mapping) else given


def _require(frame: pd.DataFrame, names: Sequence[str], file: str) -> None:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        there = ", ".join(map(str, frame.columns[:20]))
        raise InputError("compared", f"{file} has no column {missing[0]!r}", f"It has: {there}.")


def _title(given: Any, name: str) -> dict[str, str]:
    plain = name.replace("_", " ")
    if given is None:
        return dict.fromkeys(LANGUAGES, plain)
    if isinstance(given, Mapping):
        return {lang: str(given.get(lang) or plain) for lang in LANGUAGES}
    return dict.fromkeys(LANGUAGES, str(given))


def _of_cities(
    named: pd.DataFrame | None, city: str, whole: str | None, rows: pd.DataFrame, found: list[Finding]
) -> tuple[dict[str, dict[str, str]], pd.Series[Any] | None]:
    """Return what each city is called, and how many people it has where a table of cities says so."""
    ids = pd.Index(rows[CITY].unique())
    if named is None:
        return {one: dict.fromkeys(LANGUAGES, one) for one in ids}, None
    _require(named, [city, *([] if whole is None else [whole])], "the table of cities")
    keys = as_text_ids(named[city])
    if keys.isna().any() or not keys.is_unique:
        twice = named.index[(keys.isna() | keys.duplicated(keep=False)).to_numpy()]
        raise InputError(
            "about", f"{len(twice):,} rows have no id of their own", "Give a row for each city.", rows=twice
        )
    of = named.set_axis(pd.Index(keys.astype(str)), axis=0)
    strangers = ids.difference(of.index)
    if len(strangers) == len(ids):
        raise InputError("about", f"none of the {len(ids):,} cities is in it", "Check that both use the same ids.")
    if len(strangers):
        message = f"{len(strangers):,} of {len(ids):,} cities are not in the table of cities."
        found.append(Finding("cities_not_described", "warning", message, len(strangers)))
    of = of.reindex(ids)
    names = of["name"] if "name" in of.columns else pd.Series(ids, index=ids, dtype=object)
    country = of["country"] if "country" in of.columns else None
    made = cities.city_labels(names, country=country)
    found.extend(one for one in findings_of(made) if one not in found)
    labels = {str(one): dict.fromkeys(LANGUAGES, str(label)) for one, label in made.items()}
    if "name_fa" in of.columns and "fa" in LANGUAGES:
        for one, label in of["name_fa"].dropna().items():
            labels[str(one)]["fa"] = str(label)
    return labels, None if whole is None else pd.Series(as_floats(of[whole], whole), index=of.index)


def _people(rows: pd.DataFrame, people: str | None, whole: pd.Series[Any] | None, kind: str) -> pd.Series[Any]:
    """Return the people of each city: of the whole one where that is known, else of its rows."""
    if whole is not None:
        return whole
    ids = pd.Index(rows[CITY].unique())
    if people is None:
        return pd.Series(np.nan, index=ids)
    if kind == "cities":
        return rows.set_index(CITY)[people].astype(float)
    return rows.groupby(CITY)[people].sum().astype(float).reindex(ids)
