"""Scaling of indicators: brought to one scale, turned so that more is worse, and combined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice._core.frames import require_ids
from spatialjustice.inequality._inputs import Floats, checked_choice, flat_numbers, refuse_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

Direction = Literal["higher is worse", "lower is worse"]
Missing = Literal["raise", "own class", "available"]

DIRECTIONS = ("higher is worse", "lower is worse")
MISSING = ("raise", "own class", "available")

CONSTANT = 1e-12
"""Values of an indicator that differ by less than this share of the largest are all the same."""

FEWEST = 3
"""Zones without which no order among them says anything."""


@dataclass(frozen=True, slots=True)
class Indicators:
    """Indicators of zones as one table: ``amounts`` with a column for each, NaN where missing, higher always worse.

    ``takes_part`` are the zones that have an index; ``told`` the indicators that differ between zones, without which
    the order of zones is the same.
    """

    ids: pd.Index[Any]
    names: tuple[str, ...]
    amounts: Floats
    directions: dict[str, Direction]
    takes_part: NDArray[np.bool_]
    told: NDArray[np.bool_]

    @property
    def shown(self) -> Floats:
        """Values of the zones that take part, of the indicators that differ."""
        return self.amounts[self.takes_part][:, self.told]


def checked_indicators(
    frame: pd.DataFrame,
    indicators: Sequence[str],
    direction: Mapping[str, Direction] | Direction | None,
    missing: Missing,
) -> Indicators:
    """Take the indicators out of a frame, checked and turned so that higher is worse.

    Raises
    ------
    InputError
        When an indicator is no column, named twice or no numbers; when its direction is not told; when a value is
        infinite, or missing and that is not allowed; when fewer than three zones take part, or nothing differs.
    """
    require_ids(frame, "frame")
    checked_choice(missing, MISSING, "missing")
    names = tuple(indicators)
    if isinstance(indicators, str) or not names:
        raise InputError("indicators", f"they are {indicators!r}", "Give a list of the names of columns.")
    twice = sorted({name for name in names if names.count(name) > 1})
    strangers = [name for name in names if name not in frame.columns]
    if twice or strangers:
        found = (
            f"{', '.join(twice)} named more than once" if twice else f"the frame has no column {', '.join(strangers)}"
        )
        raise InputError("indicators", found, f"It has: {', '.join(map(str, frame.columns))}.")
    directions = _directions(names, direction)
    columns = [flat_numbers(frame[name], name) for name in names]
    for name, column in zip(names, columns, strict=True):
        refuse_rows(np.isinf(column), frame.index, name, "values are infinite", "Make them missing, or correct them.")
        if missing == "raise":
            refuse_rows(
                np.isnan(column),
                frame.index,
                name,
                "values are missing",
                'Fill them, or say what becomes of them: missing="own class" leaves these zones without an index, '
                '"available" takes the mean of the other indicators.',
            )
    turn = np.array([1.0 if directions[name] == "higher is worse" else -1.0 for name in names])
    values = np.column_stack(columns) * turn
    gaps = np.isnan(values)
    takes_part = ~gaps.all(axis=1) if missing == "available" else ~gaps.any(axis=1)
    if takes_part.sum() < FEWEST:
        raise InputError(
            "indicators",
            f"{int(takes_part.sum()):,} zones have what it takes",
            f"An order needs at least {FEWEST} zones with values.",
        )
    told = varying_columns(values[takes_part])
    if not told.any():
        raise InputError(
            "indicators", "every one of them is the same in all zones", "Where nothing differs there is no divide."
        )
    return Indicators(frame.index, names, values, directions, takes_part, told)


def _directions(names: Sequence[str], direction: Mapping[str, Direction] | Direction | None) -> dict[str, Direction]:
    if isinstance(direction, str):
        return dict.fromkeys(names, checked_choice(direction, DIRECTIONS, "direction"))  # type: ignore[arg-type]
    untold = [name for name in names if direction is None or name not in direction]
    if untold:
        raise InputError(
            "direction",
            f"nothing is said of {', '.join(untold)}",
            "Say for every indicator whether higher is worse or lower is worse.",
        )
    assert direction is not None  # noqa: S101 - nothing would be told then
    return {name: checked_choice(direction[name], DIRECTIONS, f"direction of {name}") for name in names}  # type: ignore[misc]


def shares_of(data: Indicators, weights: Mapping[str, float] | None) -> Floats:
    """Return the weight of each indicator that differs, together 1.

    Raises
    ------
    InputError
        When a weight is missing, negative or no number, names no indicator, or all are 0.
    """
    if weights is None:
        given = np.ones(len(data.names))
    else:
        strangers = [name for name in weights if name not in data.names]
        untold = [name for name in data.names if name not in weights]
        if strangers or untold:
            found = f"{strangers[0]} is no indicator" if strangers else f"{untold[0]} has none"
            raise InputError("weights", found, f"Give one for each of {', '.join(data.names)}.")
        given = flat_numbers([weights[name] for name in data.names], "weights")
        if not (np.isfinite(given) & (given >= 0)).all():
            raise InputError("weights", f"they are {dict(weights)}", "A weight is a number of 0 or more.")
    kept = given[data.told]
    if not kept.max() > 0:
        raise InputError("weights", "those of all indicators that differ are 0", "Give one of them a weight.")
    # Divided by the largest first, so that their sum can neither overflow nor vanish.
    kept = kept / kept.max()
    return np.asarray(kept / kept.sum())


def percentile_ranks(values: Floats) -> Floats:
    """Return the share of the other zones that lie below, those with the same value counting half; NaN stays NaN."""
    return np.column_stack([_ranked(column, half=True) for column in values.T])


def inclusive_ranks(values: Floats, *, turned: NDArray[np.bool_] | None = None, digits: int = 4) -> Floats:
    """Return the share of the other zones that lie below, rounded to so many decimals, a half upwards.

    Each column is ranked among the zones that have it; NaN stays NaN. Columns that are ``turned`` get 1 less that
    share, which is not the share of zones above where values tie.
    """
    ranks = np.column_stack([_ranked(column, half=False) for column in values.T])
    if turned is not None:
        ranks = np.where(turned, 1.0 - ranks, ranks)
    scale = 10.0**digits
    # A half such as 312.5 of 10,000ths may be 312.499… in binary: without the nudge it would be rounded down.
    return np.asarray(np.floor(ranks * scale + 0.5 + 1e-7) / scale)


def varying_columns(values: Floats) -> NDArray[np.bool_]:
    """Tell which columns differ between the zones that have them."""
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    return np.asarray((high - low) > CONSTANT * np.maximum(np.abs(low), np.abs(high)))


def exact_sums(sums: Floats, digits: int) -> Floats:
    """Return sums of decimal numbers as they are on paper, so that equal ones are equal."""
    return np.asarray(np.rint(sums * 10.0**digits) / 10.0**digits)


def _ranked(column: Floats, *, half: bool) -> Floats:
    found = np.full(len(column), np.nan)
    known = np.flatnonzero(~np.isnan(column))
    if len(known) < 2:
        found[known] = 0.5 if half else 0.0
        return found
    ordered = np.sort(column[known])
    below = np.searchsorted(ordered, column[known], side="left").astype(np.float64)
    if half:
        same = np.searchsorted(ordered, column[known], side="right") - below
        below += (same - 1) / 2
    found[known] = below / (len(known) - 1)
    return found


def z_scores(values: Floats) -> Floats:
    """Return the distance from the mean of the zones in standard deviations (of a population, not of a sample)."""
    return np.asarray((values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0))


def min_max(values: Floats) -> Floats:
    """Return where a value lies between the lowest, 0, and the highest, 1."""
    low = np.nanmin(values, axis=0)
    return np.asarray((values - low) / (np.nanmax(values, axis=0) - low))


def weighted_parts(scaled: Floats, shares: Floats) -> Floats:
    """Return what each indicator adds to the weighted mean of those that a zone has; 0 where one is missing."""
    there = ~np.isnan(scaled)
    weight = there * shares
    total = weight.sum(axis=1, keepdims=True)
    weight = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    return np.asarray(np.where(there, scaled, 0.0) * weight)


def geometric_parts(scaled: Floats, shares: Floats) -> Floats:
    """Return how the weighted geometric mean of values from 0 to 1 is made up, its parts adding up to it.

    The values are moved to 1 to 100 first, so that the best one does not make the whole 0. The parts are those of the
    logarithm, in proportion.
    """
    logs = weighted_parts(np.log(1.0 + 99.0 * scaled), shares)
    total = logs.sum(axis=1, keepdims=True)
    mean = np.exp(total)
    even = np.broadcast_to(shares, logs.shape)
    return np.asarray(mean * np.divide(logs, total, out=even.copy(), where=total > 0))


class Component(NamedTuple):
    """The first principal component: its loadings, the share of the variance in it, and whether it stands alone."""

    loadings: Floats
    explained: float
    alone: bool


TIED = 1e-9
"""Loadings, or variances of components, that differ by less than this differ by rounding only."""


def first_component(scaled: Floats, *, names: Sequence[str]) -> Component:
    """Return the first principal component of z-scores.

    Turned so that the loadings together are positive, and more of the component is worse; where they cancel out, so
    that the first of the largest is. It does not stand alone where a second component explains as much: then any
    mixture of the two would do as well.

    Raises
    ------
    InputError
        When a value is missing: the component is of all indicators.
    """
    if np.isnan(scaled).any():
        gaps = [name for name, column in zip(names, scaled.T, strict=True) if np.isnan(column).any()]
        raise InputError(
            "missing",
            f"{', '.join(gaps)} has missing values",
            'A principal component needs every indicator of a zone: use missing="own class".',
        )
    variances, vectors = np.linalg.eigh(np.corrcoef(scaled, rowvar=False).reshape(scaled.shape[1], -1))
    first = vectors[:, -1]
    size = np.abs(first)
    largest = first[np.flatnonzero(size >= size.max() - TIED)[0]]
    turn = np.sign(first.sum()) if abs(first.sum()) > TIED else np.sign(largest)
    alone = len(variances) == 1 or bool(variances[-1] - variances[-2] > TIED)
    return Component(np.asarray(first * turn), float(variances[-1] / variances.sum()), alone)
