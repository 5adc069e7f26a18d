"""Who is connected and who is not: indices of the digital divide, and where it meets that of places.

A frame of zones with shares and speeds is enough; no network is needed.
"""

from typing import TYPE_CHECKING

from spatialjustice._core.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.digital.index import divide_index, indicator_correlation, rank_range

__all__ = ["divide_index", "indicator_correlation", "rank_range"]

lazy_room(__name__, dict.fromkeys(["divide_index", "indicator_correlation", "rank_range"], ".index"))
