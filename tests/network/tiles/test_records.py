"""Records of networks, tiles and places, damaged in every way: an error that says what to do, never another one."""

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from spatialjustice._core.disk.files import MANIFEST
from spatialjustice._core.errors import DamagedFileError, InputError, MissingFileError
from spatialjustice.network import load, save
from spatialjustice.network.tiles.index import open_tiles
from spatialjustice.network.tiles.places import open_places, write_places
from spatialjustice.network.tiles.writing import write_tiles

ODD = (None, "here", -1.5, [], {}, [["x"]], {"x": 1}, True)


@pytest.fixture(scope="module")
def kept(tmp_path_factory, network_of):
    """Return what was kept of one street: the file of each record, and how it is read."""
    folder = tmp_path_factory.mktemp("kept")
    network = network_of([(0, 0), (50, 0), (120, 0)], [(0, 1), (1, 2)])
    save(network, folder / "network")
    index = write_tiles(network, folder / "tiles", tile_size=100.0)
    points = gpd.GeoDataFrame(geometry=[shapely.Point(5, 5)], index=["a"], crs=network.crs)
    write_places(index, points, name="zones", side="origins")
    return {
        "network": (folder / "network" / MANIFEST, lambda: load(folder / "network")),
        "tiles": (folder / "tiles" / "tiles.json", lambda: open_tiles(folder / "tiles")),
        "places": (index.folder / "places" / "zones" / "places.json", lambda: open_places(index, "zones")),
    }


def damaged(record):
    """Yield copies of plain data in which one part is missing, or is something odd."""
    if isinstance(record, dict):
        for key, value in record.items():
            rest = {name: each for name, each in record.items() if name != key}
            yield rest
            yield from ({**record, key: odd} for odd in ODD)
            yield from ({**record, key: worse} for worse in damaged(value))
    elif isinstance(record, list):
        for at, value in enumerate(record[:3]):
            yield record[:at] + record[at + 1 :]
            yield from ([*record[:at], odd, *record[at + 1 :]] for odd in ODD)
            yield from ([*record[:at], worse, *record[at + 1 :]] for worse in damaged(value))


@pytest.mark.parametrize("name", ["network", "tiles", "places"])
def test_damaged_records(kept, name):
    path, read = kept[name]
    whole = path.read_text(encoding="utf-8")
    read()
    try:
        for text, error in {
            "": DamagedFileError,
            whole[: len(whole) // 2]: DamagedFileError,
            "[" * 100_000: DamagedFileError,
            "[]": InputError,
            json.dumps({**json.loads(whole), "kind": "another"}): InputError,
            json.dumps({**json.loads(whole), "version": 99}): InputError,
        }.items():
            path.write_text(text, encoding="utf-8")
            with pytest.raises(error) as caught:
                read()
            assert name in str(caught.value)
        path.write_bytes(b"\xff\xfe{")
        with pytest.raises(DamagedFileError):
            read()
        path.unlink()
        with pytest.raises(MissingFileError):
            read()
        refused = read_every_damage(path, read, json.loads(whole))
    finally:
        path.write_text(whole, encoding="utf-8")
    assert refused > 20


def read_every_damage(path: Path, read, record) -> int:
    """Count the damaged copies that are refused; those that are read are none the less whole of their kind."""
    refused = 0
    for worse in damaged(record):
        path.write_text(json.dumps(worse), encoding="utf-8")
        try:
            read()
        except InputError:
            refused += 1
    return refused
