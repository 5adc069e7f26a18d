"""The graph of neighbours itself: made of its links, zones without a neighbour kept in it and named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from libpysal.graph import Graph

from spatialjustice._core.errors import listed
from spatialjustice._core.findings import Finding

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from spatialjustice.inequality._inputs import Floats

    Integers = NDArray[np.int64]

MISMATCH = (
    "Where they only seem to lie apart because borders do not match, give contiguity a tolerance in metres; true "
    "islands can be joined with nearest or distance_band."
)


TOLD = {"": "", " and no statistic of their own": "no_statistic", " and are a class of their own": "class"}
"""Which sentence tells of zones without a neighbour, by what follows for them."""


def without_neighbours(ids: pd.Index[Any], consequence: str = "", *, advice: str = MISMATCH) -> Finding:
    """Return the finding that names zones without a neighbour."""
    return Finding(
        "zones_without_neighbours",
        "warning",
        f"{len(ids):,} zones have no neighbour ({listed(ids)}){consequence}.",
        count=len(ids),
        advice=advice,
        values={"count": len(ids), "shown": listed(ids), "variant": TOLD[consequence]} if consequence in TOLD else {},
    )


def graph_of_links(ids: pd.Index[Any], one: Integers, two: Integers, weight: Floats) -> tuple[Graph, pd.Index[Any]]:
    """Make the graph of links from ``one`` to ``two`` (positions), and name the zones without a link of their own."""
    alone = np.setdiff1d(np.arange(len(ids)), one)
    # The graph's own way of keeping a zone without neighbours is a link to itself of weight 0.
    weight = np.concatenate([weight, np.zeros(len(alone))])
    one, two = np.concatenate([one, alone]), np.concatenate([two, alone])
    order = np.lexsort([two, one])
    return Graph.from_arrays(ids[one[order]], ids[two[order]], weight[order]), ids[alone]
