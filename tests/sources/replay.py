"""A web server on this machine that gives prepared answers, and remembers what it was asked."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest


@dataclass
class Said:
    """One prepared answer; ``promised`` is the length it claims, ``drip`` the seconds between pieces of its bytes.

    ``dripping_head`` lets the head drip too, one byte at a time. ``sent`` is told after each piece how many bytes have
    gone, and may hold the rest back.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None
    drip: float = 0.0
    piece: int = 1
    dripping_head: bool = False
    sent: Callable[[int], object] | None = None


@dataclass
class Replay:
    """The server: ``answer`` decides from path and query (or posted fields); ``asked`` lists what came, in order."""

    address: str
    answer: Callable[[str, list[tuple[str, str]]], Said | bytes]
    asked: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Replay]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.reply(parse_qsl(urlsplit(self.path).query))

        def do_POST(self):
            self.reply(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))

        def reply(self, query):
            path = urlsplit(self.path).path
            replay.asked.append((path, query))
            replay.headers.append(dict(self.headers))
            said = replay.answer(path, query)
            said = said if isinstance(said, Said) else Said(said)
            try:
                if said.dripping_head:
                    self.drip(b"HTTP/1.0 200 OK\r\nX-Long: " + b"x" * 10_000, 1, said.drip)
                    return
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                if said.status != 204:
                    self.send_header("Content-Length", str(len(said.body) if said.promised is None else said.promised))
                self.end_headers()
                if said.drip or said.sent:
                    self.drip(said.body, said.piece, said.drip, said.sent)
                else:
                    self.wfile.write(said.body)
            except OSError:
                pass  # the client has hung up, as it should

        def drip(self, body, piece, seconds, sent=None):
            for start in range(0, len(body), piece):
                self.wfile.write(body[start : start + piece])
                time.sleep(seconds)
                if sent is not None:
                    sent(start + piece)

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        http.socket = context.wrap_socket(http.socket, server_side=True)
        http.handle_error = lambda *_: None  # a client that does not trust us hangs up, as it should
    http.daemon_threads = True
    http.block_on_close = False
    replay = Replay(f"http://127.0.0.1:{http.server_port}", lambda *_: Said(status=404))
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield replay
    http.shutdown()
    http.server_close()
    thread.join()


def kept(folder):
    """Return every file of a cache that is more than a lock."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


@pytest.fixture
def replay(tmp_path_factory, monkeypatch):
    """Give a server of its own to each test, which may be asked although it is on this machine, and an empty cache."""
    monkeypatch.setenv("SPATIALJUSTICE_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("SPATIALJUSTICE_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setattr("spatialjustice.sources.web.web.FIRST_PAUSE", 0.02)
    monkeypatch.setattr("spatialjustice.sources.osm.overpass.FIRST_PAUSE", 0.02)
    monkeypatch.setattr("spatialjustice.sources.osm.overpass.SPACING", 0.0)
    monkeypatch.setattr("spatialjustice.sources.places.outlines.SPACING", 0.0)
    with serving() as server:
        yield server
