"""What a map shows in a sentence or two, made from its numbers: the share of people first."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from spatialjustice.catalogue import LANGUAGES, number, text_in, words
from spatialjustice.maps.placed import has_status
from spatialjustice.report.standing import standing, weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from spatialjustice.maps import Indicator

    Text = str | Mapping[str, str]

BEYOND = ("beyond_cutoff", "unreachable", "off_network")
FIRST_LABELS = {
    "clusters": "high-high",
    "hot spots": "hot spot",
    "likeness": "high-high",
    "need": "worse served than need predicts",
    "exclusion": "neither",
    "change": "much better",
    "silence": "silent",
    "stability": "always",
}
"""The label that a sentence tells of, by the set it is from, whether or not any area has it."""
CLUSTERED = ("high-high", "hot spot")
MOST_NAMES = 5
"""Clusters that a sentence names, the largest first."""
HALF = 0.5


def headline(
    indicator: Indicator,
    *,
    people: pd.Series[Any] | None = None,
    limit: Text | None = None,
    zones: gpd.GeoDataFrame | None = None,
) -> dict[str, str]:
    """Say in one sentence or two what an indicator shows, the share of people first, in every language.

    Parameters
    ----------
    indicator
        Values on zone ids, with ``status`` where people may be beyond a limit or without any way; its ``mode`` chooses
        the verb, its ``service`` (or its group) where the way leads to.
    people
        People on zone ids; None speaks of areas.
    limit
        The limit beyond which the status calls people out of reach, for example ``500 m``.
    zones
        Polygons on zone ids: clusters are then counted, and named where there is a column ``name`` (``name_fa``).

    Returns
    -------
    dict
        The sentence by language; where no value is known it says so.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.maps import Indicator
    >>> walk = Indicator("walk", "Walk to a school", pd.Series([4.0, 8.0]), unit="minutes")
    >>> print(headline(walk, people=pd.Series([80.0, 20.0]))["en"].replace("\u00a0", " "))
    Walk to a school: 4.8 min on average; the worst-off tenth at least 8 min.
    >>> walk = Indicator("walk", "Walk", pd.Series([4.0, 8.0]), unit="minutes", mode="walk", service="school",
    ...                  group="School", status=pd.Series(["ok", "beyond_cutoff"]))
    >>> print(headline(walk, people=pd.Series([80.0, 20.0]), limit="5 min")["en"].replace("\u00a0", " "))
    20% of people, 20 of 100, walk more than 5 min to the nearest school. On average everybody walks 4.8 min; the \
