"""How fast cars really are: factors, or speeds, of some ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_ids

if TYPE_CHECKING:
    from numpy.typing import NDArray


def congested(
    congestion: pd.Series[Any] | pd.DataFrame,
    way_ids: NDArray[np.int64],
    speeds: NDArray[np.float64],
    usable: NDArray[np.bool_],
    metres: NDArray[np.float64],
) -> tuple[NDArray[np.float64], list[Finding]]:
    """Apply factors, or speeds in kilometres an hour, to the speeds of some ways."""
    if isinstance(congestion, pd.DataFrame):
        needed = {"osm_id", "max_speed", "speed_type"}
        absent = sorted(needed - set(congestion.columns))
        kinds = set() if absent else set(congestion["speed_type"]) - {"scale", "km/h"}
        if absent or kinds:
            found = f"it has no column {', '.join(absent)}" if absent else f"speed_type is {sorted(map(str, kinds))}"
            raise InputError(
                "congestion",
                found,
                "Give the columns osm_id, max_speed and speed_type (scale or km/h), or a Series of factors by way id.",
            )
        table = congestion.set_index("osm_id")
        values, absolute = table["max_speed"], table["speed_type"].to_numpy() == "km/h"
    else:
        values, absolute = congestion, np.zeros(len(congestion), dtype=bool)
    require_ids(values, "congestion")
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
    wrong = ~((numbers > 0) & np.isfinite(numbers))
    if wrong.any():
        raise InputError(
            "congestion",
            f"{int(wrong.sum()):,} ways have a value that is not above 0",
            "Give factors of the speed (0.5 halves it) or kilometres an hour; take closed streets out of the streets.",
            rows=values.index[wrong],
        )
    row = pd.Index(way_ids).get_indexer(values.index)
    known = row >= 0
    speeds = speeds.copy()
    for rows, value, kmh in zip(row[known], numbers[known], absolute[known], strict=True):
        speeds[:, rows] = value if kmh else speeds[:, rows] * value
    used = row[known][usable[row[known]]]
    findings = [
        Finding(
            "congestion_applied",
            "information",
            f"The speed of {used.size:,} ways ({metres[used].sum() / 1000:,.1f} of {metres.sum() / 1000:,.1f} km) is "
            "changed by congestion; the others are as free as their tags say.",
            values={
                "count": int(used.size),
                "kilometres": float(metres[used].sum() / 1000),
                "all": float(metres.sum() / 1000),
            },
            count=int(used.size),
        )
    ]
    strange = len(values) - int(used.size)
    if strange:
        findings.append(
            Finding(
                "congestion_ways_unknown",
                "information" if used.size else "warning",
                f"{strange:,} of {len(values):,} ways in the congestion data are no streets of this mode and place.",
                count=strange,
                advice="Ways are split and renumbered as the map is edited: use data of the same age as the streets.",
            )
        )
    return speeds, findings
