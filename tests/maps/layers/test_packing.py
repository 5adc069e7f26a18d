"""Packed shapes are the shapes, byte for byte the same each time."""

import base64
import gzip
import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialjustice.maps.layers.packing import are_many, byte_planes, compressed_json, pack_many


def unfold(data, count, many):
    """Undo ``planes`` by its docstring: bytes lowest first, then 0, 1, 2, 3 back to 0, -1, 1, -2."""
    found = np.zeros(count, dtype=np.int64)
    for place in range(many):
        found |= np.frombuffer(data, np.uint8, count, place * count).astype(np.int64) << (8 * place)
    return np.where(found % 2 == 0, found // 2, -(found + 1) // 2)


def unpack(packed):
    """Return one list of rings for each shape, in degrees."""
    raw = gzip.decompress(base64.b64decode(packed["gz"]))
    counts = [packed["shapes"], packed["rings"], packed["points"], packed["points"]]
    parts = []
    for count, many in zip(counts, packed["planes"], strict=True):
        parts.append(unfold(raw, count, many))
        raw = raw[count * many :]
    assert raw == b""
    rings_of, points_of, x, y = parts
    start, at, ring, shapes = np.zeros(2, dtype=np.int64), 0, 0, []
    for many in rings_of:
        rings = []
        for _ in range(many):
            steps = np.column_stack([x[at : at + points_of[ring]], y[at : at + points_of[ring]]])
            steps[0] += start
            rings.append(np.cumsum(steps, axis=0) / 1e5)
            start = np.cumsum(steps, axis=0)[0]
            at += points_of[ring]
            ring += 1
        shapes.append(rings)
    return shapes


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-(2**40), 2**40), max_size=30))
def test_planes_hold_any_whole_number(numbers):
    many, data = byte_planes(np.array(numbers, dtype=np.int64))
    assert unfold(data, len(numbers), many).tolist() == numbers


def test_shapes_come_back_within_half_a_step(chicago):
    shapes = unpack(pack_many(chicago.geometry))
    assert len(shapes) == 77
    for rings, shape in zip(shapes, chicago.geometry, strict=True):
        signed = sum(shapely.Polygon(ring).area * (1 if shapely.LinearRing(ring).is_ccw else -1) for ring in rings)
        assert signed == pytest.approx(shape.area, rel=2e-3)


def test_holes_parts_and_other_dimensions():
    """A square with a hole, two squares in a collection with a line, an empty shape: 2, 2 and 0 rings."""
    square, other = shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)
    holed = shapely.Polygon(square.exterior, [shapely.box(0.2, 0.2, 0.4, 0.4).exterior])
    mixed = shapely.GeometryCollection([shapely.MultiPolygon([square, other]), shapely.LineString([(0, 0), (1, 1)])])
    shapes = unpack(pack_many(gpd.GeoSeries([holed, mixed, shapely.Polygon()], crs=4326)))
    assert [len(rings) for rings in shapes] == [2, 2, 0]
    assert [len(ring) for rings in shapes for ring in rings] == [4, 4, 4, 4]
    outer, inner = shapes[0]
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(inner).is_ccw


def test_lines_keep_both_ends():
    line = shapely.LineString([(0, 0), (0.5, 0.25), (0, 0)])
    assert np.vstack(unpack(pack_many(gpd.GeoSeries([line], crs=4326), area=False))[0]).tolist() == [
        [0, 0],
        [0.5, 0.25],
        [0, 0],
    ]


def test_same_shapes_same_text_and_nothing_of_the_clock(chicago, monkeypatch):
    first = pack_many(chicago.geometry)["gz"]
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert pack_many(chicago.geometry)["gz"] == first
    assert json.loads(gzip.decompress(base64.b64decode(compressed_json({"نام": "الف"})))) == {"نام": "الف"}


def test_what_counts_as_many(grid):
    assert not are_many(grid.geometry)
    assert are_many(gpd.GeoSeries([shapely.Point(0, 0).buffer(1, quad_segs=6000)], crs=4326))
    assert are_many(gpd.GeoSeries([shapely.box(0, 0, 1, 1)] * 3000, crs=4326))
