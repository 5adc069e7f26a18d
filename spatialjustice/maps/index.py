"""The first page of a study: its maps, tables and records, each with a line that says what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from spatialjustice._core.errors import InputError
from spatialjustice.catalogue.lookup import direction, text_in, words
from spatialjustice.maps import page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord

_SECTIONS = (("map", "index.maps"), ("table", "index.tables"), ("record", "index.records"))


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
        ``map``, ``table`` or ``record``.
    line
        One line about it: one text, or one per language.
    size
        Its size as a reader should see it, for example ``1.2 MB``; empty to leave it out.
    """

    href: str
    title: str | Mapping[str, str]
    kind: Literal["map", "table", "record"] = "map"
    line: str | Mapping[str, str] = ""
    size: str = ""


def index_page(
    entries: Iterable[Entry],
    *,
    title: str | Mapping[str, str],
    subtitle: str | Mapping[str, str] = "",
    lang: str = "en",
    findings: Iterable[Finding] = (),
    sources: Iterable[SourceRecord] = (),
    alternate: Mapping[str, str] | None = None,
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
    said = words(lang)
    sections: dict[str, list[dict[str, str]]] = {kind: [] for kind, _ in _SECTIONS}
    for entry in entries:
        if entry.kind not in sections:
            raise InputError("entries", f"kind “{entry.kind}” is not known", f"Use {', '.join(sections)}.")
        sections[entry.kind].append(
            {
                "href": page.relative_link(entry.href, "entries"),
                "file": entry.href,
                "title": text_in(entry.title, lang),
                "line": text_in(entry.line, lang),
                "size": entry.size,
            }
        )
    records = list(sources)
    seen = lang == "fa" or any(language == "fa" for language in alternate or {})
    return page.render(
        "index.html",
        title=text_in(title, lang),
        subtitle=text_in(subtitle, lang),
        lang=lang,
        dir=direction(lang),
        said=said,
        alternate=page.alternates(alternate),
        sections=[(said[word], sections[kind]) for kind, word in _SECTIONS if sections[kind]],
        findings=page.finding_rows(findings),
        credits=page.credits_of(records, lang),
        policy=page.policy([]),
        style=page.style(persian=seen, leaflet=False),
    )
