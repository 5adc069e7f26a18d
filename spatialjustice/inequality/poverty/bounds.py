"""How many people lack several things at once, where only the share of people who lack each of them is known."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding
from spatialjustice._core.frames import require_ids
from spatialjustice.inequality._inputs import aligned_by_id, flat_numbers, refuse_rows
from spatialjustice.inequality.poverty.lacks import ROUNDING, checked_limit, told, weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats, Values

MOST = 12
"""Lacks of which all combinations are looked at."""
BLOCK = 400
"""Zones whose bounds are looked for at once."""


def lack_bounds(
    shares: pd.DataFrame, *, at_least: float, people: Values, weights: Mapping[str, float] | None = None
) -> pd.DataFrame:
    r"""Count the people who lack at least so many things at once, where only shares of people are known.

    A zone where 30 % are far, 20 % offline and 40 % pay too much does not say how many are all three. With the shares
    in rising order, at least k of d lacks can be true of at most
    :math:`\min_{r < k} \sum_{j \le d - r} p_{(j)} / (k - r)` of the people, and the least follows from those who lack
    fewer (Rüger). With unequal weights the ends are found by linear programming over all combinations of lacks. Both
    ends can be true. Between them lies what would be true if the lacks had nothing to do with each other within the
    zone; where the same people are far, offline and poor, more are poor than it says.

    Parameters
    ----------
    shares
        A row for each zone and a column for each lack: the share of its people who lack it, from 0 to 1; missing where
        it is not known. Yes and no of whole zones are 1 and 0.
    at_least
        From how many lacks on somebody is called poor, itself included.
    people
        People, or households, of each zone.
    weights
        Column → what its lack counts, scaled to add up to the number of columns. None: 1 each.

    Returns
    -------
    DataFrame
        On the index of the shares: people who are poor as ``poor: lowest``, ``poor: independent`` and ``poor:
        highest``; ``unknown``: all people of zones that lack a share, whose other columns are 0. Sums over zones are
        bounds of the sum.

    Raises
    ------
    InputError
        When a share is below 0 or above 1, ids differ, people are missing, negative or nowhere, there are more than 12
        lacks, or a setting cannot be used.

    References
    ----------
    Rüger, B. (1978). Das maximale Signifikanzniveau des Tests: „Lehne H0 ab, wenn k unter n gegebenen Tests zur
    Ablehnung führen“. Metrika, 25, 171-178.

    Examples
    --------
    >>> shares = pd.DataFrame({"far": [0.3], "offline": [0.2], "costly": [0.4]})
    >>> lack_bounds(shares, at_least=2, people=[100]).round(6).loc[0].tolist()
    [0.0, 21.2, 45.0, 0.0]
    """
    table, weighed, limit, counts, known = _prepared(shares, at_least, people, weights)
    # The same shares have the same bounds, which are looked for once.
    rows, which = np.unique(table[known], axis=0, return_inverse=True)
    ends = _ends(rows, weighed, limit)
    columns = {}
    for name, values in zip(("lowest", "independent", "highest"), ends, strict=True):
        found = np.zeros(len(table))
        found[known] = values[which.ravel()] if len(rows) else 0.0
        columns[f"poor: {name}"] = counts * found
    columns["unknown"] = np.where(known, 0.0, counts)
    unknown = math.fsum(columns["unknown"])
    return told(
        pd.DataFrame(columns, index=shares.index), "lack_bounds", [shares, people],
        findings=_unknown(int((~known).sum()), unknown), unit="people", at_least=limit, people=math.fsum(counts),
        weights={str(name): float(weight) for name, weight in zip(shares.columns, weighed, strict=True)},
        method="equal weights: Rüger's bounds; else linear programming over all combinations",
    )  # fmt: skip


def alkire_foster_bounds(
    shares: pd.DataFrame, *, at_least: float, people: Values, weights: Mapping[str, float] | None = None
) -> pd.DataFrame:
    r"""Tell between which ends the counts of Alkire and Foster lie, where only shares of people are known.

    With :math:`c` the weighed lacks of a person, d their number and k ``at_least``, ``H`` is the share of people with
    :math:`c \ge k` (:func:`lack_bounds`), and ``M0`` :math:`= E[c \, 1(c \ge k)] / d`. The ends of each zone are found
    by linear programming over all combinations of lacks that its shares allow; sums over zones are bounds of the sum.
    The ends of H and of M0 need not be true at once, so that there are none of their ratio A.

    Parameters
    ----------
    shares, at_least, people, weights
        As :func:`lack_bounds`.

    Returns
    -------
    DataFrame
        Rows ``H`` and ``M0``: ``lowest``, ``independent`` (if the lacks had nothing to do with each other within a
        zone) and ``highest``, among the people of zones of which every share is known; ``attrs["left_out"]`` counts the
        others.

    Raises
    ------
    InputError
        As :func:`lack_bounds`; when no share of any zone where people live is known.

    References
    ----------
    Alkire, S., & Foster, J. (2011). Counting and multidimensional poverty measurement. Journal of Public Economics,
    95(7-8), 476-487.

    Examples
    --------
    >>> shares = pd.DataFrame({"far": [0.3], "offline": [0.2], "costly": [0.4]})
    >>> alkire_foster_bounds(shares, at_least=2, people=[100]).round(3).loc["M0"].tolist()
    [0.0, 0.149, 0.3]
    """
    table, weighed, limit, counts, known = _prepared(shares, at_least, people, weights)
    counted = math.fsum(counts[known])
    if not counted > 0:
        raise InputError("shares", "of nobody all of them are known", "Leave out a column that is never known.")
    rows, which = np.unique(table[known], axis=0, return_inverse=True)
    living = np.bincount(which.ravel(), counts[known], minlength=len(rows))
    found = {"H": _ends(rows, weighed, limit), "M0": _ends(rows, weighed, limit, intensity=True)}
    frame = pd.DataFrame(
        [[math.fsum(living * end) / counted for end in ends] for ends in found.values()],
        index=pd.Index(list(found), name="measure"),
        columns=["lowest", "independent", "highest"],
    )
    unknown = math.fsum(counts[~known])
    return told(
        frame, "alkire_foster_bounds", [shares, people], findings=_unknown(int((~known).sum()), unknown), unit="share",
        at_least=limit, people=math.fsum(counts), left_out=unknown,
        weights={str(name): float(weight) for name, weight in zip(shares.columns, weighed, strict=True)},
    )  # fmt: skip


def _prepared(
    shares: pd.DataFrame, at_least: float, people: Values, weights: Mapping[str, float] | None
) -> tuple[Floats, Floats, float, Floats, NDArray[np.bool_]]:
    """Check shares and people; return the shares, the weights, the limit, the people, and of whom all is known."""
    table = _checked_shares(shares)
    weighed = weights_of(shares, weights)
    limit = checked_limit(at_least, len(weighed))
    counts = aligned_by_id(people, "people", pd.Series(0.0, shares.index), "shares")
    wrong = ~np.isfinite(counts) | (counts < 0)
    refuse_rows(wrong, shares.index, "people", "are negative, missing or infinite", "Give 0 where nobody lives.")
    if not counts.any():
        raise InputError("people", "all are 0", "Nobody would be counted. Check the column of people.")
    return table, weighed, limit, counts, np.asarray(~np.isnan(table).any(axis=1))


def _unknown(zones: int, people: float) -> list[Finding]:
    if not zones:
        return []
    message = f"In {zones:,} zones with {people:,.0f} people the share who lack something is not known."
    return [
        Finding(
            "lack_shares_unknown",
            "warning" if people else "information",
            message,
            count=zones,
            people=people,
            values={"count": zones, "people": round(people)},
        )
    ]


def _checked_shares(shares: pd.DataFrame) -> Floats:
    if not isinstance(shares, pd.DataFrame) or not len(shares.columns):
        raise InputError("shares", f"it is {a_kind(shares)}", "Give a frame with a column for each lack.")
    require_ids(shares, "shares")
    if len(shares.columns) > MOST:
        advice = f"Put some of them together: all combinations of at most {MOST} are looked at."
        raise InputError("shares", f"there are {len(shares.columns)} lacks", advice)
    table = np.column_stack([flat_numbers(shares[name], str(name)) for name in shares.columns])
    wrong = np.asarray(((table < -ROUNDING) | (table > 1 + ROUNDING)).any(axis=1))
    advice = "Write shares as 0.25, not as 25; missing where not known."
    refuse_rows(wrong, shares.index, "shares", "rows are below 0 or above 1", advice)
    clipped: Floats = np.clip(table, 0.0, 1.0)
    return clipped


def _ends(rows: Floats, weights: Floats, limit: float, *, intensity: bool = False) -> tuple[Floats, Floats, Floats]:
    """Return the least, the independent and the largest share of people with so many lacks, for each row of shares.

    With ``intensity`` everybody who is poor counts by the share of all lacks that they have.
    """
    size = rows.shape[1]
    combinations = np.array(list(product((0.0, 1.0), repeat=size)))
    score = combinations @ weights
    poor = (score >= limit - ROUNDING).astype(float) * (score / size if intensity else 1.0)
    independent = np.zeros(len(rows))
    for combination in combinations[poor > 0]:
        worth = combination @ weights / size if intensity else 1.0
        independent += worth * np.where(combination > 0, rows, 1.0 - rows).prod(axis=1)
    if not intensity and np.ptp(weights) < ROUNDING:
        least = math.ceil(limit - ROUNDING)
        return 1.0 - _most(1.0 - rows, size - least + 1), independent, _most(rows, least)
    low, high = np.empty(len(rows)), np.empty(len(rows))
    for start in tqdm(range(0, len(rows), BLOCK), desc="bounds of lacks", delay=2, leave=False):
        block = slice(start, start + BLOCK)
        low[block], high[block] = (_programmed(rows[block], combinations, poor, sign) for sign in (1.0, -1.0))
    return np.minimum(low, independent), independent, np.maximum(high, independent)


def _most(rows: Floats, least: int) -> Floats:
    """Return the largest share of whom at least so many of the events can be true (Rüger)."""
    upto = np.cumsum(np.sort(rows, axis=1), axis=1)
    size = rows.shape[1]
    found = np.ones(len(rows))
    for left in range(least):
        found = np.minimum(found, upto[:, size - left - 1] / (least - left))
    return found


def _programmed(rows: Floats, combinations: Floats, poor: Floats, sign: float) -> Floats:
    """Return the least (sign 1) or largest (sign -1) share of poor combinations that the shares of a row allow."""
    from scipy import sparse
    from scipy.optimize import linprog

    count = len(rows)
    one = sparse.csr_array(np.vstack([combinations.T, np.ones(len(combinations))]))
    found = linprog(
        np.tile(sign * poor, count),
        A_eq=sparse.kron(sparse.eye_array(count), one, format="csr"),
        b_eq=np.column_stack([rows, np.ones(count)]).ravel(),
        bounds=(0, 1),
        method="highs",
    )
    if found.status != 0:
        raise InputError("shares", f"no bounds were found ({found.message})", "Report this with the shares.")
    chosen: Floats = np.clip(found.x.reshape(count, -1) @ poor, 0.0, 1.0)
    return chosen
