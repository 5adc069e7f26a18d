"""The first page of a study: its maps, tables and records, each with a line that says what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from markupsafe import Markup

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue.lookup import direction, words
from spatialjustice.maps.pages import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord
    from spatialjustice.maps.pages.overview import Overview

_SECTIONS = (
    ("map", "index.maps"),
    ("takeaway", "index.takeaway"),
    ("table", "index.tables"),
    ("record", "index.records"),
)


@dataclass(frozen=True)
class Entry:
    """One file of a study.

    Parameters
    ----------
    href
        File name, relative to the index.
    title
        What it is: one text, or one per language.
    kind
        ``map``, ``takeaway`` (a report or workbook), ``table`` or ``record``.
    line
        One line about it: one text, or one per language.
    size
        Its size as a reader should see it, for example ``1.2 MB``: one text, or one per language; empty to leave it
        out.
    picture
        A small drawing of it, as :func:`spatialjustice.maps.thumbnail` makes it.
    """

    href: str
    title: str | Mapping[str, str]
    kind: Literal["map", "takeaway", "table", "record"] = "map"
    line: str | Mapping[str, str] = ""
    size: str | Mapping[str, str] = ""
    picture: Markup | str = ""


def index_page(  # noqa: PLR0913 (a page has many optional parts; all but one are named)
    entries: Iterable[Entry],
    *,
    title: str | Mapping[str, str],
    subtitle: str | Mapping[str, str] = "",
    lang: str = "en",
    languages: Sequence[str] | None = None,
    findings: Iterable[Finding] = (),
    sources: Iterable[SourceRecord] = (),
    alternate: Mapping[str, str] | None = None,
    overview: Overview | None = None,
) -> str:
    """Return the index of a study's maps and tables as one self-contained HTML page.

    Raises
    ------
    InputError
        When a file does not lie beside the index, or an entry is of no known kind.

    Examples
    --------
    >>> "map.html" in index_page([Entry("map.html", "Walking")], title="A study")
    True
    """
    spoken = tuple(dict.fromkeys([lang, *(languages or ())]))
    for one in spoken:
        words(one)  # refuses a language that the catalogue does not know
    sections: dict[str, list[dict[str, Any]]] = {kind: [] for kind, _ in _SECTIONS}
    for entry in entries:
        if entry.kind not in sections:
            raise InputError("entries", f"kind “{entry.kind}” is not known", f"Use {', '.join(sections)}.")
        sections[entry.kind].append(
            {
                "href": document.relative_link(entry.href, "entries"),
                "file": entry.href.split("#", maxsplit=1)[0],
                "kind": entry.kind,
                "title": entry.title,
                "line": entry.line,
                "size": entry.size,
                "picture": entry.picture,
            }
        )
    records = list(sources)
    seen = "fa" in spoken or "fa" in (alternate or {})
    started = document.script("start.js")
    running = "\n".join(document.script(name) for name in ("state.js", "language.js"))
    return document.render(
        "index.html",
        spoken,
        title=title,
        subtitle=subtitle,
        lang=lang,
        dir=direction(lang),
        alternate=document.alternates(alternate),
        sections=[(kind, heading, sections[kind]) for kind, heading in _SECTIONS if sections[kind]],
        overview=None if overview is None else overview.as_record(),
        findings=document.finding_rows(findings),
        credits=document.credits_of(records),
        policy=document.content_security_policy([started, running] if len(spoken) > 1 else [started]),
        style=document.style(persian=seen, leaflet=False),
        started=Markup(started),  # noqa: S704 (our own file)
        script=Markup(running),  # noqa: S704 (our own file)
    )
