"""A synthetic town on squares, and the planner's page of it."""
# ruff: noqa: RUF001 (Persian letters and digits are meant)

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatialjustice import inequality, report
from spatialjustice._core.findings import Finding
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord
from spatialjustice.maps import Indicator

NAMES = {"z3": ("Karaj", "كرج"), "z4": ("Mahyar", "مهيار"), "z5": ("Nim-Ruz", "نیم‌روز"), "z6": ("=Sum", "=Sum")}


def squares():
    """Synthetic: 6 by 5 squares of a hundredth of a degree."""
    boxes = [
        shapely.box(10 + x / 100, 50 + y / 100, 10.01 + x / 100, 50.01 + y / 100) for y in range(5) for x in range(6)
    ]
    index = pd.Index([f"z{place}" for place in range(30)], name="zone_id")
    grid = gpd.GeoDataFrame(geometry=boxes, index=index, crs=4326)
    grid["name"] = [NAMES.get(zone, (f"Area {zone[1:]}", ""))[0] for zone in index]
    grid["name_fa"] = [NAMES.get(zone, ("", f"ناحیهٔ {zone[1:]}"))[1] for zone in index]
    return grid


def town():
    """Everything a page is made of; every number is known."""
    grid = squares()
    minutes = pd.Series(np.arange(1.0, 31.0), index=grid.index)
    minutes.iloc[27:] = np.nan
    status = pd.Series("ok", index=grid.index)
    status[minutes > 20] = "beyond_cutoff"
    status.iloc[27:] = ["unreachable", "no_population", "off_network"]
    people = pd.Series(np.arange(30) * 10.0 + 5, index=grid.index)
    people["z28"] = 0.0
    counts = pd.Series((np.arange(30) % 5).astype(float), index=grid.index)
    old = people * 0.25
    walk = Indicator(
        "walk", {"en": "Time to the nearest", "fa": "زمان تا نزدیک‌ترین"}, minutes, unit="minutes", status=status,
        breaks=[5, 10, 20], group={"en": "Clinics", "fa": "درمانگاه‌ها"},
    )  # fmt: skip
    number = Indicator(
        "number", {"en": "How many within 20 min", "fa": "شمار در ۲۰ دقیقه"}, counts, unit="opportunities",
        kind="count", group={"en": "Clinics", "fa": "درمانگاه‌ها"},
    )  # fmt: skip
    curve = report.Curve(
        inequality.lorenz_curve(counts.to_numpy(), weights=people.to_numpy()),
        inequality.gini(counts, weights=people),
        {"en": "Clinics within 20 min", "fa": "درمانگاه‌ها در ۲۰ دقیقه"},
        low=0.3,
        high=0.5,
    )
    bars = report.Bars(
        [
            {"label": {"en": "Older people", "fa": "سالمندان"}, "value": 0.41, "low": 0.35, "high": 0.47, "same": True},
            {"label": {"en": "Everybody else", "fa": "دیگر مردم"}, "value": 0.39, "low": 0.36, "high": 0.42},
        ],
        {"en": "Who does not have enough", "fa": "چه کسانی کمتر از حد کفایت دارند"},
        percent=True,
    )
    record = SourceRecord("zones", "squares.gpkg", "ab" * 32, 1, OSM_LICENCE, OSM_ATTRIBUTION, "2023-02-21")
    made = report.planner_page(
        grid,
        [walk, number],
        title={"en": "A synthetic town", "fa": "شهری ساختگی"},
        subtitle={"en": "Synthetic numbers", "fa": "عددهای ساختگی"},
        people=people,
        limits={"walk": {"en": "20 min", "fa": "۲۰ دقیقه"}},
        curves={"walk": [curve], "number": [curve]},
        bars={"walk": [bars]},
        groups={"old": ({"en": "Older people", "fa": "سالمندان"}, old)},
        method=[{"en": "Ways run along streets.", "fa": "راه‌ها از خیابان‌ها می‌گذرد."}],
        sources=[record],
        findings=[Finding("people_cut_off", "warning", "5 people are cut off.", 1, 5.0, "Build a bridge.")],
        provenance={"seed": 7, "versions": {"spatialjustice": "0.0.0"}},
    )
    return SimpleNamespace(
        grid=grid, minutes=minutes, status=status, people=people, counts=counts, old=old, walk=walk, number=number,
        curve=curve, bars=bars, made=made,
    )  # fmt: skip


@pytest.fixture(scope="session")
def place():
    return town()
