"""Draws of zones, all at once: the same as those of ``inequality`` one by one, and a hundred times as fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spatialjustice.inequality.distribution.intervals import BOOTSTRAP
from spatialjustice.inequality.groups._tables import Draws, with_draws

if TYPE_CHECKING:
    from collections.abc import Callable

    from spatialjustice.inequality._inputs import Floats
    from spatialjustice.inequality.groups._tables import Matched, Uncertainty

AT_ONCE = 4_000_000
"""Numbers that are held at once."""


def draws_of_sums(data: Matched, finish: Callable[[Floats, Floats], Floats], how: Uncertainty) -> Draws:
    """Work out numbers from sums over zones, and again for draws of zones or of numbers of people.

    ``finish`` makes them of the sums of amount times people and of people, each of shape (draws, groups).
    """

    def of(people: Floats) -> Floats:
        sums = np.einsum("i,ij->j", data.amounts, people)[None]
        made: Floats = finish(sums, np.einsum("ij->j", people)[None])[0]
        return made

    if data.errors is not None or not how.replications:
        return with_draws(data, of, how)
    generator = np.random.default_rng(how.seed)
    count = len(data.amounts)
    borne = data.people * data.amounts[:, None]
    parts = []
    step = max(1, AT_ONCE // count)
    for begin in range(0, how.replications, step):
        number = min(step, how.replications - begin)
        times = np.stack(
            [np.bincount(generator.integers(count, size=count), minlength=count) for _ in range(number)]
        ).astype(np.float64)
        # Sums in a fixed order: the same bits however many threads there are.
        parts.append(finish(np.einsum("ri,ig->rg", times, borne), np.einsum("ri,ig->rg", times, data.people)))
    facts = {"level": how.level, "replications": how.replications, "seed": how.seed, "method": BOOTSTRAP}
    return Draws(of(data.people), np.concatenate(parts), how.level, facts)
