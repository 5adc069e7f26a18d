"""How many people there are at each value, everybody among them, in equal steps; the last one may be open."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.catalogue.lookup import number

if TYPE_CHECKING:
    import pandas as pd

    from spatialjustice.maps.colours.legend_rows import Legend
    from spatialjustice.maps.indicator import Indicator

BARS = 28
"""Steps at most."""
FAR = 0.985
"""The share of people up to whom the steps go, where those beyond would stretch the drawing."""
STRETCH = 1.3
STEPS = (1.0, 2.0, 2.5, 5.0)
NOT_COUNTED = "no_population"
_PERCENT = 100


def histogram(legend: Legend, indicator: Indicator, people: pd.Series[Any] | None, lang: str) -> dict[str, Any] | None:
    """Count people (zones where people are not known) in equal steps of the value, each step divided by class.

    Returns
    -------
    dict or None
        ``bars``: for each step pairs of class and people; ``others``: the same of those without a value, a bar for each
        reason; ``low`` and ``high``: where the steps begin and end; ``open``: whether the last one holds all beyond;
        ``ticks``: places between 0 and 1 with their texts. None for labels, and where there is no value.
    """
    if indicator.labelled or indicator.values is None:
        return None
    scale = _PERCENT if indicator.unit == "share" else 1
    values = indicator.values.to_numpy(dtype=float) * scale
    weights = np.ones(len(values)) if people is None else np.nan_to_num(people.to_numpy(dtype=float))
    classed = np.isin(legend.classes, [n for n, row in enumerate(legend.rows) if row.value])
    # Nobody went the way of those beyond the last place that was looked for: they are a bar of their own.
    shown = classed & ~np.isnan(values) & (weights > 0)
    if not shown.any():
        return None
    limit = legend.limit
    low, high, step, is_open = _steps(
        values[shown], weights[shown], None if limit is None else limit * scale, indicator
    )
    count = round((high - low) / step)
    # A limit belongs to what is within it, so a step holds its upper end, as the classes do.
    place = np.clip(np.ceil((values[shown] - low) / step - 1e-9) - 1, 0, count - 1).astype(int)
    if _whole(values[shown], indicator) and step == 1:
        place = np.clip(values[shown] - low, 0, count - 1).astype(int)
    counted = np.zeros((count, len(legend.rows)))
    np.add.at(counted, (place, legend.classes[shown]), weights[shown])
    others = [
        [n, _rounded(float(weights[legend.classes == n].sum()))]
        for n, row in enumerate(legend.rows)
        if not row.value and row.key != NOT_COUNTED and weights[legend.classes == n].sum() > 0
    ]
    return {
        "bars": [[[n, _rounded(float(part))] for n, part in enumerate(bar) if part > 0] for bar in counted],
        "others": others,
        "low": _rounded(low),
        "high": _rounded(high),
        "open": is_open,
        "ticks": _ticks(low, high, lang, whole=_whole(values[shown], indicator) and step == 1),
        "limit": None if limit is None else _place(limit * scale, low, high),
        "people": people is not None,
    }  # fmt: skip


def _rounded(value: float) -> float | int:
    return int(value) if value == round(value) else round(value, 3)


def _whole(values: np.ndarray, indicator: Indicator) -> bool:
    """Whether each value can have a step of its own: few whole numbers of things."""
    return (
        indicator.unit not in {"metres", "share", "minutes", "kilometres"}
        and bool((values == np.round(values)).all())
    )  # fmt: skip


def _steps(
    values: np.ndarray, weights: np.ndarray, limit: float | None, indicator: Indicator
) -> tuple[float, float, float, bool]:
    """Return begin, end and width of the steps, and whether values lie beyond the end."""
    lowest, highest = float(values.min()), float(values.max())
    order = np.argsort(values, kind="stable")
    rising = np.cumsum(weights[order])
    far = float(values[order][min(int(np.searchsorted(rising, FAR * rising[-1])), len(order) - 1)])
    if limit is not None:
        far = max(far, min(highest, STRETCH * limit))
    low = 0.0 if 0 <= lowest <= (highest if indicator.better != "none" else highest / 3) else lowest
    low = lowest if indicator.far_from_nothing else low
    end = highest if highest - low <= STRETCH * (far - low) or far <= low else far
    if _whole(values, indicator) and end - low < BARS:
        end = highest if highest - low < BARS else end
        return low, end + 1, 1.0, highest > end
    span = (end - low) or abs(end) or 1.0
    step = _width(span, limit - low if limit is not None and limit > low else None)
    low = float(np.floor(low / step + 1e-9) * step)
    high = float(np.ceil(end / step - 1e-9) * step)
    high = high if high > low else low + step
    return low, high, step, highest > high


def _width(span: float, limit: float | None) -> float:
    """Return a round width that makes BARS steps at most, and of which the limit is a multiple where there is one."""
    power = 10.0 ** np.floor(np.log10(span / BARS))
    widths = [step * power * ten for ten in (1, 10) for step in STEPS]
    fitting = [width for width in widths if span / width <= BARS]
    if limit is not None:
        aligned = [width for width in fitting[:3] if abs(limit / width - round(limit / width)) < 1e-6]
        fitting = aligned or fitting
    return float(fitting[0])


def _place(value: float, low: float, high: float) -> float | None:
    """Return where a value lies between the ends; None outside them."""
    return round((value - low) / (high - low), 4) if low < value < high else None


def _ticks(low: float, high: float, lang: str, *, whole: bool) -> list[list[Any]]:
    """Return the ends and what lies between them at a round distance, as places between 0 and 1 with their texts."""
    if whole:
        high -= 1
        span = high - low + 1
        wanted = sorted({low, high, *(low + float(round((high - low) * part)) for part in (0.25, 0.5, 0.75))})
        return [[round((value - low + 0.5) / span, 4), number(value, lang, digits=0)] for value in wanted]
    power = 10.0 ** np.floor(np.log10((high - low) / 4))
    apart = next(width for width in (power * step for step in (1, 2, 2.5, 5, 10)) if (high - low) / width <= 5)
    values = np.arange(np.ceil(low / apart - 1e-9), np.floor(high / apart + 1e-9) + 1) * apart
    decimals = next((n for n in range(6) if np.allclose(np.round(values, n), values, atol=apart / 1000)), 6)
    return [
        [abs(round((value - low) / (high - low), 4)), number(value, lang, digits=decimals)]
        for value in (values + 0.0).tolist()
    ]
