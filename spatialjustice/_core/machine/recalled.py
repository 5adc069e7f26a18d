"""Answers that are found again by the content of their question, when the same is asked twice."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from operator import is_
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Arrays = tuple[NDArray[Any], ...]

BLOCK = 65_536
"""Shapes that are written down at a time: a country's zones need not all be there twice."""


def content_of(*parts: Any) -> bytes:
    """Return a checksum of texts, numbers, and arrays of numbers or shapes: the same only for the same content.

    Examples
    --------
    >>> import numpy as np
    >>> content_of("metres", np.array([1.0, 2.0])) == content_of("metres", np.array([1.0, 2.0]))
    True
    >>> content_of("metres", np.array([1.0, 2.0])) == content_of("metres", np.array([1, 2]))
    False
    """
    digest = blake2b(digest_size=16)
    for part in parts:
        for piece in _pieces(part):
            digest.update(piece)
    return digest.digest()


def _pieces(part: Any) -> Iterator[bytes]:
    """Yield what a part is made of, after what tells it from other parts: its type, its kind and its length."""
    dtype = getattr(part, "dtype", None)
    yield f"{type(part).__name__} {dtype} {getattr(part, 'shape', '')}\n".encode()
    if dtype is None:
        yield f"{part!r}\n".encode()
    elif dtype.kind == "O":
        yield _of_shapes(part)
    else:
        yield part.tobytes()


_shapes: dict[int, tuple[ReferenceType[Any], list[Any], bytes]] = {}
"""Checksums of arrays of shapes that are still there, with the shapes that each was taken of."""


def _of_shapes(shapes: NDArray[Any]) -> bytes:
    """Return the checksum of shapes; again without writing them down, where the very same are in the same array.

    A shape never changes, and those of which a checksum is known are held as long as the array, so that no other can
    take the place of one in memory.
    """
    there = shapes.tolist()
    known = _shapes.get(id(shapes))
    if known is not None and known[0]() is shapes and len(known[1]) == len(there) and all(map(is_, known[1], there)):
        return known[2]
    import shapely

    digest = blake2b(digest_size=16)
    for begin in range(0, len(there), BLOCK):
        blobs = shapely.to_wkb(shapes[begin : begin + BLOCK])
        digest.update(b"".join(b"none" if one is None else one for one in blobs))
    key = id(shapes)
    _shapes[key] = ref(shapes, lambda _: _shapes.pop(key, None)), there, digest.digest()
    return digest.digest()


class Recalled:
    """The answers given last, by the content of their questions.

    Question after question is asked of the same zones, whose shapes take longer to check and to join to streets than
    the question to answer. A layer that was changed in between is another one, whatever object it is.

    Parameters
    ----------
    room
        Bytes that all answers together may take; those not asked for the longest go first.

    Examples
    --------
    >>> import numpy as np
    >>> known, asked = Recalled(1_000), []
    >>> for _ in range(2):
    ...     found = known.answer(content_of(3), lambda: (asked.append(3), (np.array([9]),))[1])
    >>> found, asked
    ((array([9]),), [3])
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self._kept: OrderedDict[bytes, Arrays] = OrderedDict()
        self._one_at_a_time = Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Begin anew in another process."""
        return Recalled, (self.room,)

    def answer(self, question: bytes, find: Callable[[], Arrays]) -> Arrays:
        """Return the answer that was found to a question, or find it; whoever is given it may write into it."""
        with self._one_at_a_time:
            found = self._kept.get(question)
            if found is not None:
                self._kept.move_to_end(question)
        if found is not None:
            return _copies(found)
        found = find()
        self._keep(question, found)
        return found

    def _keep(self, question: bytes, found: Arrays) -> None:
        if _size(found) > self.room:
            return
        with self._one_at_a_time:
            self._kept[question] = _copies(found)
            while sum(map(_size, self._kept.values())) > self.room:
                self._kept.popitem(last=False)


def _copies(found: Arrays) -> Arrays:
    return tuple(part.copy() for part in found)


def _size(found: Arrays) -> int:
    return sum(part.nbytes for part in found)
