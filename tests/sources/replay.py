"""A web server on this machine that gives prepared answers, and remembers what it was asked."""

from __future__ import annotations

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
    """One prepared answer; ``promised`` is the length it claims, ``drip`` the seconds between its bytes."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None
    drip: float = 0.0


@dataclass
class Replay:
    """The server: ``answer`` decides from path and query, ``asked`` lists what came, in order."""

    address: str
    answer: Callable[[str, list[tuple[str, str]]], Said | bytes]
    asked: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Replay]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            query = parse_qsl(parts.query)
            replay.asked.append((parts.path, query))
            said = replay.answer(parts.path, query)
            said = said if isinstance(said, Said) else Said(said)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            if said.status != 204:
                self.send_header("Content-Length", str(len(said.body) if said.promised is None else said.promised))
            self.end_headers()
            try:
                if not said.drip:
                    self.wfile.write(said.body)
                    return
                for byte in said.body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(said.drip)
            except OSError:
                pass  # the client has hung up, as it should

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    replay = Replay(f"http://127.0.0.1:{http.server_port}", lambda *_: Said(status=404))
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield replay
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def replay(tmp_path_factory, monkeypatch):
    """Give a server of its own to each test, which may be asked although it is on this machine, and an empty cache."""
    monkeypatch.setenv("SPATIALJUSTICE_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("SPATIALJUSTICE_CACHE", str(tmp_path_factory.mktemp("cache")))
    with serving() as server:
        yield server
