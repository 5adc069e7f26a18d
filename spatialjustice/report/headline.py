"""One sentence that says what a map shows, made from its numbers."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.catalogue import LANGUAGES, number, text_in, words
from spatialjustice.report.standing import standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from spatialjustice.maps import Indicator

    Text = str | Mapping[str, str]

TENTH = 10
BEYOND = ("beyond_cutoff", "unreachable", "off_network")
FIRST_LABELS = ("high-high", "hot spot", "worse served than need predicts", "always", "much better")


def headline(
    indicator: Indicator, *, people: pd.Series[Any] | None = None, limit: Text | None = None
) -> dict[str, str]:
    """Say in one sentence what an indicator shows, in every language of the catalogue.

    Parameters
    ----------
    indicator
        Values on zone ids, with ``status`` where people may be beyond a limit or without any way.
    people
        People on zone ids; None speaks of areas.
    limit
        The limit beyond which the status calls people out of reach, for example ``500 m``.

    Returns
    -------
    dict
        The sentence by language; empty texts where there is nothing to say.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.maps import Indicator
    >>> walk = Indicator("walk", "Walk to a school", pd.Series([4.0, 8.0]), unit="minutes")
    >>> print(headline(walk, people=pd.Series([80.0, 20.0]))["en"])
    Walk to a school: 4.8 min on average; the worst-served tenth of people have 8 min or more.
    """
    facts = _facts(indicator, people)
    said = {}
    for lang in LANGUAGES:
        parts = _written(indicator, facts, lang)
        if limit is not None:
            parts["limit"] = text_in(limit, lang)
        counted = "" if people is not None else ".zones"
        key = _key(indicator, facts, limit)
        said[lang] = words(lang)[f"report.headline.{key}{counted}"].format(**parts) if key else ""
    return said


def _key(indicator: Indicator, facts: Mapping[str, float], limit: Text | None) -> str:
    if indicator.kind == "lisa":
        return "label"
    if not facts:
        return ""
    if indicator.better == "lower is better":
        kind = "beyond" if limit is not None and indicator.status is not None else "lower"
        if kind == "beyond" and facts["unmeasured"]:
            # Nobody looked farther than a limit: whether those beyond it have a way is not known.
            kind = "searched"
        if math.isinf(facts["worst"]):
            return f"{kind}.no_way"
        return f"{kind}.unreached" if facts["unreached"] and kind != "searched" else kind
    if indicator.better == "higher is better":
        return "higher" if facts["without"] > 0 else "all"
    return "amount"


def _facts(indicator: Indicator, people: pd.Series[Any] | None) -> dict[str, float]:
    """Return the numbers of the sentence; nothing where no value is known."""
    series = indicator.values if indicator.values is not None else indicator.labels
    assert series is not None  # noqa: S101 - an indicator has one of the two
    weights = (
        np.ones(len(series))
        if people is None
        else people.reindex(series.index).fillna(0.0).to_numpy(dtype=float, copy=True)
    )
    if indicator.status is not None:
        # What streets or timetables do not tell is not known, and no part of any sentence.
        unknown = indicator.status.reindex(series.index).isin(["outside_data", "unknown_service"])
        weights[unknown.to_numpy()] = 0.0
    total = float(weights.sum())
    if indicator.kind == "pairs":
        return {}
    if indicator.kind == "lisa":
        assert indicator.labels is not None  # noqa: S101 - checked when the indicator was made
        first = next((label for label in FIRST_LABELS if (indicator.labels == label).any()), FIRST_LABELS[0])
        inside = float(weights[(indicator.labels == first).to_numpy()].sum())
        return {"all": total, "inside": inside, "label": FIRST_LABELS.index(first)}
    found = standing(indicator, people=people)
    if math.isnan(found.mean):
        return {}
    values = indicator.values.to_numpy(dtype=float)  # type: ignore[union-attr]
    beyond = unmeasured = 0.0
    if indicator.status is not None:
        status = indicator.status.reindex(series.index)
        beyond = float(weights[status.isin(BEYOND).to_numpy()].sum())
        unmeasured = float(weights[(status == "beyond_cutoff").to_numpy() & np.isnan(values)].sum())
    worst = found.centiles[89] if indicator.better == "lower is better" else found.centiles[9]
    return {
        "all": total,
        "beyond": beyond,
        "unmeasured": unmeasured,
        "mean": found.mean,
        "worst": worst,
        "best": found.centiles[89],
        "without": float(weights[values == 0].sum()),
        "unreached": found.unreached,
        "left_out": found.left_out,
    }


def _written(indicator: Indicator, facts: Mapping[str, float], lang: str) -> dict[str, str]:
    said = words(lang)
    subject = " · ".join(text for text in (text_in(indicator.group, lang), text_in(indicator.title, lang)) if text)
    parts = {"subject": subject}
    total = facts.get("all", 0.0)
    for name in ("all", "beyond", "without", "unreached", "inside", "left_out"):
        if name in facts:
            parts[name] = number(facts[name], lang, digits=0)
            parts[f"{name}_share"] = number(facts[name] / total if total else 0.0, lang, digits=1, percent=True)
    for name in ("mean", "worst", "best"):
        if name in facts:
            parts[name] = amount(indicator, facts[name], lang)
    if "label" in facts:
        parts["label"] = said[f"lisa.{FIRST_LABELS[int(facts['label'])]}"]
    return parts


def amount(indicator: Indicator, value: float, lang: str) -> str:
    """Write a value with its unit; a share as a percentage.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.maps import Indicator
    >>> amount(Indicator("walk", "Walk", pd.Series([4.25]), unit="minutes"), 4.25, "en")
    '4.2 min'
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
    return f"{written} {short}" if short else written
