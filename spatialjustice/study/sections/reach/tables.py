"""What people reach, as columns of the table of zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice._core.numbers.digits import rounded_beyond
from spatialjustice.study.sections.space.page import clusters_of

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.space.settings import SpaceKeys


def zone_columns(results: Results[SpaceKeys]) -> dict[str, pd.Series[Any]]:
    """Return the way to the nearest place, what is within each limit, and the clusters, with statuses beside them."""
    columns: dict[str, pd.Series[Any]] = {}
    for item in results["reach"]:
        key = f"{item.service}_{item.mode.key}"
        for unit, values in item.closest.items():
            columns[f"{key}_{unit}"] = rounded_beyond(values, 1 if unit == "metres" else 2)
        columns[f"{key}_status"] = item.status.astype(str).mask(results.unknown, "population_unknown")
        for cutoff, values in item.counts.items():
            columns[f"{key}_within_{cutoff}"] = values
        for name, found in clusters_of(results, item.mode.key, item.service).items():
            label = found["label"].astype(object).where(found["label"].notna(), "nobody lives here")
            called = f"{key}_{'cluster' if name == 'local_moran' else name}"
            columns[called] = label.mask(results.unknown, "population unknown")
            columns[f"{called}_p_value"] = found["p_value"]
            columns[f"{called}_p_adjusted"] = found["p_adjusted"]
    return columns
