"""Where ids stand among others, by sorting: neither a table of hashes nor an object for each of them is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def positions_of(ids: NDArray[np.int64], asked: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the position of every id that is asked for among ids of which each is there once; -1 where it is not.

    Examples
    --------
    >>> positions_of(np.array([30, 10, 20]), np.array([10, 15, 30])).tolist()
    [1, -1, 0]
    """
    if not ids.size:
        return np.full(asked.size, -1, dtype=np.int32)
    order = None if (ids[1:] > ids[:-1]).all() else np.argsort(ids, kind="stable")
    row = np.searchsorted(ids, asked, sorter=order)
    row[row == ids.size] = 0
    if order is not None:
        row = order[row]
    return np.where(ids[row] == asked, row, -1).astype(np.int32)


def each_once(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ids rising, each once; for whole numbers sorting takes a fraction of what ``numpy.unique`` does.

    Examples
    --------
    >>> each_once(np.array([30, 10, 30])).tolist()
    [10, 30]
    """
    ids = np.sort(ids)
    return np.asarray(ids[np.concatenate([np.ones(min(ids.size, 1), dtype=bool), ids[1:] != ids[:-1]])])
