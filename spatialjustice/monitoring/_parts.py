"""A change taken apart: values, people and zones swapped one at a time, each given its Shapley share."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spatialjustice.monitoring._snapshot import FEWEST, Snapshot, draws_of_errors, draws_of_zones, summarised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from spatialjustice._core.numbers.checks import Floats

BY_ZONES, BY_RANGES, NO_INTERVAL = "zones drawn again", "ranges of the values", "none"


class Parts(NamedTuple):
    """What a change is made of; with draws of it.

    Parameters
    ----------
    before, after
        The statistic on the two dates, of all zones that were measured on each.
    by_values
        What the change would have been with the same people in the same zones.
    by_people
        What moved because other people are counted.
    by_zones
        What moved because zones came, went, or have another outline.
    draws
        Columns: the whole change, and the part of the values.
    interval
        How the draws were made.
    common
        Zones that are compared.
    """

    before: float
    after: float
    by_values: float
    by_people: float
    by_zones: float
    draws: Floats
    interval: str
    common: pd.Index[Any]


def comparable(before: Snapshot, after: Snapshot) -> pd.Index[Any]:
    """Return the zones that were measured on both dates and have the same outline on both, as far as that is known."""
    both = before.rows.index.intersection(after.rows.index)
    one, other = before.rows.loc[both, "outline"], after.rows.loc[both, "outline"]
    same = (one == other) | (one == "") | (other == "")
    shared: pd.Index[Any] = both[same.to_numpy()].sort_values()
    return shared


def parts(before: Snapshot, after: Snapshot, statistic: str, *, replications: int, seed: int) -> Parts:
    """Take the change of a statistic between two dates apart."""
    ids = before.rows.index.union(after.rows.index).sort_values()
    common = comparable(before, after)
    inside = np.asarray(ids.isin(common))
    ranged = bool(len(common)) and all(
        bool(one.rows["error"].notna().all()) and bool((one.rows["error"] > 0).any()) for one in (before, after)
    )
    # A value that is not there has no weight: 0 stands for any number.
    one = before.rows.reindex(ids).fillna({"value": 0.0, "people": 0.0, "error": 0.0})
    other = after.rows.reindex(ids).fillna({"value": 0.0, "people": 0.0, "error": 0.0})
    arrays = [frame[name].to_numpy(dtype=np.float64) for name in ("value", "people") for frame in (one, other)]

    def taken_apart(errors: Floats | float, times: Floats | float) -> Floats:
        shaken = np.atleast_2d(errors)
        half = shaken.shape[1] // 2
        values = (arrays[0] + shaken[:, :half], arrays[1] + shaken[:, half:]) if half else (arrays[0], arrays[1])
        weights = (arrays[2] * times, arrays[3] * times)
        return _shares(values, weights, inside, statistic, after.direction)

    found = taken_apart(0.0, 1.0)[0]
    drawn: list[Floats] = [found[None, [2, 3]]]
    interval = NO_INTERVAL
    if replications and (ranged or len(common) >= FEWEST):
        interval = BY_RANGES if ranged else BY_ZONES
        errors = np.concatenate([one["error"].to_numpy(), other["error"].to_numpy()])
        made = (
            (taken_apart(shift, 1.0) for shift in draws_of_errors(errors, replications, seed))
            if ranged
            else (taken_apart(0.0, times) for times in draws_of_zones(len(ids), replications, seed))
        )
        drawn += [block[:, [2, 3]] for block in made]
    return Parts(
        before=float(found[0]),
        after=float(found[1]),
        by_values=float(found[3]),
        by_people=float(found[4]),
        by_zones=float(found[5]),
        draws=np.concatenate(drawn)[1:],
        interval=interval,
        common=common,
    )


def _shares(
    values: tuple[Floats, Floats], weights: tuple[Floats, Floats], inside: Any, statistic: str, direction: str
) -> Floats:
    """Return before, after, the change, and its parts: values, people and zones (a column each)."""

    def of(which: int, counted: int, where: Floats) -> Floats:
        return summarised(values[which], weights[counted] * where, statistic, direction)

    everywhere, shared = np.ones(len(inside)), inside.astype(np.float64)
    old, new, new_values, new_people = of(0, 0, shared), of(1, 1, shared), of(1, 0, shared), of(0, 1, shared)
    before, after = (old, new) if inside.all() else (of(0, 0, everywhere), of(1, 1, everywhere))
    by_values = ((new_values - old) + (new - new_people)) / 2
    by_people = ((new_people - old) + (new - new_values)) / 2
    by_zones = (after - before) - (new - old)
    return np.column_stack([before, after, after - before, by_values, by_people, by_zones])


def level_draws(one: Snapshot, statistic: str, *, replications: int, seed: int) -> tuple[float, Floats, str]:
    """Return a statistic on one date, draws of it, and how they were made."""
    values, people = one.rows["value"].to_numpy()[None, :], one.rows["people"].to_numpy()[None, :]
    errors = one.rows["error"]
    found = float(summarised(values, people, statistic, one.direction)[0])
    if replications and errors.notna().all() and (errors > 0).any():
        made = [
            summarised(values + shift, people, statistic, one.direction)
            for shift in draws_of_errors(errors.to_numpy(), replications, seed)
        ]
        return found, np.concatenate(made), BY_RANGES
    if replications and len(one.rows) >= FEWEST:
        made = [
            summarised(values, people * times, statistic, one.direction)
            for times in draws_of_zones(len(one.rows), replications, seed)
        ]
        return found, np.concatenate(made), BY_ZONES
    return found, np.empty(0), NO_INTERVAL


def shapley(
    names: Sequence[str], value: Callable[[frozenset[str]], Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """Return the Shapley share of each name in a change, for every quantity that ``value`` gives.

    ``value`` is asked once for each set of names that are as they are after the change.

    Examples
    --------
    >>> shapley(["a", "b"], lambda new: {"x": 2.0 * ("a" in new) + 4.0 * ("a" in new) * ("b" in new)})
    {'a': {'x': 4.0}, 'b': {'x': 2.0}}
    """
    count = len(names)
    known = {
        frozenset(chosen): value(frozenset(chosen)) for size in range(count + 1) for chosen in combinations(names, size)
    }
    shares: dict[str, dict[str, float]] = {}
    for name in names:
        total: dict[str, float] = dict.fromkeys(known[frozenset()], 0.0)
        for chosen, then in known.items():
            if name in chosen:
                continue
            weight = factorial(len(chosen)) * factorial(count - len(chosen) - 1) / factorial(count)
            with_it = known[chosen | {name}]
            for quantity in total:
                total[quantity] += weight * (with_it[quantity] - then[quantity])
        shares[name] = total
    return shares
