"""Data for lessons and first tries: what there is, where it lies, whose it is."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.datasets.lesson_data import Dataset, available, files_of, get

__all__ = ["Dataset", "available", "files_of", "get"]

lazy_room(__name__, dict.fromkeys(__all__, ".lesson_data"))
