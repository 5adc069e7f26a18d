"""What would change it, for whom, and at whose cost: where sites should open, which can close, what fairness costs."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.remedies.capacity import split_capacity
    from spatialjustice.remedies.closures import close_sites, relocate_sites
    from spatialjustice.remedies.covering import fewest_sites
    from spatialjustice.remedies.effects import plan_effect
    from spatialjustice.remedies.sites import open_sites

_PUBLIC = {
    ".capacity": ["split_capacity"],
    ".closures": ["close_sites", "relocate_sites"],
    ".covering": ["fewest_sites"],
    ".effects": ["plan_effect"],
    ".sites": ["open_sites"],
}

__all__ = ["close_sites", "fewest_sites", "open_sites", "plan_effect", "relocate_sites", "split_capacity"]

lazy_room(__name__, {name: module for module, names in _PUBLIC.items() for name in names})
