"""From a folium map to the parts of a page that needs no network."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import folium
from branca.element import CssLink, Element, Figure, Html, IFrame, JavascriptLink

from spatialjustice._core.errors import InputError, a_kind
from spatialjustice.maps.layers.canvas import OURS, DataLayer, PageElement, ZoneLayer
from spatialjustice.maps.pages import document, vendored
from spatialjustice.maps.pages.document import MapParts

if TYPE_CHECKING:
    from collections.abc import Iterator

_INLINED = ("leaflet", "leaflet_css")
# What Folium links in every map though few layers use it, and what shows that one does.
_ONLY_IF_USED = {
    "jquery": re.compile(r"\$\(|jQuery"),
    "bootstrap": re.compile(r"bootstrap"),
    "bootstrap_css": re.compile(r"bootstrap"),
    "awesome_markers": re.compile(r"AwesomeMarkers"),
    "awesome_markers_css": re.compile(r"AwesomeMarkers"),
    "awesome_rotate_css": re.compile(r"AwesomeMarkers"),
    "awesome_markers_font_css": re.compile(r"AwesomeMarkers|fa-"),
    "glyphicons_css": re.compile(r"glyphicon"),
}
# `http://www.w3.org/...` names the SVG language; nothing is fetched from there.
_REMOTE = re.compile(r"""(?:https?:)?//[a-z0-9{][^\s"'`<>\\)]{0,300}\.[^\s"'`<>\\)]+""", re.IGNORECASE)
_LINK = re.compile(r"""href=\\?(?:"|'|&quot;|\\u0022|\\u0027)[^"'\\]*""")
_COMMENT = re.compile(r"^[^\S\n]*//.*$", re.MULTILINE)
_NAMESPACE = "http://www.w3.org/"


def walk_elements(root: Element) -> Iterator[Element]:
    """Walk an element and everything in it, in order."""
    yield root
    for child in list(root._children.values()):  # noqa: SLF001 (branca has no public way)
        yield from walk_elements(child)
    if isinstance(root, folium.Popup):
        yield from walk_elements(root.html)


def parts_of_map(made: folium.Map, *, tiles: bool = False) -> MapParts:
    """Render a folium map the way Folium does, and sort what comes out.

    Branca's random ids become counters, so that the same map gives the same bytes.

    Raises
    ------
    InputError
        When it is no map, needs a file from the network, naming its address, or holds a page within the page.
    """
    if not hasattr(made, "get_root"):
        raise InputError("map", f"it is {a_kind(made)}", "Give a map, for example of maps.choropleth or Folium.")
    figure = cast("Figure", made.get_root())
    known = list(walk_elements(figure))
    _refuse_frames(known)
    with _plain_texts(known):
        _render(figure, known)
    pattern = re.compile("|".join(element._id for element in known))  # noqa: SLF001
    numbers: dict[str, int] = {}

    def counted(text: str) -> str:
        # Numbered by first appearance: rendering adds elements, so their order in the tree is not the same twice.
        return pattern.sub(lambda found: str(numbers.setdefault(found[0], len(numbers) + 1)), text)

    script = counted("\n".join(_text(child) for child in figure.script._children.values()))  # noqa: SLF001
    inside = [child for name, child in figure.html._children.items() if not name.startswith(OURS)]  # noqa: SLF001
    html = counted("\n".join(_text(child) for child in inside))
    head = counted(_own_head(figure, made))
    linked = _linked(figure, script + html)
    hosts = _tile_hosts(known, allowed=tiles)
    foreign = [element for element in known if not isinstance(element, DataLayer | PageElement | folium.TileLayer)]
    _refuse_addresses(_without_tiles(script, known, counted), foreign)
    _refuse_addresses(html + head, foreign)
    data = tuple(
        (counted(element.get_name()), element.data) for element in known if isinstance(element, DataLayer | PageElement)
    )
    ours = [element for element in known if isinstance(element, DataLayer)]
    waiting = [counted(layer.get_name()) for layer in ours if isinstance(layer, ZoneLayer) and "packed" in layer.data]
    sheets = [vendored.style(name, script + html) for name in linked if name.endswith(".css")]
    sheets += [document.asset(name).decode() for name in _once(ours, "styles")]
    styles = "".join(f"<style>{text}</style>" for text in sheets)
    if waiting:
        script = f"spatialjustice.prepared({json.dumps(waiting)}, function () {{\n{script}\n}});"
    # `</script>` in a text of Folium's own elements must not end the script; inside a string `<\/` is the same.
    script = script.replace("</", "<\\/").replace("<!--", "<\\!--")
    running = [*(name for name in linked if name.endswith(".js")), *_once(ours, "scripts")]
    scripts = tuple(document.script(name) for name in running)
    return MapParts(html, styles + head, script, data, hosts, scripts)


def _once(layers: list[DataLayer], kind: str) -> list[str]:
    return list(dict.fromkeys(name for layer in layers for name in getattr(layer, kind)))


