"""Assembling a page: one HTML file that fetches nothing and in which data can never become a script."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FunctionLoader
from markupsafe import Markup

from spatialjustice._core.errors import InputError
from spatialjustice._core.provenance import OSM_ATTRIBUTION, SourceRecord
from spatialjustice.catalogue import lookup
from spatialjustice.catalogue.lookup import LANGUAGES, date, direction, number, own_name, text_in, words
from spatialjustice.catalogue.told import advice, told
from spatialjustice.maps.pages import seven_bits
from spatialjustice.maps.pages.languages import Texts, json_block, word_in_all_languages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spatialjustice._core.findings import Finding

    Text = str | Mapping[str, str]

LEAFLET = "leaflet-1.9.4"
FONT = "vazirmatn-5.3.0"
SCRIPTS = (
    f"{LEAFLET}/leaflet.js", "sheet.js", "state.js", "language.js", "packed.js", "layers.js", "legend.js", "map.js",
    "modes.js", "chooser.js", "profile.js", "filter.js", "region.js", "areas.js", "worst.js", "search.js",
    "charts.js", "frontier.js", "compare.js", "panes.js", "places.js", "overview.js", "drawing.js", "takeaway.js",
)  # fmt: skip
WHAT_IF = (
    "streets.js", "street_search.js", "street_lines.js", "street_sums.js", "street_shares.js", "whatif.js",
    "whatif_plan.js", "whatif_map.js", "whatif_answer.js", "whatif_view.js", "whatif_proposal.js", "whatif_panel.js",
)  # fmt: skip
"""Scripts of pages that hold streets."""
_PERSIAN = re.compile("[\u0600-\u06ff]")
_ARABIC_RANGE = "U+0600-06FF,U+0750-077F,U+200C-200E,U+2010-2011,U+FB50-FDFF,U+FE70-FEFC"
_LATIN_RANGE = "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2212"
_FURTHER_RANGE = "U+0100-0130,U+0132-0151,U+0154-02BA,U+1E00-1E9F,U+1EF2-1EFF,U+20A0-20AB,U+20AD-20C0"
_FURTHER = re.compile(
    r"[\u0100-\u0130\u0132-\u0151\u0154-\u024f\u1e00-\u1e9f\u1ef2-\u1eff]"
    r"|\\u(?:01(?:[0-2][0-9a-f]|30|3[2-9a-f]|4[0-9a-f]|5[014-9a-f]|[6-9a-f][0-9a-f])|02[0-4][0-9a-f]|1e[0-9a-f]{2})"
)
"""Latin letters of Polish, Turkish, Czech and others, as themselves or as JSON writes them."""
_FURTHER_FACE = "/* further letters */"
OSM_COPYRIGHT = "https://www.openstreetmap.org/copyright"
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class MapParts:
    """What a folium map gives to a page: markup, script, data by element id, and hosts that tiles come from."""

    html: str
    head: str
    script: str
    data: tuple[tuple[str, dict[str, Any]], ...]
    hosts: tuple[str, ...]
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """What a page says around its map."""

    title: Text
    lang: str = "en"
    languages: Sequence[str] = ()
    subtitle: Text = ""
    groups: Sequence[Mapping[str, Any]] = ()
    findings: Sequence[Mapping[str, Any]] = ()
    sources: Sequence[Mapping[str, Any]] = ()
    credits: Sequence[Mapping[str, Any]] = ()
    provenance: Sequence[tuple[str, str]] = ()
    record: Mapping[str, Any] | None = None
    report: Mapping[str, Any] | None = None
    modes: Sequence[Mapping[str, Any]] = ()
    blocks: Sequence[tuple[str, Mapping[str, Any]]] = ()
    what_if: Sequence[Mapping[str, Any]] = ()
    alternate: Sequence[Mapping[str, str]] = ()
    plain: bool = False
    remote: str = ""
    overview: Mapping[str, Any] | None = None
    still: Mapping[str, Any] | None = None

    @property
    def dir(self) -> str:
        """Direction of the page's writing."""
        return direction(self.lang)

    @property
    def spoken(self) -> tuple[str, ...]:
        """All languages of the page, the one it opens in first."""
        return tuple(self.languages) or (self.lang,)

    @property
    def tally(self) -> dict[str, str]:
        """How many findings there are, nothing for none."""
        return tally(sum(len(row["messages"]) for row in self.findings))

    @property
    def versions(self) -> list[tuple[str, str]]:
        """Versions of the software, as the record of the run tells them."""
        return [(str(name), str(version)) for name, version in ((self.record or {}).get("versions") or {}).items()]


