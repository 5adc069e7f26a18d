"""What the columns of a frame stand for: component or dimension, unit, direction, title, and the step that is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.names.suggest import nearest_word
from spatialjustice.catalogue import LANGUAGES, indicators, text_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COMPONENTS = ("technology", "people", "institutions")
DIMENSIONS = ("environmental", "social", "economic")
GROUPS = {"component": COMPONENTS, "dimension": DIMENSIONS}
WAYS = ("higher is better", "lower is better", "none")
POINTS = {"share": 0.1, "percent": 10.0}
"""Ten percentage points, in the unit of the column."""

STEPS = ("10 percentage points", "interquartile range", "given")


class Variable(NamedTuple):
    """A column and what it stands for; ``group`` is its component or its dimension."""

    name: str
    group: str
    unit: str = ""
    direction: str = "none"
    titles: Mapping[str, str] = {}
    step: float | None = None

    def title(self, lang: str) -> str:
        """Return what it is called in a language."""
        return text_in(self.titles, lang) if self.titles else self.name.replace("_", " ")


def variables(given: Any, frame: pd.DataFrame, kind: str, name: str) -> tuple[Variable, ...]:
    """Return the variables that were named, each with what was said of it, or what the catalogue says.

    Raises
    ------
    InputError
        When a column is not there or holds no numbers, or its component, dimension, direction or step is no such.
    """
    if isinstance(given, str) or not isinstance(given, Mapping | list | tuple):
        raise InputError(
            name,
            f"it is {given!r}" if isinstance(given, str) else f"it is {a_kind(given)}",
            f"Give a mapping: column → its {kind}, or column → a mapping with {kind}, unit, direction, title, step.",
        )
    said = dict(given) if isinstance(given, Mapping) else {column: {} for column in given}
    if not said:
        raise InputError(name, "there are none", f"Name at least one column with its {kind}.")
    return tuple(_variable(column, one, frame, kind, name) for column, one in said.items())


def _variable(column: Any, said: Any, frame: pd.DataFrame, kind: str, name: str) -> Variable:
    require_column(column, frame, name)
    record: Mapping[str, Any] = indicators().get(str(column), {})
    own: dict[str, Any] = {kind: said} if isinstance(said, str) else dict(said)
    strangers = sorted(set(own) - {kind, "unit", "direction", "title", "step"})
    if strangers:
        raise InputError(
            name, f"{strangers[0]!r} of {column} is not known", f"Say {kind}, unit, direction, title or step."
        )
    group = own.get(kind, record.get(kind))
    if group not in GROUPS[kind]:
        found = f"{column} has no {kind}" if group is None else f"{group!r} of {column} is no {kind}"
        raise InputError(name, found, f"Choose {', '.join(GROUPS[kind])}.")
    direction = own.get("direction", record.get("direction", "none"))
    if direction not in WAYS:
        raise InputError(name, f"the direction of {column} is {direction!r}", f"Choose {', '.join(WAYS)}.")
    step = own.get("step")
    if step is not None and not (isinstance(step, int | float) and not isinstance(step, bool) and 0 < step < np.inf):
        raise InputError(name, f"the step of {column} is {step!r}", "Give a number above 0, in the column's own unit.")
    return Variable(
        str(column), str(group), str(own.get("unit", record.get("unit", ""))), direction, _titles(own, record), step
    )


def controlled(given: Any, frame: pd.DataFrame) -> tuple[Variable, ...]:
    """Return what is held equal: names of columns, or column → title.

    Raises
    ------
    InputError
        When a column is not there, holds no numbers, or is named twice.
    """
    said = dict.fromkeys([given] if isinstance(given, str) else given)
    if isinstance(given, Mapping):
        said = dict(given)
    elif not isinstance(given, str):
        no_column_twice([str(one) for one in given], "controls")
    for name in said:
        require_column(name, frame, "controls")
    return tuple(Variable(str(name), "", titles=_titles({"title": title}, {})) for name, title in said.items())


def _titles(own: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, str]:
    title = own.get("title", record.get("name"))
    return {} if title is None else {lang: text_in(title, lang) for lang in LANGUAGES}


def require_column(column: Any, frame: pd.DataFrame, name: str) -> None:
    """Refuse a column that is not there or holds no numbers.

    Raises
    ------
    InputError
        Naming the column.
    """
    if column not in frame.columns:
        near = nearest_word(str(column), [str(one) for one in frame.columns], alike=0.5)
        hint = "" if near is None else f"Did you mean “{near}”? "
        raise InputError(name, f"“{column}” is no column of the frame", f"{hint}Name columns of the frame.")
    kind = frame[column].dtype
    if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind)):
        raise InputError(
            name,
            f"“{column}” does not hold numbers",
            "Make numbers of it first, for example 1 where something is so and 0 where it is not.",
        )


def numbers(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Return columns as floats; infinite numbers are refused.

    Raises
    ------
    InputError
        Naming the rows with an infinite number.
    """
    table = frame[list(dict.fromkeys(names))].astype(np.float64)
    for column in table:
        endless = np.isinf(table[column].to_numpy())
        if endless.any():
            raise InputError(
                str(column),
                f"{int(endless.sum()):,} values are infinite",
                "Make them missing, or give them a value.",
                rows=frame.index[endless],
            )
    return table


def step_of(variable: Variable, values: pd.Series[Any]) -> tuple[float, str]:
    """Return by how much more of an indicator its relations are told, and which of ``STEPS`` that is."""
    if variable.step is not None:
        return float(variable.step), "given"
    if variable.unit in POINTS:
        return POINTS[variable.unit], "10 percentage points"
    middle = interquartile_range(values)
    return middle, "interquartile range"


def interquartile_range(values: pd.Series[Any]) -> float:
    """Return how far the middle half of the rows reaches; the standard deviation where most rows are the same."""
    known = values.dropna()
    if not len(known):
        return np.nan
    low, high = np.quantile(known, [0.25, 0.75])
    return float(high - low) if high > low else float(known.std(ddof=0))


def no_column_twice(names: Sequence[str], name: str) -> None:
    """Refuse a column that is named twice.

    Raises
    ------
    InputError
        Naming it.
    """
    twice = [one for one in dict.fromkeys(names) if names.count(one) > 1]
    if twice:
        raise InputError(name, f"“{twice[0]}” is named twice", "Name each column once.")
