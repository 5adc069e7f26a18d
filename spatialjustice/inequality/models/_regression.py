"""What every regression model starts from: outcome, variables and neighbours, checked and brought together by id."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice._core.findings import Finding, first_ids
from spatialjustice._core.frames import require_ids
from spatialjustice.inequality._inputs import Floats, checked_choice, flat_numbers, refuse_rows
from spatialjustice.inequality.space._graph import sorted_positions
from spatialjustice.inequality.space.neighbours.links import is_graph

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from libpysal.graph import Graph
    from numpy.typing import NDArray

Missing = Literal["raise", "leave out"]
MISSING = ("raise", "leave out")

RESERVED = ("intercept", "rho", "lambda")
"""Names of the terms that every model adds to the user's variables."""

SAME = 1e-10
"""Values that differ by less than this share of the largest differ by rounding only."""

EXACT = 1e-7
"""Smallest part of a variable, or of the outcome, that the others must leave open, in standard deviations."""


class ArgumentNames(NamedTuple):
    """What the arguments are called where the user gave them, for messages."""

    outcome: str = "outcome"
    explanations: str = "explanations"
    leave_out: str = "missing='leave out'"


PLAIN = ArgumentNames()


@dataclass(frozen=True, slots=True)
class Design:
    """Outcome, variables and neighbours of the zones that take part, in the order of their sorted ids.

    Parameters
    ----------
    index
        Ids of all zones, as the user gave them.
    place
        Position in ``index`` of each zone that takes part.
    outcome
        Name of the outcome.
    names
        Names of the variables.
    y, x
        Their numbers; ``x`` without a column of ones.
    links
        Sparse matrix of neighbours whose rows sum to 1; None where no neighbours were given.
    units, titles
        Unit and readable name of the outcome and the variables; empty where unknown.
    findings
        What was left out.
    """

    index: pd.Index[Any]
    place: NDArray[np.int64]
    outcome: str
    names: tuple[str, ...]
    y: Floats
    x: Floats
    links: Any
    units: Mapping[str, str]
    titles: Mapping[str, str]
    findings: tuple[Finding, ...]

    @property
    def with_ones(self) -> Floats:
        """The variables behind a column of ones."""
        return np.column_stack([np.ones(len(self.y)), self.x])

    def series(self, values: Floats, name: str) -> pd.Series[Any]:
        """Put one number for each zone on the user's index; NaN where a zone was left out."""
        column = np.full(len(self.index), np.nan)
        column[self.place] = values
        return pd.Series(column, index=self.index, name=name)


def design(
    outcome: pd.Series[Any],
    explanations: pd.DataFrame | pd.Series[Any],
    neighbours: Graph | None,
    *,
    missing: str,
    units: Mapping[str, str] | None,
    spatial_terms: int = 0,
    called: ArgumentNames = PLAIN,
) -> Design:
    """Bring outcome, variables and neighbours together by id and refuse what no model can be fitted to.

    Raises
    ------
    InputError
        Naming the rows or columns at fault.
    """
    checked_choice(missing, MISSING, "missing")
    if not isinstance(outcome, pd.Series):
        raise InputError(called.outcome, f"it is {a_kind(outcome)}", "Give a Series with the zones' ids.")
    require_ids(outcome, called.outcome)
    target = str(outcome.name) if outcome.name is not None else called.outcome
    table, names = _table(outcome, explanations, target, called)
    columns = [
        flat_numbers(outcome, called.outcome),
        *(flat_numbers(table.iloc[:, at], name) for at, name in enumerate(names)),
    ]
    everything = np.column_stack(columns)
    for name, column in zip([called.outcome, *names], columns, strict=True):
        refuse_rows(np.isinf(column), outcome.index, name, "values are infinite", "Replace them or make them missing.")
        if missing == "raise":
            refuse_rows(
                np.isnan(column),
                outcome.index,
                name,
                "values are missing",
                f"Fill them in, or leave these zones out with {called.leave_out}.",
            )
    known = np.asarray(~np.isnan(everything).any(axis=1))
    order = sorted_positions(outcome.index)
    place = order[known[order]]
    kept = everything[place]
    ids = outcome.index[place]
    _require_enough(kept, names, spatial_terms, called)
    links = None if neighbours is None else _links(outcome.index, ids, neighbours)
    described = _described(outcome, explanations, target, names, units)
    findings = _left_out(outcome.index[~known], len(outcome)) + _few_zones(len(kept), len(names))
    return Design(outcome.index, place, target, names, kept[:, 0], kept[:, 1:], links, *described, findings)


