"""Write the pages that are made from the code before Sphinx reads them, and delete those that are no longer made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gallery
import methods
import reference
import settings_and_findings

from spatialjustice._core.disk.files import write_bytes

FOLDERS = ("reference", "methods", "gallery", "_parts")


def all_pages() -> dict[str, str | bytes]:
    """Return every written page, by file below ``docs/``."""
    return reference.pages() | methods.pages() | gallery.pages() | settings_and_findings.pages()


def write_pages(folder: Path) -> None:
    """Write what is new or has changed, so that Sphinx builds only that again."""
    pages = all_pages()
    for name, text in pages.items():
        path = folder / name
        data = text.encode() if isinstance(text, str) else text
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, data)
    for part in FOLDERS:
        for path in sorted((folder / part).rglob("*.*")):
            if path.is_file() and path.relative_to(folder).as_posix() not in pages:
                path.unlink()


def setup(app: Any) -> dict[str, bool]:
    """Write before anything is read."""
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
