"""How a measure weighs costs: with a decay, with a cutoff, or with a decay that ends at a cutoff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spatialjustice._core.errors import InputError
from spatialjustice.access.decay import Decay, as_decay, binary, checked_number
from spatialjustice.network.cutoffs import refuse_several


def decay_within(decay: Any, cutoff: float | None) -> Decay:
    """Return the decay up to the cutoff: a cutoff alone counts everything within it in full.

    Raises
    ------
    InputError
        When neither is given, the decay cannot be called, or the cutoff is not a number, 0 or more.

    Examples
    --------
    >>> decay_within(None, 10)([10, 11]).tolist()
    [1.0, 0.0]
    >>> decay_within(lambda cost: 1 / (1 + cost), 1)([0, 1, 3]).tolist()
    [1.0, 0.5, 0.0]
    """
    refuse_several(cutoff, "cutoff", "[10, 20, 30]")
    refuse_several(decay, "decay", "[decay.linear(20), decay.half_life(10)]")
    if decay is None and cutoff is None:
        raise InputError(
            "decay",
            "neither a decay nor a cutoff is given",
            "Give cutoff=15, within which everything counts in full, or a decay, for example decay.gaussian(10).",
        )
    if cutoff is None:
        return as_decay(decay)
    limit = checked_number("cutoff", cutoff, zero=True)
    if decay is None:
        return binary(limit)
    whole = as_decay(decay)
    if whole.cutoff is not None and whole.cutoff <= limit:
        return whole

    def near(costs: Any) -> Any:
        weights = whole(costs)
        weights[costs > limit] = 0.0
        return weights

    return replace(whole, cutoff=limit, parameters=(*whole.parameters, ("cutoff", limit)), function=near)