@cache
def asset(name: str) -> bytes:
    """Return a file that travels with the package."""
    return resources.files("spatialjustice.maps").joinpath("assets", *name.split("/")).read_bytes()


@cache
def script(name: str) -> str:
    """Return a script as it is put into a page.

    Line ends are those that browsers make of them before they check a script against the policy.

    Leaflet's comes without the comment that would ask for its source map, ours without indents and lines of comment.
    """
    text = asset(name).decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", text)
    text = text if "/" in name else re.sub(r"^[ \t]+|^[ \t]*//.*\n", "", text, flags=re.MULTILINE)
    return seven_bits.in_script(text.replace("</script", "<\\/script").replace("<!--", "<\\!--"))


def _data_address(name: str, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(asset(name)).decode()}"


def _font_faces(*, persian: bool) -> str:
    faces = [("latin", _LATIN_RANGE)] + ([("arabic", _ARABIC_RANGE)] if persian else [])
    return _faces(faces) + _FURTHER_FACE


def _faces(faces: Iterable[tuple[str, str]]) -> str:
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


def style(*, persian: bool, leaflet: bool = True, what_if: bool = False) -> Markup:
    """Return all styles of a page, its fonts and images inside."""
    sheets = ["map.css", "overview.css", "tools.css", *(["whatif.css"] if what_if else [])]
    own = "".join(without_spaces(asset(name).decode()) for name in sheets)
    return Markup(_font_faces(persian=persian) + (_leaflet_style() if leaflet else "") + own)  # noqa: S704 (our files)


def without_spaces(sheet: str) -> str:
    """Return styles without the comments, indents and spaces that only those read who write them.

    Examples
    --------
    >>> without_spaces("a { color: red; }  /* why */")
    'a{color:red;}'
    """
    return re.sub(r"\s*([{};])\s*|(:) ", r"\1\2", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))


