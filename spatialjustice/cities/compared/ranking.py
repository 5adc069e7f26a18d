"""The place of each city among all, as far as it can be known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import (
    aligned_by_id,
    checked_choice,
    checked_whole_number,
    refuse_rows,
    seed_of,
)
from spatialjustice.inequality.distribution.intervals import FEW, confidence

if TYPE_CHECKING:
    from spatialjustice.inequality._inputs import Floats

ADJUST = ("each city", "all cities")
DIRECTIONS = ("lower is better", "higher is better")
MOST = 1_000
WIDE = 0.25


def ranks(  # noqa: PLR0913 - what each estimate rests on, and for whom the ranges hold
    estimates: pd.Series[Any],
    *,
    standard_error: pd.Series[Any],
    cells: pd.Series[Any] | None = None,
    direction: Literal["lower is better", "higher is better"] = "lower is better",
    adjust: Literal["each city", "all cities"] = "each city",
    few: int = FEW,
    replications: int = 999,
    level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Rank cities from the worst on, and tell between which places each could stand.

    The range of a rank comes from comparing the city with every other one: cities that are surely worse stand before
    it, those that are surely better behind it, and with all others it may change places (Mogstad, Romano, Shaikh and
    Wilhelm). How large a difference must be to be sure is found by drawing errors, so that the whole range holds at the
    stated confidence. The usual way, to draw values around the estimates and rank each draw, does not keep that
    promise: estimates are spread wider than the truth already, and drawn anew they are spread wider still.

    Cities that rest on fewer than ``few`` cells get no rank; they take part in nobody's range.

    In signs: :math:`1 + \#\{d : \text{surely worse than } c\} \le r_c \le n - \#\{d : \text{surely better than } c\}`.

    Parameters
    ----------
    estimates
        The estimate of each city, on its id; missing where there is none.
    standard_error
        Its standard error, above 0; estimates are taken as independent of each other.
    cells
        How many cells (or blocks) each rests on; None takes all as resting on enough.
    direction
        Which values are better.
    adjust
        ``"each city"``: of 100 ranges made for a city that was chosen before, 95 hold its true rank. ``"all cities"``:
        in 95 of 100 tables the ranges of all cities hold, which makes them wider; take it to read down a table.
    few
        Cities with fewer cells get no rank.
    replications
        Draws of errors, at least 99.
    level
        Confidence of the ranges.
    rng
        Seed, or a generator to draw one from; None draws one, which ``attrs["seed"]`` tells.

    Returns
    -------
    DataFrame
        On the index of the estimates, in their order: ``rank`` (1 for the worst; equal ones share the mean), ``low``
        and ``high``, the ends of its range, ``ranked``, and ``note``. Without a rank where there is no estimate, no
        standard error, or too few cells.

    Raises
    ------
    InputError
        When ids differ, an error is 0 or below, fewer than two cities can be ranked, or more than 1,000.

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M., & Wilhelm, D. (2024). Inference for ranks with applications to mobility
    across neighbourhoods and academic achievement across countries. The Review of Economic Studies, 91(1), 476-518.

    Examples
    --------
    >>> metres = pd.Series({"a": 900.0, "b": 600.0, "c": 610.0, "d": 100.0})
    >>> found = ranks(metres, standard_error=pd.Series(20.0, index=metres.index), rng=1)
    >>> found[["rank", "low", "high"]].astype(int).values.tolist()
    [[1, 1, 1], [3, 2, 3], [2, 2, 3], [4, 4, 4]]
    """
    checked_choice(direction, DIRECTIONS, "direction")
    checked_choice(adjust, ADJUST, "adjust")
    asked, seed = confidence(level), seed_of(rng)
    draws = checked_whole_number(replications, "replications", least=99)
    if not isinstance(estimates, pd.Series):
        raise InputError("estimates", f"it is {a_kind(estimates)}", "Give a Series on the ids of the cities.")
    require_ids(estimates, "estimates")
    amounts = as_floats(estimates, "estimates")
    sizes = aligned_by_id(standard_error, "standard_error", estimates, "estimates")
    wrong = np.isfinite(amounts) & (np.nan_to_num(sizes, nan=1.0) <= 0)
    refuse_rows(wrong, estimates.index, "standard_error", "standard errors are 0 or below", "Leave them missing.")
    known = np.isfinite(amounts) & np.isfinite(sizes)
    rests = np.full(len(amounts), np.inf) if cells is None else aligned_by_id(cells, "cells", estimates, "estimates")
    takes = known & (rests >= checked_whole_number(few, "few", least=2))
    if not 2 <= takes.sum() <= MOST:
        advice = f"From 2 to {MOST:,} can be: their pairs are all compared."
        raise InputError("estimates", f"{int(takes.sum()):,} cities can be ranked", advice)
    worse = amounts[takes] if direction == "lower is better" else -amounts[takes]
    # Drawn in the order of ids, so that the order of the rows changes nothing.
    order = np.argsort(estimates.index[takes].astype(str), kind="stable")
    low, high = np.empty(len(order)), np.empty(len(order))
    noise = np.random.default_rng(seed).standard_normal((draws, len(order)))
    low[order], high[order] = _places(worse[order], sizes[takes][order], noise, asked, adjust)
    table = pd.DataFrame(dict.fromkeys(("rank", "low", "high"), np.nan), index=estimates.index)
    table.loc[takes, "rank"] = pd.Series(-worse).rank().to_numpy()
    table.loc[takes, "low"], table.loc[takes, "high"] = low, high
    table["ranked"] = takes
    notes = np.where(known, f"fewer than {few} cells or blocks: no rank", "no estimate, or no standard error")
    table["note"] = np.where(takes, "", notes)
    table.attrs.update(
        {
            "measure": "ranks",
            "unit": "rank",
            "direction": direction,
            "method": "pairwise differences (Mogstad, Romano, Shaikh and Wilhelm 2024)",
            "adjust": adjust,
            "level": asked,
            "replications": draws,
            "seed": seed,
            "n": int(takes.sum()),
            "left_out": int((~takes).sum()),
            "sources": [record.as_dict() for record in sources_of(estimates)],
            "findings": [item.as_dict() for item in findings_of(estimates)],
        }
    )
    return add_findings(table, *_findings(table))


