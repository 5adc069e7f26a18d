"""The planner's page: a map, what it says in one sentence, and everything a reader needs to judge it."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice import maps
from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import require_ids
from spatialjustice.catalogue import LANGUAGES
from spatialjustice.report.curves_and_bars import Bars, Curve, in_every_language, number_or_none
from spatialjustice.report.headline import headline
from spatialjustice.report.standing import WORST, standing, worst_served
from spatialjustice.report.takeaway.without_scripts import without_scripts
from spatialjustice.report.where import Where

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
    findings_in_words, caveats, limits, weights, curves, bars, method, streets
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
    caveats: Mapping[str, Sequence[Text]] = field(default_factory=dict)
    limits: Mapping[str, Text] = field(default_factory=dict)
    weights: Mapping[str, tuple[Text, pd.Series[Any]]] = field(default_factory=dict)
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
    caveats: Mapping[str, Sequence[Text]] | None = None,
    overview: maps.Overview | None = None,
    limits: Mapping[str, Text] | None = None,
    weights: Mapping[str, tuple[Text, pd.Series[Any]]] | None = None,
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
        Polygons with unique ids in any CRS; ``name`` and ``name_fa`` are shown where there are such columns. Adjoining
        badly served zones of one ``neighbourhood`` are listed together, and each ``district`` is told of on its own,
        where there are such columns; both may have their names in Persian beside them (``neighbourhood_fa``).
    indicators
        What can be chosen on the map, in order; those of the modes where there are several.
    title
        Heading of the page.
    modes
        The modes of travel between which a reader switches, that with which the page opens first. Each brings its own
        indicators, sentences, curves and streets, which are then not given beside it.
    people
        People on zone ids, NaN where it is not known how many live there; without them everything counts zones.
    findings_in_words
        The sentence above the map by the key of the indicator; the one of :func:`headline` where missing.
    caveats
        What changes the numbers most, by the key of the indicator under whose sentence it stands, a line each.
    overview
        What is told before any map, with the way to each.
    limits
        By the key of an indicator, the limit beyond which its status calls people out of reach, for that sentence.
    weights
        By the key of an indicator, of what its shares are where that is not people, and how many there are on zone ids,
        for example households: its mean is theirs, as in the tables.
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
        ``subtitle``, ``services``, ``streets``, ``base``, ``place``, ``sources``, ``findings``, ``provenance`` and
        ``what_if``, as for :func:`spatialjustice.maps.atlas`.

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
        key="only",
        title="",
        indicators=indicators,
        subtitle=around.pop("subtitle", None) or "",
        findings_in_words=findings_in_words or {},
        caveats=caveats or {},
        limits=limits or {},
        weights=weights or {},
        curves=curves or {},
        bars=bars or {},
        method=tuple(method),
        streets=around.pop("streets", None),
    )
    shown = list(modes) or [alone]
    where = Where(zones, people)
    told = [_told(zones, mode, people, rows, where) for mode in shown]
    report = {"rows": rows, **told[0], "groups": _groups(groups or {}, zones), "districts": where.districts()}
    switched = [
        maps.ModeMaps(mode.key, mode.title, mode.indicators, mode.subtitle, mode.streets, said)
        for mode, said in zip(shown, told, strict=True)
    ]
    first = shown[0]
    made = maps.atlas(
        zones,
        first.indicators,
        title=title,
        subtitle=first.subtitle,
        streets=first.streets,
        people=people,
        lang=lang,
        languages=languages,
        report=report,
        modes=switched if len(switched) > 1 else (),
        **around,
    )
    start = "" if overview is None else overview.start
    opened = next((item for item in first.indicators if item.key == start), first.indicators[0])
    badly = told[0]["indicators"][opened.key].get("neighbourhoods")
    seen = without_scripts(zones, opened, people=people, lang=lang, neighbourhoods=badly)
    told_first = None if overview is None else overview.as_record()
    return replace(made, page=replace(made.page, overview=told_first, still=seen))


def _told(
    zones: gpd.GeoDataFrame, mode: ModePage, people: pd.Series[Any] | None, rows: int, where: Where
) -> dict[str, Any]:
    """Return what is said of a mode's indicators, and how it was done."""
    keys = [indicator.key for indicator in mode.indicators]
    for name in ("findings_in_words", "weights", "caveats", "curves", "bars"):
        strange = [key for key in getattr(mode, name) if key not in keys]
        if strange:
            raise InputError(name, f"there is no indicator {', '.join(strange)}", f"Use {', '.join(keys[:5])}.")
    told = {}
    for item in mode.indicators:
        placed = item.on(zones.index)
        told[item.key] = {
            **_standing(placed, people, rows),
            **_weighted(placed, mode.weights.get(item.key)),
            **where.told(placed),
            "finding": in_every_language(
                mode.findings_in_words.get(item.key)
                or headline(placed, people=people, limit=mode.limits.get(item.key), zones=zones)
            ),
            "caveats": [in_every_language(text) for text in mode.caveats.get(item.key, ())],
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

    def written(value: float) -> float | None:
        return None if not math.isfinite(value) else round(value * scale, decimals)

    return {
        # A mean of whole numbers is none itself, and the reader's own rounding should be the last.
        "mean": number_or_none(None if math.isnan(found.mean) else round(found.mean * scale, decimals + 2)),
        "centiles": [written(value) for value in found.centiles],
        "people": round(found.people, 1),
        "unreached": round(found.unreached, 1),
        "left_out": round(found.left_out, 1),
        "worst": indicator.values.index.get_indexer(worst_served(indicator, people=people, count=rows).index).tolist(),
    }


def _weighted(indicator: maps.Indicator, weights: tuple[Text, pd.Series[Any]] | None) -> dict[str, Any]:
    """Return the mean over what the shares are of, and its name; nothing where that is people."""
    if weights is None or indicator.values is None:
        return {}
    title, counted = weights
    many = counted.reindex(indicator.values.index).where(indicator.values.notna()).fillna(0.0).to_numpy(dtype=float)
    if not many.sum() > 0:
        return {}
    mean = float(np.average(indicator.values.fillna(0.0).to_numpy(dtype=float), weights=many))
    scale = SHARE if indicator.unit == "share" else 1
    return {"mean": number_or_none(round(mean * scale, indicator.decimals + 2)), "of": in_every_language(title)}


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
