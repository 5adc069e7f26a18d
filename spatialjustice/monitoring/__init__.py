"""Key indicators over time: what changed because the city did, what because its data did, and what alerts."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

_PUBLIC: dict[str, list[str]] = {}

__all__: list[str] = []

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