def _places(worse: Floats, sizes: Floats, noise: Floats, level: float, adjust: str) -> tuple[Floats, Floats]:
    """Return the first and the last place of each city; ``worse`` is higher for the worse."""
    count = len(worse)
    errors = noise * sizes
    apart = np.hypot(sizes[:, None], sizes[None, :])
    widest = np.empty((len(noise), count))
    for one in range(count):
        differences = np.abs(errors - errors[:, [one]]) / apart[one]
        differences[:, one] = 0.0
        widest[:, one] = differences.max(axis=1)
    if adjust == "all cities":
        needed = np.full(count, np.quantile(widest.max(axis=1), level))
    else:
        needed = np.quantile(widest, level, axis=0)
    lead = (worse[None, :] - worse[:, None]) / apart  # how much worse the other is, in standard errors
    surely_worse = (lead > needed[:, None]).sum(axis=1)
    surely_better = (lead < -needed[:, None]).sum(axis=1)
    return 1.0 + surely_worse, count - surely_better.astype(float)


def _findings(table: pd.DataFrame) -> list[Finding]:
    found = []
    left = int((~table["ranked"]).sum())
    if left:
        message = f"{left:,} cities get no rank: they have no estimate, or rest on too few cells."
        found.append(Finding("cities_not_ranked", "warning", message, left))
    there = table[table["ranked"]]
    wide = int((there["high"] - there["low"] > WIDE * len(there)).sum())
    if wide:
        message = f"The ranks of {wide:,} of {len(there):,} cities are so uncertain that they span over a quarter."
        found.append(Finding("city_ranks_not_known", "warning", message, wide, advice="Do not name their place."))
    return found
