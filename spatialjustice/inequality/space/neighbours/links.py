"""The links of neighbours themselves: zones without a neighbour are kept among them and named."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatialjustice._core.errors import listed
from spatialjustice._core.findings import Finding

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from spatialjustice._core.provenance import SourceRecord
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


class Links:
    """Who is next to whom, with a weight: what the statistics read of a graph, before it is one.

    A graph of libpysal is made of it where somebody asks for one (:meth:`graph`): loading libpysal takes longer than
    most statistics.

    Parameters
    ----------
    ids
        All zones, those without a neighbour too.
    one, two
        Positions of the zones that have a neighbour, and of that neighbour.
    weight
        How much it counts.
    """

    def __init__(self, ids: pd.Index[Any], one: Integers, two: Integers, weight: Floats) -> None:
        lonely = np.setdiff1d(np.arange(len(ids)), one)
        # A zone without neighbours stays there by a link to itself of weight 0, as in libpysal's graph.
        weight = np.concatenate([weight, np.zeros(len(lonely))])
        one, two = np.concatenate([one, lonely]), np.concatenate([two, lonely])
        order = np.lexsort([two, one])
        ends = pd.MultiIndex.from_arrays([ids[one[order]], ids[two[order]]], names=["focal", "neighbor"])
        self.unique_ids = ids
        self.isolates = ids[lonely]
        self.adjacency: Any = pd.Series(weight[order], index=ends, name="weight")
        self.sources: tuple[SourceRecord, ...] = ()
        self.findings: tuple[Finding, ...] = ()

    def subgraph(self, ids: pd.Index[Any]) -> Links:
        """Return the links among some of the zones."""
        ends = [ids.get_indexer(self.adjacency.index.get_level_values(level)) for level in ("focal", "neighbor")]
        weight = self.adjacency.to_numpy(dtype=np.float64)
        kept = (ends[0] >= 0) & (ends[1] >= 0) & (weight > 0)
        return Links(ids, ends[0][kept], ends[1][kept], weight[kept])

    def graph(self) -> Graph:
        """Return libpysal's graph of them."""
        from libpysal.graph import Graph

        ends = self.adjacency.index
        made = Graph.from_arrays(
            ends.get_level_values("focal"), ends.get_level_values("neighbor"), self.adjacency.to_numpy()
        )
        made.sources, made.findings = self.sources, self.findings
        return made


def is_graph(neighbours: object) -> bool:
    """Tell whether something is a graph of neighbours; nobody has one of libpysal without having loaded it."""
    library = sys.modules.get("libpysal.graph")
    return isinstance(neighbours, Links) or (library is not None and isinstance(neighbours, library.Graph))
