"""Where the badly served live, as the planner's page has it: neighbourhoods, gaps of the street map, districts."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from spatialjustice.report.neighbourhoods import BadlyServed, Layout, badly_served, districts_ranked, gaps_of_streets

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from spatialjustice import maps

SHARE = 100


class Where:
    """Where the badly served live, for every indicator of a page over the same zones."""

    def __init__(self, zones: gpd.GeoDataFrame, people: pd.Series[Any] | None) -> None:
        self.people = people
        self.district = zones.get("district")
        self.in_persian = zones.get("district_fa")
        self.layout = Layout.of(zones)
        self.names = [] if self.district is None else sorted(self.district.dropna().unique())

    def told(self, indicator: maps.Indicator) -> dict[str, Any]:
        """Return neighbourhoods, gaps and districts as the page has them."""
        made: dict[str, Any] = {}
        for name, found in (
            ("neighbourhoods", badly_served(indicator, self.layout, people=self.people)),
            ("gaps", gaps_of_streets(indicator, self.layout, people=self.people)),
        ):
            if found is not None:
                made[name] = _grouped(found, indicator)
        if len(made) > 1 and made["neighbourhoods"]["rule"] == "beyond":
            # Rounded for readers, both lists together are all who are told to be beyond the limit.
            both = made["neighbourhoods"]["people"] + made["gaps"]["people"]
            made["neighbourhoods"]["people"] = float(round(both) - round(made["gaps"]["people"]))
        if self.district is not None and indicator.values is not None and not indicator.labelled:
            made["districts"] = self._ranked(indicator, self.district)
        return made

    def _ranked(self, indicator: maps.Indicator, district: pd.Series[Any]) -> list[list[float | int | None]]:
        places = {name: place for place, name in enumerate(self.names)}
        table = districts_ranked(indicator, district, people=self.people)
        return [
            # Those outside all districts stand in a row of their own: -1.
            [
                places.get(str(name), -1) if isinstance(name, str) else -1,
                *(_rounded(value, 1) for value in (row["people"], row["beyond"], row["unreached"])),
                *(_written(indicator, value) for value in (row["mean"], row["worst_tenth"])),
                int(math.isinf(row["worst_tenth"])),
            ]
            for name, row in zip(table.index, table.to_dict(orient="records"), strict=True)
        ]

    def districts(self) -> dict[str, list[str]]:
        """Return the names of the districts by language."""
        if self.district is None or self.in_persian is None:
            return {"en": list(self.names)} if self.names else {}
        both = self.in_persian.where(self.in_persian.notna(), self.district)
        persian = dict(zip(self.district, both, strict=True))
        return {"en": list(self.names), "fa": [persian[name] for name in self.names]}


def _rounded(value: float, decimals: int) -> float | None:
    return round(value, decimals) if math.isfinite(value) else None


def _written(indicator: maps.Indicator, value: float) -> float | None:
    """Return a number as the page writes it: shares as percentages, a mean of whole numbers with decimals."""
    return _rounded(value * (SHARE if indicator.unit == "share" else 1), indicator.decimals + 2)


def _grouped(found: BadlyServed, indicator: maps.Indicator) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "people": round(found.people, 1),
        "count": found.count,
        "first": [
            {
                "zones": list(one.zones),
                "named": one.named,
                "middle": one.middle,
                "people": round(one.people, 1),
                "value": _written(indicator, one.value),
            }
            for one in found.first
        ],
    }
