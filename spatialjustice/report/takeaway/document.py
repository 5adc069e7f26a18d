"""The report as a document to edit: headings as styles, tables, the numbered map, and Persian from right to left."""

# ruff: noqa: SLF001 (python-docx hands its XML out under such names alone)

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from spatialjustice._core.machine.extras import require_installed
from spatialjustice.report.takeaway.contents import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LATIN_FONT, PERSIAN_FONT = "Calibri", "Vazirmatn"
MADE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""The moment that the file says it was made at, so that the same report is the same file."""
LOCALES = {"en": "en-GB", "fa": "fa-IR"}
"""Where the words of a language are spoken; any other is named by itself."""
LONGEST_PROPERTY = 255
"""Signs that a property of a document holds."""
RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
# In a paragraph from right to left, words in Latin letters are runs of their own, with the signs between them.
PIECES = re.compile(rf"[A-Za-z\u00c0-\u024f](?:[^{RTL}]*[A-Za-z0-9\u00c0-\u024f)])?|[^A-Za-z\u00c0-\u024f]+")
SHADES = ("F4F5F8", "E3E3EF", "CDCBE2", "B3AED2", "978FC0")
"""Of cells of the overview, as on the page."""
SHORT = 12
"""Rows of a table that is not parted by the end of a page."""
INK, QUIET, ACCENT, HAIR = "1C2428", "55626A", "0B5D6B", "C9D1D4"
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
ORDER = {
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing "
    "tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription",
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
    "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
    "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
    "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid "
    "vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em "
    "lang eastAsianLayout specVanish oMath",
}
"""In which order the parts of a look stand (ECMA-376, part 1, 17.3 and 17.4): some programs refuse any other."""


def as_docx(told: Mapping[str, Any], picture: bytes) -> bytes:
    """Return a report as the bytes of its file, of what :func:`contents` says and its map as PNG."""
    made = _Document(told)
    said = told["words"]
    made.title(told["title"], told["subtitle"], told["date"])
    for sentence in told["sentences"] or [told["map"]["finding"]]:
        made.paragraph(sentence, style="List Bullet")
    for caveat in told["caveats"]:
        made.shaded(caveat)
    caption = said["takeaway.picture"].format(number=made.digits("1"), title=told["map"]["title"])
    made.picture(picture, caption, told["map"]["alt"])
    if told["worst"] is not None:
        made.heading(told["worst"]["title"])
        made.paragraph(told["worst"]["about"], style="Subtitle")
        made.table(told["worst"]["heads"], told["worst"]["rows"], widths=(1.9, 8.1, 3.4, 3.4), numbers=(0, 2, 3))
        if told["worst"]["note"]:
            made.paragraph(told["worst"]["note"], style="Caption")
    if told["overview"] is not None:
        made.heading(said["overview.title"])
        made.paragraph(said["takeaway.overview.note"])
        made.overview(told["overview"], said["overview.service"])
    if told["further"]:
        made.heading(said["overview.further"])
        for one in told["further"]:
            made.paragraph(one["line"], style="List Bullet", strong=one["title"])
    _annex(made, told)
    made.footer(f"{told['title']} · {told['date']}", said["takeaway.page"])
    return made.as_bytes()


def _annex(made: _Document, told: Mapping[str, Any]) -> None:
    """Add how it was measured, what to know, and of what it was made."""
    said = told["words"]
    made.heading(said["page.method"])
    for text in told["method"]:
        made.paragraph(text, style="List Bullet")
    if told["findings"]:
        made.heading(said["page.findings"])
    for finding in told["findings"]:
        if finding["heading"]:
            made.heading(finding["heading"], level=2)
        for one in finding["messages"]:
            text = " ".join(part for part in (one["text"], one["advice"]) if part)
            made.paragraph(text, lang=one["lang"], rtl=one["dir"] == "rtl")
    made.heading(said["page.sources"])
    heads = [said[f"page.{name}"] for name in ("source", "licence", "date")]
    rows = [
        [" · ".join(part for part in (one["name"], one["credit"], one["file"], one["note"]) if part),
         one["licence"], one["date"]]
        for one in told["sources"]
    ]  # fmt: skip
    made.table(heads, rows, widths=(8.4, 4.8, 3.6))
    for credit in told["credits"]:
        made.paragraph(credit, style="Caption")
    made.paragraph(said["takeaway.made_with"].format(software=told["software"]), style="Caption")


def _clean(text: str) -> str:
    """Return a text without what no file of this kind can hold."""
    return CONTROL.sub("\ufffd", plain(text))


def _locale(lang: str) -> str:
    return LOCALES.get(lang, lang)


def _add(look: Any, name: str, **values: str) -> None:
    """Add a part to a look, at its place."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    part = OxmlElement(f"w:{name}")
    for key, value in values.items():
        part.set(qn(f"w:{key}"), value)
    order = ORDER[look.tag.partition("}")[2]].split()
    look.insert_element_before(part, *(f"w:{later}" for later in order[order.index(name) + 1 :]))


