"""How much of a change came of the city, and how much of each thing that it was measured with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError
from spatialjustice.monitoring._parts import shapley
from spatialjustice.monitoring.changes import DATA_CHANGED, LEVEL, REPLICATIONS, change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.random import Generator

CITY, PEOPLE, ZONES, DATA, UNKNOWN = "city", "people", "zones", "data", "cannot be separated"
MOST = 10
"""Inputs up to which every combination of them is measured: 1,024 times."""


def change_by_source(
    history: pd.DataFrame,
    *,
    since: Any = None,
    until: Any = None,
    statistic: str = "mean",
    level: float = LEVEL,
    rng: int | Generator | None = None,
    replications: int = REPLICATIONS,
) -> pd.DataFrame:
    r"""Tell how much of each change came of the city and how much of data.

    The rule: what an indicator's own values did in the same zones, with the same people counted, is the **city**;
    what came of other **people** being counted (another census) and of other **zones** follows from the rows; what
    came of anything else that changed (settings, version, another input) is **data** where the earlier date was
    measured again with it (a bridge), and otherwise the city and the data **cannot be separated**. The parts add up to
    the change; see :func:`change`.

    In signs: :math:`\Delta = \Delta_{city} + \Delta_{people} + \Delta_{zones} + \Delta_{data}`.

    Parameters
    ----------
    history
        What :func:`history` returned.
    since, until
        Dates, as in :func:`change`.
    statistic
        ``mean``, ``worst_tenth`` or ``gap``.
    level
        How sure the range of the city's part is.
    rng
        What draws follow from.
    replications
        Draws; 0 for none.

    Returns
    -------
    DataFrame
        One row for each indicator and part: ``indicator``, ``since``, ``until``, ``part`` (``city``, ``people``,
        ``zones``, ``data``, ``cannot be separated``), ``change`` with ``low`` and ``high`` of the city's part,
        ``share`` of the whole change (missing where that is 0), ``what`` changed, ``unit``.

    Raises
    ------
    InputError
        As in :func:`change`.

    References
    ----------
    As of :func:`change`; the rule by which a part is called the city or the data is an own definition.

    Examples
    --------
    The values stay; only more people are counted where it is worse (0.2): the mean falls from 0.30 to 0.25.

    >>> import tempfile
    >>> from spatialjustice.monitoring import add_date, history
    >>> zones = pd.DataFrame({"zone": ["a", "b"], "indicator": "use", "value": [0.2, 0.4], "unit": "share"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = add_date(folder, zones.assign(people=[100, 100]), date=2019)
    ...     _ = add_date(folder, zones.assign(people=[300, 100]), date=2020)
    ...     table = change_by_source(history(folder), rng=1)
    >>> table[["part", "change"]].round(3).to_dict("list")
    {'part': ['city', 'people', 'zones'], 'change': [0.0, -0.05, 0.0]}
    """
    found = change(
        history, since=since, until=until, statistic=statistic, level=level, rng=rng, replications=replications
    )
    rows: list[dict[str, Any]] = []
    for row in found.to_dict("records"):
        if not np.isfinite(row["change"]) and row["verdict"] != DATA_CHANGED:
            continue
        same = {name: row[name] for name in ("indicator", "statistic", "since", "until", "unit")}
        known = {CITY: row["city"], PEOPLE: row["people_part"], ZONES: row["zones_part"], DATA: row["data_part"]}
        if row["verdict"] == DATA_CHANGED:
            known = {UNKNOWN: row["change"]}
        for part, moved in known.items():
            if part == DATA and not np.isfinite(moved):
                continue
            rows.append(
                {
                    **same,
                    "part": part,
                    "change": moved,
                    "low": row["city_low"] if part == CITY else np.nan,
                    "high": row["city_high"] if part == CITY else np.nan,
                    "share": moved / row["change"] if row["change"] else np.nan,
                    "what": row["data_changed"] if part in {DATA, UNKNOWN} else "",
                }
            )
    columns = ["indicator", "statistic", "since", "until", "part", "change", "low", "high", "share", "what", "unit"]
    table = pd.DataFrame(rows, columns=columns)
    table.attrs = found.attrs | {"measure": "change_by_source"}
    return table


def change_by_input(
    measure: Callable[..., float | pd.Series[Any]], inputs: Mapping[str, tuple[Any, Any]]
) -> pd.DataFrame:
    r"""Tell how much of a change came of each input, by measuring with old and new inputs in every combination.

    Each input is given its Shapley share: the mean of what it moves over all orders in which the inputs could have
    changed. The shares add up to the change. With k inputs that changed, it is measured 2 to the power of k times. An
    input that is only there as it is now (the old file is lost, the old version cannot be run) is held as it is now;
    what it moved cannot be separated from the city and is not told.

    In signs: :math:`\phi_k = \sum_{S \not\ni k} \frac{|S|! \, (K - |S| - 1)!}{K!} \, [v(S \cup k) - v(S)]`, with v(S)
    what is measured when the inputs S are new.

    Parameters
    ----------
    measure
        A function that takes the inputs by their names and gives a number, or a Series of them.
    inputs
        For each input, as it was and as it is; None where one of the two is not there any more.

    Returns
    -------
    DataFrame
        One row for each quantity and input: ``quantity``, ``input``, ``change``, ``share``, ``separated`` (False where
        one of the two is not there; its change is missing). Attrs tell ``before`` and ``after`` of what was separated.

    Raises
    ------
    InputError
        When there is no input, more than ten, or one of which nothing is there.

    References
    ----------
    Shorrocks, A. F. (2013). Decomposition procedures for distributional analysis: a unified framework based on the
    Shapley value. Journal of Economic Inequality, 11(1), 99-126.

    Examples
    --------
    10 ballots of 100 people became 30 of 120: from 0.1 to 0.25. Ballots alone would make 0.3, people alone 0.0833.

    >>> found = change_by_input(lambda ballots, people: ballots / people, {"ballots": (10, 30), "people": (100, 120)})
    >>> found[["input", "change"]].round(4).to_dict("list")
    {'input': ['ballots', 'people'], 'change': [0.1833, -0.0333]}
    """
    pairs = _checked_inputs(inputs)
    swapped = [name for name, pair in pairs.items() if pair[0] is not None and pair[1] is not None]

    def value(new: frozenset[str]) -> dict[str, float]:
        given = {
            name: pair[1] if name in new or pair[0] is None else pair[0] if pair[0] is not None else pair[1]
            for name, pair in pairs.items()
        }
        found = measure(**given)
        many = found.to_dict() if isinstance(found, pd.Series) else {str(getattr(measure, "__name__", "value")): found}
        return {str(name): float(number) for name, number in many.items()}

    first, last = value(frozenset()), value(frozenset(swapped))
    shares = shapley(swapped, value)
    rows = [
        {
            "quantity": quantity,
            "input": name,
            "change": shares[name][quantity] if name in shares else np.nan,
            "share": shares[name][quantity] / (last[quantity] - first[quantity])
            if name in shares and last[quantity] != first[quantity]
            else np.nan,
            "separated": name in shares,
        }
        for quantity in first
        for name in pairs
    ]
    table = pd.DataFrame(rows)
    table.attrs = {"measure": "change_by_input", "unit": "label", "direction": "none", "before": first, "after": last}
    return table


def _checked_inputs(inputs: Any) -> dict[str, tuple[Any, Any]]:
    if not hasattr(inputs, "items") or not inputs:
        raise InputError("inputs", "there are none by name", "Give each input as it was and as it is.")
    if len(inputs) > MOST:
        advice = f"Put some together: with {MOST} inputs it is measured {2**MOST:,} times."
        raise InputError("inputs", f"there are {len(inputs)}", advice)
    wrong = [
        name
        for name, pair in inputs.items()
        if not isinstance(pair, tuple) or len(pair) != 2 or (pair[0] is None and pair[1] is None)
    ]
    if wrong:
        advice = "Give a pair for each: as it was, as it is; None for one of the two that is not there any more."
        raise InputError("inputs", "some are no pair", advice, rows=wrong)
    return dict(inputs)