def content_security_policy(scripts: Iterable[str], *, hosts: Iterable[str] = ()) -> str:
    """Return the content security policy: only these scripts run, and nothing is fetched but named tiles."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    images = " ".join(["data:", *hosts])
    return (
        f"default-src 'none'; script-src {hashes or chr(39) + 'none' + chr(39)}; style-src 'unsafe-inline'; "
        f"img-src {images}; font-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


@cache
def _templates() -> Environment:
    """Keep the page templates compiled, which takes longer than filling them."""
    return Environment(
        autoescape=True,
        trim_blocks=False,
        keep_trailing_newline=True,
        loader=FunctionLoader(lambda name: asset(name).decode()),
    )


def render(template: str, languages: Sequence[str], **given: Any) -> str:
    """Fill a page template; every text is escaped, and those of other languages travel beside it."""
    texts = Texts(languages)
    page = _templates().get_template(template).render(t=texts, w=texts.word, word=word_in_all_languages, **given)
    # Letters that few pages hold bring their font with them.
    further = _faces([("latin-ext", _FURTHER_RANGE)]) if _FURTHER.search(page) else ""
    page = page.replace(_FURTHER_FACE, further, 1)
    return seven_bits.in_markup(page)


def assemble(parts: MapParts, page: Page) -> str:
    """Put a map's parts and what is said around it into one file."""
    started = script("start.js")
    # Folium's own maps have nothing beside them that the later scripts could fill.
    ours = SCRIPTS[: SCRIPTS.index("map.js") + 1] if page.plain else (*SCRIPTS, *(WHAT_IF if page.what_if else ()))
    running = [*(script(name) for name in ours), *parts.scripts]
    if re.search("[mM]arker|geoJson", parts.script):
        running.append(_marker_images())
    running.append(seven_bits.in_script(parts.script))
    blocks = [json_block(name, data) for name, data in parts.data]
    if page.report is not None:
        blocks.append(json_block("report", page.report))
    # What the first picture does not need is read while it is drawn.
    late = [] if page.record is None else [json_block("provenance", page.record)]
    late += [json_block(name, given) for name, given in page.blocks]
    late += [json_block(f"streets-{place}", block) for place, block in enumerate(page.what_if)]
    data = Markup("\n").join(blocks)
    title = text_in(page.title, page.lang)
    seen = "fa" in page.spoken or any(_PERSIAN.search(text) for text in (data, *late, parts.html, parts.script, title))
    return render(
        "page.html",
        page.spoken,
        page=page,
        policy=content_security_policy([started, *running], hosts=parts.hosts),
        started=Markup(started),  # noqa: S704 (our own)
        style=style(persian=seen, what_if=bool(page.what_if)),
        head=Markup(parts.head),  # noqa: S704 (the user's own markup)
        map=Markup(parts.html),  # noqa: S704 (Folium's own markup)
        data=data,
        late=Markup("\n").join(late),
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


def _dates(value: str | None) -> dict[str, str]:
    return {lang: date(value, lang) for lang in LANGUAGES}


def _named(name: str) -> dict[str, str]:
    return {lang: words(lang).get(f"source.{name}", name.replace("_", " ")) for lang in LANGUAGES}


def source_rows(sources: Iterable[SourceRecord]) -> list[dict[str, Any]]:
    """Return the sources as the page lists them: each file once, with all it was used for, in every language."""
    grouped: dict[tuple[Any, ...], list[SourceRecord]] = {}
    for source in sources:
        key = (source.file, source.sha256, source.licence, source.attribution, source.data_date, source.note)
        grouped.setdefault(key, []).append(source)
    return [
        {
            "name": {
                lang: words(lang)["language.comma"].join(dict.fromkeys(_named(one.name)[lang] for one in alike))
                for lang in LANGUAGES
            },
            "file": alike[0].file,
            "licence": word_in_all_languages("page.licence.not_stated")
            if alike[0].licence == "not stated"
            else alike[0].licence,
            "credit": alike[0].attribution,
            "date": _dates(alike[0].data_date),
            "sha256": alike[0].sha256,
            "href": safe_link(alike[0].address),
            "note": alike[0].note,
        }
        for alike in grouped.values()
    ]


def credits_of(sources: Iterable[SourceRecord]) -> list[dict[str, Any]]:
    """Return the credit lines a map must show: each attribution once, with its licence and the dates of its data."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for source in sources:
        if source.attribution:
            dates = grouped.setdefault((source.attribution, source.licence), [])
            if source.data_date:
                dates.append(source.data_date[:10])
    lines = []
    for (attribution, licence), dates in grouped.items():
        short = re.search(r"\(([^)]+)\)", licence)
        detail: list[Text] = [short[1] if short else licence] if licence and licence != "not stated" else []
        written = list(dict.fromkeys(dates))
        if len(written) == 1:
            detail.append({lang: words(lang)["page.data_of"].format(date=date(written[0], lang)) for lang in LANGUAGES})
        href = OSM_COPYRIGHT if attribution == OSM_ATTRIBUTION else ""
        lines.append({"text": attribution, "href": href, "detail": detail})
    return lines


def finding_rows(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as the page lists them, warnings first.

    Those that are called the same stand together under their name in the reader's language. A sentence that is not in
    the catalogue of a language stands there in English.
    """
    grouped: dict[tuple[str, ...], dict[str, Any]] = {}
    for place, finding in enumerate(findings):
        heading = {lang: _heading(finding, lang) for lang in LANGUAGES}
        key = (finding.severity, *heading.values()) if heading["en"] else (finding.severity, str(place))
        row = grouped.setdefault(key, {"severity": finding.severity, "heading": heading, "messages": []})
        message = {"message": _told(finding, told), "advice": _told(finding, advice)}
        if message not in row["messages"]:
            row["messages"].append(message)
    for row in grouped.values():
        # The same advice is given once, after the last sentence it goes with.
        for here, after in pairwise(row["messages"]):
            if here["advice"] == after["advice"]:
                here["advice"] = {}
    return sorted(grouped.values(), key=lambda row: row["severity"] != "warning")


def _told(finding: Finding, part: Callable[[Finding, str], str]) -> dict[str, str]:
    """Return a sentence in every language that has it, English first."""
    return {lang: text for lang in LANGUAGES if (text := part(finding, lang))}


def _heading(finding: Finding, lang: str) -> str:
    """Return what a finding is called, with its numbers where there are words for that; nothing for unknown codes."""
    people = float("nan") if finding.people is None else finding.people
    told = words(lang).get(f"finding.{finding.code}")
    if told is None:
        return dict(lookup.findings().get(finding.code, {})).get(lang, "")
    return told.format(count=number(finding.count, lang, digits=0), people=number(people, lang, digits=0))


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


def tally(count: int) -> dict[str, str]:
    """Write how many there are in every language, nothing for none."""
    return {lang: number(count, lang, digits=0) if count else "" for lang in LANGUAGES}
