"""Assembling pages: one file each, nothing fetched, and data that can never become a script."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment
from markupsafe import Markup

from spatialjustice._core.errors import InputError
from spatialjustice._core.provenance import OSM_ATTRIBUTION, SourceRecord
from spatialjustice.catalogue.lookup import LANGUAGES, date, direction, number, own_name, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from spatialjustice._core.findings import Finding
    from spatialjustice.maps.export import Parts

LEAFLET = "leaflet-1.9.4"
FONT = "vazirmatn-5.3.0"
SCRIPTS = (f"{LEAFLET}/leaflet.js", "sheet.js", "packed.js", "layers.js", "map.js")
_PERSIAN = re.compile("[\u0600-\u06ff]")
_ARABIC_RANGE = "U+0600-06FF,U+0750-077F,U+200C-200E,U+2010-2011,U+FB50-FDFF,U+FE70-FEFC"
_LATIN_RANGE = "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2212"
OSM_COPYRIGHT = "https://www.openstreetmap.org/copyright"
_DEEPEST = 60


@dataclass(frozen=True)
class Page:
    """What a page says around its map."""

    title: str
    lang: str = "en"
    subtitle: str = ""
    groups: Sequence[Mapping[str, Any]] = ()
    findings: Sequence[Mapping[str, Any]] = ()
    sources: Sequence[Mapping[str, str]] = ()
    credits: Sequence[Mapping[str, Any]] = ()
    provenance: Sequence[tuple[str, str]] = ()
    record: Mapping[str, Any] | None = None
    alternate: Sequence[Mapping[str, str]] = ()
    plain: bool = False
    remote: str = ""
    tally: str = field(default="")

    @property
    def dir(self) -> str:
        """Direction of the page's writing."""
        return direction(self.lang)


@cache
def asset(name: str) -> bytes:
    """Return a file that travels with the package."""
    return resources.files("spatialjustice.maps").joinpath("assets", *name.split("/")).read_bytes()


