"""Overpass answers, asked for through OSMnx or recorded earlier: believed only after they were checked.

OSMnx builds a network from half an answer, keeps empty answers for ever, and asks a busy server again without end.
Everything that comes from an Overpass server therefore passes through :func:`ask` or :func:`recorded`.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialjustice._core.errors import (
    DamagedFileError,
    InputError,
    MissingFileError,
    SpatialJusticeError,
)
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE, SourceRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHOWN_OF_BODY = 200
BUSY = frozenset({429, 502, 503, 504})
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 60.0
STATUS_LINES = 5
USE_EXTRACT = "An extract file of the region does not depend on a server and gives the same answer every time."
_ALONE = threading.RLock()


@dataclass(frozen=True, slots=True)
class Answer:
    """One checked answer of an Overpass server: its elements and where they came from."""

    elements: tuple[dict[str, Any], ...]
    record: SourceRecord


def ask(
    request: Callable[[], object],
    *,
    name: str,
    server: str | None = None,
    timeout: float = 180,
    deadline: float = 900,
    rate_limit: bool = True,
) -> list[Answer]:
    """Let OSMnx ask an Overpass server, and return the checked answers instead of what OSMnx would make of them.

    Parameters
    ----------
    request
        Calls the OSMnx function that asks, for example ``lambda: osmnx.features_from_polygon(polygon, tags)``.
    name
        What is asked for; errors and source records call it so.
    server
        Address of the server up to ``/interpreter``; None takes the one OSMnx is set to.
    timeout
        Seconds the server may take for one answer.
    deadline
        Seconds after which no further attempt is made at a busy server.
    rate_limit
        Whether to ask the server for a free place first, as public servers wish.

    Returns
    -------
    list of Answer
        One for each piece of the place, in the order they were asked for. An answer may be empty: what that means
        is for the caller to say.

    Raises
    ------
    InputError
        When the server cannot be reached, refuses, or is busy until the deadline.
    DamagedFileError
        When an answer is cut off or only a part of what was asked for.
    """
    import osmnx

    talk = _Talk(name, deadline, server or osmnx.settings.overpass_url)
    with tempfile.TemporaryDirectory(prefix="overpass-") as folder:
        changes: dict[str, Any] = {
            # Pieces that were answered well are not asked for again; the folder goes when the work is done.
            "cache_folder": folder,
            "use_cache": True,
            "cache_only_mode": True,
            "doh_url_template": None,
            "overpass_rate_limit": rate_limit,
            "overpass_url": talk.server,
            "requests_timeout": max(1, round(min(timeout, deadline))),
            "requests_kwargs": {**osmnx.settings.requests_kwargs, "hooks": {"response": talk.heard}},
        }
        with _changed(changes):
            pause = FIRST_PAUSE
            while True:
                try:
                    request()
                except InterruptedError:
                    # This is how OSMnx ends when it was told only to fetch.
                    break
                except _Busy as busy:
                    talk.wait(busy, pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
                except SpatialJusticeError:
                    raise
                except OSError as error:
                    found = f"the server {talk.server} gave no whole answer ({_short(str(error))})"
                    raise InputError(name, found, f"Check the connection and try again later. {USE_EXTRACT}") from error
                else:
                    break
    return talk.answers


def recorded(source: str | Path | dict[str, Any], name: str) -> Answer | None:
    """Read one recorded answer, from a file as OSMnx keeps them or as plain data.

    Returns
    -------
    Answer or None
        None where the file holds an answer of another service, for example of a place search.

    Raises
    ------
    MissingFileError
        When the file is not there.
    DamagedFileError
        When the answer is cut off or only a part of what was asked for.
    """
    if isinstance(source, dict):
        data = json.dumps(source, sort_keys=True).encode()
        return _checked(source, data, name=name, file="recorded answer", where="the recorded answer")
    path = Path(source)
    if not path.is_file():
        raise MissingFileError(name, f"there is no file {path}", "Check the folder and the spelling.")
    data = path.read_bytes()
    content = _parsed(data, name, path.name)
    if not isinstance(content, dict):
        return None
    return _checked(content, data, name=name, file=path.name, where=path.name)


class _Busy(Exception):  # noqa: N818 (it is a message between two functions here, not an error that users meet)
    """The server asks for patience."""

    def __init__(self, status: int, wait: float | None) -> None:
        super().__init__(status)
        self.status = status
        self.wait = wait


class _Talk:
    """One conversation with a server: hears every response before OSMnx does."""

    def __init__(self, name: str, deadline: float, server: str) -> None:
        self.name = name
        self.server = server
        self.end = time.monotonic() + deadline
        self.deadline = deadline
        self.answers: list[Answer] = []

    def heard(self, response: Any, *_: Any, **__: Any) -> None:
        """Check a response; called by the HTTP library as soon as its head has come."""
        if response.is_redirect:
            return
        if response.url.rstrip("/").endswith("/status"):
            self._place_free(response)
            return
        where = f"the server {response.url}"
        if response.status_code in BUSY:
            after = str(response.headers.get("Retry-After", ""))
            raise _Busy(response.status_code, float(after) if after.isdigit() else None)
        if response.status_code != 200:
            raise InputError(
                self.name,
                f"{where} refused with HTTP {response.status_code} ({_short(response.text)})",
                f"Nothing of that response is used. Try again later or ask another server. {USE_EXTRACT}",
            )
        content = _parsed(response.content, self.name, where)
        self.answers.append(
            _checked(content, response.content, name=self.name, file=response.url, where=where, address=response.url)
        )

    def _place_free(self, response: Any) -> None:
        """See that OSMnx will understand the status page; it sleeps or asks again without end where it does not."""
        if response.status_code in BUSY:
            raise _Busy(response.status_code, None)
        lines = response.text.split("\n")
        if not response.ok or len(lines) < STATUS_LINES:
            raise InputError(
                self.name,
                f"the server does not say at {response.url} whether it has a place free (HTTP {response.status_code})",
                "A server of your own may have no such page: set rate_limit=False then.",
            )
        wait = re.search(r"in (\d+) seconds", lines[STATUS_LINES - 1])
        if time.monotonic() + (float(wait.group(1)) if wait else 0.0) > self.end:
            raise self._too_late("has no place free")

    def wait(self, busy: _Busy, pause: float) -> None:
        """Sleep before the next attempt, unless the deadline would pass meanwhile."""
        seconds = pause if busy.wait is None else busy.wait
        if time.monotonic() + seconds > self.end:
            raise self._too_late(f"is busy (HTTP {busy.status})")
        time.sleep(seconds)

    def _too_late(self, state: str) -> InputError:
        return InputError(
            self.name,
            f"the server {self.server} {state}, and the {self.deadline:g} seconds allowed are over",
            f"Try again later, allow more time with deadline=, or ask another server. {USE_EXTRACT}",
        )


@contextmanager
def _changed(changes: dict[str, Any]) -> Iterator[None]:
    """Change OSMnx' settings for one block; nothing of it, nor of OSMnx' own change of name look-up, stays."""
    import osmnx

    with _ALONE:
        before = {key: getattr(osmnx.settings, key) for key in changes}
        look_up = socket.getaddrinfo
        try:
            for key, value in changes.items():
                setattr(osmnx.settings, key, value)
            yield
        finally:
            for key, value in before.items():
                setattr(osmnx.settings, key, value)
            socket.getaddrinfo = look_up


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_OF_BODY else f"{text[:SHOWN_OF_BODY]} …"


def _parsed(data: bytes, name: str, where: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        beginning = _short(data[: 4 * SHOWN_OF_BODY].decode("utf-8", "replace")) or "nothing"
        raise DamagedFileError(
            name,
            f"the answer of {where} is no whole JSON ({error}; it begins with {beginning})",
            "It was cut off, or an error page came in its place. Ask for it again.",
        ) from error


def _checked(content: Any, data: bytes, *, name: str, file: str, where: str, address: str = "") -> Answer:
    """Refuse an answer that is a part or misshapen; make its record otherwise."""
    if not isinstance(content, dict) or not isinstance(content.get("elements"), list):
        raise DamagedFileError(
            name, f"the answer of {where} holds no list of elements", "Give the answer of an Overpass server as JSON."
        )
    if "remark" in content:
        raise DamagedFileError(
            name,
            f"the answer of {where} is only a part: the server remarks “{_short(str(content['remark']))}”",
            f"Ask for a smaller place, allow a longer timeout, or try again later. {USE_EXTRACT}",
        )
    elements = content["elements"]
    for position, element in enumerate(elements):
        if not _well_formed(element):
            raise DamagedFileError(
                name,
                f"element {position:,} in the answer of {where} is not a whole node, way or relation",
                "Ask with “out body” (or plain “out”), which gives nodes their place and ways their nodes.",
            )
    about = content.get("osm3s")
    base = about.get("timestamp_osm_base") if isinstance(about, dict) else None
    date = base if isinstance(base, str) and base else None
    record = SourceRecord(
        name=name,
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        licence=OSM_LICENCE,
        attribution=OSM_ATTRIBUTION,
        data_date=date,
        data_date_from="overpass answer" if date else "",
        address=address,
    )
    return Answer(tuple(elements), record)


def _well_formed(element: Any) -> bool:
    if not isinstance(element, dict) or not isinstance(element.get("id"), int):
        return False
    if not isinstance(element.get("tags", {}), dict):
        return False
    kind = element.get("type")
    if kind == "node":
        # JSON of Python knows NaN and Infinity; neither lies within these limits.
        limits = {"lat": 90, "lon": 180}
        return all(
            isinstance(element.get(axis), int | float) and abs(element[axis]) <= limit for axis, limit in limits.items()
        )
    if kind == "way":
        nodes = element.get("nodes")
        return isinstance(nodes, list) and all(isinstance(node, int) for node in nodes)
    return kind in {"relation", "area", "count"}
