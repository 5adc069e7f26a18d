"""A page that is read rather than looked at: what was found, in sentences, tables and charts; no map, no network."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from spatialjustice._core.disk import files
from spatialjustice._core.errors import InputError
from spatialjustice.catalogue import LANGUAGES
from spatialjustice.catalogue.lookup import direction, number, text_in, words
from spatialjustice.maps.pages import document
from spatialjustice.report.sheet import blocks as parts
from spatialjustice.report.sheet import charts
from spatialjustice.report.sheet.grid import Grid, grid
from spatialjustice.report.sheet.numbers import decimals, finite, known, range_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from spatialjustice._core.findings import Finding
    from spatialjustice._core.provenance import SourceRecord

SCRIPTS = ("state.js", "language.js", "report_page.js")
LONG = 15
"""Rows from which on a table can be searched."""


@dataclass(frozen=True)
class SheetPage:
    """A page without a map, as it is shown in a notebook and saved as one file.

    Examples
    --------
    >>> page = sheet_page([parts.Passage("By hand.")], title="A city", lead="All is well.")
    >>> page
    <SheetPage: A city>
    >>> "All is well." in page.to_html()
    True
    """

    title: parts.Text
    lead: Sequence[parts.Text]
    blocks: Sequence[parts.Block]
    subtitle: parts.Text = ""
    lang: str = "en"
    languages: Sequence[str] = LANGUAGES
    method: Sequence[parts.Text] = ()
    findings: Sequence[Finding] = ()
    sources: Sequence[SourceRecord] = ()
    provenance: Mapping[str, Any] | None = None
    back: str = ""

    def __repr__(self) -> str:
        """Name the page; its contents would fill the screen."""
        return f"<SheetPage: {text_in(self.title, self.lang)}>"

    @property
    def first_finding(self) -> str:
        """Nothing: who leads to the page says with a line of his own what it is about."""
        return ""

    def to_html(self) -> str:
        """Return the whole page; the same contents give the same bytes."""
        spoken = tuple(dict.fromkeys([self.lang, *self.languages]))
        started = document.script("start.js")
        running = "\n".join(document.script(name) for name in SCRIPTS)
        found = document.finding_rows(self.findings)
        return document.render(
            "report_page.html",
            spoken,
            title=self.title,
            lead=self.lead,
            subtitle=self.subtitle,
            lang=self.lang,
            dir=direction(self.lang),
            back=document.relative_link(self.back, "back") if self.back else "",
            blocks=[record(block) for block in self.blocks],
            method=self.method,
            findings=found,
            tally=document.tally(sum(len(row["messages"]) for row in found)),
            sources=document.source_rows(self.sources),
            credits=document.credits_of(self.sources),
            provenance=document.flatten(self.provenance),
            policy=document.content_security_policy([started, running]),
            style=document.style(persian="fa" in spoken, leaflet=False)
            + Markup(document.without_spaces(document.asset("report_page.css").decode())),  # noqa: S704 (our own file)
            started=Markup(started),  # noqa: S704 (our own file)
            script=Markup(running),  # noqa: S704 (our own file)
        )

    def save(self, path: str | Path) -> Path:
        """Write the page as one file that needs no network, whole or not at all."""
        files.write_text(path, self.to_html())
        return Path(path)

    def _repr_html_(self) -> str:
        whole = html.escape(self.to_html())
        title = html.escape(text_in(self.title, self.lang))
        frame = "width:100%;height:640px;border:1px solid #d8dcdd"
        return f'<iframe srcdoc="{whole}" title="{title}" style="{frame}"></iframe>'


def sheet_page(  # noqa: PLR0913 (a page has many optional parts; all but one are named)
    contents: Iterable[parts.Block],
    *,
    title: parts.Text,
    lead: parts.Text | Sequence[parts.Text],
    subtitle: parts.Text = "",
    lang: str = "en",
    languages: Sequence[str] = LANGUAGES,
    method: Iterable[parts.Text] = (),
    findings: Iterable[Finding] = (),
    sources: Iterable[SourceRecord] = (),
    provenance: Mapping[str, Any] | None = None,
    back: str = "",
) -> SheetPage:
    """Make a page of sentences, tables and charts: one file, in every language, that needs no network.

    Parameters
    ----------
    contents
        What it shows, in order: :class:`Passage`, :class:`SheetTable`, :class:`Dots`, :class:`Lines`, :class:`Points`,
        :class:`Picture`, :class:`Grid`, :class:`Choice`, :class:`Part`.
    title
        Heading of the page.
    lead
        What a reader is to remember, told first: a sentence, or a few.
    subtitle
        The line under the heading.
    lang
        The language the page opens in.
    languages
        All its languages.
    method
        How it was done, in plain words, a sentence each.
    findings
        What was found about the data.
    sources
        Where the data come from.
    provenance
        The record of the run.
    back
        A page beside it to go back to, for example ``index.html``.

    Returns
    -------
    SheetPage
        With ``.save(path)`` and ``.to_html()``.

    Raises
    ------
    InputError
        When there is no lead, a language is not known, or a block is none.

    Examples
    --------
    >>> sheet_page([parts.Passage("By hand.")], title="A city", lead="All is well.")
    <SheetPage: A city>
    """
    told = [lead] if isinstance(lead, str) or hasattr(lead, "keys") else list(lead)
    if not any(told):
        raise InputError("lead", "it is empty", "Say in a sentence what a reader is to remember.")
    for one in (lang, *languages):
        words(one)  # refuses a language that the catalogue does not know
    made = list(contents)
    for block in made:
        if not isinstance(block, parts.Block):
            raise InputError("contents", f"{type(block).__name__} is no block", "Give Passage, SheetTable or Dots.")
    return SheetPage(
        title=title,
        lead=told,  # type: ignore[arg-type]  # a mapping is one text
        blocks=made,
        subtitle=subtitle,
        lang=lang,
        languages=tuple(languages),
        method=list(method),
        findings=list(findings),
        sources=list(sources),
        provenance=provenance,
        back=back,
    )


def record(block: parts.Block) -> dict[str, Any]:  # noqa: PLR0911 (one for each kind)
    """Return a block as the template writes it."""
    match block:
        case parts.Dots():
            return charts.dots(block)
        case parts.Lines():
            return charts.lines(block)
        case parts.Points():
            return charts.points(block)
        case Grid():
            return grid(block)
        case parts.SheetTable():
            return _table(block)
        case parts.Choice():
            options = [{"title": name, "blocks": [record(one) for one in inner]} for name, inner in block.options]
            printed = {
                lang: words(lang)["sheet.choice_printed"].format(count=number(len(options), lang)) for lang in LANGUAGES
            }
            return {"kind": "choice", "title": block.title, "options": options, "printed": printed}
        case parts.Part():
            inner = [record(one) for one in block.blocks]
            return {"kind": "part", "title": block.title, "blocks": inner, "folded": block.folded}
        case parts.Picture():
            return {
                "kind": "picture",
                "title": block.title,
                "markup": block.markup,
                "key": block.key,
                "note": block.note,
            }
        case _:
            return {
                "kind": "passage",
                "title": block.title,
                "sentences": block.sentences,
                "as": block.kind,
                "listed": block.listed,
            }


def _table(block: parts.SheetTable) -> dict[str, Any]:
    """Return a table with every cell as it is read, and the number by which it is sorted."""
    columns = [_cells(block, one) for one in block.columns]
    rows = [list(cells) for cells in zip(*columns, strict=True)]
    return {
        "kind": "table",
        "title": block.title,
        "note": block.note,
        "head": [{"title": one.title, "numeric": one.kind != "text"} for one in block.columns],
        "rows": rows,
        "shown": block.shown if len(rows) > block.shown + 2 else len(rows),
        "long": len(rows) > LONG,
    }


def _cells(block: parts.SheetTable, column: parts.SheetColumn) -> list[dict[str, Any]]:
    values = block.frame[column.name].tolist()
    if column.kind == "text":
        return [{"text": value if known_text(value) else column.missing or "–", "sort": None} for value in values]
    percent = column.kind == "share"
    low = block.frame[column.low].tolist() if column.low else [None] * len(values)
    high = block.frame[column.high].tolist() if column.high else [None] * len(values)
    digits = column.digits
    if digits is None:
        digits = 0 if column.kind == "people" else decimals([*values, *low, *high], percent=percent)
    how: dict[str, Any] = {"digits": digits, "percent": percent}
    return [
        {
            "text": value_text(value, **how) if known(value) else column.missing or "–",
            "range": range_text(first, last, **how) if known(first, last) else "",
            "sort": finite(value) if known(value) else "",
        }
        for value, first, last in zip(values, low, high, strict=True)
    ]


def known_text(value: Any) -> bool:
    """Return whether a cell holds a text: one, or one per language.

    Examples
    --------
    >>> known_text(None), known_text("Ilam")
    (False, True)
    """
    return bool(value) and (isinstance(value, str) or hasattr(value, "keys"))
