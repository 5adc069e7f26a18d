"""One question to a web server, asked until it is answered: within its deadline, with manners.

Busy servers are asked again as late as they wish, cut lines are gone on with where they broke, and no key gets into a
word that is said about a question.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

from spatialjustice._core.errors import DamagedFileError, InputError, TooLargeError
from spatialjustice.sources.web._answers import Unpacking, retry_after
from spatialjustice.sources.web._question import Head, readable
from spatialjustice.sources.web.sockets import LengthsError, Line, LineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.sources.web._question import Manners, Question, Sink
    from spatialjustice.sources.web.sockets import Reply

AGENT = "spatialjustice (research on access to services)"
BUSY = frozenset({429, 502, 503, 504})
MOVED = frozenset({301, 302, 303, 307, 308})
A_PART, NO_SUCH_PART = 206, 416
MOST_MOVES = 5
LONGEST_PAUSE = 60.0
LONGEST_SILENCE = 30.0
PIECE = 1 << 16
SHOWN_OF_BODY = 300


class _TransientError(Exception):
    """An attempt that failed where another may not; ``wait`` is what the server wishes."""

    def __init__(self, reason: str, wait: float | None = None, *, cut: bool = False, busy: bool = False) -> None:
        super().__init__(reason)
        self.busy = busy
        self.wait = wait
        self.cut = cut


def receive(
    question: Question, sink: Sink, manners: Manners, *, resumable: bool = False, end: float | None = None
) -> Head:
    """Ask until the answer is whole in the sink, or the deadline or the number of attempts is reached.

    Parameters
    ----------
    question
        What to ask.
    sink
        Where the bytes go. What is in it is gone on with where the server says that it is a part of the same thing.
    manners
        How long and how often.
    resumable
        Whether parts may be put together even where the server has no mark for that: a checksum must be known then.
    end
        When the deadline is, in the time of ``time.monotonic``; that many seconds from now where None.

    Raises
    ------
    InputError
        When the server cannot be reached, refuses, is inside the own network, or is busy to the end.
    DamagedFileError
        When the answer was cut off to the end.
    TooLargeError
        When it is larger than allowed.
    """
    asking = _Asking(question, sink, manners, resumable=resumable)
    asking.end = asking.end if end is None else end
    pause = manners.pause
    attempt = 1
    said: dict[str, None] = {}
    while True:
        before = sink.size
        try:
            return asking.once()
        except _TransientError as error:
            failed = error
        said[question.hidden(str(failed))] = None
        reason = ", ".join(said)
        kept = asking.can_go_on() and sink.size > before
        attempt += not (kept or (failed.busy and manners.patient))
        if attempt > manners.attempts:
            if failed.cut:
                found = f"the answer of {question.public} was cut off: {reason}"
                raise DamagedFileError(question.name, found, "Ask for it again later.")
            raise asking.failed(f"gave no answer in {manners.attempts} attempts ({reason})")
        # As late as the server wishes, and never sooner than is polite.
        seconds = max(min(pause, LONGEST_PAUSE), failed.wait or 0.0)
        if time.monotonic() + seconds > asking.end:
            raise asking.failed(f"gave no whole answer within the {manners.deadline:g} seconds allowed ({reason})")
        time.sleep(seconds)
        pause = manners.pause if kept else 2 * pause


class _Asking:
    """One question to a server, asked until it is answered."""

    def __init__(self, question: Question, sink: Sink, manners: Manners, *, resumable: bool) -> None:
        self.question = question
        self.sink = sink
        self.manners = manners
        self.resumable = resumable
        self.end = time.monotonic() + manners.deadline

    def failed(self, how: str) -> InputError:
        """Return the error to raise."""
        found = f"the server {self.question.public} {how}"
        return InputError(self.question.name, self.question.hidden(found), self.manners.advice)

    def can_go_on(self) -> bool:
        """Whether what is in the sink may be gone on with."""
        return self.sink.size > 0 and not self.sink.note.get("packed") and bool(self._mark() or self.resumable)

    def _mark(self) -> str:
        note = self.sink.note
        etag = str(note.get("etag", ""))
        # A weak mark does not promise the same bytes.
        return etag if etag and not etag.startswith("W/") else str(note.get("last_modified", ""))

    def once(self) -> Head:
        """Make one attempt, following the server where it sends us."""
        address, form = self.question.whole, self.question.form
        headers = dict(self.question.headers)
        for _ in range(MOST_MOVES + 1):
            self._wait_for_turn(address)
            with self._reply(address, form, headers) as reply:
                if reply.status not in MOVED:
                    return self._take(reply)
                target = urljoin(address, reply.headers.get("Location", ""))
                shown = self.question.hidden(target)
                if urlsplit(target).scheme not in {"http", "https"} or not urlsplit(target).hostname:
                    how = f"sent us on (HTTP {reply.status}) to {shown}, which is no address of the web"
                    raise self.failed(how)
                if urlsplit(address).scheme == "https" and urlsplit(target).scheme != "https":
                    raise self.failed(f"sent us on (HTTP {reply.status}) from a sealed connection to an open one")
                if _origin(target) != _origin(address):
                    headers = {}
                form = form if reply.status in {307, 308} else ()
                address = target
        raise self.failed(f"sent us on more than {MOST_MOVES} times")

    def _wait_for_turn(self, address: str) -> None:
        wait = _turn(urlsplit(address).netloc, self.manners.spacing, self.end)
        if wait is None:
            raise _TransientError("too many questions to this server came before it")
        time.sleep(wait)

    @contextmanager
    def _reply(self, address: str, form: tuple[tuple[str, str], ...], headers: dict[str, str]) -> Iterator[Reply]:
        """Send the question; give the reply as soon as its head has come."""
        body = urlencode(form).encode() if form else None
        sent = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close", **headers}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if self.can_go_on():
            sent["Range"] = f"bytes={self.sink.size}-"
            if self._mark():
                sent["If-Range"] = self._mark()
        line = Line(self.question, self.end, allow_private=self.manners.allow_private)
        try:
            with line.reply(urlsplit(address), body=body, headers=sent, silence=self.left()) as reply:
                yield reply
        except LengthsError:
            raise self.failed("says two lengths of its answer, or one that is none") from None
        except LineError as error:
            late = time.monotonic() >= self.end
            raise _TransientError("it took too long" if late else str(error), cut=error.cut) from None

    def left(self) -> float:
        """Seconds that may be waited for bytes."""
        return max(0.05, min(LONGEST_SILENCE, self.end - time.monotonic()))

    def _take(self, reply: Reply) -> Head:
        """Take the bytes of an answer, or say why there are none."""
        if reply.status in BUSY:
            wait = retry_after(reply.headers.get("Retry-After", ""))
            raise _TransientError(f"HTTP {reply.status}", wait, busy=True)
        if reply.status == NO_SUCH_PART and self.can_go_on():
            self.sink.restart({})
            raise _TransientError("HTTP 416", 0.0)
        if not 200 <= reply.status < 300:
            # Keys are taken out before it is cut, so that no half of one is left.
            body = self.question.hidden(reply.read(4 * SHOWN_OF_BODY).decode("utf-8", "replace"))
            shown = readable(body, SHOWN_OF_BODY)
            raise self.failed(f"refused with HTTP {reply.status}" + (f" ({shown})" if shown else ""))
        head = Head(
            reply.status,
            reply.headers.get("Content-Type", ""),
            reply.headers.get("ETag", ""),
            reply.headers.get("Last-Modified", ""),
        )
        promised = self._length(reply)
        packing = self._packing(reply)
        begin = 0
        if reply.status == A_PART:
            begin, promised = self._begin(reply, head, promised)
        else:
            note = {"etag": head.etag, "last_modified": head.last_modified, "address": self.question.public}
            self.sink.restart({**note, "total": promised, "packed": packing is not None})
        pieces = self._pieces(reply, begin, promised)
        self.sink.add(pieces if packing is None else packing.unpacked(pieces))
        if time.monotonic() >= self.end:
            raise _TransientError("it sends too slowly")
        if packing is not None:
            if not packing.whole:
                raise _TransientError("what it sent packed is not whole", cut=True)
        elif promised is not None and self.sink.size != promised:
            raise _TransientError(f"{self.sink.size:,} of {promised:,} bytes came", cut=True)
        return head

    def _length(self, reply: Reply) -> int | None:
        """Return the promised number of bytes; two that differ, or none that is a number, are an error."""
        said = {one.strip() for each in reply.headers.getlist("Content-Length") for one in each.split(",")}
        coding = reply.headers.get("Transfer-Encoding", "").strip().lower()
        if len(said) > 1 or (said and coding) or not all(one.isascii() and one.isdigit() for one in said):
            raise self.failed("says two lengths of its answer, or one that is none")
        if coding not in {"", "chunked", "identity"}:
            raise self.failed(f"sends its answer in the form {readable(coding, 40)}, which is not spoken here")
        return int(said.pop()) if said else None

    def _packing(self, reply: Reply) -> Unpacking | None:
        """Return what unpacks an answer that came packed though that was not asked for; None where it came plain."""
        coding = reply.headers.get("Content-Encoding", "").strip().lower()
        packed_file = urlsplit(self.question.address).path.lower().endswith((".gz", ".tgz"))
        if coding in {"", "identity"} or (coding in {"gzip", "x-gzip"} and packed_file):
            return None
        if coding not in {"gzip", "x-gzip", "deflate"} or reply.status == A_PART:
            raise self.failed(f"sent its answer packed in a way that was not asked for ({readable(coding, 40)})")
        return Unpacking(self.question, self.manners.largest)

    def _begin(self, reply: Reply, head: Head, length: int | None) -> tuple[int, int | None]:
        """Return at which byte a part begins, and how many bytes the whole has, where that is known.

        The part must be of the same thing as what came before, and of the size it says, whatever was asked for.
        """
        _, _, of = reply.headers.get("Content-Range", "").partition(" ")
        where, _, total = of.strip().partition("/")
        first, _, last = where.partition("-")
        note = self.sink.note
        before = note.get("total")
        same = all(
            not note.get(mark) or not said or note[mark] == said
            for mark, said in (("etag", head.etag), ("last_modified", head.last_modified))
        )
        right = first.isdigit() and last.isdigit() and int(first) == self.sink.size and self.can_go_on()
        if right and length is not None:
            right = int(last) - int(first) + 1 == length
        if right and total.isdigit():
            right = int(last) < int(total) and before in {None, int(total)}
        if not right or not same:
            self.sink.restart({})
            raise _TransientError("it sent another part than the one asked for", 0.0)
        return int(first), int(total) if total.isdigit() else before

    def _pieces(self, reply: Reply, begin: int, promised: int | None) -> Iterator[bytes]:
        from tqdm.auto import tqdm

        size = begin
        with tqdm(
            total=promised, initial=begin, unit="B", unit_scale=True, delay=1, leave=False, desc=self.question.name
        ) as bar:
            while time.monotonic() < self.end:
                # As soon as some bytes have come: what came before a line is cut is kept.
                piece = reply.read1(PIECE)
                if not piece:
                    return
                size += len(piece)
                if size > self.manners.largest:
                    found = f"the answer of {self.question.public} is larger than {self.manners.largest / 1e6:.0f} MB"
                    raise TooLargeError(self.question.name, found, "Ask for a smaller part of it.")
                bar.update(len(piece))
                yield piece


def _origin(address: str) -> tuple[str, str | None, int]:
    """Return who answers at an address: a key for one is none for another, even on the same machine."""
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


_LAST: dict[str, float] = {}
_TURNS = threading.Lock()


def _turn(host: str, spacing: float, end: float) -> float | None:
    """Take the next turn at a host; return how long to wait for it, None where it would come too late."""
    with _TURNS:
        now = time.monotonic()
        turn = max(now, _LAST.get(host, -spacing) + spacing)
        if turn > end:
            return None
        _LAST[host] = turn
        return turn - now
