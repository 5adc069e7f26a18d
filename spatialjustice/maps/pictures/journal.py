"""Figures as wide as a journal's column: each part is measured as it is set, and the height follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import InputError
from spatialjustice.maps.pictures.lettering import INK, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTHS = {"single": 90.0, "one and a half": 140.0, "double": 190.0}
"""Millimetres of the columns of a journal (Elsevier, Artwork and media instructions: Artwork sizing)."""
BESIDE = 4.8
"""Inches from which on there is room for a legend beside the map."""
GAP = 0.08
"""Inches between parts, and at the edges."""
BELOW = 0.34
"""Inches below the map, for its scale."""
TALLEST = 1.3
"""How high a map may be for its width."""
HIGHEST = 6.6
"""How high a map may be, in inches: with its texts it fits a page."""
SMALL = 6.5
"""Size of the smallest letters, in points: no journal asks for more than 6 to 7."""


@dataclass(frozen=True)
class Texts:
    """What stands around the map: title, lines below it (classes, credits, CRS), and the direction of reading."""

    title: str
    told: tuple[str, ...]
    rtl: bool


def journal_width(size: float | str) -> float:
    """Return the width of a figure in inches, from a column's name or millimetres.

    Raises
    ------
    InputError
        When it is no column and no width between 30 and 400 mm.

    Examples
    --------
    >>> round(journal_width("single"), 3)
    3.543
    """
    wide = WIDTHS.get(size) if isinstance(size, str) else size
    if wide is None or not 30 <= wide <= 400:
        found = f"it is {size!r}"
        raise InputError("size", found, f"Choose {', '.join(WIDTHS)}, or give millimetres from 30 to 400.")
    return float(wide) / 25.4


def arrange(figure: Figure, axes: Axes, texts: Texts, legend: Callable[[int], Any]) -> None:
    """Put a drawn map, its title, legend and texts in their places, and make the figure as high as they need.

    Parameters
    ----------
    figure
        As wide as it is to be.
    axes
        The map, drawn.
    texts
        What stands around it.
    legend
        Draws the legend with so many columns and returns it.
    """
    wide = float(figure.get_size_inches()[0])
    axes.margins(0.0)
    limits = axes.dataLim
    ratio = limits.height / max(limits.width, 1e-9)
    side, edge = ("right", wide - GAP) if texts.rtl else ("left", GAP)
    beside = wide >= BESIDE
    key = legend(1)
    if not beside and _size(figure, key)[0] < 0.46 * wide:
        key.remove()
        key = legend(2)
    key_wide, key_tall = _size(figure, key)
    room = wide - 2 * GAP - ((key_wide + 2 * GAP) if beside else 0.0)
    signs = round((room if beside else wide - 2 * GAP) * 19)
    small: dict[str, Any] = {"size": SMALL, "color": INK, "va": "top", "linespacing": 1.0, "ha": side}
    lines = [line for text in texts.told for line in wrapped(text, signs).split("\n")]
    foot = figure.text(0, 0, "\n".join(lines), **small)
    title = figure.text(0, 0, wrapped(texts.title, round(wide * 13)), size=9, weight="bold", va="top", ha=side)
    map_wide = min(room, min(TALLEST * room, HIGHEST) / ratio)
    map_tall = map_wide * ratio
    head = _size(figure, title)[1] + 2 * GAP
    body = max(map_tall + BELOW, key_tall) if beside else map_tall + BELOW + key_tall + GAP
    tall = head + body + _size(figure, foot)[1] + 2 * GAP
    figure.set_size_inches(wide, tall)

    def at(x: float, y: float) -> tuple[float, float]:
        """Return a place that many inches from the left and from the top, in shares of the figure."""
        return x / wide, 1 - y / tall

    title.set_position(at(edge, GAP))
    foot.set_position(at(edge, head + body + GAP))
    left = edge - map_wide if texts.rtl else edge
    if beside:
        left = wide - GAP - key_wide - 2 * GAP - map_wide if texts.rtl else GAP
        place = at(wide - GAP if texts.rtl else left + map_wide + 2 * GAP, head)
    else:
        left = (wide - map_wide) / 2
        place = at(edge, head + map_tall + BELOW)
    x, y = at(left, head + map_tall)
    axes.set_position((x, y, map_wide / wide, map_tall / tall))
    key.set_loc("upper right" if texts.rtl else "upper left")
    key.set_bbox_to_anchor(place, figure.transFigure)


def _size(figure: Figure, drawn: Any) -> tuple[float, float]:
    """Return how wide and high something is when it is drawn, in inches."""
    box = drawn.get_window_extent(figure.canvas.get_renderer())  # type: ignore[attr-defined]
    return box.width / figure.dpi, box.height / figure.dpi
