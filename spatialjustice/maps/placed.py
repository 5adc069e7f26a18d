"""What is worked out of an indicator that lies on the zones of a page: once, and not for each output anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from weakref import WeakValueDictionary

import numpy as np
import pandas as pd

from spatialjustice._core.machine.recalled import content_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

STATUSES = (
    "ok", "beyond_cutoff", "unreachable", "off_network", "outside_data", "no_population", "no_supply",
    "not_significant", "suppressed", "unknown_service",
)  # fmt: skip
Made = TypeVar("Made")


class OfZones(Protocol):
    """What an indicator tells of each zone: numbers or labels, and why they are as they are."""

    @property
    def values(self) -> pd.Series[Any] | None:
        """Numbers."""

    @property
    def labels(self) -> pd.Series[Any] | None:
        """Labels."""

    @property
    def status(self) -> pd.Series[Any] | None:
        """Statuses."""


Placed = TypeVar("Placed", bound=OfZones)


@dataclass(eq=False)
class _Known:
    """What was worked out of an indicator on zones: without people, and for the people asked for last."""

    on: pd.Index[Any]
    of_zones: dict[str, Any] = field(default_factory=dict)
    people: NDArray[np.float64] | None = None
    of_people: dict[str, Any] = field(default_factory=dict)


def remembering(indicator: Placed, index: pd.Index[Any]) -> Placed:
    """Let an indicator that was made on the index of zones remember what is worked out of it; return it."""
    object.__setattr__(indicator, "_known", _Known(index))
    return indicator


def placed_on(indicator: OfZones, index: pd.Index[Any]) -> bool:
    """Tell whether an indicator was made on this index of zones."""
    known: _Known | None = indicator.__dict__.get("_known")
    return known is not None and (index is known.on or index.equals(known.on))


def once(indicator: OfZones, name: str, people: pd.Series[Any] | None, work: Callable[[], Made]) -> Made:
    """Return what is worked out of an indicator and of people, once for the same people where it is placed.

    Only one that is placed keeps anything: nobody else holds its values, so that they cannot change.
    """
    known: _Known | None = indicator.__dict__.get("_known")
    if known is None or not (people is None or placed_on(indicator, people.index)):
        return work()
    made = known.of_zones
    if people is not None:
        weights = people.to_numpy(dtype=float)
        if known.people is None or not np.array_equal(known.people, weights, equal_nan=True):
            known.people, known.of_people = _one_copy(weights), {}
        made = known.of_people
    if name not in made:
        made[name] = work()
    found: Made = made[name]
    return found


_copies: WeakValueDictionary[bytes, Any] = WeakValueDictionary()


def _one_copy(people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a copy of the people: one for all the indicators that are asked about them."""
    key = content_of(people)
    copy: NDArray[np.float64] | None = _copies.get(key)
    if copy is None:
        copy = _copies[key] = people.copy()
    return copy


def different(texts: pd.Series[Any]) -> set[str]:
    """Return the texts that occur.

    Examples
    --------
    >>> sorted(different(pd.Series(["ok", None, "unreachable", "ok"])))
    ['ok', 'unreachable']
    """
    if isinstance(texts.dtype, pd.CategoricalDtype):
        codes = texts.cat.codes.to_numpy()
        return set(texts.cat.categories[np.unique(codes[codes >= 0])])
    return {text for text in texts.unique() if not pd.isna(text)}


def has_status(indicator: OfZones, *statuses: str) -> NDArray[np.bool_]:
    """Tell which zones have one of these statuses, in the order of the values; none where no status is known.

    Examples
    --------
    >>> from spatialjustice.maps import Indicator
    >>> status = pd.Series(["ok", "unreachable"])
    >>> walk = Indicator("walk", "Walk", pd.Series([5.0, None]), unit="minutes", status=status)
    >>> has_status(walk, "unreachable", "off_network").tolist()
    [False, True]
    """
    numbers = once(indicator, "status", None, lambda: _numbers_of_status(indicator))
    return np.isin(numbers, [STATUSES.index(one) for one in statuses])


def _numbers_of_status(indicator: OfZones) -> NDArray[np.int8]:
    series = indicator.values if indicator.values is not None else indicator.labels  # noqa: PD011 - a field
    assert series is not None  # noqa: S101 - an indicator has one of the two
    if indicator.status is None:
        return np.full(len(series), -1, dtype=np.int8)
    same = indicator.status.index is series.index
    status = indicator.status if same else indicator.status.reindex(series.index)
    return np.asarray(pd.Categorical(status, categories=STATUSES).codes, dtype=np.int8)
