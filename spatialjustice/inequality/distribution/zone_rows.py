"""What belongs to each zone, brought into one order from which zones are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import require_ids
from spatialjustice.inequality._inputs import Floats, Values, aligned_by_id, flat_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST = 4
"""Zones with people from which an interval is given at all."""


def canonical_order(*columns: NDArray[Any]) -> NDArray[np.int64]:
    """Order rows by what stands in them, so that neither their order nor their ids change a draw."""
    keys = []
    for column in columns:
        if column.dtype.kind in "biuf":
            keys.append(column)
            continue
        try:
            keys.append(pd.factorize(column, sort=True)[0])
        except TypeError:
            keys.append(pd.factorize(column.astype(str), sort=True)[0])
    return np.lexsort(keys[::-1]).astype(np.int64)


class ZoneRows(NamedTuple):
    """Zones where people live: what they have, people, settings by zone, and errors of the numbers."""

    amounts: Floats
    people: Floats
    along: dict[str, NDArray[Any]]
    errors: tuple[Floats, ...]


def rows_of(
    values: Values, weights: Values | None, settings: dict[str, Any], *errors: Floats, everyone: bool = False
) -> ZoneRows:
    """Bring everything that belongs to a zone into one order that does not depend on that of the input."""
    amounts = flat_numbers(values, "values")
    people = np.ones(len(amounts)) if weights is None else aligned_by_id(weights, "weights", values, "values")
    along = {
        name: found for name, given in settings.items() if (found := _setting_by_zone(name, given, values)) is not None
    }
    order = canonical_order(amounts, people, *along.values(), *errors)
    counts = people > 0
    if everyone:
        # Nobody lives there by the estimate, but by its margin somebody may, who has what the value says.
        counts |= (errors[-1] > 0) & np.isfinite(amounts) & (np.nan_to_num(amounts) >= 0)
    order = order[counts[order]]
    if not everyone and len(order) < FEWEST:
        raise InputError(
            "values",
            f"{len(order):,} zones have people",
            f"Fewer than {FEWEST} zones cannot tell how much they vary. Report the measure without an interval.",
        )
    return ZoneRows(
        amounts[order],
        people[order],
        {name: column[order] for name, column in along.items()},
        tuple(column[order] for column in errors),
    )


def _setting_by_zone(name: str, given: Any, values: Values) -> NDArray[Any] | None:
    """Return a setting that has one entry for each zone, in the order of the values; None for any other setting."""
    if isinstance(given, pd.Series):
        column = given
        if isinstance(values, pd.Series):
            require_ids(given, name)
            strangers = given.index.symmetric_difference(values.index, sort=False)
            if len(strangers):
                raise InputError(
                    name,
                    f"{len(strangers):,} ids are not in both values and {name}",
                    "Both are matched by id. Give them the same index.",
                    rows=strangers,
                )
            column = given.reindex(values.index)
    elif isinstance(given, np.ndarray | pd.Index | Sequence) and not isinstance(given, str | bytes | tuple):
        column = pd.Series(list(given)) if isinstance(given, Sequence) else pd.Series(given)
    else:
        return None
    if len(column) != len(values):
        return None
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return column.to_numpy(dtype=object)
