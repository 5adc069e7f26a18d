"""The same measures by the same rules for many cities, each with its range and with who is missing from it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, add_findings, findings_of
from spatialjustice._core.numbers.checks import as_floats
from spatialjustice._core.provenance import sources_of
from spatialjustice.cities.labels import require_cities
from spatialjustice.cities.measured.draws import (
    BAD,
    MEASURES,
    UNITS,
    Measuring,
    Rules,
    drawn,
    measured,
    measuring,
    ordered,
)
from spatialjustice.inequality._inputs import checked_whole_number, refuse_rows, seed_of
from spatialjustice.inequality.distribution.intervals import FEW, FEWEST_REPLICATIONS, confidence, percentiles
from spatialjustice.inequality.distribution.zone_rows import FEWEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

DIRECTIONS = (BAD, "higher is better")
EXACT, AT_LEAST = "exact", "at least"
CELLS = "percentile bootstrap over cells"
BLOCKS = "percentile bootstrap over blocks of cells"

_Numbers = "float | Mapping[str, float] | None"


class _Column(NamedTuple):
    """One thing that is measured, and the rules by which it is measured in every city."""

    name: str
    amounts: Floats
    rules: Rules
    wanted: tuple[str, ...]
    unit: str


class _Asked(NamedTuple):
    """How draws are made, and how sure an interval is to be."""

    seed: int
    replications: int
    level: float


def side_by_side(  # noqa: PLR0913 - the rules that are the same for all cities
    frame: pd.DataFrame,
    *,
    city: str,
    values: str | Sequence[str],
    people: str | None = None,
    measures: Sequence[str] | None = None,
    direction: str | Mapping[str, str] = BAD,
    cutoff: float | Mapping[str, float] | None = None,
    cut_at: float | Mapping[str, float] | None = None,
    epsilon: float = 1.0,
    unit: str | Mapping[str, str] = "",
    blocks: pd.Series[Any] | None = None,
    whole: pd.Series[Any] | None = None,
    replications: int = 299,
    level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Measure many cities by the same rules, with a range for each number and with who is missing from it.

    The measures, of the people of each city: ``mean``; ``median``; ``share_beyond``, who has more than the cutoff (less
    where higher is better); ``worst_tenth``, the mean of the tenth that is worst off; ``gini``; ``theil_t``;
    ``equally_distributed``, the amount that had by everybody would be as good (Kolm and Pollak), with one kappa for all
    cities, so that they can be compared.

    Where values were cut (``cut_at``: 5,000 stands for “5,000 or more”), what lies beyond is not known. Then a mean,
    the worst tenth, the Gini and Theil indices and the equally distributed amount are the least that they can be
    (cutting the top never makes values more unequal), and ``bound`` says ``at least``; a median and a share beyond a
    limit below the cut are exact.

    Ranges come from drawing the cells of a city anew. Cells are no independent witnesses: neighbours are alike, and
    draws of single cells give ranges that are too narrow. Give blocks (:func:`square_blocks`) to draw neighbours
    together.

    In signs: :math:`\bar x_c = \sum_{i \in c} P_i x_i / \sum_{i \in c} P_i`, :math:`\sum_{i \in c} P_i 1[x_i > z] /
    \sum_{i \in c} P_i`, and the indices of :func:`spatialjustice.inequality.summary` within each city c.

    Parameters
    ----------
    frame
        A row for each cell, zone or block of any of the cities.
    city
        The column that says which city a row is in: an id, since names are shared.
    values
        The columns that are measured, 0 or more; missing where not known.
    people
        The column with the people of each row; None counts every row once.
    measures
        Which of the measures above; None takes all that can be had (``share_beyond`` needs a cutoff).
    direction
        ``"lower is better"`` or ``"higher is better"``, or column → one of them.
    cutoff
        The limit of ``share_beyond``, itself within; one number, or column → number.
    cut_at
        The value at which measurements were cut; one number, or column → number; None where they were not.
    epsilon
        Aversion to inequality of ``equally_distributed``, above 0; kappa is taken from all cities together.
    unit
        Unit of the values, or column → unit.
    blocks
        The block of each row, on the index of the frame; blocks are drawn within their city.
    whole
        The people of each whole city, on its id, where cells do not hold all of them.
    replications
        Draws behind each range, at least 99; 0 makes none.
    level
        Confidence of the ranges.
    rng
        Seed of the draws, or a generator to draw one from; None draws one, which ``attrs["seed"]`` tells. The draws of
        a city do not depend on which others stand beside it.

    Returns
    -------
    DataFrame
        One row for each city, column and measure: ``city``, ``column``, ``measure``, ``value``, ``low``, ``high``,
        ``standard_error`` (of the draws), ``bound`` (``exact`` or ``at least``), ``unit``, ``direction``, ``cells`` (in
        which people live and a value is known), ``blocks``, ``people`` (counted), ``people_left_out`` (without a
        value), ``people_at_cut``, ``share_at_cut``, and with ``whole`` ``people_of_city`` and ``share_counted``;
        ``note``. A city in which nobody has a value has a row without one. ``attrs["rules"]`` has the rules of each
        column.

    Raises
    ------
    InputError
        When a column is not there, a row says no city, people are missing, negative or 0 everywhere, a value is
        negative, infinite or above the cut, a cutoff is not below the cut, or a setting cannot be used.

    References
    ----------
    Lahiri, S. N. (2003). Resampling methods for dependent data. Springer. Jakobsson, U. (1976). On the measurement of
    the degree of progression. Journal of Public Economics, 5(1-2), 161-168 (a cut at the top makes values more equal).

    Examples
    --------
    >>> cells = pd.DataFrame(
    ...     {"city": ["a", "a", "b", "b"], "metres": [200, 800, 300, 5000], "people": [30, 10, 10, 10]})
    >>> found = side_by_side(cells, city="city", values="metres", people="people", cutoff=1000, cut_at=5000,
    ...                      measures=["mean", "share_beyond"], replications=0)
    >>> found[["city", "measure", "value", "bound", "share_at_cut"]]
      city       measure   value     bound  share_at_cut
    0    a          mean   350.0     exact           0.0
    1    a  share_beyond     0.0     exact           0.0
    2    b          mean  2650.0  at least           0.5
    3    b  share_beyond     0.5     exact           0.5
    """
    names = [values] if isinstance(values, str) else list(values)
    _require_columns(frame, [city, *names, *([] if people is None else [people])])
    asked = _Asked(seed_of(rng), _draws(replications), confidence(level))
    counted = _people(frame, people)
    where = require_cities(frame[city], city)
    drawn_with = None if blocks is None else _blocks(blocks, frame)
    columns = [
        _column(
            frame, name, counted, measures=measures, direction=_of(direction, name), cutoff=_of(cutoff, name),
            cut_at=_of(cut_at, name), epsilon=epsilon, unit=_of(unit, name),
        )
        for name in names
    ]  # fmt: skip
    ids, place = np.unique(where, return_inverse=True)
    rows: list[dict[str, Any]] = []
    order = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[order], np.arange(len(ids) + 1))
    for number, one in enumerate(tqdm(ids, desc="cities", delay=2, leave=False)):
        mine = order[edges[number] : edges[number + 1]]
        for column in columns:
            rows += _rows(one, column, mine, counted, drawn_with, asked)
    table = _of_whole(pd.DataFrame(rows), whole)
    table.attrs.update(_attrs(columns, asked, blocks))
    table.attrs["sources"] = [record.as_dict() for record in sources_of(frame)]
    table.attrs["findings"] = [item.as_dict() for item in findings_of(frame)]
    return add_findings(table, *_findings(table, asked, blocks is not None))


