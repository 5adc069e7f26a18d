"""The only module that opens sockets: a question goes out by urllib3, to an address that was looked at before.

Hosts inside the own network are refused unless allowed, whoever names them, and a server that drips its answer is hung
up on at the deadline.
"""

from __future__ import annotations

import http.client
import ipaddress
import logging
import socket
import ssl
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from spatialjustice._core.errors import InputError, SpatialJusticeError
from spatialjustice.sources.web._answers import embedded
from spatialjustice.sources.web._question import readable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from urllib.parse import SplitResult

    from urllib3 import HTTPConnectionPool
    from urllib3.connection import HTTPConnection
    from urllib3.response import BaseHTTPResponse

    from spatialjustice.sources.web._question import Question

    Reply = BaseHTTPResponse

ALLOW_PRIVATE = "SPATIALJUSTICE_ALLOW_PRIVATE"
INSIDE = frozenset({"localhost", "localdomain", "ip6-localhost", "ip6-loopback", "broadcasthost"})
SOON = 2.0


class LineError(Exception):
    """A server could not be asked, or its answer broke off; ``cut`` where some of it had come."""

    def __init__(self, reason: str, *, cut: bool = False) -> None:
        super().__init__(reason)
        self.cut = cut


class LengthsError(LineError):
    """An answer that says two lengths, which two programs would cut at different places."""


class _Watch:
    """Hangs up at the deadline: a server that drips its bytes passes every limit of a single wait."""

    def __init__(self, end: float) -> None:
        self._end = end
        self._timer: threading.Timer | None = None

    def over(self, connection: HTTPConnection) -> None:
        """Watch over a connection, from before it is made."""
        self.cancel()
        self._timer = threading.Timer(max(0.0, self._end - time.monotonic()), _hang_up, [connection])
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()


def _hang_up(connection: HTTPConnection) -> None:
    with suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


class Line:
    """The way to a server for one attempt: whom to ask, by which address, and until when.

    Parameters
    ----------
    question
        What is asked; errors call it by its name, and repeat no key of it.
    end
        When to hang up, in the time of ``time.monotonic``.
    allow_private
        Whether hosts inside the own network may be asked.
    """

    def __init__(self, question: Question, end: float, *, allow_private: bool) -> None:
        self.question = question
        self.watch = _Watch(end)
        self.allow_private = allow_private

    @contextmanager
    def reply(
        self, parts: SplitResult, *, body: bytes | None, headers: dict[str, str], silence: float
    ) -> Iterator[Reply]:
        """Ask a server, or the proxy before it, once; give its reply, of which only the head has come.

        Raises
        ------
        LineError
            When the server cannot be asked, and when the line breaks while the answer is taken.
        InputError
            When the host is inside the own network, or the proxy is none that is spoken.
        """
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError, InvalidHeader

        said: dict[str, Any] = {
            "method": "GET" if body is None else "POST",
            "body": body,
            "headers": headers,
            "timeout": Timeout(connect=silence, read=silence),
            # All of this is done where it can be counted and told: attempts, moves, sizes, answers that are cut.
            "retries": False,
            "redirect": False,
            "preload_content": False,
            "decode_content": False,
            "enforce_content_length": False,
        }
        reply = None
        try:
            with _without_keys_in_logs(self.question):
                proxy = _proxy(self, parts)
                reply = self._directly(parts, said, silence) if proxy is None else self._by_proxy(proxy, parts, said)
                yield reply
        except SpatialJusticeError:
            raise
        except InvalidHeader as error:
            raise LengthsError(str(error)) from None
        except (HTTPError, OSError, http.client.HTTPException, ValueError) as error:
            reason, cut = _reason(error)
            raise LineError(reason, cut=cut) from None
        finally:
            self.watch.cancel()
            if reply is not None:
                reply.close()

    def _watched(self, pool: HTTPConnectionPool) -> None:
        """Have the watch stand over every connection of a pool, from before it is made."""
        watch, kind = self.watch, pool.ConnectionCls

        class Watched(kind):  # type: ignore[misc, valid-type]
            def connect(self) -> None:
                watch.over(self)
                super().connect()

        pool.ConnectionCls = Watched

    def _directly(self, parts: SplitResult, said: dict[str, Any], silence: float) -> Reply:
        """Ask by an address that was looked at, so that no second look-up can lead elsewhere."""
        from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
        from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

        host, port, secure = _place(parts)
        found = _looked_up(host, port, silence)
        addresses = [str(place[4][0]) for place in found]
        _require_public(self, host, addresses)
        said["headers"] = {**said["headers"], "Host": parts.netloc.encode("idna").decode()}
        context = _context() if secure else None
        failed: Exception = OSError(f"{host} has no address")
        for address in addresses:
            pool = (
                HTTPSConnectionPool(address, port, ssl_context=context, server_hostname=host, assert_hostname=host)
                if secure
                else HTTPConnectionPool(address, port)
            )
            self._watched(pool)
            try:
                return pool.urlopen(url=urlunsplit(("", "", parts.path or "/", parts.query, "")), **said)
            except (NewConnectionError, ConnectTimeoutError) as error:
                failed = error
        raise failed

    def _by_proxy(self, proxy: SplitResult, parts: SplitResult, said: dict[str, Any]) -> Reply:
        """Ask the proxy, which alone finds out who is behind it.

        Refused are names that are inside by their spelling, or where this machine can look them up.
        """
        from urllib3 import ProxyManager, make_headers

        host, port, secure = _place(parts)
        _require_public(self, host, [*_as_written(host), *_perhaps(host, port)])
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}" if proxy.username else None
        proxies = ProxyManager(
            f"http://{proxy.netloc.rpartition('@')[2]}",
            proxy_headers=make_headers(proxy_basic_auth=pair),
            ssl_context=_context() if secure else None,
        )
        # The manager keeps the pool, so that it is the one that it asks by.
        self._watched(proxies.connection_from_host(host, port, parts.scheme))
        return proxies.urlopen(url=parts.geturl(), assert_same_host=False, **said)


