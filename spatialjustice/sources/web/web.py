"""The one door to the web: an answer is checked before it is kept, and asked for only where it is not kept yet.

Offline, no socket is opened: answers come from the cache or not at all. Every answer can be recorded into a folder and
replayed from there. The tests replay documented answers from 127.0.0.1; ``make live-check`` asks the real
servers.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from spatialjustice._core.disk import receiving
from spatialjustice._core.errors import DamagedFileError, InputError, SpatialJusticeError, TooLargeError
from spatialjustice._core.provenance import checksum
from spatialjustice.sources.web._question import HIDDEN, Head, Manners, Memory, Question, is_secret
from spatialjustice.sources.web.asking import receive
from spatialjustice.sources.web.cache import RECORD, Cache, Kept, cache_folder
from spatialjustice.sources.web.sockets import ALLOW_PRIVATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

OFFLINE = "SPATIALJUSTICE_OFFLINE"
FIRST_PAUSE = 1.0
LARGEST_ANSWER = 500_000_000
LARGEST_FILE = 100_000_000_000
NO = frozenset({"", "0", "no", "false", "off"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, with nothing secret in it.

    Parameters
    ----------
    data
        The bytes.
    address
        What was asked for, without the secret parameters.
    status
        HTTP status, from 200 to 299.
    sha256
        Checksum of the bytes.
    """

    data: bytes
    address: str
    status: int
    sha256: str

    @property
    def size(self) -> int:
        """Number of the bytes."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Promise:
    """What is known of a file before it is fetched; empty or None where it is not.

    Parameters
    ----------
    file
        Name to keep it under; the last part of its address where empty.
    sha256, md5
        Checksums of its bytes.
    size
        Number of its bytes.
    md5_from
        Address of a text that begins with the md5; it is asked for when the file is.
    """

    file: str = ""
    sha256: str = ""
    md5: str = ""
    size: int | None = None
    md5_from: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms the web is asked; see :func:`fetching`."""

    offline: bool = False
    refresh: bool = False
    allow_private: bool = False
    record: Path | None = None
    replay: Path | None = None


_CHOSEN: ContextVar[Terms | None] = ContextVar("terms", default=None)


def terms() -> Terms:
    """Return the terms that hold now: those of :func:`fetching`, and of the environment."""
    chosen = _CHOSEN.get() or Terms()
    return replace(
        chosen,
        offline=chosen.offline or _said(OFFLINE),
        allow_private=chosen.allow_private or _said(ALLOW_PRIVATE),
    )


def _said(variable: str) -> bool:
    return os.environ.get(variable, "").strip().lower() not in NO


@contextmanager
def fetching(
    *,
    offline: bool = False,
    refresh: bool = False,
    allow_private: bool = False,
    record: str | Path | None = None,
    replay: str | Path | None = None,
) -> Iterator[None]:
    """Set the terms on which the web is asked inside a block, besides those of a block around it.

    They hold for the thread that sets them; the environment's hold for all.

    Parameters
    ----------
    offline
        Open no socket: what is not in the cache is an error. ``SPATIALJUSTICE_OFFLINE=1`` does the same.
    refresh
        Ask again even for what is in the cache. The earlier answers stay there.
    allow_private
        Ask hosts inside the own network too. ``SPATIALJUSTICE_ALLOW_PRIVATE=1`` does the same.
    record
        Folder into which every answer is copied.
    replay
        Folder of recorded answers, from which alone answers come then; no socket is opened.

    Examples
    --------
    >>> with fetching(offline=True):
    ...     get("https://example.org/people.json", name="people")
    Traceback (most recent call last):
    InputError: people: https://example.org/people.json is not kept, and offline no server is asked. ...
    """
    outer = _CHOSEN.get() or Terms()
    inner = Terms(
        offline=offline or outer.offline,
        refresh=refresh or outer.refresh,
        allow_private=allow_private or outer.allow_private,
        record=Path(record) if record else outer.record,
        replay=Path(replay) if replay else outer.replay,
    )
    token = _CHOSEN.set(inner)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def get(
    address: str,
    *,
    name: str,
    params: Sequence[tuple[str, str]] = (),
    secret_params: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    deadline: float = 120.0,
    check: Callable[[Answer], Any] | None = None,
) -> Answer:
    """Ask a web server for one whole answer, and for no longer than is allowed.

    A server that is busy (429, 502, 503, 504) or cuts the line is asked again, up to four times and as late as it
    wishes (``Retry-After``), as long as the deadline is not reached.

    Parameters
    ----------
    address
        Address that begins with http:// or https://.
    name
        What is asked for; errors call it so.
    params
        Parameters of the query, in order; a name may come more than once.
    secret_params
        More parameters, such as a key. They go to the server, and into no error, record, log or name of a file.
    headers
        Headers of the request, as secret as these.
    deadline
        Seconds that all attempts together may take.
    check
        Looks at the answer before it is kept, and raises where it cannot be used. What it returns, where that is a
        mapping, goes into the record (``data_date``, ``licence`` and the like). Without it nothing is kept.

    Returns
    -------
    Answer
        Of status 200 to 299, as long as the server said it would be; from the cache where it is kept.

    Raises
    ------
    InputError
        When the address is of another kind or inside the own network, when the server cannot be reached, refuses, or
        is busy to the end, or when the answer is not kept and no server may be asked.
    DamagedFileError
        When the answer was cut off at every attempt.
    TooLargeError
        When the answer is larger than 500 MB.
    """
    question = Question.of(address, name=name, params=params, secret_params=secret_params, headers=headers)
    return ask(question, Manners(deadline=deadline, pause=FIRST_PAUSE, largest=LARGEST_ANSWER), check)


