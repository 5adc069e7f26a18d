"""Bars of groups whose numbers are only known within bounds: what is true if unrelated, with the lowest and highest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue, report
from spatialjustice.study.engine.texts import sentence
from spatialjustice.study.sections.groups.page import group_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts

    Ends = tuple[str, str, str]
    """Columns of the lowest, the independent and the highest number."""

ALL = "all people"


def bounded_bars(results: Results[Any], table: pd.DataFrame, ends: Ends, title: str) -> Iterator[report.Bars]:
    """Yield a drawing for each comparison of a table of groups; ``title`` is a key of the catalogue with ``{by}``."""
    low, middle, high = ends
    for by, rows in table.groupby("by", sort=False):
        shown = [
            {
                "label": group_title(results.study, ALL if row["group"] == "all" else str(row["group"])),
                "value": row[middle],
                # Bounds that are one number have nothing to draw between them.
                "low": row[low] if row[high] - row[low] > 5e-4 else None,
                "high": row[high] if row[high] - row[low] > 5e-4 else None,
                "note": "",
            }
            for row in rows.to_dict(orient="records")
            if row["counted"] > 0
        ]
        if len(shown) > 1:
            named = _named(results, str(by))
            yield report.Bars(shown, sentence(title, by=named.__getitem__), percent=True)


def _named(results: Results[Any], by: str) -> Texts:
    """Return what groups are compared by: the title of a group, or income."""
    group = results.study.groups.get(by)
    if group is None:
        return sentence("study.by_income")
    return {language: catalogue.text_in(group.title, language) for language in catalogue.LANGUAGES}
