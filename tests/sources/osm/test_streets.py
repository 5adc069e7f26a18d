"""Streets from files and from Overpass answers."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import osmium
import osmnx
import pandas as pd
import pytest
from osmium.osm import NODE, RELATION, WAY
from shapely import Point, box

from spatialjustice._core.errors import DamagedFileError, EmptyNetworkError, InputError, MissingFileError, TooLargeError
from spatialjustice._core.findings import findings_of
from spatialjustice._core.provenance import sources_of
from spatialjustice.sources.osm import overpass
from spatialjustice.sources.osm.osmnx_graph import street_graph
from spatialjustice.sources.osm.streets import streets, streets_from_overpass, streets_from_overpass_json
from spatialjustice.sources.web import asking
from tests.made_streets import NODES, WAYS, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


CENTRE = gpd.GeoDataFrame(geometry=[box(-0.0005, -0.0005, 0.0025, 0.0015)], crs=4326)


def test_every_street_with_every_tag(tmp_path: Path) -> None:
    found = streets(write(tmp_path / "hand.osm"))
    assert list(found.ways.index) == [10, 11, 12, 13, 14, 15, 16, 17, 18]
    assert list(found.nodes.index) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 30, 31]
    assert (found.nodes.index.name, found.ways.index.name) == ("node_id", "way_id")
    assert found.nodes.index.dtype == found.ways.index.dtype == "int64"
    assert found.ways.loc[16, "nodes"].tolist() == [3, 3, 7, 7]
    assert found.ways.loc[10, "tags"] == WAYS[10][1]
    assert found.nodes.loc[8].tolist() == [0.0035, 0.0005]
    assert found.findings == ()
    assert sources_of(found) == sources_of(found.nodes) == sources_of(found.ways) == list(found.sources)


@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2", ".pbf", ".osm.pbf"])
def test_all_formats_give_the_same_frames(tmp_path: Path, helsinki: Path, ending: str) -> None:
    copy = tmp_path / f"copy{ending}"
    with osmium.SimpleWriter(str(copy)) as writer:
        for item in osmium.FileProcessor(helsinki):
            writer.add(item)
    one, other = streets(helsinki), streets(copy)
    pd.testing.assert_frame_equal(one.nodes, other.nodes)
    assert one.ways.index.equals(other.ways.index)
    assert one.ways["tags"].tolist() == other.ways["tags"].tolist()
    assert [part.tolist() for part in one.ways["nodes"]] == [part.tolist() for part in other.ways["nodes"]]


def test_streets_of_a_place_are_kept_whole(tmp_path: Path) -> None:
    """The box from 0 to 0.0005 holds points 1 and 9 only: the ways through them are 10, 13, 14 and 17."""
    place = gpd.GeoDataFrame(geometry=[box(-0.0001, -0.0001, 0.0006, 0.0006)], crs=4326)
    found = streets(write(tmp_path / "hand.osm"), within=place)
    assert list(found.ways.index) == [10, 13, 14, 17]
    assert list(found.nodes.index) == [1, 2, 3, 5, 6, 9]


def test_buffer_is_in_metres_whatever_the_crs(tmp_path: Path) -> None:
    """A degree is 111.3 km here along the equator and 110.6 km along the meridian.

    Point 30 lies 0.05 degrees east and north of the origin: 5,566 m and 5,529 m, together 7,845 m. Point 31 is farther.
    The UTM zone stretches lengths by up to 0.1 %, 8 m, and a buffer's circle of 64 sides is up to 0.12 %, 9 m, short.
    """
    file = write(tmp_path / "hand.osm")
    spot = gpd.GeoDataFrame(geometry=[Point(0.0, 0.0).buffer(1e-7)], crs=4326)
    for place in (spot, spot.to_crs(3857), spot.to_crs(32631)):
        assert 18 in streets(file, within=place, buffer=7870).ways.index
        assert 18 not in streets(file, within=place, buffer=7830).ways.index


def test_las_palmas_agrees_with_a_point_by_point_count(shared_data: Callable[[str], Path]) -> None:
    """Every street, platform and pier that has a point in the municipality, found with geopandas instead.

    The edges of squares mapped as relations are streets, too.
    """
    file = shared_data("las_palmas/las_palmas_20230221.osm.pbf")
    place = gpd.read_file(shared_data("las_palmas/municipality.geojson"))
    found = streets(file, within=place)
    points = {node.id: (node.lon, node.lat) for node in osmium.FileProcessor(file, NODE)}
    elsewhere = {("railway", "platform"), ("public_transport", "platform"), ("man_made", "pier"), ("route", "ferry")}

    def street(item: Any) -> bool:
        return "highway" in item.tags or bool(elsewhere & {(tag.k, tag.v) for tag in item.tags})

    edges = {
        member.ref
        for relation in osmium.FileProcessor(file, RELATION)
        if relation.tags.get("type") == "multipolygon" and street(relation)
        for member in relation.members
        if member.type == "w" and member.role != "inner"
    }
    rows = [
        (way.id, node.ref, *points[node.ref])
        for way in osmium.FileProcessor(file, WAY)
        if street(way) or way.id in edges
        for node in way.nodes
        if node.ref in points
    ]
    table = pd.DataFrame(rows, columns=["way", "node", "x", "y"])
    crs = place.estimate_utm_crs()
    where = gpd.GeoSeries.from_xy(table["x"], table["y"], crs=4326).to_crs(crs)
    inside = table.loc[where.intersects(place.to_crs(crs).union_all()), "way"].unique()
    lines = table.groupby("way")["node"].nunique().loc[lambda count: count > 1].index
    again = found.ways.index[found.ways.index < 0]
    assert len(again) < len(edges)
    assert set(found.ways.index) - set(again) == set(inside) & set(lines)
    assert set(found.nodes.index) == set(table.loc[table["way"].isin(found.ways.index), "node"])


def test_points_the_file_lacks_are_counted(tmp_path: Path) -> None:
    """Way 50 loses an end, way 51 its middle, way 52 all but one point, way 53 all: 5 points of 4 streets of 5."""
    ways = {
        10: WAYS[10],
        50: ([1, 2, 91], {"highway": "path"}),
        51: ([1, 92, 3], {"highway": "path"}),
        52: ([4, 93], {"highway": "path"}),
        53: ([94, 95], {"highway": "path"}),
    }
    found = streets(write(tmp_path / "hand.osm", ways))
    assert [part.tolist() for part in found.ways["nodes"]] == [[1, 2, 3], [1, 2], [1, 3]]
    missing, short = found.findings
    assert (missing.code, missing.severity, missing.count) == ("street_nodes_missing", "warning", 4)
    assert missing.message.startswith("5 points of 4 streets (80.0%)")
    assert "1 of these streets leave and come back" in missing.message
    assert (short.code, short.count) == ("streets_without_line", 2)
    assert findings_of(found) == findings_of(found.ways)
    graph = street_graph(tmp_path / "hand.osm", simplify=False, retain_all=True)
    assert graph.has_edge(1, 3)
    assert [item["code"] for item in graph.graph["findings"]] == ["street_nodes_missing"]


def test_few_missing_points_are_only_information(tmp_path: Path) -> None:
    ways = {number: ([1, 2], {"highway": "path"}) for number in range(100, 300)}
    ways[500] = ([1, 2, 91], {"highway": "path"})
    (finding,) = streets(write(tmp_path / "hand.osm", ways)).findings
    assert (finding.code, finding.severity, finding.count) == ("street_nodes_missing", "information", 1)


def test_no_street_in_the_place(tmp_path: Path) -> None:
    elsewhere = gpd.GeoDataFrame(geometry=[box(10, 10, 10.1, 10.1)], crs=4326)
    file = write(tmp_path / "hand.osm")
    with pytest.raises(EmptyNetworkError, match=r"none of the 9 streets of hand\.osm .* longitude 0\.000 to 0\.051"):
        streets(file, within=elsewhere)
    with pytest.raises(EmptyNetworkError, match="no street at all"):
        streets(write(tmp_path / "buildings.osm", {20: WAYS[20]}))
    with pytest.raises(EmptyNetworkError, match="two points or more"):
        streets(write(tmp_path / "short.osm", {5: ([1, 1], {"highway": "path"})}))


def test_settings_that_cannot_be_used(tmp_path: Path) -> None:
    file = write(tmp_path / "hand.osm")
    for buffer in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="buffer"):
            streets(file, within=CENTRE, buffer=buffer)
    with pytest.raises(InputError, match="no place to widen"):
        streets(file, buffer=5.0)
    with pytest.raises(InputError, match="within"):
        streets(file, within=CENTRE.set_crs(None, allow_override=True))


# ---- Overpass ----


def answer(ways: Any = None, nodes: Any = None) -> dict[str, Any]:
    """The synthetic streets as an Overpass server would give them."""
    ways = {key: way for key, way in WAYS.items() if key != 20} if ways is None else ways
    nodes = {key: xy for key, xy in NODES.items() if key != 40} if nodes is None else nodes
    return {
        "version": 0.6,
        "osm3s": {"timestamp_osm_base": "2024-01-02T03:04:05Z"},
        "elements": [{"type": "node", "id": key, "lat": y, "lon": x} for key, (x, y) in nodes.items()]
        + [{"type": "way", "id": key, "nodes": refs, "tags": tags} for key, (refs, tags) in ways.items()],
    }


def same(one: Any, other: Any) -> None:
    pd.testing.assert_frame_equal(one.nodes, other.nodes)
    assert one.ways["tags"].to_dict() == other.ways["tags"].to_dict()
    assert [part.tolist() for part in one.ways["nodes"]] == [part.tolist() for part in other.ways["nodes"]]


class Replay:
    """A server that gives the responses it was told to, the last one for ever."""

    def __init__(self) -> None:
        self.responses: list[tuple[int, bytes, dict[str, str]]] = []
        self.asked: list[bytes] = []
        replay = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                replay.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.give(*(replay.responses.pop(0) if len(replay.responses) > 1 else replay.responses[0]))

            def give(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for key, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/api"

    def say(self, content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.responses.append((status, body, headers or {}))


@pytest.fixture
def replay(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    """A server of our own, and proof that OSMnx is left as it was."""
    monkeypatch.setenv("SPATIALJUSTICE_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("SPATIALJUSTICE_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setattr(overpass, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(overpass, "SPACING", 0.0)
    replay = Replay()
    thread = threading.Thread(target=replay.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    before = {key: value for key, value in vars(osmnx.settings).items() if not key.startswith("__")}
    look_up = socket.getaddrinfo
    yield replay
    replay.server.shutdown()
    thread.join()
    replay.server.server_close()
    assert {key: value for key, value in vars(osmnx.settings).items() if not key.startswith("__")} == before
    assert socket.getaddrinfo is look_up


def test_overpass_gives_what_the_file_gives(replay: Replay, tmp_path: Path) -> None:
    replay.say(answer())
    found = streets_from_overpass(CENTRE, server=replay.address)
    same(found, streets(write(tmp_path / "hand.osm"), within=CENTRE))
    (record,) = found.sources
    assert (record.data_date, record.data_date_from) == ("2024-01-02T03:04:05Z", "overpass answer")
    assert record.size == len(json.dumps(answer()))
    assert record.address == f"{replay.address}/interpreter"
    assert len(replay.asked) == 1
    assert b"highway" in replay.asked[0]


def test_overpass_replays_the_streets_of_tehran(replay: Replay, shared_data: Callable[[str], Path]) -> None:
    file = shared_data("tehran/overpass_cache/40aa51e5fd2b6218bf854c7dc664272e6dc9942b.json")
    replay.say(file.read_bytes())
    place = gpd.GeoDataFrame(geometry=[box(51.39, 35.70, 51.41, 35.72)], crs=4326)
    found = streets_from_overpass(place, server=replay.address)
    same(found, streets_from_overpass_json(file, within=place))
    assert found.sources[0].data_date == "2024-08-05T19:24:12Z"


HALF = {**answer(), "elements": answer()["elements"][:12], "remark": "runtime error: Query ran out of memory"}


@pytest.mark.parametrize(
    "bad",
    [
        (HALF, 200, DamagedFileError, "ran out of memory"),
        ({**answer(), "elements": [], "remark": "runtime error: timed out"}, 200, DamagedFileError, "timed out"),
        (answer(), 500, InputError, "HTTP 500"),
        (b"<html>Forbidden</html>", 403, InputError, "Forbidden"),
        (answer(ways={}, nodes={}), 200, EmptyNetworkError, "empty"),
        (answer(ways={}), 200, DamagedFileError, "11 elements but not one street"),
        (answer(nodes={1: (0.0, 0.0)}), 200, DamagedFileError, "lacks 10 points"),
        (json.dumps(answer()).encode()[:-200], 200, DamagedFileError, "no whole JSON"),
        (b"<html>busy</html>", 200, DamagedFileError, "begins with <html>busy"),
        (b"", 200, DamagedFileError, "begins with nothing"),
        ([1, 2], 200, DamagedFileError, "no list of elements"),
        ({"elements": [{"type": "way", "id": 5, "tags": {}}]}, 200, DamagedFileError, "element 0"),
    ],
)
def test_bad_answers_are_errors_and_stay_nowhere(
    replay: Replay,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bad: tuple[Any, int, type[Exception], str],
) -> None:
    content, status, error, words = bad
    monkeypatch.chdir(tmp_path)
    replay.say(content, status=status)
    replay.say(answer())
    with pytest.raises(error, match=words):
        streets_from_overpass(CENTRE, server=replay.address)
    assert list(tmp_path.iterdir()) == []
    assert len(streets_from_overpass(CENTRE, server=replay.address).ways) == 8


def test_a_body_shorter_than_promised_is_an_error(replay: Replay) -> None:
    replay.say(answer(), headers={"Content-Length": "100000", "Connection": "close"})
    with pytest.raises(DamagedFileError, match="of 100,000 bytes came"):
        streets_from_overpass(CENTRE, server=replay.address)


@pytest.mark.usefixtures("replay")
def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InputError, match=r"no answer in 4 attempts \(.*refused.*geofabrik"):
        streets_from_overpass(CENTRE, server="http://127.0.0.1:1/api")


@pytest.mark.parametrize("status", [429, 504])
def test_a_server_busy_for_ever_does_not_hold_us(replay: Replay, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that goes on only while one waits."""
    waited = [0.0]
    clock = SimpleNamespace(monotonic=lambda: sum(waited), sleep=waited.append)
    monkeypatch.setattr(asking, "time", clock)
    replay.say(b"too many", status=status, headers={"Retry-After": "0"})
    with pytest.raises(InputError, match=rf"within the 60 seconds allowed \(HTTP {status}"):
        streets_from_overpass(CENTRE, server=replay.address, deadline=60)
    assert len(replay.asked) > 1
    replay.say(b"too many", status=status)
    replay.responses.pop(0)
    with pytest.raises(InputError, match="HTTP"):
        streets_from_overpass(CENTRE, server=replay.address, deadline=60)


