r"""Pages in plain ASCII: whatever character set a server or a content system declares, the same letters are shown."""

from __future__ import annotations

import re

_FOREIGN = re.compile(r"[^\x00-\x7f]")
_ESCAPED_OR_FOREIGN = re.compile(r"\\[\s\S]|[^\x00-\x7f]")
_RAW = re.compile(r"(<(script|style)\b[^>]*>)([\s\S]*?)(</\2>)", re.IGNORECASE)


def in_script(text: str) -> str:
    r"""Write a script or its data with escapes for all but ASCII; the script stays the same.

    Examples
    --------
    >>> in_script('say("\u2013 \\n")') == 'say("\\u2013 \\n")'
    True
    """

    def escaped(found: re.Match[str]) -> str:
        sign = found[0][-1]
        if sign.isascii():
            return found[0]
        units = sign.encode("utf-16-be")
        return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))

    return _ESCAPED_OR_FOREIGN.sub(escaped, text)


def in_style(text: str) -> str:
    r"""Write a stylesheet with escapes for all but ASCII.

    Examples
    --------
    >>> in_style('a::after { content: "\u00b7"; }') == 'a::after { content: "\\b7 "; }'
    True
    """
    return _FOREIGN.sub(lambda found: f"\\{ord(found[0]):x} ", text)


def in_markup(page: str) -> str:
    r"""Write a whole page in ASCII: references in its text, escapes in its scripts and styles.

    Examples
    --------
    >>> print(in_markup("<p>\u2013</p><style>a{content:'\u2013'}</style>"))
    <p>&#8211;</p><style>a{content:'\2013 '}</style>
    """
    if page.isascii():
        return page
    parts = []
    end = 0
    for found in _RAW.finditer(page):
        parts += [_referenced(page[end : found.start()]), _referenced(found[1])]
        parts += [in_script(found[3]) if found[2].lower() == "script" else in_style(found[3]), found[4]]
        end = found.end()
    return "".join([*parts, _referenced(page[end:])])


def _referenced(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode()
