"""Mobility: moves of places between classes, and how far their order changes over the years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from spatialjustice._core.errors import InputError
from spatialjustice.inequality._inputs import checked_choice, people_or_weights
from spatialjustice.inequality.distribution.intervals import FEW, percentiles
from spatialjustice.inequality.groups._tables import Uncertainty
from spatialjustice.inequality.time._panel import Panel, few_zones, into_classes, read_panel, unequal_steps, with_attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

INDICES = ("trace", "determinant", "eigenvalue")

MOST_ZONES = 2_000
"""Zones above which rank correlations come without intervals."""

BLOCK = 500


def transition_table(
    panel: pd.DataFrame,
    *,
    classes: int | Sequence[float] = 5,
    cut: Literal["each year", "all years"] = "each year",
    people: pd.Series[Any] | pd.DataFrame | None = None,
    weights: pd.Series[Any] | pd.DataFrame | None = None,
) -> pd.DataFrame:
    r"""Tell how often zones move from one class to another, from each year to the next, and how many people with them.

    Every zone counts once for each step from a year to the following one. :math:`p_{ij} = n_{ij} / \sum_j n_{ij}` is
    the share of the steps that began in class i and ended in class j.

    Parameters
    ----------
    panel
        A row for each zone, a column for each year in rising order.
    classes
        Number of classes of equally many zones, at least 2, or the upper limits of all classes but the last one, in
        rising order; a value at a limit belongs to the class below it.
    cut
        Where a number of classes is asked for: ``"each year"`` cuts every year for itself, so that classes are ranks
        and somebody must fall where somebody rises; ``"all years"`` cuts the values of all years together, so that
        all may rise (make prices or units comparable first).
    people
        People of each zone, a Series or a table with the panel's years; those at the start of a step count. None counts
        every zone once.
    weights
        The same, where what counts is not people but households, area or the like. Give one of the two.

    Returns
    -------
    DataFrame
        One row for each pair of classes, numbered from 1, the lowest: ``from_class``, ``to_class``; ``zones``, steps of
        zones; ``people``, of these at the start of each step, summed over the steps; ``probability`` and
        ``people_probability``, the share of all steps of zones, or people, that began in this class; NaN where none
        did. ``attrs["limits"]`` holds the upper limits of the classes in each year.

    Raises
    ------
    InputError
        When the panel has values that are missing or infinite, fewer than two years or four zones, or years that do not
        rise; when classes cannot be told apart because zones have the same value.

    References
    ----------
    Quah, D. (1993). Empirical cross-section dynamics in economic growth. European Economic Review, 37(2-3), 426-434.

    Examples
    --------
    Of four zones two change places:

    >>> panel = pd.DataFrame({2010: [1.0, 2.0, 3.0, 4.0], 2020: [1.0, 4.0, 2.0, 5.0]}, index=list("abcd"))
    >>> moves = transition_table(panel, classes=2)
    >>> moves[["from_class", "to_class", "zones", "probability"]]
       from_class  to_class  zones  probability
    0           1         1      1          0.5
    1           1         2      1          0.5
    2           2         1      1          0.5
    3           2         2      1          0.5
    """
    weights = people_or_weights(people, weights)
    data = read_panel(panel, weights)
    found, limits = into_classes(data.amounts, classes, cut, data.years)
    count = len(limits[0]) + 1
    zones, counts = count_moves(data, found, count)
    result = table_of(zones, counts)
    return cast(
        "pd.DataFrame",
        with_attrs(
            result, facts_of("transition_table", data, limits, cut), panel, weights, findings=unequal_steps(data.years)
        ),
    )


def mobility_index(table: pd.DataFrame, *, measure: Literal["trace", "determinant", "eigenvalue"] = "trace") -> float:
    r"""Put the mobility of a transition table into one number: 0 when every zone stays in its class.

    With P the probabilities of k classes. ``"trace"`` (Prais; Shorrocks): :math:`(k - \mathrm{tr} P) / (k - 1)`, the
    inverse of the mean stay in a class times k / (k - 1); 1 where the class of today says nothing of that of tomorrow,
    up to k / (k - 1). ``"determinant"``: :math:`1 - |\det P|`, from 0 to 1. ``"eigenvalue"`` (Sommers & Conlisk):
    :math:`1 - |\lambda_2|`, from 0 to 1, the speed at which the start is forgotten.

    Parameters
    ----------
    table
        From :func:`transition_table`.
    measure
        ``"trace"``, ``"determinant"`` or ``"eigenvalue"``.

    Returns
    -------
    float
        Without unit; compare only tables with the same classes and steps of the same length.

    Raises
    ------
    InputError
        When it is no such table, it holds several (of classes of neighbours), or no step began in a class.

    References
    ----------
    Prais, S. J. (1955). Measuring social mobility. Journal of the Royal Statistical Society A, 118(1), 56-66.
    Shorrocks, A. F. (1978). The measurement of mobility. Econometrica, 46(5), 1013-1024. Sommers, P. M., & Conlisk, J.
    (1979). Eigenvalue immobility measures for Markov chains. Journal of Mathematical Sociology, 6(2), 253-276.

    Examples
    --------
    >>> panel = pd.DataFrame({2010: [1.0, 2.0, 3.0, 4.0], 2020: [1.0, 4.0, 2.0, 5.0]}, index=list("abcd"))
    >>> round(mobility_index(transition_table(panel, classes=2)), 12)
    1.0
    """
    checked_choice(measure, INDICES, "measure")
    chances = probabilities(table)
    count = len(chances)
    if measure == "trace":
        return float((count - np.trace(chances)) / (count - 1))
    if measure == "determinant":
        return float(1 - abs(np.linalg.det(chances)))
    return float(1 - np.sort(np.abs(np.linalg.eigvals(chances)))[-2])


def steady_state(table: pd.DataFrame) -> pd.Series[Any]:
    r"""Tell which share of zones each class would hold in the end if moves went on as they did: a mirror, no forecast.

    The solution of :math:`\pi = \pi P`, :math:`\sum \pi = 1`.

    Parameters
    ----------
    table
        From :func:`transition_table`.

    Returns
    -------
    Series
        By class, from 0 to 1; the sum is 1. Classes that nobody returns to hold 0.

    Raises
    ------
    InputError
        As :func:`mobility_index`; when there are several sets of classes that zones never leave, so that the end hangs
        on the start.

    References
    ----------
    Kemeny, J. G., & Snell, J. L. (1976). Finite Markov chains. Springer.

    Examples
    --------
    >>> panel = pd.DataFrame({2010: [1.0, 2.0, 3.0, 4.0], 2020: [1.0, 4.0, 2.0, 5.0]}, index=list("abcd"))
    >>> steady_state(transition_table(panel, classes=2)).round(3).tolist()
    [0.5, 0.5]
    """
    found = one_steady_state(probabilities(table))
    if found is None:
        raise InputError(
            "table",
            "there are several sets of classes that zones never leave",
            "The end hangs on the start, so that there is no one steady state. Use fewer classes or more years.",
        )
    result = pd.Series(found, index=pd.RangeIndex(1, len(found) + 1, name="class"), name="steady_state")
    facts = {"measure": "steady_state", "unit": "share", "direction": "none"}
    return cast("pd.Series[Any]", with_attrs(result, facts, table))


def rank_mobility(
    panel: pd.DataFrame,
    *,
    rng: int | np.random.Generator | None = None,
    replications: int = 999,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Tell how far the order of zones changes, from each year to the next and from the first to the last.

    Kendall's rank correlation :math:`\tau_b = \frac{C - D}{\sqrt{(C + D + T_x)(C + D + T_y)}}` of two years: of all
    pairs of zones C kept their order and D swapped it; T are those tied in one year only. 1 is the same order, 0 as
    after a shuffle, -1 the reverse.

    Parameters
    ----------
    panel
        A row for each zone, a column for each year in rising order.
    rng
        Whole number or generator that the draws of zones follow from; None draws a seed, which attrs tell.
    replications
        Draws of zones, at least 99; 0 for a table without intervals.
    level
        Confidence, between 0 and 1.

    Returns
    -------
    DataFrame
        One row for each step and, last, one for the whole time. ``from_year``, ``to_year``; ``tau`` with ``low`` and
        ``high``; ``rank_correlation``, Spearman's; ``pairs_swapped``, the share of pairs of zones that changed order,
        of those tied in neither year; ``mean_rank_change``, by how many places a zone moves on average, up or down.

    Raises
    ------
    InputError
        As :func:`transition_table`; when all zones have the same value in a year; when there are too many zones for
        intervals, more than 2,000.

    References
    ----------
    Kendall, M. G. (1948). Rank correlation methods. Griffin. Rey, S. J. (2004). Spatial dependence in the evolution of
    regional income distributions. In A. Getis, J. Mur & H. G. Zoller (Eds.), Spatial econometrics and spatial
    statistics (pp. 194-213). Palgrave Macmillan.

    Examples
    --------
    One of the six pairs of zones swaps its order:

    >>> panel = pd.DataFrame({2010: [1.0, 2.0, 3.0, 4.0], 2020: [1.0, 3.0, 2.0, 4.0]}, index=list("abcd"))
    >>> rank_mobility(panel, replications=0)[["from_year", "to_year", "tau", "pairs_swapped"]].round(3)
       from_year  to_year    tau  pairs_swapped
    0       2010     2020  0.667          0.167
    """
    data, how = read_panel(panel), Uncertainty.checked(rng, replications, level)
    for place, year in enumerate(data.years):
        if np.ptp(data.amounts[:, place]) == 0:
            raise InputError(
                "panel", f"all zones have the same value in {year}", "Where all are equal, nobody has a rank."
            )
    count, last = len(data.ids), len(data.years) - 1
    if how.replications and count > MOST_ZONES:
        raise InputError(
            "replications",
            f"intervals compare every zone with every other, and {count:,} zones are too many for that",
            f"Give replications=0, or at most {MOST_ZONES:,} zones.",
        )
    times = _times_drawn(count, how)
    steps = [(place, place + 1) for place in range(last)] + ([(0, last)] if last > 1 else [])
    rows: list[dict[str, Any]] = []
    low, high = np.full(len(steps), np.nan), np.full(len(steps), np.nan)
    for place, (one, other) in enumerate(tqdm(steps, desc="pairs of years", delay=2, leave=False)):
        years = {"from_year": data.years[one], "to_year": data.years[other]}
        first, second = data.amounts[:, one], data.amounts[:, other]
        rows.append({**years, **_order(first, second)})
        if how.replications:
            (low[place],), (high[place],) = percentiles(_kendall_taus(first, second, times)[:, None], how.level)
    result = pd.DataFrame(rows)
    result.insert(3, "low", low)
    result.insert(4, "high", high)
    facts = {
        "measure": "rank_mobility",
        "unit": "index",
        "direction": "none",
        "level": how.level,
        "replications": how.replications,
        "seed": how.seed,
        "n": count,
    }
    return cast("pd.DataFrame", with_attrs(result, facts, panel, findings=few_zones(count, FEW, how)))


