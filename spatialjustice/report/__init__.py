"""What the numbers say, in sentences: results told in plain words, in the reader's language."""

from typing import TYPE_CHECKING

from spatialjustice._core.lazy import lazy_room

if TYPE_CHECKING:
    from spatialjustice.report.inequality import inequality_across, inequality_paragraph

__all__ = ["inequality_across", "inequality_paragraph"]

lazy_room(__name__, dict.fromkeys(["inequality_across", "inequality_paragraph"], ".inequality"))
