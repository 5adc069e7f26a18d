"""What each zone or person lacks of several things: yes, no or not known; by how much; and of how many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import checked_choice, flat_numbers, refuse_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice._core.findings import Finding
    from spatialjustice.inequality._inputs import Floats

DIRECTIONS = ("higher is better", "lower is better")
STATES = ("poor", "not poor", "unknown")
"""What counting lacks says of a zone or person."""
ROUNDING = 1e-9


def lacks(
    values: pd.DataFrame, *, lines: Mapping[str, float], direction: str | Mapping[str, str] = DIRECTIONS[0]
) -> pd.DataFrame:
    """Tell what each zone or person lacks: of each thing, whether there is less than enough.

    In signs: :math:`g_{ik} = 1[x_{ik} < z_k]` (:math:`x_{ik} > z_k` for burdens); exactly the line is enough.

    Parameters
    ----------
    values
        A row for each zone or person and a column for each thing; missing where it is not known. Infinite is allowed
        (no way leads there).
    lines
        Column → what is enough; exactly the line is enough. Every column of ``values`` that is named is used.
    direction
        ``"higher is better"``, or ``"lower is better"`` for burdens; one for all, or column → direction, where columns
        that are not named are ``"higher is better"``.

    Returns
    -------
    DataFrame
        On the index of the values, a column for each line: 1 lacking, 0 enough, NaN not known.

    Raises
    ------
    InputError
        When a column is missing or holds no numbers, a line is no number, or a direction is not known.

    References
    ----------
    Alkire, S., & Foster, J. (2011). Counting and multidimensional poverty measurement. Journal of Public Economics,
    95(7-8), 476-487.

    Examples
    --------
    >>> table = pd.DataFrame({"metres": [300, 900], "speed": [50, float("nan")]})
    >>> found = lacks(table, lines={"metres": 800, "speed": 25}, direction={"metres": "lower is better"})
    >>> found.to_dict(orient="list")
    {'metres': [0.0, 1.0], 'speed': [0.0, nan]}
    """
    columns = {}
    for name, (amounts, line, better) in _each(values, lines, direction).items():
        beyond = amounts < line if better else amounts > line
        columns[name] = np.where(np.isnan(amounts), np.nan, beyond.astype(float))
    return told(pd.DataFrame(columns, index=values.index), "lacks", [values], unit="label", lines=dict(lines))


def lack_gaps(
    values: pd.DataFrame, *, lines: Mapping[str, float], direction: str | Mapping[str, str] = DIRECTIONS[0]
) -> pd.DataFrame:
    r"""Tell how far below enough each zone or person is, as a part of the line: for things that are amounts.

    :math:`(z - x) / z` where there is less than the line z, and :math:`(x - z) / z` for burdens beyond it; 0 where
    there is enough. Gaps of burdens have no upper limit.

    Parameters
    ----------
    values, lines, direction
        As :func:`lacks`; lines above 0, values finite.

    Returns
    -------
    DataFrame
        On the index of the values, a column for each line; NaN where not known.

    Raises
    ------
    InputError
        As :func:`lacks`; when a line is not above 0, or a value infinite.

    References
    ----------
    Alkire, S., & Foster, J. (2011). Counting and multidimensional poverty measurement. Journal of Public Economics,
    95(7-8), 476-487. (normalised gaps)

    Examples
    --------
    >>> lack_gaps(pd.DataFrame({"rooms": [1, 4, 5]}), lines={"rooms": 4})["rooms"].tolist()
    [0.75, 0.0, 0.0]
    """
    columns = {}
    for name, (amounts, line, better) in _each(values, lines, direction).items():
        if not line > 0:
            raise InputError("lines", f"that of {name} is {line!r}", "A gap is a part of the line: give one above 0.")
        advice = "The gap of such a row has no end: count lacks without gaps, or set a highest value of your own."
        refuse_rows(np.isinf(amounts), values.index, name, "values are infinite", advice)
        gap = (line - amounts) / line if better else (amounts - line) / line
        columns[name] = np.where(np.isnan(amounts), np.nan, np.maximum(0.0, gap))
    return told(pd.DataFrame(columns, index=values.index), "lack_gaps", [values], unit="ratio", lines=dict(lines))


def lack_counts(lacks: pd.DataFrame, *, at_least: float, weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    r"""Count what each zone or person lacks, and say who lacks at least so many things at once.

    In signs: :math:`c_i = \sum_k w_k g_{ik}`, and poor where :math:`c_i \ge k_0`.

    Parameters
    ----------
    lacks
        What each zone or person lacks (:func:`lacks`): 1, 0, or NaN where it is not known.
    at_least
        From how many lacks on somebody is called poor, itself included; above 0, at most as many as there are columns.
        1 counts whoever lacks anything, the number of columns only those who lack everything.
    weights
        Column → what its lack counts; they are scaled so that they add up to the number of columns. None: 1 each.

    Returns
    -------
    DataFrame
        On the index of the lacks: ``lowest`` and ``highest``, how many lacks there are if none, or all, of the unknown
        are; ``state``: ``poor``, ``not poor``, or ``unknown`` where what is not known decides.

    Raises
    ------
    InputError
        When a cell is neither 0, 1 nor missing, or a weight or ``at_least`` cannot be used.

    References
    ----------
    Alkire, S., & Foster, J. (2011). Counting and multidimensional poverty measurement. Journal of Public Economics,
    95(7-8), 476-487.

    Examples
    --------
    >>> table = pd.DataFrame({"far": [1, 1, 0], "offline": [1, float("nan"), 0], "slow": [0, 0, float("nan")]})
    >>> lack_counts(table, at_least=2)["state"].tolist()
    ['poor', 'unknown', 'not poor']
    """
    table, weighed = checked_lacks(lacks), weights_of(lacks, weights)
    limit = checked_limit(at_least, len(weighed))
    unknown = np.isnan(table)
    low = np.where(unknown, 0.0, table) @ weighed
    high = low + unknown @ weighed
    place = np.where(low >= limit - ROUNDING, 0, np.where(high < limit - ROUNDING, 1, 2))
    frame = pd.DataFrame({"lowest": low, "highest": high}, index=lacks.index)
    frame["state"] = pd.Categorical.from_codes(place, dtype=pd.CategoricalDtype(list(STATES)))
    return told(frame, "lack_counts", [lacks], unit="lacks", at_least=limit, weights=_by_name(lacks, weighed))


def _by_name(lacks: pd.DataFrame, weighed: Floats) -> dict[str, float]:
    return {str(name): float(weight) for name, weight in zip(lacks.columns, weighed, strict=True)}


def _each(
    values: pd.DataFrame, lines: Mapping[str, float], direction: str | Mapping[str, str]
) -> dict[str, tuple[Floats, float, bool]]:
    """Return the amounts of each column, its line, and whether more of it is better."""
    if not isinstance(values, pd.DataFrame):
        raise InputError("values", f"it is {a_kind(values)}", "Give a frame with a column for each thing.")
    require_ids(values, "values")
    if not isinstance(lines, Mapping) or not lines:
        raise InputError("lines", "there are none", "Give a line for each column: {'metres': 800}.")
    ways = direction if isinstance(direction, Mapping) else dict.fromkeys(lines, direction)
    strangers = [name for name in lines if name not in values.columns]
    strangers += [name for name in ways if name not in lines]
    if strangers:
        raise InputError(
            "lines", f"{', '.join(map(str, strangers))} is not known", f"The values have {', '.join(values.columns)}."
        )
    found = {}
    for name, line in lines.items():
        if isinstance(line, bool) or not isinstance(line, int | float | np.number) or not np.isfinite(line):
            raise InputError("lines", f"that of {name} is {line!r}", "Give a number in the unit of the column.")
        way = checked_choice(ways.get(name, DIRECTIONS[0]), DIRECTIONS, "direction")
        found[name] = flat_numbers(values[name], str(name)), float(line), way == DIRECTIONS[0]
    return found


def checked_lacks(lacks: pd.DataFrame) -> Floats:
    """Return the cells of a table of lacks as numbers, or refuse what is neither 0, 1 nor missing."""
    if not isinstance(lacks, pd.DataFrame) or not len(lacks.columns):
        raise InputError("lacks", f"it is {a_kind(lacks)}", "Give a frame with a column for each lack.")
    require_ids(lacks, "lacks")
    table = np.column_stack([flat_numbers(lacks[name].astype(float), str(name)) for name in lacks.columns])
    wrong = ~(np.isnan(table) | (table == 0) | (table == 1)).all(axis=1)
    advice = "Make them with lacks(); where only the share of people is known who lack something, see lack_bounds."
    refuse_rows(wrong, lacks.index, "lacks", "rows hold something else than 0, 1 or missing", advice)
    return table


def weights_of(lacks: pd.DataFrame, weights: Mapping[str, float] | None) -> Floats:
    """Return what each column counts, scaled to add up to the number of columns."""
    names = list(lacks.columns)
    if weights is None:
        return np.ones(len(names))
    if not isinstance(weights, Mapping) or set(weights) != set(names):
        raise InputError("weights", "they are not those of the columns", f"Give one for each of {', '.join(names)}.")
    found = flat_numbers([weights[name] for name in names], "weights")
    if not (np.isfinite(found) & (found >= 0)).all() or not found.any():
        raise InputError("weights", f"they are {dict(weights)}", "Give numbers of 0 or more, not all 0.")
    scaled: Floats = found / found.sum() * len(names)
    return scaled


def checked_limit(at_least: float, most: int) -> float:
    """Return from how many lacks on somebody is poor."""
    number = not isinstance(at_least, bool) and isinstance(at_least, int | float | np.number)
    if not number or not 0 < at_least <= most + ROUNDING:
        raise InputError("at_least", f"it is {at_least!r}", f"Give a number above 0, at most {most} (all lacks).")
    return float(at_least)


def told(
    frame: pd.DataFrame, measure: str, inputs: Sequence[Any], *, findings: Sequence[Finding] = (), **facts: Any
) -> pd.DataFrame:
    """Say in ``attrs`` what a table is, with the sources and findings of what went into it."""
    kept = dict.fromkeys([*findings_of(*inputs), *findings])
    said: dict[Any, Any] = {"measure": measure, "direction": "lower is better", **facts}
    frame.attrs = {
        **said,
        "sources": [record.as_dict() for record in sources_of(*inputs)],
        "findings": [item.as_dict() for item in kept],
    }
    return frame
