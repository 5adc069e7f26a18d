"""A whole study that asks an Overpass server: here one on this machine that replays the synthetic city."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import osmium
import pytest

from spatialjustice._core.errors import DamagedFileError
from spatialjustice.cli import main
from spatialjustice.sources.known_files import KnownFile
from spatialjustice.study import run


def elements_of(path):
    for item in osmium.FileProcessor(path):
        tags = dict(item.tags)
        if item.is_node():
            yield {"type": "node", "id": item.id, "lat": item.location.lat, "lon": item.location.lon, "tags": tags}
        elif item.is_way():
            yield {"type": "way", "id": item.id, "nodes": [node.ref for node in item.nodes], "tags": tags}


@pytest.fixture
def server(city, monkeypatch, tmp_path_factory):
    """Answers a query for streets with the streets, any other with the places; ``told`` changes what it says."""
    elements = list(elements_of(str(city.folder / "streets.osm.pbf")))
    streets = [item for item in elements if "amenity" not in item["tags"]]
    places = [item for item in elements if "amenity" in item["tags"]]
    counted = {"type": "count", "id": 0, "tags": {"ways": str(len(streets)), "total": str(len(streets))}}
    told: dict = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            query = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["data"][0]
            found = [*places, counted] if "out count" in query else streets
            told.setdefault("queries", []).append(query)
            extra = {key: value for key, value in told.items() if key != "queries"}
            answer = {"osm3s": {"timestamp_osm_base": "2024-05-02T00:00:00Z"}, "elements": found, **extra}
            self.answer(json.dumps(answer).encode())

        def answer(self, data):
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("SPATIALJUSTICE_OVERPASS", f"http://127.0.0.1:{http.server_port}/api")
    monkeypatch.setenv("SPATIALJUSTICE_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("SPATIALJUSTICE_CACHE", str(tmp_path_factory.mktemp("cache")))
    yield told
    http.shutdown()
    http.server_close()
    thread.join()


def test_server_and_file_give_the_same_study(city, server, tmp_path):
    asked = run(city.study(streets="overpass"), out=tmp_path / "asked")
    read = run(city.study(), out=tmp_path / "read")
    assert len(server["queries"]) == 2
    for one, two in zip(asked.reached, read.reached, strict=True):
        # The file keeps coordinates to a hundred-millionth of a degree, about a millimetre.
        assert one.metres.to_numpy() == pytest.approx(two.metres.to_numpy(), abs=0.01)
    assert asked.shares["share_within"].tolist() == pytest.approx(read.shares["share_within"].tolist())
    dates = {record.data_date for record in asked.sources if record.name in {"streets", "services"}}
    assert dates == {"2024-05-02T00:00:00Z"}


def test_a_partial_answer_stops_the_study(city, server, tmp_path):
    server["remark"] = "runtime error: Query timed out"
    with pytest.raises(DamagedFileError, match="part"):
        run(city.study(streets="overpass"), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_study_fetched_ahead_runs_without_a_socket(city, server, tmp_path, capsys, monkeypatch):
    """The run asks for exactly what was fetched, so that it finds it in the cache."""
    study = str(city.study(streets="overpass"))
    answers = str(tmp_path / "answers")
    assert main(["fetch", study, "--record", answers]) == 0
    told = capsys.readouterr().out
    assert "data of 2024-05-02T00:00:00Z" in told
    assert "people.tif: is there" in told
    assert len(server["queries"]) == 2
    assert main(["run", study, "--out", str(tmp_path / "online")]) == 0
    assert len(server["queries"]) == 2

    def refuse(*_, **__):
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    assert main(["run", study, "--out", str(tmp_path / "offline"), "--offline"]) == 0
    monkeypatch.setenv("SPATIALJUSTICE_CACHE", str(tmp_path / "empty"))
    capsys.readouterr()
    assert main(["run", study, "--out", str(tmp_path / "lost"), "--offline"]) == 1
    assert "is not kept, and offline no server is asked" in capsys.readouterr().err
    assert not (tmp_path / "lost").exists()
    assert main(["run", study, "--out", str(tmp_path / "replayed"), "--replay", answers]) == 0
    tables = [(tmp_path / run / "tables" / "shares.csv").read_bytes() for run in ("online", "offline", "replayed")]
    assert len(set(tables)) == 1


def test_files_of_the_registry_are_fetched_and_those_without_an_address_named(
    city, replay, tmp_path, monkeypatch, capsys
):
    """The streets have an address, the raster has none: one is fetched, the other named, and the run stops for it."""
    study = city.study()
    known = {}
    for name, address in (("streets.osm.pbf", f"{replay.address}/streets"), ("people.tif", "")):
        file = city.folder / name
        data = file.read_bytes()
        known[name] = KnownFile(name, hashlib.sha256(data).hexdigest(), len(data), "CC0 1.0", "-", None, address, "-.")
        file.rename(tmp_path / name)
    monkeypatch.setattr("spatialjustice.sources.known_files.registry", lambda: known)
    replay.answer = lambda *_: (tmp_path / "streets.osm.pbf").read_bytes()
    assert main(["fetch", str(study)]) == 1
    told = capsys.readouterr().err
    assert "these files have no public address and must be put in their places by hand" in told
    assert "people.tif" in told
    assert "streets.osm.pbf: fetched" in told
    (tmp_path / "people.tif").rename(city.folder / "people.tif")
    assert main(["fetch", str(study)]) == 0
    assert "streets.osm.pbf: is there" in capsys.readouterr().out
    assert len(replay.asked) == 1
    assert main(["run", str(study), "--offline", "--out", str(tmp_path / "out")]) == 0
    inputs = json.loads((tmp_path / "out" / "provenance.json").read_text())["inputs"]
    assert known["streets.osm.pbf"].sha256 in {one["sha256"] for one in inputs}
