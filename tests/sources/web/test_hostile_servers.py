"""Servers, proxies and caches that do what they should not: the right bytes or a clear error, and no key told."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import os
import threading
import zlib
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from spatialjustice._core.disk import receiving
from spatialjustice._core.errors import DamagedFileError, InputError, SpatialJusticeError, TooLargeError
from spatialjustice.sources import fetching
from spatialjustice.sources.web import sockets
from spatialjustice.sources.web._answers import embedded
from spatialjustice.sources.web._question import Manners, Question, is_secret, without_keys
from spatialjustice.sources.web.cache import Cache
from spatialjustice.sources.web.web import Promise, ask, download, get
from tests.sources.replay import Said, serving

BODY = bytes(range(256)) * 400
HALF = 60_000
KEY = "a secret+key/42"


def fetch(replay, file="map.bin", **promise):
    question = Question.of(f"{replay.address}/{file}", name="map")
    return download(question, check=lambda _: None, promise=Promise(**promise), deadline=5.0)


def cache():
    return Cache(Path(os.environ["SPATIALJUSTICE_CACHE"]))


# Parts that are put together. ----------------------------------------------------------------------------------------


def in_two_parts(replay, second):
    """Cut the first answer; ``second`` says with which headers and bytes the rest comes."""

    def answer(*_):
        if "Range" not in replay.headers[-1]:
            cut = HALF if len(replay.asked) == 1 else len(BODY)
            return Said(BODY[:cut], 200, {"ETag": '"one"', "Last-Modified": "yesterday"}, promised=len(BODY))
        return second()

    return answer


def part(body=None, **headers):
    rest = BODY[HALF:] if body is None else body
    known = {"ETag": '"one"', "Content-Range": f"bytes {HALF}-{len(BODY) - 1}/{len(BODY)}"}
    return Said(rest, 206, {name: text for name, text in {**known, **headers}.items() if text})


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"two"'},
        {"ETag": "", "Last-Modified": "today"},
        {"Content-Range": f"bytes {HALF}-{len(BODY) - 1}/{len(BODY) + 7}"},
        {"Content-Range": f"bytes {HALF}-{len(BODY) + 9}/{len(BODY)}"},
        {"Content-Range": f"bytes {HALF}-{len(BODY)}/{len(BODY) + 1}"},
        {"Content-Range": f"bytes 0-{len(BODY) - HALF - 1}/{len(BODY)}"},
        {"Content-Range": "bytes */100"},
        {"Content-Range": "nonsense"},
        {"Content-Range": ""},
    ],
)
def test_a_part_of_something_else_is_never_put_behind_the_first(replay, headers):
    """The rest has other bytes: only a file fetched anew, from its beginning, is right."""
    other = b"x" * (len(BODY) - HALF)
    replay.answer = in_two_parts(replay, lambda: part(other, **headers))
    assert fetch(replay).read_bytes() == BODY
    assert [one.get("Range") for one in replay.headers] == [None, f"bytes={HALF}-", None]


def test_a_part_of_the_same_thing_is(replay):
    replay.answer = in_two_parts(replay, part)
    assert fetch(replay).read_bytes() == BODY
    assert len(replay.asked) == 2


@pytest.mark.parametrize("length", ["5", f"{len(BODY)}, 7", "-3", "many", "0x10", "١٢"])
def test_two_lengths_or_none_that_is_a_number_are_an_error(replay, length):
    promised = {} if length == "5" else {"promised": length}
    headers = {"Content-Length": "5"} if length == "5" else {}
    replay.answer = lambda *_: Said(BODY, 200, headers, **promised)
    if not length.isascii():
        promised["promised"] = "12\xb9"
    with pytest.raises(SpatialJusticeError, match="two lengths"):
        fetch(replay)


def test_a_length_beside_pieces_of_unknown_number_is_an_error(replay):
    """What two programs read differently lets somebody put an answer of their own between."""
    replay.answer = lambda *_: Said(b"5\r\nhello\r\n0\r\n\r\n", 200, {"Transfer-Encoding": "chunked"})
    with pytest.raises(InputError, match="two lengths"):
        fetch(replay)


# Bodies that come packed. --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress)],
)
def test_a_packed_answer_is_unpacked(replay, coding, pack):
    replay.answer = lambda *_: Said(pack(BODY), 200, {"Content-Encoding": coding, "ETag": '"one"'})
    assert fetch(replay).read_bytes() == BODY
    assert get(f"{replay.address}/a", name="a").data == BODY


def test_a_packed_answer_that_is_cut_is_never_gone_on_with(replay):
    packed = gzip.compress(os.urandom(50_000))

    def answer(*_):
        cut = 20_000 if len(replay.asked) == 1 else len(packed)
        return Said(packed[:cut], 200, {"Content-Encoding": "gzip", "ETag": '"one"'}, promised=len(packed))

    replay.answer = answer
    assert fetch(replay).read_bytes() == gzip.decompress(packed)
    assert [one.get("Range") for one in replay.headers] == [None, None]


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress"])
def test_a_packing_that_is_not_known_is_refused(replay, coding):
    replay.answer = lambda *_: Said(BODY, 200, {"Content-Encoding": coding})
    with pytest.raises(InputError, match="packed in a way"):
        fetch(replay)


def test_a_packed_file_stays_packed(replay):
    """Servers call a file NAME.gz an answer packed with gzip: the file is what was asked for."""
    packed = gzip.compress(BODY)
    replay.answer = lambda *_: Said(packed, 200, {"Content-Encoding": "gzip"})
    assert fetch(replay, "cells.csv.gz").read_bytes() == packed


def test_a_packed_answer_that_fills_the_memory_is_stopped(replay):
    replay.answer = lambda *_: Said(gzip.compress(bytes(50_000_000)), 200, {"Content-Encoding": "gzip"})
    question = Question.of(f"{replay.address}/a", name="a")
    with pytest.raises(TooLargeError, match="unpacks to more than 1 MB"):
        ask(question, Manners(deadline=5.0, largest=1_000_000))


# Keys. ---------------------------------------------------------------------------------------------------------------


def test_a_redirect_to_another_port_gets_no_headers(replay):
    with serving() as other:
        other.answer = lambda *_: Said(b"there")
        replay.answer = lambda *_: Said(status=302, headers={"Location": f"{other.address}/b"})
        got = get(f"{replay.address}/a", name="a", headers={"Authorization": f"Bearer {KEY}", "X-Key": KEY})
        assert got.data == b"there"
        assert "Authorization" in replay.headers[0]
        assert not {"Authorization", "X-Key"} & set(other.headers[0])
        assert KEY not in str(other.asked)


FORMS = {
    "as it is": lambda key: key,
    "in capitals": str.upper,
    "quoted": lambda key: quote(key, safe=""),
    "quoted twice": lambda key: quote(quote(key, safe=""), safe=""),
    "with plus": quote_plus,
    "every letter quoted": lambda key: "".join(f"%{byte:02X}" for byte in key.encode()),
    "html": lambda key: html.escape(key).replace("+", "&#43;").replace("/", "&#x2F;"),
    "json": lambda key: json.dumps(key).replace("/", "\\/").replace("+", "\\u002b"),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of the web": lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "hexadecimal": lambda key: key.encode().hex(),
    "in pieces": " - ".join,
    "in tags": lambda key: "<b>".join([key[:7], key[7:]]),
}


@pytest.mark.parametrize("form", FORMS)
def test_no_error_repeats_a_key_in_any_form(replay, form):
    told = FORMS[form](KEY)
    replay.answer = lambda *_: Said(f"the key {told} is not known".encode(), 403)
    with pytest.raises(InputError) as caught:
        get(f"{replay.address}/a", name="a", secret_params=[("key", KEY)])
    said = str(caught.value)
    assert told not in said
    assert KEY not in said
    assert "127.0.0.1" in said, "who refused is still told"


def test_a_password_in_a_header_is_not_told_in_clear_or_packed(replay):
    pair = base64.b64encode(b"reader:long password").decode()
    for told in (pair, "reader:long password", "long password"):
        replay.answer = lambda *_, told=told: Said(f"no such user: {told}".encode(), 401)
        with pytest.raises(InputError) as caught:
            get(f"{replay.address}/a", name="a", headers={"Authorization": f"Basic {pair}"})
        assert told not in str(caught.value)


def test_no_key_gets_into_a_log_of_the_library(replay, caplog):
    replay.answer = lambda *_: Said(b"here")
    with caplog.at_level("DEBUG"):
        get(f"{replay.address}/a", name="a", params=[("year", "2020")], secret_params=[("key", KEY)])
    assert "year=2020" in caplog.text, "the library does write questions into its log"
    assert not any(form(KEY) in caplog.text for form in FORMS.values())


def test_keys_of_others_are_not_told_either(replay):
    """A server may send us on with a key of its own, or with a user and password."""
    replay.answer = lambda *_: Said(status=302, headers={"Location": "ftp://me:hunter2@x.org/a?X-Amz-Signature=c0ffee"})
    with pytest.raises(InputError) as caught:
        get(f"{replay.address}/a", name="a")
    assert "hunter2" not in str(caught.value)
    assert "c0ffee" not in str(caught.value)
    assert "year=2020" in without_keys('{"access_token": "c0ffee", "a": "http://x.org/?year=2020&sig=c0ffee"}')
    assert "c0ffee" not in without_keys('{"access_token": "c0ffee", "a": "http://x.org/?year=2020&sig=c0ffee"}')


@pytest.mark.parametrize("name", ["key", "API-Key", "access_token", "X-Amz-Credential", "appid", "sid"])
def test_usual_names_of_keys_are_known_wherever_they_are_given(name):
    assert is_secret(name)
    for question in (
        Question.of(f"https://x.org/a?{name}=c0ffee&year=2020", name="a"),
        Question.of("https://x.org/a", name="a", params=[(name, "c0ffee"), ("year", "2020")]),
    ):
        assert question.public == "https://x.org/a?year=2020"
        assert "c0ffee" in question.whole
        assert "c0ffee" not in repr(question)


def test_names_that_only_look_like_keys_tell_questions_apart():
    assert not any(map(is_secret, ["keyword", "monkey", "dataset", "get", "year", "author", "passengers", "design"]))


# Proxies and inside hosts. -------------------------------------------------------------------------------------------


def proxied(monkeypatch, address):
    monkeypatch.setattr(sockets.urllib.request, "getproxies", lambda: {"http": address, "https": address})
    monkeypatch.setattr(sockets.urllib.request, "proxy_bypass", lambda _: False)


@pytest.mark.parametrize(
    "proxy", ["socks5://me:hunter2@x.org:1080", "https://me:hunter2@x.org", "http://:80", "ftp://x"]
)
def test_a_proxy_that_is_not_spoken_is_refused_and_its_password_not_told(monkeypatch, proxy):
    proxied(monkeypatch, proxy)
    with pytest.raises(InputError, match="the proxy for http addresses") as caught:
        get("http://example.org/a", name="a")
    assert "hunter2" not in str(caught.value)


INSIDE = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "localhost.", "a.localhost",
          "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.0.0.1", "169.254.169.254",
          "printer.local", "ip6-localhost"]  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("behind", [False, True])
def test_hosts_inside_are_told_with_and_without_a_proxy(monkeypatch, replay, host, behind):
    monkeypatch.setenv("SPATIALJUSTICE_ALLOW_PRIVATE", "0")
    if behind:
        proxied(monkeypatch, replay.address)
    if not behind and host in {"printer.local", "ip6-localhost", "localhost.", "a.localhost"}:
        monkeypatch.setattr(sockets, "_looked_up", lambda *_: [(2, 1, 6, "", ("127.0.0.1", 80))])
    with pytest.raises(InputError, match="inside this machine or its network"):
        get(f"http://{host}/a", name="a")
    assert replay.asked == []


def test_a_name_that_leads_inside_is_told_behind_a_proxy_too(monkeypatch, replay):
    monkeypatch.setenv("SPATIALJUSTICE_ALLOW_PRIVATE", "0")
    proxied(monkeypatch, replay.address)
    monkeypatch.setattr(sockets, "_looked_up", lambda *_: [(2, 1, 6, "", ("10.1.2.3", 80))])
    with pytest.raises(InputError, match="inside this machine or its network"):
        get("http://intranet.example.org/a", name="a")
    assert replay.asked == []


def test_addresses_written_inside_addresses():
    assert [str(one) for one in embedded("8.8.8.8")] == ["8.8.8.8"]
    assert [str(one) for one in embedded("::ffff:10.0.0.1")] == ["10.0.0.1"]
    assert "10.0.0.1" in [str(one) for one in embedded("64:ff9b::a00:1")]


# Caches that are damaged, or shared. ---------------------------------------------------------------------------------


def spoil_record(path):
    record = json.loads(path.read_text())
    return [
        "{", "[]", "3", "[" * 100_000, json.dumps({**record, "status": "ok"}), json.dumps({**record, "status": None}),
        json.dumps({**record, "sha256": 3}), json.dumps({**record, "file": "../x"}),
        json.dumps({**record, "file": None}),
        json.dumps({key: value for key, value in record.items() if key != "status"}),
        json.dumps({**record, "licence": ["x"]}), json.dumps({**record, "data_date": 3}),
    ]  # fmt: skip


def test_a_damaged_record_is_asked_again(replay):
    replay.answer = lambda *_: Said(BODY)
    fetch(replay)
    path = next((cache().folder / "questions").glob("*.json"))
    for number, text in enumerate(spoil_record(path)):
        path.write_text(text)
        assert fetch(replay).read_bytes() == BODY
        assert len(replay.asked) == number + 2
    fetch(replay)
    assert len(replay.asked) == number + 2, "the new record holds"


def test_a_folder_in_place_of_a_record_or_file_is_put_aside(replay):
    replay.answer = lambda *_: Said(BODY)
    kept = fetch(replay)
    path = next((cache().folder / "questions").glob("*.json"))
    for target in (path, kept, kept.parent / "record.json"):
        target.unlink()
        target.mkdir()
        (target / "mine.txt").write_text("mine")
        path.unlink() if path.is_file() else None
        assert fetch(replay).read_bytes() == BODY
    assert len(list((cache().folder / "quarantine").rglob("mine.txt"))) == 3


def test_a_damaged_record_of_a_replay_folder_is_told(replay, tmp_path):
    replay.answer = lambda *_: Said(BODY)
    with fetching(record=tmp_path / "recorded"):
        fetch(replay)
    path = next((tmp_path / "recorded" / "questions").glob("*.json"))
    whole = path.read_text()
    with fetching(replay=tmp_path / "recorded"):
        assert fetch(replay).read_bytes() == BODY
        for text in spoil_record(path):
            path.write_text(text)
            with pytest.raises(InputError, match="is damaged in"):
                fetch(replay)
            assert path.read_text() == text, "a folder of recorded answers is left as it is"
    path.write_text(whole)


def test_another_users_file_that_cannot_be_read_is_asked_again(replay, monkeypatch):
    """Two users share a cache: what one may not read, or not move aside, the other asks for again."""
    replay.answer = lambda *_: Said(BODY)
    fetch(replay)

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("spatialjustice.sources.web.cache.checksum", refused)
        assert fetch(replay).read_bytes() == BODY
    kept = next(cache().folder.glob("content/*/map.bin"))
    kept.write_bytes(b"damaged")
    with monkeypatch.context() as patch:
        patch.setattr("spatialjustice._core.disk.receiving.Path.replace", refused)
        assert cache().find(Question.of(f"{replay.address}/map.bin", name="map").key) is None


def test_a_lock_of_another_user_is_respected(tmp_path, monkeypatch):
    """A lock file that only its owner may write to can be locked all the same."""
    lock = tmp_path / "a.lock"
    lock.write_bytes(b"")
    real = Path.open

    def opened(path, mode="r", *more, **words):
        if path == lock and "a" in mode:
            raise PermissionError(13, "Permission denied")
        return real(path, mode, *more, **words)

    monkeypatch.setattr(Path, "open", opened)
    with receiving.locked(lock, seconds=0) as held:
        assert held
        seen = []

        def other():
            with receiving.locked(lock, seconds=0) as second:
                seen.append(second)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert seen == [False]


def test_a_checksum_that_is_known_is_compared_after_every_way(replay):
    replay.answer = in_two_parts(replay, lambda: part(b"x" * (len(BODY) - HALF)))
    with pytest.raises(DamagedFileError, match="not the file it should be"):
        fetch(replay, sha256=hashlib.sha256(BODY + b"!").hexdigest())
