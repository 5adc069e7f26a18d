"""Printing on any terminal, or on none, without signs that would control it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Iterator

# Signs that turn the direction of what follows are no letters either: they can make a name read as another.
TURNING = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
BROKEN = "\ufffd"


def control_signs(text: str, *, lines: bool = False) -> list[str]:
    r"""Return the signs of a text that would steer a terminal, or stand for letters that were lost.

    Parameters
    ----------
    text
        Any text.
    lines
        Whether line breaks and tabs are allowed.

    Examples
    --------
    >>> control_signs("Clinics\x1b[2J"), control_signs("caf\u00e9\u200c"), control_signs("two\nlines", lines=True)
    (['\x1b'], [], [])
    """
    allowed = "\n\t" if lines else ""
    return [
        sign
        for sign in text
        if sign not in allowed
        and (sign in TURNING or sign == BROKEN or category(sign) in {"Cc", "Cs"} or ord(sign) & 0xFFFE == 0xFFFE)
    ]


def terminal_text(text: str) -> str:
    r"""Return a text for a terminal, signs that would steer it written as numbers; line breaks stay.

    Examples
    --------
    >>> print(terminal_text("Clinics\x1b[2J"))
    Clinics\x1b[2J
    """
    odd = set(control_signs(text, lines=True)) - {BROKEN}
    if not odd:
        return text
    return "".join(f"\\x{ord(sign):02x}" if sign in odd else sign for sign in text)


def print_safely(text: object, *, error: bool = False) -> None:
    """Print a text as :func:`terminal_text`, or keep silent where nobody listens any more."""
    print(terminal_text(str(text)), file=sys.stderr if error else sys.stdout, flush=True)


class _Forgiving:
    """A stream that goes quiet when it cannot be written to, and never fails."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.failed: OSError | ValueError | None = None

    def write(self, text: str) -> int:
        if self.failed is None:
            try:
                try:
                    self._stream.write(text)
                except UnicodeEncodeError:
                    encoding = getattr(self._stream, "encoding", None) or "ascii"
                    self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            except (OSError, ValueError) as error:
                self._give_up(error)
        return len(text)

    def flush(self) -> None:
        if self.failed is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._give_up(error)

    def _give_up(self, error: OSError | ValueError) -> None:
        self.failed = error
        # What is still in the stream's memory would make Python itself fail at its end.
        with suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def unbreakable_output() -> Iterator[None]:
    """Let nothing that is said decide how the work within the block ends: not a closed, full or old-fashioned terminal.

    Where what was said got lost for another reason than that nobody listens any more, a word about it follows.
    """
    # Files that are opened must not get the numbers of streams that are closed: what is said would go into them.
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)
    before = sys.stdout, sys.stderr
    with os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8") as nowhere:
        out, err = (_Forgiving(stream or nowhere) for stream in before)
        sys.stdout, sys.stderr = out, err
        try:
            yield
        finally:
            out.flush()
            if out.failed is not None and not isinstance(out.failed, BrokenPipeError):
                print(f"spatialjustice: what was said could not be written ({out.failed}).", file=err)
            err.flush()
            sys.stdout, sys.stderr = before
