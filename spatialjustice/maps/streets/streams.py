"""Streams of numbers for a page: planes of bytes, one after another, compressed as one text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spatialjustice.maps.layers.packing import byte_planes, compressed

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Streams:
    """Numbers under names; a page reads them in the order in which they were put in.

    Examples
    --------
    >>> streams = Streams()
    >>> streams.whole("deltas", np.array([0, -1, 300]))
    >>> streams.doubles("people", np.array([1.5]))
    >>> streams.packed()["streams"]
    [['deltas', 3, 2], ['people', 1, 0]]
    """

    def __init__(self) -> None:
        self._listed: list[list[Any]] = []
        self._data: list[bytes] = []

    def whole(self, name: str, numbers: NDArray[Any]) -> None:
        """Put in whole numbers of either sign, at most 2^52 in size."""
        planes, data = byte_planes(np.asarray(numbers, dtype=np.int64))
        self._listed.append([name, int(np.size(numbers)), planes])
        self._data.append(data)

    def doubles(self, name: str, numbers: NDArray[Any]) -> None:
        """Put in doubles as they are, in eight planes of bytes."""
        plain = np.ascontiguousarray(numbers, dtype="<f8")
        self._listed.append([name, int(plain.size), 0])
        self._data.append(plain.view(np.uint8).reshape(-1, 8).T.tobytes())

    def packed(self) -> dict[str, Any]:
        """Return names, counts and planes (0 for doubles) of all streams, and their bytes as one compressed text."""
        return {"streams": self._listed, "gz": compressed(b"".join(self._data))}

    def sizes(self) -> dict[str, int]:
        """Return how many characters each stream would take alone, for whoever wants to know what costs most."""
        return {listed[0]: len(compressed(data)) for listed, data in zip(self._listed, self._data, strict=True)}
