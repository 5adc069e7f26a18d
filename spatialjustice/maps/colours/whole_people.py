"""Whole numbers of people that agree: rows of a legend, their total, and the sums that sentences and tables tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

UNREACHED = frozenset({"unreachable", "off_network"})
BEYOND = frozenset({"beyond_cutoff", *UNREACHED})


def apportion(parts: Sequence[float], total: int | None = None) -> list[int]:
    """Round numbers so that their sum is the rounded sum, or a given one (largest remainder).

    Examples
    --------
    >>> apportion([1.4, 1.4, 1.2])
    [2, 1, 1]
    >>> apportion([1.4, 1.4, 1.2], 3)
    [1, 1, 1]
    """
    whole = [int(np.floor(part)) for part in parts]
    missing = (int(np.floor(sum(parts) + 0.5)) if total is None else total) - sum(whole)
    order = sorted(range(len(parts)), key=lambda place: (whole[place] - parts[place], place))
    for place in order[: max(missing, 0)]:
        whole[place] += 1
    for place in [one for one in reversed(order) if whole[one] > 0][: max(-missing, 0)]:
        whole[place] -= 1
    return whole


def whole_people(keys: Sequence[str], people: Sequence[float | None]) -> list[int | None]:
    """Return the people of each row of a legend as whole numbers; None where their number is not known.

    All rows add up to the rounded total, those beyond a limit to the rounded number of people beyond it, and those
    without any way to theirs: the numbers that sentences and tables tell.

    Parameters
    ----------
    keys
        The key of each row: a class, or the reason for having none.
    people
        The people of each row.

    Examples
    --------
    >>> whole_people(["class_0", "beyond_cutoff", "unreachable", "no_data"], [10.2, 119_317.6, 344.6, None])
    [10, 119317, 345, None]
    """
    parts = [0.0 if one is None else one for one in people]
    inside: list[list[int]] = [[], [], []]
    for place, key in enumerate(keys):
        inside[2 if key in UNREACHED else 1 if key in BEYOND else 0].append(place)
    within, beyond, unreached = inside
    totals = [
        round(sum(parts[place] for place in chosen)) for chosen in (range(len(parts)), [*beyond, *unreached], unreached)
    ]
    found = [0] * len(parts)
    for chosen, total in (
        (within, totals[0] - totals[1]),
        (beyond, totals[1] - totals[2]),
        (unreached, totals[2]),
    ):
        for place, count in zip(chosen, apportion([parts[place] for place in chosen], total), strict=True):
            found[place] = count
    return [None if one is None else count for one, count in zip(people, found, strict=True)]
