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
from spatialjustice.report.standing import WORST, worst_served

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

SHARE = 100
PART = ("neighbourhood", "district", "name")
"""What a part of the city is called by, the first of these that there is."""


def without_scripts(
    zones: gpd.GeoDataFrame,
    indicator: maps.Indicator,
    *,
    people: pd.Series[Any] | None,
    lang: str,
    neighbourhoods: Mapping[str, Any] | None = None,
    drawn: bool = True,
) -> dict[str, Any]:
    """Return title, picture, legend and the worst-served neighbourhoods of one indicator, in every language.

    Where there are no ``neighbourhoods`` as the page lists them, the worst-served zones stand in their place.
    ``numbered`` are the zones whose numbers the picture shows; not ``drawn``, there is none.
    """
    placed = indicator.on(zones.index)
    numbered: list[Any] = []
    rows: list[tuple[dict[str, str], ...]] = []
    if neighbourhoods is not None:
        first = neighbourhoods["first"]
        numbered = [zones.index[one["middle"]] for one in first]
        scale = SHARE if placed.unit == "share" else 1
        parts = [zones[PART[0]].iloc[one["named"]] if PART[0] in zones else one["named"] for one in first]
        for place, one in enumerate(first, start=1):
            value = math.nan if one["value"] is None else one["value"] / scale
            zone = zones.index[one["named"]]
            # Several parts of one name are told apart by their zones with most people.
            called = PART if parts.count(parts[place - 1]) == 1 else ("name",)
            rows.append(_row(zones, placed, place, zone, value, one["people"], called=called))
    elif placed.values is not None and not placed.labelled:
        listed = worst_served(placed, people=people, count=WORST)
        numbered = list(listed.index)
        for zone, row in listed.iterrows():
            rows.append(
                _row(
                    zones, placed, int(row["place"]), zone, row["value"], row["people"], called=("name",), cut_off=True
                )
            )
    most = placed.better == "none" or (placed.better == "lower is better" and not placed.served)
    legends = {language: swatches(zones, placed, language) for language in LANGUAGES}
    titles = {
        language: ": ".join(part for part in (text_in(placed.group, language), text_in(placed.title, language)) if part)
        for language in LANGUAGES
    }
    return {
        "title": titles,
        "picture": maps.still(zones, placed, numbered=numbered, lang=lang) if drawn else "",
        "legend": [
            (colour, {language: legends[language][place][1] for language in LANGUAGES})
            for place, (colour, _) in enumerate(legends[lang])
        ],
        "worst": rows,
        # What is neither good nor bad has no worst.
        "ranked": "page.still.most" if most else "page.still.worst",
        "headed": title_of_worst(neighbourhoods),
        "numbered": numbered,
        "note": _note(neighbourhoods, counted=people is not None),
    }


def title_of_worst(neighbourhoods: Mapping[str, Any] | None) -> str:
    """Return by what text the list of neighbourhoods is headed: of what is no service nobody is worst served."""
    rule = None if neighbourhoods is None else neighbourhoods["rule"]
    return f"page.worst.{rule}" if rule in {"highest", "lowest"} else "page.worst"


def _note(neighbourhoods: Mapping[str, Any] | None, *, counted: bool) -> dict[str, str] | None:
    """Return who counts as badly served, and how many they are."""
    if neighbourhoods is None:
        return None
    key = f"page.worst.told.{neighbourhoods['rule']}{'' if counted else '.zones'}"
    return {
        language: words(language)[key].format(
            people=number(neighbourhoods["people"], language, digits=0),
            count=number(neighbourhoods["count"], language, digits=0),
        )
        for language in LANGUAGES
    }


def _row(
    zones: gpd.GeoDataFrame,
    indicator: maps.Indicator,
    place: int,
    zone: Any,
    value: float,
    people: float,
    *,
    called: tuple[str, ...],
    cut_off: bool = False,
) -> tuple[dict[str, str], ...]:
    def name(language: str) -> str:
        for column in (named for one in called for named in (f"{one}_{language}", one)):
            if column in zones.columns and not pd.isna(zones.loc[zone, column]):
                return str(zones.loc[zone, column])
        return f"{words(language)['page.zone']} {zone}"

    def written(language: str) -> str:
        if math.isnan(value):
            return words(language)["status.unreachable"] if cut_off else "–"
        return amount(indicator, value, language)

    def living(language: str) -> str:
        return f"{number(people, language, digits=0)} {words(language)['unit.people']}"

    said = (lambda language: number(place, language), name, written, living)
    return tuple({language: one(language) for language in LANGUAGES} for one in said)