def _place(parts: SplitResult) -> tuple[str, int, bool]:
    secure = parts.scheme == "https"
    return str(parts.hostname), parts.port or (443 if secure else 80), secure


def _reason(error: BaseException) -> tuple[str, bool]:
    """Return what went wrong below all that it was wrapped in, and whether an answer was cut off."""
    cut = False
    while True:
        cut = cut or isinstance(error, http.client.IncompleteRead)
        inside = [each for each in (error.__cause__, *error.args) if isinstance(each, BaseException)]
        if not inside:
            break
        error = inside[0]
    if isinstance(error, TimeoutError):
        return "it was silent too long", cut
    return getattr(error, "strerror", None) or str(error) or type(error).__name__, cut


@contextmanager
def _without_keys_in_logs(question: Question) -> Iterator[None]:
    """Let the library write no key into a log."""

    def hide(record: logging.LogRecord) -> bool:
        record.msg, record.args, record.exc_info = question.hidden(record.getMessage()), (), None
        return True

    logs = [logging.getLogger(f"urllib3.{name}") for name in ("connection", "connectionpool", "response")]
    for log in logs:
        log.addFilter(hide)
    try:
        yield
    finally:
        for log in logs:
            log.removeFilter(hide)


def _proxy(line: Line, parts: SplitResult) -> SplitResult | None:
    address = urllib.request.getproxies().get(parts.scheme)
    if not address or urllib.request.proxy_bypass(str(parts.hostname)):
        return None
    proxy = urlsplit(address if "://" in address else f"http://{address}")
    try:
        spoken = proxy.scheme == "http" and bool(proxy.hostname) and proxy.port != 0
    except ValueError:
        spoken = False
    if not spoken:
        raise InputError(
            line.question.name,
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


def _require_public(line: Line, host: str, places: list[str]) -> None:
    """Refuse hosts inside the own network: an address in a file must not make us ask there."""
    if line.allow_private:
        return
    for inside in [each for place in places for each in embedded(place)]:
        if not inside.is_global or inside.is_multicast:
            raise InputError(
                line.question.name,
                line.question.hidden(f"{line.question.public} leads to {host}, inside this machine or its network"),
                f"Set {ALLOW_PRIVATE}=1 where that is meant, for example for a server of your own.",
            )
