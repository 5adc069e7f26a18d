"""Who is worst served whatever is assumed, and who only under some assumptions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import DuplicateIdError, InputError, PopulationError, a_kind
from spatialjustice._core.numbers.checks import as_floats, kind_of_values, require_one_level

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASSES = ("always", "sometimes", "never")
DIRECTIONS = ("lower is better", "higher is better")

ROUNDING = 1e-12
"""Sums of people that differ by less than this share of everybody are the same."""


def worst_served_stability(
    table: pd.DataFrame,
    *,
    people: pd.Series[Any],
    share: float = 0.1,
    direction: Literal["lower is better", "higher is better"] | None = None,
) -> pd.DataFrame:
    r"""Tell in which share of the settings each origin is among the worst-served tenth of people.

    In each setting (one column: a cutoff, a decay, a method) origins are taken from the worst served on, until they
    hold the share of all people:

    .. math:: W_{is} = 1\Big[ \sum_{k:\, A_{ks} \text{ worse than } A_{is}} P_k < q \sum_k P_k \Big], \qquad
        \bar W_i = \frac{1}{n} \sum_s W_{is}

    **Ties stay together**: origins with the same value are all among the worst served or none is. The group that
    crosses the line is counted in, so that the worst-served "tenth" can hold more than a tenth: where four in ten
    people reach nothing at all, all of them are worst served. ``attrs["people_worst"]`` tells how many it holds.

    Parameters
    ----------
    table
        One result of access per column, one row per origin.
    people
        People of every origin, on the index of the table, 0 or more.
    share
        The share q of people that counts as worst served, above 0 and at most 1.
    direction
        ``lower is better`` for costs, ``higher is better`` for what is reached; None takes
        ``table.attrs["direction"]``.

    Returns
    -------
    pandas.DataFrame
        On the index of the table: ``people``; ``share_of_settings``, from 0 to 1, :math:`\bar W_i`; and ``class``:
        ``always`` (in all settings), ``never`` (in none) or ``sometimes``. NaN in the table (nothing reached) is
        worst: the same as 0 where higher is better, the same as an infinite cost where lower is better. Origins where
        nobody lives have a class too, but count for nobody. ``attrs["people"]`` has the people of each class; they add
        up to everybody. With one setting nobody is ``sometimes``.

    Raises
    ------
    InputError
        When the table has no column, a column is not of numbers, a higher-is-better value is infinite, ids do not
        match, the direction is not known, or the share is not above 0 and at most 1.
    PopulationError
        When people are negative or missing, or there are none.

    References
    ----------
    Pereira (2019), Future accessibility impacts of transport policy scenarios: equity and sensitivity to travel time
    thresholds for bus rapid transit expansion in Rio de Janeiro, Journal of Transport Geography 74: 321-332, on why
    one threshold is not enough.

    Examples
    --------
    A tenth of 100 people: within 10 minutes only c is worst; within 20, c and d reach equally little.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"10": [5, 4, 0, 1], "20": [9, 9, 2, 2]}, index=["a", "b", "c", "d"])
    >>> people = pd.Series([50, 30, 12, 8], index=table.index)
    >>> found = worst_served_stability(table, people=people, direction="higher is better")
    >>> found["class"].to_list()
    ['never', 'never', 'always', 'sometimes']
    >>> found.attrs["people"]
    {'always': 12.0, 'sometimes': 8.0, 'never': 80.0}
    """
    better = table.attrs.get("direction") if direction is None else direction
    if better not in DIRECTIONS:
        raise InputError("direction", f"it is {better!r}", "Say “lower is better” or “higher is better”.")
    if isinstance(share, bool) or not np.isreal(share) or not 0 < float(share) <= 1:
        raise InputError("share", f"it is {share!r}", "Give a share of people above 0 and at most 1.")
    served = _lower_is_worse(table, lower=better == "lower is better")
    counted = _people_in_order(people, table.index)
    worst = np.column_stack([_worst_served(column, counted, float(share)) for column in served.T])
    settings = worst.sum(axis=1)
    code = np.where(settings == worst.shape[1], 0, np.where(settings > 0, 1, 2))
    result = pd.DataFrame(
        {
            "people": counted,
            "share_of_settings": settings / worst.shape[1],
            "class": pd.Categorical(np.array(CLASSES)[code], categories=list(CLASSES)),
        },
        index=table.index,
    )
    result.attrs = {
        "measure": "worst_served_stability",
        "unit": "share",
        "direction": "lower is better",
        "share": float(share),
        "settings": [str(name) for name in table.columns],
        "people": {name: math.fsum(counted[code == place]) for place, name in enumerate(CLASSES)},
        "people_worst": [math.fsum(counted[column]) for column in worst.T],
        "left_out": {},
        "sources": list(table.attrs.get("sources", [])),
        "findings": list(table.attrs.get("findings", [])),
    }
    return result


def _lower_is_worse(table: pd.DataFrame, *, lower: bool) -> NDArray[np.float64]:
    """Return the table as numbers of which a lower one is always worse."""
    if not isinstance(table, pd.DataFrame) or not table.shape[1]:
        raise InputError("table", "it has no column", "Give one column for each setting.")
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()].unique()
        raise DuplicateIdError("table", "ids occur more than once", "Give every origin once.", rows=twice)
    unfit = [str(name) for name in table if kind_of_values(table[name]) is not None]
    if unfit:
        raise InputError("table", f"columns {', '.join(unfit)} are not numbers", "Give only results of access.")
    values = np.column_stack([as_floats(table[name], str(name)) for name in table])
    if lower:
        return np.where(np.isnan(values), -np.inf, -values)
    if np.isinf(values).any():
        raise InputError("table", "it holds infinite values", "Say “lower is better” where the values are costs.")
    # Nothing reached is the same as 0, or worse than all where values are negative.
    return np.where(np.isnan(values), np.fmin.reduce(values, axis=0, initial=0.0), values)


def _people_in_order(people: pd.Series[Any], ids: pd.Index[Any]) -> NDArray[np.float64]:
    """Return people in the order of the table."""
    if not isinstance(people, pd.Series):
        raise InputError("people", f"it is {a_kind(people)}", "Give a Series on the index of the table.")
    require_one_level(people.index, "people")
    if not people.index.is_unique:
        twice = people.index[people.index.duplicated()].unique()
        raise DuplicateIdError("people", "ids occur more than once", "Give every origin once.", rows=twice)
    differ = people.index.symmetric_difference(ids)
    if len(differ):
        raise PopulationError(
            "people",
            f"{len(differ):,} ids are in the table or in the people but not in both",
            "Give the people of every origin of the table, and no others, so that nobody is left out.",
            rows=differ,
        )
    counted = as_floats(people, "people", error=PopulationError)[people.index.get_indexer(ids)]
    wrong = ~(counted >= 0) | np.isinf(counted)
    if wrong.any():
        raise PopulationError(
            "people",
            f"{int(wrong.sum()):,} numbers are negative, missing or infinite",
            "Give 0 where nobody lives.",
            rows=ids[wrong],
        )
    if not counted.sum() > 0:
        raise PopulationError("people", "there are none", "Give the people of at least one origin.")
    return counted


def _worst_served(served: NDArray[np.float64], people: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Return who is worst served in one setting; equal values stay together."""
    values, group = np.unique(served, return_inverse=True)
    of_each = np.bincount(group, weights=people, minlength=values.size)
    worse_off = np.cumsum(of_each) - of_each
    belongs: NDArray[np.bool_] = (worse_off < share * of_each.sum() * (1 - ROUNDING))[group]
    return belongs
