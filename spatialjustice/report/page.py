"""The planner's page: a map, what it says in one sentence, and everything a reader needs to judge it."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice import maps
from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import require_ids
from spatialjustice.catalogue import LANGUAGES
from spatialjustice.report.curves_and_bars import Bars, Curve, in_every_language, number_or_none
from spatialjustice.report.headline import headline
from spatialjustice.report.standing import WORST, standing, worst_served

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    Text = str | Mapping[str, str]

SHARE = 100


@dataclass(frozen=True)
class ModePage:
    """What a planner's page shows of one mode of travel, where it has several.

    Parameters
    ----------
    key
        Short name, as it stands in the page's address.
    title
        What the switch calls it, for example “By bicycle”.
    indicators
        What can be chosen by this mode, in order.
    subtitle
        The line under the page's title while the mode is chosen.
    findings_in_words, limits, curves, bars, method, streets
        As for :func:`planner_page`, by the keys of this mode's indicators.

    Examples
    --------
    >>> import pandas as pd
    >>> ModePage("walk", "On foot", [maps.Indicator("way", "Way", pd.Series([5.0]), unit="minutes")]).key
    'walk'
    """

    key: str
    title: Text
    indicators: Sequence[maps.Indicator]
    subtitle: Text = ""
    findings_in_words: Mapping[str, Text] = field(default_factory=dict)
    limits: Mapping[str, Text] = field(default_factory=dict)
    curves: Mapping[str, Sequence[Curve]] = field(default_factory=dict)
    bars: Mapping[str, Sequence[Bars]] = field(default_factory=dict)
    method: Sequence[Text] = ()
    streets: gpd.GeoDataFrame | gpd.GeoSeries | None = None


def planner_page(  # noqa: PLR0913 (a page has many optional parts; all but two are named)
    zones: gpd.GeoDataFrame,
    indicators: Sequence[maps.Indicator] = (),
    *,
    title: Text,
    modes: Sequence[ModePage] = (),
    people: pd.Series[Any] | None = None,
    findings_in_words: Mapping[str, Text] | None = None,
    limits: Mapping[str, Text] | None = None,
    curves: Mapping[str, Sequence[Curve]] | None = None,
    bars: Mapping[str, Sequence[Bars]] | None = None,
    groups: Mapping[str, tuple[Text, pd.Series[Any]]] | None = None,
    method: Iterable[Text] = (),
    rows: int = WORST,
    lang: str = "en",
    languages: Sequence[str] = LANGUAGES,
    **around: Any,
) -> maps.Map:
    """Make the page a planner opens: one file, in every language, that needs no network.

    Parameters
    ----------
    zones
        Polygons with unique ids in any CRS; ``name`` and ``name_fa`` are shown where there are such columns.
    indicators
        What can be chosen on the map, in order; those of the modes where there are several.
    title
        Heading of the page.
    modes
        The modes of travel between which a reader switches, that with which the page opens first. Each brings its own
        indicators, sentences, curves and streets, which are then not given beside it.
    people
        People on zone ids; without them everything counts zones.
    findings_in_words
        The sentence above the map by the key of the indicator; the one of :func:`headline` where missing.
    limits
        By the key of an indicator, the limit beyond which its status calls people out of reach, for that sentence.
    curves, bars
        Curves of inequality and numbers of groups by the key of the indicator beside which they stand.
    groups
        Groups whose people the filter can count: title and people on zone ids, by key.
    method
        How it was done, in plain words, a sentence each.
    rows
        Rows of the table of areas on one page of it, worst served first.
    lang
        The language the page opens in.
    languages
        All its languages.
    **around
        ``subtitle``, ``services``, ``streets``, ``base``, ``place``, ``sources``, ``findings`` and ``provenance``, as
        for :func:`spatialjustice.maps.atlas`.

    Returns
    -------
    Map
        With ``.save(path)`` and ``.to_html()``.

    Raises
    ------
    InputError
        When something is given for an indicator that is not there, or people or groups are not of these zones.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> walk = maps.Indicator("walk", "Walk", pd.Series([5.0, 12.0]), unit="minutes")
    >>> made = planner_page(zones, [walk], title="Synthetic", people=pd.Series([10.0, 30.0]))
    >>> made.page.report["indicators"]["walk"]["mean"]
    10.25
    """
    require_ids(zones, "zones")
    if not isinstance(rows, int) or rows < 1:
        raise InputError("rows", f"“{rows}” is no number of rows", "Give 1 or more.")
    if modes and indicators:
        raise InputError("indicators", "there are modes, which bring their own", "Give indicators or modes.")
    alone = ModePage(
        "only", "", indicators, around.pop("subtitle", None) or "", findings_in_words or {}, limits or {}, curves or {},
        bars or {}, tuple(method), around.pop("streets", None),
    )  # fmt: skip
    shown = list(modes) or [alone]
    told = [_told(zones, mode, people, rows) for mode in shown]
    report = {"rows": rows, **told[0], "groups": _groups(groups or {}, zones)}
    switched = [
        maps.ModeMaps(mode.key, mode.title, mode.indicators, mode.subtitle, mode.streets, said)
        for mode, said in zip(shown, told, strict=True)
    ]
    return maps.atlas(
        zones,
        shown[0].indicators,
        title=title,
        subtitle=shown[0].subtitle,
        streets=shown[0].streets,
        people=people,
        lang=lang,
        languages=languages,
        report=report,
        modes=switched if len(switched) > 1 else (),
        **around,
    )


def _told(zones: gpd.GeoDataFrame, mode: ModePage, people: pd.Series[Any] | None, rows: int) -> dict[str, Any]:
    """Return what is said of a mode's indicators, and how it was done."""
    keys = [indicator.key for indicator in mode.indicators]
    given = {"findings_in_words": mode.findings_in_words, "curves": mode.curves, "bars": mode.bars}
    for name, one in given.items():
        strange = [key for key in one if key not in keys]
        if strange:
            raise InputError(name, f"there is no indicator {', '.join(strange)}", f"Use {', '.join(keys[:5])}.")
    told = {}
    for item in mode.indicators:
        placed = item.on(zones.index)
        told[item.key] = {
            **_standing(placed, people, rows),
            "finding": in_every_language(
                mode.findings_in_words.get(item.key)
                or headline(placed, people=people, limit=mode.limits.get(item.key))
            ),
            "curves": [curve.as_record() for curve in mode.curves.get(item.key, ())],
            "bars": [one.as_record() for one in mode.bars.get(item.key, ())],
        }
    return {"indicators": told, "method": [in_every_language(sentence) for sentence in mode.method]}


