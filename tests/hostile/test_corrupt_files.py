"""Files cut at each tenth of their length, and files with one flipped bit."""

from __future__ import annotations

import hashlib
import random
import sys

import pytest

from spatialjustice._core.errors import DamagedFileError
from spatialjustice.sources import elevation, locate
from spatialjustice.sources.known_files import KnownFile
from tests.hostile.fuzzing import KINDS, SQUARES, attempt, good

FLIPS = 20
# What one flipped bit can change without anybody being able to tell: these formats carry no checksum of their values.
WITHOUT_CHECKSUM = {
    "raster", "heights", "exposure", "geopackage", "geoparquet", "geoparquet in parts", "table parquet", "flatgeobuf",
}  # fmt: skip
BINARY = [
    "pbf", "raster", "raster packed", "heights", "exposure", "geopackage", "geoparquet", "geoparquet in parts",
    "table parquet", "zipped shapefile", "workbook", "flatgeobuf", "osm gzip", "table gzip",
]  # fmt: skip


@pytest.mark.parametrize("kind", BINARY)
def test_a_file_cut_at_any_tenth_is_refused(kind, tmp_path, record_property):
    data = good(kind, tmp_path)
    outcomes = [attempt(kind, data[: len(data) * tenth // 10], tmp_path) for tenth in range(10)]
    record_property("cut", f"{outcomes.count('refused')} of {len(outcomes)} refused")
    if kind == "heights":
        # Only the blocks around the points are read: a file that still has them gives the same heights as the whole.
        whole, cut = (tmp_path / name for name in ("whole.tif", "cut.tif"))
        whole.write_bytes(data)
        cut.write_bytes(data[: len(data) * 8 // 10])
        middles = SQUARES.geometry.centroid
        assert elevation(cut, middles).equals(elevation(whole, middles))
        assert outcomes[:5] == ["refused"] * 5
        return
    assert outcomes == ["refused"] * 10


@pytest.mark.parametrize("kind", BINARY)
def test_a_flipped_bit_is_refused_or_leaves_a_sound_result(kind, tmp_path, record_property):
    """``attempt`` makes sure that what is read is whole: finite, valid, ids once, nobody negative."""
    data = good(kind, tmp_path)
    chance = random.Random(7)
    outcomes = []
    for _ in range(FLIPS):
        changed = bytearray(data)
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        outcomes.append(attempt(kind, bytes(changed), tmp_path))
    record_property("flipped", f"{outcomes.count('refused')} of {len(outcomes)} refused")
    if kind not in WITHOUT_CHECKSUM:
        assert outcomes.count("refused") >= FLIPS // 2


def test_a_known_file_with_one_flipped_bit_is_refused_whatever_its_format(tmp_path, monkeypatch):
    """Where size and checksum are known, the bytes are compared with them before anything is read."""
    store = sys.modules[KnownFile.__module__]
    for kind in sorted(WITHOUT_CHECKSUM):
        data = good(kind, tmp_path)
        name = f"known{KINDS[kind].ending}"
        digest = hashlib.sha256(data).hexdigest()
        known = KnownFile(name, digest, len(data), "CC0", "", data_date=None, address="", description="Synthetic.")
        monkeypatch.setattr(store, "registry", lambda known=known: {known.name: known})
        changed = bytearray(data)
        changed[len(data) // 2] ^= 1
        (tmp_path / name).write_bytes(bytes(changed))
        with pytest.raises(DamagedFileError, match="not the file"):
            locate(name, folders=[tmp_path])
        (tmp_path / name).write_bytes(data)
        assert locate(name, folders=[tmp_path]) == tmp_path / name
