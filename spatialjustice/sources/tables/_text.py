"""Text files of rows: which letters their bytes stand for, and where one cell ends and the next begins."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

from spatialjustice._core.errors import DamagedFileError, InputError, listed
from spatialjustice._core.findings import Finding
from spatialjustice.sources.tables._letters import guessed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spatialjustice.sources.tables._letters import Guess

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# What the bytes of a table that is not UTF-8 most often stand for.
CANDIDATES = ("cp1256", "cp1252", "latin-1", "cp1254", "cp1250", "iso8859-6", "mac_roman")
MISREAD_MARK = "ï»¿"
"""A byte-order mark that was read in an encoding of one byte before the file was written."""

LONGEST_CELL = 1_000_000
SAMPLE = 60


def text_of_bytes(data: bytes, file: str, name: str, encoding: str | None) -> tuple[str, list[Finding]]:
    """Return the text of the bytes: UTF-8, the encoding given, or one guessed where no other is nearly as likely.

    Raises
    ------
    InputError
        When they are not UTF-8, no encoding is given and none can be told, or the one given cannot be right.
    """
    for mark, kind in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark) and encoding is None:
            encoding = kind
    if encoding is not None:
        return _in_given_encoding(data, file, name, encoding), []
    marks = 0
    while data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
        marks += 1
    findings: list[Finding] = []
    if marks > 1:
        message = f"{file} begins with {marks} byte-order marks instead of one; all were left out."
        findings.append(Finding("byte_order_marks_left_out", "information", message, count=marks))
    encoding, guess = letters_of_bytes(data, file, name)
    text = data.decode(encoding)
    return text.removeprefix("\ufeff"), [*findings, *guess]


def letters_of_bytes(data: bytes, file: str, name: str, how: str = "encoding='cp1256'") -> tuple[str, list[Finding]]:
    """Return the encoding of bytes that do not say it, and a finding where it had to be guessed.

    Parameters
    ----------
    data
        The bytes of a text, or of the letters of a file.
    file, name
        What messages call the file, and what it is used as.
    how
        How the caller can say which encoding is right.

    Raises
    ------
    InputError
        When they are not UTF-8 and no other encoding is far likelier than all others.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = error.start
    else:
        return "utf-8", []
    guess = guessed(data)
    if guess is None:
        line = data.count(b"\n", 0, place) + 1
        raise InputError(
            name,
            f"{file} is not UTF-8: line {line:,} holds the byte {data[place]:#04x}. That line would read "
            f"{_line_in_each_encoding(_line_around(data, place))}",
            f"Say which one is right, for example {how} for Persian or Arabic written under Windows; too little in it "
            "tells them apart, and a wrong guess garbles every name.",
        ) from None
    return guess.encoding, [_guess_finding(guess, file)]


def _guess_finding(guess: Guess, file: str) -> Finding:
    """Return the finding that names a guess and what speaks for it."""
    other = f"; the next best, {guess.other}, would make them {guess.misread}" if guess.other else ""
    return Finding(
        "encoding_guessed",
        "warning",
        f"{file} does not say how its letters are stored and was read as {guess.encoding}: so {guess.words:,} words "
        f"with letters beyond plain ones make sense, the first of them {guess.examples}{other}.",
        count=guess.words,
        advice="Look at the names; if they are wrong, say the encoding, or save the file as UTF-8.",
    )