class _Document:
    """A document in one language, each of whose paragraphs, runs and tables says in which direction it is read."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        require_installed("docx", "takeaway")
        from docx import Document
        from docx.oxml.ns import qn
        from docx.shared import Cm, Pt, RGBColor

        self.lang, self.rtl = told["lang"], told["dir"] == "rtl"
        self._digits = told["digits"]
        self.made = Document()
        section = self.made.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.1)
        section.top_margin, section.bottom_margin = Cm(1.8), Cm(1.9)
        sizes = {"Normal": 10.5, "Title": 20, "Heading 1": 14, "Heading 2": 11, "Subtitle": 10.5, "Caption": 8.5,
                 "List Bullet": 10.5, "Table Grid": 9.5}  # fmt: skip
        colours = {"Title": INK, "Heading 1": ACCENT, "Heading 2": INK, "Subtitle": QUIET, "Caption": QUIET}
        for name, size in sizes.items():
            style = self.made.styles[name]
            style.font.size = Pt(size)
            self._fonts(style.element.get_or_add_rPr(), size)
            if name in colours:
                style.font.color.rgb = RGBColor.from_string(colours[name])
                style.font.italic = style.font.cs_italic = False
        self._styles = {name: self.made.styles[name].style_id for name in sizes} | {"Normal": None}
        for border in self.made.styles["Table Grid"].element.iter(qn("w:tblBorders")):
            for line in border:
                line.set(qn("w:color"), HAIR)
        known = self.made.core_properties
        title, subject, author = (_clean(told[key])[:LONGEST_PROPERTY] for key in ("title", "subtitle", "software"))
        known.title, known.subject, known.author = title, subject, author
        known.language, known.comments = _locale(self.lang), ""
        known.created = known.modified = MADE.replace(tzinfo=None)

    def digits(self, text: str) -> str:
        """Write digits as the language does."""
        return "".join(self._digits[int(sign)] if sign.isascii() and sign.isdigit() else sign for sign in text)

    def _fonts(self, look: Any, size: float) -> None:
        """Name the fonts of a style, that of Persian as well, and its size there."""
        from docx.oxml.ns import qn

        fonts = look.get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "cstheme", "eastAsiaTheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for name, font in (("ascii", LATIN_FONT), ("hAnsi", LATIN_FONT), ("cs", PERSIAN_FONT)):
            fonts.set(qn(f"w:{name}"), font)
        # Letters that join do not bear room between them.
        for old in [*look.findall(qn("w:szCs")), *look.findall(qn("w:spacing"))]:
            look.remove(old)
        _add(look, "szCs", val=str(round(2 * size)))

    def _write(self, paragraph: Any, text: str, *, lang: str = "", bold: bool = False, rtl: bool | None = None) -> None:
        """Add a text to a paragraph; from right to left, Latin words are runs of their own."""
        mirrored = self.rtl if rtl is None else rtl
        text = _clean(text)
        for piece in PIECES.findall(text) if mirrored else [text]:
            run = paragraph.add_run(piece)
            run.bold = bold or None
            look = run._r.get_or_add_rPr()
            own = mirrored and not re.match("[A-Za-z\u00c0-\u024f]", piece)
            if own:
                if bold:
                    _add(look, "bCs")
                _add(look, "rtl")
            spoken = _locale((lang or self.lang) if own or not mirrored else "en")
            _add(look, "lang", **{"bidi" if own else "val": spoken})

    def _mirror(self, paragraph: Any) -> None:
        _add(paragraph._p.get_or_add_pPr(), "bidi")

    def paragraph(
        self, text: str, *, style: str = "Normal", strong: str = "", lang: str = "", rtl: bool | None = None
    ) -> Any:
        """Add a paragraph; one in another language is read in the direction of that."""
        paragraph = self.made.add_paragraph()
        # By its id: given a name, the library looks through all styles for the usual one.
        paragraph._p.style = self._styles[style]
        rtl = self.rtl if rtl is None else rtl
        if rtl:
            self._mirror(paragraph)
        if strong:
            self._write(paragraph, f"{strong}: ", bold=True, rtl=rtl)
        self._write(paragraph, text, lang=lang, rtl=rtl)
        return paragraph

    def shaded(self, text: str) -> None:
        """Add a paragraph that must not be overlooked."""
        look = self.paragraph(text)._p.get_or_add_pPr()
        _add(look, "shd", val="clear", color="auto", fill="FFF4D6")

    def title(self, title: str, *below: str) -> None:
        """Add the title, and the lines under it."""
        self.paragraph(title, style="Title")
        for line in below:
            if line:
                self.paragraph(line, style="Subtitle")

    def heading(self, text: str, *, level: int = 1) -> None:
        """Add a heading that tables of contents find."""
        self.paragraph(text, style=f"Heading {level}")

    def picture(self, picture: bytes, caption: str, alt: str) -> None:
        """Add a picture with its text for those who do not see it."""
        from docx.shared import Cm

        paragraph = self.made.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        drawn = paragraph.add_run().add_picture(io.BytesIO(picture), width=Cm(16.8))
        known = drawn._inline.docPr
        known.set("descr", _clean(alt))
        known.set("title", _clean(caption))
        self.paragraph(caption, style="Caption")

    def table(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        widths: Sequence[float],
        numbers: Sequence[int] = (),
    ) -> None:
        """Add a table whose head is repeated on every page."""
        made = self._table(len(heads), widths)
        self._row(made, heads, numbers, head=True)
        listed = list(rows)
        for place, row in enumerate(listed, start=1):
            self._row(made, row, numbers, joined=place < len(listed) <= SHORT)
        self.made.add_paragraph().paragraph_format.space_after = 0

    def overview(self, told: Mapping[str, Any], service: str) -> None:
        """Add the table of services and modes, dark where many have no place."""
        heads = [service, *(f"{name}\n{limit}" for name, limit in told["heads"])]
        first = 4.2
        made = self._table(len(heads), (first, *[(16.8 - first) / (len(heads) - 1)] * (len(heads) - 1)))
        self._row(made, heads, range(1, len(heads)), head=True)
        for row in told["rows"]:
            texts = ["–" if cell is None else _cell(cell, " · " if len(heads) < 5 else "\n") for cell in row["cells"]]
            cells = self._row(made, [row["title"], *texts], range(1, len(heads)), strong=True)
            for cell, shown in zip(cells[1:], row["cells"], strict=True):
                if shown is not None and shown["step"]:
                    look = cell._tc.get_or_add_tcPr()
                    _add(look, "shd", val="clear", color="auto", fill=SHADES[shown["step"]])
        self.made.add_paragraph().paragraph_format.space_after = 0

    def _table(self, columns: int, widths: Sequence[float]) -> Any:
        from docx.shared import Cm

        made = self.made.add_table(rows=0, cols=columns, style="Table Grid")
        made.autofit = False
        for column, width in zip(made.columns, widths, strict=True):
            column.width = Cm(width)
        made._widths = [Cm(width) for width in widths]
        if self.rtl:
            _add(made._tbl.tblPr, "bidiVisual")
        return made

    def _row(
        self,
        table: Any,
        texts: Sequence[str],
        numbers: Iterable[int],
        *,
        head: bool = False,
        strong: bool = False,
        joined: bool = False,
    ) -> list[Any]:
        """Add a row; one that is joined stays on the page of the next."""
        from docx.enum.table import WD_ALIGN_VERTICAL
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml import OxmlElement

        row, centred = table.add_row(), set(numbers)
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if head:
            properties.append(OxmlElement("w:tblHeader"))
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = table._widths[place]
            cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
            for number, line in enumerate(text.split("\n")):
                paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
                paragraph.paragraph_format.keep_with_next = head or joined
                paragraph.paragraph_format.space_after = 0
                if place in centred:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                if self.rtl:
                    self._mirror(paragraph)
                self._write(paragraph, line, bold=head or (strong and place in centred and number == 0))
        return list(row.cells)

    def footer(self, text: str, page: str) -> None:
        """Add title, date and page numbers below every page."""
        paragraph = self.made.sections[0].footer.paragraphs[0]
        paragraph.style = self.made.styles["Caption"]
        if self.rtl:
            self._mirror(paragraph)
        self._write(paragraph, f"{text} · ")
        for piece in re.split(r"(\{number\}|\{all\})", page):
            if piece in {"{number}", "{all}"}:
                self._field(paragraph, "PAGE" if piece == "{number}" else "NUMPAGES")
            elif piece:
                self._write(paragraph, piece)

    def _field(self, paragraph: Any, name: str) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), name)
        run = paragraph.add_run(self.digits("1"))
        look = run._r.get_or_add_rPr()
        if self.rtl:
            _add(look, "rtl")
        # Which digits a program shows in a field it decides itself, by the language.
        _add(look, "lang", **{"bidi" if self.rtl else "val": _locale(self.lang)})
        field.append(run._r)
        paragraph._p.append(field)

    def as_bytes(self) -> bytes:
        """Return the file, which is the same whenever it is made."""
        # The template's own small picture is of an empty page.
        related = self.made.part.package.rels
        for key in [key for key, one in related.items() if one.reltype.endswith("/thumbnail")]:
            del related[key]
        stream = io.BytesIO()
        self.made.save(stream)
        kept = io.BytesIO()
        with zipfile.ZipFile(stream) as whole, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as again:
            for name in whole.namelist():
                entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                again.writestr(entry, whole.read(name))
        return kept.getvalue()


def _cell(told: Mapping[str, str], between: str) -> str:
    beside = between.join(part for part in (told["beyond"], told["worst"]) if part)
    return "\n".join(part for part in (told["share"], beside) if part)