def test_a_server_busy_for_a_moment_is_asked_again(replay: Replay) -> None:
    replay.say(b"too many", status=429, headers={"Retry-After": "0"})
    replay.say(answer())
    assert len(streets_from_overpass(CENTRE, server=replay.address).ways) == 8
    assert len(replay.asked) == 2


def test_a_question_is_asked_once(replay: Replay) -> None:
    replay.say(answer())
    once = streets_from_overpass(CENTRE, server=replay.address)
    same(once, streets_from_overpass(CENTRE, server=replay.address))
    assert len(replay.asked) == 1


def test_large_places_are_sent_to_extracts(replay: Replay) -> None:
    """The box is 0.6 by 0.6 degrees at the equator: about 66.8 by 66.3 km, 4,430 km²."""
    large = gpd.GeoDataFrame(geometry=[box(0, 0, 0.6, 0.6)], crs=4326)
    with pytest.raises(TooLargeError, match=r"has 4,4\d\d km².*2,500 km².*geofabrik"):
        streets_from_overpass(large, server=replay.address)
    assert replay.asked == []
    replay.say(answer())
    assert len(streets_from_overpass(large, server=replay.address, largest_area=5000).ways) == 9


def test_recorded_answers_of_a_folder(shared_data: Callable[[str], Path]) -> None:
    """Two of the four files are place searches; the smaller street answer is a part of the larger one."""
    folder = shared_data("tehran/overpass_cache")
    found = streets_from_overpass_json(folder)
    assert (len(found.nodes), len(found.ways)) == (21125, 6913)
    assert [record.data_date for record in found.sources] == ["2024-08-05T19:24:12Z", "2024-08-05T19:51:06Z"]
    assert {item.code: item.count for item in found.findings} == {
        "answers_set_aside": 2,
        "answers_of_different_dates": 2,
    }
    assert found.ways.loc[1304645959, "tags"]["name"] == "قرقاول"