def ask(question: Question, manners: Manners, check: Callable[[Answer], Any] | None = None) -> Answer:
    """Ask a question as :func:`get` does, with manners of one's own."""
    now = terms()
    if check is None:
        _require_online(question, now)
        memory = Memory()
        head = receive(question, memory, replace(manners, allow_private=now.allow_private))
        data = bytes(memory.data)
        return Answer(data, question.public, head.status, hashlib.sha256(data).hexdigest())

    def inspect(path: Path, status: int) -> Any:
        data = path.read_bytes()
        return check(Answer(data, question.public, status, hashlib.sha256(data).hexdigest()))

    kept = _kept(question, manners, inspect, Promise())
    data = kept.path.read_bytes()
    return Answer(data, question.public, int(kept.record["status"]), str(kept.record["sha256"]))


def download(
    question: Question,
    *,
    check: Callable[[Path], Any],
    promise: Promise | None = None,
    deadline: float = 3600.0,
) -> Path:
    """Fetch a file into the cache, or find it there.

    What has come of a file when the line or the work is cut off stays, and the next attempt goes on with it where the
    server marks its files (``ETag``, ``Last-Modified``) or the checksum is known.

    Parameters
    ----------
    question
        What to ask for: ``Question.of(address, name=…)``.
    check
        Looks at the file before it is kept, and raises where it cannot be used; what it returns goes into the record.
    promise
        What is known of the file.
    deadline
        Seconds that all attempts together may take.

    Returns
    -------
    Path
        The file in the cache, which must not be changed.

    Raises
    ------
    InputError, DamagedFileError
        As :func:`get`; also when size or checksum are not those promised.
    """
    manners = Manners(deadline=deadline, attempts=8, pause=FIRST_PAUSE, largest=LARGEST_FILE)
    return _kept(question, manners, lambda path, _: check(path), promise or Promise()).path


def _kept(question: Question, manners: Manners, inspect: Callable[[Path, int], Any], promise: Promise) -> Kept:
    """Return the kept answer to a question, after asking for it where it is not kept."""
    now = terms()
    key = question.key
    end = time.monotonic() + manners.deadline
    if now.replay is not None:
        recorded = Cache(now.replay, ours=False)
        kept = recorded.find(key)
        if kept is None:
            state = "is damaged" if recorded.damaged(key) else "is not recorded"
            found = f"{question.public} {state} in {now.replay}"
            raise InputError(question.name, found, "Record the answers again with --record, or run without --replay.")
        inspect(kept.path, int(kept.record["status"]))
        return kept
    cache = Cache(cache_folder())
    kept = _found(cache, question, promise, now)
    if kept is None:
        _require_online(question, now)
        with receiving.locked(cache.lock(key), seconds=manners.deadline) as held:
            if not held:
                found = f"another process has been fetching {question.public} for {manners.deadline:g} seconds"
                raise InputError(question.name, found, "Wait until it is done, or stop it.")
            # Another process may have fetched it meanwhile.
            kept = _found(cache, question, promise, now)
            if kept is None:
                manners = replace(manners, allow_private=now.allow_private)
                kept = _received(cache, question, manners, inspect, promise, end=end)
    if now.record is not None:
        Cache(now.record, ours=False).take(kept, key)
    return kept


