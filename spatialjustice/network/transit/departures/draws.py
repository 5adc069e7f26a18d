"""The same streets and feeds with several drawn timetables, where feeds only say how often vehicles come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice._core.errors import InputError
from spatialjustice.network.transit.network import TransitNetwork, from_gtfs

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from spatialjustice.network.network import Network
    from spatialjustice.network.straight import StraightLines


def from_gtfs_draws(
    feeds: str | Path | Sequence[str | Path],
    streets: Network | StraightLines,
    *,
    date: str | dt.date,
    number: int = 20,
    rng: int | np.random.Generator | None = None,
    **options: Any,
) -> Iterator[TransitNetwork]:
    """Give the network of streets and feeds several times, each with departures drawn anew, one by one.

    Where a feed only says how often vehicles come (``frequencies.txt`` without exact times) one draw is one possible
    day. What all have in common holds whichever it is; :func:`spatialjustice.access.over_draws` tells it.

    Parameters
    ----------
    feeds, streets, date
        As of :func:`from_gtfs`.
    number
        How many draws.
    rng
        What their seeds are drawn from: the same whole number gives the same draws, of which fewer are the first of
        more. None draws it.
    **options
        The other settings of :func:`from_gtfs`.

    Yields
    ------
    TransitNetwork
        Each knows its seed: ``network.timetable.seed``.

    Raises
    ------
    InputError
        When the number is no whole number from 1 on, and as :func:`from_gtfs` does.
    """
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
        raise InputError("number", f"it is {number!r}", "Give a whole number, 1 or more.")
    generator = np.random.default_rng(rng)
    seeds = [int(generator.integers(2**32)) for _ in range(number)]
    return (from_gtfs(feeds, streets, date=date, rng=seed, **options) for seed in seeds)
