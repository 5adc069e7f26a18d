"""What people reach, as columns of the table of zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.numbers.digits import rounded_beyond
from spatialjustice.study.sections.space.page import clusters_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.sections.space.settings import SpaceKeys


def zone_columns(results: Results[SpaceKeys]) -> dict[str, pd.Series[Any]]:
    """Return the way to the nearest place, what is within each limit, and the clusters, with statuses beside them."""
    columns: dict[str, pd.Series[Any]] = {}
    unknown = results.unknown.to_numpy()
    for item in results["reach"]:
        key = f"{item.service}_{item.mode.key}"
        for unit, values in item.closest.items():
            columns[f"{key}_{unit}"] = rounded_beyond(values, 1 if unit == "metres" else 2)
        columns[f"{key}_status"] = _texts(item.status, {"population_unknown": unknown})
        for cutoff, values in item.counts.items():
            columns[f"{key}_within_{cutoff}"] = values
        for name, found in clusters_of(results, item.mode.key, item.service).items():
            called = f"{key}_{'cluster' if name == 'local_moran' else name}"
            instead = {"nobody lives here": found["label"].isna().to_numpy(), "population unknown": unknown}
            columns[called] = _texts(found["label"], instead)
            columns[f"{called}_p_value"] = found["p_value"]
            columns[f"{called}_p_adjusted"] = found["p_adjusted"]
    return columns


def _texts(words: pd.Series[Any], instead: Mapping[str, NDArray[np.bool_]]) -> pd.Series[Any]:
    """Return words as texts, with others in their stead in some zones."""
    found = words.to_numpy(dtype=object, copy=True)
    for text, where in instead.items():
        found[where] = text
    return pd.Series(found, index=words.index, dtype=pd.StringDtype(na_value=np.nan))