def _line_around(data: bytes, place: int) -> bytes:
    begin = data.rfind(b"\n", 0, place) + 1
    end = data.find(b"\n", place)
    line = data[begin : end if end >= 0 else len(data)].strip()
    return line if len(line) <= SAMPLE else data[max(begin, place - SAMPLE // 2) : place + SAMPLE // 2].strip()


def _line_in_each_encoding(line: bytes) -> str:
    """Show how a line reads in each encoding that it can be of."""
    found: dict[str, str] = {}
    for encoding in CANDIDATES:
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.isprintable():
            found.setdefault(text, encoding)
    return "; ".join(f"“{text}” as {encoding}" for text, encoding in found.items()) or "as none of the usual encodings"


def _in_given_encoding(data: bytes, file: str, name: str, encoding: str) -> str:
    try:
        codec = codecs.lookup(encoding)
    except LookupError:
        advice = f"Give a name such as utf-8, {', '.join(CANDIDATES[:3])}."
        raise InputError("encoding", f"there is no encoding {encoding}", advice) from None
    try:
        text = codec.decode(data, "strict")[0]
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            name,
            f"{file} is not {encoding}: line {line:,} holds the byte {data[error.start]:#04x}, which it has not",
            f"That line would read {_line_in_each_encoding(_line_around(data, error.start))}.",
        ) from None
    if codec.name not in {"utf-8", "utf-8-sig"} and not codec.name.startswith(("utf-16", "utf-32")):
        _require_not_utf8(data, file, name, encoding)
    odd = [place for place, sign in enumerate(text[:2_000_000]) if "\x80" <= sign <= "\x9f"]
    if odd:
        line = text.count("\n", 0, odd[0]) + 1
        raise InputError(
            name,
            f"read as {encoding}, line {line:,} of {file} holds control signs that no text holds",
            f"It is another encoding: {_line_in_each_encoding(text.splitlines()[line - 1].encode(encoding))}.",
        )
    return text.lstrip("\ufeff")


def _require_not_utf8(data: bytes, file: str, name: str, encoding: str) -> None:
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return
    raise InputError(
        name, f"{file} is UTF-8, and read as {encoding} its letters would be garbled", "Leave encoding out."
    )


def rows_of(text: str, file: str, name: str, separator: str | None) -> tuple[list[list[str]], list[int], str]:
    """Return the rows that are not empty, the line each begins in, and the separator.

    Raises
    ------
    InputError
        When the separator cannot be told.
    DamagedFileError
        When rows have more or fewer cells than the header.
    """
    if "\x00" in text:
        raise DamagedFileError(name, f"{file} holds bytes of 0, which no table of text does", "Export it anew.")
    if separator is None:
        separator = _separator(text, file, name)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    before = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(before + 1)
            before = reader.line_num
    except csv.Error as error:
        found = f"line {before + 1:,} of {file} cannot be divided into cells ({error})"
        raise DamagedFileError(name, found, "A quotation mark may be open: look at that line.") from error
    if len(rows) < 2:
        raise InputError(name, f"{file} holds no rows below its header", "Check that it was exported whole.")
    width = len(rows[0])
    uneven = [(line, len(row)) for line, row in zip(lines, rows, strict=True) if len(row) != width]
    if uneven:
        hint = (
            " Numbers with a decimal comma are cut in two by a separator that is a comma: export with semicolons."
            if separator == "," and all(cells > width for _, cells in uneven)
            else ""
        )
        raise DamagedFileError(
            name,
            f"{len(uneven):,} lines of {file} have not the {width} cells of its header, the first has {uneven[0][1]}",
            f"Cells would end up in other columns, so that nothing is read.{hint}",
            rows=[f"line {line}" for line, _ in uneven],
        )
    return rows, lines, separator


def _separator(text: str, file: str, name: str) -> str:
    """Tell the separator: the one that gives the most rows the number of cells of the first."""
    head = "\n".join(text.splitlines()[:200])
    fits: dict[str, tuple[float, int]] = {}
    for sign in SEPARATORS:
        try:
            counts = [len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=sign) if row]
        except csv.Error:
            continue
        if counts and counts[0] > 1:
            fits[sign] = (Counter(counts)[counts[0]] / len(counts), counts[0])
    if not fits:
        # One column only: any separator does.
        return ","
    best = max(fits.values())
    chosen = [sign for sign, fit in fits.items() if fit[0] == best[0]]
    if len(chosen) > 1:
        names = " and ".join(SEPARATORS[sign] for sign in chosen)
        raise InputError(name, f"{file} can be divided at every {names}", "Say which one, for example separator=';'.")
    return chosen[0]


def headers(
    cells: Sequence[str], columns: Sequence[Sequence[str]], file: str, name: str
) -> tuple[list[str], list[Finding]]:
    """Return the names of the columns without padding, and what was done to them.

    Raises
    ------
    InputError
        When two columns have one name.
    """
    names = [" ".join(cell.replace("\ufeff", " ").replace(MISREAD_MARK, " ").split()) for cell in cells]
    findings: list[Finding] = []
    padded = [each for each, cell in zip(names, cells, strict=True) if each != cell]
    if padded:
        message = (
            f"{len(padded)} column names of {file} had spaces or marks around them, left out: {', '.join(padded)}."
        )
        findings.append(Finding("column_names_trimmed", "information", message, count=len(padded)))
    nameless = [place for place, each in enumerate(names) if not each]
    for place in nameless:
        names[place] = f"column {place + 1}"
    filled = [names[place] for place in nameless if any(cell.strip() for cell in columns[place])]
    if filled:
        message = f"{len(filled)} columns of {file} have no name; they are called {', '.join(filled)}."
        findings.append(Finding("columns_without_name", "warning", message, count=len(filled)))
    twice = [each for each, count in Counter(names).items() if count > 1]
    if twice:
        found = f"{file} has several columns called {listed(twice)}"
        raise InputError(name, found, "Give every column a name of its own.")
    return names, findings


def garbled_letters(columns: dict[str, list[str]], file: str) -> list[Finding]:
    """Warn of letters that were read in a wrong encoding before they were written to the file."""
    odd: dict[str, str] = {}
    for label, cells in columns.items():
        for cell in (label, *cells):
            if cell.isascii():
                continue
            better = _ungarbled(cell)
            if better is not None:
                odd.setdefault(label, f"“{cell}” for “{better}”")
                break
    if not odd:
        return []
    message = f"{len(odd)} columns of {file} hold letters garbled before: " + "; ".join(
        f"{label} ({shown})" for label, shown in list(odd.items())[:3]
    )
    advice = "The file was saved from a table that had been opened in a wrong encoding; get the original."
    return [Finding("letters_garbled", "warning", f"{message}.", count=len(odd), advice=advice)]


def _ungarbled(text: str) -> str | None:
    """Return what UTF-8 text that had been read in an encoding of one byte meant, or None."""
    for encoding in ("cp1252", "latin-1", "cp1256"):
        try:
            better = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if better != text and better.isprintable():
            return better
    return None
