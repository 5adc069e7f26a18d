"""Who reaches what: one verb per question, for travel costs of a network or of any table."""

from typing import TYPE_CHECKING

from spatialjustice._core.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.access.closest import cost_to_closest
    from spatialjustice.access.coverage import STATUSES, coverage, status
    from spatialjustice.access.cumulative import cumulative_cutoff

__all__ = ["STATUSES", "cost_to_closest", "coverage", "cumulative_cutoff", "status"]

lazy_room(
    __name__,
    {
        "cost_to_closest": ".closest",
        "cumulative_cutoff": ".cumulative",
        **dict.fromkeys(["STATUSES", "coverage", "status"], ".coverage"),
    },
)
