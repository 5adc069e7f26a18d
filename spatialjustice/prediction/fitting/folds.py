"""Which zones are held out together: blocks of zones, how large these must be, and folds of blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

ALIKE = 0.1
"""Correlation at and below which pairs of zones count as no longer alike."""
MOST_ZONES = 3_000
"""Zones of which all pairs are looked at; of more, so many are drawn."""
BANDS = 20
"""Bands of distance up to half the width of the place."""
FEW_PAIRS = 50
"""A band with fewer pairs is joined with the next."""


def likeness(xy: Floats, values: Floats, seed: int) -> pd.DataFrame:
    """Return the correlation of values of pairs of zones by the distance between them."""
    from scipy.spatial.distance import pdist

    if len(xy) > MOST_ZONES:
        chosen = np.sort(np.random.default_rng(seed).choice(len(xy), MOST_ZONES, replace=False))
        xy, values = xy[chosen], values[chosen]
    apart = pdist(xy)
    deviations = values - values.mean()
    one, two = np.triu_indices(len(xy), 1)
    products = deviations[one] * deviations[two]
    width = float(np.hypot(*np.ptp(xy, axis=0))) / 2 / BANDS
    band = np.minimum((apart / width).astype(int), BANDS)
    pairs = np.bincount(band, minlength=BANDS + 1)[:BANDS]
    sums = np.bincount(band, weights=products, minlength=BANDS + 1)[:BANDS]
    spread = float((deviations**2).mean())
    rows, start, count, total = [], 0.0, 0, 0.0
    for place in range(BANDS):
        count, total = count + int(pairs[place]), total + float(sums[place])
        if count >= FEW_PAIRS:
            rows.append((start, (place + 1) * width, count, total / count / spread if spread else 0.0))
            start, count, total = (place + 1) * width, 0, 0.0
    return pd.DataFrame(rows, columns=["from_metres", "to_metres", "pairs", "correlation"])


def range_of(table: pd.DataFrame) -> float:
    """Return the distance from which on zones are no longer alike; the longest one looked at where they always are."""
    alike = table["correlation"].to_numpy() > ALIKE
    if alike.all():
        return float(table["to_metres"].iloc[-1]) if len(table) else 0.0
    return float(table["from_metres"].iloc[int(np.argmin(alike))])


def squares(xy: Floats, size: float) -> NDArray[np.object_]:
    """Return the square of each middle: squares begin at the south-western middle."""
    if not (np.isfinite(size) and size > 0):
        raise InputError("blocks", f"their size is {size!r}", "Give the side of squares in metres, more than 0.")
    places = ((xy - xy.min(axis=0)) // size).astype(int)
    return np.array([f"{column}-{row}" for column, row in places], dtype=object)


def folds_of(blocks: NDArray[Any], count: int, seed: int) -> NDArray[np.int64]:
    """Deal blocks into folds of about as many zones each: the largest first, each into the smallest fold.

    Blocks of the same size come in a random order.
    """
    names, of, sizes = np.unique(blocks.astype(str), return_inverse=True, return_counts=True)
    if len(names) < 2 * count:
        raise InputError(
            "blocks",
            f"there are {len(names):,} blocks with measured zones, and {count} folds",
            f"At least {2 * count} are needed: smaller blocks, other regions, or fewer folds.",
        )
    shuffled = np.random.default_rng(seed).permutation(len(names))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    held, fold = np.zeros(count, dtype=int), np.empty(len(names), dtype=np.int64)
    for block in order:
        fold[block] = int(np.argmin(held))
        held[fold[block]] += sizes[block]
    return np.asarray(fold[of], dtype=np.int64)


def random_folds(zones: int, count: int, seed: int) -> NDArray[np.int64]:
    """Deal single zones into folds of the same size by chance."""
    return np.asarray(np.random.default_rng(seed).permutation(np.arange(zones) % count), dtype=np.int64)
