"""All measures of distribution in one table, for one thing that people have or for several."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import (
    Floats,
    Values,
    aligned_by_id,
    checked_choice,
    checked_whole_number,
    flat_numbers,
    people_or_weights,
    refuse_rows,
    seed_of,
)
from spatialjustice.inequality.distribution.concentration import concentration_index, suits
from spatialjustice.inequality.distribution.entropy import (
    atkinson,
    generalized_entropy,
    kolm_pollak_ede,
    theil_l,
    theil_t,
)
from spatialjustice.inequality.distribution.gini_and_lorenz import gini, hoover
from spatialjustice.inequality.distribution.intervals import FEWEST_REPLICATIONS, Estimate, intervals
from spatialjustice.inequality.distribution.ratios import palma_ratio, quantile_ratio, share_ratio
from spatialjustice.inequality.distribution.sufficiency import fgt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


DIRECTIONS = ("higher is better", "lower is better")


class _Measure(NamedTuple):
    """What is computed, in which unit (empty: that of the values), and what it needs beside values and people."""

    of: Callable[..., float]
    unit: str
    ranks: bool = False
    line: bool = False
    directed: bool = False


def _mean(values: Values, *, weights: Values | None = None) -> float:
    amounts = flat_numbers(values, "values")
    people = np.ones(len(amounts)) if weights is None else flat_numbers(weights, "weights")
    scaled = people / people.max()
    return sum_of_products(scaled, amounts) / float(scaled.sum())


MEASURES: dict[str, _Measure] = {
    "mean": _Measure(_mean, ""),
    "gini": _Measure(gini, "index"),
    "hoover": _Measure(hoover, "share"),
    "theil_t": _Measure(theil_t, "index"),
    "theil_l": _Measure(theil_l, "index"),
    "generalized_entropy": _Measure(partial(generalized_entropy, alpha=2), "index"),
    "atkinson": _Measure(partial(atkinson, epsilon=0.5), "share"),
    "kolm_pollak_ede": _Measure(partial(kolm_pollak_ede, epsilon=1.0), "", directed=True),
    "quantile_ratio": _Measure(quantile_ratio, "ratio"),
    "palma_ratio": _Measure(palma_ratio, "ratio", ranks=True),
    "share_ratio": _Measure(share_ratio, "ratio", ranks=True),
    "concentration_index": _Measure(concentration_index, "index", ranks=True),
    "concentration_index_corrected": _Measure(partial(concentration_index, type="corrected"), "index", ranks=True),
    "suits": _Measure(suits, "index", ranks=True),
    "fgt": _Measure(fgt, "share", line=True, directed=True),
    "fgt_gap": _Measure(partial(fgt, alpha=1), "share", line=True, directed=True),
    "fgt_gap_squared": _Measure(partial(fgt, alpha=2), "share", line=True, directed=True),
}
"""Every measure of the table, with the settings that it has there."""


def summary(  # noqa: PLR0913 - people or weights, of which one is given
    frame: pd.DataFrame | pd.Series[Any],
    *,
    people: Values | None = None,
    weights: Values | None = None,
    rank_by: Values | None = None,
    line: float | Mapping[str, float] | None = None,
    direction: str | Mapping[str, str] | None = None,
    measures: Sequence[str] | None = None,
    replications: int = 0,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Tell how unequally several things are spread, by all measures at once.

    No single number tells the whole: the Gini index looks at the middle, the Atkinson index and Theil's L at those with
    least, the Palma ratio and the concentration index at income, and the measures of Foster, Greer and Thorbecke at who
    has too little, however much the others have.

    Parameters
    ----------
    frame
        One row for each zone, one column for each thing that people have, 0 or more; or one Series. Missing where it is
        not known: these people take no part in this column and are counted in ``people_left_out``.
    people
        People of each zone; None counts every row once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.
    rank_by
        Income, or anything that rises with it; people of unknown rank take no part in the measures that need it.
    line
        What is enough, in the unit of the values; one number, or column → number.
    direction
        ``"higher is better"`` or ``"lower is better"``, or column → one of them. None reads it from the attrs of each
        column, and takes higher as better where these say nothing.
    measures
        Names of measures, those of the functions (``gini``, ``palma_ratio``, …); None takes all that can be had with
        what is given.
    replications
        Draws behind each interval (weighted bootstrap by zone, 95 %), at least 99; 0 makes none.
    rng
        Seed of the draws, or a generator to draw one from; None draws one, which ``attrs["seed"]`` tells.

    Returns
    -------
    DataFrame
        One row for each column and measure: ``column``, ``measure``, ``value``, ``low``, ``high``, ``unit``,
        ``of_direction`` (which way is better for the column), ``n`` (zones where people live that took part),
        ``people``, ``people_left_out``, ``note``. A measure that is undefined has no value, and the note says why.
        ``generalized_entropy`` is that of 2, ``atkinson`` that of 0.5, ``kolm_pollak_ede`` that of 1 with the kappa of
        the column; ``fgt`` is the share of people without enough, ``fgt_gap`` and ``fgt_gap_squared`` weigh them by
        what they lack. :func:`spatialjustice.report.latex` makes a narrow table for a paper of it.

    Raises
    ------
    InputError
        When ids differ, weights are missing, negative or all 0, a value is negative or infinite, nobody has a value in
        a column, or a setting cannot be used.

    References
    ----------
    Karner, A., Pereira, R. H. M., & Farber, S. (2024). Advances and pitfalls in measuring transportation equity.
    Transportation, 1-29 (why several measures, and which).

    Examples
    --------
    >>> jobs = pd.Series([10.0, 20.0, 70.0], index=["north", "east", "south"], name="jobs")
    >>> table = summary(jobs, people=pd.Series([5, 3, 2], index=jobs.index), line=15, measures=["mean", "gini", "fgt"])
    >>> table[["measure", "value", "people"]]
      measure  value  people
    0    mean  25.00    10.0
    1    gini   0.42    10.0
    2     fgt   0.50    10.0
    """
    weights = people_or_weights(people, weights)
    columns = _series(frame)
    if not columns:
        raise InputError("frame", "it has no columns", "Give a column for each thing that people have.")
    first = next(iter(columns.values()))
    counts = np.ones(len(first)) if weights is None else aligned_by_id(weights, "weights", first, "frame")
    _refuse_people(counts, first.index)
    ranks = None if rank_by is None else aligned_by_id(rank_by, "rank_by", first, "frame")
    draws, seed = checked_whole_number(replications, "replications", least=0), seed_of(rng)
    everybody = _Everybody(first.index, counts, ranks, draws, seed)
    chosen = _chosen_measures(measures, ranks is not None, line is not None)
    rows = []
    for name, values in tqdm(columns.items(), desc="measures of inequality", delay=2, leave=False):
        column = _ValueColumn.read(values, name, line, direction, counts)
        # What measures share is made once: ids of many zones are slower to choose and to check than any measure.
        takes_part = {
            ranked: _TakesPart.of(column, everybody, ranked=ranked)
            for ranked in dict.fromkeys(MEASURES[one].ranks for one in chosen)
        }
        found = {one: _row(column, MEASURES[one], takes_part[MEASURES[one].ranks]) for one in chosen}
        if draws:
            for ranked, who in takes_part.items():
                told = {one: row for one, row in found.items() if MEASURES[one].ranks == ranked and not row["note"]}
                _add_intervals(told, column, who, everybody)
        rows += [{"column": name, "measure": one, **row} for one, row in found.items()]
    result = pd.DataFrame(rows)
    result.attrs.update(
        {
            "measure": "summary",
            "unit": "label",
            "direction": "none",
            "replications": draws,
            "seed": seed,
            "level": LEVEL,
            "sources": [record.as_dict() for record in sources_of(frame, weights, rank_by)],
            "findings": [
                item.as_dict() for item in dict.fromkeys([*findings_of(frame, weights, rank_by), *_left_out(result)])
            ],
        }
    )
    return result


