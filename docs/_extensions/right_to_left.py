"""Pages below ``fa/`` are written from right to left, in Persian."""

from __future__ import annotations

from typing import Any


def _turn(app: Any, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:  # noqa: ARG001
    """Tell the page its language; the styles and the theme's words follow from it."""
    context["right_to_left"] = pagename.startswith("fa/")


def setup(app: Any) -> dict[str, bool]:
    """Mark pages in Persian."""
    app.connect("html-page-context", _turn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
