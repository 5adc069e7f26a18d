"""The only module that opens sockets: one question to a web server, within its deadline, with manners.

Busy servers are asked again as late as they wish, cut lines are gone on with where they broke, hosts inside the own
network are refused unless allowed, and no key gets into a word that is said about a question.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from spatialjustice._core.errors import DamagedFileError, InputError, SpatialJusticeError, TooLargeError
from spatialjustice.sources.web._answers import Unpacking, embedded, retry_after
from spatialjustice.sources.web._question import Head, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spatialjustice.sources.web._question import Manners, Question, Sink

ALLOW_PRIVATE = "SPATIALJUSTICE_ALLOW_PRIVATE"
AGENT = "spatialjustice (research on access to services)"
BUSY = frozenset({429, 502, 503, 504})
MOVED = frozenset({301, 302, 303, 307, 308})
MOST_MOVES = 5
LONGEST_PAUSE = 60.0
LONGEST_SILENCE = 30.0
PIECE = 1 << 16
SHOWN_OF_BODY = 300
INSIDE = frozenset({"localhost", "localdomain", "ip6-localhost", "ip6-loopback", "broadcasthost"})
SOON = 2.0
WRITTEN = "%/:@!$&'()*+,;=~?-._"


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
            with self._line(address, form, headers) as (line, reply):
                if reply.status not in MOVED:
                    return self._take(line, reply)
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
    def _line(
        self, address: str, form: tuple[tuple[str, str], ...], headers: dict[str, str]
    ) -> Iterator[tuple[socket.socket, http.client.HTTPResponse]]:
        """Open a connection and send the question; give the reply as soon as its head has come."""
        parts = urlsplit(address)
        body = urlencode(form).encode() if form else None
        sent = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close", **headers}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if self.can_go_on():
            sent["Range"] = f"bytes={self.sink.size}-"
            if self._mark():
                sent["If-Range"] = self._mark()
        connection = reply = watch = None
        try:
            connection, target, welcome = _connected(self, parts)
            line = connection.sock
            if line is None:
                raise _TransientError("the connection was closed")
            # Every wait for bytes has an end of its own; the watch ends a server that drips them.
            watch = threading.Timer(max(0.0, self.end - time.monotonic()), _hang_up, [line])
            watch.daemon = True
            watch.start()
            if isinstance(line, ssl.SSLSocket):
                line.do_handshake()
            connection.request("POST" if body is not None else "GET", target, body, {**sent, **welcome})
            reply = connection.getresponse()
            yield line, reply
        except SpatialJusticeError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = time.monotonic() >= self.end
            reason = "it took too long" if late else str(error) or type(error).__name__
            raise _TransientError(reason, cut=isinstance(error, http.client.IncompleteRead)) from None
        finally:
            if watch is not None:
                watch.cancel()
            for each in (reply, connection):
                if each is not None:
                    each.close()

    def left(self) -> float:
        """Seconds that may be waited for bytes."""
        return max(0.05, min(LONGEST_SILENCE, self.end - time.monotonic()))

    def _take(self, line: socket.socket, reply: http.client.HTTPResponse) -> Head:
        """Take the bytes of an answer, or say why there are none."""
        if reply.status in BUSY:
            wait = retry_after(reply.headers.get("Retry-After", ""))
            raise _TransientError(f"HTTP {reply.status}", wait, busy=True)
        if reply.status == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and self.can_go_on():
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
        if reply.status == http.client.PARTIAL_CONTENT:
            begin, promised = self._begin(reply, head, promised)
        else:
            note = {"etag": head.etag, "last_modified": head.last_modified, "address": self.question.public}
            self.sink.restart({**note, "total": promised, "packed": packing is not None})
        pieces = self._pieces(line, reply, begin, promised)
        self.sink.add(pieces if packing is None else packing.unpacked(pieces))
        if time.monotonic() >= self.end:
            raise _TransientError("it sends too slowly")
        if packing is not None:
            if not packing.whole:
                raise _TransientError("what it sent packed is not whole", cut=True)
        elif promised is not None and self.sink.size != promised:
            raise _TransientError(f"{self.sink.size:,} of {promised:,} bytes came", cut=True)
        return head

    def _length(self, reply: http.client.HTTPResponse) -> int | None:
        """Return the promised number of bytes; two that differ, or none that is a number, are an error."""
        said = {one.strip() for each in reply.headers.get_all("Content-Length", []) for one in each.split(",")}
        coding = reply.headers.get("Transfer-Encoding", "").strip().lower()
        if len(said) > 1 or (said and coding) or not all(one.isascii() and one.isdigit() for one in said):
            raise self.failed("says two lengths of its answer, or one that is none")
        if coding not in {"", "chunked", "identity"}:
            raise self.failed(f"sends its answer in the form {readable(coding, 40)}, which is not spoken here")
        return int(said.pop()) if said else None

    def _packing(self, reply: http.client.HTTPResponse) -> Unpacking | None:
        """Return what unpacks an answer that came packed though that was not asked for; None where it came plain."""
        coding = reply.headers.get("Content-Encoding", "").strip().lower()
        packed_file = urlsplit(self.question.address).path.lower().endswith((".gz", ".tgz"))
        if coding in {"", "identity"} or (coding in {"gzip", "x-gzip"} and packed_file):
            return None
        if coding not in {"gzip", "x-gzip", "deflate"} or reply.status == http.client.PARTIAL_CONTENT:
            raise self.failed(f"sent its answer packed in a way that was not asked for ({readable(coding, 40)})")
        return Unpacking(self.question, self.manners.largest)

    def _begin(self, reply: http.client.HTTPResponse, head: Head, length: int | None) -> tuple[int, int | None]:
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

    def _pieces(
        self, line: socket.socket, reply: http.client.HTTPResponse, begin: int, promised: int | None
    ) -> Iterator[bytes]:
        from tqdm.auto import tqdm

        size = begin
        with tqdm(
            total=promised, initial=begin, unit="B", unit_scale=True, delay=1, leave=False, desc=self.question.name
        ) as bar:
            # From Python 3.12 on, the reply is closed with its last byte, and the line with it.
            while time.monotonic() < self.end and not reply.isclosed():
                line.settimeout(self.left())
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


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _connected(asking: _Asking, parts: Any) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
    """Connect to a server, or to the proxy before it; return what to ask for, and with which headers besides."""
    # Letters beyond ASCII are written as the web writes them; what is written so already stays.
    path, query = quote(parts.path or "/", safe=WRITTEN), quote(parts.query, safe=WRITTEN)
    target = urlunsplit(("", "", path, query, ""))
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    proxy = _proxy(asking, parts)
    if proxy is None:
        connection = kind(parts.hostname, port, timeout=asking.left())
        line = _dialled(asking, parts.hostname, port)
        try:
            connection.sock = (
                _context().wrap_socket(line, server_hostname=parts.hostname, do_handshake_on_connect=False)
                if secure
                else line
            )
        except OSError:
            line.close()
            raise
        return connection, target, {}
    # Who is behind the proxy, the proxy alone finds out: refused are names that are inside by their spelling, or where
    # this machine can look them up.
    _require_public(asking, parts.hostname, [*_as_written(parts.hostname), *_perhaps(parts.hostname, port)])
    welcome = {}
    if proxy.username:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        welcome["Proxy-Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    if secure:
        tunnel = http.client.HTTPSConnection(
            proxy.hostname, proxy.port or 80, timeout=asking.left(), context=_context()
        )
        tunnel.set_tunnel(parts.hostname, port, welcome)
        tunnel.connect()
        return tunnel, target, {}
    plain = http.client.HTTPConnection(proxy.hostname, proxy.port or 80, timeout=asking.left())
    plain.connect()
    return plain, urlunsplit((parts.scheme, parts.netloc, path, query, "")), welcome


def _proxy(asking: _Asking, parts: Any) -> Any:
    address = urllib.request.getproxies().get(parts.scheme)
    if not address or urllib.request.proxy_bypass(parts.hostname):
        return None
    proxy = urlsplit(address if "://" in address else f"http://{address}")
    try:
        spoken = proxy.scheme == "http" and bool(proxy.hostname) and proxy.port != 0
    except ValueError:
        spoken = False
    if not spoken:
        raise InputError(
            asking.question.name,
            f"the proxy for {parts.scheme} addresses is one of the kind {readable(proxy.scheme, 20)}, or has no host",
            f"Only plain http proxies are spoken. Mend the variable {parts.scheme}_proxy.",
        )
    return proxy


def _perhaps(host: str, port: int) -> list[str]:
    """Return the addresses of a name where they are soon found; behind a proxy they need not be."""
    try:
        return [str(place[4][0]) for place in _looked_up(host, port, SOON)]
    except (OSError, UnicodeError):
        return []


def _context() -> ssl.SSLContext:
    """Trust what the system trusts and what certifi lists: some systems give Python no list of their own."""
    context = ssl.create_default_context()
    with suppress(ImportError):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _dialled(asking: _Asking, host: str, port: int) -> socket.socket:
    """Connect to a host by an address that was looked at, so that no second look-up can lead elsewhere."""
    found = _looked_up(host, port, asking.left())
    _require_public(asking, host, [str(place[4][0]) for place in found])
    failed: OSError | None = None
    for family, kind, protocol, _, place in found:
        line = socket.socket(family, kind, protocol)
        line.settimeout(asking.left())
        try:
            line.connect(place)
        except OSError as error:
            line.close()
            failed = error
        else:
            return line
    raise failed or OSError(f"{host} has no address")


def _looked_up(host: str, port: int, seconds: float) -> list[Any]:
    """Look a name up, for no longer than allowed: the system's own look-up knows no deadline."""
    found: list[Any] = []

    def look() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            found.append(error)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError(f"the name {host} could not be looked up in time")
    if isinstance(found[0], OSError):
        raise found[0]
    return list(found[0])


def _as_written(host: str) -> list[str]:
    host = host.rstrip(".").lower()
    if host in INSIDE or host.endswith((".localhost", ".local", ".internal", ".localdomain")):
        return ["127.0.0.1"]
    with suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    # The system takes 127.1, 2130706433 and 0x7f.1 for addresses, too.
    with suppress(OSError, UnicodeError):
        return [socket.inet_ntoa(socket.inet_aton(host))]
    return []


def _require_public(asking: _Asking, host: str, places: list[str]) -> None:
    """Refuse hosts inside the own network: an address in a file must not make us ask there."""
    if asking.manners.allow_private:
        return
    for inside in [each for place in places for each in embedded(place)]:
        if not inside.is_global or inside.is_multicast:
            raise InputError(
                asking.question.name,
                asking.question.hidden(f"{asking.question.public} leads to {host}, inside this machine or its network"),
                f"Set {ALLOW_PRIVATE}=1 where that is meant, for example for a server of your own.",
            )
