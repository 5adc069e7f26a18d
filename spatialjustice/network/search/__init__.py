"""Shortest-path kernels: arrays in, arrays out.

Each file is loaded when it is first used: those who build or keep a network need none of the compiled loops.
"""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.network.search import (
        by_arrays,
        chains,
        edge_tree,
        joining,
        pairs,
        several_nearest,
        shortest_paths,
        sums,
    )

__all__ = ["by_arrays", "chains", "edge_tree", "joining", "pairs", "several_nearest", "shortest_paths", "sums"]

lazy_room(__name__, {name: f".{name}" for name in __all__})