def test_the_later_of_two_recorded_answers_has_the_last_word(tmp_path: Path) -> None:
    older = {**answer({10: ([1, 2], {"highway": "path"})}), "osm3s": {"timestamp_osm_base": "2023-01-01T00:00:00Z"}}
    for order in ([older, answer()], [answer(), older]):
        found = streets_from_overpass_json(*order)
        assert found.ways.loc[10, "tags"] == WAYS[10][1]
        assert {item.code for item in found.findings} == {"answers_of_different_dates"}
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(answer()))
    same(streets_from_overpass_json(file), streets_from_overpass_json(answer()))


def test_recorded_answers_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"nowhere\.json"):
        streets_from_overpass_json(tmp_path / "nowhere.json")
    with pytest.raises(InputError, match="no recorded answer"):
        streets_from_overpass_json(tmp_path)
    with pytest.raises(DamagedFileError, match="ran out of memory"):
        streets_from_overpass_json(answer(), HALF)
    with pytest.raises(DamagedFileError, match="not one street"):
        streets_from_overpass_json(answer(), answer(ways={}))
    with pytest.raises(EmptyNetworkError, match="empty"):
        streets_from_overpass_json(answer(ways={}, nodes={}))
    (tmp_path / "half.json").write_text(json.dumps(answer())[:500])
    with pytest.raises(DamagedFileError, match=r"half\.json"):
        streets_from_overpass_json(tmp_path)
    clinics = {"elements": [{"type": "node", "id": 1, "lat": 0, "lon": 0, "tags": {"amenity": "clinic"}}]}
    with pytest.raises(EmptyNetworkError, match="none of the 2"):
        streets_from_overpass_json(clinics, clinics)
    found = streets_from_overpass_json(answer(), clinics, {"elements": []})
    assert {item.code: item.count for item in found.findings} == {
        "answers_set_aside": 1,
        "answers_of_different_dates": 2,
        "answers_empty": 1,
    }
