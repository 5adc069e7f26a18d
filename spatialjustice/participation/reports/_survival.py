"""Kaplan and Meier's curve and the log-rank test, from days and whether they ended in a closing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

ROUNDING = 1e-12
"""A share of one half may have lost its last digits on the way."""

MANY_GROUPS, AT_ONCE = 100, 4096
"""Groups up to which all are tested at once, and days that are looked at together for it."""


class Curve(NamedTuple):
    """Days on which something was closed, the share still open after each, its variance, and how long each was watched.

    ``spread`` is Greenwood's sum, the variance of the share over its square; ``watched`` is sorted.
    """

    days: Floats
    still_open: Floats
    spread: Floats
    watched: Floats

    def _limits(self, level: float) -> tuple[Floats, Floats]:
        """Return the limits of the share still open, on the scale of log(-log S)."""
        from scipy.stats import norm

        wide = float(norm.ppf((1 + level) / 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            inner = np.sqrt(self.spread) / np.abs(np.log(self.still_open))
            low, high = self.still_open ** np.exp(wide * inner), self.still_open ** np.exp(-wide * inner)
        ended = self.still_open <= 0
        return np.where(ended, 0.0, low), np.where(ended, 0.0, high)

    def median(self, level: float) -> tuple[float, float, float]:
        """Return the median and its range: the first day on which half, and each limit of the share, is reached."""
        low, high = self._limits(level)
        return tuple(self._first(curve) for curve in (self.still_open, low, high))  # type: ignore[return-value]

    def _first(self, share: Floats) -> float:
        reached = np.flatnonzero(share <= 0.5 + ROUNDING)
        return float(self.days[reached[0]]) if len(reached) else np.nan

    def closed_within(self, limit: float, level: float) -> tuple[float, float, float]:
        """Return the share closed within a limit, itself included, and its range; missing where nobody waited so long.

        Where nothing is closed yet, the highest share is the exact limit of none among those still watched.
        """
        at = int(np.searchsorted(self.days, limit, side="right")) - 1
        if at >= 0 and self.still_open[at] <= 0:
            return 1.0, 1.0, 1.0
        still_watched = len(self.watched) - int(np.searchsorted(self.watched, limit, side="left"))
        if not still_watched:
            return np.nan, np.nan, np.nan
        if at < 0:
            return 0.0, 0.0, 1 - float((1 - level) / 2) ** (1 / still_watched)
        low, high = self._limits(level)
        return 1 - float(self.still_open[at]), 1 - float(high[at]), 1 - float(low[at])


def curve(days: Floats, closed: NDArray[np.bool_]) -> Curve:
    """Return the share still open after each day on which something was closed."""
    if not len(days):
        nothing = np.empty(0)
        return Curve(nothing, nothing, nothing, nothing)
    order = np.sort(days)
    at, counts = np.unique(days[closed], return_counts=True)
    at_risk = (len(days) - np.searchsorted(order, at, side="left")).astype(np.float64)
    with np.errstate(divide="ignore"):
        spread = np.cumsum(counts / (at_risk * (at_risk - counts)))
    share = np.cumprod(1 - counts / at_risk)
    return Curve(at, share.astype(np.float64), spread, order)


class LogRank(NamedTuple):
    """Closings of each group, those it would have had if all waited alike, and the variance of their difference.

    ``covariance`` is between all groups; None where there are so many that it would take long.
    """

    observed: Floats
    expected: Floats
    variance: Floats
    covariance: Floats | None

    def together(self) -> tuple[float, int]:
        """Return the chi-square of all groups at once, missing where there are very many; its degrees of freedom."""
        apart = (self.observed - self.expected)[:-1]
        if self.covariance is None:
            return np.nan, len(apart)
        return float(apart @ np.linalg.pinv(self.covariance[:-1, :-1]) @ apart), len(apart)


def log_rank(days: Floats, closed: NDArray[np.bool_], group: NDArray[np.int64]) -> LogRank:
    """Compare the closings of each group with what they would be if all groups waited alike.

    Sums over all days of a group's share of those waiting are sums over its reports of what has come together by the
    day of each; those of the squared share are taken piece by piece between the days of the group's own reports.
    """
    groups = int(group.max()) + 1
    at, ends = np.unique(days[closed], return_counts=True)
    every: Floats = (len(days) - np.searchsorted(np.sort(days), at, side="left")).astype(np.float64)
    factor = (ends * np.divide(every - ends, every - 1, out=np.zeros(len(at)), where=every > 1)).astype(np.float64)
    until = np.searchsorted(at, days, side="right")
    hazard, once, twice = (
        np.append(0.0, np.cumsum(part)) for part in (ends / every, factor / every, factor / every**2)
    )
    expected, variance = np.zeros(groups), np.zeros(groups)
    for number in range(groups):
        steps = np.sort(until[group == number])
        waiting = np.arange(len(steps), 0, -1.0)
        expected[number] = hazard[steps].sum()
        variance[number] = once[steps].sum() - np.sum(waiting**2 * np.diff(twice[steps], prepend=0.0))
    observed = np.bincount(group[closed], minlength=groups).astype(np.float64)
    # What is left of a difference of equal sums is rounding.
    variance = np.where(variance > ROUNDING * np.maximum(expected, 1.0), variance, 0.0)
    covariance = _covariance(at, days, group, every, factor) if groups <= MANY_GROUPS else None
    return LogRank(observed, expected, variance, covariance)


def _covariance(at: Floats, days: Floats, group: NDArray[np.int64], every: Floats, factor: Floats) -> Floats:
    """Return the covariance of the closings of all groups, some days at a time."""
    groups = int(group.max()) + 1
    own = [np.sort(days[group == number]) for number in range(groups)]
    found = np.zeros((groups, groups))
    for first in range(0, len(at), AT_ONCE):
        now = slice(first, first + AT_ONCE)
        waiting = np.array([len(one) - np.searchsorted(one, at[now], side="left") for one in own])
        share = waiting / every[now]
        found += np.diag(share @ factor[now]) - (share * factor[now]) @ share.T
    return found
