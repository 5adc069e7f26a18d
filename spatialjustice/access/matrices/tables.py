"""Tables of pairs and wide tables: which columns hold the ids and the costs, and how the table lies."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, listed
from spatialjustice._core.findings import Finding
from spatialjustice._core.numbers.checks import kind_of_values
from spatialjustice.access.matrices.spellings import FROM, TO, cost_columns, plain, unit_in_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMES = ("from_id", "to_id", "travel_cost")


class Pairs(NamedTuple):
    """Pairs as a table tells them: ids, costs as they are written, and the unit where the table says it."""

    from_ids: pd.Index[Any]
    to_ids: pd.Index[Any]
    costs: pd.Series[Any]
    unit: str | None = None
    findings: tuple[Finding, ...] = ()


def pairs_of_frame(frame: pd.DataFrame, columns: Mapping[str, Any] | None, wide: Wide) -> Pairs:
    """Return the pairs of a frame, long or wide.

    Raises
    ------
    InputError
        When it is not clear which columns hold the ids or the costs.
    """
    if isinstance(frame.columns, pd.MultiIndex):
        raise InputError("travel costs", "its columns have several levels", "Give one table with one level of columns.")
    if not frame.columns.is_unique:
        twice = listed(frame.columns[frame.columns.duplicated()])
        raise InputError(
            "travel costs", f"the columns {twice} occur more than once", "Give every column a name of its own."
        )
    table = frame.reset_index() if isinstance(frame.index, pd.MultiIndex) else frame
    if isinstance(frame.index, pd.MultiIndex) and not columns and None in frame.index.names:
        table = table.rename_axis(columns=None).set_axis(["from_id", "to_id", *frame.columns], axis="columns")
    given = _checked_columns(columns, table)
    froms, tos = _column_of_ids(table, FROM, given.get("from_id")), _column_of_ids(table, TO, given.get("to_id"))
    if froms is None or tos is None:
        named = [name for name in (froms, tos) if name is not None]
        if "from_id" not in given and "to_id" not in given and _may_be_wide(table, named, tos):
            return wide.pairs(table if froms is None else table.set_index(froms))
        raise _no_columns(table, froms, tos)
    if {"option", "segment"} <= set(table.columns):
        return _quickest_option(table, froms, tos, given.get("travel_cost"))
    cost = given.get("travel_cost") or _column_of_costs(table)
    unit = "minutes" if type(frame).__module__.partition(".")[0] == "r5py" else None
    told = unit_in_name(cost) or unit or frame.attrs.get("unit")
    return Pairs(pd.Index(table[froms]), pd.Index(table[tos]), table[cost], told)


def pairs_of_series(series: pd.Series[Any]) -> Pairs:
    """Return the pairs of a Series with the ids of both ends as its index.

    Raises
    ------
    InputError
        When its index has not two levels.
    """
    if series.index.nlevels != 2:
        found = f"it is a Series whose index has {series.index.nlevels} level(s)"
        raise InputError("travel costs", found, "Give one with two: the ids of origins and of destinations.")
    named = [plain(name) for name in series.index.names]
    swapped = named[0] in TO and named[1] in FROM
    froms, tos = (series.index.get_level_values(level) for level in ((1, 0) if swapped else (0, 1)))
    told = unit_in_name(series.name) if series.name is not None else None
    return Pairs(froms, tos, series.reset_index(drop=True), told or series.attrs.get("unit"))


class Wide(NamedTuple):
    """Ids of the rows and columns of a wide table, where they are given beside it."""

    origins: pd.Index[Any] | None
    destinations: pd.Index[Any] | None

    def pairs(self, table: pd.DataFrame) -> Pairs:
        """Return the pairs of a frame with ids of origins as index and ids of destinations as columns.

        Raises
        ------
        InputError
            When rows or columns have no ids, or hold ranks instead of places.
        """
        plainly_numbered = table.index.equals(pd.RangeIndex(len(table))) and table.index.name is None
        if plainly_numbered and self.origins is not None and len(self.origins) == len(table):
            table = table.set_axis(self.origins)
        elif plainly_numbered and not table.columns.equals(table.index):
            raise InputError(
                "travel costs",
                "it looks like a wide table whose rows have no ids (0, 1, 2, …)",
                "Make the column that holds them its index, table.set_index(…), or give origins= in its order.",
            )
        if self.destinations is None:
            _refuse_ranks(table)
        table = table.set_axis(_same_kind(table.columns, self.destinations, table.index), axis="columns")
        values = table.to_numpy()
        return self._pairs(values, table.index, table.columns, table.attrs.get("unit"))

    def of_array(self, values: NDArray[Any], unit: str | None = None) -> Pairs:
        """Return the pairs of rows and columns without names, in the order of the ids given, else numbered from 0 on.

        Raises
        ------
        InputError
            When there are more or fewer ids.
        """
        if values.ndim != 2:
            raise InputError("travel costs", f"the array has {values.ndim} dimension(s)", "Give rows and columns.")
        numbered = [pd.RangeIndex(size) for size in values.shape]
        origins = numbered[0] if self.origins is None else self.origins
        destinations = numbered[1] if self.destinations is None else self.destinations
        if values.shape != (len(origins), len(destinations)):
            turned = values.shape == (len(destinations), len(origins))
            raise InputError(
                "travel costs",
                f"it has {values.shape[0]:,} rows and {values.shape[1]:,} columns, for {len(origins):,} origins "
                f"and {len(destinations):,} destinations",
                "It lies the other way round: give its transpose."
                if turned
                else "Give the places that were asked for.",
            )
        return self._pairs(values, origins, destinations, unit)

    @staticmethod
    def _pairs(values: NDArray[Any], rows: pd.Index[Any], columns: pd.Index[Any], unit: str | None) -> Pairs:
        froms, tos = rows.repeat(len(columns)), columns.take(np.tile(np.arange(len(columns)), len(rows)))
        return Pairs(froms, tos, pd.Series(values.ravel()), unit)


def _checked_columns(columns: Any, table: pd.DataFrame) -> dict[str, Any]:
    """Return which columns are said to hold what."""
    if columns is None:
        return {}
    if not isinstance(columns, Mapping) or not set(columns) <= set(NAMES):
        raise InputError(
            "columns",
            f"it is {columns!r}",
            'Say which column is which, for example {"travel_cost": "travel_time_p50"}.',
        )
    absent = [name for name in columns.values() if not isinstance(name, Hashable) or name not in table.columns]
    if absent:
        raise InputError("columns", f"there is no column {listed(absent)}", f"There are {listed(table, shown=12)}.")
    return dict(columns)


def _column_of_ids(table: pd.DataFrame, spellings: frozenset[str], given: Any) -> Any:
    """Return the column that holds the ids of one end; None where none is known."""
    if given is not None:
        return given
    found = [name for name in table.columns if plain(name) in spellings]
    exact = [name for name in found if name in {"from_id", "to_id"}]
    if len(exact or found) > 1:
        side = "from_id" if spellings is FROM else "to_id"
        raise InputError(
            "travel costs", f"several columns may hold the {side}: {listed(found)}", f'Say columns={{"{side}": …}}.'
        )
    return next(iter(exact or found), None)


def _column_of_costs(table: pd.DataFrame) -> Any:
    found = cost_columns(table.columns)
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            "travel costs",
            f"several columns may hold the costs: {listed(found, shown=12)}",
            f'Say which, for example columns={{"travel_cost": "{found[len(found) // 2]}"}}. Or take all '
            "of them: sj.access.costs_by_column(table, unit=…).",
        )
    raise InputError(
        "travel costs",
        f"no column is known to hold the costs ({listed(table, shown=12)})",
        'Say which does: columns={"travel_cost": …}.',
    )


def _may_be_wide(table: pd.DataFrame, named: list[Any], tos: Any) -> bool:
    """Tell whether a table without columns of both ids can be one with destinations as columns."""
    others = [name for name in table.columns if name not in named]
    if tos is not None or not others or any(isinstance(name, str) and cost_columns([name]) for name in others):
        return False
    return all(kind_of_values(table[name]) in {None, "durations"} for name in others)


def _no_columns(table: pd.DataFrame, froms: Any, tos: Any) -> InputError:
    lacking = [name for name, column in (("from_id", froms), ("to_id", tos)) if column is None]
    return InputError(
        "travel costs",
        f"no column is known to hold the {' and the '.join(lacking)} ({listed(table, shown=12)})",
        f'Say which does: columns={{"{lacking[0]}": …}}. A wide table has ids of origins as its index and one column '
        "of numbers for each destination.",
    )


def _quickest_option(table: pd.DataFrame, froms: Any, tos: Any, cost: Any) -> Pairs:
    """Return the quickest way of each pair of r5r's detailed itineraries, whose total minutes stand in every row."""
    if cost is None and "total_duration" not in table.columns:
        raise InputError(
            "travel costs",
            "these are itineraries in segments, without the total of each",
            "Ask the router for a matrix of travel times, or sum the segments and their waits up for each option.",
        )
    named = cost or "total_duration"
    quickest = table.groupby([froms, tos], sort=False, observed=True)[named].min()
    finding = Finding(
        "quickest_of_options",
        "information",
        f"{len(table):,} rows of several ways became the quickest way of each of {len(quickest):,} pairs.",
        count=len(table),
    )
    unit = "minutes" if named == "total_duration" else None
    return pairs_of_series(quickest)._replace(unit=unit, findings=(finding,))