def _order(one: Floats, other: Floats) -> dict[str, float]:
    """Return how far the order of zones differs in two years, block by block so that many zones fit into memory."""
    agree = swapped = apart_one = apart_other = 0.0
    for start in range(0, len(one), BLOCK):
        block = slice(start, start + BLOCK)
        first, second = np.sign(one[block, None] - one), np.sign(other[block, None] - other)
        both = first * second
        agree, swapped = agree + float((both > 0).sum()), swapped + float((both < 0).sum())
        apart_one, apart_other = apart_one + float((first != 0).sum()), apart_other + float((second != 0).sum())
    ranks = pd.Series(one).rank().to_numpy(), pd.Series(other).rank().to_numpy()
    return {
        "tau": (agree - swapped) / np.sqrt(apart_one * apart_other),
        "rank_correlation": _correlation(*ranks),
        "pairs_swapped": swapped / (agree + swapped) if agree + swapped else np.nan,
        "mean_rank_change": float(np.abs(ranks[0] - ranks[1]).mean()),
    }


def _correlation(one: NDArray[np.floating[Any]], other: NDArray[np.floating[Any]]) -> float:
    """Return Pearson's correlation, added up in a fixed order."""
    first, second = one - one.mean(), other - other.mean()
    squares = np.einsum("i,i->", first, first) * np.einsum("i,i->", second, second)
    return float(np.einsum("i,i->", first, second) / np.sqrt(squares))


