"""Asking a web server: whole answers only, an end in time, and no key in any word that is said about it."""

from __future__ import annotations

import hashlib
import time
import traceback

import pytest

from spatialjustice._core.errors import DamagedFileError, InputError, TooLargeError
from spatialjustice.sources.web import web
from spatialjustice.sources.web.web import get
from tests.sources.replay import Said

KEY = "a secret+key/42"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(web, "FIRST_PAUSE", 0.01)


def test_an_answer_comes_with_its_checksum_and_its_public_address(replay):
    replay.answer = lambda *_: b"people\n12\n"
    answer = get(
        f"{replay.address}/table", name="census", params=[("for", "tract:*"), ("in", "a"), ("in", "b")],
        secret_params=[("key", KEY)],
    )  # fmt: skip
    assert answer.data == b"people\n12\n"
    assert (answer.size, answer.sha256) == (10, hashlib.sha256(b"people\n12\n").hexdigest())
    assert replay.asked == [("/table", [("for", "tract:*"), ("in", "a"), ("in", "b"), ("key", KEY)])]
    assert answer.address == f"{replay.address}/table?for=tract%3A%2A&in=a&in=b"
    assert "secret" not in repr(answer)


def test_no_content_is_an_empty_answer(replay):
    replay.answer = lambda *_: Said(status=204)
    answer = get(replay.address, name="census")
    assert (answer.status, answer.data) == (204, b"")


def test_a_busy_server_is_asked_again_when_it_wishes(replay):
    waits = iter([Said(status=429, headers={"Retry-After": "0"}), Said(status=503), Said(b"at last")])
    replay.answer = lambda *_: next(waits)
    assert get(replay.address, name="census").data == b"at last"
    assert len(replay.asked) == 3


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_that_stays_busy_is_given_up(replay, status):
    replay.answer = lambda *_: Said(status=status)
    with pytest.raises(InputError, match=f"no answer in 4 attempts .HTTP {status}"):
        get(replay.address, name="census")
    assert len(replay.asked) == 4


def test_a_wait_beyond_the_deadline_is_not_waited(replay):
    replay.answer = lambda *_: Said(status=429, headers={"Retry-After": "3600"})
    begun = time.monotonic()
    with pytest.raises(InputError, match="within the 60 seconds allowed .HTTP 429"):
        get(replay.address, name="census", deadline=60)
    assert time.monotonic() - begun < 1800
    assert len(replay.asked) == 1


def test_a_server_that_drips_does_not_outlast_the_deadline(replay):
    replay.answer = lambda *_: Said(b"x" * 20_000, drip=0.05)
    begun = time.monotonic()
    with pytest.raises(InputError, match=r"within the 0\.3 seconds allowed"):
        get(replay.address, name="census", deadline=0.3)
    assert time.monotonic() - begun < 500, "all the bytes would take 1000 seconds"


def test_a_refusal_is_not_repeated_and_says_why_without_the_key(replay):
    replay.answer = lambda *_: Said(f"error: unknown variable; key {KEY}".encode(), status=400)
    with pytest.raises(InputError, match="HTTP 400 .error: unknown variable; key .hidden.") as caught:
        get(replay.address, name="census", secret_params=[("key", KEY)])
    assert len(replay.asked) == 1
    assert caught.value.__cause__ is None
    assert not leaks("".join(traceback.format_exception(caught.value)))


def leaks(text):
    return any(written in text for written in (KEY, "a%20secret%2Bkey/42", "a+secret%2Bkey%2F42"))


@pytest.mark.parametrize("said", [Said(b"half", promised=8), Said(b"", promised=3)])
def test_a_cut_answer_is_damaged(replay, said):
    replay.answer = lambda *_: said
    with pytest.raises(DamagedFileError, match=f"cut off: {len(said.body)} of {said.promised} bytes came") as caught:
        get(replay.address, name="census", secret_params=[("key", KEY)])
    assert len(replay.asked) == 4
    assert not leaks("".join(traceback.format_exception(caught.value)))


def test_nobody_there_is_said_without_the_key(monkeypatch):
    monkeypatch.setenv("SPATIALJUSTICE_ALLOW_PRIVATE", "1")
    with pytest.raises(InputError, match="no answer in 4 attempts") as caught:
        get("http://127.0.0.1:1/x", name="census", secret_params=[("key", KEY)])
    assert not leaks("".join(traceback.format_exception(caught.value)))


def test_too_much_is_refused(replay, monkeypatch):
    monkeypatch.setattr(web, "LARGEST_ANSWER", 100)
    replay.answer = lambda *_: b"x" * 200
    with pytest.raises(TooLargeError, match="larger than"):
        get(replay.address, name="census")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://host/file", "census.csv"])
def test_only_the_web_is_asked(address):
    with pytest.raises(InputError, match="no address of the web"):
        get(address, name="census")


def test_another_address_is_followed_but_only_on_the_web(replay):
    def answer(path, _):
        moved = {"/a": "/b", "/file": "file:///etc/passwd"}
        return Said(status=302, headers={"Location": moved[path]}) if path in moved else Said(b"here")

    replay.answer = answer
    assert get(f"{replay.address}/a", name="census").data == b"here"
    with pytest.raises(InputError, match="HTTP 302"):
        get(f"{replay.address}/file", name="census")
