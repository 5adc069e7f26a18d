"""What each group has, as bars beside the maps of what people reach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from spatialjustice import catalogue, report
from spatialjustice.study.engine.texts import sentence
from spatialjustice.study.sections.groups.page import group_title

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.study.engine.results import Results
    from spatialjustice.study.engine.section import Texts
    from spatialjustice.study.engine.travel_modes import Travel
    from spatialjustice.study.sections.reach.settings import ReachKeys


def bars(results: Results[ReachKeys], mode: Travel) -> dict[str, list[report.Bars]]:
    """Return what each group has, or who of it has too little, by the keys of the indicators."""
    table = results["inequality"].groups
    if table.empty:
        return {}
    found: dict[str, list[report.Bars]] = {}
    for item in results["reach"]:
        if item.mode.key != mode.key:
            continue
        keys = {
            f"within {cutoff.label}": f"{item.service}_within_{cutoff.key}" for cutoff in results.study.cutoffs_of(mode)
        }
        if "metres" in item.closest or item.unit == "minutes":
            keys["way to the nearest"] = f"{item.service}_{item.unit}"
        rows = table[(table["service"] == item.service) & (table["mode"] == mode.key)]
        for outcome, key in keys.items():
            chosen = rows[rows["outcome"] == outcome]
            # A comparison that could not be made has a row that says why in the table, and no bar.
            parts = [
                part for part in chosen.groupby("by", sort=False) if "mean" in chosen and part[1]["mean"].notna().any()
            ]
            made = [_bars(results, str(name), part) for name, part in parts]
            if made:
                found[key] = made
    return found


def _bars(results: Results[ReachKeys], name: str, rows: pd.DataFrame) -> report.Bars:
    """Return the bars of one comparison: the share without enough where there is a line, the mean otherwise."""
    share = "share_without" in rows and rows["share_without"].notna().any()
    column = "share_without" if share else "mean"
    compared = results.study.groups.get(name)
    title = catalogue.text_in(compared.title, "en") if compared else ""
    known = {
        language: catalogue.text_in(compared.title, language) if compared else "" for language in catalogue.LANGUAGES
    }
    by_ = known if title else sentence("study.by_income")
    shown = []
    for row in rows.to_dict(orient="records"):
        low, high = row.get("difference_low", math.nan), row.get("difference_high", math.nan)
        value = row.get(column, math.nan)
        shown.append(
            {
                "label": group_title(results.study, str(row["group"])),
                "value": value,
                "low": row.get("share_without_low") if share else None,
                "high": row.get("share_without_high") if share else None,
                # An interval of the gap that holds 0 cannot tell the two groups apart.
                "same": row["group"] not in {row.get("compared_with"), "all people"} and low <= 0 <= high,
                "note": _note(row.get("note")),
            }
        )
    key = "study.bars.without" if share else "study.bars.mean"
    return report.Bars(shown, sentence(key, by=lambda language: catalogue.text_in(by_, language)), percent=bool(share))


def _note(note: Any) -> Texts | str:
    if not isinstance(note, str) or not note:
        return ""
    return {language: catalogue.words(language).get(f"group.note.{note}", note) for language in catalogue.LANGUAGES}
