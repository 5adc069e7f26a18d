"""The gallery: a card with a picture and a page for every notebook."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NEED_DATA = ("04_", "06_", "07_", "09_", "11_", "12_", "13_")
"""Lessons on data that the package does not carry: they are not run, but shown with their picture."""


def lessons() -> list[Path]:
    """Return the notebooks in order."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def picture_of(path: Path) -> Path:
    """Return the picture of a notebook."""
    return NOTEBOOKS / "pictures" / f"{path.stem}.webp"


def title_and_question(path: Path) -> tuple[str, str]:
    """Return the heading of a notebook and the question in bold below it."""
    first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
    title = re.search(r"^# (.+)$", first, re.MULTILINE)
    asked = re.search(r"\*\*(.+?)\*\*", first, re.DOTALL)
    if title is None or asked is None:
        raise ValueError(f"{path.name}: the first cell has to hold a heading and a question in bold")
    return title[1], " ".join(asked[1].split())


def pages() -> dict[str, str | bytes]:
    """Return the pages of the gallery with their pictures, by file below ``docs/``."""
    found: dict[str, str | bytes] = {"gallery/index.md": _contents()}
    for path in lessons():
        found[f"gallery/{path.name}"] = json.dumps(_page(path), ensure_ascii=False, indent=1)
        if picture_of(path).exists():
            found[f"gallery/pictures/{path.stem}.webp"] = picture_of(path).read_bytes()
    return found


def _contents() -> str:
    cards = ""
    for path in lessons():
        title, asked = title_and_question(path)
        image = f"pictures/{path.stem}.webp" if picture_of(path).exists() else "../_static/no_picture.svg"
        image = f":img-top: {image}\n:img-alt: {title}\n"
        cards += f":::{{grid-item-card}} {title}\n:link: {path.stem}\n:link-type: doc\n{image}\n{asked}\n:::\n\n"
    listed = "\n".join(path.stem for path in lessons())
    return (
        "# Gallery\n\nEach lesson asks one question, answers it on real data, and says who is not on its map. All are "
        "notebooks in the folder `notebooks` of the project, and are run by its tests.\n\n"
        f"::::{{grid}} 1 2 2 3\n:gutter: 3\n\n{cards}::::\n\n"
        f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
    )


def _page(path: Path) -> dict[str, Any]:
    """Return a notebook with its picture, and whether it is run."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    shown = ""
    if path.name.startswith(NEED_DATA):
        content["metadata"]["mystnb"] = {"execution_mode": "off"}
        shown = "Its data are not part of the package, so the numbers show when you run it."
    text = f"`notebooks/{path.name}` {shown}".strip()
    if picture_of(path).exists():
        text = f"![What this lesson comes to](pictures/{path.stem}.webp)\n\n{text}"
    cell = {"cell_type": "markdown", "id": "picture", "metadata": {}, "source": text}
    content["cells"].insert(1, cell)
    return content
