"""Files that Folium links from the network, replaced by copies that come with the package."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from spatialjustice.maps.pages import document

_KINDS = {".png": "image/png", ".svg": "image/svg+xml", ".gif": "image/gif", ".woff2": "font/woff2"}
_FONT_IF_USED = {"fa-brands": re.compile(r"fa-brands|\bfab\b"), "fa-regular": re.compile(r"fa-regular|\bfar\b")}
_NOTHING = "url(data:,)"
_GLYPHICONS = "bootstrap-3.4.1"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that stands for an address, and the version of the package it is from."""

    name: str
    version: str


def _stem(name: str) -> str:
    """Return a file's name without version, ``.min`` and letters' case.

    Examples
    --------
    >>> _stem("jquery-3.7.1.min.js"), _stem("leaflet_heat.min.js")
    ('jquery.js', 'leaflet-heat.js')
    """
    plain = re.sub(r"-\d+(\.\d+)+", "", name.lower().replace("_", "-"))
    return plain.replace(".min.", ".")


@cache
def _known_assets() -> dict[str, list[Asset]]:
    found: dict[str, list[Asset]] = {}
    for package in json.loads(document.asset("manifest.json"))["packages"]:
        for name in package["files"]:
            if name.endswith((".js", ".css")):
                found.setdefault(_stem(PurePosixPath(name).name), []).append(Asset(name, package["version"]))
    return found


def own_file_of(address: str) -> str | None:
    """Return the file of ours that an address asks for, in the same major version; None when there is none.

    Examples
    --------
    >>> own_file_of("https://code.jquery.com/jquery-3.7.1.min.js")
    'jquery-3.7.1/jquery.min.js'
    >>> own_file_of("https://example.org/jquery-1.2.min.js") is None
    True
    """
    path = urlsplit(address).path
    stem = _stem(PurePosixPath(path).name)
    if stem in {"bootstrap-glyphicons.css", "leaflet.awesome.rotate.css"}:
        return f"made:{stem}"
    if stem == "all.css" and "fontawesome" not in path:
        return None
    asked = re.search(r"\d+(?:\.\d+)+", path)
    for asset in _known_assets().get(stem, []):
        if asked is None or asked[0].split(".")[0] == asset.version.split(".")[0]:
            return asset.name
    return None


def style(name: str, used: str) -> str:
    """Return a stylesheet with its fonts and images inside it, leaving out fonts that nothing in ``used`` asks for."""
    if name == "made:leaflet.awesome.rotate.css":
        turned = sorted({int(angle) for angle in re.findall(r"fa-rotate-(\d+)", used)})
        return "".join(f".awesome-marker .fa-rotate-{angle}{{transform:rotate({angle}deg)}}" for angle in turned)
    if name == "made:bootstrap-glyphicons.css":
        whole = document.asset(f"{_GLYPHICONS}/css/bootstrap.min.css").decode()
        rules = re.findall(r'@font-face\{font-family:"Glyphicons[^}]*\}|[^{}]*\.glyphicon[^{}]*\{[^{}]*\}', whole)
        return _inlined_assets("".join(rules), _GLYPHICONS, used)
    text = document.asset(name).decode()
    return _inlined_assets(text, name.split("/", maxsplit=1)[0], used)


def _inlined_assets(text: str, folder: str, used: str) -> str:
    packages = json.loads(document.asset("manifest.json"))["packages"]
    package = next(package for package in packages if package["folder"] == folder)
    there = {PurePosixPath(name).name: name for name in package["files"]}

    def inside(found: re.Match[str]) -> str:
        address = found[1].strip("'\"")
        if address.startswith("data:"):
            return found[0]
        file = PurePosixPath(urlsplit(address).path).name
        unused = any(file.startswith(start) and not asked.search(used) for start, asked in _FONT_IF_USED.items())
        kind = _KINDS.get(PurePosixPath(file).suffix)
        if file not in there or kind is None or unused:
            # Older forms of a font that is there, or pictures for screens of double density.
            return _NOTHING
        return f"url(data:{kind};base64,{base64.b64encode(document.asset(there[file])).decode()})"

    text = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text)
    return re.sub(r"url\(((?:\"[^\"]*\"|'[^']*'|[^)]*))\)", inside, text)
