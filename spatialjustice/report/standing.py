"""How an area stands among the people: mean, percentile rank, and which areas are worst served."""
# ruff: noqa: PD011 (`values` is a field of Indicator)

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.maps.placed import has_status, once

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.maps import Indicator

WORST = 10
UNREACHED = ("unreachable", "off_network")
WITHOUT_RANK = ("no_population", "no_supply", "outside_data", "unknown_service")


@dataclass(frozen=True)
class Standing:
    """What an indicator is like for all people together.

    ``mean`` is over people whose value is known; ``centiles`` are the values below which 1 %, 2 %, … 99 % of all ranked
    people lie, infinite where those people have no way at all; ``people`` are those ranked, ``unreached`` those among
    them without a way, ``left_out`` the others.
    """

    mean: float
    centiles: tuple[float, ...]
    people: float
    unreached: float
    left_out: float

    def worst_tenth(self, direction: str) -> float:
        """Return where the worst-off tenth of all people begins: infinite where they have no way at all.

        Everybody counts, those without a way as the worst off: this is the one definition of every sentence, table and
        page.

        Examples
        --------
        >>> standing_of = Standing(2.0, tuple(float(place) for place in range(1, 100)), 4.0, 0.0, 0.0)
        >>> standing_of.worst_tenth("lower is better"), standing_of.worst_tenth("higher is better")
        (90.0, 10.0)
        """
        return self.centiles[89] if direction == "lower is better" else self.centiles[9]


def weights_of(indicator: Indicator, people: pd.Series[Any] | None) -> NDArray[np.float64]:
    """Return the people of each zone of an indicator, 0 where their number is not known; 1 each without people.

    Raises
    ------
    InputError
        When a zone has no number of people.
    """
    series = indicator.values if indicator.values is not None else indicator.labels
    assert series is not None  # noqa: S101 - an indicator has one of the two
    if people is None:
        return np.ones(len(series))
    if people.index is not series.index and not people.index.equals(series.index):
        strange = series.index.difference(people.index)
        if len(strange):
            raise InputError(
                "people", f"{len(strange):,} zones have no number of people", "Give people of every zone.", rows=strange
            )
        people = people.reindex(series.index)
    given = people.to_numpy(dtype=float)
    return np.where(np.isnan(given), 0.0, given)


def _amounts(indicator: Indicator, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values as they are ranked: infinite without a way, missing where nobody lives or nothing is known."""
    if indicator.values is None:
        raise InputError(f"indicator {indicator.key}", "it has no values", "Rank an indicator with numbers.")
    amounts = indicator.values.to_numpy(dtype=float, na_value=np.nan, copy=True)
    if indicator.status is not None:
        if indicator.better == "lower is better":
            amounts[
                has_status(indicator, *UNREACHED) | (np.isnan(amounts) & has_status(indicator, "beyond_cutoff"))
            ] = np.inf
        amounts[has_status(indicator, *WITHOUT_RANK)] = np.nan
    amounts[~(weights > 0)] = np.nan
    return amounts


def standing(indicator: Indicator, *, people: pd.Series[Any] | None = None) -> Standing:
    """Tell what an indicator is like for all people together.

    Parameters
    ----------
    indicator
        Values on zone ids, in any unit.
    people
        People on zone ids; None counts every zone once.

    Returns
    -------
    Standing
        Mean, centiles and how many people they tell of. All people are ranked, left out, or both zero.

    Raises
    ------
    InputError
        When the indicator has no numbers, or a zone has no number of people.

    Examples
    --------
    >>> from spatialjustice.maps import Indicator
    >>> walk = Indicator("walk", "Walk", pd.Series([4.0, 8.0]), unit="minutes")
    >>> standing(walk, people=pd.Series([30.0, 10.0])).mean
    5.0
    """
    return once(indicator, "standing", people, lambda: _standing(indicator, people))


def _standing(indicator: Indicator, people: pd.Series[Any] | None) -> Standing:
    weights = weights_of(indicator, people)
    amounts = _amounts(indicator, weights)
    there = ~np.isnan(amounts)
    ranked, counted = amounts[there], weights[there]
    finite = np.isfinite(ranked)
    mean = float(np.average(ranked[finite], weights=counted[finite])) if finite.any() else float("nan")
    order = np.argsort(ranked, kind="stable")
    rising = np.cumsum(counted[order])
    total = float(rising[-1]) if len(rising) else 0.0
    shares = np.arange(1, 100) / 100 if total else np.empty(0)
    places = np.minimum(np.searchsorted(rising, total * shares * (1 - 1e-12)), len(order) - 1)
    return Standing(
        mean=mean,
        centiles=tuple(ranked[order[places]].tolist()),
        people=total,
        unreached=float(counted[~finite].sum()),
        left_out=float(weights[~there].sum()),
    )


def percentile_rank(found: Standing, value: float, *, direction: str) -> int:
    """Tell of which share of people, in whole percent, somebody with a value is better off (or has more).

    Parameters
    ----------
    found
        What :func:`standing` returned.
    value
        The value; infinite for no way at all.
    direction
        ``lower is better``, ``higher is better`` or ``none``.

    Returns
    -------
    int
        From 0 to 99.

    Examples
    --------
    >>> few = Standing(mean=2.0, centiles=(1.0, 2.0, 3.0), people=4.0, unreached=0.0, left_out=0.0)
    >>> percentile_rank(few, 2.0, direction="lower is better")
    1
    """
    centiles = np.asarray(found.centiles)
    worse = centiles > value if direction == "lower is better" else centiles < value
    return int(worse.sum())


def worst_served(indicator: Indicator, *, people: pd.Series[Any] | None = None, count: int = WORST) -> pd.DataFrame:
    """List the areas whose people are worst served.

    Areas without any way come first, then those with the worst values; of equal ones, those with more people. Areas in
    which nobody lives, and those of which nothing is known, are not in the list. Of an indicator that is neither good
    nor bad the highest come first.

    Parameters
    ----------
    indicator
        Values on zone ids.
    people
        People on zone ids; None counts every zone once.
    count
        How many areas to list.

    Returns
    -------
    DataFrame
        On zone ids: ``place`` (1 is worst), ``value`` (NaN without a way), ``people`` and ``percentile_rank``.

    Raises
    ------
    InputError
        When the indicator has no numbers, or a zone has no number of people.

    Examples
    --------
    >>> from spatialjustice.maps import Indicator
    >>> walk = Indicator("walk", "Walk", pd.Series([4.0, 8.0, 8.0], index=["a", "b", "c"]), unit="minutes")
    >>> list(worst_served(walk, people=pd.Series([30.0, 10.0, 20.0], index=["a", "b", "c"])).index)
    ['c', 'b', 'a']
    """
    weights = weights_of(indicator, people)
    amounts = _amounts(indicator, weights)
    there = np.flatnonzero(~np.isnan(amounts))
    bad = -amounts[there] if indicator.better == "higher is better" else amounts[there]
    # Of equal ones those with more people, then those that come first.
    worst = there[np.lexsort((there, -weights[there], -bad))[:count]]
    found = standing(indicator, people=people)
    values = amounts[worst]
    return pd.DataFrame(
        {
            "place": range(1, len(worst) + 1),
            "value": np.where(np.isfinite(values), values, np.nan),
            "people": weights[worst],
            "percentile_rank": [percentile_rank(found, value, direction=indicator.better) for value in values],
        },
        index=indicator.values.index[worst],  # type: ignore[union-attr]
    )