def _times_drawn(count: int, how: Uncertainty) -> Floats:
    """Return how often each zone was drawn, a row for each draw."""
    generator = np.random.default_rng(how.seed)
    found = np.zeros((how.replications, count))
    for draw in range(how.replications):
        found[draw] = np.bincount(generator.integers(count, size=count), minlength=count)
    return found


def _kendall_taus(one: Floats, other: Floats, times: Floats) -> Floats:
    """Return Kendall's tau-b of zones that count so many times; all sums are of whole numbers, and so exact."""
    first, second = np.sign(one[:, None] - one), np.sign(other[:, None] - other)
    agree, apart_one, apart_other = (
        ((times @ signs) * times).sum(axis=1) for signs in (first * second, np.abs(first), np.abs(second))
    )
    within = np.sqrt(apart_one * apart_other)
    taus: Floats = np.full(len(times), np.nan)
    np.divide(agree, within, out=taus, where=within > 0)
    return taus


def count_moves(
    data: Panel, found: NDArray[np.int64], count: int, only: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], Floats]:
    """Count steps of zones from class to class, and their people, where asked only of some zones in some years."""
    chosen = np.ones(found[:, :-1].shape, dtype=bool) if only is None else only[:, :-1]
    pair = (found[:, :-1] * count + found[:, 1:])[chosen]
    zones = np.bincount(pair, minlength=count * count).astype(np.int64)
    people = np.bincount(pair, data.people[:, :-1][chosen], minlength=count * count).astype(np.float64)
    return zones.reshape(count, count), people.reshape(count, count)


