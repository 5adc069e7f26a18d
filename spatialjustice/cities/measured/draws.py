"""The measures of one city from values in order, so quickly that its cells can be drawn anew hundreds of times."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

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


def measured(cells: Cells, people: Floats, wanted: tuple[str, ...], rules: Rules) -> Floats:
    """Return the measures of a city; ``people`` are those of the cells, or as many as a draw gives them."""
    amounts = cells.amounts
    upto = np.cumsum(people)
    total = float(upto[-1])
    if total <= 0:
        return np.full(len(wanted), np.nan)
    mean = float(people @ amounts) / total
    made = {
        "mean": lambda: mean,
        "median": lambda: _quantile(amounts, upto, 0.5),
        "share_beyond": lambda: _beyond(amounts, upto, rules),
        "worst_tenth": lambda: _worst_tenth(amounts, people, upto, rules.direction),
        "gini": lambda: _gini(amounts, people, mean),
        "theil_t": lambda: _theil(amounts, people, mean),
        "equally_distributed": lambda: _equally_distributed(amounts, people, rules.kappa),
    }
    return np.array([made[name]() for name in wanted])


def drawn(
    cells: Cells, wanted: tuple[str, ...], rules: Rules, *, replications: int, generator: np.random.Generator
) -> Floats:
    """Return the measures of as many draws of blocks of cells with replacement, a row for each draw."""
    found = np.empty((replications, len(wanted)))
    for step in range(replications):
        times = np.bincount(generator.integers(cells.blocks, size=cells.blocks), minlength=cells.blocks)
        found[step] = measured(cells, cells.people * times[cells.block], wanted, rules)
    return found


def _quantile(amounts: Floats, upto: Floats, share: float) -> float:
    place = int(np.searchsorted(upto, (share - ROUNDING) * upto[-1]))
    return float(amounts[min(place, len(amounts) - 1)])


def _beyond(amounts: Floats, upto: Floats, rules: Rules) -> float:
    """Return the share of people whose value is worse than the limit, which is itself within."""
    if rules.direction == BAD:
        within = int(np.searchsorted(amounts, rules.cutoff, side="right"))
        return float(1 - (upto[within - 1] / upto[-1] if within else 0.0))
    below = int(np.searchsorted(amounts, rules.cutoff, side="left"))
    return float(upto[below - 1] / upto[-1]) if below else 0.0


def _worst_tenth(amounts: Floats, people: Floats, upto: Floats, direction: str) -> float:
    """Return the mean of the worst-off tenth of people; of the cell in which it begins, only as many as it takes."""
    total = upto[-1]
    if direction == BAD:
        part = np.clip(upto - (1 - TENTH) * total, 0.0, people)
    else:
        part = np.clip(TENTH * total - (upto - people), 0.0, people)
    return float(part @ amounts / part.sum())


def _gini(amounts: Floats, people: Floats, mean: float) -> float:
    if mean <= 0:
        return np.nan
    total = people.sum()
    had = np.cumsum(people * amounts) / (mean * total)
    return float(max(1 - (people / total) @ (2 * had - people * amounts / (mean * total)), 0.0))


def _theil(amounts: Floats, people: Floats, mean: float) -> float:
    if mean <= 0:
        return np.nan
    ratio = amounts / mean
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
    return float(max(people @ (ratio * logs) / people.sum(), 0.0))


def _equally_distributed(amounts: Floats, people: Floats, kappa: float) -> float:
    terms = -kappa * amounts
    top = terms.max()
    return float(-(top + np.log(people @ np.exp(terms - top) / people.sum())) / kappa)