def _standing(indicator: maps.Indicator, people: pd.Series[Any] | None, rows: int) -> dict[str, Any]:
    """Return mean, centiles and the worst-served areas, numbers as the page writes them."""
    if indicator.values is None or indicator.labelled:
        return {}
    found = standing(indicator, people=people)
    scale = SHARE if indicator.unit == "share" else 1
    decimals = indicator.decimals
    positions = {zone: place for place, zone in enumerate(indicator.values.index)}

    def written(value: float) -> float | None:
        return None if not math.isfinite(value) else round(value * scale, decimals)

    return {
        # A mean of whole numbers is none itself, and the reader's own rounding should be the last.
        "mean": number_or_none(None if math.isnan(found.mean) else round(found.mean * scale, decimals + 2)),
        "centiles": [written(value) for value in found.centiles],
        "people": round(found.people, 1),
        "unreached": round(found.unreached, 1),
        "left_out": round(found.left_out, 1),
        "worst": [positions[zone] for zone in worst_served(indicator, people=people, count=rows).index],
    }


def _groups(groups: Mapping[str, tuple[Text, pd.Series[Any]]], zones: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    made = []
    for key, (title, counted) in groups.items():
        require_ids(counted, f"group {key}")
        strange = counted.index.difference(zones.index)
        if len(strange):
            raise InputError(
                f"group {key}", f"{len(strange):,} ids are not in the zones", "Use the ids of the zones.", rows=strange
            )
        living = counted.reindex(zones.index).fillna(0.0).to_numpy(dtype=float)
        if (living < 0).any():
            raise InputError(f"group {key}", "some numbers of people are below 0", "Give 0 where nobody lives.")
        made.append({"key": key, "title": in_every_language(title), "people": np.round(living, 1).tolist()})
    return made
