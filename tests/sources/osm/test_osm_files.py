"""OpenStreetMap files: dates, formats, and every kind of damage."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

import osmium
import pytest
from osmium.osm import NODE, RELATION, WAY

from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError
from spatialjustice._core.provenance import OSM_ATTRIBUTION, OSM_LICENCE
from spatialjustice.sources.osm.extract import objects, open_osm, reading_osm

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Synthetic: two points, a street between them, and a relation.
TINY = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="hand"{root}>{meta}
<node id="1" lat="0.0" lon="0.0"{edit}/><node id="2" lat="0.0" lon="0.001"/>
<node id="-5" lat="0.5" lon="0.5"/><node id="6" lat="0.5" lon="0.5" visible="false"/>
<way id="7"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
<way id="8"><nd ref="2"/><nd ref="1"/><tag k="building" v="yes"/></way>
<relation id="9"><member type="way" ref="7" role=""/><tag k="type" v="route"/></relation>
</osm>
"""


def tiny(folder: Path, *, name: str = "tiny.osm", root: str = "", meta: str = "", edit: str = "") -> Path:
    path = folder / name
    path.write_text(TINY.format(root=root, meta=meta, edit=edit), encoding="utf-8")
    return path


def block_borders(data: bytes) -> list[int]:
    """Where the blocks of a PBF file end: 4 bytes with the head's length, the head, then as many bytes as it says."""
    borders, at = [], 0
    while at < len(data):
        head = data[at + 4 : at + 4 + int.from_bytes(data[at : at + 4], "big")]
        at += 4 + len(head) + data_size(head)
        borders.append(at)
    return borders


def data_size(head: bytes) -> int:
    """Field 3 of a block's head, a number of base 128; fields 1 and 2 are a length and so many bytes."""
    at = 0
    while at < len(head):
        field, wire = head[at] >> 3, head[at] & 7
        number = shift = 0
        while True:
            at += 1
            number |= (head[at] & 127) << shift
            shift += 7
            if head[at] < 128:
                break
        at += 1
        if field == 3:
            return number
        at += number if wire == 2 else 0
    raise AssertionError


def test_record_of_a_file(helsinki: Path) -> None:
    osm = open_osm(helsinki, "services")
    data = helsinki.read_bytes()
    assert osm.record.name == "services"
    assert osm.record.file == "Helsinki.osm.pbf"
    assert (osm.record.size, osm.record.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (osm.record.licence, osm.record.attribution) == (OSM_LICENCE, OSM_ATTRIBUTION)


def test_date_is_the_newest_edit_where_the_header_has_none(helsinki: Path) -> None:
    record = open_osm(helsinki).record
    assert (record.data_date, record.data_date_from) == ("2019-04-21T09:50:14Z", "newest edit in the file")


def test_date_is_the_header_s_where_it_has_one(shared_data: Callable[[str], Path]) -> None:
    osm = open_osm(shared_data("las_palmas/las_palmas_20230221.osm.pbf"))
    assert (osm.record.data_date, osm.record.data_date_from) == ("2023-02-21T03:31:14Z", "file header")
    assert osm.bounds == (-15.5432594, 28.0097513, -15.3788715, 28.1962132)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"root": ' timestamp="2020-02-03T04:05:06Z"'}, ("2020-02-03T04:05:06Z", "file header")),
        ({"meta": '<meta osm_base="2021-02-03T04:05:06Z"/>'}, ("2021-02-03T04:05:06Z", "file header")),
        ({"root": ' timestamp="2020-02-03T04:05:06+01:00"'}, ("2020-02-03T03:05:06Z", "file header")),
        (
            {"root": ' timestamp="yesterday"', "edit": ' version="1" timestamp="2019-01-01T00:00:00Z"'},
            ("2019-01-01T00:00:00Z", "newest edit in the file"),
        ),
        ({}, (None, "")),
    ],
)
def test_date_of_xml_files(tmp_path: Path, where: dict[str, str], expected: tuple[str | None, str]) -> None:
    record = open_osm(tiny(tmp_path, **where)).record
    assert (record.data_date, record.data_date_from) == expected


def test_date_in_a_compressed_xml_file(tmp_path: Path) -> None:
    path = tmp_path / "tiny.osm.gz"
    plain = TINY.format(root=' timestamp="2020-02-03T04:05:06Z"', meta="", edit="").encode()
    path.write_bytes(gzip.compress(plain, mtime=0))
    assert open_osm(path).record.data_date == "2020-02-03T04:05:06Z"


def test_objects_are_chosen_by_kind_key_tag_and_id(tmp_path: Path) -> None:
    osm = open_osm(tiny(tmp_path))
    assert [item.id for item in objects(osm, NODE)] == [-5, 1, 2], "the deleted point 6 is not there"
    assert [item.id for item in objects(osm, WAY, RELATION)] == [7, 8, 9]
    assert [item.id for item in objects(osm, WAY, keys=["highway", "railway"])] == [7]
    assert [item.id for item in objects(osm, tags=[("building", "yes"), ("type", "route")])] == [8, 9]
    assert [item.id for item in objects(osm, NODE, ids=[2, -5, 99])] == [-5, 2]
    assert list(objects(osm, NODE, ids=[])) == []


def test_library_s_id_filter_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    osm = open_osm(tiny(tmp_path))
    monkeypatch.setattr("spatialjustice.sources.osm.extract.LARGE", 0)
    assert [item.id for item in objects(osm, NODE, ids=[2, 99])] == [2]
    assert [item.id for item in objects(osm, NODE, ids=[2, -5])] == [-5, 2]