def _require_columns(frame: pd.DataFrame, names: list[str]) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise InputError("frame", f"it is {a_kind(frame)}", "Give a frame with a row for each cell.")
    if not len(frame):
        raise InputError("frame", "there are no rows", "Give at least one cell.")
    missing = [name for name in names if name not in frame.columns]
    if missing:
        there = ", ".join(map(str, frame.columns[:12]))
        raise InputError("frame", f"there is no column {missing[0]!r}", f"It has: {there}.")
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()]
        raise InputError("frame", f"{len(twice):,} ids occur more than once", "Give every row its own id.", rows=twice)


def _draws(replications: int) -> int:
    asked = checked_whole_number(replications, "replications", least=0)
    return asked if not asked else checked_whole_number(asked, "replications", least=FEWEST_REPLICATIONS)


def _people(frame: pd.DataFrame, people: str | None) -> Floats:
    if people is None:
        return np.ones(len(frame))
    counted = as_floats(frame[people], people)
    wrong = ~np.isfinite(counted) | (np.nan_to_num(counted) < 0)
    refuse_rows(wrong, frame.index, people, "numbers of people are missing, infinite or negative", "Give 0 or more.")
    if not counted.any():
        raise InputError(people, "nobody lives anywhere", "Check that the column is the right one.")
    return counted


def _blocks(blocks: pd.Series[Any], frame: pd.DataFrame) -> NDArray[np.int64]:
    strangers = blocks.index.symmetric_difference(frame.index)
    if len(strangers) or blocks.isna().any():
        found = f"{len(strangers):,} ids are not those of the frame" if len(strangers) else "some rows are in no block"
        raise InputError("blocks", found, "Give the block of every row.", rows=strangers)
    return np.asarray(pd.factorize(blocks.reindex(frame.index), sort=True)[0], dtype=np.int64)