def outcome_scale(y: Floats) -> float:
    """Return the standard deviation that the outcome is divided by before fitting."""
    return float(np.std(y))


def standardised_data(data: Design, *, spatial: bool = False) -> tuple[Floats, Floats, Floats]:
    """Return outcome, ones and standardised variables, and the matrix that leads estimates back to the data's units.

    Incomes in millions beside shares would otherwise spoil the inverse of the cross-products.
    """
    size, centre, spread = outcome_scale(data.y), data.x.mean(axis=0), data.x.std(axis=0)
    z = np.column_stack([np.ones(len(data.y)), (data.x - centre) / spread])
    terms = z.shape[1]
    back = np.eye(terms + int(spatial))
    back[0, 0] = size
    back[0, 1:terms] = -size * centre / spread
    back[range(1, terms), range(1, terms)] = size / spread
    return (data.y / size)[:, None], z, back


@contextmanager
def without_library_warnings(what: str) -> Iterator[None]:
    """Keep library warnings from the user, and turn a library's error into one that says what failed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except np.linalg.LinAlgError as fault:
        raise InputError(
            "explanations",
            f"{what} has no single solution ({fault})",
            "Use fewer variables, or other neighbours: where all zones have the same neighbours, their mean says "
            "nothing of its own.",
        ) from fault


def _table(
    outcome: pd.Series[Any], explanations: pd.DataFrame | pd.Series[Any], target: str, called: ArgumentNames
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the variables in the outcome's order, and their names."""
    if isinstance(explanations, pd.Series):
        explanations = explanations.to_frame("variable" if explanations.name is None else explanations.name)
    if not isinstance(explanations, pd.DataFrame) or not len(explanations.columns):
        raise InputError(called.explanations, "there are no variables", "Give a DataFrame with one column for each.")
    require_ids(explanations, called.explanations)
    names = tuple(str(name) for name in explanations.columns)
    for name in names:
        if names.count(name) > 1 or name in {*RESERVED, target}:
            raise InputError(
                called.explanations,
                f"the name {name!r} is used twice, or for a term of the model",
                f"Every variable needs a name of its own other than {target}, {', '.join(RESERVED)}.",
            )
    strangers = explanations.index.symmetric_difference(outcome.index, sort=False)
    if len(strangers):
        raise InputError(
            called.explanations,
            f"{len(strangers):,} ids are not in both {called.outcome} and {called.explanations}",
            "Both are matched by id. Give them the same index, for example with .reindex().",
            rows=strangers,
        )
    return explanations.loc[outcome.index], names


def _require_enough(kept: Floats, names: tuple[str, ...], spatial_terms: int, called: ArgumentNames) -> None:
    """Refuse too few zones, columns that do not vary, columns that others make up, and an outcome that they make up."""
    count, needed = len(kept), len(names) + 1 + spatial_terms + 2
    if count < needed:
        raise InputError(
            called.outcome,
            f"there are {count:,} zones with all values, but {len(names):,} variables need at least {needed:,}",
            "Use fewer variables or more zones.",
        )
    middle = kept.mean(axis=0)
    spread = np.abs(kept - middle).max(axis=0)
    for at, name in enumerate([called.outcome, *names]):
        if spread[at] <= SAME * np.abs(kept[:, at]).max():
            raise InputError(name, "all zones have the same value", "A column that does not vary explains nothing.")
    standard = (kept - middle) / kept.std(axis=0)
    _, values, directions = np.linalg.svd(standard[:, 1:], full_matrices=False)
    if values[-1] <= EXACT * values[0]:
        part = np.abs(directions[-1]) > 1e-3 * np.abs(directions[-1]).max()
        raise InputError(
            called.explanations,
            f"some columns can be worked out from each other ({', '.join(np.array(names)[part])})",
            "Leave one of them out, for example one of the shares that sum to 1.",
        )
    left = standard[:, 0] - standard[:, 1:] @ np.linalg.lstsq(standard[:, 1:], standard[:, 0], rcond=None)[0]
    if np.sqrt(np.mean(left**2)) <= EXACT:
        raise InputError(
            called.outcome,
            "the variables explain it to the last digit, so that nothing is left to test",
            "Check that no variable was made from the outcome.",
        )