def _found(cache: Cache, question: Question, promise: Promise, now: Terms) -> Kept | None:
    kept = None if now.refresh else cache.find(question.key)
    return kept if kept and promise.sha256 in {"", kept.record.get("sha256")} else None


def _require_online(question: Question, now: Terms) -> None:
    if now.offline or now.replay is not None:
        advice = "Fetch it ahead while online (spatialjustice fetch STUDY.yaml), or run without --offline."
        raise InputError(question.name, f"{question.public} is not kept, and offline no server is asked", advice)


def _received(
    cache: Cache,
    question: Question,
    manners: Manners,
    inspect: Callable[[Path, int], Any],
    promise: Promise,
    *,
    end: float,
) -> Kept:
    """Ask for an answer, look at it, and keep it; what cannot be used is not kept."""
    if promise.md5_from:
        promise = replace(promise, md5=_published_md5(question, promise, replace(manners, largest=10_000), end))
    part = cache.partial(question.key)
    # What lies there from an earlier attempt may be a part of something else: then it is fetched from the beginning.
    for left in reversed(range(2 if part.size else 1)):
        try:
            head = receive(question, part, manners, resumable=bool(promise.sha256), end=end)
        except SpatialJusticeError as error:
            # What cannot be gone on with, or never used, is of no use to the next attempt.
            marked = promise.sha256 or part.note.get("etag") or part.note.get("last_modified")
            if isinstance(error, TooLargeError) or not marked:
                part.discard()
            raise
        try:
            digest = _require_promised(part, question, promise)
            break
        except DamagedFileError:
            part.discard()
            if not left:
                raise
    try:
        facts = inspect(part.path, head.status)
    except BaseException:
        part.discard()
        raise
    return cache.keep(part, question.key, _record(question, head, promise, part, digest, facts))


def _published_md5(question: Question, promise: Promise, manners: Manners, end: float) -> str:
    memory = Memory()
    beside = Question.of(promise.md5_from, name=question.name)
    receive(beside, memory, manners, end=end)
    word = bytes(memory.data).decode("ascii", "replace").split()[:1]
    if not word or not re.fullmatch(r"[0-9a-fA-F]{32}", word[0]):
        raise DamagedFileError(question.name, f"{beside.public} holds no md5", "Ask for it again later.")
    return word[0]


def _require_promised(part: receiving.Partial, question: Question, promise: Promise) -> str:
    """Compare a file with what was promised; return its checksum."""
    digest = checksum(part.path)
    found = []
    if promise.size is not None and part.size != promise.size:
        found.append(f"{promise.size:,} bytes were promised, {part.size:,} came")
    if promise.sha256 and digest != promise.sha256:
        found.append(f"sha256 {promise.sha256} was promised, {digest} came")
    if promise.md5:
        with part.path.open("rb") as stream:
            came = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if came != promise.md5.lower():
            found.append(f"md5 {promise.md5} was promised, {came} came")
    if found:
        where = f"{question.public} is not the file it should be: {'; '.join(found)}"
        raise DamagedFileError(question.name, where, "Nothing of it is kept. Ask again later; it may just be changing.")
    return digest


def _record(
    question: Question, head: Head, promise: Promise, part: receiving.Partial, digest: str, facts: Any
) -> dict[str, Any]:
    last = PurePosixPath(unquote(urlsplit(question.address).path)).name
    name = promise.file or last
    safe = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name).lstrip(".")[-100:]
    safe = "answer" if safe in {"", RECORD} else safe
    return {
        "name": question.name,
        "address": question.public,
        "form": [[key, HIDDEN if is_secret(key) else value] for key, value in question.form],
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": head.status,
        "media_type": head.media_type,
        "etag": head.etag,
        "last_modified": head.last_modified,
        "file": safe,
        "sha256": digest,
        "size": part.size,
        "licence": "not stated",
        "attribution": "",
        "data_date": None,
        "data_date_from": "",
        **(facts if isinstance(facts, dict) else {}),
    }
