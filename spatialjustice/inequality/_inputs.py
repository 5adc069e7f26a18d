"""Checks that every measure of this room applies to values, weights and random numbers."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.frames import differ_by_zeros, require_ids
from spatialjustice._core.numbers.checks import as_floats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Floats: TypeAlias = NDArray[np.float64]
Counted = TypeVar("Counted")
Found = TypeVar("Found")
Values: TypeAlias = "pd.Series[Any] | NDArray[Any] | Sequence[float]"

LARGEST_SEED = 2**32

_checked_before: ContextVar[dict[tuple[str, int, int], Any] | None] = ContextVar("checked_before", default=None)
"""While several measures are taken of the same rows, what they have asked of these; None at all other times."""


class Weighted(NamedTuple):
    """Checked numbers of the same length: amounts, the weight of each, and the ids (or positions) to name rows by."""

    amounts: Floats
    weights: Floats
    ids: pd.Index[Any]


def flat_numbers(values: Values, name: str) -> Floats:
    """Return a flat copy of the numbers as floats; a missing number becomes NaN.

    Raises
    ------
    InputError
        When there are none, they are of a type that is no number, or they have more than one dimension.
    """
    found = as_floats(values, name)
    if not len(found):
        raise InputError(name, "there are no rows", "Give at least one value.")
    return found


def refuse_rows(rows: NDArray[np.bool_], ids: pd.Index[Any], name: str, found: str, advice: str) -> None:
    """Raise where any row is at fault, naming the rows; ``found`` follows their number.

    Raises
    ------
    InputError
        When a row is True.
    """
    if rows.any():
        # Ids that are texts are handed over at once: asked for one by one, a hundred thousand take a tenth of a second.
        raise InputError(name, f"{int(rows.sum()):,} {found}", advice, rows=ids[rows].to_numpy(dtype=object))


def ids_of(values: Values, name: str) -> pd.Index[Any]:
    """Return the ids of a Series, which must be unique, or the positions of anything else."""
    if isinstance(values, pd.Series):
        require_ids(values, name)
        return values.index
    if not hasattr(values, "__len__"):
        found = "there are none" if values is None else f"it is {a_kind(values)}"
        raise InputError(name, found, "Give a Series, or numbers one after the other.")
    return pd.RangeIndex(len(values))


def aligned_by_id(other: Values, other_name: str, values: Values, name: str) -> Floats:
    """Return the numbers of ``other`` in the order of ``values``: by id where both are Series, else by position.

    Raises
    ------
    InputError
        When the ids, or the numbers of rows, are not the same.
    """
    found = flat_numbers(other, other_name)
    if isinstance(other, pd.Series) and isinstance(values, pd.Series):
        require_ids(other, other_name)
        if other.index.is_(values.index):
            return found
        strangers = other.index.symmetric_difference(values.index, sort=False)
        if len(strangers):
            raise InputError(
                other_name,
                f"{len(strangers):,} ids are not in both {name} and {other_name}",
                "Both are matched by id. Give them the same index, for example with .reindex(), and decide there what "
                f"missing rows mean.{differ_by_zeros(other.index, values.index)}",
                rows=strangers,
            )
        return found[other.index.get_indexer(values.index)]
    if len(found) != len(values):
        raise InputError(
            other_name,
            f"there are {len(found):,} rows, but {len(values):,} in {name}",
            "Give one for each value, in the same order, or two Series that are matched by id.",
        )
    return found


@contextmanager
def checked_before() -> Iterator[None]:
    """Take values and weights as they are: draws of rows that were checked as a whole need no second look each.

    Measures of one draw share what they work out of its rows (:func:`once_a_draw`), so that its arrays must stay
    as they are.
    """
    token = _checked_before.set({})
    try:
        yield
    finally:
        _checked_before.reset(token)


def rising(amounts: Floats, weights: Floats) -> NDArray[np.intp] | slice:
    """Order by amount, and rows of equal amount by weight, so that the order of the input cannot change the last bits.

    It is the order of ``np.lexsort([weights, amounts])``, of which only ties need the slow way; rows that stand in it
    already are taken as they are.

    Examples
    --------
    >>> rising(np.array([2.0, 1.0, 2.0]), np.array([5.0, 5.0, 4.0]))
    array([1, 2, 0])
    """
    return once_a_draw("rising", amounts, weights, lambda: _rising(amounts, weights))


def once_a_draw(what: str, amounts: Floats, weights: Floats, work: Callable[[], Found]) -> Found:
    """Return what is worked out of rows: once for all measures of one draw, and anew at all other times."""
    known = _checked_before.get()
    if known is None:
        return work()
    key = (what, id(amounts), id(weights))
    if key not in known:
        # The arrays are held, too, so that no others can have their numbers meanwhile.
        known[key] = work(), amounts, weights
    found: Found = known[key][0]
    return found


def _rising(amounts: Floats, weights: Floats) -> NDArray[np.intp] | slice:
    if len(amounts) < 2 or (amounts[1:] > amounts[:-1]).all():
        return slice(None)
    if (amounts[1:] >= amounts[:-1]).all():
        order, ordered = np.arange(len(amounts)), amounts
    else:
        order = np.argsort(amounts)
        ordered = amounts[order]
    tied = ordered[1:] == ordered[:-1]
    if tied.any():
        among = np.zeros(len(amounts), dtype=bool)
        among[1:] |= tied
        among[:-1] |= tied
        places = np.flatnonzero(among)
        rows = order[places]
        order[places] = rows[_by_group(weights[rows], np.cumsum(np.r_[True, ~tied])[places])]
    return order


def _by_group(weights: Floats, groups: NDArray[np.int64]) -> NDArray[np.intp]:
    """Order by the rising number of a group, and by weight inside it."""
    if groups[-1] - groups[0] > np.iinfo(np.uint16).max:
        return np.lexsort([weights, groups])
    order = np.argsort(weights)
    # Numbers of 16 bits are put into order by their digits, much faster than any comparison of them.
    return order[np.argsort((groups - groups[0]).astype(np.uint16)[order], kind="stable")]


@lru_cache(maxsize=16)
def _positions(count: int) -> pd.RangeIndex:
    """Return the ids of rows that have none; draw after draw asks for the same few."""
    return pd.RangeIndex(count)


def with_weights(
    values: Values, weights: Values | None, *, name: str = "values", may_be_negative: bool = False
) -> Weighted:
    """Check values and weights and bring them into one order; no weights mean that every row counts once.

    Raises
    ------
    InputError
        When a value with a weight is missing, infinite or (unless allowed) negative; when a weight is missing, infinite
        or negative, or when all weights are 0.
    """
    if _checked_before.get() is not None and isinstance(values, np.ndarray) and isinstance(weights, np.ndarray):
        return Weighted(values, weights, _positions(len(values)))
    ids = ids_of(values, name)
    checked = flat_numbers(values, name)
    if weights is None and _all_usable(checked, may_be_negative):
        return Weighted(checked, np.ones(len(checked)), ids)
    counts = np.ones(len(checked)) if weights is None else _checked_weights(weights, values, name, ids)
    # Where nobody lives there is nothing to know: such a row takes a value of another one, which changes nothing.
    lived_in = counts > 0
    checked[~lived_in & ~_usable(checked, may_be_negative)] = _first_or_zero(
        checked[lived_in & _usable(checked, may_be_negative)]
    )
    refuse_rows(
        np.isnan(checked),
        ids,
        name,
        "values are missing",
        "Decide what they mean before measuring: leave these rows out, for example with .dropna(), or fill them "
        "(people who reach nothing have an access of 0).",
    )
    refuse_rows(np.isinf(checked), ids, name, "values are infinite", "Replace them by a value or leave these rows out.")
    if not may_be_negative:
        refuse_rows(
            checked < 0,
            ids,
            name,
            "values are negative",
            "The measure has no meaning for them. A code for “no data” such as -666666666 must be made missing first.",
        )
    return Weighted(checked, counts, ids)


def _usable(amounts: Floats, may_be_negative: bool) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(amounts) & (may_be_negative | (np.nan_to_num(amounts) >= 0)))


def _all_usable(amounts: Floats, may_be_negative: bool) -> bool:
    """Return whether no row can be at fault; two looks at the ends tell it of most data."""
    least, most = amounts.min(), amounts.max()
    return bool(np.isfinite(least) and np.isfinite(most) and (may_be_negative or least >= 0))


def _first_or_zero(amounts: Floats) -> float:
    return float(amounts[0]) if len(amounts) else 0.0


def _checked_weights(weights: Values, values: Values, name: str, ids: pd.Index[Any]) -> Floats:
    counts = aligned_by_id(weights, "weights", values, name)
    advice = "A weight is a number of people or households: 0 or more, known for every row."
    refuse_rows(~np.isfinite(counts), ids, "weights", "numbers are missing or infinite", advice)
    refuse_rows(counts < 0, ids, "weights", "numbers are negative", advice)
    if not counts.any():
        raise InputError("weights", "all are 0", "Nobody would be counted. Check the column of people.")
    return counts


def people_or_weights(people: Counted, weights: Counted) -> Counted:
    """Return what each row counts: its people, or the weight given in their place; None where neither is given.

    Raises
    ------
    InputError
        When both are given.
    """
    if people is not None and weights is not None:
        raise InputError("people", "weights are given, too", "Both say what each row counts: give one of them.")
    return weights if people is None else people


def seed_of(rng: int | np.random.Generator | None) -> int:
    """Return the one number that all random draws of a call follow from, so that it can be recorded and used again.

    A whole number is its own seed; a generator gives its next number; None draws one.

    Raises
    ------
    InputError
        When ``rng`` is something else or negative.
    """
    if rng is None:
        return int(np.random.default_rng().integers(LARGEST_SEED))
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(LARGEST_SEED))
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0:
        return int(rng)
    raise InputError("rng", f"it is {rng!r}", "Give a whole number from 0 upwards, a numpy Generator, or None.")


def checked_share(value: float, name: str) -> float:
    """Check that a setting is a number from 0 to 1.

    Raises
    ------
    InputError
        When it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
        raise InputError(name, f"it is {value!r}", "Give a number from 0 to 1.")
    return float(value)


def checked_whole_number(value: int, name: str, *, least: int) -> int:
    """Check that a setting is a whole number of at least ``least``.

    Raises
    ------
    InputError
        When it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InputError(name, f"it is {value!r}", f"Give a whole number of at least {least:,}.")
    return int(value)


def checked_choice(value: str, choices: Sequence[str], name: str) -> str:
    """Check that a setting is one of the words it may be.

    Raises
    ------
    InputError
        When it is not.
    """
    if value not in choices:
        raise InputError(name, f"it is {value!r}", f"Choose one of: {', '.join(choices)}.")
    return value