def _links(everyone: pd.Index[Any], ids: pd.Index[Any], neighbours: Graph) -> Any:
    """Return the neighbours among ``ids`` as a sparse matrix whose rows sum to 1."""
    from scipy import sparse

    if not is_graph(neighbours):
        raise InputError(
            "neighbours",
            f"they are {a_kind(neighbours)}",
            "Make a graph with contiguity, nearest or distance_band; for old weights, libpysal.graph.Graph.from_W(w).",
        )
    strangers = neighbours.unique_ids.symmetric_difference(everyone, sort=False)
    if len(strangers):
        raise InputError(
            "neighbours",
            f"{len(strangers):,} ids are not the same as those of the outcome",
            "Make the neighbours from the very zones that the values belong to.",
            rows=strangers,
        )
    pairs = neighbours.adjacency
    one, two = (ids.get_indexer(pairs.index.get_level_values(level)) for level in ("focal", "neighbor"))
    weight = pairs.to_numpy(dtype=np.float64)
    advice = "Make the graph anew with contiguity, nearest or distance_band."
    refuse_rows(~np.isfinite(weight) | (weight < 0), ids[one], "neighbours", "weights are negative or infinite", advice)
    refuse_rows((one == two) & (one >= 0) & (weight > 0), ids[one], "neighbours", "zones neighbour themselves", advice)
    used = (one >= 0) & (two >= 0) & (weight > 0)
    links = sparse.csr_matrix((weight[used], (one[used], two[used])), shape=(len(ids), len(ids)))
    sums = np.asarray(links.sum(axis=1)).ravel()
    alone = sums == 0
    made = " once zones with missing values are left out" if len(ids) < len(everyone) else ""
    refuse_rows(
        alone,
        ids,
        "neighbours",
        f"zones have no neighbour{made}",
        "A spatial model says nothing of islands. Give contiguity a tolerance in metres, join them with nearest, or "
        "leave these zones out of everything.",
    )
    return sparse.csr_matrix(sparse.diags_array(1 / sums) @ links)


def _described(
    outcome: pd.Series[Any],
    explanations: pd.DataFrame | pd.Series[Any],
    target: str,
    names: tuple[str, ...],
    units: Mapping[str, str] | None,
) -> tuple[dict[str, str], dict[str, str]]:
    """Return unit and readable name of each column, from the user's mapping first, then from what the data carry."""
    given = dict(units or {})
    for name in given:
        if name not in {target, *names}:
            raise InputError("units", f"{name!r} is no column", f"Name columns: {', '.join([target, *names])}.")
    carried: dict[str, dict[Any, Any]] = {target: dict(outcome.attrs)}
    if isinstance(explanations, pd.Series):
        carried[names[0]] = dict(explanations.attrs)
    else:
        known = {str(key): value for key, value in explanations.attrs.get("columns", {}).items()}
        carried.update({name: dict(known.get(name, {})) for name in names})
    found = {name: str(given.get(name, carried[name].get("unit", ""))) for name in [target, *names]}
    titles = {name: str(carried[name].get("title", name.replace("_", " "))) for name in [target, *names]}
    return found, titles


def _left_out(ids: pd.Index[Any], count: int) -> tuple[Finding, ...]:
    if not len(ids):
        return ()
    message = f"{len(ids):,} of {count:,} zones miss the outcome or a variable and took no part, nor as neighbours."
    return (Finding("zones_left_out", "warning", message, count=len(ids), rows=first_ids(ids)),)


def _few_zones(count: int, variables: int) -> tuple[Finding, ...]:
    if count >= 10 * variables:
        return ()
    message = f"{count:,} zones for {variables:,} variables are few: coefficients depend on single zones."
    return (Finding("few_zones", "warning", message, count=count, advice="Use fewer variables."),)
