"""Blocks drawn anew with replacement: how far scores would differ with other parts of the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats


def drawn_blocks(blocks: NDArray[Any], replications: int, seed: int) -> Floats:
    """Return how often each zone counts in each draw: as often as its block was drawn. Rows are draws."""
    names, of = np.unique(blocks.astype(str), return_inverse=True)
    generator = np.random.default_rng(seed)
    times = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=replications)
    counted: Floats = times[:, of].astype(np.float64)
    return counted


def means(values: Floats, people: Floats, drawn: Floats) -> tuple[float, Floats]:
    """Return the mean by people, and that of each draw; NaN where a draw has nobody."""
    weights = drawn * people
    total = weights.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = weights @ values / total
    return float(np.average(values, weights=people)) if people.sum() > 0 else np.nan, found


def ends(drawn: Floats, level: float) -> tuple[float, float]:
    """Return the middle part of draws; NaN where there are none."""
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def concordance(risk: Floats, outcome: Floats, people: Floats, drawn: Floats) -> tuple[float, Floats]:
    """Return the area under the ROC curve, and that of each draw.

    The chance that an excluded person's zone has a higher risk than that of one who is not excluded, half where they
    are the same. Of shares: a zone's people are excluded by its share.
    """
    order = np.argsort(risk, kind="stable")
    _, start = np.unique(risk[order], return_index=True)

    def of(weights: Floats) -> Floats:
        with_it = np.add.reduceat(weights * outcome[order], start, axis=-1)
        without = np.add.reduceat(weights * (1 - outcome[order]), start, axis=-1)
        below = np.cumsum(without, axis=-1) - without / 2
        total = with_it.sum(axis=-1) * without.sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = (with_it * below).sum(axis=-1) / total
        return found

    counted = people[order]
    return float(of(counted)), of(drawn[:, order] * counted)