def script(name: str) -> str:
    """Return a script as it is put into a page: without the comment that would ask for its source map.

    Line ends are those that browsers make of them before they check a script against the policy.
    """
    text = asset(name).decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", text)
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def json_block(name: str, data: Any) -> Markup:
    r"""Return data as a block no browser executes and no text can leave.

    Examples
    --------
    >>> print(json_block("a", {"name": "</script>"}))
    <script type="application/json" id="a-data">{"name":"\u003c/script>"}</script>
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup(f'<script type="application/json" id="{name}-data">{text}</script>')  # noqa: S704 (escaped above)


def _data_address(name: str, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(asset(name)).decode()}"


def _font_faces(*, persian: bool) -> str:
    faces = [("latin", _LATIN_RANGE)] + ([("arabic", _ARABIC_RANGE)] if persian else [])
    return "".join(
        "@font-face{font-family:'Vazirmatn Variable';font-style:normal;font-display:block;font-weight:100 900;"
        f"src:url({_data_address(f'{FONT}/vazirmatn-{name}-wght-normal.woff2', 'font/woff2')}) format('woff2');"
        f"unicode-range:{span};}}\n"
        for name, span in faces
    )


def _leaflet_style() -> str:
    text = asset(f"{LEAFLET}/leaflet.css").decode()
    return re.sub(
        r"url\((images/[\w.-]+)\)", lambda found: f"url({_data_address(f'{LEAFLET}/{found[1]}', 'image/png')})", text
    )


def style(*, persian: bool, leaflet: bool = True) -> Markup:
    """Return all styles of a page, its fonts and images inside."""
    own = asset("map.css").decode()
    return Markup(_font_faces(persian=persian) + (_leaflet_style() if leaflet else "") + own)  # noqa: S704 (our files)


def policy(scripts: Iterable[str], *, hosts: Iterable[str] = ()) -> str:
    """Return the content security policy: only these scripts run, and nothing is fetched but named tiles."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    images = " ".join(["data:", *hosts])
    return (
        f"default-src 'none'; script-src {hashes or chr(39) + 'none' + chr(39)}; style-src 'unsafe-inline'; "
        f"img-src {images}; font-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def render(template: str, **given: Any) -> str:
    """Fill a page template; every text is escaped."""
    environment = Environment(autoescape=True, trim_blocks=False, keep_trailing_newline=True)
    return environment.from_string(asset(template).decode()).render(**given)


def assemble(parts: Parts, page: Page) -> str:
    """Put a map's parts and what is said around it into one file."""
    running = [*(script(name) for name in SCRIPTS), *parts.scripts]
    if re.search("[mM]arker|geoJson", parts.script):
        running.append(_marker_images())
    running.append(parts.script)
    blocks = [json_block(name, data) for name, data in parts.data]
    if page.record is not None:
        blocks.append(json_block("provenance", page.record))
    data = Markup("\n").join(blocks)
    seen = page.lang == "fa" or any(_PERSIAN.search(text) for text in (data, parts.html, parts.script, page.title))
    return render(
        "page.html",
        page=page,
        said=words(page.lang),
        policy=policy(running, hosts=parts.hosts),
        style=style(persian=seen),
        head=Markup(parts.head),  # noqa: S704 (the user's own markup)
        map=Markup(parts.html),  # noqa: S704 (Folium's own markup)
        data=data,
        scripts=Markup("\n").join(Markup(f"<script>{text}</script>") for text in running),  # noqa: S704
    )


def _marker_images() -> str:
    names = {"iconUrl": "marker-icon", "iconRetinaUrl": "marker-icon-2x", "shadowUrl": "marker-shadow"}
    images = {key: _data_address(f"{LEAFLET}/images/{name}.png", "image/png") for key, name in names.items()}
    return (
        f'L.Icon.Default.imagePath = " ";\nL.Icon.Default.prototype._getIconUrl = function (name) {{\n'
        f'  return {json.dumps(images)}[name + "Url"];\n}};\n'
    )


def safe_link(address: str) -> str:
    """Return an http(s) address as it is, anything else as nothing.

    Examples
    --------
    >>> safe_link("javascript:alert(1)")
    ''
    """
    return address if urlsplit(address).scheme in {"http", "https"} else ""


def relative_link(address: str, name: str) -> str:
    """Return the address of a file beside the page, refusing anything that leads elsewhere.

    Raises
    ------
    InputError
        When the address has a scheme or a host, or begins at a root.
    """
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address.startswith(("/", "\\")):
        raise InputError(
            name, f"“{address}” does not lie beside the page", "Give a relative file name, for example map.fa.html."
        )
    return quote(address, safe="/#.-_~?=&")


def alternates(alternate: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Return the links to the same page in other languages."""
    for lang in alternate or {}:
        if lang not in LANGUAGES:
            raise InputError(
                "alternate", f"“{lang}” is not a language of this package", f"Use {' or '.join(LANGUAGES)}."
            )
    return [
        {"lang": lang, "name": own_name(lang), "href": relative_link(href, "alternate")}
        for lang, href in (alternate or {}).items()
    ]


def source_rows(sources: Iterable[SourceRecord], lang: str) -> list[dict[str, str]]:
    """Return the sources as the page lists them."""
    said = words(lang)
    return [
        {
            "name": said.get(f"source.{source.name}", source.name.replace("_", " ")),
            "file": source.file,
            "licence": said["page.licence.not_stated"] if source.licence == "not stated" else source.licence,
            "credit": source.attribution,
            "date": date(source.data_date, lang),
            "sha256": source.sha256,
            "href": safe_link(source.address),
            "note": source.note,
        }
        for source in sources
    ]


def credits_of(sources: Iterable[SourceRecord], lang: str) -> list[dict[str, Any]]:
    """Return the credit lines a map must show: each attribution once, with its licence and the dates of its data."""
    said = words(lang)
    grouped: dict[tuple[str, str], list[str]] = {}
    for source in sources:
        if source.attribution:
            dates = grouped.setdefault((source.attribution, source.licence), [])
            if source.data_date:
                dates.append(source.data_date[:10])
    lines = []
    for (attribution, licence), dates in grouped.items():
        short = re.search(r"\(([^)]+)\)", licence)
        detail = [short[1] if short else licence] if licence and licence != "not stated" else []
        written = list(dict.fromkeys(dates))
        if len(written) == 1:
            detail.append(said["page.data_of"].format(date=date(written[0], lang)))
        href = OSM_COPYRIGHT if attribution == OSM_ATTRIBUTION else ""
        lines.append({"text": attribution, "href": href, "detail": detail})
    return lines


def finding_rows(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as the page lists them, warnings first."""
    rows = [asdict(finding) for finding in findings]
    return sorted(rows, key=lambda row: row["severity"] != "warning")


def flatten(record: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return a nested record as rows of name and value, for readers; long lists are counted, not shown.

    Examples
    --------
    >>> flatten({"seed": 1, "versions": {"numpy": "2.4"}, "rows": [1, 2]})
    [('seed', '1'), ('versions · numpy', '2.4'), ('rows', '1, 2')]
    """
    rows: list[tuple[str, str]] = []

    def visit(value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                visit(inner, f"{name} · {key}" if name else str(key))
        elif isinstance(value, list | tuple):
            simple = all(not isinstance(item, dict | list | tuple) for item in value)
            rows.append(
                (name, ", ".join(str(item) for item in value) if simple and len(value) <= 12 else f"({len(value)})")
            )
        else:
            rows.append((name, str(value)))

    visit(dict(record or {}), "")
    return rows[:_DEEPEST]


def tally(count: int, lang: str) -> str:
    """Write how many there are, nothing for none."""
    return number(count, lang, digits=0) if count else ""
