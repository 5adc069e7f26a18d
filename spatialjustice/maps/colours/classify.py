"""Values into classes whose limits a reader can remember."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.maps.colours.cutoff_classes import limits_around, reached
from spatialjustice.maps.colours.palette import MOST_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

Scheme = Literal["quantiles", "equal_intervals", "natural_breaks", "head_tail", "standard_deviations"]
Method = Literal[
    "breaks", "cutoffs", "quantiles", "single", "equal_intervals", "natural_breaks", "head_tail", "standard_deviations",
    "centred",
]  # fmt: skip
SCHEMES: tuple[Scheme, ...] = ("quantiles", "equal_intervals", "natural_breaks", "head_tail", "standard_deviations")
MOST_SORTED = 3000
"""Values among which natural breaks are looked for; of more, so many are taken evenly from the sorted ones."""


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of a set of values.

    Class ``i`` holds the values above ``upper[i - 1]`` and up to ``upper[i]``, that one included. The first class is
    open below; the last one is open above when ``upper[-1]`` is infinite. ``planned`` is the number of classes that the
    colours are made for: a city where nobody lives far away keeps the light ones.
    """

    upper: tuple[float, ...]
    method: Method
    lowest: float
    highest: float
    planned: int = 0

    def assign(self, values: np.ndarray) -> np.ndarray:
        """Return the class of each value, -1 for NaN."""
        found = np.searchsorted(np.asarray(self.upper), values, side="left")
        return np.where(np.isnan(values), -1, found).astype(int)

    def __len__(self) -> int:
        return len(self.upper)


FINEST = 1e-12
SMALLEST = 1e-200


def round_limit(value: float, spread: float) -> float:
    """Round a class limit to a step of 1, 2 or 5 times a power of ten, about a fortieth of the spread.

    Examples
    --------
    >>> round_limit(343.7, 1000.0), round_limit(7.13, 30.0)
    (340.0, 7.0)
    """
    if spread <= max(abs(value) * FINEST, SMALLEST):
        # Nothing to round: the step would be finer than the number itself can be.
        return value
    step = 10 ** np.floor(np.log10(spread / 40))
    for multiple in (5, 2):
        if step * multiple <= spread / 40:
            step *= multiple
            break
    decimals = max(0, int(-np.floor(np.log10(step))))
    return float(np.round(np.round(value / step) * step, decimals))


def classify(
    values: np.ndarray,
    *,
    breaks: Sequence[float] | None = None,
    count: int = 5,
    scheme: Scheme = "quantiles",
    centre: float | None = None,
    cutoffs: Sequence[float] = (),
    apart: bool = False,
) -> Classes:
    """Divide values into classes.

    With ``breaks`` their limits are the classes' limits, and a class above the last one is added where a value needs
    it. Without them, values with at most ``count`` different numbers get a class each; others are divided by
    ``scheme`` (mapclassify), and the limits are rounded before anything is assigned, so that the legend is exact.

    Parameters
    ----------
    values
        Numbers; NaN takes no part.
    breaks
        Upper limits of the classes, increasing, at most six; each belongs to the class below it.
    count
        Number of classes; ``head_tail`` and ``standard_deviations`` have their own.
    scheme
        ``quantiles``, ``equal_intervals``, ``natural_breaks`` (Fisher and Jenks), ``head_tail`` or
        ``standard_deviations``.
    centre
        Makes five classes around this value instead, the middle one next to no difference: a third of the values that
        differ lie within its limits, the outer ones begin where the quarter that differs most begins.
    cutoffs
        The limits that a study set, rising: they are class limits, with parts of a single one below it and multiples
        of the widest one beyond it.
    apart
        Whether 0 has a class of its own, where there are more different values than classes.

    Raises
    ------
    InputError
        When breaks do not increase or are too many, the scheme is not known, or a value is infinite.

    Examples
    --------
    >>> classify(np.array([1.0, 4.0, 9.0, 30.0]), breaks=[5, 10, 15]).upper
    (5.0, 10.0, 15.0, inf)
    >>> classify(np.array([0.0, 1.0, 1.0, 2.0])).upper
    (0.0, 1.0, 2.0)
    >>> classify(np.array([200.0, 700.0, 1400.0]), cutoffs=[1000.0]).upper
    (500.0, 1000.0, 2000.0)
    """
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if np.isinf(known).any():
        raise InputError(
            "values",
            f"{int(np.isinf(known).sum()):,} values are infinite",
            "Use NaN where a place cannot be reached, and say why in status=.",
        )
    lowest, highest = (float(known.min()), float(known.max())) if len(known) else (float("nan"), float("nan"))
    if breaks is not None:
        return Classes(_given(breaks, highest), "breaks", lowest, highest)
    if len(cutoffs):
        limits = limits_around(cutoffs)
        upper = reached(limits, float(cutoffs[-1]), highest)
        return Classes(upper, "cutoffs", lowest, highest, planned=len(limits) + 1)
    if scheme not in SCHEMES:
        raise InputError("classification", f"“{scheme}” is not known", f"Choose one of {', '.join(SCHEMES)}.")
    if centre is not None:
        return Classes(_around(known, centre), "centred", lowest, highest)
    different = np.unique(known)
    if len(different) <= count:
        return Classes(tuple(float(value) for value in different), "single", lowest, highest)
    if apart and lowest == 0:
        some = known[known > 0]
        return Classes((0.0, *_limits(some, count - 1, scheme)), scheme, lowest, highest)
    return Classes(_limits(known, count, scheme), scheme, lowest, highest)