LEVEL = 0.95


def _series(frame: pd.DataFrame | pd.Series[Any]) -> dict[Any, pd.Series[Any]]:
    """Return every column with what it carries; a Series is one."""
    require_ids(frame, "frame")
    if isinstance(frame, pd.Series):
        return {"values" if frame.name is None else frame.name: frame}
    return {name: frame[name] for name in frame.columns}


class _Everybody(NamedTuple):
    """People of each zone with their rank, and how intervals are drawn."""

    ids: pd.Index[Any]
    people: Floats
    ranks: Floats | None
    draws: int
    seed: int


class _ValueColumn(NamedTuple):
    name: Any
    amounts: Floats
    unit: str
    direction: str
    line: float | None

    @classmethod
    def read(
        cls,
        values: pd.Series[Any],
        name: Any,
        line: float | Mapping[str, float] | None,
        direction: str | Mapping[str, str] | None,
        people: Floats,
    ) -> _ValueColumn:
        """Take a column with what is known of it."""
        said = values.attrs.get("direction") if direction is None else direction
        if said is not None and not isinstance(said, str):
            said = said.get(name)
        word = said if said not in (None, "none") else DIRECTIONS[0]
        if direction is not None:
            checked_choice(str(word), DIRECTIONS, "direction")
        enough = line if line is None or isinstance(line, int | float | np.number) else line.get(name)
        amounts = flat_numbers(values, str(name))
        advice = "The measures have no meaning for them. Codes for “no data” must be made missing first."
        wrong = (amounts < 0) | np.isinf(amounts)
        amounts[wrong & (people == 0)] = np.nan
        refuse_rows(wrong & (people > 0), values.index, str(name), "values are negative or infinite", advice)
        return cls(name, amounts, str(values.attrs.get("unit", "amount")), str(word), enough)