def _refuse_ranks(table: pd.DataFrame) -> None:
    """Refuse costs to the nearest, second nearest … place, which do not say which place it is."""
    labels: list[Any] = list(table.columns)
    if labels != list(range(1, len(labels) + 1)) or len(labels) < 2 or len(table) < 3:
        return
    values = table.to_numpy(dtype=float, na_value=np.nan)
    if (np.diff(values, axis=1) >= 0).all():
        raise InputError(
            "travel costs",
            f"its columns are 1 to {len(labels)}, and no row ever falls: these look like the costs to the nearest, the "
            "second nearest … place, as pandana's nearest_pois gives them",
            "They do not say which places. Ask for a matrix of pairs, or give destinations= if 1, 2, … are their ids.",
        )


def _same_kind(columns: pd.Index[Any], known: pd.Index[Any] | None, rows: pd.Index[Any]) -> pd.Index[Any]:
    """Return ids of columns as numbers where a text file made text of them: those given, or those of the rows, are."""
    numbers = pd.api.types.is_integer_dtype(known if known is not None else rows)
    if not numbers or not all(isinstance(name, str) and str(name).isdecimal() for name in columns):
        return columns
    made = columns.astype(int)
    return made if all(str(number) == name for number, name in zip(made, columns, strict=True)) else columns
