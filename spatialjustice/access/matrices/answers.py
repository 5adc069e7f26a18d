"""What routing services answer when a matrix is asked for: OSRM, openrouteservice, Mapbox, Valhalla."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import file_record, require_regular
from spatialjustice.access.matrices.spellings import LENGTHS, TIMES, UNITS, unit_meant

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from spatialjustice._core.provenance import SourceRecord

KEYS = frozenset({"durations", "distances", "sources_to_targets", "code", "error", "error_code"})
"""An answer has one of them."""


class Answer(NamedTuple):
    """A matrix of a service: what each pair costs, NaN where there is no way, and in which unit."""

    values: NDArray[np.float64]
    unit: str
    findings: list[Finding]


def is_answer(table: Any) -> bool:
    """Tell whether something is the answer of a routing service."""
    return isinstance(table, Mapping) and not KEYS.isdisjoint(table)


def plain_answer(part: Any) -> Any:
    """Return an answer of OSRM's own classes for Python, which are no dicts and lists, as dicts and lists."""
    if type(part).__name__ == "Object":
        return {name: plain_answer(part[name]) for name in part}
    return [plain_answer(each) for each in part] if type(part).__name__ == "Array" else part


def read_json(path: Path) -> tuple[Any, SourceRecord]:
    """Return what a JSON file holds, and its record.

    Raises
    ------
    InputError
        When it is not there or no JSON.
    """
    require_regular(path, "travel costs")
    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text), file_record(path, "travel costs")
    except FileNotFoundError as error:
        raise InputError("travel costs", f"there is no file {path}", "Check the path.") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        found = f"{path.name} is not whole JSON ({error})"[:200]
        raise InputError("travel costs", found, "Save the answer of the service as it came.") from error


def read_answer(answer: Mapping[str, Any], unit: str | None) -> Answer:
    """Return the durations or the distances of an answer.

    Parameters
    ----------
    answer
        The answer, as its JSON reads.
    unit
        Of which kind: any unit of time for the durations, of length for the distances; None where there is one kind.

    Raises
    ------
    InputError
        When the service answered with an error, or durations and distances are there and nobody says which.
    """
    _refuse_errors(answer)
    try:
        durations, distances, distance_unit = _matrices(answer)
        findings = _fallbacks(answer)
    except InputError:
        raise
    except (TypeError, ValueError, AttributeError) as error:
        found = f"the answer is not laid out as any that is known ({error})"
        raise InputError("travel costs", found, "Give the answer as it came, or its rows of numbers alone.") from error
    there = [name for name, values in (("durations", durations), ("distances", distances)) if values is not None]
    if not there:
        found = f"the answer holds neither durations nor distances ({', '.join(map(str, answer))})"
        raise InputError("travel costs", found, "Ask the service for durations or distances.")
    wanted = _wanted(there, unit)
    if wanted == "durations" and durations is not None:
        return Answer(durations, "seconds", findings)
    values = np.array(distances)
    if durations is not None and durations.shape == values.shape:
        # Valhalla's short answer writes a distance of 0 where there is no way; only the durations tell.
        values[np.isnan(durations)] = np.nan
    return Answer(values, distance_unit, findings)


def _refuse_errors(answer: Mapping[str, Any]) -> None:
    code = answer.get("code", "Ok")
    error = answer.get("error")
    if code == "Ok" and not error:
        return
    said = error.get("message", error) if isinstance(error, Mapping) else error or answer.get("message", "")
    raise InputError(
        "travel costs",
        f"the service answered with an error: {code if code != 'Ok' else answer.get('error_code', '')} {said}".strip(),
        "Ask again: this answer holds no matrix.",
    )


def _matrices(answer: Mapping[str, Any]) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None, str]:
    """Return durations in seconds, distances, and the unit of those."""
    inner = answer.get("sources_to_targets")
    if inner is None:
        said = ((answer.get("metadata") or {}).get("query") or {}).get("units", "m")
        unit = "metres" if said == "m" else _known_unit(said)
        return _numbers(answer.get("durations")), _numbers(answer.get("distances")), unit
    unit = _known_unit(answer.get("units", "kilometers"))
    if isinstance(inner, Mapping):
        return _numbers(inner.get("durations")), _numbers(inner.get("distances")), unit
    return _of_entries(inner, "time"), _of_entries(inner, "distance"), unit


def _known_unit(said: Any) -> str:
    if said not in UNITS or UNITS[said] not in LENGTHS:
        raise InputError("travel costs", f"the answer says that distances are in {said!r}", "Ask for metres or km.")
    return UNITS[said]


def _of_entries(rows: Any, key: str) -> NDArray[np.float64] | None:
    """Return one kind of number of Valhalla's long answer, at the places that each entry names; None without any."""
    entries = [
        (entry.get("from_index", row), entry.get("to_index", column), entry.get(key))
        for row, each in enumerate(rows)
        for column, entry in enumerate(each)
        if entry is not None
    ]
    if not any(key in entry for each in rows for entry in each if entry is not None):
        return None
    shape = (len(rows), max((len(each) for each in rows), default=0))
    values = np.full(shape, np.nan)
    for row, column, value in entries:
        if not (0 <= row < shape[0] and 0 <= column < shape[1]):
            raise InputError("travel costs", f"an entry names the pair {row}, {column}", "Ask for the matrix again.")
        if value is not None:
            values[row, column] = value
    return values


def _numbers(rows: Any) -> NDArray[np.float64] | None:
    """Return rows of numbers as a matrix, NaN where there is nothing."""
    if rows is None:
        return None
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        raise InputError("travel costs", "the rows of the matrix are of different lengths", "Ask for it again.")
    flat = [np.nan if value is None else value for row in rows for value in row]
    wrong = [value for value in flat if isinstance(value, bool) or not isinstance(value, int | float)]
    if wrong:
        raise InputError("travel costs", f"the matrix holds {wrong[0]!r}", "Give the answer as it came.")
    return np.array(flat, dtype=np.float64).reshape(len(rows), next(iter(lengths), 0))


def _wanted(there: list[str], unit: str | None) -> str:
    if unit is None:
        if len(there) > 1:
            raise InputError(
                "unit", "the answer holds durations and distances", "Choose: unit=“minutes” or unit=“metres”."
            )
        return there[0]
    meant = unit_meant(unit)
    wanted = "durations" if meant in TIMES else "distances" if meant in LENGTHS else ""
    if wanted not in there:
        raise InputError("unit", f"it is “{unit}”, and the answer holds {' and '.join(there)}", "Choose another unit.")
    return wanted


def _fallbacks(answer: Mapping[str, Any]) -> list[Finding]:
    """Say how many costs OSRM did not find along streets but estimated as the crow flies."""
    cells = answer.get("fallback_speed_cells") or []
    if not cells:
        return []
    return [
        Finding(
            "costs_estimated",
            "warning",
            f"{len(cells):,} travel costs were estimated as the crow flies, because the router found no way.",
            count=len(cells),
            advice="Ask without fallback_speed, so that these pairs count as unreachable.",
        )
    ]
