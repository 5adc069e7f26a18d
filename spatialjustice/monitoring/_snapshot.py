"""An indicator on a date, zone by zone; and what became of it in draws of zones or of measurement errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.monitoring._rows import MEASURED, dates_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice._core.numbers.checks import Floats

STATISTICS = ("mean", "worst_tenth", "gap")
"""The people's mean; the value that the worst-off tenth of them has at best; how far apart the two are."""
TENTH = 0.1
ROUNDING = 1e-12
OF_RANGE = 2 * 1.959963984540054
"""A 95 % range is so many standard errors wide."""
FEWEST = 4
"""Zones from which an interval is given at all, as everywhere in this package."""
AT_ONCE = 2_000_000


class Snapshot(NamedTuple):
    """An indicator on one date.

    Parameters
    ----------
    rows
        Measured zones with known people, by their id: ``value``, ``people`` (1 where nobody's people are known),
        ``error`` (standard error; missing where there is no range), ``outline``.
    missing
        Zones without a value, or without known people where those of others are known.
    people_left_out
        The people known to live in them.
    counted
        Whether people are known, so that they are the weights.
    unit, direction
        Of the indicator on this date.
    """

    rows: pd.DataFrame
    missing: int
    people_left_out: float
    counted: bool
    unit: str
    direction: str


class Snapshots:
    """Every indicator of a history on every date, each made once, when it is first asked for.

    Parameters
    ----------
    history
        What ``history`` reads.
    """

    def __init__(self, history: pd.DataFrame) -> None:
        self.dates = dates_of(history)
        self.known = {str(about["date"]): about for about in self.dates}
        self.bridges = {str(about["date"]): about for about in history.attrs.get("bridges", [])}
        self.findings = list(history.attrs.get("findings", []))
        self.indicators: list[str] = sorted(history["indicator"].unique())
        self._rows = history.copy(deep=False)
        self._rows.attrs = {}  # pandas would copy them at every step
        keys = ["date", "indicator", "bridge"]
        self._places = self._rows.groupby(keys, sort=False).indices if len(history) else {}
        self._made: dict[tuple[str, str, bool], Snapshot] = {}

    def at(self, date: str, indicator: str, *, bridge: bool = False) -> Snapshot:
        """Return an indicator on a date; without rows where it was not measured."""
        key = (date, indicator, bridge)
        if key not in self._made:
            places: Any = self._places.get(key, [])
            self._made[key] = _snapshot(self._rows.iloc[places].set_index("zone"))
        return self._made[key]

    def measured_before(self, date: str, indicator: str) -> str:
        """Return the last date before one on which an indicator was measured; empty where there is none."""
        earlier = [one for one in self.known if one < date]
        return next((one for one in sorted(earlier, reverse=True) if len(self.at(one, indicator).rows)), "")


def _snapshot(every: pd.DataFrame) -> Snapshot:
    counted = bool(every["people"].notna().any())
    people = every["people"] if counted else pd.Series(1.0, index=every.index)
    known = (every["status"] == MEASURED) & people.notna()
    rows = pd.DataFrame(
        {
            "value": every["value"].astype(float),
            "people": people.astype(float),
            "error": (every["high"].astype(float) - every["low"].astype(float)) / OF_RANGE,
            "outline": every["outline"],
        }
    )[known]
    rows = rows[rows["people"] > 0].sort_index(kind="stable")
    lost = float(people[~known].sum()) if counted else np.nan
    first = every.iloc[0] if len(every) else {"unit": "", "direction": "none"}
    return Snapshot(rows, int((~known).sum()), lost, counted, str(first["unit"]), str(first["direction"]))


def checked_statistic(statistic: Any) -> str:
    """Return the name of a statistic.

    Raises
    ------
    InputError
        When it is none.
    """
    if statistic not in STATISTICS:
        raise InputError("statistic", f"it is {statistic!r}", f"Choose of: {', '.join(STATISTICS)}.")
    return str(statistic)


def summarised(values: Floats, weights: Floats, statistic: str, direction: str) -> Floats:
    """Return the statistic of each row of draws; values and weights are (draws, zones) or broadcast to that.

    Examples
    --------
    >>> one = np.array([[1.0, 2.0, 10.0]])
    >>> people = np.array([[5.0, 4.0, 1.0]])
    >>> [summarised(one, people, name, "lower is better").tolist() for name in ("mean", "worst_tenth", "gap")]
    [[2.3], [10.0], [7.7]]
    >>> summarised(one, people, "worst_tenth", "higher is better").tolist()
    [1.0]
    """
    values, weights = np.atleast_2d(values), np.atleast_2d(weights)
    total = weights.sum(axis=1)
    with np.errstate(all="ignore"):
        # Zones drawn again have the same values: one product for all draws.
        sums = weights @ values[0] if len(values) == 1 else (values * weights).sum(axis=1)
        mean = sums / total
    if statistic == "mean":
        return np.asarray(mean, dtype=np.float64)
    if direction not in {"higher is better", "lower is better"}:
        return np.full(max(len(values), len(weights)), np.nan)
    worst = _worst_tenth(values, weights, lower_is_better=direction == "lower is better")
    return worst if statistic == "worst_tenth" else np.asarray(np.round(np.abs(mean - worst), 12), dtype=np.float64)


def _worst_tenth(values: Floats, weights: Floats, *, lower_is_better: bool) -> Floats:
    """Return the value next to which all others of the worst-off tenth are worse: the best that one of them has.

    From the worst value on, people are added up until they are a tenth of all.
    """
    order = np.argsort(-values if lower_is_better else values, axis=1, kind="stable")
    if len(values) == 1:
        order, values = order[0], values[0]
        upto = np.cumsum(weights[:, order], axis=1)
        found = values[order][_first_tenth(upto)]
    else:
        if len(weights) == 1:
            weights = np.broadcast_to(weights, values.shape)
        upto = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
        which = np.take_along_axis(order, _first_tenth(upto)[:, None], axis=1)
        found = np.take_along_axis(values, which, axis=1)[:, 0]
    return np.where(upto[:, -1] > 0, found, np.nan)


def _first_tenth(upto: Floats) -> Any:
    """Return where a tenth of all is reached; rounding must not pass over a sum that is one."""
    return np.argmax(upto >= (TENTH - ROUNDING) * upto[:, -1:], axis=1)


def draws_of_zones(count: int, replications: int, seed: int) -> Iterator[Floats]:
    """Yield how often each zone is drawn, some draws at a time: (draws, zones)."""
    generator = np.random.default_rng(seed)
    step = max(1, AT_ONCE // max(count, 1))
    for start in range(0, replications, step):
        size = min(step, replications - start)
        drawn = generator.integers(count, size=(size, count)) + count * np.arange(size)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * count).reshape(size, count).astype(np.float64)


def draws_of_errors(errors: Floats, replications: int, seed: int) -> Iterator[Floats]:
    """Yield errors of measurement, independent of each other, some draws at a time: (draws, zones)."""
    generator = np.random.default_rng(seed)
    step = max(1, AT_ONCE // max(len(errors), 1))
    for start in range(0, replications, step):
        size = min(step, replications - start)
        yield generator.standard_normal((size, len(errors))) * errors
