"""What a page shows where scripts are off: a still map with its legend, and the worst-served areas by their numbers."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from spatialjustice import maps
from spatialjustice.catalogue import LANGUAGES, number, text_in, words
from spatialjustice.maps.pictures.still import swatches
from spatialjustice.report.headline import amount
from spatialjustice.report.neighbourhoods import Layout, badly_served
from spatialjustice.report.standing import WORST, worst_served

if TYPE_CHECKING:
    import geopandas as gpd

    from spatialjustice.report.neighbourhoods import Neighbourhood


def without_scripts(
    zones: gpd.GeoDataFrame, indicator: maps.Indicator, *, people: pd.Series[Any] | None, lang: str
) -> dict[str, Any]:
    """Return title, picture, legend and worst-served areas of one indicator, in every language."""
    placed = indicator.on(zones.index)
    numbered: list[Any] = []
    told: list[tuple[dict[str, str], ...]] = []
    found = badly_served(placed, Layout.of(zones), people=people) if "neighbourhood" in zones else None
    if found is not None and found.first:
        numbered = [zones.index[one.middle] for one in found.first]
        told = [_neighbourhood(zones, placed, found.first, place) for place in range(len(found.first))]
    elif placed.values is not None and not placed.labelled:
        listed = worst_served(placed, people=people, count=WORST)
        numbered = list(listed.index)
        told = [_row(zones, placed, zone, row) for zone, row in listed.iterrows()]
    legends = {language: swatches(zones, placed, language) for language in LANGUAGES}
    titles = {
        language: ": ".join(part for part in (text_in(placed.group, language), text_in(placed.title, language)) if part)
        for language in LANGUAGES
    }
    return {
        "title": titles,
        "picture": maps.still(zones, placed, numbered=numbered, lang=lang),
        "legend": [
            (colour, {language: legends[language][place][1] for language in LANGUAGES})
            for place, (colour, _) in enumerate(legends[lang])
        ],
        "worst": told,
    }


def _neighbourhood(
    zones: gpd.GeoDataFrame, indicator: maps.Indicator, first: tuple[Neighbourhood, ...], place: int
) -> tuple[dict[str, str], ...]:
    """Return number, name, mean and people of a badly served neighbourhood."""
    one = first[place]
    parts = [zones["neighbourhood"].iloc[other.named] for other in first]
    # Without a name of its own, or with one that others have too, it is called by its zone with most people.
    column = "neighbourhood" if parts.count(parts[place]) == 1 and not pd.isna(parts[place]) else "name"

    def name(language: str) -> str:
        for own in (f"{column}_{language}", column):
            if own in zones and not pd.isna(zones[own].iloc[one.named]):
                return str(zones[own].iloc[one.named])
        return f"{words(language)['page.zone']} {zones.index[one.named]}"

    def value(language: str) -> str:
        return "–" if math.isnan(one.value) else amount(indicator, one.value, language)

    def living(language: str) -> str:
        return f"{number(one.people, language, digits=0)} {words(language)['unit.people']}"

    said = (lambda language: number(place + 1, language), name, value, living)
    return tuple({language: each(language) for language in LANGUAGES} for each in said)


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
