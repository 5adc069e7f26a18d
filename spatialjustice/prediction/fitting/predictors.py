"""What guesses a risk: two models, three simple rules to beat, and the map that makes their numbers probabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.prediction.fitting.question import Question

MODELS = ("logistic", "boosting")
"""Models that may be chosen."""
BASELINES = ("mean", "neighbours", "one variable")
"""Simple rules: everybody's mean; the mean of the nearest measured zones; a logistic curve on one variable."""
NEAREST = 5
"""How many measured zones the neighbours' mean is of."""
FLOOR = 1e-6
"""Probabilities stay this far away from 0 and 1, so that every loss is finite."""

Guess = Callable[["Question"], "Floats"]
"""From zones to a risk of each, not yet calibrated."""


def clipped(risk: Floats) -> Floats:
    """Keep risks away from 0 and 1."""
    return np.clip(risk, FLOOR, 1 - FLOOR)


def log_odds(risk: Floats) -> Floats:
    """Return the logarithm of the odds."""
    safe = clipped(risk)
    odds: Floats = np.log(safe / (1 - safe))
    return odds


def probability(odds: Floats) -> Floats:
    """Return the probability of log odds."""
    found: Floats = 1 / (1 + np.exp(-odds))
    return found


def doubled(outcome: Floats, people: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return rows, labels and weights in which every zone stands twice: as excluded, and as not, by its share.

    A classifier that takes weights then learns shares: its loss is the cross-entropy between share and probability.
    """
    labels = np.concatenate([np.ones(len(outcome)), np.zeros(len(outcome))])
    weights = np.concatenate([people * outcome, people * (1 - outcome)])
    kept = np.flatnonzero(weights > 0)
    rows = np.asarray(kept % len(outcome), dtype=np.int64)
    return rows, labels[kept], weights[kept]


def pipeline(method: str) -> Any:
    """Return the scikit-learn pipeline of a model; its last step takes weights as ``classify__sample_weight``.

    Missing values are filled with the median, and a column for each variable says where; then columns are scaled.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    if method == "boosting":
        classifier: Any = HistGradientBoostingClassifier(
            learning_rate=0.1, max_iter=50, max_depth=3, max_bins=64, min_samples_leaf=20, l2_regularization=1.0,
            early_stopping=False, random_state=0,
        )  # fmt: skip
    else:
        classifier = LogisticRegression(C=1.0, max_iter=1000)
    fill = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    return Pipeline([("fill", fill), ("scale", StandardScaler()), ("classify", classifier)])


def learned(method: str, data: Question) -> Guess:
    """Fit a model or a simple rule to measured zones."""
    people = data.people / data.people.mean()
    mean = float(np.average(data.outcome, weights=people))
    if method == "mean" or mean in {0.0, 1.0}:
        return lambda zones: np.full(len(zones.ids), mean)
    if method == "neighbours":
        return _nearest(data)
    columns = _income if method == "one variable" else _values
    model = pipeline("logistic" if method == "one variable" else method)
    rows, labels, weights = doubled(data.outcome, people)
    ready = model[:-1].fit_transform(columns(data))
    model[-1].fit(ready[rows], labels, sample_weight=weights)
    return lambda zones: np.asarray(model.predict_proba(columns(zones))[:, 1], dtype=np.float64)


def _values(data: Question) -> Floats:
    return data.described


def _income(data: Question) -> Floats:
    assert data.income is not None  # noqa: S101 - the rule is tried only where there is one
    return data.income[:, None]


def _nearest(data: Question) -> Guess:
    from scipy.spatial import KDTree

    tree, count = KDTree(data.xy), min(NEAREST, len(data.ids))

    def guess(zones: Question) -> Floats:
        _, near = tree.query(zones.xy, k=[*range(1, count + 1)])
        weights = data.people[near]
        found: Floats = (data.outcome[near] * weights).sum(axis=1) / weights.sum(axis=1)
        return found

    return guess


@dataclass(frozen=True)
class Calibration:
    """A line on the log odds that makes a guess a probability; a slope of 0 where the guess says nothing."""

    intercept: float
    slope: float

    def __call__(self, guess: Floats) -> Floats:
        """Return the calibrated risk."""
        return clipped(probability(self.intercept + self.slope * log_odds(guess)))


def calibrated(guess: Floats, outcome: Floats, people: Floats, *, flat: bool = False) -> Calibration:
    """Fit Platt's line to guesses at zones that the guesses were not learned from; a ``flat`` one is the mean alone.

    A falling line would turn the order of zones round by chance: then the mean is all that can be said.
    """
    from sklearn.linear_model import LogisticRegression

    mean = float(clipped(np.array([np.average(outcome, weights=people)]))[0])
    level = Calibration(float(log_odds(np.array([mean]))[0]), 0.0)
    rows, labels, weights = doubled(outcome, people / people.mean())
    odds = log_odds(guess)
    if flat or np.ptp(odds) < 1e-12 or len(set(labels)) < 2:
        return level
    line = LogisticRegression(C=1e6, max_iter=1000).fit(odds[rows][:, None], labels, sample_weight=weights)
    slope = float(line.coef_[0, 0])
    return Calibration(float(line.intercept_[0]), slope) if slope > 0 else level


def losses(risk: Floats, outcome: Floats) -> Floats:
    """Return the log loss of each zone: the cross-entropy between its share and the risk."""
    safe = clipped(risk)
    found: Floats = -(outcome * np.log(safe) + (1 - outcome) * np.log(1 - safe))
    return found