def _render(figure: Figure, known: list[Element]) -> None:
    """Render as if for the first time: Folium adds a layer to its map once more with each rendering."""
    rendered = {element.get_name() for element in known}
    for part in (figure.header, figure.html, figure.script):
        for name in list(part._children):  # noqa: SLF001
            if name in rendered or name.startswith("macro_element_"):
                del part._children[name]  # noqa: SLF001
    figure.render()


@contextmanager
def _plain_texts(known: list[Element]) -> Iterator[None]:
    """Keep Folium's texts texts while they are rendered: it writes them between backticks, where ``${…}`` would run."""
    changed: list[tuple[Any, str, str]] = []
    for element in known:
        parts: list[tuple[Any, str]] = [(element, "text")] if isinstance(element, folium.Tooltip) else []
        if isinstance(element, folium.Popup):
            inner = element.html._children.values()  # noqa: SLF001
            parts = [(part, "data") for part in inner if isinstance(part, Html)]
        for part, name in parts:
            text = getattr(part, name)
            if isinstance(text, str):
                changed.append((part, name, text))
                # A backslash stays one, unless Folium wrote it to mask a backtick.
                masked = re.sub(r"\\(?!`)", r"\\\\", text).replace("${", "\\${")
                setattr(part, name, re.sub(r"(?<!\\)`", r"\\`", masked))
    try:
        yield
    finally:
        for part, name, text in changed:
            setattr(part, name, text)


def _text(element: Element) -> str:
    return str(element.render())


def _own_head(figure: Figure, made: folium.Map) -> str:
    """Keep what a user put in the page's head, and the styles Folium's layers need; leave Folium's frame out."""
    kept = []
    for name, element in figure.header._children.items():  # noqa: SLF001
        frame = name in {"meta_http", made.get_name()} or name.startswith(OURS)
        if isinstance(element, JavascriptLink | CssLink) or frame:
            continue
        kept.append(_text(element))
    return "\n".join(kept)


def _linked(figure: Figure, used: str) -> list[str]:
    """Return the files of ours that stand for what the figure links, each once, in order."""
    found = []
    for name, element in figure.header._children.items():  # noqa: SLF001
        if not isinstance(element, JavascriptLink | CssLink) or name in _INLINED:
            continue
        if name in _ONLY_IF_USED and not _ONLY_IF_USED[name].search(used):
            continue
        file = vendored.own_file_of(element.url)
        if file is None:
            raise _remote(element.url)
        found.append(file)
    return list(dict.fromkeys(found))


def _refuse_frames(known: list[Element]) -> None:
    """Refuse pages within the page: its policy would leave an empty box in their place, without a word."""
    popups = [element for element in known if isinstance(element, folium.Popup)]
    inner = [child for popup in popups for child in popup.html._children.values()]  # noqa: SLF001
    if any(isinstance(element, IFrame) for element in [*known, *inner]):
        raise InputError(
            "map",
            "it holds a frame (folium.IFrame), a page of its own within the page",
            "Give a popup its HTML as a text: folium.Popup(text).",
        )


def _remote(address: str) -> InputError:
    return InputError(
        "map",
        f"it needs {address} from the network, so one file cannot hold it",
        "Leave out the part that asks for it, or put what it shows into the map as one of our layers.",
    )


def _tile_hosts(known: list[Element], *, allowed: bool) -> tuple[str, ...]:
    hosts = []
    for element in known:
        address = getattr(element, "tiles", None) if isinstance(element, folium.TileLayer) else None
        if not address:
            continue
        if not allowed:
            raise InputError(
                "map",
                f"its background tiles come from {address}",
                "Make the map with tiles=None, or ask for tiles when it is made: the page then says that it needs the "
                "network.",
            )
        parts = urlsplit(address)
        host = parts.netloc.replace("{s}", "*")
        if parts.scheme != "https" or not re.fullmatch(r"(\*\.)?[A-Za-z0-9.-]+(:\d+)?", host):
            raise InputError("tiles", f"“{address}” is no https address of tiles", "Give one with {z}, {x} and {y}.")
        hosts.append(f"https://{host}")
    return tuple(dict.fromkeys(hosts))


def _without_tiles(script: str, known: list[Element], counted: Any) -> str:
    for element in known:
        if isinstance(element, folium.TileLayer):
            name = counted(element.get_name())
            script = re.sub(rf"var {name} = L\.tileLayer\(.*?\);", "", script, flags=re.DOTALL)
    return script


def _refuse_addresses(text: str, foreign: list[Element]) -> None:
    """Refuse addresses in markup that Folium rendered, other than links a reader may click."""
    if not foreign:
        return
    for found in _REMOTE.finditer(_LINK.sub("", _COMMENT.sub("", text))):
        if not found[0].startswith(_NAMESPACE):
            raise _remote(found[0])
