"""The one door to the web: files that are gone on with, kept once, checked when read, and never fetched offline."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from spatialjustice import sources
from spatialjustice._core.errors import DamagedFileError, InputError, OutputError
from spatialjustice.sources.web import asking, sockets, web
from spatialjustice.sources.web._answers import retry_after
from spatialjustice.sources.web._question import Question
from spatialjustice.sources.web.cache import Cache
from spatialjustice.sources.web.web import Promise, download, get
from tests.sources.replay import Said, kept, serving

KEY = "a secret+key/42"
BODY = bytes(range(256)) * 400
SHA = hashlib.sha256(BODY).hexdigest()


def cache():
    return Path(os.environ["SPATIALJUSTICE_CACHE"])


def question(replay, file="map.bin", **more):
    return Question.of(f"{replay.address}/{file}", name="map", **more)


def fetch(replay, *, deadline=60.0, **promise):
    return download(question(replay), check=lambda _: None, promise=Promise(**promise), deadline=deadline)


@contextmanager
def late_once_bytes_came():
    """Let the time allowed be over as soon as some of the file has come, however fast or busy the machine is."""

    def monotonic():
        return time.monotonic() + 1000 * any(file.stat().st_size for file in (cache() / "partial").glob("*.part"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "time", SimpleNamespace(monotonic=monotonic, sleep=time.sleep))
        yield


def by_range(replay, body=BODY, *, tag='"one"', first=None, drip=0.0, sent=None):
    """Serve a file as web servers do: a part where one is asked for of the file that is meant, else the whole."""

    def answer(*_):
        asked = replay.headers[-1]
        marks = {"ETag": tag} if tag else {}
        start = int(asked["Range"].removeprefix("bytes=").removesuffix("-")) if "Range" in asked else 0
        if start and asked.get("If-Range", tag) == tag:
            where = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return Said(body[start:], 206, {**marks, "Content-Range": where}, drip=drip, piece=4096, sent=sent)
        cut = first if first is not None and len(replay.asked) == 1 else len(body)
        return Said(body[:cut], 200, marks, promised=len(body), drip=drip, piece=4096, sent=sent)

    return answer


def test_a_cut_file_is_gone_on_with_where_it_broke(replay):
    replay.answer = by_range(replay, first=60_000)
    assert fetch(replay).read_bytes() == BODY
    assert [one.get("Range") for one in replay.headers] == [None, "bytes=60000-"]
    assert replay.headers[1]["If-Range"] == '"one"'


def test_what_came_before_a_failure_is_gone_on_with_the_next_time(replay):
    replay.answer = lambda *_: Said(BODY[:60_000], 200, {"ETag": '"one"'}, promised=len(BODY))
    with late_once_bytes_came(), pytest.raises(InputError, match="within the 60 seconds allowed"):
        fetch(replay)
    replay.answer = by_range(replay)
    assert fetch(replay).read_bytes() == BODY
    assert replay.headers[-1]["Range"].startswith("bytes=")


def test_a_file_that_changed_meanwhile_is_begun_again(replay):
    """The first 60,000 bytes are of the old file: put together with the new one they would be neither."""
    replay.answer = lambda *_: Said(b"o" * 60_000, 200, {"ETag": '"old"'}, promised=len(BODY))
    with late_once_bytes_came(), pytest.raises(InputError):
        fetch(replay)
    replay.answer = by_range(replay)
    assert fetch(replay).read_bytes() == BODY
    assert replay.headers[-1]["If-Range"] == '"old"'


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
def test_parts_that_may_differ_are_not_put_together(replay, tag):
    replay.answer = by_range(replay, first=60_000, tag=tag)
    assert fetch(replay).read_bytes() == BODY
    assert not any("Range" in one for one in replay.headers)


def test_a_known_checksum_lets_parts_be_put_together(replay):
    replay.answer = by_range(replay, first=60_000, tag="")
    assert fetch(replay, sha256=SHA).read_bytes() == BODY
    assert replay.headers[1]["Range"] == "bytes=60000-"


def test_an_old_part_that_spoils_the_file_is_thrown_away(replay):
    part = Cache(cache()).partial(question(replay).key)
    part.restart({})
    part.add([b"x" * 1000])
    replay.answer = by_range(replay, tag="")
    assert fetch(replay, sha256=SHA).read_bytes() == BODY
    assert ["Range" in one for one in replay.headers] == [True, False]


@pytest.mark.parametrize(
    ("promise", "words"),
    [
        ({"sha256": "0" * 64}, f"sha256 {'0' * 64} was promised, {SHA} came"),
        ({"md5": "0" * 32}, f"md5 {'0' * 32} was promised, {hashlib.md5(BODY).hexdigest()} came"),
        ({"size": 7}, "7 bytes were promised, 102,400 came"),
    ],
)
def test_another_file_than_promised_is_not_kept(replay, promise, words):
    replay.answer = lambda *_: BODY
    with pytest.raises(DamagedFileError, match=words):
        fetch(replay, **promise)
    assert kept(cache()) == []


def test_the_record_beside_a_file_tells_where_it_came_from_and_no_key(replay):
    replay.answer = lambda *_: Said(BODY, headers={"ETag": '"one"', "Content-Type": "application/x-map"})
    asked = Question.of(
        f"{replay.address}/map.bin?api_key={KEY.replace(' ', '%20').replace('+', '%2B')}&area=1",
        name="map",
        secret_params=[("other", "second secret")],
        headers={"Authorization": "Bearer third"},
    )
    path = download(asked, check=lambda _: {"licence": "CC0 1.0", "data_date": "2024-05-02"})
    assert ("api_key", KEY) in replay.asked[0][1]
    assert replay.headers[0]["Authorization"] == "Bearer third"
    record = json.loads((path.parent / "record.json").read_text(encoding="utf-8"))
    assert record["address"] == f"{replay.address}/map.bin?area=1"
    assert (record["sha256"], record["size"], record["licence"]) == (SHA, len(BODY), "CC0 1.0")
    assert record["data_date"] == "2024-05-02"
    assert abs(datetime.fromisoformat(record["fetched"]) - datetime.now(UTC)) < timedelta(minutes=5)
    everything = "".join(f"{file} {file.read_text(errors='replace')}" for file in kept(cache()))
    for secret in (KEY, "a%20secret", "a+secret", "second secret", "second+secret", "third"):
        assert secret not in everything
    told = sources.record_of(path, "map")
    assert (told.licence, told.data_date, told.address) == ("CC0 1.0", "2024-05-02", record["address"])
    same = Question.of(f"{replay.address}/map.bin?area=1&key=another", name="map")
    assert download(same, check=lambda _: None) == path, "the same question with another key has the same answer"
    assert len(replay.asked) == 1


def test_a_key_is_not_sent_on_to_another_host_and_not_named_in_an_error(replay):
    other = replay.address.replace("127.0.0.1", "localhost")
    moved = Said(status=302, headers={"Location": f"{other}/b?key=third"})
    replay.answer = lambda path, _: moved if path == "/a" else Said(b"key third is wrong", status=403)
    with pytest.raises(InputError) as caught:
        get(f"{replay.address}/a", name="map", headers={"X-Key": "third"})
    assert [one.get("X-Key") for one in replay.headers] == ["third", None]
    assert "third" not in str(caught.value)


def test_a_damaged_entry_is_put_aside_and_fetched_again(replay):
    replay.answer = lambda *_: BODY
    path = fetch(replay)
    spoiled = bytearray(BODY)
    spoiled[777] ^= 1
    path.write_bytes(spoiled)
    assert fetch(replay).read_bytes() == BODY
    assert len(replay.asked) == 2
    (aside,) = (file for file in (cache() / "quarantine").rglob("*") if file.is_file())
    assert aside.read_bytes() == spoiled, "nothing is deleted in silence"


def test_refreshing_keeps_the_earlier_file(replay):
    replay.answer = lambda *_: BODY
    old = fetch(replay)
    replay.answer = lambda *_: b"new"
    assert fetch(replay) == old
    with sources.fetching(refresh=True):
        assert fetch(replay).read_bytes() == b"new"
    assert fetch(replay).read_bytes() == b"new"
    assert old.read_bytes() == BODY


def test_an_answer_called_like_its_record_is_kept_too(replay):
    replay.answer = lambda *_: BODY
    address = f"{replay.address}/record.json"
    for _ in range(2):
        assert get(address, name="p", check=lambda _: None).data == BODY
    assert len(replay.asked) == 1


def test_what_was_being_written_is_not_taken_for_the_content(replay):
    replay.answer = lambda *_: BODY
    path = fetch(replay)
    left = path.parent / ".record-abc.json"
    left.write_text("{")
    assert Cache(cache()).content(SHA, "another.name") == path
    assert left.exists()


def test_terms_add_up(tmp_path):
    with sources.fetching(offline=True, record=tmp_path), sources.fetching(refresh=True):
        assert web.terms() == web.Terms(offline=True, refresh=True, record=tmp_path)
    assert web.terms() == web.Terms()


def test_what_a_server_says_cannot_move_the_cursor(replay):
    replay.answer = lambda *_: Said(b"no\x1b[2J\x07 way\r\nX", status=400)
    with pytest.raises(InputError, match=r"\(no \[2J way X\)"):
        get(replay.address, name="p")


@pytest.fixture
def no_sockets(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a socket was opened")

    def block():
        for name in ("socket", "create_connection", "getaddrinfo"):
            monkeypatch.setattr(socket, name, refuse)
        monkeypatch.setattr(http.client.HTTPConnection, "connect", refuse)

    return block


@pytest.mark.parametrize("by_variable", [True, False])
def test_offline_opens_no_socket(replay, monkeypatch, no_sockets, by_variable):
    replay.answer = lambda *_: BODY
    path = fetch(replay)
    no_sockets()
    if by_variable:
        monkeypatch.setenv("SPATIALJUSTICE_OFFLINE", "1")
    with sources.fetching(offline=not by_variable):
        assert fetch(replay) == path
        with pytest.raises(InputError, match=r"other\.bin is not kept, and offline no server is asked"):
            download(question(replay, "other.bin"), check=lambda _: None)
        with pytest.raises(InputError, match="offline no server is asked"):
            get(f"{replay.address}/table", name="census")


def test_answers_are_recorded_and_replayed_without_a_socket(replay, tmp_path, monkeypatch, no_sockets):
    replay.answer = lambda path, _: BODY if path == "/map.bin" else b'{"people": 12}'
    ask = [lambda: fetch(replay).read_bytes(), lambda: get(f"{replay.address}/p", name="p", check=lambda _: None).data]
    fetch(replay)
    with sources.fetching(record=tmp_path / "answers"):
        first = [each() for each in ask]
    no_sockets()
    monkeypatch.setenv("SPATIALJUSTICE_CACHE", str(tmp_path / "empty"))
    with sources.fetching(replay=tmp_path / "answers"):
        assert [each() for each in ask] == first
        with pytest.raises(InputError, match="q is not recorded in"):
            get(f"{replay.address}/q", name="q", check=lambda _: None)
        (file,) = (tmp_path / "answers" / "content" / SHA).glob("map*")
        file.write_bytes(b"spoiled")
        with pytest.raises(InputError, match=r"map\.bin is damaged in"):
            fetch(replay)
        assert file.read_bytes() == b"spoiled", "a folder of recorded answers is left as it is"
    assert not (tmp_path / "empty").exists()


def test_a_date_in_retry_after_is_waited_for(replay, monkeypatch):
    """The server names a time five minutes from now, of which a busy machine has spent some."""
    slept = []
    monkeypatch.setattr(asking.time, "sleep", slept.append)
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    answers = iter([Said(status=503, headers={"Retry-After": soon}), Said(b"at last")])
    replay.answer = lambda *_: next(answers)
    assert get(replay.address, name="p", deadline=3600).data == b"at last"
    assert 200 < max(slept) <= 300


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120.0), ("0", 0.0), ("", None), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)
def test_retry_after(text, seconds):
    assert retry_after(text) == seconds


def test_questions_to_one_host_are_spaced(monkeypatch):
    """By a clock that stands still."""
    monkeypatch.setattr(asking, "_LAST", {})
    monkeypatch.setattr(asking, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    assert [asking._turn("one", 1.0, 1100.0) for _ in range(3)] == [0, 1, 2]
    assert asking._turn("two", 1.0, 1100.0) == 0
    assert asking._turn("one", 1.0, 1002.0) is None


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "172.16.0.9", "169.254.169.254", "0.0.0.0", "[::1]",
     "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "100.64.0.1", "224.0.0.1"],
)  # fmt: skip
def test_hosts_inside_are_refused(host):
    with pytest.raises(InputError, match="inside this machine or its network"):
        get(f"http://{host}/x", name="p", deadline=2)


def test_a_public_server_cannot_send_us_inside(replay, monkeypatch):
    """What stands for the public server here is let pass by its port; the one it sends us to is not."""
    replay.answer = lambda *_: Said(status=302, headers={"Location": "http://127.0.0.2:9/latest/meta-data"})
    monkeypatch.delenv("SPATIALJUSTICE_ALLOW_PRIVATE")
    look = sockets._require_public
    monkeypatch.setattr(
        sockets, "_require_public", lambda line, host, places: host == "127.0.0.1" or look(line, host, places)
    )
    with pytest.raises(InputError, match=r"leads to 127\.0\.0\.2, inside"):
        get(f"{replay.address}/x", name="p")


@pytest.mark.parametrize("address", ["http://user:word@127.0.0.1/x", "https://word@example.org"])
def test_a_user_name_in_an_address_is_refused_and_not_said(address):
    with pytest.raises(InputError, match="holds a user name") as caught:
        get(address, name="p")
    assert "word@" not in str(caught.value)


def test_a_disk_that_is_full_is_not_taken_for_a_server_that_fails(replay, monkeypatch):
    replay.answer = lambda *_: BODY

    def full(*_):
        raise OutputError("the disk is full")

    monkeypatch.setattr("spatialjustice._core.disk.receiving.Partial.add", full)
    with pytest.raises(OutputError, match="full"):
        fetch(replay)
    assert len(replay.asked) == 1


FETCH = """
import hashlib, sys
from spatialjustice.sources.web._answers import retry_after
from spatialjustice.sources.web._question import Question
from spatialjustice.sources.web.web import download
path = download(Question.of(sys.argv[1], name="map"), check=lambda _: None, deadline=600)
print(hashlib.sha256(path.read_bytes()).hexdigest())
"""


def started(replay):
    words = [sys.executable, "-c", FETCH, f"{replay.address}/map.bin"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_fetch_one_thing_once(replay):
    replay.answer = by_range(replay, drip=0.05)
    both = [started(replay), started(replay)]
    said = [process.communicate(timeout=900) for process in both]
    assert [out.strip() for out, _ in said] == [SHA, SHA], said
    assert len(replay.asked) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_fetch_leaves_a_good_cache_and_is_gone_on_with(replay):
    killed = threading.Event()
    replay.answer = by_range(replay, sent=lambda size: size > 20_000 and killed.wait(600))
    process = started(replay)
    end = time.monotonic() + 600
    while time.monotonic() < end and process.poll() is None:
        parts = [file for file in (cache() / "partial").glob("*.part") if file.stat().st_size > 8192]
        if parts:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=600)
    killed.set()
    assert process.returncode == -signal.SIGKILL
    came = parts[0].stat().st_size
    assert 8192 < came < len(BODY)
    assert not (cache() / "content").exists()
    replay.answer = by_range(replay)
    assert fetch(replay).read_bytes() == BODY
    assert replay.headers[-1]["Range"] == f"bytes={came}-"
    assert list((cache() / "partial").iterdir()) == []
    assert web.terms() == web.Terms(allow_private=True)


def test_letters_of_any_language_may_stand_in_an_address(replay):
    moved = Said(status=302, headers={"Location": "/%D9%85%D8%B1%D8%B2.json?a=1"})
    replay.answer = lambda path, _: moved if path.startswith("/%D9%86") else b"here"
    assert get(f"{replay.address}/نقشه تهران.json", name="p").data == b"here"
    assert [path for path, _ in replay.asked] == [
        "/%D9%86%D9%82%D8%B4%D9%87%20%D8%AA%D9%87%D8%B1%D8%A7%D9%86.json",
        "/%D9%85%D8%B1%D8%B2.json",
    ]


def test_a_proxy_is_asked_for_the_whole_address(replay, monkeypatch):
    """Behind a proxy only names that are inside by their spelling can be refused: it alone looks them up."""
    monkeypatch.delenv("SPATIALJUSTICE_ALLOW_PRIVATE")
    proxy = replay.address.replace("http://", "http://reader:word@")
    monkeypatch.setattr(sockets.urllib.request, "getproxies", lambda: {"http": proxy})
    monkeypatch.setattr(sockets.urllib.request, "proxy_bypass", lambda _: False)
    replay.answer = lambda *_: b"through it"
    assert get("http://example.org/x", name="p", params=[("a", "1")]).data == b"through it"
    assert replay.asked == [("/x", [("a", "1")])]
    assert replay.headers[0]["Host"] == "example.org"
    assert {name.lower(): text for name, text in replay.headers[0].items()}["proxy-authorization"] == (
        "Basic cmVhZGVyOndvcmQ="
    )
    for inside in ("http://localhost/x", "http://10.0.0.1/x", "http://printer.local/x"):
        with pytest.raises(InputError, match="inside this machine or its network"):
            get(inside, name="p")
    assert len(replay.asked) == 1


@pytest.mark.needs("openssl")
def test_a_server_whose_certificate_is_not_trusted_is_refused(replay, tmp_path, monkeypatch):
    """The same server is asked with its certificate trusted, and then not."""
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    made = ["openssl", *words.split(), "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with serving(context) as secure:
        secure.answer = lambda *_: b"sealed"
        address = f"https://localhost:{secure.address.rpartition(':')[2]}"
        with pytest.raises(InputError, match="certificate verify failed"):
            get(address, name="p", deadline=60)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        assert get(address, name="p", deadline=60).data == b"sealed"
        secure.answer = lambda *_: Said(status=302, headers={"Location": replay.address})
        with pytest.raises(InputError, match="from a sealed connection to an open one"):
            get(address, name="p", deadline=60)
    assert replay.asked == []