worst-off tenth at least 8 min.
    """
    facts = _facts(indicator, people)
    clustered = _clusters(indicator, people, zones) if facts.get("clustered") else []
    counted = "" if people is not None else ".zones"
    key, about = _key(indicator, facts, limit)
    said = {}
    for lang in LANGUAGES:
        texts = words(lang)
        parts = _written(indicator, facts, counted, lang)
        if about:
            parts["who"] = _who(facts[about], facts["all"], counted, lang)
        if key.startswith(("beyond", "searched", "way")):
            _write_way(parts, indicator, limit, key, counted, lang)
        if key == "clusters":
            _write_clusters(parts, indicator, clustered, zones, lang)
        text = texts.get(f"report.headline.{key}{counted}", texts[f"report.headline.{key}"]).format(**parts)
        said[lang] = text[:1].upper() + text[1:]
    return said


def _key(indicator: Indicator, facts: Mapping[str, float], limit: Text | None) -> tuple[str, str]:
    """Return the key of the sentence, and of whom its first part tells."""
    if not facts or not facts["all"]:
        return "unknown", ""
    if indicator.labelled:
        own = f"label.{_first_label(indicator).replace(' ', '_')}"
        kind = own if f"report.headline.{own}" in words("en") else "label"
        return "pairs" if indicator.pairs else "clusters" if facts["clustered"] else kind, "inside"
    if indicator.better == "lower is better":
        return _of_ways(indicator, facts, limit)
    if indicator.better == "higher is better":
        whole = indicator.unit == "share" and facts["best"] >= 1
        some = "higher.none" if not facts["best"] else "higher.whole" if whole else "higher"
        return (some, "without") if facts["without"] else ("all", "")
    return "amount", ""


def _of_ways(indicator: Indicator, facts: Mapping[str, float], limit: Text | None) -> tuple[str, str]:
    kind, about = ("way", "") if indicator.mode else ("lower", "")
    if limit is not None and indicator.status is not None:
        # Where nobody looked farther than a limit, it is not known whether those beyond it have a way.
        kind, about = ("searched" if facts["unmeasured"] else "beyond"), "beyond"
    if math.isinf(facts["worst"]):
        return f"{kind}.no_way", about or "unreached"
    return (f"{kind}.unreached" if facts["unreached"] and kind != "searched" else kind), about


def _facts(indicator: Indicator, people: pd.Series[Any] | None) -> dict[str, float]:
    """Return the numbers of the sentence; nothing where no value is known."""
    weights = weights_of(indicator, people)
    # What streets or timetables do not tell is not known, and no part of any sentence.
    weights[has_status(indicator, "outside_data", "unknown_service")] = 0.0
    total = float(weights.sum())
    if indicator.labelled:
        assert indicator.labels is not None  # noqa: S101 - checked when the indicator was made
        label = _first_label(indicator)
        inside = float(weights[(indicator.labels == label).to_numpy()].sum())
        return {"all": total, "inside": inside, "clustered": float(label in CLUSTERED)}
    found = standing(indicator, people=people)
    if math.isnan(found.mean):
        return {}
    values = indicator.values.to_numpy(dtype=float)  # type: ignore[union-attr]
    beyond = float(weights[has_status(indicator, *BEYOND)].sum())
    unmeasured = float(weights[has_status(indicator, "beyond_cutoff") & np.isnan(values)].sum())
    return {
        "all": total,
        "beyond": beyond,
        "unmeasured": unmeasured,
        "mean": found.mean,
        "worst": found.worst_tenth(indicator.better),
        "best": found.centiles[89],
        "without": float(weights[values == 0].sum()),
        "unreached": found.unreached,
        "left_out": found.left_out,
    }


def _first_label(indicator: Indicator) -> str:
    """Return the label that the sentence tells of; of two variables the class that is low in both."""
    return next(iter(indicator.pairs)) if indicator.pairs else FIRST_LABELS[indicator.scheme]


def _written(indicator: Indicator, facts: Mapping[str, float], counted: str, lang: str) -> dict[str, str]:
    said = words(lang)
    named = dict.fromkeys((text_in(indicator.group, lang), text_in(indicator.title, lang)))
    subject = " · ".join(text for text in named if text)
    parts = {
        "subject": subject,
        "before": said["report.before"].format(subject=subject),
        **{name: said[f"report.{name}{counted}"] for name in ("of", "live")},
    }
    for name in ("all", "beyond", "without", "unreached", "inside", "left_out"):
        if name in facts:
            parts[name] = number(facts[name], lang, digits=0)
    for name in ("mean", "worst", "best"):
        if name in facts:
            parts[name] = amount(indicator, facts[name], lang)
    if indicator.labelled:
        first = _first_label(indicator)
        title = indicator.pairs[first][0] if indicator.pairs else said[f"lisa.{first}"]
        parts["label"] = text_in(title, lang).removeprefix(f"{first}: ")
    return parts


def _write_way(
    parts: dict[str, str], indicator: Indicator, limit: Text | None, key: str, counted: str, lang: str
) -> None:
    """Write how far people go on average, and which part of them farther than the limit."""
    said = words(lang)
    mode = indicator.mode if f"report.far.{indicator.mode}" in said else "any"
    mode, whom = ("any" if counted else mode), f"report.whom.{'known' if key.startswith('searched') else 'way'}"
    some = ".some" if key not in {"beyond", "way"} else ""
    parts["mean"] = said[f"report.average.{mode}{some}{counted}"].format(
        mean=parts["mean"], whom=said.get(whom + counted, said[whom])
    )
    where = nearest(indicator, lang)
    if limit is not None:
        parts["far"] = said[f"report.far.{mode}"].format(
            limit=no_break(text_in(limit, lang)), nearest=where or said["report.nearest"]
        )
    if where:
        parts["before"] = ""
    parts["where"] = where or parts["subject"]


def nearest(indicator: Indicator, lang: str) -> str:
    """Write where the way leads to, as it stands inside a sentence; empty where neither service nor group says it.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.maps import Indicator
    >>> nearest(Indicator("w", "Walk", pd.Series([1.0]), unit="metres", service="library", group="Library"), "en")
    'the nearest library'
    """
    called = text_in(indicator.group, "en")
    key = f"report.nearest.{indicator.service}"
    own = words("en").get(key, "")
    # A study may call a service by another name than the catalogue: then its own name is quoted.
    if own and own.split(" ", 2)[-1].casefold() == called.casefold():
        return words(lang)[key]
    title = text_in(indicator.group, lang)
    return words(lang)["report.nearest.titled"].format(title=title) if title else ""


def _who(count: float, every: float, counted: str, lang: str) -> str:
    """Write which part of the people, and how many of how many; none and all of them without a share."""
    said = words(lang)
    written = {"count": number(count, lang, digits=0), "all": number(every, lang, digits=0)}
    kind = ".none" if count < HALF else ".all" if every - count < HALF else ""
    return said[f"report.who{kind}{counted}"].format(share=share_of(count, every, lang), **written)


def share_of(count: float, every: float, lang: str) -> str:
    """Write a part of everybody as somebody would say it: whole percent from 1 to 99, and no part as none or all.

    Examples
    --------
    >>> share_of(4912, 12932, "en"), share_of(3, 12932, "en"), share_of(12931, 12932, "en")
    ('38%', 'fewer than 1%', 'more than 99%')
    """
    share = count / every if every else 0.0
    if 0 < share < 0.01 or 0.99 < share < 1:
        kind, end = ("less", 0.01) if share < HALF else ("more", 0.99)
        return words(lang)[f"report.share.{kind}"].format(share=number(end, lang, digits=0, percent=True))
    return number(share, lang, digits=0, percent=True)


def _clusters(
    indicator: Indicator, people: pd.Series[Any] | None, zones: gpd.GeoDataFrame | None
) -> list[tuple[float, NDArray[np.int64]]]:
    """Return people and rows of the clusters in which people live, the largest first.

    They are adjoining areas of the label that is told of.
    """
    if zones is None or indicator.labels is None:
        return []
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    inside = np.flatnonzero((indicator.labels == _first_label(indicator)).to_numpy())
    if not len(inside):
        return []
    ids = indicator.labels.index
    rows = inside if ids.equals(zones.index) else zones.index.get_indexer(ids[inside])
    shapes = zones.geometry.array[rows].to_numpy()
    # Corners of neighbours may differ by a rounding: what lies closer than a hundredth of an area adjoins.
    near = float(np.sqrt(np.median(shapely.area(shapes)))) / 100
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=near)
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(inside), len(inside)))
    _, part = connected_components(links, directed=False)
    order, ends = np.argsort(part, kind="stable"), np.cumsum(np.bincount(part))[:-1]
    living = np.split(weights_of(indicator, people)[inside][order], ends)
    found = [(float(one.sum()), of) for one, of in zip(living, np.split(rows[order], ends), strict=True)]
    return sorted((one for one in found if one[0] >= HALF), key=lambda one: -one[0])


def _write_clusters(
    parts: dict[str, str],
    indicator: Indicator,
    clustered: list[tuple[float, NDArray[np.int64]]],
    zones: gpd.GeoDataFrame | None,
    lang: str,
) -> None:
    """Write in how many clusters of what people live, and where."""
    said = words(lang)
    where = nearest(indicator, lang) if indicator.mode else ""
    what = said["report.clusters.ways" if where else "report.clusters.values"].format(nearest=where)
    kind = "some" if not clustered else "one" if len(clustered) == 1 else "several"
    count = number(len(clustered), lang)
    parts["clusters"] = said[f"report.clusters.{kind}"].format(count=count, what=what)
    if where:
        parts["before"] = ""
    names = _names(clustered, zones, lang) if zones is not None else []
    every = "named" if len(names) == len(clustered) else "largest"
    parts["names"] = said[f"report.clusters.{every}"].format(names=said["language.comma"].join(names)) if names else ""


def _names(clustered: list[tuple[float, NDArray[np.int64]]], zones: gpd.GeoDataFrame, lang: str) -> list[str]:
    """Return the names of the largest clusters: the neighbourhood, else the name, that most of its areas have."""
    found: list[str] = []
    for _, rows in clustered:
        for column in ("neighbourhood", "name"):
            if column not in zones:
                continue
            own = f"{column}_{lang}" if f"{column}_{lang}" in zones else column
            local, names = (np.asarray(zones[name].array.take(rows), dtype=object) for name in (column, own))
            names = np.where(pd.isna(names), local, names)
            counted = Counter(str(name) for name in names[~pd.isna(names)])
            if counted:
                # Of those that are as frequent, the first in the order of letters.
                called = f"\u2068{min(counted, key=lambda name: (-counted[name], name))}\u2069"
                found += [] if called in found else [called]
                break
        if len(found) == MOST_NAMES:
            break
    return found


def no_break(text: str) -> str:
    """Return a number with its unit, which no line breaks apart.

    Examples
    --------
    >>> no_break("500 m") == "500\u00a0m"
    True
    """
    return text.replace(" ", "\u00a0")


def amount(indicator: Indicator, value: float, lang: str) -> str:
    r"""Write a value with its unit; a share as a percentage.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.maps import Indicator
    >>> amount(Indicator("walk", "Walk", pd.Series([4.25]), unit="minutes"), 4.25, "en")
    '4.2\xa0min'
    """
    said = words(lang)
    if math.isinf(value):
        return "∞"
    if indicator.unit == "share":
        return number(value, lang, digits=indicator.decimals, percent=True)
    # A mean of whole numbers is none itself.
    decimals = indicator.decimals
    if decimals == 0 and value != round(value) and indicator.unit not in {"metres", "people"}:
        decimals = 1
    one = said.get(f"unit.{indicator.unit}.one", "") if value == 1 else ""
    short = one or said.get(f"unit.{indicator.unit}.short", "")
    written = number(value, lang, digits=decimals)
    return f"{written}\u00a0{short}" if short else written