def _of(given: Any, name: str) -> Any:
    return given.get(name) if isinstance(given, Mapping) else given


def _column(  # noqa: PLR0913 - the rules of one column
    frame: pd.DataFrame,
    name: str,
    people: Floats,
    *,
    measures: Sequence[str] | None,
    direction: str | None,
    cutoff: float | None,
    cut_at: float | None,
    epsilon: float,
    unit: str | None,
) -> _Column:
    """Check one column and settle the rules that hold for it in every city."""
    amounts = as_floats(frame[name], name)
    advice = "A code for “no data” must be made missing first."
    refuse_rows(np.nan_to_num(amounts) < 0, frame.index, name, "values are negative", advice)
    refuse_rows(np.isinf(amounts), frame.index, name, "values are infinite", "Make them missing, or the value they cut")
    if direction not in DIRECTIONS:
        raise InputError("direction", f"of {name} it is {direction!r}", f"Choose {' or '.join(DIRECTIONS)}.")
    highest = np.inf if cut_at is None else float(cut_at)
    refuse_rows(
        np.nan_to_num(amounts) > highest, frame.index, name, f"values are above {highest:,.0f}, at which they were cut",
        "Give the value at which they really were cut.",
    )  # fmt: skip
    if cutoff is not None and not float(cutoff) < highest:
        advice = f"Beyond {highest:,.0f} nothing is known. Give a lower limit."
        raise InputError("cutoff", f"of {name} it is {cutoff:,.0f}, not below where values were cut", advice)
    wanted = tuple(one for one in MEASURES if one != "share_beyond" or cutoff is not None)
    if measures is not None:
        strange = [one for one in measures if one not in MEASURES]
        if strange or (cutoff is None and "share_beyond" in measures):
            found = f"there is no {strange[0]!r}" if strange else f"share_beyond needs a cutoff for {name}"
            raise InputError("measures", found, f"There are {', '.join(MEASURES)}.")
        wanted = tuple(dict.fromkeys(measures))
    if not epsilon > 0:
        raise InputError("epsilon", f"it is {epsilon!r}", "Give a number above 0, for example 1.")
    known = np.isfinite(amounts) & (people > 0)
    order = np.lexsort([people[known], amounts[known]])
    had = (people[known] * amounts[known])[order]
    square = float((had * amounts[known][order]).sum())
    sign = -1.0 if direction == BAD else 1.0
    kappa = sign * epsilon * float(had.sum()) / square if square > 0 else sign
    limit = np.nan if cutoff is None else float(cutoff)
    return _Column(name, amounts, Rules(direction, limit, highest, kappa), wanted, unit or "")


def _rows(
    city: Any,
    column: _Column,
    mine: NDArray[np.int64],
    people: Floats,
    blocks: NDArray[np.int64] | None,
    asked: _Asked,
) -> list[dict[str, Any]]:
    """Return one row for each measure of a column in one city."""
    amounts, counted = column.amounts[mine], people[mine]
    known = np.isfinite(amounts) & (counted > 0)
    at_cut = float(counted[known & (amounts >= column.rules.cut_at)].sum())
    total = float(counted[known].sum())
    about: dict[str, Any] = {
        "unit": column.unit,
        "direction": column.rules.direction,
        "cells": int(known.sum()),
        "blocks": 0,
        "people": total,
        "people_left_out": float(counted[~known].sum()),
        "people_at_cut": at_cut,
        "share_at_cut": at_cut / total if total > 0 else np.nan,
    }
    if not total > 0:
        empty = {"value": np.nan, "low": np.nan, "high": np.nan, "standard_error": np.nan, "bound": EXACT}
        note = "nobody here has a value"
        return [
            {"city": city, "column": column.name, "measure": one, **empty, **about, "note": note}
            for one in column.wanted
        ]
    cells = ordered(amounts[known], counted[known], None if blocks is None else blocks[mine][known])
    about["blocks"] = cells.blocks
    of = measuring(cells, column.rules)
    found = measured(of, cells.people, column.wanted)
    ends, note = _range(of, column, city, asked)
    made = []
    for number, one in enumerate(column.wanted):
        told = {
            "value": found[number],
            "low": ends[0][number],
            "high": ends[1][number],
            "standard_error": ends[2][number],
            "bound": _bound(one, float(found[number]), at_cut > 0, column.rules),
            **about,
            "unit": UNITS.get(one, column.unit),
            "note": note,
        }
        made.append({"city": city, "column": column.name, "measure": one, **told})
    return made


