"""How frames look in notebooks: what their numbers are, and what was found, stand below the table."""

from __future__ import annotations

import html
import io
import sys
from typing import TYPE_CHECKING, Any

from spatialjustice._core.screen.card import facts_as_html, findings_as_html

if TYPE_CHECKING:
    from collections.abc import Callable

_SHELLS: set[int] = set()


def show_findings() -> None:
    """Let the notebook that runs this process, if any, show unit, seed and findings of every frame; done once.

    The notebook is told how to draw them. Without one, :func:`spatialjustice.findings` gives the same as a table.
    """
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None or id(shell) in _SHELLS:
        return
    pd: Any = sys.modules.get("pandas")
    if pd is None:  # no frame was made yet
        return
    drawing: Any = getattr(getattr(shell, "display_formatter", None), "formatters", {})
    formatter = drawing.get("text/html")
    if formatter is None:
        return
    _SHELLS.add(id(shell))
    for kind in (pd.DataFrame, pd.Series):
        formatter.for_type(kind, _drawn_after(formatter.for_type(kind)))
    _show_figures(drawing.get("image/png"))


def _show_figures(formatter: Any) -> None:
    """Let figures that no pyplot knows be seen; where the notebook draws figures already, it goes on as it does."""
    known = ("matplotlib.figure", "Figure")
    if formatter is not None:
        try:
            formatter.lookup_by_type(".".join(known))
        except KeyError:
            formatter.for_type_by_name(*known, _as_png)


def _as_png(figure: Any) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


def _drawn_after(before: Callable[[Any], str | None] | None) -> Callable[[Any], str | None]:
    """Return what draws a frame as it was drawn before, with unit, seed and findings below."""

    def draw(frame: Any) -> str | None:
        own = getattr(frame, "_repr_html_", None)
        drawn = before(frame) if before is not None else own() if own is not None else None
        below = f"{facts_as_html(frame.attrs)}{findings_as_html(frame.attrs.get('findings') or [])}"
        if not below:
            return drawn
        if drawn is None:
            drawn = f"<pre>{html.escape(repr(frame))}</pre>"
        return f"{drawn}\n{below}"

    return draw
