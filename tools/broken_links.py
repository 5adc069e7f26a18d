"""Say which links of a built site lead nowhere, and which of its files would load something from another host.

Usage: python tools/broken_links.py FOLDER. Needs no internet: links to other sites are only counted.
Ends with 1 where a link, picture, script or style leads to a file or a place in a page that is not there.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"img", "script", "iframe", "source", "audio", "video", "embed", "link", "object", "track"}
"""What a browser loads by itself; an ``a`` is followed by readers only."""

RELATIONS = {"canonical", "alternate", "search", "index", "author", "license", "next", "prev", "help"}
"""What a ``link`` may name without the browser loading it."""


class _Page(HTMLParser):
    """The places of a page, where it leads, and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.leads: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {key: value or "" for key, value in attrs}
        self.places |= {facts[key] for key in ("id", "name") if facts.get(key)}
        named = [facts[key] for key in ("href", "src", "data", "poster") if facts.get(key)]
        named += [part.split()[0] for part in facts.get("srcset", "").split(",") if part.split()]
        loaded = tag in LOADED and not (tag == "link" and RELATIONS & set(facts.get("rel", "").split()))
        (self.loads if loaded else self.leads).extend(named)
        self.loads += _in_styles(facts.get("style", ""))

    def handle_data(self, data: str) -> None:
        if self.rawdata and self.lasttag == "style":
            self.loads += _in_styles(data)


def _in_styles(text: str) -> list[str]:
    """Return what a style sheet loads."""
    found = re.findall(r"url\(\s*['\"]?([^'\")]+)", text)
    return found + re.findall(r"@import\s+['\"]([^'\"]+)", text)


def faults(folder: Path) -> tuple[list[str], int, int]:
    """Return what is wrong, how many links were looked at, and how many lead to other sites."""
    pages: dict[Path, _Page] = {}
    for path in sorted(folder.rglob("*.html")):
        if "_static" in path.parts:
            continue  # the theme's templates, which are no pages
        pages[path.resolve()] = page = _Page()
        page.feed(path.read_text(encoding="utf-8"))
    found: list[str] = []
    looked_at = elsewhere = 0
    for path, page in pages.items():
        for address, loaded in [*((one, False) for one in page.leads), *((one, True) for one in page.loads)]:
            parts = urlsplit(address)
            if parts.scheme in {"data", "mailto", "javascript", "about", "blob"}:
                continue
            looked_at += 1
            if parts.scheme or parts.netloc:
                elsewhere += 1
                wrong = "loaded from another host" if loaded else ""
            else:
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                wrong = _wrong(target, unquote(parts.fragment), pages)
            if wrong:
                found.append(f"{path.relative_to(folder.resolve())}: {address}: {wrong}")
    return found + _faults_of_styles(folder), looked_at, elsewhere


def _faults_of_styles(folder: Path) -> list[str]:
    """Return what is wrong with what style sheets load."""
    found = []
    for path in sorted(folder.rglob("*.css")):
        for address in _in_styles(path.read_text(encoding="utf-8")):
            parts = urlsplit(address)
            if parts.netloc:
                found.append(f"{path.relative_to(folder)}: {address}: loaded from another host")
            elif parts.scheme != "data" and not (path.parent / parts.path).exists():
                found.append(f"{path.relative_to(folder)}: {address}: there is no such file")
    return found


def _wrong(target: Path, place: str, pages: dict[Path, _Page]) -> str:
    """Say why a link leads nowhere; empty where it leads somewhere."""
    if target.is_dir():
        return "a folder, which a file opened by a double click cannot show"
    if not target.exists():
        return "there is no such file"
    if place and target in pages and place not in pages[target].places and place != "top":
        return "there is no such place in that page"
    return ""


def main() -> int:
    """Look at a folder and say what was found."""
    folder = Path(sys.argv[1])
    found, looked_at, elsewhere = faults(folder)
    for one in found:
        sys.stdout.write(f"{one}\n")
    sys.stdout.write(
        f"{looked_at:,} links and files looked at, {elsewhere:,} lead to other sites, {len(found):,} are broken\n"
    )
    return 1 if found or not looked_at else 0


if __name__ == "__main__":
    sys.exit(main())
