"""Cross-validation in two rings: the inner chooses and calibrates, the outer judges what neither has seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.prediction.fitting.predictors import Calibration, Guess, calibrated, learned, losses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.prediction.fitting.question import Question

MODEL = "model"
"""What the chosen model is called beside the simple rules."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model with the line that calibrates it."""

    method: str
    guess: Guess
    line: Calibration

    def risk(self, zones: Question) -> Floats:
        """Return the calibrated risk of zones."""
        return self.line(self.guess(zones))


@dataclass(frozen=True, eq=False)
class Rings:
    """What came of one way to deal zones into folds.

    Parameters
    ----------
    fold
        Fold of each zone.
    risk
        Name of model or rule → risk of each zone, by a model that has seen nothing of its fold.
    models
        The model of each fold, learned from all others.
    inner
        ``inner[k][j]``: risks by a model that has seen neither fold k nor fold j, at the zones of both.
    raw
        Model → guesses at zones that were held out, which the final calibration is fitted to.
    """

    fold: NDArray[np.int64]
    risk: dict[str, Floats]
    models: list[Fitted]
    inner: list[dict[int, Floats]]
    raw: dict[str, Floats] = field(default_factory=dict)


def rings(data: Question, fold: NDArray[np.int64], models: Sequence[str], rules: Sequence[str], bar: Any) -> Rings:
    """Hold out each fold in turn, choose and calibrate within the others, and guess it.

    A model without two folds serves twice: for each of the two it is an inner model of the other.
    """
    count = int(fold.max()) + 1
    pairs: dict[tuple[str, int, int], Floats] = {}
    for name in (*models, *rules):
        for one, two in combinations(range(count), 2):
            held = (fold == one) | (fold == two)
            guess = learned(name, data.only(~held))
            found = np.full(len(fold), np.nan)
            found[held] = guess(data.only(held))
            pairs[name, one, two] = found
            bar.update()
    risk = {name: np.full(len(fold), np.nan) for name in (MODEL, *rules)}
    raw = {name: np.full(len(fold), np.nan) for name in models}
    fitted, inner = [], []
    for held in range(count):
        test = fold == held
        lines, inner_loss = {}, {}
        for name in (*models, *rules):
            guesses = np.full(len(fold), np.nan)
            for other in set(range(count)) - {held}:
                there = fold == other
                guesses[there] = pairs[name, min(held, other), max(held, other)][there]
            line = calibrated(guesses[~test], data.outcome[~test], data.people[~test], flat=name == "mean")
            lines[name] = line
            loss = losses(line(guesses[~test]), data.outcome[~test])
            inner_loss[name] = float(np.average(loss, weights=data.people[~test]))
        best = min(models, key=inner_loss.__getitem__)
        for name in (*models, *rules):
            guess = learned(name, data.only(~test))
            guesses = guess(data.only(test))
            bar.update()
            if name in rules:
                risk[name][test] = lines[name](guesses)
                continue
            raw[name][test] = guesses
            if name == best:
                risk[MODEL][test] = lines[name](guesses)
                fitted.append(Fitted(name, guess, lines[name]))
        inner.append(
            {
                other: lines[best](pairs[best, min(held, other), max(held, other)])
                for other in range(count)
                if other != held
            }
        )
    return Rings(fold, risk, fitted, inner, raw)


def final(data: Question, judged: Rings, models: Sequence[str]) -> Fitted:
    """Choose by the loss at held-out zones, calibrate on the same guesses, and learn from all zones."""
    lines = {name: calibrated(judged.raw[name], data.outcome, data.people) for name in models}
    loss = {
        name: float(np.average(losses(lines[name](judged.raw[name]), data.outcome), weights=data.people))
        for name in models
    }
    best = min(models, key=loss.__getitem__)
    return Fitted(best, learned(best, data), lines[best])
