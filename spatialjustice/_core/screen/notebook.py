"""How frames with findings look in notebooks: the findings stand below the table."""

from __future__ import annotations

import html
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_SHELLS: set[int] = set()


def show_findings() -> None:
    """Let the notebook that runs this process, if any, show the findings of every frame and Series; done once.

    The notebook is told how to draw them. Without one, :func:`spatialjustice.findings` gives the same as a table.
    """
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None or id(shell) in _SHELLS:
        return
    import pandas as pd

    drawing = getattr(shell, "display_formatter", None)
    formatter = None if drawing is None else drawing.formatters.get("text/html")
    if formatter is None:
        return
    _SHELLS.add(id(shell))
    for kind in (pd.DataFrame, pd.Series):
        formatter.for_type(kind, _drawn_after(formatter.for_type(kind)))


def _drawn_after(before: Callable[[Any], str | None] | None) -> Callable[[Any], str | None]:
    """Return what draws a frame as it was drawn before, and its findings below."""

    def draw(frame: Any) -> str | None:
        own = getattr(frame, "_repr_html_", None)
        drawn = before(frame) if before is not None else own() if own is not None else None
        found = frame.attrs.get("findings") or []
        if not found:
            return drawn
        if drawn is None:
            drawn = f"<pre>{html.escape(repr(frame))}</pre>"
        return f"{drawn}\n{as_html(found)}"

    return draw


def as_html(found: list[dict[str, Any]]) -> str:
    """Return findings as a list that can be folded away; open where one of them is a warning."""
    rows = "".join(
        f"<li><b>{html.escape(str(one['severity']))}</b> <code>{html.escape(str(one['code']))}</code>: "
        f"{html.escape(str(one['message']))} {html.escape(str(one.get('advice') or ''))}</li>"
        for one in found
    )
    warned = any(one["severity"] == "warning" for one in found)
    many = f"{len(found):,} finding{'s' if len(found) != 1 else ''}"
    return f"<details{' open' if warned else ''}><summary>{many}</summary><ul>{rows}</ul></details>"
