"""The same zones in several years: checked tables, draws of zones, and classes that every year shares."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, findings_of
from spatialjustice._core.frames import require_ids
from spatialjustice._core.provenance import sources_of
from spatialjustice.inequality._inputs import Floats, checked_choice, checked_whole_number, flat_numbers, refuse_rows
from spatialjustice.inequality.space._graph import sorted_positions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from spatialjustice.inequality.groups._tables import Uncertainty

CUTS = ("each year", "all years")


class Panel(NamedTuple):
    """Values of zones (rows, in the order of their sorted ids) in years (columns, rising), and people of the same form.

    Parameters
    ----------
    amounts
        What each zone has in each year.
    people
        People of each zone in each year; ones where nobody said.
    years
        Names of the columns.
    ids
        Ids of the rows.
    """

    amounts: Floats
    people: Floats
    years: list[Any]
    ids: pd.Index[Any]


def read_panel(
    panel: pd.DataFrame, weights: pd.Series[Any] | pd.DataFrame | None = None, *, positive: bool = False
) -> Panel:
    """Check a table with a row for each zone and a column for each year.

    Raises
    ------
    InputError
        When it is no table, has fewer than two years, years that do not rise, fewer than four zones, or values that
        are missing, infinite or (where asked) not above 0; when the weights do not fit.
    """
    if not isinstance(panel, pd.DataFrame):
        raise InputError(
            "panel", f"it is {a_kind(panel)}", "Give a table with a row for each zone and a column per year."
        )
    require_ids(panel, "panel")
    years = list(panel.columns)
    if len(years) < 2:
        raise InputError("panel", f"it has {len(years)} columns", "Change needs at least two years, a column for each.")
    if len(panel) < 4:
        raise InputError("panel", f"it has {len(panel)} zones", "At least four are needed.")
    _require_rising(years)
    order = sorted_positions(panel.index)
    columns = []
    for place, year in enumerate(years):
        column = panel.iloc[:, place]
        found = flat_numbers(column, f"panel, {year}")
        advice = "Leave out these zones or this year, and say so: a zone must be known in all years to be followed."
        refuse_rows(~np.isfinite(found), panel.index, f"panel, {year}", "values are missing or infinite", advice)
        if positive:
            advice = "Logarithms and relative change have no meaning for them."
            refuse_rows(found <= 0, panel.index, f"panel, {year}", "values are 0 or negative", advice)
        columns.append(found[order])
    return Panel(np.column_stack(columns), _people(panel, weights)[order], years, panel.index[order])


def _require_rising(years: list[Any]) -> None:
    try:
        rising = all(one < other for one, other in pairwise(years))
    except TypeError:
        rising = False
    if not rising:
        raise InputError(
            "panel",
            f"its columns are {', '.join(map(str, years[:5]))}{' …' if len(years) > 5 else ''}",
            "Give one column for each year, in rising order, for example with .sort_index(axis=1).",
        )


def _people(panel: pd.DataFrame, weights: pd.Series[Any] | pd.DataFrame | None) -> Floats:
    """Return the people of each zone (in the panel's order) in each year."""
    if weights is None:
        return np.ones(panel.shape)
    if not isinstance(weights, pd.Series | pd.DataFrame):
        raise InputError("weights", f"they are {a_kind(weights)}", "Give a Series, or a table with the panel's years.")
    require_ids(weights, "weights")
    strangers = weights.index.symmetric_difference(panel.index, sort=False)
    if len(strangers):
        raise InputError(
            "weights",
            f"{len(strangers):,} ids are not in both panel and weights",
            "Both are matched by id. Give them the same index.",
            rows=strangers,
        )
    table = weights if isinstance(weights, pd.DataFrame) else pd.DataFrame(dict.fromkeys(panel.columns, weights))
    if set(table.columns) != set(panel.columns):
        raise InputError("weights", "their columns are not those of the panel", "Give people for every year of it.")
    known = table.reindex(index=panel.index, columns=panel.columns)
    counts = np.column_stack([flat_numbers(known.iloc[:, place], "weights") for place in range(known.shape[1])])
    wrong = np.asarray((~np.isfinite(counts) | (counts < 0)).any(axis=1))
    advice = "A weight is a number of people or households: 0 or more, known for every row."
    refuse_rows(wrong, panel.index, "weights", "numbers are missing, infinite or below 0", advice)
    if not counts.any(axis=0).all():
        raise InputError("weights", "all of a year are 0", "Nobody would be counted. Check the column of people.")
    return counts


def unequal_steps(years: list[Any]) -> list[Finding]:
    """Say so when the years do not follow each other at equal distances."""
    if not all(isinstance(year, int | np.integer) and not isinstance(year, bool) for year in years):
        return []
    steps = np.diff(np.array(years, dtype=np.int64))
    if (steps == steps[0]).all():
        return []
    return [
        Finding(
            "unequal_steps",
            "warning",
            f"The years are {int(steps.min()):,} to {int(steps.max()):,} apart: a move over a long step "
            "and one over a short step are counted alike.",
            count=int((steps != steps[0]).sum()),
            advice="Keep years at equal distances.",
        )
    ]


def into_classes(
    values: Floats, classes: int | Sequence[float], cut: str, years: list[Any], name: str = "classes"
) -> tuple[NDArray[np.int64], list[list[float]]]:
    """Return the class of each value (0 for the lowest) and the upper limits of all classes but the last, by year.

    A value at a limit belongs to the class below it.

    Raises
    ------
    InputError
        When the classes cannot be made.
    """
    checked_choice(cut, CUTS, "cut")
    if isinstance(classes, int | np.integer):
        count = checked_whole_number(classes, name, least=2)
        shares = np.arange(1, count) / count
        pooled = np.quantile(values, shares) if cut == "all years" else None
        limits = [np.quantile(values[:, t], shares) if pooled is None else pooled for t in range(values.shape[1])]
        for year, ends in zip(years, limits, strict=True):
            if not (np.diff(ends) > 0).all():
                raise InputError(
                    name,
                    f"{count} classes of equal size cannot be told apart in {year}: too many zones have the same value",
                    "Ask for fewer classes, or give their limits.",
                )
    else:
        given = np.asarray([*classes] if hasattr(classes, "__iter__") else [], dtype=np.float64)
        if not len(given) or not np.isfinite(given).all() or not (np.diff(given) > 0).all():
            raise InputError(
                name, f"they are {classes!r}", "Give a number of classes, or their limits in rising order."
            )
        limits = [given] * values.shape[1]
    found = np.column_stack([np.searchsorted(ends, values[:, t], side="left") for t, ends in enumerate(limits)])
    return found.astype(np.int64), [[float(end) for end in ends] for ends in limits]


def bootstrap(count: int, statistic: Callable[[Floats], Floats], how: Uncertainty, size: int) -> Floats:
    """Return the statistic of draws of zones with replacement; it is given how often each zone was drawn."""
    found = np.full((how.replications, size), np.nan)
    generator = np.random.default_rng(how.seed)
    for step in tqdm(range(how.replications), desc="intervals", delay=2, leave=False):
        times = np.bincount(generator.integers(count, size=count), minlength=count).astype(np.float64)
        with np.errstate(all="ignore"):
            found[step] = statistic(times)
    return found


def few_zones(count: int, fewest: int, how: Uncertainty) -> list[Finding]:
    """Say so when an interval rests on few zones."""
    if count >= fewest or not how.replications:
        return []
    message = f"The intervals rest on {count:,} zones; with fewer than {fewest} they are narrower than they should be."
    return [Finding("few_zones", "warning", message, count=count)]


def with_attrs(result: Any, facts: dict[str, Any], *inputs: Any, findings: Sequence[Finding] = ()) -> Any:
    """Attach to a result what was measured, and the sources and findings of all that went into it."""
    result.attrs.update(
        {
            **facts,
            "sources": [record.as_dict() for record in sources_of(*inputs)],
            "findings": [item.as_dict() for item in dict.fromkeys([*findings_of(*inputs), *findings])],
        }
    )
    return result
