"""Ranges that hold at places not seen: from the errors at held-out blocks, without assuming how these are spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.prediction.risk_model import RiskModel

HALVINGS = 40
ROUNDING = 1e-12
"""Sums of weights are off by less; a level that is met exactly is met."""
LEAST_SPREAD = 0.05
"""The spread of a risk near 0 or 1 counts as that of 0.0025, so that no error is divided by nothing."""
SETS = ("not excluded", "excluded", "either", "neither")
"""What can be said of a zone's class."""


class Errors(NamedTuple):
    """Errors at held-out zones in units of the spread of their risk, sorted, and how much of the weight lies below."""

    size: Floats
    weight: Floats


def spread(risk: Floats) -> Floats:
    """Return how far a share scatters around its risk, up to a factor: that of a coin."""
    found: Floats = np.maximum(np.sqrt(risk * (1 - risk)), LEAST_SPREAD)
    return found


def weights_by_block(blocks: NDArray[Any]) -> Floats:
    """Return the weight of each held-out zone: every block counts the same, and so does one that nobody has seen."""
    _, of, sizes = np.unique(blocks.astype(str), return_inverse=True, return_counts=True)
    found: Floats = 1.0 / ((len(sizes) + 1) * sizes[of])
    return found


def sorted_errors(size: Floats, weight: Floats) -> Errors:
    """Sort errors, and add up their weights."""
    order = np.argsort(size, kind="stable")
    return Errors(size[order], np.concatenate([[0.0], np.cumsum(weight[order])]))


def ranges(said: Sequence[Floats], errors: Sequence[Errors], level: float) -> tuple[Floats, Floats]:
    """Return the lowest and the highest share: CV+ of Barber et al. (2021), with blocks instead of single zones.

    Parameters
    ----------
    said
        For each fold, the risk of the zones asked about by the model without that fold.
    errors
        For each fold, the errors of that model at the zones of the fold.
    level
        Share of zones in new blocks that are to lie within.
    """

    def weight_within(bound: Floats, sign: float) -> Floats:
        total = np.zeros(len(bound))
        for risk, (size, weight) in zip(said, errors, strict=True):
            reach = sign * (bound - risk) / spread(risk)
            total += weight[np.searchsorted(size, reach, side="right")]
        return total

    low, high = (_bound(weight_within, sign, len(said[0]), level) for sign in (-1.0, 1.0))
    return low, high


def _bound(weight_within: Any, sign: float, count: int, level: float) -> Floats:
    """Return the nearest bound within which enough of the weight lies; 0 or 1 where no bound has enough."""
    far = np.full(count, 1.0 if sign > 0 else 0.0)
    near = 1.0 - far
    for _ in range(HALVINGS):
        middle = (far + near) / 2
        enough = weight_within(middle, sign) >= level - ROUNDING
        far, near = np.where(enough, middle, far), np.where(enough, near, middle)
    return far


def class_sets(said: Sequence[Floats], held: Sequence[tuple[Floats, Floats, NDArray[Any]]], level: float) -> Any:
    """Return which classes a zone may have: both where neither can be ruled out at the level, class by class.

    Parameters
    ----------
    said
        For each fold, the risk of the zones asked about by the model without that fold.
    held
        For each fold, risk, class and block of its own zones.
    level
        Share of zones of each class, in new blocks, whose class is to be in the set.
    """
    possible = []
    for label in (0.0, 1.0):
        among = [outcome == label for _, outcome, _ in held]
        weight = weights_by_block(
            np.concatenate([blocks[there] for (*_, blocks), there in zip(held, among, strict=True)])
        )
        cuts = np.cumsum([0, *(int(there.sum()) for there in among)])
        # Room for a block that nobody has seen.
        total = np.full(len(said[0]), 1.0 - weight.sum())
        for place, (risk, (own, _, _), there) in enumerate(zip(said, held, among, strict=True)):
            size, below = sorted_errors(np.abs(own[there] - label), weight[cuts[place] : cuts[place + 1]])
            total += below[-1] - below[np.searchsorted(size, np.abs(risk - label), side="left")]
        possible.append(total > 1 - level + ROUNDING)
    none, one = possible
    codes = np.where(none & one, 2, np.where(one, 1, np.where(none, 0, 3)))
    return np.array(SETS, dtype=object)[codes]


def measured_ranges(model: RiskModel, level: float) -> tuple[Floats, Floats]:
    """Return the range of each held-out zone, made as those of new zones are, from all other folds alone."""
    data, rings = model.taught, model.spatial
    blocks = model.blocks.to_numpy()
    low, high = np.full(len(data.ids), np.nan), np.full(len(data.ids), np.nan)
    for fold, inner in enumerate(rings.inner):
        test = rings.fold == fold
        weight = weights_by_block(blocks[~test])
        spot = np.full(len(test), np.nan)
        spot[~test] = weight
        errors = []
        for other, risk in inner.items():
            there = rings.fold == other
            errors.append(sorted_errors(np.abs(data.outcome[there] - risk[there]) / spread(risk[there]), spot[there]))
        low[test], high[test] = ranges([risk[test] for risk in inner.values()], errors, level)
    return low, high


def measured_sets(model: RiskModel, level: float) -> Any:
    """Return the set of classes of each held-out zone, made as those of new zones are, from all other folds alone."""
    data, rings = model.taught, model.spatial
    blocks = model.blocks.to_numpy()
    found = np.full(len(data.ids), "", dtype=object)
    for fold, inner in enumerate(rings.inner):
        test = rings.fold == fold
        held = [
            (risk[rings.fold == other], data.outcome[rings.fold == other], blocks[rings.fold == other])
            for other, risk in inner.items()
        ]
        found[test] = class_sets([risk[test] for risk in inner.values()], held, level)
    return found


def new_ranges(model: RiskModel, said: Sequence[Floats], level: float) -> tuple[Floats, Floats]:
    """Return the range of zones that were not measured, from the errors at all held-out zones."""
    data, rings = model.taught, model.spatial
    risk = rings.risk["model"]
    weight = weights_by_block(model.blocks.to_numpy())
    size = np.abs(data.outcome - risk) / spread(risk)
    errors = [sorted_errors(size[rings.fold == fold], weight[rings.fold == fold]) for fold in range(len(said))]
    return ranges(said, errors, level)


def new_sets(model: RiskModel, said: Sequence[Floats], level: float) -> Any:
    """Return the set of classes of zones that were not measured."""
    data, rings = model.taught, model.spatial
    blocks = model.blocks.to_numpy()
    held = [
        (rings.risk["model"][there], data.outcome[there], blocks[there])
        for there in (rings.fold == fold for fold in range(len(said)))
    ]
    return class_sets(said, held, level)
