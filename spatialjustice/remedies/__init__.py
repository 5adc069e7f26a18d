"""What would change it, for whom, and at whose cost: where sites should open, which can close, what fairness costs."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.remedies.effects import plan_effect
    from spatialjustice.remedies.sites import open_sites

_PUBLIC = {
    ".effects": ["plan_effect"],
    ".sites": ["open_sites"],
}

__all__ = ["open_sites", "plan_effect"]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
