"""The measures of one city from values in order, so quickly that its cells can be drawn anew hundreds of times."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spatialjustice._core.numbers.sums import sum_of_products
from spatialjustice.inequality.distribution.gini_and_lorenz import ROUNDING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

BAD = "lower is better"
TENTH = 0.1

MEASURES = ("mean", "median", "share_beyond", "worst_tenth", "gini", "theil_t", "equally_distributed")
"""What can be measured of a city, by name."""

UNITS = {"share_beyond": "share", "gini": "index", "theil_t": "index"}
"""Units that are not those of the values."""


class Rules(NamedTuple):
    """What is the same for all cities: direction, limit, where values were cut, aversion of Kolm and Pollak."""

    direction: str
    cutoff: float
    cut_at: float
    kappa: float


class Cells(NamedTuple):
    """The cells of a city where people live and a value is known, from the lowest value to the highest."""

    amounts: Floats
    people: Floats
    block: NDArray[np.int64]
    blocks: int


def ordered(amounts: Floats, people: Floats, block: NDArray[np.int64] | None) -> Cells:
    """Bring cells into an order that does not depend on that of the rows; without blocks each is one of its own."""
    order = np.lexsort([people, amounts] if block is None else [block, people, amounts])
    if block is None:
        own = np.arange(len(order))
        return Cells(amounts[order], people[order], own, len(order))
    names, place = np.unique(block, return_inverse=True)
    return Cells(amounts[order], people[order], place[order], len(names))


class Measuring(NamedTuple):
    """What every draw of the same cells takes, computed once: x ln x, and the terms of Kolm and Pollak."""

    cells: Cells
    rules: Rules
    logs: Floats
    terms: Floats
    top: float


def measuring(cells: Cells, rules: Rules) -> Measuring:
    """Prepare the measures of a city."""
    amounts = cells.amounts
    logs = amounts * np.log(amounts, out=np.zeros_like(amounts), where=amounts > 0)
    terms = -rules.kappa * amounts
    top = float(terms.max())
    return Measuring(cells, rules, logs, np.exp(terms - top), top)


def measured(of: Measuring, people: Floats, wanted: tuple[str, ...]) -> Floats:
    """Return the measures of a city; ``people`` are those of the cells, or as many as a draw gives them."""
    amounts, rules = of.cells.amounts, of.rules
    upto = np.cumsum(people)
    total = float(upto[-1])
    if total <= 0:
        return np.full(len(wanted), np.nan)
    own = people * amounts
    had = np.cumsum(own)
    mean = float(had[-1]) / total
    made = {
        "mean": lambda: mean,
        "median": lambda: quantile(amounts, upto, 0.5),
        "share_beyond": lambda: _beyond(amounts, upto, rules),
        "worst_tenth": lambda: _worst_tenth(amounts, upto, had, rules.direction),
        "gini": lambda: _gini(people, own, had),
        "theil_t": lambda: (
            max(sum_of_products(people, of.logs) / float(had[-1]) - float(np.log(mean)), 0.0) if mean > 0 else np.nan
        ),
        "equally_distributed": lambda: (
            -(of.top + float(np.log(sum_of_products(people, of.terms) / total))) / rules.kappa
        ),
    }
    return np.array([made[name]() for name in wanted])


def drawn(of: Measuring, wanted: tuple[str, ...], *, replications: int, generator: np.random.Generator) -> Floats:
    """Return the measures of as many draws of blocks of cells with replacement, a row for each draw."""
    cells = of.cells
    found = np.empty((replications, len(wanted)))
    for step in range(replications):
        times = np.bincount(generator.integers(cells.blocks, size=cells.blocks), minlength=cells.blocks)
        found[step] = measured(of, cells.people * times[cells.block], wanted)
    return found


def quantile(amounts: Floats, upto: Floats, share: float) -> float:
    """Return the smallest value that a share of people do not exceed; ``upto`` counts people from the lowest on."""
    place = int(np.searchsorted(upto, (share - ROUNDING) * upto[-1]))
    return float(amounts[min(place, len(amounts) - 1)])


def _beyond(amounts: Floats, upto: Floats, rules: Rules) -> float:
    """Return the share of people whose value is worse than the limit, which is itself within."""
    if rules.direction == BAD:
        within = int(np.searchsorted(amounts, rules.cutoff, side="right"))
        return float(1 - (upto[within - 1] / upto[-1] if within else 0.0))
    below = int(np.searchsorted(amounts, rules.cutoff, side="left"))
    return float(upto[below - 1] / upto[-1]) if below else 0.0


def _worst_tenth(amounts: Floats, upto: Floats, had: Floats, direction: str) -> float:
    """Return the mean of the worst-off tenth of people; of the cell in which it begins, only as many as it takes."""
    total = float(upto[-1])
    share = 1 - TENTH if direction == BAD else TENTH
    place = min(int(np.searchsorted(upto, share * total)), len(amounts) - 1)
    # What all up to the border have: of the cell on it, as many people as are still missing.
    below = float(had[place] - (upto[place] - share * total) * amounts[place])
    return (float(had[-1]) - below if direction == BAD else below) / (TENTH * total)


def _gini(people: Floats, own: Floats, had: Floats) -> float:
    if had[-1] <= 0:
        return np.nan
    total = float(people.sum())
    return max(1 - (2 * sum_of_products(people, had) - sum_of_products(people, own)) / (total * float(had[-1])), 0.0)
