"""Figures that a notebook shows, whether or not it has been told about matplotlib."""

from __future__ import annotations

import io
from typing import Any

from spatialjustice._core.machine.extras import needed

Figure: Any = needed("matplotlib.figure", "plot").Figure

DOTS, FINE = 100, 2
"""Dots per inch on the screen, and how many times finer the picture is, for screens that show it."""


class ShownFigure(Figure):  # type: ignore[misc]
    """A figure that is shown at the end of a cell without pyplot, which alone tells notebooks what a Figure is."""

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        """Return the picture, and the size in which a notebook shows it."""
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=DOTS * FINE)
        width, height = (round(float(side) * DOTS) for side in self.get_size_inches())
        return picture.getvalue(), {"width": width, "height": height}