def _given(breaks: Sequence[float], highest: float) -> tuple[float, ...]:
    upper = [float(limit) for limit in breaks]
    if not upper or any(not np.isfinite(limit) for limit in upper) or sorted(set(upper)) != upper:
        raise InputError("breaks", f"{list(breaks)} do not increase", "Give each limit once, smallest first.")
    if highest > upper[-1]:
        upper.append(float("inf"))
    if len(upper) > MOST_CLASSES:
        raise InputError(
            "breaks",
            f"they make {len(upper)} classes",
            f"Use at most {MOST_CLASSES}; more cannot be told apart on a map.",
        )
    return tuple(upper)


def _around(known: np.ndarray, centre: float) -> tuple[float, ...]:
    """Return five classes around a value; the outer limits lie as far below it as above."""
    away = np.abs(known - centre)
    away = away[away > 0]
    if len(away) == 0:
        away = np.array([1.0])
    spread = 2 * float(np.quantile(away, 0.95)) or 1.0
    near, far = (round_limit(float(np.quantile(away, part)), spread) for part in (1 / 3, 3 / 4))
    near = near or float(away.min())
    far = far if far > near else 2 * near
    return (centre - far, centre - near, centre + near, centre + far, float("inf"))


def _natural_limits(known: np.ndarray, count: int, scheme: Scheme) -> Sequence[float]:
    """Return the limits that mapclassify finds in the values themselves."""
    import mapclassify

    with warnings.catch_warnings():
        # Ties make fewer classes than asked for; the merged limits say the same.
        warnings.simplefilter("ignore")
        if scheme == "natural_breaks":
            ordered = np.sort(known)
            even = np.unique(np.linspace(0, len(ordered) - 1, min(len(ordered), MOST_SORTED)).astype(int))
            return list(mapclassify.FisherJenks(ordered[even], k=count).bins)
        if scheme == "head_tail":
            return [*mapclassify.HeadTailBreaks(known).bins[: MOST_CLASSES - 1], known.max()]
        return list(mapclassify.StdMean(known, multiples=[-1, 0, 1]).bins)


def _limits(known: np.ndarray, count: int, scheme: Scheme) -> tuple[float, ...]:
    # Quantiles and equal steps are a line each of numpy; mapclassify, which takes seconds to load, is for the others.
    parts = np.arange(1, count + 1) / count
    if scheme == "equal_intervals":
        limits = known.min() + (known.max() - known.min()) * parts
    elif scheme == "quantiles":
        limits = np.unique(np.quantile(known, parts))
    else:
        limits = _natural_limits(known, count, scheme)
    spread = float(np.quantile(known, 0.95) - np.quantile(known, 0.05)) or float(known.max() - known.min())
    inner = sorted({round_limit(float(limit), spread) for limit in limits[:-1]})
    lowest, highest = float(known.min()), float(known.max())
    inner = [limit for limit in inner if lowest <= limit < highest]
    return (*inner, highest)