@pytest.mark.parametrize("ending", [".osm.pbf", ".osm", ".osm.gz", ".osm.bz2"])
@pytest.mark.parametrize("tenth", range(10))
def test_cut_files_are_refused(helsinki: Path, tmp_path: Path, ending: str, tenth: int) -> None:
    data = converted(helsinki, tmp_path, ending).read_bytes()
    path = tmp_path / f"cut{ending}"
    path.write_bytes(data[: len(data) * tenth // 10])
    with pytest.raises(DamagedFileError, match=f"cut{ending}"):
        open_osm(path)


@pytest.mark.parametrize("ending", [".osm.pbf", ".osm.gz", ".osm.bz2"])
@pytest.mark.parametrize("twentieth", range(1, 20, 3))
def test_flipped_bits_are_found(helsinki: Path, tmp_path: Path, ending: str, twentieth: int) -> None:
    data = bytearray(converted(helsinki, tmp_path, ending).read_bytes())
    data[len(data) * twentieth // 20] ^= 0x10
    path = tmp_path / f"flipped{ending}"
    path.write_bytes(data)
    with pytest.raises(DamagedFileError, match=f"flipped{ending}"):
        open_osm(path)


def converted(source: Path, folder: Path, ending: str) -> Path:
    """Write the first 2,000 points and their neighbours in the file in another format."""
    if ending == ".osm.pbf":
        return source
    path = folder / f"whole{ending}"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, item in enumerate(osmium.FileProcessor(source)):
            if number % 12 == 0:
                writer.add(item)
    return path


def test_a_cut_between_two_blocks_is_warned_of(helsinki: Path, tmp_path: Path) -> None:
    """A PBF file cut after a block of points reads without an error: only the missing lines tell of it."""
    data = helsinki.read_bytes()
    borders = block_borders(data)
    assert borders[-1] == len(data)
    severities = []
    for border in borders[1:-1]:
        path = tmp_path / "between.osm.pbf"
        path.write_bytes(data[:border])
        kinds = {item.type_str() for item in osmium.FileProcessor(path)}
        (finding,) = open_osm(path).findings
        assert finding.code == "file_has_no_end_mark"
        assert finding.severity == ("information" if kinds == {"n", "w", "r"} else "warning")
        severities.append(finding.severity)
        with pytest.raises(DamagedFileError):
            open_osm(path, expected=(len(data), hashlib.sha256(data).hexdigest()))
    assert severities[0] == "warning"


def test_a_whole_file_that_nobody_knows_is_not_quite_certain(helsinki: Path, tmp_path: Path) -> None:
    """One kind of object more or less makes another checksum, which no registry holds."""
    path = tmp_path / "copy.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for item in osmium.FileProcessor(helsinki):
            writer.add(item)
    (finding,) = open_osm(path).findings
    assert (finding.code, finding.severity) == ("file_has_no_end_mark", "information")


def test_a_known_checksum_ends_the_doubt(helsinki: Path) -> None:
    data = helsinki.read_bytes()
    assert open_osm(helsinki).findings == (), "the registry knows it"
    assert open_osm(helsinki, expected=(len(data), hashlib.sha256(data).hexdigest())).findings == ()
    with pytest.raises(DamagedFileError, match="685,110 bytes, not 685,111"):
        open_osm(helsinki, expected=(len(data) + 1, "0" * 64))
    with pytest.raises(DamagedFileError, match="sha256"):
        open_osm(helsinki, expected=(len(data), "0" * 64))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.osm.pbf", b"<html><body>503 Service Unavailable</body></html>"),
        ("text.pbf", b"This is a text file.\n"),
        ("empty.osm.pbf", b""),
        ("page.osm", b"<html><body>503</body></html>"),
        ("other.osm", b"<?xml version='1.0'?><gpx version='1.1'></gpx>"),
        ("plain.osm.gz", b"<osm version='0.6'></osm>"),
        ("text.osm.gz", gzip.compress(b"not XML", mtime=0)),
        ("plain.osm.bz2", b"<osm version='0.6'></osm>"),
    ],
)
def test_files_of_another_kind_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=name):
        open_osm(path)


def test_xml_entities_are_refused_before_they_grow(tmp_path: Path) -> None:
    path = tmp_path / "bomb.osm"
    entities = '<!ENTITY e0 "aaaaaaaaaa">' + "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE osm [{entities}]><osm version="0.6"><node id="1" lat="1" lon="1">'
        '<tag k="name" v="&e9;"/></node></osm>'
    )
    with pytest.raises(DamagedFileError, match="XML entities"):
        open_osm(path)


def test_paths_that_are_no_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"nowhere\.osm\.pbf"):
        open_osm(tmp_path / "nowhere.osm.pbf")
    with pytest.raises(InputError, match="is a folder"):
        open_osm(tmp_path)
    (tmp_path / "streets.shp").write_bytes(b"x")
    with pytest.raises(InputError, match=r"streets\.shp has an ending"):
        open_osm(tmp_path / "streets.shp")


def test_history_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.osh.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        writer.add_node(osmium.osm.mutable.Node(id=1, version=1, location=(0, 0)))
    with pytest.raises(InputError, match="history"):
        open_osm(path)


def test_reading_names_the_file_and_lets_own_errors_pass(tmp_path: Path) -> None:
    with (
        pytest.raises(DamagedFileError, match=r"streets: some\.osm cannot be read to its end \(lost\)"),
        reading_osm(tmp_path / "some.osm", "streets"),
    ):
        raise RuntimeError("lost")
    with pytest.raises(MissingFileError), reading_osm(tmp_path / "some.osm", "streets"):
        raise FileNotFoundError
    own = InputError("a", "b", "c")
    with pytest.raises(InputError) as caught, reading_osm(tmp_path / "some.osm", "streets"):
        raise own
    assert caught.value is own
