"""What a page shows where scripts are off: a still map with its legend, and the worst-served areas by their numbers."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import maps
from spatialjustice.catalogue import LANGUAGES, number, text_in, words
from spatialjustice.maps.pictures.still import swatches
from spatialjustice.report.headline import amount
from spatialjustice.report.standing import WORST, worst_served

if TYPE_CHECKING:
    import geopandas as gpd


def without_scripts(
    zones: gpd.GeoDataFrame, indicator: maps.Indicator, *, people: pd.Series[Any] | None, lang: str
) -> dict[str, Any]:
    """Return title, picture, legend and worst-served areas of one indicator, in every language."""
    placed = indicator.on(zones.index)
    listed = None
    if placed.values is not None and not placed.labelled:
        listed = worst_served(placed, people=people, count=WORST)
    legends = {language: swatches(zones, placed, language) for language in LANGUAGES}
    titles = {
        language: ": ".join(part for part in (text_in(placed.group, language), text_in(placed.title, language)) if part)
        for language in LANGUAGES
    }
    return {
        "title": titles,
        "picture": maps.still(zones, placed, numbered=[] if listed is None else list(listed.index), lang=lang),
        "legend": [
            (colour, {language: legends[language][place][1] for language in LANGUAGES})
            for place, (colour, _) in enumerate(legends[lang])
        ],
        "worst": [] if listed is None else [_row(zones, placed, zone, row) for zone, row in listed.iterrows()],
    }


def _row(zones: gpd.GeoDataFrame, indicator: maps.Indicator, zone: Any, row: Any) -> tuple[dict[str, str], ...]:
    def name(language: str) -> str:
        for column in (f"name_{language}", "name"):
            if column in zones.columns and not pd.isna(zones.loc[zone, column]):
                return str(zones.loc[zone, column])
        return f"{words(language)['page.zone']} {zone}"

    def value(language: str) -> str:
        return (
            words(language)["status.unreachable"]
            if pd.isna(row["value"])
            else amount(indicator, row["value"], language)
        )

    def living(language: str) -> str:
        return f"{number(row['people'], language, digits=0)} {words(language)['unit.people']}"

    said = (lambda language: number(int(row["place"]), language), name, value, living)
    return tuple({language: one(language) for language in LANGUAGES} for one in said)