def _range(of: Measuring, column: _Column, city: Any, asked: _Asked) -> tuple[tuple[Floats, Floats, Floats], str]:
    """Return the ends of the ranges and the standard errors of all measures, and what is to be said of them."""
    none, cells = np.full(len(column.wanted), np.nan), of.cells
    if not asked.replications:
        return (none, none, none), ""
    if cells.blocks < FEWEST:
        return (none, none, none), f"fewer than {FEWEST} cells or blocks: no range"
    key = zlib.crc32(f"{city}\n{column.name}".encode())
    generator = np.random.default_rng([asked.seed, key])
    found = drawn(of, column.wanted, replications=asked.replications, generator=generator)
    low, high = percentiles(found, asked.level)
    note = f"fewer than {FEW} cells or blocks: the range is too narrow" if cells.blocks < FEW else ""
    return (low, high, np.nanstd(found, axis=0, ddof=1)), note


def _bound(measure: str, value: float, cut: bool, rules: Rules) -> str:
    """Say whether a measure of values that were cut is what it would be, or the least that it can be."""
    if not cut or measure == "share_beyond":
        return EXACT
    if measure == "median" or (measure == "worst_tenth" and rules.direction != BAD):
        return EXACT if value < rules.cut_at else AT_LEAST
    return AT_LEAST


def _of_whole(table: pd.DataFrame, whole: pd.Series[Any] | None) -> pd.DataFrame:
    """Add how many of all people of each city the cells hold."""
    if whole is None:
        return table
    found = pd.Series(as_floats(whole, "whole"), index=whole.index).reindex(table["city"]).to_numpy()
    table["people_of_city"] = found
    both = (table["people"] + table["people_left_out"]).to_numpy()
    table["share_counted"] = np.divide(both, found, out=np.full(len(table), np.nan), where=found > 0)
    return table[[*[name for name in table.columns if name != "note"], "note"]]


def _attrs(columns: list[_Column], asked: _Asked, blocks: pd.Series[Any] | None) -> dict[str, Any]:
    rules = {
        one.name: {
            "direction": one.rules.direction,
            "cutoff": None if np.isnan(one.rules.cutoff) else one.rules.cutoff,
            "cut_at": None if np.isinf(one.rules.cut_at) else one.rules.cut_at,
            "kappa": one.rules.kappa,
            "measures": list(one.wanted),
            "unit": one.unit,
        }
        for one in columns
    }
    return {
        "measure": "side_by_side",
        "unit": "in the column unit",
        "direction": "in the column direction",
        "rules": rules,
        "method": CELLS if blocks is None else BLOCKS,
        "block_size": None if blocks is None else blocks.attrs.get("size"),
        "replications": asked.replications,
        "level": asked.level,
        "seed": asked.seed,
    }


def _findings(table: pd.DataFrame, asked: _Asked, blocked: bool) -> list[Finding]:
    """Say what the reader of the table must know of cuts, gaps and small cities."""
    each = table.drop_duplicates(["city", "column"])
    found = []
    cut = each[each["people_at_cut"] > 0]
    if len(cut):
        message = (
            f"Values of {cut['people_at_cut'].sum():,.0f} people in {len(cut):,} cities and columns were cut; means "
            "and inequality there are the least that they can be."
        )
        found.append(Finding("values_cut", "warning", message, len(cut), float(cut["people_at_cut"].sum())))
    empty = each[each["people"] <= 0]
    if len(empty):
        message = f"In {len(empty):,} cities and columns nobody has a value; they have a row without one."
        found.append(Finding("cities_without_values", "warning", message, len(empty)))
    few = each[(each["people"] > 0) & (each["blocks"] < FEW)]
    if len(few) and asked.replications:
        cities = few["city"].nunique()
        message = f"{cities:,} cities have fewer than {FEW} cells or blocks: their ranges are too narrow, or missing."
        found.append(Finding("cities_with_few_cells", "warning", message, cities))
    if asked.replications and not blocked:
        message = "Ranges take cells as independent; neighbours are alike, so that the ranges are too narrow."
        found.append(Finding("cells_taken_as_independent", "warning", message, advice="Give blocks of cells."))
    if "share_counted" in each.columns:
        one = each.drop_duplicates("city")
        short = one[one["share_counted"] < 0.95]
        if len(short):
            lacking = float((short["people_of_city"] - short["people"] - short["people_left_out"]).sum())
            message = f"In {len(short):,} cities the cells hold fewer people than the city: {lacking:,.0f} are in none."
            found.append(Finding("cells_hold_fewer_people", "warning", message, len(short), lacking))
        over = one[one["share_counted"] > 1.05]
        if len(over):
            message = f"In {len(over):,} cities the cells hold more people than the city is said to have."
            found.append(Finding("cells_hold_more_people", "warning", message, len(over)))
    return found
