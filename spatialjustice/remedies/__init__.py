"""What would change it, for whom, and at whose cost: where to open, what may close, which link is missing."""

from typing import TYPE_CHECKING

from spatialjustice._core.names.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.remedies.candidates import candidates
    from spatialjustice.remedies.links.missing_links import add_links

__all__ = ["add_links", "candidates"]

lazy_room(
    __name__,
    {
        "add_links": ".links.missing_links",
        "candidates": ".candidates",
    },
)