def table_of(zones: NDArray[np.int64], people: Floats) -> pd.DataFrame:
    """Put counts of moves into rows, one for each pair of classes."""
    count = len(zones)
    one, other = np.divmod(np.arange(count * count), count)
    columns: dict[str, Any] = {"from_class": one + 1, "to_class": other + 1, "zones": zones.ravel()}
    columns["people"] = people.ravel()
    for name, counts in (("probability", zones), ("people_probability", people)):
        started = np.asarray(counts, dtype=np.float64).sum(axis=1, keepdims=True)
        columns[name] = np.divide(counts, started, out=np.full(zones.shape, np.nan), where=started > 0).ravel()
    return pd.DataFrame(columns)


def facts_of(measure: str, data: Panel, limits: list[list[float]], cut: str) -> dict[str, Any]:
    """Return what a table of moves tells of itself."""
    return {
        "measure": measure,
        "unit": "share",
        "direction": "none",
        "classes": len(limits[0]) + 1,
        "cut": cut,
        "limits": {str(year): ends for year, ends in zip(data.years, limits, strict=True)},
        "n": len(data.ids),
        "steps": len(data.years) - 1,
        "people": float(data.people[:, :-1].sum()),
    }


def require_table(table: Any) -> None:
    """Refuse what is no table of moves.

    Raises
    ------
    InputError
        When it lacks a column.
    """
    if not isinstance(table, pd.DataFrame) or not {"from_class", "to_class", "zones"} <= set(table.columns):
        raise InputError("table", "it has no from_class, to_class and zones", "Make it with transition_table.")


def moves_of(table: pd.DataFrame) -> Floats:
    """Return the counts of a table of moves as a matrix.

    Raises
    ------
    InputError
        When it holds a pair of classes twice, or not all.
    """
    require_table(table)
    count = int(table["to_class"].max())
    if table.duplicated(["from_class", "to_class"]).any() or len(table) != count * count:
        raise InputError(
            "table",
            f"it has {len(table):,} rows, where {count} classes make {count * count:,}",
            "Give one table of moves; of spatial_markov, the rows of one class of neighbours.",
        )
    ordered = table.sort_values(["from_class", "to_class"])
    return np.asarray(ordered["zones"].to_numpy(dtype=np.float64).reshape(count, count))


def probabilities(table: pd.DataFrame) -> Floats:
    """Return the probabilities of a table of moves as a matrix.

    Raises
    ------
    InputError
        When no move began in a class.
    """
    moves = moves_of(table)
    started = moves.sum(axis=1)
    if not started.all():
        empty = ", ".join(str(place + 1) for place in np.flatnonzero(started == 0))
        raise InputError("table", f"no move began in class {empty}", "Use fewer classes, other limits or more years.")
    return np.asarray(moves / started[:, None])


def one_steady_state(chances: Floats) -> Floats | None:
    """Return the one steady state of a chain; None where there are several."""
    from scipy.sparse.csgraph import connected_components

    count, part = connected_components(chances > 0, directed=True, connection="strong")
    # A set of classes is closed when no way leads out of it.
    closed = [one for one in range(count) if not (chances[part == one][:, part != one] > 0).any()]
    if len(closed) > 1:
        return None
    inside = np.flatnonzero(part == closed[0])
    own = chances[np.ix_(inside, inside)]
    equations = np.vstack([own.T - np.eye(len(inside)), np.ones(len(inside))])
    wanted = np.append(np.zeros(len(inside)), 1.0)
    found = np.zeros(len(chances))
    found[inside] = np.linalg.lstsq(equations, wanted, rcond=None)[0]
    return found