def _refuse_people(people: Floats, ids: pd.Index[Any]) -> None:
    advice = "A weight is a number of people or households: 0 or more, known for every row."
    refuse_rows(
        ~np.isfinite(people) | (people < 0), ids, "weights", "numbers are missing, infinite or negative", advice
    )
    if not people.any():
        raise InputError("weights", "all are 0", "Nobody would be counted. Check the column of people.")


def _chosen_measures(measures: Sequence[str] | None, ranked: bool, lined: bool) -> list[str]:
    if measures is not None:
        if isinstance(measures, str) or not measures:
            raise InputError("measures", f"they are {measures!r}", f"Give a list of: {', '.join(MEASURES)}.")
        return [checked_choice(name, tuple(MEASURES), "measures") for name in dict.fromkeys(measures)]
    return [name for name, one in MEASURES.items() if (ranked or not one.ranks) and (lined or not one.line)]


class _TakesPart(NamedTuple):
    """Zones with a value, and a rank where one is needed: theirs, and the people of the others."""

    values: pd.Series[Any]
    people: pd.Series[Any]
    ranks: pd.Series[Any] | None
    lived_in: int
    left_out: float

    @classmethod
    def of(cls, column: _ValueColumn, everybody: _Everybody, *, ranked: bool) -> _TakesPart:
        """Choose the zones."""
        there = ~np.isnan(column.amounts)
        ranks = everybody.ranks if ranked else None
        if ranks is not None:
            there &= ~np.isnan(ranks)
        ids, people = everybody.ids[there], everybody.people[there]
        return cls(
            pd.Series(column.amounts[there], index=ids),
            pd.Series(people, index=ids),
            None if ranks is None else pd.Series(ranks[there], index=ids),
            int((people > 0).sum()),
            float(everybody.people[~there].sum()),
        )


def _row(column: _ValueColumn, measure: _Measure, who: _TakesPart) -> dict[str, Any]:
    """Return a measure of a column with who took part, or why there is none."""
    row: dict[str, Any] = {
        "value": np.nan,
        "low": np.nan,
        "high": np.nan,
        "unit": measure.unit or column.unit,
        "of_direction": column.direction,
        "n": who.lived_in,
        "people": float(who.people.to_numpy().sum()),
        "people_left_out": who.left_out,
        "note": "",
    }
    lacking = {
        "needs rank_by": measure.ranks and who.ranks is None,
        "needs a line": measure.line and column.line is None,
        "nobody has a known rank": measure.ranks and not who.lived_in,
        "nobody has a value": not who.lived_in,
    }
    if any(lacking.values()):
        return {**row, "note": next(why for why, is_so in lacking.items() if is_so)}
    try:
        row["value"] = measure.of(who.values, weights=who.people, **_settings(column, measure, who))
    except InputError as reason:
        row["note"] = f"{reason.name}: {reason.found}"
    return row


def _settings(column: _ValueColumn, measure: _Measure, who: _TakesPart) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if measure.ranks:
        settings["rank_by"] = who.ranks
    if measure.line:
        settings["line"] = column.line
    if measure.directed:
        settings["direction"] = column.direction
    return settings


def _add_intervals(
    rows: Mapping[str, dict[str, Any]], column: _ValueColumn, who: _TakesPart, everybody: _Everybody
) -> None:
    """Add the ends of intervals to measures of the same zones, all from the same draws, or say why there are none."""
    if not rows:
        return
    asked = [(MEASURES[one].of, _settings(column, MEASURES[one], who)) for one in rows]
    found: list[Estimate | InputError]
    try:
        found = intervals(
            asked,
            who.values,
            who.people,
            seed=everybody.seed,
            replications=checked_whole_number(everybody.draws, "replications", least=FEWEST_REPLICATIONS),
            level=LEVEL,
        )
    except InputError as reason:
        found = [reason] * len(asked)
    for row, one in zip(rows.values(), found, strict=True):
        if isinstance(one, InputError):
            row["note"] = f"{'no interval' if np.isfinite(row['value']) else one.name}: {one.found}"
        else:
            row |= {"low": one.low, "high": one.high}


def _left_out(result: pd.DataFrame) -> list[Finding]:
    """Say how many people are in no measure of a column, because nothing is known of what they have."""
    least = result.groupby("column", sort=False)["people_left_out"].min()
    return [
        Finding(
            "people_without_a_value",
            "warning",
            f"{people:,.0f} people have no value of {column}; they take no part in its measures.",
            people=float(people),
            advice="Say how many they are beside every number, or fill in what they have: nothing is 0.",
        )
        for column, people in least.items()
        if people > 0
    ]
