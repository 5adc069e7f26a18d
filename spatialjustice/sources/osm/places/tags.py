"""Tags of places as text, and answers in words on the places' index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice._core.findings import Finding, add_findings
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.digits import LATIN

if TYPE_CHECKING:
    from collections.abc import Sequence

ASK = "Ask those who run the places, and write it into OpenStreetMap."


def texts_of(places: pd.DataFrame, tag: str) -> pd.Series[Any]:
    """Return the text of a tag, None where there is none: from its own column, else from the column ``tags``."""
    require_ids(places, "places")
    values: list[Any] = list(places[tag]) if tag in places.columns else [None] * len(places)
    if "tags" in places.columns:
        tagged = [tags.get(tag) if isinstance(tags, Mapping) else None for tags in places["tags"]]
        values = [other if _is_missing(value) else value for value, other in zip(values, tagged, strict=True)]
    written = [None if _is_missing(value) else str(value).strip() for value in values]
    return pd.Series(
        [text.translate(LATIN) if text else None for text in written], index=places.index, dtype=object, name=tag
    )


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value != value  # noqa: PLR0124 (NaN)


def as_categories(values: pd.Series[Any], names: Sequence[str]) -> pd.Series[Any]:
    """Return words as categories of these names, in this order."""
    result: pd.Series[Any] = values.astype(pd.CategoricalDtype(list(names)))
    return result


def count_unknown(result: pd.Series[Any], code: str, message: str) -> pd.Series[Any]:
    """Attach a finding that counts the unknown."""
    count = int(result.eq("unknown").sum())
    if count:
        add_warning(result, code, message.format(count=count, total=len(result)), count)
    return result


def add_warning(result: pd.Series[Any], code: str, message: str, count: int, *, advice: str = ASK) -> None:
    """Attach a warning."""
    add_findings(result, Finding(code, "warning", message, count=count, advice=advice))
