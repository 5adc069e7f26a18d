"""Shortest-path kernels: arrays in, arrays out.

Each file is loaded when it is first used: those who build or keep a network need none of the compiled loops.
"""

from spatialjustice._core.names.lazy import lazy_room

__all__ = ["chains", "edge_tree", "pairs", "several_nearest", "shortest_paths", "sums"]

lazy_room(__name__, {name: f".{name}" for name in __all__})
