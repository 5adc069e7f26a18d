"""Exposures as they are given to the measures of this room: one column each, with its unit and its direction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import aligned_by_id, flat_numbers, refuse_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice._core.findings import Finding
    from spatialjustice.inequality._inputs import Floats

    Exposures = pd.DataFrame | pd.Series[Any] | Mapping[str, pd.Series[Any]]

BETTER = ("lower is better", "higher is better")


def exposure_columns(exposures: Exposures, name: str = "exposures") -> dict[str, pd.Series[Any]]:
    """Return exposures by name, all on the index of the first, each with what its attrs say.

    Raises
    ------
    InputError
        When there are none, a value is no number or infinite, or ids differ.
    """
    table: Any = {str(exposures.name or "exposure"): exposures} if isinstance(exposures, pd.Series) else exposures
    framed = isinstance(table, pd.DataFrame)
    if not framed and not isinstance(table, Mapping):
        found = f"they are {a_kind(table)}"
        raise InputError(name, found, "Give a Series for each exposure by its name, or a frame with a column for each.")
    if len(table) == 0 or (framed and len(table.columns) == 0):
        raise InputError(name, "there are none", "Give at least one.")
    made: dict[str, pd.Series[Any]] = {}
    first: pd.Series[Any] | None = None
    for key in table:
        given = table[key]
        if not isinstance(given, pd.Series):
            advice = "Give a Series with an id for each zone."
            raise InputError(f"{name} ({key})", f"it is {a_kind(given)}", advice)
        require_ids(given, str(key))
        numbers = flat_numbers(given, str(key))
        refuse_rows(np.isinf(numbers), given.index, str(key), "values are infinite", "Make them missing.")
        if first is None:
            first = given
        ordered = numbers if first is given else aligned_by_id(given, str(key), first, "the first exposure")
        series = pd.Series(ordered, index=first.index, name=str(key))
        series.attrs = dict(table.attrs.get("columns", {}).get(key, {})) if framed else dict(given.attrs)
        made[str(key)] = series
    return made


def worse(values: pd.Series[Any], name: str) -> Floats:
    """Return numbers that rise with the burden: turned round where more of it is better, as of trees.

    Raises
    ------
    InputError
        When the values do not say which way is better.
    """
    word = values.attrs.get("direction", BETTER[0])
    if word not in BETTER:
        advice = f"Say in its attrs which way is good: {' or '.join(map(repr, BETTER))}."
        raise InputError(name, f"its direction is {word!r}", advice)
    numbers = values.to_numpy(dtype=np.float64)
    return numbers if word == BETTER[0] else -numbers


def said(
    made: pd.DataFrame | pd.Series[Any],
    measure: str,
    inputs: Sequence[Any],
    findings: Sequence[Finding] = (),
    **facts: Any,
) -> None:
    """Say in ``attrs`` what a result is, with the sources and findings of all that went into it."""
    kept = dict.fromkeys([*findings_of(*inputs), *findings])
    told: dict[Any, Any] = {"measure": measure, **facts}
    made.attrs = {
        **told,
        "sources": [record.as_dict() for record in sources_of(*inputs)],
        "findings": [item.as_dict() for item in kept],
    }
