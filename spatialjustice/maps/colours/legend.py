"""Legends: what each class looks like, its limits, and how many zones and people are in it."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.catalogue.lookup import number, text_in, words
from spatialjustice.maps.colours import palette
from spatialjustice.maps.colours.classify import Classes, classify
from spatialjustice.maps.colours.histogram import histogram
from spatialjustice.maps.colours.legend_rows import Legend, Row
from spatialjustice.maps.colours.square import square
from spatialjustice.maps.colours.whole_people import whole_people
from spatialjustice.maps.placed import has_status, once

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from spatialjustice.maps.indicator import Indicator

SHARE = 100
REASONS = (
    "not_significant", "suppressed", "unknown_service", "beyond_cutoff", "unreachable", "off_network", "outside_data",
    "no_supply", "no_population",
)  # fmt: skip
"""Why a zone has no class of values, in the order of the legend."""


def _write(value: float, indicator: Indicator, lang: str, *, decimals: int | None = None) -> str:
    digits = indicator.decimals if decimals is None else decimals
    if indicator.unit == "share":
        return number(value * SHARE, lang, digits=digits)
    return number(value, lang, digits=digits)


def _labels(classes: Classes, indicator: Indicator, lang: str) -> list[str]:
    """Write the limits of the classes, with as many decimals as the limits themselves need."""
    said = words(lang)
    limits = [limit for limit in classes.upper if np.isfinite(limit)]
    scale = SHARE if indicator.unit == "share" else 1
    decimals = next((n for n in range(4) if all(abs(round(x * scale, n) - x * scale) < 1e-9 for x in limits)), None)
    decimals = min(decimals if decimals is not None else indicator.decimals, max(indicator.decimals, 1))
    # What nobody has is 0, and not 0.0; what the study calls it (none within 1,000 m) says more.
    nothing = text_in(indicator.none, lang) or number(0, lang, digits=0)
    empty = bool(classes.upper) and classes.upper[0] == classes.lowest == 0
    if classes.method == "single":
        found = [_write(limit, indicator, lang, decimals=decimals) for limit in classes.upper]
        return [nothing, *found[1:]] if empty else found
    if classes.method != "cutoffs" and _whole(indicator) and all(limit == round(limit) for limit in limits):
        found = _whole_labels(classes, lang)
        return [nothing, *found[1:]] if empty and classes.method != "breaks" else found
    found = []
    for place, upper in enumerate(classes.upper):
        high = _write(upper, indicator, lang, decimals=decimals)
        if place == 0:
            alone = nothing if empty else high
            found.append(alone if classes.lowest == upper else said["legend.up_to"].format(high=high))
            continue
        if place == 1 and empty and np.isfinite(upper):
            found.append(said["legend.above_zero"].format(high=high))
            continue
        low = _write(classes.upper[place - 1], indicator, lang, decimals=decimals)
        pattern = "legend.more_than" if np.isinf(upper) else "legend.between"
        found.append(said[pattern].format(low=low, high=high))
    return found


def _whole(indicator: Indicator) -> bool:
    """Whether every value is a whole number; metres rounded for display are not."""
    known = indicator.values.dropna().to_numpy(dtype=float)  # type: ignore[union-attr]
    return indicator.unit != "share" and bool((known == np.round(known)).all())


def _whole_labels(classes: Classes, lang: str) -> list[str]:
    """Write classes of whole numbers without overlap: 0, 1 to 2, 3 to 9."""
    said = words(lang)
    found = []
    for place, upper in enumerate(classes.upper):
        below = classes.upper[place - 1] if place else None
        low = min(classes.lowest, upper) if below is None else below + 1
        written = {"low": number(low, lang, digits=0), "high": number(upper, lang, digits=0)}
        if np.isinf(upper):
            found.append(said["legend.more_than"].format(low=number(low - 1, lang, digits=0)))
        elif below is None and classes.method == "breaks" and low != upper:
            found.append(said["legend.up_to"].format(**written))
        else:
            found.append(written["high"] if low == upper else said["legend.between"].format(**written))
    return found


def _always(indicator: Indicator, *, people: bool) -> set[str]:
    """Classes shown even when they are empty, so that their absence is a statement and not an oversight."""
    always = {"no_data"}
    if indicator.interval is not None:
        always |= {"not_significant"}
    if indicator.status is not None and indicator.kind == "cost":
        always |= {"unreachable", "no_population"}
    elif people or indicator.kind == "people":
        always |= {"no_population"}
    return always


def make_legend(indicator: Indicator, *, people: pd.Series[Any] | None, lang: str) -> Legend:
    """Divide the zones of an indicator into classes and count zones and people in each.

    Every zone is in exactly one class, so zones and people add up to all zones and all people.
    ``indicator`` and ``people`` are on the zones' index and order.
    """
    return once(indicator, f"legend {lang}", people, lambda: _made_legend(indicator, people, lang))


def _made_legend(indicator: Indicator, people: pd.Series[Any] | None, lang: str) -> Legend:
    rows, classes, made = _lisa(indicator, lang) if indicator.labelled else _numeric(indicator, lang, people)
    counted = []
    weights = None if people is None else people.to_numpy(dtype=float)
    always = _always(indicator, people=people is not None)
    kept: list[int] = []
    for place, (key, label, swatch, value_class) in enumerate(rows):
        inside = classes == place
        if not value_class and not inside.any() and key not in always:
            continue
        kept.append(place)
        # Where nobody knows how many live there, it is not known; 0 would say that nobody does.
        unknown = weights is None or (bool(inside.any()) and bool(np.isnan(weights[inside]).all()))
        living = None if weights is None or unknown else float(np.nansum(weights[inside]))
        counted.append(Row(key, label, swatch, int(inside.sum()), living))
    renumber = np.full(len(rows), -1, dtype=np.int16)
    renumber[kept] = range(len(kept))
    limits = [] if made is None or made.method != "cutoffs" else [float(cutoff) for cutoff in indicator.cutoffs]
    # Of many limits only some are class limits; class limits come first among the rows.
    marked = tuple((made.upper.index(limit), limit) for limit in limits if made is not None and limit in made.upper)
    return Legend(
        tuple(counted), renumber[classes], _method(indicator, made, lang), marked, () if made is None else made.upper,
        _scale(rows, made, indicator, lang),
    )  # fmt: skip


def _scale(
    rows: list[RowPlan], made: Classes | None, indicator: Indicator, lang: str
) -> tuple[tuple[float, str, palette.Swatch], ...]:
    """Return all classes that ways to a service could come to be in; other maps do not change while they are read."""
    if made is None or not len(made) or indicator.kind != "cost" or not indicator.service:
        return ()
    found = [(upper, label, look) for upper, (_, label, look, _) in zip(made.upper, rows, strict=False)]
    if np.isfinite(made.upper[-1]):
        low = _write(made.upper[-1], indicator, lang)
        found.append((np.inf, words(lang)["legend.more_than"].format(low=low), palette.Swatch(palette.WORST)))
    return tuple(found)


def limit_text(limit: float, indicator: Indicator, lang: str) -> str:
    """Write a limit with its unit.

    Examples
    --------
    >>> import pandas as pd
    >>> from spatialjustice.maps.indicator import Indicator
    >>> limit_text(1000.0, Indicator("walk", "Walk", pd.Series([5.0]), unit="metres"), "en").replace("\u00a0", " ")
    '1,000 m'
    """
    decimals = next((n for n in range(3) if round(limit, n) == limit), 3)
    written = _write(limit, indicator, lang, decimals=decimals)
    short = words(lang).get(f"unit.{indicator.unit}.short", "")
    return f"{written}\u00a0{short}" if short else written


def _method(indicator: Indicator, made: Classes | None, lang: str) -> str:
    if made is None:
        untested = "kinds" if indicator.scheme == "exclusion" else "labels"
        return words(lang)[f"legend.classes.{untested if indicator.kind == 'lisa' else 'pairs'}"]
    method = made.method
    if method == "cutoffs":
        written = [limit_text(limit, indicator, lang) for limit in indicator.cutoffs]
        key = "legend.classes.cutoff" if len(written) == 1 else "legend.classes.cutoffs"
        return words(lang)[key].format(limits=words(lang)["language.comma"].join(written))
    whole = 0 if float(indicator.centre).is_integer() else None
    centre = _write(indicator.centre, indicator, lang, decimals=whole) if method == "centred" else ""
    return words(lang)[f"legend.classes.{method}"].format(centre=centre)


def _classes(shown: np.ndarray, indicator: Indicator) -> Classes:
    centre = indicator.centre if indicator.kind == "change" else None
    apart = centre is None and indicator.better == "higher is better"
    return classify(
        shown, breaks=indicator.breaks, scheme=indicator.classification, centre=centre, cutoffs=indicator.cutoffs,
        apart=apart,
    )  # fmt: skip


def class_limits(indicator: Indicator) -> tuple[float, ...] | None:
    """Return the upper limits of the classes of numbers, an open one left out; None where no number is known."""
    made, _ = _classed(indicator, None)
    limits = tuple(limit for limit in made.upper if math.isfinite(limit))
    return limits or None


def _colours(made: Classes, indicator: Indicator) -> list[str]:
    if indicator.kind == "change" and len(made):
        below = sum(limit < indicator.centre or limit == indicator.centre == made.upper[-1] for limit in made.upper)
        lower = [-np.inf, *made.upper[:-1]]
        above = sum(limit >= indicator.centre for limit in lower)
        return palette.change_colours(
            below, len(made) - below - above, above, gain_is_more=indicator.better != "lower is better"
        )
    if not len(made):
        return []
    ramp = palette.colour_ramp(indicator.palette, max(made.planned, len(made)))
    # Dark is badly off: of what is good, the least is the darkest.
    return ramp[::-1] if indicator.better == "higher is better" else ramp[: len(made)]


RowPlan = tuple[str, str, palette.Swatch, bool]


def _status_rows(
    lang: str, keys: tuple[str, ...], instead: Mapping[str, tuple[str, palette.Swatch]] | None = None
) -> list[RowPlan]:
    said = words(lang)
    texts = {key: said["lisa.island"] if key == "island" else said[f"status.{key}"] for key in keys}
    looks = {key: (texts[key], palette.STATUS[key]) for key in keys} | dict(instead or {})
    return [(key, *looks[key], False) for key in keys]


def _lisa(indicator: Indicator, lang: str) -> tuple[list[RowPlan], np.ndarray, None]:
    rows: list[RowPlan]
    if indicator.pairs:
        rows = [(key, text_in(title, lang), swatch, True) for key, (title, swatch) in indicator.pairs.items()]
    else:
        labels = palette.LABELS[indicator.scheme]
        rows = [(key, words(lang)[f"lisa.{key}"], palette.Swatch(colour), True) for key, colour in labels.items()]
    rows += _status_rows(lang, ("island", "no_population", "no_data"))
    where = {key: place for place, (key, *_) in enumerate(rows)}
    where["no data"] = where["no_data"]
    given = indicator.labels.fillna("no data")  # type: ignore[union-attr]
    classes = given.map(where).to_numpy(dtype=int)
    if indicator.status is not None:
        empty = (indicator.status == "no_population").to_numpy() & (given == "no data").to_numpy()
        classes = np.where(empty, where["no_population"], classes)
    return rows, classes, None


def _numeric(
    indicator: Indicator, lang: str, people: pd.Series[Any] | None
) -> tuple[list[RowPlan], np.ndarray, Classes]:
    made, classes = once(indicator, "classes", people, lambda: _classed(indicator, people))
    colours = _colours(made, indicator)
    labels = _labels(made, indicator, lang)
    rows: list[RowPlan] = [
        (f"class_{place}", labels[place], palette.Swatch(colours[place]), True) for place in range(len(made))
    ]
    rows += _status_rows(lang, (*REASONS, "no_data"), _beyond(indicator, made, lang))
    return rows, classes, made


def _classed(indicator: Indicator, people: pd.Series[Any] | None) -> tuple[Classes, np.ndarray]:
    """Return the classes, and that of each zone: those of values, then each of ``REASONS``, then ``no_data``."""
    values = indicator.values.to_numpy(dtype=float)  # type: ignore[union-attr]
    reasons = {name: has_status(indicator, name) for name in REASONS}
    if indicator.status is None and indicator.kind == "people":
        reasons["no_population"] = values == 0
    elif indicator.status is None and people is not None:
        # Without a stated reason, a zone with nobody in it and no value is empty rather than unknown.
        reasons["no_population"] = np.isnan(values) & (people.to_numpy(dtype=float) == 0)
    if indicator.kind != "change":
        # Beyond the limit is no gap: the value is known where somebody looked farther, and of places there are none.
        beyond = reasons["beyond_cutoff"]
        values = np.where(beyond & (indicator.kind == "count"), np.nan_to_num(values), values)
        reasons["beyond_cutoff"] = beyond & np.isnan(values)
    shown = np.where(np.logical_or.reduce(list(reasons.values())), np.nan, values)
    made = _classes(shown, indicator)
    classes = np.where(np.isnan(shown), len(made) + len(REASONS), made.assign(shown))
    for place, name in enumerate(REASONS):
        classes[reasons[name]] = len(made) + place
    return made, classes.astype(np.int16)


def _beyond(indicator: Indicator, made: Classes, lang: str) -> dict[str, tuple[str, palette.Swatch]]:
    """Say how those are called and drawn who live farther away than anybody looked."""
    if not indicator.cutoffs or indicator.better != "lower is better":
        return {}
    farther = words(lang)["legend.farther"].format(limit=limit_text(float(indicator.cutoffs[-1]), indicator, lang))
    found_farther = bool(len(made)) and np.isinf(made.upper[-1])
    swatch = (
        palette.Swatch(palette.WORST, "sparse", palette.ON_WORST) if found_farther else palette.Swatch(palette.WORST)
    )
    return {"beyond_cutoff": (farther, swatch)}


def _counted(people: int | None, lang: str) -> str:
    return "" if people is None else number(people, lang, digits=0)


def as_record(
    legend: Legend, indicator: Indicator, lang: str, people_of: pd.Series[Any] | None = None
) -> dict[str, Any]:
    """Return the legend as the page shows it: every number already written in the reader's language."""
    people = [row.people for row in legend.rows]
    last = legend.limits[-1][0] if legend.limits else len(legend.rows)
    keys = ["beyond_cutoff" if row.value and n > last else row.key for n, row in enumerate(legend.rows)]
    whole = whole_people(keys, people) if legend.people is not None else None
    unknown = words(lang)["legend.people.unknown"]
    most = max((part for part in people if part is not None), default=0.0) or max(row.zones for row in legend.rows) or 1
    zones = sum(row.zones for row in legend.rows)
    rows = []
    for place, row in enumerate(legend.rows):
        rows.append(
            {
                "key": row.key,
                "label": row.label,
                "swatch": row.swatch.as_list(),
                "zones": number(row.zones, lang, digits=0),
                "drawn": row.zones > 0,
                "people": None if whole is None else _counted(whole[place], lang) or unknown,
                "reason": not row.key.startswith("class_"),
                "bar": round((row.people or 0.0 if whole is not None else row.zones) / most, 4),
            }
        )
    unit = words(lang)[f"unit.{indicator.unit}"] if not indicator.labelled else ""
    return {
        "unit": unit,
        "rows": rows,
        "zones": number(zones, lang, digits=0),
        "people": None if whole is None else number(sum(one or 0 for one in whole), lang, digits=0),
        "direction": words(lang)[f"direction.{indicator.better}"],
        "method": legend.method,
        "histogram": histogram(legend, indicator, people_of, lang),
        "limits": [
            {
                "after": place,
                "text": words(lang)["legend.limit"].format(limit=limit_text(limit, indicator, lang)),
                "short": limit_text(limit, indicator, lang),
                "widest": limit == legend.limit,
            }
            for place, limit in legend.limits
        ],
        "upper": [None if np.isinf(limit) else float(limit) for limit in legend.upper],
        "square": square(indicator, lang),
        "scale": [
            [upper if np.isfinite(upper) else None, label, look.as_list()] for upper, label, look in legend.scale
        ],
        "note": text_in(indicator.note, lang),
    }
